"""TikTok Shop Partner API 202309 and later, Vietnam (documents of 2025-12 to 2026-09, read 2026-11-21).

Four files, since this is the widest platform: ``words`` and ``told`` (signature, shapes, mappings: pure), ``goods``
(listings, stock, prices), this one (sign-in, orders, parcels, money, lives, webhooks). What is a table stands in
``tiktok_shop.toml``, with what is unconfirmed in ``[proof]``.

Three calendars: orders are Unix seconds, statements are cut at 00:00 UTC, days of LIVE figures are the shop's (UTC+7).
Orders carry one line item per unit. A seller's discounts and vouchers come as one figure per unit: lines tell list
prices, ``seller_voucher`` all the seller gave. The webhook secret is ``app_key:app_secret``: both sign.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from hub.connectors.api import Api, Credentials, Dialect
from hub.connectors.model import Broken, Hint, Manifest, Page, RemoteOrder, Settlement, ShopCard, Tokens
from hub.connectors.shapes import Accepted, Json
from hub.connectors.shipping import CancelReason, Handover, Label, Options, Shipped, Shipping, Slot
from hub.connectors.social import Attribution, Live
from hub.connectors.tiktok_shop.goods import CIPHER, Goods
from hub.connectors.tiktok_shop.told import (
    SENT,
    Claim,
    Credit,
    Document,
    Entry,
    Handovers,
    Hooks,
    Order,
    Pair,
    Statement,
    Told,
    to_order,
    to_settlement,
)  # fmt: skip
from hub.connectors.tiktok_shop.words import MANIFEST, TABLES, Lists, Of, judge, sign
from hub.connectors.walk import Walk, every_page, insist, signed_by_app
from hub.errors import Garbled, Refused, Unauthorised, Vanished
from hub.types import RemoteId, Sku, local_date, nfc

RETURNS = "/return_refund/202602/returns/search"
ACCOUNTS = ("OFFICIAL_ACCOUNTS", "MARKETING_ACCOUNTS", "AFFILIATE_ACCOUNTS")
EVENTS: Mapping[int, Sequence[str]] = {row[2]: row for row in TABLES["hooks"].values()}


def seconds(when: datetime) -> int:
    return ceil(when.timestamp())


def moment(unix: int) -> datetime:
    return datetime.fromtimestamp(unix, UTC)


async def renew(api: Api, credentials: Credentials) -> Tokens:
    """A new pair. After a lost answer the same refresh token is sent again: nothing better is known."""
    if credentials.tokens is None:
        raise Refused("shop_needs_owner")
    query = {"refresh_token": credentials.tokens.refresh, "grant_type": "refresh_token"}
    told = await api.read(Of[Pair], "GET", "/api/v2/token/refresh", params=query, scope="token")
    return told.data.tokens()


class TikTokShop(Goods):
    """One seller's shop."""

    manifest: ClassVar[Manifest] = MANIFEST
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge, renew=renew)

    async def check(self) -> ShopCard:
        me = await self.me()
        currency = "VND" if me.region == "VN" else ""
        return ShopCard(remote_id=me.id, name=me.name, currency=currency, live=True, values={CIPHER: me.cipher})

    # -- SignsIn

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
        """The owner comes back to the address registered in the app's console, whatever ``redirect`` says."""
        page = TABLES["consent"] if base_url == MANIFEST.base_url else f"{base_url}/open/authorize"
        return f"{page}?{urlencode({'service_id': app['service_id'], 'state': state})}"

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        """One consent, one shop: where it covers several, the owner has to say which."""
        if not answer.get("code") or answer.get("error") or answer["code"] == "null":
            raise Refused("sign_in_refused" if answer.get("error") else "sign_in_incomplete")
        query = {"auth_code": answer["code"], "grant_type": "authorized_code"}
        public = api.signed_with(Credentials(secrets=app))
        told = await public.write(Of[Pair], "GET", "/api/v2/token/get", params=query, scope="token")
        tokens = told.data.tokens()
        mine = api.signed_with(Credentials(secrets=app, tokens=tokens))
        shops = (await mine.read(Of[Lists], "GET", "/authorization/202309/shops")).data.shops
        if len(shops) != 1:
            raise Refused("sign_in_many_shops", shops=[one.id for one in shops])
        return shops[0].id, tokens

    # -- TakesOrders

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        """Orders of returns that moved, seldom any (whether those move the order is not said); then by update_time."""
        walk = Walk(page, since, until, phases=("returns", "orders"))
        span = {"update_time_ge": int(since.timestamp()), "update_time_lt": seconds(until)}
        path = "/order/202309/orders/search" if walk.phase == "orders" else RETURNS
        query = {"page_size": 50, "sort_field": "update_time", "sort_order": "ASC", "page_token": walk.mark}
        told = await insist(
            lambda: self.ask(Told, "POST", path, span, **query),
            lambda got: bool(got.orders or got.return_orders),
            times=2 if walk.phase == "returns" and not walk.mark else walk.doubts,
        )  # fmt: skip
        rows = told.orders or await self._details(list(dict.fromkeys(one.order_id for one in told.return_orders)))
        good, broken = self.api.each(Order, rows, id_key="id")
        found = await self._claims([one.id for one in good if one.status in SENT])
        claims = list({one.return_id: one for one in [*told.return_orders, *found]}.values())
        return Page(items=[to_order(one, claims) for one in good], next=walk.next(told.next_page_token), broken=broken)

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        found = await self._order(remote_id)
        return to_order(found, await self._claims([found.id] if found.status in SENT else []))

    async def _order(self, remote_id: RemoteId) -> Order:
        good, broken = self.api.each(Order, await self._details([remote_id]), id_key="id")
        if broken:
            raise Garbled("remote_garbled", path=broken[0].path)
        if not good:
            raise Vanished("remote_vanished", remote_id=remote_id)
        return good[0]

    async def _details(self, ids: Sequence[str]) -> list[Json]:
        return (await self.ask(Told, "GET", "/order/202507/orders", ids=",".join(ids))).orders if ids else []

    async def _claims(self, ids: Sequence[str]) -> list[Claim]:
        async def page(mark: str) -> tuple[list[Claim], str]:
            told = await self.ask(Told, "POST", RETURNS, {"order_ids": ids}, page_size=50, page_token=mark)
            return told.return_orders, told.next_page_token

        return await every_page(page) if ids else []

    # -- ReportsMoney

    async def settlements(self, since: datetime, until: datetime, page: str | None) -> Page[Settlement]:
        """What concerns no order (a fine, a top-up) is not told here."""
        walk = Walk(page, since, until)
        span = {"statement_time_ge": int(since.timestamp()), "statement_time_lt": seconds(until)}
        query = {**span, "sort_field": "statement_time", "sort_order": "ASC", "page_size": 5, "page_token": walk.mark}
        told = await insist(
            lambda: self.ask(Told, "GET", "/finance/202309/statements", **query),
            lambda got: bool(got.statements), times=walk.doubts,
        )  # fmt: skip
        pairs = [(statement, row) for statement in told.statements for row in await self._entries(statement)]
        made = [(row, to_settlement(statement, row)) for statement, row in pairs]
        broken = [
            Broken(remote_id=RemoteId(row.id), path="settlement_amount", sample="") for row, one in made if one is None
        ]
        items = [one for _, one in made if one is not None and one.order]
        return Page(items=items, next=walk.next(told.next_page_token), broken=broken)

    async def _entries(self, statement: Statement) -> list[Entry]:
        path = f"/finance/202501/statements/{statement.id}/statement_transactions"

        async def page(mark: str) -> tuple[list[Entry], str]:
            query = {"sort_field": "order_create_time", "page_size": 100, "page_token": mark}
            told = await insist(lambda: self.ask(Told, "GET", path, **query), lambda got: bool(got.transactions))
            return told.transactions, told.next_page_token

        return await every_page(page)

    # -- ReportsLive

    async def lives(self, since: datetime, until: datetime, page: str | None) -> Page[Live]:
        """Sessions that began on the shop's days of the window, by kind of account. With a seller's token, figures
        lag a day or more."""
        walk = Walk(page, since, until, phases=ACCOUNTS)
        last = local_date(until - timedelta(microseconds=1)) + timedelta(days=1)
        told = await self.ask(
            Told, "GET", "/analytics/202609/shop_lives/performance", account_type=walk.phase, page_size=100,
            start_date_ge=local_date(since), end_date_lt=last,
            currency="LOCAL", page_token=walk.mark,
        )  # fmt: skip
        now = self.api.time()
        items = [
            Live(
                remote_id=RemoteId(one.id), title=nfc(one.title), started_at=one.start_time, ended_at=one.end_time,
                state="over" if one.end_time and one.end_time <= now else "live", viewers=one.traffic.viewers,
                orders=one.sales_performance.live_attributed_orders,
                units=one.sales_performance.live_attributed_items_sold,
                revenue=one.sales_performance.live_attributed_gmv.amount,
            ) for one in told.live_stream_sessions
        ]  # fmt: skip
        return Page(items=items, next=walk.next(told.next_page_token))

    async def attributions(self, since: datetime, until: datetime, page: str | None) -> Page[Attribution]:
        """Orders that creators brought; a shop's own LIVE without an affiliate link is not among them."""
        walk = Walk(page, since, until, days=85)  # three months at most
        span = {"create_time_ge": int(walk.start.timestamp()), "create_time_lt": seconds(walk.end)}
        path = "/affiliate_seller/202410/orders/search"
        told = await self.ask(Told, "POST", path, span, page_size=50, page_token=walk.mark)
        credits, broken = self.api.each(Credit, told.orders, id_key="id")
        rows = await self._details(list(dict.fromkeys(one.id for one in credits)))
        orders, _ = self.api.each(Order, rows, id_key="id")
        skus = {(one.id, item.sku_id): Sku(item.seller_sku) for one in orders for item in one.line_items}
        items = [
            Attribution(
                order=RemoteId(one.id), sku=skus.get((one.id, sku.sku_id)),
                source=TABLES["sources"].get(sku.content_type, "affiliate"),
                live=RemoteId(sku.content_id) if sku.content_type == "LIVE" and sku.content_id else None,
                commission=sku.actual_paid_commission.amount if sku.actual_paid_commission else None,
            ) for one in credits for sku in one.skus
        ]  # fmt: skip
        return Page(items=items, next=walk.next(told.next_page_token), broken=broken)

    # -- Fulfils

    async def _parcel(self, order: RemoteId) -> tuple[Order, str]:
        """The order and the call of its (first) parcel. Raises Refused while there is none to send."""
        found = await self._order(order)
        if not found.packages or found.status in ("ON_HOLD", "UNPAID", "CANCELLED"):
            raise Refused("order_state_wrong", state=found.status)
        return found, f"/fulfillment/202309/packages/{found.packages[0].id}"

    async def shipping_options(self, order: RemoteId) -> Options:
        found, path = await self._parcel(order)
        told = await self.ask(Handovers, "GET", f"{path}/handover_time_slots")
        slots = [(one.start, one.end) for one in told.pickup_slots if one.avaliable]
        ways: tuple[tuple[Handover, bool], ...] = (("pickup", told.can_pickup), ("dropoff", told.can_drop_off))
        return Options(
            handovers=tuple(way for way, can in ways if can), ship_by=found.rts_sla_time,
            slots=tuple(Slot(id=f"{a}-{b}", start=moment(a), end=moment(b)) for a, b in slots),
        )  # fmt: skip

    async def pack(self, order: RemoteId) -> None:
        """No step of its own: parcels are made by the platform."""

    async def ship(self, shipping: Shipping) -> Shipped:
        """All lines of the parcel: the platform parts orders itself. A parcel that was announced stays so."""
        found, path = await self._parcel(shipping.order)
        body: Json = {"handover_method": "DROP_OFF" if shipping.handover == "dropoff" else "PICKUP"}
        if shipping.slot:
            start, _, end = shipping.slot.partition("-")
            body["pickup_slot"] = {"start_time": int(start), "end_time": int(end)}
        if shipping.tracking:
            body = {"self_shipment": {"tracking_number": shipping.tracking, "shipping_provider_id": shipping.carrier}}
        if found.status in ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING"):
            await self.tell(Accepted, f"{path}/ship", body)
        parcel = found.packages[0].id
        return Shipped(order=shipping.order, parcel=parcel, tracking=shipping.tracking, carrier=shipping.carrier)

    async def label(self, order: RemoteId) -> Label:
        """The document lies at an address of its own for 24 h; only the platform's own hosts are asked."""
        found, path = await self._parcel(order)
        query = {"document_type": "SHIPPING_LABEL", "document_size": "A6", "document_format": "PDF"}
        url = (await self.ask(Document, "GET", f"{path}/shipping_documents", **query)).doc_url
        parts, home = urlsplit(url), urlsplit(self.shop.base_url)
        ours = parts.scheme == "https" and (parts.hostname or "").endswith(
            tuple(f".{one}" for one in TABLES["documents"])
        )
        if not ours and (parts.scheme, parts.netloc) != (home.scheme, home.netloc):
            raise Garbled("remote_garbled", path="doc_url")
        address = f"{parts.scheme}://{parts.netloc}{parts.path}"
        answer = await self.api.fetch("GET", address, params=dict(parse_qsl(parts.query)), scope="document")
        return Label(content=answer.body, media="application/pdf", name=f"{found.id}.pdf")

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        found = await self._order(order)
        if found.status == "CANCELLED":
            return
        path = f"/return_refund/202602/orders/{order}/aftersale_eligibility"
        told = await self.ask(Told, "GET", path, initiate_aftersale_user="SELLER", request_types="CANCEL")
        rows = [row for one in told.sku_eligibility for row in one.get("line_item_eligibility") or ()]
        names = [str(name) for row in rows if row.get("eligible") for name in row.get("available_reason_names") or ()]
        if not names:
            raise Refused("order_state_wrong", state=found.status)
        word = TABLES["cancel_reasons"][reason]
        body = {"order_id": order, "cancel_reason": next((name for name in names if word in name), names[0])}
        await self.tell(Accepted, "/return_refund/202602/cancellations", body)

    # -- HearsEvents

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """``secret``: ``app_key:app_secret``. A parcel names its first order; the walk finds the others."""
        if not signed_by_app(secret, body, headers.get("authorization", "")):
            raise Unauthorised("webhook_signature_bad")
        try:
            told = json.loads(body)
            event, data = EVENTS.get(told["type"]), told.get("data") or {}
            name, shop = told["tts_notification_id"], str(told.get("shop_id", ""))
            if event is None:
                return None
            found = data.get(event[1], shop)
            if isinstance(found, list):
                found = found[0]["order_id_list"][0]
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            raise Garbled("remote_garbled", path="data") from None
        return Hint(event_id=str(name), kind=event[0], object_id=RemoteId(str(found)), shop_remote_id=shop)  # type: ignore[arg-type]

    async def subscribe(self, url: str, secret: str) -> None:
        """One call for each topic that does not come here yet. What the list calls its rows is UNCONFIRMED: rows that
        are not understood are subscribed anew, which is harmless."""
        told = await self.ask(Hooks, "GET", "/event/202309/webhooks")
        known = {str(one.get("event_type")) for one in told.webhooks if one.get("address") == url}
        for topic in [one for one in TABLES["hooks"] if one not in known]:
            body = {"event_type": topic, "address": url}
            await self.tell(Accepted, "/event/202309/webhooks", body, method="PUT", again=True)
