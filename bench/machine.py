"""Which machine measured, and how the numbers are printed."""

import json
import os
import platform
import sys
from pathlib import Path


def machine() -> dict[str, object]:
    """CPU model, cores, Python."""
    return {"cpu": _model(), "cores": os.cpu_count(), "python": sys.version.split()[0], "system": platform.system()}


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def say(**figures: object) -> None:
    """One JSON line, as :mod:`bench.run` reads it."""
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
