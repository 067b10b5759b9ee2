"""The pretend Tiki: OAuth under ``/sc/oauth2``, the API under ``/integration/<version>`` (sheet of 2026-11-21).

A call goes through: unreadable body, token (401), scope (403), pace (429), the owner's pause (HTTP 200 with a message),
the deed. Where the sheet is silent the wording is ours.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web

from hub.sandbox.faults import Fault
from hub.sandbox.kit import SandboxShop, World
from hub.sandbox.tiki import catalogue, orders
from hub.sandbox.tiki.auth import Auth, OAuthError
from hub.sandbox.tiki.config import TikiConfig
from hub.sandbox.tiki.shop import TikiSandboxShop
from hub.sandbox.tiki.state import Asked, Json, Queue, Refusal, Sale, Seller, State, moment

if TYPE_CHECKING:
    from hub.sandbox.config import SandboxConfig

Deed = Callable[["Call"], object]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

EVENT_TYPES = (
    "ORDER_CREATED_SUCCESSFULLY", "ORDER_STATUS_UPDATED", "PRODUCT_PRICE_UPDATED", "PRODUCT_MARKET_PRICE_UPDATED",
    "PRODUCT_INVENTORY_UPDATED",
)  # fmt: skip
PULL = 10
"""Events per pull; how many the real one gives is not known."""


class Call:
    """One call of one seller; ``queue_only`` apps have no seller."""

    def __init__(self, request: web.Request, body: Json, seller: Seller, now: datetime) -> None:
        self.request, self.body, self.seller, self.now = request, body, seller, now
        self.query = request.query

    def part(self, name: str) -> str:
        return self.request.match_info[name]

    def sale(self) -> Sale:
        sale = self.seller.sales.get(self.part("code"))
        if sale is None:
            raise Refusal(404, f"order {self.part('code')} is not found")
        return sale

    def includes(self, key: str) -> Sequence[str]:
        return self.query.get(key, "").split(",")


class Tiki:
    """All shops of one sandbox."""

    id = "tiki"

    def __init__(self, world: World, config: TikiConfig) -> None:
        self.world, self.config = world, config
        self.state = State(config=config, sellers={one.seller_id: Seller(config=one) for one in config.shops})
        self.auth = Auth(config, world.clock.now())
        self._shops = [TikiSandboxShop(self.state, one, world) for one in self.state.sellers.values()]
        self._faulty_updates = 0

    def shops(self) -> Sequence[SandboxShop]:
        return self._shops

    def shop(self, seller_id: int) -> TikiSandboxShop:
        return next(one for one in self._shops if one.seller.config.seller_id == seller_id)

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        base, order = "/integration", "/integration/v2/orders/{code}"
        deeds: Sequence[tuple[str, str, str, Deed]] = (
            ("GET", f"{base}/v2/sellers/me", "", self._me),
            ("GET", f"{base}/v2/sellers/me/warehouses", "", self._warehouses),
            ("GET", f"{base}/v2/categories", "", self._categories),
            ("GET", f"{base}/v2/categories/{{id}}/attributes", "product", self._attributes),
            ("GET", f"{base}/v2/attributes/{{id}}/values", "product", self._values),
            ("POST", f"{base}/v2.1/requests", "product", self._ask),
            ("GET", f"{base}/v2/requests", "product", self._requests),
            ("GET", f"{base}/v2/requests/{{id:[0-9]+}}", "product", self._request),
            ("DELETE", f"{base}/v2/requests/{{id:[0-9]+}}", "product", self._unask),
            ("POST", f"{base}/v2/requests/updateProductInfo", "product", self._ask_change),
            ("GET", f"{base}/v2/tracking/{{track}}", "product", self._tracking),
            ("POST", f"{base}/v2/tracking/{{track}}/replay", "product", self._tracking),
            ("GET", f"{base}/v2.1/products", "product", self._products),
            ("GET", f"{base}/v2.1/products/{{id:[0-9]+}}", "product", self._product),
            ("GET", f"{base}/v2/products/findBy", "product", self._find),
            ("POST", f"{base}/v2/products/updateOriginalSku", "product", self._resku),
            ("PUT", f"{base}/{{version:v2|v2.1}}/products/updateSku", "inventory", self._update),
            ("PUT", f"{base}/v2.1/products/updateSkus", "inventory", self._update_many),
            ("GET", f"{base}/v2/orders", "order", self._orders),
            ("GET", order, "order", self._order),
            ("GET", f"{base}/v2/seller-inventories", "order", self._inventories),
            ("POST", f"{order}/confirm-available", "order", self._confirm),
            ("GET", f"{order}/dropship/expected-pickup-times", "order", self._pickups),
            ("POST", f"{order}/dropship/confirm-available", "order", self._confirm_drop),
            ("POST", f"{order}/seller-delivery/update-delivery", "order", self._tell_delivery),
            ("GET", f"{order}/{{kind}}/labels", "order", self._label),
            ("POST", f"{base}/v1/queues/{{queue}}/subscriptions", "", self._subscribe),
        )
        return [
            web.get("/sc/oauth2/auth", self._consent),
            web.post("/sc/oauth2/token", self._token),
            web.post(f"{base}/v1/queues", self._by_app(self._open_queue)),
            web.post(f"{base}/v1/queues/{{queue}}/events/pull", self._by_app(self._pull)),
            *(web.route(method, path, self._guarded(scope, deed)) for method, path, scope, deed in deeds),
        ]

    # ---- doors -------------------------------------------------------------------------------------------------------

    def _guarded(self, scope: str, deed: Deed) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answered(request, scope, deed)

        return handle

    def _by_app(self, deed: Callable[[web.Request, Json], Json]) -> Handler:
        """By any token of the app: what belongs to whom is told apart at the subscription."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                body = await _body(request)
                if self.auth.who(request.headers.get("Authorization", ""), self.world.clock.now()) is None:
                    raise Refusal(401, "Unauthorized")
                return _json(deed(request, body), 200)
            except Refusal as refusal:
                return self._refused(refusal)

        return handle

    async def _answered(self, request: web.Request, scope: str, deed: Deed) -> web.Response:
        try:
            body = await _body(request)
            now = self.world.clock.now()
            grant = self.auth.who(request.headers.get("Authorization", ""), now)
            if grant is None:
                raise Refusal(401, "Unauthorized")
            if not grant.covers(scope):
                raise Refusal(403, f"scope {scope} is required")
            seller = self.state.sellers.get(grant.seller_id)
            if seller is None:
                raise Refusal(403, "the app is not connected to a seller")
            self._pace(seller, now)
            if seller.config.paused:
                return _json({"msg": "Kết nối đang tạm dừng", "integration_status": "paused"}, 200)
            catalogue.settle_all(self.state, seller, now)
            said = deed(Call(request, body, seller, now))
        except Refusal as refusal:
            return self._refused(refusal)
        return said if isinstance(said, web.Response) else _json(said, 200)

    def _refused(self, refusal: Refusal) -> web.Response:
        said: Json = {"errors": list(refusal.texts)}
        status = refusal.status
        if refusal.meta:  # the sheet does not know which status: every other one comes with 200
            said["meta"] = {"source": "meepo", "id": str(next(self.state.numbers))}
            self._faulty_updates += 1
            status = 200 if self._faulty_updates % 2 else status
        return _json(said, status)

    def _pace(self, seller: Seller, now: datetime) -> None:
        rate = self.config.calls_per_second
        if not rate:
            return
        at = now.timestamp()
        seller.asked_at = [one for one in seller.asked_at if one > at - 1]
        if len(seller.asked_at) >= rate:
            raise Refusal(429, "API rate limit exceeded")
        seller.asked_at.append(at)

    def call_name(self, request: web.Request) -> tuple[str, str]:
        resource = request.match_info.route.resource
        path = resource.canonical if resource is not None else request.path
        grant = self.auth.who(request.headers.get("Authorization", ""), self.world.clock.now())
        shop = str(grant.seller_id) if grant is not None and grant.seller_id else "-"
        return shop, f"{request.method} {path.removeprefix('/tiki')}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        """Tiki's ways to fail; a dead token changes the world and the call goes on."""
        lists = ("/orders", "/products", "/requests", "/warehouses", "/categories", "/attributes")
        if fault is Fault.TOKEN_EXPIRED:
            self.auth.forget(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if fault is Fault.EMPTY_PAGE and request.method == "GET" and request.path.endswith(lists):
            return _json({"data": [], "paging": _paging(0, 1, 20)}, 200)
        if fault is Fault.ERROR_IN_200 and "/integration/" in request.path:
            return _json({"errors": ["System error, please try again later"], "meta": {"source": "meepo"}}, 200)
        return None

    # ---- OAuth -------------------------------------------------------------------------------------------------------

    async def _consent(self, request: web.Request) -> web.StreamResponse:
        try:
            back = self.auth.consent(request.query, self.world.clock.now())
        except OAuthError as error:
            return _json(error.json(), error.status)
        raise web.HTTPFound(back)

    async def _token(self, request: web.Request) -> web.Response:
        if request.content_type != "application/x-www-form-urlencoded":
            return _json(OAuthError(400, "invalid_request", "The body must be a form.").json(), 400)
        form = {key: str(value) for key, value in (await request.post()).items()}
        try:
            said = self.auth.token(request.headers.get("Authorization", ""), form, self.world.clock.now())
        except OAuthError as error:
            return _json(error.json(), error.status)
        return _json(said, 200)

    # ---- the seller --------------------------------------------------------------------------------------------------

    def _me(self, call: Call) -> object:
        shop = call.seller.config
        return {
            "id": shop.seller_id, "name": shop.name, "active": int(shop.active), "logo": "",
            "operation_models": [shop.fulfillment], "can_update_product": 1, "registration_status": "completed",
            "live_at": "2025-01-05 08:00:00",
        }  # fmt: skip

    def _warehouses(self, call: Call) -> object:
        rows = [
            {"warehouse_id": where, "name": f"Kho {where}", "status": 1, "type": 1, "street": "1 Đường Mẫu"}
            for where in call.seller.config.warehouses
        ]
        return _page(call, rows)

    # ---- catalogue ---------------------------------------------------------------------------------------------------

    def _categories(self, call: Call) -> object:
        rows = catalogue.categories()
        if "parent" in call.query:
            rows = [one for one in rows if str(one["parent_id"]) == call.query["parent"]]
        if call.query.get("primary") == "1":
            rows = [one for one in rows if one["is_primary"]]
        name = call.query.get("name", "").casefold()
        return {"data": [one for one in rows if name in one["name"].casefold()]}

    def _attributes(self, call: Call) -> object:
        if call.part("id") not in {str(one["id"]) for one in catalogue.categories()}:
            raise Refusal(404, "category is not found")
        return {"data": catalogue.attributes()}

    def _values(self, call: Call) -> object:
        return {"data": [{"id": 1, "value": "OEM"}] if call.part("id") == "603" else []}

    def _ask(self, call: Call) -> object:
        asked = catalogue.ask(self.state, call.seller, call.body, call.now)
        return {"track_id": asked.track_id, "state": "queuing"}

    def _ask_change(self, call: Call) -> object:
        asked = catalogue.ask_change(self.state, call.seller, call.body, call.now)
        return {"track_id": asked.track_id, "state": "queuing"}

    def _requests(self, call: Call) -> object:
        include = call.query.get("include", "")
        told = [
            catalogue.request_json(self.state, call.seller, one, include, call.now)
            for one in call.seller.requests.values()
        ]
        wanted = call.query.get("state")
        return _page(call, [one for one in told if wanted in (None, "", one["state"])])

    def _asked(self, call: Call) -> Asked:
        asked = call.seller.requests.get(int(call.part("id")))
        if asked is None:
            raise Refusal(404, "request is not found")
        return asked

    def _request(self, call: Call) -> object:
        include = call.query.get("include", "")
        return catalogue.request_json(self.state, call.seller, self._asked(call), include, call.now)

    def _unask(self, call: Call) -> object:
        catalogue.take_back(call.seller, self._asked(call))
        return {"state": "deleted"}

    def _tracking(self, call: Call) -> object:
        track = call.part("track")
        asked = next((one for one in call.seller.requests.values() if one.track_id == track), None)
        if asked is None:
            raise Refusal(404, "track_id is not found")
        return catalogue.tracking(self.state, call.seller, asked, call.now)

    def _products(self, call: Call) -> object:
        includes = call.includes("include")  # ``includes`` is the detail's word: it does nothing here
        rows = [
            catalogue.product_json(self.config, one, includes, call.now)
            for one in call.seller.products.values()
            if call.query.get("active") in (None, str(one.active)) and call.query.get("name", "") in one.name
        ]
        return _page(call, rows)

    def _product(self, call: Call) -> object:
        product = call.seller.products.get(int(call.part("id")))
        if product is None:
            raise Refusal(404, "product is not found")
        return catalogue.product_json(self.config, product, call.includes("includes"), call.now, detail=True)

    def _find(self, call: Call) -> object:
        product = call.seller.by_sku(call.query.get("original_sku", ""))
        if product is None:
            raise Refusal(404, "product is not found")
        return catalogue.product_json(self.config, product, ("inventory",), call.now)

    def _resku(self, call: Call) -> object:
        product = catalogue.own(call.seller, {"product_id": call.body.get("product_id")})
        wanted = call.body.get("original_sku")
        if not isinstance(wanted, str) or call.seller.by_sku(wanted) is not None:
            raise Refusal(400, "Seller product code is not unique")
        product.original_sku = wanted
        return {"state": "approved"}

    def _update(self, call: Call) -> object:
        catalogue.update(self.state, call.seller, call.body, call.now)
        return {"state": "approved"}

    def _update_many(self, call: Call) -> object:
        for entry in call.body.get("data") or ():
            catalogue.update(self.state, call.seller, entry, call.now, batch=True)
        return {"state": "approved"}

    # ---- orders ------------------------------------------------------------------------------------------------------

    def _orders(self, call: Call) -> object:
        query = call.query
        found = [one for one in call.seller.sales.values() if _in_dates(one, query) and _chosen(call, one)]
        column, _, way = query.get("order_by", "created_at|desc").partition("|")
        found.sort(
            key=lambda one: (one.updated if column == "updated_at" else one.book.placed_at, one.number),
            reverse=way != "asc",
        )
        include = call.includes("include")
        return _page(call, [orders.order_json(call.seller, one, include) for one in found])

    def _order(self, call: Call) -> object:
        return orders.order_json(call.seller, call.sale(), call.includes("include"))

    def _inventories(self, call: Call) -> object:
        rows = [
            {"id": one, "name": f"Kho {one}", "address": "1 Đường Mẫu", "type": 1}
            for one in orders.inventories(call.seller)
        ]
        codes = call.query.get("tiki_warehouse_codes", "").split(",")
        mappings = [
            {"tiki_warehouse_code": code, "seller_inventory_ids": [one["id"] for one in rows]} for code in codes if code
        ]
        return {"seller_inventories": rows, "mappings": mappings}

    def _confirm(self, call: Call) -> object:
        orders.confirm(self.state, call.seller, call.sale(), call.body, call.now, drop=False)
        return self._order(call)

    def _confirm_drop(self, call: Call) -> object:
        orders.confirm(self.state, call.seller, call.sale(), call.body, call.now, drop=True)
        return self._order(call)

    def _pickups(self, call: Call) -> object:
        call.sale()
        return {"data": orders.pickup_times(call.now)}

    def _tell_delivery(self, call: Call) -> object:
        orders.tell_delivery(self.state, call.seller, call.sale(), call.body, call.now)
        return self._order(call)

    def _label(self, call: Call) -> object:
        sale = call.sale()
        if call.part("kind") != call.seller.config.fulfillment.replace("_", "-"):
            raise Refusal(404, "label is not found")
        if sale.status in ("queueing", "waiting_payment"):
            raise Refusal(400, f"order {sale.code} is not confirmed")
        return web.Response(text=f"<html><body>Phiếu giao hàng {sale.code}</body></html>", content_type="text/html")

    # ---- events ------------------------------------------------------------------------------------------------------

    def _open_queue(self, request: web.Request, body: Json) -> Json:
        code = f"queue-{next(self.state.numbers)}"
        self.state.queues[code] = Queue(code=code, name=str(body.get("name", "")))
        return {"code": code, "name": body.get("name"), "status": "ACTIVE"}

    def _subscribe(self, call: Call) -> object:
        queue = self.state.queues.get(call.part("queue"))
        kind = call.body.get("event_type")
        if queue is None:
            raise Refusal(404, "queue is not found")
        if kind not in EVENT_TYPES:
            raise Refusal(400, f"event_type {kind} is not supported")
        queue.types.setdefault(call.seller.config.seller_id, set()).add(str(kind))
        return {"queue_code": queue.code, "event_type": kind, "status": "ACTIVE"}

    def _pull(self, request: web.Request, body: Json) -> Json:
        """At least once, old to new: events leave the queue when the mark given out with them comes back."""
        queue = self.state.queues.get(request.match_info["queue"])
        if queue is None:
            raise Refusal(404, "queue is not found")
        known = queue.given.pop(str(body.get("ack_id")), 0)
        if known:
            del queue.events[:known]
            queue.given.clear()
        events = queue.events[:PULL]
        if events:
            queue.last = f"ack-{next(self.state.numbers)}"
            queue.given[queue.last] = len(events)
        return {"events": events, "ack_id": queue.last or None}


def tiki(config: "SandboxConfig", world: World) -> Tiki:
    """As the sandbox makes it."""
    return Tiki(world, config.tiki)


async def _body(request: web.Request) -> Json:
    raw = await request.read()
    if not raw:
        return {}
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "Can't read http message, please check your request")
    return found


