"""A file into grids of cells: XLSX, XLS, ODS by calamine, text by textfile. Raises Invalid with a code."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from hub.catalog.intake import safe, textfile, xmlfacts
from hub.catalog.intake.xmlfacts import Facts, column_letters
from hub.errors import Invalid

Cell = object  # str, float, bool, date, datetime, time, timedelta; "" is an empty cell

MAX_SHEETS = 200
_SUFFIXES = {
    "xlsx": {".xlsx", ".xlsm", ".xls"},
    "xls": {".xls", ".xlsx"},
    "ods": {".ods"},
    "text": {".csv", ".txt", ".tsv"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The cells of one sheet from A1 on, row by row, all rows equally long, and what is known beside them."""

    name: str | None
    rows: Sequence[Sequence[Cell]]
    facts: Facts = field(default_factory=Facts)
    knows_merges: bool = True  # False: the format does not keep them (text)
    epoch_1904: bool = False
    marks: tuple[str, ...] = ()  # finding codes of the sheet as a whole


def cell_name(row: int, column: int) -> str:
    """A1 notation of 0-based indices."""
    return f"{column_letters(column)}{row + 1}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Book:
    """A file opened: its sheets by name and whether each is shown; ``sheet`` reads one."""

    file: str
    names: tuple[str | None, ...]
    hidden: frozenset[str]
    marks: tuple[str, ...]
    _read: "_Reader"

    def sheet(self, name: str | None) -> Sheet:
        """The cells of one sheet. Raises Invalid when it is broken or too large."""
        return self._read.sheet(name)


def open_book(path: Path) -> Book:
    """Open a file after looking at what it really is. Raises Invalid or Unavailable (errors.py)."""
    content = safe.read_bytes(path)
    kind = safe.kind_of(content, path.name)
    marks = () if path.suffix.lower() in _SUFFIXES[kind] else ("extension_differs",)
    if kind == "text":
        if path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".ods"}:
            raise Invalid("file_not_a_spreadsheet", file=path.name)
        return Book(
            file=path.name, names=(None,), hidden=frozenset(), marks=marks, _read=_TextReader(content, path.name)
        )
    if path.suffix.lower() in {".csv", ".txt", ".tsv"}:
        raise Invalid("file_extension_differs", file=path.name, found=kind)
    reader: _Reader
    if kind == "xls":
        reader = _CalamineReader(io.BytesIO(content), path.name)
    else:
        package = safe.unpack(content, path.name)
        reader = _OdsReader(package, path.name) if package.kind == "ods" else _XlsxReader(package, path.name)
    return Book(file=path.name, names=reader.names, hidden=reader.hidden, marks=marks, _read=reader)


class _Reader:
    names: tuple[str | None, ...] = ()
    hidden: frozenset[str] = frozenset()

    def sheet(self, name: str | None) -> Sheet:
        raise NotImplementedError


class _TextReader(_Reader):
    def __init__(self, content: bytes, file: str) -> None:
        self._content, self._file = content, file

    def sheet(self, name: str | None) -> Sheet:
        text, marks = textfile.decoded(self._content, self._file)
        return Sheet(name=None, rows=textfile.cells(text, self._file), knows_merges=False, marks=marks)


