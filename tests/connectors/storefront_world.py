"""One pretend platform of the storefront family, its clock standing still, and the connector on a store of it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import Api, Credentials, HttpTransport
from hub.connectors.base import Connector
from hub.connectors.haravan import Haravan
from hub.connectors.model import ShopSettings
from hub.connectors.sapo import Sapo
from hub.connectors.sapo_omni import SapoOmni
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.kit import Delivery
from hub.sandbox.storefront import Storefront, StorefrontConfig, StorefrontShop
from tests.connectors.contract import START, MemoryKeeper, Naps, Stage, make_api

KINDS: Mapping[str, type[Connector]] = {"haravan": Haravan, "sapo": Sapo, "sapo_omni": SapoOmni}
FIRST = StorefrontShop(
    key="htx-mot", name="Hợp tác xã Một", token="token-1", api_key="key-1", api_secret="client-secret-1",
    shipping_fee=25_000,
)  # fmt: skip
SECOND = StorefrontShop(key="htx-hai", name="Hợp tác xã Hai", token="token-2", api_key="key-2", api_secret="secret-2")
READER = StorefrontShop(
    key="htx-ba", name="Hợp tác xã Ba", token="token-3", api_key="key-3", api_secret="secret-3", read_only=True
)
SHOPS = (FIRST, SECOND, READER)


@dataclass(kw_only=True)
class Front(Stage):
    """A stage that knows its platform from the inside."""

    pretend: Storefront
    url: str
    api: Api
    posted: list[Delivery]

    def again(self, **values: str) -> Any:
        """The connector of the next run, with other settings of the shop."""
        return type(self.connector)(self.api, replace(self.connector.shop, values=values))


@asynccontextmanager
async def front(kind: str, transport: HttpTransport, **switches: Any) -> AsyncIterator[Front]:
    """The first store of ``kind`` with its connector; ``switches`` change the platform's configuration."""
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    cap = 50 if kind == "haravan" else 250
    plain = StorefrontConfig(
        shops=SHOPS, page_cap=cap, callback_url="https://hub.example.vn/hooks/haravan", verify_token="verify-1",
        redirect_domains=("hub.example.vn",),
    )  # fmt: skip
    config = replace(SandboxConfig(), **{kind: replace(plain, **switches)})  # type: ignore[arg-type]
    app = create_sandbox(config, clock, faults)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        sandbox, posted = app[SANDBOX], []
        sandbox.world.base_url = url
        pretend = next(one for one in sandbox.platforms if one.id == kind)
        assert isinstance(pretend, Storefront)

        async def post(delivery: Delivery) -> int:
            posted.append(delivery)
            return 200

        sandbox.world.post = post
        shop = ShopSettings(shop_id="s1", base_url=f"{url}/{kind}" + ("" if kind == "haravan" else f"/{FIRST.key}"))
        secrets = {"api_key": FIRST.api_key, "api_secret": FIRST.api_secret}
        keeper = MemoryKeeper(Credentials(secrets={"token": FIRST.token} if kind == "haravan" else secrets))
        naps = Naps()
        api = make_api(KINDS[kind], shop, transport, keeper, now=clock.now, naps=naps)
        yield Front(
            connector=KINDS[kind](api, shop), shop=pretend.places[FIRST.key].shop, world=sandbox.world, clock=clock,
            faults=faults, keeper=keeper, naps=naps, category="Mật ong, mật khác và nông sản thực phẩm khác",
            pretend=pretend, url=url, api=api, posted=posted,
        )  # fmt: skip
