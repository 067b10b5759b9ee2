"""What single endpoints check before they do anything, and batches do not (sheet 4). Pure.

Types as WordPress understands them: ``"7"`` is an integer, 2.5 is none; ``"true"`` is a boolean; a JSON number is no
string. A null is always let through.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hub.sandbox.woocommerce.wire import Json, Wrong, read_date, words


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One parameter. ``kind``: string integer number boolean array object mixed date email."""

    kind: str
    enum: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    items: "Rule | None" = None
    parts: "Schema" = field(default_factory=dict)


Schema = Mapping[str, Rule]


class _Bad(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def check(schema: Schema, params: Json, required: tuple[str, ...] = ()) -> None:
    """Raises Wrong ``rest_missing_callback_param`` or ``rest_invalid_param`` naming every bad parameter."""
    missing = [name for name in required if params.get(name) is None]
    if missing:
        data = {"status": 400, "params": missing}
        raise Wrong("rest_missing_callback_param", f"Missing parameter(s): {', '.join(missing)}", 400, data)
    bad: dict[str, _Bad] = {}
    for name, rule in schema.items():
        value = params.get(name)
        if value is not None:
            try:
                _look(rule, value, name)
            except _Bad as found:
                bad[name] = found
    if bad:
        details = {name: {"code": one.code, "message": one.message, "data": None} for name, one in bad.items()}
        data = {"status": 400, "params": {name: one.message for name, one in bad.items()}, "details": details}
        raise Wrong("rest_invalid_param", f"Invalid parameter(s): {', '.join(bad)}", 400, data)


def _look(rule: Rule, value: object, name: str) -> None:
    if not KINDS[rule.kind](value):
        code = {"date": "rest_invalid_date", "email": "rest_invalid_email"}.get(rule.kind, "rest_invalid_type")
        raise _Bad(code, f"{name} is not of type {rule.kind}." if code == "rest_invalid_type" else f"Invalid {name}.")
    if rule.enum and value not in rule.enum:
        raise _Bad("rest_not_in_enum", f"{name} is not one of {', '.join(rule.enum)}.")
    if rule.kind == "integer" and (rule.low is not None or rule.high is not None):
        _bounds(rule, int(float(str(value))), name)
    if rule.items is not None:
        for place, one in enumerate(value if isinstance(value, list) else words(value)):
            _look(rule.items, one, f"{name}[{place}]")
    if rule.parts and isinstance(value, dict):
        for part, inner in rule.parts.items():
            if value.get(part) is not None:
                _look(inner, value[part], f"{name}[{part}]")


def _bounds(rule: Rule, value: int, name: str) -> None:
    if (rule.low is not None and value < rule.low) or (rule.high is not None and value > rule.high):
        limits = f"between {rule.low} (inclusive) and {rule.high} (inclusive)"
        if rule.high is None:
            limits = f"greater than or equal to {rule.low}"
        raise _Bad("rest_out_of_bounds", f"{name} must be {limits}")


def _is_integer(value: object) -> bool:
    return _is_number(value) and float(str(value)).is_integer()


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, (int, float)) or (
        isinstance(value, str) and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)", value) is not None
    )


def _is_boolean(value: object) -> bool:
    if isinstance(value, str):
        return value.lower() in ("true", "false", "1", "0", "")
    return isinstance(value, bool) or value in (0, 1)


KINDS: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": _is_number,
    "boolean": _is_boolean,
    "array": lambda value: isinstance(value, (list, str, int, float)),
    "object": lambda value: isinstance(value, dict) or value in ("", []),
    "mixed": lambda value: True,
    "date": lambda value: isinstance(value, str) and read_date(value) is not None,
    "email": lambda value: isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", value) is not None,
}

TEXT, INTEGER, BOOLEAN, MIXED = Rule(kind="string"), Rule(kind="integer"), Rule(kind="boolean"), Rule(kind="mixed")
DATE, NUMBER, EMAIL = Rule(kind="date"), Rule(kind="number"), Rule(kind="email")


def choice(*values: str) -> Rule:
    return Rule(kind="string", enum=values)


def listed(rule: Rule) -> Rule:
    return Rule(kind="array", items=rule)


def shape(**parts: Rule) -> Rule:
    return Rule(kind="object", parts=parts)


META = listed(shape(id=INTEGER, key=TEXT, value=MIXED))
TERMS = listed(shape(id=INTEGER, name=TEXT, slug=TEXT))
IMAGE = shape(id=INTEGER, src=TEXT, name=TEXT, alt=TEXT)
DIMENSIONS = shape(length=TEXT, width=TEXT, height=TEXT)
PRODUCT_STATUSES = ("draft", "pending", "private", "publish", "future", "auto-draft", "trash")
PRODUCT_TYPES = ("simple", "grouped", "external", "variable")
STOCK_STATUSES = ("instock", "outofstock", "onbackorder")

