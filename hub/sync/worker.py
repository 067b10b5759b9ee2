"""What a worker does with a message: run the job, then whatever else of this lane is due for that shop.

The second part closes the gap in which a message finds the shop busy: its cause is in the data before the message, so
the holder of the lease sees it after it gave the lease back.
"""

import asyncio
from collections.abc import Sequence

import structlog

from hub.errors import Unavailable
from hub.sync import due
from hub.sync.means import Means
from hub.sync.model import JobKind, Lane
from hub.sync.schedule import LANE_OF
from hub.sync.work import JOBS, work

log = structlog.get_logger("hub.worker")
FIRST: tuple[JobKind, ...] = ("stock", "gates", "pull", "hint")
"""What goes first in its lane: a walk brings more orders at once than hints do."""
GATHER = 0.15  # seconds between two jobs of one kind on one shop: what follows closely goes out, or is asked, together
ROUNDS = 20  # a shop with an endless stream of sales gives others their turn


async def handle(means: Means, lane: Lane, shop_id: str, kind: JobKind) -> None:
    """Run ``kind`` on the shop, then what is still due there in the same lane.

    While this process is at work there already, its present job is only told to look once more.
    """
    here = lane, shop_id
    if here in means.at_work:
        means.at_work[here] = True
        return
    means.at_work[here] = False
    try:
        await _rounds(means, lane, shop_id, kind)
    finally:
        del means.at_work[here]


async def _rounds(means: Means, lane: Lane, shop_id: str, kind: JobKind) -> None:
    following = kind
    for _ in range(ROUNDS):
        try:
            report = await work(means, lane, shop_id, following)
            if report.run_id is None:
                return
            log.info(
                "run", shop=shop_id, kind=following, result=report.result, done=report.tally.done,
                total=report.tally.total, note=report.tally.stopped,
            )  # fmt: skip
            more = await _next(means, lane, shop_id, report.due)
        except Unavailable as error:
            log.warning("database", code=error.code)
            return
        if more is None:
            return
        if more == following:
            await asyncio.sleep(GATHER)
        following = more
    await means.ask(lane, shop_id, following)  # others had no turn while this one ran


async def _next(means: Means, lane: Lane, shop_id: str, waiting: Sequence[JobKind]) -> JobKind | None:
    """What is due there, as the last run saw it; looked up again when something was asked for meanwhile."""
    while True:
        mine: list[JobKind] = [k for k in waiting if LANE_OF[k] == lane and k in JOBS]
        if mine or not means.at_work[lane, shop_id]:
            return sorted(mine, key=_urgency)[0] if mine else None
        means.at_work[lane, shop_id] = False
        waiting = [kind for _, kind in await means.db.read(due.waiting, means.now(), shop_id)]


def _urgency(kind: JobKind) -> int:
    return FIRST.index(kind) if kind in FIRST else len(FIRST)
