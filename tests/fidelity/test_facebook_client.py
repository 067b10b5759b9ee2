"""The pretend Facebook driven by the vendor's own client: PyPI ``facebook-business`` 26.0.3, as it comes.

Only its address is changed. ``FacebookAdsApi.init`` is not called: it installs a reporter that posts crash reports with
stack traces unless ``crash_log=False``.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from hub.clock import RealClock
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.platform import Facebook

pytestmark = pytest.mark.fidelity

Page: Any = import_module("facebook_business.adobjects.page").Page
ProductCatalog: Any = import_module("facebook_business.adobjects.productcatalog").ProductCatalog
FacebookAdsApi: Any = import_module("facebook_business.api").FacebookAdsApi
FacebookRequestError: Any = import_module("facebook_business.exceptions").FacebookRequestError
FacebookSession: Any = import_module("facebook_business.session").FacebookSession

PAGE = FacebookPage(
    page_id="555000111",
    name="Hợp tác xã Một",
    catalog_id="777000222",
    user_token="EAAU-user-1",
    page_token="EAAP-page-1",
)
CONFIG = FacebookConfig(pages=(PAGE,), nulls=1)
DATA = {
    "id": "OCOP-1", "title": "Mật ong bạc hà", "description": "Hũ 500 g", "price": "250000 VND", "condition": "new",
    "availability": "in stock", "link": "https://shop.example.vn/1", "image_link": "https://shop.example.vn/1.jpg",
    "brand": "HTX Một", "quantity_to_sell_on_facebook": 7,
}  # fmt: skip


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    running = TestServer(create_sandbox(SandboxConfig(facebook=CONFIG), RealClock()))
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
def platform(server: TestServer) -> Facebook:
    sandbox: Sandbox = server.app[SANDBOX]
    return next(one for one in sandbox.platforms if isinstance(one, Facebook))


def client(server: TestServer, token: str, secret: str = CONFIG.app_secret) -> Any:
    session = FacebookSession(app_id=CONFIG.app_id, app_secret=secret, access_token=token)
    session.GRAPH = str(server.make_url("/facebook")).rstrip("/")
    return FacebookAdsApi(session)


@pytest.mark.filterwarnings("ignore:value of requests might not be compatible")  # its own table says map, it is a list
async def test_a_batch_of_items(server: TestServer) -> None:
    catalogue = ProductCatalog(PAGE.catalog_id, api=client(server, PAGE.user_token))
    requests = [
        {"method": "UPDATE", "data": DATA},
        {"method": "UPDATE", "data": {**DATA, "id": "OCOP-2", "price": "250.000"}},
    ]
    told = await asyncio.to_thread(
        catalogue.create_items_batch, params={"item_type": "PRODUCT_ITEM", "requests": requests, "allow_upsert": True}
    )
    assert len(told["handles"]) == 1
    assert [one["retailer_id"] for one in told["validation_status"]] == ["OCOP-2"]
    params = {"handle": told["handles"][0], "load_ids_of_invalid_requests": True}
    states = [
        [one["status"] for one in await asyncio.to_thread(catalogue.get_check_batch_request_status, params=params)]
        for _ in range(2)
    ]
    assert states == [["in_progress"], ["finished"]]
    fields = ["retailer_id", "price", "availability", "review_status", "quantity_to_sell_on_facebook", "product_group"]
    found = await asyncio.to_thread(
        catalogue.get_products, fields=fields, params={"filter": {"retailer_id": {"eq": "OCOP-1"}}}
    )
    assert [(one["retailer_id"], one["availability"], one["quantity_to_sell_on_facebook"]) for one in found] == [
        ("OCOP-1", "in stock", 7)
    ]
    groups = await asyncio.to_thread(lambda: list(catalogue.get_product_groups(fields=["retailer_id"])))
    assert [one["retailer_id"] for one in groups] == ["OCOP-1"]


async def test_posts_lives_and_comments(server: TestServer, platform: Facebook) -> None:
    page = Page(PAGE.page_id, api=client(server, PAGE.page_token))
    made = await asyncio.to_thread(page.create_feed, params={"message": "Mật ong mới về"})
    posts = await asyncio.to_thread(
        lambda: [one["id"] for one in page.get_feed(fields=["message"], params={"limit": 1})]
    )
    assert posts == [made["id"]]
    ours = platform.pages[PAGE.page_id]
    live_id = ours.go_live("Chợ phiên OCOP")
    comment = ours.comment(live_id, "9001", "M12 x2")

    def read() -> list[tuple[str, str]]:
        (live,) = page.get_live_videos(fields=["id", "status", "video"], params={"source": "owner"})
        found = live.get_comments(fields=["message", "from"], params={"live_filter": "no_filter", "filter": "stream"})
        return [(one["id"], one["from"]["id"]) for one in found]

    assert await asyncio.to_thread(read) == [(comment, "9001")]
    subscribed = {"subscribed_fields": ["feed", "messages"]}
    await asyncio.to_thread(page.create_subscribed_app, params=subscribed)
    assert platform.hooks.subscribed[PAGE.page_id] == {"feed", "messages"}


async def test_a_batch_of_calls_with_one_not_executed(server: TestServer) -> None:
    api = client(server, PAGE.page_token)
    batch = api.new_batch()
    told: list[Any] = []
    for _ in range(3):
        Page(PAGE.page_id, api=api).api_get(fields=["name"], batch=batch, success=told.append, failure=told.append)
    again = await asyncio.to_thread(batch.execute)
    assert [json.loads(one.body())["name"] for one in told] == [PAGE.name] * 2
    assert again is not None  # the one that was null is to be sent anew
    assert len(again) == 1


@pytest.mark.parametrize(
    ("token", "secret", "code"), [("EAAX", CONFIG.app_secret, 190), (PAGE.page_token, "another", 100)]
)
async def test_a_wrong_token_and_a_wrong_proof(server: TestServer, token: str, secret: str, code: int) -> None:
    page = Page(PAGE.page_id, api=client(server, token, secret))
    with pytest.raises(FacebookRequestError) as told:
        await asyncio.to_thread(page.api_get)
    assert told.value.api_error_code() == code
