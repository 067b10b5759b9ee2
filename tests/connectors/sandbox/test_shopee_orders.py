"""Orders, cancellations, parcels and returns: sheet sections 9 and 10, seen over HTTP and in the neutral book."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from hub.sandbox.kit import NotOffered, SoldOut, Want
from tests.connectors.sandbox.shopee_world import CONFIG, Seller, opened

DAY = 86_400
ALL = (
    "buyer_user_id,buyer_username,recipient_address,item_list,pay_time,package_list,payment_method,total_amount,"
    "cancel_by,cancel_reason,buyer_cancel_reason,pickup_done_time,shipping_carrier"
)


@pytest.fixture
async def seller() -> AsyncIterator[Seller]:
    async with opened() as one:
        await one.item("OCOP-1")
        await one.item("OCOP-2", original_price=80_000, seller_stock=[{"stock": 5}])
        yield one


async def listed(seller: Seller, **params: Any) -> list[dict[str, Any]]:
    """One page of a day's orders with their states."""
    whole: dict[str, Any] = {
        "time_range_field": "create_time",
        "time_from": seller.now() - DAY,
        "time_to": seller.now(),
        "page_size": 100,
        "response_optional_fields": "order_status",
    } | params
    return list((await seller.get("order/get_order_list", **whole)).response["order_list"])


async def detail(seller: Seller, sn: str, fields: str = ALL) -> dict[str, Any]:
    answer = await seller.get("order/get_order_detail", order_sn_list=sn, response_optional_fields=fields)
    return dict(answer.response["order_list"][0])


def buy(seller: Seller, *wants: Want, **how: Any) -> str:
    return seller.shop.place(wants or [Want(sku="OCOP-1", quantity=2)], **how)


# -- placing


async def test_placing_takes_the_stock(seller: Seller) -> None:
    buy(seller)
    assert {o.sku: o.stock for o in seller.shop.offers()} == {"OCOP-1": 38, "OCOP-2": 5}


async def test_the_platform_refuses_what_it_does_not_have(seller: Seller) -> None:
    with pytest.raises(SoldOut):
        buy(
            seller,
            Want(sku="OCOP-1", quantity=1),
            Want(sku="OCOP-2", quantity=4),
            Want(sku="OCOP-2", quantity=2, gift=True),
        )
    assert {o.sku: o.stock for o in seller.shop.offers()} == {"OCOP-1": 40, "OCOP-2": 5}
    with pytest.raises(SoldOut):
        buy(seller, Want(sku="NOBODY", quantity=1))
    assert not seller.shop.orders()


async def test_reserved_stock_and_hidden_items_are_not_sold(seller: Seller) -> None:
    numbers = {item.sku: item.item_id for item in seller.shop.state.items.values()}
    seller.shop.promote(numbers["OCOP-2"], reserved=3)
    with pytest.raises(SoldOut):
        buy(seller, Want(sku="OCOP-2", quantity=3))
    await seller.post("product/unlist_item", {"item_list": [{"item_id": numbers["OCOP-1"], "unlist": True}]})
    with pytest.raises(SoldOut):
        buy(seller)


async def test_variants_are_sold_by_their_own_sku(seller: Seller) -> None:
    _, models = await seller.varied("V-1", "V-2")
    sn = buy(seller, Want(sku="V-2", quantity=1))
    line = (await detail(seller, sn))["item_list"][0]
    assert (line["model_id"], line["model_sku"], line["item_sku"]) == (models[1], "V-2", "GROUP")
    assert line["model_name"] == "Loại V-2"


async def test_a_promotion_price_is_what_the_buyer_pays(seller: Seller) -> None:
    item_id = next(iter(seller.shop.state.items))
    seller.shop.promote(item_id, sale_price=200_000)
    sn = buy(seller)
    line = (await detail(seller, sn))["item_list"][0]
    assert (line["model_original_price"], line["model_discounted_price"]) == (250_000, 200_000)
    assert seller.shop.orders()[0].lines[0].charged == 400_000


