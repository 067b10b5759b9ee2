"""The three ways of writing the same things: Haravan, Sapo Web, Sapo Omnichannel. Sheet sections A4-A5, B, B3.

A dialect shows goods and orders and reads what is written. What the sheet marks KNOWN or does not say at all (nearly
everything of Omnichannel) is our reading of public code and said so at its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hub.sandbox.storefront.state import Back, Line, Order, Parcel, Product, Store, Variant, Wrong

Json = dict[str, Any]


def at(moment: datetime | None) -> str | None:
    """``2021-05-13T07:29:20.808Z``."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_price(value: object) -> int:
    """A number or its text. Raises Wrong(422)."""
    try:
        found = float(str(value))
    except ValueError:
        raise Wrong(422, {"price": ["is not a number"]}) from None
    if found < 0:
        raise Wrong(422, {"price": ["must be greater than or equal to 0"]})
    return round(found)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a body says of a product; None: not named."""

    title: str | None = None
    body: str | None = None
    kind: str | None = None
    vendor: str | None = None
    tags: str | None = None
    hidden: bool | None = None
    variants: list[Json] | None = None
    images: list[Json] | None = None
    option_name: str | None = None


class Dialect:
    """Haravan's; the Sapos differ by what they override."""

    id = "haravan"
    title, body, kind = "title", "body_html", "product_type"
    created, updated, published = "created_at", "updated_at", "published_at"
    managed = "haravan"
    counts_header = "X-Haravan-Api-Call-Limit"
    signature, topic, sender = "X-Haravan-Hmacsha256", "X-Haravan-Topic", "X-Haravan-Org-Id"
    bare_statuses = False  # what is not shipped is said by its own word, and not by null

    # ---- reading ----

    def read_product(self, body: Json) -> Written:
        hidden = body[self.published] is None if self.published in body else None
        if "published" in body:
            hidden = not body["published"]
        options = body.get("options") or []
        return Written(
            title=body.get(self.title), body=body.get(self.body), kind=body.get(self.kind), vendor=body.get("vendor"),
            tags=body.get("tags"), hidden=hidden, variants=body.get("variants"), images=body.get("images"),
            option_name=options[0].get("name") if options else None,
        )  # fmt: skip

    def read_variant(self, variant: Variant, body: Json, *, new: bool) -> None:
        """Haravan's stock of a variant that stands is told to its inventory only."""
        if "price" in body:
            variant.price = read_price(body["price"])
        variant.sku = body.get("sku", variant.sku)
        variant.barcode = str(body.get("barcode") or variant.barcode)
        variant.grams = int(body.get("grams") or variant.grams)
        variant.option = str(body.get("option1") or variant.option)
        if "inventory_management" in body:
            variant.managed = body["inventory_management"] == self.managed
        if "inventory_quantity" in body and (new or self.stock_by_variant):
            variant.onhand[0] += int(body["inventory_quantity"]) - variant.available

    stock_by_variant = False

    # ---- showing ----

    def show_product(self, store: Store, product: Product) -> Json:
        return {
            "id": product.id, self.title: product.title, self.body: product.body,
            "vendor": product.vendor or "Khác", self.kind: product.kind or "Khác",
            "handle": f"sp-{product.id}", "tags": product.tags, "template_suffix": "product",
            self.created: at(product.created), self.updated: at(product.updated),
            self.published: at(product.published), "published_scope": "global",
            "options": [{"id": product.id + 1, "name": product.option_name, "position": 1, "product_id": product.id}],
            "variants": [self.show_variant(store, product, one) for one in product.variants],
            "images": [
                {"id": number, "product_id": product.id, "position": place, "src": src}
                for place, (number, src) in enumerate(product.images, 1)
            ],
        }  # fmt: skip

    def show_variant(self, store: Store, product: Product, variant: Variant) -> Json:
        return {
            "id": variant.id, "product_id": product.id, "title": variant.option, "option1": variant.option,
            "option2": None, "option3": None, "sku": variant.sku, "barcode": variant.barcode or None,
            "price": float(variant.price), "compare_at_price": 0.0, "grams": variant.grams,
            "inventory_management": self.managed if variant.managed else None, "inventory_policy": "deny",
            "inventory_quantity": variant.available, "requires_shipping": True, "taxable": False,
            "inventory_advance": {
                "qty_available": variant.available, "qty_onhand": sum(variant.onhand),
                "qty_commited": variant.commited, "qty_incoming": 0,
            },
        }  # fmt: skip

    def show_order(self, order: Order) -> Json:
        shown: Json = {
            "id": order.id, "number": order.id, "name": f"#{order.number}", "order_number": f"#{order.number}",
            self.created: at(order.placed), self.updated: at(order.updated), "currency": "VND",
            "email": "guest@example.com", "gateway": GATEWAYS[order.cod],
            "gateway_code": "COD" if order.cod else "BANK",
            "source": order.source, "source_name": order.source, "note": order.note, "tags": order.tags,
            "note_attributes": order.note_attributes, "customer": None,
            "subtotal_price": float(order.goods - order.voucher), "total_line_items_price": float(order.goods),
            "total_discounts": float(order.voucher), "total_price": float(order.total), "total_tax": 0.0,
            "discount_codes": (
                [{"code": "SANDBOX", "amount": float(order.voucher), "type": "fixed_amount"}] if order.voucher else []
            ),
            "shipping_lines": [{"title": "Giao hàng", "code": "GH", "price": float(order.shipping)}],
            "shipping_address": ADDRESS, "billing_address": ADDRESS,
            "line_items": [self.show_line(one) for one in order.lines],
            "fulfillments": [self.show_parcel(order, one) for one in order.parcels],
            "refunds": [self.show_refund(order, one) for one in order.backs],
            "cancel_reason": order.cancel_reason,
        }  # fmt: skip
        return shown | self.statuses(order)

    def statuses(self, order: Order) -> Json:
        """Five fields; what is not shipped says ``notfulfilled`` whatever the documents say (DOC sample)."""
        return {
            "financial_status": order.financial,
            "fulfillment_status": shipped_word(order, "notfulfilled"),
            "confirmed_status": "confirmed" if order.confirmed else "unconfirmed",
            "confirmed_at": at(order.confirmed),
            "closed_status": "closed" if order.closed else "unclosed",
            "closed_at": at(order.closed),
            "cancelled_status": "cancelled" if order.cancelled else "uncancelled",
            "cancelled_at": at(order.cancelled),
            "transactions": self.transactions(order),
        }

    def transactions(self, order: Order) -> list[Json]:
        kind = "Capture" if order.paid else "Pending"
        first = {"id": order.id + 500_000_000, "kind": kind, "amount": float(order.total)}
        return [first | {self.created: at(order.paid or order.placed), "order_id": order.id}]

    def show_line(self, line: Line) -> Json:
        return {
            "id": line.id, "product_id": line.product.id, "variant_id": line.variant.id, "sku": line.variant.sku,
            self.title: line.product.title, "variant_title": line.variant.option, "quantity": line.quantity,
            "price": float(line.price), "price_original": float(line.price), "price_promotion": 0.0,
            "total_discount": 0.0, "fulfillable_quantity": line.quantity - line.shipped,
            "fulfillment_status": "fulfilled" if line.shipped == line.quantity else "notfulfilled",
        }  # fmt: skip

    def show_parcel(self, order: Order, parcel: Parcel) -> Json:
        """Carrier states as several public integrations know them."""
        word = "delivered" if parcel.delivered else "return" if parcel.returned else "delivering"
        return {
            "id": parcel.id, "order_id": order.id, "status": "success", self.created: at(parcel.at),
            "tracking_number": parcel.tracking, "tracking_company": parcel.company, "carrier_status_code": word,
            "delivered_date": at(parcel.delivered), "return_date": at(parcel.returned),
            "line_items": [{"id": line, "quantity": count} for line, count in parcel.units.items()],
        }  # fmt: skip

    def show_refund(self, order: Order, back: Back) -> Json:
        return {
            "id": back.id, "order_id": order.id, self.created: at(back.at), "note": None, "restock": True,
            "refund_line_items": [
                {"id": back.id + place, "line_item_id": line, "quantity": count}
                for place, (line, count) in enumerate(back.units.items(), 1)
            ],
            "transactions": [{"id": back.id + 50, "kind": "Refund", "amount": float(back.amount)}],
        }  # fmt: skip


