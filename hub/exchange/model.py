"""What an exchange document is: a header and one list per kind of record. Pure; the JSON Schema is drawn from it.

Records refer to each other by the ids they have in the document. A field that a record leaves out keeps its default in
a new thing and is left alone in a thing the hub has already. Moments carry a time zone and are written in UTC, days
are local days (Asia/Ho_Chi_Minh), money is whole đồng, texts are NFC. Secrets, tokens, sessions and buyers have no
field here.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from hub.exchange.base import Moment, Record, Text
from hub.exchange.goods import Certificate, GiftSet, Picture, Producer, Product, Stock, Variant
from hub.exchange.shelves import Contract, Cursor, Cut, Listing, ListingEvent, LiveSession, Shop
from hub.exchange.sold import Declaration, Order, Settlement

FORMAT = "ocop-hub-exchange"
VERSION = 1


class Header(Record):
    """What a document says of itself. In the line form it is the first line."""

    format: Literal["ocop-hub-exchange"]
    version: Literal[1]
    exported_at: Moment | None = None
    source: Text = ""


class Document(Header):
    """A whole document. The order of lists and of records in them is free."""

    producers: tuple[Producer, ...] = ()
    products: tuple[Product, ...] = ()
    variants: tuple[Variant, ...] = ()
    sets: tuple[GiftSet, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    pictures: tuple[Picture, ...] = ()
    stock: tuple[Stock, ...] = ()
    shops: tuple[Shop, ...] = ()
    cuts: tuple[Cut, ...] = ()
    listings: tuple[Listing, ...] = ()
    listing_events: tuple[ListingEvent, ...] = ()
    orders: tuple[Order, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    contracts: tuple[Contract, ...] = ()
    live_sessions: tuple[LiveSession, ...] = ()
    cursors: tuple[Cursor, ...] = ()


KINDS: Mapping[str, type[Record]] = {
    name: get_args(field.annotation)[0]
    for name, field in Document.model_fields.items()
    if name not in Header.model_fields
}
"""List of the document -> the model of its records, in the order in which things depend on each other."""


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a document; ``$defs`` holds each kind of record and the header."""
    drawn = Document.model_json_schema()
    header = Header.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "description": "Everything an OCOP hub knows, as one document. The line form (.jsonl) has the header in its "
        "first line, then one object {kind, record} per line; kind is a list's name here.",
        **{k: v for k, v in drawn.items() if k not in ("title", "description", "$defs")},
        "$defs": {**drawn["$defs"], "Header": {k: v for k, v in header.items() if k != "$defs"}},
    }
