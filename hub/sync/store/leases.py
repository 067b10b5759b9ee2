"""Who may work on a shop now: a row per shop and lane, tested by every write of a run."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.db import Tx, upsert_statement
from hub.errors import LeaseLost
from hub.sync import tables as t
from hub.sync.model import Lane

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work on one shop in one lane. Every write of a run tests it."""

    shop_id: str
    lane: Lane
    owner: str
    life: timedelta = LEASE


def take_lease(tx: Tx, shop_id: str, lane: Lane, owner: str, now: datetime, life: timedelta = LEASE) -> Lease | None:
    """The lease, or None while anybody holds it, the same process included. One statement decides.

    ``owner`` is a name that nobody else has, no other run of this worker either.
    """
    row = {"shop_id": shop_id, "lane": lane, "owner": owner, "until": now + life}
    free = sa.or_(t.lease.c.until <= now, t.lease.c.owner == "")
    statement = upsert_statement(tx, t.lease, row, key=["shop_id", "lane"], where=free)
    taken = tx.execute(statement.returning(t.lease.c.owner), row).first()
    return None if taken is None else Lease(shop_id=shop_id, lane=lane, owner=owner, life=life)


def hold(tx: Tx, lease: Lease, now: datetime) -> None:
    """Renew the lease inside a write. Raises LeaseLost when somebody else has it."""
    renewed = tx.execute(
        t.lease.update()
        .where(t.lease.c.shop_id == lease.shop_id, t.lease.c.lane == lease.lane, t.lease.c.owner == lease.owner)
        .values(until=now + lease.life)
    )
    if renewed.rowcount != 1:
        raise LeaseLost("lease_lost", shop_id=lease.shop_id, lane=lease.lane)


def give_lease(tx: Tx, lease: Lease, now: datetime) -> None:
    """Give it back; harmless when it is gone already."""
    tx.execute(
        t.lease.update()
        .where(t.lease.c.shop_id == lease.shop_id, t.lease.c.lane == lease.lane, t.lease.c.owner == lease.owner)
        .values(owner="", until=now)
    )
