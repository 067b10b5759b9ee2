"""The synchronisation's SQL: the planner's snapshot, bindings, events, leases, cursors, runs, hints, quarantine."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.bulk import among
from hub.catalog import store as catalog
from hub.catalog import tables as ct
from hub.connectors.model import Broken
from hub.db import Tx, new_id, upsert, upsert_statement
from hub.errors import LeaseLost
from hub.shops import store as shops
from hub.shops.tables import shop as shops_table
from hub.sync import tables as t
from hub.sync.model import Binding, BindingState, JobKind, Lane, Problem, PushView, Run, RunResult, Shown
from hub.types import RemoteId, Sku, chunks

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work on one shop in one lane. Every write of a run tests it."""

    shop_id: str
    lane: Lane
    owner: str
    life: timedelta = LEASE


# ---- the planner's snapshot --------------------------------------------------------------------------------------


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
    return PushView(shop=shop, sellables=tuple(sellables), bindings=bindings)


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


def _binding_row(b: Binding, now: datetime) -> dict[str, Any]:
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
    upsert(tx, t.binding, [_binding_row(b, now) for b in merged], key=["shop_id", "product_id"])
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


def sku_by_remote(tx: Tx, shop_id: str, listings: Collection[str]) -> Mapping[tuple[str, str], Sku]:
    """Our SKU for each (listing, variant) id of these listings of a shop."""
    query = sa.select(t.binding.c.remote_id, t.binding.c.variants).where(
        t.binding.c.shop_id == shop_id, among(tx, t.binding.c.remote_id, listings)
    )
    return {(row.remote_id, remote): Sku(sku) for row in tx.execute(query) for sku, remote in row.variants}


# ---- leases ------------------------------------------------------------------------------------------------------


def take_lease(tx: Tx, shop_id: str, lane: Lane, owner: str, now: datetime, life: timedelta = LEASE) -> Lease | None:
    """The lease, or None while anybody holds it, the same process included. One statement decides.

    ``owner`` is a name that nobody else has, no other run of this worker either.
    """
    row = {"shop_id": shop_id, "lane": lane, "owner": owner, "until": now + life}
    free = sa.or_(t.lease.c.until <= now, t.lease.c.owner == "")
    statement = upsert_statement(tx, t.lease, row, key=["shop_id", "lane"], where=free)
    taken = tx.execute(statement.returning(t.lease.c.owner), row).first()
    return None if taken is None else Lease(shop_id=shop_id, lane=lane, owner=owner, life=life)


def hold(tx: Tx, lease: Lease, now: datetime) -> None:
    """Renew the lease inside a write. Raises LeaseLost when somebody else has it."""
    renewed = tx.execute(
        t.lease.update()
        .where(t.lease.c.shop_id == lease.shop_id, t.lease.c.lane == lease.lane, t.lease.c.owner == lease.owner)
        .values(until=now + lease.life)
    )
    if renewed.rowcount != 1:
        raise LeaseLost("lease_lost", shop_id=lease.shop_id, lane=lease.lane)


def give_lease(tx: Tx, lease: Lease, now: datetime) -> None:
    """Give it back; harmless when it is gone already."""
    tx.execute(
        t.lease.update()
        .where(t.lease.c.shop_id == lease.shop_id, t.lease.c.lane == lease.lane, t.lease.c.owner == lease.owner)
        .values(owner="", until=now)
    )


# ---- stock that must follow --------------------------------------------------------------------------------------


