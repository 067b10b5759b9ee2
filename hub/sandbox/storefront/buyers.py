"""A store as its buyers and its book-keeper see it: the kit's verbs over one :class:`Store`."""

from collections.abc import Mapping, Sequence

from hub.sandbox.kit import NotOffered, Offer, SoldLine, SoldOrder, SoldOut, SoldState, Want
from hub.sandbox.storefront.state import Order, Product, Store, Variant, line_of


class BuyersShop:
    """Nothing is settled here: the money is the owner's from the start."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.key = store.settings.key

    def offers(self) -> Sequence[Offer]:
        return [
            Offer(sku=one.sku, title=product.title, price=one.price, stock=one.available)
            for product, one in self._units()
            if product.published is not None and one.sku and one.price > 0 and one.available > 0
        ]

    def _units(self) -> list[tuple[Product, Variant]]:
        return [(product, one) for product in self.store.products.values() for one in product.variants]

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        """No platform pays vouchers here. Raises SoldOut."""
        known = {one.sku: (product, one) for product, one in self._units() if product.published is not None}
        needed: dict[str, int] = {}
        for want in wants:
            needed[want.sku] = needed.get(want.sku, 0) + want.quantity
        for sku, units in needed.items():
            if sku not in known or known[sku][1].available < units:
                raise SoldOut(sku)
        lines = [(*known[want.sku], want.quantity, 0 if want.gift else known[want.sku][1].price) for want in wants]
        worth = sum(price * quantity for *_, quantity, price in lines)
        return str(
            self.store.add_order(
                lines, cod=cod, voucher=min(seller_voucher, worth), shipping=self.store.settings.shipping_fee,
                source="web",
            ).id
        )  # fmt: skip

    def pay(self, order_id: str) -> None:
        order = self._open(order_id)
        if not order.cod:
            self.store.pay(order)

    def ship(self, order_id: str) -> None:
        order = self._open(order_id)
        if order.left_the_house or (order.paid is None and not order.cod):
            raise NotOffered
        order.confirmed = order.confirmed or self.store.now()
        self.store.ship(order, tracking=f"VD{order.number}", company="Giao hàng mẫu")

    def deliver(self, order_id: str) -> None:
        order = self._open(order_id)
        if not order.left_the_house:
            self.ship(order_id)
        for parcel in order.parcels:
            parcel.delivered = parcel.delivered or self.store.now()
        if order.cod:
            self.store.pay(order)
        self.store.change(order)

    def complete(self, order_id: str) -> None:
        order = self._open(order_id)
        if not all(one.delivered for one in order.parcels) or not order.left_the_house:
            self.deliver(order_id)
        order.closed = self.store.now()
        self.store.change(order)

    def fail_delivery(self, order_id: str) -> None:
        """The carrier brings it back; the goods are on the shelf again."""
        order = self._open(order_id)
        if not order.left_the_house:
            self.ship(order_id)
        if any(one.delivered for one in order.parcels):
            raise NotOffered
        for parcel in order.parcels:
            parcel.returned = self.store.now()
        for line in order.lines:
            line.variant.onhand[0] += line.shipped
        self.store.change(order)

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        order = self._open(order_id)
        if wants is not None or order.left_the_house:
            raise NotOffered
        self.store.cancel(order, "customer", restock=True)

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        order = self._get(order_id)
        if not any(one.delivered for one in order.parcels):
            raise NotOffered
        units: dict[int, int] = {}
        for want in wants:
            line = line_of(order, want)
            units[line.id] = units.get(line.id, 0) + want.quantity
        self.store.refund(order, refund, units, restock=True)

    def settle(self, order_id: str) -> None:
        """Nobody stands between the buyer's money and the seller."""

    def orders(self) -> Sequence[SoldOrder]:
        return [sold(one) for one in self.store.orders.values()]

    def listings(self) -> Sequence[Mapping[str, object]]:
        return [
            {
                "sku": one.sku or "", "remote_id": str(product.id), "variant_id": str(one.id),
                "state": "hidden" if product.published is None else "live", "title": product.title,
                "description": product.body, "price": one.price, "stock": one.available,
            }
            for product, one in self._units()
        ]  # fmt: skip

    def _get(self, order_id: str) -> Order:
        order = self.store.orders.get(int(order_id))
        if order is None:
            raise NotOffered(order_id)
        return order

    def _open(self, order_id: str) -> Order:
        order = self._get(order_id)
        if order.cancelled is not None or order.closed is not None or order.failed:
            raise NotOffered(order_id)
        return order


def sold(order: Order) -> SoldOrder:
    """The book's page of one order."""
    delivered = max((one.delivered for one in order.parcels if one.delivered), default=None)
    return SoldOrder(
        order_id=str(order.id),
        state=_state(order),
        placed_at=order.placed,
        lines=[
            SoldLine(
                sku=one.variant.sku or "", quantity=one.quantity, unit_price=one.price,
                charged=one.price * one.quantity, returned=one.returned,
            )
            for one in order.lines
        ],
        cod=order.cod,
        seller_voucher=order.voucher,
        shipping_fee=order.shipping,
        paid_at=order.paid,
        shipped_at=order.parcels[0].at if order.parcels else None,
        delivered_at=delivered,
        cancelled_at=order.cancelled,
        refunds=[(one.at, one.amount) for one in order.backs],
    )  # fmt: skip


def _state(order: Order) -> SoldState:
    if order.cancelled is not None:
        return "cancelled"
    if order.failed:
        return "failed_delivery"
    if order.closed is not None:
        return "completed"
    if any(one.delivered for one in order.parcels):
        return "delivered"
    if order.left_the_house:
        return "shipped"
    return "placed" if order.cod or order.paid is not None else "unpaid"
