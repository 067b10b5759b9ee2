"""The neutral words between the hub and every platform: drafts, listings, orders, money. Pure.

All times are aware UTC, money is whole dong, text is NFC. ``None`` always means "the platform did not say".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, Literal, TypeAlias, TypeVar

from hub.errors import HubError
from hub.types import RemoteId, Sku, Vnd

# ---- what a connector says of itself -----------------------------------------------------------------------------


class Kind(StrEnum):
    """Channel kinds of reporting.md 2.1 that a connector can serve."""

    MARKETPLACE = "marketplace"
    SOCIAL_SHOP = "social_shop"
    OWN_SITE = "own_site"
    PROVINCIAL_PORTAL = "provincial_portal"
    FILE = "file"


@dataclass(frozen=True, kw_only=True)
class OAuthCode:
    """The owner is sent to the platform and comes back with a code that is changed for tokens."""

    access_seconds: int
    refresh_single_use: bool
    pkce: bool = False  # the code is changed for tokens only by whoever holds the verifier (RFC 7636)


@dataclass(frozen=True, kw_only=True)
class KeyPair:
    """The owner types in a key and a secret made in the platform's own settings."""


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """No credentials: files."""


Auth = OAuthCode | KeyPair | Nothing


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One thing the owner types in; draws the connect form. ``secret`` ones are stored sealed and never shown."""

    key: str
    label_vi: str
    label_en: str
    secret: bool = False
    example: str = ""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How fast we may call. ``source`` says where the figure comes from; without a source there is no limit."""

    per_second: float
    burst: int
    source: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Numbers of a platform, each with its source in the connector's docstring."""

    pace: Pace | None
    parallel: int = 4
    timeout_seconds: float = 30.0
    create_batch: int = 1
    update_batch: int = 1
    stock_batch: int = 1
    price_batch: int = 1
    read_batch: int = 50
    withdraw_batch: int = 50
    order_window_days: int | None = None  # widest window one order request may ask for
    sku_length: int = 60


Consequence = Literal["unreachable", "throttled", "unauthorised", "refused", "vanished", "garbled"]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a platform's error code means to us: an error class and one of our problem codes."""

    kind: Consequence
    problem: str
    refreshable: bool = False  # an unauthorised that a token refresh may heal


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How far a connector has been proven, said honestly."""

    rung: Literal["documented", "sandbox", "third-party client", "real"]
    checked: str  # ISO date
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Access:
    """How an owner gets access, page-ready: the steps in order, how many days it takes, where to begin.

    ``app_keys``: what the hub's operator must have in ``[apps.<connector>]`` before an owner can sign in.
    """

    steps_vi: tuple[str, ...]
    steps_en: tuple[str, ...]
    days: int = 0
    url: str = ""
    app_keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All that is true of a platform whoever the seller is."""

    id: str
    name: str
    kind: Kind
    base_url: str
    sandbox_url: str | None
    auth: Auth
    asks: tuple[Ask, ...]
    limits: Limits
    errors: Mapping[str, Verdict]
    proof: Proof
    docs: str
    access: Access | None = None
    order_url: str = ""  # where the seller sees an order: {base_url}, {order}, {shop}
    hook_keys: tuple[str, ...] = ()  # our app's keys that sign webhooks; the first that is set counts


@dataclass(frozen=True, kw_only=True)
class ShopSettings:
    """One shop as its connector sees it. ``values`` answers the manifest's non-secret asks; secrets stay in Api."""

    shop_id: str
    base_url: str
    remote_id: str = ""  # the platform's own id of the shop (Shopee shop_id), "" where there is none
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ShopCard:
    """What the cheapest signed call told of the shop."""

    remote_id: str
    name: str
    currency: str
    live: bool
    authorised_until: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    """What the connector wants to find in the shop's settings from now on, so that no run asks for it again."""


# ---- listings ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image of a product: bytes live in the hub under ``digest``; ``url`` is where a server may fetch it."""

    digest: str
    url: str


