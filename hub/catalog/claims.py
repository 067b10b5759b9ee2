"""OCOP claims in text: found however they are disguised, taken out with the words that lean on them. Pure.

:func:`find` and :func:`star_claims` look, :func:`strip` and :func:`clean` take away, :func:`phrase` words a claim that
is allowed. What is stripped holds no claim any more, and stripping it again changes nothing.
"""

import re
from dataclasses import dataclass
from datetime import date

from hub.catalog.claim_search import Claim, find, kept, star_claims
from hub.catalog.lookalikes import fold
from hub.catalog.model import Certificate

__all__ = ["Claim", "Texts", "clean", "find", "kept", "phrase", "proof", "star_claims", "strip", "strip_file_name"]

# ---- words that lean on a claim and fall with it (accented, lower case) ------------------------------------------

_PRODUCT = r"(?:(?:là|các|những|một|dòng)\s+)*(?:sản phẩm|sp|san pham)"
_LEFT_WORDS = (
    r"đạt (?:tiêu )?chuẩn|đạt (?:chứng nhận|danh hiệu|hạng)|dat (?:tieu )?chuan|đạt|(?:tiêu )?chuẩn|tieu chuan|chuan"
    r"|(?:được |đã |vừa )*(?:cấp |có )?(?:giấy )?chứng nhận(?: là)?|giay chung nhan|chung nhan|gcn"
    r"|(?:được |đã |vừa )+(?:công nhận|xếp hạng|phân hạng|đánh giá|xếp|nhận|trao)(?:,? (?:xếp hạng|phân hạng))?(?: là)?"
    r"|được|đã|xếp hạng|phân hạng|công nhận(?: là)?|danh hiệu|hạng|tham gia chương trình|chương trình|chuong trinh"
    r"|(?:có |in |gắn |mang |dán )*(?:logo|tem|nhãn hiệu|nhãn|biểu tượng|dấu|thương hiệu)(?: chứng nhận)?"
    r"|theo|thuộc|với|certified|certificate|rated|logo of|the|as an?"
)
_LEFT = re.compile(rf"(?:(?<!\w)(?:{_LEFT_WORDS})(?:[^\S\n]|[:\-_–])*)+\Z")
_LEFT_NUMBER = re.compile(r"(?:số\s*:?\s*)?\d[\d/.]*/?(?:gcn[ \-/]*)?\Z")
_LEFT_PRODUCT = re.compile(rf"(?<!\w){_PRODUCT}(?:[^\S\n]|[:\-_–])*\Z")
_LEFT_AND = re.compile(r"(?:\s|^)(?:và|and|&|cùng|hoặc)[^\S\n]*\Z")
_RIGHT = re.compile(
    r"(?:[\s,:\-–]*(?:cấp (?:tỉnh|quốc gia|huyện|trung ương|thành phố)|quốc gia|hạng|năm \d{4}|từ năm \d{4}"
    r"|đợt \d+|(?:được|đã) (?:công nhận|chứng nhận|cấp)|certified|certification|standard|product|certificate"
    r"|giai đoạn \d{4}\s*[-–]\s*\d{4}|(?:trên|ở) (?:bao bì|nhãn|hộp|tem)"
    r"|(?:còn|có) (?:hiệu lực|giá trị) (?:đến|từ)(?: hết)?(?: ngày)? [\d/.\-]+"
    r"|(?:theo|tại|do|số|kèm)?\s*(?:quyết định|qđ)(?: công nhận)?(?:\s*số)?\s*:?\s*\d[\w/\-]*|ngày \d[\d/.\-]*\d"
    r"|(?:giấy )?chứng nhận số\s*:?\s*\d[\w/\-]*|(?:của|do) (?:chủ tịch )?(?:ubnd|ủy ban nhân dân)"
    r"(?: (?:tỉnh|huyện|thành phố|thị xã|tp\.?|tx\.?))?(?P<place>(?: \w+){0,3})|việt nam(?=\s*(?:[.,;!)\n]|$)))(?!\w))+"
)
_RIGHT_AND = re.compile(r"\s*(?:và|and|&|cùng)\s+(?=\w)")
_SENTENCE_END = re.compile(r"[.!?…;]+(?=\s|$)|\n")
_REST_WORDS = """
    sản phẩm sp là của được đã đạt theo số ngày tháng năm quyết định qđ ubnd tỉnh huyện xã do tại cấp công nhận giấy
    chứng nhận có hiệu lực đến từ hết còn giá trị và chương trình hạng sao xếp phân loại chuẩn tiêu danh hiệu đây này
    chúng tôi hiện đang với các những một on in by the is a an of product this
"""
_REST = frozenset(_REST_WORDS.split())
_LABEL = re.compile(r"[^:\n.]{1,40}:\s*")
_NEAR = 300  # letters on either side in which leaning words are looked for
_EDGE = " \t\u00a0,;:–—-|/+&•·_#"
_OPEN, _CLOSE = "([{“\"'«【", ")]}”\"'»】"


