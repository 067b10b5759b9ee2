"""Lazada Open Platform, Vietnam (documentation read 2026-11-21; what is true of the platform stands in the table).

A listing is an item, a variant a SKU. ``SkuId`` is the key; the seller's SKU is looked up once. Stock goes out as
*sellable* quantity, never as ``Quantity``, which counts unshipped orders in. What fails of a batch stands in
``detail``, also under code "0". Auto-filled attributes are switched off: certified goods say nothing that nobody said.
POST sends everything as a urlencoded form; tokens are made on another host (``words.sign``).
Words and shapes: ``lazada_words``; orders and money: ``lazada_trade``; parcels: ``lazada_parcels``.

UNCONFIRMED: ``/seller/get`` and the members of its answer, ids of the Vietnamese category tree, whether a new item is
found by SKU at once, whether custom values of sale properties are taken where the input type says so, whether create
takes ``Status`` of a SKU, which states an item has beside Active, InActive and Pending QC, the order of
``/products/get``, what an address that is not on an app's IP list is told. Pushes are
registered in the console only. The open API knows no lives: ``highlight`` needs the presenter's id.
"""

import json
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlencode

from hub.connectors import lazada_words as words
from hub.connectors.api import Api, Credentials, Dialect, File
from hub.connectors.fitting import answers, find_leaf, image_type, parcel_sides
from hub.connectors.lazada_parcels import Fulfilment
from hub.connectors.lazada_trade import inside
from hub.connectors.lazada_words import AUTH_HOST, OWN, Data, packed, to_listing
from hub.connectors.markup import to_html
from hub.connectors.model import (
    Category,
    Change,
    Done,
    Draft,
    DraftVariant,
    Hint,
    Listing,
    Manifest,
    Page,
    Placed,
    PriceTag,
    Result,
    ShopCard,
    ShopSettings,
    StockLevel,
    Target,
    Tokens,
)  # fmt: skip
from hub.connectors.shapes import Accepted, Json
from hub.connectors.walk import insist, one_by_one, side_by_side, signed_by_app
from hub.errors import Garbled, HubError, Refused, Unauthorised, Vanished
from hub.types import RemoteId, Sku, fold

TITLE_BYTES, PICTURE_BYTES, PER_PAGE, BRANDS = 255, 3_145_728, 50, 200
PUSHES: Mapping[int, tuple[words.Kinds, tuple[str, ...]]] = {
    0: ("order", ("trade_order_id",)), 10: ("order", ("trade_order_id",)), 1: ("listing", ("itemId", "item_id")),
    3: ("listing", ("item_id", "itemId")), 4: ("listing", ("item_id", "itemId")), 5: ("listing", ("item_id", "itemId")),
    6: ("listing", ("item_id", "itemId")), 8: ("authorisation", ("seller_id",)),
}  # fmt: skip


def fill(asked: Sequence[words.Asked], given: Sequence[tuple[str, str]]) -> Json:
    """Our (name, value) pairs under the platform's names; closed lists take their own words only, what does not fit is
    left out. Raises Refused("attribute_missing") with the mandatory ones that have no value."""
    known = answers(given)
    told: Json = {}
    missing: list[str] = []
    for one in asked:
        if one.attribute_type == "sku" or one.name in OWN:
            continue
        value = known.get(fold(one.label)) or known.get(fold(one.name), "")
        if value and one.input_type in ("singleSelect", "multiSelect"):
            value = next((str(o["name"]) for o in one.options if fold(value) in map(fold, _spelt(o))), "")
        if value:
            told[one.name] = value
        elif one.is_mandatory:
            missing.append(one.label or one.name)
    if missing:
        raise Refused("attribute_missing", attributes=missing)
    return told


def at_each(
    asked: Sequence[StockLevel | PriceTag], detail: Sequence[words.Detail], otherwise: HubError | None
) -> list[Result[Done]]:
    """What failed, at its place. A failure that names none of them may be anybody's: nobody not named is told done."""
    ids = {one.sku_id: words.complain(one.code, one.message) for one in detail if one.sku_id}
    names = {one.seller_sku: words.complain(one.code, one.message) for one in detail if not one.sku_id}
    strays = (ids.keys() - {one.variant for one in asked}) | (names.keys() - {one.sku for one in asked})
    stray = next((error for key, error in (ids | names).items() if key in strays), None)
    return [ids.get(one.variant) or names.get(one.sku) or stray or (None if detail else otherwise) or Done()
            for one in asked]  # fmt: skip


