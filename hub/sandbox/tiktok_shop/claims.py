"""Cancellations, returns and parcels of a pretend TikTok Shop, as its calls tell and change them (sheets 7 and 8)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hub.sandbox.kit import NotOffered
from hub.sandbox.tiktok_shop.trade import DAY, REASONS, Claim, Order, Piece, cancel, turn
from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad, names, page, text, within

if TYPE_CHECKING:
    from hub.sandbox.tiktok_shop.shop import Shop


def _claims(found: Iterable[Claim], ask: Ask, id_key: str) -> tuple[list[Claim], str, int]:
    body = ask.body
    orders, ids = names(body, "order_ids", 100, least=0), names(body, f"{id_key}s", 100, least=0)
    kept = [
        one
        for one in found
        if (not orders or one.order_id in orders)
        and (not ids or one.id in ids)
        and within(one.created, body, "create_time")
        and within(one.updated, body, "update_time")
    ]
    down = ask.may("sort_order", "ASC", "DESC") != "ASC"
    by_update = ask.may("sort_field", "create_time", "update_time") == "update_time"
    rows = [((one.updated if by_update else one.created, one.id), {"claim": one}) for one in kept]
    told, token = page(rows, ask, down=down)
    return [row["claim"] for row in told], token, len(kept)


def _refund(amount: int) -> Json:
    return {
        "currency": "VND", "refund_total": str(amount), "refund_subtotal": str(amount), "refund_shipping_fee": "0",
        "refund_tax": "0",
    }  # fmt: skip


def _claimed(claim: Claim, key: str) -> Json:
    return {
        "order_id": claim.order_id, "role": claim.role, "create_time": claim.created, "update_time": claim.updated,
        "refund_amount": _refund(claim.amount),
        key: [
            {"order_line_item_id": one.id, "sku_id": one.unit.id, "seller_sku": one.unit.seller_sku}
            for one in claim.pieces
        ],
    }  # fmt: skip


def cancellations(shop: "Shop", ask: Ask) -> Json:
    told, token, count = _claims(shop.cancellations.values(), ask, "cancel_id")
    rows = [
        {"cancel_id": one.id, "cancel_type": one.kind, "cancel_status": one.status} | _claimed(one, "cancel_line_items")
        for one in told
    ]
    return {"cancellations": rows, "next_page_token": token, "total_count": count}


def returns(shop: "Shop", ask: Ask) -> Json:
    """``return_orders`` is absent when there is none."""
    told, token, count = _claims(shop.returns.values(), ask, "return_id")
    rows = [
        {"return_id": one.id, "return_type": one.kind, "return_status": one.status} | _claimed(one, "return_line_items")
        for one in told
    ]
    return ({"return_orders": rows} if rows else {}) | {"next_page_token": token, "total_count": count}


def eligibility(shop: "Shop", ask: Ask) -> Json:
    order = _mine(shop, ask.ids[0])
    ask.must("initiate_aftersale_user", "SELLER", "BUYER")
    fine = order.status in ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
    return {
        "sku_eligibility": [
            {
                "sku_id": number,
                "line_item_eligibility": [{
                    "request_type": "CANCEL", "eligible": fine, "available_reason_names": list(REASONS) if fine else [],
                    "order_line_items_ids": [one.id for one in order.open() if one.unit.id == number],
                }],
            }
            for number in dict.fromkeys(one.unit.id for one in order.open())
        ]
    }  # fmt: skip


def _mine(shop: "Shop", number: str) -> Order:
    order = shop.orders_by_id.get(number)
    if order is None:
        raise Refusal(21008111, "the order does not belong to the shop")
    return order


def seller_cancels(shop: "Shop", ask: Ask) -> Json:
    order = _mine(shop, text(ask.body, "order_id"))
    if ask.body.get("cancel_reason") not in REASONS:
        raise Refusal(25001002, "cancel_reason is not available for the order")
    pieces: list[Piece] = []
    for row in ask.body.get("skus") or []:
        left = [one for one in order.open() if one.unit.id == row.get("sku_id")]
        if len(left) < row.get("quantity", 0):
            raise Refusal(25001003, "quantity is more than what is left")
        pieces += left[: row["quantity"]]
    try:
        claim = cancel(shop, order, pieces or None, ask.now, by="SELLER", reason=ask.body["cancel_reason"])
    except NotOffered:
        raise Refusal(25001001, "the order can not be cancelled in its status") from None
    return {"cancel_id": claim.id, "cancel_status": claim.status}


def approve(shop: "Shop", ask: Ask) -> Json:
    """Yes to a buyer's wish to cancel."""
    return _answer_wish(shop, ask, yes=True)


