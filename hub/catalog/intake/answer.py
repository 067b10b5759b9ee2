"""Results as plain JSON-able values, with the words for each finding."""

from dataclasses import fields
from datetime import date
from typing import Any

from hub.catalog.intake.model import FileResult, Finding, Record, RowResult, SheetResult, Totals
from hub.catalog.intake.words import words_for


def to_json(result: FileResult) -> dict[str, Any]:
    """One file as the command prints it; its main sheet spread out, the other useful sheets under ``sheets``."""
    main = result.main
    totals = result.totals
    return {
        "file": result.file,
        **_sheet(main),
        "file_date": _plain(result.file_date),
        "ignored_sheets": list(result.ignored_sheets),
        "totals": _totals(totals),
        "reasons": dict(result.reasons),
        "sheets": [_sheet(s) for s in result.sheets[1:]],
        "findings": [finding_json(f) for f in result.findings],
    }


def _totals(totals: Totals) -> dict[str, Any]:
    told = {f.name: getattr(totals, f.name) for f in fields(totals)}
    for optional in ("declared_total_in_file", "history_certificates", "subjects", "points_of_sale"):
        if not told[optional]:
            del told[optional]
    return told | {"products_by_current_star": {str(k): n for k, n in totals.products_by_current_star.items()}}


def _sheet(sheet: SheetResult) -> dict[str, Any]:
    return {
        "sheet": sheet.sheet,
        "kind": sheet.kind,
        "header_rows": list(sheet.header_rows),
        "column_number_row": sheet.column_number_row,
        "first_data_row": sheet.first_data_row,
        "columns": dict(sheet.columns),
        "dropped_columns": dict(sheet.dropped_columns),
        "unknown_columns": dict(sheet.unknown_columns),
        "rows": [_row(r) for r in sheet.rows],
    }


def _row(row: RowResult) -> dict[str, Any]:
    told: dict[str, Any] = {"row": row.row, "outcome": row.outcome}
    if row.action:
        told["action"] = row.action
    if row.reason:
        told["reason"] = row.reason
    told["warnings"] = list(row.warnings)
    if row.record is not None:
        told["record"] = record_json(row.record)
    if row.changes:
        told["changes"] = [
            {"field": c.field, "before": _plain(c.before), "after": _plain(c.after)} for c in row.changes
        ]
    if row.of_row is not None:
        told["of_row"] = row.of_row
    return told


def record_json(record: Record) -> dict[str, Any]:
    """All fields of a record; empty text and lists left out, None kept."""
    told = {f.name: _plain(getattr(record, f.name)) for f in fields(record)}
    return {name: value for name, value in told.items() if value not in ("", [])}


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding with what is wrong and what to do, in both languages."""
    words = words_for(finding.code)
    return {
        "code": finding.code,
        "file": finding.file,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "value": finding.value,
        "facts": dict(finding.facts),
        "what": {"vi": words.vi_what, "en": words.en_what},
        "do": {"vi": words.vi_do, "en": words.en_do},
    }


def say_finding(finding: Finding, language: str) -> str:
    """One line for a person: where, what, what to do. ``language``: vi or en."""
    words = words_for(finding.code)
    what, do = (words.vi_what, words.vi_do) if language == "vi" else (words.en_what, words.en_do)
    place = " ".join(filter(None, (finding.file, finding.sheet, finding.cell)))
    shown = f" «{finding.value}»" if finding.value else ""
    return f"{place}: {what}{shown} → {do}"


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
