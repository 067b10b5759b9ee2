"""Where the table of a foreign sheet stands, by the headings its profile names. Pure but for the opened book.

The file is opened by the same reader as registries (``hub.catalog.intake.workbook``): what is broken, too large or not
a spreadsheet is refused there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hub.catalog.intake.columns import header_key
from hub.catalog.intake.layout import text_of
from hub.catalog.intake.workbook import Book, Cell, Sheet
from hub.connectors.model import FeeKind
from hub.errors import Invalid
from hub.sync.files.profile import KINDS, InSheet, Profile, SheetKind
from hub.types import fold

_SEARCHED = 40  # rows looked at for the headings


@dataclass(frozen=True, kw_only=True)
class Row:
    """Cells of one row by field; ``number`` as a person counts it. ``fees``: (heading as written, kind, cell)."""

    number: int
    cells: Mapping[str, Cell]
    fees: tuple[tuple[str, FeeKind, Cell], ...] = ()

    def get(self, name: str) -> Cell:
        """The cell of a field; "" where the sheet has no such column."""
        return self.cells.get(name, "")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table found in a sheet. ``headings``: what stands above each field, for telling people where to look."""

    sheet: str
    header: int  # row index
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    fees: tuple[tuple[int, str, FeeKind], ...] = ()
    described: bool = False
    grid: Sheet = field(repr=False)

    @property
    def rows(self) -> Iterator[Row]:
        """Every row below the headings that has anything in it."""
        for index in range(self.header + 1 + self._explained, len(self.grid.rows)):
            cells = self.grid.rows[index]
            if all(cell == "" for cell in cells):
                continue
            yield Row(
                number=index + 1,
                cells={name: cells[place] for name, place in self.columns.items()},
                fees=tuple((heading, kind, cells[place]) for place, heading, kind in self.fees),
            )

    @property
    def _explained(self) -> bool:
        """Whether the row below the headings explains them: a sentence stands where an order's id would."""
        below = self.header + 1
        if not self.described or below >= len(self.grid.rows):
            return False
        return " " in text_of(self.grid.rows[below][self.columns["order"]]).strip()

    @property
    def size(self) -> int:
        """Rows below the headings, blank ones too: a bound for progress."""
        return max(0, len(self.grid.rows) - self.header - 1)


def find_tables(book: Book, wanted: InSheet) -> tuple[Table, ...]:
    """The tables of one kind, in the order of the sheets; hidden sheets and sheets of other names are left alone.

    ``wanted.sheets`` only chooses where several sheets have the headings: people rename sheets.
    """
    found: list[Table] = []
    for name in book.names:
        if name in book.hidden:
            continue
        table = find_table(book.sheet(name), wanted)
        if table is not None:
            found.append(table)
    named = [table for table in found if fold(table.sheet) in wanted.sheets]
    return tuple(named or found)


def find_table(sheet: Sheet, wanted: InSheet) -> Table | None:
    """The table whose row of headings names the most fields, if it names all that are needed."""
    best: Table | None = None
    for index in range(min(_SEARCHED, len(sheet.rows))):
        texts = [text_of(cell) for cell in sheet.rows[index]]
        keys = [header_key(text) if text else "" for text in texts]
        columns = _columns(keys, wanted)
        if not wanted.needed <= columns.keys() or (best is not None and len(columns) <= len(best.columns)):
            continue
        fees = tuple((keys.index(word), texts[keys.index(word)], kind) for word, kind in wanted.fee_columns
                     if word in keys)  # fmt: skip
        best = Table(
            sheet=sheet.name or "", header=index, columns=columns, fees=fees, grid=sheet,
            headings={name: texts[place] for name, place in columns.items()}, described=wanted.described,
        )  # fmt: skip
    return best


def _columns(keys: list[str], wanted: InSheet) -> dict[str, int]:
    """Field -> column. Of two columns with the same heading the first counts."""
    found: dict[str, int] = {}
    for name, words in wanted.columns.items():
        place = next((keys.index(word) for word in words if word in keys), None)
        if place is not None:
            found[name] = place
    return found


def recognise(book: Book, profile: Profile, kind: SheetKind | None) -> tuple[InSheet, tuple[Table, ...]]:
    """Which of the profile's sheets this file is, and its tables. Raises Invalid("file_not_of_profile")."""
    kinds = [k for k in (KINDS if kind is None else (kind,)) if k in profile.sheets]
    found = [(profile.sheets[k], tables) for k in kinds if (tables := find_tables(book, profile.sheets[k]))]
    if not found:
        wanted = [_wanted(profile.sheets[k]) for k in kinds]
        raise Invalid("file_not_of_profile", file=book.file, profile=profile.name, columns="; ".join(wanted))
    return max(found, key=lambda one: sum(len(t.columns) + len(t.fees) for t in one[1]))


def _wanted(sheet: InSheet) -> str:
    return ", ".join(sheet.columns[name][0] for name in sorted(sheet.needed))
