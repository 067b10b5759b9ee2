"""Moments with and without a zone, and words that are known or not."""

from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from hub.connectors.shapes import At, LocalAt, LocalMoment, Moment, Text, one_of

EIGHT = datetime(2026, 11, 21, 8, tzinfo=UTC)
ONE = datetime(2026, 11, 21, 1, tzinfo=UTC)


class Times(BaseModel):
    world: At
    here: LocalAt
    not_yet: Moment = None
    not_yet_here: LocalMoment = None


@pytest.mark.parametrize(
    ("written", "world", "here"),
    [
        ("2026-11-21 08:00:00", EIGHT, ONE),  # no zone: whose time it is must be known beforehand
        ("2026-11-21T08:00:00Z", EIGHT, EIGHT),
        ("2026-11-21T08:00:00+07:00", ONE, ONE),
        (1795248000, EIGHT, EIGHT),
        ("1795248000000", EIGHT, EIGHT),
    ],
)
def test_a_moment_is_utc_whoever_wrote_it(written: object, world: datetime, here: datetime) -> None:
    found = Times.model_validate({"world": written, "here": written, "not_yet": "", "not_yet_here": 0})
    assert (found.world, found.here, found.not_yet, found.not_yet_here) == (world, here, None, None)
    assert {found.world.tzinfo, found.here.tzinfo} == {UTC}


class Stated(BaseModel):
    state: Annotated[Text, one_of({"new": 1, "7": 2})]


def test_a_word_nobody_told_us_of_is_set_aside() -> None:
    assert [Stated.model_validate({"state": word}).state for word in ("new", 7)] == ["new", "7"]
    with pytest.raises(ValidationError):
        Stated.model_validate({"state": "teleported"})
