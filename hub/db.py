"""The seam to the database: one metadata, ``read`` and ``write``, column types, upsert.

A transaction is a plain function ``f(tx, ...)`` that runs in a thread: it cannot await, so it can never hold the
network. SQLite has one writer thread with ``BEGIN IMMEDIATE`` and a reader pool (measured: nothing lost, 2 ms at p99);
PostgreSQL has one pool. Both are meant to be equal in everything the hub asks of them.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url

from hub.errors import Unavailable

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
Tx = Connection
"""An open transaction. Handed to store functions, never kept."""

P = ParamSpec("P")
R = TypeVar("R")


def new_id() -> str:
    """A fresh opaque id, 32 hex characters."""
    return secrets.token_hex(16)


class UtcTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC datetimes; naive ones are refused. SQLite keeps sortable text, PostgreSQL ``timestamptz``."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(26))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        if dialect.name == "sqlite":
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        moment: datetime = value
        return moment.astimezone(UTC)


class Json(sa.types.TypeDecorator[Any]):
    """JSON as compact text with Vietnamese letters readable; equal on both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Sealed(str):
    """Ciphertext. Prints as ``***``; only ``shops/vault.py`` opens it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def ciphertext(self) -> str:
        """The encrypted text itself, for the vault and the copy command."""
        return str.__str__(self)


class Secret(sa.types.TypeDecorator[Sealed]):
    """A column of ciphertext; plain text is refused by type."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Sealed | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Sealed):
            raise TypeError("a secret column takes sealed values only")
        return value.ciphertext()

    def process_result_value(self, value: Any, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(value)


class Db:
    """One database. ``read`` and ``write`` run a function in a transaction in a thread; ``*_now`` wait for it.

    Failures of the ground (disk full, file locked or broken, server gone) come out as
    :class:`~hub.errors.Unavailable` with a code; programming errors come out as they are.
    """

    def __init__(self, url: str, *, readers: int = 4) -> None:
        self.url: URL = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            _make_parent(self.url)
            self._writer = _sqlite_engine(self.url, writer=True, size=1)
            self._reader = _sqlite_engine(self.url, writer=False, size=readers)
            self._write_pool = ThreadPoolExecutor(1, "hub-writer")
        else:
            self._writer = self._reader = sa.create_engine(
                self.url,
                pool_size=10,
                max_overflow=0,
                pool_pre_ping=True,
                pool_timeout=10,
                hide_parameters=True,  # an error's text goes to the log; rows hold sealed secrets and people
                connect_args={"connect_timeout": 5},
            )
            self._write_pool = ThreadPoolExecutor(8, "hub-db")
        self._read_pool = ThreadPoolExecutor(readers, "hub-reader") if self.sqlite else self._write_pool

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations and bulk tools only."""
        return self._writer

    async def read(self, f: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run ``f(tx, ...)`` in a read transaction: one snapshot."""
        return await asyncio.wrap_future(self._submit(self._read_pool, self._reader, f, args, kwargs))

    async def write(self, f: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run ``f(tx, ...)`` in a write transaction: all of it or nothing."""
        return await asyncio.wrap_future(self._submit(self._write_pool, self._writer, f, args, kwargs))

    def read_now(self, f: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """:meth:`read` for callers without an event loop (commands, benches)."""
        return self._submit(self._read_pool, self._reader, f, args, kwargs).result()

    def write_now(self, f: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """:meth:`write` for callers without an event loop."""
        return self._submit(self._write_pool, self._writer, f, args, kwargs).result()

    def _submit(
        self,
        pool: ThreadPoolExecutor,
        engine: Engine,
        f: Callable[..., R],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> "Future[R]":
        return pool.submit(_transact, engine, f, args, kwargs)

    def close(self) -> None:
        """Let running transactions end, then give the connections back."""
        self._write_pool.shutdown(wait=True)
        self._read_pool.shutdown(wait=True)
        self._reader.dispose()
        self._writer.dispose()


def _transact(engine: Engine, f: Callable[..., R], args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
    try:
        with engine.begin() as tx:
            return f(tx, *args, **kwargs)
    except sa.exc.OperationalError as error:
        raise Unavailable(_ground_code(str(error.orig)), detail=type(error.orig).__name__) from error
    except sa.exc.TimeoutError as error:
        raise Unavailable("database_busy", detail="pool") from error
    except sa.exc.DatabaseError as error:
        if type(error) is not sa.exc.DatabaseError:  # the others are bugs; SQLite says so plainly of a broken file
            raise
        raise Unavailable(_ground_code(str(error.orig)), detail=type(error.orig).__name__) from error


def _ground_code(text: str) -> str:
    lowered = text.lower()
    if "disk is full" in lowered or "no space" in lowered or "could not extend file" in lowered:
        return "disk_full"
    if "malformed" in lowered or "not a database" in lowered:
        return "database_broken"
    if "no such table" in lowered or "no such column" in lowered:
        return "migration_behind"
    if "locked" in lowered or "deadlock" in lowered:
        return "database_busy"
    return "database_unreachable"


def _make_parent(url: URL) -> None:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _sqlite_engine(url: URL, *, writer: bool, size: int) -> Engine:
    engine = sa.create_engine(
        url, pool_size=size, max_overflow=0, poolclass=sa.pool.QueuePool, hide_parameters=True,
        connect_args={"check_same_thread": False},
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _on_connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver's own transaction handling loses updates; we say BEGIN ourselves
        cursor = dbapi.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


def upsert(
    tx: Tx,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Iterable[str] | None = None,
    newer: str | None = None,
) -> None:
    """Insert or update by ``key``. All rows carry the same columns.

    ``update`` names the columns to overwrite (default: all given but the key; empty: leave stored rows alone).
    ``newer`` names a column that must be greater than the stored one for the update to happen.
    """
    if not rows:
        return
    tx.execute(upsert_statement(tx, table, rows[0], key=key, update=update, newer=newer), list(rows))


def upsert_statement(
    tx: Tx,
    table: sa.Table,
    row: Mapping[str, Any],
    *,
    key: Sequence[str],
    update: Iterable[str] | None = None,
    newer: str | None = None,
    where: Any = None,
) -> Any:
    """The statement behind :func:`upsert`; callers may add ``returning``, or a condition on the stored row."""
    dialect: Any = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    columns = [c for c in row if c not in key] if update is None else list(update)
    if not columns:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    return statement.on_conflict_do_update(
        index_elements=list(key),
        set_={c: statement.excluded[c] for c in columns},
        where=where if newer is None else table.c[newer] < statement.excluded[newer],
    )
