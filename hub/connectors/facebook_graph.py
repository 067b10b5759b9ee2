"""Meta's Graph API, as every channel of Meta speaks it: tokens, proofs, errors, usage, lives, comments, chat (v26.0).

https://developers.facebook.com/docs/graph-api (checked 2026-11-21)

Two tokens: ``access`` is a Page's own; ``refresh`` that of its admin or system user, which signs for catalogues, gives
a new Page token when that one dies, and is itself made long-lived again every month (a system user's never ends).

Comments carry the post's id ``<page>_<video>``, so lives are named by it and polled under it (an edge of the SDK; the
sheet polls by live video id). Server-sent events are not used: whether they still exist, sources disagree.
UNCONFIRMED: comment ids differ before "_" by the way they come; here the video's id stands there always. In April 2026
no comments of lives were delivered until the Page itself had written one: who hears nothing may write one and poll.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, Literal, TypeVar

from pydantic import AliasPath, BaseModel, Field, TypeAdapter, ValidationError

from hub.connectors.api import Api, Credentials, Judge, Request, complaint, encode
from hub.connectors.base import Connector
from hub.connectors.model import Hint, Page, ShopSettings, Tokens, Verdict
from hub.connectors.shapes import Accepted, At, Flag, Many, Moment, Text
from hub.connectors.social import Comment, Live
from hub.connectors.walk import insist
from hub.errors import Garbled, Refused, RemoteError, Throttled, Unauthorised, Unreachable
from hub.types import RemoteId

V = "/v26.0"
APP = "app"
"""Scope of calls without a token."""
ADMINS = frozenset(
    ("accounts", "product_catalogs", "items_batch", "check_batch_request_status", "products", "product_groups")
)
"""Edges for which the admin's token signs, not the Page's."""
LIFE = timedelta(days=30)
"""A Page's token has no end of its own; it is asked for again so that its admin's token stays alive (60 days)."""
SLOW, STOP = 75.0, 95.0
"""Percent of what we may call."""
REST = 300.0
"""Seconds to stay away when the platform names none."""
SCOPES = (
    "pages_show_list", "pages_manage_posts", "pages_read_engagement", "pages_read_user_content", "pages_messaging",
    "pages_manage_engagement", "pages_manage_metadata", "catalog_management", "business_management",
)  # fmt: skip
"""What an owner is asked for."""
TEXT = 2000
"""Letters of the longest message."""
VERBS = ("add", "edit", "edited", "hide", "unhide", "remove", "delete")
N = TypeVar("N")
M = TypeVar("M")
USED = TypeAdapter(dict[str, list[dict[str, Any]]])


class Paged(BaseModel, Generic[N]):
    """One page. An absent ``next`` is the end; a short or an empty page is not."""

    data: list[N]
    cursor: Text = Field("", validation_alias=AliasPath("paging", "cursors", "after"))
    next: Text = Field("", validation_alias=AliasPath("paging", "next"))

    @property
    def after(self) -> str | None:
        """Where the next page begins."""
        return self.cursor if self.next else None


class Account(BaseModel):
    """A Page as its admin sees it, or a token that was given."""

    id: Text = ""
    name: Text = ""
    access_token: Text = ""
    expires_in: int | None = None
    is_published: Flag = True


class Wrong(BaseModel):
    """The error object."""

    code: int = Field(validation_alias=AliasPath("error", "code"))
    sub: int = Field(0, validation_alias=AliasPath("error", "error_subcode"))
    message: Text = Field("", validation_alias=AliasPath("error", "message"))
    transient: Flag = Field(False, validation_alias=AliasPath("error", "is_transient"))


class Said(BaseModel):
    """A post or a comment."""

    id: Text
    message: Text = ""
    created_time: At
    author: Text = Field("", validation_alias=AliasPath("from", "id"))
    is_hidden: Flag = False
    is_published: Flag = True
    permalink_url: Text = ""


class Broadcast(BaseModel):
    id: Text
    title: Text = ""
    status: Text
    video: Text = Field("", validation_alias=AliasPath("video", "id"))
    creation_time: At
    broadcast_start_time: Moment = None
    live_views: int | None = None


class News(BaseModel):
    """What changed in the feed."""

    item: Text = ""
    verb: Text = ""
    comment_id: Text = ""
    post_id: Text = ""
    message: Text = ""
    created_time: Moment = None
    author: Text = Field("", validation_alias=AliasPath("from", "id"))


class Changed(BaseModel):
    value: News = News()


class Words(BaseModel):
    """A message, or a button that was pressed."""

    mid: Text = ""
    text: Text = ""
    title: Text = ""
    is_echo: Flag = False


class Chat(BaseModel):
    """Something in a conversation; receipts have neither message nor postback."""

    author: Text = Field(validation_alias=AliasPath("sender", "id"))
    timestamp: Moment = None
    message: Words | None = None
    postback: Words | None = None


class Entry(BaseModel):
    """What happened on one Page; changes and messages may come together."""

    id: Text
    time: At
    changes: Many[Changed] = []
    messaging: Many[Chat] = []


class Delivery(BaseModel):
    entry: list[Entry]


# ---- signing and complaining -------------------------------------------------------------------------------------


def proof(secret: str, token: str) -> str:
    """``appsecret_proof``: hex HMAC-SHA256 of the very token of the call."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """The token in a header, so that it stands in no address."""
    if request.scope == APP:
        return request
    tokens, edge = credentials.tokens, request.path.rpartition("/")[2]
    token = tokens.refresh if tokens is not None and edge in ADMINS else credentials.access
    checked = proof(credentials["app_secret"], token)
    return request.plus(params=(("appsecret_proof", checked),), headers=(("Authorization", f"Bearer {token}"),))


def usage(headers: Mapping[str, str]) -> tuple[float, float]:
    """(percent of what we may call, seconds until some is given back); one header is flat, one has lists by id."""
    flat = f'{{"":[{headers.get("x-app-usage", "{}")}]}}'
    told: list[dict[str, Any]] = []
    for text in (flat, headers.get("x-business-use-case-usage", "{}")):
        try:
            told += [one for many in USED.validate_json(text).values() for one in many]
        except ValidationError:
            continue
    figures = ("call_count", "total_time", "total_cputime")
    percent = max((float(one.get(name, 0)) for one in told for name in figures), default=0.0)
    minutes = max((float(one.get("estimated_time_to_regain_access", 0)) for one in told), default=0.0)
    return percent, 60 * minutes


def judge_by(errors: Mapping[str, Verdict]) -> Judge:
    """The code decides, by ``code/subcode`` where the manifest has it; the status says nothing."""

    def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
        try:
            wrong = Wrong.model_validate_json(body)
        except ValidationError:
            return None
        code = 200 if 200 <= wrong.code < 300 else 80000 if 80000 <= wrong.code < 80100 else wrong.code
        if code == 100 and "appsecret_proof" in wrong.message:
            return Unauthorised("app_key_wrong", remote_code="100", status=status)
        name = next((one for one in (f"{code}/{wrong.sub}", str(code)) if one in errors), "")
        if not name and (wrong.transient or status >= 500):
            return Unreachable(sent=True, remote_code=str(code), status=status)
        seconds = 6 * 3600.0 if code == 368 else usage(headers)[1] or REST
        return complaint(errors, name or code, wrong.message, seconds=seconds, status=status)

    return judge


# ---- signing in --------------------------------------------------------------------------------------------------


def dialog(base_url: str, app: Mapping[str, str], redirect: str, state: str) -> str:
    """Where the owner says yes. With ``config_id`` (Login for Business) the rights stand in that configuration."""
    wanted = ("config_id", app["config_id"]) if app.get("config_id") else ("scope", ",".join(SCOPES))
    pairs = (("client_id", app["app_id"]), ("redirect_uri", redirect), ("state", state), ("response_type", "code"))
    return f"{base_url.replace('//graph.', '//www.')}{V}/dialog/oauth?{encode((*pairs, wanted))}"


async def exchange(api: Api, app: Mapping[str, str], code: str) -> tuple[str, Tokens]:
    """(Page id, tokens) for the code the owner came back with."""
    given = await _token(api, app, redirect_uri=app["redirect"], code=code)
    return await _granted(api, app, given.access_token, ends=given.expires_in is not None)


async def renew(api: Api, credentials: Credentials) -> Tokens:
    """A new Page token from its admin's. Raises Unauthorised when that one is dead too."""
    held = credentials.tokens
    if held is None:
        raise Unauthorised(missing="access")
    ends = held.refresh_until is not None
    return (await _granted(api, credentials.secrets, held.refresh, ends=ends))[1]


