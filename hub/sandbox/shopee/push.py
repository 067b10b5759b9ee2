"""Pushes (sheet 13): signed, retried after 300, 1800 and 10800 s, lost ones kept three days, switched off when ignored.

Nothing leaves by itself: ``deliver_due`` sends what is due through the world's way out.
"""

import hashlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from hub.sandbox.kit import Delivery
from hub.sandbox.shopee.auth import push_sign
from hub.sandbox.shopee.config import ShopeeApp
from hub.sandbox.shopee.wire import Answer, Args, Json, Refusal, bad

RETRIES = (300, 1800, 10_800)
KEPT = 3 * 86_400
PERIOD = 6 * 3600
MANY = 600
CODES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 22, 23, 24, 25, 27, 28, 29, 30, 47)

Send = Callable[[Delivery], Awaitable[int]]


@dataclass(kw_only=True, slots=True)
class Waiting:
    """A push on its way; ``tries`` already made."""

    shop_id: int
    code: int
    at: int
    data: Json
    body: bytes
    due: int
    tries: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A push nobody took."""

    number: int
    shop_id: int
    code: int
    at: int
    data: Json


@dataclass(kw_only=True)
class Outbox:
    """All pushes of one app."""

    app: ShopeeApp
    url: str = ""
    on: set[int] = field(default_factory=lambda: set(CODES))
    blocked: list[int] = field(default_factory=list)
    waiting: deque[Waiting] = field(default_factory=deque)
    lost: list[Lost] = field(default_factory=list)
    results: deque[tuple[int, bool]] = field(default_factory=deque)  # (when, taken) of the last six hours
    count: int = 0
    lost_count: int = 0
    off: bool = False  # switched off by the platform

    def __post_init__(self) -> None:
        self.url = self.url or self.app.push_url

    def add(self, shop_id: int, code: int, data: Json, now: int) -> None:
        """Something happened; what nobody subscribed to is forgotten."""
        if self.url and not self.off and code in self.on and shop_id not in self.blocked:
            body = self._body(shop_id, code, data, now)
            self.waiting.append(Waiting(shop_id=shop_id, code=code, at=now, data=data, body=body, due=now))

    def take_due(self, now: int) -> list[Waiting]:
        """Remove and return what is to be sent now, first come first."""
        due = [w for w in self.waiting if w.due <= now]
        if due:
            self.waiting = deque(w for w in self.waiting if w.due > now)
        return due

    def delivery(self, body: bytes) -> Delivery:
        """The request as it leaves: the address as registered is part of what is signed."""
        key = self.app.push_key or self.app.partner_key
        headers = (("Content-Type", "application/json"), ("Authorization", push_sign(key, self.url, body)))
        return Delivery(url=self.url, headers=headers, body=body)

    def answered(self, sent: Waiting, status: int, now: int) -> None:
        """Book the answer: 2xx is taken, anything else is tried again or lost."""
        taken = 200 <= status < 300
        self._watch(taken, now)
        if taken:
            return
        if sent.tries < len(RETRIES):
            sent.due = now + RETRIES[sent.tries]
            sent.tries += 1
            self.waiting.append(sent)
            return
        self.lost_count += 1
        self.lost.append(Lost(number=self.lost_count, shop_id=sent.shop_id, code=sent.code, at=sent.at, data=sent.data))

    def _watch(self, taken: bool, now: int) -> None:
        """Many pushes and few successes within six hours: the subscription is switched off."""
        self.results.append((now, taken))
        while self.results[0][0] <= now - PERIOD:
            self.results.popleft()
        if not taken and len(self.results) > MANY:
            self.off = sum(ok for _, ok in self.results) * 10 < len(self.results) * 3

    def _body(self, shop_id: int, code: int, data: Json, now: int) -> bytes:
        self.count += 1
        msg_id = hashlib.sha256(f"{self.app.partner_id}/{self.count}".encode()).hexdigest()[:32]
        content: Json = {"msg_id": msg_id, "data": data, "shop_id": shop_id, "code": code, "timestamp": now}
        if code in (1, 2):
            del content["shop_id"]
            content["partner_id"] = self.app.partner_id
        if code == 12:
            del content["shop_id"]
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    # -- calls

    def get_app_push_config(self) -> Answer:
        """GET push/get_app_push_config."""
        return Answer(
            response={
                "callback_url": self.url,
                "live_push_status": "Suspended" if self.off else "Normal",
                "push_config_on_list": sorted(self.on),
                "push_config_off_list": [c for c in CODES if c not in self.on],
                "blocked_shop_id_list": self.blocked,
            }
        )

    async def set_app_push_config(self, args: Args, now: int, send: Send | None) -> Answer:
        """POST push/set_app_push_config: a new address is tried with a test push first."""
        on = args.numbers("set_push_config_on", 100, needed=False)
        off = args.numbers("set_push_config_off", 100, needed=False)
        blocked = args.numbers("blocked_shop_id_list", 500, needed=False)
        if not set(on) | set(off) <= set(CODES):
            raise bad("unknown push code", "push")
        url = args.string("callback_url", "")
        if url:
            if not url.startswith(("http://", "https://")):
                raise bad("callback_url is invalid", "push")
            before, self.url = self.url, url
            body = self._body(0, 0, {"verify_info": "This is a verification message."}, now)
            if send is None or not 200 <= await send(self.delivery(body)) < 300:
                self.url = before
                raise bad("the callback address did not answer with 2xx", "push")
        self.on = (self.on | set(on)) - set(off)
        if "blocked_shop_id_list" in args:
            self.blocked = blocked
        self.off = False
        self.results.clear()
        return Answer(response={"result": "success"})

    def get_lost_push_message(self, now: int) -> Answer:
        """GET push/get_lost_push_message: the earliest 100 of three days; ``data`` is a JSON text."""
        self.lost = [m for m in self.lost if now - m.at <= KEPT]
        page = self.lost[:100]
        told = [
            {"shop_id": m.shop_id, "code": m.code, "timestamp": m.at, "data": json.dumps(m.data, ensure_ascii=False)}
            for m in page
        ]
        last = page[-1].number if page else 0
        return Answer(
            response={
                "push_message_list": told,
                "has_next_page": len(self.lost) > 100,
                "last_message_id": last,
            }
        )

    def confirm_consumed_lost_push_message(self, args: Args) -> Answer:
        """POST push/confirm_consumed_lost_push_message."""
        last = args.number("last_message_id")
        if not 0 < last <= self.lost_count:
            raise Refusal("push.error_param", "last_message_id is invalid")
        self.lost = [m for m in self.lost if m.number > last]
        return Answer()


async def deliver(outboxes: Iterable[Outbox], now: int, arrange: "Arrange", send: Send) -> int:
    """Send what is due; ``arrange`` says what arrives, in which order and how often. How many requests went out.

    A push that ``arrange`` swallowed counts as not taken and is tried again later, as a broken line would make it.
    """
    tried = 0
    for outbox in outboxes:
        due = outbox.take_due(now)
        taken: dict[int, int] = {}
        for sent in arrange(due):
            status = await send(outbox.delivery(sent.body))
            tried += 1
            if 200 <= status < 300:
                taken[id(sent)] = status
        for sent in due:
            outbox.answered(sent, taken.get(id(sent), 0), now)
    return tried


Arrange = Callable[[list[Waiting]], list[Waiting]]
