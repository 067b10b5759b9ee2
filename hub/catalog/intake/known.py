"""What is already known: an index of records the importer compares with. Pure.

Built from stored nouns by :func:`known_from`; empty for a first import. A product is the same by its producer and its
name (spelling aside), a certificate by number and date, a variant by GTIN or pack.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache

from hub.catalog.intake.legacy import name_key
from hub.catalog.intake.model import Change, PointRecord, ProductRecord, SubjectRecord
from hub.catalog.model import Certificate, Producer, Sellable, Variant
from hub.types import fold

_SHORT_FORMS = (
    (re.compile(r"\bliên hiệp (?:hợp tác xã|htx)\b"), "lhhtx"),
    (re.compile(r"\bhợp tác xã\b"), "htx"),
    (re.compile(r"\btổ hợp tác\b"), "tht"),
    (re.compile(r"\b(?:cty|c ty|công ti)\b"), "công ty"),
    (re.compile(r"\b(?:trách nhiệm hữu hạn)\b"), "tnhh"),
    (re.compile(r"\b(?:một thành viên|1 thành viên|1tv)\b"), "mtv"),
    (re.compile(r"\b(?:cổ phần)\b"), "cp"),
    (re.compile(r"\bctcp\b"), "công ty cp"),
    (re.compile(r"\b(?:doanh nghiệp tư nhân)\b"), "dntn"),
    (re.compile(r"\b(?:hộ kinh doanh|hộ kd)\b"), "hkd"),
    (re.compile(r"\b(?:cơ sở sản xuất|cơ sở sx)\b"), "cssx"),
    (re.compile(r"\b(?:nông nghiệp)\b"), "nn"),
    (re.compile(r"\b(?:dịch vụ)\b"), "dv"),
    (re.compile(r"\b(?:thương mại)\b"), "tm"),
    (re.compile(r"\b(?:sản xuất)\b"), "sx"),
)


@lru_cache(maxsize=32_768)
def subject_key(name: str) -> str:
    """Key of a producer's name; ``HTX`` and ``Hợp tác xã`` are the same word."""
    key = name_key(name)
    for pattern, short in _SHORT_FORMS:
        key = pattern.sub(short, key)
    return key


