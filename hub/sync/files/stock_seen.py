"""What a stock sheet says a shop shows, beside what the hub would show there.

A place's count is no fact about our shelf: the hub's own ledger stays. What the sheet says is kept with the listing as
last seen, and what differs is told, so that somebody corrects it there (or sends the listing sheet again).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog import store as catalog
from hub.catalog import tables as c
from hub.db import Tx, upsert
from hub.shops.model import Shop
from hub.sync import store
from hub.sync import tables as t
from hub.sync.draft import shown_stock
from hub.sync.files.incoming import Level
from hub.sync.files.reported import codes_of
from hub.sync.model import Binding, BindingState, Shown
from hub.sync.store.bindings import binding_row
from hub.types import Sku, Vnd


@dataclass(frozen=True, kw_only=True)
class Differs:
    """One variant of which the place shows another number than the hub would."""

    sku: Sku
    there: int
    here: int


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What came of a stock sheet. ``unknown``: goods as written that the hub does not know."""

    equal: int = 0
    different: tuple[Differs, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Line:
    product_id: str
    sku: Sku
    stock: int
    price: Vnd | None


def compare(tx: Tx, shop: Shop, levels: Sequence[Level]) -> Seen:
    """Read only."""
    return _compared(tx, shop, levels)[0]


def note(tx: Tx, shop: Shop, levels: Sequence[Level], now: datetime) -> Seen:
    """The same, and keep what was seen with every reported listing of the shop."""
    seen, lines = _compared(tx, shop, levels)
    found: dict[str, list[_Line]] = {}
    for line in lines:
        found.setdefault(line.product_id, []).append(line)
    held = [b for b in store.some_bindings(tx, shop.id, list(found)) if b.state is BindingState.REPORTED]
    rows = [binding_row(_shown(b, found[b.product_id]), now) for b in held]
    if rows:
        upsert(tx, t.binding, rows, key=["shop_id", "product_id"])
    return seen


def _shown(binding: Binding, lines: Sequence[_Line]) -> Binding:
    """Pure."""
    before = binding.shown or Shown(state="live", title="", description_digest="", prices={}, stocks={})
    stocks = {**before.stocks, **{line.sku: line.stock for line in lines}}
    prices = {**before.prices, **{line.sku: line.price for line in lines if line.price is not None}}
    return replace(binding, shown=replace(before, stocks=stocks, prices=prices))


def _compared(tx: Tx, shop: Shop, levels: Sequence[Level]) -> tuple[Seen, list[_Line]]:
    coded = codes_of(tx, shop.id, {level.code for level in levels if level.code})
    named = [(level, level.sku or coded.get((level.code, ""), "")) for level in levels]
    v = c.variant.c
    query = sa.select(v.sku, v.product_id).where(among(tx, v.sku, sorted({sku for _, sku in named if sku})))
    products = {row.sku: row.product_id for row in tx.execute(query)}
    shelves = catalog.shelves(tx, sorted(set(products.values())))
    here = {sku: shown_stock(stock) for shelf in shelves.values() for sku, stock in shelf}
    lines: list[_Line] = []
    unknown: list[str] = []
    for level, sku in named:
        if sku in products:
            lines.append(_Line(product_id=products[sku], sku=Sku(sku), stock=level.stock, price=level.price))
        else:
            unknown.append(level.sku or level.code or level.title)
    different = tuple(
        Differs(sku=line.sku, there=line.stock, here=here[line.sku])
        for line in lines
        if line.sku in here and here[line.sku] != line.stock
    )
    return Seen(equal=len(lines) - len(different), different=different, unknown=tuple(unknown)), lines
