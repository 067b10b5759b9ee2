"""``ocop-hub comments``: what people wrote under lives and posts and in the chat; answer them, hide what must go."""

from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.commands.shell import JsonFlag, ShopArgument, config_language, line, out, run
from hub.commands.sync import one_shop
from hub.problems import render
from hub.sync import comments
from hub.sync.store.comments import StoredComment, comments_of
from hub.types import LOCAL

app = typer.Typer(help="Comments and chat: list, reply, hide.", no_args_is_help=True)

CommentId = Annotated[str, typer.Argument(help="The comment's or message's number, as the list shows it.")]


@app.command("list")
def list_command(
    shop: ShopArgument,
    live: Annotated[str, typer.Option("--live", help="Only under this live, post or conversation.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=5000, help="At most so many, the newest.")] = 200,
    json_: JsonFlag = False,
) -> None:
    """What people wrote, the newest last, and whether it was answered."""

    async def go(hub: Hub) -> tuple[StoredComment, ...]:
        found = await one_shop(hub, shop)
        return await hub.db.read(comments_of, found.id, live, limit)

    found = run(go)
    if json_:
        out([comment_json(one) for one in found])
        return
    for one in found:
        _print(one)


@app.command("reply")
def reply_command(
    shop: ShopArgument,
    comment: CommentId,
    text: Annotated[str, typer.Argument(help="What to write, in private.")],
    again: Annotated[
        bool, typer.Option("--again", help="You looked, and the answer whose fate was unknown is not there.")
    ] = False,
    json_: JsonFlag = False,
) -> None:
    """Write to the person in private. Exit status 1 when it did not go out, or nobody knows."""

    async def go(hub: Hub) -> StoredComment:
        found = await one_shop(hub, shop)
        connector = (await hub.open_line(found)).connector
        return await comments.answer(hub.db, connector, found, comment, text, now=hub.clock.now, again=again)

    _show(run(go), json_)


@app.command("hide")
def hide_command(shop: ShopArgument, comment: CommentId, json_: JsonFlag = False) -> None:
    """Hide it from others, where the channel has a way to."""

    async def go(hub: Hub) -> StoredComment:
        found = await one_shop(hub, shop)
        return await comments.hide(hub.db, (await hub.open_line(found)).connector, found, comment)

    _show(run(go), json_)


def comment_json(one: StoredComment) -> dict[str, Any]:
    """A comment as programs read it."""
    return {
        "shop": one.shop_id, "id": one.remote_id, "about": one.about, "author": one.author, "text": one.text,
        "at": one.at.isoformat(), "kind": one.kind, "hidden": one.hidden, "removed": one.removed,
        "answer": one.answer, "answered_at": None if one.answered_at is None else one.answered_at.isoformat(),
        "problem": one.problem, "facts": one.facts,
    }  # fmt: skip


def _show(one: StoredComment, json_: bool) -> None:
    out(comment_json(one)) if json_ else _print(one)
    if one.problem:
        raise typer.Exit(1)


def _print(one: StoredComment) -> None:
    marks = [name for name, true in (("hidden", one.hidden), ("removed", one.removed)) if true]
    marks += [f"answer:{one.answer}"] if one.answer else []
    line(f"{one.remote_id:24} {one.at.astimezone(LOCAL):%d/%m %H:%M:%S} {one.kind:8} {' '.join(marks):14} {one.text}")
    if one.problem:
        words = render(one.problem, one.facts, config_language())
        line(f"    {words.what} {words.do}")
