"""What a request knows of its visitor; set by the guard, read by pages."""

import hashlib

from aiohttp import web

from hub.access import WHOLE_HUB, Role, Scope
from hub.people.model import Visitor
from hub.web.texts import Speech

VISITOR: "web.RequestKey[Visitor]" = web.RequestKey("visitor", Visitor)
SPEECH: "web.RequestKey[Speech]" = web.RequestKey("speech", Speech)
TOKEN: "web.RequestKey[str]" = web.RequestKey("token", str)


def digest(secret: str) -> str:
    """What is kept of a link or a session. They are 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(session: str) -> str:
    """What forms of this session carry; it does not tell the session."""
    return hashlib.sha256(f"form:{session}".encode()).hexdigest()[:40]


def scope(request: web.Request) -> Scope:
    """What the visitor may see; nothing for nobody."""
    found = request.get(VISITOR)
    return Scope() if found is None else found.scope


def is_operator(request: web.Request) -> bool:
    """Whether the visitor runs the hub."""
    found = request.get(VISITOR)
    return found is not None and found.role in (Role.OPERATOR, Role.ADMIN) and found.scope == WHOLE_HUB
