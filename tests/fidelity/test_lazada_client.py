"""The pretend Lazada driven by a client written by others: PyPI ``lazop-sdk`` 1.0.3, as it comes."""

import asyncio
import importlib
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from hub.clock import RealClock
from hub.connectors.lazada_words import signature
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.lazada import Lazada, default_lazada

pytestmark = pytest.mark.fidelity

APP = default_lazada().apps[0]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (800).to_bytes(4, "big") * 2
Client = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """It opens a log file in the home directory when it is imported: that is elsewhere here."""
    monkeypatch.setenv("HOME", str(tmp_path))
    module = importlib.import_module("lazop_sdk.base")
    yield module
    for handler in list(logging.getLogger("lazop_sdk.base").handlers):
        handler.close()


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    running = TestServer(create_sandbox(SandboxConfig(lazada=default_lazada()), RealClock()))
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
def client(sdk: Any, server: TestServer) -> Client:
    """``await client("/path", "GET", token, file=..., name=value)`` in a thread."""
    made = sdk.LazopClient(str(server.make_url("/lazada/rest")), APP.app_key, APP.app_secret)

    async def call(
        path: str, method: str = "POST", token: str | None = "lzd-access-1", file: bytes = b"", **params: str
    ) -> dict[str, Any]:
        request = sdk.LazopRequest(path, method)
        for name, value in params.items():
            request.add_api_param(name, value)
        if file:
            request.add_file_param("image", ("a.png", file, "image/png"))
        answer = await asyncio.to_thread(made.execute, request, token)
        body: dict[str, Any] = answer.body
        return body

    return call


def pretend(server: TestServer) -> Lazada:
    return next(one for one in server.app[SANDBOX].platforms if isinstance(one, Lazada))


def test_its_signature_is_ours(sdk: Any) -> None:
    params = {"app_key": "1", "foo": "Mật ong", "foo_bar": "+7", "foobar": "", "timestamp": "1700000000000"}
    assert sdk.sign("s", "/a/b", params) == signature("s", "/a/b", tuple(params.items()))


async def test_goods_by_form_picture_by_multipart_reading_by_query(client: Client) -> None:
    image = (await client("/image/upload", file=PNG))["data"]["image"]["url"]
    sku = {"SellerSku": "M-1", "quantity": "9", "price": "250000", "package_height": "1", "package_length": "1",
           "package_width": "1", "package_weight": "0.5"}  # fmt: skip
    product = {
        "PrimaryCategory": "10002006", "Images": {"Image": [image]}, "Skus": {"Sku": [sku]},
        "Attributes": {"name": "Mật ong bạc hà", "brand_id": "30768", "country_of_origin": "Việt Nam"},
    }  # fmt: skip
    made = await client("/product/create", payload=json.dumps({"Request": {"Product": product}}))
    assert (made["code"], made["data"]["item_status"]) == ("0", "Active")
    ids = f"<ItemId>{made['data']['item_id']}</ItemId><SkuId>{made['data']['sku_list'][0]['sku_id']}</SkuId>"
    xml = f"<Request><Product><Skus><Sku>{ids}<Price>260000</Price></Sku></Skus></Product></Request>"
    assert (await client("/product/price_quantity/update", payload=xml))["code"] == "0"
    told = await client("/products/get", "GET", filter="all", limit="50", update_after="2026-01-01T00:00:00+07:00")
    assert [one["skus"][0]["price"] for one in told["data"]["products"]] == [260000.0]
    again = await client("/product/create", payload=json.dumps({"Request": {"Product": product}}))
    assert (again["code"], again["detail"][0]["code"]) == ("500", "4105")


async def test_orders_and_tokens(client: Client, server: TestServer) -> None:
    platform = pretend(server)
    shop = platform.shop("200123451")
    assert (await client("/orders/get", "GET", created_after="2026-01-01T00:00:00+07:00"))["data"]["orders"] == []
    assert (await client("/order/get", "GET", order_id="1"))["code"] == "16"
    code = platform.authority.consent(APP.app_key, shop.key)
    tokens = await client("/auth/token/create", token=None, code=code)
    assert (await client("/seller/get", "GET", tokens["access_token"]))["data"]["name"] == "Gian hàng Lazada 1"
    fresh = await client("/auth/token/refresh", token=None, refresh_token=tokens["refresh_token"])
    assert fresh["country_user_info_list"][0]["seller_id"] == shop.key
    assert (await client("/seller/get", "GET", "wrong"))["code"] == "IllegalAccessToken"


async def test_a_wrong_secret(sdk: Any, server: TestServer) -> None:
    made = sdk.LazopClient(str(server.make_url("/lazada/rest")), APP.app_key, "wrong")
    answer = await asyncio.to_thread(made.execute, sdk.LazopRequest("/seller/get", "GET"), "lzd-access-1")
    assert answer.code == "IncompleteSignature"
