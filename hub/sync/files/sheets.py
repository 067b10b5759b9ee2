"""Listing sheets written: a workbook of two sheets, or a CSV with what is held in a second file beside it.

Every text is written as text, so codes keep their zeros and nothing a producer typed becomes a formula. A CSV has a
byte order mark, which spreadsheet programs need to show accents.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from hub.errors import Unavailable
from hub.problems import render
from hub.sync.files.outgoing import HeldRow, OutCell, Outgoing, Todo

Progress = Callable[[int, int], None]

HELD_SHEET = "Cần xử lý"
HELD_HEADERS = ("Mã sản phẩm", "Tên sản phẩm", "SKU", "Đang đăng trên sàn", "Việc cần làm", "Lý do", "Đường dẫn")
_TODO: Mapping[Todo, str] = {
    "mend": "Bổ sung rồi xuất lại", "take_down": "Gỡ khỏi sàn", "reword": "Sửa tin trên sàn: bỏ mọi chữ về sao OCOP",
}  # fmt: skip
_EVERY = 200


def held_cells(row: HeldRow, language: str = "vi") -> tuple[str, ...]:
    """A held product in words."""
    told = [render(p.code, p.facts, language) for p in row.problems]
    return (
        row.product_id, row.name, ", ".join(row.skus), "Không" if row.todo == "mend" else "Có",
        "; ".join([_TODO[row.todo], *(dict.fromkeys(words.do for words in told))]),
        "; ".join(dict.fromkeys(words.what for words in told)), row.url,
    )  # fmt: skip


def held_file(path: Path) -> Path:
    """Where a CSV's rows for people go."""
    return path.with_name(f"{path.stem}-can-xu-ly{path.suffix}")


def write(
    path: Path, sheets: Outgoing, kind: str, progress: Progress | None = None, *, language: str = "vi"
) -> tuple[Path, ...]:  # fmt: skip
    """Write ``kind`` "xlsx" or "csv"; answers the files written. Raises Unavailable("file_unwritable")."""
    with _unwritable(path):
        if kind == "csv":
            return _write_csv(path, sheets, progress, language)
        return _write_xlsx(path, sheets, progress, language)


@contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, XlsxWriterException) as error:
        raise Unavailable("file_unwritable", file=str(path)) from error


def _write_xlsx(path: Path, out: Outgoing, progress: Progress | None, language: str) -> tuple[Path, ...]:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        needed = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#FFE8B3"})
        money = book.add_format({"num_format": "#,##0"})
        sheet = book.add_worksheet(out.sheet.sheet[:31])
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(out.sheet.columns), 20)
        for place, column in enumerate(out.sheet.columns):
            sheet.write_string(0, place, column.header, needed if column.required else head)
        for number, row in enumerate(out.rows, 1):
            for place, cell in enumerate(row.cells):
                if isinstance(cell, int):
                    sheet.write_number(number, place, cell, money)
                elif cell != "":
                    sheet.write_string(number, place, written(cell, out.sheet.date))
            _tell(progress, number, len(out.rows))
        second = book.add_worksheet(HELD_SHEET)
        second.set_column(0, len(HELD_HEADERS), 28)
        for number, words in enumerate([HELD_HEADERS, *(held_cells(row, language) for row in out.held)]):
            for place, word in enumerate(words):
                second.write_string(number, place, word, head if number == 0 else None)
    return (path,)


def _write_csv(path: Path, out: Outgoing, progress: Progress | None, language: str) -> tuple[Path, ...]:
    lines: list[Sequence[str]] = [[c.header for c in out.sheet.columns]]
    for number, row in enumerate(out.rows, 1):
        lines.append([_harmless(cell, written(cell, out.sheet.date)) for cell in row.cells])
        _tell(progress, number, len(out.rows))
    _save(path, lines)
    beside = held_file(path)
    _save(beside, [HELD_HEADERS, *([_harmless("", word) for word in held_cells(row, language)] for row in out.held)])
    return (path, beside)


def _save(path: Path, lines: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def written(cell: OutCell, days: str) -> str:
    """A cell as text; days as the place writes them."""
    return cell.strftime(days) if isinstance(cell, date) else str(cell)


def _harmless(cell: OutCell, text: str) -> str:
    """A text that a spreadsheet program would reckon is set off by a blank; numbers of ours may be negative."""
    return f" {text}" if isinstance(cell, str) and text.startswith(("=", "+", "-", "@", "\t")) else text


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None and (done % _EVERY == 0 or done == total):
        progress(done, total)
