"""What an unnamed column holds, by its cells: asked only for fields that no header announced. Pure."""

import re
from collections.abc import Callable, Sequence

from hub.catalog.intake.columns import Match
from hub.catalog.intake.dates import read_date
from hub.catalog.intake.legacy import clean
from hub.catalog.intake.values import read_gtin, read_stars
from hub.catalog.intake.workbook import Cell, Sheet

_LOOKED = 60  # rows looked at
_MOST = 0.7  # so many of the filled cells must agree
_SCORE = 80.0


def _is_stars(cell: Cell) -> bool:
    if not isinstance(cell, str) or not re.search(r"sao|[*★⭐]", cell, re.IGNORECASE):
        return False
    return read_stars(clean(cell).text).reason in (None, "star_not_certifiable", "not_yet_recognised")


def _is_decision(cell: Cell) -> bool:
    return isinstance(cell, str) and re.search(r"\d+\s*/\s*Q[ĐDÐ]", clean(cell).text, re.IGNORECASE) is not None


def _is_date(cell: Cell) -> bool:
    if isinstance(cell, str | int | float) and not isinstance(cell, str):
        return False  # a plain number may be anything
    read = read_date(clean(cell).text if isinstance(cell, str) else cell)
    return read.day is not None


def _is_gtin(cell: Cell) -> bool:
    read = read_gtin(clean(cell).text if isinstance(cell, str) else cell)
    return read.text is not None and len(read.text) >= 12


_KINDS: tuple[tuple[str, Callable[[Cell], bool]], ...] = (
    ("decision_no", _is_decision),
    ("stars", _is_stars),
    ("gtin", _is_gtin),
    ("decision_date", _is_date),
)


def guess_by_content(
    sheet: Sheet, first_row: int, free: Sequence[tuple[int, str]], found: frozenset[str]
) -> dict[int, Match]:
    """Column -> field for columns in ``free`` (index, header) whose cells speak for a field not in ``found``."""
    guesses: dict[int, Match] = {}
    taken = set(found)
    for field, fits in _KINDS:
        if field in taken or (field == "decision_date" and found & {"expires_on", "opened_on"} and len(free) > 6):
            continue
        for index, header in free:
            if index in guesses:
                continue
            cells = [r[index] for r in sheet.rows[first_row : first_row + _LOOKED] if r[index] != ""]
            if len(cells) >= 2 and sum(map(fits, cells)) >= _MOST * len(cells):
                guesses[index] = Match(field=field, header=header or "?", score=_SCORE)
                taken.add(field)
                break
    return guesses
