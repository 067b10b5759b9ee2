"""The figures of a period per shop: sums from the rollups, or from the ledger where only a part may be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import tables as c
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.ledger import DELIVERED, ENDED, GONE_OUT
from hub.sales.model import Cut
from hub.sales.share import Quantity, add_up, quantity
from hub.sales.store.seen import in_days, ledger_rows, of_cut, of_scope, subject, sums
from hub.shops import tables as s
from hub.types import Period, Vnd


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The measures of reporting.md 0.1, summed; ``net`` = gross - voucher - refund."""

    gmv_placed: Vnd = 0
    gmv: Vnd = 0
    gross: Vnd = 0
    voucher: Vnd = 0
    refund: Vnd = 0
    units: int = 0

    @property
    def net(self) -> Vnd:
        return self.gross - self.voucher - self.refund


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Orders placed in the period, and what had become of them."""

    placed: int = 0
    cancelled: int = 0
    shipped: int = 0
    failed: int = 0
    delivered: int = 0
    returned: int = 0


@dataclass(frozen=True, kw_only=True)
class ShopCard:
    """A shop as a report names it."""

    id: str
    platform: str
    name: str
    kind: str
    producer_id: str | None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a shop sold, by family of units. ``unknown_units``: net quantity not known, in no family."""

    quantities: tuple[Quantity, ...] = ()
    unknown_units: int = 0


def shops_in(tx: Tx, scope: Scope) -> tuple[ShopCard, ...]:
    """Shops of producers in scope, and the portals, where others' products are simply left out of the sums."""
    where = sa.true() if scope.everything else sa.or_(
        s.shop.c.producer_id.is_(None), of_scope(scope, s.shop.c.producer_id)
    )  # fmt: skip
    return tuple(
        ShopCard(id=r.id, platform=r.platform, name=r.name, kind=r.channel_kind, producer_id=r.producer_id)
        for r in tx.execute(sa.select(s.shop).where(where).order_by(s.shop.c.platform, s.shop.c.name, s.shop.c.id))
    )


def figures_by_shop(tx: Tx, period: Period, cut: Cut, scope: Scope) -> Mapping[str, Figures]:
    """Sums per shop; shops without any entry are left out."""
    if scope.everything:
        r = t.rollup.c
        query = sa.select(r.shop_id, *sums(r)).where(in_days(period, r.day), of_cut(cut, r.stars)).group_by(r.shop_id)
    else:
        tables, where = ledger_rows(period, cut, scope)
        query = sa.select(t.ledger.c.shop_id, *sums(t.ledger.c)).select_from(tables).where(where)
        query = query.group_by(t.ledger.c.shop_id)
    return {r.shop_id: figures_of(r) for r in tx.execute(query)}


def figures_of(row: Any) -> Figures:
    """A row with the six measures."""
    return Figures(gmv_placed=row.gmv_placed, gmv=row.gmv, gross=row.gross, voucher=row.voucher, refund=row.refund,
                   units=row.units)  # fmt: skip


def orders_by_shop(tx: Tx, period: Period, cut: Cut, scope: Scope) -> Mapping[str, int]:
    """Distinct orders with a delivered line of value, per shop."""
    if scope.everything:
        r = t.rollup_orders.c
        count = sa.cast(sa.func.sum(r.delivered), sa.BigInteger).label("orders")
        query = sa.select(r.shop_id, count).where(in_days(period, r.day), r.cut == cut).group_by(r.shop_id)
    else:
        tables, where = ledger_rows(period, cut, scope)
        ledger = t.ledger.c
        query = sa.select(ledger.shop_id, sa.func.count(sa.distinct(ledger.remote_id)).label("orders"))
        query = query.select_from(tables).where(where, ledger.event == "delivered", ledger.gross > 0)
        query = query.group_by(ledger.shop_id)
    return {r.shop_id: int(r.orders) for r in tx.execute(query)}


def settled_by_shop(tx: Tx, period: Period, scope: Scope) -> Mapping[str, Vnd]:
    """What the platforms paid in the period. Statements are per order: a portal's are shown to nobody in part."""
    m = t.settlement.c
    query = (
        sa.select(m.shop_id, sa.cast(sa.func.sum(m.amount), sa.BigInteger).label("amount"))
        .join(s.shop, s.shop.c.id == m.shop_id)
        .where(m.settled_at >= period.start, m.settled_at < period.end, of_scope(scope, s.shop.c.producer_id))
        .group_by(m.shop_id)
    )
    return {r.shop_id: r.amount for r in tx.execute(query)}


