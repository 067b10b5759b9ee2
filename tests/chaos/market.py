"""The pretend platforms with buyers in them, watched: who sold what when, and when each shop was told its stock."""

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Middleware

from hub.clock import RealClock
from hub.connectors.model import Tokens
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.buyer import Buyer, Habits
from hub.sandbox.config import SandboxConfig, WooShop, default_config
from hub.sandbox.faults import Faults, Rates
from hub.sandbox.kit import Offer, SandboxShop, SoldOrder, Want
from hub.sync.connect import Wish
from tests.chaos.goods import Pieces

RATES = Rates(
    throttled=0.025, throttled_bare=0.025, error_json=0.05, error_html=0.05, lost_answer=0.05, token_expired=0.004,
    empty_page=0.03, hook_doubled=0.1, hook_reordered=0.1, hook_lost=0.03, retry_after=1,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Pieces leaving the shelf (or, below zero, coming back) because of one order in one shop."""

    at: datetime
    shop: str
    order_id: str
    pieces: Mapping[str, int]


@dataclass
class Shelf:
    """The truth nobody else knows at the time: what is really left of each SKU."""

    pieces: Mapping[str, Pieces]
    free: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    taken: list[Taken] = field(default_factory=list)
    oversold: list[tuple[Taken, str, int]] = field(default_factory=list)

    def bring(self, counted: Mapping[str, int]) -> None:
        for sku, units in counted.items():
            self.free[sku] += units

    def take(self, at: datetime, shop: str, order_id: str, wants: Sequence[tuple[str, int]]) -> None:
        """Goods go (or come back, where units are below zero)."""
        moved: dict[str, int] = defaultdict(int)
        for sku, units in wants:
            for part, each in self.pieces[sku].parts:
                moved[part] += each * units
        event = Taken(at=at, shop=shop, order_id=order_id, pieces=dict(moved))
        self.taken.append(event)
        for sku, units in moved.items():
            missing = min(units, units - self.free[sku])
            if units > 0 and missing > 0:
                self.oversold.append((event, sku, missing))
            self.free[sku] -= units


class Watched:
    """A sandbox shop whose sales are noted on the shelf as they happen."""

    def __init__(self, name: str, shop: SandboxShop, shelf: Shelf) -> None:
        self.key = shop.key
        self._name = name
        self._shop = shop
        self._shelf = shelf

    def offers(self) -> Sequence[Offer]:
        return self._shop.offers()

    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        order_id = self._shop.place(
            wants, cod=cod, seller_voucher=seller_voucher, platform_voucher=platform_voucher
        )  # fmt: skip
        self._note(order_id, [(w.sku, w.quantity) for w in wants])
        return order_id

    def pay(self, order_id: str) -> None:
        self._shop.pay(order_id)

    def ship(self, order_id: str) -> None:
        self._shop.ship(order_id)

    def deliver(self, order_id: str) -> None:
        self._shop.deliver(order_id)

    def complete(self, order_id: str) -> None:
        self._shop.complete(order_id)

    def fail_delivery(self, order_id: str) -> None:
        left = [(x.sku, -(x.quantity - x.cancelled)) for x in self._order(order_id).lines]
        self._shop.fail_delivery(order_id)
        self._note(order_id, left)

    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        before = [(x.sku, x.quantity - x.cancelled) for x in self._order(order_id).lines]
        self._shop.cancel(order_id, wants)
        order = self._order(order_id)
        gone = order.state == "cancelled"
        after = [(x.sku, 0 if gone else x.quantity - x.cancelled) for x in order.lines]
        back = [(sku, b - a) for (sku, a), (_, b) in zip(before, after, strict=True)]
        self._note(order_id, back)

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        self._shop.take_back(order_id, wants, refund)
        self._note(order_id, [(w.sku, -w.quantity) for w in wants])

    def settle(self, order_id: str) -> None:
        self._shop.settle(order_id)

    def orders(self) -> Sequence[SoldOrder]:
        return self._shop.orders()

    def listings(self) -> Sequence[Mapping[str, object]]:
        return self._shop.listings()

    def _order(self, order_id: str) -> SoldOrder:
        order = next(o for o in self._shop.orders() if o.order_id == order_id)
        return replace(order, lines=[replace(line) for line in order.lines])

    def _note(self, order_id: str, wants: Sequence[tuple[str, int]]) -> None:
        self._shelf.take(RealClock().now(), self._name, order_id, wants)


@dataclass
class Told:
    """When each shop accepted a stock number of ours for a SKU: by shop and SKU, in order of time."""

    times: dict[tuple[str, str], list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def last_before(self, shop: str, sku: str, moment: datetime) -> datetime | None:
        times = self.times[shop, sku]
        place = bisect_right(times, moment)
        return times[place - 1] if place else None

    def first_after(self, shop: str, sku: str, moment: datetime) -> datetime | None:
        times = self.times[shop, sku]
        place = bisect_left(times, moment)
        return times[place] if place < len(times) else None


@dataclass(frozen=True, kw_only=True)
class Market:
    """A running sandbox with its buyers' side."""

    sandbox: Sandbox
    address: str
    shelf: Shelf
    told: Told

    def doors(self) -> dict[str, SandboxShop]:
        """The six shops: three of each platform."""
        return {name: door for name, door in self.sandbox.shops().items() if name in names(self.sandbox.config)}

    def buyer(self, seed: int, *, orders: int, per_day: float) -> Buyer:
        watched = {name: Watched(name, door, self.shelf) for name, door in self.doors().items()}
        return Buyer(self.sandbox.world, watched, seed, Habits(orders_per_day=per_day, most=orders))

    def partners(self) -> dict[str, str]:
        """For each shop the other one of its producer."""
        six = names(self.sandbox.config)
        return dict(zip(six, six[3:] + six[:3], strict=True))

    def trouble(self, rates: Rates, seed: int) -> None:
        self.sandbox.world.faults.change(rates, seed)

    def wishes(self) -> list[Wish]:
        """Producer 0 has the first Shopee and the first WooCommerce shop, and so on."""
        config = self.sandbox.config
        until = RealClock().now() + timedelta(hours=4)
        found: list[Wish] = []
        for number, shop in enumerate(config.shopee.shops[:3]):
            found.append(Wish(
                platform="shopee", base_url=f"{self.address}/shopee", channel_kind="marketplace",
                producer_id=f"p{number}", name=shop.name, remote_id=str(shop.shop_id),
                tokens=Tokens(access=shop.access_token, refresh=shop.refresh_token, access_until=until),
            ))  # fmt: skip
        for number, site in enumerate(_sites(config)):
            pair = site.keys[0]
            found.append(Wish(
                platform="woocommerce", base_url=f"{self.address}/woocommerce/{site.key}", channel_kind="own_site",
                producer_id=f"p{number}", name=site.name,
                secrets={"consumer_key": pair.consumer_key, "consumer_secret": pair.consumer_secret},
            ))  # fmt: skip
        return found


def _sites(config: SandboxConfig) -> Sequence[WooShop]:
    return [site for site in config.woocommerce.shops if not site.pretend_https][:3]


def names(config: SandboxConfig) -> list[str]:
    """The sandbox's names of the six shops."""
    own = [f"shopee/{shop.shop_id}" for shop in config.shopee.shops[:3]]
    return own + [f"woocommerce/{site.key}" for site in _sites(config)]


@asynccontextmanager
async def open_market(pieces: Mapping[str, Pieces]) -> AsyncIterator[Market]:
    """The sandbox on a free port, without trouble yet; webhooks go out ten times a second."""
    told = Told()
    config = replace(default_config(), deliver_every=0.1)
    app = create_sandbox(config, RealClock(), Faults())
    sandbox = app[SANDBOX]
    app.middlewares.append(_listener(sandbox, told))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield Market(sandbox=sandbox, address=address, shelf=Shelf(pieces=pieces), told=told)
    finally:
        await runner.cleanup()


def _listener(sandbox: Sandbox, told: Told) -> Middleware:
    @web.middleware
    async def listen(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if request.method in ("POST", "PUT") and response.status < 400 and "/product" in request.path:
            shop, ids = _stock_of(request, await request.read())
            if ids and shop in sandbox.shops():
                now = RealClock().now()
                for one in sandbox.shops()[shop].listings():
                    if str(one["remote_id"]) in ids:
                        told.times[shop, str(one["sku"])].append(now)
        return response

    return listen


def _stock_of(request: web.Request, body: bytes) -> tuple[str, set[str]]:
    """The shop and the listings whose stock this request sets; nothing for any other request."""
    if not body.startswith(b"{"):
        return "", set()
    if request.path.endswith("/product/update_stock"):
        return f"shopee/{request.query.get('shop_id', '')}", {str(json.loads(body)["item_id"])}
    if "/wp-json/wc/v3/products" in request.path:
        shop = "woocommerce/" + request.path.split("/")[2]
        document = json.loads(body or b"{}")
        changes = [*document.get("update", []), document] if isinstance(document, dict) else []
        last = request.path.rpartition("/")[2]
        return shop, {str(one.get("id", last)) for one in changes if "stock_quantity" in one}
    return "", set()
