"""Income sheets as settlements: a column per fee, and a row per fee."""

from pathlib import Path

from hub.types import local_date
from tests.unit.sync.files.sheets import told, workbook

SHOPEE = (
    "Mã đơn hàng", "Đơn hàng / Sản phẩm", "Ngày hoàn thành thanh toán", "Giá sản phẩm", "Phí cố định", "Phí Dịch Vụ",
    "Phí thanh toán", "Thuế GTGT", "Thuế TNCN", "Mã ưu đãi do Người Bán chịu", "Tổng tiền đã thanh toán",
)  # fmt: skip


def test_a_column_per_fee(tmp_path: Path) -> None:
    rows = [
        ["Báo cáo thu nhập"], [], SHOPEE,
        ["A1", "Order", "2026-11-24", 100000, -4000, -2500, -5000, -1000, -500, -5000, 82000],
        ["A1", "Sku", "2026-11-24", 100000, -4000, -2500, -5000, -1000, -500, -5000, 82000],
        ["B1", "Order", "không rõ", 1, 0, 0, 0, 0, 0, 0, 1],
        ["Tổng cộng", "", "", 100000, "", "", "", "", "", "", 82000],
    ]  # fmt: skip
    found = told(workbook(tmp_path / "thu.xlsx", {"Income": rows}), "shopee", "income")
    (one,) = found.settlements
    assert (one.order, one.amount, local_date(one.settled_at).isoformat()) == ("A1", 82_000, "2026-11-24")
    assert [(f.kind, f.amount) for f in one.fees] == [
        ("commission", 4_000), ("service", 2_500), ("payment", 5_000), ("voucher", 5_000), ("vat_withheld", 1_000),
        ("pit_withheld", 500),
    ]  # fmt: skip
    assert 100_000 - sum(f.amount for f in one.fees) == one.amount
    assert [(bad.row, bad.reason.code) for bad in found.bad] == [(6, "file_row_time_wrong")]
    again = told(workbook(tmp_path / "thu2.xlsx", {"Income": rows}), "shopee", "income")
    assert again.settlements == found.settlements  # the same ids


LAZADA = ("Transaction Date", "Transaction Type", "Fee Name", "Amount", "VAT in Amount", "Statement", "Order No.")


def test_a_row_per_fee(tmp_path: Path) -> None:
    week = "11 May 2026 - 17 May 2026"
    rows = [
        LAZADA,
        ["12 May 2026", "Orders-Sales", "Item Price Credit", "200000.00", "0.00", week, "4011"],
        ["12 May 2026", "Orders-Lazada Fees", "Commission", "-8000.00", "-727.00", week, "4011"],
        ["13 May 2026", "Orders-Lazada Fees", "Payment Fee", "-4400.00", "-400.00", week, "4011"],
        ["13 May 2026", "Orders-Lazada Fees", "Phí lạ", "-100.00", "0.00", week, "4011"],
        ["20 May 2026", "Refunds", "Reversal Commission", "8000.00", "0.00", "18 May 2026 - 24 May 2026", "4011"],
    ]
    first, second = told(workbook(tmp_path / "f.xlsx", {"Transaction Overview": rows}), "lazada", "income").settlements
    assert (first.order, first.amount) == ("4011", 187_500)
    assert [(f.kind, f.amount, f.label) for f in first.fees] == [
        ("commission", 8_000, "Commission"), ("payment", 4_400, "Payment Fee"), ("other", 100, "Phí lạ")
    ]  # fmt: skip
    assert (second.amount, [(f.kind, f.amount) for f in second.fees]) == (8_000, [("commission", -8_000)])
    assert first.statement_id != second.statement_id


def test_tiktok_names_the_order_an_adjustment_belongs_to(tmp_path: Path) -> None:
    head = ["Order/adjustment ID", "Type", "Related order ID", "Order settled time", "Total settlement amount",
            "Transaction fee", "Affiliate commission"]  # fmt: skip
    rows = [head, ["5764", "Order", "/", "2026/11/24", "90000", "-6000", "-4000"],
            ["7012", "Adjustment", "5764", "2026/11/25", "-1500", "0", "0"]]  # fmt: skip
    found = told(workbook(tmp_path / "tt.xlsx", {"Order details": rows}), "tiktok_shop", "income").settlements
    assert [(s.order, s.amount) for s in found] == [("5764", 90_000), ("5764", -1_500)]
    assert [(f.kind, f.amount) for f in found[0].fees] == [("payment", 6_000), ("affiliate", 4_000)]
