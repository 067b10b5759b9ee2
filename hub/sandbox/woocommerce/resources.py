"""Every resource behind one shape, so that single calls and batches are written once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hub.sandbox.woocommerce import orders, products, schema, terms
from hub.sandbox.woocommerce.hooks import Hook, Hooks
from hub.sandbox.woocommerce.lists import list_orders, list_plain, list_products, list_variations, trimmed
from hub.sandbox.woocommerce.site import Order, Product, Site, Thing
from hub.sandbox.woocommerce.wire import Call, Json, Listed, Wrong, encode, php_bool, php_int, stamps, words


@dataclass
class Resource(ABC):
    """A collection at one address. ``changing``: an unknown id is 400 for writers of products and orders."""

    site: Site
    fields: ClassVar[schema.Schema]
    filters: ClassVar[schema.Schema]
    required: ClassVar[tuple[str, ...]] = ()
    editable: ClassVar[bool] = True

    @abstractmethod
    def listed(self, call: Call) -> Listed: ...

    @abstractmethod
    def find(self, number: int, *, changing: bool = False) -> Any: ...

    def show(self, thing: Any, call: Call) -> bytes:
        return encode(thing)

    @abstractmethod
    def create(self, body: Json) -> Any: ...

    def update(self, thing: Any, body: Json) -> Any:
        raise NotImplementedError  # never reached where ``editable`` is false

    @abstractmethod
    def delete(self, thing: Any, *, force: bool) -> Json: ...


class Products(Resource):
    fields = schema.PRODUCT
    filters = schema.PRODUCT_LIST

    def listed(self, call: Call) -> Listed:
        return list_products(self.site, call)

    def find(self, number: int, *, changing: bool = False) -> Product:
        product = self.site.products.get(number)
        if product is None and number in self.site.variations:
            if changing:
                raise Wrong("woocommerce_rest_invalid_product_id", "Use the variations endpoint.", 404)
            return self.site.variations[number]
        if product is None:
            raise Wrong("woocommerce_rest_product_invalid_id", "Invalid ID.", 400 if changing else 404)
        return product

    def show(self, thing: Product, call: Call) -> bytes:
        if call.params.get("context") == "edit":
            return encode(thing.json | thing.raw)
        return _shown(products.show(thing, call.now), thing, call)

    def create(self, body: Json) -> Product:
        return products.create(self.site, body)

    def update(self, thing: Product, body: Json) -> Product:
        return products.update(self.site, thing, body)

    def delete(self, thing: Product, *, force: bool) -> Json:
        return products.remove(self.site, thing, force=force)


@dataclass
class Variations(Products):
    parent_id: int
    fields = schema.VARIATION

    @property
    def parent(self) -> Product:
        product = self.site.products.get(self.parent_id)
        if product is None:
            raise Wrong("woocommerce_rest_product_invalid_id", "Invalid parent product ID.", 404)
        return product

    def listed(self, call: Call) -> Listed:
        return list_variations(self.site, self.parent, call)

    def find(self, number: int, *, changing: bool = False) -> Product:
        found = self.site.variations.get(number)
        if found is None or found.parent != self.parent.id:
            raise Wrong("woocommerce_rest_product_variation_invalid_id", "Invalid ID.", 400 if changing else 404)
        return found

    def create(self, body: Json) -> Product:
        return products.create(self.site, body, self.parent)


class Orders(Resource):
    fields = schema.ORDER
    filters = schema.ORDER_LIST

    def listed(self, call: Call) -> Listed:
        return list_orders(self.site, call)

    def find(self, number: int, *, changing: bool = False) -> Order:
        order = self.site.orders.get(number)
        if order is None:
            raise Wrong("woocommerce_rest_shop_order_invalid_id", "Invalid ID.", 400 if changing else 404)
        return order

    def show(self, thing: Order, call: Call) -> bytes:
        return _shown(thing.bytes(), thing, call)

    def create(self, body: Json) -> Order:
        return orders.create(self.site, body)

    def update(self, thing: Order, body: Json) -> Order:
        return orders.update(self.site, thing, body)

    def delete(self, thing: Order, *, force: bool) -> Json:
        return orders.trash(self.site, thing, force=force)


@dataclass
class Refunds(Resource):
    order_id: int
    fields = schema.REFUND
    filters = schema.DATED
    editable = False

    @property
    def order(self) -> Order:
        order = self.site.orders.get(self.order_id)
        if order is None:
            raise Wrong("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
        return order

    def listed(self, call: Call) -> Listed:
        return list_plain(call, (thing.json | {"name": ""} for thing in self.order.refunds))

    def find(self, number: int, *, changing: bool = False) -> Thing:
        return orders.find_refund(self.order, number)

    def show(self, thing: Thing, call: Call) -> bytes:
        return _shown(thing.bytes(), thing, call)

    def create(self, body: Json) -> Thing:
        return orders.refund(self.site, self.order, body)

    def delete(self, thing: Thing, *, force: bool) -> Json:
        _only_for_good(force)
        return orders.unrefund(self.site, self.order, thing)


@dataclass
class Notes(Resource):
    """Order notes; stored, never sent to anybody."""

    order_id: int
    fields = schema.NOTE
    filters = schema.LIST
    required = ("note",)
    editable = False

    @property
    def notes(self) -> dict[int, Json]:
        if self.order_id not in self.site.orders:
            raise Wrong("woocommerce_rest_order_invalid_id", "Invalid order ID.", 404)
        return self.site.notes.setdefault(self.order_id, {})

    def listed(self, call: Call) -> Listed:
        return list_plain(call, (note | {"name": ""} for note in self.notes.values()))

    def find(self, number: int, *, changing: bool = False) -> Json:
        if number not in self.notes:
            raise Wrong("woocommerce_rest_invalid_id", "Invalid resource ID.", 404)
        return self.notes[number]

    def create(self, body: Json) -> Json:
        number = self.site.post_id()
        note = {"id": number, "author": "WooCommerce", **stamps("date_created", self.site.now())}
        note |= {"note": body["note"], "customer_note": php_bool(body.get("customer_note", False))}
        self.notes[number] = note
        return note

    def delete(self, thing: Json, *, force: bool) -> Json:
        _only_for_good(force)
        return self.notes.pop(thing["id"])


@dataclass
class Terms(Resource):
    kind: str
    fields = schema.TERM
    filters = schema.TERM_LIST
    required = ("name",)

    def listed(self, call: Call) -> Listed:
        return list_plain(call, self.site.terms[self.kind].values())

    def find(self, number: int, *, changing: bool = False) -> Json:
        return terms.find_term(self.site.terms[self.kind], number)

    def create(self, body: Json) -> Json:
        return terms.create_term(self.site, self.kind, body)

    def update(self, thing: Json, body: Json) -> Json:
        return terms.update_term(self.site, self.site.terms[self.kind], thing, body)

    def delete(self, thing: Json, *, force: bool) -> Json:
        _only_for_good(force)
        return terms.delete_term(self.site, self.kind, thing)


class Attributes(Resource):
    fields = schema.ATTRIBUTE
    filters = schema.LIST
    required = ("name",)

    def listed(self, call: Call) -> Listed:
        return list_plain(call, self.site.attributes.values())

    def find(self, number: int, *, changing: bool = False) -> Json:
        return terms.find_attribute(self.site, number)

    def create(self, body: Json) -> Json:
        return terms.create_attribute(self.site, body)

    def update(self, thing: Json, body: Json) -> Json:
        thing |= {key: body[key] for key in ("name", "order_by", "has_archives") if body.get(key) is not None}
        return thing

    def delete(self, thing: Json, *, force: bool) -> Json:
        _only_for_good(force)
        del self.site.attribute_terms[thing["id"]]
        return self.site.attributes.pop(thing["id"])


@dataclass
class AttributeTerms(Resource):
    attribute: int
    fields = schema.TERM
    filters = schema.TERM_LIST
    required = ("name",)

    @property
    def terms(self) -> dict[int, Json]:
        return self.site.attribute_terms[terms.find_attribute(self.site, self.attribute)["id"]]

    def listed(self, call: Call) -> Listed:
        return list_plain(call, self.terms.values())

    def find(self, number: int, *, changing: bool = False) -> Json:
        return terms.find_term(self.terms, number)

    def create(self, body: Json) -> Json:
        terms.find_attribute(self.site, self.attribute)
        return terms.create_attribute_term(self.site, self.attribute, body)

    def update(self, thing: Json, body: Json) -> Json:
        return terms.update_term(self.site, self.terms, thing, body)

    def delete(self, thing: Json, *, force: bool) -> Json:
        _only_for_good(force)
        return self.terms.pop(thing["id"])


@dataclass
class Webhooks(Resource):
    hooks: Hooks
    fields = schema.HOOK
    filters = schema.LIST

    def listed(self, call: Call) -> Listed:
        return list_plain(call, (hook.json for hook in self.hooks.all.values()))

    def find(self, number: int, *, changing: bool = False) -> Hook:
        return self.hooks.find(number, changing=changing)

    def show(self, thing: Hook, call: Call) -> bytes:
        return encode(thing.json)

    def create(self, body: Json) -> Hook:
        return self.hooks.create(body)

    def update(self, thing: Hook, body: Json) -> Hook:
        return self.hooks.update(thing, body)

    def delete(self, thing: Hook, *, force: bool) -> Json:
        _only_for_good(force)
        return self.hooks.all.pop(thing.id).json


RESOURCES: Mapping[tuple[str, ...], Callable[[Site, Hooks, Sequence[int]], Resource]] = {
    ("products",): lambda site, hooks, ids: Products(site),
    ("products", "#", "variations"): lambda site, hooks, ids: Variations(site, ids[0]),
    ("products", "categories"): lambda site, hooks, ids: Terms(site, "categories"),
    ("products", "tags"): lambda site, hooks, ids: Terms(site, "tags"),
    ("products", "brands"): lambda site, hooks, ids: Terms(site, "brands"),
    ("products", "attributes"): lambda site, hooks, ids: Attributes(site),
    ("products", "attributes", "#", "terms"): lambda site, hooks, ids: AttributeTerms(site, ids[0]),
    ("orders",): lambda site, hooks, ids: Orders(site),
    ("orders", "#", "refunds"): lambda site, hooks, ids: Refunds(site, ids[0]),
    ("orders", "#", "notes"): lambda site, hooks, ids: Notes(site, ids[0]),
    ("webhooks",): lambda site, hooks, ids: Webhooks(site, hooks),
}
"""Where each collection lives; ``#`` stands for an id."""


