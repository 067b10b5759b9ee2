"""Many rows at once: one function per deed, two bodies (list form; COPY on PostgreSQL for large batches).

Rows are tuples in the order of ``columns``, values as the tables' types take them (aware datetimes, plain JSON).
The switch-over and the way were measured (docs/decisions): below some 200 rows the list form is as fast.
"""

import gc
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.db import Json, Tx, upsert_statement

COPY_FROM = 200
Row = tuple[Any, ...]


def insert_rows(tx: Tx, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows that are known to be new; an existing key is an IntegrityError."""
    if not rows:
        return
    if len(rows) <= COPY_FROM:
        tx.execute(sa.insert(table), _named(columns, rows))
    elif tx.dialect.name == "postgresql":
        _copy(tx, table.name, table, columns, rows)
    else:
        _driver_insert(tx, table, columns, rows)


def _driver_insert(tx: Tx, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """SQLite: the rows as tuples straight to the driver, each value as its column's type binds it (half the time)."""
    insert = str(sa.insert(table).values({c: sa.bindparam(c) for c in columns}).compile(tx, column_keys=list(columns)))
    order = [c.name for c in table.columns if c.name in set(columns)]  # the order in which the statement names them
    place = [columns.index(name) for name in order]
    dialect = tx.dialect
    binds = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order]
    turned = [
        [row[at] for row in rows] if bind is None else [bind(row[at]) for row in rows]
        for at, bind in zip(place, binds, strict=True)
    ]
    tx.exec_driver_sql(insert, list(zip(*turned, strict=True)))


def upsert_rows(tx: Tx, table: sa.Table, columns: Sequence[str], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert rows or overwrite all their columns by ``key``. No key may come twice."""
    if not rows:
        return
    if tx.dialect.name == "postgresql" and len(rows) > COPY_FROM:
        sets = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in key)
        _merge(tx, table, columns, rows, key, f"DO UPDATE SET {sets}" if sets else "DO NOTHING")
    else:
        named = _named(columns, rows)
        tx.execute(upsert_statement(tx, table, named[0], key=key), named)


def add_rows(tx: Tx, table: sa.Table, columns: Sequence[str], rows: Sequence[Row], *, key: Sequence[str]) -> None:
    """Insert rows, or add their numbers to the stored ones by ``key``. Rows come in the order in which to lock."""
    if not rows:
        return
    if tx.dialect.name == "postgresql" and len(rows) > COPY_FROM:
        sums_text = ", ".join(f"{c} = {table.name}.{c} + excluded.{c}" for c in columns if c not in key)
        _merge(tx, table, columns, rows, key, f"DO UPDATE SET {sums_text}")
        return
    dialect: Any = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    sums = {c: table.c[c] + statement.excluded[c] for c in columns if c not in key}
    tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=sums), _named(columns, rows))


def among(tx: Tx, column: Any, values: Collection[str]) -> sa.ColumnElement[bool]:
    """``column`` is one of ``values``, however many there are, as one parameter."""
    if tx.dialect.name == "postgresql":
        return sa.cast(column, sa.Text) == sa.any_(sa.literal(list(values), sa.ARRAY(sa.Text)))
    each = sa.func.json_each(json.dumps(list(values))).table_valued("value")
    return sa.ColumnElement.in_(column, sa.select(each.c.value))


@contextmanager
def unswept(rows: int) -> Iterator[None]:
    """No cycle collection while many rows are made: none of them is a cycle, and looking took a sixth of the time."""
    if rows <= COPY_FROM or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _named(columns: Sequence[str], rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _merge(
    tx: Tx, table: sa.Table, columns: Sequence[str], rows: Sequence[Row], key: Sequence[str], action: str
) -> None:
    """PostgreSQL: the rows into a temporary table shaped like ``columns``, and from there in one statement."""
    temporary, names = f"stage_{table.name}", ", ".join(columns)
    # Through SQLAlchemy first: a driver connection is in no transaction before that, and the table would vanish.
    tx.exec_driver_sql(
        f"CREATE TEMPORARY TABLE {temporary} ON COMMIT DROP AS SELECT {names} FROM {table.name} WITH NO DATA"
    )
    _copy(tx, temporary, table, columns, rows)
    tx.exec_driver_sql(
        f"INSERT INTO {table.name} ({names}) SELECT {names} FROM {temporary} ON CONFLICT ({', '.join(key)}) {action}"
    )
    tx.exec_driver_sql(f"DROP TABLE {temporary}")


def _copy(tx: Tx, target: str, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    nested = [i for i, c in enumerate(columns) if isinstance(table.c[c].type, Json)]
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} ({', '.join(columns)}) FROM STDIN") as out:
        write = out.write_row
        if not nested:
            for row in rows:
                write(row)
            return
        for row in rows:
            cells = list(row)
            for i in nested:
                if cells[i] is not None:
                    cells[i] = json.dumps(cells[i], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            write(cells)
