"""The pretend Lazada's gateway: four carriages, signature, time, tokens, consent, pushes."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from yarl import URL

from hub.sandbox.kit import Delivery, Want
from hub.sandbox.lazada import LazadaConfig, default_lazada
from hub.sandbox.lazada.push import push_sign
from hub.sandbox.lazada.wire import Call, sign, signed_well
from tests.connectors.sandbox.lazada_desk import PNG, Desk, goods, open_desk


@pytest.fixture
def setup() -> LazadaConfig:
    return default_lazada()


@pytest.fixture
async def desk(setup: LazadaConfig) -> AsyncIterator[Desk]:
    async with open_desk(setup) as opened:
        yield opened


# ---- carriages -----------------------------------------------------------------------------------------------------


async def test_everything_in_the_query(desk: Desk) -> None:
    assert (await desk.get("/products/get", filter="all", limit="5"))["data"] == {"total_products": 0}


async def test_everything_in_a_form(desk: Desk) -> None:
    assert (await desk.create())["code"] == "0"


@pytest.mark.parametrize("escaped", [False, True])
async def test_system_in_the_query_and_business_as_json_members(desk: Desk, escaped: bool) -> None:
    """Members that are no texts are signed as their JSON."""
    wanted = {"pack_order_list": [], "delivery_type": "giao tận nơi/kho"}
    text = json.dumps(wanted, ensure_ascii=escaped, separators=(",", ":"))
    full = desk.signed("/order/fulfill/pack", {"packReq": text})
    query = {key: value for key, value in full.items() if key != "packReq"}
    told = await desk.send("POST", "/order/fulfill/pack", params=query, json={"packReq": wanted})
    assert (told["code"], told["result"]["error_code"]) == ("0", "E0201")


async def test_parameters_in_query_and_body_alike_count_once(desk: Desk) -> None:
    full = desk.signed("/product/create", {"payload": json.dumps({"Request": {"Product": goods()}})})
    told = await desk.send("POST", "/product/create", params=full, json={"payload": full["payload"]})
    assert told["code"] == "0"


async def test_a_file_is_not_signed(desk: Desk) -> None:
    assert (await desk.upload(PNG))["data"]["image"]["url"].startswith("https://vn-live-02.slatic.net/p/")


async def test_an_opaque_body_is_signed_at_the_end(desk: Desk) -> None:
    full = desk.signed("/order/fulfill/pack", {"packReq": "{}"}, tail="<opaque/>")
    told = await desk.send("POST", "/order/fulfill/pack", params=full, data="<opaque/>")
    assert told["code"] == "0"


async def test_a_bare_plus_is_a_blank_and_breaks_the_signature(desk: Desk) -> None:
    full = desk.signed("/orders/get", {"update_after": "2026-11-01T00:00:00+07:00"})
    right = await desk.send("GET", "/orders/get", params=full)
    assert right["code"] == "0"
    text = "&".join(f"{key}={value}" for key, value in full.items())
    async with desk.session.get(URL(f"{desk.base}/rest/orders/get?{text}", encoded=True)) as answer:
        assert (await answer.json())["code"] == "IncompleteSignature"


def test_empty_values_in_or_out_of_the_signature() -> None:
    args = {"app_key": "123456", "access_token": "tok-abc", "filter": "all", "limit": "50", "search": "",
            "sign_method": "sha256", "timestamp": "1700000000000"}  # fmt: skip
    with_name = "90B5E48DF8F9EDAB275083FBC155123F294DD84EC76689744A78697F31D468C1"
    call = Call(method="GET", path="/products/get", args=args | {"sign": with_name})
    assert signed_well(call, "helloworld")
    without = {key: value for key, value in args.items() if value}
    call.args["sign"] = sign("helloworld", "/products/get", without)
    assert signed_well(call, "helloworld")
    call.args["limit"] = "51"
    assert not signed_well(call, "helloworld")


# ---- refusals of the gateway ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["app_key", "timestamp", "sign_method", "sign", "access_token"])
async def test_what_is_missing_is_named(desk: Desk, name: str) -> None:
    full = desk.signed("/order/get", {"order_id": "1"})
    del full[name]
    told = await desk.send("GET", "/order/get", params=full)
    assert told["code"] in (["IncompleteSignature"] if name == "access_token" else ["MissingParameter"])
    assert told["type"] == "ISV"
    assert told["request_id"]


async def test_a_call_without_its_token(desk: Desk) -> None:
    desk.system.pop("access_token")
    assert (await desk.get("/order/get", order_id="1"))["code"] == "MissingParameter"
    assert (await desk.get("/category/tree/get", language_code="vi_VN"))["data"][0]["name"] == "Bách Hóa"


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ({"app_key": "999"}, "InvalidAppKey"),
        ({"timestamp": "1700000000000"}, "IllegalTimestamp"),
        ({"timestamp": "soon"}, "IllegalTimestamp"),
        ({"sign_method": "md5"}, "IncompleteSignature"),
        ({"access_token": "lzd-access-9"}, "IllegalAccessToken"),
        ({"partner_id": "anybody"}, "16"),
        ({"timestamp": "2026-11-21T01:00:00+00:00"}, "16"),
    ],
    ids=str,
)
async def test_system_parameters(desk: Desk, system: dict[str, str], code: str) -> None:
    full = desk.signed("/order/get", {"order_id": "1"}, **system)
    assert (await desk.send("GET", "/order/get", params=full))["code"] == code


async def test_two_hours_are_the_most_a_clock_may_be_off(desk: Desk) -> None:
    full = desk.signed("/order/get", {"order_id": "1"})
    desk.clock.move(timedelta(seconds=7199))
    assert (await desk.send("GET", "/order/get", params=full))["code"] == "16"
    desk.clock.move(timedelta(seconds=1))
    assert (await desk.send("GET", "/order/get", params=full))["code"] == "IllegalTimestamp"


async def test_another_secret_does_not_sign(desk: Desk) -> None:
    desk.secret = "guessed"
    assert (await desk.get("/order/get", order_id="1"))["code"] == "IncompleteSignature"


async def test_products_are_sent_by_post_and_paths_are_known(desk: Desk) -> None:
    assert (await desk.get("/product/create", payload="{}"))["code"] == "InvalidApiPath"
    assert (await desk.get("/product/everything"))["code"] == "InvalidApiPath"


@pytest.mark.parametrize("setup", [replace(default_lazada(), calls_per_second=2, calls_per_day=3)])
async def test_limits_say_for_how_long(desk: Desk) -> None:
    for _ in range(2):
        assert (await desk.get("/order/get", order_id="1"))["code"] == "16"
    assert "last 1 seconds" in (await desk.get("/order/get", order_id="1"))["message"]
    desk.clock.move(timedelta(seconds=1))
    assert "last 86400 seconds" in (await desk.get("/order/get", order_id="1"))["message"]


@pytest.mark.parametrize(
    "setup", [replace(default_lazada(), shops=(replace(default_lazada().shops[0], verified=False),))]
)
async def test_a_seller_who_is_not_verified_writes_nothing(desk: Desk) -> None:
    assert (await desk.create())["code"] == "SellerNotVerified"


# ---- tokens --------------------------------------------------------------------------------------------------------


async def consent(desk: Desk, **query: str) -> Any:
    asked = {"response_type": "code", "client_id": "123456", "redirect_uri": "http://127.0.0.1/back", "state": "s"}
    params = asked | query
    async with desk.session.get(f"{desk.base}/oauth/authorize", params=params, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "9"}, {"response_type": "token"}, {"redirect_uri": "https://else.example"}, {"uuid": "1"}],
    ids=str,
)
async def test_a_wrong_link_leads_nowhere(desk: Desk, wrong: dict[str, str]) -> None:
    assert (await consent(desk, **wrong))[0] == 400


async def test_a_code_works_once_for_half_an_hour(desk: Desk) -> None:
    desk.system.pop("access_token")
    code = (await consent(desk))[1].split("code=")[1].split("&")[0]
    told = await desk.post("/auth/token/create", code=code)
    assert (told["code"], told["expires_in"], told["refresh_expires_in"]) == ("0", 2592000, 15552000)
    assert told["country_user_info"][0]["seller_id"] == "200123451"
    assert (await desk.post("/auth/token/create", code=code))["code"] == "InvalidCode"
    late = (await consent(desk))[1].split("code=")[1].split("&")[0]
    desk.clock.move(timedelta(minutes=30))
    assert (await desk.post("/auth/token/create", code=late))["code"] == "InvalidCode"
    assert (await desk.post("/auth/token/create"))["code"] == "MissingParameter"


async def test_refreshing_renews_the_access_token_only(desk: Desk) -> None:
    desk.clock.move(timedelta(days=100))
    assert (await desk.get("/order/get", order_id="1"))["code"] == "IllegalAccessToken"
    desk.system.pop("access_token")
    told = await desk.get("/auth/token/refresh", refresh_token="lzd-refresh-1")
    assert (told["expires_in"], told["refresh_expires_in"]) == ("2592000", str(80 * 86400))
    assert told["country_user_info_list"][0]["country"] == "vn"
    desk.clock.move(timedelta(days=80))
    for token in ("lzd-refresh-1", told["refresh_token"], "other"):
        assert (await desk.post("/auth/token/refresh", refresh_token=token))["code"] == "IllegalRefreshToken"


@pytest.mark.parametrize("setup", [replace(default_lazada(), single_use_refresh=True)])
async def test_a_refresh_token_may_work_once_only(desk: Desk) -> None:
    assert (await desk.post("/auth/token/refresh", refresh_token="lzd-refresh-1"))["code"] == "0"
    assert (await desk.post("/auth/token/refresh", refresh_token="lzd-refresh-1"))["code"] == "IllegalRefreshToken"


@pytest.mark.parametrize(
    "setup", [replace(default_lazada(), apps=(replace(default_lazada().apps[0], market=True, online=False),))]
)
async def test_apps_in_test_and_in_the_market(desk: Desk) -> None:
    told = await desk.post("/auth/token/refresh", refresh_token="lzd-refresh-1")
    assert told["code"] == "AUTH_TYPE_UNSUPPORTED"
    desk.clock.move(timedelta(days=7))
    assert (await desk.get("/order/get", order_id="1"))["code"] == "IllegalAccessToken"


# ---- pushes --------------------------------------------------------------------------------------------------------


async def test_pushes_are_signed_repeated_and_given_up(desk: Desk) -> None:
    app, box = default_lazada().apps[0], desk.platform.outboxes["123456"]
    box.url = "https://hub.example.vn/hook"
    got: list[Delivery] = []
    status = 500

    async def post(delivery: Delivery) -> int:
        got.append(delivery)
        return status

    desk.platform.world.post = post
    await desk.create()
    desk.shop.place([Want(sku="OCOP-1", quantity=1)], cod=True)
    assert await desk.platform.deliver_due() == 3
    bodies = [json.loads(one.body) for one in got]
    assert [one["message_type"] for one in bodies] == [3, 0, 0]
    assert [one["data"]["order_status"] for one in bodies[1:]] == ["unpaid", "pending"]
    assert len({one["data"]["status_update_time"] for one in bodies[1:]}) == 1
    assert all(dict(one.headers)["Authorization"] == push_sign(app, one.body) for one in got)
    assert await desk.platform.deliver_due() == 0
    for _ in range(12):
        desk.clock.move(timedelta(minutes=30))
        assert await desk.platform.deliver_due() == 3
    desk.clock.move(timedelta(minutes=30))
    assert await desk.platform.deliver_due() == 0


def test_the_printed_push_signature() -> None:
    app = replace(default_lazada().apps[0], app_secret="helloworld")
    assert push_sign(app, b"") == "bb14d457fa1477b9e347b6ab4e3035175409f04ba9492a7429c6dadc0b7885f2"


async def test_a_token_that_ends_is_announced_daily(desk: Desk) -> None:
    box = desk.platform.outboxes["123456"]
    box.url = "https://hub.example.vn/hook"
    got: list[Any] = []

    async def post(delivery: Delivery) -> int:
        got.append(json.loads(delivery.body))
        return 200

    desk.platform.world.post = post
    desk.clock.move(timedelta(days=28, seconds=1))
    assert await desk.platform.deliver_due() == 3  # three sellers
    assert (got[0]["seller_id"], got[0]["message_type"]) == ("null", 8)
    assert await desk.platform.deliver_due() == 0
