"""One pretend seller: items, units and the book, moved by the buyer's verbs of the kit.

Stock (sheet 7): an unpaid unit is withheld, a pending or packed one occupied, one that is ready to ship has left.
UNCONFIRMED and ours: a voucher stays whole when some units are cancelled and moves to those that are left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count

from hub.clock import Clock
from hub.sandbox.kit import NotOffered, Offer, SoldLine, SoldOrder, SoldOut, Want
from hub.sandbox.lazada.config import LazadaConfig, LazadaShop
from hub.sandbox.lazada.state import Item, Order, Reverse, ReverseLine, Row, Sku, Unit, millis
from hub.sandbox.lazada.wire import Json
from hub.types import local_date, share_out

HELD = ("unpaid", "pending", "packed", "repacked", "ready_to_ship")
"""What can still be cancelled."""
THERE = ("delivered", "confirmed")
STEP = 10

Tell = Callable[[str, int, Json], None]
"""(seller, message type, data): a push begins its way."""


class Shop:
    """A seller's account."""

    def __init__(self, settings: LazadaShop, config: LazadaConfig, clock: Clock, numbers: "count[int]") -> None:
        self.settings, self.config, self._clock, self._numbers = settings, config, clock, numbers
        self.key = settings.seller_id
        self.items: dict[int, Item] = {}
        self.trade: dict[int, Order] = {}
        self.reverses: dict[int, Reverse] = {}
        self.rows: list[Row] = []
        self.tell: Tell = lambda seller, kind, data: None
        self.batches: dict[str, list[str]] = {}
        self.files = ""  # where labels can be fetched, without the package
        self.live: str = ""  # presenter of a running live; "": none
        self.highlighted: str = ""

    def now(self) -> datetime:
        return self._clock.now()

    def number(self, base: int) -> int:
        return base + next(self._numbers)

    # ---- items ---------------------------------------------------------------------------------------------------

    def standing(self) -> list[Item]:
        """All but deleted ones; what was under review long enough goes live."""
        now = self.now()
        for item in self.items.values():
            if item.status == "Pending QC" and item.review_until is not None and item.review_until <= now:
                item.status, item.review_until = "Active", None
        return [one for one in self.items.values() if one.status != "Deleted"]

    def add_item(self, category: int, attributes: dict[str, str], images: list[str], skus: list[Sku]) -> Item:
        now = self.now()
        item = Item(
            item_id=self.number(2_500_000_000), category=category, attributes=attributes, images=images, skus=skus,
            created=now, updated=now,
        )  # fmt: skip
        if self.config.review_seconds:
            item.status = "Pending QC"
            item.review_until = now + timedelta(seconds=self.config.review_seconds)
        self.items[item.item_id] = item
        self.changed(item, 3)
        return item

    def judge(self, item_id: int, status: str, reason: str = "") -> None:
        """Quality control speaks (push 1): Active, Rejected, or InActive for what was locked."""
        item = self.items[item_id]
        item.status, item.reason, item.review_until = status, reason, None
        self.changed(item, 4)
        word = "APPROVED" if status == "Active" else "REJECTED"
        data: Json = {"itemId": item_id, "status": word, "reason": reason, "date": millis(self.now())}
        self.tell(self.key, 1, data | {"seller_id": self.key})

    def changed(self, item: Item, kind: int) -> None:
        item.updated = self.now()
        self.tell(
            self.key, kind, {"item_id": str(item.item_id), "action": {3: "create", 5: "delete"}.get(kind, "edit")}
        )

    def _selling(self) -> Iterable[tuple[Item, Sku]]:
        return ((item, sku) for item in self.standing() if item.status == "Active" for sku in item.skus if sku.active)

    # ---- the kit's verbs -----------------------------------------------------------------------------------------

    def offers(self) -> Sequence[Offer]:
        now = self.now()
        return [
            Offer(sku=sku.seller_sku, title=item.title, price=sku.shown(now), stock=sku.sellable)
            for item, sku in self._selling()
            if sku.sellable > 0
        ]

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        now = self.now()
        known = {sku.seller_sku: (item, sku) for item, sku in self._selling()}
        needed: dict[str, int] = {}
        for want in wants:
            needed[want.sku] = needed.get(want.sku, 0) + want.quantity
        for name, quantity in needed.items():
            if name not in known or known[name][1].sellable < quantity:
                raise SoldOut(name)
        order_id = self.number(443_700_000_000_000)
        lines: list[SoldLine] = []
        units: list[Unit] = []
        for place, want in enumerate(wants):
            item, sku = known[want.sku]
            price = 0 if want.gift else sku.shown(now)
            lines.append(
                SoldLine(sku=want.sku, quantity=want.quantity, unit_price=price, charged=price * want.quantity)
            )
            for _ in range(want.quantity):
                units.append(
                    Unit(number=order_id + STEP * (len(units) + 1), line=place, item=item, sku=sku, price=price,
                         status="unpaid", updated=now)
                )  # fmt: skip
            sku.sellable -= want.quantity
            sku.withhold += want.quantity
        book = SoldOrder(
            order_id=str(order_id), state="placed" if cod else "unpaid", placed_at=now, lines=lines, cod=cod,
            seller_voucher=seller_voucher, platform_voucher=platform_voucher, shipping_fee=self.config.shipping_fee,
        )  # fmt: skip
        order = Order(order_id=order_id, units=units, book=book, created=now, updated=now)
        self.trade[order_id] = order
        self._spread(order)
        units[0].shipping = self.config.shipping_fee
        self._say(order, units)
        if cod:  # passes through unpaid within the same second: two pushes, one status_update_time
            self._move(order, units, "pending")
        return str(order_id)

    def _spread(self, order: Order) -> None:
        """The vouchers over the units that are left."""
        kept = [unit for unit in order.units if not unit.gone] or order.units
        weights = [unit.price for unit in kept]
        ours = share_out(order.book.seller_voucher, weights)
        theirs = share_out(order.book.platform_voucher, weights)
        for unit in order.units:
            unit.voucher_seller = unit.voucher_platform = 0
        for unit, mine, others in zip(kept, ours, theirs, strict=True):
            unit.voucher_seller, unit.voucher_platform = mine, others

    def pay(self, order_id: str) -> None:
        order = self._order(order_id, "unpaid")
        order.book.state, order.book.paid_at = "placed", self.now()
        for unit in order.units:
            unit.paid_at = self.now()
        self._move(order, [unit for unit in order.units if unit.status == "unpaid"], "pending")

    def ship(self, order_id: str) -> None:
        """Packed, called for and fetched, whatever of that is not done yet."""
        order = self._order(order_id, "placed")
        for status in ("packed", "ready_to_ship", "shipped"):
            units = [unit for unit in order.units if not unit.gone and RANK[unit.status] < RANK[status]]
            if status == "packed":
                self.parcel([one for one in units if not one.package])
            self._move(order, units, status)
        order.book.state, order.book.shipped_at = "shipped", self.now()

    def parcel(self, units: Sequence[Unit]) -> str:
        """Give units a package and a tracking number."""
        package = f"FP{self.number(0):06d}"
        for unit in units:
            unit.package, unit.tracking = package, f"LMP{package[2:]}VN"
        return package

    def deliver(self, order_id: str) -> None:
        order, now = self._order(order_id, "shipped"), self.now()
        order.book.state, order.book.delivered_at = "delivered", now
        if order.book.cod:
            order.book.paid_at = now
            for unit in order.units:
                unit.paid_at = None if unit.gone else now
        self._move(order, [unit for unit in order.units if unit.status == "shipped"], "delivered")

    def complete(self, order_id: str) -> None:
        order = self._order(order_id, "delivered")
        order.book.state = "completed"
        self._move(order, [unit for unit in order.units if unit.status == "delivered"], "confirmed")

    def fail_delivery(self, order_id: str) -> None:
        order = self._order(order_id, "shipped")
        order.book.state = "failed_delivery"
        units = [unit for unit in order.units if unit.status == "shipped"]
        for unit in units:
            unit.initiator = "cancellation-failed Delivery"
        self._move(order, units, "failed_delivery")

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        """By the buyer."""
        order = self._order(order_id, "unpaid", "placed")
        held = [unit for unit in order.units if unit.status in HELD]
        units = held if wants is None else self._chosen(order, wants, held)
        self.call_off(order, units, "cancellation-customer", "Change of mind")

    def call_off(self, order: Order, units: Sequence[Unit], initiator: str, reason: str) -> None:
        """Units that have not left are cancelled, whoever did it."""
        if not units:
            raise NotOffered
        now = self.now()
        reverse = self._reverse(order, "CANCEL", [(unit, 0) for unit in units], "CANCEL_SUCCESS")
        for unit in units:
            unit.reason, unit.initiator, unit.reverse = reason, initiator, reverse.number
            order.lines[unit.line].cancelled += 1
        self._move(order, units, "canceled")
        if all(unit.gone for unit in order.units):
            order.book.state, order.book.cancelled_at = "cancelled", now
        else:
            self._spread(order)

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        order = self._order(order_id, "delivered", "completed")
        units = self._chosen(order, wants, [unit for unit in order.units if unit.status in THERE])
        if not units:
            raise NotOffered
        parts = share_out(refund, [unit.price for unit in units])
        reverse = self._reverse(order, "RETURN", list(zip(units, parts, strict=True)), "REFUND_SUCCESS")
        for unit in units:
            unit.reverse, unit.return_status, unit.initiator = reverse.number, "REFUND_SUCCESS", "return-customer"
            order.lines[unit.line].returned += 1
        order.book.refunds.append((self.now(), refund))
        self._move(order, units, "returned")

    def _reverse(self, order: Order, kind: str, units: Sequence[tuple[Unit, int]], status: str) -> Reverse:
        now, number = self.now(), self.number(300_000_000)
        lines = [
            ReverseLine(number=self.number(310_000_000), unit=unit, amount=amount, status=status)
            for unit, amount in units
        ]
        reverse = Reverse(number=number, order=order, kind=kind, lines=lines, created=now, updated=now)
        self.reverses[number] = reverse
        for line in lines:
            data: Json = {
                "reverse_order_id": str(number), "reverse_status": status, "reverse_order_line_id": str(line.number),
                "trade_order_id": str(order.order_id), "trade_order_line_id": str(line.unit.number),
                "status_update_time": int(now.timestamp()),
            }  # fmt: skip
            self.tell(self.key, 10, data)
        return reverse

    def _chosen(self, order: Order, wants: Sequence[Want], free: Sequence[Unit]) -> list[Unit]:
        """Units by SKU, last ones first; gifts are those that cost nothing. Raises NotOffered."""
        chosen: list[Unit] = []
        for want in wants:
            fits = [one for one in free if one.sku.seller_sku == want.sku and (one.price == 0) == want.gift]
            if len(fits) < want.quantity:
                raise NotOffered
            chosen += fits[::-1][: want.quantity]
        return chosen

    def settle(self, order_id: str) -> None:
        order = self._order(order_id, "delivered", "completed")
        if order.book.settled is not None:
            raise NotOffered
        book, now = order.book, self.now()
        before = len(self.rows)
        for unit in order.units:
            if not unit.gone:
                self._rows(order, unit)
        refunded = {line.unit.number: line.amount for one in self.reverses.values() for line in one.lines
                    if one.order is order and one.kind != "CANCEL"}  # fmt: skip
        for unit in order.units:
            if amount := refunded.get(unit.number):
                self._row(order, unit, 14, "Reversal Item Price", -amount)
        first = next(unit for unit in order.units if not unit.gone)
        self._row(order, first, 8, "Shipping Fee (Paid By Customer)", book.shipping_fee)
        self._row(order, first, 28, "Shipping Fee (Charged by Lazada)", -book.shipping_fee)
        book.settled, book.settled_at = sum(row.amount for row in self.rows[before:]), now

    def _rows(self, order: Order, unit: Unit) -> None:
        """What one unit brings and costs. The withholding has no documented fee type: 9001 and 9002 are ours."""
        config, base = self.config, unit.price - unit.voucher_seller
        taxes = (base * config.vat_bp + 5000) // 10_000 + (base * config.pit_bp + 5000) // 10_000
        inside = taxes if config.tax_inside else 0
        self._row(order, unit, 13, "Item Price Credit", unit.price - inside, wht=inside)
        self._row(order, unit, 202, "Seller Funded Voucher", -unit.voucher_seller)
        for kind, number, name, points in (
            ("commission", 16, "Commission", config.commission_bp),
            ("payment", 3, "Payment Fee", config.payment_bp),
            ("vat_withheld", 9001, "VAT withheld (Thuế GTGT)", config.vat_bp),
            ("pit_withheld", 9002, "PIT withheld (Thuế TNCN)", config.pit_bp),
        ):
            fee = (base * points + 5000) // 10_000
            order.book.fees[kind] = order.book.fees.get(kind, 0) + fee
            if number < 9000 or not inside:
                self._row(order, unit, number, name, -fee)

    def _row(self, order: Order, unit: Unit, fee_type: int, name: str, amount: int, wht: int = 0) -> None:
        if amount:
            self.rows.append(
                Row(at=self.now(), order=order, unit=unit, fee_type=fee_type, name=name, amount=amount, wht=wht)
            )

    def orders(self) -> Sequence[SoldOrder]:
        return [order.book for order in self.trade.values()]

    def listings(self) -> Sequence[Mapping[str, object]]:
        return [
            {
                "sku": sku.seller_sku, "remote_id": str(item.item_id),
                "state": item.status if sku.active or item.status != "Active" else "InActive", "title": item.title,
                "description": item.attributes.get("description", ""), "price": sku.price, "stock": sku.sellable,
            }
            for item in self.standing()
            for sku in item.skus
        ]  # fmt: skip

    # ---- how units move ------------------------------------------------------------------------------------------

    def _order(self, order_id: str, *states: str) -> Order:
        """An order in one of these states of the book. Raises KeyError, NotOffered."""
        order = self.trade[int(order_id)]
        if order.book.state not in states:
            raise NotOffered(order.book.state)
        return order

    def _move(self, order: Order, units: Sequence[Unit], status: str) -> None:
        for unit in units:
            _stock(unit, status)
            unit.status, unit.updated = status, self.now()
        order.updated = self.now()
        self._say(order, units)

    move = _move

    def _say(self, order: Order, units: Sequence[Unit]) -> None:
        for unit in units:
            data: Json = {
                "order_status": unit.status, "trade_order_id": str(order.order_id), "buyer_id": "700001",
                "trade_order_line_id": str(unit.number), "status_update_time": int(unit.updated.timestamp()),
            }  # fmt: skip
            self.tell(self.key, 0, data)

    def statement(self, row: Row) -> str:
        """The week a row belongs to, Monday to Sunday: ``11 May 2026 - 17 May 2026``."""
        day = local_date(row.at)
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=6)
        return " - ".join(f"{one.day:02d} {MONTHS[one.month - 1]} {one.year}" for one in (first, last))


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
RANK = {
    name: place
    for place, name in enumerate(("unpaid", "pending", "repacked", "packed", "ready_to_ship", "shipped", "delivered"))
} | {"confirmed": 7, "returned": 8, "failed_delivery": 8, "canceled": 9}
OCCUPIES = ("pending", "packed", "repacked")


def _stock(unit: Unit, status: str) -> None:
    """What a step of one unit does to its SKU."""
    sku, before = unit.sku, unit.status
    if before == "unpaid":
        sku.withhold -= 1
    if before in OCCUPIES:
        sku.occupy -= 1
    if status in OCCUPIES:
        sku.occupy += 1
    if status == "canceled":
        sku.sellable += 1
