"""The only place that knows the HTTP library."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from hub.connectors.wire import Answer, Request
from hub.errors import Garbled, Unauthorised, Unreachable

LARGEST = 64 * 1024 * 1024
"""Bytes of the largest answer we take."""


class HttpTransport:
    """One connection pool for the whole process. Redirects are answers, not orders."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def send(self, request: Request, timeout: float) -> Answer:
        try:
            response = await self._client.send(self._build(request, timeout), stream=True)
            try:
                return Answer(status=response.status_code, headers=response.headers, body=await _body(response))
            finally:
                await response.aclose()
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout) as error:
            raise Unreachable(sent=False, reason=type(error).__name__) from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise Unauthorised("shop_address_wrong", reason=type(error).__name__) from None
        except httpx2.HTTPError as error:
            raise Unreachable(sent=True, reason=type(error).__name__) from None

    def _build(self, request: Request, timeout: float) -> httpx2.Request:
        extensions = {"timeout": {"connect": min(timeout, 10.0), "read": timeout, "write": timeout, "pool": timeout}}
        headers = list(request.headers)
        if request.files:
            return self._client.build_request(
                request.method, request.url, headers=headers, data=dict(request.form), extensions=extensions,
                files=[(one.field, (one.name, one.content, one.content_type)) for one in request.files],
            )  # fmt: skip
        if request.form:  # application/x-www-form-urlencoded, the way of OAuth token endpoints
            return self._client.build_request(
                request.method, request.url, headers=headers, data=dict(request.form), extensions=extensions
            )
        if request.body is not None:
            headers.append(("Content-Type", "application/json"))
        return self._client.build_request(
            request.method, request.url, headers=headers, content=request.body, extensions=extensions
        )

    async def close(self) -> None:
        await self._client.aclose()


async def _body(response: httpx2.Response) -> bytes:
    """The whole body, unpacked, unless it is absurdly large."""
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > LARGEST:
            raise Garbled("remote_too_large", path="", limit=LARGEST)
        parts.append(part)
    return b"".join(parts)


def make_transport(*, connections: int = 64, user_agent: str = "ocop-hub") -> HttpTransport:
    """One client per process: a fresh one costs 18 ms, and an idle pool smaller than the pool closes what it needs."""
    for library in ("httpx2", "httpcore2"):  # they log whole URLs and headers, with signatures and tokens in them
        logging.getLogger(library).setLevel(logging.WARNING)
    client = httpx2.AsyncClient(
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        follow_redirects=False,
        headers={"User-Agent": user_agent, "Accept": "application/json"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # one client for all shops: none may tell another's
    )
    return HttpTransport(client)


async def resolve(host: str) -> Sequence[str]:
    """The addresses of a host by the system's resolver, for :class:`NetworkGuard`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]
