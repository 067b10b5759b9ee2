"""Communes written as words become today's units; a text that fits several is asked about, never guessed."""

from collections.abc import Sequence
from dataclasses import replace

from hub.catalog.intake.model import FileResult, Finding, ProductRecord, RowResult, SheetResult, SubjectRecord
from hub.catalog.units import Unit, resolve

_SHOWN = 5


def place(results: Sequence[FileResult], *, province_code: str = "") -> tuple[FileResult, ...]:
    """The same results with the commune codes that could be told, and a question for each text that could not.

    ``province_code``: two digits of today that hold for the whole delivery; a row's own product code comes first.
    """
    return tuple(_file(result, province_code) for result in results)


def _file(result: FileResult, province_code: str) -> FileResult:
    findings: list[Finding] = []
    sheets = tuple(_sheet(sheet, result.file, province_code, findings) for sheet in result.sheets)
    if sheets == result.sheets:
        return result
    return replace(result, sheets=sheets, findings=(*result.findings, *findings))


def _sheet(sheet: SheetResult, file: str, province_code: str, findings: list[Finding]) -> SheetResult:
    column = next((letter for letter, field in sheet.columns.items() if field.split(" ")[0] == "commune"), None)
    rows: list[RowResult] = []
    for row in sheet.rows:
        record = row.record
        if row.outcome != "accepted" or not isinstance(record, ProductRecord | SubjectRecord):
            rows.append(row)
            continue
        if not record.commune or record.commune_code:
            rows.append(row)
            continue
        units = _units(record, province_code)
        if len(units) == 1:
            rows.append(replace(row, record=replace(record, commune_code=units[0].code)))
            continue
        code = "commune_ambiguous" if units else "commune_unknown"
        shown = "; ".join(f"{u.name} ({u.province})" for u in units[:_SHOWN]) + ("; …" if len(units) > _SHOWN else "")
        cell = None if column is None else f"{column}{row.row}"
        findings.append(
            Finding(code=code, file=file, sheet=sheet.sheet, cell=cell, value=record.commune, facts={"units": shown})
        )
        rows.append(replace(row, warnings=(*row.warnings, code)))
    return replace(sheet, rows=tuple(rows))


def _units(record: ProductRecord | SubjectRecord, province_code: str) -> tuple[Unit, ...]:
    parts = (record.commune, record.legacy_district, record.province)
    found = resolve(", ".join(part for part in parts if part)).units
    code = record.product_code[:2] if isinstance(record, ProductRecord) and record.product_code[:2].isdigit() else ""
    near = tuple(unit for unit in found if unit.province_code == (code or province_code))
    return near or found
