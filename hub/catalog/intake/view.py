"""One row seen through its columns: values by field, cleaned, with what had to be done to them. No judgement here."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from hub.catalog.intake.legacy import clean
from hub.catalog.intake.model import Fact, Finding
from hub.catalog.intake.values import plain_number, without_personal
from hub.catalog.intake.workbook import Cell, cell_name

_SHORT = 60
_UNFILLED: Mapping[str, int] = {}
_NOTHING: Mapping[str, Cell] = {}
_clean_personal = lru_cache(maxsize=32_768)(without_personal)


@lru_cache(maxsize=131_072)
def _tidied(value: str) -> tuple[str, tuple[str, ...], bool]:
    """A cell's text clean and without citizen numbers, the marks of cleaning, whether something personal went."""
    cleaned = clean(value)
    if len(cleaned.text) < 9:
        return cleaned.text, cleaned.marks, False
    text, removed = _clean_personal(cleaned.text)
    return text, cleaned.marks, bool(removed)


class RowView:
    """Values of one row by field. ``filled`` maps fields taken from another row to that row's index."""

    __slots__ = ("_columns", "_file", "_sheet", "blank_formulas", "filled", "findings", "index", "values", "warnings")

    def __init__(
        self,
        values: Mapping[str, Cell],
        *,
        index: int,
        columns: Mapping[str, int],
        file: str,
        sheet: str | None,
        filled: Mapping[str, int] | None = None,
        blank_formulas: frozenset[str] = frozenset(),
    ) -> None:
        self.values = values
        self.index = index
        self.filled = filled or _UNFILLED
        self.blank_formulas = blank_formulas  # fields whose formula has no stored value
        self.warnings: list[str] = []
        self.findings: list[Finding] = []
        self._columns = columns
        self._file = file
        self._sheet = sheet

    def raw(self, field: str) -> Cell:
        """The cell as it came; text cleaned; "" when empty or absent."""
        value = self.values.get(field, "")
        return self.text(field) if isinstance(value, str) and value else value

    def text(self, field: str) -> str:
        """The cell as clean text, citizen numbers removed."""
        value = self.values.get(field, "")
        if type(value) is str:
            if not value:
                return ""
            text, marks, removed = _tidied(value)
            if marks or removed:
                self._tell(field, text, marks, removed=removed)
            return text
        if isinstance(value, bool):
            return "x" if value else ""
        if isinstance(value, int | float):
            return plain_number(value)
        return value.strftime("%d/%m/%Y") if isinstance(value, date) else str(value)

    def _tell(self, field: str, text: str, marks: Sequence[str], *, removed: bool) -> None:
        """What was done to a cell's text. For a merged cell it is told once, where the cell stands."""
        if field not in self.filled:
            for mark in marks:
                self.warn(mark, field, text)
        if removed:
            self.warn("personal_text_removed", field, "")

    def warn(self, code: str, field: str | None = None, value: object = None, **facts: Fact) -> None:
        """Note a finding at a field's cell. ``value``: what to show; the cell itself when None."""
        shown = self.shown(field) if value is None else str(value)
        if code not in self.warnings:
            self.warnings.append(code)
        self.findings.append(
            Finding(
                code=code,
                file=self._file,
                sheet=self._sheet,
                cell=self.cell(field),
                value=shown[:_SHORT],
                facts=facts,
            )
        )

    def marks(self, codes: Sequence[str], field: str) -> None:
        """Note what a value parser had to do, unless the cell stands in another row."""
        if codes and field not in self.filled:
            for code in codes:
                self.warn(code, field)

    def release(self) -> None:
        """Let go of the cells once the row is judged: a large list is not held twice."""
        self.values = _NOTHING

    def cell(self, field: str | None) -> str:
        """A1 name of a field's cell; of the row's first cell when the field has no column."""
        column = self._columns.get(field, 0) if field else 0
        if field == "decision_date" and field not in self._columns:  # the date stands beside the number
            column = self._columns.get("decision_no", 0)
        return cell_name(self.filled.get(field or "", self.index), column)

    def has(self, field: str) -> bool:
        """Whether the list has a column for the field."""
        return field in self._columns

    def shown(self, field: str | None) -> str:
        """What a finding may show of a cell: short, never personal."""
        if field is None or field in ("legal_rep", "subject_phone", "subject_email"):
            return ""
        value = self.values.get(field, "")
        if isinstance(value, float):
            value = plain_number(value)
        return _clean_personal(clean(str(value)).text)[0] if value != "" else ""
