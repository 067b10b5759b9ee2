"""Tiki over real HTTP against the sandbox: the shared contract, and what only Tiki does."""

import tomllib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors import abilities, load
from hub.connectors.api import Api, Credentials, HttpTransport
from hub.connectors.base import HearsEvents, ReportsMoney
from hub.connectors.model import Change, Done, Draft, ListingState, OrderState, Picture, Placed, ShopSettings, Tokens
from hub.connectors.shipping import Shipping
from hub.connectors.tiki import Tiki
from hub.errors import HubError, Refused, Unauthorised, Unreachable
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Fault, Faults, Rates
from hub.sandbox.kit import Want
from hub.sandbox.tiki import Tiki as Pretend
from hub.sandbox.tiki import TikiApp, TikiConfig, TikiSandboxShop, TikiShop
from hub.sync import rulepack
from hub.types import RemoteId, Sku
from tests.connectors.contract import (
    START,
    Contract,
    Counter,
    MemoryKeeper,
    Naps,
    NoPace,
    Stage,
    good,
    levels,
    put,
    shown,
    tags,
    target,
    walk,
)

APP = {"client_id": "app-1", "client_secret": "sec-ret-1"}
BACK = "http://127.0.0.1/back"
SELLER = 145228
PICTURE = Picture(digest="pot", url="https://cdn.example.vn/mat-ong.jpg")


class TikiStage(Stage):
    """A stage whose drafts carry a picture's address, which Tiki fetches itself."""

    pretend: Pretend
    api: Api

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        return replace(super().draft(name, *prices, stock=stock, title=title), pictures=(PICTURE,))

    @property
    def tiki(self) -> Tiki:
        assert isinstance(self.connector, Tiki)
        return self.connector

    @property
    def desk(self) -> TikiSandboxShop:
        assert isinstance(self.shop, TikiSandboxShop)
        return self.shop

    def again(self, **values: str) -> Tiki:
        """The connector of the next run, or with other settings: nothing is remembered."""
        shop = replace(self.api.shop, values={**self.api.shop.values, **values})
        return Tiki(self.api, shop)


def config(**changes: object) -> TikiConfig:
    shop = TikiShop(
        seller_id=SELLER, name="Hợp tác xã Mẫu", client_id="app-1", access_token="acc-0", refresh_token="ref-0",
        shipping_fee=14_000,
    )  # fmt: skip
    of_shop = {key: changes.pop(key) for key in list(changes) if key in shop.__dataclass_fields__}
    shop = replace(shop, **of_shop)  # type: ignore[arg-type]  # named by the test
    app = TikiApp(client_id="app-1", client_secret="sec-ret-1", redirect_uri=BACK)
    return TikiConfig(apps=(app,), shops=(shop,), **changes)  # type: ignore[arg-type]  # named by the test


@pytest.fixture
def setup() -> TikiConfig:
    """A test overrides this by ``@pytest.mark.parametrize("setup", [config(...)])``."""
    return config()


@pytest.fixture
async def stage(setup: TikiConfig, transport: HttpTransport) -> AsyncIterator[TikiStage]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(tiki=setup), clock, faults)
    pretend = next(one for one in app[SANDBOX].platforms if isinstance(one, Pretend))
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        app[SANDBOX].world.base_url = url
        tokens = Tokens(access="acc-0", refresh="ref-0", access_until=START + timedelta(seconds=86_399))
        keeper, naps = MemoryKeeper(Credentials(secrets=APP, tokens=tokens)), Naps()
        shop = ShopSettings(
            shop_id="s1", base_url=f"{url}/tiki", remote_id=str(SELLER), values={"package_cm": "20x15x10"}
        )
        api = Api(
            manifest=Tiki.manifest, dialect=Tiki.dialect, shop=shop, transport=transport, keeper=keeper, pacer=NoPace(),
            now=clock.now, nonce=Counter(), on_sample=lambda sample: None, sleep=naps,
        )  # fmt: skip
        made = TikiStage(
            connector=Tiki(api, shop), shop=pretend.shop(SELLER), world=pretend.world, clock=clock, faults=faults,
            keeper=keeper, naps=naps, category="Mật ong",
        )  # fmt: skip
        made.pretend, made.api = pretend, api
        yield made


