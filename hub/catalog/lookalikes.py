"""Text as a reader sees it: without disguise, yet with every letter's place in the original. Pure.

Claims hide behind full-width letters, other alphabets, zero-width characters, enclosing marks and emoji. Folding takes
all that away and keeps two strings of the same length: ``plain`` without any accent, ``toned`` with the Vietnamese
accents only, because ``sao`` (star) and ``sào`` (a measure of land) are two words.
"""

import unicodedata
from dataclasses import dataclass

STAR = "★"
RING = "○"  # a drawn circle where an O should be; no letter, or every round bullet would glue words together

_LETTERS = {
    # other alphabets, small capitals and struck letters that decomposition does not undo, by what they look like
    "a": "аАαΑᴀꓮᎪⲀⲁɑꭺ", "b": "вВβΒʙꓐᏴЬьƄ", "c": "сСϲϹςᴄꓚᏟⲤⲥᑕƇƈȻȼꮯ", "d": "ԁᴅꓓᎠᗪɗƊɖ", "e": "еЕεΕᴇꓰᎬѐɇє",
    "g": "ɡɢᏀԌɠ", "h": "нНΗһҺʜꓧᎻⲎ", "i": "іІιΙɪıӀꓲᎥⲒⲓ", "k": "кКκΚᴋꓗᏦⲔⲕ", "l": "ʟꓡᏞⳐłŁ", "m": "мМΜᴍꓟᎷⲘⲙµμ",
    "n": "ΝηɴꓠⲚⲛпПŋ", "o": "оОοΟσΟΘθϴөӨѲѳօՕჿסهØøᴏꓳⲞⲟᎾⵔ𐐄𐐬𐓂𐓪ɵƟɔƆ", "p": "рРρΡᴘꓑᏢⲢⲣᑭþÞƤƥᵽꮲ",
    "r": "ʀгГꓣᎡɍ", "s": "ѕЅꜱꓢᏚՏ", "t": "тТτΤᴛꓔᎢⲦⲧŧŦ", "u": "υᴜꓴՍսʋ", "v": "νѵѴᴠꓦᏙⲫ", "x": "хХχΧꓫⲬⲭ", "y": "уУΥʏꓬⲨүҮ",
}  # fmt: skip
_LOOKS = {ord(alien): letter for letter, aliens in _LETTERS.items() for alien in aliens}
_LOOKS |= {first + i: chr(97 + i) for first in (0x1F150, 0x1F170, 0x1F1E6) for i in range(26)}  # 🅐 🅰 🇦
_LOOKS |= {ord(star): STAR for star in "★☆⭐🌟✩✪✫✬✭✮✯✰⭑⭒⚝⍟🟊✡🔯⚹"}
_LOOKS |= {ord(mark): "*" for mark in "∗⁎✱✲✳✻✼❋⁕٭﹡"}
_LOOKS |= {ord(ring): RING for ring in "○◯⚪⭕◎◉●⚫⊙⊚❍🔴🔵🞅"}
_LOOKS |= {ord(c): "c" for c in "©€¢"} | {ord(c): "p" for c in "℗₱₽"}
_SEEN_NOT = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e")  # blank, yet neither format characters nor spaces
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
_SOUND = frozenset("\u0301\u0323")  # sắc and nặng: the only tones of a syllable that ends in p, t, c, ch


@dataclass(frozen=True, slots=True)
class Folded:
    """``plain``, ``toned`` and ``at`` have one entry per visible letter; ``at[i]`` is its place in the original."""

    plain: str
    toned: str
    at: tuple[int, ...]


class _Pieces(dict[int, tuple[str, str]]):
    """Per character: what it looks like, and the accents it brings. Filled as characters are met."""

    def __missing__(self, code: int) -> tuple[str, str]:
        piece = self[code] = _piece(chr(code))
        return piece


def _piece(char: str) -> tuple[str, str]:
    if char in "đĐ":
        return "d", "đ"
    plain, accents = "", ""
    for part in char if ord(char) in _LOOKS else unicodedata.normalize("NFKD", char):
        if part in _SEEN_NOT:
            continue
        kind = unicodedata.category(part)
        if kind[0] == "M":
            accents += part if part in _ACCENTS else ""
        elif kind not in ("Cf", "Cc") or part in "\n\t":
            digit = unicodedata.digit(part, None)
            plain += _LOOKS.get(ord(part)) or (part.casefold() if digit is None else str(digit))
    return plain, accents


class _Letters(dict[int, str]):
    """Translation table that leaves letters, digits and star glyphs only; zero and rings read as ``o``."""

    def __missing__(self, code: int) -> str:
        kept = "".join(c for c in _PIECES[code][0] if c.isalnum() or c in "★*○")
        letters = self[code] = kept.replace("0", "o").replace(RING, "o")
        return letters


_PIECES = _Pieces()
_SQUEEZED = _Letters()


def squeeze(text: str) -> str:
    """Only what could be part of a claim, run together: cheap, and enough to rule most texts out."""
    return text.translate(_SQUEEZED)


def fold(text: str) -> Folded:
    """The text undisguised, with the way back."""
    plain: list[str] = []
    accents: list[str] = []
    at: list[int] = []
    for index, char in enumerate(text):
        seen, brings = _PIECES[ord(char)]
        if not seen:
            if accents and at[-1] < index:
                accents[-1] += brings
            continue
        plain.extend(seen)
        accents.extend([""] * (len(seen) - 1) + [brings])
        at.extend([index] * len(seen))
    return Folded(plain="".join(plain), toned="".join(map(_accented, plain, accents)), at=tuple(at))


def _accented(letter: str, accents: str) -> str:
    if not accents:
        return letter
    if accents == "đ":
        return "đ"
    composed = unicodedata.normalize("NFC", letter + accents)
    return composed if len(composed) == 1 else letter


def closed(vowel: str) -> bool:
    """Whether a vowel carries a tone that a syllable ending in p or c must have: ``cốp`` is a word, ``cop`` is none."""
    return not _SOUND.isdisjoint(unicodedata.normalize("NFD", vowel))


def invisible(char: str) -> bool:
    """Whether a character leaves nothing to see of its own: zero-width, soft hyphen, combining mark."""
    return not _PIECES[ord(char)][0]
