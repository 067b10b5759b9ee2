"""Statements of the platforms: stored as stated, matched to orders, bridged from GMV to money received."""

from hub.sales.store.money import Unmatched, store_settlements, unmatched_settlements

__all__ = ["Unmatched", "store_settlements", "unmatched_settlements"]
