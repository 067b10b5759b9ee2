"""Listings of a pretend TikTok Shop: create, edit, audit, stock, prices, status calls, search (sheet 5)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hub.sandbox.tiktok_shop import checks, guide
from hub.sandbox.tiktok_shop.state import Product, Unit
from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad, items, names, page, text, within

if TYPE_CHECKING:
    from hub.sandbox.tiktok_shop.shop import Shop

STATUSES = (
    "DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED", "FREEZE", "DELETED",
)  # fmt: skip
STOCKED = ("DRAFT", "PENDING", "FAILED", "ACTIVATE", "SELLER_DEACTIVATED")


# ---- create and edit -----------------------------------------------------------------------------------------------

KEPT = (
    "title", "description", "category_id", "main_images", "product_attributes", "certifications", "package_weight",
    "package_dimensions", "is_cod_allowed", "brand_id",
)  # fmt: skip
EDITABLE = {*KEPT, "category_version", "skus", "save_mode", "video", "delivery_option_ids", "minimum_order_quantity"}


def create(shop: "Shop", ask: Ask) -> Json:
    body = ask.body
    if body.get("save_mode", "LISTING") not in ("LISTING", "AS_DRAFT"):
        raise bad("save_mode")
    key = text(body, "idempotency_key", most=128)
    if key and key in shop.repeats:
        return shop.repeats[key]
    units = checks.check_all(shop, body)
    if shop.made_today(ask.now) >= shop.config.new_products_a_day:
        raise Refusal(12052093, "daily listing limit reached")
    product = Product(
        id=shop.number(), status="DRAFT", shown={}, wanted={name: body[name] for name in KEPT if name in body},
        units=units, created=ask.now, updated=ask.now,
    )  # fmt: skip
    product.shown = dict(product.wanted)
    for unit in units:
        unit.id = shop.number()
    shop.products[product.id] = product
    if body.get("save_mode", "LISTING") == "LISTING":
        send_to_audit(shop, product, ask.now)
    shop.tell(16, {"product_id": int(product.id), "product_types": ["NORMAL"], "update_time": ask.now}, ask.now)
    told: Json = {
        "product_id": product.id,
        "skus": [
            {"id": unit.id, "seller_sku": unit.seller_sku, "sales_attributes": [
                {"id": one["id"], "value_id": one["value_id"]} for one in unit.attributes]}
            for unit in units
        ],
        "warnings": _warnings(body),
    }  # fmt: skip
    if key:
        shop.repeats[key] = told
    return told


def _warnings(body: Json) -> list[Json]:
    known = {one["id"] for one in guide.BRANDS}
    dropped = body.get("brand_id") and body["brand_id"] not in known
    return [{"message": "The brand is not usable and was removed."}] if dropped else []


def listing_check(shop: "Shop", ask: Ask) -> Json:
    """The dry run: says what create would say."""
    try:
        checks.check_all(shop, {"category_version": "v2", **ask.body})
    except Refusal as refusal:
        return {"check_result": "FAILED", "fail_reasons": [{"code": refusal.code, "message": refusal.text}]}
    return {"check_result": "PASS", "fail_reasons": [], "warnings": [], "diagnoses": []}


def partial_edit(shop: "Shop", ask: Ask) -> Json:
    """The top-level properties given are replaced; a listing on sale stays on sale while the edit is audited."""
    product = shop.product(ask.ids[0])
    changes = {name: value for name, value in ask.body.items() if name in EDITABLE}
    if not changes:
        raise bad("nothing to edit")
    return _edit(shop, product, {**product.wanted, **changes}, changes, ask.now)


def edit(shop: "Shop", ask: Ask) -> Json:
    """The whole listing is replaced; price and inventory survive when left out."""
    return _edit(shop, shop.product(ask.ids[0]), dict(ask.body), dict(ask.body), ask.now)


def _edit(shop: "Shop", product: Product, whole: Json, changes: Json, now: int) -> Json:
    if product.status in ("FREEZE", "DELETED"):
        raise Refusal(12052901, "the status does not allow this operation")
    whole.setdefault("category_version", "v2")
    checks.check_title(whole)
    checks.check_description(shop, whole)
    leaf = checks.check_category(whole)
    checks.check_pictures(shop, whole)
    checks.check_attributes(whole, leaf)
    checks.check_terms(shop, whole, leaf)
    if "skus" in changes:
        _edit_units(shop, product, changes["skus"])
    product.wanted = {name: whole[name] for name in KEPT if name in whole}
    if product.status == "DRAFT":
        product.shown = dict(product.wanted)
    if product.status != "DRAFT" or changes.get("save_mode") == "LISTING":
        send_to_audit(shop, product, now)
    return {"product_id": product.id, "skus": [{"id": one.id, "seller_sku": one.seller_sku} for one in product.units]}


def _edit_units(shop: "Shop", product: Product, rows: Any) -> None:
    """Known SKUs by id keep what is left out; all of them must be named (dropping one would delete it)."""
    by_id = {one.id: one for one in product.units}
    if {row.get("id") for row in rows} != set(by_id):
        raise Refusal(12052556, "SKUs of the product do not match")
    for row in rows:
        unit = by_id[row["id"]]
        if "price" in row:
            price = checks.money(row["price"])
            if product.promoted and price != unit.price:
                raise Refusal(12052038, "price is locked by a promotion")
            unit.price = price
        if "inventory" in row:
            unit.stock = checks.quantities(shop, row["inventory"], unit.stock)
        unit.seller_sku = row.get("seller_sku", unit.seller_sku)


# ---- audit ---------------------------------------------------------------------------------------------------------


def send_to_audit(shop: "Shop", product: Product, now: int) -> None:
    """A first audit hides the listing; an edit of one on sale leaves the old version there."""
    if product.status not in ("ACTIVATE", "SELLER_DEACTIVATED"):
        product.to_status("PENDING", now)
    product.audit, product.due, product.updated = "AUDITING", now + shop.config.audit_seconds, now
    tick(shop, now)


def tick(shop: "Shop", now: int) -> None:
    """Audits that are due end."""
    for product in shop.products.values():
        if product.due is not None and product.due <= now:
            _judge(shop, product, product.due)


def _judge(shop: "Shop", product: Product, now: int) -> None:
    product.due = None
    product.reasons = _faults(product)
    product.audit = "FAILED" if product.reasons else "APPROVED"
    if product.audit == "APPROVED":
        product.shown = dict(product.wanted)
    if product.status == "PENDING":
        product.to_status("FAILED" if product.reasons else "ACTIVATE", now)
    product.updated = now
    audit = {"status": product.audit, "pre_approved_reasons": []}
    shop.tell(37, {"product_id": int(product.id), "audit": audit, "update_time": now}, now)
    word = "PRODUCT_AUDIT_FAILURE" if product.reasons else "PRODUCT_FIRST_PASS_REVIEW"
    data = {"product_id": int(product.id), "status": word, "update_time": now}
    shop.tell(5, {**data, "suspended_reason": "; ".join(product.reasons)}, now)


def _faults(product: Product) -> list[str]:
    """What a person at the platform sees though every field is filled in."""
    for one in product.wanted.get("product_attributes", ()):
        words = [str(value.get("name", "")).casefold() for value in one["values"]]
        if one["id"] == guide.LICENCE and set(words) & guide.PLACEHOLDERS:
            return ["Giấy phép sản phẩm không hợp lệ"]
    return []


# ---- prices, stock, status -----------------------------------------------------------------------------------------


def prices(shop: "Shop", ask: Ask) -> Json | None:
    product = shop.product(ask.ids[0])
    if product.status != "ACTIVATE":
        raise Refusal(12052901, "the status does not allow this operation")
    if product.promoted:
        raise Refusal(12052038, "price is locked by a promotion")
    by_id = {one.id: one for one in product.units}
    rows = items(ask.body, "skus", 100)
    for row in rows:
        if row.get("id") not in by_id:
            raise Refusal(12052556, "SKU not found")
    for row, price in [(row, checks.money(row.get("price"))) for row in rows]:
        by_id[row["id"]].price = price
    product.updated = ask.now
    return None


def inventory(shop: "Shop", ask: Ask) -> Json:
    """Absolute quantities; what fails for one SKU stands in ``errors`` of an answer whose code is 0."""
    product = shop.product(ask.ids[0])
    if product.status not in STOCKED:
        raise Refusal(12052901, "the status does not allow this operation")
    rows = items(ask.body, "skus", 100)
    if len({row.get("id") for row in rows}) < len(rows):
        raise Refusal(12052553, "duplicate SKU id")
    by_id = {one.id: one for one in product.units}
    errors: list[Json] = []
    for row in rows:
        unit = by_id.get(row.get("id"))
        try:
            if unit is None:
                raise Refusal(12052556, "SKU not found")
            found = checks.quantities(shop, row.get("inventory"), unit.stock)
            if product.promoted and sum(found.values()) < unit.floor:
                raise Refusal(12052393, "locked by a promotion")
            unit.stock = found
        except Refusal as refusal:
            detail = {"sku_id": row.get("id"), "extra_errors": []}
            errors.append({"code": refusal.code, "message": refusal.text, "detail": detail})
    product.updated = ask.now
    return {"errors": errors}


def inventory_search(shop: "Shop", ask: Ask) -> Json:
    products = names(ask.body, "product_ids", 100, least=0)
    skus = names(ask.body, "sku_ids", 600, least=0)
    if not products and not skus:
        raise bad("product_ids or sku_ids")
    told = []
    for product in shop.products.values():
        units = [one for one in product.units if product.id in products or one.id in skus]
        if units:
            told.append({"product_id": product.id, "skus": [_stock_row(one) for one in units]})
    return {"inventory": told}


def _stock_row(unit: Unit) -> Json:
    houses = [
        {"warehouse_id": house, "available_quantity": amount, "committed_quantity": unit.committed}
        for house, amount in unit.stock.items()
    ]
    return {
        "id": unit.id, "seller_sku": unit.seller_sku, "total_available_quantity": unit.available,
        "total_committed_quantity": unit.committed, "warehouse_inventory": houses,
    }  # fmt: skip


def _each(shop: "Shop", ask: Ask, act: Callable[[Product], None]) -> Json:
    errors: list[Json] = []
    for number in names(ask.body, "product_ids", 20):
        try:
            act(shop.product(number))
        except Refusal as refusal:
            detail = {"product_id": number, "extra_errors": []}
            errors.append({"code": refusal.code, "message": refusal.text, "detail": detail})
    return {"errors": errors}


def _must(product: Product, *statuses: str) -> None:
    if product.status not in statuses:
        raise Refusal(12052901, "the status does not allow this operation")


def activate(shop: "Shop", ask: Ask) -> Json:
    def act(product: Product) -> None:
        _must(product, "SELLER_DEACTIVATED", "PLATFORM_DEACTIVATED", "ACTIVATE")
        if product.status != "ACTIVATE":
            product.to_status("PENDING", ask.now)
            send_to_audit(shop, product, ask.now)

    return _each(shop, ask, act)


def deactivate(shop: "Shop", ask: Ask) -> Json:
    def act(product: Product) -> None:
        _must(product, "ACTIVATE", "SELLER_DEACTIVATED")
        product.to_status("SELLER_DEACTIVATED", ask.now)
        data = {"product_id": int(product.id), "status": "PRODUCT_STATUS_CHANGED", "update_time": ask.now}
        shop.tell(5, {**data, "suspended_reason": ""}, ask.now)

    return _each(shop, ask, act)


def delete(shop: "Shop", ask: Ask) -> Json:
    def act(product: Product) -> None:
        _must(product, *(one for one in STATUSES if one not in ("FREEZE", "DELETED")))
        product.to_status("DELETED", ask.now)

    return _each(shop, ask, act)


def recover(shop: "Shop", ask: Ask) -> Json:
    def act(product: Product) -> None:
        _must(product, "DELETED")
        product.to_status("SELLER_DEACTIVATED", ask.now)

    return _each(shop, ask, act)


# ---- reading -------------------------------------------------------------------------------------------------------


def search(shop: "Shop", ask: Ask) -> Json:
    body = ask.body
    status = body.get("status", "ALL")
    if status not in (*STATUSES, "ALL"):
        raise bad("status")
    skus = names(body, "seller_skus", 10_000, least=0)
    if len(skus) > 10:
        raise Refusal(12019027, "more than 10 seller_skus")
    ids = names(body, "sku_ids", 10, least=0)
    found = [
        product
        for product in shop.products.values()
        if (product.status == status or (status == "ALL" and product.status != "DELETED"))
        and (not skus or any(one.seller_sku in skus for one in product.units))
        and (not ids or any(one.id in ids for one in product.units))
        and within(product.created, body, "create_time", end="le")
        and within(product.updated, body, "update_time", end="le")
    ]
    if len(found) > 10_000:
        raise Refusal(12052180, "search goes beyond 10000 results")
    rows, token = page([((product.id,), brief(product)) for product in found], ask, needed=True)
    return {"products": rows, "total_count": len(found), "next_page_token": token}


def brief(product: Product) -> Json:
    """A row of the search: a local shop's price stands in ``tax_exclusive_price``."""
    return {
        "id": product.id, "title": product.shown["title"], "status": product.status,
        "audit": {"status": product.audit, "pre_approved_reasons": []}, "create_time": product.created,
        "update_time": product.updated, "sales_regions": ["VN"], "has_draft": False,
        "skus": [
            {
                "id": one.id, "seller_sku": one.seller_sku,
                "price": {"currency": "VND", "tax_exclusive_price": str(one.price), "sale_price": str(one.price)},
                "inventory": [{"warehouse_id": h, "quantity": n} for h, n in one.stock.items()],
                "status_info": {"status": "NORMAL"},
            }
            for one in product.units
        ],
    }  # fmt: skip


