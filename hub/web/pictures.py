"""Pictures of products by content digest, for platforms that fetch by address. Public, never changing."""

import re

from aiohttp import web

from hub.errors import Invalid, Refused
from hub.web.house import HOUSE

routes = web.RouteTableDef()
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_DIGEST = re.compile(r"[0-9a-f]{64}")


@routes.get("/pictures/{platform}/{digest}")
async def prepared(request: web.Request) -> web.Response:
    """The picture as a platform wants it; 404 for anything that is no digest of ours or cannot be made to fit."""
    digest = request.match_info["digest"].removesuffix(".jpg")
    if not _DIGEST.fullmatch(digest):
        raise web.HTTPNotFound
    try:
        content = await request.app[HOUSE].picture(request.match_info["platform"], digest)
    except (Refused, Invalid):
        raise web.HTTPNotFound from None
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return web.Response(body=content, content_type=kind, headers=FOREVER)


@routes.get("/pictures/{digest}")
async def picture(request: web.Request) -> web.StreamResponse:
    """The bytes; 404 for anything that is no digest of ours."""
    digest = request.match_info["digest"].removesuffix(".jpg")
    path = request.app[HOUSE].pictures / digest
    if not _DIGEST.fullmatch(digest) or not path.is_file():
        raise web.HTTPNotFound
    response = web.FileResponse(path, headers=FOREVER)
    response.content_type = "image/jpeg"
    return response
