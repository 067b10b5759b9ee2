"""Who comes in and what may leave: the visitor of each request, forged requests, failures in words, headers.

Everything is closed unless its address begins with one of :data:`OPEN`. An address that is not there and one that is
not yours answer alike, with or without a session.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from hub.errors import Denied, HubError, Invalid, Unavailable
from hub.people import store as people
from hub.web.house import HOUSE
from hub.web.page import problem_page
from hub.web.texts import Speech
from hub.web.visit import SPEECH, TOKEN, VISITOR, csrf_token, digest

log = structlog.get_logger("hub.web")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MACHINES = ("/hooks/", "/pictures/", "/feeds/")
"""For platforms: no session, no page around an error."""
OPEN = ("/oauth/", "/static/", "/vao/")
COOKIE = "ocop"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


async def headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal before every answer: what browsers must not do with it, and that pages are not kept."""
    if request.path.startswith(MACHINES):
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        return
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.app[HOUSE].public_url.startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Server" in response.headers:
        del response.headers["Server"]


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: whatever goes wrong becomes a problem a person can act on, never a stack trace."""
    if request.path.startswith(MACHINES):
        return await handler(request)
    house = request.app[HOUSE]
    request[SPEECH] = Speech(house.language, house.clock.now())
    try:
        return await handler(request)
    except web.HTTPException as answer:
        if answer.status < 400:
            raise
        code = {403: "not_there", 404: "not_there", 405: "not_there"}.get(answer.status, "request_not_ours")
        return problem_page(request, code, {}, status=404 if code == "not_there" else answer.status)
    except Denied:
        return problem_page(request, "not_there", {}, status=404)
    except Invalid as error:
        return problem_page(request, error.code, error.facts, status=400)
    except Unavailable as error:
        log.warning("ground", code=error.code, path=request.path)
        return problem_page(request, error.code, error.facts, status=503)
    except HubError as error:
        return problem_page(request, error.code, error.facts, status=409)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("page_broken", reference=reference, path=request.path)
        return problem_page(request, "page_broken", {"reference": reference}, status=500)


@web.middleware
async def who(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The visitor of the request. Nobody gets beyond the open addresses; nothing changes without the form's token."""
    if request.path.startswith(MACHINES):
        return await handler(request)
    house = request.app[HOUSE]
    token = request.cookies.get(COOKIE, "")
    known = await house.db.read(people.visitor, digest(token), house.clock.now()) if token else None
    if known is not None:
        request[VISITOR], request[TOKEN] = known, token
        request[SPEECH] = Speech(known.language, house.clock.now())
    if request.path.startswith(OPEN):
        return await handler(request)
    if known is None:
        return problem_page(request, "not_signed_in", {}, status=401)
    if request.method not in ("GET", "HEAD") and not await _ours(request, token):
        return problem_page(request, "request_not_ours", {}, status=403)
    return await handler(request)


async def _ours(request: web.Request, token: str) -> bool:
    """Sent by a page of this hub, as header or as form field, and not from another site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    given = request.headers.get("X-CSRF-Token") or str((await request.post()).get("csrf", ""))
    return hmac.compare_digest(given.encode(), csrf_token(token).encode())
