"""Lazada's words without a network: printed signatures, official-shaped answers, orders out of units."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors import abilities, load
from hub.connectors.api import Credentials, File, Request
from hub.connectors.lazada import Lazada, at_each, fill
from hub.connectors.lazada_parcels import choose_reason
from hub.connectors.lazada_trade import state_of, to_fees, to_order, to_settlements
from hub.connectors.lazada_words import (
    Asked,
    Detail,
    OrderTold,
    Pair,
    Product,
    Reverse,
    Row,
    Unit,
    judge,
    sign,
    signature,
    to_listing,
)
from hub.connectors.model import Done, ListingState, OrderState, StockLevel, Tokens
from hub.errors import Garbled, Refused, RemoteError, Throttled, Unauthorised, Unreachable, Vanished
from hub.types import RemoteId, Sku

SYS = {"app_key": "123456", "sign_method": "sha256", "timestamp": "1700000000000"}
TOK = {"access_token": "tok-abc"}
CREATE = '{"Request":{"Product":{"PrimaryCategory":"10002019","Attributes":{"name":"Mật ong bạc hà"}}}}'
PRICE = (
    "<Request><Product><Skus><Sku><ItemId>2500000001</ItemId><SkuId>12500000001</SkuId><Price>250000</Price>"
    "<Quantity>40</Quantity></Sku></Skus></Product></Request>"
)
VECTORS = [
    ("helloworld", "/order/get", {**SYS, "access_token": "test", "timestamp": "1517820392000", "order_id": "1234"},
     "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"),
    ("test-secret", "/order/cancel", {**SYS, "access_token": "test-token"},
     "91375F42B474CECEE7172759B6400E74F10FBB6E9E9E145EA2A27DFA17556B18"),
    ("secret", "/test/api", {"foo": "1", "bar": "2", "foo_bar": "3", "foobar": "4"},
     "C9E42CE09BA9FE95ECCB17111AA4E3F41D1C82F000435219C75936A427D9C945"),
    ("helloworld", "/auth/token/create", {**SYS, "code": "code-1"},
     "5F86620A8E94283F30C9C5F32DC48EF251939DFB0A4103A2DC36EA29082AE0CB"),
    ("helloworld", "/products/get", {**SYS, **TOK, "filter": "all", "limit": "50", "search": "Mật ong bạc hà"},
     "DD93853302DFF1B534F9D4C41BDC43FB257F24B4970C8B908C4B2CA59A436A8E"),
    ("helloworld", "/products/get", {**SYS, **TOK, "filter": "all", "limit": "50", "search": ""},
     "90B5E48DF8F9EDAB275083FBC155123F294DD84EC76689744A78697F31D468C1"),
    ("helloworld", "/orders/get",
     {**SYS, **TOK, "limit": "100", "offset": "0", "update_after": "2026-11-01T00:00:00+07:00"},
     "E07DECA0D21E57D1E860B4BCCD4FE2D90B58F7712658A5E541806C0396A9AF09"),
    ("helloworld", "/product/create", {**SYS, **TOK, "payload": CREATE},
     "05FF49C6B762AD9B42C1D3C91254102CDBDB46FA3B979076457800BD09BBD14E"),
    ("helloworld", "/product/price_quantity/update", {**SYS, **TOK, "payload": PRICE},
     "2169C457AB51A482F4DDFA25754EA8665EFFAFB341D4FDC71BDFD5D11EF363D8"),
]  # fmt: skip
LIVE = "https://api.lazada.vn/rest"
NOW = datetime.fromtimestamp(1_700_000_000, UTC)
KEYS = Credentials(
    secrets={"app_key": "123456", "app_secret": "helloworld"},
    tokens=Tokens(access="tok-abc", refresh="r", access_until=NOW + timedelta(days=1)),
)


@pytest.mark.parametrize(("secret", "path", "params", "expected"), VECTORS, ids=[f"L{n}" for n in range(1, 10)])
def test_printed_signatures(secret: str, path: str, params: dict[str, str], expected: str) -> None:
    assert signature(secret, path, tuple(params.items())) == expected


def test_a_get_carries_all_in_the_query_a_post_in_the_form_and_files_are_not_signed() -> None:
    asked = (("limit", "100"), ("offset", "0"), ("update_after", "2026-11-01T00:00:00+07:00"))
    got = sign(Request(method="GET", base_url=LIVE, path="/orders/get", params=asked), KEYS, NOW, "")
    assert dict(got.params)["sign"] == VECTORS[6][3]
    assert "%2B07%3A00" in got.url  # a bare plus would be read as a blank
    posted = Request(method="POST", base_url=LIVE, path="/product/create", params=(("payload", CREATE),))
    sent = sign(posted, KEYS, NOW, "")
    assert (sent.params, dict(sent.form)["sign"]) == ((), VECTORS[7][3])
    file = File(field="image", name="a.png", content=b"x", content_type="image/png")
    upload = sign(Request(method="POST", base_url=LIVE, path="/image/upload", files=(file,)), KEYS, NOW, "")
    assert dict(upload.form)["sign"] == signature("helloworld", "/image/upload", tuple({**SYS, **TOK}.items()))


def test_tokens_are_made_on_another_host_without_a_token() -> None:
    asked = Request(method="POST", base_url=LIVE, path="/auth/token/create", params=(("code", "code-1"),), scope="auth")
    sent = sign(asked, Credentials(secrets=KEYS.secrets), NOW, "")
    assert sent.address == "https://auth.lazada.com/rest/auth/token/create"
    assert dict(sent.form)["sign"] == VECTORS[3][3]
    with pytest.raises(Unauthorised):
        sign(Request(method="GET", base_url=LIVE, path="/order/get"), Credentials(secrets=KEYS.secrets), NOW, "")


def test_the_link_of_the_real_platform() -> None:
    link = Lazada.sign_in_url(
        base_url=LIVE, app={"app_key": "123456"}, redirect="https://hub.example.vn/c?a=1", state="x&y", now=NOW
    )
    query = parse_qs(urlsplit(link).query)
    assert link.startswith("https://auth.lazada.com/oauth/authorize?")
    assert (query["redirect_uri"], query["state"]) == (["https://hub.example.vn/c?a=1"], ["x&y"])
    assert "uuid" not in query


PUSHES = [
    ('{"seller_id":"200123456","message_type":0,"data":{"order_status":"unpaid","trade_order_id":"410000000000001",'
     '"trade_order_line_id":"410000000100001","status_update_time":1700000000},"timestamp":1700000001,'
     '"site":"lazada_vn"}', "5aec9b73644df87d8fac0e07900a8143536c3e65532462ab11f138d9f9542785"),
    ('{"seller_id":"200123456","message_type":3,"data":{"name":"Mật ong bạc hà"},"timestamp":1700000002,'
     '"site":"lazada_vn"}', "c8d23baa41eace287107bbe840c317dd0f87045444e53c8f7fea4901e9634490"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "mark"), PUSHES)
def test_printed_pushes(body: str, mark: str) -> None:
    hint = Lazada.hear(body.encode(), {"authorization": mark}, url="", secret="123456:helloworld")
    if "order_status" in body:
        assert hint is not None
        assert (hint.kind, hint.object_id, hint.shop_remote_id) == ("order", "410000000000001", "200123456")
    else:
        assert hint is None  # names no item
    for secret in ("123456:other", "123457:helloworld", "helloworld", ""):
        with pytest.raises(Unauthorised):
            Lazada.hear(body.encode(), {"authorization": mark}, url="", secret=secret)


@pytest.mark.parametrize(
    ("told", "kind", "code"),
    [
        ({"code": "IllegalAccessToken"}, Unauthorised, "shop_needs_owner"),
        ({"code": "IncompleteSignature"}, Unauthorised, "app_key_wrong"),
        ({"code": "MissingParameter"}, Garbled, "remote_call_wrong"),
        ({"code": "901", "message": "too frequent"}, Throttled, "remote_throttled"),
        ({"code": "ServiceTimeout"}, Unreachable, "remote_unreachable"),
        ({"code": "SellerNotVerified"}, Refused, "seller_not_verified"),
        ({"code": 16}, Vanished, "remote_vanished"),
        ({"code": "500", "detail": [{"code": "4139", "field": "Images"}]}, Refused, "pictures_too_few"),
        ({"code": "500", "detail": []}, Refused, "remote_refused"),
        ({"code": "nobody-knows"}, Refused, "remote_refused"),
        ({"code": "0", "result": {"success": "false", "error_code": "E0208"}}, Refused, "order_state_wrong"),
        ({"code": "0", "success": False, "error_code": "BIZ_LIVE_NOT_FOUND"}, Vanished, "remote_vanished"),
        ({"code": "0", "data": {"success": False}}, Refused, "remote_refused"),
        ({"code": "0", "detail": [5]}, Garbled, "remote_garbled"),
    ],
    ids=str,
)
def test_complaints(told: dict[str, object], kind: type[RemoteError], code: str) -> None:
    found = judge(200, {}, json.dumps(told).encode())
    assert isinstance(found, kind)
    assert found.code == code


def test_what_is_no_complaint_and_what_is_no_answer() -> None:
    assert judge(200, {}, b'{"code":"0","data":{},"detail":[{"sku_id":1,"message":"x"}]}') is None
    assert judge(200, {}, b'{"code":"0","result":{"success":"true"}}') is None
    assert isinstance(judge(200, {}, b"<html>busy</html>"), Unreachable)
    assert judge(502, {}, b"<html>bad gateway</html>") is None  # the status says it
    ban = judge(200, {}, b'{"code":"ApiCallLimit","message":"this ban will last 7 seconds"}')
    assert isinstance(ban, Throttled)
    assert (ban.seconds, ban.facts["retry_after"]) == (7, 7)


def test_tokens_in_numbers_and_texts() -> None:
    plain = {"access_token": "a", "refresh_token": "r", "expires_in": 604800, "refresh_expires_in": 2592000}
    texts = plain | {"expires_in": "604800", "refresh_expires_in": "2592000", "country_user_info_list": []}
    assert Pair.model_validate(plain).tokens(NOW) == Pair.model_validate(texts).tokens(NOW)
    assert Pair.model_validate(plain).tokens(NOW).access_until == NOW + timedelta(days=7)


# ---- orders --------------------------------------------------------------------------------------------------------

ORDER: dict[str, Any] = {
    "order_id": 443701418369495, "order_number": "443701418369495", "created_at": "2026-11-21 17:18:12 +0700",
    "updated_at": "2026-11-21 17:18:14 +0700", "statuses": ["pending"], "items_count": 1, "price": "250000.00",
    "voucher": 0.0, "shipping_fee": 16000.0, "payment_method": "COD",
    "address_shipping": {"country": "Vietnam", "address3": "Hà Giang", "address4": "Q***g"},
}  # fmt: skip


def unit(number: int, status: str = "pending", **more: object) -> Unit:
    given = {
        "order_item_id": number, "sku": "OCOP-HG-001", "sku_id": "12500000001", "product_id": 2500000001,
        "name": "Chai",
        "status": status, "item_price": "250000.00", "voucher_seller": 0, "payment_time": "", "reverse_order_id": None,
        "updated_at": "2026-11-21 17:18:14 +0700",
    }  # fmt: skip
    return Unit.model_validate(given | more)


def test_an_order_of_mixed_types() -> None:
    order = to_order(OrderTold.model_validate(ORDER), [unit(1), unit(2), unit(3, item_price=0, sku="QUA", sku_id="9")])
    assert (order.remote_id, order.cod, order.shipping_paid) == ("443701418369495", True, 16000)
    assert order.placed_at == datetime(2026, 11, 21, 10, 18, 12, tzinfo=UTC)
    assert [(one.line_id, one.sku, one.quantity, one.charged) for one in order.lines] == [
        ("1", "OCOP-HG-001", 2, 500_000), ("3", "QUA", 1, 0),
    ]  # fmt: skip
    assert (order.state, order.province, order.paid_at) == (OrderState.PLACED, "Hà Giang", None)
    starred = ORDER | {"address_shipping": {"address3": "H****i"}}
    assert to_order(OrderTold.model_validate(starred), [unit(1)]).province == ""


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (["unpaid"], OrderState.PLACED),
        (["pending", "ready_to_ship"], OrderState.PAID),
        (["shipped", "canceled"], OrderState.SHIPPED),
        (["shipped", "delivered"], OrderState.SHIPPED),
        (["delivered", "confirmed", "lost_by_3pl"], OrderState.DELIVERED),
        (["returned", "confirmed"], OrderState.COMPLETED),
        (["canceled", "canceled"], OrderState.CANCELLED),
        (["canceled", "failed_delivery"], OrderState.FAILED_DELIVERY),
        (["shipped_back_success"], OrderState.FAILED_DELIVERY),
    ],
    ids=str,
)
def test_the_state_is_read_from_the_units(statuses: list[str], state: OrderState) -> None:
    units = [unit(number, status) for number, status in enumerate(statuses, 1)]
    assert state_of(units, cod=False) is state
    assert state_of(units[::-1], cod=False) is state


def test_a_unit_that_was_lost_beside_delivered_ones_is_not_sold() -> None:
    order = to_order(OrderTold.model_validate(ORDER), [unit(1, "delivered"), unit(2, "lost_by_3pl")])
    assert [(one.quantity, one.cancelled) for one in order.lines] == [(2, 1)]


def test_an_unknown_word_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="status"):
        unit(1, "teleported")


@given(st.lists(st.sampled_from(["pending", "shipped", "delivered", "canceled", "returned"]), min_size=1, max_size=9))
def test_no_unit_is_lost_on_the_way_to_lines(statuses: list[str]) -> None:
    units = [unit(n, status, item_price=1000 * (n % 2)) for n, status in enumerate(statuses)]
    order = to_order(OrderTold.model_validate(ORDER), units)
    assert sum(one.quantity for one in order.lines) == len(units)
    assert sum(one.charged for one in order.lines) == sum(one.item_price for one in units)
    assert sum(one.cancelled for one in order.lines) == statuses.count("canceled")


def test_returns_in_dong_and_refunds_without_goods() -> None:
    line = {"trade_order_line_id": "1", "reverse_status": "REFUND_SUCCESS", "refund_amount": 10000,
            "return_order_line_gmt_modified": 1763700000000}  # fmt: skip
    told = {"reverse_order_id": 5, "trade_order_id": 1, "request_type": "RETURN", "reverse_order_lines": [line]}
    waiting = told | {"reverse_order_lines": [line | {"reverse_status": "REFUND_PENDING"}]}
    mere, off = told | {"request_type": "ONLY_REFUND"}, told | {"request_type": "CANCEL"}
    reverses = [Reverse.model_validate(one) for one in (told, waiting, mere, off)]
    order = to_order(OrderTold.model_validate(ORDER), [unit(1, "returned")], reverses)
    assert [(one.amount, one.units) for one in order.refunds] == [(10000, (("1", 1),)), (10000, ())]


def row(fee_type: object, amount: str, name: str = "x", day: str = "17 May 2026") -> Row:
    return Row.model_validate(
        {"order_no": "7", "fee_type": fee_type, "fee_name": name, "amount": amount, "transaction_date": day}
    )  # fmt: skip


def test_every_fee_is_typed() -> None:
    rows = [row("13", "250,000.00"), row(16, "-12,500.00"), row("3", "-5000"), row("99", "-2500.00", "VAT (GTGT)"),
            row("98", "-1250", "Thuế TNCN"), row("97", "-7", "new fee"), row("8", "16000"),
             row("16", "-1", day="18 May 2026")]  # fmt: skip
    one, later = to_settlements(rows)
    assert [(fee.kind, fee.amount) for fee in one.fees] == [
        ("commission", 12500), ("payment", 5000), ("vat_withheld", 2500), ("pit_withheld", 1250), ("other", 7),
        ("shipping", -16000),
    ]  # fmt: skip
    assert one.amount == 250_000 - sum(fee.amount for fee in one.fees)
    assert one.settled_at == datetime(2026, 5, 16, 17, tzinfo=UTC)
    assert (one.statement_id, later.statement_id) == ("7/2026-05-17", "7/2026-05-18")
    assert [one.kind for one in to_fees(row("203", "4000"))] == ["voucher"]


# ---- goods ---------------------------------------------------------------------------------------------------------


def test_a_listing_of_mixed_names() -> None:
    told = Product.model_validate({
        "item_id": 2500000001, "status": "Active", "rejectReason": [], "primary_category": 10002019,
        "attributes": {"name": "Mật ong", "description": "<p>Một &amp; hai</p><p>Ba</p>", "brand_id": "1", "shelf": 5},
        "images": ["https://vn-live-02.slatic.net/p/a.jpg"], "created_time": "1763700000000",
        "updated_time": "1763700000000",
        "skus": [{"SkuId": 12500000001, "SellerSku": "A", "Status": "active", "price": 250000.0, "quantity": 9,
                  "Available": 4, "special_price": 0.0, "Url": "https://www.lazada.vn/products/i1-s1.html"}],
    })  # fmt: skip
    listing = to_listing(told)
    assert (listing.state, listing.description, listing.attributes) == (
        ListingState.LIVE, "Một & hai\n\nBa", (("shelf", "5"),),
    )  # fmt: skip
    assert [(one.sku, one.price, one.stock) for one in listing.variants] == [("A", 250_000, 4)]
    told.skus[0].status = "inactive"
    assert to_listing(told).state is ListingState.HIDDEN


def test_closed_lists_take_their_own_words_only() -> None:
    asked = [
        Asked(name="origin", label="Xuất xứ", is_mandatory=True, input_type="singleSelect",
              options=[{"name": "Việt Nam", "en_name": "Vietnam"}]),
        Asked(name="note", label="Ghi chú"),
        Asked(name="kg", label="Cân nặng", is_mandatory=True, attribute_type="sku"),
    ]  # fmt: skip
    assert fill(asked, [("Xuất xứ", "vietnam"), ("note", "x")]) == {"origin": "Việt Nam", "note": "x"}
    with pytest.raises(Refused) as told:
        fill(asked, [("Xuất xứ", "Lào")])
    assert told.value.facts == {"attributes": ["Xuất xứ"]}


def test_a_reason_that_empties_the_stock_is_only_chosen_on_purpose() -> None:
    offered = {"1": "het hang", "2": "sai gia", "3": "khach yeu cau huy", "4": "khong giao duoc"}
    chosen = [choose_reason(offered, one) for one in ("out_of_stock", "price_wrong", "buyer_asked", "cannot_deliver")]
    assert chosen == ["1", "2", "3", "4"]
    assert choose_reason(offered, "other") == "3"
    assert choose_reason({"1": "het hang"}, "buyer_asked") == ""


def test_what_it_can_do_and_says_of_itself() -> None:
    assert load("lazada") is Lazada
    assert abilities(Lazada) == (
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "ReportsMoney", "Fulfils", "Highlights",
        "HearsEvents", "KnowsCategories", "SignsIn",
    )  # fmt: skip
    assert Lazada.manifest.limits.stock_batch == 20


def test_tax_inside_a_row_stands_apart_and_the_sum_stays() -> None:
    inside = {"WHT_amount": "3750.00", "WHT_included_in_amount": "yes"}
    outside = {"WHT_amount": "99.00", "WHT_included_in_amount": "no"}
    plain = {"order_no": "7", "fee_name": "x", "transaction_date": "17 May 2026"}
    rows = [
        Row.model_validate(plain | {"fee_type": "13", "amount": "246250.00"} | inside),
        Row.model_validate(plain | {"fee_type": "16", "amount": "-12500.00"} | outside),
        Row.model_validate(plain | {"fee_type": "3", "amount": "-6250.00"} | inside),
    ]
    (told,) = to_settlements(rows)
    assert [(fee.kind, fee.amount) for fee in told.fees] == [
        ("pit_withheld", 3750), ("commission", 12500), ("pit_withheld", 3750), ("payment", 2500),
    ]  # fmt: skip
    assert told.amount == 250_000 - sum(fee.amount for fee in told.fees)


def level(number: int) -> StockLevel:
    return StockLevel(
        sku=Sku(f"OCOP-{number}"), listing=RemoteId("1"), variant=RemoteId(str(number)), stock=1, single=False
    )


@pytest.mark.parametrize(
    ("detail", "done"),
    [
        ([], [True, True]),
        ([{"code": "4170", "sku_id": 2}], [True, False]),
        ([{"code": "4170", "skuId": "2"}], [True, False]),
        ([{"code": "4170", "SellerSku": "OCOP-1"}], [False, True]),
        ([{"code": "4170"}], [False, False]),
        ([{"code": "4170", "sku_id": 9}], [False, False]),
    ],
    ids=str,
)
def test_a_failure_under_code_0_is_nobodys_success(detail: list[dict[str, object]], done: list[bool]) -> None:
    told = at_each([level(1), level(2)], [Detail.model_validate(one) for one in detail], None)
    assert [isinstance(one, Done) for one in told] == done
