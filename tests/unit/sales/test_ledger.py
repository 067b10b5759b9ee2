"""Laws of the ledger: sums tie, the way there does not matter, no dong is lost; examples 4 and 6."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sales import ledger
from hub.sales.model import Component, CountChange, Entry, Line, Order, Refund, RollupChange

PLACED = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # 23:30 in Vietnam


def line(line_id: str = "1", quantity: int = 2, price: int = 50_000, **changes: object) -> Line:
    plain = Line(line_id=line_id, quantity=quantity, unit_price=price, charged=price * quantity, voucher=0,
                 variant_id="v" + line_id, product_id="p" + line_id, producer_id="o", stars=4)  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def order(*lines: Line, state: str = "paid", **changes: object) -> Order:
    plain = Order(
        shop_id="s", remote_id="r", state=state, placed_at=PLACED, updated_at=PLACED, lines=lines or (line(),)
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def total(entries: tuple[Entry, ...], measure: str, year: int | None = None, month: int | None = None) -> int:
    return sum(
        int(getattr(e, measure))
        for e in entries
        if (year is None or e.day.year == year) and (month is None or e.day.month == month)
    )


def test_example_4_each_measure_in_its_own_month() -> None:
    told = order(
        line(quantity=2, price=50_000), state="completed", delivered_at=datetime(2026, 12, 3, 2, 0, tzinfo=UTC),
        refunds=(Refund(refund_id="x", at=datetime(2027, 1, 5, 2, 0, tzinfo=UTC), amount=50_000, units=(("1", 1),)),),
    )  # fmt: skip
    found = ledger.entries(told)
    assert total(found, "gmv", 2026, 11) == 100_000
    assert (total(found, "gross", 2026, 12), total(found, "net", 2026, 12)) == (100_000, 100_000)
    assert (total(found, "net", 2027, 1), total(found, "units", 2027, 1)) == (-50_000, -1)
    assert total(found, "net", 2026) == 100_000
    assert total(found, "net") == 50_000  # restated by the order's month


def test_example_6_the_voucher_is_shared_out_to_the_dong() -> None:
    lines = [line(str(n), 1, price) for n, price in enumerate((33_333, 33_333, 33_335))]
    assert ledger.allot_voucher(10_000, lines) == (3_333, 3_333, 3_334)


def test_local_days_not_utc_days() -> None:
    found = ledger.entries(order(placed_at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC)))
    assert {e.day for e in found} == {date(2026, 12, 1)}


@pytest.mark.parametrize(
    ("told", "want"),
    [
        (order(), (100, 100, 0, 0)),
        (order(state="shipped", shipped_at=PLACED), (100, 100, 0, 0)),
        (order(state="cancelled"), (100, 0, 0, 0)),
        (order(state="cancelled", shipped_at=PLACED), (100, 100, 0, 0)),
        (order(state="failed_delivery", shipped_at=PLACED), (100, 100, 0, 0)),
        (order(state="delivered", delivered_at=PLACED), (100, 100, 100, 2)),
        (order(line(cancelled=1), state="delivered", delivered_at=PLACED), (100, 50, 50, 1)),
        (order(state="delivered", delivered_at=PLACED, test=True), (0, 0, 0, 0)),
    ],
)
def test_each_state_counts_where_it_should(told: Order, want: tuple[int, ...]) -> None:
    found = ledger.entries(told)
    measures = tuple(total(found, m) // 1000 for m in ("gmv_placed", "gmv", "gross"))
    assert (*measures, total(found, "units")) == want


def test_gifts_count_units_only_and_make_no_order() -> None:
    gift = order(line(price=0, quantity=3), state="delivered", delivered_at=PLACED)
    found = ledger.entries(gift)
    assert [(e.event, e.units, e.gross) for e in found] == [("delivered", 3, 0)]
    assert ledger.delta((), found)[1] == ()


def test_partly_cancelled_charges_lose_no_dong() -> None:
    kept = ledger.kept_charged(line(quantity=3, charged=100_000, cancelled=1))
    assert kept == 66_667
    assert kept + 100_000 * 1 // 3 == 100_000


def test_money_back_without_units_goes_over_all_lines_by_value() -> None:
    told = order(
        line("1", 1, 30_000), line("2", 1, 60_000), state="completed", delivered_at=PLACED,
        refunds=(Refund(refund_id="x", at=PLACED, amount=10_000),),
    )  # fmt: skip
    assert [(e.line_id, e.refund) for e in ledger.entries(told) if e.refund] == [("1", 3_333), ("2", 6_667)]


PARTS = (
    Component(variant_id="a", product_id="pa", producer_id="o", stars=3, quantity=2, price=30_000),
    Component(variant_id="b", product_id="pb", producer_id="q", stars=None, quantity=1, price=40_000),
)


def test_a_box_splits_money_by_list_price_and_units_by_piece() -> None:
    box = order(line(quantity=1, price=90_001, parts=PARTS), state="delivered", delivered_at=PLACED)
    found = {e.part: e for e in ledger.entries(box) if e.event == "delivered"}
    assert [(found[p].gross, found[p].units, found[p].stars) for p in "ab"] == [(54_001, 2, 3), (36_000, 1, None)]
    rollups, counts = ledger.delta((), ledger.entries(box))
    assert sum(r.gross for r in rollups if r.stars) == 54_001
    assert {c.cut for c in counts} == {"ocop", "all"}


def test_a_box_of_unpriced_parts_splits_by_pieces() -> None:
    free = tuple(replace(p, price=0) for p in PARTS)
    assert ledger.split_bundle(9_000, free) == (6_000, 3_000)


# ---- laws --------------------------------------------------------------------------------------------------------

amounts = st.integers(0, 5_000_000)
lines = st.builds(
    lambda n, q, c, price, off, stars, box: line(
        str(n), q, price, cancelled=min(c, q), charged=max(price * q - off, 0), stars=stars, parts=PARTS if box else ()
    ),
    st.integers(1, 5), st.integers(1, 9), st.integers(0, 9), amounts, st.integers(0, 50_000),
    st.sampled_from([None, 3, 4, 5]), st.booleans(),
)  # fmt: skip
refunds = st.lists(
    st.builds(
        lambda n, days, amount, units: Refund(
            refund_id=str(n), at=PLACED + timedelta(days=days), amount=amount, units=tuple(units)
        ),
        st.integers(1, 3), st.integers(0, 60), amounts,
        st.lists(st.tuples(st.sampled_from("12345"), st.integers(0, 3)), max_size=3),
    ),
    max_size=3, unique_by=lambda r: r.refund_id,
)  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> Order:
    goods = draw(st.lists(lines, min_size=1, max_size=5, unique_by=lambda li: li.line_id))
    voucher = draw(st.integers(0, 100_000))
    shares = ledger.allot_voucher(voucher, goods)
    state = draw(st.sampled_from(["placed", "paid", "shipped", "delivered", "completed", "cancelled",
                                  "failed_delivery"]))  # fmt: skip
    return order(
        *(replace(li, voucher=v) for li, v in zip(goods, shares, strict=True)), state=state,
        remote_id=draw(st.sampled_from(["r1", "r2", "r3"])), seller_voucher=voucher, refunds=tuple(draw(refunds)),
        shipped_at=PLACED if draw(st.booleans()) or state in ledger.GONE_OUT else None,
        delivered_at=PLACED + timedelta(days=draw(st.integers(0, 40))) if state in ledger.DELIVERED else None,
    )  # fmt: skip


@given(orders())
def test_entries_tie_to_the_order(told: Order) -> None:
    found = ledger.entries(told)
    shown = sum(li.unit_price * li.quantity for li in told.lines)
    assert total(found, "gmv_placed") == shown
    lost = 0 if not ledger.void(told) else shown
    if not ledger.void(told):
        lost = sum(li.unit_price * li.cancelled for li in told.lines)
    assert total(found, "gmv") == shown - lost
    if told.state in ledger.DELIVERED:
        kept = [li for li in told.lines if ledger.kept_units(li)]
        assert total(found, "gross") == sum(ledger.kept_charged(li) for li in kept)
        assert total(found, "refund") == sum(r.amount for r in told.refunds)
    else:
        assert total(found, "gross") == total(found, "refund") == total(found, "units") == 0
    keys = [(e.shop_id, e.order_id, e.line_id, e.event, e.part) for e in found]
    assert len(keys) == len(set(keys))


@given(orders())
def test_vouchers_tie_when_anything_was_charged(told: Order) -> None:
    if told.state in ledger.DELIVERED and any(ledger.kept_charged(li) for li in told.lines if ledger.kept_units(li)):
        assert total(ledger.entries(told), "voucher") == told.seller_voucher


@given(st.lists(orders(), max_size=6))
def test_day_by_day_equals_rebuilt(updates: list[Order]) -> None:
    """Applying updates one by one leaves the rollups that the last contents alone give."""
    current: dict[str, Order] = {}
    kept: dict[object, tuple[int, ...]] = {}
    for update in updates:
        old = current.get(update.remote_id)
        _apply(kept, ledger.delta(ledger.entries(old) if old else (), ledger.entries(update)))
        current[update.remote_id] = update
    rebuilt: dict[object, tuple[int, ...]] = {}
    _apply(rebuilt, ledger.delta((), [e for o in current.values() for e in ledger.entries(o)]))
    assert {k: v for k, v in kept.items() if any(v)} == rebuilt


def _apply(
    sums: dict[object, tuple[int, ...]], change: tuple[tuple[RollupChange, ...], tuple[CountChange, ...]]
) -> None:
    for r in change[0]:
        values = (r.gmv_placed, r.gmv, r.gross, r.voucher, r.refund, r.units)
        key: object = (r.day, r.shop_id, r.product_id, r.stars)
        sums[key] = tuple(a + b for a, b in zip(sums.get(key, (0,) * 6), values, strict=True))
    for c in change[1]:
        key = (c.day, c.shop_id, c.cut)
        sums[key] = tuple(a + b for a, b in zip(sums.get(key, (0, 0)), (c.placed, c.delivered), strict=True))


@given(orders())
def test_stock_moves_leave_nothing_reserved_once_an_order_has_ended(told: Order) -> None:
    on_hand: dict[str, int] = {}
    reserved: dict[str, int] = {}
    for m in ledger.moves(told):
        assert m.quantity > 0
        on_hand[m.variant_id] = on_hand.get(m.variant_id, 0) + {"sold": -1, "returned": 1}.get(m.kind, 0) * m.quantity
        sign = {"reserved": 1, "released": -1, "sold": -1}.get(m.kind, 0)
        reserved[m.variant_id] = reserved.get(m.variant_id, 0) + sign * m.quantity
    assert all(n >= 0 for n in reserved.values())
    assert all(n <= 0 for n in on_hand.values())
    if told.state not in ("placed", "paid"):
        assert not any(reserved.values())
    if told.state in ("cancelled", "failed_delivery"):
        assert not any(on_hand.values())


@given(st.permutations(["placed", "paid", "shipped", "delivered", "completed"]))
def test_states_reach_the_furthest_rank_however_they_come(states: list[str]) -> None:
    now = states[0]
    for told in states[1:]:
        now = ledger.forward(now, told, newer=True)
    assert now == "completed"


def test_ended_orders_come_back_only_when_paid_later() -> None:
    assert ledger.forward("cancelled", "placed", newer=True) == "cancelled"
    assert ledger.forward("cancelled", "paid", newer=False) == "cancelled"
    assert ledger.forward("cancelled", "paid", newer=True) == "paid"
    assert ledger.forward("shipped", "cancelled", newer=True) == "cancelled"
