"""The sales' SQL: orders in, figures kept, money matched, reports read. One file per noun."""

from hub.sales.store.figures import Difference, rebuild_figures
from hub.sales.store.goods import Resolve
from hub.sales.store.orders import IngestResult, upsert_orders
from hub.sales.store.rows import load_entries, load_orders

__all__ = ["Difference", "IngestResult", "Resolve", "load_entries", "load_orders", "rebuild_figures", "upsert_orders"]