def strip(text: str) -> str:
    """The text without any claim and without the words that leaned on one; unchanged when there is none.

    A sentence that said nothing else goes with it. ``""`` when nothing is left.
    """
    while claims := find(text):
        for claim in reversed(claims):
            if text[claim.start : claim.end] == claim.text:  # not gone with the one behind it
                text = _without(text, claim)
    return text


def _without(text: str, claim: Claim) -> str:
    """One claim less; always shorter, so that stripping ends."""
    start, end = _leaning(text, claim.start, claim.end)
    first, last = _sentence(text, claim.start, claim.end)
    if _says_nothing(text[first : max(first, start)]) and _says_nothing(text[min(end, last) : last]):
        start, end = min(first, start), max(last, end)
        while end < len(text) and text[end] in ".!?…;":
            end += 1
    elif (label := _lone_label(text, start, end)) is not None:
        start = label
        while end < len(text) and text[end] in " .":
            end += 1
    return _joined(text[:start], text[end:])


def _lone_label(text: str, start: int, end: int) -> int | None:
    """Where a line like ``Ghi chú: <claim>`` begins, when other lines stay."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last
    others = text[:first].strip() or text[last:].strip()
    return first if others and _LABEL.fullmatch(text, first, start) and not text[end:last].strip(" .") else None


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    first = max((m.end() for m in _SENTENCE_END.finditer(text, 0, start)), default=0)
    following = _SENTENCE_END.search(text, end)
    return first, len(text) if following is None else following.start()


def _says_nothing(text: str) -> bool:
    """Whether only function words, numbers and dates are left."""
    words = re.findall(r"\w[\w/.\-]*", fold(text).toned)
    return all(word in _REST or word[0].isdigit() for word in words)


def _leaning(text: str, start: int, end: int) -> tuple[int, int]:
    """The claim with the words beside it that would make no sense alone."""
    base = max(0, start - _NEAR)
    before, after = fold(text[base:start]), fold(text[end : end + _NEAR])
    left, right = before.toned, after.toned
    taken = 0
    if (m := _RIGHT.match(right)) is not None:
        taken = _place_end(text[end:], after.at, m) if m["place"] else m.end()
    kept_to = len(left)
    if (m := _LEFT_NUMBER.search(left)) is not None and left.endswith(("gcn-", "gcn/", "/")):
        kept_to = m.start()
    kept_to = _left_cut(left[:kept_to])
    product = _LEFT_PRODUCT.search(left, 0, kept_to)
    if product is not None and not re.match(r"\s+[a-zà-ỹđ]", _rest(text[end:], after.at, taken)):
        kept_to = _left_cut(left[: product.start()])
    if (m := _RIGHT_AND.match(right, taken)) is not None and kept_to < len(left) and product is None:
        kept_to, taken = len(left), m.end()  # "đạt OCOP 4 sao và VietGAP" -> "đạt VietGAP"
    elif (m := _LEFT_AND.search(left, 0, kept_to)) is not None:
        kept_to = m.start()
    first = start if kept_to >= len(left) else base + before.at[kept_to]
    last = end if taken == 0 else end + after.at[taken - 1] + 1
    return first, last


def _left_cut(left: str) -> int:
    m = _LEFT.search(left)
    return len(left) if m is None else m.start()


def _rest(text: str, at: tuple[int, ...], taken: int) -> str:
    return text if taken == 0 else text[at[taken - 1] + 1 :]


def _place_end(text: str, at: tuple[int, ...], m: re.Match[str]) -> int:
    """Of the words after an issuer only the capitalised ones are its place name."""
    end = m.start("place")
    for word in re.finditer(r" \w+", m.string[m.start("place") : m.end("place")]):
        if not text[at[m.start("place") + word.start() + 1]].isupper():
            break
        end = m.start("place") + word.end()
    return end


def _joined(left: str, right: str) -> str:
    """Both sides of a cut with the punctuation of one text: no doubled commas, no empty brackets, no loose dashes."""
    bare_left, bare_right = left.rstrip(_EDGE), right.lstrip(_EDGE)
    while bare_left[-1:] and bare_right[:1] and _OPEN.find(bare_left[-1]) == _CLOSE.find(bare_right[0]) >= 0:
        left, right = bare_left[:-1], bare_right[1:]
        bare_left, bare_right = left.rstrip(_EDGE), right.lstrip(_EDGE)
    above, below = left.rstrip(_EDGE + "\n"), right.lstrip(_EDGE + "\n")
    gap_above, gap_below = left[len(above) :].count("\n"), right[: len(right) - len(below)].count("\n")
    if (gap_above or not above) and (gap_below or not below):
        return above + "\n" * max(gap_above, gap_below) + below if above and below else above or below
    if gap_above or not above:
        return (above + "\n" * gap_above if above else "") + _opened(below)
    if gap_below or not below:
        return above + ("\n" * gap_below + below if below else "")
    if bare_right[0] in ".,;:!?…" or bare_right[0] in ")]}”»】":
        return bare_left + bare_right
    if bare_left[-1] in "([{“«【":
        return bare_left + bare_right
    return bare_left + _separator(left[len(bare_left) :], right[: len(right) - len(bare_right)]) + bare_right


def _opened(text: str) -> str:
    """The start of a line after its first words were cut: no full stop in front."""
    return text.lstrip(_EDGE + ".!?…")


def _separator(before: str, after: str) -> str:
    """Of the separators on both sides the one that says most, once."""
    for mark in ("|", "—", "–", "-", ";", ",", ":", "/", "+", "•", "·", "_"):
        if mark in before and (mark in after or mark in ",;:" or not after.strip()):
            return mark if mark in "/_" or (mark == "-" and " " not in before) else before.rstrip() + " "
        if mark in after and mark not in "-_":
            return (" " if mark in "|—–+•·/" else "") + mark + " "
        if mark in after:
            return after if " " not in after else " - "
    return " "


# ---- whole listings ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Everything of a listing that people or search engines read. ``pictures``: alternative texts or file names."""

    title: str
    description: str = ""
    short: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    pictures: tuple[str, ...] = ()


