"""Whether an item may stand: the refusals of sheet 6 that add_item and update_item know; they read the shop's state.

``check`` looks at the whole item each time, so at an update an untouched field can be the one that is refused.
"""

import re
from collections.abc import Sequence

from hub.sandbox.shopee.catalogue import (
    BRANDS,
    CHANNELS,
    DATE,
    DROP_DOWN,
    FLOAT,
    INT,
    MULTI_COMBO,
    MULTI_DROP_DOWN,
    Attribute,
    Category,
    categories,
)
from hub.sandbox.shopee.config import ShopeeConfig
from hub.sandbox.shopee.state import ShopState
from hub.sandbox.shopee.wire import Args, Json, Refusal, amount, bad, whole

HASHTAG = re.compile(r"(?<!\w)#\w+")
KNOWN = (
    "item_name", "description", "description_type", "category_id", "weight", "dimension", "image", "brand",
    "logistic_info", "attribute_list", "item_sku", "condition", "pre_order", "gtin_code", "wholesale",
    "video_upload_id", "size_chart_info", "purchase_limit_info", "certification_info", "scheduled_publish_time",
)  # fmt: skip
"""Business fields an item keeps. Others (tax_info, item_dangerous, normal_stock ...) are not for Vietnam or gone."""
ERASABLE = ("item_sku", "wholesale", "video_upload_id")
"""An empty text deletes these at an update."""


def check(shop: ShopState, body: Json) -> None:
    """Raise the Refusal the platform would give; one at a time, as it does."""
    config = shop.config
    args = Args(body)
    category = _category(config, args)
    _texts(shop, args)
    _images(shop, args)
    _brand(args)
    _attributes(category, args)
    _logistics(args)
    _shipping_days(config, args)
    gtin(config, args.string("gtin_code", ""))
    sku(args.string("item_sku", ""))
    if args.string("condition", "NEW") not in ("NEW", "USED"):
        raise bad("condition must be NEW or USED")


def _category(config: ShopeeConfig, args: Args) -> Category:
    number = args.number("category_id")
    if number in config.blocked_categories:
        raise Refusal("error_category_is_block", "Category is restricted")
    if number in config.forbidden_categories:
        raise Refusal("error_forbidden_category", "You cannot use this category.")
    found = categories().get(number)
    if found is None or not found.leaf:
        raise Refusal("error_invalid_category", "Invalid category ID.")
    return found


def _texts(shop: ShopState, args: Args) -> None:
    config = shop.config
    name = args.string("item_name")
    shortest, longest = config.name_length
    if len(name) < shortest:
        raise Refusal("error_item_name_is_too_short", f"Item name must have at least {shortest} characters.")
    if len(name) > longest:
        raise Refusal("error_title_exceeds_max_length", f"Item name must not exceed {longest} characters.")
    if any(c in config.title_characters for c in name):
        raise Refusal("error_title_character_forbidden", "Item name contains forbidden characters.")
    if args.string("description_type", "normal") == "extended" and not shop.settings.extended_description:
        raise bad("description_type extended is for allow-listed sellers")
    text = args.string("description")
    shortest, longest = config.description_length
    if len(text) < shortest:
        raise Refusal("error_desc_length_min_limit", f"Description must have at least {shortest} characters.")
    if len(text) > longest:
        raise bad(f"description must not exceed {longest} characters")
    if len(HASHTAG.findall(text)) > config.hashtags:
        raise Refusal("error_desc_hash_tag_over_limit", f"Description must not have more than {config.hashtags} tags.")


def _images(shop: ShopState, args: Args) -> None:
    image = args.inner("image")
    ids = image.strings("image_id_list", 1000, needed=False) if image else []
    fewest, most = shop.config.image_count
    if len(ids) < fewest:
        raise Refusal("error_image_num_min", f"An item needs at least {fewest} image(s).")
    if len(ids) > most:
        raise bad(f"image_id_list must not be longer than {most}")
    if any(one not in shop.images for one in ids):
        raise Refusal("error_image_unavailable", "Image is not available.")


