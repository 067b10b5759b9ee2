"""Shopee over real HTTP against the sandbox: the shared contract, and what only Shopee does."""

import json
import tomllib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import respx
from aiohttp import web
from aiohttp.test_utils import TestServer
from httpx import Response

from hub.clock import ShiftedClock
from hub.connectors import abilities, load
from hub.connectors.api import Answer, Api, Credentials, HttpTransport, Request, Sample, Transport
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
    Target,
    Tokens,
)
from hub.connectors.shopee import Shopee
from hub.connectors.shopee.drafts import find_leaf
from hub.errors import Refused, Throttled, Unauthorised, Unreachable, Vanished
from hub.sandbox.faults import Fault, Faults, Rates
from hub.sandbox.kit import Want, World
from hub.sandbox.shopee import Shopee as Pretend
from hub.sandbox.shopee import ShopeeApp, ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.auth import push_sign
from hub.sync import rulepack
from hub.types import RemoteId, Sku
from tests.connectors.conftest import Running
from tests.connectors.contract import START, Contract, Counter, MemoryKeeper, Naps, NoPace, Stage, good, put, walk

APP = {"partner_id": "1000001", "partner_key": "shpk-test-key-1"}
SHOP_ID = 600121
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
HONEY = "Bách hóa và đặc sản > Thực phẩm khô và đặc sản > Mật ong"
ANSWERS = (
    ("Xuất xứ", "Việt Nam"),
    ("Hạn sử dụng (tháng)", "12"),
    ("Tên tổ chức chịu trách nhiệm sản xuất", "Hợp tác xã Mẫu"),
    ("Trọng lượng", "500 g"),
)


async def picture(digest: str) -> bytes:
    if digest == "missing":
        raise Refused("picture_missing", digest=digest)
    return PNG + digest.encode()


@dataclass
class ClockedNaps(Naps):
    """A sleep that moves the world's clock instead of waiting."""

    clock: ShiftedClock | None = None

    async def __call__(self, seconds: float) -> None:
        await super().__call__(seconds)
        if self.clock is not None:
            self.clock.move(timedelta(seconds=seconds))


@dataclass(kw_only=True)
class ShopeeStage(Stage):
    """A stage whose drafts carry what Shopee insists on."""

    pretend: Pretend
    line: Transport
    api: Api
    url: str

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        plain = super().draft(name, *prices, stock=stock, title=title)
        return replace(plain, pictures=(Picture(digest="pot", url=""),), attributes=ANSWERS)

    @property
    def shopee(self) -> Shopee:
        assert isinstance(self.connector, Shopee)
        return self.connector

    def again(self, transport: Transport | None = None) -> Shopee:
        """The connector of the next run: nothing is remembered but what the platform knows."""
        api = make_api(self, transport) if transport else self.api
        return Shopee(api, self.api.shop)


def make_api(stage: ShopeeStage, transport: Transport) -> Api:
    return shop_api(stage.api.shop, transport, stage.keeper, stage.clock.now, stage.naps)


def shop_api(
    shop: ShopSettings, transport: Transport, keeper: MemoryKeeper, now: Callable[[], datetime], naps: Naps,
    samples: list[Sample] | None = None,
) -> Api:  # fmt: skip
    seen: list[Sample] = [] if samples is None else samples
    return Api(
        manifest=Shopee.manifest, dialect=Shopee.dialect, shop=shop, transport=transport, keeper=keeper,
        pacer=NoPace(), now=now, nonce=Counter(), on_sample=seen.append, sleep=naps, pictures=picture,
    )  # fmt: skip


def config(**changes: object) -> ShopeeConfig:
    app = ShopeeApp(partner_id=int(APP["partner_id"]), partner_key=APP["partner_key"], push_key="shpk-push-1")
    shops = tuple(
        ShopeeShop(
            shop_id=SHOP_ID + number, name=f"Gian hàng {number}", partner_id=app.partner_id,
            access_token="" if number == 2 else f"access-{number}", refresh_token=f"refresh-{number}",
            main_account_id=77 if number == 2 else 0,
        )
        for number in range(3)
    )  # fmt: skip
    return ShopeeConfig(**{"apps": (app,), "shops": shops, **changes})  # type: ignore[arg-type]  # named by the test


@pytest.fixture
def setup() -> ShopeeConfig:
    """A test class or test overrides this by ``@pytest.mark.parametrize("setup", [config(...)])``."""
    return config()


@pytest.fixture
async def stage(setup: ShopeeConfig, transport: HttpTransport) -> AsyncIterator[ShopeeStage]:
    clock = ShiftedClock(START, frozen=True)
    world = World(clock=clock, faults=Faults())
    pretend = Pretend(world, setup)
    inner = web.Application(client_max_size=64 * 1024 * 1024)
    inner.add_routes(pretend.routes())
    app = web.Application()
    app.add_subapp("/shopee", inner)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        world.base_url = url
        tokens = Tokens(access="access-0", refresh="refresh-0", access_until=START + timedelta(seconds=14_400))
        keeper = MemoryKeeper(Credentials(secrets=APP, tokens=tokens))
        yield stage_on(pretend, SHOP_ID, url, transport, clock, keeper)


