"""``ocop-hub orders``: what waits to be sent, and sending it: pack, ship, label, cancel, pick list, handover sheet."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.access import WHOLE_HUB
from hub.app import Hub
from hub.commands.shell import JsonFlag, ShopArgument, config_language, in_words, line, out, run
from hub.commands.sync import one_shop
from hub.connectors.shipping import CancelReason, Handover
from hub.errors import Invalid, Unavailable
from hub.problems import render
from hub.sync import fulfil, slips, store
from hub.sync.fulfil import Wish
from hub.sync.schedule import LANE_OF
from hub.sync.store import ToSend
from hub.sync.work import Report, work
from hub.types import LOCAL

app = typer.Typer(help="Orders to send: pack, ship, label, cancel, lists.", no_args_is_help=True)

Orders = Annotated[list[str], typer.Argument(help="Order ids as the platform gives them.")]
Some = Annotated[str, typer.Option("--shop", help="Only this shop.")]
REASONS: tuple[CancelReason, ...] = ("out_of_stock", "buyer_asked", "price_wrong", "cannot_deliver", "other")
HANDOVERS: tuple[Handover, ...] = ("pickup", "dropoff")


@app.command("list")
def list_command(shop: Some = "", json_: JsonFlag = False) -> None:
    """Orders that wait to be sent, with the time left; those a person must see to say what to do."""

    async def go(hub: Hub) -> list[dict[str, Any]]:
        return [await _row(hub, one) for one in await _waiting(hub, shop)]

    rows = run(go)
    if json_:
        out(rows)
        return
    for row in rows:
        left = f"{row['ship_by'].astimezone(LOCAL):%d/%m %H:%M} {row['urgency']}"
        goods = ", ".join(f"{item['sku']}×{item['units']}" for item in row["items"])
        line(f"{row['shop']:24} {row['order']:20} {row['state']:8} {left}  {goods}")
        if row["problem"]:
            words = render(row["problem"], row["facts"], config_language())
            line(f"    {words.what} {words.do} {row['facts'].get('link', '')}")


@app.command("look")
def look_command(shop: ShopArgument, orders: Orders) -> None:
    """Ask the platform until when these must leave."""
    _do(shop, orders, lambda ids: Wish(do="look", orders=ids))


@app.command("pack")
def pack_command(shop: ShopArgument, orders: Orders) -> None:
    """Tell the platform that these are packed, where it wants to know."""
    _do(shop, orders, lambda ids: Wish(do="pack", orders=ids))


@app.command("ship")
def ship_command(
    shop: ShopArgument,
    orders: Orders,
    handover: Annotated[str, typer.Option(help="pickup or dropoff.")] = "pickup",
    slot: Annotated[str, typer.Option(help="The platform's pick-up slot.")] = "",
    tracking: Annotated[str, typer.Option(help="With a carrier of your own.")] = "",
    carrier: Annotated[str, typer.Option(help="With a carrier of your own.")] = "",
) -> None:
    """Call the carrier, or tell the platform your own."""
    with in_words():
        how = next((one for one in HANDOVERS if one == handover), None)
        if how is None:
            raise Invalid("choice_wrong", given=handover, choices=list(HANDOVERS))
    chosen: Handover = how
    _do(shop, orders, lambda ids: Wish(do="ship", orders=ids, handover=chosen, slot=slot, tracking=tracking,
                                       carrier=carrier))  # fmt: skip


@app.command("cancel")
def cancel_command(
    shop: ShopArgument, orders: Orders, reason: Annotated[str, typer.Option(help="Why.")] = "other"
) -> None:
    """Cancel on the platform; where it does not let us, a task with a link remains."""
    with in_words():
        why = next((one for one in REASONS if one == reason), None)
        if why is None:
            raise Invalid("choice_wrong", given=reason, choices=list(REASONS))
    chosen: CancelReason = why
    _do(shop, orders, lambda ids: Wish(do="cancel", orders=ids, reason=chosen))


@app.command("label")
def label_command(
    shop: ShopArgument,
    order: Annotated[str, typer.Argument(help="One order.")],
    file: Annotated[Path, typer.Argument(help="Where to put the platform's label.")],
) -> None:
    """Fetch the platform's own label. It carries the buyer's address: print it and delete the file."""

    async def go(hub: Hub) -> str:
        found = await one_shop(hub, shop)
        label = await fulfil.label(await hub.open_line(found), fulfil.first_of([order])[0])
        await asyncio.to_thread(file.write_bytes, label.content)
        return f"{file} ({label.media}, {len(label.content)} B)"

    line(run(go))


@app.command("picklist")
def picklist_command(file: Annotated[Path, typer.Argument(help="A PDF to write.")], shop: Some = "") -> None:
    """What to fetch from the shelf for the orders that are not on their way yet."""
    _paper(file, shop, slips.pick_list, shipped=False)


@app.command("handover")
def handover_command(file: Annotated[Path, typer.Argument(help="A PDF to write.")], shop: Some = "") -> None:
    """What the carrier takes along and signs for: orders for which it was called."""
    _paper(file, shop, slips.handover_sheet, shipped=True)


def _paper(file: Path, shop: str, draw: Callable[..., bytes], *, shipped: bool) -> None:
    async def go(hub: Hub) -> int:
        orders = [one for one in await _waiting(hub, shop) if (one.dispatch.state == "shipped") is shipped]
        pdf = draw(orders, printed=hub.clock.now(), language=config_language())
        try:
            await asyncio.to_thread(file.write_bytes, pdf)
        except OSError:
            raise Unavailable("file_unwritable", file=str(file)) from None
        return len(orders)

    line(f"{file}: {run(go)}")


def _do(shop: str, orders: list[str], wish: Callable[[tuple[Any, ...]], Wish]) -> None:
    async def go(hub: Hub) -> Report:
        found = await one_shop(hub, shop)
        job = fulfil.job(wish(fulfil.first_of(orders)))
        return await work(hub.means(), LANE_OF["fulfil"], found.id, "fulfil", job=job)

    report = run(go)
    line(f"{report.result}: {report.tally.done}/{report.tally.total}")
    for problem in report.tally.problems:
        words = render(problem.code, problem.facts, config_language())
        line(f"  {problem.facts.get('order', '')}: {words.what} {words.do}")
    if report.tally.problems or report.run_id is None:
        raise typer.Exit(1)


async def _waiting(hub: Hub, shop: str) -> tuple[ToSend, ...]:
    shop_id = (await one_shop(hub, shop)).id if shop else ""
    return await hub.db.read(store.to_send, WHOLE_HUB, shop_id)


async def _row(hub: Hub, one: ToSend) -> dict[str, Any]:
    by: datetime = fulfil.deadline(one.dispatch.ship_by, one.began, _days(hub, one.platform))
    return {
        "shop": one.shop_name, "shop_id": one.shop_id, "order": one.order, "number": one.number, "cod": one.cod,
        "state": one.dispatch.state, "ship_by": by, "urgency": fulfil.urgency(by, hub.clock.now()),
        "tracking": one.dispatch.tracking, "problem": one.dispatch.problem, "facts": dict(one.dispatch.facts),
        "items": [{"sku": item.sku, "title": item.title, "units": item.units} for item in one.items],
    }  # fmt: skip


def _days(hub: Hub, platform: str) -> int:
    try:
        return hub.rules(platform).ship_days
    except Invalid:
        return 2
