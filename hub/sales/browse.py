"""Reads of what was sold for people: each takes a :class:`~hub.access.Scope` and answers nothing beyond it.

The orders of a period are those that added something to its figures, so that a list adds up to the figure it opens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.catalog.tables import producer
from hub.db import Tx
from hub.errors import Denied
from hub.sales import tables as t
from hub.sales.ledger import RANK
from hub.sales.model import Cut, Order
from hub.sales.store.drill import LineEntry, OrderFigures, lines_of
from hub.sales.store.reads import Figures, figures_of
from hub.sales.store.rows import load_orders
from hub.sales.store.seen import in_days, ledger_rows, local_days, of_cut, sums
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.tables import shop
from hub.types import Period, Vnd, day_period

EVER = day_period(date(2000, 1, 1), date(2999, 12, 31))


def within(scope: Scope) -> sa.ColumnElement[bool]:
    """The shops a scope sees, as a condition on ``shop``: those of its producers, and the portals, of which it sees its
    own producers' part."""
    return sa.true() if scope.everything else sa.or_(shop.c.producer_id.is_(None), _owned(scope))


def run_by(scope: Scope) -> sa.ColumnElement[bool]:
    """The shops that are a scope's own, as a condition on ``shop``: its producers', and its province's portals."""
    if scope.everything:
        return sa.true()
    if scope.producer_id or scope.commune_code or not scope.province_code:
        return _owned(scope)
    return sa.or_(_owned(scope), sa.and_(shop.c.producer_id.is_(None), shop.c.province_code == scope.province_code))


def _owned(scope: Scope) -> sa.ColumnElement[bool]:
    return shop.c.producer_id.in_(catalog.producer_ids(scope))


def shop_ids(scope: Scope) -> "sa.Select[str]":
    """The ids of the shops a scope sees, as a query inside others."""
    return sa.select(shop.c.id).where(within(scope))


def visible_shops(tx: Tx, scope: Scope) -> tuple[Shop, ...]:
    """The shops of a scope by platform and name."""
    seen = set(tx.execute(shop_ids(scope)).scalars())
    return tuple(one for one in shops.list_shops(tx) if one.id in seen)


def visible_shop(tx: Tx, scope: Scope, shop_id: str) -> Shop:
    """Raises Denied("shop_unknown"), also outside the scope."""
    if tx.execute(shop_ids(scope).where(shop.c.id == shop_id)).first() is None:
        raise Denied("shop_unknown")
    return shops.get_shop(tx, shop_id)


def months(tx: Tx, scope: Scope) -> tuple[date, ...]:
    """The first days of all months that have figures, newest first."""
    tables, where = ledger_rows(EVER, "all", scope)
    days = sa.select(t.ledger.c.day).select_from(tables).where(where).distinct()
    if scope.everything:
        days = sa.select(t.rollup.c.day).distinct()
    return tuple(sorted({day.replace(day=1) for day in tx.execute(days).scalars()}, reverse=True))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which orders: those with ledger entries in ``period``, in this cut. Empty: any."""

    period: Period = EVER
    cut: Cut = "all"
    shop_id: str = ""
    state: str = ""
    product_id: str = ""
    delivered: bool = False  # only those the measure "orders" counts: a delivered line of value in the period
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """Some orders of how many; ``totals`` are those of all of them. ``by_state`` counts them without that filter."""

    rows: tuple[OrderFigures, ...]
    count: int
    totals: Figures
    by_state: Mapping[str, int]


def orders(tx: Tx, scope: Scope, wanted: Wanted, *, limit: int, offset: int) -> OrderPage:
    """The orders of a period, newest first, each with what it added to the figures of that period."""
    found = _found(scope, wanted)
    counted = sa.select(found.c.state, sa.func.count().label("n")).group_by(found.c.state)
    by_state = {row.state: row.n for row in tx.execute(counted)}
    chosen = sa.true() if not wanted.state else found.c.state == wanted.state
    total = tx.execute(sa.select(sa.func.count().label("n"), *sums(found.c)).where(chosen)).one()
    rows = tx.execute(
        sa.select(found).where(chosen)
        .order_by(found.c.placed_at.desc(), found.c.shop_id, found.c.remote_id).limit(limit).offset(offset)
    )  # fmt: skip
    return OrderPage(
        rows=tuple(
            OrderFigures(
                shop_id=row.shop_id, remote_id=row.remote_id, number=row.number or row.remote_id, state=row.state,
                placed_at=row.placed_at, figures=figures_of(row),
            )
            for row in rows
        ),
        count=int(total.n), totals=figures_of(total), by_state=by_state,
    )  # fmt: skip


def _found(scope: Scope, wanted: Wanted) -> "sa.Subquery":
    """Orders with the sums of their entries in the period."""
    led, o = t.ledger.c, t.order.c
    tables, where = ledger_rows(wanted.period, wanted.cut, scope)
    tables = tables.join(t.order, sa.and_(o.shop_id == led.shop_id, o.remote_id == led.remote_id))
    head = (o.shop_id, o.remote_id, o.number, o.state, o.placed_at)
    query = sa.select(*head, *sums(led)).select_from(tables).where(where, *_filters(wanted)).group_by(*head)
    if wanted.delivered:
        of_value = sa.and_(led.event == "delivered", led.gross > 0)
        query = query.having(sa.func.max(sa.case((of_value, 1), else_=0)) == 1)
    return query.subquery()


def _filters(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    led, o = t.ledger.c, t.order.c
    where: list[sa.ColumnElement[bool]] = []
    if wanted.shop_id:
        where.append(led.shop_id == wanted.shop_id)
    if wanted.product_id:
        where.append(led.product_id == wanted.product_id)
    if wanted.number:
        where.append(o.number.contains(wanted.number, autoescape=True))
    return where


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One line of an order's history."""

    event: str
    at: datetime
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class Fee:
    """Money the platform kept, or gave (negative), as its statement names it."""

    kind: str
    amount: Vnd
    label: str


