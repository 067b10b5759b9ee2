"""Pick list and handover sheet as PDF. Pure but for the typesetting; no buyer's data is on either.

Needs the extra ``pdf`` (typst); raises Unavailable("pdf_missing") without it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.errors import Unavailable
from hub.sync.store.dispatch import ToSend
from hub.types import local_text

WORDS = {
    "vi": {
        "pick": "Phiếu nhặt hàng", "handover": "Biên bản bàn giao hàng cho đơn vị vận chuyển",
        "sum": "{orders} đơn, {units} sản phẩm", "sku": "Mã hàng", "goods": "Tên hàng", "units": "Số lượng",
        "orders": "Đơn hàng", "order": "Mã đơn", "shop": "Gian hàng", "tracking": "Mã vận đơn",
        "carrier": "Đơn vị vận chuyển", "province": "Tỉnh/thành nhận", "no": "STT", "taken": "Đã nhặt",
        "giver": "Bên giao", "taker": "Bên nhận", "printed": "In lúc",
    },
    "en": {
        "pick": "Pick list", "handover": "Handover sheet for the carrier", "sum": "{orders} orders, {units} units",
        "sku": "SKU", "goods": "Goods", "units": "Units", "orders": "Orders", "order": "Order", "shop": "Shop",
        "tracking": "Tracking", "carrier": "Carrier", "province": "To province", "no": "No.", "taken": "Picked",
        "giver": "Handed over by", "taker": "Taken over by", "printed": "Printed",
    },
}  # fmt: skip


def pick_rows(orders: Sequence[ToSend]) -> list[tuple[str, str, int, str]]:
    """(SKU, goods, units in all, order numbers), by SKU: what to fetch from the shelf, once for all orders."""
    units: Counter[str] = Counter()
    titles: dict[str, str] = {}
    wanted: dict[str, list[str]] = {}
    for one in orders:
        for item in one.items:
            key = item.sku or item.title
            units[key] += item.units
            titles.setdefault(key, item.title)
            wanted.setdefault(key, []).append(f"{one.number} ×{item.units}")
    return [(key, titles[key], units[key], ", ".join(wanted[key])) for key in sorted(units)]


def pick_list(orders: Sequence[ToSend], *, printed: datetime, language: str = "vi") -> bytes:
    """The pick list of these orders, a PDF."""
    say = WORDS[language]
    rows = [[sku, goods, str(count), numbers, "☐"] for sku, goods, count, numbers in pick_rows(orders)]
    head = [say["sku"], say["goods"], say["units"], say["orders"], say["taken"]]
    return _pdf("pick", orders, head, rows, ["auto", "1fr", "auto", "1fr", "auto"], printed, language, [])


def handover_sheet(orders: Sequence[ToSend], *, printed: datetime, language: str = "vi") -> bytes:
    """What the carrier takes along and signs for, a PDF."""
    say = WORDS[language]
    rows = [
        [str(number), one.shop_name, one.number, one.dispatch.carrier, one.dispatch.tracking, one.province,
         str(sum(item.units for item in one.items))]
        for number, one in enumerate(orders, 1)
    ]  # fmt: skip
    head = [say[key] for key in ("no", "shop", "order", "carrier", "tracking", "province", "units")]
    widths = ["auto", "1fr", "auto", "auto", "auto", "auto", "auto"]
    return _pdf("handover", orders, head, rows, widths, printed, language, [say["giver"], say["taker"]])


def _pdf(
    title: str, orders: Sequence[ToSend], head: list[str], rows: list[list[str]], widths: list[str],
    printed: datetime, language: str, signatures: list[str],
) -> bytes:  # fmt: skip
    try:
        import typst
    except ImportError:
        raise Unavailable("pdf_missing") from None
    say = WORDS[language]
    units = sum(item.units for one in orders for item in one.items)
    data: dict[str, Any] = {
        "lang": language, "title": say[title], "subtitle": say["sum"].format(orders=len(orders), units=units),
        "printed": f"{say['printed']} {local_text(printed)}", "head": head, "rows": rows,
        "widths": widths, "signatures": signatures,
    }  # fmt: skip
    source = Path(__file__).with_suffix(".typ").read_bytes()
    pdf = typst.compile(source, sys_inputs={"data": json.dumps(data, ensure_ascii=False)}, ignore_system_fonts=True)
    assert isinstance(pdf, bytes)
    return pdf
