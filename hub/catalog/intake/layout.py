"""Where the table stands in a sheet and what each of its rows is. Pure.

The header is the run of rows that names the most known columns; group headers above it (merged over several columns)
lend their meaning. Below it every row is data, a section, a total, a repeated header, blank, or the closing block.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from hub.catalog.intake.columns import (
    Match,
    Personal,
    header_key,
    is_column_number,
    is_known_header,
    is_lower_header,
    match_header,
    personal_kind,
)
from hub.catalog.intake.content import guess_by_content
from hub.catalog.intake.dates import read_date
from hub.catalog.intake.legacy import clean
from hub.catalog.intake.model import SheetKind
from hub.catalog.intake.values import subject_kind
from hub.catalog.intake.workbook import Cell, Sheet
from hub.types import fold

_SEARCHED = 80  # a header further down than this is not looked for
_MAX_HEADER = 3
_SURE = 3  # so many known headings in a row are no chance
_LONGEST_LEAD = 24  # letters of the first heading of a table

RowKind = Literal["data", "blank_row", "section_row", "total_row", "repeated_header", "signature_block", "outside"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of the table. ``above``: the group header over it."""

    index: int
    header: str
    above: str
    match: Match | None
    personal: Personal | None
    hidden: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A table found in a sheet. Row numbers count from 0; ``last_row`` is the last row with data."""

    kind: SheetKind
    header_rows: tuple[int, ...]
    number_row: int | None
    first_row: int
    last_row: int
    columns: tuple[Column, ...]
    title: str  # the text above the header
    stated: date | None  # the date the title block gives
    end: int | None = None  # the row another table begins at; None: the sheet's end

    def column_of(self, field: str) -> int | None:
        """The first column that holds a field."""
        return next((c.index for c in self.columns if c.match and c.match.field == field), None)

    @property
    def fields(self) -> frozenset[str]:
        """The fields found."""
        return frozenset(c.match.field for c in self.columns if c.match)


def text_of(cell: Cell) -> str:
    """A cell as cleaned text; numbers without a false decimal."""
    if isinstance(cell, str):
        return clean(cell).text if cell else ""
    if isinstance(cell, float) and cell.is_integer():
        return f"{cell:.0f}"
    return str(cell)


def find_table(sheet: Sheet) -> Layout | None:
    """The table of a sheet, or None when no useful header stands in it."""
    tables = find_tables(sheet, most=1)
    return tables[0] if tables else None


def find_tables(sheet: Sheet, most: int = 50) -> tuple[Layout, ...]:
    """The tables of a sheet from top to bottom, at most ``most``. Another header with the same columns is no other
    table: it is the header of the next printed page."""
    head = [[text_of(c) for c in row] for row in sheet.rows[:_SEARCHED]]
    best = _header_row(head)
    first = None if best is None else _table_at(sheet, head, best)
    if best is None or first is None:
        return ()
    # A longer header further down may be the second of two lists.
    for row in range(best - _MAX_HEADER):
        earlier = _table_at(sheet, head, row) if _known_cells(head[row]) >= _SURE else None
        if earlier is not None and earlier.kind == first.kind and earlier.first_row <= best - _MAX_HEADER + 1:
            first = earlier
            break
    tables = [first]
    for row in _further_headers(sheet, first) if most > 1 else ():
        if len(tables) == most:
            break
        head.extend([text_of(c) for c in r] for r in sheet.rows[len(head) : row + _SEARCHED])
        if row < tables[-1].first_row or _same_header(head, tables[-1], row):
            continue
        table = _table_at(sheet, head, row, tables[-1].first_row)
        if tables[-1].end is None:
            tables[-1] = _ended(sheet, tables[-1], row if table is None else table.header_rows[0])
        if table is not None and table.last_row >= table.first_row:
            tables.append(table)
    return tuple(tables)


def _ended(sheet: Sheet, table: Layout, header: int) -> Layout:
    """The table up to the title above another header."""
    end = header - len(_title_rows(sheet, header, table.first_row))
    return replace(table, end=end, last_row=_last_data_row(sheet, table.columns, table.first_row, end))


def _title_rows(sheet: Sheet, header: int, top: int) -> list[str]:
    """The rows of one text each right above a header, from top to bottom."""
    found: list[str] = []
    for r in range(header - 1, max(top, header - 6) - 1, -1):
        texts = [text_of(c) for c in sheet.rows[r] if c != ""]
        if len(texts) > 1 or (texts and is_total(sheet.rows[r])):
            break
        found.append(texts[0] if texts else "")
    return found[::-1]


def _known_cells(row: Sequence[str]) -> int:
    return sum(is_known_header(t) for t in row if t)


def _further_headers(sheet: Sheet, first: Layout) -> Iterator[int]:
    """Rows below the first header that begin with a known heading and hold mostly such."""
    for index in range(first.first_row, len(sheet.rows)):
        row = sheet.rows[index]
        lead = next((c for c in row if c != ""), "")
        if not isinstance(lead, str) or not 1 < len(lead) <= _LONGEST_LEAD or lead[0].isdigit():
            continue
        if not is_known_header(text_of(lead)):
            continue
        told = [text_of(c) for c in row if c != ""]
        known = _known_cells(told)
        if known >= _SURE and known * 2 > len(told):
            yield index


def _same_header(head: Sequence[Sequence[str]], table: Layout, row: int) -> bool:
    """Whether a row says again what a header line of the table says, in the same columns."""
    return any(
        sum(a == b for a, b in zip(head[r], head[row], strict=True) if a) * 10 >= 8 * sum(1 for a in head[r] if a)
        for r in table.header_rows
    )


def side_by_side(sheet: Sheet, layout: Layout) -> tuple[Sheet, ...]:
    """The sheet once for each of several lists beside one another, the others' cells blank; empty when there is one."""
    keys = [header_key(text_of(c)) for c in sheet.rows[layout.header_rows[-1]]]
    names = [i for i, key in enumerate(keys) if key and (m := match_header(key)) and m.field == "product_name"]
    if len(names) < 2:
        return ()
    step = names[1] - names[0]
    if sum(1 for a, b in zip(keys, keys[step:], strict=False) if a and a == b) < _SURE:
        return ()
    start = next(i for i, key in enumerate(keys) if key)
    sides = []
    for left in range(start, len(keys), step):
        rows = [[c if left <= i < left + step else "" for i, c in enumerate(row)] for row in sheet.rows]
        sides.append(replace(sheet, rows=rows))
    return tuple(sides)


