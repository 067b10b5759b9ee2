"""The pretend Shopee driven by clients that others wrote, for their signatures and their reading of the documents.

PyPI ``pyshopee`` 1.4.0 (package ``pyshopee2``): signs right, covers items, orders, parcels, payment. It wants
selenium for one helper that opens a browser, and declares no dependency; the test puts an empty module in its
place. Its paths of returns (``sellerchat/...``), push and get_shops_by_partner do not exist, upload_image sends JSON.

PyPI ``snowland-shopeeapi`` 0.1.0: signs right; token/get and shop information work, names come back as Latin-1. The
rest does not match the documents and is refused: POST where they say GET, an ``item`` around add_item's body,
``auth/token/refresh`` signed as a Shop call, pages by ``pagination_offset``.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestServer

from hub.clock import RealClock
from hub.sandbox.kit import Want, World
from hub.sandbox.shopee import Shopee, ShopeeApp, ShopeeConfig, ShopeeShop
from tests.connectors.sandbox.shopee_world import PNG, good_item, tiers

pytestmark = pytest.mark.fidelity

APP = ShopeeApp(partner_id=1000001, partner_key="shpk-test-key", redirect_domains=("hub.example.org",))
SHOP = ShopeeShop(shop_id=600123, name="Gian hàng Một")
CONFIG = ShopeeConfig(apps=(APP,), shops=(SHOP,), tier_wait_seconds=0)
BACK = "https://hub.example.org/back"


@pytest.fixture
async def running() -> AsyncIterator[tuple[Shopee, str]]:
    """Real time: these clients ask the machine's clock."""
    world = World(clock=RealClock())
    shopee = Shopee(world, CONFIG)
    inner, outer = web.Application(), web.Application()
    inner.add_routes(shopee.routes())
    outer.add_subapp("/shopee", inner)
    async with TestServer(outer) as server:
        world.base_url = str(server.make_url("")).rstrip("/")
        yield shopee, f"{world.base_url}/shopee"


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def code_from(http: ClientSession, url: str) -> str:
    """What the seller's browser would bring back."""
    async with http.get(url, allow_redirects=False) as answer:
        assert answer.status == 302
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


