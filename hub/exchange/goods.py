"""Records of the catalogue: producers, products, variants, sets, certificates, pictures, stock. Pure."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from hub.catalog.model import MoveKind, ProducerKind
from hub.exchange.base import Count, Id, Moment, Name, Price, Record, Ref, Short, Stars, Text, Whole


class Producer(Record):
    """An OCOP subject. Known by its code, else by its name."""

    id: Id
    name: Name
    kind: ProducerKind
    code: Annotated[Text, Field(max_length=40)] = ""
    province_code: Annotated[str, Field(max_length=2)] = ""
    commune_code: Annotated[str, Field(max_length=5)] = ""
    commune: Text = ""
    legacy_district: Text = ""
    address: Text = ""
    phone: Short = ""
    email: Text = ""
    legal_rep: Text = ""
    founded: Count | None = None
    circular_chain: bool = False
    modern_channels: tuple[Text, ...] = ()
    active: bool = True


class Product(Record):
    """What a certificate names. Known by its producer and its name."""

    id: Id
    producer: Ref
    name: Name
    set_no: Annotated[int, Field(ge=1, le=26)] | None = None
    code: Annotated[Text, Field(max_length=40)] = ""
    story: Text = ""
    commune_code: Annotated[str, Field(max_length=5)] = ""
    commune: Text = ""
    legacy_district: Text = ""
    quality_certs: tuple[Text, ...] = ()
    ip_rights: tuple[Text, ...] = ()
    growing_area: Text = ""
    trace_url: Text = ""
    food_declaration: Text = ""
    ad_confirmation: Text = ""
    storage: Text = ""
    ingredients: Text = ""
    shelf_life_months: Count | None = None
    honours: tuple[Text, ...] = ()
    consolidated: Text = ""
    note: Text = ""
    active: bool = True
    reviewed_at: Moment | None = None


class Variant(Record):
    """What has a price, a stock and a GTIN. Known by its SKU."""

    id: Id
    product: Ref
    sku: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[ -~]+$")]
    label: Text = ""
    gtin: Annotated[str, Field(max_length=14)] = ""
    net_quantity: Short = ""
    unit: Short = ""
    pack: Text = ""
    price: Price | None = None
    price_min: Price | None = None
    price_max: Price | None = None
    price_per: Text = ""
    weight_g: Count | None = None
    abv_pct: Annotated[float, Field(ge=0, le=100)] | None = None
    active: bool = True


class Component(Record):
    """``quantity`` pieces of a variant in one set."""

    variant: Ref
    quantity: Annotated[int, Field(ge=1, le=100_000)]


class GiftSet(Record):
    """A variant that is put together from others and shares their stock."""

    variant: Ref
    components: Annotated[tuple[Component, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> "GiftSet":
        named = [c.variant for c in self.components]
        if self.variant in named or len(set(named)) != len(named):
            raise PydanticCustomError("set_of_itself", "components must be different variants, not the set itself")
        return self


class Certificate(Record):
    """One recognition of one product; every one ever given is a record. Known by product, decision and day."""

    id: Id
    product: Ref
    stars: Stars
    decision_no: Name
    decision_date: date
    expires_on: date
    issuer: Text = ""
    certificate_no: Text = ""
    regime: Annotated[str, Field(max_length=10)] = ""
    extended_until: date | None = None
    extension_doc: Text = ""
    revoked_on: date | None = None
    revocation_doc: Text = ""
    ground: Annotated[str, Field(max_length=30)] = ""


class Picture(Record):
    """An image of a product by the digest (SHA-256) of its bytes, which travel apart from the document."""

    product: Ref
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    position: Count
    mime: Annotated[str, Field(max_length=40)]
    source: Text


class Move(Record):
    """One entry of the stock ledger that no order made. ``quantity`` is negative in corrections only."""

    ref: Name
    kind: MoveKind
    quantity: Whole
    at: Moment

    @model_validator(mode="after")
    def _ours(self) -> "Move":
        if self.ref.startswith("order:"):
            raise PydanticCustomError("order_move", "what orders moved comes with the orders")
        if self.quantity < 0 and self.kind not in ("declared", "corrected"):
            raise PydanticCustomError("greater_than_equal", "must not be negative", {"ge": 0})
        return self


class Stock(Record):
    """The stock ledger of a variant without what orders moved, and how much of it channels may show."""

    variant: Ref
    buffer: Count = 0
    max_shown: Count | None = None
    moves: tuple[Move, ...] = ()
