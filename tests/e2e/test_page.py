"""A real browser before the page: nothing runs off a small screen, and the revenue opens down to an order line."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from playwright.async_api import Browser, Page, async_playwright

from hub.db import Db
from hub.web.app import create_web
from hub.web.house import House
from hub.web.sign_in import first_link
from tests.web.conftest import make_house
from tests.web.world import fill

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

PLACES = (
    "/", "/?tu=2026-11-01&den=2027-01-31", "/tong-quan/ty-trong?thang=2026-11", "/gian-hang/", "/gian-hang/shopee",
    "/don/", "/don/shopee/o1", "/tien/?thang=2026-11", "/hang/", "/hang/P-tra", "/hang/P-banh", "/van-hanh/",
    "/van-hanh/r-site", "/nowhere",
)  # fmt: skip


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A hub with a little of everything, served on loopback."""
    db = Db(sqlite_url)
    db.write_now(fill)
    port = unused_port()
    found = make_house(db, tmp_path, f"http://127.0.0.1:{port}")
    runner = web.AppRunner(create_web(found), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield found
    await runner.cleanup()
    db.close()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield opened
        await opened.close()


async def come_in(browser: Browser, house: House, width: int, *, script: bool = True) -> tuple[Page, list[str]]:
    """A signed-in page, and what the browser complained about."""
    context = await browser.new_context(viewport={"width": width, "height": 740}, java_script_enabled=script)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    await page.goto(await first_link(house))
    return page, complaints


@pytest.mark.parametrize("width", [320, 360, 720, 1100, 1280])
async def test_nothing_runs_off_the_screen(house: House, browser: Browser, width: int) -> None:
    page, _ = await come_in(browser, house, width)
    too_wide = {}
    for language in ("en", "vi"):
        if language == "en":
            await page.click("button[value=en]")
        else:
            await page.click("button[value=vi]")
        for place in PLACES:
            await page.goto(house.public_url + place)
            more = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if width >= 1280:  # here even the widest table fits its frame
                more += await page.evaluate(_INSIDE)
            if more > 0:
                too_wide[place, language] = more
    assert too_wide == {}


@pytest.mark.parametrize("script", [True, False])
async def test_revenue_opens_down_to_an_order_line(house: House, browser: Browser, script: bool) -> None:
    page, complaints = await come_in(browser, house, 360, script=script)
    await page.goto(f"{house.public_url}/?thang=2026-11")
    assert await page.inner_text("#net-revenue") == "450.000 ₫"
    await page.click("#net-revenue")
    assert await page.inner_text("#total-net") == "450.000 ₫"
    await page.click("a.order:has-text('o1')")
    assert "Đơn hàng o1" in await page.inner_text("h1")
    lines = await page.locator("#lines tbody tr").all_inner_texts()
    assert len(lines) == 2
    assert "200.000 ₫" in lines[0]
    await page.click("#lines a:has-text('tra')")
    assert await page.locator("svg[aria-label='4 sao']").count() == 1
    assert complaints == []  # a policy broken by a page would be told here


async def test_a_month_is_chosen_without_script(house: House, browser: Browser) -> None:
    page, _ = await come_in(browser, house, 360, script=False)
    await page.select_option("select[name=thang]", "2026-11")
    await page.click("form.months button")
    assert page.url.endswith("/?thang=2026-11")
    assert "tháng 11/2026" in await page.inner_text("h1")


async def test_what_can_be_pressed_is_big_enough(house: House, browser: Browser) -> None:
    page, _ = await come_in(browser, house, 360)
    await page.goto(f"{house.public_url}/don/")
    script = """() => [...document.querySelectorAll('button, .bar a, .chip, select, input:not([type=hidden])')]
      .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML)"""
    assert await page.evaluate(script) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground(house: House, browser: Browser, scheme: str) -> None:
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = await context.new_page()
    await page.goto(await first_link(house))
    for place in ("/", "/hang/P-tra", "/gian-hang/shopee", "/nowhere"):
        await page.goto(house.public_url + place)
        assert await page.evaluate(_CONTRAST) == [], place


_INSIDE = "Math.max(0, ...[...document.querySelectorAll('.box')].map(box => box.scrollWidth - box.clientWidth))"
_CONTRAST = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => { const f = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
  const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const style = getComputedStyle(e); if (style.visibility === 'hidden' || !e.getClientRects().length) continue;
    const ink = e.closest('svg') ? rgb(style.fill) : rgb(style.color);
    const a = light(ink), b = light(ground(e)), ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push([e.tagName, e.textContent.trim().slice(0, 20), ratio.toFixed(2)].join(' '));
  }
  return found;
}"""