@dataclass(frozen=True, kw_only=True)
class Paid:
    """One settlement of an order."""

    statement_id: str
    settled_at: datetime
    amount: Vnd
    fees: tuple[Fee, ...]


@dataclass(frozen=True, kw_only=True)
class WholeOrder:
    """An order with everything the scope may see of it. ``whole`` False: others' lines and money are left out."""

    shop: Shop
    order: Order
    native_state: str
    history: tuple[Happened, ...]
    entries: tuple[LineEntry, ...]
    payments: tuple[Paid, ...]
    whole: bool


def whole_order(tx: Tx, scope: Scope, shop_id: str, remote_id: str) -> WholeOrder:
    """Raises Denied("shop_unknown" | "not_there"), also outside the scope.

    On a portal a producer sees the lines of its own products only, and nothing that is told of the order as a whole.
    """
    seen = visible_shop(tx, scope, shop_id)
    found = load_orders(tx, shop_id, [remote_id])
    entries = lines_of(tx, shop_id, remote_id, cut="all", scope=scope)
    whole = scope.everything or seen.producer_id is not None
    if not found or not (entries or whole):
        raise Denied("not_there")
    order = found[0]
    if not whole:
        mine = {e.entry.line_id for e in entries}
        order = replace(order, lines=tuple(line for line in order.lines if line.line_id in mine), refunds=())
    o, e, s = t.order.c, t.sale_event.c, t.settlement.c
    native = tx.execute(sa.select(o.native_state).where(o.shop_id == shop_id, o.remote_id == remote_id)).scalar_one()
    happened = sa.select(t.sale_event).where(e.shop_id == shop_id, e.remote_id == remote_id)
    paid = sa.select(t.settlement).where(s.shop_id == shop_id, s.remote_id == remote_id).order_by(s.settled_at)
    return WholeOrder(
        shop=seen,
        order=order,
        native_state=native,
        history=tuple(
            sorted((Happened(event=r.event, at=r.at, seen_at=r.seen_at) for r in tx.execute(happened)), key=_turn)
        ),
        entries=entries,
        payments=tuple(_paid(row) for row in tx.execute(paid)) if whole else (),
        whole=whole,
    )


def _turn(one: Happened) -> tuple[datetime, int, str]:
    """By time; what happened at once in the order of an order's life."""
    return one.at, RANK.get(one.event.removeprefix("state:"), len(RANK)), one.event


def _paid(row: Any) -> Paid:
    fees = tuple(Fee(kind=kind, amount=amount, label=label) for kind, amount, label in row.fees)
    return Paid(statement_id=row.statement_id, settled_at=row.settled_at, amount=row.amount, fees=fees)


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
        where.append(m.shop_id.in_(sa.select(shop.c.id).where(_owned(scope))))
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
