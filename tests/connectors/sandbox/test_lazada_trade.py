"""The pretend Lazada's orders, parcels, cancellations, returns, money and live: what is refused, what is told."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.sandbox.kit import NotOffered, SoldOut, Want
from tests.connectors.sandbox.lazada_desk import Desk, open_desk

AFTER = "2026-11-01T00:00:00+07:00"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        await opened.create("A")
        yield opened


def bought(desk: Desk, quantity: int = 2, *, cod: bool = True) -> str:
    return desk.shop.place([Want(sku="A", quantity=quantity)], cod=cod)


async def units(desk: Desk, order: str) -> list[Any]:
    found: list[Any] = (await desk.get("/order/items/get", order_id=order))["data"]
    return found


@pytest.mark.parametrize(
    ("args", "code"),
    [({}, "MissingParameter"), ({"update_after": "x"}, "17"), ({"update_after": AFTER, "limit": "101"}, "19"),
     ({"update_after": AFTER, "offset": "5001"}, "14"), ({"update_after": AFTER, "status": "gone"}, "36"),
     ({"update_after": AFTER, "sort_by": "price"}, "75"), ({"update_after": AFTER, "sort_direction": "up"}, "74")],
    ids=str,
)  # fmt: skip
async def test_the_list_refuses(desk: Desk, args: dict[str, str], code: str) -> None:
    assert (await desk.get("/orders/get", **args))["code"] == code


async def test_one_item_per_unit_and_no_state_of_the_order(desk: Desk) -> None:
    order = bought(desk, 3)
    told = (await desk.get("/orders/get", update_after=AFTER, sort_by="updated_at", sort_direction="ASC"))["data"]
    assert (told["count"], told["countTotal"], told["orders"][0]["order_id"]) == (1, 1, int(order))
    assert (told["orders"][0]["statuses"], told["orders"][0]["items_count"]) == (["pending"], 3)
    assert "status" not in told["orders"][0]
    rows = await units(desk, order)
    assert len({one["order_item_id"] for one in rows}) == 3
    assert {type(one["paid_price"]) for one in rows} == {str, int}  # mixed, as in real answers
    assert (await desk.get("/order/get", order_id="1"))["code"] == "16"
    assert (await desk.get("/orders/items/get", order_ids=f"[{order}]"))["data"][0]["order_id"] == int(order)
    for wrong, code in (("[]", "37"), ("1", "5"), (json.dumps([1] * 51), "37"), ("[1]", "16")):
        assert (await desk.get("/orders/items/get", order_ids=wrong))["code"] == code


def pack(order: str, rows: list[Any], **more: object) -> str:
    wanted = {"order_id": order, "order_item_list": [one["order_item_id"] for one in rows]}
    return json.dumps(
        {"pack_order_list": [wanted], "delivery_type": "dropship", "shipping_allocate_type": "TFS"} | more
    )


async def test_parcels_in_their_order(desk: Desk) -> None:
    order = bought(desk, cod=False)
    rows = await units(desk, order)

    async def packed() -> Any:
        told = await desk.post("/order/fulfill/pack", packReq=pack(order, rows))
        return told["result"]["data"]["pack_order_list"][0]["order_item_list"][0]

    assert (await packed())["item_err_code"] == "E0208"  # unpaid
    desk.shop.pay(order)
    package = (await packed())["package_id"]
    assert (await packed())["item_err_code"] == "E0208"  # not a second time
    one = json.dumps({"packages": [{"package_id": package}]})
    assert (await desk.post("/order/package/repack", rePackReq=one))["code"] == "0"
    package = (await packed())["package_id"]
    one = json.dumps({"packages": [{"package_id": package}]})
    assert (await desk.get("/order/package/document/get", getDocumentReq=one))["result"]["data"]["pdf_url"]
    codes = []
    for _ in range(2):
        told = await desk.post("/order/package/rts", readyToShipReq=one)
        codes.append(told["result"]["data"]["packages"][0]["item_err_code"])
    assert codes == ["0", "E0215"]
    assert (await desk.post("/order/package/repack", rePackReq=one))["result"]["error_code"] == "E0208"


@pytest.mark.parametrize(
    ("path", "name", "asked", "code"),
    [
        ("/order/fulfill/pack", "packReq", "[]", "E0200"),
        ("/order/fulfill/pack", "packReq", '{"delivery_type":"pickup"}', "E0201"),
        ("/order/fulfill/pack", "packReq", pack("1", [], pack_order_list=[]), "E0202"),
        ("/order/fulfill/pack", "packReq", pack("1", []), "E0203"),
        ("/order/package/rts", "readyToShipReq", '{"packages":[]}', "E0202"),
        ("/order/package/document/get", "getDocumentReq", '{"packages":[{"package_id":"x"}]}', "E0216"),
    ],
)
async def test_parcels_refused_under_code_0(desk: Desk, path: str, name: str, asked: str, code: str) -> None:
    told = await desk.post(path, **{name: asked})
    assert (told["code"], told["result"]["success"], told["result"]["error_code"]) == ("0", False, code)


async def test_cancelling_takes_the_package_and_some_reasons_take_the_stock(desk: Desk) -> None:
    order = bought(desk)
    rows = await units(desk, order)
    await desk.post("/order/fulfill/pack", packReq=pack(order, rows))
    first = {"order_id": order, "order_item_id_list": f"[{rows[0]['order_item_id']}]"}
    options = (await desk.get("/order/reverse/cancel/validate", **first))["data"]["reason_options"]
    assert {one["reason_name"] for one in options} >= {"Out of stock", "Pricing error"}
    assert (await desk.get("/order/reverse/cancel/create", **first, reason_id="99"))["code"] == "102"
    assert (await desk.get("/order/reverse/cancel/create", **first | {"order_item_id_list": "[1]"}))["code"] == "104"
    assert (await desk.get("/order/reverse/cancel/create", **first, reason_id="10"))["code"] == "0"
    assert {one["status"] for one in await units(desk, order)} == {"canceled"}
    assert list(desk.shop.offers()) == []
    assert (await desk.get("/order/reverse/cancel/create", **first, reason_id="10"))["code"] == "115"
    assert (await desk.get("/order/reverse/cancel/validate", **first))["code"] == "115"


async def test_returns_in_dong(desk: Desk) -> None:
    order = bought(desk)
    with pytest.raises(NotOffered):
        desk.shop.take_back(order, [Want(sku="A", quantity=1)], 1)
    desk.shop.ship(order)
    desk.shop.deliver(order)
    desk.shop.take_back(order, [Want(sku="A", quantity=1)], 10_000)
    told = (await desk.get("/reverse/getreverseordersforseller", trade_order_id=order))["result"]
    assert (told["total"], told["items"][0]["request_type"]) == (1, "RETURN")
    line = told["items"][0]["reverse_order_lines"][0]
    assert (line["refund_amount"], line["reverse_status"]) == (10_000, "REFUND_SUCCESS")
    later = str(line["return_order_line_gmt_modified"] + 1)
    args = {"ReverseOrderLineModifiedTimeRangeStart": later}
    assert (await desk.get("/reverse/getreverseordersforseller", **args))["result"]["total"] == 0


async def test_money_in_rows_of_text(desk: Desk) -> None:
    order = bought(desk)
    desk.shop.ship(order)
    desk.shop.deliver(order)
    desk.shop.settle(order)
    days = {"start_time": "2026-11-21", "end_time": "2026-11-21"}
    rows = (await desk.get("/finance/transaction/details/get", **days, trans_type="-1"))["data"]
    assert rows[0]["transaction_date"] == "21 Nov 2026"
    assert rows[0]["statement"] == "16 Nov 2026 - 22 Nov 2026"
    assert rows[0]["amount"] == "250,000.00"
    total = sum(int(one["amount"].replace(",", "").removesuffix(".00")) for one in rows)
    assert total == desk.shop.orders()[0].settled
    few = await desk.get("/finance/transaction/details/get", **days, limit="1", offset="1", trans_type="16")
    assert [one["fee_type"] for one in few["data"]] == ["16"]
    for wrong, code in (({"end_time": "2027-05-20"}, "1000012"), ({"trans_type": "x"}, "1000014"),
                        ({"limit": "501"}, "19"), ({"start_time": "today"}, "17")):  # fmt: skip
        assert (await desk.get("/finance/transaction/details/get", **days | wrong))["code"] == code
    payouts = (await desk.get("/finance/payout/status/get", created_after="2026-11-01"))["data"]
    assert (payouts[0]["paid"], payouts[0]["closing_balance"]) == ("1", f"{total}.00")


async def test_stock_follows_each_step(desk: Desk) -> None:
    order = bought(desk, 4, cod=False)
    row = next(iter(desk.shop.items.values())).skus[0]
    seen = [(row.sellable, row.withhold, row.occupy)]
    for step in (desk.shop.pay, desk.shop.ship):
        step(order)
        seen.append((row.sellable, row.withhold, row.occupy))
    assert seen == [(6, 4, 0), (6, 0, 4), (6, 0, 0)]
    with pytest.raises(SoldOut):
        bought(desk, 7)
    desk.shop.cancel(bought(desk, 6, cod=False))
    assert (row.sellable, row.withhold) == (6, 0)
    with pytest.raises(NotOffered):
        desk.shop.cancel(order)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"itemId": 1, "presenterId": "77", "action": "HIGHLIGHT_START"}, "BIZ_INVALID_PRODUCT"),
        ({"itemId": 1, "presenterId": "1", "action": "HIGHLIGHT_START"}, "BIZ_LIVE_NOT_FOUND"),
    ],
)
async def test_highlights_refused(desk: Desk, asked: dict[str, object], told: str) -> None:
    desk.shop.live = "77"
    answer = await desk.post("/lazlive/product/highlight", highLightRequest=json.dumps(asked))
    assert (answer["success"], answer["error_code"]) == (False, told)
    assert (await desk.post("/lazlive/product/highlight", highLightRequest="{}"))["code"] == "MissingParameter"
