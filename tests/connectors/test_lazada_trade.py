"""Three weeks of trade on the pretend Lazada, under trouble: what the connector tells is what the book says."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from hub.connectors.api import HttpTransport
from hub.connectors.model import OrderState, RemoteOrder, Settlement
from hub.errors import RemoteError
from hub.sandbox.buyer import Buyer, Habits, play
from hub.sandbox.faults import Rates
from hub.sandbox.kit import SoldOrder, Want
from tests.connectors.contract import START, put, walk
from tests.connectors.lazada_world import LazadaStage, lazada_stage

STATES = {
    "unpaid": OrderState.PLACED, "placed": OrderState.PAID, "shipped": OrderState.SHIPPED,
    "delivered": OrderState.DELIVERED, "completed": OrderState.COMPLETED, "cancelled": OrderState.CANCELLED,
    "failed_delivery": OrderState.FAILED_DELIVERY,
}  # fmt: skip
TROUBLE = Rates(
    throttled=0.04, throttled_bare=0.04, error_json=0.04, error_html=0.04, error_in_200=0.04, lost_answer=0.04,
    token_expired=0.02, empty_page=0.05,
)  # fmt: skip


@pytest.fixture
async def stage(transport: HttpTransport) -> AsyncIterator[LazadaStage]:
    async with lazada_stage(transport) as made:
        yield made


def as_told(order: RemoteOrder) -> tuple[object, ...]:
    lines = [(one.sku, one.quantity, one.unit_price, one.charged, one.cancelled) for one in order.lines]
    vouchers = (order.seller_voucher, order.platform_voucher)
    refunds = sorted(one.amount for one in order.refunds)
    returned = sum(count for one in order.refunds for _, count in one.units)
    return order.cod, lines, vouchers, order.shipping_paid, refunds, returned


def as_booked(order: SoldOrder) -> tuple[object, ...]:
    lines = [(one.sku, one.quantity, one.unit_price, one.charged, one.cancelled) for one in order.lines]
    vouchers = (order.seller_voucher, order.platform_voucher)
    returned = sum(one.returned for one in order.lines)
    return order.cod, lines, vouchers, order.shipping_fee, sorted(amount for _, amount in order.refunds), returned


async def test_three_weeks_of_trade_agree_with_the_book(stage: LazadaStage) -> None:
    for name, price in (("OCOP-A", 93_700), ("OCOP-B", 250_000), ("OCOP-C", 41_500)):
        await put(stage, stage.draft(name, price, stock=2000))
    buyer = Buyer(stage.world, {"lazada": stage.shop}, 7, Habits(orders_per_day=8))
    play(buyer, stage.clock, START + timedelta(days=21))
    stage.later()
    until = stage.clock.now()
    told = {one.remote_id: one for one in await walk(stage, START, until)}
    book = {one.order_id: one for one in stage.shop.orders()}
    assert len(book) > 100
    assert {one: as_told(order) for one, order in told.items()} == {
        one: as_booked(order) for one, order in book.items()
    }
    for order_id, order in told.items():
        wanted = STATES[book[order_id].state]
        if wanted is OrderState.PAID and order.cod:
            wanted = OrderState.PLACED
        if order.refunds and wanted is OrderState.DELIVERED:  # everything came back: told as completed
            assert order.state in (OrderState.DELIVERED, OrderState.COMPLETED)
        else:
            assert order.state is wanted, order_id
    money: list[Settlement] = []
    page: str | None = None
    while True:
        answer = await stage.lazada.settlements(START, until, page)
        money += answer.items
        page = answer.next
        if page is None:
            break
    latest = {one.statement_id: one for one in money}  # borders of windows are told twice
    assert {one.order: one.amount for one in latest.values()} == {
        one.order_id: one.settled for one in book.values() if one.settled is not None
    }


async def test_a_walk_outlasts_trouble_and_falsely_empty_pages(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-T", 93_700, stock=2000))
    ids = []
    for _ in range(120):
        stage.later(30)
        ids.append(stage.shop.place([Want(sku="OCOP-T", quantity=2)], cod=True))
    stage.later(5)
    stage.faults.change(TROUBLE, 11)
    told: set[str] = set()
    page: str | None = None
    for _ in range(60):
        try:
            answer = await stage.lazada.orders(START, stage.clock.now(), page)
        except RemoteError:
            continue  # the next run begins where this one stopped
        assert not answer.broken
        told |= {one.remote_id for one in answer.items}
        page = answer.next
        if page is None:
            break
    assert told == set(ids)
    assert stage.faults.given.total() > 3


async def test_many_orders_in_one_second_are_leapt_over(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-S", 93_700, stock=2000))
    ids = [stage.shop.place([Want(sku="OCOP-S", quantity=1)], cod=True) for _ in range(130)]
    stage.later(1)
    ids += [stage.shop.place([Want(sku="OCOP-S", quantity=1)], cod=True) for _ in range(60)]
    stage.later(5)
    told = [one.remote_id for one in await walk(stage, START, stage.clock.now())]
    assert sorted(told) == sorted(ids)
