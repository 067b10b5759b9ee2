"""What a worker does with a message: run the job, then whatever else of this lane is due for that shop.

The second part closes the gap in which a message finds the shop busy: its cause is in the data before the message, so
the holder of the lease sees it after it gave the lease back.
"""

import structlog

from hub.errors import Unavailable
from hub.sync import due
from hub.sync.means import Means
from hub.sync.model import JobKind, Lane
from hub.sync.schedule import LANE_OF
from hub.sync.work import JOBS, work

log = structlog.get_logger("hub.worker")
FIRST: tuple[JobKind, ...] = ("stock", "gates", "pull", "hint")
"""What goes first: wrong stock oversells while more sales are read, and a walk brings more at once than hints do."""
ROUNDS = 20  # a shop with an endless stream of sales gives others their turn


async def handle(means: Means, lane: Lane, shop_id: str, kind: JobKind) -> None:
    """Run ``kind`` on the shop, then what is still due there in the same lane."""
    following: JobKind | None = kind
    for _ in range(ROUNDS):
        if following is None:
            return
        try:
            report = await work(means, lane, shop_id, following)
            if report.run_id is None:
                return
            log.info(
                "run", shop=shop_id, kind=following, result=report.result, done=report.tally.done,
                total=report.tally.total, note=report.tally.stopped,
            )  # fmt: skip
            following = await _next(means, lane, shop_id)
        except Unavailable as error:
            log.warning("database", code=error.code)
            return
    if following is not None:  # others had no turn while this one ran
        await means.ask(lane, shop_id, following)


async def _next(means: Means, lane: Lane, shop_id: str) -> JobKind | None:
    waiting = await means.db.read(due.waiting, means.now())
    mine: list[JobKind] = [k for s, k in waiting if s == shop_id and LANE_OF[k] == lane and k in JOBS]
    return sorted(mine, key=_urgency)[0] if mine else None


def _urgency(kind: JobKind) -> int:
    return FIRST.index(kind) if kind in FIRST else len(FIRST)
