"""The hub's own processes, started as an operator would, killed as a power cut would."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from hub.config import Config, load


@dataclass
class Process:
    """One process of the hub. ``words`` is its command."""

    name: str
    words: Sequence[str]
    log: Path
    running: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "hub.cli", *self.words], stdout=log, stderr=log,
                env=os.environ | {"LANG": "C.UTF-8"},
            )  # fmt: skip

    def kill(self) -> None:
        """As a power cut: no goodbye."""
        if self.running is not None:
            self.running.send_signal(signal.SIGKILL)
            self.running.wait()
            self.kills += 1

    def stop(self) -> int:
        """As an operator: asked, then waited for; answers its exit status."""
        if self.running is None:
            return 0
        self.running.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            return self.running.wait(30)
        self.running.kill()
        return self.running.wait()

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None


@dataclass
class Crew:
    """All processes over one database, and those that may be killed."""

    folder: Path
    config: Config
    config_file: Path
    port: int
    members: list[Process] = field(default_factory=list)

    def hire(self, name: str, *words: str) -> Process:
        words = ("--config", str(self.config_file), *words)
        made = Process(name=name, words=words, log=self.folder / f"{name}.log")
        self.members.append(made)
        return made

    def start(self) -> None:
        for member in self.members:
            member.start()

    def revive(self) -> int:
        """What ended by itself is started again, as systemd would; how many that were."""
        ended = [member for member in self.members if not member.alive]
        for member in ended:
            member.start()
        return len(ended)

    def stop(self) -> list[int]:
        return [member.stop() for member in self.members]

    def kill_all(self) -> None:
        for member in self.members:
            if member.alive:
                member.kill()

    def wait_for_web(self, seconds: float = 60.0) -> float:
        """Until something answers at the hub's address; seconds it took. Raises TimeoutError."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return time.monotonic() - began
            time.sleep(0.02)
        raise TimeoutError(f"nothing answers on port {self.port}")


def free_port() -> int:
    """A port nobody uses now; kept over restarts, so that platforms find us again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


PACE = 40
"""Calls a second to each shop: platforms that are paced, paced faster than real ones, or the run takes an hour."""


def settings(
    folder: Path, database_url: str, port: int, urls: Mapping[str, str], apps: Mapping[str, Mapping[str, str]]
) -> tuple[Config, Path]:
    """A settings file with short patience, and what it says. ``urls``: where each platform answers."""
    keys = folder / "keys"
    keys.write_text(Fernet.generate_key().decode() + "\n")
    keys.chmod(0o600)
    file = folder / "hub.toml"
    file.write_text(f"""
database_url = "{database_url}"
data_dir = "{folder}"
keys_file = "{keys}"
allow_private_addresses = true
[web]
bind = "127.0.0.1:{port}"
[patience]
lease = 4
retry_now = 0.5
retry_bulk = 1
retry_longest = 8
webhooks = 15
sweep = 1
[schedules]
push = "* * * * *"
pull = "* * * * *"
money = "*/2 * * * *"
readback = "*/5 * * * *"
recount = "*/3 * * * *"
{_table("paces", dict.fromkeys(urls, PACE))}
{_table("platform_urls", urls)}
{"".join(_table(f"apps.{name}", keys) for name, keys in apps.items())}
""")
    return load(file), file


def _table(name: str, values: Mapping[str, object]) -> str:
    """A TOML table of texts and numbers."""
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
