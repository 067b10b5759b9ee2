"""Contracts and live sessions are kept and found again, on both databases."""

from datetime import UTC, date, datetime

from hub.db import Db
from hub.programme import store
from hub.programme.model import Contract, LiveSession
from hub.types import parse_period
from tests.store.sales.world import build

FIRST = Contract(id="c1", producer_id="p1", channel_kind="supermarket", partner="Siêu thị Mẫu",
                 signed_on=date(2026, 1, 10), ends_on=date(2026, 12, 31))  # fmt: skip
OPEN = Contract(id="c2", producer_id="p2", channel_kind="convenience", partner="Cửa hàng Mẫu",
                signed_on=date(2026, 6, 1), note="tự gia hạn")  # fmt: skip
SESSION = LiveSession(id="s1", title="Chợ phiên OCOP", started_at=datetime(2026, 11, 30, 16, 30, tzinfo=UTC),
                      shop_id="shopee", producer_id="p1", figures={"viewers": 1200, "gmv": 3_500_000})  # fmt: skip


def test_contracts_in_force_on_a_day(db: Db) -> None:
    db.write_now(build)
    db.write_now(store.save_contracts, [OPEN, FIRST])
    db.write_now(store.save_contracts, [FIRST])
    assert db.read_now(store.contracts) == (FIRST, OPEN)
    assert db.read_now(store.contracts, on=date(2026, 12, 31)) == (FIRST, OPEN)
    assert db.read_now(store.contracts, on=date(2027, 1, 1)) == (OPEN,)
    assert db.read_now(store.contracts, producer_id="p1") == (FIRST,)
    for contract in (FIRST, OPEN):
        for day in (date(2026, 1, 9), date(2026, 1, 10), date(2026, 6, 1), date(2027, 1, 1)):
            assert contract.runs_on(day) == (contract in db.read_now(store.contracts, on=day))


def test_live_sessions_of_a_local_month(db: Db) -> None:
    db.write_now(build)
    office = LiveSession(id="s2", title="Phiên của tỉnh", started_at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC))
    db.write_now(store.save_live_sessions, [office, SESSION])
    assert db.read_now(store.live_sessions) == (SESSION, office)
    assert db.read_now(store.live_sessions, period=parse_period("2026-11")) == (SESSION,)
    assert db.read_now(store.live_sessions, period=parse_period("2026-12")) == (office,)
    assert db.read_now(store.live_sessions, producer_id="p1") == (SESSION,)
