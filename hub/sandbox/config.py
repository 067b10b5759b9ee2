"""What the pretend platforms are set up with: apps, keys, shops, tokens, limits, and what the sheets leave open.

``load_config`` reads a TOML file of the same shape as these classes; ``default_config`` is what demo and tests use.
Every key and token here is made up.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from hub.errors import Invalid
from hub.sandbox.facebook.config import FacebookConfig
from hub.sandbox.faults import Rates
from hub.sandbox.lazada.config import LazadaConfig
from hub.sandbox.storefront.config import StorefrontConfig
from hub.sandbox.tiki.config import TikiConfig
from hub.sandbox.tiktok_shop.config import TikTok
from hub.sandbox.zalo.config import Zalo

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class ShopeeApp:
    """A partner's app. ``push_key`` signs webhooks, the partner key where it is empty (sheet 13)."""

    partner_id: int
    partner_key: str
    push_key: str = ""
    push_url: str = ""  # the callback address, as registered; "": none
    redirect_domains: tuple[str, ...] = ("127.0.0.1", "localhost")


@dataclass(frozen=True, kw_only=True)
class ShopeeShop:
    """A seller's shop, authorised for ``partner_id`` from the start when it has tokens."""

    shop_id: int
    name: str
    partner_id: int
    access_token: str = ""
    refresh_token: str = ""
    user_id: int = 0
    authorised_days: int = 365


@dataclass(frozen=True, kw_only=True)
class Shopee:
    """The pretend Shopee. Switches stand for what the sheet marks unknown."""

    apps: tuple[ShopeeApp, ...] = ()
    shops: tuple[ShopeeShop, ...] = ()
    calls_per_second: float = 0.0  # per shop; 0: no limit. UNCONFIRMED, sheet 14
    calls_per_day: int = 0  # per app; 0: no limit
    sign_error_status: int = 403  # UNCONFIRMED, sheet 5
    token_error_status: int = 403
    first_return_page: int = 0  # UNCONFIRMED, sheet 10
    name_length: tuple[int, ...] = (10, 120)  # UNCONFIRMED, sheet 6.2, our own numbers as the next four
    description_length: tuple[int, ...] = (100, 3000)
    image_count: tuple[int, ...] = (1, 9)
    price_span: tuple[int, ...] = (1000, 120_000_000)
    stock_span: tuple[int, ...] = (0, 999_999)


@dataclass(frozen=True, kw_only=True)
class WooKey:
    """One REST key of a site; ``permissions`` is read, write or read_write."""

    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"


@dataclass(frozen=True, kw_only=True)
class WooShop:
    """One WordPress site with WooCommerce at ``/woocommerce/<key>``."""

    key: str
    name: str
    keys: tuple[WooKey, ...]
    pretend_https: bool = False  # PHP believes in TLS: Basic and query keys are read
    trust_forwarded_proto: bool = False  # "X-Forwarded-Proto: https" counts as TLS
    pretty_permalinks: bool = True
    decimals: int = 0  # price decimals of the site
    shipping_fee: int = 0  # dong a buyer pays per order
    image_sources: tuple[str, ...] = ("http://127.0.0.1", "http://localhost")  # what the site can download
    public_hooks_only: bool = False  # the real one refuses private addresses and odd ports; a sandbox lives on them
    calls_per_second: float = 0.0  # the hosting's patience; 0: endless


@dataclass(frozen=True, kw_only=True)
class Woo:
    """The pretend WooCommerce sites."""

    shops: tuple[WooShop, ...] = ()
    categories: tuple[str, ...] = ()  # made on every site beside "Uncategorized"
    version: str = "10.5.0"
    wordpress: str = "6.9.7"


@dataclass(frozen=True, kw_only=True)
class FaultConfig:
    """Trouble from the start; the control address can change it."""

    seed: int = 0
    rates: Rates = field(default_factory=Rates)


@dataclass(frozen=True, kw_only=True)
class SandboxConfig:
    """Everything one sandbox is set up with. ``deliver_every``: seconds between webhook rounds, 0: only when asked."""

    shopee: Shopee = field(default_factory=Shopee)
    woocommerce: Woo = field(default_factory=Woo)
    facebook: FacebookConfig = field(default_factory=FacebookConfig)
    zalo: Zalo = field(default_factory=Zalo)
    tiktok_shop: TikTok = field(default_factory=TikTok)
    tiki: TikiConfig = field(default_factory=TikiConfig)
    haravan: StorefrontConfig = field(default_factory=StorefrontConfig)
    sapo: StorefrontConfig = field(default_factory=StorefrontConfig)
    sapo_omni: StorefrontConfig = field(default_factory=StorefrontConfig)
    lazada: LazadaConfig = field(default_factory=LazadaConfig)
    faults: FaultConfig = field(default_factory=FaultConfig)
    deliver_every: float = 0.0


