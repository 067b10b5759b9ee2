"""What a pretend TikTok Shop looks at before it takes a listing: limits and category rules (sheet 5)."""

import html
import re
from typing import TYPE_CHECKING, Any

from hub.sandbox.tiktok_shop import guide
from hub.sandbox.tiktok_shop.state import Unit
from hub.sandbox.tiktok_shop.wire import Json, Refusal, bad, items, text

if TYPE_CHECKING:
    from hub.sandbox.tiktok_shop.shop import Shop

DEAREST = 180_000_000
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def check_text(value: object, what: str) -> str:
    """Text rules 12052931 to 12052935: no entities, emoji, control characters, symbols only, long repetitions."""
    if not isinstance(value, str):
        raise bad(what)
    plain = re.sub(r"<[^>]+>", " ", value)
    if html.unescape(plain) != plain:
        raise Refusal(12052931, f"{what} contains HTML entities")
    if EMOJI.search(plain):
        raise Refusal(12052932, f"{what} contains emoji")
    if CONTROL.search(plain):
        raise Refusal(12052933, f"{what} contains control characters")
    if plain.strip() and not re.search(r"\w", plain):
        raise Refusal(12052934, f"{what} consists of symbols only")
    if re.search(r"(\S)\1{9}", plain):
        raise Refusal(12052935, f"{what} repeats one character more than nine times")
    return value


def check_title(body: Json) -> None:
    title = check_text(body.get("title", ""), "title")
    if not title:
        raise Refusal(12052261, "title is empty")
    if not 25 <= len(title) <= 255:
        raise Refusal(12052051, "title length must be between 25 and 255")


def check_description(shop: "Shop", body: Json) -> None:
    words = check_text(body.get("description", ""), "description")
    if not words:
        raise bad("description is required")
    if len(words) > 10_000 or words.count("<img") > 30:
        raise Refusal(12052013, "description is too long")
    if not set(re.findall(r'<img[^>]*src="([^"]+)"', words)) <= {one["url"] for one in shop.images.values()}:
        raise Refusal(12038005, "description images must be uploaded first")


def check_pictures(shop: "Shop", body: Json) -> None:
    for one in items(body, "main_images", 9):
        uri = one.get("uri") if isinstance(one, dict) else None
        if uri not in shop.images:
            raise Refusal(12038002, f"image not found: {uri}")
        if shop.images[uri]["use_case"] != "MAIN_IMAGE":
            raise Refusal(12038004, "the image was uploaded for another use")


def check_category(body: Json) -> str:
    if body.get("category_version") != "v2":
        raise Refusal(12052230, "category_version must be v2")
    leaf = guide.leaf_of(text(body, "category_id"))
    if guide.status_of(leaf) == "PROHIBITED":
        raise Refusal(12052220, "the category is prohibited")
    if guide.status_of(leaf) == "INVITE_ONLY":
        raise Refusal(12052223, "the category is restricted")
    return leaf


def check_attributes(body: Json, leaf: str) -> None:
    """Required ones, also those that another one's value asks for; values of closed lists by id only."""
    given: dict[str, list[Json]] = {}
    for one in body.get("product_attributes") or []:
        if not isinstance(one, dict) or not isinstance(one.get("values"), list) or not one["values"]:
            raise bad("product_attributes")
        given[str(one.get("id"))] = one["values"]
    known = {one["id"]: one for one in guide.attributes_of(leaf) if one["type"] == "PRODUCT_PROPERTY"}
    for number, values in given.items():
        rule = known.get(number)
        if rule is None or (len(values) > 1 and not rule["is_multiple_selection"]):
            raise bad(f"product_attributes {number}")
        listed = {one["id"] for one in rule["values"]}
        for value in values:
            if not (value.get("id") in listed or (rule["is_customizable"] and 0 < len(value.get("name", "")) <= 2000)):
                raise bad(f"product_attributes {number} value")
    chosen = {(number, value.get("id")) for number, values in given.items() for value in values}
    for number, rule in known.items():
        wanted = rule["is_requried"] or any(
            (one["attribute_id"], one["attribute_value_id"]) in chosen for one in rule.get("requirement_conditions", ())
        )
        if wanted and number not in given:
            raise Refusal(12052104, f"required attribute missing: {rule['name']}")


def check_terms(shop: "Shop", body: Json, leaf: str) -> None:
    """Category rules: papers, cash on delivery, parcel size, brand."""
    rules = guide.rules_of(leaf)
    papers = {one.get("id") for one in items(body, "certifications", 10, least=0) if isinstance(one, dict)}
    if any(one["is_required"] and one["id"] not in papers for one in rules["product_certifications"]):
        raise Refusal(12052105, "product qualification missing")
    if body.get("is_cod_allowed") and not rules["cod"]["is_supported"]:
        raise Refusal(12052222, "the category does not support COD")
    weight = body.get("package_weight")
    if not isinstance(weight, dict) or weight.get("unit") not in ("KILOGRAM", "GRAM"):
        raise bad("package_weight")
    value = weight.get("value")
    if not isinstance(value, str) or not re.fullmatch(r"\d+(\.\d{1,3})?", value) or float(value) == 0:
        raise bad("package_weight.value")
    least = body.get("minimum_order_quantity", 1)
    if isinstance(least, bool) or not isinstance(least, int) or not 1 <= least <= 20:
        raise bad("minimum_order_quantity")
    size = body.get("package_dimensions")
    if size is not None:
        sides = [size.get(side) for side in ("length", "width", "height")]
        if size.get("unit") != "CENTIMETER" or not all(isinstance(s, str) and s.isdecimal() for s in sides):
            raise bad("package_dimensions")
    elif rules["package_dimension"]["is_required"]:
        raise bad("package_dimensions is required")
    brand = body.get("brand_id")
    found = {one["id"]: one for one in guide.BRANDS}.get(brand) if brand else None
    if found and found["is_t1_brand"] and found["authorized_status"] != "AUTHORIZED":
        raise bad("brand_id: the brand is not authorised")


