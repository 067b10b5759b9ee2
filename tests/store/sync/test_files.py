"""Files into the database: one order whatever way it came, money to the dong, nothing twice, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import tables as c
from hub.connectors.model import FeeLine, OrderState, RemoteLine, RemoteOrder, RemoteRefund, Settlement
from hub.db import Db, Tx
from hub.errors import Invalid
from hub.sales import statements
from hub.sales import store as sales
from hub.sales import tables as st
from hub.sales.store.bridge import Bridge, bridges
from hub.sales.store.reads import figures_by_shop
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import store
from hub.sync import tables as t
from hub.sync.files import stock_seen
from hub.sync.files.incoming import Level, Mark, Read
from hub.sync.files.reported import Report, evidence, from_marks, note_reports
from hub.sync.files.take_in import Taken, store_orders, store_settlements, take_orders, try_orders, try_settlements
from hub.sync.model import Binding, BindingState
from hub.sync.store.bindings import binding_row
from hub.types import RemoteId, Sku, day_period
from tests.store.sync.desk import NOW, build
from tests.unit.sync.files.sheets import SHOPEE_ORDERS, shopee_row, told, workbook

FILES = Shop(
    id="f", platform="files", name="Shopee qua tệp", producer_id="p", channel_kind="marketplace", base_url="",
    remote_id="shopee/", values={"profile": "shopee"}, created_at=NOW,
)  # fmt: skip
NOVEMBER = day_period(date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def shop(db: Db) -> Shop:
    db.write_now(build)
    db.write_now(shops.add_shop, FILES)
    return FILES


def order_file(tmp_path: Path, *rows: Sequence[object]) -> Read:
    return told(workbook(tmp_path / "don.xlsx", {"orders": [SHOPEE_ORDERS, *rows]}), "shopee")


def by_api(remote_id: str, *, later: timedelta = timedelta(0), **changes: object) -> RemoteOrder:
    """The same order as the platform's API tells it: other line ids, the same money."""
    placed = NOW + timedelta(minutes=30)
    line = RemoteLine(
        line_id=RemoteId("889900"), sku=Sku("mam"), listing=RemoteId("123"), variant=RemoteId("0"), title="Mắm",
        quantity=2, unit_price=60_000, charged=100_000,
    )  # fmt: skip
    whole = RemoteOrder(
        remote_id=RemoteId(remote_id), number=remote_id, state=OrderState.PAID, placed_at=placed,
        updated_at=placed + later, lines=(line,), paid_at=placed, seller_voucher=5_000,
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


def everything(tx: Tx) -> dict[str, list[tuple[object, ...]]]:
    """All rows that orders and statements leave behind, but for when they were last seen."""
    tables = (st.order, st.line, st.refund, st.sale_event, st.ledger, st.rollup, st.rollup_orders, st.settlement)
    return {
        table.name: sorted(
            (tuple(str(v) for k, v in row._mapping.items() if k != "seen_at") for row in tx.execute(sa.select(table))),
        )
        for table in tables
    }


def net(tx: Tx) -> int:
    figures = figures_by_shop(tx, NOVEMBER, "all", Scope(everything=True))["f"]
    return figures.net


def stock_of(tx: Tx, variant_id: str) -> int:
    s = c.stock.c
    row = tx.execute(sa.select(s.on_hand, s.reserved).where(s.variant_id == variant_id)).one()
    return int(row.on_hand - row.reserved)


def take(db: Db, shop: Shop, read: Read) -> Taken:
    return db.write_now(store_orders, shop, read.orders, NOW)


# ---- orders ------------------------------------------------------------------------------------------------------


def test_orders_by_file_count_to_the_dong_and_take_stock(db: Db, shop: Shop, tmp_path: Path) -> None:
    read = order_file(
        tmp_path, shopee_row("A1", "mam"), shopee_row("A1", "tra", quantity="1", charged="75.000"),
        shopee_row("B1", "khac"),
    )  # fmt: skip
    taken = take(db, shop, read)
    assert (taken.new, taken.changed, taken.unknown) == (2, 0, (("B1", "khac"),))
    assert db.read_now(net) == (175_000 - 5_000) + (100_000 - 5_000)
    assert db.read_now(stock_of, "V-mam") == 8
    stored = db.read_now(sales.load_orders, "f", ["A1"])[0]
    assert (stored.source, [li.stars for li in stored.lines]) == ("imported", [4, 4])


def test_the_same_file_twice_changes_nothing(db: Db, shop: Shop, tmp_path: Path) -> None:
    read = order_file(tmp_path, shopee_row("A1", "mam", returned="1"), shopee_row("B1", "tra", state="Đang giao"))
    take(db, shop, read)
    before = db.read_now(everything)
    again = take(db, shop, order_file(tmp_path, *[shopee_row("A1", "mam", returned="1"),
                                                  shopee_row("B1", "tra", state="Đang giao")]))  # fmt: skip
    assert (again.new, again.changed, again.unchanged, again.shops) == (0, 0, 2, frozenset())
    assert db.read_now(everything) == before


def test_a_later_file_moves_an_order_on(db: Db, shop: Shop, tmp_path: Path) -> None:
    take(db, shop, order_file(tmp_path, shopee_row("A1", "mam", state="Đang giao", completed="")))
    assert db.read_now(net) == 0
    later = take(db, shop, order_file(tmp_path, shopee_row("A1", "mam")))
    assert (later.new, later.changed) == (0, 1)
    assert db.read_now(net) == 95_000


def test_by_file_and_later_by_api_is_one_order(db: Db, shop: Shop, tmp_path: Path) -> None:
    take(db, shop, order_file(tmp_path, shopee_row("A1", "mam", returned="1")))
    assert db.read_now(net) == 47_500
    done = by_api("A1", state=OrderState.COMPLETED, delivered_at=NOW + timedelta(days=2))
    result = db.write_now(sales.upsert_orders, shop, [done], now=NOW)  # its time is older than the file's: no matter
    assert (result.new, result.changed) == (0, 1)
    (stored,) = db.read_now(sales.load_orders, "f", ["A1"])
    assert (stored.source, [li.line_id for li in stored.lines], stored.refunds) == ("measured", ["889900"], ())
    assert db.read_now(net) == 95_000
    assert db.read_now(stock_of, "V-mam") == 8
    assert db.write_now(sales.rebuild_figures) == ()


def test_the_apis_own_refund_takes_the_place_of_the_files(db: Db, shop: Shop, tmp_path: Path) -> None:
    take(db, shop, order_file(tmp_path, shopee_row("A1", "mam", returned="1")))
    refund = RemoteRefund(refund_id=RemoteId("R-1"), at=NOW + timedelta(days=3), amount=48_000)
    done = by_api("A1", state=OrderState.COMPLETED, delivered_at=NOW + timedelta(days=2), refunds=(refund,))
    db.write_now(sales.upsert_orders, shop, [done], now=NOW)
    (stored,) = db.read_now(sales.load_orders, "f", ["A1"])
    assert [r.refund_id for r in stored.refunds] == ["R-1"]
    assert db.read_now(net) == 95_000 - 48_000


def test_what_the_api_told_is_not_overwritten_by_a_file(db: Db, shop: Shop, tmp_path: Path) -> None:
    long_after = by_api("A1", later=timedelta(days=30), state=OrderState.COMPLETED, delivered_at=NOW)
    db.write_now(sales.upsert_orders, shop, [long_after], now=NOW)
    before = db.read_now(everything)
    taken = take(db, shop, order_file(tmp_path, shopee_row("A1", "mam", charged="999.000")))
    assert (taken.new, taken.changed, taken.kept) == (0, 0, 1)
    assert db.read_now(everything) == before


def test_a_newer_file_only_moves_the_apis_order_on(db: Db, shop: Shop, tmp_path: Path) -> None:
    db.write_now(sales.upsert_orders, shop, [by_api("A1")], now=NOW)
    read = order_file(tmp_path, shopee_row("A1", "mam", charged="999.000", voucher="1"))
    taken = take(db, shop, read)
    assert (taken.new, taken.changed, taken.kept) == (0, 1, 0)
    (stored,) = db.read_now(sales.load_orders, "f", ["A1"])
    assert (stored.state, stored.source, stored.seller_voucher) == ("completed", "measured", 5_000)
    assert db.read_now(net) == 95_000
    assert stored.delivered_at == read.orders[0].delivered_at
    again = take(db, shop, read)
    assert (again.changed, again.kept) == (0, 1)
    refund = RemoteRefund(refund_id=RemoteId("R-1"), at=NOW + timedelta(days=1), amount=20_000)
    soon = by_api("A1", later=timedelta(seconds=2), state=OrderState.SHIPPED, refunds=(refund,))
    assert db.write_now(sales.upsert_orders, shop, [soon], now=NOW).changed == 1  # its next word is heard
    (stored,) = db.read_now(sales.load_orders, "f", ["A1"])
    assert (stored.state, [r.amount for r in stored.refunds]) == ("completed", [20_000])
    db.write_now(sales.upsert_orders, shop, [by_api("C1", state=OrderState.CANCELLED)], now=NOW)
    gone = take(db, shop, order_file(tmp_path, shopee_row("C1", "mam")))
    assert gone.kept == 1  # no file brings a cancelled order back


def test_an_order_that_came_back_whole_brings_nothing(db: Db, shop: Shop, tmp_path: Path) -> None:
    take(db, shop, order_file(tmp_path, shopee_row("A1", "mam", state="Trả hàng/Hoàn tiền")))
    assert db.read_now(net) == 0


async def test_a_sale_by_file_is_told_to_the_other_shops(db: Db, shop: Shop, tmp_path: Path) -> None:
    listed = Binding(shop_id="a", product_id="P-mam", state=BindingState.CONFIRMED, remote_id=RemoteId("r"))
    row = binding_row(listed, NOW)
    db.write_now(lambda tx: tx.execute(t.binding.insert(), [row]))
    asked: list[str] = []
    steps: list[tuple[int, int]] = []

    async def tell(shop_id: str) -> None:
        asked.append(shop_id)

    read = order_file(tmp_path, *[shopee_row(f"A{n}", "mam", quantity="1") for n in range(3)])
    await take_orders(db, shop, read.orders, NOW, tell=tell, progress=lambda done, total: steps.append((done, total)))
    assert asked == ["a"]
    assert steps == [(3, 3)]
    assert set(db.read_now(store.stock_due, "a", 10)) == {"P-mam"}


def test_goods_named_by_the_places_own_code_are_known_from_reports(db: Db, shop: Shop, tmp_path: Path) -> None:
    report = Report(product_id="P-tra", state="listed", on=NOW.date(), codes=((Sku("tra"), RemoteId("SP77")),))
    db.write_now(note_reports, shop, [report], NOW)
    rows = [
        ["Mã đơn", "Ngày đặt", "Tình trạng", "Mã sản phẩm", "Tên hàng", "SL", "Thành tiền"],
        ["DH-1", "21/11/2026", "Giao thành công", "SP77", "Trà", "2", "150.000 ₫"],
        ["DH-2", "21/11/2026", "Giao thành công", "SP78", "Lạ", "1", "10.000 ₫"],
    ]
    taken = take(db, shop, told(workbook(tmp_path / "bd.xlsx", {"Đơn": rows}), "buudien"))
    assert taken.unknown == (("DH-2", "SP78"),)
    assert db.read_now(stock_of, "V-tra") == 8


# ---- money -------------------------------------------------------------------------------------------------------


def bridge(tx: Tx) -> Bridge:
    (found,) = [b for b in bridges(tx, NOVEMBER, scope=Scope(everything=True)) if b.shop_id == "f"]
    return found


def settled(statement_id: str, amount: int, *fees: tuple[str, int]) -> Settlement:
    lines = tuple(FeeLine(kind=kind, amount=taken) for kind, taken in fees)  # type: ignore[arg-type]
    return Settlement(
        statement_id=RemoteId(statement_id), order=RemoteId("A1"), settled_at=NOW + timedelta(days=4), amount=amount,
        fees=lines,
    )  # fmt: skip


INCOME = ("Mã đơn hàng", "Ngày hoàn thành thanh toán", "Phí cố định", "Phí Dịch Vụ", "Thuế GTGT",
          "Tổng tiền đã thanh toán")  # fmt: skip


def test_an_income_sheet_ties_to_the_dong_and_names_unknown_orders(db: Db, shop: Shop, tmp_path: Path) -> None:
    take(db, shop, order_file(tmp_path, shopee_row("A1", "mam")))
    rows = [INCOME, ["A1", "24/11/2026", "-4.001 ₫", "-2.000", "-999", "88.000 ₫"],
            ["Z9", "24/11/2026", "-1", "0", "0", "10.000"]]  # fmt: skip
    income = told(workbook(tmp_path / "thu.xlsx", {"Income": rows}), "shopee", "income").settlements
    paid = db.write_now(store_settlements, shop, income, NOW)
    assert (paid.new, paid.known, paid.amount, paid.unmatched) == (2, 0, 98_000, ("Z9",))
    found = db.read_now(bridge)
    assert (found.net, found.settled, found.difference, found.untied) == (95_000, 88_000, 0, ())
    assert dict(found.fees) == {"commission": 4_001, "service": 2_000, "vat_withheld": 999}
    before = db.read_now(everything)
    again = db.write_now(store_settlements, shop, income, NOW)
    assert (again.new, again.known) == (0, 2)
    assert db.read_now(everything) == before


def test_the_platforms_own_statement_replaces_the_files_and_not_the_other_way(
    db: Db, shop: Shop, tmp_path: Path
) -> None:
    take(db, shop, order_file(tmp_path, shopee_row("A1", "mam")))
    db.write_now(statements.store_settlements, shop, [settled("file:x", 88_000, ("commission", 7_000))], now=NOW)
    assert db.write_now(
        statements.store_settlements, shop, [settled("A1", 87_999, ("commission", 7_001))], now=NOW
    ) == 1  # fmt: skip
    assert db.read_now(bridge).settled == 87_999
    assert db.write_now(statements.store_settlements, shop, [settled("file:x", 88_000)], now=NOW) == 0
    assert db.read_now(bridge).settled == 87_999


# ---- listings and stock ------------------------------------------------------------------------------------------


def test_a_reported_listing_is_reported_and_never_called_synced(db: Db, shop: Shop) -> None:
    report = Report(
        product_id="P-mam", state="listed", on=date(2026, 11, 20), url="https://portal.example/1",
        note="ảnh chụp màn hình", who="cán bộ",
    )  # fmt: skip
    assert db.write_now(note_reports, shop, [report], NOW).changed == 1
    assert db.write_now(note_reports, shop, [report], NOW).unchanged == 1
    (binding,) = db.read_now(store.bindings, "f")
    assert (binding.state, binding.url, binding.remote_id, binding.confirmed_at) == (
        BindingState.REPORTED, "https://portal.example/1", None, None
    )  # fmt: skip
    said = db.read_now(evidence, "f")["P-mam"]
    assert (said.on, said.note, said.who) == (date(2026, 11, 20), "ảnh chụp màn hình", "cán bộ")
    rejected = replace(report, state="rejected", note="thiếu ảnh", url="")
    db.write_now(note_reports, shop, [rejected], NOW)
    (binding,) = db.read_now(store.bindings, "f")
    assert (binding.state, [p.code for p in binding.problems]) == (BindingState.HELD, ["listing_rejected_there"])
    assert binding.url == "https://portal.example/1"


def test_a_report_does_not_touch_what_the_api_holds(db: Db, shop: Shop) -> None:
    held = Binding(shop_id="f", product_id="P-mam", state=BindingState.CONFIRMED, remote_id=RemoteId("r"))
    row = binding_row(held, NOW)
    db.write_now(lambda tx: tx.execute(t.binding.insert(), [row]))
    report = Report(product_id="P-mam", state="withdrawn", on=NOW.date())
    assert db.write_now(note_reports, shop, [report], NOW).held_by_api == ("P-mam",)
    assert db.read_now(store.bindings, "f") == [held]


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (Report(product_id="P-mam", state="listed", on=NOW.date(), url="javascript:x"), "report_url_wrong"),
        (Report(product_id="P-mam", state="listed", on=NOW.date() + timedelta(days=3)), "report_in_future"),
    ],
)
def test_a_report_that_cannot_be_is_refused(db: Db, shop: Shop, report: Report, code: str) -> None:
    with pytest.raises(Invalid) as wrong:
        db.write_now(note_reports, shop, [report], NOW)
    assert wrong.value.code == code
    assert db.read_now(store.bindings, "f") == []


