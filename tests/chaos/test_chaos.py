"""A short chaos in every test run; ``make chaos`` is the long one, on both databases."""

import json
from dataclasses import replace

import pytest

from tests.chaos.market import RATES
from tests.chaos.story import Wish, run

pytestmark = pytest.mark.chaos
FEWER = replace(RATES, throttled=0.015, throttled_bare=0.005, error_json=0.02, error_html=0.02)
"""Each trouble of the long run, some of it less often: what is waited for between attempts makes most of the time."""


def test_both_books_are_equal_after_a_short_chaos() -> None:
    answer = run("sqlite", Wish(seed=7, orders=40, kills=3, seconds=8.0, most=1, rates=FEWER))
    assert answer["ok"], json.dumps(answer, ensure_ascii=False, default=str)
    assert answer["orders"] == 40
    assert answer["kills"] == 3
