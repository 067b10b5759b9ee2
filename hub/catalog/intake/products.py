"""A row of a product list into a record, or the reason why it cannot be one. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from hub.catalog.intake import rules, sets
from hub.catalog.intake.dates import ReadDate, read_date
from hub.catalog.intake.model import ProductRecord
from hub.catalog.intake.prices import NO_PRICE, ReadPrice, read_price
from hub.catalog.intake.values import (
    NO_DECISION,
    read_decimal,
    read_decision,
    read_flag,
    read_gtin,
    read_int,
    read_list,
    read_phone,
    read_stars,
    revocation_ground,
    subject_kind,
)
from hub.types import fold

if TYPE_CHECKING:
    from hub.catalog.intake.view import RowView

KINDS = frozenset({"HTX", "LHHTX", "THT", "DNNVV", "HKD", "TT", "HOI"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """What the headings above a row say for it."""

    text: str = ""
    stars: int | None = None
    district: str = ""
    commune: str = ""
    group: str = ""
    subject: str = ""  # a producer that heads its products
    decision: str = ""  # number and date of a decision that covers them


NO_SECTION = Section()


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What holds for a whole sheet."""

    as_of: date
    price_factor: int = 1
    name_with_address: bool = False  # the producer's address stands behind the name in one cell
    epoch_1904: bool = False
    star_marks: tuple[tuple[str, int], ...] = ()  # (field of a column whose x stands for stars, stars)
    type_marks: tuple[tuple[str, str], ...] = ()
    honours: tuple[tuple[str, str], ...] = ()  # (field, name of the honour)
    subject_names: Mapping[str, str] = field(default_factory=dict)  # producer code -> name, from the other lists
    subject_types: Mapping[str, str] = field(default_factory=dict)  # producer code -> kind, likewise


@dataclass(frozen=True, slots=True)
class Judged:
    """A record, or the reason of a rejection."""

    record: ProductRecord | None
    reason: str | None = None
    field: str | None = None  # where the reason stands


def judge_product(row: "RowView", section: Section, settings: Settings) -> Judged:
    """Decide one data row of a product or history list."""
    product_name = row.text("product_name")
    stars, star_reason = _stars(row, section, settings)
    if not product_name:
        return Judged(None, _absent(row, "product_name"), "product_name")
    subject_code = row.text("subject_code")
    subject_name = row.text("subject_name") or settings.subject_names.get(subject_code, "")
    if not subject_name and section.subject and not row.has("subject_name"):
        subject_name = section.subject
        row.warn("subject_from_section", "product_name", subject_name)
    address = ""
    if settings.name_with_address:
        subject_name, address = split_address(subject_name)
    if star_reason:
        return Judged(None, star_reason, "stars")
    if not subject_name:
        if subject_code and not row.has("subject_name"):
            return Judged(None, "subject_unknown", "subject_code")
        return Judged(None, _absent(row, "subject_name"), "subject_name")
    decision = read_decision(row.raw("decision_no")) if row.raw("decision_no") != "" else NO_DECISION
    if decision is NO_DECISION and section.decision and row.text("certificate_no") == "":
        decision = read_decision(section.decision)
        row.warn("decision_from_heading", "decision_no", section.decision)
    row.marks([m for m in decision.marks if m != "date_from_decision_text"], "decision_no")
    when, reason, where = _decision_date(row, decision.day, decision.day_problem, settings)
    certificate_no = row.text("certificate_no")
    if not decision.number and not certificate_no:
        return Judged(None, _absent(row, "decision_no", "certificate_missing" if when is None else None), "decision_no")
    if when is None:
        return Judged(None, reason, where)
    if when > settings.as_of:
        return Judged(None, "decision_date_in_future", where)
    assert stars is not None
    if not decision.number:
        row.warn("decision_no_missing", "decision_no")
    core = _Core(
        product_name=product_name,
        subject_name=subject_name,
        subject_code=subject_code,
        subject_address=row.text("subject_address") or address,
        stars=stars,
        decision_no=decision.number,
        decision_date=when,
        issuer=row.text("issuer") or decision.issuer,
        certificate_no=certificate_no,
    )
    return Judged(_record(row, section, settings, core))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Core:
    """What had to be settled before a row could become a record."""

    product_name: str
    subject_name: str
    subject_code: str
    subject_address: str
    stars: int
    decision_no: str
    decision_date: date
    issuer: str
    certificate_no: str


