"""How platforms speak. One file each; this is the list.

Third parties add theirs by the entry point group ``ocop_hub.connectors`` (name = id, value = "module:Class").
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from hub.errors import Invalid

if TYPE_CHECKING:
    from hub.connectors.base import Connector

CONNECTORS: tuple[str, ...] = (
    "hub.connectors.feeds:Feeds",
    "hub.connectors.files:Files",
    "hub.connectors.shopee:Shopee",
    "hub.connectors.tiki:Tiki",
    "hub.connectors.tiktok_shop:TikTokShop",
    "hub.connectors.woocommerce:WooCommerce",
    "hub.connectors.lazada:Lazada",
    "hub.connectors.facebook:Facebook",
    "hub.connectors.haravan:Haravan",
    "hub.connectors.sapo:Sapo",
    "hub.connectors.sapo_omni:SapoOmni",
    "hub.connectors.zalo:Zalo",
)
"""Ours, as "module:Class"; the module's last name is the connector's id. Loaded when first asked for."""

GROUP = "ocop_hub.connectors"

ABILITIES: tuple[str, ...] = (
    "Publishes",
    "KeepsStock",
    "KeepsPrices",
    "ReadsBack",
    "TakesOrders",
    "ReportsMoney",
    "Fulfils",
    "Posts",
    "TakesPostsDown",
    "ReadsComments",
    "AnswersComments",
    "HearsComments",
    "SendsNotices",
    "ReportsLive",
    "Highlights",
    "HearsEvents",
    "KnowsCategories",
    "SignsIn",
)


@cache
def _places() -> Mapping[str, str]:
    """Connector id -> "module:Class"; ours win over others' of the same name."""
    others = {point.name: point.value for point in entry_points(group=GROUP)}
    ours = {place.partition(":")[0].rpartition(".")[2]: place for place in CONNECTORS}
    return others | ours


def all_ids() -> tuple[str, ...]:
    """Every connector known here, in order of its id."""
    return tuple(sorted(_places()))


def load(connector: str) -> "type[Connector]":
    """The class of a connector. Raises Invalid("connector_unknown") for an id nobody registered."""
    from hub.connectors.base import Connector  # the base needs this package to be importable first

    place = _places().get(connector)
    if place is None:
        raise Invalid("connector_unknown", connector=connector)
    module, _, name = place.partition(":")
    found = getattr(import_module(module), name)
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise Invalid("connector_wrong", connector=connector, place=place)
    return found


def abilities(connector: "type[Connector]") -> tuple[str, ...]:
    """The names of the protocols in ``base.py`` whose every method the class has."""
    from hub.connectors import base

    return tuple(name for name in ABILITIES if issubclass(connector, getattr(base, name)))
