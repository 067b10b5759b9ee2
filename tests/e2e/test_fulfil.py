"""One Shopee order from the to-send list to the carrier, typed in as an operator would, in real processes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.catalog import store as catalog
from hub.clock import RealClock
from hub.config import config_dir, load
from hub.connectors.model import Tokens
from hub.demo import world as w
from hub.demo.run import START, listening
from hub.demo.trade import run_all
from hub.demo.world import World, open_world
from hub.sandbox.config import default_config
from hub.sandbox.kit import SandboxShop, Want
from hub.shops.model import Shop
from hub.sync.connect import Wish

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Desk:
    """A hub with a Shopee shop that has its goods on, and the operator's command line beside it."""

    world: World
    folder: Path
    shop: Shop

    @property
    def buyer(self) -> SandboxShop:
        return self.world.sandbox.shops()[f"shopee/{self.shop.remote_id}"]

    @property
    def visitor(self) -> SandboxShop:
        return self.world.sandbox.shops()["woocommerce/htx-mot"]

    async def type(self, *words: str, expect: int = 0) -> str:
        """Run one command at the world's time; its standard output."""
        offset = (self.world.clock.now() - RealClock().now()).total_seconds()
        app = self.world.sandbox.config.shopee.apps[0]
        lines = [
            f'database_url = "sqlite:///{self.folder / "hub.db"}"', f'data_dir = "{self.folder}"',
            f'keys_file = "{self.folder / "keys"}"', "allow_private_addresses = true",
            f"clock_offset_seconds = {offset}", "[apps.shopee]", f'partner_id = "{app.partner_id}"',
            f'partner_key = "{app.partner_key}"',
        ]  # fmt: skip
        settings = self.folder / "hub.toml"
        settings.write_text("\n".join(lines), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "--config", str(settings), "orders", *words, cwd=ROOT,
            env=os.environ | {"LANG": "C.UTF-8"}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, trouble = await process.communicate()
        assert process.returncode == expect, (said + trouble).decode()
        return said.decode()

    async def waiting(self) -> list[dict[str, Any]]:
        found = json.loads((await self.type("list", "--json")).splitlines()[-1])
        assert isinstance(found, list)
        return found

    async def sale(self, door: SandboxShop | None = None, *, cod: bool = False) -> str:
        """An order of the first thing on offer that may be sent, as the hub heard of it."""
        door = door or self.buyer
        order = door.place([Want(sku=door.offers()[0].sku, quantity=2)], cod=cod)
        if not cod:
            door.pay(order)
        await self.pull()
        return order

    async def pull(self) -> None:
        self.world.clock.move(timedelta(minutes=5))
        await run_all(self.world, ["pull"])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    base = tmp_path / "demo"
    sandbox = default_config()
    app, account = sandbox.shopee.apps[0], sandbox.shopee.shops[0]
    config = load(
        config_dir() / "demo.toml", database_url=f"sqlite:///{base / 'hub.db'}", data_dir=base, keys_file=base / "keys",
        apps={"shopee": {"partner_id": str(app.partner_id), "partner_key": app.partner_key}},
    )  # fmt: skip
    w.clear(base)
    async with open_world(config, START, sandbox=sandbox) as world, listening(world):
        hub, now = world.hub, world.clock.now()
        await hub.db.write(w.import_registry, w.registry_path(), now, now)
        await hub.db.write(w.stock_up, now)
        sellables = await hub.db.read(catalog.sellables)
        w.draw_pictures(hub, sellables, lambda done, of: None)
        until = now + timedelta(hours=4)
        shop = await hub.connect(
            Wish(
                platform="shopee", base_url=f"{world.address}/shopee", channel_kind="marketplace",
                producer_id=w.choose_producers(sellables)[0], remote_id=str(account.shop_id), name="Gian hàng mẫu",
                tokens=Tokens(access=account.access_token, refresh=account.refresh_token, access_until=until),
            )
        )  # fmt: skip
        await run_all(world, ["push"])
        yield Desk(world, base, shop)


@pytest.fixture
async def site(desk: Desk) -> Shop:
    """A web shop of the same producer, with its goods on."""
    wanted = next(one for one in desk.world.sandbox.config.woocommerce.shops if one.key == "htx-mot")
    pair = wanted.keys[0]
    connected = await desk.world.hub.connect(
        Wish(
            platform="woocommerce", base_url=f"{desk.world.address}/woocommerce/{wanted.key}",
            channel_kind="own_site", producer_id=desk.shop.producer_id, name="Trang của hợp tác xã",
            secrets={"consumer_key": pair.consumer_key, "consumer_secret": pair.consumer_secret},
        )
    )  # fmt: skip
    await run_all(desk.world, ["push"])
    return connected


async def test_an_order_goes_from_the_list_to_the_carrier(desk: Desk) -> None:
    order, shop = await desk.sale(), desk.shop.name
    (row,) = await desk.waiting()
    assert (row["order"], row["state"], [item["units"] for item in row["items"]]) == (order, "open", [2])

    assert await desk.type("look", shop, order) == "ok: 1/1\n"
    (row,) = await desk.waiting()
    book = next(one for one in desk.buyer.orders() if one.order_id == order)
    assert datetime.fromisoformat(row["ship_by"]) == book.placed_at + timedelta(days=2)

    picks, sheet, label = (desk.folder / name for name in ("nhat.pdf", "ban-giao.pdf", "tem.pdf"))
    assert (await desk.type("picklist", str(picks))).endswith(": 1\n")
    assert await desk.type("pack", shop, order) == "ok: 1/1\n"
    await desk.type("label", shop, order, str(label), expect=1)  # nothing is arranged yet
    assert not label.exists()
    assert await desk.type("ship", shop, order) == "ok: 1/1\n"
    (row,) = await desk.waiting()  # it stays until the carrier has it, with its number
    assert (row["state"], row["tracking"][:5]) == ("shipped", "SPXVN")

    await desk.type("label", shop, order, str(label), expect=1)  # being made
    desk.world.clock.move(timedelta(seconds=10))
    assert "application/pdf" in await desk.type("label", shop, order, str(label))
    assert (await desk.type("handover", str(sheet))).endswith(": 1\n")
    assert [one.read_bytes()[:4] for one in (picks, sheet, label)] == [b"%PDF"] * 3
    assert row["tracking"].encode() in label.read_bytes()

    desk.buyer.ship(order)
    await desk.pull()
    assert await desk.waiting() == []
    said = await desk.type("cancel", shop, order, "--reason", "out_of_stock", expect=1)
    assert said.startswith("partial: 1/1")
    assert book.state == "shipped"


async def test_a_cancelled_order_gives_its_goods_back_and_what_shopee_has_no_word_for_becomes_a_task(
    desk: Desk,
) -> None:
    before = {one.sku: one.stock for one in desk.buyer.offers()}
    order, other = await desk.sale(), await desk.sale()
    assert await desk.type("cancel", desk.shop.name, order, "--reason", "buyer_asked") == "ok: 1/1\n"
    await desk.type("cancel", desk.shop.name, other, expect=1)
    (row,) = await desk.waiting()
    assert (row["order"], row["state"], row["problem"]) == (other, "task", "do_it_on_channel")
    assert other in row["facts"]["link"]
    sku = desk.buyer.offers()[0].sku
    assert {one.sku: one.stock for one in desk.buyer.offers()}[sku] == before[sku] - 2


async def test_a_site_keeps_the_sellers_word_that_it_left_and_is_not_told_that_it_arrived(
    desk: Desk, site: Shop
) -> None:
    order = await desk.sale(desk.visitor, cod=True)
    sent = await desk.type("ship", site.name, order, "--tracking", "VTP1", "--carrier", "Viettel Post")
    assert sent == "ok: 1/1\n"
    assert await desk.waiting() == []
    book = next(one for one in desk.visitor.orders() if one.order_id == order)
    assert (book.state, book.paid_at) == ("placed", None)
    await desk.type("cancel", site.name, order, expect=1)
    await desk.type("label", site.name, order, str(desk.folder / "tem.pdf"), expect=1)
