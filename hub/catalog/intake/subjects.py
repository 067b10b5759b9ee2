"""Rows of lists of producers and of points of sale into records. Pure."""

from hub.catalog.intake.dates import read_date
from hub.catalog.intake.model import PointRecord, SubjectRecord
from hub.catalog.intake.products import Section, commune_code, phone, place, subject_type
from hub.catalog.intake.values import read_flag, read_int, read_list
from hub.catalog.intake.view import RowView
from hub.types import fold


def judge_subject(row: RowView, section: Section) -> tuple[SubjectRecord | None, str | None]:
    """A producer's record, or the reason why the row cannot be one."""
    name = row.text("subject_name")
    if not name:
        return None, "subject_name_missing"
    commune, district = place(row, section, row.text("subject_address"))
    founded = read_int(row.raw("founded")) if row.raw("founded") != "" else None
    if founded is not None and not 1900 <= founded <= 2100:
        row.warn("founded_unreadable", "founded")
        founded = None
    return (
        SubjectRecord(
            subject_name=name,
            subject_code=row.text("subject_code"),
            subject_type=subject_type(row, name),
            subject_phone=phone(row),
            subject_email=row.text("subject_email"),
            subject_address=row.text("subject_address"),
            legal_rep=row.text("legal_rep"),
            founded=founded,
            legacy_district=district,
            commune=commune,
            commune_code=commune_code(row),
            province=row.text("province"),
            modern_channel=_flag(row, "modern_channel"),
            channels=read_list(row.text("channels")),
            circular_chain=_flag(row, "circular_chain"),
            product_count=read_int(row.raw("product_count")) if row.raw("product_count") != "" else None,
            note=row.text("note"),
        ),
        None,
    )


def judge_point(row: RowView, section: Section) -> tuple[PointRecord | None, str | None]:
    """A point of sale's record, or the reason why the row cannot be one."""
    name = row.text("point_name")
    if not name:
        return None, "point_name_missing"
    commune, district = place(row, section, row.text("subject_address"))
    status = row.text("point_status")
    opened = read_date(row.raw("opened_on"))
    if opened.problem:
        row.warn("opened_on_unreadable", "opened_on")
    return (
        PointRecord(
            point_name=name,
            point_code=row.text("point_code"),
            point_status=status,
            operating=_operating(status),
            opened_on=opened.day,
            legacy_district=district,
            commune=commune,
            commune_code=commune_code(row),
            subject_address=row.text("subject_address"),
            note=row.text("note"),
        ),
        None,
    )


def _flag(row: RowView, field: str) -> bool | None:
    value = row.raw(field)
    return read_flag(value) if value != "" else None


def _operating(status: str) -> bool | None:
    words = fold(status)
    if not words:
        return None
    stopped = ("tam", "ngung", "dung", "dong cua", "khong")
    return not any(w in words for w in stopped)
