"""Text as Vietnamese offices left it: TCVN3 and VNI font codes, decomposed Unicode, double encoding. Pure.

A candidate reading replaces the text only when it makes more words that can be Vietnamese, so plain Unicode, French
or code-like text is left alone. Tables: TCVN 5712:1993 (VN3) and the VNI-Windows pairs.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TCVN3_CODES = {
    "¡": "Ă", "¢": "Â", "£": "Ê", "¤": "Ô", "¥": "Ơ", "¦": "Ư", "§": "Đ", "¨": "ă", "©": "â", "ª": "ê", "«": "ô",
    "¬": "ơ", "\xad": "ư", "®": "đ", "µ": "à", "¶": "ả", "·": "ã", "¸": "á", "¹": "ạ", "»": "ằ", "¼": "ẳ", "½": "ẵ",
    "¾": "ắ", "Æ": "ặ", "Ç": "ầ", "È": "ẩ", "É": "ẫ", "Ê": "ấ", "Ë": "ậ", "Ì": "è", "Î": "ẻ", "Ï": "ẽ", "Ð": "é",
    "Ñ": "ẹ", "Ò": "ề", "Ó": "ể", "Ô": "ễ", "Õ": "ế", "Ö": "ệ", "×": "ì", "Ø": "ỉ", "Ü": "ĩ", "Ý": "í", "Þ": "ị",
    "ß": "ò", "á": "ỏ", "â": "õ", "ã": "ó", "ä": "ọ", "å": "ồ", "æ": "ổ", "ç": "ỗ", "è": "ố", "é": "ộ", "ê": "ờ",
    "ë": "ở", "ì": "ỡ", "í": "ớ", "î": "ợ", "ï": "ù", "ñ": "ủ", "ò": "ũ", "ó": "ú", "ô": "ụ", "õ": "ừ", "ö": "ử",
    "÷": "ữ", "ø": "ứ", "ù": "ự", "ú": "ỳ", "û": "ỷ", "ü": "ỹ", "ý": "ý", "þ": "ỵ",
}  # fmt: skip
_TCVN3 = str.maketrans(_TCVN3_CODES)
_VNI_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_VNI_HATS = {
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323",
}  # fmt: skip
_VNI_BREVES = {
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309", "ü": "\u0306\u0303",
    "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_ALONE = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "í": "í", "ì": "ì"}
_VNI_PAIR = re.compile(
    "[aA][øùûõïØÙÛÕÏâáàåãäÂÁÀÅÃÄêéèúüëÊÉÈÚÜË]|[eEoO][øùûõïØÙÛÕÏâáàåãäÂÁÀÅÃÄ]|[uUyYôÔöÖ][øùûõïØÙÛÕÏ]"
    "|[ôÔöÖñÑæÆóÓòÒîÎíÍìÌ]"
)
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_WORD = re.compile(r"[^\W\d_]+")
_ONSET = "(?:ngh|ng|nh|th|tr|ph|kh|gi|gh|ch|qu|b|c|d|đ|g|h|k|l|m|n|p|q|r|s|t|v|x)?"
_RHYME = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|ăc|ăm|ăn|ăng|ăp|ăt|âc|âm|ân|âng|âp|ât|âu|ây|e|ec|em|en|eng|eo|ep|et|"
    "ê|êch|êm|ên|ênh|êp|êt|êu|i|ia|ich|iêc|iêm|iên|iêng|iêp|iêt|iêu|im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|"
    "oanh|oao|oap|oat|oay|oăc|oăm|oăn|oăng|oăt|oc|oe|oen|oeo|oet|oi|om|on|ong|ooc|oong|op|ot|ô|ôc|ôi|ôm|ôn|ông|ôp|ôt|"
    "ơ|ơi|ơm|ơn|ơp|ơt|u|ua|uân|uâng|uât|uây|uc|uê|uêch|uênh|ui|um|un|ung|uơ|up|ut|uôc|uôi|uôm|uôn|uông|uôt|uy|uya|"
    "uych|uyên|uyêt|uynh|uyt|uyu|uyn|uyp|ư|ưa|ưc|ưi|ưm|ưn|ưng|ươc|ươi|ươm|ươn|ương|ươp|ươt|ươu|ưt|ưu|y|yêm|yên|yêng|"
    "yêt|yêu"
)
_SYLLABLE = re.compile(f"{_ONSET}(?:{_RHYME})")
_STOPPED = re.compile("(?:c|ch|p|t)$")
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


def from_tcvn3(text: str) -> str:
    """Text typed in a TCVN3 (ABC) font, read as Latin-1, in NFC Unicode. All-capital text stays capital."""
    read = text.translate(_TCVN3)
    # Capital fonts (.VnTimeH) keep small codes: the unaccented letters tell that the text stood in capitals.
    capitals = re.search("[A-Z][^ ]*[A-Z]", text) and not re.search("[a-z]", text)
    return read.upper() if capitals else read


def from_vni(text: str) -> str:
    """Text typed in a VNI-Windows font, read as Latin-1, in NFC Unicode."""
    return unicodedata.normalize("NFC", _VNI_PAIR.sub(_one_vni_pair, text))


def _one_vni_pair(found: re.Match[str]) -> str:
    pair = found.group()
    base = pair[0]
    letter = _VNI_ALONE.get(base.lower(), base.lower())
    if base.isupper():
        letter = letter.upper()
    if len(pair) == 1:
        return letter
    mark = pair[1].lower()
    return letter + (_VNI_TONES.get(mark) or _VNI_HATS.get(mark) or _VNI_BREVES.get(mark, ""))


_BYTE_OF = {chr(b): bytes([b]) for b in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}  # bytes Windows-1252 leaves open
_OPEN_BYTES = frozenset(_BYTE_OF)


def _as_bytes(text: str) -> bytes:
    if not _OPEN_BYTES.isdisjoint(text):
        return b"".join(_BYTE_OF.get(c) or c.encode("cp1252") for c in text)
    return text.encode("cp1252")


def from_double_utf8(text: str) -> str | None:
    """UTF-8 that was read as Windows-1252 once too often; None when it is not that."""
    read = None
    for _ in range(2):  # some files went through it twice
        try:
            read = _as_bytes(read or text).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            break
        if read.isascii():
            break
    return read


@lru_cache(maxsize=65_536)
def is_syllable(word: str) -> bool:
    """Whether a word (NFC) can be one Vietnamese syllable by its letters and tone."""
    tones = 0
    plain: list[str] = []
    sharp_or_heavy = False
    for c in unicodedata.normalize("NFD", word.lower()):
        if c in _TONES:
            tones += 1
            sharp_or_heavy = c in ("\u0301", "\u0323")
        else:
            plain.append(c)
    base = unicodedata.normalize("NFC", "".join(plain))
    if tones > 1 or not _SYLLABLE.fullmatch(base):
        return False
    return not (tones and _STOPPED.search(base)) or sharp_or_heavy


def plausibility(text: str) -> int:
    """Vietnamese words with accents count for the reading, odd letters against it. Compare, do not interpret."""
    points = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        if is_syllable(word):
            points += 2
        elif not (word.isupper() and len(word) <= 5):  # QĐ, UBND, HĐND: short forms say nothing
            points -= 3
    return points - 2 * sum(1 for c in text if "\x80" <= c <= "\xbf" and c not in "\xa0°²³½¼·«»")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cell's text ready for use, and what had to be done to it (finding codes)."""

    text: str
    marks: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def clean(raw: str) -> Cleaned:
    """NFC, single blanks, no invisible characters, legacy codes decoded."""
    if raw.isascii():
        text = " ".join(raw.split())
        return Cleaned(text, ("whitespace_trimmed",) if len(text) != len(raw.rstrip("\r\n")) else ())
    marks: list[str] = []
    text = raw
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
        marks.append("unicode_nfd_normalised")
    text, mark = _decoded(text)
    if mark:
        marks.append(mark)
    if "Ð" in text or "ð" in text:  # Icelandic eth, typed for the Vietnamese letter it looks like
        text = text.replace("Ð", "Đ").replace("ð", "đ")
        marks.append("lookalike_letter_fixed")
    visible = _INVISIBLE.sub("", text).replace("\xad", "")
    if visible != text:
        marks.append("invisible_removed")
    folded = " ".join(visible.split())
    if len(folded) != len(visible) or "\xa0" in visible:
        marks.append("whitespace_trimmed")
    return Cleaned(folded, tuple(marks))


