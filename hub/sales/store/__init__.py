"""The sales' SQL: orders in, figures kept, money matched, reports read. One file per noun."""

from hub.sales.store.figures import Difference, rebuild_figures
from hub.sales.store.goods import Resolve
from hub.sales.store.orders import AsSold, IngestResult, upsert_orders
from hub.sales.store.restamp import orders_of_products, orders_of_unknown_goods, restamp
from hub.sales.store.rows import load_entries, load_orders, orders_changed

__all__ = [
    "AsSold",
    "Difference",
    "IngestResult",
    "Resolve",
    "load_entries",
    "load_orders",
    "orders_changed",
    "orders_of_products",
    "orders_of_unknown_goods",
    "rebuild_figures",
    "restamp",
    "upsert_orders",
]