async def test_a_livestream_price_leaves_its_trace(seller: Seller) -> None:
    item_id = next(iter(seller.shop.state.items))
    seller.shop.promote(item_id, sale_price=200_000, kind="seller_streaming_price")
    live, plain = buy(seller), buy(seller, Want(sku="OCOP-2", quantity=1))
    promotions = [(await detail(seller, sn))["item_list"][0]["promotion_list"] for sn in (live, plain)]
    assert promotions == [[{"promotion_type": "seller_streaming_price", "promotion_id": item_id}], []]


async def test_a_gift_costs_nothing(seller: Seller) -> None:
    sn = buy(seller, Want(sku="OCOP-1", quantity=1), Want(sku="OCOP-1", quantity=1, gift=True))
    lines = (await detail(seller, sn))["item_list"]
    assert [line["model_discounted_price"] for line in lines] == [250_000, 0]
    assert lines[0]["order_item_id"] == lines[1]["order_item_id"]
    assert lines[0]["line_item_id"] != lines[1]["line_item_id"]


# -- states


async def test_an_order_passes_every_state(seller: Seller) -> None:
    sn = buy(seller)
    seen = [(await listed(seller))[0]["order_status"]]
    for verb in ("pay", "ship", "deliver", "complete"):
        seller.wait(minutes=10)
        getattr(seller.shop, verb)(sn)
        seen.append((await detail(seller, sn))["order_status"])
    assert seen == ["UNPAID", "READY_TO_SHIP", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED"]
    book = seller.shop.orders()[0]
    assert book.state == "completed"
    assert book.paid_at is not None
    assert book.delivered_at is not None
    assert book.paid_at < book.delivered_at


async def test_cash_is_unpaid_for_a_second_and_paid_at_the_door(seller: Seller) -> None:
    sn = buy(seller, cod=True)
    assert (await detail(seller, sn))["order_status"] == "UNPAID"
    seller.wait(seconds=1)
    told = await detail(seller, sn)
    assert (told["order_status"], told["cod"], told["pay_time"]) == ("READY_TO_SHIP", True, None)
    assert (told["payment_method"], told["total_amount"]) == ("Cash on Delivery", 515_000)
    seller.shop.ship(sn)
    seller.shop.deliver(sn)
    assert (await detail(seller, sn))["pay_time"] == seller.now()


async def test_cash_is_ready_at_once_by_switch() -> None:
    async with opened(replace(CONFIG, cod_unpaid_second=False)) as seller:
        await seller.item("OCOP-1")
        assert (await detail(seller, buy(seller, cod=True)))["order_status"] == "READY_TO_SHIP"


async def test_a_failed_delivery_closes_the_order(seller: Seller) -> None:
    sn = buy(seller, cod=True)
    seller.shop.ship(sn)
    seller.shop.fail_delivery(sn)
    told = await detail(seller, sn)
    assert (told["order_status"], told["cancel_by"]) == ("CANCELLED", "system")
    assert told["package_list"][0]["logistics_status"] == "LOGISTICS_DELIVERY_FAILED"
    assert seller.shop.orders()[0].state == "failed_delivery"


@pytest.mark.parametrize("verb", ["ship", "deliver", "complete", "fail_delivery", "settle"])
async def test_a_verb_out_of_turn_does_nothing(seller: Seller, verb: str) -> None:
    sn = buy(seller)
    with pytest.raises(NotOffered):
        getattr(seller.shop, verb)(sn)
    with pytest.raises(NotOffered):
        getattr(seller.shop, verb)("nobody's")
    assert seller.shop.orders()[0].state == "unpaid"


# -- list


async def test_a_list_without_the_optional_field_has_only_numbers(seller: Seller) -> None:
    sn = buy(seller)
    assert await listed(seller, response_optional_fields="") == [{"order_sn": sn}]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"time_from": 10, "time_to": 10 + 15 * DAY + 1}, "order.order_list_invalid_time"),
        ({"time_from": 10, "time_to": 10}, "order.order_list_invalid_time"),
        ({"time_from": 11, "time_to": 10}, "order.order_list_invalid_time"),
        ({"time_from": 10, "time_to": 10 + 15 * DAY}, ""),
        ({"page_size": 0}, "error_param"),
        ({"page_size": 101}, "error_param"),
        ({"time_range_field": "pay_time"}, "error_param"),
        ({"order_status": "READY"}, "error_param"),
        ({"cursor": "x"}, "error_param"),
    ],
)
async def test_a_list_has_its_limits(seller: Seller, params: dict[str, Any], error: str) -> None:
    good: dict[str, Any] = {"time_range_field": "create_time", "time_from": 10, "time_to": 20, "page_size": 50}
    assert (await seller.get("order/get_order_list", **(good | params))).error == error


