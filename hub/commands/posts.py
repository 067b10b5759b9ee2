"""``ocop-hub posts``: plan a post for a page from a template, see what it would say, send it, take it back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, get_args

import typer

from hub import connectors
from hub.app import Hub
from hub.catalog import store as catalog
from hub.commands.shell import JsonFlag, config_language, in_words, line, local_moment, out, run
from hub.commands.sync import one_shop
from hub.connectors.base import Posts
from hub.db import Tx, new_id
from hub.errors import Invalid
from hub.problems import render
from hub.sync import store
from hub.sync.model import Problem
from hub.sync.posting import standing, subject_of, template_of, worded
from hub.sync.posts import make
from hub.sync.schedule import LANE_OF
from hub.sync.store import PostState, StoredPost
from hub.sync.work import work
from hub.types import local_text

app = typer.Typer(help="Posts on pages: plan, list, send, take back.", no_args_is_help=True)

PostId = Annotated[str, typer.Argument(help="The post's number.")]
STATES: tuple[PostState, ...] = get_args(PostState)
SENDABLE: tuple[PostState, ...] = ("planned", "held", "failed")
WAITING: tuple[PostState, ...] = ("planned", "held", "failed", "unknown")
WHO = "cli"


@app.command("plan")
def plan_command(
    product: Annotated[list[str] | None, typer.Argument(help="Products by id or name: one, or a campaign's.")] = None,
    shop: Annotated[str, typer.Option("--shop", help="The page: its id or a part of its name.")] = "",
    template: Annotated[str, typer.Option("--template", help="A name in config/posts.toml.")] = "",
    campaign: Annotated[str, typer.Option("--campaign", help="What the campaign is called.")] = "",
    words: Annotated[str, typer.Option("--words", help="Your own words in front; claims in them are checked.")] = "",
    at: Annotated[str, typer.Option("--at", help="2026-12-01T08:00, Vietnam's time; empty: as soon as may be.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it, keep nothing.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Make a post and plan it. Exit status 1 when something holds it: it is kept, and looked at again at its time."""
    with in_words():
        when = local_moment(at) if at else None

    async def go(hub: Hub) -> StoredPost:
        ids = tuple([await hub.db.read(_product, one) for one in product or []])
        made = await _made(hub, shop, template, ids, campaign, words, when)
        if not dry_run:
            await hub.db.write(store.add_post, made)
            await hub.ask(LANE_OF["post"], made.shop_id, "post")
        return made

    made = run(go)
    _show(made, json_)
    if made.problems:
        raise typer.Exit(1)


@app.command("list")
def list_command(
    shop: Annotated[str, typer.Option("--shop", help="Only this page.")] = "",
    state: Annotated[str, typer.Option("--state", help="Only posts in this state.")] = "",
    json_: JsonFlag = False,
) -> None:
    """Posts, the latest in front, with what a person must do about them."""
    with in_words():
        if state and state not in STATES:
            raise Invalid("choice_wrong", given=state, choices=list(STATES))
    chosen = tuple(one for one in STATES if one == state)

    async def go(hub: Hub) -> tuple[StoredPost, ...]:
        shop_id = (await one_shop(hub, shop)).id if shop else ""
        return await hub.db.read(store.posts_of, shop_id, chosen)

    found = run(go)
    if json_:
        out([post_json(one) for one in found])
        return
    for one in found:
        line(f"{one.id} {local_text(one.at)} {one.state:8} {one.title} {one.url}")
        _say(one.problems)


@app.command("show")
def show_command(post: PostId, json_: JsonFlag = False) -> None:
    """What a post says and what the platform answered."""

    async def go(hub: Hub) -> StoredPost:
        return await hub.db.read(store.post_of, post)

    _show(run(go), json_)


@app.command("send")
def send_command(post: PostId, json_: JsonFlag = False) -> None:
    """Send it now, whatever time it was planned for. What is held is made anew and checked again."""

    async def go(hub: Hub) -> StoredPost:
        known = await hub.db.read(store.post_of, post)
        _must_be(known, SENDABLE)
        now = hub.clock.now()
        # what may stand there already keeps its words: it is looked for by them before anything is sent
        state: PostState = "unknown" if known.state == "failed" else "planned"
        ready = replace(
            known, state=state, at=min(known.at, now), next_at=now, changed_at=now, remote_id="", attempts=0
        )
        await hub.db.write(store.change_post, known, ready)
        return await _work(hub, ready)

    sent = run(go)
    _show(sent, json_)
    if sent.problems:
        raise typer.Exit(1)


