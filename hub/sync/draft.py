"""From a product to the listing we want: title, description, attributes, prices, stock. Pure.

Claims stand in the text only while the certificate allows them; otherwise they are taken out of every word, even out
of the product's own name and story. What a person edited for one platform is treated alike: the words are theirs, the
facts and the claim stay the rule's.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hub.catalog import claims
from hub.catalog.model import Certificate, Sellable, Stock, Variant
from hub.connectors.model import Draft, DraftVariant, FieldName, Picture
from hub.sync.model import Cut
from hub.sync.rulepack import RulePack, forbidden_in
from hub.types import Sku, fold

FORMAT = 1
"""Raised when a new field shall reach listings that are already out."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """``config/listing.toml``: templates with {facts}."""

    version: int
    title: tuple[str, ...]
    title_longer: str
    claim: str
    description: tuple[str, ...]
    description_claims: tuple[str, ...]


def parse_wording(document: Mapping[str, Any]) -> Wording:
    """From the TOML document. Raises KeyError when a part is missing."""
    return Wording(
        version=int(document["version"]),
        title=tuple(document["title"]),
        title_longer=document["title_longer"],
        claim=document["claim"],
        description=tuple(document["description"]),
        description_claims=tuple(document["description_claims"]),
    )


def shown_stock(stock: Stock) -> int:
    """What a channel may show: available less the buffer, at most the maximum, never below zero."""
    free = max(0, stock.available - stock.buffer)
    return free if stock.max_shown is None else min(free, stock.max_shown)


def make_draft(
    sellable: Sellable,
    *,
    certificate: Certificate | None,
    rules: RulePack,
    wording: Wording,
    category: str,
    picture_base: str,
    last_day: date | None = None,
    cut: Cut | None = None,
) -> Draft:
    """The listing we want. ``certificate`` None: no claim may be made, and none is left in any text.

    Claims in the product's own name and story always go: the stars shown are those of the certificate, nothing else.
    ``last_day``: through which the certificate counts, its extension included. ``cut``: a person's words for this
    platform instead of name and story.
    """
    facts = _facts(sellable, certificate, last_day or date.max)
    variants = tuple(
        _variant(v, s, several=len(sellable.variants) > 1)
        for v, s in zip(sellable.variants, sellable.stocks, strict=True)
    )
    lines = [*wording.description, *(wording.description_claims if certificate else ())]
    title = _edited_title(cut.title, wording, rules, facts) if cut and cut.title else _title(wording, rules, facts)
    paragraphs = [text for line in lines if (text := fill(line, facts)) and _fits(line, text, rules)]
    if cut and cut.description:
        paragraphs = _edited(cut.description, [text for text in paragraphs if text not in _story(facts)])
    description = "\n\n".join(paragraphs)
    if certificate is None:
        title, description = claims.strip(title), claims.strip(description)
    return Draft(
        sku=group_sku(sellable),
        title=title,
        description=description,
        category=category,
        variants=variants,
        pictures=tuple(Picture(digest=p.digest, url=f"{picture_base}/{p.digest}") for p in sellable.pictures),
        attributes=tuple(
            (rules.attributes.get(name, name), value) for name, value in _attributes(sellable, certificate)
        ),
    )


def group_sku(sellable: Sellable) -> Sku:
    """The key of the listing: its first variant's SKU."""
    return sellable.variants[0].sku


def _title(wording: Wording, rules: RulePack, facts: Mapping[str, str]) -> str:
    claim = facts["claim"] and wording.claim.format(**facts)
    every = {**facts, "claim": claim}
    candidates = [" ".join(template.format(**every).split()) for template in wording.title]
    fitting = [title for title in candidates if len(title) <= rules.title.max]
    title = fitting[0] if fitting else candidates[-1]
    if len(title) < rules.title.min:
        longer = " ".join(wording.title_longer.format(**every).split())
        return longer if len(longer) <= rules.title.max else title
    return title


def _edited_title(words: str, wording: Wording, rules: RulePack, facts: Mapping[str, str]) -> str:
    """A person's title, its own claims taken out, with the claim that is allowed behind it where there is room."""
    title = claims.strip(words)
    with_claim = f"{title} {wording.claim.format(**facts)}" if facts["claim"] else title
    return with_claim if len(with_claim) <= rules.title.max else title


def _edited(words: str, facts: Sequence[str]) -> list[str]:
    """A person's description in front of every line of facts that it does not have word for word already."""
    own = claims.strip(words)
    known = fold(own)
    return [own, *(line for line in facts if fold(line) not in known)] if own else list(facts)


def _story(facts: Mapping[str, str]) -> tuple[str, str]:
    """The lines that a person's description stands instead of."""
    return facts["name"], facts["story"]


def _facts(sellable: Sellable, certificate: Certificate | None, last_day: date) -> dict[str, str]:
    facts = product_facts(sellable)
    facts |= {"name": claims.strip(facts["name"]), "story": claims.strip(facts["story"]), "claim": ""}
    if certificate is not None:
        facts |= {"claim": "yes", **certificate_facts(certificate, last_day)}
    return facts


def product_facts(sellable: Sellable) -> dict[str, str]:
    """What the catalogue says of a product, for {facts} of templates; claims may still stand in its words."""
    product, producer = sellable.product, sellable.producer
    first = next(iter(sellable.variants), None)
    return {
        "name": product.name,
        "net": f"{first.net_quantity} {first.unit}".strip() if first and first.net_quantity else "",
        "pack": first.pack if first else "",
        "story": product.story,
        "ingredients": product.ingredients,
        "storage": product.storage,
        "shelf_life": "" if product.shelf_life_months is None else str(product.shelf_life_months),
        "producer": producer.name,
        "place": product.commune or producer.commune,
        "quality": ", ".join(product.quality_certs),
        "food_declaration": product.food_declaration,
        "trace": product.trace_url,
    }


