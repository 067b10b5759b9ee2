"""A product feed that others fetch: Google free listings, a Meta catalogue, or a portal that reads RSS.

It has no abilities: nothing is sent anywhere. What stands in a feed is decided by ``hub.sync.feeds`` and served at a
secret address by ``hub.web.feeds``; the connector only makes a feed a shop like any other, with its own rule pack. A
feed takes no orders, so reports count it as promotion unless the owner says that its reader is a portal that sells.
Source: sheet of product feeds (2026-11-21): Google's product data specification, Meta's catalogue reference.
"""

from typing import ClassVar

from hub.connectors.api import Dialect
from hub.connectors.base import OFFLINE, Connector, shop_key
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Manifest, ShopCard
from hub.errors import Invalid

KINDS = ("google_rss", "google_csv", "meta_csv", "plain_rss")


class Feeds(Connector):
    """One feed. ``values``: ``kind``, and ``target``, who reads it; ``site``, ``page``, ``shipping``, ``exclude``."""

    manifest: ClassVar[Manifest] = read_manifest(__file__)
    dialect: ClassVar[Dialect] = OFFLINE

    async def check(self) -> ShopCard:
        """Names the feed without asking anybody. Raises Invalid("feed_kind_unknown")."""
        kind = self.shop.values.get("kind", "")
        if kind not in KINDS:
            raise Invalid("feed_kind_unknown", kind=kind, known=list(KINDS))
        target = self.shop.values.get("target", "").strip()
        return ShopCard(remote_id=shop_key(kind, target), name=target or kind, currency="VND", live=True)
