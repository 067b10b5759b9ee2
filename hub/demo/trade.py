"""Three weeks in seconds: the clock goes from event to event; webhooks, schedules and stock follow as they would."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.catalog import store as catalog
from hub.catalog.rules import current_certificate
from hub.catalog.tables import product
from hub.clock import today
from hub.connectors import load
from hub.connectors.base import TakesOrders
from hub.db import Tx
from hub.demo.verdict import door_key
from hub.demo.world import World
from hub.sandbox.buyer import Buyer, Habits
from hub.sandbox.kit import SandboxShop
from hub.shops import store as shops
from hub.sync import certificates, due
from hub.sync import tables as st
from hub.sync.model import BindingState
from hub.sync.schedule import LANE_OF, next_times
from hub.sync.work import Report, work

DAYS = 21
TICK = timedelta(hours=6)
REVOKE_ON_DAY = 10
HEARD = ("shopee", "woocommerce", "tiktok_shop", "sapo")
"""Platforms whose webhooks reach the demo; elsewhere the address is entered by hand in a console, or there is none."""
SEED = 20261121


@dataclass(kw_only=True)
class Diary:
    """What happened to certificates on the way, as the report tells it."""

    revoked: str = ""
    lapsed: list[str] = field(default_factory=list)
    takedowns: int = 0


async def drain(world: World) -> list[Report]:
    """Do everything that was asked for, until nothing is."""
    reports: list[Report] = []
    hub = world.hub
    asked = hub.ask_inline
    assert asked is not None
    while asked:
        lane, shop_id, kind = asked.pop(0)
        reports.append(await work(hub.means(), lane, shop_id, kind))
    return reports


async def run_all(world: World, kinds: list[str], step: Callable[[int, int], None] | None = None) -> None:
    """Run these jobs on every shop, one after the other, and what they ask for."""
    hub = world.hub
    everything = await hub.db.read(shops.list_shops)
    jobs = [(shop, kind) for kind in kinds for shop in everything]
    for done, (shop, kind) in enumerate(jobs, 1):
        job = next(k for k in LANE_OF if k == kind)
        await work(hub.means(), LANE_OF[job], shop.id, job)
        await drain(world)
        if step is not None:
            step(done, len(jobs))


async def trade(world: World, step: Callable[[int, int], None], *, days: int = DAYS, per_day: float = 14) -> Diary:
    """Buyers buy, cancel and return; the hub hears, pulls, re-stocks; certificates lapse and one is revoked."""
    habits = Habits(orders_per_day=per_day)
    doors = await _open_doors(world)
    buyer = Buyer(world.sandbox.world, doors, SEED, habits)
    silent = await _silent(world, doors)
    start = world.clock.now()
    diary = Diary()
    before = await _claimed(world)
    ticks = int(timedelta(days=days) / TICK)
    for number in range(1, ticks + 1):
        until = start + number * TICK
        await _events(world, buyer, until, silent)
        world.clock.move_to(until)
        if number * TICK == timedelta(days=REVOKE_ON_DAY):
            diary.revoked = await _revoke_one(world)
        await _fire(world, until - TICK, until)
        step(number, ticks)
    await run_all(world, ["pull", "pull", "pull", "money", "push", "readback"])
    after = await _claimed(world)
    diary.lapsed = sorted(before - after - {diary.revoked})
    diary.takedowns = await world.hub.db.read(_takedowns)
    return diary


async def _open_doors(world: World) -> dict[str, SandboxShop]:
    """The connected shops that take orders: nobody can buy on a page that only shows."""
    everything = world.sandbox.shops()
    takes = [s for s in await world.hub.db.read(shops.list_shops) if issubclass(load(s.platform), TakesOrders)]
    return {key: everything[key] for key in map(door_key, takes)}


@dataclass(frozen=True, kw_only=True)
class Silent:
    """A shop whose platform sends no webhooks here: it is asked every few minutes, in the demo when something moved."""

    shop_id: str
    door: SandboxShop
    seen: list[object] = field(default_factory=lambda: [None])

    def moved(self) -> bool:
        now = [(o.order_id, o.state, len(o.refunds), sum(li.cancelled for li in o.lines)) for o in self.door.orders()]
        before, self.seen[0] = self.seen[0], now
        return now != (before or [])


async def _silent(world: World, doors: Mapping[str, SandboxShop]) -> list[Silent]:
    hears = {s.id: s.platform in HEARD for s in await world.hub.db.read(shops.list_shops)}
    known = {s.id: door_key(s) for s in await world.hub.db.read(shops.list_shops)}
    return [Silent(shop_id=i, door=doors[key]) for i, key in known.items() if key in doors and not hears[i]]


async def _events(world: World, buyer: Buyer, until: datetime, silent: Sequence[Silent]) -> None:
    """Every sale, parcel and return up to ``until``, each followed by what the platform tells the hub."""
    while (moment := buyer.next_due()) is not None and moment <= until:
        world.clock.move_to(moment)
        buyer.step(world.clock.now())
        await world.sandbox.deliver_due()
        for one in silent:
            if one.moved():
                await world.hub.ask("sales", one.shop_id, "pull")
        await drain(world)


async def _fire(world: World, since: datetime, until: datetime) -> None:
    """What the schedules would have started in this time, each kind once (coalesced)."""
    for row in await world.hub.db.read(due.schedules):
        if row.cron and next_times(row.cron, since, 1)[0] <= until:
            await work(world.hub.means(), LANE_OF[row.kind], row.shop_id, row.kind)
    for shop_id, kind in await world.hub.db.read(due.waiting, world.clock.now()):
        await work(world.hub.means(), LANE_OF[kind], shop_id, kind)
    await drain(world)


async def _claimed(world: World) -> set[str]:
    """Products whose certificate is in force today."""
    sellables = await world.hub.db.read(catalog.sellables)
    day = today(world.clock)
    return {s.product.id for s in sellables if current_certificate(s.certificates, day, world.hub.law) is not None}


async def _revoke_one(world: World) -> str:
    """The province revokes the first product that stands on the most shops; the take-down is a job in the fast lane."""
    hub = world.hub
    now = world.clock.now()
    product_id = await hub.db.read(_most_listed)
    known = await hub.db.read(catalog.certificates, product_id)
    current = current_certificate(known, today(world.clock), hub.law)
    assert current is not None
    concerned = await hub.db.write(
        certificates.revoke, current.id, on=today(world.clock), document="12/QĐ-UBND", ground="criteria_not_kept",
        who="demo", now=now,
    )  # fmt: skip
    for shop_id in concerned:
        await hub.ask("now", shop_id, "gates")
    await drain(world)
    return product_id


def _most_listed(tx: Tx) -> str:
    query = (
        sa.select(st.binding.c.product_id)
        .join(product, product.c.id == st.binding.c.product_id)
        .where(st.binding.c.state == BindingState.CONFIRMED.value, st.binding.c.claims.is_(True))
        .group_by(st.binding.c.product_id, product.c.name_key)
        .order_by(sa.func.count().desc(), product.c.name_key)
        .limit(1)
    )
    return str(tx.execute(query).scalar_one())


def _takedowns(tx: Tx) -> int:
    query = sa.select(sa.func.count()).select_from(st.listing_event).where(st.listing_event.c.kind == "takedown")
    return int(tx.execute(query).scalar_one())
