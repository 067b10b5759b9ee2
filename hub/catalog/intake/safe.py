"""What a file really is, and a copy of a workbook that cannot blow up. Nothing here trusts a name or a size in a file.

A workbook is a zip: the parts we need are unpacked by us under a limit and packed again (stored) for the reader, so
the reader sees exactly the bytes that were measured.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hub.errors import Invalid, Unavailable

Kind = Literal["xlsx", "xls", "ods", "text"]

MAX_FILE = 64 * 2**20  # bytes on disk
MAX_UNPACKED = 384 * 2**20  # bytes of the parts we read
MAX_RATIO = 300  # unpacked : packed of one part, above MIN_BOMB; real sheets stay below 60
MIN_BOMB = 16 * 2**20
MAX_ENTRIES = 10_000

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_XLSX_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/[^/]+\.xml|xl/theme/[^/]+\.xml",
    re.IGNORECASE,
)
_ODS_PARTS = re.compile(r"mimetype|content\.xml|META-INF/manifest\.xml", re.IGNORECASE)
_FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf", b"BM", b"GIF8")


@dataclass(frozen=True, slots=True)
class Package:
    """The measured parts of a zipped workbook by name."""

    kind: Kind
    parts: Mapping[str, bytes]

    def repacked(self) -> io.BytesIO:
        """A zip of exactly these parts, stored, for a reader that would trust any zip."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
            for name, content in self.parts.items():
                packed.writestr(zipfile.ZipInfo(name), content)
        out.seek(0)
        return out


def read_bytes(path: Path) -> bytes:
    """The file's content when its size is bearable. Raises Invalid (too large, empty) or Unavailable (not readable)."""
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise Invalid("file_too_large", file=path.name, megabytes=size // 2**20, limit=MAX_FILE // 2**20)
        if size == 0:
            raise Invalid("file_empty", file=path.name)
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise Unavailable("file_unreadable", file=path.name, errno=error.errno or 0) from error
    if len(content) > MAX_FILE:  # a pipe or a growing file
        raise Invalid("file_too_large", file=path.name, megabytes=len(content) // 2**20, limit=MAX_FILE // 2**20)
    return content


def kind_of(content: bytes, file: str) -> Kind:
    """What the content is, whatever the name says. Raises Invalid when it is nothing we read."""
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise Invalid("workbook_password", file=file)
        return "xls"
    if content.startswith(b"PK"):
        return "ods" if b"opendocument.spreadsheet" in content[:200] else "xlsx"
    head = content[:4096]
    if head.startswith(_FOREIGN):
        raise Invalid("file_not_a_spreadsheet", file=file)
    if re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta|head)", head, re.IGNORECASE):
        raise Invalid("file_is_a_web_page", file=file)
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or max(head[0::2].count(0), head[1::2].count(0)) > len(head) // 8
    if not wide and (b"\x00" in head or sum(b < 9 or 13 < b < 32 for b in head) > len(head) // 50):
        raise Invalid("file_not_a_spreadsheet", file=file)
    return "text"


def unpack(content: bytes, file: str) -> Package:
    """The needed parts of a zipped workbook. Raises Invalid for corrupt, locked or exploding files."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _unpack(packed, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Invalid("workbook_corrupt", file=file) from error


def _unpack(packed: zipfile.ZipFile, file: str) -> Package:
    entries = packed.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Invalid("workbook_too_large", file=file, limit=MAX_ENTRIES)
    names = {e.filename for e in entries}
    if "xl/workbook.bin" in names:
        raise Invalid("workbook_binary", file=file)
    if "content.xml" in names:
        kind: Kind = "ods"
    elif any(n.lower() == "xl/workbook.xml" for n in names):
        kind = "xlsx"
    else:
        raise Invalid("file_not_a_spreadsheet", file=file)
    wanted = _XLSX_PARTS if kind == "xlsx" else _ODS_PARTS
    parts: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for entry in entries:
        if not wanted.fullmatch(entry.filename):
            continue
        if entry.filename in parts:
            raise Invalid("workbook_corrupt", file=file)
        if entry.flag_bits & 1:
            raise Invalid("workbook_password", file=file)
        parts[entry.filename] = _unpack_one(packed, entry, left, file)
        left -= len(parts[entry.filename])
    return Package(kind, parts)


def _unpack_one(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int, file: str) -> bytes:
    ratio_limit = max(MIN_BOMB, entry.compress_size * MAX_RATIO)
    limit = min(left, ratio_limit)
    if entry.file_size > limit:  # says so itself
        raise Invalid("workbook_bomb", file=file, part=entry.filename, megabytes=entry.file_size // 2**20)
    with packed.open(entry) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise Invalid("workbook_bomb", file=file, part=entry.filename, megabytes=len(content) // 2**20)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content:
        raise Invalid("workbook_corrupt", file=file)  # no spreadsheet program writes these; entity bombs do
    return content
