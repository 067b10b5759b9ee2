"""How the site speaks: errors, parameters the way PHP reads them, dates in two zones, lists with their headers."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from json import dumps
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

from aiohttp import web

from hub.types import LOCAL

Json: TypeAlias = dict[str, Any]
"""A foreign object as the platform's REST interface shows it."""

DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?)?")


class Wrong(Exception):
    """An error answer. ``data`` replaces ``{"status": status}``; refund errors put a bare number there (sheet 2)."""

    def __init__(self, code: str, message: str, status: int, data: object = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.data = {"status": status} if data is None else data

    def json(self) -> Json:
        return {"code": self.code, "message": self.message, "data": self.data}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One REST call after parsing: ``params`` is body over query, PHP-nested; ``query`` the raw pairs."""

    method: str
    path: tuple[str, ...]
    params: Json
    query: Sequence[tuple[str, str]]
    address: str  # of the route, no query
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of a list: encoded items, all there are, and where the page lies."""

    items: Sequence[bytes]
    total: int
    page: int
    per_page: int


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON as PHP writes it: ASCII only."""
    body = content if isinstance(content, bytes) else encode(content)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json", charset="UTF-8")


def encode(content: object) -> bytes:
    return dumps(content, separators=(",", ":")).encode()


def list_answer(call: Call, listed: Listed) -> web.Response:
    """A list with its totals and a Link header that repeats the whole query, credentials included (sheet 3)."""
    pages = -(-listed.total // listed.per_page)
    links = []
    if listed.page > 1:
        links.append(_link(call, min(listed.page - 1, max(pages, 1)), "prev"))
    if listed.page < pages:
        links.append(_link(call, listed.page + 1, "next"))
    headers = {"X-WP-Total": str(listed.total), "X-WP-TotalPages": str(pages)}
    if links:
        headers["Link"] = ", ".join(links)
    return answer(b"[" + b",".join(listed.items) + b"]", headers=headers)


def _link(call: Call, page: int, rel: str) -> str:
    pairs = [(key, value) for key, value in call.query if key != "page"] + [("page", str(page))]
    return f'<{call.address}?{urlencode(pairs, quote_via=quote)}>; rel="{rel}"'


def php_params(pairs: Iterable[tuple[str, str]]) -> Json:
    """Query or form pairs as PHP nests them: ``a[b]=1`` is ``{"a": {"b": "1"}}``, ``a[]=1`` and ``a[0]=1`` a list."""
    tree: Json = {}
    for key, value in pairs:
        head, *rest = re.split(r"\[|\]\[", key.removesuffix("]")) if "[" in key else [key]
        node, name = tree, head
        for step in rest:
            following = node.get(name)
            if not isinstance(following, dict):
                following = node[name] = {}
            node, name = following, step or str(len(following))
        node[name] = value
    return {key: _lists(value) for key, value in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    inner = {key: _lists(value) for key, value in node.items()}
    if inner and list(inner) == [str(place) for place in range(len(inner))]:
        return list(inner.values())
    return inner


def stamps(name: str, moment: datetime | None) -> Json:
    """``name`` in site time and ``name_gmt`` in UTC, neither with an offset."""
    if moment is None:
        return {name: None, f"{name}_gmt": None}
    return {name: local_text(moment), f"{name}_gmt": gmt_text(moment)}


def local_text(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S")


def gmt_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def read_date(text: str, *, gmt: bool = False) -> datetime | None:
    """A moment as the site reads it: no offset means site time, unless ``gmt``. None: no date at all."""
    if not DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC if gmt else LOCAL)


def words(value: object) -> list[str]:
    """A list parameter: ``a,b`` or a real list; blanks fall away."""
    parts = value if isinstance(value, list) else re.split(r"[,\s]+", str(value))
    return [str(part) for part in parts if str(part) != ""]


# ---- how PHP turns anything into anything ------------------------------------------------------------------------


def php_text(value: object) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value)


def php_int(value: object) -> int:
    """``"7 jars"`` is 7, ``"abc"`` is 0."""
    if isinstance(value, (bool, int, float)):
        return int(value)
    found = re.match(r"\s*([+-]?\d+)", value) if isinstance(value, str) else None
    return int(found[1]) if found else 0


def php_bool(value: object) -> bool:
    if isinstance(value, str):
        return value.lower() not in ("", "0", "false", "no", "off")
    return bool(value)


def decimal_text(value: object) -> str:
    """A price as stored: a comma becomes a point and everything else goes: ``250,000`` is 250.000 (sheet 4)."""
    return re.sub(r"[^0-9.\-]", "", php_text(value).replace(",", "."))


def number(text: object) -> Decimal:
    """What a stored price or total is worth; blank and nonsense are zero."""
    try:
        return Decimal(php_text(text) or "0")
    except InvalidOperation:
        return Decimal(0)


def money(amount: Decimal, decimals: int) -> str:
    """A total as the site shows it: 0 decimals ``500000``, 2 decimals ``500000.00``."""
    return str(amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
