"""Nouns of the synchronisation: bindings, commands as data, outcomes, runs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from hub.catalog.model import Sellable
from hub.connectors.model import Draft, FieldName, PriceTag, StockLevel, Target
from hub.shops.model import Shop
from hub.sync.prices import NOTHING, Prices
from hub.types import RemoteId, Sku, Vnd

# ---- what we know of a listing -----------------------------------------------------------------------------------


class BindingState(StrEnum):
    """``wanted -> creating -> sent -> accepted -> confirmed -> drifted``; the others are rests on the way."""

    HELD = "held"  # something must be fixed first; nothing was sent
    WANTED = "wanted"  # decided, not sent
    CREATING = "creating"  # about to be created, or the answer was lost: look before creating
    SENT = "sent"  # sent, answer lost
    ACCEPTED = "accepted"  # the platform said yes
    CONFIRMED = "confirmed"  # read back and equal
    DRIFTED = "drifted"  # read back and different
    ASK = "ask"  # waits for a person
    WITHDRAWN = "withdrawn"  # hidden by us, confirmed
    REPORTED = "reported"  # people say it stands there; nothing was read back, so it is never called synced


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A code of problems.py and the facts its words need."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


def once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The first of equals, in order."""
    kept: list[Problem] = []
    for one in problems:
        if one not in kept:
            kept.append(one)
    return tuple(kept)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the channel showed at the last read-back, reduced to what is compared."""

    state: str
    title: str
    description_digest: str
    prices: Mapping[Sku, Vnd | None]
    stocks: Mapping[Sku, int | None]


@dataclass(frozen=True, kw_only=True)
class Binding:
    """One product in one shop. ``content_key``/``price_key``/``stock_key`` digest what was last sent."""

    shop_id: str
    product_id: str
    state: BindingState
    remote_id: RemoteId | None = None
    variants: tuple[tuple[Sku, RemoteId], ...] = ()
    picture_ids: tuple[str, ...] = ()
    url: str = ""
    content_key: str = ""
    price_key: str = ""
    stock_key: str = ""
    visible: bool = True
    claims: bool = False  # the text sent carries an OCOP claim
    shown: Shown | None = None
    problems: tuple[Problem, ...] = ()
    confirmed_at: datetime | None = None
    try_after: datetime | None = None
    attempts: int = 0

    def target(self, sku: Sku) -> Target:
        """The listing by the ids we hold; only for bindings that have a remote id."""
        if self.remote_id is None:
            raise ValueError("no listing yet")
        return Target(remote_id=self.remote_id, sku=sku, variants=self.variants, picture_ids=self.picture_ids)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A product's own words for one platform, written by a person; "" leaves that part to the rule."""

    product_id: str
    platform: str
    title: str = ""
    description: str = ""
    edited_at: datetime
    edited_by: str


@dataclass(frozen=True, kw_only=True)
class PushView:
    """One snapshot of everything the planner needs for one shop."""

    shop: Shop
    sellables: tuple[Sellable, ...]
    bindings: Mapping[str, Binding]  # by product id
    prices: Prices = NOTHING
    cuts: Mapping[str, Cut] = field(default_factory=dict)  # edited words for this platform, by product id


# ---- commands ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Digests of what a command would bring the listing to."""

    content: str
    price: str
    stock: str


@dataclass(frozen=True, kw_only=True)
class Create:
    """Put a product that is not there yet."""

    product_id: str
    draft: Draft
    keys: Keys
    claims: bool


@dataclass(frozen=True, kw_only=True)
class Update:
    """Bring some fields of a listing to the draft. ``urgent``: claims fell away."""

    product_id: str
    target: Target
    draft: Draft
    fields: frozenset[FieldName]
    keys: Keys
    claims: bool
    urgent: bool = False


@dataclass(frozen=True, kw_only=True)
class SetStock:
    """Show absolute stock."""

    product_id: str
    levels: tuple[StockLevel, ...]
    key: str


@dataclass(frozen=True, kw_only=True)
class SetPrice:
    """Show prices."""

    product_id: str
    tags: tuple[PriceTag, ...]
    key: str


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """Hide a listing from buyers, for stated reasons."""

    product_id: str
    target: Target
    reasons: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Send nothing; these problems must be fixed first."""

    product_id: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A person must decide; ``product_id`` None: about the whole shop."""

    product_id: str | None
    reason: Problem


Command = Create | Update | SetStock | SetPrice | Withdraw | Hold | Ask

# ---- runs --------------------------------------------------------------------------------------------------------

RunResult = Literal["running", "ok", "partial", "refused", "unfinished", "failed"]
JobKind = Literal[
    "push",
    "pull",
    "money",
    "lives",
    "readback",
    "recount",
    "gates",
    "hint",
    "stock",
    "backfill",
    "sweep",
    "fulfil",
    "post",
    "comments",
]
Lane = Literal["now", "sales", "bulk"]
"""``now`` tells stock and takes claims down, ``sales`` brings orders home, ``bulk`` does what may take long."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of a job as people see it."""

    id: str
    shop_id: str | None
    kind: JobKind
    lane: Lane
    started_at: datetime
    ended_at: datetime | None
    result: RunResult
    done: int
    total: int
    calls: int
    problems: tuple[Problem, ...] = ()
    note: str = ""  # where it stopped


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much one run may spend; what is left waits for the next."""

    calls: int = 5000
    seconds: float = 1800.0


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long a lease lives without a sign of life, and when work that failed comes back: later each time.

    ``now`` and ``bulk`` are the first pauses: wrong stock and unknown orders may oversell with every minute.
    ``webhooks``: at most so often is a platform that fell silent asked to send them again.
    """

    lease: timedelta = timedelta(seconds=60)
    now: timedelta = timedelta(seconds=10)
    bulk: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=2)
    webhooks: timedelta = timedelta(hours=1)

    def pause(self, lane: Lane, attempts: int) -> timedelta:
        """Before the next try after ``attempts`` failures in a row (at least one)."""
        first = self.bulk if lane == "bulk" else self.now
        doubled: int = 2 ** min(max(0, attempts - 1), 20)
        return min(first * doubled, self.longest)
