"""A sheet with its layout into rows to judge: kinds of rows, merged and repeated values, headings. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hub.catalog.intake.columns import group_of
from hub.catalog.intake.layout import Layout, RowKind, is_closing, is_total, section_text, text_of
from hub.catalog.intake.products import NO_SECTION, Section
from hub.catalog.intake.view import RowView
from hub.catalog.intake.workbook import Cell, Sheet
from hub.types import fold

_NEVER_FILLED = frozenset({"gtin", "stt", "stock"})
_SUBJECT = frozenset(
    {"subject_name", "subject_code", "subject_type", "subject_address", "subject_phone", "subject_email", "legal_rep"}
)
_DITTO = frozenset({"nt", "-nt-", "nhu tren", '"', "''", "”", "〃", "-//-", "//", "như trên", "- nt -", "n.t"})
_STEP = 500  # rows between two words of progress


@dataclass(frozen=True, slots=True)
class Scanned:
    """One row below the header. ``view`` only for data; ``text`` of a section or total row."""

    index: int
    kind: RowKind
    view: RowView | None = None
    section: Section = NO_SECTION
    text: str = ""
    cells: Mapping[str, Cell] = field(default_factory=dict)  # of a total row, by field


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is the same for every row of a sheet."""

    columns: Mapping[str, int]  # field (or marked column) -> index
    pairs: tuple[tuple[str, int], ...]
    merged_from: Mapping[tuple[int, int], int]  # (row, column) inside a merged range -> the row its text stands in
    wide: frozenset[int]  # rows whose first cell is merged over several columns
    grouped: bool  # a blank producer means "the one above"
    header_cells: frozenset[Cell]  # as they stand in the header, to know it again on the next printed page


def plan_of(sheet: Sheet, layout: Layout) -> Plan:
    """Prepare a sheet for :func:`scan`."""
    columns: dict[str, int] = {}
    for c in layout.columns:
        if c.match is None:
            continue
        name = c.match.field
        if c.match.mark or name == "honour":
            name = f"{name}@{c.index}"
        columns.setdefault(name, c.index)
    merged: dict[tuple[int, int], int] = {}
    wide: set[int] = set()
    used = set(columns.values())
    for top, left, bottom, right in sheet.facts.merges:
        if top < layout.first_row:
            continue
        if right - left >= 2:
            wide.add(top)
        if bottom > top and left in used:
            for r in range(top + 1, min(bottom, layout.last_row) + 1):
                merged[r, left] = top
    return Plan(
        columns=columns,
        pairs=tuple(columns.items()),
        merged_from=merged,
        wide=frozenset(wide),
        grouped=_is_grouped(sheet, layout, columns, merged),
        header_cells=frozenset(c for r in layout.header_rows for c in sheet.rows[r] if c != ""),
    )


def _is_grouped(
    sheet: Sheet, layout: Layout, columns: Mapping[str, int], merged: Mapping[tuple[int, int], int]
) -> bool:
    """Whether blank producers stand for the one above: the list has no merged cells and leaves many blank."""
    name, product = columns.get("subject_name"), columns.get("product_name")
    if name is None or product is None or any(c == name for _, c in merged):
        return False
    with_product = [r for r in range(layout.first_row, layout.last_row + 1) if sheet.rows[r][product] != ""]
    blank = sum(1 for r in with_product if sheet.rows[r][name] == "")
    return len(with_product) > 1 and blank >= 2 and blank * 5 >= len(with_product)


def scan(
    sheet: Sheet, layout: Layout, file: str, progress: Callable[[int, int], None] | None = None
) -> Iterator[Scanned]:
    """The rows below the header, in order. Blank rows after the last data row are left out."""
    plan = plan_of(sheet, layout)
    section = NO_SECTION
    above: dict[str, tuple[Cell, int]] = {}
    total = len(sheet.rows)
    name_columns = [i for f, i in plan.pairs if f in ("product_name", "subject_name", "point_name")]
    for index in range(layout.first_row, total):
        if progress and index % _STEP == 0:
            progress(index, total)
        row = sheet.rows[index]
        kind, text = _kind(row, index, plan, layout)
        if kind == "section_row":
            section = section_of(text, section)
            above.clear()
        if kind != "data":
            if kind != "outside":
                cells = {name: row[i] for name, i in plan.pairs} if kind == "total_row" else {}
                yield Scanned(index, kind, text=text, section=section, cells=cells)
            continue
        yield Scanned(index, "data", _view(sheet, plan, row, index, file, above, name_columns), section)
    if progress:
        progress(total, total)


def _kind(row: Sequence[Cell], index: int, plan: Plan, layout: Layout) -> tuple[RowKind, str]:
    told = [c for c in row if c != ""]
    number = plan.columns.get("stt")
    only_number = len(told) == 1 and number is not None and row[number] != "" and not isinstance(row[number], str)
    if not told or only_number or all(isinstance(c, str) and not c.strip() for c in told):
        return ("blank_row" if index <= layout.last_row else "outside"), ""
    if is_total(row) and not _is_numbered(row, number):
        return "total_row", " | ".join(text_of(c) for c in told)
    if index > layout.last_row:
        return "signature_block", ""
    if len(told) <= 6 and is_closing(row) and not _is_numbered(row, number):
        return "signature_block", ""
    if len(told) <= 3 and (heading := section_text(row, plan.columns, index in plan.wide)) is not None:
        return "section_row", heading
    if len(told) >= 2 and sum(c in plan.header_cells for c in told) * 2 > len(told):
        return "repeated_header", ""
    if len(told) >= 3 and all(re.fullmatch(r"[(\[]?\d{1,2}[)\]]?", text_of(c)) for c in told):
        return "repeated_header", ""
    return "data", ""