def test_reports_by_sheet_know_products_by_sku_code_and_whole_name(db: Db, shop: Shop, tmp_path: Path) -> None:
    head = ["Mã SKU", "Mã sản phẩm", "Tên sản phẩm", "Tình trạng đăng", "Đường dẫn", "Ngày đăng", "Ghi chú"]
    rows = [
        head, ["mam", "SP1", "", "Đã đăng", "https://portal.example/1", "20/11/2026", "đã xem"],
        ["", "", "mam 2", "Từ chối", "", "", "thiếu giấy"], ["", "", "Không ai biết", "Đã đăng", "", "", ""],
        ["tra", "", "", "Trên trời", "", "", ""],
    ]  # fmt: skip
    read = told(workbook(tmp_path / "bc.xlsx", {"Tin": rows}), "buudien", "listings")
    assert [(b.row, b.reason.code) for b in read.bad] == [(5, "file_row_state_unknown")]
    reports, unclear = db.read_now(from_marks, shop, read.marks, who="sheet", today=NOW.date())
    assert [(r.product_id, r.state, r.codes) for r in reports] == [
        ("P-mam", "listed", (("mam", "SP1"),)), ("P-tra", "rejected", ())
    ]  # fmt: skip
    assert [(u.row, u.reason.code) for u in unclear] == [(4, "file_row_goods_unknown")]
    db.write_now(note_reports, shop, reports, NOW)
    by_code = Mark(row=2, state="withdrawn", sku="", code="SP1", title="", url="", on=None, note="")
    again, _ = db.read_now(from_marks, shop, [by_code], who="sheet", today=NOW.date())
    assert [(r.product_id, r.state) for r in again] == [("P-mam", "withdrawn")]


