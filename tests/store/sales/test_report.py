"""The report: each figure in its own month, share only when it can be said, every figure opens to its lines."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from hub.access import WHOLE_HUB, Scope
from hub.catalog import tables as c
from hub.connectors.model import FeeLine, OrderState, Settlement
from hub.db import Db, Tx
from hub.sales import report, statements, store
from hub.sales.store import declarations, drill
from hub.sales.store.reads import Figures
from hub.shops import tables as s
from hub.types import RemoteId, parse_period
from tests.store.sales.world import NOW, SHOPEE, SITE, build, later, order, refund

NOVEMBER, DECEMBER = parse_period("2026-11"), parse_period("2026-12")
DECLARED = """Mã kê khai;Chủ thể;Kênh bán hàng;Tháng;Sản phẩm;Doanh thu;Số đơn hàng;Số lượng;Đơn vị
a;HTX 1;Bán trực tiếp;11/2026;tra;1.000.000;4;5;kg
b;HTX 2;Hội chợ;2026-11;;500.000đ;6;2,5;kg
c;HTX lạ;Bán trực tiếp;11/2026;;1;1;;
d;HTX 2;Chợ trời;11/2026;;1;1;;
"""


@pytest.fixture
def world(db: Db) -> Db:
    """Three orders on Shopee (one cancelled, one returned in part), one on the site."""
    db.write_now(build)
    told = order("o1", ("tra", 2), seller_voucher=10_000)
    done = later(told, 1, OrderState.COMPLETED, refunds=(refund("r", 20, 96_000, ("1", 1)),))
    db.write_now(
        store.upsert_orders, SHOPEE,
        [done, later(order("o2", ("tra", 1), ("banh", 1)), 1, OrderState.CANCELLED),
         later(order("o3", ("banh", 3)), 1, OrderState.DELIVERED)],
        now=NOW,
    )  # fmt: skip
    db.write_now(store.upsert_orders, SITE, [later(order("o1", ("mam", 2)), 1, OrderState.COMPLETED)], now=NOW)
    return db


def test_each_measure_by_channel(world: Db) -> None:
    found = world.read_now(report.sales_report, NOVEMBER, complete_up_to={"shopee": NOW, "site": None})
    shopee, site = found.rows
    assert shopee.figures == Figures(gmv_placed=433_332, gmv=299_999, gross=299_999, voucher=10_000, refund=0, units=5)
    assert (shopee.orders, site.orders) == (2, 1)
    assert [str(rate) for rate in (shopee.cancel_rate, shopee.return_rate, site.return_rate)] == ["33.3", "50.0", "0.0"]
    assert found.complete_up_to == NOW
    assert found.missing_shops == ("site",)
    assert shopee.restated.net == 299_999 - 10_000 - 96_000
    december = world.read_now(report.sales_report, DECEMBER)
    assert december.rows[0].figures == Figures(refund=96_000, units=-1)
    assert december.rows[0].figures.net == -96_000


def test_the_ocop_cut_holds_certified_lines_only(world: Db) -> None:
    found = world.read_now(report.sales_report, NOVEMBER, cut="ocop")
    assert (found.rows[0].figures.gross, found.rows[0].orders, found.rows[0].settled) == (200_000, 1, None)


@pytest.mark.parametrize(
    ("scope", "net"),
    [
        (WHOLE_HUB, {"shopee": 289_999, "site": 100_000}),
        (Scope(producer_id="p1"), {"shopee": 289_999}),
        (Scope(province_code="92"), {"shopee": 289_999, "site": 100_000}),
        (Scope(commune_code="00002"), {"site": 100_000}),
        (Scope(province_code="01"), {}),
        (Scope(), {}),
    ],
)
def test_everybody_sees_their_own(world: Db, scope: Scope, net: dict[str, int]) -> None:
    found = world.read_now(report.sales_report, NOVEMBER, scope=scope)
    assert {r.shop.id: r.figures.net for r in found.rows} == net


def test_on_a_portal_a_producer_sees_the_own_goods(world: Db) -> None:
    def add_portal(tx: Tx) -> None:
        tx.execute(s.shop.insert(), [{"id": "portal", "platform": "woocommerce", "name": "Cổng", "producer_id": None,
                                      "channel_kind": "provincial_portal", "base_url": "http://p.test",
                                      "state": "connected", "created_at": NOW}])  # fmt: skip

    world.write_now(add_portal)
    portal = replace(SITE, id="portal", producer_id=None)
    told = later(order("o1", ("tra", 1), ("mam", 1)), 1, OrderState.COMPLETED)
    world.write_now(store.upsert_orders, portal, [told], now=NOW)
    for producer_id, net in (("p1", 100_000), ("p2", 50_000)):
        found = world.read_now(report.sales_report, NOVEMBER, scope=Scope(producer_id=producer_id))
        (row,) = [r for r in found.rows if r.shop.id == "portal"]
        assert (row.figures.net, row.orders, row.cohort.placed) == (net, 1, 1)


def test_without_declarations_there_is_no_share(world: Db) -> None:
    body = world.read_now(report.sales_report, NOVEMBER).to_json()
    assert body["online_share"]["revenue"] == {
        "percent": None, "numerator": 389_999, "denominator": None, "reason": "offline_not_declared",
    }  # fmt: skip
    assert body["coverage"]["percent"] == 100.0


def test_declarations_are_stored_once_and_give_the_share(world: Db, tmp_path: Path) -> None:
    file = tmp_path / "ke_khai.csv"
    file.write_text(DECLARED, encoding="utf-8-sig")
    taken = world.write_now(declarations.import_file, file, now=NOW)
    assert (taken.new, taken.changed, taken.unchanged) == (2, 0, 0)
    assert [(r.row, r.code) for r in sorted(taken.rejected, key=lambda r: r.row)] == [
        (4, "declaration_producer_unknown"), (5, "declaration_kind_unknown"),
    ]  # fmt: skip
    again = world.write_now(declarations.import_file, file, now=NOW + timedelta(days=1))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    found = world.read_now(report.sales_report, NOVEMBER)
    body = found.to_json()
    assert body["online_share"]["revenue"]["denominator"] == 1_889_999
    assert body["online_share"]["revenue"]["percent"] == 20.6
    assert body["online_share"]["orders"] == {"percent": 23.1, "numerator": 3, "denominator": 13, "reason": None}
    assert body["online_share"]["quantity"]["kg"] == {
        "percent": 31.8, "numerator": 3.5, "denominator": 11, "reason": None,
    }  # fmt: skip
    assert sum(m["percent"] for m in body["channel_mix"]) == pytest.approx(100)
    assert (found.coverage.sellers, found.coverage.declaring, found.outside) == (2, 2, 0)
    year = world.read_now(report.sales_report, parse_period("2026-11-01..2026-11-15"))
    assert (year.outside, year.share.revenue.reason) == (2, "offline_not_declared")


def test_example_7_sales_before_the_revocation_stay_certified(db: Db) -> None:
    db.write_now(build)

    def revoke(tx: Tx) -> None:
        tx.execute(c.certificate.update().where(c.certificate.c.id == "C-tra").values(revoked_on=date(2026, 10, 30)))

    db.write_now(revoke)
    last_minute = datetime(2026, 10, 29, 16, 59, tzinfo=UTC)  # 23:59 on the 29th in Vietnam
    for remote_id, moment in (("a", last_minute), ("b", last_minute + timedelta(minutes=1))):
        told = order(remote_id, ("tra", 1), placed_at=moment, updated_at=moment)
        db.write_now(store.upsert_orders, SHOPEE, [later(told, 0, OrderState.COMPLETED, updated_at=moment)], now=NOW)
    october = parse_period("2026-10")
    assert db.read_now(report.sales_report, october, cut="ocop").totals.gmv == 100_000
    assert db.read_now(report.sales_report, october).totals.gmv == 200_000


def test_settlements_once_matched_or_shown_and_bridged_to_the_dong(world: Db) -> None:
    paid = Settlement(
        statement_id=RemoteId("t1"), order=RemoteId("o1"), settled_at=NOW + timedelta(days=3), amount=80_000,
        fees=(FeeLine(kind="commission", amount=10_000), FeeLine(kind="vat_withheld", amount=4_000),
              FeeLine(kind="voucher", amount=10_000)),
    )  # fmt: skip
    lost = replace(paid, statement_id=RemoteId("t2"), order=RemoteId("unknown"), amount=5_000, fees=())
    assert world.write_now(statements.store_settlements, SHOPEE, [paid, lost], now=NOW) == 2
    assert world.write_now(statements.store_settlements, SHOPEE, [paid, lost], now=NOW) == 0
    (unmatched,) = world.read_now(statements.unmatched_settlements)
    assert (unmatched.order_id, unmatched.amount) == ("unknown", 5_000)
    found = world.read_now(report.sales_report, NOVEMBER)
    assert found.rows[0].settled == 85_000
    bridge = found.bridges[0]
    steps = bridge.cancelled + bridge.failed + bridge.under_way + bridge.discounts + bridge.returned + bridge.vouchers
    assert bridge.gmv_placed - steps == bridge.net == 193_999
    assert bridge.net - bridge.awaiting - sum(a for _, a in bridge.fees) - bridge.difference == bridge.settled
    assert (bridge.awaiting, bridge.difference, bridge.untied) == (99_999, 0, ())


def test_a_statement_may_repeat_the_refund_as_a_line_but_must_not_forget_it(world: Db) -> None:
    fees = (FeeLine(kind="commission", amount=10_000), FeeLine(kind="other", amount=96_000, label="return"))
    told = Settlement(statement_id=RemoteId("t1"), order=RemoteId("o1"), settled_at=NOW, amount=84_000, fees=fees)
    world.write_now(statements.store_settlements, SHOPEE, [told], now=NOW)
    bridge = world.read_now(report.sales_report, NOVEMBER).bridges[0]
    assert (bridge.fees, bridge.difference, bridge.untied) == ((("commission", 10_000),), 0, ())
    early = replace(told, amount=180_000, fees=fees[:1])  # paid before the goods came back
    world.write_now(statements.store_settlements, SHOPEE, [early], now=NOW)
    bridge = world.read_now(report.sales_report, NOVEMBER).bridges[0]
    assert (bridge.difference, bridge.untied) == (-96_000, ("o1",))


def test_every_figure_opens_down_to_its_lines(world: Db) -> None:
    found = world.read_now(report.sales_report, NOVEMBER)
    days = world.read_now(drill.days_of, "shopee", NOVEMBER, cut="all", scope=WHOLE_HUB)
    assert sum(d.figures.net for d in days) == found.rows[0].figures.net
    first = world.read_now(drill.orders_of, "shopee", NOVEMBER, cut="all", scope=WHOLE_HUB, limit=2)
    rest = world.read_now(drill.orders_of, "shopee", NOVEMBER, cut="all", scope=WHOLE_HUB, after=first.next or "")
    assert ([o.remote_id for o in first.items], [o.remote_id for o in rest.items]) == (["o1", "o2"], ["o3"])
    assert rest.next is None
    assert sum(o.figures.net for o in (*first.items, *rest.items)) == found.rows[0].figures.net
    (day,) = [d.day for d in days if d.figures.gross]
    delivered = world.read_now(drill.orders_of_day, "shopee", day, cut="all", scope=WHOLE_HUB)
    assert [o.remote_id for o in delivered.items] == ["o1", "o3"]
    lines = world.read_now(drill.lines_of, "shopee", "o1", cut="all", scope=WHOLE_HUB)
    assert [(x.sku, x.entry.event) for x in lines] == [("tra", "placed"), ("tra", "delivered"), ("tra", "refund:r")]
    assert world.read_now(drill.lines_of, "shopee", "o1", cut="all", scope=Scope(producer_id="p2")) == ()


def test_the_workbook_says_the_same(world: Db, tmp_path: Path) -> None:
    found = world.read_now(report.sales_report, NOVEMBER, complete_up_to={"shopee": NOW, "site": NOW})
    found.to_xlsx(tmp_path / "bao_cao.xlsx")
    book = openpyxl.load_workbook(tmp_path / "bao_cao.xlsx")
    rows = list(book["Kênh bán hàng"].iter_rows(values_only=True))
    column = rows[0].index("Doanh thu thuần")
    assert [row[column] for row in rows[1:]] == [289_999, 100_000, 389_999]
    assert book.sheetnames == ["Kênh bán hàng", "Tỷ trọng trực tuyến", "Nguồn số liệu", "Đối soát"]
