"""Between Shopee's words and the hub's: pure functions, tried on official-shaped examples.

What the platform does not say and we conclude (INFERENCE, from the life cycle in developer guides 31 and 229):

- *Delivered* has no time of its own. TO_CONFIRM_RECEIVE, COMPLETED, or every parcel LOGISTICS_DELIVERY_DONE means
  delivered, and ``update_time`` of that answer stands for the moment. It can only be later than the truth, and it moves
  with later answers: whoever stores orders keeps the first.
- *Paid*: ``pay_time``; cash on delivery is paid when delivered.
- CANCELLED after the parcel was picked up is a failed delivery; CANCELLED with a finished return was delivered before.
- A return counts as refunded when ACCEPTED or REFUND_PAID; CLOSED, whose meaning is not documented, only when the
  escrow shows a refund too. Its ``update_time`` stands for the moment.
- Vouchers and the buyer's shipping fee stand in the escrow only; there may be none before payment and after a
  cancellation: they are 0 then, and the order's next change tells them.
- A bundle's lines carry the price 0: what is left of the order's goods value is shared out by list price.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from hub.connectors.model import (
    Category,
    FeeKind,
    FeeLine,
    ListedVariant,
    Listing,
    ListingState,
    OrderState,
    RemoteLine,
    RemoteOrder,
    RemoteRefund,
    Settlement,
)
from hub.connectors.shopee.wire import (
    CategoryWire,
    Escrow,
    Income,
    Item,
    Model,
    Order,
    OrderItem,
    Released,
    Return,
    StockInfo,
)
from hub.errors import Garbled
from hub.types import RemoteId, Sku, Vnd, nfc, share_out

NO_MODEL = "0"
"""The model id of an item without variants."""

_STATES: Mapping[str, ListingState] = {
    "NORMAL": ListingState.LIVE,
    "UNLIST": ListingState.HIDDEN,
    "REVIEWING": ListingState.REVIEWING,
    "BANNED": ListingState.BANNED,
    "SELLER_DELETE": ListingState.GONE,
    "SHOPEE_DELETE": ListingState.GONE,
}


def to_listing(item: Item, models: Sequence[Model], *, url: str = "", reason: str = "") -> Listing:
    """An item with its models (none: the item itself is the one variant). Raises Garbled for an unknown status."""
    state = _STATES.get(item.item_status)
    if state is None:
        raise Garbled("remote_garbled", path="item_status", value=item.item_status)
    variants = tuple(
        ListedVariant(
            remote_id=RemoteId(one.model_id),
            sku=Sku(one.model_sku),
            price=one.price_info[0].original_price if one.price_info else None,
            stock=_stock(one.stock_info_v2),
        )
        for one in models
    )
    alone = ListedVariant(
        remote_id=RemoteId(NO_MODEL),
        sku=Sku(item.item_sku),
        price=item.price_info[0].original_price if item.price_info else None,
        stock=_stock(item.stock_info_v2),
    )
    return Listing(
        remote_id=RemoteId(item.item_id),
        sku=Sku(item.item_sku),
        state=state,
        title=item.item_name,
        description=item.description,
        variants=variants if item.has_model else (alone,),
        url=url,
        category=item.category_id,
        picture_ids=tuple(item.image.image_id_list) if item.image else (),
        attributes=tuple(
            (one.original_attribute_name, ", ".join(f"{v.original_value_name}{v.value_unit}" for v in values))
            for one in item.attribute_list
            if one.original_attribute_name and (values := one.attribute_value_list)
        ),
        reason=reason,
        updated_at=item.update_time,
    )


def _stock(info: StockInfo | None) -> int | None:
    """What the seller set; what is available where Shopee keeps the goods."""
    if info is None:
        return None
    if info.seller_stock is not None:
        return sum(one.stock for one in info.seller_stock)
    return info.summary_info.total_available_stock if info.summary_info else None


def to_category(wire: CategoryWire) -> Category:
    return Category(
        id=wire.category_id,
        parent="" if wire.parent_category_id == "0" else wire.parent_category_id,
        name=nfc(wire.display_category_name or wire.original_category_name),
        leaf=not wire.has_children,
    )


# ---- orders ------------------------------------------------------------------------------------------------------

LIVE_PRICES = frozenset({"seller_streaming_price", "platform_streaming_price", "exclusive_streamer_price"})
_FAILED = frozenset({"LOGISTICS_DELIVERY_FAILED", "LOGISTICS_COD_REJECTED", "LOGISTICS_LOST"})
_ON_THE_WAY = frozenset({"LOGISTICS_PICKUP_DONE", "LOGISTICS_DELIVERY_DONE", *_FAILED})
_BEFORE_SHIPPING = frozenset({"PENDING", "READY_TO_SHIP", "PROCESSED", "RETRY_SHIP", "IN_CANCEL", "INVOICE_PENDING"})
_AFTER_DELIVERY = frozenset({OrderState.DELIVERED, OrderState.COMPLETED})


def to_order(order: Order, escrow: Escrow | None, returns: Sequence[Return]) -> RemoteOrder:
    """``escrow`` None: no voucher is known yet. ``returns``: every return of this order, whatever its status.

    Raises Garbled for an order status nobody documented.
    """
    income = escrow.order_income if escrow else None
    refunded = [one for one in returns if _is_refunded(one, income)]
    state = to_state(order, came_back=any(one.return_refund_request_type != 1 for one in refunded))
    delivered = order.update_time if state in _AFTER_DELIVERY else None
    ended = state in (OrderState.CANCELLED, OrderState.FAILED_DELIVERY)
    lines = _lines(order, income)
    return RemoteOrder(
        remote_id=RemoteId(order.order_sn),
        number=order.order_sn,
        state=state,
        placed_at=order.create_time,
        updated_at=max([order.update_time, *(one.update_time for one in returns)]),
        lines=lines,
        cod=order.cod,
        paid_at=delivered if order.cod else order.pay_time,
        shipped_at=order.pickup_done_time,
        delivered_at=delivered,
        cancelled_at=order.update_time if ended else None,
        seller_voucher=(income and income.voucher_from_seller) or 0,
        platform_voucher=(income and income.voucher_from_shopee) or 0,
        shipping_paid=(income and income.buyer_paid_shipping_fee) or 0,
        province=order.recipient_address.state if order.recipient_address else "",
        refunds=() if ended else tuple(_refund(one, order, lines) for one in refunded),
        native_state=order.order_status,
    )


def to_state(order: Order, *, came_back: bool) -> OrderState:
    """The life cycle. ``came_back``: a return after delivery is finished, so the order had been delivered."""
    status, parcels = order.order_status, [one.logistics_status for one in order.package_list]
    arrived = bool(parcels) and all(one == "LOGISTICS_DELIVERY_DONE" for one in parcels)
    if status == "UNPAID":
        return OrderState.PLACED
    if status in _BEFORE_SHIPPING:
        waits = order.cod or (status == "PENDING" and order.pay_time is None)
        return OrderState.PLACED if waits else OrderState.PAID
    if status == "SHIPPED":
        return OrderState.DELIVERED if arrived else OrderState.SHIPPED
    if status == "TO_RETURN":  # asked for on the way, or after delivery
        return OrderState.SHIPPED if parcels and not arrived and not came_back else OrderState.DELIVERED
    if status == "TO_CONFIRM_RECEIVE":
        return OrderState.DELIVERED
    if status == "COMPLETED" or (status == "CANCELLED" and came_back):
        return OrderState.COMPLETED
    if status == "CANCELLED":
        return OrderState.FAILED_DELIVERY if _was_sent(order) else OrderState.CANCELLED
    raise Garbled("remote_garbled", path="order_status", value=status)


def _was_sent(order: Order) -> bool:
    parcels = {one.logistics_status for one in order.package_list}
    return order.pickup_done_time is not None or not _ON_THE_WAY.isdisjoint(parcels)


def may_have_come_back(order: Order) -> bool:
    """Cancelled after it was sent: a failed delivery, or a return that only the list of returns can tell."""
    return order.order_status == "CANCELLED" and _was_sent(order)


def _lines(order: Order, income: Income | None) -> tuple[RemoteLine, ...]:
    ids = line_ids(order.item_list)
    charged = _charged(order.item_list, income)
    return tuple(
        RemoteLine(
            line_id=line_id,
            sku=Sku(sku) if (sku := item.model_sku or item.item_sku) else None,
            listing=RemoteId(item.item_id),
            variant=RemoteId(item.model_id),
            title=f"{item.item_name} - {item.model_name}" if item.model_name else item.item_name,
            quantity=item.model_quantity_purchased,
            unit_price=item.model_original_price if _is_bundle(item) else item.model_discounted_price,
            charged=amount,
            cancelled=item.cancelled_qty,
            live_tag=not LIVE_PRICES.isdisjoint(_promotions(item)),
        )
        for line_id, item, amount in zip(ids, order.item_list, charged, strict=True)
    )


def line_ids(items: Sequence[OrderItem]) -> tuple[RemoteId, ...]:
    """``line_item_id`` where the platform gives one, else order item, model and a count for repeats (gifts)."""
    seen: Counter[str] = Counter()
    ids: list[RemoteId] = []
    for item in items:
        base = item.line_item_id or f"{item.order_item_id or item.item_id}-{item.model_id}"
        seen[base] += 1
        ids.append(RemoteId(base if seen[base] == 1 else f"{base}-{seen[base]}"))
    return tuple(ids)


def _charged(items: Sequence[OrderItem], income: Income | None) -> Sequence[Vnd]:
    plain = [item.model_discounted_price * item.model_quantity_purchased for item in items]
    bundled = [place for place, item in enumerate(items) if _is_bundle(item)]
    if not bundled:
        return plain
    weights = [items[place].model_original_price * items[place].model_quantity_purchased for place in bundled]
    goods = income.original_cost_of_goods_sold if income else None
    rest = sum(weights) if goods is None else max(0, goods - sum(plain))
    for place, amount in zip(bundled, share_out(rest, weights), strict=True):
        plain[place] = amount
    return plain


def _promotions(item: OrderItem) -> frozenset[str]:
    return frozenset({item.promotion_type, *(one.promotion_type for one in item.promotion_list)})


def _is_bundle(item: OrderItem) -> bool:
    return item.model_discounted_price == 0 and any("bundle" in name for name in _promotions(item))


def _is_refunded(one: Return, income: Income | None) -> bool:
    if one.status == "CLOSED":
        return bool(income and income.seller_return_refund)
    return one.status in ("ACCEPTED", "REFUND_PAID")


def _refund(one: Return, order: Order, lines: Sequence[RemoteLine]) -> RemoteRefund:
    """Units only where goods came back; a line takes back at most what it sold, the rest goes to its twin."""
    units: list[tuple[RemoteId, int]] = []
    for item in one.item if one.return_solution == 0 else ():
        left = item.amount
        for line in lines:
            if left and (line.listing, line.variant) == (item.item_id, item.model_id):
                taken = min(left, line.quantity - line.cancelled)
                left -= taken
                units += [(line.line_id, taken)] if taken else []
    return RemoteRefund(
        refund_id=RemoteId(one.return_sn), at=one.update_time, amount=one.refund_amount, units=tuple(units)
    )


# ---- money -------------------------------------------------------------------------------------------------------

TERMS: tuple[tuple[str, int, FeeKind], ...] = (
    # field of order_income, its sign in the official formula, what it is to us; the formula begins with the goods
    ("original_shopee_discount", -1, "other"),
    ("seller_return_refund", +1, "other"),
    ("shopee_discount", +1, "other"),
    ("voucher_from_seller", -1, "voucher"),
    ("seller_coin_cash_back", -1, "voucher"),
    ("buyer_paid_shipping_fee", +1, "shipping"),
    ("actual_shipping_fee", -1, "shipping"),
    ("shopee_shipping_rebate", +1, "shipping"),
    ("shipping_fee_discount_from_3pl", +1, "shipping"),
    ("reverse_shipping_fee", -1, "shipping"),
    ("rsf_seller_protection_fee_claim_amount", +1, "shipping"),
    ("final_return_to_seller_shipping_fee", -1, "shipping"),
    ("seller_transaction_fee", -1, "payment"),
    ("service_fee", -1, "service"),
    ("commission_fee", -1, "commission"),
    ("campaign_fee", -1, "service"),
    ("shipping_seller_protection_fee_amount", -1, "shipping"),
    ("delivery_seller_protection_fee_premium_amount", -1, "shipping"),
    ("order_ams_commission_fee", -1, "affiliate"),
    ("withholding_vat_tax", -1, "vat_withheld"),
    ("withholding_pit_tax", -1, "pit_withheld"),
    ("withholding_cit_tax", -1, "cit_withheld"),
    ("seller_order_processing_fee", -1, "other"),
    ("buyer_paid_packaging_fee", +1, "other"),
    ("trade_in_bonus_by_seller", -1, "other"),
    ("ads_escrow_top_up_fee_or_technical_support_fee", -1, "ads"),
)


def to_settlement(released: Released, escrow: Escrow) -> Settlement:
    """What was paid out for one order: ``amount`` = goods (``original_cost_of_goods_sold``) - the sum of ``fees``.

    Two figures of the platform are compared with the official formula; what does not fit becomes an ``adjustment``
    line named ``formula_difference`` (escrow_amount) or ``payout_difference`` (payout_amount), never a silent loss.
    Raises Garbled when the goods value is missing.
    """
    income = escrow.order_income
    goods = income.original_cost_of_goods_sold
    if goods is None:
        raise Garbled("remote_garbled", path="order_income.original_cost_of_goods_sold")
    fees = [
        FeeLine(kind=kind, amount=-sign * value, label=name)
        for name, sign, kind in TERMS
        if (value := getattr(income, name))
    ]
    expected = goods - sum(fee.amount for fee in fees)
    fees += _difference(expected - income.escrow_amount, "formula_difference")
    corrections = [
        FeeLine(kind="adjustment", amount=-one.amount, label=one.adjustment_reason or "order_adjustment")
        for one in income.order_adjustment
        if one.amount
    ]
    fees += corrections
    due = income.escrow_amount - sum(fee.amount for fee in corrections)
    fees += _difference(due - released.payout_amount, "payout_difference")
    return Settlement(
        statement_id=RemoteId(released.order_sn),
        order=RemoteId(released.order_sn),
        settled_at=released.escrow_release_time,
        amount=released.payout_amount,
        fees=tuple(fees),
    )


def _difference(amount: Vnd, label: str) -> list[FeeLine]:
    return [FeeLine(kind="adjustment", amount=amount, label=label)] if amount else []


# ---- time windows ------------------------------------------------------------------------------------------------


def ceiling(moment: datetime) -> int:
    """Unix seconds; a started second counts."""
    return -int(-moment.timestamp() // 1)


def window_end(start: int, until: datetime, days: int) -> int:
    """The end (Unix seconds) of the window that begins at ``start``, at most ``days`` wide and never empty."""
    return max(start + 1, min(ceiling(until), start + days * 86_400))
