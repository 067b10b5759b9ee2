"""The demo's world: a fresh hub, the sandbox platforms on a port of their own, one shifted clock for both."""

import hashlib
import io
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from cryptography.fernet import Fernet
from PIL import Image, ImageDraw

from hub import migrate
from hub.app import Hub, open_hub
from hub.catalog import intake, stock
from hub.catalog import store as catalog
from hub.catalog.model import Picture, Sellable
from hub.catalog.take_in import TakenIn, take_in
from hub.clock import ShiftedClock, today
from hub.config import Config, config_dir, examples_dir, load
from hub.connectors.model import Tokens
from hub.db import Tx
from hub.demo.accounts import app_keys, demo_accounts, demo_config
from hub.errors import Invalid
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.config import SandboxConfig, WooShop
from hub.shops.model import Shop
from hub.sync.connect import Wish

Step = Callable[[int, int], None]
MARK = "this-directory-is-the-demo"
PRODUCERS = 2  # with a Shopee and a WooCommerce shop each, and shops on the other platforms
GOODS = ("lazada", "tiktok_shop", "tiki", "haravan", "sapo", "facebook")
"""The other platforms of the demo, each with one shop. Facebook shows goods and takes no orders."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything the demo plays with."""

    hub: Hub
    clock: ShiftedClock
    sandbox: Sandbox
    address: str


def settings(root: Path | None = None) -> Config:
    """The demo's settings; ``root`` puts its data elsewhere (tests)."""
    base = root or Path("var/demo")
    return load(
        config_dir() / "demo.toml",
        database_url=f"sqlite:///{base / 'hub.db'}",
        data_dir=base,
        keys_file=base / "keys",
        apps=app_keys(demo_config()),
    )


def clear(base: Path) -> None:
    """Begin anew, in a directory that only the demo uses. Raises Invalid for any other directory."""
    if base.exists() and any(base.iterdir()) and not (base / MARK).exists():
        raise Invalid("demo_directory_taken", path=str(base))
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir(parents=True)
    (base / MARK).write_text("")
    keys = base / "keys"
    keys.write_text(Fernet.generate_key().decode() + "\n")
    keys.chmod(0o600)


