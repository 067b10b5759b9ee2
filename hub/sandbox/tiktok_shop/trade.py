"""Orders of a pretend TikTok Shop: their life, cancellations, returns, parcels (sheets 6 to 8).

One line item per unit, there is no quantity. Seller vouchers are spread over the units, as the platform does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.sandbox.kit import NotOffered, SoldLine, SoldOrder, SoldOut, Want
from hub.sandbox.tiktok_shop.state import Product, Unit
from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad, page, within
from hub.types import share_out

if TYPE_CHECKING:
    from hub.sandbox.tiktok_shop.shop import Shop

STATUSES = (
    "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED",
    "COMPLETED", "CANCELLED",
)  # fmt: skip
REASONS = (
    "seller_cancel_reason_out_of_stock", "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_address_not_deliver", "seller_cancel_paid_reason_buyer_requested_cancellation",
)  # fmt: skip
DONE = "RETURN_OR_REFUND_REQUEST_COMPLETE"
DAY = 86_400


@dataclass(kw_only=True, slots=True)
class Piece:
    """One line item: one unit."""

    id: str
    product: Product
    unit: Unit
    line: int  # place in the book's lines
    price: int
    gift: bool
    seller_discount: int = 0
    platform_discount: int = 0
    cancelled: bool = False
    returned: bool = False


@dataclass(kw_only=True, slots=True)
class Order:
    """An order; ``book`` is the sandbox's truth, the rest is what the platform says."""

    id: str
    status: str
    created: int
    updated: int
    book: SoldOrder
    pieces: list[Piece]
    room: str = ""
    package: str = ""
    ready: int | None = None  # rts_time
    held_until: int | None = None
    cancel_by: str = ""
    cancel_reason: str = ""
    wish: str = ""  # cancel_id of a buyer's wish that waits for the seller

    def open(self) -> list[Piece]:
        return [one for one in self.pieces if not one.cancelled]


@dataclass(kw_only=True, slots=True)
class Claim:
    """A cancellation or a return."""

    id: str
    order_id: str
    status: str
    created: int
    updated: int
    pieces: list[Piece]
    amount: int
    kind: str
    role: str = "BUYER"


def moment(now: int) -> datetime:
    return datetime.fromtimestamp(now, UTC)


# ---- a buyer's side ------------------------------------------------------------------------------------------------


def place(
    shop: "Shop", wants: Sequence[Want], now: int, *, cod: bool, seller_voucher: int, platform_voucher: int
) -> Order:
    """Raises SoldOut. Stock goes down at once, whatever the way of paying."""
    chosen = [(want, *_offered(shop, want.sku)) for want in wants]
    need: dict[str, int] = {}
    for want, _, unit in chosen:
        need[unit.id] = need.get(unit.id, 0) + want.quantity
    if any(unit.available < need[unit.id] for _, _, unit in chosen):
        raise SoldOut
    lines, pieces = [], []
    for place, (want, product, unit) in enumerate(chosen):
        price = 0 if want.gift else unit.price
        lines.append(SoldLine(sku=want.sku, quantity=want.quantity, unit_price=price, charged=price * want.quantity))
        for _ in range(want.quantity):
            piece = Piece(id=shop.number(), product=product, unit=unit, line=place, price=unit.price, gift=want.gift)
            _move(unit, -1)
            pieces.append(piece)
    paying = [one for one in pieces if not one.gift]
    shares = zip(
        paying, share_out(seller_voucher, [one.price for one in paying]),
        share_out(platform_voucher, [one.price for one in paying]), strict=True,
    )  # fmt: skip
    for piece, ours, theirs in shares:
        piece.seller_discount, piece.platform_discount = ours, theirs
    number = shop.number()
    book = SoldOrder(
        order_id=number, state="placed" if cod else "unpaid", placed_at=moment(now), lines=lines, cod=cod,
        seller_voucher=seller_voucher, platform_voucher=platform_voucher, shipping_fee=shop.config.shipping_fee,
    )  # fmt: skip
    order = Order(
        id=number, status="UNPAID", created=now, updated=now, book=book, pieces=pieces, package=shop.number(),
        room=shop.on_air,
    )  # fmt: skip
    shop.orders_by_id[number] = order
    turn(shop, order, "UNPAID", now)
    if cod:
        _wait(shop, order, now)
    return order


