"""Spreadsheets of offices into records: ``read_files`` is the way in. See reading.py for the order of things."""

from hub.catalog.intake.known import NOTHING_KNOWN, KnownCatalogue, known_from
from hub.catalog.intake.model import FileResult, Finding, ProductRecord, RowResult, SheetResult, SubjectRecord
from hub.catalog.intake.reading import read_files

__all__ = [
    "NOTHING_KNOWN",
    "FileResult",
    "Finding",
    "KnownCatalogue",
    "ProductRecord",
    "RowResult",
    "SheetResult",
    "SubjectRecord",
    "known_from",
    "read_files",
]
