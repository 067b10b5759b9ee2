"""One job on one shop, from lease to outcome. The one table that says what each failure means stands here.

| failure | what follows |
|---|---|
| Unreachable | the run is *unfinished*; the job comes back later, later each time |
| Throttled | the run is *unfinished*; back after the seconds asked for, no attempt counted |
| Unauthorised | the shop *needs its owner*, its schedule rests; a token that ended twice in one run: once more later |
| Refused | *refused*; that thing ends, a person is told what to fix |
| Vanished | *partial*; asked about, never recreated silently |
| Garbled | *failed*; ours to mend, a redacted sample is kept |
| LeaseLost | nothing is written; the other worker's run counts |
| Unavailable | our own database is gone: nothing can be written; the run is closed when somebody finds its lease free |
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub.db import Tx, new_id
from hub.errors import (
    Garbled,
    HubError,
    LeaseLost,
    Refused,
    RemoteError,
    Throttled,
    Unauthorised,
    Unavailable,
    Unreachable,
    Vanished,
)
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import due, pull, store
from hub.sync.comments import read_comments
from hub.sync.lives import pull_lives
from hub.sync.means import Line, Means
from hub.sync.model import BindingState, JobKind, Lane, Problem, RunResult
from hub.sync.posting import send_due
from hub.sync.push import Push, Tally
from hub.sync.readback import read_back
from hub.sync.stock import push_stock
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

TOKEN_TRIES = 2
"""So many runs in a row may end with a token that does not work before the owner is asked."""

Job = Callable[[Means, Line, Lease, Shop, str], Awaitable[Tally]]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a run; ``None`` as run id: the shop was busy, paused or waits for its owner.

    ``due``: what the shop waited for when the run was closed.
    """

    run_id: str | None
    result: RunResult
    tally: Tally
    due: tuple[JobKind, ...] = ()


