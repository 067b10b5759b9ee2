"""Webhooks: a ping first, then whatever changed, built when it is sent and told once per object (sheet 6)."""

import base64
import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from hub.sandbox.kit import Delivery
from hub.sandbox.woocommerce.site import Site
from hub.sandbox.woocommerce.wire import Json, Wrong, encode, php_text, stamps

TOPIC = re.compile(r"(coupon|customer|order|product)\.(created|updated|deleted|restored)|action\.\w+")
LAST_FAILURE = 5
"""More failures in a row than this switch a webhook off: it happens after the sixth."""


@dataclass(kw_only=True)
class Hook:
    """One webhook of a site. ``unpinged``: the first contact did not succeed yet, ``tried`` or not."""

    id: int
    json: Json
    secret: str
    unpinged: bool = True
    tried: bool = False
    failures: int = 0
    waiting: dict[int, None] = field(default_factory=dict)  # ids of changed objects, each once, oldest first


def signature(body: bytes, secret: str) -> str:
    """base64(HMAC-SHA256(raw body)); vectors in sheet 6."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


class Hooks:
    """All webhooks of one site; :meth:`send` is one run of the site's action queue."""

    def __init__(self, site: Site, agent: str) -> None:
        self._site = site
        self._agent = agent
        self._sent = 0
        self.all: dict[int, Hook] = {}
        site.on_event = self._heard

    def create(self, body: Json) -> Hook:
        now = self._site.now()
        topic, url = php_text(body.get("topic")), php_text(body.get("delivery_url"))
        _check(topic, url)
        number = max(self.all, default=0) + 1
        json: Json = {
            "id": number,
            "name": php_text(body.get("name")) or f"Webhook created on {now:%Y-%m-%d}",
            "status": body.get("status") or "active",
            "topic": topic,
            "resource": topic.split(".")[0],
            "event": topic.split(".")[1],
            "hooks": [],
            "delivery_url": url,
            **stamps("date_created", now),
            **stamps("date_modified", now),
        }
        # A secret that was not given is random on the real site: as useless to the caller as this one.
        secret = php_text(body.get("secret")) or hashlib.sha256(f"{self._site.config.key}{number}".encode()).hexdigest()
        self.all[number] = Hook(id=number, json=json, secret=secret)
        return self.all[number]

    def find(self, number: int, *, changing: bool = False) -> Hook:
        hook = self.all.get(number)
        if hook is None:
            raise Wrong("woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.", 400 if changing else 404)
        return hook

    def update(self, hook: Hook, body: Json) -> Hook:
        topic = php_text(body.get("topic") or hook.json["topic"])
        url = php_text(body.get("delivery_url") or hook.json["delivery_url"])
        _check(topic, url)
        if body.get("status") == "active" and hook.json["status"] != "active":
            hook.failures = 0
        hook.secret = php_text(body.get("secret")) or hook.secret
        hook.json |= {key: php_text(body[key]) for key in ("name", "status") if body.get(key)}
        hook.json |= {
            "topic": topic,
            "delivery_url": url,
            "resource": topic.split(".")[0],
            "event": topic.split(".")[1],
        }
        hook.json |= stamps("date_modified", self._site.now())
        return hook

    async def send(self) -> int:
        """Deliver everything that waits; how many posts were tried. Nothing waits after it, answered or not."""
        due = [hook for hook in self.all.values() if hook.json["status"] == "active"]
        tried = 0
        for hook in due:
            if hook.unpinged and (hook.waiting or not hook.tried):
                tried += 1
                hook.tried = True
                ping = Delivery(
                    url=hook.json["delivery_url"],
                    headers=(("Content-Type", "application/x-www-form-urlencoded"), ("User-Agent", self._agent)),
                    body=f"webhook_id={hook.id}".encode(),
                )
                hook.unpinged = not 200 <= await self._post(ping) <= 302
        ready = [(hook, delivery) for hook in due for delivery in self._ready(hook)]
        for hook, delivery in self._site.world.faults.on_their_way(ready):
            if hook.json["status"] == "active":
                tried += 1
                self._book(hook, await self._post(delivery))
        return tried

    def _ready(self, hook: Hook) -> list[Delivery]:
        waiting, hook.waiting = list(hook.waiting), {}
        return [self._delivery(hook, thing) for thing in waiting]

    def _delivery(self, hook: Hook, thing: int) -> Delivery:
        site = self._site
        held = site.products.get(thing) if hook.json["resource"] == "product" else site.orders.get(thing)
        body = held.bytes() if held is not None and hook.json["event"] != "deleted" else encode({"id": thing})
        self._sent += 1
        headers = {
            "Content-Type": "application/json",
            "User-Agent": self._agent,
            "X-WC-Webhook-Source": f"{site.home}/",
            "X-WC-Webhook-Topic": hook.json["topic"],
            "X-WC-Webhook-Resource": hook.json["resource"],
            "X-WC-Webhook-Event": hook.json["event"],
            "X-WC-Webhook-Signature": signature(body, hook.secret),
            "X-WC-Webhook-ID": str(hook.id),
            "X-WC-Webhook-Delivery-ID": hashlib.md5(
                f"{site.config.key}{self._sent}".encode(), usedforsecurity=False
            ).hexdigest(),
        }
        return Delivery(url=hook.json["delivery_url"], headers=tuple(headers.items()), body=body)

    async def _post(self, delivery: Delivery) -> int:
        post = self._site.world.post
        if post is None or (self._site.config.public_hooks_only and not reachable(delivery.url)):
            return 0
        return await post(delivery)

    def _book(self, hook: Hook, status: int) -> None:
        if 200 <= status <= 302:
            hook.failures = 0
            return
        hook.failures += 1
        if hook.failures > LAST_FAILURE:
            hook.json["status"] = "disabled"
            hook.waiting.clear()

    def _heard(self, topic: str, thing: int) -> None:
        for hook in self.all.values():
            if hook.json["topic"] == topic and hook.json["status"] == "active":
                hook.waiting[thing] = None


def reachable(url: str) -> bool:
    """What WordPress agrees to post to: no private address, and ports 80, 443 and 8080 only (sheet 6)."""
    parts = urlsplit(url)
    try:
        private = not ipaddress.ip_address(parts.hostname or "").is_global
    except ValueError:
        private = parts.hostname in (None, "localhost")
    return not private and parts.port in (None, 80, 443, 8080)


def _check(topic: str, url: str) -> None:
    if not TOPIC.fullmatch(topic):
        raise Wrong("woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic must be valid.", 400)
    if not url.startswith(("http://", "https://")):
        text = "Webhook delivery URL must be a valid URL starting with http:// or https://."
        raise Wrong("woocommerce_rest_shop_webhook_invalid_delivery_url", text, 400)
