"""Reads of listings and runs for people: each takes a :class:`~hub.access.Scope` and answers nothing beyond it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.catalog.tables import product
from hub.db import Tx
from hub.errors import Denied
from hub.sales.browse import run_by, shop_ids
from hub.shops.tables import shop
from hub.sync import store
from hub.sync import tables as t
from hub.sync.model import Binding, Problem, Run


def _seen(scope: Scope) -> sa.ColumnElement[bool]:
    """The listings of a scope, as a condition on ``binding``: its producers' products, wherever they stand."""
    if scope.everything:
        return sa.true()
    mine = sa.select(product.c.id).where(product.c.producer_id.in_(catalog.producer_ids(scope)))
    return sa.and_(t.binding.c.product_id.in_(mine), t.binding.c.shop_id.in_(shop_ids(scope)))


def listing_counts(tx: Tx, scope: Scope) -> Mapping[str, Mapping[str, int]]:
    """Shop -> state -> how many listings."""
    b = t.binding.c
    query = sa.select(b.shop_id, b.state, sa.func.count().label("n")).where(_seen(scope))
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in tx.execute(query.group_by(b.shop_id, b.state)):
        found[row.shop_id][row.state] = row.n
    return found


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """One kind of problem over all listings that have it. ``facts``: all values each fact has, each once."""

    code: str
    count: int
    by_shop: Mapping[str, int]
    facts: Mapping[str, Sequence[object]]


def obstacles(tx: Tx, scope: Scope) -> tuple[Obstacle, ...]:
    """What stands in the way of listings, the most frequent first."""
    b = t.binding.c
    query = sa.select(b.shop_id, b.problems).where(_seen(scope), _text(b.problems) != "[]")
    shops: dict[str, Counter[str]] = defaultdict(Counter)
    facts: dict[str, dict[str, list[object]]] = defaultdict(lambda: defaultdict(list))
    for row in tx.execute(query):
        for code in {one["code"] for one in row.problems}:
            shops[code][row.shop_id] += 1
        for one in row.problems:
            _collect(facts[one["code"]], one["facts"])
    found = [
        Obstacle(code=code, count=sum(by.values()), by_shop=dict(sorted(by.items())), facts=facts[code])
        for code, by in shops.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.code)))


def _collect(seen: dict[str, list[object]], facts: Mapping[str, object]) -> None:
    for name, value in facts.items():
        for one in value if isinstance(value, list) else [value]:
            if one not in seen[name]:
                seen[name].append(one)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A product as it stands in a shop."""

    name: str
    binding: Binding


@dataclass(frozen=True, kw_only=True)
class ListingPage:
    """Some listings of how many; ``states`` counts all of the shop, whatever the filter."""

    rows: tuple[Listing, ...]
    count: int
    states: Mapping[str, int]


def listings(
    tx: Tx, scope: Scope, shop_id: str, *, state: str = "", code: str = "", limit: int, offset: int
) -> ListingPage:
    """The listings of a shop by product name. ``code``: only those with this problem."""
    b = t.binding.c
    here = sa.and_(b.shop_id == shop_id, _seen(scope))
    where = [here]
    if state:
        where.append(b.state == state)
    if code:
        where.append(_text(b.problems).contains(f'"code":"{code}"', autoescape=True))
    joined = t.binding.join(product, product.c.id == b.product_id)
    count = tx.execute(sa.select(sa.func.count()).select_from(t.binding).where(*where)).scalar_one()
    states = sa.select(b.state, sa.func.count().label("n")).where(here).group_by(b.state)
    rows = tx.execute(
        sa.select(t.binding, product.c.name.label("product_name")).select_from(joined).where(*where)
        .order_by(product.c.folded, b.product_id).limit(limit).offset(offset)
    )  # fmt: skip
    return ListingPage(
        rows=tuple(_listing(row) for row in rows), count=count, states={row.state: row.n for row in tx.execute(states)}
    )


def _listing(row: Any) -> Listing:
    return Listing(name=row.product_name, binding=store.to_binding(row))


def _text(column: "sa.Column[Any]") -> "sa.TypeCoerce[str]":
    """A JSON column as the text it is stored as."""
    return sa.type_coerce(column, sa.Text)


@dataclass(frozen=True, kw_only=True)
class Drift:
    """A field of a listing that the channel shows otherwise than the hub holds it."""

    shop_id: str
    product_id: str
    name: str
    state: str
    field: str
    ours: str
    theirs: str


def drifts(tx: Tx, scope: Scope, shop_id: str = "") -> tuple[Drift, ...]:
    """Every difference the last read-backs found and nobody settled, by shop and product name."""
    b = t.binding.c
    where = [_seen(scope), b.state.in_(["drifted", "ask"])] + ([b.shop_id == shop_id] if shop_id else [])
    joined = t.binding.join(product, product.c.id == b.product_id)
    query = sa.select(t.binding, product.c.name.label("product_name")).select_from(joined).where(*where)
    return tuple(
        Drift(
            shop_id=row.shop_id, product_id=row.product_id, name=row.product_name, state=row.state, field=field,
            ours=ours, theirs=theirs,
        )
        for row in tx.execute(query.order_by(b.shop_id, product.c.folded, b.product_id))
        for problem in row.problems
        for field, ours, theirs in problem["facts"].get("differences") or [[problem["code"], "", ""]]
    )  # fmt: skip


def product_listings(tx: Tx, product_id: str) -> tuple[Binding, ...]:
    """Where a product, already found within a scope, stands."""
    query = sa.select(t.binding).where(t.binding.c.product_id == product_id).order_by(t.binding.c.shop_id)
    return tuple(store.to_binding(row) for row in tx.execute(query))


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was done to a listing: before, after, and what the channel answered."""

    shop_id: str
    at: datetime
    kind: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    answer: Mapping[str, object]
    run_id: str | None