def stage_on(
    pretend: Pretend, shop_id: int, url: str, line: Transport, clock: ShiftedClock, keeper: MemoryKeeper
) -> ShopeeStage:
    shop = ShopSettings(shop_id="s1", base_url=f"{url}/shopee", remote_id=str(shop_id))
    naps = ClockedNaps(clock=clock)
    api = shop_api(shop, line, keeper, clock.now, naps)
    return ShopeeStage(
        connector=Shopee(api, shop), shop=pretend.shop(shop_id), world=pretend.world, clock=clock,
        faults=pretend.world.faults, keeper=keeper, naps=naps, category=HONEY, pretend=pretend, line=line, api=api,
        url=url,
    )  # fmt: skip


def target(draft: Draft, placed: Placed) -> Target:
    return Target(remote_id=placed.remote_id, sku=draft.sku, variants=placed.variants, picture_ids=placed.picture_ids)


def change(draft: Draft, placed: Placed, *fields: str) -> Change:
    return Change(target=target(draft, placed), draft=draft, fields=frozenset(fields))  # type: ignore[arg-type]


@dataclass
class Cut:
    """A line that breaks at the n-th POST to ``product/``: before it is sent, or after it had its effect."""

    inner: Transport
    at: int
    before: bool
    seen: int = 0

    async def send(self, request: Request, timeout: float) -> Answer:
        if request.method != "POST" or "/product/" not in request.path:
            return await self.inner.send(request, timeout)
        self.seen += 1
        if self.seen < self.at:
            return await self.inner.send(request, timeout)
        if not self.before and self.seen == self.at:
            await self.inner.send(request, timeout)
        raise Unreachable(sent=not self.before)

    async def close(self) -> None:
        return None


@dataclass
class Noted:
    """A line that keeps what was sent."""

    inner: Transport
    sent: list[Request] = field(default_factory=list)

    async def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append(request)
        return await self.inner.send(request, timeout)

    async def close(self) -> None:
        return None

    def calls(self) -> list[str]:
        return [one.path.removeprefix("/api/v2/") for one in self.sent]


# ---- the contract --------------------------------------------------------------------------------------------------


class TestContract(Contract):
    @pytest.fixture
    def stage(self, running: Running, transport: HttpTransport) -> ShopeeStage:
        return self.on(running, transport)

    def on(self, running: Running, transport: HttpTransport) -> ShopeeStage:
        """On the whole sandbox, which can make trouble."""
        pretend = next(one for one in running.sandbox.platforms if isinstance(one, Pretend))
        app, shop = pretend.config.apps[0], pretend.config.shops[0]
        tokens = Tokens(
            access=shop.access_token, refresh=shop.refresh_token, access_until=START + timedelta(seconds=14_400)
        )
        secrets = {"partner_id": str(app.partner_id), "partner_key": app.partner_key}
        return stage_on(
            pretend,
            shop.shop_id,
            running.url,
            transport,
            running.clock,
            MemoryKeeper(Credentials(secrets=secrets, tokens=tokens)),
        )

    async def test_a_seller_voucher_is_told(self, stage: Stage) -> None:
        """The escrow tells it, and there is none before the order is paid."""
        await put(stage, stage.draft("OCOP-C1", 120_000))
        order_id = stage.shop.place([Want(sku="OCOP-C1", quantity=2)], seller_voucher=15_000, platform_voucher=4_000)
        assert (await self.order(stage, order_id)).seller_voucher == 0
        stage.shop.pay(order_id)
        order = await self.order(stage, order_id)
        assert (order.seller_voucher, order.platform_voucher) == (15_000, 4_000)
        assert sum(one.charged for one in order.lines) == 240_000


# ---- creating ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
async def test_a_line_cut_at_any_step_of_a_create_is_finished_by_the_next_run(
    stage: ShopeeStage, at: int, before: bool
) -> None:
    """add_item, init_tier_variation, update_item, unlist_item: whichever fails, one listing stands in the end."""
    draft = stage.draft("OCOP-K1", 80_000, 150_000)
    with pytest.raises(Unreachable):
        await stage.again(Cut(stage.line, at=at, before=before)).create([draft])
    later = stage.again()
    found = await later.find(draft.sku)
    if found is None:
        placed = good((await later.create([draft]))[0])
        remote_id = placed.remote_id
    else:
        remote_id = found.remote_id
        await later.update([Change(target=Target(remote_id=remote_id, sku=draft.sku, variants=()), draft=draft,
                                   fields=frozenset({"visible"}))])  # fmt: skip
    listing = good((await later.read([remote_id]))[0])
    assert listing.state is ListingState.LIVE
    assert {(one.sku, one.price, one.stock) for one in listing.variants} == {
        (one.sku, one.price, one.stock) for one in draft.variants
    }
    assert len({row["remote_id"] for row in stage.shop.listings()}) == 1


async def test_what_was_begun_is_brought_up_to_date(stage: ShopeeStage) -> None:
    draft = stage.draft("OCOP-K2", 80_000, 150_000)
    with pytest.raises(Unreachable):
        await stage.again(Cut(stage.line, at=2, before=True)).create([draft])
    newer = replace(draft, title="Mật ong hoa nhãn, mùa mới thu hoạch")
    placed = good((await stage.again().create([newer]))[0])
    assert good((await stage.shopee.read([placed.remote_id]))[0]).title == newer.title


