"""Webhooks: verify on the raw body, keep once, answer at once. What really happened is asked later.

``POST /hooks/<platform>`` for platforms with one address per app, ``POST /hooks/<platform>/<shop id>`` for those where
every shop has its own.
"""

import structlog
from aiohttp import web

from hub import connectors
from hub.errors import Denied, Garbled, Invalid, Unauthorised
from hub.shops import store as shops
from hub.sync import hints
from hub.sync.connect import app_hook_secret
from hub.web.house import HOUSE

routes = web.RouteTableDef()
log = structlog.get_logger("hub.web")


@routes.post("/hooks/{platform}")
@routes.post("/hooks/{platform}/{shop}")
async def hook(request: web.Request) -> web.Response:
    """2xx with an empty body, within the three seconds platforms allow; 401 for a wrong signature."""
    house = request.app[HOUSE]
    platform, shop_id = request.match_info["platform"], request.match_info.get("shop")
    body = await request.read()
    try:
        connector = connectors.load(platform)
        shop = await house.db.read(shops.get_shop, shop_id) if shop_id else None
        if shop is not None and shop.platform != platform:
            raise Denied("shop_unknown", shop=shop_id)
        secret = await house.hook_secret(shop) if shop else app_hook_secret(connector, house.app_keys(platform))
        await hints.receive(
            house.db, house.ask, connector, shop,
            body=body, headers={k.lower(): v for k, v in request.headers.items()},
            url=f"{house.public_url}{request.path}", secret=secret, now=house.clock.now(),
        )  # fmt: skip
    except Unauthorised:
        return web.Response(status=401)
    except (Denied, Invalid):
        return web.Response(status=404)
    except Garbled as error:  # signed, yet not understood: a platform counts failures and falls silent
        log.warning("hook_garbled", platform=platform, path=error.facts.get("path"))
    return web.Response(status=204)
