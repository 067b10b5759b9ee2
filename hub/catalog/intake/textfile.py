"""Delimited text into cells: encoding and separator found out, not asked for. Pure but for the bytes it is given."""

import csv
import io
import re
from collections import Counter

from hub.catalog.intake.columns import is_known_header
from hub.catalog.intake.legacy import clean, plausibility
from hub.errors import Invalid

MAX_CELLS = 6_000_000
_SEPARATORS = (",", ";", "\t", "|")
_LOOK = 60  # lines looked at to find the separator


def decoded(content: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """The text and finding codes about its encoding. UTF-8, UTF-16, Windows-1258; one-byte fonts stay for legacy."""
    if content.startswith(b"\xef\xbb\xbf"):
        return _strict(content, "utf-8-sig", file), ()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(content, "utf-16", file), ("encoding_utf16",)
    head = content[:4096]
    if head[1::2].count(0) > len(head) // 8:
        return _strict(content, "utf-16-le", file), ("encoding_utf16",)
    if head[0::2].count(0) > len(head) // 8:
        return _strict(content, "utf-16-be", file), ("encoding_utf16",)
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    vietnamese = content.decode("cp1258", errors="replace")
    western = content.decode("latin-1")
    if _readable(vietnamese) >= _readable(western):
        return vietnamese, ("encoding_windows_1258",)
    return western, ("encoding_one_byte",)


def _strict(content: bytes, encoding: str, file: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid("text_broken_encoding", file=file, at=error.start) from error


def _readable(text: str) -> int:
    """How Vietnamese a text reads once legacy codes are decoded; only a sample is judged."""
    pieces = [p for p in re.split(r"[,;\t|\r\n\"]+", text[:200_000]) if p and not p.isascii()][:400]
    return sum(plausibility(clean(p).text) for p in pieces) - 5 * text[:200_000].count("\ufffd")


def cells(text: str, file: str) -> list[list[object]]:
    """Rows of cells, all equally long. Raises Invalid when quotes do not close or the table is too large."""
    body = text.replace("\x00", "")
    separator = None
    if told := re.match(r"sep=(.)\r?\n", body):
        separator, body = told[1], "\n" + body[told.end() :]  # the line stays as an empty row: row numbers must agree
    separator = separator or _separator(body)
    rows: list[list[object]] = []
    width = count = 0
    try:
        for line in csv.reader(io.StringIO(body, newline=""), delimiter=separator):
            width = max(width, len(line))
            count += len(line)
            if count > MAX_CELLS or width > 1_000:
                raise Invalid("sheet_too_large", file=file, sheet=None, cell="", limit=MAX_CELLS)
            rows.append(list(line))
    except csv.Error as error:
        raise Invalid("text_broken_quotes", file=file) from error
    if any(isinstance(c, str) and c.count("\n") > 200 for row in rows for c in row):
        raise Invalid("text_broken_quotes", file=file)
    if width * len(rows) > MAX_CELLS:
        raise Invalid("sheet_too_large", file=file, sheet=None, cell="", limit=MAX_CELLS)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return rows


def _separator(text: str) -> str:
    """The separator that shows the most known headers in one line, then the one that parts lines most evenly."""
    sample = "\n".join(text.splitlines()[:_LOOK])
    best, best_score = ",", (-1, -1.0)
    for separator in _SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(sample), delimiter=separator))
        except csv.Error:
            continue
        known = max((sum(is_known_header(c) for c in row) for row in rows), default=0)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        even = max(widths.values()) / len(rows) if widths else 0.0
        if (known, even) > best_score:
            best, best_score = separator, (known, even)
    return best
