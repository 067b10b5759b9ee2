"""The front door: versions, tokens, proofs, permissions, limits, and which call goes where (sheet 1 and 8)."""

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web

from hub.sandbox.facebook.catalogue import Catalogue
from hub.sandbox.facebook.config import FacebookConfig
from hub.sandbox.facebook.graph import VERSIONS, Call, Json, Refusal, bad, page_of, proof_of, read_call, show, unknown
from hub.sandbox.facebook.hooks import Hooks
from hub.sandbox.facebook.page import Page, node_kind
from hub.sandbox.faults import Fault
from hub.sandbox.kit import World

HOUR = timedelta(hours=1)
BATCH = 50
NEEDS = {
    ("POST", "feed"): "pages_manage_posts", ("POST", "photos"): "pages_manage_posts",
    ("GET", "feed"): "pages_read_engagement", ("GET", "comments"): "pages_read_user_content",
    ("POST", "comments"): "pages_manage_engagement", ("POST", "messages"): "pages_messaging",
    ("POST", "subscribed_apps"): "pages_manage_metadata", ("POST", "items_batch"): "catalog_management",
    ("GET", "products"): "catalog_management", ("GET", "product_groups"): "catalog_management",
}  # fmt: skip


@dataclass(kw_only=True)
class Token:
    """An access token; ``until`` None: it does not end."""

    kind: Literal["user", "page"]
    page: Page
    until: datetime | None = None
    dead: int = 0  # subcode it is refused with


