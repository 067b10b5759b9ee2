"""The life of an order (sheet 9.3). Verbs change the order and its entry in the neutral book together, and push.

A wrong state raises NotOffered; the HTTP calls turn that into the platform's refusal. Stock goes down at placing, comes
back at a cancellation before shipping, and does not come back after a failed delivery or a return: the seller counts
what arrives.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from hub.sandbox.kit import NotOffered, SoldLine, SoldOrder, SoldOut, Want
from hub.sandbox.shopee.items import images_of
from hub.sandbox.shopee.state import Item, Line, Model, Order, ShopState

DAYS_TO_SHIP = 2
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"


def moment(seconds: int) -> datetime:
    """Unix seconds as the book writes time."""
    return datetime.fromtimestamp(seconds, UTC)


def tick(shop: ShopState, now: int) -> None:
    """Cash orders leave UNPAID after their second; labels become ready (push 15)."""
    for order in [o for o in shop.cash.values() if o.ready_at is not None and o.ready_at <= now]:
        _ready(shop, order, now)
    for order in [o for o in shop.printing.values() if o.paper_at is not None and o.paper_at <= now]:
        del shop.printing[order.sn]
        shop.notify(15, {"ordersn": order.sn, "package_number": order.package_number, "status": "READY"}, now)


def place(
    shop: ShopState, wants: Sequence[Want], *, cod: bool, seller_voucher: int, platform_voucher: int, now: int
) -> Order:
    """A buyer orders. Raises SoldOut before anything has changed."""
    chosen = _choose(shop, wants)
    number = next(shop.numbers)
    sn = _serial(shop.shop_id, number, now)
    lines = [_take(shop, want, item, model) for want, (item, model) in zip(wants, chosen, strict=True)]
    book = SoldOrder(
        order_id=sn,
        state="unpaid",
        placed_at=moment(now),
        lines=[line.book for line in lines],
        cod=cod,
        seller_voucher=seller_voucher,
        platform_voucher=platform_voucher,
        shipping_fee=shop.config.fees.shipping,
    )
    order = Order(
        sn=sn,
        number=number,
        status="UNPAID",
        created=now,
        updated=now,
        ship_by=now + DAYS_TO_SHIP * 86_400,
        lines=lines,
        book=book,
        buyer=80_000_000 + number,
        package_number=f"OFG{shop.shop_id}{number:08d}",
    )
    shop.orders[sn] = order
    shop.placed.append(order)
    _push(shop, order, now)
    if cod:
        order.ready_at = now + 1 if shop.config.cod_unpaid_second else now
        shop.cash[sn] = order
        tick(shop, now)
    return order


def pay(shop: ShopState, order: Order, now: int) -> None:
    """Money has come; cash orders are paid at the door."""
    if order.status != "UNPAID" or order.book.cod:
        raise NotOffered
    order.paid = now
    order.book.paid_at = moment(now)
    _ready(shop, order, now)


def arrange(shop: ShopState, order: Order, now: int, *, tracking: str = "") -> None:
    """The seller has asked the carrier to come (ship_order), or sends by one of their own (``tracking``)."""
    if order.status not in ("READY_TO_SHIP", "RETRY_SHIP"):
        raise NotOffered
    order.logistics = "LOGISTICS_REQUEST_CREATED"
    order.tracking = tracking or order.tracking or f"SPXVN{shop.shop_id}{order.number:08d}"
    order.tracked_at = order.tracked_at or now + shop.config.tracking_seconds
    shop.notify(4, {"ordersn": order.sn, "package_number": order.package_number, "tracking_no": order.tracking}, now)
    _turn(shop, order, "PROCESSED", now)


def ship(shop: ShopState, order: Order, now: int) -> None:
    """The carrier has it; arranged first where nobody did."""
    _force_cash(shop, order, now)
    if order.status in ("READY_TO_SHIP", "RETRY_SHIP"):
        arrange(shop, order, now)
    if order.status != "PROCESSED":
        raise NotOffered
    order.logistics = "LOGISTICS_PICKUP_DONE"
    order.picked_up = now
    order.book.state, order.book.shipped_at = "shipped", moment(now)
    _turn(shop, order, "SHIPPED", now)


def deliver(shop: ShopState, order: Order, now: int) -> None:
    """At the door; cash changes hands."""
    if order.status != "SHIPPED":
        raise NotOffered
    order.logistics = "LOGISTICS_DELIVERY_DONE"
    book = order.book
    book.state, book.delivered_at = "delivered", moment(now)
    if book.cod:
        order.paid, book.paid_at = now, moment(now)
    for line in order.lines:
        item = shop.items[line.item_id]
        if line.model_id in item.models:
            item.models[line.model_id].sold += line.book.quantity - line.book.cancelled
    _turn(shop, order, "TO_CONFIRM_RECEIVE", now)


def complete(shop: ShopState, order: Order, now: int) -> None:
    """The buyer is content, or the time to complain is over."""
    if order.status != "TO_CONFIRM_RECEIVE":
        raise NotOffered
    order.book.state = "completed"
    order.completed_scenario = "NORMAL"
    _turn(shop, order, "COMPLETED", now)


def fail_delivery(shop: ShopState, order: Order, now: int) -> None:
    """Nobody took it; the platform closes the order."""
    if order.status != "SHIPPED":
        raise NotOffered
    order.logistics = "LOGISTICS_DELIVERY_FAILED"
    order.cancel_by, order.cancel_reason = "system", "Failed Delivery"
    order.book.state, order.book.cancelled_at = "failed_delivery", moment(now)
    _turn(shop, order, "CANCELLED", now)


def cancel(
    shop: ShopState, order: Order, wants: Sequence[tuple[Line, int]] | None, by: str, reason: str, now: int
) -> None:
    """All of it or some units, before the carrier has it; goods go back on the shelf."""
    if order.status not in ("UNPAID", "READY_TO_SHIP", "PROCESSED", "RETRY_SHIP", "IN_CANCEL"):
        raise NotOffered
    if wants is not None and any(units > line.active for line, units in wants):
        raise NotOffered
    for line, units in wants if wants is not None else [(line, line.active) for line in order.lines]:
        line.book.cancelled += units
        _put_back(shop, line, units)
    for line in order.lines:
        line.cancel_requested = 0
    if any(line.active for line in order.lines if not line.gift):
        _turn(shop, order, order.before if order.status == "IN_CANCEL" else order.status, now)
        return
    for line in order.lines:
        _put_back(shop, line, line.active)
        line.book.cancelled += line.active
    shop.cash.pop(order.sn, None)
    order.cancel_by, order.cancel_reason = by, reason
    order.logistics = "LOGISTICS_INVALID" if order.status == "UNPAID" else "LOGISTICS_REQUEST_CANCELED"
    order.book.state, order.book.cancelled_at = "cancelled", moment(now)
    _turn(shop, order, "CANCELLED", now)


def ask_cancel(shop: ShopState, order: Order, wants: Sequence[tuple[Line, int]] | None, reason: str, now: int) -> None:
    """The buyer would like out; the seller answers with handle_buyer_cancellation."""
    _force_cash(shop, order, now)
    if order.status not in ("READY_TO_SHIP", "PROCESSED"):
        raise NotOffered
    for line, units in wants if wants is not None else [(line, line.active) for line in order.lines]:
        line.cancel_requested = units
    order.before = order.status
    order.buyer_cancel_reason = reason
    _turn(shop, order, "IN_CANCEL", now)


def answer_cancel(shop: ShopState, order: Order, accept: bool, now: int) -> None:
    """ACCEPT or REJECT of the buyer's wish."""
    if order.status != "IN_CANCEL":
        raise NotOffered
    if accept:
        wants = [(line, line.cancel_requested) for line in order.lines if line.cancel_requested]
        cancel(shop, order, wants, "buyer", order.buyer_cancel_reason, now)
        return
    for line in order.lines:
        line.cancel_requested = 0
    _turn(shop, order, order.before, now)


