"""Sets and stock, both ways: what a box is made of, and the stock ledger without what orders moved."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import among, upsert_rows
from hub.catalog import stock
from hub.catalog import tables as t
from hub.catalog.model import Move as CatalogMove
from hub.db import Tx
from hub.errors import Invalid
from hub.exchange.file import Told
from hub.exchange.goods import Component, GiftSet, Move, Stock
from hub.exchange.rows import Taking
from hub.types import chunks

# ---- out ---------------------------------------------------------------------------------------------------------


def sets(tx: Tx) -> Iterator[GiftSet]:
    """All sets with their components."""
    found: dict[str, list[Component]] = {}
    for row in sorted(
        tuple(r) for r in tx.execute(sa.select(t.part.c.variant_id, t.part.c.component_id, t.part.c.quantity))
    ):
        found.setdefault(row[0], []).append(Component(variant=row[1], quantity=row[2]))
    for variant_id, components in found.items():
        yield GiftSet(variant=variant_id, components=tuple(components))


def stocks(tx: Tx) -> Iterator[Stock]:
    """Stock of every variant about which there is something to say."""
    moves: dict[str, list[Move]] = {}
    m = t.stock_move.c
    for row in tx.execute(sa.select(t.stock_move).where(m.ref.not_like("order:%"))):
        moves.setdefault(row.variant_id, []).append(Move(ref=row.ref, kind=row.kind, quantity=row.quantity, at=row.at))
    limits = {row.variant_id: (row.buffer, row.max_shown) for row in tx.execute(sa.select(t.stock))}
    for variant_id in sorted(limits.keys() | moves.keys()):
        buffer, most = limits.get(variant_id, (0, None))
        own = tuple(sorted(moves.get(variant_id, ()), key=lambda move: (move.at, move.ref, move.kind)))
        if own or buffer or most is not None:
            yield Stock(variant=variant_id, buffer=buffer, max_shown=most, moves=own)


# ---- in ----------------------------------------------------------------------------------------------------------


def take_sets(taking: Taking, told: Sequence[Told]) -> None:
    """Make each set of exactly what its record says."""
    wanted: dict[str, dict[str, int]] = {}
    for one in told:
        if isinstance(one.record, GiftSet):
            variant_id = taking.names.find("variants", one.record.variant, f"{one.path}.variant")
            wanted[variant_id] = {
                taking.names.find("variants", c.variant, f"{one.path}.components[{n}].variant"): c.quantity
                for n, c in enumerate(one.record.components)
            }
    stored: dict[str, dict[str, int]] = {}
    p = t.part.c
    for row in taking.tx.execute(sa.select(t.part).where(among(taking.tx, p.variant_id, sorted(wanted)))):
        stored.setdefault(row.variant_id, {})[row.component_id] = row.quantity
    tally = taking.tally("sets")
    altered = sorted(v for v, parts in wanted.items() if parts != stored.get(v))
    tally.added += sum(v not in stored for v in altered)
    tally.changed += sum(v in stored for v in altered)
    tally.same += len(wanted) - len(altered)
    if altered:
        taking.tx.execute(t.part.delete().where(among(taking.tx, p.variant_id, altered)))
        taking.tx.execute(
            t.part.insert(),
            [{"variant_id": v, "component_id": c, "quantity": q} for v in altered for c, q in wanted[v].items()],
        )
        owners = sa.select(t.variant.c.product_id).where(among(taking.tx, t.variant.c.id, altered))
        taking.touched |= set(taking.tx.execute(owners).scalars())


def take_stock(taking: Taking, told: Sequence[Told]) -> frozenset[str]:
    """File the moves that are not filed yet; answers the variants whose available number changed."""
    touched: frozenset[str] = frozenset()
    for group in chunks(told, 500):
        touched |= _take_group(taking, group)
    return touched


def _take_group(taking: Taking, told: Sequence[Told]) -> frozenset[str]:
    tally = taking.tally("stock")
    records = [(one, one.record) for one in told if isinstance(one.record, Stock)]
    ids = [taking.names.find("variants", s.variant, f"{one.path}.variant") for one, s in records]
    filed, limits = _stored(taking.tx, ids)
    fresh: dict[datetime, list[CatalogMove]] = {}
    rows: list[tuple[Any, ...]] = []
    for variant_id, (one, record) in zip(ids, records, strict=True):
        new = [m for n, m in enumerate(record.moves) if _is_new(filed, variant_id, m, f"{one.path}.moves[{n}]")]
        for move in new:
            fresh.setdefault(move.at, []).append(CatalogMove(move.ref, variant_id, move.kind, move.quantity))
        known = limits.get(variant_id)
        wanted = _limits(record, known)
        if known != wanted:
            rows.append((variant_id, *wanted))
        if known is None:
            tally.added += 1
        elif new or known != wanted:
            tally.changed += 1
        else:
            tally.same += 1
    upsert_rows(taking.tx, t.stock, ("variant_id", "buffer", "max_shown"), rows, key=("variant_id",))
    touched = frozenset(row[0] for row in rows)
    for at, moves in sorted(fresh.items()):
        touched |= stock.settle(taking.tx, fresh=moves, at=at).touched
    return touched


def _stored(
    tx: Tx, variant_ids: Sequence[str]
) -> tuple[dict[tuple[str, str, str], int], dict[str, tuple[int, int | None]]]:
    m, s = t.stock_move.c, t.stock.c
    moves = tx.execute(sa.select(m.ref, m.variant_id, m.kind, m.quantity).where(among(tx, m.variant_id, variant_ids)))
    limits = tx.execute(sa.select(s.variant_id, s.buffer, s.max_shown).where(among(tx, s.variant_id, variant_ids)))
    return {(r.ref, r.variant_id, r.kind): r.quantity for r in moves}, {
        r.variant_id: (r.buffer, r.max_shown) for r in limits
    }


def _limits(record: Stock, known: tuple[int, int | None] | None) -> tuple[int, int | None]:
    """What is told over what was."""
    buffer, most = known or (0, None)
    told = record.model_fields_set
    return record.buffer if "buffer" in told else buffer, record.max_shown if "max_shown" in told else most


def _is_new(filed: dict[tuple[str, str, str], int], variant_id: str, move: Move, path: str) -> bool:
    """Raises Invalid for a move that was filed with another quantity: history does not change."""
    known = filed.get((move.ref, variant_id, move.kind))
    if known is not None and known != move.quantity:
        raise Invalid("exchange_history_differs", path=path, stored=known, told=move.quantity)
    return known is None
