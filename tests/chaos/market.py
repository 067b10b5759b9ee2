"""The pretend platforms with buyers in them, watched: who sold what when, and when each shop was told its stock."""

import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

from aiohttp import web
from aiohttp.typedefs import Middleware

from hub.clock import RealClock
from hub.connectors.model import Tokens
from hub.demo.accounts import Account, demo_accounts, demo_config
from hub.sandbox.app import SANDBOX, Sandbox, create_sandbox
from hub.sandbox.buyer import Buyer, Habits
from hub.sandbox.config import SandboxConfig
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
class Stall:
    """One shop: the sandbox's name of it, and how it is connected."""

    name: str
    wish: Wish


@dataclass(frozen=True, kw_only=True)
class Market:
    """A running sandbox with its buyers' side."""

    sandbox: Sandbox
    address: str
    stalls: Sequence[Stall]
    shelf: Shelf
    told: Told

    def doors(self) -> dict[str, SandboxShop]:
        """The shops that are connected: up to three on Shopee and WooCommerce each, one on each other platform."""
        known = self.sandbox.shops()
        return {stall.name: known[stall.name] for stall in self.stalls}

    def buyer(self, seed: int, *, orders: int, per_day: float) -> Buyer:
        watched = {name: Watched(name, door, self.shelf) for name, door in self.doors().items()}
        return Buyer(self.sandbox.world, watched, seed, Habits(orders_per_day=per_day, most=orders))

    def partners(self) -> dict[str, list[str]]:
        """For each shop the other ones of its producer."""
        whose = {stall.name: stall.wish.producer_id for stall in self.stalls}
        return {name: [other for other in whose if other != name and whose[other] == mine]
                for name, mine in whose.items()}  # fmt: skip

    def trouble(self, rates: Rates, seed: int) -> None:
        self.sandbox.world.faults.change(rates, seed)

    def wishes(self) -> list[Wish]:
        return [stall.wish for stall in self.stalls]


PLACES = {"lazada": 0, "haravan": 0, "tiktok_shop": 1, "sapo": 1, "tiki": 2, "sapo_omni": 2}
"""Platforms that take orders beside Shopee and WooCommerce, and whose shop it is there."""


def accounts(config: SandboxConfig) -> list[Account]:
    return [one for one in demo_accounts(config) if one.platform in PLACES]


def stalls(config: SandboxConfig, address: str, most: int = 3) -> list[Stall]:
    """Producer 0 has the first Shopee and the first WooCommerce shop, and so on; four shops each, fewer where ``most``
    (of Shopee and WooCommerce each) is below three."""
    now = RealClock().now()
    found: list[Stall] = []
    for number, shop in enumerate(config.shopee.shops[:most]):
        wish = Wish(
            platform="shopee", base_url=f"{address}/shopee", channel_kind="marketplace",
            producer_id=f"p{number}", name=shop.name, remote_id=str(shop.shop_id),
            tokens=Tokens(
                access=shop.access_token, refresh=shop.refresh_token, access_until=now + timedelta(hours=4)
            ),
        )  # fmt: skip
        found.append(Stall(name=f"shopee/{shop.shop_id}", wish=wish))
    sites = [site for site in config.woocommerce.shops if not site.pretend_https][:most]
    for number, site in enumerate(sites):
        pair = site.keys[0]
        wish = Wish(
            platform="woocommerce", base_url=f"{address}/woocommerce/{site.key}", channel_kind="own_site",
            producer_id=f"p{number}", name=site.name,
            secrets={"consumer_key": pair.consumer_key, "consumer_secret": pair.consumer_secret},
        )  # fmt: skip
        found.append(Stall(name=f"woocommerce/{site.key}", wish=wish))
    for account in accounts(config):
        name = f"{account.platform}/{account.remote_id or account.path.rpartition('/')[2]}"
        found.append(Stall(name=name, wish=account.wish(address, now, f"p{PLACES[account.platform]}")))
    return found


