"""Posts for pages: from a template and facts to words within a channel's limits, with every claim linted. Pure.

The same lint looks at the words when they are planned, right before they are sent, and while they stand: a certificate
may lapse in between. A claim that may not be made holds the post with the codes a listing would get.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from urllib.parse import urlsplit

from hub.catalog import claims
from hub.catalog import rules as gates
from hub.catalog.law import Law
from hub.catalog.model import Certificate, Sellable
from hub.sync.draft import certificate_facts, day_text, fill, product_facts, shown_stock
from hub.sync.model import Problem, once
from hub.sync.rulepack import RulePack, forbidden_in
from hub.types import Vnd, fold

MORE_LINKS = 3
"""So many further shops stand in the text; the best one is the post's link."""

About = Literal["product", "campaign"]


@dataclass(frozen=True, kw_only=True)
class Template:
    """One template of ``config/posts.toml``. ``item``: the line of each product in ``{items}``."""

    name: str
    about: About
    title: tuple[str, ...]
    text: tuple[str, ...]
    item: str = ""
    story_max: int = 0  # letters; 0: the story is not told
    needs_stock: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a product of the post can be bought. ``price``: the lowest the shop showed; None: it did not say."""

    product_id: str
    place: str  # what buyers call it
    url: str
    price: Vnd | None = None


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a post is about, as one snapshot. ``words``: written by the person who plans it."""

    sellables: tuple[Sellable, ...]
    links: tuple[Link, ...] = ()
    campaign: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A post for one channel. With ``problems`` it must not be sent. ``claims``: the words carry an OCOP claim."""

    title: str
    text: str
    link: str
    pictures: tuple[str, ...]
    claims: bool
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What decides on a given local day."""

    rules: RulePack
    law: Law
    today: date


def parse_templates(document: Mapping[str, Any]) -> Mapping[str, Template]:
    """From the TOML document, by name. Raises KeyError when a part is missing, ValueError for an unknown ``about``."""
    return {name: _template(name, one) for name, one in document.items() if isinstance(one, Mapping)}


def _template(name: str, one: Mapping[str, Any]) -> Template:
    about = one["about"]
    if about not in ("product", "campaign"):
        raise ValueError(about)
    return Template(
        name=name, about=about, title=tuple(one["title"]), text=tuple(one["text"]), item=one.get("item", ""),
        story_max=int(one.get("story_max", 0)), needs_stock=bool(one.get("needs_stock", False)),
    )  # fmt: skip


# ---- making ------------------------------------------------------------------------------------------------------


def make(template: Template, subject: Subject, at: Standing) -> Made:
    """The post as it would be said today."""
    ordered = best_first([one for one in subject.links if _may_link(one, subject, at)])
    link = ordered[0].url if ordered else ""
    facts = _whole(template, subject, ordered[1 : 1 + MORE_LINKS], at)
    title = _title(template.title, facts, at.rules.title.max)
    text = _text(template, facts, at.rules)
    pictures = _pictures(subject.sellables, at.rules.pictures.max)
    problems = (
        *_sold(template, subject.sellables, at),
        *lint(title, text, subject, at),
        *_limits(title, text, pictures, at.rules),
    )
    said = bool(claims.find(_unlinked(f"{title}\n{text}", subject.links)))
    return Made(title=title, text=text, link=link, pictures=pictures, claims=said, problems=once(problems))


def best_first(links: Collection[Link]) -> tuple[Link, ...]:
    """One link per address, the cheapest in front; those of unknown price last."""
    single = {one.url: one for one in sorted(links, key=lambda one: one.place)}
    return tuple(sorted(single.values(), key=lambda one: (one.price is None, one.price or 0, one.place, one.url)))


