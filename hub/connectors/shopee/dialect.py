"""How Shopee signs, complains and pushes: pure functions, proven by the printed vectors. No network, no mapping.

Documentation: https://open.shopee.com/developer-guide/16 (API calls), 18 (push), 20 (authorisation),
checked 2026-11-21.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from hub.connectors.api import Credentials, Request, looks_json, verdict_error
from hub.connectors.model import Consequence, Hint, ShopSettings, Verdict
from hub.errors import Refused, RemoteError, Unauthorised, Unreachable, Vanished
from hub.types import RemoteId

LIVE = "https://partner.shopeemobile.com"
"""The production host for servers in South East Asia."""

IDENTITIES: Mapping[str, str] = {"shop": "shop_id", "merchant": "merchant_id", "user": "user_id"}
"""Request scope -> the parameter that names who is acting. Any other scope ("public") signs without one."""

BACK_OFF = 5.0
"""Seconds to wait after error_rate_limit; ours, the platform names none."""
NIGHT = timedelta(hours=16)
"""The daily quota starts anew at 00:00 UTC+8, which is 16:00 UTC."""


def signature(key: str, *parts: object) -> str:
    """Lower-case hex HMAC-SHA256 of the parts one after the other; the key is text, even if it looks like hex."""
    message = "".join(str(part) for part in parts)
    return hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Adds the common parameters. The acting shop's id must stand in the query already; body and query go unsigned."""
    partner, moment = credentials["partner_id"], int(now.timestamp())
    identity = IDENTITIES.get(request.scope)
    common = [("partner_id", partner), ("timestamp", str(moment))]
    actor: tuple[str, ...] = ()
    if identity is not None:
        actor = (credentials.access, dict(request.params)[identity])
        common.append(("access_token", credentials.access))
    common.append(("sign", signature(credentials["partner_key"], partner, request.path, moment, *actor)))
    return request.plus(params=common)


def acting(shop: ShopSettings, **params: object) -> dict[str, object]:
    """The query of a shop call: who acts, and what is asked."""
    return {"shop_id": shop.remote_id, **params}


# ---- errors ------------------------------------------------------------------------------------------------------


def _all(kind: Consequence, problem: str, *codes: str) -> dict[str, Verdict]:
    return dict.fromkeys(codes, Verdict(kind=kind, problem=problem))


ERRORS: Mapping[str, Verdict] = {
    **_all("unauthorised", "app_key_wrong", "error_sign", "invalid_partner_id"),
    **_all("unauthorised", "shop_needs_owner", "error_auth", "invalid_acceess_token", "invalid_access_token"),
    **_all(
        "unauthorised", "shop_needs_owner", "shop_no_linked", "shop_access_expired", "shop_banned", "user_no_linked",
        "user_banned", "merchant_no_linked", "error_kyc_auth", "error_shop_refresh_token", "refresh_token_expired",
        "invalid_code", "invalid_shop_id", "invalid_main_acount_id",
    ),
    **_all(
        "unauthorised", "app_not_allowed", "error_api_permission", "error_api_call_restricted",
        "error_partner_key_expired", "api_suspended", "source_ip_undeclared",
    ),
    **_all("throttled", "remote_throttled", "error_rate_limit"),
    **_all("throttled", "remote_quota_spent", "error_limit"),
    **_all(
        "vanished", "remote_vanished", "error_not_found", "error_item_not_found", "order_not_found", "income_not_found"
    ),
    **_all(
        "unreachable", "remote_unreachable", "error_server", "error_inner", "error_network", "error_system_busy",
        "error_data",
    ),
    **_all("refused", "remote_value_refused", "error_param", "error_busi"),
    **_all(
        "refused", "category_refused", "error_invalid_category", "error_category_is_block", "error_forbidden_category"
    ),
    **_all("refused", "title_too_short", "error_item_name_is_too_short"),
    **_all("refused", "title_too_long", "error_title_exceeds_max_length"),
    **_all("refused", "title_refused", "error_title_character_forbidden"),
    **_all("refused", "description_too_short", "error_desc_length_min_limit"),
    **_all("refused", "description_refused", "error_desc_hash_tag_over_limit"),
    **_all("refused", "pictures_too_few", "error_image_num_min"),
    **_all("refused", "picture_refused", "error_image_unavailable"),
    **_all("refused", "brand_refused", "error_invalid_brand", "error_brand_forbidden", "error_less_required_brand"),
    **_all("refused", "attribute_missing", "error_less_required_attribute"),
    **_all("refused", "attribute_refused", "error_invalid_attribute_value"),
    **_all("refused", "price_out_of_range", "error_price_exceed_min_limitt", "error_price_exceed_max_limitt"),
    **_all("refused", "logistics_refused", "error_invalid_logistic_info", "error_invalid_days_to_ship"),
    **_all("refused", "shop_full", "error_reach_shop_item_limit"),
    **_all("refused", "listing_repeated", "error_repeated_mtsku"),
    **_all("refused", "shop_under_penalty", "error_seller_under_penalty"),
    **_all(
        "refused", "locked_by_promotion", "error_cannt_edit_name_in_promotion",
        "error_cannt_edit_description_in_promotion", "error_cannt_edit_image_in_promotion", "error_item_in_promotion",
        "error_promotion_cantnot_update_stock", "error_in_item_promotion_item_price_lock",
        "error_cannot_update_price_in_promotion",
    ),
    **_all("refused", "listing_locked", "error_item_uneditable", "error_wms_shop_block_upate_stock"),
    **_all("refused", "listing_banned", "error_busi_cannot_delist_reviewing_or_banned_item"),
    **_all("refused", "stock_refused", "error_busi_update_stock_failed"),
    **_all("refused", "price_refused", "error_update_price_fail", "error_price_should_be_same_for_wholesales"),
    **_all(
        "refused", "listing_has_variants", "error_edit_item_stock_for_item_has_model",
        "error_edit_item_price_for_item_has_model",
    ),
    **_all("refused", "shop_on_holiday", "error_holiday_mode_change_stock"),
    **_all("refused", "warehouse_wrong", "error_not_in_whitelist"),
    **_all("refused", "order_window_wrong", "order_list_invalid_time"),
    **_all(
        "refused", "order_state_wrong", "cancel_order_invalid_status", "order_status_error", "error_order_state",
        "error_state", "error_status", "error_booking_order",
    ),
    **_all(
        "refused", "label_not_ready", "shipping_document_should_print_first", "download_later", "package_can_not_print",
        "package_print_failed", "tracking_number_invalid",
    ),
    **_all("refused", "label_elsewhere", "can_not_print_combine_order", "can_not_print_jit_order"),
    **_all("refused", "tracking_missing", "error_traceno_required"),
    **_all("vanished", "remote_vanished", "order_not_exist", "invalid_error", "error_order_not_found"),
}  # fmt: skip
"""Platform code (the part after the last dot) -> what it means. Codes that depend on their words: :func:`verdict`."""

