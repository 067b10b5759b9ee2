"""Zalo Official Accounts: OAuth v4, articles, chat and template messages (documentation checked 2026-11-21).

https://developers.zalo.me/docs/official-account; signatures as the vendor's PHP SDK 4.0.4 makes them. Zalo Shop ended
on 2024-12-01: nothing is published for sale here. HTTP is 200 for nearly every error, success is ``error == 0``.

An article is made later than its call: until :meth:`Zalo.posted` finds its id it is ``token:<token>``. One article
per title and link: a repeated or lost post is found and updated, never made twice. A template message is **not** safe
to repeat: ``tracking_id`` comes back in the receipt only, a second POST sends and bills again, and without an
answer nothing can be asked. A lost answer is Unreachable(sent=True): never send again.

Unconfirmed: that lives have no interface at all; the path for templates by user id and that it takes no
``tracking_id``; most error numbers (see the table); ``link_view`` of articles; whether the consent link may carry its
own challenge. Where the console fixes one, the operator sets ``fixed_verifier`` in ``[apps.zalo]``;
``appsecret_proof = "on"`` where the app demands it.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import quote, urlencode

from pydantic import AliasChoices, AliasPath, BaseModel, Field, ValidationError

from hub.connectors.api import Api, Credentials, Dialect, Request, challenge, complaint
from hub.connectors.base import Connector
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Hint, Manifest, Page, ShopCard, Tokens
from hub.connectors.shapes import Accepted, Count, Flag, Json, Many, MaybeDong, Text
from hub.connectors.social import Comment, Notice, Post, Posted, Template
from hub.connectors.walk import insist
from hub.errors import Refused, RemoteError, Throttled, Unauthorised, Unreachable
from hub.types import RemoteId

LIVE, OAUTH, BUSINESS = "https://openapi.zalo.me", "https://oauth.zaloapp.com", "https://business.openapi.zalo.me"
HOSTS = {"v4": OAUTH, "message": BUSINESS, "template": BUSINESS}  # first part of a path -> its host
TITLE, LEAD, AUTHOR = 149, 250, 50  # of titles and leads exactly 150 and 300 were seen refused
SLICE, NEWEST, ROWS = 10, 30, 100  # articles a page; articles in which a title is looked for; templates a page
WAITS = {"-32": 30.0, "-214": 3.0}  # seconds; all other limits last
T = TypeVar("T")


class Told(BaseModel, Generic[T]):
    data: T


class Said(BaseModel):
    error: Text = "0"
    message: Text = ""
    error_name: Text = ""


class Pair(BaseModel):
    access_token: str
    refresh_token: str
    expires_in: int  # real answers write it as text


class Info(BaseModel):
    oaid: Text
    name: Text


class Made(BaseModel):
    token: Text = ""  # of an article that is being made
    id: Text = ""  # of an article
    msg_id: Text = ""  # of a template by phone
    message_id: Text = ""  # of a template by user id


class Article(BaseModel, extra="allow"):
    id: Text
    title: Text
    status: Text = ""
    link_view: Text = ""
    body: Many[Json] = []


class Param(BaseModel):
    name: str
    require: Flag = False
    longest: Count = Field(0, alias="maxLength")


class Model(BaseModel):
    id: Text = Field(alias="templateId")
    name: Text = Field("", alias="templateName")
    status: Text
    params: Many[Param] = Field([], alias="listParams")
    price: MaybeDong = None


class Event(BaseModel):
    event_name: Text
    app_id: Text
    timestamp: Text = Field(pattern=r"^\d{1,15}$")  # milliseconds
    oa_id: Text = Field("", validation_alias=AliasChoices("oa_id", "oaId"))
    template_id: Text = ""
    sender: Text = Field("", validation_alias=AliasPath("sender", "id"))
    recipient: Text = Field("", validation_alias=AliasPath("recipient", "id"))
    follower: Text = Field("", validation_alias=AliasPath("follower", "id"))
    message: dict[str, Any] = {}
    info: dict[str, Any] = {}


def sign(request: Request, credentials: Credentials, now: datetime, nonce: str) -> Request:
    """Tokens go in a header of their own; the token calls carry the app's secret instead."""
    if request.base_url == LIVE:
        request = replace(request, base_url=HOSTS.get(request.path.split("/")[1], LIVE))
    if request.scope == "public":
        return request.plus(headers=[("secret_key", credentials["secret_key"])])
    headers = [("access_token", credentials.access)]
    if credentials.secrets.get("appsecret_proof") == "on":
        proof = hmac.new(credentials["secret_key"].encode(), credentials.access.encode(), hashlib.sha256).hexdigest()
        headers.append(("appsecret_proof", proof))
    return request.plus(headers=headers)


