"""`make docs`: draws docs/data-model.md from the tables and docs/exchange.schema.json from the exchange models.

What a table is for is said beside it in its ``tables.py``, or by the docstring of the noun it keeps; what a column is
for, in the comment behind it. A test fails when a drawing is stale.
"""

import ast
import importlib
import io
import json
import sys
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import sqlalchemy as sa

import hub.tables  # noqa: F401 - the metadata is only whole with all of them
from hub.db import Json, Secret, UtcTime, metadata
from hub.exchange.model import schema

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "hub"
DATA_MODEL = ROOT / "docs" / "data-model.md"
SCHEMA = ROOT / "docs" / "exchange.schema.json"

INTRODUCTION = """# The data model

Drawn by `make docs` from the tables of the code; do not edit. Moments are UTC, days are local (Asia/Ho_Chi_Minh),
money is whole đồng. Every table stands in the `tables.py` of its package.
"""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the source says of one table: its purpose and notes by column."""

    package: str
    purpose: str
    notes: Mapping[str, str]


def main() -> None:
    """Write both drawings."""
    DATA_MODEL.write_text(data_model(), "utf-8")
    SCHEMA.write_text(exchange_schema(), "utf-8")
    sys.stdout.write(f"{DATA_MODEL.relative_to(ROOT)}, {SCHEMA.relative_to(ROOT)}\n")


def exchange_schema() -> str:
    """The published JSON Schema."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def data_model() -> str:
    """Every table with its columns, types and keys."""
    said = said_of_tables()
    parts = [INTRODUCTION]
    package = ""
    for name in sorted(metadata.tables, key=lambda n: (said[n].package, n)):
        if said[name].package != package:
            package = said[name].package
            parts.append(f"## {package}\n\n{_first_sentence(_module(package, 'tables'))}\n")
        parts.append(_table(metadata.tables[name], said[name]))
    return "\n".join(parts)


def _table(table: sa.Table, said: Said) -> str:
    lines = [f"### {table.name}", "", said.purpose, "", "| column | type | key | |", "|---|---|---|---|"]
    for column in table.columns:
        kind = _kind(column.type) + (" or none" if column.nullable else "")
        lines.append(f"| {column.name} | {kind} | {_keys(table, column)} | {said.notes.get(column.name, '')} |")
    unique = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint) and len(c.columns) > 1]
    for constraint in sorted(unique, key=lambda c: [column.name for column in c.columns]):
        lines.append(f"\nOnce: {', '.join(column.name for column in constraint.columns)}")
    return "\n".join(lines) + "\n"


def _kind(kind: sa.types.TypeEngine[object]) -> str:
    if isinstance(kind, UtcTime):
        return "moment"
    if isinstance(kind, Json):
        return "JSON"
    if isinstance(kind, Secret):
        return "ciphertext"
    if isinstance(kind, sa.Text):
        return "text"
    if isinstance(kind, sa.String):
        return f"text, at most {kind.length}"
    names = {sa.BigInteger: "đồng", sa.Integer: "number", sa.Boolean: "yes or no", sa.Date: "day", sa.Float: "decimal"}
    return next(word for known, word in names.items() if isinstance(kind, known))


def _keys(table: sa.Table, column: "sa.Column[object]") -> str:
    keys = ["primary"] if column.primary_key else []
    alone = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint) and list(c.columns) == [column]]
    keys += ["unique"] * bool(alone or column.unique)
    targets = {f"{key.column.table.name}.{key.column.name}" for key in column.foreign_keys}
    keys += [f"→ {target}" for target in sorted(targets)]
    return ", ".join(keys)


# ---- what the source says ----------------------------------------------------------------------------------------


def said_of_tables() -> dict[str, Said]:
    """Table -> what its ``tables.py`` says. Raises LookupError for a table nobody said a word about."""
    return {name: said for file in sorted(PACKAGE.glob("*/tables.py")) for name, said in _said(file)}


def _said(file: Path) -> Iterator[tuple[str, Said]]:
    package = file.parent.name
    source = file.read_text("utf-8")
    comments = {
        token.start[0]: token.string.lstrip("# ").strip()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and not token.string.startswith("# fmt:")
    }
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and _called(node.value) == "Table" and isinstance(node.value, ast.Call):
            variable, name = node.targets[0], node.value.args[0]
            if isinstance(variable, ast.Name) and isinstance(name, ast.Constant) and isinstance(name.value, str):
                purpose = _sentence(comments.get(node.lineno, "")) or _of_noun(package, variable.id)
                if not purpose:
                    raise LookupError(f"nobody says what the table {name.value} is for: a comment behind sa.Table(")
                yield name.value, Said(package=package, purpose=purpose, notes=_notes(node.value, comments))


def _notes(table: ast.Call, comments: Mapping[int, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for argument in table.args[2:]:
        if _called(argument) == "Column" and isinstance(argument, ast.Call):
            name = argument.args[0]
            last = argument.end_lineno or argument.lineno
            note = next((comments[n] for n in range(argument.lineno, last + 1) if n in comments), "")
            if isinstance(name, ast.Constant) and note:
                found[str(name.value)] = note.replace("|", "\\|").replace("``", "`")
    return found


def _called(node: ast.expr) -> str:
    return node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""


def _sentence(comment: str) -> str:
    text = comment.replace("``", "`").rstrip(".")
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _of_noun(package: str, variable: str) -> str:
    """The first sentence of the dataclass the table keeps, ``Producer`` for ``producer``."""
    noun = getattr(_module(package, "model"), "".join(part.title() for part in variable.split("_")), None)
    return "" if noun is None else _first_sentence(noun)


def _module(package: str, name: str) -> ModuleType:
    return importlib.import_module(f"hub.{package}.{name}")


def _first_sentence(what: object) -> str:
    paragraph = " ".join((getattr(what, "__doc__", None) or "").split("\n\n")[0].split()).replace("``", "`")
    return paragraph.split(". ")[0].rstrip(".") + "." if paragraph else ""


if __name__ == "__main__":
    main()
