"""Reads of what was sold for people: each takes a :class:`~hub.access.Scope` and answers nothing beyond it.

The orders of a period are those that added something to its figures, so that a list adds up to the figure it opens.
"""

from hub.sales.browse.money import (
    DayRevenue,
    Statement,
    StatementPage,
    Told,
    daily_revenue,
    declarations,
    declared_around,
    statements,
)
from hub.sales.browse.orders import OrderPage, Wanted, WholeOrder, orders, whole_order
from hub.sales.browse.shops import months, run_by, shop_ids, visible_shop, visible_shops

__all__ = [
    "DayRevenue",
    "OrderPage",
    "Statement",
    "StatementPage",
    "Told",
    "Wanted",
    "WholeOrder",
    "daily_revenue",
    "declarations",
    "declared_around",
    "months",
    "orders",
    "run_by",
    "shop_ids",
    "statements",
    "visible_shop",
    "visible_shops",
    "whole_order",
]
