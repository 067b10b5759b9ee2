"""Escrow, wallet and income (sheet 11). Incomes satisfy the official formula of a local shop; VND has no decimals.

UNCONFIRMED: field names of get_income_detail's rows, on which amount each rate is taken, sign of seller_return_refund
(negative here, because the formula adds it).
"""

from datetime import datetime

from hub.sandbox.kit import NotOffered
from hub.sandbox.shopee.config import Fees
from hub.sandbox.shopee.orders import moment
from hub.sandbox.shopee.shelf import page_size
from hub.sandbox.shopee.state import Line, Order, ShopState, Transaction
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad
from hub.types import local_midnight

WINDOW = 15 * 86_400
ESCROW_PAID, ESCROW_NEGATIVE = 101, 102
PLUS = (
    "original_cost_of_goods_sold", "seller_return_refund", "shopee_discount", "buyer_paid_shipping_fee",
    "shopee_shipping_rebate", "shipping_fee_discount_from_3pl", "rsf_seller_protection_fee_claim_amount",
    "buyer_paid_packaging_fee",
)  # fmt: skip
MINUS = (
    "original_shopee_discount", "voucher_from_seller", "seller_coin_cash_back", "actual_shipping_fee",
    "reverse_shipping_fee", "final_return_to_seller_shipping_fee", "seller_transaction_fee", "service_fee",
    "commission_fee", "campaign_fee", "shipping_seller_protection_fee_amount",
    "delivery_seller_protection_fee_premium_amount", "order_ams_commission_fee", "withholding_vat_tax",
    "withholding_pit_tax", "withholding_cit_tax", "seller_order_processing_fee", "trade_in_bonus_by_seller",
    "ads_escrow_top_up_fee_or_technical_support_fee",
)  # fmt: skip
BOOKED = {
    "commission_fee": "commission",
    "seller_transaction_fee": "payment",
    "service_fee": "service",
    "seller_order_processing_fee": "other",
    "reverse_shipping_fee": "shipping",
    "withholding_vat_tax": "vat_withheld",
    "withholding_pit_tax": "pit_withheld",
}
"""Field of order_income -> kind of fee in the neutral book."""


def part(amount: int, basis_points: int) -> int:
    """Rounded half up to whole dong."""
    return (amount * basis_points + 5000) // 10_000


def income(shop: ShopState, order: Order) -> Json:
    """``order_income`` as of now, or as it was at payout."""
    if order.income is not None:
        return _adjusted(order, order.income)
    book, fees = order.book, shop.config.fees
    kept = [(line, line.book.quantity - line.book.cancelled) for line in order.lines]
    goods = sum(line.book.unit_price * units for line, units in kept)
    refunded = sum(amount for _, amount in book.refunds)
    base = max(goods - book.seller_voucher - refunded, 0)
    told: Json = dict.fromkeys((*PLUS, *MINUS), 0)
    told |= {
        "original_cost_of_goods_sold": goods,
        "cost_of_goods_sold": goods - refunded,
        "order_selling_price": goods,
        "order_original_price": sum(line.original_price * units for line, units in kept),
        "order_discounted_price": goods,
        "seller_discount": sum((line.original_price - line.book.unit_price) * units for line, units in kept),
        "voucher_from_seller": book.seller_voucher if goods else 0,
        "voucher_from_shopee": book.platform_voucher if goods else 0,
        "coins": 0,
        "seller_return_refund": -refunded,
        "drc_adjustable_refund": 0,
        "estimated_shipping_fee": fees.carrier,
        "final_shipping_fee": 0,
        "buyer_paid_shipping_fee": book.shipping_fee,
        "actual_shipping_fee": fees.carrier,
        "shopee_shipping_rebate": fees.carrier - book.shipping_fee,
        "reverse_shipping_fee": fees.reverse_shipping * sum(shop.returns[sn].status in _DONE for sn in order.returns),
        "buyer_total_amount": total_amount(order),
        "buyer_payment_method": payment_method(order),
        "instalment_plan": "N/A",
        "tax_registration_code": shop.settings.tax_code,
        "items": [_item(line) for line in order.lines],
    }
    told |= _fees(fees, base, shop.settings.company)
    told["escrow_amount"] = sum(_int(told[k]) for k in PLUS) - sum(_int(told[k]) for k in MINUS)
    return _adjusted(order, told)