def take_downs(tx: Tx, product_id: str, limit: int = 50) -> tuple[Proof, ...]:
    """Proofs that claims of a product, already found within a scope, were taken down; newest first."""
    e = t.listing_event.c
    query = sa.select(t.listing_event).where(e.product_id == product_id, e.kind.in_(["takedown", "withdraw"]))
    return tuple(
        Proof(
            shop_id=row.shop_id, at=row.at, kind=row.kind, run_id=row.run_id, before=_facts(row.before),
            after=_facts(row.after), answer=_facts(row.answer),
        )
        for row in tx.execute(query.order_by(e.at.desc(), e.id).limit(limit))
    )  # fmt: skip


def _facts(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {} if value is None else {"": value}


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """Some runs of how many."""

    rows: tuple[Run, ...]
    count: int


def runs(
    tx: Tx, scope: Scope, *, shop_id: str = "", kind: str = "", result: str = "", limit: int, offset: int = 0
) -> RunPage:
    """The last runs of a scope's own shops, newest first; runs of no shop in particular are the operator's."""
    r = t.run.c
    where: list[sa.ColumnElement[bool]] = [_own_runs(scope)]
    where += [column == value for column, value in ((r.shop_id, shop_id), (r.kind, kind), (r.result, result)) if value]
    count = tx.execute(sa.select(sa.func.count()).select_from(t.run).where(*where)).scalar_one()
    query = sa.select(t.run).where(*where).order_by(r.started_at.desc(), r.id).limit(limit).offset(offset)
    return RunPage(rows=tuple(_run(row) for row in tx.execute(query)), count=count)


def _own_runs(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.true() if scope.everything else t.run.c.shop_id.in_(sa.select(shop.c.id).where(run_by(scope)))


def run(tx: Tx, scope: Scope, run_id: str) -> Run:
    """Raises Denied("not_there"), also outside the scope."""
    row = tx.execute(sa.select(t.run).where(t.run.c.id == run_id, _own_runs(scope))).first()
    if row is None:
        raise Denied("not_there")
    return _run(row)


@dataclass(frozen=True, kw_only=True)
class Done:
    """What one run did to one listing."""

    product_id: str
    name: str
    shop_id: str
    at: datetime
    kind: str


def done_by(tx: Tx, run_id: str, *, limit: int, offset: int = 0) -> tuple[tuple[Done, ...], int]:
    """The listings a run touched, in order, and how many lines there are."""
    e = t.listing_event.c
    count = tx.execute(sa.select(sa.func.count()).select_from(t.listing_event).where(e.run_id == run_id)).scalar_one()
    query = (
        sa.select(e.product_id, e.shop_id, e.at, e.kind, product.c.name)
        .select_from(t.listing_event.outerjoin(product, product.c.id == e.product_id))
        .where(e.run_id == run_id).order_by(e.at, e.id).limit(limit).offset(offset)
    )  # fmt: skip
    rows = tx.execute(query)
    found = tuple(
        Done(product_id=row.product_id, name=row.name or "", shop_id=row.shop_id, at=row.at, kind=row.kind)
        for row in rows
    )
    return found, int(count)


def _run(row: Any) -> Run:
    return Run(
        id=row.id, shop_id=row.shop_id, kind=row.kind, lane=row.lane, started_at=row.started_at,
        ended_at=row.ended_at, result=row.result, done=row.done, total=row.total, calls=row.calls, note=row.note,
        problems=tuple(Problem(code=p["code"], facts=p["facts"]) for p in row.problems),
    )  # fmt: skip
