"""Webhooks of the app (sheet 6): signed over the raw body, several events in one delivery, tried again for 36 hours."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.sandbox.facebook.config import FacebookConfig
from hub.sandbox.facebook.graph import Json
from hub.sandbox.kit import Delivery, World

PATIENCE = timedelta(hours=36)
TOGETHER = 10
"""Events in one delivery; the real one may hold up to 1000."""


@dataclass(kw_only=True)
class Parcel:
    """One delivery on its way."""

    body: bytes
    since: datetime
    due: datetime
    tries: int = 0


@dataclass(kw_only=True)
class Hooks:
    """What the app's callback address is still to be told. ``subscribed``: Page id -> fields."""

    config: FacebookConfig
    world: World
    subscribed: dict[str, set[str]] = field(default_factory=dict)
    waiting: list[tuple[str, str, Json, datetime]] = field(default_factory=list)  # (page, "changes", event, when)
    parcels: list[Parcel] = field(default_factory=list)
    disabled: bool = False

    def tell(self, page: str, field_: str, kind: str, event: Json) -> None:
        """Something happened on a Page; what it did not subscribe to is forgotten."""
        if self.config.callback_url and not self.disabled and field_ in self.subscribed.get(page, ()):
            self.waiting.append((page, kind, event, self.world.clock.now()))

    async def send(self) -> int:
        """Pack what waits, send what is due; how many deliveries were tried."""
        now = self.world.clock.now()
        self._pack(now)
        due = [one for one in self.parcels if one.due <= now]
        self.parcels = [one for one in self.parcels if one.due > now]
        tried = 0
        for parcel in self.world.faults.on_their_way(due):
            if self.world.post is None or self.disabled:
                continue
            tried += 1
            status = await self.world.post(self.delivery(parcel.body))
            if not 200 <= status < 300:
                self._again(parcel, now)
        return tried

    def delivery(self, body: bytes) -> Delivery:
        """The request as it leaves, both signatures on it."""
        key = self.config.app_secret.encode()
        headers = (
            ("Content-Type", "application/json"),
            ("X-Hub-Signature", "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()),
            ("X-Hub-Signature-256", "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()),
        )
        return Delivery(url=self.config.callback_url, headers=headers, body=body)

    def _pack(self, now: datetime) -> None:
        while self.waiting:
            part, self.waiting = self.waiting[:TOGETHER], self.waiting[TOGETHER:]
            entries: dict[str, Json] = {}
            for page, kind, event, at in part:
                entry = entries.setdefault(page, {"id": page, "time": int(at.timestamp())})
                entry.setdefault(kind, []).append(event)
            content = {"object": "page", "entry": list(entries.values())}
            body = json.dumps(content, separators=(",", ":")).encode()  # letters as \uXXXX, as the real one
            self.parcels.append(Parcel(body=body, since=now, due=now))

    def _again(self, parcel: Parcel, now: datetime) -> None:
        parcel.tries += 1
        parcel.due = now + timedelta(minutes=2**parcel.tries)
        if parcel.due - parcel.since > PATIENCE:
            self.disabled = True
        elif all(one is not parcel for one in self.parcels):
            self.parcels.append(parcel)