def _whole(template: Template, subject: Subject, more: Sequence[Link], at: Standing) -> dict[str, str]:
    """Of several products only what is the same for all is a fact of the whole post."""
    each = [_facts(one, template.story_max, at) for one in subject.sellables]
    shared = (
        {name: each[0][name] for name in each[0] if all(one[name] == each[0][name] for one in each)} if each else {}
    )
    if template.about == "campaign":
        shared |= dict.fromkeys(("claim", "name", "story"), "")
    items = [line for one in each if (line := _tidy(template.item.format(**one)))] if template.item else []
    return {
        **dict.fromkeys(_NAMES, ""),
        **shared,
        "campaign": subject.campaign,
        "words": subject.words.strip(),
        "day": day_text(at.today),
        "items": "\n".join(items),
        "links": "\n".join(f"• {one.place}: {one.url}" for one in more),
    }


_NAMES = (
    "name", "net", "pack", "story", "ingredients", "storage", "shelf_life", "producer", "place", "quality", "trace",
    "claim", "stars", "decision_no", "decision_date", "certificate_no", "valid_until",
)  # fmt: skip


def _facts(sellable: Sellable, story_max: int, at: Standing) -> dict[str, str]:
    """Words of the catalogue lose their claims: what may be claimed is said by the certificate alone."""
    facts = {name: text for name, text in product_facts(sellable).items() if name in _NAMES}
    facts["story"] = _shortened(claims.strip(facts["story"]), story_max)
    verdict = gates.can_claim_ocop(sellable, at.today, at.law)
    certificate = verdict.certificate if verdict.ok else None
    stripped = {name: claims.strip(value) for name, value in facts.items() if name != "trace"}
    return {**dict.fromkeys(_NAMES, ""), **facts, **stripped, **_claimed(certificate, at)}


def _claimed(certificate: Certificate | None, at: Standing) -> dict[str, str]:
    if certificate is None:
        return {}
    last_day = gates.last_day(certificate, at.today, at.law)
    return {"claim": f"OCOP {certificate.stars} sao", **certificate_facts(certificate, last_day)}


def _title(templates: Sequence[str], facts: Mapping[str, str], longest: int) -> str:
    filled = [title for one in templates if (title := _tidy(fill(one, facts)))]
    return next((one for one in filled if len(one) <= longest), filled[-1] if filled else "")


def _text(template: Template, facts: Mapping[str, str], rules: RulePack) -> str:
    """The lines that say something; the story gives way when all of it would be too long."""
    lines = [(one, fill(one, facts)) for one in template.text]
    kept = [(one, text) for one, text in lines if text and _allowed(one, text, rules)]
    rest = sum(len(text) + 2 for one, text in kept if "{story}" not in one)
    room = rules.description.max - rest
    told = [(_shortened(text, room) if "{story}" in one else text) for one, text in kept]
    return "\n\n".join(text for text in told if text)


def _allowed(template: str, text: str, rules: RulePack) -> bool:
    """Facts with a word the channel forbids (a link, say) are left out; what a person wrote is not."""
    return "{words}" in template or "{story}" in template or not forbidden_in(text, rules)


def _tidy(line: str) -> str:
    return " ".join(line.split()).removesuffix(" –").strip()


def _shortened(text: str, longest: int) -> str:
    """At most ``longest`` letters, cut behind a sentence where one ends in time; "" when no word fits."""
    if len(text) <= longest:
        return text
    if longest < 2:
        return ""
    cut = text[:longest]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? ", "\n"))
    if end >= longest // 3:
        return cut[: end + 1].strip()
    words = cut[: longest - 1].rpartition(" ")[0].rstrip(" ,;:–-")
    return f"{words}…" if words else ""


def _pictures(sellables: Sequence[Sellable], most: int) -> tuple[str, ...]:
    """All of one product's pictures, or the first of each of several."""
    each = 1 if len(sellables) > 1 else most
    digests = [picture.digest for one in sellables for picture in one.pictures[:each]]
    return tuple(dict.fromkeys(digests))[:most]


# ---- judging -----------------------------------------------------------------------------------------------------


