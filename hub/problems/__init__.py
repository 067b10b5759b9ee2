"""Every problem code: how bad, who mends it, what happened and what to do. Words in two languages by gettext.

Code paths raise or keep ``code`` + ``facts``; people read :func:`render`. A code that is not here is a bug, and a test
looks for such codes in all of the hub. The English sentences are the message ids; Vietnamese lies in
``locale/vi/LC_MESSAGES/problems.po``. What intake says about rows of spreadsheets has a table of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hub import texts
from hub.problems.exchange import EXCHANGE
from hub.problems.files import FILES
from hub.problems.ground import GROUND
from hub.problems.labels import LABELS
from hub.problems.listings import LISTINGS
from hub.problems.office import OFFICE
from hub.problems.orders import ORDERS
from hub.problems.pages import PAGES
from hub.problems.prices import PRICES
from hub.problems.readiness import READINESS
from hub.problems.shops import SHOPS
from hub.problems.spec import ProblemSpec, Severity, Who
from hub.problems.talk import TALK

__all__ = ["LABELS", "PROBLEMS", "ProblemSpec", "Rendered", "Severity", "Who", "render"]

PROBLEMS: Mapping[str, ProblemSpec] = MappingProxyType(
    {**GROUND, **SHOPS, **LISTINGS, **OFFICE, **ORDERS, **FILES, **EXCHANGE, **PAGES, **PRICES, **READINESS, **TALK}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """A problem in a person's language. ``who`` is a key, for pages to show in their own words."""

    code: str
    severity: Severity
    who: Who
    what: str
    do: str


def render(code: str, facts: Mapping[str, object], language: str = texts.DEFAULT) -> Rendered:
    """A problem in words. Missing facts show as a dash. Raises LookupError for a code nobody described."""
    spec = PROBLEMS.get(code)
    if spec is None:
        raise LookupError(f"problem code without words: {code}")
    return Rendered(
        code=code,
        severity=spec.severity,
        who=spec.who,
        what=texts.say(spec.what, language, facts, LABELS),
        do=texts.say(spec.do, language, facts, LABELS),
    )
