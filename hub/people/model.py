"""Nouns of the people. Pure."""

from dataclasses import dataclass
from datetime import datetime

from hub.access import Role, Scope


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Somebody who is signed in: what they may see and do, in which language, until when."""

    role: Role
    scope: Scope
    language: str
    until: datetime
