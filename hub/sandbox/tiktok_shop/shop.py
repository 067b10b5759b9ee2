"""One seller's shop: its state, the kit's neutral verbs, and a few more for tests."""

from collections.abc import Iterator, Mapping, Sequence

from hub.clock import Clock
from hub.sandbox.kit import NotOffered, Offer, SoldOrder, Want
from hub.sandbox.tiktok_shop import goods, money, trade
from hub.sandbox.tiktok_shop.config import TikTok, TikTokSeller
from hub.sandbox.tiktok_shop.hooks import Outbox
from hub.sandbox.tiktok_shop.state import Product
from hub.sandbox.tiktok_shop.wire import Json, Refusal

DAY = 86_400
NEUTRAL = {
    "DRAFT": "hidden", "PENDING": "reviewing", "FAILED": "banned", "ACTIVATE": "live", "SELLER_DEACTIVATED": "hidden",
    "PLATFORM_DEACTIVATED": "banned", "FREEZE": "banned", "DELETED": "gone",
}  # fmt: skip


class Shop:
    """State and verbs. Wrong states raise NotOffered."""

    def __init__(self, seller: TikTokSeller, config: TikTok, ids: Iterator[int], clock: Clock, outbox: Outbox) -> None:
        self.seller, self.config, self.key = seller, config, seller.shop_id
        self._ids, self._clock, self.outbox = ids, clock, outbox
        self.products: dict[str, Product] = {}
        self.images: dict[str, Json] = {}
        self.repeats: dict[str, Json] = {}  # idempotency key -> answer
        self.orders_by_id: dict[str, trade.Order] = {}
        self.cancellations: dict[str, trade.Claim] = {}
        self.returns: dict[str, trade.Claim] = {}
        self.entries: list[money.Entry] = []
        self.lives: dict[str, money.Live] = {}
        self.credits: list[money.Credit] = []
        self.on_air = ""  # the LIVE that new orders come from

    def now(self) -> int:
        """Unix seconds of the world; what time alone brings has happened."""
        now = int(self._clock.now().timestamp())
        goods.tick(self, now)
        trade.tick(self, now)
        money.tick(self, now)
        return now

    def number(self) -> str:
        """A new id, 19 digits as the real ones."""
        return str(next(self._ids))

    def tell(self, kind: int, data: Json, now: int) -> None:
        self.outbox.add(self.key, kind, data, now)

    def product(self, number: str) -> Product:
        if number not in self.products:
            raise Refusal(12052032, "product not found")
        return self.products[number]

    def made_today(self, now: int) -> int:
        """Products created in this UTC day."""
        return sum(one.created // DAY == now // DAY for one in self.products.values())

    # -- the kit's verbs

    def offers(self) -> Sequence[Offer]:
        self.now()
        return [
            Offer(sku=unit.seller_sku, title=one.shown["title"], price=unit.price, stock=unit.available)
            for one in self.products.values() if one.status == "ACTIVATE"
            for unit in one.units if unit.available > 0
        ]  # fmt: skip

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        now = self.now()
        order = trade.place(self, wants, now, cod=cod, seller_voucher=seller_voucher, platform_voucher=platform_voucher)
        return order.id

    def order(self, order_id: str) -> trade.Order:
        if order_id not in self.orders_by_id:
            raise NotOffered(order_id)
        return self.orders_by_id[order_id]

    def pay(self, order_id: str) -> None:
        trade.pay(self, self.order(order_id), self.now())

    def ship(self, order_id: str) -> None:
        now = self.now()
        trade.hand_over(self, self.order(order_id), now)

    def deliver(self, order_id: str) -> None:
        trade.deliver(self, self.order(order_id), self.now())

    def complete(self, order_id: str) -> None:
        trade.complete(self, self.order(order_id), self.now())

    def fail_delivery(self, order_id: str) -> None:
        trade.fail_delivery(self, self.order(order_id), self.now())

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        order = self.order(order_id)
        pieces = None if wants is None else trade.chosen(order, wants)
        trade.cancel(self, order, pieces, self.now(), by="BUYER", reason="Changed mind")

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        trade.finish_return(self, self.ask_return(order_id, wants, refund), self.now())

    def settle(self, order_id: str) -> None:
        money.settle(self, self.order(order_id), self.now())

    def orders(self) -> Sequence[SoldOrder]:
        self.now()
        return [one.book for one in self.orders_by_id.values()]

    def listings(self) -> Sequence[Mapping[str, object]]:
        self.now()
        return [
            {
                "sku": unit.seller_sku, "remote_id": one.id, "variant_id": unit.id, "state": NEUTRAL[one.status],
                "title": one.shown["title"], "description": one.shown["description"], "price": unit.price,
                "stock": unit.available,
            }
            for one in self.products.values() for unit in one.units
        ]  # fmt: skip

    # -- more that happens on this platform

    def ask_return(self, order_id: str, wants: Sequence[Want], refund: int) -> trade.Claim:
        """A return that is not finished yet."""
        order = self.order(order_id)
        return trade.open_return(self, order, trade.chosen(order, wants), refund, self.now())

    def ask_cancel(self, order_id: str) -> str:
        """The buyer would like out; the seller answers by cancel_id."""
        order, now = self.order(order_id), self.now()
        claim = trade.Claim(
            id=self.number(), order_id=order_id, status="CANCELLATION_REQUEST_PENDING", created=now, updated=now,
            pieces=order.open(), amount=0, kind="BUYER_CANCEL",
        )  # fmt: skip
        self.cancellations[claim.id] = claim
        order.wish = claim.id
        return claim.id

    def freeze(self, product_id: str, status: str = "FREEZE") -> None:
        """The platform takes a listing down (or hides it: PLATFORM_DEACTIVATED)."""
        product, now = self.products[product_id], self.now()
        product.to_status(status, now)
        product.reasons = ["Vi phạm chính sách"]
        data = {"product_id": int(product_id), "status": "PRODUCT_STATUS_CHANGED", "update_time": now}
        self.tell(5, {**data, "suspended_reason": product.reasons[0]}, now)

    def promote(self, product_id: str, *, floor: int = 0) -> None:
        """The product joins a promotion: its price is locked, its stock may not fall below."""
        product = self.products[product_id]
        product.promoted = True
        for unit in product.units:
            unit.floor = floor

    def broadcast(self, title: str, *, minutes: int = 120, account: str = "OFFICIAL_ACCOUNTS") -> str:
        """A LIVE begins; orders come from it until ``on_air`` is emptied."""
        now = self.now()
        live = money.Live(id=self.number(), title=title, start=now, end=now + minutes * 60, account=account)
        self.lives[live.id] = live
        self.on_air = live.id
        return live.id

    def credit(self, order_id: str, kind: str, content: str = "", percent: int = 10) -> None:
        """A creator brought this order; ``kind`` is a content_type."""
        order = self.order(order_id)
        rows = []
        for number in dict.fromkeys(one.unit.id for one in order.pieces if not one.gift):
            units = [one for one in order.pieces if one.unit.id == number and not one.gift]
            paid = sum(one.price for one in units) * percent // 100
            money_json = {"amount": str(paid), "currency": "VND"}
            rows.append({
                "sku_id": number, "product_id": units[0].product.id, "quantity": len(units), "content_type": kind,
                "price": {"amount": str(units[0].price), "currency": "VND"}, "content_id": content,
                "creator_username": "nguoi_ban", "settlement_status": "SETTLED", "commission_rate": str(percent * 100),
                "estimated_paid_commission": money_json, "actual_paid_commission": money_json,
                "estimated_commission_base": {"amount": "1.234.567 ₫"}, "fully_return": "No",
            })  # fmt: skip
        self.credits.append(money.Credit(order_id=order_id, created=order.created, skus=tuple(rows)))
        live = self.lives.get(content)
        if live is not None:
            live.orders += 1
            live.units += sum(int(str(row["quantity"])) for row in rows)
            live.gmv += sum(one.price for one in order.pieces if not one.gift)
