"""Facebook through the whole hub: sign in, a catalogue by handles, webhooks signed and taken."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from hub.catalog import store as catalog
from hub.config import config_dir, load
from hub.connectors.model import Tokens
from hub.db import Tx
from hub.demo import world as w
from hub.demo.run import START, listening
from hub.demo.trade import run_all
from hub.demo.world import World, open_world
from hub.sandbox.config import SandboxConfig
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.page import Page
from hub.shops import store as shops
from hub.sync import tables as st
from hub.sync.connect import Wish

pytestmark = pytest.mark.e2e

PAGE = FacebookPage(
    page_id="555000111", name="Hợp tác xã Một", catalog_id="777000222", user_token="EAAU-1", page_token="EAAP-1"
)
SANDBOX = FacebookConfig(pages=(PAGE,))
APP = {"app_id": SANDBOX.app_id, "app_secret": SANDBOX.app_secret, "verify_token": "tok-1"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    base = tmp_path / "demo"
    config = load(
        config_dir() / "demo.toml", database_url=f"sqlite:///{base / 'hub.db'}", data_dir=base, keys_file=base / "keys",
        apps={"facebook": APP},
    )  # fmt: skip
    w.clear(base)
    async with open_world(config, START, sandbox=SandboxConfig(facebook=SANDBOX)) as opened, listening(opened):
        opened.hub.config.platform_urls["facebook"] = f"{opened.address}/facebook"  # type: ignore[index]
        yield opened


def page_of(world: World) -> Page:
    page = world.sandbox.shops()["facebook/555000111"]
    assert isinstance(page, Page)
    return page


async def test_an_owner_signs_in_on_facebook_and_the_tokens_are_renewed(world: World) -> None:
    async with aiohttp.ClientSession() as browser:
        consent = await browser.get(await world.hub.sign_in_link("facebook", None), allow_redirects=False)
        back = await browser.get(consent.headers["Location"], allow_redirects=False)
        assert back.status == 303, await back.text()
    (shop,) = await world.hub.db.read(shops.list_shops)
    assert (shop.platform, shop.state, shop.remote_id, shop.name) == (
        "facebook", "connected", "555000111", "Hợp tác xã Một",
    )  # fmt: skip
    for _ in range(3):  # 105 days: an admin's token that nobody made longer would have died after 60
        world.clock.move(timedelta(days=35))
        assert (await (await world.hub.open_line(shop)).connector.check()).name == shop.name


def wish(world: World, producer_id: str | None) -> Wish:
    until = world.clock.now() + timedelta(days=30)
    return Wish(
        platform="facebook", base_url=f"{world.address}/facebook", channel_kind="social_shop",
        producer_id=producer_id, remote_id="555000111",
        tokens=Tokens(access="EAAP-1", refresh="EAAU-1", access_until=until),
    )  # fmt: skip


def states(tx: Tx) -> Counter[str]:
    return Counter(tx.execute(sa.select(st.binding.c.state)).scalars())


async def test_a_producers_goods_stand_in_the_catalogue_and_comments_are_taken(world: World) -> None:
    hub, now = world.hub, world.clock.now()
    await hub.db.write(w.import_registry, w.registry_path(), now, now)
    await hub.db.write(w.stock_up, now)
    sellables = await hub.db.read(catalog.sellables)
    w.draw_pictures(hub, sellables, lambda done, of: None)
    shop = await hub.connect(wish(world, w.choose_producers(sellables)[0]))
    await run_all(world, ["push", "readback"])
    found = await hub.db.read(states)
    assert set(found) == {"confirmed"}, found
    listings = page_of(world).listings()
    assert len({row["remote_id"] for row in listings}) == found["confirmed"]
    assert all(isinstance(row["stock"], int) and row["stock"] > 0 for row in listings)
    assert page_of(world).hooks.subscribed["555000111"] >= {"feed", "messages"}, shop.state
    before = dict(world.sandbox.world.calls)
    await run_all(world, ["push"])
    again = [name for name, count in world.sandbox.world.calls.items() if count > before.get(name, 0)]
    assert not [name for name in again if "items_batch" in name]  # unchanged means nothing is sent


async def test_the_hub_takes_signed_news_and_no_other(world: World) -> None:
    address = f"{world.hub.public_url or world.hub.config.web.url}/hooks/facebook"
    page = page_of(world)
    page.hooks.config = FacebookConfig(pages=(PAGE,), callback_url=address)
    page.hooks.subscribed["555000111"] = {"feed"}
    await world.hub.connect(wish(world, None))  # of a page that is no shop here nothing is taken
    page.comment(page.go_live("Phiên"), "9001", "m12")
    assert await world.sandbox.deliver_due() == 1
    assert page.hooks.parcels == []  # it was taken
    async with aiohttp.ClientSession() as stranger, stranger.post(address, json={"object": "page"}) as answer:
        assert answer.status == 401
