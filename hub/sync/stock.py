"""The fast lane: what one shop sold is told to all others at once. Nothing else writes the stock of a listing."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from hub.connectors.base import KeepsStock
from hub.db import Tx
from hub.sync import store
from hub.sync.means import Line, Means
from hub.sync.model import Binding, PushView, SetStock
from hub.sync.plan import plan
from hub.sync.push import Push, Tally, packed
from hub.sync.store import Lease, Mark


async def push_stock(means: Means, line: Line, lease: Lease, run_id: str, *, limit: int = 500) -> Tally:
    """The fast lane: tell the shop the stock of the listings that are due; plan afresh, send absolute numbers.

    A listing is forgotten only when it was told, or needs no telling, or a person must act.
    """
    push = Push(means, line, lease, run_id)
    connector = line.connector
    due, view = await means.db.read(_due, lease.shop_id, limit)
    if not isinstance(connector, KeepsStock) or view is None:
        return push.tally
    view = replace(view, bindings={key: _untold(b, due[key]) for key, b in view.bindings.items()})
    commands = [c for c in plan(view, means.ground(view.shop), allow_mass_withdraw=True) if isinstance(c, SetStock)]
    push.tally.total = len(commands)
    busy = [c for c in commands if c.levels]
    groups = packed(busy, [len(c.levels) for c in busy], connector.manifest.limits.stock_batch)
    groups.reverse()
    if idle := due.keys() - {c.product_id for c in busy}:
        await means.db.write(store.clear_stock_due, lease.shop_id, {key: due[key] for key in idle})

    async def worker() -> None:
        while groups:
            group = groups.pop()
            results = await connector.set_stock([level for c in group for level in c.levels])
            known = {b.product_id: b for b in await push.bindings([c.product_id for c in group])}
            later = await push.levelled(group, results, known, kind="stock")
            told = {c.product_id: due[c.product_id] for c in group if c.product_id not in later}
            await means.db.write(store.clear_stock_due, lease.shop_id, told)
            push.tally.done += len(told)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(min(connector.manifest.limits.parallel, len(groups))):
            tasks.create_task(worker())
    return push.tally


def _due(tx: Tx, shop_id: str, limit: int) -> tuple[Mapping[str, Mark], PushView | None]:
    """What must be told, and the planner's view of it; None when nothing must."""
    due = store.stock_due(tx, shop_id, limit)
    return due, store.push_view(tx, shop_id, list(due)) if due else None


def _untold(binding: Binding, mark: Mark) -> Binding:
    """A platform that sold by itself shows another number than we told it last."""
    return replace(binding, stock_key="") if mark.own else binding
