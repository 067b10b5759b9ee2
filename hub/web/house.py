"""What the web is handed: the parts of the hub that pages and webhooks may use. Made by ``app.py``."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from hub.catalog.law import Law
from hub.clock import Clock
from hub.db import Db
from hub.shops.model import Shop
from hub.sync.connect import Wish
from hub.sync.model import JobKind, Lane
from hub.sync.plan import Ground


@dataclass(frozen=True, kw_only=True)
class House:
    """The hub as the web sees it. ``hook_secret`` answers the secret a shop's webhooks are signed with."""

    db: Db
    clock: Clock
    law: Law
    ask: Callable[[Lane, str, JobKind], Awaitable[None]]
    ground: Callable[[Shop], Ground]
    connect: Callable[[Wish], Awaitable[Shop]]
    app_keys: Callable[[str], Mapping[str, str]]
    hook_secret: Callable[[Shop], Awaitable[str]]
    finish_sign_in: Callable[[str, Mapping[str, str]], Awaitable[Shop]]
    picture: Callable[[str, str], Awaitable[bytes]]  # (platform, digest) -> prepared for it
    pictures: Path
    public_url: str
    language: str = "vi"
    platform_urls: Mapping[str, str] = field(default_factory=dict)
    session_hours: int = 12


HOUSE = web.AppKey("house", House)
