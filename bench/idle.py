"""``ocop-hub serve`` on SQLite: seconds until it answers, and memory at rest.

Cold start is measured from the start of the process until a webhook address answers, the median of several starts on a
migrated database (the first start, which migrates, is told beside it). Memory is the resident set a while after.
"""

import argparse
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from bench.machine import machine, say

REST = 8.0
"""Seconds of rest before memory is read: schedules were loaded, sweeps were made."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="idle-") as name:
        folder = Path(name)
        port = free_port()
        file = settings(folder, port)
        first, _ = start(file, port, rest=0)
        starts = [start(file, port, rest=0)[0] for _ in range(given.starts)]
        _, memory = start(file, port, rest=REST)
    say(
        idle_rss_mb=round(memory / 1e6, 1), cold_start_s=round(statistics.median(starts), 2),
        first_start_s=round(first, 2), starts=[round(s, 2) for s in starts], bare_python_s=round(bare(), 2),
        machine=machine(),
    )  # fmt: skip


def start(file: Path, port: int, *, rest: float) -> tuple[float, int]:
    """Seconds until the server answers, and its resident bytes after ``rest`` seconds."""
    began = time.monotonic()
    server = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "--config", str(file), "serve"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        while not answers(port):
            if server.poll() is not None:
                raise RuntimeError((server.stderr.read() if server.stderr else b"").decode()[-2000:])
            time.sleep(0.005)
        took = time.monotonic() - began
        time.sleep(rest)
        return took, resident(server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


def answers(port: int) -> bool:
    """Whether a webhook address says something over HTTP."""
    with suppress(OSError, http.client.HTTPException):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        line.request("POST", "/hooks/woocommerce/none", body=b"{}")
        return line.getresponse().status in (401, 404)
    return False


def resident(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def bare() -> float:
    """Seconds of a Python that imports the server's libraries and nothing of ours: the floor."""
    began = time.monotonic()
    libraries = "import aiohttp.web, sqlalchemy, pydantic, httpx2, cryptography.fernet, typer, structlog"
    subprocess.run([sys.executable, "-c", libraries], check=True)
    return time.monotonic() - began


def settings(folder: Path, port: int) -> Path:
    from cryptography.fernet import Fernet

    (folder / "keys").write_text(Fernet.generate_key().decode() + "\n")
    (folder / "keys").chmod(0o600)
    file = folder / "hub.toml"
    file.write_text(
        f'database_url = "sqlite:///{folder}/hub.db"\ndata_dir = "{folder}"\nkeys_file = "{folder}/keys"\n'
        f'[web]\nbind = "127.0.0.1:{port}"\n'
    )
    return file


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