def get(shop: "Shop", ask: Ask) -> Json:
    product = shop.product(ask.ids[0])
    under_review = ask.may("return_under_review_version", "true", "false") == "true"
    body = product.wanted if under_review else product.shown
    told = brief(product)
    del told["sales_regions"]
    for row, one in zip(told["skus"], product.units, strict=True):
        row["sales_attributes"] = one.attributes
    reasons = [{"listing_platform": "TIKTOK_SHOP", "position": "Product", "reasons": product.reasons,
                "suggestions": []}] if product.reasons else []  # fmt: skip
    return told | {
        "title": body["title"], "description": body["description"],
        "category_chains": guide.chain(body["category_id"]), "audit_failed_reasons": reasons,
        "product_status": {"PENDING": "INITIAL", "FAILED": "INITIAL"}.get(product.status, product.status),
        "main_images": [
            {"uri": one["uri"], "urls": [shop.images[one["uri"]]["url"]], "thumb_urls": [], "width": 600, "height": 600}
            for one in body["main_images"]
        ],
        "product_attributes": [_named(body["category_id"], one) for one in body.get("product_attributes", ())],
        "certifications": body.get("certifications", []), "package_weight": body.get("package_weight"),
        "package_dimensions": body.get("package_dimensions"), "is_cod_allowed": bool(body.get("is_cod_allowed")),
    }  # fmt: skip


def _named(leaf: str, given: Json) -> Json:
    none: Json = {"name": "", "values": []}
    rule = next((one for one in guide.attributes_of(leaf) if one["id"] == given["id"]), none)
    listed = {one["id"]: one["name"] for one in rule["values"]}
    values = [
        {"id": one.get("id", ""), "name": listed.get(one.get("id"), one.get("name", ""))} for one in given["values"]
    ]
    return {"id": given["id"], "name": rule["name"], "values": values}