class TestContract(Contract):
    async def test_an_order_tells_its_lines_to_the_dong(self, stage: Stage) -> None:
        """As everywhere, but an order names products, not the listing they belong to."""
        placed = await put(stage, stage.draft("OCOP-M1", 120_000, 95_000))
        order_id = stage.shop.place([Want(sku="OCOP-M1-1", quantity=2), Want(sku="OCOP-M1-2", quantity=3)])
        stage.shop.pay(order_id)
        order = await self.order(stage, order_id)
        assert [(one.sku, one.quantity, one.unit_price, one.charged) for one in order.lines] == [
            ("OCOP-M1-1", 2, 120_000, 240_000),
            ("OCOP-M1-2", 3, 95_000, 285_000),
        ]
        assert {one.listing for one in order.lines} == {None}
        assert {one.variant for one in order.lines} == {variant for _, variant in placed.variants}
        assert (order.shipping_paid, order.state, order.placed_at) == (14_000, OrderState.PAID, START)

    async def test_a_return_tells_units_and_money(self, stage: Stage) -> None:
        """Only whole returns are told, and by the status alone."""
        await put(stage, stage.draft("OCOP-R1", 120_000))
        order_id = stage.shop.place([Want(sku="OCOP-R1", quantity=3)], seller_voucher=30_000)
        for step in (stage.shop.pay, stage.shop.ship, stage.shop.deliver, stage.shop.complete):
            step(order_id)
            stage.later()
        stage.shop.take_back(order_id, [Want(sku="OCOP-R1", quantity=3)], 330_000)
        order = await self.order(stage, order_id)
        assert order.state is OrderState.COMPLETED
        assert [(one.amount, [units for _, units in one.units]) for one in order.refunds] == [(330_000, [3])]

    async def test_a_missing_signature_is_not_heard(self, stage: Stage) -> None:
        """Nothing is pushed, so nothing can be forged."""
        assert not isinstance(stage.connector, HearsEvents)

    async def test_a_nobody_is_refused(self, stage: Stage) -> None:
        """Neither a strange token nor a strange app gets in."""
        secrets = dict.fromkeys(stage.keeper.credentials.secrets, "x" * 40)
        tokens = Tokens(access="stolen", refresh="stolen", access_until=START + timedelta(days=1))
        stage.keeper.credentials = Credentials(secrets=secrets, tokens=tokens)
        with pytest.raises(Unauthorised):
            await stage.connector.check()


def test_it_is_registered_with_its_abilities() -> None:
    assert load("tiki") is Tiki
    assert abilities(Tiki) == (
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "Fulfils", "KnowsCategories", "SignsIn",
    )  # fmt: skip
    assert not issubclass(Tiki, ReportsMoney)


# ---- the review of a request ---------------------------------------------------------------------------------------

SLOW = pytest.mark.parametrize("setup", [config(review_seconds=3600)])


@pytest.mark.parametrize("setup", [config(review_seconds=3600, awaiting=word) for word in ("awaiting", "waiting")])
async def test_a_request_is_reviewed_until_it_becomes_a_listing(stage: TikiStage) -> None:
    draft = stage.draft("OCOP-Q1", 80_000, 150_000, stock=7)
    placed = await put(stage, draft)
    assert placed.remote_id.startswith("track:")
    assert {variant for _, variant in placed.variants} == {placed.remote_id}
    names = set()
    for _ in range(11):
        for empty in (0.0, 1.0):  # by the list of requests; one by one where the list says nothing
            stage.faults.change(Rates(empty_page=empty), 1)
            listing = await shown(stage, placed.remote_id)
            assert listing.state is ListingState.REVIEWING
            names.add((empty, listing.remote_id.split(":")[0]))
        stage.later(327)
    assert names == {(0.0, "request"), (1.0, "track"), (1.0, "request")}
    stage.faults.change(Rates(), 1)
    assert list(stage.shop.offers()) == []
    stage.later(60)
    listing = await shown(stage, placed.remote_id)
    assert listing.state is ListingState.LIVE
    assert listing.remote_id.isdigit()
    assert {one.sku: (one.price, one.stock) for one in listing.variants} == {
        "OCOP-Q1-1": (80_000, 7),
        "OCOP-Q1-2": (150_000, 7),
    }
    assert await shown(stage, listing.remote_id) == listing
    assert listing.title == draft.title


