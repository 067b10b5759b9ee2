"""Orders over HTTP: list, detail, cancellations (sheet 9.1, 9.2, 9.4)."""

from collections.abc import Callable, Iterator, Mapping
from itertools import takewhile

from hub.sandbox.kit import NotOffered
from hub.sandbox.shopee import orders
from hub.sandbox.shopee.money import payment_method, total_amount
from hub.sandbox.shopee.shelf import page_size
from hub.sandbox.shopee.state import Line, Order, ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad

WINDOW = 15 * 86_400
STATUSES = (
    "UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "COMPLETED", "IN_CANCEL", "CANCELLED", "INVOICE_PENDING",
)  # fmt: skip
"""What get_order_list can filter by; RETRY_SHIP, TO_CONFIRM_RECEIVE, TO_RETURN only appear."""


def get_order_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET order/get_order_list: earliest first; the cursor is a place in that order, so nothing is passed over."""
    field = args.string("time_range_field")
    if field not in ("create_time", "update_time"):
        raise bad("time_range_field must be create_time or update_time")
    first, last = args.number("time_from"), args.number("time_to")
    if not first < last or last - first > WINDOW:
        raise Refusal("order.order_list_invalid_time", "Start time must be earlier than end time and diff in 15days.")
    size, status = page_size(args), args.string("order_status", "")
    if status and status not in STATUSES:
        raise bad("order_status is invalid")
    after = _cursor(args.string("cursor", ""))
    end = last + 1 if shop.config.inclusive_borders else last
    found = [
        (when, o)
        for when, o in _between(shop, field, first, end)
        if (when, o.number) > after and (not status or o.status == status)
    ]
    page = found[:size]
    more = len(found) > size
    named = "order_status" in args.strings("response_optional_fields", 50, needed=False)
    told = [{"order_sn": o.sn, "order_status": o.status} if named else {"order_sn": o.sn} for _, o in page]
    cursor = f"{page[-1][0]}-{page[-1][1].number}" if more else ""
    return Answer(response={"more": more, "next_cursor": cursor, "order_list": told})


def _between(shop: ShopState, field: str, first: int, end: int) -> list[tuple[int, Order]]:
    """(time, order) within [first, end), earliest first; both orders are kept sorted, so old ones are not touched."""
    found: list[tuple[int, Order]]
    if field == "update_time":
        recent: Iterator[Order] = takewhile(lambda o: o.updated >= first, reversed(shop.orders.values()))
        found = [(o.updated, o) for o in recent if o.updated < end]
    else:
        recent = takewhile(lambda o: o.created >= first, reversed(shop.placed))
        found = [(o.created, o) for o in recent if o.created < end]
    found.sort(key=lambda pair: (pair[0], pair[1].number))
    return found


def _cursor(text: str) -> tuple[int, int]:
    if not text:
        return -1, -1
    when, _, number = text.partition("-")
    if not (when.isdecimal() and number.isdecimal()):
        raise bad("cursor is invalid")
    return int(when), int(number)


def get_order_detail(shop: ShopState, args: Args, now: int) -> Answer:
    """GET order/get_order_detail: fields beyond the few fixed ones only when asked for."""
    wanted = args.strings("order_sn_list", 50)
    asked = args.strings("response_optional_fields", 100, needed=False)
    found = [shop.orders[sn] for sn in wanted if sn in shop.orders]
    missing = [sn for sn in wanted if sn not in shop.orders]
    if not found or (missing and not shop.config.unknown_orders_warn):
        raise Refusal("error_not_found", f"Wrong parameters, detail: the order is not found. {','.join(missing)}")
    told = [_detail(shop, order, asked) for order in found]
    return Answer(response={"order_list": told}, warning=[f"{sn} is not found" for sn in missing] if missing else "")


def cancel_order(shop: ShopState, args: Args, now: int) -> Answer:
    """POST order/cancel_order: by the seller, all or ``partial_cancel_item_list``."""
    order, reason = known(shop, args), args.string("cancel_reason")
    if reason not in ("OUT_OF_STOCK", "CUSTOMER_REQUEST", "COD_NOT_SUPPORTED"):
        raise bad("cancel_reason is invalid", "order")
    if reason == "OUT_OF_STOCK" and not args.objects("item_list", 100, needed=False):
        raise bad("item_list is required for OUT_OF_STOCK", "order")
    if reason == "COD_NOT_SUPPORTED" and not order.book.cod:
        raise bad("the order is not cash on delivery", "order")
    if order.status not in ("UNPAID", "READY_TO_SHIP", "PROCESSED", "RETRY_SHIP"):
        raise Refusal("order.error_limit", "Can not cancel this order")
    parts = [_part(order, entry) for entry in args.objects("partial_cancel_item_list", 100, needed=False)]
    try:
        orders.cancel(shop, order, parts or None, "seller", reason, now)
    except NotOffered:
        raise Refusal("order.error_limit", "Can not cancel this order") from None
    return Answer(response={"update_time": now})


def handle_buyer_cancellation(shop: ShopState, args: Args, now: int) -> Answer:
    """POST order/handle_buyer_cancellation."""
    order, operation = known(shop, args), args.string("operation")
    if operation not in ("ACCEPT", "REJECT"):
        raise bad("operation must be ACCEPT or REJECT", "order")
    try:
        orders.answer_cancel(shop, order, operation == "ACCEPT", now)
    except NotOffered:
        raise Refusal("order.cancel_order_invalid_status", "The order is not waiting for an answer.") from None
    return Answer(response={"update_time": now})


def known(shop: ShopState, args: Args) -> Order:
    """The order that ``order_sn`` names."""
    order = shop.orders.get(args.string("order_sn"))
    if order is None:
        raise Refusal("error_not_found", "Wrong parameters, detail: the order is not found.")
    return order


def _part(order: Order, entry: Args) -> tuple[Line, int]:
    item_id, model_id = entry.number("item_id"), entry.number("model_id", 0)
    units = entry.number("quantity", 0) or entry.number("cancel_quantity", 1)
    for line in order.lines:
        if (line.item_id, line.model_id) == (item_id, model_id) and not line.gift:
            return line, units
    raise bad("partial_cancel_item_list names an unknown item", "order")


def _detail(shop: ShopState, order: Order, asked: list[str]) -> Json:
    told: Json = {
        "order_sn": order.sn,
        "region": "VN",
        "currency": "VND",
        "cod": order.book.cod,
        "order_status": order.status,
        "message_to_seller": "",
        "create_time": order.created,
        "update_time": order.updated,
        "days_to_ship": orders.DAYS_TO_SHIP,
        "ship_by_date": order.ship_by if order.status != "UNPAID" else 0,
    }
    for name in asked:
        if name in OPTIONAL:
            told[name] = OPTIONAL[name](shop, order)
    if order.status == "UNPAID":
        told.pop("total_amount", None)  # not before payment is complete
    return told


def _address(shop: ShopState, order: Order) -> object:
    """Masked; the district stands in ``city``, the province in ``state``."""
    district, province = PLACES[order.number % len(PLACES)]
    return {
        "name": "N******n",
        "phone": "******12",
        "town": "",
        "district": "Xã A",
        "city": district,
        "state": province,
        "region": "VN",
        "zipcode": "",
        "full_address": "Th******",
    }


PLACES = (("Quận 1", "TP. Hồ Chí Minh"), ("Quận Ba Đình", "Hà Nội"), ("Quận Ninh Kiều", "Cần Thơ"),
          ("Quận Hải Châu", "Đà Nẵng"), ("Thành phố Vinh", "Nghệ An"))  # fmt: skip


def _items(shop: ShopState, order: Order) -> object:
    return [
        {
            "item_id": line.item_id,
            "item_name": line.item_name,
            "item_sku": line.item_sku,
            "model_id": line.model_id,
            "model_name": line.model_name,
            "model_sku": line.model_sku,
            "model_quantity_purchased": line.book.quantity,
            "model_original_price": line.original_price,
            "model_discounted_price": line.book.unit_price,
            "wholesale": False,
            "weight": line.weight,
            "add_on_deal": False,
            "main_item": False,
            "promotion_type": line.promotion,
            "promotion_id": line.item_id if line.promotion else 0,
            "promotion_list": (
                [{"promotion_type": line.promotion, "promotion_id": line.item_id}] if line.promotion else []
            ),
            "order_item_id": line.item_id,
            "line_item_id": line.line_id,
            "image_info": {"image_url": line.image_url},
            "product_location_id": [line.location or "VNZ"],
            "active_qty": line.active,
            "cancel_requested_qty": line.cancel_requested,
            "cancelled_qty": line.book.cancelled,
            "return_requested_qty": line.return_requested,
            "returned_qty": line.book.returned,
        }
        for line in order.lines
    ]


def package(order: Order) -> Json:
    """The one package of an order; here the location is a text."""
    return {
        "package_number": order.package_number,
        "logistics_status": order.logistics,
        "logistics_channel_id": 50021,
        "shipping_carrier": "SPX Express",
        "product_location_id": order.lines[0].location or "VNZ",
        "item_list": [
            {"item_id": line.item_id, "model_id": line.model_id, "model_quantity": line.book.quantity}
            for line in order.lines
        ],
        "parcel_chargeable_weight_gram": 0,
    }


OPTIONAL: Mapping[str, Callable[[ShopState, Order], object]] = {
    "buyer_user_id": lambda shop, o: o.buyer,
    "buyer_username": lambda shop, o: "b******r",
    "estimated_shipping_fee": lambda shop, o: shop.config.fees.carrier,
    "recipient_address": _address,
    "actual_shipping_fee": lambda shop, o: shop.config.fees.carrier if o.picked_up else 0,
    "actual_shipping_fee_confirmed": lambda shop, o: o.picked_up is not None,
    "goods_to_declare": lambda shop, o: False,
    "note": lambda shop, o: "",
    "note_update_time": lambda shop, o: 0,
    "item_list": _items,
    "pay_time": lambda shop, o: o.paid,
    "split_up": lambda shop, o: False,
    "buyer_cancel_reason": lambda shop, o: o.buyer_cancel_reason,
    "cancel_by": lambda shop, o: o.cancel_by,
    "cancel_reason": lambda shop, o: o.cancel_reason,
    "fulfillment_flag": lambda shop, o: "fulfilled_by_local_seller",
    "pickup_done_time": lambda shop, o: o.picked_up or 0,
    "package_list": lambda shop, o: [package(o)],
    "shipping_carrier": lambda shop, o: "SPX Express",
    "payment_method": lambda shop, o: payment_method(o),
    "total_amount": lambda shop, o: total_amount(o),
    "invoice_data": lambda shop, o: None,
    "order_chargeable_weight_gram": lambda shop, o: 0,
    "return_request_due_date": lambda shop, o: 0,
    "edt": lambda shop, o: None,
}
"""Field -> what it tells; the rest of the documented list is not for Vietnam."""
