"""TikTok Shop over real HTTP against the sandbox: the shared contract, and what only TikTok Shop does."""

import tomllib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.connectors import abilities, load
from hub.connectors.api import Credentials, HttpTransport, Request
from hub.connectors.fitting import find_leaf
from hub.connectors.model import (
    Category,
    Change,
    Done,
    FeeLine,
    ListingState,
    OrderState,
    Picture,
    ShopSettings,
    StockLevel,
)  # fmt: skip
from hub.connectors.shipping import Shipping
from hub.connectors.social import Live
from hub.connectors.tiktok_shop import TikTokShop
from hub.connectors.tiktok_shop.told import Claim
from hub.errors import Refused, Throttled, Unauthorised, Vanished
from hub.sandbox.faults import Rates
from hub.sandbox.kit import Delivery, Want
from hub.sandbox.tiktok_shop import guide
from hub.sandbox.tiktok_shop.config import TikTok
from hub.sync import rulepack
from hub.types import RemoteId, Sku
from tests.connectors.contract import Contract, MemoryKeeper, Naps, good, levels, put, shown, tags, target, walk
from tests.connectors.tiktok_shop_stage import APP, CRAFT, SECRET, SHOP_ID, TikTokStage, api_of, config, staged

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def setup() -> TikTok:
    """A test overrides this by ``@pytest.mark.parametrize("setup", [config(...)])``."""
    return config()


@pytest.fixture
async def stage(setup: TikTok, transport: HttpTransport) -> AsyncIterator[TikTokStage]:
    async with staged(setup, transport) as made:
        yield made


class TestContract(Contract):
    """The shared contract. SKUs of food have 6 characters at least here, titles 25."""


async def sold(stage: TikTokStage, sku: str, quantity: int = 1, *, until: str = "complete") -> str:
    """An order that went its whole way, or as far as ``until``."""
    order_id = stage.shop.place([Want(sku=sku, quantity=quantity)])
    for verb in ("pay", "ship", "deliver", "complete"):
        getattr(stage.shop, verb)(order_id)
        stage.later()
        if verb == until:
            break
    return order_id


# ---- listings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setup", [config(audit_seconds=3600)])
async def test_a_new_listing_is_reviewed_before_it_is_shown(stage: TikTokStage) -> None:
    draft = stage.draft("OCOP-A1", 90_000)
    placed = await put(stage, draft)
    assert (await shown(stage, placed.remote_id)).state is ListingState.REVIEWING
    assert isinstance((await stage.tiktok.withdraw([target(draft, placed)]))[0], Refused)  # the audit would show it
    assert all(isinstance(one, Done) for one in await stage.tiktok.set_price(tags(placed, 70_000)))  # by an edit
    stage.later(8000)
    listing = await shown(stage, placed.remote_id)
    assert (listing.state, listing.variants[0].price, listing.variants[0].stock) == (ListingState.LIVE, 70_000, 10)


@pytest.mark.parametrize("setup", [config(audit_seconds=3600)])
async def test_an_edit_under_audit_is_read_as_written_and_stays_on_sale(stage: TikTokStage) -> None:
    draft = stage.draft("OCOP-A2", 90_000)
    placed = await put(stage, draft)
    stage.later(3600)
    changed = replace(draft, title="Mật ong hoa bạc hà nguyên chất chai mới")
    change = Change(target=target(draft, placed), draft=changed, fields=frozenset({"title"}))
    good((await stage.tiktok.update([change]))[0])
    listing = await shown(stage, placed.remote_id)
    assert (listing.title, listing.state) == (changed.title, ListingState.LIVE)
    assert stage.shop.offers()[0].title == draft.title


async def test_a_refused_audit_says_why(stage: TikTokStage) -> None:
    draft = stage.draft("OCOP-A3", 90_000)
    answers = tuple((name, "N/A" if "giấy phép" in name else value) for name, value in draft.attributes)
    placed = await put(stage, replace(draft, attributes=answers))
    listing = await shown(stage, placed.remote_id)
    assert (listing.state, listing.reason) == (ListingState.BANNED, "Giấy phép sản phẩm không hợp lệ")


