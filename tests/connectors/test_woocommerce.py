"""WooCommerce: printed vectors, both ways of every mapping, every trap of the sheet, and the contract."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from hub.connectors import abilities, all_ids, load
from hub.connectors.api import Answer, Credentials, HttpTransport, Request, to_pairs
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    DraftVariant,
    FieldName,
    Hint,
    Listing,
    ListingState,
    OrderState,
    Picture,
    Placed,
    PriceTag,
    ShopSettings,
    StockLevel,
    Target,
)
from hub.connectors.woocommerce import WooCommerce
from hub.connectors.woocommerce.listings import (
    ALL,
    Product,
    Variation,
    category_key,
    title_to_wire,
    to_html,
    to_listing,
    to_new,
    to_text,
    variation_to_new,
)
from hub.connectors.woocommerce.orders import Moment, Order, Place, Refund, to_order
from hub.connectors.woocommerce.words import judge, oauth_pairs, sign, sign_by_query
from hub.errors import Garbled, Invalid, Refused, RemoteError, Unauthorised, Unreachable, Vanished
from hub.sandbox.faults import Fault, Rates
from hub.sandbox.kit import Delivery, SandboxShop, Want
from hub.types import RemoteId, Sku, nfc
from tests.connectors.conftest import Running
from tests.connectors.contract import (
    START,
    Contract,
    MemoryKeeper,
    Naps,
    Script,
    Stage,
    make_api,
    put,
    shown,
    target,
)

KEY, SECRET = "ck_" + "a" * 40, "cs_" + "b" * 40
NONCE = "0123456789abcdef0123456789abcdef01234567"
CREDENTIALS = Credentials(secrets={"consumer_key": KEY, "consumer_secret": SECRET})
AT = datetime.fromtimestamp(1795293712, UTC)
V3 = "/wp-json/wc/v3"


def request(method: str, path: str, base: str = "http://shop.example.vn", **params: object) -> Request:
    return Request(method=method, base_url=base, path=path, params=to_pairs(params))


# ---- vectors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "signature"),
    [
        (request("GET", f"{V3}/products", per_page=1), "UoaIsSHPQWK5jY1kpsaWsswt4Ws+DSpXqd6u55w5T+g="),
        (request("PUT", f"{V3}/orders/15"), "p70Y534qtlspY4sSti0RQpcWLtc91kO6PfPr6IJE9ao="),
        (request("GET", f"{V3}/products", search="mật ong"), "CKRUmmNlr78Srk+ZPLSxyhKM9+PMEBxLrNSe/lCxVMU="),
        (
            request("GET", f"{V3}/products", **{"status[0]": "draft", "status[1]": "publish"}),
            "Rn4Ue4ERMCh/zk+D26bd1QJKJK9Ee1bh5xq+fjUvS3c=",
        ),
    ],
)
def test_the_printed_signatures(asked: Request, signature: str) -> None:
    signed = sign(asked, CREDENTIALS, AT, NONCE)
    told = dict(signed.params)
    assert told["oauth_signature"] == signature
    assert (told["oauth_timestamp"], told["oauth_nonce"]) == ("1795293712", NONCE)
    assert "oauth_version" not in told
    assert signed.headers == ()
    assert oauth_pairs(asked, KEY, SECRET, timestamp=1795293712, nonce="other")[-1][1] != signature


def test_over_https_the_keys_go_as_basic_or_in_the_query() -> None:
    asked = request("GET", f"{V3}/products", base="https://shop.example.vn")
    assert dict(sign(asked, CREDENTIALS, AT, NONCE).headers)["Authorization"].startswith("Basic Y2tfYWFh")
    assert sign(asked, CREDENTIALS, AT, NONCE).params == ()
    assert dict(sign_by_query(asked, CREDENTIALS, AT, NONCE).params) == {"consumer_key": KEY, "consumer_secret": SECRET}
    plain = request("GET", f"{V3}/products")
    assert "consumer_secret" not in dict(sign_by_query(plain, CREDENTIALS, AT, NONCE).params)


HOOK = {"X-WC-Webhook-Resource": "order", "X-WC-Webhook-Event": "updated", "X-WC-Webhook-Delivery-ID": "d-1"}


@pytest.mark.parametrize(
    ("body", "signature", "id"),
    [
        (b'{"id":132}', "VuWaYOg53a3/KbMH4EBnqoz+GGe8y0gQPvcaWI6uwLQ=", "132"),
        (
            b'{"id":15,"status":"processing","total":"500000"}',
            "ta+9H1bLmnVfuY6A5/LxW26DiKiLAmC9ErkI0/cKqSY=",
            "15",
        ),
    ],
)
def test_the_printed_webhooks(body: bytes, signature: str, id: str) -> None:
    def hear(body: bytes, signature: str) -> Hint | None:
        headers = HOOK | {"x-wc-webhook-signature": signature}
        return WooCommerce.hear(body, headers, url="https://hub.example.vn/h", secret="hub-secret-1")

    assert hear(body, signature) == Hint(event_id="d-1", kind="order", object_id=RemoteId(id))
    for wrong in (body + b" ", b'{"id":133}'):
        with pytest.raises(Unauthorised):
            hear(wrong, signature)
    with pytest.raises(Unauthorised):
        hear(body, "ß" + signature)


def test_the_first_contact_is_an_unsigned_form_and_says_nothing() -> None:
    assert WooCommerce.hear(b"webhook_id=4", {}, url="", secret="s") is None
    with pytest.raises(Unauthorised):
        WooCommerce.hear(b'webhook_id=4&x={"id":1}', {}, url="", secret="s")


# ---- complaints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "kind", "problem"),
    [
        (400, "rest_invalid_param", Refused, "remote_value_refused"),
        (400, "product_invalid_sku", Refused, "sku_taken"),
        (400, "woocommerce_rest_product_not_created", Refused, "sku_in_trash"),
        (400, "woocommerce_rest_product_invalid_id", Vanished, "remote_vanished"),
        (404, "woocommerce_rest_shop_order_invalid_id", Vanished, "remote_vanished"),
        (404, "woocommerce_rest_invalid_product_id", Vanished, "remote_vanished"),
        (400, "woocommerce_product_image_upload_error", Refused, "picture_refused"),
        (404, "rest_no_route", Unauthorised, "shop_api_missing"),
        (413, "woocommerce_rest_request_entity_too_large", Garbled, "remote_call_wrong"),
        (401, "woocommerce_rest_cannot_view", Unauthorised, "shop_needs_owner"),
        (401, "woocommerce_rest_authentication_error", Unauthorised, "shop_needs_owner"),
        (500, "woocommerce_rest_cannot_create_order_refund", Refused, "remote_value_refused"),
        (400, "some_plugin_says_no", Refused, "remote_refused"),
        (404, "some_plugin_lost_it", Vanished, "remote_vanished"),
        (403, "some_plugin_forbids", Unauthorised, "shop_needs_owner"),
    ],
)
@pytest.mark.parametrize("data", [{"status": 418}, 500, None])
def test_every_complaint_has_its_consequence(
    status: int, code: str, kind: type[RemoteError], problem: str, data: object
) -> None:
    body = json.dumps({"code": code, "message": "…", "data": data}).encode()
    error = judge(status, {}, body)
    assert type(error) is kind
    assert error.code == problem
    assert error.facts["remote_code"] == code


def test_what_is_no_complaint_is_left_to_the_status() -> None:
    crash = b'{"code":"internal_server_error","message":"","data":{"status":500}}'
    assert judge(500, {}, crash) is None
    assert judge(502, {}, b"<html>") is None
    assert judge(429, {}, b'{"message":"slow down"}') is None
    assert judge(200, {}, crash) is None


def test_a_taken_sku_names_its_owner() -> None:
    body = {
        "code": "product_invalid_sku",
        "message": "",
        "data": {"status": 400, "resource_id": 7, "unique_sku": "A-1"},
    }
    error = judge(400, {}, json.dumps(body).encode())
    assert error is not None
    assert (error.facts["resource_id"], error.facts["unique_sku"]) == (7, "A-1")


# ---- texts and prices ----------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]) | st.sampled_from("\n\n <>&;#x'\"ậôƯ"), max_size=200)


def normal(text: str) -> str:
    """Blank lines part paragraphs, lines are NFC with single blanks, empty ones at the ends fall away."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    lines = ("\n".join(nfc(line) for line in one.splitlines()).strip() for one in paragraphs)
    return "\n\n".join(one for one in lines if one)