async def test_a_list_needs_a_page_size(seller: Seller) -> None:
    answer = await seller.get("order/get_order_list", time_range_field="create_time", time_from=1, time_to=2)
    assert (answer.error, answer.message) == ("error_param", "page_size is required")


async def test_a_walk_meets_every_order_even_when_one_changes_meanwhile(seller: Seller) -> None:
    numbers = []
    for _ in range(5):
        numbers.append(buy(seller, Want(sku="OCOP-1", quantity=1)))
        seller.wait(seconds=1)
    params: dict[str, Any] = {
        "time_range_field": "update_time",
        "time_from": seller.now() - DAY,
        "time_to": seller.now(),
        "page_size": 2,
    }
    page = (await seller.get("order/get_order_list", cursor="", **params)).response
    met = [o["order_sn"] for o in page["order_list"]]
    seller.shop.pay(numbers[0])
    while page["more"]:
        page = (await seller.get("order/get_order_list", cursor=page["next_cursor"], **params)).response
        met += [o["order_sn"] for o in page["order_list"]]
    assert set(met) == set(numbers)
    assert page["next_cursor"] == ""


async def test_updates_move_an_order_to_the_end(seller: Seller) -> None:
    first, second = buy(seller), buy(seller)
    seller.wait(minutes=1)
    seller.shop.pay(first)
    told = await listed(seller, time_range_field="update_time")
    assert [o["order_sn"] for o in told] == [second, first]
    only = await listed(seller, time_range_field="update_time", time_from=seller.now() - 1)
    assert [o["order_sn"] for o in only] == [first]
    assert await listed(seller, order_status="READY_TO_SHIP") == [{"order_sn": first, "order_status": "READY_TO_SHIP"}]


@pytest.mark.parametrize(("inclusive", "found"), [(True, 1), (False, 0)])
async def test_the_upper_border_is_a_switch(inclusive: bool, found: int) -> None:
    async with opened(replace(CONFIG, inclusive_borders=inclusive)) as seller:
        await seller.item("OCOP-1")
        buy(seller)
        assert len(await listed(seller, time_to=seller.now())) == found


# -- detail


async def test_fields_come_only_when_asked_for(seller: Seller) -> None:
    told = await detail(seller, buy(seller), "")
    assert set(told) == {
        "order_sn", "region", "currency", "cod", "order_status", "message_to_seller", "create_time", "update_time",
        "days_to_ship", "ship_by_date",
    }  # fmt: skip


async def test_the_buyer_is_masked_and_amounts_are_numbers(seller: Seller) -> None:
    sn = buy(seller, seller_voucher=20_000, platform_voucher=10_000)
    seller.shop.pay(sn)
    told = await detail(seller, sn)
    assert "*" in told["recipient_address"]["name"]
    assert "*" in told["recipient_address"]["phone"]
    assert "*" in told["buyer_username"]
    assert told["total_amount"] == 500_000 - 30_000 + 15_000
    assert isinstance(told["total_amount"], int)
    assert told["recipient_address"]["state"]
    assert isinstance(told["item_list"][0]["product_location_id"], list)
    assert isinstance(told["package_list"][0]["product_location_id"], str)


async def test_the_total_is_missing_until_paid(seller: Seller) -> None:
    told = await detail(seller, buy(seller))
    assert "total_amount" not in told
    assert told["pay_time"] is None


