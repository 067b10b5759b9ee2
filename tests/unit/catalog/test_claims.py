"""Claims are found however they are disguised, leave cleanly, and innocent words stay."""

import timeit
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.catalog import claims
from hub.catalog.claims import Texts
from hub.catalog.lookalikes import fold
from hub.catalog.model import Certificate

FOUND = [
    "OCOP", "ocop", "Ocop", "ＯＣＯＰ", "O C O P", "O.C.O.P", "O-C-O-P", "O_C_O_P",
    "O\u200bC\u200bO\u200bP", "OC\u00adOP", "O\u0336C\u0336O\u0336P", "ОСОР", "ΟϹΟΡ", "ØCØP", "0C0P",
    "🅾🅲🅾🅿", "🇴🇨🇴🇵", "ⓄⒸⓄⓅ", "𝐎𝐂𝐎𝐏", "○C○P", "O COP", "OC OP", "OCO P", "ÓCÓP", "ᴏᴄᴏᴘ", "O©OP",
    "#sanphamocop", "#ocopsoctrang", "SảnphẩmOCOPngon", "Mỗi xã một sản phẩm",
    "mỗi xã, phường một sản phẩm", "MỖI XÃ MỘT SẢN PHẨM", "One Commune One Product", "4 sao", "04 sao",
    "4-sao", "4sao", "bốn sao", "BỐN SAO", "Năm ngôi sao", "4 s a o", "４ ｓａｏ", "4️⃣ sao", "④ sao",
    "4,0 sao", "3-4 sao", "★★★★", "★ ★ ★ ★", "☆☆☆☆", "⭐⭐⭐⭐", "⭐️⭐️⭐️⭐️", "****", "4*", "4★",
    "4 ⭐", "hạng sao", "Hạng sao: 4", "5-star", "five-star", "5 stars", "đạt chuẩn OCOP",
    "chứng nhận OCOP cấp tỉnh", "logo OCOP", "gao4sao", "4 s\u0430o", "4 sao vàng", "4 sa0",
]  # fmt: skip

INNOCENT = [
    "Hoa hồi, quế, thảo quả; sao thơm trên chảo gang", "Khách sạn 4 sao ở trung tâm",
    "khách sạn đạt chuẩn 5 sao", "hotel 5-star", "nhà hàng, khách sạn 4 sao, 5 đêm",
    "Gạo ST25 lúa tôm 5 kg", "Lá vối sao vàng hạ thổ", "Bảo sao ai cũng mê; vì sao, tại sao",
    "Nhà tôi có 4 sào ruộng và 5 sào vườn", "Năm cây sáo trúc", "Bà Năm sao chè bằng chảo gang",
    "Chú Ba sao trà", "chè ba sao ba sấy", "trà 3 sao 3 tẩm", "Việt Nam sao cho xứng",
    "3 bản, 4 sao y công chứng", "4 sao chép", "4 star anise pods", "star fruit", "★ Hướng dẫn ★ Bảo quản",
    "⭐ Thơm ngon\n⭐ Dẻo", "4*5 cm", "4 * 100 g", "**Lưu ý** đọc kỹ", "***Lưu ý*** đọc kỹ", "0912****88",
    "tocopherol (E307)", "Photocopy", "PHOTOCOPY", "xơ dừa cocopeat", "Cocopro", "Ô cốp xe rộng", "có cọp",
    "ốc ọp", "Hãy đánh giá 5 sao cho shop nhé", "vote 5 sao giúp shop", "14 sao", "ngày 20/4 sao mẻ đầu",
    "1,4 sao chổi", "Còn 4. Sao vàng rất thơm", "Hộp 4, sao nhanh", "Bánh pía nhân sầu riêng trứng muối 480 g", "",
]  # fmt: skip

