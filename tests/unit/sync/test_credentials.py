"""Credentials are read once for a run, and again when they were refused."""

from collections.abc import Awaitable, Callable

from hub.app import Remembering
from hub.connectors.model import Tokens
from hub.connectors.wire import Credentials


class Counting:
    def __init__(self) -> None:
        self.reads = 0
        self.renewed = 0

    async def current(self) -> Credentials:
        self.reads += 1
        return Credentials(secrets={"key": f"read {self.reads}"})

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        self.renewed += 1
        return Credentials(secrets={"key": f"renewed {self.renewed}"})


async def never(_seen: Credentials) -> Tokens:
    raise AssertionError


async def test_credentials_are_read_once_and_a_renewed_pair_takes_their_place() -> None:
    inner = Counting()
    keeper = Remembering(inner)
    first = await keeper.current()
    assert await keeper.current() == first
    assert inner.reads == 1
    fresh = await keeper.refresh(first, never)
    assert fresh.secrets == {"key": "renewed 1"}
    assert await keeper.current() == fresh
