"""What TikTok Shop tells: orders, returns, statements, LIVEs, parcels; shapes and mappings. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, Field

from hub.connectors.model import FeeKind, FeeLine, OrderState, RemoteLine, RemoteOrder, RemoteRefund, Settlement, Tokens
from hub.connectors.shapes import At, Count, Dong, Flag, Json, Many, Moment, Text
from hub.connectors.tiktok_shop.words import TABLES
from hub.types import RemoteId, Sku, nfc

SENT = ("IN_TRANSIT", "DELIVERED", "COMPLETED")
RETURNED = "RETURN_OR_REFUND_REQUEST_COMPLETE"
BEFORE_TAX = "affiliate_commission_amount_before_pit"  # says again what the other two lines say

# ---- shapes --------------------------------------------------------------------------------------------------------


class Item(BaseModel):
    """One unit: there is no quantity."""

    id: Text
    product_id: Text = ""
    product_name: Text = ""
    sku_id: Text = ""
    seller_sku: Text = ""
    original_price: Dong = 0
    seller_discount: Dong = 0
    display_status: Text = ""
    is_gift: Flag = False
    room_id: Text = ""


class District(BaseModel):
    address_level: Text = ""
    address_name: Text = ""


class Address(BaseModel):
    """Nothing of the person is read."""

    district_info: Many[District] = []


class Payment(BaseModel):
    shipping_fee: Dong = 0
    platform_discount: Dong = 0


class Parcel(BaseModel):
    id: Text


class Order(BaseModel):
    id: Text
    status: Literal[tuple(TABLES["order_states"])]  # type: ignore[valid-type]
    create_time: At
    update_time: At
    paid_time: Moment = None
    rts_time: Moment = None
    rts_sla_time: Moment = None
    delivery_time: Moment = None
    cancel_time: Moment = None
    is_cod: Flag = False
    is_sample_order: Flag = False
    cancellation_initiator: Text = ""
    payment: Payment = Payment()
    packages: Many[Parcel] = []
    recipient_address: Address | None = None
    line_items: list[Item]


class Refund(BaseModel):
    refund_total: Dong = 0


class ClaimLine(BaseModel):
    order_line_item_id: Text


class Claim(BaseModel):
    return_id: Text
    order_id: Text
    return_status: Text
    update_time: At
    refund_amount: Refund = Refund()
    return_line_items: Many[ClaimLine] = []


class Taken(BaseModel):
    fee: dict[str, Dong] = {}
    tax: dict[str, Dong] = {}


class Entry(BaseModel):
    id: Text = ""
    order_id: Text = ""
    adjustment_order_id: Text = ""
    settlement_amount: Dong
    revenue_amount: Dong = 0
    shipping_cost_amount: Dong = 0
    fee_tax_amount: Dong = 0
    adjustment_amount: Dong = 0
    fee_tax_breakdown: Taken = Taken()


class Hooks(BaseModel):
    webhooks: Many[Json] = []


class Statement(BaseModel):
    id: Text
    statement_time: At


class Sold(BaseModel):
    amount: Dong = 0


class Sales(BaseModel):
    live_attributed_gmv: Sold = Sold()
    live_attributed_orders: Count = 0
    live_attributed_items_sold: Count = 0


class Traffic(BaseModel):
    viewers: Count = 0


class Session(BaseModel):
    id: Text
    title: Text = ""
    start_time: Moment = None
    end_time: Moment = None
    sales_performance: Sales = Sales()
    traffic: Traffic = Traffic()


class CreditSku(BaseModel):
    sku_id: Text = ""
    content_type: Text = ""
    content_id: Text = ""
    actual_paid_commission: Sold | None = None


class Credit(BaseModel):
    id: Text
    skus: Many[CreditSku] = []


class PickUp(BaseModel):
    start: Count = Field(alias="start_time")
    end: Count = Field(alias="end_time")
    avaliable: Flag = True  # the platform's own spelling


class Handovers(BaseModel):
    can_pickup: Flag = False
    can_drop_off: Flag = False
    pickup_slots: Many[PickUp] = []


class Document(BaseModel):
    doc_url: str


class Told(BaseModel):
    """Whichever list an answer carries; ``orders`` are decoded one by one."""

    orders: Many[Json] = []
    return_orders: Many[Claim] = []
    statements: Many[Statement] = []
    transactions: Many[Entry] = []
    live_stream_sessions: Many[Session] = []
    sku_eligibility: Many[Json] = []
    next_page_token: Text = ""


class Pair(BaseModel):
    access_token: str
    access_token_expire_in: At  # moments, not durations
    refresh_token: str
    refresh_token_expire_in: Moment = None

    def tokens(self) -> Tokens:
        return Tokens(
            access=self.access_token, refresh=self.refresh_token, access_until=self.access_token_expire_in,
            refresh_until=self.refresh_token_expire_in,
        )  # fmt: skip


# ---- what was told: pure -------------------------------------------------------------------------------------------


def to_order(order: Order, claims: Sequence[Claim] = ()) -> RemoteOrder:
    """Units of one SKU are one line, gifts apart. A delivery that failed is a cancellation by SYSTEM of a parcel that
    was announced (INFERENCE: the platform has no status for it)."""
    lines: dict[str, list[Item]] = {}
    for item in order.line_items:
        lines.setdefault(f"{item.sku_id}-gift" if item.is_gift else item.sku_id, []).append(item)
    of = {item.id: key for key, items in lines.items() for item in items}
    state = OrderState(TABLES["order_states"][order.status])
    if order.is_cod and state is OrderState.PAID:
        state = OrderState.PLACED
    if state is OrderState.CANCELLED and order.cancellation_initiator == "SYSTEM" and order.rts_time:
        state = OrderState.FAILED_DELIVERY
    failed = state is OrderState.FAILED_DELIVERY
    districts = order.recipient_address.district_info if order.recipient_address else []
    return RemoteOrder(
        remote_id=RemoteId(order.id), number=order.id, state=state, native_state=order.status, cod=order.is_cod,
        placed_at=order.create_time, updated_at=order.update_time, delivered_at=order.delivery_time,
        paid_at=order.paid_time or (order.delivery_time if order.is_cod else None), cancelled_at=order.cancel_time,
        shipped_at=order.rts_time if order.status in SENT or failed else None, test=order.is_sample_order,
        lines=tuple(_line(RemoteId(key), items, failed=failed) for key, items in lines.items()),
        seller_voucher=sum(item.seller_discount for item in order.line_items if not item.is_gift),
        platform_voucher=order.payment.platform_discount, shipping_paid=order.payment.shipping_fee,
        province=next((nfc(one.address_name) for one in districts if one.address_level == "L1"), ""),
        refunds=tuple(_refund(one, of) for one in claims if one.return_status == RETURNED and one.order_id == order.id),
    )  # fmt: skip


def _line(key: RemoteId, items: Sequence[Item], *, failed: bool) -> RemoteLine:
    first = items[0]
    price = 0 if first.is_gift else first.original_price
    return RemoteLine(
        line_id=key, sku=Sku(first.seller_sku) or None, listing=RemoteId(first.product_id), unit_price=price,
        variant=RemoteId(first.sku_id), title=nfc(first.product_name), quantity=len(items),
        charged=0 if first.is_gift else sum(item.original_price for item in items),
        cancelled=0 if failed else sum(item.display_status.startswith("CANCEL") for item in items),
        live_tag=any(item.room_id for item in items),
    )  # fmt: skip


def _refund(claim: Claim, of: Mapping[str, str]) -> RemoteRefund:
    keys = [of[one.order_line_item_id] for one in claim.return_line_items if one.order_line_item_id in of]
    units = tuple((RemoteId(key), keys.count(key)) for key in dict.fromkeys(keys))
    return RemoteRefund(
        refund_id=RemoteId(claim.return_id), at=claim.update_time, amount=claim.refund_amount.refund_total, units=units
    )


def to_settlement(statement: Statement, row: Entry) -> Settlement | None:
    """Fees are negative in samples, positive in formulas: the reading is the one that adds up. None: neither does.
    A statement is a whole day's; each of its rows has an id of its own, also two about one order."""
    order = row.order_id or row.adjustment_order_id
    goods, taken = row.revenue_amount + row.adjustment_amount, row.fee_tax_amount + row.shipping_cost_amount
    if row.settlement_amount not in (goods + taken, goods - taken):
        return None
    sign_of = -1 if row.settlement_amount == goods + taken else 1
    stated = {**row.fee_tax_breakdown.fee, **row.fee_tax_breakdown.tax}
    fees = [
        FeeLine(kind=TABLES["fees"].get(name, "other"), amount=sign_of * amount, label=name)
        for name, amount in stated.items() if amount and name != BEFORE_TAX
    ]  # fmt: skip
    unexplained = sign_of * row.fee_tax_amount - sum(one.amount for one in fees)
    rest: tuple[tuple[FeeKind, str, int], ...] = (
        ("other", "fee_tax_amount", unexplained),
        ("shipping", "shipping_cost_amount", sign_of * row.shipping_cost_amount),
        ("adjustment", "adjustment_amount", -row.adjustment_amount),
    )
    return Settlement(
        statement_id=RemoteId(f"{statement.id}/{row.id or order}"), order=RemoteId(order),
        settled_at=statement.statement_time, amount=row.settlement_amount,
        fees=(*fees, *(FeeLine(kind=kind, amount=amount, label=label) for kind, label, amount in rest if amount)),
    )  # fmt: skip