@given(TEXT)
def test_a_description_survives_its_markup(text: str) -> None:
    settled = normal(text)
    assert to_text(to_html(settled)) == settled


@given(TEXT)
def test_a_title_survives_its_markup(text: str) -> None:
    title = nfc(text)
    product = Product(id=1, name=title_to_wire(title), status="publish", type="simple", sku="A")
    assert to_listing(product, ()).title == title
    assert "<" not in title_to_wire(title)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Mật ong &amp; sữa</p>\n<p>Dòng 1<br />Dòng 2</p>\n", "Mật ong & sữa\n\nDòng 1\nDòng 2"),
        ("<ul>\n<li>một</li>\n<li>hai</li>\n</ul><script>x()</script><style>p{}</style>đuôi", "một\nhai\n\nđuôi"),
        ("<div><p>a</p></div>", "a"),
        ("chỉ chữ", "chỉ chữ"),
        ("", ""),
    ],
)
def test_foreign_markup_becomes_text(markup: str, text: str) -> None:
    assert to_text(markup) == text


def draft(sku: str = "HT-1", *prices: int, pictures: Sequence[Picture] = (), category: str = "") -> Draft:
    prices = prices or (250_000,)
    return Draft(
        sku=Sku(sku if len(prices) == 1 else f"{sku}-0"), title="Mật ong bạc hà", description="Ngon.\n\nSạch.",
        category=category,
        variants=tuple(
            DraftVariant(sku=Sku(sku if len(prices) == 1 else f"{sku}-{i}"), price=price, stock=5, label=f"{i} lít")
            for i, price in enumerate(prices)
        ),
        pictures=tuple(pictures), attributes=(("Xuất xứ", "Hà Giang"),),
    )  # fmt: skip


