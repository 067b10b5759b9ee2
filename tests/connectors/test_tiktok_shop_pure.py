"""TikTok Shop's pure parts: printed signatures, complaints, samples of the documents through the mappings."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors.api import Credentials, File, Request, to_pairs
from hub.connectors.markup import to_text
from hub.connectors.model import FeeLine, ListingState, OrderState, Tokens
from hub.connectors.tiktok_shop import TikTokShop
from hub.connectors.tiktok_shop.told import Claim, Entry, Order, Statement, to_order, to_settlement
from hub.connectors.tiktok_shop.words import Attribute, Product, fill, judge, sign, signature, to_listing, to_markup
from hub.errors import Garbled, Refused, Throttled, Unauthorised, Unreachable, Vanished

NOW = datetime.fromtimestamp(1767200400, UTC)
SECRET = "0123456789abcdef0123456789abcdef01234567"
KEYS = Credentials(
    secrets={"app_key": "6ocop0demo1", "app_secret": SECRET}, tokens=Tokens(access="t", refresh="r", access_until=NOW)
)
CIPHER = {"shop_cipher": "ROW_ocopAAAAdemo"}
VECTORS = [
    ("GET", "/seller/202309/shops", {}, None, "18bb7bb3bb3a1f7addcc5224d6257d65238c08bbcfcd4ddff22af5db852ed50e"),
    ("GET", "/product/202309/categories",
     CIPHER | {"category_version": "v2", "locale": "vi-VN", "sign": "junk", "access_token": "junk"}, None,
     "0675f50d849cccc34c3aba083606afc942a110a9ecc4dfb389d715007d697629"),
    ("POST", "/order/202309/orders/search",
     CIPHER | {"page_size": 50, "page_token": "b2Zmc2V0/0+MA==", "sort_field": "update_time", "sort_order": "ASC"},
     '{"update_time_ge":1767114000,"update_time_lt":1767200400}',
     "c3c7099b870ce0d1d5df75cea8368b6e326f0efe446e09ea8736801887d6776d"),
    ("GET", "/order/202507/orders", CIPHER | {"ids": "576461413038785752,576461413038785753"}, None,
     "dfed24d4cc44403e64743e31fac4b740fb877346f3b329b26513240a6e3c4934"),
    ("POST", "/product/202309/products", CIPHER,
     '{"save_mode":"AS_DRAFT","title":"Miến dong Bình Liêu OCOP 4 sao gói 500 g","category_version":"v2"}',
     "5a711c19bf1d9bb4a044cc99d90ce228e7481659cf57faecf0bca0955e02a77b"),
    ("DELETE", "/product/202309/products", CIPHER, '{"product_ids":["1729592969712207013"]}',
     "2e253c8f124531128c9458cfc8a61dd9b81be45e9648844a75fa4f1244f9627a"),
    ("GET", "/analytics/202609/shop_lives/performance",
     CIPHER | {"start_date_ge": "2026-01-01", "end_date_lt": "2026-01-08", "account_type": "OFFICIAL_ACCOUNTS",
               "currency": "LOCAL", "page_size": 20, "sort_field": "live_attributed_gmv", "sort_order": "DESC"}, None,
     "499eecbcc44e06340e2c54cf187a82a8e3730fb12b08307b7896503220f164f8"),
    ("POST", "/product/202502/products/search", CIPHER | {"page_size": 100}, "{}",
     "0753e021f8cd2b08ff6f0cced6d82c0b441fcdf42f16e64b749abbf2e3b92537"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "params", "body", "expected"), VECTORS, ids=lambda one: str(one)[:40])
def test_signatures_agree_with_five_independent_clients(
    method: str, path: str, params: dict[str, object], body: str | None, expected: str
) -> None:
    raw = None if body is None else body.encode()
    request = Request(method=method, base_url="https://x", path=path, params=to_pairs(params), body=raw)
    signed = sign(request, KEYS, NOW, "")
    assert signed.params[-1] == ("sign", expected)
    assert dict(signed.headers) == {"x-tts-access-token": "t"}


def test_an_upload_is_signed_without_its_body() -> None:
    file = File(field="data", name="a", content=b"x", content_type="image/png")
    request = Request(method="POST", base_url="https://x", path="/product/202309/images/upload", files=(file,))
    assert sign(request, KEYS, NOW, "").params[-1][1] == (
        "5b7368a70ba36f9498c2b37a53e3bf1d8bbc6b26350074802bf583b3c0ed1005"
    )


def test_the_published_examples() -> None:
    pairs = (("app_key", "29a39d"), ("timestamp", "1623812664"))
    assert signature("e59af819cc", "/authorization/202309/shops", pairs) == (
        "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8"
    )
    more = (("app_key", "test_app_key"), ("shop_cipher", "ROW_testcipher"), ("timestamp", "1696909000"))
    body = b'{"event_type":"ORDER_STATUS_CHANGE"}'
    assert signature("test_app_secret", "/event/202309/webhooks", more, body) == (
        "2a8655fde4b65689de75ee7a6b78b523ed7f8ed269fe2217c3dd402df5dc85bd"
    )


HOOKS = [
    ('{"type":1,"tts_notification_id":"7327112393057371910","shop_id":"7000714532876273420","timestamp":1767200400,'
     '"data":{"order_id":"576461413038785752","order_status":"AWAITING_SHIPMENT","is_on_hold_order":false,'
     '"update_time":1767200395}}', "1bcac4129307902e762274cd68eeae61195d6a397f02b275ac412fda21acfd29",
     ("order", "576461413038785752")),
    ('{"type":5,"tts_notification_id":"7327112393057371911","shop_id":"7000714532876273420","timestamp":1767200500,'
     '"data":{"product_id":1729592969712207013,"status":"PRODUCT_AUDIT_FAILURE",'
     '"suspended_reason":"Thiếu giấy chứng nhận","update_time":1767200499}}',
     "d59576cb75c9da2b831733e5dc82d854768bd0721d30ed476a23bab6ab5bb080", ("listing", "1729592969712207013")),
]  # fmt: skip


@pytest.mark.parametrize(("body", "header", "expected"), HOOKS)
def test_webhooks_with_printed_signatures(body: str, header: str, expected: tuple[str, str]) -> None:
    secret = f"6ocop0demo1:{SECRET}"
    hint = TikTokShop.hear(body.encode(), {"authorization": header}, url="", secret=secret)
    assert hint is not None
    assert (hint.kind, hint.object_id) == expected
    assert hint.shop_remote_id == "7000714532876273420"


def _signed(body: str) -> dict[str, str]:
    return {"authorization": hmac.new(b"s", b"k" + body.encode(), hashlib.sha256).hexdigest()}


def test_chat_is_no_hint_and_nonsense_is_garbled() -> None:
    chat = '{"type":14,"tts_notification_id":"1","shop_id":"2","data":{}}'
    assert TikTokShop.hear(chat.encode(), _signed(chat), url="", secret="k:s") is None
    for body in ("[]", "{", '{"type":1}', '{"type":4,"tts_notification_id":"1","data":{"package_list":[]}}'):
        with pytest.raises(Garbled):
            TikTokShop.hear(body.encode(), _signed(body), url="", secret="k:s")


@pytest.mark.parametrize(
    ("status", "body", "kind", "problem"),
    [
        (401, '{"code":106001,"message":"sign"}', Unauthorised, "app_key_wrong"),
        (400, '{"code":36009004,"message":"Invalid app_key"}', Unauthorised, "app_key_wrong"),
        (400, '{"code":36009004,"message":"Invalid timestamp"}', Unauthorised, "clock_off"),
        (400, '{"code":36009004,"message":"Unexpected identifier: shop_cipher"}', Garbled, "remote_call_wrong"),
        (200, '{"code":36009004,"message":"Invalid parameter: title"}', Refused, "remote_value_refused"),
        (400, '{"code":36009004,"message":"Invalid parameter: page_token"}', Refused, "remote_value_refused"),
        (400, '{"code":36009004,"message":"invalid token format"}', Unauthorised, "shop_needs_owner"),
        (200, '{"code":105002,"message":"expired"}', Unauthorised, "shop_needs_owner"),
        (429, '{"code":36009037,"message":"quota"}', Throttled, "remote_quota_spent"),
        (200, '{"code":36009003,"message":"internal"}', Unreachable, "remote_unreachable"),
        (200, '{"code":12052032,"message":"no product"}', Vanished, "remote_vanished"),
        (200, '{"code":99999999,"message":"new"}', Refused, "remote_refused"),
        (200, "", Unreachable, "remote_unreachable"),
        (200, "<html>", Unreachable, "remote_unreachable"),
    ],
)
def test_complaints(status: int, body: str, kind: type[Exception], problem: str) -> None:
    found = judge(status, {}, body.encode())
    assert isinstance(found, kind)
    assert found.code == problem
    if problem == "remote_quota_spent":
        assert isinstance(found, Throttled)
        assert found.seconds == 3600


@pytest.mark.parametrize("body", ['{"code":0,"message":"Success","data":null}', '{"message":"slow down"}', "%PDF-1.4"])
def test_no_complaint(body: str) -> None:
    assert judge(200, {}, body.encode()) is None


ITEM = {
    "id": "1", "product_id": "10", "product_name": "Miến dong", "sku_id": "100", "seller_sku": "OCOP-22-0001-500",
    "original_price": "185000.00", "sale_price": "165000", "seller_discount": "20000", "platform_discount": "0",
    "display_status": "COMPLETED", "is_gift": False, "room_id": "",
}  # fmt: skip
ORDER = {
    "id": "576461413038785752", "status": "COMPLETED", "create_time": 1767114000, "update_time": 1767200395,
    "paid_time": 1767114060, "rts_time": 1767120000, "delivery_time": 1767190000, "cancel_time": 0, "is_cod": False,
    "payment": {"currency": "VND", "shipping_fee": "15000", "platform_discount": "5000", "total_amount": "500000"},
    "recipient_address": {"name": "N***", "district_info": [{"address_level": "L1", "address_name": "Quảng Ninh"}]},
    "line_items": [ITEM, {**ITEM, "id": "2"}, {**ITEM, "id": "3", "is_gift": True, "seller_discount": "185000"}],
}  # fmt: skip


def order(**changes: object) -> Order:
    return Order.model_validate(ORDER | changes)


def test_units_of_a_sku_are_one_line_and_gifts_cost_nothing() -> None:
    claim = Claim.model_validate({
        "return_id": "9", "order_id": ORDER["id"], "return_status": "RETURN_OR_REFUND_REQUEST_COMPLETE",
        "update_time": 1767200000, "refund_amount": {"currency": "VND", "refund_total": "165000"},
        "return_line_items": [{"order_line_item_id": "2"}, {"order_line_item_id": "unknown"}],
    })  # fmt: skip
    told = to_order(order(), [claim])
    assert [(one.line_id, one.quantity, one.unit_price, one.charged) for one in told.lines] == [
        ("100", 2, 185_000, 370_000), ("100-gift", 1, 0, 0),
    ]  # fmt: skip
    assert (told.seller_voucher, told.platform_voucher, told.shipping_paid) == (40_000, 5_000, 15_000)
    assert [(one.amount, one.units) for one in told.refunds] == [(165_000, (("100", 1),))]
    assert (told.state, told.province, told.cancelled_at) == (OrderState.COMPLETED, "Quảng Ninh", None)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"status": "UNPAID"}, OrderState.PLACED),
        ({"status": "ON_HOLD"}, OrderState.PAID),
        ({"status": "AWAITING_SHIPMENT", "is_cod": True}, OrderState.PLACED),
        ({"status": "AWAITING_COLLECTION"}, OrderState.PAID),
        ({"status": "IN_TRANSIT", "is_cod": True}, OrderState.SHIPPED),
        ({"status": "CANCELLED", "cancellation_initiator": "SYSTEM", "rts_time": 0}, OrderState.CANCELLED),
        ({"status": "CANCELLED", "cancellation_initiator": "BUYER"}, OrderState.CANCELLED),
        ({"status": "CANCELLED", "cancellation_initiator": "SYSTEM"}, OrderState.FAILED_DELIVERY),
    ],
)
def test_states(changes: dict[str, object], state: OrderState) -> None:
    assert to_order(order(**changes)).state is state


STATEMENT = Statement.model_validate({"id": "S1", "statement_time": 1767225600})
ROW: dict[str, object] = {
    "id": "T1", "type": "ORDER", "order_id": "1", "settlement_amount": "83000", "revenue_amount": "100000",
    "shipping_cost_amount": "-2000", "fee_tax_amount": "-15000", "adjustment_amount": "0",
    "fee_tax_breakdown": {
        "fee": {"platform_commission_amount": "-5000", "affiliate_commission_amount": "-8000",
                "affiliate_commission_amount_before_pit": "-8500", "vn_fix_infrastructure_fee": "0"},
        "tax": {"pit_amount": "-500"},
    },
}  # fmt: skip


def test_a_statement_row_with_what_nobody_explains() -> None:
    told = to_settlement(STATEMENT, Entry.model_validate(ROW))
    assert told is not None
    assert told.amount == 83_000
    assert [(one.kind, one.amount) for one in told.fees] == [
        ("commission", 5_000), ("affiliate", 8_000), ("pit_withheld", 500), ("other", 1_500), ("shipping", 2_000),
    ]  # fmt: skip


def test_an_adjustment_names_its_order_and_what_does_not_add_up_is_set_aside() -> None:
    row = {"id": "A", "type": "GMV_DEDUCTION", "adjustment_order_id": "7", "settlement_amount": "-1200",
           "adjustment_amount": "-1200"}  # fmt: skip
    told = to_settlement(STATEMENT, Entry.model_validate(row))
    assert told is not None
    own = to_settlement(STATEMENT, Entry.model_validate(ROW | {"order_id": "7"}))
    assert own is not None
    assert own.order == told.order
    assert own.statement_id != told.statement_id
    assert (told.order, told.amount, told.fees) == (
        "7", -1200, (FeeLine(kind="adjustment", amount=1200, label="adjustment_amount"),)
    )  # fmt: skip
    assert to_settlement(STATEMENT, Entry.model_validate(ROW | {"settlement_amount": "1"})) is None


def test_a_listing_as_the_documents_show_one() -> None:
    product = Product.model_validate({
        "id": "1729592969712207013", "title": "Miến dong", "description": "<p>Một</p><p>hai<br>ba &amp; bốn</p>",
        "status": "FAILED", "update_time": 1767200395, "category_chains": [{"id": "1"}, {"id": "905992"}],
        "main_images": [{"uri": "tos/abc"}],
        "skus": [{"id": "5", "seller_sku": "A", "price": {"currency": "VND", "tax_exclusive_price": "85000"},
                  "inventory": [{"warehouse_id": "1", "quantity": 3}, {"warehouse_id": "2", "quantity": 4}]}],
        "audit_failed_reasons": [{"position": "Product", "reasons": ["Thiếu giấy", "Ảnh mờ"], "suggestions": []}],
    })  # fmt: skip
    told = to_listing(product)
    assert (told.state, told.reason) == (ListingState.BANNED, "Thiếu giấy; Ảnh mờ")
    assert (told.description, told.category, told.variants[0].stock) == ("Một\n\nhai\nba & bốn", "905992", 7)
    assert to_listing(product.model_copy(update={"skus": [], "status": "NEW"})).state is ListingState.HIDDEN


ORIGIN = {
    "id": "1", "name": "Xuất xứ", "type": "PRODUCT_PROPERTY",
    "values": [{"id": "11", "name": "Việt Nam"}, {"id": "12", "name": "Nhập khẩu"}],
}  # fmt: skip
FROM = {
    "id": "2", "name": "Nước nhập khẩu", "type": "PRODUCT_PROPERTY", "is_customizable": True,
    "requirement_conditions": [
        {"condition_type": "VALUE_ID_MATCH", "attribute_id": "1", "attribute_value_id": "12"}
    ],
}  # fmt: skip


def test_an_answer_may_ask_for_another() -> None:
    asked = [Attribute.model_validate(ORIGIN), Attribute.model_validate(FROM)]
    assert fill(asked, [("xuat xu", "việt nam")]) == [{"id": "1", "values": [{"id": "11"}]}]
    with pytest.raises(Refused) as told:
        fill(asked, [("Xuất xứ", "Nhập khẩu")])
    assert told.value.facts["attributes"] == ["Nước nhập khẩu"]
    assert len(fill(asked, [("Xuất xứ", "Nhập khẩu"), ("Nước nhập khẩu", "Lào")])) == 2


@given(st.lists(st.text("aăâ &.,-0123456789", min_size=1).map(lambda s: " ".join(s.split())).filter(bool), min_size=1))
def test_descriptions_come_back_as_they_went(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert to_text(to_markup(text)) == text
