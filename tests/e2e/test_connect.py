"""Connecting shops as their owners do: keys typed in, and a link to the platform and back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from hub.demo import world as w
from hub.demo.run import START, listening
from hub.demo.world import World, open_world
from hub.errors import Denied, Unauthorised
from hub.shops import store as shops
from hub.sync import due
from hub.sync.connect import Wish
from hub.sync.model import Patience

pytestmark = pytest.mark.e2e


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    settings = w.settings(tmp_path / "demo")
    w.clear(settings.data_dir)
    async with open_world(settings, START) as opened, listening(opened):
        yield opened


async def follow(world: World, link: str) -> aiohttp.ClientResponse:
    """What the owner's browser does: agree on the platform, be sent back to us."""
    async with aiohttp.ClientSession() as browser:
        answer = await browser.get(link, allow_redirects=False)
        assert answer.status in (302, 303), await answer.text()
        return await browser.get(answer.headers["Location"], allow_redirects=False)


async def test_an_owner_signs_in_on_shopee_and_the_shop_is_connected(world: World) -> None:
    world.hub.config.platform_urls["shopee"] = f"{world.address}/shopee"  # type: ignore[index]
    link = await world.hub.sign_in_link("shopee", None)
    back = await follow(world, link)
    assert back.status == 303, await back.text()
    (shop,) = await world.hub.db.read(shops.list_shops)
    assert (shop.platform, shop.state) == ("shopee", "connected")
    assert back.headers["Location"].endswith(shop.id)
    stored = await world.hub.db.read(shops.secrets_of, shop.id)
    assert {one.key for one in stored} >= {"access", "refresh"}
    assert "sandbox" not in repr(stored)


async def test_an_owner_who_signs_in_again_brings_the_same_shop_back_to_work_at_once(world: World) -> None:
    world.hub.config.platform_urls["shopee"] = f"{world.address}/shopee"  # type: ignore[index]
    db, now = world.hub.db, world.hub.clock.now()
    await follow(world, await world.hub.sign_in_link("shopee", None))
    (shop,) = await db.read(shops.list_shops)
    await db.write(shops.set_state, shop.id, "needs_owner", problem="remote_unauthorised")
    await db.write(
        due.failed, shop.id, "push", "bulk", now, wait=timedelta(hours=2), counts=True, patience=Patience()
    )  # fmt: skip
    assert await db.read(due.waiting, now) == []
    await follow(world, await world.hub.sign_in_link("shopee", None))
    (again,) = await db.read(shops.list_shops)
    assert (again.id, again.state, again.problem) == (shop.id, "connected", "")
    assert (shop.id, "push") in await db.read(due.waiting, now)


async def test_signing_in_again_forgets_nothing_the_owner_once_told_us(world: World) -> None:
    world.hub.config.platform_urls["shopee"] = f"{world.address}/shopee"  # type: ignore[index]
    db = world.hub.db
    await follow(world, await world.hub.sign_in_link("shopee", None))
    (shop,) = await db.read(shops.list_shops)
    told = {"package_cm": "20x15x10"}
    await db.write(shops.change_settings, shop.id, name="Gian hàng của mẹ", values=told)
    await follow(world, await world.hub.sign_in_link("shopee", None))
    (again,) = await db.read(shops.list_shops)
    assert (again.id, again.name, dict(again.values)) == (shop.id, "Gian hàng của mẹ", told)


async def test_a_state_works_once(world: World) -> None:
    world.hub.config.platform_urls["shopee"] = f"{world.address}/shopee"  # type: ignore[index]
    link = await world.hub.sign_in_link("shopee", None)
    async with aiohttp.ClientSession() as browser:
        answer = await browser.get(link, allow_redirects=False)
        home = answer.headers["Location"]
        assert (await browser.get(home, allow_redirects=False)).status == 303
        assert (await browser.get(home, allow_redirects=False)).status in (403, 404)
    with pytest.raises(Denied):
        await world.hub.finish_sign_in("shopee", {"state": "never-given", "code": "x", "shop_id": "1"})


async def test_wrong_keys_are_refused_before_anything_is_kept(world: World) -> None:
    wish = Wish(
        platform="woocommerce", base_url=f"{world.address}/woocommerce/htx-mot", channel_kind="own_site",
        producer_id=None, secrets={"consumer_key": "ck_" + "0" * 40, "consumer_secret": "cs_" + "0" * 40},
    )  # fmt: skip
    with pytest.raises(Unauthorised):
        await world.hub.connect(wish)
    assert await world.hub.db.read(shops.list_shops) == ()
