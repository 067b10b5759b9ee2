"""What a pretend TikTok Shop is set up with. Every key and token is made up; switches stand for what nobody knows."""

from dataclasses import dataclass

SCOPES = (
    "seller.authorization.info", "seller.product.basic", "seller.product.write", "seller.product.delete",
    "seller.order.info", "seller.fulfillment.basic", "seller.logistics", "seller.finance.info",
    "seller.return_refund.basic", "seller.affiliate_collaboration.read", "data.shop_analytics.public.read",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TikTokApp:
    """An app of a service provider. ``redirect``: where sellers come back to, as registered in its console."""

    app_key: str
    app_secret: str
    service_id: str
    redirect: str = "http://127.0.0.1/oauth/tiktok_shop"
    hook_url: str = ""  # one address per app; a shop's own, by topic, wins
    scopes: tuple[str, ...] = SCOPES
    addresses: tuple[str, ...] = ()  # IP allow-list; empty: everybody


@dataclass(frozen=True, kw_only=True)
class TikTokSeller:
    """A seller's shop, authorised for ``app_key`` from the start when it has tokens."""

    shop_id: str
    name: str
    cipher: str
    app_key: str
    open_id: str = "7010736057180325637"
    access_token: str = ""
    refresh_token: str = ""
    warehouses: tuple[str, ...] = ("7068517275539719942",)
    development: bool = False  # a development shop: an hourly quota, no money
    region: str = "VN"


@dataclass(frozen=True, kw_only=True)
class TikTok:
    """The pretend platform. Seconds are of the world's clock."""

    apps: tuple[TikTokApp, ...] = ()
    shops: tuple[TikTokSeller, ...] = ()
    access_seconds: int = 7 * 86_400
    refresh_seconds: int = 365 * 86_400
    audit_seconds: int = 0  # how long a first audit or a re-audit takes; 0: at once
    hold_seconds: int = 0  # buyer's remorse before AWAITING_SHIPMENT; about an hour on the real platform
    new_products_a_day: int = 100
    calls_per_second: float = 0.0  # per shop and call; 0: endless (50 in the documents of 2025, unnamed since)
    calls_per_hour: int = 1000  # development shops only
    zero_stock: bool = True  # whether 0 is taken as a quantity: UNCONFIRMED for Vietnam
    fees_negative: bool = True  # statements show fees as negative numbers (samples) or positive ones (formulas)
    lenient_refresh: bool = False  # take grant_type=authorized_code on refresh, as one SDK sends it
    public_hooks_only: bool = False  # the real one wants https, a domain, no port; a sandbox lives on loopback
    shipping_fee: int = 0  # dong a buyer pays per order