OCOP_SETS = (
    "Rau, củ, quả, hạt tươi",
    "Thịt, thủy sản, trứng, sữa tươi",
    "Gạo, ngũ cốc, hạt sơ chế khác",
    "Mật ong, mật khác và nông sản thực phẩm khác",
    "Đồ ăn nhanh",
    "Chế biến từ gạo, ngũ cốc",
    "Chế biến từ rau, củ, quả, hạt",
    "Chế biến từ thịt, thủy sản, trứng, sữa, mật ong và nông sản thực phẩm khác",
    "Tương, nước mắm, gia vị dạng lỏng khác",
    "Gia vị khác (muối, hành, tỏi, tiêu)",
    "Chè tươi, chè chế biến",
    "Sản phẩm trà từ thực vật khác",
    "Cà phê, ca cao",
    "Rượu trắng",
    "Đồ uống có cồn khác",
    "Nước khoáng thiên nhiên, nước uống đóng chai",
    "Đồ uống không cồn khác",
    "Thực phẩm chức năng, thuốc dược liệu, thuốc cổ truyền",
    "Mỹ phẩm có thành phần từ dược liệu",
    "Tinh dầu và dược liệu khác",
    "Thủ công mỹ nghệ gia dụng, trang trí",
    "Vải, may mặc",
    "Hoa",
    "Cây cảnh",
    "Động vật cảnh",
    "Dịch vụ du lịch cộng đồng, du lịch sinh thái và điểm du lịch",
)
"""Categories of a site set up for OCOP goods: the 26 product sets."""


def load_config(path: Path) -> SandboxConfig:
    """Read a TOML file. Raises Invalid naming the file and the key that is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid("sandbox_config_unreadable", file=str(path), detail=str(error)) from None
    try:
        return _build(SandboxConfig, table, "")
    except _Wrong as wrong:
        raise Invalid("sandbox_config_wrong", file=str(path), key=wrong.key) from None


class _Wrong(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _build(cls: type[T], table: object, where: str) -> T:
    if not isinstance(table, Mapping):
        raise _Wrong(where.rstrip("."))
    hints = get_type_hints(cls)
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]  # callers hand in dataclasses only
    for key in table:
        if key not in known:
            raise _Wrong(f"{where}{key}")
    for name, one in known.items():
        if one.default is MISSING and one.default_factory is MISSING and name not in table:
            raise _Wrong(f"{where}{name}")
    values = {key: _value(hints[key], value, f"{where}{key}") for key, value in table.items()}
    try:
        return cls(**values)
    except ValueError:
        raise _Wrong(where.rstrip(".")) from None


def _value(kind: Any, value: object, where: str) -> object:
    if is_dataclass(kind):
        return _build(kind, value, f"{where}.")  # type: ignore[arg-type]
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise _Wrong(where)
        return tuple(_value(get_args(kind)[0], one, f"{where}[{place}]") for place, one in enumerate(value))
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _Wrong(where)
    return value


def default_config() -> SandboxConfig:
    """Demo and tests: a Shopee app with three shops, three WooCommerce sites of which ``portal`` is a province's."""
    app = ShopeeApp(partner_id=1000001, partner_key="shpk-sandbox-key-1", push_key="shpk-sandbox-push-1")
    return SandboxConfig(
        shopee=Shopee(apps=(app,), shops=tuple(_shopee_shop(number, app) for number in (1, 2, 3))),
        woocommerce=Woo(
            categories=OCOP_SETS,
            shops=(
                _woo_shop("htx-mot", "Hợp tác xã Một", "a1", shipping_fee=25_000),
                _woo_shop("htx-hai", "Hợp tác xã Hai", "b2", pretend_https=True),
                _woo_shop("portal", "Sàn OCOP tỉnh", "c3", shipping_fee=30_000),
                _woo_shop("htx-ba", "Hợp tác xã Ba", "d4"),
            ),
        ),
    )


def _shopee_shop(number: int, app: ShopeeApp) -> ShopeeShop:
    return ShopeeShop(
        shop_id=600120 + number,
        name=f"Gian hàng Shopee {number}",
        partner_id=app.partner_id,
        access_token=f"sandbox-access-{number}",
        refresh_token=f"sandbox-refresh-{number}",
        user_id=700000 + number,
    )


def _woo_shop(key: str, name: str, pair: str, *, shipping_fee: int = 0, pretend_https: bool = False) -> WooShop:
    return WooShop(
        key=key,
        name=name,
        keys=(WooKey(consumer_key="ck_" + pair * 20, consumer_secret="cs_" + pair[::-1] * 20),),
        pretend_https=pretend_https,
        shipping_fee=shipping_fee,
    )
