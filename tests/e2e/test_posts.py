"""Posts as an operator plans and sends them: real commands in processes of their own, pretend Zalo and Facebook."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.app import open_hub
from hub.catalog import claims
from hub.catalog import store as catalog
from hub.catalog.model import Sellable
from hub.catalog.rules import current_certificate
from hub.clock import RealClock
from hub.config import config_dir, load
from hub.connectors.model import Tokens
from hub.db import new_id
from hub.demo import world as w
from hub.demo.run import START
from hub.demo.trade import run_all
from hub.demo.world import World, open_world
from hub.sandbox.config import SandboxConfig, default_config
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.platform import Facebook
from hub.sandbox.faults import Rates
from hub.sandbox.zalo.config import default_zalo
from hub.sandbox.zalo.platform import Zalo
from hub.shops.model import Shop
from hub.sync import certificates, due, store
from hub.sync.connect import Wish
from hub.sync.posting import standing, subject_of, template_of, worded
from hub.sync.posts import make
from hub.sync.store import StoredPost
from hub.sync.work import work

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parent.parent.parent
PAGE = FacebookPage(page_id="555000111", name="Trang Một", catalog_id="777000222", user_token="u-1", page_token="p-1")
ZALO, FACEBOOK = replace(default_zalo(), article_seconds=0.0), FacebookConfig(pages=(PAGE,))
APPS: Mapping[str, Mapping[str, str]] = {
    "zalo": {"app_id": "431234567890", "secret_key": "zalo-app-secret-1", "oa_secret_key": "oa-secret-1"},
    "facebook": {"app_id": FACEBOOK.app_id, "app_secret": FACEBOOK.app_secret},
}


@dataclass(kw_only=True)
class Desk:
    """A hub with a Zalo account, a Facebook page and a WooCommerce shop of one producer; commands run beside it."""

    world: World
    settings: Path
    zalo: Shop
    facebook: Shop
    certified: Sellable
    bare: Sellable  # a product that may be sold and not be called OCOP

    async def type(self, *words: str, expect: int = 0) -> str:
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "--config", str(self.settings), "posts", *words, cwd=ROOT,
            env=os.environ | {"LANG": "C.UTF-8"}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, errors = await done.communicate()
        assert done.returncode == expect, told.decode() + errors.decode()
        return told.decode()

    async def json(self, *words: str, expect: int = 0) -> Any:
        return json.loads((await self.type(*words, "--json", expect=expect)).splitlines()[-1])

    async def plan(self, shop: Shop, campaign: str) -> None:
        """A campaign's post, planned without a process of its own."""
        hub = self.world.hub
        now, ground = hub.clock.now(), hub.ground(shop)
        ids = (self.certified.product.id,)
        blank = StoredPost(id=new_id(), shop_id=shop.id, products=ids, template="chien-dich", campaign=campaign, at=now,
                           changed_at=now)  # fmt: skip
        view = await hub.db.read(store.post_view, shop.id, ids)
        made = make(template_of(ground, blank.template), subject_of(view, campaign, ""), standing(ground))
        await hub.db.write(store.add_post, worded(blank, made, now))

    async def revoke(self) -> None:
        """The certified product's certificate is taken back."""
        (one,) = self.certified.certificates[-1:]
        await self.world.hub.db.write(
            lambda tx: certificates.revoke(
                tx, one.id, on=START.date(), document="2/QĐ-UBND", ground="mark_misuse", who="o", now=START
            )
        )

    def articles(self) -> list[dict[str, Any]]:
        platform = next(one for one in self.world.sandbox.platforms if isinstance(one, Zalo))
        shelf = platform.accounts["3812345678901234561"].shelf
        return [one.json for one in shelf.articles.values()]

    def wall(self) -> list[str]:
        platform = next(one for one in self.world.sandbox.platforms if isinstance(one, Facebook))
        return [one.message for one in platform.pages[PAGE.page_id].posts.values()]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    base = tmp_path / "demo"
    places = {"database_url": f"sqlite:///{base / 'hub.db'}", "data_dir": base, "keys_file": base / "keys"}
    config = load(config_dir() / "demo.toml", **places, apps=APPS)
    w.clear(base)
    sandbox = SandboxConfig(zalo=ZALO, facebook=FACEBOOK, woocommerce=default_config().woocommerce)
    async with open_world(config, START, sandbox=sandbox) as world:
        hub, now = world.hub, world.clock.now()
        await hub.db.write(w.import_registry, w.registry_path(), now, now)
        await hub.db.write(w.stock_up, now)
        sellables = await hub.db.read(catalog.sellables)
        producer = w.choose_producers(sellables)[0]
        w.draw_pictures(hub, [one for one in sellables if one.producer.id == producer], lambda done, of: None)
        own = [one for one in await hub.db.read(catalog.sellables) if one.producer.id == producer]
        woo = next(one for one in sandbox.woocommerce.shops if one.key != "portal" and not one.pretend_https)
        await hub.connect(w._woo(world, woo, producer, channel_kind="own_site"))
        await run_all(world, ["push", "readback"])
        zalo = await hub.connect(_wish(world, "zalo", producer, "3812345678901234561", "zalo-access-1"))
        facebook = await hub.connect(_wish(world, "facebook", producer, PAGE.page_id, PAGE.page_token))
        certified = next(one for one in own if current_certificate(one.certificates, START.date(), hub.law))
        settings = tmp_path / "hub.toml"
        settings.write_text(_settings(base))
        yield Desk(world=world, settings=settings, zalo=zalo, facebook=facebook, certified=certified, bare=own[-1])


