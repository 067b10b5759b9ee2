"""What a list's own total rows state, and whether it fits the rows read. Pure."""

import re
from collections import Counter
from collections.abc import Mapping

from hub.catalog.intake.model import Fact, Finding
from hub.catalog.intake.scan import Scanned
from hub.catalog.intake.workbook import Cell, cell_name
from hub.types import fold

_COUNT = re.compile(r"(\d[\d.]*)\s*(?:san pham|sp\b)")
_TOLD = re.compile(r"(?:tong cong|tong so|tong|cong)[^\d|]*:?\s*(\d{1,6})\b(?!\s*sao)")
_STAR_COUNT = re.compile(r"([345])\s*sao\s*:?\s*(\d+)")
_COUNTING = ("product_name", "subject_name", "group_raw", "stars", "stt")  # where offices put the number


def declared_total(text: str, cells: Mapping[str, Cell]) -> int | None:
    """The number of products a total row states; None when it states none."""
    folded = fold(text)
    if found := _COUNT.search(folded):
        return int(found[1].replace(".", ""))
    marked = [_whole(cell) for name, cell in cells.items() if name.startswith("stars@")]
    if any(n is not None for n in marked):
        return sum(n for n in marked if n is not None)
    for name in _COUNTING:
        if (number := _whole(cells.get(name, ""))) is not None:
            return number
    found = _TOLD.search(folded)
    return int(found[1]) if found else None


def is_partial(text: str, *, at_end: bool) -> bool:
    """Whether a row adds up its section only (``Cộng huyện ...``), not the whole list."""
    return not at_end and re.match(r"cong\b(?! hoa)(?!.*\btong)", fold(text)) is not None


def check_total(
    told: int | None, counted: int, stars: Counter[int], item: Scanned, file: str, sheet: str | None
) -> list[Finding]:
    """A finding when the row states another number than was read, in all or by stars."""
    facts: dict[str, Fact] = {}
    if told is not None and told != counted:
        facts |= {"declared": told, "counted": counted}
    stated = {int(m[1]): int(m[2]) for m in _STAR_COUNT.finditer(fold(item.text))}
    for star, number in stated.items():
        if number != stars[star]:
            facts |= {f"declared_{star}_star": number, f"counted_{star}_star": stars[star]}
    if not facts:
        return []
    cell = cell_name(item.index, 0)
    return [Finding(code="total_mismatch", file=file, sheet=sheet, cell=cell, value=item.text[:60], facts=facts)]


def _whole(cell: Cell) -> int | None:
    if isinstance(cell, float) and cell.is_integer() and 0 <= cell < 1_000_000:
        return int(cell)
    return int(cell) if isinstance(cell, str) and re.fullmatch(r"\s*\d{1,5}\s*", cell) else None
