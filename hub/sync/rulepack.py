"""Rule packs: what a channel asks of a listing, as data (``config/channels/*.toml``, ``config/categories/*.toml``).

The same check shows readiness offline and guards every send. Pure: takes parsed TOML, answers problems.
"""

from collections.abc import Mapping
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
    fees: tuple[ChannelFee, ...] = ()  # what the channel takes of a sale, as published


def parse(platform: str, channel: Mapping[str, Any], categories: Mapping[str, Any]) -> RulePack:
    """From the two TOML documents. Raises KeyError or ValueError when a rule is missing or malformed."""
    price = channel["price"]
    return RulePack(
        platform=platform,
        version=int(channel["version"]),
        ships=bool(channel["ships"]),
        alcohol=bool(channel["alcohol"]),
        title=_span(channel["title"]),
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
        fees=parse_fees(channel.get("fees", ())),
    )


def _span(rule: Mapping[str, Any]) -> Span:
    return Span(min=int(rule["min"]), max=int(rule["max"]))


def check(draft: Draft, rules: RulePack) -> tuple[Problem, ...]:
    """Everything about ``draft`` that the channel would refuse, each with the numbers to fix it."""
    return (
        *_length("title", draft.title, rules.title),
        *_length("description", draft.description, rules.description),
        *_pictures(draft, rules),
        *_variants(draft, rules),
        *_words(draft, rules),
    )


def _length(name: str, text: str, span: Span) -> list[Problem]:
    size = len(text)
    if size < span.min:
        return [Problem(code=f"{name}_too_short", facts={"length": size, "min": span.min})]
    if size > span.max:
        return [Problem(code=f"{name}_too_long", facts={"length": size, "max": span.max})]
    return []


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
    prices = [v.price for v in draft.variants]
    if rules.price_ratio and prices and max(prices) > rules.price_ratio * min(prices):
        facts = {"dearest": max(prices), "cheapest": min(prices), "ratio": rules.price_ratio}
        problems.append(Problem(code="price_ratio_too_wide", facts=facts))
    return problems


def _words(draft: Draft, rules: RulePack) -> list[Problem]:
    text = fold(f"{draft.title}\n{draft.description}")
    return [Problem(code="word_forbidden", facts={"word": word}) for word in rules.forbidden if word in text]
