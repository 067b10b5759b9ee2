"""Goods for benches, straight into the database: certified, priced, in stock, one picture for all."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

from PIL import Image

from hub.bulk import insert_rows
from hub.catalog import tables as c
from hub.db import Tx
from hub.types import local_date

PRODUCERS = 200


def build(tx: Tx, count: int, picture: str, *, on_hand: int = 0) -> None:
    """``count`` products of 200 producers. ``on_hand`` 0: between 20 and 69 pieces and a buffer of one."""
    from hub.clock import RealClock

    now = RealClock().now()
    day = local_date(now)
    numbers = range(count)
    insert_rows(tx, c.producer, ("id", "name", "folded", "kind"),
                [(f"p{n}", f"Hợp tác xã số {n}", f"hop tac xa so {n}", "HTX") for n in range(PRODUCERS)])  # fmt: skip
    insert_rows(
        tx, c.product,
        ("id", "producer_id", "name", "folded", "name_key", "set_no", "food_declaration", "storage",
         "shelf_life_months", "commune", "story", "ingredients", "reviewed_at", "version"),
        [(f"g{n:05}", f"p{n % PRODUCERS}", f"Nước mắm cá cơm số {n}", f"nuoc mam {n}", f"nuoc mam {n}", 9,
          f"{n}/MAU/2024", "Nơi khô ráo, thoáng mát", 24, "Xã Mẫu",
          "Ủ chượp mười hai tháng trong thùng gỗ, theo cách của địa phương.", "Cá cơm, muối", now, f"{n:012x}")
         for n in numbers],
    )  # fmt: skip
    insert_rows(tx, c.variant, ("id", "product_id", "sku", "net_quantity", "unit", "pack", "price"),
                [(f"v{n:05}", f"g{n:05}", sku(n), "500", "ml", "chai", 50_000 + n) for n in numbers])  # fmt: skip
    insert_rows(tx, c.certificate,
                ("id", "product_id", "stars", "decision_no", "decision_date", "expires_on", "issuer"),
                [(f"c{n:05}", f"g{n:05}", 3 + n % 2, f"{n}/QĐ-UBND", day - timedelta(days=300),
                  day + timedelta(days=700), "Ủy ban nhân dân tỉnh") for n in numbers])  # fmt: skip
    insert_rows(tx, c.stock, ("variant_id", "on_hand", "reserved", "buffer"),
                [(f"v{n:05}", on_hand or 20 + n % 50, 0, 0 if on_hand else 1) for n in numbers])  # fmt: skip
    insert_rows(tx, c.picture, ("product_id", "position", "digest", "mime", "source"),
                [(f"g{n:05}", 0, picture, "image/jpeg", "bench") for n in numbers])  # fmt: skip


def sku(number: int) -> str:
    return f"OCOP-92-{number:05}"


def draw(folder: Path) -> str:
    """A plain tile in the hub's picture folder; its digest."""
    buffer = io.BytesIO()
    Image.new("RGB", (500, 500), (180, 160, 90)).save(buffer, "JPEG")
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "pictures" / digest).write_bytes(buffer.getvalue())
    return digest
