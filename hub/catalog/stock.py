"""The stock ledger: every move once, the standing kept beside it in the same transaction.

A set has no stock of its own: its moves and reservations are those of its components. Standing rows are touched in the
order of variant ids, so that shops selling the same goods at once cannot block one another for ever.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import add_rows, among, insert_rows
from hub.catalog import tables as t
from hub.catalog.model import Move
from hub.db import Tx

_COLUMNS = ("ref", "variant_id", "kind", "quantity", "at")
_ON_HAND = {"declared": 1, "corrected": 1, "sold": -1, "returned": 1}
_RESERVED = {"reserved": 1, "released": -1, "sold": -1}


@dataclass(frozen=True, kw_only=True)
class StockChange:
    """What moves did: variants (sets included) whose available number changed, and units sold beyond what was there.

    ``touched`` also names what went and came back in one step: here nothing changed, but the platform that sold it may
    show less than there is.
    """

    touched: frozenset[str] = frozenset()
    oversold: int = 0


def settle(
    tx: Tx, *, fresh: Sequence[Move], refs: Collection[str] = (), moves: Sequence[Move] = (), at: datetime
) -> StockChange:
    """Make the moves under ``refs`` exactly ``moves`` and add ``fresh`` ones (refs never seen); keep the standing."""
    stored = _stored(tx, refs)
    wanted: dict[tuple[str, str, str], int] = {(m.ref, m.variant_id, m.kind): m.quantity for m in moves}
    added: list[tuple[str, str, str, int, datetime]] = [(*m, at) for m in fresh]
    added += [(*key, quantity, at) for key, quantity in wanted.items() if key not in stored]
    altered = [(key, quantity) for key, quantity in wanted.items() if key in stored and stored[key] != quantity]
    dropped = [key for key in stored if key not in wanted]
    insert_rows(tx, t.stock_move, _COLUMNS, added)
    _alter(tx, altered, at)
    _drop(tx, dropped)
    moved: dict[tuple[str, str], int] = {}
    for _ref, variant_id, kind, quantity, _at in added:
        moved[variant_id, kind] = moved.get((variant_id, kind), 0) + quantity
    for key, quantity in altered:
        moved[key[1:]] = moved.get(key[1:], 0) + quantity - stored[key]
    for key in dropped:
        moved[key[1:]] = moved.get(key[1:], 0) - stored[key]
    effects: dict[str, list[int]] = {}
    stirred: set[str] = set()
    for (variant_id, kind), quantity in moved.items():
        on_hand, reserved = _ON_HAND.get(kind, 0) * quantity, _RESERVED.get(kind, 0) * quantity
        effect = effects.setdefault(variant_id, [0, 0])
        effect[0] += on_hand
        effect[1] += reserved
        if on_hand != reserved:
            stirred.add(variant_id)
    return _stand(tx, effects, stirred)


def declare(tx: Tx, variant_id: str, on_hand: int, *, ref: str, at: datetime) -> StockChange:
    """The producer counted ``on_hand`` on the shelf. Filed as the difference; the same ``ref`` again does nothing."""
    add_rows(tx, t.stock, ("variant_id", "on_hand", "reserved"), [(variant_id, 0, 0)], key=("variant_id",))
    query = sa.select(t.stock.c.on_hand).where(t.stock.c.variant_id == variant_id).with_for_update()
    before = tx.execute(query).scalar_one()
    known = tx.execute(
        sa.select(t.stock_move.c.ref).where(t.stock_move.c.ref == ref, t.stock_move.c.variant_id == variant_id)
    ).first()
    if known is not None:
        return StockChange()
    insert_rows(tx, t.stock_move, _COLUMNS, [(ref, variant_id, "declared", on_hand - before, at)])
    return _stand(tx, {variant_id: [on_hand - before, 0]})


def reserve(tx: Tx, variant_id: str, quantity: int, *, ref: str, at: datetime) -> bool:
    """Hold ``quantity`` back, all components of a set or nothing. False: not that many available.

    One guarded update per component: two at once can never both take the last one. The same ``ref`` again is True.
    """
    if tx.execute(sa.select(t.stock_move.c.ref).where(t.stock_move.c.ref == ref).limit(1)).first():
        return True
    needed = sorted((component, each * quantity) for component, each in _components(tx, variant_id))
    with tx.begin_nested() as attempt:
        for component, units in needed:
            taken = tx.execute(
                t.stock.update()
                .where(
                    t.stock.c.variant_id == component,
                    t.stock.c.on_hand - t.stock.c.reserved - t.stock.c.buffer >= units,
                )
                .values(reserved=t.stock.c.reserved + units)
            )
            if taken.rowcount == 0:
                attempt.rollback()
                return False
        insert_rows(
            tx, t.stock_move, _COLUMNS, [(ref, component, "reserved", units, at) for component, units in needed]
        )
    return True


def release(tx: Tx, ref: str, *, at: datetime) -> StockChange:
    """Give back what ``ref`` reserved and neither released nor sold yet."""
    held: dict[str, int] = {}
    for (_ref, variant_id, kind), quantity in _stored(tx, [ref]).items():
        held[variant_id] = held.get(variant_id, 0) + _RESERVED.get(kind, 0) * quantity
    fresh = [Move(ref=ref, variant_id=v, kind="released", quantity=q) for v, q in sorted(held.items()) if q > 0]
    return settle(tx, fresh=fresh, at=at)


def with_sets(tx: Tx, variant_ids: Collection[str]) -> frozenset[str]:
    """These variants and the sets they are components of."""
    if not variant_ids:
        return frozenset()
    sets = tx.execute(sa.select(t.part.c.variant_id).where(among(tx, t.part.c.component_id, variant_ids))).scalars()
    return frozenset(variant_ids) | frozenset(sets)


@dataclass(frozen=True, kw_only=True)
class StandingGap:
    """A standing that is not the sum of its moves."""

    variant_id: str
    on_hand: int
    reserved: int
    moved_on_hand: int
    moved_reserved: int


def check_standing(tx: Tx) -> tuple[StandingGap, ...]:
    """Every variant whose standing differs from its moves; empty when the stock ledger is sound."""
    m = t.stock_move.c
    signed = [_signed(m.kind, m.quantity, signs) for signs in (_ON_HAND, _RESERVED)]
    sums = {v: (h, r) for v, h, r in tx.execute(sa.select(m.variant_id, *signed).group_by(m.variant_id))}
    rows = {
        r.variant_id: (r.on_hand, r.reserved)
        for r in tx.execute(sa.select(t.stock.c.variant_id, t.stock.c.on_hand, t.stock.c.reserved))
    }
    return tuple(
        StandingGap(variant_id=v, on_hand=rows.get(v, (0, 0))[0], reserved=rows.get(v, (0, 0))[1],
                    moved_on_hand=sums.get(v, (0, 0))[0], moved_reserved=sums.get(v, (0, 0))[1])
        for v in sorted(sums.keys() | rows.keys())
        if rows.get(v, (0, 0)) != sums.get(v, (0, 0))
    )  # fmt: skip


def _signed(kind: Any, quantity: Any, signs: Mapping[str, int]) -> Any:
    whens = [(kind == name, sign * quantity) for name, sign in signs.items()]
    return sa.cast(sa.func.coalesce(sa.func.sum(sa.case(*whens, else_=0)), 0), sa.Integer)


def _components(tx: Tx, variant_id: str) -> Sequence[tuple[str, int]]:
    query = sa.select(t.part.c.component_id, t.part.c.quantity).where(t.part.c.variant_id == variant_id)
    return [(r.component_id, r.quantity) for r in tx.execute(query)] or [(variant_id, 1)]


def _stored(tx: Tx, refs: Collection[str]) -> dict[tuple[str, str, str], int]:
    if not refs:
        return {}
    m = t.stock_move.c
    query = sa.select(m.ref, m.variant_id, m.kind, m.quantity).where(among(tx, m.ref, refs))
    return {(r.ref, r.variant_id, r.kind): r.quantity for r in tx.execute(query)}


def _keys(key: tuple[str, str, str]) -> dict[str, Any]:
    return {"k_ref": key[0], "k_variant": key[1], "k_kind": key[2]}


def _this_move() -> Any:
    m = t.stock_move.c
    return sa.and_(
        m.ref == sa.bindparam("k_ref"), m.variant_id == sa.bindparam("k_variant"), m.kind == sa.bindparam("k_kind")
    )


def _alter(tx: Tx, altered: Sequence[tuple[tuple[str, str, str], int]], at: datetime) -> None:
    if altered:
        statement = t.stock_move.update().where(_this_move())
        tx.execute(
            statement.values(quantity=sa.bindparam("q"), at=sa.bindparam("t")),
            [{**_keys(key), "q": quantity, "t": at} for key, quantity in altered],
        )


def _drop(tx: Tx, dropped: Sequence[tuple[str, str, str]]) -> None:
    if dropped:
        tx.execute(t.stock_move.delete().where(_this_move()), [_keys(key) for key in dropped])


def _stand(tx: Tx, effects: Mapping[str, list[int]], stirred: Collection[str] = ()) -> StockChange:
    """Add to the standing. No guard: a platform that sold did sell; what was not there is counted as oversold."""
    changed = {v: e for v, e in sorted(effects.items()) if e[0] or e[1]}
    if not changed:
        return StockChange(touched=with_sets(tx, stirred))
    rows = [(v, e[0], e[1]) for v, e in changed.items()]
    add_rows(tx, t.stock, ("variant_id", "on_hand", "reserved"), rows, key=("variant_id",))
    moved = {v: e[0] - e[1] for v, e in changed.items() if e[0] != e[1]}
    return StockChange(touched=with_sets(tx, {*moved, *stirred}), oversold=_oversold(tx, moved))


def _oversold(tx: Tx, moved: Mapping[str, int]) -> int:
    s = t.stock.c
    query = sa.select(s.variant_id, (s.on_hand - s.reserved).label("left")).where(among(tx, s.variant_id, moved))
    total = 0
    for row in tx.execute(query) if moved else ():
        before = row.left - moved[row.variant_id]
        total += max(0, max(0, -row.left) - max(0, -before))
    return total
