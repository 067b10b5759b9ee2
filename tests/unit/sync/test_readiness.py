"""Readiness says everything at once, and the rule packs' checks each name what to mend."""

import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hub.catalog.model import Picture, Variant
from hub.errors import Refused
from hub.sync import rulepack
from hub.sync.images import prepare
from hub.sync.model import Cut
from hub.sync.plan import plan
from hub.sync.readiness import Readiness, readiness
from hub.sync.rulepack import PictureFacts, PictureRule, RequiredAttribute, check_picture
from hub.types import Sku
from tests.unit.sync.goods import GROUND, NOW, RULES, bound, draft_of, sellable, view

S = sellable()


def look(s=S, rules=RULES, **more: object) -> Readiness:  # type: ignore[no-untyped-def]
    return readiness(s, replace(GROUND, rules=rules), **{"pictures": {}, **more})  # type: ignore[arg-type]


def codes(found: Readiness) -> set[str]:
    return {problem.code for problem in found.blocks}


def cut(**words: str) -> Cut:
    return Cut(product_id=S.product.id, platform="shopee", edited_at=NOW, edited_by="thử", **words)


def test_a_product_that_may_be_planned_is_ready() -> None:
    found = look()
    assert found.ready
    assert found.draft == draft_of(S)
    assert not found.edited


def test_everything_is_said_at_once() -> None:
    broken = replace(
        S,
        product=replace(S.product, food_declaration="", reviewed_at=None, name="x", set_no=9),
        variants=(replace(S.variants[0], price=None, net_quantity=""),),
    )
    rules = replace(RULES, title=rulepack.Span(min=60, max=120), pictures=rulepack.Span(min=1, max=9))
    assert codes(look(broken, rules)) == {
        "price_missing", "label_incomplete", "food_papers_missing", "not_reviewed", "title_too_short",
        "pictures_too_few",
    }  # fmt: skip


def test_what_blocks_is_what_the_planner_holds() -> None:
    unfit = replace(S, product=replace(S.product, set_no=None))
    assert "set_unknown" in codes(look(unfit))
    assert plan(view(unfit), GROUND)[0].__class__.__name__ == "Hold"


def test_a_category_nobody_mapped_and_no_pack_size() -> None:
    rules = replace(RULES, categories={})
    assert codes(look(replace(S, variants=(), stocks=()), rules)) >= {"category_unknown", "variant_missing"}


def test_alcohol_is_closed_or_told_of_its_limits() -> None:
    wine = replace(S, product=replace(S.product, set_no=14), variants=(replace(S.variants[0], abv_pct=30.0),))
    assert "alcohol_not_on_channel" in codes(look(wine))
    allowed = look(wine, replace(RULES, alcohol=True))
    assert "alcohol_not_on_channel" not in codes(allowed)
    (limits,) = [one for one in allowed.advises if one.code == "alcohol_limited"]
    assert limits.facts["age"] == 18


def test_health_goods_need_their_advertising_confirmed() -> None:
    health = replace(S, product=replace(S.product, set_no=18))
    assert "ad_confirmation_missing" in codes(look(health))
    assert look(replace(S, product=replace(S.product, set_no=18, ad_confirmation="12/XNQC"))).ready


def test_an_unknown_seller_is_advice_where_only_verified_ones_sell() -> None:
    rules = replace(RULES, verified_sellers_only=True)
    found = look(rules=rules, verified=False)
    assert found.ready
    assert "seller_not_verified" in {one.code for one in found.advises}
    assert "seller_not_verified" not in {one.code for one in look(rules=rules, verified=True).advises}


def test_a_lapsed_certificate_is_advice_and_the_claim_is_gone() -> None:
    found = look(sellable(expires=date(2026, 11, 1)))
    assert found.ready
    assert "certificate_expired" in {one.code for one in found.advises}
    assert found.draft is not None
    assert "OCOP" not in found.draft.title + found.draft.description


# ---- pictures ----------------------------------------------------------------------------------------------------

