"""The base of every connector and the abilities it may have.

A connector implements the protocols that are true of its platform; the rest of the hub asks with ``isinstance``.
Every method that writes takes a sequence no longer than the manifest's batch limit and answers with one
:data:`~hub.connectors.model.Result` per element at the same place; it raises only when nothing could be said of any
element (:class:`~hub.errors.Unreachable`, :class:`~hub.errors.Throttled`, :class:`~hub.errors.Unauthorised`,
:class:`~hub.errors.Garbled`). Reads raise; they may be repeated.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from hub.connectors.api import Api, Dialect, Request
from hub.connectors.model import (
    Category,
    Change,
    Done,
    Draft,
    Hint,
    Listing,
    Manifest,
    Page,
    Placed,
    PriceTag,
    RemoteOrder,
    Result,
    Settlement,
    ShopCard,
    ShopSettings,
    StockLevel,
    Target,
    Tokens,
)
from hub.connectors.shipping import CancelReason, Label, Options, Shipped, Shipping
from hub.connectors.social import Attribution, Comment, Live, Notice, Post, Posted, Template
from hub.errors import RemoteError, Unreachable
from hub.types import RemoteId, Sku, fold


class Connector(ABC):
    """One shop on one platform. Made anew for each run; holds nothing but its Api and settings."""

    manifest: ClassVar[Manifest]
    dialect: ClassVar[Dialect]

    def __init__(self, api: Api, shop: ShopSettings) -> None:
        self.api = api
        self.shop = shop

    @abstractmethod
    async def check(self) -> ShopCard:
        """The cheapest signed call; names the shop."""


def _unsigned(request: Request, *_: object) -> Request:
    return request


def _nobody(status: int, headers: Mapping[str, str], body: bytes) -> RemoteError | None:
    return Unreachable(sent=False)


OFFLINE = Dialect(sign=_unsigned, judge=_nobody)
"""For channels without an interface (sheets, feeds): nobody to sign for, nobody who could answer."""


def shop_key(place: str, name: str) -> str:
    """The shop id of a channel that gives none: told apart by the place and by what people call it there."""
    return f"{place}/{fold(name)}"[:60]


@runtime_checkable
class Publishes(Protocol):
    """Puts listings on the platform and takes them off."""

    async def find(self, sku: Sku) -> Listing | None:
        """The listing that carries our SKU, hidden ones too; None when there is none. Looked up before a create."""
        ...

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Result[Placed]]: ...
    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]: ...
    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        """Hide from buyers, keep the listing and its ids."""
        ...


@runtime_checkable
class KeepsStock(Protocol):
    """Sets absolute stock; repeating is harmless."""

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]: ...


@runtime_checkable
class KeepsPrices(Protocol):
    """Sets prices; repeating is harmless."""

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]: ...


@runtime_checkable
class ReadsBack(Protocol):
    """Says what the channel really shows."""

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        """At most ``limits.read_batch`` ids; an id the platform does not know gives Vanished at its place."""
        ...

    async def listings(self, page: str | None) -> Page[Listing]:
        """A walk over everything in the shop, ours or not."""
        ...


@runtime_checkable
class TakesOrders(Protocol):
    """Tells orders changed in ``[since, until)``: told twice is harmless, lost is not.

    By cursor: oldest change first where the platform can. By page number: newest change first and without an upper
    bound, for what changes meanwhile then pushes the others back, to be told again, and draws none over a border.
    """

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]: ...
    async def order(self, remote_id: RemoteId) -> RemoteOrder: ...


@runtime_checkable
class ReportsMoney(Protocol):
    """Tells what was paid out in ``[since, until)``, with every fee as stated."""

    async def settlements(self, since: datetime, until: datetime, page: str | None) -> Page[Settlement]: ...


@runtime_checkable
class Fulfils(Protocol):
    """Sends orders out. What the platform does not let us do raises Refused with a code that says what a person does.

    ``pack`` is the step before the carrier is called, where the platform has one; harmless to repeat.
    """

    async def shipping_options(self, order: RemoteId) -> Options: ...
    async def pack(self, order: RemoteId) -> None: ...
    async def ship(self, shipping: Shipping) -> Shipped:
        """Call the carrier, or tell the platform the seller's own. Repeating for a shipped order gives the same."""
        ...

    async def label(self, order: RemoteId) -> Label:
        """Raises Refused("label_not_ready") while the platform is still making it."""
        ...

    async def cancel(self, order: RemoteId, reason: CancelReason) -> None:
        """All of it. An order that is cancelled already is fine; one that left raises Refused("order_state_wrong")."""
        ...


