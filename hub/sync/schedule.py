"""When: APScheduler fires, a tick enqueues. Schedules are rows; this only says "now".

Cron in Asia/Ho_Chi_Minh. Two schedulers by mistake still give one job, because a message already waiting is enough and
one worker holds a shop's lease. Every few seconds a sweep asks the data what is due, so a lost message is found again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from hub.db import Db
from hub.errors import Invalid, Unavailable
from hub.shops import store as shops
from hub.sync import due, store
from hub.sync.due import Due
from hub.sync.model import JobKind, Lane
from hub.sync.store.comments import purge_comments, purge_hints
from hub.types import LOCAL

SWEEP_SECONDS = 5
RELOAD_SECONDS = 30
PURGE_SECONDS = 3600
JITTER_SECONDS = 20

LANE_OF: dict[JobKind, Lane] = {
    "push": "bulk",
    "pull": "sales",
    "money": "bulk",
    "lives": "bulk",
    "readback": "bulk",
    "recount": "bulk",
    "gates": "now",
    "stock": "now",
    "hint": "sales",
    "backfill": "bulk",
    "sweep": "bulk",
    "fulfil": "sales",
    "post": "bulk",
    "comments": "sales",
}

Ask = Callable[[Lane, str, JobKind], Awaitable[None]]


def trigger(cron: str, *, jitter: int | None = None) -> Any:
    """A five-field cron in local time. Raises Invalid."""
    try:
        return CronTrigger.from_crontab(cron, timezone=LOCAL) if jitter is None else _jittered(cron, jitter)
    except ValueError as error:
        raise Invalid("cron_invalid", cron=cron) from error


def _jittered(cron: str, jitter: int) -> Any:
    minute, hour, day, month, weekday = cron.split()
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=LOCAL, jitter=jitter
    )


def next_times(cron: str, after: datetime, count: int = 5) -> list[datetime]:
    """The next local times a schedule fires; what a person sees before saving it."""
    clock = trigger(cron)
    times: list[datetime] = []
    previous: datetime | None = None
    moment = after.astimezone(LOCAL)
    for _ in range(count):
        following = clock.get_next_fire_time(previous, moment)
        if following is None:
            break
        times.append(following)
        previous = moment = following
    return times


class Scheduler:
    """Loads the schedules, fires them, and sweeps for what is due."""

    def __init__(
        self, db: Db, ask: Ask, now: Callable[[], datetime], *, sweep_seconds: float = SWEEP_SECONDS,
        comments_days: int = 30,
    ) -> None:  # fmt: skip
        self._sweep_seconds = sweep_seconds
        self._comments_kept = timedelta(days=comments_days)
        self._db = db
        self._ask = ask
        self._now = now
        self._engine = AsyncIOScheduler(
            timezone=LOCAL, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 300}
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``. A database that is gone for a while is waited for."""
        self._engine.start()
        self._engine.add_job(self._sweep, "interval", seconds=self._sweep_seconds, id="sweep")
        self._engine.add_job(self._load, "interval", seconds=RELOAD_SECONDS, id="load")
        self._engine.add_job(self._purge, "interval", seconds=PURGE_SECONDS, id="purge")
        await self._load()
        await self._sweep()
        await self._purge()
        try:
            await stop.wait()
        finally:
            self._engine.shutdown(wait=False)

    async def _load(self) -> None:
        try:
            rows = await self._db.read(due.schedules)
        except Unavailable:
            return
        wanted = {f"{d.shop_id}/{d.kind}": d for d in rows if d.cron and not d.paused}
        for job in self._engine.get_jobs():
            if "/" in job.id and job.id not in wanted:
                job.remove()
        for key, row in wanted.items():
            self._set(key, row)

    def _set(self, key: str, row: Due) -> None:
        known = self._engine.get_job(key)
        if known is not None and known.name == row.cron:
            return
        self._engine.add_job(
            self._fire, trigger(row.cron, jitter=JITTER_SECONDS), id=key, name=row.cron, replace_existing=True,
            args=[row.shop_id, row.kind],
        )  # fmt: skip

    async def _fire(self, shop_id: str, kind: JobKind) -> None:
        try:
            shop = await self._db.read(shops.get_shop, shop_id)
            if shop.state != "connected":
                return
            await self._db.write(due.request, shop_id, kind, self._now())
            await self._ask(LANE_OF[kind], shop_id, kind)
        except Unavailable:
            return  # the next sweep finds it

    async def _sweep(self) -> None:
        """Find what is due, however its message was lost, and runs whose worker died."""
        try:
            await self._db.write(store.abandon_runs, now=self._now())
            await self._db.write(store.turn_prices, self._now())
            for shop_id, kind in await self._db.read(due.waiting, self._now()):
                await self._ask(LANE_OF[kind], shop_id, kind)
        except Unavailable:
            return

    async def _purge(self) -> None:
        """Forget what we may not hold any longer: who wrote what, and webhooks that were followed long ago."""
        now = self._now()
        try:
            await self._db.write(purge_comments, now - self._comments_kept)
            await self._db.write(purge_hints, now)
        except Unavailable:
            return  # the next hour finds it
