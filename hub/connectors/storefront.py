"""What Haravan, Sapo Web and Sapo Omnichannel have in common: one old REST family, ``<root>/<resource>.json``.

A platform of the family says its root, its names and its headers as class data and overrides what it does its own way;
answers of another shape are first brought into this one (:meth:`Storefront.plain_product`, ``plain_order``).

- Pages are numbered and hold 50 whatever is asked for. Orders are walked with a lower bound only: the set can grow
  while we walk (told twice), never shrink (lost), whichever way the platform sorts.
- SKUs are not unique and may be missing: everything goes by variant id. A filter by SKU or ids that the platform does
  not know gives arbitrary goods: what comes back is compared, else everything is walked or asked one by one.
- A blank filter gives 50 arbitrary goods; :func:`~hub.connectors.wire.to_pairs` never sends one.
- Goods are hidden by an empty publishing date. A category is free text (``product_type``).
- A rate limit is told with every answer (``32/80``); above 80 % reads wait for the bucket to leak.

UNCONFIRMED in all three: that a list is ever empty by mistake, the inner shape of refunds, that ``total_discounts``
holds the discounts of lines too, and which field tells when a parcel arrived (see each platform's file).
"""

import base64
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel

from hub.connectors.api import Api
from hub.connectors.base import Connector
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    DraftVariant,
    FieldName,
    Listing,
    Page,
    Placed,
    PriceTag,
    Result,
    ShopCard,
    ShopSettings,
    StockLevel,
    Target,
)
from hub.connectors.shapes import Json
from hub.connectors.storefront_words import (
    OPTION,
    Identified,
    Product,
    Words,
    to_listing,
    to_wire,
    unfit,
    variant_to_wire,
)
from hub.connectors.walk import insist, one_by_one, side_by_side
from hub.errors import Garbled, Refused, Unreachable, Vanished
from hub.types import RemoteId, Sku

PAGE = 50
NEW: frozenset[FieldName] = frozenset({"title", "description", "category", "visible", "short"})
FEW = 10
"""No platform pages by fewer."""
M = TypeVar("M", bound=BaseModel)


class Store(Identified):
    name: str = ""
    currency: str = "VND"


def number_of(place: str | None) -> int:
    """The page's number in a mark of :meth:`Storefront._following`."""
    return int(place.partition(":")[0]) if place else 1


def _told_apart(sku: Sku, listings: Collection[str]) -> None:
    """SKUs are not unique there. Raises Refused for one that stands on several listings."""
    if len(set(listings)) > 1:
        raise Refused("listing_repeated", message=f"{sku}: {', '.join(sorted(listings))}")


