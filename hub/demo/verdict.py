"""Is everything right? The sandbox's book against the hub's, order by order, to the dong."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from hub import connectors
from hub.connectors.base import ReportsMoney
from hub.db import Tx
from hub.demo.world import World
from hub.sales import tables as sales
from hub.sales.report import SalesReport
from hub.sandbox import book
from hub.sandbox.kit import SandboxShop, SoldOrder
from hub.shops import store as shops
from hub.shops.model import Shop

ALIASED = frozenset({"woocommerce", "sapo", "sapo_omni"})
"""Platforms whose shops have addresses of their own."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One order on which the two books disagree."""

    shop: str
    order_id: str
    theirs: book.Figures
    ours: book.Figures | None


async def compare(world: World) -> dict[str, Any]:
    """``ledgers_equal``, lost and double orders, duplicate listings, oversold units."""
    everything = await world.hub.db.read(shops.list_shops)
    doors = world.sandbox.shops()
    differences: list[Difference] = []
    lost = extra = duplicates = oversold = orders = 0
    for shop in everything:
        door = doors[door_key(shop)]
        theirs = list(door.orders())
        ours = await world.hub.db.read(hub_figures, shop.id)
        lost += sum(1 for order in theirs if order.order_id not in ours)
        extra += len(set(ours) - {order.order_id for order in theirs})
        orders += len(ours)
        differences.extend(order_differences(shop, theirs, ours))
        differences.extend(await _unsettled(world, shop, theirs))
        duplicates += duplicate_listings(door)
    oversold = await world.hub.db.read(oversold_units)
    return {
        "orders": orders,
        "duplicate_listings": duplicates,
        "lost_orders": lost,
        "double_orders": extra,
        "oversold_units": oversold,
        "ledgers_equal": not differences and lost == 0 and extra == 0,
        "differences": [repr(d) for d in differences[:5]],
    }


def door_key(shop: Shop) -> str:
    """The sandbox's key of a shop of ours."""
    platform, _, rest = urlsplit(shop.base_url).path.strip("/").partition("/")
    return f"{shop.platform}/{rest if rest and platform in ALIASED else shop.remote_id}"


def hub_figures(tx: Tx, shop_id: str) -> dict[str, book.Figures]:
    """The hub's ledger summed per order."""
    led = sales.ledger.c
    sums = {
        row.remote_id: row
        for row in tx.execute(
            sa.select(
                led.remote_id,
                *(sa.func.sum(led[name]).label(name) for name in _MEASURES),
            )
            .where(led.shop_id == shop_id)
            .group_by(led.remote_id)
        )
    }
    ids = tx.execute(sa.select(sales.order.c.remote_id).where(sales.order.c.shop_id == shop_id)).scalars()
    return {i: _figures(sums.get(i)) for i in ids}


_MEASURES = ("gmv_placed", "gmv", "gross", "voucher", "refund", "units")


def _figures(row: Any) -> book.Figures:
    if row is None:
        return book.Figures(orders=1)
    return book.Figures(orders=1, **{name: int(getattr(row, name) or 0) for name in _MEASURES})


def order_differences(shop: Shop, theirs: list[SoldOrder], ours: dict[str, book.Figures]) -> list[Difference]:
    """Orders known to both on which a measure differs."""
    found: list[Difference] = []
    for order in theirs:
        mine = ours.get(order.order_id)
        told = book.figures(order)
        if mine is not None and mine != told:
            found.append(Difference(shop=shop.name, order_id=order.order_id, theirs=told, ours=mine))
    return found


async def _unsettled(world: World, shop: Shop, theirs: list[SoldOrder]) -> list[Difference]:
    """Orders the platform paid out for another sum than the hub knows."""
    known = await world.hub.db.read(_settled, shop.id)
    tells_money = issubclass(connectors.load(shop.platform), ReportsMoney)
    return [
        Difference(shop=shop.name, order_id=o.order_id, theirs=book.Figures(gross=o.settled), ours=None)
        for o in theirs
        if o.settled is not None and tells_money and known.get(o.order_id) != o.settled
    ]


def _settled(tx: Tx, shop_id: str) -> dict[str, int]:
    s = sales.settlement.c
    query = sa.select(s.remote_id, sa.func.sum(s.amount).label("amount")).where(s.shop_id == shop_id)
    return {row.remote_id: int(row.amount) for row in tx.execute(query.group_by(s.remote_id))}


def duplicate_listings(door: SandboxShop) -> int:
    """Listings beyond the first that carry the same SKU in one shop."""
    counts = Counter(str(listing["sku"]) for listing in door.listings() if listing["sku"])
    return sum(count - 1 for count in counts.values())


def oversold_units(tx: Tx) -> int:
    """Units promised that are not there: available below zero."""
    from hub.catalog.tables import stock

    query = sa.select(sa.func.sum(stock.c.reserved - stock.c.on_hand)).where(stock.c.reserved > stock.c.on_hand)
    return int(tx.execute(query).scalar_one() or 0)


def figures(report: SalesReport) -> dict[str, Any]:
    """The report's figures as the demo prints them."""
    body = report.to_json()
    return {
        "gmv": body["totals"]["gmv"],
        "net_revenue": body["totals"]["net_revenue"],
        "by_channel": [{k: v for k, v in row.items() if k != "shop"} for row in body["by_channel"]],
        "online_share": {k: v for k, v in body["online_share"].items() if k != "missing_shops"},
    }
