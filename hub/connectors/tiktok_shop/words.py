"""TikTok Shop's words: signature, complaints, shapes, what is sent and what was shown. Pure.

The signature covers the raw bytes of the body; ``x-tts-access-token`` is not signed, ``shop_cipher`` is.
"""

import hashlib
import hmac
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from hub.connectors.api import Credentials, Request, complaint
from hub.connectors.fitting import answers
from hub.connectors.manifest import parse_manifest
from hub.connectors.markup import to_html, to_text
from hub.connectors.model import Draft, DraftVariant, ListedVariant, Listing, ListingState
from hub.connectors.shapes import Count, Flag, Json, Many, MaybeDong, Moment, Text
from hub.errors import HubError, Refused, RemoteError, Unreachable
from hub.types import RemoteId, Sku, fold, nfc

T = TypeVar("T")

TABLES = tomllib.loads(Path(__file__).with_name("tiktok_shop.toml").read_text(encoding="utf-8"))
MANIFEST = parse_manifest("tiktok_shop", TABLES)
V2 = {"category_version": "v2"}  # compulsory in South-East Asia since 2026-01-12
TIER = "Phân loại"
SHORTEST = 25  # characters of a title in Vietnam
STRICT_SKU = re.compile(r"[A-Za-z0-9_-]{6,50}")

# ---- language ------------------------------------------------------------------------------------------------------


def signature(secret: str, path: str, pairs: Iterable[tuple[str, str]], body: bytes = b"") -> str:
    """Lower-case hex HMAC-SHA256 over secret, path, sorted decoded parameters, raw body, secret."""
    told = "".join(key + value for key, value in sorted(pairs) if key not in ("sign", "access_token"))
    whole = f"{secret}{path}{told}".encode() + body + secret.encode()
    return hmac.new(secret.encode(), whole, hashlib.sha256).hexdigest()


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Scope "token": unsigned, at the token host. "document": a whole address, no secrets. Else signed."""
    if request.scope == "document":
        return replace(request, base_url="")
    app = ("app_key", credentials["app_key"])
    if request.scope == "token":
        host = TABLES["token_host"] if request.base_url == MANIFEST.base_url else request.base_url
        return replace(request, base_url=host).plus(params=(app, ("app_secret", credentials["app_secret"])))
    common = (app, ("timestamp", str(int(now.timestamp()))))
    body = b"" if request.files or request.body is None else request.body
    signed = signature(credentials["app_secret"], request.path, (*request.params, *common), body)
    return request.plus(params=(*common, ("sign", signed)), headers=(("x-tts-access-token", credentials.access),))


class Said(BaseModel):
    code: int
    message: Text = ""


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """A code other than 0, whatever the HTTP status. Nothing at all, or a page, in a 200 is no answer."""
    if body.lstrip()[:1] != b"{":
        return Unreachable(sent=True, status=status) if status == 200 and body.lstrip()[:1] in (b"", b"<") else None
    try:
        said = Said.model_validate_json(body)
    except ValidationError:
        return None
    return understand(said.code, said.message, status=status) if said.code else None


def understand(code: int, message: str, **facts: object) -> RemoteError:
    """By the manifest; where a code means many things (36009004), a word of its message stands behind it there."""
    low = message.lower()
    told = (key for key in MANIFEST.errors if key.startswith(f"{code} ") and key.partition(" ")[2] in low)
    seconds = TABLES["waits"].get(str(code), 30)
    return complaint(MANIFEST.errors, next(told, str(code)), message, seconds=seconds, **facts)


def code_of(error: object) -> str:
    return str(error.facts.get("remote_code", "")) if isinstance(error, HubError) else ""


# ---- shapes --------------------------------------------------------------------------------------------------------


class Of(BaseModel, Generic[T]):
    data: T


class Named(BaseModel):
    """Values, attributes, papers, categories and shops: each with some of these."""

    id: Text = ""
    name: Text = ""
    local_name: Text = ""
    parent_id: Text = ""
    is_leaf: Flag = False
    region: Text = ""
    cipher: Text = ""
    uri: Text = ""
    is_required: Flag = False
    is_supported: Flag = False
    values: Many["Named"] = []


class Attribute(Named):
    type: Text = ""
    is_requried: Flag = False  # the platform's own spelling
    is_multiple_selection: Flag = False
    is_customizable: Flag = False
    requirement_conditions: Many[Json] = []


class Rules(BaseModel):
    product_certifications: Many[Named] = []
    cod: Named = Named()
    package_dimension: Named = Named()
    seller_sku: Named = Named()


class House(BaseModel):
    id: Text = ""
    warehouse_id: Text = ""
    type: Text = ""
    effect_status: Text = ""
    is_default: Flag = False
    quantity: Count = 0


class Price(BaseModel):
    tax_exclusive_price: MaybeDong = None  # what buyers of a local shop see


class Unit(BaseModel):
    id: Text
    seller_sku: Text = ""
    price: Price = Price()
    inventory: Many[House] = []
    warehouse_inventory: Many[House] = []
    sales_attributes: Many[Json] = []


class Units(BaseModel):
    product_id: Text = ""
    skus: Many[Unit] = []


class Product(Units):
    id: Text
    title: Text = ""
    description: Text = ""
    status: Text
    update_time: Moment = None
    category_chains: Many[Named] = []
    main_images: Many[Named] = []
    product_attributes: Many[Named] = []
    audit_failed_reasons: Many[Json] = []


class Fault(Said):
    detail: Json = {}


class Lists(BaseModel):
    """Whichever list an answer carries."""

    shops: Many[Named] = []
    categories: Many[Named] = []
    attributes: Many[Attribute] = []
    warehouses: Many[House] = []
    products: Many[Named] = []
    inventory: Many[Units] = []
    errors: Many[Fault] = []
    next_page_token: Text = ""


# ---- what is sent, what was shown: pure ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a category and the shop ask of a listing. ``package``: length, width, height in cm."""

    category: str
    rules: Rules
    attributes: Sequence[Attribute]
    house: str
    package: tuple[int, int, int] | None = None


