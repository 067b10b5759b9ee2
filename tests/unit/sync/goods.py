"""Products, rules and views for tests of the planner: made here, small, all with the same shape."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from hub.catalog.law import load as load_law
from hub.catalog.model import Certificate, Producer, Product, Sellable, Stock, Variant
from hub.connectors.model import Draft, ListedVariant, Listing, ListingState
from hub.shops.model import Shop
from hub.sync.draft import Wording, fingerprint, make_draft, price_key, stock_key
from hub.sync.model import Binding, BindingState, PushView
from hub.sync.plan import Ground, judge
from hub.sync.rulepack import RulePack, Span
from hub.types import RemoteId, Sku

TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
LAW = load_law()
WORDING = Wording(
    version=1,
    title=("{name} {net} {claim}", "{name}"),
    title_longer="{name} {net} - {producer} {claim}",
    claim="OCOP {stars} sao",
    description=("{name}", "Bảo quản: {storage}", "{story}"),
    description_claims=("Sản phẩm OCOP {stars} sao theo Quyết định số {decision_no} ngày {decision_date}.",),
)
RULES = RulePack(
    platform="shopee", version=1, ships=True, alcohol=False, title=Span(min=3, max=120),
    description=Span(min=0, max=3000), pictures=Span(min=0, max=9), price=Span(min=1000, max=120_000_000),
    price_ratio=5, price_step=1, variants_max=50, sku_max=99, forbidden=("zalo",),
    categories={number: f"c{number}" for number in range(1, 27)},
    attributes={},
)  # fmt: skip
GROUND = Ground(rules=RULES, wording=WORDING, law=LAW, picture_base="http://127.0.0.1/pictures", today=TODAY, now=NOW)
SHOP = Shop(
    id="s1", platform="shopee", name="Gian hàng", producer_id="p", channel_kind="marketplace",
    base_url="http://127.0.0.1",
)  # fmt: skip


def sellable(number: int = 1, *, stars: int = 3, expires: date = date(2027, 5, 1), **more: object) -> Sellable:
    """A product that may be sold and may claim, unless told otherwise."""
    product_id = f"prod{number}"
    product = Product(
        id=product_id, producer_id="p", name=f"Mắm cá linh {number}", set_no=9, food_declaration="01/MAM/2024",
        storage="Nơi khô ráo", shelf_life_months=12, reviewed_at=NOW, commune="Xã Mẫu",
    )  # fmt: skip
    variant = Variant(
        id=f"v{number}", product_id=product_id, sku=Sku(f"SKU{number}"), net_quantity="500", unit="g", pack="hũ",
        price=50_000,
    )  # fmt: skip
    certificate = Certificate(
        id=f"c{number}", product_id=product_id, stars=stars, decision_no="88/QĐ-UBND",
        decision_date=date(expires.year - 3, expires.month, expires.day), expires_on=expires, issuer="UBND tỉnh",
    )  # fmt: skip
    whole = Sellable(
        product=product,
        producer=Producer(id="p", name="Hợp tác xã Mẫu", kind="HTX", commune="Xã Mẫu"),
        variants=(variant,),
        certificates=(certificate,),
        stocks=(Stock(variant_id=variant.id, on_hand=10, reserved=0),),
        pictures=(),
        version=f"v{number}",
    )
    return replace(whole, **more)  # type: ignore[arg-type]


def view(*sellables: Sellable, bindings: Mapping[str, Binding] | None = None, shop: Shop = SHOP) -> PushView:
    return PushView(shop=shop, sellables=sellables, bindings=bindings or {})


def draft_of(s: Sellable, ground: Ground = GROUND) -> Draft:
    wanted = judge(s, SHOP.version, ground)
    return make_draft(
        s, certificate=wanted.certificate, rules=ground.rules, wording=ground.wording,
        category=ground.rules.categories[s.product.set_no or 0], picture_base=ground.picture_base,
    )  # fmt: skip


def bound(s: Sellable, ground: Ground = GROUND, **more: object) -> Binding:
    """What we know of this product's listing when everything was sent and confirmed."""
    wanted = judge(s, SHOP.version, ground)
    binding = Binding(
        shop_id=SHOP.id, product_id=s.product.id, state=BindingState.CONFIRMED, remote_id=RemoteId(f"r{s.product.id}"),
        variants=((s.variants[0].sku, RemoteId("0")),),
        content_key=f"{wanted.source}{fingerprint(draft_of(s, ground))}", price_key=price_key(s.variants),
        stock_key=stock_key(s), claims=wanted.certificate is not None, confirmed_at=NOW,
    )  # fmt: skip
    return replace(binding, **more)  # type: ignore[arg-type]


def listing_of(draft: Draft, **more: object) -> Listing:
    """What a faithful channel shows of a draft."""
    listing = Listing(
        remote_id=RemoteId("r1"), sku=draft.sku, state=ListingState.LIVE, title=draft.title,
        description=draft.description,
        variants=tuple(
            ListedVariant(remote_id=RemoteId("0"), sku=v.sku, price=v.price, stock=v.stock) for v in draft.variants
        ),
    )  # fmt: skip
    return replace(listing, **more)  # type: ignore[arg-type]
