"""Figures, days and moments as people write them, in both languages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from hub.web.names import NAMES
from hub.web.texts import Speech

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
VI, EN = Speech("vi", NOW), Speech("en", NOW)


def test_money_and_counts() -> None:
    assert (VI.vnd(1_234_567), EN.vnd(1_234_567), VI.vnd(-500), VI.vnd(0)) == (
        "1.234.567 ₫", "1,234,567 ₫", "−500 ₫", "0 ₫",
    )  # fmt: skip
    assert (VI.vnd(None), VI.number(None), VI.percent(None), VI.amount(None), VI.day(None)) == ("—",) * 5
    assert (VI.number(20_000), EN.number(20_000)) == ("20.000", "20,000")
    assert (VI.percent(Decimal("12.5")), EN.percent(Decimal("12.5"))) == ("12,5 %", "12.5 %")
    assert [VI.amount(Decimal(x)) for x in ("81.110", "5", "1234.5678", "0.0004")] == ["81,11", "5", "1.234,568", "0"]


def test_days_and_moments() -> None:
    assert (VI.day(date(2026, 11, 1)), VI.month(date(2026, 11, 1)), EN.month(date(2026, 11, 1))) == (
        "01/11/2026", "tháng 11/2026", "November 2026",
    )  # fmt: skip
    assert VI.moment(NOW) == "08:00 21/11/2026"


@pytest.mark.parametrize(
    ("back", "said"),
    [(timedelta(seconds=5), "vừa xong"), (timedelta(minutes=12), "12 phút trước"), (timedelta(hours=3), "3 giờ trước"),
     (timedelta(days=1), "08:00 20/11/2026"), (timedelta(minutes=-5), "08:05 21/11/2026")],
)  # fmt: skip
def test_relative_time_under_a_day_and_the_day_after_that(back: timedelta, said: str) -> None:
    assert VI.ago(NOW - back) == said


def test_how_long_it_took() -> None:
    spans = [NOW + timedelta(seconds=s) for s in (0, 119, 120, 7200)]
    assert [VI.lasted(NOW, end) for end in spans] == ["0 giây", "119 giây", "2 phút", "2 giờ"]
    assert VI.lasted(NOW, None) == "—"


def test_names_never_fail() -> None:
    assert VI.name("order", "shipped") == "Đang giao"
    assert VI.name("order", "nosuch") == "nosuch"
    assert VI.tone("order", "nosuch") == "rest"
    assert [VI.name(kind, key) for kind, names in NAMES.items() for key in names if VI.name(kind, key) == key] == []


def test_why_a_run_stopped_is_a_sentence() -> None:
    assert VI.note("budget_calls").startswith("Đã dừng")
    assert "cơ sở dữ liệu" in VI.note("database_busy").casefold()
    assert VI.note("something else") == "something else"


def test_channels_are_named_by_what_people_call_them() -> None:
    assert VI.channel("shopee", "marketplace") == "Shopee"
    assert VI.channel("woocommerce", "own_site") == "Trang bán hàng riêng"
    assert VI.channel("nosuch", "marketplace") == "nosuch"
