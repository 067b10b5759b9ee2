"""An owner connects an Official Account through the whole hub: PKCE there and back, tokens kept and renewed."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from hub.config import config_dir, load
from hub.demo import world as w
from hub.demo.run import START, listening
from hub.demo.trade import run_all
from hub.demo.world import World, open_world
from hub.sandbox.config import SandboxConfig
from hub.sandbox.zalo.config import default_zalo
from hub.shops import store as shops
from hub.sync import due

pytestmark = pytest.mark.e2e

APP = {"app_id": "431234567890", "secret_key": "zalo-app-secret-1", "oa_secret_key": "oa-secret-1"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    base = tmp_path / "demo"
    config = load(
        config_dir() / "demo.toml", database_url=f"sqlite:///{base / 'hub.db'}", data_dir=base, keys_file=base / "keys",
        apps={"zalo": APP},
    )  # fmt: skip
    w.clear(base)
    async with open_world(config, START, sandbox=SandboxConfig(zalo=default_zalo())) as opened, listening(opened):
        opened.hub.config.platform_urls["zalo"] = f"{opened.address}/zalo"  # type: ignore[index]
        yield opened


async def sign_in(world: World) -> None:
    async with aiohttp.ClientSession() as browser:
        consent = await browser.get(await world.hub.sign_in_link("zalo", None), allow_redirects=False)
        back = await browser.get(consent.headers["Location"], allow_redirects=False)
        assert back.status == 303, await back.text()


async def test_an_owner_signs_in_on_zalo_and_the_tokens_are_renewed(world: World) -> None:
    await sign_in(world)
    (shop,) = await world.hub.db.read(shops.list_shops)
    assert (shop.platform, shop.state, shop.remote_id) == ("zalo", "connected", "3812345678901234562")
    assert shop.name == "Hợp tác xã Hai"
    world.clock.move(timedelta(seconds=90_001))
    card = await (await world.hub.open_line(shop)).connector.check()
    assert card.remote_id == shop.remote_id
    calls = world.sandbox.world.calls
    assert sum(count for name, count in calls.items() if name.endswith("POST /v4/oa/access_token")) == 2


async def test_an_account_nobody_writes_to_stays_signed_in(world: World) -> None:
    """The refresh token lives three months and works once: an idle account is asked something every night."""
    await sign_in(world)
    (shop,) = await world.hub.db.read(shops.list_shops)
    assert "readback" in [one.kind for one in await world.hub.db.read(due.schedules, shop.id)]
    for _ in range(30):
        world.clock.move(timedelta(days=4))
        await run_all(world, ["readback"])
    (shop,) = await world.hub.db.read(shops.list_shops)
    assert shop.state == "connected"
    assert (await (await world.hub.open_line(shop)).connector.check()).remote_id == shop.remote_id
