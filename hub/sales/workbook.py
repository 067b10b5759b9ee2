"""The sales report as a workbook. Headers are the glossary's words; numbers stay numbers."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xlsxwriter

from hub.types import LOCAL

if TYPE_CHECKING:
    from hub.sales.report import SalesReport

_KINDS = {
    "marketplace": "Sàn thương mại điện tử", "social_shop": "Bán hàng trên mạng xã hội",
    "own_site": "Trang web bán hàng", "provincial_portal": "Cổng / sàn của tỉnh",
    "livestream": "Phát trực tiếp bán hàng (livestream)",
    "supermarket": "Siêu thị", "convenience": "Cửa hàng tiện lợi",
    "ocop_point": "Điểm giới thiệu và bán sản phẩm OCOP", "fair": "Hội chợ, triển lãm", "agent": "Đại lý",
    "direct": "Bán trực tiếp", "export": "Xuất khẩu",
}  # fmt: skip
_SOURCES = {"measured": "Số liệu hệ thống", "declared": "Tự khai", "imported": "Nhập từ tệp"}
_FAMILIES = {"kg": "kg", "litre": "lít", "piece": "đơn vị"}
_REASONS = {
    "": "", "offline_not_declared": "Chưa có kê khai bán trực tiếp", "offline_incomplete": "Kê khai thiếu số liệu",
    "no_sales": "Không phát sinh",
}  # fmt: skip
CHANNEL_HEADERS = (
    "Kênh bán hàng", "Gian hàng", "Sàn", "GMV đặt hàng", "Tổng giá trị giao dịch (GMV)", "Doanh số giao thành công",
    "Mã giảm giá của shop", "Hoàn tiền", "Doanh thu thuần", "Tiền sàn đã thanh toán", "Đơn hàng", "Số lượng",
    "Tỷ lệ hủy (%)", "Tỷ lệ giao thất bại (%)", "Tỷ lệ trả hàng (%)", "Doanh thu thuần theo tháng đặt",
    "Tính đến",
)  # fmt: skip
SHARE_HEADERS = ("Tỷ trọng bán trực tuyến", "Tử số", "Mẫu số", "Tỷ trọng (%)", "Ghi chú")
SOURCE_HEADERS = ("Kênh bán hàng", "Nguồn số liệu", "Doanh thu thuần", "Đơn hàng", "kg", "lít", "đơn vị",
                  "Chưa rõ khối lượng tịnh")  # fmt: skip
BRIDGE_HEADERS = (
    "Gian hàng", "GMV đặt hàng", "Đã hủy", "Giao thất bại", "Đang giao", "Giảm giá", "Trả hàng, hoàn tiền",
    "Mã giảm giá của shop", "Doanh thu thuần", "Chờ đối soát", "Phí sàn và thuế", "Tiền sàn đã thanh toán",
    "Chênh lệch",
)  # fmt: skip


def write_workbook(path: Path, report: "SalesReport") -> None:
    """Four sheets: channels, share, sources, bridge."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "bottom": 1}),
            "money": book.add_format({"num_format": "#,##0"}),
            "share": book.add_format({"num_format": "0.0"}),
            "bold": book.add_format({"bold": True, "num_format": "#,##0"}),
        }
        _sheet(book, "Kênh bán hàng", CHANNEL_HEADERS, [*_channels(report), _totals(report)], styles)
        _sheet(book, "Tỷ trọng trực tuyến", SHARE_HEADERS, _shares(report), styles)
        _sheet(book, "Nguồn số liệu", SOURCE_HEADERS, _sources(report), styles)
        _sheet(book, "Đối soát", BRIDGE_HEADERS, _bridges(report), styles)


def _sheet(book: Any, name: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], styles: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 1, 34)
    sheet.set_column(2, len(headers), 18)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header, styles["head"])
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, Decimal):
                sheet.write_number(number, column, float(value), styles["share"])
            elif isinstance(value, int):
                sheet.write_number(number, column, value, styles["money"])
            elif value is not None:
                sheet.write_string(number, column, value)


def _channels(report: "SalesReport") -> list[Sequence[Any]]:
    return [
        (
            _KINDS.get(r.shop.kind, r.shop.kind), r.shop.name, r.shop.platform, r.figures.gmv_placed, r.figures.gmv,
            r.figures.gross, r.figures.voucher, r.figures.refund, r.figures.net, r.settled, r.orders, r.figures.units,
            r.cancel_rate, r.failed_rate, r.return_rate, r.restated.net,
            None if r.complete_up_to is None else r.complete_up_to.astimezone(LOCAL).strftime("%d/%m/%Y %H:%M"),
        )
        for r in report.rows
    ]  # fmt: skip


def _totals(report: "SalesReport") -> Sequence[Any]:
    f = report.totals
    settled = [r.settled for r in report.rows if r.settled is not None]
    return (
        "Cộng", "", "", f.gmv_placed, f.gmv, f.gross, f.voucher, f.refund, f.net, sum(settled) if settled else None,
        sum(r.orders for r in report.rows), f.units, None, None, None, sum(r.restated.net for r in report.rows), None,
    )  # fmt: skip


def _shares(report: "SalesReport") -> list[Sequence[Any]]:
    named = [
        ("Theo doanh thu", report.share.revenue), ("Theo đơn hàng", report.share.orders),
        *((f"Theo sản lượng ({_FAMILIES[f.family]})", f.share) for f in report.share.quantity),
    ]  # fmt: skip
    rows: list[Sequence[Any]] = [
        (name, _plain(s.numerator), _plain(s.denominator), s.percent, _REASONS.get(s.reason, s.reason))
        for name, s in named
    ]
    rows.append(("Độ phủ số liệu", report.coverage.measured, report.coverage.measured + report.coverage.declared,
                 report.coverage.percent, ""))  # fmt: skip
    rows += [
        (f"Cơ cấu kênh: {_KINDS.get(m.kind, m.kind)}", m.revenue, sum(x.revenue for x in report.mix), m.percent, "")
        for m in report.mix
    ]
    return rows


def _plain(value: Decimal | None) -> int | Decimal | None:
    return int(value) if value is not None and value == value.to_integral_value() else value


def _sources(report: "SalesReport") -> list[Sequence[Any]]:
    rows: list[Sequence[Any]] = []
    for k in report.kinds:
        amounts = {q.family: _plain(q.amount) for q in k.quantities or ()}
        rows.append(
            (_KINDS.get(k.kind, k.kind), _SOURCES[k.source], k.revenue, k.orders, amounts.get("kg"),
             amounts.get("litre"), amounts.get("piece"), k.unmeasured_units)
        )  # fmt: skip
    return rows


def _bridges(report: "SalesReport") -> list[Sequence[Any]]:
    names = {r.shop.id: r.shop.name for r in report.rows}
    return [
        (
            names.get(b.shop_id, b.shop_id), b.gmv_placed, b.cancelled, b.failed, b.under_way, b.discounts, b.returned,
            b.vouchers, b.net, b.awaiting, sum(amount for _, amount in b.fees), b.settled, b.difference,
        )
        for b in report.bridges
    ]  # fmt: skip