@given(st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=5), st.integers(0, 10**6))
def test_what_is_sent_reads_back_equal(prices: list[int], stock: int) -> None:
    wanted = draft("HT-1", *prices)
    wanted = replace(wanted, variants=tuple(replace(one, stock=stock) for one in wanted.variants))
    wire = json.loads(json.dumps(to_new(wanted, 3)))
    assert all(isinstance(one.get("regular_price", ""), str) for one in (wire, *wire["images"]))
    product = Product.model_validate({"id": 9, "price": wire.get("regular_price", ""), **wire, "categories": []})
    variations = [
        Variation.model_validate({"id": 100 + i, "price": one["regular_price"], **one})
        for i, one in enumerate(variation_to_new(one) for one in wanted.variants)
    ]
    listing = to_listing(product, variations)
    assert (listing.title, listing.description, listing.sku) == (wanted.title, wanted.description, wanted.sku)
    assert [(one.sku, one.price, one.stock) for one in listing.variants] == [
        (one.sku, one.price, stock) for one in wanted.variants
    ]
    assert listing.attributes == wanted.attributes


@pytest.mark.parametrize(
    ("status", "state"),
    [("publish", ListingState.LIVE), ("draft", ListingState.HIDDEN), ("private", ListingState.HIDDEN),
     ("pending", ListingState.REVIEWING), ("trash", ListingState.GONE), ("of-a-plugin", ListingState.HIDDEN)],
)  # fmt: skip
def test_states_of_listings(status: str, state: ListingState) -> None:
    assert to_listing(Product(id=1, name="x", status=status, type="simple", sku=""), ()).state is state


def test_category_names_become_slugs_as_the_site_makes_them() -> None:
    assert category_key("Gia vị khác (muối, hành, tỏi, tiêu)") == "gia-vi-khac-muoi-hanh-toi-tieu"
    assert category_key("Đồ ăn nhanh") == "do-an-nhanh"


# ---- orders --------------------------------------------------------------------------------------------------------


def order(status: str = "processing", **more: object) -> Order:
    """Shaped like the sheet's own answer."""
    told: dict[str, object] = {
        "id": 12, "number": "DH-12", "status": status, "currency": "VND", "total": "500000", "discount_total": "0",
        "shipping_total": "30000", "date_created_gmt": "2026-11-21T20:42:20",
        "date_modified_gmt": "2026-11-22T01:00:00",
        "date_paid_gmt": None, "customer_id": 0,
        "billing": {"first_name": "Sùng Thị", "phone": "0912345678", "country": "VN", "state": "Hà Giang"},
        "payment_method": "bacs", "created_via": "checkout",
        "line_items": [
            {"id": 1, "name": "Mật ong &amp; sữa", "product_id": 10, "variation_id": 0, "quantity": 2,
             "subtotal": "500000", "total": "500000", "sku": "OCOP-HG-0001", "price": 250000},
        ],
        "shipping_lines": [], "fee_lines": [], "coupon_lines": [], "refunds": [],
    }  # fmt: skip
    return Order.model_validate_json(json.dumps(told | more))


PAID = "2026-11-21T21:00:00"
DONE = "2026-11-23T02:00:00"


@pytest.mark.parametrize(
    ("status", "more", "state"),
    [
        ("pending", {}, OrderState.PLACED),
        ("on-hold", {}, OrderState.PLACED),
        ("processing", {"date_paid_gmt": PAID}, OrderState.PAID),
        ("processing", {"date_paid_gmt": PAID, "payment_method": "cod"}, OrderState.PLACED),
        ("processing", {"date_paid_gmt": None, "payment_method": "cod"}, OrderState.PLACED),
        ("completed", {"date_paid_gmt": PAID, "date_completed_gmt": DONE}, OrderState.COMPLETED),
        ("completed", {}, OrderState.COMPLETED),
        ("cancelled", {}, OrderState.CANCELLED),
        ("failed", {}, OrderState.CANCELLED),
        ("failed", {"date_paid_gmt": PAID}, OrderState.FAILED_DELIVERY),
        ("trash", {}, OrderState.CANCELLED),
        ("refunded", {"date_paid_gmt": PAID}, OrderState.CANCELLED),
        ("refunded", {"date_paid_gmt": PAID, "date_completed_gmt": DONE}, OrderState.COMPLETED),
        ("shipped", {"date_paid_gmt": PAID}, OrderState.SHIPPED),
        ("dang-goi-hang", {"date_paid_gmt": PAID}, OrderState.PAID),
        ("dang-goi-hang", {}, OrderState.PLACED),
    ],
)
def test_states_of_orders(status: str, more: dict[str, object], state: OrderState) -> None:
    told = to_order(order(status, **more), ())
    assert (told.state, told.native_state) == (state, status)


