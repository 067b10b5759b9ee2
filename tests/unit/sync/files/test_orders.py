"""Order sheets of each habit as orders: one row per line, per unit, with a row of explanations, with bad rows."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.catalog.intake.workbook import Sheet
from hub.connectors.model import OrderState
from hub.errors import Invalid
from hub.sync.files.incoming import read
from hub.sync.files.known import load
from hub.sync.files.table import find_table
from hub.types import LOCAL
from tests.unit.sync.files.sheets import SHOPEE_ORDERS, shopee_row, text_file, told, workbook


def test_a_shopee_export_becomes_orders_to_the_dong(tmp_path: Path) -> None:
    rows = [
        SHOPEE_ORDERS,
        shopee_row("261121AAAA", "SKU1"),
        shopee_row("261121AAAA", "SKU2", title="Trà", list=80000.0, deal=75000.0, quantity=1.0, charged=75000.0),
        shopee_row("261121BBBB", state="Đã hủy", reason="Giao hàng thất bại", completed=""),
        shopee_row("261121CCCC", state="Đang giao", payment="Thanh toán khi nhận hàng", completed="", paid=""),
    ]
    found = told(workbook(tmp_path / "don.xlsx", {"orders": rows}), "shopee")
    assert found.bad == ()
    first, failed, under_way = found.orders
    assert (first.remote_id, first.state) == ("261121AAAA", OrderState.COMPLETED)
    assert [(li.sku, li.quantity, li.unit_price, li.charged) for li in first.lines] == [
        ("SKU1", 2, 60_000, 100_000), ("SKU2", 1, 80_000, 75_000)
    ]  # fmt: skip
    assert first.seller_voucher == 5_000  # repeated on each row, counted once
    assert first.shipping_paid == 16_500
    assert first.placed_at == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    assert first.delivered_at == first.updated_at == datetime(2026, 11, 24, 10, 15, tzinfo=LOCAL)
    assert first.province == "TP. Hồ Chí Minh"
    assert failed.state is OrderState.FAILED_DELIVERY
    assert (under_way.state, under_way.cod, under_way.paid_at) == (OrderState.SHIPPED, True, None)


def test_no_buyer_is_ever_read(tmp_path: Path) -> None:
    rows = [SHOPEE_ORDERS, shopee_row("261121AAAA"), shopee_row("261121BBBB", charged="hỏng")]
    found = told(workbook(tmp_path / "don.xlsx", {"orders": rows}), "shopee")
    assert "nguoimua" not in repr(found)
    assert "*****11" not in repr(found)


def test_a_bad_row_is_told_with_its_number_and_nothing_else_is_lost(tmp_path: Path) -> None:
    rows = [
        SHOPEE_ORDERS, shopee_row("A1"), shopee_row("B1", charged="12,5", deal=""), shopee_row("C1", state="Lạ lùng"),
        shopee_row("D1", placed="hôm qua"), shopee_row("E1"), shopee_row("E1", "SKU2", quantity="hai"),
        shopee_row(""), shopee_row("F1"),
    ]  # fmt: skip
    found = told(workbook(tmp_path / "don.xlsx", {"orders": rows}), "shopee")
    assert [order.remote_id for order in found.orders] == ["A1", "F1"]
    assert [(bad.row, bad.reason.code) for bad in found.bad] == [
        (3, "file_row_money_wrong"), (4, "file_row_state_unknown"), (5, "file_row_time_wrong"),
        (6, "file_row_order_broken"), (7, "file_row_count_wrong"), (8, "file_row_order_missing"),
    ]  # fmt: skip
    assert found.bad[1].reason.facts == {"value": "Lạ lùng", "column": "Trạng Thái Đơn Hàng"}
    assert found.rows == 8


def test_units_that_came_back_are_a_refund_of_their_share(tmp_path: Path) -> None:
    rows = [SHOPEE_ORDERS, shopee_row("A1", quantity="3", charged="100.000", returned="1")]
    order = told(workbook(tmp_path / "don.xlsx", {"orders": rows}), "shopee").orders[0]
    assert [(r.amount, r.units) for r in order.refunds] == [(31_666, (("SKU1", 1),))]  # of 95.000 after the voucher
    assert order.refunds[0].refund_id.startswith("file:")


TIKTOK = (
    "Order ID", "Order Status", "Seller SKU", "SKU ID", "Product Name", "Quantity", "Sku Quantity of return",
    "SKU Unit Original Price", "SKU Platform Discount", "SKU Seller Discount", "SKU Subtotal After Discount",
    "Shipping Fee After Discount", "Order Refund Amount", "Created Time", "Paid Time", "Shipped Time",
    "Delivered Time", "Cancelled Time", "Cancel Reason", "Payment Method", "Province",
)  # fmt: skip


def test_tiktok_explains_its_headings_and_the_platforms_discount_is_not_the_sellers(tmp_path: Path) -> None:
    said = ["Platform unique order ID.", *["What it is." for _ in TIKTOK[1:]]]
    row = [
        "576461413038785752\t", "Completed", "SKU1", "17293", "Mắm", "2", "0", "60000", "4000", "10000", "106000",
        "15000", "0", "21/11/2026 08:30:05\t", "21/11/2026 08:31:00", "22/11/2026 09:00:00", "24/11/2026 10:15:00",
        "", "", "Cash on delivery", "Cần Thơ",
    ]  # fmt: skip
    found = told(text_file(tmp_path / "tt.csv", [TIKTOK, said, row]), "tiktok_shop")
    assert found.bad == ()
    order = found.orders[0]
    assert order.remote_id == "576461413038785752"
    assert [(li.unit_price, li.charged) for li in order.lines] == [(60_000, 110_000)]
    assert (order.cod, order.shipping_paid, order.refunds) == (True, 15_000, ())
    without = told(text_file(tmp_path / "tt2.csv", [TIKTOK, row]), "tiktok_shop")
    assert [o.remote_id for o in without.orders] == ["576461413038785752"]


LAZADA = (
    "orderItemId", "orderNumber", "sellerSku", "lazadaSku", "createTime", "updateTime", "status", "itemName",
    "unitPrice", "paidPrice", "sellerDiscountTotal", "shippingFee", "payMethod", "deliveredDate",
)  # fmt: skip


def test_lazada_tells_one_row_per_unit(tmp_path: Path) -> None:
    def row(item: str, status: str = "delivered", sku: str = "SKU1") -> list[object]:
        return [item, "4011", sku, "L-1", "21 Nov 2026 08:30", "24 Nov 2026 10:15", status, "Mắm", "60000.00",
                "55000.00", "-5000.00", "7500.00", "COD", "24 Nov 2026 10:00"]  # fmt: skip

    rows = [LAZADA, row("1"), row("2"), row("3", "canceled"), row("4", sku="SKU2")]
    found = told(workbook(tmp_path / "lz.xlsx", {"sheet1": rows}), "lazada")
    assert found.bad == ()
    (order,) = found.orders
    assert [(li.sku, li.quantity, li.cancelled, li.charged) for li in order.lines] == [
        ("SKU1", 3, 1, 165_000), ("SKU2", 1, 0, 55_000)
    ]  # fmt: skip
    assert (order.state, order.shipping_paid) == (OrderState.DELIVERED, 30_000)
    assert order.updated_at == datetime(2026, 11, 24, 10, 15, tzinfo=LOCAL)


def test_an_order_all_cancelled_is_cancelled_and_its_lines_are_whole(tmp_path: Path) -> None:
    rows = [SHOPEE_ORDERS, shopee_row("A1", state="Đã hủy", reason="Đổi ý", completed="")]
    order = told(workbook(tmp_path / "don.xlsx", {"orders": rows}), "shopee").orders[0]
    assert (order.state, order.lines[0].cancelled) == (OrderState.CANCELLED, 0)


PORTAL = ("Mã đơn", "Ngày đặt", "Tình trạng", "Mã sản phẩm", "Tên hàng", "SL", "Đơn giá", "Thành tiền")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_portals_csv_with_a_title_above_and_semicolons(tmp_path: Path, encoding: str) -> None:
    rows = [
        ["BÁO CÁO ĐƠN HÀNG THÁNG 11", *[""] * 7], [""] * 8, PORTAL,
        ["DH-001", "21/11/2026", "Giao thành công", "SP77", "Chè lam gừng", "3", "77.000 ₫", "231.000 ₫"],
        ["Tổng", "", "", "", "", "3", "", "231.000 ₫"],
    ]  # fmt: skip
    found = told(text_file(tmp_path / "bd.csv", rows, separator=";", encoding=encoding), "buudien")
    assert [(o.remote_id, o.state, o.lines[0].listing, o.lines[0].charged) for o in found.orders] == [
        ("DH-001", OrderState.DELIVERED, "SP77", 231_000)
    ]
    assert found.bad == ()  # a line of totals is no order


def test_a_sheet_of_something_else_is_refused_with_the_headings_wanted(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"a": [["Tên", "Tuổi"], ["x", 1]]})
    with pytest.raises(Invalid) as wrong:
        told(path, "shopee", "orders")
    assert wrong.value.code == "file_not_of_profile"
    assert "ma don hang" in str(wrong.value.facts["columns"])


def test_the_same_goods_twice_in_an_order_are_two_lines(tmp_path: Path) -> None:
    rows = [SHOPEE_ORDERS, shopee_row("A1"), shopee_row("A1", charged="90.000")]
    order = told(workbook(tmp_path / "don.xlsx", {"orders": rows}), "shopee").orders[0]
    assert [(li.line_id, li.charged) for li in order.lines] == [("SKU1", 100_000), ("SKU1#2", 90_000)]


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["A1", "B1", "C1", ""]), st.sampled_from(["100.000", "12,5", "75.000 ₫", "-1"]),
        st.sampled_from(["Hoàn thành", "Đang giao", "Đã hủy", "Lạ"]), st.sampled_from(["1", "3", "0", "x"]),
    ),
    max_size=12,
)  # fmt: skip


@given(ROWS)
@settings(max_examples=200, deadline=None)
def test_every_row_is_in_an_order_or_told_as_bad_and_money_is_what_stands_there(
    rows: list[tuple[str, str, str, str]],
) -> None:
    cells = [shopee_row(order, charged=money, state=state, quantity=n, deal="") for order, money, state, n in rows]
    sheet = load("shopee").sheets["orders"]
    table = find_table(Sheet(name="orders", rows=[SHOPEE_ORDERS, *cells]), sheet)
    assert table is not None
    found = read([table], sheet)
    assert sum(len(order.lines) for order in found.orders) + len(found.bad) == len(rows)
    bad = {one.row for one in found.bad}
    good = [row for number, row in enumerate(rows, 2) if number not in bad]
    amounts = {"100.000": 100_000, "75.000 ₫": 75_000}
    assert sum(line.charged for order in found.orders for line in order.lines) == sum(amounts[m] for _, m, _, _ in good)
    assert {order.remote_id for order in found.orders} == {order for order, _, _, _ in good}
    again = read([table], sheet)
    assert again == found
