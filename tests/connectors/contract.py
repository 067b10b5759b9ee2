"""What every connector must do, whatever its platform, over real HTTP against the sandbox.

A test class derives from :class:`Contract` and gives the fixture ``stage``. Marks on abilities are not needed: a test
asks with ``isinstance`` and is skipped where the platform has no such word.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from hub.clock import ShiftedClock
from hub.connectors.api import Answer, Api, Credentials, Request, Sample, Transport
from hub.connectors.base import (
    Connector,
    Fulfils,
    HearsEvents,
    KeepsPrices,
    KeepsStock,
    Publishes,
    ReadsBack,
    TakesOrders,
)
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    DraftVariant,
    Listing,
    ListingState,
    OrderState,
    Pace,
    Placed,
    PriceTag,
    RemoteOrder,
    Result,
    ShopSettings,
    StockLevel,
    Target,
    Tokens,
)
from hub.connectors.shipping import Label, Shipping
from hub.errors import HubError, Refused, Throttled, Unauthorised, Unreachable, Vanished
from hub.sandbox.faults import Faults, Rates
from hub.sandbox.kit import NotOffered, SandboxShop, Want, World
from hub.types import RemoteId, Sku

ABOUT_ORDERS = frozenset(
    f"test_{name}"
    for name in (
        "the_walk_over_orders_loses_none_and_doubles_none", "an_order_tells_its_lines_to_the_dong",
        "a_seller_voucher_is_told", "a_gift_costs_nothing", "the_way_of_an_order_only_goes_forward",
        "cash_on_delivery_is_not_paid_before", "a_cancelled_order_says_so", "a_return_tells_units_and_money",
        "an_order_that_changes_during_the_walk_shifts_no_other",
    )
)  # fmt: skip
"""What a platform without orders is not asked."""
LABELS = {"application/pdf": b"%PDF", "application/zip": b"PK", "text/html": b"<", "image/png": b"\x89PNG"}
"""How a file of each kind begins."""
START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
T = TypeVar("T")


@dataclass
class MemoryKeeper:
    """Credentials of one shop in memory; counts how often they were renewed."""

    credentials: Credentials
    renewals: int = 0

    async def current(self) -> Credentials:
        return self.credentials

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        if seen.tokens == self.credentials.tokens:
            self.credentials = replace(self.credentials, tokens=await renew(self.credentials))
            self.renewals += 1
        return self.credentials


@dataclass
class NoPace:
    """Counts calls, never waits."""

    taken: list[str] = field(default_factory=list)

    async def take(self, key: str, pace: Pace) -> None:
        self.taken.append(key)


@dataclass
class Naps:
    """A sleep that only notes how long."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Script:
    """A transport that answers from a function and keeps what was sent."""

    answer: Callable[[Request], Answer | Exception]
    sent: list[Request] = field(default_factory=list)

    async def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append(request)
        given = self.answer(request)
        if isinstance(given, Exception):
            raise given
        return given

    async def close(self) -> None:
        return None


@dataclass
class Counter:
    """Nonces: 1, 2, 3 ..., 40 hexadecimal digits each."""

    last: int = 0

    def __call__(self) -> str:
        self.last += 1
        return f"{self.last:040x}"


def make_api(
    kind: type[Connector], shop: ShopSettings, transport: Transport, keeper: MemoryKeeper, *,
    now: Callable[[], datetime] = lambda: START, naps: Naps | None = None, samples: list[Sample] | None = None,
) -> Api:  # fmt: skip
    """An Api on memory: no pace, no real sleep."""
    seen: list[Sample] = [] if samples is None else samples
    return Api(
        manifest=kind.manifest, dialect=kind.dialect, shop=shop, transport=transport, keeper=keeper, pacer=NoPace(),
        now=now, nonce=Counter(), on_sample=seen.append, sleep=naps or Naps(),
    )  # fmt: skip


