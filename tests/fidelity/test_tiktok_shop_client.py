"""The pretend TikTok Shop driven by a client that others wrote: PyPI ``tiktok-shop-api`` 0.1.0, made from the reference
of autumn 2026. It signs right and covers all we use. It is lenient about answers, so every answer is also held against
its models: a field of ours it has not heard of is an error.

It repeats list parameters (``ids=1&ids=2``), which the platform's own kit and three others join by commas: what the
real one does with repeats is unknown, ours refuses them, so ids are asked one by one here.
"""

import datetime
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from hub.clock import RealClock
from hub.sandbox.kit import Delivery, Want, World
from hub.sandbox.tiktok_shop.app import PretendTikTok
from hub.sandbox.tiktok_shop.shop import Shop
from tests.connectors.sandbox.tiktok_world import good_product
from tests.connectors.tiktok_shop_stage import APP, CIPHER, SECRET, SHOP_ID, config, png

pytestmark = pytest.mark.fidelity

api = import_module("tiktok_shop_api")
models = import_module("tiktok_shop_api.generated.models")
types = import_module("tiktok_shop_api.generated.types")


@dataclass
class Side:
    """Both sides: the client and what it talks to."""

    client: Any
    pretend: PretendTikTok
    url: str

    @property
    def shop(self) -> Shop:
        return self.pretend.shop(SHOP_ID)


@pytest.fixture
async def side() -> AsyncIterator[Side]:
    """Real time: the client asks the machine's clock."""
    world = World(clock=RealClock())
    pretend = PretendTikTok(world, config())
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes(pretend.routes())
    async with TestServer(app) as server:
        world.base_url = url = str(server.make_url("")).rstrip("/")
        client = api.AsyncTikTokShop(APP["app_key"], SECRET, "access-0", CIPHER, base_url=url)
        async with client:
            yield Side(client=client, pretend=pretend, url=url)


def strange(model: Any, path: str = "") -> Iterator[str]:
    """Paths of fields the client's models do not know."""
    if isinstance(model, list):
        for one in model:
            yield from strange(one, path)
        return
    if not hasattr(model, "__attrs_attrs__"):
        return
    yield from (f"{path}.{name}" for name in getattr(model, "additional_properties", {}))
    for attribute in model.__attrs_attrs__:
        if attribute.name != "additional_properties":
            yield from strange(getattr(model, attribute.name), f"{path}.{attribute.name}")


def good(answer: Any) -> Any:
    """The data of an answer whose code is 0 and whose every field the client knows."""
    assert answer.code == 0
    assert list(strange(answer)) == []
    return answer.data


async def uploaded(side: Side) -> str:
    file = types.File(payload=BytesIO(png()), file_name="a.png", mime_type="image/png")
    body = models.UploadProductImageRequest(data=file, use_case=models.UploadProductImageRequestUseCase("MAIN_IMAGE"))
    found: str = good(await side.client.products.upload_product_image(body=body)).uri
    return found


async def made(side: Side) -> Any:
    body = models.CreateProductRequest.from_dict(good_product(await uploaded(side)))
    return good(await side.client.products.create_product(body=body))


async def test_consent_tokens_and_the_shop_behind_them(side: Side) -> None:
    auth = api.AsyncTikTokShopAuth(APP["app_key"], SECRET, APP["service_id"], base_url=side.url)
    link = urlsplit(auth.authorization_url(type="seller", region="row", state="s-1"))
    async with ClientSession() as http, http.get(f"{side.url}{link.path}?{link.query}", allow_redirects=False) as back:
        query = {key: values[0] for key, values in parse_qs(urlsplit(back.headers["location"]).query).items()}
    assert query["state"] == "s-1"
    first = await auth.exchange_code(query["code"])
    second = await auth.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert second.granted_scopes
    with pytest.raises(api.TikTokShopError) as told:
        await auth.refresh(first.refresh_token)
    assert told.value.code == 36004005
    async with api.AsyncTikTokShop(APP["app_key"], SECRET, second.access_token, CIPHER, base_url=side.url) as client:
        shops = good(await client.authorization.get_authorized_shops()).shops
    assert [(one.id, one.cipher, one.region) for one in shops] == [(SHOP_ID, CIPHER, "VN")]


