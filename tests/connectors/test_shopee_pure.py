"""Shopee without a network: printed vectors, the error table, pushes, every mapping on official-shaped examples."""

import hashlib
import hmac
import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from hub.connectors.model import (
    Category,
    Draft,
    DraftVariant,
    FeeLine,
    Hint,
    ListingState,
    OrderState,
    Picture,
    RemoteOrder,
    Tokens,
)
from hub.connectors.shopee import Shopee
from hub.connectors.shopee.dialect import ERRORS, hear, judge, push_signature, refusal, sign
from hub.connectors.shopee.drafts import (
    Terms,
    check,
    fill,
    find_leaf,
    guess_package,
    image_type,
    parse_package,
    ship_by,
    terms_of,
    to_item,
    to_tiers,
)
from hub.connectors.shopee.told import TERMS, line_ids, to_listing, to_order, to_settlement, window_end
from hub.connectors.shopee.wire import (
    Attribute,
    Escrow,
    Income,
    Item,
    ItemLimitAnswer,
    LogisticsChannel,
    Model,
    Order,
    Released,
    Return,
)
from hub.connectors.wire import Credentials, Request, to_pairs
from hub.errors import Garbled, Refused, RemoteError, Throttled, Unauthorised, Unreachable, Vanished
from hub.types import RemoteId, Sku

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
HEX = "00112233445566778899aabbccddeeff" * 2

# ---- signatures ----------------------------------------------------------------------------------------------------

