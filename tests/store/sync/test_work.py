"""Jobs from lease to outcome: what is written when workers die, lanes cross, and platforms fail."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.catalog import store as catalog
from hub.connectors.model import Broken, Hint, ListingState, OrderState, Page, RemoteLine, RemoteOrder
from hub.db import Db, Tx
from hub.errors import Garbled, LeaseLost, Refused, Throttled, Unauthorised, Unavailable, Unreachable
from hub.shops import store as shops
from hub.sync import due, store
from hub.sync import tables as t
from hub.sync.hints import receive
from hub.sync.model import BindingState
from hub.sync.work import work
from hub.sync.worker import ROUNDS, handle
from hub.types import RemoteId, Sku
from tests.store.sync.desk import NOW, Desk, FakeShop


async def published(desk: Desk) -> None:
    for shop_id in ("a", "b"):
        report = await work(desk.means(), "bulk", shop_id, "push")
        assert report.result == "ok"


def standing(tx: Tx, shop_id: str) -> dict[str, str]:
    return {b.product_id: b.state.value for b in store.bindings(tx, shop_id)}


def sold(remote_id: str, sku: str, quantity: int = 1, **more: object) -> RemoteOrder:
    line = RemoteLine(
        line_id=RemoteId("1"), sku=Sku(sku), listing=None, variant=None, title=sku, quantity=quantity,
        unit_price=50_000, charged=50_000 * quantity,
    )  # fmt: skip
    told = RemoteOrder(
        remote_id=RemoteId(remote_id), number=remote_id, state=OrderState.PAID, placed_at=NOW, updated_at=NOW,
        lines=(line,), paid_at=NOW,
    )  # fmt: skip
    return replace(told, **more)  # type: ignore[arg-type]


async def hear(desk: Desk, shop_id: str, order: RemoteOrder, event: str = "") -> None:
    desk.platforms[shop_id].orders[order.remote_id] = order
    await desk.db.write(
        store.hear, shop_id, event_id=event or order.remote_id, kind="order", object_id=order.remote_id, now=desk.now()
    )


async def test_a_push_confirms_and_a_second_one_says_nothing(desk: Desk) -> None:
    await published(desk)
    assert set((await desk.db.read(standing, "a")).values()) == {"confirmed"}
    before = desk.platforms["a"].calls.count
    assert (await work(desk.means(), "bulk", "a", "push")).result == "ok"
    assert desk.platforms["a"].calls.count == before


async def test_a_lost_answer_to_a_create_makes_no_second_listing(desk: Desk) -> None:
    platform = desk.platforms["a"]
    platform.trouble["create"] = [Unreachable(sent=True)]
    assert (await work(desk.means(), "bulk", "a", "push")).result == "unfinished"
    desk.pass_time(hours=1)
    assert (await work(desk.means(), "bulk", "a", "push")).result == "ok"
    await work(desk.means(), "bulk", "a", "push")
    assert len(platform.listings) == 3
    assert set((await desk.db.read(standing, "a")).values()) == {"confirmed"}


async def test_a_sale_reaches_the_other_shop_and_the_platform_that_sold_is_told_whatever_it_was_told_before(
    desk: Desk,
) -> None:
    await published(desk)
    await hear(desk, "a", sold("o1", "mam", 2))
    await work(desk.means(), "sales", "a", "hint")
    await work(desk.means(), "now", "a", "stock")
    await work(desk.means(), "now", "b", "stock")
    assert desk.platforms["a"].told == desk.platforms["b"].told == [("mam", 8)]
    # a cancellation on a (the platform counts it back itself) and a sale on b at once: the sum is the same as before
    cancelled = sold(
        "o1", "mam", 2, state=OrderState.CANCELLED, updated_at=NOW + timedelta(seconds=5), cancelled_at=NOW
    )
    await hear(desk, "a", cancelled, "later")
    await hear(desk, "b", sold("o2", "mam", 2))
    await work(desk.means(), "sales", "a", "hint")
    await work(desk.means(), "sales", "b", "hint")
    await work(desk.means(), "now", "a", "stock")
    assert desk.platforms["a"].told[1:] == [("mam", 8)]


async def test_what_is_sold_while_a_listing_is_on_its_way_is_told_to_it(desk: Desk) -> None:
    await work(desk.means(), "bulk", "b", "push")

    async def sell() -> None:
        await hear(desk, "b", sold("o1", "mam", 3))
        await work(desk.means("other"), "sales", "b", "hint")

    desk.platforms["a"].before["create"] = sell
    await work(desk.means(), "bulk", "a", "push")
    assert ("now", "a", "stock") in desk.asked
    await work(desk.means(), "now", "a", "stock")
    assert desk.platforms["a"].told == [("mam", 7)]


async def test_the_lanes_do_not_undo_each_other(desk: Desk) -> None:
    """Stock told while words are on their way stays known as told."""
    await published(desk)
    tx_new_name = sa.text("UPDATE product SET name = 'Mắm cá linh đổi tên', version = 'x' WHERE id = 'P-mam'")
    await desk.db.write(lambda tx: tx.execute(tx_new_name))

    async def sell() -> None:
        await hear(desk, "b", sold("o1", "mam"))
        await work(desk.means("other"), "sales", "b", "hint")
        await work(desk.means("other"), "now", "a", "stock")

    desk.platforms["a"].before["update"] = sell
    await work(desk.means(), "bulk", "a", "push")
    told = {b.product_id: b for b in await desk.db.read(store.bindings, "a")}["P-mam"]
    assert told.stock_key == "mam:9"
    assert told.state is BindingState.CONFIRMED


async def test_stock_that_was_not_taken_is_not_forgotten(desk: Desk) -> None:
    await published(desk)
    await hear(desk, "b", sold("o1", "mam"))
    await hear(desk, "b", sold("o2", "tra"))
    await work(desk.means(), "sales", "b", "hint")
    desk.platforms["a"].trouble["set_stock mam"] = [Unreachable(sent=True)]
    assert (await work(desk.means(), "now", "a", "stock")).result == "unfinished"
    assert list(await desk.db.read(store.stock_due, "a", 10)) == ["P-mam"]
    await work(desk.means(), "now", "a", "stock")
    assert desk.platforms["a"].told == [("tra", 9), ("mam", 9)]
    assert await desk.db.read(store.stock_due, "a", 10) == {}


async def test_one_order_that_cannot_be_fetched_steps_back_behind_the_others(desk: Desk) -> None:
    await published(desk)
    await hear(desk, "a", sold("o1", "mam"))
    desk.pass_time(seconds=1)
    await hear(desk, "a", sold("o2", "tra"))
    desk.platforms["a"].trouble["order o1"] = [Unreachable(), Unreachable()]
    assert (await work(desk.means(), "sales", "a", "hint")).result == "unfinished"
    assert (await work(desk.means(), "sales", "a", "hint")).result == "unfinished"
    assert [h[2] for h in await desk.db.read(store.open_hints, "a")] == ["o1"]
    assert (await work(desk.means(), "sales", "a", "hint")).result == "ok"


async def test_an_order_is_fetched_once_however_many_webhooks_point_at_it(desk: Desk) -> None:
    await published(desk)
    for n in range(50):
        await hear(desk, "a", sold("o1", "mam"), f"event {n}")
    before = desk.platforms["a"].calls.count
    assert (await work(desk.means(), "sales", "a", "hint")).tally.done == 50
    assert desk.platforms["a"].calls.count == before + 2  # the fake counts an order twice


async def test_a_walk_answers_the_webhooks_heard_before_it(desk: Desk) -> None:
    await published(desk)
    await hear(desk, "a", sold("o1", "mam"))
    await hear(desk, "a", sold("o2", "tra", updated_at=NOW - timedelta(days=30)))  # outside the walk
    desk.pass_time(seconds=1)

    async def meanwhile() -> None:
        await hear(desk, "a", sold("o1", "mam"), "during the walk")

    desk.platforms["a"].before["orders"] = meanwhile
    await work(desk.means(), "sales", "a", "pull")
    left = {(event, order) for event, _, order in await desk.db.read(store.open_hints, "a")}
    assert left == {("during the walk", "o1"), ("o2", "o2")}


async def test_a_platform_that_fell_silent_is_asked_to_tell_us_again_but_not_all_the_time(desk: Desk) -> None:
    await published(desk)
    await hear(desk, "a", sold("o1", "mam", updated_at=desk.now()))
    await work(desk.means(), "sales", "a", "pull")
    assert desk.subscribed == []
    for n, minutes in ((2, 5), (3, 5), (4, 61)):
        desk.pass_time(minutes=minutes)
        desk.platforms["a"].orders[f"o{n}"] = sold(f"o{n}", "tra", updated_at=desk.now())
        await work(desk.means(), "sales", "a", "pull")
    assert desk.subscribed == ["a", "a"]


async def test_after_a_start_every_shop_is_asked_for_what_was_missed(desk: Desk) -> None:
    await desk.db.write(due.catch_up, desk.now())
    assert sorted(await desk.db.read(due.waiting, desk.now())) == [("a", "pull"), ("b", "pull")]


async def test_a_request_made_while_the_job_runs_is_not_forgotten(desk: Desk) -> None:
    async def ask_again() -> None:
        desk.pass_time(seconds=1)
        await desk.db.write(due.request, "a", "push", desk.now())

    await desk.db.write(due.request, "a", "push", desk.now())
    desk.platforms["a"].before["create"] = ask_again
    await work(desk.means(), "bulk", "a", "push")
    assert ("a", "push") in await desk.db.read(due.waiting, desk.now())
    desk.pass_time(seconds=1)
    await work(desk.means(), "bulk", "a", "push")
    assert ("a", "push") not in await desk.db.read(due.waiting, desk.now())


async def test_the_run_of_a_worker_that_died_is_closed_and_its_job_comes_back(desk: Desk) -> None:
    await desk.db.write(store.take_lease, "a", "bulk", "dead", desk.now())
    await desk.db.write(store.start_run, shop_id="a", kind="push", lane="bulk", now=desk.now())
    await desk.db.write(store.take_lease, "a", "now", "alive", desk.now())
    assert await desk.db.write(store.abandon_runs, now=desk.now()) == 0
    desk.pass_time(seconds=61)
    await desk.db.write(store.take_lease, "a", "now", "alive", desk.now())
    assert await desk.db.write(store.abandon_runs, now=desk.now()) == 1
    assert [(r.result, r.note) for r in await desk.db.read(store.runs)] == [("unfinished", "worker_gone")]
    assert await desk.db.read(due.waiting, desk.now()) == [("a", "push")]


async def test_who_takes_over_a_lease_closes_the_dead_run(desk: Desk) -> None:
    await desk.db.write(store.take_lease, "a", "bulk", "dead", desk.now())
    await desk.db.write(store.start_run, shop_id="a", kind="readback", lane="bulk", now=desk.now())
    desk.pass_time(seconds=61)
    await work(desk.means(), "bulk", "a", "push")
    found = {r.kind: r.result for r in await desk.db.read(store.runs)}
    assert found == {"readback": "unfinished", "push": "ok"}


async def test_one_worker_does_not_work_twice_on_a_shop_at_once(desk: Desk) -> None:
    again: list[str | None] = []

    async def once_more() -> None:
        again.append((await work(desk.means(), "sales", "a", "pull")).run_id)

    desk.platforms["a"].before["orders"] = once_more
    assert (await work(desk.means(), "sales", "a", "pull")).result == "ok"
    assert again == [None] * len(again)
    assert again


async def test_a_lost_lease_ends_the_run_and_sends_nothing_more(desk: Desk) -> None:
    async def steal() -> None:
        desk.pass_time(seconds=61)
        await desk.db.write(store.take_lease, "a", "bulk", "thief", desk.now())

    desk.platforms["a"].before["find"] = steal
    report = await work(desk.means(), "bulk", "a", "push")
    assert (report.result, report.tally.stopped) == ("unfinished", "lease_lost")
    with pytest.raises(LeaseLost):
        await desk.db.write(store.hold, store.Lease(shop_id="a", lane="bulk", owner="worker"), desk.now())


async def test_a_living_worker_keeps_its_lease_however_slow_the_platform_is(desk: Desk) -> None:
    desk.patience = replace(desk.patience, lease=timedelta(milliseconds=30))
    renewed: list[object] = []

    def until(tx: Tx) -> object:
        return tx.execute(sa.select(t.lease.c.until)).scalar_one()

    async def slow() -> None:
        first = await desk.db.read(until)
        desk.pass_time(milliseconds=20)
        while await desk.db.read(until) == first:
            pass
        renewed.append(await desk.db.read(until))

    desk.platforms["a"].before["orders"] = slow
    assert (await work(desk.means(), "sales", "a", "pull")).result == "ok"
    assert renewed


async def test_a_token_that_ends_twice_in_one_run_is_tried_once_more_before_the_owner_is_asked(desk: Desk) -> None:
    async def state() -> str:
        return (await desk.db.read(shops.get_shop, "a")).state

    expired = Unauthorised(refreshable=True)
    desk.platforms["a"].trouble["orders"] = [expired, expired, expired]
    assert (await work(desk.means(), "sales", "a", "pull")).result == "unfinished"
    assert await state() == "connected"
    await work(desk.means(), "sales", "a", "pull")
    await work(desk.means(), "sales", "a", "pull")
    assert await state() == "needs_owner"


async def test_a_refused_refresh_needs_the_owner_at_once(desk: Desk) -> None:
    desk.platforms["a"].trouble["orders"] = [Unauthorised("shop_needs_owner")]
    assert (await work(desk.means(), "sales", "a", "pull")).result == "refused"
    assert (await desk.db.read(shops.get_shop, "a")).state == "needs_owner"


async def test_throttled_comes_back_when_the_platform_said_and_counts_as_no_attempt(desk: Desk) -> None:
    desk.platforms["a"].trouble["orders"] = [Throttled(seconds=90)]
    await work(desk.means(), "sales", "a", "pull")
    (row,) = await desk.db.read(due.schedules, "a")
    assert (row.retry_at, row.attempts) == (desk.now() + timedelta(seconds=90), 0)


async def test_a_database_that_goes_away_inside_a_job_is_no_bug(desk: Desk) -> None:
    async def gone() -> None:
        raise Unavailable("database_unreachable")

    desk.platforms["a"].before["read"] = gone  # inside the read-back's own task group
    with pytest.raises(Unavailable):
        await work(desk.means(), "bulk", "a", "push")
    await handle(desk.means(), "bulk", "b", "push")  # and the worker goes on
    assert set((await desk.db.read(standing, "b")).values()) == {"confirmed"}


async def test_a_worker_does_what_is_due_and_hands_on_what_it_had_no_turn_for(desk: Desk) -> None:
    await published(desk)
    for n in range(ROUNDS):
        await hear(desk, "a", sold(f"o{n}", "mam"))

    async def another() -> None:
        number = len(desk.platforms["a"].orders)
        await hear(desk, "a", sold(f"o{number}", "mam"))

    desk.platforms["a"].before["order"] = another
    desk.asked.clear()
    await handle(desk.means(), "sales", "a", "hint")
    assert desk.asked[-1][:2] == ("sales", "a")


async def test_stock_is_told_while_more_news_of_sales_is_read(desk: Desk) -> None:
    await published(desk)
    await hear(desk, "a", sold("o1", "mam"))
    await hear(desk, "b", sold("o2", "tra"))
    await work(desk.means(), "sales", "b", "hint")
    order: list[str] = []

    async def while_it_is_fetched() -> None:
        await handle(desk.means(), "now", "a", "stock")
        order.append("fetched")

    async def note_stock() -> None:
        order.append("stock")

    desk.platforms["a"].before |= {"set_stock": note_stock, "order": while_it_is_fetched}
    await handle(desk.means(), "sales", "a", "hint")
    assert order == ["stock", "fetched"]
    assert ("tra", 9) in desk.platforms["a"].told


async def test_money_that_could_not_be_read_is_asked_for_again(desk: Desk) -> None:
    broken = Broken(remote_id=RemoteId("o1"), path="escrow_detail", sample="")
    desk.platforms["a"].money = [Page(items=[], broken=[broken])]
    await work(desk.means(), "bulk", "a", "money")
    assert (await desk.db.read(store.cursor, "a", "money")).position is None
    desk.pass_time(days=1)
    await work(desk.means(), "bulk", "a", "money")
    assert (await desk.db.read(store.cursor, "a", "money")).position == desk.now()


async def test_a_listing_that_cannot_be_told_from_another_is_held_and_the_others_go_on(desk: Desk) -> None:
    desk.platforms["a"].trouble["find"] = [Refused("listing_repeated")]
    await work(desk.means(), "bulk", "a", "push")
    await work(desk.means(), "now", "a", "stock")
    assert sorted((await desk.db.read(standing, "a")).values()) == ["confirmed", "confirmed", "held"]


async def test_the_nightly_recount_finds_an_order_that_no_walk_saw(desk: Desk) -> None:
    await published(desk)
    await work(desk.means(), "sales", "a", "pull")
    for _ in range(3):
        desk.pass_time(hours=5)
        await work(desk.means(), "sales", "a", "pull")
    desk.platforms["a"].orders["o1"] = sold("o1", "mam")  # its page was falsely empty at the time
    desk.pass_time(hours=1)
    assert (await work(desk.means(), "sales", "a", "pull")).tally.done == 0
    assert (await work(desk.means(), "bulk", "a", "recount")).tally.done == 1


async def test_the_recount_says_what_was_missed_and_what_the_platform_does_not_tell_any_more(desk: Desk) -> None:
    await published(desk)
    await hear(desk, "a", sold("o1", "mam"))
    await work(desk.means(), "sales", "a", "hint")
    desk.platforms["a"].orders["o2"] = sold("o2", "tra")
    desk.clock.move(timedelta(hours=1))
    first = await work(desk.means(), "bulk", "a", "recount")
    assert [(p.code, p.facts["count"]) for p in first.tally.problems] == [("orders_missed", 1)]
    assert (first.result, first.tally.done) == ("partial", 2)
    assert (await work(desk.means(), "bulk", "a", "recount")).result == "ok"
    del desk.platforms["a"].orders["o1"]
    last = await work(desk.means(), "bulk", "a", "recount")
    assert [(p.code, p.facts["orders"]) for p in last.tally.problems] == [("orders_not_told", ["o1"])]


def test_a_backfill_is_repeated_by_people_only(db: Db, desk: Desk) -> None:
    db.write_now(
        due.failed, "a", "backfill", "bulk", NOW, wait=timedelta(0), counts=True, patience=desk.patience
    )  # fmt: skip
    assert db.read_now(due.waiting, NOW + timedelta(days=1)) == []


async def test_a_claim_that_the_channel_will_not_take_out_is_hidden_and_comes_back_whole(desk: Desk) -> None:
    await published(desk)
    platform = desk.platforms["a"]
    listing = next(one for one in platform.listings.values() if one.sku == "mam")
    assert "OCOP" in listing.title
    await desk.db.write(
        catalog.revoke, "C-mam", on=NOW.date(), document="2/QĐ", ground="mark_misuse", who="office", now=NOW
    )
    platform.trouble["update mam"] = [Refused("remote_refused"), Refused("remote_refused")]
    await work(desk.means(), "now", "a", "gates")
    assert platform.listings[listing.remote_id].state is ListingState.HIDDEN
    desk.pass_time(hours=3)
    await work(desk.means(), "bulk", "a", "push")  # refused again: it stays hidden
    assert platform.listings[listing.remote_id].state is ListingState.HIDDEN
    assert "OCOP" in platform.listings[listing.remote_id].title
    desk.pass_time(hours=3)
    assert (await work(desk.means(), "bulk", "a", "push")).result == "ok"
    again = platform.listings[listing.remote_id]
    assert again.state is ListingState.LIVE
    assert "OCOP" not in again.title + again.description
    assert (await desk.db.read(standing, "a"))["P-mam"] == "confirmed"


class Told(FakeShop):
    """A platform whose webhooks say whatever the body says."""

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        return Hint(event_id=body.decode(), kind="order", object_id=RemoteId(body.decode()), shop_remote_id="")

    async def subscribe(self, url: str, secret: str) -> None:
        """Nothing to do."""


@pytest.mark.parametrize("name", ["x" * 61, "a\0b"])
async def test_a_webhook_about_an_impossible_order_never_reaches_the_database(desk: Desk, name: str) -> None:
    async def ask(*_: object) -> None:
        raise AssertionError("nothing was heard")

    shop = await desk.db.read(shops.get_shop, "a")
    with pytest.raises(Garbled):
        await receive(desk.db, ask, Told, shop, body=name.encode(), headers={}, url="", secret="k", now=desk.now())
    assert await desk.db.read(store.open_hints, "a", 5) == []


async def test_what_is_asked_while_this_process_looks_around_is_looked_up_again(desk: Desk) -> None:
    """No message is lost between the last look and the end, and none costs a second worker."""
    await published(desk)
    means = desk.means()

    async def sale_on_b() -> None:
        desk.platforms["a"].before.pop("set_stock")
        await hear(desk, "b", sold("o2", "tra"))
        await work(desk.means("other"), "sales", "b", "hint")
        await handle(means, "now", "a", "stock")  # a message for a shop that is being worked on
        assert desk.platforms["a"].told == []

    await hear(desk, "b", sold("o1", "mam"))
    await work(desk.means("other"), "sales", "b", "hint")
    desk.platforms["a"].before["set_stock"] = sale_on_b
    await handle(means, "now", "a", "stock")
    assert desk.platforms["a"].told == [("mam", 9), ("tra", 9)]
    assert means.at_work == {}
