"""One call on one store: which resource, which filter, which refusal. The three dialects share the addresses.

What a call may not do is answered as the sheet says: 401 token, 403 scope, 404, 422 with the field's name, 400 for a
body that is no JSON. Lists are capped whatever is asked for, goods come by falling id, and a blank filter filters
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.sandbox.storefront.calls import Call, id_of, number_of
from hub.sandbox.storefront.dialect import Dialect, Json, Written, at
from hub.sandbox.storefront.orders import OrderDesk
from hub.sandbox.storefront.state import Product, Store, Variant, Wrong


@dataclass(kw_only=True)
class Hook:
    id: int
    topic: str
    address: str


class Desk(OrderDesk):
    """The interface of one store."""

    def __init__(self, store: Store, dialect: Dialect) -> None:
        super().__init__(store, dialect)
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
                return self.orders(call, rest)
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

    # ---- goods ----

    def _goods(self, call: Call, rest: Sequence[str]) -> object:
        store, show = self.store, self.dialect
        match call.path[0], call.method, tuple(rest):
            case "products", "GET", () | ("count",):
                return self.listed(call, "products", self._found(call), lambda one: show.show_product(store, one))
            case "products", "POST", ():
                return self._told(self._create(call.inner("product")))
            case "products", "GET", (number,):
                return self._told(store.product(id_of(number)))
            case "products", "PUT", (number,):
                product = store.product(id_of(number))
                self._write(product, show.read_product(call.inner("product")))
                store.touch(product)
                return self._told(product)
            case "products", "DELETE", (number,):
                product = store.product(id_of(number))
                store.touch(product, "delete" if show.id != "haravan" else "deleted")
                del store.products[product.id]
                return {}
            case "products", "GET", (number, "variants"):
                product = store.product(id_of(number))
                return {"variants": [show.show_variant(store, product, one) for one in product.variants]}
            case "products", "POST", (number, "variants"):
                product = store.product(id_of(number))
                variant = self._new_variant(call.inner("variant"))
                if variant.option in [one.option for one in product.variants]:
                    raise Wrong(422, {"base": [f"The variant '{variant.option}' already exists."]})
                product.variants.append(variant)
                store.touch(product)
                return {"variant": show.show_variant(store, product, variant)}
            case "variants", "GET", (number,):
                product, variant = store.variant(id_of(number))
                return {"variant": show.show_variant(store, product, variant)}
            case ("variants", "PUT", (number,)) | ("products", "PUT", (_, "variants", number)):
                product, variant = store.variant(id_of(number))
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
        since = number_of(call.query.get("since_id"), 0)
        wanted = {one for one in ids.split(",") if one}
        chosen = [
            one
            for one in self.store.products.values()
            if (not sku or sku in [variant.sku for variant in one.variants])
            and (not wanted or str(one.id) in wanted)
            and one.id > since
            and self.between(call, self.dialect.updated, one.updated)
            and self.between(call, self.dialect.created, one.created)
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
        return rows[: min(number_of(call.query.get("limit"), 50), 250)]

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

    # ---- webhooks of the Sapos ----

    def _webhooks(self, call: Call, rest: Sequence[str]) -> object:
        match call.method, tuple(rest):
            case "GET", ():
                return {"webhooks": [self._hook(one) for one in self.page(call, list(self.hooks.values()))]}
            case "POST", ():
                body = call.inner("webhook")
                topic, address = str(body.get("topic", "")), str(body.get("address", ""))
                if "/" not in topic or not address.startswith("https://" if self.store.config.https_hooks else "http"):
                    raise Wrong(422, {"address": ["is invalid"]})
                if any((one.topic, one.address) == (topic, address) for one in self.hooks.values()):
                    raise Wrong(422, {"address": ["for this topic has already been taken"]})
                hook = Hook(id=self.store.number(), topic=topic, address=address)
                self.hooks[hook.id] = hook
                return {"webhook": self._hook(hook)}
            case "DELETE", (number,):
                if self.hooks.pop(id_of(number), None) is None:
                    raise Wrong(404, "Not Found")
                return {}
        raise Wrong(404, "Not Found")

    def _hook(self, hook: Hook) -> Json:
        return {"id": hook.id, "topic": hook.topic, "address": hook.address, "format": "json"}


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