@dataclass(kw_only=True)
class Stage:
    """One shop of one sandbox with its connector on it."""

    connector: Connector
    shop: SandboxShop
    world: World
    clock: ShiftedClock
    faults: Faults
    keeper: MemoryKeeper
    naps: Naps
    category: str
    picture_url: str = ""

    def later(self, seconds: float = 60) -> None:
        """Time goes by in the sandbox and the hub alike."""
        self.clock.move(timedelta(seconds=seconds))

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        """A draft with one variant per price; as in the hub, its SKU is that of its first variant."""
        skus = [name] if len(prices) == 1 else [f"{name}-{place}" for place in range(1, len(prices) + 1)]
        return Draft(
            sku=Sku(skus[0]),
            title=title or f"Mật ong hoa nhãn nguyên chất {name}",
            description=("Mật ong hoa nhãn khai thác tại vườn, lọc thô, không pha đường. " * 3)[:-1]
            + "\n\nBảo quản nơi khô mát, tránh ánh nắng trực tiếp.",
            category=self.category,
            variants=tuple(
                DraftVariant(sku=Sku(sku), price=price, stock=stock, label=f"Chai {place} lít", weight_g=1000)
                for place, (sku, price) in enumerate(zip(skus, prices, strict=True), 1)
            ),
            attributes=(("Xuất xứ", "Việt Nam"),),
        )


def good(result: Result[T]) -> T:
    """The value, or the failure raised."""
    if isinstance(result, HubError):
        raise result
    return result


async def put(stage: Stage, draft: Draft) -> Placed:
    """Create one listing that must succeed."""
    assert isinstance(stage.connector, Publishes)
    return good((await stage.connector.create([draft]))[0])


async def shown(stage: Stage, remote_id: RemoteId) -> Listing:
    assert isinstance(stage.connector, ReadsBack)
    return good((await stage.connector.read([remote_id]))[0])


async def walk(stage: Stage, since: datetime, until: datetime) -> list[RemoteOrder]:
    """All orders of a window, page by page."""
    assert isinstance(stage.connector, TakesOrders)
    told: list[RemoteOrder] = []
    page: str | None = None
    for _ in range(100):
        answer = await stage.connector.orders(since, until, page)
        assert not answer.broken
        told.extend(answer.items)
        page = answer.next
        if page is None:
            return told
    raise AssertionError("the walk does not end")


def target(draft: Draft, placed: Placed) -> Target:
    return Target(remote_id=placed.remote_id, sku=draft.sku, variants=placed.variants, picture_ids=placed.picture_ids)


def levels(placed: Placed, stock: int) -> list[StockLevel]:
    single = len(placed.variants) == 1 and placed.variants[0][1] in ("", "0", placed.remote_id)
    return [
        StockLevel(listing=placed.remote_id, variant=variant, sku=sku, stock=stock, single=single)
        for sku, variant in placed.variants
    ]


def tags(placed: Placed, price: int) -> list[PriceTag]:
    return [
        PriceTag(listing=one.listing, variant=one.variant, sku=one.sku, price=price, single=one.single)
        for one in levels(placed, 0)
    ]


def figures(listing: Listing) -> dict[Sku, tuple[int | None, int | None]]:
    return {one.sku: (one.price, one.stock) for one in listing.variants}


