"""One shop from the buyer's and the book-keeper's side: the kit's neutral verbs, and a few more for tests."""

from collections.abc import Mapping, Sequence

from hub.clock import Clock
from hub.sandbox.kit import NotOffered, Offer, SoldOrder, Want
from hub.sandbox.shopee import items, money, orders, returns
from hub.sandbox.shopee.state import Item, Order, Return, ShopState

NEUTRAL = {
    "NORMAL": "live",
    "UNLIST": "hidden",
    "REVIEWING": "reviewing",
    "BANNED": "banned",
    "SELLER_DELETE": "gone",
    "SHOPEE_DELETE": "gone",
}


class BuyersShop:
    """Implements the kit's SandboxShop over one :class:`ShopState`. Wrong states raise NotOffered."""

    def __init__(self, state: ShopState, clock: Clock) -> None:
        self.state = state
        self.key = str(state.shop_id)
        self._clock = clock

    def now(self) -> int:
        """Unix seconds of the world; what time alone brings has happened."""
        now = int(self._clock.now().timestamp())
        self.state.tick(now)
        orders.tick(self.state, now)
        return now

    # -- the kit's verbs

    def offers(self) -> Sequence[Offer]:
        self.now()
        out: list[Offer] = []
        for item in self.state.items.values():
            if item.status == "NORMAL":
                out.extend(
                    Offer(sku=m.sku or item.sku, title=item.name, price=m.buyer_price, stock=m.available)
                    for m in item.models.values()
                    if m.available > 0
                )
        return out

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        order = orders.place(
            self.state,
            wants,
            cod=cod,
            seller_voucher=seller_voucher,
            platform_voucher=platform_voucher,
            now=self.now(),
        )
        return order.sn

    def pay(self, order_id: str) -> None:
        orders.pay(self.state, self.order(order_id), self.now())

    def ship(self, order_id: str) -> None:
        orders.ship(self.state, self.order(order_id), self.now())

    def deliver(self, order_id: str) -> None:
        orders.deliver(self.state, self.order(order_id), self.now())

    def complete(self, order_id: str) -> None:
        orders.complete(self.state, self.order(order_id), self.now())

    def fail_delivery(self, order_id: str) -> None:
        orders.fail_delivery(self.state, self.order(order_id), self.now())

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        order = self.order(order_id)
        parts = None if wants is None else orders.chosen_lines(order, wants)
        now = self.now()
        orders.cancel(self.state, order, parts, "buyer", "Changed mind", now)

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        now = self.now()
        returns.finish(self.state, self._open(order_id, wants, refund, now), now)

    def settle(self, order_id: str) -> None:
        money.settle(self.state, self.order(order_id), self.now())

    def orders(self) -> Sequence[SoldOrder]:
        self.now()
        return [order.book for order in self.state.placed]

    def listings(self) -> Sequence[Mapping[str, object]]:
        """One entry for each sellable unit: an item with variants stands there once per model."""
        self.now()
        return [
            {
                "sku": model.sku or item.sku,
                "remote_id": str(item.item_id),
                "variant_id": str(model.model_id),
                "state": NEUTRAL[item.status],
                "title": item.name,
                "description": item.body["description"],
                "price": model.price,
                "stock": sum(model.stock.values()),
            }
            for item in self.state.items.values()
            for model in item.models.values()
        ]

    # -- more that happens on this platform

    def ask_cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        """The buyer asks; the seller has to answer."""
        order = self.order(order_id)
        parts = None if wants is None else orders.chosen_lines(order, wants)
        orders.ask_cancel(self.state, order, parts, "Change of mind", self.now())

    def ask_return(self, order_id: str, wants: Sequence[Want], refund: int) -> str:
        """A return that is not finished yet; its return_sn."""
        return self._open(order_id, wants, refund, self.now()).sn

    def finish_return(self, return_sn: str) -> None:
        returns.finish(self.state, self.state.returns[return_sn], self.now())

    def cancel_return(self, return_sn: str) -> None:
        returns.cancel_return(self.state, self.state.returns[return_sn], self.now())

    def retry_pickup(self, order_id: str) -> None:
        orders.retry_pickup(self.state, self.order(order_id), self.now())

    def promote(self, item_id: int, *, reserved: int = 0, sale_price: int | None = None, kind: str = "") -> None:
        """The item joins a promotion: fields are locked, stock is reserved, the buyer's price may fall.

        ``kind`` shows in orders: ``seller_streaming_price`` is the only trace of a livestream sale.
        """
        item = self._item(item_id)
        item.in_promotion, item.promotion = True, kind
        for model in item.models.values():
            model.reserved, model.sale_price = reserved, sale_price

    def end_promotion(self, item_id: int) -> None:
        item = self._item(item_id)
        item.in_promotion, item.promotion = False, ""
        for model in item.models.values():
            model.reserved, model.sale_price = 0, None

    def ban(self, item_id: int, reason: str = "License Reason") -> None:
        """The platform takes an item down."""
        items.ban(self.state, self._item(item_id), reason, self.now())

    def order(self, order_id: str) -> Order:
        """Raises NotOffered for an unknown one."""
        order = self.state.orders.get(order_id)
        if order is None:
            raise NotOffered(order_id)
        return order

    def _item(self, item_id: int) -> Item:
        return self.state.items[item_id]

    def _open(self, order_id: str, wants: Sequence[Want], refund: int, now: int) -> Return:
        order = self.order(order_id)
        return returns.open_return(self.state, order, orders.chosen_lines(order, wants), refund, now)
