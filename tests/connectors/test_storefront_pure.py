"""The storefront family without a network: printed signatures, answers shaped like the vendors' own, what is sent."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors.api import Answer, Credentials, Request
from hub.connectors.haravan import SCOPES, Haravan, Row, elsewhere, on_hand, organisation, sign
from hub.connectors.model import (
    Draft,
    DraftVariant,
    ListingState,
    OrderState,
    PriceTag,
    RemoteOrder,
    ShopSettings,
    StockLevel,
    Tokens,
)
from hub.connectors.sapo import Sapo
from hub.connectors.sapo_omni import SapoOmni, plain_order, plain_product
from hub.connectors.storefront_trade import Trades
from hub.connectors.storefront_words import Order, Product, judging, sign_basic, to_listing, to_order, unfit
from hub.errors import Garbled, Refused, RemoteError, Unauthorised, Vanished
from hub.types import RemoteId, Sku
from tests.connectors.contract import MemoryKeeper, Script, make_api

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
KINDS: list[type[Trades]] = [Haravan, Sapo, SapoOmni]

# ---- signatures --------------------------------------------------------------------------------------------------

BODY = (
    '{"id":1138637099,"name":"#100020","total_price":500000.0,"currency":"VND",'
    '"financial_status":"pending","note":"Mật ong"}'
).encode()
VECTORS = [
    (BODY, "QvPUYz8jOf+drv+wlJi0YW/9M8wpD73bWW5uWQZcKVU=", "1138637099"),
    (b'{"id":632910392,"title":"Che Shan tuyet"}', "BDl/CC2GeSKdKzG3ShqDu+sgFKN6z1yf9VjnfO893To=", "632910392"),
]


@pytest.mark.parametrize(("body", "signature", "number"), VECTORS)
@pytest.mark.parametrize("kind", KINDS)
def test_printed_webhook_signatures(kind: type[Trades], body: bytes, signature: str, number: str) -> None:
    names = {
        Haravan: ("X-Haravan-Hmacsha256", "X-Haravan-Topic", "X-Haravan-Org-Id"),
        Sapo: ("X-Sapo-Hmac-SHA256", "X-Sapo-Topic", "X-Sapo-Shop-Domain"),
        SapoOmni: ("x-sapo-hmac-sha256", "x-sapo-topic", "x-sapo-tenant-domain"),
    }[kind]
    headers = dict(zip(names, (signature, "orders/create", "1000111987"), strict=True))
    hint = kind.hear(body, headers, url="", secret="client-secret-1")
    assert hint is not None
    assert (hint.kind, hint.object_id, hint.shop_remote_id) == ("order", number, "1000111987")
    for wrong in ({**headers, names[0]: signature[:-2] + "A="}, {names[1]: "orders/create"}):
        with pytest.raises(Unauthorised):
            kind.hear(body, wrong, url="", secret="client-secret-1")


def heard(topic: str, body: object) -> Any:
    raw = json.dumps(body).encode()
    mark = base64.b64encode(hmac.new(b"s", raw, hashlib.sha256).digest()).decode()
    headers = {"X-Haravan-Hmacsha256": mark, "X-Haravan-Topic": topic, "X-Haravan-Org-Id": "77"}
    return Haravan.hear(raw, headers, url="", secret="s")


@pytest.mark.parametrize(
    ("topic", "body", "kind", "about"),
    [
        ("orders/updated", {"id": 5}, "order", "5"),
        ("refunds/create", {"id": 6, "order_id": 5}, "order", "5"),
        ("fulfillments/create", {"id": 6}, "other", "6"),
        ("products/deleted", {"id": 9}, "listing", "9"),
        ("app/uninstalled", {}, "authorisation", "77"),
        ("inventorylocationbalances/update", {"id": 1}, "other", "1"),
        ("never/heard-of", {"id": 1}, "other", "1"),
        ("", {"id": 1}, "other", "1"),
    ],
)
def test_topics_known_and_unknown(topic: str, body: object, kind: str, about: str) -> None:
    hint = heard(topic, body)
    assert (hint.kind, hint.object_id) == (kind, about)


def test_one_change_of_one_order_is_one_event() -> None:
    first, again = ({"id": 5, "updated_at": moment} for moment in ("2026-11-21T08:00:00.1Z", "2026-11-21T08:00:01Z"))
    assert heard("orders/updated", first).event_id == heard("orders/updated", first).event_id
    assert heard("orders/updated", first).event_id != heard("orders/updated", again).event_id
    assert heard("orders/updated", first).event_id != heard("orders/paid", first).event_id


@pytest.mark.parametrize("body", [[], "x", 1])
def test_a_delivery_that_is_no_object_is_garbled(body: object) -> None:
    with pytest.raises(Garbled):
        heard("orders/create", body)


def test_how_each_signs() -> None:
    asked = Request(method="GET", base_url="https://apis.haravan.com", path="/com/shop.json")
    private = Credentials(secrets={"token": "t-1"})
    assert dict(sign(asked, private, AT, "").headers) == {"Authorization": "Bearer t-1"}
    given_ = Credentials(secrets={}, tokens=Tokens(access="a-1", refresh="", access_until=AT))
    assert dict(sign(asked, given_, AT, "").headers) == {"Authorization": "Bearer a-1"}
    keys = Credentials(secrets={"api_key": "k", "api_secret": "s"})
    assert dict(sign_basic(asked, keys, AT, "").headers) == {"Authorization": "Basic azpz"}
    assert dict(sign_basic(asked, given_, AT, "").headers) == {"X-Sapo-Access-Token": "a-1"}


def test_haravans_other_hosts_and_scopes() -> None:
    assert elsewhere("https://apis.haravan.com", "sign-in") == "https://accounts.haravan.com"
    assert elsewhere("https://apis.haravan.com", "hooks") == "https://webhook.haravan.com"
    assert elsewhere("http://127.0.0.1:8080/haravan", "hooks") == "http://127.0.0.1:8080/haravan"
    scopes = set(SCOPES.split())
    assert {"openid", "grant_service", "wh_api"} <= scopes
    assert all(one.replace("write", "read") in scopes for one in scopes)


def test_the_store_is_named_by_the_claim_orgid() -> None:
    body = base64.urlsafe_b64encode(b'{"orgid":"1000111987"}').rstrip(b"=").decode()
    assert organisation(f"e30.{body}.x") == "1000111987"
    for wrong in ("", "a.b", "e30.e30.x", "e30.W10.x", "a.%.c"):
        with pytest.raises(Garbled):
            organisation(wrong)


# ---- answers shaped like the vendors' own ------------------------------------------------------------------------

HARAVAN_ORDER: dict[str, Any] = {
    "id": 1138637099, "number": 1138637099, "name": "#100020", "order_number": "#100020", "currency": "VND",
    "created_at": "2026-11-20T01:21:17.253Z", "updated_at": "2026-11-20T02:46:38.5Z", "cancelled_at": None,
    "closed_at": None, "closed_status": "unclosed", "cancelled_status": "uncancelled", "confirmed_status": "confirmed",
    "financial_status": "pending", "fulfillment_status": "notfulfilled", "tax_lines": None, "customer": None,
    "gateway": "Thanh toán khi giao hàng (COD)", "gateway_code": "cod", "email": "guest@example.com",
    "subtotal_price": 480000.0, "total_line_items_price": 530000.0, "total_discounts": 50000.0, "total_price": 500000.0,
    "discount_codes": [{"code": "TET", "amount": 30000.0, "type": "fixed_amount"}],
    "shipping_lines": [{"code": None, "price": 20000.0, "source": None, "title": None}],
    "shipping_address": {"province": "Thanh Hóa", "province_code": "TH", "district": None, "ward": None},
    "line_items": [
        {"id": 11, "product_id": 101, "variant_id": 1001, "sku": "MO-500", "title": "Mật ong", "variant_title": "500 g",
         "quantity": 2, "price": 265000.0, "price_original": 265000.0, "price_promotion": 0, "total_discount": 20000.0,
         "fulfillable_quantity": 2, "fulfillment_status": "notfulfilled", "properties": None},
        {"id": 12, "product_id": 102, "variant_id": 1002, "sku": None, "title": "Quà tặng", "quantity": 1, "price": 0},
    ],
    "transactions": [{"id": 1, "kind": "Pending", "amount": 500000.0, "created_at": "2026-11-20T01:21:17.448Z"}],
    "fulfillments": [], "refunds": [], "note_attributes": [], "tags": "",
}  # fmt: skip


def haravan_order(**changes: Any) -> RemoteOrder:
    return to_order(Order.model_validate(HARAVAN_ORDER | changes))


def parcel(**more: Any) -> dict[str, Any]:
    return {"id": 7, "created_at": "2026-11-20T03:00:00.15Z", "status": "success", "tracking_number": "4AXQ46LX"} | more


def test_a_haravan_order_to_the_dong() -> None:
    order = haravan_order()
    assert (order.remote_id, order.number, order.state, order.cod) == ("1138637099", "#100020", OrderState.PLACED, True)
    assert [(one.sku, one.quantity, one.unit_price, one.charged) for one in order.lines] == [
        ("MO-500", 2, 265_000, 510_000),
        (None, 1, 0, 0),
    ]
    assert (order.seller_voucher, order.shipping_paid, order.province) == (30_000, 20_000, "Thanh Hóa")
    assert (order.paid_at, order.shipped_at, order.delivered_at, order.cancelled_at) == (None, None, None, None)
    assert order.updated_at == datetime(2026, 11, 20, 2, 46, 38, 500_000, tzinfo=UTC)


@pytest.mark.parametrize("word", [None, "notfulfilled", "unfulfilled", ""])
def test_not_fulfilled_has_several_words(word: str | None) -> None:
    assert haravan_order(fulfillment_status=word).state is OrderState.PLACED


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"financial_status": "paid", "gateway": "Chuyển khoản", "gateway_code": "BANK"}, OrderState.PAID),
        ({"financial_status": "paid"}, OrderState.PLACED),  # cash on delivery marked paid by hand
        ({"fulfillments": [parcel(carrier_status_code="readytopick")], "fulfillment_status": "fulfilled"},
         OrderState.PLACED),
        ({"fulfillments": [parcel(carrier_status_code="delivering")]}, OrderState.SHIPPED),
        ({"fulfillments": [parcel(status="cancelled")]}, OrderState.PLACED),
        ({"fulfillment_status": "partial"}, OrderState.SHIPPED),
        ({"fulfillments": [parcel(delivered_date="2026-11-22T03:00:00Z")]}, OrderState.DELIVERED),
        ({"fulfillments": [parcel(delivered_date="2026-11-22T03:00:00Z"), parcel(id=8)]}, OrderState.SHIPPED),
        ({"fulfillments": [parcel()], "closed_status": "closed"}, OrderState.COMPLETED),
        ({"closed_status": "closed"}, OrderState.PLACED),  # put away, never left
        ({"cancelled_status": "cancelled", "cancelled_at": "2026-11-21T00:00:00Z"}, OrderState.CANCELLED),
        ({"fulfillments": [parcel(carrier_status_code="return")]}, OrderState.FAILED_DELIVERY),
    ],
)  # fmt: skip
def test_five_status_fields_make_one_state(changes: dict[str, Any], state: OrderState) -> None:
    assert haravan_order(**changes).state is state


def test_refunds_by_transaction_else_by_line() -> None:
    refund = {"id": 3, "created_at": "2026-11-23T00:00:00Z", "refund_line_items": [
        {"line_item_id": 11, "quantity": 1, "subtotal": 255000.0}, {"line_item_id": 11, "quantity": 1}]}  # fmt: skip
    by_line = haravan_order(refunds=[refund]).refunds[0]
    assert (by_line.amount, dict(by_line.units)) == (255_000, {"11": 2})
    paid_back = refund | {"transactions": [{"kind": "Refund", "amount": 200000.0}, {"kind": "Void", "amount": 1}]}
    assert haravan_order(refunds=[paid_back]).refunds[0].amount == 200_000


SAPO_ORDER: dict[str, Any] = {
    "id": 77, "name": "#1001", "created_on": "2026-11-20T01:21:17Z", "modified_on": "2026-11-20T02:00:00Z",
    "cancelled_on": None, "closed_on": None, "status": "open", "financial_status": "paid", "fulfillment_status": None,
    "gateway": "Chuyển khoản", "total_discounts": "0.0", "shipping_lines": None, "shipping_address": None,
    "line_items": [{"id": 1, "product_id": 2, "variant_id": 3, "sku": "CHE-1", "name": "Chè", "quantity": 1,
                    "price": "150000.0"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, OrderState.PAID),
        ({"status": "cancelled"}, OrderState.CANCELLED),
        ({"status": "closed", "fulfillment_status": "fulfilled", "closed_on": "2026-11-25T00:00:00Z"},
         OrderState.COMPLETED),
        ({"status": "completed", "fulfillment_status": "fulfilled"}, OrderState.COMPLETED),
        ({"status": "whatever", "fulfillment_status": "partial"}, OrderState.SHIPPED),
    ],
)  # fmt: skip
def test_a_sapo_order_has_other_names_and_every_word_of_status(changes: dict[str, Any], state: OrderState) -> None:
    order = to_order(Order.model_validate(SAPO_ORDER | changes))
    assert (order.state, order.lines[0].title, order.lines[0].charged) == (state, "Chè", 150_000)
    assert order.paid_at is None  # no transaction told when; paid it is


def test_goods_of_haravan_and_sapo() -> None:
    told = {
        "id": 9, "title": "Mật ong", "body_html": "<p>Nguyên chất</p>", "vendor": "Khác", "product_type": "Khác",
        "published_at": None, "updated_at": "2021-05-13T07:29:20.808Z", "handle": "mat-ong", "images": None,
        "variants": [{"id": 1, "sku": None, "price": 600000.0, "inventory_quantity": 4}],
    }  # fmt: skip
    hidden = to_listing(Product.model_validate(told))
    assert (hidden.state, hidden.description, hidden.sku, hidden.url) == (ListingState.HIDDEN, "Nguyên chất", "", "")
    assert (hidden.variants[0].price, hidden.variants[0].stock) == (600_000, 4)
    sapo = {"id": 9, "name": "Chè", "content": None, "alias": "che", "published_on": "2026-01-01T00:00:00Z",
            "variants": [{"id": 1, "sku": "C", "price": "1000"}]}  # fmt: skip
    shown = to_listing(Product.model_validate(sapo), "https://htx.mysapo.net")
    assert (shown.state, shown.title, shown.url) == (ListingState.LIVE, "Chè", "https://htx.mysapo.net/che")
    assert shown.variants[0].stock is None  # not said is not zero


def test_goods_and_orders_of_omnichannel() -> None:
    product = {
        "id": 5, "name": "Chè", "status": "active", "modified_on": "2026-11-20T00:00:00Z", "description": "<p>A</p>",
        "variants": [
            {"id": 6, "sku": "C", "variant_prices": [{"value": 150000.0}],
             "inventories": [{"on_hand": 9, "available": 7.0}, {"on_hand": 1, "available": 1}]},
            {"id": 7, "sku": "D", "variant_retail_price": 99000.0, "inventories": []},
        ],
    }  # fmt: skip
    listing = to_listing(Product.model_validate(plain_product(product)))
    assert [(one.price, one.stock) for one in listing.variants] == [(150_000, 8), (99_000, None)]
    assert (listing.state, listing.description) == (ListingState.LIVE, "A")
    assert to_listing(Product.model_validate(plain_product(product | {"status": "inactive"}))).state is (
        ListingState.HIDDEN
    )
    order = {
        "id": 8, "code": "SON00012", "created_on": "2026-11-20T00:00:00Z", "modified_on": "2026-11-20T01:00:00Z",
        "status": "finalized", "payment_status": "paid", "fulfillment_status": "unshipped", "customer_data": {},
        "prepayments": [{"paid_on": "2026-11-20T00:30:00Z", "amount": 150000.0}], "delivery_fee": None,
        "order_line_items": [{"id": 1, "product_id": 5, "variant_id": 6, "sku": "C", "product_name": "Chè",
                              "quantity": 1.0, "price": 150000.0, "discount_amount": 0}],
        "fulfillments": None, "order_returns": None, "total_discount": None,
    }  # fmt: skip
    told = to_order(Order.model_validate(plain_order(order)))
    assert (told.number, told.state, told.lines[0].charged) == ("SON00012", OrderState.PAID, 150_000)
    assert told.paid_at == datetime(2026, 11, 20, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("told", [None, [], "x", {"id": 1}, {"variants": None}, {"order_line_items": 3}])
def test_what_is_not_understood_is_left_for_the_decoder(told: Any) -> None:
    for model, plain in ((Product, plain_product), (Order, plain_order)):
        with pytest.raises(ValueError, match="validation error"):
            model.model_validate(plain(told))


# ---- complaints --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (422, {"errors": {"title": ["can't be blank"]}}, Refused, "title_refused"),
        (422, {"errors": {"name": ["trống"]}}, Refused, "title_refused"),
        (422, {"errors": {"weird": ["x"], "price": ["x"]}}, Refused, "price_refused"),
        (422, {"errors": "Không hợp lệ"}, Refused, "remote_value_refused"),
        (422, {"error": "x"}, Refused, "remote_value_refused"),
        (422, {}, Refused, "remote_value_refused"),
        (403, {"error": "scope"}, Unauthorised, "shop_needs_owner"),
        (404, {"errors": "Not Found"}, Vanished, "remote_vanished"),
        (400, {"error": "Bad Request"}, Garbled, "remote_call_wrong"),
        (409, {"errors": "x"}, Refused, "remote_refused"),
    ],
)
def test_three_shapes_of_complaints(status: int, body: object, kind: type[RemoteError], code: str) -> None:
    judge = judging(replace(Haravan.manifest, errors={**Sapo.manifest.errors, **Haravan.manifest.errors}))
    found = judge(status, {}, json.dumps(body).encode())
    assert isinstance(found, kind)
    assert found.code == code


@pytest.mark.parametrize(("status", "body"), [(200, b'{"errors":1}'), (401, b"{}"), (429, b"{}"), (500, b"{}"),
                                              (404, b"<html>"), (404, b"[1]")])  # fmt: skip
def test_what_is_left_to_the_status_alone(status: int, body: bytes) -> None:
    assert judging(Sapo.manifest)(status, {}, body) is None


# ---- what is sent ------------------------------------------------------------------------------------------------

DRAFT = Draft(
    sku=Sku("MO-500"), title="Mật ong", description="Một\n\nHai", category="Mật ong",
    variants=(DraftVariant(sku=Sku("MO-500"), price=265_000, stock=7, gtin="8930000000011", weight_g=500),),
)  # fmt: skip


async def sent(kind: type[Trades], call: str) -> list[tuple[str, str, Any]]:
    """(method, path, body) of what a call sends."""

    def answer(asked: Request) -> Answer:
        variants = [{"id": 2, "sku": "MO-500", "inventories": [{"committed": 3}]}]
        told = {
            "product": {"id": 1, "title": "x", "name": "x", "variants": variants}, "locations": [{"id": 44}],
            "inventory_locations": [{"loc_id": 44, "variant_id": 2, "qty_commited": 3, "qty_available": 1}],
        }  # fmt: skip
        return Answer(status=200, headers={}, body=json.dumps(told).encode())

    script = Script(answer)
    shop = ShopSettings(shop_id="s1", base_url="https://shop.example.vn")
    secrets = {"token": "t", "api_key": "k", "api_secret": "s"}
    front = kind(make_api(kind, shop, script, MemoryKeeper(Credentials(secrets=secrets))), shop)
    if call == "create":
        await front.create([DRAFT])
    elif call == "price":
        tag = PriceTag(listing=RemoteId("1"), variant=RemoteId("2"), sku=Sku("A"), price=99_000, single=True)
        await front.set_price([tag])
    else:
        level = StockLevel(listing=RemoteId("1"), variant=RemoteId("2"), sku=Sku("A"), stock=10, single=True)
        await front.set_stock([level])
    return [(one.method, one.path, json.loads(one.body)) for one in script.sent if one.body]


async def test_a_new_product_in_three_dialects() -> None:
    ((method, path, body),) = await sent(Haravan, "create")
    product = body["product"]
    assert (method, path, product["title"]) == ("POST", "/com/products.json", "Mật ong")
    assert (product["body_html"], product["product_type"]) == ("<p>Một</p>\n<p>Hai</p>", "Mật ong")
    assert product["published_at"] is not None
    assert product["variants"][0] == {
        "sku": "MO-500", "price": 265_000, "inventory_management": "haravan", "inventory_policy": "deny",
        "inventory_quantity": 7, "option1": "MO-500", "grams": 500, "barcode": "8930000000011",
    }  # fmt: skip
    ((_, path, body),) = await sent(Sapo, "create")
    assert (path, body["product"]["name"], body["product"]["summary"]) == ("/admin/products.json", "Mật ong", "")
    assert body["product"]["variants"][0]["inventory_management"] == "bizweb"
    ((_, path, body),) = await sent(SapoOmni, "create")
    assert (body["product"]["status"], body["product"]["opt1"]) == ("active", "Quy cách")
    assert body["product"]["variants"][0]["variant_prices"] == [{"value": 265_000}]
    assert "options" not in body["product"]


async def test_stock_is_set_not_added() -> None:
    ((method, path, body),) = await sent(Haravan, "stock")
    assert (method, path, body["type"]) == ("POST", "/com/inventories/adjustorset.json", "set")
    assert body["line_items"] == [{"product_id": 1, "product_variant_id": 2, "quantity": 13}]
    assert await sent(Sapo, "stock") == [
        ("PUT", "/admin/variants/2.json", {"variant": {"id": 2, "inventory_quantity": 10}})
    ]
    ((_, path, body),) = await sent(SapoOmni, "stock")
    assert (path, body["stock_adjustment"]["line_items"]) == (
        "/admin/stock_adjustments.json",
        [{"variant_id": 2, "after_quantity": 13}],
    )


async def test_prices_go_by_variant() -> None:
    for kind in (Haravan, Sapo):
        ((_, path, body),) = await sent(kind, "price")
        assert (path, body) == (f"{kind.root}/variants/2.json", {"variant": {"id": 2, "price": 99_000}})
    ((_, _, body),) = await sent(SapoOmni, "price")
    assert body["variant"]["variant_prices"] == [{"value": 99_000}]


@given(
    stock=st.integers(0, 10_000),
    rows=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99), st.integers(0, 99)), max_size=6),
)
def test_what_lies_here_shows_the_stock_unless_others_show_more(stock: int, rows: list[tuple[str, int, int]]) -> None:
    known = [Row(loc_id=name, variant_id="1", qty_commited=taken, qty_available=free) for name, taken, free in rows]
    here = sum(one.qty_commited for one in known if one.loc_id == "a")
    others = sum(one.qty_available for one in known if one.loc_id != "a")
    lies = on_hand(stock, known, "a")
    assert lies >= 0
    if lies:
        assert lies - here + others == stock


def test_a_draft_a_shop_would_twist_is_not_sent() -> None:
    assert unfit(DRAFT) is None
    wrong = [
        replace(DRAFT, title="  "),
        replace(DRAFT, variants=()),
        replace(DRAFT, variants=(replace(DRAFT.variants[0], sku=Sku("")),)),
        replace(DRAFT, variants=(replace(DRAFT.variants[0], price=-1),)),
    ]
    assert [found.code for one in wrong if (found := unfit(one))] == [
        "title_too_short", "sku_missing", "sku_missing", "price_out_of_range",
    ]  # fmt: skip