@SLOW
async def test_what_is_under_review_is_found_and_takes_no_changes_yet(stage: TikiStage) -> None:
    draft = stage.draft("OCOP-Q2", 80_000)
    placed = await put(stage, draft)
    stage.later(800)
    found = await stage.again().find(Sku("OCOP-Q2"))
    assert found is not None
    assert found.state is ListingState.REVIEWING
    assert (await stage.again().listings(None)).items == [found]  # or a walk over the shop would have it filed again
    change = Change(target=target(draft, placed), draft=draft, fields=frozenset({"title"}))
    for result in (
        (await stage.tiki.update([change]))[0],
        (await stage.tiki.set_stock(levels(placed, 3)))[0],
        (await stage.tiki.set_price(tags(placed, 90_000)))[0],
    ):
        assert isinstance(result, Refused)
        assert result.code == "listing_reviewing"
    stage.later(3600)
    assert isinstance((await stage.tiki.set_stock(levels(placed, 3)))[0], Done)
    assert [one.stock for one in stage.shop.offers()] == [3]


@SLOW
async def test_a_rejected_request_tells_why_and_is_filed_anew(stage: TikiStage) -> None:
    draft = stage.draft("OCOP-Q3", 80_000)
    placed = await put(stage, draft)
    stage.later(900)
    number = int((await shown(stage, placed.remote_id)).remote_id.split(":")[1])
    stage.desk.reject(number, '{"errors":[{"code":310,"msg":"Thiếu giấy tờ","msg_eng":"papers missing"}]}')
    listing = await shown(stage, RemoteId(f"request:{number}"))
    assert (listing.state, listing.reason) == (ListingState.BANNED, "Thiếu giấy tờ")
    assert await stage.again().find(Sku("OCOP-Q3")) is None
    change = Change(target=target(draft, placed), draft=draft, fields=frozenset({"pictures"}))
    assert isinstance((await stage.tiki.update([change]))[0], Done)
    stage.later(900)
    again = await shown(stage, placed.remote_id)
    assert again.state is ListingState.REVIEWING
    assert again.remote_id not in (placed.remote_id, listing.remote_id)
    stage.later(3600)
    assert (await shown(stage, placed.remote_id)).state is ListingState.LIVE


@SLOW
async def test_other_words_are_reviewed_while_the_old_ones_stand(stage: TikiStage) -> None:
    draft = stage.draft("OCOP-Q5", 80_000, 150_000)
    placed = await put(stage, draft)
    stage.later(3601)
    listing = await shown(stage, placed.remote_id)
    renamed = replace(draft, title="Mật ong hoa cà phê nguyên chất")
    standing = replace(
        target(draft, placed), remote_id=listing.remote_id,
        variants=tuple((one.sku, one.remote_id) for one in listing.variants),
    )  # fmt: skip
    change = Change(target=standing, draft=renamed, fields=frozenset({"title"}))
    assert isinstance((await stage.again().update([change]))[0], Done)
    again = (await stage.again().update([change]))[0]
    assert isinstance(again, Refused)
    assert again.code == "listing_reviewing"
    told = good((await stage.again().read([listing.remote_id]))[0])
    assert (told.state, told.title) == (ListingState.REVIEWING, draft.title)
    assert len(list(stage.shop.offers())) == 2
    stage.later(3601)
    told = good((await stage.again().read([listing.remote_id]))[0])
    assert (told.state, told.title) == (ListingState.LIVE, renamed.title)


@SLOW
@pytest.mark.parametrize("together", [True, False])
async def test_what_was_taken_off_is_shown_again_only_with_its_new_words(stage: TikiStage, together: bool) -> None:
    """A claim that fell away must not be on sale while Tiki still thinks about the title without it."""
    draft = stage.draft("OCOP-Q9", 80_000, title="Mật ong hoa cà phê OCOP 4 sao")
    placed = await put(stage, draft)
    stage.later(3601)
    listing = await shown(stage, placed.remote_id)
    standing = replace(
        target(draft, placed), remote_id=listing.remote_id,
        variants=tuple((one.sku, one.remote_id) for one in listing.variants),
    )  # fmt: skip
    plain = replace(draft, title="Mật ong hoa cà phê")
    assert isinstance((await stage.tiki.withdraw([standing]))[0], Done)
    if not together:
        renaming = Change(target=standing, draft=plain, fields=frozenset({"title"}))
        assert isinstance((await stage.again().update([renaming]))[0], Done)
    showing = Change(target=standing, draft=plain, fields=frozenset({"title", "visible"} if together else {"visible"}))
    for _ in range(2):
        (told,) = await stage.again().update([showing])
        assert isinstance(told, Refused)
        assert told.code == "listing_reviewing"
        assert list(stage.shop.offers()) == []
        stage.later(1000)
    stage.later(3601)
    assert isinstance((await stage.again().update([replace(showing, fields=frozenset({"visible"}))]))[0], Done)
    assert [one.title for one in stage.shop.offers()] == [plain.title]


