"""The world of the pretend Tiki: shops with products, requests, orders, events. No HTTP here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hub.sandbox.kit import SoldOrder
from hub.sandbox.tiki.config import TikiConfig, TikiShop
from hub.types import LOCAL

Json = dict[str, Any]

PENDING = (
    (0.05, "queuing"),
    (0.2, "processing"),
    (0.4, "drafted"),
    (0.6, "bot_{}_approve"),
    (0.8, "md_{}_approve"),
    (1.0, "awaiting_approve"),
)
"""Share of the review's time until which a request is in that state."""


class Refusal(Exception):
    """An answer that says no; ``meta`` ones carry Tiki's trace id beside the texts."""

    def __init__(self, status: int, *texts: str, meta: bool = False) -> None:
        super().__init__(texts)
        self.status, self.texts, self.meta = status, texts, meta


@dataclass(kw_only=True)
class Product:
    """A seller's product: one variant. ``group`` holds the content all variants of one request share."""

    product_id: int
    group: "Group"
    original_sku: str
    price: int
    active: int
    stock: dict[int, int]  # warehouse -> available
    reserved: dict[int, int]
    option: str = ""
    hidden: bool = False
    created: datetime
    updated: datetime
    shown_stock: list[tuple[datetime, dict[int, int]]] = field(default_factory=list)

    def sellable(self) -> int:
        return sum(self.stock.values()) - sum(self.reserved.values())

    @property
    def name(self) -> str:
        return f"{self.group.name} - {self.option}" if self.option else self.group.name

    def visible_stock(self, now: datetime, lag: float) -> dict[int, int]:
        """Available as told: what was set within the lag is not seen yet."""
        seen = [stock for at, stock in self.shown_stock if at + timedelta(seconds=lag) <= now]
        return self.stock if lag == 0 or not self.shown_stock else (seen[-1] if seen else self.shown_stock[0][1])


@dataclass(kw_only=True)
class Group:
    """What Tiki calls the super product."""

    super_id: int
    name: str
    description: str
    category_id: int
    attributes: Json
    images: list[str]
    option_attributes: list[str]


@dataclass(kw_only=True)
class Asked:
    """A request: a new product, or (``product_id``) other content for one that stands."""

    track_id: str
    request_id: int
    at: datetime
    body: Json
    product_id: int = 0
    verdict: str = ""  # "approved" or "rejected" once it is final, "deleted" when taken back
    reason: str = ""
    products: list[int] = field(default_factory=list)


@dataclass(kw_only=True)
class Sale:
    """An order and its page in the sandbox's own book."""

    number: int
    code: str
    status: str
    book: SoldOrder
    products: list[Product]
    gifts: list[bool]
    coupons: list[int]  # seller's, per line
    others: list[int]  # Tiki's, per line
    fees: list[int]  # per line, told after delivery only
    warehouse: int
    histories: list[tuple[str, datetime]]
    updated: datetime
    confirmed: str = "waiting"  # waiting | seller_confirmed | seller_canceled
    replacement_of: str = ""

    @property
    def delivered(self) -> bool:
        return any(status in ("successful_delivery", "complete") for status, _ in self.histories)


@dataclass(kw_only=True)
class Queue:
    """An event queue: events wait until the mark that was given out with them comes back."""

    code: str
    name: str
    types: dict[int, set[str]] = field(default_factory=dict)  # seller -> event types
    events: list[Json] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)  # ack_id -> how many events it acknowledges
    last: str = ""


@dataclass(kw_only=True)
class Seller:
    """One shop's world."""

    config: TikiShop
    products: dict[int, Product] = field(default_factory=dict)
    requests: dict[int, Asked] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    asked_at: list[float] = field(default_factory=list)

    def by_sku(self, sku: str) -> Product | None:
        return next((one for one in self.products.values() if one.original_sku == sku), None)


@dataclass(kw_only=True)
class State:
    """All shops."""

    config: TikiConfig
    sellers: dict[int, Seller]
    queues: dict[str, Queue] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(500_101))

    def tell(self, seller: Seller, kind: str, payload: Json, now: datetime) -> None:
        """Put an event into every queue whose seller subscribed to it."""
        for queue in self.queues.values():
            if kind in queue.types.get(seller.config.seller_id, ()):
                queue.events.append(
                    {
                        "id": f"e{next(self.numbers)}",
                        "sid": str(seller.config.seller_id),
                        "created_at": int(now.timestamp() * 1000),
                        "type": kind,
                        "version": "v1",
                        "payload": payload,
                    }
                )


def stamp(moment: datetime | None) -> str | None:
    """Vietnam's wall clock without a zone, as Tiki writes times."""
    return None if moment is None else moment.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")


def moment(text: str) -> datetime:
    """The inverse. Raises Refusal."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=LOCAL)
    except ValueError:
        raise Refusal(400, f"date {text} is not valid, expected yyyy-MM-dd HH:mm:ss") from None
