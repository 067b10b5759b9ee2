"""Which days an address asks for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.web.days import Asked, Span, month_of

TODAY = date(2027, 3, 5)
KNOWN = (date(2026, 12, 1), date(2026, 11, 1))


@given(st.dates(min_value=date(2001, 1, 1), max_value=date(2199, 1, 1)))
def test_a_month_is_its_days(day: date) -> None:
    span = month_of(day)
    assert day in span.days
    assert {one.month for one in span.days} == {day.month}
    assert span.month == f"{day:%Y-%m}"
    assert Asked(month=span.month).span((), TODAY) == span
    assert 28 <= len(span.days) <= 31


def test_without_days_the_newest_month_that_has_figures() -> None:
    assert Asked().span(KNOWN, TODAY) == month_of(date(2026, 12, 9))
    assert Asked(first=date(2026, 1, 1)).span(KNOWN, TODAY) == month_of(date(2026, 12, 9))
    assert Asked().span((), TODAY) == month_of(TODAY)


def test_other_days_are_no_month() -> None:
    span = Asked(first=date(2026, 11, 21), last=date(2026, 12, 12)).span(KNOWN, TODAY)
    assert (span.month, len(span.days)) == ("", 22)
    assert span.filters == {"tu": date(2026, 11, 21), "den": date(2026, 12, 12)}
    assert Span(first=date(2026, 11, 1), last=date(2026, 11, 30)).filters == {"thang": "2026-11"}


@pytest.mark.parametrize(
    "asked",
    [Asked(month="2026-13"), Asked(month="x"), Asked(first=date(2026, 2, 1), last=date(2026, 1, 1)),
     Asked(first=date(1900, 1, 1), last=date(2026, 1, 1))],
)  # fmt: skip
def test_what_are_no_days_is_refused(asked: Asked) -> None:
    with pytest.raises(Invalid) as caught:
        asked.span(KNOWN, TODAY)
    assert caught.value.code == "period_invalid"
