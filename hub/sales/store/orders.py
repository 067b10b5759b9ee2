"""Taking orders in: what the platform told becomes rows, ledger, rollups and stock in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from hub.bulk import among, insert_rows, unswept, upsert_rows
from hub.catalog import stock
from hub.catalog.law import Law
from hub.catalog.law import load as load_law
from hub.catalog.model import Move
from hub.connectors.model import RemoteOrder
from hub.db import Tx
from hub.sales import ledger
from hub.sales import tables as t
from hub.sales.model import BY_FILE, Line, Order, Refund, Source
from hub.sales.store.figures import replace_entries
from hub.sales.store.goods import Goods, Resolve, goods_of
from hub.sales.store.rows import load_orders
from hub.shops.model import Shop
from hub.types import chunks, local_date

AsSold = Mapping[tuple[str, str], Line]
"""(order id, line id) -> the line as it was when it was sold."""

GROUP = 2_500
"""Orders taken in together: memory stays bounded however long the page."""


@dataclass(frozen=True, kw_only=True)
class IngestResult:
    """What a page of orders changed. ``touched_variants``: their available stock changed, tell the other shops.

    ``unknown_goods`` are lines whose goods the hub does not know (order id, line id): money counts, stock cannot.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    touched_variants: frozenset[str] = frozenset()
    oversold: int = 0
    unknown_goods: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One order of the page with its digest, and what was stored of it before (None: new)."""

    remote: RemoteOrder
    content: str
    stored: Order | None


def upsert_orders(
    tx: Tx,
    shop: Shop,
    orders: Sequence[RemoteOrder],
    *,
    now: datetime,
    resolve: Resolve | None = None,
    law: Law | None = None,
    source: Source = "measured",
    as_sold: AsSold | None = None,
) -> IngestResult:
    """Store a page of orders of one shop; a repeated or older page changes nothing.

    ``resolve`` maps (listing id, variant id or "") to our SKU, for lines that carry no SKU of ours. ``law`` (default:
    the one that ships) says which certificate was in force on the order's local day. ``source`` is where the page
    comes from; ``as_sold`` holds lines that need not be looked up, since a hub that took them in tells what they were.
    Refunds told once stay; lines are replaced; states move by :func:`ledger.forward`.
    """
    taking = _taking(tx, shop, orders, now=now, resolve=resolve, law=law, source=source, as_sold=as_sold)
    with unswept(len(orders)):
        parts = [_take_in(tx, taking, group) for group in chunks(orders, GROUP)]
    return IngestResult(
        new=sum(p.new for p in parts),
        changed=sum(p.changed for p in parts),
        unchanged=sum(p.unchanged for p in parts),
        touched_variants=frozenset[str]().union(*(p.touched_variants for p in parts)),
        oversold=sum(p.oversold for p in parts),
        unknown_goods=tuple(u for p in parts for u in p.unknown_goods),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taking:
    """What all groups of a page share. ``goods`` are looked up when the first order is news, then kept."""

    shop: Shop
    now: datetime
    goods: Callable[[], Goods]
    source: Source
    as_sold: AsSold


def _taking(
    tx: Tx, shop: Shop, orders: Sequence[RemoteOrder], *, now: datetime, resolve: Resolve | None = None,
    law: Law | None = None, source: Source = "measured", as_sold: AsSold | None = None,
) -> _Taking:  # fmt: skip
    goods = cache(lambda: goods_of(tx, (li for o in orders for li in o.lines), resolve or {}, law or load_law()))
    return _Taking(shop=shop, now=now, goods=goods, source=source, as_sold=as_sold or {})


def _take_in(tx: Tx, taking: _Taking, orders: Sequence[RemoteOrder]) -> IngestResult:
    pairs = _write_group(tx, taking, orders)
    if not pairs:
        return IngestResult(unchanged=len(orders))
    write_events(tx, pairs, now=taking.now)
    fresh = [order for n, order in pairs if n.stored is None]
    altered = [order for n, order in pairs if n.stored is not None]
    replace_entries(tx, fresh=fresh, altered=altered)
    change = _settle_stock(tx, pairs, at=taking.now)
    return IngestResult(
        new=len(fresh),
        changed=len(altered),
        unchanged=len(orders) - len(pairs),
        touched_variants=change.touched,
        oversold=change.oversold,
        unknown_goods=tuple((o.remote_id, li.line_id) for _, o in pairs for li in o.lines if li.variant_id is None),
    )


def write_page(tx: Tx, shop: Shop, orders: Sequence[RemoteOrder], *, now: datetime) -> None:
    """The first half of :func:`upsert_orders`, for measuring: orders, lines and refunds, no history, no figures."""
    taking = _taking(tx, shop, orders, now=now)
    with unswept(len(orders)):
        for group in chunks(orders, GROUP):
            _write_group(tx, taking, group)


def _write_group(tx: Tx, taking: _Taking, orders: Sequence[RemoteOrder]) -> list[tuple[Told, Order]]:
    """Orders, lines and refunds of a group; answers what was news."""
    shop = taking.shop
    _lock(tx, shop.id)
    pairs = [
        (n, to_order(shop, n.remote, n.stored, taking.goods(), source=taking.source, as_sold=taking.as_sold))
        for n in _news(tx, shop.id, orders, taking.source)
    ]
    write_orders(tx, pairs, now=taking.now)
    return pairs


def _lock(tx: Tx, shop_id: str) -> None:
    """One page of a shop at a time. The shop's lease promises it; this makes it true (SQLite has one writer)."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("sale:" + shop_id, 0))))


