"""Where a shop's owner comes back to after giving us access on the platform."""

from aiohttp import web

from hub.web.house import HOUSE

routes = web.RouteTableDef()


@routes.get("/oauth/{platform}")
async def back(request: web.Request) -> web.StreamResponse:
    """The state in the address is the guard: we gave it, it works once, for a quarter of an hour."""
    house = request.app[HOUSE]
    shop = await house.finish_sign_in(request.match_info["platform"], dict(request.query))
    raise web.HTTPSeeOther(f"/gian-hang/{shop.id}")
