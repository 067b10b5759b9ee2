"""Drafts and orders that the WooCommerce tests share."""

import json
from collections.abc import Sequence

from hub.connectors.model import Draft, DraftVariant, Picture
from hub.connectors.woocommerce.orders import Order
from hub.types import Sku


def draft(sku: str = "HT-1", *prices: int, pictures: Sequence[Picture] = (), category: str = "") -> Draft:
    prices = prices or (250_000,)
    return Draft(
        sku=Sku(sku if len(prices) == 1 else f"{sku}-0"), title="Mật ong bạc hà", description="Ngon.\n\nSạch.",
        category=category,
        variants=tuple(
            DraftVariant(sku=Sku(sku if len(prices) == 1 else f"{sku}-{i}"), price=price, stock=5, label=f"{i} lít")
            for i, price in enumerate(prices)
        ),
        pictures=tuple(pictures), attributes=(("Xuất xứ", "Hà Giang"),),
    )  # fmt: skip


def order(status: str = "processing", **more: object) -> Order:
    """Shaped like the sheet's own answer."""
    told: dict[str, object] = {
        "id": 12, "number": "DH-12", "status": status, "currency": "VND", "total": "500000", "discount_total": "0",
        "shipping_total": "30000", "date_created_gmt": "2026-11-21T20:42:20",
        "date_modified_gmt": "2026-11-22T01:00:00",
        "date_paid_gmt": None, "customer_id": 0,
        "billing": {"first_name": "Sùng Thị", "phone": "0912345678", "country": "VN", "state": "Hà Giang"},
        "payment_method": "bacs", "created_via": "checkout",
        "line_items": [
            {"id": 1, "name": "Mật ong &amp; sữa", "product_id": 10, "variation_id": 0, "quantity": 2,
             "subtotal": "500000", "total": "500000", "sku": "OCOP-HG-0001", "price": 250000},
        ],
        "shipping_lines": [], "fee_lines": [], "coupon_lines": [], "refunds": [],
    }  # fmt: skip
    return Order.model_validate_json(json.dumps(told | more))
