"""More habits of offices, each found by making a list in that habit: shapes of lists first, then single cells."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.catalog.intake import FileResult, ProductRecord, read_files
from hub.catalog.intake.columns import match_header, personal_kind
from hub.catalog.intake.dates import read_date
from hub.catalog.intake.legacy import clean, name_key
from hub.catalog.intake.prices import read_price
from hub.catalog.intake.products import net_quantity
from hub.catalog.intake.values import read_decision, read_gtin, read_phone, read_stars, without_personal
from tests.unit.catalog.intake.build import workbook

AS_OF = date(2026, 11, 21)
HEAD = ("TT", "Tên sản phẩm", "Tên chủ thể", "Số QĐ", "Ngày QĐ")
DECIDED = ("12/QĐ-UBND", "01/02/2025")


def read(path: Path) -> FileResult:
    (result,) = read_files([path], as_of=AS_OF)
    return result


def records(result: FileResult) -> list[ProductRecord]:
    return [r.record for s in result.sheets for r in s.rows if isinstance(r.record, ProductRecord)]


def told(result: FileResult) -> list[str]:
    return [r.reason or r.outcome for r in result.main.rows]


def merged(*ranges: str) -> Callable[[Any], None]:
    def touch(sheet: Any) -> None:
        for each in ranges:
            sheet.merge_cells(each)

    return touch


def test_two_lists_below_one_another_with_other_columns(tmp_path: Path) -> None:
    rows = [
        ("I. DANH SÁCH SẢN PHẨM 3 SAO",), HEAD, (1, "Mật ong", "HTX A", *DECIDED), (),
        ("II. DANH SÁCH SẢN PHẨM 4 SAO",),
        ("TT", "Tên chủ thể", "Tên sản phẩm", "Giá bán", "Số QĐ", "Ngày QĐ"),
        (1, "HTX B", "Trà sen", "90.000", *DECIDED), (2, "HTX B", "Trà lá", "", *DECIDED),
    ]  # fmt: skip
    result = read(workbook(tmp_path / "a.xlsx", rows))
    found = [(r.product_name, r.subject_name, r.stars, r.price_vnd) for r in records(result)]
    assert found == [
        ("Mật ong", "HTX A", 3, None), ("Trà sen", "HTX B", 4, 90_000), ("Trà lá", "HTX B", 4, None),
    ]  # fmt: skip
    assert [r.row for r in result.main.rows if r.outcome == "accepted"] == [3, 7, 8]
    assert [f.cell for f in result.findings if f.code == "further_table"] == ["A6"]


def test_two_lists_beside_one_another(tmp_path: Path) -> None:
    rows = [
        ("SẢN PHẨM 3 SAO", "", "", "", "", "", "SẢN PHẨM 4 SAO"),
        (*HEAD, "", *HEAD),
        (1, "Mật ong", "HTX A", *DECIDED, "", 1, "Trà sen", "HTX B", *DECIDED),
    ]
    found = [(r.product_name, r.stars) for r in records(read(workbook(tmp_path / "a.xlsx", rows)))]
    assert found == [("Mật ong", 3), ("Trà sen", 4)]


def test_tables_of_other_kinds_below_the_list(tmp_path: Path) -> None:
    head = (*HEAD, "Hạng sao")
    rows = [
        head, (1, "A", "HTX Một", *DECIDED, 3), (), ("DANH SÁCH CHỦ THỂ",),
        ("TT", "Tên chủ thể", "Địa chỉ", "Điện thoại"), (1, "HTX Một", "xã Mẫu", "0900123456"), (),
        ("TỔNG HỢP",), ("TT", "Huyện", "Số sản phẩm", "3 sao", "4 sao"), (1, "Kế Sách", 2, 1, 1),
    ]  # fmt: skip
    result = read(workbook(tmp_path / "a.xlsx", rows))
    assert [(s.kind, [r.row for r in s.rows if r.outcome == "accepted"]) for s in result.sheets] == [
        ("products", [2]),
        ("producers", [6]),
    ]
    assert (result.totals.accepted, result.totals.rejected) == (1, 0)
    assert [(f.code, f.cell) for f in result.findings if "table" in f.code] == [
        ("further_table", "A5"),
        ("table_not_read", "A7"),
    ]


def test_one_name_in_two_communes_is_asked_about(tmp_path: Path) -> None:
    head = ("Mã chủ thể", *HEAD, "Hạng sao", "Xã")

    def rows(*places: tuple[str, str]) -> list[tuple[object, ...]]:
        return [head, *((code, 1, "Mật ong", "HTX Mẫu", *DECIDED, 3, place) for code, place in places)]

    asked = read(workbook(tmp_path / "a.xlsx", rows(("", "Xã Mẫu Đông"), ("", "Mẫu Tây"), ("", "Mẫu Đông"))))
    assert told(asked) == ["accepted", "duplicate_conflict", "duplicate_same_certificate"]
    assert "commune_conflict_with_first" in asked.main.rows[1].warnings
    coded = read(workbook(tmp_path / "b.xlsx", rows(("CT1", "Mẫu Đông"), ("CT2", "Mẫu Tây"))))
    assert told(coded) == ["accepted", "accepted"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_a_second_header_line_of_two_words(tmp_path: Path, name: str) -> None:
    head = [("TT", "Tên sản phẩm", "Chủ thể", "Hạng", "Quyết định", ""), ("", "", "", "", "Số", "Ngày")]
    rows = [*head, (1, "A", "HTX A", 4, *DECIDED), *head, (2, "B", "HTX A", 4, *DECIDED)]
    ranges = [f"{c}{r}:{c}{r + 1}" for c in "ABCD" for r in (1, 4)]
    path = tmp_path / name
    if name.endswith("csv"):
        path.write_text("\n".join(",".join(map(str, r)) for r in rows), encoding="utf-8")
    else:
        workbook(path, rows, touch=merged(*ranges, "E1:F1", "E4:F4"))
    result = read(path)
    assert told(result) == ["accepted", "repeated_header", "repeated_header", "accepted"]
    assert [(r.decision_no, r.decision_date) for r in records(result)] == [("12/QĐ-UBND", date(2025, 2, 1))] * 2


def test_sums_of_a_ward_are_sums(tmp_path: Path) -> None:
    rows = [
        (*HEAD, "Hạng sao"), ("B", "PHƯỜNG MẪU TÂY"), (1, "A", "HTX A", *DECIDED, 3),
        ("", "Cộng phường Mẫu Tây: 2 SP"), (2, "B", "HTX A", *DECIDED, 3),
    ]  # fmt: skip
    result = read(workbook(tmp_path / "a.xlsx", rows))
    assert told(result)[2] == "total_row"
    assert [f.facts for f in result.findings if f.code == "total_mismatch"] == [{"declared": 2, "counted": 1}]


def test_the_title_says_stars_and_decision(tmp_path: Path) -> None:
    rows = [
        ("DANH SÁCH SẢN PHẨM OCOP ĐẠT HẠNG 4 SAO NĂM 2025",),
        ("(Kèm theo Quyết định số 77/QĐ-UBND ngày 05/3/2025 của UBND tỉnh)",),
        ("TT", "Tên sản phẩm", "Chủ thể", "Địa chỉ"), (1, "Mật ong", "HTX A", "xã Mẫu"),
    ]  # fmt: skip
    result = read(workbook(tmp_path / "a.xlsx", rows))
    (one,) = records(result)
    assert (one.stars, one.decision_no, one.decision_date) == (4, "77/QĐ-UBND", date(2025, 3, 5))
    assert {"stars_from_section", "decision_from_heading"} <= set(result.main.rows[0].warnings)


@pytest.mark.parametrize(
    ("name", "stars"), [("SP 3 sao", 3), ("4 sao", 4), ("3 sao, 4 sao", None), ("Từ 3 sao", None), ("DS", None)]
)
def test_stars_by_the_name_of_the_sheet(tmp_path: Path, name: str, stars: int | None) -> None:
    result = read(workbook(tmp_path / "a.xlsx", [HEAD, (1, "Mật ong", "HTX A", *DECIDED)], sheet=name))
    assert [r.stars for r in records(result)] == ([stars] if stars else [])


def test_headings_of_stars_and_of_producers(tmp_path: Path) -> None:
    rows = [
        HEAD, ("B", "NHÓM BỐN SAO"), (1, "A", "HTX A", *DECIDED),
        ("", "II. SẢN PHẨM 3 SAO (02 sản phẩm)"), (2, "B", "HTX A", *DECIDED),
    ]  # fmt: skip
    assert [r.stars for r in records(read(workbook(tmp_path / "a.xlsx", rows)))] == [4, 3]
    rows = [
        ("TT", "Tên sản phẩm", "Hạng sao", "Số QĐ", "Ngày QĐ"),
        ("I", "HTX Nông nghiệp Mẫu Đông"), ("1.1", "A", 4, *DECIDED),
        (2, "Công ty TNHH Mẫu Tây"), ("2.1", "B", 4, *DECIDED),
    ]  # fmt: skip
    found = [r.subject_name for r in records(read(workbook(tmp_path / "b.xlsx", rows)))]
    assert found == ["HTX Nông nghiệp Mẫu Đông", "Công ty TNHH Mẫu Tây"]


def test_a_merged_producer_goes_on_behind_a_page_break(tmp_path: Path) -> None:
    head = (*HEAD, "Hạng sao")
    rows = [
        head, (1, "A", "HTX Một", *DECIDED, 3), (2, "B", "", *DECIDED, 3), head,
        (3, "C", "", *DECIDED, 3), (4, "D", "HTX Hai", *DECIDED, 3), (5, "E", "", *DECIDED, 3),
    ]  # fmt: skip
    result = read(workbook(tmp_path / "a.xlsx", rows, touch=merged("C2:C3")))
    assert [r.subject_name for r in records(result)] == ["HTX Một"] * 3 + ["HTX Hai"]
    assert (told(result)[2], told(result)[-1]) == ("repeated_header", "subject_name_missing")


def test_names_below_the_signatures_are_no_products(tmp_path: Path) -> None:
    rows = [
        (*HEAD, "Hạng sao"), (1, "A", "HTX Một", *DECIDED, 3), ("", "NGƯỜI LẬP BIỂU", "", "TM. UBND"), (),
        ("", "Nguyễn Văn Lập", "", "Trần Văn Ký"),
    ]  # fmt: skip
    assert told(read(workbook(tmp_path / "a.xlsx", rows)))[1:] == ["signature_block", "blank_row", "signature_block"]


def test_error_values_in_text_are_empty(tmp_path: Path) -> None:
    head = ",".join((*HEAD, "Hạng sao", "Giá bán"))
    lines = [head, "1,#REF!,HTX A,12/QĐ-UBND,01/02/2025,3,", "2,B,HTX A,12/QĐ-UBND,01/02/2025,3,#N/A"]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    result = read(path)
    assert told(result) == ["product_name_missing", "accepted"]
    assert [(f.cell, f.value) for f in result.findings if f.code == "cell_error"] == [("B2", "#REF!"), ("G3", "#N/A")]


def test_extension_and_revocation_in_one_cell_each(tmp_path: Path) -> None:
    rows = [
        (*HEAD, "Hạng", "Gia hạn", "Thu hồi (số QĐ, ngày)", "Lý do"),
        (1, "A", "HTX A", "7/QĐ-UBND", "10/03/2023", 3, "10/6/2026", "", ""),
        (2, "B", "HTX A", "7/QĐ-UBND", "10/03/2023", 3, "", "33/QĐ-UBND ngày 05/5/2025", "Ngừng sản xuất"),
        (3, "C", "HTX A", "7/QĐ-UBND", "10/03/2023", 3, "", "-", ""),
        (4, "D", "HTX A", "7/QĐ-UBND", "10/03/2023", 3, "", "Đã thu hồi", ""),
    ]
    result = read(workbook(tmp_path / "a.xlsx", rows))
    first, second, third, _ = records(result)
    assert (first.extended_until, first.price_vnd) == (date(2026, 6, 10), None)
    assert (second.revocation_no, second.revoked_on) == ("33/QĐ-UBND", date(2025, 5, 5))
    assert (second.ground, third.revocation_no) == ("production_stopped", "")
    assert "revoked_on_missing" in result.main.rows[3].warnings


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("CSSX", "subject_name"), ("(3)\nTEN CSSX", "subject_name"), ("Đ/c", "subject_address"), ("Hạng SP", "stars"),
        ("Gia hạn", "extended_until"), ("Gia hạn hiệu lực đến", "extended_until"), ("KLT", "net_quantity"),
        ("Số, ngày QĐ thu hồi", "revocation_no"), ("Hạn GCN", "expires_on"), ("MS, MV", "gtin"),
    ],
)  # fmt: skip
def test_short_headings(header: str, field: str) -> None:
    match = match_header(header)
    assert match is not None
    assert match.field == field


@pytest.mark.parametrize("header", ["Số CC", "Số CMTND", "HKTT", "Nơi cư trú", "Giới", "Nữ", "NS", "Số TK", "Mã ĐDCN"])
def test_short_headings_of_personal_columns(header: str) -> None:
    assert personal_kind(header) is not None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Chủ hộ sinh năm 1975, dân tộc Khơ-me, làm bánh", "Chủ hộ, làm bánh"),
        ("Bánh gừng của đồng bào dân tộc Khmer", "Bánh gừng của đồng bào dân tộc Khmer"),
    ],
)
def test_personal_items_of_a_remark(text: str, kept: str) -> None:
    assert " ".join(without_personal(text)[0].replace(" ,", ",").replace(",,", ",").split()) == kept


@pytest.mark.parametrize(
    ("written", "stars", "reason"),
    [
        ("Bốn (04) sao", 4, None), ("4 (bốn) sao", 4, None), ("4 (ba) sao", None, "star_invalid"),
        ("(4 sao)", 4, None), ("Đạt 4", 4, None), ("4 stars", 4, None), ("hạng bốn", 4, None),
        ("5 sao (dự kiến)", None, "not_yet_recognised"), ("3 sao (tiềm năng 4 sao)", 3, None),
        ("3 sao (2020), 4 sao (2023)", None, "star_invalid"), ("4 sao (nâng hạng từ 3 sao)", 4, None),
    ],
)  # fmt: skip
def test_stars(written: str, stars: int | None, reason: str | None) -> None:
    assert (read_stars(written).stars, read_stars(written).reason) == (stars, reason)


@pytest.mark.parametrize(
    ("written", "day", "problem"),
    [
        ("45275.0", date(2023, 12, 15), None), ("15,12,2023", date(2023, 12, 15), None),
        ("15 12 2023", date(2023, 12, 15), None), ("20231215", date(2023, 12, 15), None),
        ("15//12/2023", date(2023, 12, 15), None), ("15/12/1023", None, "invalid"), ("15/12/2203", None, "invalid"),
        ("10/3/2021; 10/3/2024", None, "invalid"), ("tháng 12", None, "incomplete"), ("ngày 15/12", None, "incomplete"),
    ],
)  # fmt: skip
def test_dates(written: str, day: date | None, problem: str | None) -> None:
    assert (read_date(written).day, read_date(written).problem) == (day, problem)


@pytest.mark.parametrize(
    ("written", "number", "day"),
    [
        ("1101/QĐ-UBND-15/12/2023", "1101/QĐ-UBND", date(2023, 12, 15)),
        ("1101/QĐ-UBND_15/12/2023", "1101/QĐ-UBND", date(2023, 12, 15)),
        ("số 1101/qđ-ubnd", "1101/QĐ-UBND", None), ("1101/QĐ-UBND tháng 12/2023", "1101/QĐ-UBND", None),
    ],
)  # fmt: skip
def test_decisions(written: str, number: str, day: date | None) -> None:
    assert (read_decision(written).number, read_decision(written).day) == (number, day)


@pytest.mark.parametrize(
    ("written", "price", "per"),
    [
        ("Hộp 500g: 120.000đ", 120_000, "Hộp 500g"), ("120.000,-", 120_000, None), ("VNĐ 120.000", 120_000, None),
        ("15.000 USD/tấn", None, None), ("120.000đ x 2", None, None),
        ("hộp 500g: 120.000đ; hộp 1kg: 230.000đ", None, None),
    ],
)  # fmt: skip
def test_prices(written: str, price: int | None, per: str | None) -> None:
    found = read_price(written)
    assert found.price == price
    assert price is None or found.per == per


def test_a_span_whose_thousands_stand_at_the_end() -> None:
    assert (read_price("120-150.000đ").low, read_price("120-150.000đ").high) == (120_000, 150_000)


@pytest.mark.parametrize(
    ("written", "gtin"),
    [
        ("8930090001019.0", "8930090001019"), ("(01)08930090001019", "8930090001019"),
        ("893009000101９", "8930090001019"), ("9786041000001", None), ("0000000000000", None),
    ],
)  # fmt: skip
def test_item_numbers(written: str, gtin: str | None) -> None:
    assert read_gtin(written).text == gtin


@pytest.mark.parametrize("written", ["0900123456-0900123457", "0900 123 456 0900 123 457", "0900,123,456"])
def test_phones(written: str) -> None:
    assert read_phone(written).text == "+84900123456"


def test_spelling_and_codes() -> None:
    assert name_key("Bánh quy Mỹ Quý") == name_key("Bánh qui Mĩ Quí")
    assert name_key("Khay") != name_key("Khai")
    assert net_quantity("", "", "500g/hộp") == ("500", "g")
    assert clean("MÃ¡ÂºÂ\xadt ong").text == "Mật ong"  # through the wrong code page twice
    assert clean("Ä\x90Ã´ng").text == "Đông"  # with a byte that code page leaves open
