"""A stage for a connector that is being written: one pretend platform alone, and a contract that grows with it.

:class:`Growing` skips what the connector cannot do yet; a test of the connector's own says what it can, so that an
ability lost by a slip (a renamed method) is noticed.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import pytest
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import Credentials, HttpTransport
from hub.connectors.base import Connector, HearsEvents, KeepsPrices, KeepsStock, Publishes, ReadsBack, TakesOrders
from hub.connectors.model import ShopSettings, Tokens
from hub.errors import RemoteError
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.kit import Delivery, Platform, World
from tests.connectors.contract import ABOUT_ORDERS, START, Contract, MemoryKeeper, Naps, Stage, make_api

P = TypeVar("P", bound=Platform)
NOTHING = frozenset(
    f"test_{name}"
    for name in (
        "check_names_the_shop", "a_nobody_is_refused", "a_short_wait_is_slept_a_long_one_is_believed",
        "no_usable_answer_is_unreachable",
    )
)  # fmt: skip
"""What every connector is asked, whatever it can do."""
MORE: Mapping[str, tuple[type, ...]] = {
    "test_find_tells_what_is_there_so_nothing_is_created_twice": (Publishes,),
    "test_after_a_lost_answer_one_looks_and_finds": (Publishes,),
    "test_one_bad_draft_does_not_stop_the_others": (Publishes,),
    "test_stock_and_price_are_absolute_and_may_be_said_twice": (Publishes, ReadsBack, KeepsStock, KeepsPrices),
    "test_a_missing_signature_is_not_heard": (HearsEvents,),
}


def asked_for(test: str) -> tuple[type, ...]:
    """The abilities a test of the contract is about."""
    if test in NOTHING:
        return ()
    return MORE.get(test, (Publishes, TakesOrders) if test in ABOUT_ORDERS else (Publishes, ReadsBack))


class Growing(Contract):
    """The contract for a connector that has not all the abilities, or not yet."""

    @pytest.fixture(autouse=True)
    def _able(self, request: pytest.FixtureRequest, stage: Stage) -> None:
        if request.function.__name__ not in dir(Contract):
            return
        missing = [one.__name__ for one in asked_for(request.function.__name__) if not isinstance(stage.connector, one)]
        if missing:
            pytest.skip(f"not able: {', '.join(missing)}")

    @pytest.mark.parametrize("body", [b"", b"{", b'{"half": ', b"[]", b"null", b'"x"', b"\xff{", b"<html></html>"])
    def test_half_an_answer_does_not_break_the_judge(self, stage: Stage, body: bytes) -> None:
        """What a judge cannot read is judged by its status or by the decoder."""
        for status in (200, 401, 502):
            found = type(stage.connector).dialect.judge(status, {}, body)
            assert found is None or isinstance(found, RemoteError)


@dataclass(kw_only=True)
class Staged(Stage, Generic[P]):
    """A stage with its platform; ``posted`` holds the webhooks it sent (``await stage.platform.deliver_due()``)."""

    platform: P
    posted: list[Delivery]


@asynccontextmanager
async def staged(
    kind: type[Connector], make: Callable[[World], P], transport: HttpTransport, *,
    secrets: Mapping[str, str], category: str, tokens: Tokens | None = None, remote_id: str = "", folder: str = "",
) -> AsyncIterator[Staged[P]]:  # fmt: skip
    """The first shop of the platform that ``make`` makes, and the connector on it over real HTTP; time stands still.

    The connector's base URL is the sandbox's own plus ``/<platform id>`` plus ``folder``.
    """
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    made: list[P] = []
    posted: list[Delivery] = []

    def only(config: SandboxConfig, world: World) -> Platform:
        made.append(make(world))
        return made[0]

    async def post(delivery: Delivery) -> int:
        posted.append(delivery)
        return 200

    app = create_sandbox(SandboxConfig(), clock, faults, platforms=(only,))
    async with TestServer(app) as server:
        url, sandbox = str(server.make_url("")).rstrip("/"), app[SANDBOX]
        sandbox.world.base_url, sandbox.world.post = url, post
        (platform,) = made
        shop = ShopSettings(shop_id="s1", base_url=f"{url}/{platform.id}{folder}", remote_id=remote_id)
        keeper, naps = MemoryKeeper(Credentials(secrets=secrets, tokens=tokens)), Naps()
        api = make_api(kind, shop, transport, keeper, now=clock.now, naps=naps)
        yield Staged(
            connector=kind(api, shop), shop=platform.shops()[0], world=sandbox.world, clock=clock, faults=faults,
            keeper=keeper, naps=naps, category=category, platform=platform, posted=posted,
        )  # fmt: skip
