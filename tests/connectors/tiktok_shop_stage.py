"""One pretend TikTok Shop with its connector on it, for the tests of that platform."""

import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import Api, Credentials, HttpTransport
from hub.connectors.model import Draft, Picture, ShopSettings, Tokens
from hub.connectors.tiktok_shop import TikTokShop
from hub.errors import Refused
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.tiktok_shop.app import PretendTikTok
from hub.sandbox.tiktok_shop.config import TikTok, TikTokApp, TikTokSeller
from hub.sandbox.tiktok_shop.shop import Shop
from tests.connectors.contract import START, Counter, MemoryKeeper, Naps, NoPace, Stage

SECRET = "0123456789abcdef0123456789abcdef01234567"
APP = {"app_key": "6ocop0demo1", "app_secret": SECRET, "service_id": "7300000000000000001"}
SHOP_ID = "7494000000000000001"
CIPHER = "ROW_ocopAAAAdemo"
HONEY = "Thực phẩm và đồ uống > Mật ong"
CRAFT = "Nhà cửa và đời sống > Đồ thủ công mỹ nghệ"
ANSWERS = (
    ("Xuất xứ", "Việt Nam"),
    ("Hạn sử dụng (tháng)", "12"),
    ("Nhà sản xuất", "Hợp tác xã Mẫu"),
    ("Số giấy phép sản phẩm", "01/2026/ATTP-QN"),
)


def png(width: int = 600, height: int = 600) -> bytes:
    """A picture as far as anybody looks: signature, sides, a checksum."""
    head = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + head + zlib.crc32(head).to_bytes(4, "big")


async def picture(digest: str) -> bytes:
    """Our picture of that digest; some are not as the platform wants them."""
    if digest == "missing":
        raise Refused("picture_missing", digest=digest)
    return {"small": png(100, 100), "gif": b"GIF89a"}.get(digest, png()) + digest.encode()


@dataclass(kw_only=True)
class TikTokStage(Stage):
    """Drafts carry what the platform insists on; ``pretend`` is the other side."""

    pretend: PretendTikTok
    api: Api
    url: str

    @property
    def tiktok(self) -> TikTokShop:
        assert isinstance(self.connector, TikTokShop)
        return self.connector

    @property
    def seller(self) -> Shop:
        assert isinstance(self.shop, Shop)
        return self.shop

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        plain = super().draft(name, *prices, stock=stock, title=title)
        return replace(plain, pictures=(Picture(digest="pot", url=""),), attributes=ANSWERS)

    def with_values(self, **values: str) -> TikTokShop:
        """The connector of a shop whose owner answered the asks."""
        shop = replace(self.api.shop, values=values)
        return TikTokShop(self.api, shop)


def config(**changes: Any) -> TikTok:
    app = TikTokApp(app_key=APP["app_key"], app_secret=SECRET, service_id=APP["service_id"])
    shops = (
        TikTokSeller(
            shop_id=SHOP_ID, name="OCOP Quảng Ninh", cipher=CIPHER, app_key=app.app_key, access_token="access-0",
            refresh_token="refresh-0",
        ),
        TikTokSeller(shop_id="7494000000000000002", name="Gian hàng hai", cipher="ROW_hai", app_key=app.app_key),
    )  # fmt: skip
    return replace(TikTok(apps=(app,), shops=shops), **changes)


def api_of(shop: ShopSettings, transport: HttpTransport, keeper: MemoryKeeper, clock: ShiftedClock, naps: Naps) -> Api:
    return Api(
        manifest=TikTokShop.manifest, dialect=TikTokShop.dialect, shop=shop, transport=transport, keeper=keeper,
        pacer=NoPace(), now=clock.now, nonce=Counter(), on_sample=lambda sample: None, sleep=naps, pictures=picture,
    )  # fmt: skip


@asynccontextmanager
async def staged(setup: TikTok, transport: HttpTransport) -> AsyncIterator[TikTokStage]:
    """A running sandbox of that set-up with the connector of its first shop."""
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(tiktok_shop=setup), clock, faults)
    sandbox = app[SANDBOX]
    world = sandbox.world
    pretend = next(one for one in sandbox.platforms if isinstance(one, PretendTikTok))
    async with TestServer(app) as server:
        world.base_url = str(server.make_url("")).rstrip("/")
        tokens = Tokens(access="access-0", refresh="refresh-0", access_until=START + timedelta(days=7))
        keeper = MemoryKeeper(Credentials(secrets=APP, tokens=tokens))
        shop = ShopSettings(shop_id="s1", base_url=f"{world.base_url}/tiktok_shop", remote_id=SHOP_ID)
        naps = Naps()
        api = api_of(shop, transport, keeper, clock, naps)
        yield TikTokStage(
            connector=TikTokShop(api, shop), shop=pretend.shop(SHOP_ID), world=world, clock=clock, faults=world.faults,
            keeper=keeper, naps=naps, category=HONEY, pretend=pretend, api=api, url=world.base_url,
        )  # fmt: skip