def test_an_order_as_the_sheet_shows_it() -> None:
    told = to_order(order(date_paid_gmt=PAID), ())
    (line,) = told.lines
    assert (told.remote_id, told.number, told.province, told.shipping_paid) == ("12", "DH-12", "Hà Giang", 30_000)
    assert told.placed_at == datetime(2026, 11, 21, 20, 42, 20, tzinfo=UTC)
    assert told.paid_at == datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
    assert (line.sku, line.listing, line.variant, line.title) == ("OCOP-HG-0001", "10", "10", "Mật ong & sữa")
    assert (line.quantity, line.unit_price, line.charged) == (2, 250_000, 500_000)
    assert "Sùng" not in repr(told)
    assert "0912" not in repr(told)


def test_money_with_decimals_coupons_fees_and_gifts() -> None:
    lines = [
        {"id": 1, "product_id": 10, "variation_id": 11, "quantity": 2, "subtotal": "500000.00", "total": "480000.00",
         "sku": "A"},
        {"id": 2, "product_id": 20, "variation_id": 0, "quantity": 1, "subtotal": "0", "total": "0", "sku": ""},
    ]  # fmt: skip
    fees = [{"total": "-10000.00"}, {"total": "5000"}]
    told = to_order(order(line_items=lines, coupon_lines=[{"discount": "20000"}], fee_lines=fees), ())
    assert told.seller_voucher == 30_000
    assert [(one.sku, one.variant, one.charged) for one in told.lines] == [("A", "11", 500_000), (None, "20", 0)]


def test_cash_on_delivery_is_paid_when_it_is_delivered() -> None:
    told = to_order(order("completed", payment_method="cod", date_paid_gmt=PAID, date_completed_gmt=DONE), ())
    assert told.cod
    assert told.paid_at == told.delivered_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert to_order(order("processing", payment_method="cod", date_paid_gmt=PAID), ()).paid_at is None


def refund(at: str, amount: str, quantity: int = -1, *, named: bool = True, shipping: str = "") -> Refund:
    line = {"id": 90, "product_id": 10, "variation_id": 0, "quantity": quantity, "total": "-250000"}
    line |= {"meta_data": [{"id": 1, "key": "_refunded_item_id", "value": "1"}]} if named else {}
    told: dict[str, object] = {"id": 31, "date_created_gmt": at, "amount": amount}
    told |= {"line_items": [line] if quantity else [], "shipping_lines": [{"total": shipping}] if shipping else []}
    return Refund.model_validate_json(json.dumps(told))


@pytest.mark.parametrize("named", [True, False])
def test_a_refund_after_delivery_is_money_back_without_the_shipping(named: bool) -> None:
    after = refund("2026-11-24T00:00:00", "280000", named=named, shipping="-30000")
    told = to_order(order("completed", date_completed_gmt=DONE), [after])
    (one,) = told.refunds
    assert (one.refund_id, one.amount, one.units) == ("31", 250_000, (("1", 1),))
    assert told.lines[0].cancelled == 0


def test_money_back_without_goods_has_no_units() -> None:
    told = to_order(order("processing", date_paid_gmt=PAID), [refund("2026-11-22T00:00:00", "20000", 0)])
    assert [(one.amount, one.units) for one in told.refunds] == [(20_000, ())]


def test_an_order_in_dollars_is_not_taken_for_dong() -> None:
    with pytest.raises(ValueError, match="currency"):
        order(currency="USD")


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60), st.integers(1, 7))
def test_the_walk_tells_every_order_once(seconds: list[int], size: int) -> None:
    """Against a list sorted as the site sorts, where the filter is strictly greater and pages hold ``size``."""
    rows = sorted((START + timedelta(seconds=second), number) for number, second in enumerate(seconds))
    told: list[int] = []
    place: Place | None = Place(since=START, number=1, seen=frozenset())
    while place is not None:
        assert place == Place.parse(place.text())
        match = [one for one in rows if one[0] > place.since - timedelta(seconds=1)]
        page = match[(place.number - 1) * size : place.number * size]
        told += [number for _, number in page if str(number) not in place.seen]
        moments = [Moment(id=number, date_modified_gmt=moment) for moment, number in page]
        place = place.after(moments) if len(page) == size else None
    assert sorted(told) == list(range(len(seconds)))


# ---- calls, answered by a script -----------------------------------------------------------------------------------


def woo(
    answer: Callable[[Request], object], base_url: str = "https://shop.example.vn"
) -> tuple[WooCommerce, Script, Naps]:
    def respond(asked: Request) -> Answer | Exception:
        given = answer(asked)
        if isinstance(given, (Answer, Exception)):
            return given
        return Answer(status=200, headers={}, body=json.dumps(given).encode())

    script, naps = Script(respond), Naps()
    settings = ShopSettings(shop_id="s1", base_url=base_url)
    api = make_api(WooCommerce, settings, script, MemoryKeeper(CREDENTIALS), naps=naps)
    return WooCommerce(api, settings), script, naps


def body(asked: Request) -> dict[str, list[dict[str, object]]]:
    assert asked.body is not None
    return TypeAdapter(dict[str, list[dict[str, object]]]).validate_json(asked.body)


