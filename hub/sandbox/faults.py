"""Trouble by rate and seed: which call fails, and how. Pure decisions; the middleware in ``app.py`` acts.

The n-th call of one name meets the same fault in every run with the same seed, however calls of other names
fall in between: the draw hashes (seed, name, n) and remembers nothing else.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


class Fault(StrEnum):
    """What may go wrong with one call."""

    THROTTLED = "throttled"  # 429 with Retry-After; no effect
    THROTTLED_BARE = "throttled_bare"  # 429 without; no effect
    ERROR_JSON = "error_json"  # 5xx with a JSON body; no effect
    ERROR_HTML = "error_html"  # 5xx with a proxy's page; no effect
    ERROR_IN_200 = "error_in_200"  # only where the platform has such a thing; no effect
    LOST_ANSWER = "lost_answer"  # the effect happens, the connection closes without an answer
    SLOW = "slow"  # answers late
    TOKEN_EXPIRED = "token_expired"  # only where the platform has tokens
    EMPTY_PAGE = "empty_page"  # a list answers empty though it is not; only where the platform renders it


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Probabilities per call, drawn once: their sum stays at or below 1. Hook rates are per delivery."""

    throttled: float = 0.0
    throttled_bare: float = 0.0
    error_json: float = 0.0
    error_html: float = 0.0
    error_in_200: float = 0.0
    lost_answer: float = 0.0
    slow: float = 0.0
    token_expired: float = 0.0
    empty_page: float = 0.0
    hook_doubled: float = 0.0
    hook_reordered: float = 0.0
    hook_lost: float = 0.0
    slow_seconds: float = 0.2
    retry_after: int = 1  # seconds in the header of a 429

    def __post_init__(self) -> None:
        numbers = [getattr(self, f.name) for f in fields(self)]
        if any(n < 0 for n in numbers) or sum(getattr(self, fault.value) for fault in Fault) > 1 + 1e-9:
            raise ValueError("rates")


def draw(seed: int, name: str, nth: int) -> float:
    """A number in [0, 1) that belongs to the n-th event of that name."""
    digest = blake2b(f"{seed}\n{name}\n{nth}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def pick(rates: Rates, drawn: float) -> Fault | None:
    """The fault whose share of [0, 1) holds ``drawn``."""
    edge = 0.0
    for fault in Fault:
        edge += getattr(rates, fault.value)
        if drawn < edge:
            return fault
    return None


class Faults:
    """The faults of one sandbox: rates that can be changed while it runs, and a count of what was done."""

    def __init__(self, rates: Rates | None = None, seed: int = 0) -> None:
        self.given: Counter[Fault] = Counter()
        self.change(rates or Rates(), seed)

    def change(self, rates: Rates, seed: int) -> None:
        """New rates from now on; every name counts from one again."""
        self.rates = rates
        self.seed = seed
        self._seen: Counter[str] = Counter()
        self._quiet = not any(getattr(rates, fault.value) for fault in Fault)

    def decide(self, name: str) -> Fault | None:
        """The fault of the next call of that name."""
        if self._quiet:
            return None
        self._seen[name] += 1
        return pick(self.rates, draw(self.seed, name, self._seen[name]))

    def gave(self, fault: Fault) -> None:
        """Book a fault that really was answered."""
        self.given[fault] += 1

    def on_their_way(self, hooks: Sequence[T]) -> list[T]:
        """Webhooks as they arrive: some twice, some later than their followers, some never."""
        rates = self.rates
        arriving: list[tuple[float, int, T]] = []
        for place, hook in enumerate(hooks):
            self._seen["hook"] += 1
            nth = self._seen["hook"]
            if draw(self.seed, "hook lost", nth) < rates.hook_lost:
                continue
            late = draw(self.seed, "hook late by", nth) if self._hit("hook late", rates.hook_reordered, nth) else 0.0
            arriving.append((place + 5 * late, place, hook))
            if self._hit("hook doubled", rates.hook_doubled, nth):
                arriving.append((place + 8 * draw(self.seed, "hook again after", nth), place, hook))
        return [hook for _, _, hook in sorted(arriving, key=lambda one: one[:2])]

    def _hit(self, name: str, rate: float, nth: int) -> bool:
        return rate > 0 and draw(self.seed, name, nth) < rate
