"""Items: create, change, hide, delete. add_item is not idempotent and SKUs are not unique: twice means two items."""

import hashlib

from hub.sandbox.shopee import rules
from hub.sandbox.shopee.config import ShopeeConfig
from hub.sandbox.shopee.state import SINGLE, Item, Model, ShopState, Violation
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad, dong

FOREVER_UNTOUCHABLE = ("original_price", "seller_stock", "model", "tier_variation", "standardise_tier_variation")
"""update_item leaves these alone."""
UTC8 = 8 * 3600


def add_item(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/add_item."""
    _may_add(shop, now)
    body: Json = {key: args.raw(key) for key in rules.KNOWN if key in args}
    price = dong(args.raw("original_price"), "original_price")
    rules.check(shop, body)
    rules.price(shop.config, price)
    stock = rules.stock(shop, args.objects("seller_stock", 50, needed=False))
    wanted = _wanted(args)
    if shop.config.refuse_similar and any(i.name == body["item_name"] and not i.deleted for i in shop.items.values()):
        raise Refusal("error_repeated_mtsku", "A similar product has already been uploaded")
    item_id = next(shop.ids)
    model = Model(model_id=SINGLE, sku=args.string("item_sku", ""), price=price, stock=stock)
    item = Item(
        item_id=item_id, body=body, status=wanted, wanted=wanted, created=now, updated=now, models={SINGLE: model}
    )
    shop.items[item_id] = item
    shop.index(item)
    _count_new(shop, now)
    if not judge(shop, item, now) and _drawn(shop.config, item_id):
        _review(shop, item, now)
    return Answer(response=_echo(shop, item, model))


def update_item(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/update_item: only what changes is sent, the whole item is checked."""
    item = living(shop, args.number("item_id"))
    changes: Json = {key: args.raw(key) for key in rules.KNOWN if key in args}
    _locked(item, changes)
    body = item.body | changes
    for key in rules.ERASABLE:
        if body.get(key) == "":
            del body[key]
    rules.check(shop, body)
    item.body = body
    if "item_sku" in changes and not item.has_models:
        item.models[SINGLE].sku = str(body.get("item_sku", ""))
    if "item_status" in args:
        item.wanted = _wanted(args)
        if item.status in ("NORMAL", "UNLIST"):
            item.status = item.wanted
    item.updated = now
    shop.index(item)
    judge(shop, item, now)
    ignored = [key for key in FOREVER_UNTOUCHABLE if key in args]
    warning = f"{', '.join(ignored)} cannot be changed here" if ignored else ""
    return Answer(response=_echo(shop, item, next(iter(item.models.values()))), warning=warning)


def unlist_item(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/unlist_item: up to 50, some may fail."""
    done: list[Json] = []
    failed: list[Json] = []
    codes: list[str] = []
    for entry in args.objects("item_list", 50):
        number, hide = entry.number("item_id"), entry.flag("unlist")
        item = shop.items.get(number)
        if item is None or item.deleted:
            failed.append({"item_id": number, "failed_reason": "item not found"})
            codes.append("error_item_not_found")
        elif item.status in ("BANNED", "REVIEWING"):
            failed.append({"item_id": number, "failed_reason": "reviewing or banned item cannot be delisted"})
            codes.append("error_busi_cannot_delist_reviewing_or_banned_item")
        else:
            item.status = item.wanted = "UNLIST" if hide else "NORMAL"
            item.updated = now
            done.append({"item_id": number, "unlist": hide})
    if not done:
        raise Refusal(codes[0], "Delist item failed.")
    return Answer(
        response={"success_list": done, "failure_list": failed}, warning="part of the list failed" if failed else ""
    )


def delete_item(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/delete_item: for good; the answer has no payload."""
    item = living(shop, args.number("item_id"))
    if item.in_promotion:
        raise Refusal("error_item_in_promotion", "Item is in a promotion.")
    item.status = "SELLER_DELETE"
    item.updated = item.gone_at = now
    shop.reviewing.pop(item.item_id, None)
    return Answer()


def living(shop: ShopState, item_id: int) -> Item:
    """The item unless it was deleted."""
    item = shop.items.get(item_id)
    if item is None or item.deleted:
        raise Refusal("error_item_not_found", "Item_id is not found.")
    return item


def judge(shop: ShopState, item: Item, now: int) -> bool:
    """Ban what says a forbidden word, lift the ban when it no longer does; True when banned."""
    text = f"{item.name} {item.body.get('description', '')}".casefold()
    word = next((w for w in shop.config.banned_words if w.casefold() in text), None)
    if word is None:
        if item.status == "BANNED":
            item.violation = None
            item.status = item.wanted
        return False
    ban(shop, item, f"Forbidden words: {word}", now)
    return True


def ban(shop: ShopState, item: Item, reason: str, now: int) -> None:
    """The platform takes the item down and says why (push 16)."""
    shop.reviewing.pop(item.item_id, None)
    item.status = "BANNED"
    item.updated = now
    item.violation = Violation(
        kind="Prohibited Listing", reason=reason, suggestion="Edit the item or hand in papers in Seller Centre",
        deadline=now + 7 * 86_400, at=now,
    )  # fmt: skip
    shop.notify(16, violation_data(item), now)


def violation_data(item: Item) -> Json:
    """The item as push 16 and get_item_violation_info tell it."""
    found = item.violation
    details: list[Json] = (
        [
            {
                "violation_type": found.kind,
                "violation_reason": found.reason,
                "suggestion": found.suggestion,
                "fix_deadline_time": found.deadline,
                "update_time": found.at,
            }
        ]
        if found
        else []
    )
    return {
        "item_id": item.item_id,
        "item_name": item.name,
        "item_status": item.status,
        "deboost": False,
        "item_status_details": details,
        "deboost_details": [],
    }


def images_of(shop: ShopState, item: Item) -> Json:
    """``image_id_list`` and ``image_url_list`` of an item."""
    image = item.body["image"]
    assert isinstance(image, dict)
    ids = list(image["image_id_list"])
    return {"image_id_list": ids, "image_url_list": [shop.images[one] for one in ids]}


def _wanted(args: Args) -> str:
    status = args.string("item_status", "NORMAL")
    if status not in ("NORMAL", "UNLIST"):
        raise bad("item_status must be NORMAL or UNLIST")
    return status


def _may_add(shop: ShopState, now: int) -> None:
    config = shop.config
    if shop.settings.under_penalty:
        raise Refusal("error_seller_under_penalty", "You are under penalty and cannot add items.")
    if len(shop.items) >= config.items_per_shop and (
        sum(not i.deleted for i in shop.items.values()) >= config.items_per_shop
    ):
        raise Refusal("error_reach_shop_item_limit", "The shop has reached its item limit.")
    day, used = shop.new_items
    if config.new_items_per_day and day == quota_day(now) and used >= config.new_items_per_day:
        raise Refusal("error_limit", "You have reached the daily limit of new items.")


def _count_new(shop: ShopState, now: int) -> None:
    day, used = shop.new_items
    shop.new_items = (day, used + 1) if day == quota_day(now) else (quota_day(now), 1)


def quota_day(now: int) -> int:
    """Daily quotas begin anew at 00:00 UTC+8."""
    return (now + UTC8) // 86_400


def _drawn(config: ShopeeConfig, item_id: int) -> bool:
    return hashlib.sha256(str(item_id).encode()).digest()[0] * 100 < config.review_percent * 256


def _review(shop: ShopState, item: Item, now: int) -> None:
    item.status = "REVIEWING"
    item.review_until = now + shop.config.review_seconds
    shop.reviewing[item.item_id] = item


def _locked(item: Item, changes: Json) -> None:
    if not item.in_promotion:
        return
    for field, word in (("item_name", "name"), ("description", "description"), ("image", "image")):
        if field in changes:
            raise Refusal(f"error_cannt_edit_{word}_in_promotion", f"Cannot edit the {word} during a promotion.")
    raise Refusal("error_item_in_promotion", "Item is in a promotion.")


def _echo(shop: ShopState, item: Item, model: Model) -> Json:
    return {
        "item_id": item.item_id,
        "item_name": item.name,
        "item_status": item.status,
        "item_sku": item.sku,
        "category_id": item.body["category_id"],
        "description": item.body["description"],
        "weight": item.body["weight"],
        "condition": item.body.get("condition", "NEW"),
        "brand": item.body["brand"],
        "logistic_info": item.body["logistic_info"],
        "attributes": item.body.get("attribute_list", []),
        "images": images_of(shop, item),
        "price_info": {"current_price": model.buyer_price, "original_price": model.price},
        "seller_stock": seller_stock(model),
        "video_info": [],
    }


def seller_stock(model: Model) -> list[Json]:
    """Stock per location; without locations the key is missing."""
    return [{"location_id": place, "stock": n} if place else {"stock": n} for place, n in model.stock.items()]
