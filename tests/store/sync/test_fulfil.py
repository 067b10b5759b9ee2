from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.access import WHOLE_HUB, Scope
from hub.connectors.model import OrderState
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping
from hub.errors import Refused, Unreachable
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.fulfil import Wish, deadline, job, label, urgency
from hub.sync.means import Line, Means
from hub.sync.work import Report, work
from hub.types import RemoteId
from tests.store.sync.desk import NOW, Desk, FakeShop
from tests.store.sync.test_work import hear, published, sold

SHIP_BY = NOW + timedelta(days=3)


class Sends(FakeShop):
    """A shop that sends: what it ships it says itself."""

    async def shipping_options(self, order: RemoteId) -> Options:
        await self.platform.enter("shipping_options")
        return Options(handovers=("pickup",), ship_by=SHIP_BY)

    async def pack(self, order: RemoteId) -> None:
        await self.platform.enter("pack")

    async def ship(self, shipping: Shipping) -> Shipped:
        await self.platform.enter("ship")
        told = self.platform.orders[shipping.order]
        self.platform.orders[shipping.order] = replace(
            told, state=OrderState.SHIPPED, shipped_at=told.updated_at + timedelta(hours=1),
            updated_at=told.updated_at + timedelta(hours=1),
        )  # fmt: skip
        return Shipped(order=shipping.order, parcel="P1", tracking="VN123", carrier="GHN")

    async def label(self, order: RemoteId) -> Label:
        raise Refused("label_not_ready")

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        await self.platform.enter("cancel")
        told = self.platform.orders[order]
        self.platform.orders[order] = replace(
            told, state=OrderState.CANCELLED, updated_at=told.updated_at + timedelta(hours=1),
            cancelled_at=told.updated_at + timedelta(hours=1),
        )  # fmt: skip


def means(desk: Desk, kind: Callable[..., FakeShop] = Sends) -> Means:
    async def open_line(shop: Shop) -> Line:
        platform = desk.platforms[shop.id]
        return Line(connector=kind(platform), calls=platform.calls)

    return replace(desk.means(), open_line=open_line)


async def do(desk: Desk, *orders: str, kind: Callable[..., FakeShop] = Sends, **wish: object) -> Report:
    wanted = Wish(orders=tuple(RemoteId(one) for one in orders), who="o", **wish)  # type: ignore[arg-type]
    return await work(means(desk, kind), "sales", "a", "fulfil", job=job(wanted))


async def waiting(desk: Desk) -> list[str]:
    return [one.order for one in await desk.db.read(store.to_send, WHOLE_HUB)]


@pytest.fixture
async def two(desk: Desk) -> Desk:
    """Two paid orders and one that only waits for its payment."""
    await published(desk)
    for order in (sold("o1", "mam", 2), sold("o2", "tra"),
                  sold("o3", "banh", state=OrderState.PLACED, paid_at=None)):  # fmt: skip
        await hear(desk, "a", order)
    await work(desk.means(), "sales", "a", "hint")
    return desk


async def test_what_is_paid_or_cash_on_delivery_waits_to_be_sent_with_its_goods(two: Desk) -> None:
    found = await two.db.read(store.to_send, WHOLE_HUB)
    assert [(one.order, [(i.sku, i.units) for i in one.items]) for one in found] == [
        ("o1", [("mam", 2)]), ("o2", [("tra", 1)]),
    ]  # fmt: skip
    assert await two.db.read(store.to_send, Scope(producer_id="other")) == ()
    assert len(await two.db.read(store.to_send, Scope(producer_id="p"))) == 2


async def test_a_shipped_order_leaves_the_list_by_the_platforms_own_word(two: Desk) -> None:
    report = await do(two, "o1", do="ship")
    assert (report.result, report.tally.done) == ("ok", 1)
    assert await waiting(two) == ["o2"]
    kept = await two.db.read(store.dispatch_of, "a", "o1")
    assert (kept.state, kept.tracking, kept.carrier, kept.who) == ("shipped", "VN123", "GHN", "o")


async def test_a_cancelled_order_gives_its_goods_back_and_tells_the_shops(two: Desk) -> None:
    two.asked.clear()
    await do(two, "o1", do="cancel", reason="out_of_stock")
    assert await waiting(two) == ["o2"]
    assert ("now", "b", "stock") in two.asked


async def test_the_deadline_is_the_platforms_or_reckoned(two: Desk) -> None:
    await do(two, "o1", do="look")
    assert (await two.db.read(store.dispatch_of, "a", "o1")).ship_by == SHIP_BY
    assert deadline(SHIP_BY, NOW, 2) == SHIP_BY
    assert deadline(None, NOW, 2) == NOW + timedelta(days=2)


@pytest.mark.parametrize(("left", "word"), [(-1, "late"), (1, "today"), (25, "fine")])
def test_the_countdown_says_how_it_stands(left: int, word: str) -> None:
    assert urgency(NOW + timedelta(hours=left), NOW) == word


async def test_where_the_channel_does_not_let_us_a_task_with_a_link_remains(two: Desk) -> None:
    report = await do(two, "o1", "o2", kind=FakeShop, do="ship")
    assert (report.result, report.tally.refused) == ("partial", 2)
    kept = await two.db.read(store.dispatch_of, "a", "o1")
    assert (kept.state, kept.problem) == ("task", "do_it_on_channel")
    assert await waiting(two) == ["o1", "o2"]


async def test_a_refusal_of_one_order_does_not_stop_the_others(two: Desk) -> None:
    two.platforms["a"].trouble["ship"] = [Refused("order_state_wrong")]
    report = await do(two, "o1", "o2", do="ship")
    assert [p.facts["order"] for p in report.tally.problems] == ["o1"]
    assert await waiting(two) == ["o1"]


async def test_a_lost_answer_is_a_task_and_the_order_is_looked_up_at_once(two: Desk) -> None:
    two.platforms["a"].trouble["ship"] = [Unreachable(sent=True)]
    report = await do(two, "o1", do="ship")
    assert [p.code for p in report.tally.problems] == ["remote_unreachable"]
    assert (await two.db.read(store.dispatch_of, "a", "o1")).state == "task"
    two.platforms["a"].trouble["ship"] = [Unreachable(sent=False)]
    assert (await do(two, "o1", do="ship")).result == "unfinished"


async def test_what_left_stays_so_whatever_is_asked_or_refused_after_it(two: Desk) -> None:
    await do(two, "o1", do="ship")
    await do(two, "o1", do="pack")
    assert (await two.db.read(store.dispatch_of, "a", "o1")).state == "shipped"
    two.platforms["a"].trouble["cancel"] = [Refused("order_state_wrong")]
    assert (await do(two, "o1", do="cancel")).result == "partial"
    kept = await two.db.read(store.dispatch_of, "a", "o1")
    assert (kept.state, kept.problem) == ("shipped", "order_state_wrong")


async def test_a_label_that_is_not_ready_or_not_to_be_had_is_refused_in_words(two: Desk) -> None:
    shop = two.platforms["a"]
    for kind, code in ((Sends, "label_not_ready"), (FakeShop, "do_it_on_channel")):
        with pytest.raises(Refused) as told:
            await label(Line(connector=kind(shop), calls=shop.calls), RemoteId("o1"))
        assert told.value.code == code