async def test_five_seconds_lie_between_an_item_and_its_models(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-N1", 80_000, 150_000))
    await put(stage, stage.draft("OCOP-N2", 80_000))
    assert stage.naps.seconds == [5.0]


async def test_pictures_and_rules_are_asked_for_once_a_run(stage: ShopeeStage) -> None:
    noted = Noted(stage.line)
    shop = stage.again(noted)
    same = Picture(digest="same", url="")
    for name in ("OCOP-P1", "OCOP-P2"):
        draft = replace(stage.draft(name, 90_000), pictures=(same, Picture(digest=name, url="")))
        placed = good((await shop.create([draft]))[0])
        assert len(set(placed.picture_ids)) == 2
    calls = noted.calls()
    for once in ("product/get_category", "product/get_item_limit", "product/get_attribute_tree",
                 "logistics/get_channel_list"):  # fmt: skip
        assert calls.count(once) == 1
    assert calls.count("media_space/upload_image") == 2
    languages = {one.path: dict(one.params).get("language") for one in noted.sent if "language" in dict(one.params)}
    assert languages == {"/api/v2/product/get_category": "vi", "/api/v2/product/get_attribute_tree": "vn"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "Bách hóa và đặc sản > Không có"}, "category_unknown"),
        ({"attributes": ()}, "attribute_missing"),
        ({"pictures": ()}, "pictures_too_few"),
        ({"title": "ngắn"}, "title_too_short"),
        ({"description": "ít"}, "description_too_short"),
    ],
)
async def test_a_refused_draft_costs_no_picture(stage: ShopeeStage, changes: dict[str, object], code: str) -> None:
    draft = replace(stage.draft("OCOP-R1", 90_000), **changes)  # type: ignore[arg-type]
    noted = Noted(stage.line)
    (result,) = await stage.again(noted).create([draft])
    assert isinstance(result, Refused)
    assert result.code == code
    assert "media_space/upload_image" not in noted.calls()


@pytest.mark.parametrize(
    ("setup", "code"),
    [
        (config(blocked_categories=(100629,)), "category_refused"),
        (config(title_characters="M"), "title_refused"),
        (config(refuse_similar=True), "listing_repeated"),
        (config(items_per_shop=1), "shop_full"),
        (config(gtin="Mandatory"), "gtin_missing"),
    ],
)
async def test_what_only_the_platform_knows_is_refused_with_its_reason(stage: ShopeeStage, code: str) -> None:
    await stage.shopee.create([replace(stage.draft("OCOP-Q1", 90_000), title="Mật ong")])
    results = [
        (await stage.shopee.create([stage.draft(name, 90_000, title="Mật ong hoa nhãn Mẫu")]))[0]
        for name in ("OCOP-Q2", "OCOP-Q3")
    ]
    assert isinstance(results[-1], Refused)
    assert results[-1].code == code


@pytest.mark.parametrize("setup", [config(new_items_per_day=1)])
async def test_a_spent_quota_is_no_refusal(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-D1", 90_000))
    with pytest.raises(Throttled) as told:
        await stage.shopee.create([stage.draft("OCOP-D2", 90_000)])
    assert told.value.seconds > 60


def pack() -> rulepack.RulePack:
    channel, categories = (
        tomllib.loads(Path(f"config/{folder}/shopee.toml").read_text(encoding="utf-8"))
        for folder in ("channels", "categories")
    )
    return rulepack.parse("shopee", channel, categories)


async def test_every_product_set_has_its_leaf(stage: ShopeeStage) -> None:
    rules = pack()
    tree = await stage.shopee.categories()
    leaves = {number: find_leaf(path, tree) for number, path in rules.categories.items()}
    assert set(leaves) == set(range(1, 27))
    assert leaves[4] == 100629
    fixed = Shopee.manifest.limits
    assert (rules.sku_max, rules.variants_max) == (99, fixed.stock_batch)


# ---- changing ------------------------------------------------------------------------------------------------------


async def test_every_field_of_a_listing_can_change(stage: ShopeeStage) -> None:
    draft = stage.draft("OCOP-U2", 90_000)
    placed = await put(stage, draft)
    newer = replace(
        draft, title="Mật ong rừng tràm U Minh 500 g", description="Mật ong rừng tràm. " * 10,
        category="Bách hóa và đặc sản > Thực phẩm khô và đặc sản > Gia vị khô",
        pictures=(Picture(digest="other", url=""),), visible=False,
    )  # fmt: skip
    fields = ("title", "description", "category", "pictures", "attributes", "visible", "short")
    (done,) = await stage.shopee.update([change(newer, placed, *fields)])
    assert isinstance(done, Done)
    assert done.picture_ids
    assert done.picture_ids != placed.picture_ids
    listing = good((await stage.shopee.read([placed.remote_id]))[0])
    assert (listing.title, listing.description.strip(), listing.category, listing.state) == (
        newer.title, newer.description.strip(), "100647", ListingState.HIDDEN,
    )  # fmt: skip
    assert listing.picture_ids == done.picture_ids


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"attributes": ()}, "attribute_missing"),
        ({"category": "Không có"}, "category_unknown"),
        ({"pictures": (Picture(digest="missing", url=""),)}, "picture_missing"),
        ({"pictures": ()}, "pictures_too_few"),  # said by the platform, of the whole call
    ],
)
async def test_a_claim_leaves_the_texts_whatever_else_is_wrong(
    stage: ShopeeStage, wrong: dict[str, object], code: str
) -> None:
    placed = await put(stage, stage.draft("OCOP-C9", 90_000, title="Mật ong OCOP 4 sao Mẫu"))
    bare = replace(stage.draft("OCOP-C9", 90_000, title="Mật ong hoa nhãn Mẫu"), **wrong)  # type: ignore[arg-type]
    (result,) = await stage.shopee.update(
        [change(bare, placed, "title", "description", "category", "attributes", "pictures")]
    )
    assert isinstance(result, Refused)
    assert result.code == code
    assert good((await stage.shopee.read([placed.remote_id]))[0]).title == bare.title


