"""Orders of a channel and period, and one order with its lines, history, ledger entries and fees."""

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.db import Tx
from hub.sales import browse as sales
from hub.sales.browse import OrderPage, Wanted, WholeOrder
from hub.shops.model import Shop
from hub.types import day_period
from hub.web.house import HOUSE
from hub.web.names import NAMES
from hub.web.page import PER_PAGE, Paging, asked, cut_asked, offset, one_of, page_number, shown
from hub.web.visit import scope

routes = web.RouteTableDef()


@dataclass(frozen=True, kw_only=True)
class Orders:
    """Some orders, and what may be filtered by."""

    page: OrderPage
    shops: tuple[Shop, ...]
    product: str  # name of the product asked for
    first: date | None
    last: date | None


def look_at_all(tx: Tx, seen: Scope, wanted: Wanted, days: tuple[date | None, date | None], start: int) -> Orders:
    """Read it all. Raises Denied for a product outside the scope."""
    product = catalog.product(tx, seen, wanted.product_id).product.name if wanted.product_id else ""
    page = sales.orders(tx, seen, wanted, limit=PER_PAGE, offset=start)
    return Orders(page=page, shops=sales.visible_shops(tx, seen), product=product, first=days[0], last=days[1])


@routes.get("/don/")
async def orders(request: web.Request) -> web.StreamResponse:
    """``?gian-hang=&tu=&den=`` or ``&thang=``; also by state, product, number, delivered only, certified only."""
    first, last = _days(request)
    wanted = Wanted(
        period=day_period(first or date(2000, 1, 1), last or date(2999, 12, 31)),
        cut=cut_asked(request), shop_id=request.query.get("gian-hang", ""),
        state=one_of(request, "trang-thai", NAMES["order"]), product_id=request.query.get("san-pham", ""),
        delivered=request.query.get("da-giao") == "1", number=request.query.get("so", "").strip(),
    )  # fmt: skip
    found = await request.app[HOUSE].db.read(look_at_all, scope(request), wanted, (first, last), offset(request))
    return shown(
        request, "orders/index.html", view=found, asked=wanted, names={s.id: s for s in found.shops},
        paging=Paging(number=page_number(request), count=found.page.count),
    )  # fmt: skip


def _days(request: web.Request) -> tuple[date | None, date | None]:
    """A month, or a first day, or a last day, or neither."""
    days = asked(request)
    if not days.month:
        return days.first, days.last
    span = days.span((), date(2000, 1, 1))
    return span.first, span.last


@dataclass(frozen=True, kw_only=True)
class OneOrder:
    """An order, and which of its products have a page the visitor may open."""

    found: WholeOrder
    products: frozenset[str]


def look_at_one(tx: Tx, seen: Scope, shop_id: str, order_id: str) -> OneOrder:
    """Read it all. Raises Denied."""
    found = sales.whole_order(tx, seen, shop_id, order_id)
    ids = {line.product_id for line in found.order.lines if line.product_id}
    return OneOrder(found=found, products=catalog.visible(tx, seen, sorted(ids)))


@routes.get("/don/{shop}/{id}")
async def order(request: web.Request) -> web.StreamResponse:
    """One order."""
    at = request.match_info
    found = await request.app[HOUSE].db.read(look_at_one, scope(request), at["shop"], at["id"])
    return shown(request, "orders/order.html", view=found.found, products=found.products)
