"""Which commune of today a written place means: one, several (then a person is asked), or none. Never a guess.

Tables: PyPI ``vietnamadminunits`` (34 provinces and 3,321 communes of today; 10,040 units of before 1 July 2025 and
what became of them). Only its data files are read: its code is slow to import, takes the nearest likeness for an
answer and may ask a map service. Nothing is loaded before the first question.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeVar

from hub.errors import Unavailable
from hub.types import fold, nfc

T = TypeVar("T", "Unit", "Former")
Key = tuple[str, str]  # kind of unit ("" any), folded name


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A commune, ward or special zone of today."""

    code: str  # five digits
    name: str  # with its kind: Xã Kế Sách
    province_code: str
    province: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Former:
    """A commune of before 1 July 2025 and the units it became."""

    code: str
    name: str
    district: str
    province: str
    became: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """What a text means. ``units``: the communes of today it may be; ``former``: what it was called before."""

    text: str
    units: tuple[Unit, ...]
    former: tuple[Former, ...] = ()

    @property
    def kind(self) -> Literal["one", "several", "none"]:
        """Several: somebody must choose."""
        return ("none", "one")[len(self.units)] if len(self.units) < 2 else "several"


@dataclass(frozen=True, slots=True)
class _Tables:
    units: Mapping[str, Unit]
    now: Mapping[Key, tuple[Unit, ...]]
    before: Mapping[Key, tuple[Former, ...]]
    provinces_before: Mapping[str, frozenset[str]]  # folded short name of a province of today -> those it was made of
    cities: frozenset[str]  # folded short names of the cities that rank as provinces
    districts_of: Mapping[str, frozenset[str]]  # unit code -> folded names of the districts it came from


_KINDS = {
    "xa": "xa", "x.": "xa", "phuong": "phuong", "p.": "phuong", "thi tran": "thi tran", "tt.": "thi tran",
    "tt": "thi tran", "dac khu": "dac khu", "huyen": "huyen", "h.": "huyen", "quan": "quan", "q.": "quan",
    "thi xa": "thi xa", "tx.": "thi xa", "tx": "thi xa", "thanh pho": "thanh pho", "tp.": "thanh pho",
    "tp": "thanh pho", "tinh": "tinh", "t.": "tinh",
}  # fmt: skip
_COMMUNES = {"xa", "phuong", "thi tran", "dac khu"}
_DISTRICTS = {"huyen", "quan", "thi xa", "thanh pho"}
_WORDS = "xã|phường|thị trấn|đặc khu|huyện|quận|thị xã|thành phố|tỉnh|tp|tx|tt"
_BEFORE_KIND = re.compile(rf"\s+(?=(?:{_WORDS}|[pxhqt]\.)\.?\s*[^\s,;]|(?:tp|tx|tt|p|x|h|q)\.)", re.IGNORECASE)
_BEFORE_KIND_BARE = re.compile(_BEFORE_KIND.pattern.replace(_WORDS, fold(_WORDS)), re.IGNORECASE)
_KIND = re.compile(r"(xa|phuong|thi tran|dac khu|huyen|quan|thi xa|thanh pho|tinh|tp\.?|tx\.?|tt\.?|[pxhqt]\.)\s*(.+)")
_BELOW_COMMUNE = re.compile(r"(?:ap|thon|xom|ban|khom|khu|to|so|duong|quoc lo|ql|tieu khu|khu pho|kp|hem|ngo|lo)\b|\d")


def resolve(text: str, *, province: str = "") -> Resolution:
    """The commune of today a place text means. ``province``: a name that goes without saying for the whole list.

    A unit of before is followed to what it became. Raises Unavailable when the tables are not installed.
    """
    return _resolve(nfc(text), nfc(province))


@lru_cache(maxsize=16_384)
def _resolve(text: str, province: str) -> Resolution:
    place = _parse(text)
    provinces = place.provinces or ((_bare(province),) if province else ())
    if place.commune is None:
        return Resolution(text=text, units=())
    tables = _tables()
    now = [u for u in tables.now.get(place.commune, ()) if _in_province(u.province, provinces, tables)]
    former = [
        f
        for f in tables.before.get(place.commune, ())
        if _was_in(f, provinces, tables) and _fits_district(_bare(f.district), place.districts)
    ]
    if place.districts:
        # A district is a word of before: units of today count only when they came from there.
        now = [u for u in now if any(_fits_district(d, place.districts) for d in tables.districts_of[u.code])]
        if former:
            now = []
    now, former = _accented(now, text), _accented(former, text)
    units = {u.code: u for u in now} | {c: tables.units[c] for f in former for c in f.became}
    return Resolution(text=text, units=tuple(units.values()), former=tuple(former))


@dataclass(frozen=True, slots=True)
class _Place:
    commune: Key | None
    districts: tuple[str, ...]
    provinces: tuple[str, ...]


