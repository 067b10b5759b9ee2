"""Which of our pictures a shop's platform has, kept in the database: each is sent once per shop and content.

Fits the protocol ``Uploads`` of the connectors by shape; the two packages do not know each other.
"""

from collections.abc import Callable
from datetime import datetime

from hub.db import Db
from hub.shops import store


class DbUploads:
    """The uploads of one shop."""

    def __init__(self, db: Db, shop_id: str, now: Callable[[], datetime]) -> None:
        self._db = db
        self._shop_id = shop_id
        self._now = now

    async def known(self, digest: str) -> str | None:
        """The platform's id or address of the picture, None when it has not got it."""
        return await self._db.read(store.known_upload, self._shop_id, digest)

    async def keep(self, digest: str, remote: str) -> None:
        """Remember what the platform called it."""
        await self._db.write(store.keep_upload, self._shop_id, digest, remote, self._now())

    async def forget(self, digest: str) -> None:
        """The platform does not have it any more."""
        await self._db.write(store.forget_upload, self._shop_id, digest)
