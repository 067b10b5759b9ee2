"""The pure words of the storefront family (Haravan, Sapo Web, Sapo Omnichannel): answers, mappings, signatures.

The facts and what is unconfirmed stand in ``storefront.py`` and in each platform's file.
"""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import AliasChoices, BaseModel, Field, TypeAdapter, ValidationError

from hub.connectors.api import Credentials, Judge, Request, complaint, looks_json
from hub.connectors.markup import to_html, to_text
from hub.connectors.model import (
    Draft,
    DraftVariant,
    FieldName,
    ListedVariant,
    Listing,
    ListingState,
    Manifest,
    OrderState,
    RemoteLine,
    RemoteOrder,
    RemoteRefund,
)
from hub.connectors.shapes import At, Count, Dong, Json, Many, MaybeDong, Moment, Text
from hub.errors import Refused, RemoteError
from hub.types import RemoteId, Sku, nfc

OPTION = "Quy cách"
"""Name of the one option that parts variants; shoppers of the site read it."""


def _or(*names: str, default: Any = ...) -> Any:
    """A field that has another name on each platform; without a default it must be there."""
    return Field(default=default, validation_alias=AliasChoices(*names))


# ---- what they tell ----------------------------------------------------------------------------------------------


class Identified(BaseModel):
    id: Text = ""


class Variant(Identified):
    id: Text
    sku: Text = ""
    price: MaybeDong = None
    inventory_quantity: int | None = None


class Product(Identified):
    id: Text
    title: Text = _or("title", "name")
    body: Text = _or("body_html", "content", default="")
    kind: Text = _or("product_type", default="")
    handle: Text = _or("handle", "alias", default="")
    published: Moment = _or("published_at", "published_on", default=None)
    updated: Moment = _or("updated_at", "modified_on", default=None)
    variants: Many[Variant]
    images: Many[Identified] = []


class Line(Identified):
    product_id: Text = ""
    variant_id: Text = ""
    sku: Text = ""
    title: Text = _or("title", "name", default="")
    quantity: Count
    price: Dong
    total_discount: Dong = 0
    fulfillable_quantity: int | None = None


class Payment(BaseModel):
    kind: Text = ""
    amount: Dong = 0
    at: Moment = _or("created_at", "created_on", default=None)


class Parcel(Identified):
    status: Text = ""
    tracking_number: Text = ""
    tracking_company: Text = ""
    word: Text = _or("carrier_status_code", "delivery_status", default="")
    at: Moment = _or("created_at", "created_on", default=None)
    delivered: Moment = _or("delivered_date", "delivered_on", default=None)


class Back(BaseModel):
    line_item_id: Text = ""
    quantity: Count = 0
    subtotal: Dong = 0


class Refund(Identified):
    at: At = _or("created_at", "created_on")
    refund_line_items: Many[Back] = []
    transactions: Many[Payment] = []


class Address(BaseModel):
    """Nothing but the place; districts are gone since July 2025."""

    province: Text = _or("province", "city", default="")


class Money(BaseModel):
    price: Dong = 0


class Order(Identified):
    id: Text
    name: Text = _or("name", "order_number", default="")
    placed: At = _or("created_at", "created_on")
    updated: At = _or("updated_at", "modified_on")
    cancelled: Moment = _or("cancelled_at", "cancelled_on", default=None)
    closed: Moment = _or("closed_at", "closed_on", default=None)
    status: Text = ""  # Sapo's one word
    cancelled_status: Text = ""  # Haravan's five fields
    closed_status: Text = ""
    financial_status: Text = ""
    fulfillment_status: Text = ""
    gateway: Text = ""
    gateway_code: Text = ""
    total_discounts: Dong = 0
    shipping_lines: Many[Money] = []
    shipping_address: Address | None = None
    line_items: Many[Line]
    transactions: Many[Payment] = []
    fulfillments: Many[Parcel] = []
    refunds: Many[Refund] = []


def to_listing(product: Product, site: str = "") -> Listing:
    """Goods as the shop shows them; the listing's own SKU is that of its first variant, as in the hub."""
    return Listing(
        remote_id=RemoteId(product.id),
        sku=Sku(product.variants[0].sku if product.variants else ""),
        state=ListingState.LIVE if product.published else ListingState.HIDDEN,
        title=nfc(product.title),
        description=to_text(product.body),
        variants=tuple(
            ListedVariant(remote_id=RemoteId(one.id), sku=Sku(one.sku), price=one.price, stock=one.inventory_quantity)
            for one in product.variants
        ),
        url=f"{site}/{product.handle}" if site and product.handle else "",
        category=product.kind,
        picture_ids=tuple(one.id for one in product.images),
        updated_at=product.updated,
    )


def to_order(order: Order) -> RemoteOrder:
    """An order of either dialect. ``refunds`` as far as the order itself tells them."""
    parcels = [one for one in order.fulfillments if one.status not in ("cancelled", "error", "failure")]
    cod = "cod" in f"{order.gateway_code} {order.gateway}".lower()
    captured = [one.at for one in order.transactions if one.kind.lower() in ("capture", "sale") and one.at]
    state = _state(order, parcels, cod=cod)
    finished = order.closed if state is OrderState.COMPLETED else None  # where no parcel tells when it arrived
    delivered = max((one.delivered for one in parcels if one.delivered), default=finished)
    return RemoteOrder(
        remote_id=RemoteId(order.id),
        number=order.name,
        state=state,
        placed_at=order.placed,
        updated_at=order.updated,
        lines=tuple(_to_line(one) for one in order.line_items),
        cod=cod,
        paid_at=min(captured, default=delivered if cod else None),
        shipped_at=min((one.at for one in parcels if one.at and one.word != "readytopick"), default=None),
        delivered_at=delivered,
        cancelled_at=order.cancelled,
        seller_voucher=max(0, order.total_discounts - sum(one.total_discount for one in order.line_items)),
        shipping_paid=sum(one.price for one in order.shipping_lines),
        province=nfc(order.shipping_address.province) if order.shipping_address else "",
        refunds=tuple(_to_refund(one) for one in order.refunds),
        native_state=" ".join(filter(None, (order.status, order.financial_status, order.fulfillment_status))),
    )


