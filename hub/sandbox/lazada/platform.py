"""The pretend Lazada on the wire: gateway, consent page, buyers' shops, pushes.

The gateway checks in this order: missing parameters, time, signature, token (sheet 3). UNCONFIRMED names:
``IllegalTimestamp``, ``InvalidAppKey``, ``InvalidApiPath``.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from aiohttp import web

from hub.sandbox.faults import Fault
from hub.sandbox.kit import SandboxShop, World
from hub.sandbox.lazada import goods, guide, media, reading, trade
from hub.sandbox.lazada.auth import Authority
from hub.sandbox.lazada.config import LazadaConfig
from hub.sandbox.lazada.push import Outbox
from hub.sandbox.lazada.shop import Shop
from hub.sandbox.lazada.wire import SYSTEM, Call, Failed, Json, Refusal, answer, fresh, read_call, refuse, signed_well

if TYPE_CHECKING:  # the set-up names this package's own settings
    from hub.sandbox.config import SandboxConfig

FAULT = web.RequestKey("lazada_fault", Fault)
OPEN = ("/category/tree/get", "/category/attributes/get", "/category/brands/query")
"""Reads that do without a token."""
WARN = timedelta(hours=48)

Shopped = Callable[[Shop, Call], Json]
Ruled = Callable[[Shop, LazadaConfig, Call], Json]

READS: dict[str, Shopped] = {
    "/seller/get": trade.seller, "/seller/warehouse/get": trade.warehouses,
    "/products/get": reading.many, "/product/item/get": reading.one, "/product/seller/item/limit": trade.item_limit,
    "/image/response/get": media.batch_answer, "/orders/get": trade.many, "/order/get": trade.one,
    "/order/items/get": trade.items, "/orders/items/get": trade.items_of_many,
    "/order/shipment/providers/get": trade.providers, "/order/package/document/get": trade.document,
    "/order/reverse/cancel/validate": trade.may_cancel, "/order/reverse/cancel/create": trade.cancel,
    "/reverse/getreverseordersforseller": trade.reverses, "/finance/transaction/details/get": trade.transactions,
    "/finance/payout/status/get": trade.payouts, "/lazlive/product/highlight": trade.highlight,
    "/product/category/suggestion/get": lambda shop, call: guide.suggest(call),
}  # fmt: skip
"""Calls by GET or POST, among them some that change things (trap 15)."""
WRITES: dict[str, Ruled] = {
    "/product/create": goods.create, "/product/update": goods.update, "/product/deactivate": goods.deactivate,
    "/product/remove": goods.remove, "/image/upload": media.upload, "/image/migrate": media.migrate,
    "/images/migrate": media.migrate_many,
    "/product/price_quantity/update": lambda shop, _, call: goods.each(shop, call, goods.price_quantity),
    "/product/stock/sellable/update": lambda shop, _, call: goods.each(shop, call, goods.set_sellable),
    "/product/stock/sellable/adjust": lambda shop, _, call: goods.each(shop, call, goods.adjust_sellable),
    "/order/fulfill/pack": lambda shop, _, call: trade.pack(shop, call),
    "/order/package/rts": lambda shop, _, call: trade.ready(shop, call),
    "/order/package/repack": lambda shop, _, call: trade.repack(shop, call),
}  # fmt: skip
"""Calls by POST only."""
EMPTY: dict[str, Json] = {
    "/products/get": {"data": {"total_products": 0}},
    "/orders/get": {"data": {"count": 0, "countTotal": 0, "orders": []}},
    "/reverse/getreverseordersforseller": {"result": {"success": True, "total": 0, "items": []}},
    "/finance/transaction/details/get": {"data": []},
}


def lazada(config: "SandboxConfig", world: World) -> "Lazada":
    """The platform as ``[lazada]`` of the set-up describes it."""
    return Lazada(config.lazada, world)


class Lazada:
    """All sellers and apps of one sandbox."""

    id = "lazada"

    def __init__(self, config: LazadaConfig, world: World) -> None:
        self.config, self.world = config, world
        self.authority = Authority(config=config, now=self.now)
        numbers = count(1)
        self._shops = {one.seller_id: Shop(one, config, world.clock, numbers) for one in config.shops}
        self.outboxes = {app.app_key: Outbox(app=app) for app in config.apps}
        for shop in self._shops.values():
            shop.tell = self._tell
        self._recent: dict[str, deque[datetime]] = {}
        self._today: dict[str, tuple[object, int]] = {}

    def now(self) -> datetime:
        return self.world.clock.now()

    def shop(self, seller_id: str) -> Shop:
        return self._shops[seller_id]

    def shops(self) -> Sequence[SandboxShop]:
        return list(self._shops.values())

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.get("/oauth/authorize", self.authorize),
            web.get("/files/{name}", self.file),
            web.get("/rest/{path:.+}", self.gateway),
            web.post("/rest/{path:.+}", self.gateway),
        ]

    def call_name(self, request: web.Request) -> tuple[str, str]:
        """A seller is known by the token, which a POST carries in its body: those count under "-"."""
        token = request.query.get("access_token", "")
        seller = next((one.seller_id for one in self.authority.grants if token and one.access == token), "-")
        return seller, f"{request.method} {request.path.partition('/rest')[2] or '/oauth or /files'}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        """Trouble in the platform's own words, with HTTP 200."""
        match fault:
            case Fault.THROTTLED:
                seconds = self.world.faults.rates.retry_after
                text = f"Api access frequency exceeds the limit. this ban will last {seconds} seconds"
                return refuse(Refusal("ApiCallLimit", text))
            case Fault.THROTTLED_BARE:
                return refuse(Refusal("901", "The request is too frequent, please reduce the frequency", kind="SYSTEM"))
            case Fault.ERROR_JSON:
                return refuse(Refusal("ServiceTimeout", "Service timeout", kind="ISP"))
            case Fault.ERROR_IN_200:
                return refuse(Refusal("15", "Remote service error", kind="ISP"))
            case Fault.TOKEN_EXPIRED | Fault.EMPTY_PAGE:
                request[FAULT] = fault
        return None

    async def gateway(self, request: web.Request) -> web.Response:
        path = "/" + request.match_info["path"]
        try:
            call = await read_call(request, path)
            return answer(self._serve(call, request.get(FAULT)))
        except Refusal as refusal:
            return refuse(refusal)
        except Failed as failed:
            return answer({"result": {"success": False, "error_code": failed.code, "error_msg": failed.message}})

    def _serve(self, call: Call, fault: Fault | None) -> Json:
        self._let_in(call)
        match call.path:
            case "/auth/token/create":
                return self.authority.create(call)
            case "/auth/token/refresh":
                return self.authority.refresh(call)
            case "/category/tree/get":
                return guide.tree(call)
            case "/category/attributes/get":
                return guide.attributes(call)
            case "/category/brands/query":
                return guide.brands(call)
        if call.path not in READS and (call.path not in WRITES or call.method != "POST"):
            raise Refusal("InvalidApiPath", "The specified API path or method is invalid")
        seller = self.authority.holder(call.args["app_key"], call.need("access_token"))
        if fault is Fault.TOKEN_EXPIRED:
            self.world.faults.gave(fault)
            self.authority.expire(seller)
            seller = self.authority.holder(call.args["app_key"], call.need("access_token"))
        if fault is Fault.EMPTY_PAGE and call.path in EMPTY:
            self.world.faults.gave(fault)
            return EMPTY[call.path]
        shop = self._shops[seller]
        shop.files = f"{self.world.base_url}/{self.id}/files"
        if call.path in WRITES:
            if not shop.settings.verified:
                raise Refusal("SellerNotVerified", "The seller is not verified")
            return WRITES[call.path](shop, self.config, call)
        return READS[call.path](shop, call)

    def _let_in(self, call: Call) -> None:
        for name in SYSTEM:
            call.need(name)
        app = self.authority.apps.get(call.args["app_key"])
        if app is None:
            raise Refusal("InvalidAppKey", "The specified App Key is invalid")
        if not fresh(call, self.now()):
            raise Refusal("IllegalTimestamp", "The specified timestamp is expired or malformed")
        if call.args["sign_method"] != "sha256" or not signed_well(call, app.app_secret):
            raise Refusal("IncompleteSignature", "The request signature does not conform to lazop standards")
        self._quota(app.app_key, call.path)

    def _quota(self, app_key: str, path: str) -> None:
        now, config = self.now(), self.config
        if config.calls_per_day:
            day, used = self._today.get(app_key, (now.date(), 0))
            used = used + 1 if day == now.date() else 1
            self._today[app_key] = (now.date(), used)
            if used > config.calls_per_day:
                raise Refusal(
                    "ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 86400 seconds"
                )
        if config.calls_per_second:
            recent = self._recent.setdefault(f"{app_key}{path}", deque())
            while recent and recent[0] <= now - timedelta(seconds=1):
                recent.popleft()
            if len(recent) >= config.calls_per_second:
                raise Refusal("ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 1 seconds")
            recent.append(now)

    async def file(self, request: web.Request) -> web.Response:
        """A label; its address is signed by itself, a call's parameters have no business here."""
        if request.query.get("Signature") != "a+b" or "access_token" in request.query:
            return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>", content_type="text/xml")
        return web.Response(body=trade.LABEL, content_type="application/pdf")

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """The seller is asked nothing: the first one of the app (or ``seller``) says yes."""
        query = request.query
        app = self.authority.apps.get(query.get("client_id", ""))
        back = query.get("redirect_uri", "")
        fits = app is not None and back.startswith(app.callbacks)
        if not fits or app is None or query.get("response_type") != "code" or "uuid" in query:
            return web.Response(status=400, text="param error")
        mine = [shop.seller_id for shop in self.config.shops if shop.app_key == app.app_key]
        code = self.authority.consent(app.app_key, query.get("seller", mine[0]))
        more = f"code={code}&state={query.get('state', '')}"
        raise web.HTTPFound(f"{back}{'&' if '?' in back else '?'}{more}")

    # ---- pushes --------------------------------------------------------------------------------------------------

    def _tell(self, seller: str, kind: int, data: Json) -> None:
        app_key = self.authority.sellers[seller].app_key
        self.outboxes[app_key].add(seller, kind, data, self.now())

    async def deliver_due(self) -> int:
        if self.world.post is None:
            return 0
        self._warn()
        now, post = self.now(), self.world.post
        return sum([await box.send(now, post, self.world.faults.on_their_way) for box in self.outboxes.values()])

    def _warn(self) -> None:
        """Type 8, daily from 48 hours before a token ends; the outer seller is the text "null"."""
        now = self.now()
        latest = {grant.seller_id: grant for grant in self.authority.grants}
        for grant in latest.values():
            if now < grant.access_until <= now + WARN and (
                grant.warned is None or now - grant.warned >= timedelta(days=1)
            ):
                grant.warned = now
                ends = int(grant.access_until.timestamp())
                data: Json = {"app_key": grant.app_key, "auth_expiry_time": ends, "seller_id": grant.seller_id}
                self.outboxes[grant.app_key].add("null", 8, data, now)
