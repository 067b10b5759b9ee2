"""The few files pages load: our stylesheet and icon, and htmx from the package that carries it."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from aiohttp import web

routes = web.RouteTableDef()

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file with its digest, which is part of its address: it may be kept for ever."""

    content: bytes
    kind: str
    digest: str


@cache
def assets() -> dict[str, Asset]:
    """All files there are, by name."""
    own = resources.files("hub.web") / "static"
    files = {name: own / name for name in ("app.css", "icon.svg")}
    files["htmx.js"] = resources.files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"
    return {name: _asset(name, file.read_bytes()) for name, file in files.items()}


def _asset(name: str, content: bytes) -> Asset:
    return Asset(content=content, kind=_KINDS[name.rpartition(".")[2]], digest=hashlib.sha256(content).hexdigest()[:12])


def address(name: str) -> str:
    """Where a file is served."""
    return f"/static/{assets()[name].digest}/{name}"


@routes.get("/static/{digest}/{name}")
async def asset(request: web.Request) -> web.Response:
    """The file, for ever."""
    found = assets().get(request.match_info["name"])
    if found is None or found.digest != request.match_info["digest"]:
        raise web.HTTPNotFound
    response = web.Response(body=found.content, content_type=found.kind, charset="utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.enable_compression()
    return response
