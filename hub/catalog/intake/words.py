"""What each finding means and what to do about it, from findings.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The texts of one code."""

    vi_what: str
    vi_do: str
    en_what: str
    en_do: str


@lru_cache(maxsize=1)
def all_words() -> Mapping[str, Words]:
    """Texts by code."""
    raw = tomllib.loads((files("hub.catalog.intake") / "findings.toml").read_text(encoding="utf-8"))
    return {
        code: Words(vi_what=t["vi"]["what"], vi_do=t["vi"]["do"], en_what=t["en"]["what"], en_do=t["en"]["do"])
        for code, t in raw.items()
    }


def words_for(code: str) -> Words:
    """The texts of a code. Raises KeyError for a code without texts: that is a bug of ours."""
    return all_words()[code]