class Storefront(Connector):
    """One store. A platform's own class holds its manifest, dialect and the class data below."""

    root: ClassVar[str] = "/admin"
    own: ClassVar[str] = "store"  # the resource that tells of the store itself
    words: ClassVar[Words]
    order_filter: ClassVar[Mapping[str, object]] = {"status": "any"}  # without it only open ones are told
    heads: ClassVar[tuple[str, str, str]]  # lower-case: signature, topic, sender
    bucket: ClassVar[str] = ""  # lower-case header of the rate limit

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        super().__init__(api, shop)
        self._place: str | None = None
        self._by_sku: dict[Sku, set[RemoteId]] | None = None  # of the walk that stands in for a missing filter

    # ---- asking ----

    async def _get(self, path: str, **params: object) -> Json:
        """One read; above 80 % of the bucket it waits until that much has leaked."""
        reply = await self.api.reply(dict[str, Any], "GET", f"{self.root}/{path}.json", params=params)
        used, _, size = reply.headers.get(self.bucket, "").partition("/")
        pace = self.manifest.limits.pace
        if used.isdigit() and size.isdigit() and pace and (over := int(used) - 0.8 * int(size)) > 0:
            await self.api.pause(over / pace.per_second)
        return reply.value

    async def _put(self, path: str, body: Json, *, method: str = "PUT") -> Json:
        whole = f"{self.root}/{path}.json"
        return await self.api.write(dict[str, Any], method, whole, json=body, repeatable=method == "PUT")

    async def _rows(self, key: str, **params: object) -> list[object]:
        found = (await self._get(key, **params)).get(key)
        if not isinstance(found, list):
            raise Garbled("remote_garbled", path=key)
        return found

    async def _following(self, key: str, place: str, rows: Sequence[object], **params: object) -> str | None:
        """The mark of the next page, ``number:rows of the first``; None when this was the last.

        A page shorter than the first is the last. A first one short of 50 may be the platform's own smaller cap: from
        ten rows on it is held against ``count.json``, where there is one.
        """
        number, size = (int(one) for one in place.split(":")) if place else (1, len(rows))
        more = len(rows) >= size > 0
        if number == 1 and size < PAGE:
            more = False
            with suppress(Vanished, Refused, Garbled):
                more = size >= FEW and int((await self._get(f"{key}/count", **params)).get("count") or 0) > size
        return f"{number + 1}:{size}" if more else None

    def _decoded(self, model: type[M], value: object) -> M:
        good, broken = self.api.each(model, [value], id_key="id")
        if broken:
            raise Garbled("remote_garbled", path=broken[0].path)
        return good[0]

    def _product(self, told: Json) -> Product:
        return self._decoded(Product, self.plain_product(told.get("product")))

    # ---- another shape ----

    def plain_product(self, told: Any) -> Any:
        """Goods in the family's own shape."""
        return told

    def plain_order(self, told: Any) -> Any:
        """An order in the family's own shape."""
        return told

    # ---- the store ----

    async def check(self) -> ShopCard:
        """``shop.json`` and ``store.json`` are KNOWN, not in the sheet."""
        store = self._decoded(Store, (await self._get(self.own)).get(self.own))
        site = self.shop.base_url.partition("://")[2].strip("/")
        own = site if self.heads[2].startswith("x-sapo") else store.id  # what a delivery names its store by
        return ShopCard(remote_id=own or site, name=store.name or site, currency=store.currency, live=True)

    # ---- publishing ----

    async def find(self, sku: Sku) -> Listing | None:
        """Hidden ones too; of several a person must say which is ours. Where the filter by SKU shows that it is none,
        everything is walked, once a run."""
        if not sku:
            raise Refused("sku_missing")
        if self._by_sku is None:
            rows = await insist(lambda: self._rows("products", sku=sku, limit=PAGE), bool)
            found = [self._decoded(Product, self.plain_product(one)) for one in rows]
            ours = [one for one in found if sku in [variant.sku for variant in one.variants]]
            if ours or not found:
                _told_apart(sku, [one.id for one in ours])
                return to_listing(ours[0], self._site) if ours else None
            self._by_sku = await self._all_skus()
        known = self._by_sku.get(sku, set())
        _told_apart(sku, known)
        return await self._read(next(iter(known))) if known else None

    async def _all_skus(self) -> dict[Sku, set[RemoteId]]:
        known: dict[Sku, set[RemoteId]] = {}
        page: str | None = None
        while True:
            told = await self.listings(page)
            for one in told.items:
                for variant in one.variants:
                    known.setdefault(variant.sku, set()).add(one.remote_id)
            page = told.next
            if page is None:
                return known

    @property
    def _site(self) -> str:
        """Where shoppers find the goods; "" where the API's address is not the shop's."""
        return self.shop.base_url if self.root == "/admin" else ""

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Result[Placed]]:
        return await one_by_one(drafts, self._create)

    async def _create(self, draft: Draft) -> Placed:
        if (wrong := unfit(draft)) is not None:
            raise wrong
        body = self.new_product(draft) | {"images": await self._images(draft)}
        self._by_sku = None  # whatever comes of this, what was walked is no longer the whole truth
        made = self._product(await self._put("products", {"product": body}, method="POST"))
        by_sku = {one.sku: one.id for one in made.variants}
        if missing := [one.sku for one in draft.variants if one.sku not in by_sku]:
            raise Garbled("remote_garbled", path="product.variants", missing=missing)
        return Placed(
            sku=draft.sku, remote_id=RemoteId(made.id), picture_ids=tuple(one.id for one in made.images),
            variants=tuple((one.sku, RemoteId(by_sku[one.sku])) for one in draft.variants),
            url=to_listing(made, self._site).url,
        )  # fmt: skip

    def new_product(self, draft: Draft) -> Json:
        wire = to_wire(draft, NEW, self.words, self.api.time())
        brand = {"vendor": draft.brand} if draft.brand else {}
        return wire | brand | {"options": [{"name": OPTION}], "variants": [self.new_variant(v) for v in draft.variants]}

    def new_variant(self, variant: DraftVariant) -> Json:
        return variant_to_wire(variant, self.words.managed)

    async def _images(self, draft: Draft) -> list[Json]:
        """By address, else by content (``attachment``, KNOWN)."""
        return [
            {"src": one.url}
            if one.url
            else {"attachment": base64.b64encode(await self.api.picture(one.digest)).decode()}
            for one in draft.pictures
        ]

    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]:
        return await one_by_one(changes, self._update)

    async def _update(self, change: Change) -> Done:
        """Also adds variants that the listing lacks (a create that broke off)."""
        draft, number = change.draft, change.target.remote_id
        if "title" in change.fields and not draft.title.strip():
            raise Refused("title_too_short", length=0, min=1)
        body = self.changed_product(draft, change.fields)
        pictures: tuple[str, ...] = ()
        if "pictures" in change.fields:
            body["images"] = await self._images(draft)
        if body:
            told = self._product(await self._put(f"products/{number}", {"product": {"id": int(number)} | body}))
            pictures = tuple(one.id for one in told.images) if "pictures" in change.fields else ()
        lacking = [one for one in draft.variants if one.sku not in dict(change.target.variants)]
        there = {one.sku for one in (await self._read(number)).variants} if lacking else set()
        for one in lacking:
            if one.sku not in there:
                wire = {"variant": self.new_variant(one)}
                await self._put(f"products/{number}/variants", wire, method="POST")
        return Done(picture_ids=pictures)

    def changed_product(self, draft: Draft, fields: frozenset[FieldName]) -> Json:
        return to_wire(draft, fields, self.words, self.api.time())

    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        return await one_by_one(targets, self._hide)

    async def _hide(self, target: Target) -> Done:
        body = self.hidden() | {"id": int(target.remote_id)}
        await self._put(f"products/{target.remote_id}", {"product": body})
        return Done()

    def hidden(self) -> Json:
        return {self.words.published: None}

    # ---- stock and prices ----

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        return await one_by_one(levels, lambda one: self._variant(one.variant, {"inventory_quantity": one.stock}))

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]:
        return await one_by_one(tags, lambda one: self._variant(one.variant, self.priced(one)))

    def priced(self, tag: PriceTag) -> Json:
        return {"price": tag.price}

    async def _location(self) -> str:
        """Where stock is kept: the place the owner named, else the first; asked once a run."""
        if self._place is None:
            named = self.shop.values.get("location_id", "")
            rows = [] if named else await insist(lambda: self._rows("locations"), bool)
            self._place = named or next((str(one["id"]) for one in rows if isinstance(one, dict)), None)
        if self._place is None:
            raise Unreachable(sent=False, empty="locations")  # every store has one: come again
        return self._place

    async def _variant(self, number: RemoteId, body: Json) -> Done:
        await self._put(f"variants/{number}", {"variant": {"id": int(number)} | body})
        return Done()

    # ---- reading back ----

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        """Together by ``ids`` (KNOWN); what does not come back so is asked for by itself."""
        rows = await self._rows("products", ids=",".join(remote_ids), limit=PAGE) if len(remote_ids) > 1 else []
        good, _ = self.api.each(Product, [self.plain_product(one) for one in rows], id_key="id")
        found = {RemoteId(one.id): to_listing(one, self._site) for one in good}

        async def one(number: RemoteId) -> Listing:
            return found[number] if number in found else await self._read(number)

        return await side_by_side(remote_ids, one)

    async def _read(self, number: RemoteId) -> Listing:
        return to_listing(self._product(await self._get(f"products/{number}")), self._site)

    async def listings(self, page: str | None) -> Page[Listing]:
        number = number_of(page)
        rows = await insist(lambda: self._rows("products", limit=PAGE, page=number), bool, times=3 if page else 2)
        good, broken = self.api.each(Product, [self.plain_product(one) for one in rows], id_key="id")
        following = await self._following("products", page or "", rows)
        return Page(items=[to_listing(one, self._site) for one in good], next=following, broken=broken)