async def _token(api: Api, app: Mapping[str, str], **what: str) -> Account:
    params = {"client_id": app["app_id"], "client_secret": app["app_secret"], **what}
    return await api.write(Account, "GET", f"{V}/oauth/access_token", params=params, scope=APP)


async def _granted(api: Api, app: Mapping[str, str], token: str, *, ends: bool) -> tuple[str, Tokens]:
    """The Page and both tokens. Which Page, where there are several, the shop must know already."""
    user, until, now = token, None, api.time()
    if ends:
        longer = await _token(api, app, grant_type="fb_exchange_token", fb_exchange_token=token)
        user, until = longer.access_token, now + timedelta(seconds=longer.expires_in or LIFE.total_seconds())
    tokens = Tokens(access="", refresh=user, access_until=now + LIFE, refresh_until=until)
    asking = api.signed_with(Credentials(secrets=app, tokens=tokens))
    params = {"fields": "id,name,access_token", "limit": 100}
    ask = partial(asking.read, Paged[Account], "GET", f"{V}/me/accounts", params=params)
    held = await insist(ask, lambda got: bool(got.data))
    mine = [one for one in held.data if api.shop.remote_id in ("", one.id)]
    if len(mine) > 1:
        raise Refused("sign_in_many_shops", shops=", ".join(one.name for one in mine))
    if not mine:
        raise Unauthorised("shop_needs_owner")
    return mine[0].id, replace(tokens, access=mine[0].access_token)


