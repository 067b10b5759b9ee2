"""The pretend Tiki driven by clients that others wrote.

PyPI ``platform-mcp-hub`` 0.1.0, its catalogue entry ``tiki`` as it comes, only its two addresses turned to the sandbox:
client_credentials with Basic, sellers/me, updateSku, updateSkus, the list of orders. It writes
``/v2/products/updateSku`` where our sheet has ``/v2.1``; the sandbox answers both.

PyPI ``authlib`` 1.9.10 for the consent and the tokens: code, refresh, one use of each.
"""

import asyncio
import copy
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]
from platform_mcp_hub import catalog
from platform_mcp_hub.adapter import Adapter
from platform_mcp_hub.http import Transport

from hub.clock import RealClock
from hub.sandbox.kit import Want, World
from hub.sandbox.tiki import Tiki, TikiApp, TikiConfig, TikiShop

pytestmark = pytest.mark.fidelity

BACK = "http://127.0.0.1/back"
SELLER = 145228
CONFIG = TikiConfig(
    apps=(
        TikiApp(client_id="in-house", client_secret="sec-ret-1", seller_id=SELLER),
        TikiApp(client_id="public", client_secret="sec-ret-2", redirect_uri=BACK),
    ),
    shops=(TikiShop(seller_id=SELLER, name="Hợp tác xã Một", client_id="public", access_token="acc-0"),),
)
REQUEST = {
    "category_id": 4404, "name": "Mật ong bạc hà", "description": "<p>Ngọt thanh</p>", "market_price": 85000,
    "attributes": {"brand": "OEM", "origin": "Việt Nam", "product_top_features": "Ngọt", "product_weight_kg": "0.6",
                   "product_length": "25", "product_width": "15", "product_height": "8"},
    "image": "https://cdn.example/m1.jpg", "images": [], "option_attributes": [],
    "variants": [{"sku": "OCOP-1", "price": 85000, "market_price": 85000, "inventory_type": "dropship",
                  "seller_warehouse": "1034", "warehouse_stocks": [{"warehouseId": 1034, "qtyAvailable": 12}]}],
    "meta_data": {"is_auto_turn_on": True},
}  # fmt: skip


@pytest.fixture
async def running() -> AsyncIterator[tuple[Tiki, str]]:
    """Real time: these clients ask the machine's clock."""
    world = World(clock=RealClock())
    tiki = Tiki(world, CONFIG)
    inner, outer = web.Application(), web.Application()
    inner.add_routes(tiki.routes())
    outer.add_subapp("/tiki", inner)
    async with TestServer(outer) as server:
        world.base_url = str(server.make_url("")).rstrip("/")
        yield tiki, f"{world.base_url}/tiki"


@pytest.fixture
async def listed(running: tuple[Tiki, str]) -> int:
    """A product that stands; the client leaves creating to people."""
    headers = {"Authorization": "Bearer acc-0"}
    async with (
        ClientSession(headers=headers) as http,
        http.post(f"{running[1]}/integration/v2.1/requests", json=REQUEST) as answer,
    ):
        assert answer.status == 200, await answer.text()
    running[0].shop(SELLER).now()
    return next(iter(running[0].state.sellers[SELLER].products))


@pytest.fixture
async def call(running: tuple[Tiki, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Its adapter; it refuses private addresses unless told that this is meant."""
    monkeypatch.setenv("PLATFORM_MCP_ALLOW_PRIVATE_URLS", "1")
    entry = copy.deepcopy(catalog.find("tiki")[1])
    adapter = entry["adapter"]
    adapter["base_url"] = f"{running[1]}/integration"
    adapter["auth"]["token_url"] = f"{running[1]}/sc/oauth2/token"
    keys = {"client_id": "in-house", "client_secret": "sec-ret-1", "warehouse_id": "1034"}
    transport = Transport(adapter["base_url"], {**adapter["auth"], "state_key": "tiki"}, keys, 100.0, "test")
    made = Adapter(entry, transport)

    async def ask(verb: str, **arguments: object) -> Any:
        return await made.call(verb, arguments)

    yield ask
    await transport.aclose()


async def test_platform_mcp_hub_names_the_shop(call: Any) -> None:
    told = await call("me")
    assert "Hợp tác xã Một" in str(told)


async def test_platform_mcp_hub_sets_price_and_stock_and_ends_a_listing(
    running: tuple[Tiki, str], listed: int, call: Any
) -> None:
    product = running[0].state.sellers[SELLER].products[listed]
    await call("update_listing", listing_id=str(listed), price=79000)
    await call("set_inventory", listing_id=str(listed), quantity=7)
    assert (product.price, product.stock, product.active) == (79000, {1034: 7}, 1)
    await call("end_listing", listing_id=str(listed))
    assert product.active == 0


async def test_platform_mcp_hub_lists_orders(running: tuple[Tiki, str], listed: int, call: Any) -> None:
    shop = running[0].shop(SELLER)
    ids = [shop.place([Want(sku="OCOP-1", quantity=2)], cod=cod) for cod in (True, False)]
    told = await call("list_orders", status="nin|processing,waiting_payment", limit=10)
    assert [(one["id"], one["status"], int(one["total"]), one["currency"]) for one in told["orders"]] == [
        (ids[0], "queueing", 170_000, "VND")
    ]


async def test_authlib_signs_in_and_renews(running: tuple[Tiki, str]) -> None:
    base = running[1]
    session = OAuth2Session(
        "public", "sec-ret-2", scope="offline product order inventory", redirect_uri=BACK,
        token_endpoint_auth_method="client_secret_basic",
    )  # fmt: skip
    url, state = session.create_authorization_url(f"{base}/sc/oauth2/auth")
    async with ClientSession() as http, http.get(url, allow_redirects=False) as answer:
        back = answer.headers["Location"]
    assert parse_qs(urlsplit(back).query)["state"] == [state]

    def fetch() -> dict[str, Any]:
        return dict(session.fetch_token(f"{base}/sc/oauth2/token", authorization_response=back))

    token = await asyncio.to_thread(fetch)
    assert token["expires_in"] == 86_399
    with pytest.raises(OAuthError, match="invalid_grant"):
        await asyncio.to_thread(fetch)
    me = await asyncio.to_thread(session.get, f"{base}/integration/v2/sellers/me")
    assert me.json()["id"] == SELLER
    renewed = await asyncio.to_thread(session.refresh_token, f"{base}/sc/oauth2/token")
    assert renewed["access_token"] != token["access_token"]
    with pytest.raises(OAuthError, match="invalid_grant"):
        await asyncio.to_thread(session.refresh_token, f"{base}/sc/oauth2/token", token["refresh_token"])
    session.close()
