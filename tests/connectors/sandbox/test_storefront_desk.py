"""The pretend Haravan and Sapos from outside: one test for each refusal and oddity the sheet names."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession, DummyCookieJar
from aiohttp.test_utils import TestServer
from yarl import URL

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.kit import Delivery, NotOffered, SoldOut, Want
from hub.sandbox.storefront import Storefront, StorefrontConfig, StorefrontShop
from hub.sandbox.storefront.platform import callback_hmac, signature

SHOP = StorefrontShop(key="htx", name="Hợp tác xã", token="t-1", api_key="k-1", api_secret="s-1", shipping_fee=20_000)
READER = StorefrontShop(key="doc", name="Chỉ đọc", token="t-2", api_key="k-2", api_secret="s-2", read_only=True)
CONFIG = StorefrontConfig(
    shops=(SHOP, READER),
    callback_url="https://hub.example.vn/h",
    redirect_domains=("hub.example.vn",),
    https_hooks=True,
)
KINDS = ("haravan", "sapo", "sapo_omni")


@dataclass(kw_only=True)
class Keeper:
    """Calls one platform as the shop ``htx``."""

    pretend: Storefront
    base: str
    session: ClientSession
    clock: ShiftedClock

    async def call(self, method: str, path: str, body: Any = None, /, token: str = "t-1", **query: Any) -> Any:
        """(status, JSON, headers)."""
        root = "/com" if self.pretend.id == "haravan" else "/htx/admin"
        heads = {"Authorization": f"Bearer {token}"} if self.pretend.id == "haravan" else {"X-Sapo-Access-Token": token}
        address = f"{self.base}{root}/{path}.json"
        async with self.session.request(method, address, json=body, params=query, headers=heads) as answer:
            return answer.status, await answer.json(), answer.headers

    async def made(self, sku: str | None = "A-1", price: float = 100_000, stock: int = 10) -> Any:
        """A new product, as the platform shows it."""
        variant: dict[str, Any] = {"sku": sku, "price": price, "inventory_quantity": stock}
        if self.pretend.id == "sapo_omni":
            variant = {"sku": sku, "variant_prices": [{"value": price}], "inventories": [{"on_hand": stock}]}
        kind = "inventory_management"
        managed = {"haravan": "haravan", "sapo": "bizweb"}.get(self.pretend.id, "")
        body = {self.pretend.dialect.title: "Mật ong", "variants": [variant | {kind: managed}]}
        status, told, _ = await self.call("POST", "products", {"product": body})
        assert status == 201
        return told["product"]

    @property
    def shop(self) -> Any:
        return self.pretend.places["htx"].shop

    def buy(self, quantity: int = 1, **more: Any) -> str:
        return str(self.shop.place([Want(sku="A-1", quantity=quantity)], **more))


async def opened(kind: str, config: StorefrontConfig = CONFIG) -> AsyncIterator[Keeper]:
    clock = ShiftedClock(datetime(2026, 11, 21, 1, tzinfo=UTC), frozen=True)
    app = create_sandbox(replace(SandboxConfig(), **{kind: config}), clock)  # type: ignore[arg-type]
    async with TestServer(app) as server, ClientSession(cookie_jar=DummyCookieJar()) as session:
        pretend = next(one for one in app[SANDBOX].platforms if one.id == kind)
        assert isinstance(pretend, Storefront)
        base = str(server.make_url(f"/{kind}"))
        yield Keeper(pretend=pretend, base=base, session=session, clock=clock)


@pytest.fixture(params=KINDS)
async def keeper(request: pytest.FixtureRequest) -> AsyncIterator[Keeper]:
    async for one in opened(request.param):
        yield one


@pytest.fixture
async def haravan() -> AsyncIterator[Keeper]:
    async for one in opened("haravan"):
        yield one


@pytest.fixture
async def sapo() -> AsyncIterator[Keeper]:
    async for one in opened("sapo"):
        yield one


# ---- the door ----------------------------------------------------------------------------------------------------


async def test_no_token_no_entry(keeper: Keeper) -> None:
    for token in ("", "t-9"):
        status, told, _ = await keeper.call("GET", "products", token=token)
        assert (status, "errors" in told) == (401, True)


async def test_a_token_of_another_store_opens_nothing(sapo: Keeper) -> None:
    assert (await sapo.call("GET", "products", token="t-2"))[0] == 401


async def test_a_private_apps_keys_go_as_basic(sapo: Keeper) -> None:
    for pair, status in (("k-1:s-1", 200), ("k-1:wrong", 401), ("k-2:s-2", 401)):
        heads = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        async with sapo.session.get(f"{sapo.base}/htx/admin/products.json", headers=heads) as answer:
            assert answer.status == status


async def test_reading_rights_do_not_write(haravan: Keeper) -> None:
    assert (await haravan.call("GET", "products", token="t-2"))[0] == 200
    status, told, _ = await haravan.call("POST", "products", {"product": {"title": "x"}}, token="t-2")
    assert (status, "error" in told) == (403, True)


async def test_a_post_with_a_cookie_is_answered_200_and_changes_nothing(haravan: Keeper) -> None:
    heads = {"Authorization": "Bearer t-1", "Cookie": "sid=1"}
    body = {"product": {"title": "x"}}
    async with haravan.session.post(f"{haravan.base}/com/products.json", json=body, headers=heads) as answer:
        assert (answer.status, await answer.json()) == (200, {})
    assert haravan.pretend.places["htx"].store.products == {}


@pytest.mark.parametrize(
    ("kind", "header"), [("haravan", "X-Haravan-Api-Call-Limit"), ("sapo", "X-Sapo-Api-Call-Limit")]
)
async def test_the_bucket_is_told_and_runs_over(kind: str, header: str) -> None:
    async for one in opened(kind, replace(CONFIG, bucket=3, leak=0.001)):
        said = [await one.call("GET", "products") for _ in range(4)]
        assert [headers.get(header) for _, _, headers in said] == ["1/3", "2/3", "3/3", None]
        assert (said[3][0], said[3][2]["Retry-After"]) == (429, "2.0")


async def test_what_is_no_json_or_has_no_wrapper(keeper: Keeper) -> None:
    root = "com" if keeper.pretend.id == "haravan" else "htx/admin"
    heads = {"Authorization": "Bearer t-1"}
    async with keeper.session.post(f"{keeper.base}/{root}/products.json", data=b"{", headers=heads) as answer:
        assert answer.status == 400
    assert (await keeper.call("POST", "products", {"title": "x"}))[0] == 422
    assert (await keeper.call("GET", "nothing"))[0] == 404
    assert (await keeper.call("GET", "products/77"))[0] == 404
    assert (await keeper.call("GET", "orders/abc"))[0] == 404


# ---- goods -------------------------------------------------------------------------------------------------------


async def test_goods_need_a_title_and_an_honest_price(keeper: Keeper) -> None:
    name = keeper.pretend.dialect.title
    for body, field in (
        ({name: " "}, "title"),
        ({name: "A", "variants": [{"price": "x", "variant_prices": [{"value": "x"}]}]}, "price"),
        ({name: "A", "variants": [{"price": -1, "variant_prices": [{"value": -1}]}]}, "price"),
        ({name: "A", "images": [{"src": "no address"}]}, "images"),
    ):
        status, told, _ = await keeper.call("POST", "products", {"product": body})
        assert (status, list(told["errors"])) == (422, [field])


async def test_pages_are_capped_and_run_by_falling_id(haravan: Keeper) -> None:
    ids = [(await haravan.made(f"S-{number}"))["id"] for number in range(53)]
    _, told, _ = await haravan.call("GET", "products", limit=250)
    assert [one["id"] for one in told["products"]] == ids[:2:-1]
    _, rest, _ = await haravan.call("GET", "products", limit=250, page=2)
    assert [one["id"] for one in rest["products"]] == ids[2::-1]
    assert (await haravan.call("GET", "products/count"))[1] == {"count": 53}


async def test_a_blank_filter_filters_nothing(keeper: Keeper) -> None:
    for number in range(3):
        await keeper.made(f"S-{number}")
    assert len((await keeper.call("GET", "products", sku=""))[1]["products"]) == 3
    assert len((await keeper.call("GET", "products", sku="S-1"))[1]["products"]) == 1
    assert (await keeper.call("GET", "products", sku="S"))[1]["products"] == []


async def test_skus_may_be_missing_and_repeated(keeper: Keeper) -> None:
    for sku in (None, "A-1", "A-1"):
        await keeper.made(sku)
    assert len((await keeper.call("GET", "products", sku="A-1"))[1]["products"]) == 2
    assert [one["sku"] for one in keeper.shop.listings()] == ["", "A-1", "A-1"]
    assert [one.sku for one in keeper.shop.offers()] == ["A-1", "A-1"]


async def test_money_is_numbers_and_empty_kinds_have_a_name(haravan: Keeper) -> None:
    product = await haravan.made()
    assert product["variants"][0]["price"] == 100_000.0
    assert isinstance(product["variants"][0]["price"], float)
    assert (product["vendor"], product["product_type"]) == ("Khác", "Khác")


async def test_sapos_names_are_its_own(sapo: Keeper) -> None:
    product = await sapo.made()
    assert {"name", "alias", "content", "created_on", "modified_on", "published_on"} <= set(product)
    assert not {"title", "handle", "body_html", "created_at"} & set(product)


async def test_variants_that_are_not_named_are_gone(haravan: Keeper) -> None:
    product = await haravan.made()
    path = f"products/{product['id']}"
    second = {"variant": {"sku": "A-2", "price": 1, "option1": "2"}}
    assert (await haravan.call("POST", f"{path}/variants", second))[0] == 201
    assert (await haravan.call("POST", f"{path}/variants", second))[0] == 422
    keep = {"product": {"variants": [{"id": product["variants"][0]["id"], "price": 5}]}}
    _, told, _ = await haravan.call("PUT", path, keep)
    assert [(one["sku"], one["price"]) for one in told["product"]["variants"]] == [("A-1", 5.0)]
    assert (await haravan.call("DELETE", path))[0] == 200
    assert (await haravan.call("GET", path))[0] == 404


async def test_an_empty_publishing_date_hides(haravan: Keeper) -> None:
    product = await haravan.made()
    await haravan.call("PUT", f"products/{product['id']}", {"product": {"published_at": None}})
    assert haravan.shop.offers() == []
    with pytest.raises(SoldOut):
        haravan.buy()


# ---- stock -------------------------------------------------------------------------------------------------------


async def test_the_default_of_adjustorset_adds(haravan: Keeper) -> None:
    product = await haravan.made(stock=10)
    haravan.buy(3, cod=True)
    location = (await haravan.call("GET", "locations"))[1]["locations"][0]["id"]
    line = {"product_id": product["id"], "product_variant_id": product["variants"][0]["id"], "quantity": 10}
    body: dict[str, Any] = {"location_id": location, "line_items": [line]}
    variant = {"variant_ids": product["variants"][0]["id"]}
    seen = []
    for sent in (body, {"inventory": body | {"type": "set"}}, body | {"type": "adjust"}):
        assert (await haravan.call("POST", "inventories/adjustorset", sent))[0] == 201
        (row,) = (await haravan.call("GET", "inventory_locations", **variant))[1]["inventory_locations"]
        seen.append((row["qty_onhand"], row["qty_commited"], row["qty_available"]))
    assert seen == [(20, 3, 17), (10, 3, 7), (20, 3, 17)]


@pytest.mark.parametrize("change", [{"location_id": 1}, {"type": "put"}, {"line_items": []}])
async def test_adjustorset_refuses(haravan: Keeper, change: dict[str, Any]) -> None:
    product = await haravan.made()
    line = {"product_id": product["id"], "product_variant_id": product["variants"][0]["id"], "quantity": 1}
    body = {"location_id": 1_000_001, "type": "set", "line_items": [line]} | change
    assert (await haravan.call("POST", "inventories/adjustorset", body))[0] == 422


async def test_stock_is_asked_for_fifty_at_a_time(haravan: Keeper) -> None:
    many = ",".join(str(number) for number in range(51))
    assert (await haravan.call("GET", "inventory_locations", variant_ids=many))[0] == 422


async def test_a_haravan_variant_keeps_its_stock_to_itself(haravan: Keeper, sapo: Keeper) -> None:
    for one, left in ((haravan, 10), (sapo, 4)):
        variant = (await one.made(stock=10))["variants"][0]["id"]
        _, told, _ = await one.call("PUT", f"variants/{variant}", {"variant": {"inventory_quantity": 4}})
        assert told["variant"]["inventory_quantity"] == left


# ---- orders ------------------------------------------------------------------------------------------------------


async def test_items_and_quantities_of_an_order_cannot_be_changed(keeper: Keeper) -> None:
    await keeper.made()
    order = keeper.buy()
    bodies: list[dict[str, Any]] = [{"line_items": []}, {"financial_status": "paid"}]
    for body in bodies:
        assert (await keeper.call("PUT", f"orders/{order}", {"order": body}))[0] == 422
    assert (await keeper.call("PUT", f"orders/{order}", {"order": {"note": "Gọi trước"}}))[0] == 200


async def test_only_open_orders_are_told_unless_asked(haravan: Keeper) -> None:
    await haravan.made()
    closed, cancelled, still = (haravan.buy(cod=True) for _ in range(3))
    haravan.shop.complete(closed)
    haravan.shop.cancel(cancelled)

    async def told(**query: str) -> list[int]:
        return [one["id"] for one in (await haravan.call("GET", "orders", **query))[1]["orders"]]

    assert await told() == [int(still)]
    assert await told(status="closed") == [int(closed)]
    assert await told(status="any", order="created_at asc") == [int(closed), int(cancelled), int(still)]
    assert await told(status="any") == [int(still), int(cancelled), int(closed)]
    assert (await haravan.call("GET", "orders", status="zzz"))[0] == 422
    assert (await haravan.call("GET", "orders", updated_at_min="yesterday"))[0] == 422


async def test_five_separate_status_fields(haravan: Keeper) -> None:
    await haravan.made()
    order = haravan.buy(cod=True)
    names = ("financial_status", "fulfillment_status", "confirmed_status", "closed_status", "cancelled_status")

    async def told() -> list[str]:
        shown = (await haravan.call("GET", f"orders/{order}"))[1]["order"]
        return [shown[name] for name in names]

    assert await told() == ["pending", "notfulfilled", "unconfirmed", "unclosed", "uncancelled"]
    await haravan.call("POST", f"orders/{order}/confirm", {"confirmed_status": "confirmed"})
    await haravan.call("POST", f"orders/{order}/transactions", {"transaction": {"kind": "Capture", "amount": 1}})
    await haravan.call("POST", f"orders/{order}/fulfillments", {"fulfillment": {"tracking_number": "X"}})
    await haravan.call("POST", f"orders/{order}/close")
    assert await told() == ["paid", "fulfilled", "confirmed", "closed", "uncancelled"]
    await haravan.call("POST", f"orders/{order}/open")
    assert (await told())[3] == "unclosed"


async def test_what_left_cannot_be_cancelled_and_what_is_cancelled_cannot_leave(keeper: Keeper) -> None:
    await keeper.made()
    gone, dead = keeper.buy(cod=True), keeper.buy(cod=True)
    keeper.shop.ship(gone)
    assert (await keeper.call("POST", f"orders/{gone}/cancel", {"reason": "customer"}))[0] == 422
    assert (await keeper.call("POST", f"orders/{dead}/cancel", {"reason": "bored"}))[0] == 422
    assert (await keeper.call("POST", f"orders/{dead}/cancel", {"reason": "customer", "restock": True}))[0] == 201
    assert (await keeper.call("POST", f"orders/{dead}/cancel", {"reason": "customer"}))[0] == 422
    assert (await keeper.call("POST", f"orders/{dead}/fulfillments", {"fulfillment": {}}))[0] == 422
    with pytest.raises(NotOffered):
        keeper.shop.deliver(dead)


async def test_no_more_leaves_than_was_bought(haravan: Keeper) -> None:
    await haravan.made()
    order = haravan.buy(2, cod=True)
    line = (await haravan.call("GET", f"orders/{order}"))[1]["order"]["line_items"][0]["id"]
    for quantity, status in ((3, 422), (1, 201), (2, 422), (1, 201)):
        body = {"fulfillment": {"line_items": [{"id": line, "quantity": quantity}]}}
        assert (await haravan.call("POST", f"orders/{order}/fulfillments", body))[0] == status
    assert len((await haravan.call("GET", f"orders/{order}/fulfillments"))[1]["fulfillments"]) == 2


async def test_an_order_typed_in_may_have_any_financial_status(sapo: Keeper) -> None:
    variant = (await sapo.made())["variants"][0]["id"]
    lines = [{"variant_id": variant, "quantity": 2}]
    attributes = [{"name": "hub_order_id", "value": "H1"}]
    body = {"line_items": lines, "financial_status": "authorized", "note_attributes": attributes, "source_name": "hub"}
    status, told, _ = await sapo.call("POST", "orders", {"order": body})
    assert (status, told["order"]["financial_status"]) == (201, "authorized")
    assert (told["order"]["note_attributes"], told["order"]["source_name"]) == (attributes, "hub")
    assert (await sapo.call("POST", "orders", {"order": {"line_items": lines, "financial_status": "rich"}}))[0] == 422
    assert (await sapo.call("POST", "orders", {"order": {"line_items": []}}))[0] == 422


# ---- webhooks and signing in -------------------------------------------------------------------------------------


def test_printed_signatures() -> None:
    body = b'{"id":632910392,"title":"Che Shan tuyet"}'
    assert signature(body, "client-secret-1") == "BDl/CC2GeSKdKzG3ShqDu+sgFKN6z1yf9VjnfO893To="
    query = {"code": "c1", "shop": "a.myharavan.com", "timestamp": "1795293712", "hmac": "x", "signature": "y"}
    right = "39990f99733ba1d0fa4110086c7e6807e720992982ee0d0959edd6b65684b5d7"
    assert callback_hmac("client-secret-1", query) == right


async def test_sapos_webhooks_want_https_and_come_once_per_topic(sapo: Keeper) -> None:
    hook = {"topic": "orders/create", "address": "https://hub.example.vn/h", "format": "json"}
    assert (await sapo.call("POST", "webhooks", {"webhook": hook}))[0] == 201
    assert (await sapo.call("POST", "webhooks", {"webhook": hook}))[0] == 422
    for wrong in ({"topic": "orders"}, {"address": "http://hub.example.vn/h"}):
        assert (await sapo.call("POST", "webhooks", {"webhook": hook | wrong}))[0] == 422
    number = (await sapo.call("GET", "webhooks"))[1]["webhooks"][0]["id"]
    assert (await sapo.call("DELETE", f"webhooks/{number}"))[0] == 200
    assert (await sapo.call("DELETE", f"webhooks/{number}"))[0] == 404


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("haravan", {"X-Haravan-Hmacsha256", "X-Haravan-Topic", "X-Haravan-Org-Id"}),
        ("sapo", {"X-Sapo-Hmac-SHA256", "X-Sapo-Topic", "X-Sapo-Shop-Domain"}),
        ("sapo_omni", {"X-Sapo-Hmac-SHA256", "X-Sapo-Topic", "X-Sapo-Tenant-Domain", "X-Sapo-Object-Id"}),
    ],
)
async def test_headers_are_spelt_exactly(kind: str, names: set[str]) -> None:
    async for one in opened(kind):
        posted: list[Delivery] = []

        async def post(delivery: Delivery, posted: list[Delivery] = posted) -> int:
            posted.append(delivery)
            return 200

        one.pretend.world.post = post
        await one.made()
        if kind == "haravan":
            heads = {"Authorization": "Bearer t-1"}
            async with one.session.post(f"{one.base}/api/subscribe", headers=heads) as answer:
                assert answer.status == 200
        else:
            hook = {"topic": "orders/create", "address": "https://hub.example.vn/h"}
            await one.call("POST", "webhooks", {"webhook": hook})
        one.buy()
        await one.pretend.deliver_due()
        last = posted[-1]
        assert names <= {name for name, _ in last.headers}
        assert dict(last.headers)[one.pretend.dialect.topic] == "orders/create"
        assert b'"order"' not in last.body.split(b":", 1)[0]  # the bare object


@pytest.mark.parametrize(
    ("change", "status"),
    [({"client_id": "x"}, 400), ({"redirect_uri": "https://evil.vn/"}, 400), ({"scope": "email"}, 400), ({}, 302)],
)
async def test_the_way_to_sign_in(haravan: Keeper, change: dict[str, str], status: int) -> None:
    query = {"client_id": "storefront-app", "redirect_uri": "https://hub.example.vn/o", "scope": "openid", "nonce": "n"}
    address = f"{haravan.base}/connect/authorize"
    async with haravan.session.get(address, params=query | change, allow_redirects=False) as answer:
        assert answer.status == status


@pytest.mark.parametrize(
    "change", [{"client_secret": "x"}, {"code": "x"}, {"grant_type": "refresh_token", "refresh_token": "x"}]
)
async def test_tokens_are_refused(haravan: Keeper, change: dict[str, str]) -> None:
    form = {"client_id": "storefront-app", "client_secret": "client-secret-1", "grant_type": "authorization_code"}
    async with haravan.session.post(f"{haravan.base}/connect/token", data=form | change) as answer:
        assert (answer.status, "error" in await answer.json()) == (400, True)


async def test_sapo_signs_in_by_the_stores_own_address(sapo: Keeper) -> None:
    query = {"client_id": "storefront-app", "redirect_uri": "https://hub.example.vn/o", "response_type": "code"}
    address = f"{sapo.base}/htx/admin/oauth/authorize"
    async with sapo.session.get(address, params=query, allow_redirects=False) as answer:
        back = dict(URL(answer.headers["Location"]).query)
    assert back.pop("hmac") == callback_hmac("client-secret-1", back)
    app = {"client_id": "storefront-app", "client_secret": "client-secret-1", "code": back["code"]}
    async with sapo.session.post(f"{sapo.base}/htx/admin/oauth/access_token", json=app) as answer:
        token = (await answer.json())["access_token"]
    assert (await sapo.call("GET", "store", token=token))[1]["store"]["name"] == "Hợp tác xã"


# ---- the buyer's side --------------------------------------------------------------------------------------------


async def test_goods_come_back_wherever_an_order_ends(keeper: Keeper) -> None:
    await keeper.made(stock=10)

    def left() -> int:
        return int(keeper.shop.offers()[0].stock)

    cancelled, failed, returned = (keeper.buy(2, cod=True) for _ in range(3))
    assert left() == 4
    keeper.shop.cancel(cancelled)
    assert left() == 6
    keeper.shop.ship(failed)
    keeper.shop.fail_delivery(failed)
    assert left() == 8
    keeper.shop.deliver(returned)
    keeper.shop.take_back(returned, [Want(sku="A-1", quantity=2)], 200_000)
    assert left() == 10
    assert [one.state for one in keeper.shop.orders()] == ["cancelled", "failed_delivery", "delivered"]
    with pytest.raises(NotOffered):
        keeper.shop.cancel(returned)
    with pytest.raises(SoldOut):
        keeper.buy(11)
