"""Orders and refunds: lines, totals, states without a state machine, and what each does to the stock (sheet 5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from hub.sandbox.woocommerce.schema import ADDRESS, ALL_ORDER_STATUSES
from hub.sandbox.woocommerce.site import Order, Product, Site, Thing
from hub.sandbox.woocommerce.wire import Json, Wrong, decimal_text, money, number, php_int, php_text, stamps

TAKES_STOCK = ("on-hold", "processing", "completed")
GIVES_STOCK = ("cancelled", "pending")
PAYABLE = ("pending", "on-hold", "failed", "cancelled")
LINE_KINDS = ("line_items", "shipping_lines", "fee_lines", "coupon_lines")


def create(site: Site, body: Json, *, via: str = "rest-api") -> Order:
    """A new order; nobody looks whether there is stock. Raises Wrong, or ZeroDivisionError for a quantity of 0."""
    if body.get("id"):
        raise Wrong("woocommerce_rest_shop_order_exists", "Cannot create existing order.", 400)
    now = site.now()
    order = Order(id=0, json=_blank(site, now, via), created=now, modified=now)
    _apply(site, order, body)
    order.id = site.post_id()
    order.json |= {"id": order.id, "number": str(order.id), "order_key": f"wc_order_sandbox{order.id}"}
    order.json["_links"] = {"self": [{"href": f"{site.home}/wp-json/wc/v3/orders/{order.id}"}]}
    site.orders[order.id] = order
    # Created in a state: the stock moves, but no date of payment is set, for COD orders neither (sheet 5, COD trap).
    order.json["status"] = _status(body.get("status"), "pending")
    _move_stock(site, order)
    order.went_on = order.status in ("processing", "completed")
    site.on_event("order.created", order.id)
    if body.get("set_paid") is True:
        pay(site, order)
    return order


def update(site: Site, order: Order, body: Json) -> Order:
    """Change what the body names; any state may follow any other."""
    _apply(site, order, body)
    if body.get("status") is not None:
        go(site, order, _status(body["status"], "pending"))
    if body.get("set_paid") is True:
        pay(site, order)
    order.touch(site.now())
    site.on_event("order.updated", order.id)
    return order


def pay(site: Site, order: Order) -> None:
    """Payment complete: moves on to processing unless it is beyond that."""
    if order.status in PAYABLE:
        _paid(order, site.now())
        go(site, order, "processing")


def go(site: Site, order: Order, status: str) -> None:
    """Another state, with its dates and its stock. The dates are set once."""
    if status == order.status:
        return
    now = site.now()
    order.json["status"] = status
    if status in ("processing", "completed"):
        order.went_on = True
        if order.paid_at is None:
            _paid(order, now)
    if status == "completed" and order.completed_at is None:
        order.completed_at = now
        order.json.update(stamps("date_completed", now))
    order.cancelled_at = now if status in ("cancelled", "failed") else None
    _move_stock(site, order)
    order.touch(now)
    if status == "refunded" and (rest := _remaining(order)) > 0:
        # [KNOWN] Core books the rest as a refund of its own when somebody sets this state by hand.
        refund(site, order, {"amount": str(rest), "reason": "Order fully refunded.", "api_refund": False})
        return
    site.on_event("order.updated", order.id)


def trash(site: Site, order: Order, *, force: bool) -> Json:
    """Away it goes; the stock it took is not given back (sheet 5)."""
    if force:
        del site.orders[order.id]
        return order.json
    if order.status == "trash":
        raise Wrong("woocommerce_rest_already_trashed", "The order has already been deleted.", 410)
    order.json["status"] = "trash"
    order.touch(site.now())
    site.on_event("order.deleted", order.id)
    return order.json


def refund(site: Site, order: Order, body: Json) -> Thing:
    """Money back in full or part. Its errors carry a bare number as data (sheet 2). Raises Wrong."""
    items = [one for one in body.get("line_items") or [] if isinstance(one, dict)]
    amount = number(decimal_text(body["amount"])) if body.get("amount") is not None else Decimal(0)
    if body.get("amount") is None:
        amount = sum((number(decimal_text(one.get("refund_total"))) for one in items), Decimal(0))
    if amount < 0:
        raise Wrong("woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.", 400, 400)
    if amount > _remaining(order):
        raise _no_refund("Invalid refund amount.")
    if body.get("api_refund", True) is not False:
        raise _no_refund("The payment gateway for this order does not support automatic refunds.")
    now = site.now()
    thing = Thing(id=site.post_id(), json={}, created=now, modified=now)
    lines = _refund_lines(site, order, items)
    thing.json = {
        "id": thing.id,
        "parent_id": order.id,
        **stamps("date_created", now),
        "amount": money(amount, site.config.decimals),
        "reason": php_text(body.get("reason")),
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": site.merge_meta([], body.get("meta_data") or []),
        "line_items": lines,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
        "_links": {"up": [{"href": f"{site.home}/wp-json/wc/v3/orders/{order.id}"}]},
    }
    order.refunds.append(thing)
    if body.get("api_restock", True) is not False and order.reduced:
        _restock(site, lines)
    summary = {"id": thing.id, "reason": thing.json["reason"], "total": money(-amount, site.config.decimals)}
    order.json["refunds"] = [*order.json["refunds"], summary]
    if _remaining(order) == 0 and order.status != "refunded":
        go(site, order, "refunded")
    order.touch(now)
    site.on_event("order.updated", order.id)
    return thing


def find_refund(order: Order, refund_id: int) -> Thing:
    for thing in order.refunds:
        if thing.id == refund_id:
            return thing
    raise Wrong("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 404)


def unrefund(site: Site, order: Order, thing: Thing) -> Json:
    """A refund taken back; the stock stays as it is."""
    order.refunds.remove(thing)
    order.json["refunds"] = [one for one in order.json["refunds"] if one["id"] != thing.id]
    order.touch(site.now())
    return thing.json


def _no_refund(text: str) -> Wrong:
    return Wrong("woocommerce_rest_cannot_create_order_refund", text, 500, 500)


def _remaining(order: Order) -> Decimal:
    return number(order.json["total"]) - sum((number(one.json["amount"]) for one in order.refunds), Decimal(0))


def _refund_lines(site: Site, order: Order, items: Iterable[Json]) -> list[Json]:
    known = {line["id"]: line for line in order.json["line_items"]}
    lines: list[Json] = []
    for given in items:
        line = known.get(php_int(given.get("id")))
        if line is None:
            continue
        units = php_int(given.get("quantity"))
        total = money(-number(decimal_text(given.get("refund_total"))), site.config.decimals)
        mark = site.merge_meta([], [{"key": "_refunded_item_id", "value": str(line["id"])}])
        shown = {key: line[key] for key in ("name", "product_id", "variation_id", "tax_class", "sku", "price")}
        shown |= {"id": site.item_id(), "quantity": -units, "subtotal": total, "total": total, "meta_data": mark}
        lines.append(shown)
    return lines


def _restock(site: Site, lines: Sequence[Json]) -> None:
    for line in lines:
        if line["quantity"]:
            site.change_stock(line["variation_id"] or line["product_id"], -line["quantity"])


def _status(given: object, otherwise: str) -> str:
    """Unknown states fall back without a word: only batches can bring them here (sheet 4)."""
    text = php_text(given).removeprefix("wc-")
    return text if text in ALL_ORDER_STATUSES else otherwise


def _paid(order: Order, now: datetime) -> None:
    order.paid_at = now
    order.json.update(stamps("date_paid", now))


def _move_stock(site: Site, order: Order) -> None:
    takes = not order.reduced and order.status in TAKES_STOCK
    gives = order.reduced and order.status in GIVES_STOCK
    if not (takes or gives):
        return
    order.reduced = takes
    for line in order.json["line_items"]:
        product = site.sellable(line["variation_id"] or line["product_id"])
        mark = str(line["quantity"]) if takes and product is not None and product.json["manage_stock"] else None
        line["meta_data"] = site.merge_meta(line["meta_data"], [{"key": "_reduced_stock", "value": mark}])
        if product is not None:
            site.change_stock(product.id, -line["quantity"] if takes else line["quantity"])


def _apply(site: Site, order: Order, body: Json) -> None:
    json = order.json
    for name in ("currency", "customer_note", "payment_method", "payment_method_title", "transaction_id"):
        if body.get(name) is not None:
            json[name] = php_text(body[name])
    for name in ("customer_id", "parent_id"):
        if body.get(name) is not None:
            json[name] = php_int(body[name])
    for name in ("billing", "shipping"):
        if isinstance(body.get(name), dict):
            known = {key: php_text(value) for key, value in body[name].items() if key in json[name]}
            json[name] = json[name] | known
    if body.get("meta_data"):
        json["meta_data"] = site.merge_meta(json["meta_data"], body["meta_data"])
    touched = False
    for kind in LINE_KINDS:
        for given in body.get(kind) or []:
            if isinstance(given, dict):
                _apply_line(site, order, kind, given)
                touched = True
    if touched or not order.id:
        _add_up(order, site.config.decimals)


def _apply_line(site: Site, order: Order, kind: str, given: Json) -> None:
    lines: list[Json] = list(order.json[kind])
    old = next((line for line in lines if line["id"] == php_int(given.get("id"))), None)
    if given.get("id") and old is None:
        raise Wrong("woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.", 400)
    gone = any(given.get(key, 0) is None for key in ("product_id", "method_id", "method_title", "name", "code"))
    if old is not None and (gone or given.get("quantity", 1) == 0):
        order.json[kind] = [line for line in lines if line is not old]
        return
    make = {"line_items": _product_line, "coupon_lines": _coupon_line}.get(kind, _amount_line)
    line = make(site, given, old)
    order.json[kind] = [line if one is old else one for one in lines] if old is not None else [*lines, line]


def _product_line(site: Site, given: Json, old: Json | None) -> Json:
    """A line of a product; an unknown product leaves an empty line (sheet 5)."""
    line = dict(old) if old is not None else _empty_line(site)
    product = _wanted(site, given, creating=old is None)
    if product is not None:
        whole = site.products.get(product.parent, product)
        name = whole.json["name"] if whole is product else f"{whole.json['name']} - {product.json['name']}"
        line |= {"product_id": whole.id, "variation_id": product.id if product.parent else 0, "name": name}
        line |= {"sku": product.json["sku"], "parent_name": whole.json["name"] if product.parent else None}
    if given.get("name") is not None:
        line["name"] = php_text(given["name"])
    if given.get("quantity") is not None:
        line["quantity"] = php_int(given["quantity"])
    worth = number(product.json["price"]) * line["quantity"] if product is not None else Decimal(0)
    asked = given.get("subtotal", given.get("total"))
    if asked is not None or product is not None:
        line["subtotal"] = money(number(decimal_text(asked)) if asked is not None else worth, site.config.decimals)
        total = given.get("total", line["subtotal"])
        line["total"] = money(number(decimal_text(total)), site.config.decimals)
    if not line["quantity"]:
        raise ZeroDivisionError  # 10.5.0 crashes here (sheet 2)
    each = number(line["total"]) / line["quantity"]
    line["price"] = int(each) if each == each.to_integral_value() else float(each)
    line["meta_data"] = site.merge_meta(line["meta_data"], given.get("meta_data") or [])
    return line


def _wanted(site: Site, given: Json, *, creating: bool) -> Product | None:
    if given.get("variation_id"):
        return site.sellable(php_int(given["variation_id"]))
    if given.get("product_id") is not None:
        return site.sellable(php_int(given["product_id"]))
    if given.get("sku"):
        return site.by_its_sku(php_text(given["sku"]))
    if creating:
        raise Wrong("woocommerce_rest_required_product_reference", "Product ID or SKU is required.", 400)
    return None


def _empty_line(site: Site) -> Json:
    zero = money(Decimal(0), site.config.decimals)
    return {
        "id": site.item_id(),
        "name": "",
        "product_id": 0,
        "variation_id": 0,
        "quantity": 1,
        "tax_class": "",
        "subtotal": zero,
        "subtotal_tax": zero,
        "total": zero,
        "total_tax": zero,
        "taxes": [],
        "meta_data": [],
        "sku": None,
        "price": 0,
        "parent_name": None,
    }


def _amount_line(site: Site, given: Json, old: Json | None) -> Json:
    """A shipping or fee line; a negative fee is a deposit (sheet 5)."""
    line: Json = (
        dict(old) if old is not None else {"id": site.item_id(), "total": "0", "total_tax": "0", "meta_data": []}
    )
    for name in ("name", "method_id", "method_title"):
        if given.get(name) is not None:
            line[name] = php_text(given[name])
    if given.get("total") is not None:
        line["total"] = money(number(decimal_text(given["total"])), site.config.decimals)
    return line


def _coupon_line(site: Site, given: Json, old: Json | None) -> Json:
    line: Json = dict(old) if old is not None else {"id": site.item_id(), "discount_tax": "0", "meta_data": []}
    line["code"] = php_text(given.get("code"))
    line["discount"] = php_text(given.get("discount", "0"))
    return line


def _add_up(order: Order, decimals: int) -> None:
    json = order.json
    goods = sum((number(line["total"]) for line in json["line_items"]), Decimal(0))
    whole = sum((number(line["subtotal"]) for line in json["line_items"]), Decimal(0))
    shipping = sum((number(line["total"]) for line in json["shipping_lines"]), Decimal(0))
    fees = sum((number(line["total"]) for line in json["fee_lines"]), Decimal(0))
    json["discount_total"] = money(whole - goods, decimals)
    json["shipping_total"] = money(shipping, decimals)
    json["total"] = money(goods + shipping + fees, decimals)


def _blank(site: Site, now: datetime, via: str) -> Json:
    zero = money(Decimal(0), site.config.decimals)
    person = dict.fromkeys(ADDRESS, "")
    return {
        "id": 0,
        "parent_id": 0,
        "status": "pending",
        "currency": "VND",
        "version": "10.5.0",
        "prices_include_tax": False,
        **stamps("date_created", now),
        **stamps("date_modified", now),
        **stamps("date_completed", None),
        **stamps("date_paid", None),
        "discount_total": zero,
        "discount_tax": zero,
        "shipping_total": zero,
        "shipping_tax": zero,
        "cart_tax": zero,
        "total": zero,
        "total_tax": zero,
        "customer_id": 0,
        "order_key": "",
        "billing": {**person, "email": "", "phone": ""},
        "shipping": {**person, "phone": ""},
        "payment_method": "",
        "payment_method_title": "",
        "transaction_id": "",
        "created_via": via,
        "customer_note": "",
        "number": "",
        "meta_data": [],
        "line_items": [],
        "tax_lines": [],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "currency_symbol": "₫",
    }
