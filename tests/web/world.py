"""A small hub for the tests of the pages: two producers, three shops, orders, listings, runs, proofs, declarations."""

from dataclasses import replace
from datetime import date, timedelta

from hub.catalog import tables as c
from hub.connectors.model import FeeLine, OrderState, Settlement
from hub.db import Tx
from hub.sales import store as sales
from hub.sales import tables as st
from hub.sales.store.money import store_settlements
from hub.shops import tables as sh
from hub.shops.model import Shop
from hub.sync import store as sync
from hub.sync import tables as t
from hub.sync.model import Binding, BindingState, Problem, Shown
from hub.sync.store import Cursor, Event
from hub.types import RemoteId, Sku
from tests.store.sales import world
from tests.store.sales.world import NOW, SHOPEE, SITE, later, order, refund

PORTAL = Shop(id="portal", platform="woocommerce", name="Sàn OCOP tỉnh", producer_id=None,
              channel_kind="provincial_portal", base_url="http://portal.test", province_code="92")  # fmt: skip
LONG = "Bánh pía sầu riêng trứng muối đậu xanh lá dứa đặc biệt thượng hạng hộp quà Tết <b>Sóc Trăng</b> & gia đình"
SHOPS = ("shopee", "site", "portal")


def fill(tx: Tx) -> None:
    """Everything, as it stands on 21 November 2026, 08:00 in Vietnam."""
    world.build(tx)
    tx.execute(sh.shop.insert(), [{
        "id": PORTAL.id, "platform": PORTAL.platform, "name": PORTAL.name, "producer_id": None, "state": "connected",
        "channel_kind": PORTAL.channel_kind, "base_url": PORTAL.base_url, "province_code": "92", "created_at": NOW,
    }])  # fmt: skip
    tx.execute(c.product.update().where(c.product.c.id == "P-banh").values(name=LONG, set_no=8))
    _orders(tx)
    _listings(tx)
    _runs(tx)
    tx.execute(st.declaration.insert(), [
        {"id": f"d{n}", "producer_id": f"p{n}", "channel_kind": "direct", "first_day": date(2026, 11, 1),
         "last_day": date(2026, 11, 30), "revenue": 1_000_000 * n, "orders": 10 * n, "declared_at": NOW}
        for n in (1, 2)
    ])  # fmt: skip


def _orders(tx: Tx) -> None:
    day = timedelta(days=1)
    first, second = order("o1"), order("o2", ("banh", 3))
    sales.upsert_orders(tx, SHOPEE, [first, second, order("o3", ("tra", 1))], now=NOW)
    done = later(first, 2, OrderState.DELIVERED)
    sales.upsert_orders(tx, SHOPEE, [done], now=NOW + 2 * day)
    given_back = replace(done, refunds=(refund("r1", 12, 50_000, ("2", 1)),), updated_at=NOW + 12 * day)
    sales.upsert_orders(tx, SHOPEE, [given_back], now=NOW + 12 * day)
    fees = (FeeLine(kind="commission", amount=12_000, label="Phí cố định"), FeeLine(kind="vat_withheld", amount=2_500))
    paid = Settlement(statement_id=RemoteId("s1"), order=RemoteId("o1"), settled_at=NOW + 5 * day, amount=235_500,
                      fees=fees)  # fmt: skip
    store_settlements(tx, SHOPEE, [paid], now=NOW)
    both = order("w1", ("tra", 1), ("mam", 2))  # goods of both producers
    sales.upsert_orders(tx, PORTAL, [later(both, 3, OrderState.COMPLETED)], now=NOW + 3 * day)
    sales.upsert_orders(tx, SITE, [later(order("7 / 8", ("mam", 4)), 1, OrderState.CANCELLED)], now=NOW + day)


def _listings(tx: Tx) -> None:
    live = Shown(state="live", title="Trà OCOP 4 sao", description_digest="x", prices={Sku("tra"): 100_000},
                 stocks={Sku("tra"): 98})  # fmt: skip
    leases = {shop_id: lease for shop_id in SHOPS if (lease := sync.take_lease(tx, shop_id, "bulk", "test", NOW))}
    for shop_id, product, state, problems in (
        ("shopee", "P-tra", BindingState.CONFIRMED, ()),
        ("shopee", "P-banh", BindingState.HELD, (Problem(code="abv_missing", facts={"skus": list("abcdefgh")}),)),
        ("site", "P-mam", BindingState.ACCEPTED, ()),
        ("portal", "P-tra", BindingState.CONFIRMED, ()),
        ("portal", "P-mam", BindingState.ASK, (Problem(code="set_unknown", facts={}),)),
    ):
        binding = Binding(
            shop_id=shop_id, product_id=product, state=state, problems=problems,
            shown=live if state is BindingState.CONFIRMED else None, confirmed_at=NOW,
        )  # fmt: skip
        taken = Event(product_id=product, kind="takedown", before={"title": "Trà OCOP 4 sao"},
                      after={"title": "Trà", "description": "Trà ngon"}, answer={"status": 200})  # fmt: skip
        events = [taken] if product == "P-tra" else []
        sync.save(tx, leases[shop_id], [binding], events, known={}, run_id="r-shopee", now=NOW)


def _runs(tx: Tx) -> None:
    for n, (shop_id, result) in enumerate((("shopee", "ok"), ("site", "refused"), ("portal", "partial"), (None, "ok"))):
        problems = sync.problem_rows([Problem(code="abv_missing", facts={})]) if result == "refused" else []
        tx.execute(t.run.insert().values(
            id=f"r-{shop_id or 'hub'}", shop_id=shop_id, kind="push", lane="bulk", started_at=NOW - timedelta(hours=n),
            ended_at=NOW, result=result, done=2, total=3, calls=5, problems=problems,
            note="budget_calls" if result == "partial" else "",
        ))  # fmt: skip
    for shop_id in ("shopee", "portal"):
        sync.save_cursor(tx, shop_id, Cursor(walk="orders", position=NOW + timedelta(days=13)))