async def test_a_batch_of_reads_asks_what_all_share_once(stage: TikiStage) -> None:
    ids = [(await put(stage, stage.draft(f"OCOP-B{number}", 50_000, 60_000))).remote_id for number in range(3)]
    stage.world.calls.clear()
    assert len([good(one) for one in await stage.again().read(ids)]) == 3
    counts = {name.split("/", 2)[2]: count for name, count in stage.world.calls.items()}
    assert counts == {
        "GET /integration/v2/requests": 1,
        "GET /integration/v2.1/products": 1,
        "GET /integration/v2.1/products/{id}": 6,
    }


@SLOW
async def test_what_is_under_review_is_read_by_one_list(stage: TikiStage) -> None:
    placed = [await put(stage, stage.draft(f"OCOP-W{number}", 80_000)) for number in range(4)]
    assert {one.remote_id.partition(":")[0] for one in placed} == {"track"}
    before = dict(stage.world.calls)
    told = await stage.again().read([one.remote_id for one in placed])
    assert [(good(one).sku, good(one).state) for one in told] == [
        (f"OCOP-W{number}", ListingState.REVIEWING) for number in range(4)
    ]
    assert sum(stage.world.calls.values()) - sum(before.values()) == 1


@SLOW
async def test_a_request_taken_back_never_goes_on_sale(stage: TikiStage) -> None:
    draft = stage.draft("OCOP-Q4", 80_000)
    placed = await put(stage, draft)
    stage.later(900)
    assert isinstance((await stage.tiki.withdraw([target(draft, placed)]))[0], Done)
    stage.later(7200)
    assert (await shown(stage, placed.remote_id)).state is ListingState.HIDDEN
    assert list(stage.shop.offers()) == []


@pytest.mark.parametrize("setup", [config(reason_as_json=True), config(reason_as_json=False)])
async def test_a_small_picture_and_a_taken_code_show_in_the_review_only(stage: TikiStage) -> None:
    small = replace(stage.draft("OCOP-P1", 80_000), pictures=(Picture(digest="a", url="https://a.vn/499x499.jpg"),))
    await put(stage, stage.draft("OCOP-P2", 80_000))
    twice = stage.draft("OCOP-P2", 80_000)
    results = await stage.tiki.create([small, twice])
    assert [one.code for one in results if isinstance(one, HubError)] == ["picture_refused", "sku_taken"]
    assert [row["sku"] for row in stage.shop.listings()] == ["OCOP-P2"]


async def test_what_cannot_be_sent_is_said_before_it_is_sent(stage: TikiStage) -> None:
    plain = stage.draft("OCOP-P3", 80_000)
    results = await stage.tiki.create([replace(plain, attributes=()), replace(plain, category="Trà sữa")])
    assert [one.code for one in results if isinstance(one, HubError)] == ["attribute_missing", "category_unknown"]
    nameless = stage.again(package_cm="")
    result = (await nameless.create([plain]))[0]
    assert isinstance(result, Refused)
    assert result.code == "package_size_missing"
    assert not stage.world.calls.get(f"tiki/{SELLER}/POST /integration/v2.1/requests")


# ---- stock, prices -------------------------------------------------------------------------------------------------


async def test_falsely_empty_lists_send_nobody_to_put_something_right(stage: TikiStage) -> None:
    """Warehouses, categories and what they ask are there: an empty list is doubted before a product is refused."""
    stage.faults.change(Rates(empty_page=0.1), 2)
    for number in range(12):
        (result,) = await stage.again().create([stage.draft(f"OCOP-G{number}", 80_000)])
        assert isinstance(result, Placed), result
    assert stage.faults.given[Fault.EMPTY_PAGE] > 3


