import re
import zlib
from datetime import UTC, datetime

import pytest

from hub.sync.slips import WORDS, handover_sheet, pick_list, pick_rows
from hub.sync.store import Dispatch, Item, ToSend

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def order(number: str, *items: tuple[str, int]) -> ToSend:
    return ToSend(
        shop_id="a", shop_name="Gian hàng Mắm", platform="shopee", order=number, number=number, began=NOW, cod=False,
        province="Cần Thơ", items=tuple(Item(sku=sku, title=f"Hàng {sku}", units=n) for sku, n in items),
        dispatch=Dispatch(shop_id="a", order=number, tracking=f"VN{number}"),
    )  # fmt: skip


ORDERS = [order("1", ("MAM", 2), ("TRA", 1)), order("2", ("MAM", 3))]


def test_the_pick_list_fetches_each_thing_once_for_all_orders() -> None:
    assert pick_rows(ORDERS) == [("MAM", "Hàng MAM", 5, "1 ×2, 2 ×3"), ("TRA", "Hàng TRA", 1, "1 ×1")]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_both_papers_are_pdfs_with_as_many_pages_as_they_need(language: str) -> None:
    many = [order(str(n), ("MAM", 1)) for n in range(120)]
    for draw in (pick_list, handover_sheet):
        short, long = draw(ORDERS, printed=NOW, language=language), draw(many, printed=NOW, language=language)
        assert short.startswith(b"%PDF-")
        assert pages(short) == 1
        assert draw is pick_list or pages(long) > 2
    assert WORDS["vi"].keys() == WORDS["en"].keys()


def pages(pdf: bytes) -> int:
    """Pages of a PDF: its page objects, also those inside compressed object streams."""
    found = len(re.findall(rb"/Type\s*/Page\b", pdf))
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found += len(re.findall(rb"/Type\s*/Page\b", zlib.decompress(stream)))
        except zlib.error:
            continue
    return found
