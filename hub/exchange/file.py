"""Reading an exchange file record by record: each is parsed, checked and named by its path. No database.

Two forms: one JSON document (``.json``), whose text is held but whose records are not, and one record per line
(``.jsonl``), of which nothing is held.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from hub.errors import Invalid
from hub.exchange.base import Record
from hub.exchange.model import FORMAT, KINDS, VERSION, Header

_R = TypeVar("_R", bound=Record)
_DECODER = json.JSONDecoder()
_OPENS = -1
_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One record with where it stands: ``orders[3]``, or ``12:orders`` for line 12 of the line form."""

    kind: str
    path: str
    record: Record


def read_records(file: Path) -> Iterator[Header | Told]:
    """Every record of a file, and its header once. Raises Invalid with the path of what is wrong."""
    if file.suffix.lower() == ".jsonl":
        yield from _lines(file)
    else:
        yield from _document(file)


# ---- one document ------------------------------------------------------------------------------------------------


def _document(file: Path) -> Iterator[Header | Told]:
    text = _text(file)
    header: dict[str, str] = {}
    lists: set[str] = set()
    try:
        for name, place, raw in _members(text):
            if name in Header.model_fields and place is None:
                header[name] = raw
                continue
            if name not in KINDS:
                if "format" not in header:
                    raise Invalid("exchange_not_ours", file=file.name)
                raise Invalid("exchange_field_unknown", path=name)
            if place is None:
                raise Invalid("exchange_value_bad", path=name, value=_short(raw), expected="exchange_list")
            if place == _OPENS:
                if name in lists:
                    raise Invalid("exchange_twice", path=name, first=name)
                lists.add(name)
                continue
            yield Told(kind=name, path=f"{name}[{place}]", record=_record(KINDS[name], raw, f"{name}[{place}]"))
    except json.JSONDecodeError as error:
        raise Invalid("exchange_broken", file=file.name, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise Invalid("exchange_broken", file=file.name, line=None, column=None) from None
    yield _header("{" + ",".join(f'"{name}":{raw}' for name, raw in header.items()) + "}", file)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Invalid("file_unreadable", file=file.name, errno=error.errno) from None
    except UnicodeDecodeError as error:
        raise Invalid("text_broken_encoding", file=file.name, at=error.start) from None


def _members(text: str) -> Iterator[tuple[str, int | None, str]]:
    """(name, None, raw value) of each member of the one object; of lists (name, _OPENS, ""), then each element."""
    at = _expect(text, _skip(text, 0), "{")
    if text[at : at + 1] != "}":
        while True:
            name, at = _value(text, at)
            if not isinstance(name, str):
                raise json.JSONDecodeError("name", text, at)
            at = _expect(text, at, ":")
            if text[at : at + 1] == "[":
                yield name, _OPENS, ""
                at = _skip(text, at + 1)
                place = 0
                while text[at : at + 1] != "]":
                    start = at
                    _, end = _DECODER.raw_decode(text, at)
                    yield name, place, text[start:end]
                    place += 1
                    at = _skip(text, end)
                    if text[at : at + 1] != "]":
                        at = _expect(text, at, ",")
                at = _skip(text, at + 1)
            else:
                start = at
                _, end = _DECODER.raw_decode(text, at)
                yield name, None, text[start:end]
                at = _skip(text, end)
            if text[at : at + 1] != ",":
                break
            at = _skip(text, at + 1)
    at = _expect(text, at, "}")
    if at != len(text):
        raise json.JSONDecodeError("more", text, at)


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int) -> tuple[Any, int]:
    value, end = _DECODER.raw_decode(text, at)
    return value, _skip(text, end)


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(sign, text, at)
    return _skip(text, at + 1)


# ---- one record per line -----------------------------------------------------------------------------------------


def _lines(file: Path) -> Iterator[Header | Told]:
    began = False
    try:
        with file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                raw = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                if not raw:
                    continue
                yield _line(raw, number) if began else _header(raw, file)
                began = True
    except OSError as error:
        raise Invalid("file_unreadable", file=file.name, errno=error.errno) from None
    except UnicodeDecodeError as error:
        raise Invalid("text_broken_encoding", file=file.name, at=error.start) from None
    except json.JSONDecodeError as error:
        raise Invalid("exchange_broken", file=file.name, line=number, column=error.colno) from None
    except RecursionError:
        raise Invalid("exchange_broken", file=file.name, line=number, column=None) from None
    if not began:
        raise Invalid("file_empty", file=file.name)


def _line(raw: str, number: int) -> Told:
    found = {name: (place, text) for name, place, text in _members(raw)}
    for name in ("kind", "record"):
        if name not in found:
            raise Invalid("exchange_field_missing", path=f"{number}:{name}")
    for name in found:
        if name not in ("kind", "record"):
            raise Invalid("exchange_field_unknown", path=f"{number}:{name}")
    kind = json.loads(found["kind"][1])
    if not isinstance(kind, str) or kind not in KINDS:
        raise Invalid("exchange_field_unknown", path=f"{number}:{kind}")
    path = f"{number}:{kind}"
    if found["record"][0] is not None:
        raise Invalid("exchange_value_bad", path=path, value=_short(found["record"][1]), expected="exchange_object")
    return Told(kind=kind, path=path, record=_record(KINDS[kind], found["record"][1], path))


# ---- checking ----------------------------------------------------------------------------------------------------


def _header(raw: str, file: Path) -> Header:
    told = json.loads(raw)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Invalid("exchange_not_ours", file=file.name)
    if told.get("version") != VERSION:
        raise Invalid("exchange_version", version=told.get("version"), known=VERSION)
    return _record(Header, raw, "")


def _record(model: type[_R], raw: str, path: str) -> _R:
    if "\\u0000" in raw:
        raise Invalid("exchange_value_bad", path=path, value="\\u0000", expected="exchange_text")
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = path + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in first["loc"])
        where = where.lstrip(".")
        if first["type"] == "extra_forbidden":
            raise Invalid("exchange_field_unknown", path=where) from None
        if first["type"] == "missing":
            raise Invalid("exchange_field_missing", path=where) from None
        limits = first.get("ctx", {})
        limit = next((limits[k] for k in _LIMITS if k in limits), None)
        raise Invalid(
            "exchange_value_bad", path=where, value=_short(first["input"]), expected=_expected(first["type"]),
            limit=None if limit is None else str(limit),
        ) from None  # fmt: skip


_LIMITS = ("expected", "ge", "le", "max_length", "min_length", "pattern")
_EXPECTED = {
    "string_too_long": "exchange_shorter", "string_too_short": "exchange_longer", "too_short": "exchange_longer",
    "string_pattern_mismatch": "exchange_pattern", "literal_error": "exchange_one_of",
    "greater_than_equal": "exchange_at_least", "less_than_equal": "exchange_at_most",
    "set_of_itself": "exchange_components", "order_move": "exchange_no_order_move", "told_twice": "exchange_apart",
    "days_backwards": "exchange_forward", "timezone_naive": "exchange_moment", "json_invalid": "exchange_text",
}  # fmt: skip
_BY_TYPE = {
    "int": "exchange_whole", "float": "exchange_number", "bool": "exchange_bool", "string": "exchange_text",
    "date": "exchange_day", "datetime": "exchange_moment", "timezone": "exchange_moment", "tuple": "exchange_list",
}  # fmt: skip


def _expected(kind: str) -> str:
    """What would have been right, as a label of the problems' words."""
    return _EXPECTED.get(kind) or _BY_TYPE.get(kind.split("_")[0], "exchange_object")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
