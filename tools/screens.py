"""Pictures of every page: phone and laptop, both languages, light and dark, into ``var/screens``.

    python tools/screens.py [--config config/demo.toml] [--only NAME ...]

Looks at the database that the settings name (after ``ocop-hub demo --once``: the demo's), at the moment of its last
run. Needs Debian's Chromium.
"""

import argparse
import asyncio
import shutil
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from aiohttp import web
from playwright.async_api import Browser, async_playwright

from hub import config
from hub.app import Hub, open_hub
from hub.clock import ShiftedClock
from hub.db import Tx
from hub.sales import tables as st
from hub.sync import tables as t
from hub.web.app import create_web
from hub.web.sign_in import first_link

SIZES = {"phone": (360, 740), "laptop": (1280, 800)}


def places(tx: Tx) -> dict[str, str]:
    """A name and an address for each page, by what the database holds."""
    order = tx.execute(
        sa.select(st.refund.c.shop_id, st.refund.c.remote_id).union_all(
            sa.select(st.order.c.shop_id, st.order.c.remote_id)
        )
    ).first()
    shop = tx.execute(
        sa.select(t.binding.c.shop_id).group_by(t.binding.c.shop_id).order_by(sa.func.count().desc())
    ).scalar()
    taken = t.listing_event.c
    product = tx.execute(
        sa.select(taken.product_id).order_by(sa.case((taken.kind == "takedown", 0), else_=1))
    ).scalar()  # fmt: skip
    run = tx.execute(
        sa.select(t.run.c.id).order_by(sa.case((t.run.c.kind == "push", 0), else_=1), t.run.c.total.desc())
    ).scalar()
    found = {
        "overview": "/", "share": "/tong-quan/ty-trong", "shops": "/gian-hang/", "shop": f"/gian-hang/{shop}",
        "held": f"/gian-hang/{shop}?trang-thai=held", "orders": "/don/", "money": "/tien/", "goods": "/hang/",
        "expiring": "/hang/?hieu-luc=expiring", "product": f"/hang/{product}", "runs": "/van-hanh/",
        "run": f"/van-hanh/{run}", "nothing": "/hang/?tim=zzzz", "denied": "/hang/none",
    }  # fmt: skip
    return found if order is None else found | {"order": f"/don/{order.shop_id}/{order.remote_id}"}


def last_moment(tx: Tx) -> datetime:
    """When the database was last worked on."""
    found: datetime | None = tx.execute(
        sa.select(sa.func.max(t.run.c.started_at, type_=t.run.c.started_at.type))
    ).scalar()
    return found or datetime.now(UTC)


async def main(settings: config.Config, only: list[str], target: Path) -> None:
    """Serve on a port of its own, sign in, take the pictures."""
    async with open_hub(settings) as hub:
        hub.clock = ShiftedClock(await hub.db.read(last_moment), frozen=True)
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        hub.public_url = f"http://127.0.0.1:{sock.getsockname()[1]}"
        runner = web.AppRunner(create_web(hub.house()), access_log=None)
        await runner.setup()
        await web.SockSite(runner, sock).start()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for language in ("vi", "en"):
                for scheme in ("light", "dark"):
                    await _round(hub, browser, language, scheme, only, target)
            await browser.close()
        await runner.cleanup()


async def _round(hub: Hub, browser: Browser, language: str, scheme: str, only: list[str], target: Path) -> None:
    for size, (width, height) in SIZES.items():
        context = await browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light"
        )
        page = await context.new_page()
        await page.goto(await first_link(hub.house()))
        if language != "vi":
            await page.click(f"button[value={language}]")
        for name, address in (await hub.db.read(places)).items():
            if only and name not in only:
                continue
            await page.goto(hub.public_url + address)
            wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                sys.stderr.write(f"{name} {size} {language}: {wide} px too wide\n")
            file = target / f"{name}-{size}-{language}-{scheme}.png"
            await page.screenshot(path=file, full_page=True)
        await context.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=config.config_dir() / "demo.toml")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--to", type=Path, default=Path("var/screens"))
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(config.load(given.config), given.only, given.to))
