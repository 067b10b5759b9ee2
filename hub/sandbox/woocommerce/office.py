"""What an office reads beside products and orders: reports, currencies, the state of the system (sheet 7)."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal

from hub.sandbox.config import Woo
from hub.sandbox.woocommerce.schema import ORDER_STATUSES
from hub.sandbox.woocommerce.site import Order, Site
from hub.sandbox.woocommerce.wire import Json, Wrong, money, number
from hub.types import local_date

EARNING = ("processing", "on-hold", "completed", "refunded")


def order_totals(site: Site) -> list[Json]:
    """How many orders stand in each state."""
    counted = Counter(order.status for order in site.orders.values())
    return [{"slug": slug, "name": slug.replace("-", " ").title(), "total": counted[slug]} for slug in ORDER_STATUSES]


def sales(site: Site, params: Json) -> list[Json]:
    """One element: sums of a period and per day. Two decimals whatever the site shows; refunds are a number."""
    first, last = _span(params, local_date(site.now()))
    days: dict[str, list[Order]] = {}
    day = first
    while day <= last:
        days[day.isoformat()] = []
        day += timedelta(days=1)
    for order in site.orders.values():
        key = local_date(order.created).isoformat()
        if order.status in EARNING and key in days:
            days[key].append(order)
    all_orders = [order for orders in days.values() for order in orders]
    refunds = sum((number(one.json["amount"]) for order in all_orders for one in order.refunds), Decimal(0))
    gross = _sum(all_orders, "total")
    net = gross - _sum(all_orders, "shipping_total") - refunds
    return [
        {
            "total_sales": money(gross, 2),
            "net_sales": money(net, 2),
            "average_sales": money(net / len(days), 2),
            "total_orders": len(all_orders),
            "total_items": _items(all_orders),
            "total_tax": "0.00",
            "total_shipping": money(_sum(all_orders, "shipping_total"), 2),
            "total_refunds": int(refunds),
            "total_discount": money(_sum(all_orders, "discount_total"), 2),
            "totals_grouped_by": "day",
            "totals": {key: _day(orders) for key, orders in days.items()},
            "total_customers": 0,
        }
    ]


def currency(code: str) -> Json:
    """Only the site's own is held here."""
    if code.upper() not in ("VND", "CURRENT"):
        raise Wrong("woocommerce_rest_data_invalid_currency", "There are no currencies matching these parameters.", 404)
    return {"code": "VND", "name": "Vietnamese đồng", "symbol": "&#8363;"}


def system_status(site: Site, woo: Woo) -> Json:
    """Versions and the settings a client may ask for."""
    return {
        "environment": {
            "home_url": site.home,
            "site_url": site.home,
            "version": woo.version,
            "wp_version": woo.wordpress,
            "default_timezone": "UTC",
        },
        "settings": {
            "api_enabled": False,
            "force_ssl": site.config.pretend_https,
            "currency": "VND",
            "currency_symbol": "&#8363;",
            "number_of_decimals": site.config.decimals,
        },
        "active_plugins": [],
    }


def _span(params: Json, today: date) -> tuple[date, date]:
    if params.get("date_min"):
        low = datetime.fromisoformat(params["date_min"]).date()
        high = datetime.fromisoformat(params["date_max"]).date() if params.get("date_max") else today
        return low, high
    match params.get("period", "week"):
        case "month":
            return today.replace(day=1), today
        case "last_month":
            end = today.replace(day=1) - timedelta(days=1)
            return end.replace(day=1), end
        case "year":
            return today.replace(month=1, day=1), today
        case _:
            return today - timedelta(days=6), today


def _sum(orders: list[Order], name: str) -> Decimal:
    return sum((number(order.json[name]) for order in orders), Decimal(0))


def _items(orders: list[Order]) -> int:
    return sum(line["quantity"] for order in orders for line in order.json["line_items"])


def _day(orders: list[Order]) -> Json:
    return {
        "sales": money(_sum(orders, "total"), 2),
        "orders": len(orders),
        "items": _items(orders),
        "tax": "0.00",
        "shipping": money(_sum(orders, "shipping_total"), 2),
        "discount": money(_sum(orders, "discount_total"), 2),
        "customers": 0,
    }
