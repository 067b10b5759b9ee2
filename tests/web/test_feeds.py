"""Feeds over HTTP: a secret address without a session, answers that can be kept, nobody else's goods, never emptied."""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from aiohttp.test_utils import TestClient

from hub.catalog import tables as c
from hub.catalog.law import load as load_law
from hub.clock import ShiftedClock, today
from hub.db import Sealed, Tx
from hub.errors import Unavailable
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.store import StoredSecret
from hub.sync import rulepack
from hub.sync.draft import parse_wording
from hub.sync.feed_build import refuse_mass_loss
from hub.sync.plan import Ground
from hub.sync.store.feeds import TOKEN, feed_of, note_content, open_feed
from hub.web.feeds import FRESH
from hub.web.house import House
from hub.web.visit import digest
from tests.store.sales.world import NOW
from tests.web.conftest import Visit

CONFIG = Path(__file__).parents[2] / "config"
OURS, PORTAL = "o" * 43, "p" * 43
Fetch = Callable[..., Awaitable[tuple[int, Mapping[str, str], str]]]


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((CONFIG / name).read_text("utf-8"))


def stand(tx: Tx) -> None:
    """Goods that may be offered, a feed of the first producer and one of the whole province."""
    tx.execute(c.product.update().values(
        set_no=9, storage="Nơi khô ráo", shelf_life_months=12, food_declaration="1/2026", reviewed_at=NOW, commune="Xã",
    ))  # fmt: skip
    for shop_id, producer, token in (("ours", "p1", OURS), ("province", None, PORTAL)):
        shops.add_shop(tx, Shop(
            id=shop_id, platform="feeds", name=shop_id, producer_id=producer, channel_kind="file", base_url="",
            remote_id=shop_id, values={"kind": "plain_rss", "page": "https://ocop.vn/{sku}"}, created_at=NOW,
            province_code="" if producer else "92",
        ))  # fmt: skip
        secret = StoredSecret(key=TOKEN, sealed=Sealed("gAAAA"))
        open_feed(tx, shop_id, token_digest=digest(token), token=secret, now=NOW)


@pytest.fixture
def feeding(house: House) -> House:
    house.db.write_now(stand)
    rules = rulepack.parse("feeds", toml("channels/feeds.toml"), toml("categories/feeds.toml"))

    def ground(_shop: Shop) -> Ground:
        return Ground(
            rules=rules, wording=parse_wording(toml("listing.toml")), law=load_law(), picture_base="http://hub.test/p",
            today=today(house.clock), now=house.clock.now(),
        )  # fmt: skip

    return replace(house, ground=ground)


@pytest.fixture
async def client(feeding: House, visit: Visit) -> "TestClient[Any, Any]":
    return await visit(feeding, signed_in=False)


@pytest.fixture
def fetch(client: "TestClient[Any, Any]") -> Fetch:
    async def go(path: str = f"/feeds/{OURS}.xml", **headers: str) -> tuple[int, Mapping[str, str], str]:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        async with client.get(path, headers={"User-Agent": "Puller/1", **sent}) as answer:
            return answer.status, answer.headers.copy(), await answer.text()

    return go


def ids(body: str) -> set[str]:
    return {text for item in ET.fromstring(body.encode()).iter("guid") if (text := item.text)}


async def test_a_feed_is_served_without_a_session_and_only_with_its_own_goods(fetch: Fetch) -> None:
    status, headers, body = await fetch()
    assert status == 200
    assert headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert headers["Content-Encoding"] == "gzip"
    assert "max-age" in headers["Cache-Control"]
    assert headers["X-Robots-Tag"] == "noindex"
    assert ids(body) == {"tra", "banh", "hop"}  # "mam" is of another producer
    _, _, whole = await fetch(f"/feeds/{PORTAL}.xml")
    assert ids(whole) == {"tra", "banh", "hop", "mam"}


