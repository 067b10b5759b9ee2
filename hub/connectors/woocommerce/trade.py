"""The trade of one WooCommerce site: orders and their refunds."""

from datetime import UTC, datetime, timedelta

from hub.connectors.model import Page, RemoteOrder
from hub.connectors.woocommerce.asking import API, PAGE, Site, lost
from hub.connectors.woocommerce.orders import NOT_YET, Moment, Order, Place, Refund, moments, to_order
from hub.errors import HubError, Unreachable, Vanished
from hub.types import RemoteId


class Trade(Site):
    """What :class:`~hub.connectors.woocommerce.WooCommerce` knows of orders."""

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        """Walks by time of change, not by page number: an order that changes meanwhile would shift the pages."""
        place = Place.parse(page) if page else Place(since=since.replace(microsecond=0), number=1, seen=frozenset())
        params = {
            "modified_after": _stamp(place.since - timedelta(seconds=1)),  # the filter is strictly greater
            "modified_before": _stamp(until + timedelta(microseconds=999_999)),
            "orderby": "modified", "order": "asc", "per_page": PAGE, "page": place.number,
        }  # fmt: skip
        values = await self.api.read(list[object], "GET", f"{API}/orders", params=params)
        if not values and place.number == 1:
            await self._doubt(place)
        orders, broken = self.api.each(Order, values, id_key="id")
        fresh = [one for one in orders if str(one.id) not in place.seen and one.status not in NOT_YET]
        broken = [one for one in broken if one.remote_id not in place.seen]
        told = await self.each(self._with_refunds, fresh)
        broken += lost([one.id for one in fresh], told)
        following = place.after(moments(values)) if len(values) == PAGE else None
        items = [one for one in told if not isinstance(one, HubError)]
        return Page(items=items, next=following.text() if following else None, broken=broken)

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        return await self._with_refunds(await self.api.read(Order, "GET", f"{API}/orders/{remote_id}"))

    async def _with_refunds(self, order: Order) -> RemoteOrder:
        """The order itself tells sums only; units and dates of refunds are a second question."""
        if not order.refunds:
            return to_order(order, ())
        path = f"{API}/orders/{order.id}/refunds"
        return to_order(order, await self.whole(list[Refund], path, len(order.refunds)))

    async def _doubt(self, place: Place) -> None:
        """A page must begin with what the last one ended with. Raises Unreachable when that still stands there."""
        for one in sorted(place.seen)[:3]:
            try:
                now = await self.api.read(Moment, "GET", f"{API}/orders/{one}")
            except Vanished:
                continue
            if now.date_modified_gmt == place.since:
                raise Unreachable("remote_unreachable", sent=False, reason="empty page")


def _stamp(moment: datetime) -> str:
    """With Z: a time without offset would be read as the site's local time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
