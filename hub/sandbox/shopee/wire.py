"""The shape of questions and answers: parameters in three encodings, one envelope, refusals by code."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from multidict import MultiMapping

Json = dict[str, object]


class Refusal(Exception):
    """The platform says no: ``code`` goes to ``error``, ``text`` to ``message``; a batch says more in ``response``."""

    def __init__(self, code: str, text: str = "", response: object = None) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.response = response


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A success: ``response`` under that key unless None, ``top`` beside it at the top level; or a ``file``."""

    response: object = None
    top: Json = field(default_factory=dict)
    warning: object = ""
    file: bytes = b""


def envelope(answer: Answer, request_id: str) -> Json:
    """The body of a success."""
    body: Json = {"error": "", "message": "", "warning": answer.warning, "request_id": request_id}
    if answer.response is not None:
        body["response"] = answer.response
    body.update(answer.top)
    return body


def refusal_body(refusal: Refusal, request_id: str) -> Json:
    """The body of a refusal."""
    body: Json = {"error": refusal.code, "message": refusal.text, "warning": "", "request_id": request_id}
    return body if refusal.response is None else body | {"response": refusal.response}


def bad(text: str, module: str = "") -> Refusal:
    """A parameter that does not fit."""
    return Refusal(f"{module}.error_param" if module else "error_param", text)


class Args:
    """Business parameters of one call; every reader raises Refusal ``error_param`` for what does not fit.

    ``text`` says that values came as text (a query string); a JSON body must carry real numbers and lists.
    """

    def __init__(self, values: Mapping[str, object], *, text: bool = False) -> None:
        self._values = values
        self._text = text

    @classmethod
    def of_query(cls, query: MultiMapping[str]) -> "Args":
        """Lists as ``a,b``, as a repeated key, or as ``[a,b]``: all three are met in working clients."""
        return cls({key: _listed(query.getall(key)) for key in query}, text=True)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def raw(self, name: str) -> object:
        return self._values.get(name)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; without ``default`` it is needed."""
        value = self._single(name)
        if value is None:
            if default is None:
                raise bad(f"{name} is required")
            return default
        return whole(value, name, text=self._text)

    def string(self, name: str, default: str | None = None) -> str:
        value = self._single(name)
        if value is None:
            if default is None:
                raise bad(f"{name} is required")
            return default
        if not isinstance(value, str):
            raise bad(f"{name} must be a string")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._single(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if self._text and isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
            return value.lower() in ("true", "1")
        raise bad(f"{name} must be a boolean")

    def strings(self, name: str, most: int, *, needed: bool = True) -> list[str]:
        """A list of texts, at most ``most`` long."""
        values = self._list(name, most, needed=needed)
        if not all(isinstance(v, str) for v in values):
            raise bad(f"{name} must be a list of strings")
        return [str(v) for v in values]

    def numbers(self, name: str, most: int, *, needed: bool = True) -> list[int]:
        return [whole(v, name, text=self._text) for v in self._list(name, most, needed=needed)]

    def objects(self, name: str, most: int, *, needed: bool = True) -> list["Args"]:
        """A list of JSON objects."""
        values = self._list(name, most, needed=needed)
        return [Args(v) if isinstance(v, dict) else _no_object(name) for v in values]

    def inner(self, name: str) -> "Args | None":
        """One JSON object, or None when it is not there."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise bad(f"{name} must be an object")
        return Args(value)

    def _single(self, name: str) -> object:
        value = self._values.get(name)
        if self._text and isinstance(value, list):
            return value[0] if len(value) == 1 else ",".join(value)
        return value

    def _list(self, name: str, most: int, *, needed: bool) -> Sequence[object]:
        value = self._values.get(name)
        if value is None or value == [] or value == [""]:
            if needed:
                raise bad(f"{name} is required")
            return []
        if not isinstance(value, list):
            raise bad(f"{name} must be a list")
        if len(value) > most:
            raise bad(f"{name} must not be longer than {most}")
        return value


def _no_object(name: str) -> Args:
    raise bad(f"{name} must be a list of objects")


def whole(value: object, name: str, *, text: bool = False) -> int:
    """An integer out of JSON, or out of text when ``text``."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if text and isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    raise bad(f"{name} must be an integer")


def amount(value: object, name: str) -> float:
    """A JSON number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise bad(f"{name} must be a number")


def dong(value: object, name: str) -> int:
    """A price in dong; decimals are rounded, as the platform does where a currency has none."""
    return int(amount(value, name) + 0.5)


def _listed(values: list[str]) -> list[str]:
    out: list[str] = []
    for value in values:
        if value.startswith("[") and value.endswith("]"):
            try:
                inner = json.loads(value)
            except ValueError:
                inner = value[1:-1].split(",")
            out.extend(part if isinstance(part, str) else json.dumps(part) for part in inner)
        elif "," in value:
            out.extend(part.strip() for part in value.split(","))
        else:
            out.append(value)
    return out
