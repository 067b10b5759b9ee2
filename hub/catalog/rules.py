"""What certificates and the law allow on a given local day. Pure: the law and the day are arguments.

Two questions matter: may this product *claim* OCOP (:func:`can_claim_ocop`, gates G01 and G02), and may it be *sold*
(:func:`can_sell`, gates G03 to G08). A lapsed certificate bans the claim, not the sale.
"""

import calendar
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from hub.catalog.law import Alcohol, Law, Papers, on
from hub.catalog.model import Certificate, Sellable

State = Literal[
    "pending", "active", "window_open", "window_missed", "extended", "expired", "superseded", "revoked"
]  # fmt: skip
Standing = Literal["active", "expiring", "extended", "expired", "revoked", "pending"]

EXPIRING_DAYS = 180
"""What the office calls "expiring": so many days left or fewer (P06). A way of counting, not a legal rule."""


class Finding(NamedTuple):
    """A problem code and its facts; ``facts["gate"]`` names the gate (ocop.md section 13)."""

    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """``problems`` close the gate; ``warnings`` do not. ``certificate`` is the one that was looked at."""

    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...] = ()
    certificate: Certificate | None = None

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What the gates need to know of a place of sale."""

    ships: bool = True  # parcels; False: bookings are possible
    alcohol: bool = False
    verified_sellers_only: bool = False


# ---- days of a certificate ---------------------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """The same day of the month, or the last day of a shorter month (29 Feb 2024 + 36 is 28 Feb 2027)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def expires_on(decision_date: date, law: Law) -> date | None:
    """Last day in force of a certificate decided on this day. None: no rule is known for that day."""
    term = on(law.terms, decision_date)
    return None if term is None else add_months(decision_date, term.months)


def filing_window(certificate: Certificate, today: date, law: Law) -> tuple[date, date] | None:
    """First and last day, both included, to file for re-evaluation. None: no window rule applies today."""
    rule = on(law.filings, today)
    if rule is None:
        return None
    end = certificate.expires_on
    return end - timedelta(days=rule.opens_days), end - timedelta(days=rule.closes_days)


def last_day(certificate: Certificate, today: date, law: Law) -> date:
    """Last day in force, a documented extension included as far as the law of today lets it reach."""
    rule = on(law.extensions, today)
    if rule is None or certificate.extended_until is None or not certificate.extension_doc:
        return certificate.expires_on
    cap = certificate.expires_on + timedelta(days=rule.max_days)
    return max(certificate.expires_on, min(certificate.extended_until, cap))


def in_force(certificate: Certificate, today: date, law: Law) -> bool:
    """Looked at alone: decided, not revoked (the day of revocation no longer counts), not run out."""
    if certificate.revoked_on is not None and today >= certificate.revoked_on:
        return False
    return certificate.decision_date <= today <= last_day(certificate, today, law)


def latest_certificate(certificates: Iterable[Certificate], today: date) -> Certificate | None:
    """The last one decided up to today; a new decision supersedes the older for good, whatever becomes of it."""
    decided = [c for c in certificates if c.decision_date <= today]
    return max(decided, key=_order) if decided else None


def current_certificate(certificates: Iterable[Certificate], today: date, law: Law) -> Certificate | None:
    """The certificate that speaks for the product today, or None."""
    latest = latest_certificate(certificates, today)
    return latest if latest is not None and in_force(latest, today, law) else None


def _order(certificate: Certificate) -> tuple[date, int, str]:
    return certificate.decision_date, certificate.stars, certificate.id


def state(certificate: Certificate, siblings: Iterable[Certificate], today: date, law: Law) -> State:
    """Where a certificate stands in its life (ocop.md 3.3). ``siblings``: all certificates of the same product."""
    if certificate.revoked_on is not None and today >= certificate.revoked_on:
        return "revoked"
    if today < certificate.decision_date:
        return "pending"
    if any(c.decision_date <= today and _order(c) > _order(certificate) for c in siblings):
        return "superseded"
    if today > certificate.expires_on:
        return "extended" if today <= last_day(certificate, today, law) else "expired"
    window = filing_window(certificate, today, law)
    if window is None or today < window[0]:
        return "active"
    return "window_open" if today <= window[1] else "window_missed"


