"""The sample registries and the messy list give exactly what is expected of them."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.catalog.intake import FileResult, ProductRecord, SubjectRecord, read_files
from hub.catalog.intake.answer import to_json

ROOT = Path(__file__).parents[4]
EXAMPLES = ROOT / "examples" / "registry"
EXPECTED = ROOT / "tests" / "data" / "registry"
COUNTS = json.loads((EXPECTED / "expected_counts.json").read_text(encoding="utf-8"))
AS_OF = date.fromisoformat(COUNTS["as_of"])


@pytest.fixture(scope="module")
def messy() -> dict[str, Any]:
    (result,) = read_files([EXAMPLES / "danh_muc_lon_xon.xlsx"], as_of=date(2025, 6, 15))
    answer: dict[str, Any] = json.loads(json.dumps(to_json(result)))
    return answer


MESSY = json.loads((EXPECTED / "danh_muc_lon_xon.expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("key", [k for k in MESSY if k != "rows"])
def test_messy_file_as_a_whole(messy: dict[str, Any], key: str) -> None:
    assert messy[key] == MESSY[key]


def test_messy_file_has_exactly_the_expected_rows(messy: dict[str, Any]) -> None:
    assert [r["row"] for r in messy["rows"]] == [r["row"] for r in MESSY["rows"]]


@pytest.mark.parametrize("expected", MESSY["rows"], ids=lambda r: f"row{r['row']}")
def test_messy_file_row_by_row(messy: dict[str, Any], expected: dict[str, Any]) -> None:
    got = next(r for r in messy["rows"] if r["row"] == expected["row"])
    for key in ("outcome", "action", "reason"):
        assert got.get(key) == expected.get(key)
    record = got.get("record", {})
    for name, value in expected.get("record", {}).items():
        assert record.get(name) == value
    assert set(expected.get("must_warn", ())) <= set(got["warnings"])


def test_messy_file_keeps_no_personal_values(messy: dict[str, Any]) -> None:
    text = json.dumps(messy, ensure_ascii=False)
    assert "0000000000" not in text
    assert "Khmer" not in text
    assert {f["facts"]["kind"] for f in messy["findings"] if f["code"] == "personal_column_dropped"} == {
        "citizen_id",
        "ethnicity",
    }


def _workbook(name: str) -> tuple[FileResult, ...]:
    return read_files([EXAMPLES / f"{name}.xlsx"], as_of=AS_OF)


def _csv(name: str) -> tuple[FileResult, ...]:
    return read_files([EXAMPLES / f"{name}_san_pham.csv", EXAMPLES / f"{name}_chu_the.csv"], as_of=AS_OF)


def _records(results: Sequence[FileResult], kind: str) -> list[Any]:
    return [r.record for f in results for s in f.sheets if s.kind == kind for r in s.rows if r.outcome == "accepted"]


def _status(p: ProductRecord) -> str:
    """The rule the counts were made by."""
    if p.revoked_on is not None and p.revoked_on <= AS_OF:
        return "revoked"
    if p.expires_on >= AS_OF:
        return "expiring" if p.expires_on - AS_OF <= timedelta(days=180) else "active"
    return "extended" if p.extended_until is not None and p.extended_until >= AS_OF else "expired"


def _derived(products: list[ProductRecord], subjects: list[SubjectRecord], history: int) -> dict[str, Any]:
    def count(key: Callable[[ProductRecord], object]) -> dict[str, int]:
        return {str(k): n for k, n in Counter(key(p) for p in products).items()}

    in_force = {p.subject_code for p in products if _status(p) in ("active", "expiring", "extended")}
    recent = Counter(str(p.stars) for p in products if 2021 <= p.decision_date.year <= 2025)
    return {
        "products": len(products),
        "subjects": len(subjects),
        "products_by_star": count(lambda p: p.stars),
        "status_on_as_of": count(_status),
        "status_by_star": {
            star: {str(k): n for k, n in Counter(_status(p) for p in products if str(p.stars) == star).items()}
            for star in count(lambda p: p.stars)
        },
        "subjects_by_type": dict(Counter(s.subject_type for s in subjects)),
        "subjects_with_a_certificate_in_force": len(in_force),
        "subjects_modern_channel": sum(bool(s.modern_channel) for s in subjects),
        "subjects_circular": sum(bool(s.circular_chain) for s in subjects),
        "products_upgraded_or_consolidated": sum(bool(p.consolidated) for p in products),
        "products_with_gtin": sum(p.gtin is not None for p in products),
        "products_ip": count(lambda p: p.ip_rights[0] if p.ip_rights else "(không)"),
        "products_by_set": count(lambda p: p.set_no),
        "certificates_issued_2021_2025": {k: recent[k] for k in ("3", "4", "5")},
        "blank_product_codes": sum(not p.product_code for p in products),
        "history_rows": history,
    }


@pytest.mark.parametrize("name", COUNTS["files"])
@pytest.mark.parametrize("read", [_workbook, _csv], ids=["xlsx", "csv"])
def test_every_count_can_be_derived(name: str, read: Callable[[str], tuple[FileResult, ...]]) -> None:
    results = read(name)
    expected = dict(COUNTS["files"][name])
    if read is _csv:
        expected["history_rows"] = 0  # the history is a sheet of the workbook only
    derived = _derived(_records(results, "products"), _records(results, "producers"), len(_records(results, "history")))
    for key, value in expected.items():
        assert derived[key] == value, key


@pytest.mark.parametrize("name", COUNTS["files"])
def test_workbook_and_text_say_the_same(name: str) -> None:
    book, text = _workbook(name), _csv(name)
    for kind in ("products", "producers"):
        assert _records(book, kind) == _records(text, kind)


def test_points_of_sale_and_history_are_read() -> None:
    (result,) = _workbook("soc_trang")
    points = _records([result], "points")
    assert len(points) == 11
    assert [p.operating for p in points].count(False) == 1
    history = _records([result], "history")
    names = {(p.subject_code, p.product_name) for p in _records([result], "products")}
    assert all((h.subject_code, h.product_name) in names for h in history)
    assert all(h.subject_name and h.renewal_reason for h in history)


def test_honours_and_grounds() -> None:
    records: list[ProductRecord] = _records(_csv("lang_son"), "products")
    honours = Counter(h for p in records for h in p.honours)
    assert honours == {"SP CNNT tiêu biểu cấp tỉnh": 22, "Thương hiệu vàng nông nghiệp": 9}
    assert Counter(p.ground for p in records if p.revoked_on) == {"production_stopped": 3, "criteria_not_kept": 1}