def clean(texts: Texts, *, fallback: str) -> Texts:
    """All texts without claims. A title that was nothing else becomes ``fallback`` (stripped too); empty facts go."""
    attributes = ((name, strip(value)) for name, value in texts.attributes if not find(name))
    return Texts(
        title=strip(texts.title) or strip(fallback),
        description=strip(texts.description),
        short=strip(texts.short),
        attributes=tuple((name, value) for name, value in attributes if value),
        pictures=tuple(strip_file_name(name) for name in texts.pictures),
    )


def proof(texts: Texts) -> tuple[Claim, ...]:
    """All claims of a listing, field after field: empty is the proof that none is left."""
    fields = [texts.title, texts.description, texts.short, *texts.pictures]
    fields += [part for pair in texts.attributes for part in pair]
    return tuple(claim for field in fields for claim in find(field))


def strip_file_name(name: str) -> str:
    """A file name or alternative text without claims; the ending stays, and something is left in front of it."""
    if not find(name):
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 5 or not ending.isalnum():
        return strip(name)
    return f"{strip(stem) or 'image'}.{ending}"


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """The wording of a claim that a certificate carries; never asterisks (glossary: "3 sao", never "***")."""

    title: str
    description: tuple[str, ...]


def phrase(certificate: Certificate, until: date) -> Phrase:
    """What may be said while the certificate is in force; ``until``: its last day (``rules.last_day``)."""
    name = f"OCOP {certificate.stars} sao"
    issuer = f" của {certificate.issuer}" if certificate.issuer else ""
    decision = f"Sản phẩm {name} theo Quyết định số {certificate.decision_no} ngày {_day(certificate.decision_date)}"
    number = f"Giấy chứng nhận số {certificate.certificate_no}, " if certificate.certificate_no else ""
    validity = f"có hiệu lực đến hết ngày {_day(until)}."
    return Phrase(
        title=name, description=(f"{decision}{issuer}.", number + validity if number else validity.capitalize())
    )


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
