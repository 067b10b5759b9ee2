"""Rows of one order as the order. Pure.

``updated_at`` is the latest moment the rows name, never the moment of the import: what the platform itself tells later
is then always newer. A returned unit whose refund the sheet does not state counts with its share of what was paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from hub.connectors.model import OrderState, RemoteLine, RemoteOrder, RemoteRefund
from hub.sales.ledger import DELIVERED, ENDED, RANK, allot_voucher
from hub.sales.model import BY_FILE
from hub.sync.files import cells
from hub.sync.files.cells import Wrong
from hub.sync.files.profile import InSheet
from hub.sync.files.table import Row
from hub.types import RemoteId, Sku, Vnd, fold

_TIMES = ("paid", "shipped", "delivered", "completed", "cancelled", "updated")
_AMOUNTS = ("seller_voucher", "platform_voucher", "shipping_paid", "refund")
_LONGEST_LINE_ID = 60


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One row, read. ``times`` and ``amounts`` hold what is stated; missing is missing."""

    number: int
    order: str
    state: OrderState
    native: str
    placed: datetime
    times: Mapping[str, datetime]
    amounts: Mapping[str, Vnd]
    line: str
    sku: str
    code: str
    title: str
    quantity: int
    returned: int
    unit_price: Vnd
    charged: Vnd
    cod: bool
    province: str


def order_row(row: Row, sheet: InSheet) -> OrderRow:
    """Raises Wrong for a cell that is not what its column promises."""
    order = cells.key(row.get("order"))
    if not order:
        raise Wrong("file_row_order_missing", "")
    placed = cells.moment(row.get("placed"), sheet.dates, sheet.zone)
    if placed is None:
        raise Wrong("file_row_time_wrong", "")
    native = cells.text(row.get("state"))
    state, came_back = _state(native, cells.text(row.get("reason")), sheet)
    quantity = 1 if (told := cells.count(row.get("quantity"))) is None else told
    if quantity == 0:
        raise Wrong("file_row_count_wrong", "0")
    unit_price, charged = _price(row, sheet, quantity)
    sku = cells.key(row.get("sku")) or cells.key(row.get("parent_sku"))
    title = " - ".join(t for name in ("title", "option") if (t := cells.text(row.get(name))))
    code = cells.key(row.get("code"))
    if not (sku or code or title):
        raise Wrong("file_row_goods_missing", "")
    times = {name: at for name in _TIMES if (at := cells.moment(row.get(name), sheet.dates, sheet.zone)) is not None}
    amounts = {
        name: abs(amount) for name in _AMOUNTS if (amount := cells.money(row.get(name), sheet.decimal)) is not None
    }
    return OrderRow(
        number=row.number, order=order, state=state, native=native, placed=placed, times=times, amounts=amounts,
        line=cells.key(row.get("line")), sku=sku, code=code, title=title, quantity=quantity,
        returned=quantity if came_back else min(quantity, cells.count(row.get("returned")) or 0),
        unit_price=unit_price, charged=charged,
        cod=sheet.cod.meaning(cells.text(row.get("payment"))) is not None, province=cells.text(row.get("province")),
    )  # fmt: skip


def _state(native: str, reason: str, sheet: InSheet) -> tuple[OrderState, bool]:
    """The state, and whether all of the row came back. A parcel nobody took is often written as cancelled."""
    meaning = sheet.states.meaning(native)
    if meaning is None:
        raise Wrong("file_row_state_unknown", native)
    if meaning == "returned":
        return OrderState.DELIVERED, True
    if meaning == "cancelled" and reason:
        meaning = sheet.reasons.meaning(reason) or meaning
    return OrderState(meaning), False


def _price(row: Row, sheet: InSheet, quantity: int) -> tuple[Vnd, Vnd]:
    """(list price of one, charged for all of the row before the platform's own vouchers)."""
    unit, deal, charged, discount, platform = (
        cells.money(row.get(name), sheet.decimal)
        for name in ("unit_price", "deal_price", "charged", "seller_discount", "platform_discount")
    )
    if charged is None and deal is not None:
        charged = deal * quantity
    if charged is None and unit is not None:
        charged = unit * quantity - abs(discount or 0)
    elif charged is not None:
        charged += abs(platform or 0)
    if charged is None or charged < 0:
        raise Wrong("file_row_money_wrong", "" if charged is None else charged)
    if unit is None:
        unit = deal if deal is not None else charged // quantity
    return unit, charged


