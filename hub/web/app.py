"""The web application over a :class:`~hub.web.house.House`."""

import aiohttp_jinja2
import jinja2
from aiohttp import web

from hub.web import assets, feeds, guard, hooks, oauth, pages, pictures, sign_in
from hub.web.house import HOUSE, House


def create_web(house: House) -> web.Application:
    """Webhooks, pictures and pages on one application."""
    app = web.Application(client_max_size=2 * 1024 * 1024, middlewares=[guard.in_words, guard.who])
    app[HOUSE] = house
    app[feeds.SHELF] = feeds.Shelf()
    aiohttp_jinja2.setup(
        app, loader=jinja2.PackageLoader("hub.web"), undefined=jinja2.StrictUndefined, autoescape=True,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    app.on_response_prepare.append(guard.headers)
    for part in (hooks, pictures, feeds, oauth, assets, sign_in, *pages.ALL):
        app.add_routes(part.routes)
    return app
