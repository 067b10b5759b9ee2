"""Settlements as the platforms state them, and how they meet our orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.bulk import upsert_rows
from hub.connectors.model import Settlement
from hub.db import Tx
from hub.sales import tables as t
from hub.shops.model import Shop
from hub.types import Vnd

_COLUMNS = ("shop_id", "statement_id", "remote_id", "settled_at", "amount", "fees")


def store_settlements(tx: Tx, shop: Shop, settlements: Sequence[Settlement], *, now: datetime) -> int:
    """Store statements by their id; the same statement again overwrites itself. Answers how many are new.

    ``now`` is not stored: a settlement is dated by the platform alone.
    """
    latest = {s.statement_id: s for s in settlements}
    count = sa.select(sa.func.count()).select_from(t.settlement).where(t.settlement.c.shop_id == shop.id)
    before = tx.execute(count).scalar_one()
    rows = [
        (shop.id, s.statement_id, s.order, s.settled_at, s.amount, [[f.kind, f.amount, f.label] for f in s.fees])
        for s in latest.values()
    ]
    upsert_rows(tx, t.settlement, _COLUMNS, rows, key=("shop_id", "statement_id"))
    return int(tx.execute(count).scalar_one() - before)


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """Money that came for an order the hub does not know."""

    shop_id: str
    statement_id: str
    order_id: str
    settled_at: datetime
    amount: Vnd


def unmatched_settlements(tx: Tx, shop_id: str | None = None, *, limit: int = 1000) -> tuple[Unmatched, ...]:
    """Statements without an order, newest first; they stay visible until the order is pulled."""
    s, o = t.settlement.c, t.order.c
    query = (
        sa.select(s.shop_id, s.statement_id, s.remote_id, s.settled_at, s.amount)
        .outerjoin(t.order, sa.and_(o.shop_id == s.shop_id, o.remote_id == s.remote_id))
        .where(o.remote_id.is_(None))
        .order_by(s.settled_at.desc(), s.statement_id)
        .limit(limit)
    )
    if shop_id is not None:
        query = query.where(s.shop_id == shop_id)
    return tuple(
        Unmatched(shop_id=r.shop_id, statement_id=r.statement_id, order_id=r.remote_id, settled_at=r.settled_at,
                  amount=r.amount)
        for r in tx.execute(query)
    )  # fmt: skip