@asynccontextmanager
async def open_world(config: Config, start: datetime, *, sandbox: SandboxConfig | None = None) -> AsyncIterator[World]:
    """Sandbox and hub under one clock that stands still until it is moved."""
    clock = ShiftedClock(start, frozen=True)
    app = create_sandbox(sandbox or demo_config(), clock)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        async with open_hub(config, clock=clock) as hub:
            migrate.upgrade(hub.db)
            hub.ask_inline = []
            hub.unpaced = True
            yield World(hub=hub, clock=clock, sandbox=app[SANDBOX], address=f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()


def import_registry(tx: Tx, path: Path, now: datetime, as_of: datetime) -> TakenIn:
    """Read a registry spreadsheet and store it, as an officer who confirmed the preview."""
    results = intake.read_files([path], sheet=None, as_of=as_of.date())
    return take_in(tx, results, who="demo", now=now)


def stock_up(tx: Tx, now: datetime) -> int:
    """Every variant gets a count between 12 and 91, drawn from its SKU, and a safety buffer of one."""
    count = 0
    for sellable in catalog.sellables(tx):
        for variant in sellable.variants:
            units = 12 + int(hashlib.blake2b(variant.sku.encode(), digest_size=2).hexdigest(), 16) % 80
            stock.declare(tx, variant.id, units, ref="demo:count", at=now)
            catalog.set_limits(tx, variant.id, buffer=1, max_shown=None)
            count += 1
    return count


def draw_pictures(hub: Hub, sellables: list[Sellable], step: Step) -> None:
    """A drawn tile for each product: there are no photographs of invented goods."""
    folder = hub.config.data_dir / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    drawn: list[tuple[str, Picture]] = []
    for done, sellable in enumerate(sellables, 1):
        content = _tile(sellable.product.id + sellable.product.name)
        digest = hashlib.sha256(content).hexdigest()
        (folder / digest).write_bytes(content)
        picture = Picture(digest=digest, product_id=sellable.product.id, position=0, mime="image/jpeg", source="demo")
        drawn.append((sellable.product.id, picture))
        step(done, len(sellables))
    hub.db.write_now(_keep_pictures, drawn)


def _keep_pictures(tx: Tx, drawn: list[tuple[str, Picture]]) -> None:
    for product_id, picture in drawn:
        catalog.set_pictures(tx, product_id, [picture])


def _tile(text: str) -> bytes:
    shade = hashlib.blake2b(text.encode(), digest_size=6).digest()
    image = Image.new("RGB", (600, 600), (230, 226, 210))
    pen = ImageDraw.Draw(image)
    for ring in range(6):
        box = (40 + 40 * ring, 40 + 40 * ring, 560 - 40 * ring, 560 - 40 * ring)
        pen.ellipse(box, fill=(shade[ring] // 2 + 90, shade[(ring + 1) % 6] // 2 + 90, shade[(ring + 2) % 6] // 2 + 70))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def choose_producers(sellables: list[Sellable], count: int = PRODUCERS) -> list[str]:
    """The producers with the most products, the name deciding between equals."""
    numbers: dict[tuple[str, str], int] = {}
    for s in sellables:
        key = (s.producer.name, s.producer.id)
        numbers[key] = numbers.get(key, 0) + 1
    ranked = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [key[1] for key, _ in ranked[:count]]


async def connect_shops(world: World, producers: list[str]) -> list[Shop]:
    """Two Shopee and two WooCommerce shops, the province's portal, and one shop on each other platform.

    They are shared out among the producers, with the keys the sandbox was set up with.
    """
    config = world.sandbox.config
    sites = {site.key: site for site in config.woocommerce.shops}
    own = [site for site in config.woocommerce.shops if site.key != "portal" and not site.pretend_https]
    wishes: list[Wish] = []
    for number, producer_id in enumerate(producers):
        wishes.append(_shopee(world, config, number, producer_id))
        wishes.append(_woo(world, own[number], producer_id, channel_kind="own_site"))
    for number, account in enumerate(one for one in demo_accounts(config) if one.platform in GOODS):
        wishes.append(account.wish(world.address, world.clock.now(), producers[(number + 1) % len(producers)]))
    wishes.append(_woo(world, sites["portal"], None, channel_kind="provincial_portal", province="92"))
    return [await world.hub.connect(wish) for wish in wishes]


def _shopee(world: World, config: SandboxConfig, number: int, producer_id: str) -> Wish:
    shop = config.shopee.shops[number]
    now = world.clock.now()
    return Wish(
        platform="shopee",
        base_url=f"{world.address}/shopee",
        channel_kind="marketplace",
        producer_id=producer_id,
        name=shop.name,
        remote_id=str(shop.shop_id),
        tokens=Tokens(access=shop.access_token, refresh=shop.refresh_token, access_until=now + timedelta(hours=4)),
    )


def _woo(world: World, shop: WooShop, producer_id: str | None, *, channel_kind: str, province: str = "") -> Wish:
    pair = shop.keys[0]
    return Wish(
        platform="woocommerce",
        base_url=f"{world.address}/woocommerce/{shop.key}",
        channel_kind=channel_kind,
        producer_id=producer_id,
        name=shop.name,
        province_code=province,
        secrets={"consumer_key": pair.consumer_key, "consumer_secret": pair.consumer_secret},
    )


def registry_path() -> Path:
    """The sample registry that comes along."""
    return examples_dir() / "registry" / "soc_trang.xlsx"


def declarations_path() -> Path:
    """What the producers say they sold face to face in the same three weeks."""
    return examples_dir() / "declarations" / "soc_trang_ban_truc_tiep.csv"


def in_force_count(sellables: list[Sellable], hub: Hub) -> int:
    """Products whose certificate is in force today (P01)."""
    from hub.catalog.rules import current_certificate

    day = today(hub.clock)
    return sum(1 for s in sellables if current_certificate(s.certificates, day, hub.law) is not None)
