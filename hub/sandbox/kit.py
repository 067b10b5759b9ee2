"""What every pretend platform offers to the buyer, the ledger and the control address.

A sandbox platform is a class with ``id``, ``routes()`` and ``shops()``. A shop speaks these neutral verbs beside the
platform's own HTTP language, so that one buyer can shop everywhere and one ledger can be compared with the hub's.
The kit knows no connector: it is the second, independent reading of the fact sheets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from aiohttp import web

from hub.clock import Clock

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


class Platform(Protocol):
    """A pretend platform."""

    id: str

    def routes(self) -> Iterable[web.AbstractRouteDef]: ...
    def shops(self) -> Sequence[SandboxShop]: ...


@dataclass(kw_only=True)
class World:
    """What the platforms of one sandbox share."""

    clock: Clock
    calls: dict[str, int] = field(default_factory=dict)  # "platform/shop/METHOD path" -> count
