"""The sandbox on one port: every pretend platform under ``/<platform id>``, the control address under ``/_control``."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Middleware

from hub.clock import Clock
from hub.sandbox.config import SandboxConfig
from hub.sandbox.control import control_app
from hub.sandbox.facebook.setup import facebook
from hub.sandbox.faults import Fault, Faults
from hub.sandbox.kit import Delivery, NamesCalls, Platform, SandboxShop, SendsHooks, SpeaksFaults, World
from hub.sandbox.lazada import lazada
from hub.sandbox.shopee import shopee
from hub.sandbox.storefront.setup import haravan, sapo, sapo_omni
from hub.sandbox.tiki import tiki
from hub.sandbox.tiktok_shop.app import tiktok_shop
from hub.sandbox.woocommerce import woocommerce
from hub.sandbox.zalo.platform import zalo

Make = Callable[[SandboxConfig, World], Platform]

PLATFORMS: tuple[Make, ...] = (
    shopee,
    woocommerce,
    facebook,
    zalo,
    tiktok_shop,
    tiki,
    haravan,
    sapo,
    sapo_omni,
    lazada,
)
"""Every pretend platform there is."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOOK_SECONDS = 5.0
"""How long a webhook waits for its answer."""


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox seen from inside the process: buyers, ledgers and the clock need no HTTP."""

    config: SandboxConfig
    world: World
    platforms: tuple[Platform, ...]

    def shops(self) -> Mapping[str, SandboxShop]:
        """``platform/shop key`` -> shop, in a fixed order."""
        return {f"{platform.id}/{shop.key}": shop for platform in self.platforms for shop in platform.shops()}

    async def deliver_due(self) -> int:
        """Send every webhook that waits; how many were tried."""
        return sum([await platform.deliver_due() for platform in self.platforms if isinstance(platform, SendsHooks)])


SANDBOX = web.AppKey("sandbox", Sandbox)


def create_sandbox(
    config: SandboxConfig, clock: Clock, faults: Faults | None = None, *, platforms: Sequence[Make] = PLATFORMS
) -> web.Application:
    """One application with all platforms; ``app[SANDBOX]`` is the way in for the same process.

    ``platforms``: those of a connector that lives elsewhere, or is not registered yet.
    """
    world = World(clock=clock, faults=faults or Faults(config.faults.rates, config.faults.seed))
    sandbox = Sandbox(config=config, world=world, platforms=tuple(make(config, world) for make in platforms))
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app[SANDBOX] = sandbox
    for platform in sandbox.platforms:
        inner = web.Application(middlewares=[_trouble(platform, world)], client_max_size=64 * 1024 * 1024)
        inner.add_routes(platform.routes())
        app.add_subapp(f"/{platform.id}", inner)
    app.add_subapp("/_control", control_app(world, sandbox.shops, sandbox.deliver_due))
    app.cleanup_ctx.append(_hooks(sandbox))
    return app


def _trouble(platform: Platform, world: World) -> Middleware:
    """Counts every call and lets the drawn fault happen to it."""

    @web.middleware
    async def troubled(request: web.Request, handler: Handler) -> web.StreamResponse:
        shop, call = platform.call_name(request) if isinstance(platform, NamesCalls) else call_name(request)
        name = f"{platform.id}/{shop}/{call}"
        world.count(name)
        fault = world.faults.decide(name)
        if fault is None:
            return await handler(request)
        if isinstance(platform, SpeaksFaults) and (answer := platform.fault_answer(request, fault)) is not None:
            world.faults.gave(fault)
            return answer
        return await _suffer(world.faults, fault, request, handler)

    return troubled


async def _suffer(faults: Faults, fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The usual way to fail over HTTP; what only a platform can render passes untouched."""
    answer = usual_answer(fault, faults.rates.retry_after)
    if answer is not None:
        faults.gave(fault)
        return answer
    if fault is Fault.SLOW:
        faults.gave(fault)
        await asyncio.sleep(faults.rates.slow_seconds)
    response = await handler(request)
    if fault is Fault.LOST_ANSWER and request.transport is not None:
        faults.gave(fault)
        request.transport.abort()
    return response


def usual_answer(fault: Fault, retry_after: int) -> web.Response | None:
    """What a proxy or a tired server says; None for faults that are no answer."""
    match fault:
        case Fault.THROTTLED:
            return web.json_response({"message": "slow down"}, status=429, headers={"Retry-After": str(retry_after)})
        case Fault.THROTTLED_BARE:
            return web.Response(text="Too Many Requests", status=429)
        case Fault.ERROR_JSON:
            return web.json_response({"message": "internal error"}, status=500)
        case Fault.ERROR_HTML:
            page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
            return web.Response(text=page, content_type="text/html", status=502)
        case _:
            return None


def call_name(request: web.Request) -> tuple[str, str]:
    """(shop, "METHOD /route") of a platform that does not name its calls itself; ids stay placeholders."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource is not None else request.path
    rest = path.lstrip("/").partition("/")[2]
    shop = request.match_info.get("shop") or request.query.get("shop_id") or "-"
    return shop, f"{request.method} /{rest}"


def _hooks(sandbox: Sandbox) -> Callable[[web.Application], AsyncIterator[None]]:
    """While the server runs: a way out for webhooks (unless one was handed in), and rounds if the set-up asks."""

    async def run(app: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=HOOK_SECONDS)) as session:
            if sandbox.world.post is None:
                sandbox.world.post = _poster(session)
            every = sandbox.config.deliver_every
            rounds = asyncio.create_task(_rounds(sandbox, every)) if every > 0 else None
            yield
            if rounds is not None:
                rounds.cancel()
                with suppress(asyncio.CancelledError):
                    await rounds

    return run


def _poster(session: aiohttp.ClientSession) -> Callable[[Delivery], Awaitable[int]]:
    async def post(delivery: Delivery) -> int:
        try:
            async with session.post(
                delivery.url, data=delivery.body, headers=dict(delivery.headers), allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    return post


async def _rounds(sandbox: Sandbox, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        await sandbox.deliver_due()
