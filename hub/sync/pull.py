"""Bringing orders and money home.

The watermark is taken before the first request, the window overlaps the last one, the page token is kept between
runs, and the cursor moves only after the last page is stored. A suspiciously empty answer keeps the cursor. One order
that cannot be understood goes to quarantine; the rest continue. Stock changed by a sale is handed to the fast lane of
every shop that shows it, in the transaction that stored the sale.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.connectors.base import ReportsMoney, TakesOrders
from hub.connectors.model import Page, RemoteOrder, Settlement
from hub.db import Tx
from hub.errors import Garbled, RemoteError, Vanished
from hub.sales import statements
from hub.sales import store as sales
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.means import Line, Means
from hub.sync.model import Problem
from hub.sync.push import Tally
from hub.sync.store import Cursor, Lease
from hub.types import RemoteId

OVERLAP = timedelta(minutes=10)
FIRST_LOOK_BACK = timedelta(days=15)
MONEY_OVERLAP = timedelta(days=3)  # statements are few, and a missed one is noticed by nobody
RECOUNT = timedelta(days=30)  # so far back the nightly walk looks again at what the day's walks may have missed
HINTS = 20  # so many webhooks are followed in one run
EMPTY_PATIENCE = 3  # falsely empty answers happen: so many empty windows in a row are believed
QUIET = timedelta(hours=6)  # a window that short may well be empty


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What one page brought: the shops whose shown stock must follow, and news that no webhook told."""

    orders: int
    shops: tuple[str, ...]
    unannounced: int = 0
    new: int = 0


