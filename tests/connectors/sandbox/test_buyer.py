"""The buyer: one seed, one history; every kind of fate happens; the step's width changes nothing."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from random import Random

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.book import figures, total
from hub.sandbox.buyer import Act, Buyer, Habits, fill_basket, life, owed, play
from hub.sandbox.config import default_config
from hub.sandbox.control import ledger_of
from hub.sandbox.kit import Offer, SandboxShop, SoldLine, SoldOrder, Want
from hub.sandbox.shopee import Shopee
from hub.sandbox.woocommerce import WooCommerce, products
from tests.connectors.sandbox.conftest import START
from tests.connectors.sandbox.shopee_world import Seller

HABITS = Habits(orders_per_day=40, cancels_some=0.1, returns=0.1, returns_some=0.1, refuses_parcel=0.1)
WEEKS = timedelta(days=21)


def stocked() -> tuple[Sandbox, ShiftedClock, Mapping[str, SandboxShop]]:
    """Three sites with goods."""
    clock = ShiftedClock(START, frozen=True)
    sandbox = create_sandbox(default_config(), clock)[SANDBOX]
    woo = next(one for one in sandbox.platforms if isinstance(one, WooCommerce))
    for shop in woo.shops()[:3]:
        for number in range(12):
            price = str(15_000 + 1_234 * number)
            goods = {"name": f"Món {number}", "sku": f"S{number}", "regular_price": price}
            products.create(woo.site(shop.key), goods | {"manage_stock": True, "stock_quantity": 200})
    return sandbox, clock, {name: shop for name, shop in sandbox.shops().items() if name.startswith("woo")}


def test_one_seed_one_ledger() -> None:
    ledgers = []
    for seed in (7, 7, 8):
        sandbox, clock, shops = stocked()
        play(Buyer(sandbox.world, shops, seed, HABITS), clock, START + timedelta(days=8))
        ledgers.append(ledger_of(shops))
    assert ledgers[0] == ledgers[1] != ledgers[2]


async def shopee_history(session: ClientSession) -> tuple[Counter[str], list[dict[str, object]]]:
    """Ten days of trade in one Shopee shop of the default set-up."""
    clock = ShiftedClock(START, frozen=True)
    app = create_sandbox(default_config(), clock)
    sandbox = app[SANDBOX]
    shopee = next(one for one in sandbox.platforms if isinstance(one, Shopee))
    own, maker = shopee.config.shops[0], shopee.config.apps[0]
    running = TestServer(app)
    await running.start_server()
    seller = Seller(
        session=session,
        base=str(running.make_url("/shopee")),
        shopee=shopee,
        clock=clock,
        token=own.access_token,
        shop_id=own.shop_id,
        key=maker.partner_key,
    )
    for number in range(4):
        await seller.item(f"S{number}", original_price=20_000 + 1_111 * number, seller_stock=[{"stock": 300}])
    await running.close()
    name = f"shopee/{own.shop_id}"
    shops = {name: sandbox.shops()[name]}
    buyer = Buyer(sandbox.world, shops, 7, HABITS)
    play(buyer, clock, START + timedelta(days=10))
    return buyer.done, ledger_of(shops)[name]["orders"]


async def test_a_marketplace_has_one_history_too(session: ClientSession) -> None:
    done, orders = await shopee_history(session)
    assert (done, orders) == await shopee_history(session)
    assert done["cancel_some"] > 0  # which this platform does know
    assert done["settle"] > 0
    assert len(orders) == done["placed"] > 200


def test_three_weeks_see_every_fate() -> None:
    sandbox, clock, shops = stocked()
    buyer = Buyer(sandbox.world, shops, 3, HABITS)
    play(buyer, clock, START + WEEKS)
    assert clock.now() == START + WEEKS
    assert buyer.done["placed"] > 600
    for act in set(Act) - {Act.CANCEL_SOME}:
        assert buyer.done[act] > 0, act
    assert buyer.done["cancel_some_not_offered"] > 0  # core has no partial cancellation
    book = [order for shop in shops.values() for order in shop.orders()]
    assert {order.state for order in book} >= {"completed", "cancelled", "failed_delivery", "placed"}
    whole = total(book)
    assert 0 < whole.net < whole.gross < whole.gmv < whole.gmv_placed
    assert 0.5 < sum(order.cod for order in book) / len(book) < 0.7


def test_wide_steps_do_as_much_as_narrow_ones() -> None:
    counts = []
    for hours in (1, 24):
        sandbox, clock, shops = stocked()
        buyer = Buyer(sandbox.world, shops, 5, HABITS)
        for _ in range(6 * 24 // hours):
            clock.move(timedelta(hours=hours))
            buyer.step(clock.now())
        counts.append(buyer.done)
    assert counts[0] == counts[1]


def test_it_stops_after_the_most() -> None:
    sandbox, clock, shops = stocked()
    buyer = Buyer(sandbox.world, shops, 5, Habits(most=10))
    play(buyer, clock, START + WEEKS)
    assert buyer.done["placed"] == 10
    assert buyer.next_due() is None


def test_empty_shops_and_no_demand() -> None:
    clock = ShiftedClock(START, frozen=True)
    sandbox = create_sandbox(default_config(), clock)[SANDBOX]
    buyer = Buyer(sandbox.world, sandbox.shops(), 1)
    play(buyer, clock, START + timedelta(days=1))
    assert set(buyer.done) == {"nothing_to_buy"}
    assert Buyer(sandbox.world, sandbox.shops(), 1, Habits(orders_per_day=0)).next_due() is None


@given(st.integers(), st.booleans())
def test_a_life_runs_forward_and_ends(seed: int, cod: bool) -> None:
    events = list(life(Random(seed), HABITS, START, cod=cod))
    moments = [at for at, _ in events]
    acts = [act for _, act in events]
    assert moments == sorted(moments)
    assert moments[0] > START
    assert acts[-1] in (Act.CANCEL, Act.FAIL, Act.SETTLE)
    assert (Act.PAY in acts) <= (not cod)
    assert (Act.COMPLETE in acts) == (Act.DELIVER in acts)


@given(st.integers(), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_a_basket_never_asks_for_more_than_is_shown(seed: int, stocks: list[int]) -> None:
    offers = [Offer(sku=str(place), title="", price=1000, stock=left) for place, left in enumerate(stocks)]
    wants = fill_basket(Random(seed), Habits(gift=0.5), offers)
    assert 1 <= len([want for want in wants if not want.gift]) <= 3
    assert len({want.sku for want in wants}) == len(wants)
    for want in wants:
        assert 1 <= want.quantity <= min(3, stocks[int(want.sku)])


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 10**6), st.booleans()), min_size=1, max_size=4),
    st.integers(0, 10**5),
)
def test_everything_back_is_everything_paid(lines: list[tuple[int, int, bool]], voucher: int) -> None:
    sold = [
        SoldLine(
            sku=str(place),
            quantity=units,
            unit_price=price,
            charged=units * price,
            cancelled=1 if fewer and units > 1 else 0,
        )
        for place, (units, price, fewer) in enumerate(lines)
    ]
    worth = sum(line.unit_price * (line.quantity - line.cancelled) for line in sold)
    order = SoldOrder(order_id="1", state="completed", placed_at=START, lines=sold, seller_voucher=min(voucher, worth))
    wants = [Want(sku=line.sku, quantity=line.quantity - line.cancelled) for line in sold]
    order.refunds.append((START, owed(order, wants)))
    assert figures(order).net == 0