def standing(certificates: Collection[Certificate], today: date, law: Law) -> Standing | None:
    """How the office counts the product: by its latest certificate. None: it never had one."""
    latest = latest_certificate(certificates, today)
    if latest is None:
        return "pending" if certificates else None
    now = state(latest, (), today, law)
    if now in ("revoked", "expired", "extended"):
        return now
    return "expiring" if (latest.expires_on - today).days <= EXPIRING_DAYS else "active"


def possible_regimes(decision_date: date, law: Law) -> tuple[str, ...]:
    """Codes of the regimes a decision of this day can be under; which one it was is stored with the decision."""
    return tuple(regime.code for regime in law.regimes if regime.applies(decision_date))


# ---- the two gates -----------------------------------------------------------------------------------------------


def can_claim_ocop(sellable: Sellable, today: date, law: Law, *, shown: Collection[int] = ()) -> Verdict:
    """May name, stars and mark of OCOP be shown: G01 in force, G02 the stars ``shown`` are the certificate's."""
    latest = latest_certificate(sellable.certificates, today)
    problems = [] if latest is None else _lapsed(latest, today, law)
    if latest is None:
        problems.append(_finding("G01", "certificate_missing"))
    elif wrong := sorted({stars for stars in shown if stars != latest.stars}):
        problems.append(_finding("G02", "stars_differ", shown=wrong, stars=latest.stars))
    return Verdict(problems=tuple(problems), certificate=latest)


def _lapsed(latest: Certificate, today: date, law: Law) -> list[Finding]:
    facts = {"decision_no": latest.decision_no, "decision_date": latest.decision_date.isoformat()}
    if latest.revoked_on is not None and today >= latest.revoked_on:
        on_day = latest.revoked_on.isoformat()
        return [_finding("G01", "certificate_revoked", **facts, revoked_on=on_day, ground=latest.ground)]
    if not in_force(latest, today, law):
        return [_finding("G01", "certificate_expired", **facts, last_day=last_day(latest, today, law).isoformat())]
    return []


def can_sell(
    sellable: Sellable, today: date, law: Law, *, channel: Channel | None = None, verified: bool = True
) -> Verdict:
    """May it stand on a channel at all; ``channel`` None: on any. ``verified``: the seller's identity was checked."""
    day = _day(law, today)
    product = sellable.product
    problems: list[Finding] = []
    warnings: list[Finding] = []
    if not sellable.producer.active:
        problems.append(_finding("", "producer_inactive"))
    if not product.active:
        problems.append(_finding("", "product_inactive"))
    if product.set_no is None or not 1 <= product.set_no <= 26:
        problems.append(_finding("G03", "set_unknown"))
    else:
        for gate, code, papers in day.papers.get(product.set_no, ()):
            _check_papers(sellable, gate, code, papers, problems, warnings)
        problems.extend(_check_channel(sellable, product.set_no, day, channel))
    if day.sellers_verified and channel is not None and channel.verified_sellers_only and not verified:
        problems.append(_finding("G07", "seller_not_verified"))
    if day.reviewed and product.reviewed_at is None:
        problems.append(_finding("G08", "not_reviewed"))
    return Verdict(problems=tuple(problems), warnings=tuple(warnings))


def _check_papers(
    sellable: Sellable, gate: str, code: str, papers: Papers, problems: list[Finding], warnings: list[Finding]
) -> None:
    if missing := [name for name in papers.requires if not _HAS[name](sellable)]:
        problems.append(_finding(gate, code, missing=missing, legal_ref=papers.legal_ref))
    if missing := [name for name in papers.advises if not _HAS[name](sellable)]:
        warnings.append(_finding(gate, code, missing=missing, legal_ref=papers.legal_ref))


def _check_channel(sellable: Sellable, set_no: int, day: "_Day", channel: Channel | None) -> Iterable[Finding]:
    if set_no in day.services:
        if channel is not None and channel.ships:
            yield _finding("G03", "service_not_shipped", set_no=set_no)
        return
    if (rule := day.alcohol.get(set_no)) is not None:
        unknown = [v.sku for v in sellable.variants if v.abv_pct is None]
        if unknown or not sellable.variants:
            yield _finding("G06", "abv_missing", skus=unknown, legal_ref=rule.legal_ref)
        if channel is not None and not channel.alcohol:
            yield _finding("G06", "alcohol_not_on_channel", set_no=set_no)


