"""How one asks a WooCommerce site: pages, second questions, and lists that come emptier than they may be."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

from hub.connectors.api import Api, Reply
from hub.connectors.model import Broken, Result, ShopSettings
from hub.connectors.woocommerce.words import to_id
from hub.errors import Garbled, HubError, Refused, Vanished

API = "/wp-json/wc/v3"
PAGE = 100
"""Most elements of one page, and of one batch."""
TRIES = 3
"""So often is a list asked for that must not be as short as it came: caches and tired hosts send empty ones."""

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Site:
    """What goods and trade of a site have in common."""

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        self.api = api
        self.shop = shop

    async def each(self, ask: Callable[[M], Awaitable[T]], about: Sequence[M]) -> list[Result[T]]:
        """A second question about each; what went away meanwhile, or is not understood, is its own result."""

        async def one(thing: M) -> Result[T]:
            try:
                return await ask(thing)
            except (Vanished, Garbled, Refused) as error:
                return error

        return await asyncio.gather(*(one(thing) for thing in about))

    async def whole(
        self, model: type[list[T]], path: str, at_least: int, params: Mapping[str, object] | None = None
    ) -> list[T]:
        """A list of which the site itself said how long it is. A shorter one is not believed: Garbled."""
        found: list[T] = []
        for _ in range(TRIES):
            found = await self.api.read(model, "GET", path, params={"per_page": PAGE, **(params or {})})
            if len(found) >= min(at_least, PAGE):
                return found
        raise Garbled("remote_garbled", path=path, expected=at_least, got=len(found))


def lost(ids: Sequence[int], told: Sequence[Result[T]]) -> list[Broken]:
    """Elements about which the second question failed."""
    return [
        Broken(remote_id=to_id(number), path=str(error.facts.get("call", "")), sample="")
        for number, error in zip(ids, told, strict=True)
        if isinstance(error, HubError)
    ]


def next_page(number: int, reply: Reply[list[T]], count: int) -> str | None:
    """The next page's number; by the header, and where a cache strips it, by a full page."""
    pages = reply.headers.get("x-wp-totalpages", "")
    more = number < int(pages) if pages.isdigit() else count == PAGE
    return str(number + 1) if more else None
