"""Parcels and their labels on the pretend Shopee: every refusal of the three document calls, own carriers, retries."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hub.sandbox.kit import Want
from tests.connectors.sandbox.shopee_world import CONFIG, SHOPS, Seller, opened

CREATE, RESULT = "logistics/create_shipping_document", "logistics/get_shipping_document_result"
DOWNLOAD, SHIP = "logistics/download_shipping_document", "logistics/ship_order"


@pytest.fixture
async def seller() -> AsyncIterator[Seller]:
    async with opened() as one:
        await one.item("OCOP-1")
        yield one


def paid(seller: Seller) -> str:
    sn = seller.shop.place([Want(sku="OCOP-1", quantity=2)])
    seller.shop.pay(sn)
    return sn


async def arranged(seller: Seller) -> dict[str, object]:
    """An element of ``order_list`` about a parcel that the carrier knows."""
    sn = paid(seller)
    assert (await seller.post(SHIP, {"order_sn": sn, "dropoff": {}})).error == ""
    order = seller.shop.state.orders[sn]
    return {"order_sn": sn, "package_number": order.package_number, "tracking_number": order.tracking}


async def failed(seller: Seller, call: str, entry: dict[str, object]) -> str:
    """Why the only element of a batch failed."""
    answer = await seller.post(call, {"order_list": [entry]})
    assert answer.error == "common.batch_api_all_failed"
    return str(answer.json["response"]["result_list"][0]["fail_error"])


async def test_a_label_is_asked_for_waited_for_and_fetched(seller: Seller) -> None:
    entry = await arranged(seller)
    kinds = (await seller.post("logistics/get_shipping_document_parameter", {"order_list": [entry]})).response
    assert kinds["result_list"][0]["suggest_shipping_document_type"] == "NORMAL_AIR_WAYBILL"
    assert await failed(seller, RESULT, entry) == "logistics.shipping_document_should_print_first"
    first = await seller.post(DOWNLOAD, {"order_list": [entry]})
    assert first.error == "logistics.shipping_document_should_print_first"
    for _ in range(2):
        assert (await seller.post(CREATE, {"order_list": [entry]})).response["result_list"]
    assert (await seller.post(RESULT, {"order_list": [entry]})).response["result_list"][0]["status"] == "PROCESSING"
    assert (await seller.post(DOWNLOAD, {"order_list": [entry]})).error == "logistics.download_later"
    seller.wait(seconds=3)
    assert (await seller.post(RESULT, {"order_list": [entry]})).response["result_list"][0]["status"] == "READY"
    fetched = await seller.post(DOWNLOAD, {"order_list": [entry]})
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert fetched.json["page"].startswith("%PDF")
    seller.shop.ship(str(entry["order_sn"]))
    assert (await seller.post(DOWNLOAD, {"order_list": [entry]})).error == "logistics.package_can_not_print"


async def test_what_cannot_be_printed_is_said_for_each(seller: Seller) -> None:
    entry = await arranged(seller)
    waiting: dict[str, object] = {"order_sn": paid(seller)}
    refused: list[tuple[dict[str, object], str]] = [
        ({"order_sn": "X"}, "logistics.order_not_exist"),
        (waiting, "logistics.order_status_error"),
        (entry | {"package_number": "OFG0"}, "logistics.package_number_not_found"),
        (entry | {"tracking_number": "SPX0"}, "logistics.tracking_number_invalid"),
        (entry | {"shipping_document_type": "POSTER"}, "logistics.shipping_document_type_invalid"),
    ]
    for wrong, code in refused:
        assert await failed(seller, CREATE, wrong) == code
    some = await seller.post(CREATE, {"order_list": [entry, waiting]})
    assert [one.get("fail_error", "") for one in some.response["result_list"]] == ["", "logistics.order_status_error"]
    assert some.json["warning"] == [waiting]
    for call in (CREATE, RESULT, DOWNLOAD):
        assert (await seller.post(call, {"order_list": [entry] * 51})).error == "error_param"
        assert (await seller.post(call, {})).error == "error_param"


async def test_the_carriers_number_may_come_later() -> None:
    async with opened(replace(CONFIG, tracking_seconds=60)) as seller:
        await seller.item("OCOP-1")
        entry = await arranged(seller)
        sn = entry["order_sn"]
        assert (await seller.get("logistics/get_tracking_number", order_sn=sn)).response["tracking_number"] == ""
        assert await failed(seller, CREATE, entry) == "logistics.tracking_number_invalid"
        seller.wait(seconds=60)
        told = (await seller.get("logistics/get_tracking_number", order_sn=sn)).response
        assert told["tracking_number"] == entry["tracking_number"]
        wrong = await seller.get("logistics/get_tracking_number", order_sn=sn, package_number="OFG0")
        assert wrong.error == "logistics.package_not_exist"


async def test_a_channel_that_is_not_integrated_takes_the_sellers_number() -> None:
    shops = (replace(SHOPS[0], own_carrier=True), SHOPS[1])
    async with opened(replace(CONFIG, shops=shops)) as seller:
        await seller.item("OCOP-1")
        sn = paid(seller)
        how = (await seller.get("logistics/get_shipping_parameter", order_sn=sn)).response
        assert how["info_needed"] == {"non_integrated": ["tracking_number"]}
        assert (await seller.post(SHIP, {"order_sn": sn, "dropoff": {}})).error == "logistics.error_param"
        blank = {"order_sn": sn, "non_integrated": {"tracking_number": " "}}
        assert (await seller.post(SHIP, blank)).error == "logistics.error_traceno_required"
        body = {"order_sn": sn, "non_integrated": {"tracking_number": "VTP1"}}
        assert (await seller.post(SHIP, body)).error == ""
        order = seller.shop.state.orders[sn]
        assert (order.status, order.logistics, order.tracking) == ("SHIPPED", "LOGISTICS_PICKUP_DONE", "VTP1")


async def test_another_pick_up_is_only_for_a_carrier_that_did_not_come(seller: Seller) -> None:
    sn = str((await arranged(seller))["order_sn"])
    call = "logistics/update_shipping_order"
    pickup = {"address_id": 20001, "pickup_time_id": "slot-1"}
    assert (await seller.post(call, {"order_sn": sn, "pickup": pickup})).error == "logistics.error_param"
    seller.shop.retry_pickup(sn)
    assert (await seller.post(call, {"order_sn": sn, "dropoff": {}})).error == "logistics.error_param"
    assert (await seller.post(call, {"order_sn": sn, "pickup": pickup | {"address_id": 1}})).error != ""
    assert (await seller.post(call, {"order_sn": sn, "pickup": pickup})).error == ""
    assert seller.shop.state.orders[sn].status == "PROCESSED"


async def test_after_the_deadline_there_are_no_slots(seller: Seller) -> None:
    sn = paid(seller)
    seller.wait(hours=3)
    seller.shop.state.orders[sn].ship_by = seller.now()
    how = (await seller.get("logistics/get_shipping_parameter", order_sn=sn)).response
    assert how["pickup"]["address_list"][0]["time_slot_list"] == []
