"""One call on one store: which resource, which filter, which refusal. The three dialects share the addresses.

What a call may not do is answered as the sheet says: 401 token, 403 scope, 404, 422 with the field's name, 400 for a
body that is no JSON. Lists are capped whatever is asked for, goods come by falling id, and a blank filter filters
nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.sandbox.storefront.dialect import Dialect, Json, Written, at
from hub.sandbox.storefront.state import Order, Product, Store, Variant, Wrong

SINGULAR = {"products": "product", "orders": "order", "variants": "variant", "webhooks": "webhook"}
REASONS = ("customer", "fraud", "inventory", "declined", "other")
FINANCIAL = ("pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided")


@dataclass(frozen=True, kw_only=True)
class Call:
    """``path`` without the root and the ``.json``; ``body`` the whole JSON object."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str]
    body: Json

    def inner(self, key: str) -> Json:
        """The object under its wrapper. Raises Wrong(422)."""
        found = self.body.get(key)
        if not isinstance(found, dict):
            raise Wrong(422, {key: ["Required parameter missing or invalid"]})
        return found


@dataclass(kw_only=True)
class Hook:
    id: int
    topic: str
    address: str


class Desk:
    """The interface of one store."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        self.store, self.dialect = store, dialect
        self.hooks: dict[int, Hook] = {}

    def do(self, call: Call) -> object:
        """The JSON of the answer. Raises Wrong."""
        if call.method != "GET" and self.store.settings.read_only:
            raise Wrong(403, "This action requires merchant approval for the write scope", key="error")
        match call.path:
            case ("shop",) | ("store",):
                own = {"id": self.store.settings.key, "name": self.store.settings.name, "currency": "VND"}
                return {call.path[0]: own}
            case ("products", *rest) | ("variants", *rest):
                return self._goods(call, rest)
            case ("orders", *rest):
                return self._orders(call, rest)
            case ("locations",):
                return {"locations": [{"id": one, "name": f"Kho {one}", "is_primary": one == self.store.locations[0]}
                                      for one in self.store.locations]}  # fmt: skip
            case ("inventory_locations",) if self.dialect.id == "haravan":
                return {"inventory_locations": self._stock_rows(call)}
            case ("inventories", "adjustorset") if self.dialect.id == "haravan" and call.method == "POST":
                return self._adjust(call.body.get("inventory", call.body))
            case ("stock_adjustments",) if self.dialect.id == "sapo_omni" and call.method == "POST":
                return self._count(call.inner("stock_adjustment"))
            case ("webhooks", *rest) if self.dialect.id != "haravan":
                return self._webhooks(call, rest)
        raise Wrong(404, "Not Found")

    # ---- lists ----

    def _page(self, call: Call, things: Sequence[Any]) -> Sequence[Any]:
        limit = min(_number(call.query.get("limit"), 50), self.store.config.page_cap)
        page = max(_number(call.query.get("page"), 1), 1)
        return things[(page - 1) * limit : page * limit]

    def _between(self, call: Call, name: str, moment: datetime) -> bool:
        low, high = call.query.get(f"{name}_min", ""), call.query.get(f"{name}_max", "")
        return (not low or _moment(low) <= moment) and (not high or moment <= _moment(high))

    def _listed(self, call: Call, key: str, things: Sequence[Any], show: Callable[[Any], Json]) -> Json:
        """A page, or with ``count`` at the end of the path how many there are."""
        if call.path[-1] == "count":
            return {"count": len(things)}
        rows = [show(one) for one in self._page(call, things)]
        if fields := [one for one in call.query.get("fields", "").split(",") if one]:
            rows = [{name: value for name, value in row.items() if name in fields} for row in rows]
        more = {"metadata": {"total": len(things), "page": _number(call.query.get("page"), 1)}}
        return {key: rows} | (more if self.dialect.id == "sapo_omni" else {})

    # ---- goods ----

    def _goods(self, call: Call, rest: Sequence[str]) -> object:
        store, show = self.store, self.dialect
        match call.path[0], call.method, tuple(rest):
            case "products", "GET", () | ("count",):
                return self._listed(call, "products", self._found(call), lambda one: show.show_product(store, one))
            case "products", "POST", ():
                return self._told(self._create(call.inner("product")))
            case "products", "GET", (number,):
                return self._told(store.product(_id(number)))
            case "products", "PUT", (number,):
                product = store.product(_id(number))
                self._write(product, show.read_product(call.inner("product")))
                store.touch(product)
                return self._told(product)
            case "products", "DELETE", (number,):
                product = store.product(_id(number))
                store.touch(product, "delete" if show.id != "haravan" else "deleted")
                del store.products[product.id]
                return {}
            case "products", "GET", (number, "variants"):
                product = store.product(_id(number))
                return {"variants": [show.show_variant(store, product, one) for one in product.variants]}
            case "products", "POST", (number, "variants"):
                product = store.product(_id(number))
                variant = self._new_variant(call.inner("variant"))
                if variant.option in [one.option for one in product.variants]:
                    raise Wrong(422, {"base": [f"The variant '{variant.option}' already exists."]})
                product.variants.append(variant)
                store.touch(product)
                return {"variant": show.show_variant(store, product, variant)}
            case "variants", "GET", (number,):
                product, variant = store.variant(_id(number))
                return {"variant": show.show_variant(store, product, variant)}
            case ("variants", "PUT", (number,)) | ("products", "PUT", (_, "variants", number)):
                product, variant = store.variant(_id(number))
                show.read_variant(variant, call.inner("variant"), new=False)
                store.touch(product)
                return {"variant": show.show_variant(store, product, variant)}
        raise Wrong(404, "Not Found")

    def _told(self, product: Product) -> Json:
        return {"product": self.dialect.show_product(self.store, product)}

    def _found(self, call: Call) -> list[Product]:
        """By falling id (measured). A blank filter is none at all (measured)."""
        sku = call.query.get("sku", "") if self.store.config.sku_filter else ""
        ids = call.query.get("ids", "") if self.store.config.ids_filter else ""
        since = _number(call.query.get("since_id"), 0)
        wanted = {one for one in ids.split(",") if one}
        chosen = [
            one
            for one in self.store.products.values()
            if (not sku or sku in [variant.sku for variant in one.variants])
            and (not wanted or str(one.id) in wanted)
            and one.id > since
            and self._between(call, self.dialect.updated, one.updated)
            and self._between(call, self.dialect.created, one.created)
        ]
        return sorted(chosen, key=lambda one: one.id, reverse=not since)

    def _create(self, body: Json) -> Product:
        written, now = self.dialect.read_product(body), self.store.now()
        _named(written.title or "")
        variants = [self._new_variant(one) for one in written.variants or [{}]]
        product = Product(
            id=self.store.number(), title="", body="", kind="", vendor="", published=now, variants=variants,
            created=now, updated=now,
        )  # fmt: skip
        self._write(product, Written(**{**vars(written), "variants": None}))
        self.store.products[product.id] = product
        self.store.touch(product, "create")
        return product

    def _new_variant(self, body: Json) -> Variant:
        stock = [0] * len(self.store.locations)
        made = Variant(id=self.store.number(), sku=None, price=0, option="Default Title", onhand=stock)
        self.dialect.read_variant(made, body, new=True)
        return made

    def _write(self, product: Product, written: Written) -> None:
        """Variants that are not named by their id are gone: the list is the whole."""
        if written.title is not None:
            product.title = _named(written.title)
        product.body = product.body if written.body is None else written.body
        product.kind = product.kind if written.kind is None else written.kind
        product.vendor = product.vendor if written.vendor is None else written.vendor
        product.tags = product.tags if written.tags is None else written.tags
        product.option_name = written.option_name or product.option_name
        if written.hidden is not None:
            product.published = None if written.hidden else product.published or self.store.now()
        if written.images is not None:
            known = dict(product.images)
            product.images = [
                (one["id"], known[one["id"]]) if one.get("id") in known else (self.store.number(), _source(one))
                for one in written.images
            ]
        if written.variants is not None:
            named = {one.get("id"): one for one in written.variants}
            product.variants = [one for one in product.variants if one.id in named]
            for variant in product.variants:
                self.dialect.read_variant(variant, named[variant.id], new=False)

    # ---- stock ----

    def _stock_rows(self, call: Call) -> list[Json]:
        variants = [one for one in call.query.get("variant_ids", "").split(",") if one]
        places = [one for one in call.query.get("location_ids", "").split(",") if one]
        if len(variants) > 50 or len(places) > 50:
            raise Wrong(422, {"variant_ids": ["at most 50"]})
        rows: list[Json] = []
        for product in self.store.products.values():
            for variant in product.variants:
                for place, location in enumerate(self.store.locations):
                    if (variants and str(variant.id) not in variants) or (places and str(location) not in places):
                        continue
                    taken = variant.commited if place == 0 else 0
                    rows.append(
                        {
                            "id": variant.id * 10 + place,
                            "loc_id": location,
                            "product_id": product.id,
                            "variant_id": variant.id,
                            "qty_onhand": variant.onhand[place],
                            "qty_commited": taken,
                            "qty_incoming": 0,
                            "qty_available": variant.onhand[place] - taken,
                            "updated_at": at(product.updated),
                        }
                    )
        return rows[: min(_number(call.query.get("limit"), 50), 250)]

    def _adjust(self, body: Json) -> Json:
        """``adjust`` (the default!) adds, ``set`` overrides what is on hand."""
        lines = body.get("line_items") or []
        kind = body.get("type", "adjust")
        if body.get("location_id") not in self.store.locations:
            raise Wrong(422, {"location_id": ["is invalid"]})
        if kind not in ("adjust", "set") or not lines or len(lines) > 200:
            raise Wrong(422, {"line_items": ["is invalid"]})
        place = self.store.locations.index(body["location_id"])
        found = [(self.store.variant(int(one["product_variant_id"])), int(one["quantity"])) for one in lines]
        for (product, variant), quantity in found:
            variant.onhand[place] = quantity if kind == "set" else variant.onhand[place] + quantity
            product.updated = self.store.now()
        return {"inventory": {"id": self.store.number(), "type": kind, "location_id": body["location_id"]}}

    def _count(self, body: Json) -> Json:
        """Omnichannel's stock-taking sheet. UNCONFIRMED: name, wrapper and ``after_quantity``."""
        if body.get("location_id") not in self.store.locations:
            raise Wrong(422, {"location_id": ["is invalid"]})
        place = self.store.locations.index(body["location_id"])
        for one in body.get("line_items") or []:
            product, variant = self.store.variant(int(one["variant_id"]))
            variant.onhand[place] = int(one["after_quantity"])
            product.updated = self.store.now()
        return {"stock_adjustment": {"id": self.store.number()}}

    # ---- orders ----

    def _orders(self, call: Call, rest: Sequence[str]) -> object:
        store, show = self.store, self.dialect
        match call.method, tuple(rest):
            case "GET", () | ("count",):
                return self._listed(call, "orders", self._chosen(call), show.show_order)
            case "POST", ():
                order = self._typed_in(call.inner("order"))
            case "GET", (number,):
                order = store.order(_id(number))
            case "PUT", (number,):
                order = self._edit(store.order(_id(number)), call.inner("order"))
            case "GET", (number, "refunds"):
                order = store.order(_id(number))
                return {"refunds": [show.show_refund(order, one) for one in order.backs]}
            case "GET", (number, "transactions"):
                return {"transactions": show.transactions(store.order(_id(number)))}
            case "POST", (number, "transactions"):
                order = store.order(_id(number))
                if str(call.inner("transaction").get("kind", "")).lower() in ("capture", "sale"):
                    store.pay(order)
                return {"transaction": show.transactions(order)[0]}
            case "GET", (number, "fulfillments"):
                order = store.order(_id(number))
                return {"fulfillments": [show.show_parcel(order, one) for one in order.parcels]}
            case "POST", (number, "fulfillments"):
                return self._send(store.order(_id(number)), call.inner("fulfillment"))
            case "POST", (number, verb):
                order = self._turn(store.order(_id(number)), verb, {**call.query, **call.body})
            case _:
                raise Wrong(404, "Not Found")
        return {"order": show.show_order(order)}

    def _chosen(self, call: Call) -> list[Order]:
        """Open ones unless another status is asked for; newest first unless an order is asked for."""
        status = call.query.get("status", "open")
        if status not in ("open", "closed", "cancelled", "any"):
            raise Wrong(422, {"status": ["is invalid"]})
        since = _number(call.query.get("since_id"), 0)
        chosen = [
            one
            for one in self.store.orders.values()
            if (self.dialect.id == "sapo_omni" or status in ("any", _kind(one)))
            and one.id > since
            and self._between(call, self.dialect.updated, one.updated)
            and self._between(call, self.dialect.created, one.placed)
        ]
        name, _, way = call.query.get("order", "").partition(" ")
        if self.dialect.id == "haravan" and name == "updated_at":
            return sorted(chosen, key=lambda one: (one.updated, one.id), reverse=way == "desc")
        return sorted(chosen, key=lambda one: one.id, reverse=way != "asc" or self.dialect.id != "haravan")

    def _typed_in(self, body: Json) -> Order:
        """An order made by the interface: any financial status may be set, there is no transaction (sheet B3)."""
        lines = body.get("line_items") or []
        if not lines or body.get("financial_status", "pending") not in FINANCIAL:
            raise Wrong(422, {"line_items": ["can't be blank"]} if not lines else {"financial_status": ["is invalid"]})
        found = []
        for one in lines:
            product, variant = self.store.variant(int(one["variant_id"]))
            price = int(one["price"]) if "price" in one else variant.price
            found.append((product, variant, int(one["quantity"]), price))
        source = str(body.get("source_name", "api"))
        order = self.store.add_order(found, cod=True, voucher=0, shipping=0, source=source)
        order.note, order.tags = str(body.get("note", "")), str(body.get("tags", ""))
        order.note_attributes = list(body.get("note_attributes", ()))
        order.given_status = str(body.get("financial_status", ""))
        if order.given_status == "paid":
            self.store.pay(order)
        return order

    def _edit(self, order: Order, body: Json) -> Order:
        """A few fields; items and quantities cannot be changed."""
        if "line_items" in body or "financial_status" in body:
            raise Wrong(422, {"line_items": ["cannot be changed"]})
        order.note, order.tags = str(body.get("note", order.note)), str(body.get("tags", order.tags))
        self.store.change(order)
        return order

    def _turn(self, order: Order, verb: str, body: Json) -> Order:
        now = self.store.now()
        match verb:
            case "confirm" if self.dialect.id == "haravan":
                if order.cancelled is not None:
                    raise Wrong(422, {"order": ["is cancelled"]})
                order.confirmed = order.confirmed or now
            case "close":
                order.closed = order.closed or now
            case "open":
                order.closed = None
            case "cancel":
                reason = str(body.get("reason", "other"))
                if reason not in REASONS or (self.dialect.id != "haravan" and reason == "declined"):
                    raise Wrong(422, {"reason": ["is invalid"]})
                self.store.cancel(order, reason, restock=str(body.get("restock", "")).lower() == "true")
                return order
            case _:
                raise Wrong(404, "Not Found")
        self.store.change(order)
        return order

    def _send(self, order: Order, body: Json) -> Json:
        items = body.get("line_items")
        units = {int(one["id"]): int(one["quantity"]) for one in items} if items else None
        parcel = self.store.ship(
            order,
            units,
            tracking=str(body.get("tracking_number") or ""),
            company=str(body.get("tracking_company") or ""),
        )
        order.confirmed = order.confirmed or self.store.now()
        return {"fulfillment": self.dialect.show_parcel(order, parcel)}

    # ---- webhooks of the Sapos ----

    def _webhooks(self, call: Call, rest: Sequence[str]) -> object:
        match call.method, tuple(rest):
            case "GET", ():
                return {"webhooks": [self._hook(one) for one in self._page(call, list(self.hooks.values()))]}
            case "POST", ():
                body = call.inner("webhook")
                topic, address = str(body.get("topic", "")), str(body.get("address", ""))
                if "/" not in topic or not address.startswith("https://"):
                    raise Wrong(422, {"address": ["is invalid"]})
                if any((one.topic, one.address) == (topic, address) for one in self.hooks.values()):
                    raise Wrong(422, {"address": ["for this topic has already been taken"]})
                hook = Hook(id=self.store.number(), topic=topic, address=address)
                self.hooks[hook.id] = hook
                return {"webhook": self._hook(hook)}
            case "DELETE", (number,):
                if self.hooks.pop(_id(number), None) is None:
                    raise Wrong(404, "Not Found")
                return {}
        raise Wrong(404, "Not Found")

    def _hook(self, hook: Hook) -> Json:
        return {"id": hook.id, "topic": hook.topic, "address": hook.address, "format": "json"}


def _kind(order: Order) -> str:
    return "cancelled" if order.cancelled else "closed" if order.closed else "open"


def _named(title: str) -> str:
    if not title.strip():
        raise Wrong(422, {"title": ["can't be blank"]})
    return title


def _source(image: Json) -> str:
    """An address to fetch, or the picture itself as ``attachment`` (KNOWN)."""
    if image.get("attachment"):
        return "attachment"
    if not str(image.get("src", "")).startswith("http"):
        raise Wrong(422, {"images": ["Could not download image"]})
    return str(image["src"])


def _id(text: str) -> int:
    if not text.isdigit():
        raise Wrong(404, "Not Found")
    return int(text)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Wrong(422, {"date": ["is invalid"]}) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
