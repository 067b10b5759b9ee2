"""Webhooks: verify on the raw body, keep once, answer at once. What really happened is asked later; what people wrote
is kept as it came.

``POST /hooks/<platform>`` for platforms with one address per app, ``POST /hooks/<platform>/<shop id>`` for those where
every shop has its own.
"""

from hmac import compare_digest

import structlog
from aiohttp import web

from hub import connectors
from hub.errors import Denied, Garbled, Invalid, Unauthorised
from hub.shops import store as shops
from hub.sync import comments, hints
from hub.sync.connect import app_hook_secret
from hub.web.house import HOUSE

routes = web.RouteTableDef()
log = structlog.get_logger("hub.web")


@routes.post("/hooks/{platform}")
@routes.post("/hooks/{platform}/{shop}")
async def hook(request: web.Request) -> web.Response:
    """200 with an empty body (Zalo takes no other success), within the three seconds platforms allow; 401 for a wrong
    signature."""
    house = request.app[HOUSE]
    platform, shop_id = request.match_info["platform"], request.match_info.get("shop")
    body = await request.read()
    try:
        connector = connectors.load(platform)
        shop = await house.db.read(shops.get_shop, shop_id) if shop_id else None
        if shop is not None and shop.platform != platform:
            raise Denied("shop_unknown", shop=shop_id)
        secret = await house.hook_secret(shop) if shop else app_hook_secret(connector, house.app_keys(platform))
        headers = {name.lower(): value for name, value in request.headers.items()}
        url, now = f"{house.public_url}{request.path}", house.clock.now()
        await hints.receive(
            house.db, house.ask, connector, shop, body=body, headers=headers, url=url, secret=secret, now=now
        )
        await comments.overheard(house.db, connector, shop, body=body, headers=headers, url=url, secret=secret, now=now)
    except Unauthorised:
        return web.Response(status=401)
    except (Denied, Invalid):
        return web.Response(status=404)
    except Garbled as error:  # signed, yet not understood: a platform counts failures and falls silent
        log.warning("hook_garbled", platform=platform, path=error.facts.get("path"))
    return web.Response()


@routes.get("/hooks/{platform}")
async def greet(request: web.Request) -> web.Response:
    """The question some platforms (Facebook, Haravan) ask an address before they deliver anything to it.

    The word they were given in their console must be ours (``verify_token``); their challenge is said back. 403 else.
    """
    platform = request.match_info["platform"]
    try:
        connectors.load(platform)
    except Invalid:
        return web.Response(status=404)
    token = request.app[HOUSE].app_keys(platform).get("verify_token", "")
    asked = request.query.get("hub.verify_token", "")
    if not token or request.query.get("hub.mode") != "subscribe" or not compare_digest(asked.encode(), token.encode()):
        return web.Response(status=403)
    return web.Response(text=request.query.get("hub.challenge", ""))
