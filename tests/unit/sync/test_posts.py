import tomllib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalog import claims
from hub.catalog.model import Picture
from hub.config import config_dir
from hub.sync.posts import Link, Made, Standing, Subject, Template, best_first, lint, make, parse_templates
from hub.sync.rulepack import RulePack, Span, parse
from tests.unit.sync.goods import LAW, RULES, TODAY, sellable

TEMPLATES = parse_templates(tomllib.loads((config_dir() / "posts.toml").read_text("utf-8")))
NEW, BACK = TEMPLATES["san-pham-moi"], TEMPLATES["co-hang-tro-lai"]
CAMPAIGN, OCOP_DAY = TEMPLATES["chien-dich"], TEMPLATES["ngay-ocop"]
AT = Standing(rules=replace(RULES, forbidden=()), law=LAW, today=TODAY)
LAPSED = date(2026, 11, 1)
PICTURE = Picture(digest="ab" * 32, product_id="prod1", position=0, mime="image/jpeg", source="")


def pack(platform: str) -> RulePack:
    base = config_dir()
    documents = [tomllib.loads((base / f / f"{platform}.toml").read_text("utf-8")) for f in ("channels", "categories")]
    return parse(platform, *documents)


def said(made: Made) -> str:
    return f"{made.title}\n{made.text}"


def codes(made: Made) -> list[str]:
    return [one.code for one in made.problems]


def about(*numbers: int, **more: object) -> Subject:
    return Subject(sellables=tuple(sellable(n) for n in numbers), **more)  # type: ignore[arg-type]


def test_a_new_product_is_told_with_its_facts_its_certificate_and_its_shops() -> None:
    links = tuple(
        Link(product_id="prod1", place=place, url=f"https://{place.lower()}.vn/1", price=price)
        for place, price in (("Shopee", 52_000), ("Lazada", 49_000), ("Tiki", None))
    )
    made = make(NEW, about(1, links=links, words="Mẻ đầu mùa nước nổi."), AT)
    assert codes(made) == []
    assert made.title == "Sản phẩm mới: Mắm cá linh 1 500 g – OCOP 3 sao"
    assert made.link == "https://lazada.vn/1"
    assert made.text.split("\n\n") == [
        "Mẻ đầu mùa nước nổi.",
        "Quy cách: hũ 500 g",
        "Bảo quản: Nơi khô ráo",
        "Nơi sản xuất: Hợp tác xã Mẫu, Xã Mẫu",
        "Sản phẩm OCOP 3 sao theo Quyết định số 88/QĐ-UBND ngày 01/05/2024, có hiệu lực đến hết ngày 01/05/2027.",
        "Mua thêm tại:\n• Shopee: https://shopee.vn/1\n• Tiki: https://tiki.vn/1",
    ]
    assert made.claims


def test_the_cheapest_shop_leads_one_address_once_at_most_three_more() -> None:
    links = [Link(product_id="p", place=f"S{n}", url=f"https://s{n % 6}.vn", price=100 - n) for n in range(12)]
    assert [one.price for one in best_first(links)] == sorted(one.price or 0 for one in best_first(links))
    made = make(NEW, about(1, links=tuple(links)), AT)
    assert made.link == best_first(links)[0].url
    assert made.text.count("https://") == 3
    assert made.link not in made.text


def test_without_a_certificate_in_force_nothing_is_claimed_and_the_post_goes_out_all_the_same() -> None:
    made = make(NEW, Subject(sellables=(sellable(1, expires=LAPSED),)), AT)
    assert (codes(made), made.claims) == ([], False)
    assert made.title == "Sản phẩm mới: Mắm cá linh 1 500 g"
    assert claims.find(said(made)) == ()


