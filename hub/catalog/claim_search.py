"""Finding OCOP claims in text, however they are disguised. Pure; ``claims.py`` is the way in.

A claim is the name (OCOP, *Mỗi xã một sản phẩm*) or a star class (``4 sao``, ``★★★★``, ``****``, ``4-star``). Stars
of a hotel, a shop's rating or a way of roasting tea are none. What is found is given by its place in the original.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hub.catalog.lookalikes import RING, STAR, Folded, closed, fold, invisible, squeeze

Kind = Literal["name", "programme", "stars"]


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim at ``[start, end)`` of the original. ``stars`` are the classes it names; often none."""

    start: int
    end: int
    kind: Kind
    text: str
    stars: frozenset[int] = frozenset()


# ---- what a claim looks like (in folded text) --------------------------------------------------------------------

_GAP = r"[^a-z0-9]{0,6}"
_O = rf"[o0{RING}]"
_NAME = re.compile(rf"{_O}({_GAP})c({_GAP}){_O}({_GAP})p")
_GLUED = re.compile(r"(?:^|sanpham|sp|dacsan|hang|chuan|dat|qua|logo|tem|gian|chungnhan|htx|gcn|sao)ocop")
_SAO = rf"s[^a-z0-9\n]{{0,3}}a[^a-z0-9\n]{{0,3}}{_O}(?![a-z])"
_NAME_TAIL = re.compile(
    rf"[^a-z0-9\n]{{0,4}}(?:(?:dat|hang)[^a-z0-9\n]{{1,3}}){{0,2}}"
    rf"(?:0?(?P<n>[1-6])[^a-z0-9\n]{{0,3}}(?:{_SAO}|[{STAR}*]|stars?(?![a-z]))"
    rf"|0?(?P<bare>[1-6])(?=\s*(?:[,;:)\]|\n]|\.(?!\d)|$))|(?P<glyphs>(?:[{STAR}*][^\S\n]{{0,2}}){{3,}}))"
)
_SPACED = {
    name: re.compile(r"(?<![a-z0-9])" + r"[^a-z0-9]{0,8}".join(words.replace(" ", "")) + r"(?![a-z])")
    for name, words in (
        ("vi", "moi xa mot san pham"), ("wards", "moi xa phuong mot san pham"), ("en", "one commune one product"),
    )
}  # fmt: skip
_WORDS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "nam": 5, "sau": 6, "iii": 3, "iv": 4}
_TONED = {"một", "hai", "ba", "bốn", "năm", "sáu", *_WORDS}
_NUMBER = rf"0?[1-6](?:[.,]0)?|{'|'.join(_WORDS)}"
_STARS = re.compile(
    rf"(?<![0-9])(?<!\d[.,/])(?:(?P<low>0?[1-6])(?P<to>[^a-z0-9\n]{{1,3}}(?:(?:den|hoac)[^a-z0-9\n]{{1,3}})?))?"
    rf"(?P<n>{_NUMBER})(?P<gap>[^a-z0-9\n,;:!?]{{0,3}})(?:ngoi[^a-z0-9\n]{{1,3}}|hang[^a-z0-9\n]{{1,3}})?(?P<sao>{_SAO})"
)
_ENGLISH = re.compile(
    r"(?<![a-z0-9])(?P<n>[1-6]|one|two|three|four|five|six)[^a-z0-9\n]{0,3}s[^a-z0-9\n]?t[^a-z0-9\n]?a[^a-z0-9\n]?r"
    r"(?:[^a-z0-9\n]?s)?(?![a-z])"
)
_EN_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_GLYPHS = re.compile(rf"{STAR}(?:[^\S\n]{{0,2}}{STAR}){{2,}}")
_ONE_GLYPH = re.compile(rf"(?<![a-z0-9])(?<!\d[.,])0?(?P<n>[1-6])[^\S\n]?{STAR}(?![^\S\n]{{0,2}}{STAR})")
_ASTERISKS = re.compile(r"(?<!\*)\*{3,5}(?!\*)")
_ONE_ASTERISK = re.compile(  # not 4*5, not 4 * 100 g
    r"(?<![a-z0-9])(?<!\d[.,])0?(?P<n>[1-6])(?:\*(?![a-z0-9*])|[^\S\n]\*(?!\*)(?![^\S\n]*[a-z0-9]))"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+[^\s.,;)]|[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_RANK = re.compile(
    r"(?<![a-z0-9])(?:hang|so)[^a-z0-9\n]{1,3}sao(?![a-z])(?:[^a-z0-9\n]{0,3}(?P<n>[1-6])(?![\w.,]*\d|[a-z]))?"
)

# ---- stars of something else -------------------------------------------------------------------------------------

_HOTEL = r"(?:khach san|hotel|resort|\bks|nha hang|khu nghi duong|du thuyen|nang luong|tiet kiem dien)"
_OTHER_LEFT = re.compile(
    rf"(?:{_HOTEL}(?:\W+(?:va|resort|nha hang|chuan|tieu chuan|dat|hang|cao cap|sang trong|quoc te|tu|cac|nhan)){{0,5}}"
    r"|(?:vote|rate|rating|review|cho shop|danh gia shop|danh gia giup|danh gia cho)(?:\W+\w+){0,2})\W*\Z"
)
_OTHER_RIGHT = re.compile(
    rf"\W*(?:{_HOTEL}|rating|review|anise|fruit|cho (?:shop|minh|em)\b|giup (?:shop|minh|em)\b|nhe\b|nha\b)"
)
_ROAST_RIGHT = re.compile(r"\W*(?:[1-9]|mot|hai|ba|bon|nam)\W*(?:tam|say|vo|phoi|u|hap)\b")
_VERB_RIGHT = re.compile(r"\W*(?:chép|lưu|kê|y|biển|la)\b")
_SPOKEN_RIGHT = re.compile(
    r"\W*(?:chè|trà|tẩm|sấy|khô|thuốc|chảo|tay|vàng|thơm|lại|không|mà|cho|thế|được|cát|muối|chậm|bằng|từng)\b"
)
_PERSON_LEFT = re.compile(r"\b(?:ông|bà|cô|chú|bác|anh|chị|dì|cậu|mợ|thím|út|em|thầy|má|việt)\W*\Z")


def find(text: str) -> tuple[Claim, ...]:
    """All claims, in order, never overlapping."""
    if not _may_claim(text):
        return ()
    return tuple(_merged(claim for claim, other in _look(text) if not other))


def kept(text: str) -> tuple[Claim, ...]:
    """What looks like a star class and was left alone, for the person who checks: ``khách sạn 4 sao``."""
    if not _may_claim(text):
        return ()
    claims = find(text)
    return tuple(
        c for c, other in _look(text) if other and not any(c.start < d.end and d.start < c.end for d in claims)
    )


def star_claims(text: str) -> frozenset[int]:
    """The star classes that a text claims (G02)."""
    return frozenset(stars for claim in find(text) for stars in claim.stars)


def _may_claim(text: str) -> bool:
    letters = squeeze(text)
    return (
        "sao" in letters or "ocop" in letters or STAR in letters or "*" in letters or "star" in letters
        or "motsanpham" in letters or "oneproduct" in letters
    )  # fmt: skip


def _merged(claims: Iterator[Claim]) -> Iterator[Claim]:
    """Of claims that overlap, the first and longest."""
    end = 0
    for claim in sorted(claims, key=lambda c: (c.start, -c.end)):
        if claim.start >= end:
            yield claim
            end = claim.end


def _look(text: str) -> Iterator[tuple[Claim, bool]]:
    """Every candidate, with whether it is something else."""
    folded = fold(text)
    for start, end, stars, other in _names(text, folded):
        yield _claim(text, folded, start, end, "name", stars), other
    for pattern in _SPACED.values():
        for m in pattern.finditer(folded.plain):
            yield _claim(text, folded, m.start(), m.end(), "programme", ()), False
    for start, end, stars, other in (*_spoken(folded), *_english(folded), *_drawn(folded), *_ranks(folded)):
        yield _claim(text, folded, start, end, "stars", stars), other


def _claim(text: str, folded: Folded, start: int, end: int, kind: Kind, stars: tuple[int, ...]) -> Claim:
    first, last = folded.at[start], folded.at[end - 1] + 1
    while last < len(text) and invisible(text[last]):
        last += 1
    if kind == "name":
        first, last = _whole_link(text, first, last)
    return Claim(start=first, end=last, kind=kind, text=text[first:last], stars=frozenset(stars))


def _whole_link(text: str, start: int, end: int) -> tuple[int, int]:
    """A link or an e-mail address is taken whole: half of one is of no use to anybody."""
    first, last = start, end
    while first > 0 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and not text[last].isspace():
        last += 1
    link = _LINK.search(text, first, last)
    return (link.start(), link.end()) if link and link.start() <= start and end <= link.end() else (start, end)


Spot = tuple[int, int, tuple[int, ...], bool]  # [start, end) in the folded text, stars, is it something else


def _names(text: str, folded: Folded) -> Iterator[Spot]:
    at = 0
    while (m := _NAME.search(folded.plain, at)) is not None:
        at = m.start() + 1
        if not _is_name(text, folded, m):
            continue
        at = m.end()
        stars: tuple[int, ...] = ()
        if (tail := _NAME_TAIL.match(folded.plain, m.end())) is not None:
            number = tail["n"] or tail["bare"]
            at = m.end() + len(tail[0].rstrip())
            stars = (int(number),) if number else (min(6, tail[0].count(STAR) + tail[0].count("*")),)
        yield m.start(), at, stars, False


def _is_name(text: str, folded: Folded, m: re.Match[str]) -> bool:
    plain = folded.plain
    before, after = plain[m.start() - 1 : m.start()], plain[m.end() : m.end() + 1]
    alone = not _alnum(before) and not _letter(after)
    gaps = tuple(bool(m[i]) for i in (1, 2, 3))
    if any(gaps):
        vowels = [folded.toned[m.start()], folded.toned[m.end(2)]]
        words = (gaps == (True, False, False) and closed(vowels[1])) or (
            gaps == (False, True, False) and all(map(closed, vowels))
        )
        return alone and not words  # "ô cọp", "ốc ọp" are Vietnamese; "o cop" is not
    if alone or "0" in m[0] or RING in m[0]:
        return alone
    word = re.compile(r"[a-z]*\Z").search(plain, 0, m.end())
    if word is not None and _GLUED.search(word[0]):
        return True
    original = [text[folded.at[i]] for i in range(m.start(), m.end())]
    return all(c.isupper() for c in original) and not (before and text[folded.at[m.start() - 1]].isupper())


def _letter(char: str) -> bool:
    return "a" <= char <= "z"


def _alnum(char: str) -> bool:
    return _letter(char) or "0" <= char <= "9"


def _spoken(folded: Folded) -> Iterator[Spot]:
    """``4 sao``, ``4-5 sao``, ``bốn ngôi sao``."""
    at = 0
    while (m := _STARS.search(folded.plain, at)) is not None:
        at = m.start() + 1
        sao = "".join(c for c in folded.toned[m.start("sao") : m.end("sao") - 1] if c.isalpha()) + _last(folded, m)
        if sao != "sao" or ". " in m["gap"] or m["to"] in (",", ".") or not _counts(folded, m):
            continue
        at = m.end()
        number = m["n"]
        stars = [_WORDS[number] if number in _WORDS else int(float(number.replace(",", ".")))]
        if m["low"]:
            stars.append(int(m["low"]))
        yield m.start(), m.end(), tuple(stars), _is_other(folded, m.start(), m.end(), spoken=number in _WORDS)


def _last(folded: Folded, m: re.Match[str]) -> str:
    letter = folded.toned[m.end("sao") - 1]
    return "o" if letter in f"0{RING}" else letter


def _counts(folded: Folded, m: re.Match[str]) -> bool:
    """Whether the number is one: ``năm`` and not ``Nam``, ``gao4sao`` but not ``ST4 sao``."""
    before = folded.plain[: m.start()]
    word = folded.toned[m.start("n") : m.end("n")]
    if m["n"] not in _WORDS:
        glued = re.search(r"[a-z]+\Z", before)
        return glued is None or (len(glued[0]) >= 3 and not m["gap"])
    if _alnum(before[-1:]) or word not in _TONED:
        return False
    return word != "nam" or folded.plain == folded.toned  # without any accent in the text, "nam" may be "năm"


def _is_other(folded: Folded, start: int, end: int, *, spoken: bool = False) -> bool:
    left, right = folded.plain[max(0, start - 60) : start], folded.plain[end : end + 30]
    toned = folded.toned[end : end + 30]
    if _OTHER_LEFT.search(left) or _OTHER_RIGHT.match(right) or _ROAST_RIGHT.match(right) or _VERB_RIGHT.match(toned):
        return True
    if not spoken:
        return False
    person = _PERSON_LEFT.search(folded.toned[max(0, start - 60) : start])
    return bool(person) or bool(_SPOKEN_RIGHT.match(toned))


def _english(folded: Folded) -> Iterator[Spot]:
    for m in _ENGLISH.finditer(folded.plain):
        stars = _EN_WORDS.get(m["n"]) or int(m["n"])
        yield m.start(), m.end(), (stars,), _is_other(folded, m.start(), m.end())


def _drawn(folded: Folded) -> Iterator[Spot]:
    """``★★★★``, ``4★``, ``****``, ``4*``; a single star is a bullet, asterisks around a word are emphasis."""
    plain = folded.plain
    for m in _GLYPHS.finditer(plain):
        count = m[0].count(STAR)
        yield m.start(), m.end(), (count,) if count <= 5 else (), _is_other(folded, m.start(), m.end())
    for pattern in (_ONE_GLYPH, _ONE_ASTERISK):
        for m in pattern.finditer(plain):
            yield m.start(), m.end(), (int(m["n"]),), _is_other(folded, m.start(), m.end())
    for m in _ASTERISKS.finditer(plain):
        before, after = plain[: m.start()], plain[m.end() : m.end() + 1]
        masked = bool(re.search(r"\d\d\Z", before)) or (_alnum(before[-1:]) and _alnum(after))
        emphasis = m[0] == "***" and (after.strip() != "" or before[-1:].strip() != "") and plain.count("***") > 1
        if not emphasis:
            yield m.start(), m.end(), (len(m[0]),), masked or _is_other(folded, m.start(), m.end())


def _ranks(folded: Folded) -> Iterator[Spot]:
    for m in _RANK.finditer(folded.plain):
        if (
            folded.toned[m.start() : m.end()].startswith(("hạng", "số", "hang", "so"))
            and "sao" in folded.toned[m.start() : m.end()]
        ):
            yield m.start(), m.end(), (int(m["n"]),) if m["n"] else (), False
