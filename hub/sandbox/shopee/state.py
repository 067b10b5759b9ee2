"""The nouns of one pretend shop and what it remembers. No rules here: the other modules act on this.

Times are Unix seconds of the world, money is whole dong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from hub.sandbox.kit import SoldLine, SoldOrder
from hub.sandbox.shopee.config import ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.wire import Json

SINGLE = 0
"""The model_id of an item without variants."""


@dataclass(kw_only=True, slots=True)
class Model:
    """What has a price and a stock. ``stock`` by location id; the only key is "" in a single-warehouse shop."""

    model_id: int
    sku: str
    price: int
    stock: dict[str, int]
    tier_index: tuple[int, ...] = ()
    sale_price: int | None = None  # in a promotion
    reserved: int = 0  # for a promotion; cannot be sold or undercut
    gtin: str = ""
    weight: float | None = None
    sold: int = 0

    @property
    def available(self) -> int:
        return sum(self.stock.values()) - self.reserved

    @property
    def buyer_price(self) -> int:
        return self.price if self.sale_price is None else self.sale_price


@dataclass(kw_only=True, slots=True)
class Option:
    """One choice of a tier."""

    name: str
    image_id: str = ""


@dataclass(kw_only=True, slots=True)
class Tier:
    """One of at most two dimensions of choice."""

    name: str
    options: list[Option]


@dataclass(kw_only=True, slots=True)
class Violation:
    """Why an item is banned, as get_item_violation_info tells it."""

    kind: str
    reason: str
    suggestion: str
    deadline: int
    at: int


@dataclass(kw_only=True, slots=True)
class Item:
    """A listing. ``body`` holds the business fields as add_item took them, without price, stock and status."""

    item_id: int
    body: Json
    status: str  # NORMAL, UNLIST, REVIEWING, BANNED, SELLER_DELETE, SHOPEE_DELETE
    created: int
    updated: int
    models: dict[int, Model]
    tiers: list[Tier] = field(default_factory=list)
    wanted: str = "NORMAL"  # what it becomes after review
    review_until: int = 0
    violation: Violation | None = None
    in_promotion: bool = False
    promotion: str = ""  # its kind, as orders show it
    gone_at: int = 0
    keys: frozenset[str] = frozenset()  # SKUs under which the shop finds it

    @property
    def name(self) -> str:
        return str(self.body["item_name"])

    @property
    def sku(self) -> str:
        return str(self.body.get("item_sku", ""))

    @property
    def has_models(self) -> bool:
        return SINGLE not in self.models

    @property
    def deleted(self) -> bool:
        return self.status in ("SELLER_DELETE", "SHOPEE_DELETE")

    def label(self, model: Model) -> str:
        """Model name as orders show it: option names joined by a comma."""
        return ",".join(tier.options[place].name for tier, place in zip(self.tiers, model.tier_index, strict=False))


@dataclass(kw_only=True, slots=True)
class Line:
    """A line of an order; prices are those of the moment of buying. ``book`` is its entry in the neutral ledger."""

    line_id: int
    item_id: int
    model_id: int
    item_name: str
    item_sku: str
    model_name: str
    model_sku: str
    image_url: str
    weight: float
    location: str
    original_price: int
    book: SoldLine
    gift: bool = False
    promotion: str = ""
    cancel_requested: int = 0
    return_requested: int = 0

    @property
    def active(self) -> int:
        return self.book.quantity - self.book.cancelled - self.book.returned


@dataclass(kw_only=True, slots=True)
class Order:
    """An order. ``book`` is the neutral ledger's entry, kept in step by orders.py."""

    sn: str
    number: int
    status: str
    created: int
    updated: int
    ship_by: int
    lines: list[Line]
    book: SoldOrder
    buyer: int
    package_number: str
    logistics: str = "LOGISTICS_NOT_START"
    before: str = ""  # the status to go back to when a wish is refused
    ready_at: int | None = None  # a cash order leaves UNPAID then
    paid: int | None = None
    picked_up: int | None = None
    tracking: str = ""
    tracked_at: int = 0  # the carrier's number is told from then on
    paper_at: int | None = None  # the label is READY then; None: nobody asked for one
    cancel_by: str = ""
    cancel_reason: str = ""
    buyer_cancel_reason: str = ""
    completed_scenario: str = ""
    returns: list[str] = field(default_factory=list)
    adjustments: list[tuple[int, int, str]] = field(default_factory=list)  # (when, dong, reason) after payout
    income: Json | None = None  # frozen at payout


@dataclass(kw_only=True, slots=True)
class Return:
    """One return of one order; an order may have several. ``items``: (line, units)."""

    sn: str
    order_sn: str
    status: str  # REQUESTED, ACCEPTED, CANCELLED, JUDGING, CLOSED, PROCESSING, SELLER_DISPUTE
    reason: str
    created: int
    updated: int
    refund: int
    scenario: str  # RRBOC before, RRAOC after completion
    items: list[tuple[Line, int]]
    done: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Transaction:
    """One entry of the wallet; ``amount`` is signed."""

    number: int
    kind: int
    at: int
    amount: int
    balance: int
    order_sn: str
    refund_sn: str = ""


class ShopState:
    """Everything one shop remembers. ``notify`` takes (push code, data, now)."""

    def __init__(
        self, settings: ShopeeShop, config: ShopeeConfig, ids: Iterator[int], notify: Callable[[int, Json, int], None]
    ) -> None:
        self.settings = settings
        self.config = config
        self.ids = ids  # shared by the shops: item and model ids are unique on the platform
        self.notify = notify
        self.numbers = count(1)
        self.items: dict[int, Item] = {}
        self.by_sku: dict[str, dict[int, Item]] = {}
        self.reviewing: dict[int, Item] = {}
        self.images: dict[str, str] = {}  # image_id -> address
        self.orders: dict[str, Order] = {}  # the one changed last comes last
        self.placed: list[Order] = []  # in order of placing
        self.cash: dict[str, Order] = {}  # waiting to leave UNPAID
        self.printing: dict[str, Order] = {}  # labels being made
        self.returns: dict[str, Return] = {}
        self.payouts: list[tuple[int, str, int]] = []  # (when, order_sn, dong)
        self.wallet: list[Transaction] = []
        self.holiday = False
        self.new_items: tuple[int, int] = (0, 0)  # (quota day, items added on it)

    @property
    def shop_id(self) -> int:
        return self.settings.shop_id

    def index(self, item: Item) -> None:
        """Find the item under its SKUs of now."""
        keys = frozenset(key for key in (item.sku, *(m.sku for m in item.models.values())) if key)
        for gone in item.keys - keys:
            self.by_sku[gone].pop(item.item_id, None)
        for new in keys - item.keys:
            self.by_sku.setdefault(new, {})[item.item_id] = item
        item.keys = keys

    def touch(self, order: Order, now: int) -> None:
        """The order has changed: last in the order of updates."""
        order.updated = now
        self.orders[order.sn] = self.orders.pop(order.sn)

    def tick(self, now: int) -> None:
        """What time alone brings: reviews end, deleted items fade away. Orders have their own (orders.tick)."""
        for item in [i for i in self.reviewing.values() if i.review_until <= now]:
            del self.reviewing[item.item_id]
            if item.status == "REVIEWING":
                item.status = item.wanted
                item.updated = now
