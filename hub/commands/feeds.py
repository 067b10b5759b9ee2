"""``ocop-hub feeds``: product feeds that others fetch: made, given an address, written to a file, looked at."""

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.commands.shell import JsonFlag, ShopArgument, config_language, line, out, run
from hub.commands.shop import producer_id
from hub.commands.sync import one_shop
from hub.errors import Invalid, Unavailable
from hub.problems import render
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.store import StoredSecret
from hub.sync.connect import Wish
from hub.sync.feed_build import BuiltFeed, build
from hub.sync.feeds import kind_of
from hub.sync.store.feeds import TOKEN, feed_of, note_content, open_feed
from hub.types import fold
from hub.web.visit import digest

app = typer.Typer(help="Product feeds that Google, Meta or a portal fetch by themselves.", no_args_is_help=True)

SHOWN = 20  # so many goods that were left out are said in words; --json has them all


@app.command("add")
def add_command(
    kind: Annotated[str, typer.Argument(help="google_rss, google_csv, meta_csv or plain_rss.")],
    name: Annotated[str, typer.Option(help="How people call it, best by who reads it.")] = "",
    producer: Annotated[str, typer.Option(help="The producer's id or the office's code; empty: a portal.")] = "",
    province: Annotated[str, typer.Option(help="A portal's province, two digits.")] = "",
    channel_kind: Annotated[
        str, typer.Option(help="provincial_portal for a portal that sells; else it is promotion.")
    ] = "file",
    site: Annotated[str, typer.Option(help="The home page the feed names.")] = "",
    page: Annotated[str, typer.Option(help="Pages of goods without a listing, with {sku} or {product}.")] = "",
    shipping: Annotated[int, typer.Option(help="What sending one piece costs, in đồng; -1: not said.", min=-1)] = -1,
    exclude: Annotated[
        str | None, typer.Option(help="Product sets to leave out, 18,25; default: what its readers restrict.")
    ] = None,
) -> None:
    """Make a feed; `feeds address` then says where it is fetched."""
    values = {"kind": kind, "target": name, "site": site, "page": page}
    values |= {} if shipping < 0 else {"shipping": str(shipping)}
    values |= {} if exclude is None else {"exclude": exclude}

    async def go(hub: Hub) -> Shop:
        kind_of(values)
        owner = await hub.db.read(producer_id, producer) if producer else None
        return await hub.connect(
            Wish(
                platform="feeds", base_url="", channel_kind=channel_kind, producer_id=owner, name=name or kind,
                remote_id=f"{kind}/{owner or province or 'all'}/{fold(name)}"[:60], province_code=province,
                values={key: value for key, value in values.items() if value or key == "exclude"},
            )
        )  # fmt: skip

    shop = run(go)
    line(f"{shop.id} {shop.name}")


@app.command("write")
def write_command(
    shop: ShopArgument,
    target: Annotated[Path, typer.Argument(help="The file to write; replaced whole or not at all.")],
    json_: JsonFlag = False,
) -> None:
    """Write a feed as it is now, and say which goods are not in it and why."""

    async def go(hub: Hub) -> BuiltFeed:
        found = await _feed_shop(hub, shop)
        built = await build(hub.db, hub.ground, found, hub.home)
        _swap(target, built.body)
        return built

    _say(run(go), target, json_=json_)


def _swap(target: Path, body: bytes) -> None:
    half = target.with_name(f"{target.name}.half")
    try:
        half.write_bytes(body)
        half.replace(target)
    except OSError:
        raise Unavailable("file_unwritable", file=str(target)) from None


def _say(built: BuiltFeed, target: Path, *, json_: bool) -> None:
    left_out = built.feed.left_out
    if json_:
        out({
            "file": str(target), "items": len(built.feed.entries), "bytes": len(built.body), "sha256": built.digest,
            "left_out": {
                product: [{"code": p.code, "facts": dict(p.facts)} for p in problems]
                for product, problems in left_out.items()
            },
        })  # fmt: skip
        return
    line(f"{target}: {len(built.feed.entries)} mặt hàng, {len(left_out)} sản phẩm chưa đủ điều kiện")
    for product, problems in list(left_out.items())[:SHOWN]:
        words = [render(p.code, p.facts, config_language()) for p in problems]
        line(f"  {product}: " + " ".join(f"{one.what} → {one.do}" for one in words))


@app.command("accept")
def accept_command(shop: ShopArgument) -> None:
    """Let a feed that lost many goods at once be told as it is now; until then its readers are asked to wait."""

    async def go(hub: Hub) -> int:
        found = await _feed_shop(hub, shop)
        built = await build(hub.db, hub.ground, found, hub.home)
        items = len(built.feed.entries)
        await hub.db.write(note_content, found.id, content=built.digest, items=items, now=hub.clock.now())
        return items

    line(str(run(go)))


@app.command("address")
def address_command(
    shop: ShopArgument,
    fresh: Annotated[bool, typer.Option("--new", help="Give it a new address; the old one stops at once.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Print the secret address of a feed, and whether anybody fetched it. What nobody fetched is only reported."""

    async def go(hub: Hub) -> dict[str, Any]:
        found = await _feed_shop(hub, shop)
        token = "" if fresh else await _token(hub, found.id)
        if not token:
            token = secrets.token_urlsafe(32)
            sealed = StoredSecret(key=TOKEN, sealed=hub.vault.seal(token))
            await hub.db.write(
                open_feed, found.id, token_digest=digest(token), token=sealed, now=hub.clock.now()
            )  # fmt: skip
        row = await hub.db.read(feed_of, found.id)
        assert row is not None
        fetched = None if row.fetched_at is None else row.fetched_at.isoformat()
        return {
            "address": f"{hub.home}/feeds/{token}.{kind_of(found.values).endings[0]}", "standing": row.standing,
            "items": row.items, "fetched_at": fetched, "fetched_by": row.fetched_by,
            "fetched_status": row.fetched_status or None,
        }  # fmt: skip

    answer = run(go)
    if json_:
        out(answer)
        return
    line(answer["address"])
    if answer["fetched_at"] is None:
        line("  chưa có nơi nào lấy")
    else:
        line(f"  lần lấy gần nhất: {answer['fetched_at']} {answer['fetched_by']} ({answer['fetched_status']})")


async def _token(hub: Hub, shop_id: str) -> str:
    """The token of the feed's address; "" when it has none."""
    if await hub.db.read(feed_of, shop_id) is None:
        return ""
    stored = await hub.db.read(shops.secrets_of, shop_id)
    return next((hub.vault.open(one.sealed) for one in stored if one.key == TOKEN), "")


async def _feed_shop(hub: Hub, text: str) -> Shop:
    found = await one_shop(hub, text)
    if found.platform != "feeds":
        raise Invalid("shop_not_a_feed", shop=found.name)
    return found
