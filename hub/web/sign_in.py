"""Coming in by a link that works once, going out, and the language of a session."""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web

from hub.access import WHOLE_HUB, Role, Scope
from hub.errors import Invalid
from hub.people import store as people
from hub.texts import LANGUAGES
from hub.web.guard import COOKIE
from hub.web.house import HOUSE, House
from hub.web.page import problem_page, shown
from hub.web.visit import TOKEN, VISITOR, digest

LINK_LIVES = timedelta(minutes=15)
routes = web.RouteTableDef()


async def first_link(house: House, *, role: Role = Role.OPERATOR, scope: Scope = WHOLE_HUB) -> str:
    """An address that lets one person in once, within 15 minutes."""
    secret, now = secrets.token_urlsafe(32), house.clock.now()
    await house.db.write(people.add_link, digest(secret), role=role, scope=scope, now=now, until=now + LINK_LIVES)
    return f"{house.public_url}/vao/{secret}"


@routes.get("/vao/{secret}", allow_head=False)  # whoever only looks (a chat's preview) must not spend it
async def come_in(request: web.Request) -> web.StreamResponse:
    """Spend the link, set the cookie, go to the overview. Somebody who is in already just goes there."""
    house = request.app[HOUSE]
    if VISITOR in request:
        raise web.HTTPSeeOther("/")
    secret, now = secrets.token_urlsafe(32), house.clock.now()
    until = now + timedelta(hours=house.session_hours)
    link = digest(request.match_info["secret"])
    known = await house.db.write(
        people.come_in, link, digest(secret), language=house.language, now=now, until=until
    )  # fmt: skip
    if known is None:
        return problem_page(request, "link_spent", {}, status=410)
    answer = web.HTTPSeeOther("/")
    answer.set_cookie(
        COOKIE, secret, max_age=house.session_hours * 3600, path="/", httponly=True, samesite="Lax",
        secure=house.public_url.startswith("https://"),
    )  # fmt: skip
    raise answer


@routes.post("/ra")
async def go_out(request: web.Request) -> web.StreamResponse:
    """End the session, here and wherever its cookie was copied to."""
    house = request.app[HOUSE]
    await house.db.write(people.end_session, digest(request[TOKEN]), house.clock.now())
    del request[VISITOR]
    answer = shown(request, "sign_in/out.html")
    answer.del_cookie(COOKIE, path="/")
    return answer


@routes.post("/ngon-ngu")
async def speak(request: web.Request) -> web.StreamResponse:
    """Change the language of this session and go back to where it was asked."""
    form = await request.post()
    language = str(form.get("language", ""))
    if language not in LANGUAGES:
        raise Invalid("language_unknown", language=language)
    await request.app[HOUSE].db.write(people.speak, digest(request[TOKEN]), language)
    raise web.HTTPSeeOther(_own_path(str(form.get("back", "/"))))


def _own_path(address: str) -> str:
    """``address`` when it is a page of ours, else the overview: nobody is sent elsewhere from here."""
    parts = urlsplit(address)
    inside = not parts.scheme and not parts.netloc and address.startswith("/") and address[1:2] not in ("/", "\\")
    return address if inside else "/"
