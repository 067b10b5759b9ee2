"""Every page, in both languages, full and empty, within and beyond a scope, with and without its database."""

import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp.test_utils import TestClient

from hub.access import WHOLE_HUB, Role, Scope
from hub.db import Db
from hub.sales.report import SalesReport, sales_report
from hub.sync import store as sync
from hub.types import parse_period
from hub.web import assets
from hub.web.app import create_web
from hub.web.house import House
from tests.web.conftest import Visit, make_house
from tests.web.reading import Page, dong, read
from tests.web.world import LONG, SHOPS, fill

PAGES = (
    "/", "/?thang=2026-12", "/?pham-vi=ocop", "/?tu=2026-11-01&den=2027-01-31", "/tong-quan/ty-trong",
    "/tong-quan/ty-trong?tu=2026-11-10&den=2026-11-20", "/gian-hang/", "/gian-hang/shopee",
    "/gian-hang/shopee?trang-thai=held", "/gian-hang/shopee?vi-sao=abv_missing", "/gian-hang/portal",
    "/gian-hang/site?trang-thai=withdrawn", "/don/", "/don/?thang=2026-11",
    "/don/?gian-hang=shopee&tu=2026-11-01&den=2026-11-30",
    "/don/?so=o1", "/don/?san-pham=P-tra", "/don/?da-giao=1&trang-thai=delivered", "/don/?trang=9", "/don/shopee/o1",
    "/don/portal/w1", "/don/site/7%20%2F%208", "/tien/", "/tien/?gian-hang=shopee&thang=2026-11", "/hang/",
    "/hang/?hieu-luc=active", "/hang/?tim=banh", "/hang/?tim=zzz", "/hang/P-tra", "/hang/P-banh", "/van-hanh/",
    "/van-hanh/?viec=push&ket-qua=refused&gian-hang=site", "/van-hanh/r-shopee", "/van-hanh/r-portal",
    "/van-hanh/r-hub",
)  # fmt: skip
NO_PAGES = ("/hooks", "/pictures", "/feeds", "/oauth", "/static", "/vao", "/ra", "/ngon-ngu")
LISTS = ("/", "/tong-quan/ty-trong", "/gian-hang/", "/don/", "/tien/", "/hang/", "/van-hanh/")
FIRST = Scope(producer_id="p1")


async def fetch(client: "TestClient[Any, Any]", path: str) -> tuple[int, str]:
    async with client.get(path) as answer:
        return answer.status, await answer.text()


async def page_of(client: "TestClient[Any, Any]", path: str) -> Page:
    status, html = await fetch(client, path)
    assert status == 200, (path, status)
    return read(html)


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_every_page_answers(house: House, visit: Visit, language: str) -> None:
    client = await visit(house, language=language)
    for path in PAGES:
        status, html = await fetch(client, path)
        page = read(html)
        assert status == 200, path
        assert f'<html lang="{language}">' in html
        assert (page.headings, page.inline, page.unclosed) == (1, [], []), path
        assert "{" not in re.sub(r"content='.*?'", "", html), path  # a fact nobody filled in
        assert "None" not in html, path


def test_the_list_of_pages_is_whole(empty_house: House) -> None:
    routes = create_web(empty_house).router.resources()
    wanted = [r for r in routes if r.canonical.startswith("/") and not r.canonical.startswith(NO_PAGES)]
    assert len(wanted) >= 11
    for resource in wanted:
        shape = re.compile(re.sub(r"{\w+}", "[^/]+", resource.canonical))
        assert any(shape.fullmatch(path.partition("?")[0]) for path in PAGES), resource.canonical


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_a_hub_nobody_has_used_says_what_to_do_first(empty_house: House, visit: Visit, language: str) -> None:
    client = await visit(empty_house, language=language)
    for path in LISTS:
        status, html = await fetch(client, path)
        assert status == 200, path
        assert 'class="empty"' in html, path
    assert "ocop-hub shop connect" in (await fetch(client, "/"))[1]


