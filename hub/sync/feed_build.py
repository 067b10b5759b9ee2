"""Builds a shop's feed: one read of the database, then pure work in a thread. Nothing half done is ever shown."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from hub.db import Db, Tx
from hub.errors import Unavailable
from hub.shops.model import Shop
from hub.sync import feeds, store
from hub.sync.feed_writers import About, write
from hub.sync.feeds import Feed
from hub.sync.model import PushView
from hub.sync.plan import MASS_WITHDRAW_FLOOR, MASS_WITHDRAW_SHARE, Ground
from hub.sync.store.feeds import listing_links


@dataclass(frozen=True, kw_only=True)
class BuiltFeed:
    """A feed's bytes, their SHA-256, and what they are made of."""

    body: bytes
    digest: str
    feed: Feed


async def build(db: Db, ground: Callable[[Shop], Ground], shop: Shop, home: str) -> BuiltFeed:
    """The feed as it is now. ``home``: the hub's own address, where the owner names no site.

    Raises Unavailable("catalogue_empty") rather than say that everything is gone: readers would delete it all.
    """
    view, links = await db.read(_read, shop.id)
    if not view.sellables:
        raise Unavailable("catalogue_empty", listings=0)
    return await asyncio.to_thread(_make, view, links, ground(shop), home)


def refuse_mass_loss(before: int, now: int) -> None:
    """A feed that lost more than one entry in ten since it was last told is not told before a person says so.

    The planner's own bounds. Raises Unavailable("mass_withdraw").
    """
    lost = before - now
    if lost > MASS_WITHDRAW_FLOOR and lost * MASS_WITHDRAW_SHARE > before:
        raise Unavailable("mass_withdraw", leaving=lost, standing=before)


def _read(tx: Tx, shop_id: str) -> tuple[PushView, dict[str, str]]:
    view = store.push_view(tx, shop_id)
    return view, listing_links(tx, [s.product.id for s in view.sellables])


def _make(view: PushView, links: dict[str, str], ground: Ground, home: str) -> BuiltFeed:
    values = view.shop.values
    shipping = values.get("shipping", "").strip()
    about = About(
        title=view.shop.name,
        link=feeds.address(values.get("site", "")) or home,
        shipping=int(shipping) if shipping.isascii() and shipping.isdigit() else None,
    )
    feed = feeds.gather(view, ground, {product: feeds.address(url) for product, url in links.items()})
    body = write(feed, about, feeds.kind_of(values))
    return BuiltFeed(body=body, digest=hashlib.sha256(body).hexdigest(), feed=feed)
