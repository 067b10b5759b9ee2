"""Categories, requests and their review, products, price and stock (sheet 3)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hub.sandbox.tiki.config import TikiConfig
from hub.sandbox.tiki.state import PENDING, Asked, Group, Json, Product, Refusal, Seller, State, stamp

ROOT = 2
TOPS = ((4384, "Bách Hóa Online"), (1520, "Làm Đẹp - Sức Khỏe"), (1883, "Nhà Cửa - Đời Sống"), (11312, "Khác"))
LEAVES = (
    (4384, "Rau, củ, quả tươi"), (4384, "Thịt, thủy sản, trứng, sữa tươi"), (4384, "Gạo, ngũ cốc, hạt"),
    (4384, "Mật ong"), (4384, "Thực phẩm ăn liền"), (4384, "Bún, miến, phở khô"), (4384, "Trái cây, rau củ chế biến"),
    (4384, "Thịt, thủy sản chế biến"), (4384, "Nước mắm, nước chấm"), (4384, "Gia vị khô"), (4384, "Trà"),
    (4384, "Trà thảo mộc"), (4384, "Cà phê, ca cao"), (4384, "Rượu trắng"), (4384, "Đồ uống có cồn khác"),
    (4384, "Nước khoáng, nước đóng chai"), (4384, "Nước giải khát"), (1520, "Thực phẩm chức năng"),
    (1520, "Mỹ phẩm thảo dược"), (1520, "Tinh dầu, dược liệu"), (1883, "Đồ thủ công mỹ nghệ"), (1883, "Vải thổ cẩm"),
    (11312, "Hoa tươi"), (11312, "Cây cảnh"), (11312, "Động vật cảnh"), (11312, "Du lịch cộng đồng"),
)  # fmt: skip
INVENTORY_TYPES = ("dropship", "instock", "backorder", "cross_border", "seller_backorder", "drop_ship")
ATTRIBUTES = (
    (603, "brand", "Thương hiệu", True),
    (604, "origin", "Xuất xứ", True),
    (605, "product_top_features", "Đặc điểm nổi bật", True),
    (606, "product_weight_kg", "Trọng lượng sau đóng gói (kg)", True),
    (607, "product_length", "Chiều dài sau đóng gói (cm)", True),
    (608, "product_width", "Chiều rộng sau đóng gói (cm)", True),
    (609, "product_height", "Chiều cao sau đóng gói (cm)", True),
    (610, "expiry_time", "Hạn sử dụng", False),
    (611, "organization_name", "Tên tổ chức chịu trách nhiệm", False),
)


def categories() -> list[Json]:
    """The whole tree; only primary ones take products."""
    tops = [(number, ROOT, name, False) for number, name in TOPS]
    leaves = [(4400 + place, top, name, True) for place, (top, name) in enumerate(LEAVES, 1)]
    return [
        {
            "id": number, "name": name, "parent_id": parent, "is_primary": primary,
            "is_product_listing_enabled": primary, "no_license_seller_enabled": True, "description": "",
        }
        for number, parent, name, primary in [*tops, *leaves]
    ]  # fmt: skip


def attributes() -> list[Json]:
    return [
        {
            "id": number, "code": code, "display_name": name, "is_required": required, "data_type": "string",
            "input_type": "text", "default_value": "",
        }
        for number, code, name, required in ATTRIBUTES
    ]  # fmt: skip


# ---- requests ------------------------------------------------------------------------------------------------------


def ask(state: State, seller: Seller, body: Json, now: datetime) -> Asked:
    """POST /v2.1/requests. Raises Refusal 422 with every fault there is."""
    faults = [*_whole_faults(body), *_variant_faults(seller, body)]
    if faults:
        raise Refusal(422, *faults)
    return _file(state, seller, body, now)


def ask_change(state: State, seller: Seller, body: Json, now: datetime) -> Asked:
    """POST /v2/requests/updateProductInfo: other content for a product that stands."""
    product = own(seller, body)
    asked = _file(state, seller, body, now)
    asked.product_id = product.product_id
    return asked


def _file(state: State, seller: Seller, body: Json, now: datetime) -> Asked:
    number = next(state.numbers)
    asked = Asked(track_id=f"{number:032x}", request_id=number, at=now, body=body)
    seller.requests[number] = asked
    return asked


def _whole_faults(body: Json) -> list[str]:
    faults = []
    known = {one["id"]: one for one in categories()}
    category = known.get(body.get("category_id", 0))
    if category is None:
        faults.append(f"category_id {body.get('category_id')} is not found")
    elif not category["is_primary"]:
        faults.append(f"category_id {category['id']} is not primary")
    if not body.get("name"):
        faults.append("name is required")
    given = body.get("attributes") or {}
    faults += [
        f"attributes {one['code']} is required"
        for one in attributes()
        if one["is_required"] and not given.get(one["code"])
    ]
    if len(body.get("option_attributes", ())) > 2:
        faults.append("option_attributes should have at most 2 codes")
    return faults


def _variant_faults(seller: Seller, body: Json) -> list[str]:
    variants: Sequence[Json] = body.get("variants") or ()
    options = len(body.get("option_attributes") or ())
    faults = [] if variants else ["variants is required"]
    codes = [one.get("sku") for one in variants]
    if len(set(codes)) < len(codes):
        faults.append("Seller product code is not unique")
    for one in variants:
        for place in (1, 2):
            if (place <= options) != bool(one.get(f"option{place}")):
                word = "missing" if place <= options else "redundant"
                faults.append(f"variants don't match with option_attributes => variants option{place} {word}")
        if not isinstance(one.get("price"), int) or one["price"] <= 0:
            faults.append("variants should have price > 0")
        if not one.get("sku"):
            faults.append("variants should have sku")
        if one.get("inventory_type") not in INVENTORY_TYPES:
            faults.append(f"inventory_type {one.get('inventory_type')} is not supported")
        if not isinstance(one.get("seller_warehouse"), str):
            faults.append("seller_warehouse should be a string")
        for stock in one.get("warehouse_stocks") or ():
            if "warehouseId" not in stock or "qtyAvailable" not in stock:
                faults.append("warehouse_stocks should have warehouseId and qtyAvailable")
            elif stock["warehouseId"] not in seller.config.warehouses:
                faults.append(f"Warehouse '[{stock['warehouseId']}]' are not found")
    return list(dict.fromkeys(faults))


def review(state: State, seller: Seller, asked: Asked, now: datetime) -> str:
    """The state a request is in now; what is due is decided on the way."""
    if asked.verdict:
        return asked.verdict
    config = state.config
    gone = (now - asked.at) / timedelta(seconds=config.review_seconds) if config.review_seconds else 1.0
    if gone < 1:
        return next(word for share, word in PENDING if gone < share).format(config.awaiting)
    reason = _fault_at_review(seller, asked, as_json=config.reason_as_json)
    if reason:
        asked.verdict, asked.reason = "rejected", reason
    else:
        approve(state, seller, asked, now)
    return asked.verdict


def settle_all(state: State, seller: Seller, now: datetime) -> None:
    """Everything whose time has come, oldest first."""
    for asked in list(seller.requests.values()):
        review(state, seller, asked, now)


def _fault_at_review(seller: Seller, asked: Asked, *, as_json: bool) -> str:
    body = asked.body
    pictures = [body.get("image"), *(body.get("images") or ())]
    if (not asked.product_id or "image" in body) and not all(_fetchable(one) for one in pictures):
        return "product media is empty"
    taken = [one["sku"] for one in body.get("variants") or () if seller.by_sku(one["sku"])]
    if taken and not asked.product_id:
        text = "Seller product code is not unique"
        fault = {"code": 420, "description": taken[0], "msg": "Mã sản phẩm của nhà bán bị trùng", "msg_eng": text}
        return json.dumps({"errors": [fault], "request_id": asked.request_id}, ensure_ascii=False) if as_json else text
    return ""


def _fetchable(url: object) -> bool:
    """Public address; the name tells this pretend Tiki what it would find there."""
    return isinstance(url, str) and url.startswith(("http://", "https://")) and "499x499" not in url


def reject(asked: Asked, reason: str) -> None:
    """A person at Tiki says no."""
    asked.verdict, asked.reason = "rejected", reason


def approve(state: State, seller: Seller, asked: Asked, now: datetime) -> None:
    """One product per variant, inactive unless the request says otherwise; or the changed content."""
    asked.verdict = "approved"
    body = asked.body
    if asked.product_id:
        _apply(seller.products[asked.product_id], body, now)
        return
    group = Group(
        super_id=next(state.numbers), name=body["name"], description=body.get("description", ""),
        category_id=body["category_id"], attributes=dict(body.get("attributes") or {}),
        images=[one for one in (body.get("image"), *(body.get("images") or ())) if one],
        option_attributes=list(body.get("option_attributes") or ()),
    )  # fmt: skip
    active = int(bool((body.get("meta_data") or {}).get("is_auto_turn_on")))
    for one in body["variants"]:
        next(state.numbers)  # the master product between the two
        stock = {int(where): 0 for where in one["seller_warehouse"].split(",") if where}
        stock |= {row["warehouseId"]: row["qtyAvailable"] for row in one.get("warehouse_stocks") or ()}
        product = Product(
            product_id=next(state.numbers), group=group, original_sku=one["sku"], price=one["price"], active=active,
            stock=stock, reserved={}, option=" - ".join(one[k] for k in ("option1", "option2") if one.get(k)),
            created=now, updated=now, shown_stock=[(now, dict(stock))],
        )  # fmt: skip
        seller.products[product.product_id] = product
        asked.products.append(product.product_id)


def _apply(product: Product, body: Json, now: datetime) -> None:
    changed = dict(body.get("attributes") or {})
    product.group.name = changed.pop("name", product.group.name)
    product.group.description = changed.pop("description", product.group.description)
    product.group.attributes |= changed
    if "image" in body:
        product.group.images = [body["image"], *(body.get("images") or ())]
    product.updated = now


def take_back(seller: Seller, asked: Asked) -> None:
    """DELETE /v2/requests/{id}; what is approved stands."""
    if asked.verdict == "approved":
        raise Refusal(400, "request is approved and can not be deleted")
    asked.verdict = "deleted"


def tracking(state: State, seller: Seller, asked: Asked, now: datetime) -> Json:
    word = review(state, seller, asked, now)
    known = word != "queuing"
    return {
        "track_id": asked.track_id,
        "request_id": asked.request_id if known else None,
        "state": word,
        "reason": asked.reason or None,
    }


def request_json(state: State, seller: Seller, asked: Asked, include: str, now: datetime) -> Json:
    word = review(state, seller, asked, now)
    said = asked.body | {"id": asked.request_id, "request_id": asked.request_id, "track_id": asked.track_id}
    said |= {"state": word, "reason": asked.reason or None, "created_at": stamp(asked.at)}
    said["kind"] = "update" if asked.product_id else "create"
    if "products" in include.split(","):
        said["products"] = [product_json(state.config, seller.products[one], (), now) for one in asked.products]
    return said


# ---- products ------------------------------------------------------------------------------------------------------


def own(seller: Seller, body: Mapping[str, object]) -> Product:
    """The product an update is about. Raises Refusal 403 for one that is not this shop's."""
    number, sku = body.get("product_id"), body.get("original_sku")
    product = seller.products.get(number) if isinstance(number, int) else None
    if product is None and not number and isinstance(sku, str):
        product = seller.by_sku(sku)
    if product is None:
        raise Refusal(403, "you do not have permission to update this product")
    return product


