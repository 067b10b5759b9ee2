"""Settled money, LIVE figures and affiliate orders of a pretend TikTok Shop (sheets 9 to 11)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hub.sandbox.kit import NotOffered
from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad, page, within

if TYPE_CHECKING:
    from hub.sandbox.tiktok_shop.shop import Shop
    from hub.sandbox.tiktok_shop.trade import Order

DAY = 86_400
VIETNAM = timedelta(hours=7)
ACCOUNTS = ("OFFICIAL_ACCOUNTS", "MARKETING_ACCOUNTS", "AFFILIATE_ACCOUNTS")
SORTS = (
    "live_attributed_gmv", "live_attributed_sku_orders", "live_attributed_items_sold", "attributed_customers",
    "products_added", "products_sold",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One order's money, waiting for the statement of its UTC day. Fees are dong taken."""

    order_id: str
    created: int
    cut: int  # the 00:00 UTC at which its statement is made
    revenue: int
    fees: dict[str, int]
    taxes: dict[str, int]
    shipping: int

    @property
    def settlement(self) -> int:
        return self.revenue - sum(self.fees.values()) - sum(self.taxes.values()) - self.shipping


@dataclass(kw_only=True, slots=True)
class Live:
    """A session and what the platform says of it."""

    id: str
    title: str
    start: int
    end: int
    account: str = "OFFICIAL_ACCOUNTS"
    gmv: int = 0
    orders: int = 0
    units: int = 0
    viewers: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """A creator brought an order."""

    order_id: str
    created: int
    skus: tuple[Json, ...] = field(default=())


