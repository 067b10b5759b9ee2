"""``ocop-hub migrate``, ``check``, ``copy``, ``demo``: the ground the hub stands on, and a first look at it."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hub.clock import RealClock
from hub.commands.shell import JsonFlag, bar, config, errors, in_words, line, out, ready, run
from hub.db import Db
from hub.errors import Invalid
from hub.types import LOCAL

if TYPE_CHECKING:
    from hub.demo.run import Story
    from hub.demo.world import World


def migrate() -> None:
    """Bring the database up to date; an interrupted run leaves it as it was."""
    with in_words():
        db = Db(config().database_url)
        try:
            ready(db)
        finally:
            db.close()


def check(
    figures: Annotated[bool, typer.Option("--figures", help="Rebuild every figure and compare.")] = False,
    new_key: Annotated[bool, typer.Option("--new-key", help="Print a fresh key for OCOP_SECRET_KEYS.")] = False,
    change_keys: Annotated[bool, typer.Option("--change-keys", help="Seal all secrets by the newest key.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Say what is wrong with this installation, numbered, and what to do."""
    if new_key:
        from cryptography.fernet import Fernet

        line(Fernet.generate_key().decode())
        return
    if figures:
        _check_figures(json_=json_)
        return
    if change_keys:
        _change_keys()
        return
    from hub.check import findings
    from hub.problems import render

    with in_words():
        settings = config()
    found = findings(settings, now=RealClock().now())
    if json_:
        out([{"number": f.number, "severity": f.severity, "code": f.code, "facts": dict(f.facts)} for f in found])
    for finding in () if json_ else found:
        words = render(finding.code, finding.facts, settings.language)
        line(f"{finding.number} {words.what}\n     → {words.do}")
    if not found and not json_:
        line("OK")
    raise typer.Exit(1 if any(f.severity == "bad" for f in found) else 0)


def _change_keys() -> None:
    from hub.app import Hub
    from hub.shops.keeper import change_keys

    async def go(hub: Hub) -> int:
        return await hub.db.write(change_keys, hub.vault)

    line(str(run(go)))


def _check_figures(*, json_: bool) -> None:
    from hub.app import Hub
    from hub.sales.store import Difference, rebuild_figures

    async def go(hub: Hub) -> tuple[Difference, ...]:
        return tuple(await hub.db.write(rebuild_figures))

    differences = run(go)
    if json_:
        out({"differences": [repr(d) for d in differences]})
    else:
        for difference in differences[:50]:
            line(repr(difference))
        line(f"{len(differences)}")
    raise typer.Exit(1 if differences else 0)


def copy(
    source: Annotated[str, typer.Option("--from", help="sqlite:///… or postgresql+psycopg://…")],
    target: Annotated[str, typer.Option("--to", help="postgresql+psycopg://… or sqlite:///…")],
    json_: JsonFlag = False,
) -> None:
    """Move a whole hub to another database; can be stopped and run again, verified at the end."""
    from hub.moving import copy_hub

    with in_words(), bar("copy") as step:
        one, other = Db(source), Db(target)
        try:
            verdict = copy_hub(one, other, progress=step)
        finally:
            one.close()
            other.close()
    if json_:
        out(verdict.to_json())
    else:
        from hub.problems import render

        line(f"{verdict.rows} rows, {verdict.tables} tables, equal: {verdict.equal}")
        for difference in verdict.differences:
            line(render("copy_differs", asdict(difference), config().language).what)
    raise typer.Exit(0 if verdict.equal else 1)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the report instead of serving.")] = False,
    start: Annotated[str, typer.Option(help="When the demo's world begins, Vietnam time.")] = "2026-11-21T08:00",
    json_: JsonFlag = False,
) -> None:
    """Import a registry, publish to five sandbox shops, sell for three weeks, show revenue per channel."""
    from hub.demo.run import play
    from hub.demo.world import settings

    with in_words():
        try:
            begin = datetime.fromisoformat(start).replace(tzinfo=LOCAL)
        except ValueError:
            raise Invalid("date_invalid", text=start) from None
        story = asyncio.run(play(settings(), bar, start=begin, then=None if once else _keep_open))
        if once:
            _say_story(story)
            out(story.answer)


def _say_story(story: "Story") -> None:
    from hub.commands.sales import table

    for text in table(story.sales.to_json()):
        errors.print(text, markup=False, soft_wrap=True)


async def _keep_open(world: "World", story: "Story") -> None:
    """Serve the demo's pages until asked to stop; its clock stands where the story ended."""
    from hub.commands.serving import stop_event
    from hub.web.sign_in import first_link

    _say_story(story)
    line(await first_link(world.hub.house()))
    await stop_event().wait()
