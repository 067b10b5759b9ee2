"""WooCommerce's products, both ways: what is sent, what is understood, what must not be sent. Pure.

The facts behind each rule, and where they were seen, stand in the package.
"""

import html
import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from hub.connectors.markup import to_html, to_text
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    DraftVariant,
    FieldName,
    ListedVariant,
    Listing,
    ListingState,
    Result,
)
from hub.connectors.woocommerce.words import Gmt, MaybeDong, Wire, to_id
from hub.errors import HubError, Refused
from hub.types import Sku, fold, nfc

SKU_LENGTH = 100
"""Characters of the lookup column (source of 10.5.0)."""
GROUP = "-nhom"
"""Ending of a variable product's own SKU: the draft's SKU may be that of its first variation, and a SKU is unique."""
OPTION = "Quy cách"
"""Name of the one attribute that parts variations; shoppers of the site read it."""


class Named(BaseModel):
    id: int = 0
    name: str = ""
    slug: str = ""


class Image(BaseModel):
    id: int
    name: str = ""


class Attribute(BaseModel):
    name: str
    variation: bool = False
    options: list[str] = []


class Product(BaseModel):
    id: int
    name: str
    status: str
    type: str
    sku: str
    parent_id: int = 0
    permalink: str = ""
    description: str = ""
    price: MaybeDong = None
    stock_quantity: int | None = None
    categories: list[Named] = []
    images: list[Image] = []
    attributes: list[Attribute] = []
    variations: list[int] = []
    date_modified_gmt: Gmt | None = None


class Variation(BaseModel):
    id: int
    sku: str
    status: str = "publish"
    price: MaybeDong = None
    stock_quantity: int | None = None


class Changed(BaseModel):
    """What an element of a batch update, or of a page, shows of itself."""

    id: int
    date_modified_gmt: Gmt | None = None
    status: str = ""
    stock_quantity: int | None = None
    price: MaybeDong = None
    regular_price: MaybeDong = None
    images: list[Image] = []


# ---- listings ----------------------------------------------------------------------------------------------------

_STATES: Mapping[str, ListingState] = {
    "publish": ListingState.LIVE,
    "pending": ListingState.REVIEWING,
    "trash": ListingState.GONE,
}
_ENTITY_LIKE = re.compile(r"&(?=#|[A-Za-z])")


def title_to_wire(title: str) -> str:
    """A title is taken as markup: angle brackets, and ampersands that could begin an entity, are escaped."""
    return _ENTITY_LIKE.sub("&amp;", title).replace("<", "&lt;").replace(">", "&gt;")


def to_wire(draft: Draft, category_id: int | None, fields: frozenset[FieldName]) -> Wire:
    """The JSON of ``fields`` of a product. Pictures go by ``src``, named by their digest, and only on purpose."""
    wire: Wire = {}
    if "title" in fields:
        wire["name"] = title_to_wire(draft.title)
    if "description" in fields:
        wire["description"] = to_html(draft.description)
    if "short" in fields:
        wire["short_description"] = to_html(draft.short)
    if "category" in fields:
        wire["categories"] = [] if category_id is None else [{"id": category_id}]
    if "visible" in fields:
        wire["status"] = "publish" if draft.visible else "draft"
    if "attributes" in fields:
        wire["attributes"] = _attributes(draft)
    if "pictures" in fields:
        wire["images"] = [{"src": one.url, "name": one.digest, "alt": draft.title} for one in draft.pictures]
    return wire


def _attributes(draft: Draft) -> list[Wire]:
    told: list[Wire] = [
        {"name": name, "visible": True, "variation": False, "options": [value]} for name, value in draft.attributes
    ]
    if len(draft.variants) > 1:
        options = [_option(one) for one in draft.variants]
        told.append({"name": OPTION, "visible": True, "variation": True, "options": options})
    return told


def _option(variant: DraftVariant) -> str:
    return variant.label or variant.sku


def variant_to_wire(variant: DraftVariant) -> Wire:
    """Price as plain digits (a dot or comma would be read as a decimal point), stock managed, GTIN if there is one."""
    wire: Wire = {
        "sku": variant.sku,
        "regular_price": str(int(variant.price)),
        "manage_stock": True,
        "stock_quantity": int(variant.stock),
        "backorders": "no",
    }
    return wire | ({"global_unique_id": variant.gtin} if variant.gtin else {})


ALL: frozenset[FieldName] = frozenset(
    {"title", "description", "category", "pictures", "attributes", "visible", "short"}
)


def to_new(draft: Draft, category_id: int | None) -> Wire:
    """A whole product to create. One variant: ``simple``; several: ``variable``, hidden until its variations stand."""
    wire = to_wire(draft, category_id, ALL)
    if len(draft.variants) == 1:
        return wire | {"type": "simple"} | variant_to_wire(draft.variants[0])
    return wire | {"type": "variable", "sku": draft.sku + GROUP, "status": "draft"}


