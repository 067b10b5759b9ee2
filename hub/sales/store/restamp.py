"""Asking again what stored lines were: after a revocation that was told late, or a binding made after the sale."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog.law import Law
from hub.catalog.law import load as load_law
from hub.connectors.model import RemoteLine
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.model import Line, Order
from hub.sales.store.figures import replace_entries
from hub.sales.store.goods import Goods, Resolve, goods_of
from hub.sales.store.orders import IngestResult, parts_of, settle_altered
from hub.sales.store.rows import load_orders, to_line
from hub.types import RemoteId, Sku, local_date, local_midnight


def orders_of_products(tx: Tx, product_ids: Collection[str], since: date) -> Mapping[str, tuple[str, ...]]:
    """Orders placed since a local day with lines, or parts of sets, of these products: shop -> order ids."""
    ledger, o = t.ledger.c, t.order.c
    query = (
        sa.select(ledger.shop_id, ledger.remote_id)
        .join(t.order, sa.and_(o.shop_id == ledger.shop_id, o.remote_id == ledger.remote_id))
        .where(among(tx, ledger.product_id, product_ids), o.placed_at >= local_midnight(since))
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.shop_id, []).append(row.remote_id)
    return {shop_id: tuple(sorted(ids)) for shop_id, ids in sorted(found.items())}


def orders_of_unknown_goods(tx: Tx, shop_id: str) -> tuple[str, ...]:
    """Orders with a line whose goods the hub does not know."""
    line = t.line.c
    query = sa.select(line.remote_id).where(line.shop_id == shop_id, line.variant_id.is_(None)).distinct()
    return tuple(sorted(tx.execute(query).scalars()))


def restamp(
    tx: Tx,
    shop_id: str,
    remote_ids: Collection[str],
    *,
    now: datetime,
    resolve: Resolve | None = None,
    law: Law | None = None,
) -> IngestResult:
    """Look up the goods of unknown lines and the stars of all lines again; ledger, rollups and stock follow.

    Known goods and the list prices by which a set was split stay as they were sold.
    """
    orders = {o.remote_id: o for o in load_orders(tx, shop_id, remote_ids)}
    rows = _line_rows(tx, shop_id, list(orders))
    products = {p for r in rows for p in _products(to_line(r))}
    goods = goods_of(tx, (_told(r) for r in rows), resolve or {}, law or load_law(), products=products)
    lines: dict[str, list[Line]] = {}
    for row in rows:
        day = local_date(orders[row.remote_id].placed_at)
        lines.setdefault(row.remote_id, []).append(_again(row, day, goods))
    pairs = [(o, replace(o, lines=tuple(lines.get(o.remote_id, ())))) for o in orders.values()]
    changed = [(old, new) for old, new in pairs if old != new]
    _rewrite(tx, [new for _, new in changed])
    replace_entries(tx, fresh=(), altered=[new for _, new in changed])
    moved = settle_altered(tx, changed, at=now)
    return IngestResult(
        changed=len(changed), unchanged=len(orders) - len(changed), touched_variants=moved.touched,
        oversold=moved.oversold,
        unknown_goods=tuple((o.remote_id, li.line_id) for _, o in pairs for li in o.lines if li.variant_id is None),
    )  # fmt: skip


def _again(row: Any, day: date, goods: Goods) -> Line:
    line = to_line(row)
    if line.variant_id is None or line.product_id is None:
        return goods.line(_told(row), day, line.voucher)
    parts = tuple(replace(p, stars=goods.stars_on(p.product_id, day)) for p in line.parts)
    return replace(line, stars=goods.stars_on(line.product_id, day), parts=parts)


def _told(row: Any) -> RemoteLine:
    return RemoteLine(
        line_id=RemoteId(row.line_id), sku=Sku(row.sku) if row.sku else None, listing=row.listing_id,
        variant=row.option_id, title=row.title, quantity=row.quantity, unit_price=row.unit_price, charged=row.charged,
        cancelled=row.cancelled, live_tag=row.live,
    )  # fmt: skip


def _products(line: Line) -> tuple[str, ...]:
    own = () if line.product_id is None else (line.product_id,)
    return (*own, *(p.product_id for p in line.parts))


def _line_rows(tx: Tx, shop_id: str, remote_ids: Collection[str]) -> Sequence[Any]:
    line = t.line.c
    query = sa.select(t.line).where(line.shop_id == shop_id, among(tx, line.remote_id, remote_ids))
    return tx.execute(query.order_by(line.remote_id, line.line_id)).all()


def _rewrite(tx: Tx, orders: Sequence[Order]) -> None:
    rows = [
        {"k_shop": o.shop_id, "k_order": o.remote_id, "k_line": li.line_id, "sku": li.sku, "variant_id": li.variant_id,
         "product_id": li.product_id, "producer_id": li.producer_id, "stars": li.stars, "parts": parts_of(li)}
        for o in orders for li in o.lines
    ]  # fmt: skip
    if rows:
        line = t.line.c
        this = sa.and_(
            line.shop_id == sa.bindparam("k_shop"),
            line.remote_id == sa.bindparam("k_order"),
            line.line_id == sa.bindparam("k_line"),
        )
        named = ("sku", "variant_id", "product_id", "producer_id", "stars", "parts")
        tx.execute(t.line.update().where(this).values({n: sa.bindparam(n, type_=line[n].type) for n in named}), rows)