async def test_a_frozen_listing_is_banned_and_cannot_be_changed(stage: TikTokStage) -> None:
    draft = stage.draft("OCOP-A4", 90_000)
    placed = await put(stage, draft)
    stage.seller.freeze(placed.remote_id)
    listing = await shown(stage, placed.remote_id)
    assert (listing.state, listing.reason) == (ListingState.BANNED, "Vi phạm chính sách")
    change = Change(target=target(draft, placed), draft=draft, fields=frozenset({"title"}))
    (result,) = await stage.tiktok.update([change])
    assert isinstance(result, Refused)
    assert result.code == "listing_locked"
    assert await stage.tiktok.withdraw([target(draft, placed)]) == [Done()]  # nobody sees it


async def test_a_hidden_draft_is_kept_as_draft_and_shown_later(stage: TikTokStage) -> None:
    draft = replace(stage.draft("OCOP-A5", 90_000), visible=False)
    placed = await put(stage, draft)
    assert (await shown(stage, placed.remote_id)).state is ListingState.HIDDEN
    change = Change(target=target(draft, placed), draft=replace(draft, visible=True), fields=frozenset({"visible"}))
    good((await stage.tiktok.update([change]))[0])
    assert (await shown(stage, placed.remote_id)).state is ListingState.LIVE


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "Không có > Ở đâu"}, "category_unknown"),
        ({"category": "Thực phẩm và đồ uống > Rượu"}, "category_unknown"),
        ({"category": "Nhà cửa và đời sống > Vật nuôi cảnh"}, "category_refused"),
        ({"category": "Sức khỏe và làm đẹp > Thực phẩm bảo vệ sức khỏe"}, "food_papers_missing"),
        ({"category": CRAFT}, "package_size_missing"),
        ({"attributes": (("Xuất xứ", "Việt Nam"),)}, "attribute_missing"),
        ({"pictures": ()}, "picture_missing"),
        ({"pictures": (Picture(digest="gif", url=""),)}, "picture_format_wrong"),
        ({"pictures": (Picture(digest="small", url=""),)}, "picture_refused"),
        ({"title": "Mật ong"}, "title_too_short"),
        ({"description": "nhỏ < lớn"}, "description_refused"),
        ({"description": "tốt " + "!" * 12}, "description_refused"),
    ],
)
async def test_what_a_listing_is_refused_for(stage: TikTokStage, changes: dict[str, object], code: str) -> None:
    draft = replace(stage.draft("OCOP-R1", 90_000), **changes)  # type: ignore[arg-type]  # named by the test
    (result,) = await stage.tiktok.create([draft])
    assert isinstance(result, Refused)
    assert result.code == code
    assert stage.shop.listings() == []


async def test_craft_goes_with_its_parcel_size(stage: TikTokStage) -> None:
    shop = stage.with_values(package_cm="30x20x10")
    good((await shop.create([replace(stage.draft("OCOP-K1", 250_000), category=CRAFT)]))[0])
    assert next(iter(stage.seller.products.values())).shown["package_dimensions"]["length"] == "30"


@pytest.mark.parametrize("sku", ["OC-1", "OCOP 12345"])
async def test_a_sku_the_category_does_not_take(stage: TikTokStage, sku: str) -> None:
    (result,) = await stage.tiktok.create([stage.draft(sku, 90_000)])
    assert isinstance(result, Refused)
    assert result.code == "sku_wrong"


@pytest.mark.parametrize("setup", [config(new_products_a_day=2)])
async def test_new_listings_of_a_day_run_out_and_the_rest_waits(stage: TikTokStage) -> None:
    for number in (1, 2):
        await put(stage, stage.draft(f"OCOP-N{number}", 90_000))
    with pytest.raises(Throttled) as told:
        await stage.tiktok.create([stage.draft("OCOP-N3", 90_000)])
    assert (told.value.code, told.value.seconds) == ("remote_quota_spent", 3600)
    stage.later(86_400)
    await put(stage, stage.draft("OCOP-N3", 90_000))