def _parse(text: str) -> _Place:
    """The parts of an address by the words before them; parts below the commune are left out."""
    commune: Key | None = None
    districts: list[str] = []
    provinces: list[str] = []
    bare: list[str] = []
    for part in re.split(r"[,;()\n]|\s+[-–]\s+", text):
        for piece in (_BEFORE_KIND_BARE if part.isascii() else _BEFORE_KIND).split(part.strip()):
            folded = fold(piece).strip(" .")
            if not folded:
                continue
            found = _KIND.fullmatch(folded)
            kind = _KINDS.get(found[1], _KINDS.get(found[1].rstrip("."), "")) if found else ""
            if found and kind in _COMMUNES:
                commune = commune or (kind, found[2].strip())
            elif found and kind == "tinh":
                provinces.append(found[2].strip())
            elif found and kind == "thanh pho":
                (provinces if found[2].strip() in _tables().cities else districts).append(found[2].strip())
            elif found and kind in _DISTRICTS:
                districts.append(found[2].strip())
            elif not _BELOW_COMMUNE.match(folded):
                bare.append(folded)
    if commune is None and bare:
        commune = ("", bare.pop(0))
    for name in bare:
        (provinces if _is_province(name) else districts).append(name)
    return _Place(commune, tuple(districts), tuple(provinces))


def _is_province(name: str) -> bool:
    tables = _tables()
    return name in tables.provinces_before or any(name in former for former in tables.provinces_before.values())


def _in_province(province: str, wanted: Iterable[str], tables: _Tables) -> bool:
    own = _bare(province)
    return not wanted or any(w == own or w in tables.provinces_before.get(own, ()) for w in wanted)


def _was_in(former: Former, wanted: Iterable[str], tables: _Tables) -> bool:
    own = _bare(former.province)
    return not wanted or any(w == own or own in tables.provinces_before.get(w, ()) for w in wanted)


def _fits_district(district: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or district in wanted


def _accented(found: list[T], text: str) -> list[T]:
    """With accents in the text, units that differ in accents only are told apart."""
    if len(found) < 2 or text.isascii():
        return found
    low = text.casefold()
    exact = [f for f in found if f.name.split(" ", 1)[-1].casefold() in low or f.name.casefold() in low]
    return exact or found


def _bare(name: str) -> str:
    """The folded name without its kind."""
    folded = fold(name)
    found = _KIND.fullmatch(folded)
    return found[2].strip() if found else folded


@lru_cache(maxsize=1)
def _tables() -> _Tables:
    folder = _data_folder()
    with closing(sqlite3.connect(f"file:{folder / 'dataset.db'}?mode=ro&immutable=1", uri=True)) as db:
        today = db.execute(
            "SELECT wardCode, ward, provinceCode, province, provinceKey, wardKey FROM admin_units"
        ).fetchall()
        former = db.execute(
            "SELECT wardCode, ward, district, province, provinceKey, districtKey, wardKey FROM admin_units_legacy"
        ).fetchall()
    changes = json.loads((folder / "converter_2025.json").read_text(encoding="utf-8"))
    units = {
        code: Unit(code=code, name=nfc(name), province_code=province_code, province=nfc(province))
        for code, name, province_code, province, _, _ in today
        if code and name
    }
    by_key: dict[Key, list[str]] = defaultdict(list)
    for code, name, _, _, province_key, ward_key in today:
        if code and name:
            by_key[province_key, ward_key].append(code)
    successors = _successors(changes, by_key)
    before = [
        Former(
            code=code or "",
            name=nfc(name),
            district=nfc(district or ""),
            province=nfc(province),
            became=successors.get(f"{p}_{d}_{w}", ()),
        )
        for code, name, district, province, p, d, w in former
        if name
    ]
    districts: dict[str, set[str]] = defaultdict(set)
    for f in before:
        for code in f.became:
            districts[code].add(_bare(f.district))
    return _Tables(
        units=units,
        now=_index(units.values()),
        before=_index(before),
        provinces_before=_provinces(changes["DICT_PROVINCE"], today, former),
        cities=frozenset(_bare(u.province) for u in units.values() if u.province.startswith("Thành phố")),
        districts_of={code: frozenset(districts.get(code, ())) for code in units},
    )


def _successors(
    changes: Mapping[str, Mapping[str, Mapping[str, list[object]]]], by_key: Mapping[Key, list[str]]
) -> dict[str, tuple[str, ...]]:
    """Key of a former unit -> codes of the units it went to; a divided one has several."""
    found: dict[str, set[str]] = defaultdict(set)
    for province, wards in changes["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            for old in olds:
                found[str(old)].update(by_key.get((province, ward), ()))
    for province, divided in changes["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, news in divided.items():
            for new in news:
                if isinstance(new, dict):
                    found[old].update(by_key.get((province, str(new["newWardKey"])), ()))
    return {old: tuple(sorted(codes)) for old, codes in found.items()}


def _index(items: Iterable[T]) -> Mapping[Key, tuple[T, ...]]:
    grouped: dict[Key, list[T]] = defaultdict(list)
    for item in items:
        found = _KIND.fullmatch(fold(item.name))
        kind, name = (_KINDS[found[1]], found[2]) if found else ("", fold(item.name))
        grouped[kind, name].append(item)
        if kind:
            grouped["", name].append(item)
    return {key: tuple(group) for key, group in grouped.items()}


def _provinces(
    made_of: Mapping[str, list[str]], today: Iterable[tuple[str, ...]], former: Iterable[tuple[str, ...]]
) -> Mapping[str, frozenset[str]]:
    now = {key: _bare(province) for _, _, _, province, key, _ in today}
    then = {key: _bare(province) for _, _, _, province, key, _, _ in former}
    return {
        now[key]: frozenset(then[old] for old in olds if old in then) for key, olds in made_of.items() if key in now
    }


def _data_folder() -> Path:
    spec = find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("units_missing")
    return Path(spec.submodule_search_locations[0]) / "data"