_MESSAGES: tuple[tuple[str, str, Verdict], ...] = (
    # code, a word of the message in lower case, verdict; the first that fits wins, and beats the table above
    ("error_auth", "partner_id or shopid", Verdict(kind="unauthorised", problem="shop_needs_owner")),
    ("error_auth", "no permission", Verdict(kind="unauthorised", problem="app_not_allowed")),
    ("error_auth", "you are not authorized", Verdict(kind="unauthorised", problem="app_not_allowed")),
    ("error_auth", "reserved stock", Verdict(kind="refused", problem="stock_below_reserved")),
    ("error_auth", "holiday mode", Verdict(kind="refused", problem="shop_on_holiday")),
    ("error_auth", "location_id", Verdict(kind="refused", problem="warehouse_wrong")),
    ("error_param", "timestamp", Verdict(kind="unauthorised", problem="clock_off")),
    ("error_param", "there is no sign", Verdict(kind="unauthorised", problem="app_key_wrong")),
    ("error_param", "there is no partner_id", Verdict(kind="unauthorised", problem="app_key_wrong")),
    ("error_param", "access_token", Verdict(kind="unauthorised", problem="shop_needs_owner")),
    ("error_param", "reserved stock", Verdict(kind="refused", problem="stock_below_reserved")),
    ("error_param", "stock structure", Verdict(kind="refused", problem="warehouse_wrong")),
    ("error_busi", "location id", Verdict(kind="refused", problem="warehouse_wrong")),
    ("error_busi", "gtin", Verdict(kind="refused", problem="gtin_missing")),
    ("error_server", "too many requests", Verdict(kind="throttled", problem="remote_throttled")),
    ("error_server", "not supported for current region", Verdict(kind="refused", problem="region_unsupported")),
    ("error_limit", "cancel", Verdict(kind="refused", problem="order_state_wrong")),
    ("error_limit", "current status", Verdict(kind="refused", problem="order_state_wrong")),
    ("error_param", "not ready to ship", Verdict(kind="refused", problem="order_state_wrong")),
    ("error_param", "has been shipped", Verdict(kind="refused", problem="order_state_wrong")),
    ("error_param", "logistic status", Verdict(kind="refused", problem="order_state_wrong")),
)

_TOKEN_CODES = ("invalid_acceess_token", "invalid_access_token")


def verdict(status: int, code: str, message: str) -> tuple[Verdict, bool]:
    """(what the error means, whether a token refresh may help). ``code`` without its module prefix.

    ``error_auth`` is also said of business refusals, so it asks for a refresh only with 403 or when it names the token.
    """
    said = message.lower()
    for known, word, special in _MESSAGES:
        if known == code and word in said:
            return special, word == "access_token"
    if code == "error_auth":
        token = status == 403 or "access_token" in said
        return (ERRORS[code], True) if token else (Verdict(kind="refused", problem="remote_value_refused"), False)
    return ERRORS.get(code, Verdict(kind="refused", problem="remote_refused")), code in _TOKEN_CODES


