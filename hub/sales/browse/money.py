"""Revenue by day, what platforms paid, and what producers declared of their own."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.catalog.tables import producer
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.browse.shops import owned_by
from hub.sales.model import Cut
from hub.sales.store.reads import figures_of
from hub.sales.store.seen import in_days, ledger_rows, local_days, of_cut, sums
from hub.shops.tables import shop
from hub.types import Period, Vnd


@dataclass(frozen=True, kw_only=True)
class DayRevenue:
    """Net revenue of one local day in one shop."""

    day: date
    shop_id: str
    net: Vnd


def daily_revenue(tx: Tx, scope: Scope, period: Period, cut: Cut) -> tuple[DayRevenue, ...]:
    """Net revenue per day and shop; days without any entry are not there."""
    tables, where = ledger_rows(period, cut, scope)
    led = t.ledger.c
    query = sa.select(led.day, led.shop_id, *sums(led)).select_from(tables).where(where)
    if scope.everything:
        r = t.rollup.c
        query = sa.select(r.day, r.shop_id, *sums(r)).where(in_days(period, r.day), of_cut(cut, r.stars))
    columns = (t.rollup if scope.everything else t.ledger).c
    rows = tx.execute(query.group_by(columns.day, columns.shop_id).order_by(columns.day, columns.shop_id))
    return tuple(DayRevenue(day=row.day, shop_id=row.shop_id, net=figures_of(row).net) for row in rows)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Money a platform paid for one order. ``number`` "": an order the hub does not know."""

    shop_id: str
    remote_id: str
    number: str
    settled_at: datetime
    amount: Vnd
    kept: Vnd  # fees and taxes together


@dataclass(frozen=True, kw_only=True)
class StatementPage:
    """Some statements of how many, with the sums of all of them."""

    rows: tuple[Statement, ...]
    count: int
    amount: Vnd


def statements(tx: Tx, scope: Scope, period: Period, *, shop_id: str = "", limit: int, offset: int) -> StatementPage:
    """What was paid in the period, newest first. Statements are per order: a portal's are shown to nobody in part."""
    m, o = t.settlement.c, t.order.c
    where = [m.settled_at >= period.start, m.settled_at < period.end]
    if not scope.everything:
        where.append(m.shop_id.in_(sa.select(shop.c.id).where(owned_by(scope))))
    if shop_id:
        where.append(m.shop_id == shop_id)
    total = tx.execute(
        sa.select(sa.func.count().label("n"), sa.func.coalesce(sa.func.sum(m.amount), 0).label("amount")).where(*where)
    ).one()
    joined = t.settlement.outerjoin(t.order, sa.and_(o.shop_id == m.shop_id, o.remote_id == m.remote_id))
    rows = tx.execute(
        sa.select(t.settlement, o.number, o.remote_id.label("known")).select_from(joined).where(*where)
        .order_by(m.settled_at.desc(), m.shop_id, m.statement_id).limit(limit).offset(offset)
    )  # fmt: skip
    return StatementPage(
        rows=tuple(
            Statement(
                shop_id=row.shop_id, remote_id=row.remote_id, number=(row.number or row.known or ""),
                settled_at=row.settled_at, amount=row.amount, kept=sum(amount for _, amount, _ in row.fees),
            )
            for row in rows
        ),
        count=int(total.n), amount=int(total.amount),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Told:
    """A producer's own statement of what it sold elsewhere."""

    producer: str
    kind: str
    first_day: date
    last_day: date
    revenue: Vnd
    orders: int | None
    quantity: str
    unit: str
    note: str


def declarations(tx: Tx, scope: Scope, period: Period, cut: Cut, limit: int = 500) -> tuple[Told, ...]:
    """The declarations that count in a period: those that lie wholly within it."""
    d, p = t.declaration.c, producer.c
    first, last = local_days(period)
    where = [d.first_day >= first, d.last_day <= last, catalog.within(scope)]
    if cut == "ocop":
        where.append(d.certified)
    query = sa.select(t.declaration, p.name.label("producer")).join(producer, p.id == d.producer_id).where(*where)
    rows = tx.execute(query.order_by(d.channel_kind, p.name, d.first_day, d.id).limit(limit))
    return tuple(
        Told(
            producer=row.producer, kind=row.channel_kind, first_day=row.first_day, last_day=row.last_day,
            revenue=row.revenue, orders=row.orders, quantity=row.quantity, unit=row.unit, note=row.note,
        )
        for row in rows
    )  # fmt: skip


def declared_around(tx: Tx, scope: Scope, period: Period, cut: Cut) -> tuple[date, date] | None:
    """The days from the first to the last of all declarations that touch a period; None when none does."""
    d, p = t.declaration.c, producer.c
    first, last = local_days(period)
    where = [d.first_day <= last, d.last_day >= first, catalog.within(scope)]
    if cut == "ocop":
        where.append(d.certified)
    query = sa.select(sa.func.min(d.first_day).label("first"), sa.func.max(d.last_day).label("last"))
    row = tx.execute(query.join(producer, p.id == d.producer_id).where(*where)).one()
    return None if row.first is None else (row.first, row.last)
