"""One sandbox per test, its clock standing still, and clients for a site over pretended HTTPS and over HTTP."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, encode_basic_auth
from aiohttp.test_utils import TestServer
from multidict import CIMultiDictProxy
from yarl import URL

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.config import SandboxConfig, Woo, WooKey, WooShop
from hub.sandbox.faults import Faults
from hub.sandbox.kit import Delivery
from hub.sandbox.woocommerce import WooCommerce
from hub.sandbox.woocommerce.auth import sign
from hub.sandbox.woocommerce.site import Site

START = datetime(2026, 11, 21, 1, tzinfo=UTC)
KEY = WooKey(consumer_key="ck_" + "a" * 40, consumer_secret="cs_" + "b" * 40)
READER = WooKey(consumer_key="ck_" + "c" * 40, consumer_secret="cs_" + "d" * 40, permissions="read")
WRITER = WooKey(consumer_key="ck_" + "e" * 40, consumer_secret="cs_" + "f" * 40, permissions="write")
KEYS = (KEY, READER, WRITER)

CONFIG = SandboxConfig(
    woocommerce=Woo(
        shops=(
            WooShop(key="secure", name="Hợp tác xã Một", keys=KEYS, pretend_https=True, shipping_fee=25_000),
            WooShop(key="open", name="Hợp tác xã Hai", keys=KEYS, trust_forwarded_proto=True),
            WooShop(key="strict", name="Hợp tác xã Bốn", keys=KEYS, pretend_https=True, public_hooks_only=True),
            WooShop(key="cents", name="Hợp tác xã Năm", keys=KEYS, pretend_https=True, decimals=2),
            WooShop(key="tired", name="Hợp tác xã Sáu", keys=KEYS, pretend_https=True, calls_per_second=1),
            WooShop(key="plain", name="Hợp tác xã Ba", keys=KEYS, pretend_https=True, pretty_permalinks=False),
        )
    )
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """One answer."""

    status: int
    json: Any
    headers: CIMultiDictProxy[str]

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def ids(self) -> list[int]:
        return [one["id"] for one in self.json]


@dataclass(kw_only=True)
class Shopkeeper:
    """Calls one site. ``how``: basic, query, oauth or nobody."""

    session: ClientSession
    base: URL
    shop: str = "secure"
    key: WooKey = KEY
    how: str = "basic"
    clock: ShiftedClock
    nonces: Iterator[int] = field(default_factory=lambda: count(1))

    def but(self, **changes: Any) -> "Shopkeeper":
        return replace(self, **changes)

    def address(self, path: str) -> str:
        return f"{self.base}woocommerce/{self.shop}/wp-json/wc/v3/{path}"

    async def get(self, path: str, **params: str) -> Said:
        return await self.call("GET", path, params=tuple(params.items()))

    async def post(self, path: str, json: object = None) -> Said:
        return await self.call("POST", path, json=json)

    async def put(self, path: str, json: object = None) -> Said:
        return await self.call("PUT", path, json=json)

    async def delete(self, path: str, **params: str) -> Said:
        return await self.call("DELETE", path, params=tuple(params.items()))

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        json: object = None,
        data: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        pairs = list(params)
        if self.how == "query":
            pairs += [("consumer_key", self.key.consumer_key), ("consumer_secret", self.key.consumer_secret)]
        if self.how == "oauth":
            pairs = self.signed(method, path, pairs)
        heads = dict(headers or {})
        if self.how == "basic":
            heads["Authorization"] = encode_basic_auth(self.key.consumer_key, self.key.consumer_secret)
        url = URL(self.address(path) + "?" + encoded(pairs), encoded=True)
        async with self.session.request(method, url, json=json, data=data, headers=heads) as answer:
            raw = await answer.read()
            content = await answer.json() if answer.content_type == "application/json" else raw.decode()
            return Said(status=answer.status, json=content, headers=answer.headers)

    def signed(self, method: str, path: str, pairs: Sequence[tuple[str, str]], **other: str) -> list[tuple[str, str]]:
        """``pairs`` with the OAuth parameters; ``other`` replaces some of them before signing."""
        stamp = str(int(self.clock.now().timestamp()))
        oauth = {
            "oauth_consumer_key": self.key.consumer_key,
            "oauth_timestamp": stamp,
            "oauth_nonce": f"{next(self.nonces):040x}",
            "oauth_signature_method": "HMAC-SHA256",
        } | other
        full = [*pairs, *oauth.items()]
        mark = sign(method, self.address(path), full, self.key.consumer_secret, oauth["oauth_signature_method"])
        return [*full, ("oauth_signature", mark)]


def encoded(pairs: Sequence[tuple[str, str]]) -> str:
    return "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs)


@dataclass(kw_only=True)
class Mailbox:
    """Where webhooks arrive; ``status`` is what they are answered."""

    status: int = 200
    got: list[Delivery] = field(default_factory=list)

    async def post(self, delivery: Delivery) -> int:
        self.got.append(delivery)
        return self.status

    @property
    def topics(self) -> list[str]:
        return [dict(one.headers).get("X-WC-Webhook-Topic", "ping") for one in self.got]


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock(START, frozen=True)


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def server(clock: ShiftedClock, faults: Faults) -> AsyncIterator[TestServer]:
    running = TestServer(create_sandbox(CONFIG, clock, faults))
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
def sandbox(server: TestServer) -> Sandbox:
    return server.app[SANDBOX]


@pytest.fixture
def woo(sandbox: Sandbox) -> WooCommerce:
    return next(one for one in sandbox.platforms if isinstance(one, WooCommerce))


@pytest.fixture
def site(woo: WooCommerce) -> Site:
    """The inside of the site ``keeper`` calls."""
    return woo.site("secure")


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession() as opened:
        yield opened


@pytest.fixture
def keeper(server: TestServer, session: ClientSession, clock: ShiftedClock) -> Shopkeeper:
    """Calls the site ``secure`` by Basic."""
    return Shopkeeper(session=session, base=server.make_url("/"), clock=clock)


@pytest.fixture
def mailbox(sandbox: Sandbox) -> Mailbox:
    """Takes the place of the network for webhooks."""
    box = Mailbox()
    sandbox.world.post = box.post
    return box
