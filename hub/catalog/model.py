"""Nouns of the catalogue. Pure; fields and their Vietnamese labels: docs/data-model.md and the glossary."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from hub.types import Sku, Vnd

ProducerKind = Literal["HTX", "LHHTX", "THT", "DNNVV", "HKD", "TT", "HOI"]
Ground = Literal[
    "false_dossier", "criteria_not_kept", "law_violation", "mark_misuse", "production_stopped", "other_authority"
]


@dataclass(frozen=True, kw_only=True)
class Producer:
    """An OCOP subject. ``kyc`` says whether the seller's identity was verified (method only, never a paper)."""

    id: str
    name: str
    kind: ProducerKind
    code: str = ""  # the office's own code
    province_code: str = ""
    commune_code: str = ""
    commune: str = ""
    legacy_district: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    legal_rep: str = ""
    founded: int | None = None
    circular_chain: bool = False
    modern_channels: tuple[str, ...] = ()  # declared by the office's registry, not measured
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Product:
    """What a certificate names. Belongs to one producer; the same name at another producer is another product."""

    id: str
    producer_id: str
    name: str
    set_no: int | None  # 1-26; None: not told, asked about
    code: str = ""  # (province)-(commune)-(serial)-(year); never a key
    story: str = ""
    commune_code: str = ""
    commune: str = ""
    legacy_district: str = ""
    quality_certs: tuple[str, ...] = ()
    ip_rights: tuple[str, ...] = ()
    growing_area: str = ""
    trace_url: str = ""
    food_declaration: str = ""
    ad_confirmation: str = ""
    storage: str = ""
    ingredients: str = ""
    shelf_life_months: int | None = None
    honours: tuple[str, ...] = ()
    consolidated: str = ""  # the office's word: nâng hạng, đánh giá lại, củng cố
    note: str = ""
    active: bool = True
    reviewed_at: datetime | None = None  # G08: a person looked at it before its first publication


@dataclass(frozen=True, kw_only=True)
class Variant:
    """What has a price, a stock and a GTIN."""

    id: str
    product_id: str
    sku: Sku
    label: str = ""
    gtin: str = ""
    net_quantity: str = ""  # decimal text, "0.5"
    unit: str = ""  # g, kg, ml, l, cái ...
    pack: str = ""
    price: Vnd | None = None
    price_min: Vnd | None = None
    price_max: Vnd | None = None
    price_per: str = ""
    weight_g: int | None = None
    abv_pct: float | None = None
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Part:
    """A component of a set or gift box: ``quantity`` of ``component_id`` in one ``variant_id``."""

    variant_id: str
    component_id: str
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """One recognition of one product. Every row is kept for ever; dates are local dates."""

    id: str
    product_id: str
    stars: int
    decision_no: str
    decision_date: date
    expires_on: date
    issuer: str = ""
    certificate_no: str = ""
    regime: str = ""
    extended_until: date | None = None
    extension_doc: str = ""
    revoked_on: date | None = None
    revocation_doc: str = ""
    ground: str = ""


@dataclass(frozen=True, kw_only=True)
class Stock:
    """The standing of one variant. ``available`` = on_hand - reserved; ``buffer`` is kept back from channels."""

    variant_id: str
    on_hand: int
    reserved: int
    buffer: int = 0
    max_shown: int | None = None

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


MoveKind = Literal["declared", "corrected", "reserved", "released", "sold", "returned"]


class Move(NamedTuple):
    """One entry of the stock ledger; (ref, variant_id, kind) happens once. ``quantity`` >= 0 but for corrections.

    on_hand = declared + corrected - sold + returned; reserved = reserved - released - sold.
    """

    ref: str
    variant_id: str
    kind: MoveKind
    quantity: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """An image of a product by content digest (SHA-256 hex); ``source`` is the file or address it came from."""

    digest: str
    product_id: str
    position: int
    mime: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Sellable:
    """A product with all that decides whether and how it may be sold, as one snapshot for the planner."""

    product: Product
    producer: Producer
    variants: tuple[Variant, ...]
    certificates: tuple[Certificate, ...]
    stocks: tuple[Stock, ...]  # same order as variants
    pictures: tuple[Picture, ...]
    version: str  # differs whenever anything above but price and stock changed
