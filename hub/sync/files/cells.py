"""A cell of a foreign sheet as money, count, moment or text. Pure. What cannot be read raises :class:`Wrong`.

Spreadsheets carry the same amount as a number, as "1.250.000 ₫", "1,250,000.00" or "(12.500)", and a moment as a date
cell, a serial number or text in whatever order. Money is never rounded: parts of a dong are an error, not a guess.
"""

import math
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.catalog.intake.workbook import Cell
from hub.types import Vnd, nfc

_SIGNS = re.compile(r"(?i)đồng|vnđ|vnd|[₫đ\s'\"]")
_AMOUNT = re.compile(r"(?P<bracket>\()?(?P<sign>[-−+])?(?P<number>[\d.,]+)(?(bracket)\))")
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*")
_EXACT = 10**15  # a number beyond this has lost digits in a spreadsheet
_SERIALS = (20_000, 80_000)  # days since 1899-12-30 that may be meant: 1954 to 2119
_SERIAL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's day one has no zone
_LONGEST = 60
_MOST = 10**14  # dong; more is a wrong column
_MOST_PIECES = 10**7
_YEARS = range(2000, 2101)


class Wrong(Exception):
    """A cell that cannot be what its column promises; ``code`` is a problem code."""

    def __init__(self, code: str, value: object) -> None:
        super().__init__(code, value)
        self.code = code
        self.value = nfc(str(value))[:_LONGEST]


def text(cell: Cell) -> str:
    """Composed text without the tabs and quotes by which exports keep numbers from being reckoned."""
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    written = nfc(str(cell).replace("\x00", ""))
    if written.startswith('="') and written.endswith('"'):
        written = written[2:-1]
    return written.strip("'\t ").strip()


def key(cell: Cell) -> str:
    """The id of an order, listing or variant. Raises Wrong for a long number the spreadsheet has rounded."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise Wrong("file_row_id_rounded", f"{cell:.0f}")
    written = text(cell)
    if re.fullmatch(r"\d(?:[.,]\d+)?[eE]\+\d+", written):
        raise Wrong("file_row_id_rounded", written)
    if len(written) > _LONGEST:
        raise Wrong("file_row_id_too_long", written)
    return written


def money(cell: Cell, decimal: str = "") -> Vnd | None:
    """Whole dong; None for an empty cell or a dash. ``decimal``: the sign before parts of a dong, "" when unknown."""
    if isinstance(cell, bool):
        raise Wrong("file_row_money_wrong", cell)
    if isinstance(cell, int | float):
        if not math.isfinite(cell) or cell != round(cell) or abs(cell) > _MOST:
            raise Wrong("file_row_money_wrong", cell)
        return round(cell)
    bare = _SIGNS.sub("", nfc(str(cell)))
    if bare in ("", "-", "–", "—"):
        return None
    parts = _AMOUNT.fullmatch(bare)
    amount = None if parts is None else _whole(parts["number"], decimal)
    if parts is None or amount is None or amount > _MOST:
        raise Wrong("file_row_money_wrong", cell)
    return -amount if parts["bracket"] or parts["sign"] in ("-", "−") else amount


def _whole(digits: str, decimal: str) -> int | None:
    """The number of a text of digits and separators; None when it is none, or not whole."""
    if not decimal and _GROUPED.fullmatch(digits):
        return int(re.sub(r"[.,]", "", digits))
    mark = decimal or next((sign for sign in reversed(digits) if sign in ".,"), "")
    whole, _, parts = digits.partition(mark) if mark else (digits, "", "")
    if parts.strip("0"):
        return None
    other = {".": ",", ",": "."}.get(mark, "")
    if other and other in whole:
        whole = re.sub(rf"(?<=\d)\{other}(?=\d{{3}}(?!\d))", "", whole)
    return int(whole) if whole.isascii() and whole.isdigit() else None


def count(cell: Cell) -> int | None:
    """A whole number of pieces, not negative, and no number that belongs into another column; None for nothing."""
    try:
        found = money(cell)
    except Wrong as wrong:
        raise Wrong("file_row_count_wrong", wrong.value) from None
    if found is not None and not 0 <= found <= _MOST_PIECES:
        raise Wrong("file_row_count_wrong", found)
    return found


def moment(cell: Cell, formats: Sequence[str], zone: ZoneInfo) -> datetime | None:
    """An aware UTC moment; a day alone is its midnight in ``zone``. None for an empty cell or a dash."""
    if isinstance(cell, datetime):
        return _aware(cell, zone)
    if isinstance(cell, date):
        return _aware(datetime(cell.year, cell.month, cell.day), zone)  # noqa: DTZ001  the zone is the sheet's
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not _SERIALS[0] <= cell <= _SERIALS[1]:  # also what is not finite
            raise Wrong("file_row_time_wrong", cell)
        return _aware(_SERIAL_ZERO + timedelta(seconds=round(cell * 86_400)), zone)
    written = text(cell)
    if written in ("", "-", "–", "—"):
        return None
    for pattern in formats:
        try:
            return _aware(datetime.strptime(written, pattern), zone)  # noqa: DTZ007
        except ValueError:
            continue
    raise Wrong("file_row_time_wrong", written)


def _aware(moment_: datetime, zone: ZoneInfo) -> datetime:
    if moment_.year not in _YEARS:
        raise Wrong("file_row_time_wrong", moment_.date().isoformat())
    local = moment_ if moment_.tzinfo is not None else moment_.replace(tzinfo=zone)
    return local.astimezone(UTC)
