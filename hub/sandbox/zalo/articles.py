"""Articles (sheet 5): create or update gives a token, and verify gives the id when the article is made."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub.sandbox.zalo.auth import Refusal, invalid

Json = dict[str, Any]
SLICE = 10
PICTURES = (".jpg", ".jpeg", ".png")


@dataclass(kw_only=True)
class Article:
    """One article of an account."""

    id: str
    json: Json
    made: datetime


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a token stands for. ``article``: what it becomes, "" id for a new one."""

    article: str
    json: Json
    ready: datetime


@dataclass(kw_only=True)
class Shelf:
    """All articles of one account, oldest first."""

    oa_id: str
    title_length: int
    seconds: float
    articles: dict[str, Article] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)  # token -> id

    def submit(self, body: Mapping[str, Any], now: datetime, *, changing: bool) -> Json:
        """POST create or update."""
        known = str(body.get("id", ""))
        if changing and known not in self.articles:
            raise invalid("id")
        content = self._checked(body)
        count = len(self.jobs) + len(self.finished) + 1
        token = hashlib.sha256(f"{self.oa_id} token {count}".encode()).hexdigest()[:48]
        ready = now + timedelta(seconds=self.seconds)
        self.jobs[token] = Job(article=known if changing else "", json=content, ready=ready)
        return {"token": token}

    def _checked(self, body: Mapping[str, Any]) -> Json:
        if body.get("type") != "normal":
            raise Refusal(-201, "type accept only 2 value normal and video.")
        title, author, lead = (body.get(key) for key in ("title", "author", "description"))
        if not isinstance(title, str) or not 1 <= len(title) <= self.title_length:
            raise Refusal(-201, "title allow 1 to 150 characters")
        if not isinstance(author, str) or not 1 <= len(author) <= 50:
            raise invalid("author")
        if not isinstance(lead, str) or not 1 <= len(lead) <= 300:
            raise invalid("description")
        self._check_cover(body.get("cover"))
        blocks = body.get("body")
        if not isinstance(blocks, list) or not blocks or not all(_good_block(one) for one in blocks):
            raise invalid("body")
        if body.get("status", "hide") not in ("show", "hide") or body.get("comment", "show") not in ("show", "hide"):
            raise invalid("status")
        kept = ("type", "title", "author", "cover", "description", "body")
        return {key: body[key] for key in kept} | {
            "status": body.get("status", "hide"),  # what is not said stays hidden
            "comment": body.get("comment", "show"),
        }

    def _check_cover(self, cover: object) -> None:
        if not isinstance(cover, dict) or cover.get("cover_type") != "photo":
            raise Refusal(-201, "cover value is invalid")
        url = cover.get("photo_url")
        if not isinstance(url, str) or not _fetchable(url):
            raise Refusal(-201, f"photo_url {url} is invalid")

    def verify(self, body: Mapping[str, Any], now: datetime) -> Json:
        """POST verify: the id once the article is made; a picture that cannot be fetched is found out only here."""
        token = str(body.get("token", ""))
        if token in self.finished:
            return {"id": self.finished[token]}
        job = self.jobs.get(token)
        if job is None:
            raise invalid("token")
        if now < job.ready:
            raise Refusal(-214, "Article is being processed")
        if not job.json["cover"]["photo_url"].lower().partition("?")[0].endswith(PICTURES):
            raise Refusal(-200, "Upload media failed")
        del self.jobs[token]
        if job.article and job.article not in self.articles:
            raise invalid("id")
        made = self.articles[job.article].made if job.article else now
        digest = hashlib.sha256(f"{self.oa_id} article {token}".encode()).hexdigest()
        number = job.article or digest[:40]
        self.articles[number] = Article(id=number, json=job.json, made=made)
        self.finished[token] = number
        return {"id": number}

    def remove(self, body: Mapping[str, Any]) -> Json:
        """POST remove."""
        if self.articles.pop(str(body.get("id", "")), None) is None:
            raise invalid("id")
        return {}

    def detail(self, query: Mapping[str, str]) -> Json:
        """GET getdetail?id=."""
        article = self.articles.get(query.get("id", ""))
        if article is None:
            raise invalid("id")
        return {"id": article.id, **article.json, "link_view": self._link(article.id)}

    def slice(self, query: Mapping[str, str]) -> Json:
        """GET getslice?offset=&limit=&type=, newest first."""
        if query.get("type") not in ("normal", "video"):
            raise Refusal(-201, "type accept only 2 value normal and video.")
        offset, limit = (int(query[key]) if query.get(key, "").isdecimal() else -1 for key in ("offset", "limit"))
        if offset < 0 or limit < 1:
            raise invalid("offset")
        if limit > SLICE:
            raise Refusal(-201, "maximum limit is 10")
        every = [one for one in reversed(self.articles.values()) if one.json["type"] == query["type"]]
        medias = [
            {"id": one.id, "type": "normal", "title": one.json["title"], "status": one.json["status"],
             "create_date": int(one.made.timestamp() * 1000), "link_view": self._link(one.id)}
            for one in every[offset : offset + limit]
        ]  # fmt: skip
        return {"medias": medias, "total": len(every)}

    def _link(self, number: str) -> str:
        return f"https://rd.zapps.vn/detail/{self.oa_id}?id={number}&pageId={self.oa_id}"


def _good_block(block: object) -> bool:
    if not isinstance(block, dict):
        return False
    match block.get("type"):
        case "text":
            return isinstance(block.get("content"), str) and bool(block["content"])
        case "image":
            return isinstance(block.get("url"), str) and _fetchable(block["url"])
        case "video":
            return isinstance(block.get("video_id"), str) and bool(block["video_id"])
        case _:
            return False  # "product" spoke of Zalo Shop, which is gone


def _fetchable(url: str) -> bool:
    return url.startswith(("http://", "https://")) and url.isascii() and " " not in url
