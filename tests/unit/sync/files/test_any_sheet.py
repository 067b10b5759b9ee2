"""Whatever stands in the cells of a sheet, reading it ends in values or in rows told as bad, never in a crash."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.catalog.intake.workbook import Sheet
from hub.problems import render
from hub.sync.files.incoming import read
from hub.sync.files.known import all_profiles, load
from hub.sync.files.profile import KINDS, SheetKind
from hub.sync.files.table import find_table

CELLS = st.one_of(
    st.text(max_size=20), st.floats(), st.integers(-(10**18), 10**18).map(float), st.booleans(), st.just(""),
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001
    st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)), st.times(), st.timedeltas(),
    st.sampled_from(["21/11/2026 08:30", "Hoàn thành", "1.250.000 ₫", "A1", "Đã đăng", "2", "Đã hủy", "2026-11-21"]),
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_cell_is_a_crash(kind: SheetKind, data: st.DataObject) -> None:
    sheet = load(data.draw(st.sampled_from(all_profiles()))).sheets[kind]
    head: Sequence[object] = [words[0] for words in sheet.columns.values()] + [word for word, _ in sheet.fee_columns]
    rows = data.draw(st.lists(st.lists(CELLS, min_size=len(head), max_size=len(head)), max_size=4))
    table = find_table(Sheet(name="x", rows=[head, *rows]), sheet)
    assert table is not None
    found = read([table], sheet)
    taken = len(found.orders) + len(found.settlements) + len(found.levels) + len(found.marks)
    assert taken + len(found.bad) <= max(found.rows, taken)
    for one in found.bad:
        assert render(one.reason.code, one.reason.facts, "vi").what


def test_odd_cells_a_reader_may_give() -> None:
    sheet = load("shopee").sheets["stock"]
    odd: list[object] = [float("inf"), float("nan"), time(8, 30), timedelta(hours=1), True]
    rows: list[list[object]] = [["SKU", "Số lượng"], *[["A", cell] for cell in odd]]
    table = find_table(Sheet(name="x", rows=rows), sheet)
    assert table is not None
    assert [b.reason.code for b in read([table], sheet).bad] == ["file_row_count_wrong"] * len(odd)
