"""Lazada over real HTTP against the sandbox: the shared contract, and what only Lazada does."""

import tomllib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.connectors.api import Credentials, HttpTransport, Request
from hub.connectors.fitting import find_leaf
from hub.connectors.lazada import Lazada
from hub.connectors.model import (
    Change,
    Done,
    FieldName,
    Hint,
    ListingState,
    OrderState,
    Picture,
    PriceTag,
    Settlement,
    StockLevel,
)
from hub.connectors.shipping import CancelReason, Shipping
from hub.errors import Refused, Unauthorised, Vanished
from hub.sandbox.kit import Delivery, Want
from hub.sandbox.lazada import LazadaConfig, default_lazada
from hub.sync import rulepack
from hub.sync.connect import app_hook_secret
from hub.types import RemoteId
from tests.connectors.contract import START, Contract, figures, levels, put, shown, tags, target, walk
from tests.connectors.lazada_world import APP, SELLER, LazadaStage, lazada_stage


@pytest.fixture
def setup() -> LazadaConfig:
    return default_lazada()


@pytest.fixture
async def stage(setup: LazadaConfig, transport: HttpTransport) -> AsyncIterator[LazadaStage]:
    async with lazada_stage(transport, setup) as made:
        yield made


class TestContract(Contract):
    """What every connector must do."""


# ---- stock and prices ----------------------------------------------------------------------------------------------


async def test_stock_is_what_can_be_sold_and_orders_that_wait_are_not_counted_twice(stage: LazadaStage) -> None:
    placed = await put(stage, stage.draft("OCOP-S9", 90_000, stock=10))
    stage.shop.place([Want(sku="OCOP-S9", quantity=3)])
    stage.shop.place([Want(sku="OCOP-S9", quantity=2)], cod=True)
    sku = next(iter(stage.desk.items.values())).skus[0]
    assert (sku.sellable, sku.withhold, sku.occupy, sku.total) == (5, 3, 2, 10)
    assert await stage.lazada.set_stock(levels(placed, 4)) == [Done()]
    assert (sku.sellable, sku.total) == (4, 9)
    assert figures(await shown(stage, placed.remote_id)) == {"OCOP-S9": (90_000, 4)}


async def test_what_fails_of_a_batch_stands_at_its_place_under_code_0(stage: LazadaStage) -> None:
    first, second = [await put(stage, stage.draft(f"OCOP-P{n}", 90_000)) for n in (1, 2)]
    stage.desk.items[int(second.remote_id)].skus[0].locked = 8
    results = await stage.lazada.set_stock([*levels(first, 3), *levels(second, 3)])
    assert results[0] == Done()
    assert isinstance(results[1], Refused)
    assert (results[1].code, results[1].facts["remote_code"]) == ("locked_by_promotion", "4170")
    stranger = replace(levels(first, 3)[0], variant=RemoteId("1"))
    gone, fine = await stage.lazada.set_price([*tags_of([stranger], 80_000), *tags(second, 80_000)])
    assert isinstance(gone, Vanished)
    assert fine == Done()
    alone = await stage.lazada.set_price(tags_of([stranger], 80_000))
    assert [type(one) for one in alone] == [Vanished]


def tags_of(asked: Sequence[StockLevel], price: int) -> list[PriceTag]:
    return [
        PriceTag(listing=one.listing, variant=one.variant, sku=one.sku, price=price, single=one.single)
        for one in asked
    ]  # fmt: skip


async def test_a_price_below_a_running_campaign_is_refused_and_the_campaign_is_no_drift(stage: LazadaStage) -> None:
    placed = await put(stage, stage.draft("OCOP-C9", 90_000))
    sku = stage.desk.items[int(placed.remote_id)].skus[0]
    sku.special_price = 80_000
    (result,) = await stage.lazada.set_price(tags(placed, 70_000))
    assert isinstance(result, Refused)
    assert result.code == "price_refused"
    assert [one.price for one in stage.shop.offers()] == [80_000]
    assert figures(await shown(stage, placed.remote_id)) == {"OCOP-C9": (90_000, 10)}