async def test_up_to_fifty_orders_at_once(seller: Seller) -> None:
    answer = await seller.get("order/get_order_detail", order_sn_list=",".join(f"S{n}" for n in range(51)))
    assert answer.error == "error_param"


async def test_unknown_orders_are_warned_of(seller: Seller) -> None:
    sn = buy(seller)
    answer = await seller.get("order/get_order_detail", order_sn_list=f"{sn},241121NOBODY00")
    assert len(answer.response["order_list"]) == 1
    assert answer.json["warning"] == ["241121NOBODY00 is not found"]
    answer = await seller.get("order/get_order_detail", order_sn_list="241121NOBODY00")
    assert (answer.error, answer.status) == ("error_not_found", 200)


async def test_unknown_orders_are_refused_by_switch() -> None:
    async with opened(replace(CONFIG, unknown_orders_warn=False)) as seller:
        await seller.item("OCOP-1")
        answer = await seller.get("order/get_order_detail", order_sn_list=f"{buy(seller)},X")
        assert answer.error == "error_not_found"


# -- cancelling


async def test_a_cancelled_order_gives_its_goods_back(seller: Seller) -> None:
    sn = buy(seller)
    seller.shop.cancel(sn)
    told = await detail(seller, sn)
    assert (told["order_status"], told["cancel_by"]) == ("CANCELLED", "buyer")
    assert told["item_list"][0]["cancelled_qty"] == 2
    assert {o.sku: o.stock for o in seller.shop.offers()}["OCOP-1"] == 40
    assert seller.shop.orders()[0].state == "cancelled"


async def test_some_units_can_be_cancelled(seller: Seller) -> None:
    sn = buy(seller)
    seller.shop.pay(sn)
    seller.shop.cancel(sn, [Want(sku="OCOP-1", quantity=1)])
    told = await detail(seller, sn)
    line = told["item_list"][0]
    assert told["order_status"] == "READY_TO_SHIP"
    assert (line["model_quantity_purchased"], line["active_qty"], line["cancelled_qty"]) == (2, 1, 1)
    assert told["total_amount"] == 250_000 + 15_000
    assert {o.sku: o.stock for o in seller.shop.offers()}["OCOP-1"] == 39
    with pytest.raises(NotOffered):
        seller.shop.cancel(sn, [Want(sku="OCOP-1", quantity=2)])
    seller.shop.cancel(sn, [Want(sku="OCOP-1", quantity=1)])
    assert (await detail(seller, sn))["order_status"] == "CANCELLED"


async def test_what_is_under_way_cannot_be_cancelled(seller: Seller) -> None:
    sn = buy(seller, cod=True)
    seller.shop.ship(sn)
    with pytest.raises(NotOffered):
        seller.shop.cancel(sn)
    answer = await seller.post("order/cancel_order", {"order_sn": sn, "cancel_reason": "CUSTOMER_REQUEST"})
    assert (answer.error, answer.message) == ("order.error_limit", "Can not cancel this order")


async def test_the_seller_cancels_with_a_reason(seller: Seller) -> None:
    sn = buy(seller)
    seller.shop.pay(sn)
    item_id = next(iter(seller.shop.state.items))
    call = "order/cancel_order"
    assert (await seller.post(call, {"order_sn": sn, "cancel_reason": "BORED"})).error == "order.error_param"
    assert (await seller.post(call, {"order_sn": sn, "cancel_reason": "OUT_OF_STOCK"})).error == "order.error_param"
    assert (await seller.post(call, {"order_sn": sn, "cancel_reason": "COD_NOT_SUPPORTED"})).error == (
        "order.error_param"
    )
    part = {"item_id": item_id, "model_id": 0, "quantity": 1}
    body = {"order_sn": sn, "cancel_reason": "CUSTOMER_REQUEST", "partial_cancel_item_list": [part]}
    assert (await seller.post(call, body)).response == {"update_time": seller.now()}
    assert (await detail(seller, sn))["item_list"][0]["cancelled_qty"] == 1
    body = {"order_sn": sn, "cancel_reason": "OUT_OF_STOCK", "item_list": [{"item_id": item_id, "model_id": 0}]}
    assert (await seller.post(call, body)).error == ""
    assert (await seller.post(call, body)).error == "order.error_limit"  # not idempotent
    assert (await seller.post(call, {"order_sn": "X", "cancel_reason": "CUSTOMER_REQUEST"})).error == "error_not_found"