def _table_at(sheet: Sheet, head: Sequence[Sequence[str]], start: int, top: int = 0) -> Layout | None:
    """The table whose best header row is ``start``; ``top``: the first row its title may stand in."""
    spread = _spread(sheet, head)
    above_from, below_to = _header_span(head, spread, start)
    first = below_to + 1
    number_row = None
    if first < len(head) and _is_number_row(head[first]):
        number_row, first = first, first + 1
    columns = _with_guesses(sheet, _columns(sheet, head, spread, above_from, below_to), first)
    kind = _kind({c.match.field for c in columns if c.match})
    if kind is None:
        return None
    if top:
        title = " ".join(_title_rows(sheet, above_from, top))
    else:
        title = " ".join(t for row in head[:above_from] for t in row if t)
    return Layout(
        kind=kind,
        header_rows=tuple(range(above_from, below_to + 1)),
        number_row=number_row,
        first_row=first,
        last_row=_last_data_row(sheet, columns, first),
        columns=columns,
        title=title,
        stated=_stated_date(title),
    )


def _header_row(head: Sequence[Sequence[str]]) -> int | None:
    """The row with the most cells that are known wordings; guesses count half; at least two columns."""
    best, best_score = None, 0.0
    rows = [(index, [t for t in row if t and len(t) < 90]) for index, row in enumerate(head)]
    for index, cells in rows:
        score = sum(1.0 for t in cells if is_known_header(t))
        if len(cells) >= 2 and score > best_score:
            best, best_score = index, score
    if best_score >= 3:
        return best
    for index, cells in rows:
        score = sum(1.0 if is_known_header(t) else 0.5 if match_header(t) else 0.0 for t in cells)
        if len(cells) >= 2 and score > best_score and score >= 1.5:
            best, best_score = index, score
    return best if best_score >= 1.5 else None


