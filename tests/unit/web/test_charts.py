"""Charts: every day drawn, zero-based, no colour, style or script of their own."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.web.charts import Series, _scale, daily_bars

DAYS = tuple(f"{n:02d}/11" for n in range(1, 31))


def draw(*series: Series) -> "ET.Element[str]":
    svg = daily_bars(series, days=DAYS, unit="triệu đồng", comma=",", alt='Doanh thu <"&">')
    return ET.fromstring(str(svg))


def bars(svg: "ET.Element[str]", colour: str) -> int:
    return sum(1 for one in svg.iter() if one.get("class") == f"fill ch-{colour}")


def test_each_day_that_sold_has_a_bar_and_a_gap_has_none() -> None:
    shopee = Series(colour="shopee", name="Shopee", values=(None, 0, *[250_000] * 28))
    site = Series(colour="own_site", name="Trang", values=tuple([-100_000, 300_000] * 15))
    svg = draw(shopee, site)
    assert (bars(svg, "shopee"), bars(svg, "own_site")) == (28, 30)
    assert svg.get("aria-label") == 'Doanh thu <"&">'
    texts = {"".join(one.itertext()).strip() for one in svg.iter() if one.tag.endswith("text")}
    assert {"01/11", "triệu đồng", "0,0", "−0,2"} <= texts


def test_nothing_in_it_needs_another_policy() -> None:
    svg = draw(Series(colour="shopee", name="Shopee", values=(1_000_000,) * 30))
    for one in svg.iter():
        assert one.tag.rpartition("}")[2] in {"svg", "g", "rect", "line", "text", "tspan", "path", "clipPath", "defs"}
        assert not {"style", "onload", "href"} & one.attrib.keys()
        assert "rgb" not in str(one.attrib)


def test_the_same_figures_give_the_same_picture() -> None:
    series = Series(colour="shopee", name="Shopee", values=(1_000_000,) * 30)
    first = daily_bars((series,), days=DAYS, unit="u", comma=",", alt="a")
    daily_bars.cache_clear()
    assert daily_bars((series,), days=DAYS, unit="u", comma=",", alt="a") == first


@settings(max_examples=200)
@given(st.lists(st.integers(-(10**11), 10**11).filter(bool), min_size=1, max_size=31))
def test_the_scale_begins_at_zero_or_below_and_holds_every_bar(values: list[int]) -> None:
    marks, labels = _scale([(0, value, at) for at, value in enumerate(values)], ",")
    assert 0.0 in marks
    assert marks[0] <= min(0, *values) / 1e6 + 1e-9
    assert marks[-1] >= max(0, *values) / 1e6 - 1e-9
    assert len(marks) == len(labels) == len(set(labels))
    assert len(marks) <= 8


@pytest.mark.parametrize("values", [(), (None,) * 30, (0,) * 30])
def test_without_any_sale_there_is_an_empty_chart(values: tuple[int | None, ...]) -> None:
    assert bars(draw(Series(colour="shopee", name="Shopee", values=values)), "shopee") == 0
