"""The way in; apart from the package, because the configuration of all platforms holds this one's."""

from hub.sandbox.config import SandboxConfig
from hub.sandbox.facebook.platform import Facebook
from hub.sandbox.kit import World


def facebook(config: SandboxConfig, world: World) -> Facebook:
    """The platform of one sandbox."""
    return Facebook(config.facebook, world)
