"""From the sandbox's set-up file to one pretend Shopee."""

from hub.sandbox.config import SandboxConfig
from hub.sandbox.config import Shopee as Settings
from hub.sandbox.kit import World
from hub.sandbox.shopee.app import Shopee
from hub.sandbox.shopee.config import ShopeeApp, ShopeeConfig, ShopeeShop


def shopee(config: SandboxConfig, world: World) -> Shopee:
    """The platform as ``[shopee]`` of the set-up describes it."""
    return Shopee(world, settings(config.shopee))


def settings(given: Settings) -> ShopeeConfig:
    """Same names, same meanings; what the file does not say keeps its default."""
    apps = tuple(
        ShopeeApp(
            partner_id=app.partner_id,
            partner_key=app.partner_key,
            push_key=app.push_key,
            push_url=app.push_url,
            redirect_domains=app.redirect_domains,
        )
        for app in given.apps
    )
    shops = tuple(
        ShopeeShop(
            shop_id=shop.shop_id,
            name=shop.name,
            partner_id=shop.partner_id,
            access_token=shop.access_token,
            refresh_token=shop.refresh_token,
            user_id=shop.user_id,
            authorised_days=shop.authorised_days,
        )
        for shop in given.shops
    )
    return ShopeeConfig(
        apps=apps,
        shops=shops,
        calls_per_second=given.calls_per_second,
        calls_per_day=given.calls_per_day,
        sign_error_status=given.sign_error_status,
        token_error_status=given.token_error_status,
        first_return_page=given.first_return_page,
        name_length=given.name_length,
        description_length=given.description_length,
        image_count=given.image_count,
        price_span=given.price_span,
        stock_span=given.stock_span,
    )
