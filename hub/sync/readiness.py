"""Is a product ready for a channel, and what is missing: offline, everything at once. Pure.

The planner stops at the first reason to hold a product; a person who mends things wants all of them. The checks are the
same: the law's gates, the channel's rule pack, and the stored pictures as they are. What ``blocks`` keeps the product
off the channel; ``advises`` does not, but somebody should know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from hub.catalog import rules as law
from hub.catalog.model import Sellable
from hub.connectors.model import Draft
from hub.sync import rulepack
from hub.sync.model import Cut, Problem, once
from hub.sync.plan import Ground, draft_of
from hub.sync.rulepack import PictureFacts, PictureRule, RulePack


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """How a product stands for one platform. ``draft``: what would be listed today; None when nothing can be drawn."""

    platform: str
    blocks: tuple[Problem, ...]
    advises: tuple[Problem, ...]
    draft: Draft | None
    edited: bool  # a person's words for this platform are used

    @property
    def ready(self) -> bool:
        return not self.blocks


def readiness(
    sellable: Sellable,
    ground: Ground,
    *,
    pictures: Mapping[str, PictureFacts],
    cut: Cut | None = None,
    verified: bool = True,
) -> Readiness:
    """All that stands in the way on one channel.

    ``pictures``: facts of the stored files by digest; one that is not there is missing. ``verified``: the seller is
    known to the platform (a shop is connected there), so that its identity was checked.
    """
    rules = ground.rules
    gates = law.can_sell(sellable, ground.today, ground.law, channel=_channel(rules), verified=verified)
    blocks = [*_goods(sellable, rules), *(_problem(one) for one in gates.problems if one.code != "seller_not_verified")]
    advises = [_problem(one) for one in gates.warnings]
    advises += [_problem(one) for one in gates.problems if one.code == "seller_not_verified"]  # the platform's own gate
    advises += _certificate(sellable, ground)
    advises += _alcohol(sellable, ground)
    draft = _drawn(sellable, ground, cut)
    if draft is not None:
        blocks += rulepack.check(draft, rules)
    unfit, mended = _pictures(sellable, pictures, rules)
    blocks += unfit
    advises += mended
    return Readiness(
        platform=rules.platform, blocks=once(blocks), advises=once(advises), draft=draft, edited=cut is not None
    )


def _channel(rules: RulePack) -> law.Channel:
    return law.Channel(
        ships=rules.ships, alcohol=rules.alcohol, verified_sellers_only=rules.verified_sellers_only
    )  # fmt: skip


def _goods(sellable: Sellable, rules: RulePack) -> list[Problem]:
    """What is missing before a listing can be drawn; the set itself is a gate of the law."""
    number = sellable.product.set_no
    problems: list[Problem] = []
    if number is not None and number not in rules.categories:
        problems.append(Problem(code="category_unknown", facts={"set_no": number, "platform": rules.platform}))
    if not sellable.variants:
        problems.append(Problem(code="variant_missing"))
    if any(v.price is None for v in sellable.variants):
        problems.append(Problem(code="price_missing"))
    return problems


def _certificate(sellable: Sellable, ground: Ground) -> list[Problem]:
    """Why the product may not be called OCOP, or what its claim lacks; it may be sold all the same."""
    claim = law.can_claim_ocop(sellable, ground.today, ground.law)
    problems = [_problem(one) for one in claim.problems]
    if claim.ok and claim.certificate is not None and not claim.certificate.certificate_no:
        facts = {"decision_no": claim.certificate.decision_no}
        problems.append(Problem(code="certificate_number_missing", facts=facts))
    return problems


def _alcohol(sellable: Sellable, ground: Ground) -> list[Problem]:
    limits = law.alcohol_limits(sellable, ground.today, ground.law)
    rule = next((r for r in ground.law.alcohol if r.applies(ground.today)), None)
    if limits is None or rule is None or not ground.rules.alcohol:
        return []
    facts = {"age": limits.age_gate, "abv": rule.promotion_below_abv, "legal_ref": rule.legal_ref, "gate": "G06"}
    return [Problem(code="alcohol_limited", facts=facts)]


def _drawn(sellable: Sellable, ground: Ground, cut: Cut | None) -> Draft | None:
    """The listing as it would be, for its other faults to be seen too; a missing price is stood in for."""
    if not sellable.variants:
        return None
    step = ground.rules.price_step
    stand_in = -(-ground.rules.price.min // step) * step
    known = [v.price for v in sellable.variants if v.price is not None]
    priced = tuple(replace(v, price=max(known, default=stand_in) if v.price is None else v.price)
                   for v in sellable.variants)  # fmt: skip
    return draft_of(replace(sellable, variants=priced), ground, cut)


def _pictures(
    sellable: Sellable, known: Mapping[str, PictureFacts], rules: RulePack
) -> tuple[list[Problem], list[Problem]]:
    """What no preparing helps, and what the hub mends by itself though a person would do it better."""
    unfit: list[Problem] = []
    mended: list[Problem] = []
    for picture in sellable.pictures[: rules.pictures.max]:
        facts = known.get(picture.digest)
        if facts is None:
            unfit.append(Problem(code="picture_missing", facts={"source": picture.source}))
            continue
        shaped = replace(rules.picture, ratio=None)  # margins make any shape fit; a point lost in rounding is no fault
        left = rulepack.check_picture(_prepared(facts, rules.picture), shaped)
        unfit += [Problem(code=p.code, facts={**p.facts, "source": picture.source}) for p in left]
        codes = {p.code for p in left}
        mended += [
            Problem(code=p.code, facts={**p.facts, "source": picture.source})
            for p in rulepack.check_picture(facts, rules.picture)
            if p.code not in codes
        ]
    return unfit, mended


def _prepared(facts: PictureFacts, rule: PictureRule) -> PictureFacts:
    """The picture as ``hub.sync.images`` would send it: another form, smaller, with white margins; never larger."""
    wide, high = _within(facts.width, facts.height, rule)
    if rule.ratio is not None:
        wide, high = max(wide, ceil(high * rule.ratio[0])), max(high, ceil(wide / rule.ratio[1]))
        wide, high = _within(wide, high, rule)
    mime = facts.mime if not rule.formats or facts.mime in rule.formats else rule.formats[0]
    size = facts.size if rule.max_bytes is None else min(facts.size, rule.max_bytes)
    return replace(facts, mime=mime, width=wide, height=high, size=size)


def _within(wide: int, high: int, rule: PictureRule) -> tuple[int, int]:
    if rule.max_px is None or max(wide, high) <= rule.max_px:
        return wide, high
    share = rule.max_px / max(wide, high)
    return max(1, int(wide * share)), max(1, int(high * share))


def _problem(finding: law.Finding) -> Problem:
    return Problem(code=finding.code, facts=finding.facts)
