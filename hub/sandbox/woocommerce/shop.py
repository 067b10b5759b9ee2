"""A site as its buyers and its book-keeper see it.

The book is read from the orders by our own rules, so orders an office typed in by REST are in it too. ``charged`` is
the line before coupons; what coupons took stands in ``seller_voucher``, so net = charged - voucher - refunds.
Core knows no shipping and no partial cancellation: an order is processing until it is completed.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from hub.sandbox.kit import NotOffered, Offer, SoldLine, SoldOrder, SoldOut, SoldState, Want
from hub.sandbox.woocommerce import orders
from hub.sandbox.woocommerce.site import Order, Product, Site
from hub.sandbox.woocommerce.wire import Json, number
from hub.types import share_out

UNMANAGED = 100
"""What a buyer dares to order of a product whose stock nobody counts."""

STATES: Mapping[str, SoldState] = {
    "pending": "unpaid",
    "on-hold": "unpaid",
    "checkout-draft": "unpaid",
    "processing": "placed",
    "completed": "completed",
    "cancelled": "cancelled",
}


class WooSandboxShop:
    """One site behind the kit's verbs."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.key = site.config.key

    def offers(self) -> Sequence[Offer]:
        return [
            Offer(sku=one.json["sku"], title=self._title(one), price=price, stock=stock)
            for one in self._sellables()
            if (price := int(number(one.json["price"]))) > 0 and (stock := self._free(one)) > 0
        ]

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        """A checkout: asks the stock first, holds it until paid. There is no platform to pay vouchers."""
        needed: dict[str, int] = {}
        for want in wants:
            needed[want.sku] = needed.get(want.sku, 0) + want.quantity
        known = {one.json["sku"]: one for one in map(self._site.by_its_sku, needed) if one is not None}
        for sku, units in needed.items():
            if sku not in known or not self._for_sale(known[sku]) or self._free(known[sku]) < units:
                raise SoldOut(sku)
        order = orders.create(self._site, self._basket(wants, known, seller_voucher, cod=cod), via="checkout")
        if cod:
            orders.go(self._site, order, "processing")  # sets date_paid though no cash came (sheet 5, COD trap)
        else:
            self._hold(order, 1)
        return str(order.id)

    def pay(self, order_id: str) -> None:
        """Online payment arrives; cash is paid at the door and changes nothing here."""
        if self._site.orders[int(order_id)].json["payment_method"] == "cod":
            return
        order = self._in(order_id, "pending", "on-hold")
        self._hold(order, -1)
        orders.pay(self._site, order)

    def ship(self, order_id: str) -> None:
        """Core has no such state: the order stays processing."""
        self._in(order_id, "processing")

    def deliver(self, order_id: str) -> None:
        orders.go(self._site, self._in(order_id, "processing"), "completed")

    def complete(self, order_id: str) -> None:
        """Delivered is completed here; only an order nobody called delivered moves on."""
        order = self._in(order_id, "processing", "completed", "refunded")
        if order.status == "processing":
            orders.go(self._site, order, "completed")

    def fail_delivery(self, order_id: str) -> None:
        """The owner notes ``failed``; core gives no stock back then (sheet 5: only cancelled and pending do)."""
        orders.go(self._site, self._in(order_id, "processing"), "failed")

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        if wants is not None:
            raise NotOffered
        order = self._in(order_id, "pending", "on-hold", "processing")
        if order.status == "pending":
            self._hold(order, -1)
        orders.go(self._site, order, "cancelled")

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        order = self._in(order_id, "completed")
        lines = [(_line_of(order, want), want.quantity) for want in wants]
        weights = [int(number(line["total"])) * units // line["quantity"] for line, units in lines]
        parts = share_out(refund, weights)
        items = [
            {"id": line["id"], "quantity": units, "refund_total": part}
            for (line, units), part in zip(lines, parts, strict=True)
        ]
        orders.refund(self._site, order, {"amount": str(refund), "line_items": items, "api_refund": False})

    def settle(self, order_id: str) -> None:
        """Nobody stands between the buyer's money and the seller."""

    def orders(self) -> Sequence[SoldOrder]:
        return [self._page(one) for one in self._site.orders.values() if one.status not in ("trash", "auto-draft")]

    def listings(self) -> Sequence[Mapping[str, object]]:
        return [self._listing(one) for one in self._everything()]

    def _everything(self) -> list[Product]:
        """What has a price and a stock: simple products and variations."""
        simple = [one for one in self._site.products.values() if one.json["type"] != "variable"]
        return [*simple, *self._site.variations.values()]

    def _sellables(self) -> list[Product]:
        return [one for one in self._everything() if self._for_sale(one)]

    def _for_sale(self, product: Product) -> bool:
        whole = self._site.products.get(product.parent, product)
        shown = product.status == "publish" and whole.status == "publish"
        return shown and product.json["stock_status"] == "instock" and product.json["price"] != ""

    def _free(self, product: Product) -> int:
        quantity = product.json["stock_quantity"]
        return UNMANAGED if quantity is None else int(quantity) - product.held

    def _hold(self, order: Order, sign: int) -> None:
        for line in order.json["line_items"]:
            product = self._site.sellable(line["variation_id"] or line["product_id"])
            if product is not None:
                self._site.hold(product, sign * line["quantity"])

    def _basket(self, wants: Sequence[Want], known: Mapping[str, Product], voucher: int, *, cod: bool) -> Json:
        prices = [0 if want.gift else int(number(known[want.sku].json["price"])) for want in wants]
        worth = [price * want.quantity for price, want in zip(prices, wants, strict=True)]
        voucher = min(voucher, sum(worth))
        taken = share_out(voucher, worth)
        lines = []
        for want, value, off in zip(wants, worth, taken, strict=True):
            product = known[want.sku]
            line: Json = {"product_id": product.parent or product.id, "quantity": want.quantity}
            line |= {"variation_id": product.id if product.parent else 0}
            lines.append(line | {"subtotal": str(value), "total": str(value - off)})
        body: Json = {"line_items": lines, "payment_method": "cod" if cod else "bank_qr"}
        body["billing"] = body["shipping"] = {"country": "VN", "state": "Sóc Trăng"}
        if voucher:
            body["coupon_lines"] = [{"code": "sandbox", "discount": str(voucher)}]
        if self._site.config.shipping_fee:
            fee = str(self._site.config.shipping_fee)
            body["shipping_lines"] = [{"method_id": "flat_rate", "method_title": "Giao hàng", "total": fee}]
        return body

    def _in(self, order_id: str, *states: str) -> Order:
        order = self._site.orders[int(order_id)]
        if order.status not in states:
            raise NotOffered(order.status)
        return order

    def _page(self, order: Order) -> SoldOrder:
        if order.sold is None:
            order.sold = sold(order)
        return order.sold

    def _title(self, product: Product) -> str:
        parent = self._site.products.get(product.parent)
        return str(product.json["name"] if parent is None else parent.json["name"])

    def _listing(self, product: Product) -> Mapping[str, object]:
        whole = self._site.products.get(product.parent, product)
        state = "gone" if "trash" in (product.status, whole.status) else "hidden"
        if product.status == "publish" and whole.status == "publish":
            state = "live"
        return {
            "sku": product.json["sku"],
            "remote_id": str(product.id),
            "state": state,
            "title": whole.json["name"],
            "description": f"{whole.raw.get('description', '')}\n{whole.raw.get('short_description', '')}".strip(),
            "price": int(number(product.json["price"])) if product.json["price"] else None,
            "stock": product.json["stock_quantity"],
        }


def sold(order: Order) -> SoldOrder:
    """The book's page of one order."""
    json = order.json
    lines = {line["id"]: _sold_line(line) for line in json["line_items"]}
    refunds = []
    for thing in order.refunds:
        refunds.append((thing.created, int(number(thing.json["amount"]))))
        for back in thing.json["line_items"]:
            lines[int(back["meta_data"][0]["value"])].returned -= back["quantity"]
    cod = json["payment_method"] == "cod"
    return SoldOrder(
        order_id=str(order.id),
        state=_state(order),
        placed_at=order.created,
        lines=list(lines.values()),
        cod=cod,
        seller_voucher=int(number(json["discount_total"])),
        shipping_fee=int(number(json["shipping_total"])),
        paid_at=order.completed_at if cod else order.paid_at,
        delivered_at=order.completed_at,
        cancelled_at=order.cancelled_at,
        refunds=refunds,
    )


def _sold_line(line: Json) -> SoldLine:
    subtotal = number(line["subtotal"])
    each = int(subtotal / Decimal(line["quantity"]))
    return SoldLine(sku=line["sku"] or "", quantity=line["quantity"], unit_price=each, charged=int(subtotal))


def _state(order: Order) -> SoldState:
    if order.status == "failed":
        return "failed_delivery" if order.went_on else "cancelled"
    if order.status == "refunded":
        return "completed" if order.completed_at is not None else "cancelled"
    return STATES.get(order.status, "unpaid")


def _line_of(order: Order, want: Want) -> Json:
    lines: list[Json] = order.json["line_items"]
    return next(line for line in lines if line["sku"] == want.sku and (number(line["subtotal"]) == 0) == want.gift)
