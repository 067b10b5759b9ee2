"""Rows of a foreign sheet as orders, statements, stock and listings. Pure.

A row that cannot be read is told with its number and the reason; everything else is taken. An order one of whose rows
is bad is left out whole, since half an order is wrong money. No column of a buyer's name, phone or street is named in
any profile, so none is ever looked at.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from hub.connectors.model import RemoteOrder, Settlement
from hub.sync.files import cells
from hub.sync.files.cells import Wrong
from hub.sync.files.profile import InSheet, ListedState
from hub.sync.files.statements import settlements
from hub.sync.files.table import Row, Table
from hub.sync.files.told import OrderRow, one_order, order_row
from hub.sync.model import Problem
from hub.types import Vnd, local_date

T = TypeVar("T")
Step = Callable[[int], None]
"""Told now and then how many rows are read."""
_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that was not taken, where it stands and why."""

    sheet: str
    row: int
    reason: Problem


@dataclass(frozen=True, kw_only=True)
class Level:
    """What a sheet says a shop shows of one variant. ``sku`` "" and ``code`` name it, either may be blank."""

    row: int
    sku: str
    code: str
    title: str
    stock: int
    price: Vnd | None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a sheet says of one listing."""

    row: int
    state: ListedState
    sku: str
    code: str
    title: str
    url: str
    on: date | None
    note: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """All that a file told."""

    rows: int = 0
    orders: tuple[RemoteOrder, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    levels: tuple[Level, ...] = ()
    marks: tuple[Mark, ...] = ()
    bad: tuple[BadRow, ...] = ()


def read(tables: Sequence[Table], sheet: InSheet, step: Step | None = None) -> Read:
    """Everything the tables of one kind tell."""
    reader = _Reader(sheet=sheet, step=step)
    match sheet.kind:
        case "orders":
            return reader.orders(tables)
        case "income":
            found, wrong = settlements(reader.walk(tables), sheet)
            for where, row, reason in wrong:
                reader.bad_row(where, row, reason)
            return Read(rows=reader.count, settlements=found, bad=tuple(reader.bad))
        case "stock":
            levels = tuple(reader.each(tables, _level))
            return Read(rows=reader.count, levels=levels, bad=tuple(reader.bad))
        case "listings":
            marks = tuple(reader.each(tables, _mark))
            return Read(rows=reader.count, marks=marks, bad=tuple(reader.bad))


class _Reader:
    """One pass over the rows of a file; keeps what was wrong."""

    def __init__(self, *, sheet: InSheet, step: Step | None) -> None:
        self.sheet = sheet
        self.bad: list[BadRow] = []
        self.count = 0
        self._step = step

    def walk(self, tables: Sequence[Table]) -> Iterable[tuple[Table, Row]]:
        for table in tables:
            for row in table.rows:
                self.count += 1
                if self._step is not None and self.count % _EVERY == 0:
                    self._step(self.count)
                yield table, row

    def each(self, tables: Sequence[Table], made: Callable[[Row, InSheet], T]) -> Iterable[T]:
        for table, row in self.walk(tables):
            try:
                yield made(row, self.sheet)
            except Wrong as wrong:
                self.bad_row(table, row, wrong)

    def bad_row(self, table: Table, row: Row, wrong: Wrong) -> None:
        column = next((h for name, h in table.headings.items() if cells.text(row.get(name)) == wrong.value), "")
        facts = {"value": wrong.value or "-", "column": column or "-"}
        self.bad.append(BadRow(sheet=table.sheet, row=row.number, reason=Problem(code=wrong.code, facts=facts)))

    def orders(self, tables: Sequence[Table]) -> Read:
        groups: dict[str, list[OrderRow]] = {}
        broken: set[str] = set()
        where: dict[str, str] = {}
        for table, row in self.walk(tables):
            if self.sheet.skip.meaning(cells.text(row.get("order"))) is not None:
                continue  # a line of totals
            try:
                told = order_row(row, self.sheet)
            except Wrong as wrong:
                self.bad_row(table, row, wrong)
                broken.add(_order_id(row))
                continue
            groups.setdefault(told.order, []).append(told)
            where[told.order] = table.sheet
        for order_id in sorted(broken & groups.keys()):
            facts = {"order": order_id}
            self.bad.extend(
                BadRow(sheet=where[order_id], row=r.number, reason=Problem(code="file_row_order_broken", facts=facts))
                for r in groups.pop(order_id)
            )
        found = tuple(one_order(rows, self.sheet) for rows in groups.values())
        bad = tuple(sorted(self.bad, key=lambda b: (b.sheet, b.row)))
        return Read(rows=self.count, orders=found, bad=bad)


def _order_id(row: Row) -> str:
    try:
        return cells.key(row.get("order"))
    except Wrong:
        return ""


def _level(row: Row, sheet: InSheet) -> Level:
    sku, code, title = cells.key(row.get("sku") or row.get("parent_sku")), cells.key(row.get("code")), _title(row)
    _named(sku, code, title)
    stock = cells.count(row.get("stock"))
    if stock is None:
        raise Wrong("file_row_count_wrong", "")
    return Level(
        row=row.number, sku=sku, code=code, title=title, stock=stock, price=cells.money(row.get("price"), sheet.decimal)
    )


def _mark(row: Row, sheet: InSheet) -> Mark:
    sku, code, title = cells.key(row.get("sku")), cells.key(row.get("code")), _title(row)
    _named(sku, code, title)
    word = cells.text(row.get("state"))
    state = sheet.states.meaning(word)
    if state is None:
        raise Wrong("file_row_state_unknown", word)
    on = cells.moment(row.get("on"), sheet.dates, sheet.zone)
    note = "; ".join(text for name in ("reason", "note") if (text := cells.text(row.get(name))))
    return Mark(
        row=row.number, state=_LISTED[state], sku=sku, code=code, title=title, url=cells.text(row.get("url")),
        on=None if on is None else local_date(on), note=note,
    )  # fmt: skip


_LISTED: Mapping[str, ListedState] = {
    "listed": "listed", "rejected": "rejected", "withdrawn": "withdrawn", "pending": "pending",
}  # fmt: skip


def _title(row: Row) -> str:
    return cells.text(row.get("title"))


def _named(*names: str) -> None:
    if not any(names):
        raise Wrong("file_row_goods_missing", "")


def latest(orders: Sequence[RemoteOrder]) -> datetime | None:
    """The last moment the orders of a file speak of."""
    return max((order.updated_at for order in orders), default=None)
