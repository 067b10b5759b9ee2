"""What a pretend TikTok Shop remembers of a listing."""

from dataclasses import dataclass, field

from hub.sandbox.tiktok_shop.wire import Json


@dataclass(kw_only=True, slots=True)
class Unit:
    """One SKU of a product. ``stock``: quantity by warehouse."""

    id: str
    seller_sku: str
    price: int
    stock: dict[str, int]
    attributes: list[Json]
    committed: int = 0
    code: str = ""  # GTIN or the like
    external: str = ""  # external_sku_id
    floor: int = 0  # what a promotion holds: stock may not fall below

    @property
    def available(self) -> int:
        return sum(self.stock.values())


@dataclass(kw_only=True, slots=True)
class Product:
    """A listing: ``shown`` is what buyers see, ``wanted`` what the seller said last (they differ under audit)."""

    id: str
    status: str
    shown: Json
    wanted: Json
    units: list[Unit]
    created: int
    updated: int
    audit: str = "NONE"
    due: int | None = None  # when the audit ends
    reasons: list[str] = field(default_factory=list)
    promoted: bool = False

    def to_status(self, status: str, now: int) -> None:
        self.status, self.updated = status, now