VECTORS = [
    # key, partner, path, time, token, scope, id, sign
    ("shpk-test-key", 1000001, "shop/get_shop_info", 1700000000, "tok-abc", "shop", 600123,
     "99b09d608f9f4cbc0c2b1f3a7e156ada218bc2c56d9a70852f04e0e7070710ac"),
    ("shpk-test-key", 1000001, "order/get_order_list", 1700000000, "tok-abc", "shop", 600123,
     "3520c00772417f39786d4496bf815c19ffe48744896234c1f628ec4a500c0ad3"),
    ("shpk-test-key", 1000001, "product/update_stock", 1700000000, "tok-abc", "shop", 600123,
     "c077040e5acf06eef94149336ab29e714aaa5e01e8c54e27729cc7f6f0193ebe"),
    ("shpk-test-key", 1000001, "auth/token/get", 1700000000, "", "public", 0,
     "79abd21aa43b6029d787c522d71ab731475502f00e0632ec856de8374d19f34a"),
    ("shpk-test-key", 1000001, "auth/access_token/get", 1700000000, "", "public", 0,
     "d8117dd3fa44fa5baf4780c302f016751b49e04f21ce516ba3b8b4e8b5ec91de"),
    ("shpk-test-key", 1000001, "shop/auth_partner", 1700000000, "", "public", 0,
     "17d915cf7fd3a3faae4e434ed307ebce16f3f192de6edcb070771fe6c1f3c19c"),
    ("shpk-test-key", 1000001, "media_space/upload_image", 1700000000, "", "public", 0,
     "87e693a94ba759aac7a92b1ef2b5b2a3fb4fdb179cceff8edcc17a359a953108"),
    ("shpk-test-key", 1000001, "media_space/upload_image", 1700000000, "tok-abc", "shop", 600123,
     "4934400ee2f81e430a8048ca950a82e664882a4ad5e99d42da760e47f31dafc4"),
    ("shpk-test-key", 1000001, "livestream/create_session", 1700000000, "tok-user", "user", 700001,
     "1f473b9721bee48db59e1e3a769ff82227c6f36e8ff1267b7b015bc40c53aa00"),
    (HEX, 2001887, "shop/get_shop_info", 1655714431, "59777174636562737266615546704c6d", "shop", 14701711,
     "e5995314ac2de93a566c9b7a7295b48e74835c507fcda45a1bf6525231a681e7"),
    (HEX, 2001887, "global_product/get_category", 1655714431, "09777174636962737266615546704c6d", "merchant", 1000000,
     "7f9dc89c853e52ee4b6b94a2e5526168cbed0c61402ea964395764542d606354"),
    (HEX, 2001887, "public/get_shops_by_partner", 1655714431, "", "public", 0,
     "5af7b95e9905404c92e51b5249f2a7279b18a0a046b12854675be69d6616f1d1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "partner", "path", "at", "token", "scope", "identity", "expected"),
    VECTORS,
    ids=[f"V{number}" for number in range(1, 13)],
)
def test_the_printed_signatures(
    key: str, partner: int, path: str, at: int, token: str, scope: str, identity: int, expected: str
) -> None:
    name = {"shop": "shop_id", "user": "user_id", "merchant": "merchant_id"}.get(scope)
    params = to_pairs({name: identity, "page_size": 50}) if name else to_pairs({"page_size": 50})
    request = Request(
        method="GET", base_url="http://127.0.0.1:9/shopee", path=f"/api/v2/{path}", params=params, body=b"{}",
        scope=scope,
    )  # fmt: skip
    tokens = Tokens(access=token, refresh="r", access_until=UNTIL) if token else None
    keys = Credentials(secrets={"partner_id": str(partner), "partner_key": key}, tokens=tokens)
    signed = sign(request, keys, datetime.fromtimestamp(at, UTC), "nonce")
    sent = dict(signed.params)
    assert sent["sign"] == expected
    assert (sent["partner_id"], sent["timestamp"], sent["page_size"]) == (str(partner), str(at), "50")
    assert sent.get("access_token", "") == token
    assert signed.body == request.body


def test_a_key_that_looks_like_hex_is_text() -> None:
    _, partner, path, at, token, _, shop, expected = VECTORS[9]
    message = f"{partner}/api/v2/{path}{at}{token}{shop}".encode()
    assert hmac.new(bytes.fromhex(HEX), message, hashlib.sha256).hexdigest().startswith("06215d7f")
    assert not expected.startswith("06215d7f")


# ---- errors --------------------------------------------------------------------------------------------------------


def said(code: str, message: str = "", status: int = 200, headers: Mapping[str, str] | None = None) -> RemoteError:
    body = json.dumps({"request_id": "r", "error": code, "message": message, "response": {}}).encode()
    error = judge(status, headers or {}, body)
    assert error is not None
    return error


@pytest.mark.parametrize("code", sorted(ERRORS))
@pytest.mark.parametrize("prefix", ["", "common.", "product."])
def test_every_row_of_the_table_with_any_prefix(code: str, prefix: str) -> None:
    """Whatever the HTTP status, the code decides; ``error_auth`` alone depends on it."""
    kinds = {
        "unauthorised": Unauthorised,
        "throttled": Throttled,
        "refused": Refused,
        "vanished": Vanished,
        "unreachable": Unreachable,
    }
    status = 403 if code == "error_auth" else 200
    error = said(prefix + code, status=status)
    assert type(error) is kinds[ERRORS[code].kind]
    assert error.code == ERRORS[code].problem
    assert error.facts["error"] == prefix + code


@pytest.mark.parametrize(
    ("code", "message", "status", "kind", "problem", "refresh"),
    [
        ("error_auth", "Invalid access_token.", 200, Unauthorised, "shop_needs_owner", True),
        ("common.error_auth", "whatever", 403, Unauthorised, "shop_needs_owner", True),
        ("invalid_acceess_token", "Invalid access_token, please have a check.", 403, Unauthorised, "shop_needs_owner",
         True),
        ("error_param", "There is no access_token in query.", 200, Unauthorised, "shop_needs_owner", True),
        ("error_auth", "Invalid partner_id or shopid.", 403, Unauthorised, "shop_needs_owner", False),
        ("error_auth", "No permission to current api.", 403, Unauthorised, "app_not_allowed", False),
        ("shop_no_linked", "", 403, Unauthorised, "shop_needs_owner", False),
        ("error_sign", "Wrong sign.", 403, Unauthorised, "app_key_wrong", False),
        ("error_param", "Timestamp is expired.", 200, Unauthorised, "clock_off", False),
        ("error_param", "no timestamp", 200, Unauthorised, "clock_off", False),
        ("error_param", "There is no sign in query.", 200, Unauthorised, "app_key_wrong", False),
        ("error_param", "There is no partner_id in query.", 200, Unauthorised, "app_key_wrong", False),
        ("error_auth", "Lack of location_id in request", 200, Refused, "warehouse_wrong", False),
        ("error_auth", "Please wait for the holiday mode to end", 200, Refused, "shop_on_holiday", False),
        ("error_auth", "Stock should be larger than reserved stock.", 200, Refused, "stock_below_reserved", False),
        ("error_auth", "Your shop can not use model level dts", 200, Refused, "remote_value_refused", False),
        ("error_param", "The stock less than reserved stock", 200, Refused, "stock_below_reserved", False),
        ("error_param", "Item has different stock structure", 200, Refused, "warehouse_wrong", False),
        ("error_busi", "The shop has multi warehouse, please input location id", 200, Refused, "warehouse_wrong",
         False),
        ("product.error_busi", "The GTIN code is mandatory for this category", 200, Refused, "gtin_missing", False),
        ("error_server", "Too many requests, please try again later", 200, Throttled, "remote_throttled", False),
        ("error_server", "The API is not supported for current region", 200, Refused, "region_unsupported", False),
        ("order.error_limit", "Can not cancel this order", 200, Refused, "order_state_wrong", False),
        ("product.error_never_seen", "?", 200, Refused, "remote_refused", False),
    ],
)  # fmt: skip
def test_where_the_words_decide(
    code: str, message: str, status: int, kind: type[RemoteError], problem: str, refresh: bool
) -> None:
    error = said(code, message, status)
    assert (type(error), error.code) == (kind, problem)
    assert getattr(error, "refreshable", False) is refresh
    assert error.facts["message"] == message


def test_the_daily_quota_waits_for_midnight_of_utc_8() -> None:
    def wait(date: str) -> float:
        error = said("error_limit", "daily", headers={"date": date} if date else {})
        assert isinstance(error, Throttled)
        return error.seconds

    assert wait("Sat, 21 Nov 2026 15:59:00 GMT") == 60
    assert wait("Sat, 21 Nov 2026 16:00:00 GMT") == 86_400
    assert wait("") == wait("nonsense") == 3600


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>502</html>", Unreachable),
        (400, b"<html>400 Bad Request</html>", Unreachable),
        (400, b"", Unreachable),
        (200, b'{"error":', Unreachable),
        (502, b"<html>502 Bad Gateway</html>", type(None)),  # judged by its status
        (429, b"slow", type(None)),
        (200, b'{"request_id":"r","error":"","message":"","response":{"image_info_list":[{"error":"x"}]}}', type(None)),
        (200, b'{"access_token":"a"}', type(None)),
        (200, b'{"warning":["some failed"],"error":"","response":{}}', type(None)),
        (200, b'{"message":"\\"error\\":\\"\\"","error":"error_sign"}', Unauthorised),
        (200, b'{"response":{"error":""},"error":"error_sign"}', Unauthorised),
    ],
)
def test_the_body_counts_before_the_status(status: int, body: bytes, kind: type) -> None:
    assert type(judge(status, {}, body)) is kind


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("stock less than reserved stock", "stock_below_reserved"),
        ("item in promotion", "locked_by_promotion"),
        ("model not found", "remote_vanished"),
        ("cannot delist reviewing or banned item", "listing_banned"),
        ("something new", "remote_value_refused"),
    ],
)
def test_reasons_of_a_part_that_failed(reason: str, problem: str) -> None:
    error = refusal(reason)
    assert error.code == problem
    assert error.facts["message"] == reason


# ---- push ----------------------------------------------------------------------------------------------------------

