"""How stars are won and who may say so: bands with minimums, signing levels, checks of what an officer enters. Pure.

Checks of a certificate answer warnings: real files hold transitional decisions, so nothing here rejects one. Checks of
an extension or a revocation answer problems, because the hub itself writes those.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from hub.catalog import rules
from hub.catalog.law import Bands, Law, Level, on
from hub.catalog.model import Certificate
from hub.catalog.rules import Finding
from hub.types import fold

Outcome = Literal["none", "recognise", "send_up"]


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """What a council's result comes to. ``send_up``: potential five stars, a state of the dossier and no class yet."""

    stars: int
    outcome: Outcome


def band(total: Decimal | float, bands: Bands) -> int:
    """Stars of a total by the half-open bands. Raises ValueError outside 0 to 100."""
    if not 0 <= total <= 100:
        raise ValueError(total)
    return next(stars for stars, lowest in bands.lowest if total >= lowest)


def stars(total: Decimal | float, unmet: Collection[int], bands: Bands) -> int:
    """``min(band(total), lowest unmet minimum - 1)``; ``unmet`` holds the stars whose minimum was missed."""
    return min([band(total, bands), *(minimum - 1 for minimum in unmet)])


def rank(
    total: Decimal | float, unmet: Collection[int], *, level: Level, day: date, law: Law, knocked_out: bool = False
) -> Ranking:
    """The outcome at one level. ``knocked_out``: forged or incomplete dossier, food-safety certificate missing."""
    bands = on(law.bands, day)
    if bands is None:
        raise ValueError(day)
    won = 0 if knocked_out else stars(total, unmet, bands)
    if won < bands.recognised_from:
        return Ranking(stars=won, outcome="none")
    if won >= bands.ministry_from and level != "ministry":
        return Ranking(stars=bands.ministry_from - 1, outcome="send_up")
    return Ranking(stars=won, outcome="recognise")


# ---- who signed --------------------------------------------------------------------------------------------------


def signing_level(issuer: str, day: date, law: Law) -> Level | None:
    """The level of an issuer as written in a registry: ``UBND huyện Kế Sách``, ``UBND TP. Sóc Trăng``, ``Bộ ...``.

    Whether a city ranks as a province depends on the day. None: the text does not tell.
    """
    words = fold(issuer).replace(".", " ").replace(",", " ").split()
    text = f" {' '.join(words)} "
    if " bo nong nghiep " in text or " thu tuong " in text or text.startswith(" bo "):
        return "ministry"
    if any(mark in text for mark in (" huyen ", " thi xa ", " tx ", " quan ")):
        return "district"
    if " tinh " in text:
        return "province"
    if " thanh pho " in text or " tp " in text:
        central = [fold(city.name) for city in law.cities if city.applies(day)]
        return "province" if any(text.rstrip().endswith(f" {name}") for name in central) else "district"
    return None


def check_certificate(certificate: Certificate, law: Law) -> tuple[Finding, ...]:
    """Warnings about a certificate as entered: signer, stars, regime and end date against the law of its day."""
    day = certificate.decision_date
    found: list[Finding] = []
    signer = on(law.signers, day)
    wanted = None if signer is None else signer.levels.get(certificate.stars)
    level = signing_level(certificate.issuer, day, law)
    if wanted is not None and level is not None and level != wanted:
        facts = {"stars": certificate.stars, "issuer": certificate.issuer, "level": level, "expected": wanted}
        found.append(Finding("signer_unusual", facts))
    bands = on(law.bands, day)
    if bands is not None and not bands.recognised_from <= certificate.stars <= bands.lowest[0][0]:
        found.append(Finding("stars_not_recognised", {"stars": certificate.stars}))
    possible = rules.possible_regimes(day, law)
    if certificate.regime and certificate.regime not in possible:
        found.append(Finding("regime_impossible", {"regime": certificate.regime, "possible": possible}))
    expected = rules.expires_on(day, law)
    if expected is not None and expected != certificate.expires_on:
        facts = {"expires_on": certificate.expires_on.isoformat(), "expected": expected.isoformat()}
        found.append(Finding("expiry_differs", facts))
    return tuple(found)


# ---- what an officer enters --------------------------------------------------------------------------------------


def check_extension(certificate: Certificate, until: date, document: str, today: date, law: Law) -> rules.Verdict:
    """May this extension be recorded. Never automatic: it needs a document and stays within the cap."""
    rule = on(law.extensions, today)
    problems: list[Finding] = []
    if not document.strip():
        problems.append(Finding("extension_needs_document", {}))
    if certificate.revoked_on is not None:
        problems.append(Finding("extension_of_revoked", {"revoked_on": certificate.revoked_on.isoformat()}))
    if until <= certificate.expires_on:
        problems.append(Finding("extension_too_short", {"expires_on": certificate.expires_on.isoformat()}))
    if rule is None:
        problems.append(Finding("extension_without_law", {"today": today.isoformat()}))
        return rules.Verdict(problems=tuple(problems), certificate=certificate)
    latest = certificate.expires_on + timedelta(days=rule.max_days)
    if until > latest:
        problems.append(Finding("extension_too_long", {"until": until.isoformat(), "latest": latest.isoformat()}))
    warnings: tuple[Finding, ...] = ()
    if rule.meant_until is not None and certificate.expires_on > rule.meant_until:
        warnings = (Finding("extension_beyond_transition", {"meant_until": rule.meant_until.isoformat()}),)
    return rules.Verdict(problems=tuple(problems), warnings=warnings, certificate=certificate)


def check_revocation(
    certificate: Certificate, revoked_on: date, ground: str, document: str, today: date, law: Law
) -> rules.Verdict:
    """May this revocation be recorded: a known ground, a document, a day within the certificate's life."""
    rule = on(law.revocations, today) or max(law.revocations, key=lambda r: r.effective_from)
    problems: list[Finding] = []
    if ground not in rule.grounds:
        problems.append(Finding("revocation_ground_unknown", {"ground": ground, "grounds": rule.grounds}))
    if not document.strip():
        problems.append(Finding("revocation_needs_document", {}))
    if revoked_on < certificate.decision_date:
        problems.append(Finding("revocation_too_early", {"decision_date": certificate.decision_date.isoformat()}))
    if certificate.revoked_on is not None:
        problems.append(Finding("revoked_already", {"revoked_on": certificate.revoked_on.isoformat()}))
    return rules.Verdict(problems=tuple(problems), certificate=certificate)


def revocation_due(concluded_on: date, law: Law) -> date | None:
    """Last day for the authority to decide, counted from the conclusion or the commune's confirmation."""
    rule = on(law.revocations, concluded_on)
    return None if rule is None else concluded_on + timedelta(days=rule.days)