def _absent(row: "RowView", name: str, code: str | None = None) -> str:
    """The reason for an empty needed cell: a formula without a stored value says so itself."""
    return "formula_without_value" if name in row.blank_formulas else code or f"{name}_missing"


def _stars(row: "RowView", section: Section, settings: Settings) -> tuple[int | None, str | None]:
    if settings.star_marks:
        marked = [
            stars
            for name, stars in settings.star_marks
            if read_flag(row.raw(name) or "-") is not False and row.raw(name) != ""
        ]
        if len(marked) == 1:
            return (marked[0], None) if marked[0] >= 3 else (None, "star_not_certifiable")
        if len(marked) > 1:
            return None, "star_invalid"
    value = row.raw("stars")
    if value == "" and section.stars is not None:
        row.warn("stars_from_section", "stars", section.text)
        return (section.stars, None) if section.stars in (3, 4, 5) else (None, "star_not_certifiable")
    if value == "" and "stars" in row.blank_formulas:
        return None, "formula_without_value"
    read = read_stars(value)
    row.marks(read.marks, "stars")
    return read.stars, read.reason


def _decision_date(
    row: "RowView", written: date | None, problem: str | None, settings: Settings
) -> tuple[date | None, str | None, str]:
    """The date of the decision, or the reason why there is none, and the field it stands in."""
    value = row.raw("decision_date")
    read: ReadDate = read_date(value, epoch_1904=settings.epoch_1904)
    if read.day is None and written is not None:
        row.warn("date_from_decision_text", "decision_no")
        return written, None, "decision_no"
    if read.problem:
        return None, f"decision_date_{read.problem}", "decision_date"
    if read.day is None:
        if problem:
            return None, f"decision_date_{problem}", "decision_no"
        return None, _absent(row, "decision_date"), "decision_date"
    row.marks(read.marks, "decision_date")
    if written is not None and written != read.day:
        row.warn("decision_date_conflict", "decision_date", None, in_decision=written.isoformat())
    if read.day < rules.PROGRAMME_BEGAN:
        row.warn("decision_date_before_programme", "decision_date")
    return read.day, None, "decision_date"


def _record(row: "RowView", section: Section, settings: Settings, core: _Core) -> ProductRecord:
    text = row.text
    when = core.decision_date
    price = _price(row, settings)
    net, unit = net_quantity(text("net_quantity"), text("unit"), text("pack"))
    revocation_no, revoked_on = _revocation(row, settings)
    note = text("note")
    group, industry = text("group_raw") or section.group, text("industry_raw")
    set_no, guessed = sets.set_of(text("set_no"), group, industry)
    if guessed:
        row.warn("set_guessed", "group_raw", group, set_no=set_no)
    commune, district = place(row, section, core.subject_address)
    code = text("product_code")
    if code and not _CODE.fullmatch(code):
        row.warn("product_code_shape", "product_code")
    return ProductRecord(
        subject_name=core.subject_name,
        subject_code=core.subject_code,
        subject_type=subject_type(row, core.subject_name, settings),
        subject_phone=phone(row),
        subject_email=text("subject_email"),
        subject_address=core.subject_address,
        legal_rep=text("legal_rep"),
        product_name=core.product_name,
        product_code=code,
        set_no=set_no,
        group_raw=group,
        industry_raw=industry,
        stars=core.stars,
        score=_score(row, core.stars, when),
        decision_no=core.decision_no,
        decision_date=when,
        issuer=_issuer(row, core),
        certificate_no=core.certificate_no,
        regime=rules.regime_of(when),
        expires_on=_expiry(row, when, settings),
        extended_until=_extension(row, when, settings),
        revocation_no=revocation_no,
        revoked_on=revoked_on,
        ground=revocation_ground(text("ground") or note) if revoked_on or revocation_no else "",
        price_vnd=price.price,
        price_min=price.low,
        price_max=price.high,
        price_per=price.per,
        gtin=_gtin(row),
        net_quantity=net,
        unit=unit,
        pack=text("pack"),
        stock=read_int(row.raw("stock")) if row.raw("stock") != "" else None,
        images=read_list(text("images")),
        quality_certs=read_list(text("quality_certs")),
        ip_rights=read_list(text("ip_rights")),
        growing_area=text("growing_area"),
        trace_url=text("trace_url"),
        food_declaration=text("food_declaration"),
        ad_confirmation=text("ad_confirmation"),
        shelf_life_months=shelf_life(text("shelf_life")),
        storage=text("storage"),
        ingredients=text("ingredients"),
        story=text("story"),
        abv_pct=read_decimal(row.raw("abv_pct")) if row.raw("abv_pct") != "" else None,
        legacy_district=district,
        commune=commune,
        commune_code=commune_code(row),
        province=text("province"),
        consolidated=text("consolidated"),
        renewal_reason=text("renewal_reason"),
        honours=_honours(row, settings),
        note=note,
    )


