"""Orders: what buyers do, what the seller may do, and how Tiki tells them (sheet 4).

Fees are told after delivery only. A return is always the whole order: no figure of a part is known. A replacement is an
order of its own (``is_rma``) that costs nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hub.sandbox.kit import NotOffered, SoldLine, SoldOrder, SoldOut, Want
from hub.sandbox.tiki.state import Json, Product, Refusal, Sale, Seller, State, stamp
from hub.types import LOCAL, share_out

FEE_PERCENT = 8
MAIN_STATES = {
    "waiting_payment": "awaiting_payment", "queueing": "awaiting_confirmation", "picking": "processing",
    "handover_to_partner": "shipping", "successful_delivery": "delivered", "complete": "completed",
    "canceled": "canceled", "returned": "returned",
}  # fmt: skip
ACTIVE = ("queueing", "picking", "ready_to_ship", "finished_packing")


def place(
    state: State, seller: Seller, wants: Sequence[Want], now: datetime, *, cod: bool, seller_voucher: int, others: int
) -> Sale:
    """A checkout: the stock is asked and reserved at once."""
    products = [seller.by_sku(want.sku) for want in wants]
    found = [one for one in products if one is not None and one.active and not one.hidden]
    needed: dict[int, int] = {}
    for want, one in zip(wants, products, strict=True):
        if one is not None:
            needed[one.product_id] = needed.get(one.product_id, 0) + want.quantity
    if len(found) < len(wants) or any(seller.products[key].sellable() < units for key, units in needed.items()):
        raise SoldOut
    lines = [
        SoldLine(
            sku=want.sku, quantity=want.quantity, unit_price=0 if want.gift else one.price,
            charged=0 if want.gift else one.price * want.quantity,
        )
        for want, one in zip(wants, found, strict=True)
    ]  # fmt: skip
    worth = [line.charged for line in lines]
    seller_voucher = min(seller_voucher, sum(worth))
    others = min(others, sum(worth) - seller_voucher)
    number = next(state.numbers)
    book = SoldOrder(
        order_id=str(583_000_000 + number), state="placed" if cod else "unpaid", placed_at=now, lines=lines, cod=cod,
        seller_voucher=seller_voucher, platform_voucher=others, shipping_fee=seller.config.shipping_fee,
    )  # fmt: skip
    sale = Sale(
        number=number, code=book.order_id, status="", book=book, products=found, gifts=[want.gift for want in wants],
        coupons=list(share_out(seller_voucher, worth)), others=list(share_out(others, worth)), fees=[],
        warehouse=seller.config.warehouses[0], histories=[], updated=now,
    )  # fmt: skip
    seller.sales[sale.code] = sale
    _reserve(sale, 1)
    state.tell(seller, "ORDER_CREATED_SUCCESSFULLY", {"order_code": sale.code, "orderCode": sale.code}, now)
    go(state, seller, sale, "queueing" if cod else "waiting_payment", now)
    return sale


def go(state: State, seller: Seller, sale: Sale, status: str, now: datetime) -> None:
    """Another status, with its line in the history and its event."""
    sale.status, sale.updated = status, now
    sale.histories.append((status, now))
    payload = {"order_code": sale.code, "orderCode": sale.code, "status": status}
    state.tell(seller, "ORDER_STATUS_UPDATED", payload, now)


def _reserve(sale: Sale, sign: int) -> None:
    for product, line in zip(sale.products, sale.book.lines, strict=True):
        product.reserved[sale.warehouse] = product.reserved.get(sale.warehouse, 0) + sign * line.quantity


def pay(state: State, seller: Seller, sale: Sale, now: datetime) -> None:
    if sale.book.cod:
        return
    if sale.status != "waiting_payment":
        raise NotOffered(sale.status)
    sale.book.state, sale.book.paid_at = "placed", now
    go(state, seller, sale, "queueing", now)


def ship(state: State, seller: Seller, sale: Sale, now: datetime) -> None:
    if sale.status not in ACTIVE:
        raise NotOffered(sale.status)
    _reserve(sale, -1)
    for product, line in zip(sale.products, sale.book.lines, strict=True):
        product.stock[sale.warehouse] = product.stock.get(sale.warehouse, 0) - line.quantity
        product.shown_stock.append((now, dict(product.stock)))
    sale.book.state, sale.book.shipped_at = "shipped", now
    go(state, seller, sale, "handover_to_partner", now)


def deliver(state: State, seller: Seller, sale: Sale, now: datetime) -> None:
    if sale.status != "handover_to_partner":
        raise NotOffered(sale.status)
    sale.book.state, sale.book.delivered_at = "delivered", now
    if sale.book.cod:
        sale.book.paid_at = now
    sale.fees = [line.charged * FEE_PERCENT // 100 for line in sale.book.lines]
    sale.book.fees = {"commission": sum(sale.fees)}
    go(state, seller, sale, "successful_delivery", now)


def complete(state: State, seller: Seller, sale: Sale, now: datetime) -> None:
    if sale.status != "successful_delivery":
        raise NotOffered(sale.status)
    sale.book.state = "completed"
    go(state, seller, sale, "complete", now)


def fail_delivery(state: State, seller: Seller, sale: Sale, now: datetime) -> None:
    """Nobody took the parcel: it goes back, and its units stay out of the stock until the seller counts them."""
    if sale.status != "handover_to_partner":
        raise NotOffered(sale.status)
    sale.book.state = "failed_delivery"
    go(state, seller, sale, "returned", now)


def cancel(state: State, seller: Seller, sale: Sale, now: datetime) -> None:
    if sale.status not in (*ACTIVE, "waiting_payment"):
        raise NotOffered(sale.status)
    _reserve(sale, -1)
    sale.book.state, sale.book.cancelled_at = "cancelled", now
    go(state, seller, sale, "canceled", now)


def take_back(state: State, seller: Seller, sale: Sale, wants: Sequence[Want], refund: int, now: datetime) -> None:
    """Only all of it: Tiki tells a return by the order's status alone."""
    left = {(line.sku, line.unit_price == 0): line.quantity for line in sale.book.lines}
    asked = {(want.sku, want.gift): want.quantity for want in wants}
    if sale.status not in ("successful_delivery", "complete") or asked != left:
        raise NotOffered(sale.status)
    for line in sale.book.lines:
        line.returned = line.quantity
    sale.book.refunds.append((now, refund))
    go(state, seller, sale, "returned", now)