async def _push(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    return await Push(means, line, lease, run_id).run()


async def _gates(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Claims that fell away and goods that may no longer be sold: the fast lane, nothing else."""
    return await Push(means, line, lease, run_id, urgent=True).run()


async def _stock(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    return await push_stock(means, line, lease, run_id)


async def _pull(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Bring orders home; where news came that no webhook told, the platform may have switched them off."""
    tally = await pull.pull_orders(means, line, lease, shop, run_id)
    if tally.unannounced and means.subscribe is not None:
        last = await means.db.read(store.cursor, shop.id, "webhooks")
        now = means.now()
        if last.position is None or now - last.position >= means.patience.webhooks:
            await means.db.write(store.save_cursor, shop.id, replace(last, position=now))
            await means.subscribe(shop)
    return tally


async def _readback(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Nightly: what does the channel show of everything we hold confirmed?"""
    resting = [BindingState.DRIFTED, BindingState.ASK]  # the owner may have put it right, or added a claim
    states = [BindingState.CONFIRMED, BindingState.ACCEPTED, BindingState.SENT, BindingState.WITHDRAWN, *resting]
    held = await means.db.read(store.bindings, shop.id, states)
    drifted = await read_back(means, line, lease, run_id, held, fresh=False)
    problems = [Problem(code="listings_drifted", facts={"count": drifted})] if drifted else []
    if means.subscribe is not None:
        await means.subscribe(shop)  # platforms switch webhooks off that nobody answered for a while
    return Tally(total=len(held), done=len(held), problems=problems)


JOBS: Mapping[JobKind, Job] = {
    "push": _push,
    "gates": _gates,
    "stock": _stock,
    "pull": _pull,
    "hint": pull.follow_hints,
    "money": pull.pull_money,
    "lives": pull_lives,
    "readback": _readback,
    "recount": pull.recount,
    "post": send_due,
    "comments": read_comments,
}


async def work(means: Means, lane: Lane, shop_id: str, kind: JobKind, *, job: Job | None = None) -> Report:
    """Run one job on one shop if it is free; the outcome is a row that people see, and the job's next time.

    Raises Unavailable when our own ground is gone, and whatever is a bug or a wrong setting.
    """
    began = means.now()
    started = await means.db.write(_start, means, lane, shop_id, kind, began)
    if started is None:
        return Report(run_id=None, result="unfinished", tally=Tally())
    shop, lease, run_id = started
    ending = _Ending(means=means, lease=lease, run_id=run_id, shop=shop, kind=kind, began=began)
    try:
        ending.line = await means.open_line(shop)
        async with asyncio.TaskGroup() as both:
            pulse = both.create_task(_renew(means, lease))
            ending.tally = await (job or JOBS[kind])(means, ending.line, lease, shop, run_id)
            pulse.cancel()
        ending.result = _result(ending.tally)
    except* HubError as group:
        ending.failed(_worst(group))
    finally:
        if (lane, shop_id) in means.at_work:
            means.at_work[lane, shop_id] = False  # what is asked for from here on is looked up once more
        await means.db.write(ending.close)
    if ending.raised is not None:
        raise ending.raised
    return Report(run_id=run_id, result=ending.result, tally=ending.tally, due=ending.due)


def _start(
    tx: Tx, means: Means, lane: Lane, shop_id: str, kind: JobKind, now: datetime
) -> tuple[Shop, Lease, str] | None:
    """The shop, the right to work on it and the run; None when it is busy, paused or waits for its owner."""
    shop = shops.get_shop(tx, shop_id)
    if shop.state != "connected":
        return None
    owner = f"{means.owner[:40]}/{new_id()[:20]}"
    lease = store.take_lease(tx, shop_id, lane, owner, now, means.patience.lease)
    if lease is None:
        return None
    return shop, lease, store.start_run(tx, shop_id=shop_id, kind=kind, lane=lane, now=now)


async def _renew(means: Means, lease: Lease) -> None:
    """A sign of life while the job waits for a slow platform. LeaseLost ends the job before it sends anything more."""
    while True:
        await asyncio.sleep(lease.life.total_seconds() / 3)
        await means.db.write(store.hold, lease, means.now())


def _worst(group: BaseException) -> HubError:
    """Of several failures in one run, the one that matters most: our own, the shop's permission, then the rest."""
    order = [LeaseLost, Unavailable, Unauthorised, Garbled, Refused, Vanished, Throttled, Unreachable]
    return min(_leaves(group), key=lambda e: order.index(type(e)) if type(e) in order else 1)


def _leaves(error: BaseException) -> Iterator[HubError]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    elif isinstance(error, HubError):
        yield error


def _result(tally: Tally) -> RunResult:
    if tally.stopped:
        return "unfinished"
    return "partial" if tally.problems else "ok"


@dataclass(kw_only=True)
class _Ending:
    """What will be written of a run when it is over."""

    means: Means
    lease: Lease
    run_id: str
    shop: Shop
    kind: JobKind
    began: datetime
    line: Line | None = None
    tally: Tally = field(default_factory=Tally)
    result: RunResult = "failed"
    failure: RemoteError | None = None
    raised: HubError | None = None  # not the platform's: the caller hears of it
    due: tuple[JobKind, ...] = ()

    def failed(self, error: HubError) -> None:
        """Take in why the job ended early."""
        if isinstance(error, LeaseLost):
            self.result, self.tally.stopped = "unfinished", "lease_lost"
            return
        self.tally.problems.append(Problem(code=error.code, facts=error.facts))
        if isinstance(error, RemoteError):
            self.failure, self.result = error, CONSEQUENCES[type(error)].result
        else:
            self.raised = error

    def close(self, tx: Tx) -> None:
        """Outcome, next time, shop state and lease in one transaction."""
        now, tally = self.means.now(), self.tally
        consequence = None if self.failure is None else CONSEQUENCES[type(self.failure)]
        if self.failure is not None and consequence is not None and consequence.needs_owner:
            if _may_pass(self.failure) and due.attempts(tx, self.shop.id, self.kind) < TOKEN_TRIES:
                self.result = "unfinished"
            else:
                facts = {k: str(v) for k, v in self.failure.facts.items()}
                shops.set_state(tx, self.shop.id, "needs_owner", problem=self.failure.code, facts=facts)
        store.end_run(
            tx, self.run_id, result=self.result, done=tally.done, total=tally.total,
            calls=0 if self.line is None else self.line.calls.count, problems=tally.problems, note=tally.stopped,
            now=now,
        )  # fmt: skip
        if self.result in ("ok", "partial"):
            due.succeeded(tx, self.shop.id, self.kind, now, began=self.began)
        else:
            seconds = self.failure.seconds if isinstance(self.failure, Throttled) else None
            due.failed(
                tx, self.shop.id, self.kind, self.lease.lane, now,
                wait=None if seconds is None else timedelta(seconds=seconds),
                counts=consequence is None or consequence.counts, patience=self.means.patience,
            )  # fmt: skip
        store.give_lease(tx, self.lease, now)
        self.due = tuple(kind for _, kind in due.waiting(tx, now, self.shop.id))


def _may_pass(error: RemoteError) -> bool:
    """A fresh token that was refused at once may be the platform's hiccup; a refused refresh is not."""
    return isinstance(error, Unauthorised) and error.refreshable