def _wish(world: World, platform: str, producer: str, remote_id: str, token: str) -> Wish:
    now = world.clock.now()
    refresh = "zalo-refresh-1" if platform == "zalo" else PAGE.user_token
    tokens = Tokens(access=token, refresh=refresh, access_until=now + timedelta(hours=20),
                    refresh_until=now + timedelta(days=60))  # fmt: skip
    return Wish(platform=platform, base_url=f"{world.address}/{platform}", channel_kind="social_shop",
                producer_id=producer, remote_id=remote_id, tokens=tokens)  # fmt: skip


def _settings(base: Path) -> str:
    offset = (START - RealClock().now()).total_seconds()
    apps = "\n".join(
        f"[apps.{name}]\n" + "\n".join(f'{key} = "{value}"' for key, value in keys.items())
        for name, keys in APPS.items()
    )
    return (
        f'database_url = "sqlite:///{base / "hub.db"}"\ndata_dir = "{base}"\nkeys_file = "{base / "keys"}"\n'
        f"allow_private_addresses = true\nclock_offset_seconds = {offset}\n{apps}\n"
    )


async def test_a_post_on_zalo_is_planned_sent_read_back_and_taken_down_when_its_certificate_is_revoked(
    desk: Desk,
) -> None:
    product = desk.certified.product.id
    plan = ("plan", product, "--shop", desk.zalo.id, "--template", "san-pham-moi")
    preview = await desk.json(*plan, "--dry-run")
    assert (preview["state"], preview["claims"], preview["problems"]) == ("planned", True, [])
    assert preview["link"].startswith("http")  # the producer's own confirmed listing
    assert await desk.json("list") == []
    planned = await desk.json(*plan, "--words", "Mẻ mới.")
    sent = await desk.json("send", planned["id"])
    assert (sent["state"], sent["answer"]["visible"]) == ("posted", True)
    assert sent["url"].startswith("https://rd.zapps.vn/detail/")
    (article,) = desk.articles()
    assert article["title"] == sent["title"]
    assert article["body"][-1]["content"] == sent["link"]
    await desk.revoke()
    hub = desk.world.hub
    assert (desk.zalo.id, "post") in await hub.db.read(due.waiting, START)
    await run_all(desk.world, ["post"])
    shown = await desk.json("show", sent["id"])
    assert shown["state"] == "removed"
    assert [one["status"] for one in desk.articles()] == ["hide"]


