"""The stock ledger: the last one is sold once, sets share their components, the standing is the sum of its moves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hub.catalog import stock
from hub.catalog import tables as c
from hub.db import Db, Tx
from tests.store.sales.world import NOW, build


@pytest.fixture
def world(db: Db) -> Db:
    db.write_now(build)
    return db


def standing(tx: Tx) -> dict[str, tuple[int, int]]:
    return {r.variant_id: (r.on_hand, r.reserved) for r in tx.execute(sa.select(c.stock))}


def test_a_count_is_taken_once_and_as_the_difference(world: Db) -> None:
    assert world.write_now(stock.declare, "V-tra", 40, ref="declare:2", at=NOW).touched == {"V-tra", "V-hop"}
    assert world.write_now(stock.declare, "V-tra", 7, ref="declare:2", at=NOW).touched == frozenset()
    assert world.read_now(standing)["V-tra"] == (40, 0)
    assert world.read_now(stock.check_standing) == ()


def test_reserve_never_takes_more_than_is_free(world: Db) -> None:
    assert world.write_now(stock.reserve, "V-tra", 100, ref="live:1", at=NOW)
    assert world.write_now(stock.reserve, "V-tra", 100, ref="live:1", at=NOW)  # the same again is the same
    assert not world.write_now(stock.reserve, "V-tra", 1, ref="live:2", at=NOW)
    world.write_now(stock.release, "live:1", at=NOW + timedelta(minutes=15))
    assert world.read_now(standing)["V-tra"] == (100, 0)
    assert world.write_now(stock.release, "live:1", at=NOW).touched == frozenset()
    assert world.read_now(stock.check_standing) == ()


def test_a_set_takes_all_its_components_or_none(world: Db) -> None:
    assert world.write_now(stock.reserve, "V-hop", 50, ref="live:1", at=NOW)
    assert world.read_now(standing) == {"V-tra": (100, 100), "V-banh": (100, 50), "V-mam": (100, 0)}
    assert not world.write_now(stock.reserve, "V-hop", 1, ref="live:2", at=NOW)  # bánh is there, trà is not
    assert world.read_now(standing)["V-banh"] == (100, 50)


def test_the_buffer_is_kept_back(world: Db) -> None:
    def keep(tx: Tx) -> None:
        tx.execute(c.stock.update().where(c.stock.c.variant_id == "V-mam").values(buffer=99))

    world.write_now(keep)
    assert not world.write_now(stock.reserve, "V-mam", 2, ref="live:1", at=NOW)
    assert world.write_now(stock.reserve, "V-mam", 1, ref="live:2", at=NOW)


def test_many_at_once_sell_exactly_what_there_is(world: Db) -> None:
    def one(n: int) -> bool:
        return world.write_now(stock.reserve, "V-hop", 1, ref=f"live:{n}", at=NOW)

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(one, range(80)))
    assert sum(taken) == 50
    assert world.read_now(standing)["V-tra"] == (100, 100)
    assert world.read_now(stock.check_standing) == ()


def test_a_standing_that_is_not_its_moves_is_named(world: Db) -> None:
    def break_it(tx: Tx) -> None:
        tx.execute(c.stock.update().where(c.stock.c.variant_id == "V-mam").values(reserved=3))

    world.write_now(break_it)
    (gap,) = world.read_now(stock.check_standing)
    assert (gap.variant_id, gap.reserved, gap.moved_reserved) == ("V-mam", 3, 0)
