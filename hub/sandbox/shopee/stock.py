"""Price and stock: one item per call, absolute values, some of a list may fail."""

from hub.sandbox.shopee import rules
from hub.sandbox.shopee.items import living
from hub.sandbox.shopee.state import SINGLE, Item, Model, ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, dong


def update_price(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/update_price."""
    item = living(shop, args.number("item_id"))
    entries = args.objects("price_list", 50)
    _matches(item, entries, "error_edit_item_price_for_item_has_model")
    if item.in_promotion:
        raise Refusal("error_cannot_update_price_in_promotion", "Cannot update the price during a promotion.")
    if item.body.get("wholesale") and len({dong(e.raw("original_price"), "original_price") for e in entries}) > 1:
        raise Refusal("error_price_should_be_same_for_wholesales", "Prices must be equal for wholesale.")
    wanted: dict[int, int] = {}
    failed: list[Json] = []
    for entry in entries:
        number, price = entry.number("model_id", SINGLE), dong(entry.raw("original_price"), "original_price")
        try:
            _model(item, number)
            rules.price(shop.config, price)
        except Refusal as refusal:
            failed.append({"model_id": number, "failed_reason": refusal.text})
        else:
            wanted[number] = price
    try:
        rules.ratio(shop.config, [wanted.get(number, m.price) for number, m in item.models.items()])
    except Refusal as refusal:
        failed.extend({"model_id": number, "failed_reason": refusal.text} for number in wanted)
        wanted = {}
    for number, price in wanted.items():
        item.models[number].price = price
    done: list[Json] = [{"model_id": number, "original_price": price} for number, price in wanted.items()]
    return _settled(item, done, failed, "error_update_price_fail", now)


def update_stock(shop: ShopState, args: Args, now: int) -> Answer:
    """POST product/update_stock. Nothing below what a promotion has reserved."""
    item = living(shop, args.number("item_id"))
    entries = args.objects("stock_list", 50)
    _matches(item, entries, "error_edit_item_stock_for_item_has_model")
    if shop.holiday:
        raise Refusal("error_auth", "Please wait for the holiday mode to end.")
    done: list[Json] = []
    failed: list[Json] = []
    reserved = 0
    for entry in entries:
        number = entry.number("model_id", SINGLE)
        stock = rules.stock(shop, entry.objects("seller_stock", 50, needed=False))
        model = item.models.get(number)
        if model is None:
            failed.append({"model_id": number, "failed_reason": "model_id is not found"})
        elif sum((model.stock | stock).values()) < model.reserved:
            reserved += 1
            failed.append({"model_id": number, "failed_reason": "stock less than reserved stock"})
        else:
            model.stock.update(stock)
            for place, units in stock.items():
                told: Json = {"model_id": number, "stock": units}
                done.append(told | {"location_id": place} if place else told)
    if reserved and not done:
        raise _below_reserved(shop)
    return _settled(item, done, failed, "error_busi_update_stock_failed", now)


def _below_reserved(shop: ShopState) -> Refusal:
    if shop.config.reserved_as_auth:
        return Refusal("error_auth", "Stock should be larger than reserved stock.")
    return Refusal("error_param", "The stock is wrong: stock less than reserved stock")


def _matches(item: Item, entries: list[Args], code: str) -> None:
    if item.has_models and any(entry.number("model_id", SINGLE) == SINGLE for entry in entries):
        raise Refusal(code, "The item has models, please give a model_id.")


def _model(item: Item, number: int) -> Model:
    if number not in item.models:
        raise Refusal("error_not_found", "model_id is not found")
    return item.models[number]


def _settled(item: Item, done: list[Json], failed: list[Json], code: str, now: int) -> Answer:
    if not done:
        raise Refusal(code, str(failed[0]["failed_reason"]))
    item.updated = now
    return Answer(
        response={"success_list": done, "failure_list": failed}, warning="part of the list failed" if failed else ""
    )