def product(number: int, **more: object) -> dict[str, object]:
    told = {"id": number, "name": "x", "status": "publish", "type": "simple", "sku": f"S{number}", "price": "1000"}
    return told | more


def echo(asked: Request) -> object:
    """A site that does what it is told."""
    if asked.path.endswith("/categories"):
        return [{"id": 15, "name": "Mật ong", "slug": "mat-ong"}]
    if asked.path.endswith("/batch"):
        sent = body(asked)
        made = [product(100 + i, **one) for i, one in enumerate(sent.get("create", []))]
        for one in made:
            one["images"] = [{"id": 500 + i} for i, _ in enumerate(one.get("images", []))]  # type: ignore[arg-type]
        return {"create": made, "update": sent.get("update", [])}
    return []


async def test_batches_are_validated_before_they_are_sent() -> None:
    shop, script, _ = woo(echo)
    bad = [
        replace(draft(), title="  "),
        replace(draft(), variants=()),
        draft("A,B"),
        draft("A" * 101),
        draft("C1", category="khong-co"),
        replace(draft(), variants=(replace(draft().variants[0], price=-5),)),
    ]
    results = await shop.create([*bad, draft("OK", category="Mật ong")])
    assert [type(one) for one in results] == [Refused] * 6 + [Placed]
    (sent,) = (body(one)["create"] for one in script.sent if one.path.endswith("/batch"))
    assert [one["sku"] for one in sent] == ["OK"]
    assert sent[0]["categories"] == [{"id": 15}]


async def test_a_batch_answers_each_at_its_place() -> None:
    error = {"id": 0, "error": {"code": "product_invalid_sku", "message": "", "data": {"resource_id": 4}}}

    def answer(asked: Request) -> object:
        return {"create": [product(1), error, {"id": 3, "sku": "no name"}, product(4, images=[{"id": 8}])]}

    shop, *_ = woo(answer)
    results = await shop.create([draft(f"S{i}") for i in range(4)])
    assert [type(one) for one in results] == [Placed, Unreachable, Garbled, Placed]
    assert isinstance(results[3], Placed)
    assert results[3].picture_ids == ("8",)


async def test_several_variants_become_variations_shown_last() -> None:
    shop, script, _ = woo(echo)
    (placed,) = await shop.create([draft("HT-1", 10_000, 20_000)])
    assert isinstance(placed, Placed)
    assert [sku for sku, _ in placed.variants] == ["HT-1-0", "HT-1-1"]
    parent, children, shown = (body(one) for one in script.sent)
    assert (parent["create"][0]["type"], parent["create"][0]["status"]) == ("variable", "draft")
    assert parent["create"][0]["sku"] == "HT-1-0-nhom"
    assert [one["regular_price"] for one in children["create"]] == ["10000", "20000"]
    assert shown["update"] == [{"id": 100, "status": "publish"}]


async def test_pictures_on_the_site_are_never_uploaded_again() -> None:
    old, new = Picture(digest="d1", url="https://h.vn/1.jpg"), Picture(digest="d2", url="https://h.vn/2.jpg")

    def answer(asked: Request) -> object:
        return [{"id": 7, "images": [{"id": 71, "name": "d1"}]}] if asked.method == "GET" else echo(asked)

    shop, script, _ = woo(lambda asked: answer(asked) if asked.method == "GET" else {"update": [product(7)]})
    bound = Target(remote_id=RemoteId("7"), sku=Sku("S7"), variants=((Sku("HT-1"), RemoteId("7")),))
    change = Change(target=bound, draft=draft(pictures=[new, old]), fields=frozenset({"pictures"}))
    assert await shop.update([change]) == [Done()]
    assert body(script.sent[-1])["update"] == [
        {"id": 7, "images": [{"src": "https://h.vn/2.jpg", "name": "d2"}, {"id": 71}]}
    ]


@pytest.mark.parametrize("field", sorted(ALL))
async def test_only_the_changed_field_is_sent(field: FieldName) -> None:
    shop, script, _ = woo(echo)
    bound = Target(remote_id=RemoteId("7"), sku=Sku("S7"), variants=((Sku("HT-1"), RemoteId("7")),))
    await shop.update([Change(target=bound, draft=draft(category="mat-ong"), fields=frozenset({field}))])
    names = {"title": "name", "category": "categories", "pictures": "images", "visible": "status"}
    names |= {"short": "short_description"}
    assert set(body(script.sent[-1])["update"][0]) == {"id", names.get(field, field)}


async def test_a_variation_that_is_missing_is_added_by_an_update() -> None:
    shop, script, _ = woo(lambda asked: [{"id": 70, "sku": "HT-1-0"}] if asked.method == "GET" else echo(asked))
    bound = Target(remote_id=RemoteId("7"), sku=Sku("HT-1-0"), variants=((Sku("HT-1-0"), RemoteId("70")),))
    change = Change(target=bound, draft=draft("HT-1", 10_000, 20_000), fields=frozenset({"title"}))
    assert await shop.update([change]) == [Done()]
    assert [one["sku"] for one in body(script.sent[-1])["create"]] == ["HT-1-1"]
    single = replace(bound, variants=((Sku("HT-1-0"), RemoteId("7")),))
    (refused,) = await shop.update([replace(change, target=single)])
    assert isinstance(refused, Refused)


