"""Shipping documents over HTTP: which kinds, ask for a label, see whether it is ready, fetch it (the official pages).

A call about several orders fails as a whole only when every element failed (``common.batch_api_all_failed``); then the
reasons stand in its ``response`` all the same. UNCONFIRMED: whether a label may still be fetched after the pick-up
(the guide says it cannot be printed then: refused here), and that a second create is harmless (here it is).
"""

from collections.abc import Callable

from hub.sandbox.shopee.state import Order, ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal

MOST = 50
KINDS = (
    "NORMAL_AIR_WAYBILL", "THERMAL_AIR_WAYBILL", "NORMAL_JOB_AIR_WAYBILL", "THERMAL_JOB_AIR_WAYBILL",
    "THERMAL_UNPACKAGED_LABEL",
)  # fmt: skip


def get_shipping_document_parameter(shop: ShopState, args: Args, now: int) -> Answer:
    """POST logistics/get_shipping_document_parameter: which kinds there are for each order."""
    told: Json = {"suggest_shipping_document_type": KINDS[0], "selectable_shipping_document_type": list(KINDS[:2])}
    return _each(shop, args, lambda order, entry: told)


def create_shipping_document(shop: ShopState, args: Args, now: int) -> Answer:
    """POST logistics/create_shipping_document: only for what is arranged, with the carrier's number."""

    def begin(order: Order, entry: Args) -> Json:
        if order.status != "PROCESSED":
            raise Refusal("logistics.order_status_error", "Order status does not support awb printing.")
        if order.tracked_at > now or entry.string("tracking_number", "") != order.tracking:
            raise Refusal(
                "logistics.tracking_number_invalid",
                "The tracking number is invalid. Please check the tracking number.",
            )
        _kind(entry)
        if order.paper_at is None:
            order.paper_at = now + shop.config.document_seconds
            shop.printing[order.sn] = order
        return {}

    return _each(shop, args, begin)


def get_shipping_document_result(shop: ShopState, args: Args, now: int) -> Answer:
    """POST logistics/get_shipping_document_result: PROCESSING until it is READY."""

    def look(order: Order, entry: Args) -> Json:
        _kind(entry)
        if order.paper_at is None:
            raise _not_asked()
        return {"status": "READY" if order.paper_at <= now else "PROCESSING"}

    return _each(shop, args, look)


def download_shipping_document(shop: ShopState, args: Args, now: int) -> Answer:
    """POST logistics/download_shipping_document: a PDF, or a refusal as JSON."""
    _kind(args)
    lines = []
    for entry in args.objects("order_list", MOST):
        order = _known(shop, entry)
        if order.paper_at is None:
            raise _not_asked()
        if order.paper_at > now:
            raise Refusal("logistics.download_later", "Processing, please download later. Detail: order_sn")
        if order.status != "PROCESSED":
            raise Refusal("logistics.package_can_not_print", "The package can not print now. ")
        lines.append(f"{order.package_number} {order.tracking}")
    return Answer(file=b"%PDF-1.4\n% sandbox label\n" + "\n".join(lines).encode() + b"\n%%EOF\n")


def _each(shop: ShopState, args: Args, answer: Callable[[Order, Args], Json]) -> Answer:
    told: list[Json] = []
    failed: list[Json] = []
    for entry in args.objects("order_list", MOST):
        told.append({"order_sn": entry.string("order_sn")})
        try:
            order = _known(shop, entry)
            told[-1] |= {"package_number": order.package_number, **answer(order, entry)}
        except Refusal as refusal:
            told[-1] |= {"fail_error": refusal.code, "fail_message": refusal.text}
            failed.append({"order_sn": entry.string("order_sn")})
    response: Json = {"result_list": told}
    if len(failed) == len(told):
        text = "Failed, please check result_list for more details."
        raise Refusal("common.batch_api_all_failed", text, response)
    return Answer(response=response, warning=failed or "")


def _known(shop: ShopState, entry: Args) -> Order:
    sn = entry.string("order_sn")
    order = shop.orders.get(sn)
    if order is None:
        raise Refusal("logistics.order_not_exist", f"The order_sn {sn} is not exist.")
    number = entry.string("package_number", order.package_number)
    if number != order.package_number:
        raise Refusal("logistics.package_number_not_found", f"The package_number {number} is not exist.")
    return order


def _not_asked() -> Refusal:
    return Refusal(
        "logistics.shipping_document_should_print_first",
        "The package can not print now, please create shipping document first.Detail: order_sn",
    )


def _kind(entry: Args) -> None:
    if entry.string("shipping_document_type", KINDS[0]) not in KINDS:
        raise Refusal(
            "logistics.shipping_document_type_invalid",
            "The shipping_document_type is not invalid. Please check the shipping_document_type.",
        )
