"""The days a page of figures is about. Pure: the address's words in, local days out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hub.errors import Invalid
from hub.types import Period, day_period


@dataclass(frozen=True, kw_only=True)
class Span:
    """Local days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def month(self) -> str:
        """``2026-11`` when it is exactly a calendar month, else ""."""
        return f"{self.first:%Y-%m}" if self == month_of(self.first) else ""

    @property
    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    @property
    def period(self) -> Period:
        return day_period(self.first, self.last)

    @property
    def filters(self) -> Mapping[str, object]:
        """How it stands in the addresses of pages with figures."""
        return {"thang": self.month} if self.month else {"tu": self.first, "den": self.last}


def month_of(day: date) -> Span:
    """The calendar month of a day."""
    first = day.replace(day=1)
    return Span(first=first, last=(first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The days an address asks for; empty: none in particular."""

    month: str = ""
    first: date | None = None
    last: date | None = None

    def span(self, known: Sequence[date], today: date) -> Span:
        """Those days, else the newest month that has orders, else this month. Raises Invalid("period_invalid")."""
        if self.month:
            return month_of(day_of(f"{self.month}-01", shown=self.month))
        if self.first is None or self.last is None:
            return month_of(max(known, default=today))
        if not 0 <= (self.last - self.first).days < LONGEST:
            raise Invalid("period_invalid", text=f"{self.first}..{self.last}")
        return Span(first=self.first, last=self.last)


LONGEST = 3660
"""Days that may be shown at once: ten years."""


def day_of(text: str, *, shown: str = "") -> date:
    """An ISO day. Raises Invalid("period_invalid")."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("period_invalid", text=shown or text) from None
