"""Words in the languages of people: gettext from ``locale/<language>/LC_MESSAGES/*.po``, compiled in memory at start.

The English source is the message id, so English needs no file; Vietnamese is complete (a test demands it). Every
``.po`` file of a language is merged: one per part of the hub, so that parts can grow apart.
"""

import gettext
import io
import re
import string
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hub.errors import Invalid
from hub.types import LOCAL

LANGUAGES: tuple[str, ...] = ("vi", "en")
DEFAULT = "vi"
UNKNOWN = "—"
"""Stands where a fact is missing: missing is missing, never zero."""

_FOLDER = Path(__file__).parent / "locale"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """All messages of a language. Raises Invalid("language_unknown")."""
    if language not in LANGUAGES:
        raise Invalid("language_unknown", language=language)
    merged: gettext.NullTranslations = gettext.NullTranslations()
    for file in sorted((_FOLDER / language / "LC_MESSAGES").glob("*.po")):
        part = _compiled(file, language)
        part.add_fallback(merged)
        merged = part
    return merged


def _compiled(file: Path, language: str) -> gettext.GNUTranslations:
    from babel.messages.mofile import write_mo  # 20 ms of import that a command without words need not pay
    from babel.messages.pofile import read_po

    packed = io.BytesIO()
    with file.open("rb") as stream:
        write_mo(packed, read_po(stream, locale=language))
    packed.seek(0)
    return gettext.GNUTranslations(packed)


def say(
    message: str,
    language: str,
    facts: Mapping[str, object] | None = None,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """``message`` (English source) in a language with its ``{facts}`` filled in; see :class:`Wording`."""
    words = translations(language).gettext(message)
    if facts is None:
        return words
    return Wording(language, labels).vformat(_told(words, facts), (), facts)


_ASIDE = re.compile(r" \([^()]*\{[^()]*\)")


def _told(message: str, facts: Mapping[str, object]) -> str:
    """The message without those asides in brackets of which no fact is known."""

    def kept(aside: re.Match[str]) -> str:
        known = any(facts.get(name) not in (None, "", (), []) for name in placeholders(aside[0]))
        return aside[0] if known else ""

    return _ASIDE.sub(kept, message)


class Wording(string.Formatter):
    """``{name}`` as text, ``{price:vnd}``, ``{count:number}``, ``{share:percent}``, ``{day:date}``, ``{at:time}``,
    ``{field:label}`` for names that code uses (``labels``: name -> English source, translated in turn).

    Days and moments may be ISO text, as facts are kept in JSON; moments are shown in Vietnam time. Lists are joined by
    commas. A fact that is missing or None shows as a dash: a message must never fail while telling of a failure. Asides
    in brackets without a single known fact are left out.
    """

    def __init__(self, language: str, labels: Mapping[str, str]) -> None:
        self._language = language
        self._labels = labels
        self._dot, self._comma = (".", ",") if language == "vi" else (",", ".")
        self._vietnamese = language == "vi"

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[object, str]:
        """Plain names only: no attributes and no items of what platforms sent."""
        return kwargs.get(field_name), field_name

    def format_field(self, value: object, format_spec: str) -> str:
        if value is None or value == "":
            return UNKNOWN
        if isinstance(value, (list, tuple)):
            return ", ".join(self.format_field(one, format_spec) for one in value) or UNKNOWN
        try:
            return self._shown(value, format_spec)
        except (TypeError, ValueError, ArithmeticError):
            return str(value)

    def _shown(self, value: object, spec: str) -> str:
        match spec:
            case "vnd":
                return f"{self._number(value)} ₫"
            case "number":
                return self._number(value)
            case "percent":
                return f"{self._number(round(Decimal(str(value)) * 100, 1).normalize())} %"
            case "date":
                return self._day(value if isinstance(value, date) else date.fromisoformat(str(value)[:10]))
            case "time":
                moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
                local = moment.astimezone(LOCAL)
                return f"{local:%H:%M} {self._day(local.date())}"
            case "label":
                return translations(self._language).gettext(self._labels.get(str(value), str(value)))
            case _:
                return str(value)

    def _number(self, value: object) -> str:
        text = f"{Decimal(str(value)):,f}"
        return text.translate({ord(","): self._dot, ord("."): self._comma})

    def _day(self, day: date) -> str:
        return f"{day:%d/%m/%Y}" if self._vietnamese else f"{day.day} {day:%b %Y}"


def placeholders(message: str) -> frozenset[str]:
    """The names of the facts a message asks for."""
    return frozenset(name for _text, name, _spec, _how in string.Formatter().parse(message) if name)


def untranslated(messages: Iterable[str], language: str) -> tuple[str, ...]:
    """The messages that a language has no words for (for the test that demands them)."""
    words = translations(language)
    return tuple(one for one in messages if words.gettext(one) == one)
