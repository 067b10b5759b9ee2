"""What the hub did to send an order, and the orders that wait to be sent. No buyer's data is here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from hub.access import Scope
from hub.db import Tx, upsert
from hub.sales import tables as st
from hub.sales.browse import run_by
from hub.shops.tables import shop
from hub.sync import tables as t


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """``state``: open, packed, shipped, cancelled, or task (a person must act: ``problem`` and ``facts`` say what)."""

    shop_id: str
    order: str
    state: str = "open"
    ship_by: datetime | None = None
    parcel: str = ""
    tracking: str = ""
    carrier: str = ""
    problem: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    who: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Item:
    """A line of an order to pick."""

    sku: str
    title: str
    units: int


@dataclass(frozen=True, kw_only=True)
class ToSend:
    """An order that may be sent now: paid, or placed with cash on delivery."""

    shop_id: str
    shop_name: str
    platform: str
    order: str
    number: str
    began: datetime  # when it could be sent first
    cod: bool
    province: str
    items: tuple[Item, ...]
    dispatch: Dispatch


def dispatch_of(tx: Tx, shop_id: str, order: str) -> Dispatch:
    """What was done for an order so far."""
    d = t.dispatch.c
    row = tx.execute(sa.select(t.dispatch).where(d.shop_id == shop_id, d.remote_id == order)).first()
    return Dispatch(shop_id=shop_id, order=order) if row is None else _dispatch(row)


def _dispatch(row: sa.Row[tuple[object, ...]]) -> Dispatch:
    return Dispatch(
        shop_id=row.shop_id, order=row.remote_id, state=row.state, ship_by=row.ship_by, parcel=row.parcel,
        tracking=row.tracking, carrier=row.carrier, problem=row.problem, facts=row.facts, who=row.who,
        changed_at=row.changed_at,
    )  # fmt: skip


def save_dispatch(tx: Tx, one: Dispatch) -> None:
    """Store what was done."""
    row = {
        "shop_id": one.shop_id, "remote_id": one.order, "state": one.state, "ship_by": one.ship_by,
        "parcel": one.parcel, "tracking": one.tracking, "carrier": one.carrier, "problem": one.problem,
        "facts": dict(one.facts), "who": one.who, "changed_at": one.changed_at,
    }  # fmt: skip
    upsert(tx, t.dispatch, [row], key=["shop_id", "remote_id"])


def to_send(tx: Tx, scope: Scope, shop_id: str = "", limit: int = 500) -> tuple[ToSend, ...]:
    """Orders of a scope's own shops that wait to be sent, those that could be sent first in front."""
    o = st.order.c
    waits = sa.or_(o.state == "paid", sa.and_(o.state == "placed", o.cod.is_(True)))
    where = [waits, o.shipped_at.is_(None), o.test.is_(False), run_by(scope)]
    if shop_id:
        where.append(o.shop_id == shop_id)
    query = (
        sa.select(st.order, shop.c.name.label("shop_name"), shop.c.platform)
        .join(shop, shop.c.id == o.shop_id)
        .where(*where)
        .order_by(sa.func.coalesce(o.paid_at, o.placed_at), o.remote_id)
        .limit(limit)
    )
    rows = tx.execute(query).all()
    keys = [(row.shop_id, row.remote_id) for row in rows]
    items, known = _items(tx, keys), _dispatches(tx, keys)
    return tuple(
        ToSend(
            shop_id=row.shop_id, shop_name=row.shop_name, platform=row.platform, order=row.remote_id,
            number=row.number or row.remote_id, began=row.paid_at or row.placed_at, cod=row.cod,
            province=row.province, items=items.get((row.shop_id, row.remote_id), ()),
            dispatch=known.get((row.shop_id, row.remote_id))
            or Dispatch(shop_id=row.shop_id, order=row.remote_id),
        )
        for row in rows
    )  # fmt: skip


def _dispatches(tx: Tx, orders: list[tuple[str, str]]) -> dict[tuple[str, str], Dispatch]:
    d = t.dispatch.c
    ids = sorted({order for _, order in orders})
    query = sa.select(t.dispatch).where(d.shop_id.in_(sorted({one for one, _ in orders})), d.remote_id.in_(ids))
    return {(row.shop_id, row.remote_id): _dispatch(row) for row in tx.execute(query)}


def _items(tx: Tx, orders: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[Item, ...]]:
    found: dict[tuple[str, str], list[Item]] = {}
    li = st.line.c
    for shop_id in sorted({one for one, _ in orders}):
        ids = [order for one, order in orders if one == shop_id]
        query = sa.select(li.remote_id, li.sku, li.title, li.quantity, li.cancelled).where(
            li.shop_id == shop_id, li.remote_id.in_(ids)
        )
        for row in tx.execute(query.order_by(li.remote_id, li.line_id)):
            if row.quantity > row.cancelled:
                item = Item(sku=row.sku or "", title=row.title, units=row.quantity - row.cancelled)
                found.setdefault((shop_id, row.remote_id), []).append(item)
    return {key: tuple(value) for key, value in found.items()}
