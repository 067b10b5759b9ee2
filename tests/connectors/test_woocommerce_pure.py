"""WooCommerce without a network: printed vectors, and both ways of every mapping."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors.api import Credentials, Request, to_pairs
from hub.connectors.markup import to_html, to_text
from hub.connectors.model import (
    Hint,
    ListingState,
    OrderState,
)
from hub.connectors.woocommerce import WooCommerce
from hub.connectors.woocommerce.listings import (
    Product,
    Variation,
    category_key,
    title_to_wire,
    to_listing,
    to_new,
    variation_to_new,
)
from hub.connectors.woocommerce.orders import Moment, Place, Refund, to_order
from hub.connectors.woocommerce.words import judge, oauth_pairs, sign, sign_by_query
from hub.errors import Garbled, Refused, RemoteError, Unauthorised, Vanished
from hub.types import RemoteId, nfc
from tests.connectors.contract import (
    START,
)
from tests.connectors.woocommerce_samples import draft, order

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
        (
            "processing",
            {"meta_data": [{"key": "ocop_hub_sent", "value": "2026-11-22T02:00:00+00:00"}]},
            OrderState.SHIPPED,
        ),
        ("processing", {"meta_data": [{"key": "ocop_hub_sent", "value": "hôm qua"}]}, OrderState.SHIPPED),
        ("processing", {"date_paid_gmt": PAID, "meta_data": [{"key": "_x", "value": {"a": 1}}]}, OrderState.PAID),
        ("on-hold", {"meta_data": [{"key": "ocop_hub_sent", "value": "2026-11-22T02:00:00+00:00"}]}, OrderState.PLACED),
        ("completed", {"meta_data": [{"key": "ocop_hub_sent", "value": "2026-11-22T02:00:00"}]}, OrderState.COMPLETED),
    ],
)
def test_states_of_orders(status: str, more: dict[str, object], state: OrderState) -> None:
    told = to_order(order(status, **more), ())
    assert (told.state, told.native_state) == (state, status)


@pytest.mark.parametrize(
    ("noted", "sent"),
    [("2026-11-22T09:00:00+07:00", datetime(2026, 11, 22, 2, tzinfo=UTC)), ("2026-11-22T09:00:00", None), ("x", None)],
)
def test_when_it_was_sent_is_read_or_not_known(noted: str, sent: datetime | None) -> None:
    told = to_order(order(meta_data=[{"key": "ocop_hub_sent", "value": noted}]), ())
    assert (told.state, told.shipped_at) == (OrderState.SHIPPED, sent)


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
