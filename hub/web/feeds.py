"""Product feeds at their secret addresses: ``GET /feeds/<token>.<xml|tsv|csv>``, no session, only that shop's goods.

A reader that asks with the ETag or the date it has gets 304. What is served was built whole; when it cannot be built,
the answer is 503 and never an emptier feed, because readers delete what is missing.
"""

import asyncio
import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from aiohttp import ETag, web

from hub.errors import Denied, HubError, Invalid
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync.feed_build import build, refuse_mass_loss
from hub.sync.feeds import FeedKind, kind_of
from hub.sync.store.feeds import feed_by_token, feed_of, note_content, note_fetch
from hub.web.house import HOUSE, House
from hub.web.visit import digest

routes = web.RouteTableDef()
log = structlog.get_logger("hub.web")

FRESH = timedelta(seconds=60)
"""So long a feed is served again without looking whether the catalogue changed."""
MAX_AGE = 300
RETRY_AFTER = 900


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A feed as it is served: packed, by digest, unchanged since, looked at last."""

    packed: bytes
    digest: str
    since: datetime
    looked: datetime


class Shelf:
    """The feeds this process has built, by shop. One is built at a time: a reader that hammers costs one build."""

    def __init__(self) -> None:
        self._ready: dict[str, Ready] = {}
        self._turn = asyncio.Lock()

    async def take(self, house: House, shop: Shop) -> Ready:
        """The shop's feed, not older than :data:`FRESH`. Raises HubError."""
        async with self._turn:
            now = house.clock.now()
            known = self._ready.get(shop.id)
            if known is not None and now - known.looked < FRESH:
                return known
            built = await build(house.db, house.ground, shop, house.public_url)
            row = await house.db.read(feed_of, shop.id)
            refuse_mass_loss(0 if row is None else row.items, len(built.feed.entries))
            since = await house.db.write(
                note_content, shop.id, content=built.digest, items=len(built.feed.entries), now=now
            )
            packed = (
                known.packed
                if known is not None and known.digest == built.digest
                else await asyncio.to_thread(gzip.compress, built.body, 6, mtime=0)
            )
            ready = Ready(packed=packed, digest=built.digest, since=since, looked=now)
            self._ready[shop.id] = ready
            return ready


SHELF = web.AppKey("feeds", Shelf)


@routes.get(r"/feeds/{token:[A-Za-z0-9_-]{43}}.{ending:xml|tsv|csv}")
async def feed(request: web.Request) -> web.Response:
    """The feed, or 304; 404 for any address that is not (or no longer) one; 503 when it rests or cannot be built."""
    house = request.app[HOUSE]
    found = await house.db.read(feed_by_token, digest(request.match_info["token"]))
    if found is None:
        raise web.HTTPNotFound
    try:
        shop = await house.db.read(shops.get_shop, found.shop_id)
        kind = kind_of(shop.values)
    except (Denied, Invalid):
        raise web.HTTPNotFound from None
    if shop.state == "disconnected" or request.match_info["ending"] not in kind.endings:
        raise web.HTTPNotFound
    try:
        answer = web.Response(status=503) if shop.state == "paused" else await _answer(request, house, shop, kind)
    except HubError as error:
        log.warning("feed_unbuilt", shop=shop.id, code=error.code)
        answer = web.Response(status=503)
    if answer.status == 503:
        answer.headers["Retry-After"] = str(RETRY_AFTER)
    if request.method == "GET":
        agent = request.headers.get("User-Agent", "")
        await house.db.write(note_fetch, shop.id, agent=agent, status=answer.status, now=house.clock.now())
    return answer


async def _answer(request: web.Request, house: House, shop: Shop, kind: FeedKind) -> web.Response:
    ready = await request.app[SHELF].take(house, shop)
    headers = {"Cache-Control": f"private, max-age={MAX_AGE}", "Vary": "Accept-Encoding", "X-Robots-Tag": "noindex"}
    if _known(request, ready):
        answer = web.Response(status=304, headers=headers)
    else:
        packed = "gzip" in request.headers.get("Accept-Encoding", "")
        if packed:
            headers["Content-Encoding"] = "gzip"
        body = ready.packed if packed else await asyncio.to_thread(gzip.decompress, ready.packed)
        answer = web.Response(body=body, headers=headers, content_type=kind.mime, charset="utf-8")
    answer.etag = ETag(value=ready.digest, is_weak=True)  # weak: the same feed, packed or not
    answer.last_modified = ready.since.replace(microsecond=0)  # never later than now
    return answer


def _known(request: web.Request, ready: Ready) -> bool:
    """Whether the reader has it already: by tag, else by date (whole seconds, as HTTP says them)."""
    tags = request.if_none_match
    if tags is not None:
        return any(tag.value in (ready.digest, "*") for tag in tags)
    since = request.if_modified_since
    return since is not None and ready.since.replace(microsecond=0) <= since