def retry_pickup(shop: ShopState, order: Order, now: int) -> None:
    """The carrier did not come: the seller has to arrange again."""
    if order.status != "PROCESSED":
        raise NotOffered
    order.logistics = "LOGISTICS_PICKUP_RETRY"
    _turn(shop, order, "RETRY_SHIP", now)


def turn(shop: ShopState, order: Order, status: str, now: int) -> None:
    """Change the status and say so (for returns.py)."""
    _turn(shop, order, status, now)


def chosen_lines(order: Order, wants: Sequence[Want]) -> list[tuple[Line, int]]:
    """The lines that a buyer means; gifts and bought units of one SKU are different lines."""
    out: list[tuple[Line, int]] = []
    for want in wants:
        line = next((x for x in order.lines if x.book.sku == want.sku and x.gift == want.gift), None)
        if line is None or want.quantity < 1:
            raise NotOffered
        out.append((line, want.quantity))
    return out


def _choose(shop: ShopState, wants: Sequence[Want]) -> list[tuple[Item, Model]]:
    if not wants or any(want.quantity < 1 for want in wants):
        raise NotOffered
    left: dict[int, int] = {}
    chosen: list[tuple[Item, Model]] = []
    for want in wants:
        for item, model in _sellable(shop, want.sku):
            free = left.get(id(model), model.available)
            if free >= want.quantity:
                left[id(model)] = free - want.quantity
                chosen.append((item, model))
                break
        else:
            raise SoldOut(want.sku)
    return chosen


