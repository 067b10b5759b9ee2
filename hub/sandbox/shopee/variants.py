"""Tiers and models of an item. Calling init_tier_variation again builds everything anew with new model ids."""

from hub.sandbox.shopee import rules
from hub.sandbox.shopee.items import living, seller_stock
from hub.sandbox.shopee.state import Item, Model, Option, ShopState, Tier
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, amount, bad, dong

MODELS = 50


def init_tier_variation(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/init_tier_variation. Early calls meet a system that does not know the item yet."""
    item = living(shop, args.number("item_id"))
    if now - item.created < shop.config.tier_wait_seconds:
        raise Refusal("error_system_busy", "The item is not ready, please try again later.")
    if item.in_promotion:
        raise Refusal("error_item_in_promotion", "Item is in a promotion.")
    tiers = _tiers(shop, args)
    models = [_model(shop, tiers, entry) for entry in args.objects("model", MODELS)]
    _fit(tiers, [m.tier_index for m in models])
    rules.ratio(shop.config, [m.price for m in models])
    item.tiers = tiers
    item.models = {m.model_id: m for m in models}
    item.updated = now
    shop.index(item)
    return Answer(response={"item_id": item.item_id, **told_tiers(shop, item), "model": [_told(m) for m in models]})


def update_tier_variation(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/update_tier_variation: rename or reorder; ``model_list`` says where each old model stands now."""
    item = _varied(shop, args.number("item_id"))
    tiers = _tiers(shop, args)
    places = {e.number("model_id"): _place(tiers, e) for e in args.objects("model_list", MODELS, needed=False)}
    if any(number not in item.models for number in places):
        raise bad("model_list names an unknown model_id")
    if places:
        _fit(tiers, list(places.values()))
        item.models = {number: model for number, model in item.models.items() if number in places}
    elif [len(t.options) for t in tiers] != [len(t.options) for t in item.tiers]:
        raise bad("model_list is required when options come or go")
    for number, place in places.items():
        item.models[number].tier_index = place
    item.tiers = tiers
    item.updated = now
    shop.index(item)
    return Answer(response={})


def add_model(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/add_model."""
    item = _varied(shop, args.number("item_id"))
    new = [_model(shop, item.tiers, entry) for entry in args.objects("model_list", MODELS)]
    if len(item.models) + len(new) > MODELS:
        raise bad(f"an item has at most {MODELS} models")
    places = [m.tier_index for m in (*item.models.values(), *new)]
    if len(set(places)) != len(places):
        raise bad("tier_index is used already")
    rules.ratio(shop.config, [m.price for m in (*item.models.values(), *new)])
    item.models.update({m.model_id: m for m in new})
    item.updated = now
    shop.index(item)
    return Answer(response={"model": [_told(m) for m in new]})


def update_model(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/update_model: SKU, GTIN, weight."""
    item = _varied(shop, args.number("item_id"))
    entries = args.objects("model", MODELS)
    for entry in entries:
        model = item.models.get(entry.number("model_id"))
        if model is None:
            raise Refusal("error_not_found", "model_id is not found.")
        if "model_sku" in entry:
            model.sku = entry.string("model_sku")
            rules.sku(model.sku)
        if "gtin_code" in entry:
            model.gtin = entry.string("gtin_code")
            rules.gtin(shop.config, model.gtin)
        if "weight" in entry:
            model.weight = amount(entry.raw("weight"), "weight")
    item.updated = now
    shop.index(item)
    return Answer(response={})


def delete_model(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/delete_model: the last one stays."""
    item = _varied(shop, args.number("item_id"))
    number = args.number("model_id")
    if number not in item.models:
        raise Refusal("error_not_found", "model_id is not found.")
    if len(item.models) == 1:
        raise bad("the last model cannot be deleted")
    del item.models[number]
    item.updated = now
    shop.index(item)
    return Answer(response={})


def told_tiers(shop: ShopState, item: Item) -> Json:
    """Both spellings of the tiers, as answers carry them."""
    old: list[Json] = []
    new: list[Json] = []
    for tier in item.tiers:
        options: list[Json] = []
        for option in tier.options:
            told: Json = {"option": option.name}
            if option.image_id:
                told["image"] = {"image_id": option.image_id, "image_url": shop.images[option.image_id]}
            options.append(told)
        old.append({"name": tier.name, "option_list": options})
        new.append(
            {
                "variation_id": 0,
                "variation_name": tier.name,
                "variation_group_id": 0,
                "variation_option_list": [
                    {"variation_option_id": 0, "variation_option_name": o.name, "image_id": o.image_id}
                    for o in tier.options
                ],
            }
        )
    return {"tier_variation": old, "standardise_tier_variation": new}


def _varied(shop: ShopState, item_id: int) -> Item:
    item = living(shop, item_id)
    if not item.has_models:
        raise bad("the item has no variation")
    return item


def _tiers(shop: ShopState, args: Args) -> list[Tier]:
    """Either spelling; two tiers at most."""
    tiers: list[Tier] = []
    if "standardise_tier_variation" in args:
        for entry in args.objects("standardise_tier_variation", 2):
            options = [
                Option(name=o.string("variation_option_name"), image_id=o.string("image_id", ""))
                for o in entry.objects("variation_option_list", 50)
            ]
            tiers.append(Tier(name=entry.string("variation_name"), options=options))
    else:
        for entry in args.objects("tier_variation", 2):
            old = [(o.string("option"), o.inner("image")) for o in entry.objects("option_list", 50)]
            images = [Option(name=name, image_id=i.string("image_id", "") if i else "") for name, i in old]
            tiers.append(Tier(name=entry.string("name"), options=images))
    for tier in tiers:
        _check_tier(shop, tier)
    if len(tiers) > 1 and any(o.image_id for o in tiers[1].options):
        raise bad("images belong to the first tier only")
    return tiers


def _check_tier(shop: ShopState, tier: Tier) -> None:
    config = shop.config
    if not config.tier_name_length[0] <= len(tier.name) <= config.tier_name_length[1]:
        raise bad("variation name has a wrong length")
    shortest, longest = config.tier_option_length
    if any(not shortest <= len(o.name) <= longest for o in tier.options):
        raise bad("variation option has a wrong length")
    if len({o.name for o in tier.options}) != len(tier.options):
        raise bad("variation options must differ")
    pictured = [o for o in tier.options if o.image_id]
    if pictured and len(pictured) != len(tier.options):
        raise bad("all options need an image, or none")
    if any(o.image_id not in shop.images for o in pictured):
        raise Refusal("error_image_unavailable", "Image is not available.")


def _model(shop: ShopState, tiers: list[Tier], entry: Args) -> Model:
    price = dong(entry.raw("original_price"), "original_price")
    rules.price(shop.config, price)
    sku, gtin = entry.string("model_sku", ""), entry.string("gtin_code", "")
    rules.sku(sku)
    rules.gtin(shop.config, gtin)
    return Model(
        model_id=next(shop.ids),
        sku=sku,
        price=price,
        stock=rules.stock(shop, entry.objects("seller_stock", 50, needed=False)),
        tier_index=_place(tiers, entry),
        gtin=gtin,
        weight=amount(entry.raw("weight"), "weight") if "weight" in entry else None,
    )


def _place(tiers: list[Tier], entry: Args) -> tuple[int, ...]:
    raw = entry.raw("tier_index")
    place = tuple(entry.numbers("tier_index", 2)) if raw else ()
    if len(place) != len(tiers) or any(not 0 <= n < len(t.options) for n, t in zip(place, tiers, strict=True)):
        raise bad("tier_index does not fit the tiers")
    return place


def _fit(tiers: list[Tier], places: list[tuple[int, ...]]) -> None:
    if len(set(places)) != len(places):
        raise bad("tier_index is used twice")
    for number, tier in enumerate(tiers):
        if {place[number] for place in places} != set(range(len(tier.options))):
            raise bad("tier_index must count from 0 without gaps")


def _told(model: Model) -> Json:
    return {
        "model_id": model.model_id,
        "tier_index": list(model.tier_index),
        "model_sku": model.sku,
        "price_info": [{"original_price": model.price}],
        "seller_stock": seller_stock(model),
    }
