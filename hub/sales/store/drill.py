"""What a figure is made of: channel, then days, then orders, then lines. Every list is paged and scoped."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.model import Cut, Entry
from hub.sales.store.reads import Figures, figures_of
from hub.sales.store.rows import to_entry
from hub.sales.store.seen import ledger_rows, of_scope, subject, sums
from hub.shops import tables as s
from hub.types import Period, day_period


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """One local day of one shop."""

    day: date
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class OrderFigures:
    """What one order added on the days asked for."""

    shop_id: str
    remote_id: str
    number: str
    state: str
    placed_at: datetime
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """Orders by id; ``next`` is what to ask for as ``after``, None on the last page."""

    items: tuple[OrderFigures, ...]
    next: str | None


@dataclass(frozen=True, kw_only=True)
class LineEntry:
    """One ledger entry with the words of its line."""

    entry: Entry
    title: str
    sku: str
    quantity: int


def days_of(tx: Tx, shop_id: str, period: Period, *, cut: Cut, scope: Scope) -> tuple[DayFigures, ...]:
    """The days behind a shop's figures, oldest first."""
    tables, where = ledger_rows(period, cut, scope)
    ledger = t.ledger.c
    query = sa.select(ledger.day, *sums(ledger)).select_from(tables).where(where, ledger.shop_id == shop_id)
    rows = tx.execute(query.group_by(ledger.day).order_by(ledger.day))
    return tuple(DayFigures(day=r.day, figures=figures_of(r)) for r in rows)


def orders_of(
    tx: Tx, shop_id: str, period: Period, *, cut: Cut, scope: Scope, after: str = "", limit: int = 50
) -> OrderPage:
    """The orders behind a shop's figures of a period (one day: :func:`day_period`)."""
    tables, where = ledger_rows(period, cut, scope)
    ledger, o = t.ledger.c, t.order.c
    tables = tables.join(t.order, sa.and_(o.shop_id == ledger.shop_id, o.remote_id == ledger.remote_id))
    head = (o.shop_id, o.remote_id, o.number, o.state, o.placed_at)
    query = (
        sa.select(*head, *sums(ledger))
        .select_from(tables)
        .where(where, ledger.shop_id == shop_id, ledger.remote_id > after)
        .group_by(*head)
        .order_by(o.remote_id)
        .limit(limit + 1)
    )
    rows = tx.execute(query).all()
    items = tuple(
        OrderFigures(shop_id=r.shop_id, remote_id=r.remote_id, number=r.number, state=r.state, placed_at=r.placed_at,
                     figures=figures_of(r))
        for r in rows[:limit]
    )  # fmt: skip
    return OrderPage(items=items, next=items[-1].remote_id if len(rows) > limit else None)


def orders_of_day(
    tx: Tx, shop_id: str, day: date, *, cut: Cut, scope: Scope, after: str = "", limit: int = 50
) -> OrderPage:
    """:func:`orders_of` for one local day."""
    return orders_of(tx, shop_id, day_period(day, day), cut=cut, scope=scope, after=after, limit=limit)


def lines_of(tx: Tx, shop_id: str, remote_id: str, *, cut: Cut, scope: Scope) -> tuple[LineEntry, ...]:
    """Every ledger entry of an order, by line, then day."""
    ledger, line = t.ledger.c, t.line.c
    words = sa.and_(
        line.shop_id == ledger.shop_id, line.remote_id == ledger.remote_id, line.line_id == ledger.line_id
    )  # fmt: skip
    tables: Any = t.ledger.join(s.shop, s.shop.c.id == ledger.shop_id).outerjoin(t.line, words)
    query = (
        sa.select(t.ledger, line.title, line.sku, line.quantity)
        .select_from(tables)
        .where(ledger.shop_id == shop_id, ledger.remote_id == remote_id)
        .where(of_scope(scope, subject(ledger.producer_id)))
        .order_by(ledger.line_id, ledger.part, ledger.day, ledger.event)
    )
    if cut == "ocop":
        query = query.where(ledger.stars > 0)
    return tuple(
        LineEntry(entry=to_entry(r), title=r.title or "", sku=r.sku or "", quantity=r.quantity or 0)
        for r in tx.execute(query)
    )
