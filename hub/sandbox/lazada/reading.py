"""Products as the pretend Lazada tells them: lists, one item, mixed spellings (sheet 8)."""

import json
from collections.abc import Mapping
from datetime import datetime

from hub.sandbox.lazada.shop import Shop
from hub.sandbox.lazada.state import Item, Sku, millis
from hub.sandbox.lazada.wire import Call, Json, Refusal, whole

FILTERS = ("all", "live", "inactive", "deleted", "pending", "rejected", "sold-out")


def shop_sku(item: Item, sku: Sku) -> str:
    return f"{item.item_id}_VNAMZ-{sku.sku_id}"


def json_list(text: str, most: int) -> list[str]:
    """A parameter that is a JSON list of 1 to ``most``. Raises Refusal("70")."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not 0 < len(found) <= most:
        raise Refusal("70", "E070: You have an error in the list")
    return [str(one) for one in found]


def many(shop: Shop, call: Call) -> Json:
    """A page; nothing there: no ``products`` at all."""
    which = call.args.get("filter", "all")
    if which not in FILTERS:
        raise Refusal("36", "E036: Invalid status filter")
    limit, offset = whole(call, "limit", 20, 50, "19"), whole(call, "offset", 0, 10_000, "14")
    wanted = json_list(call.args["sku_seller_list"], 100) if "sku_seller_list" in call.args else None
    borders = {name: iso(call.args[name]) for name in _BORDERS if name in call.args}
    found = [
        item
        for item in sorted(shop.items.values(), key=lambda one: (one.updated, one.item_id))
        if _passes(item, which, borders) and (wanted is None or any(one.seller_sku in wanted for one in item.skus))
    ]
    page = found[offset : offset + limit]
    told: Json = {"total_products": len(found)}
    return {"data": told | ({"products": [item_json(one, shop) for one in page]} if page else {})}


_BORDERS = ("create_after", "create_before", "update_after", "update_before")


def iso(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("17", "E017: Invalid Date Format") from None
    if found.tzinfo is None:
        raise Refusal("17", "E017: Invalid Date Format")
    return found


def _passes(item: Item, which: str, borders: Mapping[str, datetime]) -> bool:
    moments = {"create": item.created, "update": item.updated}
    for name, border in borders.items():
        kind, side = name.split("_")
        if moments[kind] < border if side == "after" else moments[kind] > border:
            return False
    match which:
        case "live":
            return item.status == "Active"
        case "inactive" | "deleted" | "pending" | "rejected":
            return item.status == {"inactive": "InActive", "deleted": "Deleted", "pending": "Pending QC"}.get(
                which, "Rejected"
            )
        case "sold-out":
            return item.status == "Active" and all(one.sellable == 0 for one in item.skus)
    return item.status != "Deleted"


def one(shop: Shop, call: Call) -> Json:
    number = call.need("item_id")
    for item in shop.standing():
        if str(item.item_id) == number:
            return {"data": item_json(item, shop)}
    raise Refusal("4137", "ITEM_NOT_FOUND")


def item_json(item: Item, shop: Shop) -> Json:
    """CamelCase and snake_case, times as milliseconds in text."""
    return {
        "item_id": item.item_id, "status": item.status, "subStatus": "", "hiddenStatus": "", "suspendedSkus": [],
        "rejectReason": [{"suggestion": "", "violationDetail": item.reason}] if item.reason else [],
        "primary_category": item.category, "attributes": dict(item.attributes), "images": list(item.images),
        "created_time": str(millis(item.created)), "updated_time": str(millis(item.updated)),
        "skus": [_sku_json(one, item) for one in item.skus],
    }  # fmt: skip


def _sku_json(sku: Sku, item: Item) -> Json:
    warehouse = {
        "warehouseCode": "dropshipping", "quantity": sku.total, "sellableQuantity": sku.sellable,
        "totalQuantity": sku.total, "withholdQuantity": sku.withhold, "occupyQuantity": sku.occupy,
    }  # fmt: skip
    return {
        "SkuId": sku.sku_id, "SellerSku": sku.seller_sku, "ShopSku": shop_sku(item, sku),
        "Status": "active" if sku.active else "inactive", "price": float(sku.price),
        "special_price": float(sku.special_price), "quantity": sku.total, "Available": sku.sellable,
        "multiWarehouseInventories": [warehouse], "channelInventories": [], "Images": list(sku.images),
        "Url": f"https://www.lazada.vn/products/i{item.item_id}-s{sku.sku_id}.html", "saleProp": dict(sku.sale),
    } | dict(sku.package)  # fmt: skip