async def test_plain_readers_get_plain_bytes(fetch: Fetch) -> None:
    packed = await fetch()
    status, headers, body = await fetch(Accept_Encoding="identity")
    assert (status, body) == (200, packed[2])
    assert "Content-Encoding" not in headers
    assert headers["ETag"] == packed[1]["ETag"]


async def test_what_the_reader_has_is_not_sent_again(fetch: Fetch) -> None:
    _, headers, _ = await fetch()
    for known in ({"If_None_Match": headers["ETag"]}, {"If_Modified_Since": headers["Last-Modified"]}):
        status, again, body = await fetch(**known)
        assert (status, body) == (304, "")
        assert again["ETag"] == headers["ETag"]
    assert (await fetch(If_None_Match='"other"'))[0] == 200
    assert (await fetch(If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"]))[0] == 200


async def test_a_change_is_told_after_a_minute_and_only_then(feeding: House, fetch: Fetch) -> None:
    _, before, _ = await fetch()
    clock = feeding.clock
    assert isinstance(clock, ShiftedClock)
    clock.move(2 * FRESH)
    assert (await fetch(If_None_Match=before["ETag"]))[0] == 304  # looked again, nothing changed
    assert (await fetch())[1]["Last-Modified"] == before["Last-Modified"]
    feeding.db.write_now(lambda tx: tx.execute(c.product.update().values(name="Trà mới")))
    assert (await fetch(If_None_Match=before["ETag"]))[0] == 304
    clock.move(2 * FRESH)
    status, after, body = await fetch(If_None_Match=before["ETag"])
    assert status == 200
    assert "Trà mới" in body
    assert after["Last-Modified"] != before["Last-Modified"]


@pytest.mark.parametrize(
    "path",
    [f"/feeds/{'x' * 43}.xml", f"/feeds/{OURS}.csv", f"/feeds/{OURS}", "/feeds/", "/feeds/a.xml", f"/feeds/{OURS}.XML"],
)
async def test_any_other_address_is_not_there(fetch: Fetch, path: str) -> None:
    assert (await fetch(path))[0] == 404


async def test_a_disconnected_feed_is_gone_and_a_paused_one_rests(feeding: House, fetch: Fetch) -> None:
    feeding.db.write_now(shops.set_state, "ours", "paused")
    status, headers, _ = await fetch()
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    feeding.db.write_now(shops.set_state, "ours", "disconnected")
    assert (await fetch())[0] == 404


async def test_an_empty_catalogue_is_never_told(feeding: House, fetch: Fetch) -> None:
    feeding.db.write_now(
        lambda tx: tx.execute(c.product.update().where(c.product.c.producer_id == "p1").values(producer_id="p2"))
    )
    assert (await fetch())[0] == 503


async def test_a_feed_that_lost_much_waits_for_a_person(feeding: House, fetch: Fetch) -> None:
    feeding.db.write_now(note_content, "ours", content="before", items=40, now=NOW)
    assert (await fetch())[0] == 503
    feeding.db.write_now(note_content, "ours", content="accepted", items=3, now=NOW)
    assert (await fetch())[0] == 200


@pytest.mark.parametrize(("before", "now", "told"), [(0, 0, True), (3, 0, True), (40, 36, True), (40, 35, False)])
def test_one_in_ten_may_go(before: int, now: int, told: bool) -> None:
    if told:
        refuse_mass_loss(before, now)
        return
    with pytest.raises(Unavailable, match="mass_withdraw"):
        refuse_mass_loss(before, now)


async def test_each_fetch_is_noted(feeding: House, fetch: Fetch) -> None:
    before = feeding.db.read_now(feed_of, "ours")
    assert before is not None
    assert before.standing == "reported"
    clock = feeding.clock
    assert isinstance(clock, ShiftedClock)
    clock.move(timedelta(seconds=5))
    await fetch()
    after = feeding.db.read_now(feed_of, "ours")
    assert after is not None
    assert (after.standing, after.fetched_at, after.fetched_by, after.fetched_status, after.items) == (
        "fetched", clock.now(), "Puller/1", 200, 3,
    )  # fmt: skip
