"""Tiki's orders: what they say (pure), how they are read by list and event queue, and how they are sent out.

The facts and what is unconfirmed stand in :mod:`hub.connectors.tiki`.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel, Field

from hub.connectors.api import Api
from hub.connectors.model import Broken, OrderState, Page, RemoteLine, RemoteOrder, RemoteRefund, ShopSettings
from hub.connectors.shapes import Accepted, Count, Dong, Flag, Json, Many, Text
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping, Slot
from hub.connectors.tiki_words import EVENTS, PAGE, TOKEN, V1, V2, Local, Pair, Rows
from hub.connectors.walk import Walk, insist, side_by_side, understood
from hub.errors import Garbled, Refused, Unauthorised, Vanished
from hub.types import LOCAL, RemoteId, Sku, nfc


class Line(BaseModel):
    id: Text
    product_id: Text = Field("", validation_alias=AliasPath("product", "id"))
    sku: Text = Field("", validation_alias=AliasPath("product", "seller_product_code"))
    name: Text = Field("", validation_alias=AliasPath("product", "name"))
    price: Dong = 0
    qty: Count
    is_free_gift: Flag = False
    subtotal: Dong = Field(validation_alias=AliasPath("invoice", "subtotal"))
    coupon: Dong = Field(0, validation_alias=AliasPath("invoice", "discount_coupon"))
    ours: Flag = Field(False, validation_alias=AliasPath("invoice", "is_seller_discount_coupon"))
    confirmation: Text = Field("", validation_alias=AliasPath("confirmation", "status"))
    sla: Local = Field(None, validation_alias=AliasPath("confirmation", "available_confirm_sla"))


class Event(BaseModel):
    sid: Text = ""
    code: Text = Field(
        "", validation_alias=AliasChoices(AliasPath("payload", "order_code"), AliasPath("payload", "orderCode"))
    )


class Pulled(BaseModel):
    events: Many[Event] = []
    ack_id: Text = ""


class Queue(BaseModel):
    code: str


class Place(BaseModel):
    id: Text
    name: Text = ""


class Fit(BaseModel):
    tiki_warehouse_code: Text = ""
    seller_inventory_ids: Many[Text] = []


class Inventories(BaseModel):
    seller_inventories: Many[Place] = []
    mappings: Many[Fit] = []


class Step(BaseModel):
    status: Text
    created_at: Local = None


class Order(BaseModel):
    code: Text
    status: Text
    fulfillment_type: Text = ""
    is_rma: Flag = False
    created_at: Local
    updated_at: Local = None
    items: Many[Line]
    discount: Dong = Field(0, validation_alias=AliasPath("invoice", "discount_amount"))
    shipping_fee: Dong = Field(0, validation_alias=AliasPath("invoice", "shipping_amount_after_discount"))
    purchased_at: Local = Field(None, validation_alias=AliasPath("invoice", "purchased_at"))
    method: Text = Field("", validation_alias=AliasPath("payment", "method"))
    is_prepaid: Flag = Field(False, validation_alias=AliasPath("payment", "is_prepaid"))
    payment: Text = Field("", validation_alias=AliasPath("payment", "status"))
    region: Text = Field("", validation_alias=AliasPath("shipping", "address", "region"))
    tracking: Text = Field("", validation_alias=AliasPath("shipping", "tracking_code"))
    carrier: Text = Field("", validation_alias=AliasPath("shipping", "partner_name"))
    steps: Many[Step] = Field([], validation_alias="status_histories")
    canceled_at: Local = Field(None, validation_alias=AliasPath("cancel_info", "canceled_at"))
    warehouse: Text = Field("", validation_alias=AliasPath("tiki_warehouse", "code"))

    @property
    def open(self) -> bool:
        """Whether the seller may still confirm or refuse it."""
        return self.status == "queueing" and all(one.confirmation == "waiting" for one in self.items)


UNPAID, RUNNING, MOVING, DELIVERED, ENDED = (
    ("waiting_payment", "payment_review", "holded", "processing"),
    ("queueing", "picking", "packaging", "finished_packing", "ready_to_ship", "paid"),
    ("handover_to_partner", "shipping"),
    ("successful_delivery", "delivered", "complete"),
    ("canceled", "closed", "returned"),
)


def to_order(order: Order) -> RemoteOrder:
    """An order by its status and history. Raises Garbled for a status nobody knows."""
    when = {step.status: step.created_at for step in reversed(order.steps) if step.created_at}
    placed, changed = order.created_at, order.updated_at or order.created_at
    if placed is None or changed is None or order.status not in {*UNPAID, *RUNNING, *MOVING, *DELIVERED, *ENDED}:
        raise Garbled("remote_garbled", path="status")
    arrived = next((when[one] for one in DELIVERED if one in when), changed if order.status in DELIVERED else None)
    cod = order.method == "cod"
    paid = order.is_prepaid and order.payment == "success" and order.status not in UNPAID
    lines = tuple(to_line(one, order) for one in order.items)
    ours = 0 if order.is_rma else sum(one.coupon for one in order.items if one.ours)
    total = sum(one.charged for one in lines) - ours
    back = RemoteRefund(
        refund_id=RemoteId(f"{order.code}-returned"), at=when.get("returned", changed), amount=total,
        units=tuple((one.line_id, one.quantity) for one in lines),
    )  # fmt: skip
    return RemoteOrder(
        remote_id=RemoteId(order.code), number=order.code, state=to_state(order, paid, arrived is not None, when),
        placed_at=placed, updated_at=changed, lines=lines, cod=cod,
        paid_at=arrived if cod else (order.purchased_at or when.get("queueing", placed)) if paid else None,
        shipped_at=next((when[one] for one in MOVING if one in when), None), delivered_at=arrived,
        cancelled_at=order.canceled_at or when.get("canceled", changed) if order.status == "canceled" else None,
        seller_voucher=ours, platform_voucher=0 if order.is_rma else max(0, order.discount - ours),
        shipping_paid=order.shipping_fee, province=order.region, native_state=order.status,
        refunds=(back,) if order.status == "returned" and arrived is not None and total > 0 else (),
    )  # fmt: skip


def to_line(line: Line, order: Order) -> RemoteLine:
    free = line.is_free_gift or order.is_rma
    refused = line.confirmation == "seller_canceled" and order.status != "canceled"
    return RemoteLine(
        line_id=RemoteId(line.id), sku=Sku(line.sku) if line.sku else None, listing=None,
        variant=RemoteId(line.product_id) if line.product_id else None, title=nfc(line.name), quantity=line.qty,
        unit_price=0 if free else line.price, charged=0 if free else line.subtotal,
        cancelled=line.qty if refused else 0,
    )  # fmt: skip


def to_state(order: Order, paid: bool, arrived: bool, when: Mapping[str, object]) -> OrderState:
    """What ended after it arrived stays delivered: money that went back is a refund."""
    if order.status in ENDED and arrived:
        return OrderState.COMPLETED if "complete" in when else OrderState.DELIVERED
    if order.status in ENDED:
        return OrderState.FAILED_DELIVERY if order.status == "returned" else OrderState.CANCELLED
    if order.status in DELIVERED:
        return OrderState.COMPLETED if order.status == "complete" else OrderState.DELIVERED
    if order.status in MOVING:
        return OrderState.SHIPPED
    return OrderState.PAID if paid else OrderState.PLACED


def to_orders(orders: Iterable[Order]) -> tuple[list[RemoteOrder], list[Broken]]:
    """Those that are understood, and the others by name."""
    good: list[RemoteOrder] = []
    broken: list[Broken] = []
    for one in orders:
        try:
            good.append(to_order(one))
        except Garbled:
            broken.append(Broken(remote_id=RemoteId(one.code), path="status", sample=one.status))
    return good, broken


def to_slots(told: Inventories, warehouse: str, times: Iterable[str]) -> tuple[Slot, ...]:
    """One for each place that serves Tiki's warehouse and each time; the id is both."""
    fitting = {one for fit in told.mappings if fit.tiki_warehouse_code == warehouse for one in fit.seller_inventory_ids}
    places = [one for one in told.seller_inventories if one.id in fitting or not fitting]
    return tuple(Slot(id=f"{one.id}|{time}", start=_local(time), place=one.name) for one in places for time in times)


