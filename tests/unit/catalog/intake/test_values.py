"""Stars, dates, prices, GTINs, phones and decision numbers as offices write them; legacy text; places of rules."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalog.intake.columns import match_header, personal_kind
from hub.catalog.intake.dates import read_date
from hub.catalog.intake.known import subject_key
from hub.catalog.intake.legacy import clean, from_tcvn3, from_vni, is_syllable, name_key
from hub.catalog.intake.prices import header_factor, read_price
from hub.catalog.intake.products import net_quantity, shelf_life, split_address
from hub.catalog.intake.rules import expiry, level_fits, regime_of
from hub.catalog.intake.sets import set_of
from hub.catalog.intake.values import (
    has_check_digit,
    read_decision,
    read_gtin,
    read_phone,
    read_stars,
    revocation_ground,
    subject_kind,
    without_personal,
)


@pytest.mark.parametrize(
    ("written", "stars"),
    [(4.0, 4), ("****", 4), ("3*", 3), ("★★★★☆", 4), ("Ba sao", 3), ("03 sao", 3), ("Hạng III", 3), ("4/5", 4),
     ("3 sao (tiềm năng 4 sao)", 3), ("OCOP 4 sao cấp tỉnh", 4), ("3 sao lên 4 sao", 4), ("⭐⭐⭐⭐⭐", 5)],
)  # fmt: skip
def test_stars(written: object, stars: int) -> None:
    assert read_stars(written).stars == stars


@pytest.mark.parametrize(
    ("written", "reason"),
    [("", "star_missing"), ("2 sao", "star_not_certifiable"), ("Không đạt", "star_not_certifiable"),
     ("6 sao", "star_invalid"), ("3-4 sao", "star_invalid"), (3.5, "star_invalid"), (True, "star_invalid"),
     ("Đang đề nghị 4 sao", "not_yet_recognised"), ("Tiềm năng 5 sao", "not_yet_recognised"),
     ("Chờ QĐ", "not_yet_recognised")],
)  # fmt: skip
def test_stars_that_are_none(written: object, reason: str) -> None:
    assert read_stars(written).reason == reason


@pytest.mark.parametrize(
    ("written", "day"),
    [("5/6/2024", date(2024, 6, 5)), ("20.05.24", date(2024, 5, 20)), ("2024-06-28", date(2024, 6, 28)),
     ("ngày 20 tháng 5 năm 2024", date(2024, 5, 20)), (45275.0, date(2023, 12, 15)), ("45275", date(2023, 12, 15)),
     ("15-Dec-2023", date(2023, 12, 15)), (date(2024, 1, 2), date(2024, 1, 2))],
)  # fmt: skip
def test_dates(written: object, day: date) -> None:
    assert read_date(written).day == day


@pytest.mark.parametrize(
    ("written", "problem"),
    [("31/02/2024", "invalid"), ("12/25/2023", "invalid"), ("abc", "invalid"), ("tháng 6/2024", "incomplete"),
     ("2024", "incomplete"), (2024.0, "incomplete"), ("Quý II/2024", "incomplete"), ("", None), ("-", None)],
)  # fmt: skip
def test_dates_that_are_none(written: object, problem: str | None) -> None:
    assert (read_date(written).day, read_date(written).problem) == (None, problem)


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31)))
def test_a_date_is_read_back_however_it_is_written(day: date) -> None:
    for text in (f"{day:%d/%m/%Y}", f"{day.day}-{day.month}-{day.year}", day.isoformat(), f"ngày {day:%d.%m.%Y}"):
        assert read_date(text).day == day
    assert read_date(float((day - date(1899, 12, 30)).days)).day == day
    assert read_date(float((day - date(1904, 1, 1)).days), epoch_1904=True).day == day


@pytest.mark.parametrize(
    ("written", "price", "per"),
    [(95000.0, 95_000, None), ("120.000đ/thùng", 120_000, "thùng"), ("85,000 VNĐ", 85_000, None), ("45k", 45_000, None),
     ("1,2 triệu", 1_200_000, None), ("1tr2", 1_200_000, None), ("210.000 đ/túi 5kg", 210_000, "túi 5kg"),
     ("40.000 đồng một kg", 40_000, "kg"), ("65.000,00", 65_000, None), ("120 000", 120_000, None)],
)  # fmt: skip
def test_prices(written: object, price: int, per: str | None) -> None:
    found = read_price(written)
    assert (found.price, found.per) == (price, per)


@pytest.mark.parametrize(
    "written", ["65.5", "250", 45.0, "50.000/hũ 200g; 90.000/hũ 500g", "S: 50.000", "12O.000", -5.0]
)
def test_prices_that_could_be_read_two_ways(written: object) -> None:
    found = read_price(written)
    assert (found.price, found.low) == (None, None)
    assert "price_ambiguous" in found.marks


def test_price_spans_words_and_units() -> None:
    assert (read_price("28-35k").low, read_price("28-35k").high) == (28_000, 35_000)
    assert read_price("từ 20.000 đến 35.000đ/kg").per == "kg"
    assert read_price("Liên hệ").marks == ("price_contact",)
    factor = header_factor("Giá bán (nghìn đồng)")
    assert [read_price(w, factor).price for w in (120.0, "85,5", "120.000")] == [120_000, 85_500, 120_000]


@given(st.integers(min_value=1_000, max_value=9_999_999_999))
def test_a_price_is_read_back_however_it_is_grouped(amount: int) -> None:
    for text in (str(amount), f"{amount:,}".replace(",", "."), f"{amount:,} VNĐ", f"{amount:,} đ/kg".replace(",", ".")):
        assert read_price(text).price == amount


@pytest.mark.parametrize(
    ("written", "gtin", "mark"),
    [("8930090001019", "8930090001019", None), (8930090001040.0, "8930090001040", "gtin_was_number"),
     ("893 0090 001 05 7", "8930090001057", "gtin_separators_removed"), ("8930090001029", None, "gtin_check_digit"),
     ("8,93009E+12", None, "gtin_lost_precision"), (8.93009e12, None, "gtin_lost_precision"),
     ("12345", None, "gtin_invalid"), ("không có", None, None)],
)  # fmt: skip
def test_gtins(written: object, gtin: str | None, mark: str | None) -> None:
    found = read_gtin(written)
    assert found.text == gtin
    assert (mark in found.marks) if mark else not found.marks


@given(st.integers(min_value=0, max_value=10**12 - 1), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_always_seen(body: int, shift: int) -> None:
    digits = f"{body:012d}"
    whole = digits + next(c for c in "0123456789" if has_check_digit(digits + c))
    broken = whole[:-1] + str((int(whole[-1]) + shift) % 10)
    assert has_check_digit(whole)
    assert not has_check_digit(broken)


@pytest.mark.parametrize(
    ("written", "phone"),
    [("0900.000.102", "+84900000102"), ("+84 900 000 103", "+84900000103"), (900000101.0, "+84900000101"),
     ("900000101", "+84900000101"), ("0168 000 0101", "+84380000101"), ("0299 3 822 333", "+842993822333"),
     ("0900000101 - 0900000102", "+84900000101"), ("0900000101 (Zalo)", "+84900000101"), ("090000010", None),
     ("0084900000101", "+84900000101"), ("không có", None)],
)  # fmt: skip
def test_phones(written: object, phone: str | None) -> None:
    assert read_phone(written).text == phone


def test_decision_numbers() -> None:
    found = read_decision("Quyết định số 215/QD-UBND ngày 20/5/2024 của UBND huyện Kế Sách")
    assert (found.number, found.day, found.issuer) == ("215/QĐ-UBND", date(2024, 5, 20), "UBND huyện Kế Sách")
    assert read_decision(215.0).marks == ("decision_no_short",)
    assert read_decision("9901/QĐ-BNN-VPĐP").number == "9901/QĐ-BNN-VPĐP"
    assert read_decision("215/QĐ-UBND ngày 31/4/2024").day_problem == "invalid"
    assert read_decision("chưa có").number == ""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Liên hiệp HTX Mẫu", "LHHTX"), ("HTX Trang trại Mẫu", "HTX"), ("Cty CP Hội An", "DNNVV"), ("Cơ sở Sơn", "HKD"),
     ("Công ty TNHH Trang trại Xanh", "DNNVV"), ("Tổ hợp tác Đan lát", "THT"), ("Trung tâm du lịch", "HOI"),
     ("Nguyễn Văn Mẫu", None)],
)  # fmt: skip
def test_kinds_of_producers(name: str, kind: str | None) -> None:
    assert subject_kind(name) == kind


def test_names_are_compared_by_spelling_not_by_looks() -> None:
    assert name_key("Xã Lai Hoà") == name_key("xã  lai hòa")
    assert name_key("Rượu đế") != name_key("Rượu dê")
    assert subject_key("Hợp tác xã Nông nghiệp Mẫu") == subject_key("HTX NN  Mẫu")
    assert subject_key("Cty cổ phần Mẫu") == subject_key("Công ty CP Mẫu")


@pytest.mark.parametrize(
    ("written", "read", "mark"),
    [("Hîp t¸c x· Hµnh TÝm", "Hợp tác xã Hành Tím", "legacy_encoding_tcvn3"), ("MÉu", "Mẫu", "legacy_encoding_tcvn3"),
     ("HîP T¸C X·", "HỢP TÁC XÃ", "legacy_encoding_tcvn3"), ("Cµ N¸", "Cà Ná", "legacy_encoding_tcvn3"),
     ("12/Q§-UBND", "12/QĐ-UBND", "legacy_encoding_tcvn3"), ("Cô sôû Khoâ Caù", "Cơ sở Khô Cá", "legacy_encoding_vni"),
     ("RÖÔÏU NEÁP", "RƯỢU NẾP", "legacy_encoding_vni"), ("HÆ°á»›ng dáº«n", "Hướng dẫn", "mojibake_repaired"),
     ("ÐAK LAK", "ĐAK LAK", "lookalike_letter_fixed"), ("Mật\u00a0 ong ", "Mật ong", "whitespace_trimmed"),
     ("Mật\u200b ong", "Mật ong", "invisible_removed"), ("Ma\u0323\u0302t ong", "Mật ong", "unicode_nfd_normalised")],
)  # fmt: skip
def test_text_as_offices_left_it(written: str, read: str, mark: str) -> None:
    assert clean(written).text == read
    assert mark in clean(written).marks


@pytest.mark.parametrize("text", ["Café Đà Lạt", "Trà Ô long", "Cà phê Arabica", "Hoà Bình", "§ 5", "Cô", "30°", "Lê"])
def test_good_text_is_left_alone(text: str) -> None:
    assert clean(text).text == text
    assert clean(text).marks == ()


_SAMPLE = "hợp tác xã sản phẩm mật ong bưởi năm roi rượu nếp đặc biệt khô cá lóc một nắng ưỡn ỷ ý"
_WORDS = st.lists(st.sampled_from(_SAMPLE.split(" ")), min_size=2, max_size=6)
_CODES = {from_tcvn3(chr(b)): chr(b) for b in range(0xA1, 0xFF)}


@given(_WORDS)
def test_tcvn3_is_undone(words: list[str]) -> None:
    text = " ".join(words)
    assert from_tcvn3("".join(_CODES.get(c, c) for c in text)) == text


@given(st.text(max_size=40))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text).text
    assert " ".join(once.split()) == once
    assert isinstance(from_vni(text), str)


def test_syllables() -> None:
    assert all(map(is_syllable, ["nghiêng", "thuyền", "khuỷu", "quả", "giếng", "ý", "ấp"]))
    assert not any(map(is_syllable, ["méu", "bac̀", "tìt", "xyz"]))


@pytest.mark.parametrize(
    ("own", "above", "field"),
    [("Tên", "CHỦ THỂ", "subject_name"), ("Tên", "Sản phẩm", "product_name"),
     ("Số", "Quyết định thu hồi", "revocation_no"),
     ("Số", "QĐ công nhận", "decision_no"), ("Ngày", "QĐ công nhận", "decision_date"), ("4 sao", "Hạng", "stars"),
     ("HTX", "Loại hình chủ thể", "subject_type"), ("Têm sản phẩm", "", "product_name"),
     ("Số, ngày tháng năm QĐ", "", "decision_no"), ("Tên, địa chỉ cơ sở", "", "subject_name"),
     ("Giá bán (nghìn đồng)", "", "price"), ("Số lao động", "", None), ("Doanh thu 2024", "", None)],
)  # fmt: skip
def test_headers(own: str, above: str, field: str | None) -> None:
    found = match_header(own, above)
    assert (found.field if found else None) == field


@pytest.mark.parametrize(
    ("header", "kind"),
    [("Số CCCD/CMND", "citizen_id"), ("Dân tộc", "ethnicity"), ("Ngày, tháng, năm sinh", "birth"), ("Tuổi", "birth"),
     ("Giới tính", "gender"), ("Hộ khẩu thường trú", "home_address"), ("Số định danh cá nhân", "citizen_id"),
     ("Tuổi thọ sản phẩm", None), ("Địa chỉ", None), ("Người đại diện", None)],
)  # fmt: skip
def test_personal_columns(header: str, kind: str | None) -> None:
    found = personal_kind(header)
    assert (found.kind if found else None) == kind


def test_citizen_numbers_leave_the_text() -> None:
    assert without_personal("Khô cá (CCCD: 001203004567)") == ("Khô cá", True)
    assert without_personal("Chủ hộ 001203004567, xã Mẫu")[1]
    assert without_personal("Mã vạch 8930090001019") == ("Mã vạch 8930090001019", False)


def test_small_readings() -> None:
    assert net_quantity("", "", "hũ 250 g") == ("250", "g")
    assert net_quantity("0,5", "kg", "túi") == ("0.5", "kg")
    assert net_quantity("", "", "hộp 20 túi x 2g") == ("", "")
    assert (shelf_life("12 tháng"), shelf_life("1 năm"), shelf_life("15 ngày")) == (12, 12, None)
    assert split_address("HTX Mẫu, ấp 3, xã Nhơn Mỹ") == ("HTX Mẫu", "ấp 3, xã Nhơn Mỹ")
    assert split_address("Công ty TNHH A, B và C") == ("Công ty TNHH A, B và C", "")
    assert revocation_ground("Cơ sở ngừng sản xuất từ 2025") == "production_stopped"


def test_sets_by_number_name_and_older_name() -> None:
    assert set_of("6", "")[0] == 6
    assert set_of("27", "Rượu trắng")[0] is None
    assert set_of("", "Chế biến từ gạo ngũ cốc") == (6, False)
    assert set_of("", "Lưu niệm - nội thất - trang trí")[0] == 21
    assert set_of("", "Thực phẩm")[0] is None


def test_rules_of_the_certificate() -> None:
    assert expiry(date(2024, 2, 29)) == date(2027, 2, 28)
    assert regime_of(date(2024, 5, 1)) == "148"
    assert regime_of(date(2026, 6, 15)) == ""  # two regimes are in force: the decision has to say
    assert level_fits(3, date(2024, 5, 1), "UBND huyện Kế Sách", "88/QĐ-UBND")
    assert not level_fits(3, date(2025, 8, 1), "UBND huyện Kế Sách", "88/QĐ-UBND")
    assert not level_fits(5, date(2025, 8, 1), "", "88/QĐ-UBND")
