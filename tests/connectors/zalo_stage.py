"""One Official Account of a running pretend Zalo with its connector on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import Answer, Credentials, Request, Transport
from hub.connectors.model import Picture, ShopSettings, Tokens
from hub.connectors.social import Post
from hub.connectors.zalo import Zalo
from hub.errors import Unreachable
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.kit import Delivery
from hub.sandbox.zalo.account import Account
from hub.sandbox.zalo.config import Zalo as ZaloConfig
from hub.sandbox.zalo.config import default_zalo
from hub.sandbox.zalo.platform import Zalo as Pretend
from tests.connectors.contract import START, MemoryKeeper, Naps, Stage, make_api

OA = "3812345678901234561"
ANH, BINH, CUC = (f"731234567890123450{n}" for n in (1, 2, 3))  # Cúc takes no template messages
HOOK = "https://hub.example.vn/hooks/zalo"
APP = {"app_id": "431234567890", "secret_key": "zalo-app-secret-1", "oa_secret_key": "oa-secret-1"}
TOKENS = Tokens(access="zalo-access-1", refresh="zalo-refresh-1", access_until=START + timedelta(seconds=90_000))


@dataclass
class ClockedNaps(Naps):
    """A sleep that moves the world's clock instead of waiting."""

    clock: ShiftedClock | None = None

    async def __call__(self, seconds: float) -> None:
        await super().__call__(seconds)
        if self.clock is not None:
            self.clock.move(timedelta(seconds=seconds))


@dataclass
class Noted:
    """Keeps what was sent; loses the next answer to each path in ``deaf``, every answer to those in ``broken``."""

    inner: Transport
    sent: list[Request] = field(default_factory=list)
    deaf: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)

    async def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append(request)
        answer = await self.inner.send(request, timeout)
        if request.path in self.deaf | self.broken:
            self.deaf.discard(request.path)
            raise Unreachable(sent=True)
        return answer

    async def close(self) -> None:
        return None


@dataclass(kw_only=True)
class ZaloStage(Stage):
    """A stage with the inside of the account and of the platform."""

    pretend: Pretend
    account: Account
    line: Noted
    url: str
    posted: list[Delivery] = field(default_factory=list)

    @property
    def zalo(self) -> Zalo:
        assert isinstance(self.connector, Zalo)
        return self.connector

    def post(self, key: str = "p1", **changes: object) -> Post:
        post = Post(
            key=key, title="Mật ong hoa nhãn đạt OCOP 4 sao",
            text="Mật ong hoa nhãn khai thác tại vườn.\n\nBảo quản nơi khô mát.",
            link="https://ocop.example.vn/sp/mat-ong",
            pictures=(Picture(digest="d1", url="https://ocop.example.vn/pictures/mật ong.jpg"),),
        )  # fmt: skip
        return replace(post, **changes)  # type: ignore[arg-type]  # named by the test

    async def heard(self) -> list[Delivery]:
        """What the webhook address gets now."""
        self.posted.clear()
        await self.pretend.deliver_due()
        return list(self.posted)


def config(**changes: object) -> ZaloConfig:
    """The default accounts, and an address for webhooks."""
    whole = default_zalo()
    return replace(whole, apps=(replace(whole.apps[0], hook_url=HOOK),), **changes)  # type: ignore[arg-type]


@asynccontextmanager
async def on_stage(transport: Transport, setup: ZaloConfig) -> AsyncIterator[ZaloStage]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(zalo=setup), clock, faults)
    sandbox = app[SANDBOX]
    posted: list[Delivery] = []

    async def post(delivery: Delivery) -> int:
        posted.append(delivery)
        return 200

    sandbox.world.post = post
    pretend = next(one for one in sandbox.platforms if isinstance(one, Pretend))
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        keeper, naps, line = (
            MemoryKeeper(Credentials(secrets=APP, tokens=TOKENS)),
            ClockedNaps(clock=clock),
            Noted(transport),
        )
        shop = ShopSettings(shop_id="s1", base_url=f"{url}/zalo", remote_id=OA, values={"author": "HTX Một"})
        api = make_api(Zalo, shop, line, keeper, now=clock.now, naps=naps)
        account = pretend.accounts[OA]
        yield ZaloStage(
            connector=Zalo(api, shop), shop=account, world=sandbox.world, clock=clock, faults=faults, keeper=keeper,
            naps=naps, category="", pretend=pretend, account=account, line=line, url=url, posted=posted,
        )  # fmt: skip
