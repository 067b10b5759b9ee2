"""``ocop-hub readiness`` and ``ocop-hub cut``: what a product lacks for each channel, and its own words for one.

``readiness --json`` prints ``{"product", "name", "ready", "channels": [{"channel", "ready", "edited", "title",
"description", "category", "blocks": [problem ...], "advises": [problem ...]} ...]}``; a problem is ``{"code", "facts",
"severity", "who", "what", "do"}``, its words in the language of the settings. ``ready`` of the whole: nothing blocks on
any of the channels shown. Title, description and category are null where no listing can be drawn.
"""

import asyncio
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.catalog import store as catalog
from hub.commands.catalog import one_product
from hub.commands.shell import JsonFlag, config_language, in_words, line, out, run
from hub.config import config_dir
from hub.db import Tx
from hub.errors import Invalid
from hub.problems import render
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.model import Cut, Problem
from hub.sync.picture_facts import read_pictures
from hub.sync.readiness import Readiness, readiness

ProductArgument = Annotated[str, typer.Argument(help="The product's id, or a part of its name that fits one product.")]


def readiness_command(
    product: ProductArgument,
    channel: Annotated[str, typer.Option(help="Only this channel, by its connector's id.")] = "",
    json_: JsonFlag = False,
) -> None:
    """Say what keeps a product off each channel and how to mend it, offline; status 1 when something does."""
    _answer(product, channel, json_=json_)


def cut_command(
    product: ProductArgument,
    channel: Annotated[str, typer.Argument(help="The channel, by its connector's id.")],
    title: Annotated[str | None, typer.Option(help="The title there; blank: made by rule again.")] = None,
    description: Annotated[str | None, typer.Option(help="The text there; blank: made by rule again.")] = None,
    clear: Annotated[bool, typer.Option("--clear", help="All words made by rule again.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Give a product its own words on one channel; claims and required facts stay those of the certificate.

    Any claim in the words is taken out: the one that is allowed today is put in by rule. Answers like readiness.
    """
    with in_words():
        if not clear and title is None and description is None:
            raise Invalid("cut_blank")

    async def go(hub: Hub) -> str:
        hub.rules(channel)
        found = await one_product(hub, product)
        now = hub.clock.now()
        if clear:
            await hub.db.write(store.clear_cut, found.id, channel, now)
            return found.id
        before = (await hub.db.read(store.cuts_of, found.id)).get(channel)
        edited = Cut(
            product_id=found.id, platform=channel, edited_at=now, edited_by="cli",
            title=title if title is not None else before.title if before else "",
            description=description if description is not None else before.description if before else "",
        )  # fmt: skip
        await hub.db.write(store.put_cut, edited)
        return found.id

    _answer(run(go), channel, json_=json_)


def _answer(product: str, channel: str, *, json_: bool) -> None:
    async def go(hub: Hub) -> tuple[str, str, list[Readiness]]:
        found = await one_product(hub, product)
        return found.id, found.name, await look(hub, found.id, [channel] if channel else known_channels())

    product_id, name, found = run(go)
    ready = all(one.ready for one in found)
    if json_:
        channels = [to_json(one) for one in found]
        out({"product": product_id, "name": name, "ready": ready, "channels": channels})
    else:
        for one in found:
            _say(one)
    if not ready:
        raise typer.Exit(1)


def known_channels() -> list[str]:
    """Every channel that has a rule pack and a category map."""
    base = config_dir()
    maps = {file.stem for file in (base / "categories").glob("*.toml")}
    return sorted(file.stem for file in (base / "channels").glob("*.toml") if file.stem in maps)


async def look(hub: Hub, product_id: str, channels: list[str]) -> list[Readiness]:
    """How one product stands on these channels. Raises Invalid("rule_pack_missing")."""
    (sellable,) = await hub.db.read(catalog.sellables, [product_id])
    cuts = await hub.db.read(store.cuts_of, product_id)
    known_to = await hub.db.read(_platforms, sellable.producer.id)
    pictures = await asyncio.to_thread(
        read_pictures, hub.config.data_dir / "pictures", [p.digest for p in sellable.pictures]
    )
    return [
        readiness(
            sellable, hub.ground(_somewhere(channel)), pictures=pictures, cut=cuts.get(channel),
            verified=channel in known_to,
        )
        for channel in channels
    ]  # fmt: skip


def _platforms(tx: Tx, producer_id: str) -> set[str]:
    """Where the producer has a shop that works: there its identity was checked."""
    return {shop.platform for shop in shops.list_shops(tx, producers=[producer_id], states=["connected"])}


def _somewhere(platform: str) -> Shop:
    """A shop that nobody has: the rules are the platform's."""
    return Shop(id="", platform=platform, name="", producer_id=None, channel_kind="", base_url="")


def to_json(one: Readiness) -> dict[str, Any]:
    """One channel, as ``--json`` prints it."""
    draft = one.draft
    return {
        "channel": one.platform,
        "ready": one.ready,
        "edited": one.edited,
        "title": None if draft is None else draft.title,
        "description": None if draft is None else draft.description,
        "category": None if draft is None else draft.category or None,
        "blocks": [_problem(p) for p in one.blocks],
        "advises": [_problem(p) for p in one.advises],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    words = render(problem.code, problem.facts, config_language())
    return {
        "code": problem.code, "facts": dict(problem.facts), "severity": words.severity, "who": words.who,
        "what": words.what, "do": words.do,
    }  # fmt: skip


def _say(one: Readiness) -> None:
    line(f"{'✓' if one.ready else '✗'} {one.platform}" + (f": {one.draft.title}" if one.draft else ""))
    for mark, problems in (("✗", one.blocks), ("!", one.advises)):
        for problem in problems:
            words = render(problem.code, problem.facts, config_language())
            line(f"    {mark} {words.what} → {words.do}")