def _spread(sheet: Sheet, head: Sequence[Sequence[str]]) -> list[list[str]]:
    """The head with merged texts repeated over their whole range."""
    spread = [list(row) for row in head]
    for top, left, bottom, right in sheet.facts.merges:
        if top >= len(head) or left >= len(head[top]):
            continue
        for r in range(top, min(bottom, len(head) - 1) + 1):
            for c in range(left, min(right, len(head[r]) - 1) + 1):
                spread[r][c] = head[top][left]
    return spread


def _header_span(head: Sequence[Sequence[str]], spread: Sequence[Sequence[str]], row: int) -> tuple[int, int]:
    """First and last row of the header around its best row."""
    first = last = row
    while first > 0 and last - first + 1 < _MAX_HEADER and _joins(head[first - 1], spread, first - 1, first):
        first -= 1
    while last + 1 < len(head) and last - first + 1 < _MAX_HEADER and _continues(head, spread, last + 1):
        last += 1
    return first, last


def _joins(row: Sequence[str], spread: Sequence[Sequence[str]], upper: int, lower: int) -> bool:
    """Whether the row above belongs to the header: it is merged into it, or holds several short group names."""
    shared = sum(1 for a, b in zip(spread[upper], spread[lower], strict=True) if a and a == b)
    told = [t for t in row if t]
    if any(len(t) > 80 or re.search(r"\d{4}", t) for t in told) or len(set(told)) < 2:
        return False
    groups = sum(1 for t in told if is_known_header(t) or personal_kind(t) or match_header(t))
    return shared > 0 or groups >= 2


def _continues(head: Sequence[Sequence[str]], spread: Sequence[Sequence[str]], row: int) -> bool:
    """Whether the next row is a second header line: known words, no figures, not a row of data."""
    told = [t for t in head[row] if t]
    if not told or _is_number_row(head[row]):
        return False
    if any(a and a == b and not c for a, b, c in zip(spread[row - 1], spread[row], head[row], strict=True)):
        return True  # a heading is merged down into it
    if len(told) >= 2 and all(is_known_header(t) or is_lower_header(t) for t in told):
        return True
    if any(any(ch.isdigit() for ch in t) and not re.fullmatch(r"\d ?(?:sao|\*)", fold(t)) for t in told):
        return False
    known = sum(1 for t in told if is_known_header(t) or re.fullmatch(r"\d ?(?:sao|\*)", fold(t)))
    return known >= 2 or (known >= 1 and known * 2 > len(told))


def _is_number_row(row: Sequence[str]) -> bool:
    told = [t for t in row if t]
    numbered = [t for t in told if is_column_number(t) or re.fullmatch(r"[A-Z]|\(?\d+\)?\s*=.*", t)]
    return len(told) >= 3 and len(numbered) == len(told)


def _columns(
    sheet: Sheet, head: Sequence[Sequence[str]], spread: Sequence[Sequence[str]], first: int, last: int
) -> tuple[Column, ...]:
    columns: list[Column] = []
    group = ""
    for index in range(len(head[last])):
        lines = list(dict.fromkeys(spread[r][index] for r in range(first, last + 1) if spread[r][index]))
        if last > first and len(head[first]) > index and head[first][index]:
            group = head[first][index]
        # Without merged ranges (text files) a group name stands over its first column only.
        inherited = (
            group if last > first and not sheet.knows_merges and len(lines) == 1 and not head[first][index] else ""
        )
        own, above = (lines[-1], " ".join(lines[:-1]) or inherited) if lines else ("", "")
        personal = personal_kind(f"{own} {above}" if above else own) if own else None
        match = None if personal or not own else match_header(own, above)
        columns.append(
            Column(
                index=index,
                header=own,
                above=above,
                match=match,
                personal=personal,
                hidden=index in sheet.facts.hidden_columns,
            )
        )
    return tuple(_once(columns))


def _with_guesses(sheet: Sheet, columns: Sequence[Column], first: int) -> tuple[Column, ...]:
    """Columns of a product list that no header explains, explained by what they hold."""
    found = frozenset(c.match.field for c in columns if c.match)
    if "product_name" not in found:
        return tuple(columns)
    free = [(c.index, c.header) for c in columns if c.match is None and c.personal is None]
    guesses = guess_by_content(sheet, first, free, found)
    return tuple(replace(c, match=guesses.get(c.index, c.match)) for c in columns)


