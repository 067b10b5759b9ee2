"""Feeds, written by our rules and read back by other parsers; the reader's own checks in :func:`faults`."""

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.catalog.model import Picture, Sellable, Stock
from hub.errors import Invalid
from hub.shops.model import Shop
from hub.sync import rulepack
from hub.sync.feed_writers import GOOGLE_NS, About, money, write
from hub.sync.feeds import KINDS, Entry, Feed, address, clean, gather, kind_of, usable_gtin
from hub.sync.model import Cut, PushView
from hub.types import Sku
from tests.unit.sync.goods import GROUND, NOW, sellable

CONFIG = Path(__file__).parents[3] / "config"


def pack() -> rulepack.RulePack:
    channel = tomllib.loads((CONFIG / "channels" / "feeds.toml").read_text("utf-8"))
    return rulepack.parse("feeds", channel, tomllib.loads((CONFIG / "categories" / "feeds.toml").read_text("utf-8")))


HERE = replace(GROUND, rules=pack(), picture_base="https://hub.example.vn/pictures")
ABOUT = About(title="Đặc sản <Cà Mau> & Sóc Trăng", link="https://hub.example.vn", shipping=30_000)
PAGE = "https://shop.example.vn/mam"


def goods(number: int = 1, **more: object) -> Sellable:
    one = sellable(number)
    picture = Picture(digest="ab" * 32, product_id=one.product.id, position=0, mime="image/jpeg", source="a.jpg")
    return replace(one, **{"pictures": (picture,), **more})  # type: ignore[arg-type]


def look(*those: Sellable, kind: str = "google_rss", links: Mapping[str, str] | None = None, **values: str) -> Feed:
    shop = Shop(
        id="f", platform="feeds", name="Nguồn", producer_id="p", channel_kind="file", base_url="",
        values={"kind": kind, **values},
    )  # fmt: skip
    view = PushView(shop=shop, sellables=those, bindings={})
    return gather(view, HERE, {s.product.id: PAGE for s in those} if links is None else links)


def codes(feed: Feed) -> list[str]:
    return [one.code for problems in feed.left_out.values() for one in problems]


# ---- a strict reader, written from the sheet's checklist ---------------------------------------------------------


def read_rss(body: bytes) -> list[dict[str, str]]:
    """Items as flat names; Google's under ``g:``."""
    root = ET.fromstring(body)
    assert root.tag == "rss"
    return [
        {child.tag.replace(f"{{{GOOGLE_NS}}}", "g:"): child.text or "" for child in item}
        for item in root.findall("channel/item")
    ]


def read_table(body: bytes, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), delimiter=delimiter, strict=True))


def rows_of(feed: Feed, kind: str) -> list[dict[str, str]]:
    body = write(feed, ABOUT, KINDS[kind])
    if kind == "google_rss":
        return [{name.removeprefix("g:"): text for name, text in item.items()} for item in read_rss(body)]
    return read_table(body, "," if kind == "meta_csv" else "\t")


