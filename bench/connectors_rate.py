"""Publishing at a platform's pace, for each platform that takes goods: the time its calls need, over the time it took.

Prints ``{"connectors_rate_efficiency": the lowest ratio, "by_platform": {...}, ...}``. One platform after the other: a
fresh hub with one shop paced at 20 calls a second, the real push job with the real connector, the pretend platforms in
a process of their own. Ideal: the calls the platform counted, / 20. So many products each that the calls take 5 to 10
seconds (``--products`` for another number, ``--only`` for one platform). Files and feeds call nobody: left out.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bench import goods
from bench.idle import free_port, settings
from bench.machine import machine, say
from bench.rate import ask
from hub import connectors, migrate
from hub.app import Hub, open_hub
from hub.clock import RealClock
from hub.config import Config, load
from hub.connectors.base import Publishes
from hub.connectors.model import Tokens
from hub.demo.accounts import app_keys, demo_accounts, demo_config
from hub.sandbox.app import create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sync.connect import Wish
from hub.sync.work import work
from hub.web.app import create_web

PER_SECOND = 20.0
PRODUCTS: Mapping[str, int] = {
    "facebook": 600, "haravan": 150, "lazada": 60, "sapo": 150, "sapo_omni": 150, "shopee": 90, "tiki": 30,
    "tiktok_shop": 60, "woocommerce": 1200,
}  # fmt: skip
"""How many products take some 150 calls."""
USUAL = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=platforms())
    parser.add_argument("--products", type=int, default=0)
    parser.add_argument("--serve", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve))
        return
    found: dict[str, dict[str, Any]] = {}
    with sandbox() as address:
        for platform in [given.only] if given.only else platforms():
            count = given.products or PRODUCTS.get(platform, USUAL)
            with tempfile.TemporaryDirectory(prefix="rate-") as name:
                found[platform] = asyncio.run(measure(Path(name), address, platform, count))
    say(
        connectors_rate_efficiency=min(one["ratio"] for one in found.values()),
        by_platform={name: one["ratio"] for name, one in found.items()}, facts=found, machine=machine(),
    )  # fmt: skip


def platforms() -> list[str]:
    """Those that take goods over HTTP."""
    known = [name for name in connectors.all_ids() if issubclass(connectors.load(name), Publishes)]
    accounts = wishes(world(), "", RealClock())
    return [name for name in known if name in accounts]


def world() -> SandboxConfig:
    """The demo's platforms; the TikTok Shop takes more new goods a day than a real one: what is measured is pace."""
    config = demo_config()
    return replace(config, tiktok_shop=replace(config.tiktok_shop, new_products_a_day=1_000_000))


def wishes(config: SandboxConfig, address: str, clock: RealClock) -> dict[str, Wish]:
    """One account on each platform."""
    now = clock.now()
    found = {one.platform: one.wish(address, now, None) for one in demo_accounts(config)}
    shop, site = config.shopee.shops[0], config.woocommerce.shops[0]
    found["shopee"] = Wish(
        platform="shopee", base_url=f"{address}/shopee", channel_kind="marketplace", producer_id=None, name=shop.name,
        remote_id=str(shop.shop_id),
        tokens=Tokens(access=shop.access_token, refresh=shop.refresh_token, access_until=now + timedelta(hours=4)),
    )  # fmt: skip
    found["woocommerce"] = Wish(
        platform="woocommerce", base_url=f"{address}/woocommerce/{site.key}", channel_kind="own_site",
        producer_id=None, name=site.name,
        secrets={"consumer_key": site.keys[0].consumer_key, "consumer_secret": site.keys[0].consumer_secret},
    )  # fmt: skip
    return found


async def measure(folder: Path, address: str, platform: str, products: int) -> dict[str, Any]:
    """One platform; ``ratio`` and what it is made of."""
    async with open_hub(config(folder, platform)) as hub, pictures(hub):
        migrate.upgrade(hub.db)
        await hub.db.write(goods.build, products, goods.draw(folder))
        shop = await hub.connect(wishes(world(), address, RealClock())[platform])
        ask(f"{address}/_control/calls/reset", "POST")
        began, cpu = time.monotonic(), time.process_time()
        report = await work(hub.means(), "bulk", shop.id, "push")
        real, cpu = time.monotonic() - began, time.process_time() - cpu
        calls = sum(ask(f"{address}/_control/calls")["calls"].values())
    ideal = calls / PER_SECOND
    return {
        "ratio": round(ideal / real, 3), "calls": calls, "ideal_s": round(ideal, 1), "real_s": round(real, 1),
        "hub_cpu_s": round(cpu, 1), "products": products, "result": report.result, "done": report.tally.done,
        "problems": sorted({one.code for one in report.tally.problems}),
    }  # fmt: skip


def config(folder: Path, platform: str) -> Config:
    return load(
        settings(folder, free_port()), allow_private_addresses=True, budgets={"calls": 1_000_000, "seconds": 7200},
        paces={platform: PER_SECOND}, apps=app_keys(world()),
    )  # fmt: skip


@asynccontextmanager
async def pictures(hub: Hub) -> AsyncIterator[None]:
    """The hub's own address: some platforms fetch the pictures there."""
    hub.public_url = hub.config.web.url
    runner = web.AppRunner(create_web(hub.house()), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", hub.config.web.port).start()
    try:
        yield
    finally:
        await runner.cleanup()


@contextmanager
def sandbox() -> Iterator[str]:
    """The pretend platforms in a process of their own; the address."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.connectors_rate", "--serve", str(port)], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


async def serve(port: int) -> None:
    """That process: says a line when it listens, ends when it is told to."""
    runner = web.AppRunner(create_sandbox(world(), RealClock()), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
