"""From a draft to what Shopee takes: limits, category, attributes, logistics, models. Pure.

The rules are asked from the platform at run time and arrive here as its answers; a draft that does not fit is Refused
before anything is sent, with the same problem codes as the rule pack and the numbers to fix it.
Sources: developer guides 209, 211, 219, checked 2026-11-21.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hub.connectors import fitting
from hub.connectors.model import Category, Draft, DraftVariant
from hub.connectors.shopee.wire import (
    Attribute,
    AttributeValue,
    GtinLimit,
    ItemLimit,
    ItemLimitAnswer,
    LimitSpan,
    LogisticsChannel,
)
from hub.errors import Refused
from hub.types import Sku, fold, nfc

MODELS_MAX = 50
PRICE_RATIO = 5  # dearest / cheapest model in VN, guide 223
PICTURE_BYTES = 10 * 1024 * 1024
TIER = "Phân loại"
"""Name of the one tier that parts variants; shoppers read it."""
UNFINISHED = "~"
"""Ends the item SKU of an item whose variants are not set up yet: ``find`` must not take it for a listing."""
CONTENT = ("item_name", "description", "category_id", "attribute_list", "image")
"""What of a body of add_item brings a begun item up to date."""
_PATH = re.compile(r"\s*[>›]\s*")
_UNIT = re.compile(r"^(?P<name>.*?)\s*\((?P<unit>[^()]+)\)$")
_NUMBER = re.compile(r"^\s*(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>\S.*)?$")

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a category and a shop ask of an item: all the run-time answers a payload needs."""

    category: int
    limits: ItemLimit
    gtin_rule: str
    attributes: Sequence[Attribute]
    channels: Sequence[LogisticsChannel]
    package: tuple[int, int, int] | None  # cm: length, width, height; None: nobody measured
    location: str  # "" in shops with one warehouse, where it must be left out


def terms_of(
    category: int,
    answer: ItemLimitAnswer,
    attributes: Sequence[Attribute],
    channels: Sequence[LogisticsChannel],
    values: Mapping[str, str],
) -> Terms:
    """``values`` are the shop's settings: ``package_cm`` ("20x15x10") and ``location_id``, both optional."""
    return Terms(
        category=category,
        limits=answer.response,
        gtin_rule=(answer.gtin_limit or GtinLimit()).gtin_validation_rule,
        attributes=attributes,
        channels=channels,
        package=parse_package(values.get("package_cm", "")),
        location=values.get("location_id", ""),
    )


def parse_package(text: str) -> tuple[int, int, int] | None:
    """``20x15x10`` (length, width, height in cm). None for anything else."""
    sides = re.findall(r"\d+", text)
    return (int(sides[0]), int(sides[1]), int(sides[2])) if len(sides) == 3 else None


# ---- category ----------------------------------------------------------------------------------------------------


def find_leaf(wanted: str, tree: Sequence[Category]) -> int:
    """The leaf that ``wanted`` names: an id, or a path of names (``Bách hóa > Mật ong``); letters fold.

    Raises Refused when there is no such leaf or more than one.
    """
    by_id = {one.id: one for one in tree}
    if wanted in by_id and by_id[wanted].leaf:
        return int(wanted)
    path = [fold(part) for part in _PATH.split(wanted.strip()) if part.strip()]
    hits = [one for one in tree if one.leaf and path and _names(one, by_id)[-len(path) :] == path]
    if len(hits) > 1:
        hits = [one for one in hits if len(_names(one, by_id)) == len(path)] or hits
    if len(hits) != 1:
        raise Refused("category_unknown", category=wanted, found=len(hits))
    return int(hits[0].id)


def _names(leaf: Category, by_id: Mapping[str, Category]) -> list[str]:
    names: list[str] = []
    at: Category | None = leaf
    while at is not None and len(names) < 10:
        names.append(fold(at.name))
        at = by_id.get(at.parent)
    return names[::-1]


# ---- limits ------------------------------------------------------------------------------------------------------


def check(draft: Draft, terms: Terms) -> None:
    """Raises Refused for the first thing the platform would refuse."""
    limits = terms.limits
    _length("title", len(draft.title), limits.item_name_length_limit)
    _length("description", len(draft.description), limits.item_description_length_limit)
    _span("pictures", len(draft.pictures), limits.item_image_count_limit, "too_few", "too_many", "count")
    _check_variants(draft.variants, limits)
    if terms.gtin_rule == "Mandatory" and not all(one.gtin for one in draft.variants):
        raise Refused("gtin_missing", skus=[one.sku for one in draft.variants if not one.gtin])
    if not all(one.weight_g > 0 for one in draft.variants):
        raise Refused("weight_missing", skus=[one.sku for one in draft.variants if one.weight_g <= 0])


def _length(name: str, size: int, span: LimitSpan | None) -> None:
    _span(name, size, span, "too_short", "too_long", "length")


def _span(name: str, size: int, span: LimitSpan | None, low: str, high: str, word: str) -> None:
    if span is None:
        return
    if span.min_limit is not None and size < span.min_limit:
        raise Refused(f"{name}_{low}", **{word: size, "min": int(span.min_limit)})
    if span.max_limit is not None and size > span.max_limit:
        raise Refused(f"{name}_{high}", **{word: size, "max": int(span.max_limit)})


