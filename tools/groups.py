"""Print the requirements of dependency groups in pyproject.toml; for pip releases that do not know groups."""

import sys
import tomllib
from pathlib import Path

groups = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["dependency-groups"]
sys.stdout.write("\n".join(one.replace(" ", "") for name in sys.argv[1:] for one in groups[name]) + "\n")
