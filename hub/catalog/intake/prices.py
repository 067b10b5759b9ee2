"""Prices as offices write them. Pure. Money is whole dong; what could be read two ways is not read at all."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from hub.types import Vnd, fold

_LEAST, _MOST = 1_000, 10_000_000_000  # below: a price in thousands or a typing error; above: not a retail price
_NUMBER = r"\d+(?:[.,\s]\d+)*"
_SCALE = r"(?:k|ngàn|nghìn|ngan|nghin|triệu|trieu|tr)(?![a-zà-ỹ])"
_MONEY = re.compile(rf"({_NUMBER})\s*({_SCALE})?\s*(\d)?\s*(?:đồng|đ|₫|vnđ|vnd|dong|d)?(?![a-zà-ỹ\d])", re.IGNORECASE)
_CURRENCY = re.compile(r"đồng|vnđ|vnd|₫|\bđ\b|(?<=\d)đ|(?<=\d\s)đ\b", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:-|–|—|~|÷|→|đến|den|tới|toi)\s*", re.IGNORECASE)
_FROM = re.compile(r"^(?:giá\s*)?(?:khoảng|tầm|từ|chỉ từ|giá|~|≈)\s*:?\s*", re.IGNORECASE)
_LEAD = re.compile(r"^(?:vnđ|vnd|₫|đ)\s*(?=\d)", re.IGNORECASE)
_FOREIGN = re.compile(r"usd|us\$|\$|€|\beur\b|nhan dan te|\bcny\b|\bndt\b")
_LABEL = re.compile(
    r"([^\W\d_]{3}[^:;\n/]{0,24}|\d{1,4}\s?(?:k?g|ml|l[ií]t)\b[^:;\n/]{0,12}):\s*([^;\n]+)", re.IGNORECASE
)  # ``hộp 500g: ...``
_CONTACT = (
    "lien he",
    "thoa thuan",
    "thuong luong",
    "thoi gia",
    "thoi diem",
    "theo mua",
    "cap nhat",
    "bao gia",
    "goi de",
)
_SCALES = {"k": 1_000, "ngan": 1_000, "nghin": 1_000, "trieu": 1_000_000, "tr": 1_000_000}


@dataclass(frozen=True, slots=True)
class ReadPrice:
    """One price, or a span, or neither; ``per`` is the unit as written after a slash."""

    price: Vnd | None = None
    low: Vnd | None = None
    high: Vnd | None = None
    per: str | None = None
    marks: tuple[str, ...] = ()


NO_PRICE = ReadPrice()


def header_factor(header: str) -> int:
    """What a price column's numbers are multiplied by: 1,000 for ``(nghìn đồng)`` or ``1.000đ``, else 1."""
    text = fold(header)
    if re.search(r"trieu", text):
        return 1_000_000
    return 1_000 if re.search(r"nghin|ngan|\b1[.,]?000\b|\bk\b", text) else 1


@lru_cache(maxsize=32_768)
def read_price(value: object, factor: int = 1) -> ReadPrice:
    """A price cell (number or text). ``factor``: from :func:`header_factor`."""
    if isinstance(value, bool) or value is None:
        return NO_PRICE
    if isinstance(value, int | float):
        return _from_number(float(value), factor)
    if isinstance(value, str):
        return _from_text(value.strip(), factor)
    return ReadPrice(marks=("price_ambiguous",))


def _from_number(number: float, factor: int) -> ReadPrice:
    amount = round(number * factor)
    if number < 0 or not _LEAST <= amount <= _MOST or abs(amount - number * factor) > 1e-6:
        return ReadPrice(marks=("price_ambiguous",))
    return ReadPrice(amount, marks=("price_unit_from_header",) if factor > 1 else ())


def _from_text(text: str, factor: int) -> ReadPrice:
    if not text or text in {"-", "–", "x", "/"}:
        return NO_PRICE
    folded = fold(text)
    if any(word in folded for word in _CONTACT):
        return ReadPrice(marks=("price_contact",))
    if _FOREIGN.search(folded):
        return ReadPrice(marks=("price_ambiguous",))
    text = _LEAD.sub("", _FROM.sub("", text)).removesuffix(",-")
    if labelled := _LABEL.fullmatch(text):
        inner = _from_text(labelled[2], factor)
        return replace(inner, per=inner.per or " ".join(labelled[1].split()))
    body, per = _split_per(text)
    sides = _RANGE.split(body)
    if len(sides) == 2 and all(any(c.isdigit() for c in side) for side in sides):
        return _from_span(sides[0], sides[1], per, factor)
    found = _MONEY.match(body)
    if found is None:
        return ReadPrice(marks=("price_ambiguous",))
    rest = body[found.end() :].strip(" .,;:")
    if rest:
        trailing = _trailing_unit(rest)
        if trailing is None:
            return ReadPrice(per=per, marks=("price_ambiguous",))
        per = per or trailing
    amount, marks = _amount(found, factor)
    return ReadPrice(amount, per=per, marks=marks)