async def test_hidden_first_whatever_else_is_wrong(stage: ShopeeStage) -> None:
    draft = stage.draft("OCOP-C8", 90_000)
    placed = await put(stage, draft)
    (result,) = await stage.shopee.update(
        [change(replace(draft, title="x", visible=False), placed, "title", "visible")]
    )
    assert isinstance(result, Refused)
    assert good((await stage.shopee.read([placed.remote_id]))[0]).state is ListingState.HIDDEN


@pytest.mark.parametrize("setup", [config(banned_words=("thần dược",))])
async def test_a_batch_refused_as_a_whole_says_why_of_each(stage: ShopeeStage) -> None:
    draft = stage.draft("OCOP-B8", 90_000, title="Mật ong thần dược Mẫu")
    placed = await put(stage, draft)
    results = await stage.shopee.withdraw(
        [Target(remote_id=RemoteId("5"), sku=Sku("x"), variants=()), target(draft, placed)]
    )
    assert [type(one) for one in results] == [Vanished, Refused]


async def test_some_of_a_batch_may_fail(stage: ShopeeStage) -> None:
    draft = stage.draft("OCOP-S2", 80_000, 150_000)
    placed = await put(stage, draft)
    single = await put(stage, stage.draft("OCOP-S3", 50_000))
    wishes = [
        StockLevel(listing=placed.remote_id, variant=placed.variants[0][1], sku=Sku("a"), stock=4, single=False),
        StockLevel(listing=placed.remote_id, variant=RemoteId("1"), sku=Sku("b"), stock=4, single=False),
        StockLevel(listing=RemoteId("5"), variant=RemoteId("0"), sku=Sku("c"), stock=4, single=True),
        StockLevel(listing=single.remote_id, variant=RemoteId("0"), sku=Sku("d"), stock=4, single=True),
    ]
    results = await stage.shopee.set_stock(wishes)
    assert [isinstance(one, Done) for one in results] == [True, False, False, True]
    assert all(isinstance(one, (Refused, Vanished)) for one in (results[1], results[2]))
    listing = good((await stage.shopee.read([placed.remote_id]))[0])
    assert {one.stock for one in listing.variants} == {4, 10}
    gone = Target(remote_id=RemoteId("5"), sku=Sku("x"), variants=())
    taken_off = await stage.shopee.withdraw([gone, target(draft, placed)])
    assert isinstance(taken_off[0], Vanished)
    assert isinstance(taken_off[1], Done)
    assert isinstance((await stage.shopee.withdraw([gone]))[0], Vanished)


@pytest.mark.parametrize("setup", [config(banned_words=("thần dược",))])
async def test_a_banned_listing_says_why(stage: ShopeeStage) -> None:
    draft = stage.draft("OCOP-B9", 90_000, title="Mật ong thần dược Mẫu")
    placed = await put(stage, draft)
    listing = good((await stage.shopee.read([placed.remote_id]))[0])
    assert listing.state is ListingState.BANNED
    assert "thần dược" in listing.reason
    (result,) = await stage.shopee.withdraw([target(draft, placed)])
    assert isinstance(result, Refused)
    assert result.code == "listing_banned"


@pytest.mark.parametrize(
    "setup",
    [replace(config(), shops=(replace(config().shops[0], warehouses=("VNA", "VNB")), *config().shops[1:]))],
)
async def test_a_shop_of_several_warehouses_needs_to_say_which(stage: ShopeeStage) -> None:
    (result,) = await stage.shopee.create([stage.draft("OCOP-L1", 90_000)])
    assert isinstance(result, Refused)
    assert result.code in ("warehouse_wrong", "remote_value_refused")
    settings = replace(stage.api.shop, values={"location_id": "VNB", "package_cm": "20x15x10"})
    there = Shopee(stage.api, settings)
    placed = good((await there.create([stage.draft("OCOP-L2", 90_000)]))[0])
    level = StockLevel(
        listing=placed.remote_id, variant=placed.variants[0][1], sku=Sku("OCOP-L2"), stock=6, single=True
    )
    assert isinstance((await there.set_stock([level]))[0], Done)
    assert good((await there.read([placed.remote_id]))[0]).variants[0].stock == 6


