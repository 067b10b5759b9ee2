"""Orders, claims, parcels, statements, LIVEs of the pretend TikTok Shop, asked by hand."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from hub.sandbox.buyer import Buyer, Habits, play
from hub.sandbox.kit import NotOffered, SoldOut, Want
from tests.connectors.sandbox.tiktok_world import Door, door
from tests.connectors.tiktok_shop_stage import config

SKU = "OCOP-22-0001-500"
SEARCH = "POST /order/202309/orders/search"


@pytest.fixture
async def opened() -> AsyncIterator[Door]:
    async with door() as made:
        await made.made()
        yield made


def bought(opened: Door, quantity: int = 1, *verbs: str) -> str:
    order_id = opened.shop.place([Want(sku=SKU, quantity=quantity)])
    for verb in verbs:
        getattr(opened.shop, verb)(order_id)
    return order_id


async def told(opened: Door, order_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await opened.call("GET /order/202507/orders", ids=order_id))[2]["orders"][0]
    return found


async def test_one_line_for_each_unit_and_sums_that_hold(opened: Door) -> None:
    order_id = opened.shop.place([Want(sku=SKU, quantity=3)], seller_voucher=10_000, platform_voucher=5_000)
    order = await told(opened, order_id)
    lines, paid = order["line_items"], order["payment"]
    assert len(lines) == len({one["id"] for one in lines}) == 3
    assert "quantity" not in lines[0]
    assert sum(int(one["seller_discount"]) for one in lines) == int(paid["seller_discount"]) == 10_000
    assert int(paid["sub_total"]) == 255_000 - 10_000 - 5_000 == sum(int(one["sale_price"]) for one in lines)
    assert int(paid["total_amount"]) == int(paid["sub_total"]) + int(paid["shipping_fee"])


async def test_no_address_while_unpaid_or_on_hold() -> None:
    async with door(config(hold_seconds=60)) as opened:
        await opened.made()
        order_id = bought(opened)
        states = []
        for step in ("", "pay", "wait"):
            if step == "pay":
                opened.shop.pay(order_id)
            opened.clock.move(timedelta(seconds=60 if step == "wait" else 0))
            order = await told(opened, order_id)
            states.append((order["status"], bool(order["recipient_address"]["district_info"])))
        assert states == [("UNPAID", False), ("ON_HOLD", False), ("AWAITING_SHIPMENT", True)]


async def test_search_asks_for_what_it_needs(opened: Door) -> None:
    assert (await opened.call(SEARCH))[1] == 12019109
    assert (await opened.call(SEARCH, {"order_status": "SOLD"}, page_size="10"))[1] == 36009004
    assert (await opened.call(SEARCH, {"update_time_ge": "1"}, page_size="10"))[1] == 36009004
    assert (await opened.call("GET /order/202507/orders", ids=",".join(["1"] * 51)))[1] == 12019120
    assert (await opened.call("GET /order/202507/orders", ids="1"))[2] == {"orders": []}


async def test_an_order_that_moves_between_pages_shifts_no_other(opened: Door) -> None:
    ids = []
    for _ in range(5):
        ids.append(bought(opened))
        opened.clock.move(timedelta(seconds=1))
    query: dict[str, Any] = {"page_size": "2", "sort_field": "update_time", "sort_order": "ASC"}
    first = (await opened.call(SEARCH, {}, **query))[2]
    token = first["next_page_token"]
    assert {"/", "+", "="} <= set(token)
    opened.shop.pay(ids[0])
    seen = [one["id"] for one in first["orders"]]
    while token:
        page = (await opened.call(SEARCH, {}, **query, page_token=token))[2]
        seen += [one["id"] for one in page["orders"]]
        token = page["next_page_token"]
    assert seen == [*ids, ids[0]]


async def test_stock_is_the_platforms_own_check(opened: Door) -> None:
    with pytest.raises(SoldOut):
        bought(opened, 121)
    order_id = bought(opened, 120)
    assert list(opened.shop.offers()) == []
    opened.shop.cancel(order_id)
    assert opened.shop.offers()[0].stock == 120
    with pytest.raises(NotOffered):
        opened.shop.pay(order_id)


async def test_claims_and_their_words(opened: Door) -> None:
    line = "POST /return_refund/202602/returns/search"
    order_id = bought(opened, 2, "pay", "ship", "deliver")
    assert "return_orders" not in (await opened.call(line, {}))[2]  # absent, not empty
    claim = opened.shop.ask_return(order_id, [Want(sku=SKU, quantity=1)], 85_000)
    (row,) = (await opened.call(line, {"order_ids": [order_id]}))[2]["return_orders"]
    assert (row["return_id"], row["return_status"]) == (claim.id, "RETURN_OR_REFUND_REQUEST_PENDING")
    gone = bought(opened, 1, "pay")
    wish = opened.shop.ask_cancel(gone)
    assert (await told(opened, gone))["is_buyer_request_cancel"]
    path = f"POST /return_refund/202309/cancellations/{wish}"
    assert (await opened.call(f"{path}/reject"))[1] == 36009004
    assert (await opened.call(f"{path}/approve"))[1] == 0
    assert (await told(opened, gone))["status"] == "CANCELLED"
    rows = (await opened.call("POST /return_refund/202602/cancellations/search", {"order_ids": [gone]}))[2]
    assert [one["cancel_status"] for one in rows["cancellations"]] == ["CANCELLATION_REQUEST_COMPLETE"]


async def test_the_seller_cancels_only_before_shipping(opened: Door) -> None:
    line = "POST /return_refund/202602/cancellations"
    order_id = bought(opened, 2, "pay")
    reason = "seller_cancel_reason_out_of_stock"
    assert (await opened.call(line, {"order_id": "1", "cancel_reason": reason}))[1] == 21008111
    assert (await opened.call(line, {"order_id": order_id, "cancel_reason": "mood"}))[1] == 25001002
    number = next(iter(opened.shop.products.values())).units[0].id
    for quantity, code in ((3, 25001003), (1, 0)):
        body = {"order_id": order_id, "cancel_reason": reason, "skus": [{"sku_id": number, "quantity": quantity}]}
        assert (await opened.call(line, body))[1] == code
    assert [one["display_status"] for one in (await told(opened, order_id))["line_items"]].count("CANCELLED") == 1
    opened.shop.ship(order_id)
    assert (await opened.call(line, {"order_id": order_id, "cancel_reason": reason}))[1] == 25001001


async def test_parcels(opened: Door) -> None:
    order_id = bought(opened, 1, "pay")
    path = f"/fulfillment/202309/packages/{(await told(opened, order_id))['packages'][0]['id']}"
    slots = (await opened.call(f"GET {path}/handover_time_slots"))[2]["pickup_slots"]
    label: dict[str, Any] = {"document_type": "SHIPPING_LABEL"}
    assert (await opened.call(f"GET {path}/shipping_documents", **label))[1] == 21011014
    taken = {"handover_method": "PICKUP", "pickup_slot": {key: slots[0][key] for key in ("start_time", "end_time")}}
    for body, code in (({}, 36009004), ({"self_shipment": {}}, 36009004), (taken, 21011032),
                       ({"handover_method": "DROP_OFF"}, 0), ({"handover_method": "DROP_OFF"}, 0)):  # fmt: skip
        assert (await opened.call(f"POST {path}/ship", body))[1] == code
    assert (await opened.call(f"GET {path}/shipping_documents", **label))[2]["doc_url"]
    assert (await opened.call(f"GET {path}/shipping_documents"))[1] == 36009004
    assert (await opened.call("POST /fulfillment/202309/packages/1/ship", taken))[1] == 21001001


async def test_a_statement_a_day_cut_at_midnight_utc(opened: Door) -> None:
    line = "GET /finance/202309/statements"
    assert (await opened.call(line))[1] == 36009004  # sort_field is compulsory
    order_id = bought(opened, 2, "pay", "ship", "deliver", "complete")
    opened.shop.settle(order_id)
    query: dict[str, Any] = {"sort_field": "statement_time"}
    assert (await opened.call(line, **query))[2]["statements"] == []
    assert opened.shop.orders()[0].settled is None
    opened.clock.move(timedelta(days=1))
    (statement,) = (await opened.call(line, **query))[2]["statements"]
    assert statement["statement_time"] % 86_400 == 0
    path = f"GET /finance/202501/statements/{statement['id']}/statement_transactions"
    (row,) = (await opened.call(path, sort_field="order_create_time"))[2]["transactions"]
    numbers = {key: int(row[f"{key}_amount"]) for key in ("settlement", "revenue", "shipping_cost", "fee_tax")}
    assert numbers["settlement"] == numbers["revenue"] + numbers["shipping_cost"] + numbers["fee_tax"]
    assert opened.shop.orders()[0].settled == numbers["settlement"]
    assert (await opened.call(path.replace(statement["id"], "S1"), sort_field="order_create_time"))[1] == 36009004


async def test_lives_by_the_shops_day_and_orders_that_creators_brought(opened: Door) -> None:
    live = opened.shop.broadcast("Phiên chợ OCOP")
    order_id = bought(opened, 1)
    opened.shop.credit(order_id, "LIVE", live)
    assert (await told(opened, order_id))["line_items"][0]["room_id"] == live
    line = "GET /analytics/202609/shop_lives/performance"
    query: dict[str, Any] = {"start_date_ge": "2026-11-21", "end_date_lt": "2026-11-22"}
    assert (await opened.call(line, **query))[1] == 36009004
    shown = (await opened.call(line, **query, account_type="OFFICIAL_ACCOUNTS"))[2]["live_stream_sessions"]
    assert [(one["id"], type(one["start_time"])) for one in shown] == [(live, str)]
    other = (await opened.call(line, **query, account_type="MARKETING_ACCOUNTS"))[2]
    assert other["live_stream_sessions"] == []
    now = opened.pretend.now()
    credits = "POST /affiliate_seller/202410/orders/search"
    assert (await opened.call(credits, {"create_time_ge": now}, page_size="10"))[1] == 36009004
    wide = {"create_time_ge": now - 93 * 86_400, "create_time_lt": now + 1}
    assert (await opened.call(credits, wide, page_size="10"))[1] == 36009004
    (row,) = (await opened.call(credits, wide | {"create_time_ge": now}, page_size="10"))[2]["orders"]
    assert (row["id"], row["skus"][0]["commission_rate"]) == (order_id, "1000")


async def test_a_buyer_with_a_seed_trades_for_a_week(opened: Door) -> None:
    buyer = Buyer(opened.pretend.world, {"tiktok": opened.shop}, 7, Habits(orders_per_day=12, most=60))
    play(buyer, opened.clock, opened.clock.now() + timedelta(days=21))
    book = opened.shop.orders()
    states = {one.state for one in book}
    assert {"completed", "cancelled"} <= states
    assert all(
        one.settled is None or one.settled <= sum(ln.charged for ln in one.lines) for one in opened.shop.orders()
    )
    assert buyer.done["placed"] > 20
