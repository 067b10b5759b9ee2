"""CPU of a signed, paced, decoded call through the connectors' Api, over the same call by bare httpx2.

Prints ``{"call_cpu_vs_bare": ratio, ...}``. Both call one small server in a process of its own, in turns within one
run; CPU is this process's own time; the ratio is the median over the rounds. Reach: 1.5.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import IO

import httpx2

from hub.connectors.api import Api, Credentials, make_transport
from hub.connectors.model import Pace, ShopSettings, Tokens
from hub.connectors.pace import LocalPacer
from hub.connectors.woocommerce import WooCommerce
from hub.connectors.woocommerce.orders import Order

SERVER = """
import asyncio, json
from aiohttp import web
line = {"id": 1, "name": "Mật ong", "product_id": 10, "variation_id": 0, "quantity": 2, "subtotal": "500000",
        "total": "500000", "sku": "OCOP-HG-0001", "price": 250000, "meta_data": []}
order = {"id": 12, "number": "12", "status": "processing", "currency": "VND", "total": "500000",
         "date_created_gmt": "2026-11-21T20:42:20", "date_modified_gmt": "2026-11-21T20:42:20", "date_paid_gmt": None,
         "billing": {"first_name": "x", "state": "Hà Giang"}, "payment_method": "cod", "line_items": [line] * 3,
         "shipping_lines": [], "fee_lines": [], "refunds": []}
body = json.dumps(order).encode()
async def answer(request):
    return web.Response(body=body, content_type="application/json")
async def main():
    app = web.Application()
    app.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
PATH = "/wp-json/wc/v3/orders/12"


@dataclass
class Keeper:
    """Credentials in memory."""

    credentials: Credentials

    async def current(self) -> Credentials:
        return self.credentials

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        return seen


async def cpu(call: Callable[[], Awaitable[object]], calls: int) -> float:
    """CPU seconds of one call, over ``calls`` one after the other."""
    started = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - started) / calls


async def measure(base: str, rounds: int, calls: int) -> dict[str, object]:
    transport = make_transport()
    client = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=64, max_keepalive_connections=64))
    numbers = count()
    api = Api(
        manifest=WooCommerce.manifest, dialect=WooCommerce.dialect,
        shop=ShopSettings(shop_id="s1", base_url=base), transport=transport,
        keeper=Keeper(Credentials(secrets={"consumer_key": "ck_" + "a" * 40, "consumer_secret": "cs_" + "b" * 40})),
        pacer=LocalPacer(time.monotonic), now=lambda: datetime.now(UTC), nonce=lambda: f"{next(numbers):040x}",
        on_sample=lambda sample: None, paces=(("s1", Pace(per_second=1e6, burst=1000, source="bench")),),
    )  # fmt: skip

    async def ours() -> object:
        return await api.read(Order, "GET", PATH, params={"dp": 0})

    async def bare() -> object:
        return (await client.get(base + PATH, params={"dp": 0})).content

    await cpu(ours, calls)
    await cpu(bare, calls)
    pairs: list[tuple[float, float]] = []
    for turn in range(rounds):
        if turn % 2:
            a, b = await cpu(ours, calls), await cpu(bare, calls)
        else:
            b, a = await cpu(bare, calls), await cpu(ours, calls)
        pairs.append((a, b))
    await transport.close()
    await client.aclose()
    return {
        "call_cpu_vs_bare": round(statistics.median(a / b for a, b in pairs), 3),
        "ours_us": round(statistics.median(a for a, _ in pairs) * 1e6),
        "bare_us": round(statistics.median(b for _, b in pairs) * 1e6),
        "rounds": rounds,
        "calls": calls,
        "machine": f"{os.cpu_count()} cores, Python {sys.version.split()[0]}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--calls", type=int, default=60)
    asked = parser.parse_args()
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        base = f"http://127.0.0.1:{_port(server.stdout)}"
        print(json.dumps(asyncio.run(measure(base, asked.rounds, asked.calls))))
    finally:
        server.terminate()
        server.wait()


def _port(out: IO[str] | None) -> int:
    assert out is not None  # a pipe was asked for
    return int(out.readline())


if __name__ == "__main__":
    main()