def _spelt(option: Json) -> list[str]:
    return [str(option.get(key) or "") for key in ("name", "en_name")]


class Lazada(Fulfilment):
    """One seller's shop."""

    manifest: ClassVar[Manifest] = words.MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=words.sign, judge=words.judge, renew=words.renew)

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        super().__init__(api, shop)
        self._tree: Sequence[Category] = ()
        self._asks: dict[str, list[words.Asked]] = {}
        self._brands: dict[str, str] | None = None

    async def check(self) -> ShopCard:
        me = (await self.api.read(words.Me, "GET", "/seller/get")).data
        live = me.status.upper() in ("ACTIVE", "")
        return ShopCard(remote_id=self.shop.remote_id or me.seller_id, name=me.name, currency="VND", live=live)

    # ---- listings ------------------------------------------------------------------------------------------------

    async def find(self, sku: Sku) -> Listing | None:
        params = {"filter": "all", "limit": PER_PAGE, "sku_seller_list": json.dumps([sku])}
        found = await insist(lambda: self._products(params), lambda got: bool(got[0]))
        return next((one for one in found[0] if any(each.sku == sku for each in one.variants)), None)

    async def _products(self, params: Mapping[str, object]) -> tuple[list[Listing], Page[Listing]]:
        """The listings of a page, and the page as far as it was understood."""
        values = inside(await self.api.read(Data, "GET", "/products/get", params=params), "products")
        good, broken = self.api.each(words.Product, values, id_key="item_id")
        listings = [to_listing(one) for one in good]
        return listings, Page(items=listings, broken=broken)

    async def listings(self, page: str | None) -> Page[Listing]:
        offset = int(page or 0)
        params = {"filter": "all", "limit": PER_PAGE, "offset": offset}
        _, told = await insist(lambda: self._products(params), lambda got: bool(got[0]), times=5 if offset else 2)
        full = len(told.items) + len(told.broken) == PER_PAGE
        return Page(items=told.items, broken=told.broken, next=str(offset + PER_PAGE) if full else None)

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        async def one(remote_id: RemoteId) -> Listing:
            told = await self.api.read(words.OneProduct, "GET", "/product/item/get", params={"item_id": remote_id})
            return to_listing(told.data)

        return await side_by_side(remote_ids, one)

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Result[Placed]]:
        return await one_by_one(drafts, self._create)

    async def _create(self, draft: Draft) -> Placed:
        category, asked = await self._terms(draft)
        sale = next((one.name for one in asked if one.is_sale_prop and one.input_type != "singleSelect"), "")
        if len(draft.variants) > 1 and not sale:
            raise Refused("variants_too_many", count=len(draft.variants), max=1)
        product = await self._content(draft, {"title", "description", "short", "attributes", "pictures"}, asked)
        product["Attributes"] |= await self._brand(draft.brand)
        skus = [self._sku(one, sale if len(draft.variants) > 1 else "", draft.visible) for one in draft.variants]
        body = packed(PrimaryCategory=category, **product, disableAutoFillAttribute=True, Skus={"Sku": skus})
        made = (await self.api.write(words.Created, "POST", "/product/create", params=body)).data
        ids = tuple((Sku(str(one["seller_sku"])), RemoteId(str(one["sku_id"]))) for one in made.sku_list)
        pictures = tuple(product["Images"]["Image"])
        return Placed(sku=draft.sku, remote_id=RemoteId(made.item_id), variants=ids, picture_ids=pictures)

    async def _terms(self, draft: Draft) -> tuple[str, list[words.Asked]]:
        """The leaf and what it asks; both once a run."""
        self._tree = self._tree or await self.categories()
        leaf = find_leaf(self._tree, draft.category, "lazada")
        if leaf not in self._asks:
            params = {"primary_category_id": leaf, "language_code": words.LANGUAGE}
            answer = await self.api.read(Data, "GET", "/category/attributes/get", params=params, scope="open")
            self._asks[leaf] = self.understood(words.Asked, answer.data or [], "id")
        return leaf, self._asks[leaf]

    async def _content(self, draft: Draft, fields: Set[str], asked: Sequence[words.Asked]) -> dict[str, Any]:
        """``Attributes`` and ``Images`` of these fields."""
        told: Json = fill(asked, draft.attributes) if "attributes" in fields else {}
        if "title" in fields:
            if (size := len(draft.title.encode())) > TITLE_BYTES:
                raise Refused("title_too_long", length=size, max=TITLE_BYTES)
            told["name"] = draft.title
        if "description" in fields:
            told["description"] = to_html(draft.description)
        if "short" in fields and draft.short:
            points = [escape(line.strip(), quote=False) for line in draft.short.splitlines() if line.strip()]
            told["short_description"] = "<ul>" + "".join(f"<li>{one}</li>" for one in points) + "</ul>"
        if "pictures" not in fields:
            return {"Attributes": told}
        images = [await self.api.uploaded(one.digest, self._upload) for one in draft.pictures[:8]]
        return {"Attributes": told, "Images": {"Image": images}}

    async def _upload(self, content: bytes) -> str:
        media = image_type(content, PICTURE_BYTES)
        file = File(field="image", name="image." + media.removeprefix("image/"), content=content, content_type=media)
        answer = await self.api.upload(Data, "/image/upload", files=[file])
        return str(answer.data["image"]["url"])

    async def _brand(self, wanted: str) -> Json:
        """A brand of the first pages by its name, else "No Brand", whose id differs per country; else its name."""
        if self._brands is None:
            params = {"startRow": 0, "pageSize": BRANDS}
            answer = await self.api.read(Data, "GET", "/category/brands/query", params=params, scope="open")
            self._brands = {fold(str(one["name"])): str(one["brand_id"]) for one in inside(answer, "module")}
        found = self._brands.get(fold(wanted)) or self._brands.get("no brand")
        return {"brand_id": found} if found else {"brand": "No Brand"}

    def _sku(self, one: DraftVariant, sale: str, visible: bool) -> Json:
        told: Json = {"SellerSku": one.sku, "quantity": str(one.stock), "price": str(one.price), **self._package(one)}
        return told | ({"saleProp": {sale: one.label or one.sku}} if sale else {}) | (
            {} if visible else {"Status": "inactive"})  # fmt: skip

    def _package(self, one: DraftVariant) -> Json:
        """cm and kg; a cube as large as its weight pays for where nobody measured (6,000 cm3 a kilogram)."""
        if one.weight_g <= 0:
            raise Refused("weight_missing", skus=[one.sku])
        cube = (max(1, int((one.weight_g * 6) ** (1 / 3))),) * 3
        length, width, height = parcel_sides(self.shop.values.get("package_cm", "")) or cube
        return {"package_length": str(length), "package_width": str(width), "package_height": str(height),
                "package_weight": str(max(one.weight_g / 1000, 0.01).__round__(2))}  # fmt: skip

    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]:
        return await one_by_one(changes, self._update)

    async def _update(self, change: Change) -> Done:
        """A part of the item; its other fields stay. SKUs are named by their ids, with their parcels' sizes."""
        draft, fields = change.draft, change.fields
        category, asked = await self._terms(draft) if fields & {"category", "attributes"} else ("", [])
        product = await self._content(draft, fields, asked)
        ids = dict(change.target.variants)
        skus = [{"SkuId": ids[one.sku], **self._package(one)} for one in draft.variants if one.sku in ids]
        if "visible" in fields:
            skus = [one | {"Status": "active" if draft.visible else "inactive"} for one in skus]
        extra = {"PrimaryCategory": category} if "category" in fields else {}
        body = packed(ItemId=change.target.remote_id, **extra, **product, Skus={"Sku": skus})
        await self.api.write(Accepted, "POST", "/product/update", params=body, repeatable=True)
        return Done(picture_ids=tuple(product.get("Images", {}).get("Image", change.target.picture_ids)))

    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        async def one(target: Target) -> Done:
            body = {"apiRequestBody": packed(ItemId=target.remote_id)["payload"]}  # the one call with this name
            try:
                await self.api.write(Accepted, "POST", "/product/deactivate", params=body, repeatable=True)
            except Refused as error:
                if error.facts.get("remote_code") != "E0004":  # inactive already
                    raise
            return Done()

        return await one_by_one(targets, one)

    # ---- stock and price -----------------------------------------------------------------------------------------

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        return await self._each("/product/stock/sellable/update", levels, [self._stock(one.stock) for one in levels])

    def _stock(self, stock: int) -> Json:
        store = self.shop.values.get("warehouse", "")
        if not store:
            return {"SellableQuantity": str(stock)}
        row = {"WarehouseCode": store, "SellableQuantity": str(stock)}
        return {"MultiWarehouseInventories": {"MultiWarehouseInventory": [row]}}

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]:
        return await self._each("/product/price_quantity/update", tags, [{"Price": str(one.price)} for one in tags])

    async def _each(
        self, path: str, asked: Sequence[StockLevel | PriceTag], values: Sequence[Json]
    ) -> Sequence[Result[Done]]:
        """One call for all. What failed stands in ``detail``, whether the call says so or not."""
        rows = [{"ItemId": one.listing, "SkuId": one.variant, "SellerSku": one.sku, **value}
                for one, value in zip(asked, values, strict=True)]  # fmt: skip
        otherwise: HubError | None = None
        try:
            answer = await self.api.write(Data, "POST", path, params=packed(Skus={"Sku": rows}), repeatable=True)
            detail = answer.detail
        except (Refused, Vanished, Garbled) as error:
            told = error.facts.get("detail")
            detail = [words.Detail.model_validate(one) for one in told] if isinstance(told, list) else []
            otherwise = error
        return at_each(asked, detail, otherwise)

    # ---- the rest ------------------------------------------------------------------------------------------------

    async def categories(self) -> Sequence[Category]:
        params = {"language_code": words.LANGUAGE}
        answer = await self.api.read(words.Tree, "GET", "/category/tree/get", params=params, scope="open")
        return list(words.flat(answer.data))

    async def highlight(self, live: RemoteId, listing: RemoteId) -> None:
        """``live`` is the presenter's id, unless the shop's settings know it: sessions have none here."""
        presenter = self.shop.values.get("presenter_id") or live
        if not (presenter.isdigit() and listing.isdigit()):
            raise Vanished("remote_vanished", remote_id=presenter)
        asked = {"itemId": int(listing), "presenterId": int(presenter), "action": "HIGHLIGHT_START"}
        params = {"highLightRequest": json.dumps(asked)}
        await self.api.write(Accepted, "POST", "/lazlive/product/highlight", params=params, repeatable=True)

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """``secret`` is app key and app secret joined by a colon. The same message may come again, or changed."""
        given = {name.lower(): value for name, value in headers.items()}.get("authorization", "")
        if not signed_by_app(secret, body, given):
            raise Unauthorised("push_signature_wrong")
        return words.to_hint(body, PUSHES)

    async def subscribe(self, url: str, secret: str) -> None:
        """Nothing to call: the one address of the app is registered in the console."""

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
        host = AUTH_HOST if base_url == words.MANIFEST.base_url else base_url.removesuffix("/rest")
        query = {"response_type": "code", "force_auth": "true", "country": "vn", "redirect_uri": redirect,
                 "client_id": app["app_key"], "state": state}  # fmt: skip
        return f"{host}/oauth/authorize?{urlencode(query)}"

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        if not answer.get("code"):
            raise Refused("sign_in_incomplete")
        public = api.signed_with(Credentials(secrets=app))
        params = {"code": answer["code"]}
        pair = await public.write(words.Pair, "POST", "/auth/token/create", params=params, scope="auth")
        mine = [str(one.get("seller_id", "")) for one in pair.country_user_info if one.get("country") == "vn"]
        if len(mine) != 1:
            raise Refused("region_unsupported" if not mine else "sign_in_many_shops", shops=mine)
        return mine[0], pair.tokens(api.time())
