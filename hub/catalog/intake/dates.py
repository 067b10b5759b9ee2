"""Dates as offices write them: day first, text or serial, inside other text, whole or not. Pure.

``5/6/2024`` is 5 June. A text that names a month or a year only is incomplete, never completed.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

_EPOCH = date(1899, 12, 30)  # serial 1 is 1 January 1900 in Excel's count, leap-year fault included
_EPOCH_1904 = date(1904, 1, 1)
_SERIALS = range(36_526, 73_051)  # 2000-01-01 .. 2100-01-01: what a serial in a registry can be
_SEP = r"\s*[/.\-–\\]{1,2}\s*"
_DMY = re.compile(rf"(?<!\d)(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})(?!\d)")
_YMD = re.compile(rf"(?<![\d/.\-])(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})(?!\d)")
_WORDS = re.compile(
    r"(?:ngày\s*)?(\d{1,2})\s*tháng\s*(\d{1,2})\s*(?:năm|[,/.\-])?\s*(\d{4}|\d{2})(?!\d)", re.IGNORECASE
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH = re.compile(
    rf"(?<!\d)(\d{{1,2}})[\s\-]+({'|'.join(_MONTHS)})[a-z]*[\s\-,]+(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE
)
_PACKED = re.compile(r"(\d{2})(\d{2})(20\d{2})")
_PACKED_YMD = re.compile(r"(20\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])")
_LOOSE = re.compile(r"(\d{1,2})[\s,_]+(\d{1,2})[\s,_]+(\d{4})")
_YEARS = range(1990, 2101)  # a registry speaks of no other year: it is a typing error
_PART = re.compile(
    rf"(?:tháng\s*)?\d{{1,2}}{_SEP}\d{{4}}|tháng\s*\d{{1,2}}(?:\s*(?:năm|[/.\-]))?\s*\d{{2,4}}|(?:năm\s*)?(?:19|20)\d{{2}}"
    rf"|quý\s*(?:[ivIV]+|\d)\s*(?:năm|[/.\-])?\s*\d{{4}}|ngày\s*(?:\d{{1,2}}|[.…_]+)?\s*tháng\s*(?:\d{{1,2}}|[.…_]+)?.*|(?:ngày\s*)?\d{{1,2}}{_SEP}\d{{1,2}}|tháng\s*\d{{1,2}}"
    rf"|\d{{1,2}}{_SEP}\d{{4}}{_SEP}\d{{1,2}}{_SEP}\d{{4}}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date, or why there is none (``invalid``, ``incomplete``); ``marks`` are finding codes."""

    day: date | None
    problem: str | None = None
    marks: tuple[str, ...] = ()


NO_DATE = ReadDate(None)


def read_date(value: object, *, epoch_1904: bool = False) -> ReadDate:
    """A cell that should hold one date. An empty cell gives no date and no problem."""
    if isinstance(value, datetime):
        return ReadDate(value.date())
    if isinstance(value, date):
        return ReadDate(value)
    if isinstance(value, bool):
        return ReadDate(None, "invalid")
    if isinstance(value, int | float):
        return _from_number(float(value), epoch_1904)
    if isinstance(value, str):
        return _from_text(value)
    return ReadDate(None, "invalid")


@lru_cache(maxsize=16_384)
def _from_number(number: float, epoch_1904: bool = False) -> ReadDate:
    whole = int(number)
    if whole in _SERIALS or (epoch_1904 and whole + 1462 in _SERIALS):
        start = _EPOCH_1904 if epoch_1904 else _EPOCH
        return ReadDate(start + timedelta(days=whole), None, ("date_from_serial",))
    if 1990 <= number <= 2100 and number == whole:
        return ReadDate(None, "incomplete")
    return _from_text(str(whole)) if 1_000_000 <= number < 100_000_000 else ReadDate(None, "invalid")


@lru_cache(maxsize=16_384)
def _from_text(text: str) -> ReadDate:
    text = text.strip(" .,;")
    if not text or text in {"-", "–", "/", "x"}:
        return NO_DATE
    found = find_date(text)
    if found is not None:
        return found if len(_whole_dates(text)) < 2 else ReadDate(None, "invalid")
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", text) and int(text[:5]) in _SERIALS:
        return _from_number(float(text[:5]))
    if packed := _PACKED_YMD.fullmatch(text):
        return _made(packed[1], packed[2], packed[3])
    if loose := _LOOSE.fullmatch(text):
        return _made(loose[3], loose[2], loose[1])
    if len(text) in (7, 8) and (packed := _PACKED.fullmatch(text.zfill(8))):
        return _made(packed[3], packed[2], packed[1])
    if _PART.fullmatch(text):
        return ReadDate(None, "incomplete")
    return ReadDate(None, "invalid")


def _whole_dates(text: str) -> set[tuple[int, int, int]]:
    """The different dates a text writes day first: one cell with two dates states neither."""
    return {(int(m[3][-2:]), int(m[2]), int(m[1])) for m in _DMY.finditer(text)}


def find_date(text: str) -> ReadDate | None:
    """The first whole date written in a text, possible or not; None when none is written."""
    if found := _YMD.search(text):
        return _made(found[1], found[2], found[3])
    if found := _DMY.search(text) or _WORDS.search(text):
        return _made(found[3], found[2], found[1])
    if found := _ENGLISH.search(text):
        return _made(found[3], str(_MONTHS.index(found[2].lower()) + 1), found[1])
    return None


def _made(year: str, month: str, day: str) -> ReadDate:
    marks = ("date_two_digit_year",) if len(year) == 2 else ()
    try:
        whole = int(year) + (2000 if marks else 0)
        return ReadDate(date(whole if whole in _YEARS else 0, int(month), int(day)), None, marks)
    except ValueError:
        return ReadDate(None, "invalid")