STRIPPED = [
    ("Gạo ST25 đạt OCOP 5 sao, dẻo thơm, hạt dài.", "Gạo ST25, dẻo thơm, hạt dài."),
    ("Sản phẩm OCOP 4 sao Gạo ST25", "Gạo ST25"),
    ("Gạo ST25 (OCOP 4 sao) 5kg", "Gạo ST25 5kg"),
    ("Gạo ST25 - OCOP 4 sao", "Gạo ST25"),
    ("OCOP 4 sao - Bánh pía Sóc Trăng", "Bánh pía Sóc Trăng"),
    ("[OCOP 4★] Bánh pía", "Bánh pía"),
    ("Bánh pía OCOP Sóc Trăng", "Bánh pía Sóc Trăng"),
    ("Bánh pía là sản phẩm OCOP 4 sao của Sóc Trăng.", "Bánh pía là sản phẩm của Sóc Trăng."),
    ("Bánh pía đạt OCOP 4 sao và VietGAP", "Bánh pía đạt VietGAP"),
    ("Bánh pía đạt VietGAP và OCOP 4 sao", "Bánh pía đạt VietGAP"),
    ("Bánh thơm. Được chứng nhận OCOP 4 sao cấp tỉnh năm 2024. Giòn tan.", "Bánh thơm. Giòn tan."),
    ("Sản phẩm OCOP 4 sao theo Quyết định số 48/QĐ-UBND ngày 27/09/2024 của UBND tỉnh Sóc Trăng. Thơm.", "Thơm."),
    ("Ngon.\n\nGiấy chứng nhận số 06/2024/GCN-OCOP, có hiệu lực đến 27/09/2027.\n\nHộp 480 g", "Ngon.\n\nHộp 480 g"),
    ("Bánh\nTruy xuất: https://ocop.example/01/893.\nHộp 480 g", "Bánh\nHộp 480 g"),
    ("Dầu dừa OCOP 4 sao nguyên chất", "Dầu dừa nguyên chất"),
    ("Măng tre ★★★★ muối ớt", "Măng tre muối ớt"),
    ("Quà tặng | OCOP 4 sao | Bánh pía", "Quà tặng | Bánh pía"),
    ("Bánh pía, OCOP 4 sao, Sóc Trăng", "Bánh pía, Sóc Trăng"),
    ("Gói quà khách sạn 4 sao, OCOP 4 sao", "Gói quà khách sạn 4 sao"),
    ("OCOP 4 sao", ""),
]


@pytest.mark.parametrize("text", FOUND)
def test_every_disguise_is_found_alone_and_in_a_sentence(text: str) -> None:
    for around in ("{}", "Bánh pía {} nhân sầu riêng", "Bánh pía ({}), hộp", "Bánh pía\n{}\nhộp"):
        whole = around.format(text)
        assert claims.find(whole), whole
        assert not claims.find(claims.strip(whole))


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_words_stay_as_they_are(text: str) -> None:
    assert claims.find(text) == ()
    assert claims.strip(text) == text


@pytest.mark.parametrize(("text", "left"), STRIPPED)
def test_a_claim_leaves_with_the_words_that_lean_on_it(text: str, left: str) -> None:
    assert claims.strip(text) == left


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("OCOP 4 sao", {4}), ("★★★", {3}), ("⭐️⭐️⭐️⭐️⭐️", {5}), ("****", {4}), ("bốn sao", {4}), ("OCOP ★★★★", {4}),
        ("5-star", {5}), ("OCOP 4", {4}), ("OCOP 2024", set()), ("OCOP", set()), ("3-4 sao", {3, 4}),
        ("khách sạn 4 sao, OCOP 3 sao", {3}),
        ("hạng sao: 4", {4}), ("OCOP 5 kg", set()), ("IV sao", {4}),
    ],
)  # fmt: skip
def test_the_stars_a_text_claims(text: str, stars: set[int]) -> None:
    assert claims.star_claims(text) == stars


def test_places_are_those_of_the_original() -> None:
    text = "Bánh\u200b pía Ｏ\u200bＣＯＰ\u00ad ④ sao ngon"
    (claim,) = claims.find(text)
    assert text[claim.start : claim.end] == claim.text == "Ｏ\u200bＣＯＰ\u00ad ④ sao"


def test_what_was_left_alone_is_told() -> None:
    assert [c.text for c in claims.kept("Khách sạn 4 sao, bánh OCOP 3 sao")] == ["4 sao"]
    assert claims.kept("OCOP 3 sao") == ()


# ---- laws --------------------------------------------------------------------------------------------------------