def mark_stock_due(tx: Tx, variant_ids: Collection[str], now: datetime, *, sold_on: str = "") -> tuple[str, ...]:
    """Note the listings that show these variants, or sets made of them; answers the shops concerned.

    ``sold_on`` is the shop whose own orders changed them: that platform has counted by itself, so what it shows is not
    what we told it last, and it must be told again whatever that was.
    """
    if not variant_ids:
        return ()
    ids = list(variant_ids)
    sets = sa.select(ct.part.c.variant_id).where(ct.part.c.component_id.in_(ids))
    siblings = sa.select(ct.part.c.component_id).where(ct.part.c.variant_id.in_(ids))
    products = sa.select(ct.variant.c.product_id).where(
        sa.or_(ct.variant.c.id.in_(ids), ct.variant.c.id.in_(sets), ct.variant.c.id.in_(siblings))
    )
    rows = tx.execute(
        sa.select(t.binding.c.shop_id, t.binding.c.product_id).where(
            t.binding.c.product_id.in_(products), t.binding.c.remote_id.is_not(None)
        )
    ).all()
    marks = [  # in one order, so that two shops that sold the same goods cannot block one another for ever
        {"shop_id": r.shop_id, "product_id": r.product_id, "at": now, "own": r.shop_id == sold_on} for r in sorted(rows)
    ]
    if marks:
        dialect: Any = sqlite if tx.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(t.stock_due)
        new = statement.excluded
        kept = {"at": new.at, "own": sa.or_(t.stock_due.c.own, new.own)}
        tx.execute(statement.on_conflict_do_update(index_elements=["shop_id", "product_id"], set_=kept), marks)
    return tuple(sorted({r.shop_id for r in rows}))


