"""Every step by hand, as an operator would type it: real processes, a real sandbox on a port of its own."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from hub.catalog import claims
from hub.clock import RealClock
from hub.sandbox.config import default_config
from hub.types import LOCAL

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parent.parent.parent
WORLD = datetime(2026, 11, 21, 8, 0, tzinfo=LOCAL)
REGISTRY = ROOT / "examples" / "registry"


@dataclass(frozen=True)
class Desk:
    """One installation in a folder, and the sandbox beside it."""

    folder: Path
    sandbox: str

    def type(self, *words: str, stdin: str = "", expect: int = 0) -> str:
        """Run one command; its standard output."""
        done = subprocess.run(
            [sys.executable, "-m", "hub.cli", "--config", str(self.folder / "hub.toml"), *words],
            input=stdin, capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | {"LANG": "C.UTF-8"},
        )  # fmt: skip
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.type(*words, "--json").splitlines()[-1])

    def control(self, path: str, **body: object) -> Any:
        """Ask the sandbox's control address; a body makes it a POST."""
        content = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            f"{self.sandbox}/_control/{path}", data=content, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    offset = (WORLD - RealClock().now()).total_seconds()
    (tmp_path / "hub.toml").write_text(
        f'database_url = "sqlite:///{tmp_path / "hub.db"}"\ndata_dir = "{tmp_path}"\nallow_private_addresses = true\n'
        f'keys_file = "{tmp_path / "keys"}"\nclock_offset_seconds = {offset}\n'
    )
    (tmp_path / "keys").write_text(Fernet.generate_key().decode())
    (tmp_path / "keys").chmod(0o600)
    server = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "sandbox", "--port", "0", "--offset", str(offset)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert server.stderr is not None
        yield Desk(tmp_path, server.stderr.readline().strip())
    finally:
        server.terminate()
        server.wait(timeout=20)
        if server.stderr is not None:
            server.stderr.close()


def test_from_an_empty_folder_to_a_take_down(desk: Desk) -> None:
    assert "E011" in desk.type("check", expect=1)
    desk.type("migrate")
    assert "E0" not in desk.type("check")
    imported = desk.json("catalog", "import", str(REGISTRY / "tay_ninh.xlsx"))
    assert imported[0]["totals"]["accepted"] == 139
    portal = next(shop for shop in default_config().woocommerce.shops if shop.key == "portal")
    keys = f"consumer_key={portal.keys[0].consumer_key}\nconsumer_secret={portal.keys[0].consumer_secret}\n"
    desk.type("shop", "add", "woocommerce", "--base-url", f"{desk.sandbox}/woocommerce/portal", "--province", "80",
              "--kind", "provincial_portal", "--name", "Cổng", stdin=keys)  # fmt: skip
    assert "consumer" not in desk.type("shop", "list")
    planned = desk.json("sync", "plan", "Cổng")
    creates = [c for c in planned["commands"] if c["do"] == "Create"]
    assert creates
    pushed = desk.json("sync", "run", "Cổng", "push")
    assert (pushed["result"], pushed["done"]) == ("ok", len(creates))
    assert [c["do"] for c in desk.json("sync", "plan", "Cổng")["commands"]] == []

    listings = desk.control("ledger")["woocommerce/portal"]["listings"]
    claimed = next(one for one in listings if claims.find(one["title"]))
    product = next(c["product"] for c in creates if c["draft"]["title"] == claimed["title"])
    assert [run["kind"] for run in desk.json("sync", "history")] == ["push"]
    desk.type("catalog", "revoke", product, "--document", "12/QĐ-UBND", "--ground", "mark_misuse")
    assert desk.json("sync", "run", "Cổng", "gates")["done"] == 1
    after = next(
        one for one in desk.control("ledger")["woocommerce/portal"]["listings"] if one["sku"] == claimed["sku"]
    )
    assert claims.find(f"{after['title']}\n{after['description']}") == ()

    desk.type("catalog", "stock", product, "--units", "5", "--buffer", "1")
    assert desk.json("sync", "run", "Cổng", "stock")["done"] == 1
    bought = desk.control("buy", shop="woocommerce/portal", lines=[{"sku": claimed["sku"], "quantity": 1}], cod=True)
    desk.control("deliver", shop="woocommerce/portal", order_id=bought["order_id"])
    assert desk.json("sync", "run", "Cổng", "pull")["done"] == 1
    totals = desk.json("sales", "report", "--period", "2026-11")["totals"]
    assert (totals["orders"], totals["net_revenue"]) == (1, claimed["price"])
    assert desk.json("check", "--figures") == {"differences": []}

    assert desk.type("sync", "accept", "Cổng", product, "--ours", expect=1) == ""  # nothing waits
    desk.type("shop", "disconnect", "Cổng")
    desk.type("shop", "resume", "Cổng", expect=1)  # its keys are gone
    desk.type("shop", "add", "woocommerce", "--base-url", f"{desk.sandbox}/woocommerce/portal", "--province", "80",
              "--kind", "provincial_portal", "--name", "Cổng", stdin=keys)  # fmt: skip
    assert [shop["state"] for shop in desk.json("shop", "list")] == ["connected"]


def test_failures_are_said_in_words(desk: Desk) -> None:
    desk.type("migrate")
    desk.type("sync", "run", "không có", expect=1)
    desk.type("sales", "report", "--period", "tháng mười", expect=1)
    desk.type("catalog", "import", str(ROOT / "README.md"), expect=1)
    desk.type("shop", "add", "woocommerce", "--base-url", f"{desk.sandbox}/woocommerce/portal", expect=1)
    desk.type("worker", expect=1)


@pytest.mark.parametrize("words", [("connectors",), ("sync", "next"), ("shop", "list"), ("sync", "history")])
def test_lists_come_as_json(desk: Desk, words: tuple[str, ...]) -> None:
    desk.type("migrate")
    assert isinstance(desk.json(*words), list)