def _check_variants(variants: Sequence[DraftVariant], limits: ItemLimit) -> None:
    if len(variants) > MODELS_MAX:
        raise Refused("variants_too_many", count=len(variants), max=MODELS_MAX)
    prices = [one.price for one in variants]
    if max(prices) > PRICE_RATIO * min(prices):
        raise Refused("price_ratio_too_wide", dearest=max(prices), cheapest=min(prices), ratio=PRICE_RATIO)
    span, stocks = limits.price_limit or LimitSpan(), limits.stock_limit or LimitSpan()
    for one in variants:
        if not (span.min_limit or 0) <= one.price <= (span.max_limit or one.price):
            raise Refused("price_out_of_range", sku=one.sku, price=one.price, min=span.min_limit, max=span.max_limit)
        if stocks.max_limit is not None and one.stock > stocks.max_limit:
            raise Refused("stock_out_of_range", sku=one.sku, stock=one.stock, max=stocks.max_limit)
    if len(variants) > 1:
        labels = [label_of(one) for one in variants]
        longest = limits.tier_variation_option_length_limit or LimitSpan(max_limit=20)
        for label in labels:
            _length("variant_label", len(label), longest)
        if len({fold(label) for label in labels}) < len(labels):
            raise Refused("variant_label_repeated", labels=labels)


def label_of(variant: DraftVariant) -> str:
    """What shoppers choose by; the SKU where nobody named the variant."""
    return nfc(variant.label) or variant.sku


# ---- attributes --------------------------------------------------------------------------------------------------


def fill(tree: Sequence[Attribute], given: Sequence[tuple[str, str]]) -> list[Json]:
    """Our (name, value) pairs as ``attribute_list``. Names and values match by folded text in any language told.

    A name may carry the unit of its value in brackets: ``Hạn sử dụng (tháng)``, ``12`` also answers ``Hạn sử dụng``.
    Raises Refused("attribute_missing") with every mandatory attribute that has no usable value. Optional ones that do
    not fit are left out.
    """
    answers = dict(_answers(given))
    filled, missing = _walk(tree, answers)
    if missing:
        raise Refused("attribute_missing", attributes=[one.name for one in missing])
    return filled