def _brand(args: Args) -> None:
    brand = args.inner("brand")
    if brand is None:
        raise Refusal("error_less_required_brand", "Brand is mandatory for this category.")
    number, name = brand.number("brand_id"), brand.string("original_brand_name", "")
    if number == 0:
        if name.replace(" ", "").lower() != "nobrand":
            raise Refusal("error_invalid_brand", "Without a brand the name is NoBrand.")
    elif (number, name) not in BRANDS:
        raise Refusal("error_invalid_brand", "Invalid brand.")


def _attributes(category: Category, args: Args) -> None:
    known = {a.attribute_id: a for a in category.attributes}
    children = {v.child.attribute_id: (a, v) for a in category.attributes for v in a.values if v.child}
    given: dict[int, list[Args]] = {}
    for entry in args.objects("attribute_list", 200, needed=False):
        given[entry.number("attribute_id")] = entry.objects("attribute_value_list", 50, needed=False)
    for number, values in given.items():
        if number in known:
            _values(known[number], values)
        elif number in children:
            parent, value = children[number]
            chosen = {one.number("value_id", 0) for one in given.get(parent.attribute_id, [])}
            if value.value_id not in chosen or value.child is None:
                raise Refusal("error_invalid_attribute_value", f"Attribute {number} needs its parent value.")
            _values(value.child, values)
        else:
            raise Refusal("error_invalid_attribute_value", f"Attribute {number} is not of this category.")
    for attribute in category.attributes:
        if attribute.mandatory and not given.get(attribute.attribute_id):
            raise Refusal("error_less_required_attribute", f"Mandatory attribute {attribute.en} is missing.")


def _values(attribute: Attribute, values: Sequence[Args]) -> None:
    multi = attribute.input_type in (MULTI_DROP_DOWN, MULTI_COMBO)
    if len(values) > (attribute.most if multi else 1):
        raise Refusal("error_invalid_attribute_value", f"Too many values for {attribute.en}.")
    for value in values:
        if "value_id" not in value:
            raise Refusal("error_invalid_attribute_value", f"value_id is required for {attribute.en}.")
        number = value.number("value_id")
        if number == 0:
            _own_value(attribute, value)
        elif number not in {v.value_id for v in attribute.values}:
            raise Refusal("error_invalid_attribute_value", f"Unknown value of {attribute.en}.")
        if attribute.units and value.string("value_unit", "") not in attribute.units:
            raise Refusal("error_invalid_attribute_value", f"{attribute.en} needs a unit.")


def _own_value(attribute: Attribute, value: Args) -> None:
    if attribute.input_type in (DROP_DOWN, MULTI_DROP_DOWN):
        raise Refusal("error_invalid_attribute_value", f"{attribute.en} takes values of its list only.")
    text = value.raw("original_value_name")
    if not isinstance(text, str) or not text:
        raise Refusal("error_invalid_attribute_value", f"{attribute.en} needs original_value_name as a text.")
    shape = {INT: r"\d+", FLOAT: r"\d+(\.\d+)?", DATE: r"\d{9,10}"}.get(attribute.validation)
    if shape and not re.fullmatch(shape, text):
        raise Refusal("error_invalid_attribute_value", f"Wrong format of {attribute.en}.")


