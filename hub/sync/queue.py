"""The queue only says "now": a message is (lane, shop, kind). What is due can always be read from the data.

PostgreSQL: PgQueuer, any number of workers. SQLite: PgQueuer's in-memory driver in one process, same entry points. A
message that is lost, doubled or refused as a duplicate costs nothing: the next tick finds what is due. So a database
that is gone for a while loses messages and nothing else; senders go on, workers connect again.

A message that waits is enough for all who ask the same; one that is being worked on is not, because its worker may
have looked before the new cause was written. So a message gives its key back the moment its work begins.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.engine import URL

from hub.sync.model import JobKind, Lane

if TYPE_CHECKING:
    from pgqueuer import PgQueuer
    from pgqueuer.models import Job

Handler = Callable[[Lane, str, JobKind], Awaitable[None]]

RECONNECT = 2.0
"""Seconds between attempts to reach a database that is gone."""

log = structlog.get_logger("hub.queue")


class Queue:
    """Messages in and out. ``slots`` limits how many jobs of a lane run in this process at once."""

    def __init__(self, url: URL, *, slots: dict[Lane, int] | None = None) -> None:
        self._url = url
        self._slots: dict[Lane, int] = slots or {"now": 16, "sales": 16, "bulk": 4}
        self._sender: PgQueuer | None = None
        self._worker: PgQueuer | None = None
        self._memory: PgQueuer | None = None
        self._waiting: set[str] = set()  # keys of messages in memory that wait
        self._connections: dict[int, Any] = {}
        self._lock = asyncio.Lock()
        self._stopping = asyncio.Event()

    @property
    def embedded(self) -> bool:
        """One process, in memory: the default on SQLite."""
        return self._url.get_backend_name() == "sqlite"

    async def ask(self, lane: Lane, shop_id: str, kind: JobKind) -> None:
        """Say that this should run now. A message already waiting for the same is enough; a lost one does no harm."""
        key = f"{lane}:{shop_id}:{kind}"
        if self.embedded:
            if key in self._waiting:
                return
            self._waiting.add(key)
        try:
            sender = await self._open_sender()
            assert sender.queries is not None
            await sender.queries.enqueue(
                lane,
                json.dumps({"shop": shop_id, "kind": kind}).encode(),
                priority=1 if kind in ("stock", "gates") else 0,
                dedupe_key=None if self.embedded else key,
                on_conflict="skip",
            )
        except _lost() as error:
            log.warning("message_lost", reason=type(error).__name__)
            async with self._lock:
                await self._drop(self._sender)
                self._sender = None

    async def _open_sender(self) -> "PgQueuer":
        async with self._lock:
            if self._sender is None:
                self._sender = await self._connect()
            return self._sender

    async def _connect(self) -> "PgQueuer":
        from pgqueuer import PgQueuer

        if self.embedded:
            if self._memory is None:
                self._memory = PgQueuer.in_memory()
            return self._memory
        import psycopg

        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await psycopg.AsyncConnection.connect(plain, autocommit=True, connect_timeout=5)
        made = PgQueuer.from_psycopg_connection(connection)
        self._connections[id(made)] = connection
        return made

    async def _drop(self, queuer: "PgQueuer | None") -> None:
        connection = self._connections.pop(id(queuer), None)
        if connection is not None:
            with suppress(*_lost()):
                await connection.close()

    async def run(self, handler: Handler) -> None:
        """Work until :meth:`stop`; jobs in flight are let finish by the engine. Survives a database that goes away."""
        while not self._stopping.is_set():
            try:
                self._worker = await self._connect()
                for lane, limit in self._slots.items():
                    self._register(self._worker, lane, limit, handler)
                if self._stopping.is_set():  # asked to stop while connecting
                    return
                await self._worker.run(dequeue_timeout=timedelta(seconds=1), batch_size=10)
                return
            except _lost() as error:
                log.warning("queue_lost", reason=type(error).__name__)
                await self._drop(self._worker)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), RECONNECT)

    def _register(self, worker: "PgQueuer", lane: Lane, limit: int, handler: Handler) -> None:
        slots = asyncio.Semaphore(limit)
        worker.entrypoint(lane, concurrency_limit=0, accepts_context=False)(
            partial(self._entry, worker, lane, slots, handler)
        )

    async def _entry(
        self, worker: "PgQueuer", lane: Lane, slots: asyncio.Semaphore, handler: Handler, job: "Job"
    ) -> None:
        message = json.loads(job.payload or b"{}")
        async with slots:
            await self._release(worker, job, f"{lane}:{message['shop']}:{message['kind']}")
            await handler(lane, message["shop"], message["kind"])

    async def _release(self, worker: "PgQueuer", job: "Job", key: str) -> None:
        """From now on the same message may be sent again: this one looks at the data after this line."""
        self._waiting.discard(key)
        if not self.embedded:
            assert worker.queries is not None
            table = worker.queries.qbe.settings.queue_table
            await worker.connection.execute(f"UPDATE {table} SET dedupe_key = NULL WHERE id = $1", job.id)

    def stop(self) -> None:
        """Take no new message."""
        self._stopping.set()
        if self._worker is not None:
            self._worker.shutdown.set()

    async def close(self) -> None:
        """Give the connections back."""
        for connection in self._connections.values():
            with suppress(*_lost()):
                await connection.close()
        self._connections.clear()
        self._sender = self._worker = None


def _lost() -> tuple[type[Exception], ...]:
    """What it looks like when the database is gone. Empty where no driver for one is installed."""
    try:
        import psycopg
    except ImportError:
        return (OSError,)
    return (OSError, psycopg.Error)