@pytest.mark.parametrize(
    "setup",
    [replace(default_lazada(), shops=(replace(default_lazada().shops[0], warehouses=("dropshipping", "HN-2")),))],
)
async def test_a_seller_with_several_warehouses_names_one(stage: LazadaStage) -> None:
    placed = await put(stage, stage.draft("OCOP-K1", 90_000))
    (refused,) = await stage.lazada.set_stock(levels(placed, 4))
    assert isinstance(refused, Refused)
    assert await stage.again(warehouse="HN-2").set_stock(levels(placed, 4)) == [Done()]
    assert [one.stock for one in stage.shop.offers()] == [4]


# ---- listings ------------------------------------------------------------------------------------------------------


async def test_nothing_is_filled_in_and_pictures_are_sent_once(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-A8", 90_000))
    await put(stage, stage.draft("OCOP-A9", 80_000, 95_000))
    made, other = stage.desk.items.values()
    assert "storage_instruction" not in made.attributes
    assert made.attributes["country_of_origin"] == "Việt Nam"
    assert made.attributes["brand_id"] == "30768"
    assert made.attributes["description"].startswith("<p>")
    assert made.images == other.images
    assert made.images[0].startswith("https://vn-live-02.slatic.net/")
    assert stage.world.calls["lazada/-/POST /image/upload"] == 1
    assert [one.sale for one in other.skus] == [{"package_choice": "Chai 1 lít"}, {"package_choice": "Chai 2 lít"}]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": "Mật ong bạc hà " * 20}, "title_too_long"),
        ({"title": 'Mật ong "bạc hà" Mẫu'}, "title_refused"),
        ({"category": "Bách Hóa"}, "category_unknown"),
        ({"attributes": ()}, "attribute_missing"),
        ({"pictures": ()}, "pictures_too_few"),
        ({"pictures": (Picture(digest="missing", url=""),)}, "picture_missing"),
    ],
    ids=str,
)
async def test_a_draft_that_does_not_fit_is_refused_with_its_reason(
    stage: LazadaStage, changed: dict[str, object], code: str
) -> None:
    draft = replace(stage.draft("OCOP-N1", 90_000), **changed)  # type: ignore[arg-type]  # named by the test
    (result,) = await stage.lazada.create([draft])
    assert isinstance(result, Refused)
    assert result.code == code
    assert list(stage.shop.listings()) == []


async def test_a_title_too_long_in_bytes_only(stage: LazadaStage) -> None:
    title = "ữ" * 86  # 258 bytes
    (result,) = await stage.lazada.create([stage.draft("OCOP-N2", 90_000, title=title)])
    assert isinstance(result, Refused)
    assert result.facts == {"length": 258, "max": 255}


