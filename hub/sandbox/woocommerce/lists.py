"""Which things a list shows, and in which order (sheet 3): a blank filter is none, dates compare strictly."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from hub.sandbox.woocommerce.products import show
from hub.sandbox.woocommerce.site import Order, Product, Site, Thing
from hub.sandbox.woocommerce.wire import (
    Call,
    Json,
    Listed,
    encode,
    number,
    php_bool,
    php_int,
    php_text,
    read_date,
    words,
)
from hub.types import fold

T = TypeVar("T", bound=Thing)
Keep = Callable[[T], bool]


def page_of(call: Call, things: Sequence[T], render: Callable[[T], bytes]) -> Listed:
    """The asked page of ``things``, only what is shown is encoded; ``_fields`` trims it."""
    params = call.params
    page, per_page = php_int(params.get("page", 1)), php_int(params.get("per_page", 10))
    start = php_int(params["offset"]) if params.get("offset") else (page - 1) * per_page
    shown = things[start : start + per_page]
    fields = words(params.get("_fields", ""))
    items = [trimmed(thing.json, fields) for thing in shown] if fields else [render(thing) for thing in shown]
    return Listed(items=items, total=len(things), page=page, per_page=per_page)


def trimmed(json: Json, fields: Sequence[str]) -> bytes:
    """Only these fields (of nested ones the outer), and the links."""
    heads = {name.split(".")[0] for name in fields} | {"_links"}
    return encode({key: value for key, value in json.items() if key in heads})


def list_products(site: Site, call: Call) -> Listed:
    """Products; with ``sku`` or ``search_sku`` variations too."""
    params = call.params
    keep = [*_by_date(params), _product_state(params)]
    skus = [part.strip() for part in str(params.get("sku", "")).split(",") if part.strip()]
    pool: Iterable[Product]
    if skus:
        pool = [one for one in map(site.by_its_sku, skus) if one is not None]
    elif params.get("search_sku"):
        part = params["search_sku"].lower()
        everything = (*site.products.values(), *site.variations.values())
        pool = [one for one in everything if part in one.json["sku"].lower()]
    else:
        pool = site.products.values()
    for name in ("type", "stock_status"):
        if params.get(name):
            keep.append(_equals(name, params[name]))
    for name, kind in (("category", "categories"), ("tag", "tags")):
        if params.get(name):
            keep.append(_in_term(kind, {php_int(part) for part in words(params[name])}))
    if params.get("slug"):
        keep.append(_equals("slug", params["slug"]))
    if params.get("search"):
        keep.append(_mentions(fold(params["search"])))
    found = _sorted(params, _chosen(params, pool, site.sellable if skus else site.products.get, keep))
    return page_of(call, found, lambda product: show(product, call.now))


def list_variations(site: Site, parent: Product, call: Call) -> Listed:
    params = call.params
    keep = [*_by_date(params), _product_state(params)]
    if params.get("sku"):
        skus = [part.strip() for part in str(params["sku"]).split(",")]
        keep.append(lambda one: one.json["sku"] in skus)
    found = _sorted(params, _chosen(params, site.family(parent), site.variations.get, keep))
    return page_of(call, found, lambda product: show(product, call.now))


def list_orders(site: Site, call: Call) -> Listed:
    params = call.params
    keep: list[Keep[Order]] = list(_by_date(params))
    states = set(words(params.get("status", "any")))
    if "any" in states or not states:
        keep.append(lambda order: order.status not in ("trash", "auto-draft"))
    else:
        keep.append(lambda order: order.status in states)
    if params.get("search"):
        text = fold(params["search"])
        keep.append(lambda order: text in fold(" ".join((order.json["number"], *order.json["billing"].values()))))
    if params.get("customer"):
        keep.append(_equals("customer_id", php_int(params["customer"])))
    if params.get("created_via"):
        via = words(params["created_via"])
        keep.append(lambda order: order.json["created_via"] in via)
    if params.get("product"):
        wanted = php_int(params["product"])
        keep.append(lambda order: any(line["product_id"] == wanted for line in order.json["line_items"]))
    found = _sorted(params, _chosen(params, site.orders.values(), site.orders.get, keep))
    return page_of(call, found, Thing.bytes)


def list_plain(call: Call, items: Iterable[Json]) -> Listed:
    """Terms, attributes, webhooks, notes: by name or id, without dates."""
    params = call.params
    wanted = {php_int(part) for part in words(params.get("include", ""))}
    found = [one for one in items if not wanted or one["id"] in wanted]
    if params.get("search"):
        text = fold(params["search"])
        found = [one for one in found if text in fold(str(one["name"]))]
    for name in ("slug", "parent", "status"):
        if params.get(name):
            found = [one for one in found if str(one.get(name)) == str(params[name])]
    key = "name" if params.get("orderby", "name") == "name" else "id"
    found.sort(key=lambda one: (str(one.get(key, "")) if key == "name" else "", one["id"]))
    if params.get("order") == "desc":
        found.reverse()
    page, per_page = php_int(params.get("page", 1)), php_int(params.get("per_page", 10))
    shown = found[(page - 1) * per_page : page * per_page]
    fields = words(params.get("_fields", ""))
    items_ = [trimmed(one, fields) if fields else encode(one) for one in shown]
    return Listed(items=items_, total=len(found), page=page, per_page=per_page)


def _chosen(params: Json, pool: Iterable[T], by_id: Callable[[int], T | None], keep: Sequence[Keep[T]]) -> list[T]:
    """What passes every filter; ``include`` looks ids up instead of walking through everything."""
    if params.get("include"):
        wanted = [php_int(part) for part in words(params["include"])]
        held = {id(one) for one in pool} if params.get("sku") else None
        found = [one for one in map(by_id, dict.fromkeys(wanted)) if one is not None]
        pool = [one for one in found if held is None or id(one) in held]
    excluded = {php_int(part) for part in words(params.get("exclude", ""))}
    return [one for one in pool if one.id not in excluded and all(test(one) for test in keep)]


def _by_date(params: Json) -> list[Callable[[Thing], bool]]:
    """``after`` and ``before`` on both dates, strictly, whole seconds; without offset in site time."""
    gmt = php_bool(params.get("dates_are_gmt", False))
    tests: list[Callable[[Thing], bool]] = []
    for name, field, later in (
        ("after", "created", True),
        ("before", "created", False),
        ("modified_after", "modified", True),
        ("modified_before", "modified", False),
    ):
        moment = read_date(params[name], gmt=gmt) if params.get(name) else None
        if moment is not None:
            tests.append(_compare(field, moment.replace(microsecond=0), later=later))
    return tests


def _compare(field: str, moment: datetime, *, later: bool) -> Callable[[Thing], bool]:
    if field == "created":
        return (lambda one: one.created > moment) if later else (lambda one: one.created < moment)
    return (lambda one: one.modified > moment) if later else (lambda one: one.modified < moment)


def _product_state(params: Json) -> Keep[Product]:
    states = set(words(params.get("status", "any")))
    if "any" in states or not states:
        return lambda one: one.status not in ("trash", "auto-draft")
    return lambda one: one.status in states


def _equals(name: str, value: object) -> Callable[[Thing], bool]:
    return lambda one: one.json[name] == value


def _in_term(kind: str, wanted: set[int]) -> Keep[Product]:
    return lambda one: any(term["id"] in wanted for term in one.json[kind])


def _mentions(text: str) -> Keep[Product]:
    return lambda one: text in fold(one.json["name"]) or text in fold(one.json["description"])


def _sorted(params: Json, found: list[T]) -> list[T]:
    """By ``orderby``, newest first unless told otherwise; equals by id."""
    by = params.get("orderby") or "date"
    if by in ("include", "post__in") and params.get("include"):
        return found
    keys: dict[str, Callable[[T], object]] = {
        "modified": lambda one: one.modified,
        "title": lambda one: fold(php_text(one.json.get("name", one.json.get("number")))),
        "slug": lambda one: one.json.get("slug", ""),
        "price": lambda one: number(one.json.get("price", "")),
        "menu_order": lambda one: one.json.get("menu_order", 0),
        "date": lambda one: one.created,
    }
    key = keys.get(by)
    falling = params.get("order", "desc") != "asc"
    if key is None:
        return sorted(found, key=lambda one: one.id, reverse=falling)
    return sorted(found, key=lambda one: (key(one), one.id), reverse=falling)
