"""What a problem is: how bad, who mends it, and its two sentences in English (the message ids)."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["bad", "warn", "info"]
Who = Literal["producer", "office", "operator", "developer"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemSpec:
    """``what`` happened and what to ``do``, with ``{facts}``; ``who`` can mend it."""

    severity: Severity
    who: Who
    what: str
    do: str


def bad(who: Who, what: str, do: str) -> ProblemSpec:
    """Something does not work until somebody acts."""
    return ProblemSpec(severity="bad", who=who, what=what, do=do)


def warn(who: Who, what: str, do: str) -> ProblemSpec:
    """It works, but somebody should look."""
    return ProblemSpec(severity="warn", who=who, what=what, do=do)


def info(who: Who, what: str, do: str) -> ProblemSpec:
    """Said so that nobody wonders."""
    return ProblemSpec(severity="info", who=who, what=what, do=do)
