"""``ocop-hub sales`` and ``ocop-hub data``: figures out, the exchange format in and out."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from hub.access import WHOLE_HUB
from hub.app import Hub
from hub.commands.shell import JsonFlag, in_words, line, out, run
from hub.commands.sync import one_shop
from hub.errors import Invalid
from hub.programme.store import live_sessions
from hub.sales import report
from hub.sales.statements import unmatched_settlements
from hub.sales.store.bridge import bridges
from hub.shops import store as shops
from hub.sync import store as sync
from hub.types import Period, parse_period

app = typer.Typer(help="What was sold: revenue per channel, online share.", no_args_is_help=True)

PeriodOption = Annotated[str, typer.Option("--period", help="2026-11, 2026-Q4, 2026, or 2026-11-01..2026-11-15.")]


def period_of(text: str) -> Period:
    """``2026-11``, ``2026-Q4``, ``2026`` ... Raises Invalid."""
    try:
        return parse_period(text)
    except ValueError:
        raise Invalid("period_invalid", text=text) from None


@app.command("report")
def report_command(
    period: PeriodOption,
    cut: Annotated[str, typer.Option(help="ocop: certified at the order's time; all.")] = "all",
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook here.")] = None,
    json_: JsonFlag = False,
) -> None:
    """Revenue per channel to the dong, online share with how complete it is."""
    with in_words():
        span = period_of(period)
        if cut not in ("ocop", "all"):
            raise Invalid("cut_invalid", text=cut)

    async def go(hub: Hub) -> report.SalesReport:
        wanted: Literal["ocop", "all"] = "ocop" if cut == "ocop" else "all"
        up_to = await hub.db.read(sync.complete_up_to)
        return await hub.db.read(report.sales_report, span, cut=wanted, complete_up_to=up_to)

    found = run(go)
    if xlsx is not None:
        found.to_xlsx(xlsx)
    if json_:
        out(found.to_json())
    else:
        for text in table(found.to_json()):
            line(text)


def table(body: dict[str, Any]) -> list[str]:
    """Revenue per channel as lines of text."""
    lines = [f"{'Gian hàng':32} {'Đơn':>6} {'GMV':>14} {'Doanh thu thuần':>16} {'Đã thanh toán':>14}"]
    for row in (*body["by_channel"], {"name": "Cộng", **body["totals"]}):
        settled = "" if row.get("settled") is None else _vnd(row["settled"])
        lines.append(
            f"{row['name'][:32]:32} {row['orders']:>6} {_vnd(row['gmv']):>14} {_vnd(row['net_revenue']):>16} "
            f"{settled:>14}"
        )
    return lines


def _vnd(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")


@app.command("bridge")
def bridge_command(
    period: PeriodOption,
    json_: JsonFlag = False,
) -> None:
    """From GMV to money received, per shop (V08); exit status 1 when an order does not tie to its statement."""
    with in_words():
        span = period_of(period)

    async def go(hub: Hub) -> list[dict[str, Any]]:
        names = {one.id: one.name for one in await hub.db.read(shops.list_shops)}
        found = await hub.db.read(bridges, span, scope=WHOLE_HUB)
        return [{"name": names.get(one.shop_id, one.shop_id), **asdict(one), "fees": dict(one.fees)} for one in found]

    rows = run(go)
    if json_:
        out(rows)
    else:
        for row in rows:
            steps = {k: v for k, v in row.items() if isinstance(v, int) and v and k not in ("net", "settled")}
            fees = ", ".join(f"{kind} {_vnd(amount)}" for kind, amount in row["fees"].items())
            line(f"{row['name']}: " + ", ".join(f"{k} {_vnd(v)}" for k, v in steps.items()))
            line(f"    net {_vnd(row['net'])} − [{fees}] = settled {_vnd(row['settled'])}")
            if row["untied"]:
                line(f"    untied: {', '.join(row['untied'][:20])}")
    if any(row["untied"] for row in rows):
        raise typer.Exit(1)


@app.command("unmatched")
def unmatched_command(shop: Annotated[str, typer.Option(help="Only this shop.")] = "", json_: JsonFlag = False) -> None:
    """Money that came for orders the hub does not know; exit status 1 when there is any."""

    async def go(hub: Hub) -> list[dict[str, Any]]:
        shop_id = (await one_shop(hub, shop)).id if shop else None
        return [asdict(one) for one in await hub.db.read(unmatched_settlements, shop_id)]

    rows = run(go)
    if json_:
        out(rows)
    else:
        for row in rows:
            line(f"{row['shop_id']} {row['order_id']} {row['settled_at']:%Y-%m-%d} {_vnd(row['amount'])}")
    if rows:
        raise typer.Exit(1)


@app.command("lives")
def lives_command(
    period: PeriodOption,
    json_: JsonFlag = False,
) -> None:
    """Lives with the platform's own figures, never mixed with the hub's."""
    with in_words():
        span = period_of(period)

    async def go(hub: Hub) -> list[dict[str, Any]]:
        return [asdict(one) for one in await hub.db.read(live_sessions, period=span)]

    rows = run(go)
    if json_:
        out(rows)
        return
    for row in rows:
        figures = ", ".join(f"{name} {_vnd(value)}" for name, value in row["figures"].items())
        line(f"{row['started_at']:%Y-%m-%d %H:%M} {row['title']}: {figures}")
