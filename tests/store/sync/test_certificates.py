"""A revocation reaches every shop's fast lane and the figures of days already sold."""

from datetime import date, timedelta

import sqlalchemy as sa

from hub.db import Db, Tx
from hub.sales import tables as sales
from hub.sales.store import rebuild_figures, upsert_orders
from hub.sync import certificates, due
from tests.store.sales.world import NOW, SHOPEE, build, order


def stars_sold(tx: Tx) -> dict[str, set[int | None]]:
    """Stars by day and order in the ledger."""
    led = sales.ledger.c
    rows = tx.execute(sa.select(led.remote_id, led.stars).where(led.product_id == "P-tra"))
    found: dict[str, set[int | None]] = {}
    for row in rows:
        found.setdefault(row.remote_id, set()).add(row.stars)
    return found


def test_orders_since_the_revocation_leave_the_ocop_cut(db: Db) -> None:
    db.write_now(build)
    before = order("early", ("tra", 1), placed_at=NOW - timedelta(days=3))
    after = order("late", ("tra", 1), placed_at=NOW + timedelta(days=3))
    db.write_now(upsert_orders, SHOPEE, [before, after], now=NOW)
    assert db.read_now(stars_sold) == {"early": {4}, "late": {4}}
    concerned = db.write_now(
        certificates.revoke, "C-tra", on=date(2026, 11, 21), document="12/QĐ-UBND", ground="criteria_not_kept",
        who="test", now=NOW,
    )  # fmt: skip
    assert set(concerned) == {"shopee", "site"}
    assert db.read_now(stars_sold) == {"early": {4}, "late": {None}}
    assert db.write_now(rebuild_figures) == ()
    assert {(s, k) for s, k in db.read_now(due.waiting, NOW)} >= {("shopee", "gates"), ("site", "gates")}


def test_an_extension_brings_nothing_out_of_step(db: Db) -> None:
    db.write_now(build)
    db.write_now(upsert_orders, SHOPEE, [order("o1", ("tra", 1))], now=NOW)
    db.write_now(certificates.extend, "C-tra", until=date(2028, 3, 1), document="1/KH", who="test", now=NOW)
    assert db.write_now(rebuild_figures) == ()