def faults(rows: list[dict[str, str]], *, meta: bool) -> list[str]:
    """What a puller would complain of."""
    stock = {"in stock", "out of stock"} if meta else {"in_stock", "out_of_stock"}
    ids = [row["id"] for row in rows]
    found = ["ids repeat"] * (len(set(ids)) < len(ids)) + ["order"] * (ids != sorted(ids))
    for row in rows:
        found += ["id"] * (not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", row["id"]))
        found += ["price"] * (not re.fullmatch(r"[1-9][0-9]* VND", row["price"]))
        found += ["availability"] * (row["availability"] not in stock)
        found += ["title"] * (not 1 <= len(row["title"]) <= 150)
        found += ["description"] * (not 1 <= len(row["description"]) <= 5000 or "<" in row["description"])
        found += ["condition"] * (row["condition"] != "new")
        found += ["brand"] * (not 1 <= len(row["brand"]) <= 70)
        found += ["gtin"] * (bool(row.get("gtin")) and not usable_gtin(row["gtin"]))
        for name in ("link", "image_link"):
            parts = urlsplit(row[name])
            found += [name] * (parts.scheme != "https" or not row[name].isascii() or " " in row[name])
        if not meta:
            found += ["identifier"] * (not row.get("gtin") and row.get("identifier_exists") != "no")
    return found


@pytest.mark.parametrize("kind", ["google_rss", "google_csv", "meta_csv"])
def test_a_puller_finds_nothing_to_complain_of(kind: str) -> None:
    several = goods(3)
    other = replace(several.variants[0], id="v3b", sku=Sku("SKU3-1KG"), net_quantity="1", unit="kg", price=90_000)
    several = replace(
        several, variants=(several.variants[0], other),
        stocks=(several.stocks[0], Stock(variant_id="v3b", on_hand=0, reserved=0)),
    )  # fmt: skip
    with_gtin = replace(goods(2), variants=(replace(goods(2).variants[0], gtin="8934567890120"),))
    feed = look(several, with_gtin, goods(1), kind=kind)
    rows = rows_of(feed, kind)
    assert faults(rows, meta=kind == "meta_csv") == []
    assert [row["id"] for row in rows] == ["SKU1", "SKU2", "SKU3", "SKU3-1KG"]
    by_id = {row["id"]: row for row in rows}
    assert by_id["SKU2"]["gtin"] == "8934567890120"
    assert by_id["SKU1"].get("item_group_id", "") == ""
    assert by_id["SKU3"]["item_group_id"] == by_id["SKU3-1KG"]["item_group_id"] == "prod3"
    assert (by_id["SKU3"]["size"], by_id["SKU3-1KG"]["size"]) == ("500 g", "1 kg")
    assert "1 kg" in by_id["SKU3-1KG"]["title"]
    assert "500 g" not in by_id["SKU3-1KG"]["title"]
    assert by_id["SKU3-1KG"]["availability"].replace(" ", "_") == "out_of_stock"
    assert by_id["SKU1"]["price"] == "50000 VND"
    assert by_id["SKU1"]["custom_label_0"] == "3 sao"


def test_the_strict_reader_sees_faults() -> None:
    (row,) = rows_of(look(goods()), "google_csv")
    wrong = row | {"price": "50.000 VND", "availability": "in stock", "link": "http://a b", "identifier_exists": ""}
    assert faults([wrong, row], meta=False) == ["ids repeat", "price", "availability", "link", "identifier"]


def test_ordinary_readers_see_title_link_and_guid() -> None:
    for kind in ("google_rss", "plain_rss"):
        (item,) = read_rss(write(look(goods(), kind=kind), ABOUT, KINDS[kind]))
        assert item["title"] == "Mắm cá linh 1 500 g OCOP 3 sao"
        assert (item["link"], item["guid"]) == (PAGE, "SKU1")
        assert "Quyết định số 88/QĐ-UBND" in item["description"]
        assert ("g:id" in item) == (kind == "google_rss")


def test_shipping_is_told_as_each_reader_wants_it() -> None:
    feed = look(goods())
    item = ET.fromstring(write(feed, ABOUT, KINDS["google_rss"])).find("channel/item")
    assert item is not None
    assert item.findtext(f"{{{GOOGLE_NS}}}shipping/{{{GOOGLE_NS}}}price") == "30000 VND"
    assert rows_of(feed, "google_csv")[0]["shipping"] == "VN:::30000 VND"


# ---- what stands in it -------------------------------------------------------------------------------------------


def test_held_goods_stay_out_with_their_reason() -> None:
    bad = goods(2)
    feed = look(goods(1), replace(bad, product=replace(bad.product, food_declaration="")))
    assert [one.id for one in feed.entries] == ["SKU1"]
    assert codes(feed) == ["food_papers_missing"]


def test_readers_of_pictures_get_none_without() -> None:
    bare = goods(pictures=())
    assert codes(look(bare)) == ["pictures_too_few"]
    assert len(look(bare, kind="plain_rss").entries) == 1


def test_without_a_page_there_is_no_entry_but_a_pattern_or_a_trace_helps() -> None:
    traced = replace(goods(), product=replace(goods().product, trace_url="https://truy.example.vn/1"))
    assert codes(look(goods(), links={})) == ["feed_link_missing"]
    assert codes(look(traced, links={})) == ["feed_link_missing"]  # no page on which one can buy
    assert look(traced, links={}, kind="plain_rss").entries[0].link == "https://truy.example.vn/1"
    (entry,) = look(goods(), links={}, page="https://ocop.example.vn/sản phẩm/{sku}").entries
    assert entry.link == "https://ocop.example.vn/s%E1%BA%A3n%20ph%E1%BA%A9m/SKU1"


@pytest.mark.parametrize(("abv", "code"), [(40.0, "alcohol_not_on_channel"), (5.0, "alcohol_not_on_channel")])
def test_alcohol_stays_out(abv: float, code: str) -> None:
    drink = replace(
        goods(), product=replace(goods().product, set_no=14), variants=(replace(goods().variants[0], abv_pct=abv),)
    )
    assert codes(look(drink)) == [code]


def test_restricted_sets_stay_out_unless_the_owner_says_otherwise() -> None:
    health = replace(goods(), product=replace(goods().product, set_no=18, ad_confirmation="12/XNQC"))
    assert codes(look(health)) == ["feed_set_left_out"]
    assert len(look(health, kind="plain_rss").entries) == 1
    assert len(look(health, exclude="").entries) == 1
    assert codes(look(goods(), exclude="4, 9")) == ["feed_set_left_out"]


def test_a_lapsed_certificate_leaves_no_claim() -> None:
    lapsed = replace(goods(), certificates=sellable(expires=date(2026, 11, 1)).certificates)
    feed = look(lapsed)
    body = write(feed, ABOUT, KINDS["google_rss"]).decode()
    assert "SKU1" in body
    assert "OCOP" not in body
    assert "3 sao" not in body


def test_edited_words_reach_the_feed() -> None:
    shop = Shop(id="f", platform="feeds", name="N", producer_id="p", channel_kind="file", base_url="",
                values={"kind": "google_rss"})  # fmt: skip
    one = goods()
    cut = Cut(product_id=one.product.id, platform="feeds", title="Mắm chum", edited_at=NOW, edited_by="cli")
    view = PushView(shop=shop, sellables=(one,), bindings={}, cuts={one.product.id: cut})
    assert gather(view, HERE, {one.product.id: PAGE}).entries[0].title == "Mắm chum OCOP 3 sao"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="feed_kind_unknown"):
        kind_of({"kind": "atom"})


