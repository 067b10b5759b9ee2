"""``make bench``: every figure in a process of its own, a table, and ``var/bench.json``. ``make bench ONLY=name``.

Each figure is a ratio of two things measured in one run on this machine, or a bound a person feels (seconds, memory).
Exit status 1 when a figure falls short.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.machine import machine

ROOT = Path(__file__).parent.parent
OUT = ROOT / "var" / "bench.json"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """``reach`` is the bound; ``least``: the figure must not be below it, else not above."""

    name: str
    module: str
    work: str
    reach: float | Sequence[float]
    least: bool = False

    def reached(self, value: Any) -> bool:
        """Whether the value keeps the bound (each value its own)."""
        values = value if isinstance(value, list) else [value]
        bounds = self.reach if isinstance(self.reach, Sequence) else [self.reach]
        pairs = list(zip(values, bounds, strict=True))
        return all(v >= b if self.least else v <= b for v, b in pairs)


FIGURES = (
    Figure(name="intake_vs_openpyxl_read", module="bench.intake", reach=1.0,
           work="import 20,000 rows / openpyxl merely reading the file"),
    Figure(name="resync_calls", module="bench.resync", reach=0,
           work="calls for a second sync of 20,000 unchanged products x 8 shops"),
    Figure(name="plan_vs_load", module="bench.resync", reach=2.0,
           work="plan of those 160,000 listings / loading the same rows"),
    Figure(name="rate_efficiency", module="bench.rate", reach=0.95, least=True,
           work="publish to 4 shops at 20 calls/s each: ideal time / real time"),
    Figure(name="connectors_rate_efficiency", module="bench.connectors_rate", reach=0.95, least=True,
           work="publish to one shop at 20 calls/s: ideal time / real time, the slowest platform"),
    Figure(name="lines_per_connector", module="bench.lines", reach=(200, 350),
           work="Python lines of a connector's own: median; longest"),
    Figure(name="call_cpu_vs_bare", module="bench.call_cpu", reach=1.5,
           work="CPU of a signed, paced, decoded call / the same call by bare httpx2"),
    Figure(name="ingest_vs_copy", module="bench.ingest", reach=(2.0, 5.0),
           work="10,000 orders x 3 lines: upsert / COPY; with ledger, stock, rollups / COPY"),
    Figure(name="fanout_p99_s", module="bench.fanout", reach=1.0,
           work="order hint in -> last of 7 other shops has the new stock, 20 orders/s"),
    Figure(name="idle_rss_mb", module="bench.idle", reach=130, work="ocop-hub serve on SQLite, at rest"),
    Figure(name="cold_start_s", module="bench.idle", reach=1.5, work="ocop-hub serve until it answers"),
)  # fmt: skip


def main(only: Sequence[str]) -> int:
    """Run, print, write. Figures of one module come from one run of it."""
    chosen = [f for f in FIGURES if not only or f.name in only]
    if not chosen:
        sys.stderr.write(f"no such figure; known: {', '.join(f.name for f in FIGURES)}\n")
        return 2
    found: dict[str, dict[str, Any]] = {}
    for module in dict.fromkeys(f.module for f in chosen):
        sys.stderr.write(f"{module} ...\n")
        found[module] = measure(module)
    rows = [(f, found[f.module].get(f.name)) for f in chosen]
    here = machine()
    print_table(rows, here)
    write(rows, found, here)
    return 0 if all(value is not None and f.reached(value) for f, value in rows) else 1


def measure(module: str) -> dict[str, Any]:
    """The JSON object a bench prints as its last line; empty when it failed (its words are shown)."""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", module], cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        sys.stderr.write(done.stderr[-2000:] + "\n")
        return {}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer | {"took_s": round(time.monotonic() - began, 1)}


def print_table(rows: Sequence[tuple[Figure, Any]], here: dict[str, object]) -> None:
    """Name, result, reach, whether it is reached, work."""
    print(f"{here['cpu']}, {here['cores']} cores, Python {here['python']}")
    for figure, value in rows:
        sign = ">=" if figure.least else "<="
        mark = "failed" if value is None else "ok" if figure.reached(value) else "SHORT"
        print(f"{figure.name:27} {value!s:>14}  {sign} {figure.reach!s:12} {mark:7} {figure.work}")


def write(rows: Sequence[tuple[Figure, Any]], found: dict[str, dict[str, Any]], here: dict[str, object]) -> None:
    """Into ``var/bench.json``; figures not measured now keep what was written before."""
    OUT.parent.mkdir(exist_ok=True)
    known: dict[str, Any] = json.loads(OUT.read_text()) if OUT.exists() else {}
    figures = known.get("figures", {})
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for figure, value in rows:
        ok = value is not None and figure.reached(value)
        figures[figure.name] = {
            "value": value, "reach": figure.reach, "ok": ok, "at": now, "machine": here,
            "facts": {k: v for k, v in found[figure.module].items() if k != figure.name},
        }  # fmt: skip
    OUT.write_text(json.dumps({"machine": here, "figures": figures}, ensure_ascii=False, indent=1) + "\n")