# ---- webhooks ----------------------------------------------------------------------------------------------------


def opened(body: bytes, headers: Mapping[str, str], secret: str) -> list[Entry]:
    """What a delivery tells, after its signature over the raw bytes. Raises Unauthorised and Garbled."""
    given = {name.lower(): value for name, value in headers.items()}.get("x-hub-signature-256", "")
    right = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(right.encode(), given.encode()):
        raise Unauthorised("webhook_signature_bad")
    try:
        return Delivery.model_validate_json(body).entry
    except ValidationError as error:
        raise Garbled("remote_garbled", path=".".join(map(str, error.errors()[0]["loc"]))) from None


# ---- a Page and those who talk to it -----------------------------------------------------------------------------


class PageTalk(Connector):
    """Lives, comments and chat of one Page (``shop.remote_id``): poll, webhook, private reply, hide."""

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        super().__init__(api, shop)
        self.page = shop.remote_id
        self._rest = 0.0

    async def ask(self, model: type[M], path: str, **params: object) -> M:
        """A read; slower from 75 % of what we may call, none after 95 %."""
        if self._rest:
            raise Throttled(seconds=self._rest)
        reply = await self.api.reply(model, "GET", f"{V}/{path}", params=params)
        percent, seconds = usage(reply.headers)
        self._rest = (seconds or REST) if percent >= STOP else 0.0
        if SLOW <= percent < STOP:
            await self.api.pause(2)
        return reply.value

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
        return dialog(base_url, app, redirect, state)

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        if "code" not in answer:
            raise Refused("sign_in_refused", reason=answer.get("error_reason") or answer.get("error", ""))
        return await exchange(api, app, answer["code"])

    async def lives(self, since: datetime, until: datetime, page: str | None) -> Page[Live]:
        """Newest first; the walk ends behind the first page that reaches back before ``since``."""
        fields = "id,title,status,video{id},creation_time,broadcast_start_time,live_views"
        told = await self.ask(
            Paged[Broadcast], f"{self.page}/live_videos", source="owner", fields=fields, limit=50, after=page
        )
        inside = [to_live(one, self.page) for one in told.data if since <= one.creation_time < until]
        past = any(one.creation_time < since for one in told.data)
        return Page(items=inside, next=None if past else told.after)

    async def comments(self, about: RemoteId, page: str | None) -> Page[Comment]:
        """Oldest first, replies and low-quality looking ones ("m12", a phone number) too; not the Page's own.

        A mark stays good: asking again with the last one tells what came since, without the long way from the start.
        """
        fields = "id,message,from{id},created_time,is_hidden"
        ask = partial(
            self.ask, Paged[Said], f"{about}/comments", order="chronological", filter="stream", live_filter="no_filter",
            fields=fields, limit=100, after=page,
        )  # fmt: skip
        told = await insist(ask, lambda got: bool(got.data or got.after), times=2 if page else 1)
        theirs = [to_comment(one, about, self.page) for one in told.data if one.author != self.page]
        return Page(items=theirs, next=told.after)

    async def reply(self, comment: RemoteId, text: str) -> None:
        """Privately, once per comment, within 7 days; a message (``<person>:<message>``) or a person alone is answered
        in the chat, within 24 hours of their last word. What was answered already is fine."""
        if not 0 < len(text) <= TEXT:
            raise Refused("reply_not_allowed", message=f"{len(text)}/{TEXT}")
        person, colon, _ = comment.partition(":")
        private = not colon and "_" in comment
        body: dict[str, Any] = {"recipient": {"comment_id" if private else "id": person}, "message": {"text": text}}
        body |= {} if private else {"messaging_type": "RESPONSE"}
        try:
            await self.api.write(Accepted, "POST", f"{V}/{self.page}/messages", json=body)
        except Refused as error:
            if error.facts.get("remote_code") != "10900":
                raise

    async def hide(self, comment: RemoteId) -> None:
        """Its author and their friends go on seeing it."""
        await self.api.write(Accepted, "POST", f"{V}/{comment}", json={"is_hidden": True}, repeatable=True)

    async def subscribe(self, url: str, secret: str) -> None:
        """The Page to our app. The address itself stands in the app's settings: one for all Pages."""
        fields = {"subscribed_fields": "feed,live_videos,messages,messaging_postbacks"}
        await self.api.write(Accepted, "POST", f"{V}/{self.page}/subscribed_apps", json=fields, repeatable=True)

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """Verified, but no news of orders: there are none."""
        opened(body, headers, secret)
        return None

    @staticmethod
    def overhear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Sequence[Comment]:
        return to_comments(opened(body, headers, secret))