RULE = PictureRule(formats=("image/jpeg",), max_bytes=1000, min_px=500, max_px=2000, ratio=(0.9, 1.1))
FINE = PictureFacts(digest="d", mime="image/jpeg", width=800, height=800, size=900)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"mime": "image/webp"}, "picture_format_wrong"),
        ({"size": 1001}, "picture_too_large"),
        ({"width": 490, "height": 499}, "picture_too_small"),
        ({"width": 2001, "height": 2001}, "picture_too_wide"),
        ({"width": 1000}, "picture_ratio_wrong"),
    ],
)
def test_a_picture_is_measured(change: dict[str, object], code: str | None) -> None:
    found = check_picture(replace(FINE, **change), RULE)  # type: ignore[arg-type]
    assert [one.code for one in found] == ([] if code is None else [code])


def test_no_rule_refuses_no_picture() -> None:
    assert check_picture(FINE, PictureRule()) == ()


def test_a_picture_whose_file_is_gone_is_missing() -> None:
    picture = Picture(digest="d", product_id=S.product.id, position=0, mime="image/jpeg", source="a.jpg")
    with_picture = replace(S, pictures=(picture,))
    assert codes(look(with_picture)) == {"picture_missing"}
    assert look(with_picture, pictures={"d": FINE}).ready


@pytest.mark.parametrize(
    ("change", "blocks", "advises"),
    [
        ({"mime": "image/webp", "size": 5000, "width": 4000, "height": 3000}, set(),
         {"picture_format_wrong", "picture_too_large", "picture_too_wide", "picture_ratio_wrong"}),
        ({"width": 800, "height": 400}, set(), {"picture_too_small", "picture_ratio_wrong"}),  # margins make it square
        ({"width": 400, "height": 400}, {"picture_too_small"}, set()),  # never blown up
    ],
)  # fmt: skip
def test_what_the_hub_mends_by_itself_is_advice(change: dict[str, object], blocks: set[str], advises: set[str]) -> None:
    picture = Picture(digest="d", product_id=S.product.id, position=0, mime="image/jpeg", source="a.jpg")
    facts = replace(FINE, **change)  # type: ignore[arg-type]
    found = look(replace(S, pictures=(picture,)), replace(RULES, picture=RULE), pictures={"d": facts})
    assert codes(found) == blocks
    assert {one.code for one in found.advises} - {one.code for one in look().advises} == advises


# ---- rule packs --------------------------------------------------------------------------------------------------


def two_sizes(label: str) -> tuple[Variant, Variant]:
    return S.variants[0], replace(S.variants[0], id="v2", sku=Sku("SKU1-B"), label=label)


def test_labels_and_price_steps() -> None:
    several = replace(S, variants=two_sizes("hũ thuỷ tinh rất lớn"), stocks=S.stocks * 2)
    rules = replace(RULES, label_max=10, price_step=3000)
    assert codes(look(several, rules)) == {"variant_label_too_long", "price_not_in_steps"}


@pytest.mark.parametrize(
    ("demand", "code"),
    [
        (RequiredAttribute(name="Xuất xứ", values=("Viet Nam", "Lào")), None),
        (RequiredAttribute(name="Xuất xứ", values=("Trong nước",)), "attribute_value_unknown"),
        (RequiredAttribute(name="Thương hiệu"), "attribute_missing"),
        (RequiredAttribute(name="Thương hiệu", sets=frozenset({1})), None),  # asked of other goods
        (RequiredAttribute(name="Khối lượng tịnh", units=("g", "kg")), None),
        (RequiredAttribute(name="Khối lượng tịnh", units=("ml",)), "attribute_unit_unknown"),
        (RequiredAttribute(name="Nhà sản xuất", max=5), "attribute_too_long"),
    ],
)
def test_demanded_facts(demand: RequiredAttribute, code: str | None) -> None:
    assert codes(look(rules=replace(RULES, required=(demand,)))) == ({code} if code else set())


