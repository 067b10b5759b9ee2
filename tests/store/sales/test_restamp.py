"""What is told late changes the figures of its day: revocations, bindings."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from hub.access import WHOLE_HUB
from hub.catalog import stock
from hub.catalog import tables as c
from hub.catalog.intake import read_files
from hub.catalog.law import load as load_law
from hub.catalog.take_in import take_in
from hub.connectors.model import OrderState
from hub.db import Db, Tx
from hub.sales import report, store
from hub.sales.store.counts import in_force_on
from hub.types import local_date, parse_period
from tests.store.sales.world import NOW, SHOPEE, build, later, order

REGISTRY = Path(__file__).parents[3] / "examples" / "registry" / "soc_trang.xlsx"
NOVEMBER = parse_period("2026-11")


def certified(db: Db) -> int:
    return db.read_now(report.sales_report, NOVEMBER, cut="ocop").totals.gross


def sound(db: Db) -> bool:
    return db.read_now(store.rebuild_figures) == () and db.read_now(stock.check_standing) == ()


def test_a_revocation_told_late_takes_its_days_out_of_the_ocop_cut(db: Db) -> None:
    db.write_now(build)
    db.write_now(store.upsert_orders, SHOPEE, [later(order("o1", ("tra", 1), ("hop", 1)), 1, OrderState.COMPLETED)],
                 now=NOW)  # fmt: skip
    before = certified(db)

    def revoke(tx: Tx) -> None:
        on = local_date(NOW)
        tx.execute(c.certificate.update().where(c.certificate.c.id == "C-tra").values(revoked_on=on))

    db.write_now(revoke)
    affected = db.read_now(store.orders_of_products, ["P-tra"], local_date(NOW))
    assert affected == {"shopee": ("o1",)}
    done = db.write_now(store.restamp, "shopee", affected["shopee"], now=NOW)
    assert (done.changed, done.touched_variants) == (1, frozenset())
    assert before > 200_000
    assert certified(db) == 0
    assert sound(db)
    assert db.write_now(store.restamp, "shopee", ["o1"], now=NOW).changed == 0


def test_a_binding_made_after_the_sale_finds_its_goods(db: Db) -> None:
    db.write_now(build)
    told = later(order("o1", ("mam", 3)), 1, OrderState.COMPLETED)
    told = replace(told, lines=(replace(told.lines[0], sku=None),))
    db.write_now(store.upsert_orders, SHOPEE, [told], now=NOW)
    assert db.read_now(store.orders_of_unknown_goods, "shopee") == ("o1",)
    done = db.write_now(store.restamp, "shopee", ["o1"], now=NOW, resolve={("L-mam", ""): "mam"})
    assert done.touched_variants == {"V-mam"}
    assert certified(db) == 150_000

    def left(tx: Tx) -> int:
        return int(tx.execute(sa.select(c.stock.c.on_hand).where(c.stock.c.variant_id == "V-mam")).scalar_one())

    assert db.read_now(left) == 97
    assert sound(db)


def test_example_1_the_sample_registry_in_force(db: Db) -> None:
    day = date(2026, 11, 21)
    db.write_now(take_in, read_files([REGISTRY], as_of=day), who="test", now=NOW)
    found = db.read_now(in_force_on, day, law=load_law(), scope=WHOLE_HUB)
    assert (found.products, found.producers) == (281, 173)
    assert dict(found.by_star) == {5: 1, 4: 18 + 9, 3: 197 + 44 + 12}
    past = db.read_now(in_force_on, day - timedelta(days=4000), law=load_law(), scope=WHOLE_HUB)
    assert past.products == 0
