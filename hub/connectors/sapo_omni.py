"""Sapo Omnichannel / POS: another model of goods and orders than Sapo Web's. **Nearly everything is UNCONFIRMED.**

The interface is for partners only; of it is known the host ``<store>.mysapogo.com``, the envelope of webhooks and the
names ``code``, ``order_line_items``, ``customer_data``, ``issued_on``. The rest of the names (``variant_prices``,
``inventories``, ``opt1``, states of orders, ``prepayments``, ``metadata``) were seen in public programs that read it
with a browser's session; the stock-taking sheet and ``order_returns`` are our guess. Sending out is not offered.

What they write is brought into the family's shape by :func:`plain_product` and :func:`plain_order`, and back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hub.connectors.api import Dialect
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Done, Draft, DraftVariant, FieldName, PriceTag, Result, ShopCard, StockLevel
from hub.connectors.shapes import Json
from hub.connectors.storefront_trade import Trades
from hub.connectors.storefront_words import OPTION, Words, judging, sign_basic, to_wire
from hub.connectors.walk import grouped
from hub.errors import HubError

MANIFEST = read_manifest(__file__)
PAID = {"paid": "paid", "partial": "partially_paid", "unpaid": "pending"}


def plain_product(told: Any) -> Any:
    """Prices stand in lists, stock by location, "active" is published."""
    if not isinstance(told, dict) or not isinstance(told.get("variants"), list):
        return told
    shown = told.get("modified_on") if told.get("status") == "active" else None
    variants = [_plain_variant(one) if isinstance(one, dict) else one for one in told["variants"]]
    return told | {"content": told.get("description"), "published_on": shown, "variants": variants, "alias": None}


def _plain_variant(told: Json) -> Json:
    prices, rows = told.get("variant_prices") or [], told.get("inventories") or []
    price = prices[0].get("value") if prices else told.get("variant_retail_price")
    available = [row["available"] for row in rows if row.get("available") is not None]
    return told | {"price": price, "inventory_quantity": int(sum(available)) if available else None}


def plain_order(told: Any) -> Any:
    """``draft → finalized → completed``, beside them what is paid and what left the house."""
    if not isinstance(told, dict):
        return told
    parcels, money_back = told.get("fulfillments") or [], told.get("order_returns") or []
    paid = [{"kind": "sale", "amount": one.get("amount"), "created_on": one.get("paid_on")}
            for one in told.get("prepayments") or []]  # fmt: skip
    return told | {
        "name": told.get("code"), "closed_on": told.get("completed_on"), "transactions": paid,
        "financial_status": PAID.get(str(told.get("payment_status")), ""), "gateway": told.get("payment_method_type"),
        "fulfillment_status": "fulfilled" if told.get("fulfillment_status") == "shipped" else "",
        "total_discounts": told.get("total_discount"), "line_items": _plain_lines(told.get("order_line_items")),
        "shipping_lines": [{"price": (told.get("delivery_fee") or {}).get("fee")}],
        "fulfillments": [
            {"id": one.get("id"), "status": one.get("status"), "delivery_status": one.get("status"),
             "created_on": one.get("shipped_on"), "delivered_on": one.get("received_on")}
            for one in parcels
        ],
        "refunds": [
            {
                "id": one.get("id"), "created_on": one.get("created_on"),
                "transactions": [{"kind": "refund", "amount": one.get("total_amount")}],
                "refund_line_items": [
                    {"line_item_id": item.get("order_line_item_id"), "quantity": item.get("quantity")}
                    for item in one.get("return_line_items") or []
                ],
            }
            for one in money_back
        ],
    }  # fmt: skip


def _plain_lines(rows: Any) -> Any:
    if not isinstance(rows, list):
        return rows
    return [one | {"title": one.get("product_name"), "total_discount": one.get("discount_amount")} for one in rows]


class SapoOmni(Trades):
    """One store on Sapo Omnichannel."""

    manifest = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign_basic, judge=judging(MANIFEST))
    words = Words(title="name", body="description", updated="modified_on", published="status", managed="")
    order_filter: ClassVar[Mapping[str, object]] = {}
    heads = ("x-sapo-hmac-sha256", "x-sapo-topic", "x-sapo-tenant-domain")
    bucket = "x-sapo-api-call-limit"

    def plain_product(self, told: Any) -> Any:
        return plain_product(told)

    def plain_order(self, told: Any) -> Any:
        return plain_order(told)

    async def check(self) -> ShopCard:
        """Nothing tells of the store itself; its locations show that we are let in."""
        await self._rows("locations")
        site = self.shop.base_url.partition("://")[2].strip("/")
        return ShopCard(remote_id=site, name=site, currency="VND", live=True)

    # ---- what we tell ----

    def changed_product(self, draft: Draft, fields: frozenset[FieldName]) -> Json:
        wire = to_wire(draft, fields, self.words, self.api.time())
        return wire | ({"status": "active" if draft.visible else "inactive"} if "visible" in fields else {})

    def new_product(self, draft: Draft) -> Json:
        own = super().new_product(draft)
        del own["options"]
        return own | {"status": "active" if draft.visible else "inactive", "opt1": OPTION, "brand": draft.brand or None}

    def new_variant(self, variant: DraftVariant) -> Json:
        return {
            "sku": variant.sku, "barcode": variant.gtin or None, "opt1": variant.label or variant.sku,
            "weight_value": variant.weight_g, "weight_unit": "g", "sellable": True,
            "variant_prices": [{"value": variant.price}], "inventories": [{"on_hand": variant.stock}],
        }  # fmt: skip

    def hidden(self) -> Json:
        return {"status": "inactive"}

    def priced(self, tag: PriceTag) -> Json:
        return {"variant_prices": [{"value": tag.price}]}

    # ---- stock ----

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        return await grouped(levels, lambda one: one.listing, self._count, Done())

    async def _count(self, listing: str, levels: Sequence[StockLevel]) -> Mapping[StockLevel, HubError]:
        """What is counted lies on the shelf; what is promised to buyers lies there too."""
        location = await self._location()
        told = (await self._get(f"products/{listing}")).get("product") or {}
        promised = {
            str(one.get("id")): sum(int(row.get("committed") or 0) for row in one.get("inventories") or [])
            for one in told.get("variants") or []
        }
        items = [
            {"variant_id": int(one.variant), "after_quantity": one.stock + promised.get(one.variant, 0)}
            for one in levels
        ]  # fmt: skip
        sheet = {"stock_adjustment": {"location_id": int(location), "note": "OCOP Hub", "line_items": items}}
        await self.api.write(Json, "POST", f"{self.root}/stock_adjustments.json", json=sheet, repeatable=True)
        return {}
