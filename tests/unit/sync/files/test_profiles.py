"""Every profile that ships can be read, says where it comes from, and no column is claimed twice."""

import re
import tomllib
from pathlib import Path

import pytest

from hub.catalog.intake.columns import personal_kind
from hub.config import config_dir
from hub.connectors.tiki_trade import DELIVERED, MOVING, RUNNING, UNPAID
from hub.errors import Invalid
from hub.problems import PROBLEMS
from hub.sync import files
from hub.sync.files.known import all_profiles, load, profile_of
from hub.sync.files.profile import KINDS, parse
from tests.unit.sync.goods import SHOP

NEEDED = {
    "buudien", "voso", "ocoptinhthanhhoa", "nongsanantoanthanhhoa", "shopee", "lazada", "tiktok_shop", "tiki",
}  # fmt: skip


def test_every_place_of_the_mission_has_a_profile() -> None:
    assert set(all_profiles()) >= NEEDED


@pytest.mark.parametrize("profile_id", all_profiles())
def test_a_profile_says_where_it_comes_from_and_what_is_unconfirmed(profile_id: str) -> None:
    profile = load(profile_id)
    assert profile.source
    assert profile.checked
    assert profile.unconfirmed  # no real sheet of any place was seen yet: taking this away needs one
    assert {"orders", "income", "stock", "listings"} <= profile.sheets.keys()
    assert {"sku", "title", "price", "stock"} <= {column.fact for column in profile.out.columns}


@pytest.mark.parametrize("profile_id", all_profiles())
def test_no_heading_is_taken_for_two_fields(profile_id: str) -> None:
    for kind in KINDS:
        sheet = load(profile_id).sheets[kind]
        words = [word for words in sheet.columns.values() for word in words] + [word for word, _ in sheet.fee_columns]
        assert sorted({w for w in words if words.count(w) > 1}) == [], kind


@pytest.mark.parametrize("profile_id", all_profiles())
def test_no_profile_reads_a_buyers_name_phone_or_street(profile_id: str) -> None:
    sheet = load(profile_id).sheets["orders"]
    named = [word for words in sheet.columns.values() for word in words]
    assert [word for word in named if personal_kind(word) is not None] == []
    assert [word for word in named if word in ("nguoi mua", "buyer username", "so dien thoai", "dia chi")] == []


@pytest.mark.parametrize("profile_id", all_profiles())
def test_a_portals_rules_are_there(profile_id: str) -> None:
    profile = load(profile_id)
    if not profile.platform:  # a marketplace's own pack comes with its connector
        assert (config_dir() / "channels" / f"{profile.rules}.toml").exists()
        assert (config_dir() / "categories" / f"{profile.rules}.toml").exists()


def test_wrong_profiles_are_refused_with_where(tmp_path: Path) -> None:
    document = tomllib.loads((config_dir() / "profiles" / "shopee.toml").read_text(encoding="utf-8"))
    for change in (
        {"orders": {**document["orders"], "statess": {}}},
        {"orders": {**document["orders"], "columns": {"order": ["x"]}}},
        {"orders": {**document["orders"], "states": {"gone": ["x"]}}},
        {"out": {"sheet": "x", "columns": [{"header": "a", "fact": "colour"}]}},
        {"income": {**document["income"], "fees": {"gift": ["x"]}}},
        {"stock": {"columns": {"stock": ["x"], "phone": ["y"]}}},
    ):
        with pytest.raises(Invalid) as wrong:
            parse("x", {**document, **change})
        assert wrong.value.code == "profile_wrong"
    with pytest.raises(Invalid) as unknown:
        load("../shopee")
    assert unknown.value.code == "profile_unknown"


def test_an_offices_own_profile_wins(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    text = (config_dir() / "profiles" / "buudien.toml").read_text(encoding="utf-8")
    (tmp_path / "profiles" / "buudien.toml").write_text(text.replace("Buudien.vn", "Của tỉnh"), encoding="utf-8")
    assert load("buudien", tmp_path).name.startswith("Của tỉnh")
    assert profile_of(SHOP).id == "shopee"  # a shop by API has sheets too


def test_every_reason_a_row_can_be_refused_for_has_words() -> None:
    folder = Path(files.__file__).parent
    codes = {code for file in folder.glob("*.py") for code in re.findall(r'Wrong\(\s*"(\w+)"', file.read_text("utf-8"))}
    assert len(codes) >= 8
    assert codes - PROBLEMS.keys() == set()


@pytest.mark.parametrize(
    ("words", "state"),
    [(UNPAID, "placed"), (MOVING, "shipped"), (("canceled", "closed"), "cancelled"), (("returned",), "returned")],
)
def test_tikis_sheets_mean_what_its_api_means(words: tuple[str, ...], state: str) -> None:
    """Nothing counts as paid by file that would not by the API."""
    states = load("tiki").sheets["orders"].states
    assert {states.meaning(word) for word in words} == {state}
    assert {states.meaning(word) for word in (*RUNNING, *DELIVERED)} == {"placed", "paid", "delivered", "completed"}
