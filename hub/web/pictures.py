"""Pictures of products by content digest, for platforms that fetch by address. Public, never changing."""

import re

from aiohttp import web

from hub.web.house import HOUSE

routes = web.RouteTableDef()
_DIGEST = re.compile(r"[0-9a-f]{64}")


@routes.get("/pictures/{digest}")
async def picture(request: web.Request) -> web.StreamResponse:
    """The bytes; 404 for anything that is no digest of ours."""
    digest = request.match_info["digest"].removesuffix(".jpg")
    path = request.app[HOUSE].pictures / digest
    if not _DIGEST.fullmatch(digest) or not path.is_file():
        raise web.HTTPNotFound
    response = web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
    response.content_type = "image/jpeg"
    return response
