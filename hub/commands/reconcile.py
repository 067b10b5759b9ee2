"""``ocop-hub reconcile``: what channels show otherwise than we hold it, and orders counted again on each platform."""

from typing import Annotated, Any

import typer

from hub.access import WHOLE_HUB
from hub.app import Hub
from hub.commands.shell import JsonFlag, bar, line, out, run
from hub.commands.sync import one_shop
from hub.problems import render
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import browse, store
from hub.sync.model import JobKind, Run
from hub.sync.schedule import LANE_OF
from hub.sync.work import work

KINDS: tuple[JobKind, ...] = ("readback", "recount")


def reconcile(
    shop: Annotated[str, typer.Argument(help="One shop's id or a part of its name; empty: all shops.")] = "",
    now: Annotated[
        bool, typer.Option("--now", help="Read back and recount now instead of showing the last time.")
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Show the drift list with both values and the last recount of 30 days' orders; exit status 1 when there is any."""

    async def go(hub: Hub) -> dict[str, Any]:
        every = [await one_shop(hub, shop)] if shop else await hub.db.read(shops.list_shops)
        connected = [one for one in every if one.state == "connected"]
        if now:
            with bar("reconcile") as step:
                for place, one in enumerate(connected):
                    for kind in KINDS:
                        await work(hub.means(), LANE_OF[kind], one.id, kind)
                    step(place + 1, len(connected))
        drifts = await hub.db.read(browse.drifts, WHOLE_HUB, connected[0].id if shop and connected else "")
        last = [await _last(hub, one) for one in connected]
        return {"drift": [vars(one) for one in drifts], "shops": last}

    found = run(go)
    if json_:
        out(found)
    else:
        _say(found)
    if found["drift"] or any(one["problems"] for one in found["shops"]):
        raise typer.Exit(1)


async def _last(hub: Hub, shop: Shop) -> dict[str, Any]:
    answer: dict[str, Any] = {"shop": shop.id, "name": shop.name, "problems": []}
    for kind in KINDS:
        ended = [one for one in await hub.db.read(store.runs, shop_id=shop.id, kind=kind, limit=5) if one.ended_at]
        answer[kind] = _run(ended[0]) if ended else None
        answer["problems"] += [{"code": p.code, "facts": dict(p.facts)} for one in ended[:1] for p in one.problems]
    return answer


def _run(one: Run) -> dict[str, Any]:
    return {"ended_at": one.ended_at, "result": one.result, "checked": one.total}


def _say(found: dict[str, Any]) -> None:
    for one in found["drift"]:
        line(f"{one['shop_id']} {one['name']}: {one['field']}: {one['ours']!r} ≠ {one['theirs']!r} ({one['state']})")
    for one in found["shops"]:
        read, count = one["readback"], one["recount"]
        line(
            f"{one['name']}: read back {read['ended_at'] if read else '-'} ({read['checked'] if read else 0}), "
            f"recounted {count['ended_at'] if count else '-'} ({count['checked'] if count else 0})"
        )
        for problem in one["problems"]:
            words = render(problem["code"], problem["facts"])
            line(f"  {words.what} {words.do}")
