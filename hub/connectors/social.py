"""The neutral words of social channels: posts, comments, chat, lives. Pure.

Whoever writes is known by a platform's own opaque id only; names and profile pictures are never read.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from hub.connectors.model import Picture
from hub.types import RemoteId, Sku, Vnd

# ---- posts -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post as we want it. ``link``: where to buy; ``key``: ours, so that an answer that was lost is found again."""

    key: str
    title: str
    text: str
    link: str = ""
    pictures: tuple[Picture, ...] = ()
    at: datetime | None = None  # the platform's own scheduling, where it has one; None: now


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What the platform answered: its id, where it can be seen, whether buyers see it already."""

    remote_id: RemoteId
    url: str = ""
    visible: bool = True
    title: str = ""
    text: str = ""
    note: str = ""  # the platform's own word for its state


# ---- comments and chat -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One comment under a post or a live, or one chat message. ``author``: the platform's opaque id."""

    remote_id: RemoteId
    about: RemoteId  # the live, the post, or the conversation
    author: RemoteId
    text: str = field(repr=False)  # may carry a phone number: never logged
    at: datetime
    hidden: bool = False
    kind: Literal["comment", "message"] = "comment"
    removed: bool = False
    shop_remote_id: str = ""  # the platform's id of the account, where one webhook address serves many
    told_at: datetime | None = None  # when the platform said so, where it tells: news may come out of order


@dataclass(frozen=True, kw_only=True)
class Live:
    """A broadcast on a platform, running or over. Figures are the platform's own; None: it did not say."""

    remote_id: RemoteId
    title: str
    state: Literal["planned", "live", "over"]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    viewers: int | None = None
    orders: int | None = None
    units: int | None = None
    revenue: Vnd | None = None  # as the platform counts it: never mixed with the hub's own


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """The platform says where an order, or one SKU of it, came from."""

    order: RemoteId
    sku: Sku | None
    source: Literal["live", "video", "showcase", "affiliate", "other"]
    live: RemoteId | None = None
    commission: Vnd | None = None


# ---- messages by template ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A message by an approved template (order confirmed, shipped). ``to``: the platform's user id, or a phone number
    that is handed in for this call only and stored nowhere.

    ``key`` is ours and comes back in receipts where the platform has them. It makes nothing safe to repeat: a second
    call sends and bills a second time, so one whose answer was lost stays unknown and is never sent again by itself.
    """

    key: str
    template: str
    to: str = field(repr=False)
    by: Literal["user", "phone"] = "user"
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class Template:
    """A template of the account: what it needs and whether it may be used now."""

    id: str
    name: str
    usable: bool
    fields: tuple[str, ...] = ()
    price: Vnd | None = None
