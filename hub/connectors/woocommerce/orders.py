"""WooCommerce's orders: states, lines, money, refunds, and how a walk over them goes on. Pure.

The facts behind each rule, and where they were seen, stand in the package.
"""

import html
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ValidationError

from hub.connectors.model import OrderState, RemoteLine, RemoteOrder, RemoteRefund
from hub.connectors.woocommerce.words import Dong, Gmt, Identified, MaybeDong, to_id
from hub.types import RemoteId, Sku, Vnd, nfc


def _vnd_only(currency: str) -> str:
    if currency != "VND":
        raise ValueError("currency")
    return currency


class Line(BaseModel):
    id: int
    name: str = ""
    product_id: int = 0
    variation_id: int | None = 0
    quantity: int
    sku: str | None = ""
    subtotal: Dong
    total: Dong
    subtotal_tax: MaybeDong = None
    total_tax: MaybeDong = None


class Amount(BaseModel):
    total: MaybeDong = None
    total_tax: MaybeDong = None
    discount: MaybeDong = None


class Address(BaseModel):
    """Nothing but the place: names, phones and streets are not even declared."""

    state: str = ""
    city: str = ""


class Meta(BaseModel):
    key: str = ""
    value: object = None


class Order(BaseModel):
    id: int
    number: str
    status: str
    currency: Annotated[str, AfterValidator(_vnd_only)]
    date_created_gmt: Gmt
    date_modified_gmt: Gmt
    date_paid_gmt: Gmt | None = None
    date_completed_gmt: Gmt | None = None
    shipping_total: MaybeDong = None
    payment_method: str = ""
    shipping: Address = Address()
    billing: Address = Address()
    line_items: list[Line]
    fee_lines: list[Amount] = []
    coupon_lines: list[Amount] = []
    refunds: list[Identified] = []
    meta_data: list[Meta] = []


class RefundLine(BaseModel):
    product_id: int = 0
    variation_id: int | None = 0
    quantity: int = 0
    meta_data: list[Meta] = []


class Refund(BaseModel):
    id: int
    date_created_gmt: Gmt
    amount: Dong
    line_items: list[RefundLine] = []
    shipping_lines: list[Amount] = []


class Moment(BaseModel):
    """When an order last changed, of any order, understood or not."""

    id: int
    date_modified_gmt: Gmt


# ---- orders ------------------------------------------------------------------------------------------------------

UNPAID = frozenset({"pending", "on-hold"})
_ENDED = frozenset({"cancelled", "trash"})
_PLUGIN_STATES: Mapping[str, OrderState] = {
    "shipped": OrderState.SHIPPED,
    "delivered": OrderState.DELIVERED,
}
_OVER = frozenset({OrderState.CANCELLED, OrderState.FAILED_DELIVERY})
NOT_YET = frozenset({"checkout-draft", "auto-draft"})
MARKS: Mapping[str, str] = {"sent": "ocop_hub_sent", "tracking": "ocop_hub_tracking", "carrier": "ocop_hub_carrier"}
"""Custom fields that the hub keeps at an order: when the seller said that it left, and with whom. Core has no word
for it; without a leading underscore the office sees them beside the order."""


def marked(order: Order) -> Mapping[str, str]:
    """What is noted of its sending, by our own short names."""
    noted = {one.key: one.value for one in order.meta_data if isinstance(one.value, str)}
    return {name: noted[key] for name, key in MARKS.items() if noted.get(key)}


def _sent_at(order: Order) -> datetime | None:
    """When it left; None for a mark that somebody spoilt by hand."""
    with suppress(ValueError):
        found = datetime.fromisoformat(marked(order).get("sent", ""))
        return found.astimezone(UTC) if found.tzinfo else None
    return None


def to_state(order: Order) -> OrderState:
    """Our state. Cash on delivery is not paid by being processed; ``failed`` is a delivery that failed once the order
    had been processed, else a payment; a full refund before completion is a cancellation; an unknown state of a plugin
    says no more than the dates and the mark of sending beside it."""
    if order.status in _ENDED:
        return OrderState.CANCELLED
    if order.status == "failed":
        return OrderState.FAILED_DELIVERY if order.date_paid_gmt is not None else OrderState.CANCELLED
    if order.status in _PLUGIN_STATES:
        return _PLUGIN_STATES[order.status]
    if order.date_completed_gmt is not None and order.status not in ("processing", *UNPAID):
        return OrderState.COMPLETED
    if order.status == "completed":
        return OrderState.COMPLETED
    if order.status == "refunded":
        return OrderState.CANCELLED
    if "sent" in marked(order) and order.status not in UNPAID:
        return OrderState.SHIPPED
    paid = order.date_paid_gmt is not None and order.status not in UNPAID
    return OrderState.PAID if paid and order.payment_method != "cod" else OrderState.PLACED


