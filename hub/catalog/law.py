"""The law as data: ``regimes.toml`` parsed once into frozen rules, each with its days and its source.

:func:`load` reads the file that ships with the package; :func:`parse` takes any text of the same shape, so that an
office can test tomorrow's rules today. The decisions themselves are in ``rules.py``, which is only handed a ``Law``.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, TypeVar

from hub.errors import Invalid

Level = Literal["district", "province", "ministry"]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When a rule applies and what it stands on. Both days are included; suspended rules apply on no day."""

    effective_from: date
    effective_to: date | None
    legal_ref: str
    suspended: bool

    def applies(self, day: date) -> bool:
        """Whether the rule binds on this local day."""
        if self.suspended or day < self.effective_from:
            return False
        return self.effective_to is None or day <= self.effective_to


@dataclass(frozen=True, kw_only=True)
class Regime(Rule):
    """Criteria under which products are ranked. ``parts`` are the points of parts A, B, C."""

    code: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Signer(Rule):
    """Which level signs the decision for how many stars."""

    levels: Mapping[int, Level]


@dataclass(frozen=True, kw_only=True)
class City(Rule):
    """A city that ranks as a province."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Bands(Rule):
    """Lowest total per star, the bands being half-open; below ``recognised_from`` there is no decision."""

    lowest: tuple[tuple[int, float], ...]  # (stars, lowest total), most stars first
    recognised_from: int
    ministry_from: int


@dataclass(frozen=True, kw_only=True)
class Term(Rule):
    """How long a certificate runs."""

    months: int


@dataclass(frozen=True, kw_only=True)
class Filing(Rule):
    """The window for a re-evaluation dossier, in days before the certificate ends; both ends are included."""

    opens_days: int
    closes_days: int


@dataclass(frozen=True, kw_only=True)
class Extension(Rule):
    """How far a certificate may be stretched, and up to which end date the clause was meant for."""

    max_days: int
    meant_until: date | None


@dataclass(frozen=True, kw_only=True)
class Revocation(Rule):
    """Grounds, and the days the authority has."""

    days: int
    grounds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Papers(Rule):
    """Facts a product of these sets must have (``requires``, blocks) or should have (``advises``, warns)."""

    sets: frozenset[int]
    requires: tuple[str, ...]
    advises: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alcohol(Rule):
    """Limits of strong and other alcoholic drinks. From ``promotion_below_abv`` on: no feeds, no live, no vouchers."""

    sets: frozenset[int]
    cod: bool
    age_gate: int
    promotion_below_abv: float


@dataclass(frozen=True, kw_only=True)
class Service(Rule):
    """Sets that are booked, not shipped."""

    sets: frozenset[int]


@dataclass(frozen=True, kw_only=True, eq=False)  # compared and hashed by identity: it is the key of the day cache
class Law:
    """Every rule the hub knows, past, present and suspended."""

    regimes: tuple[Regime, ...]
    signers: tuple[Signer, ...]
    cities: tuple[City, ...]
    bands: tuple[Bands, ...]
    terms: tuple[Term, ...]
    filings: tuple[Filing, ...]
    extensions: tuple[Extension, ...]
    revocations: tuple[Revocation, ...]
    labels: tuple[Papers, ...]
    foods: tuple[Papers, ...]
    advertising: tuple[Papers, ...]
    alcohol: tuple[Alcohol, ...]
    services: tuple[Service, ...]
    reviews: tuple[Rule, ...]
    sellers: tuple[Rule, ...]

    def rules(self) -> tuple[Rule, ...]:
        """All of them, in no order that means anything."""
        return (
            *self.regimes, *self.signers, *self.cities, *self.bands, *self.terms, *self.filings, *self.extensions,
            *self.revocations, *self.labels, *self.foods, *self.advertising, *self.alcohol, *self.services,
            *self.reviews, *self.sellers,
        )  # fmt: skip


R = TypeVar("R", bound=Rule)


def on(rules: tuple[R, ...], day: date) -> R | None:
    """The rule that applies on this day; of several, the one that began last."""
    fitting = [rule for rule in rules if rule.applies(day)]
    return max(fitting, key=lambda rule: rule.effective_from) if fitting else None


def parse(text: str) -> Law:
    """From TOML. Raises :class:`Invalid` (``law_malformed`` with table and reason) on a rule that is not one."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Invalid("law_malformed", table="", reason=str(error)) from error
    return Law(
        regimes=_each(document, "regime", lambda r, d: Regime(**d, code=r["code"], parts=tuple(r["parts"].items()))),
        signers=_each(document, "signer", lambda r, d: Signer(**d, levels=_levels(r["levels"]))),
        cities=_each(document, "city", lambda r, d: City(**d, name=r["name"])),
        bands=_each(document, "bands", _bands),
        terms=_each(document, "term", lambda r, d: Term(**d, months=int(r["months"]))),
        filings=_each(
            document, "filing",
            lambda r, d: Filing(**d, opens_days=int(r["opens_days"]), closes_days=int(r["closes_days"])),
        ),
        extensions=_each(
            document, "extension",
            lambda r, d: Extension(**d, max_days=int(r["max_days"]), meant_until=r.get("meant_until")),
        ),
        revocations=_each(
            document, "revocation", lambda r, d: Revocation(**d, days=int(r["days"]), grounds=tuple(r["grounds"]))
        ),
        labels=_each(document, "label", _papers),
        foods=_each(document, "food", _papers),
        advertising=_each(document, "advertising", _papers),
        alcohol=_each(document, "alcohol", _alcohol),
        services=_each(document, "service", lambda r, d: Service(**d, sets=frozenset(r["sets"]))),
        reviews=_each(document, "review", lambda r, d: Rule(**d)),
        sellers=_each(document, "seller", lambda r, d: Rule(**d)),
    )  # fmt: skip


