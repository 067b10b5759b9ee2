from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.sync.model import Create, SetPrice
from hub.sync.plan import plan, wanted_drafts
from hub.sync.prices import (
    NOTHING,
    ChannelFee,
    Prices,
    Promotion,
    Rule,
    check_promotion,
    kept,
    parse_fees,
    price_keeping,
    price_of,
    spread_percent,
)
from tests.unit.sync.goods import GROUND, NOW, bound, sellable, view

FEES = parse_fees([
    {"kind": "commission", "percent": 8},
    {"kind": "payment", "percent": "4.91", "cap": 50_000},
    {"kind": "service", "fixed": 3000},
])  # fmt: skip
DAY = timedelta(days=1)
PROMOTION = Promotion(id="p", shop_id="s1", variant_id="v1", price=40_000, starts_at=NOW + DAY, ends_at=NOW + 3 * DAY)


def test_what_is_kept_is_the_price_less_every_fee_to_the_dong() -> None:
    assert kept(100_000, FEES) == 100_000 - 8_000 - 4_910 - 3_000
    assert kept(99_999, FEES) == 99_999 - 8_000 - 4_910 - 3_000  # started dong are the channel's
    assert kept(10_000_000, FEES) == 10_000_000 - 800_000 - 50_000 - 3_000  # capped


@given(
    income=st.integers(1, 50_000_000), step=st.sampled_from([1, 500, 1000]),
    percents=st.lists(st.decimals(0, 30, places=2), max_size=3), fixed=st.integers(0, 20_000),
    cap=st.none() | st.integers(0, 100_000),
)  # fmt: skip
def test_a_price_that_keeps_an_income_is_the_smallest_one_on_the_step(
    income: int, step: int, percents: list[Decimal], fixed: int, cap: int | None
) -> None:
    fees = [ChannelFee(kind="commission", percent=one, cap=cap) for one in percents]
    fees.append(ChannelFee(kind="service", fixed=fixed))
    price = price_keeping(income, fees, step)
    assert price % step == 0
    assert kept(price, fees) >= income
    assert kept(price - step, fees) < income


def test_fees_that_leave_nothing_are_refused() -> None:
    with pytest.raises(Invalid):
        price_keeping(1000, [ChannelFee(kind="commission", percent=Decimal(100))], 1)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Rule(shop_id="s1"), 50_000),
        (Rule(shop_id="s1", mode="fixed", amount=55_000), 55_000),
        (Rule(shop_id="s1", mode="keep_list", step=1000), 61_000),  # 61,000 - 4,880 - 2,996 - 3,000 = 50,124
        (Rule(shop_id="s1", mode="keep", amount=45_000, step=500), 55_500),
        (Rule(shop_id="s1", mode="fixed", amount=30_000, floor=48_000), 48_000),
    ],
)
def test_each_rule_makes_its_base_price(rule: Rule, expected: int) -> None:
    assert price_of("v1", 50_000, Prices(rules={"": rule}), FEES, NOW).now == expected


def test_the_rule_of_a_variant_goes_before_that_of_the_shop_and_own_fees_before_the_channels() -> None:
    prices = Prices(
        rules={"": Rule(shop_id="s1", mode="fixed", amount=1), "v1": Rule(shop_id="s1", mode="keep_list", step=1)},
        fees=parse_fees([{"kind": "commission", "percent": 10}]),
    )
    price = price_of("v1", 90_000, prices, FEES, NOW)
    assert (price.now, price.kept) == (100_000, 90_000)


@given(hours=st.integers(-24 * 5, 24 * 9))
def test_a_promotion_holds_in_its_window_and_the_base_comes_back(hours: int) -> None:
    now = NOW + timedelta(hours=hours)
    price = price_of("v1", 50_000, Prices(rules={}, promotions=(PROMOTION,)), FEES, now)
    inside = PROMOTION.starts_at <= now < PROMOTION.ends_at
    assert (price.now, price.base, price.promotion) == (
        40_000 if inside else 50_000,
        50_000,
        PROMOTION if inside else None,
    )


def test_a_promotion_never_sells_below_the_floor_nor_above_the_base() -> None:
    rule = Rule(shop_id="s1", floor=45_000)
    during = PROMOTION.starts_at
    assert price_of("v1", 50_000, Prices(rules={"": rule}, promotions=(PROMOTION,)), (), during).now == 45_000
    dear = replace(PROMOTION, price=60_000)
    assert price_of("v1", 50_000, Prices(rules={}, promotions=(dear,)), (), during).now == 50_000


@pytest.mark.parametrize(
    ("change", "floor", "code"),
    [
        ({"ends_at": PROMOTION.starts_at}, None, "promotion_window_wrong"),
        ({"price": 50_000}, None, "promotion_not_lower"),
        ({"price": 24_999}, None, "promotion_too_deep"),
        ({}, 41_000, "price_below_floor"),
    ],
)
def test_a_wrong_promotion_is_refused_with_what_to_do(change: dict[str, object], floor: int | None, code: str) -> None:
    with pytest.raises(Invalid) as told:
        check_promotion(replace(PROMOTION, **change), 50_000, floor, ())  # type: ignore[arg-type]
    assert told.value.code == code


def test_promotions_of_one_variant_do_not_overlap_but_may_follow_each_other() -> None:
    follows = replace(PROMOTION, id="q", starts_at=PROMOTION.ends_at, ends_at=PROMOTION.ends_at + DAY)
    check_promotion(follows, 50_000, None, (PROMOTION,))
    check_promotion(replace(PROMOTION, id="q", variant_id="v2"), 50_000, None, (PROMOTION,))
    with pytest.raises(Invalid) as told:
        check_promotion(replace(follows, starts_at=PROMOTION.starts_at), 50_000, None, (PROMOTION,))
    assert told.value.code == "promotion_overlaps"


def test_the_plan_sends_the_shops_price_and_the_read_back_expects_it() -> None:
    one = sellable()
    prices = Prices(rules={}, promotions=(PROMOTION,))
    here = replace(view(one), prices=prices)
    (create,) = plan(here, GROUND)
    assert isinstance(create, Create)
    assert create.draft.variants[0].price == 50_000
    during = replace(GROUND, now=PROMOTION.starts_at)
    listed = replace(view(one, bindings={one.product.id: bound(one)}), prices=prices)
    assert plan(listed, GROUND) == ()
    (cheaper,) = plan(listed, during)
    assert isinstance(cheaper, SetPrice)
    assert [tag.price for tag in cheaper.tags] == [40_000]
    assert wanted_drafts(listed, during)[one.product.id].variants[0].price == 40_000
    sold_off = bound(one, price_key=cheaper.key)
    after = replace(view(one, bindings={one.product.id: sold_off}), prices=prices)
    (back,) = plan(after, replace(GROUND, now=PROMOTION.ends_at))
    assert isinstance(back, SetPrice)
    assert [tag.price for tag in back.tags] == [50_000]


def test_shops_without_rules_keep_the_list_price_whatever_the_channel_takes() -> None:
    assert NOTHING.plain
    assert price_of("v1", 50_000, NOTHING, FEES, NOW).now == 50_000


def test_the_spread_of_prices_is_measured_from_the_cheapest() -> None:
    assert spread_percent([100, 110, 105]) == Decimal("10.0")
    assert spread_percent([100]) == spread_percent([]) == 0
