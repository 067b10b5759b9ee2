"""Asking the channel what it really shows: after a push to confirm it, nightly to find drift."""

import asyncio
from collections.abc import Sequence

from hub.connectors.base import ReadsBack
from hub.connectors.model import Draft
from hub.sync import compare, store
from hub.sync.means import Line, Means
from hub.sync.model import Binding, BindingState
from hub.sync.plan import wanted_drafts
from hub.sync.store import Event, Lease
from hub.types import RemoteId, chunks


async def read_back(
    means: Means, line: Line, lease: Lease, run_id: str, bindings: Sequence[Binding], *, fresh: bool
) -> int:
    """Read listings and judge them against what we sent; answers how many drift.

    ``fresh``: right after our own push, so that a difference is the channel's and not the owner's. Where there is
    nothing to read back, the nightly round still says good day: who is never asked anything would find its sign-in
    run out (Zalo: three months) and nobody would hear that the owner took it back.
    """
    connector = line.connector
    if not isinstance(connector, ReadsBack):
        if not fresh:
            await connector.check()
        return 0
    drifted = 0
    groups = [list(g) for g in chunks([b for b in bindings if b.remote_id], connector.manifest.limits.read_batch)]
    groups.reverse()

    async def worker() -> None:
        nonlocal drifted
        while groups:
            group = groups.pop()
            results = await connector.read([RemoteId(b.remote_id or "") for b in group])
            drafts = await _drafts(means, lease.shop_id, [b.product_id for b in group])
            changed: list[Binding] = []
            events: list[Event] = []
            for binding, result in zip(group, results, strict=True):
                judged = compare.judge(binding, result, drafts.get(binding.product_id), fresh=fresh, now=means.now())
                drifted += judged.state in (BindingState.DRIFTED, BindingState.ASK)
                changed.append(judged)
                if judged.state is not binding.state or judged.shown != binding.shown:
                    events.append(_event(binding, judged))
            known = {b.product_id: b for b in group}
            await means.db.write(store.save, lease, changed, events, known=known, run_id=run_id, now=means.now())

    async with asyncio.TaskGroup() as group:
        for _ in range(min(connector.manifest.limits.parallel, len(groups))):
            group.create_task(worker())
    return drifted


async def _drafts(means: Means, shop_id: str, product_ids: Sequence[str]) -> dict[str, Draft]:
    view = await means.db.read(store.push_view, shop_id, product_ids)
    return wanted_drafts(view, means.ground(view.shop))


def _event(before: Binding, after: Binding) -> Event:
    """What a read-back found, for the listing's history and as proof of a take-down."""
    return Event(
        product_id=after.product_id,
        kind="readback",
        before=None if before.shown is None else {"title": before.shown.title, "state": before.shown.state},
        after=None if after.shown is None else {"title": after.shown.title, "state": after.shown.state},
        answer={"state": after.state.value, "claims": after.claims, "problems": [p.code for p in after.problems]},
    )
