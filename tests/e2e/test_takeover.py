"""A portal kept by sheets gets an API, as an operator types it: one shop, one order, one revenue."""

from pathlib import Path

import pytest

from hub.sandbox.config import default_config
from tests.e2e.test_commands import ROOT, Desk
from tests.e2e.test_commands import desk as desk
from tests.unit.sync.files.sheets import workbook

pytestmark = pytest.mark.e2e
HEAD = ("Mã đơn", "Ngày đặt", "Trạng thái đơn hàng", "Mã SKU", "Tên hàng", "SL", "Thành tiền")


def test_the_same_order_by_file_and_then_by_api_is_one(desk: Desk, tmp_path: Path) -> None:
    desk.type("migrate")
    desk.type("catalog", "import", str(ROOT / "examples" / "registry" / "lang_son.xlsx"))
    desk.type("files", "add", "buudien", "--name", "Cổng", "--province", "20")
    (before,) = desk.json("shop", "list")
    desk.json("files", "out", "Cổng", str(tmp_path / "ra.xlsx"))
    product = next(
        c for c in desk.json("sync", "plan", "Cổng")["commands"] if c["do"] == "Create"
    )  # fmt: skip
    desk.type("catalog", "stock", product["product"], "--units", "5")
    desk.type("files", "report", "Cổng", product["product"], "--url", "https://portal.example/1", "--note", "đã xem")

    portal = next(shop for shop in default_config().woocommerce.shops if shop.key == "portal")
    keys = f"consumer_key={portal.keys[0].consumer_key}\nconsumer_secret={portal.keys[0].consumer_secret}\n"
    desk.type("shop", "add", "woocommerce", "--base-url", f"{desk.sandbox}/woocommerce/portal",
              "--kind", "provincial_portal", "--takes-over", "Cổng", stdin=keys)  # fmt: skip
    (after,) = desk.json("shop", "list")
    assert (after["id"], after["name"], after["platform"]) == (before["id"], "Cổng", "woocommerce")
    pushed = desk.json("sync", "run", "Cổng", "push")
    assert pushed["result"] == "ok"

    listing = next(
        one for one in desk.control("ledger")["woocommerce/portal"]["listings"] if one["sku"] == product["draft"]["sku"]
    )
    bought = desk.control("buy", shop="woocommerce/portal", lines=[{"sku": listing["sku"], "quantity": 1}], cod=True)
    row = [str(bought["order_id"]), "21/11/2026 08:05", "Đang giao", listing["sku"], "x", 1, listing["price"]]
    sheet = workbook(tmp_path / "don.xlsx", {"T11": [HEAD, row]})
    assert desk.json("files", "in", "Cổng", str(sheet))["new"] == 1
    desk.control("deliver", shop="woocommerce/portal", order_id=bought["order_id"])
    assert desk.json("sync", "run", "Cổng", "pull")["done"] == 1
    totals = desk.json("sales", "report", "--period", "2026-11")["totals"]
    assert (totals["orders"], totals["net_revenue"]) == (1, listing["price"])
    again = desk.json("files", "in", "Cổng", str(sheet))
    assert (again["new"], again["changed"], again["kept"]) == (0, 0, 1)
    assert desk.json("check", "--figures") == {"differences": []}