@pytest.mark.parametrize(
    ("operation", "status", "left"), [("ACCEPT", "CANCELLED", 40), ("REJECT", "READY_TO_SHIP", 38)]
)
async def test_the_seller_answers_a_wish_to_cancel(seller: Seller, operation: str, status: str, left: int) -> None:
    sn = buy(seller)
    seller.shop.pay(sn)
    call = "order/handle_buyer_cancellation"
    assert (await seller.post(call, {"order_sn": sn, "operation": operation})).error == (
        "order.cancel_order_invalid_status"
    )
    seller.shop.ask_cancel(sn)
    told = await detail(seller, sn)
    assert (told["order_status"], told["item_list"][0]["cancel_requested_qty"]) == ("IN_CANCEL", 2)
    assert (await seller.post(call, {"order_sn": sn, "operation": "PERHAPS"})).error == "order.error_param"
    assert (await seller.post(call, {"order_sn": sn, "operation": operation})).error == ""
    assert (await detail(seller, sn))["order_status"] == status
    assert {o.sku: o.stock for o in seller.shop.offers()}["OCOP-1"] == left


# -- parcels


async def test_a_parcel_is_arranged_once(seller: Seller) -> None:
    sn = buy(seller)
    assert (await seller.get("logistics/get_shipping_parameter", order_sn=sn)).error == "logistics.error_param"
    seller.shop.pay(sn)
    todo = await seller.post(
        "order/search_package_list", {"filter": {"package_status": 2}, "pagination": {"page_size": 9}}
    )
    assert [p["order_sn"] for p in todo.response["packages_list"]] == [sn]
    assert (await seller.get("logistics/get_tracking_number", order_sn=sn)).response["tracking_number"] == ""
    how = (await seller.get("logistics/get_shipping_parameter", order_sn=sn)).response
    address = how["pickup"]["address_list"][0]
    pickup = {"address_id": address["address_id"], "pickup_time_id": address["time_slot_list"][0]["pickup_time_id"]}
    for wrong in ({}, {"pickup": pickup, "dropoff": {}}, {"pickup": {**pickup, "address_id": 1}}):
        assert (await seller.post("logistics/ship_order", {"order_sn": sn, **wrong})).error == "logistics.error_param"
    assert (await seller.post("logistics/ship_order", {"order_sn": sn, "pickup": pickup})).error == ""
    assert (await detail(seller, sn))["order_status"] == "PROCESSED"
    assert (await seller.get("logistics/get_tracking_number", order_sn=sn)).response["tracking_number"]
    assert (await seller.post("logistics/ship_order", {"order_sn": sn, "pickup": pickup})).error == (
        "logistics.error_param"
    )
    seller.shop.retry_pickup(sn)
    assert (await detail(seller, sn))["order_status"] == "RETRY_SHIP"
    assert (await seller.post("logistics/ship_order", {"order_sn": sn, "dropoff": {}})).error == ""


# -- returns


async def delivered(seller: Seller) -> str:
    sn = buy(seller)
    for verb in ("pay", "ship", "deliver"):
        getattr(seller.shop, verb)(sn)
    return sn


async def returned(seller: Seller, **params: Any) -> list[dict[str, Any]]:
    return list((await seller.get("returns/get_return_list", **params)).response["return"])