def reject(shop: "Shop", ask: Ask) -> Json:
    """No to it, with a reason."""
    return _answer_wish(shop, ask, yes=False)


def _answer_wish(shop: "Shop", ask: Ask, *, yes: bool) -> Json:
    """Repeating with the same idempotency key gives the same."""
    claim = shop.cancellations.get(ask.ids[0])
    if claim is None:
        raise Refusal(25001004, "cancel_id not found")
    order = shop.orders_by_id[claim.order_id]
    if order.wish != claim.id:
        if ask.query.get("idempotency_key"):
            return {}
        raise Refusal(25001005, "the cancellation was answered before")
    if not yes and not ask.body.get("reject_reason"):
        raise bad("reject_reason")
    order.wish = ""
    claim.status, claim.updated = "CANCELLATION_REQUEST_CANCEL", ask.now
    if yes:
        del shop.cancellations[claim.id]
        cancel(shop, order, claim.pieces, ask.now, by="BUYER", reason="buyer asked")
    return {}


# ---- calls: parcels ------------------------------------------------------------------------------------------------


def _parcel(shop: "Shop", ask: Ask) -> Order:
    for order in shop.orders_by_id.values():
        if order.package == ask.ids[0] and order.status not in ("UNPAID", "ON_HOLD"):
            return order
    raise Refusal(21001001, "package not found")


def slots(shop: "Shop", ask: Ask) -> Json:
    """Two afternoons; ``avaliable`` is the platform's own spelling."""
    _parcel(shop, ask)
    start = (ask.now // DAY + 1) * DAY + 7 * 3600
    told = [{"start_time": start + n * DAY, "end_time": start + n * DAY + 10_800, "avaliable": n > 0} for n in range(3)]
    return {"can_pickup": True, "can_drop_off": True, "can_van_collection": False, "pickup_slots": told}


def ship(shop: "Shop", ask: Ask) -> Json:
    order = _parcel(shop, ask)
    own = ask.body.get("self_shipment")
    if own is not None:
        if not own.get("tracking_number") or not own.get("shipping_provider_id"):
            raise bad("self_shipment")
    elif ask.body.get("handover_method") not in ("PICKUP", "DROP_OFF"):
        raise bad("handover_method")
    elif slot := ask.body.get("pickup_slot"):
        good = [(one["start_time"], one["end_time"]) for one in slots(shop, ask)["pickup_slots"] if one["avaliable"]]
        if (slot.get("start_time"), slot.get("end_time")) not in good:
            raise Refusal(21011032, "pickup slot is not available")
    if order.status == "AWAITING_COLLECTION":
        return {}
    if order.status != "AWAITING_SHIPMENT":
        raise Refusal(21011001, "the order status does not allow shipping")
    order.ready = ask.now
    turn(shop, order, "AWAITING_COLLECTION", ask.now)
    data = {"sc_type": 1, "role_type": 1, "package_list": [{"package_id": order.package, "order_id_list": [order.id]}]}
    shop.tell(4, {**data, "update_time": ask.now}, ask.now)
    return {}


def document(shop: "Shop", ask: Ask) -> Json:
    order = _parcel(shop, ask)
    ask.must("document_type", "SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP")
    ask.may("document_size", "A5", "A6")
    ask.may("document_format", "PDF", "ZPL")
    if order.ready is None:
        raise Refusal(21011014, "the shipping document is not ready")
    return {"doc_url": f"{ask.base}/files/{order.package}.pdf?sig=a%2Bb", "tracking_number": f"TT{order.package[-10:]}"}
