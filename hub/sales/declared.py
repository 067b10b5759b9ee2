"""Reading declarations of offline sales from a CSV file or a workbook. No database here.

The first row names the columns, in Vietnamese or by code, in any order. Money and counts are whole numbers with or
without thousands marks; days are 21/11/2026, 2026-11-21, or a month 11/2026, 2026-11.
"""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from hub.errors import Invalid
from hub.sales.share import KINDS
from hub.types import Vnd, fold, local_date, nfc, parse_period


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One statement. ``producer`` and ``product`` as written: id, code or name. ``orders`` None: not told."""

    id: str
    row: int
    producer: str
    kind: str
    first_day: date
    last_day: date
    revenue: Vnd
    product: str = ""
    certified: bool = True
    orders: int | None = None
    quantity: str = ""
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A row that was not taken: what is wrong (a problem code) and the value met."""

    row: int
    code: str
    value: str


_HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "ma ke khai", "ma"),
    "producer": ("producer", "producer_id", "chu the", "chu the ocop", "ten chu the", "ma chu the"),
    "kind": ("channel_kind", "kind", "kenh", "kenh ban", "kenh ban hang", "loai kenh"),
    "first": ("first_day", "tu ngay", "tu"),
    "last": ("last_day", "den ngay", "den"),
    "month": ("month", "period", "thang", "ky", "ky bao cao"),
    "product": ("product", "product_id", "san pham", "ten san pham"),
    "certified": ("certified", "co chung nhan", "san pham ocop", "con hieu luc"),
    "revenue": ("revenue", "doanh thu", "doanh thu (dong)", "doanh thu thuan"),
    "orders": ("orders", "so don", "so don hang", "don hang"),
    "quantity": ("quantity", "so luong", "san luong"),
    "unit": ("unit", "don vi", "don vi tinh", "dvt"),
    "note": ("note", "ghi chu"),
}
_KIND_WORDS: Mapping[str, str] = {
    "ban truc tiep": "direct", "truc tiep": "direct", "tai cho": "direct", "tai co so": "direct", "hoi cho": "fair",
    "hoi cho, trien lam": "fair", "dai ly": "agent", "sieu thi": "supermarket", "cua hang tien loi": "convenience",
    "diem gioi thieu va ban san pham ocop": "ocop_point", "diem ocop": "ocop_point", "xuat khau": "export",
    "san thuong mai dien tu": "marketplace", "mang xa hoi": "social_shop", "ban hang tren mang xa hoi": "social_shop",
    "livestream": "livestream", "trang web": "own_site", "website": "own_site", "san cua tinh": "provincial_portal",
}  # fmt: skip


def read_file(path: Path) -> tuple[tuple[Declaration, ...], tuple[Rejected, ...]]:
    """Declarations and the rows that could not be read. Raises Invalid when there is no such table at all."""
    table = _csv(path) if path.suffix.lower() in (".csv", ".txt", ".tsv") else _workbook(path)
    if not table:
        raise Invalid("declarations_no_table", file=path.name)
    columns = _columns(table[0])
    if not {"producer", "kind", "revenue"} <= columns.keys() or not (
        {"first", "last"} <= columns.keys() or "month" in columns
    ):
        raise Invalid("declarations_no_table", file=path.name)
    found: list[Declaration] = []
    rejected: list[Rejected] = []
    for number, cells in enumerate(table[1:], 2):
        values = {name: cells[i].strip() if i < len(cells) else "" for name, i in columns.items()}
        if not any(values.values()):
            continue
        try:
            found.append(_declaration(number, values))
        except _Wrong as wrong:
            rejected.append(Rejected(row=number, code=wrong.code, value=wrong.value))
    return tuple(found), tuple(rejected)


class _Wrong(Exception):
    def __init__(self, code: str, value: str) -> None:
        super().__init__(code, value)
        self.code, self.value = code, value


def _declaration(row: int, values: Mapping[str, str]) -> Declaration:
    kind = values["kind"] if values["kind"] in KINDS else _KIND_WORDS.get(fold(values["kind"]), "")
    if not kind:
        raise _Wrong("declaration_kind_unknown", values["kind"])
    if not values["producer"]:
        raise _Wrong("declaration_producer_unknown", "")
    first, last = _days(values)
    revenue, orders = _whole(values["revenue"]), _whole(values.get("orders", ""))
    if revenue is None:
        raise _Wrong("declaration_revenue_missing", values["revenue"])
    amount = _decimal(values.get("quantity", ""))
    named = values.get("id", "")
    content = (fold(values["producer"]), kind, first.isoformat(), last.isoformat(), fold(values.get("product", "")))
    return Declaration(
        # without an id of its own a statement is known by whose, where, when and what it is about
        id=named[:32] or hashlib.blake2b("\x1f".join(content).encode(), digest_size=16).hexdigest(),
        row=row, producer=nfc(values["producer"]), kind=kind, first_day=first, last_day=last, revenue=revenue,
        product=nfc(values.get("product", "")), certified=fold(values.get("certified", "")) not in _NO, orders=orders,
        quantity=amount, unit=nfc(values.get("unit", "")), note=nfc(values.get("note", "")),
    )  # fmt: skip


_NO = frozenset({"khong", "no", "false", "0", "k"})


def _days(values: Mapping[str, str]) -> tuple[date, date]:
    month = values.get("month", "")
    if month:
        turned = re.fullmatch(r"(\d{1,2})/(\d{4})", month)
        try:
            period = parse_period(f"{turned[2]}-{int(turned[1]):02d}" if turned else month)
        except (ValueError, IndexError):
            raise _Wrong("declaration_days_invalid", month) from None
        return local_date(period.start), date.fromordinal(local_date(period.end).toordinal() - 1)
    first, last = _day(values.get("first", "")), _day(values.get("last", ""))
    if last < first:
        raise _Wrong("declaration_days_invalid", f"{values['first']} - {values['last']}")
    return first, last


def _day(text: str) -> date:
    for pattern in ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  a written local day, no moment
        except ValueError:
            continue
    raise _Wrong("declaration_days_invalid", text)


def _whole(text: str) -> int | None:
    """A whole number with or without thousands marks and currency sign; None when nothing is written."""
    bare = re.sub(r"(?i)(đồng|vnđ|vnd|đ|₫|\s|\u00a0)", "", nfc(text))
    if not bare:
        return None
    bare = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", re.sub(r"\.0$", "", bare))
    if not re.fullmatch(r"-?\d+", bare):
        raise _Wrong("declaration_number_invalid", text)
    return int(bare)


def _decimal(text: str) -> str:
    """A decimal as text with a point; "" when nothing is written. ``1.250,5`` and ``1250.5`` are the same."""
    bare = text.replace("\u00a0", "").replace(" ", "")
    if "," in bare:
        bare = bare.replace(".", "").replace(",", ".")
    if bare and not re.fullmatch(r"\d+(\.\d+)?", bare):
        raise _Wrong("declaration_number_invalid", text)
    return bare


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for i, cell in enumerate(header):
        word = cell.strip() if cell.strip().isascii() else fold(cell)
        for name, words in _HEADERS.items():
            if (word in words or fold(cell) in words) and name not in found:
                found[name] = i
    return found


def _csv(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("declarations_not_utf8", file=path.name) from None
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=mark))


def _workbook(path: Path) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook  # heavy, and only workbooks need it

    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except (CalamineError, OSError) as error:
        raise Invalid("declarations_no_table", file=path.name) from error
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else str(value)
