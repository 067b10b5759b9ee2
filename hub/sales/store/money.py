"""Settlements as the platforms state them, and how they meet our orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.bulk import among, upsert_rows
from hub.connectors.model import Settlement
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.model import BY_FILE
from hub.shops.model import Shop
from hub.types import Vnd

_COLUMNS = ("shop_id", "statement_id", "remote_id", "settled_at", "amount", "fees")


def store_settlements(tx: Tx, shop: Shop, settlements: Sequence[Settlement], *, now: datetime) -> int:
    """Store statements by their id; the same statement again overwrites itself. Answers how many are new.

    An order's money counts once: a statement of the platform replaces those that came by file (:data:`BY_FILE`), and
    one that comes by file for an order the platform has settled itself is left out.
    ``now`` is not stored: a settlement is dated by the platform alone.
    """
    latest = {s.statement_id: s for s in settlements}
    known = _known(tx, shop.id, {s.order for s in latest.values()})
    settled = {order for order, ids in known.items() if any(not _by_file(one) for one in ids)}
    taken = [s for s in latest.values() if not _by_file(s.statement_id) or s.order not in settled]
    told = {s.order for s in taken if not _by_file(s.statement_id)}
    replaced = [one for order in told for one in known.get(order, ()) if _by_file(one)]
    if replaced:
        m = t.settlement.c
        tx.execute(t.settlement.delete().where(m.shop_id == shop.id, among(tx, m.statement_id, replaced)))
    rows = [
        (shop.id, s.statement_id, s.order, s.settled_at, s.amount, [[f.kind, f.amount, f.label] for f in s.fees])
        for s in taken
    ]
    before = {one for ids in known.values() for one in ids}
    upsert_rows(tx, t.settlement, _COLUMNS, rows, key=("shop_id", "statement_id"))
    return sum(s.statement_id not in before for s in taken)


def _by_file(statement_id: str) -> bool:
    return statement_id.startswith(BY_FILE)


def _known(tx: Tx, shop_id: str, orders: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Order -> ids of its stored statements."""
    m = t.settlement.c
    query = sa.select(m.remote_id, m.statement_id).where(m.shop_id == shop_id, among(tx, m.remote_id, sorted(orders)))
    found: dict[str, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.remote_id, []).append(row.statement_id)
    return found


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
