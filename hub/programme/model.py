"""Nouns of the programme. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A producer's contract with a modern channel that the hub does not measure. Days are local, both included."""

    id: str
    producer_id: str
    channel_kind: str
    partner: str
    signed_on: date
    ends_on: date | None = None
    note: str = ""

    def runs_on(self, day: date) -> bool:
        """Whether the contract is in force on ``day``."""
        return self.signed_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, kw_only=True)
class LiveSession:
    """One broadcast of selling on air. ``figures`` are the platform's own, as stated (viewers, orders, gmv ...).

    ``shop_id`` None: on a channel the hub has no shop of. ``producer_id`` None: the office's own broadcast.
    """

    id: str
    title: str
    started_at: datetime
    shop_id: str | None = None
    producer_id: str | None = None
    ended_at: datetime | None = None
    remote_id: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)