async def test_reference_data(side: Side) -> None:
    products = side.client.products
    tree = good(await products.get_categories(category_version="v2")).categories
    assert {one.is_leaf for one in tree} == {True, False}
    good(await products.get_category_attributes("905992", category_version="v2"))
    rules = good(await products.get_category_rules("905992", category_version="v2"))
    assert rules.cod.is_supported
    assert good(await side.client.logistics.get_warehouse_list()).warehouses


async def test_a_listing_from_draft_to_hidden(side: Side) -> None:
    products, new = side.client.products, await made(side)
    number, sku = new.product_id, new.skus[0].id
    edit = models.PartialEditProductRequest.from_dict({"title": "Miến dong Bình Liêu loại đặc biệt gói 500 g"})
    good(await products.partial_edit_product(number, body=edit))
    price = {"skus": [{"id": sku, "price": {"amount": "91000", "currency": "VND"}}]}
    assert (await products.update_price(number, body=models.UpdatePriceRequest.from_dict(price))).code == 0
    stock = {"skus": [{"id": sku, "inventory": [{"warehouse_id": "7068517275539719942", "quantity": 7}]}]}
    good(await products.update_inventory(number, body=models.UpdateInventoryRequest.from_dict(stock)))
    shown = good(await products.get_product(number, return_under_review_version=True))
    assert (shown.title, shown.status) == ("Miến dong Bình Liêu loại đặc biệt gói 500 g", "ACTIVATE")
    assert (shown.skus[0].price.tax_exclusive_price, shown.skus[0].inventory[0].quantity) == ("91000", 7)
    asked = models.SearchProductsRequest.from_dict({"status": "ALL", "seller_skus": ["OCOP-22-0001-500"]})
    found = good(await products.search_products(body=asked, page_size=10)).products
    assert [one.id for one in found] == [number]
    counted = models.InventorySearchRequest.from_dict({"product_ids": [number]})
    good(await products.inventory_search(body=counted))
    hidden = models.DeactivateProductsRequest.from_dict({"product_ids": [number]})
    good(await products.deactivate_products(body=hidden))
    assert not side.shop.offers()


async def test_orders_claims_and_parcels(side: Side) -> None:
    await made(side)
    sent, back = (side.shop.place([Want(sku="OCOP-22-0001-500", quantity=2)]) for _ in range(2))
    for verb in ("pay", "ship", "deliver"):
        getattr(side.shop, verb)(back)
    side.shop.pay(sent)
    side.shop.take_back(back, [Want(sku="OCOP-22-0001-500", quantity=1)], 85_000)
    body = models.GetOrderListRequest.from_dict({"update_time_ge": side.pretend.now() - 60})
    listed = good(await side.client.orders.get_order_list(body=body, page_size=50))
    assert {one.id for one in listed.orders} == {sent, back}
    (order,) = good(await side.client.orders.get_order_detail(ids=[sent])).orders
    assert len(order.line_items) == 2
    claims = good(await side.client.return_and_refund.search_returns(page_size="10")).return_orders
    assert [one.return_status for one in claims] == ["RETURN_OR_REFUND_REQUEST_COMPLETE"]
    package = order.packages[0].id
    fulfilment = side.client.fulfillment
    slot = [
        one for one in good(await fulfilment.get_package_handover_time_slots(package)).pickup_slots if one.avaliable
    ]
    ship = {
        "handover_method": "PICKUP",
        "pickup_slot": {"start_time": slot[0].start_time, "end_time": slot[0].end_time},
    }
    answer = await fulfilment.ship_package(package, body=models.ShipPackageRequest.from_dict(ship))
    assert answer.code == 0
    label = good(await fulfilment.get_package_shipping_document(package, document_type="SHIPPING_LABEL"))
    assert label.doc_url.startswith(side.url)


