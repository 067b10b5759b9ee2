"""Files made for tests: workbooks by openpyxl, raw zips, an ODS by hand, a minimal XLS."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl

HEADER = ("STT", "Tên sản phẩm", "Tên chủ thể", "Hạng sao", "Số QĐ", "Ngày QĐ", "Giá bán", "Mã vạch", "Ghi chú")
ROW = (1, "Mật ong Mẫu", "HTX Ong Mẫu", "4 sao", "12/QĐ-UBND", "01/02/2025", "120.000đ/chai", "8930090001019", "")


def workbook(
    path: Path, rows: Sequence[Sequence[object]], *, sheet: str = "DS", touch: Callable[[Any], None] | None = None
) -> Path:
    """A one-sheet workbook of these rows."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    if touch:
        touch(page)
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """The same workbook with one part replaced."""
    with zipfile.ZipFile(path) as old:
        parts = {i.filename: old.read(i) for i in old.infolist()}
    parts[name] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, data in parts.items():
            new.writestr(part, data)
    return path


def sheet_xml(cells: str) -> bytes:
    """A worksheet part around raw rows."""
    name = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{name}"><sheetData>{cells}</sheetData></worksheet>'.encode()


def ods(path: Path, rows: Sequence[Sequence[str]], *, attributes: dict[tuple[int, int], str] | None = None) -> Path:
    """An ODS of text cells; ``attributes`` are added to single cells (spans, repeats)."""
    told = attributes or {}
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string" {told.get((r, c), "")}><text:p>{escape(t)}</text:p>'
            "</table:table-cell>"
            if t
            else f"<table:table-cell {told.get((r, c), '')}/>"
            for c, t in enumerate(row)
        )
        + "</table:table-row>"
        for r, row in enumerate(rows)
    )
    spaces = " ".join(
        f"xmlns:{p}={quoteattr('urn:oasis:names:tc:opendocument:xmlns:' + p + ':1.0')}"
        for p in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="DS">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("mimetype"), kind)
        packed.writestr("content.xml", content)
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
    return path


def xls(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """An XLS (BIFF8 in a compound file) of text cells, as small as readers accept it."""
    path.write_bytes(_compound(_biff(rows)))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _begin(what: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, what, 0x0DBB, 1996, 0, 6))


def _bound(at: int) -> bytes:
    return _record(0x0085, struct.pack("<IHBB", at, 0, 2, 0) + b"DS")


def _biff(rows: Sequence[Sequence[str]]) -> bytes:
    end = _record(0x000A, b"")
    sheet = _begin(0x0010)
    for r, row in enumerate(rows):
        for c, text in enumerate(row):
            if text:
                sheet += _record(0x0204, struct.pack("<HHHHB", r, c, 0, len(text), 1) + text.encode("utf-16-le"))
    sheet += end
    codepage = _record(0x0042, struct.pack("<H", 1200))
    head = _begin(0x0005) + codepage + _bound(0) + end
    return _begin(0x0005) + codepage + _bound(len(head)) + end + sheet


def _compound(stream: bytes) -> bytes:
    """One stream ``Workbook`` in sectors of 512 bytes; padded past 4,096 so that no short sectors are needed."""
    stream = stream.ljust(4_608, b"\x00")
    stream += b"\x00" * (-len(stream) % 512)
    count = len(stream) // 512
    fats = 1
    chain = [*range(1, count), 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFD]  # stream, directory, the table itself
    table = b"".join(struct.pack("<I", n) for n in chain).ljust(512 * fats, b"\xff")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 16
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\x00" * 6
    head += struct.pack("<IIIIIIIII", 0, fats, count, 0, 4_096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<I", count + 1) + b"\xff" * (4 * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = name.encode("utf-16-le") + b"\x00\x00" if name else b""
        shape = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return text.ljust(64, b"\x00") + shape + b"\x00" * 36 + struct.pack("<IQ", start, size)

    root = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    book = entry("Workbook", 2, 0xFFFFFFFF, 0, len(stream))
    directory = (root + book).ljust(512, b"\x00")
    return head + stream + directory + table


def zipped(parts: dict[str, bytes]) -> bytes:
    """A zip in memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()