def _news(tx: Tx, shop_id: str, orders: Sequence[RemoteOrder], source: Source) -> list[Told]:
    """The orders that say something new: unknown, newer, or of the same time with other content.

    What the platform itself tells is news whatever a file said before, and when.
    """
    latest: dict[str, RemoteOrder] = {}
    for remote in orders:
        before = latest.get(remote.remote_id)
        if before is None or remote.updated_at >= before.updated_at:
            latest[remote.remote_id] = remote
    s = t.order.c
    query = sa.select(s.remote_id, s.updated_at, s.content, s.source).where(
        s.shop_id == shop_id, among(tx, s.remote_id, list(latest))
    )
    known = {r.remote_id: (r.updated_at, r.content, r.source) for r in tx.execute(query)}
    news: dict[str, str] = {}
    for remote_id, remote in latest.items():
        content = digest(remote)
        seen = known.get(remote_id)
        at_last = seen is not None and seen[2] == "imported" and source == "measured"
        if seen is None or at_last or (remote.updated_at >= seen[0] and content != seen[1]):
            news[remote_id] = content
    stored = {o.remote_id: o for o in load_orders(tx, shop_id, [i for i in news if i in known])}
    return [Told(remote=latest[i], content=content, stored=stored.get(i)) for i, content in news.items()]


_ORDER_FIELDS = attrgetter(
    "remote_id", "number", "cod", "seller_voucher", "platform_voucher", "shipping_paid", "province", "test",
    "native_state",
)  # fmt: skip
_TIMES = attrgetter("placed_at", "updated_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at")
_LINE_FIELDS = attrgetter(
    "line_id", "sku", "listing", "variant", "title", "quantity", "unit_price", "charged", "cancelled", "live_tag"
)
_REFUND_FIELDS = attrgetter("refund_id", "amount", "units")


def digest(remote: RemoteOrder) -> str:
    """Short digest of all that the platform told; equal content, equal digest."""
    told = (
        str(remote.state),
        _ORDER_FIELDS(remote),
        [at and at.timestamp() for at in _TIMES(remote)],
        [_LINE_FIELDS(line) for line in remote.lines],
        [(refund.at.timestamp(), _REFUND_FIELDS(refund)) for refund in remote.refunds],
    )
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()