def _logistics(args: Args) -> None:
    weight = amount(args.raw("weight"), "weight")
    if weight <= 0:
        raise bad("weight must be positive")
    channels = {c.channel_id: c for c in CHANNELS}
    chosen = 0
    for entry in args.objects("logistic_info", 50, needed=False):
        channel = channels.get(entry.number("logistic_id"))
        if channel is None:
            raise _no_carrier("Invalid logistic_id.")
        if not entry.flag("enabled"):
            continue
        chosen += 1
        if not channel.enabled or channel.mask:
            raise _no_carrier(f"Channel {channel.channel_id} cannot be used.")
        if weight > channel.max_weight:
            raise _no_carrier(f"Weight is over the limit of channel {channel.channel_id}.")
        if channel.fee_type == "SIZE_SELECTION" and entry.number("size_id", -1) not in channel.sizes:
            raise _no_carrier(f"Channel {channel.channel_id} needs a size_id.")
        if channel.fee_type == "CUSTOM_PRICE" and "shipping_fee" not in entry:
            raise _no_carrier(f"Channel {channel.channel_id} needs a shipping_fee.")
        if channel.fee_type == "SIZE_INPUT":
            _dimension(args)
    if not chosen:
        raise _no_carrier("At least one logistics channel must be enabled.")


def _dimension(args: Args) -> None:
    size = args.inner("dimension")
    if size is None:
        raise _no_carrier("dimension is required for this channel.")
    for side in ("package_height", "package_length", "package_width"):
        if size.number(side) <= 0:
            raise bad(f"{side} must be positive")


def _no_carrier(text: str) -> Refusal:
    return Refusal("error_invalid_logistic_info", text)


def _shipping_days(config: ShopeeConfig, args: Args) -> None:
    order = args.inner("pre_order")
    if order is None:
        return
    days = order.number("days_to_ship", config.days_to_ship)
    shortest, longest = config.pre_order_days
    fits = shortest <= days <= longest if order.flag("is_pre_order") else days == config.days_to_ship
    if not fits:
        raise Refusal("error_invalid_days_to_ship", "Invalid days_to_ship.")


def gtin(config: ShopeeConfig, code: str) -> None:
    """``00`` says that there is none, which only Mandatory refuses."""
    if (config.gtin == "Mandatory" and code in ("", "00")) or (config.gtin == "Flexible" and not code):
        raise Refusal("product.error_busi", "The GTIN code is mandatory for this category.")
    if code in ("", "00"):
        return
    sound = code.isdecimal() and len(code) in (8, 12, 13, 14)
    if not sound or sum(int(d) * (3, 1)[n % 2] for n, d in enumerate(reversed(code[:-1]))) % 10 != -int(code[-1]) % 10:
        raise Refusal("product.error_busi", "The GTIN code is invalid.")


def sku(text: str) -> None:
    """Fewer than 100 characters."""
    if len(text) >= 100:
        raise bad("SKU must have fewer than 100 characters")


def price(config: ShopeeConfig, value: int) -> None:
    lowest, highest = config.price_span
    if value < lowest:
        raise Refusal("error_price_exceed_min_limitt", f"Price must be at least {lowest}.")
    if value > highest:
        raise Refusal("error_price_exceed_max_limitt", f"Price must be at most {highest}.")


def ratio(config: ShopeeConfig, prices: Sequence[int]) -> None:
    """Dearest over cheapest model of one item."""
    if prices and max(prices) > config.price_ratio * min(prices):
        raise bad(f"The price ratio of models must be at most {config.price_ratio}")


def stock(shop: ShopState, entries: Sequence[Args]) -> dict[str, int]:
    """``seller_stock`` as location -> units. Raises for a missing, superfluous or unknown location."""
    if not entries:
        raise bad("seller_stock is required")
    out: dict[str, int] = {}
    for entry in entries:
        units = whole(entry.raw("stock"), "stock")
        lowest, highest = shop.config.stock_span
        if not lowest <= units <= highest:
            raise bad(f"stock must be between {lowest} and {highest}")
        place = entry.string("location_id", "")
        known = shop.settings.warehouses
        if place and not known:
            raise bad("The item has a different stock structure, please leave out location_id")
        if known and not place:
            raise Refusal("error_busi", "The merchant/shop has multi warehouse, please input location id")
        if known and place not in known:
            raise Refusal("error_auth", f"Lack of location_id {place}.")
        out[place] = units
    return out
