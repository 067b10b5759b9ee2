"""What every pretend platform offers to the buyer, the ledger and the control address.

A sandbox platform is a class with ``id``, ``routes()`` and ``shops()``. A shop speaks these neutral verbs beside the
platform's own HTTP language, so that one buyer can shop everywhere and one ledger can be compared with the hub's.
The kit knows no connector: it is the second, independent reading of the fact sheets.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from aiohttp import web

from hub.clock import Clock
from hub.sandbox.faults import Fault, Faults

SoldState = Literal["unpaid", "placed", "shipped", "delivered", "completed", "cancelled", "failed_delivery"]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One thing a buyer can put into the basket now (live listing, stock > 0)."""

    sku: str
    title: str
    price: int  # dong, what the buyer sees
    stock: int


@dataclass(frozen=True, kw_only=True)
class Want:
    """A basket line. ``gift`` lines cost nothing."""

    sku: str
    quantity: int
    gift: bool = False


@dataclass(kw_only=True)
class SoldLine:
    """A line in the sandbox's own book; quantities only ever grow."""

    sku: str
    quantity: int
    unit_price: int  # dong, shown to the buyer
    charged: int  # dong for the whole line after the seller's discounts, before platform vouchers
    cancelled: int = 0
    returned: int = 0


@dataclass(kw_only=True)
class SoldOrder:
    """The sandbox's own book of one order, in the platform's id; the truth the hub must reach to the dong."""

    order_id: str
    state: SoldState
    placed_at: datetime
    lines: list[SoldLine]
    cod: bool = False
    seller_voucher: int = 0  # dong, funded by the seller, order level
    platform_voucher: int = 0
    shipping_fee: int = 0  # paid by the buyer
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    refunds: list[tuple[datetime, int]] = field(default_factory=list)  # (when, dong)
    fees: dict[str, int] = field(default_factory=dict)  # kind -> dong taken by the platform
    settled: int | None = None  # dong paid out; None: not yet
    settled_at: datetime | None = None


class SoldOut(Exception):
    """The platform's own stock check refused the buyer."""


class NotOffered(Exception):
    """The platform does not know this verb (partial cancellation in a web shop), or not in the order's state.

    Nothing happened; a buyer shrugs and goes on.
    """


class SandboxShop(Protocol):
    """One seller's account on a pretend platform, seen from the buyer's and the book-keeper's side."""

    key: str  # the platform's id of the shop, as text

    def offers(self) -> Sequence[Offer]: ...
    def place(
        self, wants: Sequence[Want], *, cod: bool = False, seller_voucher: int = 0, platform_voucher: int = 0
    ) -> str:
        """Order now; returns the order id. Raises SoldOut. Reduces the platform's stock as the platform does."""
        ...

    def pay(self, order_id: str) -> None: ...
    def ship(self, order_id: str) -> None: ...
    def deliver(self, order_id: str) -> None: ...
    def complete(self, order_id: str) -> None: ...
    def fail_delivery(self, order_id: str) -> None: ...
    def cancel(self, order_id: str, wants: Sequence[Want] | None = None) -> None:
        """All of it, or some units where the platform knows partial cancellation."""
        ...

    def take_back(self, order_id: str, wants: Sequence[Want], refund: int) -> None:
        """A finished return: goods back, ``refund`` dong to the buyer."""
        ...

    def settle(self, order_id: str) -> None:
        """The platform pays the seller out (nothing happens on a shop without a statement)."""
        ...

    def orders(self) -> Sequence[SoldOrder]: ...
    def listings(self) -> Sequence[Mapping[str, object]]:
        """{sku, remote_id, state, title, description, price, stock} of every listing, hidden ones too."""
        ...


@runtime_checkable
class HasViewers(Protocol):
    """A shop where people watch, comment and write: the viewer's verbs beside the buyer's. Unknown ids: KeyError."""

    def go_live(self, title: str) -> str:
        """A broadcast begins; its id."""
        ...

    def end_live(self, live_id: str) -> None: ...
    def comment(self, about: str, author: str, text: str) -> str:
        """Somebody writes under a live or a post; the comment's id."""
        ...

    def message(self, author: str, text: str) -> str:
        """Somebody writes to the shop in private; the message's id."""
        ...


class Platform(Protocol):
    """A pretend platform."""

    id: str

    def routes(self) -> Iterable[web.AbstractRouteDef]: ...
    def shops(self) -> Sequence[SandboxShop]: ...


@runtime_checkable
class NamesCalls(Protocol):
    """A platform that tells its calls apart better than by the path alone (for counts and faults)."""

    def call_name(self, request: web.Request) -> tuple[str, str]:
        """(shop key or "-", "METHOD /path/{id}")."""
        ...


@runtime_checkable
class SpeaksFaults(Protocol):
    """A platform with its own words for trouble."""

    def fault_answer(self, request: web.Request, fault: Fault) -> web.Response | None:
        """The platform's own way to fail so; None: the usual way for HTTP faults, nothing for platform faults.

        May change the world instead of answering: TOKEN_EXPIRED voids the token of the request and returns None.
        """
        ...


@runtime_checkable
class SendsHooks(Protocol):
    """A platform that posts webhooks; nothing leaves before somebody asks."""

    async def deliver_due(self) -> int:
        """Send what waits through ``World.post``; how many deliveries were tried."""
        ...


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One webhook on its way. The body is exactly what was signed."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


Post = Callable[[Delivery], Awaitable[int]]
"""Sends one delivery; the HTTP status that came back, 0 when none came."""


@dataclass(kw_only=True)
class World:
    """What the platforms of one sandbox share."""

    clock: Clock
    calls: dict[str, int] = field(default_factory=dict)  # "platform/shop/METHOD path" -> count
    faults: Faults = field(default_factory=Faults)
    post: Post | None = None  # None: webhooks wait
    base_url: str = "http://127.0.0.1"  # where this sandbox answers, without a platform's prefix

    def count(self, call: str) -> None:
        """One more call named ``platform/shop/METHOD path``."""
        self.calls[call] = self.calls.get(call, 0) + 1