# ---- laws --------------------------------------------------------------------------------------------------------

TEXT = st.text(max_size=60)


def entry(title: str, description: str) -> Entry:
    return Entry(
        id="A-1", group="", title=clean(title) or "x", description=clean(description) or "x", link=PAGE, images=(),
        in_stock=True, price=1000, brand="HTX", gtin="", size="", measure=None, category="422", product_type="A > B",
        weight_g=0, labels=(),
    )  # fmt: skip


@given(title=TEXT, description=TEXT)
def test_any_words_survive_any_writer(title: str, description: str) -> None:
    one = entry(title, description)
    feed = Feed(entries=(one,), left_out={})
    (item,) = read_rss(write(feed, ABOUT, KINDS["google_rss"]))
    assert (item["title"], item["description"]) == (one.title, one.description)
    for kind, mark in (("google_csv", "\t"), ("meta_csv", ",")):
        (row,) = read_table(write(feed, ABOUT, KINDS[kind]), mark)
        assert (row["title"], row["description"]) == (one.title, one.description)


def test_the_same_feed_is_the_same_bytes() -> None:
    there, back = look(goods(1), goods(2)), look(goods(2), goods(1))
    assert write(there, ABOUT, KINDS["meta_csv"]) == write(back, ABOUT, KINDS["meta_csv"])


@pytest.mark.parametrize(
    ("code", "usable"),
    [
        ("8934567890120", True), ("8938500000010", True), ("8934567890123", False), ("0400012345678", False),
        ("2012345678900", False), ("", False), ("893456789012", False), ("0000000000000", False), ("abc", False),
    ],
)  # fmt: skip
def test_only_real_gtins_are_told(code: str, usable: bool) -> None:
    assert usable_gtin(code) is usable


def test_money_and_addresses() -> None:
    assert money(250_000) == "250000 VND"
    assert address("https://a.vn/ớt & tỏi") == "https://a.vn/%E1%BB%9Bt%20&%20t%E1%BB%8Fi"
    assert address("https://a.vn/%20x") == "https://a.vn/%20x"
    assert address("javascript:alert(1)") == address("/p/1") == address("https:///x") == ""
