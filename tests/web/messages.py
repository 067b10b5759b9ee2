"""Every English sentence of the pages: in templates, in code, in the tables of names."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jinja2
from jinja2 import nodes

import hub.web
from hub.problems.pages import PAGES
from hub.web.names import NAMES

WEB = Path(hub.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
_ENVIRONMENT = jinja2.Environment(autoescape=True)
_CODE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_TAG = re.compile(r"<[^>]*>", re.DOTALL)


def parsed(template: Path) -> nodes.Template:
    """The syntax tree of a template."""
    return _ENVIRONMENT.parse(template.read_text("utf-8"))


def of_template(template: Path) -> Iterator[str]:
    """The sentences that ``t("...")`` says in a template. Anything but a plain text in it is an error."""
    for call in parsed(template).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            assert isinstance(call.args[0], nodes.Const), template
            yield str(call.args[0].value)


def of_code(file: Path) -> Iterator[str]:
    """The sentences that ``something.t("...")`` says in a module."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "t":
            (message,) = node.args
            assert isinstance(message, ast.Constant), file
            yield str(message.value)


def everything() -> list[str]:
    """All sentences, each once, in the order in which they are met."""
    found = [message for template in TEMPLATES for message in of_template(template)]
    found += [message for file in sorted(WEB.rglob("*.py")) for message in of_code(file)]
    found += [name for names in NAMES.values() for name in names.values()]
    found += [text for spec in PAGES.values() for text in (spec.what, spec.do)]
    return list(dict.fromkeys(found))


def bare_words(template: Path) -> list[str]:
    """Words that stand in a template itself, outside of tags and expressions: there must be none."""
    markup = _CODE.sub("", template.read_text("utf-8"))
    return re.findall(r"[^\W\d_]{2,}", re.sub(r"&\w+;", " ", _TAG.sub(" ", markup)))
