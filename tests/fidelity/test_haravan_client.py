"""The pretend Haravan driven by a client written by others: PyPI ``haravan`` 2.1.1 (2019), as it comes.

It speaks the older address ``/admin/...json`` and sends the token in ``X-Haravan-Access-Token`` and as Bearer. It
always says https and cuts an address behind its host: the platform stands at the root here, and the test sets the
client's site by hand. The Sapos share resources, pages and filters; no client for them can be had.
"""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from importlib import import_module
from typing import Any, TypeVar

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hub.clock import RealClock
from hub.sandbox.kit import Want, World
from hub.sandbox.storefront import Storefront, StorefrontConfig, StorefrontShop
from hub.sandbox.storefront.dialect import Dialect
from hub.sandbox.storefront.platform import callback_hmac

haravan = import_module("haravan")
pytestmark = pytest.mark.fidelity

T = TypeVar("T")
SHOP = StorefrontShop(key="1000111987", name="Hợp tác xã Một", token="t-1", shipping_fee=20_000)
CONFIG = StorefrontConfig(shops=(SHOP,))


@pytest.fixture
async def front() -> AsyncIterator[tuple[Storefront, str]]:
    pretend = Storefront(CONFIG, World(clock=RealClock()), Dialect())
    app = web.Application()
    app.add_routes(pretend.routes())
    async with TestServer(app) as server:
        yield pretend, str(server.make_url("")).rstrip("/")


async def away(base: str, token: str, work: Callable[[], T]) -> T:
    """Run the client in a thread of its own: its session is thread-local."""

    def run() -> T:
        resource = haravan.HaravanResource
        resource.site = f"{base}/admin"
        resource.headers["X-Haravan-Access-Token"] = token
        resource.headers["Authorization"] = f"Bearer {token}"
        try:
            return work()
        finally:
            resource.clear_session()

    return await asyncio.to_thread(run)


async def test_goods(front: tuple[Storefront, str]) -> None:
    pretend, base = front

    def work() -> Any:
        product = haravan.Product()
        product.title = "Mật ong bạc hà"
        product.variants = [haravan.Variant({"sku": "MO-1", "price": 250_000, "inventory_quantity": 5})]
        assert product.save()
        assert haravan.Product.count() == 1
        found = haravan.Product.find(product.id)
        found.title = "Mật ong bạc hà loại một"
        assert found.save()
        variant = haravan.Product.find(product.id).variants[0]
        variant.price = 260_000
        assert variant.save()
        return [(one.title, one.variants[0].sku, one.variants[0].price) for one in haravan.Product.find(limit=250)]

    assert await away(base, "t-1", work) == [("Mật ong bạc hà loại một", "MO-1", 260_000)]
    assert [(one.sku, one.price, one.stock) for one in pretend.places[SHOP.key].shop.offers()] == [("MO-1", 260_000, 5)]


async def test_what_is_refused_is_understood(front: tuple[Storefront, str]) -> None:
    _, base = front

    def nameless() -> Any:
        product = haravan.Product()
        product.title = ""
        return product.save(), product.errors.full_messages()

    saved, messages = await away(base, "t-1", nameless)
    assert saved is False
    assert messages == ["title can't be blank"]
    for token, work in (("t-9", haravan.Product.find), ("t-1", lambda: haravan.Product.find(77))):
        with pytest.raises(Exception, match=r"Unauthorized|Not Found"):
            await away(base, token, work)


async def test_orders(front: tuple[Storefront, str]) -> None:
    pretend, base = front
    shop = pretend.places[SHOP.key].shop

    def goods() -> None:
        variants = [haravan.Variant({"sku": "A", "price": 100_000, "inventory_quantity": 9})]
        haravan.Product.create({"title": "Chè", "variants": variants})

    await away(base, "t-1", goods)
    first, second = (shop.place([Want(sku="A", quantity=2)], cod=True, seller_voucher=10_000) for _ in range(2))

    def work() -> Any:
        order = haravan.Order.find(first)
        told = (order.name, order.total_price, order.fulfillment_status, order.line_items[0].sku)
        sent = haravan.Fulfillment({"order_id": order.id, "tracking_number": "VD1"})
        assert sent.save()
        order.capture()
        order.close()
        haravan.Order.find(second).cancel(reason="customer", restock=True)
        return told, [(one.id, one.closed_status, one.cancelled_status) for one in haravan.Order.find(status="any")]

    told, listed = await away(base, "t-1", work)
    assert told == ("#100001", 210_000, "notfulfilled", "A")
    assert listed == [(int(second), "unclosed", "cancelled"), (int(first), "closed", "uncancelled")]
    assert [one.state for one in shop.orders()] == ["completed", "cancelled"]
    assert [one.stock for one in shop.offers()] == [7]


def test_its_check_of_the_way_back_is_ours() -> None:
    haravan.Session.setup(api_key="app", secret="client-secret-1")
    query = {"code": "c1", "shop": "a.myharavan.com", "timestamp": str(int(time.time()))}
    signed = query | {"hmac": callback_hmac("client-secret-1", query)}
    assert haravan.Session.validate_params(signed)
    assert not haravan.Session.validate_params(signed | {"code": "c2"})
    plain = "&".join(f"{key}={value}" for key, value in sorted(query.items()))
    assert signed["hmac"] == hmac.new(b"client-secret-1", plain.encode(), sha256).hexdigest()