@app.command("cancel")
def cancel_command(
    post: PostId,
    gone: Annotated[bool, typer.Option("--gone", help="Somebody deleted it on the page already.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Do not send it; what stands on the page is taken down where the platform lets us, else you are told where."""

    async def go(hub: Hub) -> StoredPost:
        known = await hub.db.read(store.post_of, post)
        _must_be(known, (*WAITING, "posted"))
        now = hub.clock.now()
        stands = known.state == "posted" and not gone
        after = replace(known, down=True, next_at=now) if stands else replace(known, state="removed", next_at=None)
        after = replace(after, changed_at=now, problems=() if not stands else known.problems)
        await hub.db.write(store.change_post, known, after)
        return await _work(hub, after) if stands else after

    after = run(go)
    _show(after, json_)
    if after.problems:
        raise typer.Exit(1)


# ---- what they share ---------------------------------------------------------------------------------------------


async def _made(
    hub: Hub, shop: str, template: str, ids: Sequence[str], campaign: str, words: str, when: datetime | None
) -> StoredPost:
    """The post as it would be said today. Raises Invalid."""
    page = await one_shop(hub, shop)
    ground = hub.ground(page)
    chosen = template_of(ground, template)
    if not issubclass(connectors.load(page.platform), Posts):
        raise Invalid("post_not_offered", platform=page.platform)
    if bool(campaign) != (chosen.about == "campaign") or (chosen.about == "product" and len(ids) != 1):
        raise Invalid("post_about_wrong", template=template)
    view = await hub.db.read(store.post_view, page.id, ids)
    for one in set(ids) - {told.product.id for told in view.sellables}:
        raise Invalid("post_not_of_shop", product=one)
    now = hub.clock.now()
    blank = StoredPost(
        id=new_id(), shop_id=page.id, products=tuple(dict.fromkeys(ids)), template=template, at=when or now,
        campaign=campaign, words=words, made_by=WHO, changed_at=now,
    )  # fmt: skip
    return worded(blank, make(chosen, subject_of(view, campaign, words), standing(ground)), now)


async def _work(hub: Hub, post: StoredPost) -> StoredPost:
    await work(hub.means(), LANE_OF["post"], post.shop_id, "post")
    return await hub.db.read(store.post_of, post.id)


def _must_be(post: StoredPost, states: Sequence[PostState]) -> None:
    if post.state not in states:
        raise Invalid("post_state_wrong", id=post.id, state=post.state)


def _product(tx: Tx, text: str) -> str:
    found = catalog.find_products(tx, text)
    if len(found) != 1:
        raise Invalid("product_not_clear", text=text, fitting=[f"{one.id} {one.name}" for one in found[:10]])
    return found[0].id


def _show(post: StoredPost, json_: bool) -> None:
    if json_:
        out(post_json(post))
        return
    line(f"{post.id} {post.state} {local_text(post.at)} {post.url}")
    line(f"\n{post.title}\n\n{post.text}\n\n{post.link}".rstrip())
    _say(post.problems)


def _say(problems: Sequence[Problem]) -> None:
    for problem in problems:
        words = render(problem.code, problem.facts, config_language())
        line(f"    {words.what} {words.do}")


def post_json(post: StoredPost) -> dict[str, Any]:
    """A post as programs read it."""
    return {
        "id": post.id, "shop": post.shop_id, "products": list(post.products), "campaign": post.campaign,
        "template": post.template, "state": post.state, "at": post.at, "title": post.title, "text": post.text,
        "link": post.link, "pictures": list(post.pictures), "claims": post.claims, "remote_id": post.remote_id,
        "url": post.url, "answer": post.answer, "attempts": post.attempts, "next_at": post.next_at,
        "problems": [{"code": one.code, "facts": dict(one.facts)} for one in post.problems],
    }  # fmt: skip
