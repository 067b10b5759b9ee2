"""Webhooks to follow, and what could not be understood."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from hub.bulk import among
from hub.connectors.model import Broken
from hub.db import Tx, upsert, upsert_statement
from hub.sync import tables as t
from hub.types import RemoteId, chunks


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
