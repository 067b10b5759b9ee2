"""Money to the dong, moments, codes: as people and spreadsheet programs write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sync.files import cells
from hub.sync.files.cells import Wrong
from hub.types import LOCAL

FORMATS = ("%d/%m/%Y %H:%M", "%d/%m/%Y")


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.250.000 ₫", 1_250_000), ("1,250,000", 1_250_000), ("₫1.250.000", 1_250_000), ("1250000", 1_250_000),
        (1250000.0, 1_250_000), (1250000, 1_250_000), ("1.250.000,00", 1_250_000), ("1,250,000.00", 1_250_000),
        ("250000.00", 250_000), ("-12.500đ", -12_500), ("(12.500)", -12_500), ("−12.500 VNĐ", -12_500),
        ("12 500 đồng", 12_500), ("0", 0), (0, 0), ("\t16.500\t", 16_500), ("1.250", 1_250), ("100", 100),
        ("\u00a01.000\u00a0₫", 1_000), ("999", 999), ("'5000", 5_000),
    ],
)  # fmt: skip
def test_money_in_every_way_of_writing(cell: object, amount: int) -> None:
    assert cells.money(cell) == amount


@pytest.mark.parametrize("cell", ["", "-", "–", " ", "₫"])
def test_nothing_written_is_not_zero(cell: str) -> None:
    assert cells.money(cell) is None


@pytest.mark.parametrize(
    "cell", ["12,5", "1.25.000", "1250,75", 0.5, "mười nghìn", "1.2500", True, "12.50.", "--5", 1e300, "9" * 20]
)
def test_what_is_no_whole_dong_is_an_error_not_a_guess(cell: object) -> None:
    with pytest.raises(Wrong) as wrong:
        cells.money(cell)
    assert wrong.value.code == "file_row_money_wrong"


def test_a_place_that_writes_a_decimal_point_is_believed() -> None:
    assert cells.money("1.250.000", ",") == 1_250_000
    assert cells.money("185,000.00", ".") == 185_000
    with pytest.raises(Wrong):
        cells.money("1.250", ".")  # one and a quarter dong


@given(
    st.integers(min_value=-(10**13), max_value=10**13), st.sampled_from([".", ","]), st.sampled_from(["", " ₫", "đ"])
)
def test_grouped_text_is_the_same_amount(amount: int, mark: str, currency: str) -> None:
    assert cells.money(f"{amount:,}".replace(",", mark) + currency) == amount
    assert cells.money(float(amount)) == amount


def test_moments_are_local_and_become_utc() -> None:
    assert cells.moment("21/11/2026 08:30", FORMATS, LOCAL) == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    assert cells.moment("\t21/11/2026 ", FORMATS, LOCAL) == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    naive = datetime(2026, 11, 21, 8, 30)  # noqa: DTZ001  as a date cell comes
    assert cells.moment(naive, FORMATS, LOCAL) == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    assert cells.moment(date(2026, 11, 21), FORMATS, LOCAL) == datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    assert cells.moment(46347.354166666664, FORMATS, LOCAL) == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
    assert cells.moment("-", FORMATS, LOCAL) is None


@pytest.mark.parametrize("cell", ["31/02/2026", "11-21-2026", "hôm qua", 7, 46347000, "01/01/0001", float("nan")])
def test_what_is_no_date_is_an_error(cell: object) -> None:
    with pytest.raises(Wrong) as wrong:
        cells.moment(cell, FORMATS, LOCAL)
    assert wrong.value.code == "file_row_time_wrong"


def test_codes_keep_their_zeros_and_rounded_ones_are_refused() -> None:
    assert cells.key("0012345") == "0012345"
    assert cells.key("576461413038785752\t") == "576461413038785752"
    assert cells.key('="00123"') == "00123"
    assert cells.key(2411210001.0) == "2411210001"
    for rounded in (5.76461413038785e17, "5.76461E+17"):
        with pytest.raises(Wrong) as wrong:
            cells.key(rounded)
        assert wrong.value.code == "file_row_id_rounded"


def test_counts_are_whole_and_not_negative() -> None:
    assert cells.count("3") == 3
    assert cells.count("") is None
    for cell in ("-1", "1,5", "hai"):
        with pytest.raises(Wrong) as wrong:
            cells.count(cell)
        assert wrong.value.code == "file_row_count_wrong"
