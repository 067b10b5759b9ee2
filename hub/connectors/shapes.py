"""Values as platforms write them, for the pydantic models of connectors: money, moments, texts, lists.

Lenient on how a thing is written (number or text, seconds or milliseconds), strict on what it is: what fits no way of
writing fails and becomes :class:`~hub.errors.Garbled` with its path. ``None``, ``""`` and ``0`` moments mean "not yet".
"""

from collections.abc import Collection
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator

from hub.types import LOCAL, Vnd

T = TypeVar("T")

MILLISECONDS = 100_000_000_000
"""A larger number of seconds lies in the year 5138: such a figure is milliseconds."""


class Accepted(BaseModel):
    """An answer whose payload says nothing we need."""


def _dong(value: object) -> object:
    """A JSON number or decimal text ("150000.00", "150,000.00") as whole dong, half up, never through a float sum."""
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return value
    try:
        return int(Decimal(str(value).replace(",", "")).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation:
        return value


def _zero(value: object) -> object:
    return 0 if (found := _dong(value)) is None else found


def _moment(value: object, zone: tzinfo = UTC) -> object:
    """Unix seconds or milliseconds (number or text), ISO 8601 text, or "2026-11-21 08:00:00" taken as ``zone``'s."""
    if value in (None, "", 0, "0"):
        return None
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        value = int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= MILLISECONDS else value
        return datetime.fromtimestamp(seconds, UTC)
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            return value
        return (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
    return value


def _text(value: object) -> object:
    if value is None:
        return ""
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _many(value: object) -> object:
    return [] if value in (None, "") else value


def _flag(value: object) -> object:
    """true, 1, "1", "true", "yes" and their opposites; nothing is no."""
    if value in (None, ""):
        return False
    if isinstance(value, str):
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(
            value.strip().lower(), value
        )
    return value


def one_of(words: Collection[str]) -> AfterValidator:
    """For ``Annotated[Text, one_of(STATES)]``: a word the platform never told us of fails, so that the one element is
    set aside (:meth:`hub.connectors.api.Api.each`) instead of being guessed or ending the walk."""

    def known(value: str) -> str:
        if value not in words:
            raise ValueError("word")
        return value

    return AfterValidator(known)


Dong = Annotated[Vnd, BeforeValidator(_zero)]
"""Money; nothing stated is 0."""
MaybeDong = Annotated[Vnd | None, BeforeValidator(_dong)]
"""Money; None where the platform did not say."""
At = Annotated[datetime, BeforeValidator(_moment)]
"""A moment that must be there."""
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
"""A moment, or None: not yet."""
LocalAt = Annotated[datetime, BeforeValidator(lambda value: _moment(value, LOCAL))]
"""As :data:`At`, from platforms that write Vietnam's time without a zone."""
LocalMoment = Annotated[datetime | None, BeforeValidator(lambda value: _moment(value, LOCAL))]
"""As :data:`Moment`, from platforms that write Vietnam's time without a zone."""
Text = Annotated[str, BeforeValidator(_text)]
"""Text; numbers (ids) become text, nothing becomes ""."""
Count = Annotated[int, BeforeValidator(lambda value: 0 if value in (None, "") else value)]
"""A whole number; nothing is 0."""
Many = Annotated[list[T], BeforeValidator(_many)]
"""A list; null is empty."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""Yes or no in any of the ways platforms write it."""
Json = dict[str, Any]
"""A payload about to be sent."""