def refusal(reason: str) -> RemoteError:
    """What ``failed_reason`` of one element of a batch means; the words are not documented, so they are kept."""
    said = reason.lower()
    if "not found" in said or "not exist" in said:
        return Vanished("remote_vanished", message=reason)
    for word, problem in (
        ("reserved stock", "stock_below_reserved"),
        ("promotion", "locked_by_promotion"),
        ("reviewing or banned", "listing_banned"),
        ("stock structure", "warehouse_wrong"),
        ("location", "warehouse_wrong"),
    ):
        if word in said:
            return Refused(problem, message=reason)
    return Refused("remote_value_refused", message=reason)


_FILES = (b"%PDF", b"PK\x03\x04")
"""How a label begins: the one answer that is no JSON and no proxy's page either."""
_FINE = re.compile(rb'\A\s*\{[^{}\[\]]*?"error"\s*:\s*""')
"""A top-level empty error, seen without decoding: nearly every answer, and some are large."""


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """The error in an answer. The body counts first, whatever the status; HTML means a proxy spoke: later."""
    if _FINE.match(body) or (status == 200 and body.startswith(_FILES)):
        return None
    if not looks_json(body):
        retry = status < 300 or (400 <= status < 500 and status != 429)
        return Unreachable(sent=True, status=status) if retry else None
    try:
        document: Any = json.loads(body)
    except ValueError:
        return Unreachable(sent=True, status=status)
    native = document.get("error") if isinstance(document, dict) else None
    if not native:
        return None
    message = str(document.get("message") or "")
    if str(native).endswith("batch_api_all_failed"):
        native, message = _first_failure(document) or (native, message)
    code = str(native).rpartition(".")[2]
    meaning, refreshable = verdict(status, code, message)
    facts = {"status": status, "error": str(native), "message": message}
    seconds = _until_reset(headers) if meaning.problem == "remote_quota_spent" else BACK_OFF
    return verdict_error(meaning, seconds=seconds, refreshable=refreshable, **facts)


def _first_failure(document: Any) -> tuple[str, str] | None:
    """A batch that failed as a whole says why at its elements; ours are about one order."""
    try:
        first = document["response"]["result_list"][0]
        return str(first["fail_error"]), str(first.get("fail_message") or "")
    except (KeyError, IndexError, TypeError, AttributeError):
        return None


def _until_reset(headers: Mapping[str, str]) -> float:
    """Seconds to the next daily reset by the platform's own clock; an hour when it does not tell the time."""
    try:
        moment = parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return 3600.0
    passed = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
    left = NIGHT - passed
    return (left if left > timedelta(0) else left + timedelta(days=1)).total_seconds()


# ---- push --------------------------------------------------------------------------------------------------------

ORDER_CODES = frozenset({3, 4, 15, 29, 30, 47})
SHOP_CODES = frozenset({1, 2, 12})
LISTING_CODES = frozenset({6, 7, 8, 9, 11, 16, 22, 27, 28})


def push_signature(key: str, url: str, body: bytes) -> str:
    """Over the bytes received and the callback address exactly as registered."""
    return hmac.new(key.encode(), url.encode() + b"|" + body, hashlib.sha256).hexdigest()


def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
    """A verified push as a hint; None for a test push, an empty one, or what is not JSON. Bad signature: Unauthorised.

    ``event_id`` is the undocumented ``msg_id`` where there is one, else the digest of the body.
    """
    if not secret:
        raise Unauthorised("push_signature_wrong")  # anybody can sign with an empty key
    given = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
    if not hmac.compare_digest(given.strip().lower().encode(), push_signature(secret, url, body).encode()):
        raise Unauthorised("push_signature_wrong")
    try:
        push = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(push, dict) or not push.get("code"):
        return None
    inner = push.get("data")
    data: dict[str, Any] = inner if isinstance(inner, dict) else {}
    code = _number(push["code"])
    event = str(push.get("msg_id") or hashlib.sha256(body).hexdigest())
    shop = _first(push, "shop_id", "shopid") or _first(data, "shop_id", "shopid")
    order, item = _first(data, "order_sn", "ordersn"), _first(data, "item_id", "itemid")
    if code in ORDER_CODES and order:
        return Hint(event_id=event, kind="order", object_id=RemoteId(order), shop_remote_id=shop)
    if code in SHOP_CODES:
        shops = shop or _joined(data.get("shop_id_list")) or _joined(data.get("shop_expire_soon"))
        alone = "" if "," in shops else shops
        return Hint(event_id=event, kind="authorisation", object_id=RemoteId(shops), shop_remote_id=alone)
    if code in LISTING_CODES and item:
        return Hint(event_id=event, kind="listing", object_id=RemoteId(item), shop_remote_id=shop)
    return Hint(event_id=event, kind="other", object_id=RemoteId(order or item), shop_remote_id=shop)


def _number(value: object) -> int:
    try:
        return int(str(value))
    except ValueError:
        return -1


def _first(document: Mapping[str, Any], *names: str) -> str:
    return next((str(document[name]) for name in names if document.get(name)), "")


def _joined(ids: object) -> str:
    return ",".join(str(one) for one in ids) if isinstance(ids, list) else ""
