"""The ways in; apart from the package, because the configuration of all platforms holds this one's."""

from hub.sandbox.config import SandboxConfig
from hub.sandbox.kit import World
from hub.sandbox.storefront.dialect import Dialect, SapoWeb
from hub.sandbox.storefront.omni import SapoOmni
from hub.sandbox.storefront.platform import Storefront


def haravan(config: SandboxConfig, world: World) -> Storefront:
    """Haravan's stores: one address, told apart by the token."""
    return Storefront(config.haravan, world, Dialect())


def sapo(config: SandboxConfig, world: World) -> Storefront:
    """Stores of Sapo Web, each under its alias."""
    return Storefront(config.sapo, world, SapoWeb())


def sapo_omni(config: SandboxConfig, world: World) -> Storefront:
    """Stores of Sapo Omnichannel, each under its alias."""
    return Storefront(config.sapo_omni, world, SapoOmni())