def _state(order: Order, parcels: Sequence[Parcel], *, cod: bool) -> OrderState:
    """``null``, ``unfulfilled`` and ``notfulfilled`` are one; a closed order that never left is just put away."""
    if parcels and all(one.word in ("return", "returned") for one in parcels):
        return OrderState.FAILED_DELIVERY
    if order.cancelled or "cancelled" in (order.cancelled_status, order.status):
        return OrderState.CANCELLED
    left = [one for one in parcels if one.word != "readytopick"]  # the carrier was called, the goods are still here
    shipped = bool(left) if parcels else order.fulfillment_status in ("fulfilled", "partial")
    if shipped and (order.closed or order.closed_status == "closed" or order.status in ("closed", "completed")):
        return OrderState.COMPLETED
    if parcels and all(one.delivered for one in parcels):
        return OrderState.DELIVERED
    if shipped:
        return OrderState.SHIPPED
    paid = order.financial_status in ("paid", "partially_refunded", "refunded")
    return OrderState.PAID if paid and not cod else OrderState.PLACED


def _to_line(line: Line) -> RemoteLine:
    return RemoteLine(
        line_id=RemoteId(line.id), sku=Sku(line.sku) if line.sku else None,
        listing=RemoteId(line.product_id) if line.product_id else None,
        variant=RemoteId(line.variant_id) if line.variant_id else None, title=nfc(line.title), quantity=line.quantity,
        unit_price=line.price, charged=line.price * line.quantity - line.total_discount,
    )  # fmt: skip


def _to_refund(refund: Refund) -> RemoteRefund:
    paid_back = [one.amount for one in refund.transactions if one.kind.lower() == "refund"]
    units: dict[RemoteId, int] = {}
    for one in refund.refund_line_items:
        units[RemoteId(one.line_item_id)] = units.get(RemoteId(one.line_item_id), 0) + one.quantity
    amount = sum(paid_back) if paid_back else sum(one.subtotal for one in refund.refund_line_items)
    return RemoteRefund(refund_id=RemoteId(refund.id), at=refund.at, amount=amount, units=tuple(units.items()))


# ---- what we tell ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Words:
    """A platform's own names. ``summary`` "": it has no place for one."""

    title: str
    body: str
    updated: str
    published: str
    managed: str
    summary: str = ""


def to_wire(draft: Draft, fields: frozenset[FieldName], words: Words, now: datetime) -> Json:
    """The JSON of ``fields``; pictures are the connector's affair. Attributes have no place here."""
    wire: Json = {}
    if "title" in fields:
        wire[words.title] = draft.title
    if "description" in fields:
        wire[words.body] = to_html(draft.description)
    if "short" in fields and words.summary:
        wire[words.summary] = draft.short
    if "category" in fields:
        wire["product_type"] = draft.category
    if "visible" in fields:
        wire[words.published] = stamp(now) if draft.visible else None
    return wire


def variant_to_wire(variant: DraftVariant, managed: str) -> Json:
    """A new variant, told from the others by its one option."""
    return {
        "sku": variant.sku, "price": variant.price, "inventory_management": managed, "inventory_policy": "deny",
        "inventory_quantity": variant.stock, "option1": variant.label or variant.sku, "grams": variant.weight_g,
        **({"barcode": variant.gtin} if variant.gtin else {}),
    }  # fmt: skip


def unfit(draft: Draft) -> Refused | None:
    """What a shop would swallow or twist."""
    if not draft.title.strip():
        return Refused("title_too_short", length=0, min=1)
    if not draft.variants or not all(one.sku for one in draft.variants):
        return Refused("sku_missing", sku=draft.sku)
    wrong = next((one for one in draft.variants if one.price < 0), None)
    return Refused("price_out_of_range", sku=wrong.sku, price=wrong.price) if wrong else None


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def judging(manifest: Manifest) -> Judge:
    """Bodies are ``{"errors": {field: [...]}}``, ``{"errors": text}`` or ``{"error": text}``. A field or word
    the manifest knows says more than the status; 401, 429 and 5xx are left to the status alone."""

    def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
        if status < 400 or status in (401, 429) or status >= 500 or not looks_json(body):
            return None
        with suppress(ValidationError):
            told = TypeAdapter(dict[str, Any]).validate_json(body)
            said = told.get("errors") or told.get("error") or told.get("message") or ""
            fields = list(said) if isinstance(said, dict) else [str(said)]
            code = next((one for one in fields if one in manifest.errors), str(status))
            return complaint(manifest.errors, code, str(said), status=status)
        return None

    return judge


def sign_basic(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """A private app's keys; or the token of an app that was installed."""
    if credentials.tokens is not None:
        return request.plus(headers=(("X-Sapo-Access-Token", credentials.access),))
    pair = f"{credentials['api_key']}:{credentials['api_secret']}"
    return request.plus(headers=(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"),))