def _sellable(shop: ShopState, sku: str) -> list[tuple[Item, Model]]:
    """Live models under this SKU; an item's own SKU stands for its models without one."""
    out: list[tuple[Item, Model]] = []
    for item in shop.by_sku.get(sku, {}).values():
        if item.status == "NORMAL":
            out.extend((item, m) for m in item.models.values() if (m.sku or item.sku) == sku)
    return out


def _take(shop: ShopState, want: Want, item: Item, model: Model) -> Line:
    place = max(model.stock, key=lambda where: model.stock[where])
    rest = want.quantity
    for where in (place, *model.stock):
        part = min(rest, model.stock[where])
        model.stock[where] -= part
        rest -= part
    price = 0 if want.gift else model.buyer_price
    pictures = images_of(shop, item)["image_url_list"]
    assert isinstance(pictures, list)
    weight = item.body["weight"] if model.weight is None else model.weight
    assert isinstance(weight, int | float)
    return Line(
        line_id=next(shop.ids),
        item_id=item.item_id,
        model_id=model.model_id,
        item_name=item.name,
        item_sku=item.sku,
        model_name=item.label(model),
        model_sku=model.sku if item.has_models else "",
        image_url=str(pictures[0]),
        weight=weight,
        location=place,
        original_price=model.price,
        book=SoldLine(sku=want.sku, quantity=want.quantity, unit_price=price, charged=price * want.quantity),
        gift=want.gift,
        promotion=item.promotion,
    )


def _put_back(shop: ShopState, line: Line, units: int) -> None:
    model = shop.items[line.item_id].models.get(line.model_id)
    if model is not None and units:
        place = line.location if line.location in model.stock else next(iter(model.stock))
        model.stock[place] += units


def _ready(shop: ShopState, order: Order, now: int) -> None:
    shop.cash.pop(order.sn, None)
    order.logistics = "LOGISTICS_READY"
    order.book.state = "placed"
    _turn(shop, order, "READY_TO_SHIP", now)


def _force_cash(shop: ShopState, order: Order, now: int) -> None:
    """Nobody waits a second for a cash order that is already on its way."""
    if order.sn in shop.cash:
        _ready(shop, order, now)


def _turn(shop: ShopState, order: Order, status: str, now: int) -> None:
    order.status = status
    shop.touch(order, now)
    _push(shop, order, now)


def _push(shop: ShopState, order: Order, now: int) -> None:
    data: dict[str, object] = {
        "completed_scenario": order.completed_scenario,
        "items": [],
        "ordersn": order.sn,
        "status": order.status,
        "update_time": now,
    }
    shop.notify(3, data, now)


def _serial(shop_id: int, number: int, now: int) -> str:
    """Date in Vietnam and eight signs, as the real ones look."""
    digest = hashlib.sha256(f"{shop_id}/{number}".encode()).digest()
    day = datetime.fromtimestamp(now + 7 * 3600, UTC).strftime("%y%m%d")
    return day + "".join(LETTERS[b % len(LETTERS)] for b in digest[:8])
