"""The pretend WooCommerce driven by a client written by others: PyPI ``WooCommerce`` 3.0.0, as it comes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from woocommerce import API

from hub.clock import RealClock
from hub.sandbox.app import create_sandbox
from hub.sandbox.config import SandboxConfig, Woo, WooKey, WooShop

pytestmark = pytest.mark.fidelity

KEY = WooKey(consumer_key="ck_" + "a" * 40, consumer_secret="cs_" + "b" * 40)
CONFIG = SandboxConfig(
    woocommerce=Woo(
        shops=(
            WooShop(key="secure", name="Hợp tác xã Một", keys=(KEY,), pretend_https=True),
            WooShop(key="open", name="Hợp tác xã Hai", keys=(KEY,)),
        )
    )
)


class PretendsHttps(API):  # type: ignore[misc]  # the package has no types
    """The client decides by ``https://`` in the address alone; the sandbox pretends, so the client has to as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_ssl = True


Client = Callable[..., Any]


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    running = TestServer(create_sandbox(CONFIG, RealClock()))  # the client stamps with the machine's time
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture(params=["oauth over http", "basic over https", "query over https"])
def client(request: pytest.FixtureRequest, server: TestServer) -> Client:
    """``await client("get", "products", params={...})`` in a thread, by each way of signing in."""
    shop = "open" if request.param.startswith("oauth") else "secure"
    make = API if shop == "open" else PretendsHttps
    api = make(
        str(server.make_url(f"/woocommerce/{shop}")),
        KEY.consumer_key,
        KEY.consumer_secret,
        version="wc/v3",
        query_string_auth=request.param.startswith("query"),
    )

    async def call(method: str, *args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(getattr(api, method), *args, **kwargs)

    return call


async def test_products(client: Client) -> None:
    made = await client("post", "products", {"name": "Mật ong bạc hà", "sku": "M-1", "regular_price": "250000"})
    assert made.status_code == 201
    number = made.json()["id"]
    found = await client("get", "products", params={"search": "mật ong", "per_page": 20})
    assert [one["sku"] for one in found.json()] == ["M-1"]
    assert found.headers["X-WP-Total"] == "1"
    changed = await client("put", f"products/{number}", {"regular_price": "260000"})
    assert changed.json()["price"] == "260000"
    wrong = await client("put", f"products/{number}", {"regular_price": 260000})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "rest_invalid_param")
    batch = {"create": [{"name": "A"}, {"sku": "M-1"}], "update": [{"id": number, "name": "B"}], "delete": [999]}
    told = (await client("post", "products/batch", batch)).json()
    assert told["create"][1]["error"]["code"] == "product_invalid_sku"
    assert (told["update"][0]["name"], told["delete"][0]["error"]["data"]["status"]) == ("B", 404)
    gone = await client("delete", f"products/{number}", params={"force": True})
    assert gone.status_code == 200
    assert (await client("get", f"products/{number}")).status_code == 404


async def test_lists_with_brackets(client: Client) -> None:
    for name, status in (("A", "draft"), ("B", "publish"), ("C", "private")):
        await client("post", "products", {"name": name, "status": status})
    said = await client("get", "products", params={"status[0]": "draft", "status[1]": "publish", "order": "asc"})
    assert [one["name"] for one in said.json()] == ["A", "B"]


async def test_orders_and_refunds(client: Client) -> None:
    product = (await client("post", "products", {"name": "Chè", "regular_price": "100000"})).json()
    line = {"product_id": product["id"], "quantity": 2}
    body = {"payment_method": "cod", "status": "processing", "line_items": [line]}
    order = (await client("post", "orders", body)).json()
    assert (order["total"], order["status"], order["date_paid"]) == ("200000", "processing", None)
    done = await client("put", f"orders/{order['id']}", {"status": "completed"})
    assert done.json()["date_completed_gmt"] is not None
    too_much = await client("post", f"orders/{order['id']}/refunds", {"amount": "200001", "api_refund": False})
    assert (too_much.status_code, too_much.json()["data"]) == (500, 500)
    whole = await client("post", f"orders/{order['id']}/refunds", {"amount": "200000", "api_refund": False})
    assert whole.status_code == 201
    assert (await client("get", f"orders/{order['id']}")).json()["status"] == "refunded"
    listed = await client("get", "orders", params={"status": "refunded", "modified_after": "2020-01-01T00:00:00Z"})
    assert [one["id"] for one in listed.json()] == [order["id"]]


async def test_webhooks_and_options(client: Client) -> None:
    body = {"name": "đơn hàng", "topic": "order.updated", "delivery_url": "http://127.0.0.1/hook", "secret": "s"}
    assert (await client("post", "webhooks", body)).status_code == 201
    assert [one["topic"] for one in (await client("get", "webhooks")).json()] == ["order.updated"]


async def test_a_wrong_secret(server: TestServer) -> None:
    address = str(server.make_url("/woocommerce/open"))
    said = await asyncio.to_thread(API(address, KEY.consumer_key, "cs_wrong").get, "products")
    assert (said.status_code, said.json()["code"]) == (401, "woocommerce_rest_authentication_error")
    basic = await asyncio.to_thread(PretendsHttps(address, KEY.consumer_key, KEY.consumer_secret).get, "products")
    assert (basic.status_code, basic.json()["code"]) == (401, "woocommerce_rest_cannot_view")