@pytest.mark.parametrize(
    ("twisted", "kind"),
    [({"stock_quantity": 0}, Refused), ({"stock_quantity": None}, Refused), ({"stock_quantity": 4}, Done)],
)
async def test_a_value_the_batch_twisted_is_noticed(twisted: dict[str, object], kind: type[object]) -> None:
    shop, *_ = woo(lambda asked: {"update": [product(7, **twisted)]})
    level = StockLevel(listing=RemoteId("7"), variant=RemoteId("7"), sku=Sku("S7"), stock=4, single=True)
    (result,) = await shop.set_stock([level])
    assert type(result) is kind


async def test_stock_of_variations_goes_through_their_parents() -> None:
    shop, script, _ = woo(echo)
    levels = [
        StockLevel(listing=RemoteId(a), variant=RemoteId(b), sku=Sku(b), stock=int(b), single=a == b)
        for a, b in (("7", "7"), ("8", "81"), ("9", "91"), ("8", "82"))
    ]
    assert await shop.set_stock(levels) == [Done()] * 4
    told = {one.path.removeprefix(V3): [row["id"] for row in body(one)["update"]] for one in script.sent}
    assert told == {
        "/products/batch": [7],
        "/products/8/variations/batch": [81, 82],
        "/products/9/variations/batch": [91],
    }


async def test_one_lost_call_is_the_answer_of_its_elements_only() -> None:
    def answer(asked: Request) -> object:
        return Unreachable(sent=True) if "/products/8/" in asked.path else echo(asked)

    shop, *_ = woo(answer)
    tags = [
        PriceTag(listing=RemoteId(a), variant=RemoteId(b), sku=Sku(b), price=9000, single=a == b)
        for a, b in (("7", "7"), ("8", "81"))
    ]
    done, lost = await shop.set_price(tags)
    assert isinstance(done, Done)
    assert isinstance(lost, Unreachable)
    with pytest.raises(Unreachable):
        await shop.set_price(tags[1:])


async def test_a_blank_sku_is_never_asked_for() -> None:
    shop, script, _ = woo(echo)
    with pytest.raises(Refused):
        await shop.find(Sku(""))
    assert await shop.read([]) == []
    assert script.sent == []


async def test_find_meets_a_variation_and_tells_its_parent() -> None:
    def answer(asked: Request) -> object:
        if asked.path == f"{V3}/products":
            return [product(81, type="variation", parent_id=8, sku="HT-1-0")]
        if asked.path == f"{V3}/products/8":
            return product(8, type="variable", sku="HT-1-0-nhom")
        return [{"id": 81, "sku": "HT-1-0", "price": "10000", "stock_quantity": 2}]

    shop, *_ = woo(answer)
    found = await shop.find(Sku("HT-1-0"))
    assert found is not None
    assert (found.remote_id, found.sku, [one.remote_id for one in found.variants]) == ("8", "HT-1-0", ["81"])


async def test_times_are_sent_with_their_zone_and_an_overlap_of_a_second() -> None:
    shop, script, _ = woo(lambda asked: [])
    await shop.orders(START, START + timedelta(hours=1, microseconds=5), None)
    told = dict(script.sent[0].params)
    assert (told["modified_after"], told["modified_before"]) == ("2026-11-21T00:59:59Z", "2026-11-21T02:00:01Z")


async def test_one_bad_order_is_set_aside() -> None:
    good = json.loads(order().model_dump_json())
    shop, *_ = woo(
        lambda asked: [good, {"id": 13, "status": "completed"}, good | {"id": 14, "status": "checkout-draft"}]
    )
    page = await shop.orders(START, START + timedelta(days=3), None)
    assert [one.remote_id for one in page.items] == ["12"]
    assert [one.remote_id for one in page.broken] == ["13"]


async def test_an_order_whose_refunds_are_not_told_is_set_aside_never_taken_for_whole() -> None:
    whole = json.loads(order().model_dump_json())

    def answer(asked: Request) -> object:
        if asked.path.endswith("/12/refunds"):
            return [{"id": 31, "amount": "50000"}]
        return [whole | {"refunds": [{"id": 31}]}, whole | {"id": 14}]

    shop, *_ = woo(answer)
    page = await shop.orders(START, START + timedelta(days=3), None)
    assert [one.remote_id for one in page.items] == ["14"]
    assert [(one.remote_id, one.path) for one in page.broken] == [("12", f"GET {V3}/orders/12/refunds")]


