"""What a store of the family remembers: goods, orders, stock. The same for all three; only their JSON differs.

Stock: ``available = onhand - commited``, spelt as Haravan spells it. An order commits, a parcel takes away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.clock import Clock
from hub.sandbox.kit import NotOffered, Want
from hub.sandbox.storefront.config import StorefrontConfig, StorefrontShop


class Wrong(Exception):
    """An error answer; ``errors`` is what stands in its body."""

    def __init__(self, status: int, errors: object, key: str = "errors") -> None:
        super().__init__(status, errors)
        self.status = status
        self.json = {key: errors}


@dataclass(kw_only=True)
class Variant:
    """What has a price and a stock. ``sku`` may be missing and need not be unique."""

    id: int
    sku: str | None
    price: int
    option: str
    barcode: str = ""
    grams: int = 0
    onhand: list[int] = field(default_factory=lambda: [0])  # per location
    commited: int = 0  # all at the first location
    managed: bool = True

    @property
    def available(self) -> int:
        return sum(self.onhand) - self.commited


@dataclass(kw_only=True)
class Product:
    id: int
    title: str
    body: str
    kind: str
    vendor: str
    published: datetime | None
    variants: list[Variant]
    created: datetime
    updated: datetime
    tags: str = ""
    option_name: str = "Title"
    images: list[tuple[int, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Line:
    id: int
    product: Product
    variant: Variant
    quantity: int
    price: int
    shipped: int = 0
    returned: int = 0


@dataclass(kw_only=True)
class Parcel:
    id: int
    at: datetime
    units: dict[int, int]  # line id -> units
    tracking: str = ""
    company: str = ""
    delivered: datetime | None = None
    returned: datetime | None = None


@dataclass(kw_only=True)
class Back:
    """A refund."""

    id: int
    at: datetime
    amount: int
    units: dict[int, int]


@dataclass(kw_only=True)
class Order:
    id: int
    number: int
    placed: datetime
    updated: datetime
    lines: list[Line]
    cod: bool = False
    voucher: int = 0
    shipping: int = 0
    source: str = "web"
    note: str = ""
    tags: str = ""
    note_attributes: list[dict[str, str]] = field(default_factory=list)
    confirmed: datetime | None = None
    paid: datetime | None = None
    closed: datetime | None = None
    cancelled: datetime | None = None
    cancel_reason: str | None = None
    parcels: list[Parcel] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    given_status: str = ""  # financial status typed in when it was made by the API

    @property
    def goods(self) -> int:
        return sum(one.price * one.quantity for one in self.lines)

    @property
    def total(self) -> int:
        return self.goods - self.voucher + self.shipping

    @property
    def financial(self) -> str:
        gone = sum(one.amount for one in self.backs)
        if gone:
            return "refunded" if gone >= self.goods - self.voucher else "partially_refunded"
        if self.paid is not None:
            return "paid"
        return "voided" if self.cancelled is not None else self.given_status or "pending"

    @property
    def left_the_house(self) -> bool:
        return bool(self.parcels)

    @property
    def failed(self) -> bool:
        return any(one.returned is not None for one in self.parcels)


class Store:
    """One store and everything in it. Whatever changes is noted in ``news`` as (topic, object)."""

    def __init__(self, settings: StorefrontShop, config: StorefrontConfig, clock: Clock) -> None:
        self.settings, self.config, self._clock = settings, config, clock
        self.products: dict[int, Product] = {}
        self.orders: dict[int, Order] = {}
        self.news: list[tuple[str, Order | Product]] = []
        self.locations = [1_000_001 + place for place in range(config.locations)]
        self._last = 1_000_000_000

    def now(self) -> datetime:
        """The world's time in whole milliseconds, as these platforms write it."""
        now = self._clock.now()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def number(self) -> int:
        self._last += 1
        return self._last

    # ---- goods ----

    def variant(self, number: int) -> tuple[Product, Variant]:
        for product in self.products.values():
            for one in product.variants:
                if one.id == number:
                    return product, one
        raise Wrong(404, "Not Found")

    def product(self, number: int) -> Product:
        if number not in self.products:
            raise Wrong(404, "Not Found")
        return self.products[number]

    def touch(self, product: Product, topic: str = "update") -> None:
        product.updated = self.now()
        self.news.append((f"products/{topic}", product))

    # ---- orders ----

    def order(self, number: int) -> Order:
        if number not in self.orders:
            raise Wrong(404, "Not Found")
        return self.orders[number]

    def change(self, order: Order, topic: str = "updated") -> None:
        order.updated = self.now()
        self.news.append((f"orders/{topic}", order))

    def add_order(
        self, lines: Sequence[tuple[Product, Variant, int, int]], *, cod: bool, voucher: int, shipping: int, source: str
    ) -> Order:
        """Lines are (product, variant, quantity, price). Commits the goods."""
        now = self.now()
        order = Order(
            id=self.number(), number=100_000 + len(self.orders) + 1, placed=now, updated=now, cod=cod,
            voucher=voucher, shipping=shipping, source=source,
            lines=[
                Line(id=self.number(), product=product, variant=variant, quantity=quantity, price=price)
                for product, variant, quantity, price in lines
            ],
        )  # fmt: skip
        for line in order.lines:
            line.variant.commited += line.quantity
        self.orders[order.id] = order
        self.news.append(("orders/create", order))
        return order

    def pay(self, order: Order) -> None:
        if order.paid is None:
            order.paid = self.now()
            self.change(order, "paid")

    def ship(
        self, order: Order, units: dict[int, int] | None = None, *, tracking: str = "", company: str = ""
    ) -> Parcel:
        """Send what is left, or these units by line id. Raises Wrong(422) for what cannot go."""
        left = {one.id: one.quantity - one.shipped for one in order.lines if one.quantity > one.shipped}
        wanted = left if units is None else units
        if order.cancelled is not None or not wanted:
            raise Wrong(422, {"order": ["cannot be fulfilled"]})
        if any(count < 1 or count > left.get(line, 0) for line, count in wanted.items()):
            raise Wrong(422, {"line_items": ["quantity is more than what is left to fulfill"]})
        for line in order.lines:
            count = wanted.get(line.id, 0)
            line.shipped += count
            line.variant.commited -= count
            line.variant.onhand[0] -= count
        parcel = Parcel(id=self.number(), at=self.now(), units=dict(wanted), tracking=tracking, company=company)
        order.parcels.append(parcel)
        whole = all(one.shipped == one.quantity for one in order.lines)
        self.change(order, "fulfilled" if whole else "partially_fulfilled")
        return parcel

    def cancel(self, order: Order, reason: str, *, restock: bool) -> None:
        if order.cancelled is not None or order.left_the_house:
            raise Wrong(422, {"order": ["cannot be cancelled"]})
        order.cancelled, order.cancel_reason = self.now(), reason
        for line in order.lines:
            line.variant.commited -= line.quantity
            if not restock:
                line.variant.onhand[0] -= line.quantity
        self.change(order, "cancelled")

    def refund(self, order: Order, amount: int, units: dict[int, int], *, restock: bool) -> Back:
        if order.paid is None or amount <= 0 or amount + sum(one.amount for one in order.backs) > order.total:
            raise Wrong(422, {"amount": ["is more than what was paid"]})
        for line in order.lines:
            count = units.get(line.id, 0)
            if count > line.quantity - line.returned:
                raise Wrong(422, {"refund_line_items": ["quantity is more than what was bought"]})
            line.returned += count
            line.variant.onhand[0] += count if restock else 0
        back = Back(id=self.number(), at=self.now(), amount=amount, units=units)
        order.backs.append(back)
        self.change(order)
        return back


def line_of(order: Order, want: Want) -> Line:
    """The line a buyer means. Raises NotOffered."""
    for line in order.lines:
        if line.variant.sku == want.sku and (line.price == 0) == want.gift:
            return line
    raise NotOffered(want.sku)