def _each(document: Mapping[str, Any], table: str, make: Any) -> tuple[Any, ...]:
    made = []
    for row in document.get(table, ()):
        try:
            made.append(make(row, _days(row)))
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid("law_malformed", table=table, reason=repr(error)) from error
    return tuple(made)


def _days(row: Mapping[str, Any]) -> dict[str, Any]:
    first, last = row["effective_from"], row.get("effective_to")
    if not row["legal_ref"]:
        raise ValueError("legal_ref is empty")
    if last is not None and last < first:
        raise ValueError("effective_to lies before effective_from")
    return {
        "effective_from": first,
        "effective_to": last,
        "legal_ref": row["legal_ref"],
        "suspended": bool(row.get("suspended", False)),
    }


def _levels(row: Mapping[str, Level]) -> dict[int, Level]:
    return {int(stars): level for stars, level in row.items()}


def _bands(row: Mapping[str, Any], days: dict[str, Any]) -> Bands:
    lowest = sorted(((int(stars), float(total)) for stars, total in row["from"].items()), reverse=True)
    return Bands(
        **days,
        lowest=tuple(lowest),
        recognised_from=int(row["recognised_from"]),
        ministry_from=int(row["ministry_from"]),
    )


def _papers(row: Mapping[str, Any], days: dict[str, Any]) -> Papers:
    unknown = {*row["requires"], *row["advises"]} - FACTS
    if unknown:
        raise ValueError(f"unknown facts: {sorted(unknown)}")
    return Papers(**days, sets=frozenset(row["sets"]), requires=tuple(row["requires"]), advises=tuple(row["advises"]))


def _alcohol(row: Mapping[str, Any], days: dict[str, Any]) -> Alcohol:
    return Alcohol(
        **days,
        sets=frozenset(row["sets"]),
        cod=bool(row["cod"]),
        age_gate=int(row["age_gate"]),
        promotion_below_abv=float(row["promotion_below_abv"]),
    )


FACTS = frozenset(
    {
        "net_quantity", "unit", "shelf_life", "storage", "responsible_party", "responsible_address", "ingredients",
        "food_declaration", "ad_confirmation", "quality_certs", "trace_url",
    }
)  # fmt: skip
"""The facts a rule may ask for; ``rules.py`` knows where each is found."""


@lru_cache(maxsize=1)
def load() -> Law:
    """The law that ships with the package."""
    return parse(files("hub.catalog").joinpath("regimes.toml").read_text(encoding="utf-8"))