class Facebook:
    """All Pages of one app."""

    id = "facebook"

    def __init__(self, config: FacebookConfig, world: World) -> None:
        self.config, self.world = config, world
        self.hooks = Hooks(config=config, world=world)
        self.pages = {
            one.page_id: Page(
                key=one.page_id,
                config=config,
                settings=one,
                world=world,
                hooks=self.hooks,
                catalogue=Catalogue(config, one.catalog_id),
            )
            for one in config.pages
        }
        self.tokens: dict[str, Token] = {}
        self._codes: dict[str, tuple[Page, str]] = {}
        self._calls: dict[str, deque[datetime]] = {}
        self._given = 0
        now = world.clock.now()
        for page in self.pages.values():
            until = now + timedelta(days=page.settings.days) if page.settings.days else None
            if page.settings.user_token:
                self.tokens[page.settings.user_token] = Token(kind="user", page=page, until=until)
            if page.settings.page_token:
                self.tokens[page.settings.page_token] = Token(kind="page", page=page)

    # ---- the kit's side ----

    def shops(self) -> Sequence[Page]:
        return tuple(self.pages.values())

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return (web.route("*", "/{rest:.*}", self.serve),)

    async def deliver_due(self) -> int:
        return await self.hooks.send()

    def call_name(self, request: web.Request) -> tuple[str, str]:
        parts = request.match_info.get("rest", "").split("/")[1:]
        shop = next((key for key, page in self.pages.items() if parts and parts[0] in (key, page.catalogue.id)), "-")
        names = [one if one.replace("_", "").isalpha() else "{id}" for one in parts]
        return shop, f"{request.method} /{'/'.join(names)}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        if fault is Fault.ERROR_JSON:
            return _answer(Refusal(2, "Service temporarily unavailable", status=500, transient=True).json, 500)
        if fault is Fault.EMPTY_PAGE and request.method == "GET" and request.path.rpartition("/")[2].endswith("s"):
            return _answer({"data": []})
        if fault is Fault.TOKEN_EXPIRED:
            self._end(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return None

    def _end(self, token: str) -> None:
        """A Page's token dies; the admin's token gives a new one."""
        held = self.tokens.get(token)
        if held is not None and held.kind == "page":
            held.dead = 460

    # ---- one call ----

    async def serve(self, request: web.Request) -> web.Response:
        try:
            if request.path.endswith("/dialog/oauth"):
                return self._dialog(request)
            call = await read_call(request)
            size = request.content_length or 0
            if call.method == "POST" and not call.path:
                return _answer(self._batch(call))
            return _answer(self.do(call, size), headers=self._usage(call))
        except Refusal as refusal:
            return _answer(refusal.json, refusal.status, headers=refusal.headers)

    def do(self, call: Call, size: int = 0) -> Json:
        """Carry out one call. Raises Refusal."""
        if call.path == ("oauth", "access_token"):
            return self._exchange(call)
        token = self._enter(call)
        match call.path:
            case ("me", "accounts") if token.kind == "user":
                return self._accounts(call)
            case (name,) if name == "me" or name == token.page.key:
                self._count(name, token)
                return show(token.page.node(), call.shape(), ("id", "name"))
            case (node, *rest) if len(rest) < 2:
                self._permit(token, call, rest)
                self._count(node, token)
                return self._route(token, node, rest[0] if rest else "", call, size)
            case _:
                raise unknown("/".join(call.path))

    def _enter(self, call: Call) -> Token:
        """Whose token it is; with its proof where the app demands one (sheet 1)."""
        if not call.token:
            raise Refusal(104, "An access token is required to request this resource.", status=401)
        token = self.tokens.get(call.token)
        if token is None:
            raise Refusal(190, "Invalid OAuth access token - Cannot parse access token", status=401)
        if token.dead:
            raise Refusal(190, "Error validating access token", sub=token.dead, status=401)
        if token.until is not None and token.until <= self.world.clock.now():
            raise Refusal(190, "Error validating access token: Session has expired", sub=463, status=401)
        if self.config.require_proof and not call.proof:
            raise Refusal(100, "API calls from the server require an appsecret_proof argument")
        if call.proof and call.proof != proof_of(self.config.app_secret, call.token):
            raise Refusal(100, "Invalid appsecret_proof provided in the API argument")
        return token

    def _permit(self, token: Token, call: Call, rest: Sequence[str]) -> None:
        needed = NEEDS.get((call.method, rest[0])) if rest else None
        if needed is not None and needed not in token.page.settings.permissions:
            raise Refusal(200, f"(#200) Requires {needed} permission", status=403)

    def _count(self, node: str, token: Token) -> None:
        """Calls of the last hour on one Page or catalogue (sheet 8)."""
        catalogue = node == token.page.catalogue.id
        name = node if catalogue else token.page.key
        calls, now = self._calls.setdefault(name, deque()), self.world.clock.now()
        while calls and calls[0] <= now - HOUR:
            calls.popleft()
        if 0 < self.config.calls_per_hour <= len(calls):
            code = 80014 if catalogue else 80001
            text = f"(#{code}) There have been too many calls. Wait a bit and try again."
            raise Refusal(code, text, headers=self._told(name, catalogue))
        calls.append(now)

    def _usage(self, call: Call) -> dict[str, str]:
        held = self.tokens.get(call.token)
        if not self.config.calls_per_hour or held is None or not call.path:
            return {}
        catalogue = call.path[0] == held.page.catalogue.id
        name = call.path[0] if catalogue else held.page.key
        return self._told(name, catalogue) if len(self._calls.get(name, ())) >= self.config.headers_from else {}

    def _told(self, name: str, catalogue: bool) -> dict[str, str]:
        """Percentages in a list under the id; the wait is in minutes."""
        calls = self._calls[name]
        percent = len(calls) * 100 // self.config.calls_per_hour
        wait = 0 if percent < 100 else int((calls[0] + HOUR - self.world.clock.now()).total_seconds() // 60) + 1
        kind = "catalog_batch" if catalogue else "pages"
        usage = {
            "type": kind, "call_count": percent, "total_cputime": 0, "total_time": 0,
            "estimated_time_to_regain_access": wait,
        }  # fmt: skip
        return {"X-Business-Use-Case-Usage": json.dumps({name: [usage]})}

    def _route(self, token: Token, node: str, edge: str, call: Call, size: int) -> Json:
        page, now = token.page, self.world.clock.now()
        if node == page.catalogue.id:
            if token.kind != "user":
                raise Refusal(10, "(#10) Application does not have permission for this action", status=403)
            match call.method, edge:
                case "POST", "items_batch":
                    return page.catalogue.items_batch(call, now, size)
                case "GET", "check_batch_request_status":
                    return page.catalogue.status(call, now)
                case "GET", "products":
                    return page.catalogue.products(call, now)
                case "GET", "product_groups":
                    return page.catalogue.product_groups(call, now)
            raise unknown(f"{node}/{edge}")
        if edge == "product_catalogs" and node == page.key:
            catalogue = {"id": page.catalogue.id, "name": page.settings.name}
            return page_of([catalogue], call, default=("id", "name"))
        if token.kind != "page":
            raise Refusal(210, "(#210) A page access token is required to request this resource.", status=403)
        return self._on_page(page, edge, call) if node == page.key else self._on_node(page, node, edge, call)

    def _on_page(self, page: Page, edge: str, call: Call) -> Json:
        match call.method, edge:
            case "GET", "feed":
                return page.feed(call, waiting=False)
            case "GET", "scheduled_posts":
                return page.feed(call, waiting=True)
            case "POST", "feed":
                return page.publish(call)
            case "POST", "photos":
                return page.photo(call)
            case "GET", "live_videos":
                return page.live_videos(call)
            case "POST", "live_videos":
                return page.new_live(call)
            case "POST", "messages":
                return page.message_out(call)
            case "POST", "subscribed_apps":
                return page.subscribe(call)
            case "GET", "subscribed_apps":
                return page.subscriptions()
        raise unknown(f"{page.key}/{edge}")

    def _on_node(self, page: Page, node: str, edge: str, call: Call) -> Json:
        kind, thing = node_kind(page, node)
        match kind, edge:
            case "post", "":
                return page.on_post(thing, call)
            case "live", "":
                return page.on_live(thing, call)
            case "comment", "":
                return page.on_comment(thing, call)
            case "post", "comments" if call.method == "GET":
                return page.comments(node, call)
            case (("live" | "video"), "comments") if call.method == "GET":
                return page.comments(thing.post, call)
            case "comment", "comments" if call.method == "POST":
                return page.answer(thing, call)
        raise unknown(node)  # "private_replies" too: that edge was taken away

    def _batch(self, call: Call) -> list[Json | None]:
        """Up to 50 calls in one; the last ones may be null: not executed in time."""
        wanted = call.value("batch")
        if not isinstance(wanted, list) or len(wanted) > BATCH:
            raise bad(f"Too many requests in batch message. Maximum batch size is {BATCH}")
        self._enter(call)
        answers: list[Json | None] = []
        for place, one in enumerate(wanted):
            if place >= len(wanted) - self.config.nulls:
                answers.append(None)
                continue
            where = urlsplit("/" + one["relative_url"].lstrip("/"))
            path = tuple(part for part in where.path.split("/") if part and part not in VERSIONS)
            args = dict(parse_qsl(where.query)) | dict(parse_qsl(one.get("body", "")))
            inner = replace(call, method=one["method"], path=path, args=args)
            try:
                status, content = 200, self.do(inner)
            except Refusal as refusal:
                status, content = refusal.status, refusal.json
            answers.append({"code": status, "headers": [], "body": json.dumps(content)})
        return answers

    # ---- signing in ----

    def _dialog(self, request: web.Request) -> web.Response:
        """The owner always says yes, with the first Page or that of ``page`` (our addition)."""
        query = request.query
        target = urlsplit(query.get("redirect_uri", ""))
        if query.get("client_id") != self.config.app_id or target.hostname not in self.config.redirect_domains:
            raise bad("Can't load URL: the domain of this URL isn't included in the app's domains")
        page = self.pages.get(query.get("page", "")) or next(iter(self.pages.values()))
        code = self._fresh("code")
        self._codes[code] = (page, query["redirect_uri"])
        back = urlencode({"code": code, "state": query.get("state", "")})
        raise web.HTTPFound(f"{query['redirect_uri']}?{back}")

    def _exchange(self, call: Call) -> Json:
        """A code for a short token, a short token for a long one (60 days)."""
        if (call.text("client_id"), call.text("client_secret")) != (self.config.app_id, self.config.app_secret):
            raise Refusal(1, "Error validating client secret.") if call.text("client_id") else bad("Missing client_id")
        now = self.world.clock.now()
        if call.text("grant_type") == "fb_exchange_token":
            held = self.tokens.get(call.text("fb_exchange_token"))
            if held is None or held.dead or (held.until is not None and held.until <= now):
                raise Refusal(190, "Error validating access token", sub=463, status=401)
            return self._give(held.page, timedelta(days=60))
        page, redirect = self._codes.pop(call.text("code"), (None, ""))
        if page is None or redirect != call.text("redirect_uri"):
            raise Refusal(100, "Error validating verification code.", sub=36008)
        return self._give(page, timedelta(hours=1) if page.settings.days else None)

    def _give(self, page: Page, life: timedelta | None) -> Json:
        name = self._fresh("EAAU")
        now = self.world.clock.now()
        self.tokens[name] = Token(kind="user", page=page, until=now + life if life else None)
        told: Json = {"access_token": name, "token_type": "bearer"}
        return told | ({"expires_in": int(life.total_seconds())} if life else {})

    def _accounts(self, call: Call) -> Json:
        """The Pages of the token's holder, each with a living token of its own."""
        holder = self.tokens[call.token].page
        mine = [one for one in self.pages.values() if one.settings.user_token == holder.settings.user_token]
        nodes = [one.node() | {"access_token": self._page_token(one)} for one in mine]
        return page_of(nodes, call, default=("id", "name", "access_token"))

    def _page_token(self, page: Page) -> str:
        alive = [name for name, one in self.tokens.items() if one.page is page and one.kind == "page" and not one.dead]
        if alive:
            return alive[-1]
        name = self._fresh("EAAP")
        self.tokens[name] = Token(kind="page", page=page)
        return name

    def _fresh(self, prefix: str) -> str:
        self._given += 1
        return prefix + hashlib.sha256(f"{self.config.app_id}/{prefix}/{self._given}".encode()).hexdigest()[:32]


def _answer(content: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    body = json.dumps(content).encode()
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