async def test_subscribing_twice_makes_each_webhook_once() -> None:
    there: list[dict[str, object]] = [
        {"id": 1, "topic": "order.updated", "status": "disabled", "delivery_url": "https://hub.example.vn/h/1"},
        {"id": 2, "topic": "order.created", "status": "active", "delivery_url": "https://other.example.vn"},
    ]

    def answer(asked: Request) -> object:
        if asked.method == "GET":
            return there
        sent = TypeAdapter(dict[str, object]).validate_json(asked.body or b"")
        assert (sent["status"], sent["secret"]) == ("active", "hub-secret-1")
        if asked.method == "POST":
            there.append({"id": len(there) + 1} | sent)
        return {"id": 1}

    shop, script, _ = woo(answer)
    await shop.subscribe("https://hub.example.vn/h/1", "hub-secret-1")
    assert [one.path for one in script.sent if one.method == "PUT"] == [f"{V3}/webhooks/1"]
    before = len(there)
    await shop.subscribe("https://hub.example.vn/h/1", "hub-secret-1")
    assert len(there) == before == 9


async def test_keys_go_in_the_query_where_the_header_is_stripped() -> None:
    def answer(asked: Request) -> object:
        if "consumer_key" not in dict(asked.params):
            return Answer(
                status=401, headers={}, body=b'{"code":"woocommerce_rest_cannot_view","message":"","data":null}'
            )
        return {"code": "VND"} if asked.path.endswith("current") else [{"id": 1}]

    shop, script, _ = woo(answer)
    card = await shop.check()
    assert (card.name, card.currency) == ("shop.example.vn", "VND")
    assert len(script.sent) == 3


# ---- the list of connectors ----------------------------------------------------------------------------------------


def test_abilities_are_read_from_the_class() -> None:
    assert "woocommerce" in all_ids()
    assert load("woocommerce") is WooCommerce
    assert abilities(WooCommerce) == (
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "HearsEvents", "KnowsCategories",
    )  # fmt: skip
    with pytest.raises(Invalid):
        load("nobody")


# ---- the contract, against the sandbox -----------------------------------------------------------------------------


CATEGORY = "Mật ong, mật khác và nông sản thực phẩm khác"


