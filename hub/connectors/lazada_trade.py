"""Lazada's orders, returns and money: what is told and what is asked.

One order item is one unit; equal ones become a line, named by its first item. An order has no state, nor a time of
delivery: both are read from its units, the time being that of their last change.
UNCONFIRMED: how tax withheld is told in statements (a row of its own, or ``WHT_amount`` inside another's), how many
days after delivery rows appear; whether ``update_after`` includes its own second; the most of ``page_size`` of returns;
whether a mere refund marks its units (one that does not is known only while the walk over returns tells it).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from hub.connectors.base import Connector
from hub.connectors.lazada_words import Data, OrderTold, Reverse, Row, Told, Unit, Units
from hub.connectors.model import (
    Broken,
    FeeKind,
    FeeLine,
    OrderState,
    Page,
    RemoteLine,
    RemoteOrder,
    RemoteRefund,
    Settlement,
)
from hub.connectors.walk import Walk, insist, side_by_side, understood
from hub.errors import Garbled
from hub.types import LOCAL, RemoteId, Sku, fold, local_date, local_midnight

BEFORE = ("unpaid", "pending", "packed", "repacked", "ready_to_ship")
TAKEN = ("delivered", "confirmed", "returned")
RANKS = (*BEFORE, "shipped", *TAKEN)


def state_of(units: Sequence[Unit], *, cod: bool) -> OrderState:
    """The least advanced unit that is still wanted speaks for the order; lost and refused ones only when alone."""
    ranks = [RANKS.index(one.status) for one in units if one.status in RANKS]
    if not ranks:
        gone = all(one.status == "canceled" for one in units)
        return OrderState.CANCELLED if gone else OrderState.FAILED_DELIVERY
    match RANKS[min(ranks)]:
        case "shipped":
            return OrderState.SHIPPED
        case "delivered":
            return OrderState.DELIVERED
        case "confirmed" | "returned":
            return OrderState.COMPLETED
        case word:
            return OrderState.PLACED if cod or word == "unpaid" else OrderState.PAID


def grouped_units(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units of the same SKU at the same price: the lines of an order."""
    groups: dict[tuple[str, str, int], list[Unit]] = {}
    for one in units:
        groups.setdefault((one.product_id, one.sku_id, one.item_price), []).append(one)
    return list(groups.values())


def to_order(told: OrderTold, units: Sequence[Unit], reverses: Sequence[Reverse] = ()) -> RemoteOrder:
    cod = told.payment_method.upper() == "COD"
    state = state_of(units, cod=cod)
    groups = grouped_units(units)
    wanted = [one for one in units if one.status in RANKS]
    lines = {one.order_item_id: RemoteId(group[0].order_item_id) for group in groups for one in group}
    changed = max((one.updated_at for one in wanted or units), default=told.updated_at)
    there = changed if state in (OrderState.DELIVERED, OrderState.COMPLETED) else None
    paid = max((one.payment_time for one in units if one.payment_time), default=None)
    where = str(told.address_shipping.get("address3", ""))
    return RemoteOrder(
        remote_id=RemoteId(told.order_id), number=told.order_number or told.order_id, state=state, cod=cod,
        placed_at=told.created_at, updated_at=max([told.updated_at, *(one.updated_at for one in units)]),
        paid_at=there if cod else paid, delivered_at=there,
        shipped_at=changed if state is OrderState.SHIPPED else None,
        cancelled_at=changed if state is OrderState.CANCELLED else None,
        lines=tuple(_line(group, whole=not wanted and state is OrderState.FAILED_DELIVERY) for group in groups),
        seller_voucher=sum(one.voucher_seller for one in wanted or units),
        platform_voucher=sum(one.voucher_platform for one in wanted or units), shipping_paid=told.shipping_fee,
        province="" if "*" in where else where, native_state=",".join(sorted({one.status for one in units})),
        refunds=tuple(refund for one in reverses if (refund := to_refund(one, lines)) is not None),
    )  # fmt: skip


def _line(group: Sequence[Unit], *, whole: bool) -> RemoteLine:
    first = group[0]
    return RemoteLine(
        line_id=RemoteId(first.order_item_id), sku=Sku(first.sku) if first.sku else None, title=first.name,
        listing=RemoteId(first.product_id) or None, variant=RemoteId(first.sku_id) or None, quantity=len(group),
        unit_price=first.item_price, charged=first.item_price * len(group),
        cancelled=sum(one.status == "canceled" or (not whole and one.status not in RANKS) for one in group),
    )  # fmt: skip


def to_refund(told: Reverse, lines: Mapping[str, RemoteId]) -> RemoteRefund | None:
    """Finished ones only. In Vietnam the amount is dong (in cents everywhere else). A mere refund keeps the goods."""
    done = [one for one in told.lines if one.status == "REFUND_SUCCESS" and one.at is not None]
    if told.request_type == "CANCEL" or not done:
        return None
    units: dict[RemoteId, int] = {}
    for one in done:
        if told.request_type == "RETURN" and one.line in lines:
            units[lines[one.line]] = units.get(lines[one.line], 0) + 1
    at = max(one.at for one in done if one.at is not None)
    total = sum(one.amount for one in done)
    return RemoteRefund(refund_id=RemoteId(told.reverse_order_id), at=at, amount=total, units=tuple(units.items()))


