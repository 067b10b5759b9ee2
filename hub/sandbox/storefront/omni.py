"""Sapo Omnichannel's own model of goods and orders (sheet B, and names seen in public programs)."""

from hub.sandbox.storefront.dialect import Json, SapoWeb, Written, at
from hub.sandbox.storefront.state import Back, Order, Parcel, Product, Store, Variant


class SapoOmni(SapoWeb):
    """A model of its own. UNCONFIRMED but for the names the sheet lists: the interface is for partners only."""

    id = "sapo_omni"
    body = "description"
    sender = "X-Sapo-Tenant-Domain"

    def read_product(self, body: Json) -> Written:
        found = super().read_product(body | {"options": [{"name": body["opt1"]}] if body.get("opt1") else []})
        status = body.get("status")
        hidden = None if status is None else status != "active"
        return Written(
            title=found.title, body=found.body, kind=found.kind, vendor=body.get("brand"), tags=found.tags,
            hidden=hidden, variants=found.variants, images=found.images, option_name=found.option_name,
        )  # fmt: skip

    def read_variant(self, variant: Variant, body: Json, *, new: bool) -> None:
        prices = body.get("variant_prices") or []
        plain: Json = {
            "option1": body.get("opt1"),
            "sku": body.get("sku", variant.sku),
            "grams": body.get("weight_value"),
        }
        if prices:
            plain["price"] = prices[0]["value"]
        if new:
            plain["inventory_quantity"] = sum(int(one["on_hand"]) for one in body.get("inventories") or [])
        super().read_variant(variant, plain | {"barcode": body.get("barcode")}, new=new)

    def show_product(self, store: Store, product: Product) -> Json:
        return {
            "id": product.id, "tenant_id": 1, "name": product.title, "description": product.body,
            "product_type": product.kind or None, "category": product.kind or None, "brand": product.vendor or None,
            "status": "active" if product.published else "inactive", "opt1": product.option_name,
            "created_on": at(product.created), "modified_on": at(product.updated), "tags": product.tags,
            "variants": [self.show_variant(store, product, one) for one in product.variants],
            "images": [{"id": number, "full_path": src} for number, src in product.images],
        }  # fmt: skip

    def show_variant(self, store: Store, product: Product, variant: Variant) -> Json:
        rows = zip(store.locations, variant.onhand, strict=True)
        return {
            "id": variant.id, "product_id": product.id, "sku": variant.sku, "barcode": variant.barcode or None,
            "name": f"{product.title} - {variant.option}", "opt1": variant.option, "weight_value": variant.grams,
            "status": "active", "sellable": True, "variant_retail_price": float(variant.price),
            "variant_prices": [{"value": float(variant.price), "price_list_id": 1, "price_list": {"code": "BANLE"}}],
            "inventories": [
                {
                    "location_id": location, "variant_id": variant.id, "on_hand": onhand, "incoming": 0,
                    "committed": variant.commited if place == 0 else 0,
                    "available": onhand - (variant.commited if place == 0 else 0),
                }
                for place, (location, onhand) in enumerate(rows)
            ],
        }  # fmt: skip

    def show_order(self, order: Order) -> Json:
        return {
            "id": order.id, "tenant_id": 1, "location_id": 1_000_001, "code": f"SON{order.number}",
            "created_on": at(order.placed), "modified_on": at(order.updated), "issued_on": at(order.placed),
            "ship_on": None, "finalized_on": at(order.confirmed), "completed_on": at(order.closed),
            "cancelled_on": at(order.cancelled), "source_name": order.source, "phone_number": "0900000000",
            "customer_data": None, "shipping_address": {"city": "Thanh Hóa", "district": None, "ward": None},
            "status": _omni_status(order), "payment_status": _omni_paid(order),
            "fulfillment_status": "shipped" if order.left_the_house else "unshipped",
            "payment_method_type": "cod" if order.cod else "transfer", "total": float(order.total),
            "total_discount": float(order.voucher), "delivery_fee": {"fee": float(order.shipping)},
            "prepayments": [{"paid_on": at(order.paid), "amount": float(order.total)}] if order.paid else [],
            "order_line_items": [
                {
                    "id": one.id, "product_id": one.product.id, "variant_id": one.variant.id, "sku": one.variant.sku,
                    "product_name": one.product.title, "variant_name": one.variant.option,
                    "quantity": float(one.quantity),
                    "price": float(one.price), "discount_amount": 0.0, "line_amount": float(one.price * one.quantity),
                }
                for one in order.lines
            ],
            "fulfillments": [self.show_parcel(order, one) for one in order.parcels],
            "order_returns": [self.show_refund(order, one) for one in order.backs],
        }  # fmt: skip

    def show_parcel(self, order: Order, parcel: Parcel) -> Json:
        word = "received" if parcel.delivered else "returned" if parcel.returned else "shipped"
        return {
            "id": parcel.id, "order_id": order.id, "status": word, "shipped_on": at(parcel.at),
            "received_on": at(parcel.delivered), "shipment": {"tracking_code": parcel.tracking},
        }  # fmt: skip

    def show_refund(self, order: Order, back: Back) -> Json:
        items = [{"order_line_item_id": line, "quantity": float(count)} for line, count in back.units.items()]
        return {
            "id": back.id,
            "created_on": at(back.at),
            "total_amount": float(back.amount),
            "return_line_items": items,
        }


def _omni_status(order: Order) -> str:
    if order.cancelled:
        return "cancelled"
    if order.closed:
        return "completed"
    return "finalized" if order.confirmed or order.paid else "draft"


def _omni_paid(order: Order) -> str:
    return "paid" if order.paid else "unpaid"
