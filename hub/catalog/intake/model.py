"""Nouns of intake: what a spreadsheet said, row by row, and what is to be thought of it. Pure.

A *record* is the cleaned content of one row; a *finding* is one thing a person should know about one cell; a *row
result* says what becomes of the row. Nothing here is stored yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from hub.types import Vnd

Outcome = Literal["accepted", "rejected", "duplicate", "skipped"]
Action = Literal["new_product", "new_variant", "new_certificate", "new_subject", "new_point", "changed", "unchanged"]
SheetKind = Literal["products", "history", "producers", "points"]
Fact = str | int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing to know about one cell. ``value`` is short and never personal; words: findings.toml by ``code``."""

    code: str
    file: str
    sheet: str | None
    cell: str | None  # A1 notation; None: the file or sheet as a whole
    value: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A field that differs from what is stored."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductRecord:
    """One row of a product list: a product, one variant of it and one certificate. Empty text or None: not told."""

    subject_name: str
    product_name: str
    stars: int
    decision_no: str
    decision_date: date
    expires_on: date
    subject_code: str = ""
    subject_type: str | None = None
    subject_phone: str | None = None
    subject_email: str = ""
    subject_address: str = ""
    legal_rep: str = ""
    product_code: str = ""
    set_no: int | None = None
    group_raw: str = ""
    industry_raw: str = ""
    score: float | None = None
    issuer: str = ""
    certificate_no: str = ""
    regime: str = ""
    extended_until: date | None = None
    revocation_no: str = ""
    revoked_on: date | None = None
    ground: str = ""
    price_vnd: Vnd | None = None
    price_min: Vnd | None = None
    price_max: Vnd | None = None
    price_per: str | None = None
    gtin: str | None = None
    net_quantity: str = ""
    unit: str = ""
    pack: str = ""
    stock: int | None = None
    images: tuple[str, ...] = ()
    quality_certs: tuple[str, ...] = ()
    ip_rights: tuple[str, ...] = ()
    growing_area: str = ""
    trace_url: str = ""
    food_declaration: str = ""
    ad_confirmation: str = ""
    shelf_life_months: int | None = None
    storage: str = ""
    ingredients: str = ""
    story: str = ""
    abv_pct: float | None = None
    legacy_district: str = ""
    commune: str = ""
    commune_code: str = ""
    province: str = ""
    consolidated: str = ""
    renewal_reason: str = ""
    honours: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SubjectRecord:
    """One row of a list of producers."""

    subject_name: str
    subject_code: str = ""
    subject_type: str | None = None
    subject_phone: str | None = None
    subject_email: str = ""
    subject_address: str = ""
    legal_rep: str = ""
    founded: int | None = None
    legacy_district: str = ""
    commune: str = ""
    commune_code: str = ""
    province: str = ""
    modern_channel: bool | None = None
    channels: tuple[str, ...] = ()
    circular_chain: bool | None = None
    product_count: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PointRecord:
    """One row of a list of points of sale."""

    point_name: str
    point_code: str = ""
    point_status: str = ""
    operating: bool | None = None
    opened_on: date | None = None
    legacy_district: str = ""
    commune: str = ""
    commune_code: str = ""
    subject_address: str = ""
    note: str = ""


Record = ProductRecord | SubjectRecord | PointRecord


@dataclass(frozen=True, kw_only=True, slots=True)
class RowResult:
    """What becomes of one row. ``row`` counts from 1 as the spreadsheet program shows it."""

    row: int
    outcome: Outcome
    action: Action | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    record: Record | None = None
    changes: tuple[Change, ...] = ()
    of_row: int | None = None  # a duplicate: the row it repeats


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """Counts over the product lists of one file; ``declared_total_in_file`` is what its own total row says."""

    data_rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    products_created: int = 0
    certificates_created: int = 0
    products_by_current_star: Mapping[int, int] = field(default_factory=dict)
    declared_total_in_file: int | None = None
    history_certificates: int = 0
    subjects: int = 0
    points_of_sale: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetResult:
    """One useful sheet. ``columns``: letter -> field, with a remark where it was guessed or must be recomputed."""

    sheet: str | None
    kind: SheetKind
    header_rows: tuple[int, ...]
    column_number_row: int | None
    first_data_row: int
    columns: Mapping[str, str]
    dropped_columns: Mapping[str, str]
    unknown_columns: Mapping[str, str]
    rows: tuple[RowResult, ...]
    declared_total: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FileResult:
    """One file: its main sheet first in ``sheets``, then the other useful ones."""

    file: str
    sheets: tuple[SheetResult, ...]
    ignored_sheets: tuple[str, ...]
    file_date: date | None
    totals: Totals
    reasons: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def main(self) -> SheetResult:
        """The sheet whose rows are shown first."""
        return self.sheets[0]
