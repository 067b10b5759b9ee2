"""Keeps one shop's credentials in the database, so that of all processes one at a time renews its tokens.

Platforms whose refresh token works once (Shopee) lose the shop when two renew at once, or when a renewed pair is used
before it is stored. So: take the shop's turn, look again, renew, store both tokens in one transaction, and only then
let anybody see them. One hole cannot be closed from here: a process that dies after the platform has answered and
before the pair is stored leaves a shop whose refresh token is used up; its owner must sign in again.

Fits the protocol ``CredentialKeeper`` of the connectors by shape; the two packages do not know each other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from hub.db import Db, Tx
from hub.errors import Unauthorised
from hub.shops import store
from hub.shops.store import ACCESS, REFRESH, StoredSecret
from hub.shops.vault import Vault

TURN = timedelta(seconds=60)
"""How long one renewal may take before another process takes over; longer than any connector's timeout."""
POLL = 0.15
"""Seconds between looks while another process renews."""


class TokenPair(Protocol):
    """Two tokens and when they end."""

    @property
    def access(self) -> str: ...
    @property
    def refresh(self) -> str: ...
    @property
    def access_until(self) -> datetime: ...
    @property
    def refresh_until(self) -> datetime | None: ...


class HasTokens(Protocol):
    """Credentials as far as the keeper must know them."""

    @property
    def tokens(self) -> TokenPair | None: ...


@dataclass(frozen=True, kw_only=True)
class OpenTokens:
    """A pair as it was stored, opened."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_until: datetime
    refresh_until: datetime | None


C = TypeVar("C", bound=HasTokens)


class DbKeeper(Generic[C]):
    """Credentials of one shop. ``build(secrets, tokens)`` makes the connector's own credentials of what is stored.

    ``app``: our own keys on that platform, mixed into the secrets. ``owner``: a name no other process or task has.
    """

    def __init__(
        self,
        *,
        db: Db,
        vault: Vault,
        shop_id: str,
        owner: str,
        app: Mapping[str, str],
        build: Callable[[Mapping[str, str], OpenTokens | None], C],
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._db = db
        self._vault = vault
        self._shop_id = shop_id
        self._owner = owner
        self._app = dict(app)
        self._build = build
        self._now = now
        self._sleep = sleep
        self._turns = 0
        self._running: set[asyncio.Task[C]] = set()

    async def current(self) -> C:
        """What is stored now. Raises Unavailable("key_lost") when the hub's keys do not open it."""
        return self._opened(await self._db.read(store.secrets_of, self._shop_id))

    async def refresh(self, seen: C, renew: Callable[[C], Awaitable[TokenPair]]) -> C:
        """Newer credentials than ``seen``: what somebody stored meanwhile, or ``renew``'s, stored before return.

        Raises what ``renew`` raises (the turn is given back), and Unauthorised when the shop was never signed in.
        """
        owner = self._fresh_owner()
        while True:
            took = await self._db.write(store.take_turn, self._shop_id, owner=owner, now=self._now(), lease=TURN)
            stored = await self.current()  # after the turn was taken, so nobody else changes it now
            if _access(stored) != _access(seen):
                if took:
                    await self._db.write(store.give_turn, self._shop_id, owner=owner)
                return stored
            if took:
                break
            await self._sleep(POLL)
        # a cancelled run must not throw away a pair that the platform has just handed out
        return await asyncio.shield(self._started(self._renew_and_store(stored, renew, owner)))

    async def _renew_and_store(self, stored: C, renew: Callable[[C], Awaitable[TokenPair]], owner: str) -> C:
        try:
            if stored.tokens is None:
                raise Unauthorised(missing=ACCESS)
            await self._db.write(self._store, await renew(stored), stored.tokens.access)
        finally:
            await self._db.write(store.give_turn, self._shop_id, owner=owner)
        return await self.current()

    def _started(self, work: Coroutine[Any, Any, C]) -> "asyncio.Task[C]":
        task = asyncio.ensure_future(work)
        self._running.add(task)  # the loop itself keeps no hold of a task
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[C]") -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen, whether or not anybody still waits for it

    async def settled(self) -> None:
        """Wait until renewals that outlived their callers have ended; their failures were their callers' to hear."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _fresh_owner(self) -> str:
        """Two tasks of one process must not share a turn, or both would renew."""
        self._turns += 1
        return f"{self._owner}/{id(self):x}.{self._turns}"

    def _store(self, tx: Tx, pair: TokenPair, renewed: str) -> None:
        """Both tokens or none, unless another pair took the place of the renewed one meanwhile: that one is newer.

        A turn that ran out does not matter: the pair in hand is the only one that still works.
        """
        texts = {one.key: self._vault.open(one.sealed) for one in store.secrets_of(tx, self._shop_id)}
        if texts.get(ACCESS) == renewed:
            store.put_secrets(tx, self._shop_id, sealed_pair(self._vault, pair), now=self._now())

    def _opened(self, stored: tuple[StoredSecret, ...]) -> C:
        texts = {one.key: self._vault.open(one.sealed) for one in stored}
        untils = {one.key: one.until for one in stored}
        access, until = texts.pop(ACCESS, None), untils.get(ACCESS)
        refresh = texts.pop(REFRESH, "")
        tokens = None
        if access is not None and until is not None:
            tokens = OpenTokens(access=access, refresh=refresh, access_until=until, refresh_until=untils.get(REFRESH))
        return self._build(self._app | texts, tokens)


def sealed_pair(vault: Vault, pair: TokenPair) -> tuple[StoredSecret, StoredSecret]:
    """A pair of tokens as the store takes it: for sign-in and for renewal."""
    return (
        StoredSecret(key=ACCESS, sealed=vault.seal(pair.access), until=pair.access_until),
        StoredSecret(key=REFRESH, sealed=vault.seal(pair.refresh), until=pair.refresh_until),
    )


def change_keys(tx: Tx, vault: Vault) -> int:
    """Seal everything anew with the newest key; how many secrets. All or nothing; Unavailable("key_lost")."""
    return store.replace_sealed(
        tx, [(shop_id, key, old, vault.rotate(old)) for shop_id, key, old in store.all_sealed(tx)]
    )


def _access(credentials: HasTokens) -> str | None:
    return None if credentials.tokens is None else credentials.tokens.access
