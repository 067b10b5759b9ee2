"""Shipping over HTTP (sheet 9.4): what is to be packed, how it can be handed over, arranging it, tracking it."""

from hub.sandbox.kit import NotOffered
from hub.sandbox.shopee import orders
from hub.sandbox.shopee.desk import known, package
from hub.sandbox.shopee.shelf import page_size
from hub.sandbox.shopee.state import Order, ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad

ADDRESS = 20001
SLOT = "slot-1"
TO_DO = {1: ("LOGISTICS_NOT_START",), 2: ("LOGISTICS_READY", "LOGISTICS_PICKUP_RETRY"),
         3: ("LOGISTICS_REQUEST_CREATED",)}  # fmt: skip
"""package_status 1 pending, 2 to process, 3 processed; 0 is all."""


def search_package_list(shop: ShopState, args: Args, now: int) -> Answer:
    """POST order/search_package_list. UNCONFIRMED beyond package_status: the nesting of filter and pagination."""
    chosen, paging = args.inner("filter") or args, args.inner("pagination") or args
    status = chosen.number("package_status", 0)
    if status not in (0, *TO_DO):
        raise bad("package_status is invalid")
    size = page_size(paging, 100)
    after = paging.string("cursor", "")
    if after and not after.isdecimal():
        raise bad("cursor is invalid")
    found = [
        o
        for o in shop.placed
        if o.number > int(after or 0) and o.status != "CANCELLED" and (not status or o.logistics in TO_DO[status])
    ]
    page = found[:size]
    more = len(found) > size
    told: list[Json] = [{"order_sn": o.sn, **package(o)} for o in page]
    return Answer(
        response={
            "packages_list": told,
            "pagination": {
                "total_count": len(found),
                "next_cursor": str(page[-1].number) if more else "",
                "more": more,
            },
        }
    )


def get_shipping_parameter(shop: ShopState, args: Args, now: int) -> Answer:
    """GET logistics/get_shipping_parameter. A time slot needs the deadline to lie ahead (guide 229, FAQ)."""
    order = _named(shop, args)
    _ready(order)
    if shop.settings.own_carrier:
        return Answer(response={"info_needed": {"non_integrated": ["tracking_number"]}})
    slots = [{"date": order.ship_by, "time_text": "", "pickup_time_id": SLOT}] if order.ship_by > now else []
    return Answer(
        response={
            "info_needed": {"pickup": ["address_id", "pickup_time_id"], "dropoff": []},
            "dropoff": {"branch_list": []},
            "pickup": {
                "address_list": [
                    {
                        "address_id": ADDRESS,
                        "region": "VN",
                        "address_flag": ["default_address", "pickup_address"],
                        "time_slot_list": slots,
                    }
                ]
            },
        }
    )


def ship_order(shop: ShopState, args: Args, now: int) -> Answer:
    """POST logistics/ship_order: exactly one way of handing over, one that the order's channel knows."""
    order = _named(shop, args)
    _ready(order)
    ways = [name for name in ("pickup", "dropoff", "non_integrated") if name in args]
    if len(ways) != 1:
        raise bad("exactly one of pickup, dropoff and non_integrated is required", "logistics")
    if (ways == ["non_integrated"]) != shop.settings.own_carrier:
        raise bad("Error, please check the channel.", "logistics")
    own = args.inner("non_integrated")
    tracking = own.string("tracking_number") if own is not None else ""
    if own is not None and not tracking.strip():
        raise Refusal("logistics.error_traceno_required", "Trace number is required.")
    _check_pickup(args)
    try:
        orders.arrange(shop, order, now, tracking=tracking)
        if own is not None:  # nobody scans it: it counts as handed over (guide 229, 8.1)
            orders.ship(shop, order, now)
    except NotOffered:
        raise _wrong_status() from None
    return Answer()


def update_shipping_order(shop: ShopState, args: Args, now: int) -> Answer:
    """POST logistics/update_shipping_order: another pick-up after the carrier did not come (RETRY_SHIP only)."""
    order = _named(shop, args)
    if order.status != "RETRY_SHIP":
        raise _wrong_status()
    if "pickup" not in args:
        raise bad("pickup is required", "logistics")
    _check_pickup(args)
    orders.arrange(shop, order, now)
    return Answer()


def get_tracking_number(shop: ShopState, args: Args, now: int) -> Answer:
    """GET logistics/get_tracking_number: empty until the carrier has given one."""
    order = _named(shop, args)
    return Answer(response={"tracking_number": order.tracking if order.tracked_at <= now else "", "hint": ""})


def _named(shop: ShopState, args: Args) -> Order:
    """The order, and its package where one is named."""
    order = known(shop, args)
    if "package_number" in args and args.string("package_number") != order.package_number:
        raise Refusal("logistics.package_not_exist", "The package is not exist.")
    return order


def _check_pickup(args: Args) -> None:
    pickup = args.inner("pickup")
    if pickup is not None and (pickup.number("address_id"), pickup.string("pickup_time_id")) != (ADDRESS, SLOT):
        raise bad("pickup address or time is invalid", "logistics")


def _ready(order: Order) -> None:
    if order.status not in ("READY_TO_SHIP", "RETRY_SHIP"):
        raise _wrong_status()


def _wrong_status() -> Refusal:
    return bad("The order status is not ready to ship.", "logistics")
