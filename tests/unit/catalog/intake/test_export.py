"""What goes out comes back: the catalogue without loss, rejected rows with their reasons beside them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from hub.catalog.intake import FileResult, ProductRecord, SubjectRecord, known_from, read_files
from hub.catalog.intake.export import write_catalogue, write_rejected
from hub.catalog.intake.known import decision_key, records_of, subject_key
from hub.catalog.intake.legacy import name_key
from hub.catalog.model import Certificate, Producer, ProducerKind, Product, Sellable, Stock, Variant
from hub.errors import Unavailable
from hub.types import Sku

EXAMPLES = Path(__file__).parents[4] / "examples" / "registry"
AS_OF = date(2026, 11, 21)


def accepted(results: Sequence[FileResult], kind: str) -> list[Any]:
    return [r.record for f in results for s in f.sheets if s.kind == kind for r in s.rows if r.outcome == "accepted"]


def stored(results: Sequence[FileResult]) -> list[Sellable]:
    """The records as nouns, as a store would keep them."""
    owners: dict[str, Producer] = {}
    for s in accepted(results, "producers"):
        owners[s.subject_code or subject_key(s.subject_name)] = _producer(s)
    goods: dict[tuple[str, str], Sellable] = {}
    rows = [*accepted(results, "products"), *accepted(results, "history")]
    for p in sorted(rows, key=lambda r: r.decision_date, reverse=True):  # the latest row speaks for the goods
        owner = owners.setdefault(p.subject_code or subject_key(p.subject_name), _producer(p))
        key = (owner.id, name_key(p.product_name))
        goods[key] = _with_row(goods.get(key) or _product(p, owner), p)
    return list(goods.values())


def _producer(s: SubjectRecord | ProductRecord) -> Producer:
    more: dict[str, Any] = {}
    if isinstance(s, SubjectRecord):
        more = {"founded": s.founded, "circular_chain": bool(s.circular_chain), "modern_channels": s.channels}
    kind = cast("ProducerKind", s.subject_type or "HKD")
    return Producer(
        id=s.subject_code or subject_key(s.subject_name), name=s.subject_name, code=s.subject_code,
        kind=kind, phone=s.subject_phone or "", email=s.subject_email, address=s.subject_address,
        legal_rep=s.legal_rep, legacy_district=s.legacy_district, commune=s.commune, commune_code=s.commune_code,
        **more,
    )  # fmt: skip


def _product(p: ProductRecord, owner: Producer) -> Sellable:
    product = Product(
        id=f"{owner.id}/{p.product_name}", producer_id=owner.id, name=p.product_name, set_no=p.set_no,
        code=p.product_code, story=p.story, commune_code=p.commune_code, commune=p.commune,
        legacy_district=p.legacy_district, quality_certs=p.quality_certs, ip_rights=p.ip_rights,
        growing_area=p.growing_area, trace_url=p.trace_url, food_declaration=p.food_declaration, storage=p.storage,
        shelf_life_months=p.shelf_life_months, honours=p.honours, consolidated=p.consolidated, note=p.note,
    )  # fmt: skip
    return Sellable(product=product, producer=owner, variants=(), certificates=(), stocks=(), pictures=(), version="")


def _with_row(s: Sellable, p: ProductRecord) -> Sellable:
    certificates = {(decision_key(c.decision_no), c.decision_date): c for c in s.certificates}
    certificates[decision_key(p.decision_no), p.decision_date] = Certificate(
        id=p.decision_no, product_id=s.product.id, stars=p.stars, decision_no=p.decision_no,
        decision_date=p.decision_date, expires_on=p.expires_on, issuer=p.issuer, certificate_no=p.certificate_no,
        regime=p.regime, extended_until=p.extended_until, revoked_on=p.revoked_on, revocation_doc=p.revocation_no,
        ground=p.ground,
    )  # fmt: skip
    variants = {v.label: v for v in s.variants}
    if not variants or p.pack or p.gtin:
        label = f"{p.pack}|{p.net_quantity}{p.unit}"
        variants.setdefault(label, Variant(
            id=label, product_id=s.product.id, sku=Sku(label), label=label, gtin=p.gtin or "", unit=p.unit, pack=p.pack,
            net_quantity=p.net_quantity, price=p.price_vnd, price_min=p.price_min, price_max=p.price_max,
            price_per=p.price_per or "",
        ))  # fmt: skip
    return Sellable(
        product=s.product, producer=s.producer, variants=tuple(variants.values()),
        certificates=tuple(certificates.values()), stocks=(Stock(variant_id="", on_hand=0, reserved=0),), pictures=(),
        version="",
    )  # fmt: skip


def everything(sellables: Sequence[Sellable]) -> list[ProductRecord]:
    return sorted((r for s in sellables for r in records_of(s)), key=repr)


@pytest.mark.parametrize("name", ["soc_trang", "tay_ninh", "lang_son", "danh_muc_lon_xon"])
def test_the_catalogue_comes_back_without_loss(tmp_path: Path, name: str) -> None:
    before = stored(read_files([EXAMPLES / f"{name}.xlsx"], as_of=AS_OF))
    target = tmp_path / "catalogue.xlsx"
    write_catalogue(before, target)
    results = read_files([target], as_of=AS_OF)
    assert not results[0].reasons
    assert everything(stored(results)) == everything(before)
    assert {p.producer for p in stored(results)} == {p.producer for p in before}


@pytest.mark.parametrize("name", ["soc_trang", "danh_muc_lon_xon"])
def test_the_same_file_twice_changes_nothing(name: str) -> None:
    path = EXAMPLES / f"{name}.xlsx"
    first = read_files([path], as_of=AS_OF)
    sellables = stored(first)
    owners = {s.producer.id: s.producer for s in sellables}
    (second,) = read_files([path], as_of=AS_OF, known=known_from(sellables, owners.values()))
    actions = {r.action for s in second.sheets if s.kind != "points" for r in s.rows if r.outcome == "accepted"}
    assert actions == {"unchanged"}
    assert (second.totals.products_created, second.totals.certificates_created) == (0, 0)
    assert second.reasons == first[0].reasons


def test_rejected_rows_come_back_with_their_reasons(tmp_path: Path) -> None:
    path, target = EXAMPLES / "danh_muc_lon_xon.xlsx", tmp_path / "rejected.xlsx"
    results = read_files([path], as_of=date(2025, 6, 15))
    write_rejected(results, [path], target)
    (sheet,) = openpyxl.load_workbook(target).worksheets
    header, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [r[0] for r in rows] == [18, 29, 30, 32, 33, 34, 38, 41, 43]
    assert all(r[1].endswith(".") and r[2].endswith(".") for r in rows)
    assert not {"Số CCCD người đại diện", "Dân tộc"} & set(header)
    names = [r[header.index("Tên chủ thể / Cơ sở SX")] for r in rows]
    assert all(names)  # merged cells are filled in, so that a row can stand alone


def test_a_corrected_row_of_that_workbook_is_accepted(tmp_path: Path) -> None:
    path, target = EXAMPLES / "danh_muc_lon_xon.xlsx", tmp_path / "rejected.xlsx"
    write_rejected(read_files([path], as_of=date(2025, 6, 15)), [path], target)
    book = openpyxl.load_workbook(target)
    sheet = book.worksheets[0]
    header = [c.value for c in sheet[1]]
    sheet.cell(row=3, column=header.index("Ngày, tháng") + 1, value="28/02/2024")
    book.save(target)
    (result,) = read_files([target], as_of=date(2025, 6, 15))
    assert result.main.rows[1].outcome == "accepted"


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    (s, *_) = stored(read_files([EXAMPLES / "tay_ninh.xlsx"], as_of=AS_OF))
    evil = Sellable(
        product=Product(id="x", producer_id=s.producer.id, name="=1+1", set_no=None, note="@SUM(A1)"),
        producer=s.producer, variants=s.variants, certificates=s.certificates, stocks=s.stocks, pictures=(), version="",
    )  # fmt: skip
    target = tmp_path / "catalogue.xlsx"
    write_catalogue([evil], target)
    cells = [c for row in openpyxl.load_workbook(target)["San_pham"].iter_rows() for c in row if c.value == "=1+1"]
    assert [c.data_type for c in cells] != ["f"]


def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="file_unwritable"):
        write_catalogue([], tmp_path / "nowhere" / "catalogue.xlsx")
