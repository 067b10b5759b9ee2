"""The fast lane: what one shop sold is told to all others at once. Nothing else writes the stock of a listing."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub.catalog import store as catalog
from hub.catalog.model import Stock
from hub.connectors.base import KeepsStock
from hub.db import Tx
from hub.sync import store
from hub.sync.batches import packed
from hub.sync.draft import shelf_key
from hub.sync.means import Line, Means
from hub.sync.model import Binding, SetStock
from hub.sync.plan import plan_stock
from hub.sync.push import Push, Tally
from hub.sync.store import Event, Lease, Mark
from hub.types import Sku


@dataclass(frozen=True, kw_only=True)
class Due:
    """What a shop must be told: marks, the listings concerned and what is on the shelf, by product."""

    marks: Mapping[str, Mark]
    bindings: Mapping[str, Binding]
    shelves: Mapping[str, Sequence[tuple[Sku, Stock]]]

    def commands(self) -> list[SetStock]:
        """Absolute numbers for the listings that are out and visible and were told others. Pure.

        A platform that sold by itself shows another number than we told it last, so it is told whatever that was.
        """
        found: list[SetStock] = []
        for product_id, mark in self.marks.items():
            binding = self.bindings.get(product_id)
            if binding is None or not binding.visible:
                continue
            told = replace(binding, stock_key="") if mark.own else binding
            found.extend(plan_stock(told, shelf_key(self.shelves.get(product_id, ()))))
        return [one for one in found if one.levels]


async def push_stock(means: Means, line: Line, lease: Lease, run_id: str, *, limit: int = 500) -> Tally:
    """The fast lane: tell the shop the stock of the listings that are due, as it is now, in absolute numbers.

    A listing is forgotten only when it was told, or needs no telling, or a person must act.
    """
    push = Push(means, line, lease, run_id)
    connector = line.connector
    due = await means.db.read(_due, lease.shop_id, limit)
    if not isinstance(connector, KeepsStock) or not due.marks:
        return push.tally
    busy = due.commands()
    push.tally.total = len(busy)
    groups = packed(busy, [len(c.levels) for c in busy], connector.manifest.limits.stock_batch)
    groups.reverse()
    if idle := due.marks.keys() - {c.product_id for c in busy}:
        await means.db.write(store.clear_stock_due, lease.shop_id, {key: due.marks[key] for key in idle})

    async def worker() -> None:
        while groups:
            group = groups.pop()
            results = await connector.set_stock([level for c in group for level in c.levels])
            changed, events, later = push.levelled(group, results, due.bindings, kind="stock")
            told = {c.product_id: due.marks[c.product_id] for c in group if c.product_id not in later}
            await means.db.write(_note, lease, changed, events, due.bindings, told, run_id, means.now())
            push.tally.done += len(told)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(min(connector.manifest.limits.parallel, len(groups))):
            tasks.create_task(worker())
    return push.tally


def _due(tx: Tx, shop_id: str, limit: int) -> Due:
    """One snapshot of what must be told and what there is."""
    marks = store.stock_due(tx, shop_id, limit)
    if not marks:
        return Due(marks={}, bindings={}, shelves={})
    bindings = {b.product_id: b for b in store.some_bindings(tx, shop_id, list(marks))}
    return Due(marks=marks, bindings=bindings, shelves=catalog.shelves(tx, list(marks)))


def _note(
    tx: Tx, lease: Lease, changed: Sequence[Binding], events: Sequence[Event], known: Mapping[str, Binding],
    told: Mapping[str, Mark], run_id: str, now: datetime,
) -> None:  # fmt: skip
    """What the shop took, and that it need not be told again, in one transaction."""
    store.save(tx, lease, changed, events, known=known, run_id=run_id, now=now)
    store.clear_stock_due(tx, lease.shop_id, told)
