"""What Tiki says and hears, without calls: signing, judging, shapes, drafts and orders both ways. Pure."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AliasChoices, AliasPath, BaseModel, BeforeValidator, Field, ValidationError

from hub.connectors.api import Api, Credentials, Request, complaint, encode, looks_json
from hub.connectors.manifest import read_manifest
from hub.connectors.markup import to_html, to_text
from hub.connectors.model import (
    Draft,
    ListedVariant,
    Listing,
    ListingState,
    Tokens,
)  # fmt: skip
from hub.connectors.shapes import Count, Flag, Json, Many, MaybeDong, Text
from hub.errors import Refused, RemoteError
from hub.types import RemoteId, Sku, fold, nfc

V1, V2, V21 = "/integration/v1", "/integration/v2", "/integration/v2.1"
TOKEN = "/sc/oauth2/token"
SCOPES = "offline product order inventory"
PAGE, ROOT = 50, "2"  # rows a page; the parent of the top categories in every sample
EVENTS = ("ORDER_CREATED_SUCCESSFULLY", "ORDER_STATUS_UPDATED", "PRODUCT_INVENTORY_UPDATED")
MANIFEST: Final = read_manifest(__file__.replace("_words", ""))
MARKS = (
    ("try again", "busy"), ("warehouse", "warehouse"), ("ten percent", "price"), ("not unique", "sku"),
    ("permission to update", "foreign"), ("media is empty", "media"), ("attributes ", "attribute"),
    ("category", "category"), ("qty_available", "stock"),
)  # fmt: skip
"""What stands in a text -> our code of the manifest: Tiki gives texts, hardly ever codes."""

Local = Annotated[
    datetime | None,
    BeforeValidator(lambda value: f"{value}+07:00" if isinstance(value, str) and value else None),
    AfterValidator(lambda value: None if value is None else value.astimezone(UTC)),
]


# ---- how it speaks ---------------------------------------------------------------------------------------------------


class Said(BaseModel):
    error: Text = ""
    error_description: Text = ""
    errors: Many[Any] = []
    msg: Text = ""


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Bearer; at the token endpoint Basic, with the parameters as a form; scope "app" brings its own header."""
    if request.scope == "shop":
        return request.plus(headers=(("Authorization", f"Bearer {credentials.access}"),))
    if request.scope == "app":
        return request
    pair = base64.b64encode(f"{credentials['client_id']}:{credentials['client_secret']}".encode()).decode()
    form = Request(method="POST", base_url=request.base_url, path=request.path, form=request.params)
    return form.plus(headers=(("Authorization", f"Basic {pair}"),))


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """Failures of any status; what has no words of Tiki's is judged by its status alone."""
    if not looks_json(body) or (status < 300 and b'"errors"' not in body and b'"msg"' not in body):
        return None
    try:
        said = Said.model_validate_json(body)
    except ValidationError:
        return None
    if said.error:
        return complaint(MANIFEST.errors, said.error, said.error_description)
    text = "; ".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in said.errors)
    if not text and said.msg and status in (200, 403):
        return complaint(MANIFEST.errors, "denied" if status == 403 else "paused", said.msg)
    if not text or status == 429 or status >= 500:
        return None
    return refusal(text, status)


def refusal(text: str, status: int) -> RemoteError:
    """What a text of Tiki's means."""
    mark = next((code for part, code in MARKS if part in text.casefold()), str(status))
    return complaint(MANIFEST.errors, status if status in (401, 404) else mark, to_reason(text))


class Pair(BaseModel):
    access_token: str
    expires_in: int
    refresh_token: Text = ""


def to_tokens(pair: Pair, now: datetime) -> Tokens:
    """``expires_in`` is seconds. Without ``offline`` there is no refresh token."""
    return Tokens(
        access=pair.access_token, refresh=pair.refresh_token, access_until=now + timedelta(seconds=pair.expires_in)
    )


async def renew(api: Api, credentials: Credentials) -> Tokens:
    """The refresh token works once (inference); an in-house app has none and asks anew."""
    old = "" if credentials.tokens is None else credentials.tokens.refresh
    form = {"grant_type": "refresh_token", "refresh_token": old} if old else {"grant_type": "client_credentials"}
    form["client_id"] = credentials["client_id"]
    pair = await api.write(Pair, "POST", TOKEN, params=form, scope="token", repeatable=not old)
    return to_tokens(pair, api.time())


