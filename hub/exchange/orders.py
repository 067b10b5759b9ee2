"""Orders both ways: stored ones as records, and records through the same ledger, rollups and stock as pulled ones."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from hub.bulk import among, insert_rows, upsert_rows
from hub.catalog.law import Law
from hub.connectors.model import OrderState, RemoteLine, RemoteOrder, RemoteRefund
from hub.db import Tx
from hub.exchange.file import Told
from hub.exchange.names import Names
from hub.exchange.rows import Taking
from hub.exchange.sold import AsSold, Line, Order, OrderEvent, Refund, SoldComponent
from hub.sales import model as sales
from hub.sales import tables as t
from hub.sales.store import upsert_orders
from hub.shops.model import Shop
from hub.sync import store as sync
from hub.types import RemoteId, Sku, chunks

# ---- out ---------------------------------------------------------------------------------------------------------

_PLAIN = (
    "remote_id", "number", "state", "native_state", "placed_at", "updated_at", "paid_at", "shipped_at", "delivered_at",
    "cancelled_at", "cod", "seller_voucher", "platform_voucher", "shipping_paid", "province", "source", "test",
)  # fmt: skip


def walk(tx: Tx, shop_id: str) -> Iterator[Order]:
    """All orders of a shop by id."""
    ids = sorted(tx.execute(sa.select(t.order.c.remote_id).where(t.order.c.shop_id == shop_id)).scalars())
    for group in chunks(ids, 500):
        yield from stored_orders(tx, shop_id, group)


def stored_orders(tx: Tx, shop_id: str, remote_ids: Collection[str]) -> Iterator[Order]:
    """These orders as records, by id; lines, refunds and events in a fixed order."""
    lines = _by_order(tx, t.line, shop_id, remote_ids)
    refunds = _by_order(tx, t.refund, shop_id, remote_ids)
    events = _by_order(tx, t.sale_event, shop_id, remote_ids)
    query = sa.select(t.order).where(t.order.c.shop_id == shop_id, among(tx, t.order.c.remote_id, remote_ids))
    for row in sorted(tx.execute(query), key=lambda r: str(r.remote_id)):
        yield Order(
            shop=shop_id,
            lines=tuple(sorted((_line(r) for r in lines.get(row.remote_id, ())), key=_line_id)),
            refunds=tuple(
                sorted(
                    (Refund(refund_id=r.refund_id, at=r.at, amount=r.amount, units=tuple((i, n) for i, n in r.units))
                     for r in refunds.get(row.remote_id, ())),
                    key=lambda refund: refund.refund_id,
                )
            ),
            events=_in_time(
                OrderEvent(event=r.event, at=r.at, facts=r.facts) for r in events.get(row.remote_id, ())
            ),
            **{name: getattr(row, name) for name in _PLAIN},
        )  # fmt: skip


def _by_order(tx: Tx, table: sa.Table, shop_id: str, remote_ids: Collection[str]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in tx.execute(sa.select(table).where(table.c.shop_id == shop_id, among(tx, table.c.remote_id, remote_ids))):
        found.setdefault(row.remote_id, []).append(row)
    return found


def _line(row: Any) -> Line:
    return Line(
        line_id=row.line_id, sku=row.sku, listing=row.listing_id, option=row.option_id, title=row.title,
        quantity=row.quantity, cancelled=row.cancelled, unit_price=row.unit_price, charged=row.charged, live=row.live,
        as_sold=AsSold(
            variant=row.variant_id, product=row.product_id, producer=row.producer_id, stars=row.stars,
            voucher=row.voucher,
            components=tuple(
                SoldComponent(variant=v, product=p, producer=o, stars=s, quantity=q, price=m)
                for v, p, o, s, q, m in row.parts or ()
            ),
        ),
    )  # fmt: skip


def _line_id(line: Line) -> str:
    return line.line_id


def _in_time(events: Iterator[OrderEvent] | Sequence[OrderEvent]) -> tuple[OrderEvent, ...]:
    return tuple(sorted(events, key=lambda event: (event.at, event.event)))


# ---- in ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a group of orders did beyond being counted."""

    touched: frozenset[str] = frozenset()
    oversold: int = 0
    unknown_goods: int = 0


def take_orders(taking: Taking, shop: Shop, told: Sequence[Told], law: Law) -> Taken:
    """Take orders of one shop in; what is stored already with the same content is left alone."""
    records = {o.remote_id: o for o in (_named(one, shop, taking.names) for one in told)}
    stored = {o.remote_id: o for o in stored_orders(taking.tx, shop.id, list(records))}
    news = [o for o in records.values() if stored.get(o.remote_id) != o]
    tally = taking.tally("orders")
    tally.same += len(records) - len(news)
    listings = {line.listing for o in news for line in o.lines if line.listing is not None}
    resolve = sync.sku_by_remote(taking.tx, shop.id, listings)
    touched: set[str] = set()
    oversold = unknown = 0
    for source in ("measured", "imported"):
        group = [o for o in news if o.source == source]
        if not group:
            continue
        result = upsert_orders(
            taking.tx, shop, [_remote(o) for o in group], now=taking.now, law=law, source=group[0].source,
            resolve=resolve, as_sold=_as_sold(group),
        )  # fmt: skip
        tally.added += result.new
        tally.changed += result.changed
        tally.same += result.unchanged
        touched |= result.touched_variants
        oversold += result.oversold
        unknown += len(result.unknown_goods)
    _write_events(taking, shop, [o for o in news if o.remote_id not in stored], overwrite=True)
    _write_events(taking, shop, [o for o in news if o.remote_id in stored], overwrite=False)
    return Taken(touched=frozenset(touched), oversold=oversold, unknown_goods=unknown)