HOOK = "https://hub.example.org/webhooks/shopee"
ORDER_PUSH = (
    '{"code":3,"data":{"completed_scenario":"","items":[],"ordersn":"241121ABCDEFGH","status":"READY_TO_SHIP",'
    '"update_time":1700000000},"shop_id":600123,"timestamp":1700000001}'
)
PUSHES = [
    (ORDER_PUSH, "0557bcb11931f2dfec4a36a106d710c8523a0aee0cddf410c8e700517fbb6bde"),
    ('{"code":0,"data":{"note":"Mật ong bạc hà"},"shop_id":600123,"timestamp":1700000002}',
     "a1e29e27130715caf2c96918836bf5ccac6a93fa2d923d3b0e0650bfcc71bd51"),
    ("", "351664c30bc1cac8af49f8e64cbabf070518cc939dfa3e9cc8e079620f8f41f3"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "signature"), PUSHES)
def test_the_printed_pushes(body: str, signature: str) -> None:
    raw = body.encode()
    assert push_signature("shpk-push-key", HOOK, raw) == signature
    hear(raw, {"authorization": signature}, url=HOOK, secret="shpk-push-key")
    for url, secret, changed in ((HOOK + "/", "shpk-push-key", raw), (HOOK, "x", raw), (HOOK, "shpk-push-key", b"!")):
        with pytest.raises(Unauthorised):
            hear(changed, {"Authorization": signature}, url=url, secret=secret)
    with pytest.raises(Unauthorised):
        hear(raw, {"Authorization": "ß"}, url=HOOK, secret="shpk-push-key")
    with pytest.raises(Unauthorised):
        hear(raw, {"Authorization": push_signature("", HOOK, raw)}, url=HOOK, secret="")


def heard(**push: object) -> Hint | None:
    raw = json.dumps(push).encode()
    return Shopee.hear(raw, {"Authorization": push_signature("k", HOOK, raw)}, url=HOOK, secret="k")


@pytest.mark.parametrize(
    ("push", "kind", "object_id", "shop"),
    [
        ({"code": 3, "shop_id": 600123, "data": {"ordersn": "261121A"}}, "order", "261121A", "600123"),
        ({"code": 4, "shop_id": 600123, "data": {"ordersn": "261121A", "package_number": "O"}}, "order", "261121A",
         "600123"),
        ({"code": 15, "shop_id": 600123, "data": {"order_sn": "261121A"}}, "order", "261121A", "600123"),
        ({"code": 29, "shop_id": 600123, "data": {"order_sn": "261121A", "return_sn": "R1"}}, "order", "261121A",
         "600123"),
        ({"code": 1, "partner_id": 1, "data": {"shop_id": 600123, "success": 1}}, "authorisation", "600123", "600123"),
        ({"code": 2, "data": {"shopid": 600123}}, "authorisation", "600123", "600123"),
        ({"code": 1, "data": {"shop_id_list": [1, 2]}}, "authorisation", "1,2", ""),
        ({"code": 12, "data": {"shop_expire_soon": [600123]}}, "authorisation", "600123", "600123"),
        ({"code": 16, "shop_id": 600123, "data": {"item_id": 900001}}, "listing", "900001", "600123"),
        ({"code": "22", "shop_id": 600123, "data": {"item_id": "900001"}}, "listing", "900001", "600123"),
        ({"code": 3, "shop_id": 600123, "data": {}}, "other", "", "600123"),
        ({"code": 5, "shop_id": 600123, "data": "news"}, "other", "", "600123"),
        ({"code": 987, "shop_id": 600123, "data": {}}, "other", "", "600123"),
    ],
)  # fmt: skip
def test_what_pushes_are_about(push: dict[str, object], kind: str, object_id: str, shop: str) -> None:
    hint = heard(msg_id="m-1", **push)
    assert hint is not None
    assert (hint.event_id, hint.kind, hint.object_id, hint.shop_remote_id) == ("m-1", kind, object_id, shop)


def test_a_push_of_countless_brackets_is_no_news() -> None:
    body = b"[" * 100_000
    assert hear(body, {"Authorization": push_signature("k", "u", body)}, url="u", secret="k") is None


def test_a_push_without_an_id_is_known_by_its_body() -> None:
    first, again, other = (heard(code=3, data={"ordersn": sn}) for sn in ("A", "A", "B"))
    assert first is not None
    assert first == again
    assert other is not None
    assert first.event_id != other.event_id
    assert heard(code=0, data={}) is None


# ---- orders --------------------------------------------------------------------------------------------------------

ORDER: dict[str, object] = {
    "order_sn": "261121ABCDEFGH", "region": "VN", "currency": "VND", "cod": True, "order_status": "READY_TO_SHIP",
    "create_time": 1763700000, "update_time": 1763703600, "days_to_ship": 2, "ship_by_date": 1763900000,
    "message_to_seller": "", "pay_time": None, "total_amount": 265000, "payment_method": "Cash on Delivery",
    "recipient_address": {"name": "N******n", "phone": "******12", "town": "", "district": "Xa A",
                          "city": "Huyen B", "state": "Ha Giang", "region": "VN", "zipcode": "",
                          "full_address": "Th******"},
    "item_list": [{"item_id": 900001, "item_sku": "OCOP-HG-001", "item_name": "Mat ong", "model_id": 0,
                   "model_name": "", "model_sku": "", "model_quantity_purchased": 1,
                   "model_original_price": 250000, "model_discounted_price": 250000, "order_item_id": 900001,
                   "promotion_list": [{"promotion_type": "seller_streaming_price", "promotion_id": 779222}],
                   "product_location_id": ["VN10XX2UZ"], "weight": 0.7}],
    "package_list": [{"package_number": "OFG1", "logistics_status": "LOGISTICS_READY",
                      "logistics_channel_id": 50021, "shipping_carrier": "SPX Express",
                      "item_list": [{"item_id": 900001, "model_id": 0, "model_quantity": 1}]}],
}  # fmt: skip


def item(**changes: object) -> dict[str, object]:
    first = ORDER["item_list"]
    assert isinstance(first, list)
    return {**first[0], **changes}