_CODE = re.compile(r"\d{2}-\d{5}-\d{1,4}-20\d{2}")


def _issuer(row: "RowView", core: _Core) -> str:
    if not rules.level_fits(core.stars, core.decision_date, core.issuer, core.decision_no):
        row.warn("level_date_mismatch", "issuer" if row.has("issuer") else "decision_no", None, stars=core.stars)
    return core.issuer


def _score(row: "RowView", stars: int, when: date) -> float | None:
    value = row.raw("score")
    if value == "":
        return None
    score = read_decimal(value)
    if score is None:
        row.warn("score_unreadable", "score")
    elif not rules.score_fits(stars, score, when):
        row.warn("score_star_mismatch", "score", None, stars=stars)
    return score


def _price(row: "RowView", settings: Settings) -> ReadPrice:
    value = row.raw("price")
    if value == "":
        return NO_PRICE
    price = read_price(value, settings.price_factor)
    row.marks(price.marks, "price")
    return price


def _gtin(row: "RowView") -> str | None:
    value = row.raw("gtin")
    if value == "":
        return None
    gtin = read_gtin(value)
    row.marks(gtin.marks, "gtin")
    return gtin.text


def phone(row: "RowView") -> str | None:
    """The row's phone as E.164. The number itself never gets into a finding."""
    value = row.raw("subject_phone")
    if value == "":
        return None
    read = read_phone(value)
    row.marks(read.marks, "subject_phone")
    return read.text


def subject_type(row: "RowView", name: str, settings: Settings | None = None) -> str | None:
    """The producer's kind by its code, its type cell, a marked column, or (noted) its name."""
    code = row.text("subject_type_code").upper()
    if code in KINDS:
        return code
    if settings is not None:
        marked = [kind for column, kind in settings.type_marks if row.raw(column) != ""]
        if len(marked) == 1:
            return marked[0]
        if (listed := settings.subject_types.get(row.text("subject_code"))) and row.text("subject_type") == "":
            return listed
    told = row.text("subject_type")
    kind = subject_kind(told) if told else None
    by_name = subject_kind(name)
    if kind is not None:
        if by_name is not None and by_name != kind and "subject_name" not in row.filled:
            row.warn("subject_type_conflict", "subject_type", told, by_name=by_name)
        return kind
    if "subject_name" not in row.filled:
        if by_name is None:
            row.warn("subject_type_unknown", "subject_type" if row.has("subject_type") else "subject_name")
        else:
            row.warn("subject_type_inferred", "subject_name", name, kind=by_name)
    return by_name


def _date(row: "RowView", name: str, settings: Settings) -> date | None:
    value = row.raw(name)
    if value == "":
        return None
    read = read_date(value, epoch_1904=settings.epoch_1904)
    if read.problem:
        row.warn(f"{name}_unreadable", name)
    return read.day


def _expiry(row: "RowView", decided: date, settings: Settings) -> date:
    """Always decision date + 36 months; what the file gives is only compared."""
    computed = rules.expiry(decided)
    given = _date(row, "expires_on", settings)
    if given is not None and given != computed:
        row.warn("expires_on_differs", "expires_on", None, computed=computed.isoformat())
    return computed


def _extension(row: "RowView", decided: date, settings: Settings) -> date | None:
    until = _date(row, "extended_until", settings)
    if until is not None:
        expires = rules.expiry(decided)
        if until <= expires:
            row.warn("extension_before_expiry", "extended_until")
            return None
        if until > rules.extension_limit(expires):
            row.warn("extension_too_long", "extended_until")
    return until


