"""How each reader wants a feed written: Google's RSS and table, Meta's table, plain RSS. Pure.

Attribute names and enumerated words differ per reader (``in_stock`` and ``in stock``). Source: sheet of product feeds
of 2026-11-21.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from hub.sync.feeds import Entry, Feed, FeedKind, clean
from hub.types import Vnd

GOOGLE_NS = "http://base.google.com/ns/1.0"
GOOGLE_IMAGES, META_IMAGES = 10, 20


@dataclass(frozen=True, kw_only=True)
class About:
    """The feed as a whole. ``shipping``: what sending one piece costs, where the owner says so."""

    title: str
    link: str
    shipping: Vnd | None = None


def write(feed: Feed, about: About, kind: FeedKind) -> bytes:
    """The feed as its readers want it, UTF-8; the same feed gives the same bytes."""
    match kind.id:
        case "google_csv":
            return _table(_google_rows(feed.entries, about), delimiter="\t", end="\n")
        case "meta_csv":
            return _table(_meta_rows(feed.entries), delimiter=",", end="\r\n")
        case _:
            return _rss(feed.entries, about, google=kind.id == "google_rss")


def money(price: Vnd) -> str:
    """``150000 VND``: whole, no grouping."""
    return f"{price} VND"


def _rss(entries: Sequence[Entry], about: About, *, google: bool) -> bytes:
    """RSS 2.0. Title, link, description and guid are plain, because ordinary readers see nothing else."""
    root = ET.Element("rss", {"version": "2.0", **({"xmlns:g": GOOGLE_NS} if google else {})})
    channel = ET.SubElement(root, "channel")
    for name, text in (("title", about.title), ("link", about.link), ("description", about.title)):
        ET.SubElement(channel, name).text = clean(text)
    for entry in entries:
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "guid", {"isPermaLink": "false"}).text = entry.id
        for name, text in (("title", entry.title), ("link", entry.link), ("description", entry.description)):
            ET.SubElement(item, name).text = text
        if google:
            for name, text in _google(entry):
                ET.SubElement(item, f"g:{name}").text = text
            if about.shipping is not None:
                shipping = ET.SubElement(item, "g:shipping")
                ET.SubElement(shipping, "g:country").text = "VN"
                ET.SubElement(shipping, "g:price").text = money(about.shipping)
    document: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return document


def _google(entry: Entry) -> list[tuple[str, str]]:
    """Google's attributes beside the plain ones, without blanks; a name may come several times."""
    pairs = [
        ("id", entry.id),
        *(("image_link" if at == 0 else "additional_image_link", url)
          for at, url in enumerate(entry.images[: 1 + GOOGLE_IMAGES])),
        ("availability", "in_stock" if entry.in_stock else "out_of_stock"),
        ("price", money(entry.price)),
        ("condition", "new"),
        ("brand", entry.brand),
        ("gtin", entry.gtin),
        ("identifier_exists", "" if entry.gtin else "no"),
        ("item_group_id", entry.group),
        ("size", entry.size),
        ("unit_pricing_measure", entry.measure[0] if entry.measure else ""),
        ("unit_pricing_base_measure", entry.measure[1] if entry.measure else ""),
        ("google_product_category", entry.category),
        ("product_type", entry.product_type),
        ("shipping_weight", f"{entry.weight_g} g" if entry.weight_g else ""),
        *((f"custom_label_{at}", label) for at, label in enumerate(entry.labels)),
    ]  # fmt: skip
    return [(name, text) for name, text in pairs if text]


_GOOGLE_COLUMNS = (
    "id", "title", "description", "link", "image_link", "additional_image_link", "availability", "price", "condition",
    "brand", "gtin", "identifier_exists", "item_group_id", "size", "unit_pricing_measure", "unit_pricing_base_measure",
    "google_product_category", "product_type", "shipping_weight", "shipping", "custom_label_0", "custom_label_1",
)  # fmt: skip


def _google_rows(entries: Sequence[Entry], about: About) -> list[Sequence[str]]:
    shipping = "" if about.shipping is None else f"VN:::{money(about.shipping)}"
    rows: list[Sequence[str]] = [_GOOGLE_COLUMNS]
    for entry in entries:
        told = {**dict(_google(entry)), "title": entry.title, "description": entry.description, "link": entry.link}
        more = ",".join(entry.images[1 : 1 + GOOGLE_IMAGES])
        told |= {"additional_image_link": more, "shipping": shipping}
        rows.append([told.get(name, "") for name in _GOOGLE_COLUMNS])
    return rows


_META_COLUMNS = (
    "id", "title", "description", "availability", "condition", "price", "link", "image_link", "brand", "gtin",
    "additional_image_link", "item_group_id", "size", "google_product_category", "product_type", "custom_label_0",
    "custom_label_1",
)  # fmt: skip


def _meta_rows(entries: Sequence[Entry]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [_META_COLUMNS]
    for entry in entries:
        told = {**dict(_google(entry)), "title": entry.title, "description": entry.description, "link": entry.link}
        told |= {
            "availability": "in stock" if entry.in_stock else "out of stock",
            "additional_image_link": ",".join(entry.images[1 : 1 + META_IMAGES]),
        }
        rows.append([told.get(name, "") for name in _META_COLUMNS])
    return rows


def _table(rows: Sequence[Sequence[str]], *, delimiter: str, end: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue().encode()