async def test_both_databases_give_the_same_pages(db: Db, tmp_path: Path, visit: Visit) -> None:
    db.write_now(fill)
    client = await visit(make_house(db, tmp_path))
    for path in PAGES:
        assert (await fetch(client, path))[0] == 200, path
    assert read((await fetch(client, "/?thang=2026-11"))[1]).texts["net-revenue"] == "450.000 ₫"


async def test_every_link_leads_somewhere(house: House, visit: Visit) -> None:
    client = await visit(house)
    waiting, seen = deque(["/", "/?thang=2026-11"]), {"/"}
    while waiting:
        path = waiting.popleft()
        for target in (await page_of(client, path)).links:
            if target.startswith("/") and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert len(seen) > 60
    assert {urlsplit(path).path for path in PAGES} - {"/van-hanh/r-hub"} <= {urlsplit(path).path for path in seen}


# ---- figures -----------------------------------------------------------------------------------------------------


def report_of(house: House, period: str, **options: Any) -> SalesReport:
    up_to = house.db.read_now(sync.complete_up_to)
    return house.db.read_now(sales_report, parse_period(period), complete_up_to=up_to, **options)


@pytest.mark.parametrize(
    ("query", "period", "cut"),
    [("?thang=2026-11", "2026-11", "all"), ("?thang=2026-12", "2026-12", "all"),
     ("?thang=2026-11&pham-vi=ocop", "2026-11", "ocop"),
     ("?tu=2026-11-21&den=2026-12-12", "2026-11-21..2026-12-12", "all")],
)  # fmt: skip
async def test_the_figures_are_the_reports(house: House, visit: Visit, query: str, period: str, cut: str) -> None:
    report = report_of(house, period, cut=cut)
    page = await page_of(await visit(house), f"/{query}")
    assert dong(page.texts["net-revenue"]) == report.totals.net
    table = page.rows[1 : 2 + len(report.rows)]
    for row, cells in zip(report.rows, table, strict=False):
        assert row.shop.name in cells[0]
        figures = row.figures
        assert [dong(cell) for cell in cells[1:5]] == [row.orders, figures.gmv, figures.gross, figures.net]
        assert cells[5] == "—" if row.settled is None else dong(cells[5]) == row.settled
    assert [dong(cell) for cell in table[-1][1:5]] == [
        sum(row.orders for row in report.rows), report.totals.gmv, report.totals.gross, report.totals.net,
    ]  # fmt: skip


async def test_a_figure_opens_to_orders_that_add_up_to_it(house: House, visit: Visit) -> None:
    client = await visit(house)
    for month in ("2026-11", "2026-12"):
        for cut in ("", "ocop"):
            report = report_of(house, month, cut=cut or "all")
            for row in report.rows:
                page = await page_of(client, f"/don/?thang={month}&gian-hang={row.shop.id}&pham-vi={cut}")
                nets = [dong(cells[6]) for cells in page.rows[1:-1]]
                assert sum(nets) == row.figures.net
                assert dong(page.texts.get("total-net", "0")) == row.figures.net
                delivered = await page_of(
                    client, f"/don/?thang={month}&gian-hang={row.shop.id}&pham-vi={cut}&da-giao=1"
                )
                assert max(0, len(delivered.rows) - 2) == row.orders


async def test_an_order_opens_to_the_entries_it_is_made_of(house: House, visit: Visit) -> None:
    page = await page_of(await visit(house), "/don/shopee/o1")
    assert [row[0] for row in page.rows if row[0] in ("tra", "mam")] == ["tra", "mam"]
    entries = [row for row in page.rows if re.match(r"\d\d/\d\d/\d{4}", row[0])]
    assert sum(dong(row[6]) for row in entries) == 200_000  # 250.000 delivered, 50.000 given back
    text = " ".join(page.texts["content"].split())
    assert "235.500 ₫" in text  # settled
    assert "Phí hoa hồng (Phí cố định) −12.000 ₫" in text