# ---- orders and money ----------------------------------------------------------------------------------------------


async def sold(stage: ShopeeStage, sku: str, quantity: int = 1, *, cod: bool = False) -> str:
    order_id = stage.shop.place([Want(sku=sku, quantity=quantity)], cod=cod)
    steps = [stage.shop.ship, stage.shop.deliver, stage.shop.complete]
    for step in steps if cod else [stage.shop.pay, *steps]:
        stage.later()
        step(order_id)
    return order_id


async def test_a_walk_of_45_days_asks_in_windows_of_fifteen(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-Y1", 90_000))
    since, ids = stage.clock.now(), []
    for _ in range(5):
        ids.append(stage.shop.place([Want(sku="OCOP-Y1", quantity=1)]))
        stage.later(9 * 86_400)
        await stage.shopee.check()  # a refresh token lives 30 days
    noted = Noted(stage.line)
    stage.connector = stage.again(noted)
    told = await walk(stage, since, stage.clock.now())
    assert {one.remote_id for one in told} == set(ids)
    asked = [dict(one.params) for one in noted.sent if one.path.endswith(("get_order_list", "get_return_list"))]
    widths = [
        int(one.get("time_to") or one["update_time_to"]) - int(one.get("time_from") or one["update_time_from"])
        for one in asked
    ]
    assert len(widths) == 2 * 3
    assert max(widths) == 15 * 86_400


async def test_a_return_reaches_its_order_whoever_rings(stage: ShopeeStage) -> None:
    """By the walk over returns, by the order itself, and with what was agreed about goods and money."""
    await put(stage, stage.draft("OCOP-Z1", 90_000))
    order_id = await sold(stage, "OCOP-Z1", 2)
    stage.later(3600)
    since = stage.clock.now()
    stage.shop.take_back(order_id, [Want(sku="OCOP-Z1", quantity=1)], 90_000)
    stage.later(60)
    walked = {one.remote_id: one for one in await walk(stage, since, stage.clock.now())}
    direct = await stage.shopee.order(RemoteId(order_id))
    assert walked[RemoteId(order_id)] == direct
    (refund,) = direct.refunds
    assert (refund.amount, [units for _, units in refund.units]) == (90_000, [1])
    assert direct.updated_at >= since


@pytest.mark.parametrize("setup", [config(first_return_page=1, refund_paid_status=True), config()])
async def test_returns_are_found_wherever_their_pages_begin(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-Z2", 90_000))
    since = stage.clock.now()
    order_id = await sold(stage, "OCOP-Z2")
    stage.shop.take_back(order_id, [Want(sku="OCOP-Z2", quantity=1)], 90_000)
    stage.later(60)
    page = await stage.shopee.orders(since, stage.clock.now(), None)
    assert page.next is None or (await stage.shopee.orders(since, stage.clock.now(), page.next)).items
    told = {one.remote_id: one for one in await walk(stage, since, stage.clock.now())}
    assert [one.amount for one in told[RemoteId(order_id)].refunds] == [90_000]


async def test_falsely_empty_pages_in_the_middle_of_a_walk_lose_nothing(
    running: Running, transport: HttpTransport
) -> None:
    stage = TestContract().on(running, transport)
    await put(stage, stage.draft("OCOP-E1", 90_000, stock=900))
    since, ids = stage.clock.now(), set()
    for _ in range(160):
        ids.add(stage.shop.place([Want(sku="OCOP-E1", quantity=1)]))
        stage.later(1)
    until = since + timedelta(days=20)
    stage.faults.change(Rates(empty_page=0.3), 5)
    told, page = set(), None
    while True:
        answer = await stage.shopee.orders(since, until, page)
        told |= {one.remote_id for one in answer.items}
        if answer.next is None:
            break
        page = answer.next
    assert told == ids
    assert stage.faults.given[Fault.EMPTY_PAGE] > 0


@pytest.mark.parametrize("setup", [config(full_return_cancels=True)])
async def test_a_full_return_that_cancels_is_no_failed_delivery(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-Z3", 90_000))
    order_id = stage.shop.place([Want(sku="OCOP-Z3", quantity=1)])
    for step in (stage.shop.pay, stage.shop.ship, stage.shop.deliver):
        step(order_id)
        stage.later()
    stage.shop.take_back(order_id, [Want(sku="OCOP-Z3", quantity=1)], 90_000)
    order = await stage.shopee.order(RemoteId(order_id))
    assert (order.native_state, order.state) == ("CANCELLED", OrderState.COMPLETED)
    assert [one.amount for one in order.refunds] == [90_000]


async def test_a_failed_delivery_is_told(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-Z4", 90_000))
    order_id = stage.shop.place([Want(sku="OCOP-Z4", quantity=1)], cod=True)
    stage.later()
    stage.shop.ship(order_id)
    stage.shop.fail_delivery(order_id)
    order = await stage.shopee.order(RemoteId(order_id))
    assert (order.state, order.refunds) == (OrderState.FAILED_DELIVERY, ())


async def test_units_cancelled_in_part(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-Z5", 90_000))
    order_id = stage.shop.place([Want(sku="OCOP-Z5", quantity=3)])
    stage.shop.pay(order_id)
    stage.shop.cancel(order_id, [Want(sku="OCOP-Z5", quantity=1)])
    order = await stage.shopee.order(RemoteId(order_id))
    assert [(one.quantity, one.cancelled, one.charged) for one in order.lines] == [(3, 1, 270_000)]
    assert order.state is OrderState.PAID


async def test_statements_agree_with_the_book_to_the_dong(stage: ShopeeStage) -> None:
    await put(stage, stage.draft("OCOP-M9", 93_700, stock=500))
    since = stage.clock.now()
    ids = [await sold(stage, "OCOP-M9", number % 3 + 1, cod=number % 2 == 0) for number in range(7)]
    stage.shop.take_back(ids[0], [Want(sku="OCOP-M9", quantity=1)], 93_700)
    for order_id in ids[:6]:
        stage.later()
        stage.shop.settle(order_id)
    stage.later()
    page = await stage.shopee.settlements(since, stage.clock.now(), None)
    assert (page.next, page.broken) == (None, [])
    book = {one.order_id: one for one in stage.shop.orders()}
    assert {one.order: one.amount for one in page.items} == {one: book[one].settled for one in ids[:6]}
    for one in page.items:
        entry = book[one.order]
        assert abs((one.settled_at - (entry.settled_at or START)).total_seconds()) < 1
        assert not [fee for fee in one.fees if fee.kind == "adjustment"]
        for kind in ("commission", "payment", "vat_withheld", "pit_withheld", "shipping"):
            assert sum(fee.amount for fee in one.fees if fee.kind == kind) == entry.fees.get(kind, 0)
    assert (await stage.shopee.settlements(stage.clock.now(), stage.clock.now() + timedelta(hours=1), None)).items == []


# ---- tokens --------------------------------------------------------------------------------------------------------


async def test_an_expired_token_is_renewed_once_and_the_call_repeated(stage: ShopeeStage) -> None:
    stage.pretend.authority.expire(SHOP_ID, stage.pretend.now())
    assert (await stage.shopee.check()).name == "Gian hàng 0"
    assert stage.keeper.renewals == 1
    before = stage.keeper.credentials.tokens
    assert before is not None
    stage.clock.move(timedelta(hours=5))
    assert (await stage.shopee.check()).live
    assert stage.keeper.renewals == 2
    after = stage.keeper.credentials.tokens
    assert after is not None
    assert after.refresh != before.refresh
    assert after.access_until == stage.clock.now() + timedelta(seconds=14_400)


async def test_a_spent_refresh_token_needs_the_owner(stage: ShopeeStage) -> None:
    spent = stage.keeper.credentials
    stage.pretend.authority.expire(SHOP_ID, stage.pretend.now())
    await stage.shopee.check()
    stage.clock.move(timedelta(hours=5))
    stage.keeper.credentials = spent
    with pytest.raises(Unauthorised) as told:
        await stage.shopee.check()
    assert told.value.facts["error"] == "error_shop_refresh_token"
    assert not told.value.refreshable


async def test_a_withdrawn_consent_is_not_refreshed(stage: ShopeeStage) -> None:
    stage.pretend.unlink(SHOP_ID)
    with pytest.raises(Unauthorised) as told:
        await stage.shopee.check()
    assert (told.value.code, stage.keeper.renewals) == ("shop_needs_owner", 0)


async def test_signing_in_by_the_link(stage: ShopeeStage, transport: HttpTransport) -> None:
    redirect = "http://127.0.0.1:8080/connect/shopee"
    link = Shopee.sign_in_url(
        base_url=stage.api.shop.base_url, app=APP, redirect=redirect, state="s-1", now=stage.clock.now()
    )
    request = Request(method="GET", base_url=link.split("?")[0], path="", params=tuple(
        (key, values[0]) for key, values in parse_qs(urlsplit(link).query).items()))  # fmt: skip
    back = (await transport.send(request, 5)).headers["location"]
    answer = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    assert answer["state"] == "s-1"
    stranger = Api(
        manifest=Shopee.manifest, dialect=Shopee.dialect, shop=replace(stage.api.shop, remote_id=""),
        transport=transport, keeper=MemoryKeeper(Credentials(secrets={})), pacer=NoPace(), now=stage.clock.now,
        nonce=Counter(), on_sample=lambda sample: None, sleep=Naps(),
    )  # fmt: skip
    shop_id, tokens = await Shopee.exchange(stranger, app=APP, answer=answer)
    settings = replace(stage.api.shop, remote_id=shop_id)
    keeper = MemoryKeeper(Credentials(secrets=APP, tokens=tokens))
    connected = Shopee(shop_api(settings, transport, keeper, stage.clock.now, Naps()), settings)
    card = await connected.check()
    assert (card.remote_id, card.currency, card.live) == (shop_id, "VND", True)
    assert card.authorised_until == stage.clock.now() + timedelta(days=365)
    with pytest.raises(Unauthorised):
        await Shopee.exchange(stranger, app=APP, answer=answer)


async def test_a_main_account_with_one_shop_signs_in(stage: ShopeeStage, transport: HttpTransport) -> None:
    app = stage.pretend.authority.apps[int(APP["partner_id"])]
    shops = stage.pretend.authority.of_main_account(77)
    code = stage.pretend.authority.consent(app, shops, 77, stage.pretend.now())
    shop_id, _ = await Shopee.exchange(stage.api, app=APP, answer={"code": code, "main_account_id": "77"})
    assert shop_id == str(SHOP_ID + 2)
    for wrong in ({}, {"code": "x"}, {"code": "x", "shop_id": "abc"}, {"shop_id": "1"}):
        with pytest.raises(Refused, match="sign_in_incomplete"):
            await Shopee.exchange(stage.api, app=APP, answer=wrong)


def test_the_links_of_the_real_platform() -> None:
    for host, page in (
        ("https://partner.shopeemobile.com", "https://open.shopee.com/auth"),
        ("https://openplatform.sandbox.test-stable.shopee.sg", "https://open.sandbox.test-stable.shopee.com/auth"),
    ):
        link = Shopee.sign_in_url(
            base_url=host, app=APP, redirect="https://hub.example.vn/c?a=1", state="x&y", now=START
        )
        assert link == (
            f"{page}?partner_id=1000001&auth_type=seller&redirect_uri=https%3A%2F%2Fhub.example.vn%2Fc%3Fa%3D1"
            "&response_type=code&state=x%26y"
        )


# ---- pushes --------------------------------------------------------------------------------------------------------


async def test_pushes_of_the_sandbox_are_heard(stage: ShopeeStage) -> None:
    url, heard = "https://hub.example.vn/hooks/shopee", []

    async def post(delivery: object) -> int:
        body, headers = delivery.body, dict(delivery.headers)  # type: ignore[attr-defined]
        heard.append(Shopee.hear(body, headers, url=url, secret="shpk-push-1"))
        return 200

    stage.world.post = post
    await stage.shopee.subscribe(url, "")
    await put(stage, stage.draft("OCOP-H1", 90_000))
    order_id = await sold(stage, "OCOP-H1")
    stage.shop.take_back(order_id, [Want(sku="OCOP-H1", quantity=1)], 90_000)
    stage.pretend.unlink(SHOP_ID)
    await stage.pretend.deliver_due()
    assert heard[0] is None  # the test push
    hints = [one for one in heard if one is not None]
    assert {one.object_id for one in hints if one.kind == "order"} == {order_id}
    assert [one.object_id for one in hints if one.kind == "authorisation"] == [str(SHOP_ID)]
    assert len({one.event_id for one in hints}) == len(hints)
    assert push_sign("k", url, b"x") != push_sign("l", url, b"x")


# ---- the line ------------------------------------------------------------------------------------------------------

BASE = "https://shopee.example.vn"


def on_the_line(transport: Transport, naps: Naps | None = None) -> tuple[Shopee, MemoryKeeper]:
    tokens = Tokens(access="a", refresh="r", access_until=START + timedelta(hours=4))
    keeper = MemoryKeeper(Credentials(secrets=APP, tokens=tokens))
    shop = ShopSettings(shop_id="s1", base_url=BASE, remote_id="600123")
    return Shopee(shop_api(shop, transport, keeper, lambda: START, naps or Naps()), shop), keeper


INFO = {"error": "", "message": "", "request_id": "r", "shop_name": "Gian hàng", "region": "VN", "status": "NORMAL"}


@pytest.mark.parametrize(
    "trouble",
    [
        Response(502, html="<html>502 Bad Gateway</html>"),
        Response(400, html="<html>400</html>"),
        Response(200, text=""),
        Response(200, json={"error": "error_system_busy", "message": "busy"}),
        Response(429, text="slow", headers={"Retry-After": "1"}),
        Response(200, json={"error": "error_rate_limit", "message": "too many"}),
        httpx2.ReadTimeout("late"),
        httpx2.ConnectError("down"),
        httpx2.RemoteProtocolError("cut"),
    ],
    ids=repr,
)
async def test_a_read_outlasts_trouble(
    httpx2_mock: respx.Router, transport: HttpTransport, trouble: Response | Exception
) -> None:
    route = httpx2_mock.get(url__startswith=f"{BASE}/api/v2/shop/get_shop_info")
    route.mock(side_effect=[trouble, Response(200, json=INFO)])
    shop, _ = on_the_line(transport)
    assert (await shop.check()).name == "Gian hàng"
    assert route.call_count == 2


@pytest.mark.parametrize(
    ("trouble", "sent"),
    [
        (httpx2.ReadTimeout("late"), True),
        (httpx2.ConnectError("down"), False),
        (Response(200, json={"error": "error_server", "message": "?"}), True),
        (Response(502, html="<html>502</html>"), True),
    ],
    ids=repr,
)
async def test_a_write_is_never_repeated_blindly_but_stock_is(
    httpx2_mock: respx.Router, transport: HttpTransport, trouble: Response | Exception, sent: bool
) -> None:
    tiers = httpx2_mock.post(url__startswith=f"{BASE}/api/v2/product/init_tier_variation")
    tiers.mock(side_effect=[trouble])
    shop, _ = on_the_line(transport)
    with pytest.raises(Unreachable) as told:
        await shop.api.write(dict, "POST", "/api/v2/product/init_tier_variation", params={"shop_id": 1}, json={})
    assert told.value.sent is sent
    stock = httpx2_mock.post(url__startswith=f"{BASE}/api/v2/product/update_stock")
    stock.mock(side_effect=[trouble, Response(200, json={"error": "", "response": {"success_list": []}})])
    level = StockLevel(listing=RemoteId("5"), variant=RemoteId("0"), sku=Sku("x"), stock=1, single=True)
    assert await shop.set_stock([level]) == [Done()]
    assert json.loads(stock.calls[1].request.content) == {
        "item_id": 5, "stock_list": [{"model_id": 0, "seller_stock": [{"stock": 1}]}],
    }  # fmt: skip


async def test_403_refreshes_once_signs_anew_and_gives_up_after(
    httpx2_mock: respx.Router, transport: HttpTransport
) -> None:
    no = Response(403, json={"error": "error_auth", "message": "Invalid access_token.", "request_id": "r"})
    info = httpx2_mock.get(url__startswith=f"{BASE}/api/v2/shop/get_shop_info").mock(side_effect=[no, no])
    pair = {"error": "", "access_token": "a2", "refresh_token": "r2", "expire_in": 14_400, "shop_id": 600123}
    renew = httpx2_mock.post(url__startswith=f"{BASE}/api/v2/auth/access_token/get")
    renew.mock(side_effect=[httpx2.ReadTimeout("late"), Response(200, json=pair)])
    shop, keeper = on_the_line(transport)
    with pytest.raises(Unauthorised):
        await shop.check()
    assert [one.request.url.params["access_token"] for one in info.calls] == ["a", "a2"]
    assert len({one.request.url.params["sign"] for one in info.calls}) == 2
    bodies = {one.request.content for one in renew.calls}
    assert [json.loads(one) for one in bodies] == [{"refresh_token": "r", "partner_id": 1000001, "shop_id": 600123}]
    assert "access_token" not in renew.calls[0].request.url.params
    assert keeper.renewals == 1


async def test_one_bad_order_is_set_aside_and_the_others_go_on(
    httpx2_mock: respx.Router, transport: HttpTransport
) -> None:
    fine = {"order_sn": "A", "order_status": "UNPAID", "create_time": 1, "update_time": 2, "item_list": []}
    listed = {"order_list": [{"order_sn": sn} for sn in "ABCD"], "more": False, "next_cursor": ""}
    details = [fine, {**fine, "order_sn": "B", "item_list": None}, {**fine, "order_sn": "C"},
               {**fine, "order_sn": "D", "order_status": "NEW_WORD"}]  # fmt: skip
    escrows = [{"escrow_detail": {"order_sn": "A", "order_income": {"escrow_amount": 1}}},
               {"escrow_detail": {"order_sn": "C", "order_income": {}}}]  # fmt: skip
    for path, payload in (
        ("order/get_order_list", listed), ("order/get_order_detail", {"order_list": details}),
    ):  # fmt: skip
        httpx2_mock.get(url__startswith=f"{BASE}/api/v2/{path}").respond(200, json={"error": "", "response": payload})
    batch = f"{BASE}/api/v2/payment/get_escrow_detail_batch"
    httpx2_mock.post(url__startswith=batch).respond(200, json={"error": "", "response": escrows})
    shop, _ = on_the_line(transport)
    page = await shop.orders(START, START + timedelta(days=1), f"orders|{int(START.timestamp())}|")
    assert [one.remote_id for one in page.items] == ["A"]
    assert {one.remote_id: one.path for one in page.broken} == {
        "B": "1.item_list", "C": "1.order_income.escrow_amount", "D": "order_status",
    }  # fmt: skip


async def test_escrows_are_asked_one_by_one_when_the_batch_knows_none(
    httpx2_mock: respx.Router, transport: HttpTransport
) -> None:
    order = {"order_sn": "A", "order_status": "READY_TO_SHIP", "create_time": 1, "update_time": 2, "item_list": []}
    detail = f"{BASE}/api/v2/order/get_order_detail"
    httpx2_mock.get(url__startswith=detail).respond(200, json={"error": "", "response": {"order_list": [order]}})
    httpx2_mock.post(url__startswith=f"{BASE}/api/v2/payment/get_escrow_detail_batch").respond(
        200, json={"error": "income_not_found", "message": ""}
    )
    income = {"order_sn": "A", "order_income": {"escrow_amount": 1, "voucher_from_seller": 700}}
    single = httpx2_mock.get(url__regex=r".*/payment/get_escrow_detail\?.*")
    single.mock(side_effect=[Response(200, json={"error": "income_not_found", "message": ""}),
                             Response(200, json={"error": "", "response": income})])  # fmt: skip
    shop, _ = on_the_line(transport)
    assert (await shop.order(RemoteId("A"))).seller_voucher == 0
    assert (await shop.order(RemoteId("A"))).seller_voucher == 700


def test_what_it_can_do_and_says_of_itself() -> None:
    assert load("shopee") is Shopee
    assert abilities(Shopee) == (
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "ReportsMoney", "Fulfils", "HearsEvents",
        "KnowsCategories", "SignsIn",
    )  # fmt: skip
    assert Shopee.manifest.limits.order_window_days == 15
    assert Shopee.manifest.proof.rung == "documented"
