"""A shop as most platforms have it: goods with variants on a shelf, orders with lines in a book, the buyer's verbs.

A pretend platform builds on it and writes only what is its own: routes, refusals, the shape of its answers. It reads
and changes ``goods`` and ``book`` freely; ``told`` is called with ``("goods" | "order", id)`` after every change that
goes through here, so that webhooks can be queued. Where a platform differs (partial cancellation, statements), its shop
overrides the verb.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from hub.sandbox.kit import NotOffered, Offer, SoldLine, SoldOrder, SoldOut, Want, World


@dataclass(kw_only=True)
class PlainVariant:
    """One sellable unit on the shelf; ``price`` in dong."""

    id: str
    sku: str
    price: int
    stock: int
    label: str = ""


@dataclass(kw_only=True)
class PlainGoods:
    """One listing. ``more`` holds whatever else the platform keeps of it."""

    id: str
    title: str
    description: str
    variants: list[PlainVariant]
    updated_at: datetime
    category: str = ""
    visible: bool = True
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class PlainOrder(SoldOrder):
    """The book's page; ``units[n]`` is what line ``n`` sold, ``backs[n]`` what refund ``n`` took back (line, units)."""

    units: list[tuple[PlainGoods, PlainVariant]]
    updated_at: datetime
    backs: list[tuple[tuple[int, int], ...]] = field(default_factory=list)


class PlainShop:
    """One seller's shop; speaks :class:`hub.sandbox.kit.SandboxShop`. Ids are numbers as text, orders' from 5001."""

    def __init__(self, world: World, key: str, name: str, *, shipping_fee: int = 0) -> None:
        self.key, self.name, self.shipping_fee = key, name, shipping_fee
        self.world = world
        self.goods: dict[str, PlainGoods] = {}
        self.book: dict[str, PlainOrder] = {}
        self.told: Callable[[str, str], None] = lambda kind, number: None
        self._last = 1000

    def now(self) -> datetime:
        """The sandbox's time."""
        return self.world.clock.now()

    def new_id(self) -> str:
        """A number nobody has yet, for goods and variants."""
        self._last += 1
        return str(self._last)

    def touch(self, one: PlainGoods | PlainOrder) -> None:
        """It changed now: its day of change, and whoever listens."""
        one.updated_at = self.now()
        if isinstance(one, PlainOrder):
            self.told("order", one.order_id)
        else:
            self.told("goods", one.id)

    # ---- the buyer's verbs ----

    def offers(self) -> Sequence[Offer]:
        return [
            Offer(sku=unit.sku, title=one.title, price=unit.price, stock=unit.stock)
            for one, unit in self._units()
            if one.visible and unit.stock > 0
        ]

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        """Takes the units off the shelf at once. A platform's own voucher is not known here: none is given."""
        known = {unit.sku: (one, unit) for one, unit in self._units() if one.visible}
        needed: dict[str, int] = {}
        for want in wants:
            needed[want.sku] = needed.get(want.sku, 0) + want.quantity
        for sku, count in needed.items():
            if sku not in known or known[sku][1].stock < count:
                raise SoldOut(sku)
        lines: list[SoldLine] = []
        for want in wants:
            unit = known[want.sku][1]
            unit.stock -= want.quantity
            price = 0 if want.gift else unit.price
            lines.append(
                SoldLine(sku=want.sku, quantity=want.quantity, unit_price=price, charged=price * want.quantity)
            )
        order = PlainOrder(
            order_id=str(5001 + len(self.book)), state="placed" if cod else "unpaid", placed_at=self.now(),
            lines=lines, units=[known[want.sku] for want in wants], cod=cod,
            seller_voucher=min(seller_voucher, sum(line.charged for line in lines)),
            shipping_fee=self.shipping_fee, updated_at=self.now(),
        )  # fmt: skip
        self.book[order.order_id] = order
        self.touch(order)
        return order.order_id

    def pay(self, order_id: str) -> None:
        order = self._in(order_id, "unpaid")
        order.state, order.paid_at = "placed", self.now()
        self.touch(order)

    def ship(self, order_id: str) -> None:
        order = self._in(order_id, "placed")
        order.state, order.shipped_at = "shipped", self.now()
        self.touch(order)

    def deliver(self, order_id: str) -> None:
        """Who pays at the door has paid now."""
        order = self._in(order_id, "placed", "shipped")
        order.shipped_at = order.shipped_at or self.now()
        order.state, order.delivered_at, order.paid_at = "delivered", self.now(), order.paid_at or self.now()
        self.touch(order)

    def complete(self, order_id: str) -> None:
        order = self._in(order_id, "placed", "shipped", "delivered")
        if order.state != "delivered":
            self.deliver(order_id)
        order.state = "completed"
        self.touch(order)

    def fail_delivery(self, order_id: str) -> None:
        order = self._in(order_id, "placed", "shipped")
        order.shipped_at = order.shipped_at or self.now()
        order.state = "failed_delivery"
        self._put_back(order)
        self.touch(order)

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        """The whole order, before it left."""
        order = self._in(order_id, "unpaid", "placed")
        if wants is not None:
            raise NotOffered(order_id)
        order.state, order.cancelled_at = "cancelled", self.now()
        self._put_back(order)
        self.touch(order)

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        order = self._in(order_id, "delivered", "completed")
        back: list[tuple[int, int]] = []
        for want in wants:
            for place, line in enumerate(order.lines):
                if line.sku == want.sku and (line.charged == 0) == want.gift:
                    line.returned += want.quantity
                    order.units[place][1].stock += want.quantity
                    back.append((place, want.quantity))
                    break
        order.refunds.append((self.now(), refund))
        order.backs.append(tuple(back))
        self.touch(order)

    def settle(self, order_id: str) -> None:
        """No statement: the money is the owner's from the start."""

    def orders(self) -> Sequence[SoldOrder]:
        """The pages as everybody's ledger has them, without what only this shop notes."""
        names = [one.name for one in fields(SoldOrder)]
        return [SoldOrder(**{name: getattr(order, name) for name in names}) for order in self.book.values()]

    def listings(self) -> Sequence[Mapping[str, object]]:
        return [
            {
                "sku": unit.sku, "remote_id": one.id, "state": "live" if one.visible else "hidden", "title": one.title,
                "description": one.description, "price": unit.price, "stock": unit.stock,
            }
            for one, unit in self._units()
        ]  # fmt: skip

    def _units(self) -> list[tuple[PlainGoods, PlainVariant]]:
        return [(one, unit) for one in self.goods.values() for unit in one.variants]

    def _put_back(self, order: PlainOrder) -> None:
        for line, (_, unit) in zip(order.lines, order.units, strict=True):
            unit.stock += line.quantity

    def _in(self, order_id: str, *states: str) -> PlainOrder:
        order = self.book.get(order_id)
        if order is None or order.state not in states:
            raise NotOffered(order_id)
        return order
