"""V08: from GMV to money received, for the orders placed in a period, one row per shop; it ties to the dong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.ledger import DELIVERED
from hub.sales.store.reads import figures_of
from hub.sales.store.seen import of_scope, sums
from hub.shops import tables as s
from hub.types import Period, Vnd

UNNAMED = frozenset({"other", "adjustment"})
Lines = list[tuple[str, Vnd]]
"""Statement lines of one order: (kind, amount taken off)."""


@dataclass(frozen=True, kw_only=True)
class Bridge:
    """gmv_placed - cancelled - failed - under_way - discounts - returned - vouchers = net;
    net - awaiting - fees - difference = settled.

    ``under_way``: not delivered yet. ``discounts``: shown less charged price. ``awaiting``: net of delivered orders
    that no statement has named yet. ``difference``: what statements do not explain; ``untied``: the orders with
    more than a dong of it.
    """

    shop_id: str
    gmv_placed: Vnd = 0
    cancelled: Vnd = 0
    failed: Vnd = 0
    under_way: Vnd = 0
    discounts: Vnd = 0
    returned: Vnd = 0
    vouchers: Vnd = 0
    net: Vnd = 0
    awaiting: Vnd = 0
    fees: tuple[tuple[str, Vnd], ...] = ()
    settled: Vnd = 0
    difference: Vnd = 0
    untied: tuple[str, ...] = ()


@dataclass(kw_only=True)
class _Sum:
    """A bridge under construction."""

    amounts: dict[str, int] = field(default_factory=dict)
    fees: dict[str, int] = field(default_factory=dict)
    untied: list[str] = field(default_factory=list)

    def add(self, name: str, amount: int) -> None:
        self.amounts[name] = self.amounts.get(name, 0) + amount


def bridges(tx: Tx, period: Period, *, scope: Scope) -> tuple[Bridge, ...]:
    """The bridge of every shop in scope with orders placed in the period."""
    statements = _statements(tx, period, scope)
    found: dict[str, _Sum] = {}
    for row in tx.execute(_orders(period, scope)):
        _cross(found.setdefault(row.shop_id, _Sum()), row, statements.get((row.shop_id, row.remote_id)))
    return tuple(
        Bridge(shop_id=shop_id, fees=tuple(sorted(x.fees.items())), untied=tuple(sorted(x.untied)), **x.amounts)
        for shop_id, x in sorted(found.items())
    )


def _cross(into: _Sum, row: Any, statement: tuple[Vnd, Lines] | None) -> None:
    """One order over the bridge."""
    f = figures_of(row)
    into.add("gmv_placed", f.gmv_placed)
    into.add("cancelled", f.gmv_placed - f.gmv)
    if row.state in DELIVERED:
        into.add("discounts", f.gmv - f.gross)
    elif row.state in ("failed_delivery", "cancelled"):
        into.add("failed", f.gmv)
    else:
        into.add("under_way", f.gmv)
    into.add("returned", f.refund)
    into.add("vouchers", f.voucher)
    into.add("net", f.net)
    if statement is None:
        into.add("awaiting", f.net)
        return
    settled, lines = statement
    fees = own_fees(lines, (f.refund, f.gmv - f.gross))
    for kind, amount in fees:
        into.fees[kind] = into.fees.get(kind, 0) + amount
    difference = f.net - sum(amount for _, amount in fees) - settled
    into.add("settled", settled)
    into.add("difference", difference)
    if abs(difference) > 1:
        into.untied.append(row.remote_id)


def own_fees(lines: Lines, taken_off: Iterable[Vnd]) -> Lines:
    """The lines that take money off which net still holds.

    Statements often begin with the shown price and repeat as lines what net has lost already: seller's vouchers, and
    refunds or discounts, which have no kind of their own and are known by being the same to the dong (``taken_off``).
    """
    own = [line for line in lines if line[0] != "voucher"]
    for amount in taken_off:
        same = next((line for line in own if amount and line[0] in UNNAMED and line[1] == amount), None)
        if same is not None:
            own.remove(same)
    return own


def _placed(period: Period, scope: Scope) -> Any:
    o = t.order.c
    return sa.and_(
        o.placed_at >= period.start, o.placed_at < period.end, of_scope(scope, s.shop.c.producer_id), ~o.test
    )  # fmt: skip


def _orders(period: Period, scope: Scope) -> Any:
    o, ledger = t.order.c, t.ledger.c
    return (
        sa.select(o.shop_id, o.remote_id, o.state, *sums(ledger))
        .join(s.shop, s.shop.c.id == o.shop_id)
        .join(t.ledger, sa.and_(ledger.shop_id == o.shop_id, ledger.remote_id == o.remote_id))
        .where(_placed(period, scope))
        .group_by(o.shop_id, o.remote_id, o.state)
    )


def _statements(tx: Tx, period: Period, scope: Scope) -> Mapping[tuple[str, str], tuple[Vnd, Lines]]:
    """Settled amount and lines of each order placed in the period, over all its statements."""
    m, o = t.settlement.c, t.order.c
    query = (
        sa.select(m.shop_id, m.remote_id, m.amount, m.fees)
        .join(t.order, sa.and_(o.shop_id == m.shop_id, o.remote_id == m.remote_id))
        .join(s.shop, s.shop.c.id == m.shop_id)
        .where(_placed(period, scope))
    )
    found: dict[tuple[str, str], tuple[Vnd, Lines]] = {}
    for row in tx.execute(query):
        key = (row.shop_id, row.remote_id)
        amount, lines = found.get(key, (0, []))
        found[key] = (amount + row.amount, [*lines, *((kind, taken) for kind, taken, _label in row.fees)])
    return found
