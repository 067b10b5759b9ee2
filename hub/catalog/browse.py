"""Reads of the catalogue for people: each takes a :class:`~hub.access.Scope` and answers nothing beyond it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import rules, store
from hub.catalog import tables as t
from hub.catalog.law import Law
from hub.catalog.model import Certificate, Sellable
from hub.catalog.rules import Standing
from hub.db import Tx
from hub.errors import Denied
from hub.types import fold


def within(scope: Scope) -> sa.ColumnElement[bool]:
    """The producers of a scope, as a condition on ``producer``; an empty scope has none."""
    if scope.everything:
        return sa.true()
    if scope.producer_id:
        return t.producer.c.id == scope.producer_id
    if scope.commune_code:
        return t.producer.c.commune_code == scope.commune_code
    return t.producer.c.province_code == scope.province_code if scope.province_code else sa.false()


def producer_ids(scope: Scope) -> "sa.Select[str]":
    """The ids of a scope's producers, as a query inside others."""
    return sa.select(t.producer.c.id).where(within(scope))


@dataclass(frozen=True, kw_only=True)
class Goods:
    """One line of a list of products. ``certificate``: the latest decided, in force or not."""

    product_id: str
    name: str
    producer: str
    set_no: int | None
    standing: Standing | None
    certificate: Certificate | None
    can_claim: bool


@dataclass(frozen=True, kw_only=True)
class GoodsPage:
    """Some products of how many; ``standings`` counts those that match the text, whatever their standing."""

    rows: tuple[Goods, ...]
    count: int
    standings: Mapping[Standing | None, int]


def products(
    tx: Tx, scope: Scope, today: date, law: Law, *, text: str = "", standing: str = "", limit: int, offset: int
) -> GoodsPage:
    """Products by name. ``text`` is looked for without accents in product and producer; ``standing`` "none": never had
    a certificate."""
    p, o = t.product.c, t.producer.c
    where = [within(scope), p.active.is_(True)]
    if text:
        where.append(
            sa.or_(p.folded.contains(fold(text), autoescape=True), o.folded.contains(fold(text), autoescape=True))
        )
    query = (
        sa.select(p.id, p.name, p.set_no, o.name.label("producer"))
        .join(t.producer, o.id == p.producer_id).where(*where).order_by(p.folded, p.id)
    )  # fmt: skip
    rows = tx.execute(query).all()
    held = _certificates(tx, sa.select(p.id).join(t.producer, o.id == p.producer_id).where(*where))
    stand = {row.id: rules.standing(held.get(row.id, ()), today, law) for row in rows}
    wanted = [row for row in rows if not standing or (stand[row.id] or "none") == standing]
    return GoodsPage(
        rows=tuple(
            Goods(
                product_id=row.id, name=row.name, producer=row.producer, set_no=row.set_no, standing=stand[row.id],
                certificate=rules.latest_certificate(held.get(row.id, ()), today),
                can_claim=rules.current_certificate(held.get(row.id, ()), today, law) is not None,
            )
            for row in wanted[offset : offset + limit]
        ),
        count=len(wanted),
        standings=Counter(stand.values()),
    )  # fmt: skip


def standings(tx: Tx, scope: Scope, today: date, law: Law) -> Mapping[Standing, int]:
    """How many products of the scope stand where; those that never had a certificate are left out."""
    p = t.product.c
    wanted = sa.select(p.id).where(p.producer_id.in_(producer_ids(scope)), p.active.is_(True))
    found = (rules.standing(held, today, law) for held in _certificates(tx, wanted).values())
    return Counter(one for one in found if one is not None)


def _certificates(tx: Tx, wanted: "sa.Select[str]") -> Mapping[str, Sequence[Certificate]]:
    held: dict[str, list[Certificate]] = defaultdict(list)
    for row in tx.execute(sa.select(t.certificate).where(t.certificate.c.product_id.in_(wanted))).mappings():
        held[row["product_id"]].append(Certificate(**row))
    return held


def product(tx: Tx, scope: Scope, product_id: str) -> Sellable:
    """One product with all that belongs to it. Raises Denied("not_there"), also outside the scope."""
    found = store.sellables(tx, [product_id])
    owner = found[0].producer if found else None
    if owner is None or not scope.allows_producer(
        producer_id=owner.id, province_code=owner.province_code, commune_code=owner.commune_code
    ):
        raise Denied("not_there")
    return found[0]


def product_names(tx: Tx, product_ids: Sequence[str]) -> Mapping[str, str]:
    """Names for ids that were already found within a scope."""
    wanted = sorted(set(product_ids))
    rows = tx.execute(sa.select(t.product.c.id, t.product.c.name).where(t.product.c.id.in_(wanted)))
    return {row.id: row.name for row in rows}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of the catalogue's history."""

    at: datetime
    who: str
    noun: str
    before: Mapping[str, object]
    after: Mapping[str, object]


def history(tx: Tx, sellable: Sellable, limit: int = 50) -> tuple[Change, ...]:
    """What was changed of a product, its variants and certificates, newest first."""
    ids = [sellable.product.id, *(v.id for v in sellable.variants), *(c.id for c in sellable.certificates)]
    c = t.change.c
    query = sa.select(t.change).where(c.noun_id.in_(ids)).order_by(c.at.desc(), c.id).limit(limit)
    return tuple(
        Change(at=row.at, who=row.who, noun=row.noun, before=row.before or {}, after=row.after or {})
        for row in tx.execute(query)
    )


def visible(tx: Tx, scope: Scope, product_ids: Sequence[str]) -> frozenset[str]:
    """Those of these products that lie within the scope."""
    p = t.product.c
    query = sa.select(p.id).where(p.id.in_(product_ids), p.producer_id.in_(producer_ids(scope)))
    return frozenset(tx.execute(query).scalars())
