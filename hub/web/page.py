"""What every page is made with: rendering, problems in words, paging, filters in the address, months."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

import aiohttp_jinja2
from aiohttp import web

from hub import problems
from hub.problems import Rendered
from hub.sales.model import Cut
from hub.web import assets
from hub.web.channels import colour
from hub.web.days import Asked, day_of
from hub.web.names import LANGUAGE_NAMES
from hub.web.texts import Speech
from hub.web.visit import SPEECH, TOKEN, VISITOR, csrf_token

PER_PAGE = 50
PAGE = "trang"


def speech(request: web.Request) -> Speech:
    """How to speak to this visitor."""
    return request[SPEECH]


def shown(request: web.Request, template: str, *, status: int = 200, **parts: object) -> web.Response:
    """A page. ``parts`` are what the template asks for; words and helpers come along by themselves."""
    response: web.Response = aiohttp_jinja2.render_template(
        template, request, {**_around(request), **parts}, status=status
    )  # fmt: skip
    response.enable_compression()
    return response


def _around(request: web.Request) -> dict[str, object]:
    """What every template is given. No context processor: those run before the handler, webhooks' too."""
    say = speech(request)
    session = request.get(TOKEN)
    return {
        "t": say.t, "say": say, "languages": LANGUAGE_NAMES, "asset": assets.address,
        "visitor": request.get(VISITOR), "csrf": csrf_token(session) if session else "",
        "path": request.path, "here": request.path_qs, "address": Address(request.path, request.query),
        "link": link, "colour": colour, "segment": segment,
        "in_words": lambda problem: problems.render(problem.code, _short(problem.facts), say.language),
    }  # fmt: skip


def _short(facts: Mapping[str, object]) -> Mapping[str, object]:
    """Long lists of facts cut to their beginning and how many more there are."""
    return {
        k: (*v[:3], f"+{len(v) - 3}") if isinstance(v, list | tuple) and len(v) > 4 else v for k, v in facts.items()
    }


def problem_page(request: web.Request, code: str, facts: Mapping[str, object], *, status: int) -> web.Response:
    """A problem in words, as a page of its own."""
    words: Rendered = problems.render(code, facts, speech(request).language)
    return shown(request, "problem.html", status=status, problem=words)


# ---- filters in the address --------------------------------------------------------------------------------------


class Address:
    """The address of this page with other filters; the page number begins anew unless it is what changes."""

    def __init__(self, path: str, query: Mapping[str, str]) -> None:
        self._path = path
        self.query = dict(query)

    def but(self, changes: Mapping[str, object]) -> str:
        """This address with ``changes``; an empty value takes a filter away."""
        query = {k: v for k, v in self.query.items() if k != PAGE} | {k: str(v) for k, v in changes.items() if v != ""}
        return link(self._path, {k: v for k, v in query.items() if changes.get(k) != ""})

    def page(self, number: int) -> str:
        """This address on another page."""
        return link(self._path, {**self.query, PAGE: number} if number > 1 else self._without_page())

    def _without_page(self) -> Mapping[str, str]:
        return {k: v for k, v in self.query.items() if k != PAGE}


def segment(text: str) -> str:
    """Text as one part of a path: platforms' order numbers may hold anything."""
    return quote(text, safe="")


def link(path: str, query: Mapping[str, object]) -> str:
    """An address; empty filters are left out."""
    kept = {k: str(v) for k, v in query.items() if v not in ("", None)}
    return f"{path}?{urlencode(kept)}" if kept else path


@dataclass(frozen=True, kw_only=True)
class Paging:
    """Page ``number`` (from 1) of a list of ``count`` lines."""

    number: int
    count: int
    size: int = PER_PAGE

    @property
    def last(self) -> int:
        return max(1, -(-self.count // self.size))

    @property
    def first_line(self) -> int:
        return min((self.number - 1) * self.size + 1, self.count)

    @property
    def last_line(self) -> int:
        return min(self.number * self.size, self.count)


def page_number(request: web.Request) -> int:
    """The page asked for; the first when the address says something else."""
    text = request.query.get(PAGE, "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def offset(request: web.Request) -> int:
    """How many lines lie before the page asked for."""
    return (page_number(request) - 1) * PER_PAGE


def one_of(request: web.Request, name: str, known: Mapping[str, object] | Sequence[str]) -> str:
    """A filter that must be one of ``known``; "" when it is not there, or is anything else."""
    value = request.query.get(name, "")
    return value if value in known else ""


def cut_asked(request: web.Request) -> Cut:
    """``?pham-vi=ocop``: only what was certified at the order's time; else everything."""
    return "ocop" if request.query.get("pham-vi") == "ocop" else "all"


def asked(request: web.Request) -> Asked:
    """``?thang=2026-11``, or ``?tu=2026-11-21&den=2026-12-12``. Raises Invalid("period_invalid")."""
    return Asked(
        month=request.query.get("thang", ""), first=day_asked(request, "tu"), last=day_asked(request, "den")
    )  # fmt: skip


def day_asked(request: web.Request, name: str) -> date | None:
    """A day in the address; None when it names none."""
    text = request.query.get(name, "")
    return day_of(text) if text else None
