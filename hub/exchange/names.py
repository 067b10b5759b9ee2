"""Which thing of the hub a record of the document is: ids kept when free, mapped when the thing is known already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hub.bulk import among
from hub.db import Tx, new_id
from hub.errors import Invalid
from hub.exchange.nouns import NOUNS, Natural, Noun, Row, opaque, other_id


@dataclass(kw_only=True)
class Names:
    """List -> id in the document -> id in the hub, as far as the document was taken in."""

    tx: Tx
    _given: dict[str, dict[str, str]] = field(default_factory=dict)
    _stored: dict[str, frozenset[str]] = field(default_factory=dict)

    def give(self, kind: str, document_id: str, hub_id: str) -> None:
        self._given.setdefault(kind, {})[document_id] = hub_id

    def find(self, kind: str, document_id: str, path: str) -> str:
        """The hub's id of a reference: a record of the document first, else a thing the hub had before.

        Raises Invalid("exchange_reference_unknown").
        """
        found = self._given.get(kind, {}).get(document_id)
        if found is not None:
            return found
        if kind not in self._stored:
            self._stored[kind] = frozenset(self.tx.execute(sa.select(NOUNS[kind].table.c.id)).scalars())
        if document_id not in self._stored[kind]:
            raise Invalid("exchange_reference_unknown", path=path, id=document_id, kind=kind)
        return document_id

    def resolved(self, noun: Noun, row: Row, path: str) -> Row:
        """The row with the hub's ids in the places of the document's."""
        found = dict(row)
        for name, kind in noun.refs.items():
            column = noun.column(name)
            if found.get(column) is not None:
                found[column] = self.find(kind, found[column], f"{path}.{name}")
        return found


class Known:
    """The stored things of one list, found by id or by what makes them the same."""

    def __init__(self, tx: Tx, noun: Noun, document_rows: Sequence[Row]) -> None:
        self.noun = noun
        self.rows: dict[tuple[Any, ...], Row] = {}
        self._by_natural: dict[Natural, list[str]] = {}
        self._claimed: dict[str, str] = {}  # hub id -> path of the record that is it
        for row in tx.execute(self._query(tx, document_rows)).mappings():
            self._keep(dict(row))

    def _query(self, tx: Tx, document_rows: Sequence[Row]) -> Any:
        """All rows where names decide what is the same; else those the document names."""
        query = sa.select(self.noun.table)
        if self.noun.naturals is not None:
            return query
        last = self.noun.key[-1]
        wanted = {row[last] for row in document_rows}
        if self.noun.parents:
            wanted |= {self._other(row) for row in document_rows}
        return query.where(among(tx, self.noun.table.c[last], sorted(wanted)))

    def _keep(self, row: Row) -> None:
        self.rows[tuple(row[name] for name in self.noun.key)] = row
        for natural in self._naturals(row):
            self._by_natural.setdefault(natural, []).append(row["id"])

    def _naturals(self, row: Row) -> tuple[Natural, ...]:
        return () if self.noun.naturals is None else self.noun.naturals(row)

    def identify(self, row: Row, path: str) -> str:
        """The hub's id of a row that carries the document's id. Raises Invalid for two records that are one thing."""
        hub_id = self._hub_id(row, path)
        if hub_id in self._claimed:
            raise Invalid("exchange_twice", path=path, first=self._claimed[hub_id])
        self._claimed[hub_id] = path
        if (hub_id,) not in self.rows:
            for natural in self._naturals(row):
                self._by_natural.setdefault(natural, []).append(hub_id)
        return hub_id

    def _hub_id(self, row: Row, path: str) -> str:
        told = row["id"]
        stored = self.rows.get((told,))
        if self.noun.parents:
            if stored is None or opaque(told) or all(stored[p] == row.get(p) for p in self.noun.parents):
                return str(told)
            return self._other(row)
        same = self._natural_match(row)
        if stored is not None and opaque(told):
            if same is not None and same != told and self._strong(row, same):
                raise Invalid("exchange_of_another", path=path, id=same)
            return str(told)
        if same is not None:
            return same
        return str(told) if stored is None and told not in self._claimed else new_id()

    def _other(self, row: Row) -> str:
        return other_id(self.noun.name, *(str(row.get(p)) for p in self.noun.parents), row["id"])

    def _natural_match(self, row: Row) -> str | None:
        for natural in self._naturals(row):
            weak = natural[0] in self.noun.weak
            fitting = [i for i in self._by_natural.get(natural, ()) if not weak or self._may_be(i, row)]
            if fitting and (not weak or len(fitting) == 1):
                return fitting[0]
        return None

    def _may_be(self, hub_id: str, row: Row) -> bool:
        """A name alone fits only what no other record is, and what has no other code."""
        code = self.rows.get((hub_id,), {}).get("code", "")
        return hub_id not in self._claimed and not (code and row.get("code") and code != row["code"])

    def _strong(self, row: Row, hub_id: str) -> bool:
        return any(n[0] not in self.noun.weak and hub_id in self._by_natural.get(n, ()) for n in self._naturals(row))


def defaults(noun: Noun) -> Mapping[str, Any]:
    """Columns that stay at home, as a new thing has them."""
    return {name: _HOME[name] for name in noun.kept if name in _HOME}


_HOME: Mapping[str, Any] = {"version": "", "problem": "", "problem_facts": {}, "empties": 0}
