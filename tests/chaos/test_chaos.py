"""A short chaos in every test run; ``make chaos`` is the long one, on both databases."""

import pytest

from tests.chaos.story import Wish, run

pytestmark = pytest.mark.chaos


def test_both_books_are_equal_after_a_short_chaos() -> None:
    answer = run("sqlite", Wish(seed=7, orders=40, kills=3, seconds=8.0, most=1))
    assert answer["ok"], answer
    assert answer["orders"] == 40
    assert answer["kills"] == 3