def order(**changes: object) -> Order:
    return Order.model_validate_json(json.dumps({**ORDER, **changes}))


def escrow(**income: object) -> Escrow:
    return Escrow.model_validate(
        {"order_sn": "261121ABCDEFGH", "order_income": {"escrow_amount": 0, **income}, "return_order_sn_list": []}
    )


def returned(**changes: object) -> Return:
    return Return.model_validate(
        {
            "return_sn": "R1", "order_sn": "261121ABCDEFGH", "status": "ACCEPTED", "refund_amount": 250000.0,
            "update_time": 1763800000, "return_solution": 0,
            "item": [{"item_id": 900001, "model_id": 0, "amount": 1, "item_price": 250000}], **changes,
        }
    )  # fmt: skip


def test_the_sample_order() -> None:
    told = to_order(order(), escrow(voucher_from_seller=5000, voucher_from_shopee=7000.0), [])
    assert (told.remote_id, told.state, told.native_state) == ("261121ABCDEFGH", OrderState.PLACED, "READY_TO_SHIP")
    assert told.placed_at == datetime.fromtimestamp(1763700000, UTC)
    assert (told.cod, told.paid_at, told.delivered_at, told.province) == (True, None, None, "Ha Giang")
    assert (told.seller_voucher, told.platform_voucher) == (5000, 7000)
    (line,) = told.lines
    assert (line.sku, line.listing, line.variant, line.line_id) == ("OCOP-HG-001", "900001", "0", "900001-0")
    assert (line.quantity, line.unit_price, line.charged, line.live_tag) == (1, 250000, 250000, True)
    assert "N***" not in repr(told)
    assert "phone" not in repr(order())


def test_no_escrow_yet_and_fields_not_asked_for() -> None:
    bare = {key: ORDER[key] for key in ("order_sn", "order_status", "create_time", "update_time", "item_list")}
    told = to_order(Order.model_validate(bare), None, [])
    assert (told.seller_voucher, told.shipping_paid, told.province, told.cod) == (0, 0, "", False)
    assert told.state is OrderState.PAID


DONE, READY, SENT = "LOGISTICS_DELIVERY_DONE", "LOGISTICS_READY", "LOGISTICS_PICKUP_DONE"


@pytest.mark.parametrize(
    ("changes", "parcel", "state"),
    [
        ({"order_status": "UNPAID"}, READY, OrderState.PLACED),
        ({"order_status": "PENDING"}, READY, OrderState.PLACED),
        ({"order_status": "PENDING", "pay_time": 1763700100}, READY, OrderState.PAID),
        ({"order_status": "READY_TO_SHIP"}, READY, OrderState.PAID),
        ({"order_status": "READY_TO_SHIP", "cod": True}, READY, OrderState.PLACED),
        ({"order_status": "PROCESSED"}, "LOGISTICS_REQUEST_CREATED", OrderState.PAID),
        ({"order_status": "RETRY_SHIP"}, "LOGISTICS_PICKUP_RETRY", OrderState.PAID),
        ({"order_status": "IN_CANCEL"}, READY, OrderState.PAID),
        ({"order_status": "INVOICE_PENDING"}, READY, OrderState.PAID),
        ({"order_status": "SHIPPED"}, SENT, OrderState.SHIPPED),
        ({"order_status": "SHIPPED"}, DONE, OrderState.DELIVERED),
        ({"order_status": "TO_CONFIRM_RECEIVE"}, DONE, OrderState.DELIVERED),
        ({"order_status": "TO_RETURN"}, DONE, OrderState.DELIVERED),
        ({"order_status": "TO_RETURN"}, SENT, OrderState.SHIPPED),
        ({"order_status": "COMPLETED"}, DONE, OrderState.COMPLETED),
        ({"order_status": "CANCELLED"}, READY, OrderState.CANCELLED),
        ({"order_status": "CANCELLED"}, "LOGISTICS_REQUEST_CANCELED", OrderState.CANCELLED),
        ({"order_status": "CANCELLED"}, "LOGISTICS_COD_REJECTED", OrderState.FAILED_DELIVERY),
        ({"order_status": "CANCELLED", "pickup_done_time": 1763704000}, READY, OrderState.FAILED_DELIVERY),
    ],
)
def test_the_life_cycle(changes: dict[str, object], parcel: str, state: OrderState) -> None:
    told = to_order(order(**{"cod": False, "package_list": [{"logistics_status": parcel}], **changes}), None, [])
    assert told.state is state
    assert (told.delivered_at is not None) == (state in (OrderState.DELIVERED, OrderState.COMPLETED))
    assert (told.cancelled_at is not None) == (state in (OrderState.CANCELLED, OrderState.FAILED_DELIVERY))


def test_a_status_nobody_documented_is_set_aside() -> None:
    with pytest.raises(Garbled) as caught:
        to_order(order(order_status="TELEPORTED"), None, [])
    assert caught.value.facts["path"] == "order_status"


def test_times_of_a_cash_order() -> None:
    told = to_order(order(order_status="COMPLETED", pickup_done_time=1763702000), None, [])
    assert told.paid_at == told.delivered_at == told.updated_at == datetime.fromtimestamp(1763703600, UTC)
    assert told.shipped_at == datetime.fromtimestamp(1763702000, UTC)


@pytest.mark.parametrize(
    ("status", "income", "counts"),
    [
        ("ACCEPTED", 0, True),
        ("REFUND_PAID", 0, True),
        ("CLOSED", 0, False),
        ("CLOSED", -250000, True),
        ("REQUESTED", 0, False),
        ("JUDGING", -250000, False),
        ("PROCESSING", 0, False),
        ("SELLER_DISPUTE", 0, False),
        ("CANCELLED", 0, False),
    ],
)
def test_which_returns_are_refunds(status: str, income: int, counts: bool) -> None:
    told = to_order(order(order_status="COMPLETED"), escrow(seller_return_refund=income), [returned(status=status)])
    assert bool(told.refunds) is counts
    assert told.updated_at == datetime.fromtimestamp(1763800000, UTC)


