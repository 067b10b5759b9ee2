"""Migrations build exactly the tables the code believes in, on both databases, all or nothing."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from hub import migrate
from hub.db import Db, Tx, metadata
from hub.errors import Unavailable


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Db]:
    """A database without any table."""
    url = f"sqlite:///{tmp_path / 'empty.db'}" if request.param == "sqlite" else request.getfixturevalue("empty_pg_url")
    opened = Db(url)
    yield opened
    opened.close()


def differences(tx: Tx) -> list[object]:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and name is not None and name.startswith(("pgqueuer", "alembic")))

    defaults = (
        tx.dialect.name == "postgresql"
    )  # Alembic cannot compare blank defaults of SQLite; the files are the same
    context = MigrationContext.configure(
        tx, opts={"compare_type": True, "compare_server_default": defaults, "include_name": ours}
    )
    return list(compare_metadata(context, metadata))


def tables(tx: Tx) -> set[str]:
    return set(sa.inspect(tx).get_table_names())


def test_the_result_is_the_metadata(db: Db) -> None:
    assert db.write_now(differences) == []
    assert metadata.tables.keys() <= db.read_now(tables)


def test_every_step_is_told_and_the_second_time_there_is_none(empty: Db) -> None:
    told: list[tuple[int, int, str]] = []
    assert migrate.current(empty) is None
    missing = migrate.pending(empty)
    applied = migrate.upgrade(empty, lambda done, total, name: told.append((done, total, name)))
    assert applied == missing
    assert told == [(n, len(missing), name) for n, name in enumerate(missing, 1)]
    assert migrate.current(empty) == migrate.latest()
    assert migrate.pending(empty) == ()
    assert migrate.upgrade(empty) == ()


class PowerCut(BaseException):
    """The moment the machine stops."""


def test_a_power_cut_in_the_middle_leaves_the_database_as_it_was(empty: Db) -> None:
    def cut(done: int, _total: int, _name: str) -> None:
        if done == 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        migrate.upgrade(empty, cut)
    assert empty.read_now(tables) == set()
    assert migrate.current(empty) is None
    migrate.upgrade(empty)
    assert empty.write_now(differences) == []


KILLED = """
import os, signal, sys
from hub import migrate
from hub.db import Db
def cut(done, total, name):
    if done == 3:
        os.kill(os.getpid(), signal.SIGKILL)
migrate.upgrade(Db(sys.argv[1]), cut)
"""


def test_a_killed_migration_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'killed.db'}"
    ended = subprocess.run([sys.executable, "-c", KILLED, url], check=False)
    assert ended.returncode == -signal.SIGKILL
    db = Db(url)
    assert db.read_now(tables) == set()
    migrate.upgrade(db)
    assert db.write_now(differences) == []
    db.close()


def test_foreign_keys_guard_again_after_a_migration(empty: Db) -> None:
    migrate.upgrade(empty)

    def orphan(tx: Tx) -> None:
        tx.exec_driver_sql("INSERT INTO part (variant_id, component_id, quantity) VALUES ('no', 'no', 1)")

    with pytest.raises(sa.exc.IntegrityError):
        empty.write_now(orphan)


def test_a_database_of_a_newer_hub_is_left_alone(db: Db) -> None:
    def age(tx: Tx) -> None:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    db.write_now(age)
    for ask in (migrate.pending, migrate.upgrade):
        with pytest.raises(Unavailable) as caught:
            ask(db)
        assert caught.value.code == "migration_ahead"


@pytest.mark.postgres
def test_the_queue_comes_along_on_postgresql(pg_url: str) -> None:
    db = Db(pg_url)
    assert "pgqueuer" in db.read_now(tables)
    db.close()


def test_the_names_of_the_files_are_the_ids_of_the_migrations() -> None:
    assert migrate.known() == tuple(step.revision for step in migrate.steps())
