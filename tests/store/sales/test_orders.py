"""Orders in: once, forward, to the dong, with ledger, rollups and stock in the same transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.catalog import stock
from hub.catalog import tables as c
from hub.connectors.model import OrderState, RemoteOrder
from hub.db import Db, Tx
from hub.sales import store
from hub.sales import tables as t
from hub.sales.store import IngestResult
from hub.types import RemoteId
from tests.store.sales.world import NOW, SHOPEE, SITE, build, later, order, refund


@pytest.fixture
def world(db: Db) -> Db:
    db.write_now(build)
    return db


def take(db: Db, *orders: RemoteOrder) -> IngestResult:
    return db.write_now(store.upsert_orders, SHOPEE, list(orders), now=NOW)


def standing(tx: Tx) -> dict[str, tuple[int, int]]:
    return {r.variant_id: (r.on_hand, r.reserved) for r in tx.execute(sa.select(c.stock))}


def totals(tx: Tx) -> tuple[int, ...]:
    r = t.rollup.c
    row = tx.execute(sa.select(*(sa.func.sum(x) for x in (r.gmv_placed, r.gmv, r.gross, r.voucher, r.refund, r.units))))
    return tuple(int(n or 0) for n in row.one())


def snapshot(tx: Tx) -> tuple[Sequence[object], ...]:
    """Ledger, rollups, moves: everything that must not depend on the way there."""
    moves = sa.select(c.stock_move.c.ref, c.stock_move.c.variant_id, c.stock_move.c.kind, c.stock_move.c.quantity)
    rollup = sa.select(t.rollup).where(sa.or_(t.rollup.c.gmv_placed != 0, t.rollup.c.gross != 0, t.rollup.c.units != 0))
    return tuple(sorted(tuple(map(str, row)) for row in tx.execute(q)) for q in (sa.select(t.ledger), rollup, moves))


def sound(db: Db) -> bool:
    return db.read_now(store.rebuild_figures) == () and db.read_now(stock.check_standing) == ()


def test_an_order_is_stored_once_with_figures_and_stock(world: Db) -> None:
    first = take(world, order())
    assert (first.new, first.changed, first.unchanged, first.oversold) == (1, 0, 0, 0)
    assert first.touched_variants == {"V-tra", "V-mam", "V-hop"}  # the box holds trà
    again = take(world, order())
    assert (again.new, again.changed, again.unchanged, again.touched_variants) == (0, 0, 1, frozenset())
    assert world.read_now(totals) == (250_000, 250_000, 0, 0, 0, 0)
    assert world.read_now(standing) == {"V-tra": (100, 2), "V-mam": (100, 1), "V-banh": (100, 0)}
    (stored,) = world.read_now(store.load_orders, "shopee", ["o1"])
    assert [(li.product_id, li.producer_id, li.stars) for li in stored.lines] == [
        ("P-tra", "p1", 4),
        ("P-mam", "p2", 3),
    ]
    assert sound(world)


def test_an_older_page_changes_nothing(world: Db) -> None:
    shipped = later(order(), 1, OrderState.SHIPPED)
    take(world, shipped)
    assert take(world, order()).unchanged == 1
    (stored,) = world.read_now(store.load_orders, "shopee", ["o1"])
    assert stored.state == "shipped"


def test_states_move_forward_by_rank_but_a_refused_cancel_changes_nothing(world: Db) -> None:
    take(world, later(order(), 1, OrderState.SHIPPED))
    take(world, later(order(), 2, OrderState.PAID))  # newer, but of lower rank
    (stored,) = world.read_now(store.load_orders, "shopee", ["o1"])
    assert stored.state == "shipped"
    assert stored.shipped_at == NOW + timedelta(days=1)


def test_delivery_turns_reserved_into_sold_and_a_return_puts_back(world: Db) -> None:
    take(world, order(seller_voucher=10_000))
    done = later(order(seller_voucher=10_000), 3, OrderState.COMPLETED)
    assert take(world, done).touched_variants == frozenset()  # available did not change: it was reserved
    assert world.read_now(standing)["V-tra"] == (98, 0)
    assert world.read_now(totals) == (250_000, 250_000, 250_000, 10_000, 0, 3)
    back = replace(done, updated_at=NOW + timedelta(days=5), refunds=(refund("r1", 5, 96_000, ("1", 1)),))
    assert take(world, back).touched_variants == {"V-tra", "V-hop"}
    assert world.read_now(standing)["V-tra"] == (99, 0)
    assert world.read_now(totals) == (250_000, 250_000, 250_000, 10_000, 96_000, 2)
    assert sound(world)


@pytest.mark.parametrize("end", [OrderState.FAILED_DELIVERY, OrderState.CANCELLED])
def test_goods_that_went_and_came_back_unseen_are_told_anew(world: Db, end: OrderState) -> None:
    before = world.read_now(standing)
    gone = take(world, later(order(), 3, end))
    assert gone.touched_variants == {"V-tra", "V-mam", "V-hop"}  # whoever sold them may show less than there is
    assert {v: h - r for v, (h, r) in world.read_now(standing).items()} == {v: h - r for v, (h, r) in before.items()}
    assert sound(world)


def test_cancelling_releases_and_takes_gmv_back_but_not_gmv_placed(world: Db) -> None:
    take(world, order())
    gone = take(world, later(order(), 1, OrderState.CANCELLED))
    assert gone.touched_variants == {"V-tra", "V-mam", "V-hop"}
    assert world.read_now(totals) == (250_000, 0, 0, 0, 0, 0)
    assert world.read_now(standing)["V-tra"] == (100, 0)
    assert sound(world)


def test_failed_delivery_keeps_gmv_and_the_goods_come_back(world: Db) -> None:
    take(world, later(order(), 1, OrderState.SHIPPED))
    take(world, later(order(shipped_at=NOW), 2, OrderState.FAILED_DELIVERY))
    assert world.read_now(totals) == (250_000, 250_000, 0, 0, 0, 0)
    assert world.read_now(standing)["V-tra"] == (100, 0)
    assert sound(world)


def test_a_failed_payment_tried_again_is_a_sale(world: Db) -> None:
    take(world, later(order(), 0.1, OrderState.CANCELLED))
    take(world, later(order(), 0.2, OrderState.PAID))
    assert world.read_now(totals)[:2] == (250_000, 250_000)
    assert world.read_now(standing)["V-tra"] == (100, 2)


def test_a_gift_box_sells_its_components(world: Db) -> None:
    taken = take(world, later(order("o1", ("hop", 2)), 1, OrderState.DELIVERED))
    assert taken.touched_variants == {"V-tra", "V-banh", "V-hop"}
    assert world.read_now(standing) == {"V-tra": (96, 0), "V-banh": (98, 0), "V-mam": (100, 0)}
    entries = {e.part: e for e in world.read_now(store.load_entries, "shopee", ["o1"]) if e.event == "delivered"}
    assert sum(e.gross for e in entries.values()) == 360_000
    assert entries["V-tra"].gross == 360_000 - 360_000 * 33_333 // 233_333
    assert (entries["V-tra"].stars, entries["V-banh"].stars) == (4, None)
    assert (entries["V-tra"].units, entries["V-banh"].units) == (4, 2)
    assert sound(world)


def test_selling_more_than_there_is_is_counted(world: Db) -> None:
    assert take(world, order("o1", ("mam", 99))).oversold == 0
    assert take(world, order("o2", ("mam", 3))).oversold == 2
    assert take(world, order("o3", ("mam", 1))).oversold == 1


def test_unknown_goods_count_as_money_and_are_named(world: Db) -> None:
    strange = order("o1", ("lạ", 1))
    strange = replace(strange, lines=(replace(strange.lines[0], sku=None, unit_price=7_000, charged=7_000),))
    assert take(world, strange).unknown_goods == (("o1", "1"),)
    assert world.read_now(totals)[0] == 7_000
    bound = replace(strange, remote_id=RemoteId("o2"))
    known = world.write_now(store.upsert_orders, SHOPEE, [bound], now=NOW, resolve={("L-lạ", ""): "mam"})
    assert known.unknown_goods == ()
    assert known.touched_variants == {"V-mam"}


def test_test_orders_leave_no_trace_in_figures(world: Db) -> None:
    take(world, order(test=True))
    assert world.read_now(totals) == (0, 0, 0, 0, 0, 0)
    assert world.read_now(standing)["V-tra"] == (100, 0)


HISTORY = (
    order(seller_voucher=7_777),
    later(order(seller_voucher=7_777), 1, OrderState.SHIPPED),
    later(order(seller_voucher=7_777), 2, OrderState.COMPLETED),
    later(order(seller_voucher=7_777), 9, OrderState.COMPLETED, shipped_at=NOW + timedelta(days=1),
          delivered_at=NOW + timedelta(days=2), refunds=(refund("r", 9, 40_000, ("2", 1)),)),
)  # fmt: skip


@pytest.mark.parametrize("sequence", [(0, 1, 2, 3), (3,), (3, 0, 1, 2), (1, 3, 1), (0, 0, 2, 1, 3)])
def test_the_way_there_does_not_matter(world: Db, sequence: Sequence[int]) -> None:
    take(world, order("another"), HISTORY[3])
    want = world.read_now(snapshot)
    world.write_now(wipe)
    take(world, order("another"))
    for step in sequence:
        take(world, HISTORY[step])
    assert world.read_now(snapshot) == want
    assert sound(world)


def wipe(tx: Tx) -> None:
    for table in (t.sale_event, t.refund, t.line, t.order, t.ledger, t.rollup, t.rollup_orders):
        tx.execute(table.delete())
    tx.execute(c.stock_move.delete().where(c.stock_move.c.kind != "declared"))
    tx.execute(c.stock.update().values(on_hand=100, reserved=0))


def test_one_page_may_name_an_order_twice(world: Db) -> None:
    taken = take(world, order(), later(order(), 1, OrderState.SHIPPED), order())
    assert taken.new == 1
    (stored,) = world.read_now(store.load_orders, "shopee", ["o1"])
    assert stored.state == "shipped"


def test_large_pages_take_the_other_road_to_the_same_place(world: Db) -> None:
    many = [order(f"o{n}", ("tra", 1), ("hop", 1)) for n in range(300)]
    assert take(world, *many).new == 300
    assert world.write_now(store.upsert_orders, SITE, many[:5], now=NOW).new == 5
    assert take(world, *many).unchanged == 300
    done = [later(o, 2, OrderState.COMPLETED, refunds=(refund("r", 3, 1_000, ("1", 1)),)) for o in many]
    assert take(world, *done).changed == 300
    assert sound(world)
    wide = world.read_now(snapshot)
    world.write_now(wipe)
    for one in many[:5]:
        world.write_now(store.upsert_orders, SITE, [one], now=NOW)
    for one in done:
        take(world, one)
    assert world.read_now(snapshot) == wide


def test_history_names_every_state_and_money_change_once(world: Db) -> None:
    for step in (0, 1, 1, 2, 3, 3):
        take(world, HISTORY[step])

    def events(tx: Tx) -> set[str]:
        return set(tx.execute(sa.select(t.sale_event.c.event)).scalars())

    assert world.read_now(events) == {
        "state:placed", "state:paid", "state:shipped", "state:delivered", "state:completed", "refund:r",
    }  # fmt: skip


def test_a_broken_figure_is_found_and_mended(world: Db) -> None:
    take(world, order())

    def break_it(tx: Tx) -> None:
        tx.execute(t.ledger.update().where(t.ledger.c.line_id == "1").values(gmv=1))
        tx.execute(t.rollup.update().where(t.rollup.c.product_id == "P-mam").values(gmv=2))

    world.write_now(break_it)
    found = world.read_now(store.rebuild_figures)
    assert {d.table for d in found} == {"ledger", "rollup_day"}
    world.write_now(store.rebuild_figures, fix=True)
    assert sound(world)
