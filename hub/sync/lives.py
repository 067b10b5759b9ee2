"""What a platform says of its lives, and which orders it says came from where. Its figures are kept as stated.

Money stays the ledger's: an attribution says where an order came from, never what it was worth.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from hub.connectors.base import ReportsLive
from hub.connectors.model import Page
from hub.connectors.social import Attribution, Live
from hub.db import Tx, upsert
from hub.programme import store as programme
from hub.programme.model import LiveSession
from hub.shops.model import Shop
from hub.sync import store
from hub.sync import tables as t
from hub.sync.means import Line, Means
from hub.sync.push import Tally
from hub.sync.store import Lease

LOOK_BACK = timedelta(days=30)
OVERLAP = timedelta(days=3)
"""Platforms correct the figures of a live for some days."""

T = TypeVar("T")
Ask = Callable[[datetime, datetime, str | None], Awaitable[Page[T]]]


async def pull_lives(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Nightly: lives and attributions since the last time, and the days before once more."""
    tally = Tally()
    connector = line.connector
    if not isinstance(connector, ReportsLive):
        return tally
    now = means.now()
    cursor = await means.db.read(store.cursor, shop.id, "lives")
    since = (cursor.position or now - LOOK_BACK) - OVERLAP
    lives = await _whole(connector.lives, since, now)
    told = await _whole(connector.attributions, since, now)
    await means.db.write(_keep, lease, shop, lives, told, now)
    await means.db.write(store.save_cursor, shop.id, replace(cursor, position=now))
    tally.total = tally.done = len(lives) + len(told)
    return tally


async def _whole(ask: Ask[T], since: datetime, until: datetime) -> list[T]:
    found: list[T] = []
    page: str | None = None
    while True:
        answer = await ask(since, until, page)
        found.extend(answer.items)
        page = answer.next
        if page is None:
            return found


def _keep(
    tx: Tx, lease: Lease, shop: Shop, lives: Sequence[Live], told: Sequence[Attribution], now: datetime
) -> None:  # fmt: skip
    store.hold(tx, lease, now)
    programme.save_live_sessions(tx, [to_session(shop, one) for one in lives if one.started_at is not None])
    upsert(
        tx, t.attribution,
        [{"shop_id": shop.id, "remote_id": one.order, "sku": one.sku or "", "source": one.source,
          "live_id": one.live or "", "commission": one.commission, "seen_at": now} for one in told],
        key=["shop_id", "remote_id", "sku", "source"],
    )  # fmt: skip


def to_session(shop: Shop, live: Live) -> LiveSession:
    """A platform's live as a session of the programme; the same live is the same session."""
    figures = {"viewers": live.viewers, "orders": live.orders, "units": live.units, "gmv": live.revenue}
    assert live.started_at is not None
    return LiveSession(
        id=hashlib.blake2b(f"{shop.id}/{live.remote_id}".encode(), digest_size=16).hexdigest(), shop_id=shop.id,
        producer_id=shop.producer_id, title=live.title, started_at=live.started_at, ended_at=live.ended_at,
        remote_id=live.remote_id, figures={name: value for name, value in figures.items() if value is not None},
    )  # fmt: skip
