"""Shares and counts by their formulas; acceptance examples 2, 3, 5 of the reporting page."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalog import law
from hub.catalog.model import Certificate
from hub.sales.share import (
    KindSales,
    Presence,
    Quantity,
    coverage,
    in_force,
    mix,
    online_share,
    percent,
    presence,
    quantity,
)


def sold(kind: str, revenue: int, orders: int | None = 0, **amounts: str) -> KindSales:
    families: dict[str, str] = amounts
    quantities = tuple(
        Quantity(family=f, amount=Decimal(families[f])) for f in ("kg", "litre", "piece") if f in families
    )
    source = "measured" if kind in ("marketplace", "own_site") else "declared"
    return KindSales(
        kind=kind, source="measured" if source == "measured" else "declared", revenue=revenue, orders=orders,
        quantities=quantities,
    )  # fmt: skip


def test_example_3_share_by_orders() -> None:
    share = online_share([sold("marketplace", 9, 180), sold("own_site", 1, 120), sold("direct", 10, 200)])
    assert share.orders.percent == Decimal("60.0")
    assert [share.orders.numerator, share.orders.denominator] == [Decimal(300), Decimal(500)]
    assert share.revenue.percent == Decimal("50.0")


def test_example_3_without_declared_offline_there_is_no_share() -> None:
    sales = [sold("marketplace", 1_000_000, 300)]
    share = online_share(sales)
    for found in (share.orders, share.revenue):
        assert (found.percent, found.denominator, found.reason) == (None, None, "offline_not_declared")
    assert share.orders.numerator == 300
    cover = coverage(sales, sellers=frozenset({"a", "b"}), declaring=frozenset({"c"}))
    assert (cover.percent, cover.sellers, cover.declaring) == (Decimal("100.0"), 2, 0)


def test_a_declaration_without_orders_gives_a_share_by_revenue_only() -> None:
    share = online_share([sold("marketplace", 75, 3), sold("fair", 25, None)])
    assert share.revenue.percent == Decimal("75.0")
    assert (share.orders.percent, share.orders.reason) == (None, "offline_incomplete")


def test_kilograms_are_never_added_to_pieces() -> None:
    share = online_share([sold("marketplace", 1, kg="30", piece="5"), sold("direct", 1, kg="70", litre="2")])
    found = {f.family: f.share.percent for f in share.quantity}
    assert found == {"kg": Decimal("30.0"), "litre": Decimal("0.0"), "piece": Decimal("100.0")}


@pytest.mark.parametrize(
    ("net", "unit", "units", "want"),
    [
        ("500", "g", 4, ("kg", "2.000")),
        ("0.5", "kg", 3, ("kg", "1.5")),
        ("750", "ml", 2, ("litre", "1.500")),
        ("1", "Lít", 2, ("litre", "2")),
        ("10", "cái", 1, ("piece", "10")),
        ("2", "lạng", 1, ("kg", "0.2")),
        ("2", "tạ", 1, ("kg", "200")),
        ("2", "tá", 1, ("piece", "24")),
    ],
)
def test_net_quantity_finds_its_family(net: str, unit: str, units: int, want: tuple[str, str]) -> None:
    found = quantity(net, unit, units)
    assert found is not None
    assert (found.family, found.amount) == (want[0], Decimal(want[1]))


@pytest.mark.parametrize(("net", "unit"), [("", "g"), ("500", ""), ("NaN", "g"), ("vài", "kg"), ("5", "bao tải")])
def test_what_is_not_understood_is_in_no_family(net: str, unit: str) -> None:
    assert quantity(net, unit) is None


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any))
def test_mix_adds_up_to_a_hundred_and_is_off_by_less_than_a_tenth(amounts: list[int]) -> None:
    found = mix(amounts)
    assert found is not None
    assert sum(found) == Decimal(100)
    whole = sum(amounts)
    assert all(abs(p - Decimal(a) * 100 / whole) < Decimal("0.1") for p, a in zip(found, amounts, strict=True))


def test_mix_of_thirds_and_of_nothing() -> None:
    assert mix([1, 1, 1]) == (Decimal("33.4"), Decimal("33.3"), Decimal("33.3"))
    assert mix([0, 0]) is None
    assert mix([150, -50]) == (Decimal(150), Decimal(-50))


def test_rounding_is_half_up() -> None:
    assert percent(125, 10_000) == Decimal("1.3")  # 1.25
    assert percent(1, 0) is None


def certificate(product_id: str, decided: date, stars: int = 3, revoked: date | None = None) -> Certificate:
    return Certificate(
        id=product_id, product_id=product_id, stars=stars, decision_no="1", decision_date=decided,
        expires_on=date(decided.year + 3, decided.month, decided.day), revoked_on=revoked,
    )  # fmt: skip


def test_example_2_the_last_day_counts_and_the_next_does_not() -> None:
    held = {"a": [certificate("a", date(2023, 11, 21), 4)]}
    rules = law.load()
    assert in_force([("a", "p")], held, date(2026, 11, 21), rules).by_star == ((4, 1),)
    assert in_force([("a", "p")], held, date(2026, 11, 22), rules).products == 0


def test_upgraded_products_count_once_and_producers_once() -> None:
    held = {
        "a": [certificate("a", date(2024, 1, 1), 3), certificate("a", date(2025, 1, 1), 4)],
        "b": [certificate("b", date(2025, 1, 1), 3)],
        "c": [certificate("c", date(2025, 1, 1), 3, revoked=date(2026, 10, 30))],
    }
    found = in_force([("a", "p"), ("b", "p"), ("c", "q"), ("d", "q")], held, date(2026, 11, 21), law.load())
    assert (found.products, found.by_star, found.producers) == (2, ((4, 1), (3, 1)), 1)


def test_example_5_three_products_on_two_platforms() -> None:
    listings = [
        Presence(product_id=p, producer_id="one", shop_id=s, kind=k)
        for p in ("a", "b", "c")
        for s, k in (("shopee", "marketplace"), ("tiktok", "social_shop"))
    ]
    found = presence(listings)
    assert (found.producers_online, found.products, found.listings) == (1, 3, 6)