@lru_cache(maxsize=32_768)
def decision_key(number: str) -> str:
    """Key of a decision number: no accents, case or blanks, no leading zeros."""
    return re.sub(r"\s+", "", fold(number)).lstrip("0")


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownProduct:
    """A stored product as the records that would make it: one per certificate and variant."""

    product_id: str
    records: tuple[ProductRecord, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCatalogue:
    """Everything stored that a new list may repeat or change."""

    products: tuple[KnownProduct, ...] = ()
    subjects: tuple[SubjectRecord, ...] = ()
    points: tuple[PointRecord, ...] = ()
    codes_by_name: Mapping[str, str] = field(default_factory=dict)  # producer name key -> code, where one fits


NOTHING_KNOWN = KnownCatalogue()
_NOT_STORED = frozenset(
    {"group_raw", "industry_raw", "score", "province", "renewal_reason", "stock", "images", "regime"}
)
_OF_CERTIFICATE = frozenset(
    {"stars", "decision_no", "decision_date", "expires_on", "issuer", "certificate_no", "extended_until",
     "revocation_no", "revoked_on", "ground"}
)  # fmt: skip
_PRODUCT_FIELDS = tuple(f.name for f in fields(ProductRecord) if f.name not in _NOT_STORED)
_SUBJECT_FIELDS = tuple(
    f.name for f in fields(SubjectRecord) if f.name not in ("province", "product_count", "note", "modern_channel")
)
_POINT_FIELDS = tuple(f.name for f in fields(PointRecord))
_SPELLED = frozenset({"subject_name", "product_name", "decision_no"})


def product_changes(new: ProductRecord, old: ProductRecord) -> tuple[Change, ...]:
    """Fields the new row states otherwise. What it does not state is no change: missing is missing."""
    return _changes(new, old, _PRODUCT_FIELDS)


def variant_changes(new: ProductRecord, old: ProductRecord) -> tuple[Change, ...]:
    """As :func:`product_changes`, leaving out the certificate: for a new certificate of a known product."""
    return _changes(new, old, tuple(n for n in _PRODUCT_FIELDS if n not in _OF_CERTIFICATE))


def certificate_changes(new: ProductRecord, old: ProductRecord) -> tuple[Change, ...]:
    """Fields of the certificate only: a row about an older certificate tells of nothing else."""
    return _changes(new, old, tuple(n for n in _PRODUCT_FIELDS if n in _OF_CERTIFICATE))


def subject_changes(new: SubjectRecord, old: SubjectRecord) -> tuple[Change, ...]:
    """Fields the new row states otherwise than stored."""
    return _changes(new, old, _SUBJECT_FIELDS)


def point_changes(new: PointRecord, old: PointRecord) -> tuple[Change, ...]:
    """Fields the new row states otherwise than stored."""
    return _changes(new, old, _POINT_FIELDS)


def _changes(new: object, old: object, names: Sequence[str]) -> tuple[Change, ...]:
    found: list[Change] = []
    for name in names:
        after, before = getattr(new, name), getattr(old, name)
        if after in (None, "", ()) or after == before:
            continue
        if name in _SPELLED and _same_spelling(name, str(after), str(before)):
            continue
        found.append(Change(field=name, before=before, after=after))
    return tuple(found)


def _same_spelling(name: str, after: str, before: str) -> bool:
    if name == "subject_name":
        return subject_key(after) == subject_key(before)
    return (decision_key if name == "decision_no" else name_key)(after) == (
        decision_key if name == "decision_no" else name_key
    )(before)


def known_from(sellables: Iterable[Sellable], producers: Iterable[Producer] = ()) -> KnownCatalogue:
    """The index of a stored catalogue. ``producers``: all of them, those without products included."""
    products = tuple(KnownProduct(product_id=s.product.id, records=records_of(s)) for s in sellables if s.certificates)
    subjects = {p.id: subject_of(p) for p in producers}
    codes: dict[str, set[str]] = {}
    for subject in subjects.values():
        if subject.subject_code:
            codes.setdefault(subject_key(subject.subject_name), set()).add(subject.subject_code)
    return KnownCatalogue(
        products=products,
        subjects=tuple(subjects.values()),
        codes_by_name={name: next(iter(c)) for name, c in codes.items() if len(c) == 1},
    )


def subject_of(producer: Producer) -> SubjectRecord:
    """A stored producer as a row of a list of producers."""
    return SubjectRecord(
        subject_name=producer.name,
        subject_code=producer.code,
        subject_type=producer.kind,
        subject_phone=producer.phone or None,
        subject_email=producer.email,
        subject_address=producer.address,
        legal_rep=producer.legal_rep,
        founded=producer.founded,
        legacy_district=producer.legacy_district,
        commune=producer.commune,
        commune_code=producer.commune_code,
        modern_channel=bool(producer.modern_channels),
        channels=producer.modern_channels,
        circular_chain=producer.circular_chain,
    )


def records_of(sellable: Sellable) -> tuple[ProductRecord, ...]:
    """A stored product as rows: the latest certificate with each variant, then each older certificate once."""
    certificates = sorted(sellable.certificates, key=lambda c: c.decision_date, reverse=True)
    variants: Sequence[Variant | None] = sellable.variants or (None,)
    rows = [_row(sellable, certificates[0], v) for v in variants] if certificates else []
    return (*rows, *(_row(sellable, c, variants[0]) for c in certificates[1:]))


def _row(sellable: Sellable, certificate: Certificate, variant: Variant | None) -> ProductRecord:
    product, producer = sellable.product, sellable.producer
    return ProductRecord(
        subject_name=producer.name,
        subject_code=producer.code,
        subject_type=producer.kind,
        subject_phone=producer.phone or None,
        subject_email=producer.email,
        subject_address=producer.address,
        legal_rep=producer.legal_rep,
        product_name=product.name,
        product_code=product.code,
        set_no=product.set_no,
        stars=certificate.stars,
        decision_no=certificate.decision_no,
        decision_date=certificate.decision_date,
        expires_on=certificate.expires_on,
        issuer=certificate.issuer,
        certificate_no=certificate.certificate_no,
        regime=certificate.regime,
        extended_until=certificate.extended_until,
        revocation_no=certificate.revocation_doc,
        revoked_on=certificate.revoked_on,
        ground=certificate.ground,
        price_vnd=variant.price if variant else None,
        price_min=variant.price_min if variant else None,
        price_max=variant.price_max if variant else None,
        price_per=(variant.price_per or None) if variant else None,
        gtin=(variant.gtin or None) if variant else None,
        net_quantity=variant.net_quantity if variant else "",
        unit=variant.unit if variant else "",
        pack=variant.pack if variant else "",
        abv_pct=variant.abv_pct if variant else None,
        quality_certs=product.quality_certs,
        ip_rights=product.ip_rights,
        growing_area=product.growing_area,
        trace_url=product.trace_url,
        food_declaration=product.food_declaration,
        ad_confirmation=product.ad_confirmation,
        shelf_life_months=product.shelf_life_months,
        storage=product.storage,
        ingredients=product.ingredients,
        story=product.story,
        legacy_district=product.legacy_district,
        commune=product.commune,
        commune_code=product.commune_code,
        consolidated=product.consolidated,
        honours=product.honours,
        note=product.note,
    )
