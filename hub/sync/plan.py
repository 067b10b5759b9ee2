"""What must be done in one shop, as data. Pure: the same plan is the preview a person sees.

For each product: may it be sold here, may it claim OCOP today, what do we want the listing to be, what was last sent,
what did the channel confirm. Unchanged means no command at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from hub.catalog import claims
from hub.catalog import rules as law
from hub.catalog.law import Law
from hub.catalog.model import Certificate, Sellable
from hub.connectors.model import Draft, PriceTag, StockLevel
from hub.sync import rulepack
from hub.sync.draft import (
    FORMAT,
    Wording,
    changed_fields,
    cut_mark,
    fingerprint,
    make_draft,
    price_key,
    split_key,
    stock_key,
)
from hub.sync.model import (
    Ask,
    Binding,
    BindingState,
    Command,
    Create,
    Cut,
    Hold,
    Keys,
    Problem,
    PushView,
    SetPrice,
    SetStock,
    Update,
    Withdraw,
)
from hub.sync.posts import Template
from hub.sync.prices import priced
from hub.sync.rulepack import RulePack
from hub.types import RemoteId, Sku

MASS_WITHDRAW_SHARE = 10  # a plan that would hide more than one listing in ten asks first
MASS_WITHDRAW_FLOOR = 3  # ... but three listings may always go

_RESTING = frozenset({BindingState.ASK, BindingState.DRIFTED})


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What does not change within a plan."""

    rules: RulePack
    wording: Wording
    law: Law
    picture_base: str
    today: date
    now: datetime
    posts: Mapping[str, Template] = field(default_factory=dict)  # templates of posts, by name


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What we want of one product in this shop. ``draft`` None: nothing may stand there, for these problems."""

    source: str
    certificate: Certificate | None
    problems: tuple[Problem, ...]
    cut: Cut | None = None


def plan(view: PushView, ground: Ground, *, allow_mass_withdraw: bool = False) -> tuple[Command, ...]:
    """All commands for one shop, the urgent ones first."""
    if not view.sellables and any(b.remote_id for b in view.bindings.values()):
        return (Ask(product_id=None, reason=Problem(code="catalogue_empty", facts={"listings": len(view.bindings)})),)
    commands: list[Command] = []
    for sellable in view.sellables:
        commands.extend(_product(priced(sellable, view.prices, ground.rules.fees, ground.now), view, ground))
    if not allow_mass_withdraw:
        commands = _guard(commands, view)
    return tuple(sorted(commands, key=_urgency))


def _urgency(command: Command) -> int:
    if isinstance(command, Update) and command.urgent:
        return 0
    return {Withdraw: 1, SetStock: 2, SetPrice: 3, Update: 4, Create: 5, Hold: 6, Ask: 7}[type(command)]


def _guard(commands: list[Command], view: PushView) -> list[Command]:
    """Turn a mass withdrawal into one question."""
    leaving = [c for c in commands if isinstance(c, Withdraw)]
    standing = sum(1 for b in view.bindings.values() if b.remote_id is not None and b.visible)
    if len(leaving) <= MASS_WITHDRAW_FLOOR or len(leaving) * MASS_WITHDRAW_SHARE <= standing:
        return commands
    kept = [c for c in commands if not isinstance(c, Withdraw)]
    facts = {"leaving": len(leaving), "standing": standing}
    return [*kept, Ask(product_id=None, reason=Problem(code="mass_withdraw", facts=facts))]


def _product(sellable: Sellable, view: PushView, ground: Ground) -> Iterable[Command]:
    binding = view.bindings.get(sellable.product.id)
    wanted = judge(sellable, view.shop.version, ground, view.cuts.get(sellable.product.id))
    if binding is None or binding.remote_id is None:
        return _absent(sellable, binding, wanted, ground)
    if wanted.problems:
        return _leave(binding, sellable, wanted)
    if binding.state in _RESTING and not _must_take_down(binding, wanted):
        return _stock(sellable, binding)  # a person decides about the words; overselling waits for nobody
    return _present(sellable, binding, wanted, ground)


def judge(sellable: Sellable, shop_version: int, ground: Ground, cut: Cut | None = None) -> Wanted:
    """May it stand here, and with which claim. ``source`` names everything that decides the words."""
    problems = _channel_problems(sellable, ground.rules)
    if not problems:
        channel = law.Channel(ships=ground.rules.ships, alcohol=ground.rules.alcohol)
        verdict = law.can_sell(sellable, ground.today, ground.law, channel=channel)
        problems = tuple(Problem(code=p.code, facts=p.facts) for p in verdict.problems)
    certificate = _claimed(sellable, ground)
    mark = "-" if certificate is None else str(certificate.stars)
    source = f"{sellable.version}{mark}r{ground.rules.version}w{ground.wording.version}f{FORMAT}s{shop_version}"
    return Wanted(source=f"{source}{cut_mark(cut)}|", certificate=certificate, problems=problems, cut=cut)


def _claimed(sellable: Sellable, ground: Ground) -> Certificate | None:
    """The certificate whose claim may be made today."""
    claim = law.can_claim_ocop(sellable, ground.today, ground.law)
    return claim.certificate if claim.ok else None


def draft_of(sellable: Sellable, ground: Ground, cut: Cut | None = None) -> Draft:
    """The listing this product would be here today, whether or not it may stand. Every variant needs a price."""
    wanted = Wanted(source="", certificate=_claimed(sellable, ground), problems=(), cut=cut)
    return _draft(sellable, wanted, ground)


def _channel_problems(sellable: Sellable, rules: RulePack) -> tuple[Problem, ...]:
    number = sellable.product.set_no
    if number is None:
        return (Problem(code="set_unknown"),)
    if number not in rules.categories:
        return (Problem(code="category_unknown", facts={"set_no": number, "platform": rules.platform}),)
    if not sellable.variants:
        return (Problem(code="variant_missing"),)
    if any(v.price is None for v in sellable.variants):
        return (Problem(code="price_missing"),)
    return ()


def _draft(sellable: Sellable, wanted: Wanted, ground: Ground) -> Draft:
    number = sellable.product.set_no
    return make_draft(
        sellable,
        certificate=wanted.certificate,
        rules=ground.rules,
        wording=ground.wording,
        category=ground.rules.categories.get(number or 0, ""),
        picture_base=ground.picture_base,
        last_day=None if wanted.certificate is None else law.last_day(wanted.certificate, ground.today, ground.law),
        cut=wanted.cut,
    )


def wanted_drafts(view: PushView, ground: Ground) -> dict[str, Draft]:
    """What each product that may stand in this shop should look like now, by product id."""
    drafts: dict[str, Draft] = {}
    for sellable in view.sellables:
        here = priced(sellable, view.prices, ground.rules.fees, ground.now)
        wanted = judge(here, view.shop.version, ground, view.cuts.get(here.product.id))
        if not wanted.problems:
            drafts[here.product.id] = _draft(here, wanted, ground)
    return drafts


def _keys(sellable: Sellable, draft: Draft, wanted: Wanted) -> Keys:
    return Keys(
        content=f"{wanted.source}{fingerprint(draft)}",
        price=price_key(sellable.variants),
        stock=stock_key(sellable),
    )


def _absent(sellable: Sellable, binding: Binding | None, wanted: Wanted, ground: Ground) -> Iterable[Command]:
    if binding is not None and binding.state is BindingState.ASK:
        return ()
    if wanted.problems:
        return _hold(sellable, binding, wanted.problems)
    if binding is not None and binding.state is BindingState.HELD and binding.content_key.startswith(wanted.source):
        return ()  # the channel refused exactly this; nothing changed since
    if binding is not None and binding.try_after is not None and binding.try_after > ground.now:
        return ()
    draft = _draft(sellable, wanted, ground)
    problems = rulepack.check(draft, ground.rules)
    if problems:
        return _hold(sellable, binding, problems)
    return (
        Create(
            product_id=sellable.product.id,
            draft=draft,
            keys=_keys(sellable, draft, wanted),
            claims=wanted.certificate is not None,
        ),
    )


def _hold(sellable: Sellable, binding: Binding | None, problems: tuple[Problem, ...]) -> Iterable[Command]:
    if binding is not None and binding.state is BindingState.HELD and binding.problems == problems:
        return ()
    return (Hold(product_id=sellable.product.id, problems=problems),)


def _leave(binding: Binding, sellable: Sellable, wanted: Wanted) -> Iterable[Command]:
    if not binding.visible:
        return ()
    return (
        Withdraw(
            product_id=binding.product_id,
            target=binding.target(Sku(sellable.variants[0].sku if sellable.variants else "")),
            reasons=wanted.problems,
        ),
    )


def _must_take_down(binding: Binding, wanted: Wanted) -> bool:
    """Claims stand on the channel and may not: this goes before any wish of the owner."""
    if wanted.certificate is not None:
        return False
    shown = "" if binding.shown is None else binding.shown.title
    return binding.claims or bool(claims.find(shown))


def _stands_anyway(binding: Binding, keys: Keys) -> bool:
    """We sent exactly these words, and read back right after it the channel still showed a claim."""
    return binding.visible and binding.state is BindingState.DRIFTED and binding.content_key == keys.content


def _present(sellable: Sellable, binding: Binding, wanted: Wanted, ground: Ground) -> Iterable[Command]:
    commands: list[Command] = []
    if not binding.visible or not binding.content_key.startswith(wanted.source) or _must_take_down(binding, wanted):
        commands.extend(_content(sellable, binding, wanted, ground))
    commands.extend(_prices(sellable, binding))
    commands.extend(_stock(sellable, binding))
    return commands


def _content(sellable: Sellable, binding: Binding, wanted: Wanted, ground: Ground) -> Iterable[Command]:
    if not binding.visible and binding.try_after is not None and binding.try_after > ground.now:
        return ()  # the channel refused its words a while ago; hidden, it harms nobody
    draft = _draft(sellable, wanted, ground)
    if problems := rulepack.check(draft, ground.rules):
        if _must_take_down(binding, wanted):
            target = binding.target(draft.sku)
            return (Withdraw(product_id=binding.product_id, target=target, reasons=problems),)
        return _hold_listed(binding, problems)
    keys = _keys(sellable, draft, wanted)
    urgent = _must_take_down(binding, wanted)
    if urgent and _stands_anyway(binding, keys):
        title = "" if binding.shown is None else binding.shown.title
        words = "; ".join(claim.text for claim in claims.find(title)) or "OCOP"
        reasons = (Problem(code="claim_words_found", facts={"words": words}),)
        return (Withdraw(product_id=binding.product_id, target=binding.target(draft.sku), reasons=reasons),)
    fields = changed_fields(binding.content_key.partition("|")[2], keys.content.partition("|")[2])
    if urgent:
        fields |= {"title", "description", "attributes", "pictures"}
    if not {v.sku for v in draft.variants} <= dict(binding.variants).keys():
        fields |= {"attributes"}  # where it can, the platform adds the variants with it; read-back tells where not
    if not binding.visible:
        fields |= {"visible"}
    return (
        Update(
            product_id=binding.product_id,
            target=binding.target(draft.sku),
            draft=draft,
            fields=fields,
            keys=keys,
            claims=wanted.certificate is not None,
            urgent=urgent,
        ),
    )


def _hold_listed(binding: Binding, problems: tuple[Problem, ...]) -> Iterable[Command]:
    if binding.problems == problems:
        return ()
    return (Hold(product_id=binding.product_id, problems=problems),)


def _prices(sellable: Sellable, binding: Binding) -> Iterable[Command]:
    wanted = price_key(sellable.variants)
    if binding.price_key == wanted:
        return ()
    sent, now = split_key(binding.price_key), split_key(wanted)
    single = len(binding.variants) <= 1
    tags = tuple(
        PriceTag(listing=listing, variant=variant, sku=sku, price=int(now[sku]), single=single)
        for listing, sku, variant in _ids(binding)
        if sku in now and sent.get(sku) != now[sku]
    )
    return (SetPrice(product_id=binding.product_id, tags=tags, key=wanted),)


def _stock(sellable: Sellable, binding: Binding) -> Iterable[Command]:
    return plan_stock(binding, stock_key(sellable))


def plan_stock(binding: Binding, wanted: str) -> tuple[SetStock, ...]:
    """Bring a listing to ``wanted`` (a stock key); nothing when it was told just that.

    A variant the channel has and we sell no longer has none left.
    """
    ours = split_key(wanted)
    wanted = "|".join([wanted, *(f"{sku}:0" for sku, _ in binding.variants if sku not in ours)])
    if binding.stock_key == wanted:
        return ()
    sent, now = split_key(binding.stock_key), split_key(wanted)
    single = len(binding.variants) <= 1
    levels = tuple(
        StockLevel(listing=listing, variant=variant, sku=sku, stock=int(now[sku]), single=single)
        for listing, sku, variant in _ids(binding)
        if sku in now and sent.get(sku) != now[sku]
    )
    return (SetStock(product_id=binding.product_id, levels=levels, key=wanted),)


def _ids(binding: Binding) -> Sequence[tuple[RemoteId, Sku, RemoteId]]:
    """(listing, our SKU, variant) for each variant the channel knows."""
    if binding.remote_id is None:
        return ()
    return [(binding.remote_id, sku, variant) for sku, variant in binding.variants]