class Contract:
    """Derive, give ``stage``, add what is the platform's own."""

    unknown = RemoteId("999999999")

    @pytest.fixture(autouse=True)
    def _able(self, request: pytest.FixtureRequest, stage: Stage) -> None:
        if request.function.__name__ in ABOUT_ORDERS and not isinstance(stage.connector, TakesOrders):
            pytest.skip("the platform has no orders")

    async def test_check_names_the_shop(self, stage: Stage) -> None:
        card = await stage.connector.check()
        assert card.live
        assert card.remote_id
        assert card.name

    @pytest.mark.parametrize("prices", [(120_000,), (80_000, 150_000, 210_000)])
    async def test_what_is_created_reads_back_equal(self, stage: Stage, prices: Sequence[int]) -> None:
        draft = stage.draft("OCOP-A1", *prices, stock=7)
        placed = await put(stage, draft)
        listing = await shown(stage, placed.remote_id)
        assert placed.sku == draft.sku
        assert (listing.title, listing.description, listing.state) == (
            draft.title,
            draft.description,
            ListingState.LIVE,
        )
        assert figures(listing) == {one.sku: (one.price, 7) for one in draft.variants}
        assert {(one.sku, one.remote_id) for one in listing.variants} == set(placed.variants)

    @pytest.mark.parametrize("prices", [(120_000,), (80_000, 150_000)])
    async def test_find_tells_what_is_there_so_nothing_is_created_twice(
        self, stage: Stage, prices: Sequence[int]
    ) -> None:
        assert isinstance(stage.connector, Publishes)
        draft = stage.draft("OCOP-F1", *prices)
        assert await stage.connector.find(draft.sku) is None
        placed = await put(stage, draft)
        found = await stage.connector.find(draft.sku)
        assert found is not None
        assert found.remote_id == placed.remote_id
        assert await stage.connector.find(Sku("OCOP-F")) is None
        assert len(stage.shop.listings()) == len({row["sku"] for row in stage.shop.listings()})

    async def test_one_bad_draft_does_not_stop_the_others(self, stage: Stage) -> None:
        assert isinstance(stage.connector, Publishes)
        bad = replace(stage.draft("OCOP-B2", 90_000), category="999999-khong-co")
        results = [
            *await stage.connector.create([stage.draft("OCOP-B1", 90_000)]),
            *await stage.connector.create([bad]),
            *await stage.connector.create([stage.draft("OCOP-B3", 90_000)]),
        ]
        assert [isinstance(one, Placed) for one in results] == [True, False, True]
        assert {row["sku"] for row in stage.shop.listings()} >= {"OCOP-B1", "OCOP-B3"}

    async def test_a_new_title_leaves_the_rest_alone(self, stage: Stage) -> None:
        assert isinstance(stage.connector, Publishes)
        draft = stage.draft("OCOP-U1", 80_000, 150_000)
        placed = await put(stage, draft)
        before = await shown(stage, placed.remote_id)
        changed = replace(draft, title="Mật ong hoa cà phê nguyên chất loại mới", description="khác hẳn " * 30)
        change = Change(target=target(draft, placed), draft=changed, fields=frozenset({"title"}))
        assert isinstance((await stage.connector.update([change]))[0], Done)
        after = await shown(stage, placed.remote_id)
        assert after.title == changed.title
        assert replace(after, title=before.title, updated_at=before.updated_at, url=before.url) == before

    @pytest.mark.parametrize("prices", [(120_000,), (80_000, 150_000)])
    async def test_stock_and_price_are_absolute_and_may_be_said_twice(
        self, stage: Stage, prices: Sequence[int]
    ) -> None:
        assert isinstance(stage.connector, KeepsStock)
        assert isinstance(stage.connector, KeepsPrices)
        draft = stage.draft("OCOP-S1", *prices)
        placed = await put(stage, draft)
        for _ in range(2):
            assert all(isinstance(one, Done) for one in await stage.connector.set_stock(levels(placed, 3)))
            assert all(isinstance(one, Done) for one in await stage.connector.set_price(tags(placed, 99_000)))
        assert figures(await shown(stage, placed.remote_id)) == {one.sku: (99_000, 3) for one in draft.variants}
        assert all(isinstance(one, Done) for one in await stage.connector.set_stock(levels(placed, 0)))
        assert {stock for _, stock in figures(await shown(stage, placed.remote_id)).values()} == {0}

    async def test_withdrawn_is_hidden_but_kept(self, stage: Stage) -> None:
        assert isinstance(stage.connector, Publishes)
        draft = stage.draft("OCOP-W1", 120_000)
        placed = await put(stage, draft)
        assert [one.sku for one in stage.shop.offers()] == ["OCOP-W1"]
        assert isinstance((await stage.connector.withdraw([target(draft, placed)]))[0], Done)
        assert list(stage.shop.offers()) == []
        assert (await shown(stage, placed.remote_id)).state is ListingState.HIDDEN
        found = await stage.connector.find(draft.sku)
        assert found is not None
        assert found.remote_id == placed.remote_id
        shown_again = Change(target=target(draft, placed), draft=draft, fields=frozenset({"visible"}))
        assert isinstance((await stage.connector.update([shown_again]))[0], Done)
        assert [one.sku for one in stage.shop.offers()] == ["OCOP-W1"]

    async def test_what_is_not_there_is_vanished_at_its_place(self, stage: Stage) -> None:
        assert isinstance(stage.connector, ReadsBack)
        placed = await put(stage, stage.draft("OCOP-V1", 120_000))
        results = await stage.connector.read([self.unknown, placed.remote_id])
        assert isinstance(results[0], Vanished)
        assert isinstance(results[1], Listing)
        if isinstance(stage.connector, TakesOrders):
            with pytest.raises(Vanished):
                await stage.connector.order(self.unknown_order(stage))

    def unknown_order(self, stage: Stage) -> RemoteId:
        return self.unknown

    async def test_the_walk_over_listings_sees_each_once(self, stage: Stage) -> None:
        assert isinstance(stage.connector, ReadsBack)
        for number in range(5):
            await put(stage, stage.draft(f"OCOP-L{number}", 50_000))
        seen: list[str] = []
        page: str | None = None
        while True:
            answer = await stage.connector.listings(page)
            seen += [one.sku for one in answer.items]
            page = answer.next
            if page is None:
                break
        assert sorted(seen) == [f"OCOP-L{number}" for number in range(5)]

    async def test_the_walk_over_orders_loses_none_and_doubles_none(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-O1", 120_000, stock=900))
        since = stage.clock.now()
        ids = []
        for number in range(230):
            ids.append(stage.shop.place([Want(sku="OCOP-O1", quantity=1)]))
            stage.later(1 if number % 3 else 0)
        stage.later(5)
        told = await walk(stage, since, stage.clock.now())
        assert sorted(one.remote_id for one in told) == sorted(ids)
        assert await walk(stage, stage.clock.now() + timedelta(minutes=5), stage.clock.now() + timedelta(hours=1)) == []

    async def test_an_order_tells_its_lines_to_the_dong(self, stage: Stage) -> None:
        placed = await put(stage, stage.draft("OCOP-M1", 120_000, 95_000))
        order_id = stage.shop.place([Want(sku="OCOP-M1-1", quantity=2), Want(sku="OCOP-M1-2", quantity=3)])
        stage.shop.pay(order_id)
        order = await self.order(stage, order_id)
        book = next(one for one in stage.shop.orders() if one.order_id == order_id)
        assert [(one.sku, one.quantity, one.unit_price, one.charged) for one in order.lines] == [
            (one.sku, one.quantity, one.unit_price, one.charged) for one in book.lines
        ]
        assert {one.listing for one in order.lines} == {placed.remote_id}
        assert {one.variant for one in order.lines} == {variant for _, variant in placed.variants}
        assert order.shipping_paid == book.shipping_fee
        assert order.state is OrderState.PAID
        assert abs(order.placed_at - book.placed_at) < timedelta(seconds=2)

    async def test_a_seller_voucher_is_told(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-C1", 120_000))
        order_id = stage.shop.place([Want(sku="OCOP-C1", quantity=2)], seller_voucher=15_000)
        order = await self.order(stage, order_id)
        assert order.seller_voucher == 15_000
        assert sum(one.charged for one in order.lines) == 240_000

    async def test_a_gift_costs_nothing(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-G1", 120_000))
        await put(stage, stage.draft("OCOP-G2", 30_000))
        order_id = stage.shop.place([Want(sku="OCOP-G1", quantity=1), Want(sku="OCOP-G2", quantity=1, gift=True)])
        lines = (await self.order(stage, order_id)).lines
        assert [(one.sku, one.quantity, one.charged) for one in lines] == [("OCOP-G1", 1, 120_000), ("OCOP-G2", 1, 0)]

    async def test_the_way_of_an_order_only_goes_forward(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-W2", 120_000))
        for cod in (False, True):
            order_id = stage.shop.place([Want(sku="OCOP-W2", quantity=1)], cod=cod)
            ranks = [list(OrderState).index((await self.order(stage, order_id)).state)]
            for step in (stage.shop.pay, stage.shop.ship, stage.shop.deliver, stage.shop.complete):
                stage.later()
                if step != stage.shop.pay or not cod:
                    step(order_id)
                order = await self.order(stage, order_id)
                ranks.append(list(OrderState).index(order.state))
            assert ranks == sorted(ranks)
            assert order.state is OrderState.COMPLETED
            assert order.cod is cod
            assert order.paid_at is not None
            assert order.delivered_at is not None

    async def test_cash_on_delivery_is_not_paid_before(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-D1", 120_000))
        order = await self.order(stage, stage.shop.place([Want(sku="OCOP-D1", quantity=1)], cod=True))
        assert (order.state, order.paid_at, order.cod) == (OrderState.PLACED, None, True)

    async def test_a_cancelled_order_says_so(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-X1", 120_000))
        order_id = stage.shop.place([Want(sku="OCOP-X1", quantity=1)])
        stage.shop.pay(order_id)
        stage.later()
        stage.shop.cancel(order_id)
        order = await self.order(stage, order_id)
        assert order.state is OrderState.CANCELLED
        assert order.cancelled_at is not None

    async def test_a_return_tells_units_and_money(self, stage: Stage) -> None:
        await put(stage, stage.draft("OCOP-R1", 120_000))
        order_id = stage.shop.place([Want(sku="OCOP-R1", quantity=3)])
        for step in (stage.shop.pay, stage.shop.ship, stage.shop.deliver, stage.shop.complete):
            step(order_id)
            stage.later()
        stage.shop.take_back(order_id, [Want(sku="OCOP-R1", quantity=1)], 120_000)
        order = await self.order(stage, order_id)
        assert order.state is OrderState.COMPLETED
        assert [(one.amount, [units for _, units in one.units]) for one in order.refunds] == [(120_000, [1])]

    async def test_an_order_that_changes_during_the_walk_shifts_no_other(self, stage: Stage) -> None:
        assert isinstance(stage.connector, TakesOrders)
        await put(stage, stage.draft("OCOP-O2", 120_000, stock=900))
        since = stage.clock.now()
        ids = [stage.shop.place([Want(sku="OCOP-O2", quantity=1)]) for _ in range(3)]
        for _ in range(120):
            stage.later(1)
            ids.append(stage.shop.place([Want(sku="OCOP-O2", quantity=1)]))
        stage.later(5)
        until = stage.clock.now()
        first = await stage.connector.orders(since, until, None)
        for order_id in ids[:60]:
            stage.later(1)
            stage.shop.pay(order_id)
        told = {one.remote_id for one in first.items}
        page = first.next
        while page is not None:
            answer = await stage.connector.orders(since, until, page)
            told |= {one.remote_id for one in answer.items}
            page = answer.next
        told |= {one.remote_id for one in await walk(stage, until, stage.clock.now() + timedelta(seconds=5))}
        assert told == set(ids)

    # ---- Fulfils: what goes out ----------------------------------------------------------------------------------

    async def to_send(self, stage: Stage, sku: str, *, cod: bool = False) -> tuple[Fulfils, RemoteId]:
        """An order that waits to be sent: paid, or to be paid at the door."""
        if not isinstance(stage.connector, Fulfils):
            pytest.skip("the platform lets nobody send by its interface")
        await put(stage, stage.draft(sku, 120_000))
        order = stage.shop.place([Want(sku=sku, quantity=2)], cod=cod)
        if not cod:
            stage.shop.pay(order)
        stage.later(5)
        return stage.connector, RemoteId(order)

    async def collected(self, stage: Stage, order: RemoteId) -> None:
        """The carrier has it."""
        stage.later()
        with suppress(NotOffered):  # a platform without carriers took the seller's word
            stage.shop.ship(order)

    async def test_an_order_to_send_has_a_way_out_and_a_deadline_or_none(self, stage: Stage) -> None:
        sends, order = await self.to_send(stage, "OCOP-Y1")
        told = await sends.shipping_options(order)
        assert told.handovers
        assert told.ship_by is None or stage.clock.now() < told.ship_by < stage.clock.now() + timedelta(days=30)
        assert len({one.id for one in told.slots}) == len(told.slots)

    async def test_packing_twice_is_harmless(self, stage: Stage) -> None:
        sends, order = await self.to_send(stage, "OCOP-Y2")
        for _ in range(2):
            await sends.pack(order)
        assert (await self.order(stage, order)).state is OrderState.PAID

    async def test_shipping_twice_is_one_parcel_and_the_state_is_the_platforms(self, stage: Stage) -> None:
        """Some platforms say shipped at once, others when the carrier has scanned it; no one says more than that."""
        sends, order = await self.to_send(stage, "OCOP-Y3")
        first, second = [await sends.ship(Shipping(order=order)) for _ in range(2)]
        assert (first.order, second.order) == (order, order)
        assert (second.parcel, second.carrier) == (first.parcel, first.carrier)
        assert first.tracking in ("", second.tracking)  # the carrier's number may come later
        assert (await self.order(stage, order)).state in (OrderState.PAID, OrderState.SHIPPED)
        await self.collected(stage, order)
        told = await self.order(stage, order)
        assert (told.state, told.delivered_at) == (OrderState.SHIPPED, None)
        assert (await sends.ship(Shipping(order=order))).parcel == first.parcel

    async def test_cash_on_delivery_is_sent_before_it_is_paid(self, stage: Stage) -> None:
        sends, order = await self.to_send(stage, "OCOP-Y8", cod=True)
        assert (await sends.shipping_options(order)).handovers
        await sends.pack(order)
        await sends.ship(Shipping(order=order))
        await self.collected(stage, order)
        told = await self.order(stage, order)
        assert (told.state, told.cod, told.paid_at) == (OrderState.SHIPPED, True, None)

    async def test_a_label_is_a_file_of_its_kind_or_not_ready(self, stage: Stage) -> None:
        sends, order = await self.to_send(stage, "OCOP-Y4")
        await sends.ship(Shipping(order=order))
        told = await self.label(sends, order)
        if told == "label_not_ready":
            stage.later(600)
            told = await self.label(sends, order)
        if isinstance(told, Label):
            assert told.content.lstrip().startswith(LABELS[told.media])
            assert order in told.name
        else:
            assert told == "label_elsewhere"

    async def label(self, sends: Fulfils, order: RemoteId) -> Label | str:
        """The label, or the problem instead."""
        try:
            return await sends.label(order)
        except Refused as refused:
            return refused.code

    async def test_cancelling_twice_is_fine(self, stage: Stage) -> None:
        sends, order = await self.to_send(stage, "OCOP-Y5")
        for _ in range(2):
            await sends.cancel(order, "buyer_asked")
            stage.later()
        assert (await self.order(stage, order)).state is OrderState.CANCELLED

    async def test_what_left_is_not_cancelled_and_what_is_cancelled_not_sent(self, stage: Stage) -> None:
        sends, order = await self.to_send(stage, "OCOP-Y6")
        other = RemoteId(stage.shop.place([Want(sku="OCOP-Y6", quantity=1)]))
        stage.shop.pay(other)
        stage.later(5)
        await sends.ship(Shipping(order=order))
        await self.collected(stage, order)
        await sends.cancel(other, "buyer_asked")
        stage.later()
        with pytest.raises(Refused) as late:
            await sends.cancel(order, "buyer_asked")
        with pytest.raises(Refused) as gone:
            await sends.ship(Shipping(order=other))
        assert (late.value.code, gone.value.code) == ("order_state_wrong", "order_state_wrong")
        assert (await self.order(stage, order)).state is OrderState.SHIPPED

    async def test_nobody_sends_or_cancels_an_order_that_is_not_there(self, stage: Stage) -> None:
        sends, _ = await self.to_send(stage, "OCOP-Y7")
        order = self.unknown_order(stage)
        with pytest.raises(Vanished):
            await sends.shipping_options(order)
        with pytest.raises(Vanished):
            await sends.ship(Shipping(order=order))
        with pytest.raises(Vanished):
            await sends.cancel(order, "other")

    async def test_a_missing_signature_is_not_heard(self, stage: Stage) -> None:
        assert isinstance(stage.connector, HearsEvents)
        with pytest.raises(Unauthorised):
            stage.connector.hear(b'{"id":1}', {}, url="https://hub.example.vn/hook", secret="hub-secret-1")
        with pytest.raises(Unauthorised):
            stage.connector.hear(b'{"id":1}', {}, url="https://hub.example.vn/hook", secret="")

    async def test_a_nobody_is_refused(self, stage: Stage) -> None:
        secrets = dict.fromkeys(stage.keeper.credentials.secrets, "x" * 40)
        stage.keeper.credentials = replace(stage.keeper.credentials, secrets=secrets)
        with pytest.raises(Unauthorised):
            await stage.connector.check()

    async def test_a_short_wait_is_slept_a_long_one_is_believed(self, stage: Stage) -> None:
        stage.faults.change(Rates(throttled=1, retry_after=3600), 1)
        with pytest.raises(Throttled) as told:
            await stage.connector.check()
        assert told.value.seconds == 3600
        assert stage.naps.seconds == []
        stage.faults.change(Rates(throttled=1, retry_after=1), 1)
        with pytest.raises(Throttled):
            await stage.connector.check()
        assert stage.naps.seconds == [1, 1, 1]

    @pytest.mark.parametrize("rates", [Rates(error_json=1), Rates(error_html=1), Rates(lost_answer=1)])
    async def test_no_usable_answer_is_unreachable(self, stage: Stage, rates: Rates) -> None:
        stage.faults.change(rates, 1)
        with pytest.raises(Unreachable):
            await stage.connector.check()

    async def test_reads_outlast_trouble(self, stage: Stage) -> None:
        placed = await put(stage, stage.draft("OCOP-T1", 120_000))
        stage.faults.change(
            Rates(throttled=0.05, throttled_bare=0.05, error_json=0.05, error_html=0.05, lost_answer=0.05), 4
        )
        for _ in range(20):
            assert (await shown(stage, placed.remote_id)).sku == "OCOP-T1"
        assert stage.naps.seconds

    async def test_after_a_lost_answer_one_looks_and_finds(self, stage: Stage) -> None:
        assert isinstance(stage.connector, Publishes)
        await self.warm(stage)
        draft = stage.draft("OCOP-T2", 120_000)
        stage.faults.change(Rates(lost_answer=1), 1)
        with pytest.raises(Unreachable) as lost:
            good((await stage.connector.create([draft]))[0])
        assert lost.value.sent
        stage.faults.change(Rates(), 1)
        found = await stage.connector.find(draft.sku)
        assert found is not None
        assert len([row for row in stage.shop.listings() if row["sku"] == draft.sku]) == 1

    async def warm(self, stage: Stage) -> None:
        """Whatever a connector asks once a run (categories), asked before the trouble begins."""
        await put(stage, stage.draft("OCOP-WARM", 120_000))

    async def order(self, stage: Stage, order_id: str) -> RemoteOrder:
        assert isinstance(stage.connector, TakesOrders)
        return await stage.connector.order(RemoteId(order_id))
