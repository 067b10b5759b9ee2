"""Sending Shopee orders: ways and slots, labels step by step, own carriers, retries, cancelling, batch refusals."""

import json
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors.api import Answer, Credentials, Request
from hub.connectors.model import OrderState, ShopSettings, Tokens
from hub.connectors.shipping import CancelReason, Shipping, Slot
from hub.connectors.shopee import Shopee
from hub.connectors.shopee.dialect import judge
from hub.connectors.shopee.sending import Ways, to_slots, to_way
from hub.errors import Refused, Vanished
from hub.sandbox.kit import Want
from hub.types import RemoteId
from tests.connectors.contract import START, MemoryKeeper, Script, make_api, put
from tests.connectors.test_shopee import APP, ShopeeStage, config, setup, stage

__all__ = ["setup", "stage"]
SN = RemoteId("261121ABCDEFGH")
PICKUP = {
    "info_needed": {"pickup": ["address_id", "pickup_time_id"], "dropoff": []},
    "pickup": {"address_list": [
        {"address_id": 3019, "address_flag": [], "time_slot_list": [{"date": 1639472400, "pickup_time_id": "a"}]},
        {"address_id": 2826, "address_flag": ["pickup_address"], "address": "222/58",
         "time_slot_list": [{"date": 1639472400, "pickup_time_id": "b"}, {"date": 1639558800, "pickup_time_id": "c"}]},
    ]},
}  # fmt: skip
"""Shaped like the guide's own answer."""


async def code_of(act: Awaitable[object]) -> str:
    with pytest.raises(Refused) as told:
        await act
    return told.value.code


# ---- pure ----------------------------------------------------------------------------------------------------------


def test_slots_begin_at_the_shops_own_pick_up_address() -> None:
    slots = to_slots(Ways.model_validate(PICKUP))
    assert [one.id for one in slots] == ["2826|b", "2826|c", "3019|a"]
    assert slots[0] == Slot(id="2826|b", start=datetime(2021, 12, 14, 9, tzinfo=UTC), place="222/58")
    assert to_slots(Ways.model_validate({"info_needed": {"dropoff": []}, "dropoff": {"branch_list": None}})) == ()


