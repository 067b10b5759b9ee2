"""The acceptance examples 3 to 7 of the reporting rules, each a world in a file, imported and reported on."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from hub.catalog import store as catalog
from hub.catalog.law import load as load_law
from hub.catalog.rules import current_certificate
from hub.db import Db, Tx
from hub.exchange.read import Imported, collect, take_in
from hub.sales import share
from hub.sales.model import Cut
from hub.sales.report import SalesReport, sales_report
from hub.sales.store import load_orders, rebuild_figures
from hub.shops import store as shops
from hub.sync import store as sync
from hub.types import parse_period

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "tests" / "data" / "exchange"
NOW = datetime(2027, 2, 1, tzinfo=UTC)


def take(db: Db, file: Path) -> Imported:
    done = db.write_now(take_in, collect(file), now=NOW, who="test")
    assert db.read_now(rebuild_figures) == ()
    assert db.write_now(take_in, collect(file), now=NOW, who="test").changed == 0
    return done


def report(db: Db, period: str, cut: Cut = "all") -> SalesReport:
    return db.read_now(sales_report, parse_period(period), cut=cut)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.json")), ids=lambda f: f.stem)
def test_every_example_comes_in_whole(db: Db, file: Path) -> None:
    assert take(db, file).unknown_goods == 0


def test_3_three_hundred_online_and_two_hundred_declared_make_sixty_percent(db: Db) -> None:
    take(db, EXAMPLES / "3_online_share.json")
    found = report(db, "2026-11")
    assert found.rows[0].orders == 300
    assert found.share.orders.percent == Decimal("60.0")
    assert found.share.revenue.percent == Decimal("60.0")
    assert (found.coverage.percent, found.coverage.declaring) == (Decimal("60.0"), 1)


def test_3_without_a_declaration_there_is_no_share(db: Db, tmp_path: Path) -> None:
    told = json.loads((EXAMPLES / "3_online_share.json").read_text("utf-8"))
    (tmp_path / "undeclared.json").write_text(json.dumps({**told, "declarations": []}), "utf-8")
    take(db, tmp_path / "undeclared.json")
    found = report(db, "2026-11")
    assert found.share.orders.numerator == 300
    assert found.share.orders.percent is None
    assert found.share.orders.reason == "offline_not_declared"
    assert (found.coverage.measured, found.coverage.sellers, found.coverage.declaring) == (27_000_000, 1, 0)


def test_4_each_measure_in_its_own_month(db: Db) -> None:
    take(db, EXAMPLES / "4_each_in_its_month.json")
    november, december, january = (report(db, p).rows[0].figures for p in ("2026-11", "2026-12", "2027-01"))
    assert (november.gmv, november.gross, november.net) == (180_000, 0, 0)
    assert (december.gmv, december.gross, december.units) == (0, 180_000, 2)
    assert (january.refund, january.net, january.units) == (90_000, -90_000, -1)
    year = report(db, "2026").rows[0]
    assert (year.figures.net, year.restated.net) == (180_000, 90_000)


def test_5_one_producer_three_products_six_listings(db: Db) -> None:
    take(db, EXAMPLES / "5_one_producer_two_platforms.json")

    def listed(tx: Tx) -> list[share.Presence]:
        owners = {s.product.id: s.producer.id for s in catalog.sellables(tx)}
        return [
            share.Presence(product_id=b.product_id, producer_id=owners[b.product_id], shop_id=shop.id,
                           kind=shop.channel_kind)
            for shop in shops.list_shops(tx) for b in sync.bindings(tx, shop.id)
        ]  # fmt: skip

    counts = share.presence(db.read_now(listed))
    assert (counts.producers_online, counts.products, counts.listings) == (1, 3, 6)


def test_6_a_discount_over_lines_adds_up(db: Db) -> None:
    take(db, EXAMPLES / "6_discount_over_lines.json")
    (stored,) = db.read_now(load_orders, "sen-shopee", ["1"])
    assert [line.voucher for line in stored.lines] == [3_333, 3_333, 3_334]
    figures = report(db, "2026-11").rows[0].figures
    assert (figures.gross, figures.voucher, figures.net) == (100_001, 10_000, 90_001)


def test_7_after_the_revocation_sales_count_in_all_only(db: Db) -> None:
    take(db, EXAMPLES / "7_revoked.json")
    ocop, everything = (report(db, "2026-10", cut).rows[0].figures.net for cut in ("ocop", "all"))
    assert (ocop, everything) == (2 * 90_000, 4 * 90_000)
    assert report(db, "2026-11", "ocop").totals.net == 0
    assert report(db, "2026-11").totals.net == 90_000
    (product,) = db.read_now(catalog.sellables)
    assert current_certificate(product.certificates, date(2026, 10, 29), load_law()) is not None
    assert current_certificate(product.certificates, date(2026, 10, 31), load_law()) is None
    (listing,) = db.read_now(sync.bindings, "sen-shopee")
    assert listing.claims  # still shown on 31 October: what the next plan has to take down


def test_the_example_of_the_guide_is_imported(db: Db, tmp_path: Path) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "guides" / "exchange.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "guide.json").write_text(text, "utf-8")
    assert take(db, tmp_path / "guide.json").changed == 8
    found = report(db, "2026-11", "ocop")
    assert found.totals.net == 270_000
    (kept,) = db.read_now(catalog.sellables)
    assert kept.stocks[0].on_hand == 17
