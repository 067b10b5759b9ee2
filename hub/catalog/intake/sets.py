"""Which of the 26 product sets a number or a name means, the older and shorter names of offices included. Pure."""

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from hub.catalog import sets
from hub.types import fold

_CLOSE = 92.0
_SIGNS = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=1)
def _names() -> Mapping[str, int]:
    aliases = (files("hub.catalog.intake") / "set_aliases.csv").read_text(encoding="utf-8")
    names = {_key(row["name"]): int(row["set_no"]) for row in csv.DictReader(aliases.splitlines())}
    return names | {_key(s.name): s.number for s in sets.load().values()}


def _key(text: str) -> str:
    return _SIGNS.sub(" ", fold(text)).strip()


@lru_cache(maxsize=4_096)
def set_of(number: str, *names: str) -> tuple[int | None, bool]:
    """The set a number or a name points to, and whether it was a close match only. An industry alone says nothing."""
    if found := re.fullmatch(r"(?:bo\s*)?0?(\d{1,2})", fold(number)):
        told = int(found[1])
        return (told, False) if told in sets.load() else (None, False)
    for name in names:
        key = re.sub(r"^(?:nhom|bo san pham|bo|phan nhom|san pham)\s+(?:\d{1,2}\s+)?", "", _key(name))
        if not key:
            continue
        if exact := _names().get(key) or _names().get(_key(name)):
            return exact, False
        close = process.extractOne(key, list(_names()), scorer=fuzz.token_sort_ratio, score_cutoff=_CLOSE)
        if close is not None:
            return _names()[close[0]], True
    return None, False
