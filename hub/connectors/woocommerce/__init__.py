"""WooCommerce REST API v3, as observed on WooCommerce 10.5.0 (documentation index checked 2026-11-21).

https://woocommerce.github.io/woocommerce-rest-api-docs/

Ids: a listing is a product; a variant is a variation, or the product itself where there is only one (``simple``).
A simple product carries the SKU of its variant; a variable one that of the draft with an ending, because every SKU is
unique on a site and the draft's may be that of its first variation; each variation carries its own.
Categories are named by slug: ids differ from site to site.

Limits and their sources: at most 100 elements a batch, else 413 (seen); 100 creates took 6.5 s and 100 updates 3.4 s on
a small server, hence 20 and 50; no rate limit in core, hosting answers 429 at will, hence two requests at once;
SKU column of 100 characters (source of 10.5.0), the hub's own limit is 60. A product with more than 100 variations is
read up to the hundredth.

What the platform does not tell: when a parcel was sent, when an order was cancelled (its last change stands for it).
A batch skips schema validation: what goes into one is made of checked types here, and what comes back is compared.
"""

import asyncio
import base64
import hashlib
import hmac
import html
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from hub.connectors.api import Api, Dialect, Reply
from hub.connectors.base import Connector
from hub.connectors.model import (
    Ask,
    Broken,
    Category,
    Change,
    Done,
    Draft,
    DraftVariant,
    Hint,
    KeyPair,
    Kind,
    Limits,
    Listing,
    Manifest,
    Page,
    Placed,
    PriceTag,
    Proof,
    RemoteOrder,
    Result,
    ShopCard,
    ShopSettings,
    StockLevel,
    Target,
)
from hub.connectors.woocommerce.listings import (
    GROUP,
    SKU_LENGTH,
    Changed,
    Product,
    Variation,
    category_key,
    change_to_wire,
    to_done,
    to_listing,
    to_new,
    unfit,
    unfit_change,
    uploads,
    variation_to_new,
)
from hub.connectors.woocommerce.orders import NOT_YET, Order, Place, Refund, moments, to_order
from hub.connectors.woocommerce.words import (
    ERRORS,
    Batch,
    Currency,
    Failed,
    Identified,
    Term,
    Webhook,
    Wire,
    complaint,
    judge,
    sign,
    sign_by_query,
    to_id,
)
from hub.errors import Garbled, HubError, Refused, RemoteError, Unauthorised, Vanished
from hub.types import RemoteId, Sku, chunks

API = "/wp-json/wc/v3"
PAGE = 100
CREATE = 20
PING = re.compile(rb"webhook_id=\d+")
MANIFEST = Manifest(
    id="woocommerce",
    name="WooCommerce",
    kind=Kind.OWN_SITE,
    base_url="",
    sandbox_url=None,
    auth=KeyPair(),
    asks=(
        Ask(key="base_url", label_vi="Địa chỉ trang web", label_en="Site address", example="https://shop.example.vn"),
        Ask(key="consumer_key", label_vi="Khóa API (consumer key)", label_en="Consumer key", secret=True),
        Ask(key="consumer_secret", label_vi="Mã bí mật (consumer secret)", label_en="Consumer secret", secret=True),
    ),
    limits=Limits(
        pace=None, parallel=2, timeout_seconds=60.0, create_batch=CREATE, update_batch=50, stock_batch=50,
        price_batch=50, read_batch=PAGE, withdraw_batch=50, sku_length=SKU_LENGTH,
    ),
    errors=ERRORS,
    proof=Proof(rung="sandbox", checked="2026-11-24", note="signatures and answers as seen on WooCommerce 10.5.0"),
    docs="https://woocommerce.github.io/woocommerce-rest-api-docs/",
)  # fmt: skip


# ---- the connector -----------------------------------------------------------------------------------------------

TOPICS = tuple(
    f"{noun}.{verb}" for noun in ("order", "product") for verb in ("created", "updated", "deleted", "restored")
)

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Group = tuple[Sequence[int], Callable[[], Awaitable[Sequence[Result[T]]]]]
"""Places in the question, and the call that answers them in that order."""


