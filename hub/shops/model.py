"""Nouns of the shops. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ShopState = Literal["connected", "needs_owner", "paused", "disconnected"]


@dataclass(frozen=True, kw_only=True)
class Shop:
    """One seller's account on a platform. ``producer_id`` None: a portal that sells products of many producers.

    ``channel_kind`` is a kind of reporting.md 2.1. ``values`` answers the connector's non-secret asks. ``version``
    is part of every digest: raise it to roll settings out.
    """

    id: str
    platform: str
    name: str
    producer_id: str | None
    channel_kind: str
    base_url: str
    remote_id: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    state: ShopState = "connected"
    problem: str = ""  # why it needs its owner
    problem_facts: Mapping[str, object] = field(default_factory=dict)
    province_code: str = ""
    version: int = 1
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TokenClock:
    """When the shop's access and refresh tokens run out; never the tokens themselves."""

    shop_id: str
    access_until: datetime | None
    refresh_until: datetime | None
    refreshed_at: datetime | None