def _answers(given: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, value in given:
        unit = _UNIT.match(name)
        if unit is not None:
            yield fold(unit["name"]), f"{value} {unit['unit']}"
    for name, value in given:
        yield fold(name), value


def _walk(tree: Sequence[Attribute], answers: Mapping[str, str]) -> tuple[list[Json], list[Attribute]]:
    filled: list[Json] = []
    missing: list[Attribute] = []
    for one in tree:
        names = [one.name, *(each.value for each in one.multi_lang)]
        text = next((answers[key] for name in names if (key := fold(name)) in answers), "")
        values, chosen = _values(one, nfc(text))
        if values:
            filled.append({"attribute_id": one.attribute_id, "attribute_value_list": values})
        elif one.mandatory:
            missing.append(one)
        for value in chosen:  # a child needs its parent's value
            more, lacking = _walk(value.child_attribute_list, answers)
            filled += more
            missing += lacking
    return filled, missing


def _values(attribute: Attribute, text: str) -> tuple[list[Json], list[AttributeValue]]:
    """Drop-downs (1, 4) take listed values only; combos (2, 5) and free text (3) take our own; 4 and 5 several."""
    if not text:
        return [], []
    info = attribute.attribute_info
    several = info.input_type in (4, 5)
    parts = [part.strip() for part in text.split(",") if part.strip()] if several else [text]
    out: list[Json] = []
    chosen: list[AttributeValue] = []
    for part in parts[: info.max_value_count or None]:
        if info.format_type == 2:
            out += _quantity(attribute, part)
        elif (listed := _listed(attribute, part)) is not None:
            out.append({"value_id": listed.value_id})
            chosen.append(listed)
        elif info.input_type in (2, 3, 5) and (own := _own(attribute, part)) is not None:
            out.append(own)
    return out, chosen


def _listed(attribute: Attribute, text: str) -> AttributeValue | None:
    key = fold(text)
    for value in attribute.attribute_value_list:
        names = [value.name, f"{value.name} {value.value_unit}", *(each.value for each in value.multi_lang)]
        if key in {fold(name) for name in names}:
            return value
    return None


def _quantity(attribute: Attribute, text: str) -> list[Json]:
    """A number and one of the attribute's units (format_type 2), listed or, where allowed, our own; else nothing."""
    info, number = attribute.attribute_info, _NUMBER.match(text)
    units = {fold(unit): unit for unit in info.attribute_unit_list}
    if number is None or (unit := units.get(fold(number["unit"] or ""))) is None:
        return []
    figure = number["number"].replace(",", ".")
    for value in attribute.attribute_value_list:
        if value.name == figure and value.value_unit in ("", unit):
            return [{"value_id": value.value_id, "value_unit": unit}]
    own = info.input_type in (2, 3, 5)
    return [{"value_id": 0, "original_value_name": figure, "value_unit": unit}] if own else []


def _own(attribute: Attribute, text: str) -> Json | None:
    """A value of our own, checked by the attribute's kind; None when it does not fit."""
    info = attribute.attribute_info
    if info.input_validation_type == 4:
        moment = _date(text, info.date_format_type)
        return None if moment is None else {"value_id": 0, "original_value_name": moment}
    number = _NUMBER.match(text)
    if info.input_validation_type in (1, 3):
        if number is None or (info.input_validation_type == 1 and not number["number"].isdigit()):
            return None
        return {"value_id": 0, "original_value_name": number["number"].replace(",", ".")}
    return {"value_id": 0, "original_value_name": text}


def _date(text: str, kind: int) -> str | None:
    """DD/MM/YYYY (0) or MM/YYYY (1) as the Unix timestamp text the platform wants."""
    try:
        moment = datetime.strptime(text, "%m/%Y" if kind == 1 else "%d/%m/%Y").replace(tzinfo=UTC)
    except ValueError:
        return None
    return str(int(moment.timestamp()))


# ---- logistics and payloads --------------------------------------------------------------------------------------


def guess_package(weight_kg: float) -> tuple[int, int, int]:
    """A cube in cm for goods nobody measured: as large as its real weight pays for (6000 cm3 a kilogram), no larger."""
    side = max(1, int((weight_kg * 6000) ** (1 / 3)))
    return side, side, side


def ship_by(channels: Sequence[LogisticsChannel], weight_kg: float) -> list[Json]:
    """Every channel that can carry this: enabled, no mask, no size or fee that only a person can choose.

    Raises Refused("logistics_missing") when none can.
    """
    usable = [
        one
        for one in channels
        if one.enabled
        and one.mask_channel_id == 0
        and one.fee_type not in ("SIZE_SELECTION", "CUSTOM_PRICE")
        and (one.weight_limit is None or weight_kg <= (one.weight_limit.item_max_weight or weight_kg))
    ]
    if not usable:
        raise Refused("logistics_missing", weight_kg=weight_kg, channels=len(channels))
    return [{"logistic_id": one.logistics_channel_id, "enabled": True} for one in usable]


def to_item(draft: Draft, terms: Terms, image_ids: Sequence[str]) -> Json:
    """The body of add_item. One variant: complete. Several: hidden, and marked unfinished until its models stand."""
    first, several = draft.variants[0], len(draft.variants) > 1
    weight = max(one.weight_g for one in draft.variants) / 1000
    length, width, height = terms.package or guess_package(weight)
    body: Json = {
        "item_name": draft.title,
        "description": draft.description,
        "category_id": terms.category,
        "original_price": first.price,
        "weight": weight,
        "dimension": {"package_length": length, "package_width": width, "package_height": height},
        "image": {"image_id_list": list(image_ids)},
        "brand": {"brand_id": 0, "original_brand_name": "NoBrand"},
        "attribute_list": fill(terms.attributes, draft.attributes),
        "logistic_info": ship_by(terms.channels, weight),
        "item_sku": draft.sku + UNFINISHED if several else first.sku,
        "seller_stock": stock_of(first.stock, terms.location),
        "item_status": "UNLIST" if several or not draft.visible else "NORMAL",
        "condition": "NEW",
    }
    if not several and (gtin := _gtin(first, terms)):
        body["gtin_code"] = gtin
    return body


def to_tiers(item_id: int, variants: Sequence[DraftVariant], terms: Terms) -> Json:
    """The body of init_tier_variation: one tier, one model per variant, in our order."""
    options = [{"variation_option_id": 0, "variation_option_name": label_of(one)} for one in variants]
    return {
        "item_id": item_id,
        "standardise_tier_variation": [
            {"variation_id": 0, "variation_name": TIER, "variation_option_list": options},
        ],
        "model": [_model(place, one, terms) for place, one in enumerate(variants)],
    }


def _model(place: int, variant: DraftVariant, terms: Terms) -> Json:
    model: Json = {
        "tier_index": [place],
        "original_price": variant.price,
        "model_sku": variant.sku,
        "seller_stock": stock_of(variant.stock, terms.location),
        "weight": variant.weight_g / 1000,
    }
    if gtin := _gtin(variant, terms):
        model["gtin_code"] = gtin
    return model


def _gtin(variant: DraftVariant, terms: Terms) -> str:
    """``00`` says "none" where a code is asked for but may be missing."""
    return variant.gtin or ("00" if terms.gtin_rule == "Flexible" else "")


def stock_of(stock: int, location: str) -> list[Json]:
    """``seller_stock``: with a location only in shops of several warehouses."""
    return [{"stock": stock, "location_id": location} if location else {"stock": stock}]


def unfinished(sku: Sku) -> Sku:
    """The item SKU while the variants are not set up yet."""
    return Sku(sku + UNFINISHED)


def image_type(content: bytes) -> str:
    """``image/jpeg`` or ``image/png`` by its first bytes. Raises Refused for anything else, or more than 10 MB."""
    return fitting.image_type(content, PICTURE_BYTES)