def lint(title: str, text: str, subject: Subject, at: Standing) -> tuple[Problem, ...]:
    """Claims in these words that may not be made today (G01, G02).

    A claim in a line that names products is about these, any other is about all of them. Addresses of the listings
    are not read here: those that may not be shown were left out (:func:`_may_link`).
    """
    whole = _unlinked(f"{title}\n\n{text}", subject.links)
    found: list[Problem] = []
    for claim in claims.find(whole):
        first, last = whole.rfind("\n", 0, claim.start) + 1, whole.find("\n", claim.end)
        line = whole[first : len(whole) if last < 0 else last]
        if not subject.sellables:
            found.append(Problem(code="certificate_missing", facts={"gate": "G01"}))
        for one in _named_in(line, subject.sellables):
            verdict = gates.can_claim_ocop(one, at.today, at.law, shown=claim.stars)
            found += [Problem(code=p.code, facts=p.facts) for p in verdict.problems]
    return once(found)


def _may_link(link: Link, subject: Subject, at: Standing) -> bool:
    """Shops make addresses of titles and keep them: one that still names OCOP is not shown when that may not be said.

    The host is a name and no claim (portals are called ocop...).
    """
    parts = urlsplit(link.url)
    found = claims.find(re.sub(r"[-_/+=&]+", " ", f"{parts.path} {parts.query}"))
    about = [one for one in subject.sellables if one.product.id == link.product_id]
    return all(gates.can_claim_ocop(one, at.today, at.law, shown=claim.stars).ok for claim in found for one in about)


def _unlinked(text: str, links: Collection[Link]) -> str:
    for url in sorted((one.url for one in links), key=len, reverse=True):
        text = text.replace(url, " ")
    return text


def _named_in(line: str, sellables: Sequence[Sellable]) -> tuple[Sellable, ...]:
    """The products this line names, longest names first so that none is found inside another; else all of them."""
    rest, found = fold(line), set()
    for name in sorted({fold(claims.strip(one.product.name)) for one in sellables}, key=len, reverse=True):
        if name and name in rest:
            found.add(name)
            rest = rest.replace(name, "\n")
    named = tuple(one for one in sellables if fold(claims.strip(one.product.name)) in found)
    return named or tuple(sellables)


def _sold(template: Template, sellables: Sequence[Sellable], at: Standing) -> list[Problem]:
    """May these products be shown here at all: papers, advertising confirmation, alcohol (G03 to G08)."""
    channel = gates.Channel(
        ships=False, alcohol=at.rules.alcohol, verified_sellers_only=at.rules.verified_sellers_only
    )  # a post shows services as well as goods
    problems: list[Problem] = []
    for one in sellables:
        verdict = gates.can_sell(one, at.today, at.law, channel=channel)
        problems += [Problem(code=p.code, facts=p.facts) for p in verdict.problems]
        problems += _promoted(one, at)
        if template.needs_stock and not any(shown_stock(stock) for stock in one.stocks):
            problems.append(Problem(code="post_nothing_left", facts={"product": one.product.name}))
    return problems


def _promoted(sellable: Sellable, at: Standing) -> list[Problem]:
    """A post is an advertisement: strong drinks have none, wherever they may be sold (G06)."""
    limits = gates.alcohol_limits(sellable, at.today, at.law)
    if limits is None or limits.promotion:
        return []
    rule = next(one for one in at.law.alcohol if one.applies(at.today))
    facts = {"age": limits.age_gate, "abv": rule.promotion_below_abv, "legal_ref": rule.legal_ref, "gate": "G06"}
    return [Problem(code="alcohol_limited", facts=facts)]


def _limits(title: str, text: str, pictures: Sequence[str], rules: RulePack) -> list[Problem]:
    problems: list[Problem] = []
    for name, said, span in (("title", title, rules.title), ("description", text, rules.description)):
        if not span.min <= len(said) <= span.max:
            size = {"length": len(said), "min": span.min, "max": span.max}
            problems.append(Problem(code=f"{name}_too_{'short' if len(said) < span.min else 'long'}", facts=size))
    if len(pictures) < rules.post_pictures_min:
        facts = {"count": len(pictures), "min": rules.post_pictures_min}
        problems.append(Problem(code="pictures_too_few", facts=facts))
    problems += forbidden_in(f"{title}\n{text}", rules)
    return problems
