"""Charts as SVG inside the page: drawn by lets-plot, then taken out of its own colours and styles.

Our policy allows no inline style, and one picture must serve light and dark: so every mark gets a class of the
stylesheet instead of a colour. lets-plot is imported when the first chart is drawn, not at start.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.etree import ElementTree as ET

from markupsafe import Markup

from hub.types import Vnd

WIDTH, HEIGHT = 420, 240
_SVG = "http://www.w3.org/2000/svg"
_NUMBER = re.compile(r"-?\d+\.\d+")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One channel over the days of a month; None: nothing is known of that day, which leaves a gap."""

    colour: str  # a ``ch-`` class of the stylesheet
    name: str
    values: tuple[Vnd | None, ...]


@lru_cache(maxsize=32)
def daily_bars(series: tuple[Series, ...], *, days: tuple[str, ...], unit: str, comma: str, alt: str) -> Markup:
    """Stacked bars per day from zero, in millions: ``days`` as they are written, ``unit`` names the axis.

    ``alt`` tells it all in one sentence.
    """
    import lets_plot as lp  # 140 ms and 30 MB that a process without charts need not pay

    rows = [(n, value, at) for n, one in enumerate(series) for at, value in enumerate(one.values, 1) if value]
    every = max(1, len(days) // 6)
    named = list(range(1, len(days) + 1, every))
    marks, labels = _scale(rows, comma)
    found = {
        "day": [at for _, _, at in rows], "net": [value / 1e6 for _, value, _ in rows],
        "who": [f"{n:02d}" for n, _, _ in rows],
    }  # fmt: skip
    blank = lp.element_blank()
    plot = (
        lp.ggplot(found, lp.aes("day", "net", fill="who"))
        + lp.geom_bar(stat="identity", width=0.8, size=0, tooltips="none")
        + lp.scale_fill_manual(values=[_sentinel(n) for n in range(len(series))], limits=_names(series), guide="none")
        + lp.scale_x_continuous(
            name="", limits=[0.4, len(days) + 0.6], breaks=named, labels=[days[n - 1] for n in named], expand=[0, 0]
        )
        + lp.scale_y_continuous(name=unit, breaks=marks, labels=labels, limits=[min(0.0, marks[0]), marks[-1]])
        + lp.ggsize(WIDTH, HEIGHT)
        + lp.theme_minimal()
        + lp.theme(
            text=lp.element_text(size=12),
            axis_title_y=lp.element_text(size=12),
            panel_grid_minor=blank,
            panel_grid_major_x=blank,
            axis_ticks=blank,
            axis_title_x=blank,
        )
    )
    return Markup(_tamed(plot.to_svg(), series, alt))  # every text in it is escaped by the tree


def _names(series: Sequence[Series]) -> list[str]:
    return [f"{n:02d}" for n in range(len(series))]


def _scale(rows: Sequence[tuple[int, Vnd, int]], comma: str) -> tuple[list[float], list[str]]:
    """Round marks from zero (or below) to above the highest day, and how they are written."""
    up: dict[int, int] = {}
    down: dict[int, int] = {}
    for _, value, at in rows:
        side = up if value > 0 else down
        side[at] = side.get(at, 0) + value
    top, bottom = max(up.values(), default=0) / 1e6, min(down.values(), default=0) / 1e6
    step = _step(max(top - bottom, 0.001) / 4)
    first, last = int(bottom // step), max(1, -int(-top // step))
    marks = [n * step for n in range(min(first, 0), last + 1)]
    digits = 0 if step >= 1 else len(f"{step:.6f}".rstrip("0").partition(".")[2])
    return marks, [f"{mark:.{digits}f}".replace(".", comma).replace("-", "−") for mark in marks]


def _step(wish: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power: float = 10.0 ** len(str(int(wish))) if wish >= 1 else 1.0
    while power > wish:
        power /= 10
    return next(power * n for n in (1, 2, 5, 10) if power * n >= wish)


def _sentinel(n: int) -> str:
    return f"#0100{n:02x}"


def _tamed(svg: str, series: Sequence[Series], alt: str) -> str:
    """The SVG with classes for colours, no styles, no ids that change, and a size of the page's choosing."""
    ET.register_namespace("", _SVG)
    classes = {f"rgb(1,0,{n})": f"fill ch-{one.colour}" for n, one in enumerate(series)}
    clip = {found: f"clip{n}" for n, found in enumerate(re.findall(r'<clipPath id="(\w+)"', svg))}
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}style" or (child.tag == f"{{{_SVG}}}path" and _is_frame(child)):
                parent.remove(child)
    for one in root.iter():
        _tame(one, classes, clip)
    root.attrib = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": alt}
    return re.sub(r">\s+<", "><", ET.tostring(root, encoding="unicode"))


def _is_frame(path: "ET.Element[str]") -> bool:
    """The plot's ground and its border: the page has its own."""
    return path.get("fill") == "rgb(255,255,255)" or path.get("fill-opacity") == "0.0"


def _tame(one: "ET.Element[str]", classes: dict[str, str], clip: dict[str, str]) -> None:
    style = one.attrib.pop("style", "")
    if size := re.search(r"font-size:([\d.]+)px", style):
        one.set("font-size", str(round(float(size[1]))))
    for name in ("class", "clip-bounds-jfx", "buffered-rendering", "pointer-events"):
        one.attrib.pop(name, None)
    if one.get("id", "") not in clip:
        one.attrib.pop("id", None)
    if (kind := classes.get(one.get("fill", ""))) is not None:
        one.attrib = {k: v for k, v in one.attrib.items() if k in ("x", "y", "width", "height")} | {"class": kind}
    elif one.tag == f"{{{_SVG}}}line":
        one.attrib = {k: v for k, v in one.attrib.items() if k in ("x1", "x2", "y1", "y2")} | {"class": "rule"}
    for name, value in list(one.attrib.items()):
        if name == "id":
            one.set(name, clip[value])
        elif name == "clip-path":
            one.set(name, f"url(#{clip[value[5:-1]]})")
        elif name != "class":
            one.set(name, _NUMBER.sub(lambda m: f"{float(m[0]):.1f}", value))
