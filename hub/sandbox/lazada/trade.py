"""Orders, parcels, cancellations, returns, money and the live's highlight as calls (sheet 9 to 12).

UNCONFIRMED and ours: the exact codes of refused parcels (E0208, E0215), whether a lower border of time is included
(it is here), when a label is in ``file`` (Base64 of the PDF here) and when at ``pdf_url`` (the default).
"""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from hub.sandbox.lazada.reading import iso
from hub.sandbox.lazada.shop import HELD, MONTHS, Shop
from hub.sandbox.lazada.state import Order, Reverse, Row, Unit, item_json, millis, order_json
from hub.sandbox.lazada.wire import Call, Failed, Json, Refusal, whole
from hub.types import local_date

STATUSES = (
    "unpaid", "pending", "packed", "repacked", "ready_to_ship", "shipped", "delivered", "confirmed", "canceled",
    "returned", "failed", "failed_delivery", "lost_by_3pl", "damaged_by_3pl", "shipped_back", "shipped_back_success",
    "shipped_back_failed", "package_scrapped", "topack", "toship", "shipping", "lost", "all",
)  # fmt: skip
LABEL = b"%PDF-1.4\n% pretend label\n"
OUT_OF_STOCK, WRONG_PRICE = "10", "20"
REASONS = {
    OUT_OF_STOCK: "Out of stock", WRONG_PRICE: "Pricing error", "30": "Cannot deliver to the address",
    "40": "Buyer asked to cancel",
}  # fmt: skip


def _moment(call: Call, name: str) -> datetime | None:
    text = call.args.get(name, "")
    return iso(text) if text else None


def many(shop: Shop, call: Call) -> Json:
    """Whole seconds count, as the texts told have no finer ones."""
    after, before = _moment(call, "update_after"), _moment(call, "update_before")
    since, until = _moment(call, "created_after"), _moment(call, "created_before")
    if after is None and since is None:
        raise Refusal("MissingParameter", "created_after or update_after is mandatory")
    status, key = call.args.get("status", "all"), call.args.get("sort_by", "created_at")
    if status not in STATUSES:
        raise Refusal("36", "E036: Invalid status filter")
    if key not in ("created_at", "updated_at"):
        raise Refusal("75", "E075: Invalid sort filter")
    if call.args.get("sort_direction", "DESC") not in ("ASC", "DESC"):
        raise Refusal("74", "E074: Invalid sort direction")
    limit, offset = whole(call, "limit", 100, 100, "19"), whole(call, "offset", 0, 5000, "14")
    found = [
        order
        for order in shop.trade.values()
        if _between(order.updated, after, before)
        and _between(order.created, since, until)
        and (status == "all" or any(unit.status == status for unit in order.units))
    ]
    found.sort(
        key=lambda one: (_second(one.updated if key == "updated_at" else one.created), one.order_id),
        reverse=call.args.get("sort_direction", "DESC") == "DESC",
    )
    page = [order_json(one, masked=shop.config.masked) for one in found[offset : offset + limit]]
    return {"data": {"count": len(page), "countTotal": len(found), "orders": page}}


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _between(moment: datetime, after: datetime | None, before: datetime | None) -> bool:
    second = _second(moment)
    return (after is None or after <= second) and (before is None or second <= before)


def _order(shop: Shop, text: str) -> Order:
    order = shop.trade.get(int(text)) if text.isdigit() else None
    if order is None:
        raise Refusal("16", "E016: Invalid Order ID")
    return order


def one(shop: Shop, call: Call) -> Json:
    return {"data": order_json(_order(shop, call.need("order_id")), masked=shop.config.masked)}


def items(shop: Shop, call: Call) -> Json:
    return {"data": _items(shop, _order(shop, call.need("order_id")))}


def _items(shop: Shop, order: Order) -> list[Json]:
    return [
        item_json(unit, order, texts=shop.config.number_texts and place % 2 == 0)
        for place, unit in enumerate(order.units)
    ]


def items_of_many(shop: Shop, call: Call) -> Json:
    ids = _numbers(call.need("order_ids"))
    if not 0 < len(ids) <= 50:
        raise Refusal("37", "E037: order_ids: 1 to 50")
    orders = [_order(shop, str(number)) for number in ids]
    return {
        "data": [
            {"order_id": one.order_id, "order_number": one.order_id, "order_items": _items(shop, one)} for one in orders
        ]
    }