@runtime_checkable
class Posts(Protocol):
    """Puts posts on a page or account."""

    async def post(self, post: Post) -> Posted: ...
    async def posted(self, remote_id: RemoteId) -> Posted:
        """What the channel shows now. Raises Vanished."""
        ...


@runtime_checkable
class TakesPostsDown(Protocol):
    """Takes a post off the page again, where the platform lets us."""

    async def unpost(self, remote_id: RemoteId) -> None:
        """Nobody sees it any more. Repeating is harmless."""
        ...


@runtime_checkable
class ReadsComments(Protocol):
    """Comments under lives and posts, newest last."""

    async def lives(self, since: datetime, until: datetime, page: str | None) -> Page[Live]: ...
    async def comments(self, about: RemoteId, page: str | None) -> Page[Comment]: ...


@runtime_checkable
class AnswersComments(Protocol):
    """Speaks to those who commented."""

    async def reply(self, comment: RemoteId, text: str) -> None:
        """Privately. Raises Refused("reply_not_allowed") when the platform's window is over."""
        ...

    async def hide(self, comment: RemoteId) -> None: ...


@runtime_checkable
class HearsComments(Protocol):
    """Comments and chat by webhook."""

    @staticmethod
    def overhear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Sequence[Comment]:
        """The comments and messages of a delivery; none for other news. Bad signature: Unauthorised."""
        ...


@runtime_checkable
class SendsNotices(Protocol):
    """Messages by approved template."""

    async def templates(self) -> Sequence[Template]: ...
    async def send(self, notice: Notice) -> RemoteId: ...


@runtime_checkable
class ReportsLive(Protocol):
    """What the platform itself says of its lives, and which orders came from where."""

    async def lives(self, since: datetime, until: datetime, page: str | None) -> Page[Live]: ...
    async def attributions(self, since: datetime, until: datetime, page: str | None) -> Page[Attribution]: ...


@runtime_checkable
class Highlights(Protocol):
    """Pins a product in a running live."""

    async def highlight(self, live: RemoteId, listing: RemoteId) -> None: ...


@runtime_checkable
class HearsEvents(Protocol):
    """Verifies webhooks. Static: a delivery names its shop itself or arrives at the shop's own address."""

    @staticmethod
    def hear(body: bytes, headers: Mapping[str, str], *, url: str, secret: str) -> Hint | None:
        """A hint, or None for a delivery that is fine but says nothing (ping). Bad signature: Unauthorised."""
        ...

    async def subscribe(self, url: str, secret: str) -> None:
        """Make the platform deliver to ``url`` (idempotent; re-enables what the platform switched off)."""
        ...


@runtime_checkable
class KnowsCategories(Protocol):
    """Lists the platform's categories as this shop may use them."""

    async def categories(self) -> Sequence[Category]: ...


@runtime_checkable
class SignsIn(Protocol):
    """OAuth: a link for the owner, and the change of what comes back into tokens.

    ``state`` comes back with the owner and works once. ``app`` holds our keys on that platform and, in both calls,
    ``redirect`` (where the owner comes back to) and ``code_verifier`` where the manifest says PKCE
    (:func:`hub.connectors.wire.challenge`).
    """

    @staticmethod
    def sign_in_url(*, base_url: str, app: Mapping[str, str], redirect: str, state: str, now: datetime) -> str: ...

    @staticmethod
    async def exchange(api: Api, *, app: Mapping[str, str], answer: Mapping[str, str]) -> tuple[str, Tokens]:
        """(platform's shop id, tokens) for the query the owner came back with."""
        ...