def mark_listings_due(tx: Tx, shop_id: str, product_ids: Iterable[str], now: datetime) -> None:
    """Hand some listings of a shop to the fast lane, which alone writes stock."""
    rows = [{"shop_id": shop_id, "product_id": product_id, "at": now} for product_id in product_ids]
    upsert(tx, t.stock_due, rows, key=["shop_id", "product_id"])


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A product whose stock a shop must be told: since when, and whether whatever it was told before."""

    at: datetime
    own: bool


def stock_due(tx: Tx, shop_id: str, limit: int) -> dict[str, Mark]:
    """Products whose stock this shop must be told, oldest first."""
    query = sa.select(t.stock_due).where(t.stock_due.c.shop_id == shop_id).order_by(t.stock_due.c.at).limit(limit)
    return {row.product_id: Mark(at=row.at, own=row.own) for row in tx.execute(query)}


def clear_stock_due(tx: Tx, shop_id: str, done: Mapping[str, Mark]) -> None:
    """Forget what was told, unless it was noted again meanwhile."""
    for product_id, mark in sorted(done.items()):
        tx.execute(
            t.stock_due.delete().where(
                t.stock_due.c.shop_id == shop_id, t.stock_due.c.product_id == product_id, t.stock_due.c.at <= mark.at
            )
        )


# ---- cursors -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """How far a walk got. Everything before ``position`` is stored; an open window continues at ``page``."""

    walk: str
    position: datetime | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    page: str | None = None
    empties: int = 0


def cursor(tx: Tx, shop_id: str, walk: str) -> Cursor:
    """The cursor of a walk; a fresh one when it never ran."""
    row = tx.execute(sa.select(t.cursor).where(t.cursor.c.shop_id == shop_id, t.cursor.c.walk == walk)).first()
    if row is None:
        return Cursor(walk=walk)
    return Cursor(
        walk=walk, position=row.position, window_start=row.window_start, window_end=row.window_end, page=row.page,
        empties=row.empties,
    )  # fmt: skip


def save_cursor(tx: Tx, shop_id: str, c: Cursor) -> None:
    """Store a cursor, in the transaction that stored what it stands for."""
    upsert(
        tx, t.cursor,
        [{"shop_id": shop_id, "walk": c.walk, "position": c.position, "window_start": c.window_start,
          "window_end": c.window_end, "page": c.page, "empties": c.empties}],
        key=["shop_id", "walk"],
    )  # fmt: skip


def complete_up_to(tx: Tx) -> dict[str, datetime | None]:
    """For each shop, the moment up to which all its orders are stored; None: never pulled."""
    query = sa.select(shops_table.c.id, t.cursor.c.position).select_from(
        shops_table.outerjoin(t.cursor, sa.and_(t.cursor.c.shop_id == shops_table.c.id, t.cursor.c.walk == "orders"))
    )
    return {row.id: row.position for row in tx.execute(query)}


# ---- runs --------------------------------------------------------------------------------------------------------


def start_run(tx: Tx, *, shop_id: str | None, kind: JobKind, lane: Lane, now: datetime) -> str:
    """Open a run; answers its id. Whoever starts one holds the lease: an older one still open there has died."""
    _abandon(tx, now, t.run.c.shop_id == shop_id, t.run.c.lane == lane)
    run_id = new_id()
    tx.execute(
        t.run.insert().values(id=run_id, shop_id=shop_id, kind=kind, lane=lane, started_at=now, result="running")
    )
    return run_id


def progress_run(tx: Tx, run_id: str, *, done: int, total: int) -> None:
    """How far a run is, for those who watch."""
    tx.execute(t.run.update().where(t.run.c.id == run_id).values(done=done, total=total))


def end_run(
    tx: Tx, run_id: str, *, result: RunResult, done: int, total: int, calls: int, problems: Sequence[Problem],
    note: str, now: datetime,
) -> None:  # fmt: skip
    """Close a run with what came of it."""
    tx.execute(
        t.run.update()
        .where(t.run.c.id == run_id)
        .values(
            ended_at=now,
            result=result,
            done=done,
            total=total,
            calls=calls,
            problems=problem_rows(problems[:50]),
            note=note,
        )
    )


def abandon_runs(tx: Tx, *, now: datetime) -> int:
    """Runs whose worker died (nobody holds the lease they ran under) are unfinished, and their jobs come back now.

    Answers how many there were.
    """
    held = (
        sa.select(t.lease.c.shop_id)
        .where(
            t.lease.c.shop_id == t.run.c.shop_id, t.lease.c.lane == t.run.c.lane, t.lease.c.until > now,
            t.lease.c.owner != "",
        )
        .exists()
    )  # fmt: skip
    return _abandon(tx, now, t.run.c.shop_id.is_not(None), ~held)


def _abandon(tx: Tx, now: datetime, *where: sa.ColumnElement[bool]) -> int:
    running = t.run.update().where(t.run.c.result == "running", *where)
    gone = tx.execute(
        running.values(result="unfinished", ended_at=now, note="worker_gone").returning(t.run.c.shop_id, t.run.c.kind)
    ).all()
    jobs = sorted({(row.shop_id, row.kind) for row in gone if row.shop_id is not None})
    rows = [{"shop_id": shop_id, "kind": kind, "cron": "", "retry_at": now} for shop_id, kind in jobs]
    upsert(tx, t.due, rows, key=["shop_id", "kind"], update=["retry_at"])
    return len(gone)


def runs(tx: Tx, *, shop_id: str | None = None, kind: str | None = None, limit: int = 50) -> list[Run]:
    """The last runs, newest first."""
    query = sa.select(t.run).order_by(t.run.c.started_at.desc(), t.run.c.id).limit(limit)
    if shop_id is not None:
        query = query.where(t.run.c.shop_id == shop_id)
    if kind is not None:
        query = query.where(t.run.c.kind == kind)
    return [
        Run(
            id=r.id,
            shop_id=r.shop_id,
            kind=r.kind,
            lane=r.lane,
            started_at=r.started_at,
            ended_at=r.ended_at,
            result=r.result,
            done=r.done,
            total=r.total,
            calls=r.calls,
            note=r.note,
            problems=tuple(Problem(code=p["code"], facts=p["facts"]) for p in r.problems),
        )
        for r in tx.execute(query)
    ]


# ---- hints and quarantine ----------------------------------------------------------------------------------------


def hear(tx: Tx, shop_id: str, *, event_id: str, kind: str, object_id: str, now: datetime) -> bool:
    """Keep a webhook once; False when it was heard before. Only news of orders is followed by a question."""
    row = {
        "shop_id": shop_id, "event_id": event_id, "kind": kind, "object_id": object_id, "heard_at": now,
        "done_at": None if kind == "order" else now,
    }  # fmt: skip
    statement = upsert_statement(tx, t.hint, row, key=["shop_id", "event_id"], update=[])
    return bool(tx.execute(statement, row).rowcount)


def open_hints(tx: Tx, shop_id: str, limit: int = 50) -> list[tuple[str, str, str]]:
    """(event id, kind, object id) of all hints not followed yet about ``limit`` objects: those never tried first, then
    oldest first. An object is fetched once however often it was pointed at."""
    here = t.hint.c.shop_id == shop_id, t.hint.c.done_at.is_(None)
    objects = (
        sa.select(t.hint.c.object_id)
        .where(*here)
        .group_by(t.hint.c.object_id)
        .order_by(sa.func.max(t.hint.c.attempts), sa.func.min(t.hint.c.heard_at))
        .limit(limit)
    )
    query = (
        sa.select(t.hint.c.event_id, t.hint.c.kind, t.hint.c.object_id)
        .where(*here, t.hint.c.object_id.in_(objects))
        .order_by(t.hint.c.attempts, t.hint.c.heard_at)
    )
    return [(r.event_id, r.kind, r.object_id) for r in tx.execute(query)]


def count_hint(tx: Tx, shop_id: str, object_id: str) -> None:
    """The object could not be fetched: others go first next time."""
    tx.execute(
        t.hint.update()
        .where(t.hint.c.shop_id == shop_id, t.hint.c.object_id == object_id, t.hint.c.done_at.is_(None))
        .values(attempts=t.hint.c.attempts + 1)
    )


def close_hints(tx: Tx, shop_id: str, event_ids: Sequence[str], now: datetime) -> None:
    """These hints were followed."""
    for group in chunks(event_ids, 200):
        tx.execute(t.hint.update().where(t.hint.c.shop_id == shop_id, t.hint.c.event_id.in_(group)).values(done_at=now))


def announced(tx: Tx, shop_id: str, object_ids: Collection[str], since: datetime) -> set[str]:
    """Those of these objects about which a webhook was heard."""
    query = sa.select(t.hint.c.object_id).where(
        t.hint.c.shop_id == shop_id, t.hint.c.heard_at >= since, among(tx, t.hint.c.object_id, object_ids)
    )
    return set(tx.execute(query).scalars())


def close_hints_about(tx: Tx, shop_id: str, object_ids: Collection[str], asked: datetime, now: datetime) -> None:
    """A walk brought these objects in a page that was ``asked`` for after the webhooks: nothing is left to follow."""
    tx.execute(
        t.hint.update()
        .where(
            t.hint.c.shop_id == shop_id, t.hint.c.done_at.is_(None), t.hint.c.heard_at < asked,
            among(tx, t.hint.c.object_id, object_ids),
        )
        .values(done_at=now)
    )  # fmt: skip


def put_in_quarantine(tx: Tx, shop_id: str, noun: str, broken: Sequence[Broken], now: datetime) -> None:
    """Keep what could not be understood, so that nothing is lost and the rest goes on."""
    upsert(
        tx, t.quarantine,
        [{"shop_id": shop_id, "noun": noun, "remote_id": b.remote_id, "at": now, "path": b.path,
          "sample": b.sample[:2000], "solved_at": None} for b in broken],
        key=["shop_id", "noun", "remote_id"],
    )  # fmt: skip


def quarantined(tx: Tx, shop_id: str, noun: str = "order", limit: int = 50) -> list[RemoteId]:
    """Ids still in quarantine, oldest first."""
    query = (
        sa.select(t.quarantine.c.remote_id)
        .where(t.quarantine.c.shop_id == shop_id, t.quarantine.c.noun == noun, t.quarantine.c.solved_at.is_(None))
        .order_by(t.quarantine.c.at)
        .limit(limit)
    )
    return [RemoteId(r.remote_id) for r in tx.execute(query)]


def leave_quarantine(tx: Tx, shop_id: str, noun: str, remote_ids: Sequence[str], now: datetime) -> None:
    """These were taken in after all."""
    for group in chunks(remote_ids, 200):
        tx.execute(
            t.quarantine.update()
            .where(t.quarantine.c.shop_id == shop_id, t.quarantine.c.noun == noun, t.quarantine.c.remote_id.in_(group))
            .values(solved_at=now)
        )
