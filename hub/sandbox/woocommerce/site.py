"""What one site holds: products, orders, terms, pictures, hooks; found by id and SKU without searching."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from hub.sandbox.config import WooShop
from hub.sandbox.kit import SoldOrder, World
from hub.sandbox.woocommerce.auth import Door
from hub.sandbox.woocommerce.wire import Json, Wrong, encode, stamps
from hub.types import fold

UNCATEGORISED = 15
"""The category every fresh WooCommerce has."""


@dataclass(kw_only=True, eq=False)
class Thing:
    """A product, variation, order or refund: its JSON as shown, encoded once per change."""

    id: int
    json: Json
    created: datetime
    modified: datetime
    encoded: bytes | None = None

    def touch(self, now: datetime) -> None:
        """Changed now; one-second resolution as in the database."""
        self.modified = now
        self.json.update(stamps("date_modified", now))
        self.encoded = None

    def bytes(self) -> bytes:
        if self.encoded is None:
            self.encoded = encode(self.json)
        return self.encoded


@dataclass(kw_only=True, eq=False)
class Product(Thing):
    """A product or a variation (``parent`` set). Texts are shown with paragraphs; ``raw`` keeps them as given."""

    parent: int = 0
    raw: dict[str, str] = field(default_factory=dict)
    children: list[int] = field(default_factory=list)
    sale_from: datetime | None = None
    sale_to: datetime | None = None
    held: int = 0  # units in checkouts that are not paid yet

    @property
    def status(self) -> str:
        return str(self.json["status"])


@dataclass(kw_only=True, eq=False)
class Order(Thing):
    """An order and what became of it. ``sold`` is the book's page, thrown away at each change."""

    reduced: bool = False  # stock was taken
    went_on: bool = False  # it once was processing or later
    refunds: list[Thing] = field(default_factory=list)
    completed_at: datetime | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    sold: SoldOrder | None = None

    @property
    def status(self) -> str:
        return str(self.json["status"])

    def touch(self, now: datetime) -> None:
        super().touch(now)
        self.sold = None