def replace_goods(state: State, seller: Seller, sale: Sale, now: datetime) -> Sale:
    """The same goods once more, for nothing: an ``is_rma`` order."""
    wants = [Want(sku=line.sku, quantity=line.quantity, gift=True) for line in sale.book.lines]
    fresh = place(state, seller, wants, now, cod=True, seller_voucher=0, others=0)
    fresh.replacement_of = sale.code
    return fresh


# ---- what the seller does ------------------------------------------------------------------------------------------


def confirm(state: State, seller: Seller, sale: Sale, body: Mapping[str, object], now: datetime, *, drop: bool) -> None:
    """confirm-available, once and in time; what the refusals say is our own wording (UNCONFIRMED)."""
    dropship = seller.config.fulfillment == "dropship"
    if drop != dropship:
        raise Refusal(400, f"order {sale.code} has another fulfillment_type")
    if sale.confirmed != "waiting" or sale.status != "queueing":
        raise Refusal(400, f"order {sale.code} can not be confirmed in its current status")
    if now > sale.book.placed_at + timedelta(days=1):
        raise Refusal(400, f"order {sale.code} is over its confirmation deadline")
    if drop:
        yes = body.get("confirmation_status") == "seller_confirmed"
        if not yes and body.get("confirmation_status") != "seller_canceled":
            raise Refusal(400, "confirmation_status is not valid")
        if yes and body.get("pickup_time") not in pickup_times(now):
            raise Refusal(400, "pickup_time is not expected")
    else:
        items = set(_items(sale))
        given = body.get("available_item_ids")
        if not isinstance(given, list) or not set(given) <= items:
            raise Refusal(400, "available_item_ids is not valid")
        if given and set(given) != items:
            raise Refusal(400, "partly available orders are not played here")
        yes = bool(given)
    if yes and body.get("seller_inventory_id") not in inventories(seller):
        raise Refusal(400, "seller_inventory_id is not valid")
    sale.confirmed = "seller_confirmed" if yes else "seller_canceled"
    if yes:
        go(state, seller, sale, "picking", now)
    else:
        cancel(state, seller, sale, now)


def tell_delivery(state: State, seller: Seller, sale: Sale, body: Mapping[str, object], now: datetime) -> None:
    """seller-delivery/update-delivery."""
    if seller.config.fulfillment != "seller_delivery":
        raise Refusal(400, f"order {sale.code} has another fulfillment_type")
    if sale.status not in ("picking", "handover_to_partner"):
        raise Refusal(400, f"order {sale.code} is not on its way")
    if sale.status == "picking":
        ship(state, seller, sale, now)
    match body.get("status"):
        case "successful_delivery":
            deliver(state, seller, sale, now)
        case "failed_delivery" if body.get("failure_cause"):
            fail_delivery(state, seller, sale, now)
        case _:
            raise Refusal(400, "status or failure_cause is not valid")


def inventories(seller: Seller) -> list[int]:
    return [188_000 + where for where in seller.config.warehouses]


