"""What an order adds to the figures and to the stock, from its present content alone. Pure.

Measures are those of reporting.md 0.1. Whatever was told before, the same content gives the same entries; so the ledger
never depends on the order in which updates came, and a rebuild equals what was kept day by day, to the dong.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from hub.catalog.model import Move
from hub.sales.model import Component, CountChange, Entry, Line, Order, Refund, RollupChange
from hub.types import Vnd, local_date, share_out

DELIVERED = frozenset({"delivered", "completed"})
GONE_OUT = frozenset({"shipped", "delivered", "completed", "failed_delivery"})
ENDED = frozenset({"cancelled", "failed_delivery"})
RANK = {"placed": 0, "paid": 1, "shipped": 2, "delivered": 3, "completed": 4}


def forward(stored: str, told: str, *, newer: bool) -> str:
    """The state an order takes. Among the living ones only the rank counts, so a request to cancel that was turned
    down brings nobody back. Ended stays ended, unless the platform later says that it was paid after all (WooCommerce
    lets a failed payment be tried again): ``newer`` is whether the platform's own time moved on.
    """
    if told in ENDED:
        return told
    if stored in ENDED:
        return told if newer and RANK[told] > RANK["placed"] else stored
    return told if RANK[told] >= RANK[stored] else stored


def void(order: Order) -> bool:
    """Cancelled before shipping: it never was a sale."""
    return order.state == "cancelled" and order.shipped_at is None and order.delivered_at is None


def kept_units(line: "Bought") -> int:
    """Units not cancelled, never below zero."""
    return max(line.quantity - line.cancelled, 0)


def kept_charged(line: "Bought") -> Vnd:
    """Charged for the kept units: all of it less the cancelled units' share in whole dong."""
    if line.cancelled <= 0 or line.quantity <= 0:
        return line.charged
    return line.charged - line.charged * min(line.cancelled, line.quantity) // line.quantity


class Bought(Protocol):
    """What the money rules need of a line, ours or the platform's."""

    @property
    def quantity(self) -> int: ...
    @property
    def cancelled(self) -> int: ...
    @property
    def charged(self) -> Vnd: ...


def allot_voucher(voucher: Vnd, lines: Sequence[Bought]) -> tuple[Vnd, ...]:
    """The seller's voucher over the lines by what was charged for kept units; remainder to the largest line."""
    if voucher == 0:
        return (0,) * len(lines)
    return share_out(voucher, [kept_charged(line) for line in lines])


def split_bundle(total: Vnd, parts: Sequence[Component]) -> tuple[Vnd, ...]:
    """Money of a set over its components by list price; by pieces where no component has a price."""
    weights = [p.price * p.quantity for p in parts]
    return share_out(total, weights if any(weights) else [p.quantity for p in parts])


# ---- entries -----------------------------------------------------------------------------------------------------


def entries(order: Order) -> tuple[Entry, ...]:
    """All ledger entries of one order. A test order has none; an entry without any measure is left out."""
    if order.test:
        return ()
    placed_on = local_date(order.placed_at)
    is_void = void(order)
    delivered_on = local_date(order.delivered_at or order.updated_at) if order.state in DELIVERED else None
    found: list[Entry] = []
    for line in order.lines:
        shown = line.unit_price * line.quantity
        if shown:
            _book(found, order, line, "placed", placed_on, gmv_placed=shown, gmv=shown)
        lost = line.unit_price * (line.quantity if is_void else min(line.cancelled, line.quantity))
        if lost:
            _book(found, order, line, "cancelled", placed_on, gmv=-lost)
        if delivered_on is not None and kept_units(line):
            _book(
                found, order, line, "delivered", delivered_on,
                gross=kept_charged(line), voucher=line.voucher, units=kept_units(line),
            )  # fmt: skip
    if delivered_on is not None:
        for refund in order.refunds:
            _book_refund(found, order, refund)
    return tuple(found)


def _book(
    found: list[Entry],
    order: Order,
    line: Line,
    event: str,
    day: date,
    *,
    gmv_placed: Vnd = 0,
    gmv: Vnd = 0,
    gross: Vnd = 0,
    voucher: Vnd = 0,
    refund: Vnd = 0,
    units: int = 0,
) -> None:
    if not line.parts:
        found.append(
            Entry(
                shop_id=order.shop_id, order_id=order.remote_id, line_id=line.line_id, event=event, day=day,
                product_id=line.product_id, producer_id=line.producer_id, stars=line.stars, gmv_placed=gmv_placed,
                gmv=gmv, gross=gross, voucher=voucher, refund=refund, units=units,
            )
        )  # fmt: skip
        return
    shares = zip(
        line.parts, *(split_bundle(total, line.parts) for total in (gmv_placed, gmv, gross, voucher, refund)),
        strict=True,
    )  # fmt: skip
    for part, part_placed, part_gmv, part_gross, part_voucher, part_refund in shares:
        found.append(
            Entry(
                shop_id=order.shop_id, order_id=order.remote_id, line_id=line.line_id, event=event, day=day,
                product_id=part.product_id, producer_id=part.producer_id, stars=part.stars, gmv_placed=part_placed,
                gmv=part_gmv, gross=part_gross, voucher=part_voucher, refund=part_refund,
                units=units * part.quantity, part=part.variant_id,
            )
        )  # fmt: skip


