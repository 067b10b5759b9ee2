"""What a shop by files should show, as rows of its listing sheet. Pure.

The same judgement, wording, categories and rule pack as for a shop by API decide what may stand there: what is held
comes on a second sheet with its reasons, and claims stand in no cell once the certificate does not allow them.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from hub.catalog import claims, sets
from hub.catalog import rules as law
from hub.catalog.model import Certificate, Sellable, Variant
from hub.connectors.model import Draft, DraftVariant
from hub.sync import rulepack
from hub.sync.draft import shown_stock
from hub.sync.files.profile import OutColumn, OutSheet, Profile
from hub.sync.model import Binding, BindingState, Cut, Problem, PushView, once
from hub.sync.plan import Ground, judge, wanted_drafts
from hub.sync.prices import priced
from hub.sync.readiness import readiness
from hub.types import nfc

OutCell = str | int | date
"""Text is written as text, numbers as numbers; "" is an empty cell."""

_GRAMS: Mapping[str, float] = {"g": 1, "gram": 1, "gr": 1, "kg": 1000}


@dataclass(frozen=True, kw_only=True)
class OutRow:
    """One SKU on its way to the place."""

    product_id: str
    cells: tuple[OutCell, ...]


Todo = Literal["mend", "take_down", "reword"]


@dataclass(frozen=True, kw_only=True)
class HeldRow:
    """A product somebody must look at, and why.

    ``todo``: what it lacks must be mended; or it was reported as listed and must come off; or its listing may stand,
    but the claim in it may not: its row is on the first sheet, without the claim, and the words there must follow.
    """

    product_id: str
    name: str
    skus: tuple[str, ...]
    problems: tuple[Problem, ...]
    todo: Todo = "mend"
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """The listing sheet and, beside it, what is held."""

    sheet: OutSheet
    rows: tuple[OutRow, ...]
    held: tuple[HeldRow, ...]


def ground_for(profile: Profile, ground: Ground) -> Ground:
    """The ground of the profile's rule pack, with the place's own categories where it has some."""
    if not profile.categories:
        return ground
    known = {**ground.rules.categories, **profile.categories}
    return replace(ground, rules=replace(ground.rules, categories=known))


def outgoing(view: PushView, ground: Ground, profile: Profile) -> Outgoing:
    """Rows for every product of the shop, by name; products that are no longer kept are left out unless they stand."""
    ground = ground_for(profile, ground)
    drafts = wanted_drafts(view, ground)
    rows: list[OutRow] = []
    held: list[HeldRow] = []
    for listed in view.sellables:
        sellable = priced(listed, view.prices, ground.rules.fees, ground.now)
        binding, cut = view.bindings.get(sellable.product.id), view.cuts.get(sellable.product.id)
        wanted = judge(sellable, view.shop.version, ground, cut)
        draft = drafts.get(sellable.product.id)
        problems = wanted.problems if draft is None else rulepack.check(draft, ground.rules)
        made: list[OutRow] = []
        if draft is not None and not problems:
            facts = _Facts(sellable=sellable, draft=draft, certificate=wanted.certificate, ground=ground)
            made, problems = _rows(facts, profile.out)
        if not problems:
            rows.extend(made)
            held.extend(_to_reword(sellable, binding, wanted.certificate, ground))
        elif sellable.product.active or _stands(binding):
            reasons = (*problems, *_more(sellable, ground, cut, {p.code for p in problems}))
            held.append(_held(sellable, reasons, binding, "take_down" if _stands(binding) else "mend"))
    return Outgoing(sheet=profile.out, rows=tuple(rows), held=tuple(held))


def _more(sellable: Sellable, ground: Ground, cut: Cut | None, told: Collection[str]) -> Iterator[Problem]:
    """All else that stands in the way: who mends a product mends it once. Sheets carry addresses, no picture files."""
    found = readiness(sellable, ground, pictures={}, cut=cut)
    yield from (problem for problem in found.blocks if problem.code not in {*told, "picture_missing"})


def _stands(binding: Binding | None) -> bool:
    return binding is not None and binding.state is BindingState.REPORTED


def _to_reword(
    sellable: Sellable, binding: Binding | None, certificate: Certificate | None, ground: Ground
) -> Iterator[HeldRow]:
    """A listing reported there while a certificate was in force that no longer is: nobody but people can reach it."""
    if certificate is None and sellable.certificates and _stands(binding):
        found = law.can_claim_ocop(sellable, ground.today, ground.law).problems
        yield _held(sellable, tuple(Problem(code=p.code, facts=p.facts) for p in found), binding, "reword")


def _held(sellable: Sellable, problems: tuple[Problem, ...], binding: Binding | None, todo: Todo) -> HeldRow:
    return HeldRow(
        product_id=sellable.product.id,
        name=sellable.product.name,
        skus=tuple(v.sku for v in sellable.variants),
        problems=problems,
        todo=todo,
        url="" if binding is None else binding.url,
    )


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """A product with all that its rows are made of. ``certificate`` None: no claim may be made."""

    sellable: Sellable
    draft: Draft
    certificate: Certificate | None
    ground: Ground


def _rows(facts: _Facts, sheet: OutSheet) -> tuple[list[OutRow], tuple[Problem, ...]]:
    """One row per variant, or what of its cells the place would not take."""
    rows: list[OutRow] = []
    problems: list[Problem] = []
    for variant, drafted in zip(facts.sellable.variants, facts.draft.variants, strict=True):
        values = _values(facts, variant, drafted)
        cells = tuple(values.get(column.fact, "") for column in sheet.columns)
        for column, cell in zip(sheet.columns, cells, strict=True):
            problems.extend(_unfit(column, cell))
        rows.append(OutRow(product_id=facts.sellable.product.id, cells=cells))
    return rows, once(problems)


def _unfit(column: OutColumn, cell: OutCell) -> Iterator[Problem]:
    if cell == "" and column.required and column.fact:
        yield Problem(code="sheet_cell_missing", facts={"column": column.header})
    if column.max is not None and isinstance(cell, str) and len(cell) > column.max:
        facts = {"column": column.header, "length": len(cell), "max": column.max}
        yield Problem(code="sheet_cell_too_long", facts=facts)


def _values(facts: _Facts, variant: Variant, drafted: DraftVariant) -> Mapping[str, OutCell]:
    """Every fact of one SKU. The product's own words have no claims in them; stars come from the certificate alone."""
    sellable, draft = facts.sellable, facts.draft
    product, producer = sellable.product, sellable.producer
    stock = next(s for s in sellable.stocks if s.variant_id == variant.id)
    found = sets.load().get(product.set_no or 0)
    values: dict[str, OutCell] = {
        "sku": variant.sku, "group_sku": draft.sku, "product_id": product.id, "product_code": product.code,
        "gtin": variant.gtin, "title": draft.title, "name": claims.strip(product.name), "label": drafted.label,
        "description": draft.description, "category": draft.category, "set_no": product.set_no or "",
        "set_name": "" if found is None else found.name, "producer": claims.strip(producer.name),
        "producer_address": producer.address, "commune": product.commune or producer.commune,
        "commune_code": product.commune_code or producer.commune_code, "province_code": producer.province_code,
        "price": drafted.price, "stock": shown_stock(stock), "unit": variant.unit, "pack": variant.pack,
        "net": f"{variant.net_quantity} {variant.unit}".strip() if variant.net_quantity else "",
        "net_weight_g": net_grams(variant), "weight_g": drafted.weight_g,
        "shelf_life_months": "" if product.shelf_life_months is None else product.shelf_life_months,
        "storage": product.storage, "ingredients": claims.strip(product.ingredients),
        "food_declaration": product.food_declaration, "quality": ", ".join(product.quality_certs),
        "origin": "Việt Nam", "brand": claims.strip(producer.name), "trace_url": product.trace_url,
        "pictures": "\n".join(p.url for p in draft.pictures),
    }  # fmt: skip
    values |= {f"picture_{n}": p.url for n, p in enumerate(draft.pictures[:9], 1)}
    if facts.certificate is not None:
        values |= _claimed(facts.certificate, facts.ground)
    return {name: _tidy(value) if name != "description" else value for name, value in values.items()}


def _claimed(certificate: Certificate, ground: Ground) -> Mapping[str, OutCell]:
    return {
        "stars": certificate.stars, "decision_no": certificate.decision_no,
        "decision_date": certificate.decision_date,
        "valid_until": law.last_day(certificate, ground.today, ground.law),
    }  # fmt: skip


def _tidy(value: OutCell) -> OutCell:
    return "\n".join(nfc(part) for part in value.split("\n")) if isinstance(value, str) else value


def net_grams(variant: Variant) -> OutCell:
    """Net weight in grams where the unit is one of weight and the quantity a number; "" otherwise: never guessed."""
    try:
        grams = float(variant.net_quantity.replace(",", ".")) * _GRAMS[variant.unit.lower()]
    except (ValueError, KeyError):
        return ""
    return round(grams)
