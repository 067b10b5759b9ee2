"""The web application over a :class:`~hub.web.house.House`."""

from aiohttp import web

from hub.web import hooks, oauth, pictures
from hub.web.house import HOUSE, House


def create_web(house: House) -> web.Application:
    """Webhooks, pictures and pages on one application."""
    app = web.Application(client_max_size=2 * 1024 * 1024)
    app[HOUSE] = house
    app.add_routes(hooks.routes)
    app.add_routes(pictures.routes)
    app.add_routes(oauth.routes)
    return app