async def test_a_second_create_of_a_sku_is_refused(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-N3", 90_000))
    (result,) = await stage.lazada.create([stage.draft("OCOP-N3", 90_000)])
    assert isinstance(result, Refused)
    assert (result.code, result.facts["remote_code"]) == ("sku_taken", "4105")


async def test_withdrawing_twice_is_fine(stage: LazadaStage) -> None:
    draft = stage.draft("OCOP-N4", 90_000)
    placed = await put(stage, draft)
    for _ in range(2):
        assert await stage.lazada.withdraw([target(draft, placed)]) == [Done()]
    lost = replace(target(draft, placed), remote_id=RemoteId("1"))
    assert isinstance((await stage.lazada.withdraw([lost]))[0], Vanished)


@pytest.mark.parametrize("setup", [replace(default_lazada(), review_seconds=3600, banned_categories=(10002001,))])
async def test_quality_control_reviews_bans_and_says_why(stage: LazadaStage) -> None:
    placed = await put(stage, stage.draft("OCOP-Q1", 90_000))
    assert (await shown(stage, placed.remote_id)).state is ListingState.REVIEWING
    stage.desk.judge(int(placed.remote_id), "Rejected", "Thiếu giấy chứng nhận")
    told = await shown(stage, placed.remote_id)
    assert (told.state, told.reason) == (ListingState.BANNED, "Thiếu giấy chứng nhận")
    banned = replace(stage.draft("OCOP-Q2", 90_000), category="10002001")
    (result,) = await stage.lazada.create([banned])
    assert isinstance(result, Refused)
    assert (result.code, result.facts["remote_code"]) == ("category_refused", "512")


async def test_all_fields_of_a_listing_can_change(stage: LazadaStage) -> None:
    draft = stage.draft("OCOP-U8", 80_000, 95_000)
    placed = await put(stage, draft)
    new = replace(
        draft, title="Mật ong rừng tràm Mẫu", description="Đoạn một.\n\nĐoạn hai <b>.", short="Nguyên chất",
        pictures=(Picture(digest="jar", url=""), Picture(digest="pot", url="")),
        attributes=(("Xuất xứ", "viet nam"), ("Hạn sử dụng (tháng)", "18")),
        category="Bách Hóa > Đặc Sản Và Thực Phẩm Khô > Gia vị khô",
    )  # fmt: skip
    fields: frozenset[FieldName] = frozenset(
        {"title", "description", "short", "pictures", "attributes", "category", "visible"}
    )
    (done,) = await stage.lazada.update([Change(target=target(draft, placed), draft=new, fields=fields)])
    assert isinstance(done, Done)
    told = await shown(stage, placed.remote_id)
    assert (told.title, told.description) == (new.title, new.description)
    assert told.picture_ids == done.picture_ids
    assert len(told.picture_ids) == 2
    assert dict(told.attributes) == {"country_of_origin": "Việt Nam", "shelf_life": "18 tháng"}
    assert stage.desk.items[int(placed.remote_id)].attributes["short_description"] == "<ul><li>Nguyên chất</li></ul>"
    assert figures(told) == {"OCOP-U8-1": (80_000, 10), "OCOP-U8-2": (95_000, 10)}


async def test_every_product_set_has_one_leaf(stage: LazadaStage) -> None:
    places = (Path("config/channels/lazada.toml"), Path("config/categories/lazada.toml"))
    pack = rulepack.parse("lazada", *(tomllib.loads(one.read_text(encoding="utf-8")) for one in places))
    tree = await stage.lazada.categories()
    leaves = {find_leaf(tree, pack.categories[number], "lazada") for number in range(1, 27)}
    assert len(leaves) == 26
    told = rulepack.check(stage.draft("OCOP-Q1", 90_000, title='Mật ong "Xanh" | hoa nhãn'), pack)
    assert [(one.code, one.facts) for one in told if one.code.startswith("title")] == [
        ("title_refused", {"message": '" |'})
    ]


# ---- orders, returns, money ----------------------------------------------------------------------------------------


async def delivered(stage: LazadaStage, sku: str, quantity: int, *, cod: bool = False, ours: int = 0) -> str:
    order_id = stage.shop.place([Want(sku=sku, quantity=quantity)], cod=cod, seller_voucher=ours)
    if not cod:
        stage.shop.pay(order_id)
    for step in (stage.shop.ship, stage.shop.deliver):
        stage.later(3600)
        step(order_id)
    return order_id


async def test_one_item_per_unit_becomes_one_line(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-E1", 90_000))
    order_id = stage.shop.place([Want(sku="OCOP-E1", quantity=3)], seller_voucher=10_001, platform_voucher=7)
    stage.shop.pay(order_id)
    stage.shop.cancel(order_id, [Want(sku="OCOP-E1", quantity=1)])
    order = await stage.told(order_id)
    assert [(one.quantity, one.cancelled, one.charged) for one in order.lines] == [(3, 1, 270_000)]
    assert (order.seller_voucher, order.platform_voucher, order.state) == (10_001, 7, OrderState.PAID)
    assert (order.province, order.native_state) == ("", "canceled,pending")
    assert order.refunds == ()


@pytest.mark.parametrize("setup", [replace(default_lazada(), masked=False)])
async def test_the_province_is_told_when_it_is_not_masked(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-E2", 90_000))
    assert (await stage.told(stage.shop.place([Want(sku="OCOP-E2", quantity=1)]))).province == "Hà Nội"


async def test_a_refused_parcel_is_neither_sold_nor_refunded(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-E3", 90_000))
    order_id = stage.shop.place([Want(sku="OCOP-E3", quantity=2)], cod=True)
    stage.later()
    stage.shop.ship(order_id)
    stage.shop.fail_delivery(order_id)
    order = await stage.told(order_id)
    assert (order.state, order.refunds, order.delivered_at) == (OrderState.FAILED_DELIVERY, (), None)
    assert [one.cancelled for one in order.lines] == [0]


async def test_a_return_is_found_by_its_own_change_and_is_whole_dong(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-E4", 90_000))
    order_id = await delivered(stage, "OCOP-E4", 3)
    stage.later()
    since = stage.clock.now()
    stage.shop.take_back(order_id, [Want(sku="OCOP-E4", quantity=2)], 150_001)
    stage.later()
    order = next(one for one in await walk(stage, since, stage.clock.now()) if one.refunds)
    line = order.lines[0].line_id
    assert [(one.amount, one.units) for one in order.refunds] == [(150_001, ((line, 2),))]
    assert order.state is OrderState.DELIVERED
    page = await stage.lazada.orders(since, stage.clock.now(), f"returns|{int(since.timestamp())}|")
    assert [one.remote_id for one in page.items] == [order_id]


async def test_a_mere_refund_is_told_though_no_unit_tells_of_it(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-M8", 93_700))
    order_id = await delivered(stage, "OCOP-M8", 2)
    since = stage.clock.now()
    traded = stage.desk.trade[int(order_id)]
    stage.desk._reverse(traded, "ONLY_REFUND", [(traded.units[0], 5_000)], "REFUND_SUCCESS")
    stage.later()
    page = await stage.lazada.orders(since, stage.clock.now(), f"returns|{int(since.timestamp())}|")
    assert [[(one.amount, one.units) for one in order.refunds] for order in page.items] == [[(5_000, ())]]


@pytest.mark.parametrize("tax_inside", [False, True], ids=["rows of tax", "tax inside a row"])
async def test_statements_agree_with_the_book_to_the_dong(stage: LazadaStage, tax_inside: bool) -> None:
    stage.desk.config = replace(stage.desk.config, tax_inside=tax_inside)
    await put(stage, stage.draft("OCOP-M9", 93_700, stock=500))
    since = stage.clock.now()
    ids = [await delivered(stage, "OCOP-M9", n % 3 + 1, cod=n % 2 == 0, ours=n * 1001) for n in range(6)]
    stage.shop.take_back(ids[0], [Want(sku="OCOP-M9", quantity=1)], 93_700)
    for order_id in ids[:5]:
        stage.later()
        stage.shop.settle(order_id)
    stage.later()
    told: list[Settlement] = []
    page: str | None = None
    while True:
        answer = await stage.lazada.settlements(since, stage.clock.now(), page)
        told += answer.items
        page = answer.next
        if page is None:
            break
    book = {one.order_id: one for one in stage.shop.orders()}
    assert {one.order: one.amount for one in told} == {one: book[one].settled for one in ids[:5]}
    for one in told:
        entry = book[one.order]
        by_kind = {kind: sum(fee.amount for fee in one.fees if fee.kind == kind) for kind in entry.fees}
        if tax_inside:  # one figure, whose it is nobody says
            assert by_kind.pop("pit_withheld") == entry.fees.pop("pit_withheld") + entry.fees["vat_withheld"]
            by_kind["vat_withheld"] = entry.fees["vat_withheld"]
        assert by_kind == entry.fees
        assert sum(fee.amount for fee in one.fees if fee.kind == "voucher") == entry.seller_voucher
        assert not [fee for fee in one.fees if fee.kind == "other"]
        refunded = sum(amount for _, amount in entry.refunds)
        goods = sum(line.unit_price * line.quantity for line in entry.lines)
        assert one.amount == goods - refunded - sum(fee.amount for fee in one.fees)


# ---- parcels -------------------------------------------------------------------------------------------------------


async def test_pack_call_the_carrier_and_print(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-B8", 90_000))
    order = RemoteId(stage.shop.place([Want(sku="OCOP-B8", quantity=2)]))
    for ask in (stage.lazada.pack, stage.lazada.shipping_options):
        with pytest.raises(Refused, match="order_state_wrong"):
            await ask(order)
    stage.shop.pay(order)
    with pytest.raises(Refused, match="label_not_ready"):
        await stage.lazada.label(order)
    assert (await stage.lazada.shipping_options(order)).handovers == ("pickup",)
    for _ in range(2):
        await stage.lazada.pack(order)
    shipped = [await stage.lazada.ship(Shipping(order=order)) for _ in range(2)]
    assert shipped[0] == shipped[1]
    assert shipped[0].parcel.startswith("FP")
    assert shipped[0].tracking.startswith("LMP")
    label = await stage.lazada.label(order)
    assert label.content.startswith(b"%PDF")
    assert (await stage.told(order)).native_state == "ready_to_ship"
    sku = next(iter(stage.desk.items.values())).skus[0]
    assert (sku.occupy, sku.sellable) == (0, 8)


@pytest.mark.parametrize("setup", [replace(default_lazada(), label_inside=True)])
async def test_a_label_inside_the_answer(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-B7", 90_000))
    order = RemoteId(stage.shop.place([Want(sku="OCOP-B7", quantity=1)], cod=True))
    await stage.lazada.pack(order)
    assert (await stage.lazada.label(order)).content.startswith(b"%PDF")


async def test_a_part_of_an_order_is_sent(stage: LazadaStage) -> None:
    await put(stage, stage.draft("OCOP-B9", 90_000))
    order = RemoteId(stage.shop.place([Want(sku="OCOP-B9", quantity=3)], cod=True))
    line = (await stage.told(order)).lines[0].line_id
    await stage.lazada.ship(Shipping(order=order, lines={line: 1}))
    assert (await stage.told(order)).native_state == "pending,ready_to_ship"
    await stage.lazada.ship(Shipping(order=order))
    assert (await stage.told(order)).native_state == "ready_to_ship"


@pytest.mark.parametrize(("reason", "left"), [("buyer_asked", 10), ("other", 10), ("out_of_stock", 0)])
async def test_cancelling_empties_the_stock_only_when_that_was_meant(
    stage: LazadaStage, reason: CancelReason, left: int
) -> None:
    await put(stage, stage.draft("OCOP-X9", 90_000))
    order = RemoteId(stage.shop.place([Want(sku="OCOP-X9", quantity=2)], cod=True))
    for _ in range(2):
        await stage.lazada.cancel(order, reason)
    assert (await stage.told(order)).state is OrderState.CANCELLED
    assert sum(one.stock for one in stage.shop.offers()) == left
    gone = RemoteId(await delivered(stage, "OCOP-X9", 1)) if left else None
    if gone:
        with pytest.raises(Refused, match="order_state_wrong"):
            await stage.lazada.cancel(gone, reason)


async def test_a_product_is_highlighted_in_a_running_live_only(stage: LazadaStage) -> None:
    placed = await put(stage, stage.draft("OCOP-L9", 90_000))
    with pytest.raises(Vanished) as told:
        await stage.lazada.highlight(RemoteId("77"), placed.remote_id)
    assert told.value.facts["remote_code"] == "BIZ_LIVE_NOT_FOUND"
    stage.desk.live = "77"
    await stage.lazada.highlight(RemoteId("77"), placed.remote_id)
    await stage.again(presenter_id="77").highlight(RemoteId("any"), placed.remote_id)
    assert stage.desk.highlighted == placed.remote_id


# ---- signing in, tokens, pushes ------------------------------------------------------------------------------------


async def test_signing_in_by_the_link(stage: LazadaStage, transport: HttpTransport) -> None:
    base = stage.api.shop.base_url
    link = Lazada.sign_in_url(
        base_url=base, app=APP, redirect="http://127.0.0.1/back", state="s-1", now=stage.clock.now()
    )
    request = Request(method="GET", base_url=link.split("?")[0], path="", params=tuple(
        (key, values[0]) for key, values in parse_qs(urlsplit(link).query).items()))  # fmt: skip
    back = (await transport.send(request, 5)).headers["location"]
    answer = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    assert answer["state"] == "s-1"
    seller, got = await Lazada.exchange(stage.api, app=APP, answer=answer)
    assert seller == SELLER
    assert got.access_until == stage.clock.now() + timedelta(days=30)
    assert got.refresh_until == stage.clock.now() + timedelta(days=180)
    stage.keeper.credentials = Credentials(secrets=APP, tokens=got)
    assert (await stage.lazada.check()).name == "Gian hàng Lazada 1"
    with pytest.raises(Unauthorised):  # works once
        await Lazada.exchange(stage.api, app=APP, answer=answer)
    with pytest.raises(Refused, match="sign_in_incomplete"):
        await Lazada.exchange(stage.api, app=APP, answer={})


async def test_a_token_is_renewed_and_the_refresh_token_lives_no_longer(stage: LazadaStage) -> None:
    stage.pretend.authority.expire(SELLER)
    assert (await stage.lazada.check()).live
    assert stage.keeper.renewals == 1
    stage.clock.move(timedelta(days=30))
    assert (await stage.lazada.check()).live
    now = stage.keeper.credentials.tokens
    assert now is not None
    assert now.refresh_until == START + timedelta(days=180)
    stage.clock.move(timedelta(days=151))
    with pytest.raises(Unauthorised) as told:
        await stage.lazada.check()
    assert (told.value.facts["remote_code"], told.value.refreshable) == ("IllegalRefreshToken", False)


async def test_a_withdrawn_consent_needs_the_owner(stage: LazadaStage) -> None:
    stage.pretend.authority.unlink(SELLER)
    with pytest.raises(Unauthorised) as told:
        await stage.lazada.check()
    assert told.value.code == "shop_needs_owner"


async def test_pushes_of_the_sandbox_are_heard(stage: LazadaStage) -> None:
    secret = app_hook_secret(Lazada, APP)
    assert secret == "123456:lzd-sandbox-secret-1"
    box = stage.pretend.outboxes["123456"]
    box.url = "https://hub.example.vn/hooks/lazada"
    heard: list[Hint | None] = []

    async def post(delivery: Delivery) -> int:
        heard.append(Lazada.hear(delivery.body, dict(delivery.headers), url=delivery.url, secret=secret))
        return 200

    stage.world.post = post
    placed = await put(stage, stage.draft("OCOP-H1", 90_000))
    order_id = await delivered(stage, "OCOP-H1", 1, cod=True)
    stage.shop.take_back(order_id, [Want(sku="OCOP-H1", quantity=1)], 90_000)
    stage.clock.move(timedelta(days=29))
    await stage.pretend.deliver_due()
    hints = [one for one in heard if one is not None]
    assert {one.object_id for one in hints if one.kind == "order"} == {order_id}
    assert {one.object_id for one in hints if one.kind == "listing"} == {placed.remote_id}
    assert SELLER in {one.object_id for one in hints if one.kind == "authorisation"}
    assert {one.shop_remote_id for one in hints if one.kind != "authorisation"} == {SELLER}
    states = [one for one in hints if one.kind == "order"]
    assert len({one.event_id for one in states}) == len(states)  # unpaid and pending of one second are two events