def _once(columns: Sequence[Column]) -> list[Column]:
    """Each field from one column only: the surest match, then the first. Marks and honours may repeat."""
    surest: dict[str, float] = {}
    for c in columns:
        if c.match and not c.match.mark and c.match.field != "honour":
            surest[c.match.field] = max(surest.get(c.match.field, 0.0), c.match.score)
    kept: list[Column] = []
    taken: set[str] = set()
    for c in columns:
        m = c.match
        if m and not m.mark and m.field != "honour":
            if m.field in taken or m.score < surest[m.field]:
                c = replace(c, match=None)
            else:
                taken.add(m.field)
        kept.append(c)
    return kept


def _kind(fields: set[str]) -> SheetKind | None:
    if "product_name" in fields and fields & {"stars", "decision_no", "decision_date", "certificate_no"}:
        return "history" if "renewal_reason" in fields else "products"
    if "point_name" in fields or "point_code" in fields:
        return "points"
    if "subject_name" in fields and "product_name" not in fields and fields & _SUBJECT_FIELDS:
        return "producers"
    if "product_name" in fields and "subject_name" in fields and len(fields) >= 4:
        return "products"
    return None


_SUBJECT_FIELDS = {
    "subject_code",
    "subject_type",
    "subject_phone",
    "subject_address",
    "legal_rep",
    "commune",
    "founded",
}
_STATED = re.compile(
    r"(?:tính đến|đến ngày|cập nhật|thời điểm|ngày chốt)[^\d]{0,20}(\d{1,2}\s*[/.\-]\s*\d{1,2}\s*[/.\-]\s*\d{4})",
    re.IGNORECASE,
)


def _stated_date(title: str) -> date | None:
    found = _STATED.search(title)
    return read_date(found[1]).day if found else None


def _last_data_row(sheet: Sheet, columns: Sequence[Column], first: int, end: int | None = None) -> int:
    """The last row that looks like data: a name beside at least one other thing a list tells of it."""
    names = [c.index for c in columns if c.match and c.match.field in ("product_name", "subject_name", "point_name")]
    others = [
        c.index
        for c in columns
        if c.match and c.match.field not in ("product_name", "subject_name", "point_name", "note", "stt")
    ]
    number = next((c.index for c in columns if c.match and c.match.field == "stt"), None)
    for r in range((len(sheet.rows) if end is None else end) - 1, first - 1, -1):
        row = sheet.rows[r]
        if is_total(row) or is_closing(row):
            continue
        named = any(row[i] != "" for i in names)
        told = sum(row[i] != "" for i in others)
        numbered = number is not None and isinstance(row[number], int | float)
        if (named and told >= 1) or told >= 3 or (named and numbered):
            return r
    return first - 1


_TOTAL = re.compile(
    r"(?:tong cong|tong so|tong|cong)(?: cong| so)?(?: san pham| sp| chu the)?"
    r"\s*(?:$|[:(\d=]|i\b|ii\b|huyen|xa|phuong|thi xa|thi tran|thanh pho|tinh|nhom|toan)"
)
_CLOSING = re.compile(
    r"noi nhan|^- (?:nhu tren|luu)|^luu\s*:|nguoi (?:lap|tong hop)|thu truong|^k/?t\.?\b|^tm\.?\b|^tl\.?\b|^tuq\.?\b"
    r"|^(?:pho )?(?:giam doc|chu tich|chanh van phong|truong phong)"
    r"|ngay\s*(?:\d{1,2}|[.…_\s]*)\s*thang\s*(?:\d{1,2}|[.…_\s]*)\s*nam"
    r"|xac nhan cua|ky ten|\(ky,|ky va ghi ro"
)


@lru_cache(maxsize=8_192)
def _is_total_text(text: str) -> bool:
    return _TOTAL.match(fold(clean(text).text).lstrip("-*. ")) is not None


@lru_cache(maxsize=8_192)
def _is_closing_text(text: str) -> bool:
    return _CLOSING.search(fold(clean(text).text)) is not None


def _first_text(row: Sequence[Cell]) -> str:
    return next((c for c in row if isinstance(c, str) and c.strip()), "")


