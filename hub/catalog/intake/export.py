"""Workbooks out: the whole catalogue so that it imports back without loss, and rejected rows with their reasons.

Every text is written as text: nothing a producer typed becomes a formula in an officer's spreadsheet program.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from hub.catalog import sets
from hub.catalog.intake.columns import match_header
from hub.catalog.intake.known import records_of, subject_of
from hub.catalog.intake.layout import Column, find_table, text_of
from hub.catalog.intake.model import FileResult, ProductRecord, RowResult, SheetResult, SubjectRecord
from hub.catalog.intake.scan import scan
from hub.catalog.intake.values import without_personal
from hub.catalog.intake.words import words_for
from hub.catalog.intake.workbook import Book, Cell, open_book
from hub.catalog.model import Producer, Sellable
from hub.errors import Unavailable

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Out(Generic[R]):
    """One column of an exported sheet."""

    header: str
    value: Callable[[R], object]
    width: int = 14


_KIND_NAMES = {
    "HTX": "Hợp tác xã", "LHHTX": "Liên hiệp hợp tác xã", "THT": "Tổ hợp tác", "DNNVV": "Doanh nghiệp nhỏ và vừa",
    "HKD": "Hộ kinh doanh", "TT": "Trang trại", "HOI": "Hội",
}  # fmt: skip
_GROUND_NAMES = {
    "false_dossier": "Hồ sơ không trung thực", "criteria_not_kept": "Không duy trì tiêu chí",
    "law_violation": "Vi phạm pháp luật", "mark_misuse": "Sử dụng sai nhãn hiệu OCOP",
    "production_stopped": "Ngừng sản xuất", "other_authority": "Kết luận của cơ quan khác có thẩm quyền",
}  # fmt: skip


def _set_name(p: ProductRecord) -> str:
    found = sets.load().get(p.set_no or 0)
    return found.name if found else ""


def _industry(p: ProductRecord) -> str:
    found = sets.load().get(p.set_no or 0)
    return found.industry if found else ""


def _price(p: ProductRecord) -> object:
    """A number, or the words that are read back as the same price."""
    per = f"/{p.price_per}" if p.price_per else ""
    if p.price_vnd is not None:
        return f"{p.price_vnd} đ{per}" if per else p.price_vnd
    if p.price_min is not None and p.price_max is not None:
        return f"{p.price_min} - {p.price_max} đ{per}"
    return ""


_CERTIFICATE: tuple[_Out[ProductRecord], ...] = (
    _Out("Hạng sao", lambda p: p.stars, 9),
    _Out("Số quyết định", lambda p: p.decision_no, 18),
    _Out("Ngày quyết định", lambda p: p.decision_date),
    _Out("Cơ quan công nhận", lambda p: p.issuer, 24),
    _Out("Số giấy chứng nhận", lambda p: p.certificate_no, 20),
    _Out("Ngày hết hạn", lambda p: p.expires_on),
    _Out("Kéo dài hiệu lực đến", lambda p: p.extended_until),
    _Out("Số QĐ thu hồi", lambda p: p.revocation_no),
    _Out("Ngày thu hồi", lambda p: p.revoked_on),
    _Out("Lý do thu hồi", lambda p: _GROUND_NAMES.get(p.ground, ""), 24),
)
_PRODUCTS: tuple[_Out[ProductRecord], ...] = (
    _Out("Mã số sản phẩm", lambda p: p.product_code, 18),
    _Out("Tên sản phẩm", lambda p: p.product_name, 34),
    _Out("Mã chủ thể", lambda p: p.subject_code, 11),
    _Out("Tên chủ thể", lambda p: p.subject_name, 34),
    _Out("Loại hình chủ thể", lambda p: _KIND_NAMES.get(p.subject_type or "", ""), 20),
    _Out("Mã loại hình", lambda p: p.subject_type or "", 9),
    _Out("Ngành", _industry, 20),
    _Out("Bộ sản phẩm số", lambda p: p.set_no, 9),
    _Out("Bộ sản phẩm", _set_name, 28),
    *_CERTIFICATE,
    _Out("Khối lượng tịnh", lambda p: p.net_quantity, 11),
    _Out("Đơn vị đo", lambda p: p.unit, 8),
    _Out("Quy cách", lambda p: p.pack),
    _Out("Giá bán lẻ (đồng)", _price, 16),
    _Out("Mã GTIN", lambda p: p.gtin, 16),
    _Out("Độ cồn (%)", lambda p: p.abv_pct, 9),
    _Out("Chứng nhận chất lượng", lambda p: "; ".join(p.quality_certs), 24),
    _Out("Sở hữu trí tuệ", lambda p: "; ".join(p.ip_rights), 24),
    _Out("Mã số vùng trồng", lambda p: p.growing_area),
    _Out("Liên kết truy xuất", lambda p: p.trace_url, 30),
    _Out("Số bản công bố", lambda p: p.food_declaration, 18),
    _Out("Xác nhận quảng cáo", lambda p: p.ad_confirmation, 18),
    _Out("Hạn sử dụng (tháng)", lambda p: p.shelf_life_months, 9),
    _Out("Bảo quản", lambda p: p.storage, 20),
    _Out("Thành phần", lambda p: p.ingredients, 24),
    _Out("Câu chuyện sản phẩm", lambda p: p.story, 30),
    _Out("Huyện (trước 01/7/2025)", lambda p: p.legacy_district, 20),
    _Out("Xã/phường", lambda p: p.commune, 20),
    _Out("Mã xã", lambda p: p.commune_code, 8),
    _Out("Củng cố/nâng hạng", lambda p: p.consolidated),
    _Out("Danh hiệu", lambda p: "; ".join(p.honours), 24),
    _Out("Ghi chú", lambda p: p.note, 30),
)
_HISTORY: tuple[_Out[ProductRecord], ...] = (
    *_PRODUCTS[:4],
    *_CERTIFICATE,
    _Out("Lý do có chứng nhận mới", lambda p: p.renewal_reason, 20),
)


def _yes(flag: bool | None) -> str:
    return "" if flag is None else "Có" if flag else "Không"


_SUBJECTS: tuple[_Out[SubjectRecord], ...] = (
    _Out("Mã chủ thể", lambda s: s.subject_code, 11),
    _Out("Tên chủ thể", lambda s: s.subject_name, 36),
    _Out("Loại hình chủ thể", lambda s: _KIND_NAMES.get(s.subject_type or "", ""), 22),
    _Out("Mã loại hình", lambda s: s.subject_type or "", 9),
    _Out("Người đại diện", lambda s: s.legal_rep, 22),
    _Out("Điện thoại", lambda s: s.subject_phone, 15),
    _Out("Email", lambda s: s.subject_email, 24),
    _Out("Địa chỉ", lambda s: s.subject_address, 30),
    _Out("Năm thành lập", lambda s: s.founded, 9),
    _Out("Huyện (trước 01/7/2025)", lambda s: s.legacy_district, 20),
    _Out("Xã/phường", lambda s: s.commune, 20),
    _Out("Mã xã", lambda s: s.commune_code, 8),
    _Out("Tham gia kênh bán hàng hiện đại", lambda s: _yes(s.modern_channel), 12),
    _Out("Kênh", lambda s: "; ".join(s.channels), 24),
    _Out("Chuỗi giá trị tuần hoàn", lambda s: _yes(s.circular_chain), 12),
)


def write_catalogue(sellables: Sequence[Sellable], target: Path, producers: Iterable[Producer] = ()) -> None:
    """The catalogue as an office workbook. ``producers``: those without products too. Raises Unavailable (disk)."""
    owners = {p.id: p for p in (*(s.producer for s in sellables), *producers)}
    rows = [(s, records_of(s)) for s in sellables]
    current = [r for s, records in rows for r in records[: _current_count(s)]]
    former = [r for s, records in rows for r in records[_current_count(s) :]]
    with _workbook(target) as book:
        _sheet(book, "San_pham", _PRODUCTS, current)
        _sheet(book, "Chu_the", _SUBJECTS, [subject_of(p) for p in owners.values()])
        _sheet(book, "Lich_su_chung_nhan", _HISTORY, former)


def _current_count(sellable: Sellable) -> int:
    return max(1, len(sellable.variants)) if sellable.certificates else 0


@contextmanager
def _workbook(target: Path) -> Any:
    """A workbook that takes its place only when it is whole."""
    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as stream:
            book = xlsxwriter.Workbook(stream, {"constant_memory": True})
            yield book
            book.close()
        part.replace(target)
    except (OSError, XlsxWriterException) as error:
        raise Unavailable("file_unwritable", file=target.name) from error
    finally:
        part.unlink(missing_ok=True)


def _sheet(book: Any, name: str, columns: Sequence[_Out[R]], rows: Iterable[R]) -> None:
    sheet = book.add_worksheet(name)
    bold, day = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.header, bold)
    for number, row in enumerate(rows, start=1):
        for index, column in enumerate(columns):
            _write(sheet, number, index, column.value(row), day)


def _write(sheet: Any, row: int, column: int, value: object, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


# ---- rejected rows ---------------------------------------------------------------------------------------------------

_BESIDE = ("Dòng trong tệp gốc", "Vì sao không nhận", "Cách sửa")
Language = Literal["vi", "en"]


def write_rejected(
    results: Sequence[FileResult], files: Sequence[Path], target: Path, language: Language = "vi"
) -> None:
    """Rejected and contradicting rows as they came, the reason beside each; personal columns are left out.

    ``files``: the same files in the order of ``results``; they are read again for the cells.
    """
    with _workbook(target) as book:
        written = 0
        for result, path in zip(results, files, strict=True):
            source: Book | None = None
            for sheet in result.sheets:
                refused = [r for r in sheet.rows if r.outcome == "rejected" or r.reason == "duplicate_conflict"]
                if refused:
                    source = source or open_book(path)
                    written += 1
                    _refused_sheet(book, source, sheet, refused, written, language)
        if not written:
            book.add_worksheet("Khong_co")


def _refused_sheet(
    book: Any, source: Book, result: SheetResult, refused: Sequence[RowResult], number: int, language: Language
) -> None:
    grid = source.sheet(result.sheet)
    layout = find_table(grid)
    assert layout is not None  # it was found when the file was read
    columns = [c for c in layout.columns if c.header and not c.personal]
    views = {item.index + 1: item.view for item in scan(grid, layout, source.file) if item.view}
    sheet = book.add_worksheet(f"{number}_{_sheet_name(result.sheet or source.file)}"[:31])
    bold, day = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "dd/mm/yyyy"})
    for index, header in enumerate((*_BESIDE, *map(_header, columns))):
        sheet.write_string(0, index, header, bold)
    for line, row in enumerate(refused, start=1):
        words = words_for(row.reason or "")
        what, do = (words.vi_what, words.vi_do) if language == "vi" else (words.en_what, words.en_do)
        for index, text in enumerate((row.row, what, do)):
            _write(sheet, line, index, text, day)
        view = views.get(row.row)
        for index, column in enumerate(columns, start=len(_BESIDE)):
            _write(sheet, line, index, _original(column, grid.rows[row.row - 1], view), day)


def _original(column: Column, row: Sequence[Cell], view: Any) -> object:
    """The cell as it came, values of merged cells filled in, citizen numbers taken out."""
    value = row[column.index]
    if value == "" and view is not None and column.match is not None:
        value = view.values.get(column.match.field, "")
    return without_personal(text_of(value))[0] if isinstance(value, str) else value


def _header(column: Column) -> str:
    """The column's own header when it is understood without the group above it, else both."""
    alone = match_header(column.header)
    if column.match is None or (alone is not None and alone.field == column.match.field):
        return column.header
    return f"{column.header} {column.above}"


def _sheet_name(text: str) -> str:
    return "".join("_" if c in "[]:*?/\\'" else c for c in text)
