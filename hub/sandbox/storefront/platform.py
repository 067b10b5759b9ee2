"""The front door of the three: who may come in, how full the bucket is, signing in, webhooks on their way.

Haravan's stores share one address and are told apart by the token; each Sapo store has its own. The client must carry
no cookies: a POST that does is answered 200 and changes nothing (sheet A1).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from hub.clock import elapsed
from hub.sandbox.faults import Fault
from hub.sandbox.kit import Delivery, World
from hub.sandbox.storefront.api import Desk
from hub.sandbox.storefront.buyers import BuyersShop
from hub.sandbox.storefront.calls import Call
from hub.sandbox.storefront.config import StorefrontConfig, StorefrontShop
from hub.sandbox.storefront.dialect import Dialect
from hub.sandbox.storefront.state import Order, Store, Wrong

LISTS = ("products", "orders", "webhooks", "locations", "inventory_locations", "refunds")


@dataclass(kw_only=True)
class Token:
    place: "Place"
    until: datetime | None = None  # None: a private one, without end
    refresh: str = ""


@dataclass(kw_only=True)
class Place:
    """One store with its desk, its bucket and, on Haravan, whether the app hears its news."""

    store: Store
    desk: Desk
    shop: BuyersShop
    level: float = 0.0
    asked: float = 0.0
    subscribed: bool = False


class Storefront:
    """All stores of one platform."""

    def __init__(self, config: StorefrontConfig, world: World, dialect: Dialect) -> None:
        self.id = dialect.id
        self.config, self.world, self.dialect = config, world, dialect
        self.places: dict[str, Place] = {}
        self.tokens: dict[str, Token] = {}
        self._codes: dict[str, tuple[Place, str]] = {}
        self._given = 0
        for settings in config.shops:
            store = Store(settings, config, world.clock)
            place = Place(store=store, desk=Desk(store, dialect), shop=BuyersShop(store), asked=elapsed())
            self.places[settings.key] = place
            if settings.token:
                self.tokens[settings.token] = Token(place=place)

    # ---- the kit's side ----

    def shops(self) -> Sequence[BuyersShop]:
        return [one.shop for one in self.places.values()]

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return (web.route("*", "/{rest:.*}", self.serve),)

    def call_name(self, request: web.Request) -> tuple[str, str]:
        place = self._place(request)
        parts = ["{id}" if one.isdigit() else one for one in self._path(request)]
        return place.store.settings.key if place else "-", f"{request.method} /{'/'.join(parts)}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        path = self._path(request)
        if fault is Fault.EMPTY_PAGE and request.method == "GET" and path and path[-1] in LISTS:
            return _answer({path[-1]: []})
        if fault is Fault.ERROR_JSON:
            return _answer({"errors": "Internal Server Error"}, 500)
        if fault is Fault.TOKEN_EXPIRED:
            held = self.tokens.get(_bearer(request))
            if held is not None and held.until is not None:
                held.until = self.world.clock.now()
        return None

    # ---- one call ----

    def _path(self, request: web.Request) -> tuple[str, ...]:
        """Without the store's alias, the root and the ``.json``."""
        parts = request.match_info.get("rest", "").strip("/").removesuffix(".json").split("/")
        parts = parts[1:] if self.id != "haravan" else parts
        return tuple(parts[1:] if parts[:1] in (["com"], ["admin"]) else parts)

    def _place(self, request: web.Request) -> Place | None:
        """The store a call is for; None: nobody's."""
        now = self.world.clock.now()
        held = self.tokens.get(_bearer(request))
        alive = held is not None and (held.until is None or held.until > now)
        mine = held.place if held is not None and alive else self._by_keys(request)
        if mine is None or self.id == "haravan":
            return mine
        alias = request.match_info.get("rest", "").split("/", 1)[0]
        return mine if mine.store.settings.key == alias else None

    def _by_keys(self, request: web.Request) -> Place | None:
        """HTTP Basic with a private app's keys; Haravan has none."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic" or self.id == "haravan":
            return None
        for place in self.places.values():
            own = f"{place.store.settings.api_key}:{place.store.settings.api_secret}"
            if place.store.settings.api_key and base64.b64encode(own.encode()).decode() == text:
                return place
        return None

    async def serve(self, request: web.Request) -> web.Response:
        rest = request.match_info.get("rest", "")
        try:
            if rest.endswith(("connect/authorize", "oauth/authorize")):
                return self._authorize(request)
            if rest.endswith(("connect/token", "oauth/access_token")):
                return await self._exchange(request)
            place = self._place(request)
            if place is None:
                raise Wrong(401, "[API] Invalid API key or access token (unrecognized login or wrong password)")
            headers = self._pour(place)
            if rest.endswith("api/subscribe") and self.id == "haravan":
                return _answer(await self._subscribe(place, request.method), headers=headers)
            if request.method == "POST" and "Cookie" in request.headers:
                return _answer({}, headers=headers)  # 200, and nothing was done
            call = Call(
                method=request.method, path=self._path(request), query=dict(request.query), body=await _body(request)
            )
            made = request.method == "POST"
            return _answer(place.desk.do(call), 201 if made else 200, headers)
        except Wrong as wrong:
            headers = {"Retry-After": "2.0"} if wrong.status == 429 else {}
            return _answer(wrong.json, wrong.status, headers)

    def _pour(self, place: Place) -> Mapping[str, str]:
        """One more drop in the leaky bucket, which is told with every answer; over the brim is 429."""
        size = self.config.bucket
        if not size:
            return {}
        now = elapsed()
        place.level = max(0.0, place.level - (now - place.asked) * self.config.leak)
        place.asked = now
        if place.level + 1 > size:
            raise Wrong(429, "Exceeded calls per second. Reduce request rates to resume uninterrupted service.")
        place.level += 1
        return {self.dialect.counts_header: f"{ceil(place.level)}/{size}"}

    # ---- signing in ----

    def _authorize(self, request: web.Request) -> web.Response:
        """The owner always says yes, with the first store or that of ``shop`` (our addition) or of the address."""
        query = request.query
        alias = request.match_info.get("rest", "").split("/", 1)[0] if self.id != "haravan" else query.get("shop", "")
        place = self.places.get(alias) or next(iter(self.places.values()))
        target = query.get("redirect_uri", "")
        if query.get("client_id") != self.config.client_id:
            raise Wrong(400, "unauthorized_client", key="error")
        if urlsplit(target).hostname not in self.config.redirect_domains:
            raise Wrong(400, "invalid_request", key="error")
        if self.id == "haravan" and not {"openid", "nonce"} <= {*query.get("scope", "").split(), *query}:
            raise Wrong(400, "invalid_scope", key="error")
        code = self._fresh("code")
        self._codes[code] = (place, target)
        back = {"code": code, "state": query.get("state", "")}
        if self.id != "haravan":
            back |= {"store": alias, "timestamp": str(int(self.world.clock.now().timestamp()))}
            back["hmac"] = callback_hmac(self.config.client_secret, back)
        raise web.HTTPFound(f"{target}?{urlencode(back)}")

    async def _exchange(self, request: web.Request) -> web.Response:
        """Haravan: a form of OpenID Connect. Sapo and Haravan's old way: client, secret and code."""
        asked = await _form(request)
        if (asked.get("client_id"), asked.get("client_secret")) != (self.config.client_id, self.config.client_secret):
            raise Wrong(400, "invalid_client", key="error")
        old = request.path.endswith("access_token")
        if asked.get("grant_type") == "refresh_token":
            known = next((one for one in self.tokens.values() if one.refresh == asked.get("refresh_token") != ""), None)
            if known is None:
                raise Wrong(400, "invalid_grant", key="error")
            place = known.place
        else:
            place, target = self._codes.pop(asked.get("code", ""), (None, ""))  # type: ignore[assignment]
            if place is None or (not old and asked.get("redirect_uri") != target):
                raise Wrong(400, "invalid_grant", key="error")
        access = self._fresh("access")
        if old:
            self.tokens[access] = Token(place=place)
            return _answer({"access_token": access})
        refresh = self._fresh("refresh") if self.config.refresh else ""
        until = self.world.clock.now() + timedelta(seconds=self.config.token_seconds)
        self.tokens[access] = Token(place=place, until=until, refresh=refresh)
        claims = {"orgid": place.store.settings.key, "aud": self.config.client_id}
        told = {
            "access_token": access, "id_token": _unsigned(claims), "expires_in": self.config.token_seconds,
            "token_type": "Bearer",
        }  # fmt: skip
        return _answer(told | ({"refresh_token": refresh} if refresh else {}))

    def _fresh(self, kind: str) -> str:
        self._given += 1
        return f"{self.id}-{kind}-{self._given}"

    # ---- webhooks ----

    async def _subscribe(self, place: Place, method: str) -> object:
        """Haravan asks the app's address first, by GET, and wants its challenge back. The kit's post cannot ask; a
        callback set up in the test's own application is asked through :attr:`greeting`."""
        if method == "POST":
            if not self.config.callback_url:
                raise Wrong(422, "callback url is not registered", key="error")
            place.subscribed = True
        elif method == "DELETE":
            place.subscribed = False
        return {"data": [{"orgid": place.store.settings.key}] if place.subscribed else []}

    def greeting(self) -> dict[str, str]:
        """The query of Haravan's GET."""
        return {"hub.mode": "subscribe", "hub.verify_token": self.config.verify_token, "hub.challenge": "1158201444"}

    async def deliver_due(self) -> int:
        """Send every store's news; an order is told as it is now."""
        post, waiting = self.world.post, [one for place in self.places.values() for one in self._due(place)]
        if post is None:
            return 0
        sent = self.world.faults.on_their_way(waiting)
        for delivery in sent:
            await post(delivery)
        return len(sent)

    def _due(self, place: Place) -> list[Delivery]:
        news, place.store.news = place.store.news, []
        due: list[Delivery] = []
        for topic, thing in news:
            shown = (
                self.dialect.show_order(thing)
                if isinstance(thing, Order)
                else self.dialect.show_product(place.store, thing)
            )
            body = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
            due += [
                Delivery(url=url, headers=self._headers(place.store.settings, topic, str(thing.id), body), body=body)
                for url in self._addresses(place, topic)
            ]
        return due

    def _addresses(self, place: Place, topic: str) -> list[str]:
        if self.id == "haravan":
            return [self.config.callback_url] if place.subscribed else []
        return [one.address for one in place.desk.hooks.values() if one.topic == topic]

    def _headers(self, settings: StorefrontShop, topic: str, thing: str, body: bytes) -> tuple[tuple[str, str], ...]:
        key = self.config.client_secret if self.id == "haravan" or not settings.api_secret else settings.api_secret
        domain = {"haravan": settings.key, "sapo": f"{settings.key}.mysapo.net"}.get(
            self.id, f"{settings.key}.mysapogo.com"
        )
        more = (("X-Sapo-Object-Id", thing), ("User-Agent", "JVM")) if self.id == "sapo_omni" else ()
        return (
            ("Content-Type", "application/json"),
            (self.dialect.topic, topic),
            (self.dialect.sender, domain),
            (self.dialect.signature, signature(body, key)),
            *more,
        )