def _is_numbered(row: Sequence[Cell], number: int | None) -> bool:
    if number is None:
        return False
    value = row[number]
    return isinstance(value, int | float) or (isinstance(value, str) and value.strip().rstrip(".").isdigit())


def _view(
    sheet: Sheet,
    plan: Plan,
    row: Sequence[Cell],
    index: int,
    file: str,
    above: dict[str, tuple[Cell, int]],
    name_columns: Sequence[int],
) -> RowView:
    values: dict[str, Cell] = {}
    filled: dict[str, int] = {}
    merged, from_above = plan.merged_from, False
    for name, column in plan.pairs:
        value = row[column]
        if value == "":
            if name in _NEVER_FILLED:
                continue
            if merged and (anchor := merged.get((index, column))) is not None:
                value = sheet.rows[anchor][column]
                filled[name] = anchor
            elif plan.grouped and name in _SUBJECT and name in above and row[plan.columns["subject_name"]] == "":
                value, filled[name] = above[name]
                from_above = True
            if value == "":
                continue
        elif isinstance(value, str) and len(value) <= 10 and _is_ditto(value) and name in above:
            value, filled[name] = above[name]
            from_above = True
        elif isinstance(value, str) and not value.strip():
            continue
        values[name] = value
        if name in filled:
            continue
        above[name] = (value, index)
    if plan.grouped and "subject_name" in values and "subject_name" not in filled:
        for name in _SUBJECT - values.keys():
            above.pop(name, None)
    blank = sheet.facts.blank_formulas
    view = RowView(
        values,
        index=index,
        columns=plan.columns,
        file=file,
        sheet=sheet.name,
        filled=filled,
        blank_formulas=frozenset(n for n, c in plan.pairs if (index, c) in blank) if blank else frozenset(),
    )
    _note_origin(view, sheet, plan, index, merged, from_above)
    return view


def _note_origin(
    view: RowView, sheet: Sheet, plan: Plan, index: int, merged: Mapping[tuple[int, int], int], from_above: bool
) -> None:
    if view.filled:
        subject = "subject_name" if "subject_name" in view.filled else "subject_code"
        if subject in view.filled:
            code = "subject_from_merged_cell" if (index, plan.columns[subject]) in merged else "subject_from_row_above"
            view.warn(code, subject)
        elif from_above:
            view.warn("value_from_row_above", next(iter(view.filled)))
        others = [n for n in view.filled if n not in _SUBJECT]
        if others and not from_above:
            view.warn("value_from_merged_cell", others[0])
    if index in sheet.facts.hidden_rows:
        view.warn("hidden_row", None, "")
    if sheet.facts.errors:
        for name, column in plan.pairs:
            if shown := sheet.facts.errors.get((index, column)):
                view.warn("cell_error", name, shown)


@lru_cache(maxsize=1_024)
def _is_ditto(text: str) -> bool:
    return fold(text).strip(" .") in _DITTO or fold(text) in _DITTO


_LEAD = re.compile(r"^\s*(?:[IVXLC]+|[A-ZĐ]|\d{1,2})\s*[.)/\-:]\s*")
_STARS = re.compile(r"(?:hang\s*)?([1-5])\s*sao|hang\s*([1-5])\b")
_DISTRICT = re.compile(r"^(?:huyện|thị xã|thành phố|tp\.?|tx\.?|quận)\s", re.IGNORECASE)
_COMMUNE = re.compile(r"^(?:xã|phường|thị trấn|đặc khu)\s", re.IGNORECASE)


def section_of(text: str, before: Section) -> Section:
    """What a heading says for the rows below it; a heading of another kind adds to what stood before."""
    bare = re.split(r"\s*[:(]\s*\d", _LEAD.sub("", text))[0].strip(" :.-")
    if found := _STARS.search(fold(bare)):
        return replace(before, text=text, stars=int(found[1] or found[2]))
    if _DISTRICT.match(bare):
        return replace(before, text=text, district=_as_name(bare), commune="")
    if _COMMUNE.match(bare):
        return replace(before, text=text, commune=_as_name(bare))
    if group_of(bare) == "subject":
        return replace(before, text=text)
    return replace(
        before, text=text, group=re.sub(r"^(?:nhóm|ngành|bộ sản phẩm)\s*:?\s*", "", bare, flags=re.IGNORECASE)
    )


def _as_name(text: str) -> str:
    """``HUYỆN KẾ SÁCH`` -> ``Huyện Kế Sách``; mixed case stays."""
    return " ".join(w.capitalize() for w in text.split()) if text == text.upper() else text