async def test_open_orders_are_not_taken_off_twice(stage: TikiStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S2", 80_000, stock=10))
    stage.shop.place([Want(sku="OCOP-S2", quantity=2)], cod=True)
    good((await stage.tiki.set_stock(levels(placed, 5)))[0])
    assert [one.stock for one in stage.shop.offers()] == [5]
    assert [one.stock for one in (await shown(stage, placed.remote_id)).variants] == [5]


@pytest.mark.parametrize("setup", [config(warehouses=(1034, 1015))])
async def test_a_shop_with_two_warehouses_must_name_one_and_the_other_is_left_alone(stage: TikiStage) -> None:
    refused = (await stage.tiki.create([stage.draft("OCOP-S3", 80_000)]))[0]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.facts["message"]) == ("warehouse_wrong", "1034, 1015")
    named = stage.again(warehouse_id="1034")
    placed = good((await named.create([stage.draft("OCOP-S3", 80_000)]))[0])
    product = stage.desk.seller.products[int(placed.remote_id)]
    product.stock[1015] = 4
    good((await named.set_stock(levels(placed, 6)))[0])
    assert product.stock == {1034: 6, 1015: 4}
    nameless = stage.again()
    assert isinstance((await nameless.set_stock(levels(placed, 7)))[0], Refused)
    told = [good((await one.read([placed.remote_id]))[0]).variants[0].stock for one in (named, nameless)]
    assert told == [6, None]


async def test_an_error_is_seen_whatever_the_status(stage: TikiStage) -> None:
    """The sandbox answers 200 and 422 in turn."""
    placed = await put(stage, stage.draft("OCOP-S4", 80_000))
    wrong = stage.again(warehouse_id="999")
    for _ in range(2):
        refused = (await wrong.set_stock(levels(placed, 6)))[0]
        assert isinstance(refused, Refused)
        assert refused.code == "warehouse_wrong"
    cheap = (await stage.tiki.set_price(tags(placed, 5_000)))[0]
    assert isinstance(cheap, Refused)
    assert cheap.code == "price_refused"


