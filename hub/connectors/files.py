"""A shop that is kept by sheets of people's hands: a portal without an API, or a marketplace account without access.

It has no abilities: what goes out is written by ``hub.sync.files`` as a workbook, what comes back is read from one. The
connector only makes such a shop a shop like any other, so that it can be listed, paused, and later upgraded to an API.
How each place writes its sheets is a profile (``config/profiles/<profile>.toml``), named by the shop's ``profile``.
Source: shared sheet of the Vietnamese portals, section 3, route 4 (2026-11-21): no portal documents an API.
"""

from typing import ClassVar

from hub.connectors.api import Dialect
from hub.connectors.base import OFFLINE, Connector, shop_key
from hub.connectors.manifest import read_manifest
from hub.connectors.model import Manifest, ShopCard
from hub.errors import Invalid


class Files(Connector):
    """One shop by files. ``values``: ``profile``, and ``account``, the shop's name where it stands."""

    manifest: ClassVar[Manifest] = read_manifest(__file__)
    dialect: ClassVar[Dialect] = OFFLINE

    async def check(self) -> ShopCard:
        """Names the shop without asking anybody. Raises Invalid("ask_missing") without a profile."""
        profile = self.shop.values.get("profile", "").strip()
        if not profile:
            raise Invalid("ask_missing", missing=["profile"])
        account = self.shop.values.get("account", "").strip()
        name = f"{profile}: {account}" if account else profile
        return ShopCard(remote_id=shop_key(profile, account), name=name, currency="VND", live=True)
