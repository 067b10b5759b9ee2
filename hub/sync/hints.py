"""Webhooks are hints: verified on the raw body, stored once by event id, answered at once, followed by a pull."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from hub.connectors.base import Connector, HearsEvents
from hub.db import Db
from hub.errors import Denied, Garbled
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.model import JobKind, Lane

EVENT, OBJECT = 120, 60
"""Letters of the longest ids we keep."""


async def receive(
    db: Db,
    ask: Callable[[Lane, str, JobKind], Awaitable[None]],
    connector: type[Connector],
    shop: Shop | None,
    *,
    body: bytes,
    headers: Mapping[str, str],
    url: str,
    secret: str,
    now: datetime,
) -> bool:
    """Take one delivery; True when it was news of an order.

    Raises Unauthorised on a bad signature, Denied for an unknown shop.
    ``shop`` None: the delivery names its shop itself (one address per app, as Shopee does).
    """
    if not issubclass(connector, HearsEvents):
        raise Denied("no_webhooks", platform=connector.manifest.id)
    hint = connector.hear(body, headers, url=url, secret=secret)
    if hint is None or hint.kind != "order":  # our own changes come back as news of listings; nobody asks after them
        return False
    if len(hint.event_id) > EVENT or len(hint.object_id) > OBJECT or "\0" in hint.event_id + hint.object_id:
        raise Garbled("remote_garbled", path="id")  # no id of an order; a database would stumble over it
    if shop is None:
        shop = await db.read(shops.find_by_remote, platform=connector.manifest.id, remote_id=hint.shop_remote_id)
    if shop is None:
        raise Denied("shop_unknown", remote_id=hint.shop_remote_id)
    new = await db.write(store.hear, shop.id, event_id=hint.event_id, kind=hint.kind, object_id=hint.object_id, now=now)
    if new:
        await ask("sales", shop.id, "hint")
    return new
