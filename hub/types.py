"""Small types everybody shares: ids, money, periods, Vietnamese search keys, local dates."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NewType, TypeVar
from zoneinfo import ZoneInfo

Sku = NewType("Sku", str)
"""Our key of a variant on every channel. At most 60 characters, ASCII."""
RemoteId = NewType("RemoteId", str)
"""An id a platform gave. Numbers are kept as text."""
Vnd = int
"""Dong. There is no minor unit; a float never enters a sum."""

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """Half-open ``[start, end)`` in aware UTC time."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def local_date(moment: datetime) -> date:
    """The day a moment belongs to in Vietnam (UTC+7, no summer time)."""
    return moment.astimezone(LOCAL).date()


def local_text(moment: datetime) -> str:
    """A moment as people in Vietnam write it."""
    return f"{moment.astimezone(LOCAL):%d/%m/%Y %H:%M}"


def local_midnight(day: date) -> datetime:
    """The UTC moment at which a local day begins."""
    return datetime.combine(day, time(0), tzinfo=LOCAL).astimezone(UTC)


def day_period(first: date, last: date) -> Period:
    """All of the local days ``first`` to ``last``, both included."""
    return Period(start=local_midnight(first), end=local_midnight(last + timedelta(days=1)))


def parse_period(text: str) -> Period:
    """``2026``, ``2026-11``, ``2026-Q4``, ``2026-11-21`` or ``2026-11-01..2026-11-15`` as local days.

    Raises ValueError when the text is none of these.
    """
    first, last = _period_days(text.strip())
    return day_period(first, last)


def _period_days(text: str) -> tuple[date, date]:
    if ".." in text:
        left, right = text.split("..", 1)
        return _period_days(left)[0], _period_days(right)[1]
    parts = text.upper().split("-")
    year = int(parts[0])
    if len(parts) == 1:
        return date(year, 1, 1), date(year, 12, 31)
    if parts[1].startswith("Q"):
        quarter = int(parts[1][1:])
        if not 1 <= quarter <= 4:
            raise ValueError(text)
        return date(year, 3 * quarter - 2, 1), _month_end(year, 3 * quarter)
    month = int(parts[1])
    if len(parts) == 2:
        return date(year, month, 1), _month_end(year, month)
    day = date(year, month, int(parts[2]))
    return day, day


def _month_end(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def nfc(text: str) -> str:
    """Composed Unicode, white space folded to single blanks, ends trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _plain(text: str) -> str:
    """No accents, lower case; the slow and sure way."""
    low = unicodedata.normalize("NFD", text.casefold().replace("đ", "d").replace("ð", "d"))
    return "".join(c for c in low if not unicodedata.combining(c))


_VIETNAMESE = {
    ord(letter): _plain(letter)
    for base in "aăâeêioôơuưyđAĂÂEÊIOÔƠUƯYĐ"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    if len(letter := unicodedata.normalize("NFC", base + tone)) == 1
}
"""Every composed letter of Vietnamese -> its plain one: what nearly all texts need, at the speed of C."""


def fold(text: str) -> str:
    """Search key: no accents, lower case, single blanks; ``Thanh Hóa`` and ``thanh hoá`` are the same key."""
    low = text.translate(_VIETNAMESE)
    low = low.lower() if low.isascii() else _plain(low)
    return " ".join(low.split())


def share_out(total: Vnd, weights: Sequence[Vnd]) -> tuple[Vnd, ...]:
    """Split ``total`` by weight in whole dong; the remainder goes to the heaviest (first of equals).

    The parts add up to ``total`` exactly. With no weight at all everything goes to the first.
    Rule: reporting.md section 0, allocation of order-level amounts to lines.
    """
    if not weights:
        return ()
    whole = sum(weights)
    if whole == 0:
        return (total, *([0] * (len(weights) - 1)))
    sign = -1 if total < 0 else 1
    parts = [sign * (abs(total) * w // whole) for w in weights]
    heaviest = max(range(len(weights)), key=lambda i: weights[i])
    parts[heaviest] += total - sum(parts)
    return tuple(parts)


_T = TypeVar("_T")


def chunks(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Consecutive groups of at most ``size`` items."""
    iterator = iter(items)
    while group := tuple(islice(iterator, size)):
        yield group
