"""`make connector` writes what runs: linted, typed and tested as it comes out, beside a copy of the hub."""

import ast
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORD = "cho_mau"
CODE = (f"hub/connectors/{WORD}.py", f"hub/sandbox/{WORD}.py", f"tests/connectors/test_{WORD}.py")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hub with one connector more."""
    root = tmp_path_factory.mktemp("scaffold")
    unwanted = shutil.ignore_patterns("__pycache__", "*.po", "static")
    shutil.copytree(ROOT / "hub", root / "hub", ignore=unwanted)
    for name in ("__init__.py", "conftest.py", "contract.py", "stages.py"):
        if (ROOT / "tests/connectors" / name).exists():
            (root / "tests/connectors").mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / "tests/connectors" / name, root / "tests/connectors" / name)
    for name in ("tools/connector.py", "pyproject.toml"):
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
    told = run(root, "python", "tools/connector.py", WORD)
    assert "written  hub/connectors/cho_mau.py" in told
    return root


def run(root: Path, tool: str, *words: str) -> str:
    """A tool of this environment in ``root``; it must succeed."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / tool), *words], cwd=root, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_generated_is_linted_and_formatted(place: Path) -> None:
    run(place, "ruff", "check", "--no-cache", *CODE)
    run(place, "ruff", "format", "--no-cache", "--check", *CODE)


def test_what_is_generated_is_typed(place: Path) -> None:
    run(place, "mypy", *CODE)


def test_what_is_generated_passes_what_it_can(place: Path) -> None:
    told = run(place, "pytest", "-p", "no:cacheprovider", "-n0", "-rs", CODE[2])
    assert " passed" in told
    assert "not able: Publishes" in told


@pytest.mark.parametrize("word", ["ab", "a_very_long_platform2"])
def test_the_length_of_the_word_does_not_matter(word: str, place: Path) -> None:
    run(place, "python", "tools/connector.py", word)
    names = [name.replace(WORD, word) for name in CODE]
    run(place, "ruff", "check", "--no-cache", *names)
    run(place, "ruff", "format", "--no-cache", "--check", *names)


def test_nothing_is_overwritten(place: Path) -> None:
    (place / CODE[0]).write_text("# mine\n")
    assert f"kept     {CODE[0]}" in run(place, "python", "tools/connector.py", WORD)
    assert (place / CODE[0]).read_text() == "# mine\n"


def test_a_word_that_cannot_be_a_module_is_refused(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(place / "tools/connector.py"), "Chợ"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2


GUIDE = (ROOT / "docs/guides/write-a-connector.md").read_text("utf-8")


def test_the_guide_names_only_files_that_are_there() -> None:
    named = set(re.findall(r"\b(?:hub|tests|tools|docs)/[\w/.-]*\w\.(?:py|md|toml)\b", GUIDE))
    assert len(named) > 8
    assert [name for name in sorted(named) if "cho_que" not in name and not (ROOT / name).is_file()] == []


def test_the_guides_examples_are_python_and_say_what_there_is() -> None:
    examples = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    known = "".join(path.read_text() for path in (ROOT / "hub/connectors").glob("*.py"))
    for example in examples:
        for node in ast.walk(ast.parse(textwrap.dedent(example))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "walk":
                assert f"self.{node.attr}" in known or f"def {node.attr}(" in known, node.attr
    called = set(re.findall(r"\b(one_by_one|side_by_side|grouped|at_their_place|insist|one_of|complaint)\b", GUIDE))
    assert len(called) == 7
    assert [name for name in called if f"def {name}(" not in known] == []
