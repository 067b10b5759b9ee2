"""What one pretend Lazada is made of: apps, sellers, limits, fees, and a switch for what the sheet leaves open.

Durations are seconds of the world's clock, amounts whole dong, rates basis points. Plain types only, so that a TOML
file of the same shape can fill it. UNCONFIRMED marks what no good source tells.
"""

from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class LazadaApp:
    """An app of the console. ``push_url``: the one callback address; "": none. ``callbacks``: registered beginnings."""

    app_key: str
    app_secret: str
    push_url: str = ""
    callbacks: tuple[str, ...] = ("http://127.0.0.1", "http://localhost", "https://hub.example.vn/")
    online: bool = True  # an app in Test has shorter tokens
    market: bool = False  # sold in the service market: refreshing is refused


@dataclass(frozen=True, kw_only=True)
class LazadaShop:
    """A seller, authorised for ``app_key`` from the start when there are tokens."""

    seller_id: str
    name: str
    app_key: str
    access_token: str = ""
    refresh_token: str = ""
    short_code: str = "VN1SAMPLE"
    verified: bool = True
    status: str = "ACTIVE"
    warehouses: tuple[str, ...] = ("dropshipping",)
    restricted: tuple[int, ...] = ()  # categories this seller may not sell in (4163)


@dataclass(frozen=True, kw_only=True)
class LazadaConfig:
    """The pretend platform."""

    apps: tuple[LazadaApp, ...] = ()
    shops: tuple[LazadaShop, ...] = ()
    calls_per_second: float = 0.0  # per app and call; 0: no limit (the figure is UNCONFIRMED)
    calls_per_day: int = 0  # per app; 0: no limit (10,000 in Test, 10,000,000 online)
    single_use_refresh: bool = False  # whether an old refresh token dies is UNCONFIRMED
    refresh_renews: bool = False  # the two pages disagree; False: the refresh token does not live longer
    number_texts: bool = True  # ids as numbers here, texts there, as real answers mix them
    item_limit: int = 0  # items per seller; 0: no limit
    review_seconds: int = 0  # quality check of new items; 0: none
    banned_categories: tuple[int, ...] = ()  # 512
    sensitive_words: tuple[str, ...] = ()  # 4131
    tax_inside: bool = False  # tax withheld inside the goods' row (WHT_amount), not rows of its own: UNCONFIRMED which
    label_inside: bool = False  # labels in the answer (Base64); False: at an address that is open for minutes
    check_pixels: bool = True
    masked: bool = True  # no security review yet: personal data is starred
    shipping_fee: int = 16_000
    commission_bp: int = 500
    payment_bp: int = 491
    vat_bp: int = 100
    pit_bp: int = 50


def default_lazada() -> LazadaConfig:
    """Demo and tests: one app, three sellers. Every key and token is made up."""
    app = LazadaApp(app_key="123456", app_secret="lzd-sandbox-secret-1")
    return LazadaConfig(
        apps=(app,),
        shops=tuple(
            LazadaShop(
                seller_id=f"20012345{number}", name=f"Gian hàng Lazada {number}", app_key=app.app_key,
                access_token=f"lzd-access-{number}", refresh_token=f"lzd-refresh-{number}",
            )
            for number in (1, 2, 3)
        ),
    )  # fmt: skip