def money(value: Any) -> int:
    """``{"amount": "185000", "currency": "VND"}`` as dong."""
    if not isinstance(value, dict) or value.get("currency") != "VND" or not isinstance(value.get("amount"), str):
        raise Refusal(12052073, "price is invalid")
    if not value["amount"].isdecimal() or int(value["amount"]) < 1:
        raise Refusal(12052073, "price must be a whole number of VND")
    if int(value["amount"]) > DEAREST:
        raise Refusal(12052570, "price is over the limit")
    return int(value["amount"])


def quantities(shop: "Shop", value: Any, before: dict[str, int] | None) -> dict[str, int]:
    """An ``inventory`` list; on a change every warehouse the SKU has must be named, and no other."""
    if not isinstance(value, list) or not value:
        raise Refusal(12052055, "inventory is required")
    found: dict[str, int] = {}
    known = shop.seller.warehouses
    for one in value:
        house = one.get("warehouse_id") or (known[0] if len(known) == 1 and before is not None else "")
        if house not in known:
            raise Refusal(12052097, f"warehouse not found: {house}")
        amount = one.get("quantity")
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise Refusal(12019024, "quantity is invalid")
        if not (0 if shop.config.zero_stock else 1) <= amount <= 99_999:
            raise Refusal(12052055, "quantity is outside the limits")
        found[house] = amount
    if before is not None and not set(before) <= set(found):
        raise Refusal(12019028, "all warehouses of the SKU must be listed")
    if before is not None and set(found) - set(before):
        raise Refusal(12052533, "warehouses may not be added or removed")
    return found


def check_units(shop: "Shop", body: Json, leaf: str) -> list[Unit]:
    """New SKUs; one alone may do without sales attributes, several need the same ones and different values."""
    rows = items(body, "skus", 1_000)
    if len(rows) > 100:
        raise Refusal(12052050, "more than 100 SKUs")
    units = []
    for row in rows:
        sku = text(row, "seller_sku", most=50)
        strict = guide.rules_of(leaf)["seller_sku"]["is_required"]
        if " " in sku or (strict and not re.fullmatch(r"[A-Za-z0-9_-]{6,50}", sku)):
            raise bad("seller_sku")
        attributes = [_sales(one) for one in row.get("sales_attributes") or []]
        text(row, "external_sku_id", most=999)
        units.append(
            Unit(
                id="", seller_sku=sku, price=money(row.get("price")), attributes=attributes,
                stock=quantities(shop, row.get("inventory"), None), code=_code(row.get("identifier_code")),
                external=row.get("external_sku_id", ""),
            )
        )  # fmt: skip
    check_once(shop, units)
    if len(units) > 1:
        if any(not 1 <= len(one.attributes) <= 3 for one in units):
            raise bad("sales_attributes")
        if len({tuple(one["name"] for one in unit.attributes) for unit in units}) > 1:
            raise bad("sales_attributes differ between SKUs")
        if len({tuple(one["value_name"] for one in unit.attributes) for unit in units}) < len(units):
            raise bad("sales_attributes repeat")
    return units


CODES = {"GTIN": (8, 12, 13, 14), "EAN": (8, 13), "JAN": (8, 13), "UPC": (12,), "ISBN": (10, 13)}


def _code(given: Any) -> str:
    """``{"code": "8930000000012", "type": "GTIN"}``; none is none. How long each kind may be is ours."""
    if given is None:
        return ""
    code, kind = (given.get("code"), given.get("type")) if isinstance(given, dict) else (None, None)
    if kind not in CODES or not isinstance(code, str) or not code.isdecimal() or len(code) not in CODES[kind]:
        raise bad("identifier_code")
    return code


def check_once(shop: "Shop", units: list[Unit]) -> None:
    """Codes and external ids stand for one SKU of the shop each. The refusal of a code is UNCONFIRMED."""
    others = [one for product in shop.products.values() if product.status != "DELETED" for one in product.units]
    codes, names = (
        [getattr(one, key) for one in (*others, *units) if getattr(one, key)] for key in ("code", "external")
    )
    if len(set(codes)) < len(codes):
        raise bad("identifier_code is used twice")
    if len(set(names)) < len(names):
        raise Refusal(12052996, "external_sku_id is used twice")


def _sales(row: Json) -> Json:
    name, value = row.get("name") or row.get("id"), row.get("value_name") or row.get("value_id")
    if not name or not value or len(name) > 20 or len(value) > 50:
        raise bad("sales_attributes")
    number = str(row.get("id") or 100_100 + sum(name.encode()))
    return {"id": number, "name": name, "value_id": f"{number}{sum(value.encode()):06d}", "value_name": value}


def check_all(shop: "Shop", body: Json) -> list[Unit]:
    check_title(body)
    check_description(shop, body)
    leaf = check_category(body)
    check_pictures(shop, body)
    check_attributes(body, leaf)
    check_terms(shop, body, leaf)
    return check_units(shop, body, leaf)
