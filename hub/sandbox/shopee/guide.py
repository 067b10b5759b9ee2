"""Calls that tell the rules: categories, attributes, brands, limits, carriers, warehouses."""

from hub.sandbox.shopee.catalogue import (
    BRANDS,
    CHANNELS,
    DATE,
    Attribute,
    Category,
    Channel,
    categories,
)
from hub.sandbox.shopee.shelf import page_size
from hub.sandbox.shopee.state import ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad
from hub.types import fold


def get_category(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_category; ``language`` is ``vi`` here."""
    vietnamese = _language(args, "vi")
    told = [
        {
            "category_id": c.category_id,
            "parent_category_id": c.parent,
            "original_category_name": c.en,
            "display_category_name": c.vi if vietnamese else c.en,
            "has_children": not c.leaf,
        }
        for c in categories().values()
    ]
    return Answer(response={"category_list": told})


def category_recommend(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/category_recommend: leaves whose name shares a word with the item's."""
    words = set(fold(args.string("item_name")).split())
    scored = [(len(words & set(fold(c.vi).split())), c.category_id) for c in categories().values() if c.leaf]
    best = sorted((-score, number) for score, number in scored if score)
    return Answer(response={"category_id": [number for _, number in best[:3]]})


def get_attribute_tree(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_attribute_tree; ``language`` is ``vn`` here, ``vi`` is refused."""
    vietnamese = _language(args, "vn")
    told: list[Json] = []
    for number in args.numbers("category_id_list", 20):
        category = _leaf(number)
        tree = [_question(a, vietnamese) for a in category.attributes]
        told.append({"category_id": number, "attribute_tree": tree, "warning": ""})
    return Answer(response={"list": told})


def get_brand_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_brand_list."""
    offset, size, status = args.number("offset"), page_size(args), args.number("status")
    _leaf(args.number("category_id"))
    if status not in (1, 2):
        raise bad("status must be 1 or 2")
    known = BRANDS if status == 1 else ()
    page = known[offset : offset + size]
    return Answer(
        response={
            "brand_list": [
                {"brand_id": number, "original_brand_name": name, "display_brand_name": name} for number, name in page
            ],
            "has_next_page": offset + size < len(known),
            "next_offset": offset + len(page),
            "is_mandatory": True,
            "input_type": "DROP_DOWN",
        }
    )


def get_item_limit(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_item_limit: ``gtin_limit`` stands beside ``response``."""
    c = shop.config
    _leaf(args.number("category_id"))
    response: Json = {
        "price_limit": _span(c.price_span),
        "stock_limit": _span(c.stock_span),
        "item_name_length_limit": _span(c.name_length),
        "item_image_count_limit": _span(c.image_count),
        "item_description_length_limit": _span(c.description_length),
        "tier_variation_name_length_limit": _span(c.tier_name_length),
        "tier_variation_option_length_limit": _span(c.tier_option_length),
        "item_count_limit": {"max_limit": c.items_per_shop},
        "wholesale_price_threshold_percentage": {"min_limit": 50, "max_limit": 100},
        "extended_description_limit": {},
        "dts_limit": {
            "days_to_ship_limit": _span(c.pre_order_days),
            "non_pre_order_days_to_ship": c.days_to_ship,
        },
        "weight_limit": {"weight_mandatory": True},
        "dimension_limit": {"dimension_mandatory": False},
        "size_chart_limit": {"size_chart_mandatory": False, "support_image_size_chart": False},
    }
    return Answer(response=response, top={"gtin_limit": {"gtin_validation_rule": c.gtin}})


def get_channel_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET logistics/get_channel_list: disabled and masked ones too."""
    return Answer(response={"logistics_channel_list": [_carrier(c) for c in CHANNELS]})


def get_warehouse_detail(shop: ShopState, args: Args, now: int) -> Answer:
    """GET shop/get_warehouse_detail: single-warehouse shops are refused."""
    if not shop.settings.warehouses:
        raise Refusal("warehouse.error_not_in_whitelist", "The shop is not in the whitelist.")
    kind = args.number("warehouse_type", 1)
    told = [
        {"warehouse_id": n, "warehouse_name": place, "warehouse_type": kind, "location_id": place, "region": "VN"}
        for n, place in enumerate(shop.settings.warehouses, 1)
    ]
    return Answer(response=told)


def _language(args: Args, vietnamese: str) -> bool:
    """True for Vietnamese; the spelling differs from call to call."""
    language = args.string("language", "en").lower()
    if language not in ("en", vietnamese):
        raise bad("language is invalid")
    return language == vietnamese


def _leaf(number: int) -> Category:
    category = categories().get(number)
    if category is None or not category.leaf:
        raise Refusal("error_invalid_category", "Invalid category ID.")
    return category


def _span(pair: tuple[int, ...]) -> Json:
    return {"min_limit": pair[0], "max_limit": pair[1]}


def _names(vi: str, en: str, vietnamese: bool) -> Json:
    return {
        "name": vi if vietnamese else en,
        "multi_lang": [{"language": "vn", "value": vi}, {"language": "en", "value": en}],
    }


def _question(a: Attribute, vietnamese: bool) -> Json:
    info: Json = {
        "input_type": a.input_type,
        "input_validation_type": a.validation,
        "format_type": 2 if a.units else 1,
        "date_format_type": 0,
        "attribute_unit_list": list(a.units),
        "max_value_count": a.most,
        "support_search_value": False,
        "is_oem": False,
    }
    if a.validation != DATE:
        del info["date_format_type"]
    values: list[Json] = [
        {
            "value_id": v.value_id,
            **_names(v.vi, v.en, vietnamese),
            "value_unit": "",
            "child_attribute_list": [_question(v.child, vietnamese)] if v.child else [],
        }
        for v in a.values
    ]
    return {
        "attribute_id": a.attribute_id,
        "mandatory": a.mandatory,
        **_names(a.vi, a.en, vietnamese),
        "attribute_value_list": values,
        "attribute_info": info,
    }


def _carrier(c: Channel) -> Json:
    return {
        "logistics_channel_id": c.channel_id,
        "logistics_channel_name": c.name,
        "enabled": c.enabled,
        "cod_enabled": c.cod,
        "fee_type": c.fee_type,
        "size_list": [{"size_id": str(n), "name": str(n), "default_price": 0} for n in c.sizes],
        "weight_limit": {"item_max_weight": c.max_weight, "item_min_weight": 0},
        "item_max_dimension": {"height": 100, "width": 100, "length": 100, "unit": "cm"},
        "volume_limit": {"item_max_volume": 0, "item_min_volume": 0},
        "force_enable": False,
        "mask_channel_id": c.mask,
        "compulsory_channel": False,
    }