_ALIKE = {
    "o": "oOОоοΟＯｏⓞØ𝐎օ", "c": "cCСсϹＣⓒ𝐂", "p": "pPРрΡＰⓟ𝐏", "s": "sSѕＳⓢ", "a": "aAаΑａⓐ", "4": "4４④",
    "i": "iІі", "x": "xХх", "m": "mМм",
}  # fmt: skip
_UNSEEN = st.text(alphabet="\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\ufe0f\u0336\u0332\u20dd", max_size=3)
_BETWEEN = st.text(alphabet=" \u00a0\u2009.-_·", max_size=2)


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A claim with any letter exchanged, invisible characters anywhere and gaps between the letters."""
    core = draw(st.sampled_from(["OCOP", "Mỗi xã một sản phẩm", "4 sao", "OCOP 4 sao"]))
    pieces = []
    for char in core:
        alike = _ALIKE.get(char.lower())
        pieces.append((draw(st.sampled_from(alike)) if alike else char) + draw(_UNSEEN))
        if core in ("OCOP", "Mỗi xã một sản phẩm") and char != core[-1]:
            pieces.append(draw(_BETWEEN))
    return "".join(pieces)


_WORDS = st.lists(
    st.sampled_from(
        [*FOUND, *INNOCENT, "đạt", "sản phẩm", "chứng nhận", "(", ")", ",", ".", "\n", "-", "|", "và", "Bánh pía",
         "O", "C", "P", "4", "sao", "*", "★",
         "theo Quyết định số 12/QĐ-UBND", "của UBND tỉnh", "cấp tỉnh", "GCN-", "số 5/", "https://"]
    ),
    max_size=9,
)  # fmt: skip


@given(
    claim=disguised(),
    before=st.sampled_from(["", "Bánh pía ", "Gạo, "]),
    after=st.sampled_from(["", " ngon", ". Ngon"]),
)
@settings(max_examples=400, deadline=None)
def test_no_disguise_slips_through(claim: str, before: str, after: str) -> None:
    assert claims.find(before + claim + after)


@given(words=_WORDS, glue=st.sampled_from([" ", "", "  ", "\u200b"]))
@example(words=["O", "OCOP", "C", "OP"], glue=" ")
@example(words=["*", "OCOP", "***"], glue="")
@settings(max_examples=400, deadline=None)
def test_nothing_is_left_and_stripping_again_changes_nothing(words: list[str], glue: str) -> None:
    text = glue.join(words)
    stripped = claims.strip(text)
    assert claims.find(stripped) == ()
    assert claims.strip(stripped) == stripped
    assert len(stripped) <= len(text)


@given(text=st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_at_all(text: str) -> None:
    folded = fold(text)
    assert len(folded.plain) == len(folded.toned) == len(folded.at)
    found = claims.find(text)
    assert all(text[c.start : c.end] == c.text for c in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert claims.strip(text) == text or found
    assert claims.find(claims.strip(text)) == ()


@given(pieces=st.lists(st.sampled_from([t for t in INNOCENT if t]), min_size=1, max_size=4))
def test_innocent_sentences_together_stay_innocent(pieces: list[str]) -> None:
    text = ".\n\n".join(pieces)
    assert claims.strip(text) == text


# ---- whole listings ----------------------------------------------------------------------------------------------


def test_a_whole_listing_is_cleaned_and_the_proof_is_empty() -> None:
    dirty = Texts(
        title="Bánh pía OCOP 4 sao 480 g",
        description="Bánh pía ngon.\n\nĐạt ★★★★ cấp tỉnh.\n\nHộp 480 g",
        short="Chuẩn OCOP",
        attributes=(("OCOP", "4 sao"), ("Hạng sao", "4"), ("Chứng nhận", "HACCP, OCOP 4 sao"), ("Xuất xứ", "Việt Nam")),
        pictures=("banh-pia-ocop-4-sao.jpg", "logo_ocop.png", "hop.jpg"),
    )
    assert len(claims.proof(dirty)) >= 7
    cleaned = claims.clean(dirty, fallback="Bánh pía")
    assert claims.proof(cleaned) == ()
    assert cleaned == Texts(
        title="Bánh pía 480 g",
        description="Bánh pía ngon.\n\nHộp 480 g",
        short="",
        attributes=(("Chứng nhận", "HACCP"), ("Xuất xứ", "Việt Nam")),
        pictures=("banh-pia.jpg", "image.png", "hop.jpg"),
    )


def test_a_title_is_never_emptied() -> None:
    cleaned = claims.clean(Texts(title="★★★★ OCOP"), fallback="Bánh pía OCOP")
    assert cleaned.title == "Bánh pía"


def test_the_allowed_wording_says_what_the_certificate_says() -> None:
    certificate = Certificate(
        id="c", product_id="p", stars=4, decision_no="12/QĐ-UBND", decision_date=date(2024, 9, 27),
        expires_on=date(2027, 9, 27), issuer="UBND tỉnh Sóc Trăng", certificate_no="05/2024/GCN-OCOP",
    )  # fmt: skip
    words = claims.phrase(certificate, date(2027, 9, 27))
    assert words.title == "OCOP 4 sao"
    assert words.description == (
        "Sản phẩm OCOP 4 sao theo Quyết định số 12/QĐ-UBND ngày 27/09/2024 của UBND tỉnh Sóc Trăng.",
        "Giấy chứng nhận số 05/2024/GCN-OCOP, có hiệu lực đến hết ngày 27/09/2027.",
    )
    assert claims.star_claims(" ".join(words.description)) == {4}
    assert claims.strip("Bánh pía.\n\n" + "\n\n".join(words.description)) == "Bánh pía."


def test_a_text_without_claims_is_dismissed_without_folding_it() -> None:
    """The budget is 50 us for 300 letters; judged against folding the same text, so that a slow machine may be slow."""
    text = ("Bánh pía Sóc Trăng nhân sầu riêng trứng muối, dẻo thơm, đóng hộp 480 g. " * 5)[:300]
    look = min(timeit.repeat(lambda: claims.find(text), number=50, repeat=5))
    folding = min(timeit.repeat(lambda: fold(text), number=50, repeat=5))
    assert look < folding / 3