def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
    """``state`` needs 8 characters; without ``offline`` there would be no refresh token."""
    query = {"client_id": app["client_id"], "redirect_uri": redirect, "scope": SCOPES, "state": state}
    return f"{base_url}/sc/oauth2/auth?{encode([('response_type', 'code'), *query.items()])}"


async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
    if not answer.get("code"):
        raise Refused("sign_in_refused", message=answer.get("error_hint", answer.get("error", "")))
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": app["redirect"]}
    form["client_id"] = app["client_id"]
    public = api.signed_with(Credentials(secrets=app))
    pair = await public.write(Pair, "POST", TOKEN, params=form, scope="token")
    tokens = to_tokens(pair, api.time())
    me = await api.signed_with(Credentials(secrets=app, tokens=tokens)).read(Me, "GET", f"{V2}/sellers/me")
    return me.id, tokens


def is_request(remote_id: str) -> bool:
    """Whether an id names a request (or its track) and no product yet."""
    return ":" in remote_id


# ---- what it tells: products -----------------------------------------------------------------------------------------


class Paging(BaseModel):
    last_page: Count = 0


class Rows(BaseModel):
    data: Many[Any] = []
    paging: Paging = Paging()


class Stock(BaseModel):
    warehouse_id: Text
    quantity_sellable: Count = 0
    quantity_reserved: Count = 0


class Product(BaseModel):
    product_id: Text = Field(validation_alias=AliasChoices("product_id", "id"))
    original_sku: Text = ""
    name: Text = ""
    super_id: Text = ""
    active: Flag = False
    is_hidden: Flag = False
    price: MaybeDong = None
    updated_at: Local = None
    option_attributes: Many[str] = []
    attributes: dict[str, Any] = {}
    categories: Many[dict[str, Any]] = []
    stocks: Many[Stock] = Field([], validation_alias=AliasPath("inventory", "warehouse_stocks"))
    images: Many[dict[str, Any]] = []

    def word(self, name: str) -> str:
        """An attribute: a text, or {"id", "value"}."""
        value = self.attributes.get(name)
        value = value.get("value") if isinstance(value, dict) else value
        return str(value) if isinstance(value, (str, int, float)) else ""

    def place(self, named: str) -> Stock | None:
        """The stock in the warehouse the shop named, or in the only one; None: several, and nobody said which."""
        rows = [one for one in self.stocks if named in ("", one.warehouse_id)]
        return rows[0] if len(rows) == 1 else None


class Me(BaseModel):
    id: Text
    name: Text = ""
    active: Flag = False


class Node(BaseModel):
    id: Text
    name: Text = ""
    parent_id: Text = ""
    is_primary: Flag = False


class Track(BaseModel):
    track_id: Text
    request_id: Text = ""
    state: Text = ""
    reason: Text = ""


class Wanted(BaseModel):
    sku: Text = ""
    price: MaybeDong = None


class Asked(BaseModel):
    id: Text
    track_id: Text = ""
    state: Text = ""
    reason: Text = ""
    name: Text = ""
    description: Text = ""
    variants: Many[Wanted] = []
    products: Many[Product] = []
    product_id: Text = ""  # of a request for other words

    def about(self) -> list[str]:
        return [f"product:{self.product_id}"] if self.product_id else [f"sku:{one.sku}" for one in self.variants]


def to_listing(products: Iterable[Product], warehouse: str) -> Listing:
    """All products of one super product. Stock is what ``warehouse`` ("": the only one) may sell; the title is without
    the option."""
    group = sorted(products, key=lambda one: int(one.product_id))
    first = group[0]
    options = " - ".join(filter(None, (first.word("option1"), first.word("option2"))))
    known = ((name, nfc(to_text(first.word(name)))) for name in first.attributes if name not in OWN_WORDS)
    return Listing(
        remote_id=RemoteId(first.product_id),
        sku=Sku(first.original_sku),
        state=ListingState.LIVE if any(p.active and not p.is_hidden for p in group) else ListingState.HIDDEN,
        title=nfc(first.name.removesuffix(f" - {options}") if options else first.name),
        description=to_text(first.word("description")),
        variants=tuple(
            ListedVariant(
                remote_id=RemoteId(one.product_id), sku=Sku(one.original_sku), price=one.price,
                stock=row.quantity_sellable if (row := one.place(warehouse)) else None,
            )
            for one in group
        ),
        category=next((str(one.get("id", "")) for one in first.categories if one.get("is_primary")), ""),
        picture_ids=tuple(str(one.get("url", "")) for one in first.images),
        attributes=tuple((name, text) for name, text in known if text),
        updated_at=max((one.updated_at for one in group if one.updated_at), default=None),
    )  # fmt: skip


