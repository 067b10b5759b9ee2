"""Synthetic sheets for tests: made here, with the habits of real exports, about nobody."""

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

from hub.catalog.intake.workbook import open_book
from hub.sync.files.incoming import Read, read
from hub.sync.files.known import load
from hub.sync.files.profile import SheetKind
from hub.sync.files.table import recognise

Rows = Sequence[Sequence[object]]

SHOPEE_ORDERS = (
    "Mã đơn hàng", "Ngày đặt hàng", "Trạng Thái Đơn Hàng", "Lý do hủy", "SKU sản phẩm", "Tên sản phẩm",
    "SKU phân loại hàng", "Tên phân loại hàng", "Giá gốc", "Giá ưu đãi", "Số lượng",
    "Số lượng sản phẩm được hoàn trả", "Tổng giá bán (sản phẩm)", "Mã giảm giá của Shop", "Mã giảm giá của Shopee",
    "Phí vận chuyển mà người mua trả", "Ngày gửi hàng", "Thời gian hoàn thành đơn hàng",
    "Thời gian đơn hàng được thanh toán", "Phương thức thanh toán", "Người Mua", "Số điện thoại", "Tỉnh/Thành phố",
)  # fmt: skip


def shopee_row(order: str, sku: str = "SKU1", **cells: object) -> list[object]:
    """One row of a Shopee order export; ``cells`` by the heading's name in ASCII below."""
    told: dict[str, object] = {
        "placed": "2026-11-21 08:30", "state": "Hoàn thành", "reason": "", "parent": "", "title": "Mắm cá linh",
        "option": "", "list": "60.000", "deal": "50.000", "quantity": "2", "returned": "0", "charged": "100.000",
        "voucher": "5.000", "platform": "0", "shipping": "16.500", "shipped": "2026-11-22 09:00",
        "completed": "2026-11-24 10:15", "paid": "2026-11-21 08:31", "payment": "Ví ShopeePay",
        "province": "TP. Hồ Chí Minh", **cells,
    }  # fmt: skip
    t = told
    return [
        order, t["placed"], t["state"], t["reason"], t["parent"], t["title"], sku, t["option"], t["list"], t["deal"],
        t["quantity"], t["returned"], t["charged"], t["voucher"], t["platform"], t["shipping"], t["shipped"],
        t["completed"], t["paid"], t["payment"], "nguoimua***", "*****11", t["province"],
    ]  # fmt: skip


def workbook(path: Path, sheets: dict[str, Rows]) -> Path:
    """Cells as they are: text as text, numbers as numbers."""
    with xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    sheet.write(number, place, cell)
    return path


def text_file(path: Path, rows: Rows, *, separator: str = ",", encoding: str = "utf-8-sig") -> Path:
    def quoted(cell: object) -> str:
        return '"' + str(cell).replace('"', '""') + '"'

    path.write_text("\n".join(separator.join(quoted(c) for c in row) for row in rows), encoding=encoding)
    return path


def told(path: Path, profile: str, kind: SheetKind | None = None) -> Read:
    sheet, tables = recognise(open_book(path), load(profile), kind)
    return read(tables, sheet)
