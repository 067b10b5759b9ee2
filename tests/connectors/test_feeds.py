"""The connector of feeds: no abilities, no calls; its kinds are those that can be written."""

from collections.abc import Mapping
from typing import Any, cast

import pytest

from hub import connectors
from hub.connectors.api import Api
from hub.connectors.feeds import KINDS, Feeds
from hub.connectors.model import ShopSettings
from hub.errors import Invalid
from hub.sync import feeds


def connector(values: Mapping[str, str]) -> Feeds:
    return Feeds(cast(Api, cast(Any, None)), ShopSettings(shop_id="f", base_url="", values=values))


def test_it_can_do_nothing_by_itself() -> None:
    assert connectors.load("feeds") is Feeds
    assert connectors.abilities(Feeds) == ()
    assert set(KINDS) == set(feeds.KINDS)


async def test_check_names_the_feed_without_asking_anybody() -> None:
    card = await connector({"kind": "meta_csv", "target": "Trang Đặc sản"}).check()
    assert (card.name, card.remote_id) == ("Trang Đặc sản", "meta_csv/trang dac san")


async def test_check_refuses_a_kind_nobody_writes() -> None:
    with pytest.raises(Invalid, match="feed_kind_unknown"):
        await connector({"kind": "atom"}).check()
