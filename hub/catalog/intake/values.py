"""Stars, GTIN, phones, decision numbers, kinds of producer and other cells as offices write them. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from hub.catalog.intake.dates import find_date
from hub.catalog.intake.legacy import bare
from hub.types import fold

_STAR_SIGNS = "*★⭐✭✮✯✩⋆＊"
_WORD_STARS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
_PENDING = re.compile(
    r"^cho\b|cho (?:qd|quyet dinh|ket qua)|de nghi|de xuat|du kien|phan dau|dang ky|dang cho|dang danh gia|dang xet"
    r"|chua (?:dat|duoc|co|cong nhan)|tiem nang"
)
_STAR = re.compile(
    r"(?<!\d)0?(\d{1,2})\s*(?:sao|\*|★|⭐)|hang\s*(?:sao\s*)?:?\s*0?(\d{1,2})(?!\d)|(?<![a-z])(mot|hai|ba|bon|tu|nam|sau)\s+sao|(?<![a-z])(i{1,3}|iv|v)\s+sao|hang\s*(i{1,3}|iv|v)(?![a-z])|sao\s*:?\s*0?(\d)(?!\d)"
)


@dataclass(frozen=True, slots=True)
class ReadStars:
    """Certified stars 3 to 5, or the reason why the row cannot be accepted; ``marks`` are finding codes."""

    stars: int | None
    reason: str | None = None
    marks: tuple[str, ...] = ()


@lru_cache(maxsize=8_192)
def read_stars(value: object) -> ReadStars:
    """A star cell. ``reason`` is one of star_missing, star_invalid, star_not_certifiable, not_yet_recognised."""
    if isinstance(value, bool):
        return ReadStars(None, "star_invalid")
    if isinstance(value, int | float):
        return _judged(int(value), ()) if float(value).is_integer() else ReadStars(None, "star_invalid")
    if not isinstance(value, str):
        return ReadStars(None, "star_invalid")
    text = value.strip()
    if not text or text in {"-", "–", "…", "..."}:
        return ReadStars(None, "star_missing")
    if re.fullmatch(r"\d", text):
        return _judged(int(text), ())
    return _from_text(text)


def _from_text(text: str) -> ReadStars:
    text = text[1:-1].strip() if text[0] == "(" and text[-1] == ")" else text
    signs = "".join(text.split())
    if all(c in _STAR_SIGNS or c in "☆\ufe0f" for c in signs):
        return _judged(sum(c in _STAR_SIGNS for c in signs), ("star_text_normalised",))
    folded = fold(text)
    head = re.split(r"[(\[,;]", folded, maxsplit=1)[0].strip()
    if _PENDING.search(head):
        return ReadStars(None, "not_yet_recognised")
    plain = folded.strip(" .")
    if found := re.fullmatch(r"0?(\d{1,2})(?:[.,]0+)?", plain):
        return _judged(int(found[1]), ("star_text_normalised",))
    if found := re.fullmatch(r"(\d)\s*/\s*5(?:\s*sao)?", plain):
        return _judged(int(found[1]), ("star_text_normalised",))
    if found := re.fullmatch(r"(?:dat|hang|loai)?\s*0?(\d)\s*(?:[*★⭐☆]+|stars?)?", plain):
        return _judged(int(found[1]), ("star_text_normalised",))
    if found := re.search(r"(?:len|->|→|=>)\s*(?:hang\s*)?0?(\d)\s*(?:sao|\*|$)", plain):
        return _judged(int(found[1]), ("star_text_extra",))
    if found := re.fullmatch(r"(?:hang |dat )?(i{1,3}|iv|v|mot|hai|ba|bon|nam)", plain):
        return _judged(_ROMAN.get(found[1]) or _WORD_STARS[found[1]], ("star_text_normalised",))
    if found := _TWICE.fullmatch(plain):
        return _judged_twice(found)
    if re.search(r"khong dat", head):
        return ReadStars(None, "star_not_certifiable")
    if re.search(r"\d\s*[-–/,]\s*\d\s*sao", head):
        return ReadStars(None, "star_invalid")
    told = [_star_of(m) for m in _STAR.finditer(head)]
    if len(set(told)) != 1:
        return ReadStars(None, "star_invalid")
    rest = folded[len(head) :]
    others = {_star_of(m) for m in _STAR.finditer(rest)} - set(told)
    if not others and _ONLY_PENDING.match(rest):
        return ReadStars(None, "not_yet_recognised")
    if others and not _PENDING.search(rest) and not _OTHER_TIME.search(rest):
        return ReadStars(None, "star_invalid")
    extra = ("star_text_extra",) if _has_extra(folded) else ("star_text_normalised",)
    return _judged(told[0], () if re.fullmatch(r"\d sao", text) else extra)


# ``Bốn (04) sao``, ``4 (bốn) sao``: the number and its word, which have to agree.
_TWICE = re.compile(
    r"(?:hang |dat )?(?:(mot|hai|ba|bon|tu|nam)\s*\(\s*0?(\d)\s*\)|0?(\d)\s*\(\s*(mot|hai|ba|bon|tu|nam)\s*\))"
    r"(?:\s*sao)?"
)
_ONLY_PENDING = re.compile(
    r"\s*[(,;\[-]\s*(?:du kien|de nghi|de xuat|dang ky|tiem nang|phan dau|cho \w+|dang \w+|chua \w+)[^,;\d]*[)\]]?$"
)
_OTHER_TIME = re.compile(r"\b(?:tu|cu|truoc|nang|len|muc tieu|huong|lan dau|tiem nang)\b")


def _judged_twice(found: re.Match[str]) -> ReadStars:
    word, number = found[1] or found[4], int(found[2] or found[3])
    if _WORD_STARS[word] != number:
        return ReadStars(None, "star_invalid")
    return _judged(number, ("star_text_normalised",))


def _has_extra(folded: str) -> bool:
    left = _STAR.sub(" ", folded)
    return bool(re.sub(r"\b(?:hang|sao|dat|ocop|san pham|cap|tinh|huyen|xep|loai|sp)\b|[\W\d_]", "", left))


def _star_of(found: re.Match[str]) -> int:
    number = found[1] or found[2] or found[6]
    if number:
        return int(number)
    return _WORD_STARS[found[3]] if found[3] else _ROMAN[found[4] or found[5]]


def _judged(stars: int, marks: tuple[str, ...]) -> ReadStars:
    if stars in (3, 4, 5):
        return ReadStars(stars, None, marks)
    return ReadStars(None, "star_not_certifiable" if stars in (1, 2) else "star_invalid")


@dataclass(frozen=True, slots=True)
class ReadText:
    """A cell's value in its stored form, or None; ``marks`` are finding codes."""

    text: str | None
    marks: tuple[str, ...] = ()


