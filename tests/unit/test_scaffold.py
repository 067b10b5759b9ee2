"""`make connector` writes what runs: linted, typed and tested as it comes out, beside a copy of the hub."""

import os
import shutil
import subprocess
import sys
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
