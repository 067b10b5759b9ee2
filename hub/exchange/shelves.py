"""Records of where we sell: shops, listings with their history, how far orders are complete, contracts, broadcasts."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from hub.exchange.base import ChannelKind, Count, Id, Key, Moment, Money, Name, Record, Ref, RemoteKey, Text, Whole


class Shop(Record):
    """One seller's account on a platform. Known by platform, address and the platform's id. Never its secrets.

    ``producer`` none: a portal. ``state`` open: connected where it comes from; a hub it moves to asks its owner.
    """

    id: Id
    platform: Annotated[str, Field(min_length=1, max_length=30)]
    name: Name
    producer: Ref | None = None
    channel_kind: ChannelKind
    base_url: Text
    remote_id: RemoteKey = ""
    values: Mapping[str, str] = Field(default_factory=dict)
    state: Literal["open", "paused", "disconnected"] = "open"
    province_code: Annotated[str, Field(max_length=2)] = ""
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] = 1
    created_at: Moment | None = None


class Shown(Record):
    """What the channel showed at the last read-back."""

    state: str
    title: str
    description_digest: str
    prices: Mapping[str, Money | None]
    stocks: Mapping[str, Whole | None]


class Problem(Record):
    """A problem code and the facts its words need."""

    code: str
    facts: Mapping[str, JsonValue] = Field(default_factory=dict)


class Listing(Record):
    """One product in one shop: what was sent, what was confirmed. A later ``changed_at`` wins."""

    shop: Ref
    product: Ref
    state: Literal[
        "held", "wanted", "creating", "sent", "accepted", "confirmed", "drifted", "ask", "withdrawn", "reported"
    ]  # fmt: skip
    remote_id: Key | None = None
    variants: tuple[tuple[str, str], ...] = Field(default=(), description="pairs of our SKU and the platform's id")
    picture_ids: tuple[str, ...] = ()
    url: str = ""
    content_key: Annotated[str, Field(max_length=200)] = ""
    price_key: str = ""
    stock_key: str = ""
    visible: bool = True
    claims: bool = False
    shown: Shown | None = None
    problems: tuple[Problem, ...] = ()
    confirmed_at: Moment | None = None
    try_after: Moment | None = None
    attempts: Count = 0
    changed_at: Moment


class Cut(Record):
    """A product's own words for one platform, written by a person. A later ``edited_at`` wins."""

    product: Ref
    platform: Annotated[str, Field(min_length=1, max_length=30)]
    title: Text = ""
    description: Text = ""
    edited_at: Moment
    edited_by: Annotated[str, Field(max_length=64)] = ""


class ListingEvent(Record):
    """One line of a listing's history: what was done, what it was before, what the channel answered."""

    id: Id
    shop: Ref
    product: Ref
    at: Moment
    kind: Annotated[str, Field(min_length=1, max_length=20)]
    before: JsonValue = None
    after: JsonValue = None
    answer: JsonValue = None


class Cursor(Record):
    """Complete up to: everything of this walk before ``position`` is in the document. The later one wins."""

    shop: Ref
    walk: Annotated[str, Field(min_length=1, max_length=20)]
    position: Moment


class Contract(Record):
    """A producer's contract with a modern channel (supermarket, convenience store ...)."""

    id: Id
    producer: Ref
    channel_kind: ChannelKind
    partner: Name
    signed_on: date
    ends_on: date | None = None
    note: Text = ""


class LiveSession(Record):
    """One broadcast of selling on air; ``figures`` are the platform's own (viewers, orders, gmv ...)."""

    id: Id
    shop: Ref | None = None
    producer: Ref | None = None
    title: Text
    started_at: Moment
    ended_at: Moment | None = None
    remote_id: RemoteKey = ""
    figures: Mapping[str, Money] = Field(default_factory=dict)
