"""A small world for the store tests of the sales: two producers, plain goods, a gift box, two shops."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hub.catalog import stock
from hub.catalog import tables as c
from hub.connectors.model import OrderState, RemoteLine, RemoteOrder, RemoteRefund
from hub.db import Tx
from hub.shops import tables as s
from hub.shops.model import Shop
from hub.types import RemoteId, Sku

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SHOPEE = Shop(id="shopee", platform="shopee", name="Gian hàng", producer_id="p1", channel_kind="marketplace",
              base_url="http://shopee.test")  # fmt: skip
SITE = Shop(id="site", platform="woocommerce", name="Trang bán hàng", producer_id="p2", channel_kind="own_site",
            base_url="http://site.test")  # fmt: skip
PRICES = {"tra": 100_000, "mam": 50_000, "banh": 33_333, "hop": 180_000}
CERTIFIED = {"tra": 4, "mam": 3}  # bánh has no certificate


def build(tx: Tx) -> None:
    """Producers, products, variants, certificates, one gift box (2 trà + 1 bánh), stock of 100 each."""
    for n in ("1", "2"):
        tx.execute(c.producer.insert(), [{"id": f"p{n}", "name": f"HTX {n}", "folded": f"htx {n}", "kind": "HTX",
                                          "province_code": "92", "commune_code": f"0000{n}"}])  # fmt: skip
    for key, price in PRICES.items():
        owner = "p2" if key == "mam" else "p1"
        tx.execute(
            c.product.insert(), [{"id": f"P-{key}", "producer_id": owner, "name": key, "folded": key, "name_key": key}]
        )
        tx.execute(c.variant.insert(), [{"id": f"V-{key}", "product_id": f"P-{key}", "sku": key, "price": price,
                                         "net_quantity": "500", "unit": "g"}])  # fmt: skip
    for key, stars in CERTIFIED.items():
        tx.execute(c.certificate.insert(), [{"id": f"C-{key}", "product_id": f"P-{key}", "stars": stars,
                                             "decision_no": "1/QĐ-UBND", "decision_date": date(2024, 11, 21),
                                             "expires_on": date(2027, 11, 21)}])  # fmt: skip
    tx.execute(c.part.insert(), [{"variant_id": "V-hop", "component_id": "V-tra", "quantity": 2},
                                 {"variant_id": "V-hop", "component_id": "V-banh", "quantity": 1}])  # fmt: skip
    for shop in (SHOPEE, SITE):
        tx.execute(s.shop.insert(), [{"id": shop.id, "platform": shop.platform, "name": shop.name,
                                      "producer_id": shop.producer_id, "channel_kind": shop.channel_kind,
                                      "base_url": shop.base_url, "state": "connected", "created_at": NOW}])  # fmt: skip
    for key in ("tra", "mam", "banh"):
        stock.declare(tx, f"V-{key}", 100, ref="declare:1", at=NOW)


def order(remote_id: str = "o1", *goods: tuple[str, int], **changes: object) -> RemoteOrder:
    """An order placed at NOW for (SKU, quantity) pairs at list price; ``changes`` are fields of RemoteOrder."""
    lines = tuple(
        RemoteLine(
            line_id=RemoteId(str(n)), sku=Sku(sku), listing=RemoteId(f"L-{sku}"), variant=None, title=sku,
            quantity=quantity, unit_price=PRICES.get(sku, 0), charged=PRICES.get(sku, 0) * quantity,
        )
        for n, (sku, quantity) in enumerate(goods or (("tra", 2), ("mam", 1)), 1)
    )  # fmt: skip
    told = RemoteOrder(
        remote_id=RemoteId(remote_id), number=remote_id, state=OrderState.PAID, placed_at=NOW, updated_at=NOW,
        lines=lines, paid_at=NOW,
    )  # fmt: skip
    return replace(told, **changes)  # type: ignore[arg-type]


def later(told: RemoteOrder, days: float, state: OrderState, **changes: object) -> RemoteOrder:
    """The same order some days on, with the times that go with its state."""
    at = NOW + timedelta(days=days)
    times: dict[str, object] = {"updated_at": at, "state": state}
    if state is OrderState.SHIPPED:
        times["shipped_at"] = at
    if state in (OrderState.DELIVERED, OrderState.COMPLETED):
        times |= {"shipped_at": told.shipped_at or at, "delivered_at": told.delivered_at or at}
    if state is OrderState.CANCELLED:
        times["cancelled_at"] = at
    return replace(told, **{**times, **changes})  # type: ignore[arg-type]


def refund(refund_id: str, days: float, amount: int, *units: tuple[str, int]) -> RemoteRefund:
    """Money back some days on."""
    return RemoteRefund(
        refund_id=RemoteId(refund_id), at=NOW + timedelta(days=days), amount=amount,
        units=tuple((RemoteId(line), n) for line, n in units),
    )  # fmt: skip