_DONE = ("ACCEPTED", "REFUND_PAID")


def _fees(fees: Fees, base: int, company: bool) -> Json:
    """On the goods less the seller's voucher and what went back (the real base is UNCONFIRMED)."""
    return {
        "commission_fee": part(base, fees.commission_bp),
        "seller_transaction_fee": part(base, fees.transaction_bp),
        "service_fee": part(base, fees.service_bp),
        "seller_order_processing_fee": fees.processing if base else 0,
        "withholding_vat_tax": 0 if company else part(base, fees.vat_bp),
        "withholding_pit_tax": 0 if company else part(base, fees.pit_bp),
        "withholding_cit_tax": 0,
    }


def _adjusted(order: Order, told: Json) -> Json:
    total = sum(amount for _, amount, _ in order.adjustments)
    return told | {
        "total_adjustment_amount": total,
        "escrow_amount_after_adjustment": _int(told["escrow_amount"]) + total,
        "order_adjustment": [
            {"amount": amount, "date": at, "currency": "VND", "adjustment_reason": reason}
            for at, amount, reason in order.adjustments
        ],
    }


def total_amount(order: Order) -> int:
    """What the buyer pays: goods that stayed, less vouchers, plus shipping."""
    goods = sum(line.book.unit_price * (line.book.quantity - line.book.cancelled) for line in order.lines)
    book = order.book
    return max(goods - book.seller_voucher - book.platform_voucher, 0) + book.shipping_fee


def payment_method(order: Order) -> str:
    return "Cash on Delivery" if order.book.cod else "ShopeePay"


def settle(shop: ShopState, order: Order, now: int) -> None:
    """The platform pays the seller out; from now on the income stands still."""
    if order.status != "COMPLETED" or order.book.settled is not None:
        raise NotOffered
    told = income(shop, order)
    order.income = told
    amount = _int(told["escrow_amount"])
    book = order.book
    book.settled, book.settled_at = amount, moment(now)
    book.fees = {kind: _int(told[field]) for field, kind in BOOKED.items() if told[field]}
    shop.payouts.append((now, order.sn, amount))
    take_from_wallet(shop, order, ESCROW_PAID if amount >= 0 else ESCROW_NEGATIVE, amount, now)
    shop.touch(order, now)


def take_from_wallet(shop: ShopState, order: Order, kind: int, amount: int, now: int, refund_sn: str = "") -> None:
    """One more entry; ``amount`` is signed."""
    before = shop.wallet[-1].balance if shop.wallet else 0
    number = shop.shop_id * 1_000_000 + len(shop.wallet) + 1
    shop.wallet.append(
        Transaction(
            number=number,
            kind=kind,
            at=now,
            amount=amount,
            balance=before + amount,
            order_sn=order.sn,
            refund_sn=refund_sn,
        )
    )


def get_escrow_detail(shop: ShopState, args: Args, now: int) -> Answer:
    """GET payment/get_escrow_detail."""
    if not args.string("order_sn", ""):
        raise bad("Missing order_sn.")
    return Answer(response=_detail(shop, args.string("order_sn")))


def get_escrow_detail_batch(shop: ShopState, args: Args, now: int) -> Answer:
    """GET or POST payment/get_escrow_detail_batch: ``response`` is a list; unknown orders are left out."""
    known = [sn for sn in args.strings("order_sn_list", 50) if sn in shop.orders and _earns(shop.orders[sn])]
    return Answer(response=[{"escrow_detail": _detail(shop, sn)} for sn in known])


