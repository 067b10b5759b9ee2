"""What the channel shows against what we sent: confirmed, drifted, changed by its owner, gone. Pure."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from hub.catalog import claims
from hub.connectors.model import Draft, Listing, ListingState, Result
from hub.errors import HubError, Vanished
from hub.sync.model import Binding, BindingState, Problem, Shown
from hub.types import fold, nfc


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that is not as we want it."""

    field: str
    ours: str
    theirs: str


def shown(listing: Listing) -> Shown:
    """A listing reduced to what is compared later."""
    return Shown(
        state=listing.state.value,
        title=nfc(listing.title),
        description_digest=_digest(listing.description),
        prices={v.sku: v.price for v in listing.variants},
        stocks={v.sku: v.stock for v in listing.variants},
    )


def _digest(text: str) -> str:
    """Only letters and digits count: platforms reformat white space, entities and punctuation."""
    return hashlib.blake2b("".join(c for c in fold(text) if c.isalnum()).encode(), digest_size=8).hexdigest()


def differences(draft: Draft, listing: Listing) -> tuple[Difference, ...]:
    """Words and prices that differ; stock is not compared, it changes by itself."""
    found: list[Difference] = []
    if nfc(draft.title) != nfc(listing.title):
        found.append(Difference(field="title", ours=draft.title, theirs=listing.title))
    if _digest(draft.description) != _digest(listing.description):
        found.append(Difference(field="description", ours=draft.description[:80], theirs=listing.description[:80]))
    prices = {v.sku: v.price for v in listing.variants}
    for variant in draft.variants:
        theirs = prices.get(variant.sku)
        if theirs != variant.price:
            found.append(Difference(field="price", ours=str(variant.price), theirs=str(theirs)))
    if not found and _claims(listing) and not _claims(draft):
        found.append(Difference(field="attributes", ours="", theirs=_words(listing)))
    return tuple(found)


def _claims(words: Draft | Listing) -> bool:
    """Whether a buyer reads a claim anywhere in a listing's words."""
    texts = [words.title, words.description, *(f"{name} {value}" for name, value in words.attributes)]
    return any(claims.find(text) for text in texts)


def _words(listing: Listing) -> str:
    return "; ".join(f"{name} {value}" for name, value in listing.attributes if claims.find(f"{name} {value}"))


def _agreed(binding: Binding, now_shown: Shown) -> bool:
    """The channel shows the very words and prices that were confirmed, or that a person left as they are."""
    last = binding.shown
    return (
        binding.state is BindingState.CONFIRMED
        and last is not None
        and (last.title, last.description_digest, dict(last.prices))
        == (now_shown.title, now_shown.description_digest, dict(now_shown.prices))
    )


def judge(binding: Binding, result: Result[Listing], draft: Draft | None, *, fresh: bool, now: datetime) -> Binding:
    """What the read-back makes of a binding. ``fresh``: right after our own push, so a difference is the channel's."""
    if isinstance(result, Vanished) or (isinstance(result, Listing) and result.state is ListingState.GONE):
        return _ask(binding, Problem(code="listing_gone", facts={"remote_id": binding.remote_id or ""}))
    if isinstance(result, HubError):
        return replace(binding, problems=(Problem(code=result.code, facts=result.facts),))
    if result.remote_id != binding.remote_id:  # asked about a request, told of the listing that came of it
        variants = tuple((v.sku, v.remote_id) for v in result.variants) or binding.variants
        binding = replace(binding, remote_id=result.remote_id, variants=variants, url=result.url or binding.url)
    now_shown = shown(result)
    if result.state in (ListingState.BANNED, ListingState.REVIEWING):
        problem = Problem(code=f"listing_{result.state.value}", facts={"reason": result.reason})
        return replace(binding, state=BindingState.ACCEPTED, shown=now_shown, problems=(problem,))
    if not binding.visible and not fresh and result.state is ListingState.LIVE:
        # shown again by its owner: what may stand is judged by the next plan, which hides it again if it may not
        return replace(binding, state=BindingState.ACCEPTED, visible=True, shown=now_shown, claims=_claims(result))
    if not binding.visible:
        hidden = result.state is ListingState.HIDDEN
        state = BindingState.WITHDRAWN if hidden else BindingState.ACCEPTED
        return replace(binding, state=state, shown=now_shown, confirmed_at=now if hidden else binding.confirmed_at)
    if result.state is ListingState.HIDDEN:
        return _ask(replace(binding, shown=now_shown), Problem(code="listing_hidden_by_owner"))
    found = () if draft is None else differences(draft, result)
    if not found or (not fresh and _agreed(binding, now_shown) and binding.claims == _claims(result)):
        return _confirmed(binding, result, now_shown, now)
    return _different(binding, result, found, fresh=fresh)


def _confirmed(binding: Binding, listing: Listing, now_shown: Shown, now: datetime) -> Binding:
    return replace(
        binding,
        state=BindingState.CONFIRMED,
        shown=now_shown,
        url=listing.url or binding.url,
        variants=tuple((v.sku, v.remote_id) for v in listing.variants) or binding.variants,
        picture_ids=listing.picture_ids or binding.picture_ids,
        confirmed_at=now,
        problems=(),
        attempts=0,
        claims=_claims(listing),
    )


def _different(binding: Binding, listing: Listing, found: tuple[Difference, ...], *, fresh: bool) -> Binding:
    first = found[0]
    facts = {
        "field": first.field,
        "ours": first.ours,
        "theirs": first.theirs,
        "fields": [d.field for d in found],
        "differences": [[d.field, d.ours, d.theirs] for d in found],
    }
    now_shown = shown(listing)
    binding = replace(binding, claims=_claims(listing))
    if fresh or binding.state is BindingState.DRIFTED:
        return replace(
            binding,
            state=BindingState.DRIFTED,
            shown=now_shown,
            problems=(Problem(code="channel_shows_other", facts=facts),),
        )
    return _ask(replace(binding, shown=now_shown), Problem(code="changed_by_owner", facts=facts))


def _ask(binding: Binding, problem: Problem) -> Binding:
    """A question; one that a person has answered with "leave it" is not asked again."""
    if binding.state is BindingState.ASK and not binding.problems:
        return binding
    return replace(binding, state=BindingState.ASK, problems=(problem,))


def settle(binding: Binding, *, ours: bool) -> Binding:
    """What a person's answer makes of a listing that waits: ours goes out again over what is there, or it is left.

    Left means: what the channel shows counts as confirmed until we have something new to say; what is hidden or gone
    stays so. Stock is told and claims that may not stand are taken down all the same.
    """
    gone = any(p.code == "listing_gone" for p in binding.problems)
    hidden = any(p.code == "listing_hidden_by_owner" for p in binding.problems)
    if not ours:
        state = BindingState.ASK if gone or hidden or binding.remote_id is None else BindingState.CONFIRMED
        return replace(binding, state=state, problems=(), attempts=0, try_after=None)
    if gone or binding.remote_id is None:
        return Binding(shop_id=binding.shop_id, product_id=binding.product_id, state=BindingState.WANTED)
    return replace(
        binding, state=BindingState.ACCEPTED, content_key="", price_key="", visible=binding.visible and not hidden,
        problems=(), attempts=0, try_after=None,
    )  # fmt: skip
