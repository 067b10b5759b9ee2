"""One account on every pretend platform: what an owner would type in or sign in with. For demo, chaos and benches.

Every key and token is made up; each is what :func:`demo_config` sets the sandbox up with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub.connectors.model import Tokens
from hub.sandbox.config import SandboxConfig, default_config
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.lazada.config import default_lazada
from hub.sandbox.storefront.config import StorefrontConfig, StorefrontShop
from hub.sandbox.tiki.config import TikiApp, TikiConfig, TikiShop
from hub.sandbox.tiktok_shop.config import TikTok, TikTokApp, TikTokSeller
from hub.sandbox.zalo.config import default_zalo
from hub.sync.connect import Wish

PARCEL = "20x15x10"
LONG = timedelta(hours=20)
STORE = StorefrontShop(
    key="htx-mot", name="Hợp tác xã Một", token="store-token-1", api_key="store-key-1", api_secret="store-secret-1",
    shipping_fee=25_000,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Account:
    """A shop on one pretend platform. ``path`` follows the sandbox's address; ``tokens``: (access, refresh)."""

    platform: str
    name: str
    channel_kind: str
    path: str
    remote_id: str = ""
    tokens: tuple[str, str] | None = field(default=None, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    values: Mapping[str, str] = field(default_factory=dict)

    def wish(self, address: str, now: datetime, producer_id: str | None, province: str = "") -> Wish:
        """How this account is connected to a hub."""
        pair = None
        if self.tokens is not None:
            access, refresh = self.tokens
            pair = Tokens(access=access, refresh=refresh, access_until=now + LONG, refresh_until=now + 20 * LONG)
            if self.platform == "shopee":
                pair = replace(pair, access_until=now + timedelta(hours=4))
        return Wish(
            platform=self.platform, base_url=address + self.path, channel_kind=self.channel_kind,
            producer_id=producer_id, name=self.name, remote_id=self.remote_id, province_code=province, tokens=pair,
            secrets=self.secrets, values=self.values,
        )  # fmt: skip


def demo_config() -> SandboxConfig:
    """Every pretend platform with at least one shop; three Shopee shops, four WooCommerce sites."""
    store = StorefrontConfig(shops=(STORE,), verify_token="verify-1")
    return replace(
        default_config(),
        lazada=default_lazada(),
        tiktok_shop=TikTok(
            apps=(TikTokApp(app_key="demo-tts-app", app_secret="demo-tts-secret-1", service_id="730000000001"),),
            shops=(
                TikTokSeller(shop_id="7494000000000000001", name="Gian hàng TikTok Shop", cipher="ROW_demo",
                             app_key="demo-tts-app", access_token="tts-access-1", refresh_token="tts-refresh-1"),
            ),
        ),
        tiki=TikiConfig(
            apps=(TikiApp(client_id="tiki-app-1", client_secret="tiki-secret-1"),),
            shops=(TikiShop(seller_id=55001, name="Gian hàng Tiki", client_id="tiki-app-1",
                            access_token="tiki-access-1", refresh_token="tiki-refresh-1"),),
        ),
        haravan=replace(store, page_cap=50), sapo=replace(store, page_cap=250), sapo_omni=replace(store, page_cap=250),
        facebook=FacebookConfig(pages=(
            FacebookPage(page_id="555000111", name="Trang Hợp tác xã Một", catalog_id="777000222",
                         user_token="EAAU-user-1", page_token="EAAP-page-1"),
        )),
        zalo=default_zalo(),
    )  # fmt: skip


def demo_accounts(config: SandboxConfig) -> tuple[Account, ...]:
    """One account of each platform beside Shopee and WooCommerce, in a fixed order."""
    lazada, tiktok, tiki = config.lazada.shops[0], config.tiktok_shop.shops[0], config.tiki.shops[0]
    page, oa = config.facebook.pages[0], config.zalo.accounts[0]
    keys = {"api_key": STORE.api_key, "api_secret": STORE.api_secret}
    return (
        Account(platform="lazada", name="Gian hàng Lazada", channel_kind="marketplace", path="/lazada/rest",
                remote_id=lazada.seller_id, tokens=(lazada.access_token, lazada.refresh_token),
                values={"package_cm": PARCEL}),
        Account(platform="tiktok_shop", name="Gian hàng TikTok Shop", channel_kind="social_shop", path="/tiktok_shop",
                remote_id=tiktok.shop_id, tokens=(tiktok.access_token, tiktok.refresh_token),
                values={"package_cm": PARCEL}),
        Account(platform="tiki", name="Gian hàng Tiki", channel_kind="marketplace", path="/tiki",
                remote_id=str(tiki.seller_id), tokens=(tiki.access_token, tiki.refresh_token),
                values={"package_cm": PARCEL}),
        Account(platform="haravan", name="Cửa hàng Haravan", channel_kind="own_site", path="/haravan",
                remote_id=STORE.key, secrets={"token": STORE.token}),
        Account(platform="sapo", name="Cửa hàng Sapo Web", channel_kind="own_site", path=f"/sapo/{STORE.key}",
                secrets=keys),
        Account(platform="sapo_omni", name="Cửa hàng Sapo Omnichannel", channel_kind="own_site",
                path=f"/sapo_omni/{STORE.key}", secrets=keys),
        Account(platform="facebook", name="Trang Facebook", channel_kind="social_shop", path="/facebook",
                remote_id=page.page_id, tokens=(page.page_token, page.user_token)),
        Account(platform="zalo", name="Zalo OA", channel_kind="social_shop", path="/zalo", remote_id=oa.oa_id,
                tokens=(oa.access_token, oa.refresh_token)),
    )  # fmt: skip


def app_keys(config: SandboxConfig) -> dict[str, Mapping[str, str]]:
    """Our own keys on each pretend platform: what an operator puts into ``[apps.<platform>]``."""
    shopee, lazada = config.shopee.apps[0], config.lazada.apps[0]
    tiktok, tiki, zalo = config.tiktok_shop.apps[0], config.tiki.apps[0], config.zalo.apps[0]
    store = config.haravan
    return {
        "shopee": {"partner_id": str(shopee.partner_id), "partner_key": shopee.partner_key,
                   "push_key": shopee.push_key},
        "lazada": {"app_key": lazada.app_key, "app_secret": lazada.app_secret},
        "tiktok_shop": {"app_key": tiktok.app_key, "app_secret": tiktok.app_secret, "service_id": tiktok.service_id},
        "tiki": {"client_id": tiki.client_id, "client_secret": tiki.client_secret},
        "haravan": {"client_id": store.client_id, "client_secret": store.client_secret,
                    "verify_token": store.verify_token},
        "facebook": {"app_id": config.facebook.app_id, "app_secret": config.facebook.app_secret},
        "zalo": {"app_id": zalo.app_id, "secret_key": zalo.secret_key, "oa_secret_key": zalo.oa_secret_key},
    }  # fmt: skip
