"""How a call arrives and how it is answered: four carriages, one signature over their union (sheet 2, 3, 5).

Everything is answered with HTTP 200; ``code`` is text.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from aiohttp import web

Json = dict[str, object]
SYSTEM = ("app_key", "timestamp", "sign_method", "sign")
SKEW = 7200
_numbers = count(1)


class Refusal(Exception):
    """An answer with a code other than "0"."""

    def __init__(self, code: str, message: str, *, kind: str = "ISV", detail: list[Json] | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.kind, self.detail = code, message, kind, detail


class Failed(Exception):
    """The newer groups' way: ``code`` "0" and ``result.success`` false."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass(kw_only=True)
class Call:
    """One call. ``args`` is the union of all parameters, ``loose`` those members that were no texts (as JSON)."""

    method: str
    path: str
    args: dict[str, str]
    loose: dict[str, tuple[str, ...]] = field(default_factory=dict)  # other spellings a signer may have used
    files: dict[str, bytes] = field(default_factory=dict)
    opaque: str = ""  # a body that is neither form nor JSON: signed as it is, at the end

    def need(self, name: str) -> str:
        """A mandatory parameter. Raises Refusal("MissingParameter")."""
        value = self.args.get(name, "")
        if not value:
            raise Refusal("MissingParameter", f"The input parameter {name} that is mandatory for processing is missing")
        return value


async def read_call(request: web.Request, path: str) -> Call:
    """Query, urlencoded form, JSON members or multipart parts. A parameter given twice alike counts once (trap 17)."""
    call = Call(method=request.method, path=path, args=dict(request.query))
    if request.method != "POST":
        return call
    if request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if (name := getattr(part, "name", None)) is None:
                continue
            content = bytes(await part.read())  # type: ignore[union-attr]  # no nested multiparts here
            if getattr(part, "filename", None) is not None:
                call.files[name] = content
            else:
                call.args[name] = content.decode()
        return call
    body = await request.text()
    if request.content_type == "application/x-www-form-urlencoded":
        call.args |= dict(parse_qsl(body, keep_blank_values=True))
    elif body:
        _members(call, body)
    return call


def _members(call: Call, body: str) -> None:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        call.opaque = body
        return
    for name, value in found.items():
        if isinstance(value, str):
            call.args[name] = value
            continue
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        escaped = json.dumps(value, separators=(",", ":"))
        call.args[name] = plain
        call.loose[name] = (plain, escaped, escaped.replace("/", "\\/"), json.dumps(value))


def sign(secret: str, path: str, params: Mapping[str, str], opaque: str = "") -> str:
    """HMAC-SHA256 in upper case over path, then name and value of each parameter in ASCII order, then the body."""
    text = path + "".join(name + params[name] for name in sorted(params) if name != "sign") + opaque
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def signed_well(call: Call, secret: str) -> bool:
    """Whether the signature is one of those that honest clients make of this call (empty values in or out)."""
    given = call.args.get("sign", "")
    return any(hmac.compare_digest(given, sign(secret, call.path, one, call.opaque)) for one in _readings(call))


def _readings(call: Call) -> Iterator[dict[str, str]]:
    spellings = max((len(one) for one in call.loose.values()), default=1)
    for place in range(spellings):
        params = call.args | {name: texts[place] for name, texts in call.loose.items()}
        yield params
        yield {name: value for name, value in params.items() if value}


def moment(text: str) -> datetime | None:
    """Milliseconds since 1970 as text, or UTC text."""
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def fresh(call: Call, now: datetime) -> bool:
    """Less than 7,200 s off."""
    at = moment(call.args.get("timestamp", ""))
    return at is not None and abs((now - at).total_seconds()) < SKEW


def request_id() -> str:
    return f"{next(_numbers):032x}"


def answer(told: Json) -> web.Response:
    """``code`` "0" unless it says otherwise."""
    return web.json_response({"code": "0", **told, "request_id": request_id()})


def refuse(refusal: Refusal) -> web.Response:
    told: Json = {"code": refusal.code, "type": refusal.kind, "message": refusal.message}
    if refusal.detail is not None:
        told["detail"] = refusal.detail
    return answer(told)


# ---- payloads ----------------------------------------------------------------------------------------------------


def payload(text: str) -> Json:
    """What stands in ``Request``, XML or JSON. Lists must be lists in JSON; in XML a single one becomes one.

    Raises Refusal: 30 for nothing, 5 for anything unreadable.
    """
    if not text.strip():
        raise Refusal("30", "E030: Empty Request")
    try:
        found = _xml(text) if text.lstrip().startswith("<") else json.loads(text)["Request"]
    except (ValueError, KeyError, TypeError, ElementTree.ParseError):
        raise Refusal("5", "E005: Invalid Request Format") from None
    if not isinstance(found, dict):
        raise Refusal("5", "E005: Invalid Request Format")
    return found


def _xml(text: str) -> object:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("entities")
    root = ElementTree.fromstring(text)
    if root.tag != "Request":
        raise ValueError(root.tag)
    return _node(root)


LISTS = ("Skus", "Images")
"""Elements whose children are lists, however many there are."""


def _node(element: ElementTree.Element) -> object:
    if not len(element):
        return element.text or ""
    told: Json = {}
    for child in element:
        value = _node(child)
        if element.tag in LISTS:
            held = told.setdefault(child.tag, [])
            assert isinstance(held, list)
            held.append(value)
        else:
            told[child.tag] = value
    return told


def inner(value: object, name: str) -> Json:
    """A member that must be an object; nothing is an empty one. Raises Refusal("5")."""
    found = value.get(name) if isinstance(value, dict) else None
    if found in (None, ""):
        return {}
    if not isinstance(found, dict):
        raise Refusal("5", f"E005: Invalid Request Format ({name})")
    return found


def listed(value: object, name: str) -> list[object]:
    """A member that must be a list even with one element (sheet 6.1). Raises Refusal("5")."""
    found = value.get(name) if isinstance(value, dict) else None
    if found in (None, ""):
        return []
    if not isinstance(found, list):
        raise Refusal("5", f"E005: Invalid Request Format ({name} must be a list)")
    return found


def whole(call: Call, name: str, default: int, most: int, code: str) -> int:
    """A number parameter in 0..most. Raises Refusal(code)."""
    text = call.args.get(name, "") or str(default)
    if not text.isdigit() or int(text) > most:
        raise Refusal(code, f"E{int(code):03}: Invalid {name}")
    return int(text)
