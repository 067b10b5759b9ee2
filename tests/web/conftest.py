"""A hub's web on a database of its own, and visitors with the scope a test gives them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.access import WHOLE_HUB, Role, Scope
from hub.catalog.law import load as load_law
from hub.clock import ShiftedClock
from hub.db import Db
from hub.web.app import create_web
from hub.web.house import House
from hub.web.sign_in import first_link
from tests.store.sales.world import NOW
from tests.web.world import fill

Visit = Callable[..., Awaitable["TestClient[Any, Any]"]]


def make_house(db: Db, folder: Path, public_url: str = "http://hub.test") -> House:
    """A house whose doors to platforms are shut: pages open none."""

    async def shut(*_: object) -> Any:
        raise AssertionError("a page reached for a platform")

    def none(*_: object) -> Any:
        raise AssertionError("a page reached for a platform")

    return House(
        db=db, clock=ShiftedClock(NOW + timedelta(days=14), frozen=True), law=load_law(), ask=shut, ground=none,
        connect=shut, app_keys=_no_keys, hook_secret=shut, finish_sign_in=shut, picture=shut, pictures=folder,
        public_url=public_url,
    )  # fmt: skip


def _no_keys(_platform: str) -> Mapping[str, str]:
    return {}


@pytest.fixture
def empty_house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """A hub nobody has used yet."""
    db = Db(sqlite_url)
    yield make_house(db, tmp_path)
    db.close()


@pytest.fixture
def house(empty_house: House) -> House:
    """A hub with a little of everything."""
    empty_house.db.write_now(fill)
    return empty_house


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    """``await visit(house, scope=..., language=..., signed_in=True)``: a client of that hub."""
    opened: list[TestClient[Any, Any]] = []

    async def make(
        house: House, *, scope: Scope = WHOLE_HUB, role: Role = Role.OPERATOR, language: str = "vi",
        signed_in: bool = True,
    ) -> "TestClient[Any, Any]":  # fmt: skip
        client: TestClient[Any, Any] = TestClient(TestServer(create_web(house)))
        await client.start_server()
        opened.append(client)
        if signed_in:
            link = await first_link(house, role=role, scope=scope)
            async with client.get(link.removeprefix(house.public_url)) as answer:
                assert answer.status == 200, await answer.text()
                page = await answer.text()
            if language != "vi":
                form = {"csrf": csrf_of(page), "language": language, "back": "/"}
                async with client.post("/ngon-ngu", data=form) as answer:
                    assert answer.status == 200
        return client

    yield make
    for client in opened:
        await client.close()


def csrf_of(page: str) -> str:
    """The token in the forms of a page."""
    return page.partition('name="csrf" value="')[2].partition('"')[0]