def stage_on(running: Running, transport: HttpTransport, key: str) -> Stage:
    shop: SandboxShop = running.sandbox.shops()[f"woocommerce/{key}"]
    keys = next(one for one in running.sandbox.config.woocommerce.shops if one.key == key).keys[0]
    keeper = MemoryKeeper(
        Credentials(secrets={"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret})
    )
    settings = ShopSettings(shop_id="s1", base_url=f"{running.url}/woocommerce/{key}")
    naps = Naps()
    api = make_api(WooCommerce, settings, transport, keeper, now=running.clock.now, naps=naps)
    return Stage(
        connector=WooCommerce(api, settings), shop=shop, world=running.sandbox.world, clock=running.clock,
        faults=running.faults, keeper=keeper, naps=naps, category=CATEGORY,
    )  # fmt: skip


class TestContract(Contract):
    @pytest.fixture
    def stage(self, running: Running, transport: HttpTransport) -> Stage:
        return stage_on(running, transport, "htx-mot")


async def test_check_tells_the_currency_of_the_sandbox(running: Running, transport: HttpTransport) -> None:
    card = await stage_on(running, transport, "htx-mot").connector.check()
    assert card.currency in ("VND", "")


async def test_one_picture_is_uploaded_once(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    first, second = (Picture(digest=f"{n:064x}", url=f"http://127.0.0.1/p/{n}.jpg") for n in (1, 2))
    wanted = replace(stage.draft("HT-P", 120_000), pictures=(first,))
    placed = await put(stage, wanted)
    assert len(placed.picture_ids) == 1
    more = replace(wanted, pictures=(second, first))
    (done,) = await shop.update([Change(target=target(wanted, placed), draft=more, fields=frozenset({"pictures"}))])
    assert isinstance(done, Done)
    assert len(done.picture_ids) == 2
    assert done.picture_ids[1] == placed.picture_ids[0]
    assert (await shown(stage, placed.remote_id)).picture_ids == done.picture_ids


async def test_a_sku_in_the_trash_or_taken_is_told_as_such(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    placed = await put(stage, stage.draft("HT-T", 120_000))
    (taken,) = await shop.create([stage.draft("HT-T", 120_000)])
    assert isinstance(taken, Unreachable)  # who looked before must have seen nothing: look again, do not give up
    assert (taken.code, str(taken.facts["resource_id"])) == ("sku_taken", placed.remote_id)
    await shop.api.write(dict[str, object], "DELETE", f"{V3}/products/{placed.remote_id}")
    assert await shop.find(Sku("HT-T")) is None
    assert (await shown(stage, placed.remote_id)).state is ListingState.GONE
    (trashed,) = await shop.create([stage.draft("HT-T", 120_000)])
    assert isinstance(trashed, Refused)
    assert trashed.code == "sku_in_trash"


async def test_a_create_that_broke_off_is_finished_by_an_update(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    wanted = stage.draft("HT-V", 80_000, 90_000, 100_000)
    half = replace(wanted, variants=wanted.variants[:2])
    placed = await put(stage, half)
    found = await shop.find(wanted.sku)
    assert found is not None
    assert (found.sku, found.remote_id, len(found.variants)) == (wanted.sku, placed.remote_id, 2)
    change = Change(target=target(half, placed), draft=wanted, fields=ALL - {"pictures"})
    for _ in range(2):
        assert (await shop.update([change])) == [Done()]
    assert [one.sku for one in (await shown(stage, placed.remote_id)).variants] == [one.sku for one in wanted.variants]


async def test_webhooks_arrive_signed_and_are_heard(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    delivered: list[Delivery] = []

    async def post(delivery: Delivery) -> int:
        delivered.append(delivery)
        return 200

    running.sandbox.world.post = post
    await put(stage, stage.draft("HT-H", 120_000))
    for _ in range(2):
        await shop.subscribe("https://hub.example.vn/hooks/s1", "hub-secret-1")
    order_id = stage.shop.place([Want(sku="HT-H", quantity=1)])
    await running.sandbox.deliver_due()
    hints = [WooCommerce.hear(one.body, dict(one.headers), url=one.url, secret="hub-secret-1") for one in delivered]
    heard = [one for one in hints if one is not None]
    assert None in hints  # the ping
    assert ("order", order_id) in {(one.kind, one.object_id) for one in heard}
    assert len({one.event_id for one in heard}) == len(heard)
    for one, hint in zip(delivered, hints, strict=True):
        if hint is not None:
            with pytest.raises(Unauthorised):
                WooCommerce.hear(one.body, dict(one.headers), url=one.url, secret="another")


async def test_falsely_empty_lists_are_not_believed(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    single, several = (
        await put(stage, stage.draft("HT-E1", 120_000)),
        await put(stage, stage.draft("HT-E2", 8_000, 9_000)),
    )
    order_id = stage.shop.place([Want(sku="HT-E1", quantity=2)])
    for step in (stage.shop.pay, stage.shop.deliver):
        step(order_id)
    stage.shop.take_back(order_id, [Want(sku="HT-E1", quantity=1)], 120_000)
    running.faults.change(Rates(empty_page=0.4), 3)
    for _ in range(12):
        for result in await shop.read([single.remote_id, several.remote_id]):
            assert isinstance(result, Listing | Garbled)
            assert isinstance(result, Garbled) or len(result.variants) == (1 if result.sku == "HT-E1" else 2)
        with suppress(Garbled):
            assert len((await shop.order(RemoteId(order_id))).refunds) == 1
    assert running.faults.given[Fault.EMPTY_PAGE] > 10
    running.faults.change(Rates(empty_page=1), 3)
    with pytest.raises(Unreachable):
        await shop.categories()


async def test_a_page_that_forgets_what_the_last_one_ended_with_is_not_the_end(
    running: Running, transport: HttpTransport
) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    await put(stage, stage.draft("HT-E3", 120_000, stock=900))
    since = stage.clock.now()
    for _ in range(101):
        stage.shop.place([Want(sku="HT-E3", quantity=1)])
        stage.later(1)
    first = await shop.orders(since, stage.clock.now(), None)
    running.faults.change(Rates(empty_page=1), 3)
    with pytest.raises(Unreachable):
        await shop.orders(since, stage.clock.now(), first.next)
    running.faults.change(Rates(), 3)
    last = await shop.orders(since, stage.clock.now(), first.next)
    assert (len(first.items), len(last.items), last.next) == (100, 1, None)


async def test_a_failed_delivery_and_the_book_agree(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    await put(stage, stage.draft("HT-F", 120_000))
    order_id = stage.shop.place([Want(sku="HT-F", quantity=1)])
    stage.shop.pay(order_id)
    stage.shop.fail_delivery(order_id)
    assert (await shop.order(RemoteId(order_id))).state is OrderState.FAILED_DELIVERY


class PretendTls:
    """Speaks https to the connector and http to the sandbox, whose site believes in TLS. May strip a header."""

    def __init__(self, inner: HttpTransport, *, strip: bool = False) -> None:
        self.inner = inner
        self.strip = strip
        self.sent: list[Request] = []

    async def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append(request)
        headers = () if self.strip else request.headers
        plain = replace(request, base_url=request.base_url.replace("https:", "http:"), headers=headers)
        return await self.inner.send(plain, timeout)

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("strip", [False, True])
async def test_over_tls_basic_is_taken_and_the_query_where_headers_are_lost(
    running: Running, transport: HttpTransport, strip: bool
) -> None:
    keys = next(one for one in running.sandbox.config.woocommerce.shops if one.key == "htx-hai").keys[0]
    secrets = {"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret}
    settings = ShopSettings(shop_id="s2", base_url=f"{running.url}/woocommerce/htx-hai".replace("http:", "https:"))
    tls = PretendTls(transport, strip=strip)
    api = make_api(WooCommerce, settings, tls, MemoryKeeper(Credentials(secrets=secrets)), now=running.clock.now)
    assert (await WooCommerce(api, settings).check()).live
    assert "oauth_signature" not in {name for one in tls.sent for name, _ in one.params}
    assert ("consumer_secret" in dict(tls.sent[-1].params)) is strip