def settle(shop: "Shop", order: "Order", now: int) -> None:
    """The order joins the statement of this UTC day, made at its end."""
    book = order.book
    if book.state != "completed" or any(one.order_id == order.id for one in shop.entries) or shop.seller.development:
        raise NotOffered
    kept = sum(ln.charged - ln.charged * ln.cancelled // ln.quantity for ln in book.lines)
    revenue = kept - book.seller_voucher - sum(amount for _, amount in book.refunds)
    shop.entries.append(
        Entry(
            order_id=order.id, created=order.created, cut=(now // DAY + 1) * DAY, revenue=revenue, shipping=0,
            fees={
                "platform_commission_amount": revenue * 4 // 100, "transaction_fee_amount": revenue * 5 // 100,
                "sfp_service_fee_amount": revenue // 100, "vn_fix_infrastructure_fee": 3000,
                "affiliate_commission_amount": sum(
                    int(sku["actual_paid_commission"]["amount"])
                    for one in shop.credits if one.order_id == order.id for sku in one.skus
                ),
            },
            taxes={"local_vat_amount": revenue // 100, "pit_amount": revenue // 200},
        )
    )  # fmt: skip


KINDS = {
    "platform_commission_amount": "commission", "transaction_fee_amount": "payment",
    "sfp_service_fee_amount": "service", "vn_fix_infrastructure_fee": "service",
    "affiliate_commission_amount": "affiliate", "local_vat_amount": "vat_withheld", "pit_amount": "pit_withheld",
}  # fmt: skip


def tick(shop: "Shop", now: int) -> None:
    """Statements that have been cut are paid: the book hears of it."""
    for entry in shop.entries:
        book = shop.orders_by_id[entry.order_id].book
        if entry.cut <= now and book.settled is None:
            book.settled, book.settled_at = entry.settlement, datetime.fromtimestamp(entry.cut, UTC)
            for name, amount in (entry.fees | entry.taxes).items():
                book.fees[KINDS[name]] = book.fees.get(KINDS[name], 0) + amount


def _signed(shop: "Shop", amount: int) -> str:
    return str(-amount if shop.config.fees_negative else amount)


def _cuts(shop: "Shop", now: int) -> dict[int, list[Entry]]:
    told: dict[int, list[Entry]] = {}
    for one in shop.entries:
        if one.cut <= now:
            told.setdefault(one.cut, []).append(one)
    return told


def statements(shop: "Shop", ask: Ask) -> Json:
    ask.must("sort_field", "statement_time")
    down = ask.may("sort_order", "ASC", "DESC") != "ASC"
    low, high = ask.number("statement_time_ge"), ask.number("statement_time_lt")
    rows = [
        ((cut,), _statement(shop, cut, entries))
        for cut, entries in _cuts(shop, ask.now).items()
        if (low is None or cut >= low) and (high is None or cut < high)
    ]
    told, token = page(rows, ask, down=down)
    return {"statements": told, "next_page_token": token}


def _statement(shop: "Shop", cut: int, entries: list[Entry]) -> Json:
    taken = sum(sum(one.fees.values()) + sum(one.taxes.values()) for one in entries)
    return {
        "id": f"S{cut}", "statement_time": cut, "currency": "VND", "payment_status": "PAID", "payment_id": f"P{cut}",
        "payment_time": cut, "settlement_amount": str(sum(one.settlement for one in entries)),
        "revenue_amount": str(sum(one.revenue for one in entries)), "fee_amount": _signed(shop, taken),
        "adjustment_amount": "0",
    }  # fmt: skip


def statement_rows(shop: "Shop", ask: Ask) -> Json:
    ask.must("sort_field", "order_create_time")
    number = ask.ids[0]
    entries = _cuts(shop, ask.now).get(int(number[1:]) if number[1:].isdecimal() else -1)
    if entries is None:
        raise Refusal(36009004, "statement_id is invalid")
    told, token = page([((one.created, one.order_id), _row(shop, one)) for one in entries], ask)
    total = str(sum(one.settlement for one in entries))
    return {
        "id": number, "create_time": entries[0].cut, "status": "PAID", "currency": "VND", "payable_amount": total,
        "total_settlement_amount": total, "transactions": told, "total_count": len(entries), "next_page_token": token,
    }  # fmt: skip


def _row(shop: "Shop", one: Entry) -> Json:
    breakdown = {
        "fee": {name: _signed(shop, amount) for name, amount in one.fees.items()}
        | {"affiliate_commission_amount_before_pit": _signed(shop, one.fees["affiliate_commission_amount"])},
        "tax": {name: _signed(shop, amount) for name, amount in one.taxes.items()},
    }
    taken = sum(one.fees.values()) + sum(one.taxes.values())
    return {
        "id": f"T{one.order_id}", "type": "ORDER", "order_id": one.order_id, "order_create_time": one.created,
        "settlement_amount": str(one.settlement), "revenue_amount": str(one.revenue),
        "shipping_cost_amount": _signed(shop, one.shipping), "fee_tax_amount": _signed(shop, taken),
        "adjustment_amount": "0", "fee_tax_breakdown": breakdown,
    }  # fmt: skip


# ---- LIVE ----------------------------------------------------------------------------------------------------------


def lives(shop: "Shop", ask: Ask) -> Json:
    """Days are the shop's own; the first is inside, the last is not."""
    account = ask.must("account_type", *ACCOUNTS)
    ask.may("sort_field", *SORTS)
    ask.may("currency", "LOCAL", "USD")
    low, high = (_day(ask.must(key)) for key in ("start_date_ge", "end_date_lt"))
    if high <= low:
        raise bad("end_date_lt")
    found = [one for one in shop.lives.values() if one.account == account and low <= one.start < high]
    told, token = page([((10**15 - one.gmv, one.id), _live(one)) for one in found], ask)
    latest = datetime.fromtimestamp(ask.now - DAY, UTC) + VIETNAM
    return {
        "latest_available_date": latest.strftime("%Y-%m-%d"), "total_count": len(found), "next_page_token": token,
        "updated_at": (latest + timedelta(days=1)).strftime("%Y-%m-%d %H:%M:%S"), "live_stream_sessions": told,
    }  # fmt: skip


def _day(day: str) -> int:
    try:
        return int((datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC) - VIETNAM).timestamp())
    except ValueError:
        raise bad("date") from None


def _live(one: Live) -> Json:
    amount = {"amount": str(one.gmv), "currency": "VND"}
    return {
        "id": one.id, "title": one.title, "start_time": str(one.start), "end_time": str(one.end),
        "creator": {"user_name": "ocop", "nick_name": "OCOP", "open_id": "o1", "creator_country": "VN"},
        "sales_performance": {
            "live_gmv": amount, "live_attributed_gmv": amount, "live_attributed_orders": one.orders,
            "live_attributed_sku_orders": one.orders, "live_attributed_items_sold": one.units,
        },
        "interaction_performance": {"comments": 0, "likes": 0, "shares": 0},
        "traffic": {"views": one.viewers * 2, "viewers": one.viewers},
    }  # fmt: skip


def affiliate_orders(shop: "Shop", ask: Ask) -> Json:
    """SKU orders grouped after paging: one order may be told on two pages."""
    low, high = ask.moment("create_time_ge"), ask.moment("create_time_lt")
    if low is None or high is None or not 0 < high - low <= 92 * DAY:
        raise bad("create_time")
    rows: list[tuple[tuple[object, ...], Json]] = [
        ((one.created, one.order_id, str(sku["sku_id"])), {"order": one, "sku": sku})
        for one in shop.credits if within(one.created, ask.body, "create_time") for sku in one.skus
    ]  # fmt: skip
    told, token = page(rows, ask, needed=True)
    orders: dict[str, Json] = {}
    for row in told:
        one = row["order"]
        order = {"id": one.order_id, "create_time": one.created, "delivery_time": 0, "skus": []}
        orders.setdefault(one.order_id, order)["skus"].append(row["sku"])
    return {"orders": list(orders.values()), "total_count": len(rows), "next_page_token": token}
