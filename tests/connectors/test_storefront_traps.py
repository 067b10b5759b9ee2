"""What the sheet warns of, over real HTTP against the sandbox: pages, filters, buckets, stock, statuses, signing in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import ClientSession

from hub.connectors.api import Credentials, HttpTransport
from hub.connectors.haravan import Haravan
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    ListingState,
    OrderState,
    Picture,
    Placed,
    ShopSettings,
    StockLevel,
)
from hub.connectors.sapo import Sapo
from hub.connectors.sapo_omni import SapoOmni
from hub.connectors.shipping import Shipping
from hub.connectors.storefront import Storefront
from hub.connectors.storefront_trade import Ships, Trades
from hub.errors import Refused, Throttled, Unauthorised, Unreachable
from hub.sandbox.buyer import Buyer, Habits, play
from hub.sandbox.faults import Fault, Rates
from hub.sandbox.kit import Want
from hub.types import RemoteId, Sku
from tests.connectors.contract import MemoryKeeper, good, levels, make_api, put, shown, target, walk
from tests.connectors.storefront_world import FIRST, Front, front

ALL = ("haravan", "sapo", "sapo_omni")


@pytest.fixture(params=ALL)
async def stage(request: pytest.FixtureRequest, transport: HttpTransport) -> AsyncIterator[Front]:
    async with front(request.param, transport) as made:
        yield made


@pytest.fixture
async def haravan(transport: HttpTransport) -> AsyncIterator[Front]:
    async with front("haravan", transport) as made:
        yield made


def connector(stage: Front) -> Trades:
    assert isinstance(stage.connector, Trades)
    return stage.connector


async def fill(stage: Front, count: int) -> list[Placed]:
    return [await put(stage, stage.draft(f"HT-{number:03d}", 50_000)) for number in range(count)]


# ---- pages and filters -------------------------------------------------------------------------------------------


async def test_a_shop_of_more_than_a_page_is_seen_whole_and_the_pages_hold_fifty(stage: Front) -> None:
    shop = connector(stage)
    await fill(stage, 52)
    first = await shop.listings(None)
    assert (len(first.items), first.next) == (50, "2:50")
    assert [one.sku for one in first.items[:2]] == ["HT-051", "HT-050"]  # by falling id
    last = await shop.listings(first.next)
    assert ([one.sku for one in last.items], last.next) == (["HT-001", "HT-000"], None)


@pytest.mark.parametrize("kind", ALL)
async def test_a_platform_whose_pages_hold_fewer_is_seen_whole_too(kind: str, transport: HttpTransport) -> None:
    async with front(kind, transport, page_cap=20) as stage:
        shop = connector(stage)
        await fill(stage, 41)
        skus: list[str] = []
        page: str | None = None
        while True:
            told = await shop.listings(page)
            skus += [one.sku for one in told.items]
            page = told.next
            if page is None:
                break
        assert sorted(skus) == [f"HT-{number:03d}" for number in range(41)]
        since = stage.clock.now()
        ids = [stage.shop.place([Want(sku="HT-001", quantity=1)]) for _ in range(10)]
        ids += [stage.shop.place([Want(sku="HT-002", quantity=1)]) for _ in range(10)]
        stage.later(5)
        assert sorted(one.remote_id for one in await walk(stage, since, stage.clock.now())) == ids  # a full last page
        ids.append(stage.shop.place([Want(sku="HT-003", quantity=1)]))
        stage.later(5)
        assert sorted(one.remote_id for one in await walk(stage, since, stage.clock.now())) == ids


@pytest.mark.parametrize("kind", ALL)
async def test_a_filter_that_is_none_does_not_make_a_second_listing(kind: str, transport: HttpTransport) -> None:
    async with front(kind, transport, sku_filter=False, ids_filter=False) as stage:
        shop = connector(stage)
        assert await shop.find(Sku("HT-000")) is None  # an empty shop
        placed = await fill(stage, 55)
        for number in (0, 3, 54):
            found = await shop.find(Sku(f"HT-{number:03d}"))
            assert found is not None
            assert found.remote_id == placed[number].remote_id
        assert await shop.find(Sku("HT-0")) is None
        fresh = await put(stage, stage.draft("HT-NEW", 10_000))
        found = await shop.find(Sku("HT-NEW"))  # made after the walk
        assert found is not None
        assert found.remote_id == fresh.remote_id
        told = await shop.read([placed[0].remote_id, placed[1].remote_id])
        assert [good(one).sku for one in told] == ["HT-000", "HT-001"]


async def test_a_falsely_empty_answer_does_not_make_a_second_listing(stage: Front) -> None:
    placed = await put(stage, stage.draft("HT-F", 10_000))
    stage.faults.change(Rates(empty_page=0.1), 8)
    for _ in range(20):
        found = await connector(stage).find(Sku("HT-F"))
        assert found is not None
        assert found.remote_id == placed.remote_id
    assert stage.faults.given[Fault.EMPTY_PAGE] > 0


@pytest.mark.parametrize("sku_filter", [True, False])
async def test_a_sku_on_two_listings_is_for_a_person_to_settle(sku_filter: bool, transport: HttpTransport) -> None:
    """The owner made a second one by hand: neither is touched."""
    async with front("haravan", transport, sku_filter=sku_filter) as stage:
        for _ in range(2):
            await put(stage, stage.draft("HT-2", 10_000))
        await put(stage, stage.draft("HT-3", 10_000))
        with pytest.raises(Refused) as told:
            await connector(stage).find(Sku("HT-2"))
        assert told.value.code == "listing_repeated"
        assert await connector(stage).find(Sku("HT-3")) is not None


async def test_a_blank_sku_is_not_asked_for(stage: Front) -> None:
    with pytest.raises(Refused) as told:
        await connector(stage).find(Sku(""))
    assert told.value.code == "sku_missing"


async def test_falsely_empty_pages_lose_no_order(stage: Front) -> None:
    await put(stage, stage.draft("HT-E", 120_000, stock=900))
    since = stage.clock.now()
    ids = [stage.shop.place([Want(sku="HT-E", quantity=1)]) for _ in range(120)]
    stage.later(5)
    stage.faults.change(Rates(empty_page=0.3), 7)
    told: set[str] = set()
    for _ in range(3):  # the hub asks an empty first page again, too
        told |= {one.remote_id for one in await walk(stage, since, stage.clock.now())}
    assert told == set(ids)
    assert stage.faults.given[Fault.EMPTY_PAGE] > 0


async def test_closed_and_cancelled_orders_are_told_too(stage: Front) -> None:
    await put(stage, stage.draft("HT-C", 120_000))
    since = stage.clock.now()
    closed, cancelled = (stage.shop.place([Want(sku="HT-C", quantity=1)], cod=True) for _ in range(2))
    stage.shop.complete(closed)
    stage.shop.cancel(cancelled)
    stage.later(5)
    told = {one.remote_id: one.state for one in await walk(stage, since, stage.clock.now())}
    assert told == {RemoteId(closed): OrderState.COMPLETED, RemoteId(cancelled): OrderState.CANCELLED}


async def test_what_changes_after_the_window_waits_for_the_next(stage: Front) -> None:
    await put(stage, stage.draft("HT-W", 120_000))
    since = stage.clock.now()
    order = stage.shop.place([Want(sku="HT-W", quantity=1)])
    stage.later(60)
    until = stage.clock.now()
    stage.later(60)
    stage.shop.pay(order)
    assert await walk(stage, since, until) == []
    assert [one.state for one in await walk(stage, until, stage.clock.now() + timedelta(seconds=1))] == [
        OrderState.PAID
    ]


# ---- the bucket --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL)
async def test_above_four_fifths_of_the_bucket_reads_wait(kind: str, transport: HttpTransport) -> None:
    async with front(kind, transport, bucket=20, leak=0.001) as stage:
        shop = connector(stage)
        for _ in range(18):
            await shop.check()
        assert stage.naps.seconds
        assert all(one > 0 for one in stage.naps.seconds)


async def test_an_overfull_bucket_is_429_with_decimal_seconds(transport: HttpTransport) -> None:
    async with front("haravan", transport, bucket=2, leak=0.001) as stage:
        for _ in range(2):
            await stage.connector.check()
        with pytest.raises(Throttled) as told:
            await stage.connector.check()
        assert told.value.seconds == 2.0
        assert [one for one in stage.naps.seconds if one == 2.0] == [2.0] * 3


# ---- stock -------------------------------------------------------------------------------------------------------


async def test_stock_is_what_may_be_sold_not_what_lies_there(stage: Front) -> None:
    """Three are promised to a buyer: ten to show are thirteen on the shelf."""
    shop = connector(stage)
    placed = await put(stage, stage.draft("HT-S", 120_000, stock=9))
    stage.shop.place([Want(sku="HT-S", quantity=3)], cod=True)
    for _ in range(2):
        assert await shop.set_stock(levels(placed, 10)) == [Done()]
    assert [one.stock for one in (await shown(stage, placed.remote_id)).variants] == [10]
    assert [one.stock for one in stage.shop.offers()] == [10]


async def test_other_locations_count(transport: HttpTransport) -> None:
    async with front("haravan", transport, locations=2) as stage:
        placed = await put(stage, stage.draft("HT-S2", 120_000, stock=5))
        _, variant = stage.pretend.places[FIRST.key].store.variant(int(placed.variants[0][1]))
        variant.onhand[1] = 4
        assert isinstance(stage.connector, Haravan)
        await stage.connector.set_stock(levels(placed, 10))
        assert variant.onhand == [6, 4]
        await stage.again(location_id="1000002").set_stock(levels(placed, 7))
        assert variant.onhand == [6, 1]


async def test_a_location_that_is_not_there_is_named(haravan: Front) -> None:
    placed = await put(haravan, haravan.draft("HT-L", 120_000))
    (told,) = await haravan.again(location_id="77").set_stock(levels(placed, 1))
    assert isinstance(told, Refused)
    assert told.code == "warehouse_wrong"


async def test_falsely_empty_answers_move_no_stock(haravan: Front) -> None:
    placed = await put(haravan, haravan.draft("HT-E2", 120_000, stock=9))
    haravan.shop.place([Want(sku="HT-E2", quantity=3)], cod=True)
    haravan.faults.change(Rates(empty_page=0.4), 5)
    done = 0
    for _ in range(8):
        with suppress(Unreachable):
            done += await haravan.again().set_stock(levels(placed, 10)) == [Done()]
    assert done > 4
    assert haravan.faults.given[Fault.EMPTY_PAGE] > 1
    assert [one.stock for one in haravan.shop.offers()] == [10]


async def test_fifty_levels_are_two_calls_and_where_the_place_is(haravan: Front) -> None:
    placed = await fill(haravan, 50)
    wanted: list[StockLevel] = [one for each in placed for one in levels(each, 3)]
    haravan.world.calls.clear()
    assert isinstance(haravan.connector, Haravan)
    assert await haravan.connector.set_stock(wanted) == [Done()] * 50
    assert sum(haravan.world.calls.values()) == 3


# ---- listings ----------------------------------------------------------------------------------------------------


async def test_a_create_that_broke_off_is_completed_by_an_update(stage: Front) -> None:
    shop = connector(stage)
    wanted = stage.draft("HT-V", 80_000, 90_000, 100_000)
    half = replace(wanted, variants=wanted.variants[:2])
    placed = await put(stage, half)
    change = Change(target=target(half, placed), draft=wanted, fields=frozenset({"title"}))
    for _ in range(2):
        assert await shop.update([change]) == [Done()]
    assert [one.sku for one in (await shown(stage, placed.remote_id)).variants] == [one.sku for one in wanted.variants]


async def test_pictures_go_by_address_or_by_content(stage: Front) -> None:
    shop = connector(stage)
    plain = stage.draft("HT-P", 80_000)
    pictured: Draft = replace(plain, pictures=(Picture(digest="a", url="https://hub.example.vn/p/a.jpg"),))
    placed = await put(stage, pictured)
    assert len(placed.picture_ids) == 1
    two = replace(pictured, pictures=(*pictured.pictures, Picture(digest="b", url="https://hub.example.vn/p/b.jpg")))
    (done,) = await shop.update([Change(target=target(plain, placed), draft=two, fields=frozenset({"pictures"}))])
    assert len(good(done).picture_ids) == 2
    assert (await shown(stage, placed.remote_id)).picture_ids == good(done).picture_ids


async def test_the_category_is_the_product_type(stage: Front) -> None:
    placed = await put(stage, stage.draft("HT-K", 80_000))
    listing = await shown(stage, placed.remote_id)
    assert (listing.category, listing.state) == (stage.category, ListingState.LIVE)


async def test_a_key_without_the_write_scope_needs_its_owner(stage: Front, transport: HttpTransport) -> None:
    shop = replace(stage.connector.shop, base_url=stage.connector.shop.base_url.replace("htx-mot", "htx-ba"))
    secrets = {"token": "token-3", "api_key": "key-3", "api_secret": "secret-3"}
    api = make_api(
        type(stage.connector), shop, transport, MemoryKeeper(Credentials(secrets=secrets)), now=stage.clock.now
    )
    reader = type(stage.connector)(api, shop)
    assert (await reader.check()).live
    assert isinstance(reader, Storefront)
    with pytest.raises(Unauthorised) as told:
        await reader.create([stage.draft("HT-X", 10_000)])
    assert told.value.code == "shop_needs_owner"


async def test_keys_of_another_store_open_nothing(transport: HttpTransport) -> None:
    async with front("sapo", transport) as stage:
        shop = replace(stage.connector.shop, base_url=stage.connector.shop.base_url.replace("htx-mot", "htx-hai"))
        api = make_api(Sapo, shop, transport, stage.keeper, now=stage.clock.now)
        with pytest.raises(Unauthorised):
            await Sapo(api, shop).check()


# ---- orders ------------------------------------------------------------------------------------------------------


async def test_a_parcel_that_comes_back_is_a_failed_delivery(stage: Front) -> None:
    await put(stage, stage.draft("HT-F", 120_000))
    order_id = stage.shop.place([Want(sku="HT-F", quantity=1)], cod=True)
    stage.shop.ship(order_id)
    stage.shop.fail_delivery(order_id)
    order = await connector(stage).order(RemoteId(order_id))
    assert (order.state, order.paid_at) == (OrderState.FAILED_DELIVERY, None)


async def test_two_refunds_of_one_order_keep_their_units(stage: Front) -> None:
    await put(stage, stage.draft("HT-R", 50_000))
    order_id = stage.shop.place([Want(sku="HT-R", quantity=3)], cod=True, seller_voucher=30_000)
    stage.shop.deliver(order_id)
    for amount in (40_000, 80_000):
        stage.later()
        stage.shop.take_back(order_id, [Want(sku="HT-R", quantity=1)], amount)
    order = await connector(stage).order(RemoteId(order_id))
    assert [(one.amount, dict(one.units)) for one in order.refunds] == [
        (40_000, {order.lines[0].line_id: 1}),
        (80_000, {order.lines[0].line_id: 1}),
    ]


@pytest.mark.parametrize("kind", ["haravan", "sapo"])
async def test_sending_out_in_parts_and_twice(kind: str, transport: HttpTransport) -> None:
    async with front(kind, transport) as stage:
        shop = stage.connector
        assert isinstance(shop, Ships)
        await put(stage, stage.draft("HT-G", 120_000))
        order_id = RemoteId(stage.shop.place([Want(sku="HT-G", quantity=3)], cod=True))
        for _ in range(2):
            await shop.pack(order_id)
        assert (await shop.shipping_options(order_id)).handovers == ("dropoff",)
        line = (await shop.order(order_id)).lines[0].line_id
        part = await shop.ship(Shipping(order=order_id, tracking="VD1", carrier="Viettel Post", lines={line: 1}))
        assert (part.tracking, part.carrier) == ("VD1", "Viettel Post")
        assert (await shop.order(order_id)).state is OrderState.SHIPPED
        rest = await shop.ship(Shipping(order=order_id, tracking="VD2", carrier="Viettel Post"))
        again = await shop.ship(Shipping(order=order_id, tracking="VD3", carrier="Viettel Post"))
        assert again == rest
        with pytest.raises(Refused) as told:
            await shop.cancel(order_id, "buyer_asked")
        assert told.value.code == "order_state_wrong"
        with pytest.raises(Refused) as told:
            await shop.label(order_id)
        assert told.value.code == "label_elsewhere"
        with pytest.raises(Refused) as told:
            await shop.shipping_options(order_id)
        assert told.value.code == "order_state_wrong"


@pytest.mark.parametrize("kind", ["haravan", "sapo"])
@pytest.mark.parametrize("reason", ["out_of_stock", "buyer_asked", "price_wrong", "cannot_deliver", "other"])
async def test_cancelling_puts_goods_back_and_may_be_said_twice(
    kind: str, reason: Any, transport: HttpTransport
) -> None:
    async with front(kind, transport) as stage:
        shop = stage.connector
        assert isinstance(shop, Ships)
        await put(stage, stage.draft("HT-Q", 120_000, stock=5))
        order_id = RemoteId(stage.shop.place([Want(sku="HT-Q", quantity=3)], cod=True))
        for _ in range(2):
            await shop.cancel(order_id, reason)
        assert (await shop.order(order_id)).state is OrderState.CANCELLED
        assert [one.stock for one in stage.shop.offers()] == [5]
        with pytest.raises(Refused) as told:
            await shop.ship(Shipping(order=order_id))
        assert told.value.code == "order_state_wrong"


# ---- webhooks ----------------------------------------------------------------------------------------------------


async def test_news_arrive_signed_and_are_heard(stage: Front) -> None:
    shop = connector(stage)
    await put(stage, stage.draft("HT-H", 120_000))
    url = "https://hub.example.vn/hooks/haravan"
    for _ in range(2):
        await shop.subscribe(url, "client-secret-1")
    order_id = stage.shop.place([Want(sku="HT-H", quantity=1)])
    stage.shop.pay(order_id)
    await stage.pretend.deliver_due()
    hints = [shop.hear(one.body, dict(one.headers), url=one.url, secret="client-secret-1") for one in stage.posted]
    orders = [one for one in hints if one is not None and one.kind == "order"]
    assert [one.object_id for one in orders] == [order_id] * 2
    assert len({one.event_id for one in orders}) == 2
    card = await shop.check()
    sender = {"haravan": card.remote_id, "sapo": "htx-mot.mysapo.net", "sapo_omni": "htx-mot.mysapogo.com"}
    assert {one.shop_remote_id for one in orders} == {sender[stage.pretend.id]}
    for one in stage.posted:
        with pytest.raises(Unauthorised):
            shop.hear(one.body + b" ", dict(one.headers), url=one.url, secret="client-secret-1")


async def test_without_a_registered_address_nobody_subscribes(transport: HttpTransport) -> None:
    async with front("haravan", transport, callback_url="") as stage:
        with pytest.raises(Refused):
            await connector(stage).subscribe("https://hub.example.vn/hooks/haravan", "")


# ---- signing in --------------------------------------------------------------------------------------------------

APP = {"client_id": "storefront-app", "client_secret": "client-secret-1"}
BACK = "https://hub.example.vn/oauth/haravan"


async def signed_in(stage: Front, transport: HttpTransport) -> tuple[Haravan, MemoryKeeper, str]:
    settings = ShopSettings(shop_id="new", base_url=f"{stage.url}/haravan")
    link = Haravan.sign_in_url(
        base_url=settings.base_url, app=APP, redirect=BACK, state="state-1", now=stage.clock.now()
    )
    async with ClientSession() as browser, browser.get(f"{link}&shop=htx-hai", allow_redirects=False) as answer:
        assert answer.status == 302
        came = {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    assert came["state"] == "state-1"
    known = {**APP, "redirect": BACK}
    keeper = MemoryKeeper(Credentials(secrets=known))
    api = make_api(Haravan, settings, transport, keeper, now=stage.clock.now)
    remote_id, tokens = await Haravan.exchange(api, app=known, answer=came)
    keeper.credentials = Credentials(secrets=known, tokens=tokens)
    with pytest.raises(Unauthorised):  # a code works once
        await Haravan.exchange(api, app=known, answer=came)
    return Haravan(api, settings), keeper, remote_id


async def test_an_owner_signs_in_and_the_token_is_renewed_early(haravan: Front, transport: HttpTransport) -> None:
    shop, keeper, remote_id = await signed_in(haravan, transport)
    assert remote_id == "htx-hai"
    assert (await shop.check()).name == "Hợp tác xã Hai"
    assert keeper.renewals == 0
    haravan.clock.move(timedelta(seconds=86_400 - 200))
    assert (await shop.check()).remote_id == "htx-hai"
    assert keeper.renewals == 1
    assert keeper.credentials.tokens is not None
    assert keeper.credentials.tokens.access_until > haravan.clock.now() + timedelta(hours=23)


async def test_without_a_refresh_token_the_owner_signs_in_again(transport: HttpTransport) -> None:
    async with front("haravan", transport, refresh=False) as stage:
        shop, _, _ = await signed_in(stage, transport)
        assert (await shop.check()).live
        stage.clock.move(timedelta(days=2))
        with pytest.raises(Unauthorised):
            await shop.check()


async def test_who_comes_back_without_a_code_is_told(haravan: Front) -> None:
    with pytest.raises(Unauthorised):
        await Haravan.exchange(haravan.api, app={**APP, "redirect": BACK}, answer={"error": "access_denied"})


async def test_a_voided_token_is_renewed_under_way(haravan: Front, transport: HttpTransport) -> None:
    shop, keeper, _ = await signed_in(haravan, transport)
    haravan.faults.change(Rates(token_expired=0.5), 11)
    results = await asyncio.gather(*(shop.check() for _ in range(4)), return_exceptions=True)
    haravan.faults.change(Rates(), 0)
    assert (await shop.check()).live
    assert keeper.renewals >= 1
    assert any(not isinstance(one, BaseException) for one in results)


def test_no_description_claims_more_than_the_sandbox() -> None:
    for kind in (Haravan, Sapo, SapoOmni):
        assert kind.manifest.proof.rung == "sandbox"
        assert "sandbox" in kind.manifest.proof.note


# ---- weeks of trade ----------------------------------------------------------------------------------------------


async def test_three_weeks_of_trade_are_told_to_the_dong(stage: Front) -> None:
    for name, price in (("HT-A", 120_000), ("HT-B", 35_000), ("HT-C", 8_000)):
        await put(stage, stage.draft(name, price, stock=5_000))
    since = stage.clock.now()
    habits = Habits(orders_per_day=10, most=150)
    play(Buyer(stage.world, {"x": stage.shop}, 7, habits), stage.clock, since + timedelta(days=40))
    told = {one.remote_id: one for one in await walk(stage, since, stage.clock.now() + timedelta(seconds=1))}
    book = stage.shop.orders()
    assert len(book) == 150
    assert {one.state for one in told.values()} >= {
        OrderState.COMPLETED,
        OrderState.CANCELLED,
        OrderState.FAILED_DELIVERY,
    }
    for one in book:
        order = told.pop(RemoteId(one.order_id))
        assert order.state.value == ("placed" if one.state == "unpaid" else one.state)
        assert [(line.sku, line.quantity, line.charged) for line in order.lines] == [
            (line.sku, line.quantity, line.charged) for line in one.lines
        ]
        assert (order.seller_voucher, order.shipping_paid) == (one.seller_voucher, one.shipping_fee)
        assert (order.cod, order.paid_at, order.cancelled_at) == (one.cod, one.paid_at, one.cancelled_at)
        assert (order.shipped_at, order.delivered_at) == (one.shipped_at, one.delivered_at)
        assert [(back.at, back.amount) for back in order.refunds] == one.refunds
        returned = sum(units for back in order.refunds for _, units in back.units)
        assert returned == sum(line.returned for line in one.lines)
    assert not told
    for row in stage.shop.listings():
        stock = next(
            v for one in (await connector(stage).listings(None)).items for v in one.variants if v.sku == row["sku"]
        )
        assert stock.stock == row["stock"]
