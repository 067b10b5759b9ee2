"""Publishing at a platform's pace: the time the calls need at that pace, over the time it really took.

Prints ``{"rate_efficiency": ratio, ...}``. Four pretend Shopee shops (a process of their own), each paced at 20 calls
a second; the real push job with the real connector for all four at once. Ideal: the calls of the busiest shop / 20.
The work per shop does not depend on how many products follow each other, so the default is 500 products, not 2,000
(``--products``): ten minutes say no more than two.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import goods
from bench.idle import free_port, settings
from bench.machine import machine, say
from hub import migrate
from hub.app import Hub, open_hub
from hub.config import Config, load
from hub.connectors.model import Tokens
from hub.sync.connect import Wish
from hub.sync.work import Report, work

PER_SECOND = 20.0
SHOPS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rate-") as name, sandbox(Path(name), SHOPS) as address:
        asyncio.run(measure(Path(name), address, given.products))


async def measure(folder: Path, address: str, products: int) -> None:
    async with open_hub(config(folder)) as hub:
        migrate.upgrade(hub.db)
        await hub.db.write(goods.build, products, goods.draw(folder))
        shops = [(await hub.connect(wish(hub, address, number))).id for number in range(SHOPS)]
        ask(f"{address}/_control/calls/reset", "POST")
        began = time.monotonic()
        cpu = time.process_time()
        reports: list[Report] = await asyncio.gather(*(work(hub.means(), "bulk", i, "push") for i in shops))
        real = time.monotonic() - began
        cpu = time.process_time() - cpu
        calls = by_shop(ask(f"{address}/_control/calls")["calls"])
        ideal = max(calls.values()) / PER_SECOND
        say(
            rate_efficiency=round(ideal / real, 3), ideal_s=round(ideal, 1), real_s=round(real, 1), products=products,
            calls=calls, hub_cpu_s=round(cpu, 1), results=sorted({r.result for r in reports}), machine=machine(),
        )  # fmt: skip


def by_shop(calls: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, count in calls.items():
        shop = name.split("/")[1]
        found[shop] = found.get(shop, 0) + count
    return found


def config(folder: Path) -> Config:
    return load(
        settings(folder, free_port()), allow_private_addresses=True, budgets={"calls": 1_000_000, "seconds": 7200},
        paces={"shopee": PER_SECOND},
        apps={"shopee": {"partner_id": "1000001", "partner_key": "key", "push_key": "push"}},
    )  # fmt: skip


def wish(hub: Hub, address: str, number: int) -> Wish:
    until = hub.clock.now() + timedelta(hours=4)
    return Wish(
        platform="shopee", base_url=f"{address}/shopee", channel_kind="marketplace", producer_id=None,
        name=f"Gian hàng {number}", remote_id=str(600000 + number),
        tokens=Tokens(access=f"access-{number}", refresh=f"refresh-{number}", access_until=until),
    )  # fmt: skip


@contextmanager
def sandbox(folder: Path, shops: int) -> Iterator[str]:
    """The pretend platforms in a process of their own; the address."""
    file = folder / "sandbox.toml"
    text = '[[shopee.apps]]\npartner_id = 1000001\npartner_key = "key"\npush_key = "push"\n'
    for n in range(shops):
        text += (
            f'[[shopee.shops]]\nshop_id = {600000 + n}\nname = "Gian hàng {n}"\npartner_id = 1000001\n'
            f'access_token = "access-{n}"\nrefresh_token = "refresh-{n}"\nuser_id = {700000 + n}\n'
        )
    file.write_text(text)
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "sandbox", "--config", str(file), "--port", str(port)],
        stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stderr is not None
        yield server.stderr.readline().decode().strip()
    finally:
        server.terminate()
        server.wait()


def ask(url: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, method=method)) as answer:
        return json.loads(answer.read())


if __name__ == "__main__":
    main()
