"""Orders of a period, and one order with everything the hub knows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.db import Tx
from hub.errors import Denied
from hub.sales import tables as t
from hub.sales.browse.shops import EVER, visible_shop
from hub.sales.ledger import RANK
from hub.sales.model import Cut, Order
from hub.sales.store.drill import LineEntry, OrderFigures, lines_of
from hub.sales.store.reads import Figures, figures_of
from hub.sales.store.rows import load_orders
from hub.sales.store.seen import ledger_rows, sums
from hub.shops.model import Shop
from hub.types import Period, Vnd


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
