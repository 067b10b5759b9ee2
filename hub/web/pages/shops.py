"""Shops, and the listings of one shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from hub.access import Scope
from hub.db import Tx
from hub.problems import PROBLEMS
from hub.sales import browse as sales
from hub.shops.model import Shop
from hub.sync import browse as sync
from hub.sync import due, store
from hub.sync.browse import ListingPage, Obstacle
from hub.sync.due import Due
from hub.sync.files.reported import Evidence, evidence
from hub.web.house import HOUSE
from hub.web.names import NAMES
from hub.web.page import PER_PAGE, Paging, offset, one_of, page_number, shown
from hub.web.visit import scope

routes = web.RouteTableDef()


@dataclass(frozen=True, kw_only=True)
class Shops:
    """All shops of a scope and how they stand."""

    shops: tuple[Shop, ...]
    listings: Mapping[str, Mapping[str, int]]
    complete: Mapping[str, datetime | None]


def look_at_all(tx: Tx, seen: Scope) -> Shops:
    """Read it all."""
    return Shops(
        shops=sales.visible_shops(tx, seen), listings=sync.listing_counts(tx, seen), complete=store.complete_up_to(tx)
    )


@routes.get("/gian-hang/")
async def shops(request: web.Request) -> web.StreamResponse:
    """Every shop with its listings by state."""
    found = await request.app[HOUSE].db.read(look_at_all, scope(request))
    return shown(request, "shops/index.html", view=found)


@dataclass(frozen=True, kw_only=True)
class OneShop:
    """A shop, some of its listings, and what runs for it when."""

    shop: Shop
    page: ListingPage
    obstacles: tuple[Obstacle, ...]
    complete: datetime | None
    schedules: Sequence[Due]
    reports: Mapping[str, Evidence]  # what people said of listings, by product


def look_at_one(tx: Tx, seen: Scope, shop_id: str, state: str, code: str, start: int) -> OneShop:
    """Read it all. Raises Denied("shop_unknown")."""
    shop = sales.visible_shop(tx, seen, shop_id)
    page = sync.listings(tx, seen, shop_id, state=state, code=code, limit=PER_PAGE, offset=start)
    return OneShop(
        shop=shop,
        page=page,
        obstacles=tuple(one for one in sync.obstacles(tx, seen) if shop_id in one.by_shop),
        complete=store.complete_up_to(tx).get(shop_id),
        schedules=due.schedules(tx, shop_id),
        reports=evidence(tx, shop_id, [row.binding.product_id for row in page.rows]),
    )


@routes.get("/gian-hang/{id}")
async def shop(request: web.Request) -> web.StreamResponse:
    """One shop; ``?trang-thai=`` and ``?vi-sao=`` choose listings by state and by problem."""
    state, code = one_of(request, "trang-thai", NAMES["listing"]), one_of(request, "vi-sao", PROBLEMS)
    found = await request.app[HOUSE].db.read(
        look_at_one, scope(request), request.match_info["id"], state, code, offset(request)
    )
    paging = Paging(number=page_number(request), count=found.page.count)
    return shown(request, "shops/shop.html", view=found, state=state, code=code, paging=paging)
