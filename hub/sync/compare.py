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
    return tuple(found)


def judge(binding: Binding, result: Result[Listing], draft: Draft | None, *, fresh: bool, now: datetime) -> Binding:
    """What the read-back makes of a binding. ``fresh``: right after our own push, so a difference is the channel's."""
    if isinstance(result, Vanished) or (isinstance(result, Listing) and result.state is ListingState.GONE):
        return _ask(binding, Problem(code="listing_gone", facts={"remote_id": binding.remote_id or ""}))
    if isinstance(result, HubError):
        return replace(binding, problems=(Problem(code=result.code, facts=result.facts),))
    now_shown = shown(result)
    if result.state in (ListingState.BANNED, ListingState.REVIEWING):
        problem = Problem(code=f"listing_{result.state.value}", facts={"reason": result.reason})
        return replace(binding, state=BindingState.ACCEPTED, shown=now_shown, problems=(problem,))
    if not binding.visible:
        hidden = result.state is ListingState.HIDDEN
        state = BindingState.WITHDRAWN if hidden else BindingState.ACCEPTED
        return replace(binding, state=state, shown=now_shown, confirmed_at=now if hidden else binding.confirmed_at)
    if result.state is ListingState.HIDDEN:
        return _ask(replace(binding, shown=now_shown), Problem(code="listing_hidden_by_owner"))
    found = () if draft is None else differences(draft, result)
    if not found:
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
        claims=bool(claims.find(listing.title)) or bool(claims.find(listing.description)),
    )


def _different(binding: Binding, listing: Listing, found: tuple[Difference, ...], *, fresh: bool) -> Binding:
    first = found[0]
    facts = {"field": first.field, "ours": first.ours, "theirs": first.theirs, "fields": [d.field for d in found]}
    now_shown = shown(listing)
    if fresh:
        return replace(
            binding,
            state=BindingState.DRIFTED,
            shown=now_shown,
            problems=(Problem(code="channel_shows_other", facts=facts),),
        )
    return _ask(replace(binding, shown=now_shown), Problem(code="changed_by_owner", facts=facts))


def _ask(binding: Binding, problem: Problem) -> Binding:
    return replace(binding, state=BindingState.ASK, problems=(problem,))
