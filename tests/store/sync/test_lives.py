from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.connectors.model import Page
from hub.connectors.social import Attribution, Live
from hub.programme.store import live_sessions
from hub.shops.model import Shop
from hub.sync import tables as t
from hub.sync.means import Line
from hub.sync.work import work
from hub.types import RemoteId, Sku
from tests.store.sync.desk import NOW, Desk, FakeShop

LIVE = Live(remote_id=RemoteId("L1"), title="Phiên mắm", state="over", started_at=NOW - timedelta(hours=2),
            ended_at=NOW - timedelta(hours=1), viewers=120, orders=3, revenue=450_000)  # fmt: skip
PLANNED = Live(remote_id=RemoteId("L2"), title="Chưa phát", state="planned")


def airs(lives: list[Live]) -> Callable[..., FakeShop]:
    """A shop whose platform tells of lives, two to a page."""

    class Airs(FakeShop):
        async def lives(self, since: datetime, until: datetime, page: str | None) -> Page[Live]:
            first = int(page or 0)
            more = first + 2 < len(lives)
            return Page(items=lives[first : first + 2], next=str(first + 2) if more else None)

        async def attributions(self, since: datetime, until: datetime, page: str | None) -> Page[Attribution]:
            brought = Attribution(order=RemoteId("o1"), sku=Sku("mam"), source="live", live=RemoteId("L1"),
                                  commission=5000)  # fmt: skip
            return Page(items=[brought])

    return Airs


async def run(desk: Desk, kind: Callable[..., FakeShop]) -> int:
    async def open_line(shop: Shop) -> Line:
        platform = desk.platforms[shop.id]
        return Line(connector=kind(platform), calls=platform.calls)

    report = await work(replace(desk.means(), open_line=open_line), "bulk", "a", "lives")
    assert report.result == "ok"
    return report.tally.done


async def test_lives_and_where_orders_came_from_are_kept_once_and_corrected_later(desk: Desk) -> None:
    assert await run(desk, airs([LIVE, PLANNED, replace(LIVE, remote_id=RemoteId("L3"))])) == 4
    found = await desk.db.read(live_sessions)
    assert [(one.remote_id, dict(one.figures)) for one in found if one.remote_id == "L1"] == [
        ("L1", {"viewers": 120, "orders": 3, "gmv": 450_000})
    ]
    assert {one.remote_id for one in found} == {"L1", "L3"}  # what was never on air is no session
    desk.pass_time(days=1)
    await run(desk, airs([replace(LIVE, orders=4)]))
    found = await desk.db.read(live_sessions)
    assert [one.figures["orders"] for one in found if one.remote_id == "L1"] == [4]
    rows = await desk.db.read(lambda tx: [tuple(r) for r in tx.execute(sa.select(t.attribution))])
    assert [row[:6] for row in rows] == [("a", "o1", "mam", "live", "L1", 5000)]


async def test_a_platform_without_lives_has_nothing_to_tell(desk: Desk) -> None:
    assert await run(desk, FakeShop) == 0
