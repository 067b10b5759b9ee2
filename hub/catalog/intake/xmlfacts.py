"""What the reader library does not tell about a sheet: extent, hidden rows and columns, formulas without a value.

One scan of the raw part where possible; the XML is parsed a second time only when it holds formulas, hidden rows or
error cells. Indices count from 0.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from hub.errors import Invalid

MAX_CELLS = 6_000_000  # rows x columns of one sheet
MAX_TEXT = 512 * 2**20  # bytes of text after shared strings are set in

_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]+)[0-9]")
_ANY_REF = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]*)([0-9]+)[\"']")
_FULL_REF = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"'](?:[^>]*[^/>])?>")
_LONG_ROW = re.compile(rb"\sr\s*=\s*[\"'][A-Za-z]*[0-9]{6,}")
_SHARED = re.compile(rb"\st\s*=\s*[\"']s[\"'][^>]*>\s*<(?:\w+:)?v>(\d+)<")
_HINTS = (b"hidden", b"<f", b't="e"', b'ht="0"')
_NO_CELLS: Mapping[tuple[int, int], str] = {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """Facts of one sheet. ``blank_formulas``: cells whose formula has no stored value; ``errors``: #REF! ..."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    blank_formulas: frozenset[tuple[int, int]] = frozenset()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merges: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column


def column_index(letters: str) -> int:
    """``A`` -> 0, ``AA`` -> 26."""
    index = 0
    for c in letters.upper():
        index = index * 26 + ord(c) - 64
    return index - 1


def column_letters(index: int) -> str:
    """0 -> ``A``, 26 -> ``AA``."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def check_extent(part: bytes, file: str, sheet: str) -> None:
    """Raises Invalid when the cells of an XLSX sheet span more than can be held: one far cell is enough."""
    letters = set(_COLUMN.findall(part))
    columns = max((column_index(c.decode()) for c in letters), default=0) + 1
    if columns * 99_999 <= MAX_CELLS and _LONG_ROW.search(part) is None:
        return
    for pattern in (_ANY_REF, _FULL_REF):  # the second leaves out cells that are only formatted
        rows = columns = 1
        far = b"A1"
        for found in pattern.finditer(part):
            row, column = int(found[2][:8]), column_index(found[1][:8].decode()) + 1 if found[1] else 1
            if row > rows or column > columns:
                rows, columns, far = max(rows, row), max(columns, column), found[1] + found[2]
        if rows * columns <= MAX_CELLS:
            return
    raise Invalid("sheet_too_large", file=file, sheet=sheet, cell=far[:12].decode(), limit=MAX_CELLS)


def check_texts(part: bytes, strings: bytes, file: str, sheet: str) -> None:
    """Raises Invalid when a few long shared strings are repeated until they fill the memory."""
    if max(map(len, strings.split(b"si>"))) * part.count(b"<c") <= MAX_TEXT:
        return
    # The size of each shared string, tags included.
    shared = [len(piece) for piece in re.split(rb"</(?:\w+:)?si>", strings)[:-1]]
    uses = Counter(_SHARED.findall(part))
    if sum(shared[int(i)] * n for i, n in uses.items() if int(i) < len(shared)) > MAX_TEXT:
        raise Invalid("sheet_too_large", file=file, sheet=sheet, cell="", limit=MAX_CELLS)


def xlsx_facts(part: bytes, file: str) -> Facts:
    """Hidden rows and columns, formulas without values and error cells of one XLSX sheet part."""
    plain = b"<row" in part and b"='" not in part[:2_000]  # the usual way to write it; else look closely
    if plain and not any(hint in part for hint in _HINTS):
        return Facts()
    reader = _SheetReader()
    reader.read(part, file)
    return Facts(
        hidden_rows=frozenset(reader.hidden_rows),
        hidden_columns=frozenset(reader.hidden_columns),
        blank_formulas=frozenset(reader.blank_formulas),
        errors=dict(reader.errors),
    )


class _SheetReader:
    """Expat handlers over one worksheet part; entities are refused by the caller (safe.py)."""

    def __init__(self) -> None:
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.blank_formulas: set[tuple[int, int]] = set()
        self.errors: dict[tuple[int, int], str] = {}
        self._row = self._column = -1
        self._formula = self._valued = self._is_error = False
        self._text: list[str] | None = None

    def read(self, part: bytes, file: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, ValueError) as error:
            raise Invalid("workbook_corrupt", file=file) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            reference = attributes.get("r")
            self._column = column_index(reference.rstrip("0123456789")[:4]) if reference else self._column + 1
            self._formula = self._valued = False
            self._is_error = attributes.get("t") == "e"
        elif name == "f":
            self._formula = True
        elif name == "v" or name == "is":
            self._text = []
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
            if attributes.get("hidden") in ("1", "true") or attributes.get("ht") == "0":
                self.hidden_rows.add(self._row)
        elif name == "col" and (attributes.get("hidden") in ("1", "true") or attributes.get("width") == "0"):
            first, last = int(attributes["min"]) - 1, int(attributes["max"])
            self.hidden_columns.update(range(first, min(last, 1_000)))

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "v" or name == "is":
            text = "".join(self._text or ())
            self._text = None
            self._valued = self._valued or bool(text)
            if self._is_error and text:
                self.errors[self._row, self._column] = text[:10]
        elif name == "c" and self._formula and not self._valued:
            self.blank_formulas.add((self._row, self._column))


_DATE_1904 = re.compile(rb"date1904\s*=\s*[\"'](?:1|true)")


def counts_from_1904(workbook_part: bytes) -> bool:
    """Whether the workbook's date serials start in 1904 (old Macintosh files)."""
    return _DATE_1904.search(workbook_part) is not None