GOODS = ("13", "14")
FEES: Mapping[str, FeeKind] = {
    "16": "commission", "15": "commission", "65": "commission", "3": "payment", "4": "payment", "118": "voucher",
    "202": "voucher", "121": "voucher", "203": "voucher", "7": "shipping", "8": "shipping", "28": "shipping",
    "298": "shipping", "200": "shipping", "211": "shipping", "157": "shipping", "142": "shipping", "143": "shipping",
    "54": "adjustment", "80": "adjustment", "81": "adjustment", "63": "adjustment", "64": "adjustment",
    "82": "adjustment", "144": "adjustment", "304": "service", "201": "pit_withheld",
}  # fmt: skip
TAXES: tuple[tuple[str, FeeKind], ...] = (("vat", "vat_withheld"), ("gtgt", "vat_withheld"), ("pit", "pit_withheld"),
                                          ("tncn", "pit_withheld"))  # fmt: skip


def to_fees(row: Row) -> Iterator[FeeLine]:
    """What a row takes; tax that is inside its amount stands apart (whose it is, is UNCONFIRMED: taken as PIT)."""
    tax = abs(row.tax) if row.tax_inside else 0
    if tax:
        yield FeeLine(kind="pit_withheld", amount=tax, label="WHT_amount")
    if row.fee_type in GOODS:
        return
    words = fold(row.fee_name).replace("(", " ").replace(")", " ").split()
    named: FeeKind = next((kind for word, kind in TAXES if word in words), "other")
    kind = FEES.get(row.fee_type, named)
    yield FeeLine(kind=kind, amount=-row.amount - tax, label=row.fee_name)


def to_settlements(rows: Sequence[Row]) -> list[Settlement]:
    """One for each order and day: a later row of the same day replaces what was told of that day."""
    groups: dict[tuple[str, date], list[Row]] = {}
    for row in rows:
        if row.order_no:
            groups.setdefault((row.order_no, row.transaction_date), []).append(row)
    return [
        Settlement(statement_id=RemoteId(f"{order}/{day}"), order=RemoteId(order),
                   amount=sum(one.amount for one in group),
                   settled_at=local_midnight(day),
                   fees=tuple(fee for one in group for fee in to_fees(one)))
        for (order, day), group in groups.items()
    ]  # fmt: skip


# ---- asked of the platform -----------------------------------------------------------------------------------------

M = TypeVar("M")
PER_PAGE = 50
"""Orders: so many can be asked for their items at once."""
ROWS = 500
DAYS = 7