def _offered(shop: "Shop", sku: str) -> tuple[Product, Unit]:
    for product in shop.products.values():
        for unit in product.units:
            if unit.seller_sku == sku and product.status == "ACTIVATE":
                return product, unit
    raise SoldOut


def _move(unit: Unit, by: int) -> None:
    """Units leave the first warehouse that has some, and come back to the first there is."""
    houses = [house for house, amount in unit.stock.items() if by > 0 or amount > 0]
    unit.stock[houses[0]] += by
    unit.committed -= by


def turn(shop: "Shop", order: Order, status: str, now: int) -> None:
    """Change the status and say so; the webhook spells a cancelled one its own way."""
    order.status, order.updated = status, now
    word = "CANCEL" if status == "CANCELLED" else status
    data = {"order_id": order.id, "order_status": word, "is_on_hold_order": status == "ON_HOLD", "update_time": now}
    shop.tell(1, data, now)


def _wait(shop: "Shop", order: Order, now: int) -> None:
    """The buyer's remorse, then the seller's turn."""
    if shop.config.hold_seconds:
        order.held_until = now + shop.config.hold_seconds
        turn(shop, order, "ON_HOLD", now)
    else:
        turn(shop, order, "AWAITING_SHIPMENT", now)


def tick(shop: "Shop", now: int) -> None:
    for order in shop.orders_by_id.values():
        if order.status == "ON_HOLD" and order.held_until is not None and order.held_until <= now:
            turn(shop, order, "AWAITING_SHIPMENT", order.held_until)


def pay(shop: "Shop", order: Order, now: int) -> None:
    _must(order, "UNPAID")
    order.book.state, order.book.paid_at = "placed", moment(now)
    _wait(shop, order, now)


def _must(order: Order, *statuses: str) -> None:
    if order.status not in statuses:
        raise NotOffered


def hand_over(shop: "Shop", order: Order, now: int) -> None:
    """The carrier has it; a parcel nobody announced is announced on the way."""
    _must(order, "AWAITING_SHIPMENT", "AWAITING_COLLECTION")
    order.ready = order.ready or now
    order.book.state, order.book.shipped_at = "shipped", moment(now)
    turn(shop, order, "IN_TRANSIT", now)


def deliver(shop: "Shop", order: Order, now: int) -> None:
    _must(order, "IN_TRANSIT")
    order.book.state, order.book.delivered_at = "delivered", moment(now)
    if order.book.cod:
        order.book.paid_at = moment(now)
    turn(shop, order, "DELIVERED", now)


def complete(shop: "Shop", order: Order, now: int) -> None:
    _must(order, "DELIVERED")
    order.book.state = "completed"
    turn(shop, order, "COMPLETED", now)


def fail_delivery(shop: "Shop", order: Order, now: int) -> None:
    """Nobody took it: only the platform cancels what is on its way."""
    _must(order, "IN_TRANSIT")
    order.cancel_by, order.cancel_reason = "SYSTEM", "Package delivery failed"
    order.book.state, order.book.cancelled_at = "failed_delivery", moment(now)
    turn(shop, order, "CANCELLED", now)


def chosen(order: Order, wants: Sequence[Want]) -> list[Piece]:
    """Pieces for these units. Raises NotOffered when there are not so many left."""
    found: list[Piece] = []
    for want in wants:
        left = [
            one
            for one in order.open()
            if one.unit.seller_sku == want.sku and one.gift == want.gift and not one.returned and one not in found
        ]
        if len(left) < want.quantity:
            raise NotOffered
        found += left[: want.quantity]
    return found


