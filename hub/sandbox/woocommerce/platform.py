"""The pretend WooCommerce: sites under ``/woocommerce/<shop key>``, REST at ``wp-json/wc/v3``, pages beside it.

A call goes the way WordPress takes it: sign-in errors, route, body, schema, permission, then the deed. Everything is
read from our fact sheet of WooCommerce 10.5.0 (2026-11-21); [KNOWN] marks what it does not say and we remember.
"""

import html
import json
from collections.abc import Iterable, Sequence

from aiohttp import web

from hub.clock import elapsed
from hub.sandbox.config import Woo, WooKey, WooShop
from hub.sandbox.faults import Fault
from hub.sandbox.kit import SandboxShop, World
from hub.sandbox.woocommerce import office, schema
from hub.sandbox.woocommerce.auth import Attempt, php_query
from hub.sandbox.woocommerce.hooks import Hooks
from hub.sandbox.woocommerce.resources import RESOURCES, Resource, batch
from hub.sandbox.woocommerce.shop import WooSandboxShop
from hub.sandbox.woocommerce.site import Site
from hub.sandbox.woocommerce.wire import (
    Call,
    Json,
    Wrong,
    answer,
    encode,
    list_answer,
    php_bool,
    php_params,
)

API = "wp-json/wc/v3/"
EDITS = ("POST", "PUT", "PATCH")
NO_ROUTE = ("rest_no_route", "No route was found matching the URL and request method.", 404)


class WooCommerce:
    """All sites of one sandbox."""

    id = "woocommerce"

    def __init__(self, config: Woo, world: World) -> None:
        self._world = world
        self._places = {shop.key: _Place(shop, config, world) for shop in config.shops}

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.route("*", "/{shop}/{rest:.*}", self._handle), web.route("*", "/{shop}", self._handle)]

    def shops(self) -> Sequence[SandboxShop]:
        return [place.shop for place in self._places.values()]

    def site(self, key: str) -> Site:
        """The site behind a shop, for tests that look inside."""
        return self._places[key].site

    async def deliver_due(self) -> int:
        """Run every site's action queue once."""
        if self._world.post is None:
            return 0
        return sum([await place.hooks.send() for place in self._places.values()])

    def call_name(self, request: web.Request) -> tuple[str, str]:
        rest = request.match_info.get("rest", "")
        path = "/".join("{id}" if part.isdecimal() else part for part in rest.rstrip("/").split("/"))
        return request.match_info["shop"], f"{request.method} /{path}"

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        """There are no tokens and no errors in a 200 here; lists can come falsely empty, failures in its own words."""
        rest = request.match_info.get("rest", "")
        if fault is Fault.EMPTY_PAGE and request.method == "GET" and _is_list(rest):
            return answer([], headers={"X-WP-Total": "0", "X-WP-TotalPages": "0"})
        if fault is Fault.ERROR_JSON:
            return answer(CRASH, status=500)
        return None

    async def _handle(self, request: web.Request) -> web.Response:
        place = self._places.get(request.match_info["shop"])
        if place is None:
            raise web.HTTPNotFound
        place.site.live_at(f"{request.scheme}://{request.host}/woocommerce/{place.config.key}")
        return await place.handle(request)


CRASH: Json = {
    "code": "internal_server_error",
    "message": "<p>There has been a critical error on this website.</p>",
    "data": {"status": 500},
}