def update(state: State, seller: Seller, body: Json, now: datetime, *, batch: bool = False) -> None:
    """PUT updateSku, or one entry of updateSkus. What is not known is passed over and "approved" all the same."""
    product = own(seller, body)
    rows: Sequence[Json] = body.get("warehouse_quantities") or ()
    wrong = [row.get("warehouse_id") for row in rows if row.get("warehouse_id") not in seller.config.warehouses]
    if wrong:
        raise Refusal(422, f"update error [Warehouse '{wrong}' are not found]", meta=True)
    if any(not isinstance(row.get("qty_available"), int) or row["qty_available"] < 0 for row in rows):
        raise Refusal(422, "update error [qty_available should be >= 0]", meta=True)
    price = body.get("price", product.price)
    if not isinstance(price, int) or isinstance(price, bool) or price <= 0:
        raise Refusal(422, "update error [price should be an integer > 0]", meta=True)
    switch, words = ("status", (1, 2, 3)) if batch else ("active", (0, 1))
    if body.get(switch, 1) not in words:
        raise Refusal(422, f"update error [{switch} is not valid]", meta=True)
    if price * 10 < product.price:
        raise Refusal(422, "Price is not valid because less than ten percent listing price", meta=True)
    if product.original_sku in state.config.deaf:
        return
    product.price = price
    if batch and "status" in body:
        product.active, product.hidden = int(body["status"] == 1), body["status"] == 3
    elif not batch and "active" in body:
        product.active = int(bool(body["active"]))
    if batch:
        product.stock = dict.fromkeys(product.stock, 0)  # warehouses that are left out go to 0
    if rows:
        product.stock |= {row["warehouse_id"]: row["qty_available"] for row in rows}
    product.shown_stock.append((now, dict(product.stock)))
    product.updated = now
    state.tell(seller, "PRODUCT_INVENTORY_UPDATED", _inventory_news(product), now)


