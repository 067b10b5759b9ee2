"""Products and variations: what is taken from a body, strictly or as a batch does, and what becomes of it (sheet 4)."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from hub.sandbox.woocommerce.schema import PRODUCT_STATUSES, PRODUCT_TYPES, STOCK_STATUSES
from hub.sandbox.woocommerce.site import UNCATEGORISED, Product, Site, paragraphs, settle_stock, slugify, term_json
from hub.sandbox.woocommerce.wire import (
    Json,
    Wrong,
    decimal_text,
    number,
    php_bool,
    php_int,
    php_text,
    read_date,
    stamps,
)

SIMPLE: Mapping[str, Callable[[object], object]] = {
    "featured": php_bool,
    "virtual": php_bool,
    "sold_individually": php_bool,
    "reviews_allowed": php_bool,
    "catalog_visibility": php_text,
    "purchase_note": php_text,
    "global_unique_id": php_text,
    "weight": php_text,
    "menu_order": php_int,
    "low_stock_amount": php_int,
}
"""Fields that are stored as they come."""


def create(site: Site, body: Json, parent: Product | None = None) -> Product:
    """A new product, or a variation of ``parent``. Raises Wrong; then nothing was made (but pictures stay)."""
    if parent is None and body.get("id"):
        raise Wrong("woocommerce_rest_product_exists", "Cannot create existing product.", 400)
    now = site.now()
    fresh_sku(site, php_text(body.get("sku")), 0, creating=True)
    product = Product(id=0, json=_blank(now, parent), created=now, modified=now, parent=parent.id if parent else 0)
    _apply(site, product, body, now)
    product.id = site.post_id()
    product.json["id"] = product.id
    name = php_text(body.get("slug")) or product.json["name"]
    product.json["slug"] = site.free_slug(name, product.id)
    _finish(site, product)
    if parent is None:
        site.products[product.id] = product
        site.on_event("product.created", product.id)
    else:
        site.variations[product.id] = product
        parent.children.append(product.id)
        parent.json["variations"] = list(parent.children)
        parent.touch(now)
        refresh_parent(site, parent)
        site.on_event("product.updated", parent.id)
    return product


def update(site: Site, product: Product, body: Json) -> Product:
    """Change what the body names. Raises Wrong; then the product is as before."""
    now = site.now()
    if "sku" in body:
        fresh_sku(site, php_text(body["sku"]), product.id, creating=False)
    before = dict(product.json)
    raw = dict(product.raw)
    try:
        _apply(site, product, body, now)
    except Wrong:
        product.json, product.raw = before, raw
        raise
    if before["sku"] != product.json["sku"]:
        site.by_sku.pop(before["sku"], None)
    if body.get("slug"):
        product.json["slug"] = site.free_slug(php_text(body["slug"]), product.id)
    elif before["status"] == "trash" and product.status != "trash":
        product.json["slug"] = product.json["slug"].removesuffix("__trashed")
    _finish(site, product)
    site.changed(product)
    if (parent := site.products.get(product.parent)) is not None:
        refresh_parent(site, parent)
    return product


def remove(site: Site, product: Product, *, force: bool) -> Json:
    """To the trash, or gone for good. Returns what it was. Only trashing is told by webhook (sheet 6)."""
    if not force and product.status == "trash":
        raise Wrong("woocommerce_rest_already_trashed", "The product has already been deleted.", 410)
    for child in list(site.family(product)):
        remove(site, child, force=True) if force else child.json.update(status="trash")
        child.encoded = None
    if not force:
        product.json.update(status="trash", slug=f"{product.json['slug']}__trashed")
        product.touch(site.now())
        site.on_event("product.deleted", product.parent or product.id)
        return product.json
    site.by_sku.pop(product.json["sku"], None)
    site.slugs.pop(product.json["slug"].removesuffix("__trashed"), None)
    site.products.pop(product.id, None)
    site.variations.pop(product.id, None)
    if (parent := site.products.get(product.parent)) is not None:
        parent.children.remove(product.id)
        parent.json["variations"] = list(parent.children)
        parent.touch(site.now())
        refresh_parent(site, parent)
    return product.json


def fresh_sku(site: Site, sku: str, owner: int, *, creating: bool) -> None:
    """SKUs are unique over products, variations and the trash; each has its own complaint (sheet 2)."""
    held = site.by_its_sku(sku) if sku else None
    if held is None or held.id == owner:
        return
    if creating and held.status == "trash":
        text = f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table"
        raise Wrong("woocommerce_rest_product_not_created", text, 400)
    nth = 1
    while f"{sku}-{nth}" in site.by_sku:
        nth += 1
    data = {"status": 400, "resource_id": held.id, "unique_sku": f"{sku}-{nth}"}
    raise Wrong("product_invalid_sku", "Invalid or duplicated SKU.", 400, data)


def show(product: Product, now: datetime) -> bytes:
    """The product as JSON; a sale that begins or ends by the clock is looked at again."""
    if product.sale_from is not None or product.sale_to is not None:
        price(product, now)
        product.encoded = None
    return product.bytes()


def price(product: Product, now: datetime) -> None:
    """The current price: the sale's when there is one now, the regular one otherwise."""
    json = product.json
    begun = product.sale_from is None or product.sale_from <= now
    over = product.sale_to is not None and product.sale_to < now
    json["on_sale"] = json["sale_price"] != "" and begun and not over
    json["price"] = json["sale_price"] if json["on_sale"] else json["regular_price"]
    json["purchasable"] = json["price"] != "" and json["status"] == "publish"


