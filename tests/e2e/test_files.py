"""The channel of files as an operator types it: real processes, a real registry, sheets out and in."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cryptography.fernet import Fernet

from tests.unit.sync.files.sheets import workbook

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parent.parent.parent
PORTAL = ("Mã đơn", "Ngày đặt", "Tình trạng", "Mã SKU", "Tên hàng", "SL", "Thành tiền", "Người mua", "Điện thoại")


@dataclass(frozen=True)
class Desk:
    """One installation in a folder."""

    folder: Path

    def type(self, *words: str, expect: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hub.cli", "--config", str(self.folder / "hub.toml"), *words],
            input="", capture_output=True, text=True, check=False, cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    def json(self, *words: str, expect: int = 0) -> Any:
        return json.loads(self.type(*words, "--json", expect=expect).splitlines()[-1])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "hub.toml").write_text(
        f'database_url = "sqlite:///{tmp_path / "hub.db"}"\ndata_dir = "{tmp_path}"\n'
        f'keys_file = "{tmp_path / "keys"}"\n'
    )
    (tmp_path / "keys").write_text(Fernet.generate_key().decode())
    (tmp_path / "keys").chmod(0o600)
    return Desk(tmp_path)


def test_from_the_registry_to_a_portal_and_its_sales_back(desk: Desk, tmp_path: Path) -> None:
    desk.type("migrate")
    desk.type("catalog", "import", str(ROOT / "examples" / "registry" / "lang_son.xlsx"))
    desk.type("files", "add", "buudien", "--account", "Điều phối")
    made = desk.json("files", "out", "buudien", str(tmp_path / "ra.xlsx"))
    assert made["rows"] > 100
    assert made["held"] == sum(1 for _ in openpyxl.load_workbook(tmp_path / "ra.xlsx")["Cần xử lý"].iter_rows()) - 1
    rows = list(openpyxl.load_workbook(tmp_path / "ra.xlsx")["Sản phẩm"].iter_rows(values_only=True))
    sku, name = str(rows[1][0]), str(rows[1][1])
    sold = [
        PORTAL, ["DH1", "20/11/2026 08:30", "Hoàn thành", sku, name, 2, "1.250.000 ₫", "ai đó", "0900000000"],
        ["DH2", "20/11/2026", "Lạ", sku, name, 1, "10.000 ₫", "", ""],
    ]  # fmt: skip
    file = workbook(tmp_path / "don.xlsx", {"T11": sold})
    trial = desk.json("files", "in", "buudien", str(file), "--dry-run", expect=2)
    assert (trial["new"], trial["charged"], [b["row"] for b in trial["bad"]]) == (1, 1_250_000, [3])
    assert desk.json("files", "in", "buudien", str(file), expect=2)["new"] == 1
    again = desk.json("files", "in", "buudien", str(file), expect=2)
    assert (again["new"], again["unchanged"]) == (0, 1)
    report = desk.json("sales", "report", "--period", "2026-11")
    assert report["totals"]["net_revenue"] == 1_250_000
    seen = workbook(tmp_path / "dang.xlsx", {"Tin": [("Mã SKU", "Tình trạng đăng", "Đường dẫn"),
                                                     (sku, "Đã đăng", "https://portal.example/1")]})  # fmt: skip
    assert desk.json("files", "report", "buudien", "--sheet", str(seen))["changed"] == 1
    assert [one["state"] for one in desk.json("files", "report", "buudien")["reported"]] == ["listed"]