def _inventory_news(product: Product) -> Json:
    return {
        "product_id": product.product_id,
        "original_sku": product.original_sku,
        "warehouse_id": next(iter(product.stock), 0),
        "quantity_sellable_to": product.sellable(),
    }


def product_json(
    config: TikiConfig, product: Product, includes: Sequence[str], now: datetime, *, detail: bool = False
) -> Json:
    """One product; the detail says ``id`` where the list says ``product_id`` (sheet 3.4)."""
    group = product.group
    said: Json = {
        "id" if detail else "product_id": product.product_id, "sku": f"{product.product_id}77", "name": product.name,
        "master_id": product.product_id - 1, "master_sku": f"{product.product_id - 1}77", "super_id": group.super_id,
        "super_sku": f"{group.super_id}77", "active": product.active, "is_hidden": product.hidden,
        "original_sku": product.original_sku, "type": "simple", "entity_type": "seller_simple", "price": product.price,
        "market_price": product.price, "created_at": stamp(product.created), "updated_at": stamp(product.updated),
        "thumbnail": group.images[0] if group.images else "", "option_attributes": group.option_attributes,
    }  # fmt: skip
    if "inventory" in includes:
        said["inventory"] = _inventory(config, product, now)
    if "images" in includes:
        said["images"] = [{"id": place, "url": url} for place, url in enumerate(group.images, 1)]
    if "categories" in includes:
        said["categories"] = [{"id": group.category_id, "is_primary": True}]
    if "attributes" in includes:
        said["attributes"] = {"name": product.name, "description": group.description, "option1": product.option or None}
        said["attributes"] |= {key: {"id": 1, "value": value} for key, value in group.attributes.items()}
    return said


def _inventory(config: TikiConfig, product: Product, now: datetime) -> Json:
    seen = product.visible_stock(now, config.stock_lag_seconds)
    rows = [
        {
            "warehouse_id": where, "quantity": seen.get(where, 0), "quantity_available": seen.get(where, 0),
            "quantity_reserved": product.reserved.get(where, 0),
            "quantity_sellable": seen.get(where, 0) - product.reserved.get(where, 0),
        }
        for where in product.stock
    ]  # fmt: skip
    return {"fulfillment_type": "dropship", "inventory_type": "dropship", "warehouse_stocks": rows}