NO_TEXT = ReadText(None)


_NO_GTIN = {"-", "khong", "khong co", "chua co", "chua", "k", "x", "/", "dang dang ky", "chua dang ky", "dang lam"}


@lru_cache(maxsize=32_768)
def read_gtin(value: object) -> ReadText:
    """A GTIN-8, -12, -13 or -14 as digits. Wrong check digit or lost digits: None and why."""
    if isinstance(value, bool):
        return ReadText(None, ("gtin_invalid",))
    if isinstance(value, int | float):
        if value <= 0 or not float(value).is_integer() or value >= 1e15:
            return ReadText(None, ("gtin_invalid",))
        digits = f"{value:.0f}"
        if len(digits) >= 12 and digits.endswith("00000"):
            return ReadText(None, ("gtin_lost_precision",))
        return _checked(digits, ("gtin_was_number",))
    text = unicodedata.normalize("NFKC", str(value)).strip().lstrip("'’")
    if not text or fold(text) in _NO_GTIN:
        return NO_TEXT
    if not text.isdigit():
        text = re.sub(r"(?<=\d{8})[.,]0{1,2}$", "", text)  # a number that a text export gave decimals
    if re.fullmatch(r"\d+(?:[.,]\d+)?\s*[eE]\s*\+?\s*\d+", text):
        return ReadText(None, ("gtin_lost_precision",))
    digits = re.sub(r"[\s.\-–]", "", text)
    if digits.startswith("(01)"):
        digits = digits[4:]
    if not digits.isdigit():
        found = re.findall(r"(?<!\d)\d{12,14}(?!\d)", text)
        return _checked(found[0], ("gtin_text_extra",)) if len(found) == 1 else ReadText(None, ("gtin_invalid",))
    return _checked(digits, () if digits == text else ("gtin_separators_removed",))