async def pull_orders(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Walk from the cursor to now. Unfinished walks continue at their page in the next run."""
    tally = Tally()
    connector = line.connector
    if not isinstance(connector, TakesOrders):
        return tally
    cursor = await means.db.read(store.cursor, lease.shop_id, "orders")
    if cursor.window_end is None:
        cursor = _open(cursor, means.now(), shop)
    await _walk(means, line, lease, shop, connector, cursor, tally)
    if not tally.stopped:
        await _retry_quarantine(means, line, lease, shop, tally)
    tally.total = tally.done
    return tally


async def recount(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Nightly: walk the last days once more. What a webhook lost and an empty page hid is found here at the latest.

    What was missed, and what we hold of that time that the platform does not tell any more, stands among the run's
    problems; ``done`` is how many orders the platform told of.
    """
    tally = Tally()
    connector = line.connector
    if not isinstance(connector, TakesOrders):
        return tally
    cursor = await means.db.read(store.cursor, lease.shop_id, "recount")
    if cursor.window_end is None:
        now = means.now()
        cursor = replace(cursor, window_start=now - RECOUNT, window_end=now + timedelta(seconds=1), page=None)
    whole, (since, until) = cursor.page is None, _window(cursor)
    await _walk(means, line, lease, shop, connector, cursor, tally)
    if tally.new:
        tally.problems.append(Problem(code="orders_missed", facts={"count": tally.new}))
    if whole and not tally.stopped and tally.walked:
        ours = await means.db.read(sales.orders_changed, shop.id, since, until - timedelta(minutes=10))
        silent = sorted(set(ours) - tally.walked)
        if silent:
            facts = {"count": len(silent), "orders": silent[:10]}
            tally.problems.append(Problem(code="orders_not_told", facts=facts))
    tally.done = tally.total = len(tally.walked)
    return tally


async def _walk(
    means: Means, line: Line, lease: Lease, shop: Shop, connector: TakesOrders, cursor: Cursor, tally: Tally
) -> None:
    """Through the open window of the cursor, or as far as the budget goes."""
    seen_any = False
    while True:
        asked = means.now()
        page = await _ask(connector, *_window(cursor), cursor.page)
        seen_any = seen_any or bool(page.items) or bool(page.broken)
        following = _next(cursor, page.next, seen_any=seen_any)
        taken = await means.db.write(_store_page, lease, shop, page, following, asked, means.now())
        tally.done += taken.orders
        tally.unannounced += taken.unannounced
        tally.new += taken.new
        tally.walked.update(order.remote_id for order in page.items)
        tally.problems.extend(Problem(code="order_quarantined", facts={"order": b.remote_id}) for b in page.broken)
        await _tell(means, taken.shops)
        cursor = following
        if cursor.page is None:
            break
        if line.calls.count >= means.budget.calls:
            tally.stopped = "budget_calls"
            break


def _open(cursor: Cursor, now: datetime, shop: Shop, overlap: timedelta = OVERLAP) -> Cursor:
    """A new window: the watermark is now, taken before the first request; it overlaps the last."""
    known = cursor.position
    start = known - overlap if known is not None else (shop.created_at or now) - FIRST_LOOK_BACK
    return replace(cursor, window_start=start, window_end=now + timedelta(seconds=1), page=None)


def _window(cursor: Cursor) -> tuple[datetime, datetime]:
    """The open window of a walk."""
    if cursor.window_start is None or cursor.window_end is None:
        raise ValueError("the walk has no open window")
    return cursor.window_start, cursor.window_end


async def _ask(connector: TakesOrders, since: datetime, until: datetime, token: str | None) -> Page[RemoteOrder]:
    """One page; an empty one is asked for again before it is believed, because platforms send falsely empty ones."""
    for _ in range(EMPTY_PATIENCE):
        page = await connector.orders(since, until, token)
        if page.items or page.broken or page.next is not None:
            break
    return page


def _next(cursor: Cursor, token: str | None, *, seen_any: bool) -> Cursor:
    """The cursor after this page. It moves only when the walk is over, and not on a suspicious silence."""
    if token is not None:
        return replace(cursor, page=token)
    since, until = _window(cursor)
    long_window = until - since > QUIET
    if not seen_any and long_window and cursor.position is not None and cursor.empties + 1 < EMPTY_PATIENCE:
        return replace(cursor, window_start=None, window_end=None, page=None, empties=cursor.empties + 1)
    return replace(
        cursor, position=until - timedelta(seconds=1), window_start=None, window_end=None, page=None,
        empties=0,
    )  # fmt: skip


def _store_page(
    tx: Tx, lease: Lease, shop: Shop, page: Page[RemoteOrder], cursor: Cursor, asked: datetime, now: datetime
) -> Taken:
    """Orders, ledger, stock, rollups, quarantine, cursor and the hints that are answered by it in one transaction."""
    store.hold(tx, lease, now)
    taken = _take_in(tx, shop, page.items, now)
    if taken.orders:
        ids = [order.remote_id for order in page.items]
        told = store.announced(tx, shop.id, ids, min(order.updated_at for order in page.items))
        taken = replace(taken, unannounced=len(set(ids) - told))
    if page.items:
        store.close_hints_about(tx, shop.id, [order.remote_id for order in page.items], asked, now)
    if page.broken:
        store.put_in_quarantine(tx, shop.id, "order", page.broken, now)
    store.save_cursor(tx, shop.id, cursor)
    return taken


def _take_in(tx: Tx, shop: Shop, orders: Sequence[RemoteOrder], now: datetime) -> Taken:
    if not orders:
        return Taken(orders=0, shops=())
    listings = {line.listing for order in orders for line in order.lines if line.listing is not None}
    resolve = store.sku_by_remote(tx, shop.id, listings)
    result = sales.upsert_orders(tx, shop, orders, now=now, resolve=resolve)
    shops = store.mark_stock_due(tx, result.touched_variants, now, sold_on=shop.id)
    return Taken(orders=result.new + result.changed, shops=shops, new=result.new)


async def _tell(means: Means, shops: Sequence[str]) -> None:
    for shop_id in shops:
        await means.ask("now", shop_id, "stock")


async def follow_hints(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Fetch the objects that webhooks pointed at. A hint is never a fact: what counts is what the platform answers.

    Few at a time, for stock must not wait long for its turn. An order that cannot be fetched now steps back behind the
    others and is tried again; the first such failure ends the run.
    """
    tally = Tally()
    connector = line.connector
    hints = await means.db.read(store.open_hints, shop.id, HINTS)
    tally.total = len(hints)
    about: dict[str, list[str]] = {}
    for event_id, kind, object_id in hints:
        followed = kind == "order" and bool(object_id) and isinstance(connector, TakesOrders)
        about.setdefault(object_id if followed else "", []).append(event_id)
    await _close_hints(means, shop, about.pop("", []), tally)
    if isinstance(connector, TakesOrders):
        waiting = list(reversed(about.items()))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(connector.manifest.limits.parallel, len(waiting))):
                tasks.create_task(_follow(means, connector, lease, shop, waiting, tally))
    return tally


async def _follow(
    means: Means, connector: TakesOrders, lease: Lease, shop: Shop, waiting: list[tuple[str, list[str]]], tally: Tally
) -> None:
    while waiting:
        object_id, event_ids = waiting.pop()
        try:
            await _take_each(means, connector, lease, shop, [object_id], tally, answered=event_ids)
        except RemoteError:
            await means.db.write(store.count_hint, shop.id, object_id)
            raise
        tally.done += len(event_ids)


async def _close_hints(means: Means, shop: Shop, event_ids: Sequence[str], tally: Tally) -> None:
    if event_ids:
        await means.db.write(store.close_hints, shop.id, event_ids, means.now())
        tally.done += len(event_ids)


async def _take_each(
    means: Means, connector: TakesOrders, lease: Lease, shop: Shop, ids: Sequence[str], tally: Tally,
    *, answered: Sequence[str] = (),
) -> list[str]:  # fmt: skip
    """Fetch and store these orders; answers those that came. ``answered``: the hints that pointed at them."""
    taken_ids: list[str] = []
    for object_id in ids:
        try:
            order = await connector.order(RemoteId(object_id))
        except (Garbled, Vanished) as error:
            tally.problems.append(Problem(code=error.code, facts={"order": object_id}))
            await means.db.write(store.close_hints, shop.id, answered, means.now())
            continue
        taken = await means.db.write(store_one, lease, shop, order, answered, means.now())
        taken_ids.append(object_id)
        await _tell(means, taken.shops)
    return taken_ids


def store_one(tx: Tx, lease: Lease, shop: Shop, order: RemoteOrder, answered: Sequence[str], now: datetime) -> Taken:
    """One order and the hints it answers, in one transaction."""
    store.hold(tx, lease, now)
    store.close_hints(tx, shop.id, answered, now)
    return _take_in(tx, shop, [order], now)


async def _retry_quarantine(means: Means, line: Line, lease: Lease, shop: Shop, tally: Tally) -> None:
    connector = line.connector
    waiting = await means.db.read(store.quarantined, shop.id)
    if not waiting or not isinstance(connector, TakesOrders):
        return
    healed = await _take_each(means, connector, lease, shop, waiting, tally)
    await means.db.write(store.leave_quarantine, shop.id, "order", healed, means.now())


async def backfill(
    means: Means, line: Line, lease: Lease, shop: Shop, run_id: str, *, first: datetime, last: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> Tally:  # fmt: skip
    """Walk old days one by one, newest last; resumable: the day's cursor is stored with its last page."""
    tally = Tally()
    connector = line.connector
    if not isinstance(connector, TakesOrders):
        return tally
    cursor = await means.db.read(store.cursor, shop.id, "backfill")
    day = first if cursor.position is None or not first <= cursor.position < last else cursor.position
    tally.total = max(0, (last - day).days)
    while day < last:
        end = min(day + timedelta(days=1), last)
        page_token: str | None = None
        while True:
            asked = means.now()
            page = await _ask(connector, day, end, page_token)
            at = Cursor(walk="backfill", position=day if page.next else end, page=page.next)
            taken = await means.db.write(_store_page, lease, shop, page, at, asked, means.now())
            await _tell(means, taken.shops)
            page_token = page.next
            if page_token is None:
                break
        tally.done += 1
        await means.db.write(store.progress_run, run_id, done=tally.done, total=tally.total)
        if progress is not None:
            progress(tally.done, tally.total)
        if line.calls.count >= means.budget.calls:
            tally.stopped = "budget_calls"
            break
        day = end
    return tally


async def pull_money(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """Settlements since the last one stored and the days before, with every fee as stated.

    One that could not be read keeps the cursor where it is: the next run asks for the same days again.
    """
    tally = Tally()
    connector = line.connector
    if not isinstance(connector, ReportsMoney):
        return tally
    cursor = await means.db.read(store.cursor, shop.id, "money")
    if cursor.window_end is None:
        cursor = _open(cursor, means.now(), shop, MONEY_OVERLAP)
    while True:
        page = await _ask_money(connector, *_window(cursor), cursor.page)
        tally.problems.extend(Problem(code="order_quarantined", facts={"order": b.remote_id}) for b in page.broken)
        unread = len(tally.problems) > 0
        following = _next(cursor, page.next, seen_any=True)
        if unread and following.page is None:
            following = replace(following, position=cursor.position)
        cursor = following
        await means.db.write(_store_money, lease, shop, page, cursor, means.now())
        tally.done += len(page.items)
        if cursor.page is None:
            break
        if line.calls.count >= means.budget.calls:
            tally.stopped = "budget_calls"
            break
    tally.total = tally.done
    return tally


async def _ask_money(connector: ReportsMoney, since: datetime, until: datetime, token: str | None) -> Page[Settlement]:
    """One page; like :func:`_ask`."""
    for _ in range(EMPTY_PATIENCE):
        page = await connector.settlements(since, until, token)
        if page.items or page.broken or page.next is not None:
            break
    return page


def _store_money(tx: Tx, lease: Lease, shop: Shop, page: Page[Settlement], cursor: Cursor, now: datetime) -> None:
    store.hold(tx, lease, now)
    statements.store_settlements(tx, shop, page.items, now=now)
    store.save_cursor(tx, shop.id, cursor)
