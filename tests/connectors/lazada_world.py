"""One pretend Lazada seller with the connector on it, over real HTTP."""

import struct
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import Api, Credentials, HttpTransport, Sample, Transport
from hub.connectors.lazada import Lazada
from hub.connectors.model import Draft, Picture, RemoteOrder, ShopSettings, Tokens
from hub.errors import Refused
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.lazada import Lazada as Pretend
from hub.sandbox.lazada import LazadaConfig, default_lazada
from hub.sandbox.lazada.shop import Shop
from hub.types import RemoteId
from tests.connectors.contract import START, Counter, MemoryKeeper, Naps, NoPace, Stage

APP = {"app_key": "123456", "app_secret": "lzd-sandbox-secret-1"}
SELLER = "200123451"
HONEY = "Bách Hóa > Đặc Sản Và Thực Phẩm Khô > Mật ong"


def png(side: int) -> bytes:
    """The smallest picture of so many pixels a side that says so in its header."""
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


async def picture(digest: str) -> bytes:
    if digest == "missing":
        raise Refused("picture_missing", digest=digest)
    return png(800) + digest.encode()


class LazadaStage(Stage):
    """A stage whose drafts carry what Lazada insists on."""

    pretend: Pretend
    api: Api
    samples: list[Sample]

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        plain = super().draft(name, *prices, stock=stock, title=title)
        return replace(plain, pictures=(Picture(digest="pot", url=""),))

    @property
    def lazada(self) -> Lazada:
        assert isinstance(self.connector, Lazada)
        return self.connector

    @property
    def desk(self) -> Shop:
        assert isinstance(self.shop, Shop)
        return self.shop

    def again(self, **values: str) -> Lazada:
        """The connector of the next run, or with other settings."""
        return Lazada(self.api, replace(self.api.shop, values=values))

    async def told(self, order_id: str) -> RemoteOrder:
        return await self.lazada.order(RemoteId(order_id))


def shop_api(
    shop: ShopSettings, transport: Transport, keeper: MemoryKeeper, clock: ShiftedClock,
    naps: Naps, samples: list[Sample],
) -> Api:  # fmt: skip
    return Api(
        manifest=Lazada.manifest, dialect=Lazada.dialect, shop=shop, transport=transport, keeper=keeper,
        pacer=NoPace(), now=clock.now, nonce=Counter(), on_sample=samples.append, sleep=naps, pictures=picture,
    )  # fmt: skip


def tokens(number: int = 1, now: datetime = START) -> Tokens:
    return Tokens(
        access=f"lzd-access-{number}", refresh=f"lzd-refresh-{number}", access_until=now + timedelta(days=30),
        refresh_until=now + timedelta(days=180),
    )  # fmt: skip


@asynccontextmanager
async def lazada_stage(transport: HttpTransport, settings: LazadaConfig | None = None) -> AsyncIterator[LazadaStage]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(lazada=settings or default_lazada()), clock, faults)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        world = app[SANDBOX].world
        world.base_url = url
        pretend = next(one for one in app[SANDBOX].platforms if isinstance(one, Pretend))
        keeper, naps, samples = MemoryKeeper(Credentials(secrets=APP, tokens=tokens())), Naps(), list[Sample]()
        shop = ShopSettings(shop_id="s1", base_url=f"{url}/lazada/rest", remote_id=SELLER)
        api = shop_api(shop, transport, keeper, clock, naps, samples)
        stage = LazadaStage(
            connector=Lazada(api, shop), shop=pretend.shop(SELLER), world=world, clock=clock, faults=faults,
            keeper=keeper, naps=naps, category=HONEY,
        )  # fmt: skip
        stage.pretend, stage.api, stage.samples = pretend, api, samples
        yield stage
