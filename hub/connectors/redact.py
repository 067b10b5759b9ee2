"""Takes persons and secrets out of what we keep or log. Pure.

Better too much than too little: a sample only has to show the shape of an answer.
"""

import json
import re
from collections.abc import Iterable

KEEP = 4000
"""Characters of a sample."""

_SECRET_KEY = re.compile(
    r"token|secret|sign$|signature|nonce|password|authorization|(^|_)key$|consumer_|cookie|code$", re.IGNORECASE
)
_PERSON_KEY = re.compile(
    r"phone|mobile|email|address|street|postcode|zip|(first|last|full|middle|buyer|recipient|receiver|user|contact)_?name"
    r"|username|customer_note|message_to_seller|buyer_|recipient_|tax_?code|dropshipper|cpf|birth|customer_ip|user_agent"
    r"|^note$|^(text_)?reason$|^transaction_id$|^method_title$|^ward|^district|^town|^city|latitude|longitude",
    re.IGNORECASE,
)
_PERSON_OBJECT = re.compile(
    r"billing|shipping$|buyer|customer|recipient|receiver|contact|address|sender|^user$|invoice|^meta_data$|dropship",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.])(?:\+?84|0)(?:[\s.-]?\d){8,10}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_QUERY = re.compile(r"\?[^\s\"'<>]*")


def redact(body: bytes, hidden: Iterable[str] = ()) -> str:
    """A body as text with secrets, tokens, phones, e-mail addresses, names and streets as ``***``.

    ``hidden`` are values that must not be seen wherever they stand. At most :data:`KEEP` characters.
    """
    text = body[: KEEP * 16].decode("utf-8", "replace")
    try:
        text = json.dumps(_walk(json.loads(body), person=False), ensure_ascii=False)
    except (ValueError, RecursionError):
        text = _QUERY.sub("?***", text)
    return redact_text(text, hidden)[:KEEP]


def redact_text(text: str, hidden: Iterable[str] = ()) -> str:
    """The same for free text: known values, phone numbers, e-mail addresses."""
    for value in hidden:
        text = text.replace(value, "***")
    return _EMAIL.sub("***", _PHONE.sub("***", text))


def _walk(value: object, *, person: bool) -> object:
    if isinstance(value, dict):
        return {key: _member(str(key), inner, person=person) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, person=person) for inner in value]
    if isinstance(value, str):
        if person and value:
            return "***"
        return _QUERY.sub("?***", value) if "://" in value else value
    return value


def _member(key: str, value: object, *, person: bool) -> object:
    if isinstance(value, (dict, list)):
        return _walk(value, person=person or bool(_PERSON_OBJECT.search(key)))
    if value in (None, "") or isinstance(value, bool):
        return value
    if _SECRET_KEY.search(key) and not (key == "code" and isinstance(value, str) and "_" in value):
        return "***"
    if _PERSON_KEY.search(key):
        return "***"
    return _walk(value, person=person)