def is_total(row: Sequence[Cell]) -> bool:
    """Whether a row adds up the rows above it: its first text says so."""
    text = _first_text(row)
    return bool(text) and text[0] in "tTcC-*(.£¤« \t\xa0" and len(text) < 80 and _is_total_text(text)


def is_closing(row: Sequence[Cell]) -> bool:
    """Whether a row belongs to the closing block (date, signature, recipients) and holds little else."""
    texts = [c for c in row if isinstance(c, str) and c.strip()]
    return 0 < len(texts) <= 3 and any(_is_closing_text(t) for t in texts if len(t) < 200)


_SECTION_MARK = re.compile(r"^(?:[IVXLC]+|[A-ZĐ]|\d{1,2})\s*[.)/\-:]\s*\D|^(?:[IVXLC]+|[A-ZĐ])$")
_SECTION_WORD = re.compile(
    r"^(?:[ivxlc]+|[a-z]|\d{1,2})?\s*[.)/\-:]?\s*(?:huyen|thi xa|thanh pho|tp\.?|tx\.?|xa|phuong|quan|tinh|nhom"
    r"|nganh|bo san pham|san pham|hang|"
    r"\d sao|nam \d|dot|linh vuc|cap)\b"
)


def section_text(row: Sequence[Cell], columns: Mapping[str, int], wide: bool) -> str | None:
    """The heading a section row carries, or None. ``wide``: its first cell is merged over several columns."""
    told = [(i, c) for i, c in enumerate(row) if c != "" and not (isinstance(c, str) and not c.strip())]
    if not told or len(told) > 3:
        return None
    texts = [text_of(c) for _, c in told]
    if len(told) >= 2:
        if len(told) == 2 and "subject_name" not in columns and re.fullmatch(r"\d{1,3}\.?", texts[0]):
            return texts[1] if subject_kind(texts[1]) else _numbered_heading(texts)
        return _numbered_heading(texts)
    lead = texts[0]
    product = columns.get("product_name")
    if told[0][0] == product and _STAR_HEADING.match(fold(lead)):
        return lead
    marked = _SECTION_MARK.match(lead) is not None or _SECTION_WORD.match(fold(lead)) is not None
    if wide or told[0][0] != product or (marked and lead == lead.upper()):
        return lead if wide or marked or lead == lead.upper() or told[0][0] < (product or 1) else None
    return None


_STAR_HEADING = re.compile(
    r"(?:[*+-]|[ivxlc]+[.)]|[a-z][.)]|\d{1,2}[.)])?\s*(?:(?:danh sach|nhom|cac|san pham|ocop|dat|hang)\s+)*"
    r"(?:[1-5]|mot|hai|ba|bon|nam)\s*sao\b"
)
# Words only a heading begins with; accents matter here ("Xa kê" is a fruit).
_HEADING = re.compile(
    r"(?:huyện|thị xã|thành phố|xã|phường|thị trấn|nhóm|ngành|bộ sản phẩm|lĩnh vực)\s"
    r"|(?:sản phẩm\s+)?(?:hạng\s+)?[1-5]\s*sao\b",
    re.IGNORECASE,
)


def _numbered_heading(texts: Sequence[str]) -> str | None:
    """``I | HUYỆN KẾ SÁCH | 12``, ``1 | Sản phẩm 4 sao`` or ``Huyện Mỹ Tú | 5 SP``."""
    counted = len(texts) == 2 or _PIECES.fullmatch(texts[2].lower()) is not None
    if counted and re.fullmatch(r"(?:[IVXLC]+|[A-ZĐ])[.)]?", texts[0]):
        return f"{texts[0].rstrip('.)')}. {texts[1]}"
    if counted and re.fullmatch(r"\d{1,2}[.)]?", texts[0]) and _HEADING.match(texts[1]):
        return texts[1]
    return _with_count(texts) if len(texts) == 2 else None


_PIECES = re.compile(r"\d+(?:\s*(?:sp|sản phẩm|chủ thể))?")


def _with_count(texts: Sequence[str]) -> str | None:
    heading = _SECTION_MARK.match(texts[0]) or _SECTION_WORD.match(fold(texts[0]))
    return texts[0] if heading and _PIECES.fullmatch(texts[1].lower()) else None
