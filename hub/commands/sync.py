"""``ocop-hub sync``: plan, run, pause, resume, next, history, schedule, backfill."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.catalog.store import find_products
from hub.commands.shell import JsonFlag, ShopArgument, bar, in_words, line, out, run
from hub.connectors.model import Draft
from hub.errors import Invalid
from hub.problems import render
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import due, pull, store
from hub.sync.compare import settle
from hub.sync.means import Line, Means
from hub.sync.model import (
    Ask,
    BindingState,
    Command,
    Create,
    Hold,
    JobKind,
    Problem,
    SetPrice,
    SetStock,
    Update,
    Withdraw,
)
from hub.sync.plan import plan
from hub.sync.push import Push, Tally
from hub.sync.schedule import LANE_OF, next_times, trigger
from hub.sync.store import Event, Lease
from hub.sync.work import JOBS, Job, Report, work
from hub.types import LOCAL, fold, local_midnight

app = typer.Typer(help="What goes to the channels and what comes back: plan, run, schedule.", no_args_is_help=True)

Kind = Annotated[str, typer.Argument(help="push, pull, money, readback, recount, gates, stock or hint.")]


async def one_shop(hub: Hub, text: str) -> Shop:
    """The shop with this id, or the only one whose name contains the text. Raises Invalid."""
    everything = await hub.db.read(shops.list_shops)
    exact = [s for s in everything if s.id == text]
    fitting = exact or [s for s in everything if fold(text) in fold(f"{s.name} {s.platform}")]
    if len(fitting) != 1:
        raise Invalid("shop_not_clear", text=text, fitting=[f"{s.id} {s.name}" for s in fitting[:10]])
    return fitting[0]


def _kind(text: str) -> JobKind:
    for kind in JOBS:
        if kind == text:
            return kind
    raise Invalid("job_unknown", kind=text, known=sorted(JOBS))


@app.command("plan")
def plan_command(shop: ShopArgument, json_: JsonFlag = False) -> None:
    """Show what a push would do now, without doing it."""

    async def work_it_out(hub: Hub) -> tuple[Shop, tuple[Command, ...]]:
        found = await one_shop(hub, shop)
        view = await hub.db.read(store.push_view, found.id)
        return found, plan(view, hub.ground(found))

    found, commands = run(work_it_out)
    if json_:
        out({"shop": found.id, "commands": [command_json(c) for c in commands]})
        return
    line(f"{found.name} ({found.platform}): {len(commands)}")
    for command in commands:
        line("  " + _say(command))


def command_json(command: Command) -> dict[str, Any]:
    """A command as people and programs read it."""
    body: dict[str, Any] = {"do": type(command).__name__, "product": command.product_id}
    if isinstance(command, Create | Update):
        body["draft"] = _draft(command.draft)
    if isinstance(command, Update):
        body |= {"fields": sorted(command.fields), "urgent": command.urgent}
    if isinstance(command, SetStock):
        body["stock"] = {level.sku: level.stock for level in command.levels}
    if isinstance(command, SetPrice):
        body["price"] = {tag.sku: tag.price for tag in command.tags}
    if isinstance(command, Withdraw):
        body["reasons"] = [_problem(p) for p in command.reasons]
    if isinstance(command, Hold):
        body["problems"] = [_problem(p) for p in command.problems]
    if isinstance(command, Ask):
        body["reason"] = _problem(command.reason)
    return body


def _draft(draft: Draft) -> dict[str, Any]:
    whole = asdict(draft)
    return {key: whole[key] for key in ("sku", "title", "description", "category", "attributes", "variants", "visible")}


def _problem(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "facts": dict(problem.facts)}


def _say(command: Command) -> str:
    body = command_json(command)
    if isinstance(command, Create | Update):
        fields = "" if isinstance(command, Create) else " " + ",".join(sorted(command.fields))
        return f"{body['do']}: {command.draft.title}{fields}"
    if isinstance(command, Hold):
        words = "; ".join(render(p.code, p.facts, "vi").what for p in command.problems)
        return f"Hold: {command.product_id}: {words}"
    if isinstance(command, Ask):
        return f"Ask: {render(command.reason.code, command.reason.facts, 'vi').what}"
    return f"{body['do']}: {command.product_id} {body.get('stock') or body.get('price') or ''}"


@app.command("run")
def run_command(
    shop: ShopArgument,
    kind: Kind = "push",
    allow_mass_withdraw: Annotated[
        bool, typer.Option(help="Hide listings even when they are more than a tenth of the shop.")
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Run one job on one shop now and say what came of it."""
    wanted = _kind(kind) if kind in JOBS else None
    if wanted is None:
        with in_words():
            raise Invalid("job_unknown", kind=kind, known=sorted(JOBS))

    async def go(hub: Hub) -> dict[str, Any]:
        found = await one_shop(hub, shop)
        job = _mass_push if wanted == "push" and allow_mass_withdraw else None
        report = await work(hub.means(), LANE_OF[wanted], found.id, wanted, job=job)
        return {
            "shop": found.id,
            "kind": wanted,
            "run": report.run_id,
            "result": report.result,
            "done": report.tally.done,
            "total": report.tally.total,
            "held": report.tally.held,
            "problems": [_problem(p) for p in report.tally.problems],
            "stopped": report.tally.stopped,
        }

    answer = run(go)
    if json_:
        out(answer)
        return
    line(
        f"{answer['result']}: {answer['done']}/{answer['total']}"
        + (f" ({answer['stopped']})" * bool(answer["stopped"]))
    )
    for problem in answer["problems"][:10]:
        words = render(problem["code"], problem["facts"], "vi")
        line(f"  {words.what} → {words.do}")


