"""Feeds in the database: addresses by digest, since when they say so, who fetched them, each product's best page."""

from datetime import timedelta

import pytest

from hub.db import Db, Sealed, Tx
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.store import StoredSecret
from hub.sync import tables as t
from hub.sync.store.feeds import TOKEN, feed_by_token, feed_of, listing_links, note_content, note_fetch, open_feed
from tests.store.sales.world import NOW, build

HOUR = timedelta(hours=1)
FEED = Shop(
    id="feed", platform="feeds", name="Cổng", producer_id="p1", channel_kind="file", base_url="", remote_id="x",
    values={"kind": "plain_rss"}, created_at=NOW,
)  # fmt: skip
SECRET = StoredSecret(key=TOKEN, sealed=Sealed("gAAAA"))


def fill(tx: Tx) -> None:
    build(tx)
    shops.add_shop(tx, FEED)
    open_feed(tx, "feed", token_digest="a" * 64, token=SECRET, now=NOW)


@pytest.fixture
def world(db: Db) -> Db:
    db.write_now(fill)
    return db


def test_a_new_address_ends_the_old_one(world: Db) -> None:
    assert world.read_now(feed_by_token, "a" * 64) == world.read_now(feed_of, "feed")
    world.write_now(open_feed, "feed", token_digest="b" * 64, token=SECRET, now=NOW)
    assert world.read_now(feed_by_token, "a" * 64) is None
    assert world.read_now(feed_by_token, "b" * 64) is not None
    assert world.read_now(feed_of, "site") is None


def test_since_when_moves_only_with_the_content(world: Db) -> None:
    assert world.write_now(note_content, "feed", content="1", items=2, now=NOW) == NOW
    assert world.write_now(note_content, "feed", content="1", items=2, now=NOW + HOUR) == NOW
    assert world.write_now(note_content, "feed", content="2", items=3, now=NOW + 2 * HOUR) == NOW + 2 * HOUR
    row = world.read_now(feed_of, "feed")
    assert row is not None
    assert (row.items, row.standing) == (3, "reported")


def test_a_fetch_is_noted(world: Db) -> None:
    world.write_now(note_fetch, "feed", agent="Puller/1.0 " * 50, status=304, now=NOW)
    row = world.read_now(feed_of, "feed")
    assert row is not None
    assert (row.standing, row.fetched_at, row.fetched_status, len(row.fetched_by)) == ("fetched", NOW, 304, 200)


def listed(tx: Tx, shop: str, product: str, url: str, **more: object) -> None:
    row = {
        "state": "confirmed",
        "remote_id": "1",
        "changed_at": NOW,
        "shop_id": shop,
        "product_id": product,
        "url": url,
    }
    tx.execute(t.binding.insert().values(**row | more))


def test_the_best_page_is_the_owners_own(world: Db) -> None:
    def put(tx: Tx) -> None:
        listed(tx, "shopee", "P-tra", "https://shopee.test/1")
        listed(tx, "site", "P-tra", "https://site.test/tra")
        listed(tx, "shopee", "P-banh", "https://shopee.test/2")
        listed(tx, "shopee", "P-mam", "https://shopee.test/3", visible=False)
        listed(tx, "site", "P-mam", "https://site.test/mam", state="held")
        listed(tx, "site", "P-hop", "")

    world.write_now(put)
    ids = ["P-tra", "P-banh", "P-mam", "P-hop"]
    assert world.read_now(listing_links, ids) == {"P-tra": "https://site.test/tra", "P-banh": "https://shopee.test/2"}
    world.write_now(shops.set_state, "site", "disconnected")
    assert world.read_now(listing_links, ["P-tra"]) == {"P-tra": "https://shopee.test/1"}
