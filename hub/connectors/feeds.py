"""A product feed that others fetch: Google free listings, a Meta catalogue, or a portal that reads RSS.

It has no abilities: nothing is sent anywhere. What stands in a feed is decided by ``hub.sync.feeds`` and served at a
secret address by ``hub.web.feeds``; the connector only makes a feed a shop like any other, with its own rule pack. A
feed takes no orders, so reports count it as promotion unless the owner says that its reader is a portal that sells.
Source: sheet of product feeds (2026-11-21): Google's product data specification, Meta's catalogue reference.
"""

from collections.abc import Mapping
from typing import ClassVar

from hub.connectors.api import Dialect
from hub.connectors.base import Connector
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Manifest, ShopCard
from hub.connectors.wire import Credentials, Request
from hub.errors import Invalid, RemoteError, Unreachable
from hub.types import fold

KINDS = ("google_rss", "google_csv", "meta_csv", "plain_rss")
_ID = 60  # characters of a platform's shop id


def sign(request: Request, credentials: Credentials, *_: object) -> Request:
    """There is nobody to sign for."""
    return request


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """There is nobody who could answer."""
    return Unreachable(sent=False)


class Feeds(Connector):
    """One feed. ``values``: ``kind``, and ``target``, who reads it; ``site``, ``page``, ``shipping``, ``exclude``."""

    manifest: ClassVar[Manifest] = read_manifest(__file__)
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge)

    async def check(self) -> ShopCard:
        """Names the feed without asking anybody. Raises Invalid("feed_kind_unknown")."""
        kind = self.shop.values.get("kind", "")
        if kind not in KINDS:
            raise Invalid("feed_kind_unknown", kind=kind, known=list(KINDS))
        target = self.shop.values.get("target", "").strip()
        return ShopCard(
            remote_id=f"{kind}/{fold(target)}"[:_ID], name=target or kind, currency="VND", live=True
        )  # fmt: skip
