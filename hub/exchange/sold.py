"""Records of what was sold: orders with lines, refunds and history, settlements, declared sales. Pure."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from hub.connectors.model import FeeKind
from hub.exchange.base import (
    ChannelKind,
    Count,
    Id,
    Key,
    Moment,
    Money,
    Price,
    Record,
    Ref,
    RemoteKey,
    Short,
    Stars,
    Text,
)


class SoldComponent(Record):
    """A component of a set as it was when the set was sold; ``price`` is its list price then."""

    variant: Ref
    product: Ref
    producer: Ref
    stars: Stars | None = None
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    price: Price


class AsSold(Record):
    """What a line was when it was sold, told by a hub that knew. No variant: goods that hub did not know.

    ``voucher`` is the line's share of the order's seller voucher.
    """

    variant: Ref | None = None
    product: Ref | None = None
    producer: Ref | None = None
    stars: Stars | None = None
    voucher: Money = 0
    components: tuple[SoldComponent, ...] = ()


class Line(Record):
    """A line of an order. ``as_sold`` left out: found by the SKU, or by the listing, and the certificates."""

    line_id: Key
    sku: RemoteKey = ""
    listing: Key | None = None
    option: Key | None = None
    title: Text = ""
    quantity: Count
    cancelled: Count = 0
    unit_price: Price
    charged: Price
    live: bool = False
    as_sold: AsSold | None = None


class Refund(Record):
    """Money back to the buyer; ``units``: pairs of line id and units that came back."""

    refund_id: Key
    at: Moment
    amount: Price
    units: tuple[tuple[str, Count], ...] = ()


class OrderEvent(Record):
    """One line of an order's history: ``state:shipped``, ``refund:7``, ``cancel:1:2``."""

    event: Annotated[str, Field(min_length=1, max_length=80)]
    at: Moment
    facts: JsonValue = None


class Order(Record):
    """An order as its platform told it. No buyer. Known by shop and ``remote_id``; a later ``updated_at`` wins."""

    shop: Ref
    remote_id: Key
    number: RemoteKey = ""
    state: Literal["placed", "paid", "shipped", "delivered", "completed", "cancelled", "failed_delivery"]
    native_state: Annotated[str, Field(max_length=40)] = ""
    placed_at: Moment
    updated_at: Moment
    paid_at: Moment | None = None
    shipped_at: Moment | None = None
    delivered_at: Moment | None = None
    cancelled_at: Moment | None = None
    cod: bool = False
    seller_voucher: Price = 0
    platform_voucher: Price = 0
    shipping_paid: Price = 0
    province: Text = ""
    source: Literal["measured", "imported"] = "imported"
    test: bool = False
    lines: tuple[Line, ...]
    refunds: tuple[Refund, ...] = ()
    events: tuple[OrderEvent, ...] = ()

    @model_validator(mode="after")
    def _lines_apart(self) -> "Order":
        _apart([line.line_id for line in self.lines])
        _apart([refund.refund_id for refund in self.refunds])
        _apart([event.event for event in self.events])
        return self


def _apart(keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        raise PydanticCustomError("told_twice", "the same line, refund or event twice")


class Fee(Record):
    """Đồng taken (positive) or given back (negative) by the platform, as stated."""

    kind: FeeKind
    amount: Money
    label: Text = ""


class Settlement(Record):
    """What the platform paid out for one order, known by shop and statement. The order may be unknown."""

    shop: Ref
    statement_id: Annotated[str, Field(min_length=1, max_length=80)]
    order: Key
    settled_at: Moment
    amount: Money
    fees: tuple[Fee, ...] = ()


class Declaration(Record):
    """A producer's own statement of sales that no connector measures; days both included."""

    id: Id
    producer: Ref
    channel_kind: ChannelKind
    first_day: date
    last_day: date
    product: Ref | None = None
    certified: bool = True
    revenue: Money
    orders: Count | None = None
    quantity: Short = ""
    unit: Short = ""
    declared_at: Moment
    source: Literal["declared", "imported"] = "declared"
    note: Text = ""

    @model_validator(mode="after")
    def _forward(self) -> "Declaration":
        if self.last_day < self.first_day:
            raise PydanticCustomError("days_backwards", "last_day lies before first_day")
        return self
