"""The only place that asks what time it is.

Everything below takes ``now`` (aware, UTC) or ``today`` (local date, Asia/Ho_Chi_Minh) as an argument, or is
handed a :class:`Clock`. A shifted clock lets the demo and the tests live in any year and move on at will.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from hub.types import local_date


class Clock(Protocol):
    """Tells the time of the world the hub lives in."""

    def now(self) -> datetime:
        """Aware UTC time, microseconds."""
        ...


class RealClock:
    """The machine's time, or that of a world so far ahead or behind."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self._offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset


class ShiftedClock:
    """A world that starts at ``start`` and runs at real speed, or stands still when ``frozen``.

    ``move(delta)`` jumps ahead. Never runs backwards.
    """

    def __init__(self, start: datetime, *, frozen: bool = False) -> None:
        self._start = start.astimezone(UTC)
        self._zero = time.monotonic()
        self._frozen = frozen

    def now(self) -> datetime:
        if self._frozen:
            return self._start
        return self._start + timedelta(seconds=time.monotonic() - self._zero)

    def move(self, delta: timedelta) -> None:
        if delta < timedelta(0):
            raise ValueError("a clock never runs backwards")
        self._start += delta

    def move_to(self, moment: datetime) -> None:
        """Jump to ``moment`` unless it lies behind."""
        self.move(max(moment.astimezone(UTC) - self.now(), timedelta(0)))


def today(clock: Clock) -> date:
    """The local date (Asia/Ho_Chi_Minh)."""
    return local_date(clock.now())


def elapsed() -> float:
    """Monotonic seconds for measuring durations; has no relation to the world's time."""
    return time.monotonic()