def _local(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=LOCAL).astimezone(UTC)
    except ValueError:
        return None


def stamp(moment: datetime) -> str:
    """Vietnam's wall clock, as filters want it."""
    return moment.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")


class Trade:
    """What :class:`~hub.connectors.tiki.Tiki` knows of orders."""

    api: Api
    shop: ShopSettings
    _bearer = ""

    async def _list(self, path: str, **params: object) -> list[Any]:
        """A list that has something in it; an empty one is doubted before anybody is told to put something right."""
        ask = partial(self.api.read, Rows, "GET", path, params=params)
        return (await insist(ask, lambda got: bool(got.data), times=2)).data

    # ---- TakesOrders

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        """Events first where the shop has a queue (its mark is sent back, and so acknowledged, with the next page's
        question), then the list by time of change, replacements first. Unpaid orders are told as placed."""
        phases = ("events", "1", "0") if self.shop.values.get("queue") else ("1", "0")
        walk = Walk(page, since, until, phases=phases)
        if walk.phase == "events":
            return await self._events(walk)
        number = int(walk.mark or 1)
        rare = walk.phase == "1" and not walk.mark  # replacements: hardly ever any, and the nightly recount looks again
        times = 2 if rare else walk.doubts
        answer = await insist(lambda: self._order_rows(walk, number), lambda got: bool(got.data), times=times)
        if not walk.mark and answer.paging.last_page > 1:
            return Page(items=(), next=walk.next(answer.paging.last_page))
        told, broken = self.api.each(Order, answer.data, id_key="code")
        items, strange = to_orders(told)
        return Page(items=items, broken=[*broken, *strange], next=walk.next(number - 1 if number > 1 else None))

    async def _order_rows(self, walk: Walk, number: int) -> Rows:
        params = {
            "page": number, "limit": PAGE, "include": "status_histories", "is_rma": walk.phase,
            "order_by": "created_at|desc", "updated_from_date": stamp(walk.start), "updated_to_date": stamp(walk.end),
        }  # fmt: skip
        return await self.api.read(Rows, "GET", f"{V2}/orders", params=params)

    async def _events(self, walk: Walk) -> Page[RemoteOrder]:
        """At least once, old to new; what is not about an order of this shop only moves the mark on."""
        path = f"{V1}/queues/{self.shop.values['queue']}/events/pull"
        pulled = await self._pulled(path, {"ack_id": walk.mark or None})
        mine = (one for one in pulled.events if one.sid in ("", self.shop.remote_id))
        codes = list(dict.fromkeys(RemoteId(one.code) for one in mine if one.code))
        good, broken = understood(codes, await side_by_side(codes, self.order))
        more = bool(pulled.events) and pulled.ack_id != walk.mark
        return Page(items=good, broken=broken, next=walk.next(pulled.ack_id if more else None))

    async def _pulled(self, path: str, ask: Json) -> Pulled:
        """By the app's own token; one that died is asked for anew once, for no owner could help there."""
        try:
            return await self.api.read(Pulled, "POST", path, json=ask, headers=await self._as_app(), scope="app")
        except Unauthorised as error:
            if not error.refreshable:
                raise
        self._bearer = ""
        return await self.api.read(Pulled, "POST", path, json=ask, headers=await self._as_app(), scope="app")

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        return to_order(await self._order(remote_id))

    async def _order(self, code: RemoteId) -> Order:
        return await self.api.read(Order, "GET", f"{V2}/orders/{code}", params={"include": "status_histories"})

    async def open_queue(self, name: str) -> str:
        """A queue of this shop alone, subscribed to what the hub reads: its code goes into the setting ``queue``."""
        headers = await self._as_app()
        queue = await self.api.write(Queue, "POST", f"{V1}/queues", json={"name": name}, headers=headers, scope="app")
        for kind in EVENTS:
            path = f"{V1}/queues/{queue.code}/subscriptions"
            await self.api.write(Accepted, "POST", path, json={"event_type": kind}, repeatable=True)
        return queue.code

    async def _as_app(self) -> tuple[tuple[str, str], ...]:
        if not self._bearer:
            form = {"grant_type": "client_credentials"}
            self._bearer = (await self.api.read(Pair, "POST", TOKEN, params=form, scope="token")).access_token
        return (("Authorization", f"Bearer {self._bearer}"),)

    # ---- Fulfils: Tiki's carriers come; the seller says that the goods are there, once and in time

    async def shipping_options(self, order: RemoteId) -> Options:
        found = await self._order(order)
        if found.status != "queueing":
            raise Refused("order_state_wrong", status=found.status)
        params = {"tiki_warehouse_codes": found.warehouse}
        ask = partial(self.api.read, Inventories, "GET", f"{V2}/seller-inventories", params=params)
        places = await insist(ask, lambda got: bool(got.seller_inventories), times=2)
        times = [""]
        if found.fulfillment_type == "dropship":
            path = f"{V2}/orders/{order}/dropship/expected-pickup-times"
            times = [str(one) for one in await self._list(path)]
        slots = to_slots(places, found.warehouse, times)
        due = min((one.sla for one in found.items if one.sla), default=None)
        return Options(handovers=("pickup",), slots=slots, ship_by=due)

    async def pack(self, order: RemoteId) -> None:
        """Tiki has no such step."""

    async def ship(self, shipping: Shipping) -> Shipped:
        """All of the order: parts have no word here. What is confirmed already is left as it is."""
        found = await self._order(shipping.order)
        if found.status in (*UNPAID, *ENDED):
            raise Refused("order_state_wrong", status=found.status)
        if found.open:
            slots = () if shipping.slot else (await self.shipping_options(shipping.order)).slots
            place, _, time = (slots[0].id if slots else shipping.slot).partition("|")
            if not place:
                raise Refused("warehouse_wrong", message="")
            await self._confirm(found, int(place), time, yes=True)
        return Shipped(order=shipping.order, tracking=found.tracking, carrier=found.carrier)

    async def label(self, order: RemoteId) -> Label:
        found = await self._order(order)
        path = f"{V2}/orders/{order}/{found.fulfillment_type.replace('_', '-')}/labels"
        try:
            answer = await self.api.fetch("GET", path, params={"format": "html"})
        except (Refused, Vanished):
            raise Refused("label_not_ready") from None
        return Label(content=answer.body, media="text/html", name=f"tiki-{order}.html")

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        """Only before it is confirmed, by refusing it; Tiki takes no reason."""
        found = await self._order(order)
        if found.status == "canceled":
            return
        if not found.open:
            raise Refused("order_state_wrong", status=found.status)
        await self._confirm(found, 0, "", yes=False)

    async def _confirm(self, order: Order, place: int, time: str, *, yes: bool) -> None:
        if order.fulfillment_type == "dropship":
            path, word = "dropship/confirm-available", "seller_confirmed" if yes else "seller_canceled"
            said: Json = {"confirmation_status": word, **({"pickup_time": time} if time else {})}
        else:
            path, said = "confirm-available", {"available_item_ids": [int(one.id) for one in order.items if yes]}
        said |= {"seller_inventory_id": place} if yes else {}
        try:
            await self.api.write(Accepted, "POST", f"{V2}/orders/{order.code}/{path}", json=said)
        except Refused as error:  # twice, or too late: the texts are unconfirmed
            raise Refused("order_state_wrong", **error.facts) from None
