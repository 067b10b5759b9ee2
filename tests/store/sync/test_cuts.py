"""A person's words for one platform: kept, changed, taken back; the shops that show them are asked to follow."""

from datetime import timedelta

import pytest

from hub.db import Db
from hub.sync import due
from hub.sync import store as sync
from hub.sync.model import Cut
from tests.store.sales.world import NOW, build

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def world(db: Db) -> Db:
    db.write_now(build)
    return db


def words(title: str = "Trà  sen ", description: str = "Một.\n\nHai.", platform: str = "shopee") -> Cut:
    return Cut(
        product_id="P-tra", platform=platform, title=title, description=description, edited_at=NOW, edited_by="cli"
    )


def asked(db: Db) -> set[str]:
    return {shop for shop, kind in db.read_now(due.waiting, LATER) if kind == "push"}


def test_words_are_kept_and_the_shop_is_asked(world: Db) -> None:
    kept = world.write_now(sync.put_cut, words())
    assert (kept.title, kept.description) == ("Trà sen", "Một.\n\nHai.")
    assert world.read_now(sync.cuts_of, "P-tra") == {"shopee": kept}
    assert world.read_now(sync.push_view, "shopee").cuts == {"P-tra": kept}
    assert world.read_now(sync.push_view, "shopee", ["P-banh"]).cuts == {}
    assert asked(world) == {"shopee"}


def test_another_platform_hears_nothing(world: Db) -> None:
    world.write_now(sync.put_cut, words(platform="woocommerce"))
    assert world.read_now(sync.push_view, "shopee").cuts == {}
    assert asked(world) == set()  # the site belongs to another producer


def test_the_last_words_hold_and_blank_ones_go(world: Db) -> None:
    world.write_now(sync.put_cut, words())
    world.write_now(sync.put_cut, words(title="Trà mới", description=""))
    assert world.read_now(sync.cuts_of, "P-tra")["shopee"].title == "Trà mới"
    world.write_now(sync.put_cut, words(title="", description=" "))
    assert world.read_now(sync.cuts_of, "P-tra") == {}
    assert not world.write_now(sync.clear_cut, "P-tra", "shopee", LATER)
