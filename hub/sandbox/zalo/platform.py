"""The pretend Zalo over HTTP: the three hosts of the real one under one address, HTTP 200 for nearly everything.

``business.openapi.zalo.me`` is ``/message`` and ``/template``, ``oauth.zaloapp.com`` is ``/v4``, ``openapi.zalo.me``
is ``/v2.0`` and ``/v3.0``. The shop's calls answer 404: it does not exist any more.
"""

import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Fault
from hub.sandbox.kit import SandboxShop, World
from hub.sandbox.zalo.account import Account
from hub.sandbox.zalo.auth import Authority, Refusal, invalid
from hub.sandbox.zalo.config import Zalo as Config
from hub.sandbox.zalo.hooks import Outbox
from hub.sandbox.zalo.messages import Json

Handler = Callable[[web.Request], Awaitable[web.Response]]
PICTURE_BYTES = 1_048_576
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Zalo:
    """All apps and accounts."""

    id = "zalo"

    def __init__(self, config: Config, world: World) -> None:
        self._config = config
        self._world = world
        self.authority = Authority(config, world.clock)
        self.outboxes = {app.app_id: Outbox(app=app, world=world, url=app.hook_url) for app in config.apps}
        self.accounts = {
            oa.oa_id: Account(oa, config, world, self.outboxes[oa.app_id]) for oa in config.accounts
        }  # fmt: skip
        self._minutes: dict[str, deque[float]] = {}

    # ---- the kit -------------------------------------------------------------------------------------------------

    def shops(self) -> Sequence[SandboxShop]:
        return tuple(self.accounts.values())

    async def deliver_due(self) -> int:
        now = self._world.clock.now()
        return sum([await outbox.deliver(now) for outbox in self.outboxes.values()])

    def call_name(self, request: web.Request) -> tuple[str, str]:
        chain = self.authority.chain(request.headers.get("access_token", ""))
        return (chain.oa.oa_id if chain else "-"), f"{request.method} /{request.path.lstrip('/').partition('/')[2]}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        match fault:
            case Fault.ERROR_IN_200:
                return _said({"error": -100, "message": "Unknown error, please try again later"})
            case Fault.THROTTLED_BARE:
                return _said({"error": -32, "message": "Your application reached limit call api"})
            case Fault.TOKEN_EXPIRED:
                chain = self.authority.chain(request.headers.get("access_token", ""))
                if chain is not None:
                    chain.access_until = self._world.clock.now()
                return None
            case Fault.EMPTY_PAGE if request.path.endswith("/article/getslice"):
                return _fine({"medias": [], "total": 0})
            case _:
                return None

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        oa, zbs = -216, -124
        return (
            web.get("/v4/oa/permission", self._permission),
            web.post("/v4/oa/access_token", self._access_token),
            web.get("/v2.0/oa/getoa", self._call(self._getoa, oa)),
            web.get("/v2.0/oa/getfollowers", self._call(self._getfollowers, oa)),
            web.post("/v2.0/oa/quota/message", self._call(self._quota, oa)),
            web.post("/v2.0/oa/upload/image", self._upload),
            web.post("/v3.0/oa/message/cs", self._call(self._consult, oa)),
            web.post("/v3.0/oa/message/template", self._call(self._by_user, oa)),
            web.post("/v3.0/oa/message/{kind:transaction|promotion}", self._call(self._legacy, oa)),
            web.post("/v2.0/article/create", self._call(self._article("create"), oa)),
            web.post("/v2.0/article/update", self._call(self._article("update"), oa)),
            web.post("/v2.0/article/verify", self._call(self._article("verify"), oa)),
            web.post("/v2.0/article/remove", self._call(self._article("remove"), oa)),
            web.get("/v2.0/article/getdetail", self._call(lambda a, q: a.shelf.detail(q), oa)),
            web.get("/v2.0/article/getslice", self._call(lambda a, q: a.shelf.slice(q), oa)),
            web.post("/message/template", self._call(self._by_phone, zbs)),
            web.get("/message/status", self._call(self._status, zbs)),
            web.get("/message/quota", self._call(self._template_quota, zbs)),
            web.get("/template/all", self._call(self._templates, zbs)),
            web.get("/template/info/v2", self._call(lambda a, q: a.desk.template_info(q), zbs)),
        )

    # ---- the OAuth host ------------------------------------------------------------------------------------------

    async def _permission(self, request: web.Request) -> web.Response:
        try:
            return web.Response(status=302, headers={"Location": self.authority.consent(request.query)})
        except Refusal as refusal:
            return _said(_oauth_error(refusal))

    async def _access_token(self, request: web.Request) -> web.Response:
        """Form only; JSON or query parameters count for nothing."""
        form = await request.post() if request.content_type == "application/x-www-form-urlencoded" else {}
        values = {key: value for key, value in form.items() if isinstance(value, str)}
        try:
            return _said(self.authority.token(request.headers.get("secret_key", ""), values))
        except Refusal as refusal:
            return _said(_oauth_error(refusal))

    # ---- signed calls --------------------------------------------------------------------------------------------

    def _call(self, act: Callable[[Account, Mapping[str, Any]], object], bad: int) -> Handler:
        """A call by access token: GET gives its query, POST its JSON body."""

        async def handle(request: web.Request) -> web.Response:
            try:
                account = self._signed(request, bad)
                told = act(account, request.query if request.method == "GET" else await _body(request))
            except Refusal as refusal:
                return _said({"error": refusal.code, "message": refusal.message})
            return _said(told) if isinstance(told, dict) and "error" in told else _fine(told)

        return handle

    def _signed(self, request: web.Request, bad: int) -> Account:
        headers = request.headers
        token, proof = headers.get("access_token", ""), headers.get("appsecret_proof", "")
        chain = self.authority.who(token, proof, bad=bad)
        limit = self._config.calls_per_minute
        if limit:
            now = self._world.clock.now().timestamp()
            calls = self._minutes.setdefault(chain.app.app_id, deque())
            while calls and calls[0] <= now - 60:
                calls.popleft()
            if len(calls) >= limit:
                raise Refusal(-32, "Your application reached limit call api")
            calls.append(now)
        if not chain.app.messages_allowed and "/message" in request.path:
            raise Refusal(-212, "App has not registered this api")
        return self.accounts[chain.oa.oa_id]

    def _getoa(self, account: Account, query: Mapping[str, Any]) -> Json:
        followers = sum(one.follows for one in account.desk.contacts.values())
        return {
            "oaid": account.key, "name": account.oa.name, "description": "", "is_verified": True, "oa_type": 2,
            "num_follower": followers, "package_name": "Nâng cao",
        }  # fmt: skip

    def _getfollowers(self, account: Account, query: Mapping[str, Any]) -> Json:
        asked = _one_field(query)
        offset, count = asked.get("offset", 0), asked.get("count", 10)
        if not isinstance(offset, int) or not isinstance(count, int) or not 1 <= count <= 50:
            raise invalid("count")
        ids = [one.person.user_id for one in account.desk.contacts.values() if one.follows]
        return {"total": len(ids), "followers": [{"user_id": one} for one in ids[offset : offset + count]]}

    def _quota(self, account: Account, body: Mapping[str, Any]) -> Json:
        return {"type": "active", "remain": account.desk.package, "total": account.oa.package_quota}

    def _consult(self, account: Account, body: Mapping[str, Any]) -> Json:
        told = account.desk.consult(body, self._world.clock.now())
        account.told_consultation(told, body["message"]["text"])
        return told

    def _by_user(self, account: Account, body: Mapping[str, Any]) -> Json:
        return account.desk.by_user(body)

    def _by_phone(self, account: Account, body: Mapping[str, Any]) -> Json:
        told = account.desk.by_phone(body, self._world.clock.now())
        account.told_template(told["msg_id"], account.desk.sent[-1].to, account.desk.sent[-1].tracking_id)
        return told

    def _legacy(self, account: Account, body: Mapping[str, Any]) -> Json:
        raise Refusal(-233, "message type is invalid or not support")  # gone since 2026; the number is unconfirmed

    def _article(self, verb: str) -> Callable[[Account, Mapping[str, Any]], Json]:
        def act(account: Account, body: Mapping[str, Any]) -> Json:
            now = self._world.clock.now()
            match verb:
                case "verify":
                    return account.shelf.verify(body, now)
                case "remove":
                    return account.shelf.remove(body)
                case _:
                    return account.shelf.submit(body, now, changing=verb == "update")

        return act

    def _status(self, account: Account, query: Mapping[str, Any]) -> Json:
        """By message id only: after a lost answer there is nothing to ask with (sheet 4)."""
        for one in account.desk.sent:
            if one.template_id and one.msg_id == query.get("message_id"):
                return {"message": "The message has been delivered", "status": 1}
        raise Refusal(-107, "Message ID is invalid")

    def _template_quota(self, account: Account, query: Mapping[str, Any]) -> Json:
        left = account.desk.left_today(self._world.clock.now())
        return {"dailyQuota": str(account.oa.daily_quota), "remainingQuota": str(left)}

    def _templates(self, account: Account, query: Mapping[str, Any]) -> Json:
        told, total = account.desk.list_templates(query)
        return {"error": 0, "message": "Success", "data": list(told), "metadata": {"total": total}}

    async def _upload(self, request: web.Request) -> web.Response:
        """Multipart field ``file``: JPG or PNG of at most 1 MB."""
        try:
            self._signed(request, -216)
            part = (await request.post()).get("file") if request.content_type == "multipart/form-data" else None
            if not isinstance(part, web.FileField):
                raise invalid("file")
            content = part.file.read()
            if not content.startswith(MAGIC):
                raise Refusal(-201, "file type is invalid!")
            if len(content) > PICTURE_BYTES:
                raise Refusal(-210, "Parameter exceeds allowable limit")  # the number is unconfirmed
        except Refusal as refusal:
            return _said({"error": refusal.code, "message": refusal.message})
        return _fine({"attachment_id": hashlib.sha256(content).hexdigest()[:40]})


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise Refusal(-122, "Body is not valid JSON") from None  # the number is unconfirmed
    if not isinstance(body, dict) or request.content_type != "application/json":
        raise Refusal(-122, "Body is not valid JSON")
    return body


def _one_field(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Parameters of the ``oa`` calls are one query field ``data`` of JSON text; others are not looked at."""
    try:
        asked = json.loads(query.get("data", ""))
    except ValueError:
        raise invalid("data") from None
    if not isinstance(asked, dict):
        raise invalid("data")
    return asked


def _oauth_error(refusal: Refusal) -> Json:
    return {
        "error_name": refusal.name,
        "error_reason": refusal.message,
        "ref_doc": "https://developers.zalo.me/docs/official-account/bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new",
        "error_description": refusal.name,
        "error": refusal.code,
    }


def _fine(told: object) -> web.Response:
    return _said({"error": 0, "message": "Success", "data": told})


def _said(content: object) -> web.Response:
    return web.Response(body=json.dumps(content, ensure_ascii=False).encode(), content_type="application/json")


def zalo(config: SandboxConfig, world: World) -> Zalo:
    """The platform as the sandbox's set-up asks for it."""
    return Zalo(config.zalo, world)
