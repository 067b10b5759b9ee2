"""Importing a registry of 20,000 rows into an empty hub over openpyxl merely reading the same file.

Prints ``{"intake_vs_openpyxl_read": ratio, ...}``; reach: 1.0. The file is made of the sample rows with varied names,
producers, numbers and GTINs. Importing is all of it: comparing with what is stored, reading, storing in SQLite. Both
work in this process, in turns; CPU seconds of the process; median over the rounds. ``records_s`` is reading alone.
"""

import argparse
import csv
import json
import statistics
import tempfile
import time
import warnings
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import xlsxwriter

from hub import migrate
from hub.catalog.intake import read_files
from hub.catalog.known import known_catalogue
from hub.catalog.take_in import take_in
from hub.db import Db

SAMPLE = Path(__file__).parent.parent / "examples" / "registry" / "soc_trang_san_pham.csv"
AS_OF = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=UTC)
NUMBERS = {"STT", "Bộ sản phẩm số", "Hạng sao", "Khối lượng tịnh", "Giá bán lẻ (đồng)", "Hạn sử dụng (tháng)"}
DATES = {"Ngày quyết định", "Ngày hết hạn", "Kéo dài hiệu lực đến", "Ngày thu hồi"}


def make(path: Path, rows: int) -> None:
    """A workbook of ``rows`` products as a province would send it."""
    with SAMPLE.open(encoding="utf-8-sig", newline="") as stream:
        header, *samples = list(csv.reader(stream))
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("San_pham")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, header)
    for number in range(rows):
        turn, sample = divmod(number, len(samples))
        for column, (name, value) in enumerate(zip(header, samples[sample], strict=True)):
            if not value:
                continue
            if name in DATES:
                sheet.write_datetime(number + 1, column, date.fromisoformat(value), day)
            elif name in NUMBERS:
                sheet.write_number(number + 1, column, float(value))
            else:
                sheet.write_string(number + 1, column, varied(name, value, turn))
    book.close()


def varied(name: str, value: str, turn: int) -> str:
    """The sample's text, other in each turn where real registries never repeat themselves."""
    if name in ("Tên sản phẩm", "Tên chủ thể", "Mã chủ thể"):
        return f"{value} {turn}" if turn else value
    if name == "Mã GTIN":
        body = f"{int(value[:12]) + turn * 1_000_000:012d}"
        total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
        return body + str(-total % 10)
    return value


def openpyxl_reads(path: Path) -> None:
    """What the ratio is over: every value touched once, nothing kept."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True)
        for sheet in book:
            for _ in sheet.iter_rows(values_only=True):
                pass
        book.close()


def hub_imports(path: Path, db: Db) -> float:
    """The whole import into an empty hub; answers the CPU seconds of reading alone."""
    known = db.read_now(known_catalogue)
    began = time.process_time()
    results = read_files([path], as_of=AS_OF, known=known)
    read = time.process_time() - began
    assert results[0].totals.rejected == 0, results[0].reasons
    taken = db.write_now(take_in, results, who="bench", now=NOW)
    assert taken.products == results[0].totals.accepted
    return read


def both(path: Path, folder: Path, number: int) -> tuple[float, float, float]:
    """CPU seconds of (importing, openpyxl reading, our reading alone)."""
    db = Db(f"sqlite:///{folder / f'hub{number}.db'}")
    migrate.upgrade(db)
    began = time.process_time()
    alone = hub_imports(path, db)
    ours = time.process_time() - began
    db.close()
    began = time.process_time()
    openpyxl_reads(path)
    return ours, time.process_time() - began, alone


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.xlsx"
        make(path, chosen.rows)
        rounds = [both(path, Path(folder), number) for number in range(chosen.rounds)]
    ours, theirs, alone = (statistics.median(side) for side in zip(*rounds, strict=True))
    answer = {
        "intake_vs_openpyxl_read": round(ours / theirs, 3),
        "rows": chosen.rows,
        "import_s": round(ours, 2),
        "records_s": round(alone, 2),
        "openpyxl_s": round(theirs, 2),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
