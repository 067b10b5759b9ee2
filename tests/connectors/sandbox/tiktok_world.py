"""One pretend TikTok Shop spoken to by hand: signs as the sheet says, with the door open to do it wrong."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.sandbox.kit import World
from hub.sandbox.tiktok_shop.app import PretendTikTok
from hub.sandbox.tiktok_shop.config import TikTok
from hub.sandbox.tiktok_shop.shop import Shop
from tests.connectors.contract import START
from tests.connectors.tiktok_shop_stage import APP, CIPHER, SECRET, SHOP_ID, config, png

Json = dict[str, Any]


@dataclass
class Door:
    """Calls the platform; each answer is (HTTP status, code, data)."""

    pretend: PretendTikTok
    clock: ShiftedClock
    url: str
    http: ClientSession

    @property
    def shop(self) -> Shop:
        return self.pretend.shop(SHOP_ID)

    async def call(
        self, line: str, body: object = None, *, cipher: str | None = CIPHER, token: str = "access-0",
        secret: str = SECRET, key: str = APP["app_key"], shift: int = 0, sent: bytes | None = None,
        form: FormData | None = None, **query: str,
    ) -> tuple[int, int, Any]:  # fmt: skip
        method, path = line.split()
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        pairs = {**query, "app_key": key, "timestamp": str(int(self.clock.now().timestamp()) + shift)}
        if cipher is not None:
            pairs["shop_cipher"] = cipher
        text = secret + path + "".join(name + value for name, value in sorted(pairs.items()))
        pairs["sign"] = hmac.new(secret.encode(), text.encode() + raw + secret.encode(), hashlib.sha256).hexdigest()
        data = form if form is not None else (raw if sent is None else sent) or None
        headers = {"x-tts-access-token": token} | ({} if form is not None else {"content-type": "application/json"})
        async with self.http.request(method, self.url + path, params=pairs, data=data, headers=headers) as answer:
            said = await answer.json()
            assert set(said) == {"code", "message", "request_id", "data"}
            return answer.status, said["code"], said["data"]

    async def upload(self, content: bytes, use: str = "MAIN_IMAGE") -> tuple[int, int, Any]:
        form = FormData()
        form.add_field("data", BytesIO(content), filename="a.png", content_type="image/png")
        form.add_field("use_case", use)
        return await self.call("POST /product/202309/images/upload", cipher=None, form=form)

    async def create(self, **changes: object) -> tuple[int, int, Any]:
        """A good listing but for ``changes``; None takes a field out."""
        if not self.shop.images:
            await self.upload(png())
        body = good_product(next(iter(self.shop.images))) | changes
        kept = {name: value for name, value in body.items() if value is not None}
        return await self.call("POST /product/202309/products", kept)

    async def made(self, **changes: object) -> Json:
        status, code, data = await self.create(**changes)
        assert (status, code) == (200, 0)
        found: Json = data
        return found


def good_product(uri: str) -> Json:
    """The sheet's sample with a listing's minimum of the sandbox's rice category."""
    return {
        "save_mode": "LISTING", "title": "Miến dong Bình Liêu OCOP 4 sao gói 500 g", "description": "<p>Miến dong</p>",
        "category_id": "905992", "category_version": "v2", "main_images": [{"uri": uri}],
        "skus": [unit("OCOP-22-0001-500")], "package_weight": {"value": "0.6", "unit": "KILOGRAM"},
        "package_dimensions": {"length": "25", "width": "15", "height": "8", "unit": "CENTIMETER"},
        "product_attributes": [
            {"id": "100398", "values": [{"name": "HTX Bình Liêu"}]}, {"id": "101397", "values": [{"name": "01/2026"}]},
        ],
        "is_cod_allowed": True,
    }  # fmt: skip


def unit(sku: str, **changes: object) -> Json:
    plain = {
        "seller_sku": sku, "price": {"amount": "85000", "currency": "VND"},
        "inventory": [{"warehouse_id": "7068517275539719942", "quantity": 120}],
    }  # fmt: skip
    return plain | dict(changes)


def sales(value: str, name: str = "Quy cách") -> list[Mapping[str, str]]:
    return [{"name": name, "value_name": value}]


@asynccontextmanager
async def door(setup: TikTok | None = None) -> AsyncIterator[Door]:
    clock = ShiftedClock(START, frozen=True)
    world = World(clock=clock)
    pretend = PretendTikTok(world, setup or config(), ticks=lambda: clock.now().timestamp())
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.add_routes(pretend.routes())
    async with TestServer(app) as server, ClientSession() as http:
        world.base_url = str(server.make_url("")).rstrip("/")
        yield Door(pretend=pretend, clock=clock, url=world.base_url, http=http)