def _decoded(text: str) -> tuple[str, str | None]:
    if not any("\x80" <= c <= "\xff" for c in text) or not any(c.isascii() and c.isalpha() for c in text):
        return text, None
    best, mark, points = text, None, plausibility(text)
    twice = from_double_utf8(text)
    if twice is not None:
        return unicodedata.normalize("NFC", twice), "mojibake_repaired"
    if any(c > "\xff" and c.isalpha() for c in text):
        return text, None  # real Unicode Vietnamese letters: not a one-byte font
    for name, reading in (("legacy_encoding_tcvn3", from_tcvn3(text)), ("legacy_encoding_vni", from_vni(text))):
        gained = plausibility(reading)
        if gained > points:
            best, mark, points = reading, name, gained
    return best, mark


def bare(text: str) -> str:
    """Lower case without accents, quickly, for patterns and likeness. For search keys use ``hub.types.fold``."""
    low = text.casefold()
    if low.isascii():
        return low
    return unicodedata.normalize("NFD", low.replace("đ", "d")).encode("ascii", "ignore").decode("ascii")


# Spelling, not meaning: old and new tone placement, i/y and capital letters make the same key.
_PLACEMENT = re.compile("(o[àáảãạ]|o[èéẻẽẹ]|u[ỳýỷỹỵ])(?![a-z])")
_MOVED = str.maketrans("àáảãạèéẻẽẹỳýỷỹỵ", "aaaaaeeeeeyyyyy")
_MARKED = {"o": "òóỏõọ", "u": "ùúủũụ"}


@lru_cache(maxsize=65_536)
def name_key(text: str) -> str:
    """Key of a name that keeps accents (``rượu đế`` is not ``rượu dê``) but not case, blanks or tone placement."""
    low = unicodedata.normalize("NFC", text).casefold()
    low = _FINAL_Y.sub(_final_i, low)  # first: the u of "quý" carries no tone
    if not low.isascii():
        low = _PLACEMENT.sub(_old_placement, low)
    return " ".join(re.sub(r"[^\w%]+", " ", low).split())


_FINAL_Y = re.compile(r"(?<!\w)([hklmst]|qu)([yỳýỷỹỵ])(?!\w)")
_Y_TO_I = str.maketrans("yỳýỷỹỵ", "iìíỉĩị")


def _final_i(found: re.Match[str]) -> str:
    return found[1] + found[2].translate(_Y_TO_I)


def _old_placement(found: re.Match[str]) -> str:
    glide, vowel = found.group()[0], found.group()[1]
    plain = vowel.translate(_MOVED)
    tone = "àáảãạèéẻẽẹỳýỷỹỵ".index(vowel) % 5
    return _MARKED[glide][tone] + plain
