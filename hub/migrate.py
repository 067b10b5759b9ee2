"""Brings a database to the tables this hub needs: Alembic, forward only, all of it in one transaction.

A power cut in the middle leaves the database as it was, on both databases: our SQLite connections say ``BEGIN
IMMEDIATE`` themselves, and its DDL is transactional once the driver keeps out of it.

Whether anything is missing is known from the names of the files: a server that starts need not load Alembic.

A migration that must rebuild a SQLite table uses batch mode; foreign keys are off while migrations run and are checked
before the commit.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub.db import Db, Tx, metadata
from hub.errors import Unavailable

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationInfo
    from alembic.script import Script, ScriptDirectory

Progress = Callable[[int, int, str], None]
"""(migrations done, migrations to do, name of the last one)."""

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x0C0B  # advisory lock of PostgreSQL: one migrator at a time


def upgrade(db: Db, progress: Progress | None = None) -> tuple[str, ...]:
    """Apply what is missing; the ids of the migrations applied. On PostgreSQL PgQueuer's own tables come along.

    Raises Unavailable("migration_ahead") for a database of a newer hub, or what the ground says (disk full ...).
    """
    if db.sqlite:
        if not pending(db):
            return ()
        _foreign_keys(db, on=False)
        try:
            return db.write_now(_upgrade, progress)
        finally:
            _foreign_keys(db, on=True)
    applied = db.write_now(_upgrade, progress)
    with ThreadPoolExecutor(1) as pool:  # the caller may already run a loop in this thread
        pool.submit(asyncio.run, _upgrade_queue(db.url)).result()
    return applied


def current(db: Db) -> str | None:
    """The last migration the database has seen, None for an empty one."""
    return db.read_now(_current)


def pending(db: Db) -> tuple[str, ...]:
    """The migrations that are missing, oldest first. Raises Unavailable("migration_ahead")."""
    return db.read_now(_pending)


def latest() -> str:
    """The last migration this hub knows."""
    return known()[-1]


def known() -> tuple[str, ...]:
    """The ids of all migrations, oldest first: files are called ``0001_catalogue.py``, and so on."""
    return tuple(sorted(file.stem[:4] for file in (FOLDER / "versions").glob("[0-9]*.py")))


def steps() -> "tuple[Script, ...]":
    """All migrations as Alembic reads them, oldest first."""
    return tuple(reversed(list(_scripts().walk_revisions())))


def _scripts() -> "ScriptDirectory":
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(settings)


def _current(tx: Tx) -> str | None:
    if not sa.inspect(tx).has_table("alembic_version"):
        return None
    found: str | None = tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def _pending(tx: Tx) -> tuple[str, ...]:
    now = _current(tx)
    all_of_them = known()
    if now is None:
        return all_of_them
    if now not in all_of_them:
        raise Unavailable("migration_ahead", revision=now)
    return all_of_them[all_of_them.index(now) + 1 :]


def _upgrade(tx: Tx, progress: Progress | None) -> tuple[str, ...]:
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.util import CommandError

    import hub.tables  # noqa: F401 - the metadata is only whole with all of them

    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    missing = _pending(tx)
    done: list[str] = []

    def applied(ctx: Any, step: "MigrationInfo", heads: Collection[Any], run_args: Mapping[str, Any]) -> None:
        done.append(str(step.up_revision_id))
        if progress is not None:
            progress(len(done), len(missing), done[-1])

    scripts = _scripts()

    def to_run(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("heads", revision)

    with EnvironmentContext(Config(), scripts, fn=to_run) as environment:
        environment.configure(
            connection=tx,
            target_metadata=metadata,
            transactional_ddl=True,
            transaction_per_migration=False,
            on_version_apply=applied,
        )
        try:
            environment.run_migrations()
        except CommandError as error:
            raise Unavailable("migration_ahead", revision=str(error)) from None
    if tx.dialect.name == "sqlite":
        broken = tx.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise Unavailable("database_broken", detail=f"foreign key of {broken[0]}")
    else:
        _install_queue(tx)
    return tuple(done)


def _foreign_keys(db: Db, *, on: bool) -> None:
    """The pragma works outside transactions only. The writer has exactly one connection, so it is that one."""
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
    finally:
        connection.close()


def _install_queue(tx: Tx) -> None:
    """PgQueuer's tables, in our transaction: it has no install of its own that a second process could not meet."""
    from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

    if tx.execute(sa.select(sa.func.to_regclass("pgqueuer"))).scalar_one() is None:
        tx.exec_driver_sql(QueryBuilderEnvironment().build_install_query())


async def _upgrade_queue(url: sa.URL) -> None:
    """Bring tables of an older PgQueuer to the installed one; does nothing when they are the same."""
    import psycopg
    from pgqueuer.queries import Queries

    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
        await Queries.from_psycopg_connection(connection).apply_upgrade()
