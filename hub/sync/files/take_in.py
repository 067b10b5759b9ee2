"""Storing what a file told: one transaction per part, by the same upsert, stock marks and ledger as orders by API.

The same order by file and by API is one order. What the API told is never overwritten by a file; a file that knows a
later state only moves that state on. What the API tells later replaces what a file said (``hub.sales.store``).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from hub.connectors.model import RemoteLine, RemoteOrder, Settlement
from hub.db import Db, Tx
from hub.sales import ledger, statements
from hub.sales import store as sales
from hub.sales.model import Line, Order
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.files.reported import codes_of
from hub.types import RemoteId, Sku, Vnd, chunks

R = TypeVar("R")
BARELY = timedelta(seconds=1)
PART = 500
"""So many orders or statements are stored together: a long file leaves the database free between its parts."""

Progress = Callable[[int, int], None]
Tell = Callable[[str], Awaitable[None]]
"""Told a shop whose shown stock must follow."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What a file changed. ``kept``: known from the API, left as they are. ``unknown``: (order, goods as written)."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    oversold: int = 0
    unknown: tuple[tuple[str, str], ...] = ()
    shops: frozenset[str] = field(default=frozenset())

    def plus(self, other: "Taken") -> "Taken":
        """Both parts together."""
        return Taken(
            new=self.new + other.new, changed=self.changed + other.changed, unchanged=self.unchanged + other.unchanged,
            kept=self.kept + other.kept, oversold=self.oversold + other.oversold,
            unknown=(*self.unknown, *other.unknown), shops=self.shops | other.shops,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What an income file changed. ``unmatched``: orders the hub does not know, which stay a visible list."""

    new: int = 0
    known: int = 0
    amount: Vnd = 0
    unmatched: tuple[str, ...] = ()


class _Undone(Exception):
    """Ends a transaction that shall leave nothing behind."""


async def tried(db: Db, work: Callable[[Tx], R]) -> R:
    """What ``work`` would have come to: it is done in a transaction that is taken back."""
    results: list[R] = []

    def undone(tx: Tx) -> None:
        results.append(work(tx))
        raise _Undone

    with suppress(_Undone):
        await db.write(undone)
    return results[0]


async def try_orders(db: Db, shop: Shop, orders: Sequence[RemoteOrder], now: datetime) -> Taken:
    """What :func:`take_orders` would change; nothing is stored and nobody is told."""

    def work(tx: Tx) -> Taken:
        taken = Taken()
        for part in chunks(orders, PART):
            taken = taken.plus(store_orders(tx, shop, part, now))
        return taken

    return await tried(db, work)


async def try_settlements(db: Db, shop: Shop, settlements: Sequence[Settlement], now: datetime) -> Paid:
    """What :func:`take_settlements` would change; nothing is stored."""
    return await tried(db, lambda tx: store_settlements(tx, shop, settlements, now))


async def take_orders(
    db: Db, shop: Shop, orders: Sequence[RemoteOrder], now: datetime, *, tell: Tell, progress: Progress | None = None
) -> Taken:
    """Store the orders of a file; afterwards every shop that shows the same goods is told."""
    taken, done = Taken(), 0
    for part in chunks(orders, PART):
        stored = await db.write(store_orders, shop, part, now)
        taken = taken.plus(stored)
        for shop_id in sorted(stored.shops):
            await tell(shop_id)
        done += len(part)
        if progress is not None:
            progress(done, len(orders))
    return taken


def store_orders(tx: Tx, shop: Shop, orders: Sequence[RemoteOrder], now: datetime) -> Taken:
    """One part, in one transaction."""
    stored = {o.remote_id: o for o in sales.load_orders(tx, shop.id, [order.remote_id for order in orders])}
    by_api = {key: order for key, order in stored.items() if order.source == "measured"}
    fresh = [order for order in orders if order.remote_id not in by_api]
    ahead = [later for order in orders if (later := moved_on(by_api.get(order.remote_id), order)) is not None]
    resolve = codes_of(tx, shop.id, {li.listing for order in fresh for li in order.lines if li.listing is not None})
    told = sales.upsert_orders(tx, shop, fresh, now=now, resolve=resolve, source="imported")
    as_sold = {(key, line.line_id): line for key, order in by_api.items() for line in order.lines}
    moved = sales.upsert_orders(tx, shop, ahead, now=now, source="measured", as_sold=as_sold)
    touched = told.touched_variants | moved.touched_variants
    names = {(o.remote_id, li.line_id): li.sku or li.listing or li.title for o in fresh for li in o.lines}
    return Taken(
        new=told.new,
        changed=told.changed + moved.changed,
        unchanged=told.unchanged,
        kept=len(orders) - len(fresh) - moved.changed,
        oversold=told.oversold + moved.oversold,
        unknown=tuple((order_id, names[order_id, RemoteId(line)]) for order_id, line in _ids(told.unknown_goods)),
        shops=frozenset(store.mark_stock_due(tx, touched, now, sold_on=shop.id)),
    )


def _ids(pairs: Sequence[tuple[str, str]]) -> list[tuple[RemoteId, str]]:
    return [(RemoteId(order_id), line_id) for order_id, line_id in pairs]


def moved_on(known: Order | None, told: RemoteOrder) -> RemoteOrder | None:
    """The order as the API told it, in the later state of a newer file; None when the file has nothing newer. Pure.

    Lines and money stay the API's. An order that ended is not brought back by a file, and one with goods we do not
    know is left to the API. It counts as barely newer than what the API told last, whatever the file's clock says, so
    that the API's next word is heard.
    """
    if known is None or told.updated_at <= known.updated_at or known.state in ledger.ENDED:
        return None
    if ledger.forward(known.state, told.state, newer=True) == known.state:
        return None
    if any(line.variant_id is None for line in known.lines):
        return None
    delivered = told.delivered_at or (told.updated_at if told.state in ledger.DELIVERED else None)
    return replace(
        told, updated_at=known.updated_at + BARELY, delivered_at=delivered, number=known.number,
        placed_at=known.placed_at, lines=tuple(_line(line) for line in known.lines), cod=known.cod,
        seller_voucher=known.seller_voucher, platform_voucher=known.platform_voucher,
        shipping_paid=known.shipping_paid, province=known.province, refunds=(), test=known.test,
    )  # fmt: skip


def _line(line: Line) -> RemoteLine:
    return RemoteLine(
        line_id=RemoteId(line.line_id), sku=Sku(line.sku), listing=None, variant=None, title=line.title,
        quantity=line.quantity, unit_price=line.unit_price, charged=line.charged, cancelled=line.cancelled,
        live_tag=line.live,
    )  # fmt: skip


async def take_settlements(
    db: Db, shop: Shop, settlements: Sequence[Settlement], now: datetime, *, progress: Progress | None = None
) -> Paid:
    """Store the statements of a file and name those whose orders the hub does not know."""
    paid, done = Paid(), 0
    for part in chunks(settlements, PART):
        one = await db.write(store_settlements, shop, part, now)
        paid = Paid(
            new=paid.new + one.new, known=paid.known + one.known, amount=paid.amount + one.amount,
            unmatched=(*paid.unmatched, *one.unmatched),
        )  # fmt: skip
        done += len(part)
        if progress is not None:
            progress(done, len(settlements))
    return paid


def store_settlements(tx: Tx, shop: Shop, settlements: Sequence[Settlement], now: datetime) -> Paid:
    """One part, in one transaction."""
    new = statements.store_settlements(tx, shop, settlements, now=now)
    known = {order.remote_id for order in sales.load_orders(tx, shop.id, [s.order for s in settlements])}
    return Paid(
        new=new, known=len(settlements) - new, amount=sum(s.amount for s in settlements),
        unmatched=tuple(s.order for s in settlements if s.order not in known),
    )  # fmt: skip


def unmatched_goods(taken: Taken) -> Mapping[str, int]:
    """Goods as written that the hub does not know -> how many lines; money counts, stock cannot."""
    found: dict[str, int] = {}
    for _, goods in taken.unknown:
        found[goods] = found.get(goods, 0) + 1
    return found
