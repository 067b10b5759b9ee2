"""``ocop-hub shop`` and ``ocop-hub connectors``: where we sell."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from hub import connectors
from hub.app import Hub
from hub.commands.shell import JsonFlag, ShopArgument, config_language, in_words, line, out, run
from hub.commands.sync import one_shop
from hub.connectors.base import Connector
from hub.errors import Invalid
from hub.problems import render
from hub.shops import store as shops
from hub.shops.model import Shop, TokenClock
from hub.sync.connect import Wish, promise_takeover

app = typer.Typer(help="Shops: connect, list, pause, disconnect.", no_args_is_help=True)


@app.command("add")
def add_command(
    platform: Annotated[str, typer.Argument(help="A connector's id; see `ocop-hub connectors`.")],
    base_url: Annotated[str, typer.Option(help="The shop's address; empty: the platform's own.")] = "",
    producer: Annotated[str, typer.Option(help="The producer's id or the office's code; empty: a portal.")] = "",
    province: Annotated[str, typer.Option(help="A portal's province, two digits.")] = "",
    kind: Annotated[str, typer.Option(help="marketplace, social_shop, own_site, provincial_portal.")] = "",
    name: Annotated[str, typer.Option(help="How people call it.")] = "",
    takes_over: Annotated[str, typer.Option(help="A shop by files that becomes this one, with all its orders.")] = "",
) -> None:
    """Connect a shop. Secrets are read from standard input as key=value lines, never from the command line."""
    with in_words():
        connector = connectors.load(platform)
    secrets = dict(text.strip().split("=", 1) for text in sys.stdin if "=" in text)

    async def go(hub: Hub) -> Any:
        owner = await _owner(hub, producer, takes_over, platform)
        return await hub.connect(
            Wish(
                platform=platform,
                base_url=base_url or hub.config.platform_urls.get(platform, "") or connector.manifest.base_url,
                channel_kind=kind or connector.manifest.kind.value,
                producer_id=owner,
                name=name,
                province_code=province,
                secrets={k: v for k, v in secrets.items() if k in _secret_asks(connector)},
                values={k: v for k, v in secrets.items() if k not in _secret_asks(connector)},
            )
        )

    shop = run(go)
    line(f"{shop.id} {shop.name}")


async def _owner(hub: Hub, producer: str, takes_over: str, platform: str) -> str | None:
    """Whose shop it will be; a shop that is taken over keeps its producer, and is told what it becomes."""
    if not takes_over:
        return await hub.db.read(producer_id, producer) if producer else None
    old = await one_shop(hub, takes_over)
    await hub.db.write(promise_takeover, old, platform, hub.clock.now())
    return old.producer_id


def _secret_asks(connector: type[Connector]) -> set[str]:
    return {ask.key for ask in connector.manifest.asks if ask.secret}


def producer_id(tx: Any, text: str) -> str:
    """The producer with this id or office's code. Raises Invalid."""
    import sqlalchemy as sa

    from hub.catalog.tables import producer

    found = tx.execute(sa.select(producer.c.id).where(sa.or_(producer.c.id == text, producer.c.code == text))).all()
    if len(found) != 1:
        raise Invalid("producer_not_clear", text=text)
    return str(found[0].id)


@app.command("link")
def link_command(
    platform: Annotated[str, typer.Argument(help="A connector whose owners sign in on the platform.")],
    producer: Annotated[str, typer.Option(help="The producer's id or the office's code; empty: a portal.")] = "",
    takes_over: Annotated[str, typer.Option(help="A shop by files that becomes this one, with all its orders.")] = "",
) -> None:
    """Print the link by which a shop's owner gives access; the hub must be served meanwhile."""

    async def go(hub: Hub) -> str:
        return await hub.sign_in_link(platform, await _owner(hub, producer, takes_over, platform))

    line(run(go))


@app.command("list")
def list_command(json_: JsonFlag = False) -> None:
    """All shops and how they stand: what is wrong and what to do, and how long each sign-in still holds."""

    async def go(hub: Hub) -> list[dict[str, Any]]:
        clocks = {one.shop_id: one for one in await hub.db.read(shops.token_clocks)}
        now = hub.clock.now()
        return [_standing(one, clocks.get(one.id), now) for one in await hub.db.read(shops.list_shops)]

    rows = run(go)
    if json_:
        out(rows)
        return
    for row in rows:
        left = "" if row["days_left"] is None else f"  {row['days_left']} d"
        line(f"{row['id']} {row['platform']:12} {row['state']:12} {row['name']}{left}")
        if row["problem"]:
            words = render(row["problem"], row["facts"], config_language())
            line(f"    {words.what} {words.do}")


def _standing(shop: Shop, clock: TokenClock | None, now: datetime) -> dict[str, Any]:
    """``days_left``: until the owner must sign in again; None where nothing runs out or nobody said."""
    until = None if clock is None else clock.refresh_until
    return {
        "id": shop.id, "platform": shop.platform, "name": shop.name, "state": shop.state, "problem": shop.problem,
        "facts": dict(shop.problem_facts), "access_until": None if clock is None else clock.access_until,
        "refresh_until": until, "days_left": None if until is None else max(0, (until - now).days),
    }  # fmt: skip


def _state(shop: str, state: Any) -> None:
    async def go(hub: Hub) -> str:
        found = await one_shop(hub, shop)
        if found.state == "disconnected" and state != "disconnected":
            raise Invalid("shop_disconnected", shop=found.name)  # its secrets are gone
        await hub.db.write(shops.set_state, found.id, state)
        if state == "disconnected":
            await hub.db.write(shops.forget_secrets, found.id)
        return found.name

    line(run(go))


@app.command("pause")
def pause_command(shop: ShopArgument) -> None:
    """Do nothing with this shop until it is resumed."""
    _state(shop, "paused")


@app.command("resume")
def resume_command(shop: ShopArgument) -> None:
    """Work with this shop again."""
    _state(shop, "connected")


@app.command("disconnect")
def disconnect_command(shop: ShopArgument) -> None:
    """Forget the shop's secrets. Its listings stay on the channel, its history stays here."""
    _state(shop, "disconnected")


def connectors_command(json_: JsonFlag = False) -> None:
    """List the connectors: abilities, limits, how far each is proven."""
    kinds = [connectors.load(connector_id) for connector_id in connectors.all_ids()]
    if json_:
        out([_connector(kind) for kind in kinds])
        return
    for kind in kinds:
        m = kind.manifest
        line(f"{m.id:14} {m.proof.rung:20} {' '.join(connectors.abilities(kind))}")


def _connector(kind: type[Connector]) -> dict[str, Any]:
    m = kind.manifest
    pace = m.limits.pace
    batches = ("create", "update", "stock", "price", "read", "withdraw")
    return {
        "id": m.id,
        "name": m.name,
        "kind": m.kind.value,
        "abilities": list(connectors.abilities(kind)),
        "pace": None if pace is None else {"per_second": pace.per_second, "source": pace.source},
        "batches": {name: getattr(m.limits, f"{name}_batch") for name in batches},
        "auth": type(m.auth).__name__,
        "asks": [{"key": a.key, "secret": a.secret, "vi": a.label_vi, "en": a.label_en} for a in m.asks],
        "access": None
        if m.access is None
        else {
            "days": m.access.days,
            "url": m.access.url,
            "vi": list(m.access.steps_vi),
            "en": list(m.access.steps_en),
            "app_keys": list(m.access.app_keys),
        },
        "proof": {"rung": m.proof.rung, "checked": m.proof.checked, "note": m.proof.note},
        "docs": m.docs,
    }
