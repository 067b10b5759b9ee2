"""The pretend Shopee's door: signature, token, quota, then the call; and the pages where a seller says yes.

Everything is refused in the order of sheet 3: partner_id, timestamp, sign, access_token, shop_id. The signature is
checked over what was really sent, so a client that signs one thing and sends another is told "Wrong sign.".
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count

from aiohttp import web

from hub.clock import elapsed
from hub.sandbox.faults import Fault
from hub.sandbox.kit import World
from hub.sandbox.shopee import media, push, shelf
from hub.sandbox.shopee.auth import Authority, same, sign
from hub.sandbox.shopee.calls import GETS, POSTS, PUBLIC
from hub.sandbox.shopee.config import ShopeeApp, ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.consent import Consents
from hub.sandbox.shopee.items import quota_day
from hub.sandbox.shopee.shop import BuyersShop
from hub.sandbox.shopee.state import ShopState
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad, envelope, refusal_body

IDENTITIES = ("shop_id", "merchant_id", "user_id", "supplier_id", "principal_id")
UPLOAD = "media_space/upload_image"
BROKEN = "<html><head><title>400 Bad Request</title></head><body><center>nginx</center></body></html>"


class _Broken(Exception):
    """The body never reached the platform: its proxy answers with a page."""


class Shopee:
    """One pretend Shopee. ``ticks`` gives machine seconds for the rate limit."""

    id = "shopee"

    def __init__(self, world: World, config: ShopeeConfig, ticks: Callable[[], float] = elapsed) -> None:
        self.world = world
        self.config = config
        self.authority = Authority(config, self.now())
        self.outboxes = {app.partner_id: push.Outbox(app=app) for app in config.apps}
        self._consents = Consents(self.authority, self.outboxes)
        ids = count(900_001)
        self._shops = {
            shop.shop_id: BuyersShop(ShopState(shop, config, ids, self._notifier(shop)), world.clock)
            for shop in config.shops
        }
        self._ticks = ticks
        self._buckets: dict[int, tuple[float, float]] = {}
        self._used: dict[int, tuple[int, int]] = {}  # partner_id -> (quota day, calls)
        self._requests = count(1)
        self._uploads = count(1)

    def now(self) -> int:
        """Unix seconds of the world."""
        return int(self.world.clock.now().timestamp())

    # -- the kit's side

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.route("*", "/api/v2/{call:[a-z_]+/[a-z_]+(?:/[a-z_]+)?}", self._serve),
            web.get("/auth", self._page),
            web.get("/cancel_auth", self._page),
            web.get("/file/{image_id}", self._image),
        ]

    def shops(self) -> Sequence[BuyersShop]:
        return list(self._shops.values())

    def shop(self, shop_id: int) -> BuyersShop:
        return self._shops[shop_id]

    def call_name(self, request: web.Request) -> tuple[str, str]:
        """Shops stand in the query, not in the path."""
        call = request.match_info.get("call")
        path = f"/api/v2/{call}" if call else "/" + request.path.rsplit("/", 1)[-1]
        return request.query.get("shop_id", "-"), f"{request.method} {path}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        """An error in a 200, an expired token, an order list that is empty though it should not be."""
        call = request.match_info.get("call", "")
        if fault is Fault.ERROR_IN_200:
            return self._refuse(Refusal("error_system_busy", "System busy, please try again later."))
        if fault is Fault.EMPTY_PAGE and call == "order/get_order_list":
            empty: Json = {"more": False, "next_cursor": "", "order_list": []}
            return self._answer(Answer(response=empty))
        if fault is Fault.TOKEN_EXPIRED and call not in PUBLIC:
            shop_id = request.query.get("shop_id", "")
            if shop_id.isdecimal():
                self.authority.expire(int(shop_id), self.now())
        return None

    async def deliver_due(self) -> int:
        """Send the pushes that are due through ``World.post``."""
        for shop in self._shops.values():
            shop.now()
        self._consents.watch(self.now())
        post = self.world.post
        if post is None:
            return 0
        return await push.deliver(self.outboxes.values(), self.now(), self.world.faults.on_their_way, post)

    # -- pages of consent

    async def _page(self, request: web.Request) -> web.StreamResponse:
        """The unsigned link (open.shopee.com/auth and cancel_auth)."""
        try:
            app = self._app(request)
            ending = request.path.endswith("/cancel_auth")
            if request.query.get("auth_type", "seller") not in ("seller", "user", "supplier"):
                raise bad("auth_type is invalid")
            if not ending and request.query.get("response_type", "code") != "code":
                raise bad("response_type must be code")
            target = request.query.get("redirect_uri", "")
            back = self._consents.answer(app, target, request.query, self.now(), ending=ending)
        except Refusal as refusal:
            return self._refuse(refusal)
        raise web.HTTPFound(back)

    def unlink(self, shop_id: int) -> None:
        """The seller takes every consent back (push 2)."""
        for app in self.config.apps:
            self._consents.end(app, self._shops[shop_id].state.settings, self.now())

    def _notifier(self, shop: ShopeeShop) -> Callable[[int, Json, int], None]:
        def notify(code: int, data: Json, now: int) -> None:
            for partner_id, outbox in self.outboxes.items():
                grant = self.authority.grant(partner_id, shop.shop_id)
                if grant is not None and grant.linked:
                    outbox.add(shop.shop_id, code, data, now)

        return notify

    def ban_shop(self, shop_id: int) -> None:
        """The platform bans the seller: ``shop_banned`` on every call."""
        for app in self.config.apps:
            grant = self.authority.grant(app.partner_id, shop_id)
            if grant is not None:
                grant.banned = True

    # -- calls

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        try:
            return self._answer(await self._carry_out(request, request.match_info["call"]))
        except Refusal as refusal:
            return self._refuse(refusal)
        except _Broken:
            return web.Response(text=BROKEN, content_type="text/html", status=400)

    async def _carry_out(self, request: web.Request, call: str) -> Answer:
        query = request.query
        app = self._app(request)
        now = self.now()
        self._in_time(query.get("timestamp"), now)
        given = query.get("sign")
        if not given:
            raise bad("There is no sign in query.")
        public = call in PUBLIC or (call == UPLOAD and "access_token" not in query)
        identity = self._identity(query)
        token = "" if public else query.get("access_token", "")
        expected = sign(
            app.partner_key,
            query["partner_id"],
            f"/api/v2/{call}",
            query["timestamp"],
            token,
            "" if public or identity is None else query[identity],
        )
        if not same(expected, given):
            raise Refusal("error_sign", "Wrong sign.")
        self._within_quota(app, now)
        if call == UPLOAD:
            return await self._upload(request, app, public, now)
        if public:
            return await self._public(request, app, call, now)
        if call.startswith("livestream/"):
            raise Refusal("error_api_permission", "The app has no permission to call this API.")
        known = {"GET": GETS, "POST": POSTS}.get(request.method, {})
        info = (request.method, call) == ("GET", "shop/get_shop_info")
        if call not in known and not info:
            raise Refusal("error_not_found", "There is no such API.")
        shop = self._admit(query, app, identity, now)
        if info:
            return self._shop_info(shop.state, app)
        args = Args.of_query(query) if request.method == "GET" else Args(await self._body(request))
        return known[call](shop.state, args, shop.now())

    def _app(self, request: web.Request) -> ShopeeApp:
        partner_id = request.query.get("partner_id")
        if not partner_id:
            raise bad("There is no partner_id in query.")
        app = self.authority.apps.get(int(partner_id)) if partner_id.isdecimal() else None
        if app is None:
            raise Refusal("invalid_partner_id", "Invalid partner_id.")
        if app.suspended:
            raise Refusal("api_suspended", "The app is suspended.")
        if app.key_expired:
            raise Refusal("error_partner_key_expired", "The partner key has expired.")
        if app.restricted:
            raise Refusal("error_api_call_restricted", "API calls of the app are restricted.")
        if app.source_ips and request.remote not in app.source_ips:
            raise Refusal("source_ip_undeclared", "The source IP is not declared in the console.")
        return app

    def _in_time(self, timestamp: str | None, now: int) -> None:
        if not timestamp:
            raise bad("no timestamp")
        if not timestamp.isdecimal() or abs(now - int(timestamp)) > self.config.clock_skew_seconds:
            raise bad("Timestamp is expired.")

    def _identity(self, query: Mapping[str, str]) -> str | None:
        sent = [name for name in IDENTITIES if name in query]
        if len(sent) > 1:
            raise bad("only one of shop_id, merchant_id and user_id can be sent")
        return sent[0] if sent else None

    def _admit(self, query: Mapping[str, str], app: ShopeeApp, identity: str | None, now: int) -> BuyersShop:
        token = query.get("access_token", "")
        if not token:
            raise bad("There is no access_token in query.")
        if identity != "shop_id":
            raise bad("There is no shop_id in query.")
        shop_id = query["shop_id"]
        if not shop_id.isdecimal():
            raise bad("shop_id is invalid")
        self.authority.admit(app.partner_id, int(shop_id), token, now)
        shop = self._shops[int(shop_id)]
        self._throttle(shop)
        return shop

    def _throttle(self, shop: BuyersShop) -> None:
        rate = self.config.calls_per_second
        if rate <= 0:
            return
        most = self.config.calls_burst or max(rate, 1.0)
        now = self._ticks()
        level, before = self._buckets.get(shop.state.shop_id, (most, now))
        level = min(most, level + (now - before) * rate)
        if level < 1:
            self._buckets[shop.state.shop_id] = (level, now)
            raise Refusal("error_rate_limit", "Your request is too frequent, please try again later.")
        self._buckets[shop.state.shop_id] = (level - 1, now)

    def _within_quota(self, app: ShopeeApp, now: int) -> None:
        if self.config.calls_per_day <= 0:
            return
        day, used = self._used.get(app.partner_id, (0, 0))
        used = used + 1 if day == quota_day(now) else 1
        if used > self.config.calls_per_day:
            raise Refusal("error_limit", "You have reached the daily limit of calls.")
        self._used[app.partner_id] = (quota_day(now), used)

    async def _body(self, request: web.Request) -> Json:
        """The JSON object of a POST; anything else never passes the proxy."""
        try:
            content = json.loads(await request.read())
        except ValueError:
            raise _Broken from None
        if not isinstance(content, dict):
            raise bad("the body must be a JSON object")
        return content

    async def _public(self, request: web.Request, app: ShopeeApp, call: str, now: int) -> Answer:
        outbox = self.outboxes[app.partner_id]
        match request.method, call:
            case "POST", "auth/token/get":
                return self._token(app, Args(await self._body(request)), now)
            case "POST", "auth/access_token/get":
                return self._refresh(app, Args(await self._body(request)), now)
            case "GET", "public/get_shops_by_partner":
                return self._linked(app, Args.of_query(request.query), now)
            case "GET", "shop/auth_partner" | "shop/cancel_auth_partner":
                target, ending = request.query.get("redirect", ""), "cancel" in call
                raise web.HTTPFound(self._consents.answer(app, target, request.query, now, ending=ending))
            case "GET", "public/get_shopee_ip_ranges":
                return Answer(top={"ip_list": ["192.0.2.0/24"]})
            case "GET", "push/get_app_push_config":
                return outbox.get_app_push_config()
            case "POST", "push/set_app_push_config":
                return await outbox.set_app_push_config(Args(await self._body(request)), now, self.world.post)
            case "GET", "push/get_lost_push_message":
                return outbox.get_lost_push_message(now)
            case "POST", "push/confirm_consumed_lost_push_message":
                return outbox.confirm_consumed_lost_push_message(Args(await self._body(request)))
        raise Refusal("error_not_found", "There is no such API.")

    def _token(self, app: ShopeeApp, args: Args, now: int) -> Answer:
        self._same_partner(app, args)
        shop_id = args.number("shop_id") if "shop_id" in args else None
        main = args.number("main_account_id") if "main_account_id" in args else None
        if (shop_id is None) == (main is None):
            raise bad("exactly one of shop_id and main_account_id is required")
        return Answer(top=self.authority.redeem(app.partner_id, args.string("code"), shop_id, main, now))

    def _refresh(self, app: ShopeeApp, args: Args, now: int) -> Answer:
        self._same_partner(app, args)
        sent = [name for name in IDENTITIES if name in args]
        if sent != ["shop_id"]:
            raise bad("exactly one of shop_id, merchant_id and user_id is required")
        top = self.authority.refresh(app.partner_id, args.string("refresh_token"), args.number("shop_id"), now)
        return Answer(top=top)

    def _same_partner(self, app: ShopeeApp, args: Args) -> None:
        if args.number("partner_id") != app.partner_id:
            raise bad("partner_id of query and body differ")

    def _linked(self, app: ShopeeApp, args: Args, now: int) -> Answer:
        size, page = shelf.page_size(args, 100), args.number("page_no", 1)
        if page < 1:
            raise bad("page_no begins at 1")
        grants = self.authority.linked(app.partner_id, now)
        told = [
            {
                "region": "VN",
                "shop_id": g.shop.shop_id,
                "auth_time": g.granted_at,
                "expire_time": g.ends_at,
                "sip_affi_shop_list": [],
            }
            for g in grants[(page - 1) * size : page * size]
        ]
        return Answer(top={"authed_shop_list": told, "more": len(grants) > page * size})

    async def _upload(self, request: web.Request, app: ShopeeApp, public: bool, now: int) -> Answer:
        """Public by the documents, signed as a Shop call by everybody: both are taken."""
        if request.method != "POST":
            raise Refusal("error_not_found", "There is no such API.")
        shops = list(self._shops.values())
        if not public:
            shops = [self._admit(request.query, app, self._identity(request.query), now)]
        upload = await media.read_upload(request)
        base = f"{self.world.base_url}/shopee"
        kept: dict[str, str] = {}
        answer = media.accept(upload, next(self._uploads), base, kept)
        for shop in shops:
            shop.state.images.update(kept)
        return answer

    # -- answers

    def _shop_info(self, shop: ShopState, app: ShopeeApp) -> Answer:
        """GET shop/get_shop_info: top level."""
        grant = self.authority.grant(app.partner_id, shop.shop_id)
        assert grant is not None
        return Answer(
            top={
                "shop_name": shop.settings.name,
                "region": "VN",
                "status": "NORMAL",
                "is_cb": False,
                "auth_time": grant.granted_at,
                "expire_time": grant.ends_at,
                "shop_fulfillment_flag": "Others",
                "merchant_id": None,
            }
        )

    def _answer(self, answer: Answer) -> web.Response:
        if answer.file:
            return web.Response(body=answer.file, content_type="application/pdf")
        return _json(envelope(answer, self._request_id()))

    def _refuse(self, refusal: Refusal) -> web.Response:
        status = 200
        if refusal.code == "error_sign":
            status = self.config.sign_error_status
        elif refusal.code == "invalid_acceess_token" or refusal.text == "Invalid access_token.":
            status = self.config.token_error_status
        return _json(refusal_body(refusal, self._request_id()), status)

    def _request_id(self) -> str:
        return f"{next(self._requests):032x}"

    async def _image(self, request: web.Request) -> web.Response:
        """A picture's address answers, as a shop front would need it."""
        return web.Response(body=b"", content_type="image/jpeg")


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        status=status,
        content_type="application/json",
    )