@dataclass(frozen=True, kw_only=True)
class DraftVariant:
    """One sellable unit as we want it shown. ``stock`` is what this shop may show, already buffered and capped."""

    sku: Sku
    price: Vnd
    stock: int
    label: str = ""  # option name where there is more than one variant
    gtin: str = ""
    weight_g: int = 0


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A listing as we want it. One product, one or more variants; ``sku`` groups them (the product's own key)."""

    sku: Sku
    title: str
    description: str  # plain text, paragraphs parted by a blank line
    category: str  # the platform's category id, from config/categories/<connector>.toml
    variants: tuple[DraftVariant, ...]
    pictures: tuple[Picture, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()  # our attribute name -> value, in order
    brand: str = ""
    short: str = ""  # one-line summary where the platform has a place for it
    visible: bool = True


FieldName = Literal["title", "description", "category", "pictures", "attributes", "visible", "short"]


class ListingState(StrEnum):
    """What a buyer meets."""

    LIVE = "live"
    HIDDEN = "hidden"
    REVIEWING = "reviewing"
    BANNED = "banned"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class ListedVariant:
    """A variant as the channel shows it."""

    remote_id: RemoteId
    sku: Sku
    price: Vnd | None
    stock: int | None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A listing as the channel shows it now."""

    remote_id: RemoteId
    sku: Sku
    state: ListingState
    title: str
    description: str  # plain text as far as the platform's markup can be undone
    variants: tuple[ListedVariant, ...]
    url: str = ""
    category: str = ""
    picture_ids: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    reason: str = ""  # why it is reviewing or banned, in the platform's words
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A create that the platform accepted: the ids it gave, per SKU for the variants."""

    sku: Sku
    remote_id: RemoteId
    variants: tuple[tuple[Sku, RemoteId], ...]
    picture_ids: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A listing that exists on the channel, by the ids we hold."""

    remote_id: RemoteId
    sku: Sku
    variants: tuple[tuple[Sku, RemoteId], ...]
    picture_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """Bring ``fields`` of an existing listing to what ``draft`` says; price and stock have their own way."""

    target: Target
    draft: Draft
    fields: frozenset[FieldName]


@dataclass(frozen=True, kw_only=True)
class StockLevel:
    """Absolute stock one variant shall show."""

    listing: RemoteId
    variant: RemoteId
    sku: Sku
    stock: int
    single: bool  # the listing has no variants on the platform


@dataclass(frozen=True, kw_only=True)
class PriceTag:
    """Price one variant shall show."""

    listing: RemoteId
    variant: RemoteId
    sku: Sku
    price: Vnd
    single: bool


@dataclass(frozen=True, kw_only=True)
class Done:
    """The platform said yes to one element of a batch (accepted, not yet confirmed)."""

    picture_ids: tuple[str, ...] = ()


T = TypeVar("T")

Result: TypeAlias = T | HubError
"""One element of a batch answer, at the same place as its question: the value or the expected failure."""


@dataclass(frozen=True, kw_only=True)
class Page(Generic[T]):
    """One page of a walk. ``next`` is the platform's token, None on the last page."""

    items: Sequence[T]
    next: str | None = None
    broken: Sequence["Broken"] = ()


@dataclass(frozen=True, kw_only=True)
class Broken:
    """One element that could not be understood; the others go on. ``sample`` is redacted."""

    remote_id: RemoteId
    path: str
    sample: str


# ---- orders ------------------------------------------------------------------------------------------------------


class OrderState(StrEnum):
    """States of reporting.md 0.1, in rank order; an order only moves forward."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED_DELIVERY = "failed_delivery"


@dataclass(frozen=True, kw_only=True)
class RemoteLine:
    """One line. ``charged`` is for the whole line after the seller's own discounts, before platform vouchers."""

    line_id: RemoteId
    sku: Sku | None
    listing: RemoteId | None
    variant: RemoteId | None
    title: str
    quantity: int
    unit_price: Vnd
    charged: Vnd
    cancelled: int = 0
    live_tag: bool = False  # the platform itself marks it as sold on a livestream
    affiliate: bool = False  # the platform itself marks it as brought by an affiliate


@dataclass(frozen=True, kw_only=True)
class RemoteRefund:
    """Money that went back to the buyer after delivery or in part; ``units`` by line id."""

    refund_id: RemoteId
    at: datetime
    amount: Vnd
    units: tuple[tuple[RemoteId, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemoteOrder:
    """An order as the platform tells it. No buyer's name, phone or street is ever read."""

    remote_id: RemoteId
    number: str
    state: OrderState
    placed_at: datetime
    updated_at: datetime
    lines: tuple[RemoteLine, ...]
    cod: bool = False
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    cancelled_at: datetime | None = None
    seller_voucher: Vnd = 0
    platform_voucher: Vnd = 0
    shipping_paid: Vnd = 0  # by the buyer
    province: str = ""  # of delivery, as the platform writes it
    refunds: tuple[RemoteRefund, ...] = ()
    test: bool = False
    native_state: str = ""  # the platform's own word


FeeKind = Literal[
    "commission",
    "payment",
    "service",
    "shipping",
    "voucher",
    "ads",
    "affiliate",
    "vat_withheld",
    "pit_withheld",
    "cit_withheld",
    "adjustment",
    "other",
]


@dataclass(frozen=True, kw_only=True)
class FeeLine:
    """Dong taken (positive) or given back (negative) by the platform, as stated, never computed."""

    kind: FeeKind
    amount: Vnd
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What the platform paid out for one order. ``amount`` = goods - fees as the statement says.

    ``statement_id`` is this payment's own within the shop: a later one with the same id replaces it. A statement that
    covers many orders is no such id.
    """

    statement_id: RemoteId
    order: RemoteId
    settled_at: datetime
    amount: Vnd
    fees: tuple[FeeLine, ...]


# ---- events ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Hint:
    """A verified webhook: something about ``object_id`` may have changed. Never a fact."""

    event_id: str
    kind: Literal["order", "listing", "authorisation", "other"]
    object_id: RemoteId
    shop_remote_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Category:
    """A platform category; only leaves take listings."""

    id: str
    parent: str
    name: str
    leaf: bool


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What OAuth gave. Both parts are secrets."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_until: datetime
    refresh_until: datetime | None = None
