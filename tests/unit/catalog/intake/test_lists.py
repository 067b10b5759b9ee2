"""Lists in the shapes offices give them: each test is one habit, on invented rows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalog.intake import FileResult, KnownCatalogue, ProductRecord, RowResult, read_files
from hub.catalog.intake.gather import Gathering
from hub.catalog.intake.known import KnownProduct
from hub.catalog.intake.layout import find_table
from hub.catalog.intake.workbook import Sheet
from tests.unit.catalog.intake.build import HEADER, ROW, workbook

AS_OF = date(2026, 11, 21)
PLAIN = ("STT", "Tên sản phẩm", "Tên chủ thể", "Hạng sao", "Số QĐ", "Ngày QĐ")


def read(path: Path, known: KnownCatalogue | None = None) -> FileResult:
    (result,) = read_files([path], as_of=AS_OF, known=known or KnownCatalogue())
    return result


def product(row: RowResult) -> ProductRecord:
    assert isinstance(row.record, ProductRecord), row
    return row.record


def merged(*ranges: str) -> Callable[[Any], None]:
    def touch(sheet: Any) -> None:
        for each in ranges:
            sheet.merge_cells(each)

    return touch


def test_stars_by_crosses_under_one_heading(tmp_path: Path) -> None:
    rows = [
        ("DANH SÁCH",), (),
        ("STT", "Tên sản phẩm", "Chủ thể", "Hạng sao", "", "", "Quyết định", "", "Giá (nghìn đồng)"),
        ("", "", "", "3 sao", "4 sao", "5 sao", "Số", "Ngày", ""),
        (1, "Mật ong", "HTX Mẫu", "x", "", "", "12/QĐ-UBND", "01/02/2025", 120),
        (2, "Sáp ong", "HTX Mẫu", "", "x", "", "12/QĐ-UBND", "01/02/2025", 85.5),
        (3, "Phấn hoa", "nt", "x", "x", "", "nt", "nt", ""),
        ("", "Cộng", "", 1, 1, 0, "", "", ""),
    ]  # fmt: skip
    touch = merged("A3:A4", "B3:B4", "C3:C4", "D3:F3", "G3:H3", "I3:I4")
    result = read(workbook(tmp_path / "a.xlsx", rows, touch=touch))
    assert result.main.header_rows == (3, 4)
    assert result.main.columns["E"] == "stars (4)"
    first, second, third, total = result.main.rows
    assert (product(first).stars, product(first).price_vnd, product(first).decision_no) == (3, 120_000, "12/QĐ-UBND")
    assert (product(second).stars, product(second).price_vnd) == (4, 85_500)
    assert third.reason == "star_invalid"
    assert (total.reason, total.warnings, result.totals.declared_total_in_file) == ("total_row", ("total_mismatch",), 2)


def test_headings_give_stars_and_districts(tmp_path: Path) -> None:
    rows = [
        ("STT", "Tên sản phẩm", "Tên chủ thể", "Số QĐ", "Ngày QĐ"),
        ("I", "HUYỆN KẾ SÁCH", "", "", ""),
        ("1", "Sản phẩm 4 sao", "", "", ""),
        (1, "Mật ong", "HTX Mẫu", "12/QĐ-UBND", "01/02/2025"),
        ("II", "HUYỆN MỸ TÚ", 1, "", ""),
        (2, "Sáp ong", "HTX Mẫu", "12/QĐ-UBND", "01/02/2025"),
    ]
    result = read(workbook(tmp_path / "a.xlsx", rows))
    kinds = [r.reason or r.outcome for r in result.main.rows]
    assert kinds == ["section_row", "section_row", "accepted", "section_row", "accepted"]
    assert [product(r).legacy_district for r in result.main.rows if r.record] == ["Huyện Kế Sách", "Huyện Mỹ Tú"]
    assert {product(r).stars for r in result.main.rows if r.record} == {4}


def test_blank_producers_stand_for_the_one_above_only_where_that_is_the_habit(tmp_path: Path) -> None:
    def rows(*names: str) -> list[tuple[object, ...]]:
        return [PLAIN, *((n, f"Hàng {n}", name, 3, "12/QĐ-UBND", "01/02/2025") for n, name in enumerate(names, 1))]

    grouped = read(workbook(tmp_path / "a.xlsx", rows("HTX Một", "", "", "HTX Hai", "")))
    assert [product(r).subject_name for r in grouped.main.rows] == ["HTX Một"] * 3 + ["HTX Hai"] * 2
    assert "subject_from_row_above" in grouped.main.rows[1].warnings
    single = read(workbook(tmp_path / "b.xlsx", rows(*["HTX Một"] * 8, "", "HTX Hai")))
    assert single.main.rows[8].reason == "subject_name_missing"


def test_several_sheets_and_an_old_one(tmp_path: Path) -> None:
    def touch(page: Any) -> None:
        for title, names in (("Mỹ Tú", ("C", "A")), ("Bản cũ", ("A",)), ("Ẩn", ("D",))):
            sheet = page.parent.create_sheet(title)
            sheet.append(PLAIN)
            for name in names:
                sheet.append((1, name, "HTX Một", 3, "1/QĐ-UBND", date(2025, 1, 2)))
            sheet.sheet_state = "hidden" if title == "Ẩn" else "visible"

    rows = [PLAIN, (1, "A", "HTX Một", 3, "1/QĐ-UBND", "02/01/2025"), (2, "B", "HTX Một", 3, "1/QĐ-UBND", "2/1/2025")]
    path = workbook(tmp_path / "a.xlsx", rows, sheet="Kế Sách", touch=touch)
    result = read(path)
    assert [s.sheet for s in result.sheets] == ["Kế Sách", "Mỹ Tú"]
    assert set(result.ignored_sheets) == {"Bản cũ", "Ẩn"}
    assert (result.totals.accepted, result.totals.duplicate) == (3, 1)
    (named,) = read_files([path], sheet="Bản cũ", as_of=AS_OF)
    assert (named.main.sheet, named.totals.accepted) == ("Bản cũ", 1)


def test_packs_accents_and_conflicts(tmp_path: Path) -> None:
    head = (*PLAIN, "Quy cách", "Giá bán")
    goods = [
        ("Rượu đế", 3, "chai 500ml", "90k", "2/1/2025"), ("Rượu đế", 3, "chai 1 lít", "150k", "2/1/2025"),
        ("Rượu dê", 3, "chai 500ml", "95k", "2/1/2025"), ("Khô cá", 3, "gói", "95k", "2/1/2025"),
        ("Kho ca", 3, "gói", "95k", "2/1/2025"), ("Khô cá", 4, "gói", "95k", "2/1/2025"),
        ("Khô cá", 3, "gói", "95k", "12/1/2025"), ("Khô cá", 4, "gói", "99k", "2/1/2026"),
    ]  # fmt: skip
    rows = [
        head,
        *(
            (n, name, "HKD Mẫu", s, "1/QĐ-UBND", day, pack, price)
            for n, (name, s, pack, price, day) in enumerate(goods, 1)
        ),
    ]
    told = [r.reason or r.action for r in read(workbook(tmp_path / "a.xlsx", rows)).main.rows]
    assert told == [
        "new_product", "new_variant", "new_product", "new_product", "duplicate_same_certificate",
        "duplicate_conflict", "duplicate_conflict", "new_certificate",
    ]  # fmt: skip


def test_a_printed_header_on_every_page_and_a_column_without_header(tmp_path: Path) -> None:
    head = ("TT", "Tên sản phẩm, dịch vụ", "Tên, địa chỉ chủ thể", "Ngày sinh", "", "Số, ngày QĐ")
    rows = [
        ("Phụ lục I",), ("(Kèm theo Quyết định số 12/QĐ-UBND)",), head, tuple("ABCDEF"),
        ("1", "Mật ong", "HTX Mẫu, ấp 3, xã Mẫu Đông", "1980", "4 sao", "12/QĐ-UBND, ngày 1/2/2025"),
        head,
        ("2", "Kẹo dừa", "HTX Mẫu, ấp 3, xã Mẫu Đông", "", "ba sao", "13/QĐ-UBND ngày 30/4/2025"),
        ("Người lập biểu", "", "", "TM. UBND"),
    ]  # fmt: skip
    result = read(workbook(tmp_path / "a.xlsx", rows))
    assert (result.main.column_number_row, result.main.columns["E"]) == (4, "stars (guess 80 %: ?)")
    assert [r.reason or r.outcome for r in result.main.rows] == [
        "accepted",
        "repeated_header",
        "accepted",
        "signature_block",
    ]
    first = product(result.main.rows[0])
    assert (first.subject_name, first.subject_address, first.commune) == ("HTX Mẫu", "ấp 3, xã Mẫu Đông", "xã Mẫu Đông")
    assert "1980" not in repr(result)


def test_nothing_personal_is_kept_wherever_it_stands(tmp_path: Path) -> None:
    head = (*HEADER, "Số CCCD", "Dân tộc", "Họ và tên chủ hộ")
    row = list(ROW)
    row[1], row[8] = "Mật ong (CCCD 001203004567)", "Chủ hộ CMND: 123456789"

    def hide(sheet: Any) -> None:
        sheet.column_dimensions["J"].hidden = True

    result = read(workbook(tmp_path / "a.xlsx", (head, (*row, "001203004567", "Khmer", "Nguyễn Văn Mẫu")), touch=hide))
    text = repr(result)
    assert not [secret for secret in ("001203004567", "123456789", "Khmer") if secret in text]
    assert result.main.dropped_columns == {
        "J": "ID number (personal, hidden column): never stored",
        "K": "ethnicity (sensitive personal data): never stored",
    }
    assert "personal_text_removed" in result.main.rows[0].warnings


def test_what_is_known_decides_the_action(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", (HEADER, ROW))
    record = product(read(path).main.rows[0])

    def again(*records: ProductRecord) -> RowResult:
        return read(path, KnownCatalogue(products=(KnownProduct(product_id="p", records=records),))).main.rows[0]

    assert again(record).action == "unchanged"
    changed = again(replace(record, price_vnd=99_000, note="giữ nguyên"))
    assert changed.action == "changed"
    assert [(c.field, c.before, c.after) for c in changed.changes] == [("price_vnd", 99_000, 120_000)]
    assert again(replace(record, decision_date=date(2022, 1, 5), stars=3)).action == "new_certificate"
    assert again(replace(record, subject_name="Hợp tác xã Ong Mẫu")).action == "unchanged"
    assert again(replace(record, product_name="Mật hoa")).action == "new_product"
    newer = again(record, replace(record, decision_date=date(2026, 1, 5), decision_no="9/QĐ-UBND"))
    assert "certificate_superseded" in newer.warnings


def test_progress_is_told(tmp_path: Path) -> None:
    rows = [PLAIN, *((n, f"Hàng {n}", "HTX Một", 3, "12/QĐ-UBND", "01/02/2025") for n in range(1, 1_200))]
    steps: list[tuple[int, int]] = []
    path = workbook(tmp_path / "a.xlsx", rows)
    read_files([path], as_of=AS_OF, progress=lambda done, all_: steps.append((done, all_)))
    assert steps == [(500, 1_200), (1_000, 1_200), (1_200, 1_200)]


@pytest.mark.parametrize("wording", ["Sản phẩm", "Tên hàng hóa", "Mặt hàng", "Tên sp OCOP"])
def test_a_guessed_header_is_shown_as_one(tmp_path: Path, wording: str) -> None:
    head = ("STT", wording, *PLAIN[2:])
    result = read(workbook(tmp_path / "a.xlsx", (head, (1, "A", "HTX Một", 3, "1/QĐ-UBND", "02/01/2025"))))
    assert result.main.columns["B"].startswith("product_name")
    guessed = {f.cell for f in result.findings if f.code == "column_guessed"}
    assert ("B1" in guessed) == ("guess" in result.main.columns["B"])


_CELLS = st.one_of(
    st.just(""), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.dates(), st.text(max_size=12),
    st.sampled_from(["nt", "x", "4 sao", "Tổng cộng", "I", "1/QĐ-UBND ngày 31/4/2024", "45k", "8,93009E+12", "-"]),
    st.times(), st.timedeltas(),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=9, max_size=9), max_size=8))
def test_no_cell_whatever_it_holds_is_a_crash(rows: list[list[object]]) -> None:
    sheet = Sheet(name="DS", rows=[list(HEADER), list(ROW), *rows])
    layout = find_table(sheet)
    assert layout is not None
    drafts, _ = Gathering(AS_OF, KnownCatalogue()).products(sheet, layout, "a.xlsx", None)
    assert drafts[0].outcome == "accepted"
    assert all(d.outcome != "rejected" or d.reason for d in drafts)