def _revocation(row: "RowView", settings: Settings) -> tuple[str, date | None]:
    """Number and date of the withdrawal; both may stand in one cell."""
    when = _date(row, "revoked_on", settings)
    told = row.text("revocation_no")
    if not told:
        return "", when
    read = read_decision(told)
    if read is NO_DECISION:  # a dash, "chưa", "không"
        return "", when
    if when is None and read.day is not None:
        row.warn("date_from_decision_text", "revocation_no")
        return read.number or told, read.day
    if when is None:
        row.warn("revoked_on_missing", "revocation_no")
    return (read.number if read.day else told), when


def _honours(row: "RowView", settings: Settings) -> tuple[str, ...]:
    if not settings.honours:
        return ()
    told: list[str] = []
    for column, name in settings.honours:
        value = row.text(column)
        flag = read_flag(value) if value else False
        if flag:
            told.append(name)
        elif flag is None:
            told.extend(read_list(value))
    return tuple(told)


def commune_code(row: "RowView") -> str:
    """The five-digit code; a number cell gets its leading zeros back."""
    text = row.text("commune_code")
    return text.zfill(5) if text.isdigit() and len(text) < 5 else text


_ADDRESS = re.compile(
    r"\s*(?:[;\n]|[,\-–(]?\s*(?:địa chỉ|đ/c|đc)\s*:?|[,\-–]\s*(?=(?:số|ấp|thôn|xóm|bản|khóm|khu|tổ \d|đường|quốc lộ|xã"
    r"|phường|thị trấn|tt\.|p\.|huyện|tp\.?|thành phố)\b))\s*",
    re.IGNORECASE,
)


@lru_cache(maxsize=16_384)
def split_address(text: str) -> tuple[str, str]:
    """A producer's name and the address behind it: ``HTX Mẫu, ấp 3, xã Nhơn Mỹ``."""
    parts = _ADDRESS.split(text, maxsplit=1)
    return (parts[0].strip(" ,.-"), parts[1].strip(" ,.)")) if len(parts) == 2 and parts[0].strip() else (text, "")


_COMMUNE = re.compile(r"(?:^|[,;\-–]\s*|\s)((?:xã|phường|thị trấn|đặc khu|tt\.|p\.|x\.)\s*[^,;\-–()]+)", re.IGNORECASE)


def place(row: "RowView", section: Section, address: str) -> tuple[str, str]:
    """Commune and former district as written; the commune may stand inside the address, the district in a heading."""
    commune = row.text("commune") or section.commune
    if not commune and address:
        commune = _commune_in(address)
    return commune, row.text("legacy_district") or section.district


@lru_cache(maxsize=16_384)
def _commune_in(address: str) -> str:
    found = _COMMUNE.search(address)
    return found[1].strip(" .") if found else ""


_NET = re.compile(
    r"(?P<pack>\D*?)\s*(?P<n>\d+(?:[.,]\d+)?)\s*(?P<unit>kg|gr?|gram|ml|lít|lit|l|viên|quả|cái|con|bông|trứng|gói|hũ|chai)\.?"
    r"(?:\s*/\s*(?:1\s*)?[^\W\d_]+(?:\s[^\W\d_]+)?)?",
    re.IGNORECASE,
)
_UNITS = {"gr": "g", "gram": "g", "lít": "l", "lit": "l"}


@lru_cache(maxsize=16_384)
def net_quantity(quantity: str, unit: str, pack: str) -> tuple[str, str]:
    """Net quantity as decimal text and its unit; taken from the pack (``hũ 250g``) when no column gives it."""
    if quantity:
        plain = re.fullmatch(r"\d+(?:[.,]\d+)?", quantity)
        if plain:
            return quantity.replace(",", "."), unit
        found = _NET.fullmatch(quantity)
        return (found["n"].replace(",", "."), unit or _unit(found["unit"])) if found else (quantity, unit)
    if not pack or unit:
        return "", unit
    found = _NET.fullmatch(pack)
    return (found["n"].replace(",", "."), _unit(found["unit"])) if found else ("", unit)


def _unit(text: str) -> str:
    low = text.lower()
    return _UNITS.get(low, low)


@lru_cache(maxsize=4_096)
def shelf_life(text: str) -> int | None:
    """Months from ``12``, ``12 tháng``, ``1 năm``; days and conditions are not turned into months."""
    folded = fold(text)
    if re.fullmatch(r"\d+(?:\s*thang)?", folded):
        return read_int(folded)
    if found := re.fullmatch(r"(\d+)\s*nam", folded):
        return int(found[1]) * 12
    return None