def to_order(
    shop: Shop, remote: RemoteOrder, stored: Order | None, goods: Goods, *, source: Source = "measured",
    as_sold: AsSold = MappingProxyType({}),
) -> Order:  # fmt: skip
    """The order as the ledger sees it: our goods, the certificate of its day, the voucher shared out."""
    shares = ledger.allot_voucher(remote.seller_voucher, remote.lines)
    day = local_date(remote.placed_at)
    lines = tuple(
        as_sold.get((remote.remote_id, told.line_id)) or goods.line(told, day, share)
        for told, share in zip(remote.lines, shares, strict=True)
    )
    state = str(remote.state)
    refunds = tuple(Refund(refund_id=r.refund_id, at=r.at, amount=r.amount, units=r.units) for r in remote.refunds)
    paid, shipped, delivered, cancelled = remote.paid_at, remote.shipped_at, remote.delivered_at, remote.cancelled_at
    if stored is not None:
        state = ledger.forward(stored.state, state, newer=remote.updated_at > stored.updated_at)
        named = {r.refund_id for r in refunds}
        kept = [r for r in stored.refunds if source != "measured" or not r.refund_id.startswith(BY_FILE)]
        refunds = (*(r for r in kept if r.refund_id not in named), *refunds)
        paid, shipped = paid or stored.paid_at, shipped or stored.shipped_at
        delivered, cancelled = delivered or stored.delivered_at, cancelled or stored.cancelled_at
    if delivered is None and state in ledger.DELIVERED:
        delivered = remote.updated_at  # the platform gives no date: the day we first see it delivered stays
    return Order(
        shop_id=shop.id, remote_id=remote.remote_id, state=state, placed_at=remote.placed_at,
        updated_at=remote.updated_at, lines=lines, refunds=refunds, number=remote.number, cod=remote.cod,
        seller_id=shop.producer_id, paid_at=paid, shipped_at=shipped, delivered_at=delivered, cancelled_at=cancelled,
        seller_voucher=remote.seller_voucher, platform_voucher=remote.platform_voucher,
        shipping_paid=remote.shipping_paid, province=remote.province, source=source, test=remote.test,
    )  # fmt: skip


# ---- rows --------------------------------------------------------------------------------------------------------

ORDER_COLUMNS = (
    "shop_id", "remote_id", "number", "state", "native_state", "placed_at", "updated_at", "seen_at", "paid_at",
    "shipped_at", "delivered_at", "cancelled_at", "cod", "seller_id", "seller_voucher", "platform_voucher",
    "shipping_paid", "province", "source", "test", "content",
)  # fmt: skip
LINE_COLUMNS = (
    "shop_id", "remote_id", "line_id", "sku", "variant_id", "product_id", "producer_id", "stars", "title", "quantity",
    "cancelled", "unit_price", "charged", "voucher", "live", "listing_id", "option_id", "parts",
)  # fmt: skip
_REFUND_COLUMNS = ("shop_id", "remote_id", "refund_id", "at", "amount", "units")
_EVENT_COLUMNS = ("shop_id", "remote_id", "event", "at", "seen_at", "facts")


def write_orders(tx: Tx, pairs: Sequence[tuple[Told, Order]], *, now: datetime) -> None:
    """Orders, lines and refunds; new orders straight in, changed ones replaced."""
    fresh = [pair for pair in pairs if pair[0].stored is None]
    altered = [pair for pair in pairs if pair[0].stored is not None]
    insert_rows(tx, t.order, ORDER_COLUMNS, [_order_row(n, o, now) for n, o in fresh])
    upsert_rows(tx, t.order, ORDER_COLUMNS, [_order_row(n, o, now) for n, o in altered], key=("shop_id", "remote_id"))
    if altered:
        _delete_of(tx, t.line, altered[0][1].shop_id, [o.remote_id for _, o in altered])
        if dropped := [o.remote_id for n, o in altered if n.stored is not None and _lost_refunds(n.stored, o)]:
            _delete_of(tx, t.refund, altered[0][1].shop_id, dropped)  # what stays is written again below
    insert_rows(tx, t.line, LINE_COLUMNS, [row for n, o in pairs for row in _line_rows(n.remote, o)])
    refunds = [(o.shop_id, o.remote_id, r.refund_id, r.at, r.amount, r.units) for _, o in pairs for r in o.refunds]
    upsert_rows(tx, t.refund, _REFUND_COLUMNS, refunds, key=("shop_id", "remote_id", "refund_id"))


def _lost_refunds(before: Order, after: Order) -> bool:
    """A refund that a file had told gave way to what the platform tells."""
    return not {r.refund_id for r in before.refunds} <= {r.refund_id for r in after.refunds}