def test_a_stock_sheet_tells_what_differs_and_never_moves_our_shelf(db: Db, shop: Shop) -> None:
    db.write_now(note_reports, shop, [Report(product_id="P-mam", state="listed", on=NOW.date())], NOW)
    levels = [
        Level(row=2, sku="mam", code="", title="", stock=7, price=50_000),
        Level(row=3, sku="tra", code="", title="", stock=10, price=None),
        Level(row=4, sku="khac", code="", title="", stock=1, price=None),
    ]
    seen = db.write_now(stock_seen.note, shop, levels, NOW)
    assert (seen.equal, seen.unknown) == (1, ("khac",))
    assert [(d.sku, d.there, d.here) for d in seen.different] == [("mam", 7, 10)]
    assert db.read_now(stock_of, "V-mam") == 10
    (binding,) = db.read_now(store.bindings, "f")
    assert binding.shown is not None
    assert (dict(binding.shown.stocks), binding.state) == ({"mam": 7}, BindingState.REPORTED)


async def test_a_trial_tells_everything_and_leaves_nothing(db: Db, shop: Shop, tmp_path: Path) -> None:
    read = order_file(tmp_path, shopee_row("A1", "mam"), shopee_row("B1", "khac"))
    before = db.read_now(everything)
    tried = await try_orders(db, shop, read.orders, NOW)
    assert (tried.new, tried.unknown) == (2, (("B1", "khac"),))
    assert (await try_settlements(db, shop, [settled("file:x", 1)], NOW)).unmatched == ("A1",)
    assert db.read_now(everything) == before
    assert db.read_now(stock_of, "V-mam") == 10
