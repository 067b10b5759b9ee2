"""The listings of one TikTok Shop. Stock is absolute for the whole shop: the hub's warehouse shows it, others of the
same SKU show 0. Failures of single elements stand in ``data.errors`` of an answer whose code is 0. Whether stock 0 is
taken is UNCONFIRMED: where it is not, the product is hidden, which read-back takes for the owner's doing. Creates carry
no idempotency_key (what a replay answers is not said): look first by SELLER SKU. Edits of a listing on sale are audited
while the old version is shown: what is read here is the version under review.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeVar

from hub.connectors.api import Api, File
from hub.connectors.base import Connector
from hub.connectors.fitting import find_leaf, image_type, parcel_sides
from hub.connectors.model import (
    Category,
    Change,
    Done,
    Draft,
    Listing,
    ListingState,
    Page,
    Placed,
    PriceTag,
    Result,
    ShopSettings,
    StockLevel,
    Target,
)  # fmt: skip
from hub.connectors.shapes import Accepted, Json
from hub.connectors.tiktok_shop.words import (
    MANIFEST,
    V2,
    Lists,
    Named,
    Of,
    Product,
    Rules,
    Terms,
    Units,
    check_title,
    code_of,
    fill,
    money,
    stock,
    to_listing,
    to_markup,
    to_product,
    understand,
)  # fmt: skip
from hub.connectors.walk import grouped, insist, one_by_one, side_by_side, understood
from hub.errors import HubError, Refused, Unauthorised
from hub.types import RemoteId, Sku

T = TypeVar("T")

PRODUCTS, PICTURE_BYTES = "/product/202309/products", 10 * 1024 * 1024
NOT_NOW, NO_ZERO = "12052901", ("12052055", "12019024")
CIPHER = "shop_cipher"
HOUSES = {"12019028", "12052097", "12052530", "12052531", "12052533"}
"""Of warehouses: not all named, unknown, another's, closed, one too many."""