def get_escrow_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET payment/get_escrow_list: pages from 1."""
    first, last = args.number("release_time_from"), args.number("release_time_to")
    if first > last:
        raise bad("release_time_from must be before release_time_to")
    page, size = args.number("page_no", 1), page_size(args, 40)
    if page < 1:
        raise bad("page_no begins at 1")
    found = [p for p in shop.payouts if first <= p[0] <= last]
    told = [
        {"order_sn": sn, "payout_amount": amount, "escrow_release_time": at}
        for at, sn, amount in found[(page - 1) * size : page * size]
    ]
    return Answer(response={"escrow_list": told, "more": len(found) > page * size})


def get_wallet_transaction_list(shop: ShopState, args: Args, now: int) -> Answer:
    """GET payment/get_wallet_transaction_list: pages from 0, newest first, window at most 15 days."""
    first, last = args.number("create_time_from", 0), args.number("create_time_to", now)
    if "create_time_from" in args and not 0 <= last - first <= WINDOW:
        raise bad("create_time range must be within 15 days")
    page, size = args.number("page_no", 0), page_size(args, 40)
    found = [t for t in reversed(shop.wallet) if first <= t.at <= last]
    told = [
        {
            "status": "COMPLETED",
            "transaction_id": t.number,
            "transaction_type": t.kind,
            "amount": t.amount,
            "current_balance": t.balance,
            "create_time": t.at,
            "order_sn": t.order_sn,
            "refund_sn": t.refund_sn,
            "money_flow": "MONEY_IN" if t.amount >= 0 else "MONEY_OUT",
        }
        for t in found[page * size : (page + 1) * size]
    ]
    return Answer(response={"transaction_list": told, "more": len(found) > (page + 1) * size})


def get_income_overview(shop: ShopState, args: Args, now: int) -> Answer:
    """GET payment/get_income_overview."""
    released = sum(amount for _, _, amount in shop.payouts)
    pending = sum(_int(income(shop, o)["escrow_amount"]) for o in shop.placed if _pending(o))
    return Answer(response={"total_income": {"released": released, "pending": pending}})


def get_income_detail(shop: ShopState, args: Args, now: int) -> Answer:
    """GET payment/get_income_detail: local days, top-level payload, ``income_status`` 1 released or 2 pending."""
    first, last = _day(args.string("date_from")), _day(args.string("date_to")) + 86_400
    status, size = args.number("income_status"), page_size(args)
    start = int(args.string("cursor", "") or 0)
    if status == 1:
        rows = [(sn, amount, at) for at, sn, amount in shop.payouts if first <= at < last]
    elif status == 2:
        pending = [o for o in shop.placed if _pending(o) and first <= o.created < last]
        rows = [(o.sn, _int(income(shop, o)["escrow_amount"]), o.created) for o in pending]
    else:
        raise bad("income_status must be 1 or 2")
    told: list[Json] = [
        {"order_sn": sn, "amount": amount, "currency": "VND", "time": at}
        for sn, amount, at in rows[start : start + size]
    ]
    more = len(rows) > start + size
    return Answer(top={"income_detail_list": told, "more": more, "next_cursor": str(start + size) if more else ""})


def _detail(shop: ShopState, sn: str) -> Json:
    order = shop.orders.get(sn)
    if order is None:
        raise Refusal("order_not_found", "The order is not found.")
    if not _earns(order):
        raise Refusal("income_not_found", "The income of the order is not found.")
    told = income(shop, order)
    return {
        "order_sn": sn,
        "buyer_user_name": "b******r",
        "return_order_sn_list": list(order.returns),
        "order_income": told,
        "buyer_payment_info": {
            "buyer_payment_method": payment_method(order),
            "buyer_total_amount": told["buyer_total_amount"],
            "shopee_voucher": -_int(told["voucher_from_shopee"]),
            "seller_voucher": -_int(told["voucher_from_seller"]),
            "shipping_fee": told["buyer_paid_shipping_fee"],
        },
    }


def _earns(order: Order) -> bool:
    return order.status not in ("UNPAID", "CANCELLED")


def _pending(order: Order) -> bool:
    return _earns(order) and order.book.settled is None


def _item(line: Line) -> Json:
    units = line.book.quantity - line.book.cancelled
    return {
        "item_id": line.item_id,
        "item_name": line.item_name,
        "item_sku": line.item_sku,
        "model_id": line.model_id,
        "model_name": line.model_name,
        "model_sku": line.model_sku,
        "original_price": line.original_price * units,
        "selling_price": line.book.unit_price * units,
        "discounted_price": line.book.unit_price * units,
        "seller_discount": (line.original_price - line.book.unit_price) * units,
        "shopee_discount": 0,
        "discount_from_voucher_seller": 0,
        "ams_commission_fee": 0,
        "promotion_list": [],
        "quantity_purchased": line.book.quantity,
    }


def _day(text: str) -> int:
    try:
        return int(local_midnight(datetime.strptime(text, "%Y-%m-%d").date()).timestamp())  # noqa: DTZ007
    except ValueError:
        raise bad("dates are YYYY-MM-DD") from None


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
