"""The programme's SQL: contracts with modern channels, live sessions."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from hub.db import Tx, upsert
from hub.programme import tables as t
from hub.programme.model import Contract, LiveSession
from hub.types import Period


def save_contracts(tx: Tx, contracts: Sequence[Contract]) -> None:
    """Store contracts by their ids; a known one is overwritten."""
    upsert(
        tx, t.contract,
        [{"id": c.id, "producer_id": c.producer_id, "channel_kind": c.channel_kind, "partner": c.partner,
          "signed_on": c.signed_on, "ends_on": c.ends_on, "note": c.note} for c in contracts],
        key=["id"],
    )  # fmt: skip


def contracts(tx: Tx, *, on: date | None = None, producer_id: str | None = None) -> tuple[Contract, ...]:
    """Contracts by day of signing: all, those in force on a local day, one producer's."""
    c = t.contract.c
    query = sa.select(t.contract).order_by(c.signed_on, c.id)
    if on is not None:
        query = query.where(c.signed_on <= on, sa.or_(c.ends_on.is_(None), c.ends_on >= on))
    if producer_id is not None:
        query = query.where(c.producer_id == producer_id)
    return tuple(Contract(**row._mapping) for row in tx.execute(query))


def save_live_sessions(tx: Tx, sessions: Sequence[LiveSession]) -> None:
    """Store live sessions by their ids; a known one is overwritten."""
    upsert(
        tx, t.live_session,
        [{"id": s.id, "shop_id": s.shop_id, "producer_id": s.producer_id, "title": s.title,
          "started_at": s.started_at, "ended_at": s.ended_at, "remote_id": s.remote_id, "figures": dict(s.figures)}
         for s in sessions],
        key=["id"],
    )  # fmt: skip


def live_sessions(tx: Tx, *, period: Period | None = None, producer_id: str | None = None) -> tuple[LiveSession, ...]:
    """Live sessions by their start: all, those that began in a period, one producer's."""
    s = t.live_session.c
    query = sa.select(t.live_session).order_by(s.started_at, s.id)
    if period is not None:
        query = query.where(s.started_at >= period.start, s.started_at < period.end)
    if producer_id is not None:
        query = query.where(s.producer_id == producer_id)
    return tuple(LiveSession(**row._mapping) for row in tx.execute(query))
