"""Certificates decide: dates, states, the two gates, and the counts of the sample registries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalog import law as law_module
from hub.catalog import rules
from hub.catalog.law import FACTS, Law
from hub.catalog.model import Certificate, Producer, Product, Sellable, Stock, Variant
from hub.catalog.rules import Channel
from hub.errors import Invalid
from hub.types import Sku

TODAY = date(2026, 11, 21)
LAW = law_module.load()


def certificate(decided: date = date(2024, 9, 27), **changes: Any) -> Certificate:
    expires = rules.add_months(decided, 36)
    return replace(
        Certificate(
            id="c1", product_id="p", stars=4, decision_no="1/QĐ-UBND", decision_date=decided, expires_on=expires
        ),
        **changes,
    )


def sellable(*certificates: Certificate, set_no: int | None = 6, product: Any = None, **variant: Any) -> Sellable:
    what = Product(
        id="p", producer_id="h", name="Bánh pía", set_no=set_no, food_declaration="01/2024", storage="Nơi khô ráo",
        shelf_life_months=3, ad_confirmation="02/2024", reviewed_at=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    pack = Variant(id="v", product_id="p", sku=Sku("S-1"), net_quantity="480", unit="g", price=67_000)
    return Sellable(
        product=replace(what, **(product or {})),
        producer=Producer(id="h", name="HTX Tư Mùa", kind="HTX", commune="Xã Thới An Hội"),
        variants=(replace(pack, **variant),),
        certificates=certificates,
        stocks=(Stock(variant_id="v", on_hand=1, reserved=0),),
        pictures=(),
        version="1",
    )


def codes(verdict: rules.Verdict) -> list[str]:
    return [finding.code for finding in verdict.problems]


# ---- dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decided", "expires"),
    [
        (date(2024, 2, 29), date(2027, 2, 28)),
        (date(2023, 11, 30), date(2026, 11, 30)),
        (date(2025, 2, 28), date(2028, 2, 28)),
        (date(2023, 11, 21), date(2026, 11, 21)),
        (date(2021, 12, 31), date(2024, 12, 31)),
    ],
)
def test_a_certificate_runs_36_months_clamped_to_the_month_end(decided: date, expires: date) -> None:
    assert rules.expires_on(decided, LAW) == expires


def test_before_the_programme_no_term_is_known() -> None:
    assert rules.expires_on(date(2018, 1, 1), LAW) is None


@given(day=st.dates(date(2019, 8, 21), date(2060, 1, 1)), months=st.integers(0, 120))
def test_adding_months_keeps_the_day_or_takes_the_last(day: date, months: int) -> None:
    later = rules.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


def test_in_force_through_its_last_day_and_not_after() -> None:
    one = certificate(date(2023, 11, 21))
    assert rules.in_force(one, date(2026, 11, 21), LAW)
    assert not rules.in_force(one, date(2026, 11, 22), LAW)
    assert not rules.in_force(one, date(2023, 11, 20), LAW)


def test_the_filing_window_includes_both_ends() -> None:
    one = certificate(date(2024, 5, 24))  # ends 24 May 2027
    end = one.expires_on
    for days_left, wanted in ((181, "active"), (180, "window_open"), (120, "window_open"), (119, "window_missed")):
        assert rules.state(one, (one,), end - timedelta(days=days_left), LAW) == wanted
    assert rules.state(one, (one,), end, LAW) == "window_missed"
    assert rules.state(one, (one,), end + timedelta(days=1), LAW) == "expired"
    assert rules.filing_window(one, date(2026, 5, 21), LAW) is None  # the window came with Decision 26


# ---- extension, revocation, succession ---------------------------------------------------------------------------


def test_an_extension_needs_a_document_and_is_capped() -> None:
    one = certificate(date(2023, 8, 31), extended_until=date(2027, 12, 31))
    assert rules.state(one, (), TODAY, LAW) == "expired"
    papered = replace(one, extension_doc="Công văn 5")
    assert rules.state(papered, (), TODAY, LAW) == "extended"
    assert rules.last_day(papered, TODAY, LAW) == date(2026, 8, 31) + timedelta(days=180)


def test_an_extension_never_shortens() -> None:
    one = certificate(extended_until=date(2025, 1, 1), extension_doc="x")
    assert rules.last_day(one, TODAY, LAW) == one.expires_on


def test_a_revocation_counts_from_its_day_on() -> None:
    one = certificate(revoked_on=date(2026, 10, 30), ground="mark_misuse")
    assert rules.can_claim_ocop(sellable(one), date(2026, 10, 29), LAW).ok
    verdict = rules.can_claim_ocop(sellable(one), date(2026, 10, 30), LAW)
    assert codes(verdict) == ["certificate_revoked"]
    assert verdict.problems[0].facts["ground"] == "mark_misuse"
    assert verdict.problems[0].facts["gate"] == "G01"


def test_a_new_certificate_supersedes_the_old_for_good() -> None:
    old = certificate(date(2024, 1, 10), stars=3)
    new = certificate(date(2025, 6, 1), id="c2", stars=4)
    both = (new, old)
    assert rules.current_certificate(both, date(2025, 5, 31), LAW) == old
    assert rules.current_certificate(both, date(2025, 6, 1), LAW) == new
    assert rules.state(old, both, TODAY, LAW) == "superseded"
    assert rules.state(new, both, date(2025, 1, 1), LAW) == "pending"
    revoked = replace(new, revoked_on=date(2026, 1, 1))
    assert rules.current_certificate((old, revoked), TODAY, LAW) is None


def test_stars_can_go_down() -> None:
    four = certificate(date(2023, 3, 1), stars=4)
    three = certificate(date(2026, 2, 1), id="c2", stars=3)
    found = rules.current_certificate((four, three), TODAY, LAW)
    assert found is not None
    assert found.stars == 3


@pytest.mark.parametrize(
    ("day", "regimes"),
    [
        (date(2019, 8, 20), ()),
        (date(2023, 2, 23), ("1048",)),
        (date(2023, 2, 24), ("148",)),
        (date(2025, 7, 6), ("148", "1489")),
        (date(2026, 6, 10), ("148", "1489", "26")),
        (date(2026, 7, 21), ("148", "1489", "26")),
        (date(2026, 7, 22), ("26",)),
    ],
)
def test_regimes_overlap(day: date, regimes: tuple[str, ...]) -> None:
    assert rules.possible_regimes(day, LAW) == regimes


# ---- gates -------------------------------------------------------------------------------------------------------


def test_claims_need_a_certificate_and_its_very_stars() -> None:
    assert codes(rules.can_claim_ocop(sellable(), TODAY, LAW)) == ["certificate_missing"]
    good = sellable(certificate())
    assert rules.can_claim_ocop(good, TODAY, LAW, shown={4}).ok
    verdict = rules.can_claim_ocop(good, TODAY, LAW, shown={3, 4, 5})
    assert verdict.problems == (("stars_differ", {"gate": "G02", "shown": [3, 5], "stars": 4}),)


def test_a_lapsed_certificate_bans_the_claim_not_the_sale() -> None:
    lapsed = sellable(certificate(date(2023, 11, 20)))
    assert codes(rules.can_claim_ocop(lapsed, TODAY, LAW)) == ["certificate_expired"]
    assert rules.can_sell(lapsed, TODAY, LAW, channel=Channel()).ok


@pytest.mark.parametrize(
    ("thing", "gate", "code"),
    [
        (sellable(product={"active": False}), None, "product_inactive"),
        (sellable(set_no=None), "G03", "set_unknown"),
        (sellable(net_quantity=""), "G03", "label_incomplete"),
        (sellable(product={"storage": ""}), "G03", "label_incomplete"),
        (sellable(product={"shelf_life_months": None}), "G03", "label_incomplete"),
        (sellable(product={"food_declaration": ""}), "G04", "food_papers_missing"),
        (sellable(set_no=18, product={"ad_confirmation": ""}), "G05", "ad_confirmation_missing"),
        (sellable(set_no=14), "G06", "abv_missing"),
        (sellable(set_no=14, abv_pct=29.5), "G06", "alcohol_not_on_channel"),
        (sellable(set_no=26), "G03", "service_not_shipped"),
        (sellable(product={"reviewed_at": None}), "G08", "not_reviewed"),
    ],
)
def test_each_gate_closes_with_its_own_problem(thing: Sellable, gate: str | None, code: str) -> None:
    verdict = rules.can_sell(thing, TODAY, LAW, channel=Channel(ships=True, alcohol=False))
    assert (gate, code) in [(f.facts.get("gate"), f.code) for f in verdict.problems]
    assert not verdict.ok


def test_an_inactive_producer_sells_nothing() -> None:
    one = sellable()
    assert codes(rules.can_sell(replace(one, producer=replace(one.producer, active=False)), TODAY, LAW)) == [
        "producer_inactive"
    ]


def test_what_is_missing_is_named() -> None:
    (finding,) = rules.can_sell(sellable(net_quantity="", product={"storage": ""}), TODAY, LAW).problems
    assert finding.facts["missing"] == ["net_quantity", "storage"]
    assert "37/2026" in str(finding.facts["legal_ref"])


@pytest.mark.parametrize("set_no", [1, 2, 14, 21, 22, 23, 24, 25, 26])
def test_no_food_declaration_is_asked_of_fresh_goods_crafts_and_services(set_no: int) -> None:
    bare = sellable(set_no=set_no, abv_pct=5.0, product={"food_declaration": ""})
    assert rules.can_sell(bare, TODAY, LAW, channel=Channel(ships=False, alcohol=True)).ok


def test_a_service_has_no_weight_and_is_booked() -> None:
    stay = sellable(set_no=26, net_quantity="", unit="", product={"storage": "", "shelf_life_months": None})
    assert rules.can_sell(stay, TODAY, LAW, channel=Channel(ships=False)).ok
    assert codes(rules.can_sell(stay, TODAY, LAW, channel=Channel(ships=True))) == ["service_not_shipped"]


def test_alcohol_is_limited_by_strength() -> None:
    def limits(abv: float | None) -> rules.AlcoholLimits | None:
        return rules.alcohol_limits(sellable(set_no=14, abv_pct=abv), TODAY, LAW)

    assert limits(14.9) == rules.AlcoholLimits(cod=False, age_gate=18, promotion=True)
    assert limits(15.0) == limits(None) == rules.AlcoholLimits(cod=False, age_gate=18, promotion=False)
    assert rules.alcohol_limits(sellable(set_no=6), TODAY, LAW) is None


def test_a_channel_may_ask_for_verified_sellers() -> None:
    strict = Channel(verified_sellers_only=True)
    assert codes(rules.can_sell(sellable(), TODAY, LAW, channel=strict, verified=False)) == ["seller_not_verified"]
    assert rules.can_sell(sellable(), TODAY, LAW, channel=strict, verified=True).ok
    assert rules.can_sell(sellable(), TODAY, LAW, channel=Channel(), verified=False).ok


# ---- the law is data ---------------------------------------------------------------------------------------------


def test_every_rule_has_its_days_and_its_source() -> None:
    assert LAW.rules()
    assert all(rule.legal_ref and isinstance(rule.effective_from, date) for rule in LAW.rules())
    assert set(rules._HAS) == FACTS


def test_a_suspended_rule_applies_on_no_day_until_turned_on() -> None:
    suspended = [rule for rule in LAW.foods if rule.suspended]
    assert [rule.legal_ref for rule in suspended] == ["Nghị định 46/2026/NĐ-CP"]
    fresh = sellable(set_no=1, product={"food_declaration": ""})
    assert rules.can_sell(fresh, TODAY, LAW).ok
    turned_on = replace(LAW, foods=tuple(replace(rule, suspended=False) for rule in LAW.foods))
    assert codes(rules.can_sell(fresh, TODAY, turned_on)) == ["food_papers_missing"]


@pytest.mark.parametrize(
    "text",
    [
        "[[regime]]\ncode = '1'",
        "[[review]]\neffective_from = 2026-01-01\nlegal_ref = ''",
        "[[review]]\neffective_from = 2026-01-02\neffective_to = 2026-01-01\nlegal_ref = 'x'",
        "[[food]]\neffective_from = 2026-01-02\nlegal_ref = 'x'\nsets = [1]\nrequires = ['moon']\nadvises = []",
        "not toml",
    ],
)
def test_a_malformed_law_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        law_module.parse(text)
    assert caught.value.code == "law_malformed"


# ---- when to look again ------------------------------------------------------------------------------------------


def test_the_next_change_is_the_day_after_the_last() -> None:
    one = sellable(certificate(date(2023, 11, 21)))
    assert rules.next_change(one, TODAY, LAW) == date(2026, 11, 22)
    extended = sellable(certificate(date(2023, 8, 31), extended_until=date(2027, 2, 27), extension_doc="x"))
    assert rules.next_change(extended, TODAY, LAW) == date(2027, 2, 28)
    assert rules.next_change(sellable(), date(2030, 1, 1), LAW) is None


@given(
    decided=st.lists(st.dates(date(2022, 1, 1), date(2026, 6, 30)), min_size=1, max_size=3, unique=True),
    revoked=st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    extended=st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    today=st.dates(date(2026, 1, 1), date(2029, 6, 1)),
)
@settings(max_examples=40, deadline=None)
def test_nothing_changes_before_the_next_change(
    decided: list[date], revoked: date | None, extended: date | None, today: date
) -> None:
    last = max(decided)
    own = [
        certificate(day, id=f"c{day}", stars=3 + i % 3, revoked_on=revoked if day == last else None,
                    extended_until=extended, extension_doc="x")
        for i, day in enumerate(decided)
    ]  # fmt: skip
    one = sellable(*own)

    def gates(day: date) -> tuple[bool, str | None, tuple[str, ...]]:
        current = rules.current_certificate(own, day, LAW)
        sale = rules.can_sell(one, day, LAW)
        return rules.can_claim_ocop(one, day, LAW).ok, None if current is None else current.id, tuple(codes(sale))

    coming = rules.next_change(one, today, LAW)
    day = today
    until = coming or today + timedelta(days=900)
    while day < until:
        assert gates(day) == gates(today)
        day += timedelta(days=1)


# ---- the sample registries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["soc_trang", "tay_ninh", "lang_son"])
def test_standings_per_star_are_the_expected_counts(name: str, registries: Mapping[str, Any], the_law: Law) -> None:
    registry = registries[name]
    counted: dict[str, Counter[str]] = {}
    for one in registry.sellables:
        standing = rules.standing(one.certificates, TODAY, the_law)
        counted.setdefault(str(one.certificates[0].stars), Counter())[standing or "none"] += 1
    assert counted == registry.expected["status_by_star"]
    assert sum(counted.values(), Counter()) == registry.expected["status_on_as_of"]


def test_acceptance_1_in_force_products_and_producers(registries: Mapping[str, Any], the_law: Law) -> None:
    products = registries["soc_trang"].sellables
    holding = [s for s in products if rules.can_claim_ocop(s, TODAY, the_law).ok]
    assert len(products) == 326
    assert len(holding) == 281
    assert len({s.producer.id for s in holding}) == 173
    assert len({s.producer.id for s in products}) == 186


def test_acceptance_2_the_last_day_counts(registries: Mapping[str, Any], the_law: Law) -> None:
    last_day = [
        s for s in registries["soc_trang"].sellables if s.certificates[0].decision_date == date(2023, 11, 21)
    ]  # fmt: skip
    assert last_day
    assert all(rules.can_claim_ocop(s, TODAY, the_law).ok for s in last_day)
    assert not any(rules.can_claim_ocop(s, date(2026, 11, 22), the_law).ok for s in last_day)


def test_what_may_be_sold_and_what_is_held(registries: Mapping[str, Any], the_law: Law) -> None:
    verdicts = [
        rules.can_sell(s, TODAY, the_law, channel=Channel(ships=True, alcohol=False))
        for s in registries["soc_trang"].sellables
    ]
    assert sum(v.ok for v in verdicts) == 291
    held = Counter(finding.code for v in verdicts for finding in v.problems)
    assert held == {
        "abv_missing": 14, "alcohol_not_on_channel": 14, "service_not_shipped": 12, "ad_confirmation_missing": 9,
    }  # fmt: skip
