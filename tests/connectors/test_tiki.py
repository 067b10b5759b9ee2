"""Tiki over real HTTP against the sandbox: the shared contract, and what only Tiki does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import Api, Credentials, HttpTransport
from hub.connectors.base import HearsEvents
from hub.connectors.model import Draft, OrderState, Picture, ShopSettings, Tokens
from hub.connectors.tiki import Tiki
from hub.errors import Unauthorised
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.kit import Want
from hub.sandbox.tiki import Tiki as Pretend
from hub.sandbox.tiki import TikiApp, TikiConfig, TikiSandboxShop, TikiShop
from tests.connectors.contract import (
    START,
    Contract,
    Counter,
    MemoryKeeper,
    Naps,
    NoPace,
    Stage,
    put,
)

APP = {"client_id": "app-1", "client_secret": "sec-ret-1"}
BACK = "http://127.0.0.1/back"
SELLER = 145228
PICTURE = Picture(digest="pot", url="https://cdn.example.vn/mat-ong.jpg")


class TikiStage(Stage):
    """A stage whose drafts carry a picture's address, which Tiki fetches itself."""

    pretend: Pretend
    api: Api

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        return replace(super().draft(name, *prices, stock=stock, title=title), pictures=(PICTURE,))

    @property
    def tiki(self) -> Tiki:
        assert isinstance(self.connector, Tiki)
        return self.connector

    @property
    def desk(self) -> TikiSandboxShop:
        assert isinstance(self.shop, TikiSandboxShop)
        return self.shop

    def again(self, **values: str) -> Tiki:
        """The connector of the next run, or with other settings: nothing is remembered."""
        shop = replace(self.api.shop, values={**self.api.shop.values, **values})
        return Tiki(self.api, shop)


def config(**changes: object) -> TikiConfig:
    shop = TikiShop(
        seller_id=SELLER, name="Hợp tác xã Mẫu", client_id="app-1", access_token="acc-0", refresh_token="ref-0",
        shipping_fee=14_000,
    )  # fmt: skip
    of_shop = {key: changes.pop(key) for key in list(changes) if key in shop.__dataclass_fields__}
    shop = replace(shop, **of_shop)  # type: ignore[arg-type]  # named by the test
    app = TikiApp(client_id="app-1", client_secret="sec-ret-1", redirect_uri=BACK)
    return TikiConfig(apps=(app,), shops=(shop,), **changes)  # type: ignore[arg-type]  # named by the test


@pytest.fixture
def setup() -> TikiConfig:
    """A test overrides this by ``@pytest.mark.parametrize("setup", [config(...)])``."""
    return config()


@pytest.fixture
async def stage(setup: TikiConfig, transport: HttpTransport) -> AsyncIterator[TikiStage]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(tiki=setup), clock, faults)
    pretend = next(one for one in app[SANDBOX].platforms if isinstance(one, Pretend))
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        app[SANDBOX].world.base_url = url
        tokens = Tokens(access="acc-0", refresh="ref-0", access_until=START + timedelta(seconds=86_399))
        keeper, naps = MemoryKeeper(Credentials(secrets=APP, tokens=tokens)), Naps()
        shop = ShopSettings(
            shop_id="s1", base_url=f"{url}/tiki", remote_id=str(SELLER), values={"package_cm": "20x15x10"}
        )
        api = Api(
            manifest=Tiki.manifest, dialect=Tiki.dialect, shop=shop, transport=transport, keeper=keeper, pacer=NoPace(),
            now=clock.now, nonce=Counter(), on_sample=lambda sample: None, sleep=naps,
        )  # fmt: skip
        made = TikiStage(
            connector=Tiki(api, shop), shop=pretend.shop(SELLER), world=pretend.world, clock=clock, faults=faults,
            keeper=keeper, naps=naps, category="Mật ong",
        )  # fmt: skip
        made.pretend, made.api = pretend, api
        yield made


class TestContract(Contract):
    async def test_an_order_tells_its_lines_to_the_dong(self, stage: Stage) -> None:
        """As everywhere, but an order names products, not the listing they belong to."""
        placed = await put(stage, stage.draft("OCOP-M1", 120_000, 95_000))
        order_id = stage.shop.place([Want(sku="OCOP-M1-1", quantity=2), Want(sku="OCOP-M1-2", quantity=3)])
        stage.shop.pay(order_id)
        order = await self.order(stage, order_id)
        assert [(one.sku, one.quantity, one.unit_price, one.charged) for one in order.lines] == [
            ("OCOP-M1-1", 2, 120_000, 240_000),
            ("OCOP-M1-2", 3, 95_000, 285_000),
        ]
        assert {one.listing for one in order.lines} == {None}
        assert {one.variant for one in order.lines} == {variant for _, variant in placed.variants}
        assert (order.shipping_paid, order.state, order.placed_at) == (14_000, OrderState.PAID, START)

    async def test_a_return_tells_units_and_money(self, stage: Stage) -> None:
        """Only whole returns are told, and by the status alone."""
        await put(stage, stage.draft("OCOP-R1", 120_000))
        order_id = stage.shop.place([Want(sku="OCOP-R1", quantity=3)], seller_voucher=30_000)
        for step in (stage.shop.pay, stage.shop.ship, stage.shop.deliver, stage.shop.complete):
            step(order_id)
            stage.later()
        stage.shop.take_back(order_id, [Want(sku="OCOP-R1", quantity=3)], 330_000)
        order = await self.order(stage, order_id)
        assert order.state is OrderState.COMPLETED
        assert [(one.amount, [units for _, units in one.units]) for one in order.refunds] == [(330_000, [3])]

    async def test_a_missing_signature_is_not_heard(self, stage: Stage) -> None:
        """Nothing is pushed, so nothing can be forged."""
        assert not isinstance(stage.connector, HearsEvents)

    async def test_a_nobody_is_refused(self, stage: Stage) -> None:
        """Neither a strange token nor a strange app gets in."""
        secrets = dict.fromkeys(stage.keeper.credentials.secrets, "x" * 40)
        tokens = Tokens(access="stolen", refresh="stolen", access_until=START + timedelta(days=1))
        stage.keeper.credentials = Credentials(secrets=secrets, tokens=tokens)
        with pytest.raises(Unauthorised):
            await stage.connector.check()
