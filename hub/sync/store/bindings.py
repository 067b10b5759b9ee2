"""What we know of each listing: the planner's snapshot, bindings, their history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog import store as catalog
from hub.db import Tx, new_id, upsert
from hub.shops import store as shops
from hub.sync import tables as t
from hub.sync.model import Binding, BindingState, Problem, PushView, Shown
from hub.sync.store.cuts import cuts
from hub.sync.store.leases import Lease, hold
from hub.sync.store.prices import prices_of
from hub.types import RemoteId, Sku, chunks


def push_view(tx: Tx, shop_id: str, product_ids: Collection[str] | None = None) -> PushView:
    """Everything the planner needs for one shop, or for some products of it, as one snapshot."""
    shop = shops.get_shop(tx, shop_id)
    query = sa.select(t.binding).where(t.binding.c.shop_id == shop_id)
    if product_ids is not None:
        query = query.where(t.binding.c.product_id.in_(list(product_ids)))
    bindings = {row.product_id: to_binding(row) for row in tx.execute(query)}
    sellables = catalog.sellables(tx, product_ids, shop.producer_id)
    if shop.producer_id is None and shop.province_code:
        sellables = [s for s in sellables if s.producer.province_code == shop.province_code]
    prices = prices_of(tx, shop_id)
    edited = cuts(tx, shop.platform, product_ids)
    return PushView(shop=shop, sellables=tuple(sellables), bindings=bindings, prices=prices, cuts=edited)


def bindings(tx: Tx, shop_id: str, states: Collection[BindingState] | None = None) -> list[Binding]:
    """Bindings of a shop, all or those in some states."""
    query = sa.select(t.binding).where(t.binding.c.shop_id == shop_id).order_by(t.binding.c.product_id)
    if states is not None:
        query = query.where(t.binding.c.state.in_([s.value for s in states]))
    return [to_binding(row) for row in tx.execute(query)]


def some_bindings(tx: Tx, shop_id: str, product_ids: Collection[str]) -> list[Binding]:
    """The bindings of these products in a shop."""
    found: list[Binding] = []
    for group in chunks(product_ids, 500):
        query = sa.select(t.binding).where(t.binding.c.shop_id == shop_id, t.binding.c.product_id.in_(group))
        found.extend(to_binding(row) for row in tx.execute(query))
    return found


def to_binding(row: Any) -> Binding:
    """A row of ``binding``."""
    return Binding(
        shop_id=row.shop_id,
        product_id=row.product_id,
        state=BindingState(row.state),
        remote_id=None if row.remote_id is None else RemoteId(row.remote_id),
        variants=tuple((Sku(sku), RemoteId(remote)) for sku, remote in row.variants),
        picture_ids=tuple(row.picture_ids),
        url=row.url,
        content_key=row.content_key,
        price_key=row.price_key,
        stock_key=row.stock_key,
        visible=row.visible,
        claims=row.claims,
        shown=None if row.shown is None else Shown(**row.shown),
        problems=tuple(Problem(code=p["code"], facts=p["facts"]) for p in row.problems),
        confirmed_at=row.confirmed_at,
        try_after=row.try_after,
        attempts=row.attempts,
    )


def binding_row(b: Binding, now: datetime) -> dict[str, Any]:
    """A binding as it is stored."""
    shown = None
    if b.shown is not None:
        shown = {
            "state": b.shown.state, "title": b.shown.title, "description_digest": b.shown.description_digest,
            "prices": dict(b.shown.prices), "stocks": dict(b.shown.stocks),
        }  # fmt: skip
    return {
        "shop_id": b.shop_id, "product_id": b.product_id, "state": b.state.value, "remote_id": b.remote_id,
        "variants": [list(v) for v in b.variants], "picture_ids": list(b.picture_ids), "url": b.url,
        "content_key": b.content_key, "price_key": b.price_key, "stock_key": b.stock_key, "visible": b.visible,
        "claims": b.claims, "shown": shown, "problems": problem_rows(b.problems), "confirmed_at": b.confirmed_at,
        "try_after": b.try_after, "attempts": b.attempts, "changed_at": now,
    }  # fmt: skip


def problem_rows(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems as they are stored."""
    return [{"code": p.code, "facts": dict(p.facts)} for p in problems]


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a listing's history: what was done, what it was before, what the channel answered."""

    product_id: str
    kind: str
    before: object = None
    after: object = None
    answer: object = None


def save(
    tx: Tx,
    lease: Lease,
    changed: Sequence[Binding],
    events: Sequence[Event] = (),
    *,
    known: Mapping[str, Binding],
    run_id: str | None,
    now: datetime,
) -> None:
    """Store what became of some listings, with their history. Raises LeaseLost and writes nothing.

    ``known`` is what the caller read before, by product id: only what it changed since is written, because the other
    lane may have written the rest meanwhile (a sale's stock while words are on their way).
    """
    hold(tx, lease, now)
    ids = [b.product_id for b in changed if b.product_id in known]
    query = sa.select(t.binding).where(t.binding.c.shop_id == lease.shop_id, among(tx, t.binding.c.product_id, ids))
    stored = {row.product_id: to_binding(row) for row in tx.execute(query.with_for_update())} if ids else {}
    merged = [_merged(known.get(b.product_id), b, stored.get(b.product_id)) for b in changed]
    upsert(tx, t.binding, [binding_row(b, now) for b in merged], key=["shop_id", "product_id"])
    if events:
        tx.execute(
            t.listing_event.insert(),
            [
                {"id": new_id(), "shop_id": lease.shop_id, "product_id": e.product_id, "at": now, "run_id": run_id,
                 "kind": e.kind, "before": e.before, "after": e.after, "answer": e.answer}
                for e in events
            ],
        )  # fmt: skip


def _merged(before: Binding | None, after: Binding, stored: Binding | None) -> Binding:
    """``after``, with what it does not change taken from the stored row."""
    if before is None or stored is None:
        return after
    names = [f.name for f in fields(Binding) if getattr(before, f.name) != getattr(after, f.name)]
    return replace(stored, **{name: getattr(after, name) for name in names})


def ask_about_withdrawn(tx: Tx, shop_id: str, problem: Problem) -> None:
    """Listings that people reported as taken down: nothing puts them up again before a person says so."""
    b = t.binding.c
    tx.execute(
        t.binding.update()
        .where(b.shop_id == shop_id, b.state == BindingState.WITHDRAWN.value, b.remote_id.is_(None))
        .values(state=BindingState.ASK.value, problems=problem_rows([problem]))
    )


def sku_by_remote(tx: Tx, shop_id: str, listings: Collection[str]) -> Mapping[tuple[str, str], Sku]:
    """Our SKU for each (listing, variant) id of these listings of a shop."""
    query = sa.select(t.binding.c.remote_id, t.binding.c.variants).where(
        t.binding.c.shop_id == shop_id, among(tx, t.binding.c.remote_id, listings)
    )
    return {(row.remote_id, remote): Sku(sku) for row in tx.execute(query) for sku, remote in row.variants}