def refresh_parent(site: Site, parent: Product) -> None:
    """A variable product shows its cheapest variation's price, and is in stock when one of them is."""
    children = [child for child in site.family(parent) if child.status == "publish"]
    prices = sorted((child.json["price"] for child in children if child.json["price"] != ""), key=number)
    parent.json["price"] = prices[0] if prices else ""
    parent.json["purchasable"] = bool(prices)
    if not parent.json["manage_stock"] and children:
        held = any(child.json["stock_status"] == "instock" for child in children)
        parent.json["stock_status"] = "instock" if held else "outofstock"
    parent.encoded = None


def _finish(site: Site, product: Product) -> None:
    json = product.json
    json["permalink"] = site.permalink(json["slug"])
    json["_links"] = {"self": [{"href": f"{site.home}/wp-json/wc/v3/products/{product.id}"}]}
    if json["sku"]:
        site.by_sku[json["sku"]] = product.id
    price(product, site.now())
    if json["type"] == "variable":
        refresh_parent(site, product)
    product.encoded = None


def _apply(site: Site, product: Product, body: Json, now: datetime) -> None:
    json = product.json
    for name, turn in SIMPLE.items():
        if body.get(name) is not None:
            json[name] = turn(body[name])
    if body.get("name") is not None and not product.parent:
        json["name"] = clean(php_text(body["name"]))
    for name in ("description", "short_description"):
        if body.get(name) is not None:
            product.raw[name] = clean(php_text(body[name]))
            json[name] = paragraphs(product.raw[name])
    if body.get("status") is not None:
        json["status"] = body["status"] if body["status"] in PRODUCT_STATUSES else "draft"
    if body.get("type") is not None and not product.parent:
        json["type"] = body["type"] if body["type"] in PRODUCT_TYPES else "simple"
    if body.get("sku") is not None:
        json["sku"] = php_text(body["sku"])
    if isinstance(body.get("dimensions"), dict):
        given = body["dimensions"]
        json["dimensions"] = {key: php_text(given.get(key, old)) for key, old in json["dimensions"].items()}
    if body.get("meta_data"):
        json["meta_data"] = site.merge_meta(json["meta_data"], body["meta_data"])
    _apply_prices(product, body)
    _apply_stock(json, body)
    _apply_terms(site, product, body)
    _apply_attributes(site, product, body)
    _apply_pictures(site, product, body, now)


def _apply_prices(product: Product, body: Json) -> None:
    json = product.json
    for name in ("regular_price", "sale_price"):
        if body.get(name) is not None:
            json[name] = decimal_text(body[name])
    if json["sale_price"] and number(json["sale_price"]) >= number(json["regular_price"]):
        json["sale_price"] = ""
    for end in ("from", "to"):
        local, gmt = body.get(f"date_on_sale_{end}"), body.get(f"date_on_sale_{end}_gmt")
        if local is None and gmt is None:
            continue
        moment = read_date(str(local)) if local is not None else read_date(str(gmt), gmt=True)
        json.update(stamps(f"date_on_sale_{end}", moment))
        if end == "from":
            product.sale_from = moment
        else:
            product.sale_to = moment


def _apply_stock(json: Json, body: Json) -> None:
    if body.get("backorders") is not None:
        json["backorders"] = php_text(body["backorders"])
        json["backorders_allowed"] = json["backorders"] != "no"
    if body.get("stock_status") in STOCK_STATUSES and not json["manage_stock"]:
        json["stock_status"] = body["stock_status"]
    if body.get("manage_stock") is not None:
        json["manage_stock"] = php_bool(body["manage_stock"])
    if not json["manage_stock"]:
        json["stock_quantity"] = None  # the status stays as it was (sheet 4)
        return
    if body.get("stock_quantity") is not None:
        json["stock_quantity"] = php_int(body["stock_quantity"])
    json["stock_quantity"] = json["stock_quantity"] or 0
    settle_stock(json)


