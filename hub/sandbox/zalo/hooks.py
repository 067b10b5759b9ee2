"""Webhooks (sheet 6): one address per app, signed by plain SHA-256, repeated until 200 within two seconds.

What nobody answers for twelve hours switches the address off. Nothing leaves by itself.
"""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hub.sandbox.kit import Delivery, World
from hub.sandbox.zalo.config import ZaloApp

AGAIN = tuple(timedelta(seconds=one) for one in (30, 300, 900, 1800, 3600))  # the steps are a third party's word
GIVEN_UP = timedelta(hours=12)
PATIENCE = 2.0


@dataclass(kw_only=True)
class Waiting:
    """One event on its way."""

    body: bytes
    stamp: str
    first: datetime
    due: datetime
    tries: int = 0


def mac(app_id: str, body: bytes, stamp: str, oa_secret_key: str) -> str:
    """The digest behind ``mac=``: no HMAC, the secret stands at the end."""
    return hashlib.sha256(app_id.encode() + body + stamp.encode() + oa_secret_key.encode()).hexdigest()


@dataclass(kw_only=True)
class Outbox:
    """All events of one app."""

    app: ZaloApp
    world: World
    url: str = ""
    off: bool = False
    waiting: list[Waiting] = field(default_factory=list)

    def add(self, event: str, content: dict[str, Any], now: datetime) -> None:
        """Something happened."""
        if not self.url or self.off:
            return
        stamp = str(int(now.timestamp() * 1000))
        whole = {"app_id": self.app.app_id, "event_name": event, "timestamp": stamp, **content}
        body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        self.waiting.append(Waiting(body=body, stamp=stamp, first=now, due=now))

    async def deliver(self, now: datetime) -> int:
        """Send what is due; how many requests went out."""
        due = [one for one in self.waiting if one.due <= now]
        taken: set[int] = set()
        tried = 0
        for one in self.world.faults.on_their_way(due):
            tried += 1
            if await self._post(one) == 200:
                taken.add(id(one))
        self.waiting = [one for one in self.waiting if id(one) not in taken]
        for one in due:
            if id(one) not in taken:
                one.due = now + AGAIN[min(one.tries, len(AGAIN) - 1)]
                one.tries += 1
                self.off = self.off or now - one.first >= GIVEN_UP
        if self.off:
            self.waiting.clear()
        return tried

    async def _post(self, one: Waiting) -> int:
        if self.world.post is None:
            return 0
        signed = f"mac={mac(self.app.app_id, one.body, one.stamp, self.app.oa_secret_key)}"
        headers = (("Content-Type", "application/json"), ("X-ZEvent-Signature", signed))
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.world.post(Delivery(url=self.url, headers=headers, body=one.body))
        except TimeoutError:
            return 0