SELLABLE: Schema = {
    "status": choice(*PRODUCT_STATUSES),
    "description": TEXT,
    "sku": TEXT,
    "global_unique_id": TEXT,
    "regular_price": TEXT,
    "sale_price": TEXT,
    "date_on_sale_from": MIXED,
    "date_on_sale_to": MIXED,
    "virtual": BOOLEAN,
    "manage_stock": BOOLEAN,
    "stock_quantity": INTEGER,
    "stock_status": choice(*STOCK_STATUSES),
    "backorders": choice("no", "notify", "yes"),
    "low_stock_amount": INTEGER,
    "weight": TEXT,
    "dimensions": DIMENSIONS,
    "menu_order": INTEGER,
    "meta_data": META,
}
PRODUCT: Schema = {
    **SELLABLE,
    "name": TEXT,
    "slug": TEXT,
    "type": choice(*PRODUCT_TYPES),
    "featured": BOOLEAN,
    "catalog_visibility": choice("visible", "catalog", "search", "hidden"),
    "short_description": TEXT,
    "sold_individually": BOOLEAN,
    "reviews_allowed": BOOLEAN,
    "purchase_note": TEXT,
    "categories": TERMS,
    "tags": TERMS,
    "brands": TERMS,
    "images": listed(IMAGE),
    "attributes": listed(
        shape(id=INTEGER, name=TEXT, position=INTEGER, visible=BOOLEAN, variation=BOOLEAN, options=listed(TEXT))
    ),
    "default_attributes": listed(shape(id=INTEGER, name=TEXT, option=TEXT)),
}
VARIATION: Schema = {
    **SELLABLE,
    "image": IMAGE,
    "attributes": listed(shape(id=INTEGER, name=TEXT, option=TEXT)),
}

ORDER_STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft")
ALL_ORDER_STATUSES = (*ORDER_STATUSES, "auto-draft", "trash")
ADDRESS = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
ORDER_LINE = shape(
    id=INTEGER,
    name=MIXED,
    product_id=MIXED,
    variation_id=INTEGER,
    quantity=INTEGER,
    subtotal=TEXT,
    total=TEXT,
    sku=TEXT,
    meta_data=META,
)
FEE_LINE = shape(id=INTEGER, name=MIXED, total=TEXT, tax_class=TEXT, meta_data=META)
SHIPPING_LINE = shape(id=INTEGER, method_title=MIXED, method_id=MIXED, total=TEXT, meta_data=META)
ORDER: Schema = {
    "parent_id": INTEGER,
    "status": choice(*ALL_ORDER_STATUSES[:-1]),
    "currency": TEXT,
    "customer_id": INTEGER,
    "customer_note": TEXT,
    "billing": shape(**dict.fromkeys(ADDRESS, TEXT), email=EMAIL, phone=TEXT),
    "shipping": shape(**dict.fromkeys(ADDRESS, TEXT), phone=TEXT),
    "payment_method": TEXT,
    "payment_method_title": TEXT,
    "transaction_id": TEXT,
    "meta_data": META,
    "line_items": listed(ORDER_LINE),
    "shipping_lines": listed(SHIPPING_LINE),
    "fee_lines": listed(FEE_LINE),
    "coupon_lines": listed(shape(id=INTEGER, code=MIXED)),
    "set_paid": BOOLEAN,
}
REFUND: Schema = {
    "amount": TEXT,
    "reason": TEXT,
    "refunded_by": INTEGER,
    "meta_data": META,
    "api_refund": BOOLEAN,
    "api_restock": BOOLEAN,
    "line_items": listed(shape(id=INTEGER, quantity=INTEGER, refund_total=NUMBER)),
}
TERM: Schema = {"name": TEXT, "slug": TEXT, "parent": INTEGER, "description": TEXT, "menu_order": INTEGER}
ATTRIBUTE: Schema = {
    "name": TEXT,
    "slug": TEXT,
    "type": choice("select"),
    "order_by": choice("menu_order", "name", "name_num", "id"),
    "has_archives": BOOLEAN,
}
NOTE: Schema = {"note": TEXT, "customer_note": BOOLEAN}
HOOK: Schema = {
    "name": TEXT,
    "status": choice("active", "paused", "disabled"),
    "topic": TEXT,
    "secret": TEXT,
    "delivery_url": TEXT,
}

LIST: Schema = {
    "page": Rule(kind="integer", low=1),
    "per_page": Rule(kind="integer", low=1, high=100),
    "offset": INTEGER,
    "search": TEXT,
    "include": listed(INTEGER),
    "exclude": listed(INTEGER),
    "order": choice("asc", "desc"),
}
DATED: Schema = {
    **LIST,
    "after": DATE,
    "before": DATE,
    "modified_after": DATE,
    "modified_before": DATE,
    "dates_are_gmt": BOOLEAN,
}
COMMON_ORDERS = ("date", "id", "include", "title", "slug", "modified")
PRODUCT_LIST: Schema = {
    **DATED,
    "orderby": choice(*COMMON_ORDERS, "popularity", "rating", "price", "sales", "menu_order", "random", "post__in"),
    "status": listed(choice("any", *PRODUCT_STATUSES)),
    "type": choice(*PRODUCT_TYPES),
    "stock_status": choice(*STOCK_STATUSES),
    "sku": TEXT,
    "search_sku": TEXT,
    "category": TEXT,
    "tag": TEXT,
}
ORDER_LIST: Schema = {
    **DATED,
    "orderby": choice(*COMMON_ORDERS),
    "status": listed(choice("any", *ALL_ORDER_STATUSES)),
    "customer": INTEGER,
    "product": INTEGER,
}
TERM_LIST: Schema = {
    **LIST,
    "orderby": choice("id", "include", "name", "slug", "term_group", "description", "count"),
    "hide_empty": BOOLEAN,
    "parent": INTEGER,
    "slug": TEXT,
}
