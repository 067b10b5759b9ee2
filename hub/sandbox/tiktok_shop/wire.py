"""How the pretend TikTok Shop reads, signs and answers: envelope, refusals, strict reading of bodies, cursors."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """The platform says no: its code, its words, the HTTP status (gateway errors carry one, business errors 200)."""

    def __init__(self, code: int, text: str, status: int = 200) -> None:
        super().__init__(code, text)
        self.code, self.text, self.status = code, text, status


def bad(text: str) -> Refusal:
    """36009004, one code for many things."""
    return Refusal(36009004, f"Invalid parameter: {text}", 400)


def string_to_sign(secret: str, path: str, pairs: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """Secret, path, sorted decoded parameters, raw body, secret."""
    kept = sorted(pair for pair in pairs if pair[0] not in ("sign", "access_token"))
    middle = path.encode() + b"".join(key.encode() + value.encode() for key, value in kept)
    return secret.encode() + middle + body + secret.encode()


def sign(secret: str, path: str, pairs: Iterable[tuple[str, str]], body: bytes = b"") -> str:
    """The signature a call must carry; hand in no body for multipart uploads."""
    return hmac.new(secret.encode(), string_to_sign(secret, path, pairs, body), hashlib.sha256).hexdigest()


def hook_sign(app_key: str, secret: str, body: bytes) -> str:
    """The Authorization header of a webhook."""
    return hmac.new(secret.encode(), app_key.encode() + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One call that was let in: path ids, decoded query, parsed body, the uploaded file."""

    now: int
    ids: Sequence[str] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    file: bytes = b""
    base: str = ""

    def must(self, key: str, *allowed: str) -> str:
        """A query parameter that has to be there. Raises Refusal."""
        value = self.query.get(key, "")
        if not value or (allowed and value not in allowed):
            raise bad(key)
        return value

    def may(self, key: str, *allowed: str) -> str:
        value = self.query.get(key, "")
        if value and value not in allowed:
            raise bad(key)
        return value

    def number(self, key: str) -> int | None:
        """An optional whole number in the query."""
        value = self.query.get(key)
        if value is None:
            return None
        if not value.isdecimal():
            raise bad(key)
        return int(value)

    def size(self, *, needed: bool = False) -> int:
        """``page_size``: 1 to 100, 10 where it may be missing."""
        value = self.query.get("page_size")
        if value is None and not needed:
            return 10
        if value is None or not value.isdecimal() or not 1 <= int(value) <= 100:
            raise Refusal(12019109, "page_size must be between 1 and 100")
        return int(value)

    def moment(self, key: str) -> int | None:
        """Unix seconds in the body."""
        value = self.body.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise bad(key)
        return value


def text(body: Json, key: str, *, least: int = 0, most: int = 10**6) -> str:
    """A string of a body. Raises Refusal for another type or length."""
    value = body.get(key, "")
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise bad(key)
    return value


def items(body: Json, key: str, most: int, *, least: int = 1) -> list[Any]:
    """A list of a body."""
    value = body.get(key) or []
    if not isinstance(value, list) or not least <= len(value) <= most:
        raise Refusal(12019120, f"{key} must have {least} to {most} elements")
    return value


def names(body: Json, key: str, most: int, *, least: int = 1) -> list[str]:
    """A list of ids: strings, never numbers."""
    found = items(body, key, most, least=least)
    if not all(isinstance(one, str) for one in found):
        raise bad(key)
    return found


def within(value: int, body: Json, key: str, *, end: str = "lt") -> bool:
    """Whether a moment lies in ``key_ge``..``key_lt`` of a body; a side that is missing is open."""
    low, high = body.get(f"{key}_ge"), body.get(f"{key}_{end}")
    return (low is None or value >= low) and (high is None or value < high + (end == "le"))


def page(
    rows: Sequence[tuple[tuple[Any, ...], Json]], ask: Ask, *, needed: bool = False, down: bool = False
) -> tuple[list[Json], str]:
    """One page of keyed rows and the token of the next: the last row's key, so that rows that move shift no others.

    Tokens hold ``/``, ``+`` and ``=`` on purpose: a client that does not encode them is found out.
    """
    size, token = ask.size(needed=needed), ask.query.get("page_token", "")
    ordered = sorted(rows, key=lambda row: row[0], reverse=down)
    if token:
        mark = _unmark(token)
        ordered = [row for row in ordered if (_key(row[0]) < mark if down else _key(row[0]) > mark)]
    shown = ordered[:size]
    more = len(ordered) > size
    return [row for _, row in shown], _mark(_key(shown[-1][0])) if more else ""


def _key(key: tuple[Any, ...]) -> str:
    return "|".join(f"{part:020d}" if isinstance(part, int) else str(part) for part in key)


def _mark(key: str) -> str:
    return "/+" + base64.b64encode(f"{key}?".encode()).decode() + "=="


def _unmark(token: str) -> str:
    try:
        if not (token.startswith("/+") and token.endswith("==")):
            raise ValueError(token)
        return base64.b64decode(token[2:-2], validate=True).decode().removesuffix("?")
    except ValueError:
        raise bad("page_token") from None
