"""How the Graph API speaks: calls, refusals, ``fields``, cursors. Pure but for reading a request's body."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

Json = dict[str, Any]
Shape = dict[str, "Shape"]
"""``fields`` as asked for: name -> what is asked for inside."""

VERSIONS = ("v22.0", "v23.0", "v24.0", "v25.0", "v26.0")
FIELD = re.compile(r"(\w+)((?:\.\w+\([^()]*\))*)(\{)?")


class Refusal(Exception):
    """An error object of the Graph API (sheet 1)."""

    def __init__(
        self, code: int, message: str, *, sub: int = 0, status: int = 400, transient: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.code, self.message, self.sub, self.status, self.transient = code, message, sub, status, transient
        self.headers = headers or {}

    @property
    def json(self) -> Json:
        """``{"error": {...}}``."""
        trace = "A" + hashlib.blake2b(self.message.encode(), digest_size=8).hexdigest()
        error: Json = {
            "message": self.message, "type": "OAuthException", "code": self.code, "is_transient": self.transient,
            "fbtrace_id": trace,
        }  # fmt: skip
        return {"error": error | ({"error_subcode": self.sub} if self.sub else {})}


def bad(message: str) -> Refusal:
    """A parameter that is wrong."""
    return Refusal(100, f"(#100) {message}")


def unknown(node: str) -> Refusal:
    """An object that is not there, or that this token may not see."""
    text = f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing permissions"
    return Refusal(100, text, sub=33)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: ``path`` without the version, ``args`` of query and body together, values as text or JSON."""

    method: str
    path: tuple[str, ...]
    args: Mapping[str, Any]
    files: Mapping[str, bytes]
    token: str
    proof: str

    def text(self, name: str, default: str = "") -> str:
        value = self.args.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def value(self, name: str) -> Any:
        """A parameter that is JSON, whichever way it was sent. Raises Refusal."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"Param {name} must be valid JSON") from None

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.args.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("true", "1")

    def number(self, name: str, default: int, most: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal():
            raise bad(f"Param {name} must be an integer greater than or equal to 0")
        return min(int(text), most)

    def shape(self) -> Shape:
        """The fields asked for; nothing asked gives ``{}``."""
        return parse_fields(self.text("fields"))


async def read_call(request: web.Request) -> Call:
    """Query, form, multipart or JSON body alike (sheet 1). Raises Refusal for a wrong version or body."""
    version, _, rest = request.match_info["rest"].partition("/")
    if version not in VERSIONS:
        raise Refusal(2500, f"Unknown path components: /{version}")
    args: Json = dict(request.query)
    files: dict[str, bytes] = {}
    if request.method == "POST" and request.content_type == "application/json":
        try:
            content = json.loads(await request.read() or b"{}")
        except ValueError:
            raise bad("The body is not JSON") from None
        args |= content if isinstance(content, dict) else {}
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
            else:
                args[name] = str(value)
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = str(args.pop("access_token", "") or bearer)
    path = tuple(part for part in rest.split("/") if part)
    proof = str(args.pop("appsecret_proof", ""))
    return Call(method=request.method, path=path, args=args, files=files, token=token, proof=proof)


def proof_of(secret: str, token: str) -> str:
    """Hex HMAC-SHA256 of the token by the app's secret (vectors in sheet 1)."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def parse_fields(text: str) -> Shape:
    """``id,video{id},products.limit(100){id,price}`` as a tree. Raises Refusal."""
    text = text.strip().removeprefix("[").removesuffix("]").replace('"', "")
    shape, rest = _fields(re.sub(r"\s", "", text))
    if rest:
        raise bad(f"Syntax error at: {rest}")
    return shape


def _fields(text: str) -> tuple[Shape, str]:
    shape: Shape = {}
    while text and not text.startswith("}"):
        found = FIELD.match(text)
        if found is None:
            raise bad(f"Syntax error at: {text}")
        text = text[found.end() :]
        inner: Shape = {}
        if found[3]:
            inner, text = _fields(text)
            if not text.startswith("}"):
                raise bad("Syntax error: missing }")
            text = text[1:]
        shape[found[1]] = inner
        text = text.removeprefix(",")
    return shape, text


def show(node: Mapping[str, Any], shape: Shape, default: Sequence[str] = ("id",)) -> Json:
    """The fields asked for, ``id`` always; a field that is None is left out, one that does not exist is refused."""
    wanted: Shape = shape or {name: {} for name in default}
    for name in wanted:
        if name not in node:
            raise bad(f"Tried accessing nonexisting field ({name})")
    shown: Json = {}
    for name in {"id": {}, **wanted}:
        value, inner = node[name], wanted.get(name, {})
        if value is None:
            continue
        if isinstance(value, Mapping) and "data" in value:
            value = {"data": [show(one, inner) for one in value["data"]]}
        elif isinstance(value, Mapping) and inner:
            value = show(value, inner) if "id" in value else value
        shown[name] = value
    return shown


def page_of(
    nodes: Sequence[Mapping[str, Any]], call: Call, *, default: Sequence[str] = ("id",), short: bool = False
) -> Json:
    """One page by cursors; ``next`` only where there is more. ``short``: half of what was asked, the first empty."""
    limit = call.number("limit", 25, 100)
    after = call.text("after")
    ids = [str(node["id"]) for node in nodes]
    begin = 0
    if after and after != "begin":
        try:
            begin = ids.index(base64.urlsafe_b64decode(after.encode()).decode()) + 1
        except ValueError:
            raise bad("Invalid cursors values") from None
    size = max(1, limit // 2) if short else limit
    part = [] if short and not after and nodes else nodes[begin : begin + size]
    answer: Json = {"data": [show(node, call.shape(), default) for node in part]}
    last = base64.urlsafe_b64encode(str(part[-1]["id"]).encode()).decode() if part else "begin"
    more = begin + len(part) < len(nodes)
    if nodes:
        answer["paging"] = {"cursors": {"before": after or "begin", "after": last}}
    if more:
        answer["paging"]["next"] = f"https://graph.facebook.com/next?access_token=***&after={last}"
    return answer


def fits(filter_: Any, node: Mapping[str, Any]) -> bool:
    """A catalogue filter: ``{"field": {"eq": x}}``, ``is_any``, joined by ``and`` or ``or``. Raises Refusal."""
    if not isinstance(filter_, dict) or len(filter_) != 1:
        raise bad("Param filter must be a JSON object with one rule")
    (name, rule), *_ = filter_.items()
    join: Callable[[Any], bool] | None = {"and": all, "or": any}.get(name)
    if join is not None:
        return join([fits(one, node) for one in rule])
    match rule:
        case {"eq": value}:
            return bool(node.get(name) == value)
        case {"is_any": list(values)}:
            return node.get(name) in values
        case _:
            raise bad(f"Invalid operator for {name}")


def iso(moment: datetime) -> str:
    """``2026-11-21T13:47:02+0000``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
