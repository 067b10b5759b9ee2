"""The listing sheet: the same judgement as by API, held products beside it, no claim that is not allowed."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest

from hub.sync.files.known import load
from hub.sync.files.outgoing import net_grams, outgoing
from hub.sync.files.profile import OutColumn, OutSheet
from hub.sync.files.sheets import HELD_SHEET, held_file, write
from hub.sync.model import Binding, BindingState, Cut
from hub.sync.prices import Prices, Rule
from tests.unit.sync.goods import GROUND, NOW, SHOP, TODAY, sellable, view

PORTAL = load("buudien")


def cell(profile_header: str, cells: tuple[object, ...]) -> object:
    return cells[[c.header for c in PORTAL.out.columns].index(profile_header)]


def test_a_row_per_sku_with_facts_and_the_stars_of_the_certificate() -> None:
    made = outgoing(view(sellable(1)), GROUND, PORTAL)
    assert made.held == ()
    (row,) = made.rows
    assert cell("Mã SKU", row.cells) == "SKU1"
    assert cell("Tên sản phẩm", row.cells) == "Mắm cá linh 1 500 g OCOP 3 sao"
    assert cell("Hạng sao OCOP", row.cells) == 3
    assert cell("Ngày quyết định", row.cells) == date(2024, 5, 1)
    assert cell("Giá bán (đồng)", row.cells) == 50_000
    assert cell("Tồn kho", row.cells) == 10
    assert cell("Khối lượng tịnh (g)", row.cells) == 500


def test_without_a_certificate_in_force_no_cell_claims_anything() -> None:
    old = sellable(1, expires=TODAY - timedelta(days=1))
    old = replace(old, product=replace(old.product, name="Mắm cá linh OCOP 4 sao"))
    (row,) = outgoing(view(old), GROUND, PORTAL).rows
    assert [c for c in row.cells if isinstance(c, str) and ("OCOP" in c or "sao" in c.split())] == []
    for header in ("Hạng sao OCOP", "Số quyết định công nhận", "Ngày quyết định", "Có hiệu lực đến"):
        assert cell(header, row.cells) == ""


def test_what_may_not_be_sold_is_held_with_its_reasons() -> None:
    unpriced = replace(sellable(2), variants=(replace(sellable(2).variants[0], price=None),))
    unclear = replace(sellable(3), product=replace(sellable(3).product, set_no=None))
    made = outgoing(view(sellable(1), unpriced, unclear), GROUND, PORTAL)
    assert [row.product_id for row in made.rows] == ["prod1"]
    assert [(h.product_id, [p.code for p in h.problems]) for h in made.held] == [
        ("prod2", ["price_missing"]), ("prod3", ["set_unknown"])
    ]  # fmt: skip


def test_what_the_place_needs_and_how_long_it_takes_is_checked() -> None:
    sheet = OutSheet(
        sheet="x", columns=(OutColumn(header="SKU", fact="sku", max=3), OutColumn(header="GTIN", fact="gtin",
                                                                                  required=True)),
    )  # fmt: skip
    made = outgoing(view(sellable(1)), GROUND, replace(PORTAL, out=sheet))
    assert made.rows == ()
    assert [(p.code, dict(p.facts)) for p in made.held[0].problems] == [
        ("sheet_cell_too_long", {"column": "SKU", "length": 4, "max": 3}),
        ("sheet_cell_missing", {"column": "GTIN"}),
    ]


def test_the_rule_pack_of_the_profile_judges_too() -> None:
    short = replace(GROUND, rules=replace(GROUND.rules, forbidden=("mam ca",)))
    made = outgoing(view(sellable(1)), short, PORTAL)
    assert [p.code for p in made.held[0].problems] == ["word_forbidden"]


def test_a_listing_reported_there_that_may_no_longer_stand_must_come_off() -> None:
    unpriced = replace(sellable(1), variants=(replace(sellable(1).variants[0], price=None),))
    binding = Binding(
        shop_id=SHOP.id, product_id="prod1", state=BindingState.REPORTED, url="https://portal.example/1"
    )  # fmt: skip
    (held,) = outgoing(view(unpriced, bindings={"prod1": binding}), GROUND, PORTAL).held
    assert (held.todo, held.url) == ("take_down", "https://portal.example/1")


def test_a_listing_that_claims_what_is_no_longer_certified_must_be_reworded_by_people(tmp_path: Path) -> None:
    old = sellable(1, expires=TODAY - timedelta(days=1))
    binding = Binding(shop_id=SHOP.id, product_id="prod1", state=BindingState.REPORTED, url="https://portal.example/1")
    made = outgoing(view(old, bindings={"prod1": binding}), GROUND, PORTAL)
    assert len(made.rows) == 1
    assert [(h.todo, [p.code for p in h.problems]) for h in made.held] == [("reword", ["certificate_expired"])]
    assert outgoing(view(old), GROUND, PORTAL).held == ()  # nobody says it stands anywhere
    write(tmp_path / "x.xlsx", made, "xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx")[HELD_SHEET].iter_rows(values_only=True))
    assert "bỏ mọi chữ về sao OCOP" in str(rows[1][4])


def test_a_place_may_have_categories_of_its_own() -> None:
    own = replace(PORTAL, categories={9: "Đặc sản vùng miền"})
    (row,) = outgoing(view(sellable(1)), GROUND, own).rows
    assert cell("Ngành hàng", row.cells) == "Đặc sản vùng miền"


def test_the_workbook_keeps_text_as_text_and_accents(tmp_path: Path) -> None:
    one = sellable(1)
    one = replace(one, variants=(replace(one.variants[0], gtin="0893850000017"),))
    one = replace(one, product=replace(one.product, ingredients="=1+1", name="Mắm tép Hà Yên"))
    unpriced = replace(sellable(2), variants=(replace(sellable(2).variants[0], price=None),))
    made = outgoing(view(one, unpriced), GROUND, PORTAL)
    seen: list[tuple[int, int]] = []
    path = tmp_path / "san-pham.xlsx"
    assert write(path, made, "xlsx", lambda done, total: seen.append((done, total))) == (path,)
    assert seen == [(1, 1)]
    book = openpyxl.load_workbook(path)
    rows = list(book["Sản phẩm"].iter_rows(values_only=True))
    told = dict(zip(rows[0], rows[1], strict=True))
    assert told["Mã vạch (GTIN)"] == "0893850000017"
    assert told["Thành phần"] == "=1+1"
    assert book["Sản phẩm"].cell(2, 21).data_type == "s"
    assert told["Ngày quyết định"] == "01/05/2024"
    assert told["Tên sản phẩm"].startswith("Mắm tép Hà Yên")
    held = list(book[HELD_SHEET].iter_rows(values_only=True))
    assert held[1][1] == "Mắm cá linh 2"
    assert held[1][5]


def test_the_csv_has_a_mark_for_accents_a_file_of_held_goods_and_no_formula(tmp_path: Path) -> None:
    one = replace(sellable(1), product=replace(sellable(1).product, ingredients="=HYPERLINK(1)"))
    unpriced = replace(sellable(2), variants=(replace(sellable(2).variants[0], price=None),))
    path = tmp_path / "san-pham.csv"
    files = write(path, outgoing(view(one, unpriced), GROUND, PORTAL), "csv")
    assert files == (path, held_file(path))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["Thành phần"] == " =HYPERLINK(1)"
    assert rows[0]["Giá bán (đồng)"] == "50000"
    with held_file(path).open(encoding="utf-8-sig", newline="") as file:
        assert [row["Tên sản phẩm"] for row in csv.DictReader(file)] == ["Mắm cá linh 2"]


@pytest.mark.parametrize(("amount", "unit", "grams"), [("0.5", "kg", 500), ("1,5", "KG", 1500), ("500", "ml", ""),
                                                       ("", "g", ""), ("nửa", "kg", "")])  # fmt: skip
def test_net_weight_is_reckoned_or_left_empty(amount: str, unit: str, grams: object) -> None:
    assert net_grams(replace(sellable(1).variants[0], net_quantity=amount, unit=unit)) == grams


def test_a_shops_own_prices_and_a_persons_words_are_in_the_sheet() -> None:
    cut = Cut(
        product_id="prod1", platform="shopee", title="Mắm cá linh non đầu mùa", description="", edited_at=NOW,
        edited_by="x",
    )  # fmt: skip
    dearer = Prices(rules={"": Rule(shop_id=SHOP.id, mode="fixed", amount=61_000)})
    seen = replace(view(sellable(1)), cuts={"prod1": cut}, prices=dearer)
    (row,) = outgoing(seen, GROUND, PORTAL).rows
    assert str(cell("Tên sản phẩm", row.cells)).startswith("Mắm cá linh non đầu mùa")
    assert cell("Giá bán (đồng)", row.cells) == 61_000


def test_all_reasons_are_told_at_once() -> None:
    bare = replace(sellable(2), variants=(replace(sellable(2).variants[0], price=None),))
    bare = replace(bare, product=replace(bare.product, food_declaration=""))
    (held,) = outgoing(view(bare), GROUND, PORTAL).held
    codes = [p.code for p in held.problems]
    assert codes[0] == "price_missing"
    assert len(codes) == len(set(codes)) > 1
