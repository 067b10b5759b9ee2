"""The demo from beginning to end, and the JSON object that says what came of it."""

import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from hub.catalog import store as catalog
from hub.clock import elapsed
from hub.config import Config
from hub.db import Tx
from hub.demo import verdict
from hub.demo import world as w
from hub.demo.trade import DAYS, drain, run_all, trade
from hub.demo.world import World, open_world
from hub.sales import report
from hub.sales.store import declarations
from hub.sync import store as sync
from hub.sync import tables as st
from hub.types import LOCAL, Period
from hub.web.app import create_web

Bars = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
PER_DAY = 10.0
START = datetime(2026, 11, 21, 8, 0, tzinfo=LOCAL)


@dataclass(frozen=True, kw_only=True)
class Story:
    """What the demo hands to the command line: the JSON object and the sales report behind it."""

    answer: dict[str, Any]
    sales: report.SalesReport


async def play(
    config: Config,
    bars: Bars,
    *,
    start: datetime = START,
    days: int = DAYS,
    per_day: float = PER_DAY,
    then: Callable[[World, Story], Awaitable[None]] | None = None,
) -> Story:
    """The whole loop once, in a fresh directory of the demo's own; ``then`` may go on in the same world."""
    began = elapsed()
    w.clear(config.data_dir)
    async with open_world(config, start) as world, listening(world):
        answer = await _prepare(world, bars)
        answer |= await _publish(world, bars)
        with bars("Ba tuần mua bán") as step:
            diary = await trade(world, step, days=days, per_day=per_day)
        answer |= {
            "revoked": 1 if diary.revoked else 0, "lapsed": len(diary.lapsed), "takedowns": diary.takedowns,
        }  # fmt: skip
        period = Period(start=start, end=world.clock.now() + timedelta(seconds=1))
        sales = await _sales(world, period)
        answer |= await verdict.compare(world)
        answer |= verdict.figures(sales)
        answer["seconds"] = round(elapsed() - began, 1)
        story = Story(answer=answer, sales=sales)
        if then is not None:
            await then(world, story)
        return story


@asynccontextmanager
async def listening(world: World) -> AsyncIterator[None]:
    """The hub's own web address while the demo runs: webhooks in, pictures out."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    world.hub.public_url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    runner = web.AppRunner(create_web(world.hub.house()), access_log=None)
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def _prepare(world: World, bars: Bars) -> dict[str, Any]:
    hub, now = world.hub, world.clock.now()
    with bars("Nhập danh mục") as step:
        taken = await hub.db.write(w.import_registry, w.registry_path(), now, now.astimezone(LOCAL))
        step(taken.products, taken.products)
    await hub.db.write(w.stock_up, now)
    sellables = await hub.db.read(catalog.sellables)
    with bars("Vẽ ảnh mẫu") as step:
        w.draw_pictures(hub, sellables, step)
    shops = await w.connect_shops(world, w.choose_producers(sellables))
    await hub.db.write(declarations.import_file, w.declarations_path(), now=now)
    return {
        "products": len(sellables), "in_force": w.in_force_count(sellables, hub), "shops": len(shops),
    }  # fmt: skip


async def _publish(world: World, bars: Bars) -> dict[str, Any]:
    """The first sync, and a second one over an unchanged catalogue that must not call at all."""
    with bars("Đưa hàng lên kênh") as step:
        await run_all(world, ["push"], step)
    first = _calls(world)
    await run_all(world, ["push"])
    await drain(world)
    second = _calls(world) - first
    confirmed, held = await world.hub.db.read(_standing)
    return {
        "listings_confirmed": confirmed, "held": dict(sorted(held.items())), "calls_first_sync": first,
        "calls_unchanged_resync": second,
    }  # fmt: skip


def _calls(world: World) -> int:
    return sum(world.sandbox.world.calls.values())


def _standing(tx: Tx) -> tuple[int, Counter[str]]:
    confirmed = 0
    held: Counter[str] = Counter()
    for row in tx.execute(sa.select(st.binding.c.state, st.binding.c.problems)):
        if row.state == "confirmed":
            confirmed += 1
        elif row.state in ("held", "ask"):
            held[row.problems[0]["code"] if row.problems else "?"] += 1
    return confirmed, held


async def _sales(world: World, period: Period) -> report.SalesReport:
    up_to = await world.hub.db.read(sync.complete_up_to)
    return await world.hub.db.read(report.sales_report, period, complete_up_to=up_to)
