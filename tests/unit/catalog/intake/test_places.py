"""Communes in words: one unit is taken, several are asked about, none is said."""

from datetime import date
from pathlib import Path

import pytest

from hub.catalog.intake import FileResult, ProductRecord, read_files
from hub.catalog.intake.places import place

HEADER = "Tên sản phẩm,Tên chủ thể,Hạng sao,Số quyết định,Ngày quyết định,Huyện (trước 01/7/2025),Xã/phường"


def read(folder: Path, district: str, commune: str) -> FileResult:
    path = folder / "danh_muc.csv"
    path.write_text(f"{HEADER}\nBánh pía,HTX Mẫu,4,12/QĐ-UBND,01/02/2025,{district},{commune}\n", encoding="utf-8")
    return read_files([path], as_of=date(2026, 11, 21))[0]


@pytest.mark.parametrize(
    ("district", "commune", "province", "code", "warning"),
    [
        ("Huyện Trần Đề", "Xã Trung Bình", "", "31673", None),  # a unit of before is followed to what it became
        ("", "Xã Mỹ Hương", "92", "31591", None),
        ("", "Phường 1", "", "", "commune_ambiguous"),
        ("", "Xã Không Có Thật", "", "", "commune_unknown"),
    ],
)
def test_a_commune_in_words(
    tmp_path: Path, district: str, commune: str, province: str, code: str, warning: str | None
) -> None:
    (result,) = place([read(tmp_path, district, commune)], province_code=province)
    (row,) = [r for r in result.main.rows if r.outcome == "accepted"]
    assert isinstance(row.record, ProductRecord)
    assert row.record.commune_code == code
    assert (warning in row.warnings) is (warning is not None)
    asked = [f for f in result.findings if f.code.startswith("commune_")]
    assert [(f.code, f.cell, f.value) for f in asked] == ([] if warning is None else [(warning, "G2", commune)])
