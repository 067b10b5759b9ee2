"""A pretend Shopee on a port of its own and a seller's client that signs by its own code."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from aiohttp import ClientSession, FormData, web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDictProxy

from hub.clock import ShiftedClock
from hub.sandbox.faults import Fault
from hub.sandbox.kit import World
from hub.sandbox.shopee import Shopee, ShopeeApp, ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.shop import BuyersShop

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

START = datetime(2026, 11, 21, 1, tzinfo=UTC)
KEY = "shpk-test-key"
PARTNER, SHOP, OTHER = 1000001, 600123, 600124
APP = ShopeeApp(partner_id=PARTNER, partner_key=KEY, redirect_domains=("hub.example.org",))
SHOPS = (
    ShopeeShop(shop_id=SHOP, name="Gian hàng Một", partner_id=PARTNER, access_token="tok-1", refresh_token="ref-1"),
    ShopeeShop(shop_id=OTHER, name="Gian hàng Hai", partner_id=PARTNER, access_token="tok-2", refresh_token="ref-2"),
)
CONFIG = ShopeeConfig(apps=(APP,), shops=SHOPS)
PATIENT = replace(CONFIG, access_seconds=365 * 86_400)
"""Tokens outlive every test."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
TEXT = "Mật ong bạc hà từ cao nguyên đá, hương thơm dịu, vị ngọt thanh, đóng chai thủy tinh, giao nguyên đai. " * 2


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer."""

    status: int
    json: dict[str, Any]
    headers: CIMultiDictProxy[str]

    @property
    def error(self) -> str:
        return str(self.json["error"])

    @property
    def message(self) -> str:
        return str(self.json["message"])

    @property
    def response(self) -> Any:
        """What a success carries; a refusal fails the test with its own words."""
        assert self.error == "", self.json
        return self.json["response"]


@dataclass(kw_only=True)
class Seller:
    """Calls as one shop of one app."""

    session: ClientSession
    base: str
    shopee: Shopee
    clock: ShiftedClock
    token: str = "tok-1"
    shop_id: int = SHOP
    key: str = KEY
    named: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault | None] = field(default_factory=lambda: [None])

    @property
    def shop(self) -> BuyersShop:
        """The same shop from the buyer's side."""
        return self.shopee.shop(self.shop_id)

    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def wait(self, **delta: float) -> None:
        self.clock.move(timedelta(**delta))

    def but(self, **changes: Any) -> "Seller":
        return replace(self, **changes)

    def break_next(self, fault: Fault | None) -> None:
        """What happens to every call from now on, if the platform has words for it."""
        self.faults[0] = fault

    def common(self, call: str, *, public: bool = False) -> dict[str, str]:
        """The signed query."""
        query = {"partner_id": str(PARTNER), "timestamp": str(self.now())}
        base = f"{PARTNER}/api/v2/{call}{self.now()}"
        if not public:
            query |= {"access_token": self.token, "shop_id": str(self.shop_id)}
            base += f"{self.token}{self.shop_id}"
        query["sign"] = hmac.new(self.key.encode(), base.encode(), hashlib.sha256).hexdigest()
        return query

    async def get(self, call: str, *, public: bool = False, **params: object) -> Said:
        pairs = list(self.common(call, public=public).items())
        for name, value in params.items():
            pairs += [(name, str(v)) for v in value] if isinstance(value, list) else [(name, str(value))]
        return await self.send("GET", call, pairs)

    async def post(self, call: str, body: object, *, public: bool = False) -> Said:
        return await self.send("POST", call, list(self.common(call, public=public).items()), body)

    async def send(self, method: str, call: str, pairs: Sequence[tuple[str, str]], body: object = None) -> Said:
        url = f"{self.base}/api/v2/{call}"
        async with self.session.request(method, url, params=pairs, json=body, allow_redirects=False) as answer:
            raw = await answer.read()
            content = json.loads(raw) if answer.content_type == "application/json" else {"page": raw.decode()}
            return Said(status=answer.status, json=content, headers=answer.headers)

    async def upload(self, *images: bytes, public: bool = False, **fields: str) -> Said:
        form = FormData()
        for image in images:
            form.add_field("image", BytesIO(image), filename="anh.png", content_type="image/png")
        for name, value in fields.items():
            form.add_field(name, value)
        call = "media_space/upload_image"
        url = f"{self.base}/api/v2/{call}"
        async with self.session.post(url, params=self.common(call, public=public), data=form) as answer:
            return Said(status=answer.status, json=await answer.json(), headers=answer.headers)

    async def image(self) -> str:
        """One uploaded picture."""
        return str((await self.upload(PNG)).response["image_info"]["image_id"])

    async def item(self, sku: str = "OCOP-1", **changes: object) -> int:
        """A live item; ``changes`` replace or (None) remove fields of add_item."""
        return int((await self.post("product/add_item", await self.draft(sku, **changes))).response["item_id"])

    async def draft(self, sku: str = "OCOP-1", **changes: object) -> dict[str, object]:
        """A body that add_item takes."""
        whole = good_item(sku, await self.image()) | changes
        return {name: value for name, value in whole.items() if value is not None}

    async def varied(self, *skus: str, price: int = 100_000, stock: int = 10) -> tuple[int, list[int]]:
        """An item with one tier and one model per SKU: its id and theirs."""
        item_id = await self.item("GROUP")
        self.wait(seconds=5)
        answer = await self.post("product/init_tier_variation", tiers(item_id, *skus, price=price, stock=stock))
        return item_id, [int(model["model_id"]) for model in answer.response["model"]]