@pytest.mark.parametrize(
    ("words", "expires", "code"),
    [
        ("Đạt OCOP!", LAPSED, "certificate_expired"),
        ("Đạt O.C.O.P!", LAPSED, "certificate_expired"),
        ("Hàng ★★★★ đây", date(2027, 5, 1), "stars_differ"),
        ("Sản phẩm 0C0P bốn sao", date(2027, 5, 1), "stars_differ"),
    ],
)
def test_a_claim_that_may_not_be_made_holds_the_post_however_it_is_disguised(
    words: str, expires: date, code: str
) -> None:
    made = make(NEW, Subject(sellables=(sellable(1, expires=expires),), words=words), AT)
    assert code in codes(made)


def test_a_true_claim_in_ones_own_words_may_stand() -> None:
    assert codes(make(NEW, about(1, words="Vừa được công nhận OCOP 3 sao."), AT)) == []


def test_a_claim_of_no_product_at_all_is_held() -> None:
    made = make(CAMPAIGN, Subject(sellables=(), campaign="Phiên chợ OCOP"), AT)
    assert codes(made) == ["certificate_missing"]


def test_in_a_campaign_each_line_is_about_the_product_it_names() -> None:
    three, four = sellable(1), sellable(11, stars=4)  # "Mắm cá linh 1" stands inside "Mắm cá linh 11"
    gone = sellable(2, expires=LAPSED)
    made = make(CAMPAIGN, Subject(sellables=(three, four, gone), campaign="Chợ Tết"), AT)
    assert codes(made) == []
    assert made.text.split("\n") == [
        "• Mắm cá linh 1 500 g OCOP 3 sao", "• Mắm cá linh 11 500 g OCOP 4 sao", "• Mắm cá linh 2 500 g",
    ]  # fmt: skip
    wrong = "• Mắm cá linh 11 OCOP 3 sao"
    assert [p.code for p in lint("", wrong, Subject(sellables=(three, four)), AT)] == ["stars_differ"]


def test_a_post_for_the_ocop_day_needs_every_product_to_be_certified() -> None:
    assert codes(make(OCOP_DAY, about(1, 2, campaign="Ngày hội"), AT)) == []
    mixed = Subject(sellables=(sellable(1), sellable(2, expires=LAPSED)), campaign="Ngày hội")
    assert codes(make(OCOP_DAY, mixed, AT)) == ["certificate_expired"]


@pytest.mark.parametrize(
    ("path", "expires", "shown"),
    [
        ("mam-ca-linh-ocop-3-sao", date(2027, 5, 1), True),
        ("mam-ca-linh-ocop-4-sao", date(2027, 5, 1), False),
        ("mam-ca-linh-ocop-3-sao", LAPSED, False),
        ("?p=mam+OCOP", LAPSED, False),
        ("mam-ca-linh", LAPSED, True),
    ],
)
def test_an_address_that_claims_what_may_not_be_said_is_not_shown(path: str, expires: date, shown: bool) -> None:
    link = Link(product_id="prod1", place="Cổng", url=f"https://ocop.vn/{path}")
    made = make(NEW, Subject(sellables=(sellable(1, expires=expires),), links=(link,)), AT)
    assert (codes(made), made.link == link.url) == ([], shown)


def test_goods_without_papers_strong_drinks_and_unreviewed_goods_are_not_advertised() -> None:
    one = sellable(1)
    health = replace(one, product=replace(one.product, set_no=18, ad_confirmation=""))
    assert "ad_confirmation_missing" in codes(make(NEW, Subject(sellables=(health,)), AT))
    wine = replace(
        one, product=replace(one.product, set_no=14), variants=tuple(replace(v, abv_pct=30.0) for v in one.variants)
    )
    assert "alcohol_not_on_channel" in codes(make(NEW, Subject(sellables=(wine,)), AT))
    allowed = replace(AT, rules=replace(AT.rules, alcohol=True))
    assert "alcohol_limited" in codes(make(NEW, Subject(sellables=(wine,)), allowed))
    weak = replace(wine, variants=tuple(replace(v, abv_pct=5.0) for v in wine.variants))
    assert "alcohol_limited" not in codes(make(NEW, Subject(sellables=(weak,)), allowed))
    unseen = replace(one, product=replace(one.product, reviewed_at=None))
    assert "not_reviewed" in codes(make(NEW, Subject(sellables=(unseen,)), AT))


