"""The ledger and the daily rollups: kept in the ingest transaction, rebuilt on demand, equal to the dong."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from hub.bulk import add_rows, insert_rows
from hub.db import Tx
from hub.sales import ledger
from hub.sales import tables as t
from hub.sales.model import CountChange, Entry, Order, RollupChange
from hub.sales.store.rows import load_entries, walk_orders

_MEASURES = ("gmv_placed", "gmv", "gross", "voucher", "refund", "units")
_COLUMNS = (
    "shop_id", "remote_id", "line_id", "event", "part", "day", "product_id", "producer_id", "stars", *_MEASURES
)  # fmt: skip
_row = attrgetter(
    "shop_id", "order_id", "line_id", "event", "part", "day", "product_id", "producer_id", "stars", *_MEASURES
)  # fmt: skip
_KEY = ("shop_id", "remote_id", "line_id", "event", "part")
_ROLLUP_KEY = ("day", "shop_id", "product_id", "stars")
_COUNT_KEY = ("day", "shop_id", "cut")


def replace_entries(tx: Tx, *, fresh: Sequence[Order], altered: Sequence[Order]) -> None:
    """Bring ledger and rollups to the orders' present content. ``fresh`` ones have no entries yet."""
    new = [e for o in fresh for e in ledger.entries(o)]
    insert_rows(tx, t.ledger, _COLUMNS, [_row(e) for e in new])
    old: tuple[Entry, ...] = ()
    if altered:
        old = load_entries(tx, altered[0].shop_id, [o.remote_id for o in altered])
        now = [e for o in altered for e in ledger.entries(o)]
        _exchange(tx, old, now)
        new += now
    _roll(tx, *ledger.delta(old, new))


def _exchange(tx: Tx, old: Iterable[Entry], new: Iterable[Entry]) -> None:
    """Only rows that differ are written."""
    before, after = set(old), set(new)
    _delete(tx, before - after)
    insert_rows(tx, t.ledger, _COLUMNS, [_row(e) for e in after - before])


def _delete(tx: Tx, entries: Collection[Entry]) -> None:
    if not entries:
        return
    s = t.ledger.c
    this = sa.and_(*(s[name] == sa.bindparam(f"k_{name}") for name in _KEY))
    tx.execute(
        t.ledger.delete().where(this),
        [
            {"k_shop_id": e.shop_id, "k_remote_id": e.order_id, "k_line_id": e.line_id, "k_event": e.event,
             "k_part": e.part}
            for e in entries
        ],
    )  # fmt: skip


def _roll(tx: Tx, changes: Sequence[RollupChange], counts: Sequence[CountChange]) -> None:
    add_rows(
        tx, t.rollup, (*_ROLLUP_KEY, *_MEASURES),
        [(c.day, c.shop_id, c.product_id, c.stars, c.gmv_placed, c.gmv, c.gross, c.voucher, c.refund, c.units)
         for c in changes],
        key=_ROLLUP_KEY,
    )  # fmt: skip
    add_rows(
        tx, t.rollup_orders, (*_COUNT_KEY, "placed", "delivered"),
        [(c.day, c.shop_id, c.cut, c.placed, c.delivered) for c in counts], key=_COUNT_KEY,
    )  # fmt: skip


# ---- rebuilding --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One kept figure that is not what the stored orders give. ``key`` names the row, missing rows count as zero."""

    table: str
    key: tuple[str, ...]
    kept: tuple[int, ...]
    rebuilt: tuple[int, ...]


def rebuild_figures(tx: Tx, *, fix: bool = False) -> tuple[Difference, ...]:
    """Recompute ledger and rollups from the stored orders and compare; ``fix`` writes the right figures."""
    found: list[Difference] = []
    shops = list(tx.execute(sa.select(t.order.c.shop_id).distinct().order_by(t.order.c.shop_id)).scalars())
    shops += [s for s in tx.execute(sa.select(t.rollup.c.shop_id).distinct()).scalars() if s not in shops]
    for shop_id in shops:
        found += _rebuild_shop(tx, shop_id, fix)
    return tuple(found)


def _rebuild_shop(tx: Tx, shop_id: str, fix: bool) -> list[Difference]:
    found: list[Difference] = []
    rollups: dict[tuple[Any, ...], tuple[int, ...]] = {}
    counts: dict[tuple[Any, ...], tuple[int, ...]] = {}
    for group in walk_orders(tx, shop_id):
        right = [e for o in group for e in ledger.entries(o)]
        kept = load_entries(tx, shop_id, [o.remote_id for o in group])
        found += _compare_entries(kept, right)
        if fix:
            _exchange(tx, kept, right)
        changes, counted = ledger.delta((), right)
        for c in changes:
            _sum(rollups, (c.day, c.shop_id, c.product_id, c.stars),
                 (c.gmv_placed, c.gmv, c.gross, c.voucher, c.refund, c.units))  # fmt: skip
        for n in counted:
            _sum(counts, (n.day, n.shop_id, n.cut), (n.placed, n.delivered))
    found += _compare_rollup(tx, t.rollup, _ROLLUP_KEY, _MEASURES, shop_id, rollups, fix)
    found += _compare_rollup(tx, t.rollup_orders, _COUNT_KEY, ("placed", "delivered"), shop_id, counts, fix)
    return found


def _sum(sums: dict[tuple[Any, ...], tuple[int, ...]], key: tuple[Any, ...], values: tuple[int, ...]) -> None:
    before = sums.get(key)
    sums[key] = values if before is None else tuple(a + b for a, b in zip(before, values, strict=True))


def _measures(e: Entry | None) -> tuple[int, ...]:
    return (0,) * 6 if e is None else (e.gmv_placed, e.gmv, e.gross, e.voucher, e.refund, e.units)


def _compare_entries(kept: Iterable[Entry], right: Iterable[Entry]) -> list[Difference]:
    def key(e: Entry) -> tuple[str, ...]:
        return (e.shop_id, e.order_id, e.line_id, e.event, e.part)

    have, want = {key(e): e for e in kept}, {key(e): e for e in right}
    return [
        Difference(table="ledger", key=k, kept=_measures(have.get(k)), rebuilt=_measures(want.get(k)))
        for k in sorted(have.keys() | want.keys())
        if have.get(k) != want.get(k)
    ]


def _compare_rollup(
    tx: Tx,
    table: sa.Table,
    key: Sequence[str],
    measures: Sequence[str],
    shop_id: str,
    right: dict[tuple[Any, ...], tuple[int, ...]],
    fix: bool,
) -> list[Difference]:
    kept = {
        tuple(row[: len(key)]): tuple(row[len(key) :])
        for row in tx.execute(
            sa.select(*(table.c[n] for n in (*key, *measures))).where(table.c.shop_id == shop_id)
        ).all()
    }
    zero = (0,) * len(measures)
    found = [
        Difference(
            table=table.name, key=tuple(v.isoformat() if isinstance(v, date) else str(v) for v in k),
            kept=kept.get(k, zero), rebuilt=right.get(k, zero),
        )
        for k in sorted(kept.keys() | right.keys()) if kept.get(k, zero) != right.get(k, zero)
    ]  # fmt: skip
    if fix and found:
        tx.execute(table.delete().where(table.c.shop_id == shop_id))
        insert_rows(tx, table, (*key, *measures), [(*k, *v) for k, v in sorted(right.items())])
    return found
