"""What a file is, not what it is called: every format reads alike, every hostile file ends in one clear code."""

import resource
import struct
import unicodedata
import zipfile
from datetime import date
from pathlib import Path

import pytest

from hub.catalog.intake import FileResult, read_files
from hub.errors import Invalid, Unavailable
from tests.unit.catalog.intake.build import HEADER, ROW, ods, sheet_xml, with_part, workbook, xls, zipped

AS_OF = date(2026, 11, 21)
TEXTS = tuple(str(v) for v in HEADER), tuple(str(v) for v in ROW)


def read(path: Path) -> FileResult:
    (result,) = read_files([path], as_of=AS_OF)
    return result


def one_record(result: FileResult) -> tuple[str, str, int, int | None, str | None]:
    (row,) = [r for r in result.main.rows if r.outcome == "accepted"]
    record = row.record
    assert record is not None
    assert record.__class__.__name__ == "ProductRecord"
    return record.product_name, record.subject_name, record.stars, record.price_vnd, record.gtin  # type: ignore[union-attr]


WANTED = ("Mật ong Mẫu", "HTX Ong Mẫu", 4, 120_000, "8930090001019")


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("utf-16-le", ";"), ("utf-16-be", ","), ("cp1258", ";")],
)
def test_text_files(tmp_path: Path, encoding: str, separator: str) -> None:

    text = "\r\n".join(separator.join(line) for line in TEXTS)
    if encoding == "cp1258":  # this code page writes tones as letters of their own
        pieces = (c if c.encode("cp1258", "ignore") else unicodedata.normalize("NFD", c) for c in text)
        text = "".join(p if p.encode("cp1258", "ignore").decode("cp1258") == p else _cp1258(p) for p in pieces)
    path = tmp_path / "ds.csv"
    path.write_bytes(text.encode(encoding))
    assert one_record(read(path)) == WANTED


def _cp1258(letter: str) -> str:
    """Base with its hat as one letter, the tone after it."""

    parts = unicodedata.normalize("NFD", letter)
    tones = [c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323"]
    rest = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
    return rest + "".join(tones)


def test_one_byte_fonts_in_text_files(tmp_path: Path) -> None:
    path = tmp_path / "tcvn3.csv"
    line = "1;Hµnh tÝm sÊy l¸t MÉu;Hîp t¸c x· Hµnh TÝm MÉu;3 sao;12/Q§-UBND;01/02/2025;48.000;;"
    header = "STT;Tªn s¶n phÈm;Tªn chñ thÓ;H¹ng sao;Sè Q§;Ngµy Q§;Gi¸ b¸n;M· v¹ch;Ghi chó"
    path.write_bytes(f"{header}\n{line}".encode("latin-1"))
    assert one_record(read(path)) == ("Hành tím sấy lát Mẫu", "Hợp tác xã Hành Tím Mẫu", 3, 48_000, None)


@pytest.mark.parametrize("make", [ods, xls], ids=["ods", "xls"])
def test_other_workbooks(tmp_path: Path, make: object) -> None:
    path = tmp_path / f"ds.{make.__name__}"  # type: ignore[attr-defined]
    make(path, TEXTS)  # type: ignore[operator]
    assert one_record(read(path)) == WANTED


def test_merged_cells_of_ods(tmp_path: Path) -> None:
    second = ("2", "Sáp ong Mẫu", "", "3 sao", "12/QĐ-UBND", "01/02/2025", "", "", "")
    path = ods(tmp_path / "ds.ods", (*TEXTS, second), attributes={(1, 2): 'table:number-rows-spanned="2"'})
    last = read(path).main.rows[-1]
    assert last.outcome == "accepted"
    assert "subject_from_merged_cell" in last.warnings


def test_workbook_under_another_workbook_name_is_read_and_told(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ds.xlsx", (HEADER, ROW)).rename(tmp_path / "ds.xls")
    result = read(path)
    assert one_record(result) == WANTED
    path = xls(tmp_path / "b.xlsx", TEXTS)
    assert "extension_differs" not in {f.code for f in read(path).findings}


def code_of(path: Path) -> str:
    with pytest.raises((Invalid, Unavailable)) as caught:
        read(path)
    return caught.value.code


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("leer.csv", b"", "file_empty"),
        ("bild.xlsx", b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, "file_not_a_spreadsheet"),
        ("brief.xlsx", b"%PDF-1.7 ...", "file_not_a_spreadsheet"),
        ("text.xlsx", "Tên sản phẩm,Hạng sao\nA,3".encode(), "file_not_a_spreadsheet"),
        ("seite.xls", b"<html><table><tr><td>STT</td></tr></table></html>", "file_is_a_web_page"),
        ("kaputt.xlsx", b"PK\x03\x04" + b"\x00" * 200, "workbook_corrupt"),
        ("kaputt.xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"\x01" * 2_000, "workbook_corrupt"),
        ("zip.xlsx", zipped({"a.txt": b"x"}), "file_not_a_spreadsheet"),
        ("binaer.xlsx", zipped({"xl/workbook.bin": b"x", "xl/workbook.xml": b""}), "workbook_binary"),
        (
            "passwort.xlsx",
            bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "workbook_password",
        ),
        ("nur_text.csv", b"hello\nworld\n", "no_table_found"),
        ("binaer.csv", bytes(range(256)) * 20, "file_not_a_spreadsheet"),
        ("anfuehrung.csv", ('STT,Tên sản phẩm,Hạng sao\n1,"A' + "\nb" * 300).encode(), "text_broken_quotes"),
    ],
)
def test_unusable_files(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert code_of(path) == code


def test_missing_file(tmp_path: Path) -> None:
    assert code_of(tmp_path / "fehlt.xlsx") == "file_unreadable"


def test_cut_off_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ds.xlsx", (HEADER, ROW))
    path.write_bytes(path.read_bytes()[:-300])
    assert code_of(path) == "workbook_corrupt"


def test_half_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "gross.xlsx"
    with path.open("wb") as stream:
        stream.truncate(500 * 2**20)
    assert code_of(path) == "file_too_large"


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_zip_bomb(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ds.xlsx", (HEADER, ROW))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/worksheets/sheet9.xml", "w") as s:
        for _ in range(400):
            s.write(b" " * 2**20)
    before = peak()
    assert code_of(path) == "workbook_bomb"
    assert peak() - before < 100 * 2**20


def test_zip_that_lies_about_its_size(tmp_path: Path) -> None:
    path = with_part(workbook(tmp_path / "ds.xlsx", (HEADER, ROW)), "xl/worksheets/sheet1.xml", b" " * 64 * 2**20)
    data = bytearray(path.read_bytes())
    size = struct.pack("<I", 64 * 2**20)
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = struct.pack("<I", 1_000)
    path.write_bytes(bytes(data))
    assert code_of(path) in {"workbook_corrupt", "workbook_bomb"}


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r=\"1\"><c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZ99999"><v>1</v></c></row>',
    ],
)
def test_one_far_cell_does_not_fill_the_memory(tmp_path: Path, cells: str) -> None:
    path = with_part(workbook(tmp_path / "ds.xlsx", (HEADER, ROW)), "xl/worksheets/sheet1.xml", sheet_xml(cells))
    assert code_of(path) == "sheet_too_large"


