"""Webhooks of one app (sheet 12): signed, tried again after 2 min, 30 min, 3 h, 12 h, then lost."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

from hub.sandbox.kit import Delivery
from hub.sandbox.tiktok_shop.config import TikTokApp
from hub.sandbox.tiktok_shop.wire import Ask, Json, bad, hook_sign, text

RETRIES = (120, 1800, 10_800, 43_200)
TOPICS = {
    1: "ORDER_STATUS_CHANGE", 3: "RECIPIENT_ADDRESS_UPDATE", 4: "PACKAGE_UPDATE", 5: "PRODUCT_STATUS_CHANGE",
    6: "SELLER_DEAUTHORIZATION", 7: "UPCOMING_AUTHORIZATION_EXPIRATION", 11: "CANCELLATION_STATUS_CHANGE",
    12: "RETURN_STATUS_CHANGE", 15: "PRODUCT_INFORMATION_CHANGE", 16: "PRODUCT_CREATION",
    18: "PRODUCT_CATEGORY_CHANGE", 37: "PRODUCT_AUDIT_STATUS_CHANGE",
}  # fmt: skip


@dataclass(kw_only=True, slots=True)
class Waiting:
    """One webhook on its way."""

    url: str
    body: bytes
    due: int
    tries: int = 0


@dataclass(kw_only=True)
class Outbox:
    """All webhooks of one app; ``topics``: (shop id, event type) -> address."""

    app: TikTokApp
    public_only: bool = False
    topics: dict[tuple[str, str], str] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    lost: int = 0
    numbers: "count[int]" = field(default_factory=lambda: count(7327112393057371910))

    def add(self, shop_id: str, kind: int, data: Json, now: int) -> None:
        url = self.topics.get((shop_id, TOPICS[kind]), self.app.hook_url)
        if not url:
            return
        content = {
            "type": kind, "tts_notification_id": str(next(self.numbers)), "shop_id": shop_id, "timestamp": now,
            "data": data,
        }  # fmt: skip
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        self.waiting.append(Waiting(url=url, body=body, due=now))

    async def deliver(
        self, now: int, arrange: Callable[[list[Waiting]], list[Waiting]], send: Callable[[Delivery], Awaitable[int]]
    ) -> int:
        """Send what is due; 200 and 401 are final answers, anything else is tried again."""
        due = [one for one in self.waiting if one.due <= now]
        self.waiting = [one for one in self.waiting if one.due > now]
        taken: set[int] = set()
        arriving = arrange(due)
        for one in arriving:
            signature = hook_sign(self.app.app_key, self.app.app_secret, one.body)
            headers = (("Content-Type", "application/json"), ("Authorization", signature))
            status = await send(Delivery(url=one.url, headers=headers, body=one.body))
            if 200 <= status < 300 or status == 401:
                taken.add(id(one))
        for one in due:
            if id(one) in taken:
                continue
            if one.tries == len(RETRIES):
                self.lost += 1
                continue
            one.due = now + RETRIES[one.tries]
            one.tries += 1
            self.waiting.append(one)
        return len(arriving)

    # -- calls

    def put(self, shop_id: str, ask: Ask) -> Json | None:
        topic, url = text(ask.body, "event_type"), ask.body.get("address")
        if topic not in TOPICS.values():
            raise bad("event_type")
        if not isinstance(url, str) or len(url) > 255 or not urlsplit(url).hostname:
            raise bad("address")
        parts = urlsplit(url)
        named = "." in (parts.hostname or "") and not (parts.hostname or "").replace(".", "").isdecimal()
        if self.public_only and (parts.scheme != "https" or parts.port is not None or not named):
            raise bad("address must be https with a domain name and no port")
        self.topics[shop_id, topic] = url
        return None

    def list(self, shop_id: str) -> Json:
        told = [{"event_type": topic, "address": url, "create_time": 0, "update_time": 0}
                for (shop, topic), url in self.topics.items() if shop == shop_id]  # fmt: skip
        return {"webhooks": told, "total_count": len(told)}

    def drop(self, shop_id: str, ask: Ask) -> None:
        self.topics.pop((shop_id, str(ask.body.get("event_type"))), None)
