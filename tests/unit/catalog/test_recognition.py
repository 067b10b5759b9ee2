"""Bands, minimums, who may sign, and what an officer may enter."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalog import law, recognition
from hub.catalog.law import Level
from hub.catalog.model import Certificate
from hub.catalog.recognition import Ranking

LAW = law.load()
BANDS = LAW.bands[0]
TODAY = date(2026, 11, 21)
ONE = Certificate(
    id="c", product_id="p", stars=3, decision_no="1887/QĐ-UBND", decision_date=date(2025, 6, 16),
    expires_on=date(2028, 6, 16), issuer="UBND huyện Kế Sách", regime="148",
)  # fmt: skip


@pytest.mark.parametrize(
    ("total", "stars"),
    [("0", 1), ("29.99", 1), ("30", 2), ("49.9", 2), ("50", 3), ("69.99", 3), ("70", 4), ("89.5", 4), ("90", 5),
     ("100", 5)],
)  # fmt: skip
def test_bands_are_half_open(total: str, stars: int) -> None:
    assert recognition.band(Decimal(total), BANDS) == stars


@pytest.mark.parametrize("total", [-0.1, 100.1])
def test_no_total_outside_0_to_100(total: float) -> None:
    with pytest.raises(ValueError):
        recognition.band(total, BANDS)


@pytest.mark.parametrize(
    ("total", "unmet", "stars"),
    [(95, (), 5), (95, (5,), 4), (95, (4, 5), 3), (75, (5,), 4), (75, (3, 5), 2), (55, (5, 4), 3)],
)
def test_an_unmet_minimum_caps_the_stars(total: int, unmet: Collection[int], stars: int) -> None:
    assert recognition.stars(total, unmet, BANDS) == stars


@given(total=st.decimals(0, 100, places=2), unmet=st.sets(st.integers(3, 5)))
def test_stars_never_exceed_the_band_nor_reach_an_unmet_minimum(total: Decimal, unmet: set[int]) -> None:
    won = recognition.stars(total, unmet, BANDS)
    assert won <= recognition.band(total, BANDS)
    assert all(won < minimum for minimum in unmet)


@pytest.mark.parametrize(
    ("total", "level", "knocked_out", "ranking"),
    [
        (49, "province", False, Ranking(stars=2, outcome="none")),
        (75, "province", False, Ranking(stars=4, outcome="recognise")),
        (92, "province", False, Ranking(stars=4, outcome="send_up")),
        (92, "ministry", False, Ranking(stars=5, outcome="recognise")),
        (92, "ministry", True, Ranking(stars=0, outcome="none")),
    ],
)
def test_a_province_never_gives_five_stars(total: int, level: Level, knocked_out: bool, ranking: Ranking) -> None:
    assert recognition.rank(total, (), level=level, day=TODAY, law=LAW, knocked_out=knocked_out) == ranking


@pytest.mark.parametrize(
    ("issuer", "day", "level"),
    [
        ("UBND huyện Kế Sách", date(2024, 1, 1), "district"),
        ("UBND TX. Ngã Năm", date(2024, 1, 1), "district"),
        ("UBND TP. Sóc Trăng", date(2024, 1, 1), "district"),
        ("UBND TP. Cần Thơ", date(2026, 1, 1), "province"),
        ("Ủy ban nhân dân thành phố Huế", date(2024, 12, 31), "district"),
        ("Ủy ban nhân dân thành phố Huế", date(2025, 1, 1), "province"),
        ("UBND tỉnh Lạng Sơn", date(2024, 1, 1), "province"),
        ("Bộ Nông nghiệp và Môi trường", date(2026, 1, 1), "ministry"),
        ("không rõ", date(2026, 1, 1), None),
    ],
)
def test_the_level_is_read_from_the_issuer(issuer: str, day: date, level: Level | None) -> None:
    assert recognition.signing_level(issuer, day, LAW) == level


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"stars": 4}, ["signer_unusual"]),
        ({"stars": 4, "issuer": "UBND tỉnh Sóc Trăng"}, []),
        ({"issuer": "UBND tỉnh Sóc Trăng"}, ["signer_unusual"]),
        ({"decision_date": date(2025, 7, 6), "expires_on": date(2028, 7, 6)}, ["signer_unusual"]),
        ({"regime": "26"}, ["regime_impossible"]),
        ({"expires_on": date(2028, 6, 15)}, ["expiry_differs"]),
        ({"stars": 2}, ["stars_not_recognised"]),
        ({"issuer": ""}, []),
    ],
)
def test_an_unusual_certificate_is_warned_about(changes: Mapping[str, Any], codes: list[str]) -> None:
    assert [f.code for f in recognition.check_certificate(replace(ONE, **changes), LAW)] == codes


def test_the_sample_registries_hold_nothing_unusual(registries: Mapping[str, Any]) -> None:
    certificates = [c for registry in registries.values() for s in registry.sellables for c in s.certificates]
    assert len(certificates) == 700
    assert [f for c in certificates for f in recognition.check_certificate(c, LAW)] == []


@pytest.mark.parametrize(
    ("expires", "until", "document", "problems", "warnings"),
    [
        (date(2026, 8, 31), date(2027, 2, 27), "CV 5", [], []),
        (date(2026, 8, 31), date(2027, 2, 28), "CV 5", ["extension_too_long"], []),
        (date(2026, 8, 31), date(2026, 8, 31), "CV 5", ["extension_too_short"], []),
        (date(2026, 8, 31), date(2027, 2, 1), " ", ["extension_needs_document"], []),
        (date(2026, 11, 30), date(2027, 2, 1), "CV 5", [], ["extension_beyond_transition"]),
    ],
)
def test_an_extension_is_papered_and_capped(
    expires: date, until: date, document: str, problems: list[str], warnings: list[str]
) -> None:
    verdict = recognition.check_extension(replace(ONE, expires_on=expires), until, document, TODAY, LAW)
    assert [f.code for f in verdict.problems] == problems
    assert [f.code for f in verdict.warnings] == warnings


def test_a_revocation_needs_a_known_ground_and_a_document() -> None:
    def check(certificate: Certificate = ONE, ground: str = "mark_misuse", document: str = "5/QĐ-UBND") -> list[str]:
        verdict = recognition.check_revocation(certificate, TODAY, ground, document, TODAY, LAW)
        return [f.code for f in verdict.problems]

    assert check() == []
    assert check(ground="bad_mood", document="") == ["revocation_ground_unknown", "revocation_needs_document"]
    assert check(replace(ONE, revoked_on=TODAY)) == ["revoked_already"]
    assert check(replace(ONE, decision_date=date(2027, 1, 1))) == ["revocation_too_early"]


def test_the_authority_has_15_days() -> None:
    assert recognition.revocation_due(date(2026, 11, 21), LAW) == date(2026, 12, 6)
    assert recognition.revocation_due(date(2024, 1, 1), LAW) is None
