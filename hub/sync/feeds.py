"""Product feeds that others pull: what stands in one. Pure; ``feed_writers`` says how each reader wants it written.

The goods are those of the shop, by the same drafts, holds and rules as every listing; each variant is one entry, so its
title and text are drawn for it alone. Entries stand in the order of their ids, so that an unchanged catalogue is an
unchanged file to the byte. Source: sheet of product feeds of 2026-11-21 (Google product data specification, Meta
catalogue reference and template); what it marks as known but not re-read is treated as true here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from hub.catalog import rules as law
from hub.catalog import sets
from hub.catalog.model import Sellable
from hub.connectors.model import Draft
from hub.errors import Invalid
from hub.sync import rulepack
from hub.sync.model import Problem, PushView
from hub.sync.plan import Ground, draft_of, judge
from hub.sync.prices import priced
from hub.types import Vnd, fold

BRAND_MAX = 70
TITLE_MAX = 150


@dataclass(frozen=True, kw_only=True)
class FeedKind:
    """One way of writing. ``exclude``: product sets its readers restrict (health claims, live animals), unless told."""

    id: str
    endings: tuple[str, ...]  # of the address; the first is the one we give
    mime: str
    needs_picture: bool
    exclude: frozenset[int] = frozenset()


_RESTRICTED = frozenset({18, 25})
KINDS: Mapping[str, FeedKind] = {
    kind.id: kind
    for kind in (
        FeedKind(id="google_rss", endings=("xml",), mime="application/rss+xml", needs_picture=True,
                 exclude=_RESTRICTED),
        FeedKind(id="google_csv", endings=("tsv", "csv"), mime="text/tab-separated-values", needs_picture=True,
                 exclude=_RESTRICTED),
        FeedKind(id="meta_csv", endings=("csv",), mime="text/csv", needs_picture=True, exclude=_RESTRICTED),
        FeedKind(id="plain_rss", endings=("xml",), mime="application/rss+xml", needs_picture=False),
    )
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One variant as it is offered. ``id`` never changes; ``group`` is "" for a product with one variant."""

    id: str
    group: str
    title: str
    description: str
    link: str
    images: tuple[str, ...]
    in_stock: bool
    price: Vnd
    brand: str
    gtin: str
    size: str
    measure: tuple[str, str] | None  # unit pricing: what is in it, and per what
    category: str  # Google's number
    product_type: str
    weight_g: int
    labels: tuple[str, ...]  # stars (while they may be claimed), commune


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What a feed says now, and why other goods of the shop are not in it (by product id)."""

    entries: tuple[Entry, ...]
    left_out: Mapping[str, tuple[Problem, ...]]


def kind_of(values: Mapping[str, str]) -> FeedKind:
    """The kind a shop's settings name. Raises Invalid("feed_kind_unknown")."""
    kind = KINDS.get(values.get("kind", ""))
    if kind is None:
        raise Invalid("feed_kind_unknown", kind=values.get("kind", ""), known=sorted(KINDS))
    return kind


# ---- what stands in it -------------------------------------------------------------------------------------------


def gather(view: PushView, ground: Ground, links: Mapping[str, str]) -> Feed:
    """Every variant that may be offered. ``links``: the best page we know of each product, by product id."""
    kind = kind_of(view.shop.values)
    entries: list[Entry] = []
    left_out: dict[str, tuple[Problem, ...]] = {}
    for sellable in view.sellables:
        here = priced(sellable, view.prices, ground.rules.fees, ground.now)
        found, problems = _product(here, view, ground, kind, links.get(here.product.id, ""))
        entries.extend(found)
        if problems:
            left_out[here.product.id] = problems
    return Feed(entries=tuple(sorted(entries, key=lambda one: one.id)), left_out=left_out)


def _product(
    sellable: Sellable, view: PushView, ground: Ground, kind: FeedKind, link: str
) -> tuple[list[Entry], tuple[Problem, ...]]:
    cut = view.cuts.get(sellable.product.id)
    problems = judge(sellable, view.shop.version, ground, cut).problems or _restricted(sellable, view, ground, kind)
    page = link or _page(sellable, view.shop.values, kind)
    if not problems and not page:
        problems = (Problem(code="feed_link_missing"),)
    if problems:
        return [], problems
    entries: list[Entry] = []
    found: list[Problem] = []
    for variant, stock in zip(sellable.variants, sellable.stocks, strict=True):
        draft = draft_of(replace(sellable, variants=(variant,), stocks=(stock,)), ground, cut)
        wrong = [p for p in rulepack.check(draft, ground.rules) if kind.needs_picture or p.code != "pictures_too_few"]
        found.extend(one for one in wrong if one not in found)
        if not wrong:
            entries.append(_entry(sellable, draft, page, ground))
    return entries, tuple(found)