def _split_per(text: str) -> tuple[str, str | None]:
    """``120.000đ/thùng`` -> (``120.000đ``, ``thùng``)."""
    body, slash, unit = text.partition("/")
    unit = " ".join(unit.split()).strip(" .;/")
    if slash and unit and not re.fullmatch(_NUMBER, unit) and not re.search(r"\d[.,]\d{3}|\d{4}|\d\s*k\b|;", unit):
        return body, unit
    return text, None


def _trailing_unit(rest: str) -> str | None:
    """``một kg``, ``(hộp 500g)``, ``1 kg`` after the amount; None when it may be another price."""
    inner = rest.strip("()").strip()
    if re.match(r"[x×*]\s*\d", inner):
        return None
    inner = re.sub(r"^(?:một|mỗi|cho|trên|01|1)\s+", "", inner, flags=re.IGNORECASE)
    if not inner or re.search(r"\d{4,}|\d[.,]\d{3}|\d\s*(?:k|đ)\b|;", inner, re.IGNORECASE) or not inner[0].isalpha():
        return None
    return inner


def _from_span(left: str, right: str, per: str | None, factor: int) -> ReadPrice:
    low, high = _MONEY.match(left.strip()), _MONEY.match(right.strip())
    if low is None or high is None:
        return ReadPrice(per=per, marks=("price_ambiguous",))
    scale = high[2] if not low[2] and high[2] else None
    if (
        not scale
        and not low[2]
        and re.fullmatch(r"\d{1,3}", low[1])
        and re.fullmatch(r"\d{1,3}[.,]000", high[1].strip())
    ):
        scale = "k"  # 120-150.000: the thousands stand at the end only
    first, marks = _amount(low, factor, scale)
    second, more = _amount(high, factor)
    if first is None or second is None or first >= second:
        return ReadPrice(per=per, marks=("price_ambiguous",))
    rest = right.strip()[high.end() :].strip(" .,;")
    return ReadPrice(
        None, first, second, per or (_trailing_unit(rest) if rest else None), ("price_range", *{*marks, *more})
    )


def _amount(found: re.Match[str], factor: int, scale: str | None = None) -> tuple[Vnd | None, tuple[str, ...]]:
    digits, word, tail = found[1].strip(), scale or found[2], found[3]
    if word:
        times = _SCALES[fold(word)]
        number = _decimal(digits)
        if tail and times == 1_000_000 and number is not None:  # 1tr2
            number += int(tail) / 10
        elif tail:
            return None, ("price_ambiguous",)
        if number is None:
            return None, ("price_ambiguous",)
        amount = round(number * times)
        marks: tuple[str, ...] = ("price_suffix_k",) if times == 1_000 else ("price_suffix_million",)
        return (amount, marks) if _LEAST <= amount <= _MOST else (None, ("price_ambiguous",))
    if tail:
        return None, ("price_ambiguous",)
    if factor > 1 and re.fullmatch(r"\d{1,4}[.,]\d{1,2}", digits):
        return round(float(digits.replace(",", ".")) * factor), ("price_unit_from_header",)
    whole, marks = _grouped(digits)
    if whole is None:
        return None, ("price_ambiguous",)
    if factor > 1 and whole < _LEAST * 10:
        return whole * factor, ("price_unit_from_header", *marks)
    return (whole, marks) if _LEAST <= whole <= _MOST else (None, ("price_ambiguous",))


def _decimal(digits: str) -> float | None:
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        return float(re.sub(r"\D", "", digits)) if "." in digits and "," in digits else None
    text = digits.replace(",", ".")
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _grouped(digits: str) -> tuple[int | None, tuple[str, ...]]:
    """Whole dong from a number with thousands marks; decimals only when they are zeros."""
    if digits.isdigit():
        return int(digits), ()
    if re.fullmatch(r"\d{1,3}([.,\s])\d{3}(\1\d{3})*", digits):
        comma = ("price_comma_thousands",) if "," in digits else ()
        return int(re.sub(r"\D", "", digits)), comma
    tail = re.fullmatch(r"(.+?)[.,]0{1,2}", digits)
    if tail and len(re.sub(r"\D", "", tail[1])) >= 4:
        return _grouped(tail[1])
    return None, ()