async def test_the_share_says_what_it_is_made_of(house: House, visit: Visit) -> None:
    client = await visit(house)
    share = report_of(house, "2026-11").share.revenue
    assert (int(share.numerator), int(share.denominator or 0)) == (450_000, 3_450_000)
    _, html = await fetch(client, "/?thang=2026-11")
    assert "13,0 %" in html
    assert "trực tuyến 450.000 ₫ trên tổng 3.450.000 ₫" in html
    assert "tính đến 08:00 04/12/2026" in html
    assert "độ phủ số liệu 13,0 %" in html
    assert "Chưa có trong số liệu" in html  # the site was never read
    page = await page_of(client, "/tong-quan/ty-trong?thang=2026-11")
    assert ["HTX 2", "Bán trực tiếp", "01/11/2026 – 30/11/2026", "2.000.000 ₫", "20", ""] in page.rows


async def test_a_share_that_cannot_be_told_is_not_shown(house: House, visit: Visit) -> None:
    client = await visit(house)
    _, html = await fetch(client, "/tong-quan/ty-trong?tu=2026-11-10&den=2026-12-20")
    assert "Chưa tính được tỷ trọng" in html
    assert "tu=2026-11-01&amp;den=2026-11-30" in html  # the days that take in what was declared


async def test_the_newest_month_with_orders_is_shown_first(house: House, visit: Visit) -> None:
    _, html = await fetch(await visit(house), "/")
    assert "Tổng quan tháng 12/2026" in html


async def test_a_chart_has_its_table_and_no_colours_of_its_own(house: House, visit: Visit) -> None:
    _, html = await fetch(await visit(house), "/?thang=2026-11")
    svg = html[html.index("<svg") : html.index("</svg>")]
    assert 'role="img"' in svg
    assert 'class="fill ch-shopee"' in svg
    assert not re.search(r"style|rgb\(|#[0-9a-f]{6}", svg)
    assert "23/11" in html


# ---- what is held, claims, proofs --------------------------------------------------------------------------------


async def test_what_is_held_says_why_and_what_to_do(house: House, visit: Visit) -> None:
    client = await visit(house)
    _, html = await fetch(client, "/")
    assert "Chưa có nồng độ cồn của a, b, c, +5" in html
    assert "/gian-hang/shopee?vi-sao=abv_missing" in html
    page = await page_of(client, "/gian-hang/shopee?vi-sao=abv_missing")
    assert len([row for row in page.rows if row[0] == LONG]) == 1
    assert "tra" not in [row[0] for row in page.rows]


async def test_names_from_outside_are_text(house: House, visit: Visit) -> None:
    _, html = await fetch(await visit(house), "/hang/P-banh")
    assert "<b>Sóc Trăng</b>" not in html
    assert "&lt;b&gt;Sóc Trăng&lt;/b&gt; &amp; gia đình" in html


async def test_stars_are_drawn_only_while_they_may_be_claimed(house: House, visit: Visit) -> None:
    client = await visit(house)
    assert 'aria-label="4 sao"' in (await fetch(client, "/hang/P-tra"))[1]
    assert 'aria-label="4 sao"' in (await fetch(client, "/hang/"))[1]

    def revoke(tx: Any) -> None:
        tx.exec_driver_sql("UPDATE certificate SET revoked_on = '2026-12-01' WHERE id = 'C-tra'")

    house.db.write_now(revoke)
    _, html = await fetch(client, "/hang/P-tra")
    assert 'aria-label="4 sao"' not in html
    assert "Đã thu hồi" in html
    assert 'aria-label="4 sao"' not in (await fetch(client, "/hang/"))[1]


async def test_a_take_down_leaves_its_proof(house: House, visit: Visit) -> None:
    text = " ".join((await page_of(await visit(house), "/hang/P-tra")).texts["content"].split())
    assert "Tên trước đó Trà OCOP 4 sao Tên sau đó Trà" in text
    assert "status: 200" in text


# ---- scope -------------------------------------------------------------------------------------------------------


