"""How far each walk over a shop got."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.db import Tx, upsert
from hub.shops.tables import shop as shops_table
from hub.sync import tables as t


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
