"""Lazada's words: signature, what its complaints mean, shapes of its answers. Pure.

Sources: open.lazada.com/apps/doc/doc?docId=108068 (signature), 108138 (errors); the codes stand in ``lazada.toml``.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field

from hub.connectors.api import Api, Credentials, Pairs, Request, complaint, looks_json
from hub.connectors.manifest import read_manifest
from hub.connectors.markup import to_text
from hub.connectors.model import Category, Hint, ListedVariant, Listing, ListingState, Tokens
from hub.connectors.shapes import At, Count, Dong, Flag, Json, Many, Moment, Text
from hub.errors import Garbled, RemoteError, Throttled, Unauthorised, Unreachable
from hub.types import RemoteId, Sku

MANIFEST = read_manifest(str(Path(__file__).with_name("lazada.py")))
AUTH_HOST = "https://auth.lazada.com"
LANGUAGE = "vi_VN"
FILE = "file "
"""Scope of a file at an address of its own: followed by scheme and host."""
PDF = b"%PDF"
Kinds = Literal["order", "listing", "authorisation", "other"]

# ---- signing and complaints ----------------------------------------------------------------------------------------


def signature(secret: str, path: str, pairs: Pairs) -> str:
    """Upper-case HMAC-SHA256 over path, then name and value of each parameter in ASCII order of the names."""
    text = path + "".join(name + value for name, value in sorted(pairs))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Everything in the query of a GET, in the form of a POST; files are not signed. Scope ``auth``: no token. A file's
    address is signed already."""
    if request.scope.startswith(FILE):
        return replace(request, base_url=request.scope.removeprefix(FILE))
    pairs = (*request.params, *request.form, ("app_key", credentials["app_key"]), ("sign_method", "sha256"),
             ("timestamp", str(int(now.timestamp() * 1000))))  # fmt: skip
    if request.scope == "shop":
        pairs = (*pairs, ("access_token", credentials.access))
    pairs = (*pairs, ("sign", signature(credentials["app_secret"], request.path, pairs)))
    elsewhere = request.scope == "auth" and request.base_url == MANIFEST.base_url
    base = f"{AUTH_HOST}/rest" if elsewhere else request.base_url
    get = request.method == "GET"
    return replace(request, base_url=base, params=pairs if get else (), form=() if get else pairs)


class Detail(BaseModel):
    """What failed inside a call, also inside one that says code "0". Its members are spelt differently by call."""

    code: Text = ""
    message: Text = ""
    seller_sku: Text = Field(default="", validation_alias=AliasChoices("seller_sku", "sellerSku", "SellerSku"))
    sku_id: Text = Field(default="", validation_alias=AliasChoices("sku_id", "skuId", "SkuId"))


class Outcome(BaseModel):
    """The newer groups' way: in ``result``, ``data`` or beside ``code``, a success that may be false under code "0"."""

    success: Flag = True
    error_code: Text = ""
    error_msg: Text = ""


class Envelope(Outcome):
    code: Text = "0"
    message: Text = ""
    detail: Many[Detail] = []
    result: Any = None
    data: Any = None


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    if not looks_json(body):
        return Unreachable(sent=True, status=status) if status == 200 and not body.startswith(PDF) else None
    try:
        said = Envelope.model_validate_json(body)
        inner = [Outcome.model_validate(one) for one in (said.result, said.data) if isinstance(one, dict)]
    except ValueError:
        return Garbled("remote_garbled", path="", status=status)
    if said.code != "0":
        first = said.detail[0] if said.detail and said.code in ("500", "501", "503") else Detail()
        found = complain(first.code or said.code, first.message or said.message)
        if said.detail:
            found.facts["detail"] = [one.model_dump() for one in said.detail]
        return found
    for one in (*inner, said):
        if not one.success:
            return complain(one.error_code, one.error_msg)
    return None


def complain(code: str, message: str) -> RemoteError:
    """By the table; how long a ban lasts stands in the message only."""
    wait = re.search(r"(\d+) second", message)
    found = complaint(MANIFEST.errors, code, message, seconds=float(wait[1]) if wait else 1.0)
    if wait and isinstance(found, Throttled):
        found.facts["retry_after"] = found.seconds
    return found