def judge(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    """-201 and -200 are said of many things: where the table has a code with words ("-201 follow"), these decide."""
    try:
        said = Said.model_validate_json(body)
    except ValidationError:  # no JSON object: the status decides
        return None
    if said.error in ("0", ""):
        return None
    words = " ".join(filter(None, (said.message, said.error_name)))
    worded = (key for key in Zalo.manifest.errors if key.startswith(f"{said.error} "))
    code = next((key for key in worded if key.removeprefix(said.error) in f" {words.lower()}"), said.error)
    return complaint(Zalo.manifest.errors, code, words, seconds=WAITS.get(code, 3600.0), status=status)


async def _token(api: Api, credentials: Credentials, **form: str) -> Tokens:
    form["app_id"] = credentials["app_id"]
    pair = await api.upload(Pair, "/v4/oa/access_token", files=(), form=form, scope="public")
    until, ends = api.time() + timedelta(seconds=pair.expires_in), api.time() + timedelta(days=90)
    return Tokens(access=pair.access_token, refresh=pair.refresh_token, access_until=until, refresh_until=ends)


async def _renew(api: Api, credentials: Credentials) -> Tokens:
    """The refresh token works once. Its answer lost, the next try is told -14014: the owner must sign in again."""
    refresh = credentials.tokens.refresh if credentials.tokens else ""
    return await _token(api, credentials, grant_type="refresh_token", refresh_token=refresh)


class Zalo(Connector):
    manifest: ClassVar[Manifest] = read_manifest(__file__)
    dialect: ClassVar[Dialect] = Dialect(sign=sign, judge=judge, renew=_renew)

    async def check(self) -> ShopCard:
        info = (await self.api.read(Told[Info], "GET", "/v2.0/oa/getoa")).data
        return ShopCard(remote_id=info.oaid, name=info.name, currency="VND", live=True)

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str:
        code = challenge(app.get("fixed_verifier") or app["code_verifier"])
        query = {"app_id": app["app_id"], "redirect_uri": redirect, "code_challenge": code, "state": state}
        return f"{OAUTH if base_url == LIVE else base_url}/v4/oa/permission?{urlencode(query)}"

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        if not answer.get("code") or not answer.get("oa_id"):
            raise Refused("sign_in_incomplete")
        form = {"code": answer["code"], "code_verifier": app.get("fixed_verifier") or app["code_verifier"]}
        keys = Credentials(secrets=app)
        return answer["oa_id"], await _token(api.signed_with(keys), keys, grant_type="authorization_code", **form)

    async def post(self, post: Post) -> Posted:
        if post.at is not None and post.at > self.api.time():
            raise Refused("post_not_kept", platform=self.manifest.name)
        body = to_article(post, self.shop.values.get("author") or "OCOP")
        page: str | None = "0"
        while page is not None and int(page) < NEWEST:
            told = await insist(lambda at=page: self.posts(at), lambda got: bool(got.items), times=2)  # type: ignore[misc]
            for one in told.items:
                if one.title == post.title and post.link in (await self.posted(one.remote_id)).text:
                    return await self._submit("update", {"id": one.remote_id, **body})
            page = told.next
        return await self._submit("create", body)

    async def posted(self, remote_id: RemoteId) -> Posted:
        """``token:...``: what became of it, asked for as long as a read is patient."""
        if remote_id.startswith("token:"):
            token = {"token": remote_id.removeprefix("token:")}
            try:
                found = (await self.api.read(Told[Made], "POST", "/v2.0/article/verify", json=token)).data.id
            except (Throttled, Unreachable):  # -214: still being made; a ticket is never lost
                found = ""
            if not found:
                return Posted(remote_id=remote_id, visible=False, note="making")
            remote_id = RemoteId(found)
        return to_posted(await self._article(remote_id))

    async def posts(self, page: str | None) -> Page[Posted]:
        """The account's articles, newest first, without their text."""
        params = {"offset": int(page or 0), "limit": SLICE, "type": "normal"}
        data = (await self.api.read(Told[Json], "GET", "/v2.0/article/getslice", params=params)).data
        good, broken = self.api.each(Article, data.get("medias") or [], id_key="id")
        more = len(good) + len(broken) == SLICE
        return Page(items=[*map(to_posted, good)], next=str(int(page or 0) + SLICE) if more else None, broken=broken)

    async def unpost(self, remote_id: RemoteId, *, forever: bool = False) -> None:
        """Hidden from readers, id and text stay (an update wants everything again); ``forever``: removed."""
        if forever:
            await self.api.write(Accepted, "POST", "/v2.0/article/remove", json={"id": remote_id})
        else:
            await self._submit("update", (await self._article(remote_id)).model_dump() | {"status": "hide"})

    async def _submit(self, verb: str, body: Json) -> Posted:
        job = await self.api.write(Told[Made], "POST", f"/v2.0/article/{verb}", json=body, repeatable=verb == "update")
        return await self.posted(RemoteId(f"token:{job.data.token}"))

    async def _article(self, remote_id: RemoteId) -> Article:
        return (await self.api.read(Told[Article], "GET", "/v2.0/article/getdetail", params={"id": remote_id})).data

    async def reply(self, comment: RemoteId, text: str) -> None:
        """A consultation message that quotes theirs: within 7 days of their last sign of life, free for 48 hours."""
        user, _, quoted = comment.partition(":")
        message = {"text": text} | ({"quote_message_id": quoted} if quoted and not quoted.startswith("info-") else {})
        body = {"recipient": {"user_id": user}, "message": message}
        await self.api.write(Accepted, "POST", "/v3.0/oa/message/cs", json=body)

    async def hide(self, comment: RemoteId) -> None:
        raise Refused("hide_not_offered", platform=self.manifest.name)

    async def templates(self) -> Sequence[Template]:
        rows: list[Model] = []
        while len(rows) % ROWS == 0:
            params = {"offset": len(rows), "limit": ROWS}
            more = (await self.api.read(Told[Many[Model]], "GET", "/template/all", params=params)).data
            if not more:
                break
            rows += more
        whole = [await self._model(one.id) if one.status == "ENABLE" else one for one in rows]
        return [
            Template(id=one.id, name=one.name, usable=one.status == "ENABLE", price=one.price,
                     fields=tuple(param.name for param in one.params))
            for one in whole
        ]  # fmt: skip

    async def send(self, notice: Notice) -> RemoteId:
        """Values are checked against the template first. Sent once, whatever comes of it."""
        values = fitting(await self._model(notice.template), notice.values)
        body: Json = {"template_id": notice.template, "template_data": values}
        phone = re.fullmatch(r"(?:\+?84|0)?([0-9]{9})", re.sub(r"[\s.()-]", "", notice.to))
        if notice.by == "user":
            path, body = "/v3.0/oa/message/template", body | {"user_id": notice.to}
        elif phone is None:
            raise Refused("phone_wrong")
        else:
            key = notice.key if len(notice.key) <= 48 else hashlib.sha256(notice.key.encode()).hexdigest()[:48]
            path, body = "/message/template", body | {"phone": f"84{phone[1]}", "tracking_id": key}
        sent = (await self.api.write(Told[Made], "POST", path, json=body)).data
        return RemoteId(sent.msg_id or sent.message_id)

    async def _model(self, one: str) -> Model:
        return (await self.api.read(Told[Model], "GET", "/template/info/v2", params={"template_id": one})).data

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        return to_hint(verified(body, headers, secret))

    @staticmethod
    def overhear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Sequence[Comment]:
        return to_comments(verified(body, headers, secret))

    async def subscribe(self, url: str, secret: str) -> None:
        raise Refused("hooks_by_hand", url=url)  # on the app's webhook page


def to_article(post: Post, author: str) -> Json:
    """The cover is the first picture, the link the last line. Zalo fetches pictures from addresses in plain ASCII."""
    if not 0 < len(post.title) <= TITLE:
        raise Refused("title_too_long", length=len(post.title), max=TITLE)
    pictures = [quote(one.url, safe=":/?&=%#+,;@!$'()*[]~") for one in post.pictures if one.url]
    if not pictures:
        raise Refused("pictures_too_few", count=0, min=1)
    parts = [part.strip() for part in re.split(r"\n\s*\n", post.text) if part.strip()]
    texts = [{"type": "text", "content": part} for part in (*(parts or [post.title]), post.link) if part]
    line = " ".join(post.text.split()) or post.title
    lead = line if len(line) <= LEAD else line[: LEAD - 1].rpartition(" ")[0] + "…"
    return {
        "type": "normal", "title": post.title, "author": author[:AUTHOR], "description": lead,
        "cover": {"cover_type": "photo", "photo_url": pictures[0], "status": "show"},
        "body": [*texts, *({"type": "image", "url": url} for url in pictures[1:])],
        "status": "show", "comment": "show",
    }  # fmt: skip


def to_posted(article: Article) -> Posted:
    text = "\n\n".join(str(block.get("content", "")) for block in article.body if block.get("type") == "text")
    shown, key = article.status == "show", RemoteId(article.id)
    return Posted(remote_id=key, url=article.link_view, visible=shown, title=article.title, text=text)


def fitting(model: Model, values: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Only what the template has. Raises Refused for a value it will not take."""
    given = {name: value for name, value in values if value}
    for one in model.params:
        size = len(given.get(one.name, ""))
        if (one.require and not size) or (one.longest and size > one.longest):
            raise Refused("notice_value_wrong", template=model.name, field=one.name, length=size, max=one.longest)
    return {one.name: given[one.name] for one in model.params if one.name in given}


def verified(body: bytes, headers: Mapping[str, str], secret: str) -> Event:
    """The event of a delivery. Plain SHA-256, the OA secret key last; with or without ``mac=``. Raises Unauthorised."""
    given = next((value for name, value in headers.items() if name.lower() == "x-zevent-signature"), "")
    try:
        event = Event.model_validate_json(body)
    except ValidationError:
        raise Unauthorised("push_signature_wrong") from None  # without app_id and timestamp nothing can be checked
    right = hashlib.sha256(event.app_id.encode() + body + event.timestamp.encode() + secret.encode()).hexdigest()
    if not secret or not hmac.compare_digest(given.strip().removeprefix("mac=").encode(), right.encode()):
        raise Unauthorised("push_signature_wrong")
    return event


def to_hint(event: Event) -> Hint:
    """``user_received_message`` is two things: with a delivery time it is the receipt of a template by phone."""
    from_user = event.event_name.startswith(("user_send", "user_submit", "anonymous"))
    oa = event.oa_id or (event.recipient if from_user else event.sender)
    user = event.follower or (event.sender if from_user else event.recipient)
    message_id = str(event.message.get("msg_id", ""))
    receipt = event.message.get("delivery_time") and (event.message.get("tracking_id") or message_id)
    about = RemoteId(str(receipt or event.template_id or user))
    event_id = f"{event.event_name}:{message_id or about}:{event.timestamp}"
    return Hint(event_id=event_id, kind="other", object_id=about, shop_remote_id=oa)


def to_comments(event: Event) -> tuple[Comment, ...]:
    """``<user>:<message>`` in ``<oa>:<user>``: all an answer needs. Of ``user_submit_info`` only that it came, and
    from which province: phone and street stay with Zalo, where the person who ships reads them."""
    message_id, text = str(event.message.get("msg_id", "")), str(event.message.get("text", ""))
    if event.event_name == "user_submit_info":
        message_id, text = f"info-{event.timestamp}", str(event.info.get("city") or "")
    elif not event.event_name.startswith("user_send_") or event.event_name.startswith("user_send_group"):
        return ()
    at = datetime.fromtimestamp(int(event.timestamp) / 1000, UTC)
    return (Comment(
        remote_id=RemoteId(f"{event.sender}:{message_id}"), about=RemoteId(f"{event.recipient}:{event.sender}"),
        author=RemoteId(event.sender), text=text, at=at, kind="message", shop_remote_id=event.recipient,
    ),)  # fmt: skip
