"""The whole loop on real files and real HTTP: registry -> shops -> publish -> sell -> revenue -> claims taken down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.catalog import claims
from hub.demo.run import Story, play
from hub.demo.world import World, settings

pytestmark = pytest.mark.e2e


@contextmanager
def quiet(_name: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda _done, _total: None


async def test_the_whole_loop(tmp_path: Path) -> None:
    seen: list[dict[str, object]] = []

    async def look(world: World, _story: Story) -> None:
        seen.extend(dict(listing) for shop in world.sandbox.shops().values() for listing in shop.listings())

    story = await play(settings(tmp_path / "demo"), quiet, days=12, per_day=5, then=look)
    answer = story.answer
    assert answer["products"] == 326
    assert answer["in_force"] == 281
    assert answer["listings_confirmed"] == 341
    assert answer["held"] == {"abv_missing": 14, "ad_confirmation_missing": 9, "service_not_shipped": 22}
    assert answer["calls_unchanged_resync"] == 0
    zeros = ("duplicate_listings", "lost_orders", "double_orders", "oversold_units")
    assert {name: answer[name] for name in zeros} == dict.fromkeys(zeros, 0)
    assert answer["ledgers_equal"], answer["differences"]
    assert answer["orders"] > 20
    assert answer["net_revenue"] == sum(row["net_revenue"] for row in answer["by_channel"])
    share = answer["online_share"]["revenue"]
    assert 0 < share["percent"] < 100  # November was declared
    assert share["numerator"] == answer["net_revenue"]
    assert answer["online_share"]["quantity"]["kg"]["percent"] is None  # nobody declared kilograms: never guessed
    assert answer["takedowns"] > answer["revoked"] == 1
    assert claimed(seen) < answer["in_force"] - answer["lapsed"] + 30
    assert claimed(seen) > 200


def claimed(listings: list[dict[str, object]]) -> int:
    """How many listings say OCOP to a buyer."""
    return sum(1 for one in listings if claims.find(f"{one['title']}\n{one['description']}"))
