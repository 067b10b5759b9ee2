"""Tiki without a network: the Basic vector of RFC 7617, examples of the documentation's shape, refusals, times."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from hub.connectors.api import Credentials, Request
from hub.connectors.model import Draft, DraftVariant, ListingState, OrderState, Picture, Tokens
from hub.connectors.tiki import Tiki
from hub.connectors.tiki_trade import Event, Inventories, Order, stamp, to_order, to_orders, to_slots
from hub.connectors.tiki_words import (
    Asked,
    Attribute,
    Local,
    Pair,
    Product,
    judge,
    sign,
    to_attributes,
    to_listing,
    to_reason,
    to_request,
    to_tokens,
    to_waiting,
)
from hub.errors import Garbled, Refused, Unauthorised, Unreachable, Vanished
from hub.types import RemoteId, Sku

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
TOKENS = Tokens(access="xx.yy", refresh="zz", access_until=NOW)

ORDER: dict[str, Any] = {
    "id": 126222876, "code": "583518503", "fulfillment_type": "dropship", "status": "queueing", "type": "simple",
    "is_rma": False, "created_at": "2026-01-05 13:06:24", "updated_at": "2026-01-05 13:12:15",
    "main_state": "awaiting_confirmation",
    "items": [
        {
            "id": 213040707,
            "product": {"id": 102566546, "sku": "9243568016837", "name": "Miến dong",
                        "seller_product_code": "OCOP-22-0001-500", "inventory_type": "backorder"},
            "seller": {"id": 1, "name": "HTX"},
            "confirmation": {"status": "waiting", "confirmed_at": None, "available_confirm_sla": "2026-01-06 08:13:00"},
            "price": 85000, "qty": 2,
            "invoice": {"price": 85000, "quantity": 2, "subtotal": 170000, "row_total": 160000,
                        "discount_amount": 10000, "discount_coupon": 6000, "is_seller_discount_coupon": True,
                        "seller_fee": -8000, "seller_income": 162000, "fees": []},
        }
    ],
    "invoice": {"items_count": 1, "items_quantity": 2, "subtotal": 170000.00, "grand_total": 174000,
                "collectible_amount": 174000, "discount_amount": 10000, "shipping_amount_after_discount": 14000.00,
                "total_seller_fee": -8000, "total_seller_income": 162000},
    "payment": {"method": "cod", "is_prepaid": False, "status": "success"},
    "shipping": {"partner_name": None, "tracking_code": None, "status": None,
                 "address": {"ward_tiki_code": "VN063003006", "region": "Tây Ninh", "country_id": "VN"}},
    "tiki_warehouse": {"id": 17, "name": "Ha Noi 4", "code": "hn4"}, "siblings": [], "parent_code": "583518502",
}  # fmt: skip


def order(**changes: object) -> Order:
    return Order.model_validate({**ORDER, **changes})


def steps(*statuses: str) -> list[dict[str, str]]:
    return [{"status": one, "created_at": f"2026-01-0{place} 08:00:00"} for place, one in enumerate(statuses, 5)]


# ---- how it speaks -------------------------------------------------------------------------------------------------


def test_the_token_endpoint_gets_basic_and_a_form() -> None:
    """The vector printed in RFC 7617, section 2."""
    app = Credentials(secrets={"client_id": "Aladdin", "client_secret": "open sesame"})
    asked = Request(
        method="POST", base_url="https://api.tiki.vn", path="/sc/oauth2/token", scope="token",
        params=(("grant_type", "client_credentials"),),
    )  # fmt: skip
    signed = sign(asked, app, NOW, "")
    assert signed.headers == (("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),)
    assert (signed.params, signed.form) == ((), (("grant_type", "client_credentials"),))
    assert signed.url == "https://api.tiki.vn/sc/oauth2/token"


def test_every_other_call_carries_the_token() -> None:
    credentials = Credentials(secrets={}, tokens=TOKENS)
    call = Request(method="GET", base_url="https://api.tiki.vn", path="/integration/v2/sellers/me")
    assert sign(call, credentials, NOW, "").headers == (("Authorization", "Bearer xx.yy"),)
    assert sign(Request(method="GET", base_url="", path="/", scope="app"), credentials, NOW, "").headers == ()


def test_the_documented_token_answer() -> None:
    pair = Pair.model_validate(
        {"access_token": "xx.yy", "expires_in": 86399, "scope": "offline", "token_type": "bearer", "refresh_token": "z"}
    )
    assert to_tokens(pair, NOW) == Tokens(access="xx.yy", refresh="z", access_until=NOW + timedelta(seconds=86_399))
    assert to_tokens(Pair(access_token="a", expires_in=1), NOW).refresh == ""


WAREHOUSE = {
    "errors": ["update error [Warehouse '[999]' are not found]"],
    "meta": {"source": "meepo", "id": "3408590964569639190"},
}


@pytest.mark.parametrize(
    ("status", "said", "kind", "code"),
    [
        (200, WAREHOUSE, Refused, "warehouse_wrong"),
        (422, WAREHOUSE, Refused, "warehouse_wrong"),
        (400, {"errors": ["Price is not valid because less than ten percent listing price"]}, Refused, "price_refused"),
        (400, {"errors": ["Seller product code is not unique"]}, Refused, "sku_taken"),
        (403, {"errors": ["you do not have permission to update this product"]}, Refused, "listing_locked"),
        (403, {"errors": ["no such right"]}, Unauthorised, "app_not_allowed"),
        (403, {"msg": "Permission denied"}, Unauthorised, "shop_needs_owner"),
        (200, {"msg": "paused", "integration_status": "x"}, Unauthorised, "shop_needs_owner"),
        (401, {"errors": ["Unauthorized"]}, Unauthorised, "shop_needs_owner"),
        (404, {"errors": ["not found"]}, Vanished, "remote_vanished"),
        (400, {"errors": ["Can't read http message, please check your request"]}, Refused, "remote_refused"),
        (401, {"error": "invalid_client", "error_description": "no"}, Unauthorised, "app_key_wrong"),
        (400, {"error": "invalid_grant", "error_hint": "no", "status_code": 400}, Unauthorised, "shop_needs_owner"),
        (200, {"errors": ["System error, please try again later"]}, Unreachable, "remote_unreachable"),
        (400, {"errors": [{"code": 1, "description": "odd"}]}, Refused, "remote_refused"),
    ],
)
def test_what_a_refusal_means(status: int, said: object, kind: type[Exception], code: str) -> None:
    found = judge(status, {}, json.dumps(said).encode())
    assert isinstance(found, kind)
    assert found.code == code


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"state":"approved"}'),
        (200, b'{"data":[],"paging":{"last_page":0}}'),
        (200, b'{"track_id":"a","reason":"{\\"errors\\":[]}"}'),
        (200, b'{"errors":[]}'),
        (429, b'{"errors":["API rate limit exceeded"]}'),
        (500, b'{"errors":["down"]}'),
        (502, b"<html></html>"),
        (200, b'["errors"]'),
    ],
)
def test_what_is_no_refusal_of_tikis(status: int, body: bytes) -> None:
    assert judge(status, {}, body) is None


def test_only_a_dead_token_is_worth_a_refresh() -> None:
    dead, paused = judge(401, {}, b'{"errors":["Unauthorized"]}'), judge(200, {}, b'{"msg":"paused"}')
    assert isinstance(dead, Unauthorised)
    assert isinstance(paused, Unauthorised)
    assert (dead.refreshable, paused.refreshable) == (True, False)


def test_the_manifest_says_what_was_proven() -> None:
    assert Tiki.manifest.proof.rung == "sandbox"
    assert Tiki.manifest.access is not None
    assert Tiki.manifest.access.app_keys == ("client_id", "client_secret")
    assert Tiki.manifest.hook_keys == ()


def test_the_sign_in_link_is_the_documented_one() -> None:
    url = Tiki.sign_in_url(
        base_url="https://api.tiki.vn", app={"client_id": "42"}, redirect="https://hub.vn/b", state="12345678", now=NOW
    )
    assert url == (
        "https://api.tiki.vn/sc/oauth2/auth?response_type=code&client_id=42&redirect_uri=https%3A%2F%2Fhub.vn%2Fb"
        "&scope=offline%20product%20order%20inventory&state=12345678"
    )


# ---- products ------------------------------------------------------------------------------------------------------


def product(number: int, option: str = "", **changes: object) -> Product:
    said: dict[str, object] = {
        "product_id": number, "sku": "8565526589443", "name": "Mật ong bạc hà" + (f" - {option}" if option else ""),
        "master_id": number - 1, "super_id": 2171325, "active": 1, "original_sku": f"OCOP-{number}", "price": 90,
        "updated_at": "2020-06-26 01:46:22", "option_attributes": ["Quy cách"] if option else [],
        "attributes": {
            "seller": {"id": 1, "name": "HTX"}, "name": "x", "visibility": 4, "origin": {"id": 1, "value": "Việt Nam"},
            "description": "<html>\n <head></head>\n <body>\n  <p>Ngọt thanh.</p><p>Đóng chai.</p>\n </body>\n</html>",
            "option1": option or None,
        },
        "inventory": {"warehouse_stocks": [
            {"warehouse_id": 1034, "quantity_available": 9, "quantity_reserved": 2, "quantity_sellable": 7},
            {"warehouse_id": 17, "quantity_available": 50, "quantity_reserved": 0, "quantity_sellable": 50},
        ]},
        "categories": [{"id": 1, "is_primary": False}, {"id": 4322, "is_primary": True}],
        "images": [{"id": 1, "url": "https://cdn.vn/a.jpg"}],
    }  # fmt: skip
    return Product.model_validate(said | changes)


def test_a_detail_spells_its_id_otherwise() -> None:
    assert Product.model_validate({"id": 7, "original_sku": "A"}).product_id == "7"
    assert Product.model_validate({"product_id": 7, "inventory": None, "images": None}).stocks == []


def test_products_of_one_super_product_are_one_listing() -> None:
    listing = to_listing([product(12, "1 lít"), product(11, "500 ml", active=0)], "1034")
    assert (listing.remote_id, listing.sku, listing.title) == ("11", "OCOP-11", "Mật ong bạc hà")
    assert listing.state is ListingState.LIVE
    assert listing.description == "Ngọt thanh.\n\nĐóng chai."
    assert [(one.remote_id, one.price, one.stock) for one in listing.variants] == [("11", 90, 7), ("12", 90, 7)]
    assert (listing.category, listing.picture_ids) == ("4322", ("https://cdn.vn/a.jpg",))
    assert dict(listing.attributes)["origin"] == "Việt Nam"
    assert listing.updated_at == datetime(2020, 6, 25, 18, 46, 22, tzinfo=UTC)


def test_a_switched_off_or_hidden_product_is_hidden() -> None:
    assert to_listing([product(11, active=0)], "1034").state is ListingState.HIDDEN
    assert to_listing([product(11, is_hidden=True)], "1034").state is ListingState.HIDDEN
    assert to_listing([product(11, inventory={})], "1034").variants[0].stock is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("queuing", ListingState.REVIEWING),
        ("bot_awaiting_approve", ListingState.REVIEWING),
        ("md_waiting_approve", ListingState.REVIEWING),
        ("something new", ListingState.REVIEWING),
        ("rejected", ListingState.BANNED),
        ("deleted", ListingState.HIDDEN),
    ],
)
def test_a_request_is_a_listing_under_way(state: str, expected: ListingState) -> None:
    asked = Asked.model_validate(
        {"id": 5, "state": state, "name": "Miến", "description": "<p>a</p>", "variants": [{"sku": "A", "price": 9}]}
    )
    listing = to_waiting(asked, RemoteId("request:5"))
    assert (listing.state, listing.sku, listing.remote_id, listing.description) == (expected, "A", "request:5", "a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("product media is empty", "product media is empty"),
        ('{"errors":[{"code":420,"msg":"Trùng mã","msg_eng":"not unique"},{"msg_eng":"too"}]}', "Trùng mã; too"),
        ('{"other":1}', '{"other":1}'),
        ("[1]", "[1]"),
        ("", ""),
    ],
)
def test_a_reason_is_plain_or_json_in_a_string(text: str, expected: str) -> None:
    assert to_reason(text) == expected


def draft(*labels: str, **changes: Any) -> Draft:
    variants = tuple(
        DraftVariant(sku=Sku(f"OCOP-22-{n}"), price=85_000, stock=120, label=label, gtin="8931234567890", weight_g=600)
        for n, label in enumerate(labels or ("",))
    )
    whole: dict[str, Any] = {
        "sku": variants[0].sku, "title": "Miến dong Bình Liêu", "description": "100% dong riềng.\n\nĐóng gói 500 g.",
        "category": "4322", "variants": variants, "attributes": (("Xuất xứ", "Việt Nam"),),
        "pictures": (Picture(digest="a", url="https://cdn.example/m1.jpg"), Picture(digest="b", url="https://cdn.example/m2.jpg")),
    }  # fmt: skip
    return Draft(**whole | changes)


ASKED = [
    Attribute(code="brand", display_name="Thương hiệu", is_required=True),
    Attribute(code="origin", display_name="Xuất xứ", is_required=True),
    Attribute(code="storage", display_name="Bảo quản", default_value="Nơi khô ráo"),
]


def test_the_body_of_a_request_is_the_documented_one() -> None:
    body = to_request(draft(), 4322, to_attributes(draft(), ASKED, "25x15x8"), "1034")
    assert body == {
        "category_id": 4322, "name": "Miến dong Bình Liêu",
        "description": "<p>100% dong riềng.</p>\n<p>Đóng gói 500 g.</p>", "market_price": 85000,
        "attributes": {
            "brand": "OEM", "origin": "Việt Nam", "storage": "Nơi khô ráo", "product_top_features": "100% dong riềng.",
            "product_weight_kg": "0.6", "product_length": "25", "product_width": "15", "product_height": "8",
        },
        "image": "https://cdn.example/m1.jpg", "images": ["https://cdn.example/m2.jpg"], "option_attributes": [],
        "variants": [{
            "sku": "OCOP-22-0", "min_code": 8931234567890, "price": 85000, "market_price": 85000,
            "inventory_type": "dropship", "seller_warehouse": "1034",
            "warehouse_stocks": [{"warehouseId": 1034, "qtyAvailable": 120}],
        }],
        "meta_data": {"is_auto_turn_on": True},
    }  # fmt: skip


def test_pack_sizes_become_one_option() -> None:
    body = to_request(draft("500 g", "1 kg", pictures=()), 4322, {}, "1034")
    assert body["option_attributes"] == ["Quy cách"]
    assert [one["option1"] for one in body["variants"]] == ["500 g", "1 kg"]
    assert "image" not in body


@pytest.mark.parametrize(
    ("wrong", "package", "code"),
    [
        (draft(attributes=()), "25x15x8", "attribute_missing"),
        (draft(), "25x15", "package_size_missing"),
        (draft(), "", "package_size_missing"),
        (draft(variants=(DraftVariant(sku=Sku("A"), price=1, stock=1),)), "25x15x8", "weight_missing"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_sent(wrong: Draft, package: str, code: str) -> None:
    with pytest.raises(Refused) as told:
        to_attributes(wrong, ASKED, package)
    assert told.value.code == code


# ---- orders --------------------------------------------------------------------------------------------------------


def test_the_documented_order() -> None:
    told = to_order(order())
    assert (told.remote_id, told.state, told.cod, told.paid_at) == ("583518503", OrderState.PLACED, True, None)
    assert told.placed_at == datetime(2026, 1, 5, 6, 6, 24, tzinfo=UTC)
    assert told.updated_at == datetime(2026, 1, 5, 6, 12, 15, tzinfo=UTC)
    assert (told.seller_voucher, told.platform_voucher, told.shipping_paid) == (6_000, 4_000, 14_000)
    assert told.province == "Tây Ninh"
    (line,) = told.lines
    assert (line.sku, line.variant, line.quantity, line.unit_price, line.charged, line.cancelled) == (
        "OCOP-22-0001-500", "102566546", 2, 85_000, 170_000, 0,
    )  # fmt: skip


PREPAID = {"method": "momo", "is_prepaid": True, "status": "success"}


@pytest.mark.parametrize(
    ("status", "history", "expected"),
    [
        ("waiting_payment", (), OrderState.PLACED),
        ("queueing", (), OrderState.PAID),
        ("finished_packing", (), OrderState.PAID),
        ("shipping", (), OrderState.SHIPPED),
        ("successful_delivery", (), OrderState.DELIVERED),
        ("delivered", (), OrderState.DELIVERED),
        ("complete", (), OrderState.COMPLETED),
        ("canceled", (), OrderState.CANCELLED),
        ("closed", (), OrderState.CANCELLED),
        ("closed", ("successful_delivery",), OrderState.DELIVERED),
        ("returned", ("shipping",), OrderState.FAILED_DELIVERY),
        ("returned", ("shipping", "successful_delivery"), OrderState.DELIVERED),
        ("returned", ("successful_delivery", "complete"), OrderState.COMPLETED),
    ],
)
def test_states(status: str, history: tuple[str, ...], expected: OrderState) -> None:
    told = to_order(order(status=status, payment=PREPAID, status_histories=steps("queueing", *history)))
    assert told.state is expected
    assert bool(told.refunds) is (status == "returned" and expected is not OrderState.FAILED_DELIVERY)


def test_a_return_gives_all_of_it_back_less_our_own_coupon() -> None:
    told = to_order(order(status="returned", status_histories=steps("queueing", "successful_delivery", "returned")))
    (back,) = told.refunds
    assert (back.amount, back.units) == (164_000, (("213040707", 2),))
    assert back.at == datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
    assert told.paid_at == told.delivered_at == datetime(2026, 1, 6, 1, 0, tzinfo=UTC)


def test_a_replacement_moves_goods_and_no_money() -> None:
    told = to_order(order(is_rma=True))
    assert [(one.quantity, one.unit_price, one.charged) for one in told.lines] == [(2, 0, 0)]
    assert (told.seller_voucher, told.platform_voucher) == (0, 0)


def test_an_item_the_seller_refused_is_cancelled() -> None:
    items = [{**ORDER["items"][0], "confirmation": {"status": "seller_canceled"}}]
    assert to_order(order(items=items, status="shipping")).lines[0].cancelled == 2
    assert to_order(order(items=items, status="canceled")).lines[0].cancelled == 0


def test_a_status_nobody_knows_is_set_aside_and_the_others_go_on() -> None:
    good, broken = to_orders([order(status="teleported"), order(code="2")])
    assert ([one.remote_id for one in good], [one.remote_id for one in broken]) == (["2"], ["583518503"])
    with pytest.raises(Garbled):
        to_order(order(status="teleported"))
    with pytest.raises(ValidationError):
        Order.model_validate({key: value for key, value in ORDER.items() if key != "items"})


@pytest.mark.parametrize("key", ["order_code", "orderCode"])
def test_events_spell_the_code_twice(key: str) -> None:
    said = {"id": "e1", "sid": "145228", "type": "ORDER_STATUS_UPDATED", "payload": {key: "583518503"}}
    assert Event.model_validate(said).code == "583518503"
    assert Event.model_validate({"payload": {"product_id": 1}}).code == ""


def test_pickup_slots_come_from_the_places_that_serve_tikis_warehouse() -> None:
    told = Inventories.model_validate(
        {
            "seller_inventories": [{"id": 1, "name": "Kho 1"}, {"id": 2, "name": "Kho 2"}],
            "mappings": [{"tiki_warehouse_code": "hn4", "seller_inventory_ids": [2]}],
        }
    )
    assert [one.id for one in to_slots(told, "hn4", ["2026-01-06 08:00:00"])] == ["2|2026-01-06 08:00:00"]
    assert [(one.id, one.start) for one in to_slots(told, "sgn", [""])] == [("1|", None), ("2|", None)]


class Moment(BaseModel):
    at: Local = None


@given(st.integers(min_value=946_684_800, max_value=4_102_444_800))
def test_vietnams_wall_clock_goes_there_and_back(seconds: int) -> None:
    whole = datetime.fromtimestamp(seconds, UTC)
    assert Moment.model_validate({"at": stamp(whole)}).at == whole
    assert Moment.model_validate({"at": None}).at is None
