"""The pretend TikTok Shop's door: who calls, signed how, for which shop, then the call.

Refused in the order of sheet 14: path, app_key, timestamp, sign, token, cipher, scope, rate, body. The signature is
checked over the bytes that came, so a client that signs one JSON and sends another is told 106001.
"""

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlencode

from aiohttp import web

from hub.clock import elapsed
from hub.sandbox.faults import Fault
from hub.sandbox.kit import World
from hub.sandbox.tiktok_shop import claims, goods, guide, media, money, trade
from hub.sandbox.tiktok_shop.config import TikTok
from hub.sandbox.tiktok_shop.grants import Grant, Grants
from hub.sandbox.tiktok_shop.hooks import Outbox
from hub.sandbox.tiktok_shop.shop import Shop
from hub.sandbox.tiktok_shop.wire import Ask, Json, Refusal, bad, sign

if TYPE_CHECKING:
    from hub.sandbox.config import SandboxConfig

Run = Callable[[Shop, Ask], Json | None]
EARLIEST, LATEST = 300, 30
LISTS = ("orders", "products", "return_orders", "statements", "cancellations")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One endpoint: ``{}`` in the path stands for an id. ``cipher``: it acts in one shop."""

    method: str
    path: str
    scope: str
    run: Run
    cipher: bool = True
    upload: bool = False

    @property
    def pattern(self) -> "re.Pattern[str]":
        return re.compile(re.escape(self.path).replace(r"\{\}", "([^/]+)"))


def _call(line: str, scope: str, run: Run, *, cipher: bool = True, upload: bool = False) -> Call:
    method, path = line.split()
    return Call(method=method, path=path, scope=scope, run=run, cipher=cipher, upload=upload)


def _shops(shop: Shop, ask: Ask) -> Json:
    seller = shop.seller
    told = {"id": seller.shop_id, "name": seller.name, "region": seller.region, "seller_type": "LOCAL"}
    return {"shops": [{**told, "cipher": seller.cipher, "code": f"VNLC{seller.shop_id[-6:]}"}]}


def _active(shop: Shop, ask: Ask) -> Json:
    return {"shops": [{"id": shop.seller.shop_id, "region": shop.seller.region}]}


def _warehouses(shop: Shop, ask: Ask) -> Json:
    rows = [(house, "SALES_WAREHOUSE", place == 0) for place, house in enumerate(shop.seller.warehouses)]
    return {
        "warehouses": [
            {"id": house, "entity_id": house, "name": f"Kho {house[-4:]}", "effect_status": "ENABLED", "type": kind,
             "sub_type": "DOMESTIC_WAREHOUSE", "is_default": default,
             "address": {"region": "VN", "state": "Quảng Ninh", "distict": "Bình Liêu"}}
            for house, kind, default in [*rows, ("7068517275539719999", "RETURN_WAREHOUSE", True)]
        ]
    }  # fmt: skip


def _prerequisites(shop: Shop, ask: Ask) -> Json:
    items = ("SHOP_STATUS", "SHOP_TAX", "PICKUP_WAREHOUSE", "RETURN_WAREHOUSE", "SHIPPING_TEMPLATE")
    return {"check_results": [{"check_item": one, "is_failed": False, "fail_reasons": []} for one in items]}


def _image(shop: Shop, ask: Ask) -> Json:
    told = media.image(ask, shop.number())
    shop.images[told["uri"]] = told
    return told


def _guide(run: Callable[[Ask], Json]) -> Run:
    return lambda shop, ask: run(ask)


READ, WRITE, DELETE = "seller.product.basic", "seller.product.write", "seller.product.delete"
ORDER, PARCEL, CLAIM = "seller.order.info", "seller.fulfillment.basic", "seller.return_refund.basic"
MONEY, SHOP, HOUSE = "seller.finance.info", "seller.authorization.info", "seller.logistics"
LIVES, CREDITS = "data.shop_analytics.public.read", "seller.affiliate_collaboration.read"
CALLS = (
    _call("GET /authorization/202309/shops", SHOP, _shops, cipher=False),
    _call("GET /seller/202309/shops", SHOP, _active, cipher=False),
    _call("GET /product/202309/categories", READ, _guide(guide.categories)),
    _call("GET /product/202309/categories/{}/attributes", READ, _guide(guide.attributes)),
    _call("GET /product/202309/categories/{}/rules", READ, _guide(guide.rules)),
    _call("GET /product/202309/brands", READ, _guide(guide.brands)),
    _call("POST /product/202309/brands", WRITE, _guide(guide.new_brand), cipher=False),
    _call("GET /product/202312/prerequisites", READ, _prerequisites),
    _call("GET /logistics/202309/warehouses", HOUSE, _warehouses),
    _call("POST /product/202309/images/upload", WRITE, _image, cipher=False, upload=True),
    _call(
        "POST /product/202309/files/upload", WRITE, lambda s, a: media.file(a, s.number()), cipher=False, upload=True
    ),
    _call("POST /product/202309/products", WRITE, goods.create),
    _call("POST /product/202309/products/listing_check", WRITE, goods.listing_check),
    _call("PUT /product/202309/products/{}", WRITE, goods.edit),
    _call("PUT /product/202509/products/{}", WRITE, goods.edit),
    _call("POST /product/202509/products/{}/partial_edit", WRITE, goods.partial_edit),
    _call("POST /product/202309/products/{}/prices/update", WRITE, goods.prices),
    _call("POST /product/202309/products/{}/inventory/update", WRITE, goods.inventory),
    _call("POST /product/202309/products/activate", WRITE, goods.activate),
    _call("POST /product/202309/products/deactivate", WRITE, goods.deactivate),
    _call("POST /product/202309/products/recover", WRITE, goods.recover),
    _call("DELETE /product/202309/products", DELETE, goods.delete),
    _call("GET /product/202309/products/{}", READ, goods.get),
    _call("POST /product/202502/products/search", READ, goods.search),
    _call("POST /product/202309/inventory/search", READ, goods.inventory_search),
    _call("POST /order/202309/orders/search", ORDER, trade.search),
    _call("GET /order/202507/orders", ORDER, trade.details),
    _call("POST /return_refund/202602/cancellations/search", CLAIM, claims.cancellations),
    _call("POST /return_refund/202602/cancellations", CLAIM, claims.seller_cancels),
    _call("GET /return_refund/202602/orders/{}/aftersale_eligibility", CLAIM, claims.eligibility),
    _call("POST /return_refund/202309/cancellations/{}/approve", CLAIM, claims.approve),
    _call("POST /return_refund/202309/cancellations/{}/reject", CLAIM, claims.reject),
    _call("POST /return_refund/202602/returns/search", CLAIM, claims.returns),
    _call("GET /fulfillment/202309/packages/{}/handover_time_slots", PARCEL, claims.slots),
    _call("POST /fulfillment/202309/packages/{}/ship", PARCEL, claims.ship),
    _call("GET /fulfillment/202309/packages/{}/shipping_documents", PARCEL, claims.document),
    _call("GET /finance/202309/statements", MONEY, money.statements),
    _call("GET /finance/202501/statements/{}/statement_transactions", MONEY, money.statement_rows),
    _call("GET /analytics/202609/shop_lives/performance", LIVES, money.lives),
    _call("POST /affiliate_seller/202410/orders/search", CREDITS, money.affiliate_orders),
    _call("GET /event/202309/webhooks", SHOP, lambda s, a: s.outbox.list(s.key)),
    _call("PUT /event/202309/webhooks", SHOP, lambda s, a: s.outbox.put(s.key, a)),
    _call("DELETE /event/202309/webhooks", SHOP, lambda s, a: s.outbox.drop(s.key, a)),
)


def find(method: str, path: str) -> tuple[Call, Sequence[str]]:
    """The endpoint and the ids in its path. Raises Refusal with the code that fits what is wrong about it."""
    hits = [(one, found) for one in CALLS if (found := one.pattern.fullmatch(path))]
    for one, found in sorted(hits, key=lambda hit: hit[0].path.count("{}")):
        if one.method == method:
            return one, found.groups()
    if hits:
        raise Refusal(36009010, "the method is not allowed", 405)
    parts = path.split("/")
    if len(parts) > 2 and re.fullmatch(r"\d{6}", parts[2]):
        for one in CALLS:
            parts[2] = one.path.split("/")[2]
            if one.pattern.fullmatch("/".join(parts)):
                raise Refusal(36009014, "the version does not exist", 404)
    raise Refusal(36009009, "the path does not exist", 404)


class PretendTikTok:
    """One pretend TikTok Shop. ``ticks`` gives machine seconds for the rate limit."""

    id = "tiktok_shop"

    def __init__(self, world: World, config: TikTok, ticks: Callable[[], float] = elapsed) -> None:
        self.world, self.config, self._ticks = world, config, ticks
        self.grants = Grants(config, self.now())
        self.outboxes = {
            app.app_key: Outbox(app=app, public_only=config.public_hooks_only) for app in config.apps
        }  # fmt: skip
        ids = count(1_729_592_969_712_207_013)
        self._shops = {
            seller.shop_id: Shop(seller, config, ids, world.clock, self.outboxes[seller.app_key])
            for seller in config.shops
        }
        self._buckets: dict[str, tuple[float, float]] = {}
        self._hours: dict[str, tuple[int, int]] = {}
        self._requests = count(1)

    def now(self) -> int:
        return int(self.world.clock.now().timestamp())

    # -- the kit's side

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.get("/api/v2/token/{call:get|refresh}", self._token),
            web.get("/open/authorize", self._consent),
            web.get("/files/{name}", self._document),
            web.route("*", "/{path:[a-z_]+/.+}", self._serve),
        ]

    def shops(self) -> Sequence[Shop]:
        return list(self._shops.values())

    def shop(self, shop_id: str) -> Shop:
        return self._shops[shop_id]

    def call_name(self, request: web.Request) -> tuple[str, str]:
        """Ids become ``{}``; the shop is told by its cipher."""
        path = "/" + request.match_info.get("path", request.path.rsplit("/", 1)[-1])
        try:
            path = find(request.method, path)[0].path
        except Refusal:
            path = re.sub(r"\d{6,}", "{}", path)
        cipher = request.query.get("shop_cipher")
        return next((s.key for s in self.shops() if s.seller.cipher == cipher), "-"), f"{request.method} {path}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        path = request.match_info.get("path", "")
        if fault is Fault.ERROR_IN_200:
            return self._answer({"code": 36009003, "message": "internal error"})
        if fault is Fault.EMPTY_PAGE and path.endswith(("/search", "/statements")):
            empty: Json = {key: [] for key in LISTS if key != "return_orders"} | {"next_page_token": ""}
            return self._answer({"code": 0, "message": "Success", "data": empty})
        if fault is Fault.TOKEN_EXPIRED:
            self.grants.expire(request.headers.get("x-tts-access-token", ""), self.now())
        return None

    async def deliver_due(self) -> int:
        for shop in self.shops():
            shop.now()
        post, arrange = self.world.post, self.world.faults.on_their_way
        if post is None:
            return 0
        return sum([await box.deliver(self.now(), arrange, post) for box in self.outboxes.values()])

    def unlink(self, shop_id: str) -> None:
        """The seller takes consent back: webhook 6, and every token is dead."""
        for app in self.grants.unlink(shop_id):
            self.outboxes[app.app_key].add(shop_id, 6, {"message": "deauthorized"}, self.now())

    # -- pages and files

    async def _consent(self, request: web.Request) -> web.StreamResponse:
        """The seller says yes (``deny=1``: no); ``shop_id`` picks the shop, else the app's first."""
        app = next((a for a in self.config.apps if a.service_id == request.query.get("service_id")), None)
        if app is None:
            return self._refuse(bad("service_id"))
        mine = [one for one in self.config.shops if one.app_key == app.app_key]
        wanted = request.query.get("shop_id", mine[0].shop_id if mine else "")
        seller = next((one for one in mine if one.shop_id == wanted), None)
        if seller is None:
            return self._refuse(bad("shop_id"))
        state = {"state": request.query["state"]} if "state" in request.query else {}
        if request.query.get("deny"):
            back = {"code": "null", "error": "auth_denied", **state}
        else:
            code = self.grants.consent(app, seller, self.now())
            back = {"app_key": app.app_key, "code": code, "locale": "vi-VN", "shop_region": seller.region, **state}
        raise web.HTTPFound(f"{app.redirect}?{urlencode(back)}")

    async def _token(self, request: web.Request) -> web.Response:
        try:
            told = self.grants.serve(request.match_info["call"], request.query, self.now())
        except Refusal as refusal:
            return self._refuse(replace_status(refusal))
        return self._answer({"code": 0, "message": "success", "data": told})

    async def _document(self, request: web.Request) -> web.Response:
        if request.query.get("sig") != "a+b":
            raise web.HTTPForbidden
        return web.Response(body=b"%PDF-1.4 nhan van don\n", content_type="application/pdf")

    # -- calls

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            data = await self._carry_out(request, "/" + request.match_info["path"])
        except Refusal as refusal:
            return self._refuse(refusal)
        return self._answer({"code": 0, "message": "Success", "data": data or {}})

    async def _carry_out(self, request: web.Request, path: str) -> Json | None:
        now = self.now()
        call, ids = find(request.method, path)
        multipart = request.content_type == "multipart/form-data"
        body = b"" if multipart else await request.read()
        self._check_sign(request, path, body, now)
        grant = self._admit(request, call, now)
        shop = self._shops[grant.seller.shop_id]
        self._check_rate(call, shop, now)
        shop.now()
        ask = Ask(now=now, ids=ids, query=_single(request), base=f"{self.world.base_url}/{self.id}")
        if call.upload:
            if not multipart:
                raise Refusal(36009023, "the content type must be multipart/form-data", 400)
            form = await request.post()
            part = form.get("data")
            content = part.file.read() if isinstance(part, web.FileField) else b""
            return call.run(shop, replace(ask, file=content, form={k: v for k, v in form.items() if type(v) is str}))
        return call.run(shop, replace(ask, body=_parsed(body)))

    def _check_sign(self, request: web.Request, path: str, body: bytes, now: int) -> None:
        app = self.grants.apps.get(request.query.get("app_key", ""))
        if app is None:
            raise Refusal(36009004, "Invalid app_key", 400)
        if app.addresses and request.remote not in app.addresses:
            raise Refusal(36009033, "the IP address is not on the allow-list", 403)
        stamp = request.query.get("timestamp", "")
        if not re.fullmatch(r"\d{10}", stamp) or not now - EARLIEST <= int(stamp) <= now + LATEST:
            raise Refusal(36009004, "Invalid timestamp", 400)
        wanted = sign(app.app_secret, path, request.query.items(), body)
        if not hmac.compare_digest(wanted, request.query.get("sign", "")):
            raise Refusal(106001, "signature is invalid", 401)

    def _admit(self, request: web.Request, call: Call, now: int) -> Grant:
        grant = self.grants.by_access(request.headers.get("x-tts-access-token", ""), now)
        if grant.app.app_key != request.query["app_key"]:
            raise Refusal(105002, "access token is expired or invalid", 401)
        cipher = request.query.get("shop_cipher")
        if call.cipher and not cipher:
            raise Refusal(106013, "shop_cipher is missing", 400)
        if not call.cipher and cipher is not None:
            raise Refusal(36009004, "Unexpected identifier: shop_cipher", 400)
        if call.cipher and cipher != grant.seller.cipher:
            raise Refusal(101000, "the token does not belong to this shop", 401)
        if call.scope not in grant.scopes:
            raise Refusal(105005, "access denied, the scope is missing", 401)
        return grant

    def _check_rate(self, call: Call, shop: Shop, now: int) -> None:
        pace, key = self.config.calls_per_second, f"{shop.key} {call.method} {call.path}"
        if pace > 0:
            left, at = self._buckets.get(key, (max(pace, 1.0), self._ticks()))
            left = min(max(pace, 1.0), left + (self._ticks() - at) * pace)
            if left < 1:
                raise Refusal(36009002, "too many requests", 429)
            self._buckets[key] = (left - 1, self._ticks())
        if shop.seller.development:
            hour, used = self._hours.get(shop.key, (0, 0))
            used = used if hour == now // 3600 else 0
            if used >= self.config.calls_per_hour:
                raise Refusal(36009037, "the hourly quota of a development shop is used up", 429)
            self._hours[shop.key] = (now // 3600, used + 1)

    # -- answers

    def _answer(self, content: Json, status: int = 200) -> web.Response:
        content.setdefault("data", None)
        content["request_id"] = f"{next(self._requests):034d}"
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return web.Response(body=text.encode(), status=status, content_type="application/json")

    def _refuse(self, refusal: Refusal) -> web.Response:
        return self._answer({"code": refusal.code, "message": refusal.text}, refusal.status)


def replace_status(refusal: Refusal) -> Refusal:
    """The token host answers 200 whatever is wrong."""
    return Refusal(refusal.code, refusal.text)


def _single(request: web.Request) -> Mapping[str, str]:
    """Each parameter once: what the real one does with repeats nobody knows, here they are refused."""
    if len(request.query) != len(set(request.query)):
        raise bad("repeated parameter")
    return dict(request.query)


def _parsed(body: bytes) -> Json:
    if not body:
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        _no_json()
    return found if isinstance(found, dict) else _no_json()


def _no_json() -> NoReturn:
    raise Refusal(36009022, "the body is not valid JSON", 400)


def tiktok_shop(config: "SandboxConfig", world: World) -> PretendTikTok:
    """The platform as ``[tiktok_shop]`` of the set-up describes it."""
    return PretendTikTok(world, config.tiktok_shop)
