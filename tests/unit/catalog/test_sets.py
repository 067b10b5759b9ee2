"""The 26 product sets and the names offices used before."""

from collections import Counter

import pytest

from hub.catalog import law, sets


def test_there_are_26_sets_in_six_industries() -> None:
    found = sets.load()
    assert list(found) == list(range(1, 27))
    assert len(Counter(each.industry for each in found.values())) == 6
    assert all(each.name and each.authorities for each in found.values())


def test_marks_of_the_sets_agree_with_the_law() -> None:
    known, rules = sets.load(), law.load()
    for mark, covered in (("alcohol", rules.alcohol[0].sets), ("service", rules.services[0].sets),
                          ("ad_confirmation", rules.advertising[0].sets)):  # fmt: skip
        assert {number for number, each in known.items() if mark in each.gates} == covered
    assert {number for rule in rules.labels for number in rule.sets} == set(known)


@pytest.mark.parametrize(
    ("name", "number"), [("Rượu trắng", 14), ("RUOU TRANG", 14), (" rau, củ,quả,  hạt tươi ", 1), ("Hoa", 23)]
)
def test_a_set_is_found_by_its_name_however_written(name: str, number: int) -> None:
    found = sets.find(name)
    assert found is not None
    assert found.number == number


def test_an_unknown_set_is_not_guessed() -> None:
    assert sets.find("Gia vị") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Thảo dược", "Dược liệu và sản phẩm từ dược liệu"),
        ("Lưu niệm - nội thất - trang trí", "Hàng thủ công mỹ nghệ"),
        ("vải và may mặc", "Hàng thủ công mỹ nghệ"),
        ("Thực phẩm", "Thực phẩm"),
        ("Điện tử", None),
    ],
)
def test_older_industry_names_are_recognised(old: str, new: str | None) -> None:
    assert sets.find_industry(old) == new
