"""Reading items back: lists, search, base and extra information, models, violations."""

from collections.abc import Iterator

from hub.sandbox.shopee.items import images_of, living, seller_stock, violation_data
from hub.sandbox.shopee.state import Item, Model, ShopState
from hub.sandbox.shopee.variants import told_tiers
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad

STATUSES = ("NORMAL", "BANNED", "UNLIST", "REVIEWING", "SELLER_DELETE", "SHOPEE_DELETE")
KEPT = 90 * 86_400
"""A deleted item stays readable so long."""


def get_item_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_item_list: oldest id first, window on update_time both borders included."""
    offset, size = args.number("offset", 0), page_size(args)
    wanted = set(args.strings("item_status", len(STATUSES)))
    if not wanted <= set(STATUSES):
        raise bad("item_status is invalid")
    if offset > shop.config.deepest_offset:
        raise bad("get items offset over limit, please use the next field")
    first, last = args.number("update_time_from", 0), args.number("update_time_to", 1 << 62)
    found = [i for i in _readable(shop, now) if i.status in wanted and first <= i.updated <= last]
    page = found[offset : offset + size]
    more = offset + size < len(found)
    response: Json = {
        "item": [
            {"item_id": i.item_id, "item_status": i.status, "update_time": i.updated, "tag": {"kit": False}}
            for i in page
        ],
        "total_count": len(found),
        "has_next_page": more,
        "next": "",
    }
    if more:
        response["next_offset"] = offset + size
    return Answer(response=response)


def search_item(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/search_item: by name, exact item SKU, or lacking mandatory attributes; the cursor is a text."""
    size = page_size(args)
    cursor = args.string("offset", "")
    if cursor and not cursor.isdecimal():
        raise bad("offset is invalid")
    name, sku, status = args.string("item_name", ""), args.string("item_sku", ""), args.number("attribute_status", 0)
    if not (name or sku or status):
        raise bad("item_name, item_sku or attribute_status is required")
    pool: Iterator[Item] = iter(sorted(shop.by_sku.get(sku, {}).values(), key=_by_id) if sku else shop.items.values())
    found = [
        i
        for i in pool
        if not i.deleted
        and i.item_id > int(cursor or 0)
        and (not sku or i.sku == sku or shop.config.search_models_by_sku)
        and (not name or name.casefold() in i.name.casefold())
        and (not status or not i.body.get("attribute_list"))
    ]
    page = found[:size]
    more = len(found) > size
    return Answer(
        response={
            "item_id_list": [i.item_id for i in page],
            "total_count": len(found),
            "next_offset": str(page[-1].item_id) if more else "",
        }
    )


def get_item_base_info(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_item_base_info: up to 50; what is not there is left out, nothing there at all is refused."""
    found = _wanted(shop, args, now)
    return Answer(response={"item_list": [_base(shop, i) for i in found]})


def get_item_extra_info(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_item_extra_info: sales so far, views of 30 days."""
    found = _wanted(shop, args, now)
    extra: list[Json] = [
        {
            "item_id": i.item_id,
            "sale": sum(m.sold for m in i.models.values()),
            "views": 0,
            "likes": 0,
            "rating_star": 0,
            "comment_count": 0,
        }
        for i in found
    ]
    return Answer(response={"item_list": extra})


def get_item_violation_info(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_item_violation_info."""
    return Answer(response={"item_list": [violation_data(i) for i in _wanted(shop, args, now)]})


def get_model_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET product/get_model_list: empty lists for an item without variants."""
    item = living(shop, args.number("item_id"))
    models = [_told_model(item, m) for m in item.models.values()] if item.has_models else []
    return Answer(response={**told_tiers(shop, item), "model": models})


def page_size(args: Args, default: int | None = None) -> int:
    """1 to 100."""
    size = args.number("page_size", default)
    if not 1 <= size <= 100:
        raise bad("page_size must be between 1 and 100")
    return size


def _readable(shop: ShopState, now: int) -> Iterator[Item]:
    return (i for i in shop.items.values() if not i.deleted or now - i.gone_at <= KEPT)


def _by_id(item: Item) -> int:
    return item.item_id


def _wanted(shop: ShopState, args: Args, now: int) -> list[Item]:
    ids = args.numbers("item_id_list", 50)
    found = [shop.items[n] for n in ids if n in shop.items]
    found = [i for i in found if not i.deleted or now - i.gone_at <= KEPT]
    if not found:
        raise Refusal("error_item_not_found", "Item_id is not found.")
    return found


def _base(shop: ShopState, item: Item) -> Json:
    told: Json = {
        "item_id": item.item_id,
        "category_id": item.body["category_id"],
        "item_name": item.name,
        "description": item.body["description"],
        "description_type": item.body.get("description_type", "normal"),
        "item_sku": item.sku,
        "create_time": item.created,
        "update_time": item.updated,
        "attribute_list": item.body.get("attribute_list", []),
        "image": images_of(shop, item),
        "weight": str(item.body["weight"]),
        "dimension": item.body.get("dimension", {}),
        "logistic_info": item.body["logistic_info"],
        "pre_order": item.body.get("pre_order", {"is_pre_order": False, "days_to_ship": shop.config.days_to_ship}),
        "condition": item.body.get("condition", "NEW"),
        "item_status": item.status,
        "has_model": item.has_models,
        "has_promotion": item.in_promotion,
        "brand": item.body["brand"],
        "gtin_code": item.body.get("gtin_code", ""),
        "deboost": False,
        "stock_info_v2": _stock(list(item.models.values())),
    }
    if not item.has_models:
        told["price_info"] = [_price(model) for model in item.models.values()]
    return told


def _told_model(item: Item, model: Model) -> Json:
    return {
        "model_id": model.model_id,
        "tier_index": list(model.tier_index),
        "model_sku": model.sku,
        "model_name": item.label(model),
        "model_status": "MODEL_NORMAL",
        "gtin_code": model.gtin,
        "price_info": [_price(model)],
        "stock_info_v2": _stock([model]),
        "weight": str(item.body["weight"] if model.weight is None else model.weight),
    }


def _price(model: Model) -> Json:
    return {"currency": "VND", "original_price": model.price, "current_price": model.buyer_price}


def _stock(models: list[Model]) -> Json:
    total: dict[str, int] = {}
    for model in models:
        for place, units in model.stock.items():
            total[place] = total.get(place, 0) + units
    whole = seller_stock(models[0]) if len(models) == 1 else [
        {"location_id": place, "stock": n} if place else {"stock": n} for place, n in total.items()
    ]  # fmt: skip
    return {
        "summary_info": {
            "total_reserved_stock": sum(m.reserved for m in models),
            "total_available_stock": sum(m.available for m in models),
        },
        "seller_stock": whole,
        "shopee_stock": [],
        "advance_stock": {"sellable_advance_stock": 0, "in_transit_advance_stock": 0},
    }