@pytest.mark.parametrize("setup", [config(deaf=("OCOP-S5",))])
async def test_approved_may_mean_nothing_and_reading_back_tells(stage: TikiStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S5", 80_000))
    assert isinstance((await stage.tiki.set_price(tags(placed, 99_000)))[0], Done)
    assert [one.price for one in (await shown(stage, placed.remote_id)).variants] == [80_000]


@pytest.mark.parametrize("setup", [config(stock_lag_seconds=180)])
async def test_stock_shows_late_and_reserved_is_added_all_the_same(stage: TikiStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S6", 80_000, stock=10))
    good((await stage.tiki.set_stock(levels(placed, 4)))[0])
    assert [one.stock for one in (await shown(stage, placed.remote_id)).variants] == [10]
    stage.later(200)
    assert [one.stock for one in (await shown(stage, placed.remote_id)).variants] == [4]


# ---- orders --------------------------------------------------------------------------------------------------------


async def test_the_queue_tells_first_and_keeps_what_was_not_stored(stage: TikiStage) -> None:
    await put(stage, stage.draft("OCOP-E1", 80_000, stock=90))
    queue = await stage.tiki.open_queue("ocop-hub")
    ids = [stage.shop.place([Want(sku="OCOP-E1", quantity=1)], cod=True) for _ in range(12)]
    since, until = stage.clock.now() + timedelta(days=1), stage.clock.now() + timedelta(days=2)
    first = await stage.again(queue=queue).orders(since, until, None)
    assert first.next is not None
    assert [one.remote_id for one in first.items] == ids[:5]
    told = {one.remote_id for one in (await stage.again(queue=queue).orders(since, until, None)).items}
    assert told == set(ids[:5])  # the first page was never acknowledged
    page: str | None = first.next
    while page is not None:
        answer = await stage.again(queue=queue).orders(since, until, page)
        told |= {one.remote_id for one in answer.items}
        page = answer.next
    assert told == set(ids)
    assert stage.pretend.state.queues[queue].events == []


async def test_the_apps_own_token_is_asked_for_anew_when_it_dies(stage: TikiStage) -> None:
    """No owner could help there: the queue belongs to the app."""
    await put(stage, stage.draft("OCOP-E2", 80_000, stock=90))
    queue = await stage.tiki.open_queue("ocop-hub")
    ids = [stage.shop.place([Want(sku="OCOP-E2", quantity=1)], cod=True) for _ in range(8)]
    since, until = stage.clock.now() + timedelta(days=1), stage.clock.now() + timedelta(days=2)
    connector = stage.again(queue=queue)
    first = await connector.orders(since, until, None)
    for token in [token for token, grant in stage.pretend.auth.access.items() if grant.seller_id == 0]:
        stage.pretend.auth.forget(token)
    second = await connector.orders(since, until, first.next)
    assert [one.remote_id for one in (*first.items, *second.items)] == ids
    assert stage.keeper.credentials.tokens is not None
    assert stage.keeper.credentials.tokens.access == "acc-0"  # the owner's was left alone


async def test_falsely_empty_lists_hide_nothing(stage: TikiStage) -> None:
    for number in range(3):
        await put(stage, stage.draft(f"OCOP-F{number}", 80_000, stock=90))
    since = stage.clock.now()
    ids = {stage.shop.place([Want(sku="OCOP-F1", quantity=1)], cod=True) for _ in range(60)}
    stage.later()
    stage.faults.change(Rates(empty_page=0.2), 3)
    told: set[str] = set()
    page, silent = None, 0
    while silent < 3:  # as the hub does: the empty end of a walk is doubted by who walks
        answer = await stage.tiki.orders(since, stage.clock.now(), page)
        told |= {one.remote_id for one in answer.items}
        silent = silent + 1 if not answer.items and answer.next is None else 3 if answer.next is None else 0
        page = answer.next or page
    assert told == ids
    assert len((await stage.tiki.listings(None)).items) == 3


async def test_replaced_goods_cost_nothing_and_a_refused_parcel_failed(stage: TikiStage) -> None:
    await put(stage, stage.draft("OCOP-R2", 80_000))
    order_id = stage.shop.place([Want(sku="OCOP-R2", quantity=2)], cod=True, platform_voucher=9_000)
    for step in (stage.shop.ship, stage.shop.deliver):
        step(order_id)
    again = stage.desk.replace_goods(order_id)
    order = await stage.tiki.order(RemoteId(again))
    assert [(one.quantity, one.unit_price, one.charged) for one in order.lines] == [(2, 0, 0)]
    assert (await stage.tiki.order(RemoteId(order_id))).platform_voucher == 9_000
    assert {one.remote_id for one in await walk(stage, START, stage.clock.now())} == {order_id, again}
    stage.shop.ship(again)
    stage.shop.fail_delivery(again)
    failed = await stage.tiki.order(RemoteId(again))
    assert (failed.state, failed.refunds) == (OrderState.FAILED_DELIVERY, ())


# ---- sending out ---------------------------------------------------------------------------------------------------


async def test_a_pickup_is_chosen_confirmed_once_and_labelled(stage: TikiStage) -> None:
    await put(stage, stage.draft("OCOP-H1", 80_000))
    order_id = RemoteId(stage.shop.place([Want(sku="OCOP-H1", quantity=1)], cod=True))
    options = await stage.tiki.shipping_options(order_id)
    assert [one.id for one in options.slots] == ["189034|2026-11-22 08:00:00", "189034|2026-11-22 14:00:00"]
    assert options.ship_by == START + timedelta(days=1)
    with pytest.raises(Refused) as early:
        await stage.tiki.label(order_id)
    assert early.value.code == "label_not_ready"
    for _ in range(2):
        shipped = await stage.tiki.ship(Shipping(order=order_id, slot=options.slots[1].id))
        assert shipped.order == order_id
    label = await stage.tiki.label(order_id)
    assert (label.media, order_id in label.content.decode()) == ("text/html", True)
    with pytest.raises(Refused) as late:
        await stage.tiki.cancel(order_id, "out_of_stock")
    assert late.value.code == "order_state_wrong"


@pytest.mark.parametrize("setup", [config(fulfillment=kind) for kind in ("dropship", "tiki_delivery")])
async def test_an_order_is_refused_before_it_is_confirmed(stage: TikiStage) -> None:
    await put(stage, stage.draft("OCOP-H2", 80_000, stock=3))
    order_id = RemoteId(stage.shop.place([Want(sku="OCOP-H2", quantity=2)], cod=True))
    for _ in range(2):
        await stage.tiki.cancel(order_id, "out_of_stock")
    assert (await stage.tiki.order(order_id)).state is OrderState.CANCELLED
    assert [one.stock for one in stage.shop.offers()] == [3]
    other = RemoteId(stage.shop.place([Want(sku="OCOP-H2", quantity=1)], cod=True))
    await stage.tiki.ship(Shipping(order=other))
    assert stage.desk.sale(other).confirmed == "seller_confirmed"


async def test_after_its_deadline_an_order_cannot_be_confirmed(stage: TikiStage) -> None:
    await put(stage, stage.draft("OCOP-H3", 80_000))
    order_id = RemoteId(stage.shop.place([Want(sku="OCOP-H3", quantity=1)], cod=True))
    stage.later(86_401)
    with pytest.raises(Refused) as late:
        await stage.tiki.ship(Shipping(order=order_id))
    assert late.value.code == "order_state_wrong"
    assert "deadline" in str(late.value.facts["message"])
    unpaid = RemoteId(stage.shop.place([Want(sku="OCOP-H3", quantity=1)]))
    with pytest.raises(Refused) as early:
        await stage.tiki.ship(Shipping(order=unpaid))
    assert early.value.code == "order_state_wrong"


# ---- doors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setup", [config(paused=True)])
async def test_a_pause_is_said_with_http_200(stage: TikiStage) -> None:
    with pytest.raises(Unauthorised) as told:
        await stage.tiki.check()
    assert (told.value.code, told.value.refreshable) == ("shop_needs_owner", False)


async def test_a_dead_token_is_renewed_once_and_the_new_refresh_token_is_kept(stage: TikiStage) -> None:
    stage.pretend.auth.forget("acc-0")
    assert (await stage.tiki.check()).name == "Hợp tác xã Mẫu"
    assert stage.keeper.renewals == 1
    tokens = stage.keeper.credentials.tokens
    assert tokens is not None
    assert tokens.refresh not in ("", "ref-0")
    stage.later(86_399)
    await stage.tiki.check()
    assert stage.keeper.renewals == 2


async def test_a_spent_refresh_token_needs_the_owner(stage: TikiStage) -> None:
    tokens = Tokens(access="old", refresh="spent", access_until=START + timedelta(days=1))
    stage.keeper.credentials = Credentials(secrets=APP, tokens=tokens)
    with pytest.raises(Unauthorised) as told:
        await stage.tiki.check()
    assert told.value.code == "shop_needs_owner"


async def test_trouble_hidden_in_a_200_is_no_answer(stage: TikiStage) -> None:
    stage.faults.change(Rates(error_in_200=1), 1)
    with pytest.raises(Unreachable):
        await stage.tiki.check()


async def consent(url: str, **more: str) -> dict[str, str]:
    """What the owner's browser brings back."""
    query = "".join(f"&{key}={value}" for key, value in more.items())
    async with aiohttp.ClientSession() as session, session.get(url + query, allow_redirects=False) as answer:
        assert answer.status == 302
        return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


async def test_an_owner_signs_in_and_a_code_works_once(stage: TikiStage) -> None:
    app = {**APP, "redirect": BACK}
    base = stage.api.shop.base_url
    url = Tiki.sign_in_url(base_url=base, app=app, redirect=BACK, state="state-12345678", now=START)
    assert "scope=offline%20product%20order%20inventory" in url
    answer = await consent(url)
    assert answer["state"] == "state-12345678"
    shop, tokens = await Tiki.exchange(stage.api, app=app, answer=answer)
    assert (shop, tokens.access_until) == (str(SELLER), START + timedelta(seconds=86_399))
    assert tokens.refresh
    with pytest.raises(Unauthorised):
        await Tiki.exchange(stage.api, app=app, answer=answer)
    with pytest.raises(Refused) as refused:
        await Tiki.exchange(stage.api, app=app, answer=await consent(url, agree="no"))
    assert refused.value.code == "sign_in_refused"
    with pytest.raises(Unauthorised) as wrong:
        await Tiki.exchange(stage.api, app={**app, "client_secret": "no"}, answer=await consent(url))
    assert wrong.value.code == "app_key_wrong"


@pytest.fixture
def pack() -> rulepack.RulePack:
    places = (Path("config", folder, "tiki.toml") for folder in ("channels", "categories"))
    return rulepack.parse("tiki", *(tomllib.loads(one.read_text(encoding="utf-8")) for one in places))


async def test_every_product_set_has_one_primary_category(stage: TikiStage, pack: rulepack.RulePack) -> None:
    tree = await stage.tiki.categories()
    leaves = [one for one in tree if one.leaf]
    assert len(leaves) == 26
    assert {one.parent for one in leaves} <= {one.id for one in tree if not one.leaf}
    names = [name.rsplit(" > ", 1)[1] for name in pack.categories.values()]
    assert sorted(names) == sorted(one.name for one in leaves)
