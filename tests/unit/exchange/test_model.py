"""The models hold what the tables hold, and no more."""

from typing import Any

import sqlalchemy as sa

from hub.exchange.model import KINDS
from hub.exchange.nouns import NOUNS, opaque, other_id
from hub.exchange.sold import Line, Order
from hub.sales import tables as st


def longest(model: Any, name: str) -> int | None:
    """The longest text a field takes; the shortest of the words where only some are allowed."""
    schema = model.model_json_schema()
    options = schema["properties"][name].get("anyOf", [schema["properties"][name]])
    told = [o for o in options if o.get("type") == "string"]
    if told and "enum" in told[0]:
        return max(len(word) for word in told[0]["enum"])
    return told[0].get("maxLength") if told else None


def test_no_text_is_longer_than_its_column() -> None:
    """SQLite would take it, PostgreSQL would not: the file is told, not the database."""
    pairs = [(n.table, n.model, field, n.column(field)) for n in NOUNS.values() for field in n.model.model_fields]
    pairs += [(st.order, Order, f, f) for f in Order.model_fields if f in st.order.c]
    pairs += [(st.line, Line, f, f) for f in Line.model_fields if f in st.line.c]
    checked = 0
    for table, model, name, column in pairs:
        kind = table.c[column].type
        if isinstance(kind, sa.String) and not isinstance(kind, sa.Text) and kind.length:
            most = longest(model, name)
            if "pattern" in str(model.model_json_schema()["properties"][name]) and most is None:
                continue
            assert most is not None, (table.name, column)
            assert most <= kind.length, (table.name, column)
            checked += 1
    assert checked > 60


def test_every_list_has_a_way() -> None:
    assert KINDS.keys() - NOUNS.keys() == {"sets", "stock", "orders"}
    for noun in NOUNS.values():
        assert noun.refs.keys() <= noun.model.model_fields.keys()
        assert set(noun.refs.values()) <= KINDS.keys()


def test_lists_stand_after_what_they_refer_to() -> None:
    order = list(KINDS)
    for noun in NOUNS.values():
        assert all(order.index(kind) < order.index(noun.name) for kind in noun.refs.values()), noun.name


def test_ids_that_hubs_make() -> None:
    assert opaque("0123456789abcdef0123456789abcdef")
    assert not opaque("p1")
    assert not opaque("0123456789ABCDEF0123456789ABCDEF")
    assert opaque(other_id("contracts", "p1", "c"))
    assert other_id("contracts", "p1", "c") == other_id("contracts", "p1", "c") != other_id("contracts", "p", "1c")
