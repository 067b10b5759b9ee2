"""The synchronisation's SQL, one file per noun."""

from hub.sync.store.bindings import (
    Event,
    bindings,
    problem_rows,
    push_view,
    save,
    sku_by_remote,
    some_bindings,
    to_binding,
)
from hub.sync.store.cursors import Cursor, complete_up_to, cursor, save_cursor
from hub.sync.store.cuts import clear_cut, cuts, cuts_of, put_cut
from hub.sync.store.hints import (
    announced,
    close_hints,
    close_hints_about,
    count_hint,
    hear,
    leave_quarantine,
    open_hints,
    put_in_quarantine,
    quarantined,
)
from hub.sync.store.leases import LEASE, Lease, give_lease, hold, take_lease
from hub.sync.store.marks import Mark, clear_stock_due, mark_listings_due, mark_stock_due, stock_due
from hub.sync.store.prices import add_promotion, end_promotion, prices_of, set_fees, set_rule, turn_prices
from hub.sync.store.runs import abandon_runs, end_run, progress_run, runs, start_run

__all__ = [
    "LEASE",
    "Cursor",
    "Event",
    "Lease",
    "Mark",
    "abandon_runs",
    "add_promotion",
    "announced",
    "bindings",
    "clear_cut",
    "clear_stock_due",
    "close_hints",
    "close_hints_about",
    "complete_up_to",
    "count_hint",
    "cursor",
    "cuts",
    "cuts_of",
    "end_promotion",
    "end_run",
    "give_lease",
    "hear",
    "hold",
    "leave_quarantine",
    "mark_listings_due",
    "mark_stock_due",
    "open_hints",
    "prices_of",
    "problem_rows",
    "progress_run",
    "push_view",
    "put_cut",
    "put_in_quarantine",
    "quarantined",
    "runs",
    "save",
    "save_cursor",
    "set_fees",
    "set_rule",
    "sku_by_remote",
    "some_bindings",
    "start_run",
    "stock_due",
    "take_lease",
    "to_binding",
    "turn_prices",
]