class Trade(Connector):
    """Orders and statements."""

    # ---- orders --------------------------------------------------------------------------------------------------

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        """Orders with returns that changed, seldom any; then oldest change first."""
        walk = Walk(page, since, until, phases=("returns", "orders"))
        return await (self._returned(walk) if walk.phase == "returns" else self._changed(walk))

    async def _changed(self, walk: Walk) -> Page[RemoteOrder]:
        """The window's beginning moves, no offset counts: an order that changes leaves without shifting the others.
        The mark is the second reached, how many of it to leap over, and the ids told of it."""
        reached, leap, ids = walk.mark.split(":") if walk.mark else (str(int(walk.start.timestamp())), "0", "")
        told_before = set(ids.split(","))
        params = {
            "update_after": _iso(int(reached) - (1 if walk.mark else 0)), "limit": PER_PAGE, "offset": leap,
            "update_before": _iso(int(walk.end.timestamp())), "sort_by": "updated_at", "sort_direction": "ASC",
        }  # fmt: skip
        answer = await insist(
            lambda: self.api.read(Data, "GET", "/orders/get", params=params), lambda got: bool(inside(got, "orders")),
            times=walk.doubts,
        )  # fmt: skip
        listed, broken = self.api.each(OrderTold, inside(answer, "orders"), id_key="order_id")
        full = len(inside(answer, "orders")) == PER_PAGE
        fresh = [one for one in listed if one.order_id not in told_before]
        good, worse = await self._whole(fresh)
        mark = None
        if full and listed:
            last = int(max(one.updated_at for one in listed).timestamp())
            near = {one.order_id for one in listed if int(one.updated_at.timestamp()) >= last - 1}
            still = last <= int(reached) + 1  # the page did not get past its first seconds
            mark = f"{int(reached) if still else last}:{int(leap) + PER_PAGE if still else 0}:" + ",".join(
                sorted(near | (told_before - {""} if still else set()))
            )
        return Page(items=good, next=walk.next(mark), broken=[*broken, *worse])

    async def _whole(self, told: Sequence[OrderTold]) -> tuple[list[RemoteOrder], list[Broken]]:
        """Their units in one call, their returns in one each where a unit says there are any."""
        if not told:
            return [], []
        ids = "[" + ",".join(one.order_id for one in told) + "]"
        answer = await self.api.read(Data, "GET", "/orders/items/get", params={"order_ids": ids})
        groups, _ = self.api.each(Units, answer.data or [], id_key="order_id")
        units = {one.order_id: one.order_items for one in groups}
        asked = [RemoteId(one.order_id) for one in told]
        by_id = {one.order_id: one for one in told}

        async def whole(order_id: RemoteId) -> RemoteOrder:
            return await self._put_together(by_id[order_id], units.get(order_id, []))

        return understood(asked, await side_by_side(asked, whole))

    async def _put_together(
        self, told: OrderTold, rows: Sequence[object], known: Sequence[Reverse] = ()
    ) -> RemoteOrder:
        """With the returns ``known`` already, and those asked for where a unit tells of any. Raises Garbled when a unit
        cannot be understood: an order without it would be a lie."""
        units = self.understood(Unit, rows, "order_item_id")
        if not units:
            raise Garbled("remote_garbled", path="order_items")
        back = any((one.reverse_order_id or one.return_status) and one.status != "canceled" for one in units)
        asked = await self._reverses(2, trade_order_id=told.order_id) if back or known else []
        return to_order(told, units, list({one.reverse_order_id: one for one in [*known, *asked]}.values()))

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        return await self._order(remote_id)

    async def _order(self, remote_id: RemoteId, known: Sequence[Reverse] = ()) -> RemoteOrder:
        told = await self.api.read(Told, "GET", "/order/get", params={"order_id": remote_id})
        return await self._put_together(told.data, await self._rows(remote_id), known)

    async def _rows(self, order: RemoteId) -> list[object]:
        answer = await self.api.read(Data, "GET", "/order/items/get", params={"order_id": order})
        return list(answer.data) if isinstance(answer.data, list) else []

    def understood(self, model: type[M], values: Sequence[object], id_key: str) -> list[M]:
        """All of them. Raises Garbled for the first that cannot be: without it the whole would be wrong."""
        good, broken = self.api.each(model, values, id_key=id_key)
        if broken:
            raise Garbled("remote_garbled", path=broken[0].path)
        return good

    async def _returned(self, walk: Walk) -> Page[RemoteOrder]:
        reverses = await self._reverses(
            2,
            ReverseOrderLineModifiedTimeRangeStart=int(walk.start.timestamp() * 1000),
            ReverseOrderLineModifiedTimeRangeEnd=int(walk.end.timestamp() * 1000),
        )
        known: dict[RemoteId, list[Reverse]] = {}
        for one in reverses:
            if one.request_type != "CANCEL":
                known.setdefault(RemoteId(one.trade_order_id), []).append(one)
        ids = sorted(known)
        good, broken = understood(ids, await side_by_side(ids, lambda order: self._order(order, known[order])))
        return Page(items=good, next=walk.next(None), broken=broken)

    async def _reverses(self, times: int, **params: object) -> list[Reverse]:
        """All of them, whatever page they stand on; no first page is asked for ``times`` times."""
        found: list[Reverse] = []
        while True:
            asked = {**params, "page_no": len(found) // PER_PAGE + 1, "page_size": PER_PAGE}
            ask = partial(self.api.read, Data, "GET", "/reverse/getreverseordersforseller", params=asked)
            answer = await insist(ask, lambda got: bool(inside(got, "items")), times=3 if found else times)
            rows = inside(answer, "items")
            found += self.understood(Reverse, rows, "reverse_order_id")
            if len(rows) < PER_PAGE:
                return found

    # ---- money ---------------------------------------------------------------------------------------------------

    async def settlements(self, since: datetime, until: datetime, page: str | None) -> Page[Settlement]:
        """Whole local days only, so that a day's statement of an order is never told in part."""
        walk = Walk(page, since, until, days=DAYS)
        first, last = local_date(walk.start), local_date(walk.end - timedelta(microseconds=1))
        values: list[object] = []
        while True:
            params = {"start_time": first, "end_time": last, "trans_type": "-1", "limit": ROWS, "offset": len(values)}
            ask = partial(self.api.read, Data, "GET", "/finance/transaction/details/get", params=params)
            answer = await insist(ask, lambda got: bool(got.data), times=3 if values else walk.doubts)
            values += answer.data or []
            if len(answer.data or []) < ROWS:
                break
        rows, broken = self.api.each(Row, values, id_key="order_no")
        spoilt = {one.remote_id for one in broken}
        told = to_settlements([one for one in rows if one.order_no not in spoilt])
        return Page(items=told, next=walk.next(None), broken=broken)


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, LOCAL).isoformat()


def inside(answer: Data, name: str) -> list[Any]:
    """A list inside ``data``, or inside ``result`` and its ``data``; none where an empty answer leaves it out."""
    result = answer.result if isinstance(answer.result, dict) else {}
    for place in (answer.data, result, result.get("data")):
        if isinstance(place, dict) and isinstance(place.get(name), list):
            return list(place[name])
    return []
