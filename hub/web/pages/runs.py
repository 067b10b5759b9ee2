"""Runs: what was done when, how it ended, and what one run did."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from hub.access import Scope
from hub.db import Tx
from hub.sales import browse as sales
from hub.shops.model import Shop
from hub.sync import browse as sync
from hub.sync.browse import Done, RunPage
from hub.sync.model import Run
from hub.web.house import HOUSE
from hub.web.names import NAMES
from hub.web.page import PER_PAGE, Paging, offset, one_of, page_number, shown
from hub.web.visit import scope

routes = web.RouteTableDef()


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Some runs and the shops they were for."""

    page: RunPage
    shops: Mapping[str, Shop]


def look_at_all(tx: Tx, seen: Scope, shop_id: str, kind: str, result: str, start: int) -> Runs:
    """Read it all."""
    page = sync.runs(tx, seen, shop_id=shop_id, kind=kind, result=result, limit=PER_PAGE, offset=start)
    return Runs(page=page, shops={shop.id: shop for shop in sales.visible_shops(tx, seen)})


@routes.get("/van-hanh/")
async def runs(request: web.Request) -> web.StreamResponse:
    """``?gian-hang=&viec=&ket-qua=``."""
    shop_id = request.query.get("gian-hang", "")
    kind, result = one_of(request, "viec", NAMES["job"]), one_of(request, "ket-qua", NAMES["result"])
    found = await request.app[HOUSE].db.read(look_at_all, scope(request), shop_id, kind, result, offset(request))
    paging = Paging(number=page_number(request), count=found.page.count)
    return shown(request, "runs/index.html", view=found, shop_id=shop_id, kind=kind, result=result, paging=paging)


@dataclass(frozen=True, kw_only=True)
class OneRun:
    """A run and the listings it touched."""

    run: Run
    shop: Shop | None
    done: tuple[Done, ...]
    lines: int


def look_at_one(tx: Tx, seen: Scope, run_id: str, start: int) -> OneRun:
    """Read it all. Raises Denied("not_there")."""
    run = sync.run(tx, seen, run_id)
    done, lines = sync.done_by(tx, run_id, limit=PER_PAGE, offset=start)
    shop = None if run.shop_id is None else sales.visible_shop(tx, seen, run.shop_id)
    return OneRun(run=run, shop=shop, done=done, lines=lines)


@routes.get("/van-hanh/{id}")
async def run(request: web.Request) -> web.StreamResponse:
    """One run; while it is running the page asks again by itself."""
    found = await request.app[HOUSE].db.read(
        look_at_one, scope(request), request.match_info["id"], offset(request)
    )  # fmt: skip
    paging = Paging(number=page_number(request), count=found.lines)
    return shown(request, "runs/run.html", view=found, paging=paging)