def _apply_terms(site: Site, product: Product, body: Json) -> None:
    for kind in ("categories", "tags", "brands"):
        if body.get(kind) is None or product.parent:
            continue
        chosen: dict[int, Json] = {}
        for given in body[kind] if isinstance(body[kind], list) else []:
            term = _term(site, kind, given if isinstance(given, dict) else {"id": given})
            if term is not None:
                chosen[term["id"]] = {key: term[key] for key in ("id", "name", "slug")}
        product.json[kind] = list(chosen.values())
    if not product.parent and not product.json["categories"]:
        home = site.terms["categories"][UNCATEGORISED]
        product.json["categories"] = [{key: home[key] for key in ("id", "name", "slug")}]


def _term(site: Site, kind: str, given: Json) -> Json | None:
    """By id; unknown ones fall away silently. Only a tag can be made by name on the way."""
    known = site.terms[kind].get(php_int(given.get("id")))
    name = php_text(given.get("name"))
    if known is not None or kind != "tags" or not name:
        return known
    for term in site.terms[kind].values():
        if term["name"] == name:
            return term
    number_ = site.term_id()
    site.terms[kind][number_] = term_json(number_, name, slugify(name))
    return site.terms[kind][number_]


def _apply_attributes(site: Site, product: Product, body: Json) -> None:
    if not isinstance(body.get("attributes"), list):
        return
    shown: list[Json] = []
    for place, given in enumerate(body["attributes"]):
        number_ = php_int(given.get("id"))
        if number_ and number_ not in site.attributes:
            continue
        name = site.attributes[number_]["name"] if number_ else php_text(given.get("name"))
        entry: Json = {"id": number_, "name": name, "slug": f"pa_{slugify(name)}" if number_ else name}
        if product.parent:
            entry["option"] = php_text(given.get("option"))
        else:
            entry["position"] = php_int(given.get("position", place))
            entry["visible"] = php_bool(given.get("visible", False))
            entry["variation"] = php_bool(given.get("variation", False))
            entry["options"] = [php_text(option) for option in given.get("options") or []]
        shown.append(entry)
    product.json["attributes"] = shown
    if product.parent:
        product.json["name"] = ", ".join(entry["option"] for entry in shown if entry["option"])


def _apply_pictures(site: Site, product: Product, body: Json, now: datetime) -> None:
    """The list replaces all pictures; each ``src`` is fetched again, whatever was fetched before (sheet 4)."""
    if product.parent:
        if isinstance(body.get("image"), dict):
            product.json["image"] = site.take_picture(body["image"], now) if body["image"] else None
        return
    if isinstance(body.get("images"), list):
        product.json["images"] = [site.take_picture(given, now) for given in body["images"]]


def clean(text: str) -> str:
    """Script tags go, the text between them stays (sheet 4)."""
    return re.sub(r"</?script\b[^>]*>", "", text, flags=re.I)


def _blank(now: datetime, parent: Product | None) -> Json:
    """A product before anything was said about it; without a name it is called "Product"."""
    json: Json = {
        "id": 0,
        "name": "Product" if parent is None else "",
        "slug": "",
        "permalink": "",
        **stamps("date_created", now),
        **stamps("date_modified", now),
        "type": "simple" if parent is None else "variation",
        "status": "publish",
        "featured": False,
        "catalog_visibility": "visible",
        "description": "",
        "short_description": "",
        "sku": "",
        "global_unique_id": "",
        "price": "",
        "regular_price": "",
        "sale_price": "",
        **stamps("date_on_sale_from", None),
        **stamps("date_on_sale_to", None),
        "on_sale": False,
        "purchasable": False,
        "total_sales": 0,
        "virtual": False,
        "downloadable": False,
        "tax_status": "taxable",
        "tax_class": "",
        "manage_stock": False,
        "stock_quantity": None,
        "stock_status": "instock",
        "backorders": "no",
        "backorders_allowed": False,
        "low_stock_amount": None,
        "sold_individually": False,
        "weight": "",
        "dimensions": {"length": "", "width": "", "height": ""},
        "reviews_allowed": True,
        "parent_id": 0 if parent is None else parent.id,
        "purchase_note": "",
        "categories": [],
        "brands": [],
        "tags": [],
        "images": [],
        "attributes": [],
        "default_attributes": [],
        "variations": [],
        "grouped_products": [],
        "menu_order": 0,
        "meta_data": [],
    }
    if parent is not None:
        for name in ("categories", "brands", "tags", "images", "default_attributes", "variations", "short_description"):
            del json[name]
        json["image"] = None
    return json
