"""What is left when the dust has settled: both books, every listing, every piece that was sold twice and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from hub import connectors
from hub.app import Hub
from hub.catalog import store as catalog
from hub.catalog.stock import check_standing
from hub.connectors.base import ReportsMoney
from hub.db import Tx
from hub.demo import verdict as books
from hub.sales import tables as sales
from hub.sales.store import rebuild_figures
from hub.sandbox import book
from hub.sandbox.kit import SandboxShop, SoldOrder
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import tables as t
from hub.sync.draft import shown_stock
from tests.chaos.market import Market, Taken

TELLING = timedelta(seconds=30)
"""So long may telling a shop take under these faults: the worker at it is killed, its lease runs out (4 s here),
another takes over, its calls fail and come back, later each time (0.5 to 8 s here)."""


@dataclass(frozen=True, kw_only=True)
class Oversold:
    """Pieces sold twice. ``why``: *unheard*: the hub did not know of an earlier sale yet; *untold*: it had known for
    less than :data:`TELLING` and was at it; *unexplained*: it knew, had time, and the shop was not told."""

    shop: str
    sku: str
    units: int
    at: datetime
    why: str


async def judge(hub: Hub, market: Market) -> dict[str, Any]:
    """Every figure a run of chaos must show, and whether all of them are right."""
    answer = await _books(hub, market)
    known = await hub.db.read(_first_seen)
    keys = {s.id: books.door_key(s) for s in await hub.db.read(shops.list_shops)}
    seen = {(keys[shop_id], order): at for (shop_id, order), at in known.items()}
    found = [_explained(market, event, sku, units, seen) for event, sku, units in market.shelf.oversold]
    answer |= _lags(market, seen)
    answer |= {
        "oversold_units": sum(o.units for o in found),
        "oversold_unheard": sum(o.units for o in found if o.why == "unheard"),
        "oversold_untold": sum(o.units for o in found if o.why == "untold"),
        "oversold_unexplained": [repr(o) for o in found if o.why == "unexplained"],
        "states": await hub.db.read(_states),
        "shops_confirmed": await hub.db.read(_confirmed),
        "shown_stock_wrong": await _stock_wrong(hub, market),
        "figures_differ": len(await hub.db.write(rebuild_figures)),
        "stock_gaps": len(await hub.db.read(check_standing)),
        "runs_left_running": await hub.db.read(_running),
    }
    answer["ok"] = all((
        answer["ledgers_equal"], answer["lost_orders"] == 0, answer["double_orders"] == 0,
        answer["duplicate_listings"] == 0, not answer["oversold_unexplained"], not answer["shown_stock_wrong"],
        answer["shops_confirmed"] == len(market.stalls), answer["figures_differ"] == 0, answer["stock_gaps"] == 0,
        answer["runs_left_running"] == 0,
    ))  # fmt: skip
    return answer


async def _books(hub: Hub, market: Market) -> dict[str, Any]:
    differences: list[str] = []
    lost = extra = duplicates = orders = 0
    for shop in await hub.db.read(shops.list_shops):
        door = market.doors()[books.door_key(shop)]
        theirs = list(door.orders())
        ours = await hub.db.read(books.hub_figures, shop.id)
        lost += sum(1 for order in theirs if order.order_id not in ours)
        extra += len(set(ours) - {order.order_id for order in theirs})
        orders += len(ours)
        differences += _differences(market, theirs, ours)
        differences += await _unsettled(hub, shop, door)
        duplicates += books.duplicate_listings(door)
    return {
        "orders": orders, "lost_orders": lost, "double_orders": extra, "duplicate_listings": duplicates,
        "ledgers_equal": not differences and not lost and not extra, "differences": differences[:5],
    }  # fmt: skip


def _differences(market: Market, theirs: Sequence[SoldOrder], ours: Mapping[str, book.Figures]) -> list[str]:
    """Orders on which a measure differs. The hub counts a box as the pieces in it; here so does the other side."""
    found: list[str] = []
    for order in theirs:
        told = book.figures(order)
        if told.units:
            each = {sku: sum(n for _, n in p.parts) for sku, p in market.shelf.pieces.items()}
            units = sum(each[x.sku] * (x.quantity - x.cancelled - x.returned) for x in order.lines)
            told = replace(told, units=units)
        mine = ours.get(order.order_id)
        if mine is not None and mine != told:
            found.append(f"{order.order_id}: {told} told, {mine} known")
    return found


async def _unsettled(hub: Hub, shop: Shop, door: SandboxShop) -> list[str]:
    if not issubclass(connectors.load(shop.platform), ReportsMoney):
        return []
    known = await hub.db.read(_settled, shop.id)
    return [
        f"settled {shop.name} {o.order_id}: {o.settled} told, {known.get(o.order_id)} known"
        for o in door.orders()
        if o.settled is not None and known.get(o.order_id) != o.settled
    ]


def _settled(tx: Tx, shop_id: str) -> dict[str, int]:
    s = sales.settlement.c
    query = sa.select(s.remote_id, sa.func.sum(s.amount).label("amount")).where(s.shop_id == shop_id)
    return {row.remote_id: int(row.amount) for row in tx.execute(query.group_by(s.remote_id))}


# ---- pieces sold twice -------------------------------------------------------------------------------------------


def _explained(
    market: Market, event: Taken, sku: str, units: int, seen: Mapping[tuple[str, str], datetime]
) -> Oversold:
    """Of the earlier sales of the piece that this shop had not been told of, the one heard last decides."""
    listings = [s for s, p in market.shelf.pieces.items() if sku in dict(p.parts)]
    told = [market.told.last_before(event.shop, s, event.at) for s in listings]
    last = max((one for one in told if one is not None), default=None)
    why = "unexplained"
    for before in market.shelf.taken:
        if before.at >= event.at:
            break
        if before.pieces.get(sku, 0) <= 0:
            continue
        heard = seen.get((before.shop, before.order_id))
        if heard is None or heard >= event.at:
            return Oversold(shop=event.shop, sku=sku, units=units, at=event.at, why="unheard")
        if (last is None or heard > last) and heard + TELLING > event.at:
            why = "untold"
    return Oversold(shop=event.shop, sku=sku, units=units, at=event.at, why=why)


def _lags(market: Market, seen: Mapping[tuple[str, str], datetime]) -> dict[str, Any]:
    """Seconds from a sale until the hub knew, and from then until each other shop of the producer was told."""
    heard: list[float] = []
    told: list[float] = []
    other = market.partners()
    for event in market.shelf.taken:
        at = seen.get((event.shop, event.order_id))
        if at is None or not any(units > 0 for units in event.pieces.values()):
            continue
        heard.append((at - event.at).total_seconds())
        later = [market.told.first_after(shop, sku, at) for shop in other[event.shop] for sku in event.pieces]
        told += [(one - at).total_seconds() for one in later if one is not None]
    return {"heard_s": _spread(heard), "told_s": _spread(told)}


def _spread(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = quantiles(seconds, n=100)
    return {"p50": round(cuts[49], 1), "p90": round(cuts[89], 1), "p99": round(cuts[98], 1)}


def _first_seen(tx: Tx) -> dict[tuple[str, str], datetime]:
    e = sales.sale_event.c
    query = sa.select(e.shop_id, e.remote_id, sa.func.min(e.seen_at).label("at")).group_by(e.shop_id, e.remote_id)
    return {(r.shop_id, r.remote_id): r.at for r in tx.execute(query)}


# ---- listings ----------------------------------------------------------------------------------------------------


def _states(tx: Tx) -> dict[str, int]:
    query = sa.select(t.binding.c.state, sa.func.count().label("n")).group_by(t.binding.c.state)
    return {row.state: row.n for row in tx.execute(query)}


def _confirmed(tx: Tx) -> int:
    """Shops all of whose listings were read back and are as we want them."""
    states: dict[str, set[str]] = defaultdict(set)
    for row in tx.execute(sa.select(t.binding.c.shop_id, t.binding.c.state).distinct()):
        states[row.shop_id].add(row.state)
    connected = [s.id for s in shops.list_shops(tx) if s.state == "connected"]
    return sum(1 for shop_id in connected if states[shop_id] == {"confirmed"})


async def _stock_wrong(hub: Hub, market: Market) -> list[str]:
    """Listings that show another number than they may."""
    sellables = await hub.db.read(catalog.sellables)
    wrong: list[str] = []
    for shop in await hub.db.read(shops.list_shops):
        name = books.door_key(shop)
        shown = {str(one["sku"]): one["stock"] for one in market.doors()[name].listings()}
        for sellable in sellables:
            if sellable.producer.id != shop.producer_id:
                continue
            for variant, stock in zip(sellable.variants, sellable.stocks, strict=True):
                if shown.get(variant.sku) != shown_stock(stock):
                    wrong.append(f"{name} {variant.sku}: {shown.get(variant.sku)} not {shown_stock(stock)}")
    return wrong


def _running(tx: Tx) -> int:
    return int(tx.execute(sa.select(sa.func.count()).where(t.run.c.result == "running")).scalar_one())