class PyShopee:
    """pyshopee's client, awaited from a thread."""

    def __init__(self, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
        selenium = ModuleType("selenium")
        selenium.__dict__["webdriver"] = None
        monkeypatch.setitem(sys.modules, "selenium", selenium)
        whole: Any = import_module("pyshopee2")
        self.client = whole.Client(SHOP.shop_id, APP.partner_id, APP.partner_key, BACK)
        self.client.host = base

    async def call(self, module: str, name: str, **params: Any) -> dict[str, Any]:
        answer = await asyncio.to_thread(getattr(getattr(self.client, module), name), **params)
        return dict(answer)

    async def response(self, module: str, name: str, **params: Any) -> Any:
        answer = await self.call(module, name, **params)
        assert answer["error"] == "", answer
        return answer["response"]

    async def connect(self, http: ClientSession) -> None:
        self.client.code = await code_from(http, self.client.shop_authorization(BACK))
        await asyncio.to_thread(self.client.get_token)

    async def image(self, http: ClientSession) -> str:
        """Its own upload sends JSON; the request here is ours, the signature is its."""
        path, at = "/api/v2/media_space/upload_image", self.client._make_timestamp()
        query = {
            "partner_id": str(APP.partner_id),
            "timestamp": str(at),
            "access_token": self.client.access_token,
            "shop_id": str(SHOP.shop_id),
            "sign": self.client._api_sign(path, at),
        }
        form = FormData()
        form.add_field("image", PNG, filename="anh.png", content_type="image/png")
        async with http.post(self.client.host + path, params=query, data=form) as answer:
            return str((await answer.json())["response"]["image_info"]["image_id"])


@pytest.fixture
async def py(running: tuple[Shopee, str], http: ClientSession, monkeypatch: pytest.MonkeyPatch) -> PyShopee:
    client = PyShopee(running[1], monkeypatch)
    await client.connect(http)
    return client


async def test_pyshopee_signs_in_and_renews(py: PyShopee) -> None:
    first, used = py.client.access_token, py.client.refresh_token
    assert (await py.call("shop", "get_shop_info"))["shop_name"] == "Gian hàng Một"
    renew = py.client.get_access_token
    await asyncio.to_thread(renew, SHOP.shop_id, APP.partner_id, APP.partner_key, used)
    assert py.client.access_token != first
    assert (await py.call("shop", "get_shop_info"))["error"] == ""
    with pytest.raises(KeyError):  # the second use is refused; it looks for a token all the same
        await asyncio.to_thread(renew, SHOP.shop_id, APP.partner_id, APP.partner_key, used)


async def test_pyshopee_keeps_a_shop(py: PyShopee, http: ClientSession, running: tuple[Shopee, str]) -> None:
    assert (await py.response("product", "get_category", language="vi"))["category_list"]
    assert (await py.response("logistics", "get_channel_list"))["logistics_channel_list"]
    added = await py.response("product", "add_item", **good_item("OCOP-1", await py.image(http)))
    item_id = added["item_id"]
    stock = [{"model_id": 0, "seller_stock": [{"stock": 7}]}]
    told = await py.response("product", "update_stock", item_id=item_id, stock_list=stock)
    assert told["success_list"]
    prices = [{"model_id": 0, "original_price": 99_000}]
    assert (await py.response("product", "update_price", item_id=item_id, price_list=prices))["success_list"]
    base = (await py.response("product", "get_item_base_info", item_id_list=item_id))["item_list"][0]
    assert base["price_info"][0]["original_price"] == 99_000
    assert base["stock_info_v2"]["summary_info"]["total_available_stock"] == 7
    listed = await py.response("product", "get_item_list", offset=0, page_size=10, item_status="NORMAL")
    assert [entry["item_id"] for entry in listed["item"]] == [item_id]
    found = await py.response("product", "search_item", page_size=10, item_sku="OCOP-1")
    assert found["item_id_list"] == [item_id]
    models = await py.response("product", "init_tier_variation", **tiers(item_id, "A", "B"))
    assert [model["model_sku"] for model in models["model"]] == ["A", "B"]
    hide = [{"item_id": item_id, "unlist": True}]
    assert (await py.response("product", "unlist_item", item_list=hide))["success_list"]
    assert running[0].shop(SHOP.shop_id).listings()[0]["state"] == "hidden"
    assert (await py.call("product", "delete_item", item_id=item_id))["error"] == ""


async def test_pyshopee_follows_an_order_to_its_money(
    py: PyShopee, http: ClientSession, running: tuple[Shopee, str]
) -> None:
    shop = running[0].shop(SHOP.shop_id)
    await py.response("product", "add_item", **good_item("OCOP-1", await py.image(http)))
    sn = shop.place([Want(sku="OCOP-1", quantity=2)])
    shop.pay(sn)
    now = int(datetime.now().astimezone().timestamp())
    window = {"time_from": now - int(timedelta(days=1).total_seconds()), "time_to": now + 60}
    page = await py.response(
        "order", "get_order_list", time_range_field="create_time", page_size=10, cursor="", **window
    )
    assert [order["order_sn"] for order in page["order_list"]] == [sn]
    detail = await py.response(
        "order", "get_order_detail", order_sn_list=sn, response_optional_fields="item_list,total_amount"
    )
    assert detail["order_list"][0]["total_amount"] == 515_000
    assert (await py.call("logistics", "ship_order", order_sn=sn, dropoff={}))["error"] == ""
    number = (await py.response("logistics", "get_tracking_number", order_sn=sn))["tracking_number"]
    wanted = [{"order_sn": sn, "tracking_number": number, "shipping_document_type": "NORMAL_AIR_WAYBILL"}]
    await py.response("logistics", "create_shipping_document", order_list=wanted)
    papers = await py.response("logistics", "get_shipping_document_result", order_list=[{"order_sn": sn}])
    assert papers["result_list"][0]["status"] in ("PROCESSING", "READY")
    for verb in (shop.ship, shop.deliver, shop.complete, shop.settle):
        verb(sn)
    income = (await py.response("payment", "get_escrow_detail", order_sn=sn))["order_income"]
    payouts = await py.response(
        "payment", "get_escrow_list", release_time_from=now - 60, release_time_to=now + 60, page_no=1
    )
    assert payouts["escrow_list"][0]["payout_amount"] == income["escrow_amount"]


async def test_pyshopee_cancels(py: PyShopee, http: ClientSession, running: tuple[Shopee, str]) -> None:
    shop = running[0].shop(SHOP.shop_id)
    await py.response("product", "add_item", **good_item("OCOP-1", await py.image(http)))
    sn = shop.place([Want(sku="OCOP-1", quantity=2)])
    await py.response("order", "cancel_order", order_sn=sn, cancel_reason="CUSTOMER_REQUEST")
    assert shop.orders()[0].state == "cancelled"


class Snowland:
    """snowland-shopeeapi's client, pointed at the sandbox."""

    def __init__(self, base: str) -> None:
        whole: Any = import_module("snowland_shopeeapi")
        self.error: type[Exception] = whole.ShopeeAPIError

        class Pointed(whole.ShopeeClient):  # type: ignore[misc]  # untyped package
            base_url = base

        self.client: Any = Pointed(APP.partner_id, APP.partner_key, enable_retry=False)


@pytest.fixture
async def snowland(running: tuple[Shopee, str]) -> AsyncIterator[Snowland]:
    made = Snowland(running[1])
    async with made.client:
        yield made


async def test_snowland_signs_in(snowland: Snowland, http: ClientSession, running: tuple[Shopee, str]) -> None:
    page = f"{running[1]}/auth?partner_id={APP.partner_id}&auth_type=seller&response_type=code&redirect_uri={BACK}"
    tokens = await snowland.client.auth.get_token(await code_from(http, page), SHOP.shop_id)
    access = tokens["access_token"]
    info = await snowland.client.shop.get_shop_info(access, SHOP.shop_id)
    assert info["shop_name"].encode("latin-1").decode() == "Gian hàng Một"
    for wrong in (
        snowland.client.product.get_item_list(access, SHOP.shop_id),
        snowland.client.product.add_item(access, SHOP.shop_id, good_item("A", "x")),
        snowland.client.order.get_order_list(access, SHOP.shop_id),
        snowland.client.auth.refresh_token(tokens["refresh_token"], access, SHOP.shop_id),
    ):
        with pytest.raises(snowland.error):
            await wrong
    assert not running[0].shop(SHOP.shop_id).listings()