class Goods(Connector):
    """What :class:`~hub.connectors.tiktok_shop.TikTokShop` does with listings, and how it asks."""

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        super().__init__(api, shop)
        self._me: Named | None = None
        self._meeting = asyncio.Lock()
        self._tree: Sequence[Category] = ()
        self._house, self._named = "", shop.values.get("warehouse_id", "")
        self._terms: dict[str, Terms] = {}

    async def me(self) -> Named:
        """This shop with its cipher, asked once a run. Raises Unauthorised when the owner's consent is for others."""
        async with self._meeting:  # reads go side by side: the first one asks
            if self._me is None:
                told = (await self.api.read(Of[Lists], "GET", "/authorization/202309/shops")).data.shops
                self._me = next((one for one in told if self.shop.remote_id in ("", one.id)), None)
        if self._me is None:
            raise Unauthorised("shop_needs_owner")
        return self._me

    async def cipher(self) -> str:
        """As told when the shop was connected; asked for once a run where it was connected before that was kept."""
        return self.shop.values.get(CIPHER) or (await self.me()).cipher

    async def ask(self, model: type[T], method: str, path: str, json: object = None, **params: object) -> T:
        """A question about this shop."""
        query = {**params, CIPHER: await self.cipher()}
        return (await self.api.read(Of[model], method, path, params=query, json=json)).data  # type: ignore[valid-type]

    async def tell(self, model: type[T], path: str, json: object, *, method: str = "POST", again: bool = False) -> T:
        """A change in this shop; ``again``: harmless to repeat. Answers whole: some carry no data."""
        query = {CIPHER: await self.cipher()}
        return await self.api.write(model, method, path, params=query, json=json, repeatable=again)

    async def categories(self) -> Sequence[Category]:
        if not self._tree:
            told = await self.ask(Lists, "GET", "/product/202309/categories", **V2, locale="vi-VN")
            self._tree = [
                Category(id=one.id, parent="" if one.parent_id == "0" else one.parent_id, name=one.local_name,
                         leaf=one.is_leaf) for one in told.categories
            ]  # fmt: skip
        return self._tree

    async def house(self) -> str:
        """Where the hub's goods lie: the one the owner named, else the default, else the first that is open."""
        if not self._house:
            told = (await self.ask(Lists, "GET", "/logistics/202309/warehouses")).warehouses
            fit = [one for one in told if (one.type, one.effect_status) == ("SALES_WAREHOUSE", "ENABLED")]
            if self._named:
                fit = [one for one in fit if one.id == self._named]
            fit.sort(key=lambda one: not one.is_default)
            if not fit:
                raise Refused("warehouse_wrong", warehouse=self._named)
            self._house = fit[0].id
        return self._house

    async def terms(self, draft: Draft) -> Terms:
        """What the draft's category asks, once a run. Raises Refused for a category nobody knows."""
        leaf = find_leaf(await self.categories(), draft.category, MANIFEST.name)
        if leaf not in self._terms:
            path = f"/product/202309/categories/{leaf}"
            asked = await self.ask(Lists, "GET", f"{path}/attributes", **V2, locale="vi-VN")
            self._terms[leaf] = Terms(
                category=leaf, rules=await self.ask(Rules, "GET", f"{path}/rules", **V2), attributes=asked.attributes,
                house=await self.house(), package=parcel_sides(self.shop.values.get("package_cm", "")),
            )  # fmt: skip
        return self._terms[leaf]

    async def _uris(self, draft: Draft) -> tuple[str, ...]:
        return tuple([await self.api.uploaded(one.digest, self._send) for one in draft.pictures[:9]])

    async def _send(self, content: bytes) -> str:
        file = File(field="data", name="anh", content=content, content_type=image_type(content, PICTURE_BYTES))
        path, form = "/product/202309/images/upload", {"use_case": "MAIN_IMAGE"}
        return (await self.api.upload(Of[Named], path, files=[file], form=form)).data.uri

    # -- Publishes

    async def find(self, sku: Sku) -> Listing | None:
        """An empty answer is asked for three times: after it a listing is created, and creates repeat."""
        body = {"status": "ALL", "seller_skus": [sku]}
        path = "/product/202502/products/search"
        told = await insist(lambda: self.ask(Lists, "POST", path, body, page_size=100), lambda got: bool(got.products))
        found = [await self._read(RemoteId(one.id)) for one in told.products]
        return next((one for one in found if sku in {each.sku for each in one.variants}), None)

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Result[Placed]]:
        return await one_by_one(drafts, self._create)

    async def _create(self, draft: Draft) -> Placed:
        terms, uris = await self.terms(draft), await self._uris(draft)
        try:
            made = (await self.tell(Of[Units], PRODUCTS, to_product(draft, terms, uris))).data
        except Refused as error:
            for one in draft.pictures if error.code == "picture_refused" else ():
                await self.api.forget_upload(one.digest)
            raise
        pairs = tuple((Sku(one.seller_sku), RemoteId(one.id)) for one in made.skus)
        return Placed(sku=draft.sku, remote_id=RemoteId(made.product_id), variants=pairs, picture_ids=uris)

    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]:
        return await one_by_one(changes, self._update)

    async def _update(self, change: Change) -> Done:
        """Top-level properties are replaced, others kept. Variants are not added to a listing that stands."""
        draft, fields, number = change.draft, change.fields, change.target.remote_id
        if {one.sku for one in draft.variants} - {sku for sku, _ in change.target.variants}:
            raise Refused("variants_changed", sku=draft.sku)
        body: Json = {"title": check_title(draft.title)} if "title" in fields else {}
        if "description" in fields:
            body["description"] = to_markup(draft.description)
        if fields & {"category", "attributes"}:
            terms = await self.terms(draft)
            body |= {
                "category_id": terms.category,
                **V2,
                "product_attributes": fill(terms.attributes, draft.attributes),
            }
        uris = await self._uris(draft) if "pictures" in fields else change.target.picture_ids
        body |= {"main_images": [{"uri": one} for one in uris]} if "pictures" in fields else {}
        if body:
            await self.tell(Accepted, f"/product/202509/products/{number}/partial_edit", body)
        if "visible" in fields:
            failed = (await self._switch("activate" if draft.visible else "deactivate", [number])).get(number)
            if code_of(failed) == NOT_NOW and draft.visible:  # a draft was never sent to audit
                again = {"save_mode": "LISTING", "title": draft.title}
                await self.tell(Accepted, f"/product/202509/products/{number}/partial_edit", again)
            elif failed is not None:
                raise failed
        return Done(picture_ids=uris)

    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        """What is not on sale cannot be hidden; what no buyer sees anyway is hidden enough, one under audit is not."""
        failed = await self._switch("deactivate", [one.remote_id for one in targets])
        for number in [key for key, error in failed.items() if code_of(error) == NOT_NOW]:
            if (await self._read(number)).state not in (ListingState.LIVE, ListingState.REVIEWING):
                del failed[number]
        return [failed.get(one.remote_id) or Done() for one in targets]

    async def _switch(self, verb: str, ids: Sequence[RemoteId]) -> dict[RemoteId, HubError]:
        told = (await self.tell(Of[Lists], f"{PRODUCTS}/{verb}", {"product_ids": ids}, again=True)).data
        return {RemoteId(str(one.detail.get("product_id"))): understand(one.code, one.message) for one in told.errors}

    # -- KeepsStock, KeepsPrices

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        return await grouped(levels, lambda one: one.listing, self._stock, Done())

    async def _stock(self, listing: RemoteId, levels: Sequence[StockLevel]) -> Mapping[StockLevel, HubError]:
        """Without a warehouse first: where a SKU lies in one only, its id may be left out, and nobody need be asked."""
        failed = await self._tell_stock(listing, {one: [self._named] for one in levels}, self._named)
        if HOUSES & {code_of(error) for error in failed.values()}:
            house = await self.house()
            rows = (
                await self.ask(Lists, "POST", "/product/202309/inventory/search", {"product_ids": [listing]})
            ).inventory
            known = {
                unit.id: [each.warehouse_id for each in unit.warehouse_inventory] for row in rows for unit in row.skus
            }
            failed = await self._tell_stock(listing, {one: known.get(one.variant, [house]) for one in levels}, house)
        no_zero = [one for one, error in failed.items() if code_of(error) in NO_ZERO and one.stock == 0]
        if no_zero and await self._nothing_else(listing, no_zero) and not await self._switch("deactivate", [listing]):
            return {one: error for one, error in failed.items() if one not in no_zero}
        return failed

    async def _nothing_else(self, listing: RemoteId, gone: Sequence[StockLevel]) -> bool:
        """Whether no other variant of the listing can be bought."""
        ids = {one.variant for one in gone}
        return not any(one.quantity for unit in (await self._product(listing)).skus if unit.id not in ids
                       for one in unit.inventory)  # fmt: skip

    async def _tell_stock(
        self, listing: RemoteId, levels: Mapping[StockLevel, Sequence[str]], ours: str
    ) -> dict[StockLevel, HubError]:
        """``levels``: each with the warehouses to name; ``ours`` shows the stock, the others nothing."""
        skus = [{"id": one.variant, "inventory": [stock(each, one.stock if each == ours else 0) for each in houses]}
                for one, houses in levels.items()]  # fmt: skip
        try:
            told = await self.tell(Of[Lists], f"{PRODUCTS}/{listing}/inventory/update", {"skus": skus}, again=True)
        except Refused as error:
            if code_of(error) not in HOUSES:
                raise
            return dict.fromkeys(levels, error)
        bad = {str(one.detail.get("sku_id")): understand(one.code, one.message) for one in told.data.errors}
        return {one: bad[one.variant] for one in levels if one.variant in bad}

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]:
        return await grouped(tags, lambda one: one.listing, self._price, Done())

    async def _price(self, listing: RemoteId, tags: Sequence[PriceTag]) -> Mapping[PriceTag, HubError]:
        """Prices of a listing on sale; of another one by an edit that names all its SKUs."""
        prices = {str(one.variant): money(one.price) for one in tags}
        try:
            rows = [{"id": number, "price": price} for number, price in prices.items()]
            await self.tell(Accepted, f"{PRODUCTS}/{listing}/prices/update", {"skus": rows}, again=True)
        except Refused as error:
            if code_of(error) != NOT_NOW:
                raise
            skus = [{"id": one.id, "seller_sku": one.seller_sku, "sales_attributes": one.sales_attributes}
                    | ({"price": prices[one.id]} if one.id in prices else {})
                    for one in (await self._product(listing)).skus]  # fmt: skip
            await self.tell(Accepted, f"/product/202509/products/{listing}/partial_edit", {"skus": skus}, again=True)
        return {}

    # -- ReadsBack

    async def _product(self, number: RemoteId) -> Product:
        return await self.ask(Product, "GET", f"{PRODUCTS}/{number}", return_under_review_version=True)

    async def _read(self, number: RemoteId) -> Listing:
        return to_listing(await self._product(number))

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        return await side_by_side(remote_ids, self._read)

    async def listings(self, page: str | None) -> Page[Listing]:
        path, size = "/product/202502/products/search", 50
        told = await insist(
            lambda: self.ask(Lists, "POST", path, {"status": "ALL"}, page_size=size, page_token=page),
            lambda got: bool(got.products), times=5 if page else 3,
        )  # fmt: skip
        ids = [RemoteId(one.id) for one in told.products]
        good, broken = understood(ids, await self.read(ids))
        return Page(items=good, next=told.next_page_token or None, broken=broken)
