"""Stored orders and entries back into nouns."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import among
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.model import Component, Entry, Line, Order, Refund


def load_orders(tx: Tx, shop_id: str, remote_ids: Collection[str]) -> tuple[Order, ...]:
    """These orders with lines and refunds, by id; unknown ids are left out."""
    if not remote_ids:
        return ()
    wanted = [
        sa.and_(table.c.shop_id == shop_id, among(tx, table.c.remote_id, remote_ids))
        for table in (t.order, t.line, t.refund)
    ]
    lines: dict[str, list[Line]] = {}
    for row in tx.execute(sa.select(t.line).where(wanted[1]).order_by(t.line.c.remote_id, t.line.c.line_id)):
        lines.setdefault(row.remote_id, []).append(to_line(row))
    refunds: dict[str, list[Refund]] = {}
    for row in tx.execute(sa.select(t.refund).where(wanted[2]).order_by(t.refund.c.remote_id, t.refund.c.refund_id)):
        refunds.setdefault(row.remote_id, []).append(to_refund(row))
    return tuple(
        _order(row, tuple(lines.get(row.remote_id, ())), tuple(refunds.get(row.remote_id, ())))
        for row in tx.execute(sa.select(t.order).where(wanted[0]).order_by(t.order.c.remote_id))
    )


def walk_orders(tx: Tx, shop_id: str, *, size: int = 2000) -> Iterator[tuple[Order, ...]]:
    """All orders of a shop in groups by id; memory stays bounded."""
    after = ""
    while True:
        ids = list(
            tx.execute(
                sa.select(t.order.c.remote_id)
                .where(t.order.c.shop_id == shop_id, t.order.c.remote_id > after)
                .order_by(t.order.c.remote_id)
                .limit(size)
            ).scalars()
        )
        if not ids:
            return
        yield load_orders(tx, shop_id, ids)
        after = ids[-1]


def to_line(row: Any) -> Line:
    """A row of ``sale_line``."""
    return Line(
        line_id=row.line_id, quantity=row.quantity, unit_price=row.unit_price, charged=row.charged,
        voucher=row.voucher, cancelled=row.cancelled, variant_id=row.variant_id, product_id=row.product_id,
        producer_id=row.producer_id, stars=row.stars, title=row.title, sku=row.sku, live=row.live,
        parts=tuple(
            Component(variant_id=v, product_id=p, producer_id=o, stars=s, quantity=q, price=m)
            for v, p, o, s, q, m in row.parts or ()
        ),
    )  # fmt: skip


def to_refund(row: Any) -> Refund:
    """A row of ``refund``."""
    return Refund(
        refund_id=row.refund_id, at=row.at, amount=row.amount, units=tuple((line, n) for line, n in row.units)
    )


def _order(row: Any, lines: tuple[Line, ...], refunds: tuple[Refund, ...]) -> Order:
    return Order(
        shop_id=row.shop_id, remote_id=row.remote_id, state=row.state, placed_at=row.placed_at,
        updated_at=row.updated_at, lines=lines, refunds=refunds, number=row.number, cod=row.cod,
        seller_id=row.seller_id, paid_at=row.paid_at, shipped_at=row.shipped_at, delivered_at=row.delivered_at,
        cancelled_at=row.cancelled_at, seller_voucher=row.seller_voucher, platform_voucher=row.platform_voucher,
        shipping_paid=row.shipping_paid, province=row.province, source=row.source, test=row.test,
    )  # fmt: skip


def load_entries(tx: Tx, shop_id: str, remote_ids: Collection[str]) -> tuple[Entry, ...]:
    """The stored ledger entries of these orders."""
    if not remote_ids:
        return ()
    query = sa.select(t.ledger).where(t.ledger.c.shop_id == shop_id, among(tx, t.ledger.c.remote_id, remote_ids))
    return tuple(to_entry(row) for row in tx.execute(query))


def to_entry(row: Any) -> Entry:
    """A row of ``ledger``."""
    return Entry(
        shop_id=row.shop_id, order_id=row.remote_id, line_id=row.line_id, event=row.event, day=row.day,
        product_id=row.product_id, producer_id=row.producer_id, stars=row.stars, gmv_placed=row.gmv_placed,
        gmv=row.gmv, gross=row.gross, voucher=row.voucher, refund=row.refund, units=row.units, part=row.part,
    )  # fmt: skip


def orders_changed(tx: Tx, shop_id: str, since: datetime, until: datetime) -> tuple[str, ...]:
    """Ids of a shop's orders whose last known change lies in ``[since, until)``, told by the platform itself."""
    o = t.order.c
    query = sa.select(o.remote_id).where(
        o.shop_id == shop_id, o.updated_at >= since, o.updated_at < until, o.source == "measured"
    )
    return tuple(tx.execute(query).scalars())