def test_a_refund_names_units_lines_and_moment() -> None:
    two = order(
        order_status="COMPLETED",
        item_list=[item(model_quantity_purchased=2, cancelled_qty=1), item(model_quantity_purchased=3)],
    )
    goods = returned(item=[{"item_id": 900001, "model_id": 0, "amount": 2}])
    (refund,) = to_order(two, None, [goods]).refunds
    assert refund.units == (("900001-0", 1), ("900001-0-2", 1))
    assert (refund.amount, refund.at) == (250000, datetime.fromtimestamp(1763800000, UTC))
    (money,) = to_order(two, None, [returned(return_solution=1)]).refunds
    assert money.units == ()


def test_a_cancelled_order_with_a_return_had_been_delivered_or_not() -> None:
    cancelled = order(order_status="CANCELLED", pickup_done_time=1763702000)
    back = to_order(cancelled, None, [returned()])
    assert (back.state, len(back.refunds)) == (OrderState.COMPLETED, 1)
    on_the_way = to_order(cancelled, None, [returned(return_refund_request_type=1)])
    assert (on_the_way.state, on_the_way.refunds) == (OrderState.FAILED_DELIVERY, ())


def test_several_returns_of_one_order() -> None:
    returns = [returned(), returned(return_sn="R2", refund_amount=10_000, return_solution=1, update_time=1763900000)]
    told = to_order(order(order_status="COMPLETED"), None, returns)
    assert [one.refund_id for one in told.refunds] == ["R1", "R2"]
    assert told.updated_at == datetime.fromtimestamp(1763900000, UTC)


def test_lines_of_models_cancelled_units_gifts_and_line_ids() -> None:
    told = to_order(
        order(
            item_list=[
                item(model_id=7, model_sku="V-7", model_name="500 g", model_quantity_purchased=3, cancelled_qty=1,
                     active_qty=2, promotion_list=None),
                item(model_id=7, model_sku="V-7", model_discounted_price=0,
                     promotion_list=[{"promotion_type": "add_on_free_gift_sub"}]),
                item(line_item_id=123456789012, promotion_list=[]),
            ]
        ), None, [],
    )  # fmt: skip
    first, gift, third = told.lines
    assert (first.sku, first.variant, first.quantity, first.cancelled) == ("V-7", "7", 3, 1)
    assert (first.title, first.charged, first.live_tag) == ("Mat ong - 500 g", 750000, False)
    assert (gift.charged, gift.unit_price, gift.line_id) == (0, 0, "900001-7-2")
    assert third.line_id == "123456789012"


def test_a_bundle_is_shared_out_of_the_goods_value() -> None:
    bundle = [{"promotion_type": "bundle_deal"}]
    goods = order(
        item_list=[
            item(item_id=1, model_original_price=100_000, model_discounted_price=0, promotion_list=bundle),
            item(item_id=2, model_original_price=50_000, model_discounted_price=0, promotion_list=bundle),
            item(item_id=3, model_original_price=80_000, model_discounted_price=70_000, promotion_list=[]),
        ]
    )
    told = to_order(goods, escrow(original_cost_of_goods_sold=205_000), [])
    assert [one.charged for one in told.lines] == [90_000, 45_000, 70_000]
    assert [one.unit_price for one in told.lines] == [100_000, 50_000, 70_000]
    assert [one.charged for one in to_order(goods, None, []).lines] == [100_000, 50_000, 70_000]


@given(st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=6))
def test_line_ids_are_unique(ids: list[str]) -> None:
    items = [item(line_item_id=one, model_id=place % 2) for place, one in enumerate(ids)]
    assert len(set(line_ids(order(item_list=items).item_list))) == len(ids)


# ---- money ---------------------------------------------------------------------------------------------------------

FIELDS = [name for name, _, _ in TERMS]


def released(payout: int) -> Released:
    return Released.model_validate(
        {"order_sn": "261121ABCDEFGH", "payout_amount": payout, "escrow_release_time": 1764000000}
    )


def test_a_statement_that_fits() -> None:
    income = {
        "original_cost_of_goods_sold": 250_000, "voucher_from_seller": 10_000, "commission_fee": 20_000,
        "seller_transaction_fee": 12_275.0, "seller_order_processing_fee": 3_000, "withholding_vat_tax": 2_500,
        "withholding_pit_tax": 1_250, "order_ams_commission_fee": 0, "buyer_paid_shipping_fee": 15_000,
        "actual_shipping_fee": 30_000, "shopee_shipping_rebate": 15_000, "escrow_amount": 200_975,
    }  # fmt: skip
    told = to_settlement(released(200_975), escrow(**income))
    assert {(one.kind, one.label, one.amount) for one in told.fees} == {
        ("voucher", "voucher_from_seller", 10_000),
        ("commission", "commission_fee", 20_000),
        ("payment", "seller_transaction_fee", 12_275),
        ("other", "seller_order_processing_fee", 3_000),
        ("vat_withheld", "withholding_vat_tax", 2_500),
        ("pit_withheld", "withholding_pit_tax", 1_250),
        ("shipping", "buyer_paid_shipping_fee", -15_000),
        ("shipping", "actual_shipping_fee", 30_000),
        ("shipping", "shopee_shipping_rebate", -15_000),
    }
    assert (told.amount, told.order, told.settled_at) == (
        200_975, "261121ABCDEFGH", datetime.fromtimestamp(1764000000, UTC),
    )  # fmt: skip


def test_differences_are_said_aloud() -> None:
    income = escrow(
        original_cost_of_goods_sold=100_000, commission_fee=7_000, escrow_amount=92_000,
        order_adjustment=[{"amount": -500, "adjustment_reason": "bồi hoàn", "currency": "VND", "date": 1}],
    )  # fmt: skip
    told = to_settlement(released(91_400), income)
    assert [(one.label, one.amount) for one in told.fees if one.kind == "adjustment"] == [
        ("formula_difference", 1_000),
        ("bồi hoàn", 500),
        ("payout_difference", 100),
    ]