def test_back_in_stock_is_only_said_of_what_is_there() -> None:
    one = sellable(1)
    assert make(BACK, Subject(sellables=(one,)), AT).title == "Mắm cá linh 1 500 g có hàng trở lại (21/11/2026)"
    none = replace(one, stocks=tuple(replace(s, on_hand=0) for s in one.stocks))
    assert codes(make(BACK, Subject(sellables=(none,)), AT)) == ["post_nothing_left"]


def test_the_channels_limits_hold() -> None:
    one = sellable(1)
    long = replace(one, product=replace(one.product, story="Một câu chuyện dài. " * 90), pictures=(PICTURE,))
    small = replace(AT, rules=replace(AT.rules, title=Span(min=1, max=30), description=Span(min=1, max=420)))
    made = make(NEW, Subject(sellables=(long,)), small)
    assert codes(made) == []
    assert made.title == "Sản phẩm mới: Mắm cá linh 1"
    assert made.text.startswith("Một câu chuyện dài.")
    assert "dài.\n\nQuy cách" in made.text
    tight = replace(AT, rules=replace(AT.rules, title=Span(min=1, max=5), description=Span(min=1, max=50)))
    assert codes(make(NEW, Subject(sellables=(long,)), tight)) == ["title_too_long", "description_too_long"]


def test_zalo_wants_a_picture_and_facebook_none() -> None:
    bare, shown = sellable(1), sellable(1, pictures=(PICTURE,))
    for platform, wanted in (("zalo", ["pictures_too_few"]), ("facebook", [])):
        at = replace(AT, rules=pack(platform))
        assert codes(make(NEW, Subject(sellables=(bare,)), at)) == wanted
        assert make(NEW, Subject(sellables=(shown,)), at).pictures == (PICTURE.digest,)


def test_where_links_are_forbidden_none_stands_in_the_text() -> None:
    at = replace(AT, rules=replace(AT.rules, forbidden=("http",)))
    links = tuple(Link(product_id="prod1", place=p, url=f"https://{p}.vn") for p in "ab")
    made = make(NEW, about(1, links=links), at)
    assert (codes(made), "http" in made.text) == ([], False)
    assert codes(make(NEW, about(1, words="xem http://c.vn"), at)) == ["word_forbidden"]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_template_makes_a_post_on_every_page(name: str) -> None:
    template: Template = TEMPLATES[name]
    subject = Subject(sellables=(sellable(1, pictures=(PICTURE,)),), campaign="Chợ quê" if template.item else "")
    for platform in ("zalo", "facebook"):
        made = make(template, subject, replace(AT, rules=pack(platform)))
        assert codes(made) == []
        assert "{" not in said(made)


WORDS = st.lists(
    st.sampled_from(
        ["OCOP", "O C O P", "4 sao", "★★★★", "mắm", "ngon", ".", "\n", "đạt", "chuẩn", "0c0p", "{name}", "ba sao"]
    )
    | st.text(max_size=6),
    max_size=8,
).map(" ".join)  # fmt: skip


@given(words=WORDS, name=WORDS, story=WORDS, days=st.integers(-400, 400))
def test_whatever_is_written_a_post_that_is_not_held_claims_only_what_is_certified(
    words: str, name: str, story: str, days: int
) -> None:
    one = sellable(1, expires=TODAY + timedelta(days=days) if (TODAY + timedelta(days=days)).day < 29 else TODAY)
    one = replace(one, product=replace(one.product, name=name or "x", story=story))
    made = make(NEW, Subject(sellables=(one,), words=words), AT)
    if made.problems:
        return
    in_force = one.certificates[0].expires_on >= TODAY
    assert all(in_force and claim.stars <= {3} for claim in claims.find(said(made)))
    assert AT.rules.title.min <= len(made.title) <= AT.rules.title.max
    assert len(made.text) <= AT.rules.description.max