def to_live(live: Broadcast, page: str) -> Live:
    """Named as comments name it: by its post."""
    state: Literal["planned", "live", "over"] = "over"
    if live.status in ("LIVE", "UNPUBLISHED", "SCHEDULED_LIVE", "SCHEDULED_UNPUBLISHED"):
        state = "live" if live.status == "LIVE" else "planned"
    return Live(
        remote_id=RemoteId(f"{page}_{live.video}" if live.video else live.id), title=live.title, state=state,
        started_at=live.broadcast_start_time, viewers=live.live_views,
    )  # fmt: skip


def to_comment(said: Said, about: str, page: str) -> Comment:
    """``author`` is "" where the platform does not say: such a comment can be answered all the same."""
    story = about.rpartition("_")[2]
    return Comment(
        remote_id=RemoteId(f"{story}_{said.id.rpartition('_')[2]}"), about=RemoteId(about), text=said.message,
        author=RemoteId(said.author), at=said.created_time, hidden=said.is_hidden, shop_remote_id=page,
    )  # fmt: skip


def to_comments(entries: Sequence[Entry]) -> list[Comment]:
    """Comments and messages of a delivery, in its order; the Page's own and mere receipts are left out."""
    heard: list[Comment] = []
    for entry in entries:
        told = [one.value for one in entry.changes]
        heard += [_news(one, entry) for one in told if one.item == "comment" and one.verb in VERBS]
        heard += [_message(one, entry) for one in entry.messaging if _spoken(one)]
    return [one for one in heard if one.author != one.shop_remote_id]


def _news(news: News, entry: Entry) -> Comment:
    about = news.post_id or f"{entry.id}_{news.comment_id.partition('_')[0]}"
    said = Said(id=news.comment_id, message=news.message, created_time=news.created_time or entry.time)
    told = to_comment(said, about, entry.id)
    gone = news.verb in ("remove", "delete")
    return replace(
        told, author=RemoteId(news.author), hidden=news.verb == "hide", removed=gone, told_at=entry.time,
    )  # fmt: skip


def _spoken(chat: Chat) -> Words | None:
    words = chat.message or chat.postback
    return words if words is not None and words.mid and not words.is_echo else None


def _message(chat: Chat, entry: Entry) -> Comment:
    """A message, ``<person>:<message>`` (all an answer needs); of a pressed button its title."""
    words = chat.message or chat.postback or Words()
    return Comment(
        remote_id=RemoteId(f"{chat.author}:{words.mid}"), about=RemoteId(chat.author), author=RemoteId(chat.author),
        kind="message", text=words.text or words.title, at=chat.timestamp or entry.time, shop_remote_id=entry.id,
    )  # fmt: skip
