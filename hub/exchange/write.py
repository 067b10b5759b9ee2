"""From the hub to a document: one snapshot, record by record, in a fixed order, so that equal hubs write equal files.

What never travels: secrets, tokens, sessions, sign-ins, buyers; and what only this hub's work needs: leases, schedules,
runs, hints, quarantine. Ledger and rollups are not written, since they are the orders' own content.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TextIO

import sqlalchemy as sa

from hub.db import Tx
from hub.exchange import orders, stocks
from hub.exchange.base import Record
from hub.exchange.model import FORMAT, KINDS, VERSION, Header
from hub.exchange.nouns import NOUNS, Noun
from hub.sales import tables as st
from hub.shops import tables as sh

Progress = Callable[[int, int], None]
"""(records so far, records in all as far as known)."""

_EVERY = 500


def write_document(
    tx: Tx, out: TextIO, *, now: datetime, source: str, by_line: bool = False, progress: Progress | None = None
) -> Mapping[str, int]:
    """Write everything the hub knows to ``out``, one record per line in both forms; answers how many of each list."""
    if tx.dialect.name == "postgresql":  # one snapshot: the database's own default sees each statement's
        tx.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    header = Header(format=FORMAT, version=VERSION, exported_at=now.astimezone(UTC), source=source)
    total = 0 if progress is None else _total(tx)
    counts = dict.fromkeys(KINDS, 0)
    out.write(header.model_dump_json() + "\n" if by_line else header.model_dump_json()[:-1])
    for kind in KINDS:
        if not by_line:
            out.write(f',\n"{kind}":[')
        for record in records(tx, kind):
            told = record.model_dump_json(exclude_defaults=kind == "orders")
            if by_line:
                out.write(f'{{"kind":"{kind}","record":{told}}}\n')
            else:
                out.write(",\n" if counts[kind] else "\n")
                out.write(told)
            counts[kind] += 1
            if progress is not None and sum(counts.values()) % _EVERY == 0:
                progress(sum(counts.values()), total)
        if not by_line:
            out.write("]")
    if not by_line:
        out.write("\n}\n")
    if progress is not None:
        progress(sum(counts.values()), sum(counts.values()))
    return counts


def records(tx: Tx, kind: str) -> Iterator[Record]:
    """The records of one list, in a fixed order whatever the database."""
    if kind == "sets":
        yield from stocks.sets(tx)
    elif kind == "stock":
        yield from stocks.stocks(tx)
    elif kind == "orders":
        for shop_id in sorted(tx.execute(sa.select(sh.shop.c.id)).scalars()):
            yield from orders.walk(tx, shop_id)
    else:
        yield from _rows(tx, NOUNS[kind])


def _rows(tx: Tx, noun: Noun) -> Iterator[Record]:
    query = sa.select(noun.table).order_by(*(_plain_order(tx, noun.table.c[name]) for name in noun.key))
    if noun.newer:
        query = query.where(noun.table.c[noun.newer].is_not(None))
    result = tx.execute(query, execution_options={"yield_per": 1000})
    for row in result.mappings():
        yield noun.record(dict(row))


def _plain_order(tx: Tx, column: "sa.Column[str]") -> sa.ColumnElement[str]:
    """By code point, as SQLite does it: a server's language must not decide how a file looks."""
    return sa.collate(column, "C") if tx.dialect.name == "postgresql" else column


def _total(tx: Tx) -> int:
    tables = [*(noun.table for noun in NOUNS.values()), st.order]
    return sum(int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()) for table in tables)
