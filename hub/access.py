"""Who may see and do what. Pure.

Every read that serves a person takes a :class:`Scope`; a function that forgets it cannot be called from the web.
"""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles of the hub; a person may hold several, each within a scope."""

    PRODUCER_OWNER = "producer_owner"
    PRODUCER_STAFF = "producer_staff"
    COMMUNE_OFFICER = "commune_officer"
    PROVINCE_OFFICER = "province_officer"
    PARTNER = "partner"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What one signed-in person may see. Empty fields mean "no limit of this kind" only when ``everything``."""

    everything: bool = False
    province_code: str = ""
    commune_code: str = ""
    producer_id: str = ""

    def allows_producer(self, *, producer_id: str | None, province_code: str, commune_code: str) -> bool:
        """Whether figures of this producer may be shown."""
        if self.everything:
            return True
        if self.producer_id:
            return producer_id == self.producer_id
        if self.commune_code:
            return commune_code == self.commune_code
        return bool(self.province_code) and province_code == self.province_code


WHOLE_HUB = Scope(everything=True)
"""The operator's own view; commands on the machine run with it."""

_MAY: dict[str, frozenset[Role]] = {
    "see_sales": frozenset(Role),
    "run_jobs": frozenset({Role.OPERATOR, Role.ADMIN, Role.PRODUCER_OWNER}),
    "import_registry": frozenset({Role.PROVINCE_OFFICER, Role.ADMIN}),
}


def may(role: Role, action: str) -> bool:
    """Whether ``role`` may do ``action`` inside its scope. An unknown action is a KeyError: a bug."""
    return role in _MAY[action]