class _CalamineReader(_Reader):
    """XLS, and the ground of the zipped kinds."""

    def __init__(self, stream: io.BytesIO, file: str) -> None:
        self._file = file
        with _calamine_errors(file):
            self._book = CalamineWorkbook.from_filelike(stream)
            sheets = [s for s in self._book.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet]
        if not sheets:
            raise Invalid("workbook_without_sheets", file=file)
        if len(sheets) > MAX_SHEETS:
            raise Invalid("workbook_too_large", file=file, limit=MAX_SHEETS)
        self.names = tuple(s.name for s in sheets)
        self.hidden = frozenset(s.name for s in sheets if s.visible != SheetVisibleEnum.Visible)

    def sheet(self, name: str | None) -> Sheet:
        facts = self._facts(str(name))
        with _calamine_errors(self._file):
            grid = self._book.get_sheet_by_name(str(name))
            end = grid.end or (0, 0)
            if (end[0] + 1) * (end[1] + 1) > xmlfacts.MAX_CELLS:
                cell = cell_name(end[0], end[1])
                raise Invalid("sheet_too_large", file=self._file, sheet=name, cell=cell, limit=xmlfacts.MAX_CELLS)
            rows: Sequence[Sequence[Cell]] = grid.to_python(skip_empty_area=False)
            merges = tuple((a, b, c, d) for (a, b), (c, d) in grid.merged_cell_ranges or ())
        if merges:
            facts = Facts(
                hidden_rows=facts.hidden_rows,
                hidden_columns=facts.hidden_columns,
                blank_formulas=facts.blank_formulas,
                errors=facts.errors,
                merges=merges,
            )
        return Sheet(name=name, rows=rows, facts=facts, epoch_1904=self._epoch_1904())

    def _facts(self, name: str) -> Facts:
        return Facts()

    def _epoch_1904(self) -> bool:
        return False


class _XlsxReader(_CalamineReader):
    def __init__(self, package: safe.Package, file: str) -> None:
        self._package = package
        self._part_of = _sheet_parts(package, file)
        self._strings = next((v for k, v in package.parts.items() if k.lower() == "xl/sharedstrings.xml"), b"")
        super().__init__(package.repacked(), file)

    def _facts(self, name: str) -> Facts:
        part = self._package.parts.get(self._part_of.get(name, ""))
        if part is None:
            raise Invalid("workbook_corrupt", file=self._file)
        xmlfacts.check_extent(part, self._file, name)
        xmlfacts.check_texts(part, self._strings, self._file, name)
        return xmlfacts.xlsx_facts(part, self._file)

    def _epoch_1904(self) -> bool:
        part = next((v for k, v in self._package.parts.items() if k.lower() == "xl/workbook.xml"), b"")
        return xmlfacts.counts_from_1904(part)


class _OdsReader(_CalamineReader):
    def __init__(self, package: safe.Package, file: str) -> None:
        self._by_name = xmlfacts.ods_facts(package.parts["content.xml"], file)
        super().__init__(package.repacked(), file)

    def _facts(self, name: str) -> Facts:
        return self._by_name.get(name, Facts())


class _calamine_errors:
    """Turns the reader's failures, a crash inside it included, into our own."""

    def __init__(self, file: str) -> None:
        self._file = file

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, Invalid):
            return
        if isinstance(error, PasswordError):
            raise Invalid("workbook_password", file=self._file) from error
        if (
            isinstance(error, CalamineError | ValueError | OSError | UnicodeError)
            or type(error).__name__ == "PanicException"
        ):
            raise Invalid("workbook_corrupt", file=self._file) from error


def _sheet_parts(package: safe.Package, file: str) -> dict[str, str]:
    """Sheet name -> part name, by the workbook's relations."""
    lower = {name.lower(): name for name in package.parts}
    try:
        book = ElementTree.fromstring(package.parts[lower["xl/workbook.xml"]])
        relations = ElementTree.fromstring(package.parts[lower["xl/_rels/workbook.xml.rels"]])
    except (KeyError, ElementTree.ParseError) as error:
        raise Invalid("workbook_corrupt", file=file) from error
    targets = {r.get("Id", ""): r.get("Target", "") for r in relations}
    parts: dict[str, str] = {}
    for element in _sheet_elements(book):
        relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        target = targets.get(relation, "").lstrip("/")
        target = target if target.lower().startswith("xl/") else f"xl/{target}"
        parts[element.get("name", "")] = lower.get(re.sub(r"/\./", "/", target).lower(), "")
    return parts


def _sheet_elements(book: ElementTree.Element) -> Iterator[ElementTree.Element]:
    return (e for e in book.iter() if e.tag.rpartition("}")[2] == "sheet")
