"""The neutral words of fulfilment: what is sent, what came back, the label. Pure. No buyer's data passes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hub.types import RemoteId

Handover = Literal["pickup", "dropoff"]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time and place at which the carrier may fetch parcels. ``id`` is the platform's own."""

    id: str
    start: datetime | None = None
    end: datetime | None = None
    place: str = ""  # the seller's own warehouse as the platform names it


@dataclass(frozen=True, kw_only=True)
class Options:
    """How an order may be handed over now; an empty tuple of slots with ``pickup``: no choice is asked."""

    handovers: tuple[Handover, ...]
    slots: tuple[Slot, ...] = ()
    ship_by: datetime | None = None  # after this the platform counts it late


@dataclass(frozen=True, kw_only=True)
class Shipping:
    """Send this order. ``lines``: line id -> units of this parcel; empty: all that is left."""

    order: RemoteId
    handover: Handover = "pickup"
    slot: str = ""
    tracking: str = ""  # where the seller brings their own carrier
    carrier: str = ""
    lines: Mapping[RemoteId, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """The platform took it. ``parcel`` is its own id of the package, ``tracking`` may come later."""

    order: RemoteId
    parcel: str = ""
    tracking: str = ""
    carrier: str = ""


@dataclass(frozen=True, kw_only=True)
class Label:
    """A file to print and stick on; passed through to the person who asked, never stored (a buyer's address is on it).

    ``media``: "application/pdf", "text/html", "image/png".
    """

    content: bytes = field(repr=False)
    media: str
    name: str


CancelReason = Literal["out_of_stock", "buyer_asked", "price_wrong", "cannot_deliver", "other"]
"""Why the seller cancels, in our words; a connector has its platform's word for each."""
