"""A pretend Facebook called by hand: one Page, its tokens, and what the Graph API says to each call."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from hub.clock import ShiftedClock
from hub.sandbox.app import Sandbox
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.page import Page
from hub.sandbox.facebook.platform import Facebook
from hub.sandbox.kit import Delivery

PAGE = FacebookPage(
    page_id="555", name="Hợp tác xã Một", catalog_id="777", user_token="EAAU-user", page_token="EAAP-page"
)
CONFIG = FacebookConfig(pages=(PAGE,), callback_url="https://hub.example.vn/hooks/facebook", slow_checks=0)
ITEM = {
    "id": "A", "title": "Mật ong", "description": "Hũ 500 g", "price": "250000 VND", "condition": "new", "brand": "HTX",
    "availability": "in stock", "link": "https://h.vn/1", "image_link": "https://h.vn/1.jpg",
}  # fmt: skip


def proof(token: str) -> str:
    """A third reading of the proof: neither the connector's nor the sandbox's."""
    return hmac.new(CONFIG.app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer; ``code`` and ``sub`` of its error object, 0 without."""

    status: int
    json: Any
    headers: dict[str, str]

    @property
    def code(self) -> int:
        return int(self.json.get("error", {}).get("code", 0))

    @property
    def sub(self) -> int:
        return int(self.json.get("error", {}).get("error_subcode", 0))


@dataclass(kw_only=True)
class World:
    """Everything a test of the pretend Facebook needs."""

    session: ClientSession
    base: URL
    clock: ShiftedClock
    sandbox: Sandbox
    got: list[Delivery] = field(default_factory=list)
    status: int = 200  # what webhooks are answered

    @property
    def platform(self) -> Facebook:
        return next(one for one in self.sandbox.platforms if isinstance(one, Facebook))

    @property
    def page(self) -> Page:
        return self.platform.pages["555"]

    async def post_hook(self, delivery: Delivery) -> int:
        self.got.append(delivery)
        return self.status

    async def call(
        self, method: str, path: str, *, token: str = "EAAP-page", signed: str | None = None, version: str = "v26.0",
        json: object = None, form: dict[str, str] | None = None, **params: str,
    ) -> Said:  # fmt: skip
        """``signed``: the proof, the right one unless it is given; "" sends none."""
        query = dict(params)
        if token:
            query |= {"access_token": token}
        right = proof(token) if signed is None else signed
        if right and token:
            query |= {"appsecret_proof": right}
        url = self.base / "facebook" / version / path if path else self.base / "facebook" / version
        async with self.session.request(method, url, params=query, json=json, data=form) as answer:
            return Said(status=answer.status, json=await answer.json(), headers=dict(answer.headers))

    async def get(self, path: str, **more: Any) -> Said:
        return await self.call("GET", path, **more)

    async def post(self, path: str, json: object = None, **more: Any) -> Said:
        return await self.call("POST", path, json=json, **more)

    async def items(self, *requests: object, upsert: bool = True) -> Said:
        body = {"item_type": "PRODUCT_ITEM", "allow_upsert": upsert, "requests": list(requests)}
        return await self.post("777/items_batch", body, token="EAAU-user")

    async def status_of(self, handle: str) -> Any:
        params = {"handle": handle, "load_ids_of_invalid_requests": "true"}
        (told,) = (await self.get("777/check_batch_request_status", token="EAAU-user", **params)).json["data"]
        return told
