"""A sheet with its layout into rows to judge: kinds of rows, merged and repeated values, headings. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from hub.catalog.intake.columns import TYPE_HEADERS, group_of, header_key
from hub.catalog.intake.layout import Layout, RowKind, is_closing, is_total, section_text, text_of
from hub.catalog.intake.products import NO_SECTION, Section
from hub.catalog.intake.values import read_decision, subject_kind
from hub.catalog.intake.view import RowView
from hub.catalog.intake.workbook import Cell, Sheet
from hub.types import fold

_NEVER_FILLED = frozenset({"gtin", "stt", "stock"})
_SUBJECT = frozenset(
    {"subject_name", "subject_code", "subject_type", "subject_address", "subject_phone", "subject_email", "legal_rep"}
)
_DITTO = frozenset({"nt", "-nt-", "nhu tren", '"', "''", "”", "〃", "-//-", "//", "như trên", "- nt -", "n.t"})
_ERRORS = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})
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
    section = opening(sheet, layout)
    above: dict[str, tuple[Cell, int]] = {}
    total = len(sheet.rows) if layout.end is None else layout.end
    carried = closing = False
    carried_plan = replace(plan, grouped=True)
    number = plan.columns.get("stt")
    name_columns = [i for f, i in plan.pairs if f in ("product_name", "subject_name", "point_name")]
    for index in range(layout.first_row, total):
        if progress and index % _STEP == 0:
            progress(index, total)
        row = sheet.rows[index]
        kind, text = _kind(row, index, plan, layout)
        if kind == "section_row":
            section = section_of(text, section)
            above.clear()
        elif kind == "repeated_header":
            carried = bool(plan.merged_from) and (index - 1, plan.columns.get("subject_name", -1)) in plan.merged_from
        elif closing and kind == "data" and sum(c != "" for c in row) <= 3 and not _is_numbered(row, number):
            kind = "signature_block"  # the names below "người lập biểu"
        closing = kind == "signature_block" or (closing and kind == "blank_row")
        if kind != "data":
            if kind != "outside":
                cells = {name: row[i] for name, i in plan.pairs} if kind == "total_row" else {}
                yield Scanned(index, kind, text=text, section=section, cells=cells)
            continue
        # A producer merged over several rows goes on behind the header of the next printed page.
        carried = (
            carried
            and row[plan.columns["subject_name"]] == ""
            and (index, plan.columns["subject_name"]) not in plan.merged_from
        )
        view = _view(sheet, carried_plan if carried else plan, row, index, file, above, name_columns)
        yield Scanned(index, "data", view, section)
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
    broken: list[tuple[str, str]] = []
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
        elif isinstance(value, str) and value[0] == "#" and value.strip() in _ERRORS:
            broken.append((name, value.strip()))
            continue
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
    for name, shown in broken:
        view.warn("cell_error", name, shown)
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
_STARS = re.compile(r"(?:hang\s*)?\b0?([1-5])\s*(?:sao\b|\*)|hang\s*([1-5])\b|\b(mot|hai|ba|bon|nam) sao\b")
_WORDS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5}
_SPAN = re.compile(r"tro len|\btu [1-5]\s*sao|[1-5]\s*(?:-|–|,|va|den)\s*[1-5]\s*sao|tiem nang|de nghi|de xuat|du kien")
_HEADS = re.compile(r"(?:quyết định|qđ)\s*(?:số)?\s*:?\s*\d[^;)]*", re.IGNORECASE)


def _one_star(text: str) -> int | None:
    """The stars a title or sheet name speaks of, when it speaks of one kind only."""
    folded = fold(text)
    told = {int(m[1] or m[2] or _WORDS[m[3]]) for m in _STARS.finditer(folded)}
    return told.pop() if len(told) == 1 and not _SPAN.search(folded) else None


def _one_decision(text: str) -> str:
    """The decision a title says a list belongs to, when it names one only, with its date."""
    read = [(m[0], read_decision(m[0])) for m in _HEADS.finditer(text)]
    told = [(written, d) for written, d in read if d.number and d.day]
    return told[0][0] if len(read) == 1 and told else ""


def opening(sheet: Sheet, layout: Layout) -> Section:
    """What the title and the sheet's name say for every row, where the list has no column for it."""
    fields = layout.fields
    stars = None if "stars" in fields else _one_star(layout.title) or _one_star(sheet.name or "")
    without = not fields & {"decision_no", "decision_date", "certificate_no"}
    decision = _one_decision(layout.title) if without else ""
    if stars is None and not decision:
        return NO_SECTION
    return Section(text=" ".join(layout.title.split())[:120] or (sheet.name or ""), stars=stars, decision=decision)


_DISTRICT = re.compile(r"^(?:huyện|thị xã|thành phố|tp\.?|tx\.?|quận)\s", re.IGNORECASE)
_COMMUNE = re.compile(r"^(?:xã|phường|thị trấn|đặc khu)\s", re.IGNORECASE)


def section_of(text: str, before: Section) -> Section:
    """What a heading says for the rows below it; a heading of another kind adds to what stood before."""
    bare = re.split(r"\s*[:(]\s*\d", _LEAD.sub("", text))[0].strip(" :.-")
    if found := _STARS.search(fold(bare)):
        return replace(before, text=text, stars=int(found[1] or found[2] or _WORDS[found[3]]))
    if (found := _HEADS.search(text)) and read_decision(found[0]).day:
        return replace(before, text=text, decision=found[0])
    if _DISTRICT.match(bare):
        return replace(before, text=text, district=_as_name(bare), commune="")
    if _COMMUNE.match(bare):
        return replace(before, text=text, commune=_as_name(bare))
    if header_key(bare) not in TYPE_HEADERS and subject_kind(bare):
        return replace(before, text=text, subject=bare)
    if group_of(bare) == "subject":
        return replace(before, text=text)
    return replace(
        before, text=text, group=re.sub(r"^(?:nhóm|ngành|bộ sản phẩm)\s*:?\s*", "", bare, flags=re.IGNORECASE)
    )


def _as_name(text: str) -> str:
    """``HUYỆN KẾ SÁCH`` -> ``Huyện Kế Sách``; mixed case stays."""
    return " ".join(w.capitalize() for w in text.split()) if text == text.upper() else text