def _numbers(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise Refusal("5", "E005: Invalid Request Format")
    return [str(number) for number in found]


# ---- parcels -----------------------------------------------------------------------------------------------------


def _asked(call: Call, name: str) -> Json:
    try:
        found = json.loads(call.need(name))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Failed("E0200", f"{name} is no object")
    return found


def _result(data: Json) -> Json:
    return {"result": {"success": True, "error_code": "", "error_msg": "", "data": data}}


def pack(shop: Shop, call: Call) -> Json:
    """Only pending or repacked units; each order gets a package. Not repeatable."""
    asked = _asked(call, "packReq")
    if asked.get("delivery_type") != "dropship" or not asked.get("shipping_allocate_type"):
        raise Failed("E0201", "delivery_type and shipping_allocate_type are mandatory")
    wanted = asked.get("pack_order_list")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= 20:
        raise Failed("E0202", "1 to 20 orders")
    told: list[Json] = []
    for entry in wanted:
        order = shop.trade.get(int(entry["order_id"]))
        if order is None:
            raise Failed("E0203", "order not found")
        names = {str(number) for number in entry["order_item_list"]}
        units = [unit for unit in order.units if str(unit.number) in names]
        fit = [unit for unit in units if unit.status in ("pending", "repacked")]
        if fit:
            shop.parcel(fit)
            shop.move(order, fit, "packed")
        told.append({"order_id": order.order_id, "order_item_list": [_packed(unit, unit in fit) for unit in units]})
    return _result({"pack_order_list": told})


def _packed(unit: Unit, fit: bool) -> Json:
    if not fit:
        return {"order_item_id": unit.number, "item_err_code": "E0208", "msg": "status is wrong", "retry": False}
    return {
        "order_item_id": unit.number, "item_err_code": "0", "msg": "success", "retry": False,
        "package_id": unit.package, "tracking_number": unit.tracking, "shipment_provider": "LEX VN",
    }  # fmt: skip


def _packages(asked: Json) -> list[str]:
    wanted = asked.get("packages")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= 20:
        raise Failed("E0202", "1 to 20 packages")
    return [str(entry["package_id"]) for entry in wanted]


def _inside(shop: Shop, package: str) -> list[tuple[Order, Unit]]:
    return [(order, unit) for order in shop.trade.values() for unit in order.units if unit.package == package]


def ready(shop: Shop, call: Call) -> Json:
    """Only packed ones; others are told beside the good ones."""
    told: list[Json] = []
    for package in _packages(_asked(call, "readyToShipReq")):
        inside = [(order, unit) for order, unit in _inside(shop, package) if unit.status == "packed"]
        for order, unit in inside:
            shop.move(order, [unit], "ready_to_ship")
        code, words = ("0", "success") if inside else ("E0215", "status is wrong")
        told.append({"package_id": package, "item_err_code": code, "msg": words, "retry": False})
    return _result({"packages": told})


def repack(shop: Shop, call: Call) -> Json:
    packages = _packages(_asked(call, "rePackReq"))
    for package in packages:
        for order, unit in _inside(shop, package):
            if unit.status != "packed":
                raise Failed("E0208", "status is wrong")
            unit.package = unit.tracking = ""
            shop.move(order, [unit], "repacked")
    return _result({"packages": [{"package_id": one, "item_err_code": "0"} for one in packages]})


def document(shop: Shop, call: Call) -> Json:
    asked = _asked(call, "getDocumentReq")
    for package in _packages(asked):
        if not _inside(shop, package):
            raise Failed("E0216", "package not found")
    inside, name = shop.config.label_inside, "-".join(_packages(asked))
    file = base64.b64encode(LABEL).decode() if inside else ""
    url = "" if inside else f"{shop.files}/{name}.pdf?Expires=600&Signature=a%2Bb"
    return _result({"doc_type": asked.get("doc_type", "PDF"), "file": file, "pdf_url": url})


def providers(shop: Shop, call: Call) -> Json:
    return _result({"shipment_providers": [{"name": "LEX VN", "provider_code": "FM50"}]})


# ---- cancelling and returns --------------------------------------------------------------------------------------


def _held(shop: Shop, call: Call) -> tuple[Order, list[Unit]]:
    order = _order(shop, call.need("order_id"))
    wanted = set(_numbers(call.need("order_item_id_list")))
    units = [unit for unit in order.units if str(unit.number) in wanted]
    if not units or len(units) < len(wanted):
        raise Refusal("104", "order items not found")
    return order, units


def may_cancel(shop: Shop, call: Call) -> Json:
    _, units = _held(shop, call)
    if not all(unit.status in HELD for unit in units):
        raise Refusal("115", "items can not be cancelled in this status")
    options = [{"reason_id": number, "reason_name": name} for number, name in REASONS.items()]
    return {"data": {"tip_type": "", "tip_content": "", "reason_options": options}}


def cancel(shop: Shop, call: Call) -> Json:
    """A GET that changes things. "Out of stock" and "wrong price" empty the SKU; a package goes as a whole."""
    order, units = _held(shop, call)
    reason = REASONS.get(call.need("reason_id"))
    if reason is None:
        raise Refusal("102", "reason_id is wrong")
    if not all(unit.status in HELD for unit in units):
        raise Refusal("115", "items can not be cancelled in this status")
    packages = {unit.package for unit in units if unit.package}
    units = [one for one in order.units if one in units or (one.package in packages and one.status in HELD)]
    shop.call_off(order, units, "cancellation-seller", reason)
    if call.args["reason_id"] in (OUT_OF_STOCK, WRONG_PRICE):
        for unit in units:
            unit.sku.sellable = 0
    return {"data": {"tip_type": "", "tip_content": ""}}


def reverses(shop: Shop, call: Call) -> Json:
    """``result`` beside ``code``; times in milliseconds; in Vietnam amounts are dong, elsewhere cents."""
    page, size = max(whole(call, "page_no", 1, 10**6, "14"), 1), whole(call, "page_size", 10, 100, "19")
    since, until = (call.args.get(f"ReverseOrderLineModifiedTimeRange{side}", "") for side in ("Start", "End"))
    order, kinds = call.args.get("trade_order_id", ""), call.args.get("request_type_list", "")
    found = [
        one
        for one in shop.reverses.values()
        if (not since or int(since) <= millis(one.updated))
        and (not until or millis(one.updated) <= int(until))
        and (not order or str(one.order.order_id) == order)
        and (not kinds or one.kind in kinds)
    ]
    shown = [_reverse(one) for one in found[(page - 1) * size : page * size]]
    result: Json = {"success": True, "total": len(found), "page_no": page, "page_size": size, "items": shown}
    return {"result": result}


def _reverse(one: Reverse) -> Json:
    lines = [
        {
            "reverse_order_line_id": line.number, "trade_order_line_id": line.unit.number,
            "reverse_status": line.status, "ofc_status": "", "refund_amount": line.amount,
            "item_unit_price": line.unit.price, "reason_code": "", "reason_text": line.unit.reason,
            "return_order_line_gmt_create": millis(one.created), "is_dispute": False, "sla": 0,
            "return_order_line_gmt_modified": millis(one.updated), "tracking_number": "",
            "seller_sku_id": line.unit.sku.seller_sku, "platform_sku_id": line.unit.sku.sku_id,
        }
        for line in one.lines
    ]  # fmt: skip
    return {
        "reverse_order_id": one.number, "trade_order_id": one.order.order_id, "request_type": one.kind, "is_rtm": True,
        "reverse_order_lines": lines,
    }  # fmt: skip


# ---- money -------------------------------------------------------------------------------------------------------


def _day(call: Call, name: str) -> date:
    try:
        return date.fromisoformat(call.need(name))
    except ValueError:
        raise Refusal("17", "E017: Invalid Date Format") from None


def transactions(shop: Shop, call: Call) -> Json:
    """Rows of local days, both included."""
    first, last = _day(call, "start_time"), _day(call, "end_time")
    if not timedelta(0) <= last - first < timedelta(days=180):
        raise Refusal("1000012", "the range must be shorter than 180 days")
    kind = call.args.get("trans_type", "-1")
    if not kind.lstrip("-").isdigit():
        raise Refusal("1000014", "invalid transaction type")
    limit, offset = whole(call, "limit", 100, 500, "19"), whole(call, "offset", 0, 10**6, "14")
    found = [
        row
        for row in shop.rows
        if first <= local_date(row.at) <= last
        and kind in ("-1", str(row.fee_type))
        and call.args.get("trade_order_id", str(row.order.order_id)) == str(row.order.order_id)
    ]
    return {"data": [_row(shop, row) for row in found[offset : offset + limit]]}


def _row(shop: Shop, row: Row) -> Json:
    day = local_date(row.at)
    return {
        "order_no": str(row.order.order_id), "orderItem_no": str(row.unit.number),
        "seller_sku": row.unit.sku.seller_sku,
        "lazada_sku": f"{row.unit.item.item_id}_VNAMZ-{row.unit.sku.sku_id}",
        "fee_type": str(row.fee_type),
        "fee_name": row.name, "transaction_type": "Orders-Sales",
        "transaction_date": f"{day.day:02d} {MONTHS[day.month - 1]} {day.year}",
        "transaction_number": f"T{row.unit.number}-{row.fee_type}", "amount": f"{row.amount:,}.00",
        "VAT_in_amount": "0.00", "WHT_amount": f"{row.wht}.00", "WHT_included_in_amount": "yes" if row.wht else "no",
        "statement": shop.statement(row), "paid_status": "Paid", "orderItem_status": row.unit.status.capitalize(),
        "shipping_provider": "", "shipping_speed": "", "shipment_type": "", "reference": "", "comment": "",
        "details": "", "payment_ref_id": "",
    }  # fmt: skip


def payouts(shop: Shop, call: Call) -> Json:
    """Statements by week, all text."""
    first = _day(call, "created_after")
    weeks: dict[str, int] = {}
    for row in shop.rows:
        if local_date(row.at) >= first:
            weeks[shop.statement(row)] = weeks.get(shop.statement(row), 0) + row.amount
    return {
        "data": [
            {"statement_number": f"VN{shop.key}-{place}", "created_at": week, "payout": f"{amount}.00 VND",
             "closing_balance": f"{amount}.00", "paid": "1"}
            for place, (week, amount) in enumerate(weeks.items(), 1)
        ]
    }  # fmt: skip


# ---- the seller, the live ----------------------------------------------------------------------------------------


def seller(shop: Shop, call: Call) -> Json:
    told = shop.settings
    return {
        "data": {
            "seller_id": int(told.seller_id), "name": told.name, "name_company": "", "status": told.status,
            "verified": told.verified, "short_code": told.short_code, "location": "Vietnam", "cb": False,
            "email": "shop@example.org", "logo_url": "",
        }
    }  # fmt: skip


def warehouses(shop: Shop, call: Call) -> Json:
    module = [{"code": code, "name": code} for code in shop.settings.warehouses]
    return {"result": {"success": True, "error_code": "", "module": module}}


def item_limit(shop: Shop, call: Call) -> Json:
    return {"data": {"limit": shop.config.item_limit or 10_000, "used": len(shop.standing())}}


def highlight(shop: Shop, call: Call) -> Json:
    """Of a running live only; there is no other live call (sheet 12)."""
    try:
        asked = json.loads(call.need("highLightRequest"))
        item, presenter, action = str(asked["itemId"]), str(asked["presenterId"]), asked["action"]
    except (ValueError, KeyError, TypeError):
        raise Refusal("MissingParameter", "highLightRequest") from None
    if action != "HIGHLIGHT_START":
        raise Refusal("5", "E005: Invalid Request Format (action)")
    if not shop.live or presenter != shop.live:
        return {"success": False, "error_code": "BIZ_LIVE_NOT_FOUND", "error_msg": "live not found"}
    if item not in {str(one.item_id) for one in shop.standing()}:
        return {"success": False, "error_code": "BIZ_INVALID_PRODUCT", "error_msg": "item not found"}
    shop.highlighted = item
    return {"data": {"success": True}}


Handler = Callable[[Shop, Call], Json]
LISTS: Sequence[str] = ("/products/get", "/orders/get", "/reverse/getreverseordersforseller",
                        "/finance/transaction/details/get")  # fmt: skip