def cohorts_by_shop(tx: Tx, period: Period, cut: Cut, scope: Scope) -> Mapping[str, Cohort]:
    """What became of the orders placed in the period, counted per shop."""
    o, ledger = t.order.c, t.ledger.c
    mine = sa.and_(ledger.shop_id == o.shop_id, ledger.remote_id == o.remote_id)
    counted = sa.exists().where(mine, of_cut(cut, ledger.stars), of_scope(scope, subject(ledger.producer_id)))
    # exists() would add the shop to its own FROM; the outer query's shop is meant
    counted = counted.correlate(t.order, s.shop)
    went = sa.or_(o.shipped_at.is_not(None), o.delivered_at.is_not(None))
    refunded = sa.exists().where(t.refund.c.shop_id == o.shop_id, t.refund.c.remote_id == o.remote_id)
    states = {
        "cancelled": sa.and_(o.state == "cancelled", ~went),
        "shipped": sa.or_(went, o.state.in_(sorted(GONE_OUT))),
        "failed": sa.or_(o.state == "failed_delivery", sa.and_(o.state.in_(sorted(ENDED)), went)),
        "delivered": o.state.in_(sorted(DELIVERED)),
        "returned": sa.and_(o.state.in_(sorted(DELIVERED)), refunded.correlate(t.order)),
    }
    counts = [sa.func.sum(sa.case((state, 1), else_=0)).label(name) for name, state in states.items()]
    query = (
        sa.select(o.shop_id, sa.func.count().label("placed"), *counts)
        .join(s.shop, s.shop.c.id == o.shop_id)
        .where(o.placed_at >= period.start, o.placed_at < period.end, counted)
        .group_by(o.shop_id)
    )
    return {
        r.shop_id: Cohort(placed=r.placed, cancelled=int(r.cancelled), shipped=int(r.shipped), failed=int(r.failed),
                          delivered=int(r.delivered), returned=int(r.returned))
        for r in tx.execute(query)
    }  # fmt: skip


def restated_by_shop(tx: Tx, period: Period, cut: Cut, scope: Scope) -> Mapping[str, Figures]:
    """Everything that orders placed in the period came to, on whatever day it happened."""
    ledger, o = t.ledger.c, t.order.c
    tables = t.ledger.join(s.shop, s.shop.c.id == ledger.shop_id).join(
        t.order, sa.and_(o.shop_id == ledger.shop_id, o.remote_id == ledger.remote_id)
    )
    query = (
        sa.select(ledger.shop_id, *sums(ledger))
        .select_from(tables)
        .where(o.placed_at >= period.start, o.placed_at < period.end, of_cut(cut, ledger.stars))
        .where(of_scope(scope, subject(ledger.producer_id)))
        .group_by(ledger.shop_id)
    )
    return {r.shop_id: figures_of(r) for r in tx.execute(query)}


def measured_by_shop(tx: Tx, period: Period, cut: Cut, scope: Scope) -> Mapping[str, Measured]:
    """Units delivered less units returned, as kilograms, litres and pieces."""
    ledger, line, v = t.ledger.c, t.line.c, c.variant.c
    tables, where = ledger_rows(period, cut, scope)
    tables = tables.outerjoin(
        t.line,
        sa.and_(
            line.shop_id == ledger.shop_id, line.remote_id == ledger.remote_id, line.line_id == ledger.line_id
        ),
    ).outerjoin(c.variant, v.id == sa.case((ledger.part != "", ledger.part), else_=line.variant_id))  # fmt: skip
    units = sa.cast(sa.func.sum(ledger.units), sa.BigInteger).label("units")
    query = sa.select(ledger.shop_id, v.net_quantity, v.unit, units).select_from(tables)
    query = query.where(where, ledger.units != 0).group_by(ledger.shop_id, v.net_quantity, v.unit)
    found: dict[str, list[Quantity]] = {}
    unknown: dict[str, int] = {}
    for r in tx.execute(query):
        amount = quantity(r.net_quantity or "", r.unit or "", r.units)
        if amount is None:
            unknown[r.shop_id] = unknown.get(r.shop_id, 0) + r.units
        else:
            found.setdefault(r.shop_id, []).append(amount)
    return {
        shop_id: Measured(quantities=add_up(found.get(shop_id, ())), unknown_units=unknown.get(shop_id, 0))
        for shop_id in found.keys() | unknown.keys()
    }


def sellers(tx: Tx, period: Period, cut: Cut, scope: Scope) -> frozenset[str]:
    """Producers with a delivered sale in the period: the shop's, on a portal the products'."""
    tables, where = ledger_rows(period, cut, scope)
    who = subject(t.ledger.c.producer_id)
    query = sa.select(who).select_from(tables).where(where, t.ledger.c.gross > 0, who.is_not(None)).distinct()
    return frozenset(tx.execute(query).scalars())
