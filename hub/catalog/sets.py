"""The 26 product sets of the programme (``sets.csv``), and the names offices used before.

Source: Decision 26/2026, annexes I and II. Older files write the 2019 industry names; they are recognised by
:func:`find_industry` and shown under the new name.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from hub.types import fold


@dataclass(frozen=True, kw_only=True)
class ProductSet:
    """One set. ``gates`` are marks such as ``alcohol``, ``fresh``, ``service``; ``path`` is its place in annex I."""

    number: int
    path: str
    name: str
    name_en: str
    industry: str
    authorities: tuple[str, ...]
    gates: frozenset[str]


@lru_cache(maxsize=1)
def load() -> Mapping[int, ProductSet]:
    """All sets by number, 1 to 26."""
    return parse(files("hub.catalog").joinpath("sets.csv").read_text(encoding="utf-8"))


def parse(text: str) -> Mapping[int, ProductSet]:
    """From CSV text with the header of ``sets.csv``. Raises KeyError or ValueError on another shape."""
    sets = (
        ProductSet(
            number=int(row["set_no"]),
            path=row["annex_path"],
            name=row["name_vi"],
            name_en=row["name_en"],
            industry=row["industry_vi"],
            authorities=_split(row["managing_authority"]),
            gates=frozenset(_split(row["gates"])),
        )
        for row in csv.DictReader(text.splitlines())
    )
    return {each.number: each for each in sets}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


def find(name: str) -> ProductSet | None:
    """The set of exactly this name, however it is accented, cased or spaced."""
    return _by_name().get(_key(name))


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, ProductSet]:
    return {_key(each.name): each for each in load().values()}


def find_industry(name: str) -> str | None:
    """Today's name of an industry, from today's or an older one. None: unknown."""
    key = _key(name)
    return {_key(each.industry): each.industry for each in load().values()}.get(key) or _OLD_INDUSTRIES.get(key)


def _key(name: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in fold(name)).split())


_MEDICINAL = "Dược liệu và sản phẩm từ dược liệu"
_CRAFT = "Hàng thủ công mỹ nghệ"
_OLD_INDUSTRIES: Mapping[str, str] = {
    _key(old): new
    for old, new in (
        ("Thảo dược", _MEDICINAL),
        ("Dược liệu", _MEDICINAL),
        ("Vải và may mặc", _CRAFT),
        ("Vải, may mặc", _CRAFT),
        ("Thủ công mỹ nghệ, trang trí", _CRAFT),
        ("Thủ công mỹ nghệ", _CRAFT),
        ("Lưu niệm - nội thất - trang trí", _CRAFT),
        ("Dịch vụ du lịch nông thôn và bán hàng", "Dịch vụ du lịch"),
        ("Dịch vụ du lịch cộng đồng và điểm du lịch", "Dịch vụ du lịch"),
        ("Du lịch", "Dịch vụ du lịch"),
        ("Hoa, cây cảnh", "Sinh vật cảnh"),
    )
}
