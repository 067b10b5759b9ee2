"""Rule packs: what a channel asks of a listing, as data (``config/channels/*.toml``, ``config/categories/*.toml``).

The same check shows readiness offline and guards every send. Pure: takes parsed TOML, answers problems.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.connectors.model import Draft
from hub.sync.model import Problem
from hub.sync.prices import ChannelFee, parse_fees
from hub.types import Vnd, fold


@dataclass(frozen=True, kw_only=True)
class Span:
    """Smallest and largest, both allowed."""

    min: int
    max: int


@dataclass(frozen=True, kw_only=True)
class PictureRule:
    """What a channel asks of each picture; None: nothing is known. ``min_px`` and ``max_px`` bound both sides."""

    formats: tuple[str, ...] = ()  # MIME types; empty: any
    max_bytes: int | None = None
    min_px: int | None = None
    max_px: int | None = None
    ratio: tuple[float, float] | None = None  # width / height, both ends allowed


@dataclass(frozen=True, kw_only=True)
class PictureFacts:
    """A stored picture as it is: ``mime`` of its content, sides in points, size in bytes."""

    digest: str
    mime: str
    width: int
    height: int
    size: int


@dataclass(frozen=True, kw_only=True)
class RequiredAttribute:
    """A fact a channel demands under its own name. ``values``: its closed list; ``units``: a number with one of these.

    ``sets``: the product sets it is asked for; empty: all.
    """

    name: str
    sets: frozenset[int] = frozenset()
    values: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    max: int | None = None  # characters


@dataclass(frozen=True, kw_only=True)
class RulePack:
    """One channel's rules. ``categories`` maps a product set (1-26) to the channel's category."""

    platform: str
    version: int
    ships: bool
    alcohol: bool
    title: Span
    description: Span
    pictures: Span
    price: Span
    price_ratio: float | None
    price_step: Vnd
    variants_max: int
    sku_max: int
    forbidden: tuple[str, ...]
    categories: Mapping[int, str]
    attributes: Mapping[str, str]  # our attribute name -> the channel's, where they differ
    ship_days: int = 2  # days an order may wait where the platform names no deadline
    fees: tuple[ChannelFee, ...] = ()  # what the channel takes of a sale, as published
    picture: PictureRule = PictureRule()
    label_max: int | None = None
    required: tuple[RequiredAttribute, ...] = ()
    verified_sellers_only: bool = False  # G07: the channel takes only sellers whose identity it checked
    title_refuses: str = ""  # letters a name may not hold
    post_pictures_min: int = 0  # a post needs so many pictures, where posts are made


def parse(platform: str, channel: Mapping[str, Any], categories: Mapping[str, Any]) -> RulePack:
    """From the two TOML documents. Raises KeyError or ValueError when a rule is missing or malformed."""
    price = channel["price"]
    return RulePack(
        platform=platform,
        version=int(channel["version"]),
        ships=bool(channel["ships"]),
        alcohol=bool(channel["alcohol"]),
        title=_span(channel["title"]),
        title_refuses=str(channel["title"].get("refuses", "")),
        description=_span(channel["description"]),
        pictures=_span(channel["pictures"]),
        price=_span(price),
        price_ratio=float(price["max_ratio"]) if "max_ratio" in price else None,
        price_step=int(price.get("step", 1)),
        variants_max=int(channel["variants"]["max"]),
        sku_max=int(channel["variants"]["sku_max"]),
        forbidden=tuple(fold(word) for word in channel["words"]["forbidden"]),
        categories={int(number): str(name) for number, name in categories["sets"].items()},
        attributes={str(ours): str(theirs) for ours, theirs in categories.get("attributes", {}).items()},
        ship_days=int(channel.get("shipping", {}).get("days", 2)),
        fees=parse_fees(channel.get("fees", ())),
        picture=_picture(channel["pictures"]),
        label_max=channel["variants"].get("label_max"),
        required=tuple(_required(name, one) for name, one in channel.get("attributes", {}).get("required", {}).items()),
        verified_sellers_only=bool(channel.get("verified_sellers_only", False)),
        post_pictures_min=int(channel.get("post", {}).get("pictures_min", channel["pictures"]["min"])),
    )


def _picture(rule: Mapping[str, Any]) -> PictureRule:
    ratio = (float(rule["ratio_min"]), float(rule["ratio_max"])) if "ratio_min" in rule else None
    return PictureRule(
        formats=tuple(rule.get("formats", ())), max_bytes=rule.get("max_bytes"), min_px=rule.get("min_px"),
        max_px=rule.get("max_px"), ratio=ratio,
    )  # fmt: skip


def _required(name: str, rule: Mapping[str, Any]) -> RequiredAttribute:
    return RequiredAttribute(
        name=name, sets=frozenset(rule.get("sets", ())), values=tuple(rule.get("values", ())),
        units=tuple(rule.get("units", ())), max=rule.get("max"),
    )  # fmt: skip


def _span(rule: Mapping[str, Any]) -> Span:
    return Span(min=int(rule["min"]), max=int(rule["max"]))


def check(draft: Draft, rules: RulePack) -> tuple[Problem, ...]:
    """Everything about ``draft`` that the channel would refuse, each with the numbers to fix it."""
    return (
        *_length("title", draft.title, rules.title),
        *_letters(draft.title, rules.title_refuses),
        *_length("description", draft.description, rules.description),
        *_pictures(draft, rules),
        *_variants(draft, rules),
        *_words(draft, rules),
        *_attributes(draft, rules),
    )


def check_picture(facts: PictureFacts, rule: PictureRule) -> tuple[Problem, ...]:
    """What the channel would refuse of one picture."""
    problems: list[Problem] = []
    sides = {"width": facts.width, "height": facts.height}
    if rule.formats and facts.mime not in rule.formats:
        problems.append(
            Problem(code="picture_format_wrong", facts={"found": facts.mime, "allowed": list(rule.formats)})
        )
    if rule.max_bytes is not None and facts.size > rule.max_bytes:
        problems.append(Problem(code="picture_too_large", facts={"size": facts.size, "max": rule.max_bytes}))
    if rule.min_px is not None and min(facts.width, facts.height) < rule.min_px:
        problems.append(Problem(code="picture_too_small", facts={**sides, "min": rule.min_px}))
    if rule.max_px is not None and max(facts.width, facts.height) > rule.max_px:
        problems.append(Problem(code="picture_too_wide", facts={**sides, "max": rule.max_px}))
    if rule.ratio is not None and not rule.ratio[0] <= facts.width / facts.height <= rule.ratio[1]:
        problems.append(
            Problem(code="picture_ratio_wrong", facts={**sides, "min": rule.ratio[0], "max": rule.ratio[1]})
        )
    return tuple(problems)


def _length(name: str, text: str, span: Span) -> list[Problem]:
    size = len(text)
    if size < span.min:
        return [Problem(code=f"{name}_too_short", facts={"length": size, "min": span.min})]
    if size > span.max:
        return [Problem(code=f"{name}_too_long", facts={"length": size, "max": span.max})]
    return []


def _letters(title: str, refused: str) -> list[Problem]:
    found = [letter for letter in refused if letter in title]
    return [Problem(code="title_refused", facts={"message": " ".join(found)})] if found else []


def _pictures(draft: Draft, rules: RulePack) -> list[Problem]:
    count = len(draft.pictures)
    if count < rules.pictures.min:
        return [Problem(code="pictures_too_few", facts={"count": count, "min": rules.pictures.min})]
    if count > rules.pictures.max:
        return [Problem(code="pictures_too_many", facts={"count": count, "max": rules.pictures.max})]
    return []


def _variants(draft: Draft, rules: RulePack) -> list[Problem]:
    problems: list[Problem] = []
    if len(draft.variants) > rules.variants_max:
        problems.append(
            Problem(code="variants_too_many", facts={"count": len(draft.variants), "max": rules.variants_max})
        )
    for variant in draft.variants:
        if not rules.price.min <= variant.price <= rules.price.max:
            facts = {"sku": variant.sku, "price": variant.price, "min": rules.price.min, "max": rules.price.max}
            problems.append(Problem(code="price_out_of_range", facts=facts))
        if len(variant.sku) > rules.sku_max:
            problems.append(Problem(code="sku_too_long", facts={"sku": variant.sku, "max": rules.sku_max}))
        if variant.price % rules.price_step:
            facts = {"sku": variant.sku, "price": variant.price, "step": rules.price_step}
            problems.append(Problem(code="price_not_in_steps", facts=facts))
        if rules.label_max is not None and len(variant.label) > rules.label_max:
            facts = {"label": variant.label, "length": len(variant.label), "max": rules.label_max}
            problems.append(Problem(code="variant_label_too_long", facts=facts))
    prices = [v.price for v in draft.variants]
    if rules.price_ratio and prices and max(prices) > rules.price_ratio * min(prices):
        facts = {"dearest": max(prices), "cheapest": min(prices), "ratio": rules.price_ratio}
        problems.append(Problem(code="price_ratio_too_wide", facts=facts))
    return problems


def _words(draft: Draft, rules: RulePack) -> list[Problem]:
    return forbidden_in(f"{draft.title}\n{draft.description}", rules)


def forbidden_in(text: str, rules: RulePack) -> list[Problem]:
    """The words a channel forbids in this text, case and accents not counting."""
    folded = fold(text)
    return [Problem(code="word_forbidden", facts={"word": word}) for word in rules.forbidden if word in folded]


def _attributes(draft: Draft, rules: RulePack) -> list[Problem]:
    """Facts the pack says are demanded: there, from the channel's own list, in its own units."""
    known = {fold(name): value for name, value in draft.attributes}
    asked = [one for one in rules.required if not one.sets or draft.category in _categories(one.sets, rules)]
    missing = [one.name for one in asked if not known.get(fold(one.name))]
    problems = [Problem(code="attribute_missing", facts={"attributes": missing})] if missing else []
    for one in asked:
        value = known.get(fold(one.name), "")
        if not value:
            continue
        if one.values and fold(value) not in {fold(allowed) for allowed in one.values}:
            facts: dict[str, object] = {"attribute": one.name, "value": value, "allowed": list(one.values)}
            problems.append(Problem(code="attribute_value_unknown", facts=facts))
        if one.units and not _measured(value, one.units):
            facts = {"attribute": one.name, "value": value, "allowed": list(one.units)}
            problems.append(Problem(code="attribute_unit_unknown", facts=facts))
        if one.max is not None and len(value) > one.max:
            facts = {"attribute": one.name, "length": len(value), "max": one.max}
            problems.append(Problem(code="attribute_too_long", facts=facts))
    return problems


def _categories(sets: Iterable[int], rules: RulePack) -> set[str]:
    return {rules.categories[number] for number in sets if number in rules.categories}


def _measured(value: str, units: Iterable[str]) -> bool:
    """A number, then one of the units."""
    number, _, unit = value.strip().partition(" ")
    return number.replace(",", ".", 1).replace(".", "", 1).isdigit() and unit in units
