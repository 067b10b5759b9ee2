"""Pushes: signature, retries, loss, the console's calls (sheet section 13), and the kit's faults."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from hub.sandbox.faults import Fault, Faults, Rates
from hub.sandbox.kit import Delivery, Want
from tests.connectors.sandbox.shopee_world import APP, CONFIG, KEY, OTHER, PARTNER, PATIENT, SHOP, Seller, opened

URL = "https://hub.example.org/webhooks/shopee?x=1"
WITH_PUSHES = replace(PATIENT, apps=(replace(APP, push_url=URL),))


@dataclass(kw_only=True)
class Hub:
    """The other end: what arrived, and what it answers."""

    status: int = 200
    got: list[Delivery] = field(default_factory=list)

    async def post(self, delivery: Delivery) -> int:
        self.got.append(delivery)
        return self.status

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(one.body) for one in self.got]


@dataclass(kw_only=True)
class Line:
    """A seller and the hub its pushes reach."""

    seller: Seller
    hub: Hub

    async def deliver(self) -> int:
        return await self.seller.shopee.deliver_due()

    def buy(self) -> str:
        return self.seller.shop.place([Want(sku="OCOP-1", quantity=1)])


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with opened(WITH_PUSHES) as seller:
        hub = Hub()
        seller.shopee.world.post = hub.post
        await seller.item("OCOP-1")
        yield Line(seller=seller, hub=hub)


async def test_an_order_push_is_signed_over_address_and_bytes(line: Line) -> None:
    sn = line.buy()
    assert await line.deliver() == 1
    one = line.hub.got[0]
    expected = hmac.new(KEY.encode(), f"{URL}|".encode() + one.body, hashlib.sha256).hexdigest()
    assert dict(one.headers)["Authorization"] == expected
    body = json.loads(one.body)
    assert body["data"] == {
        "completed_scenario": "", "items": [], "ordersn": sn, "status": "UNPAID", "update_time": line.seller.now(),
    }  # fmt: skip
    assert (body["code"], body["shop_id"], body["timestamp"]) == (3, SHOP, line.seller.now())
    assert body["msg_id"]


async def test_a_push_key_of_its_own_signs() -> None:
    async with opened(replace(PATIENT, apps=(replace(APP, push_url=URL, push_key="shpk-push"),))) as seller:
        hub = Hub()
        seller.shopee.world.post = hub.post
        await seller.item("OCOP-1")
        seller.shop.place([Want(sku="OCOP-1", quantity=1)])
        await seller.shopee.deliver_due()
        one = hub.got[0]
        expected = hmac.new(b"shpk-push", f"{URL}|".encode() + one.body, hashlib.sha256).hexdigest()
        assert dict(one.headers)["Authorization"] == expected


async def test_every_turn_of_an_order_is_told(line: Line) -> None:
    sn = line.buy()
    for verb in ("pay", "ship", "deliver", "complete"):
        getattr(line.seller.shop, verb)(sn)
    line.seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 1)
    await line.deliver()
    bodies = line.hub.bodies()
    assert [b["data"]["status"] for b in bodies if b["code"] == 3] == [
        "UNPAID", "READY_TO_SHIP", "PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "TO_RETURN", "COMPLETED",
    ]  # fmt: skip
    assert [b["data"]["tracking_no"] for b in bodies if b["code"] == 4]
    assert [b["data"]["return_sn"] for b in bodies if b["code"] == 29] == [f"{sn}R1"] * 2
    assert len({b["msg_id"] for b in bodies}) == len(bodies)


async def test_a_ban_and_a_consent_are_told(line: Line) -> None:
    item_id = next(iter(line.seller.shop.state.items))
    line.seller.shop.ban(item_id)
    line.seller.shopee.unlink(SHOP)
    await line.deliver()
    ban, gone = line.hub.bodies()
    assert (ban["code"], ban["data"]["item_id"], ban["data"]["item_status"]) == (16, item_id, "BANNED")
    assert ban["data"]["item_status_details"][0]["violation_reason"] == "License Reason"
    assert (gone["code"], gone["partner_id"], gone["data"]["shop_id"]) == (2, PARTNER, SHOP)
    assert "shop_id" not in gone


async def test_a_consent_that_ends_is_told_a_week_before_and_at_its_end(line: Line) -> None:
    line.seller.shopee.unlink(OTHER)
    await line.deliver()
    line.hub.got.clear()
    for days in (357, 1, 1, 6, 1):
        line.seller.wait(days=days)
        await line.deliver()
    soon, over = line.hub.bodies()
    assert (soon["code"], soon["data"]["shop_expire_soon"]) == (12, [SHOP])
    assert "shop_id" not in soon
    assert (over["code"], over["data"]["shopid"], over["partner_id"]) == (2, SHOP, PARTNER)


async def test_a_push_is_retried_after_5_30_and_180_minutes_and_then_lost(line: Line) -> None:
    line.hub.status = 500
    sn = line.buy()
    for wait in (0, 300, 1800, 10_800):
        if wait:
            line.seller.wait(seconds=wait - 1)
            assert await line.deliver() == 0
            line.seller.wait(seconds=1)
        assert await line.deliver() == 1
    line.seller.wait(days=1)
    assert await line.deliver() == 0
    assert len({one.body for one in line.hub.got}) == 1
    lost = (await line.seller.get("push/get_lost_push_message", public=True)).response
    message = lost["push_message_list"][0]
    assert json.loads(message["data"])["ordersn"] == sn
    assert (message["shop_id"], message["code"], lost["has_next_page"]) == (SHOP, 3, False)
    confirm = {"last_message_id": lost["last_message_id"]}
    assert (await line.seller.post("push/confirm_consumed_lost_push_message", confirm, public=True)).error == ""
    empty = (await line.seller.get("push/get_lost_push_message", public=True)).response
    assert empty["push_message_list"] == []


async def test_lost_pushes_are_kept_three_days(line: Line) -> None:
    line.hub.status = 500
    line.buy()
    for wait in (0, 300, 1800, 10_800):
        line.seller.wait(seconds=wait)
        await line.deliver()
    line.seller.wait(days=3)
    assert (await line.seller.get("push/get_lost_push_message", public=True)).response["push_message_list"] == []


async def test_a_subscription_that_nobody_takes_is_switched_off(line: Line) -> None:
    line.hub.status = 500
    for _ in range(601):
        line.seller.shop.state.notify(5, {"content": ""}, line.seller.now())
    await line.deliver()
    told = (await line.seller.get("push/get_app_push_config", public=True)).response
    assert told["live_push_status"] == "Suspended"
    line.buy()
    line.seller.wait(seconds=1)
    assert await line.deliver() == 0


async def test_the_console_tries_a_new_address(line: Line) -> None:
    call, new = "push/set_app_push_config", {"callback_url": "https://hub.example.org/new"}
    line.hub.status = 404
    assert (await line.seller.post(call, new, public=True)).error == "push.error_param"
    line.hub.status = 204
    answer = await line.seller.post(
        call, new | {"set_push_config_off": [3], "blocked_shop_id_list": [OTHER]}, public=True
    )
    assert answer.error == ""
    told = (await line.seller.get("push/get_app_push_config", public=True)).response
    assert told["callback_url"] == "https://hub.example.org/new"
    assert 3 in told["push_config_off_list"]
    assert told["blocked_shop_id_list"] == [OTHER]
    line.hub.got.clear()
    line.buy()
    await line.deliver()
    assert line.hub.got == []
    assert (await line.seller.post(call, {"set_push_config_on": [99]}, public=True)).error == "push.error_param"
    too_many = {"blocked_shop_id_list": list(range(501))}
    assert (await line.seller.post(call, too_many, public=True)).error == "error_param"


async def test_pushes_arrive_twice_or_out_of_order_by_the_kits_faults(line: Line) -> None:
    line.seller.shopee.world.faults = Faults(Rates(hook_doubled=1.0), seed=3)
    line.buy()
    assert await line.deliver() == 2
    assert line.hub.got[0] == line.hub.got[1]


async def test_a_push_that_never_arrived_comes_later(line: Line) -> None:
    line.seller.shopee.world.faults = Faults(Rates(hook_lost=1.0), seed=3)
    line.buy()
    assert await line.deliver() == 0
    line.seller.shopee.world.faults = Faults()
    line.seller.wait(seconds=300)
    assert await line.deliver() == 1


async def test_without_a_way_out_pushes_wait(line: Line) -> None:
    line.seller.shopee.world.post = None
    line.buy()
    assert await line.deliver() == 0
    line.seller.shopee.world.post = line.hub.post
    assert await line.deliver() == 1


# -- the platform's own words for trouble


@pytest.mark.parametrize(
    ("fault", "error", "status"), [(Fault.ERROR_IN_200, "error_system_busy", 200), (Fault.EMPTY_PAGE, "", 200)]
)
async def test_faults_speak_as_the_platform_does(fault: Fault, error: str, status: int) -> None:
    async with opened(CONFIG) as seller:
        await seller.item("OCOP-1")
        seller.shop.place([Want(sku="OCOP-1", quantity=1)])
        day: dict[str, Any] = {"time_from": seller.now() - 9, "time_to": seller.now()}
        answers = []
        for each in (None, fault):
            seller.break_next(each)
            answers.append(await seller.get("order/get_order_list", time_range_field="create_time", page_size=9, **day))
        assert (answers[1].error, answers[1].status) == (error, status)
        assert len(answers[0].response["order_list"]) == 1
        if not error:
            assert answers[1].response["order_list"] == []


async def test_an_expired_token_can_be_refreshed() -> None:
    async with opened(CONFIG) as seller:
        seller.break_next(Fault.TOKEN_EXPIRED)
        assert (await seller.get("shop/get_shop_info")).error == "error_auth"
        seller.break_next(None)
        body = {"refresh_token": "ref-1", "partner_id": PARTNER, "shop_id": SHOP}
        fresh = (await seller.post("auth/access_token/get", body, public=True)).json["access_token"]
        assert (await seller.but(token=fresh).get("shop/get_shop_info")).error == ""


async def test_calls_are_named_by_shop_and_path() -> None:
    async with opened(CONFIG) as seller:
        await seller.get("shop/get_shop_info")
        await seller.get("public/get_shops_by_partner", public=True)
        assert seller.named == [
            (str(SHOP), "GET /api/v2/shop/get_shop_info"),
            ("-", "GET /api/v2/public/get_shops_by_partner"),
        ]