def batch(resource: Resource, call: Call) -> bytes:
    """Create, update, delete, each in order, without schema; what fails is told in its place (sheet 4)."""
    asked = {name: call.params.get(name) or [] for name in ("create", "update", "delete")}
    if sum(len(items) for items in asked.values()) > 100:
        text = "Unable to accept more than 100 items for this request."
        raise Wrong("woocommerce_rest_request_entity_too_large", text, 413)
    told = [
        b'"%b":[%b]' % (name.encode(), b",".join(_one(resource, call, name, item) for item in items))
        for name, items in asked.items()
        if items
    ]
    return b"{" + b",".join(told) + b"}"


def _one(resource: Resource, call: Call, name: str, item: Any) -> bytes:
    body: Json = item if isinstance(item, dict) else {"id": item}
    try:
        number = php_int(body.get("id"))
        if name == "create":
            return resource.show(resource.create(body), call)
        thing = resource.find(number, changing=name == "update")
        if name == "delete":
            return encode(resource.delete(thing, force=True))
        return resource.show(resource.update(thing, body), call)
    except Wrong as wrong:
        shown = 0 if name == "create" else body.get("id")
        return encode({"id": shown, "error": wrong.json()})


def _only_for_good(force: bool) -> None:
    if not force:
        raise Wrong("woocommerce_rest_trash_not_supported", "Resource does not support trashing.", 501)


def _shown(whole: bytes, thing: Thing, call: Call) -> bytes:
    fields = words(call.params.get("_fields", ""))
    return trimmed(thing.json, fields) if fields else whole
