"""Declarations as offices write them."""

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from hub import problems
from hub.errors import Invalid
from hub.sales.declared import read_file


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "ke_khai.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_vietnamese_headers_and_numbers(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "Tên chủ thể,Kênh bán,Từ ngày,Đến ngày,Doanh thu,Số đơn,Sản lượng,ĐVT,Có chứng nhận\n"
        'HTX Một,Đại lý,01/11/2026,30/11/2026,"12.500.000 đ",,"1.250,5",kg,Không\n'
        ",,,,,,,,\n",
    )
    (found,), rejected = read_file(file)
    assert rejected == ()
    assert (found.producer, found.kind, found.revenue, found.orders) == ("HTX Một", "agent", 12_500_000, None)
    assert (found.first_day, found.last_day) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (found.quantity, found.unit, found.certified) == ("1250.5", "kg", False)


def test_the_same_statement_has_the_same_id(tmp_path: Path) -> None:
    head = "producer,kind,month,revenue\n"
    (one,), _ = read_file(write(tmp_path, head + "HTX Một,direct,2026-11,1\n"))
    (two,), _ = read_file(write(tmp_path, head + "htx  một,direct,11/2026,2\n"))
    assert one.id == two.id
    assert one.last_day == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("HTX,chợ đen,2026-11,1", "declaration_kind_unknown"),
        (",direct,2026-11,1", "declaration_producer_unknown"),
        ("HTX,direct,2026-13,1", "declaration_days_invalid"),
        ("HTX,direct,tháng mười,1", "declaration_days_invalid"),
        ("HTX,direct,2026-11,", "declaration_revenue_missing"),
        ("HTX,direct,2026-11,một triệu", "declaration_number_invalid"),
        ("HTX,direct,2026-11,12.5", "declaration_number_invalid"),
    ],
)
def test_a_bad_row_is_named_and_blocks_nobody(tmp_path: Path, row: str, code: str) -> None:
    found, rejected = read_file(write(tmp_path, f"producer,kind,month,revenue\n{row}\nHTX,fair,2026-11,5\n"))
    assert [d.revenue for d in found] == [5]
    assert [(r.row, r.code) for r in rejected] == [(2, code)]
    for language in ("vi", "en"):
        assert "2" in problems.render(code, {"row": 2, "value": row}, language).what


def test_workbooks_read_the_same(tmp_path: Path) -> None:
    file = tmp_path / "ke_khai.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Chủ thể", "Kênh", "Tháng", "Doanh thu", "Số đơn"])
        sheet.write_row(1, 0, ["HTX Một", "Siêu thị", "11/2026", 1_500_000, 12])
    (found,), rejected = read_file(file)
    assert (found.kind, found.revenue, found.orders, rejected) == ("supermarket", 1_500_000, 12, ())


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "producer,kind,revenue\nx,direct,1\n"])
def test_a_file_that_is_no_such_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(Invalid):
        read_file(write(tmp_path, text))


def test_a_picture_is_no_workbook(tmp_path: Path) -> None:
    file = tmp_path / "anh.xlsx"
    file.write_bytes(b"\x89PNG....")
    with pytest.raises(Invalid):
        read_file(file)
