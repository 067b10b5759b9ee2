"""What the platforms paid: statements of a month."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from hub.access import Scope
from hub.clock import today
from hub.db import Tx
from hub.sales import browse as sales
from hub.sales.browse import StatementPage
from hub.shops.model import Shop
from hub.web.days import Asked, Span
from hub.web.house import HOUSE
from hub.web.page import PER_PAGE, Paging, asked, offset, page_number, shown
from hub.web.visit import scope

routes = web.RouteTableDef()


@dataclass(frozen=True, kw_only=True)
class Money:
    """Some statements of a month, and what may be filtered by."""

    span: Span
    months: tuple[date, ...]
    page: StatementPage
    shops: tuple[Shop, ...]


def look(tx: Tx, seen: Scope, asked: Asked, shop_id: str, now_day: date, start: int) -> Money:
    """Read it all."""
    months = sales.months(tx, seen)
    span = asked.span(months, now_day)
    page = sales.statements(
        tx, seen, span.period, shop_id=shop_id, limit=PER_PAGE, offset=start
    )  # fmt: skip
    return Money(span=span, months=months, page=page, shops=sales.visible_shops(tx, seen))


@routes.get("/tien/")
async def money(request: web.Request) -> web.StreamResponse:
    """``?gian-hang=&thang=``."""
    house, shop_id = request.app[HOUSE], request.query.get("gian-hang", "")
    found = await house.db.read(look, scope(request), asked(request), shop_id, today(house.clock), offset(request))
    paging = Paging(number=page_number(request), count=found.page.count)
    return shown(
        request, "money/index.html", view=found, shop_id=shop_id, names={s.id: s for s in found.shops}, paging=paging
    )
