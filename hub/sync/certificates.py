"""What follows when a certificate changes: claims on every channel, and the figures of days already sold."""

from collections.abc import Collection
from datetime import date, datetime

from hub.catalog import store as catalog
from hub.db import Tx
from hub.sales.store import orders_of_products, restamp
from hub.shops import store as shops
from hub.sync import due
from hub.sync.store.posts import look_at_posts


def revoke(
    tx: Tx, certificate_id: str, *, on: date, document: str, ground: str, who: str, now: datetime
) -> tuple[str, ...]:
    """Record a revocation and all that follows from it; answers the shops whose claims must be looked at now."""
    product_id = catalog.revoke(tx, certificate_id, on=on, document=document, ground=ground, who=who, now=now)
    return follow(tx, [product_id], since=on, now=now)


def extend(tx: Tx, certificate_id: str, *, until: date, document: str, who: str, now: datetime) -> tuple[str, ...]:
    """Record an extension and what follows from it; answers the shops to look at."""
    product_id = catalog.extend(tx, certificate_id, until=until, document=document, who=who, now=now)
    return follow(tx, [product_id], since=date.min, now=now)


def follow(tx: Tx, product_ids: Collection[str], *, since: date, now: datetime) -> tuple[str, ...]:
    """Ask every shop to look at its claims in the fast lane, and look the stars of sold lines up again.

    Orders placed since a revocation leave the ``ocop`` cut, and figures follow to the dong.
    """
    if not product_ids:
        return ()
    for shop_id, orders in orders_of_products(tx, product_ids, max(since, _FIRST)).items():
        restamp(tx, shop_id, orders, now=now)
    concerned = tuple(shop.id for shop in shops.list_shops(tx) if shop.state != "disconnected")
    for shop_id in concerned:
        due.request(tx, shop_id, "gates", now)
    look_at_posts(tx, product_ids, now)
    return concerned


_FIRST = date(2018, 1, 1)
"""The programme began then; no order is older."""
