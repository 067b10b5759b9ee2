"""SQL of a shop that changes its way of speaking: kept by files until now, by an API from now on.

The shop keeps its id, and with it its orders, its ledger and what was reported of its listings. The owner's wish is
noted on the shop first, for the quarter of an hour a sign-in may take; the connect that follows finds it there.
"""

from datetime import datetime

import sqlalchemy as sa

from hub.db import Tx
from hub.errors import Conflict
from hub.shops.model import Shop
from hub.shops.store import find_shop, get_shop
from hub.shops.tables import shop

BECOMES, UNTIL = "becomes", "becomes_until"


def promise(tx: Tx, shop_id: str, platform: str, until: datetime) -> None:
    """The next account of ``platform`` that the shop's producer connects is this shop."""
    stored = get_shop(tx, shop_id)
    values = {**stored.values, BECOMES: platform, UNTIL: until.isoformat()}
    tx.execute(shop.update().where(shop.c.id == shop_id).values(values=values))


def promised(tx: Tx, *, platform: str, producer_id: str | None, now: datetime) -> Shop | None:
    """The shop that waits to become one of this platform; None unless exactly one does."""
    owner = shop.c.producer_id.is_(None) if producer_id is None else shop.c.producer_id == producer_id
    rows = tx.execute(sa.select(shop.c.id).where(owner, shop.c.platform != platform)).scalars().all()
    waiting = [one for one in (get_shop(tx, shop_id) for shop_id in rows) if one.values.get(BECOMES) == platform]
    alive = [one for one in waiting if datetime.fromisoformat(one.values[UNTIL]) > now]
    return alive[0] if len(alive) == 1 else None


def take_over(tx: Tx, old: Shop, wanted: Shop) -> Shop:
    """Make ``old`` the shop that ``wanted`` describes; id, name, birthday and profile stay.

    Raises Conflict("takeover_already_connected") when that account is a shop of its own already.
    """
    there = find_shop(tx, platform=wanted.platform, base_url=wanted.base_url, remote_id=wanted.remote_id)
    if there is not None:
        raise Conflict("takeover_already_connected", shop=there.name)
    kept = {key: value for key, value in old.values.items() if key not in (BECOMES, UNTIL)}
    tx.execute(
        shop.update()
        .where(shop.c.id == old.id)
        .values(
            platform=wanted.platform, base_url=wanted.base_url, remote_id=wanted.remote_id,
            channel_kind=wanted.channel_kind, values={**kept, **wanted.values}, version=old.version + 1,
            state="connected", problem="", problem_facts={},
        )
    )  # fmt: skip
    return get_shop(tx, old.id)