@pytest.mark.parametrize(
    ("ways", "wish", "way"),
    [
        (PICKUP, {}, {"pickup": {"address_id": 2826, "pickup_time_id": "b"}}),
        (PICKUP, {"slot": "3019|a"}, {"pickup": {"address_id": 3019, "pickup_time_id": "a"}}),
        (PICKUP, {"handover": "dropoff"}, {"dropoff": {}}),
        ({"info_needed": {"dropoff": []}}, {}, {"dropoff": {}}),
        ({"info_needed": {"dropoff": None}}, {}, {"dropoff": {}}),
        ({"info_needed": {"pickup": []}}, {}, {"pickup": {}}),
        (
            {"info_needed": {"non_integrated": ["tracking_number"]}}, {"tracking": "VTP1"},
            {"non_integrated": {"tracking_number": "VTP1"}},
        ),
    ],
)  # fmt: skip
def test_how_a_parcel_is_handed_over(ways: object, wish: dict[str, str], way: object) -> None:
    assert to_way(Ways.model_validate(ways), Shipping(order=SN, **wish)) == way  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ways", "wish", "code"),
    [
        ({"info_needed": {"non_integrated": ["tracking_number"]}}, {}, "tracking_missing"),
        (PICKUP, {"tracking": "VTP1"}, "do_it_on_channel"),
        ({"info_needed": {"dropoff": ["branch_id"]}}, {}, "do_it_on_channel"),
        ({"info_needed": {"dropoff": []}}, {"slot": "2826|b"}, "do_it_on_channel"),
        ({"info_needed": {"pickup": []}}, {"handover": "dropoff"}, "do_it_on_channel"),
        ({"info_needed": {}}, {}, "do_it_on_channel"),
        (PICKUP, {"slot": "somewhere"}, "order_state_wrong"),
        ({"info_needed": {"pickup": ["address_id", "pickup_time_id"]}, "pickup": {}}, {}, "order_state_wrong"),
    ],
)
def test_what_cannot_be_handed_over_is_said(ways: object, wish: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as told:
        to_way(Ways.model_validate(ways), Shipping(order=SN, **wish))  # type: ignore[arg-type]
    assert told.value.code == code


@pytest.mark.parametrize(
    ("error", "message", "code"),
    [
        ("logistics.order_status_error", "Order status does not support awb printing.", "order_state_wrong"),
        ("logistics.error_param", "The order status is not ready to ship.", "order_state_wrong"),
        ("logistics.error_param", "Order has been shipped.", "order_state_wrong"),
        ("logistics.error_limit", "Can not update order logistics in current status.", "order_state_wrong"),
        ("logistics.download_later", "Processing, please download later.", "label_not_ready"),
        ("logistics.can_not_print_jit_order", "This shipping channel only supports ...", "label_elsewhere"),
        ("logistics.order_not_exist", "The order_sn X is not exist.", "remote_vanished"),
        ("logistics.invalid_error", "The order is not exist.", "remote_vanished"),
    ],
)
def test_refusals_of_parcels_alone_and_within_a_batch(error: str, message: str, code: str) -> None:
    alone = {"error": error, "message": message}
    row = {"order_sn": "X", "fail_error": error, "fail_message": message}
    batch = {"error": "common.batch_api_all_failed", "message": "Failed", "response": {"result_list": [row]}}
    for body in (alone, batch):
        found = judge(200, {}, json.dumps(body).encode())
        assert found is not None
        assert (found.code, found.facts["error"]) == (code, error)


@given(st.sampled_from([b"%PDF-1.4", b"PK\x03\x04"]), st.binary(max_size=40))
def test_a_file_is_no_failure(head: bytes, rest: bytes) -> None:
    assert judge(200, {}, head + rest) is None
    assert judge(200, {}, b"<html>" + rest) is not None


@pytest.mark.parametrize("response", [None, {}, {"result_list": []}, {"result_list": [{"order_sn": "X"}]}, [1]])
def test_a_batch_that_does_not_say_why_is_still_refused(response: object) -> None:
    found = judge(200, {}, json.dumps({"error": "common.batch_api_all_failed", "response": response}).encode())
    assert isinstance(found, Refused)


# ---- against a script: orders that were split ----------------------------------------------------------------------


def scripted(answers: Mapping[str, object]) -> tuple[Shopee, Script]:
    """A connector whose calls are answered by the last word of their path."""

    def respond(asked: Request) -> Answer | Exception:
        told = answers[asked.path.rpartition("/")[2]]
        body = told if isinstance(told, bytes) else json.dumps({"error": "", "response": told}).encode()
        return Answer(status=200, headers={}, body=body)

    script = Script(respond)
    settings = ShopSettings(shop_id="s1", base_url="https://partner.example.vn", remote_id="600121")
    tokens = Tokens(access="a", refresh="r", access_until=START + timedelta(hours=4))
    api = make_api(Shopee, settings, script, MemoryKeeper(Credentials(secrets=APP, tokens=tokens)))
    return Shopee(api, settings), script


def sent(script: Script, call: str) -> list[dict[str, object]]:
    return [json.loads(one.body) for one in script.sent if one.path.endswith(f"/{call}") and one.body]


def told_of(status: str, *parcels: str) -> object:
    rows = [{"package_number": f"OFG{n}", "logistics_status": one} for n, one in enumerate(parcels, 1)]
    return {"order_list": [{"order_sn": SN, "order_status": status, "package_list": rows}]}


async def test_each_parcel_of_a_split_order_is_arranged_and_printed_by_its_number() -> None:
    answers = {
        "get_order_detail": told_of("READY_TO_SHIP", "LOGISTICS_REQUEST_CREATED", "LOGISTICS_READY", "LOGISTICS_READY"),
        "get_shipping_parameter": {"info_needed": {"dropoff": []}}, "ship_order": {},
        "get_tracking_number": {"tracking_number": "SPX1"},
    }  # fmt: skip
    shopee, script = scripted(answers)
    told = await shopee.ship(Shipping(order=SN))
    assert (told.parcel, told.tracking) == ("OFG1", "SPX1")
    assert sent(script, "ship_order") == [
        {"order_sn": SN, "package_number": name, "dropoff": {}} for name in ("OFG2", "OFG3")
    ]
    shopee, script = scripted(answers | {
        "get_order_detail": told_of("PROCESSED", "LOGISTICS_REQUEST_CREATED", "LOGISTICS_REQUEST_CREATED"),
        "get_shipping_document_result": {"result_list": [{"status": "READY"}, {"status": "READY"}]},
        "download_shipping_document": b"PK\x03\x04...",
    })  # fmt: skip
    label = await shopee.label(SN)
    assert (label.media, label.name) == ("application/zip", f"shopee-{SN}.zip")
    wanted = [{"order_sn": SN, "package_number": name} for name in ("OFG1", "OFG2")]
    assert sent(script, "download_shipping_document") == [{"order_list": wanted}]


async def test_a_label_that_failed_is_asked_for_again() -> None:
    shopee, script = scripted({
        "get_order_detail": told_of("PROCESSED", "LOGISTICS_REQUEST_CREATED"),
        "get_shipping_document_result": {"result_list": [{"status": "FAILED"}]}, "create_shipping_document": {},
        "get_tracking_number": {"tracking_number": "SPX1"},
    })  # fmt: skip
    assert await code_of(shopee.label(SN)) == "label_not_ready"
    assert sent(script, "create_shipping_document") == [{"order_list": [{"order_sn": SN, "tracking_number": "SPX1"}]}]


async def test_an_order_that_is_told_as_nothing_is_gone() -> None:
    shopee, _ = scripted({"get_order_detail": {"order_list": []}})
    with pytest.raises(Vanished):
        await shopee.shipping_options(SN)


# ---- against the sandbox -------------------------------------------------------------------------------------------


async def waiting(stage: ShopeeStage, sku: str = "OCOP-K", **how: bool) -> RemoteId:
    await put(stage, stage.draft(sku, 120_000))
    order = RemoteId(stage.shop.place([Want(sku=sku, quantity=2)], **how))
    if not how:
        stage.shop.pay(order)
    stage.later(5)
    return order


async def test_a_parcel_says_shipped_only_when_the_carrier_has_it(stage: ShopeeStage) -> None:
    order = await waiting(stage)
    options = await stage.shopee.shipping_options(order)
    assert (options.handovers, [one.id for one in options.slots]) == (("pickup", "dropoff"), ["20001|slot-1"])
    desk = stage.pretend.shop(int(stage.shop.key)).state.orders[order]
    assert options.ship_by == datetime.fromtimestamp(desk.ship_by, UTC)
    told = await stage.shopee.ship(Shipping(order=order, slot="20001|slot-1"))
    assert (told.carrier, told.parcel[:3], told.tracking[:5]) == ("SPX Express", "OFG", "SPXVN")
    found = await stage.shopee.order(order)
    assert (found.state, found.native_state, found.shipped_at) == (OrderState.PAID, "PROCESSED", None)
    assert await code_of(stage.shopee.shipping_options(order)) == "order_state_wrong"
    stage.shop.ship(order)
    assert (await stage.shopee.order(order)).shipped_at is not None
    assert await code_of(stage.shopee.label(order)) == "order_state_wrong"


async def test_a_label_takes_its_time(stage: ShopeeStage) -> None:
    order = await waiting(stage)
    assert await code_of(stage.shopee.label(order)) == "order_state_wrong"
    await stage.shopee.ship(Shipping(order=order, handover="dropoff"))
    for _ in range(2):
        assert await code_of(stage.shopee.label(order)) == "label_not_ready"
    stage.later(3)
    label = await stage.shopee.label(order)
    assert (label.media, label.content[:4], label.name) == ("application/pdf", b"%PDF", f"shopee-{order}.pdf")


@pytest.mark.parametrize("setup", [config(tracking_seconds=60)])
async def test_without_the_carriers_number_there_is_no_label_yet(stage: ShopeeStage) -> None:
    order = await waiting(stage)
    assert (await stage.shopee.ship(Shipping(order=order))).tracking == ""
    assert await code_of(stage.shopee.label(order)) == "label_not_ready"
    stage.later(60)
    assert (await stage.shopee.ship(Shipping(order=order))).tracking.startswith("SPXVN")


@pytest.mark.parametrize("setup", [config(shops=tuple(replace(one, own_carrier=True) for one in config().shops))])
async def test_an_own_carrier_needs_its_number_and_is_shipped_at_once(stage: ShopeeStage) -> None:
    order = await waiting(stage)
    assert (await stage.shopee.shipping_options(order)).handovers == ("dropoff",)
    assert await code_of(stage.shopee.ship(Shipping(order=order))) == "tracking_missing"
    assert (await stage.shopee.ship(Shipping(order=order, tracking="VTP1"))).tracking == "VTP1"
    assert (await stage.shopee.order(order)).state is OrderState.SHIPPED


@pytest.mark.parametrize("handover", ["pickup", "dropoff"])
async def test_a_carrier_that_did_not_come_is_called_again(stage: ShopeeStage, handover: str) -> None:
    order = await waiting(stage)
    first = await stage.shopee.ship(Shipping(order=order))
    stage.pretend.shop(int(stage.shop.key)).retry_pickup(order)
    assert await stage.shopee.ship(Shipping(order=order, handover=handover)) == first  # type: ignore[arg-type]
    assert (await stage.shopee.order(order)).native_state == "PROCESSED"


async def test_an_order_in_parts_is_split_in_the_seller_centre(stage: ShopeeStage) -> None:
    order = await waiting(stage)
    line = (await stage.shopee.order(order)).lines[0].line_id
    assert await code_of(stage.shopee.ship(Shipping(order=order, lines={line: 1}))) == "do_it_on_channel"
    assert (await stage.shopee.ship(Shipping(order=order, lines={line: 2}))).parcel


async def test_what_is_not_paid_is_not_sent(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-K", 120_000))
    order = RemoteId(stage.shop.place([Want(sku="OCOP-K", quantity=1)]))
    assert await code_of(stage.shopee.ship(Shipping(order=order))) == "order_state_wrong"


@pytest.mark.parametrize(
    ("reason", "code"),
    [("out_of_stock", ""), ("buyer_asked", ""), ("price_wrong", "do_it_on_channel"), ("other", "do_it_on_channel"),
     ("cannot_deliver", "do_it_on_channel")],
)  # fmt: skip
async def test_only_reasons_that_shopee_has_a_word_for_cancel(
    stage: ShopeeStage, reason: CancelReason, code: str
) -> None:
    order = await waiting(stage, cod=True)
    if code:
        assert await code_of(stage.shopee.cancel(order, reason)) == code
        return
    await stage.shopee.cancel(order, reason)
    assert (await stage.shopee.order(order)).state is OrderState.CANCELLED
    desk = stage.pretend.shop(int(stage.shop.key)).state.orders[order]
    assert desk.cancel_by == "seller"


async def test_a_buyers_wish_to_cancel_is_granted(stage: ShopeeStage) -> None:
    order = await waiting(stage)
    stage.pretend.shop(int(stage.shop.key)).ask_cancel(order)
    assert await code_of(stage.shopee.ship(Shipping(order=order))) == "order_state_wrong"
    await stage.shopee.cancel(order, "other")
    assert (await stage.shopee.order(order)).state is OrderState.CANCELLED
