"""Tiki Open API (documentation read 2026-11-21; versions are mixed per call, as the pages say).

https://open.tiki.vn/docs/docs/current. Nothing is signed: a Bearer token, and HTTP Basic at the token endpoint. Look
for ``errors`` whatever the status; a pause by the owner is HTTP 200 with a ``msg``. Times are Vietnam's, without zone.

A new product is a *request* that Tiki reviews: until then its id is ``request:<id>`` (``track:<id>`` before Tiki gave
it one), and :meth:`Tiki.read` of it tells the listing that came of it. Approval makes one product per variant; a
listing is the group with the same ``super_id`` under its lowest product id. A rejected or deleted request cannot be
edited: ``update`` files a new one, which reading the old id finds by its SKU.

Sellable = available - reserved, so available is sent as wanted + reserved. Batch calls zero what they leave out: never
used. Lists are walked from the last page to the first, so that an order which changes meanwhile hides no other.
An ``is_rma`` order replaces goods: its units are told, its money is none. ``returned`` after delivery is a refund of
everything; parts are told nowhere. There is no statement, no push and no livestream.

Unconfirmed: the shapes of requests with products and of updateProductInfo (title and description are sent as the
attributes they are read back as), required documents, fields of warehouses, pickup times (path and name), that an
empty list of available items refuses an order, refusal texts and their status, ``order_by``, rotation of tokens, whose
token pulls events (the app's own is used), rows a page (50 here; 100 unproven), the spelling of ``dropship`` (two are
about), and whether prices may exceed market_price, which is set once. Fees per order are told but no payout is: they
are not read, for nothing says when or whether they were settled.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, TypeVar

from pydantic import BaseModel

from hub.connectors import model
from hub.connectors import tiki_words as words
from hub.connectors.api import Api, Dialect
from hub.connectors.base import Connector
from hub.connectors.markup import to_html
from hub.connectors.shapes import Accepted, Json
from hub.connectors.tiki_trade import Trade
from hub.connectors.tiki_words import V2, V21, is_request
from hub.connectors.walk import insist, one_by_one, side_by_side
from hub.errors import Refused, RemoteError, Vanished
from hub.types import RemoteId, Sku, fold

M = TypeVar("M", bound=BaseModel)


class Tiki(Trade, Connector):
    """One seller's shop."""

    manifest: ClassVar[model.Manifest] = words.MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=words.sign, judge=words.judge, renew=words.renew)

    def __init__(self, api: Api, shop: model.ShopSettings) -> None:
        super().__init__(api, shop)
        self._place = shop.values.get("warehouse_id", "")
        self._asked: dict[str, tuple[int, list[words.Attribute]]] = {}  # our category -> theirs and what it asks
        self._waiting: dict[str, RemoteId] | None = None  # what has a request under review -> the request
        self._pending: dict[str, words.Asked] = {}  # the requests themselves, by both their names
        self._groups: dict[str, list[str]] = {}  # super product -> its products
        self._once = asyncio.Lock()

    async def check(self) -> model.ShopCard:
        me = await self.api.read(words.Me, "GET", f"{V2}/sellers/me")
        return model.ShopCard(remote_id=me.id, name=me.name, currency="VND", live=me.active)

    # ---- Publishes, ReadsBack

    async def find(self, sku: Sku) -> model.Listing | None:
        """Among the products, then among the requests under review; rejected ones do not count."""
        found = await self._follow(sku, RemoteId(""))
        return None if found is None or found.state is model.ListingState.BANNED else found

    async def _follow(self, sku: Sku, came_from: RemoteId) -> model.Listing | None:
        """The product of that SKU, else the request for it, unless we come from there."""
        if (product := await self._by_sku(sku)) is not None:
            return await self._listing(RemoteId(product.product_id))
        waiting = (await self._under_review()).get(f"sku:{sku}")
        return await self._listing(waiting) if waiting not in (None, came_from) else None

    async def create(self, drafts: Sequence[model.Draft]) -> Sequence[model.Result[model.Placed]]:
        return await one_by_one(drafts, self._create)

    async def _create(self, draft: model.Draft) -> model.Placed:
        warehouse = await self._warehouse()
        category, asked = await self._terms(draft.category)
        attributes = words.to_attributes(draft, asked, self.shop.values.get("package_cm", ""))
        self._waiting, self._groups = None, {}
        body = words.to_request(draft, category, attributes, warehouse)
        track = await self.api.write(words.Track, "POST", f"{V21}/requests", json=body)
        try:
            track = await self.api.read(words.Track, "GET", f"{V2}/tracking/{track.track_id}")
            listing = await self._listing(await self._came_of(track, draft.sku)) if track.state == "approved" else None
        except RemoteError:
            listing = None  # it was accepted: what became of it is read later
        if track.state == "rejected":
            raise words.refusal(track.reason, 400)
        if listing is not None:
            variants = tuple((one.sku, one.remote_id) for one in listing.variants)
            return model.Placed(sku=draft.sku, remote_id=listing.remote_id, variants=variants)
        name = RemoteId(f"request:{track.request_id}" if track.request_id else f"track:{track.track_id}")
        return model.Placed(sku=draft.sku, remote_id=name, variants=tuple((one.sku, name) for one in draft.variants))

    async def update(self, changes: Sequence[model.Change]) -> Sequence[model.Result[model.Done]]:
        return await one_by_one(changes, self._change)

    async def _change(self, change: model.Change) -> model.Done:
        """Words are reviewed again, for each product of the listing; a request that failed is filed anew."""
        draft, fields, target = change.draft, change.fields, change.target
        if is_request(target.remote_id):
            listing = await self._listing(target.remote_id)
            if listing.state is model.ListingState.REVIEWING:
                raise Refused("listing_reviewing", reason="")
            if is_request(listing.remote_id):
                await self._create(draft)
                return model.Done()
            target = replace(target, variants=tuple((one.sku, one.remote_id) for one in listing.variants))
        if {one.sku for one in draft.variants} != {sku for sku, _ in target.variants}:
            raise Refused("variants_changed", sku=draft.sku)
        texts: Json = {"name": draft.title} if "title" in fields else {}
        if "description" in fields:
            texts["description"] = to_html(draft.description)
        if fields & {"attributes", "short"}:
            asked = (await self._terms(draft.category))[1]
            texts |= words.to_attributes(draft, asked, self.shop.values.get("package_cm", ""))
        body = {"attributes": texts} if texts else {}
        body |= words.to_pictures(draft) if "pictures" in fields else {}
        if "visible" in fields and draft.visible:
            await self._fit_to_show(draft, target)
        for _, variant in target.variants if "visible" in fields else ():
            await self._put(variant, active=int(draft.visible))
        if body and await self._changing(target):
            raise Refused("listing_reviewing", reason="")  # one after the other, or Tiki would review each of them
        await self._ask_words(target, body)
        return model.Done()

    async def _fit_to_show(self, draft: model.Draft, target: model.Target) -> None:
        """What was taken off may carry words it must not: it is shown again once Tiki has let the new ones through.
        Raises Refused until then."""
        self._waiting = None
        if await self._changing(target):
            raise Refused("listing_reviewing", reason="")
        there = await self._listing(target.remote_id)
        if there.state is model.ListingState.HIDDEN and not words.same_words(there, draft):
            texts = {"name": draft.title, "description": to_html(draft.description)}
            await self._ask_words(target, {"attributes": texts})
            raise Refused("listing_reviewing", reason="")

    async def _changing(self, target: model.Target) -> bool:
        return not (await self._under_review()).keys().isdisjoint(f"product:{one}" for _, one in target.variants)

    async def _ask_words(self, target: model.Target, body: Json) -> None:
        for _, variant in target.variants if body else ():
            self._waiting = None
            said = {"product_id": int(variant), **body}
            await self.api.write(Accepted, "POST", f"{V2}/requests/updateProductInfo", json=said, repeatable=True)

    async def withdraw(self, targets: Sequence[model.Target]) -> Sequence[model.Result[model.Done]]:
        return await one_by_one(targets, self._withdraw)

    async def _withdraw(self, target: model.Target) -> model.Done:
        """Switched off; a request under review is taken back, or it would go on sale later."""
        listing = await self._listing(target.remote_id) if is_request(target.remote_id) else None
        if listing is not None and is_request(listing.remote_id):
            path = f"{V2}/requests/{listing.remote_id.removeprefix('request:')}"
            await self.api.write(Accepted, "DELETE", path, repeatable=True)
            return model.Done()
        ids = [one.remote_id for one in listing.variants] if listing else [variant for _, variant in target.variants]
        for variant in ids:
            await self._put(variant, active=0)
        return model.Done()

    async def set_stock(self, levels: Sequence[model.StockLevel]) -> Sequence[model.Result[model.Done]]:
        return await one_by_one(levels, self._stock)

    async def _stock(self, level: model.StockLevel) -> model.Done:
        """What is reserved for open orders is taken off by Tiki once more, so it is added."""
        product = await self._product(await self._standing(level.variant, level.sku))
        there = product.place(self._place)
        warehouse = there.warehouse_id if there else await self._warehouse()
        available = level.stock + (there.quantity_reserved if there else 0)
        row = {"warehouse_id": int(warehouse), "qty_available": available}
        return await self._put(RemoteId(product.product_id), warehouse_quantities=[row])

    async def set_price(self, tags: Sequence[model.PriceTag]) -> Sequence[model.Result[model.Done]]:
        return await one_by_one(tags, self._price)

    async def _price(self, tag: model.PriceTag) -> model.Done:
        return await self._put(await self._standing(tag.variant, tag.sku), price=tag.price)

    async def _put(self, product: RemoteId, **values: object) -> model.Done:
        body = {"product_id": int(product), **values}
        await self.api.write(Accepted, "PUT", f"{V21}/products/updateSku", json=body, repeatable=True)
        return model.Done()

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[model.Result[model.Listing]]:
        """Those under review are told by the list of requests: it takes fifty at a time."""
        self._waiting = None
        await self._under_review()
        return await side_by_side(remote_ids, self._seen)

    async def _seen(self, remote_id: RemoteId) -> model.Listing:
        asked = self._pending.get(remote_id)
        return words.to_waiting(asked, RemoteId(f"request:{asked.id}")) if asked else await self._listing(remote_id)

    async def listings(self, page: str | None) -> model.Page[model.Listing]:
        """All at once: products of one listing may stand on different pages. What is under review is there too, or it
        would be filed again; asked for first, so that an approval meanwhile hides nothing."""
        waiting = [one for one in await self._alive() if not one.product_id]
        products, broken = await self._every(words.Product, f"{V21}/products", "inventory,images,attributes")
        groups: dict[str, list[words.Product]] = {}
        for one in products:
            groups.setdefault(one.super_id or one.product_id, []).append(one)
        found = [words.to_listing(group, self._place) for group in groups.values()]
        known = {one.original_sku for one in products}
        found += [
            words.to_waiting(one, RemoteId(f"request:{one.id}"))
            for one in waiting
            if known.isdisjoint(variant.sku for variant in one.variants)
        ]
        return model.Page(items=found, broken=broken)

    async def _listing(self, remote_id: RemoteId) -> model.Listing:
        if is_request(remote_id):
            return await self._requested(remote_id)
        product = await self._product(remote_id)
        others = await self._others(product) if product.option_attributes else []
        group = [product, *[await self._product(RemoteId(one)) for one in others]]
        listing = words.to_listing(group, self._place)
        changing = not (self._waiting or {}).keys().isdisjoint(f"product:{one.remote_id}" for one in listing.variants)
        live = listing.state is model.ListingState.LIVE
        return replace(listing, state=model.ListingState.REVIEWING) if live and changing else listing

    async def _others(self, product: words.Product) -> list[str]:
        """The other pack sizes; only the list of everything says which."""
        async with self._once:
            if product.super_id not in self._groups:
                self._groups = {}
                for one in (await self._every(words.Product, f"{V21}/products", "inventory"))[0]:
                    self._groups.setdefault(one.super_id, []).append(one.product_id)
        return [one for one in self._groups.get(product.super_id, ()) if one != product.product_id]

    async def _requested(self, remote_id: RemoteId) -> model.Listing:
        """What became of a request: the product, a later request for the same SKU, or still itself."""
        kind, _, number = remote_id.partition(":")
        if kind == "track":
            track = await self.api.read(words.Track, "GET", f"{V2}/tracking/{number}")
            if not track.request_id:
                return words.to_waiting(words.Asked(id="", state=track.state, reason=track.reason), remote_id)
            number = track.request_id
        asked = await self.api.read(words.Asked, "GET", f"{V2}/requests/{number}", params={"include": "products"})
        sku = Sku(asked.variants[0].sku) if asked.variants else Sku("")
        found: model.Listing | None = None
        if asked.state == "approved" and asked.products:
            found = await self._listing(RemoteId(asked.products[0].product_id))
        elif asked.state in ("approved", *words.REQUEST_STATES):
            found = await self._follow(sku, RemoteId(f"request:{number}"))
        return found or words.to_waiting(asked, RemoteId(f"request:{number}"))

    async def _came_of(self, track: words.Track, sku: Sku) -> RemoteId:
        found = await self._by_sku(sku)
        return RemoteId(found.product_id if found else f"request:{track.request_id}")

    async def _by_sku(self, sku: Sku) -> words.Product | None:
        try:
            found = await self.api.read(words.Product, "GET", f"{V2}/products/findBy", params={"original_sku": sku})
        except Vanished:
            return None
        return found if found.original_sku == sku else None

    async def _product(self, number: RemoteId) -> words.Product:
        params = {"includes": "seller,categories,inventory,attributes,images"}  # with an s here, without in the list
        return await self.api.read(words.Product, "GET", f"{V21}/products/{number}", params=params)

    async def _standing(self, variant: RemoteId, sku: Sku) -> RemoteId:
        """The product behind an id that may still be a request's."""
        if not is_request(variant):
            return variant
        if (found := await self._by_sku(sku)) is None:
            raise Refused("listing_reviewing", reason="")
        return RemoteId(found.product_id)

    # ---- KnowsCategories, SignsIn

    async def categories(self) -> Sequence[model.Category]:
        """The tree from the top, level by level; only primary ones take products."""
        found: list[model.Category] = []
        level = [words.ROOT]
        while level:
            rows = [row for parent in level for row in await self._categories(parent=parent)]
            found += [
                model.Category(id=row.id, parent=row.parent_id, name=row.name, leaf=row.is_primary) for row in rows
            ]
            level = [row.id for row in rows if not row.is_primary]
        return found

    sign_in_url = staticmethod(words.sign_in_url)
    exchange = staticmethod(words.exchange)

    # ---- asked once a run

    async def _warehouse(self) -> str:
        if not self._place:
            rows = await self._list(f"{V2}/sellers/me/warehouses", status=1, type=1, limit=20, page=1)
            if len(rows) != 1:
                raise Refused("warehouse_wrong", message=", ".join(str(row.get("warehouse_id")) for row in rows))
            self._place = str(rows[0]["warehouse_id"])
        return self._place

    async def _terms(self, wanted: str) -> tuple[int, list[words.Attribute]]:
        """A primary category by its id, or by a name that only one has; and what it asks."""
        if wanted not in self._asked:
            name = wanted.rsplit(">", 1)[-1].strip()
            rows = [] if wanted.isdigit() else await self._categories(name=name, primary=1)
            hits = [wanted] if wanted.isdigit() else [row.id for row in rows if fold(row.name) == fold(name)]
            if len(hits) != 1:
                raise Refused("category_unknown", category=wanted, found=len(hits))
            told = await self._list(f"{V2}/categories/{hits[0]}/attributes")
            self._asked[wanted] = (int(hits[0]), self.api.each(words.Attribute, told, id_key="code")[0])
        return self._asked[wanted]

    async def _categories(self, **params: object) -> list[words.Node]:
        return self.api.each(words.Node, await self._list(f"{V2}/categories", **params, lang="vi"), id_key="id")[0]

    async def _under_review(self) -> dict[str, RemoteId]:
        """``sku:<new product's>`` or ``product:<id whose words change>`` -> its request."""
        if self._waiting is None:
            alive = await self._alive()
            self._waiting = {key: RemoteId(f"request:{one.id}") for one in alive for key in one.about()}
            self._pending = {f"request:{one.id}": one for one in alive}
            self._pending |= {f"track:{one.track_id}": one for one in alive if one.track_id}
        return self._waiting

    async def _alive(self) -> list[words.Asked]:
        asked, _ = await self._every(words.Asked, f"{V2}/requests", "products")
        return [one for one in asked if one.state not in ("approved", *words.REQUEST_STATES)]

    async def _every(self, kind: type[M], path: str, include: str) -> tuple[list[M], list[model.Broken]]:
        """Every page; an empty one is doubted, most of all where the page before promised it."""
        good: list[M] = []
        broken: list[model.Broken] = []
        number = last = 1
        while number <= last:
            params = {"page": number, "limit": words.PAGE, "include": include}
            ask = partial(self.api.read, words.Rows, "GET", path, params=params)
            rows = await insist(ask, lambda got: bool(got.data), times=2 if number == 1 else 5)
            told, strange = self.api.each(kind, rows.data, id_key="product_id")
            good, broken = [*good, *told], [*broken, *strange]
            last, number = max(last, rows.paging.last_page), number + 1
        return good, broken