async def test_a_producer_sees_its_own_and_nothing_else(house: House, visit: Visit) -> None:
    client = await visit(house, scope=FIRST, role=Role.PRODUCER_OWNER)
    for path in PAGES:
        _, html = await fetch(client, path)
        assert "Trang bán hàng<" not in html, path  # the other producer's shop
        assert "HTX 2" not in html, path
        assert "/hang/P-mam" not in html, path
    runs = [row for row in (await page_of(client, "/van-hanh/")).rows if "Đưa hàng lên kênh" in row]
    assert len(runs) == 1


@pytest.mark.parametrize(
    "path", ["/gian-hang/site", "/don/site/7%20%2F%208", "/hang/P-mam", "/don/?san-pham=P-mam", "/van-hanh/r-site",
             "/van-hanh/r-portal", "/van-hanh/r-hub"],
)  # fmt: skip
async def test_what_is_not_yours_looks_as_if_it_were_not_there(house: House, visit: Visit, path: str) -> None:
    client = await visit(house, scope=FIRST, role=Role.PRODUCER_OWNER)
    status, html = await fetch(client, path)
    other = (
        path.replace("site", "nosuch")
        .replace("P-mam", "nosuch")
        .replace("r-portal", "nosuch")
        .replace("r-hub", "nosuch")
    )
    absent, blank = await fetch(client, other)
    assert (status, absent) == (404, 404)
    assert html.replace(path, other) == blank.replace(path, other)


async def test_on_a_portal_a_producer_sees_its_own_lines(house: House, visit: Visit) -> None:
    client = await visit(house, scope=FIRST, role=Role.PRODUCER_OWNER)
    page = await page_of(client, "/don/portal/w1")
    assert [row[0] for row in page.rows if row[0] in ("tra", "mam")] == ["tra"]
    assert "không hiện ở đây" in page.texts["content"]
    listed = await page_of(client, "/gian-hang/portal")
    assert [row[0] for row in listed.rows if row[0] in ("tra", "mam")] == ["tra"]
    report = report_of(house, "2026-11", scope=FIRST)
    overview = await page_of(client, "/?thang=2026-11")
    assert dong(overview.texts["net-revenue"]) == report.totals.net == 350_000


@pytest.mark.parametrize(
    "scope", [Scope(), Scope(province_code="01"), Scope(producer_id="none"), Scope(commune_code="9")]
)
async def test_an_empty_scope_sees_nothing(house: House, visit: Visit, scope: Scope) -> None:
    client = await visit(house, scope=scope, role=Role.PROVINCE_OFFICER)
    for path in LISTS:
        _, html = await fetch(client, path)
        for secret in ("HTX 1", "HTX 2", "/gian-hang/shopee", "P-tra", "o1", "100.000"):
            assert secret not in html, (path, secret)


async def test_an_officer_sees_the_province(house: House, visit: Visit) -> None:
    client = await visit(house, scope=Scope(province_code="92"), role=Role.PROVINCE_OFFICER)
    everything = await visit(house, scope=WHOLE_HUB)
    for path in ("/?thang=2026-11", "/don/", "/hang/", "/gian-hang/portal"):
        mine, whole = await page_of(client, path), await page_of(everything, path)
        assert mine.rows[:6] == whole.rows[:6], path


# ---- when something is wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/nowhere", "/gian-hang/nosuch", "/don/shopee/nosuch", "/don/nosuch/o1", "/hang/nosuch",
             "/van-hanh/nosuch", "/vao/"],
)  # fmt: skip
async def test_what_is_not_there_is_said_in_words(house: House, visit: Visit, path: str) -> None:
    status, html = await fetch(await visit(house), path)
    assert status == 404
    assert "Địa chỉ này không có gì" in html


@pytest.mark.parametrize(
    "query", ["?thang=x", "?thang=2026-13", "?tu=2026-11-31&den=2026-12-01", "?tu=2026-12-01&den=2026-11-01"]
)
async def test_days_that_are_none_are_said_in_words(house: House, visit: Visit, query: str) -> None:
    status, html = await fetch(await visit(house), f"/{query}")
    assert status == 400
    assert 'role="alert"' in html


