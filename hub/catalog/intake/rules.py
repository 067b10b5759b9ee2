"""What the law (``regimes.toml``) says about a row's certificate, for quick repeated asking. Pure."""

from datetime import date, timedelta
from functools import lru_cache

from hub.catalog import law, recognition
from hub.catalog import rules as certificates
from hub.types import fold

PROGRAMME_BEGAN = date(2018, 5, 7)  # Decision 490/QĐ-TTg of 2018
_LONGEST = timedelta(days=180)


@lru_cache(maxsize=16_384)
def expiry(decided: date) -> date:
    """The last day in force. Before the first rule known the first one is applied."""
    book = law.load()
    term = law.on(book.terms, decided) or min(book.terms, key=lambda t: t.effective_from)
    return certificates.add_months(decided, term.months)


@lru_cache(maxsize=16_384)
def regime_of(decided: date) -> str:
    """The regime a decision date belongs to; empty where several fit: then the decision itself must say."""
    possible = certificates.possible_regimes(decided, law.load())
    return possible[0] if len(possible) == 1 else ""


@lru_cache(maxsize=16_384)
def level_fits(stars: int, decided: date, issuer: str, decision_no: str) -> bool:
    """Whether the signing level fits stars and date. Transitional decisions exist: a misfit is a warning only."""
    book = law.load()
    signer = law.on(book.signers, decided)
    wanted = signer.levels.get(stars) if signer else None
    number = fold(decision_no)
    level = "ministry" if "qd-bnn" in number else recognition.signing_level(issuer, decided, book) if issuer else None
    if level is None:
        return not (wanted == "ministry" and number.endswith("qd-ubnd"))
    return wanted is None or level == wanted


@lru_cache(maxsize=4_096)
def extension_limit(expires: date) -> date:
    """The last day an extension may reach."""
    rule = law.on(law.load().extensions, expires)
    return expires + (timedelta(days=rule.max_days) if rule else _LONGEST)


@lru_cache(maxsize=4_096)
def score_fits(stars: int, score: float, decided: date) -> bool:
    """Whether a score can carry the stars; more points than the band are possible (unmet minimums), fewer are not."""
    bands = law.on(law.load().bands, decided)
    if bands is None:
        return True
    return 0 <= score <= 100 and recognition.band(score, bands) >= stars
