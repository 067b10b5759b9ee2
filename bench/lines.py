"""How long a connector is: Python lines that are its own, counted with its comments and blank lines.

Prints ``{"lines_per_connector": [median, longest], ...}``. A connector's own lines are those of every file that import
reaches inside ``hub/connectors`` and that is no base file (:data:`BASE`); a file that n connectors reach counts 1/n for
each, so that moving lines into a file of a family shortens nothing by itself.
"""

import ast
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import hub
from bench.machine import say
from hub import connectors

PACKAGE = "hub.connectors"
BASE = frozenset({
    "api", "base", "manifest", "markup", "model", "pace", "redact", "shapes", "shipping", "social", "transport", "walk",
    "wire",
})  # fmt: skip
"""What connectors share by decision 0005, and what they stood on before it."""


def main() -> None:
    lines = own_lines(Path(hub.__file__).parent.parent)
    found = {name: round(count) for name, count in sorted(lines.items(), key=lambda one: (-one[1], one[0]))}
    say(
        lines_per_connector=[round(statistics.median(lines.values())), max(found.values())], lines=found,
        over_350=[name for name, count in found.items() if count > 350],
    )  # fmt: skip


def own_lines(root: Path) -> dict[str, float]:
    """Lines of each registered connector, by its id. ``root`` is the directory ``hub`` lies in."""
    reached = {place.rpartition(".")[2].partition(":")[0]: reachable(root, place.partition(":")[0])
               for place in connectors.CONNECTORS}  # fmt: skip
    shared = Counter(file for files in reached.values() for file in files)
    return {name: sum(length(file) / shared[file] for file in files) for name, files in reached.items()}


def reachable(root: Path, module: str) -> set[Path]:
    """Files of ``hub/connectors`` that importing ``module`` brings in, base files left out."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        file = where(root, waiting.pop())
        if file is None or file in found:
            continue
        found.add(file)
        waiting += imported(ast.parse(file.read_text(encoding="utf-8")))
    return found


def where(root: Path, module: str) -> Path | None:
    """The file of a module that is some connector's own; None for base files, other packages and mere names."""
    first = module.removeprefix(f"{PACKAGE}.").partition(".")[0]
    if not module.startswith(f"{PACKAGE}.") or first in BASE:
        return None
    path = root.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def imported(tree: ast.Module) -> Iterator[str]:
    """Everything that may be a module in the imports of a file: ``from a import b`` names ``a`` and ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def length(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    main()
