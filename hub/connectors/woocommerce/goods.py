"""The goods of one WooCommerce site: publishing, stock, prices, reading back, categories."""

import asyncio
import html
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from pydantic import BaseModel

from hub.connectors.api import Api
from hub.connectors.model import (
    Category,
    Change,
    Done,
    Draft,
    DraftVariant,
    Listing,
    Page,
    Placed,
    PriceTag,
    Result,
    ShopSettings,
    StockLevel,
    Target,
)
from hub.connectors.woocommerce.asking import API, PAGE, TRIES, M, Site, lost, next_page
from hub.connectors.woocommerce.listings import (
    GROUP,
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
from hub.connectors.woocommerce.words import Batch, Failed, Term, Wire, complaint, to_id
from hub.errors import Garbled, HubError, Refused, RemoteError, Unreachable, Vanished
from hub.types import RemoteId, Sku, chunks

CREATE = 20
"""Products of one create batch: 100 took 6.5 s on a small server."""

T = TypeVar("T")
Group = tuple[Sequence[int], Callable[[], Awaitable[Sequence[Result[T]]]]]
"""Places in the question, and the call that answers them in that order."""


class Goods(Site):
    """What :class:`~hub.connectors.woocommerce.WooCommerce` does with listings."""

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        super().__init__(api, shop)
        self._category_ids: Mapping[str, int] | None = None

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
            return _look_again(product)
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
        found = await self._by_id(Changed, [one.target.remote_id for one in changes], {"_fields": "id,images"})
        return {
            one.id: {image.name: image.id for image in one.images} for one in found.values() if isinstance(one, Changed)
        }

    async def _by_id(
        self, model: type[M], ids: Sequence[RemoteId], params: Mapping[str, object]
    ) -> dict[RemoteId, Result[M]]:
        """Products by id in one call; each that is missing in the answer is asked for alone before it is given up."""
        told = await self.api.read(
            list[dict[str, object]],
            "GET",
            f"{API}/products",
            params={"include": ",".join(ids), "per_page": PAGE, **params},
        )
        found: dict[RemoteId, Result[M]] = {RemoteId(str(one.get("id"))): self._element(model, one) for one in told}

        async def alone(one: RemoteId) -> Result[M]:
            try:
                return await self.api.read(model, "GET", f"{API}/products/{one}", params=params)
            except (Vanished, Garbled, Refused) as error:
                return error

        missing = [one for one in ids if one not in found]
        found.update(zip(missing, await asyncio.gather(*(alone(one) for one in missing)), strict=True))
        return found

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
        found = await self._by_id(Product, remote_ids, {"orderby": "include"})
        products = [one for one in found.values() if not isinstance(one, HubError)]
        told = dict(zip((to_id(one.id) for one in products), await self.each(self._listing, products), strict=True))
        return [told.get(one) or _failure(found[one]) for one in remote_ids]

    async def listings(self, page: str | None) -> Page[Listing]:
        number = int(page or 1)
        params = {"per_page": PAGE, "page": number, "orderby": "id", "order": "asc"}
        for _ in range(TRIES):
            reply = await self.api.reply(list[object], "GET", f"{API}/products", params=params)
            if reply.value:
                break
        products, broken = self.api.each(Product, reply.value, id_key="id")
        told = await self.each(self._listing, products)
        items = [one for one in told if not isinstance(one, HubError)]
        return Page(
            items=items,
            next=next_page(number, reply, len(reply.value)),
            broken=broken + lost([one.id for one in products], told),
        )

    async def _listing(self, product: Product) -> Listing:
        if product.type != "variable":
            return to_listing(product, ())
        return to_listing(product, await self._variations(product.id, len(product.variations)))

    async def _variations(self, product: int, at_least: int = 0) -> list[Variation]:
        """In the order they were made: the first is the one the draft is named by."""
        path = f"{API}/products/{product}/variations"
        return await self.whole(list[Variation], path, at_least, {"orderby": "id", "order": "asc"})

    async def categories(self) -> Sequence[Category]:
        found = await self._category_list()
        slugs = {one.id: one.slug for one in found}
        return [
            Category(id=one.slug, parent=slugs.get(one.parent, ""), name=html.unescape(one.name), leaf=True)
            for one in found
        ]

    async def _category_list(self) -> list[Term]:
        """Every site has at least "Uncategorized", so an empty page is not believed."""
        found: list[Term] = []
        number: int | None = 1
        while number is not None:
            params = {"per_page": PAGE, "page": number, "orderby": "id", "order": "asc"}
            for _ in range(TRIES):
                reply = await self.api.reply(list[Term], "GET", f"{API}/products/categories", params=params)
                if reply.value:
                    break
            else:
                raise Unreachable("remote_unreachable", sent=False, reason="no categories")
            found += reply.value
            following = next_page(number, reply, len(reply.value))
            number = int(following) if following else None
        return found

    async def _categories(self) -> Mapping[str, int]:
        """Slug, and name as a slug, to the id on this site; asked once a run."""
        if self._category_ids is None:
            found = await self._category_list()
            by_name = {category_key(html.unescape(one.name)): one.id for one in found}
            self._category_ids = by_name | {one.slug: one.id for one in found}
        return self._category_ids


def _failure(result: Product | HubError) -> HubError:
    """The error in a result that is known to hold one."""
    return result if isinstance(result, HubError) else Vanished("remote_vanished", remote_id=to_id(result.id))


def _look_again(error: HubError) -> HubError:
    """We looked before and saw nothing, yet the SKU is taken: one of the two was wrong, so somebody must look again."""
    if isinstance(error, Refused) and error.code == "sku_taken":
        return Unreachable("sku_taken", sent=True, **error.facts)
    return error


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