def cancel(shop: "Shop", order: Order, pieces: Sequence[Piece] | None, now: int, *, by: str, reason: str) -> Claim:
    """All of it or some units, before the carrier has it; goods go back on the shelf."""
    _must(order, "UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
    gone = list(order.open() if pieces is None else pieces)
    for piece in gone:
        piece.cancelled = True
        order.book.lines[piece.line].cancelled += 1
        _move(piece.unit, 1)
    claim = _claim(shop, shop.cancellations, order, gone, now, "CANCEL" if by == "SELLER" else "BUYER_CANCEL")
    claim.status, claim.role = "CANCELLATION_REQUEST_COMPLETE", by
    if any(not one.gift for one in order.open()):
        turn(shop, order, order.status, now)
    else:
        for piece in order.open():
            piece.cancelled = True
            order.book.lines[piece.line].cancelled += 1
            _move(piece.unit, 1)
        order.cancel_by, order.cancel_reason = by, reason
        order.book.state, order.book.cancelled_at = "cancelled", moment(now)
        turn(shop, order, "CANCELLED", now)
    data = {"order_id": order.id, "cancel_id": claim.id, "cancellations_role": by, "cancel_status": claim.status}
    shop.tell(11, {**data, "create_time": now}, now)
    return claim


def _claim(
    shop: "Shop", kept: dict[str, Claim], order: Order, pieces: Sequence[Piece], now: int, kind: str,
    amount: int | None = None,
) -> Claim:  # fmt: skip
    paid = sum(0 if one.gift else one.price - one.seller_discount - one.platform_discount for one in pieces)
    claim = Claim(
        id=shop.number(), order_id=order.id, status="", created=now, updated=now, pieces=list(pieces),
        amount=paid if amount is None else amount, kind=kind,
    )  # fmt: skip
    kept[claim.id] = claim
    return claim


def open_return(shop: "Shop", order: Order, pieces: Sequence[Piece], refund: int, now: int) -> Claim:
    """A return that waits for the seller."""
    _must(order, "DELIVERED", "COMPLETED")
    claim = _claim(shop, shop.returns, order, pieces, now, "RETURN_AND_REFUND", refund)
    claim.status = "RETURN_OR_REFUND_REQUEST_PENDING"
    return claim


def finish_return(shop: "Shop", claim: Claim, now: int) -> None:
    """Goods and money are back. Whether the order's own ``update_time`` moves is UNCONFIRMED: here it does not."""
    order = shop.orders_by_id[claim.order_id]
    claim.status, claim.updated = DONE, now
    for piece in claim.pieces:
        piece.returned = True
        order.book.lines[piece.line].returned += 1
    order.book.refunds.append((moment(now), claim.amount))
    data = {"order_id": order.id, "return_id": claim.id, "return_role": "BUYER", "return_type": claim.kind}
    shop.tell(12, {**data, "return_status": claim.status, "create_time": claim.created, "update_time": now}, now)


# ---- calls: orders -------------------------------------------------------------------------------------------------


def search(shop: "Shop", ask: Ask) -> Json:
    body = ask.body
    if body.get("order_status", "UNPAID") not in STATUSES:
        raise bad("order_status")
    by_update = ask.may("sort_field", "create_time", "update_time") == "update_time"
    down = ask.may("sort_order", "ASC", "DESC") != "ASC"
    for key in ("create_time_ge", "create_time_lt", "update_time_ge", "update_time_lt"):
        ask.moment(key)
    found = [
        one
        for one in shop.orders_by_id.values()
        if body.get("order_status", one.status) == one.status
        and within(one.created, body, "create_time")
        and within(one.updated, body, "update_time")
    ]
    rows = [((one.updated if by_update else one.created, one.id), {"order": one}) for one in found]
    told, token = page(rows, ask, needed=True, down=down)
    return {
        "orders": [order_json(row["order"]) for row in told], "total_count": len(found), "next_page_token": token,
    }  # fmt: skip


def details(shop: "Shop", ask: Ask) -> Json:
    ids = ask.must("ids").split(",")
    if len(ids) > 50:
        raise Refusal(12019120, "more than 50 ids")
    return {"orders": [order_json(shop.orders_by_id[one]) for one in ids if one in shop.orders_by_id]}


def _unix(value: datetime | None) -> int:
    return 0 if value is None else int(value.timestamp())


def order_json(order: Order) -> Json:
    """The main fields. Name and phone are masked; nothing usable while UNPAID or ON_HOLD."""
    book, hidden = order.book, order.status in ("UNPAID", "ON_HOLD")
    goods = sum(one.price for one in order.pieces if not one.gift)
    ours = sum(one.seller_discount for one in order.pieces)
    theirs = sum(one.platform_discount for one in order.pieces)
    districts = [
        {"address_level_name": name, "address_name": place, "address_level": level}
        for name, place, level in (
            ("Country", "Việt Nam", "L0"), ("Province", "Quảng Ninh", "L1"), ("District", "Bình Liêu", "L2"),
        )
    ]  # fmt: skip
    return {
        "id": order.id, "status": order.status, "create_time": order.created, "update_time": order.updated,
        "paid_time": 0 if book.cod else _unix(book.paid_at), "rts_time": order.ready or 0,
        "delivery_time": _unix(book.delivered_at), "cancel_time": _unix(book.cancelled_at),
        "is_cod": book.cod, "is_sample_order": False, "is_on_hold_order": order.status == "ON_HOLD",
        "is_buyer_request_cancel": bool(order.wish), "order_type": "NORMAL", "buyer_message": "",
        "fulfillment_type": "FULFILLMENT_BY_SELLER", "shipping_type": "TIKTOK",
        "cancellation_initiator": order.cancel_by, "cancel_reason": order.cancel_reason,
        "packages": [] if hidden else [{"id": order.package}], "rts_sla_time": order.created + 2 * DAY,
        "payment": {
            "currency": "VND", "original_total_product_price": str(goods), "seller_discount": str(ours),
            "platform_discount": str(theirs), "sub_total": str(goods - ours - theirs), "tax": "0",
            "shipping_fee": str(book.shipping_fee), "total_amount": str(goods - ours - theirs + book.shipping_fee),
            "original_shipping_fee": str(book.shipping_fee),
        },
        "recipient_address": {
            "region_code": "VN", "name": "" if hidden else "N*** A", "phone_number": "" if hidden else "(+84)*******12",
            "district_info": [] if hidden else districts,
        },
        "line_items": [_line(order, one) for one in order.pieces],
    }  # fmt: skip


PARCELS = {
    "UNPAID": "TO_FULFILL", "ON_HOLD": "TO_FULFILL", "AWAITING_SHIPMENT": "TO_FULFILL",
    "AWAITING_COLLECTION": "PROCESSING", "IN_TRANSIT": "FULFILLING", "DELIVERED": "COMPLETED",
    "COMPLETED": "COMPLETED", "CANCELLED": "CANCELLED",
}  # fmt: skip


def _line(order: Order, one: Piece) -> Json:
    price = 0 if one.gift else one.price
    status = "CANCELLED" if one.cancelled else order.status
    return {
        "id": one.id, "product_id": one.product.id, "product_name": one.product.shown["title"], "sku_id": one.unit.id,
        "sku_name": ", ".join(each["value_name"] for each in one.unit.attributes), "seller_sku": one.unit.seller_sku,
        "original_price": str(one.price), "sale_price": str(price - one.seller_discount - one.platform_discount),
        "seller_discount": str(one.price if one.gift else one.seller_discount), "currency": "VND",
        "platform_discount": str(one.platform_discount), "display_status": status, "is_gift": one.gift,
        "package_id": order.package, "package_status": PARCELS["CANCELLED" if one.cancelled else order.status],
        "cancel_user": order.cancel_by if one.cancelled else "", "cancel_reason": order.cancel_reason,
        "room_id": order.room,
    }  # fmt: skip