def certificate_facts(certificate: Certificate, last_day: date) -> dict[str, str]:
    """What a certificate says of itself, for {facts} of templates."""
    return {
        "stars": str(certificate.stars),
        "decision_no": certificate.decision_no,
        "decision_date": day_text(certificate.decision_date),
        "certificate_no": certificate.certificate_no,
        "valid_until": day_text(last_day),
    }


def _fits(template: str, text: str, rules: RulePack) -> bool:
    """A line of mere facts that carries a word the channel forbids (a link, say) is left out; the story is not."""
    return template in ("{name}", "{story}") or not forbidden_in(text, rules)


def day_text(day: date) -> str:
    """A day as people in Vietnam write it."""
    return day.strftime("%d/%m/%Y")


def fill(template: str, facts: Mapping[str, str]) -> str:
    """The template with its facts; "" when one that it needs is empty."""
    needed = [part.split("}")[0] for part in template.split("{")[1:]]
    if any(not facts.get(name) for name in needed):
        return ""
    return template.format(**facts)


def _variant(variant: Variant, stock: Stock, *, several: bool) -> DraftVariant:
    if variant.price is None:
        raise ValueError("a variant without a price is held before it is drafted")
    return DraftVariant(
        sku=variant.sku,
        price=variant.price,
        stock=shown_stock(stock),
        label=(variant.label or f"{variant.net_quantity} {variant.unit}".strip()) if several else "",
        gtin=variant.gtin,
        weight_g=variant.weight_g or _weight(variant),
    )


_GRAMS: Mapping[str, float] = {"g": 1, "gram": 1, "gr": 1, "kg": 1000, "ml": 1, "l": 1000, "lít": 1000, "lit": 1000}


def _weight(variant: Variant) -> int:
    """Gross weight in grams, estimated from the net quantity plus packing when nobody weighed it."""
    try:
        net = float(variant.net_quantity.replace(",", "."))
    except ValueError:
        return 500
    return max(50, round(net * _GRAMS.get(variant.unit.lower(), 300) * 1.1))


def _attributes(sellable: Sellable, certificate: Certificate | None) -> tuple[tuple[str, str], ...]:
    product, producer, first = sellable.product, sellable.producer, sellable.variants[0]
    volume = first.unit.lower() in ("ml", "l", "lít", "lit")
    net = f"{first.net_quantity} {first.unit}".strip() if first.net_quantity else ""
    pairs = [
        ("Xuất xứ", "Việt Nam"),
        ("Nhà sản xuất", producer.name),
        ("Nơi sản xuất", producer.address or product.commune or producer.commune),
        ("Thể tích thực" if volume else "Khối lượng tịnh", net),
        ("Quy cách", first.pack),
        ("Bảo quản", product.storage),
        ("Hạn sử dụng (tháng)", "" if product.shelf_life_months is None else str(product.shelf_life_months)),
        ("Thành phần", product.ingredients),
        ("Chứng nhận chất lượng", ", ".join(product.quality_certs)),
        ("Số công bố", product.food_declaration),
    ]
    kept = [(name, text) for name, value in pairs if (text := claims.strip(value))]
    if certificate is not None:
        kept.append(("OCOP", f"{certificate.stars} sao"))
    return tuple(kept)


# ---- digests -----------------------------------------------------------------------------------------------------

_FIELDS: tuple[FieldName, ...] = ("title", "description", "category", "pictures", "attributes", "visible", "short")


def fingerprint(draft: Draft) -> str:
    """One short digest per field, in a fixed order, so that a change names its fields."""
    return ".".join(_short(getattr(draft, name)) for name in _FIELDS)


def changed_fields(before: str, after: str) -> frozenset[FieldName]:
    """The fields whose digests differ; all of them when ``before`` is of another shape."""
    old, new = before.split("."), after.split(".")
    if len(old) != len(new):
        return frozenset(_FIELDS)
    return frozenset(name for name, a, b in zip(_FIELDS, old, new, strict=True) if a != b)


def cut_mark(cut: Cut | None) -> str:
    """What stands in a listing's source for the edited words; "" when there are none."""
    return "" if cut is None else f"c{_short((cut.title, cut.description))}"


def _short(value: object) -> str:
    return hashlib.blake2b(repr(value).encode(), digest_size=5).hexdigest()


def price_key(variants: Sequence[Variant]) -> str:
    """Prices by SKU as one comparable text."""
    return "|".join(f"{v.sku}:{v.price}" for v in variants)


def stock_key(sellable: Sellable) -> str:
    """Shown stock by SKU as one comparable text."""
    return shelf_key([(v.sku, s) for v, s in zip(sellable.variants, sellable.stocks, strict=True)])


def shelf_key(shelf: Sequence[tuple[Sku, Stock]]) -> str:
    """:func:`stock_key` of variants in the order of their SKUs."""
    return "|".join(f"{sku}:{shown_stock(stock)}" for sku, stock in shelf)


def split_key(key: str) -> dict[str, str]:
    """The inverse of :func:`price_key` and :func:`stock_key`: value text by SKU."""
    return dict(part.rsplit(":", 1) for part in key.split("|") if ":" in part)
