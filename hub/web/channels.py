"""How a channel is shown: its name and its colour, the same everywhere."""

from functools import cache

from hub import connectors
from hub.errors import HubError

_PLATFORMS = frozenset({"shopee", "tiktok", "lazada"})
_KINDS = frozenset({"own_site", "provincial_portal"})


def colour(platform: str, kind: str) -> str:
    """A ``ch-`` class of the stylesheet: marketplaces by platform, sites by kind."""
    if kind in _KINDS:
        return kind
    return platform if platform in _PLATFORMS else "other"


@cache
def platform_name(platform: str) -> str:
    """What the platform calls itself; its id when no connector knows it."""
    try:
        return connectors.load(platform).manifest.name
    except HubError:
        return platform
