"""The pretend WooCommerce, by the fact sheet of 10.5.0."""

from hub.sandbox.config import SandboxConfig
from hub.sandbox.kit import World
from hub.sandbox.woocommerce.platform import WooCommerce

__all__ = ["WooCommerce", "woocommerce"]


def woocommerce(config: SandboxConfig, world: World) -> WooCommerce:
    """The sites of this sandbox."""
    return WooCommerce(config.woocommerce, world)