def test_a_pack_reads_what_it_may_say_and_needs_none_of_it() -> None:
    channel = {
        "version": 1, "ships": True, "alcohol": False, "title": {"min": 1, "max": 9},
        "description": {"min": 1, "max": 9}, "pictures": {"min": 0, "max": 9},
        "price": {"min": 1, "max": 9}, "variants": {"max": 1, "sku_max": 9},
        "words": {"forbidden": []},
    }  # fmt: skip
    plain = rulepack.parse("x", channel, {"sets": {"1": "a"}})
    assert (plain.picture, plain.label_max, plain.required) == (PictureRule(), None, ())
    channel |= {
        "verified_sellers_only": True,
        "pictures": {"min": 0, "max": 9, "min_px": 500, "ratio_min": 1, "ratio_max": 1, "formats": ["image/png"]},
        "variants": {"max": 1, "sku_max": 9, "label_max": 20},
        "attributes": {"required": {"Xuất xứ": {"values": ["Việt Nam"], "sets": [1]}}},
    }
    full = rulepack.parse("x", channel, {"sets": {"1": "a"}})
    assert full.picture == PictureRule(formats=("image/png",), min_px=500, ratio=(1.0, 1.0))
    assert full.required == (RequiredAttribute(name="Xuất xứ", values=("Việt Nam",), sets=frozenset({1})),)
    assert full.verified_sellers_only
    assert full.label_max == 20


# ---- a person's own words ----------------------------------------------------------------------------------------


def test_edited_words_keep_the_claim_and_the_facts() -> None:
    found = look(cut=cut(title="Mắm cá linh OCOP 5 sao nhà làm", description="Ủ chum sành.\n\nĐạt OCOP 5 sao."))
    assert found.edited
    assert found.draft is not None
    assert found.draft.title == "Mắm cá linh nhà làm OCOP 3 sao"
    paragraphs = found.draft.description.split("\n\n")
    assert paragraphs[0] == "Ủ chum sành."
    assert "Bảo quản: Nơi khô ráo" in paragraphs
    assert paragraphs[-1] == "Sản phẩm OCOP 3 sao theo Quyết định số 88/QĐ-UBND ngày 01/05/2024."
    assert "5 sao" not in found.draft.description


def test_edited_words_lose_the_claim_with_the_certificate() -> None:
    found = look(sellable(expires=date(2026, 11, 1)), cut=cut(title="Mắm OCOP 3 sao ngon", description="OCOP 3 sao."))
    assert found.draft is not None
    assert found.draft.title == "Mắm ngon"
    assert "OCOP" not in found.draft.description


def test_a_fact_the_person_wrote_is_not_said_twice() -> None:
    found = look(cut=cut(description="Ngon.\n\nBảo quản: nơi khô ráo"))
    assert found.draft is not None
    assert found.draft.description.lower().count("bảo quản") == 1
    assert found.draft.title == draft_of(S).title


def test_a_long_edited_title_keeps_its_words_and_leaves_the_claim_to_the_description() -> None:
    found = look(rules=replace(RULES, title=rulepack.Span(min=3, max=20)), cut=cut(title="Mắm cá linh nhà làm"))
    assert found.draft is not None
    assert found.draft.title == "Mắm cá linh nhà làm"
    assert "OCOP 3 sao" in found.draft.description


def test_edited_words_are_sent_and_unchanged_ones_are_not() -> None:
    listed = {S.product.id: bound(S)}
    assert plan(view(S, bindings=listed), GROUND) == ()
    edited = replace(view(S, bindings=listed), cuts={S.product.id: cut(title="Mắm của nhà")})
    (update,) = plan(edited, GROUND)
    assert update.draft.title == "Mắm của nhà OCOP 3 sao"  # type: ignore[union-attr]
    assert update.fields == {"title"}  # type: ignore[union-attr]


SMALL = PictureRule(formats=("image/jpeg",), min_px=20, max_px=50, ratio=(0.8, 1.25))


@settings(max_examples=60, deadline=None)
@given(width=st.integers(1, 90), height=st.integers(1, 90))
def test_what_is_told_of_a_picture_is_what_preparing_it_comes_to(width: int, height: int) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "PNG")
    facts = PictureFacts(digest="d", mime="image/png", width=width, height=height, size=len(buffer.getvalue()))
    picture = Picture(digest="d", product_id=S.product.id, position=0, mime="image/png", source="a.png")
    told = look(replace(S, pictures=(picture,)), replace(RULES, picture=SMALL), pictures={"d": facts})
    if not told.ready:
        assert codes(told) == {"picture_too_small"}
        with pytest.raises(Refused, match="picture_too_small"):
            prepare(buffer.getvalue(), SMALL)
        return
    done = Image.open(io.BytesIO(prepare(buffer.getvalue(), SMALL)))
    assert (done.format, min(done.size) >= 20, max(done.size) <= 50) == ("JPEG", True, True)
