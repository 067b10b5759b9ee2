"""A caller of the pretend Lazada that signs by itself, in each of the four carriages."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from aiohttp import ClientSession, FormData
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults
from hub.sandbox.lazada import Lazada, LazadaConfig, default_lazada
from hub.sandbox.lazada.shop import Shop

START = datetime(2026, 11, 21, 1, tzinfo=UTC)
SELLER = "200123451"
PICTURE = "https://vn-live-02.slatic.net/p/a.jpg"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (800).to_bytes(4, "big") * 2


@dataclass(kw_only=True)
class Desk:
    """Calls the API as seller 1; ``extra`` replaces system parameters before signing."""

    session: ClientSession
    base: str
    clock: ShiftedClock
    platform: Lazada
    secret: str = "lzd-sandbox-secret-1"
    system: dict[str, str] = field(default_factory=lambda: {"app_key": "123456", "access_token": "lzd-access-1"})

    @property
    def shop(self) -> Shop:
        return self.platform.shop(SELLER)

    def signed(self, path: str, args: dict[str, str], *, tail: str = "", **system: str) -> dict[str, str]:
        stamp = str(int(self.clock.now().timestamp() * 1000))
        known = {"timestamp": stamp, "sign_method": "sha256"} | self.system | system
        full = {**known, **args}
        text = path + "".join(name + full[name] for name in sorted(full)) + tail
        return full | {"sign": hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()}

    async def get(self, path: str, **args: str) -> Any:
        return await self.send("GET", path, params=self.signed(path, args))

    async def post(self, path: str, **args: str) -> Any:
        return await self.send("POST", path, data=self.signed(path, args))

    async def send(self, method: str, path: str, **how: Any) -> Any:
        async with self.session.request(method, f"{self.base}/rest{path}", **how) as answer:
            assert answer.status == 200
            return await answer.json()

    async def product(self, path: str, name: str = "payload", **product: object) -> Any:
        return await self.post(path, **{name: json.dumps({"Request": {"Product": product}}, ensure_ascii=False)})

    async def create(self, sku: str = "OCOP-1", **changes: Any) -> Any:
        return await self.product("/product/create", **(goods(sku) | changes))

    async def upload(self, content: bytes) -> Any:
        form = FormData()
        for key, value in self.signed("/image/upload", {}).items():
            form.add_field(key, value, content_type="text/plain")
        form.add_field("image", BytesIO(content), filename="a.png", content_type="image/png")
        return await self.send("POST", "/image/upload", data=form)


def sku(name: str = "OCOP-1", **changes: Any) -> dict[str, Any]:
    return {
        "SellerSku": name, "quantity": "10", "price": "250000", "package_height": "12", "package_length": "10",
        "package_width": "10", "package_weight": "0.7",
    } | changes  # fmt: skip


def attributes(**changes: Any) -> dict[str, Any]:
    return {"name": "Mật ong bạc hà Mẫu", "description": "<p>Ngon</p>", "brand_id": "30768",
            "country_of_origin": "Việt Nam"} | changes  # fmt: skip


def goods(name: str = "OCOP-1") -> dict[str, Any]:
    return {
        "PrimaryCategory": "10002006", "Images": {"Image": [PICTURE]}, "Attributes": attributes(),
        "disableAutoFillAttribute": True, "Skus": {"Sku": [sku(name)]},
    }  # fmt: skip


def why(told: Any) -> str:
    """The code of a refusal: the first detail's below an umbrella."""
    if told["code"] in ("500", "501", "503") and told.get("detail"):
        return str(told["detail"][0]["code"])
    return str(told["code"])


@asynccontextmanager
async def open_desk(settings: LazadaConfig | None = None) -> AsyncIterator[Desk]:
    clock = ShiftedClock(START, frozen=True)
    app = create_sandbox(SandboxConfig(lazada=settings or default_lazada()), clock, Faults())
    async with TestServer(app) as server, ClientSession() as session:
        base = str(server.make_url("/lazada"))
        platform = next(one for one in app[SANDBOX].platforms if isinstance(one, Lazada))
        yield Desk(session=session, base=base, clock=clock, platform=platform)