# ---- shapes --------------------------------------------------------------------------------------------------------


class Pair(BaseModel):
    access_token: Text
    refresh_token: Text
    expires_in: Count
    refresh_expires_in: Count = 0
    country_user_info: Many[Json] = []

    def tokens(self, now: datetime) -> Tokens:
        until = now + timedelta(seconds=self.refresh_expires_in)
        return Tokens(access=self.access_token, refresh=self.refresh_token, refresh_until=until,
                      access_until=now + timedelta(seconds=self.expires_in))  # fmt: skip


class Seller(BaseModel):
    seller_id: Text
    name: Text = ""
    status: Text = ""


class Me(BaseModel):
    data: Seller


class SkuTold(BaseModel):
    id: Text = Field(alias="SkuId")
    sku: Text = Field(alias="SellerSku", default="")
    status: Text = Field(alias="Status", default="active")
    url: Text = Field(alias="Url", default="")
    price: Dong = 0
    available: Count = Field(alias="Available", default=0)


class Product(BaseModel):
    item_id: Text
    status: Text = ""
    reasons: Many[Json] = Field(alias="rejectReason", default=[])
    primary_category: Text = ""
    attributes: dict[str, Any] = {}
    images: Many[str] = []
    updated_time: Moment = None
    skus: Many[SkuTold] = []


class OneProduct(BaseModel):
    data: Product


class Made(BaseModel):
    item_id: Text
    sku_list: Many[Json] = []


class Created(BaseModel):
    data: Made


class Asked(BaseModel):
    """One attribute of a category."""

    name: Text
    label: Text = ""
    is_mandatory: Flag = False
    is_sale_prop: Flag = False
    attribute_type: Text = "normal"
    input_type: Text = "text"
    options: Many[Json] = []


class Node(BaseModel):
    category_id: Text
    name: Text = ""
    leaf: Flag = False
    children: "Many[Node]" = []


class Tree(BaseModel):
    data: Many[Node] = []


class Unit(BaseModel):
    """An order item: one unit."""

    order_item_id: Text
    name: Text = ""
    sku: Text = ""
    sku_id: Text = ""
    product_id: Text = ""
    status: Literal[
        "unpaid", "pending", "packed", "repacked", "ready_to_ship", "shipped", "delivered", "confirmed", "returned",
        "canceled", "failed", "failed_delivery", "lost_by_3pl", "damaged_by_3pl", "shipped_back",
        "shipped_back_success", "shipped_back_failed", "package_scrapped",
    ]  # fmt: skip
    item_price: Dong = 0
    voucher_seller: Dong = 0
    voucher_platform: Dong = 0
    package_id: Text = ""
    tracking_code: Text = ""
    shipment_provider: Text = ""
    return_status: Text = ""
    reverse_order_id: Text = ""
    payment_time: Moment = None
    updated_at: At


class OrderTold(BaseModel):
    order_id: Text
    order_number: Text = ""
    created_at: At
    updated_at: At
    payment_method: Text = ""
    shipping_fee: Dong = 0
    address_shipping: dict[str, Any] = {}


class Told(BaseModel):
    data: OrderTold


class Units(BaseModel):
    order_id: Text
    order_items: Many[Any] = []


class Back(BaseModel):
    line: Text = Field(alias="trade_order_line_id")
    status: Text = Field(alias="reverse_status", default="")
    amount: Dong = Field(alias="refund_amount", default=0)
    at: Moment = Field(alias="return_order_line_gmt_modified", default=None)


class Reverse(BaseModel):
    reverse_order_id: Text
    trade_order_id: Text
    request_type: Text = ""
    lines: Many[Back] = Field(alias="reverse_order_lines", default=[])


def _day(value: object) -> object:
    """``17 May 2026``."""
    return datetime.strptime(value, "%d %b %Y").replace(tzinfo=UTC).date() if isinstance(value, str) else value


