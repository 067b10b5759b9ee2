"""The queue only says "now": a message is (lane, shop, kind). What is due can always be read from the data.

PostgreSQL: PgQueuer, any number of workers. SQLite: PgQueuer's in-memory driver in one process, same entry points. A
message that is lost, doubled or refused as a duplicate costs nothing: the next tick finds what is due.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pgqueuer import PgQueuer
from pgqueuer.models import Job
from sqlalchemy.engine import URL

from hub.sync.model import JobKind, Lane

if TYPE_CHECKING:
    import psycopg

Handler = Callable[[Lane, str, JobKind], Awaitable[None]]


class Queue:
    """Messages in and out. ``slots`` limits how many jobs of a lane run in this process at once."""

    def __init__(self, url: URL, *, slots: dict[Lane, int] | None = None) -> None:
        self._url = url
        self._slots: dict[Lane, int] = slots or {"now": 16, "bulk": 4}
        self._sender: PgQueuer | None = None
        self._worker: PgQueuer | None = None
        self._connections: list[psycopg.AsyncConnection[Any]] = []
        self._lock = asyncio.Lock()

    @property
    def embedded(self) -> bool:
        """One process, in memory: the default on SQLite."""
        return self._url.get_backend_name() == "sqlite"

    async def ask(self, lane: Lane, shop_id: str, kind: JobKind) -> None:
        """Say that this should run now. A message already waiting for the same is enough."""
        sender = await self._open_sender()
        assert sender.queries is not None
        await sender.queries.enqueue(
            lane,
            json.dumps({"shop": shop_id, "kind": kind}).encode(),
            priority=1 if kind in ("stock", "gates") else 0,
            dedupe_key=f"{lane}:{shop_id}:{kind}",
            on_conflict="skip",
        )

    async def _open_sender(self) -> PgQueuer:
        async with self._lock:
            if self._sender is None:
                self._sender = await self._connect()
            return self._sender

    async def _connect(self) -> PgQueuer:
        if self.embedded:
            return self._sender or self._worker or PgQueuer.in_memory()
        import psycopg

        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await psycopg.AsyncConnection.connect(plain, autocommit=True)
        self._connections.append(connection)
        return PgQueuer.from_psycopg_connection(connection)

    async def run(self, handler: Handler) -> None:
        """Work until :meth:`stop`; jobs in flight are let finish by the engine."""
        async with self._lock:
            self._worker = await self._connect()
            if self.embedded:
                self._sender = self._worker
        for lane, limit in self._slots.items():
            self._register(self._worker, lane, limit, handler)
        await self._worker.run(dequeue_timeout=timedelta(seconds=1), batch_size=10)

    def _register(self, worker: PgQueuer, lane: Lane, limit: int, handler: Handler) -> None:
        @worker.entrypoint(lane, concurrency_limit=0)
        async def entry(job: Job, slots: asyncio.Semaphore = asyncio.Semaphore(limit)) -> None:  # noqa: B008
            message = json.loads(job.payload or b"{}")
            async with slots:
                await handler(lane, message["shop"], message["kind"])

    def stop(self) -> None:
        """Take no new message."""
        if self._worker is not None:
            self._worker.shutdown.set()

    async def close(self) -> None:
        """Give the connections back."""
        for connection in self._connections:
            await connection.close()
        self._connections.clear()
        self._sender = self._worker = None
