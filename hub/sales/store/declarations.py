"""Producers' own statements of offline or unconnected sales: stored once by id, read for a period."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from hub.access import Scope
from hub.bulk import among, upsert_rows
from hub.catalog import tables as c
from hub.db import Tx
from hub.sales import tables as t
from hub.sales.declared import Declaration, Rejected, read_file
from hub.sales.model import Cut
from hub.sales.share import KindSales, add_up, quantity
from hub.sales.store.seen import local_days, of_scope
from hub.types import Period, fold

_COLUMNS = (
    "id", "producer_id", "channel_kind", "first_day", "last_day", "product_id", "certified", "revenue", "orders",
    "quantity", "unit", "declared_at", "source", "note",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of a file. The same file again: everything ``unchanged``."""

    new: int
    changed: int
    unchanged: int
    rejected: tuple[Rejected, ...]


def import_file(tx: Tx, path: Path, *, now: datetime) -> Imported:
    """Read a CSV or workbook of declarations and store it. A rejected row never blocks the others."""
    found, rejected = read_file(path)
    stored = import_declarations(tx, found, now=now)
    return Imported(
        new=stored.new, changed=stored.changed, unchanged=stored.unchanged, rejected=(*rejected, *stored.rejected)
    )


def import_declarations(tx: Tx, declarations: Sequence[Declaration], *, now: datetime) -> Imported:
    """Store declarations by their id. Producers are named by id, by the office's code, or by name."""
    producers, products = _producers(tx), _products(tx)
    rejected: list[Rejected] = []
    rows: dict[str, tuple[object, ...]] = {}
    for d in declarations:
        producer_id = _only(producers.get(d.producer)) or _only(producers.get(fold(d.producer)))
        if producer_id is None:
            rejected.append(Rejected(row=d.row, code="declaration_producer_unknown", value=d.producer))
            continue
        product_id = None if not d.product else products.get((producer_id, fold(d.product)))
        if d.product and product_id is None:
            rejected.append(Rejected(row=d.row, code="declaration_product_unknown", value=d.product))
            continue
        rows[d.id] = (
            d.id, producer_id, d.kind, d.first_day, d.last_day, product_id, d.certified, d.revenue, d.orders,
            d.quantity, d.unit, now, "declared", d.note,
        )  # fmt: skip
    known = _stored(tx, list(rows))
    new = [row for key, row in rows.items() if key not in known]
    changed = [row for key, row in rows.items() if key in known and known[key] != _content(row)]
    upsert_rows(tx, t.declaration, _COLUMNS, [*new, *changed], key=("id",))
    return Imported(
        new=len(new), changed=len(changed), unchanged=len(rows) - len(new) - len(changed), rejected=tuple(rejected)
    )


def _content(row: tuple[object, ...]) -> tuple[object, ...]:
    """All but the moment it was declared."""
    return (*row[:11], *row[12:])


def _stored(tx: Tx, ids: Sequence[str]) -> Mapping[str, tuple[object, ...]]:
    d = t.declaration.c
    query = sa.select(*(d[name] for name in _COLUMNS)).where(among(tx, d.id, ids))
    return {row.id: _content(tuple(row)) for row in tx.execute(query)}


def _only(ids: set[str] | None) -> str | None:
    """A name that fits several producers is asked about, never guessed."""
    return next(iter(ids)) if ids is not None and len(ids) == 1 else None


def _producers(tx: Tx) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for r in tx.execute(sa.select(c.producer.c.id, c.producer.c.code, c.producer.c.name)):
        for key in {r.id, r.code, fold(r.name)} - {""}:
            found.setdefault(key, set()).add(r.id)
    return found


def _products(tx: Tx) -> Mapping[tuple[str, str], str]:
    p = c.product.c
    found: dict[tuple[str, str], str] = {}
    for r in tx.execute(sa.select(p.id, p.producer_id, p.name, p.code)):
        for key in {fold(r.name), fold(r.code), fold(r.id)} - {""}:
            found[r.producer_id, key] = r.id
    return found


# ---- reading -----------------------------------------------------------------------------------------------------


def declared_sales(tx: Tx, period: Period, cut: Cut, scope: Scope) -> tuple[KindSales, ...]:
    """Declared sales per channel kind, of declarations that lie wholly within the period; none is split by days."""
    kinds: dict[str, list[KindSales]] = {}
    for r in _within(tx, period, cut, scope):
        amount = quantity(r.quantity, r.unit) if r.quantity else None
        kinds.setdefault(r.channel_kind, []).append(
            KindSales(
                kind=r.channel_kind, source="declared", revenue=r.revenue, orders=r.orders,
                quantities=None if amount is None else (amount,),
            )
        )  # fmt: skip
    return tuple(_joined(kind, group) for kind, group in sorted(kinds.items()))


def declaring_producers(tx: Tx, period: Period, cut: Cut, scope: Scope) -> frozenset[str]:
    """Producers with a declaration within the period."""
    return frozenset(r.producer_id for r in _within(tx, period, cut, scope))


def declared_elsewhere(tx: Tx, period: Period, cut: Cut, scope: Scope) -> int:
    """Declarations that reach over the edge of the period and are therefore not in it."""
    first, last = local_days(period)
    d = t.declaration.c
    over = sa.and_(d.first_day <= last, d.last_day >= first, sa.or_(d.first_day < first, d.last_day > last))
    query = sa.select(sa.func.count()).where(over, of_scope(scope, d.producer_id))
    if cut == "ocop":
        query = query.where(d.certified)
    return int(tx.execute(query).scalar_one())


def _within(tx: Tx, period: Period, cut: Cut, scope: Scope) -> Sequence[sa.Row[tuple[object, ...]]]:
    first, last = local_days(period)
    d = t.declaration.c
    query = sa.select(t.declaration).where(d.first_day >= first, d.last_day <= last, of_scope(scope, d.producer_id))
    if cut == "ocop":
        query = query.where(d.certified)
    return tx.execute(query.order_by(d.id)).all()


def _joined(kind: str, group: Sequence[KindSales]) -> KindSales:
    """Sums; one missing number leaves the sum unknown."""
    orders = [g.orders for g in group]
    amounts = [g.quantities for g in group]
    return KindSales(
        kind=kind, source="declared", revenue=sum(g.revenue for g in group),
        orders=None if None in orders else sum(n for n in orders if n is not None),
        quantities=None if None in amounts else add_up(q for found in amounts if found for q in found),
    )  # fmt: skip
