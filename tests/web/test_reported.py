"""A listing that people reported is shown as just that, in both languages, and never among those read back."""

import pytest

from hub.connectors.base import shop_key
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync.files.reported import Report, note_reports
from hub.web.house import House
from tests.store.sales.world import NOW
from tests.web.conftest import Visit

BY_FILES = Shop(
    id="tep", platform="files", name="Cổng qua tệp", producer_id="p1", channel_kind="provincial_portal", base_url="",
    remote_id=shop_key("buudien", ""), values={"profile": "buudien"}, created_at=NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words", "read_back"),
    [("vi", "Đã đăng theo báo cáo", "đã đọc lại"), ("en", "Reported as listed, not synced", "On sale, read back")],
)
async def test_reported_is_said_wherever_states_are_listed(
    house: House, visit: Visit, language: str, words: str, read_back: str
) -> None:
    house.db.write_now(shops.add_shop, BY_FILES)
    report = Report(product_id="P-tra", state="listed", on=NOW.date(), url="https://portal.example/1")
    house.db.write_now(note_reports, BY_FILES, [report], NOW)
    client = await visit(house, language=language)
    for path in ("/", "/gian-hang/tep", "/gian-hang/tep?trang-thai=reported", "/hang/P-tra"):
        async with client.get(path) as answer:
            assert answer.status == 200, path
            page = await answer.text()
        assert words in page, path
        assert path == "/" or "https://portal.example/1" in page, path
    async with client.get("/gian-hang/tep") as answer:
        page = await answer.text()
    assert "https://portal.example/1" in page
    assert read_back not in page
