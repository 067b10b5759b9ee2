from datetime import timedelta

import pytest

from hub.errors import Denied
from hub.sync import due, store
from hub.sync.prices import Promotion, Rule
from tests.store.sync.desk import Desk

HOUR = timedelta(hours=1)


async def test_a_promotion_has_the_push_asked_for_when_it_begins_and_when_it_ends(desk: Desk) -> None:
    begin = desk.now()
    variant = (await desk.db.read(store.push_view, "a")).sellables[0].variants[0]
    wanted = Promotion(id="p", shop_id="a", variant_id=variant.id, price=1000, starts_at=begin + HOUR,
                       ends_at=begin + 3 * HOUR)  # fmt: skip
    await desk.db.write(store.add_promotion, wanted, begin)
    assert await desk.db.write(store.turn_prices, begin) == []
    assert await desk.db.write(store.turn_prices, begin + HOUR) == ["a"]
    assert await desk.db.write(store.turn_prices, begin + 2 * HOUR) == []
    assert ("a", "push") in await desk.db.read(due.waiting, begin + 2 * HOUR)
    await desk.db.write(due.succeeded, "a", "push", begin + 2 * HOUR, began=begin + 2 * HOUR)
    assert await desk.db.write(store.turn_prices, begin + 4 * HOUR) == ["a"]
    assert ("a", "push") in await desk.db.read(due.waiting, begin + 4 * HOUR)
    assert (await desk.db.read(store.prices_of, "a", begin + 4 * HOUR)).promotions == ()


async def test_a_hub_that_slept_through_a_promotion_looks_once_and_never_again(desk: Desk) -> None:
    begin = desk.now()
    variant = (await desk.db.read(store.push_view, "a")).sellables[0].variants[0]
    wanted = Promotion(id="p", shop_id="a", variant_id=variant.id, price=1000, starts_at=begin, ends_at=begin + HOUR)
    await desk.db.write(store.add_promotion, wanted, begin)
    assert await desk.db.write(store.turn_prices, begin + 2 * HOUR) == ["a"]
    assert await desk.db.write(store.turn_prices, begin + 3 * HOUR) == []


async def test_a_promotion_ended_by_hand_is_over_at_once_and_cannot_be_ended_twice(desk: Desk) -> None:
    begin = desk.now()
    variant = (await desk.db.read(store.push_view, "a")).sellables[0].variants[0]
    wanted = Promotion(id="p", shop_id="a", variant_id=variant.id, price=1000, starts_at=begin - HOUR,
                       ends_at=begin + HOUR)  # fmt: skip
    await desk.db.write(store.add_promotion, wanted, begin)
    assert await desk.db.write(store.end_promotion, "p", begin) == "a"
    assert (await desk.db.read(store.prices_of, "a", begin)).promotions == ()
    with pytest.raises(Denied):
        await desk.db.write(store.end_promotion, "p", begin)


async def test_rules_and_own_fees_are_kept_per_shop(desk: Desk) -> None:
    now = desk.now()
    await desk.db.write(store.set_rule, Rule(shop_id="a", mode="keep_list", floor=9000, step=500), now)
    await desk.db.write(store.set_rule, Rule(shop_id="a", mode="keep", amount=70_000, step=1000), now)
    await desk.db.write(store.set_fees, "a", [{"kind": "commission", "percent": "8.5"}], now)
    prices = await desk.db.read(store.prices_of, "a")
    assert prices.rules[""].mode == "keep"
    assert prices.rules[""].amount == 70_000
    assert prices.fees is not None
    assert str(prices.fees[0].percent) == "8.5"
    assert (await desk.db.read(store.prices_of, "b")).rules == {}
    await desk.db.write(store.set_fees, "a", None, now)
    assert (await desk.db.read(store.prices_of, "a")).fees is None