async def test_a_post_on_facebook_goes_out_once_and_becomes_a_task_with_its_link(desk: Desk) -> None:
    product = desk.certified.product.id
    planned = await desk.json("plan", product, "--shop", desk.facebook.id, "--template", "co-hang-tro-lai",
                              "--at", "2026-11-22T08:00")  # fmt: skip
    assert await desk.json("list", "--state", "posted") == []
    hub = desk.world.hub
    await run_all(desk.world, ["post"])
    assert desk.wall() == []  # not yet its time
    desk.world.clock.move(timedelta(days=2))
    assert (desk.facebook.id, "post") in await hub.db.read(due.waiting, desk.world.clock.now())
    await run_all(desk.world, ["post", "post"])
    assert len(desk.wall()) == 1
    shown = await desk.json("show", planned["id"])
    assert (shown["state"], shown["url"].startswith("https://www.facebook.com/")) == ("posted", True)
    assert shown["title"] in desk.wall()[0]
    told = await desk.type("cancel", planned["id"], expect=1)
    assert shown["url"] in told
    gone = await desk.json("cancel", planned["id"], "--gone")
    assert gone["state"] == "removed"


async def test_words_that_may_not_be_said_are_held_in_words_and_nothing_reaches_the_page(desk: Desk) -> None:
    product = desk.certified.product.id
    stars = desk.certified.certificates[-1].stars
    plan = ("plan", product, "--shop", desk.facebook.id, "--template", "san-pham-moi")
    held = await desk.json(*plan, "--words", f"Hàng 0.C.0.P {'★' * (stars - 1)}!", expect=1)
    assert held["state"] == "held"
    assert "stars_differ" in [one["code"] for one in held["problems"]]
    await run_all(desk.world, ["post"])
    again = await desk.json("send", held["id"], expect=1)
    assert (again["state"], desk.wall()) == ("held", [])
    assert (await desk.json("cancel", held["id"]))["state"] == "removed"
    await desk.type("send", held["id"], expect=1)


async def test_a_campaign_names_several_products(desk: Desk) -> None:
    products = (desk.certified.product.id, desk.bare.product.id)
    made = await desk.json("plan", *products, "--shop", desk.facebook.id, "--template", "chien-dich",
                           "--campaign", "Chợ Tết")  # fmt: skip
    assert (made["title"], made["products"]) == ("Chợ Tết", list(products))
    sent = await desk.json("send", made["id"])
    assert sent["state"] == "posted"
    assert desk.wall()[0].startswith("Chợ Tết\n\n• ")
    await desk.type("plan", *products, "--shop", desk.facebook.id, "--template", "san-pham-moi", expect=1)


async def test_of_a_product_without_certificate_no_word_on_the_page_is_a_claim(desk: Desk) -> None:
    await desk.revoke()
    product = desk.certified.product.id
    made = await desk.json("plan", product, "--shop", desk.facebook.id, "--template", "san-pham-moi")
    assert (made["claims"], made["problems"]) == (False, [])
    await desk.json("send", made["id"])
    (told,) = desk.wall()
    assert claims.find(told.replace(made["link"], "")) == ()  # nor is the mark of the connector


async def test_under_lost_answers_every_post_stands_once_on_both_platforms(desk: Desk) -> None:
    hub = desk.world.hub
    shops = (desk.zalo, desk.facebook)
    for number in range(3):
        for shop in shops:
            await desk.plan(shop, f"Chợ phiên số {number}")
    desk.world.sandbox.world.faults.change(Rates(lost_answer=0.25), 0)
    unknown: set[str] = set()
    for _ in range(40):
        for shop in shops:
            if (shop.id, "post") in await hub.db.read(due.waiting, desk.world.clock.now()):
                await work(hub.means(), "bulk", shop.id, "post")
        unknown |= {one.shop_id for one in await hub.db.read(store.posts_of) if one.state == "unknown"}
        desk.world.clock.move(timedelta(minutes=7))
    posts = await hub.db.read(store.posts_of)
    assert {one.state for one in posts} == {"posted"}
    assert unknown == {shop.id for shop in shops}  # on both, the answer to a post itself was lost
    wanted = sorted(f"Chợ phiên số {number}" for number in range(3))
    assert sorted(str(one["title"]) for one in desk.articles()) == wanted
    assert sorted(one.partition("\n")[0] for one in desk.wall()) == wanted


async def test_a_hub_that_was_only_opened_knows_its_templates(tmp_path: Path) -> None:
    config = load(config_dir() / "demo.toml", database_url=f"sqlite:///{tmp_path / 'hub.db'}", data_dir=tmp_path)
    async with open_hub(config) as hub:
        assert {one.about for one in hub.post_templates.values()} == {"product", "campaign"}
