"""Sending and cancelling orders of a WooCommerce site.

Core has no carrier, no label, no parcel and no state "sent": ``completed`` would say delivered, and paid at the door,
which nobody knows yet. So the seller's word that a parcel left stands in custom fields of the order (:data:`MARKS`;
names are ours), its state stays ``processing``, and the mark is read back with the order. The site tells the buyer
nothing by it. Facts: the package.
"""

from hub.connectors.model import OrderState
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping
from hub.connectors.woocommerce.asking import API
from hub.connectors.woocommerce.orders import MARKS, UNPAID, Order, marked, to_state
from hub.connectors.woocommerce.trade import Trade
from hub.connectors.woocommerce.words import Identified, Wire
from hub.errors import Refused
from hub.types import RemoteId

OPEN = (OrderState.PLACED, OrderState.PAID)


class Parcels(Trade):
    """What :class:`~hub.connectors.woocommerce.WooCommerce` does with an order."""

    async def _order(self, remote_id: RemoteId) -> Order:
        return await self.api.read(Order, "GET", f"{API}/orders/{remote_id}")

    async def shipping_options(self, order: RemoteId) -> Options:
        """The seller's own carrier; the site knows no deadline."""
        found = await self._order(order)
        if found.status in UNPAID or to_state(found) not in OPEN:
            raise Refused("order_state_wrong", state=found.status)
        return Options(handovers=("dropoff",))

    async def pack(self, order: RemoteId) -> None:
        """A site has no such step."""

    async def ship(self, shipping: Shipping) -> Shipped:
        """All of the order. One that left already is told as it is noted there, and not noted anew."""
        found = await self._order(shipping.order)
        state, told = to_state(found), marked(found)
        if found.status in UNPAID or state in (OrderState.CANCELLED, OrderState.FAILED_DELIVERY):
            raise Refused("order_state_wrong", state=found.status)
        if shipping.lines and dict(shipping.lines) != {RemoteId(str(one.id)): one.quantity for one in found.line_items}:
            raise Refused("do_it_on_channel", doing="ship")
        if state in OPEN:
            told = {"sent": self.api.time().isoformat(), "tracking": shipping.tracking, "carrier": shipping.carrier}
            wire: Wire = {"meta_data": [{"key": key, "value": told[name]} for name, key in MARKS.items()]}
            await self.api.write(Identified, "PUT", f"{API}/orders/{shipping.order}", json=wire, repeatable=True)
        return Shipped(
            order=shipping.order, parcel=str(found.id), tracking=told.get("tracking", ""),
            carrier=told.get("carrier", ""),
        )  # fmt: skip

    async def label(self, order: RemoteId) -> Label:
        raise Refused("label_elsewhere", order=order)

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        """The site gives the goods back to its stock; it has no place for a reason."""
        found = await self._order(order)
        state = to_state(found)
        if state is OrderState.CANCELLED:
            return
        if state not in OPEN:
            raise Refused("order_state_wrong", state=found.status)
        wire: Wire = {"status": "cancelled"}
        await self.api.write(Identified, "PUT", f"{API}/orders/{order}", json=wire, repeatable=True)