def test_a_statement_without_goods_is_not_understood() -> None:
    with pytest.raises(Garbled):
        to_settlement(released(1), escrow(escrow_amount=1))


@given(
    st.integers(0, 10**9),
    st.dictionaries(st.sampled_from(FIELDS), st.integers(-(10**6), 10**6)),
    st.integers(-(10**8), 10**8),
    st.integers(-(10**8), 10**8),
    st.lists(st.integers(-(10**5), 10**5), max_size=3),
)
def test_amount_is_goods_less_fees_always(
    goods: int, parts: dict[str, int], stated: int, paid: int, later: list[int]
) -> None:
    income = Income.model_validate(
        {"original_cost_of_goods_sold": goods, **parts, "escrow_amount": stated,
         "order_adjustment": [{"amount": one} for one in later]}
    )  # fmt: skip
    told = to_settlement(released(paid), Escrow(order_sn="261121ABCDEFGH", order_income=income))
    assert told.amount == paid == goods - sum(one.amount for one in told.fees)
    exact = goods + sum(sign * parts.get(name, 0) for name, sign, _ in TERMS)
    assert (FeeLine(kind="adjustment", amount=exact - stated, label="formula_difference") in told.fees) == (
        exact != stated
    )


# ---- listings ------------------------------------------------------------------------------------------------------


def test_a_single_item_reads_back() -> None:
    one = Item.model_validate(
        {
            "item_id": 900001, "item_sku": "OCOP-HG-001", "item_name": "Mật ong", "item_status": "NORMAL",
            "category_id": 100629, "description": "d", "weight": "0.7", "has_model": False,
            "price_info": [{"currency": "VND", "original_price": 250000.0, "current_price": 240000}],
            "stock_info_v2": {"summary_info": {"total_reserved_stock": 1, "total_available_stock": 39},
                              "seller_stock": [{"location_id": "A", "stock": 30}, {"location_id": "B", "stock": 10}]},
            "image": {"image_id_list": ["vn-1"]}, "update_time": 1763700000,
            "attribute_list": [{"attribute_id": 1, "original_attribute_name": "Xuất xứ",
                                "attribute_value_list": [{"value_id": 5, "original_value_name": "Việt Nam"}]}],
        }
    )  # fmt: skip
    told = to_listing(one, [])
    (variant,) = told.variants
    assert (variant.remote_id, variant.sku, variant.price, variant.stock) == ("0", "OCOP-HG-001", 250000, 40)
    assert (told.state, told.category, told.picture_ids) == (ListingState.LIVE, "100629", ("vn-1",))
    assert told.attributes == (("Xuất xứ", "Việt Nam"),)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("NORMAL", ListingState.LIVE),
        ("UNLIST", ListingState.HIDDEN),
        ("BANNED", ListingState.BANNED),
        ("REVIEWING", ListingState.REVIEWING),
        ("SELLER_DELETE", ListingState.GONE),
        ("SHOPEE_DELETE", ListingState.GONE),
    ],
)
def test_an_item_with_models_reads_back(status: str, state: ListingState) -> None:
    one = Item(item_id="5", item_sku="P", item_name="n", item_status=status, has_model=True)
    models = [
        Model.model_validate({"model_id": 71, "model_sku": "P-1", "price_info": [{"original_price": 10_000}],
                              "stock_info_v2": {"summary_info": {"total_available_stock": 3}}}),
        Model.model_validate({"model_id": 72, "model_sku": "P-2", "price_info": []}),
    ]  # fmt: skip
    told = to_listing(one, models, reason="License Reason")
    assert (told.state, told.reason) == (state, "License Reason")
    assert [(v.remote_id, v.sku, v.price, v.stock) for v in told.variants] == [
        ("71", "P-1", 10_000, 3),
        ("72", "P-2", None, None),
    ]


def test_an_unknown_item_status_is_not_guessed() -> None:
    with pytest.raises(Garbled):
        to_listing(Item(item_id="5", item_name="n", item_status="FROZEN"), [])


# ---- drafts --------------------------------------------------------------------------------------------------------

LIMITS: dict[str, object] = {
    "response": {
        "price_limit": {"min_limit": 1000, "max_limit": 120_000_000}, "stock_limit": {"min_limit": 0, "max_limit": 999},
        "item_name_length_limit": {"min_limit": 10, "max_limit": 120},
        "item_image_count_limit": {"min_limit": 1, "max_limit": 9},
        "item_description_length_limit": {"min_limit": 20, "max_limit": 3000},
        "tier_variation_option_length_limit": {"min_limit": 1, "max_limit": 20},
    },
    "gtin_limit": {"gtin_validation_rule": "Optional"},
}  # fmt: skip
CHANNELS = TypeAdapter(list[LogisticsChannel]).validate_python(
    [
        {"logistics_channel_id": 50021, "enabled": True, "mask_channel_id": 0, "fee_type": "SIZE_INPUT",
         "weight_limit": {"item_max_weight": 30, "item_min_weight": 0}},
        {"logistics_channel_id": 50018, "enabled": True, "mask_channel_id": 50021},
        {"logistics_channel_id": 50011, "enabled": False},
        {"logistics_channel_id": 50022, "enabled": True, "fee_type": "SIZE_SELECTION"},
        {"logistics_channel_id": 50099, "enabled": True, "fee_type": "CUSTOM_PRICE"},
    ]
)  # fmt: skip


def ask(id: int, name: str, kind: int, *values: str, **info: object) -> dict[str, object]:
    mandatory = info.pop("mandatory", False)
    child = info.pop("child", [])
    return {
        "attribute_id": id, "mandatory": mandatory, "name": name,
        "multi_lang": [{"language": "en", "value": f"en{id}"}],
        "attribute_value_list": [
            {"value_id": id * 10 + n, "name": value, "child_attribute_list": child} for n, value in enumerate(values)
        ],
        "attribute_info": {"input_type": kind, "input_validation_type": 2, "format_type": 1, **info},
    }  # fmt: skip