def to_order(order: Order, refunds: Sequence[Refund]) -> RemoteOrder:
    """An order with its refunds. Coupons and negative fees are the seller's; lines are told before them."""
    state = to_state(order)
    cod = order.payment_method == "cod"
    done = order.date_completed_gmt or (order.date_modified_gmt if order.status == "completed" else None)
    lines = [_to_line(one) for one in order.line_items]
    delivered = done if state in (OrderState.DELIVERED, OrderState.COMPLETED) else None
    return RemoteOrder(
        remote_id=to_id(order.id),
        number=order.number,
        state=state,
        placed_at=order.date_created_gmt,
        updated_at=order.date_modified_gmt,
        lines=tuple(lines),
        cod=cod,
        paid_at=delivered if cod else order.date_paid_gmt,
        shipped_at=_sent_at(order),
        delivered_at=delivered,
        cancelled_at=order.date_modified_gmt if state in _OVER else None,
        seller_voucher=_voucher(order, lines),
        shipping_paid=order.shipping_total or 0,
        province=nfc(order.shipping.state or order.billing.state or order.shipping.city or order.billing.city),
        refunds=tuple(_to_refund(order, one) for one in refunds),
        native_state=order.status,
    )


def _to_line(line: Line) -> RemoteLine:
    """``charged`` before coupons: what an owner took off by hand shows as voucher too, never twice."""
    before = line.subtotal + (line.subtotal_tax or 0)
    charged = max(before, line.total + (line.total_tax or 0))
    variant = line.variation_id or line.product_id
    return RemoteLine(
        line_id=to_id(line.id),
        sku=Sku(line.sku) if line.sku else None,
        listing=to_id(line.product_id) if line.product_id else None,
        variant=to_id(variant) if variant else None,
        title=nfc(html.unescape(line.name)),
        quantity=line.quantity,
        unit_price=charged // line.quantity if line.quantity else charged,
        charged=charged,
    )


def _voucher(order: Order, lines: Sequence[RemoteLine]) -> Vnd:
    taken = sum(
        shown.charged - one.total - (one.total_tax or 0) for shown, one in zip(lines, order.line_items, strict=True)
    )
    coupons = sum(one.discount or 0 for one in order.coupon_lines)
    fees = sum((one.total or 0) + (one.total_tax or 0) for one in order.fee_lines if (one.total or 0) < 0)
    return (taken or coupons) - fees


def _to_refund(order: Order, refund: Refund) -> RemoteRefund:
    """Money back for goods, whenever it was; what went back for shipping never was revenue."""
    shipping = sum(abs(part.total or 0) + abs(part.total_tax or 0) for part in refund.shipping_lines)
    return RemoteRefund(
        refund_id=to_id(refund.id),
        at=refund.date_created_gmt,
        amount=abs(refund.amount) - shipping,
        units=tuple(_units(order, refund).items()),
    )


def _units(order: Order, refund: Refund) -> dict[RemoteId, int]:
    """Units given back by line of the order. A refund names its line in ``_refunded_item_id``, else by product."""
    by_product = {(line.product_id, line.variation_id or 0): line.id for line in order.line_items}
    units: dict[RemoteId, int] = {}
    for part in refund.line_items:
        named = next((meta.value for meta in part.meta_data if meta.key == "_refunded_item_id"), None)
        line = named if named else by_product.get((part.product_id, part.variation_id or 0))
        if line is not None and part.quantity:
            key = RemoteId(str(line))
            units[key] = units.get(key, 0) + abs(part.quantity)
    return units


# ---- walking ---------


def moments(values: Sequence[object]) -> list[Moment]:
    """When each order of a page changed; what does not even tell that is left out."""
    told: list[Moment] = []
    for value in values:
        with suppress(ValidationError):
            told.append(Moment.model_validate(value))
    return told


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a walk over changed orders stands: everything before ``since``, and ``seen`` at it, has been told."""

    since: datetime
    number: int
    seen: frozenset[str]

    def text(self) -> str:
        return f"{self.since.isoformat()}|{self.number}|{','.join(sorted(self.seen))}"

    @staticmethod
    def parse(text: str) -> "Place":
        since, number, seen = text.split("|")
        return Place(
            since=datetime.fromisoformat(since), number=int(number), seen=frozenset(filter(None, seen.split(",")))
        )

    def after(self, page: Sequence[Moment]) -> "Place":
        """The next place behind a full page. Only where a whole page shares one second is the page number used."""
        last = max((one.date_modified_gmt for one in page), default=self.since)
        if last <= self.since:
            return Place(since=self.since, number=self.number + 1, seen=self.seen | {str(one.id) for one in page})
        return Place(since=last, number=1, seen=frozenset(str(one.id) for one in page if one.date_modified_gmt == last))