async def test_a_listing_without_weight_is_not_sent(stage: TikTokStage) -> None:
    draft = stage.draft("OCOP-W1", 90_000)
    light = replace(draft, variants=tuple(replace(one, weight_g=0) for one in draft.variants))
    (result,) = await stage.tiktok.create([light])
    assert isinstance(result, Refused)
    assert result.code == "weight_missing"


async def test_whose_shop_this_is_is_asked_once_however_many_listings_are_read(stage: TikTokStage) -> None:
    placed = [await put(stage, stage.draft(f"OCOP-C{n}", 90_000)) for n in range(3)]
    stage.world.calls.clear()
    await stage.with_values().read([one.remote_id for one in placed])
    assert stage.world.calls == {
        "tiktok_shop/-/GET /authorization/202309/shops": 1,
        f"tiktok_shop/{SHOP_ID}/GET /product/202309/products/{{}}": 3,
    }
    kept = (await stage.tiktok.check()).values
    stage.world.calls.clear()
    await stage.with_values(**kept).read([placed[0].remote_id])
    assert sum(stage.world.calls.values()) == 1


async def test_topics_are_subscribed_once_for_an_address(stage: TikTokStage) -> None:
    listed, put_one = (f"tiktok_shop/{SHOP_ID}/{verb} /event/202309/webhooks" for verb in ("GET", "PUT"))
    for address, count in (("a", 11), ("a", 0), ("b", 11)):
        stage.world.calls.clear()
        await stage.tiktok.subscribe(f"https://hub.example.vn/hooks/{address}", "")
        assert (stage.world.calls.get(listed), stage.world.calls.get(put_one, 0)) == (1, count)


async def test_a_picture_is_sent_once(stage: TikTokStage) -> None:
    for number in (1, 2, 3):
        await put(stage, stage.draft(f"OCOP-P{number}", 90_000))
    assert stage.world.calls["tiktok_shop/-/POST /product/202309/images/upload"] == 1


async def test_a_variant_more_is_not_offered(stage: TikTokStage) -> None:
    draft = stage.draft("OCOP-V1", 90_000)
    placed = await put(stage, draft)
    more = replace(draft, variants=(*draft.variants, replace(draft.variants[0], sku=Sku("OCOP-V2"), label="2 lít")))
    (result,) = await stage.tiktok.update([Change(target=target(draft, placed), draft=more, fields=frozenset())])
    assert isinstance(result, Refused)
    assert result.code == "variants_changed"


# ---- stock and prices ----------------------------------------------------------------------------------------------


