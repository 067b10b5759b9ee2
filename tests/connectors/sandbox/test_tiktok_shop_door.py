"""The pretend TikTok Shop's door: paths, signatures, tokens, ciphers, scopes, rates, sign-in, in the sheet's order."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hub.sandbox.tiktok_shop.wire import hook_sign, sign
from tests.connectors.sandbox.tiktok_world import Door, door
from tests.connectors.tiktok_shop_stage import APP, CIPHER, SECRET, config

SHOPS = "GET /authorization/202309/shops"
SEARCH = "POST /product/202502/products/search"


@pytest.fixture
async def opened() -> AsyncIterator[Door]:
    async with door() as made:
        yield made


def test_the_printed_signatures_hold_here_too() -> None:
    common = [("app_key", "6ocop0demo1"), ("timestamp", "1767200400")]
    assert sign(SECRET, "/seller/202309/shops", common) == (
        "18bb7bb3bb3a1f7addcc5224d6257d65238c08bbcfcd4ddff22af5db852ed50e"
    )
    more = [*common, ("shop_cipher", CIPHER), ("page_size", "100"), ("sign", "x"), ("access_token", "y")]
    assert sign(SECRET, "/product/202502/products/search", more, b"{}") == (
        "0753e021f8cd2b08ff6f0cced6d82c0b441fcdf42f16e64b749abbf2e3b92537"
    )
    body = (
        '{"type":1,"tts_notification_id":"7327112393057371910","shop_id":"7000714532876273420","timestamp":1767200400,'
        '"data":{"order_id":"576461413038785752","order_status":"AWAITING_SHIPMENT","is_on_hold_order":false,'
        '"update_time":1767200395}}'
    )
    assert hook_sign("6ocop0demo1", SECRET, body.encode()) == (
        "1bcac4129307902e762274cd68eeae61195d6a397f02b275ac412fda21acfd29"
    )


@pytest.mark.parametrize(
    ("line", "how", "status", "code"),
    [
        ("GET /nothing/202309/here", {}, 404, 36009009),
        ("GET /order/202301/orders", {}, 404, 36009014),
        ("DELETE /order/202507/orders", {}, 405, 36009010),
        (SHOPS, {"cipher": None, "key": "nobody"}, 400, 36009004),
        (SHOPS, {"cipher": None, "key": "nobody", "secret": "wrong"}, 400, 36009004),  # the key before the signature
        (SHOPS, {"cipher": None, "secret": "wrong"}, 401, 106001),
        (SHOPS, {"cipher": None, "shift": -301}, 400, 36009004),
        (SHOPS, {"cipher": None, "shift": 31}, 400, 36009004),
        (SHOPS, {"cipher": None, "shift": 30}, 200, 0),
        (SHOPS, {"cipher": None, "token": "stranger"}, 401, 105002),
        (SHOPS, {}, 400, 36009004),  # a cipher where none belongs
        (SEARCH, {"cipher": None}, 400, 106013),
        (SEARCH, {"cipher": "ROW_hai"}, 401, 101000),
        (SEARCH, {"page_size": "101"}, 200, 12019109),
        (SEARCH, {}, 200, 12019109),
        (SEARCH, {"page_size": "10", "page_token": "junk"}, 400, 36009004),
        ("POST /product/202309/images/upload", {"cipher": None, "body": {}}, 400, 36009023),
    ],
)  # fmt: skip
async def test_who_is_refused_and_how(opened: Door, line: str, how: dict[str, Any], status: int, code: int) -> None:
    assert (await opened.call(line, **how))[:2] == (status, code)


async def test_what_is_signed_must_be_what_is_sent(opened: Door) -> None:
    body = {"status": "ALL"}
    assert (await opened.call(SEARCH, body, sent=b'{"status":"ALL"}', page_size="10"))[:2] == (401, 106001)
    assert (await opened.call(SEARCH, body, page_size="10"))[:2] == (200, 0)
    assert (await opened.call("POST /order/202309/orders/search", [1], page_size="10"))[:2] == (400, 36009022)


async def test_a_scope_that_is_missing() -> None:
    app = replace(config().apps[0], scopes=("seller.order.info",))
    async with door(config(apps=(app,))) as opened:
        assert (await opened.call(SEARCH, page_size="10"))[:2] == (401, 105005)


async def test_a_foreign_address() -> None:
    app = replace(config().apps[0], addresses=("203.0.113.7",))
    async with door(config(apps=(app,))) as opened:
        assert (await opened.call(SHOPS, cipher=None))[:2] == (403, 36009033)


async def test_too_many_calls_a_second_and_an_hour() -> None:
    async with door(config(calls_per_second=2.0)) as opened:
        codes = [(await opened.call(SHOPS, cipher=None))[:2] for _ in range(3)]
        assert codes == [(200, 0), (200, 0), (429, 36009002)]
    seller = replace(config().shops[0], development=True)
    async with door(config(shops=(seller,), calls_per_hour=1)) as opened:
        codes = [(await opened.call(SHOPS, cipher=None))[:2] for _ in range(2)]
        assert codes == [(200, 0), (429, 36009037)]


# ---- tokens --------------------------------------------------------------------------------------------------------


async def ask_token(opened: Door, call: str, **query: str) -> dict[str, Any]:
    pairs = {"app_key": APP["app_key"], "app_secret": SECRET} | query
    async with opened.http.get(f"{opened.url}/api/v2/token/{call}", params=pairs) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def test_a_code_lives_half_an_hour_and_works_once(opened: Door) -> None:
    grants, app, seller = opened.pretend.grants, opened.pretend.config.apps[0], opened.pretend.config.shops[1]
    code = grants.consent(app, seller, opened.pretend.now())
    wrong = await ask_token(opened, "get", auth_code=code, grant_type="authorization_code")
    assert wrong["code"] == 36009004
    told = await ask_token(opened, "get", auth_code=code, grant_type="authorized_code")
    assert told["data"]["access_token_expire_in"] == opened.pretend.now() + 604_800  # a moment, not a duration
    assert told["data"]["user_type"] == 0
    again = await ask_token(opened, "get", auth_code=code, grant_type="authorized_code")
    assert again["code"] == 36004004
    late = grants.consent(app, seller, opened.pretend.now() - 1801)
    assert (await ask_token(opened, "get", auth_code=late, grant_type="authorized_code"))["code"] == 36004004


async def test_a_refresh_spends_its_token(opened: Door) -> None:
    wrong = await ask_token(opened, "refresh", refresh_token="refresh-0", grant_type="authorized_code")
    assert wrong["code"] == 36009004
    told = await ask_token(opened, "refresh", refresh_token="refresh-0", grant_type="refresh_token")
    assert told["data"]["refresh_token"] != "refresh-0"
    spent = await ask_token(opened, "refresh", refresh_token="refresh-0", grant_type="refresh_token")
    assert spent["code"] == 36004005
    new = told["data"]["refresh_token"]
    opened.pretend.grants.grants[0].refresh_until = opened.pretend.now()
    assert (await ask_token(opened, "refresh", refresh_token=new, grant_type="refresh_token"))["code"] == 36004001
    assert (await ask_token(opened, "refresh", app_secret="x"))["code"] == 36009004


async def test_webhooks_are_tried_four_times_more_then_lost(opened: Door) -> None:
    tries = 0

    async def post(delivery: object) -> int:
        nonlocal tries
        tries += 1
        return 500

    opened.pretend.world.post = post
    line = "PUT /event/202309/webhooks"
    assert (await opened.call(line, {"event_type": "NOTHING", "address": "https://hub.example.vn/h"}))[1] == 36009004
    assert (await opened.call(line, {"event_type": "PRODUCT_CREATION", "address": "https://hub.example.vn/h"}))[1] == 0
    listed = (await opened.call("GET /event/202309/webhooks"))[2]
    assert [one["event_type"] for one in listed["webhooks"]] == ["PRODUCT_CREATION"]
    await opened.made()
    for seconds in (0, 120, 1800, 10_800, 43_200, 86_400):
        opened.clock.move(timedelta(seconds=seconds))
        await opened.pretend.deliver_due()
    assert (tries, opened.pretend.outboxes[APP["app_key"]].lost) == (5, 1)
    assert (await opened.call("DELETE /event/202309/webhooks", {"event_type": "PRODUCT_CREATION"}))[1] == 0


async def test_real_addresses_of_webhooks_only_where_asked_for() -> None:
    async with door(config(public_hooks_only=True)) as opened:
        for address in ("http://hub.example.vn/h", "https://hub.example.vn:8443/h", "https://192.0.2.7/h"):
            body = {"event_type": "PRODUCT_CREATION", "address": address}
            assert (await opened.call("PUT /event/202309/webhooks", body))[1] == 36009004
