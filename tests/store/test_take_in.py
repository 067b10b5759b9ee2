"""From a registry on disk to rows, on both databases: once, twice, and changed."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from hub.catalog import store
from hub.catalog.intake import FileResult, read_files
from hub.catalog.intake.model import ProductRecord
from hub.catalog.known import known_catalogue
from hub.catalog.law import load as load_law
from hub.catalog.rules import current_certificate
from hub.catalog.take_in import TakenIn, sku_of, take_in
from hub.db import Db

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
REGISTRY = Path(__file__).parent.parent.parent / "examples" / "registry"


def read(db: Db, *names: str, as_of: date = TODAY) -> tuple[FileResult, ...]:
    return read_files([REGISTRY / n for n in names], as_of=as_of, known=db.read_now(known_catalogue))


def store_files(db: Db, *names: str, as_of: date = TODAY) -> TakenIn:
    return db.write_now(take_in, read(db, *names, as_of=as_of), who="test", now=NOW)


def in_force(db: Db) -> int:
    law = load_law()
    return sum(1 for s in db.read_now(store.sellables) if current_certificate(s.certificates, TODAY, law) is not None)


def test_the_sample_registry_holds_281_in_force(db: Db) -> None:
    assert store_files(db, "soc_trang.xlsx") == TakenIn(producers=186, products=326, variants=326, certificates=388)
    assert in_force(db) == 281


@pytest.mark.parametrize("name", ["soc_trang.xlsx", "tay_ninh.xlsx", "lang_son.xlsx"])
def test_the_same_file_twice_changes_nothing(db: Db, name: str) -> None:
    store_files(db, name)
    before = db.read_now(store.sellables)
    assert store_files(db, name) == TakenIn()
    assert db.read_now(store.sellables) == before


def test_the_same_list_from_other_files_on_another_day_changes_nothing(db: Db) -> None:
    store_files(db, "soc_trang.xlsx")
    before = db.read_now(store.sellables)
    results = read(db, "soc_trang_san_pham.csv", "soc_trang_chu_the.csv")
    assert db.write_now(take_in, results, who="test", now=NOW + timedelta(days=3)) == TakenIn()
    assert db.read_now(store.sellables) == before


def test_every_product_can_be_priced(db: Db) -> None:
    store_files(db, "soc_trang.xlsx")
    assert all(v.price for s in db.read_now(store.sellables) for v in s.variants)


def test_a_changed_row_is_shown_as_a_difference_and_then_stored(db: Db) -> None:
    store_files(db, "tay_ninh.xlsx")
    results = read(db, "tay_ninh.xlsx")
    sheet = results[0].sheets[0]
    first = sheet.rows[0]
    assert isinstance(first.record, ProductRecord)
    dearer = replace(first, record=replace(first.record, price_vnd=99_000))
    changed = (replace(results[0], sheets=(replace(sheet, rows=(dearer, *sheet.rows[1:])), *results[0].sheets[1:])),)
    versions = {s.product.id: s.version for s in db.read_now(store.sellables)}
    assert db.write_now(take_in, changed, who="test", now=NOW).changed == 1
    after = db.read_now(store.sellables)
    assert [v.price for s in after for v in s.variants if v.gtin == first.record.gtin] == [99_000]
    assert sum(s.version != versions[s.product.id] for s in after) == 1


def test_a_sku_is_the_same_on_every_hub_and_keeps_tones_apart() -> None:
    assert sku_of("CT92-001", "Rượu đế", "500 ml chai") == sku_of("CT92-001", "RƯỢU  ĐẾ", "500 ML chai")
    assert sku_of("CT92-001", "Rượu đế", "500 ml chai") != sku_of("CT92-001", "Rượu dê", "500 ml chai")
    assert len(sku_of("x", "y", "z")) == 14