@pytest.mark.parametrize(
    "path", ["/don/?trang=x&trang-thai=nosuch&pham-vi=y", "/hang/?hieu-luc=nosuch&trang=-1", "/van-hanh/?viec=z"]
)
async def test_filters_nobody_knows_filter_nothing(house: House, visit: Visit, path: str) -> None:
    client = await visit(house)
    assert len((await page_of(client, path)).rows) == len((await page_of(client, path.partition("?")[0])).rows)


async def test_a_database_that_is_gone_is_said_in_words(house: House, visit: Visit) -> None:
    client = await visit(house)

    def lose(tx: Any) -> None:
        for table in ("web_session", "run"):
            tx.exec_driver_sql(f"ALTER TABLE {table} RENAME TO gone_{table}")

    house.db.write_now(lose)
    for path in ("/", "/van-hanh/"):
        status, html = await fetch(client, path)
        assert status == 503
        assert 'role="alert"' in html
        assert "Traceback" not in html


async def test_a_fault_of_ours_has_a_number_and_no_trace(house: House, visit: Visit) -> None:
    client = await visit(house)
    house.db.write_now(lambda tx: tx.exec_driver_sql("UPDATE binding SET state = 'nosuch' WHERE shop_id = 'shopee'"))
    status, html = await fetch(client, "/gian-hang/shopee")
    assert status == 500
    assert re.search(r"\(số [0-9a-f]{8}\)", html)
    assert "ValueError" not in html


# ---- headers, weight ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/nowhere", "/hang/P-tra"])
async def test_pages_are_kept_by_nobody_and_run_nothing_foreign(house: House, visit: Visit, path: str) -> None:
    async with (await visit(house)).get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers


async def test_assets_have_their_digest_in_the_address(house: House, visit: Visit) -> None:
    client = await visit(house, signed_in=False)
    for name in assets.assets():
        async with client.get(assets.address(name)) as answer:
            assert answer.status == 200
            assert "immutable" in answer.headers["Cache-Control"]
    assert (await fetch(client, "/static/000000000000/app.css"))[0] == 404
    assert (await fetch(client, "/static/000000000000/passwd"))[0] == 404


async def test_a_first_visit_is_light(house: House, visit: Visit) -> None:
    _, html = await fetch(await visit(house), "/")
    weight = len(html.encode()) + sum(len(assets.assets()[name].content) for name in ("app.css", "icon.svg"))
    assert weight < 60_000
    assert "<script" not in html


async def test_only_a_running_run_asks_again(house: House, visit: Visit) -> None:
    client = await visit(house)
    assert "<script" not in (await fetch(client, "/van-hanh/r-shopee"))[1]
    house.db.write_now(lambda tx: tx.exec_driver_sql("UPDATE run SET result = 'running' WHERE id = 'r-shopee'"))
    _, html = await fetch(client, "/van-hanh/r-shopee")
    assert assets.address("htmx.js") in html
    settings = json.loads(re.findall(r"content='(.*?)'", html)[0])
    assert settings == {"includeIndicatorStyles": False, "allowEval": False}


async def test_an_address_that_a_platform_gave_leads_only_to_the_web(house: House, visit: Visit) -> None:
    house.db.write_now(lambda tx: tx.exec_driver_sql("UPDATE binding SET url = 'javascript:alert(1)'"))
    client = await visit(house)
    for shop in SHOPS:
        status, html = await fetch(client, f"/gian-hang/{shop}")
        assert status == 200
        assert "javascript:" not in html


async def test_webhooks_and_pictures_are_left_alone(house: House, visit: Visit) -> None:
    client = await visit(house, signed_in=False)
    async with client.post("/hooks/nosuch", data=b"x") as answer:
        assert answer.status == 404
        assert await answer.text() == ""
    async with client.get("/pictures/../etc") as answer:
        assert answer.status in (401, 404)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Faults made on purpose need no trace on the screen."""
    with caplog.at_level("CRITICAL"):
        yield
