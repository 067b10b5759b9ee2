"""What a job is handed: the database, a connector for its shop, the day's rules, and a way to ask for more work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from hub.catalog.law import Law
from hub.clock import Clock
from hub.connectors.base import Connector
from hub.db import Db
from hub.shops.model import Shop
from hub.sync.model import Budget, JobKind, Lane, Patience
from hub.sync.plan import Ground


class Calls(Protocol):
    """Counts what a connector sent in this run."""

    @property
    def count(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Line:
    """An open line to one shop: its connector and how many calls it has made."""

    connector: Connector
    calls: Calls


@dataclass(frozen=True, kw_only=True)
class Means:
    """What every job works with. ``ask`` enqueues (lane, shop, kind); lost messages are found by the next tick."""

    db: Db
    clock: Clock
    open_line: Callable[[Shop], Awaitable[Line]]
    ground: Callable[[Shop], Ground]
    ask: Callable[[Lane, str, JobKind], Awaitable[None]]
    owner: str
    law: Law
    budget: Budget = field(default_factory=Budget)
    patience: Patience = field(default_factory=Patience)
    subscribe: Callable[[Shop], Awaitable[None]] | None = None  # makes the platform send webhooks (again)
    seconds: Callable[[], float] = lambda: 0.0
    at_work: dict[tuple[Lane, str], bool] = field(default_factory=dict)  # where this process works -> asked again

    def now(self) -> datetime:
        """The world's time."""
        return self.clock.now()
