"""A buyer with a seed: what is bought, and the whole life of each order, is drawn when the order is placed.

Three weeks of trade are played by moving the clock and calling :meth:`Buyer.step`; :func:`play` moves it exactly
from event to event, so that the step's width changes nothing. Two runs over equal worlds leave equal books.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from heapq import heappop, heappush
from random import Random

from hub.clock import ShiftedClock
from hub.sandbox.kit import NotOffered, Offer, SandboxShop, SoldLine, SoldOrder, SoldOut, Want, World
from hub.types import share_out

HOUR = 3600
DAY = 24 * HOUR


class Act(StrEnum):
    """What happens to an order, beside being placed."""

    PAY = "pay"
    SHIP = "ship"
    DELIVER = "deliver"
    COMPLETE = "complete"
    CANCEL = "cancel"
    CANCEL_SOME = "cancel_some"
    FAIL = "fail_delivery"
    RETURN = "return"
    RETURN_SOME = "return_some"
    SETTLE = "settle"


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the buyer behaves; shares are probabilities per order. ``most``: orders placed in all, None: no end."""

    orders_per_day: float = 40.0
    most: int | None = None
    cod: float = 0.6
    gift: float = 0.08
    seller_voucher: float = 0.2
    platform_voucher: float = 0.2
    forgets_to_pay: float = 0.04
    cancels: float = 0.07
    cancels_some: float = 0.04
    refuses_parcel: float = 0.04
    returns: float = 0.04
    returns_some: float = 0.04


@dataclass(frozen=True, kw_only=True, order=True)
class Due:
    """One thing that will happen; ``seq`` keeps the order of what falls on the same moment."""

    at: datetime
    seq: int
    shop: str
    order_id: str
    act: Act


