"""A seller's account as its buyers and its book-keeper see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.sandbox.kit import NotOffered, Offer, SoldOrder, Want, World
from hub.sandbox.tiki import catalogue, orders
from hub.sandbox.tiki.state import Asked, Sale, Seller, State


class TikiSandboxShop:
    """One shop behind the kit's verbs."""

    def __init__(self, state: State, seller: Seller, world: World) -> None:
        self.state, self.seller, self._world = state, seller, world
        self.key = str(seller.config.seller_id)

    def now(self) -> datetime:
        """The time; requests whose review is over by then are decided."""
        now = self._world.clock.now()
        catalogue.settle_all(self.state, self.seller, now)
        return now

    def offers(self) -> Sequence[Offer]:
        self.now()
        return [
            Offer(sku=one.original_sku, title=one.name, price=one.price, stock=one.sellable())
            for one in orders.offered(self.seller)
        ]

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        sale = orders.place(
            self.state, self.seller, wants, self.now(), cod=cod, seller_voucher=seller_voucher, others=platform_voucher
        )
        return sale.code

    def pay(self, order_id: str) -> None:
        orders.pay(self.state, self.seller, self.sale(order_id), self.now())

    def ship(self, order_id: str) -> None:
        orders.ship(self.state, self.seller, self.sale(order_id), self.now())

    def deliver(self, order_id: str) -> None:
        orders.deliver(self.state, self.seller, self.sale(order_id), self.now())

    def complete(self, order_id: str) -> None:
        orders.complete(self.state, self.seller, self.sale(order_id), self.now())

    def fail_delivery(self, order_id: str) -> None:
        orders.fail_delivery(self.state, self.seller, self.sale(order_id), self.now())

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        if wants is not None:
            raise NotOffered
        orders.cancel(self.state, self.seller, self.sale(order_id), self.now())

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        orders.take_back(self.state, self.seller, self.sale(order_id), wants, refund, self.now())

    def settle(self, order_id: str) -> None:
        """No statement is known: money is paid out beside the API."""

    def orders(self) -> Sequence[SoldOrder]:
        return [one.book for one in self.seller.sales.values()]

    def listings(self) -> Sequence[Mapping[str, object]]:
        now = self.now()
        standing = [
            {
                "sku": one.original_sku,
                "remote_id": str(one.product_id),
                "state": "live" if one.active and not one.hidden else "hidden",
                "title": one.group.name,
                "description": one.group.description,
                "price": one.price,
                "stock": one.sellable(),
            }
            for one in self.seller.products.values()
        ]
        return [*standing, *(row for asked in self.seller.requests.values() for row in self._waiting(asked, now))]

    def _waiting(self, asked: Asked, now: datetime) -> list[Mapping[str, object]]:
        """A request under review, once per variant."""
        word = catalogue.review(self.state, self.seller, asked, now)
        if asked.product_id or word in ("approved", "rejected", "deleted"):
            return []
        return [
            {
                "sku": one["sku"],
                "remote_id": f"request:{asked.request_id}",
                "state": "reviewing",
                "title": asked.body["name"],
                "description": asked.body.get("description", ""),
                "price": one["price"],
                "stock": sum(row["qtyAvailable"] for row in one.get("warehouse_stocks") or ()),
            }
            for one in asked.body["variants"]
        ]

    # ---- more that happens on this platform

    def sale(self, order_id: str) -> Sale:
        return self.seller.sales[order_id]

    def reject(self, request_id: int, reason: str) -> None:
        """A person at Tiki says no."""
        catalogue.reject(self.seller.requests[request_id], reason)

    def replace_goods(self, order_id: str) -> str:
        return orders.replace_goods(self.state, self.seller, self.sale(order_id), self.now()).code
