"""Rows of an income sheet as settlements, every fee as stated. Pure.

Two habits: one row per order with a column per fee, and one row per fee with its name. Rows about the same order of the
same statement (or day) are one settlement, so that the same file again, or a longer one, gives the same ids.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from hub.connectors.model import FeeKind, FeeLine, Settlement
from hub.sales.model import BY_FILE
from hub.sync.files import cells
from hub.sync.files.cells import Wrong
from hub.sync.files.profile import InSheet
from hub.sync.files.table import Row, Table
from hub.types import RemoteId, Vnd, local_date

_KINDS: dict[str, FeeKind] = {
    "commission": "commission", "payment": "payment", "service": "service", "shipping": "shipping",
    "voucher": "voucher", "ads": "ads", "affiliate": "affiliate", "vat_withheld": "vat_withheld",
    "pit_withheld": "pit_withheld", "cit_withheld": "cit_withheld", "adjustment": "adjustment", "other": "other",
}  # fmt: skip
GOODS = "goods"


@dataclass(kw_only=True)
class _Growing:
    """A settlement under construction."""

    order: str
    at: datetime
    amount: Vnd = 0
    fees: list[FeeLine] = field(default_factory=list)


def settlements(
    rows: Iterable[tuple[Table, Row]], sheet: InSheet
) -> tuple[tuple[Settlement, ...], list[tuple[Table, Row, Wrong]]]:
    """The settlements, and the rows that could not be read."""
    growing: dict[tuple[str, str], _Growing] = {}
    wrong: list[tuple[Table, Row, Wrong]] = []
    for table, row in rows:
        try:
            _add(growing, row, sheet)
        except Wrong as error:
            wrong.append((table, row, error))
    found = tuple(
        Settlement(
            statement_id=_id(*key), order=RemoteId(one.order), settled_at=one.at, amount=one.amount,
            fees=tuple(fee for fee in one.fees if fee.amount),
        )
        for key, one in growing.items()
    )  # fmt: skip
    return found, wrong


def _add(growing: dict[tuple[str, str], _Growing], row: Row, sheet: InSheet) -> None:
    if sheet.skip.meaning(cells.text(row.get("order"))) is not None:
        return  # a line of totals
    kind = cells.text(row.get("type"))
    if sheet.only.exact and kind and sheet.only.meaning(kind) is None:
        return  # goods of an order that has a row of its own
    order = cells.key(row.get("related")).strip("/-") or cells.key(row.get("order"))
    if not order:
        raise Wrong("file_row_order_missing", "")
    at = cells.moment(row.get("settled"), sheet.dates, sheet.zone)
    if at is None:
        raise Wrong("file_row_time_wrong", cells.text(row.get("settled")))
    amount = cells.money(row.get("amount"), sheet.decimal)
    if amount is None:
        raise Wrong("file_row_money_wrong", "")
    fees = [_named_fee(row, amount, sheet)] if sheet.by_line else _fee_columns(row, sheet)
    statement = cells.text(row.get("statement")) or local_date(at).isoformat()
    one = growing.setdefault((order, statement), _Growing(order=order, at=at))
    one.at = max(one.at, at)
    one.amount += amount
    one.fees.extend(fee for fee in fees if fee is not None)


def _named_fee(row: Row, amount: Vnd, sheet: InSheet) -> FeeLine | None:
    """The row itself as a fee; None when it is the price of the goods. A name nobody knows is "other", as stated."""
    label = cells.text(row.get("fee"))
    if sheet.skip.meaning(label) is not None:
        return None
    return FeeLine(kind=_KINDS[sheet.fees.meaning(label) or "other"], amount=-amount, label=label)


def _fee_columns(row: Row, sheet: InSheet) -> list[FeeLine]:
    """Every filled fee column. Taken is positive, given back negative, whatever sign the place writes."""
    sign = -1 if sheet.fees_negative else 1
    return [
        FeeLine(kind=kind, amount=sign * amount, label=heading)
        for heading, kind, cell in row.fees
        if (amount := cells.money(cell, sheet.decimal))
    ]


def _id(order: str, statement: str) -> RemoteId:
    """Short and always the same; begins so that the platform's own statement can replace it."""
    return RemoteId(BY_FILE + blake2b(f"{order}\x1f{statement}".encode(), digest_size=16).hexdigest())
