"""How pages speak: sentences by gettext, figures and days as people write them, names for what code calls things.

The English here, in ``names.py`` and in the templates is the message id; Vietnamese lies in ``pages.po``.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from hub.problems import PROBLEMS, render
from hub.texts import UNKNOWN, Wording, say
from hub.types import LOCAL
from hub.web.channels import platform_name
from hub.web.days import Span
from hub.web.names import NAMES, TONES


class Speech:
    """One person's language at one moment."""

    def __init__(self, language: str, now: datetime) -> None:
        self.language = language
        self.now = now
        self._wording = Wording(language, {})

    def t(self, message: str, **facts: object) -> str:
        """``message`` in this language with its facts."""
        return say(message, self.language, facts)

    def name(self, kind: str, key: object) -> str:
        """What people call ``key``; the key itself when nobody named it."""
        known = NAMES[kind].get(str(key))
        return str(key) if known is None else say(known, self.language)

    def kinds(self, kind: str) -> tuple[str, ...]:
        """Everything of a kind that has a name, for lists to choose from."""
        return tuple(NAMES[kind])

    def note(self, note: str) -> str:
        """Why a run ended early: a word of its own, or a problem's code."""
        if note in NAMES["stopped"] or note not in PROBLEMS:
            return self.name("stopped", note)
        return render(note, {}, self.language).what

    def channel(self, platform: str, kind: str) -> str:
        """A channel in words: marketplaces by their own name, everything else by its kind."""
        return platform_name(platform) if kind in ("marketplace", "social_shop") else self.name("channel", kind)

    def tone(self, kind: str, key: object) -> str:
        """The sign of a state, a class of the stylesheet."""
        return TONES[kind].get(str(key), "rest")

    def vnd(self, amount: int | None) -> str:
        """Whole dong, exact."""
        return UNKNOWN if amount is None else self._wording.format_field(amount, "vnd").replace("-", "−")

    def number(self, value: int | None) -> str:
        """A count."""
        return UNKNOWN if value is None else self._wording.format_field(value, "number").replace("-", "−")

    def share(self, numerator: int | None, denominator: int | None) -> str:
        """A share in per cent, half-up to one decimal from the sums; a dash where there is nothing to divide by."""
        if numerator is None or not denominator:
            return UNKNOWN
        tenth = (Decimal(numerator) * 100 / Decimal(denominator)).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return f"{tenth:f}".replace(".", "," if self.language == "vi" else ".") + " %"

    def percent(self, value: Decimal | None) -> str:
        """A percentage that was rounded already; a dash where it cannot be said."""
        if value is None:
            return UNKNOWN
        return f"{value:f}".replace(".", "," if self.language == "vi" else ".") + " %"

    def amount(self, value: Decimal | int | None) -> str:
        """A count or a weight, without needless zeros."""
        if value is None:
            return UNKNOWN
        plain = Decimal(value).quantize(Decimal("0.001"), ROUND_HALF_UP)
        text = f"{plain:f}".rstrip("0").rstrip(".") if plain != plain.to_integral_value() else f"{plain:.0f}"
        return self._wording.format_field(Decimal(text), "number").replace("-", "−")

    def day(self, day: date | None) -> str:
        """``21/11/2026``."""
        return self._wording.format_field(day, "date")

    def short_day(self, day: date) -> str:
        """``21/11``, for axes and tables of one month."""
        return f"{day:%d/%m}"

    def month(self, day: date) -> str:
        """``11/2026``."""
        return self.t("month {month}", month=f"{day:%m/%Y}") if self.language == "vi" else f"{day:%B %Y}"

    def span(self, span: Span) -> str:
        """A month by its name, other days by the first and the last."""
        return self.month(span.first) if span.month else f"{self.day(span.first)} – {self.day(span.last)}"

    def moment(self, moment: datetime | None) -> str:
        """``14:05 21/11/2026`` in Vietnam."""
        return self._wording.format_field(moment, "time")

    def ago(self, moment: datetime | None) -> str:
        """How long ago under a day, the day itself after that."""
        if moment is None:
            return UNKNOWN
        minutes = int((self.now - moment).total_seconds() // 60)
        if minutes < 0 or minutes >= 24 * 60:
            return self.moment(moment)
        if minutes < 1:
            return self.t("just now")
        if minutes < 60:
            return self.t("{n} min ago", n=minutes)
        return self.t("{n} h ago", n=minutes // 60)

    def lasted(self, start: datetime, end: datetime | None) -> str:
        """How long something took."""
        if end is None:
            return UNKNOWN
        seconds = int((end - start).total_seconds())
        if seconds < 120:
            return self.t("{n} s", n=seconds)
        return self.t("{n} min", n=seconds // 60) if seconds < 7200 else self.t("{n} h", n=seconds // 3600)

    def local_day(self, moment: datetime) -> date:
        """The day of a moment in Vietnam."""
        return moment.astimezone(LOCAL).date()