def pickup_times(now: datetime) -> list[str]:
    """Eight in the morning and two in the afternoon of the next day, Vietnam time."""
    day = (now.astimezone(LOCAL) + timedelta(days=1)).strftime("%Y-%m-%d")
    return [f"{day} 08:00:00", f"{day} 14:00:00"]


def _items(sale: Sale) -> list[int]:
    return [sale.number * 10 + place for place in range(len(sale.products))]


# ---- how Tiki tells it ---------------------------------------------------------------------------------------------


def order_json(seller: Seller, sale: Sale, include: Sequence[str]) -> Json:
    book = sale.book
    paid = bool(book.cod or book.paid_at)
    worth = sum(line.charged for line in book.lines)
    discount = book.seller_voucher + book.platform_voucher
    total = worth - discount + book.shipping_fee
    fees = -sum(sale.fees)
    told: Json = {
        "id": sale.number, "code": sale.code, "fulfillment_type": seller.config.fulfillment, "status": sale.status,
        "type": "simple", "is_rma": bool(sale.replacement_of), "created_at": stamp(book.placed_at),
        "updated_at": stamp(sale.updated), "main_state": MAIN_STATES[sale.status],
        "items": [_item(seller, sale, place, include) for place in range(len(book.lines))],
        "invoice": {
            "items_count": len(book.lines), "items_quantity": sum(line.quantity for line in book.lines),
            "subtotal": float(worth), "grand_total": float(total),
            "collectible_amount": total if book.cod else 0, "discount_amount": discount,
            "discount_coupon": book.seller_voucher, "shipping_amount_after_discount": book.shipping_fee,
            "total_seller_fee": fees, "total_seller_income": worth - book.seller_voucher + fees,
            "purchased_at": stamp(book.placed_at if book.cod else book.paid_at),
        },
        "payment": {
            "method": "cod" if book.cod else "momo", "is_prepaid": not book.cod,
            "status": "success" if paid else "pending",
        },
        "shipping": {
            "partner_name": None, "tracking_code": None, "status": None,
            "address": {"full_name": "Khách mẫu", "street": "1 Đường Mẫu", "ward": "Phường Mẫu", "district": "",
                        "region": "Tây Ninh", "country_id": "VN", "phone": ""},
        },
        "tiki_warehouse": {"id": 17, "name": "Ha Noi 4", "code": "hn4"}, "siblings": [], "children": [],
        "parent_code": None, "original_code": None, "customer": {"id": 1, "full_name": "Khách mẫu"},
    }  # fmt: skip
    if book.cancelled_at:
        told["cancel_info"] = {"reason_code": "1", "reason_text": "Đổi ý", "canceled_at": stamp(book.cancelled_at)}
    if sale.replacement_of:
        told["rma_info"] = {"id": 1, "original_order_code": sale.replacement_of, "exchanged_order_code": sale.code}
    if "status_histories" in include:
        told["status_histories"] = [
            {"id": place, "status": status, "created_at": stamp(at)}
            for place, (status, at) in enumerate(sale.histories, 1)
        ]
    return told


def _item(seller: Seller, sale: Sale, place: int, include: Sequence[str]) -> Json:
    line, product = sale.book.lines[place], sale.products[place]
    fee = -sale.fees[place] if sale.fees else 0
    ours, theirs = sale.coupons[place], sale.others[place]
    rows = [{"fee_type_key": "base_fee", "status": 1, "quantity": line.quantity, "base_amount": -fee,
             "total_amount": fee, "discount_amount": 0, "final_amount": fee}] if sale.fees else []  # fmt: skip
    return {
        "id": _items(sale)[place],
        "product": {
            "id": product.product_id, "sku": f"{product.product_id}77", "name": product.name,
            "seller_product_code": product.original_sku, "inventory_type": "dropship",
        },
        "seller": {"id": seller.config.seller_id, "name": seller.config.name},
        "confirmation": {
            "status": sale.confirmed, "confirmed_at": None,
            "available_confirm_sla": stamp(sale.book.placed_at + timedelta(days=1)),
        },
        "price": line.unit_price, "qty": line.quantity, "is_free_gift": sale.gifts[place],
        "invoice": {
            "price": line.unit_price, "quantity": line.quantity, "subtotal": float(line.charged),
            "row_total": line.charged - ours - theirs, "discount_amount": ours + theirs, "discount_coupon": ours,
            "discount_other": theirs, "is_seller_discount_coupon": ours > 0, "seller_fee": fee,
            "seller_income": line.charged - ours + fee, "fees": rows if "item.fees" in include else [],
        },
    }  # fmt: skip


def offered(seller: Seller) -> list[Product]:
    return [one for one in seller.products.values() if one.active and not one.hidden and one.sellable() > 0]
