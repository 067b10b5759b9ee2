"""WooCommerce's plain words: signatures, what its complaints mean, how it writes money and time. Pure.

The facts behind each rule, and where they were seen, stand in the package.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationError

from hub.connectors.model import Verdict
from hub.connectors.wire import Credentials, Pairs, Request, encode, looks_json, verdict_error
from hub.errors import Refused, RemoteError, Unauthorised, Vanished
from hub.types import RemoteId, Vnd

Wire = dict[str, object]
"""JSON on its way out."""

# ---- signing --------------------------------------------------------------------------------------


def oauth_pairs(request: Request, key: str, secret: str, *, timestamp: int, nonce: str) -> Pairs:
    """The five OAuth 1.0a parameters of a one-legged call. The JSON body is not signed."""
    pairs = (
        ("oauth_consumer_key", key),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", str(timestamp)),
    )
    joined = "&".join(sorted(encode([pair]) for pair in (*request.params, *pairs)))
    base = "&".join((request.method, quote(request.address, safe=""), quote(joined, safe="")))
    digest = hmac.new(f"{secret}&".encode(), base.encode(), hashlib.sha256).digest()
    return (*pairs, ("oauth_signature", base64.b64encode(digest).decode()))


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Basic over https; over http only OAuth is accepted."""
    key, secret = credentials["consumer_key"], credentials["consumer_secret"]
    if request.base_url.startswith("https:"):
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return request.plus(headers=(("Authorization", f"Basic {basic}"),))
    return request.plus(params=oauth_pairs(request, key, secret, timestamp=int(now.timestamp()), nonce=nonce))


def sign_by_query(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """For web servers that strip the Authorization header; https only, else signed as before."""
    if not request.base_url.startswith("https:"):
        return sign(request, credentials, now, nonce)
    return request.plus(params=[(name, credentials[name]) for name in ("consumer_key", "consumer_secret")])


# ---- complaints -----

_OURS = Verdict(kind="garbled", problem="remote_call_wrong")  # a call no person can mend
_GONE = Verdict(kind="vanished", problem="remote_vanished")
_OWNER = Verdict(kind="unauthorised", problem="shop_needs_owner")
_VALUE = Verdict(kind="refused", problem="remote_value_refused")
_PICTURE = Verdict(kind="refused", problem="picture_refused")

ERRORS: Mapping[str, Verdict] = {
    "rest_invalid_param": _VALUE,
    "rest_missing_callback_param": _OURS,
    "rest_invalid_json": _OURS,
    "rest_no_route": Verdict(kind="unauthorised", problem="shop_api_missing"),
    "rest_forbidden": _OWNER,
    "product_invalid_sku": Verdict(kind="refused", problem="sku_taken"),
    "woocommerce_rest_product_not_created": Verdict(kind="refused", problem="sku_in_trash"),
    "woocommerce_rest_product_exists": _OURS,
    "term_exists": _VALUE,
    "woocommerce_product_image_upload_error": _PICTURE,
    "woocommerce_product_invalid_image_id": _PICTURE,
    "woocommerce_rest_invalid_product_id": _GONE,
    "woocommerce_rest_product_invalid_id": _GONE,
    "woocommerce_rest_product_variation_invalid_id": _GONE,
    "woocommerce_rest_shop_order_invalid_id": _GONE,
    "woocommerce_rest_shop_webhook_invalid_topic": _OURS,
    "woocommerce_rest_request_entity_too_large": _OURS,
    "woocommerce_rest_authentication_error": _OWNER,
    "woocommerce_rest_authentication_missing_parameter": _OURS,
    "woocommerce_rest_cannot_view": _OWNER,
    "woocommerce_rest_cannot_create": _OWNER,
    "woocommerce_rest_cannot_edit": _OWNER,
    "woocommerce_rest_cannot_batch": _OWNER,
    "woocommerce_rest_cannot_delete": _OWNER,
    "woocommerce_rest_cannot_create_order_refund": _VALUE,  # a 500 that must not be retried
}


class Complaint(BaseModel):
    code: str
    message: str = ""
    data: object = None  # usually {"status": ...}, for refunds a bare number


def complaint(said: Complaint, status: int) -> RemoteError:
    """What an error object means; ``status`` is the HTTP status, or 400 inside a batch (``data`` is not trusted)."""
    verdict = ERRORS.get(said.code)
    facts: dict[str, object] = {"remote_code": said.code, "message": said.message[:300], "status": status}
    if isinstance(said.data, dict):
        facts |= {k: said.data[k] for k in ("resource_id", "unique_sku", "params") if k in said.data}
    if verdict is not None:
        found = verdict_error(verdict, refreshable=said.code == "woocommerce_rest_cannot_view")
    elif status in (401, 403):
        found = Unauthorised()
    elif status in (404, 410):
        found = Vanished("remote_vanished")
    else:
        found = Refused("remote_refused")
    found.facts.update(facts)
    return found


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """WooCommerce hides no errors in a 200 (batches do, per element). Unknown 5xx and pages: by status alone."""
    if status < 400 or not looks_json(body):
        return None
    try:
        said = Complaint.model_validate_json(body)
    except ValidationError:
        return None
    if said.code not in ERRORS and (status >= 500 or status == 429):
        return None
    return complaint(said, status)


# ---- values ------------------------------------------------------------------------------------------------------


def _dong(value: object) -> object:
    """Decimal text to whole dong, half up. "" (not set) is None; what is no number stays and fails."""
    if value in (None, ""):
        return None
    try:
        return int(Decimal(str(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation:
        return value


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Dong = Annotated[Vnd, BeforeValidator(_dong)]
MaybeDong = Annotated[Vnd | None, BeforeValidator(_dong)]
Gmt = Annotated[datetime, AfterValidator(_utc)]  # the ``_gmt`` fields carry no offset


def to_id(number: int) -> RemoteId:
    return RemoteId(str(number))


class Failed(BaseModel):
    error: Complaint


class Batch(BaseModel):
    create: list[object] = []
    update: list[object] = []


class Identified(BaseModel):
    id: int


class Term(BaseModel):
    """A category."""

    id: int
    name: str
    slug: str
    parent: int = 0


class Currency(BaseModel):
    code: str


class Webhook(BaseModel):
    id: int
    topic: str
    status: str
    delivery_url: str
