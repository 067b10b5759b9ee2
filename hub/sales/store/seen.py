"""What a person may see of the figures, and which cut, as conditions on ledger rows."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import tables as c
from hub.sales import tables as t
from hub.sales.model import Cut
from hub.shops import tables as s
from hub.types import Period, local_date

MEASURES = ("gmv_placed", "gmv", "gross", "voucher", "refund", "units")


def local_days(period: Period) -> tuple[date, date]:
    """First and last local day of a period."""
    return local_date(period.start), local_date(period.end - timedelta(microseconds=1))


def allowed_producers(scope: Scope) -> Any:
    """The ids of the producers a scope allows, as a sub-query; the same rule as :meth:`Scope.allows_producer`."""
    p = c.producer.c
    if scope.producer_id:
        where = p.id == scope.producer_id
    elif scope.commune_code:
        where = p.commune_code == scope.commune_code
    elif scope.province_code:
        where = p.province_code == scope.province_code
    else:
        where = sa.false()
    return sa.select(p.id).where(where)


def of_scope(scope: Scope, producer_id: Any) -> Any:
    """Rows of producers in scope."""
    return sa.true() if scope.everything else producer_id.in_(allowed_producers(scope))


def subject(producer_id: Any) -> Any:
    """Whose sale it is: the shop's producer; on a portal, which has none, the product's."""
    return sa.func.coalesce(s.shop.c.producer_id, producer_id)


def of_cut(cut: Cut, stars: Any) -> Any:
    """``ocop``: a certificate was in force at the order's time."""
    return sa.true() if cut == "all" else stars > 0


def in_days(period: Period, day: Any) -> Any:
    """Rows of the period's local days."""
    first, last = local_days(period)
    return day.between(first, last)


def ledger_rows(period: Period, cut: Cut, scope: Scope) -> tuple[Any, Any]:
    """(FROM ledger and shop, WHERE) of all entries behind the figures of a period."""
    ledger = t.ledger.c
    tables = t.ledger.join(s.shop, s.shop.c.id == ledger.shop_id)
    return tables, sa.and_(
        in_days(period, ledger.day), of_cut(cut, ledger.stars), of_scope(scope, subject(ledger.producer_id))
    )


def sums(columns: Any) -> list[Any]:
    """The six measures, summed, as whole numbers."""
    return [sa.cast(sa.func.coalesce(sa.func.sum(columns[name]), 0), sa.BigInteger).label(name) for name in MEASURES]
