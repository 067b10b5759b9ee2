"""Returns and refunds (sheet 10). One order may have several."""

from collections.abc import Sequence

from hub.sandbox.kit import NotOffered
from hub.sandbox.shopee.money import take_from_wallet
from hub.sandbox.shopee.orders import moment, turn
from hub.sandbox.shopee.shelf import page_size
from hub.sandbox.shopee.state import Line, Order, Return, ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad

WINDOW = 15 * 86_400
RETURN_AFTER_ESCROW = 411


def open_return(shop: ShopState, order: Order, items: Sequence[tuple[Line, int]], refund: int, now: int) -> Return:
    """The buyer wants money back. Raises NotOffered before delivery or for more than was delivered."""
    if order.status not in ("SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN"):
        raise NotOffered
    if any(units > line.active - line.return_requested for line, units in items):
        raise NotOffered
    for line, units in items:
        line.return_requested += units
    after = order.status == "COMPLETED" or order.before == "COMPLETED"
    made = Return(
        sn=f"{order.sn}R{len(order.returns) + 1}",
        order_sn=order.sn,
        status="REQUESTED",
        reason="ITEM_WRONGDAMAGED",
        created=now,
        updated=now,
        refund=refund,
        scenario="RRAOC" if after else "RRBOC",
        items=list(items),
    )
    shop.returns[made.sn] = made
    order.returns.append(made.sn)
    if order.status != "TO_RETURN":
        order.before = order.status
        turn(shop, order, "TO_RETURN", now)
    _push(shop, made, now)
    return made


def finish(shop: ShopState, made: Return, now: int) -> None:
    """Goods are back and the buyer has the money; the order is completed (or cancelled, by switch)."""
    if made.done:
        raise NotOffered
    order = shop.orders[made.order_sn]
    for line, units in made.items:
        line.return_requested -= units
        line.book.returned += units
    made.done = True
    made.status = "REFUND_PAID" if shop.config.refund_paid_status else "ACCEPTED"
    made.updated = now
    book = order.book
    book.refunds.append((moment(now), made.refund))
    if book.settled is not None:
        book.settled -= made.refund
        order.adjustments.append((now, -made.refund, "Return refund after escrow"))
        take_from_wallet(shop, order, RETURN_AFTER_ESCROW, -made.refund, now, made.sn)
    _push(shop, made, now)
    _leave(shop, order, made.scenario, now)


def cancel_return(shop: ShopState, made: Return, now: int) -> None:
    """The buyer thinks better of it."""
    if made.done:
        raise NotOffered
    for line, units in made.items:
        line.return_requested -= units
    made.done, made.status, made.updated = True, "CANCELLED", now
    _push(shop, made, now)
    _leave(shop, shop.orders[made.order_sn], made.scenario, now)


def _leave(shop: ShopState, order: Order, scenario: str, now: int) -> None:
    """Where the order goes when its last open return has ended."""
    if any(not shop.returns[sn].done for sn in order.returns):
        shop.touch(order, now)
        return
    refunded = bool(order.book.refunds)
    if not refunded:
        turn(shop, order, order.before, now)
        return
    everything = not any(line.active for line in order.lines)
    if everything and shop.config.full_return_cancels and order.before != "COMPLETED":
        order.cancel_by, order.cancel_reason = "system", "Returned"
        turn(shop, order, "CANCELLED", now)
        return
    order.book.state = "completed"
    if order.book.delivered_at is None:
        order.book.delivered_at = moment(now)
    order.completed_scenario = scenario if scenario == "RRAOC" else "NORMAL"
    turn(shop, order, "COMPLETED", now)


def get_return_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET returns/get_return_list; whether pages begin at 0 or 1 is a switch."""
    first = shop.config.first_return_page
    page, size = args.number("page_no", first) - first, page_size(args, 40)
    if page < 0:
        raise bad("page_no is invalid")
    created, updated = _window(args, "create_time"), _window(args, "update_time")
    if "create_time_from" in args and "update_time_from" in args and updated[0] < created[0]:
        raise bad("update_time_from must not be before create_time_from")
    status = args.string("status", "")
    inside = 1 if shop.config.inclusive_borders else 0
    found = [
        r
        for r in shop.returns.values()
        if created[0] <= r.created < created[1] + inside
        and updated[0] <= r.updated < updated[1] + inside
        and (not status or r.status == status)
    ]
    part = found[page * size : (page + 1) * size]
    return Answer(response={"more": len(found) > (page + 1) * size, "return": [_told(shop, r) for r in part]})


def get_return_detail(shop: ShopState, args: Args, now: int) -> Answer:
    """GET returns/get_return_detail."""
    return Answer(response=_told(shop, _known(shop, args)))


def confirm(shop: ShopState, args: Args, now: int) -> Answer:
    """POST returns/confirm: the seller agrees; here the refund follows at once."""
    made = _known(shop, args)
    if made.status not in ("REQUESTED", "PROCESSING"):
        raise bad("The return cannot be confirmed in this status", "returns")
    finish(shop, made, now)
    return Answer(response={"return_sn": made.sn})


def dispute(shop: ShopState, args: Args, now: int) -> Answer:
    """POST returns/dispute: only from REQUESTED or PROCESSING."""
    made = _known(shop, args)
    if made.status not in ("REQUESTED", "PROCESSING"):
        raise bad("The return cannot be disputed in this status", "returns")
    made.status, made.updated = "SELLER_DISPUTE", now
    _push(shop, made, now)
    return Answer(response={"return_sn": made.sn})


def _known(shop: ShopState, args: Args) -> Return:
    made = shop.returns.get(args.string("return_sn"))
    if made is None:
        raise Refusal("error_not_found", "The return is not found.")
    return made


def _window(args: Args, name: str) -> tuple[int, int]:
    """Both borders or none; at most 15 days."""
    if f"{name}_from" not in args and f"{name}_to" not in args:
        return 0, 1 << 62
    first, last = args.number(f"{name}_from"), args.number(f"{name}_to")
    if first > last or last - first > WINDOW:
        raise bad(f"{name} range must be within 15 days")
    return first, last


def _told(shop: ShopState, made: Return) -> Json:
    order = shop.orders[made.order_sn]
    return {
        "return_sn": made.sn,
        "order_sn": made.order_sn,
        "status": made.status,
        "negotiation_status": "",
        "seller_proof_status": "",
        "seller_compensation_status": "",
        "reason": made.reason,
        "text_reason": "",
        "refund_amount": made.refund,
        "amount_before_discount": sum(line.original_price * units for line, units in made.items),
        "currency": "VND",
        "create_time": made.created,
        "update_time": made.updated,
        "due_date": made.created + 2 * 86_400,
        "return_seller_due_date": made.created + 5 * 86_400,
        "tracking_number": order.tracking + "R",
        "needs_logistics": True,
        "return_refund_type": made.scenario,
        "return_solution": 0,
        "return_refund_request_type": 0,
        "validation_type": "seller_validation",
        "user": {"username": "b******r"},
        "item": [
            {
                "item_id": line.item_id,
                "model_id": line.model_id,
                "item_sku": line.item_sku,
                "variation_sku": line.model_sku,
                "name": line.item_name,
                "images": [line.image_url],
                "amount": units,
                "item_price": line.book.unit_price,
            }
            for line, units in made.items
        ],
    }


def _push(shop: ShopState, made: Return, now: int) -> None:
    shop.notify(29, {"order_sn": made.order_sn, "return_sn": made.sn, "updated_values": []}, now)
