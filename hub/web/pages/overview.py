"""The overview of a month: revenue and orders per channel, online share, listings, what is held back, the last runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web
from markupsafe import Markup

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.catalog.law import Law
from hub.catalog.rules import Standing
from hub.clock import today
from hub.db import Tx
from hub.sales import browse as sales
from hub.sales.model import Cut
from hub.sales.report import SalesReport, sales_report
from hub.shops.model import Shop
from hub.sync import browse as sync
from hub.sync import store
from hub.sync.browse import Obstacle, RunPage
from hub.web.channels import colour
from hub.web.charts import Series, daily_bars
from hub.web.days import Asked, Span
from hub.web.house import HOUSE
from hub.web.page import asked, cut_asked, shown, speech
from hub.web.texts import Speech
from hub.web.visit import scope

routes = web.RouteTableDef()
LAST_RUNS = 8


@dataclass(frozen=True, kw_only=True)
class Overview:
    """Everything the page shows, from one snapshot."""

    span: Span
    months: tuple[date, ...]
    report: SalesReport
    days: tuple[sales.DayRevenue, ...]
    shops: tuple[Shop, ...]
    listings: Mapping[str, Mapping[str, int]]
    obstacles: tuple[Obstacle, ...]
    standings: Mapping[Standing, int]
    runs: RunPage


def look(tx: Tx, seen: Scope, asked: Asked, cut: Cut, now_day: date, law: Law) -> Overview:
    """Read it all."""
    months = sales.months(tx, seen)
    span = asked.span(months, now_day)
    return Overview(
        span=span,
        months=months,
        report=sales_report(tx, span.period, cut=cut, scope=seen, complete_up_to=store.complete_up_to(tx)),
        days=sales.daily_revenue(tx, seen, span.period, cut),
        shops=sales.visible_shops(tx, seen),
        listings=sync.listing_counts(tx, seen),
        obstacles=sync.obstacles(tx, seen),
        standings=catalog.standings(tx, seen, now_day, law),
        runs=sync.runs(tx, seen, limit=LAST_RUNS),
    )


@routes.get("/")
async def overview(request: web.Request) -> web.StreamResponse:
    """The month in the address, else the newest that has orders."""
    house, say, cut = request.app[HOUSE], speech(request), cut_asked(request)
    found = await house.db.read(
        look, scope(request), asked(request), cut, today(house.clock), house.law
    )  # fmt: skip
    series = channel_series(found, say)
    chart = await asyncio.to_thread(_chart, series, found.span, say) if any(any(s.values) for s in series) else None
    return shown(
        request, "overview/index.html", view=found, series=series, chart=chart, names={s.id: s for s in found.shops},
        states=[s for s in STATES if any(s in by for by in found.listings.values())], cut=cut,
        day_rows=[(day, [s.values[n] for s in series]) for n, day in enumerate(found.span.days)],
    )  # fmt: skip


STATES = ("confirmed", "reported", "accepted", "sent", "creating", "wanted", "drifted", "ask", "held", "withdrawn")
"""Listings by state, in the order people ask for them."""


def channel_series(found: Overview, say: Speech) -> tuple[Series, ...]:
    """Daily net revenue per channel: marketplaces by platform, sites by kind. Days not complete yet are gaps."""
    keys = {row.shop.id: (colour(row.shop.platform, row.shop.kind), row.shop) for row in found.report.rows}
    complete = {row.shop.id: row.complete_up_to for row in found.report.rows}
    sums: dict[str, dict[date, int]] = {}
    for one in found.days:
        if one.shop_id in keys:
            days = sums.setdefault(keys[one.shop_id][0], {})
            days[one.day] = days.get(one.day, 0) + one.net
    series = []
    for key in dict.fromkeys(key for key, _ in keys.values()):
        cards = [card for k, card in keys.values() if k == key]
        until = _known_until([complete[card.id] for card in cards], say)
        values = tuple(
            sums.get(key, {}).get(day, 0 if until and day <= until else None) for day in found.span.days
        )  # fmt: skip
        series.append(Series(colour=key, name=say.channel(cards[0].platform, cards[0].kind), values=values))
    return tuple(series)


def _known_until(moments: list[datetime | None], say: Speech) -> date | None:
    """The last day that any shop of the channel has been read for; None when none was."""
    known = [say.local_day(moment) for moment in moments if moment is not None]
    return max(known, default=None)


def _chart(series: tuple[Series, ...], span: Span, say: Speech) -> Markup:
    alt = say.t("Net revenue per day and channel, {days}; the table beside it has every figure.", days=say.span(span))
    days = tuple(say.short_day(day) for day in span.days)
    return daily_bars(series, days=days, unit=say.t("million ₫"), comma="," if say.language == "vi" else ".", alt=alt)


@dataclass(frozen=True, kw_only=True)
class ShareView:
    """The online share of a month and what it is made of."""

    span: Span
    months: tuple[date, ...]
    report: SalesReport
    told: tuple[sales.Told, ...]
    around: tuple[date, date] | None  # the days that take in the declarations left out


def look_at_share(tx: Tx, seen: Scope, asked: Asked, cut: Cut, now_day: date) -> ShareView:
    """Read it all."""
    months = sales.months(tx, seen)
    span = asked.span(months, now_day)
    report = sales_report(tx, span.period, cut=cut, scope=seen, complete_up_to=store.complete_up_to(tx))
    return ShareView(
        span=span, months=months, report=report, told=sales.declarations(tx, seen, span.period, cut),
        around=sales.declared_around(tx, seen, span.period, cut) if report.outside else None,
    )  # fmt: skip


@routes.get("/tong-quan/ty-trong")
async def share(request: web.Request) -> web.StreamResponse:
    """V01 to V04 with numerators, denominators and the lines of both."""
    house, cut = request.app[HOUSE], cut_asked(request)
    found = await house.db.read(
        look_at_share, scope(request), asked(request), cut, today(house.clock)
    )  # fmt: skip
    shops = {kind: [row for row in found.report.rows if row.shop.kind == kind] for kind in
             {row.shop.kind for row in found.report.rows}}  # fmt: skip
    return shown(request, "overview/share.html", view=found, cut=cut, shops_of=shops)
