"""Every problem code used anywhere has words in both languages, and words that hold together."""

import ast
import fnmatch
import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import hub
from hub import connectors, problems, texts
from hub.problems import PROBLEMS

RAISED = {
    "Problem", "HubError", "Invalid", "Denied", "Conflict", "Unavailable", "LeaseLost", "Unreachable", "Throttled",
    "Unauthorised", "Refused", "Vanished", "Garbled", "Finding",
}  # fmt: skip
"""Calls whose first argument, or ``code=``, is a problem code."""
BY_KEYWORD = {"problem", "code", "problem_code"}
"""Keywords that carry a code in whatever call: Verdict(problem=...), set_state(problem=...)."""

ROOT = Path(hub.__file__).parent


def codes_in(tree: ast.AST, raised: Collection[str] = RAISED) -> Iterator[tuple[str, int]]:
    """(code, line) of every problem code written down in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node, raised)
        elif isinstance(node, ast.Tuple) and len(node.elts) > 1 and _is_gate(node.elts[0]):
            yield from _texts(node.elts[1:2])
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from _defaults(node)
            if node.name.endswith("_code") or node.name.endswith("_problem"):
                returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
                yield from _texts(returned)


def _call(node: ast.Call, raised: Collection[str]) -> Iterator[tuple[str, int]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in raised and node.args:
        yield from _texts(node.args[:1])
    if name in ("Verdict", "_all", "_finding"):  # (kind, code), (kind, code, platform codes ...), (gate, code)
        yield from _texts(node.args[1:2])
    if name in {*raised, "Verdict", "set_state"}:
        yield from _texts([one.value for one in node.keywords if one.arg in BY_KEYWORD])


def _is_gate(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and re.fullmatch(r"G\d\d", str(node.value)) is not None


def _defaults(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, int]]:
    arguments = node.args.args[len(node.args.args) - len(node.args.defaults) :]
    pairs = [
        *zip(arguments, node.args.defaults, strict=True),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    yield from _texts([value for name, value in pairs if name.arg in BY_KEYWORD and value is not None])


def _texts(nodes: list[ast.expr]) -> Iterator[tuple[str, int]]:
    """Literal texts, also those of ``a if x else b``; of ``f"{x}_y"`` the pattern ``*_y``."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value, node.lineno
        elif isinstance(node, ast.IfExp):
            yield from _texts([node.body, node.orelse])
        elif isinstance(node, ast.JoinedStr):
            parts = [str(one.value) if isinstance(one, ast.Constant) else "*" for one in node.values]
            yield "".join(parts), node.lineno


def used() -> dict[str, str]:
    """Code -> where it is used first."""
    found: dict[str, str] = {}
    for file in sorted(ROOT.rglob("*.py")):
        intake = "intake" in file.parts  # what it says of rows has a table of its own (findings.toml)
        for code, line in codes_in(ast.parse(file.read_text("utf-8")), RAISED - {"Finding"} if intake else RAISED):
            found.setdefault(code, f"{file.relative_to(ROOT.parent)}:{line}")
    return found


def test_the_scanner_sees_every_way_a_code_is_written() -> None:
    source = """
raise Refused("a", x=1)
Problem(code="b")
errors.Invalid("c" if x else "d")
Verdict(kind="refused", problem="e")
Verdict("refused", "f")
set_state(tx, s, "needs_owner", problem="g")
class X:
    def __init__(self, code: str = "h", *, problem: str = "i"): ...
def _ground_code(x):
    return "j"
_finding("G01", "k")
gates = (("G03", "l", law),)
Problem(code=f"{x}_m")
_all("refused", "n", "platform_code")
Other("no"); Other(code="no")
"""
    assert sorted(code for code, _line in codes_in(ast.parse(source))) == ["*_m", *"abcdefghijkln"]


def test_every_code_in_use_is_known() -> None:
    missing = {code: where for code, where in used().items() if not fnmatch.filter(PROBLEMS, code)}
    assert missing == {}


@pytest.mark.parametrize("connector", connectors.all_ids())
def test_every_error_of_every_connector_is_known(connector: str) -> None:
    manifest = connectors.load(connector).manifest
    assert {verdict.problem for verdict in manifest.errors.values()} - PROBLEMS.keys() == set()


def test_every_problem_has_vietnamese_words() -> None:
    messages = [text for spec in PROBLEMS.values() for text in (spec.what, spec.do)]
    assert texts.untranslated(messages, "vi") == ()


def test_both_languages_ask_for_the_same_facts() -> None:
    words = texts.translations("vi")
    different = [
        code
        for code, spec in PROBLEMS.items()
        for text in (spec.what, spec.do)
        if texts.placeholders(text) != texts.placeholders(words.gettext(text))
    ]
    assert different == []


def test_words_are_sentences_without_the_machines_words() -> None:
    shown = [
        getattr(problems.render(code, {}, language), part)
        for code in PROBLEMS
        for language in texts.LANGUAGES
        for part in ("what", "do")
    ]
    assert [text for text in shown if text[-1] not in ".?!" or "{" in text or "  " in text] == []
    assert [text for text in shown if "đồng bộ" in text.casefold() or "thành công" in text.casefold()] == []


def test_an_unknown_code_is_loud() -> None:
    with pytest.raises(LookupError):
        problems.render("no_such_code", {}, "vi")


def test_facts_are_shown_as_people_write_them() -> None:
    facts = {
        "price": 1234567, "count": 20000, "share": 0.125, "day": date(2026, 11, 21), "iso": "2026-12-03",
        "at": datetime(2026, 11, 20, 17, 5, tzinfo=UTC), "skus": ["A", "B"], "none": None,
    }  # fmt: skip
    message = "{price:vnd} {count:number} {share:percent} {day:date} {iso:date} {at:time} {skus} {none} {missing:vnd}"
    assert texts.say(message, "vi", facts) == (
        "1.234.567 ₫ 20.000 12,5 % 21/11/2026 03/12/2026 00:05 21/11/2026 A, B — —"
    )
    assert texts.say(message, "en", facts) == (
        "1,234,567 ₫ 20,000 12.5 % 21 Nov 2026 3 Dec 2026 00:05 21 Nov 2026 A, B — —"
    )


@pytest.mark.parametrize("message", ["{x.__class__}", "{x[0]}", "{x:vnd}"])
def test_words_never_fail_and_never_look_inside(message: str) -> None:
    said = texts.say(message, "vi", {"x": "chữ"})
    assert said in ("—", "chữ")


def test_asides_without_facts_are_left_out() -> None:
    message = "It is off ({seconds:number} seconds) ({a}: {b}) (truly)."
    assert texts.say(message, "en", {"seconds": 5000, "b": ""}) == "It is off (5,000 seconds) (truly)."
    assert texts.say(message, "en", {"b": "x"}) == "It is off (—: x) (truly)."
