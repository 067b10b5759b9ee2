"""Rows judged one by one, seen together: duplicates, new or known, superseded, totals. Pure but for its own memory."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

from hub.catalog.intake import known as k
from hub.catalog.intake import totals
from hub.catalog.intake.columns import holds_address
from hub.catalog.intake.layout import Layout
from hub.catalog.intake.legacy import bare, name_key
from hub.catalog.intake.model import (
    Action,
    Change,
    Finding,
    Outcome,
    PointRecord,
    ProductRecord,
    Record,
    RowResult,
    SubjectRecord,
)
from hub.catalog.intake.prices import header_factor
from hub.catalog.intake.products import Settings, judge_product
from hub.catalog.intake.scan import Scanned, scan
from hub.catalog.intake.subjects import judge_point, judge_subject
from hub.catalog.intake.view import RowView
from hub.catalog.intake.workbook import Sheet
from hub.types import fold

ProductKey = tuple[str, str]
_folded = lru_cache(maxsize=16_384)(fold)


@dataclass(slots=True)
class Draft:
    """A row on its way to a result."""

    row: int
    outcome: Outcome
    reason: str | None = None
    action: Action | None = None
    record: Record | None = None
    view: RowView | None = None
    changes: tuple[Change, ...] = ()
    of_row: int | None = None
    product: ProductKey | None = None
    findings: list[Finding] = field(default_factory=list)

    def result(self) -> RowResult:
        """The row as the caller sees it."""
        return RowResult(
            row=self.row,
            outcome=self.outcome,
            action=self.action,
            reason=self.reason,
            warnings=tuple(self.view.warnings) if self.view else tuple(dict.fromkeys(f.code for f in self.findings)),
            record=self.record,
            changes=self.changes,
            of_row=self.of_row,
        )

    def told(self) -> list[Finding]:
        """Everything found about the row."""
        return [*self.findings, *(self.view.findings if self.view else ())]


@dataclass(slots=True)
class _Seen:
    """A product met in this import: its accepted rows, and what is stored of it."""

    drafts: list[Draft] = field(default_factory=list)
    stored: k.KnownProduct | None = None


class Gathering:
    """The memory of one import over all its files. Producers first, then products, then history."""

    def __init__(self, as_of: date, known: k.KnownCatalogue) -> None:
        self.as_of = as_of
        self.subject_names: dict[str, str] = {}
        self.subject_types: dict[str, str] = {}
        self._code_of: dict[str, str] = dict(known.codes_by_name)
        self._seen: dict[ProductKey, _Seen] = {}
        self._folded: dict[tuple[str, str], list[ProductKey]] = defaultdict(list)
        self._gtins: dict[str, ProductKey] = {}
        self._numbers: dict[tuple[str, str, int], date] = {}
        self._subjects: dict[str, int] = {}
        self._stored_subjects = {self.subject(s.subject_code, s.subject_name): s for s in known.subjects}
        self._stored_points = {_point_key(p): p for p in known.points}
        self._points: dict[str, int] = {}
        for product in known.products:
            self._remember(product)

    def _remember(self, product: k.KnownProduct) -> None:
        first = product.records[0]
        key = self._key(first)
        self._seen[key] = _Seen(stored=product)
        self._folded[key[0], bare(first.product_name)].append(key)
        for record in product.records:
            if record.gtin:
                self._gtins[record.gtin] = key

    def subject(self, code: str, name: str) -> str:
        """One key per producer: its code, or the code its name is known to have, or its name."""
        by_name = k.subject_key(name)
        if code:
            if by_name:
                self._code_of.setdefault(by_name, code)
            return "code:" + code.casefold()
        known_code = self._code_of.get(by_name)
        return "code:" + known_code.casefold() if known_code else "name:" + by_name

    def _key(self, record: ProductRecord) -> ProductKey:
        return self.subject(record.subject_code, record.subject_name), name_key(record.product_name)

    # -- products -----------------------------------------------------------------------------------------------

    def products(
        self, sheet: Sheet, layout: Layout, file: str, progress: Callable[[int, int], None] | None
    ) -> tuple[list[Draft], int | None]:
        """The rows of a product or history list, and the total the list declares."""
        settings = self._settings(sheet, layout)
        drafts: list[Draft] = []
        declared: int | None = None
        since = 0
        for item in scan(sheet, layout, file, progress):
            if item.view is None:
                draft = Draft(item.index + 1, "skipped", item.kind)
                if item.kind == "total_row":
                    told = totals.declared_total(item.text, item.cells)
                    partial = totals.is_partial(item.text, at_end=item.index > layout.last_row)
                    part = drafts[since:] if partial else drafts
                    counted = sum(d.outcome != "skipped" for d in part)
                    stars = Counter(d.record.stars for d in part if isinstance(d.record, ProductRecord))
                    draft.findings = totals.check_total(told, counted, stars, item, file, sheet.name)
                    declared = declared if partial or told is None else told
                    since = len(drafts)
                elif item.kind == "section_row":
                    since = len(drafts)
                drafts.append(draft)
                continue
            judged = judge_product(item.view, item.section, settings)
            draft = Draft(item.index + 1, "rejected", judged.reason, view=item.view)
            if judged.record is None:
                item.view.findings.append(_reason(item.view, judged.reason or "", judged.field, file, sheet.name))
            else:
                self._place(draft, judged.record, item.view)
            item.view.release()
            drafts.append(draft)
        return drafts, declared

    def _settings(self, sheet: Sheet, layout: Layout) -> Settings:
        price = next((c for c in layout.columns if c.match and c.match.field == "price"), None)
        marked = [(c, c.match) for c in layout.columns if c.match]
        return Settings(
            as_of=self.as_of,
            price_factor=header_factor(f"{price.header} {price.above}") if price else 1,
            name_with_address=any(
                c.match.field == "subject_name" and holds_address(c.header) for c in layout.columns if c.match
            ),
            epoch_1904=sheet.epoch_1904,
            star_marks=tuple((f"stars@{c.index}", int(m.mark)) for c, m in marked if m.field == "stars" and m.mark),
            type_marks=tuple(
                (f"subject_type@{c.index}", m.mark) for c, m in marked if m.field == "subject_type" and m.mark
            ),
            honours=tuple((f"honour@{c.index}", c.header) for c, m in marked if m.field == "honour"),
            subject_names=self.subject_names,
            subject_types=self.subject_types,
        )

    def _place(self, draft: Draft, record: ProductRecord, view: RowView) -> None:
        """Decide what an acceptable row is among the rows before it and what is stored."""
        key = self._same_product(record, view)
        seen = self._seen.get(key)
        if seen is None:
            seen = self._seen[key] = _Seen()
            self._folded[key[0], bare(record.product_name)].append(key)
        draft.product = key
        for earlier in seen.drafts:
            first = earlier.record
            assert isinstance(first, ProductRecord)
            if self._is_duplicate(draft, record, first, earlier.row, view):
                return
        record = self._own_gtin(record, key, view)
        self._check_number(record, view)
        draft.outcome, draft.reason, draft.record = "accepted", None, record
        draft.action, draft.changes = _action(record, seen)
        seen.drafts.append(draft)
        self._learn(record)

    def _learn(self, record: ProductRecord | SubjectRecord) -> None:
        if record.subject_code:
            self.subject_names.setdefault(record.subject_code, record.subject_name)
            if record.subject_type:
                self.subject_types.setdefault(record.subject_code, record.subject_type)

    def _same_product(self, record: ProductRecord, view: RowView) -> ProductKey:
        """The key of the product; a name typed without accents belongs to the only one it can mean."""
        key = self._key(record)
        if key in self._seen:
            return key
        alike = self._folded.get((key[0], bare(record.product_name)), [])
        if not alike:
            return key
        unaccented = record.product_name.isascii()
        if len(alike) == 1 and (unaccented or alike[0][1].isascii()):
            view.warn("name_without_accents", "product_name")
            return alike[0]
        view.warn("name_differs_by_accents", "product_name")
        return key

    def _is_duplicate(self, draft: Draft, record: ProductRecord, first: ProductRecord, row: int, view: RowView) -> bool:
        same_number = k.decision_key(record.decision_no) == k.decision_key(first.decision_no)
        if not same_number or record.decision_date.year != first.decision_date.year:
            return False
        if not _same_variant(record, first):
            return False
        conflicts = _conflicts(record, first)
        for code, name in conflicts:
            view.warn(code, name, None, first_row=row)
        draft.outcome, draft.of_row = "duplicate", row
        draft.reason = "duplicate_conflict" if conflicts else "duplicate_same_certificate"
        return True

    def _own_gtin(self, record: ProductRecord, key: ProductKey, view: RowView) -> ProductRecord:
        if not record.gtin:
            return record
        owner = self._gtins.setdefault(record.gtin, key)
        if owner == key:
            return record
        view.warn("gtin_duplicate", "gtin")
        return replace(record, gtin=None)

    def _check_number(self, record: ProductRecord, view: RowView) -> None:
        """One decision has one date: the same number, issuer and year with another date is worth a look."""
        if not record.decision_no:
            return
        when = record.decision_date
        issuer = _folded(record.issuer) or _folded(record.legacy_district)
        first = self._numbers.setdefault((k.decision_key(record.decision_no), issuer, when.year), when)
        if first != when:
            view.warn("decision_has_other_date", "decision_date", None, first=first.isoformat())

    # -- producers and points of sale -----------------------------------------------------------------------------

    def producers(self, sheet: Sheet, layout: Layout, file: str) -> list[Draft]:
        """The rows of a list of producers."""
        return self._listed(sheet, layout, file, self._one_subject)

    def points(self, sheet: Sheet, layout: Layout, file: str) -> list[Draft]:
        """The rows of a list of points of sale."""
        return self._listed(sheet, layout, file, self._one_point)

    def _listed(
        self, sheet: Sheet, layout: Layout, file: str, judge: Callable[[Draft, Scanned, RowView], str | None]
    ) -> list[Draft]:
        drafts: list[Draft] = []
        for item in scan(sheet, layout, file):
            draft = Draft(item.index + 1, "skipped", item.kind, view=item.view)
            if item.view is not None and (reason := judge(draft, item, item.view)):
                draft.outcome, draft.reason = "rejected", reason
                item.view.findings.append(_reason(item.view, reason, reason.removesuffix("_missing"), file, sheet.name))
            drafts.append(draft)
        return drafts

    def _one_subject(self, draft: Draft, item: Scanned, view: RowView) -> str | None:
        record, reason = judge_subject(view, item.section)
        if record is None:
            return reason
        key = self.subject(record.subject_code, record.subject_name)
        self._learn(record)
        if key in self._subjects:
            draft.outcome, draft.reason, draft.of_row = "duplicate", "duplicate_subject", self._subjects[key]
            return None
        self._subjects[key] = draft.row
        draft.outcome, draft.reason, draft.record = "accepted", None, record
        stored = self._stored_subjects.get(key)
        if stored is None:
            draft.action = "new_subject"
        else:
            draft.changes = k.subject_changes(record, stored)
            draft.action = "changed" if draft.changes else "unchanged"
        return None

    def _one_point(self, draft: Draft, item: Scanned, view: RowView) -> str | None:
        record, reason = judge_point(view, item.section)
        if record is None:
            return reason
        key = _point_key(record)
        if key in self._points:
            draft.outcome, draft.reason, draft.of_row = "duplicate", "duplicate_point", self._points[key]
            return None
        self._points[key] = draft.row
        draft.outcome, draft.reason, draft.record = "accepted", None, record
        stored = self._stored_points.get(key)
        draft.changes = k.point_changes(record, stored) if stored else ()
        draft.action = "new_point" if stored is None else "changed" if draft.changes else "unchanged"
        return None

    # -- the end --------------------------------------------------------------------------------------------------

    def mark_superseded(self) -> None:
        """Warn on every certificate that a later one of the same product replaces."""
        for seen in self._seen.values():
            records = [d.record for d in seen.drafts if isinstance(d.record, ProductRecord)]
            stored = seen.stored.records if seen.stored else ()
            latest = max((r.decision_date for r in (*records, *stored)), default=date.min)
            if len(records) + len(stored) < 2:
                continue
            for draft in seen.drafts:
                if isinstance(draft.record, ProductRecord) and draft.record.decision_date < latest and draft.view:
                    shown = draft.record.decision_date.isoformat()
                    draft.view.warn("certificate_superseded", "decision_date", shown, by=latest.isoformat())

    def current_stars(self, drafts: Sequence[Draft]) -> dict[int, int]:
        """Products of these rows by the stars of their latest certificate in this import."""
        keys = {d.product for d in drafts if d.product and d.outcome == "accepted"}
        counted: Counter[int] = Counter()
        for key in keys:
            records = [d.record for d in self._seen[key].drafts if isinstance(d.record, ProductRecord)]
            counted[max(records, key=lambda r: r.decision_date).stars] += 1
        return dict(sorted(counted.items()))


def _point_key(point: PointRecord) -> str:
    return point.point_code.casefold() or name_key(point.point_name)


def _action(record: ProductRecord, seen: _Seen) -> tuple[Action, tuple[Change, ...]]:
    same_certificate = [
        d.record for d in seen.drafts if isinstance(d.record, ProductRecord) and _same_certificate(d.record, record)
    ]
    if seen.stored is None:
        if same_certificate:
            return "new_variant", ()
        return ("new_certificate" if seen.drafts else "new_product"), ()
    stored = [r for r in seen.stored.records if _same_variant(record, r)]
    certified = [r for r in seen.stored.records if _same_certificate(r, record)]
    older = record.decision_date < max(r.decision_date for r in seen.stored.records)
    if not certified:
        return "new_certificate", k.variant_changes(record, stored[0]) if stored and not older else ()
    if older:
        changes = k.certificate_changes(record, certified[0])
        return ("changed" if changes else "unchanged"), changes
    exact = [r for r in certified if _same_variant(record, r)]
    if not exact:
        return "new_variant", ()
    changes = k.product_changes(record, exact[0])
    return ("changed" if changes else "unchanged"), changes


def _same_certificate(a: ProductRecord, b: ProductRecord) -> bool:
    return a.decision_date == b.decision_date and k.decision_key(a.decision_no) == k.decision_key(b.decision_no)


def _same_variant(a: ProductRecord, b: ProductRecord) -> bool:
    """The same thing to buy: by GTIN where both have one, else by pack and net quantity as far as both are told."""
    if a.gtin and b.gtin:
        return a.gtin == b.gtin
    if a.pack and b.pack and _squeezed(a.pack) != _squeezed(b.pack):
        return False
    return not (a.net_quantity and b.net_quantity) or (a.net_quantity, a.unit) == (b.net_quantity, b.unit)


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", fold(text))


def _conflicts(record: ProductRecord, first: ProductRecord) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    prices = (record.price_vnd, record.price_min, record.price_max), (first.price_vnd, first.price_min, first.price_max)
    if prices[0] != prices[1] and any(prices[0]) and any(prices[1]):
        found.append(("price_conflict_with_first", "price"))
    if record.stars != first.stars:
        found.append(("stars_conflict_with_first", "stars"))
    if record.decision_date != first.decision_date:
        found.append(("decision_date_conflict_with_first", "decision_date"))
    if record.certificate_no and first.certificate_no and record.certificate_no != first.certificate_no:
        found.append(("certificate_no_conflict_with_first", "certificate_no"))
    if not record.subject_code and _elsewhere(record.commune, first.commune):
        found.append(("commune_conflict_with_first", "commune"))
    return found


def _elsewhere(commune: str, other: str) -> bool:
    """Whether two communes are told and differ: one name may then stand for two producers."""
    here, there = (re.sub(r"^(?:xa|phuong|thi tran|dac khu|p|x|tt)\b[. ]*", "", _folded(c)) for c in (commune, other))
    return bool(here and there) and here != there


def _reason(view: RowView, code: str, name: str | None, file: str, sheet: str | None) -> Finding:
    return Finding(code=code, file=file, sheet=sheet, cell=view.cell(name), value=view.shown(name))