def write_events(tx: Tx, pairs: Sequence[tuple[Told, Order]], *, now: datetime) -> None:
    """The history of each order: every state and money change once."""
    fresh = [row for n, o in pairs if n.stored is None for row in _event_rows(o, now)]
    insert_rows(tx, t.sale_event, _EVENT_COLUMNS, fresh)
    more = [row for n, o in pairs if n.stored is not None for row in _event_rows(o, now)]
    if more:
        s = t.sale_event.c
        query = sa.select(s.remote_id, s.event).where(
            s.shop_id == more[0][0], among(tx, s.remote_id, sorted({row[1] for row in more}))
        )
        known = {(r.remote_id, r.event) for r in tx.execute(query)}
        insert_rows(tx, t.sale_event, _EVENT_COLUMNS, [row for row in more if (row[1], row[2]) not in known])


def _order_row(n: Told, o: Order, now: datetime) -> tuple[Any, ...]:
    return (
        o.shop_id, o.remote_id, o.number, o.state, n.remote.native_state, o.placed_at, o.updated_at, now, o.paid_at,
        o.shipped_at, o.delivered_at, o.cancelled_at, o.cod, o.seller_id, o.seller_voucher, o.platform_voucher,
        o.shipping_paid, o.province, o.source, o.test, n.content,
    )  # fmt: skip


def _line_rows(remote: RemoteOrder, o: Order) -> list[tuple[Any, ...]]:
    return [
        (
            o.shop_id, o.remote_id, li.line_id, li.sku, li.variant_id, li.product_id, li.producer_id, li.stars,
            li.title, li.quantity, li.cancelled, li.unit_price, li.charged, li.voucher, li.live, told.listing,
            told.variant,
parts_of(li),
        )
        for li, told in zip(o.lines, remote.lines, strict=True)
    ]  # fmt: skip


def parts_of(line: Line) -> list[list[Any]] | None:
    """The components of a set as the column keeps them; None for plain goods."""
    return [[p.variant_id, p.product_id, p.producer_id, p.stars, p.quantity, p.price] for p in line.parts] or None


def _event_rows(o: Order, now: datetime) -> list[tuple[Any, ...]]:
    times = [("placed", o.placed_at), ("paid", o.paid_at), ("shipped", o.shipped_at), ("delivered", o.delivered_at)]
    happened: dict[str, datetime] = {state: at for state, at in times if at is not None}
    if o.cancelled_at is not None:
        happened["cancelled"] = o.cancelled_at
    happened.setdefault(o.state, o.updated_at)
    rows: list[tuple[Any, ...]] = [
        (o.shop_id, o.remote_id, f"state:{state}", at, now, None) for state, at in happened.items()
    ]
    rows += [(o.shop_id, o.remote_id, f"refund:{r.refund_id}", r.at, now, [r.amount]) for r in o.refunds]
    rows += [
        (o.shop_id, o.remote_id, f"cancel:{li.line_id}:{li.cancelled}", o.updated_at, now, None)
        for li in o.lines
        if li.cancelled
    ]
    return rows


def _delete_of(tx: Tx, table: sa.Table, shop_id: str, remote_ids: Collection[str]) -> None:
    tx.execute(table.delete().where(table.c.shop_id == shop_id, among(tx, table.c.remote_id, remote_ids)))


def _settle_stock(tx: Tx, pairs: Sequence[tuple[Told, Order]], *, at: datetime) -> stock.StockChange:
    fresh = [m for n, o in pairs if n.stored is None for m in ledger.moves(o)]
    altered = [(n.stored, o) for n, o in pairs if n.stored is not None]
    return settle_altered(tx, altered, fresh=fresh, at=at)


def settle_altered(
    tx: Tx, altered: Sequence[tuple[Order, Order]], *, fresh: Sequence[Move] = (), at: datetime
) -> stock.StockChange:
    """Bring the stock moves of orders from what they were to what they are."""
    refs = {ledger.order_ref(x.shop_id, x.remote_id, li.line_id) for pair in altered for x in pair for li in x.lines}
    return stock.settle(tx, fresh=fresh, refs=refs, moves=[m for _, o in altered for m in ledger.moves(o)], at=at)