GATEWAYS: Mapping[bool, str] = {True: "Thanh toán khi giao hàng (COD)", False: "Chuyển khoản qua ngân hàng"}
ADDRESS: Json = {
    "name": "Khách Mẫu", "address1": "Số 1 đường Mẫu", "phone": "0900000000", "province": "Thanh Hóa",
    "province_code": "TH", "district": None, "ward": None, "country": "Vietnam", "country_code": "vn",
}  # fmt: skip


def shipped_word(order: Order, nothing: str | None) -> str | None:
    if order.failed or (order.cancelled and order.left_the_house):
        return "restocked"
    shipped = sum(one.shipped for one in order.lines)
    if not shipped:
        return nothing
    return "fulfilled" if shipped == sum(one.quantity for one in order.lines) else "partial"


class SapoWeb(Dialect):
    """Own names for the same; one ``status``; stock is told to the variant (KNOWN)."""

    id = "sapo"
    title, body = "name", "content"
    created, updated, published = "created_on", "modified_on", "published_on"
    managed = "bizweb"
    counts_header = "X-Sapo-Api-Call-Limit"
    signature, topic, sender = "X-Sapo-Hmac-SHA256", "X-Sapo-Topic", "X-Sapo-Shop-Domain"
    stock_by_variant = True

    def show_product(self, store: Store, product: Product) -> Json:
        shown = super().show_product(store, product)
        return shown | {"alias": shown.pop("handle"), "summary": None}

    def statuses(self, order: Order) -> Json:
        return {
            "status": "cancelled" if order.cancelled else "closed" if order.closed else "open",
            "financial_status": order.financial,
            "fulfillment_status": shipped_word(order, None),
            "closed_on": at(order.closed),
            "cancelled_on": at(order.cancelled),
            "processed_on": at(order.placed),
            "transactions": self.transactions(order),
        }

    def show_parcel(self, order: Order, parcel: Parcel) -> Json:
        """``delivery_status`` and ``delivered_on`` are UNCONFIRMED."""
        shown = super().show_parcel(order, parcel)
        word = "delivered" if parcel.delivered else "returned" if parcel.returned else "delivering"
        gone = ("carrier_status_code", "delivered_date", "return_date")
        kept = {key: value for key, value in shown.items() if key not in gone}
        return kept | {"delivery_status": word, "delivered_on": at(parcel.delivered)}