def _named(one: Told, shop: Shop, names: Names) -> Order:
    """The record in the hub's ids, lines, refunds and events in the fixed order."""
    order = one.record
    if not isinstance(order, Order):
        raise TypeError(one.kind)
    lines = [
        line if line.as_sold is None
        else line.model_copy(update={"as_sold": _sold(line.as_sold, names, f"{one.path}.lines[{n}].as_sold")})
        for n, line in enumerate(order.lines)
    ]  # fmt: skip
    return order.model_copy(
        update={
            "shop": shop.id,
            "lines": tuple(sorted(lines, key=_line_id)),
            "refunds": tuple(sorted(order.refunds, key=lambda refund: refund.refund_id)),
            "events": _in_time(order.events),
        }
    )


_SOLD = (("variant", "variants"), ("product", "products"), ("producer", "producers"))


def _sold(told: AsSold, names: Names, path: str) -> AsSold:
    found: dict[str, Any] = {}
    for name, kind in _SOLD:
        value = getattr(told, name)
        found[name] = None if value is None else names.find(kind, value, f"{path}.{name}")
    found["components"] = tuple(
        component.model_copy(
            update={
                name: names.find(kind, getattr(component, name), f"{path}.components[{n}].{name}")
                for name, kind in _SOLD
            }
        )
        for n, component in enumerate(told.components)
    )
    return told.model_copy(update=found)


def _remote(o: Order) -> RemoteOrder:
    return RemoteOrder(
        remote_id=RemoteId(o.remote_id), number=o.number, state=OrderState(o.state), placed_at=o.placed_at,
        updated_at=o.updated_at, lines=tuple(_remote_line(line) for line in o.lines), cod=o.cod, paid_at=o.paid_at,
        shipped_at=o.shipped_at, delivered_at=o.delivered_at, cancelled_at=o.cancelled_at,
        seller_voucher=o.seller_voucher, platform_voucher=o.platform_voucher, shipping_paid=o.shipping_paid,
        province=o.province, test=o.test, native_state=o.native_state,
        refunds=tuple(
            RemoteRefund(
                refund_id=RemoteId(r.refund_id), at=r.at, amount=r.amount,
                units=tuple((RemoteId(line), n) for line, n in r.units),
            )
            for r in o.refunds
        ),
    )  # fmt: skip


def _remote_line(line: Line) -> RemoteLine:
    return RemoteLine(
        line_id=RemoteId(line.line_id), sku=Sku(line.sku) if line.sku else None,
        listing=None if line.listing is None else RemoteId(line.listing),
        variant=None if line.option is None else RemoteId(line.option), title=line.title, quantity=line.quantity,
        unit_price=line.unit_price, charged=line.charged, cancelled=line.cancelled, live_tag=line.live,
    )  # fmt: skip


def _as_sold(orders: Sequence[Order]) -> Mapping[tuple[str, str], sales.Line]:
    return {
        (o.remote_id, line.line_id): _sales_line(line, line.as_sold)
        for o in orders
        for line in o.lines
        if line.as_sold is not None
    }


def _sales_line(line: Line, sold: AsSold) -> sales.Line:
    return sales.Line(
        line_id=line.line_id, quantity=line.quantity, unit_price=line.unit_price, charged=line.charged,
        voucher=sold.voucher, cancelled=line.cancelled, variant_id=sold.variant, product_id=sold.product,
        producer_id=sold.producer, stars=sold.stars, title=line.title, sku=line.sku, live=line.live,
        parts=tuple(
            sales.Component(variant_id=c.variant, product_id=c.product, producer_id=c.producer, stars=c.stars,
                            quantity=c.quantity, price=c.price)
            for c in sold.components
        ),
    )  # fmt: skip


_EVENT_COLUMNS = ("shop_id", "remote_id", "event", "at", "seen_at", "facts")


def _write_events(taking: Taking, shop: Shop, orders: Sequence[Order], *, overwrite: bool) -> None:
    """The told history; of a new order it counts more than what its present state lets one guess."""
    rows = [(shop.id, o.remote_id, e.event, e.at, taking.now, e.facts) for o in orders for e in o.events]
    if overwrite:
        upsert_rows(taking.tx, t.sale_event, _EVENT_COLUMNS, rows, key=("shop_id", "remote_id", "event"))
        return
    have = _by_order(taking.tx, t.sale_event, shop.id, [o.remote_id for o in orders])
    known = {(remote_id, row.event) for remote_id, found in have.items() for row in found}
    insert_rows(taking.tx, t.sale_event, _EVENT_COLUMNS, [row for row in rows if (row[1], row[2]) not in known])
