"""The pretend Tiki refuses what the sheet says Tiki refuses; one test per refusal, spoken over plain HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientSession, encode_basic_auth
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig, load_config
from hub.sandbox.faults import Faults, Rates
from hub.sandbox.kit import NotOffered, SoldOut, Want
from hub.sandbox.tiki import Tiki, TikiApp, TikiConfig, TikiSandboxShop, TikiShop

START = datetime(2026, 11, 21, 1, tzinfo=UTC)
BACK = "http://127.0.0.1/back"
ONE = TikiShop(
    seller_id=1, name="Một", client_id="app", access_token="tok-1", refresh_token="ref-1", warehouses=(1034, 1015)
)
TWO = replace(ONE, seller_id=2, name="Hai", access_token="tok-2", refresh_token="ref-2", fulfillment="tiki_delivery")
CONFIG = TikiConfig(
    apps=(
        TikiApp(client_id="app", client_secret="secret", redirect_uri=BACK),
        TikiApp(client_id="post", client_secret="secret", secret_in_form=True, seller_id=1),
    ),
    shops=(ONE, TWO),
)


@dataclass(kw_only=True)
class Seller:
    """Speaks for one shop; ``last`` is the answer that came."""

    tiki: Tiki
    http: ClientSession
    url: str
    clock: ShiftedClock
    faults: Faults
    token: str = "tok-1"
    status: int = 0
    last: Any = field(default=None)

    @property
    def shop(self) -> TikiSandboxShop:
        return self.tiki.shop(1 if self.token == "tok-1" else 2)

    async def __call__(self, method: str, path: str, body: object = None, **params: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.url}/integration/{path}"
        async with self.http.request(method, address, json=body, params=params, headers=headers) as answer:
            self.status = answer.status
            self.last = await (answer.json() if answer.content_type == "application/json" else answer.text())
            return self.last

    async def token_for(self, auth: str | None, **form: str) -> Any:
        headers = {"Authorization": auth} if auth else {}
        async with self.http.post(f"{self.url}/sc/oauth2/token", data=form, headers=headers) as answer:
            self.status = answer.status
            return await answer.json()

    async def errors(self, method: str, path: str, body: object = None, **params: str) -> list[str]:
        await self(method, path, body, **params)
        return list(self.last["errors"])

    async def product(self, sku: str = "A", **changes: object) -> int:
        """A product that stands."""
        await self("POST", "v2.1/requests", asked(sku, **changes))
        assert self.status == 200, self.last
        self.shop.now()
        return next(one.product_id for one in self.shop.seller.products.values() if one.original_sku == sku)


def asked(sku: str = "A", **changes: object) -> dict[str, Any]:
    variant = {
        "sku": sku, "price": 85000, "market_price": 95000, "inventory_type": "dropship",
        "seller_warehouse": "1034,1015", "warehouse_stocks": [{"warehouseId": 1034, "qtyAvailable": 12}],
    }  # fmt: skip
    whole: dict[str, Any] = {
        "category_id": 4404, "name": "Mật ong", "description": "<p>Ngọt</p>", "market_price": 95000,
        "attributes": {"brand": "OEM", "origin": "Việt Nam", "product_top_features": "Ngọt", "product_weight_kg": "0.6",
                       "product_length": "25", "product_width": "15", "product_height": "8"},
        "image": "https://cdn.example/m1.jpg", "images": [], "option_attributes": [], "variants": [variant],
        "meta_data": {"is_auto_turn_on": True},
    }  # fmt: skip
    return whole | changes


def variants(**changes: object) -> list[dict[str, Any]]:
    return [{**asked()["variants"][0], **changes}]


@pytest.fixture
def setup() -> TikiConfig:
    return CONFIG


@pytest.fixture
async def say(setup: TikiConfig) -> AsyncIterator[Seller]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(tiki=setup), clock, faults)
    tiki = next(one for one in app[SANDBOX].platforms if isinstance(one, Tiki))
    async with TestServer(app) as server, ClientSession() as http:
        url = str(server.make_url("/tiki")).rstrip("/")
        yield Seller(tiki=tiki, http=http, url=url, clock=clock, faults=faults)


# ---- OAuth ---------------------------------------------------------------------------------------------------------

BASIC = encode_basic_auth("app", "secret")
QUERY = {
    "response_type": "code", "client_id": "app", "redirect_uri": BACK, "state": "12345678",
    "scope": "offline product order inventory",
}  # fmt: skip


async def consent(say: Seller, **changes: str) -> tuple[int, dict[str, str]]:
    query = urlencode({**QUERY, **changes})
    async with say.http.get(f"{say.url}/sc/oauth2/auth?{query}", allow_redirects=False) as answer:
        if answer.status != 302:
            return answer.status, {"error": (await answer.json())["error"]}
        return 302, {key: one[0] for key, one in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"redirect_uri": "http://127.0.0.1/elsewhere"}, "invalid_request"),
        ({"state": "1234567"}, "invalid_state"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_a_wrong_consent_is_refused(say: Seller, changes: dict[str, str], error: str) -> None:
    status, told = await consent(say, **changes)
    assert (status >= 400, told["error"]) == (True, error)


async def test_an_owner_may_refuse(say: Seller) -> None:
    assert (await consent(say, agree="no"))[1] == {
        "error": "access_denied", "error_code": "403", "error_hint": "The owner refused.", "state": "12345678",
    }  # fmt: skip


async def test_a_code_works_once_for_its_redirect_and_ten_minutes(say: Seller) -> None:
    codes = [(await consent(say))[1]["code"] for _ in range(3)]
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    told = await say.token_for(BASIC, **form, code=codes[0])
    assert (told["expires_in"], told["token_type"], bool(told["refresh_token"])) == (86_399, "bearer", True)
    assert (await say.token_for(BASIC, **form, code=codes[0]))["error"] == "invalid_grant"
    assert (await say.token_for(BASIC, **{**form, "redirect_uri": "x"}, code=codes[1]))["error"] == "invalid_grant"
    say.clock.move(timedelta(minutes=11))
    assert (await say.token_for(BASIC, **form, code=codes[2]))["error"] == "invalid_grant"
    assert say.status == 400


async def test_without_offline_there_is_no_refresh_token(say: Seller) -> None:
    code = (await consent(say, scope="product"))[1]["code"]
    told = await say.token_for(BASIC, grant_type="authorization_code", redirect_uri=BACK, code=code)
    assert "refresh_token" not in told
    say.token = told["access_token"]
    assert await say.errors("GET", "v2/orders") == ["scope order is required"]
    assert say.status == 403


async def test_a_refresh_token_works_once(say: Seller) -> None:
    told = await say.token_for(BASIC, grant_type="refresh_token", refresh_token="ref-1")
    assert told["refresh_token"] != "ref-1"
    assert (await say.token_for(BASIC, grant_type="refresh_token", refresh_token="ref-1"))["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("auth", "form"),
    [
        (encode_basic_auth("app", "wrong"), {}),
        (None, {"client_id": "app", "client_secret": "secret"}),
        (encode_basic_auth("post", "secret"), {}),
        (None, {}),
    ],
)
async def test_a_client_must_prove_itself_in_its_own_way(say: Seller, auth: str | None, form: dict[str, str]) -> None:
    told = await say.token_for(auth, grant_type="client_credentials", **form)
    assert (say.status, told["error"], told["status_code"]) == (401, "invalid_client", 401)


async def test_an_in_house_app_gets_its_own_shop(say: Seller) -> None:
    told = await say.token_for(
        None, grant_type="client_credentials", client_id="post", client_secret="secret", scope=""
    )
    say.token = told["access_token"]
    assert (await say("GET", "v2/sellers/me"))["name"] == "Một"
    told = await say.token_for(BASIC, grant_type="client_credentials")
    say.token = told["access_token"]
    await say("GET", "v2/sellers/me")
    assert say.status == 403  # a public app alone is nobody's


async def test_other_grants_and_bodies_are_refused(say: Seller) -> None:
    assert (await say.token_for(BASIC, grant_type="password"))["error"] == "unsupported_grant_type"
    async with say.http.post(f"{say.url}/sc/oauth2/token", json={}, headers={"Authorization": BASIC}) as answer:
        assert (await answer.json())["error"] == "invalid_request"


async def test_a_token_ends(say: Seller) -> None:
    await say("GET", "v2/sellers/me")
    assert say.status == 200
    say.clock.move(timedelta(seconds=86_400))
    assert await say.errors("GET", "v2/sellers/me") == ["Unauthorized"]
    assert say.status == 401


@pytest.mark.parametrize("setup", [replace(CONFIG, shops=(replace(ONE, paused=True),))])
async def test_a_paused_connection_answers_200(say: Seller) -> None:
    assert "msg" in await say("GET", "v2/orders")
    assert say.status == 200


@pytest.mark.parametrize("setup", [replace(CONFIG, calls_per_second=2)])
async def test_too_many_calls_are_429(say: Seller) -> None:
    for _ in range(3):
        await say("GET", "v2/sellers/me")
    assert say.status == 429


# ---- requests ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"category_id": 1}, "category_id 1 is not found"),
        ({"category_id": 4384}, "category_id 4384 is not primary"),
        ({"name": ""}, "name is required"),
        ({"attributes": {}}, "attributes brand is required"),
        ({"option_attributes": ["a", "b", "c"]}, "option_attributes should have at most 2 codes"),
        ({"variants": []}, "variants is required"),
        ({"option_attributes": ["size"]}, "variants don't match with option_attributes => variants option1 missing"),
        (
            {"variants": variants(option1="x")},
            "variants don't match with option_attributes => variants option1 redundant",
        ),
        ({"variants": variants(price=0)}, "variants should have price > 0"),
        ({"variants": variants(sku="")}, "variants should have sku"),
        ({"variants": [*variants(), *variants()]}, "Seller product code is not unique"),
        ({"variants": variants(inventory_type="own")}, "inventory_type own is not supported"),
        ({"variants": variants(seller_warehouse=1034)}, "seller_warehouse should be a string"),
        (
            {"variants": variants(warehouse_stocks=[{"warehouse_id": 1034, "qty_available": 1}])},
            "warehouse_stocks should have warehouseId and qtyAvailable",
        ),
        (
            {"variants": variants(warehouse_stocks=[{"warehouseId": 9, "qtyAvailable": 1}])},
            "Warehouse '[9]' are not found",
        ),
    ],
)
async def test_a_wrong_request_is_422_with_its_fault(say: Seller, changes: dict[str, Any], text: str) -> None:
    assert text in await say.errors("POST", "v2.1/requests", asked(**changes))
    assert say.status == 422


async def test_all_faults_are_told_at_once_and_broken_json_is_named(say: Seller) -> None:
    faults = await say.errors("POST", "v2.1/requests", asked(name="", variants=variants(price=0, sku="")))
    assert len(faults) == 3
    headers = {"Authorization": "Bearer tok-1"}
    async with say.http.post(f"{say.url}/integration/v2.1/requests", data=b"{", headers=headers) as answer:
        assert (await answer.json())["errors"] == ["Can't read http message, please check your request"]
        assert answer.status == 400


@pytest.mark.parametrize("setup", [replace(CONFIG, review_seconds=1000, awaiting="waiting")])
async def test_the_way_of_a_request(say: Seller) -> None:
    track = (await say("POST", "v2.1/requests", asked()))["track_id"]
    seen = []
    for _ in range(7):
        told = await say("GET", f"v2/tracking/{track}")
        seen.append((told["state"], told["request_id"] is not None))
        say.clock.move(timedelta(seconds=170))
    assert seen == [
        ("queuing", False), ("processing", True), ("drafted", True), ("bot_waiting_approve", True),
        ("md_waiting_approve", True), ("awaiting_approve", True), ("approved", True),
    ]  # fmt: skip
    told = await say("GET", f"v2/requests/{told['request_id']}", include="products")
    assert [one["original_sku"] for one in told["products"]] == ["A"]
    await say("GET", "v2/tracking/nothing")
    assert say.status == 404


@pytest.mark.parametrize("setup", [replace(CONFIG, review_seconds=1000)])
async def test_a_request_is_taken_back_only_before_its_approval(say: Seller) -> None:
    await say("POST", "v2.1/requests", asked("A"))
    await say("POST", "v2.1/requests", asked("B"))
    first, second = [one["id"] for one in (await say("GET", "v2/requests"))["data"]]
    assert (await say("DELETE", f"v2/requests/{first}"))["state"] == "deleted"
    say.clock.move(timedelta(seconds=1001))
    assert await say.errors("DELETE", f"v2/requests/{second}") == ["request is approved and can not be deleted"]
    assert [one.original_sku for one in say.shop.seller.products.values()] == ["B"]
    assert [one["id"] for one in (await say("GET", "v2/requests", state="deleted"))["data"]] == [first]


async def test_pictures_and_repeated_codes_are_refused_in_the_review(say: Seller) -> None:
    await say.product("A")
    for body, words in ((asked("B", image="https://x.vn/499x499.png"), "product media is empty"), (asked("A"), "420")):
        track = (await say("POST", "v2.1/requests", body))["track_id"]
        told = await say("GET", f"v2/tracking/{track}")
        assert told["state"] == "rejected"
        assert words in told["reason"]


# ---- products ------------------------------------------------------------------------------------------------------


async def test_lists_include_and_details_includes(say: Seller) -> None:
    number = await say.product()
    row = (await say("GET", "v2.1/products", include="inventory"))["data"][0]
    assert (row["product_id"], "inventory" in row, "attributes" in row) == (number, True, False)
    assert "inventory" not in (await say("GET", "v2.1/products", includes="inventory"))["data"][0]
    detail = await say("GET", f"v2.1/products/{number}", includes="inventory,attributes")
    assert (detail["id"], "product_id" in detail) == (number, False)
    assert detail["attributes"]["description"] == "<p>Ngọt</p>"
    assert (await say("GET", "v2/products/findBy", original_sku="A"))["product_id"] == number
    await say("GET", "v2/products/findBy", original_sku="B")
    assert say.status == 404


async def test_paging_ends_at_zero_when_there_is_nothing(say: Seller) -> None:
    assert (await say("GET", "v2.1/products"))["paging"] == {
        "total": 0, "current_page": 1, "from": 0, "to": 0, "per_page": 20, "last_page": 0,
    }  # fmt: skip
    assert await say.errors("GET", "v2/orders", limit="51")
    assert await say.errors("GET", "v2/orders", page="x") == ["page or limit is not a number"]


async def test_a_product_of_another_shop_is_403(say: Seller) -> None:
    number = await say.product()
    say.token = "tok-2"
    body = {"product_id": number, "price": 1}
    assert await say.errors("PUT", "v2.1/products/updateSku", body) == [
        "you do not have permission to update this product"
    ]
    assert say.status == 403


async def test_a_fault_of_a_warehouse_comes_with_200_and_with_422(say: Seller) -> None:
    number = await say.product()
    seen = set()
    for _ in range(2):
        body = {"product_id": number, "warehouse_quantities": [{"warehouse_id": 999, "qty_available": 1}]}
        assert await say.errors("PUT", "v2.1/products/updateSku", body) == [
            "update error [Warehouse '[999]' are not found]"
        ]
        assert say.last["meta"]["source"] == "meepo"
        seen.add(say.status)
    assert seen == {200, 422}


async def test_a_price_below_a_tenth_and_a_negative_stock_are_refused(say: Seller) -> None:
    number = await say.product()
    assert (
        "less than ten percent"
        in (await say.errors("PUT", "v2.1/products/updateSku", {"product_id": number, "price": 8000}))[0]
    )
    rows = [{"warehouse_id": 1034, "qty_available": -1}]
    assert await say.errors("PUT", "v2.1/products/updateSku", {"product_id": number, "warehouse_quantities": rows})


@pytest.mark.parametrize("change", [{"price": 85000.5}, {"price": "85000"}, {"price": 0}, {"active": 2}])
async def test_prices_are_whole_dong_and_active_is_one_or_nought(say: Seller, change: dict[str, object]) -> None:
    number = await say.product()
    assert await say.errors("PUT", "v2.1/products/updateSku", {"product_id": number, **change})
    assert (say.shop.seller.products[number].price, say.shop.seller.products[number].active) == (85000, 1)


async def test_the_batchs_status_is_one_to_three(say: Seller) -> None:
    number = await say.product()
    assert await say.errors("PUT", "v2.1/products/updateSkus", {"data": [{"product_id": number, "status": 0}]})
    assert say.shop.seller.products[number].active == 1


async def test_what_is_not_known_is_approved_and_changes_nothing(say: Seller) -> None:
    number = await say.product()
    assert await say("PUT", "v2.1/products/updateSku", {"product_id": number, "quantity": 3}) == {"state": "approved"}
    assert say.shop.seller.products[number].stock == {1034: 12, 1015: 0}


async def test_the_batch_zeroes_warehouses_it_does_not_name_and_has_its_own_status(say: Seller) -> None:
    number = await say.product()
    rows = [{"warehouse_id": 1015, "qty_available": 3}]
    await say("PUT", "v2.1/products/updateSkus", {"data": [{"product_id": number, "warehouse_quantities": rows}]})
    product = say.shop.seller.products[number]
    assert product.stock == {1034: 0, 1015: 3}
    for status, expected in ((2, (0, False)), (3, (0, True)), (1, (1, False))):
        await say("PUT", "v2.1/products/updateSkus", {"data": [{"product_id": number, "status": status}]})
        assert (product.active, product.hidden) == expected


async def test_a_code_is_changed_to_a_free_one_only(say: Seller) -> None:
    number = await say.product("A")
    await say.product("B")
    assert await say.errors("POST", "v2/products/updateOriginalSku", {"product_id": number, "original_sku": "B"})
    await say("POST", "v2/products/updateOriginalSku", {"product_id": number, "original_sku": "C"})
    assert say.shop.seller.products[number].original_sku == "C"


@pytest.mark.parametrize("setup", [replace(CONFIG, stock_lag_seconds=120)])
async def test_stock_shows_late_and_reserved_lowers_what_may_be_sold(say: Seller) -> None:
    number = await say.product()
    say.shop.place([Want(sku="A", quantity=2)])

    async def row() -> tuple[int, int]:
        detail = await say("GET", f"v2.1/products/{number}", includes="inventory")
        stock = detail["inventory"]["warehouse_stocks"][0]
        return stock["quantity_available"], stock["quantity_sellable"]

    rows = [{"warehouse_id": 1034, "qty_available": 5}]
    await say("PUT", "v2.1/products/updateSku", {"original_sku": "A", "warehouse_quantities": rows})
    assert await row() == (12, 10)
    say.clock.move(timedelta(seconds=121))
    assert await row() == (5, 3)
    with pytest.raises(SoldOut):
        say.shop.place([Want(sku="A", quantity=4)])


# ---- orders and events ---------------------------------------------------------------------------------------------


async def test_set_expressions_lists_and_dates_choose_orders(say: Seller) -> None:
    await say.product()
    first = say.shop.place([Want(sku="A", quantity=1)], cod=True)
    say.clock.move(timedelta(hours=1))
    second = say.shop.place([Want(sku="A", quantity=1)])

    async def codes(**params: str) -> list[str]:
        return [one["code"] for one in (await say("GET", "v2/orders", **params))["data"]]

    assert await codes() == [second, first]
    assert await codes(order_by="created_at|asc") == [first, second]
    assert await codes(status="nin|processing,waiting_payment") == [first]
    assert await codes(status="in|queueing,waiting_payment") == [second, first]
    assert await codes(status="waiting_payment") == [second]
    assert await codes(created_from_date="2026-11-21 08:30:00") == [second]
    assert await codes(updated_to_date="2026-11-21 08:30:00") == [first]
    assert await codes(is_rma="1") == []
    assert await say.errors("GET", "v2/orders", created_from_date="2026-11-21") != []
    await say("GET", "v2/orders/1")
    assert say.status == 404


async def test_fees_appear_after_delivery_only(say: Seller) -> None:
    await say.product()
    code = say.shop.place([Want(sku="A", quantity=2)], cod=True)
    assert (await say("GET", f"v2/orders/{code}", include="item.fees"))["items"][0]["invoice"]["fees"] == []
    say.shop.ship(code)
    say.shop.deliver(code)
    told = await say("GET", f"v2/orders/{code}", include="item.fees")
    assert [one["final_amount"] for one in told["items"][0]["invoice"]["fees"]] == [-13_600]
    assert told["invoice"]["total_seller_fee"] == -13_600


async def test_a_dropship_order_is_confirmed_once_in_its_own_words(say: Seller) -> None:
    await say.product()
    code = say.shop.place([Want(sku="A", quantity=1)], cod=True)
    path = f"v2/orders/{code}/dropship/confirm-available"
    assert await say.errors("POST", f"v2/orders/{code}/confirm-available", {"available_item_ids": []})
    assert await say.errors("POST", path, {"confirmation_status": "yes"}) == ["confirmation_status is not valid"]
    yes: dict[str, object] = {"confirmation_status": "seller_confirmed", "seller_inventory_id": 1}
    assert await say.errors("POST", path, yes) == ["pickup_time is not expected"]
    yes["pickup_time"] = (await say("GET", f"v2/orders/{code}/dropship/expected-pickup-times"))["data"][0]
    assert await say.errors("POST", path, yes) == ["seller_inventory_id is not valid"]
    assert await say.errors("GET", f"v2/orders/{code}/dropship/labels", format="html")
    places = await say("GET", "v2/seller-inventories", tiki_warehouse_codes="hn4")
    yes["seller_inventory_id"] = places["mappings"][0]["seller_inventory_ids"][0]
    assert (await say("POST", path, yes))["status"] == "picking"
    assert "current status" in (await say.errors("POST", path, yes))[0]
    assert code in await say("GET", f"v2/orders/{code}/dropship/labels", format="html")
    assert await say.errors("GET", f"v2/orders/{code}/cross-border/labels") == ["label is not found"]


@pytest.mark.parametrize("setup", [replace(CONFIG, access_seconds=10**6)])
async def test_a_tiki_delivery_order_is_refused_with_an_empty_list_and_late_ones_not_at_all(say: Seller) -> None:
    say.token = "tok-2"
    await say.product()
    codes = [say.shop.place([Want(sku="A", quantity=1)], cod=True) for _ in range(2)]
    first, path = (f"v2/orders/{code}/confirm-available" for code in codes)
    assert (await say("POST", first, {"available_item_ids": []}))["status"] == "canceled"
    assert await say.errors("POST", path, {"available_item_ids": [9]}) == ["available_item_ids is not valid"]
    say.clock.move(timedelta(days=1, seconds=1))
    assert "deadline" in (await say.errors("POST", path, {"available_item_ids": []}))[0]


@pytest.mark.parametrize("setup", [replace(CONFIG, shops=(replace(ONE, fulfillment="seller_delivery"),))])
async def test_the_sellers_own_delivery_is_told_with_its_cause(say: Seller) -> None:
    await say.product()
    for said, expected in (({"status": "successful_delivery"}, "successful_delivery"), (
        {"status": "failed_delivery", "failure_cause": "no one at home"}, "returned",
    )):  # fmt: skip
        code = say.shop.place([Want(sku="A", quantity=1)], cod=True)
        path = f"v2/orders/{code}/seller-delivery/update-delivery"
        assert await say.errors("POST", path, said) == [f"order {code} is not on its way"]
        items = [one["id"] for one in (await say("GET", f"v2/orders/{code}"))["items"]]
        body = {"available_item_ids": items, "seller_inventory_id": 189034}
        await say("POST", f"v2/orders/{code}/confirm-available", body)
        assert await say.errors("POST", path, {"status": "failed_delivery"}) != []
        say.shop.sale(code).status = "handover_to_partner"
        assert (await say("POST", path, said))["status"] == expected


async def test_events_come_again_until_they_are_acknowledged(say: Seller) -> None:
    await say.product()
    queue = (await say("POST", "v1/queues", {"name": "ocop-hub"}))["code"]
    assert await say.errors("POST", f"v1/queues/{queue}/subscriptions", {"event_type": "WHATEVER"})
    await say("POST", f"v1/queues/{queue}/subscriptions", {"event_type": "ORDER_CREATED_SUCCESSFULLY"})
    codes = [say.shop.place([Want(sku="A", quantity=1)]) for _ in range(12)]
    pull = f"v1/queues/{queue}/events/pull"
    first = await say("POST", pull, {"ack_id": None})
    again = await say("POST", pull, {"ack_id": None})
    assert [one["id"] for one in first["events"]] == [one["id"] for one in again["events"]]
    assert first["events"][0]["payload"] == {"order_code": codes[0], "orderCode": codes[0]}
    assert first["events"][0]["created_at"] == int(START.timestamp() * 1000)
    rest = await say("POST", pull, {"ack_id": again["ack_id"]})
    assert [one["payload"]["order_code"] for one in rest["events"]] == codes[10:]
    assert (await say("POST", pull, {"ack_id": rest["ack_id"]}))["events"] == []
    await say("POST", "v1/queues/none/events/pull", {"ack_id": None})
    assert say.status == 404


async def test_buyers_verbs_have_their_limits(say: Seller) -> None:
    await say.product()
    code = say.shop.place([Want(sku="A", quantity=2)])
    with pytest.raises(NotOffered):
        say.shop.cancel(code, [Want(sku="A", quantity=1)])
    with pytest.raises(NotOffered):
        say.shop.ship(code)
    for step in (say.shop.pay, say.shop.ship, say.shop.deliver):
        step(code)
    with pytest.raises(NotOffered):
        say.shop.take_back(code, [Want(sku="A", quantity=1)], 85_000)
    with pytest.raises(NotOffered):
        say.shop.cancel(code)
    say.shop.settle(code)
    say.shop.take_back(code, [Want(sku="A", quantity=2)], 170_000)
    assert [one.refunds for one in say.shop.orders()] == [[(START, 170_000)]]


async def test_faults_speak_tikis_words(say: Seller) -> None:
    await say.product()
    say.faults.change(Rates(empty_page=1), 1)
    assert (await say("GET", "v2.1/products"))["data"] == []
    say.faults.change(Rates(error_in_200=1), 1)
    assert await say.errors("GET", "v2/sellers/me") == ["System error, please try again later"]
    assert say.status == 200
    say.faults.change(Rates(token_expired=1), 1)
    await say("GET", "v2/sellers/me")
    assert say.status == 401


def test_the_set_up_is_read_from_toml(tmp_path: Any) -> None:
    file = tmp_path / "sandbox.toml"
    file.write_text(
        '[tiki]\nreview_seconds = 60\n[[tiki.shops]]\nseller_id = 7\nname = "x"\nclient_id = "a"\n', "utf-8"
    )
    assert load_config(file).tiki == TikiConfig(
        review_seconds=60.0, shops=(TikiShop(seller_id=7, name="x", client_id="a"),)
    )
