"""House rules that a machine can guard: import laws, help, words in both languages, no index address, no long files."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "hub"

PLANTS = {
    "Layers": ("hub/types.py", "import hub.sync.model"),
    "Pure modules": ("hub/sync/plan.py", "import sqlalchemy"),
    "Stores know no network": ("hub/sales/store/rows.py", "import httpx2"),
    "Web talks to no platform": ("hub/web/hooks.py", "import httpx2"),
    "The sandbox is a second reading": ("hub/sandbox/app.py", "import hub.connectors.model"),
    "Connectors know no catalogue": ("hub/connectors/woocommerce/__init__.py", "import hub.connectors.shopee"),
    "Connectors import errors": ("hub/connectors/woocommerce/words.py", "import hub.catalog.model"),
}
"""Contract (first words) -> a line that breaks it."""


def lint_imports(root: Path) -> str:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=root, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)},
    )  # fmt: skip
    return done.stdout + done.stderr


def broken(report: str) -> set[str]:
    return {line.rsplit(" ", 1)[0].strip() for line in report.splitlines() if line.rstrip().endswith("BROKEN")}


def test_the_import_laws_hold() -> None:
    report = lint_imports(ROOT)
    assert "0 broken" in report, report


@pytest.mark.parametrize("contract", sorted(PLANTS))
def test_a_planted_violation_of_each_law_is_caught(contract: str, tmp_path: Path) -> None:
    place, line = PLANTS[contract]
    shutil.copytree(PACKAGE, tmp_path / "hub", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = tmp_path / place
    target.write_text(f"{line}\n{target.read_text()}")
    assert any(name.startswith(contract) for name in broken(lint_imports(tmp_path)))


def test_every_law_has_its_planted_violation() -> None:
    laws = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert all(any(law["name"].startswith(name) for name in PLANTS) for law in laws)


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def test_every_command_says_what_it_does() -> None:
    from hub.cli import app

    for path, command in commands(get_command(app)):
        assert getattr(command, "help", None), path
        assert CliRunner().invoke(app, [*path, "--help"]).exit_code == 0, path


def test_readme_names_only_commands_that_exist() -> None:
    from hub.cli import app

    known = {path for path, _ in commands(get_command(app))}
    named = re.findall(r"ocop-hub ([a-z]+)(?: ([a-z]+))?", (ROOT / "README.md").read_text())
    assert named
    for first, second in named:
        assert (first,) in known, first
        if any(len(p) == 2 and p[0] == first for p in known) and second:
            assert (first, second) in known, (first, second)


def test_make_help_names_every_target() -> None:
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("setup", "demo", "test", "check", "bench", "chaos", "connector", "docs"):
        assert re.search(rf"^{target}\b", shown, re.MULTILINE), target


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


INDEX_WORDS = ("index-url", "files.pythonhosted", "find-links", "--hash=sha256")


def test_no_package_index_is_named() -> None:
    for path in tracked():
        if path.suffix in {".png", ".xlsx", ".xls", ".ods"} or path == Path(__file__):
            continue
        text = path.read_text(errors="ignore")
        assert not any(word in text for word in INDEX_WORDS), path
    pins = (ROOT / "constraints.txt").read_text()
    assert "://" not in pins
    assert all(re.fullmatch(r"[A-Za-z0-9._\-]+==[^\s]+", line) for line in pins.splitlines() if line)


def test_no_lock_file_is_tracked() -> None:
    assert not {p.name for p in tracked()} & {"uv.lock", "pylock.toml", "poetry.lock"}


CLOCKS = {"now", "utcnow", "today", "time", "fromtimestamp"}


def test_only_the_clock_asks_what_time_it_is() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path == PACKAGE / "clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.id if isinstance(owner, ast.Name) else ""
                asks = (name in {"datetime", "date"} and node.func.attr in CLOCKS - {"time", "fromtimestamp"}) or (
                    name == "time" and node.func.attr in {"time", "time_ns"}
                )
                assert not asks, f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_file_outgrows_one_head() -> None:
    long = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in PACKAGE.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > 500} == {}