def life(rng: Random, habits: Habits, placed_at: datetime, *, cod: bool) -> Iterator[tuple[datetime, Act]]:
    """The events of one order after it was placed, earliest first. Pure but for the handed-in generator."""
    at = placed_at
    fate = rng.random()
    if not cod:
        if rng.random() < habits.forgets_to_pay:
            yield at + timedelta(seconds=DAY), Act.CANCEL
            return
        at += timedelta(seconds=rng.randint(30, HOUR // 2))
        yield at, Act.PAY
    at += timedelta(seconds=rng.randint(HOUR // 4, 6 * HOUR))
    if fate < habits.cancels:
        yield at, Act.CANCEL
        return
    if fate < habits.cancels + habits.cancels_some:
        yield at, Act.CANCEL_SOME
    at += timedelta(seconds=rng.randint(4 * HOUR, 2 * DAY))
    yield at, Act.SHIP
    at += timedelta(seconds=rng.randint(DAY, 4 * DAY))
    if rng.random() < habits.refuses_parcel:
        yield at, Act.FAIL
        return
    yield at, Act.DELIVER
    back = rng.random()
    if back < habits.returns + habits.returns_some:
        at += timedelta(seconds=rng.randint(6 * HOUR, 2 * DAY))
        yield at, Act.RETURN if back < habits.returns else Act.RETURN_SOME
    at += timedelta(seconds=rng.randint(DAY, 3 * DAY))
    yield at, Act.COMPLETE
    yield at + timedelta(seconds=rng.randint(DAY, 5 * DAY)), Act.SETTLE


def fill_basket(rng: Random, habits: Habits, offers: Sequence[Offer]) -> list[Want]:
    """One to three different things, one to three of each, now and then a gift on top; never more than is shown."""
    chosen = rng.sample(offers, k=min(rng.choice((1, 1, 1, 2, 2, 3)), len(offers)))
    wants = [Want(sku=one.sku, quantity=min(rng.choice((1, 1, 2, 3)), one.stock)) for one in chosen]
    rest = [one for one in offers if all(one.sku != want.sku for want in wants)] if rng.random() < habits.gift else []
    if rest:
        wants.append(Want(sku=rng.choice(rest).sku, quantity=1, gift=True))
    return wants


def owed(order: SoldOrder, wants: Sequence[Want]) -> int:
    """Dong the buyer paid for these units: their part of what is left of the line after cancellations, less their
    part of the seller's voucher. Everything back is everything paid."""
    kept = [ln.charged - ln.charged * ln.cancelled // ln.quantity for ln in order.lines]
    vouchers = share_out(order.seller_voucher, kept)
    total = 0
    for want in wants:
        place = next(n for n, ln in enumerate(order.lines) if _is(ln, want))
        left = order.lines[place].quantity - order.lines[place].cancelled
        total += (kept[place] - vouchers[place]) * want.quantity // left
    return total


def _is(line: SoldLine, want: Want) -> bool:
    return line.sku == want.sku and (line.unit_price == 0) == want.gift


class Buyer:
    """Buys in all ``shops`` (by name); trade begins at the world's time of making. ``done`` counts what happened."""

    def __init__(self, world: World, shops: Mapping[str, SandboxShop], seed: int, habits: Habits | None = None) -> None:
        self._shops = dict(shops)
        self._names = list(self._shops)
        self._seed = seed
        self._habits = habits or Habits()
        self._due: list[Due] = []
        self._seq = 0
        self._arrivals = Random(f"{seed} arrivals")
        self._tried = 0
        self._next_order: datetime | None = None
        self.done: Counter[str] = Counter()
        self._plan_arrival(world.clock.now())

    def next_due(self) -> datetime | None:
        """When something happens next; None when nothing ever will."""
        moments = [self._due[0].at] if self._due else []
        if self._next_order is not None:
            moments.append(self._next_order)
        return min(moments, default=None)

    def step(self, now: datetime) -> int:
        """Do everything due up to ``now``, in order of time; how many things were done."""
        count = 0
        while (due := self.next_due()) is not None and due <= now:
            if self._due and self._due[0].at == due:
                self._act(heappop(self._due))
            else:
                self._place(due)
            count += 1
        return count

    def _plan_arrival(self, after: datetime) -> None:
        habits = self._habits
        if habits.orders_per_day <= 0 or (habits.most is not None and self.done["placed"] >= habits.most):
            self._next_order = None
            return
        seconds = self._arrivals.expovariate(habits.orders_per_day / DAY)
        self._next_order = after + timedelta(seconds=round(seconds) + 1)

    def _place(self, now: datetime) -> None:
        self._tried += 1
        rng = Random(f"{self._seed} order {self._tried}")
        name = rng.choice(self._names)
        cod = rng.random() < self._habits.cod
        order_id = self._buy(rng, self._shops[name], cod=cod)
        if order_id is not None:
            for at, act in life(rng, self._habits, now, cod=cod):
                self._seq += 1
                heappush(self._due, Due(at=at, seq=self._seq, shop=name, order_id=order_id, act=act))
        self._plan_arrival(now)

    def _buy(self, rng: Random, shop: SandboxShop, *, cod: bool) -> str | None:
        """Fill a basket and order it; None when there is nothing (left)."""
        offers = sorted(shop.offers(), key=lambda one: one.sku)
        if not offers:
            self.done["nothing_to_buy"] += 1
            return None
        wants = fill_basket(rng, self._habits, offers)
        prices = {one.sku: one.price for one in offers}
        worth = sum(prices[want.sku] * want.quantity for want in wants if not want.gift)
        ours, theirs = (
            worth * rng.randint(2, 10) // 100 if rng.random() < chance else 0
            for chance in (self._habits.seller_voucher, self._habits.platform_voucher)
        )
        try:
            order_id = shop.place(wants, cod=cod, seller_voucher=ours, platform_voucher=theirs)
        except SoldOut:
            self.done["sold_out"] += 1
            return None
        except NotOffered:  # a place to look and to talk, without a checkout
            return None
        self.done["placed"] += 1
        return order_id

    def _act(self, due: Due) -> None:
        shop = self._shops[due.shop]
        try:
            match due.act:
                case Act.PAY:
                    shop.pay(due.order_id)
                case Act.SHIP:
                    shop.ship(due.order_id)
                case Act.DELIVER:
                    shop.deliver(due.order_id)
                case Act.COMPLETE:
                    shop.complete(due.order_id)
                case Act.CANCEL:
                    shop.cancel(due.order_id)
                case Act.FAIL:
                    shop.fail_delivery(due.order_id)
                case Act.SETTLE:
                    shop.settle(due.order_id)
                case Act.CANCEL_SOME:
                    self._cancel_some(shop, due.order_id)
                case Act.RETURN | Act.RETURN_SOME:
                    self._send_back(shop, due.order_id, everything=due.act is Act.RETURN)
        except NotOffered:
            self.done[f"{due.act}_not_offered"] += 1
            return
        self.done[due.act.value] += 1

    def _cancel_some(self, shop: SandboxShop, order_id: str) -> None:
        """One unit less; an order of a single unit is cancelled as a whole by nobody here."""
        order = _order(shop, order_id)
        if sum(line.quantity for line in order.lines if line.unit_price) < 2:
            raise NotOffered
        line = max((ln for ln in order.lines if ln.unit_price), key=lambda ln: ln.quantity)
        shop.cancel(order_id, [Want(sku=line.sku, quantity=1)])

    def _send_back(self, shop: SandboxShop, order_id: str, *, everything: bool) -> None:
        order = _order(shop, order_id)
        left = [(ln, ln.quantity - ln.cancelled - ln.returned) for ln in order.lines]
        wants = [Want(sku=ln.sku, quantity=n, gift=ln.unit_price == 0) for ln, n in left if n > 0]
        if not everything:
            wants = [Want(sku=want.sku, quantity=1) for want in wants if not want.gift][:1]
        if not wants:
            raise NotOffered
        shop.take_back(order_id, wants, owed(order, wants))


def _order(shop: SandboxShop, order_id: str) -> SoldOrder:
    return next(order for order in shop.orders() if order.order_id == order_id)


def play(buyer: Buyer, clock: ShiftedClock, until: datetime) -> int:
    """Move the clock from event to event up to ``until``; how many things were done."""
    count = 0
    while (due := buyer.next_due()) is not None and due <= until:
        clock.move_to(due)
        count += buyer.step(due)
    clock.move_to(until)
    return count
