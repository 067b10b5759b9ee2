"""The goods of one Shopee shop: the catalogue's rules, listings, stock, prices, read-back.

add_item is not idempotent and there are no idempotency keys: look first (:meth:`Goods.find`). An item of several
variants is created hidden under an unfinished SKU, gets its models, then its SKU, then its place in the shop; whatever
step was the last is finished by the next :meth:`Goods.create`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from hub.connectors.api import Api, File
from hub.connectors.model import (
    Category,
    Change,
    Done,
    Draft,
    FieldName,
    Listing,
    ListingState,
    Page,
    Picture,
    Placed,
    PriceTag,
    Result,
    ShopSettings,
    StockLevel,
    Target,
)
from hub.connectors.shopee import drafts, told, wire
from hub.connectors.shopee.dialect import LIVE, acting, refusal
from hub.errors import Garbled, HubError, Refused, RemoteError, Unreachable, Vanished
from hub.types import RemoteId, Sku, chunks

BATCH = 50
TIER_WAIT = 5.0
"""Seconds between add_item and its models, guide 211."""
IMAGES = 8
"""Pictures a call; the guide says "fewer than" and "at most" 9."""
STATUSES = ("NORMAL", "UNLIST", "BANNED", "REVIEWING")
TEXTS = ("item_name", "description")
NO_MODEL = RemoteId(told.NO_MODEL)

Q = TypeVar("Q")
A = TypeVar("A")


class Goods:
    """What :class:`~hub.connectors.shopee.Shopee` does with listings; ``api`` and ``shop`` are its own."""

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        self.api = api
        self.shop = shop
        self._tree: Sequence[Category] | None = None
        self._channels: Sequence[wire.LogisticsChannel] | None = None
        self._terms: dict[int, drafts.Terms] = {}
        self._images: dict[str, str] = {}  # digest -> image id, so that one run sends a picture once

    # ---- the catalogue's rules -----------------------------------------------------------------------------------

    async def categories(self) -> Sequence[Category]:
        if self._tree is None:
            answer = await self.api.read(
                wire.Of[wire.CategoryList],
                "GET",
                "/api/v2/product/get_category",
                params=acting(self.shop, language="vi"),
            )
            self._tree = [told.to_category(one) for one in answer.response.category_list]
        return self._tree

    async def _terms_for(self, draft: Draft) -> drafts.Terms:
        """What the category and the shop ask, asked once a run. Raises Refused for an unknown category."""
        category = drafts.find_leaf(draft.category, await self.categories())
        if category not in self._terms:
            limits, trees = await asyncio.gather(
                self.api.read(
                    wire.ItemLimitAnswer, "GET", "/api/v2/product/get_item_limit",
                    params=acting(self.shop, category_id=category)
                ),
                self.api.read(
                    wire.Of[wire.AttributeTrees], "GET", "/api/v2/product/get_attribute_tree",
                    params=acting(self.shop, category_id_list=category, language="vn"),
                ),
            )  # fmt: skip
            attributes = next((one.attribute_tree for one in trees.response.trees), [])
            self._terms[category] = drafts.terms_of(
                category, limits, attributes, await self._logistics(), self.shop.values
            )
        return self._terms[category]

    async def _logistics(self) -> Sequence[wire.LogisticsChannel]:
        if self._channels is None:
            answer = await self.api.read(
                wire.Of[wire.LogisticsChannels], "GET", "/api/v2/logistics/get_channel_list", params=acting(self.shop)
            )
            self._channels = answer.response.logistics_channel_list
        return self._channels

    async def _upload(self, pictures: Sequence[Picture]) -> tuple[str, ...]:
        """Image ids in order. Raises Refused for bytes that are no JPEG or PNG, and for what the platform refuses."""
        fresh = [one for one in dict.fromkeys(pictures) if one.digest not in self._images]
        for group in chunks(fresh, IMAGES):
            contents = [await self.api.picture(one.digest) for one in group]
            files = [
                File(field="image", name=f"{place}.jpg", content=content, content_type=drafts.image_type(content))
                for place, content in enumerate(contents)
            ]
            answer = await self.api.upload(
                wire.Of[wire.Uploaded], "/api/v2/media_space/upload_image", files=files, params=acting(self.shop)
            )
            for picture, image_id in zip(group, _image_ids(answer.response, len(group)), strict=True):
                self._images[picture.digest] = image_id
        return tuple(self._images[one.digest] for one in pictures)

    # ---- Publishes -----------------------------------------------------------------------------------------------

    async def find(self, sku: Sku) -> Listing | None:
        """By item SKU, exact, removed ones left out; of several the one on sale, then the oldest."""
        hits = [one for one in await self._search(sku) if one.sku == sku and one.state is not ListingState.GONE]
        hits.sort(key=lambda one: (one.state is not ListingState.LIVE, int(one.remote_id)))
        return hits[0] if hits else None

    async def _search(self, sku: Sku) -> Sequence[Listing]:
        answer = await self.api.read(
            wire.Of[wire.Found],
            "GET",
            "/api/v2/product/search_item",
            params=acting(self.shop, item_sku=sku, page_size=BATCH),
        )
        ids = [RemoteId(str(one)) for one in answer.response.item_id_list]
        return [one for one in await self.read(ids) if isinstance(one, Listing)] if ids else []

    async def create(self, wanted: Sequence[Draft]) -> Sequence[Result[Placed]]:
        return await _each(wanted, self._create)

    async def _create(self, draft: Draft) -> Placed:
        terms = await self._terms_for(draft)
        drafts.check(draft, terms)
        drafts.fill(terms.attributes, draft.attributes)  # refused before a picture is sent for nothing
        several = len(draft.variants) > 1
        begun = await self.find(drafts.unfinished(draft.sku)) if several else None
        images = await self._upload(draft.pictures)
        body = drafts.to_item(draft, terms, images)
        if begun is None:
            added = await self.api.write(
                wire.Of[wire.Added], "POST", "/api/v2/product/add_item", params=acting(self.shop), json=body
            )
            item_id = RemoteId(added.response.item_id)
        else:
            item_id = begun.remote_id
            await self._update_item(item_id, {name: body[name] for name in drafts.CONTENT})
        variants: tuple[tuple[Sku, RemoteId], ...] = ((draft.variants[0].sku, NO_MODEL),)
        if several:
            variants = await self._finish(item_id, draft, terms)
        return Placed(sku=draft.sku, remote_id=item_id, variants=variants, picture_ids=images, url=self._url(item_id))

    async def _finish(self, item_id: RemoteId, draft: Draft, terms: drafts.Terms) -> tuple[tuple[Sku, RemoteId], ...]:
        """Models, then the SKU that ``find`` knows, then on sale. Said again it rebuilds models nobody knows yet."""
        await self.api.pause(TIER_WAIT)
        body = drafts.to_tiers(int(item_id), draft.variants, terms)
        answer = await self.api.write(
            wire.Of[wire.Tiered], "POST", "/api/v2/product/init_tier_variation", params=acting(self.shop), json=body
        )
        placed = {one.tier_index[0]: RemoteId(one.model_id) for one in answer.response.model if one.tier_index}
        if set(placed) != set(range(len(draft.variants))):
            raise Garbled("remote_garbled", path="response.model", got=len(placed), wanted=len(draft.variants))
        await self._update_item(item_id, {"item_sku": draft.sku})
        if draft.visible:
            await self._show(item_id, visible=True)
        return tuple((one.sku, placed[place]) for place, one in enumerate(draft.variants))

    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]:
        return await _each(changes, self._update)

    async def _update(self, change: Change) -> Done:
        """A field that cannot be sent keeps no other from being sent: a claim that fell away must leave the title even
        where an attribute is missing. What was refused is raised in the end."""
        draft, fields, item_id = change.draft, change.fields, change.target.remote_id
        if "visible" in fields and not draft.visible:
            await self._show(item_id, visible=False)
        body, refused = await self._body(draft, fields)
        if body:
            try:
                await self._update_item(item_id, body)
            except Refused as error:
                refused.append(error)
                texts = {name: body[name] for name in TEXTS if name in body}
                if texts and texts.keys() < body.keys():
                    await self._update_item(item_id, texts)
        if "visible" in fields and draft.visible:
            await self._show(item_id, visible=True)
        if refused:
            raise refused[0]
        images = tuple(self._images[one.digest] for one in draft.pictures) if "image" in body else ()
        return Done(picture_ids=images or change.target.picture_ids)

    async def _body(self, draft: Draft, fields: frozenset[FieldName]) -> tuple[dict[str, object], list[Refused]]:
        """What update_item takes, and what could not be made ready for it."""
        texts = {"item_name": ("title", draft.title), "description": ("description", draft.description)}
        body: dict[str, object] = {name: text for name, (named, text) in texts.items() if named in fields}
        refused: list[Refused] = []
        if fields & {"category", "attributes"}:
            try:
                terms = await self._terms_for(draft)
                body["attribute_list"] = drafts.fill(terms.attributes, draft.attributes)
                body |= {"category_id": terms.category} if "category" in fields else {}
            except Refused as error:
                refused.append(error)
        if "pictures" in fields:
            try:
                body["image"] = {"image_id_list": list(await self._upload(draft.pictures))}
            except Refused as error:
                refused.append(error)
        return body, refused

    async def _update_item(self, item_id: RemoteId, fields: Mapping[str, object]) -> None:
        body = {"item_id": int(item_id), **fields}
        await self.api.write(
            wire.Accepted, "POST", "/api/v2/product/update_item", params=acting(self.shop), json=body, repeatable=True
        )

    async def _show(self, item_id: RemoteId, *, visible: bool) -> None:
        failed = (await self._unlist([item_id], unlist=not visible)).get(item_id)
        if failed is not None:
            raise failed

    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        ids = [one.remote_id for one in targets]
        failed = await self._unlist(ids, unlist=True)
        if len(ids) > 1 and len(failed) == len(ids):  # one answer for all: ask which error is whose
            each = await asyncio.gather(*(self._unlist([one], unlist=True) for one in ids))
            failed = {item_id: error for answer in each for item_id, error in answer.items()}
        return [failed.get(one.remote_id) or Done(picture_ids=one.picture_ids) for one in targets]

    async def _unlist(self, item_ids: Sequence[RemoteId], *, unlist: bool) -> Mapping[RemoteId, HubError]:
        """The items it failed for. A refusal of the whole call is one of each item."""
        body = {"item_list": [{"item_id": int(one), "unlist": unlist} for one in item_ids]}
        return await self._partly("/api/v2/product/unlist_item", body, item_ids, lambda one: one.item_id)

    async def _partly(
        self, path: str, body: object, ids: Sequence[RemoteId], key: Callable[[wire.Failure], str]
    ) -> Mapping[RemoteId, HubError]:
        """A call that may do only a part; the ids it did not do. Absolute, so it may be said again."""
        try:
            answer = await self.api.write(
                wire.Of[wire.PartlyDone], "POST", path, params=acting(self.shop), json=body, repeatable=True
            )
        except (Refused, Vanished) as error:
            return dict.fromkeys(ids, error)
        return {RemoteId(key(one)): refusal(one.failed_reason) for one in answer.response.failure_list}

    # ---- KeepsStock, KeepsPrices ---------------------------------------------------------------------------------

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        location = self.shop.values.get("location_id", "")
        return await self._set(
            "stock",
            [(one.listing, one.variant, {"seller_stock": drafts.stock_of(one.stock, location)}) for one in levels],
        )

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]:
        return await self._set("price", [(one.listing, one.variant, {"original_price": one.price}) for one in tags])

    async def _set(
        self, what: str, wishes: Sequence[tuple[RemoteId, RemoteId, dict[str, object]]]
    ) -> Sequence[Result[Done]]:
        """One call per item: the platform takes no more."""
        failed: dict[tuple[RemoteId, RemoteId], HubError] = {}
        for listing in dict.fromkeys(listing for listing, _, _ in wishes):
            models = {variant or NO_MODEL: value for item, variant, value in wishes if item == listing}
            rows = [{"model_id": int(model), **value} for model, value in models.items()]
            body = {"item_id": int(listing), f"{what}_list": rows}
            lost = await self._partly(f"/api/v2/product/update_{what}", body, list(models), lambda one: one.model_id)
            failed |= {(listing, RemoteId(model or NO_MODEL)): error for model, error in lost.items()}
        return [failed.get((listing, variant or NO_MODEL)) or Done() for listing, variant, _ in wishes]

    # ---- ReadsBack -----------------------------------------------------------------------------------------------

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        items = {one.item_id: one for one in await self._items(remote_ids)}
        banned = [one.item_id for one in items.values() if one.item_status == "BANNED"]
        reasons = await self._reasons(banned) if banned else {}
        models = await asyncio.gather(*(self._models(one) for one in items.values()))
        listings = {
            item.item_id: told.to_listing(
                item, rows, url=self._url(RemoteId(item.item_id)), reason=reasons.get(item.item_id, "")
            )
            for item, rows in zip(items.values(), models, strict=True)
        }
        return [listings.get(one) or Vanished("remote_vanished", remote_id=one) for one in remote_ids]

    async def _items(self, remote_ids: Sequence[RemoteId]) -> Sequence[wire.Item]:
        """Base information of those the platform knows, asked one by one when it refuses all because of some."""
        try:
            answer = await self.api.read(
                wire.Of[wire.Items], "GET", "/api/v2/product/get_item_base_info",
                params=acting(self.shop, item_id_list=",".join(remote_ids)),
            )  # fmt: skip
        except Vanished:
            if len(remote_ids) == 1:
                return []
            found = await asyncio.gather(*(self._items([one]) for one in remote_ids))
            return [one for group in found for one in group]
        return answer.response.item_list

    async def _models(self, item: wire.Item) -> Sequence[wire.Model]:
        if not item.has_model:
            return []
        answer = await self.api.read(
            wire.Of[wire.Models],
            "GET",
            "/api/v2/product/get_model_list",
            params=acting(self.shop, item_id=item.item_id),
        )
        return answer.response.model

    async def _reasons(self, item_ids: Sequence[str]) -> Mapping[str, str]:
        """Why items are banned, in the platform's words."""
        answer = await self.api.read(
            wire.Of[wire.Violations], "GET", "/api/v2/product/get_item_violation_info",
            params=acting(self.shop, item_id_list=",".join(item_ids)),
        )  # fmt: skip
        return {
            one.item_id: "; ".join(
                " ".join(text for text in (each.violation_reason, each.suggestion) if text)
                for each in one.item_status_details
            )
            for one in answer.response.item_list
        }

    async def listings(self, page: str | None) -> Page[Listing]:
        """By offset: the platform refuses very deep ones."""
        answer = await self.api.read(
            wire.Of[wire.ItemPage], "GET", "/api/v2/product/get_item_list",
            params=acting(self.shop, offset=page or "0", page_size=BATCH, item_status=list(STATUSES)),
        )  # fmt: skip
        ids = [RemoteId(one.item_id) for one in answer.response.item]
        read = await self.read(ids) if ids else []
        after = str(answer.response.next_offset) if answer.response.has_next_page else None
        return Page(items=[one for one in read if isinstance(one, Listing)], next=after)

    def _url(self, item_id: RemoteId) -> str:
        """Where shoppers see it; the sandbox has no such page."""
        return f"https://shopee.vn/product/{self.shop.remote_id}/{item_id}" if self.shop.base_url == LIVE else ""


def _image_ids(answer: wire.Uploaded, count: int) -> list[str]:
    """One id per picture, in the order sent. Raises Refused for a picture the platform did not take."""
    rows = answer.image_info_list or [wire.OneImage(image_info=answer.image_info)]
    for row in rows:
        if row.error or row.image_info is None or not row.image_info.image_id:
            raise Refused("picture_refused", error=row.error, message=row.message, place=row.id)
    if len(rows) != count:
        raise Garbled("remote_garbled", path="response.image_info_list", got=len(rows), wanted=count)
    return [row.image_info.image_id for row in sorted(rows, key=lambda one: one.id) if row.image_info]


async def _each(questions: Sequence[Q], ask: Callable[[Q], Awaitable[A]]) -> Sequence[Result[A]]:
    """One after the other. What concerns one element stands at its place; the rest raises, or ends the batch."""
    results: list[Result[A]] = []
    for question in questions:
        try:
            results.append(await ask(question))
        except (Refused, Vanished) as error:
            results.append(error)
        except RemoteError as error:
            if not results:
                raise
            waiting = len(questions) - len(results) - 1
            return [*results, error, *([Unreachable(sent=False)] * waiting)]
    return results
