"""The plain shop: the buyer's verbs, their refusals, and a book that adds up after weeks of trade."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hub.clock import ShiftedClock
from hub.sandbox.book import total
from hub.sandbox.buyer import Buyer, play
from hub.sandbox.control import ledger_of
from hub.sandbox.kit import NotOffered, SoldOut, Want, World
from hub.sandbox.plain import PlainGoods, PlainShop, PlainVariant

START = datetime(2026, 11, 1, tzinfo=UTC)
UNITS = 5_000


def stocked(world: World) -> PlainShop:
    shop = PlainShop(world, "htx", "Hợp tác xã", shipping_fee=15_000)
    for number in (1, 2):
        unit = PlainVariant(id=shop.new_id(), sku=f"OC{number}", price=50_000 * number, stock=UNITS)
        one = PlainGoods(
            id=shop.new_id(), title=f"Mật ong {number}", description="Mật ong", variants=[unit], updated_at=shop.now()
        )
        shop.goods[one.id] = one
    return shop


@pytest.fixture
def world() -> World:
    return World(clock=ShiftedClock(START, frozen=True))


@pytest.fixture
def shop(world: World) -> PlainShop:
    return stocked(world)


def stock(shop: PlainShop) -> list[int]:
    return [offer.stock for offer in shop.offers()]


def test_what_nobody_has_is_not_sold(shop: PlainShop) -> None:
    for want in (Want(sku="OC9", quantity=1), Want(sku="OC1", quantity=UNITS + 1)):
        with pytest.raises(SoldOut):
            shop.place([want])
    next(iter(shop.goods.values())).visible = False
    with pytest.raises(SoldOut):
        shop.place([Want(sku="OC1", quantity=1)])
    assert shop.orders() == []


def test_goods_leave_the_shelf_and_come_back(shop: PlainShop) -> None:
    gone = shop.place([Want(sku="OC1", quantity=2), Want(sku="OC2", quantity=1, gift=True)])
    assert stock(shop) == [UNITS - 2, UNITS - 1]
    shop.cancel(gone)
    assert stock(shop) == [UNITS, UNITS]
    kept = shop.place([Want(sku="OC1", quantity=3)], cod=True)
    shop.complete(kept)
    shop.take_back(kept, [Want(sku="OC1", quantity=1)], 50_000)
    assert stock(shop) == [UNITS - 2, UNITS]
    order = shop.book[kept]
    assert (order.state, order.lines[0].returned, order.refunds[0][1]) == ("completed", 1, 50_000)
    assert order.backs == [((0, 1),)]


@pytest.mark.parametrize("verb", ["pay", "ship", "deliver", "complete", "fail_delivery", "cancel"])
def test_a_cancelled_order_moves_no_more(verb: str, shop: PlainShop) -> None:
    order = shop.place([Want(sku="OC1", quantity=1)])
    shop.cancel(order)
    with pytest.raises(NotOffered):
        getattr(shop, verb)(order)
    with pytest.raises(NotOffered):
        getattr(shop, verb)("1")


def test_an_unpaid_order_is_not_sent_and_no_part_of_one_cancelled(shop: PlainShop) -> None:
    order = shop.place([Want(sku="OC1", quantity=2)])
    with pytest.raises(NotOffered):
        shop.ship(order)
    with pytest.raises(NotOffered):
        shop.cancel(order, [Want(sku="OC1", quantity=1)])
    assert stock(shop)[0] == UNITS - 2


def test_whoever_listens_hears_of_every_change(shop: PlainShop) -> None:
    heard: list[tuple[str, str]] = []
    shop.told = lambda kind, number: heard.append((kind, number))
    order = shop.place([Want(sku="OC1", quantity=1)])
    shop.pay(order)
    shop.touch(next(iter(shop.goods.values())))
    assert heard == [("order", order), ("order", order), ("goods", next(iter(shop.goods)))]


def test_weeks_of_trade_leave_a_book_that_can_be_told(world: World) -> None:
    shop = stocked(world)
    assert isinstance(world.clock, ShiftedClock)
    play(Buyer(world, {"plain/htx": shop}, 7), world.clock, START + timedelta(days=14))
    told = ledger_of({"plain/htx": shop})
    assert json.loads(json.dumps(told)) == told
    figures = total(shop.orders())
    assert figures.orders > 100
    assert 0 < figures.net < figures.gmv_placed
