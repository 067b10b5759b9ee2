"""Fitting a draft to what a platform asks: category by path, attributes by name, pictures by format. Pure."""

import re
from collections.abc import Iterable, Sequence

from hub.connectors.model import Category
from hub.errors import Refused
from hub.types import fold


def find_leaf(tree: Sequence[Category], wanted: str, platform: str) -> str:
    """The id of a leaf named by its id, or by the path of names from the top (``A > B > C``; case and accents do not
    count). Raises Refused("category_unknown") for none or several: never guessed."""
    by_id = {one.id: one for one in tree}

    def path(one: Category) -> str:
        above = by_id.get(one.parent)
        return f"{path(above)} > {one.name}" if above else one.name

    key = fold(wanted)
    hits = [one.id for one in tree if one.leaf and (one.id == wanted or fold(path(one)) == key)]
    if len(hits) != 1:
        raise Refused("category_unknown", category=wanted, platform=platform)
    return hits[0]


def answers(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Our attributes by folded name. A name may carry the unit of its value: ``Hạn sử dụng (tháng)``, ``12`` also
    answers ``Hạn sử dụng`` with ``12 tháng``."""
    found: dict[str, str] = {}
    for name, value in given:
        unit = re.fullmatch(r"(.+) \((.+)\)", name)
        if unit is not None:
            found.setdefault(fold(unit[1]), f"{value} {unit[2]}")
        found[fold(name)] = value
    return found


def parcel_sides(text: str) -> tuple[int, int, int] | None:
    """``20x15x10``: length, width, height in cm. None for anything else."""
    sides = [int(side) for side in re.findall(r"\d+", text)]
    return (sides[0], sides[1], sides[2]) if len(sides) == 3 and all(sides) else None


def image_type(content: bytes, most: int) -> str:
    """``image/jpeg`` or ``image/png`` by the first bytes. Raises Refused for another format or more than ``most``."""
    if len(content) > most:
        raise Refused("picture_too_large", bytes=len(content), max=most)
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    raise Refused("picture_format_wrong", allowed=["JPEG", "PNG"])
