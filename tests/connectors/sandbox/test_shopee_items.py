"""Items, variants, price, stock and reading back: sheet sections 6 to 8."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from hub.sandbox.shopee import ShopeeShop
from tests.connectors.sandbox.shopee_world import (
    CONFIG,
    PARTNER,
    PNG,
    SHOPS,
    TEXT,
    Seller,
    good_attributes,
    opened,
    tiers,
)


@pytest.fixture
async def seller() -> AsyncIterator[Seller]:
    async with opened() as one:
        yield one


# -- what the catalogue tells


async def test_categories_are_a_tree_whose_leaves_can_be_used(seller: Seller) -> None:
    told = (await seller.get("product/get_category", language="vi")).response["category_list"]
    by_id = {c["category_id"]: c for c in told}
    honey = by_id[100629]
    assert honey["display_category_name"] == "Mật ong"
    assert honey["has_children"] is False
    assert by_id[honey["parent_category_id"]]["has_children"] is True
    assert all(c["parent_category_id"] == 0 or c["parent_category_id"] in by_id for c in told)


async def test_languages_are_spelt_differently(seller: Seller) -> None:
    assert (await seller.get("product/get_category", language="vn")).error == "error_param"
    assert (
        await seller.get("product/get_attribute_tree", category_id_list=100629, language="vi")
    ).error == "error_param"
    assert (await seller.get("product/get_attribute_tree", category_id_list=100629, language="vn")).error == ""


async def test_an_attribute_tree_has_every_input_type(seller: Seller) -> None:
    answer = await seller.get("product/get_attribute_tree", category_id_list="[100629,100701]", language="vn")
    food = answer.response["list"][0]["attribute_tree"]
    assert {a["attribute_info"]["input_type"] for a in food} == {1, 2, 3, 4, 5}
    assert {a["attribute_info"]["input_validation_type"] for a in food} == {1, 2, 3, 4}
    assert [a["name"] for a in food if a["mandatory"]] == [
        "Xuất xứ", "Hạn sử dụng", "Tên tổ chức chịu trách nhiệm sản xuất",
    ]  # fmt: skip
    assert any(a["attribute_info"]["attribute_unit_list"] == ["g", "kg"] for a in food)
    quality = next(a for a in food if a["name"] == "Chứng nhận")
    assert quality["attribute_value_list"][0]["child_attribute_list"][0]["attribute_id"] == 100064


async def test_brands_come_page_by_page(seller: Seller) -> None:
    page = (await seller.get("product/get_brand_list", category_id=100629, offset=0, page_size=2, status=1)).response
    assert (len(page["brand_list"]), page["has_next_page"], page["next_offset"]) == (2, True, 2)
    assert page["is_mandatory"] is True


async def test_limits_have_gtin_beside_the_response(seller: Seller) -> None:
    answer = await seller.get("product/get_item_limit", category_id=100629)
    assert answer.json["gtin_limit"] == {"gtin_validation_rule": "Optional"}
    assert answer.response["item_name_length_limit"] == {"min_limit": 10, "max_limit": 120}
    assert "gtin_limit" not in answer.response


async def test_some_carriers_cannot_be_used(seller: Seller) -> None:
    told = (await seller.get("logistics/get_channel_list")).response["logistics_channel_list"]
    usable = [c["logistics_channel_id"] for c in told if c["enabled"] and not c["mask_channel_id"]]
    assert 50021 in usable
    assert len(usable) < len(told)


async def test_a_single_warehouse_shop_has_no_warehouse_detail(seller: Seller) -> None:
    assert (await seller.get("shop/get_warehouse_detail", warehouse_type=1)).error == (
        "warehouse.error_not_in_whitelist"
    )


async def test_a_category_can_be_recommended(seller: Seller) -> None:
    answer = await seller.get("product/category_recommend", item_name="Mật ong bạc hà")
    assert answer.response["category_id"][0] == 100629


# -- images


@pytest.mark.parametrize("public", [True, False])
async def test_an_image_is_taken_in_either_form(seller: Seller, public: bool) -> None:
    answer = await seller.upload(PNG, public=public)
    assert answer.response["image_info"]["image_id"].startswith("vn-11134207-")
    assert answer.response["image_info_list"][0]["image_info"] == answer.response["image_info"]


async def test_the_same_image_twice_has_two_ids(seller: Seller) -> None:
    assert await seller.image() != await seller.image()


async def test_what_is_no_image_is_refused(seller: Seller) -> None:
    assert (await seller.upload(b"GIF89a")).error == "error_param"
    mixed = await seller.upload(b"GIF89a", PNG)
    assert mixed.error == ""
    assert mixed.json["warning"]
    assert mixed.response["image_info_list"][0]["error"] == "error_param"
    assert (await seller.upload(*[PNG] * 10)).error == "error_param"
    assert (await seller.upload(PNG + bytes(10 * 1024 * 1024))).error == "error_param"
    assert (await seller.upload(PNG, scene="wide")).error == "error_param"


async def test_an_image_must_be_multipart(seller: Seller) -> None:
    assert (await seller.post("media_space/upload_image", {"url": "https://cf.example/1"})).error == "error_param"


# -- add_item


async def test_a_complete_item_is_taken(seller: Seller) -> None:
    answer = await seller.post("product/add_item", await seller.draft(item_status="UNLIST"))
    assert answer.response["item_status"] == "UNLIST"
    assert answer.response["price_info"] == {"current_price": 250_000, "original_price": 250_000}
    assert answer.response["images"]["image_id_list"]
    assert answer.response["seller_stock"] == [{"stock": 40}]


def attributes(number: int, *values: dict[str, object]) -> list[dict[str, object]]:
    """The good ones with one more, or another in place of the same."""
    kept = [a for a in good_attributes() if a["attribute_id"] != number]
    return [*kept, {"attribute_id": number, "attribute_value_list": list(values)}]


WRONG = [
    ({"category_id": 1}, "error_invalid_category"),
    ({"category_id": 100640}, "error_invalid_category"),  # not a leaf
    ({"category_id": "100629"}, "error_param"),
    ({"item_name": "Mật ong"}, "error_item_name_is_too_short"),
    ({"item_name": "Mật ong " * 20}, "error_title_exceeds_max_length"),
    ({"item_name": "Mật ong <b>bạc hà</b>"}, "error_title_character_forbidden"),
    ({"item_name": None}, "error_param"),
    ({"description": "Ngon"}, "error_desc_length_min_limit"),
    ({"description": "x" * 3001}, "error_param"),
    ({"description": TEXT + " #ocop" * 19}, "error_desc_hash_tag_over_limit"),
    ({"description_type": "extended"}, "error_param"),
    ({"image": None}, "error_image_num_min"),
    ({"image": {"image_id_list": []}}, "error_image_num_min"),
    ({"image": {"image_id_list": ["vn-1-1-x"]}}, "error_image_unavailable"),
    ({"image": {"image_id_list": ["vn-1-1-x"] * 10}}, "error_param"),
    ({"brand": None}, "error_less_required_brand"),
    ({"brand": {"brand_id": 0, "original_brand_name": "Tự đặt"}}, "error_invalid_brand"),
    ({"brand": {"brand_id": 5, "original_brand_name": "Lạ"}}, "error_invalid_brand"),
    ({"attribute_list": None}, "error_less_required_attribute"),
    ({"attribute_list": attributes(100037)}, "error_less_required_attribute"),
    ({"attribute_list": attributes(100037, {"value_id": 2101})}, "error_invalid_attribute_value"),
    ({"attribute_list": attributes(100037, {"value_id": 2001}, {"value_id": 2002})}, "error_invalid_attribute_value"),
    ({"attribute_list": attributes(100037, {"value_id": 0, "original_value_name": "Lào"})},
     "error_invalid_attribute_value"),  # a drop-down takes no own value
    ({"attribute_list": attributes(100999, {"original_value_name": "HTX"})}, "error_invalid_attribute_value"),
    ({"attribute_list": attributes(100999, {"value_id": 0, "original_value_name": 5})},
     "error_invalid_attribute_value"),
    ({"attribute_list": attributes(100095, {"value_id": 0, "original_value_name": "700"})},
     "error_invalid_attribute_value"),  # no unit
    ({"attribute_list": attributes(100095, {"value_id": 0, "original_value_name": "nặng", "value_unit": "g"})},
     "error_invalid_attribute_value"),
    ({"attribute_list": attributes(100061, {"value_id": 0, "original_value_name": "21/11/2027"})},
     "error_invalid_attribute_value"),  # dates are sent as a Unix timestamp text
    ({"attribute_list": attributes(100064, {"value_id": 0, "original_value_name": "VG-1"})},
     "error_invalid_attribute_value"),  # a child without its parent
    ({"attribute_list": attributes(100134, {"value_id": 2601})}, "error_invalid_attribute_value"),  # not of food
    ({"original_price": 999}, "error_price_exceed_min_limitt"),
    ({"original_price": 120_000_001}, "error_price_exceed_max_limitt"),
    ({"original_price": "250000"}, "error_param"),
    ({"original_price": None}, "error_param"),
    ({"seller_stock": None}, "error_param"),
    ({"seller_stock": None, "normal_stock": 5}, "error_param"),  # gone since 2022-10
    ({"seller_stock": [{"stock": 1_000_000}]}, "error_param"),
    ({"seller_stock": [{"stock": -1}]}, "error_param"),
    ({"seller_stock": [{"stock": 1, "location_id": "VN1"}]}, "error_param"),
    ({"weight": None}, "error_param"),
    ({"weight": "0.7"}, "error_param"),
    ({"weight": 0}, "error_param"),
    ({"weight": 31}, "error_invalid_logistic_info"),
    ({"dimension": None}, "error_invalid_logistic_info"),
    ({"dimension": {"package_height": 1.5, "package_length": 1, "package_width": 1}}, "error_param"),
    ({"logistic_info": None}, "error_invalid_logistic_info"),
    ({"logistic_info": [{"logistic_id": 50021, "enabled": False}]}, "error_invalid_logistic_info"),
    ({"logistic_info": [{"logistic_id": 1, "enabled": True}]}, "error_invalid_logistic_info"),
    ({"logistic_info": [{"logistic_id": 50011, "enabled": True}]}, "error_invalid_logistic_info"),  # switched off
    ({"logistic_info": [{"logistic_id": 50018, "enabled": True}]}, "error_invalid_logistic_info"),  # masked
    ({"logistic_info": [{"logistic_id": 50022, "enabled": True}]}, "error_invalid_logistic_info"),  # no size
    ({"logistic_info": [{"logistic_id": 50099, "enabled": True}]}, "error_invalid_logistic_info"),  # no fee
    ({"pre_order": {"is_pre_order": True, "days_to_ship": 3}}, "error_invalid_days_to_ship"),
    ({"pre_order": {"is_pre_order": False, "days_to_ship": 9}}, "error_invalid_days_to_ship"),
    ({"gtin_code": "8930000000001"}, "product.error_busi"),  # check digit
    ({"item_sku": "x" * 100}, "error_param"),
    ({"condition": "OLD"}, "error_param"),
    ({"item_status": "BANNED"}, "error_param"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "error"), WRONG)
async def test_an_incomplete_item_is_refused(seller: Seller, changes: dict[str, Any], error: str) -> None:
    answer = await seller.post("product/add_item", await seller.draft(**changes))
    assert (answer.error, answer.status) == (error, 200)
    assert answer.message
    assert not seller.shop.listings()


RIGHT = [
    {"attribute_list": attributes(100095, {"value_id": 0, "original_value_name": "700", "value_unit": "g"})},
    {"attribute_list": attributes(100061, {"value_id": 0, "original_value_name": "1790000000"})},
    {"attribute_list": [*attributes(100063, {"value_id": 2401}, {"value_id": 2402}),
                        {"attribute_id": 100064,
                         "attribute_value_list": [{"value_id": 0, "original_value_name": "VG-1"}]}]},
    {"brand": {"brand_id": 3000001, "original_brand_name": "Làng Nghề Xanh"}},
    {"brand": {"brand_id": 0, "original_brand_name": "No Brand"}},
    {"gtin_code": "00"},
    {"gtin_code": "8930000000002"},
    {"logistic_info": [{"logistic_id": 50022, "enabled": True, "size_id": 1}], "dimension": None},
    {"pre_order": {"is_pre_order": True, "days_to_ship": 7}},
    {"description": TEXT + " #ocop" * 18},
]  # fmt: skip


@pytest.mark.parametrize("changes", RIGHT)
async def test_what_the_rules_allow_is_taken(seller: Seller, changes: dict[str, Any]) -> None:
    assert (await seller.post("product/add_item", await seller.draft(**changes))).error == ""


async def test_decimals_of_a_price_are_rounded(seller: Seller) -> None:
    answer = await seller.post("product/add_item", await seller.draft(original_price=250_000.5))
    assert answer.response["price_info"]["original_price"] == 250_001


@pytest.mark.parametrize(
    ("change", "changes", "error"),
    [
        ({"blocked_categories": (100629,)}, {}, "error_category_is_block"),
        ({"forbidden_categories": (100629,)}, {}, "error_forbidden_category"),
        ({"gtin": "Mandatory"}, {"gtin_code": "00"}, "product.error_busi"),
        ({"gtin": "Flexible"}, {}, "product.error_busi"),
        ({"items_per_shop": 0}, {}, "error_reach_shop_item_limit"),
        ({"shops": (replace(SHOPS[0], under_penalty=True),)}, {}, "error_seller_under_penalty"),
    ],
)
async def test_set_ups_refuse_more(change: dict[str, object], changes: dict[str, Any], error: str) -> None:
    async with opened(replace(CONFIG, **change)) as seller:  # type: ignore[arg-type]
        assert (await seller.post("product/add_item", await seller.draft(**changes))).error == error


async def test_skus_are_not_unique_and_adding_is_not_idempotent(seller: Seller) -> None:
    first, second = await seller.item("SAME"), await seller.item("SAME")
    assert first != second
    found = (await seller.get("product/search_item", item_sku="SAME", page_size=100)).response
    assert found["item_id_list"] == [first, second]


async def test_a_similar_item_is_refused_by_switch() -> None:
    async with opened(replace(CONFIG, refuse_similar=True)) as seller:
        await seller.item("A")
        again = await seller.post("product/add_item", await seller.draft("B"))
        assert (again.error, again.message) == (
            "error_repeated_mtsku", "A similar product has already been uploaded",
        )  # fmt: skip


async def test_new_items_have_a_daily_quota() -> None:
    async with opened(replace(CONFIG, new_items_per_day=1)) as seller:
        await seller.item("A")
        assert (await seller.post("product/add_item", await seller.draft("B"))).error == "error_limit"
        seller.wait(hours=15)  # midnight UTC+8
        fresh = (await seller.post("auth/access_token/get", refresh_body(seller), public=True)).json["access_token"]
        assert (
            await seller.but(token=fresh).post("product/add_item", await seller.but(token=fresh).draft())
        ).error == ""


def refresh_body(seller: Seller) -> dict[str, object]:
    return {"refresh_token": "ref-1", "partner_id": PARTNER, "shop_id": seller.shop_id}


async def test_new_items_can_wait_for_review() -> None:
    async with opened(replace(CONFIG, review_percent=100)) as seller:
        item_id = await seller.item()
        assert await status_of(seller, item_id) == "REVIEWING"
        refused = await seller.post("product/unlist_item", {"item_list": [{"item_id": item_id, "unlist": True}]})
        assert refused.error == "error_busi_cannot_delist_reviewing_or_banned_item"
        seller.wait(hours=1)
        assert await status_of(seller, item_id) == "NORMAL"


async def test_forbidden_words_ban_until_they_are_gone() -> None:
    async with opened(replace(CONFIG, banned_words=("chữa bệnh",))) as seller:
        item_id = await seller.item(description=TEXT + " Chữa bệnh dạ dày.")
        assert await status_of(seller, item_id) == "BANNED"
        info = (await seller.get("product/get_item_violation_info", item_id_list=item_id)).response["item_list"][0]
        assert "chữa bệnh" in info["item_status_details"][0]["violation_reason"]
        assert not seller.shop.offers()
        await seller.post("product/update_item", {"item_id": item_id, "description": TEXT})
        assert await status_of(seller, item_id) == "NORMAL"


async def status_of(seller: Seller, item_id: int) -> str:
    answer = await seller.get("product/get_item_base_info", item_id_list=item_id)
    return str(answer.response["item_list"][0]["item_status"])


# -- several warehouses


async def test_stock_of_several_warehouses_names_its_place() -> None:
    shop = ShopeeShop(
        shop_id=SHOPS[0].shop_id, name="Kho", partner_id=PARTNER, access_token="tok-1", warehouses=("VNA", "VNB")
    )
    async with opened(replace(CONFIG, shops=(shop,))) as seller:
        told = (await seller.get("shop/get_warehouse_detail")).response
        assert [w["location_id"] for w in told] == ["VNA", "VNB"]
        assert (await seller.post("product/add_item", await seller.draft())).error == "error_busi"
        lost = await seller.draft(seller_stock=[{"stock": 1, "location_id": "VNC"}])
        answer = await seller.post("product/add_item", lost)
        assert (answer.error, answer.status) == ("error_auth", 200)  # a business refusal, no reason to refresh
        both = [{"stock": 2, "location_id": "VNA"}, {"stock": 3, "location_id": "VNB"}]
        item_id = await seller.item(seller_stock=both)
        levels = [{"model_id": 0, "seller_stock": [{"stock": 5}]}]
        refused = await seller.post("product/update_stock", {"item_id": item_id, "stock_list": levels})
        assert refused.error == "error_busi"
        assert "multi warehouse" in refused.message


# -- update_item, unlist, delete


async def test_only_the_sent_fields_change(seller: Seller) -> None:
    item_id = await seller.item()
    seller.wait(seconds=1)
    answer = await seller.post("product/update_item", {"item_id": item_id, "item_name": "Mật ong hoa nhãn Hưng Yên"})
    assert answer.response["item_name"] == "Mật ong hoa nhãn Hưng Yên"
    base = (await seller.get("product/get_item_base_info", item_id_list=item_id)).response["item_list"][0]
    assert base["description"] == TEXT
    assert base["update_time"] == seller.now()


async def test_an_untouched_field_can_refuse_an_update(seller: Seller) -> None:
    item_id = await seller.item()
    image = seller.shop.state.items[item_id].body["image"]
    assert isinstance(image, dict)
    del seller.shop.state.images[image["image_id_list"][0]]
    answer = await seller.post("product/update_item", {"item_id": item_id, "item_name": "Mật ong hoa nhãn Hưng Yên"})
    assert answer.error == "error_image_unavailable"


async def test_price_and_stock_are_left_alone_by_an_update(seller: Seller) -> None:
    item_id = await seller.item()
    answer = await seller.post(
        "product/update_item", {"item_id": item_id, "original_price": 5000, "seller_stock": [{"stock": 1}]}
    )
    assert answer.json["warning"]
    assert answer.response["price_info"]["original_price"] == 250_000
    assert answer.response["seller_stock"] == [{"stock": 40}]


async def test_an_empty_text_deletes_a_sku(seller: Seller) -> None:
    item_id = await seller.item("OLD")
    await seller.post("product/update_item", {"item_id": item_id, "item_sku": ""})
    assert (await seller.get("product/search_item", item_sku="OLD", page_size=10)).response["item_id_list"] == []


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("item_name", "Mật ong hoa nhãn Hưng Yên", "error_cannt_edit_name_in_promotion"),
        ("description", TEXT, "error_cannt_edit_description_in_promotion"),
        ("image", {"image_id_list": []}, "error_cannt_edit_image_in_promotion"),
        ("item_sku", "NEW", "error_item_in_promotion"),
    ],
)
async def test_a_promotion_locks_fields(seller: Seller, field: str, value: object, error: str) -> None:
    item_id = await seller.item()
    seller.shop.promote(item_id)
    assert (await seller.post("product/update_item", {"item_id": item_id, field: value})).error == error


async def test_hiding_may_fail_in_part(seller: Seller) -> None:
    item_id = await seller.item()
    body = {"item_list": [{"item_id": item_id, "unlist": True}, {"item_id": 1, "unlist": True}]}
    answer = await seller.post("product/unlist_item", body)
    assert answer.response["success_list"] == [{"item_id": item_id, "unlist": True}]
    assert answer.response["failure_list"][0]["item_id"] == 1
    assert answer.json["warning"]
    assert await status_of(seller, item_id) == "UNLIST"
    again = await seller.post("product/unlist_item", body)
    assert again.error == ""  # safe to repeat
    await seller.post("product/unlist_item", {"item_list": [{"item_id": item_id, "unlist": False}]})
    assert await status_of(seller, item_id) == "NORMAL"


async def test_fifty_items_can_be_hidden_at_once(seller: Seller) -> None:
    body = {"item_list": [{"item_id": n, "unlist": True} for n in range(51)]}
    assert (await seller.post("product/unlist_item", body)).error == "error_param"


async def test_a_deleted_item_is_readable_for_ninety_days(seller: Seller) -> None:
    item_id = await seller.item()
    answer = await seller.post("product/delete_item", {"item_id": item_id})
    assert answer.error == ""
    assert "response" not in answer.json
    assert await status_of(seller, item_id) == "SELLER_DELETE"
    assert (await seller.post("product/delete_item", {"item_id": item_id})).error == "error_item_not_found"
    assert (await seller.post("product/update_item", {"item_id": item_id})).error == "error_item_not_found"
    seller.wait(days=90, seconds=1)
    fresh = (await seller.post("auth/access_token/get", {**refresh_body(seller)}, public=True)).json
    assert fresh["error"] == "refresh_token_expired"
    assert not list(seller.shop.offers())


# -- variants


async def test_variants_carry_skus_prices_and_stock(seller: Seller) -> None:
    item_id, models = await seller.varied("V-1", "V-2")
    told = (await seller.get("product/get_model_list", item_id=item_id)).response
    assert [m["model_id"] for m in told["model"]] == models
    assert [m["model_sku"] for m in told["model"]] == ["V-1", "V-2"]
    assert told["model"][0]["price_info"][0]["original_price"] == 100_000
    assert told["model"][0]["weight"] == "0.7"
    assert told["tier_variation"][0]["option_list"][1]["option"] == "Loại V-2"
    assert told["standardise_tier_variation"][0]["variation_option_list"][0]["variation_option_name"] == "Loại V-1"
    base = (await seller.get("product/get_item_base_info", item_id_list=item_id)).response["item_list"][0]
    assert base["has_model"] is True
    assert "price_info" not in base
    assert base["stock_info_v2"]["summary_info"]["total_available_stock"] == 20


async def test_variants_have_to_wait_five_seconds(seller: Seller) -> None:
    item_id = await seller.item()
    seller.wait(seconds=4)
    assert (await seller.post("product/init_tier_variation", tiers(item_id, "A"))).error == "error_system_busy"
    seller.wait(seconds=1)
    assert (await seller.post("product/init_tier_variation", tiers(item_id, "A"))).error == ""


async def test_a_second_set_up_destroys_the_old_models(seller: Seller) -> None:
    item_id, old = await seller.varied("A", "B")
    answer = await seller.post("product/init_tier_variation", tiers(item_id, "A", "C"))
    new = [m["model_id"] for m in answer.response["model"]]
    assert not set(old) & set(new)


async def test_the_older_spelling_is_understood(seller: Seller) -> None:
    item_id = await seller.item()
    seller.wait(seconds=5)
    body = tiers(item_id, "A", "B") | {
        "standardise_tier_variation": None,
        "tier_variation": [{"name": "Cỡ", "option_list": [{"option": "nhỏ"}, {"option": "to"}]}],
    }
    answer = await seller.post("product/init_tier_variation", body)
    assert answer.response["tier_variation"][0]["name"] == "Cỡ"


@pytest.mark.parametrize("broken", ["gap", "double", "ratio", "long_name", "long_option", "some_images", "too_many"])
async def test_broken_variants_are_refused(seller: Seller, broken: str) -> None:
    item_id, image = await seller.item(), await seller.image()
    seller.wait(seconds=5)
    body = tiers(item_id, *(("A", "B", "C") if broken != "too_many" else [f"S{n}" for n in range(51)]))
    tier, models = body["standardise_tier_variation"][0], body["model"]  # type: ignore[index]
    options = tier["variation_option_list"]
    match broken:
        case "gap":
            models.pop()  # type: ignore[attr-defined]
        case "double":
            models[1]["tier_index"] = [0]  # type: ignore[index]
        case "ratio":
            models[0]["original_price"] = 600_000  # type: ignore[index]
        case "long_name":
            tier["variation_name"] = "x" * 15
        case "long_option":
            options[0]["variation_option_name"] = "x" * 21
        case "some_images":
            options[0]["image_id"] = image
    assert (await seller.post("product/init_tier_variation", body)).error == "error_param"


async def test_models_come_change_and_go(seller: Seller) -> None:
    item_id, (first, second) = await seller.varied("A", "B")
    body = {"item_id": item_id, "model_list": [{"tier_index": [1], "original_price": 100_000,
                                                "seller_stock": [{"stock": 1}]}]}  # fmt: skip
    assert (await seller.post("product/add_model", body)).error == "error_param"  # the place is taken
    await seller.post("product/delete_model", {"item_id": item_id, "model_id": second})
    added = (await seller.post("product/add_model", body)).response["model"][0]["model_id"]
    assert added not in (first, second)
    await seller.post("product/update_model", {"item_id": item_id, "model": [{"model_id": added, "model_sku": "C"}]})
    told = (await seller.get("product/get_model_list", item_id=item_id)).response["model"]
    assert [m["model_sku"] for m in told] == ["A", "C"]


async def test_reordered_tiers_keep_their_models(seller: Seller) -> None:
    item_id, (first, second) = await seller.varied("A", "B")
    body = tiers(item_id, "B", "A")
    body["model_list"] = [{"model_id": first, "tier_index": [1]}, {"model_id": second, "tier_index": [0]}]
    assert (await seller.post("product/update_tier_variation", body)).error == ""
    told = (await seller.get("product/get_model_list", item_id=item_id)).response["model"]
    assert {m["model_id"]: m["tier_index"] for m in told} == {first: [1], second: [0]}


# -- price and stock


async def test_stock_is_absolute_and_may_be_repeated(seller: Seller) -> None:
    item_id = await seller.item()
    body = {"item_id": item_id, "stock_list": [{"model_id": 0, "seller_stock": [{"stock": 7}]}]}
    for _ in range(2):
        answer = await seller.post("product/update_stock", body)
        assert answer.response == {"success_list": [{"model_id": 0, "stock": 7}], "failure_list": []}
    assert [offer.stock for offer in seller.shop.offers()] == [7]


async def test_part_of_a_list_may_fail(seller: Seller) -> None:
    item_id, (first, _) = await seller.varied("A", "B")
    levels = [{"model_id": m, "seller_stock": [{"stock": 3}]} for m in (first, 1)]
    answer = await seller.post("product/update_stock", {"item_id": item_id, "stock_list": levels})
    assert answer.response["success_list"] == [{"model_id": first, "stock": 3}]
    assert answer.response["failure_list"][0]["model_id"] == 1
    answer = await seller.post("product/update_stock", {"item_id": item_id, "stock_list": levels[1:]})
    assert answer.error == "error_busi_update_stock_failed"
    prices = [{"model_id": first, "original_price": 90_000}, {"model_id": 1, "original_price": 90_000}]
    answer = await seller.post("product/update_price", {"item_id": item_id, "price_list": prices})
    assert answer.response["success_list"] == [{"model_id": first, "original_price": 90_000}]
    answer = await seller.post("product/update_price", {"item_id": item_id, "price_list": prices[1:]})
    assert answer.error == "error_update_price_fail"


async def test_an_item_with_models_wants_a_model_id(seller: Seller) -> None:
    item_id, _ = await seller.varied("A", "B")
    levels = [{"model_id": 0, "seller_stock": [{"stock": 3}]}]
    answer = await seller.post("product/update_stock", {"item_id": item_id, "stock_list": levels})
    assert answer.error == "error_edit_item_stock_for_item_has_model"
    answer = await seller.post("product/update_price", {"item_id": item_id, "price_list": [{"original_price": 5000}]})
    assert answer.error == "error_edit_item_price_for_item_has_model"


@pytest.mark.parametrize(("as_auth", "error"), [(False, "error_param"), (True, "error_auth")])
async def test_stock_stays_above_what_is_reserved(as_auth: bool, error: str) -> None:
    async with opened(replace(CONFIG, reserved_as_auth=as_auth)) as seller:
        item_id = await seller.item()
        seller.shop.promote(item_id, reserved=5)
        body = {"item_id": item_id, "stock_list": [{"seller_stock": [{"stock": 4}]}]}
        answer = await seller.post("product/update_stock", body)
        assert (answer.error, answer.status) == (error, 200)
        assert "reserved stock" in answer.message


async def test_holiday_mode_speaks_like_a_token_error(seller: Seller) -> None:
    item_id = await seller.item()
    seller.shop.state.holiday = True
    body = {"item_id": item_id, "stock_list": [{"seller_stock": [{"stock": 4}]}]}
    answer = await seller.post("product/update_stock", body)
    assert (answer.error, answer.status) == ("error_auth", 200)


async def test_prices_of_models_stay_within_five_times(seller: Seller) -> None:
    item_id, (first, second) = await seller.varied("A", "B")
    one = {"item_id": item_id, "price_list": [{"model_id": first, "original_price": 600_000}]}
    assert (await seller.post("product/update_price", one)).error == "error_update_price_fail"
    both = {"item_id": item_id, "price_list": [{"model_id": m, "original_price": 600_000} for m in (first, second)]}
    assert (await seller.post("product/update_price", both)).error == ""


async def test_a_price_is_locked_during_a_promotion(seller: Seller) -> None:
    item_id = await seller.item()
    seller.shop.promote(item_id)
    body = {"item_id": item_id, "price_list": [{"original_price": 5000}]}
    assert (await seller.post("product/update_price", body)).error == "error_cannot_update_price_in_promotion"


async def test_fifty_levels_at_once(seller: Seller) -> None:
    item_id = await seller.item()
    levels = [{"model_id": n, "seller_stock": [{"stock": 1}]} for n in range(51)]
    answer = await seller.post("product/update_stock", {"item_id": item_id, "stock_list": levels})
    assert answer.error == "error_param"


# -- lists


async def test_a_list_walks_by_offset_and_status(seller: Seller) -> None:
    ids = [await seller.item(f"S-{n}") for n in range(3)]
    await seller.post("product/unlist_item", {"item_list": [{"item_id": ids[1], "unlist": True}]})
    first = (
        await seller.get("product/get_item_list", offset=0, page_size=2, item_status=["NORMAL", "UNLIST"])
    ).response
    assert [i["item_id"] for i in first["item"]] == ids[:2]
    assert (first["total_count"], first["has_next_page"], first["next_offset"]) == (3, True, 2)
    hidden = (await seller.get("product/get_item_list", offset=0, page_size=2, item_status="UNLIST")).response
    assert [i["item_id"] for i in hidden["item"]] == [ids[1]]
    assert "next_offset" not in hidden


async def test_a_list_can_be_cut_by_time(seller: Seller) -> None:
    old = await seller.item("A")
    seller.wait(minutes=1)
    new = await seller.item("B")
    window: dict[str, Any] = {"update_time_from": seller.now(), "update_time_to": seller.now()}
    told = (await seller.get("product/get_item_list", offset=0, page_size=9, item_status="NORMAL", **window)).response
    assert [i["item_id"] for i in told["item"]] == [new]
    assert old != new


@pytest.mark.parametrize(
    "params",
    [
        {"page_size": 10},
        {"page_size": 101, "item_status": "NORMAL"},
        {"page_size": 10, "item_status": "GONE"},
        {"page_size": 10, "item_status": "NORMAL", "offset": 50_001},
    ],
)
async def test_a_list_needs_sound_parameters(seller: Seller, params: dict[str, Any]) -> None:
    assert (await seller.get("product/get_item_list", **params)).error == "error_param"


@pytest.mark.parametrize("spelling", ["{0},{1}", "[{0},{1}]", '["{0}","{1}"]'])
async def test_list_parameters_come_in_three_spellings(seller: Seller, spelling: str) -> None:
    first, second = await seller.item("A"), await seller.item("B")
    answer = await seller.get("product/get_item_base_info", item_id_list=spelling.format(first, second))
    assert [i["item_id"] for i in answer.response["item_list"]] == [first, second]
    repeated = await seller.get("product/get_item_base_info", item_id_list=[first, second])
    assert len(repeated.response["item_list"]) == 2


async def test_weight_is_a_number_in_and_a_text_out(seller: Seller) -> None:
    item_id = await seller.item(weight=0.5)
    base = (await seller.get("product/get_item_base_info", item_id_list=item_id)).response["item_list"][0]
    assert base["weight"] == "0.5"
    assert base["price_info"] == [{"currency": "VND", "original_price": 250_000, "current_price": 250_000}]


async def test_search_walks_by_a_text_cursor(seller: Seller) -> None:
    ids = [await seller.item("SAME") for _ in range(3)]
    first = (await seller.get("product/search_item", item_sku="SAME", page_size=2)).response
    rest = await seller.get("product/search_item", item_sku="SAME", page_size=2, offset=first["next_offset"])
    assert [*first["item_id_list"], *rest.response["item_id_list"]] == ids
    assert rest.response["next_offset"] == ""
    assert (await seller.get("product/search_item", item_name="bạc hà", page_size=9)).response["total_count"] == 3


async def test_search_by_sku_does_not_see_models(seller: Seller) -> None:
    await seller.varied("V-1", "V-2")
    found = (await seller.get("product/search_item", item_sku="V-1", page_size=9)).response
    assert found["item_id_list"] == []


async def test_unknown_items_are_refused(seller: Seller) -> None:
    for call in ("get_item_base_info", "get_item_extra_info", "get_item_violation_info"):
        assert (await seller.get(f"product/{call}", item_id_list=5)).error == "error_item_not_found"
    assert (await seller.get("product/get_model_list", item_id=5)).error == "error_item_not_found"


async def test_listings_of_the_book_have_one_entry_per_sellable_unit(seller: Seller) -> None:
    await seller.varied("A", "B")
    await seller.item("C")
    assert {(entry["sku"], entry["state"]) for entry in seller.shop.listings()} == {
        ("A", "live"), ("B", "live"), ("C", "live"),
    }  # fmt: skip