@app.command("accept")
def accept_command(
    shop: ShopArgument,
    product: Annotated[str, typer.Argument(help="The product's id or name.")],
    ours: Annotated[
        bool, typer.Option("--ours/--theirs", help="Send ours again over what is there, or leave what is there.")
    ],
) -> None:
    """Answer a listing that waits for a person: changed, hidden or removed on the channel, or shown otherwise."""

    async def go(hub: Hub) -> Report:
        found = await one_shop(hub, shop)
        products = await hub.db.read(find_products, product)
        held = await hub.db.read(store.some_bindings, found.id, [p.id for p in products])
        waiting = [b for b in held if b.state in (BindingState.ASK, BindingState.DRIFTED)]
        if len(waiting) != 1:
            raise Invalid("listing_not_waiting", text=product, waiting=[b.product_id for b in waiting])
        return await work(hub.means(), "bulk", found.id, "push", job=_answer(waiting[0].product_id, ours))

    report = run(go)
    line(f"{report.result}: {report.tally.done}/{report.tally.total}")


def _answer(product_id: str, ours: bool) -> Job:
    """Write the answer down under the shop's lease, then push that product."""

    async def job(means: Means, line_: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
        known = {b.product_id: b for b in await means.db.read(store.some_bindings, shop.id, [product_id])}
        settled = settle(known[product_id], ours=ours)
        event = Event(product_id=product_id, kind="answer", answer="ours" if ours else "theirs")
        await means.db.write(
            store.save, lease, [settled], [event], known=known, run_id=run_id, now=means.now()
        )  # fmt: skip
        return await Push(means, line_, lease, run_id, only=[product_id]).run()

    return job


async def _mass_push(means: Any, line_: Any, lease: Any, shop: Shop, run_id: str) -> Tally:
    return await Push(means, line_, lease, run_id, allow_mass_withdraw=True).run()


@app.command("backfill")
def backfill_command(
    shop: ShopArgument,
    first: Annotated[str, typer.Option(help="First local day, 2026-01-31.")],
    last: Annotated[str, typer.Option(help="Last local day; default: today.")] = "",
) -> None:
    """Fetch the orders of old days again, one day at a time; can be stopped and run again."""
    with in_words():
        try:
            start = local_midnight(date.fromisoformat(first))
            until = local_midnight(date.fromisoformat(last)) if last else None
        except ValueError:
            raise Invalid("date_invalid", text=f"{first} {last}".strip()) from None

    async def go(hub: Hub) -> Tally:
        found = await one_shop(hub, shop)

        async def job(means: Any, line_: Any, lease: Any, shop_: Shop, run_id: str) -> Tally:
            with bar(found.name) as step:
                return await pull.backfill(
                    means, line_, lease, shop_, run_id, first=start, last=until or means.now(), progress=step
                )

        report = await work(hub.means(), "bulk", found.id, "backfill", job=job)
        return report.tally

    tally = run(go)
    line(f"{tally.done}/{tally.total}" + (f" ({tally.stopped})" * bool(tally.stopped)))


def _pause(shop: str, kind: str | None, *, paused: bool) -> None:
    async def go(hub: Hub) -> int:
        found = await one_shop(hub, shop)
        return await hub.db.write(due.pause, found.id, kind, paused=paused)

    line(str(run(go)))


@app.command("pause")
def pause_command(shop: ShopArgument, kind: Annotated[str, typer.Argument()] = "") -> None:
    """Stop the schedule of a shop, or of one kind of job."""
    _pause(shop, kind or None, paused=True)


@app.command("resume")
def resume_command(shop: ShopArgument, kind: Annotated[str, typer.Argument()] = "") -> None:
    """Go on with what was paused."""
    _pause(shop, kind or None, paused=False)


@app.command("schedule")
def schedule_command(
    shop: ShopArgument, kind: Kind, cron: Annotated[str, typer.Argument(help="Five fields, Vietnam time.")]
) -> None:
    """Give one kind of job of a shop its own times; shows the next five."""
    with in_words():
        trigger(cron)

    async def go(hub: Hub) -> list[str]:
        found = await one_shop(hub, shop)
        await hub.db.write(due.change_cron, found.id, _kind(kind), cron)
        return [t.isoformat() for t in next_times(cron, hub.clock.now())]

    for moment in run(go):
        line(moment)


@app.command("next")
def next_command(shop: Annotated[str, typer.Argument()] = "", json_: JsonFlag = False) -> None:
    """When each job runs next."""

    async def go(hub: Hub) -> list[dict[str, Any]]:
        found = await one_shop(hub, shop) if shop else None
        names = {s.id: s.name for s in await hub.db.read(shops.list_shops)}
        rows = await hub.db.read(due.schedules, None if found is None else found.id)
        now = hub.clock.now()
        return [
            {
                "shop": d.shop_id,
                "name": names.get(d.shop_id, ""),
                "kind": d.kind,
                "cron": d.cron,
                "paused": d.paused,
                "next": None if d.paused or not d.cron else next_times(d.cron, now, 1)[0].isoformat(),
                "retry": None if d.retry_at is None else d.retry_at.astimezone(LOCAL).isoformat(),
                "last_ok": None if d.last_ok_at is None else d.last_ok_at.astimezone(LOCAL).isoformat(),
            }
            for d in rows
        ]

    rows = run(go)
    if json_:
        out(rows)
        return
    for row in rows:
        line(f"{row['name']:30} {row['kind']:9} {row['cron']:16} {row['next'] or 'paused'}")


@app.command("history")
def history_command(
    shop: Annotated[str, typer.Argument()] = "",
    limit: Annotated[int, typer.Option(help="How many runs.")] = 20,
    json_: JsonFlag = False,
) -> None:
    """The last runs, newest first."""

    async def go(hub: Hub) -> list[dict[str, Any]]:
        found = await one_shop(hub, shop) if shop else None
        runs = await hub.db.read(store.runs, shop_id=None if found is None else found.id, limit=limit)
        return [
            {
                **asdict(r),
                "problems": [_problem(p) for p in r.problems],
                "started_at": r.started_at.isoformat(),
                "ended_at": None if r.ended_at is None else r.ended_at.isoformat(),
            }
            for r in runs
        ]

    rows = run(go)
    if json_:
        out(rows)
        return
    for row in rows:
        line(f"{row['started_at'][:19]} {row['kind']:9} {row['result']:10} {row['done']}/{row['total']} {row['note']}")