async def test_an_order_can_have_several_returns(seller: Seller) -> None:
    sn = await delivered(seller)
    for _ in range(2):
        seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
    told = await returned(seller)
    assert len({r["return_sn"] for r in told}) == 2
    assert {(r["order_sn"], r["refund_amount"], r["status"]) for r in told} == {(sn, 250_000, "ACCEPTED")}
    assert [i["amount"] for r in told for i in r["item"]] == [1, 1]
    line = (await detail(seller, sn))["item_list"][0]
    assert (line["returned_qty"], line["active_qty"]) == (2, 0)
    book = seller.shop.orders()[0]
    assert [amount for _, amount in book.refunds] == [250_000, 250_000]
    assert book.lines[0].returned == 2
    assert {o.sku: o.stock for o in seller.shop.offers()}["OCOP-1"] == 38  # the seller counts what arrives
    with pytest.raises(NotOffered):
        seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 1)


async def test_an_open_return_is_not_money_yet(seller: Seller) -> None:
    sn = await delivered(seller)
    number = seller.shop.ask_return(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
    told = await detail(seller, sn)
    assert (told["order_status"], told["item_list"][0]["return_requested_qty"]) == ("TO_RETURN", 1)
    assert told["item_list"][0]["returned_qty"] == 0
    one = (await seller.get("returns/get_return_detail", return_sn=number)).response
    assert (one["status"], one["return_refund_type"]) == ("REQUESTED", "RRBOC")
    assert seller.shop.orders()[0].refunds == []
    assert (await seller.post("returns/confirm", {"return_sn": number})).response == {"return_sn": number}
    assert (await detail(seller, sn))["order_status"] == "COMPLETED"
    assert (await seller.post("returns/confirm", {"return_sn": number})).error == "returns.error_param"


async def test_a_return_can_be_disputed_or_withdrawn(seller: Seller) -> None:
    sn = await delivered(seller)
    number = seller.shop.ask_return(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
    assert (await seller.post("returns/dispute", {"return_sn": number})).error == ""
    assert (await seller.post("returns/dispute", {"return_sn": number})).error == "returns.error_param"
    seller.shop.cancel_return(number)
    assert (await detail(seller, sn))["order_status"] == "TO_CONFIRM_RECEIVE"
    assert (await returned(seller, status="CANCELLED"))[0]["return_sn"] == number


async def test_a_return_after_completion_says_so(seller: Seller) -> None:
    sn = await delivered(seller)
    seller.shop.complete(sn)
    seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
    assert (await returned(seller))[0]["return_refund_type"] == "RRAOC"
    assert (await detail(seller, sn))["order_status"] == "COMPLETED"


async def test_everything_back_cancels_by_switch() -> None:
    async with opened(replace(CONFIG, full_return_cancels=True, refund_paid_status=True)) as seller:
        await seller.item("OCOP-1")
        sn = await delivered(seller)
        seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=2)], 500_000)
        assert (await detail(seller, sn))["order_status"] == "CANCELLED"
        assert (await returned(seller))[0]["status"] == "REFUND_PAID"


@pytest.mark.parametrize("first", [0, 1])
async def test_where_return_pages_begin_is_a_switch(first: int) -> None:
    async with opened(replace(CONFIG, first_return_page=first)) as seller:
        await seller.item("OCOP-1")
        sn = await delivered(seller)
        for _ in range(2):
            seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
        pages = [await returned(seller, page_no=first + n, page_size=1) for n in (0, 1, 2)]
        assert [len(page) for page in pages] == [1, 1, 0]
        default = await seller.get("returns/get_return_list", page_size=1)
        assert default.response["return"] == pages[0]
        assert default.response["more"] is True
        if first:
            assert (await seller.get("returns/get_return_list", page_no=0)).error == "error_param"


@pytest.mark.parametrize(
    "params",
    [
        {"create_time_from": 1, "create_time_to": 15 * DAY + 2},
        {"update_time_from": 1, "update_time_to": 15 * DAY + 2},
        {"create_time_from": 1},
        {"create_time_from": 5, "create_time_to": 9, "update_time_from": 4, "update_time_to": 9},
        {"page_size": 101},
    ],
)
async def test_a_return_list_has_its_limits(seller: Seller, params: dict[str, Any]) -> None:
    assert (await seller.get("returns/get_return_list", **params)).error == "error_param"
