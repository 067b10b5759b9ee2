"""One job on one shop, from lease to outcome. The one table that says what each failure means stands here.

| failure | what follows |
|---|---|
| Unreachable | the run is *unfinished*; the job comes back later, later each time |
| Throttled | the run is *unfinished*; back after the seconds asked for, no attempt counted |
| Unauthorised | the shop *needs its owner*, its schedule rests |
| Refused | *refused*; that thing ends, a person is told what to fix |
| Vanished | *partial*; asked about, never recreated silently |
| Garbled | *failed*; ours to mend, a redacted sample is kept |
| LeaseLost | nothing is written; the other worker's run counts |
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from hub.db import Tx
from hub.errors import (
    Garbled,
    HubError,
    LeaseLost,
    Refused,
    RemoteError,
    Throttled,
    Unauthorised,
    Unreachable,
    Vanished,
)
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import due, pull, store
from hub.sync.means import Line, Means
from hub.sync.model import BindingState, JobKind, Lane, Problem, RunResult
from hub.sync.push import Push, Tally, push_stock
from hub.sync.readback import read_back
from hub.sync.store import Lease


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What a failure of a whole run means."""

    result: RunResult
    counts: bool = True  # as an attempt: the next one waits longer
    needs_owner: bool = False


CONSEQUENCES: Mapping[type[HubError], Consequence] = {
    Unreachable: Consequence(result="unfinished"),
    Throttled: Consequence(result="unfinished", counts=False),
    Unauthorised: Consequence(result="refused", needs_owner=True),
    Refused: Consequence(result="refused"),
    Vanished: Consequence(result="partial"),
    Garbled: Consequence(result="failed"),
}

Job = Callable[[Means, Line, Lease, Shop, str], Awaitable[Tally]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a run; ``None`` as run id: the shop was busy, paused or waits for its owner."""

    run_id: str | None
    result: RunResult
    tally: Tally


async def _push(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    return await Push(means, line, lease, run_id).run()


async def _gates(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Claims that fell away and goods that may no longer be sold: the fast lane, nothing else."""
    return await Push(means, line, lease, run_id, urgent=True).run()


async def _stock(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    return await push_stock(means, line, lease, run_id)


async def _readback(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Nightly: what does the channel show of everything we hold confirmed?"""
    states = [BindingState.CONFIRMED, BindingState.ACCEPTED, BindingState.SENT, BindingState.WITHDRAWN]
    held = await means.db.read(store.bindings, shop.id, states)
    drifted = await read_back(means, line, lease, run_id, held, fresh=False)
    problems = [Problem(code="listings_drifted", facts={"count": drifted})] if drifted else []
    return Tally(total=len(held), done=len(held), problems=problems)


JOBS: Mapping[JobKind, Job] = {
    "push": _push,
    "gates": _gates,
    "stock": _stock,
    "pull": pull.pull_orders,
    "hint": pull.follow_hints,
    "money": pull.pull_money,
    "readback": _readback,
}


async def work(means: Means, lane: Lane, shop_id: str, kind: JobKind, *, job: Job | None = None) -> Report:
    """Run one job on one shop if it is free; the outcome is a row that people see, and the job's next time."""
    shop = await means.db.read(shops.get_shop, shop_id)
    idle = Report(run_id=None, result="unfinished", tally=Tally())
    if shop.state != "connected":
        return idle
    lease = await means.db.write(store.take_lease, shop_id, lane, means.owner, means.now())
    if lease is None:
        return idle
    run_id = await means.db.write(store.start_run, shop_id=shop_id, kind=kind, lane=lane, now=means.now())
    line: Line | None = None
    tally = Tally()
    result: RunResult = "failed"
    failure: HubError | None = None
    try:
        line = await means.open_line(shop)
        tally = await (job or JOBS[kind])(means, line, lease, shop, run_id)
        result = _result(tally)
    except* LeaseLost:
        result, tally.stopped = "unfinished", "lease_lost"
    except* RemoteError as group:
        failure = _worst(group)
        result = CONSEQUENCES[type(failure)].result
        tally.problems.append(Problem(code=failure.code, facts=failure.facts))
    finally:
        calls = 0 if line is None else line.calls.count
        await means.db.write(
            _close, means, lease, run_id, shop, kind, result=result, tally=tally, calls=calls, failure=failure
        )
    return Report(run_id=run_id, result=result, tally=tally)


def _worst(group: BaseException) -> RemoteError:
    """Of several failures in one run, the one that matters most: the shop's permission, then the rest."""
    leaves: list[RemoteError] = []
    waiting: list[BaseException] = [group]
    while waiting:
        error = waiting.pop()
        if isinstance(error, BaseExceptionGroup):
            waiting.extend(error.exceptions)
        elif isinstance(error, RemoteError):
            leaves.append(error)
    order = [Unauthorised, Garbled, Refused, Vanished, Throttled, Unreachable]
    return min(leaves, key=lambda e: order.index(type(e)))


def _result(tally: Tally) -> RunResult:
    if tally.stopped:
        return "unfinished"
    return "partial" if tally.problems else "ok"


def _close(
    tx: Tx, means: Means, lease: Lease, run_id: str, shop: Shop, kind: JobKind, *, result: RunResult,
    tally: Tally, calls: int, failure: HubError | None,
) -> None:  # fmt: skip
    """Outcome, next time, shop state and lease in one transaction."""
    now = means.now()
    store.end_run(
        tx, run_id, result=result, done=tally.done, total=tally.total, calls=calls, problems=tally.problems,
        note=tally.stopped, now=now,
    )  # fmt: skip
    consequence = None if failure is None else CONSEQUENCES[type(failure)]
    if consequence is not None and consequence.needs_owner and failure is not None:
        shops.set_state(
            tx, shop.id, "needs_owner", problem=failure.code, facts={k: str(v) for k, v in failure.facts.items()}
        )
    if result in ("ok", "partial"):
        due.succeeded(tx, shop.id, kind, now)
    else:
        seconds = failure.seconds if isinstance(failure, Throttled) else None
        counts = consequence is None or consequence.counts
        due.failed(tx, shop.id, kind, now, wait=None if seconds is None else timedelta(seconds=seconds), counts=counts)
    store.give_lease(tx, lease, now)
