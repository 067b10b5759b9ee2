"""Which listing of a shop carries a SKU, when one walk over the shop stands in for looking each up."""

import pytest

from hub.connectors.model import ListedVariant, Listing, ListingState
from hub.errors import Refused
from hub.sync.push import note_carriers, the_one
from hub.types import RemoteId, Sku


def listing(remote_id: str, *skus: str) -> Listing:
    return Listing(
        remote_id=RemoteId(remote_id), sku=Sku(skus[0]), state=ListingState.LIVE, title="", description="",
        variants=tuple(ListedVariant(remote_id=RemoteId(s), sku=Sku(s), price=1, stock=1) for s in skus),
    )  # fmt: skip


def test_a_listing_is_known_by_the_sku_of_each_variant_and_told_twice_is_one() -> None:
    known: dict[Sku, dict[RemoteId, Listing]] = {}
    first = listing("1", "A", "B")
    note_carriers(known, [first, listing("2", "C")])
    note_carriers(known, [first])
    assert [the_one(Sku(sku), known) for sku in ("A", "B", "D")] == [first, first, None]


def test_a_sku_on_two_listings_is_for_a_person_to_settle() -> None:
    known: dict[Sku, dict[RemoteId, Listing]] = {}
    note_carriers(known, [listing("1", "A"), listing("2", "B", "A")])
    with pytest.raises(Refused) as told:
        the_one(Sku("A"), known)
    assert told.value.code == "listing_repeated"
