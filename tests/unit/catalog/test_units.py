"""A written place means one commune of today, several, or none; it is never guessed."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from hub.catalog.units import resolve

SAMPLES = Path(__file__).parents[3] / "examples" / "registry" / "communes_sample.csv"


@pytest.mark.parametrize(
    ("text", "province", "code"),
    [
        ("Xã Trần Đề, thành phố Cần Thơ", "", "31673"),
        ("Xã Trung Bình, huyện Trần Đề, tỉnh Sóc Trăng", "", "31673"),  # a unit of before
        ("ấp 3, xã Nhơn Mỹ", "Cần Thơ", "31552"),
        ("Thị trấn Phú Lộc, huyện Thạnh Trị, Sóc Trăng", "", "31756"),
        ("Phường 1, Thành phố Sóc Trăng, Sóc Trăng", "", "31510"),
        ("TT. Kế Sách, H. Kế Sách", "", "31528"),
        ("xa ho dac kien huyen chau thanh tinh soc trang", "", "31570"),
        ("Xã Lai Hoà", "Sóc Trăng", "31810"),  # the other way to place the tone
        ("Số 12 đường Trần Hưng Đạo, Phường Ba Đình, Hà Nội", "", "00004"),
    ],
)
def test_one(text: str, province: str, code: str) -> None:
    found = resolve(text, province=province)
    assert found.kind == "one"
    assert found.units[0].code == code


def test_several_are_asked_about() -> None:
    assert resolve("Xã Tân Phú").kind == "several"
    divided = resolve("Xã Long Phú", province="Sóc Trăng")  # kept its name, and a part went elsewhere
    assert {u.code for u in divided.units} == {"31639", "31480"}
    assert divided.former[0].district == "Huyện Long Phú"


@pytest.mark.parametrize("text", ["", "Xã Không Có, Cần Thơ", "ấp 3", "Xã Kế Sách, tỉnh Lạng Sơn"])
def test_none(text: str) -> None:
    assert resolve(text).kind == "none"


def test_the_right_commune_is_always_among_the_answers() -> None:
    with SAMPLES.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            found = resolve(row["commune_vi"], province=row["legacy_province"])
            assert row["commune_code"] in {u.code for u in found.units}, row


def test_nothing_heavy_is_imported() -> None:
    code = "import sys; from hub.catalog.units import resolve; resolve('Xã Kế Sách'); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"vietnamadminunits", "shapely", "numpy", "geopy"} & set(modules)
