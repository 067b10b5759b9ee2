"""Which shops a scope sees, and the months they have figures for."""

from datetime import date

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.db import Tx
from hub.errors import Denied
from hub.sales import tables as t
from hub.sales.store.seen import ledger_rows
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.tables import shop
from hub.types import day_period

EVER = day_period(date(2000, 1, 1), date(2999, 12, 31))


def within(scope: Scope) -> sa.ColumnElement[bool]:
    """The shops a scope sees, as a condition on ``shop``: those of its producers, and the portals, of which it sees its
    own producers' part."""
    return sa.true() if scope.everything else sa.or_(shop.c.producer_id.is_(None), owned_by(scope))


def run_by(scope: Scope) -> sa.ColumnElement[bool]:
    """The shops that are a scope's own, as a condition on ``shop``: its producers', and its province's portals."""
    if scope.everything:
        return sa.true()
    if scope.producer_id or scope.commune_code or not scope.province_code:
        return owned_by(scope)
    return sa.or_(owned_by(scope), sa.and_(shop.c.producer_id.is_(None), shop.c.province_code == scope.province_code))


def owned_by(scope: Scope) -> sa.ColumnElement[bool]:
    """The shops of a scope's producers, as a condition on ``shop``."""
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
