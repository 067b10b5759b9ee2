"""Tiki through the whole hub: sign in, requests that are reviewed, ids taken over, days of trade to the dong."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
import sqlalchemy as sa

from hub.catalog import store as catalog
from hub.config import config_dir, load
from hub.connectors.model import Tokens
from hub.db import Tx
from hub.demo import verdict
from hub.demo import world as w
from hub.demo.run import START, listening
from hub.demo.trade import run_all, trade
from hub.demo.world import World, open_world
from hub.sandbox.config import SandboxConfig
from hub.sandbox.tiki import TikiApp, TikiConfig, TikiShop
from hub.sync import tables as st
from hub.sync.connect import Wish

pytestmark = pytest.mark.e2e

APP = {"client_id": "app-1", "client_secret": "sec-ret-1"}
BACK = "http://127.0.0.1/oauth/tiki"
SANDBOX = TikiConfig(
    apps=(TikiApp(client_id="app-1", client_secret="sec-ret-1", redirect_uri=BACK),),
    shops=(
        TikiShop(
            seller_id=145228, name="Hợp tác xã Mẫu", client_id="app-1", access_token="acc-0", refresh_token="ref-0"
        ),
    ),
    review_seconds=7200,
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    base = tmp_path / "demo"
    config = load(
        config_dir() / "demo.toml", database_url=f"sqlite:///{base / 'hub.db'}", data_dir=base, keys_file=base / "keys",
        apps={"tiki": APP},
    )  # fmt: skip
    w.clear(base)
    async with open_world(config, START, sandbox=SandboxConfig(tiki=SANDBOX)) as opened, listening(opened):
        opened.hub.config.platform_urls["tiki"] = f"{opened.address}/tiki"  # type: ignore[index]
        yield opened


async def test_an_owner_signs_in_on_tiki_and_the_tokens_are_renewed(world: World) -> None:
    world.hub.public_url = "http://127.0.0.1"
    link = await world.hub.sign_in_link("tiki", None)
    async with aiohttp.ClientSession() as browser, browser.get(link, allow_redirects=False) as consent:
        back = consent.headers["Location"]
        assert back.startswith(f"{BACK}?code=")
    answer = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    shop = await world.hub.finish_sign_in("tiki", answer)
    assert (shop.platform, shop.state, shop.remote_id) == ("tiki", "connected", "145228")
    world.clock.move(timedelta(days=2))
    card = await (await world.hub.open_line(shop)).connector.check()
    assert card.name == "Hợp tác xã Mẫu"


def states(tx: Tx) -> Counter[str]:
    return Counter(tx.execute(sa.select(st.binding.c.state)).scalars())


def ids(tx: Tx) -> list[str]:
    return [str(one) for one in tx.execute(sa.select(st.binding.c.remote_id)).scalars()]


def codes(tx: Tx) -> Counter[str]:
    rows = tx.execute(sa.select(st.binding.c.problems)).scalars()
    return Counter(one["code"] for row in rows for one in row or ())


async def test_requests_become_listings_and_the_books_agree(world: World) -> None:
    hub, now = world.hub, world.clock.now()
    await hub.db.write(w.import_registry, w.registry_path(), now, now)
    await hub.db.write(w.stock_up, now)
    sellables = await hub.db.read(catalog.sellables)
    w.draw_pictures(hub, sellables, lambda done, of: None)
    await hub.connect(
        Wish(
            platform="tiki", base_url=f"{world.address}/tiki", channel_kind="marketplace",
            producer_id=w.choose_producers(sellables)[0], remote_id="145228", values={"package_cm": "20x15x10"},
            tokens=Tokens(access="acc-0", refresh="ref-0", access_until=now + timedelta(hours=23)),
        )
    )  # fmt: skip
    await run_all(world, ["push"])
    assert await hub.db.read(states) == {"accepted": 6}
    assert await hub.db.read(codes) == {"listing_reviewing": 6}
    world.clock.move(timedelta(hours=3))
    await run_all(world, ["readback", "push", "readback"])
    assert await hub.db.read(states) == {"confirmed": 6}
    assert all(one.isdigit() for one in await hub.db.read(ids))
    await trade(world, lambda done, of: None, days=5, per_day=8)
    told = await verdict.compare(world)
    assert told["orders"] > 20
    assert (told["ledgers_equal"], told["lost_orders"], told["double_orders"]) == (True, 0, 0), told
    assert (told["duplicate_listings"], told["oversold_units"]) == (0, 0)