def test_far_cells_that_are_only_formatted_do_no_harm(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ds.xlsx", (HEADER, ROW))
    with zipfile.ZipFile(path) as packed:
        part = packed.read("xl/worksheets/sheet1.xml")
    more = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert one_record(read(with_part(path, "xl/worksheets/sheet1.xml", part.replace(b"</sheetData>", more)))) == WANTED


def test_repeated_ods_cells_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = ods(tmp_path / "ds.ods", TEXTS, attributes={(1, 0): 'table:number-columns-repeated="9999999"'})
    assert code_of(path) == "sheet_too_large"


def test_entities_are_refused(tmp_path: Path) -> None:
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + sheet_xml('<row r="1"><c r="A1"><v>&a;</v></c></row>')
    path = with_part(workbook(tmp_path / "ds.xlsx", (HEADER, ROW)), "xl/worksheets/sheet1.xml", evil)
    assert code_of(path) == "workbook_corrupt"


def test_formulas_without_values(tmp_path: Path) -> None:
    rows = [HEADER, *((n, f"=A{n}", "HTX Mẫu", 3, "1/QĐ-UBND", "01/02/2025", "", "", "") for n in range(2, 5))]
    with pytest.raises(Invalid) as caught:
        read(workbook(tmp_path / "ds.xlsx", rows))
    assert caught.value.code == "formulas_without_values"
    assert caught.value.facts["column"] == "B"


def test_one_formula_without_value_rejects_its_row_only(tmp_path: Path) -> None:
    bad = (2, "Sáp ong", "HTX Ong Mẫu", "=D2", "12/QĐ-UBND", "01/02/2025", "", "", "")
    result = read(workbook(tmp_path / "ds.xlsx", (HEADER, ROW, bad)))
    assert [r.outcome for r in result.main.rows] == ["accepted", "rejected"]
    assert result.main.rows[1].reason == "formula_without_value"
    (finding,) = [f for f in result.findings if f.code == "formula_without_value"]
    assert (finding.sheet, finding.cell) == ("DS", "D3")


def test_a_named_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = workbook(tmp_path / "ds.xlsx", (HEADER, ROW))
    with pytest.raises(Invalid, match="sheet_not_found"):
        read_files([path], sheet="Khác", as_of=AS_OF)
