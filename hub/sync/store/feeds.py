"""Feeds: their addresses by digest, since when they say what they say, who fetched them; the pages goods stand on."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from hub.bulk import among
from hub.db import Tx, upsert
from hub.shops import store as shops
from hub.shops.store import StoredSecret
from hub.shops.tables import shop
from hub.sync import tables as t
from hub.sync.model import BindingState

TOKEN = "feed"
"""The secret of a shop that its feed's address holds."""


@dataclass(frozen=True, kw_only=True)
class FeedRow:
    """How a feed stands. ``content``: SHA-256 of what it says, since ``changed_at``; "" before it was ever built."""

    shop_id: str
    content: str
    items: int
    changed_at: datetime | None
    fetched_at: datetime | None
    fetched_by: str
    fetched_status: int

    @property
    def standing(self) -> Literal["reported", "fetched"]:
        """What nobody fetched is only our own word."""
        return "reported" if self.fetched_at is None else "fetched"


def open_feed(tx: Tx, shop_id: str, *, token_digest: str, token: StoredSecret, now: datetime) -> None:
    """Give a feed its address; an older one stops working."""
    upsert(tx, t.feed, [{"shop_id": shop_id, "token_digest": token_digest}], key=["shop_id"], update=["token_digest"])
    shops.put_secrets(tx, shop_id, [token], now=now)


def feed_of(tx: Tx, shop_id: str) -> FeedRow | None:
    """How a shop's feed stands; None when it has no address yet."""
    return _row(tx.execute(sa.select(t.feed).where(t.feed.c.shop_id == shop_id)).one_or_none())


def feed_by_token(tx: Tx, token_digest: str) -> FeedRow | None:
    """The feed of an address; None for any that we never gave."""
    return _row(tx.execute(sa.select(t.feed).where(t.feed.c.token_digest == token_digest)).one_or_none())


def note_content(tx: Tx, shop_id: str, *, content: str, items: int, now: datetime) -> datetime:
    """Remember what a feed says; answers since when it says so."""
    f = t.feed.c
    tx.execute(
        t.feed.update().where(f.shop_id == shop_id, f.content != content)
        .values(content=content, items=items, changed_at=now)
    )  # fmt: skip
    since = tx.execute(sa.select(f.changed_at).where(f.shop_id == shop_id)).scalar_one_or_none()
    return since or now


def note_fetch(tx: Tx, shop_id: str, *, agent: str, status: int, now: datetime) -> None:
    """Somebody fetched it; the last one is kept."""
    tx.execute(
        t.feed.update().where(t.feed.c.shop_id == shop_id)
        .values(fetched_at=now, fetched_by=agent[:200], fetched_status=status)
    )  # fmt: skip


_STANDS = (BindingState.CONFIRMED, BindingState.ACCEPTED, BindingState.DRIFTED, BindingState.REPORTED)
_BEST = ("own_site", "provincial_portal", "marketplace", "social_shop")


def listing_links(tx: Tx, product_ids: Collection[str]) -> dict[str, str]:
    """The best page on which buyers find each product: the owner's site, a portal, a marketplace, anything else."""
    b = t.binding.c
    rank = sa.case({kind: n for n, kind in enumerate(_BEST)}, value=shop.c.channel_kind, else_=len(_BEST))
    query = (
        sa.select(b.product_id, b.url)
        .select_from(t.binding.join(shop, shop.c.id == b.shop_id))
        .where(
            among(tx, b.product_id, list(product_ids)), b.url.like("http%"), b.visible,
            b.state.in_([state.value for state in _STANDS]), shop.c.state.in_(["connected", "needs_owner"]),
        )
        .order_by(rank.desc(), shop.c.id.desc())
    )  # fmt: skip
    return {row.product_id: row.url for row in tx.execute(query)}  # the best comes last


def _row(row: "sa.Row[Any] | None") -> FeedRow | None:
    if row is None:
        return None
    return FeedRow(
        shop_id=row.shop_id, content=row.content, items=row.items, changed_at=row.changed_at,
        fetched_at=row.fetched_at, fetched_by=row.fetched_by, fetched_status=row.fetched_status,
    )  # fmt: skip