class Site:
    """One WordPress with WooCommerce. ``on_event(topic, id)`` hears what webhooks could tell."""

    def __init__(self, config: WooShop, world: World, categories: Iterable[str] = ()) -> None:
        self.config = config
        self.world = world
        self.home = f"{world.base_url}/woocommerce/{config.key}"
        self.door = Door(keys=config.keys)
        self.products: dict[int, Product] = {}
        self.variations: dict[int, Product] = {}
        self.orders: dict[int, Order] = {}
        self.by_sku: dict[str, int] = {}  # trash included, as in the look-up table
        self.slugs: dict[str, int] = {}
        self.terms: dict[str, dict[int, Json]] = {"categories": {}, "tags": {}, "brands": {}}
        self.attributes: dict[int, Json] = {}
        self.attribute_terms: dict[int, dict[int, Json]] = {}
        self.notes: dict[int, dict[int, Json]] = {}
        self.pictures: dict[int, Json] = {}
        self.downloads = 0  # pictures fetched by src, doubles included
        self.on_event: Callable[[str, int], None] = lambda topic, thing: None
        self._posts, self._terms, self._items, self._metas = count(10), count(16), count(1), count(1)
        self.terms["categories"][UNCATEGORISED] = term_json(UNCATEGORISED, "Uncategorized", "uncategorized")
        for name in categories:
            number = self.term_id()
            self.terms["categories"][number] = term_json(number, name, slugify(name))

    def now(self) -> datetime:
        return self.world.clock.now().replace(microsecond=0)

    def live_at(self, home: str) -> None:
        """The address the site is called by; permalinks follow."""
        if home != self.home:
            self.home = home
            for thing in (*self.products.values(), *self.variations.values()):
                thing.json["permalink"] = self.permalink(thing.json["slug"])
                thing.encoded = None

    def permalink(self, slug: str) -> str:
        return f"{self.home}/product/{slug}/"

    # ids: posts (products, orders, refunds, pictures) share one row of numbers, order lines another
    def post_id(self) -> int:
        return next(self._posts)

    def term_id(self) -> int:
        return next(self._terms)

    def item_id(self) -> int:
        return next(self._items)

    def sellable(self, thing_id: int) -> Product | None:
        return self.products.get(thing_id) or self.variations.get(thing_id)

    def by_its_sku(self, sku: str) -> Product | None:
        found = self.by_sku.get(sku)
        return self.sellable(found) if found is not None else None

    def free_slug(self, wanted: str, owner: int) -> str:
        """``wanted`` or ``wanted-2`` ..., taken for ``owner``."""
        base = slugify(wanted) or str(owner)
        slug, nth = base, 1
        while self.slugs.get(slug, owner) != owner:
            nth += 1
            slug = f"{base}-{nth}"
        self.slugs[slug] = owner
        return slug

    def take_picture(self, given: Json, now: datetime) -> Json:
        """An image of the media library by id, or downloaded by ``src`` (each time anew). Raises Wrong."""
        if given.get("id"):
            kept = self.pictures.get(int(given["id"]))
            if kept is None:
                text = f"#{given['id']} is an invalid image ID."
                raise Wrong("woocommerce_product_invalid_image_id", text, 400)
            picture = kept
        else:
            picture = self._download(str(given.get("src", "")), now)
        for name in ("name", "alt"):
            if isinstance(given.get(name), str):
                picture[name] = given[name]
        return picture

    def _download(self, src: str, now: datetime) -> Json:
        if not any(src.startswith(start) for start in self.config.image_sources):
            text = f"Error getting remote image {src}. Error: A valid URL was not provided."
            raise Wrong("woocommerce_product_image_upload_error", text, 400)
        self.downloads += 1
        number = self.post_id()
        name = src.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        picture = {"id": number, **stamps("date_created", now), **stamps("date_modified", now)}
        picture |= {"src": f"{self.home}/wp-content/uploads/{number}-{name}", "name": name, "alt": ""}
        self.pictures[number] = picture
        return picture

    def merge_meta(self, existing: list[Json], given: Iterable[Json]) -> list[Json]:
        """One entry per key, the last wins and keeps its id; a null takes the key away."""
        kept = {entry["key"]: entry for entry in existing}
        for entry in given:
            key = str(entry.get("key", ""))
            if entry.get("value") is None:
                kept.pop(key, None)
            elif key:
                old = kept.get(key)
                kept[key] = {"id": old["id"] if old else next(self._metas), "key": key, "value": entry["value"]}
        return list(kept.values())

    def hold(self, product: Product, units: int) -> None:
        """Keep units for a checkout that is not paid (negative: let go)."""
        product.held += units

    def change_stock(self, thing_id: int, by: int) -> None:
        """Take or put back units of a managed product; the parent of a variation counts as changed too."""
        product = self.sellable(thing_id)
        if product is None or product.json["stock_quantity"] is None:
            return
        product.json["stock_quantity"] += by
        settle_stock(product.json)
        self.changed(product)

    def changed(self, product: Product) -> None:
        now = self.now()
        product.touch(now)
        parent = self.products.get(product.parent)
        if parent is not None:
            parent.touch(now)
        self.on_event("product.updated", parent.id if parent is not None else product.id)

    def family(self, product: Product) -> Iterator[Product]:
        """The variations of a product."""
        return (self.variations[child] for child in product.children if child in self.variations)


def settle_stock(json: Json) -> None:
    """Stock status follows the quantity where stock is managed."""
    if json["manage_stock"]:
        backorders = json["backorders"] != "no"
        json["stock_status"] = (
            "instock" if json["stock_quantity"] > 0 else ("onbackorder" if backorders else "outofstock")
        )


def term_json(number: int, name: str, slug: str) -> Json:
    return {"id": number, "name": name, "slug": slug, "parent": 0, "description": "", "count": 0}


def slugify(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:200]


def paragraphs(text: str) -> str:
    """Text as pages show it [KNOWN]: blank lines part paragraphs, single breaks become ``<br />``."""
    text = re.sub(r"\r\n?", "\n", text).strip()
    if not text:
        return ""
    text = re.sub(rf"\s*(</?(?:{BLOCKS})\b[^>]*>)\s*", r"\n\n\1\n\n", text)
    shown: list[str] = []
    for part in re.split(r"\n\s*\n", text):
        part = part.strip()
        if part:
            broken = re.sub(r"(?<!<br />)[ \t]*\n", "<br />\n", part)
            shown.append(part if BLOCK.match(part) else f"<p>{broken}</p>")
    return _close("\n".join(shown))


BLOCKS = "p|ul|ol|li|div|h[1-6]|table|thead|tbody|tr|td|th|blockquote|section|figure|pre|hr"
BLOCK = re.compile(rf"</?(?:{BLOCKS})\b", re.I)


def _close(html: str) -> str:
    """Paragraphs that were there already keep their tags and are not wrapped again."""
    html = re.sub(r"<p([^>]*)>\s*<p>(.*?)</p>\s*</p>", r"<p\1>\2</p>", html, flags=re.S)
    html = re.sub(r"<(li|td|th|h[1-6]|div)([^>]*)>\s*<p>(.*?)</p>\s*</\1>", r"<\1\2>\3</\1>", html, flags=re.S)
    return html + "\n"
