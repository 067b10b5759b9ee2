"""Which field a column holds, by its header: an alias table, then a close match whose guess is shown. Pure."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from hub.catalog.intake.values import subject_kind
from hub.types import fold

_CLOSE = 86.0  # below this a likeness is chance ("Mã xã" / "Mã SP")
_SIGNS = re.compile(r"[^a-z0-9]+")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_STAR_HEADER = re.compile(r"(?:hang |dat |san pham )?0?([1-5]) ?(?:sao|\*)?")
_NUMBERED = re.compile(r"\s*[(\[]?\s*\d{1,2}\s*[)\]]?\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """What a header was taken for. ``score`` below 100: a guess. ``mark``: the value an ``x`` in it stands for."""

    field: str
    header: str
    score: float = 100.0
    mark: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Personal:
    """A kind of column that is recognised so as never to be stored."""

    kind: str
    label: str
    nature: str
    words: tuple[str, ...]  # anywhere in the header
    alone: tuple[str, ...]  # as the whole header


@dataclass(frozen=True, kw_only=True, slots=True)
class _Table:
    fields: Mapping[str, str]  # key of a wording -> field
    under: Mapping[str, Mapping[str, str]]  # group -> key -> field
    groups: Mapping[str, tuple[str, ...]]
    personal: tuple[Personal, ...]
    choices: tuple[str, ...]


def header_key(text: str) -> str:
    """A header without accents, case, punctuation and line breaks."""
    return _SIGNS.sub(" ", fold(text)).strip()


@lru_cache(maxsize=1)
def _table() -> _Table:
    raw = tomllib.loads((files("hub.catalog.intake") / "columns.toml").read_text(encoding="utf-8"))
    fields = {header_key(w): name for name, wordings in raw["fields"].items() for w in wordings}
    return _Table(
        fields=fields,
        under={
            group: {header_key(w): name for name, wordings in table.items() for w in wordings}
            for group, table in raw["under"].items()
        },
        groups={group: tuple(header_key(w) for w in words) for group, words in raw["groups"].items()},
        personal=tuple(
            Personal(
                kind=p["kind"],
                label=p["label"],
                nature=p["nature"],
                words=tuple(map(header_key, p["words"])),
                alone=tuple(map(header_key, p.get("alone", ()))),
            )
            for p in raw["personal"]
        ),
        # Very short wordings are like everything; they match exactly or not at all.
        choices=tuple(k for k in fields if len(k) >= 6),
    )


def personal_kind(header: str) -> Personal | None:
    """The personal kind of column a header announces, or None."""
    words = f" {header_key(header)} "
    for kind in _table().personal:
        if any(f" {w} " in words for w in kind.words) or words.strip() in kind.alone:
            return kind
    return None


def group_of(header: str) -> str | None:
    """What a header standing above several columns speaks of."""
    words = f" {header_key(header)} "
    for group, inside in _table().groups.items():
        if any(f" {w} " in words for w in inside):
            return group
    return None


def is_known_header(text: str) -> bool:
    """Whether a cell is a wording of the table itself (quick, no guessing)."""
    return 1 < len(text) < 80 and header_key(text) in _table().fields


def is_lower_header(text: str) -> bool:
    """Whether a cell is a word that means something below a group header only (``Số``, ``Tên``)."""
    key = header_key(text) if 1 < len(text) < 80 else ""
    return bool(key) and any(key in inside for inside in _table().under.values())


def match_header(own: str, above: str = "") -> Match | None:
    """The field of a column headed ``own`` below a group headed ``above`` (may be empty); None when unknown."""
    text = " ".join(own.split())
    return _match(text, " ".join(above.split())) if text else None


@lru_cache(maxsize=4_096)
def _match(own: str, above: str) -> Match | None:
    table = _table()
    group = group_of(above) if above else None
    keys = [k for k in dict.fromkeys((header_key(own), header_key(_BRACKETS.sub(" ", own)))) if k]
    if own.upper() == "DT":  # telephone or ethnicity: a clearer heading beside it is taken first
        return Match(field="subject_phone", header=own, score=_CLOSE)
    for key in keys:
        if group and (found := table.under.get(group, {}).get(key)):
            return Match(field=found, header=own)
        if (
            group in ("stars", "decision")
            and (star := _STAR_HEADER.fullmatch(key))
            and "sao" in key + header_key(above)
        ):
            return Match(field="stars", header=own, mark=star[1])
        if group in ("type", "subject") and key in TYPE_HEADERS and (kind := subject_kind(own)):
            return Match(field="subject_type", header=own, mark=kind)
        if (star := _STAR_HEADER.fullmatch(key)) and "sao" in key:
            return Match(field="stars", header=own, mark=star[1])
        if found := table.fields.get(key):
            return Match(field=found, header=own)
    if above:
        for key in (header_key(f"{own} {above}"), header_key(f"{above} {own}")):
            if found := table.fields.get(key):
                return Match(field=found, header=own)
    if keys and _NAME_AND_ADDRESS.search(keys[0]):
        return Match(field="subject_name", header=own, score=95.0)
    if keys and _NUMBER_AND_DATE.match(keys[0]):
        field = "revocation_no" if "thu hoi" in keys[0] else "decision_no"
        return Match(field=field, header=own, score=95.0)
    return _close_match(own, keys)


# One column for "số QĐ, ngày ..." holds the number with its date beside it.
_NUMBER_AND_DATE = re.compile(r"(?:so|qd|quyet dinh)\b.*\b(?:ngay|thang)\b")
# One column for name and address: the address is parted from the name later (products.py).
_NAME_AND_ADDRESS = re.compile(r"\bten\b.*\b(?:dia chi|d c)\b|(?:chu the|co so|don vi|htx).*\bdia chi\b")
TYPE_HEADERS = {"htx", "hop tac xa", "doanh nghiep", "dn", "ho kinh doanh", "hkd", "ho sx", "ho san xuat",
                 "to hop tac", "tht", "trang trai", "co so", "dnnvv", "cong ty", "lhhtx", "lien hiep htx"}  # fmt: skip


_AFTER = frozenset({"extended_until", "revocation_no", "revoked_on", "ground"})


def _close_match(own: str, keys: Sequence[str]) -> Match | None:
    best: tuple[float, str] = (0.0, "")
    told = next((w for w in ("thu hoi", "gia han", "keo dai") if keys and w in keys[0]), None)
    for key in keys:
        if len(key) < 5 or key.isdigit() or len(key) > 60:
            continue
        for scorer in (fuzz.ratio, fuzz.token_sort_ratio):
            found = process.extractOne(key, _table().choices, scorer=scorer, score_cutoff=_CLOSE)
            if found is not None:
                best = max(best, (found[1], found[0]))
        best = max(best, _contained(key))
    if not best[1] or (told and _table().fields[best[1]] not in _AFTER):  # what ends or lengthens is nothing else
        return None
    return Match(field=_table().fields[best[1]], header=own, score=min(99.0, round(best[0], 1)))


def _contained(key: str) -> tuple[float, str]:
    """A long header that begins or ends with a known wording says the same with more words."""
    best: tuple[float, str] = (0.0, "")
    for known in _table().choices:
        if len(known) < len(key) and (key.startswith(known + " ") or key.endswith(" " + known)):
            best = max(best, (86.0 + 10.0 * len(known) / len(key), known))
    return best


def holds_address(header: str) -> bool:
    """Whether a producer's name column announces the address in the same cell."""
    return _NAME_AND_ADDRESS.search(header_key(header)) is not None


def is_column_number(text: str) -> bool:
    """``(7)``, ``7`` or ``[7]``: a cell of the row that numbers the columns."""
    return _NUMBERED.fullmatch(text) is not None
