"""Pushes (sheet 12): one address per app, ``Authorization`` = HMAC of app key and body, tried again every half hour.

At least once: the same message may come several times. Nothing leaves before ``deliver_due``.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.sandbox.kit import Delivery
from hub.sandbox.lazada.config import LazadaApp
from hub.sandbox.lazada.wire import Json

AGAIN = timedelta(minutes=30)
TIMES = 12


def push_sign(app: LazadaApp, body: bytes) -> str:
    """Lower-case hexadecimal."""
    return hmac.new(app.app_secret.encode(), app.app_key.encode() + body, hashlib.sha256).hexdigest()


@dataclass(kw_only=True)
class Waiting:
    body: bytes
    due: datetime
    tries: int = 0


@dataclass(kw_only=True)
class Outbox:
    """All pushes of one app; ``url`` is what the console says."""

    app: LazadaApp
    url: str = ""
    waiting: list[Waiting] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = self.url or self.app.push_url

    def add(self, seller: str, kind: int, data: Json, now: datetime) -> None:
        """Kinds 0 and 10 speak in seconds outside, the others in milliseconds (``timestamp`` is either)."""
        if not self.url:
            return
        seconds = int(now.timestamp()) + (kind == 0)
        told: Json = {
            "seller_id": seller, "message_type": kind, "data": data,
            "timestamp": seconds if kind in (0, 10) else seconds * 1000, "site": "lazada_vn",
        }  # fmt: skip
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        self.waiting.append(Waiting(body=body, due=now))

    async def send(
        self, now: datetime, post: Callable[[Delivery], Awaitable[int]],
        arriving: Callable[[list[Waiting]], list[Waiting]],
    ) -> int:  # fmt: skip
        """Whatever is due; what is not taken waits half an hour, twelve times."""
        due = [one for one in self.waiting if one.due <= now]
        self.waiting = [one for one in self.waiting if one.due > now]
        tried = 0
        for one in arriving(due):
            headers = (("Authorization", push_sign(self.app, one.body)), ("Content-Type", "application/json"))
            status = await post(Delivery(url=self.url, headers=headers, body=one.body))
            tried += 1
            if status != 200 and one.tries < TIMES and one not in self.waiting:
                one.tries, one.due = one.tries + 1, now + AGAIN
                self.waiting.append(one)
        return tried