def _book_refund(found: list[Entry], order: Order, refund: Refund) -> None:
    back = _units_back(order, refund)
    lines = sorted(order.lines, key=lambda line: line.line_id)  # so that the spare dong has one place, ever
    concerned = [line for line in lines if line.line_id in back] or lines
    worth = [_worth(line, back.get(line.line_id, 0)) for line in concerned]
    if not any(worth):
        worth = [kept_charged(line) for line in concerned]
    day = local_date(refund.at)
    for line, amount in zip(concerned, share_out(refund.amount, worth), strict=True):
        units = back.get(line.line_id, 0)
        if amount or units:
            _book(found, order, line, f"refund:{refund.refund_id}", day, refund=amount, units=-units)


def _units_back(order: Order, refund: Refund) -> dict[str, int]:
    """Units per line id that this refund takes back; lines the order does not have are ignored."""
    known = {line.line_id for line in order.lines}
    back: dict[str, int] = {}
    for line_id, units in refund.units:
        if line_id in known:
            back[line_id] = back.get(line_id, 0) + units
    return back


def _worth(line: Line, units: int) -> Vnd:
    kept = kept_units(line)
    return kept_charged(line) * min(units, kept) // kept if kept else 0


# ---- stock -------------------------------------------------------------------------------------------------------


def order_ref(shop_id: str, remote_id: str, line_id: str) -> str:
    """What a line's stock moves are filed under."""
    return f"order:{shop_id}:{remote_id}:{line_id}"


def moves(order: Order) -> tuple[Move, ...]:
    """All stock moves of one order. Whatever is placed is reserved; then released, or sold, perhaps returned.

    Goods that went out and came back (failed delivery, cancelled on the way) count as returned.
    """
    if order.test:
        return ()
    is_void = void(order)
    came_back = order.state in ENDED and not is_void
    gone_out = order.state in GONE_OUT or came_back
    returned: dict[str, int] = {}
    if gone_out and not came_back:
        for refund in order.refunds:
            for line_id, units in refund.units:
                returned[line_id] = returned.get(line_id, 0) + units
    found: list[Move] = []
    for line in order.lines:
        kept = 0 if is_void else kept_units(line)
        back = kept if came_back else min(returned.get(line.line_id, 0), kept)
        ref = order_ref(order.shop_id, order.remote_id, line.line_id)
        for variant_id, each in _goods(line):
            quantity = line.quantity * each
            if quantity > 0:
                found.append(Move(ref, variant_id, "reserved", quantity))
            if kept < line.quantity:
                found.append(Move(ref, variant_id, "released", quantity - kept * each))
            if gone_out and kept > 0:
                found.append(Move(ref, variant_id, "sold", kept * each))
            if back > 0:
                found.append(Move(ref, variant_id, "returned", back * each))
    return tuple(found)


def _goods(line: Line) -> tuple[tuple[str, int], ...]:
    if line.parts:
        return tuple((p.variant_id, p.quantity) for p in line.parts)
    return () if line.variant_id is None else ((line.variant_id, 1),)


# ---- rollups -----------------------------------------------------------------------------------------------------


def delta(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[tuple[RollupChange, ...], tuple[CountChange, ...]]:
    """What replacing entries ``old`` by ``new`` adds to the rollups, in key order; zero changes are left out.

    ``old`` and ``new`` hold whole orders: distinct orders are counted per order.
    """
    sums: dict[tuple[date, str, str, int], list[int]] = {}
    counts: dict[tuple[date, str, str], list[int]] = {}
    for sign, group in ((-1, old), (1, new)):
        seen: dict[tuple[str, str, int], int] = {}
        for e in group:
            key = (e.day, e.shop_id, e.product_id or "", e.stars or 0)
            total = sums.get(key)
            if total is None:
                total = sums[key] = [0, 0, 0, 0, 0, 0]
            total[0] += sign * e.gmv_placed
            total[1] += sign * e.gmv
            total[2] += sign * e.gross
            total[3] += sign * e.voucher
            total[4] += sign * e.refund
            total[5] += sign * e.units
            _count(counts, seen, e, sign)
    rollups = tuple(
        RollupChange(
            day=day, shop_id=shop_id, product_id=product_id, stars=stars, gmv_placed=t[0], gmv=t[1], gross=t[2],
            voucher=t[3], refund=t[4], units=t[5],
        )
        for (day, shop_id, product_id, stars), t in sorted(sums.items()) if any(t)
    )  # fmt: skip
    return rollups, tuple(
        CountChange(day=day, shop_id=shop_id, cut="ocop" if cut == "ocop" else "all", placed=c[0], delivered=c[1])
        for (day, shop_id, cut), c in sorted(counts.items())
        if any(c)
    )


def _count(
    counts: dict[tuple[date, str, str], list[int]], seen: dict[tuple[str, str, int], int], e: Entry, sign: int
) -> None:
    """Orders with value: gifts alone do not make an order. ``seen``: 1 once counted, 2 once counted in both cuts."""
    if e.gmv_placed > 0:
        place = 0
    elif e.gross > 0:
        place = 1
    else:
        return
    mark = (e.shop_id, e.order_id, place)
    known = seen.get(mark, 0)
    if not known:
        counts.setdefault((e.day, e.shop_id, "all"), [0, 0])[place] += sign
        seen[mark] = known = 1
    if e.stars and known == 1:
        counts.setdefault((e.day, e.shop_id, "ocop"), [0, 0])[place] += sign
        seen[mark] = 2
