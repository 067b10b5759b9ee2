"""Moves a whole hub from one database to another: ``ocop-hub copy --from sqlite:///… --to postgresql+psycopg://…``.

Tables go in the order of their foreign keys, in batches; each batch and how far it got are one transaction of the
target, so a copy that was cut off goes on where it stopped. At the end counts and sums of every table must be equal.
Stop everything that writes to the source first: what changes behind the copy's back is found at the end, not carried.
Runs anywhere to anywhere of the two databases. Queue messages stay behind: what is due is read from the data.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import hub.tables  # noqa: F401 - the metadata is only whole with all of them
from hub import migrate
from hub.db import Db, Json, Secret, Tx, UtcTime, metadata, upsert
from hub.errors import Conflict, Invalid

BATCH = 5000
"""Rows per transaction: a second of work at most, so little is done twice after a cut."""

Progress = Callable[[int, int], None]
"""(rows copied so far, rows in all)."""

_side = sa.MetaData()
progress_table = sa.Table(  # lives in the target while a copy is under way, and is gone when it is complete
    "copy_progress",
    _side,
    sa.Column("name", sa.String(63), primary_key=True),  # table; "" names the source
    sa.Column("last", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What is compared: rows, and the sum of each column of money."""

    rows: int
    sums: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class TableCopy:
    """One table on both sides."""

    name: str
    source: Figures
    target: Figures


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A figure that is not the same on both sides: facts of the problem ``copy_differs``."""

    table: str
    name: str
    source: int
    target: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was copied and compared."""

    each: tuple[TableCopy, ...]

    @property
    def tables(self) -> int:
        return len(self.each)

    @property
    def rows(self) -> int:
        """Rows in the target."""
        return sum(one.target.rows for one in self.each)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What is not equal, of all tables."""
        return tuple(found for one in self.each for found in _differences(one))

    @property
    def equal(self) -> bool:
        return not self.differences

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "tables": self.tables,
            "rows": self.rows,
            "equal": self.equal,
            "differences": [asdict(one) for one in self.differences],
            "sums": {one.name: {"rows": one.target.rows, **dict(one.target.sums)} for one in self.each},
        }


def _differences(one: TableCopy) -> Iterator[Difference]:
    pairs = [("rows", one.source.rows, one.target.rows)]
    pairs.extend((name, a, b) for (name, a), (_, b) in zip(one.source.sums, one.target.sums, strict=True))
    for name, ours, theirs in pairs:
        if ours != theirs:
            yield Difference(table=one.name, name=name, source=ours, target=theirs)


def copy_hub(source: Db, target: Db, progress: Progress | None = None, *, batch: int = BATCH) -> Report:
    """Copy everything and compare it. A copy that is not equal stays marked as unfinished in the target.

    Raises Invalid or Conflict (``copy_*`` of the problems) and what the ground says; then call it again to go on.
    """
    _same_ground(source, target)
    migrate.upgrade(target)
    target.write_now(_begin, _identity(source))
    total = source.read_now(_all_rows)
    done = target.read_now(_rows_so_far)
    for table in metadata.sorted_tables:
        while rows := _one_batch(source, target, table, batch):
            done += rows
            if progress is not None:
                progress(done, total)
    report = Report(each=tuple(_compared(source, target, table) for table in metadata.sorted_tables))
    if report.equal:
        target.write_now(_end)
    return report


# ---- may it begin ------------------------------------------------------------------------------------------------


def _same_ground(source: Db, target: Db) -> None:
    if _identity(source) == _identity(target):
        raise Invalid("copy_same_database")
    stands = migrate.current(source)
    if stands != migrate.latest():
        raise Invalid("copy_source_behind", revision=stands or "")


def _identity(db: Db) -> str:
    """Where a database is, without user and password; the address a socket or service is named by stays."""
    if db.sqlite:
        return f"sqlite:{Path(str(db.url.database)).resolve()}"
    places = {name: value for name, value in db.url.query.items() if name in ("host", "port", "service")}
    return db.url.set(username=None, password=None, query=places).render_as_string()


def _begin(tx: Tx, source: str) -> None:
    """Make the target this source's own; one that holds anything else is refused."""
    if not sa.inspect(tx).has_table(progress_table.name):
        for table in metadata.sorted_tables:
            if tx.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise Conflict("copy_target_in_use", table=table.name)
        progress_table.create(tx)
        tx.execute(progress_table.insert().values(name="", last=source, rows=0, done=False))
    elif tx.execute(sa.select(progress_table.c.last).where(progress_table.c.name == "")).scalar_one() != source:
        raise Conflict("copy_target_other")


def _end(tx: Tx) -> None:
    progress_table.drop(tx)


# ---- batches -----------------------------------------------------------------------------------------------------


