"""Listings whose shown stock must follow a sale."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.catalog import tables as ct
from hub.db import Tx, upsert
from hub.sync import tables as t


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