async def test_failures_inside_code_0_stand_at_their_place(stage: TikTokStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S1", 90_000, 80_000))
    first, second = levels(placed, 5)
    strange = replace(second, variant=RemoteId("1"))
    results = await stage.tiktok.set_stock([first, strange])
    assert results[0] == Done()
    assert isinstance(results[1], Vanished)


@pytest.mark.parametrize("setup", [config(zero_stock=False)])
async def test_where_zero_is_not_taken_the_product_is_hidden(stage: TikTokStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S2", 90_000, 80_000))
    assert await stage.tiktok.set_stock(levels(placed, 0)) == [Done(), Done()]
    assert list(stage.shop.offers()) == []
    assert (await shown(stage, placed.remote_id)).state is ListingState.HIDDEN


@pytest.mark.parametrize("setup", [config(zero_stock=False)])
async def test_a_listing_is_not_hidden_while_another_variant_of_it_can_be_bought(stage: TikTokStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S2", 90_000, 80_000))
    (refused,) = await stage.tiktok.set_stock(levels(placed, 0)[:1])
    assert isinstance(refused, Refused)
    assert refused.code == "stock_refused"
    assert (await shown(stage, placed.remote_id)).state is ListingState.LIVE


HOUSES = ("7068517275539719942", "7068517275539719943")


@pytest.mark.parametrize("setup", [
    replace(config(), shops=(replace(config().shops[0], warehouses=HOUSES), *config().shops[1:]))
])  # fmt: skip
async def test_all_warehouses_of_a_sku_are_named_and_others_show_nothing(stage: TikTokStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S3", 90_000))
    unit = stage.seller.products[placed.remote_id].units[0]
    unit.stock = {HOUSES[0]: 4, HOUSES[1]: 9}
    assert await stage.tiktok.set_stock(levels(placed, 3)) == [Done()]
    assert unit.stock == {HOUSES[0]: 3, HOUSES[1]: 0}
    with pytest.raises(Refused, match="warehouse_wrong"):
        await stage.with_values(warehouse_id="1").house()
    (refused,) = await stage.with_values(warehouse_id="1").set_stock(levels(placed, 5))
    assert isinstance(refused, Refused)
    assert refused.code == "warehouse_wrong"


async def test_one_warehouse_need_not_be_asked_for(stage: TikTokStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S4", 90_000))
    stage.world.calls.clear()
    assert await stage.with_values().set_stock(levels(placed, 3)) == [Done()]
    assert [(offer.sku, offer.stock) for offer in stage.shop.offers()] == [("OCOP-S4", 3)]
    assert sum(stage.world.calls.values()) == 2  # whose shop this is, and the stock


async def test_a_promotion_locks_prices_and_holds_stock(stage: TikTokStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S4", 90_000))
    stage.seller.promote(placed.remote_id, floor=5)
    for results in (await stage.tiktok.set_price(tags(placed, 1000)), await stage.tiktok.set_stock(levels(placed, 4))):
        assert isinstance(results[0], Refused)
        assert results[0].code == "locked_by_promotion"


async def test_a_listing_that_is_gone_takes_no_stock(stage: TikTokStage) -> None:
    level = StockLevel(listing=RemoteId("5"), variant=RemoteId("6"), sku=Sku("x"), stock=1, single=True)
    (result,) = await stage.tiktok.set_stock([level])
    assert isinstance(result, Vanished)


# ---- orders --------------------------------------------------------------------------------------------------------


async def test_a_return_is_found_though_the_order_did_not_move(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-T1", 90_000))
    order_id = await sold(stage, "OCOP-T1", 3)
    since = stage.clock.now()
    stage.later()
    stage.shop.take_back(order_id, [Want(sku="OCOP-T1", quantity=2)], 180_000)
    claim = stage.seller.ask_return(order_id, [Want(sku="OCOP-T1", quantity=1)], 90_000)
    stage.later()
    (order,) = await walk(stage, since, stage.clock.now())
    assert [(one.amount, one.units) for one in order.refunds] == [(180_000, ((order.lines[0].line_id, 2),))]
    assert claim.status == "RETURN_OR_REFUND_REQUEST_PENDING"


class Deaf(TikTokShop):
    """Whose second question about returns meets a falsely empty answer."""

    async def _claims(self, ids: Sequence[str]) -> list[Claim]:
        return []


async def test_a_return_that_was_told_is_not_forgotten_by_an_empty_second_answer(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-T1", 90_000))
    order_id = await sold(stage, "OCOP-T1", 3)
    since = stage.clock.now()
    stage.shop.take_back(order_id, [Want(sku="OCOP-T1", quantity=2)], 180_000)
    stage.later()
    mark = f"returns|{int(since.timestamp())}|"
    (order,) = (await Deaf(stage.api, stage.api.shop).orders(since, stage.clock.now(), mark)).items
    assert [one.amount for one in order.refunds] == [180_000]


async def test_units_cancelled_in_part(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-T2", 90_000))
    order_id = stage.shop.place([Want(sku="OCOP-T2", quantity=3)])
    stage.shop.pay(order_id)
    stage.shop.cancel(order_id, [Want(sku="OCOP-T2", quantity=1)])
    order = await stage.tiktok.order(RemoteId(order_id))
    assert [(one.quantity, one.cancelled, one.charged) for one in order.lines] == [(3, 1, 270_000)]
    assert order.state is OrderState.PAID


async def test_a_refused_parcel_is_no_sale(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-T3", 90_000))
    order_id = await sold(stage, "OCOP-T3", until="ship")
    stage.shop.fail_delivery(order_id)
    order = await stage.tiktok.order(RemoteId(order_id))
    assert (order.state, order.native_state, order.refunds) == (OrderState.FAILED_DELIVERY, "CANCELLED", ())


@pytest.mark.parametrize("setup", [config(hold_seconds=3600)])
async def test_an_order_on_hold_is_paid_but_not_sent(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-T4", 90_000))
    order_id = RemoteId(stage.shop.place([Want(sku="OCOP-T4", quantity=1)]))
    stage.shop.pay(order_id)
    order = await stage.tiktok.order(order_id)
    assert (order.state, order.native_state, order.province) == (OrderState.PAID, "ON_HOLD", "")
    with pytest.raises(Refused, match="order_state_wrong"):
        await stage.tiktok.ship(Shipping(order=order_id))
    stage.later(3600)
    assert (await stage.tiktok.order(order_id)).province == "Quảng Ninh"


async def test_falsely_empty_answers_lose_no_order(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-T5", 90_000, stock=500))
    since = stage.clock.now()
    ids = [stage.shop.place([Want(sku="OCOP-T5", quantity=1)]) for _ in range(120)]
    stage.later()
    stage.faults.change(Rates(empty_page=0.3), 5)
    found = await walk(stage, since, stage.clock.now())
    for _ in range(2):  # an empty walk is the caller's to doubt
        found = found or await walk(stage, since, stage.clock.now())
    assert sorted(one.remote_id for one in found) == sorted(ids)


# ---- money ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("setup", [config(), config(fees_negative=False)])
async def test_statements_agree_with_the_book_whatever_their_signs(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-M1", 93_700, stock=500))
    since = stage.clock.now()
    ids = [await sold(stage, "OCOP-M1", number % 3 + 1) for number in range(5)]
    stage.shop.take_back(ids[0], [Want(sku="OCOP-M1", quantity=1)], 93_700)
    for order_id in ids[:4]:
        stage.shop.settle(order_id)
    assert (await stage.tiktok.settlements(since, stage.clock.now(), None)).items == []  # the day is not over
    stage.clock.move_to(datetime(2026, 11, 22, 0, 0, tzinfo=UTC))
    page = await stage.tiktok.settlements(since, stage.clock.now() + timedelta(seconds=1), None)
    book = {one.order_id: one for one in stage.shop.orders()}
    assert {one.order: one.amount for one in page.items} == {one: book[one].settled for one in ids[:4]}
    assert len({one.statement_id for one in page.items}) == 4  # one statement, four payments: none replaces another
    for one in page.items:
        assert one.settled_at == book[one.order].settled_at == datetime(2026, 11, 22, tzinfo=UTC)
        for kind, taken in book[one.order].fees.items():
            assert sum(fee.amount for fee in one.fees if fee.kind == kind) == taken
        assert all(isinstance(fee, FeeLine) and fee.amount > 0 for fee in one.fees)


# ---- LIVE ----------------------------------------------------------------------------------------------------------


async def test_lives_and_what_creators_brought(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-L1", 90_000))
    since = stage.clock.now()
    live = stage.seller.broadcast("Phiên chợ OCOP", account="AFFILIATE_ACCOUNTS")
    order_id = stage.shop.place([Want(sku="OCOP-L1", quantity=2)])
    stage.seller.credit(order_id, "LIVE", live)
    stage.seller.on_air = ""
    other = stage.shop.place([Want(sku="OCOP-L1", quantity=1)])
    stage.seller.credit(other, "VIDEO", "7589")
    stage.later(8000)
    told: list[Live] = []
    page: str | None = None
    for _ in range(3):
        answer = await stage.tiktok.lives(since, stage.clock.now(), page)
        told += answer.items
        page = answer.next
    assert page is None
    assert [(one.remote_id, one.state, one.orders, one.units, one.revenue) for one in told] == [
        (live, "over", 1, 2, 180_000)
    ]
    rows = (await stage.tiktok.attributions(since, stage.clock.now(), None)).items
    assert {(one.order, one.sku, one.source, one.live, one.commission) for one in rows} == {
        (order_id, "OCOP-L1", "live", live, 18_000), (other, "OCOP-L1", "video", None, 9_000),
    }  # fmt: skip
    assert (await stage.tiktok.order(RemoteId(order_id))).lines[0].live_tag
    assert not (await stage.tiktok.order(RemoteId(other))).lines[0].live_tag


# ---- parcels -------------------------------------------------------------------------------------------------------


async def test_a_parcel_goes_out_and_its_label_is_fetched(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-F1", 90_000))
    order_id = RemoteId(await sold(stage, "OCOP-F1", until="pay"))
    options = await stage.tiktok.shipping_options(order_id)
    assert (options.handovers, len(options.slots)) == (("pickup", "dropoff"), 2)
    with pytest.raises(Refused, match="label_not_ready"):
        await stage.tiktok.label(order_id)
    for _ in range(2):
        shipped = await stage.tiktok.ship(Shipping(order=order_id, slot=options.slots[0].id))
    assert shipped.parcel
    label = await stage.tiktok.label(order_id)
    assert (label.content[:4], label.media) == (b"%PDF", "application/pdf")
    with pytest.raises(Refused, match="order_state_wrong"):
        await stage.tiktok.cancel(order_id, "out_of_stock")


async def test_the_seller_cancels_with_a_reason_the_platform_offers(stage: TikTokStage) -> None:
    await put(stage, stage.draft("OCOP-F2", 90_000))
    order_id = RemoteId(await sold(stage, "OCOP-F2", until="pay"))
    for _ in range(2):
        await stage.tiktok.cancel(order_id, "price_wrong")
    assert stage.seller.orders_by_id[order_id].cancel_reason == "seller_cancel_reason_wrong_price"
    assert (await stage.tiktok.order(order_id)).state is OrderState.CANCELLED
    own = RemoteId(await sold(stage, "OCOP-F2", until="pay"))
    await stage.tiktok.ship(Shipping(order=own, tracking="VN123", carrier="7117858858072016686"))
    assert stage.seller.orders_by_id[own].status == "AWAITING_COLLECTION"


# ---- tokens, sign-in, webhooks -------------------------------------------------------------------------------------


async def test_an_expired_token_is_renewed_once(stage: TikTokStage) -> None:
    stage.pretend.grants.expire("access-0", stage.pretend.now())
    assert (await stage.tiktok.check()).name == "OCOP Quảng Ninh"
    tokens = stage.keeper.credentials.tokens
    assert stage.keeper.renewals == 1
    assert tokens is not None
    assert tokens.refresh != "refresh-0"
    assert tokens.access_until == stage.clock.now() + timedelta(days=7)


async def test_a_consent_taken_back_needs_the_owner(stage: TikTokStage) -> None:
    stage.pretend.unlink(SHOP_ID)
    with pytest.raises(Unauthorised) as told:
        await stage.tiktok.check()
    assert (told.value.code, told.value.refreshable) == ("shop_needs_owner", False)


async def test_signing_in_by_the_link(stage: TikTokStage, transport: HttpTransport) -> None:
    base = stage.api.shop.base_url
    link = TikTokShop.sign_in_url(base_url=base, app=APP, redirect="", state="s-1", now=stage.clock.now())
    back = await _follow(link + "&shop_id=7494000000000000002", transport)
    assert back["state"] == "s-1"
    shop = ShopSettings(shop_id="s2", base_url=base)
    stranger = api_of(shop, transport, MemoryKeeper(Credentials(secrets={})), stage.clock, Naps())
    shop_id, tokens = await TikTokShop.exchange(stranger, app=APP, answer=back)
    assert (shop_id, tokens.refresh_until) == ("7494000000000000002", stage.clock.now() + timedelta(days=365))
    mine = replace(shop, remote_id=shop_id)
    keeper = MemoryKeeper(Credentials(secrets=APP, tokens=tokens))
    card = await TikTokShop(api_of(mine, transport, keeper, stage.clock, Naps()), mine).check()
    assert (card.remote_id, card.name, card.currency) == (shop_id, "Gian hàng hai", "VND")
    with pytest.raises(Unauthorised):
        await TikTokShop.exchange(stranger, app=APP, answer=back)
    with pytest.raises(Refused, match="sign_in_refused"):
        await TikTokShop.exchange(stranger, app=APP, answer=await _follow(link + "&deny=1", transport))


async def _follow(link: str, transport: HttpTransport) -> dict[str, str]:
    parts = urlsplit(link)
    params = tuple((key, values[0]) for key, values in parse_qs(parts.query).items())
    request = Request(method="GET", base_url=f"{parts.scheme}://{parts.netloc}", path=parts.path, params=params)
    back = (await transport.send(request, 5)).headers["location"]
    return {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}


async def test_webhooks_of_the_sandbox_are_heard(stage: TikTokStage) -> None:
    heard = []

    async def post(delivery: Delivery) -> int:
        headers = {key.lower(): value for key, value in delivery.headers}
        secret = f"{APP['app_key']}:{SECRET}"
        heard.append(TikTokShop.hear(delivery.body, headers, url=delivery.url, secret=secret))
        with pytest.raises(Unauthorised):
            TikTokShop.hear(delivery.body + b" ", headers, url=delivery.url, secret=secret)
        return 200

    stage.world.post = post
    await stage.tiktok.subscribe("https://hub.example.vn/hooks/tiktok_shop", "")
    placed = await put(stage, stage.draft("OCOP-H1", 90_000))
    order_id = RemoteId(await sold(stage, "OCOP-H1", until="pay"))
    await stage.tiktok.ship(Shipping(order=order_id))
    stage.pretend.unlink(SHOP_ID)
    await stage.pretend.deliver_due()
    hints = [one for one in heard if one is not None]
    assert {(one.kind, one.object_id) for one in hints} == {
        ("order", order_id), ("listing", placed.remote_id), ("authorisation", SHOP_ID),
    }  # fmt: skip
    assert {one.shop_remote_id for one in hints} == {SHOP_ID}
    assert len({one.event_id for one in hints}) == len(hints)


def test_what_it_can_do_and_says_of_itself() -> None:
    assert load("tiktok_shop") is TikTokShop
    assert abilities(TikTokShop) == (
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "ReportsMoney", "Fulfils", "ReportsLive",
        "HearsEvents", "KnowsCategories", "SignsIn",
    )  # fmt: skip
    assert TikTokShop.manifest.proof.rung == "sandbox"


def test_the_rule_pack_names_leaves_of_the_tree_for_every_set_of_goods() -> None:
    channel, categories = (
        tomllib.loads((ROOT / "config" / folder / "tiktok_shop.toml").read_text(encoding="utf-8"))
        for folder in ("channels", "categories")
    )
    rules = rulepack.parse("tiktok_shop", channel, categories)
    assert set(rules.categories) == set(range(1, 27))
    tree = [
        Category(id=one["id"], parent=one["parent_id"], name=one["local_name"], leaf=one["is_leaf"])
        for root in guide.ROOTS for leaf, _ in guide.ROOTS[root][1] for one in guide.chain(leaf)
    ]  # fmt: skip
    unique = list({one.id: one for one in tree}.values())
    for number, path in rules.categories.items():
        if number != 26:  # a service is not sent
            assert find_leaf(unique, path, "TikTok Shop"), number
    assert (rules.title.min, rules.title.max, rules.sku_max) == (25, 255, 50)
