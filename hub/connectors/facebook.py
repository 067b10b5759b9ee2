"""Facebook: a Page and its catalogue; lives, comments and chat as on all channels of Meta: :mod:`.facebook_graph`.

https://developers.facebook.com/documentation/ads-commerce and SDK v26.0, checked 2026-11-21.
No orders: Shops and the orders API are closed to Vietnam. Comments and chat are the orders; the hub keeps them.
Ids are ours: an item's is its SKU, a listing's that of its first variant (``item_group_id``). Batches work later: the
handle is asked for during 15 s. What failed stands at its place; what is not finished by then is Unreachable(sent):
looked up and sent again, harmlessly, for all of it says UPDATE by our own id. Later verdicts are told by reading back.
A post carries a mark of its key ("#kenh" and ten digits); nothing is posted before the feed was searched for it.
UNCONFIRMED: filters, nested fields; ``m.me`` as an item's link; states of a batch that runs, and the words of its
refusals; how a price is written when it is read back ("250.000 ₫" here, any grouping is understood).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import ClassVar

from pydantic import BaseModel
from pydantic_core import to_json

from hub.connectors import model as m
from hub.connectors.api import Api, Dialect, File
from hub.connectors.facebook_graph import Account, Paged, PageTalk, Said, V, judge_by, renew, sign
from hub.connectors.manifest import read_manifest
from hub.connectors.shapes import Json, Many, Text
from hub.connectors.social import Post, Posted
from hub.connectors.walk import at_their_place, insist
from hub.errors import HubError, Refused, Unreachable, Vanished
from hub.types import RemoteId, Sku, Vnd, chunks

MANIFEST = read_manifest(__file__)
MOST, WAITS = 3000, (1, 2, 4, 8)  # requests of a batch (5000 are taken), seconds
SOON, FAR, LOOK_BACK = timedelta(minutes=10), timedelta(days=30), timedelta(days=14)
POST = "id,message,created_time,permalink_url,is_published"
WORDS = {"title": "title", "description": "description", "category": "google_product_category", "visible": "visibility"}
REFUSED = ("image", "price", "title", "description", "brand", "category")


class Failure(BaseModel):
    id: Text = ""
    retailer_id: Text = ""
    message: Text = ""
    title: Text = ""
    errors: Many["Failure"] = []


class Batch(BaseModel):
    handles: Many[Text] = []
    validation_status: Many[Failure] = []
    status: Text = ""
    errors: Many[Failure] = []
    ids_of_invalid_requests: Many[Text] = []


class Item(BaseModel):
    retailer_id: Text
    retailer_product_group_id: Text = ""
    name: Text = ""
    description: Text = ""
    price: Text = ""
    quantity_to_sell_on_facebook: int | None = None
    visibility: Text = "published"
    review_status: Text = ""
    image_fetch_status: Text = ""
    errors: Many[Failure] = []
    url: Text = ""
    google_product_category: Text = ""

    @property
    def group(self) -> str:
        return self.retailer_product_group_id or self.retailer_id


ITEM = ",".join(Item.model_fields)


class Group(BaseModel):
    products: Paged[Item]


class Facebook(PageTalk):
    """One Page; its catalogue is the one it names, or the only one it has."""

    manifest: ClassVar[m.Manifest] = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge_by(MANIFEST.errors), renew=renew)

    def __init__(self, api: Api, shop: m.ShopSettings) -> None:
        super().__init__(api, shop)
        self._catalog = shop.values.get("catalog_id", "")

    async def check(self) -> m.ShopCard:
        """The currency is the items', not the Page's."""
        page = await self.ask(Account, self.page, fields="id,name,is_published")
        return m.ShopCard(remote_id=page.id, name=page.name, currency="", live=page.is_published)

    # ---- the catalogue ----

    async def _catalogue(self, edge: str) -> str:
        if not self._catalog:
            ask = partial(self.ask, Paged[Account], f"{self.page}/product_catalogs", fields="id,name")
            held = await insist(ask, lambda got: bool(got.data))
            if len(held.data) != 1:
                raise Refused("ask_missing", missing=["catalog_id"])
            self._catalog = held.data[0].id
        return f"{self._catalog}/{edge}"

    async def _listed(self, ids: Sequence[str]) -> dict[RemoteId, m.Listing]:
        """Listings by their id, of which ``ids`` name the group or an item."""
        rule = {"or": [{name: {"is_any": list(ids)}} for name in ("retailer_id", "retailer_product_group_id")]}
        ask = partial(self.ask, Paged[Item], await self._catalogue("products"), fields=ITEM, limit=100)
        items: list[Item] = []
        after: str | None = ""
        while after is not None:
            page = await ask(filter=to_json(rule).decode(), after=after)
            items, after = items + page.data, page.after
        return {RemoteId(group): to_listing(group, items) for group in {one.group for one in items}}

    async def find(self, sku: Sku) -> m.Listing | None:
        found = await self._listed([sku])
        for group in found:  # an item inside tells the group, not all of it
            return found[group] if str(group) == sku else (await self._listed([group])).get(group)
        return None

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[m.Result[m.Listing]]:
        found = await insist(lambda: self._listed(remote_ids), lambda got: set(got) >= set(remote_ids))
        return at_their_place(remote_ids, found)

    async def listings(self, page: str | None) -> m.Page[m.Listing]:
        """By groups, so that no page cuts one in two."""
        fields, path = f"id,products.limit(100){{{ITEM}}}", await self._catalogue("product_groups")
        ask = partial(self.ask, Paged[Group], path, fields=fields, limit=50, after=page)
        got = await insist(ask, lambda told: bool(told.data or told.after))
        told = [one.products.data for one in got.data if one.products.data]
        return m.Page(items=[to_listing(items[0].group, items) for items in told], next=got.after)

    async def create(self, drafts: Sequence[m.Draft]) -> Sequence[m.Result[m.Placed]]:
        """A draft of which one item is refused is taken back whole."""
        items = {one.sku: self._items(one, one.sku) for one in drafts if one.category.isdigit()}
        failed = await self._send([("UPDATE", one) for own in items.values() for one in own], upsert=True)
        told: list[m.Result[m.Placed]] = []
        half: list[tuple[str, Json]] = []
        for draft in drafts:
            error = _first(failed, [one.sku for one in draft.variants])
            error = error if draft.sku in items else Refused("category_unknown", category=draft.category)
            if isinstance(error, Refused):
                half += [("DELETE", {"id": one["id"]}) for one in items.get(draft.sku, ()) if one["id"] not in failed]
            variants = tuple((one.sku, RemoteId(one.sku)) for one in draft.variants)
            told.append(error or m.Placed(sku=draft.sku, remote_id=RemoteId(draft.sku), variants=variants))
        await self._send(half, upsert=False)
        return told

    def _items(self, draft: m.Draft, group: str) -> list[Json]:
        link = self.shop.values.get("link_base") or f"https://m.me/{self.page}?ref="
        return [to_item(draft, one, group, link) for one in draft.variants]

    async def update(self, changes: Sequence[m.Change]) -> Sequence[m.Result[m.Done]]:
        """Variants that came are added, those that went are removed."""
        known: list[tuple[str, Json]] = []
        fresh: list[tuple[str, Json]] = []
        for change in changes:
            there, items = set(_ids(change.target)), self._items(change.draft, change.target.remote_id)
            known += [("UPDATE", cut) for one in items if one["id"] in there and len(cut := _cut(one, change)) > 1]
            known += [("DELETE", {"id": name}) for name in sorted(there - {one["id"] for one in items})]
            fresh += [("UPDATE", one) for one in items if one["id"] not in there]
        failed = await self._send(known, upsert=False) | await self._send(fresh, upsert=True)
        return [_first(failed, [one.sku for one in change.draft.variants]) or m.Done() for change in changes]

    async def withdraw(self, targets: Sequence[m.Target]) -> Sequence[m.Result[m.Done]]:
        wire = [("UPDATE", {"id": name, "visibility": "hidden"}) for one in targets for name in _ids(one)]
        failed = await self._send(wire, upsert=False)
        return [_first(failed, _ids(one)) or m.Done() for one in targets]

    async def set_stock(self, levels: Sequence[m.StockLevel]) -> Sequence[m.Result[m.Done]]:
        return await self._set([{"id": one.variant or one.sku, **_stock(one.stock)} for one in levels])

    async def set_price(self, tags: Sequence[m.PriceTag]) -> Sequence[m.Result[m.Done]]:
        return await self._set([{"id": one.variant or one.sku, "price": f"{one.price} VND"} for one in tags])

    async def _set(self, items: Sequence[Json]) -> list[m.Result[m.Done]]:
        failed = await self._send([("UPDATE", one) for one in items], upsert=False)
        return [failed.get(one["id"]) or m.Done() for one in items]

    async def _send(self, requests: Sequence[tuple[str, Json]], *, upsert: bool) -> dict[str, HubError]:
        """What failed, by our id. An answer without a handle took nothing."""
        failed: dict[str, HubError] = {}
        for part in chunks(requests, MOST):
            wire = [{"method": method, "data": item} for method, item in part]
            body = {"item_type": "PRODUCT_ITEM", "allow_upsert": upsert, "requests": wire}
            path = f"{V}/{await self._catalogue('items_batch')}"
            taken = await self.api.write(Batch, "POST", path, json=body, repeatable=True)
            ids = [item["id"] for _, item in part]
            waiting: dict[str, HubError] = {} if taken.handles else dict.fromkeys(ids, Unreachable(sent=True))
            for handle in taken.handles:
                waiting |= await self._fate(handle, ids)
            failed |= waiting
            failed |= {one.retailer_id: refusal(one.errors[0]) for one in taken.validation_status if one.errors}
        return failed

    async def _fate(self, handle: str, ids: Sequence[str]) -> dict[str, HubError]:
        """What failed of a batch; all of it is still on its way when it does not finish."""
        path = await self._catalogue("check_batch_request_status")
        ask = partial(self.ask, Paged[Batch], path, handle=handle, load_ids_of_invalid_requests=True)
        for seconds in WAITS:
            told = (await ask()).data
            if told and told[0].status == "finished":
                unsaid = {name: refusal(Failure(id=name)) for name in told[0].ids_of_invalid_requests}
                return unsaid | {one.id: refusal(one) for one in told[0].errors}
            await self.api.pause(seconds)
        return dict.fromkeys(ids, Unreachable(sent=True, handle=handle))

    # ---- posts ----

    async def post(self, post: Post) -> Posted:
        """Pictures first, unpublished; with them the link stands in the text, for Facebook shows one or the other."""
        if found := await self._found(post):
            return found
        if post.at is not None and not SOON <= post.at - self.api.time() <= FAR:
            raise Refused("post_time_wrong", at=post.at.isoformat())
        body: Json = {"message": to_message(post)}
        if post.pictures:
            body["attached_media"] = [{"media_fbid": await self._photo(one.digest)} for one in post.pictures]
        elif post.link:
            body["link"] = post.link
        if post.at is not None:
            body |= {"published": False, "scheduled_publish_time": int(post.at.timestamp())}
        try:
            made = await self.api.write(Account, "POST", f"{V}/{self.page}/feed", json=body)
        except Refused as error:
            if error.facts.get("remote_code") == "506" and (found := await self._found(post)):
                return found
            raise
        return Posted(remote_id=RemoteId(made.id), url=f"https://www.facebook.com/{made.id}", visible=post.at is None)

    async def _photo(self, digest: str) -> str:
        """Anew for each post: a photo that is in a post already is refused."""
        content = await self.api.picture(digest)
        file = File(field="source", name=f"{digest[:16]}.jpg", content=content, content_type="image/jpeg")
        return (await self.api.upload(Account, f"{V}/{self.page}/photos", files=[file], form={"published": False})).id

    async def _found(self, post: Post) -> Posted | None:
        """A post of ours whose answer was lost, by its mark."""
        since = self.api.time() - LOOK_BACK
        for edge in ("feed", "scheduled_posts") if post.at is not None else ("feed",):
            after: str | None = ""
            while after is not None:
                ask = partial(self.ask, Paged[Said], f"{self.page}/{edge}", fields=POST, limit=100, after=after)
                told = await insist(ask, lambda got: bool(got.data or got.after))
                for one in told.data:
                    if one.message.endswith(mark(post.key)):
                        return to_posted(one)
                after = None if any(one.created_time < since for one in told.data) else told.after
        return None

    async def posted(self, remote_id: RemoteId) -> Posted:
        return to_posted(await self.ask(Said, remote_id, fields=POST))


# ---- pure --------------------------------------------------------------------------------------------------------


def mark(key: str) -> str:
    return f"#kenh{int(hashlib.sha256(key.encode()).hexdigest(), 16) % 10**10:010d}"


def to_message(post: Post) -> str:
    link = post.link if post.pictures else ""
    return "\n\n".join(part for part in (post.title, post.text, link, mark(post.key)) if part)


def to_posted(said: Said) -> Posted:
    return Posted(remote_id=RemoteId(said.id), url=said.permalink_url, visible=said.is_published, text=said.message)


def to_item(draft: m.Draft, variant: m.DraftVariant, group: str, link: str) -> Json:
    """One item of a batch (feeds.md 2). Where no page sells it, its link opens the chat, which knows the SKU."""
    pictures = [one.url for one in draft.pictures]
    item: Json = {
        "id": variant.sku, "item_group_id": group, "title": draft.title, "description": draft.description,
        "condition": "new", "price": f"{variant.price} VND", "link": f"{link}{variant.sku}",
        "google_product_category": draft.category, "visibility": "published" if draft.visible else "hidden",
        **_stock(variant.stock),
    }  # fmt: skip
    item |= {"image_link": pictures[0], "additional_image_link": pictures[1:21]} if pictures else {}
    item |= {"size": variant.label} if variant.label and len(draft.variants) > 1 else {}
    item |= {"brand": draft.brand} if draft.brand else {}
    return item | ({"gtin": variant.gtin} if variant.gtin else {"mpn": variant.sku})


def _cut(item: Json, change: m.Change) -> Json:
    """The id and what changed of an item."""
    names = {"id", *(WORDS[name] for name in change.fields if name in WORDS)}
    names |= {"image_link", "additional_image_link"} if "pictures" in change.fields else set()
    return {name: value for name, value in item.items() if name in names}


def _stock(stock: int) -> Json:
    return {"availability": "in stock" if stock else "out of stock", "quantity_to_sell_on_facebook": stock}


def _ids(target: m.Target) -> list[str]:
    return [str(remote or sku) for sku, remote in target.variants]


def _first(failed: Mapping[str, HubError], ids: Sequence[str]) -> HubError | None:
    return next((failed[one] for one in ids if one in failed), None)


def refusal(failure: Failure) -> HubError:
    """What was refused of one item, by the thing its message speaks of."""
    message = failure.message.lower()
    if re.search(r"(no item|not exist|not found)", message):
        return Vanished("remote_vanished", remote_id=failure.id)
    about = next((one for one in REFUSED if one in message), "")
    code = f"{about.replace('image', 'picture')}_refused" if about else "remote_value_refused"
    return Refused(code, message=failure.message[:300])


def to_listing(group: str, items: Sequence[Item]) -> m.Listing:
    """Of ``items`` those of the group; the first variant's words are the listing's."""
    own = [one for one in items if one.group == group]
    head = next((one for one in own if one.retailer_id == group), own[0])
    return m.Listing(
        remote_id=RemoteId(group), sku=Sku(head.retailer_id), state=_state(own), title=head.name,
        description=head.description, url=head.url, category=head.google_product_category,
        reason="; ".join(said for one in own for wrong in one.errors if (said := wrong.title or wrong.message))[:500],
        variants=tuple(
            m.ListedVariant(
                remote_id=RemoteId(one.retailer_id), sku=Sku(one.retailer_id), price=to_price(one.price),
                stock=one.quantity_to_sell_on_facebook,
            )
            for one in own
        ),
    )  # fmt: skip


def _state(items: Sequence[Item]) -> m.ListingState:
    if all(one.visibility != "published" for one in items):
        return m.ListingState.HIDDEN
    if any(one.review_status == "rejected" for one in items):
        return m.ListingState.BANNED
    waits = any(one.review_status in ("pending", "outdated") or "FAILED" in one.image_fetch_status for one in items)
    return m.ListingState.REVIEWING if waits else m.ListingState.LIVE


def to_price(text: str) -> Vnd | None:
    """Whole dong of "250.000 ₫", "₫250,000", "250000 VND" or "250,000.00 VND"; None where there is no figure."""
    digits = re.sub(r"\D", "", re.sub(r"[.,]\d{1,2}$", "", re.sub(r"[^\d.,]", "", text)))
    return int(digits) if digits else None
