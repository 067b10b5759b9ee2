"""What is sold while everything fails: three producers, plain goods and one gift box each, four shops per producer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.catalog import stock
from hub.catalog import tables as c
from hub.db import Tx
from hub.sync import store
from hub.types import fold, local_date

PRODUCERS = 3
GOODS = 10
FIRST = 100
LOW = 10
"""A variant with fewer available is counted anew, with :data:`FIRST` more pieces on the shelf."""

NAMES = (
    "Mắm cá linh", "Nước mắm cá cơm", "Mắm tôm chua", "Mắm ba khía", "Tương hột", "Nước tương đậu nành",
    "Giấm gạo nếp", "Mắm cá sặc", "Tương ớt", "Nước màu dừa",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """A variant by its SKU: what is taken from the shelf when one of it is sold."""

    sku: str
    parts: tuple[tuple[str, int], ...]  # (SKU, pieces)


def build(tx: Tx, now: datetime) -> None:
    """Producers, certified goods with stock, and boxes made of two of them."""
    day = local_date(now)
    for p in range(PRODUCERS):
        name = f"Hợp tác xã Mẫu số {p + 1}"
        tx.execute(c.producer.insert(), [{
            "id": f"p{p}", "name": name, "folded": fold(name), "kind": "HTX", "province_code": "92",
            "commune": "Xã Mẫu", "commune_code": f"0000{p}",
        }])  # fmt: skip
        for g in range(GOODS + 1):
            box = g == GOODS
            title = f"Hộp quà nước chấm số {p + 1}" if box else f"{NAMES[g]} Mẫu {p + 1}"
            key = f"p{p}g{g}"
            tx.execute(c.product.insert(), [{
                "id": key, "producer_id": f"p{p}", "name": title, "folded": fold(title), "name_key": fold(title),
                "set_no": 9, "food_declaration": f"{g}/MAU/2024", "storage": "Nơi khô ráo, thoáng mát",
                "shelf_life_months": 12, "commune": "Xã Mẫu", "reviewed_at": now,
                "story": "Làm theo cách của địa phương, từ nguyên liệu trong vùng, ủ chượp đủ ngày.",
                "ingredients": "Cá, muối, nước", "version": key,
            }])  # fmt: skip
            tx.execute(c.variant.insert(), [{
                "id": f"v{key}", "product_id": key, "sku": sku(p, g), "price": 40_000 + 7_000 * g,
                "net_quantity": "500", "unit": "ml", "pack": "chai",
            }])  # fmt: skip
            tx.execute(c.certificate.insert(), [{
                "id": f"c{key}", "product_id": key, "stars": 3 + g % 2, "decision_no": f"{p}{g}/QĐ-UBND",
                "decision_date": day - timedelta(days=300), "expires_on": day + timedelta(days=700),
                "issuer": "Ủy ban nhân dân tỉnh",
            }])  # fmt: skip
            if not box:
                stock.declare(tx, f"v{key}", FIRST, ref="count:1", at=now)
                tx.execute(c.stock.update().where(c.stock.c.variant_id == f"v{key}").values(buffer=g % 2))
        tx.execute(c.part.insert(), [
            {"variant_id": f"vp{p}g{GOODS}", "component_id": f"vp{p}g0", "quantity": 2},
            {"variant_id": f"vp{p}g{GOODS}", "component_id": f"vp{p}g1", "quantity": 1},
        ])  # fmt: skip


def sku(producer: int, number: int) -> str:
    return f"OCOP-92-P{producer}-{number:02d}"


def pieces() -> dict[str, Pieces]:
    """Every SKU and what it takes from the shelf."""
    found: dict[str, Pieces] = {}
    for p in range(PRODUCERS):
        for g in range(GOODS):
            found[sku(p, g)] = Pieces(sku=sku(p, g), parts=((sku(p, g), 1),))
        found[sku(p, GOODS)] = Pieces(sku=sku(p, GOODS), parts=((sku(p, 0), 2), (sku(p, 1), 1)))
    return found


def restock(tx: Tx, now: datetime, number: int) -> dict[str, int]:
    """The producers count what is nearly gone and bring more; pieces added by SKU. Every shop hears of it."""
    rows = tx.execute(
        sa.select(c.stock.c.variant_id, c.stock.c.on_hand, c.variant.c.sku)
        .join(c.variant, c.variant.c.id == c.stock.c.variant_id)
        .where(c.stock.c.on_hand - c.stock.c.reserved < LOW)
        .order_by(c.stock.c.variant_id)
    ).all()
    touched: set[str] = set()
    for row in rows:
        touched |= stock.declare(
            tx, row.variant_id, row.on_hand + FIRST, ref=f"count:{number}", at=now
        ).touched  # fmt: skip
    store.mark_stock_due(tx, touched, now)
    return {row.sku: FIRST for row in rows}