def good_item(sku: str, image_id: str) -> dict[str, object]:
    """Honey with everything its category asks for."""
    return {
        "item_name": "Mật ong bạc hà Mèo Vạc 500 g",
        "description": TEXT,
        "category_id": 100629,
        "original_price": 250_000,
        "weight": 0.7,
        "dimension": {"package_height": 12, "package_length": 10, "package_width": 10},
        "image": {"image_id_list": [image_id]},
        "brand": {"brand_id": 0, "original_brand_name": "NoBrand"},
        "logistic_info": [{"logistic_id": 50021, "enabled": True}],
        "attribute_list": good_attributes(),
        "item_sku": sku,
        "seller_stock": [{"stock": 40}],
        "condition": "NEW",
    }


def good_attributes() -> list[dict[str, object]]:
    return [
        {"attribute_id": 100037, "attribute_value_list": [{"value_id": 2001}]},
        {"attribute_id": 100010, "attribute_value_list": [{"value_id": 2104}]},
        {"attribute_id": 100999, "attribute_value_list": [{"value_id": 0, "original_value_name": "Hợp tác xã A"}]},
    ]


def tiers(item_id: int, *skus: str, price: int = 100_000, stock: int = 10) -> dict[str, object]:
    """One tier, an option and a model for each SKU."""
    return {
        "item_id": item_id,
        "standardise_tier_variation": [
            {
                "variation_id": 0,
                "variation_name": "Quy cách",
                "variation_option_list": [
                    {"variation_option_id": 0, "variation_option_name": f"Loại {s}"} for s in skus
                ],
            }
        ],
        "model": [
            {"tier_index": [n], "original_price": price, "model_sku": sku, "seller_stock": [{"stock": stock}]}
            for n, sku in enumerate(skus)
        ],
    }


@asynccontextmanager
async def opened(config: ShopeeConfig = CONFIG, ticks: Any = None) -> AsyncIterator[Seller]:
    """A running platform under its usual prefix, its clock standing still."""
    clock = ShiftedClock(START, frozen=True)
    world = World(clock=clock)
    shopee = Shopee(world, config) if ticks is None else Shopee(world, config, ticks)
    named: list[tuple[str, str]] = []
    faults: list[Fault | None] = [None]

    @web.middleware
    async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
        named.append(shopee.call_name(request))
        answer = shopee.fault_answer(request, faults[0]) if faults[0] else None
        return answer if answer is not None else await handler(request)

    inner = web.Application(middlewares=[watch], client_max_size=64 * 1024 * 1024)
    inner.add_routes(shopee.routes())
    outer = web.Application()
    outer.add_subapp("/shopee", inner)
    async with TestServer(outer) as server, ClientSession() as session:
        world.base_url = str(server.make_url("")).rstrip("/")
        base = f"{world.base_url}/shopee"
        yield Seller(session=session, base=base, shopee=shopee, clock=clock, named=named, faults=faults)
