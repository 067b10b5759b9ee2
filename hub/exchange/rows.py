"""Records of one list into the rows of its table: new ones in, told differences over what was, the rest left alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hub.bulk import insert_rows, upsert_rows
from hub.catalog import store as catalog
from hub.db import Tx
from hub.errors import Invalid
from hub.exchange.file import Told
from hub.exchange.names import Known, Names, defaults
from hub.exchange.nouns import Noun, Row


@dataclass(kw_only=True)
class Tally:
    """What became of the records of one list."""

    added: int = 0
    changed: int = 0
    same: int = 0


@dataclass(kw_only=True)
class Taking:
    """One take-in under way. ``touched``: products whose listings may have to say something else."""

    tx: Tx
    names: Names
    now: datetime
    who: str
    source: str
    tallies: dict[str, Tally] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def tally(self, kind: str) -> Tally:
        return self.tallies.setdefault(kind, Tally())


HISTORY = {"producers", "products", "variants", "certificates"}
"""Lists whose changes are kept in the catalogue's history."""


def take_rows(taking: Taking, noun: Noun, told: Sequence[Told]) -> None:
    """Store the records of one list; their references must be known by now."""
    rows = [taking.names.resolved(noun, noun.row(one.record, told_only=False), one.path) for one in told]
    known = Known(taking.tx, noun, rows)
    fresh: list[Row] = []
    altered: list[Row] = []
    tally = taking.tally(noun.name)
    for one, row in zip(told, rows, strict=True):
        if "id" in noun.key:
            hub_id = known.identify(row, one.path)
            taking.names.give(noun.name, row["id"], hub_id)
            row["id"] = hub_id
        stored = known.rows.get(tuple(row[name] for name in noun.key))
        if stored is None:
            fresh.append(_new_row(taking, noun, one, noun.derived(row)))
            continue
        after = _after(noun, stored, {n: row[n] for n in noun.row(one.record, told_only=True)}, one.path)
        if after == stored:
            tally.same += 1
            continue
        altered.append(after)
        _remember(taking, noun, stored, after)
    _insert(taking.tx, noun, fresh)
    _overwrite(taking.tx, noun, altered)
    tally.added += len(fresh)
    tally.changed += len(altered)
    _touch(taking, noun, fresh, altered)


def _new_row(taking: Taking, noun: Noun, one: Told, row: Row) -> Row:
    row = {**defaults(noun), **row}
    if noun.name == "shops":
        state = getattr(one.record, "state", "open")
        row["state"] = "needs_owner" if state == "open" else state  # its secrets stayed where it came from
        row["problem"] = "shop_moved_in" if state == "open" else ""
        row["version"] = row.get("version") or 1
        row["created_at"] = row["created_at"] or taking.now
    return row


def _after(noun: Noun, stored: Row, told: Row, path: str) -> Row:
    """The stored row with what the record tells. Raises Invalid when it belongs to somebody else."""
    for name in noun.fixed:
        if name in told and told[name] != stored[name]:
            raise Invalid("exchange_of_another", path=path, id=stored["id"])
    if noun.newer and stored[noun.newer] is not None and stored[noun.newer] >= told[noun.newer]:
        return stored
    told = {n: v for n, v in told.items() if not (v is None and not noun.table.c[n].nullable)}
    return {name: value for name, value in noun.derived(stored | told).items() if name in stored}


def _insert(tx: Tx, noun: Noun, rows: Sequence[Row]) -> None:
    if rows:
        columns = sorted(rows[0])
        insert_rows(tx, noun.table, columns, [tuple(row[name] for name in columns) for row in rows])


def _overwrite(tx: Tx, noun: Noun, rows: Sequence[Row]) -> None:
    if rows:
        columns = [column.name for column in noun.table.columns]
        upsert_rows(tx, noun.table, columns, [tuple(row[name] for name in columns) for row in rows], key=noun.key)


def _remember(taking: Taking, noun: Noun, before: Row, after: Row) -> None:
    if noun.name in HISTORY:
        news = [name for name, value in after.items() if value != before[name]]
        catalog.record_change(
            taking.tx, noun=noun.table.name, noun_id=after["id"], who=taking.who, source=taking.source, now=taking.now,
            before={name: _text(before[name]) for name in news}, after={name: _text(after[name]) for name in news},
        )  # fmt: skip


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _touch(taking: Taking, noun: Noun, fresh: Iterable[Row], altered: Iterable[Row]) -> None:
    if noun.name == "producers":
        producers = {row["id"] for row in altered}
        taking.touched |= catalog_products(taking.tx, producers)
    elif noun.name == "products":
        taking.touched |= {row["id"] for row in (*fresh, *altered)}
    elif noun.name in ("variants", "certificates", "pictures"):
        taking.touched |= {row["product_id"] for row in (*fresh, *altered)}


def catalog_products(tx: Tx, producer_ids: Iterable[str]) -> set[str]:
    """Products of these producers."""
    return {s.product.id for producer_id in sorted(producer_ids) for s in catalog.sellables(tx, None, producer_id)}