def variation_to_new(variant: DraftVariant) -> Wire:
    """A variation to create, told from the others by its one option."""
    return variant_to_wire(variant) | {"attributes": [{"name": OPTION, "option": _option(variant)}]}


def to_listing(product: Product, variations: Sequence[Variation]) -> Listing:
    """A product as the site shows it; a ``simple`` one is its own variant."""
    shown: Sequence[Product | Variation] = variations if product.type == "variable" else (product,)
    return Listing(
        remote_id=to_id(product.id),
        sku=Sku(product.sku.removesuffix(GROUP) if product.type == "variable" else product.sku),
        state=_STATES.get(product.status, ListingState.HIDDEN),
        title=nfc(html.unescape(product.name)),
        description=to_text(product.description),
        variants=tuple(
            ListedVariant(remote_id=to_id(one.id), sku=Sku(one.sku), price=one.price, stock=one.stock_quantity)
            for one in shown
        ),
        url=product.permalink,
        category=product.categories[0].slug if product.categories else "",
        picture_ids=tuple(str(one.id) for one in product.images),
        attributes=tuple((one.name, ", ".join(one.options)) for one in product.attributes if not one.variation),
        updated_at=product.date_modified_gmt,
    )


# ---- before and after a batch ---------


def category_key(text: str) -> str:
    """A category's name as the site makes a slug of it: ``Mật ong & nông sản`` -> ``mat-ong-nong-san``."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")


def unfit(draft: Draft, categories: Mapping[str, int]) -> Refused | None:
    """What the batch would swallow or twist instead of refusing."""
    skus = [one.sku for one in draft.variants]
    if not skus or not all(skus) or not draft.sku:
        return Refused("sku_missing", sku=draft.sku)
    for sku in (draft.sku, *skus):
        if "," in sku or len(sku + GROUP) > SKU_LENGTH or (len(skus) > 1 and skus.count(sku) > 1):
            return Refused("sku_wrong", sku=sku)  # a comma parts two SKUs in a search
    if not draft.title.strip():
        return Refused("title_too_short", length=0, min=1)  # the site would call it "Product"
    for one in draft.variants:
        if one.price < 0:
            return Refused("price_out_of_range", sku=one.sku, price=one.price)
    return _unknown_category(draft, categories)


def unfit_change(change: Change, categories: Mapping[str, int]) -> Refused | None:
    """A simple product cannot become a variable one under way, an unknown category is never guessed."""
    single = any(variant == change.target.remote_id for _, variant in change.target.variants)
    if single and len(change.draft.variants) > 1:
        return Refused("variants_changed", sku=change.draft.sku)
    if "title" in change.fields and not change.draft.title.strip():
        return Refused("title_too_short", length=0, min=1)
    return _unknown_category(change.draft, categories) if "category" in change.fields else None


def _unknown_category(draft: Draft, categories: Mapping[str, int]) -> Refused | None:
    """The site would silently file it under "Uncategorized"."""
    if draft.category and category_key(draft.category) not in categories:
        return Refused("category_unknown", category=draft.category)
    return None


def change_to_wire(change: Change, categories: Mapping[str, int], pictures: Mapping[int, Mapping[str, int]]) -> Wire:
    number = int(change.target.remote_id)
    wire = to_wire(change.draft, categories.get(category_key(change.draft.category)), change.fields)
    if "pictures" in change.fields:
        there = pictures.get(number, {})
        wire["images"] = [  # the words of a picture are the title's: a claim must leave them with it
            ({"id": there[one.digest]} if one.digest in there else {"src": one.url, "name": one.digest})
            | {"alt": change.draft.title}
            for one in change.draft.pictures
        ]
    return {"id": number} | wire


def uploads(wire: Wire) -> bool:
    images = wire.get("images")
    return isinstance(images, list) and any("src" in one for one in images)


def to_done(sent: Wire, answer: Changed | HubError) -> Result[Done]:
    """A batch twists what it does not like and says 200: compare what came back with what was sent."""
    if isinstance(answer, HubError):
        return answer
    price = sent.get("regular_price")
    for field, wanted, got in (
        ("status", sent.get("status"), answer.status),
        ("stock_quantity", sent.get("stock_quantity"), answer.stock_quantity),
        ("regular_price", int(str(price)) if price is not None else None, answer.regular_price),
    ):
        if (
            wanted is not None and wanted != got and (wanted, got) != ("publish", "pending")
        ):  # a portal looks at it first
            return Refused("remote_value_ignored", field=field, sent=wanted, got=got)
    return Done(picture_ids=tuple(str(one.id) for one in answer.images))
