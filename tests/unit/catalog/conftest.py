"""The sample registries as model objects, read with the plain csv module: a second reading beside the intake."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from hub.catalog import law
from hub.catalog.law import Law
from hub.catalog.model import Certificate, Producer, ProducerKind, Product, Sellable, Stock, Variant
from hub.types import Sku

SAMPLES = Path(__file__).parents[3] / "examples" / "registry"
_KINDS: Mapping[str, ProducerKind] = {
    "Hợp tác xã": "HTX", "Liên hiệp hợp tác xã": "LHHTX", "Tổ hợp tác": "THT", "Doanh nghiệp nhỏ và vừa": "DNNVV",
    "Hộ kinh doanh": "HKD", "Trang trại": "TT",
}  # fmt: skip
_GROUNDS = {
    "Không duy trì tiêu chí theo kết luận kiểm tra": "criteria_not_kept",
    "Hồ sơ không trung thực": "false_dossier",
    "Vi phạm quy định an toàn thực phẩm": "law_violation",
    "Cơ sở ngừng sản xuất": "production_stopped",
    "Sử dụng nhãn hiệu OCOP sai quy định": "mark_misuse",
}


@dataclass(frozen=True, kw_only=True)
class Registry:
    """One sample registry: its products, and the counts of ``expected_counts.json``."""

    sellables: tuple[Sellable, ...]
    expected: Mapping[str, Any]


@pytest.fixture(scope="session")
def the_law() -> Law:
    """The law that ships with the package."""
    return law.load()


@pytest.fixture(scope="session")
def registries() -> Mapping[str, Registry]:
    """The three sample registries by name."""
    document = json.loads((SAMPLES / "expected_counts.json").read_text(encoding="utf-8"))
    return {
        name: Registry(sellables=sellables(name), expected=expected) for name, expected in document["files"].items()
    }


def sellables(name: str) -> tuple[Sellable, ...]:
    """All products of a registry with their one certificate, as imported and confirmed by an officer."""
    delimiter = ";" if name == "lang_son" else ","
    with (SAMPLES / f"{name}_san_pham.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(_sellables(csv.DictReader(file, delimiter=delimiter)))


def _sellables(rows: Iterable[Mapping[str, str]]) -> Iterator[Sellable]:
    for row in rows:
        key = row["STT"]
        producer = Producer(
            id=row["Mã chủ thể"], name=row["Tên chủ thể"], kind=_KINDS[row["Loại hình chủ thể"]],
            commune=row["Xã/phường"],
        )  # fmt: skip
        product = Product(
            id=key, producer_id=producer.id, name=row["Tên sản phẩm"], set_no=int(row["Bộ sản phẩm số"]),
            food_declaration=row["Số bản công bố"], storage=row["Bảo quản"], commune=row["Xã/phường"],
            quality_certs=tuple(part for part in row["Chứng nhận chất lượng"].split("; ") if part),
            shelf_life_months=int(row["Hạn sử dụng (tháng)"]) if row["Hạn sử dụng (tháng)"] else None,
            reviewed_at=datetime(2026, 11, 1, tzinfo=UTC),
        )  # fmt: skip
        variant = Variant(
            id=key, product_id=key, sku=Sku(f"T-{key}"), net_quantity=row["Khối lượng tịnh"], unit=row["Đơn vị đo"],
            pack=row["Quy cách"], price=int(row["Giá bán lẻ (đồng)"]),
        )  # fmt: skip
        yield Sellable(
            product=product,
            producer=producer,
            variants=(variant,),
            certificates=(_certificate(row),),
            stocks=(Stock(variant_id=key, on_hand=5, reserved=0),),
            pictures=(),
            version="1",
        )


def _certificate(row: Mapping[str, str]) -> Certificate:
    extended = _date(row["Kéo dài hiệu lực đến"])
    decided, expires = _date(row["Ngày quyết định"]), _date(row["Ngày hết hạn"])
    assert decided is not None
    assert expires is not None
    return Certificate(
        id=row["STT"], product_id=row["STT"], stars=int(row["Hạng sao"]), decision_no=row["Số quyết định"],
        decision_date=decided, expires_on=expires, issuer=row["Cơ quan công nhận"],
        certificate_no=row["Số giấy chứng nhận"], extended_until=extended,
        extension_doc=row["Ghi chú"] if extended else "", revoked_on=_date(row["Ngày thu hồi"]),
        revocation_doc=row["Số QĐ thu hồi"], ground=_GROUNDS.get(row["Ghi chú"], ""),
    )  # fmt: skip


def _date(text: str) -> date | None:
    if not text:
        return None
    if "/" in text:
        day, month, year = text.split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(text)