def check_title(title: str) -> str:
    """The platform has no code of its own for a title that is too short."""
    if len(title) < SHORTEST:
        raise Refused("title_too_short", length=len(title), min=SHORTEST)
    return title


def to_markup(text: str) -> str:
    """The platform refuses HTML entities: ``&`` stands as it is, what needs one is refused here."""
    if re.search(r"[<>]|&#?\w+;", text):
        raise Refused("description_refused", message="< >")
    return to_html(text).replace("&amp;", "&")


def fill(asked: Sequence[Attribute], given: Iterable[tuple[str, str]]) -> list[Json]:
    """``product_attributes``. Raises Refused("attribute_missing"), also for those another answer asks for."""
    ours, filled = answers(given), dict[str, list[Json]]()
    wanted = [one for one in asked if one.type == "PRODUCT_PROPERTY"]
    for one in wanted:
        listed = {fold(value.name): value.id for value in one.values}
        text = ours.get(fold(one.name), "")
        values: list[Json] = [
            {"id": listed[fold(part)]} if fold(part) in listed else {"name": part.strip()[:2000]}
            for part in (text.split(",") if one.is_multiple_selection else [text])
            if part.strip() and (fold(part) in listed or one.is_customizable)
        ]
        filled |= {one.id: values} if values else {}
    chosen = {(number, value.get("id")) for number, values in filled.items() for value in values}
    missing = [one.name for one in wanted if one.id not in filled and (one.is_requried or any(
        (each.get("attribute_id"), each.get("attribute_value_id")) in chosen for each in one.requirement_conditions
    ))]  # fmt: skip
    if missing:
        raise Refused("attribute_missing", attributes=missing)
    return [{"id": number, "values": values} for number, values in filled.items()]


def to_product(draft: Draft, terms: Terms, uris: Sequence[str]) -> Json:
    """The body of create. Raises Refused for what the category asks and we do not have."""
    rules, grams = terms.rules, max(one.weight_g for one in draft.variants)
    if grams <= 0:
        raise Refused("weight_missing", skus=[one.sku for one in draft.variants])
    if papers := [one.name for one in rules.product_certifications if one.is_required]:
        raise Refused("food_papers_missing", missing=papers, message=", ".join(papers))
    if not uris:
        raise Refused("picture_missing", sku=draft.sku)
    if rules.package_dimension.is_required and not terms.package:
        raise Refused("package_size_missing", sku=draft.sku)
    if len({fold(one.label or one.sku) for one in draft.variants}) < len(draft.variants):
        raise Refused("variant_label_repeated", sku=draft.sku)
    sides = dict(zip(("length", "width", "height"), map(str, terms.package or ()), strict=False))
    return {
        "save_mode": "LISTING" if draft.visible else "AS_DRAFT", "title": check_title(draft.title), **V2,
        "description": to_markup(draft.description), "category_id": terms.category,
        "main_images": [{"uri": one} for one in uris],
        "product_attributes": fill(terms.attributes, draft.attributes),
        "skus": [_unit(one, terms, several=len(draft.variants) > 1) for one in draft.variants],
        "package_weight": {"value": f"{grams / 1000:.3f}", "unit": "KILOGRAM"},
        "is_cod_allowed": rules.cod.is_supported,
    } | ({"package_dimensions": sides | {"unit": "CENTIMETER"}} if sides else {})  # fmt: skip


def _unit(one: DraftVariant, terms: Terms, *, several: bool) -> Json:
    if " " in one.sku or (terms.rules.seller_sku.is_required and not STRICT_SKU.fullmatch(one.sku)):
        raise Refused("sku_wrong", sku=one.sku)
    unit: Json = {"seller_sku": one.sku, "price": money(one.price), "inventory": [stock(terms.house, one.stock)]}
    if several:
        unit["sales_attributes"] = [{"name": TIER, "value_name": one.label or one.sku}]
    return unit | ({"identifier_code": {"code": one.gtin, "type": "GTIN"}} if one.gtin else {})


def money(amount: int) -> Json:
    return {"amount": str(amount), "currency": "VND"}


def stock(house: str, amount: int) -> Json:
    return ({"warehouse_id": house} if house else {}) | {"quantity": amount}


def to_listing(product: Product) -> Listing:
    """As the seller wrote it last; an edit that is still audited does not take the listing off sale."""
    variants = tuple(
        ListedVariant(
            remote_id=RemoteId(one.id), sku=Sku(one.seller_sku), price=one.price.tax_exclusive_price,
            stock=sum(house.quantity for house in one.inventory),
        ) for one in product.skus
    )  # fmt: skip
    return Listing(
        remote_id=RemoteId(product.id), sku=variants[0].sku if variants else Sku(""), variants=variants,
        state=ListingState(TABLES["listing_states"].get(product.status, "hidden")), title=nfc(product.title),
        description=to_text(product.description), updated_at=product.update_time,
        reason="; ".join(str(text) for one in product.audit_failed_reasons for text in one.get("reasons") or ()),
        category=product.category_chains[-1].id if product.category_chains else "",
        picture_ids=tuple(one.uri for one in product.main_images),
        attributes=tuple((one.name, ", ".join(each.name for each in one.values)) for one in product.product_attributes),
    )  # fmt: skip
