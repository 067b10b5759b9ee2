"""SQL of what is due: schedules per shop and kind of job, requests, retries, pauses. The state is the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.db import Tx, upsert
from hub.shops.tables import shop
from hub.sync import tables as t
from hub.sync.model import JobKind, Lane, Patience
from hub.sync.store.comments import READING


@dataclass(frozen=True, kw_only=True)
class Due:
    """One kind of job of one shop: its cron, and how it stands."""

    shop_id: str
    kind: JobKind
    cron: str
    paused: bool
    retry_at: datetime | None
    requested_at: datetime | None
    last_ok_at: datetime | None
    attempts: int


def set_schedules(tx: Tx, shop_id: str, crons: Mapping[str, str]) -> None:
    """Give a shop its schedules; what a person changed stays."""
    upsert(
        tx, t.due, [{"shop_id": shop_id, "kind": kind, "cron": cron} for kind, cron in crons.items()],
        key=["shop_id", "kind"], update=[],
    )  # fmt: skip


def change_cron(tx: Tx, shop_id: str, kind: str, cron: str) -> None:
    """A person's own times."""
    upsert(tx, t.due, [{"shop_id": shop_id, "kind": kind, "cron": cron}], key=["shop_id", "kind"])


def schedules(tx: Tx, shop_id: str | None = None) -> list[Due]:
    """All schedules, or one shop's."""
    query = sa.select(t.due).order_by(t.due.c.shop_id, t.due.c.kind)
    if shop_id is not None:
        query = query.where(t.due.c.shop_id == shop_id)
    return [_due(row) for row in tx.execute(query)]


def _due(row: sa.Row[tuple[object, ...]]) -> Due:
    return Due(
        shop_id=row.shop_id, kind=row.kind, cron=row.cron, paused=row.paused, retry_at=row.retry_at,
        requested_at=row.requested_at, last_ok_at=row.last_ok_at, attempts=row.attempts,
    )  # fmt: skip


def pause(tx: Tx, shop_id: str, kind: str | None, *, paused: bool) -> int:
    """Stop or go on with one kind of job of a shop, or all of them; answers how many."""
    statement = t.due.update().where(t.due.c.shop_id == shop_id).values(paused=paused)
    if kind is not None:
        statement = statement.where(t.due.c.kind == kind)
    return int(tx.execute(statement).rowcount)


def request(tx: Tx, shop_id: str, kind: str, now: datetime) -> None:
    """A person or a hint wants it now; survives a lost message."""
    row = {"shop_id": shop_id, "kind": kind, "cron": "", "requested_at": now}
    upsert(tx, t.due, [row], key=["shop_id", "kind"], update=["requested_at"])


def catch_up(tx: Tx, now: datetime) -> None:
    """Ask for the orders of every shop: while nobody listened, webhooks found nobody and may be switched off now."""
    for shop_id in tx.execute(sa.select(shop.c.id).where(shop.c.state == "connected").order_by(shop.c.id)).scalars():
        request(tx, shop_id, "pull", now)


def succeeded(tx: Tx, shop_id: str, kind: str, now: datetime, *, began: datetime) -> None:
    """The job ended well: nothing is asked for any more, unless it was asked for again after the job ``began``."""
    dialect: Any = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(t.due).values(shop_id=shop_id, kind=kind, cron="", last_ok_at=now, attempts=0)
    later = sa.case((t.due.c.requested_at > began, t.due.c.requested_at), else_=None)
    kept = {"last_ok_at": now, "retry_at": None, "attempts": 0, "requested_at": later}
    tx.execute(statement.on_conflict_do_update(index_elements=["shop_id", "kind"], set_=kept))


def attempts(tx: Tx, shop_id: str, kind: str) -> int:
    """How often in a row the job failed so far."""
    stored = tx.execute(
        sa.select(t.due.c.attempts).where(t.due.c.shop_id == shop_id, t.due.c.kind == kind)
    ).scalar_one_or_none()
    return stored or 0


def failed(
    tx: Tx, shop_id: str, kind: str, lane: Lane, now: datetime, *, wait: timedelta | None, counts: bool,
    patience: Patience,
) -> None:  # fmt: skip
    """The job shall come back: after ``wait`` when the platform said so, else later each time."""
    tried = attempts(tx, shop_id, kind) + (1 if counts else 0)
    pause_for = wait if wait is not None else patience.pause(lane, tried)
    row = {"shop_id": shop_id, "kind": kind, "cron": "", "retry_at": now + pause_for, "attempts": tried}
    upsert(tx, t.due, [row], key=["shop_id", "kind"], update=["retry_at", "attempts"])


def begin_again(tx: Tx, shop_id: str) -> None:
    """What failed before the owner signed in again is no reason to wait any longer."""
    tx.execute(t.due.update().where(t.due.c.shop_id == shop_id).values(retry_at=None, attempts=0))


def waiting(tx: Tx, now: datetime, shop_id: str | None = None) -> list[tuple[str, JobKind]]:
    """What should run now whatever the cron says: retries whose time has come, requests, stock, open hints, posts,
    comments of lives that run.

    Of all shops that are connected, or of one. In an order of this moment: where processes die again and again, the
    shops that come first by their ids would have every slot anew, and the last ones never one.
    """
    d = t.due.c
    every = sa.select(d.shop_id, d.kind, d.retry_at, d.requested_at, d.paused)
    rows = tx.execute(_of(every, d.shop_id, shop_id)).all()
    found = {
        (r.shop_id, r.kind)
        for r in rows
        # a backfill was given its days by a person; only a person can repeat it
        if not r.paused and r.kind != "backfill" and (r.retry_at is not None or r.requested_at is not None)
    }
    stock = _of(
        sa.select(t.stock_due.c.shop_id, sa.literal("stock").label("kind")).distinct(), t.stock_due.c.shop_id, shop_id
    )
    hints = _of(
        sa.select(t.hint.c.shop_id, sa.literal("hint").label("kind")).where(t.hint.c.done_at.is_(None)).distinct(),
        t.hint.c.shop_id, shop_id,
    )  # fmt: skip
    posts = _of(
        sa.select(t.post.c.shop_id, sa.literal("post").label("kind")).where(t.post.c.next_at <= now).distinct(),
        t.post.c.shop_id, shop_id,
    )  # fmt: skip
    lives = _of(
        sa.select(t.cursor.c.shop_id, sa.literal("comments").label("kind")).where(
            t.cursor.c.walk == READING, t.cursor.c.window_end <= now
        ),
        t.cursor.c.shop_id, shop_id,
    )  # fmt: skip
    found |= {(r.shop_id, r.kind) for r in tx.execute(stock.union_all(hints, posts, lives))}
    found -= {(r.shop_id, r.kind) for r in rows if r.paused and r.kind in ("post", "comments")}
    found -= {(r.shop_id, r.kind) for r in rows if r.retry_at is not None and r.retry_at > now}
    if shop_id is None:
        alive = set(tx.execute(sa.select(shop.c.id).where(shop.c.state == "connected")).scalars())
        found = {(s, k) for s, k in found if s in alive}
    return sorted(found, key=lambda one: blake2b(f"{now.isoformat()} {one}".encode(), digest_size=8).digest())


def _of(query: Any, column: Any, shop_id: str | None) -> Any:
    return query if shop_id is None else query.where(column == shop_id)