def same_words(listing: Listing, draft: Draft) -> bool:
    """Whether title and description say the same, but for case, accents and blanks."""
    there, ours = (listing.title, listing.description), (draft.title, to_text(to_html(draft.description)))
    return [fold(one).split() for one in there] == [fold(one).split() for one in ours]


OWN_WORDS = ("name", "description", "option1", "option2", "small_image", "seller")
REQUEST_STATES = {"rejected": ListingState.BANNED, "deleted": ListingState.HIDDEN}


def to_waiting(asked: Asked, remote_id: RemoteId) -> Listing:
    """A request as a listing that is not there yet; states nobody knows are reviews too."""
    return Listing(
        remote_id=remote_id, sku=Sku(asked.variants[0].sku if asked.variants else ""), title=nfc(asked.name),
        state=REQUEST_STATES.get(asked.state, ListingState.REVIEWING), description=to_text(asked.description),
        variants=tuple(
            ListedVariant(remote_id=remote_id, sku=Sku(one.sku), price=one.price, stock=None) for one in asked.variants
        ),
        reason=to_reason(asked.reason),
    )  # fmt: skip


def to_reason(text: str) -> str:
    """Tiki's words: plain, or a JSON document in a string."""
    try:
        errors = json.loads(text)["errors"]
        return "; ".join(str(one.get("msg") or one.get("msg_eng") or one.get("description")) for one in errors)
    except (ValueError, TypeError, KeyError, AttributeError):
        return text


# ---- what is sent ----------------------------------------------------------------------------------------------------


class Attribute(BaseModel):
    code: Text
    display_name: Text = ""
    is_required: Flag = False
    default_value: Text = ""


def to_attributes(draft: Draft, asked: Sequence[Attribute], package: str) -> Json:
    """What a category asks, from our facts by their name or code. Raises Refused with every required one missing."""
    cm = [part.strip() for part in package.lower().split("x")]
    if len(cm) != 3 or not all(part.isdigit() for part in cm):
        raise Refused("package_size_missing")
    grams = max(one.weight_g for one in draft.variants)
    if grams <= 0:
        raise Refused("weight_missing", skus=[one.sku for one in draft.variants])
    sizes = dict(zip(("product_length", "product_width", "product_height"), cm, strict=True))
    own = {
        **sizes, "product_weight_kg": f"{grams / 1000:g}", "brand": draft.brand or "OEM",
        "product_top_features": draft.short or draft.description.split("\n\n", 1)[0],
    }  # fmt: skip
    facts = {fold(name): value for name, value in draft.attributes}
    given: Json = {}
    for one in asked:
        value = own.get(one.code) or facts.get(fold(one.display_name)) or facts.get(fold(one.code)) or one.default_value
        if value:
            given[one.code] = value
    missing = [one.display_name or one.code for one in asked if one.is_required and one.code not in given]
    if missing:
        raise Refused("attribute_missing", attributes=missing)
    return own | given


def to_pictures(draft: Draft) -> Json:
    """Tiki fetches them; each at least 500 x 500, which is found out in the review."""
    urls = [one.url for one in draft.pictures]
    return {"image": urls[0], "images": urls[1:]} if urls else {}


def to_request(draft: Draft, category: int, attributes: Json, warehouse: str) -> Json:
    """The body of a new product. Here, and only here, stock is spelled in camel case."""
    many = len(draft.variants) > 1
    variants = [
        {
            "sku": one.sku, "price": one.price, "market_price": one.price, "inventory_type": "dropship",
            "seller_warehouse": warehouse,
            "warehouse_stocks": [{"warehouseId": int(warehouse), "qtyAvailable": one.stock}],
            **({"min_code": int(one.gtin)} if one.gtin.isdigit() else {}), **({"option1": one.label} if many else {}),
        }
        for one in draft.variants
    ]  # fmt: skip
    return {
        "category_id": category, "name": draft.title, "description": to_html(draft.description),
        "market_price": max(one.price for one in draft.variants), "attributes": attributes,
        "option_attributes": ["Quy cách"] if many else [], "variants": variants,
        "meta_data": {"is_auto_turn_on": draft.visible}, **to_pictures(draft),
    }  # fmt: skip
