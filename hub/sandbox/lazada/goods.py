"""Product calls: create, update, price and stock, hiding (sheet 6 to 8).

UNCONFIRMED and ours: which refusal stands alone and which in the ``detail`` of an umbrella (here: what concerns a
category alone, the rest below 500 and 501), the code for a total below what orders hold (4170).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from hub.sandbox.lazada import guide
from hub.sandbox.lazada.config import LazadaConfig
from hub.sandbox.lazada.reading import json_list, shop_sku
from hub.sandbox.lazada.shop import Shop
from hub.sandbox.lazada.state import ZONE, Item, Sku
from hub.sandbox.lazada.wire import Call, Json, Refusal, inner, listed, payload

PACKAGE = ("package_height", "package_length", "package_width", "package_weight")
FORBIDDEN = '"^~<>|'
OWN_HOST = re.compile(r"https://[a-z0-9-]+\.slatic\.net/")
MOST_SKUS, MOST_IMAGES = 50, 8
STATUSES = ("active", "inactive", "deleted")


def refusal(code: str, message: str, *, umbrella: str = "500", field: str = "", sku: str = "") -> Refusal:
    """One thing that is wrong, below its umbrella."""
    detail: Json = {"code": code, "message": message, "field": field, "seller_sku": sku}
    return Refusal(umbrella, f"E{umbrella}: Product failed", detail=[detail])


# ---- create ------------------------------------------------------------------------------------------------------


def create(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    product = inner(payload(call.need("payload")), "Product")
    category = _category(shop, config, product)
    attributes = _attributes(inner(product, "Attributes"), config)
    images = _images(inner(product, "Images"), needed=True)
    rows = listed(inner(product, "Skus"), "Sku")
    if not rows:
        raise refusal("4108", "BIZ_CHECK_BASIC_FIELD_MISSING", field="Skus")
    if len(rows) > MOST_SKUS:
        raise refusal("4171", "BIZ_CHECK_SKU_COUNT_LIMIT")
    skus = [_new_sku(shop, row) for row in rows]
    names = [one.seller_sku for one in skus]
    taken = {one.seller_sku for item in shop.standing() for one in item.skus}
    for name in names:
        if name in taken or names.count(name) > 1:
            raise refusal("4105", "BIZ_CHECK_SELLER_SKU_REPEAT", sku=name)
    _sale_props(skus)
    if len({bool(one.images) for one in skus}) > 1:
        raise refusal("4153", "BIZ_CHECK_SKU_IMAGES_ALL_OR_NONE")
    if config.item_limit and len(shop.standing()) >= config.item_limit:
        raise refusal("4148", "BIZ_CHECK_ITEM_COUNT_LIMIT")
    if not _yes(product.get("disableAutoFillAttribute")):
        attributes.setdefault("storage_instruction", "Nơi khô mát (tự điền)")
    item = shop.add_item(category, attributes, images, skus)
    if not any(one.active for one in skus):
        item.status = "InActive"
    return {
        "data": {
            "item_id": item.item_id,
            "sku_list": [
                {"shop_sku": shop_sku(item, one), "seller_sku": one.seller_sku, "sku_id": one.sku_id} for one in skus
            ],
            "item_status": item.status,
        }
    }


def _yes(value: object) -> bool:
    return str(value).lower() == "true"


def _category(shop: Shop, config: LazadaConfig, product: Mapping[str, object]) -> int:
    number = guide.leaf_of(product.get("PrimaryCategory", ""))
    if number in config.banned_categories:
        raise Refusal("512", "BIZ_CHECK_MANGROVE_RULE_QC")
    if number in shop.settings.restricted:
        raise Refusal("4163", "BIZ_CHECK_RESTRICTED_CATEGORY")
    return number


def _attributes(given: Mapping[str, object], config: LazadaConfig, *, partly: bool = False) -> dict[str, str]:
    told = {name: value for name, value in given.items() if isinstance(value, (str, int, float))}
    texts = {name: str(value) for name, value in told.items() if str(value)}
    if not partly:
        for one in guide.COMMON:
            if one.mandatory and not one.sku and not texts.get(one.name) and not _brand(one.name, texts):
                missing = "4108" if one.name == "name" else "4110"
                raise refusal(missing, "BIZ_CHECK_CATE_MANDATORY_FIELD", field=one.name)
    for name, text in texts.items():
        _attribute(name, text)
    if any(word in " ".join(texts.values()).lower() for word in config.sensitive_words):
        raise refusal("4131", "BIZ_CHECK_SENSITIVE_WORDS", field="name")
    number = texts.get("brand_id", "")
    if number and number not in {str(one) for one, _ in guide.BRANDS}:
        raise refusal("4142", "BIZ_CHECK_BRAND_INVALID", field="brand_id")
    if "brand" in texts and texts["brand"] not in {name for _, name in guide.BRANDS}:
        raise refusal("4142", "BIZ_CHECK_BRAND_INVALID", field="brand")
    return texts


def _brand(name: str, texts: Mapping[str, str]) -> bool:
    return name == "brand" and bool(texts.get("brand_id"))


def _attribute(name: str, text: str) -> None:
    if name == "name":
        if len(text.encode()) > 255:
            raise refusal("4120", "BIZ_CHECK_LENGTH_LIMIT", field=name)
        if any(letter in text for letter in FORBIDDEN):
            raise refusal("4129", "BIZ_CHECK_FORBIDDEN_CHARACTERS", field=name)
    if name == "description" and len(text) > 25_000:
        raise refusal("4120", "BIZ_CHECK_LENGTH_LIMIT", field=name)
    if name == "short_description" and set(re.findall(r"</?\s*(\w+)", text.lower())) - {"ul", "ol", "li"}:
        raise refusal("4129", "BIZ_CHECK_FORBIDDEN_CHARACTERS", field=name)
    known = guide.BY_NAME.get(name)
    closed = known is not None and known.input_type in ("singleSelect", "multiSelect") and bool(known.options)
    if known is not None and closed and text not in known.options:
        raise refusal("4115", "BIZ_CHECK_VALUE_NOT_IN_OPTIONS", field=name)


def _images(given: Mapping[str, object], *, needed: bool) -> list[str]:
    images = [str(one) for one in listed(given, "Image")]
    if not images and needed:
        raise refusal("4139", "BIZ_CHECK_MAIN_IMAGE_REQUIRED", field="Images")
    if len(images) > MOST_IMAGES:
        raise refusal("4169", "BIZ_CHECK_IMAGE_COUNT", field="Images")
    if not all(OWN_HOST.match(one) for one in images):
        raise refusal("4138", "BIZ_CHECK_EXTERNAL_IMAGE", field="Images")
    if len(set(images)) < len(images):
        raise refusal("4116", "BIZ_CHECK_IMAGE_DUPLICATE", field="Images")
    return images


def _new_sku(shop: Shop, row: object) -> Sku:
    if not isinstance(row, dict):
        raise Refusal("5", "E005: Invalid Request Format (Sku)")
    name = str(row.get("SellerSku") or "")
    if not name:
        raise refusal("4108", "BIZ_CHECK_BASIC_FIELD_MISSING", field="SellerSku")
    sku = Sku(sku_id=shop.number(12_500_000_000), seller_sku=name, price=_price(row.get("price"), name), sellable=0)
    sku.sellable = _count(row.get("quantity", "0"), name)
    _special(sku, row.get("special_price"), row.get("special_from_date"), row.get("special_to_date"))
    sku.package = _package(row, name, needed=True)
    _styles(sku, row)
    sku.images = _images(inner(row, "Images"), needed=False)
    sku.active = str(row.get("Status", "active")).lower() == "active"
    return sku


def _styles(sku: Sku, row: Mapping[str, object]) -> None:
    """Sale properties inside ``saleProp`` or beside the others, not both."""
    beside = {name: str(row[name]) for name in guide.SALE if row.get(name)}
    within = {name: str(value) for name, value in inner(row, "saleProp").items() if value}
    if beside and within:
        raise refusal("4145", "BIZ_CHECK_SALE_PROPS_TWICE", sku=sku.seller_sku)
    if len(within) > 2 or set(within) - guide.SALE:
        raise refusal("209", "E209: Invalid variation", sku=sku.seller_sku)
    sku.sale = within or beside


def _sale_props(skus: list[Sku]) -> None:
    if len(skus) > 1 and not all(one.sale for one in skus):
        raise refusal("4113", "BIZ_CHECK_SKU_PROPS_MISSING")
    if len({tuple(sorted(one.sale.items())) for one in skus}) < len(skus):
        raise refusal("4112", "BIZ_CHECK_SKU_PROPS_DUPLICATE")


def _number(value: object, code: str, sku: str, umbrella: str = "500") -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise refusal(code, "invalid number", sku=sku, umbrella=umbrella) from None


def _price(value: object, sku: str, umbrella: str = "500") -> int:
    if value in (None, ""):
        raise refusal("4108", "BIZ_CHECK_BASIC_FIELD_MISSING", field="price", sku=sku, umbrella=umbrella)
    number = _number(value, "4104", sku, umbrella)
    if number != number.to_integral_value():
        raise refusal("4104", "BIZ_CHECK_PRICE_PRECISION", field="price", sku=sku, umbrella=umbrella)
    if number <= 0:
        raise refusal("4118", "BIZ_CHECK_PRICE_ZERO", field="price", sku=sku, umbrella=umbrella)
    return int(number)


def _count(value: object, sku: str, umbrella: str = "500") -> int:
    text = str(value)
    if not text.isdigit():
        raise refusal("1", "E001: quantity must be a whole number", field="quantity", sku=sku, umbrella=umbrella)
    return int(text)


def _special(sku: Sku, price: object, start: object, end: object) -> None:
    if price in (None, ""):
        return
    found = _price(price, sku.seller_sku)
    if found >= sku.price:
        raise refusal("4157", "BIZ_CHECK_SPECIAL_PRICE", sku=sku.seller_sku)
    first, last = _local(start, sku.seller_sku), _local(end, sku.seller_sku)
    if first is not None and last is not None and last <= first:
        raise refusal("4117", "BIZ_CHECK_SPECIAL_PRICE_DATES", sku=sku.seller_sku)
    sku.special_price, sku.special_from, sku.special_to = found, first, last


def _local(value: object, sku: str) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=ZONE)
    except ValueError:
        raise refusal("4117", "BIZ_CHECK_SPECIAL_PRICE_DATES", sku=sku) from None


def _package(row: Mapping[str, object], sku: str, *, needed: bool) -> dict[str, str]:
    found = {name: str(row[name]) for name in (*PACKAGE, "package_content") if row.get(name) not in (None, "")}
    sizes = {name: _number(found[name], "4149", sku) for name in PACKAGE if name in found}
    if needed and len(sizes) < len(PACKAGE):
        raise refusal("4149", "BIZ_CHECK_PACKAGE_VALUE", field="package", sku=sku)
    if any(size <= 0 or size != round(size, 2) for size in sizes.values()):
        raise refusal("4149", "BIZ_CHECK_PACKAGE_VALUE", field="package", sku=sku)
    if sizes.get("package_weight", Decimal(0)) > 40:
        raise refusal("4164", "BIZ_CHECK_WEIGHT", sku=sku)
    if sum(size for name, size in sizes.items() if name != "package_weight") > 300:
        raise refusal("4165", "BIZ_CHECK_SIZE", sku=sku)
    return found


# ---- change ------------------------------------------------------------------------------------------------------


def update(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    """What is named changes; the rest stays. ``SkuId`` is the only key of a SKU."""
    product = inner(payload(call.need("payload")), "Product")
    if "Attributes" not in product:
        raise Refusal("5", "E005: Invalid Request Format (Attributes)")
    rows = [row for row in listed(inner(product, "Skus"), "Sku") if isinstance(row, dict)]
    item = _item_of(shop, product, rows)
    attributes = _attributes(inner(product, "Attributes"), config, partly=True)
    images = _images(inner(product, "Images"), needed=False)
    category = _category(shop, config, product) if product.get("PrimaryCategory") else item.category
    pairs = [(_sku_of(item, row, "501"), row) for row in rows]
    if any(str(row.get("Status") or "active").lower() not in STATUSES for row in rows):
        raise refusal("501", "Status: active, inactive or deleted", umbrella="501", field="Status")
    pictured = {one.sku_id: bool(one.images) for one in item.skus} | {
        sku.sku_id: True for sku, row in pairs if row.get("Images")
    }
    if len(set(pictured.values())) > 1:
        raise refusal("4153", "BIZ_CHECK_SKU_IMAGES_ALL_OR_NONE", umbrella="501")
    for sku, row in pairs:
        _change(sku, row)
        _status(item, sku, row)
    item.attributes |= attributes
    item.images, item.category = images or item.images, category
    if item.status in ("Active", "InActive"):
        item.status = "Active" if any(one.active for one in item.skus) else "InActive"
    shop.changed(item, 4)
    return {"data": {"item_id": item.item_id}}


def _item_of(shop: Shop, product: Mapping[str, object], rows: list[Json]) -> Item:
    number = product.get("ItemId")
    for item in shop.standing():
        if number not in (None, ""):
            if str(item.item_id) == str(number):
                return item
        elif rows and any(str(one.sku_id) == str(rows[0].get("SkuId")) for one in item.skus):
            return item
    raise Refusal("501", "E501: Update product failed", detail=[{"code": "4137", "message": "ITEM_NOT_FOUND"}])


def _sku_of(item: Item, row: Mapping[str, object], umbrella: str) -> Sku:
    name = str(row.get("SellerSku") or "")
    if row.get("SkuId") in (None, ""):
        raise refusal("4193", "SellerSku is no key any more", sku=name, umbrella=umbrella)
    for sku in item.skus:
        if str(sku.sku_id) == str(row["SkuId"]):
            return sku
    raise refusal("4136", "SELLER_SKU_NOT_FOUND", sku=name, umbrella=umbrella)


def _change(sku: Sku, row: Mapping[str, object]) -> None:
    if row.get("price") not in (None, ""):
        sku.price = _price(row["price"], sku.seller_sku, "501")
    if row.get("quantity") not in (None, ""):
        sku.sellable = _count(row["quantity"], sku.seller_sku, "501")
    _special(sku, row.get("special_price"), row.get("special_from_date"), row.get("special_to_date"))
    sku.package |= _package(row, sku.seller_sku, needed=False)
    if row.get("Images"):
        sku.images = _images(inner(row, "Images"), needed=False)


def _status(item: Item, sku: Sku, row: Mapping[str, object]) -> None:
    """``active``, ``inactive``, or ``deleted``, which takes the SKU away and with the last one the item."""
    word = str(row.get("Status") or "").lower()
    if word == "deleted":
        item.skus.remove(sku)
        item.status = item.status if item.skus else "Deleted"
    elif word:
        sku.active = word == "active"


def each(shop: Shop, call: Call, do: Callable[[Shop, Sku, Json], None]) -> Json:
    """Price and stock, SKU by SKU: some may fail under code "0" (sheet 5), all of them under 501."""
    rows = listed(inner(inner(payload(call.need("payload")), "Product"), "Skus"), "Sku")
    if not rows:
        raise Refusal("30", "E030: Empty Request")
    if len(rows) > MOST_SKUS:
        raise Refusal("4171", "more than 50 SKUs")
    detail: list[Json] = []
    for row in rows:
        if not isinstance(row, dict):
            raise Refusal("5", "E005: Invalid Request Format (Sku)")
        try:
            item = _item_of(shop, row, [row])
            do(shop, _sku_of(item, row, "501"), row)
            shop.changed(item, 4)
        except Refusal as error:
            for one in error.detail or [{"code": error.code, "message": error.message}]:
                ids: Json = {"item_id": row.get("ItemId", ""), "sku_id": row.get("SkuId", "")}
                detail.append({**one, "seller_sku": row.get("SellerSku", ""), **ids})
    if len(detail) == len(rows):
        raise Refusal("501", "E501: Update product failed", detail=detail)
    return {"data": {}} | ({"detail": detail} if detail else {})


def _stored(shop: Shop, row: Json, name: str) -> object:
    """A stock figure, or the sum of those of the warehouses: sellers with several must name them, others must not."""
    several = len(shop.settings.warehouses) > 1
    if ("MultiWarehouseInventories" in row) != several and (not several or row.get(name) is not None):
        raise refusal("501", "warehouses: named by sellers with several only", umbrella="501")
    if not several:
        return row.get(name)
    stores = listed(inner(row, "MultiWarehouseInventories"), "MultiWarehouseInventory")
    figures = [one.get(name) for one in stores if isinstance(one, dict)]
    if any(isinstance(one, dict) and one.get("WarehouseCode") not in shop.settings.warehouses for one in stores):
        raise refusal("501", "unknown warehouse", umbrella="501")
    return sum(int(str(one)) for one in figures) if figures else None


def price_quantity(shop: Shop, sku: Sku, row: Json) -> None:
    """``Quantity`` is the total: what orders hold is inside."""
    quantity = _stored(shop, row, "Quantity")
    price = sku.price if row.get("Price") in (None, "") else _price(row["Price"], sku.seller_sku, "501")
    if quantity not in (None, ""):
        total = _count(quantity, sku.seller_sku, "501")
        held = sku.withhold + sku.occupy
        if total < held + sku.locked:
            raise refusal("4170", "total below what orders and campaigns hold", umbrella="501", sku=sku.seller_sku)
        sku.sellable = total - held
    if 0 < price <= sku.special_price and row.get("SalePrice") in (None, ""):
        raise refusal("4157", "BIZ_CHECK_SPECIAL_PRICE", umbrella="501", sku=sku.seller_sku)
    sku.price = price
    _special(sku, row.get("SalePrice"), row.get("SaleStartDate"), row.get("SaleEndDate"))


def set_sellable(shop: Shop, sku: Sku, row: Json) -> None:
    count = _count(_stored(shop, row, "SellableQuantity"), sku.seller_sku, "501")
    if count < sku.locked:
        raise refusal("4170", "stock is locked by a campaign", umbrella="501", sku=sku.seller_sku)
    sku.sellable = count


def adjust_sellable(shop: Shop, sku: Sku, row: Json) -> None:
    """A difference; saying it twice does it twice."""
    try:
        changed = sku.sellable + int(str(row.get("SellableQuantity", "")))
    except ValueError:
        raise refusal("1", "E001: quantity must be a whole number", umbrella="501") from None
    if changed < sku.locked:
        raise refusal("4170", "stock may not fall below zero", umbrella="501", sku=sku.seller_sku)
    sku.sellable = changed


def deactivate(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    """Its parameter is called ``apiRequestBody`` (trap 6)."""
    product = inner(payload(call.need("apiRequestBody")), "Product")
    found = [one for one in shop.standing() if str(one.item_id) == str(product.get("ItemId", ""))]
    if not found:
        raise Refusal("E0002", "product not exists")
    item = found[0]
    wanted = {str(one) for one in listed(inner(product, "Skus"), "SkuId")}
    skus = [one for one in item.skus if not wanted or str(one.sku_id) in wanted]
    if not any(one.active for one in skus):
        raise Refusal("E0004", "product is inactive already")
    for sku in skus:
        sku.active = False
    if not any(one.active for one in item.skus):
        item.status = "InActive"
    shop.changed(item, 4)
    return {"data": {}}


def remove(shop: Shop, config: LazadaConfig, call: Call) -> Json:
    """``sku_id_list`` = ["SkuId_<item>_<sku>"]; the last SKU takes the item along."""
    if "seller_sku_list" in call.args and "sku_id_list" not in call.args:
        raise Refusal("6", "seller_sku_list is not supported any more")
    names = json_list(call.need("sku_id_list"), MOST_SKUS)
    for item in shop.standing():
        kept = [one for one in item.skus if f"SkuId_{item.item_id}_{one.sku_id}" not in names]
        if len(kept) < len(item.skus):
            if kept:
                item.skus = kept
            else:
                item.status = "Deleted"
            shop.changed(item, 5)
            names = [one for one in names if not one.startswith(f"SkuId_{item.item_id}_")]
    if names:
        raise Refusal("503", "E503: Remove failed", detail=[{"code": "4136", "message": one} for one in names])
    return {"data": {}}