class WooCommerce(Connector):
    """One site of one seller, or a portal of many."""

    manifest: ClassVar[Manifest] = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge, sign_otherwise=sign_by_query)

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        super().__init__(api, shop)
        self._category_ids: Mapping[str, int] | None = None

    async def check(self) -> ShopCard:
        """Reads one product id. The currency is asked too; a key may be refused it, then it is ""."""
        await self.api.read(list[Identified], "GET", f"{API}/products", params={"per_page": 1, "_fields": "id"})
        try:
            currency = (await self.api.read(Currency, "GET", f"{API}/data/currencies/current")).code
        except (Unauthorised, Refused, Vanished, Garbled):
            currency = ""
        site = self.shop.base_url.partition("://")[2].strip("/")
        return ShopCard(remote_id=site, name=site, currency=currency, live=True)

    # ---- publishing ----

    async def find(self, sku: Sku) -> Listing | None:
        """By exact SKU of product or variation. What lies in the trash is not found: the create is refused then."""
        if not sku:
            raise Refused("sku_missing")  # a blank filter would return every product
        wanted = {sku.casefold(), f"{sku}{GROUP}".casefold()}
        params = {"sku": f"{sku},{sku}{GROUP}", "per_page": PAGE}
        found = await self.api.read(list[Product], "GET", f"{API}/products", params=params)
        ours = [one for one in found if one.sku.casefold() in wanted]
        if not ours:
            return None
        whole = next((one for one in ours if not one.parent_id), None)
        if whole is None:
            whole = await self.api.read(Product, "GET", f"{API}/products/{ours[0].parent_id}")
        return await self._listing(whole)

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Result[Placed]]:
        known = await self._categories() if any(one.category for one in drafts) else {}
        results: list[Result[Placed]] = [unfit(draft, known) or Refused("remote_refused") for draft in drafts]
        fit = [place for place, draft in enumerate(drafts) if unfit(draft, known) is None]
        if not fit:
            return results
        wires = [to_new(drafts[place], known.get(category_key(drafts[place].category))) for place in fit]
        products = await self._batch(f"{API}/products", "create", wires, Product)
        placed = await asyncio.gather(
            *(self._placed(drafts[place], product) for place, product in zip(fit, products, strict=True))
        )
        for place, result in zip(fit, placed, strict=True):
            results[place] = result
        return results

    async def _placed(self, draft: Draft, product: Product | HubError) -> Result[Placed]:
        """The ids of a created product; a variable one gets its variations first and is shown last."""
        if isinstance(product, HubError):
            return product
        variants: tuple[tuple[Sku, RemoteId], ...] = ((draft.variants[0].sku, to_id(product.id)),)
        if len(draft.variants) > 1:
            try:
                variants = await self._add_variations(product.id, draft.variants)
                if draft.visible:
                    shown = {"id": product.id, "status": "publish"}
                    await self._batch(f"{API}/products", "update", [shown], Changed, repeatable=True)
            except RemoteError as error:
                return error
        return Placed(
            sku=draft.sku, remote_id=to_id(product.id), variants=variants, url=product.permalink,
            picture_ids=tuple(str(one.id) for one in product.images),
        )  # fmt: skip

    async def _add_variations(self, product: int, wanted: Sequence[DraftVariant]) -> tuple[tuple[Sku, RemoteId], ...]:
        """Raises the first refusal: a listing without one of its variants is not what was asked."""
        added: list[tuple[Sku, RemoteId]] = []
        for some in chunks(wanted, CREATE):
            wires = [variation_to_new(one) for one in some]
            answers = await self._batch(f"{API}/products/{product}/variations", "create", wires, Variation)
            for one, answer in zip(some, answers, strict=True):
                if isinstance(answer, HubError):
                    raise answer
                added.append((one.sku, to_id(answer.id)))
        return tuple(added)

    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]:
        """Also adds variations that the listing lacks (a create that broke off); read-back tells their ids."""
        known = await self._categories() if any("category" in one.fields for one in changes) else {}
        pictures = await self._pictures([one for one in changes if "pictures" in one.fields])
        results: list[Result[Done]] = [unfit_change(one, known) or Done() for one in changes]
        fit = [place for place, one in enumerate(results) if isinstance(one, Done) and changes[place].fields]
        wires = [change_to_wire(changes[place], known, pictures) for place in fit]
        safe = not any(uploads(wire) for wire in wires)
        answers = await self._batch(f"{API}/products", "update", wires, Changed, repeatable=safe) if fit else []
        for place, wire, answer in zip(fit, wires, answers, strict=True):
            results[place] = to_done(wire, answer)
        for place, change in enumerate(changes):
            if isinstance(results[place], Done):
                results[place] = await self._completed(change, results[place])
        return results

    async def _completed(self, change: Change, done: Result[Done]) -> Result[Done]:
        """Adds what neither the binding nor the site has."""
        bound = {sku for sku, _ in change.target.variants}
        if len(change.draft.variants) < 2 or all(one.sku in bound for one in change.draft.variants):
            return done
        try:
            there = {one.sku for one in await self._variations(int(change.target.remote_id))}
            missing = [one for one in change.draft.variants if one.sku not in there]
            await self._add_variations(int(change.target.remote_id), missing)
        except RemoteError as error:
            return error
        return done

    async def _pictures(self, changes: Sequence[Change]) -> Mapping[int, Mapping[str, int]]:
        """Product id -> picture digest -> picture id, as the site has them: what is there is never uploaded again."""
        if not changes:
            return {}
        ids = ",".join(one.target.remote_id for one in changes)
        params = {"include": ids, "per_page": PAGE, "_fields": "id,images"}
        found = await self.api.read(list[Changed], "GET", f"{API}/products", params=params)
        return {one.id: {image.name: image.id for image in one.images} for one in found}

    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        wires: list[Wire] = [{"id": int(one.remote_id), "status": "draft"} for one in targets]
        answers = await self._batch(f"{API}/products", "update", wires, Changed, repeatable=True)
        return [to_done(wire, answer) for wire, answer in zip(wires, answers, strict=True)]

    # ---- stock and prices ----

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        wires: list[Wire] = [
            {"id": int(one.variant), "manage_stock": True, "stock_quantity": int(one.stock)} for one in levels
        ]
        return await self._set([_parent(one) for one in levels], wires)

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]:
        wires: list[Wire] = [{"id": int(one.variant), "regular_price": str(int(one.price))} for one in tags]
        return await self._set([_parent(one) for one in tags], wires)

    async def _set(self, parents: Sequence[RemoteId | None], wires: Sequence[Wire]) -> Sequence[Result[Done]]:
        """Absolute values, so repeatable. Variations are only reached through their parent: one call for each."""
        places: dict[RemoteId | None, list[int]] = {}
        for place, parent in enumerate(parents):
            places.setdefault(parent, []).append(place)

        async def one_call(parent: RemoteId | None, mine: Sequence[int]) -> Sequence[Result[Done]]:
            path = f"{API}/products" if parent is None else f"{API}/products/{parent}/variations"
            some = [wires[place] for place in mine]
            answers = await self._batch(path, "update", some, Changed, repeatable=True)
            return [to_done(wire, answer) for wire, answer in zip(some, answers, strict=True)]

        return await _apart([(mine, partial(one_call, parent, mine)) for parent, mine in places.items()], len(wires))

    async def _batch(
        self, path: str, verb: str, wires: Sequence[Wire], model: type[M], *, repeatable: bool = False
    ) -> list[M | HubError]:
        """One batch; an answer or a complaint per element, in order."""
        body = {verb: wires}
        batch = await self.api.write(Batch, "POST", f"{path}/batch", json=body, repeatable=repeatable)
        answers = batch.create if verb == "create" else batch.update
        if len(answers) != len(wires):
            raise Garbled("remote_garbled", path=verb, expected=len(wires), got=len(answers))
        return [self._element(model, answer) for answer in answers]

    def _element(self, model: type[M], value: object) -> M | HubError:
        if isinstance(value, dict) and "error" in value:
            model_or_failed: type[BaseModel] = Failed
        else:
            model_or_failed = model
        good, broken = self.api.each(model_or_failed, [value], id_key="id")
        if broken:
            return Garbled("remote_garbled", path=broken[0].path)
        one = good[0]
        if isinstance(one, Failed):
            return complaint(one.error, 400)
        assert isinstance(one, model)
        return one

    # ---- reading back ----

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        if not remote_ids:
            return []  # a blank filter would return every product
        params = {"include": ",".join(remote_ids), "per_page": PAGE, "orderby": "include"}
        values = await self.api.read(list[object], "GET", f"{API}/products", params=params)
        products, broken = self.api.each(Product, values, id_key="id")
        found: dict[RemoteId, Result[Listing]] = {
            one.remote_id: Garbled("remote_garbled", path=one.path) for one in broken
        }
        for one, listing in zip(products, await self._each(self._listing, products), strict=True):
            found[to_id(one.id)] = listing
        return [found.get(one) or Vanished("remote_vanished", remote_id=one) for one in remote_ids]

    async def listings(self, page: str | None) -> Page[Listing]:
        number = int(page or 1)
        params = {"per_page": PAGE, "page": number, "orderby": "id", "order": "asc"}
        reply = await self.api.reply(list[object], "GET", f"{API}/products", params=params)
        products, broken = self.api.each(Product, reply.value, id_key="id")
        told = await self._each(self._listing, products)
        items = [one for one in told if not isinstance(one, HubError)]
        return Page(
            items=items,
            next=_next(number, reply, len(reply.value)),
            broken=broken + _lost([one.id for one in products], told),
        )

    async def _each(self, ask: Callable[[M], Awaitable[T]], about: Sequence[M]) -> list[Result[T]]:
        """A second question about each; what went away meanwhile, or is not understood, is its own result."""

        async def one(thing: M) -> Result[T]:
            try:
                return await ask(thing)
            except (Vanished, Garbled, Refused) as error:
                return error

        return await asyncio.gather(*(one(thing) for thing in about))

    async def _listing(self, product: Product) -> Listing:
        if product.type != "variable":
            return to_listing(product, ())
        return to_listing(product, await self._variations(product.id))

    async def _variations(self, product: int) -> list[Variation]:
        """In the order they were made: the first is the one the draft is named by."""
        params = {"per_page": PAGE, "orderby": "id", "order": "asc"}
        return await self.api.read(list[Variation], "GET", f"{API}/products/{product}/variations", params=params)

    async def categories(self) -> Sequence[Category]:
        found = await self._category_list()
        slugs = {one.id: one.slug for one in found}
        return [
            Category(id=one.slug, parent=slugs.get(one.parent, ""), name=html.unescape(one.name), leaf=True)
            for one in found
        ]

    async def _category_list(self) -> list[Term]:
        found: list[Term] = []
        number: int | None = 1
        while number is not None:
            params = {"per_page": PAGE, "page": number, "orderby": "id", "order": "asc"}
            reply = await self.api.reply(list[Term], "GET", f"{API}/products/categories", params=params)
            found += reply.value
            following = _next(number, reply, len(reply.value))
            number = int(following) if following else None
        return found

    async def _categories(self) -> Mapping[str, int]:
        """Slug, and name as a slug, to the id on this site; asked once a run."""
        if self._category_ids is None:
            found = await self._category_list()
            by_name = {category_key(html.unescape(one.name)): one.id for one in found}
            self._category_ids = by_name | {one.slug: one.id for one in found}
        return self._category_ids

    # ---- orders ----

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        """Walks by time of change, not by page number: an order that changes meanwhile would shift the pages."""
        place = Place.parse(page) if page else Place(since=since.replace(microsecond=0), number=1, seen=frozenset())
        params = {
            "modified_after": _stamp(place.since - timedelta(seconds=1)),  # the filter is strictly greater
            "modified_before": _stamp(until + timedelta(microseconds=999_999)),
            "orderby": "modified", "order": "asc", "per_page": PAGE, "page": place.number,
        }  # fmt: skip
        values = await self.api.read(list[object], "GET", f"{API}/orders", params=params)
        orders, broken = self.api.each(Order, values, id_key="id")
        fresh = [one for one in orders if str(one.id) not in place.seen and one.status not in NOT_YET]
        broken = [one for one in broken if one.remote_id not in place.seen]
        told = await self._each(self._with_refunds, fresh)
        broken += _lost([one.id for one in fresh], told)
        following = place.after(moments(values)) if len(values) == PAGE else None
        items = [one for one in told if not isinstance(one, HubError)]
        return Page(items=items, next=following.text() if following else None, broken=broken)

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        return await self._with_refunds(await self.api.read(Order, "GET", f"{API}/orders/{remote_id}"))

    async def _with_refunds(self, order: Order) -> RemoteOrder:
        """The order itself tells sums only; units and dates of refunds are a second question."""
        if not order.refunds:
            return to_order(order, ())
        path = f"{API}/orders/{order.id}/refunds"
        return to_order(order, await self.api.read(list[Refund], "GET", path, params={"per_page": PAGE}))

    # ---- webhooks ----

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """The signature is over the raw body. First contact is an unsigned form ``webhook_id=4``: None."""
        lower = {name.lower(): value for name, value in headers.items()}
        given = lower.get("x-wc-webhook-signature", "")
        if not given and PING.fullmatch(body):
            return None
        right = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        if not secret or not hmac.compare_digest(right, given.encode()):
            raise Unauthorised("webhook_signature_bad")
        try:
            about = Identified.model_validate_json(body)
        except ValidationError:
            raise Garbled("remote_garbled", path="id") from None
        resource = lower.get("x-wc-webhook-resource", "")
        event = lower.get("x-wc-webhook-delivery-id") or hashlib.sha256(body).hexdigest()
        kind: Literal["order", "listing", "other"] = (
            "order" if resource == "order" else "listing" if resource == "product" else "other"
        )
        return Hint(event_id=event, kind=kind, object_id=to_id(about.id))

    async def subscribe(self, url: str, secret: str) -> None:
        """One webhook per topic at ``url``. The site switches one off after six failures, and never tells its secret,
        so each one found is set again."""
        there = await self.api.read(list[Webhook], "GET", f"{API}/webhooks", params={"per_page": PAGE})
        ours = {one.topic: one for one in there if one.delivery_url == url}
        for topic in TOPICS:
            wire: Wire = {"delivery_url": url, "secret": secret, "status": "active"}
            if topic in ours:
                path = f"{API}/webhooks/{ours[topic].id}"
                await self.api.write(Identified, "PUT", path, json=wire, repeatable=True)
            else:
                wire |= {"name": f"OCOP Hub {topic}", "topic": topic}
                await self.api.write(Identified, "POST", f"{API}/webhooks", json=wire)


