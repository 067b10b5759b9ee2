"""What a seller does with a Shopee order: see how it may be handed over, arrange it, print its label, cancel it.

Documentation: guide 229 and the pages of ``logistics`` (checked 2026-11-24). Shopee has no packing step. A parcel that
is arranged is PROCESSED and says SHIPPED only when the carrier has it, so the order's own state stays paid until then.
UNCONFIRMED: that RETRY_SHIP takes ``update_shipping_order`` for a pick-up and ``ship_order`` for a drop-off; whether
OUT_OF_STOCK empties the stock of the items.
"""

from collections.abc import Mapping, Sequence

from hub.connectors.api import Api
from hub.connectors.model import ShopSettings
from hub.connectors.shapes import Accepted
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping
from hub.connectors.shopee import wire
from hub.connectors.shopee.dialect import acting
from hub.connectors.shopee.sending import (
    CANCELLABLE,
    FILES,
    REASONS,
    SENT,
    WAITS,
    Papers,
    Parcel,
    Sending,
    Sendings,
    Tracking,
    Ways,
    to_options,
    to_way,
    waiting,
    whole,
)
from hub.errors import Refused, Vanished
from hub.types import RemoteId

FIELDS = "item_list,package_list"
L = "/api/v2/logistics"


class Parcels:
    """What :class:`~hub.connectors.shopee.Shopee` does with an order."""

    api: Api
    shop: ShopSettings

    async def _sending(self, sn: RemoteId) -> Sending:
        params = acting(self.shop, order_sn_list=sn, response_optional_fields=FIELDS)
        answer = await self.api.read(wire.Of[Sendings], "GET", "/api/v2/order/get_order_detail", params=params)
        if not answer.response.order_list:
            raise Vanished("remote_vanished", remote_id=sn)
        return answer.response.order_list[0]

    async def _ways(self, order: Sending, parcel: Parcel) -> Ways:
        params = acting(self.shop, **order.named(parcel))
        return (await self.api.read(wire.Of[Ways], "GET", f"{L}/get_shipping_parameter", params=params)).response

    async def shipping_options(self, order: RemoteId) -> Options:
        found = await self._sending(order)
        parcel = next(iter(waiting(found)), None)
        if parcel is None:
            raise Refused("order_state_wrong", state=found.order_status)
        return to_options(found, await self._ways(found, parcel))

    async def pack(self, order: RemoteId) -> None:
        """Shopee has no such step."""

    async def ship(self, shipping: Shipping) -> Shipped:
        """Every parcel that is not arranged yet. Splitting an order into parcels is done in the seller centre."""
        found = await self._sending(shipping.order)
        if found.order_status not in (*WAITS, *SENT):
            raise Refused("order_state_wrong", state=found.order_status)
        if shipping.lines and dict(shipping.lines) != whole(found):
            raise Refused("do_it_on_channel", doing="ship")
        for parcel in waiting(found):
            body = {**found.named(parcel), **to_way(await self._ways(found, parcel), shipping)}
            again = found.order_status == "RETRY_SHIP" and "pickup" in body
            call = "update_shipping_order" if again else "ship_order"
            await self.api.write(Accepted, "POST", f"{L}/{call}", params=acting(self.shop), json=body)
        first = found.package_list[0] if found.package_list else Parcel()
        tracking = shipping.tracking or await self._tracking(found, first)
        return Shipped(
            order=shipping.order, parcel=first.package_number, tracking=tracking,
            carrier=first.shipping_carrier or shipping.carrier,
        )  # fmt: skip

    async def _tracking(self, order: Sending, parcel: Parcel) -> str:
        """ "" while the carrier has not given it: it may take minutes."""
        params = acting(self.shop, **order.named(parcel))
        answer = await self.api.read(wire.Of[Tracking], "GET", f"{L}/get_tracking_number", params=params)
        return answer.response.tracking_number

    async def label(self, order: RemoteId) -> Label:
        """Asked for, waited for and fetched; each call does what can be done now."""
        found = await self._sending(order)
        if found.order_status != "PROCESSED" or not found.package_list:
            raise Refused("order_state_wrong", state=found.order_status)
        wanted = [found.named(one) for one in found.package_list]
        try:
            states = await self._papers(wanted)
        except Refused as refused:
            if "print_first" not in str(refused.facts.get("error")):
                raise
            states = {"FAILED"}
        if "FAILED" in states or "" in states:
            await self._print(found)
            states = await self._papers(wanted)
        if states != {"READY"}:
            raise Refused("label_not_ready", order=order)
        body = {"order_list": wanted}
        path = f"{L}/download_shipping_document"
        content = (await self.api.fetch("POST", path, params=acting(self.shop), json=body)).body
        media, ending = FILES.get(content[:4], ("application/octet-stream", "bin"))
        return Label(content=content, media=media, name=f"shopee-{order}.{ending}")

    async def _papers(self, wanted: Sequence[Mapping[str, str]]) -> set[str]:
        """How the labels stand: READY, PROCESSING, FAILED, or "" for one that nobody asked for."""
        params, path = acting(self.shop), f"{L}/get_shipping_document_result"
        answer = await self.api.read(wire.Of[Papers], "POST", path, params=params, json={"order_list": list(wanted)})
        return {one.status for one in answer.response.result_list}

    async def _print(self, order: Sending) -> None:
        """Begin the labels; the carrier's number is needed for it. Asking twice is harmless (UNCONFIRMED)."""
        wanted = [
            {**order.named(one), "tracking_number": await self._tracking(order, one)} for one in order.package_list
        ]
        if not all(one["tracking_number"] for one in wanted):
            raise Refused("label_not_ready", order=order.order_sn)
        body = {"order_list": wanted}
        await self.api.write(Accepted, "POST", f"{L}/create_shipping_document", params=acting(self.shop), json=body)

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        """Before the carrier has it. Where the buyer asked first, their wish is granted."""
        found = await self._sending(order)
        if found.order_status == "CANCELLED":
            return
        body: dict[str, object] = {"order_sn": order}
        if found.order_status == "IN_CANCEL":
            call, body["operation"] = "handle_buyer_cancellation", "ACCEPT"
        elif found.order_status not in CANCELLABLE:
            raise Refused("order_state_wrong", state=found.order_status)
        elif reason not in REASONS:
            raise Refused("do_it_on_channel", doing="cancel")
        else:
            call, body["cancel_reason"] = "cancel_order", REASONS[reason]
            if reason == "out_of_stock":
                items = {(int(one.item_id), int(one.model_id)) for one in found.item_list}
                body["item_list"] = [{"item_id": item, "model_id": model} for item, model in sorted(items)]
        await self.api.write(Accepted, "POST", f"/api/v2/order/{call}", params=acting(self.shop), json=body)