def tree(*asks: dict[str, object]) -> list[Attribute]:
    return TypeAdapter(list[Attribute]).validate_python(list(asks))


def terms(gtin: str = "Optional", values: Mapping[str, str] | None = None, *asks: dict[str, object]) -> Terms:
    answer = ItemLimitAnswer.model_validate({**LIMITS, "gtin_limit": {"gtin_validation_rule": gtin}})
    return terms_of(100629, answer, tree(*asks), CHANNELS, values or {})


def draft(*variants: DraftVariant, **changes: object) -> Draft:
    base: dict[str, object] = {
        "sku": Sku("OCOP-HG-001"), "title": "Mật ong bạc hà Mèo Vạc 500 g", "description": "Mật ong nguyên chất " * 3,
        "category": "100629", "pictures": (Picture(digest="d", url="u"),),
        "variants": variants or (variant("OCOP-HG-001", 250_000),),
    }  # fmt: skip
    return Draft(**{**base, **changes})  # type: ignore[arg-type]  # a test names the fields it changes


def variant(sku: str, price: int, **changes: object) -> DraftVariant:
    base: dict[str, object] = {"sku": Sku(sku), "price": price, "stock": 40, "label": sku[-4:], "weight_g": 700}
    return DraftVariant(**{**base, **changes})  # type: ignore[arg-type]


def test_a_single_item_goes_out_complete() -> None:
    body = to_item(draft(), terms(values={"package_cm": "10 x 12 x 8", "location_id": "VN10"}), ["vn-1"])
    assert body == {
        "item_name": "Mật ong bạc hà Mèo Vạc 500 g", "description": "Mật ong nguyên chất " * 3, "category_id": 100629,
        "original_price": 250_000, "weight": 0.7, "image": {"image_id_list": ["vn-1"]},
        "dimension": {"package_length": 10, "package_width": 12, "package_height": 8},
        "brand": {"brand_id": 0, "original_brand_name": "NoBrand"}, "attribute_list": [],
        "logistic_info": [{"logistic_id": 50021, "enabled": True}], "item_sku": "OCOP-HG-001",
        "seller_stock": [{"stock": 40, "location_id": "VN10"}], "item_status": "NORMAL", "condition": "NEW",
    }  # fmt: skip
    assert to_item(draft(visible=False), terms(), ["vn-1"])["item_status"] == "UNLIST"
    assert to_item(draft(), terms(), ["vn-1"])["seller_stock"] == [{"stock": 40}]