class Row(BaseModel):
    """One row of a statement."""

    order_no: Text = ""
    fee_type: Text = ""
    fee_name: Text = ""
    transaction_date: Annotated[date, BeforeValidator(_day)]
    amount: Dong
    tax: Dong = Field(alias="WHT_amount", default=0)
    tax_inside: Flag = Field(alias="WHT_included_in_amount", default=False)


class Push(BaseModel):
    seller_id: Text = ""
    message_type: int
    data: dict[str, Any] = {}


class Data(BaseModel):
    data: Any = None
    result: Any = None
    detail: Many[Detail] = []


OWN = ("name", "description", "short_description", "brand", "brand_id")
"""Attributes that are fields of a listing."""
STATES = {"active": ListingState.LIVE, "pending qc": ListingState.REVIEWING, "pending": ListingState.REVIEWING,
          "rejected": ListingState.BANNED, "suspended": ListingState.BANNED, "locked": ListingState.BANNED,
          "deleted": ListingState.GONE}  # fmt: skip


def to_listing(told: Product) -> Listing:
    """Price is the list price: a campaign of the seller's own is no drift. Stock is what can be sold now."""
    state = STATES.get(told.status.lower(), ListingState.HIDDEN)
    if state is ListingState.LIVE and told.skus and all(one.status.lower() != "active" for one in told.skus):
        state = ListingState.HIDDEN
    return Listing(
        remote_id=RemoteId(told.item_id), sku=Sku(told.skus[0].sku if told.skus else ""), state=state,
        title=str(told.attributes.get("name", "")), description=to_text(str(told.attributes.get("description", ""))),
        variants=tuple(
            ListedVariant(remote_id=RemoteId(one.id), sku=Sku(one.sku), price=one.price, stock=one.available)
            for one in told.skus
        ),
        url=told.skus[0].url if told.skus else "", category=told.primary_category, picture_ids=tuple(told.images),
        attributes=tuple((key, str(value)) for key, value in told.attributes.items() if key not in OWN),
        reason="; ".join(str(value) for one in told.reasons for value in one.values() if value)[:300],
        updated_at=told.updated_time,
    )  # fmt: skip


def packed(**product: object) -> dict[str, str]:
    """The one parameter of product calls."""
    return {"payload": json.dumps({"Request": {"Product": product}}, ensure_ascii=False, separators=(",", ":"))}


def flat(nodes: Iterable[Node], parent: str = "") -> Iterator[Category]:
    """The tree as a list, parents first."""
    for one in nodes:
        yield Category(id=one.category_id, parent=parent, name=one.name, leaf=one.leaf)
        yield from flat(one.children, one.category_id)


async def renew(api: Api, credentials: Credentials) -> Tokens:
    """A new access token. The refresh token may live no longer by it: the answer's own figures count."""
    if credentials.tokens is None:
        raise Unauthorised
    params = {"refresh_token": credentials.tokens.refresh}
    pair = await api.write(Pair, "POST", "/auth/token/refresh", params=params, scope="auth", repeatable=True)
    return pair.tokens(api.time())


def to_hint(body: bytes, kinds: Mapping[int, tuple[Kinds, tuple[str, ...]]]) -> Hint | None:
    """A verified push. The outer seller may be the text "null"; equal messages get equal ids, whatever the time of
    sending. ``kinds``: message type -> kind of hint and the members that may name its object."""
    try:
        told = Push.model_validate_json(body)
    except ValueError:
        raise Garbled("remote_garbled", path="") from None
    if told.message_type not in kinds:
        return None
    kind, names = kinds[told.message_type]
    found = next((str(told.data[name]) for name in names if told.data.get(name) not in (None, "")), "")
    inner = json.dumps(told.data, sort_keys=True)
    event = hashlib.sha256(f"{told.seller_id}|{told.message_type}|{inner}".encode()).hexdigest()
    seller = told.seller_id if told.seller_id not in ("", "null") else str(told.data.get("seller_id") or "")
    return Hint(event_id=event, kind=kind, object_id=RemoteId(found), shop_remote_id=seller) if found else None