def ods_facts(part: bytes, file: str) -> Mapping[str, Facts]:
    """Facts of every sheet of an ODS ``content.xml`` by sheet name. Raises Invalid when a sheet spans too much."""
    reader = _OdsReader(file)
    reader.read(part)
    return reader.sheets


class _OdsReader:
    def __init__(self, file: str) -> None:
        self.sheets: dict[str, Facts] = {}
        self._file = file
        self._name = ""
        self._row = self._column = 0
        self._repeat = 1
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._merges: list[tuple[int, int, int, int]] = []
        self._extent = (0, 0)
        self._head = 0  # columns described so far
        self._cell: tuple[int, bool] | None = None

    def read(self, part: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        try:
            parser.Parse(part, True)
        except (expat.ExpatError, ValueError) as error:
            raise Invalid("workbook_corrupt", file=self._file) from error

    def _start(self, name: str, a: dict[str, str]) -> None:
        if name == "table:table":
            self._name, self._row, self._head, self._extent = a.get("table:name", ""), 0, 0, (0, 0)
            self._hidden_rows, self._hidden_columns, self._merges = set(), set(), []
        elif name == "table:table-column":
            repeat = int(a.get("table:number-columns-repeated", 1))
            if a.get("table:visibility") in ("collapse", "filter"):
                self._hidden_columns.update(range(self._head, min(self._head + repeat, 1_000)))
            self._head += repeat
        elif name == "table:table-row":
            self._repeat = int(a.get("table:number-rows-repeated", 1))
            self._column = 0
            if a.get("table:visibility") in ("collapse", "filter"):
                self._hidden_rows.update(range(self._row, min(self._row + self._repeat, self._row + 100_000)))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            repeat = int(a.get("table:number-columns-repeated", 1))
            down, right = int(a.get("table:number-rows-spanned", 1)), int(a.get("table:number-columns-spanned", 1))
            if down > 1 or right > 1:
                self._merges.append((self._row, self._column, self._row + down - 1, self._column + right - 1))
            self._cell = (repeat, "office:value-type" in a or "office:value" in a)
            self._content()

    def _characters(self, text: str) -> None:
        if self._cell is not None and text.strip():
            self._cell = (self._cell[0], True)
            self._content()

    def _content(self) -> None:
        if self._cell is not None and self._cell[1]:
            rows, columns = self._row + self._repeat, self._column + self._cell[0]
            self._extent = (max(self._extent[0], rows), max(self._extent[1], columns))
            if self._extent[0] * self._extent[1] > MAX_CELLS:
                raise Invalid("sheet_too_large", file=self._file, sheet=self._name, cell="", limit=MAX_CELLS)

    def _end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell") and self._cell is not None:
            self._column += self._cell[0]
            self._cell = None
        elif name == "table:table-row":
            self._row += self._repeat
        elif name == "table:table":
            self.sheets[self._name] = Facts(
                hidden_rows=frozenset(self._hidden_rows),
                hidden_columns=frozenset(self._hidden_columns),
                merges=tuple(self._merges),
            )
