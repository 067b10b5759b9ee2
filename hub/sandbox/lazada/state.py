"""What a pretend seller has: items and SKUs, orders of single units, reverse orders, money rows. No HTTP, no rules."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from hub.sandbox.kit import SoldLine, SoldOrder
from hub.sandbox.lazada.wire import Json

ZONE = timezone(timedelta(hours=7))


def stamp(moment: datetime) -> str:
    """``2026-11-21 17:18:12 +0700``."""
    return moment.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S +0700")


def millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@dataclass(kw_only=True)
class Sku:
    """One SKU. Stock words of sheet 7; ``locked`` is what a campaign holds of the sellable part."""

    sku_id: int
    seller_sku: str
    price: int
    sellable: int
    withhold: int = 0
    occupy: int = 0
    locked: int = 0
    special_price: int = 0
    special_from: datetime | None = None
    special_to: datetime | None = None
    active: bool = True
    package: dict[str, str] = field(default_factory=dict)
    sale: dict[str, str] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.sellable + self.withhold + self.occupy

    def shown(self, now: datetime) -> int:
        """What a buyer pays now."""
        inside = (self.special_from is None or self.special_from <= now) and (
            self.special_to is None or now <= self.special_to
        )
        return self.special_price if self.special_price and inside else self.price


@dataclass(kw_only=True)
class Item:
    """One product."""

    item_id: int
    category: int
    attributes: dict[str, str]
    images: list[str]
    skus: list[Sku]
    created: datetime
    updated: datetime
    status: str = "Active"  # Active, InActive, Pending QC, Rejected, Deleted
    reason: str = ""
    review_until: datetime | None = None

    @property
    def title(self) -> str:
        return self.attributes.get("name", "")


@dataclass(kw_only=True)
class Unit:
    """One unit of an order: an order item of its own (sheet 9). ``line``: its place in the book."""

    number: int
    line: int
    item: Item
    sku: Sku
    price: int
    status: str
    updated: datetime
    voucher_seller: int = 0
    voucher_platform: int = 0
    shipping: int = 0
    package: str = ""
    tracking: str = ""
    paid_at: datetime | None = None
    reverse: int = 0
    return_status: str = ""
    reason: str = ""
    initiator: str = ""

    @property
    def gone(self) -> bool:
        return self.status == "canceled"


@dataclass(kw_only=True)
class Order:
    """Units and the book."""

    order_id: int
    units: list[Unit]
    book: SoldOrder
    created: datetime
    updated: datetime

    @property
    def lines(self) -> list[SoldLine]:
        return self.book.lines


@dataclass(kw_only=True)
class ReverseLine:
    number: int
    unit: Unit
    amount: int
    status: str


@dataclass(kw_only=True)
class Reverse:
    """A cancellation or a return."""

    number: int
    order: Order
    kind: str  # CANCEL, RETURN, ONLY_REFUND
    lines: list[ReverseLine]
    created: datetime
    updated: datetime


@dataclass(kw_only=True)
class Row:
    """One row of a statement; ``amount`` as the seller sees it."""

    at: datetime
    order: Order
    unit: Unit
    fee_type: int
    name: str
    amount: int
    wht: int = 0


def item_json(unit: Unit, order: Order, *, texts: bool) -> Json:
    """One order item; money and ids now as text, now as number."""
    item, sku = unit.item, unit.sku
    paid = max(unit.price - unit.voucher_seller - unit.voucher_platform, 0)
    told: Json = {
        "order_item_id": unit.number, "order_id": order.order_id, "name": item.title, "sku": sku.seller_sku,
        "shop_sku": f"{item.item_id}_VNAMZ-{sku.sku_id}", "sku_id": str(sku.sku_id), "product_id": str(item.item_id),
        "status": unit.status, "item_price": float(unit.price), "paid_price": f"{paid}.00" if texts else paid,
        "voucher_amount": unit.voucher_seller + unit.voucher_platform, "voucher_seller": unit.voucher_seller,
        "voucher_platform": f"{unit.voucher_platform}.00", "shipping_amount": float(unit.shipping),
        "shipping_fee_original": float(unit.shipping), "tax_amount": 0.0, "wallet_credits": 0.0, "currency": "VND",
        "variation": ", ".join(f"{key}:{value}" for key, value in sku.sale.items()), "reason": unit.reason,
        "reason_detail": "", "cancel_return_initiator": unit.initiator, "return_status": unit.return_status,
        "package_id": unit.package, "tracking_code": unit.tracking, "shipping_type": "Dropshipping",
        "shipment_provider": "Pickup: LEX VN, Delivery: LEX VN" if unit.package else "",
        "shipping_provider_type": "standard", "sla_time_stamp": "", "is_fbl": 0,
        "payment_time": millis(unit.paid_at) if unit.paid_at else "", "created_at": stamp(order.created),
        "updated_at": stamp(unit.updated), "need_cancel_confirm": False, "is_cancel_pending": False,
        "cancel_trigger_time": "", "reverse_order_id": str(unit.reverse) if unit.reverse else "", "buyer_id": 700001,
        "order_type": "Normal",
    }  # fmt: skip
    return told


def order_json(order: Order, *, masked: bool) -> Json:
    """The order without a state of its own. Address parts are starred until the security review is passed."""
    units, book = order.units, order.book
    kept = [unit for unit in units if not unit.gone] or units
    star = "H****i" if masked else "Hà Nội"
    return {
        "order_id": order.order_id, "order_number": order.order_id, "created_at": stamp(order.created),
        "updated_at": stamp(order.updated), "statuses": sorted({unit.status for unit in units}),
        "items_count": len(units), "price": f"{sum(unit.price for unit in kept)}.00",
        "voucher": float(sum(unit.voucher_seller + unit.voucher_platform for unit in kept)),
        "voucher_platform": sum(unit.voucher_platform for unit in kept),
        "voucher_seller": sum(unit.voucher_seller for unit in kept), "shipping_fee": float(book.shipping_fee),
        "shipping_fee_original": float(book.shipping_fee), "shipping_fee_discount_platform": 0.0,
        "shipping_fee_discount_seller": 0.0, "payment_method": "COD" if book.cod else "MIXEDCARD",
        "warehouse_code": "dropshipping", "buyer_note": "", "remarks": "", "tax_code": "",
        "customer_first_name": "N***n", "customer_last_name": "", "gift_option": False, "voucher_code": "",
        "delivery_info": "", "promised_shipping_times": "", "extra_attributes": '{"TaxInvoiceRequested":false}',
        "address_shipping": {
            "country": "Vietnam", "city": "Quan Mau", "phone": "84********00", "first_name": "m**u", "last_name": "",
            "address1": "s***1", "address2": "", "address3": star, "address4": "Q***u", "address5": "P***u",
            "post_code": "", "phone2": "",
        },
    }  # fmt: skip
