"""The control address: what a test or a person does to the pretend world from outside. Loopback only, JSON.

GET ``/_control/ledger`` · GET ``calls`` · POST ``calls/reset`` · GET/POST ``clock`` · GET/POST ``faults`` ·
POST ``buy pay ship deliver complete fail_delivery cancel return settle`` · POST ``go_live end_live comment message`` ·
POST ``trade`` · POST ``deliver_hooks``.
No fault ever touches it.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from json import JSONDecodeError, dumps
from typing import Any

from aiohttp import web

from hub.clock import ShiftedClock
from hub.sandbox.buyer import Buyer, Habits
from hub.sandbox.faults import Rates
from hub.sandbox.kit import HasViewers, NotOffered, SandboxShop, SoldOrder, SoldOut, Want, World

Shops = Callable[[], Mapping[str, SandboxShop]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def control_app(world: World, shops: Shops, deliver: Callable[[], Awaitable[int]]) -> web.Application:
    """The application mounted under ``/_control``."""
    desk = _Desk(world, shops, deliver)
    app = web.Application(middlewares=[_loopback_only])
    app.add_routes(
        [
            web.get("/ledger", desk.ledger),
            web.get("/calls", desk.calls),
            web.post("/calls/reset", desk.reset_calls),
            web.get("/clock", desk.clock),
            web.post("/clock", desk.move_clock),
            web.get("/faults", desk.faults),
            web.post("/faults", desk.change_faults),
            web.post("/buy", desk.buy),
            web.post("/return", desk.take_back),
            web.post("/cancel", desk.cancel),
            web.post("/{verb:go_live|end_live|comment|message}", desk.view),
            web.post("/trade", desk.trade),
            web.post("/deliver_hooks", desk.deliver_hooks),
            web.post("/{verb:pay|ship|deliver|complete|fail_delivery|settle}", desk.move_order),
        ]
    )
    return app


def ledger_of(shops: Mapping[str, SandboxShop]) -> dict[str, dict[str, list[dict[str, object]]]]:
    """``platform/shop`` -> {"orders": [...], "listings": [...]}, times as ISO text: JSON-able, comparable by ==."""
    return {
        name: {
            "orders": [order_json(order) for order in shop.orders()],
            "listings": [dict(listing) for listing in shop.listings()],
        }
        for name, shop in shops.items()
    }


def order_json(order: SoldOrder) -> dict[str, object]:
    """One order of the book as JSON; ``refunds`` are {"at", "amount"}."""
    whole: dict[str, object] = {key: _plain(value) for key, value in asdict(order).items()}
    whole["refunds"] = [{"at": at.astimezone(UTC).isoformat(), "amount": amount} for at, amount in order.refunds]
    return whole


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def is_near(remote: str | None) -> bool:
    """Whether a peer is this machine itself."""
    try:
        return remote is not None and ipaddress.ip_address(remote).is_loopback
    except ValueError:
        return False


@web.middleware
async def _loopback_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_near(request.remote):
        raise web.HTTPForbidden
    try:
        return await handler(request)
    except SoldOut:
        return _answer({"error": "sold_out"}, status=409)
    except NotOffered:
        return _answer({"error": "not_offered"}, status=409)
    except (KeyError, TypeError, ValueError, JSONDecodeError) as error:
        return _answer({"error": "wrong_request", "detail": repr(error)}, status=400)


def _answer(content: object, status: int = 200) -> web.Response:
    return web.Response(
        body=dumps(content, ensure_ascii=False).encode(), status=status, content_type="application/json"
    )


class _Desk:
    """The handlers; each reads one JSON object."""

    def __init__(self, world: World, shops: Shops, deliver: Callable[[], Awaitable[int]]) -> None:
        self._world = world
        self._shops = shops
        self._deliver = deliver
        self._buyer: Buyer | None = None

    async def ledger(self, request: web.Request) -> web.Response:
        return _answer(ledger_of(self._shops()))

    async def calls(self, request: web.Request) -> web.Response:
        return _answer({"total": sum(self._world.calls.values()), "calls": dict(sorted(self._world.calls.items()))})

    async def reset_calls(self, request: web.Request) -> web.Response:
        self._world.calls.clear()
        return _answer({"total": 0})

    async def clock(self, request: web.Request) -> web.Response:
        return _answer({"now": self._world.clock.now().isoformat()})

    async def move_clock(self, request: web.Request) -> web.Response:
        """{"to": ISO time}. A clock never runs backwards; a real one does not move at all (409)."""
        moment = datetime.fromisoformat((await request.json())["to"])
        if moment.tzinfo is None:
            raise ValueError("to")
        if not isinstance(self._world.clock, ShiftedClock):
            return _answer({"error": "clock_is_real"}, status=409)
        self._world.clock.move_to(moment)
        return await self.clock(request)

    async def faults(self, request: web.Request) -> web.Response:
        faults = self._world.faults
        return _answer({"rates": asdict(faults.rates), "seed": faults.seed, "given": dict(faults.given)})

    async def change_faults(self, request: web.Request) -> web.Response:
        """{"rates": {...}, "seed": n}; rates that are not named are zero."""
        asked = await request.json()
        self._world.faults.change(Rates(**asked.get("rates", {})), int(asked.get("seed", 0)))
        return await self.faults(request)

    async def buy(self, request: web.Request) -> web.Response:
        """{"shop", "lines": [{"sku", "quantity", "gift"?}], "cod"?, "seller_voucher"?, "platform_voucher"?}."""
        asked = await request.json()
        order_id = self._shops()[asked["shop"]].place(
            _wants(asked["lines"]),
            cod=bool(asked.get("cod", False)),
            seller_voucher=int(asked.get("seller_voucher", 0)),
            platform_voucher=int(asked.get("platform_voucher", 0)),
        )
        return _answer({"order_id": order_id})

    async def move_order(self, request: web.Request) -> web.Response:
        """{"shop", "order_id"}."""
        asked = await request.json()
        getattr(self._shops()[asked["shop"]], request.match_info["verb"])(asked["order_id"])
        return _answer({"order_id": asked["order_id"]})

    async def cancel(self, request: web.Request) -> web.Response:
        """{"shop", "order_id", "lines"?}; without lines all of it."""
        asked = await request.json()
        wants = _wants(asked["lines"]) if "lines" in asked else None
        self._shops()[asked["shop"]].cancel(asked["order_id"], wants)
        return _answer({"order_id": asked["order_id"]})

    async def take_back(self, request: web.Request) -> web.Response:
        """{"shop", "order_id", "lines", "refund"}."""
        asked = await request.json()
        self._shops()[asked["shop"]].take_back(asked["order_id"], _wants(asked["lines"]), int(asked["refund"]))
        return _answer({"order_id": asked["order_id"]})

    async def view(self, request: web.Request) -> web.Response:
        """{"shop"} and {"title"}, {"live_id"}, {"about", "author", "text"} or {"author", "text"}."""
        asked = await request.json()
        shop = self._shops()[asked.pop("shop")]
        if not isinstance(shop, HasViewers):
            raise NotOffered
        return _answer({"id": getattr(shop, request.match_info["verb"])(**asked)})

    async def trade(self, request: web.Request) -> web.Response:
        """{"seed", "shops"?: [names], "orders_per_day"?, "most"?} hires a buyer; {} lets him do what is due now."""
        asked = await request.json()
        if "seed" in asked:
            known = self._shops()
            chosen = {name: known[name] for name in asked.get("shops", known)}
            habits = Habits(**{key: asked[key] for key in ("orders_per_day", "most") if key in asked})
            self._buyer = Buyer(self._world, chosen, int(asked["seed"]), habits)
        if self._buyer is None:
            raise ValueError("seed")
        done = self._buyer.step(self._world.clock.now())
        due = self._buyer.next_due()
        return _answer({"done": done, "next_due": due.isoformat() if due else None})

    async def deliver_hooks(self, request: web.Request) -> web.Response:
        return _answer({"tried": await self._deliver()})


def _wants(lines: list[dict[str, Any]]) -> list[Want]:
    return [Want(sku=line["sku"], quantity=int(line["quantity"]), gift=bool(line.get("gift", False))) for line in lines]