def _json(said: object, status: int) -> web.Response:
    return web.json_response(said, status=status)


def _paging(total: int, page: int, limit: int) -> Json:
    first = (page - 1) * limit
    return {
        "total": total, "current_page": page, "from": first + 1 if total else 0, "to": min(first + limit, total),
        "per_page": limit, "last_page": -(-total // limit),
    }  # fmt: skip


def _page(call: Call, rows: Sequence[Json]) -> Json:
    """``last_page`` is 0 when there is nothing (sheet 4)."""
    try:
        page, limit = int(call.query.get("page", "1")), int(call.query.get("limit", "20"))
    except ValueError:
        raise Refusal(400, "page or limit is not a number") from None
    if page < 1 or not 1 <= limit <= 50:
        raise Refusal(400, "page should be >= 1 and limit between 1 and 50")
    return {"data": list(rows[(page - 1) * limit : page * limit]), "paging": _paging(len(rows), page, limit)}


def _in_dates(sale: Sale, query: Mapping[str, str]) -> bool:
    for name, at in (("created", sale.book.placed_at), ("updated", sale.updated)):
        low, high = query.get(f"{name}_from_date"), query.get(f"{name}_to_date")
        whole = at.replace(microsecond=0)
        if (low and whole < moment(low)) or (high and whole > moment(high)):
            return False
    return True


def _chosen(call: Call, sale: Sale) -> bool:
    """status, code, is_rma; a value, a list, or the set expression ``in|a,b`` / ``nin|a,b``."""
    values = {"status": sale.status, "code": sale.code, "fulfillment_type": call.seller.config.fulfillment}
    for name, value in values.items():
        asked = call.query.get(name)
        if not asked:
            continue
        found = re.fullmatch(r"(?:(in|nin)\|)?(.*)", asked)
        assert found is not None  # ``.*`` takes everything
        if (value in found[2].split(",")) == (found[1] == "nin"):
            return False
    wanted = call.query.get("is_rma")
    return wanted in (None, "") or (wanted == "1") == bool(sale.replacement_of)
