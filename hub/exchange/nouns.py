"""How the lists of a document lie in the tables of the hub: columns, references, and what makes two things the same.

Sets, stock and orders have ways of their own (:mod:`~hub.exchange.stocks`, :mod:`~hub.exchange.orders`).
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from hub.catalog import tables as ct
from hub.catalog.intake.known import decision_key, subject_key
from hub.catalog.intake.legacy import name_key
from hub.exchange.base import Record
from hub.exchange.model import KINDS
from hub.programme import tables as pt
from hub.sales import tables as st
from hub.shops import tables as sh
from hub.sync import tables as yt
from hub.types import fold, nfc

Row = dict[str, Any]
Natural = tuple[Any, ...]


def _same(row: Row) -> Row:
    return row


@dataclass(frozen=True, kw_only=True)
class Noun:
    """One list whose records are rows of one table.

    ``refs``: field -> list it refers to, kept in the column ``<field>_id``. ``renamed``: field -> column otherwise.
    ``naturals``: keys by which the same thing is known under another id, strongest first; ``weak`` ones may be shared
    by several things. ``parents``: columns whose thing an id belongs to, where nothing natural names it. ``fixed``
    columns never change. ``newer``: a record says something only when this column is later. ``out`` and ``into`` bring
    a row to the record's fields and back; ``derived`` adds what is worked out from a row.
    """

    name: str
    table: sa.Table
    key: tuple[str, ...] = ("id",)
    refs: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    naturals: Callable[[Row], tuple[Natural, ...]] | None = None
    weak: frozenset[str] = frozenset()
    parents: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    newer: str = ""
    out: Callable[[Row], Row] = _same
    into: Callable[[Row], Row] = _same
    derived: Callable[[Row], Row] = _same
    kept: frozenset[str] = frozenset()  # columns that stay at home: derived, or this hub's own business

    @property
    def model(self) -> type[Record]:
        return KINDS[self.name]

    def column(self, name: str) -> str:
        """The column a field of the record lies in."""
        return self.renamed.get(name) or (f"{name}_id" if name in self.refs else name)

    def record(self, row: Mapping[str, Any]) -> Record:
        """A stored row as a record, ids as the hub has them."""
        told = {name: row[self.column(name)] for name in self.model.model_fields}
        return self.model.model_validate(self.out(told))

    def row(self, record: Record, *, told_only: bool) -> Row:
        """A record as columns, ids as the document has them; all fields, or those it really tells."""
        names = record.model_fields_set if told_only else self.model.model_fields
        fields = {name: value for name, value in record.model_dump().items() if name in names}
        return {self.column(name): plain(value) for name, value in self.into(fields).items()}


def plain(value: Any) -> Any:
    """As JSON gives it back: tuples are lists."""
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


def opaque(key: str) -> bool:
    """Whether an id is one that hubs make: given once in the world, so the same id is the same thing."""
    return re.fullmatch(r"[0-9a-f]{32}", key) is not None


def other_id(*parts: str) -> str:
    """The id of a thing whose own id is taken by another one; the same again each time."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


# ---- how things differ from their rows ---------------------------------------------------------------------------


def _producer_keys(row: Row) -> tuple[Natural, ...]:
    by_name = ("name", subject_key(row["name"]))
    return (("code", row["code"]), by_name) if row.get("code") else (by_name,)


def _producer_derived(row: Row) -> Row:
    name = nfc(row["name"])
    return row | {"name": name, "folded": fold(name)}


def _product_derived(row: Row) -> Row:
    name = nfc(row["name"])
    return row | {"name": name, "folded": fold(name), "name_key": name_key(name)}


def _shop_out(told: Row) -> Row:
    state = told["state"]
    return told | {"state": state if state in ("paused", "disconnected") else "open"}


def _shop_into(told: Row) -> Row:
    """The state of a connection belongs to the hub that has it; only a new shop takes it over."""
    return {name: value for name, value in told.items() if name != "state"}


def _settlement_out(told: Row) -> Row:
    return told | {"fees": [{"kind": kind, "amount": amount, "label": label} for kind, amount, label in told["fees"]]}


def _settlement_into(told: Row) -> Row:
    if "fees" not in told:
        return told
    return told | {"fees": [[fee["kind"], fee["amount"], fee["label"]] for fee in told["fees"]]}


NOUNS: Mapping[str, Noun] = {
    noun.name: noun
    for noun in (
        Noun(
            name="producers", table=ct.producer, naturals=_producer_keys, weak=frozenset({"name"}),
            derived=_producer_derived, kept=frozenset({"folded"}),
        ),
        Noun(
            name="products", table=ct.product, refs={"producer": "producers"},
            naturals=lambda row: (("name", row["producer_id"], name_key(row["name"])),),
            derived=_product_derived, kept=frozenset({"folded", "name_key", "version"}),
        ),
        Noun(
            name="variants", table=ct.variant, refs={"product": "products"},
            naturals=lambda row: (("sku", row["sku"]),), fixed=("product_id",),
        ),
        Noun(
            name="certificates", table=ct.certificate, refs={"product": "products"}, fixed=("product_id",),
            naturals=lambda row: (
                ("decision", row["product_id"], decision_key(row["decision_no"]), row["decision_date"]),
            ),
        ),
        Noun(name="pictures", table=ct.picture, key=("product_id", "digest"), refs={"product": "products"}),
        Noun(
            name="shops", table=sh.shop, refs={"producer": "producers"}, fixed=("producer_id",), out=_shop_out,
            into=_shop_into, naturals=lambda row: (
                ("account", row["platform"], row["base_url"], row.get("remote_id", "")),
            ),
            kept=frozenset({"problem", "problem_facts"}),
        ),
        Noun(
            name="cuts", table=yt.cut, key=("product_id", "platform"), refs={"product": "products"},
            newer="edited_at",
        ),
        Noun(
            name="listings", table=yt.binding, key=("shop_id", "product_id"),
            refs={"shop": "shops", "product": "products"}, newer="changed_at",
        ),
        Noun(
            name="listing_events", table=yt.listing_event, refs={"shop": "shops", "product": "products"},
            parents=("shop_id", "product_id"), kept=frozenset({"run_id"}),
        ),
        Noun(
            name="settlements", table=st.settlement, key=("shop_id", "statement_id"), refs={"shop": "shops"},
            renamed={"order": "remote_id"}, out=_settlement_out, into=_settlement_into,
        ),
        Noun(
            name="declarations", table=st.declaration, refs={"producer": "producers", "product": "products"},
            parents=("producer_id",),
        ),
        Noun(name="contracts", table=pt.contract, refs={"producer": "producers"}, parents=("producer_id",)),
        Noun(
            name="live_sessions", table=pt.live_session, refs={"shop": "shops", "producer": "producers"},
            parents=("shop_id", "producer_id"),
        ),
        Noun(
            name="cursors", table=yt.cursor, key=("shop_id", "walk"), refs={"shop": "shops"}, newer="position",
            kept=frozenset({"window_start", "window_end", "page", "empties"}),
        ),
    )
}  # fmt: skip

DOCUMENT_KEYS: Mapping[str, tuple[str, ...]] = {
    "sets": ("variant",), "stock": ("variant",), "pictures": ("product", "digest"), "listings": ("shop", "product"),
    "cuts": ("product", "platform"),
    "orders": ("shop", "remote_id"), "settlements": ("shop", "statement_id"), "cursors": ("shop", "walk"),
}  # fmt: skip
"""List -> the fields that tell its records apart; the others have an id."""