def test_several_variants_go_out_hidden_then_as_models() -> None:
    two = draft(
        variant("P-1", 100_000, label="Hũ 250 g"), variant("P-2", 180_000, label="Hũ 500 g", gtin="8930000000019")
    )
    body = to_item(two, terms(), ["vn-1"])
    assert (body["item_status"], body["item_sku"]) == ("UNLIST", "OCOP-HG-001~")
    tiers = to_tiers(5, two.variants, terms("Flexible"))
    assert tiers["standardise_tier_variation"] == [
        {
            "variation_id": 0, "variation_name": "Phân loại",
            "variation_option_list": [{"variation_option_id": 0, "variation_option_name": "Hũ 250 g"},
                                      {"variation_option_id": 0, "variation_option_name": "Hũ 500 g"}],
        }
    ]  # fmt: skip
    assert tiers["model"] == [
        {"tier_index": [0], "original_price": 100_000, "model_sku": "P-1", "seller_stock": [{"stock": 40}],
         "weight": 0.7, "gtin_code": "00"},
        {"tier_index": [1], "original_price": 180_000, "model_sku": "P-2", "seller_stock": [{"stock": 40}],
         "weight": 0.7, "gtin_code": "8930000000019"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (draft(title="ngắn"), "title_too_short"),
        (draft(title="d" * 121), "title_too_long"),
        (draft(description="ít"), "description_too_short"),
        (draft(description="d" * 3001), "description_too_long"),
        (draft(pictures=()), "pictures_too_few"),
        (draft(pictures=(Picture(digest="d", url="u"),) * 10), "pictures_too_many"),
        (draft(variant("A", 999)), "price_out_of_range"),
        (draft(variant("A", 120_000_001)), "price_out_of_range"),
        (draft(variant("A", 5_000, stock=1000)), "stock_out_of_range"),
        (draft(variant("A", 5_000, weight_g=0)), "weight_missing"),
        (draft(variant("A", 10_000), variant("B", 50_001)), "price_ratio_too_wide"),
        (draft(variant("A", 10_000, label="d" * 21), variant("B", 10_000)), "variant_label_too_long"),
        (draft(variant("A", 10_000, label="Hộp"), variant("B", 10_000, label="hop")), "variant_label_repeated"),
        (draft(*(variant(f"A-{n}", 10_000) for n in range(51))), "variants_too_many"),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_sent(wrong: Draft, code: str) -> None:
    with pytest.raises(Refused) as caught:
        check(wrong, terms())
    assert caught.value.code == code


def test_a_code_is_asked_for_where_the_category_insists() -> None:
    check(draft(), terms("Flexible"))
    with pytest.raises(Refused, match="gtin_missing"):
        check(draft(), terms("Mandatory"))
    check(draft(variant("A", 5_000, gtin="8930000000019")), terms("Mandatory"))
    assert to_item(draft(), terms("Flexible"), ["i"])["gtin_code"] == "00"


TREE = [
    Category(id="1", parent="", name="Bách hóa", leaf=False),
    Category(id="2", parent="1", name="Mật ong", leaf=True),
    Category(id="3", parent="1", name="Trà", leaf=False),
    Category(id="4", parent="3", name="Khác", leaf=True),
    Category(id="5", parent="1", name="Khác", leaf=True),
    Category(id="6", parent="", name="Mật ong", leaf=True),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("2", 2), ("Bách hoá > Mật ong", 2), ("bach hoa › mat ong", 2), ("Bách hóa > Trà > Khác", 4), ("Mật ong", 6)],
)
def test_a_leaf_is_found_by_id_or_names(wanted: str, found: int) -> None:
    assert find_leaf(wanted, TREE) == found


@pytest.mark.parametrize("wanted", ["3", "Bách hóa", "Khác", "Bách hóa > Không có", "", "999"])
def test_a_leaf_is_never_guessed(wanted: str) -> None:
    with pytest.raises(Refused, match="category_unknown"):
        find_leaf(wanted, TREE)


def test_attributes_by_folded_names_units_and_own_values() -> None:
    asked = tree(
        ask(1, "Xuất xứ", 1, "Việt Nam", "Nhập khẩu", mandatory=True),
        ask(2, "Hạn sử dụng", 2, "6 tháng", "12 tháng", mandatory=True),
        ask(3, "Trọng lượng", 2, "500", format_type=2, attribute_unit_list=["g", "kg"]),
        ask(4, "Chứng nhận", 4, "VietGAP", "HACCP", max_value_count=2,
            child=[ask(9, "Mã số", 3, mandatory=True)]),
        ask(5, "Ngày hết hạn", 3, input_validation_type=4, date_format_type=0),
        ask(6, "Số lượng", 3, input_validation_type=1),
        ask(7, "Hương vị", 5, "Cay", max_value_count=2),
        ask(8, "Thể tích", 2, format_type=2, attribute_unit_list=["ml"]),
    )  # fmt: skip
    given_ = (
        ("xuat xu", "việt nam"), ("Hạn sử dụng (tháng)", "12"), ("Trọng lượng", "500 g"),
        ("Chứng nhận", "vietgap, Không rõ"), ("Mã số", "VG-1"), ("Ngày hết hạn", "31/12/2026"),
        ("Số lượng", "6 gói"), ("en7", "Cay, Gừng"), ("Thể tích", "1,5 ml"),
    )  # fmt: skip
    assert fill(asked, given_) == [
        {"attribute_id": 1, "attribute_value_list": [{"value_id": 10}]},
        {"attribute_id": 2, "attribute_value_list": [{"value_id": 21}]},
        {"attribute_id": 3, "attribute_value_list": [{"value_id": 30, "value_unit": "g"}]},
        {"attribute_id": 4, "attribute_value_list": [{"value_id": 40}]},
        {"attribute_id": 9, "attribute_value_list": [{"value_id": 0, "original_value_name": "VG-1"}]},
        {"attribute_id": 5, "attribute_value_list": [{"value_id": 0, "original_value_name": "1798675200"}]},
        {"attribute_id": 6, "attribute_value_list": [{"value_id": 0, "original_value_name": "6"}]},
        {"attribute_id": 7, "attribute_value_list": [{"value_id": 70}, {"value_id": 0, "original_value_name": "Gừng"}]},
        {"attribute_id": 8, "attribute_value_list": [
            {"value_id": 0, "original_value_name": "1.5", "value_unit": "ml"}]},
    ]  # fmt: skip


def test_a_mandatory_attribute_without_a_value_is_named() -> None:
    asked = tree(
        ask(1, "Xuất xứ", 1, "Việt Nam", mandatory=True),
        ask(2, "Nhà sản xuất", 3, mandatory=True),
        ask(3, "Tùy chọn", 1, "A"),
        ask(4, "Chứng nhận", 1, "VietGAP", child=[ask(9, "Mã số", 3, mandatory=True)]),
    )
    with pytest.raises(Refused) as caught:
        fill(asked, (("Xuất xứ", "Sao Hỏa"), ("Tùy chọn", "B"), ("Chứng nhận", "VietGAP")))
    assert caught.value.code == "attribute_missing"
    assert caught.value.facts["attributes"] == ["Xuất xứ", "Nhà sản xuất", "Mã số"]


def test_no_carrier_no_listing() -> None:
    assert ship_by(CHANNELS, 30) == [{"logistic_id": 50021, "enabled": True}]
    with pytest.raises(Refused, match="logistics_missing"):
        ship_by(CHANNELS, 30.1)


def test_parcels() -> None:
    assert parse_package("20x15x10") == (20, 15, 10)
    assert parse_package("20 cm × 15 cm × 10 cm") == (20, 15, 10)
    assert parse_package("20x15") is parse_package("") is None
    assert guess_package(0.05) == (6, 6, 6)
    length, width, height = guess_package(2.0)
    assert length * width * height / 6000 <= 2.0


def test_pictures_by_their_first_bytes() -> None:
    assert image_type(b"\xff\xd8\xff\xe0rest") == "image/jpeg"
    assert image_type(b"\x89PNG\r\n\x1a\nrest") == "image/png"
    with pytest.raises(Refused, match="picture_format_wrong"):
        image_type(b"RIFF....WEBP")
    with pytest.raises(Refused, match="picture_too_large"):
        image_type(b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))


# ---- windows, pack -------------------------------------------------------------------------------------------------


@given(st.integers(0, 4 * 10**9), st.floats(-1e6, 1e7))
def test_windows_are_never_empty_never_too_wide_and_reach_the_end(start: int, width: float) -> None:
    until = datetime.fromtimestamp(max(0.0, start + width), UTC)
    end = window_end(start, until, 15)
    assert start < end <= start + 15 * 86_400
    assert end >= until.timestamp() or end == start + 15 * 86_400


def test_the_category_map_has_all_sets() -> None:
    table = tomllib.loads(Path("config/categories/shopee.toml").read_text(encoding="utf-8"))
    assert set(table["sets"]) == {str(number) for number in range(1, 27)}
    assert all(" > " in path for path in table["sets"].values())


def test_orders_carry_no_person() -> None:
    names = set(RemoteOrder.__dataclass_fields__)
    assert not names & {"buyer", "name", "phone", "address"}
    assert RemoteId("261121ABCDEFGH") == to_order(order(), None, []).remote_id