def _restricted(sellable: Sellable, view: PushView, ground: Ground, kind: FeedKind) -> tuple[Problem, ...]:
    """Goods that readers of this kind restrict, and strong drinks, for which a feed would be advertising (G06)."""
    number = sellable.product.set_no
    told = view.shop.values.get("exclude")
    excluded = kind.exclude if told is None else {int(part) for part in re.findall(r"\d+", told)}
    limits = law.alcohol_limits(sellable, ground.today, ground.law)
    if number in excluded or (limits is not None and not limits.promotion):
        return (Problem(code="feed_set_left_out", facts={"set_no": number}),)
    return ()


def _page(sellable: Sellable, values: Mapping[str, str], kind: FeedKind) -> str:
    """A page that is no listing of ours: by the owner's pattern; for plain readers also the page of its traces."""
    pattern = values.get("page", "")
    if pattern:
        sku, product = quote(str(sellable.variants[0].sku), safe=""), sellable.product.id
        return address(pattern.replace("{sku}", sku).replace("{product}", product))
    return "" if kind.needs_picture else address(sellable.product.trace_url)


def _entry(sellable: Sellable, draft: Draft, page: str, ground: Ground) -> Entry:
    product, (shown,) = sellable.product, draft.variants
    variant = next(v for v in sellable.variants if v.sku == shown.sku)
    several = len(sellable.variants) > 1
    net = f"{variant.net_quantity} {variant.unit}".strip() if variant.net_quantity else ""
    size = variant.label or net
    title = draft.title
    if several and size and fold(size) not in fold(title) and len(f"{title} {size}") <= TITLE_MAX:
        title = f"{title} {size}"
    known = sets.load().get(product.set_no or 0)
    stars = dict(draft.attributes).get("OCOP", "")
    return Entry(
        id=str(shown.sku),
        group=product.id if several else "",
        title=clean(title),
        description=clean(draft.description),
        link=page,
        images=tuple(f"{picture.url}.jpg" for picture in draft.pictures),
        in_stock=shown.stock > 0,
        price=shown.price,
        brand=clean(sellable.producer.name)[:BRAND_MAX],
        gtin=shown.gtin if usable_gtin(shown.gtin) else "",
        size=clean(size),
        measure=_measure(variant.net_quantity, variant.unit),
        category=draft.category,
        product_type="" if known is None else f"{known.industry} > {known.name}",
        weight_g=shown.weight_g,
        labels=(stars, product.commune or sellable.producer.commune),
    )


_BASES = {"g": "100 g", "kg": "100 g", "ml": "100 ml", "l": "100 ml"}


def _measure(quantity: str, unit: str) -> tuple[str, str] | None:
    base = _BASES.get(unit.lower())
    number = quantity.replace(",", ".")
    if base is None or not re.fullmatch(r"\d+(\.\d+)?", number):
        return None
    return f"{number} {unit.lower()}", base


def usable_gtin(code: str) -> bool:
    """GTIN-8, -12, -13 or -14 with its check digit, and not a code that shops give inside (02, 04, 20-29)."""
    if not code.isascii() or not code.isdigit() or len(code) not in (8, 12, 13, 14):
        return False
    digits = code.zfill(14)
    if int(digits) == 0 or sum(int(d) * (3, 1)[at % 2] for at, d in enumerate(digits)) % 10:
        return False
    if len(code) == 8:
        return code[0] not in "02"
    return digits[1:3] not in ("02", "04") and digits[1] != "2"


_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


def clean(text: str) -> str:
    """Plain text that XML 1.0 and tables can carry: no tags, no control characters, lines end in one way."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _FORBIDDEN.sub("", _TAG.sub("", lines)).strip()


def address(url: str) -> str:
    """An absolute http(s) address without spaces or accents; "" for anything else."""
    if not re.match(r"https?://[^/]", url.strip()):
        return ""
    return quote(url.strip(), safe=":/?#[]@!$&'()*+,;=%~-._")
