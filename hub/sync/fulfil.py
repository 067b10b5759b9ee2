"""Orders on their way out: pack, call the carrier, cancel; where a platform does not let us, a task with a link.

A person asks for it, so nothing here repeats by itself. What the platform answered is stored beside the order, and the
order is read again, so that its state is the platform's word and not our hope.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.connectors.base import Fulfils, TakesOrders
from hub.connectors.model import Manifest
from hub.connectors.shipping import CancelReason, Handover, Label, Shipped, Shipping
from hub.db import Tx
from hub.errors import Garbled, Refused, RemoteError, Unreachable, Vanished
from hub.shops.model import Shop
from hub.sync import pull, store
from hub.sync.means import Line, Means
from hub.sync.model import Problem
from hub.sync.push import Tally
from hub.sync.store import Lease
from hub.sync.store.dispatch import Dispatch
from hub.types import RemoteId

ONE = (Refused, Vanished, Garbled)
"""Failures that concern one order; the others end the run."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person wants done with some orders of one shop. ``slot``, ``tracking``, ``carrier`` count for ``ship``."""

    do: str  # "look", "pack", "ship", "cancel"
    orders: tuple[RemoteId, ...]
    handover: Handover = "pickup"
    slot: str = ""
    tracking: str = ""
    carrier: str = ""
    reason: CancelReason = "other"
    who: str = ""


def job(wish: Wish) -> Callable[[Means, Line, Lease, Shop, str], Awaitable[Tally]]:
    """The wish as a job for :func:`hub.sync.work.work`."""

    async def run(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
        return await carry_out(means, line, lease, shop, wish)

    return run


async def carry_out(means: Means, line: Line, lease: Lease, shop: Shop, wish: Wish) -> Tally:
    """One order after the other; each outcome is stored before the next is begun. A refusal makes a task."""
    tally = Tally(total=len(wish.orders))
    for order in wish.orders:
        known = await means.db.read(store.dispatch_of, shop.id, order)
        try:
            after = await _one(line, known, order, wish)
        except ONE as error:
            after = _task(known, shop, line.connector.manifest, error)
            tally.refused += 1
            tally.problems.append(Problem(code=error.code, facts={**error.facts, "order": order}))
        except Unreachable as error:
            if not error.sent:
                raise
            after = replace(known, state="task", problem=error.code, facts={"order": order})
            tally.problems.append(Problem(code=error.code, facts={**error.facts, "order": order}))
        await means.db.write(_keep, lease, replace(after, who=wish.who, changed_at=means.now()), means.now())
        await _look_again(means, line, lease, shop, order)
        tally.done += 1
    return tally


def _keep(tx: Tx, lease: Lease, after: Dispatch, now: datetime) -> None:
    store.hold(tx, lease, now)
    store.save_dispatch(tx, after)


async def _one(line: Line, known: Dispatch, order: RemoteId, wish: Wish) -> Dispatch:
    connector = line.connector
    if not isinstance(connector, Fulfils):
        raise Refused("do_it_on_channel", doing=wish.do)
    match wish.do:
        case "look":
            options = await connector.shipping_options(order)
            return replace(known, ship_by=options.ship_by or known.ship_by)
        case "pack":
            await connector.pack(order)
            state = known.state if known.state == "shipped" else "packed"
            return replace(known, state=state, problem="", facts={})
        case "ship":
            told = await connector.ship(
                Shipping(order=order, handover=wish.handover, slot=wish.slot, tracking=wish.tracking,
                         carrier=wish.carrier)
            )  # fmt: skip
            return _shipped(known, told)
        case "cancel":
            await connector.cancel(order, wish.reason)
            return replace(known, state="cancelled", problem="", facts={})
        case other:
            raise ValueError(other)


def _shipped(known: Dispatch, told: Shipped) -> Dispatch:
    return replace(
        known, state="shipped", parcel=told.parcel or known.parcel, tracking=told.tracking or known.tracking,
        carrier=told.carrier or known.carrier, problem="", facts={},
    )  # fmt: skip


def _task(known: Dispatch, shop: Shop, manifest: Manifest, error: RemoteError) -> Dispatch:
    """What a person does instead, with the address of the order in the seller's own pages where we know it."""
    link = order_link(manifest, shop, known.order)
    facts = {key: str(value) for key, value in error.facts.items()} | ({"link": link} if link else {})
    state = "shipped" if known.state == "shipped" else "task"  # what left has left, whatever was refused after it
    return replace(known, state=state, problem=error.code, facts=facts)


def order_link(manifest: Manifest, shop: Shop, order: str) -> str:
    """Where the seller sees this order; "" where no address is known."""
    return manifest.order_url.format(base_url=shop.base_url.rstrip("/"), order=order, shop=shop.remote_id)


async def _look_again(means: Means, line: Line, lease: Lease, shop: Shop, order: RemoteId) -> None:
    """The platform's own word for the order; what cannot be fetched now comes with the next walk."""
    if not isinstance(line.connector, TakesOrders):
        return
    try:
        told = await line.connector.order(order)
    except RemoteError:
        return
    taken = await means.db.write(pull.store_one, lease, shop, told, (), means.now())
    for shop_id in taken.shops:
        await means.ask("now", shop_id, "stock")


async def label(line: Line, order: RemoteId) -> Label:
    """The platform's own label, for whoever asked; it is passed through and kept nowhere. Raises Refused."""
    if not isinstance(line.connector, Fulfils):
        raise Refused("do_it_on_channel", doing="label")
    return await line.connector.label(order)


def deadline(told: datetime | None, began: datetime, days: int) -> datetime:
    """When an order is late: what the platform said, else ``days`` after it could be sent first."""
    return told if told is not None else began + timedelta(days=days)


def urgency(by: datetime, now: datetime) -> str:
    """``late``, ``today`` (less than a day left) or ``fine``."""
    left = by - now
    return "late" if left < timedelta(0) else "today" if left < timedelta(days=1) else "fine"


def first_of(orders: Sequence[str]) -> tuple[RemoteId, ...]:
    """Each once, in the order given."""
    return tuple(RemoteId(one) for one in dict.fromkeys(orders))
