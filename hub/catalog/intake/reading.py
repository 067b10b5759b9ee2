"""Files in, results out: which sheets count, in which order they are read, and what the whole adds up to.

No database, no clock, no printing. The only input besides the arguments is the files themselves.
"""

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hub.catalog.intake.gather import Draft, Gathering
from hub.catalog.intake.known import NOTHING_KNOWN, KnownCatalogue
from hub.catalog.intake.layout import Column, Layout, find_tables, side_by_side
from hub.catalog.intake.model import FileResult, Finding, ProductRecord, SheetResult, Totals
from hub.catalog.intake.workbook import Book, Sheet, open_book
from hub.catalog.intake.xmlfacts import column_letters
from hub.errors import Invalid
from hub.types import fold

_OLD_WORDS = (" cu", "(cu)", "ban nhap", "nhap", "backup", "old", "copy", "khong dung", "bo di", "luu tam", "mau")


@dataclass(slots=True)
class _Open:
    """One useful sheet on its way."""

    sheet: Sheet
    layout: Layout
    order: int
    more: tuple[Layout, ...] = ()  # further tables below the first
    unread_below: bool = False  # a table stands below that is no list we know
    drafts: list[Draft] = field(default_factory=list)
    declared: int | None = None


@dataclass(slots=True)
class _File:
    book: Book
    useful: list[_Open] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_files(
    paths: Sequence[Path],
    *,
    sheet: str | None = None,
    as_of: date,
    known: KnownCatalogue = NOTHING_KNOWN,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[FileResult, ...]:
    """Read all files as one delivery. ``sheet`` names the only product sheet to read; ``progress(done, rows)``.

    Raises Invalid (corrupt, too large, locked, no table) or Unavailable; then nothing of the delivery counts.
    """
    with _uncollected():
        opened = [_open(Path(p), sheet) for p in paths]
        gathering = Gathering(as_of, known)
        for kind in ("producers", "points", "products", "history"):
            for file in opened:
                for item in file.useful:
                    if item.layout.kind == kind:
                        _read(item, kind, file.book.file, gathering, progress)
        gathering.mark_superseded()
        return tuple(_result(file, gathering) for file in opened)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Rest the cycle collector: reading makes a million objects and no cycles, and walking them took half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(item: _Open, kind: str, file: str, gathering: Gathering, progress: Callable[[int, int], None] | None) -> None:
    if kind == "producers":
        item.drafts = gathering.producers(item.sheet, item.layout, file)
    elif kind == "points":
        item.drafts = gathering.points(item.sheet, item.layout, file)
    else:
        for layout in (item.layout, *item.more):
            drafts, declared = gathering.products(item.sheet, layout, file, progress)
            item.drafts.extend(drafts)
            item.declared = declared if item.declared is None else item.declared


def _open(path: Path, wanted: str | None) -> _File:
    file = _File(open_book(path))
    book = file.book
    file.findings.extend(Finding(code=c, file=book.file, sheet=None, cell=None, value=path.suffix) for c in book.marks)
    if wanted is not None and book.names != (None,) and wanted not in book.names:
        if fold(wanted) not in {fold(n or "") for n in book.names}:
            raise Invalid(
                "sheet_not_found", file=book.file, sheet=wanted, sheets=", ".join(n or "" for n in book.names)
            )
        wanted = next(n for n in book.names if fold(n or "") == fold(wanted))
    for order, name in enumerate(book.names):
        _look(file, name, order, wanted)
    if not file.useful:
        raise Invalid("no_table_found", file=book.file, sheet=wanted or "")
    _check_formulas(file)
    _drop_old_versions(file, wanted)
    # The main sheet first: product lists before all others, the longest of them.
    file.useful.sort(
        key=lambda o: (o.layout.kind != "products", o.sheet.name != wanted if wanted else False, -_length(o), o.order)
    )
    return file


def _length(item: _Open) -> int:
    return item.layout.last_row - item.layout.first_row


def _look(file: _File, name: str | None, order: int, wanted: str | None) -> None:
    hidden = name in file.book.hidden and name != wanted
    if hidden:
        file.ignored.append(str(name))
        file.findings.append(Finding(code="hidden_sheet", file=file.book.file, sheet=name, cell=None, value=str(name)))
        return
    sheet = file.book.sheet(name)
    tables = find_tables(sheet) if sheet.rows else ()
    layout = tables[0] if tables else None
    useful = layout is not None and layout.last_row >= layout.first_row
    other_products = (
        wanted is not None and name is not None and name != wanted and layout is not None and layout.kind == "products"
    )
    if layout is None or not useful or other_products:
        if name is not None:
            file.ignored.append(name)
        return
    file.findings.extend(Finding(code=m, file=file.book.file, sheet=name, cell=None) for m in sheet.marks)
    sides = side_by_side(sheet, layout) if layout.kind == "products" else ()
    opened = [_opened(side, found, order) for side in sides if (found := find_tables(side))]
    if len(opened) < 2:
        opened = [_opened(sheet, tables, order)]
    file.useful.extend(item for items in opened for item in items)
    for item in (item for items in opened for item in items):
        file.findings.extend(_table_findings(item, file.book.file, first=item is opened[0][0]))


def _opened(sheet: Sheet, tables: Sequence[Layout], order: int) -> list[_Open]:
    """The tables below one another: those of one kind are one list, each other kind is a list of its own."""
    kinds = dict.fromkeys(t.kind for t in tables)
    alike = [[t for t in tables if t.kind == kind] for kind in kinds]
    last = tables[-1]
    unread = last.end is not None
    return [_Open(sheet, one[0], order, tuple(one[1:]), unread and last in one) for one in alike]


def _table_findings(item: _Open, file: str, *, first: bool) -> Iterator[Finding]:
    for table in item.more if first else (item.layout, *item.more):
        cell = f"{column_letters(table.columns[0].index)}{table.header_rows[0] + 1}"
        yield Finding(code="further_table", file=file, sheet=item.sheet.name, cell=cell)
    end = (item.layout, *item.more)[-1].end
    if item.unread_below and end is not None:
        yield Finding(code="table_not_read", file=file, sheet=item.sheet.name, cell=f"A{end + 1}")


def _check_formulas(file: _File) -> None:
    """A list whose names or stars are all formulas without values was never calculated: nothing can be read."""
    for item in file.useful:
        blank = item.sheet.facts.blank_formulas
        if not blank:
            continue
        for name in ("product_name", "subject_name", "stars", "decision_no"):
            column = item.layout.column_of(name)
            if column is None:
                continue
            rows = range(item.layout.first_row, item.layout.last_row + 1)
            empty = sum((r, column) in blank for r in rows)
            if empty and not any(item.sheet.rows[r][column] != "" for r in rows if (r, column) not in blank):
                raise Invalid(
                    "formulas_without_values",
                    file=file.book.file,
                    sheet=item.sheet.name or "",
                    column=column_letters(column),
                    cells=empty,
                )


def _drop_old_versions(file: _File, wanted: str | None) -> None:
    products = [o for o in file.useful if o.layout.kind == "products"]
    if len(products) < 2:
        return
    for item in products:
        title = f" {fold(item.sheet.name or '')}"
        if (
            item.sheet.name != wanted
            and any(w in title for w in _OLD_WORDS)
            and len([o for o in file.useful if o.layout.kind == "products"]) > 1
        ):
            file.useful.remove(item)
            file.ignored.append(str(item.sheet.name))
            file.findings.append(Finding(code="sheet_looks_old", file=file.book.file, sheet=item.sheet.name, cell=None))


def _result(file: _File, gathering: Gathering) -> FileResult:
    sheets = tuple(_sheet_result(o) for o in file.useful)
    findings = list(file.findings)
    for item in file.useful:
        findings.extend(_column_findings(item, file.book.file))
        for draft in item.drafts:
            findings.extend(draft.told())
    products = [o for o in file.useful if o.layout.kind == "products"]
    reasons = Counter(
        d.reason
        for o in (products or file.useful)
        for d in o.drafts
        if d.outcome in ("rejected", "duplicate") and d.reason
    )
    stated = next((o.layout.stated for o in file.useful if o.layout.stated), None)
    return FileResult(
        file=file.book.file,
        sheets=sheets,
        ignored_sheets=tuple(file.ignored),
        file_date=stated,
        totals=_totals(file, products, gathering),
        reasons=dict(sorted(reasons.items())),
        findings=tuple(findings),
    )


def _totals(file: _File, products: Sequence[_Open], gathering: Gathering) -> Totals:
    drafts = [d for o in products for d in o.drafts]
    outcomes = Counter(d.outcome for d in drafts)
    actions = Counter(d.action for d in drafts if d.outcome == "accepted")
    by_kind = Counter(o.layout.kind for o in file.useful for d in o.drafts if d.outcome == "accepted")
    history = [d for o in file.useful if o.layout.kind == "history" for d in o.drafts]
    return Totals(
        data_rows=outcomes["accepted"] + outcomes["rejected"] + outcomes["duplicate"],
        accepted=outcomes["accepted"],
        rejected=outcomes["rejected"],
        duplicate=outcomes["duplicate"],
        products_created=actions["new_product"],
        certificates_created=actions["new_product"] + actions["new_certificate"],
        products_by_current_star=gathering.current_stars(drafts),
        declared_total_in_file=next((o.declared for o in products if o.declared is not None), None),
        history_certificates=sum(d.outcome == "accepted" for d in history),
        subjects=by_kind["producers"],
        points_of_sale=by_kind["points"],
    )


def _sheet_result(item: _Open) -> SheetResult:
    layout = item.layout
    return SheetResult(
        sheet=item.sheet.name,
        kind=layout.kind,
        header_rows=tuple(r + 1 for r in layout.header_rows),
        column_number_row=None if layout.number_row is None else layout.number_row + 1,
        first_data_row=layout.first_row + 1,
        columns={column_letters(c.index): _told(c, item) for c in layout.columns if c.match},
        dropped_columns={
            column_letters(
                c.index
            ): f"{c.personal.label} ({c.personal.nature}{', hidden column' if c.hidden else ''}): never stored"
            for c in layout.columns
            if c.personal
        },
        unknown_columns={
            column_letters(c.index): c.header for c in layout.columns if c.header and not c.match and not c.personal
        },
        rows=tuple(d.result() for d in item.drafts),
        declared_total=item.declared,
    )


def _told(column: Column, item: _Open) -> str:
    """The field, and in brackets how it came about when a person should look."""
    match = column.match
    assert match is not None
    if match.mark:
        return f"{match.field} ({match.mark})"
    if match.score < 100:
        return f"{match.field} (guess {match.score:.0f} %: {match.header})"
    blank = item.sheet.facts.blank_formulas
    if blank and match.field == "expires_on" and any(c == column.index for _, c in blank):
        return f"{match.field} (formula, no cached value: recompute)"
    return match.field


def _column_findings(item: _Open, file: str) -> list[Finding]:
    found: list[Finding] = []
    row = item.layout.header_rows[-1] + 1
    for c in item.layout.columns:
        cell = f"{column_letters(c.index)}{row}"
        if c.personal:
            code, value, facts = "personal_column_dropped", "", {"kind": c.personal.kind}
        elif c.match and c.match.score < 100:
            code, value, facts = "column_guessed", c.header, {"field": c.match.field}
        elif c.match and c.hidden:
            code, value, facts = "hidden_column", c.header, {"field": c.match.field}
        elif c.header and not c.match:
            code, value, facts = "column_unknown", c.header, {}
        else:
            continue
        found.append(Finding(code=code, file=file, sheet=item.sheet.name, cell=cell, value=value[:60], facts=facts))
    if item.layout.kind == "products":
        unknown = sum(1 for d in item.drafts if isinstance(d.record, ProductRecord) and d.record.set_no is None)
        if unknown:
            found.append(
                Finding(code="set_unknown", file=file, sheet=item.sheet.name, cell=None, facts={"rows": unknown})
            )
    return found