def set_up(hub: str) -> SandboxConfig:
    """The demo's platforms, with the hub at ``hub`` registered where a console asks for addresses; webhooks go out ten
    times a second."""
    config = demo_config()
    lazada, tiktok, tiki = config.lazada.apps[0], config.tiktok_shop.apps[0], config.tiki.apps[0]
    return replace(
        config,
        lazada=replace(config.lazada, apps=(replace(lazada, push_url=f"{hub}/hooks/lazada"),)),
        tiktok_shop=replace(config.tiktok_shop, apps=(replace(tiktok, redirect=f"{hub}/oauth/tiktok_shop"),)),
        tiki=replace(config.tiki, apps=(replace(tiki, redirect_uri=f"{hub}/oauth/tiki"),)),
        haravan=replace(config.haravan, callback_url=f"{hub}/hooks/haravan"),
        deliver_every=0.1,
    )


@asynccontextmanager
async def open_market(pieces: Mapping[str, Pieces], hub: str, most: int) -> AsyncIterator[Market]:
    """The sandbox on a free port, without trouble yet. ``hub``: where the hub will answer; ``most``: :func:`stalls`."""
    told = Told()
    config = set_up(hub)
    app = create_sandbox(config, RealClock(), Faults())
    sandbox = app[SANDBOX]
    names = [stall.name for stall in stalls(config, "", most)]
    app.middlewares.append(_listener(sandbox, names, told))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        sandbox.world.base_url = address
        yield Market(
            sandbox=sandbox,
            address=address,
            stalls=stalls(config, address, most),
            shelf=Shelf(pieces=pieces),
            told=told,
        )
    finally:
        await runner.cleanup()


def _listener(sandbox: Sandbox, names: Sequence[str], told: Told) -> Middleware:
    @web.middleware
    async def listen(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        if request.method in ("POST", "PUT") and _accepted(response):
            platform, ids = _stock_of(request, await request.read())
            if ids and (name := _whose(names, platform, request.path_qs)):
                now = RealClock().now()
                for one in sandbox.shops()[name].listings():
                    if ids & {str(one["remote_id"]), str(one.get("variant_id"))}:
                        told.times[name, str(one["sku"])].append(now)
        return response

    return listen


STOCK = {
    "shopee": ("/product/update_stock", ""), "woocommerce": ("/wp-json/wc/v3/products", "stock_quantity"),
    "lazada": ("/product/stock/sellable/update", ""), "tiktok_shop": ("/inventory/update", ""),
    "tiki": ("/products/updateSku", "warehouse_quantities"), "haravan": ("/inventories/adjustorset.json", ""),
    "sapo": ("/variants/", "inventory_quantity"), "sapo_omni": ("/stock_adjustments.json", ""),
}  # fmt: skip
"""What is in the path, and in the body, of a call that sets stock."""
NAMED = re.compile(r'"(?:id|item_id|ItemId|product_id|product_variant_id|variant_id)"\s*:\s*"?(\d+)')


def _stock_of(request: web.Request, body: bytes) -> tuple[str, set[str]]:
    """The platform, and the ids of all listings and variants whose stock this request sets."""
    platform = request.path.split("/")[1]
    path, word = STOCK.get(platform, ("", ""))
    text = unquote_plus(body.decode(errors="replace"))
    if not path or path not in request.path or word not in text:
        return platform, set()
    in_path = {part.removesuffix(".json") for part in request.path.split("/")}
    return platform, {one for one in in_path if one.isdigit()} | set(NAMED.findall(text))


def _accepted(response: web.StreamResponse) -> bool:
    """No refusal: neither by its status nor, as marketplaces do it, in a 200."""
    if response.status >= 400 or not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return False
    try:
        answer = json.loads(response.body)
    except ValueError:
        return False
    return not isinstance(answer, dict) or not (
        answer.get("errors") or answer.get("error") or str(answer.get("code", 0)) != "0"
    )


def _whose(names: Sequence[str], platform: str, address: str) -> str:
    """The shop a call is for: the one whose key the address tells, or the platform's only one; "" for none of ours."""
    mine = [name for name in names if name.startswith(f"{platform}/")]
    return next((name for name in mine if len(mine) == 1 or name.partition("/")[2] in address), "")