@dataclass(frozen=True, kw_only=True)
class AlcoholLimits:
    """How an alcoholic drink may be sold. ``promotion``: feeds, live sessions, vouchers and advertisements."""

    cod: bool
    age_gate: int
    promotion: bool


def alcohol_limits(sellable: Sellable, today: date, law: Law) -> AlcoholLimits | None:
    """None: not an alcoholic drink. An unknown strength is treated as the strongest."""
    rule = None if sellable.product.set_no is None else _day(law, today).alcohol.get(sellable.product.set_no)
    if rule is None:
        return None
    weak = [v.abv_pct is not None and v.abv_pct < rule.promotion_below_abv for v in sellable.variants]
    return AlcoholLimits(cod=rule.cod, age_gate=rule.age_gate, promotion=bool(weak) and all(weak))


def _finding(gate: str, code: str, **facts: object) -> Finding:
    return Finding(code, {"gate": gate, **facts} if gate else facts)


_HAS: Mapping[str, Callable[[Sellable], bool]] = {
    "net_quantity": lambda s: bool(s.variants) and all(v.net_quantity for v in s.variants),
    "unit": lambda s: bool(s.variants) and all(v.unit for v in s.variants),
    "shelf_life": lambda s: s.product.shelf_life_months is not None,
    "storage": lambda s: bool(s.product.storage),
    "responsible_party": lambda s: bool(s.producer.name),
    "responsible_address": lambda s: bool(s.producer.address or s.producer.commune or s.product.commune),
    "ingredients": lambda s: bool(s.product.ingredients),
    "food_declaration": lambda s: bool(s.product.food_declaration),
    "ad_confirmation": lambda s: bool(s.product.ad_confirmation),
    "quality_certs": lambda s: bool(s.product.quality_certs),
    "trace_url": lambda s: bool(s.product.trace_url),
}
"""Where each fact of the law is found; the names are ``law.FACTS``."""


# ---- the law as it stands on one day, arranged by product set ----------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Day:
    papers: Mapping[int, tuple[tuple[str, str, Papers], ...]]  # set -> (gate, problem code, rule)
    alcohol: Mapping[int, Alcohol]
    services: frozenset[int]
    reviewed: bool
    sellers_verified: bool


@lru_cache(maxsize=64)  # a plan asks the same day 20,000 times
def _day(law: Law, today: date) -> _Day:
    papers: dict[int, tuple[tuple[str, str, Papers], ...]] = {}
    gates = (("G03", "label_incomplete", law.labels), ("G04", "food_papers_missing", law.foods),
             ("G05", "ad_confirmation_missing", law.advertising))  # fmt: skip
    for gate, code, rules in gates:
        for rule in rules:
            for number in rule.sets if rule.applies(today) else ():
                papers[number] = (*papers.get(number, ()), (gate, code, rule))
    return _Day(
        papers=papers,
        alcohol={number: rule for rule in law.alcohol if rule.applies(today) for number in rule.sets},
        services=frozenset(number for rule in law.services if rule.applies(today) for number in rule.sets),
        reviewed=on(law.reviews, today) is not None,
        sellers_verified=on(law.sellers, today) is not None,
    )


# ---- when to look again ------------------------------------------------------------------------------------------


def next_change(sellable: Sellable, today: date, law: Law) -> date | None:
    """The next local day after ``today`` on which a gate can change although nobody changes anything.

    That is: a certificate begins, ends, its extension ends or its revocation starts; or a rule of law begins or ends.
    May name a day on which nothing changes after all; never misses one on which something does.
    """
    days: set[date] = set(_turns(law))
    for c in sellable.certificates:
        days |= {c.decision_date, c.expires_on + timedelta(days=1)}
        days |= {last_day(c, day, law) + timedelta(days=1) for day in (today, c.expires_on)}
        if c.extended_until is not None:
            days.add(c.extended_until + timedelta(days=1))
        if c.revoked_on is not None:
            days.add(c.revoked_on)
    return min((day for day in days if day > today), default=None)


@lru_cache(maxsize=8)
def _turns(law: Law) -> frozenset[date]:
    acting = [rule for rule in law.rules() if not rule.suspended]
    begins = {rule.effective_from for rule in acting}
    return frozenset(begins | {rule.effective_to + timedelta(days=1) for rule in acting if rule.effective_to})