def _checked(digits: str, marks: tuple[str, ...]) -> ReadText:
    if len(digits) not in (8, 12, 13, 14):
        return ReadText(None, ("gtin_invalid",))
    if not has_check_digit(digits):
        return ReadText(None, ("gtin_check_digit",))
    if len(digits) == 14 and digits[0] == "0":
        digits = digits[1:]  # the same item number, written in 14 places
    if (digits.startswith(("978", "979")) and len(digits) == 13) or not digits.strip("0"):
        return ReadText(None, ("gtin_invalid",))  # a book's number, or none
    return ReadText(digits, marks)


def has_check_digit(digits: str) -> bool:
    """The modulo-10 rule of GS1."""
    weighted = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return weighted % 10 == 0


_NEW_PREFIX = {
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038",
    "0169": "039", "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
    "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
# The change of 11-digit mobile numbers to 10 digits in 2018 (source to be checked against the ministry's notice).


@lru_cache(maxsize=32_768)
def read_phone(value: object) -> ReadText:
    """A Vietnamese number as E.164 (``+84...``); the first of several."""
    if isinstance(value, bool):
        return ReadText(None, ("phone_invalid",))
    if isinstance(value, int | float):
        digits = f"{value:.0f}" if float(value).is_integer() and value > 0 else ""
        return _phone(
            digits if digits.startswith(("84", "0")) and len(digits) > 10 else "0" + digits, ("phone_was_number",)
        )
    text = str(value).strip()
    if not text or fold(text) in {"-", "khong", "khong co", "chua co", "x", "/"}:
        return NO_TEXT
    parts = [p for p in re.split(r"[;,/\n]|\s+-\s+|\s+(?:hoặc|va|và)\s+", text) if sum(c.isdigit() for c in p) >= 8]
    several = ("phone_several",) if len(parts) > 1 else ()
    first = parts[0] if parts else text
    kept = re.sub(r"^\D*?(?=[+\d(])", "", first)
    if not parts and re.fullmatch(r"[\d\s.,]+", kept):
        kept = kept.replace(",", "")
    if re.search(r"[^\d\s.+()\-–]", kept):
        kept = re.split(r"[^\d\s.+()\-–]", kept, maxsplit=1)[0]
    digits = re.sub(r"\D", "", kept)
    if len(digits) > 18:  # two numbers with nothing but a dash or a blank between them
        cut = next((c for c in (10, 11) if _phone(digits[:c], ()).text and _phone(digits[c:], ()).text), 0)
        digits, several = (digits[:cut], ("phone_several",)) if cut else (digits, several)
    if len(digits) == 9 and digits[0] in "35789":
        return _phone("0" + digits, ("phone_leading_zero_added", *several))
    return _phone(digits, several)


def _phone(digits: str, marks: tuple[str, ...]) -> ReadText:
    if digits.startswith("0084"):
        digits = digits[2:]
    if digits.startswith("84") and len(digits) in (11, 12):
        digits = "0" + digits[2:].lstrip("0") if digits[2] == "0" else "0" + digits[2:]
    if len(digits) == 11 and digits[:4] in _NEW_PREFIX:
        digits, marks = _NEW_PREFIX[digits[:4]] + digits[4:], ("phone_old_prefix", *marks)
    mobile = len(digits) == 10 and digits[0] == "0" and digits[1] in "35789"
    fixed = len(digits) in (10, 11) and digits.startswith("02")
    service = digits[:4] in ("1800", "1900") and len(digits) in (8, 10)
    if mobile or fixed:
        return ReadText("+84" + digits[1:], marks)
    return ReadText(digits, marks) if service else ReadText(None, ("phone_invalid",))


@dataclass(frozen=True, slots=True)
class ReadDecision:
    """A decision number, and what else stood in its cell."""

    number: str
    day: date | None = None
    day_problem: str | None = None
    issuer: str = ""
    marks: tuple[str, ...] = ()


NO_DECISION = ReadDecision("")
_DECISION = re.compile(
    r"(\d+[A-Za-zĐđ]?\s*/\s*(?:\d{4}\s*/\s*)?(?:Q[ĐĐD]|GCN|NQ|TTr|QD)[\wĐđÀ-ỹ.\-–/ ]*?)"
    r"(?=\s*(?:$|[,;(]|ngày|ngay|của|cua|ký|về|tháng|[-–/_]?\s*\d{1,2}[/.\-]\d{1,2}[/.\-](?:\d{4}|\d{2})(?!\d))|\s+\d)",
    re.IGNORECASE,
)
_PART_DATE = re.compile(r"\b(?:tháng|năm)\s*\d|\bngày\s*[.…_]*\s*tháng|(?<![\d/])\d{1,2}/20\d{2}\b(?!/)", re.IGNORECASE)
_ISSUER = re.compile(r"(?:của|cua)\s+((?:UBND|Ủy ban|Uỷ ban|Bộ|Chủ tịch|BNN|Sở).+)$", re.IGNORECASE)


@lru_cache(maxsize=32_768)
def read_decision(value: object) -> ReadDecision:
    """``Số 215/QĐ-UBND ngày 20/5/2024 của UBND huyện ...`` into its parts."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ReadDecision(f"{value:.0f}", marks=("decision_no_short",))
    text = str(value).strip() if isinstance(value, str) else ""
    if not text or fold(text) in {"-", "chua co", "khong", "khong co", "x", "/", "chua", "dang cho", "cho qd"}:
        return NO_DECISION
    issuer = _ISSUER.search(text)
    written = find_date(text)
    day, problem = (written.day, written.problem) if written else (None, None)
    marks = ("date_from_decision_text",) if day else ()
    numbers = [m[1] for m in _DECISION.finditer(text)]
    if len(numbers) > 1:
        return ReadDecision(_tidy(numbers[-1]), None, None, "", ("decision_several",))
    if numbers and day is None and problem is None and _PART_DATE.search(text):
        problem = "incomplete"
    if numbers:
        number, extra = _tidy(numbers[0]), _spelling(numbers[0])
        return ReadDecision(number, day, problem, issuer[1].strip() if issuer else "", (*marks, *extra))
    head = re.split(r"\s*(?:,|;|\bngày\b|\bngay\b|\bcủa\b)", text, maxsplit=1, flags=re.IGNORECASE)[0]
    head = re.sub(r"^(?:quyết định|qđ|qd|số|so|:|\s)+(?=.*\d)", "", head, flags=re.IGNORECASE).strip(" .:")
    if not any(c.isdigit() for c in head):
        return ReadDecision("", day, problem, marks=marks)
    short = ("decision_no_short",) if head.isdigit() else ()
    return ReadDecision(_tidy(head), day, problem, issuer[1].strip() if issuer else "", (*marks, *short))


def _tidy(number: str) -> str:
    text = re.sub(r"\s*([/\-–])\s*", r"\1", " ".join(number.split())).replace("–", "-").strip(" .-/")
    text = re.sub(r"(?<=[/\-])ubnd\b", "UBND", text)
    return re.sub(r"/QD(?=-|$)", "/QĐ", re.sub(r"/qđ|/Qđ|/qd|/Qd", "/QĐ", text))


def _spelling(written: str) -> tuple[str, ...]:
    return () if _tidy(written) == " ".join(written.split()) else ("decision_no_normalised",)


_KINDS: tuple[tuple[str, str], ...] = (
    ("LHHTX", r"lien hiep (?:cac )?(?:htx|hop tac xa)|\blhhtx\b|\blh htx\b"),
    ("HTX", r"hop tac xa|\bhtx\w*"),
    ("THT", r"to hop tac|\btht\b|to lien ket|nhom ho|to san xuat|chi hoi.*san xuat"),
    ("TT", r"trang trai|\bfarm\b|\btt\b"),
    ("HKD", r"ho kinh doanh|ho kd|\bhkd\b|ho gia dinh|ho san xuat|ho sx|ho ca the|ho ca nhan|^ho\b|co so|^cs\b|\bcssx\b"
     r"|\bcsvc\b|lo (?:banh|san xuat)|nha vuon"),
    ("DNNVV", r"doanh nghiep|\bdn\w*|cong ty|\bcty\b|\bct\b|tnhh|co phan|\bctcp\b"
     r"|xi nghiep|\bcp\b|nha may|tap doan|sme"),
    ("HOI", r"\bhoi\b|hiep hoi|lien hiep|trung tam|ban quan ly|lien minh"),
)  # fmt: skip
_KIND_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)


@lru_cache(maxsize=32_768)
def subject_kind(text: str) -> str | None:
    """The kind code a type cell or a producer's name points to; None when it does not say. The first word wins."""
    folded = bare(text)
    found = [(m.start(), order, kind) for order, (kind, p) in enumerate(_KIND_PATTERNS) if (m := p.search(folded))]
    return min(found)[2] if found else None


_YES = {"co", "x", "yes", "true", "1", "v", "dung", "da tham gia", "da co", "✓", "✔", "√", "☑"}
_NO = {"khong", "no", "false", "0", "chua", "khong co", "chua co", "k", "-", "ko"}


@lru_cache(maxsize=4_096)
def read_flag(value: object) -> bool | None:
    """Yes, no, or not told."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value)
    folded = fold(str(value))
    return True if folded in _YES else False if folded in _NO else None


@lru_cache(maxsize=32_768)
def read_list(text: str) -> tuple[str, ...]:
    """``HACCP; ISO 22000:2018`` as its items; commas inside brackets do not part."""
    if not text:
        return ()
    parts = re.split(r"\s*[;\n|]\s*|\s*,\s*(?![^(]*\))", text) if "," in text or ";" in text or "|" in text else [text]
    return tuple(dict.fromkeys(p for p in (p.strip(" .") for p in parts) if p and fold(p) not in _NO))


@lru_cache(maxsize=8_192)
def read_int(value: object) -> int | None:
    """A whole number, or the only one in a text (``12 tháng``)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else None
    found = re.findall(
        r"\d+", str(value).replace(".", "") if re.fullmatch(r"\d{1,3}(\.\d{3})+", str(value)) else str(value)
    )
    return int(found[0]) if len(found) == 1 else None


@lru_cache(maxsize=8_192)
def read_decimal(value: object) -> float | None:
    """A number with a decimal comma or point, unit words around it allowed (``85,5 điểm``)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    found = re.findall(r"\d+(?:[.,]\d+)?", str(value))
    return float(found[0].replace(",", ".")) if len(found) == 1 else None


@lru_cache(maxsize=8_192)
def plain_number(value: float) -> str:
    """A number cell as text without a false ``.0``."""
    return f"{value:.0f}" if float(value).is_integer() else repr(value)


_GROUNDS = (
    ("false_dossier", r"khong trung thuc|gian doi|gia mao|sai su that"),
    ("mark_misuse", r"su dung (?:sai )?nhan hieu|logo|nhan hieu chung nhan"),
    ("production_stopped", r"ngung san xuat|dung san xuat|ngung hoat dong|khong con san xuat|giai the"),
    ("criteria_not_kept", r"khong duy tri|khong dap ung|khong dat|khong con dap ung"),
    ("law_violation", r"vi pham|an toan thuc pham|chat luong|moi truong|so huu tri tue"),
    ("other_authority", r"co quan (?:khac|chuc nang|co tham quyen)"),
)


@lru_cache(maxsize=4_096)
def revocation_ground(text: str) -> str:
    """The ground (Decision 26/2026, article 8.1) a reason text points to; empty when it does not say."""
    folded = fold(text)
    return next((ground for ground, pattern in _GROUNDS if re.search(pattern, folded)), "")


_PERSONAL = re.compile(r"(?:cccd|cmnd|cmt|căn cước|chứng minh|định danh)[^\d]{0,25}(?:\d[\s.]?){9,12}", re.IGNORECASE)
# A person's birth or people as one item of a remark; a story about a people's cake is no such item.
_BORN_OR_PEOPLE = re.compile(
    r"\bsinh\s*(?:năm|ngày)\s*:?\s*\d[\d/.\-]*|\bnăm sinh\s*:?\s*\d{4}|\b(?:ngày sinh)\s*:?\s*\d[\d/.\-]*"
    r"|(?:(?<=[,;(])\s*|^|\bngười\s+)dân tộc\s*:?\s*[^,;).\d]{2,15}(?=$|[,;).])",
    re.IGNORECASE,
)
_NINE_DIGITS = re.compile(r"\d(?:[\s.]?\d){8}")
_CITIZEN = re.compile(r"(?<![\d/])0\d{2}[0-9]\d{8}(?!\d)")


def without_personal(text: str) -> tuple[str, bool]:
    """The text with citizen numbers taken out, and whether there were any."""
    low = text.lower()  # the pattern is slow and these two words are rare
    told = _BORN_OR_PEOPLE.search(text) if "sinh" in low or "dân tộc" in low else None
    if len(text) < 9 or (told is None and _NINE_DIGITS.search(text) is None):
        return text, False
    kept = _CITIZEN.sub("", _PERSONAL.sub("", text))
    kept = _BORN_OR_PEOPLE.sub("", kept) if told else kept
    return (" ".join(kept.split()).strip(" ,;:()-"), True) if kept != text else (text, False)
