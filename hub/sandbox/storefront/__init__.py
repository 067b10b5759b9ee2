"""The pretend Haravan, Sapo Web and Sapo Omnichannel: one store behind three ways of speaking (sheet haravan-sapo)."""

from hub.sandbox.storefront.config import StorefrontConfig, StorefrontShop
from hub.sandbox.storefront.platform import Storefront

__all__ = ["Storefront", "StorefrontConfig", "StorefrontShop"]
