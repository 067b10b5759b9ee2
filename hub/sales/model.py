"""Nouns of the sales. Pure. Measures are those of reporting.md 0.1; money is whole dong, days are local dates."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from hub.types import Vnd

Source = Literal["measured", "declared", "imported"]
Cut = Literal["ocop", "all"]
EntryKind = Literal["placed", "cancelled", "delivered", "refund"]
BY_FILE = "file:"
"""How ids of refunds and statements begin that came by file: what the platform itself tells later replaces them."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """A component of a set as it was when the set was sold. ``quantity`` in one set; ``price`` is its list price."""

    variant_id: str
    product_id: str
    producer_id: str
    stars: int | None
    quantity: int
    price: Vnd


@dataclass(frozen=True, kw_only=True)
class Line:
    """A stored order line with what it was at the order's time. ``voucher`` is its share of the seller's voucher."""

    line_id: str
    quantity: int
    unit_price: Vnd
    charged: Vnd
    voucher: Vnd
    cancelled: int = 0
    variant_id: str | None = None
    product_id: str | None = None
    producer_id: str | None = None  # of the product
    stars: int | None = None  # of the certificate in force at the order's time; None: no claim then
    title: str = ""
    sku: str = ""
    live: bool = False
    parts: tuple[Component, ...] = ()  # a set or gift box: money and units go to the components


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Money back to the buyer; ``units`` by line id; booked on the day it happened."""

    refund_id: str
    at: datetime
    amount: Vnd
    units: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as the ledger sees it. ``seller_id`` is the producer that owns the shop (None: portal)."""

    shop_id: str
    remote_id: str
    state: str
    placed_at: datetime
    updated_at: datetime
    lines: tuple[Line, ...]
    refunds: tuple[Refund, ...] = ()
    number: str = ""
    cod: bool = False
    seller_id: str | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    seller_voucher: Vnd = 0
    platform_voucher: Vnd = 0
    shipping_paid: Vnd = 0
    province: str = ""
    source: Source = "measured"
    test: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One ledger entry: what one event of one order line added to the measures of one local day.

    ``net`` = gross - refund - voucher. Every measure may be negative (a correction). Key: (shop_id, order_id,
    line_id, event, part) where ``event`` is the kind, for refunds ``refund:<id>``, and ``part`` the component's
    variant for a set ('' for plain goods).
    """

    shop_id: str
    order_id: str
    line_id: str
    event: str
    day: date
    product_id: str | None
    producer_id: str | None
    stars: int | None
    gmv_placed: Vnd = 0
    gmv: Vnd = 0
    gross: Vnd = 0
    voucher: Vnd = 0
    refund: Vnd = 0
    units: int = 0
    part: str = ""

    @property
    def net(self) -> Vnd:
        return self.gross - self.voucher - self.refund


@dataclass(frozen=True, kw_only=True)
class RollupChange:
    """What to add to one row of the daily rollup; '' stands for "no product", 0 for "no stars"."""

    day: date
    shop_id: str
    product_id: str
    stars: int
    gmv_placed: Vnd
    gmv: Vnd
    gross: Vnd
    voucher: Vnd
    refund: Vnd
    units: int


@dataclass(frozen=True, kw_only=True)
class CountChange:
    """What to add to the distinct orders of one day and shop."""

    day: date
    shop_id: str
    cut: Cut
    placed: int
    delivered: int
