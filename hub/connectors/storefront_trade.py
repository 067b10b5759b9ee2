"""The trade of the storefront family: orders with their refunds, webhooks, sending out. Facts: ``storefront.py``."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Literal

from pydantic import AliasChoices, BaseModel, Field, ValidationError

from hub.connectors.model import Hint, Page, RemoteOrder
from hub.connectors.shapes import Moment, Text
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping
from hub.connectors.storefront import PAGE, Storefront, number_of
from hub.connectors.storefront_words import Order, Parcel, Refund, stamp, to_order
from hub.connectors.walk import Walk, insist, side_by_side, understood
from hub.errors import Garbled, Refused, Unauthorised
from hub.types import RemoteId

REASONS: Mapping[CancelReason, str] = {"out_of_stock": "inventory", "buyer_asked": "customer"}
KINDS: Mapping[str, Literal["order", "listing", "authorisation", "other"]] = {
    "orders": "order", "refunds": "order", "fulfillments": "order", "products": "listing", "app": "authorisation",
}  # fmt: skip
TOPICS = tuple(f"orders/{verb}" for verb in ("create", "updated", "update", "paid", "cancelled", "fulfilled"))


class Told(BaseModel):
    """What a delivery says of itself, whatever it is about."""

    id: Text = ""
    order_id: Text = ""
    updated: Moment = Field(default=None, validation_alias=AliasChoices("updated_at", "modified_on"))


class Trades(Storefront):
    """Orders and the news of them."""

    # ---- orders ----

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        walk = Walk(page, since, until)
        changed: dict[str, object] = {**self.order_filter, f"{self.words.updated}_min": stamp(since)}
        number = number_of(walk.mark)
        rows = await insist(lambda: self._rows("orders", **changed, limit=PAGE, page=number), bool, times=walk.doubts)
        seen, broken = self.api.each(Order, [self.plain_order(one) for one in rows], id_key="id")
        fresh = [one for one in seen if one.updated < until]  # later ones belong to the next window
        told = await side_by_side(fresh, self._with_refunds)
        following = await self._following("orders", walk.mark, rows, **changed)
        good, lost = understood([RemoteId(one.id) for one in fresh], told)
        return Page(items=good, next=walk.next(following), broken=[*broken, *lost])

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        return await self._with_refunds(await self._order(remote_id))

    async def _order(self, remote_id: RemoteId) -> Order:
        return self._decoded(Order, self.plain_order((await self._get(f"orders/{remote_id}")).get("order")))

    async def _with_refunds(self, order: Order) -> RemoteOrder:
        """Refunds stand in the order; one that says it was refunded and shows none is asked again."""
        if order.financial_status in ("partially_refunded", "refunded") and not order.refunds:
            told = await insist(lambda: self._get(f"orders/{order.id}/refunds"), lambda got: bool(got.get("refunds")))
            rows = [self._decoded(Refund, one) for one in told.get("refunds") or []]
            order = order.model_copy(update={"refunds": rows})
        return to_order(order)

    # ---- webhooks ----

    @classmethod
    def hear(cls, body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """base64(HMAC-SHA256(raw body)). Names of topics vary: an unknown one is "other", never an error."""
        lower = {name.lower(): value for name, value in headers.items()}
        given, topic, sender = (lower.get(name, "") for name in cls.heads)
        right = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        if not secret or not hmac.compare_digest(right, given.encode()):
            raise Unauthorised("webhook_signature_bad")
        try:
            about = Told.model_validate_json(body)
        except ValidationError:
            raise Garbled("remote_garbled", path="id") from None
        number = about.order_id or about.id
        last = str(int(about.updated.timestamp() * 1000)) if about.updated else hashlib.sha256(body).hexdigest()[:32]
        kind = KINDS.get(topic.partition("/")[0], "other")
        if kind == "order" and not (topic.startswith("orders/") or about.order_id):
            kind = "other"  # a parcel or refund that does not say of which order
        return Hint(
            event_id=f"{sender}:{topic}:{number}:{last}"[-120:], kind=kind, object_id=RemoteId(number or sender),
            shop_remote_id=sender,
        )  # fmt: skip

    async def subscribe(self, url: str, secret: str) -> None:
        """One webhook per topic. A topic the store does not know (names vary) is left out."""
        rows = (await self._get("webhooks", limit=PAGE)).get("webhooks") or []
        ours = {row.get("topic") for row in rows if row.get("address") == url}
        for topic in TOPICS:
            if topic not in ours:
                wire = {"webhook": {"topic": topic, "address": url, "format": "json"}}
                with suppress(Refused):
                    await self._put("webhooks", wire, method="POST")


class Ships(Trades):
    """Fulfilment by the seller's own carrier; no platform of the family gives labels by its interface."""

    async def shipping_options(self, order: RemoteId) -> Options:
        """The seller's own carrier; a store knows no deadline."""
        found = await self._order(order)
        if found.cancelled or found.fulfillment_status == "fulfilled":
            raise Refused("order_state_wrong", state=found.fulfillment_status)
        return Options(handovers=("dropoff",))

    async def pack(self, order: RemoteId) -> None:
        """Nothing to do where orders need no confirmation."""

    async def ship(self, shipping: Shipping) -> Shipped:
        """Looks first: an order that left already is told as it is. The shape of the body is KNOWN."""
        order = await self._order(shipping.order)
        if order.cancelled:
            raise Refused("order_state_wrong", state="cancelled")
        left = {one.id: one.quantity if one.fulfillable_quantity is None else one.fulfillable_quantity
                for one in order.line_items}  # fmt: skip
        if not any(left.values()) or (order.fulfillment_status == "fulfilled"):
            last = order.fulfillments[-1] if order.fulfillments else Parcel()
            return self._shipped(shipping.order, last)
        wanted = shipping.lines or {RemoteId(line): count for line, count in left.items() if count}
        body = {
            "tracking_number": shipping.tracking, "tracking_company": shipping.carrier, "notify_customer": False,
            "line_items": [{"id": int(line), "quantity": count} for line, count in wanted.items()],
        }  # fmt: skip
        told = await self._put(f"orders/{shipping.order}/fulfillments", {"fulfillment": body}, method="POST")
        return self._shipped(shipping.order, self._decoded(Parcel, told.get("fulfillment")))

    def _shipped(self, order: RemoteId, parcel: Parcel) -> Shipped:
        return Shipped(
            order=order, parcel=parcel.id, tracking=parcel.tracking_number, carrier=parcel.tracking_company
        )  # fmt: skip

    async def label(self, order: RemoteId) -> Label:
        raise Refused("label_elsewhere", order=order)

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        """Goods go back on the shelf; the buyer gets no mail from the shop."""
        body = {"reason": REASONS.get(reason, "other"), "restock": True, "email": False}
        try:
            await self._put(f"orders/{order}/cancel", body, method="POST")
        except Refused:
            if not (await self._order(order)).cancelled:
                raise Refused("order_state_wrong", order=order) from None
