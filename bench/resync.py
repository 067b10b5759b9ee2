"""A second sync over an unchanged catalogue: the calls it makes, and planning it over merely loading its rows.

Prints ``{"resync_calls": n, "plan_vs_load": ratio, ...}``. 20,000 products in 8 shops, every listing confirmed as we
want it, written straight into the database. The push is the real job with the real connector; its transport counts
and refuses, so that a single call would show. Load and plan are CPU of this process, shop by shop in turns.
"""

import argparse
import asyncio
import gc
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import goods
from bench.idle import settings
from bench.machine import machine, say
from hub import migrate
from hub.app import Hub, open_hub
from hub.config import load
from hub.connectors.wire import Answer, Request
from hub.db import Tx
from hub.errors import Unreachable
from hub.shops import store as shops
from hub.shops import tables as s
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.draft import fingerprint, make_draft, price_key, stock_key
from hub.sync.model import Binding, BindingState, PushView
from hub.sync.plan import Ground, judge, plan
from hub.sync.work import work
from hub.types import RemoteId, chunks


class Closed:
    """A transport that lets nothing out and counts who tried."""

    def __init__(self) -> None:
        self.count = 0

    async def send(self, request: Request, timeout: float) -> Answer:
        self.count += 1
        raise Unreachable(sent=False)

    async def close(self) -> None:
        """Nothing to close."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=20_000)
    parser.add_argument("--shops", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="resync-") as name:
        asyncio.run(measure(Path(name), given.products, given.shops))


async def measure(folder: Path, products: int, count: int) -> None:
    async with open_hub(load(settings(folder, 8080))) as hub:
        migrate.upgrade(hub.db)
        await hub.db.write(build, hub, products, count)
        everything = await hub.db.read(shops.list_shops)
        ratios, seconds = [], []
        for shop in everything:
            loaded, planned, commands = await weigh(hub, shop)
            ratios.append(planned / loaded)
            seconds.append((round(loaded, 2), round(planned, 2)))
            assert not commands, commands
        closed = Closed()
        hub.transport = closed  # type: ignore[assignment]
        began = time.monotonic()
        results = {(await work(hub.means(), "bulk", shop.id, "push")).result for shop in everything}
        say(
            resync_calls=closed.count, plan_vs_load=round(statistics.median(ratios), 2), listings=products * count,
            load_and_plan_s=seconds, resync_s=round(time.monotonic() - began, 1), results=sorted(results),
            machine=machine(),
        )  # fmt: skip


async def weigh(hub: Hub, shop: Shop) -> tuple[float, float, int]:
    """CPU seconds of loading one shop's rows and of planning them, and how many commands came out."""
    ground = hub.ground(shop)
    gc.collect()
    start = time.process_time()
    view = await hub.db.read(store.push_view, shop.id)
    between = time.process_time()
    commands = plan(view, ground)
    return between - start, time.process_time() - between, len(commands)


def build(tx: Tx, hub: Hub, products: int, count: int) -> None:
    """Goods, shops of all of them, and listings as the last sync left them."""
    goods.build(tx, products, "0" * 64)
    for number in range(count):
        tx.execute(s.shop.insert(), [{
            "id": f"s{number}", "platform": "shopee", "name": f"Sàn {number}", "channel_kind": "provincial_portal",
            "base_url": f"http://127.0.0.1:1/{number}", "remote_id": str(number), "state": "connected",
            "created_at": hub.clock.now(),
        }])  # fmt: skip
        bind(tx, hub, f"s{number}")


def bind(tx: Tx, hub: Hub, shop_id: str) -> None:
    """What the hub knows after a sync that was confirmed."""
    view = store.push_view(tx, shop_id)
    ground = hub.ground(view.shop)
    lease = store.take_lease(tx, shop_id, "bulk", "bench", ground.now)
    assert lease is not None
    for group in chunks(_bound(view, ground), 2000):
        store.save(tx, lease, group, known={}, run_id=None, now=ground.now)
    store.give_lease(tx, lease, ground.now)


def _bound(view: PushView, ground: Ground) -> Sequence[Binding]:
    found: list[Binding] = []
    for number, one in enumerate(view.sellables):
        wanted = judge(one, view.shop.version, ground)
        assert not wanted.problems, wanted.problems
        draft = make_draft(
            one, certificate=wanted.certificate, rules=ground.rules, wording=ground.wording,
            category=ground.rules.categories[one.product.set_no or 0], picture_base=ground.picture_base,
        )  # fmt: skip
        found.append(Binding(
            shop_id=view.shop.id, product_id=one.product.id, state=BindingState.CONFIRMED,
            remote_id=RemoteId(str(900_000 + number)), variants=((one.variants[0].sku, RemoteId("0")),),
            content_key=f"{wanted.source}{fingerprint(draft)}", price_key=price_key(one.variants),
            stock_key=stock_key(one), claims=True, confirmed_at=ground.now,
        ))  # fmt: skip
    return found


if __name__ == "__main__":
    main()
