"""One running sandbox per test, on a port of its own, and one HTTP client."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.connectors.api import HttpTransport, make_transport
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.config import default_config
from hub.sandbox.faults import Faults
from tests.connectors.contract import START


@dataclass(frozen=True, kw_only=True)
class Running:
    """A sandbox that answers on ``url``; its clock stands still until it is moved."""

    sandbox: Sandbox
    url: str
    clock: ShiftedClock
    faults: Faults


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(default_config(), clock, faults)
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        app[SANDBOX].world.base_url = url
        yield Running(sandbox=app[SANDBOX], url=url, clock=clock, faults=faults)


@pytest.fixture
async def transport() -> AsyncIterator[HttpTransport]:
    made = make_transport()
    yield made
    await made.close()