async def test_a_seller_cancels_with_a_reason_that_is_offered(side: Side) -> None:
    await made(side)
    order_id = side.shop.place([Want(sku="OCOP-22-0001-500", quantity=1)])
    claims, seller = side.client.return_and_refund, models.GetAftersaleEligibilityInitiateAftersaleUser("SELLER")
    offered = good(await claims.get_aftersale_eligibility(order_id, initiate_aftersale_user=seller))
    reason = offered.sku_eligibility[0].line_item_eligibility[0].available_reason_names[0]
    body = models.CancelOrderRequest.from_dict({"order_id": order_id, "cancel_reason": reason})
    assert good(await claims.cancel_order(body=body)).cancel_id
    assert side.shop.orders()[0].state == "cancelled"
    (row,) = good(await claims.search_cancellations(page_size="10")).cancellations
    assert row.order_id == order_id


async def test_money_lives_and_creators(side: Side) -> None:
    await made(side)
    live = side.shop.broadcast("Phiên chợ OCOP")
    order_id = side.shop.place([Want(sku="OCOP-22-0001-500", quantity=1)])
    side.shop.credit(order_id, "LIVE", live)
    for verb in ("pay", "ship", "deliver", "complete", "settle"):
        getattr(side.shop, verb)(order_id)
    side.shop.entries = [type(one)(**{name: getattr(one, name) for name in one.__slots__} | {"cut": one.cut - 86_400})
                         for one in side.shop.entries]  # fmt: skip
    finance = side.client.finance
    (statement,) = good(await finance.get_statements(sort_field="statement_time")).statements
    rows = good(await finance.get_transactions_by_statement(statement.id, sort_field="order_create_time")).transactions
    assert [one.order_id for one in rows] == [order_id]
    today = datetime.datetime.fromtimestamp(side.pretend.now() + 7 * 3600, datetime.UTC).date()
    told = good(await side.client.analytics.get_shop_live_performance_list(
        start_date_ge=today, end_date_lt=today + datetime.timedelta(days=1),
        account_type=models.GetShopLivePerformanceListAccountType("OFFICIAL_ACCOUNTS"),
    ))  # fmt: skip
    assert [one.id for one in told.live_stream_sessions] == [live]
    now = side.pretend.now()
    asked = models.SearchSellerAffiliateOrdersRequest.from_dict(
        {"create_time_ge": now - 60, "create_time_lt": now + 60}
    )
    found = good(await side.client.affiliate_seller.search_seller_affiliate_orders(body=asked, page_size=10)).orders
    assert [one.skus[0].content_id for one in found] == [live]


async def test_webhooks_pass_its_check_and_its_models(side: Side) -> None:
    heard: list[Any] = []

    async def post(delivery: Delivery) -> int:
        heard.append(api.Webhooks.verify_and_parse(
            app_key=APP["app_key"], app_secret=SECRET, raw_body=delivery.body,
            signature=dict(delivery.headers)["Authorization"],
        ))  # fmt: skip
        return 200

    side.pretend.world.post = post
    for topic in ("ORDER_STATUS_CHANGE", "PRODUCT_STATUS_CHANGE", "PRODUCT_CREATION", "PRODUCT_AUDIT_STATUS_CHANGE",
                  "CANCELLATION_STATUS_CHANGE"):  # fmt: skip
        body = models.UpdateShopWebhookRequest.from_dict({"event_type": topic, "address": "https://hub.example.vn/h"})
        assert (await side.client.event.update_shop_webhook(body=body)).code == 0
    assert len(good(await side.client.event.get_shop_webhooks()).webhooks) == 5
    await made(side)
    side.shop.cancel(side.shop.place([Want(sku="OCOP-22-0001-500", quantity=1)]))
    await side.pretend.deliver_due()
    assert {one.type_ for one in heard} == {1, 5, 11, 16, 37}
