"""Lazada over real HTTP against the sandbox: the shared contract, and what only Lazada does."""

from collections.abc import AsyncIterator

import pytest

from hub.connectors.api import HttpTransport
from hub.sandbox.lazada import LazadaConfig, default_lazada
from tests.connectors.contract import Contract
from tests.connectors.lazada_world import LazadaStage, lazada_stage


@pytest.fixture
def setup() -> LazadaConfig:
    return default_lazada()


@pytest.fixture
async def stage(setup: LazadaConfig, transport: HttpTransport) -> AsyncIterator[LazadaStage]:
    async with lazada_stage(transport, setup) as made:
        yield made


class TestContract(Contract):
    """What every connector must do."""
