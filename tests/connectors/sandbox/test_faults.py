"""Trouble by rate and seed: the same calls meet the same faults, each fault looks as it should."""

import pytest
from aiohttp import ClientConnectionError, ClientSession
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from hub.sandbox.app import Sandbox
from hub.sandbox.faults import Fault, Faults, Rates, draw, pick
from tests.connectors.sandbox.conftest import Shopkeeper
from tests.connectors.sandbox.test_woo_products import HONEY, made

ALL = Rates(throttled=0.1, throttled_bare=0.1, error_json=0.1, error_html=0.1, lost_answer=0.1, empty_page=0.1)
NAMES = ["a/1/GET /x", "a/1/POST /x", "b/2/GET /x"]


@given(st.integers(), st.text(), st.integers(min_value=0))
def test_draws_lie_between_zero_and_one(seed: int, name: str, nth: int) -> None:
    assert 0 <= draw(seed, name, nth) < 1


@given(st.floats(0, 1, exclude_max=True))
def test_shares_do_not_overlap(drawn: float) -> None:
    chosen = pick(ALL, drawn)
    assert (chosen is None) == (drawn >= 0.6 - 1e-9)


@given(st.integers(0, 999), st.lists(st.sampled_from(NAMES), max_size=60))
def test_other_calls_in_between_change_nothing(seed: int, calls: list[str]) -> None:
    mixed = Faults(ALL, seed)
    seen: dict[str, list[Fault | None]] = {name: [] for name in NAMES}
    for name in calls:
        seen[name].append(mixed.decide(name))
    for name in NAMES:
        alone = Faults(ALL, seed)
        assert seen[name] == [alone.decide(name) for _ in seen[name]]


def test_rates_come_true() -> None:
    faults = Faults(ALL, 7)
    drawn = [faults.decide("x") for _ in range(4000)]
    for fault in (Fault.THROTTLED, Fault.LOST_ANSWER, Fault.EMPTY_PAGE):
        assert 0.08 < drawn.count(fault) / len(drawn) < 0.12


@pytest.mark.parametrize("rates", [{"throttled": 0.6, "slow": 0.6}, {"throttled": -0.1}])
def test_impossible_rates(rates: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="rates"):
        Rates(**rates)  # type: ignore[arg-type]  # a mypy limit: the fields named here are floats


def test_hooks_are_doubled_reordered_and_lost() -> None:
    hooks = list(range(200))
    assert Faults(Rates(), 1).on_their_way(hooks) == hooks
    arriving = Faults(Rates(hook_doubled=0.2, hook_reordered=0.2, hook_lost=0.1), 1).on_their_way(hooks)
    assert arriving == Faults(Rates(hook_doubled=0.2, hook_reordered=0.2, hook_lost=0.1), 1).on_their_way(hooks)
    assert len(set(arriving)) < len(hooks) < len(arriving)
    assert list(dict.fromkeys(arriving)) != sorted(set(arriving))


async def said(keeper: Shopkeeper, faults: Faults, **rates: float) -> tuple[int, str, str]:
    faults.change(Rates(**rates), 1)  # type: ignore[arg-type]  # as above
    async with keeper.session.get(keeper.address("products")) as answer:
        return answer.status, answer.content_type, answer.headers.get("Retry-After", "")


async def test_how_refusals_look(keeper: Shopkeeper, faults: Faults) -> None:
    assert await said(keeper, faults, throttled=1) == (429, "application/json", "1")
    assert await said(keeper, faults, throttled_bare=1) == (429, "text/plain", "")
    assert await said(keeper, faults, error_json=1) == (500, "application/json", "")
    assert await said(keeper, faults, error_html=1) == (502, "text/html", "")
    assert await said(keeper, faults, slow=1, slow_seconds=0.01) == (401, "application/json", "")
    assert await said(keeper, faults, token_expired=0.5, error_in_200=0.5) == (401, "application/json", "")
    assert faults.given[Fault.SLOW] == 1
    assert faults.given[Fault.TOKEN_EXPIRED] == 0  # there are no tokens here: not booked


async def test_a_lost_answer_has_had_its_effect(keeper: Shopkeeper, faults: Faults) -> None:
    faults.change(Rates(lost_answer=1), 1)
    with pytest.raises(ClientConnectionError):
        await keeper.post("products", HONEY)
    faults.change(Rates(), 1)
    assert [one["sku"] for one in (await keeper.get("products")).json] == [HONEY["sku"]]


async def test_a_list_can_be_falsely_empty_a_product_cannot(keeper: Shopkeeper, faults: Faults) -> None:
    product = await made(keeper)
    faults.change(Rates(empty_page=1), 1)
    empty = await keeper.get("products")
    assert (empty.status, empty.json, empty.headers["X-WP-Total"]) == (200, [], "0")
    assert (await keeper.get(f"products/{product['id']}")).json["id"] == product["id"]


async def test_the_control_address_is_never_troubled(
    server: TestServer, session: ClientSession, faults: Faults
) -> None:
    faults.change(Rates(error_html=1), 1)
    async with session.get(server.make_url("/_control/ledger")) as answer:
        assert answer.status == 200


async def test_calls_are_counted_by_shop_and_endpoint(keeper: Shopkeeper, sandbox: Sandbox) -> None:
    product = await made(keeper)
    for _ in range(3):
        await keeper.get(f"products/{product['id']}")
    assert sandbox.world.calls == {
        "woocommerce/secure/POST /wp-json/wc/v3/products": 1,
        "woocommerce/secure/GET /wp-json/wc/v3/products/{id}": 3,
    }