def signature(body: bytes, key: str) -> str:
    """base64(HMAC-SHA256(raw body)); vectors in sheet A6."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def callback_hmac(secret: str, query: Mapping[str, str]) -> str:
    """Hex HMAC-SHA256 over the sorted pairs, without ``hmac`` and ``signature`` (sheets A1 and B1)."""
    text = "&".join(f"{key}={query[key]}" for key in sorted(query) if key not in ("hmac", "signature"))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _bearer(request: web.Request) -> str:
    named = request.headers.get("X-Sapo-Access-Token", "")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return named or (token if scheme == "Bearer" else "")


def _unsigned(claims: Mapping[str, str]) -> str:
    """An id token whose signature nobody can check here: it comes straight from the token address."""
    parts = (json.dumps({"alg": "none"}), json.dumps(claims))
    return ".".join(base64.urlsafe_b64encode(one.encode()).rstrip(b"=").decode() for one in parts) + "."


async def _body(request: web.Request) -> dict[str, object]:
    raw = await request.read()
    if not raw:
        return {}
    try:
        found = json.loads(raw)
    except ValueError:
        raise Wrong(400, "Bad Request", key="error") from None
    if not isinstance(found, dict):
        raise Wrong(400, "Bad Request", key="error")
    return found


async def _form(request: web.Request) -> dict[str, str]:
    if request.content_type.endswith("json"):
        return {key: str(value) for key, value in (await _body(request)).items()}
    return {key: str(value) for key, value in (await request.post()).items()}


def _answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """With a cookie that nobody should bring back."""
    body = json.dumps(content, ensure_ascii=False).encode()
    answer = web.Response(body=body, status=status, headers=headers, content_type="application/json")
    answer.set_cookie("sid", "sandbox", httponly=True)
    return answer
