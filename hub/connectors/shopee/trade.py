"""The trade of one Shopee shop: orders with their vouchers and returns, and the money paid out.

Vouchers of an order are told by its escrow only; a changed return need not change its order, so returns are walked too.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hub.connectors.api import Api
from hub.connectors.model import Broken, Page, RemoteOrder, Settlement, ShopSettings
from hub.connectors.shopee import told, wire
from hub.connectors.shopee.dialect import acting
from hub.errors import Garbled, Refused, Vanished
from hub.types import RemoteId

BATCH = 50
WINDOW_DAYS = 15
EMPTY_ASKS, PROMISED_ASKS = 3, 5
"""How often an empty page of orders is asked for: one in the middle of the walk, and one the page before promised."""
RETURN_PAGES = 20
"""Pages of returns looked through for one order at most."""
ORDER_FIELDS = (
    "item_list,pay_time,pickup_done_time,package_list,recipient_address,total_amount,payment_method,"
    "cancel_by,cancel_reason,fulfillment_flag"
)


class Trade:
    """What :class:`~hub.connectors.shopee.Shopee` knows of orders and money."""

    api: Api
    shop: ShopSettings

    # ---- TakesOrders ---------------------------------------------------------------------------------------------

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        """The orders whose returns changed in the window, then those that changed themselves; by windows of 15 days.

        The page token is ``phase|start of the window|the platform's own mark``. Borders may be told twice.
        """
        first = int(since.timestamp())
        phase, begin, mark = (page or f"returns|{first}|").split("|", 2)
        start = int(begin)
        end = told.window_end(start, until, WINDOW_DAYS)
        last = end >= until.timestamp()
        if phase == "returns":
            sns, returns, following = await self._returned(start, end, mark)
        else:
            # an empty end of the walk is the caller's to doubt; what comes before it nobody else sees
            asks = PROMISED_ASKS if mark else 1 if last else EMPTY_ASKS
            sns, returns, following = await self._changed(start, end, mark, asks)
        items, broken = await self._orders(sns, returns) if sns else ([], [])
        after: str | None
        if following is not None:
            after = f"{phase}|{start}|{following}"
        elif not last:
            after = f"{phase}|{end}|"
        else:
            after = f"orders|{first}|" if phase == "returns" else None
        return Page(items=items, next=after, broken=broken)

    async def _changed(
        self, start: int, end: int, cursor: str, asks: int
    ) -> tuple[Sequence[str], Sequence[wire.Return], str | None]:
        """An empty page is asked for again, so often in all, before it is believed: falsely empty ones happen."""
        page = wire.OrderPage()
        for _ in range(asks):
            answer = await self.api.read(
                wire.Of[wire.OrderPage], "GET", "/api/v2/order/get_order_list",
                params=acting(
                    self.shop, time_range_field="update_time", time_from=start, time_to=end, page_size=BATCH,
                    cursor=cursor, response_optional_fields="order_status", request_order_status_pending=True,
                ),
            )  # fmt: skip
            page = answer.response
            if page.order_list or page.more:
                break
        return [one.order_sn for one in page.order_list], [], page.next_cursor if page.more else None

    async def _returned(
        self, start: int, end: int, number: str
    ) -> tuple[Sequence[str], Sequence[wire.Return], str | None]:
        page = await self._return_page(start, end, int(number or "0"))
        sns = list(dict.fromkeys(one.order_sn for one in page.returns))
        return sns, page.returns, str(int(number or "0") + 1) if page.more else None

    async def _return_page(self, start: int, end: int, number: int) -> wire.ReturnPage:
        """Where pages begin is not documented: asked from 0, which may tell page 1 twice, or be refused for 1."""
        try:
            answer = await self.api.read(
                wire.Of[wire.ReturnPage], "GET", "/api/v2/returns/get_return_list",
                params=acting(
                    self.shop, page_no=str(number), page_size=BATCH, update_time_from=start, update_time_to=end
                ),
            )  # fmt: skip
        except Refused:
            if number > 0:
                raise
            return wire.ReturnPage(more=True)
        return answer.response

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        items, broken = await self._orders([remote_id], [])
        if broken:
            raise Garbled("remote_garbled", path=broken[0].path)
        if not items:
            raise Vanished("remote_vanished", remote_id=remote_id)
        return items[0]

    async def _orders(
        self, sns: Sequence[str], known: Sequence[wire.Return]
    ) -> tuple[Sequence[RemoteOrder], Sequence[Broken]]:
        """At most 50: details, vouchers out of the escrow, and every return the escrow or the walk names."""
        answer, (escrows, unread) = await asyncio.gather(
            self.api.read(
                wire.Of[wire.Orders], "GET", "/api/v2/order/get_order_detail",
                params=acting(self.shop,
                    order_sn_list=",".join(sns), response_optional_fields=ORDER_FIELDS,
                    request_order_status_pending=True,
                ),
            ),
            self._escrows(sns),
        )  # fmt: skip
        orders, broken = self.api.each(wire.Order, answer.response.order_list, id_key="order_sn")
        silent = [one for one in orders if one.order_sn not in escrows and told.may_have_come_back(one)]
        looked_up = await asyncio.gather(*(self._returns_around(one) for one in silent))
        returns = await self._returns(escrows, [*known, *(one for group in looked_up for one in group)])
        items: list[RemoteOrder] = []
        for order in orders:
            if order.order_sn in unread:
                continue
            try:
                items.append(told.to_order(order, escrows.get(order.order_sn), returns.get(order.order_sn, ())))
            except Garbled as error:
                broken.append(Broken(remote_id=RemoteId(order.order_sn), path=str(error.facts["path"]), sample=""))
        return items, [*broken, *unread.values()]

    async def _returns(
        self, escrows: Mapping[str, wire.Escrow], known: Sequence[wire.Return]
    ) -> Mapping[str, Sequence[wire.Return]]:
        found = {one.return_sn: one for one in known}
        named = [sn for escrow in escrows.values() for sn in escrow.return_order_sn_list if sn not in found]
        answers = await asyncio.gather(
            *(
                self.api.read(
                    wire.Of[wire.Return],
                    "GET",
                    "/api/v2/returns/get_return_detail",
                    params=acting(self.shop, return_sn=sn),
                )
                for sn in named
            )
        )
        found |= {one.response.return_sn: one.response for one in answers}
        by_order: dict[str, list[wire.Return]] = {}
        for one in found.values():
            by_order.setdefault(one.order_sn, []).append(one)
        return by_order

    async def _returns_around(self, order: wire.Order) -> Sequence[wire.Return]:
        """Returns of an order that was cancelled on or after its way and has no escrow to name them (INFERENCE:
        the last change of such a return lies near that of its order)."""
        start = int(order.update_time.timestamp()) - 86_400
        found: list[wire.Return] = []
        for number in range(RETURN_PAGES):
            page = await self._return_page(start, start + WINDOW_DAYS * 86_400, number)
            found += [one for one in page.returns if one.order_sn == order.order_sn]
            if not page.more:
                break
        return found

    async def _escrows(self, sns: Sequence[str]) -> tuple[Mapping[str, wire.Escrow], Mapping[str, Broken]]:
        """Escrow by order, and those that could not be read. An order without one has no money told yet."""
        try:
            answer = await self.api.read(
                wire.Of[wire.Many[Any]], "POST", "/api/v2/payment/get_escrow_detail_batch",
                params=acting(self.shop), json={"order_sn_list": list(sns)},
            )  # fmt: skip
            values = [one.get("escrow_detail") if isinstance(one, dict) else one for one in answer.response]
        except Vanished:
            values = [one for one in await asyncio.gather(*(self._escrow(sn) for sn in sns)) if one is not None]
        good, broken = self.api.each(wire.Escrow, values, id_key="order_sn")
        return {one.order_sn: one for one in good}, {one.remote_id: one for one in broken}

    async def _escrow(self, sn: str) -> object | None:
        try:
            answer = await self.api.read(
                wire.Of[Any], "GET", "/api/v2/payment/get_escrow_detail", params=acting(self.shop, order_sn=sn)
            )
        except Vanished:
            return None
        found: object = answer.response
        return found

    # ---- ReportsMoney --------------------------------------------------------------------------------------------

    async def settlements(self, since: datetime, until: datetime, page: str | None) -> Page[Settlement]:
        """Escrows released in the window, with every fee; the page token is the platform's page number."""
        number = int(page or "1")
        answer = await self.api.read(
            wire.Of[wire.ReleasedPage], "GET", "/api/v2/payment/get_escrow_list",
            params=acting(self.shop,
                release_time_from=int(since.timestamp()), release_time_to=told.ceiling(until),
                page_size=BATCH, page_no=number,
            ),
        )  # fmt: skip
        released = [one for one in answer.response.escrow_list if since <= one.escrow_release_time < until]
        escrows, unread = await self._escrows([one.order_sn for one in released]) if released else ({}, {})
        items: list[Settlement] = []
        broken = list(unread.values())
        for one in released:
            escrow = escrows.get(one.order_sn)
            try:
                if escrow is None:
                    raise Garbled("remote_garbled", path="escrow_detail")
                items.append(told.to_settlement(one, escrow))
            except Garbled as error:
                if one.order_sn not in unread:
                    broken.append(Broken(remote_id=RemoteId(one.order_sn), path=str(error.facts["path"]), sample=""))
        return Page(items=items, next=str(number + 1) if answer.response.more else None, broken=broken)