def one_order(rows: Sequence[OrderRow], sheet: InSheet) -> RemoteOrder:
    """The order of all its rows, in the order of the sheet."""
    first = rows[0]
    state = _whole_state([row.state for row in rows])
    times = {name: max(found) for name in _TIMES if (found := [r.times[name] for r in rows if name in r.times])}
    lines, units = _lines(rows, sheet, ended=state in ENDED)
    updated = max((row.placed for row in rows), default=first.placed)
    updated = max(updated, *times.values()) if times else updated
    delivered = times.get("delivered", times.get("completed")) if state in DELIVERED else None
    return RemoteOrder(
        remote_id=RemoteId(first.order),
        number=first.order,
        state=state,
        placed_at=first.placed,
        updated_at=updated,
        lines=lines,
        cod=first.cod,
        paid_at=times.get("paid"),
        shipped_at=times.get("shipped"),
        delivered_at=delivered,
        cancelled_at=times.get("cancelled") if state is OrderState.CANCELLED else None,
        seller_voucher=_amount(rows, "seller_voucher", sheet),
        platform_voucher=_amount(rows, "platform_voucher", sheet),
        shipping_paid=_amount(rows, "shipping_paid", sheet),
        province=first.province,
        refunds=_refunds(rows, lines, units, sheet, at=updated) if state in DELIVERED else (),
        native_state=first.native[:40],
    )


def _whole_state(states: Sequence[OrderState]) -> OrderState:
    """Of rows that stand differently: the least advanced of those still alive."""
    living = [state for state in states if state not in ENDED]
    if living:
        return min(living, key=lambda state: RANK[state])
    return OrderState.FAILED_DELIVERY if OrderState.FAILED_DELIVERY in states else OrderState.CANCELLED


def _amount(rows: Sequence[OrderRow], name: str, sheet: InSheet) -> Vnd:
    told = [row.amounts[name] for row in rows if name in row.amounts]
    return sum(told) if name in sheet.per_row else max(told, default=0)


def _lines(
    rows: Sequence[OrderRow], sheet: InSheet, *, ended: bool
) -> tuple[tuple[RemoteLine, ...], Mapping[str, int]]:  # fmt: skip
    """Lines, and returned units by line id. With ``by_unit`` equal rows are one line of so many units."""
    groups: dict[tuple[object, ...], list[OrderRow]] = {}
    for place, row in enumerate(rows):
        alike = (row.sku, row.code, row.title, row.unit_price) if sheet.by_unit else (place,)
        groups.setdefault(alike, []).append(row)
    taken: dict[str, int] = {}
    lines: list[RemoteLine] = []
    units: dict[str, int] = {}
    for group in groups.values():
        one = group[0]
        line_id = _line_id(one, sheet, taken)
        lines.append(
            RemoteLine(
                line_id=RemoteId(line_id),
                sku=Sku(one.sku) if one.sku else None,
                listing=RemoteId(one.code) if one.code else None,
                variant=None,
                title=one.title,
                quantity=sum(row.quantity for row in group),
                unit_price=one.unit_price,
                charged=sum(row.charged for row in group),
                cancelled=0 if ended else sum(row.quantity for row in group if row.state in ENDED),
            )
        )
        if returned := sum(row.returned for row in group):
            units[line_id] = returned
    return tuple(lines), units


def _line_id(row: OrderRow, sheet: InSheet, taken: dict[str, int]) -> str:
    """The place's own id of the line, else what was bought; the second of the same kind gets a number."""
    name = (row.line if not sheet.by_unit else "") or row.sku or row.code or fold(row.title)
    name = name[: _LONGEST_LINE_ID - 6]
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name}#{taken[name]}"


def _refunds(
    rows: Sequence[OrderRow], lines: Sequence[RemoteLine], units: Mapping[str, int], sheet: InSheet, *, at: datetime
) -> tuple[RemoteRefund, ...]:  # fmt: skip
    """As stated; else each returned unit's share of what its line brought after the seller's own voucher."""
    amount = _amount(rows, "refund", sheet) or _shares(lines, units, _amount(rows, "seller_voucher", sheet))
    if not amount:
        return ()
    back = tuple((RemoteId(line_id), number) for line_id, number in units.items())
    return (RemoteRefund(refund_id=RemoteId(f"{BY_FILE}refund"), at=at, amount=amount, units=back),)


def _shares(lines: Sequence[RemoteLine], units: Mapping[str, int], voucher: Vnd) -> Vnd:
    vouchers = allot_voucher(voucher, lines)
    return sum(
        (line.charged - less) * units.get(line.line_id, 0) // line.quantity
        for line, less in zip(lines, vouchers, strict=True)
    )