class _Place:
    """One site with its hooks, its shop window and its way of answering."""

    def __init__(self, config: WooShop, woo: Woo, world: World) -> None:
        self.config = config
        self.site = Site(config, world, woo.categories)
        self.hooks = Hooks(self.site, f"WooCommerce/{woo.version} Hookshot (WordPress/{woo.wordpress})")
        self.shop = WooSandboxShop(self.site)
        self._woo = woo
        self._patience = config.calls_per_second
        self._asked = elapsed()

    async def handle(self, request: web.Request) -> web.Response:
        if self._tired():
            return web.Response(text="Too Many Requests", status=429)
        rest = request.match_info.get("rest", "")
        plain = request.query.get("rest_route", "")
        if plain.startswith("/wc/v3/"):
            rest = f"wp-json{plain}"
        elif not self.config.pretty_permalinks or not rest.startswith("wp-json"):
            return self._page(rest)
        if rest.rstrip("/") == "wp-json":
            return answer({"name": self.config.name, "home": self.site.home, "namespaces": ["wp/v2", "wc/v3"]})
        try:
            return await self._rest(request, rest, signs=not plain)
        except Wrong as wrong:
            return answer(wrong.json(), status=wrong.status)
        except ZeroDivisionError:
            return answer(CRASH, status=500)

    def _tired(self) -> bool:
        """The hosting's patience, a bucket of one second's worth; endless unless set."""
        rate = self.config.calls_per_second
        if not rate:
            return False
        now = elapsed()
        self._patience = min(rate, self._patience + (now - self._asked) * rate) - 1
        self._asked = now
        if self._patience < 0:
            self._patience += 1
            return True
        return False

    async def _rest(self, request: web.Request, rest: str, *, signs: bool) -> web.Response:
        query = php_query(request.query.items())
        key = self._sign_in(request, query) if signs else None  # plain permalinks: keys are never read (sheet 1)
        if not rest.startswith(API):
            raise Wrong(*NO_ROUTE)
        method = _method(request, query)
        path = tuple(rest.removeprefix(API).rstrip("/").split("/"))
        params = php_params(query) | await _body(request)
        address = f"{request.scheme}://{request.host}{request.path}"
        call = Call(method=method, path=path, params=params, query=query, address=address, now=self.site.now())
        return self._dispatch(call, key)

    def _sign_in(self, request: web.Request, query: Sequence[tuple[str, str]]) -> WooKey | None:
        forwarded = self.config.trust_forwarded_proto and request.headers.get("X-Forwarded-Proto") == "https"
        # A client of a pretended HTTPS site still calls http:// and signs that; behind a proxy it signs https://.
        scheme = "https" if forwarded else request.scheme
        attempt = Attempt(
            method=request.method,
            address=f"{scheme}://{request.host}{request.rel_url.raw_path}",
            secure=self.config.pretend_https or forwarded,
            query=query,
            authorization=request.headers.get("Authorization", ""),
        )
        return self.site.door.enter(attempt, int(self.site.now().timestamp()))

    def _dispatch(self, call: Call, key: WooKey | None) -> web.Response:
        ids = [int(part) for part in call.path if part.isdecimal()]
        shape = tuple("#" if part.isdecimal() else part for part in call.path)
        if shape in RESOURCES:
            return self._collection(RESOURCES[shape](self.site, self.hooks, ids), call, key)
        inner = RESOURCES.get(shape[:-1])
        if inner is not None and shape[-1] == "#":
            return self._single(inner(self.site, self.hooks, ids), ids[-1], call, key)
        if inner is not None and shape[-1] == "batch" and call.method in EDITS:
            resource = inner(self.site, self.hooks, ids)
            if resource.editable:
                _permit(key, "batch")
                return answer(batch(resource, call))
        return self._other(call, key)

    def _collection(self, resource: Resource, call: Call, key: WooKey | None) -> web.Response:
        match call.method:
            case "GET" | "HEAD":
                schema.check(resource.filters, {name: one for name, one in call.params.items() if one != ""})
                _permit(key, "view")
                return list_answer(call, resource.listed(call))
            case "POST":
                schema.check(resource.fields, call.params, resource.required)
                _permit(key, "create")
                return answer(resource.show(resource.create(call.params), call), status=201)
            case _:
                raise Wrong(*NO_ROUTE)

    def _single(self, resource: Resource, number: int, call: Call, key: WooKey | None) -> web.Response:
        if call.method in EDITS and resource.editable:
            schema.check(resource.fields, call.params)
            _permit(key, "edit")
            thing = resource.find(number, changing=True)
            body = {name: value for name, value in call.params.items() if name != "id"}
            return answer(resource.show(resource.update(thing, body), call))
        if call.method in ("GET", "HEAD"):
            _permit(key, "view")
            return answer(resource.show(resource.find(number), call))
        if call.method == "DELETE":
            _permit(key, "delete")
            force = php_bool(call.params.get("force", False))
            return answer(encode(resource.delete(resource.find(number), force=force)))
        raise Wrong(*NO_ROUTE)

    def _other(self, call: Call, key: WooKey | None) -> web.Response:
        if call.method not in ("GET", "HEAD"):
            raise Wrong(*NO_ROUTE)
        match call.path:
            case ("reports", "orders", "totals"):
                _permit(key, "view")
                return answer(office.order_totals(self.site))
            case ("reports", "sales"):
                _permit(key, "view")
                return answer(office.sales(self.site, call.params))
            case ("data", "currencies", code):
                _permit(key, "view")
                return answer(office.currency(code))
            case ("system_status",):
                _permit(key, "view")
                return answer(office.system_status(self.site, self._woo))
            case _:
                raise Wrong(*NO_ROUTE)

    def _page(self, rest: str) -> web.Response:
        """A page for people: the product behind a permalink, or the shop."""
        match rest.strip("/").split("/"):
            case ["product", slug] if slug in self.site.slugs:
                product = self.site.sellable(self.site.slugs[slug])
                if product is not None and product.status == "publish":
                    shown = product.json
                    body = f"<h1>{shown['name']}</h1><p>{shown['price']} ₫</p>{shown['description']}"
                    return _html(shown["name"], body)
            case [""]:
                shown_products = [one.json for one in self.site.products.values() if one.status == "publish"]
                links = "".join(f'<li><a href="{one["permalink"]}">{one["name"]}</a></li>' for one in shown_products)
                return _html(self.config.name, f"<h1>{html.escape(self.config.name)}</h1><ul>{links}</ul>")
        return _html("404", "<h1>404</h1>", status=404)


