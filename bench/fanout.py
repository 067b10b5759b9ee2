"""A sale on one shop, told to the seven others: from the webhook's arrival until the last of them shows the new stock.

Prints ``{"fanout_p99_s": seconds, ...}``. ``ocop-hub serve`` on SQLite as a real process, eight pretend shops (four of
each platform) in this one, twenty orders a second for one unit each of forty products. A webhook counts as arrived when
it is sent; a shop has the new stock when it accepted a number that no longer holds the sold unit. ``--rate`` for less.
The pace that the Shopee connector keeps by itself (5 calls a second) is lifted by a setting: else it would be measured.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random

from aiohttp import web
from aiohttp.typedefs import Middleware

from bench import goods
from bench.idle import free_port, settings
from bench.machine import machine, say
from hub import migrate
from hub.app import Hub, open_hub
from hub.clock import RealClock
from hub.config import load
from hub.connectors.model import Tokens
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.config import OCOP_SETS, SandboxConfig, Shopee, ShopeeApp, ShopeeShop, Woo, WooKey, WooShop
from hub.sandbox.kit import Delivery, Want
from hub.sync.connect import Wish

EACH = 4
PRODUCTS = 40
STOCK = 5_000
KEYS = tuple("abcd")


@dataclass(frozen=True, kw_only=True)
class Sale:
    """One unit of ``sku`` sold in ``shop``; ``left``: what all shops may show at most from then on."""

    shop: str
    order_id: str
    sku: str
    left: int


@dataclass
class Notes:
    """When each shop took which number, when each order's first webhook was sent, by monotonic seconds."""

    told: dict[tuple[str, str], list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    hinted: dict[str, float] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=20.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fanout-") as name:
        asyncio.run(measure(Path(name), given.rate, given.seconds))


async def measure(folder: Path, rate: float, seconds: float) -> None:
    port = free_port()
    file = settings(folder, port)
    with file.open("a") as more:
        more.write('[apps.shopee]\npartner_id = "1000001"\npartner_key = "key"\npush_key = "push"\n')
    text = file.read_text().replace("[web]", "allow_private_addresses = true\n[paces]\nshopee = 100\n[web]", 1)
    file.write_text(text)
    config = load(file)
    notes = Notes()
    app = create_sandbox(replace(pretend(), deliver_every=0.02), RealClock())
    sandbox = app[SANDBOX]
    app.middlewares.append(listener(sandbox, notes))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    watch_hooks(sandbox, notes)
    async with open_hub(config, public_url=f"http://127.0.0.1:{port}") as hub:
        migrate.upgrade(hub.db)
        await hub.db.write(goods.build, PRODUCTS, goods.draw(folder), on_hand=STOCK)
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "--config", str(file), "serve",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await listening(port)
            for wish in wishes(hub, address):
                await hub.connect(wish)
            await published(sandbox)
            cpu, own = cpu_of(server.pid), time.process_time()
            sales = await sell(sandbox, rate, seconds)
            delays = await delays_of(sandbox, notes, sales)
            cpu, own = cpu_of(server.pid) - cpu, time.process_time() - own
        finally:
            server.send_signal(signal.SIGTERM)
            await server.wait()
    await runner.cleanup()
    cuts = statistics.quantiles(delays, n=100) if len(delays) > 1 else [0.0] * 99
    say(
        fanout_p99_s=round(cuts[98], 2), p50_s=round(cuts[49], 2), p90_s=round(cuts[89], 2),
        worst_s=round(max(delays, default=0.0), 2), orders=len(sales), never=len(sales) - len(delays), rate=rate,
        hub_cpu_ms_per_order=round(1000 * cpu / len(sales), 1),
        sandbox_cpu_ms_per_order=round(1000 * own / len(sales), 1),
        machine=machine(),
    )  # fmt: skip


def cpu_of(pid: int) -> float:
    """CPU seconds a process has used so far."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


async def sell(sandbox: Sandbox, rate: float, seconds: float) -> list[Sale]:
    """Orders at an even pace, shop and product drawn; cash on delivery, so that they count at once."""
    rng = Random("fanout")
    doors = sandbox.shops()
    sold: dict[str, int] = defaultdict(int)
    sales: list[Sale] = []
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        name, sku = rng.choice(list(doors)), goods.sku(rng.randrange(PRODUCTS))
        order_id = doors[name].place([Want(sku=sku, quantity=1)], cod=True)
        sold[sku] += 1
        sales.append(Sale(shop=name, order_id=order_id, sku=sku, left=STOCK - sold[sku]))
    return sales


async def delays_of(sandbox: Sandbox, notes: Notes, sales: list[Sale], patience: float = 60.0) -> list[float]:
    """Seconds from each order's webhook to the last other shop; orders that never reached all of them are missing."""
    deadline = time.monotonic() + patience
    await asyncio.sleep(5)  # reckoning while numbers still arrive would slow their arrival
    while True:
        found = [_delay(sandbox, notes, sale) for sale in sales]
        known = [one for one in found if one is not None]
        if len(known) == len(sales) or time.monotonic() > deadline:
            return known
        await asyncio.sleep(0.5)


def _delay(sandbox: Sandbox, notes: Notes, sale: Sale) -> float | None:
    begin = notes.hinted.get(f"{sale.shop}/{sale.order_id}")
    if begin is None:
        return None
    ends: list[float] = []
    for shop in sandbox.shops():
        if shop == sale.shop:
            continue
        reached = [at for at, shown in notes.told[shop, sale.sku] if shown <= sale.left]
        if not reached:
            return None
        ends.append(reached[0])
    return max(0.0, max(ends) - begin)


def watch_hooks(sandbox: Sandbox, notes: Notes) -> None:
    """Note when the first webhook of each order leaves."""
    post = sandbox.world.post
    assert post is not None

    async def noted(delivery: Delivery) -> int:
        for key in _orders_in(delivery):
            notes.hinted.setdefault(key, time.monotonic())
        return await post(delivery)

    sandbox.world.post = noted


def _orders_in(delivery: Delivery) -> list[str]:
    if not delivery.body.startswith(b"{"):
        return []
    body = json.loads(delivery.body)
    headers = dict(delivery.headers)
    if "X-WC-Webhook-Source" in headers:
        site = headers["X-WC-Webhook-Source"].rstrip("/").rpartition("/")[2]
        return [f"woocommerce/{site}/{body['id']}"] if headers.get("X-WC-Webhook-Resource") == "order" else []
    sn = body.get("data", {}).get("ordersn") if isinstance(body.get("data"), dict) else None
    return [f"shopee/{body['shop_id']}/{sn}"] if sn else []


def listener(sandbox: Sandbox, notes: Notes) -> Middleware:
    """Note the numbers in every call that sets stock, when it was accepted."""
    skus: dict[str, dict[str, str]] = defaultdict(dict)

    def sku_of(name: str, remote_id: str) -> str:
        if remote_id not in skus[name]:
            skus[name] = {str(one["remote_id"]): str(one["sku"]) for one in sandbox.shops()[name].listings()}
        return skus[name].get(remote_id, "")

    @web.middleware
    async def listen(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if request.method in ("POST", "PUT") and response.status < 400:
            name, numbers = _numbers(request, await request.read() if "/product" in request.path else b"")
            now = time.monotonic()
            for remote_id, shown in numbers:
                notes.told[name, sku_of(name, remote_id)].append((now, shown))
        return response

    return listen


def _numbers(request: web.Request, body: bytes) -> tuple[str, list[tuple[str, int]]]:
    """The shop and (listing id, stock) of each number set by this request."""
    if not body.startswith(b"{"):
        return "", []
    document = json.loads(body)
    if request.path.endswith("/product/update_stock"):
        rows = document["stock_list"]
        shown = [(str(document["item_id"]), int(row["seller_stock"][0]["stock"])) for row in rows]
        return f"shopee/{request.query.get('shop_id', '')}", shown
    if request.path.endswith("/products/batch"):
        changes = [one for one in document.get("update", []) if "stock_quantity" in one]
        shown = [(str(one["id"]), int(one["stock_quantity"])) for one in changes]
        return f"woocommerce/{request.path.split('/')[2]}", shown
    return "", []


# ---- the set-up --------------------------------------------------------------------------------------------------


def pretend() -> SandboxConfig:
    app = ShopeeApp(partner_id=1000001, partner_key="key", push_key="push")
    shops = tuple(
        ShopeeShop(shop_id=600000 + n, name=f"Shopee {n}", partner_id=1000001, access_token=f"access-{n}",
                   refresh_token=f"refresh-{n}", user_id=700000 + n)
        for n in range(EACH)
    )  # fmt: skip
    sites = tuple(
        WooShop(key=f"trang-{k}", name=f"Trang {k}",
                keys=(WooKey(consumer_key="ck_" + k * 40, consumer_secret="cs_" + k * 40),))
        for k in KEYS
    )  # fmt: skip
    return SandboxConfig(shopee=Shopee(apps=(app,), shops=shops), woocommerce=Woo(categories=OCOP_SETS, shops=sites))


def wishes(hub: Hub, address: str) -> list[Wish]:
    until = hub.clock.now() + timedelta(hours=4)
    own = [
        Wish(platform="shopee", base_url=f"{address}/shopee", channel_kind="marketplace", producer_id=None,
             name=f"Shopee {n}", remote_id=str(600000 + n),
             tokens=Tokens(access=f"access-{n}", refresh=f"refresh-{n}", access_until=until))
        for n in range(EACH)
    ]  # fmt: skip
    return own + [
        Wish(platform="woocommerce", base_url=f"{address}/woocommerce/trang-{k}", channel_kind="own_site",
             producer_id=None, name=f"Trang {k}",
             secrets={"consumer_key": "ck_" + k * 40, "consumer_secret": "cs_" + k * 40})
        for k in KEYS
    ]  # fmt: skip


async def listening(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


async def published(sandbox: Sandbox) -> None:
    """Every shop offers everything, and the first sync's own calls are over."""
    while any(len(door.offers()) < PRODUCTS for door in sandbox.shops().values()):  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.2)
    calls = -1
    while calls != (calls := sum(sandbox.world.calls.values())):  # noqa: ASYNC110
        await asyncio.sleep(2)


if __name__ == "__main__":
    main()