# ---- pure pieces of the above ---


def _lost(ids: Sequence[int], told: Sequence[Result[T]]) -> list[Broken]:
    """Elements about which the second question failed."""
    return [
        Broken(remote_id=to_id(number), path=str(error.facts.get("call", "")), sample="")
        for number, error in zip(ids, told, strict=True)
        if isinstance(error, HubError)
    ]


def _parent(one: StockLevel | PriceTag) -> RemoteId | None:
    """The product a variation is reached through; None for a product that is its own variant."""
    return None if one.variant == one.listing else one.listing


async def _apart(groups: Sequence[Group[Done]], count: int) -> list[Result[Done]]:
    """Several calls for one question. An error of one call is the answer of its elements; of all, it is raised."""
    results: list[Result[Done] | None] = [None] * count
    answers = await asyncio.gather(*(call() for _, call in groups), return_exceptions=True)
    for (places, _), answer in zip(groups, answers, strict=True):
        if isinstance(answer, BaseException):
            if not isinstance(answer, RemoteError) or len(groups) == 1:
                raise answer
            answer = [answer] * len(places)
        for place, result in zip(places, answer, strict=True):
            results[place] = result
    whole = [one for one in results if one is not None]
    if answers and all(isinstance(one, RemoteError) for one in answers):
        raise next(one for one in whole if isinstance(one, RemoteError))
    return whole


def _next(number: int, reply: Reply[list[T]], count: int) -> str | None:
    """The next page's number; by the header, and where a cache strips it, by a full page."""
    pages = reply.headers.get("x-wp-totalpages", "")
    more = number < int(pages) if pages.isdigit() else count == PAGE
    return str(number + 1) if more else None


def _stamp(moment: datetime) -> str:
    """With Z: a time without offset would be read as the site's local time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