def _html(title: str, body: str, status: int = 200) -> web.Response:
    page = f"<!doctype html><html><head><title>{html.escape(title)}</title></head><body>{body}</body></html>"
    return web.Response(text=page, content_type="text/html", status=status)


def _permit(key: WooKey | None, deed: str) -> None:
    """Strangers may do nothing; an unknown key is a stranger (sheet 1)."""
    if key is None:
        raise Wrong(f"woocommerce_rest_cannot_{deed}", f"Sorry, you cannot {deed} this resource.", 401)


def _method(request: web.Request, query: Sequence[tuple[str, str]]) -> str:
    """A POST may stand for another method where proxies allow nothing else (sheet 4)."""
    if request.method != "POST":
        return request.method
    return (dict(query).get("_method") or request.headers.get("X-HTTP-Method-Override") or "POST").upper()


async def _body(request: web.Request) -> Json:
    """JSON or a form, by its content type; anything else is not looked at. Raises Wrong."""
    if request.method == "GET" or not request.can_read_body:
        return {}
    if request.content_type.endswith("json"):
        raw = await request.read()
        try:
            content = json.loads(raw) if raw else {}
        except ValueError:
            raise Wrong("rest_invalid_json", "Invalid JSON body passed.", 400) from None
        return content if isinstance(content, dict) else {}
    if request.content_type == "application/x-www-form-urlencoded":
        return php_params((str(name), str(value)) for name, value in (await request.post()).items())
    return {}


def _is_list(rest: str) -> bool:
    shape = tuple("#" if part.isdecimal() else part for part in rest.removeprefix(API).rstrip("/").split("/"))
    return rest.startswith(API) and shape in RESOURCES
