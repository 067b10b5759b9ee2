"""How fast we may call: GCRA, which says *when* the next call is due instead of yes or no.

One rule (:func:`reserve`), two pacers: :class:`LocalPacer` for one process, :class:`SharedPacer` for many, where a
store that all processes share hands out slots in small blocks. Time and sleep are handed in; seconds are monotonic
floats of the process (local) or relative to now (shared), never dates.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hub.connectors.model import Pace

HORIZON = 0.25
"""Seconds of slots one process takes from the shared store at a time: the store is asked about 4 times a second."""


def reserve(due: float, now: float, rate: float, burst: int, n: int = 1) -> tuple[float, float]:
    """Take ``n`` slots at ``rate`` a second with ``burst`` at once. -> (new ``due``, first).

    ``due`` is when the next slot would be due at the even rate (any past time at first). ``first`` is the time of the
    first slot taken minus ``now``, in seconds, negative when it lies in the past; slot ``i`` follows ``i / rate`` later
    and may be used from then on. Both pacers and the database function of the hub must agree with this.
    """
    step = 1 / rate
    due = max(due, now)
    return due + n * step, due - (burst - 1) * step - now


class LocalPacer:
    """Pace within one process."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._now = now
        self._sleep = sleep
        self._due: dict[str, float] = {}

    async def take(self, key: str, pace: Pace) -> None:
        """Wait for the next slot under ``key``."""
        self._due[key], first = reserve(self._due.get(key, 0.0), self._now(), pace.per_second, pace.burst)
        if first > 0:
            await self._sleep(first)


@dataclass(kw_only=True)
class _Block:
    """Slots one process holds: the next is usable at ``at`` (monotonic), ``left`` of them, none after ``until``."""

    at: float = 0.0
    left: int = 0
    until: float = 0.0
    size: int = 1
    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


Reserve = Callable[[str, float, int, int], Awaitable[float]]
"""(key, rate, burst, n) -> ``first`` of :func:`reserve`, against a due time that all processes share."""


class SharedPacer:
    """Pace across processes. Takes as many slots as calls seem to want, at most :data:`HORIZON` worth of them.

    Slots not used within the horizon are let go, so that an idle process never saves up a burst.
    """

    def __init__(
        self,
        reserve: Reserve,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._reserve = reserve
        self._now = now
        self._sleep = sleep
        self._blocks: dict[str, _Block] = {}

    async def take(self, key: str, pace: Pace) -> None:
        """Wait for the next slot under ``key``."""
        block = self._blocks.setdefault(key, _Block())
        step = 1 / pace.per_second
        block.waiting += 1
        try:
            async with block.lock:
                if block.left == 0 or self._now() > block.until:
                    await self._refill(key, pace, block)
                slot = block.at
                block.at += step
                block.left -= 1
        finally:
            block.waiting -= 1
        wait = slot - self._now()
        if wait > 0:
            await self._sleep(wait)

    async def _refill(self, key: str, pace: Pace, block: _Block) -> None:
        """A fifth of the horizon at once; calls that queue for slots yet to come show that more are wanted: twice as
        many as last time."""
        most = max(1, math.ceil(pace.per_second * HORIZON))
        pressed = block.left == 0 and self._now() < block.at
        n = block.size = min(most, max(block.waiting, 2 * block.size if pressed else most // 5, 1))
        first = await self._reserve(key, pace.per_second, pace.burst, n)
        now = self._now()
        block.at = now + first
        block.left = n
        block.until = max(now, block.at + (n - 1) / pace.per_second) + HORIZON
