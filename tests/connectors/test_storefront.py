"""Haravan, Sapo Web and Sapo Omnichannel over real HTTP against the sandbox: the shared contract for each."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from hub.connectors import abilities, load
from hub.connectors.api import HttpTransport
from hub.connectors.base import Publishes
from hub.connectors.model import Placed
from hub.errors import Refused
from tests.connectors.contract import Contract, Stage
from tests.connectors.storefront_world import Front, front


class Family(Contract):
    """A category is free text here: a bad draft is one without a title, or without a price."""

    async def test_one_bad_draft_does_not_stop_the_others(self, stage: Stage) -> None:
        assert isinstance(stage.connector, Publishes)
        good = stage.draft("OCOP-B1", 90_000)
        untitled = replace(stage.draft("OCOP-B2", 90_000), title=" ")
        negative = replace(good, variants=(replace(good.variants[0], price=-1),))
        results = await stage.connector.create([good, untitled, negative, stage.draft("OCOP-B3", 90_000)])
        assert [type(one) for one in results] == [Placed, Refused, Refused, Placed]
        assert {row["sku"] for row in stage.shop.listings()} == {"OCOP-B1", "OCOP-B3"}


class TestHaravan(Family):
    @pytest.fixture
    async def stage(self, transport: HttpTransport) -> AsyncIterator[Front]:
        async with front("haravan", transport) as made:
            yield made


class TestSapo(Family):
    @pytest.fixture
    async def stage(self, transport: HttpTransport) -> AsyncIterator[Front]:
        async with front("sapo", transport) as made:
            yield made


class TestSapoOmni(Family):
    @pytest.fixture
    async def stage(self, transport: HttpTransport) -> AsyncIterator[Front]:
        async with front("sapo_omni", transport) as made:
            yield made


BASIC = {"Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "HearsEvents"}


@pytest.mark.parametrize(
    ("kind", "more"), [("haravan", {"Fulfils", "SignsIn"}), ("sapo", {"Fulfils"}), ("sapo_omni", set())]
)
def test_what_each_can_do(kind: str, more: set[str]) -> None:
    assert set(abilities(load(kind))) == BASIC | more