def _one_batch(source: Db, target: Db, table: sa.Table, size: int) -> int:
    """Copy the next rows of a table; how many, 0 when it is complete."""
    plain = _plain(table)
    last = target.read_now(_last_key, plain)
    if last is _COMPLETE:
        return 0
    rows = source.read_now(_read, plain, last, size)
    try:
        target.write_now(_write, plain, rows, complete=len(rows) < size)
    except sa.exc.DataError as error:  # SQLite lets texts grow longer and numbers larger than they were declared
        raise Invalid("copy_row_refused", table=table.name, **_reason(error)) from None
    return len(rows)


_COMPLETE: tuple[Any, ...] = ("complete",)


def _plain(table: sa.Table) -> sa.Table:
    """The same table with JSON and ciphertext as the texts they are: nothing is decoded or opened on the way."""
    columns = [
        sa.Column(c.name, sa.Text() if isinstance(c.type, (Json, Secret)) else c.type, primary_key=c.primary_key)
        for c in table.columns
    ]
    return sa.Table(table.name, sa.MetaData(), *columns)


def _last_key(tx: Tx, table: sa.Table) -> tuple[Any, ...]:
    """The key of the last row that was copied; () before the first, _COMPLETE after the last."""
    found = tx.execute(sa.select(progress_table).where(progress_table.c.name == table.name)).one_or_none()
    if found is None:
        return ()
    if found.done:
        return _COMPLETE
    values = json.loads(found.last)
    return tuple(_parsed(column.type, value) for column, value in zip(table.primary_key, values, strict=True))


def _parsed(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, UtcTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(kind, sa.Date) else value


def _read(tx: Tx, table: sa.Table, last: tuple[Any, ...], size: int) -> list[tuple[Any, ...]]:
    key = list(table.primary_key)
    query = sa.select(table).order_by(*key).limit(size)
    if last:
        bound = [sa.literal(value, column.type) for column, value in zip(key, last, strict=True)]
        query = query.where(sa.tuple_(*key) > sa.tuple_(*bound))
    return [tuple(row) for row in tx.execute(query)]


def _write(tx: Tx, table: sa.Table, rows: Sequence[tuple[Any, ...]], *, complete: bool) -> None:
    """Rows and how far we got, in one transaction."""
    names = [column.name for column in table.columns]
    before = tx.execute(sa.select(progress_table).where(progress_table.c.name == table.name)).one_or_none()
    if rows and tx.dialect.name == "postgresql":
        _copy_in(tx, table, names, rows)
    elif rows:
        tx.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in rows])
    last = "[]" if before is None else before.last
    if rows:
        places = [names.index(column.name) for column in table.primary_key]
        key = [rows[-1][place] for place in places]
        last = json.dumps([one.isoformat() if isinstance(one, (date, datetime)) else one for one in key])
    so_far = (0 if before is None else before.rows) + len(rows)
    upsert(tx, progress_table, [{"name": table.name, "last": last, "rows": so_far, "done": complete}], key=("name",))


def _copy_in(tx: Tx, table: sa.Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    quote = tx.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    driver: Any = tx.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN") as out:
            for row in rows:
                out.write_row(row)
    except _driver_errors() as error:
        raise sa.exc.DataError(None, None, error) from error


def _driver_errors() -> type[Exception]:
    """What psycopg says of values that do not fit; imported late, since SQLite needs no psycopg."""
    import psycopg

    return psycopg.DataError


def _reason(error: sa.exc.DataError) -> dict[str, str]:
    """The server's complaint and the column, never the value: it may be a secret or a name."""
    said: Any = getattr(error.orig, "diag", None)
    column = re.search(r"column (\w+)", str(getattr(said, "context", "") or ""))
    return {"reason": str(getattr(said, "message_primary", "") or ""), "column": column[1] if column else ""}


# ---- is it equal -------------------------------------------------------------------------------------------------


def _all_rows(tx: Tx) -> int:
    return sum(_count(tx, table) for table in metadata.sorted_tables)


def _rows_so_far(tx: Tx) -> int:
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.sum(progress_table.c.rows), 0))).scalar_one())


def _count(tx: Tx, table: sa.Table) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def figures(tx: Tx, table: sa.Table) -> Figures:
    """Rows and sums of a table, as exact integers on both databases."""
    money = [column for column in table.columns if isinstance(column.type, sa.BigInteger)]
    sums = [sa.func.coalesce(sa.func.sum(column), 0) for column in money]
    row = tx.execute(sa.select(sa.func.count(), *sums).select_from(table)).one()
    return Figures(rows=int(row[0]), sums=tuple((c.name, int(total)) for c, total in zip(money, row[1:], strict=True)))


def _compared(source: Db, target: Db, table: sa.Table) -> TableCopy:
    return TableCopy(name=table.name, source=source.read_now(figures, table), target=target.read_now(figures, table))
