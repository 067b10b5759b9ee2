"""Composition root: the one place where real things are chosen. ``Config -> Hub``; nothing else is global."""

import asyncio
import inspect
import os
import secrets as randomness
import socket
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import structlog

from hub import connectors
from hub.catalog.law import Law
from hub.catalog.law import load as load_law
from hub.clock import Clock, RealClock, elapsed, today
from hub.config import SCHEDULES, Config, config_dir
from hub.connectors.api import Api, HttpTransport, NetworkGuard, Sample, make_transport, resolve
from hub.connectors.base import Connector, HearsEvents
from hub.connectors.model import OAuthCode, Pace, ShopSettings, Tokens
from hub.connectors.pace import SharedPacer
from hub.connectors.wire import Answer, CredentialKeeper, Credentials, Pacer, Request
from hub.db import Db
from hub.errors import Invalid, RemoteError, Unauthorised, Unreachable
from hub.shops import store as shops
from hub.shops.keeper import DbKeeper, OpenTokens
from hub.shops.model import Shop
from hub.shops.store import StoredSecret
from hub.shops.uploads import DbUploads
from hub.shops.vault import Vault
from hub.sync.connect import Wish, app_hook_secret, begin_sign_in, connect_shop, end_sign_in
from hub.sync.draft import Wording, parse_wording
from hub.sync.images import Shelf
from hub.sync.means import Line, Means
from hub.sync.model import Budget, JobKind, Lane, Patience
from hub.sync.plan import Ground
from hub.sync.posts import Template, parse_templates
from hub.sync.queue import Queue
from hub.sync.rulepack import RulePack
from hub.sync.rulepack import parse as parse_rules
from hub.web.house import House

log = structlog.get_logger("hub")

HOOK_SECRET = "webhook"
PICTURES = "/pictures"
"""Where the web serves pictures; platforms that fetch by address are given this."""


class Given:
    """Credentials that are tried before they are kept; never renewed."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    async def current(self) -> Credentials:
        return self._credentials

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        raise Unauthorised


class Remembering:
    """Reads a shop's credentials once for a run, not for each call. A pair renewed elsewhere shows in a refusal."""

    def __init__(self, inner: CredentialKeeper) -> None:
        self._inner = inner
        self._known: Credentials | None = None
        self._reading = asyncio.Lock()  # calls in parallel read once, too

    async def current(self) -> Credentials:
        async with self._reading:
            if self._known is None:
                self._known = await self._inner.current()
            return self._known

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        self._known = None
        self._known = await self._inner.refresh(seen, renew)
        return self._known


class Unpaced:
    """Never waits."""

    async def take(self, key: str, pace: Pace) -> None:
        return None


class Counting:
    """A transport that counts what one run sends."""

    def __init__(self, inner: HttpTransport) -> None:
        self._inner = inner
        self.count = 0

    async def send(self, request: Request, timeout: float) -> Answer:
        self.count += 1
        return await self._inner.send(request, timeout)

    async def close(self) -> None:
        """The process's transport outlives the run."""


@dataclass(kw_only=True)
class Hub:
    """Everything a process works with. Made by :func:`open_hub`."""

    config: Config
    db: Db
    clock: Clock
    queue: Queue
    transport: HttpTransport
    law: Law
    owner: str
    ask_inline: list[tuple[Lane, str, JobKind]] | None = None  # the demo drains asked work itself
    public_url: str = ""
    unpaced: bool = False  # the demo's clock jumps: calls per second mean nothing there
    _rules: dict[str, RulePack] = field(default_factory=dict)
    _hook_secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def home(self) -> str:
        """Where this hub is reached from outside, without a slash at the end."""
        return self.public_url or self.config.web.url

    @cached_property
    def vault(self) -> Vault:
        """Opens secrets. Raises Unavailable("key_missing") at first use, not at start."""
        return Vault(self.config.keys)

    @cached_property
    def wording(self) -> Wording:
        """How products become words."""
        return parse_wording(_toml(config_dir() / "listing.toml"))

    @cached_property
    def post_templates(self) -> Mapping[str, Template]:
        """How products and campaigns become posts."""
        return parse_templates(_toml(config_dir() / "posts.toml"))

    @cached_property
    def pacer(self) -> Pacer:
        """Pace shared by all processes through the database."""
        if self.unpaced:
            return Unpaced()

        async def reserve(key: str, rate: float, burst: int, n: int) -> float:
            return await self.db.write(shops.reserve_pace, key, now_seconds=elapsed_wall(), rate=rate, burst=burst, n=n)

        return SharedPacer(reserve, elapsed_wall)

    def rules(self, platform: str) -> RulePack:
        """The rule pack of a platform. Raises Invalid("rule_pack_missing")."""
        if platform not in self._rules:
            try:
                channel, categories = (_toml(_pack(part, platform)) for part in ("channels", "categories"))
            except FileNotFoundError as error:
                raise Invalid("rule_pack_missing", platform=platform) from error
            self._rules[platform] = parse_rules(platform, channel, categories)
        return self._rules[platform]

    def ground(self, shop: Shop) -> Ground:
        """What a plan for this shop stands on today."""
        return Ground(
            rules=self.rules(shop.platform),
            wording=self.wording,
            law=self.law,
            picture_base=f"{self.home}{PICTURES}/{shop.platform}",
            today=today(self.clock),
            now=self.clock.now(),
            posts=self.post_templates,
        )

    def means(self) -> Means:
        """What jobs work with."""
        budgets, patience = self.config.budgets, self.config.patience
        return Means(
            db=self.db,
            clock=self.clock,
            open_line=self.open_line,
            ground=self.ground,
            ask=self.ask,
            owner=self.owner,
            law=self.law,
            budget=Budget(calls=budgets.calls, seconds=budgets.seconds),
            patience=Patience(
                lease=timedelta(seconds=patience.lease),
                now=timedelta(seconds=patience.retry_now),
                bulk=timedelta(seconds=patience.retry_bulk),
                longest=timedelta(seconds=patience.retry_longest),
                webhooks=timedelta(seconds=patience.webhooks),
            ),
            subscribe=self.subscribe,
            seconds=elapsed,
        )

    async def ask(self, lane: Lane, shop_id: str, kind: JobKind) -> None:
        """Enqueue work, or note it where one caller drains it itself."""
        if self.ask_inline is None:
            await self.queue.ask(lane, shop_id, kind)
        elif (lane, shop_id, kind) not in self.ask_inline:
            self.ask_inline.append((lane, shop_id, kind))

    async def open_line(self, shop: Shop) -> Line:
        """A connector for one shop, with its own call counter."""
        kind = connectors.load(shop.platform)
        counting = Counting(self.transport)
        return Line(connector=self._connector(kind, shop, counting), calls=counting)

    def _connector(self, kind: type[Connector], shop: Shop, transport: Counting) -> Connector:
        settings = ShopSettings(
            shop_id=shop.id, base_url=shop.base_url, remote_id=shop.remote_id, values=dict(shop.values)
        )
        return kind(self.api(kind, settings, transport), settings)

    def api(self, kind: type[Connector], settings: ShopSettings, transport: Counting) -> Api:
        """The door to one shop's platform."""
        return Api(
            manifest=kind.manifest,
            dialect=kind.dialect,
            shop=settings,
            transport=transport,
            keeper=Remembering(self._keeper(kind, settings.shop_id)),
            pacer=self.pacer,
            now=self.clock.now,
            nonce=partial(randomness.token_hex, 20),
            on_sample=_note_sample,
            guard=NetworkGuard(allow_private=self.config.allow_private_addresses, resolve=resolve),
            paces=self._paces(kind.manifest.id, settings.shop_id),
            pictures=partial(self.picture, kind.manifest.id),
            uploads=DbUploads(self.db, settings.shop_id, self.clock.now),
        )

    def _paces(self, platform: str, shop_id: str) -> Sequence[tuple[str, Pace]] | None:
        """The operator's pace for a platform; None leaves it to the connector."""
        asked = self.config.paces.get(platform)
        if asked is None:
            return None
        pace = Pace(per_second=asked, burst=max(1, round(asked / 4)), source="settings")
        return ((f"{platform}/{shop_id}", pace),)

    def _keeper(self, kind: type[Connector], shop_id: str) -> DbKeeper[Credentials]:
        return DbKeeper(
            db=self.db,
            vault=self.vault,
            shop_id=shop_id,
            owner=self.owner,
            app=self.config.app(kind.manifest.id),
            build=_credentials,
            now=self.clock.now,
            sleep=asyncio.sleep,
        )

    def open_api(self, kind: type[Connector], settings: ShopSettings, credentials: Credentials) -> Api:
        """A door with credentials that are not stored yet: connecting a shop."""
        return Api(
            manifest=kind.manifest,
            dialect=kind.dialect,
            shop=settings,
            transport=self.transport,
            keeper=Given(credentials),
            pacer=self.pacer,
            now=self.clock.now,
            nonce=partial(randomness.token_hex, 20),
            on_sample=_note_sample,
            guard=NetworkGuard(allow_private=self.config.allow_private_addresses, resolve=resolve),
        )

    async def connect(self, wish: Wish) -> Shop:
        """Try a shop's credentials and keep them."""
        kind = connectors.load(wish.platform)
        crons = {k: c for k in SCHEDULES if (c := self.config.cron(k))}
        app = self.config.app(wish.platform)

        def door(kind: type[Connector], settings: ShopSettings, credentials: Credentials) -> Api:
            known = Credentials(secrets={**app, **credentials.secrets}, tokens=credentials.tokens)
            return self.open_api(kind, settings, known)

        shop = await connect_shop(self.db, self.vault, door, kind, wish, crons, self.clock.now())
        await self.subscribe(shop)
        return shop

    def _address(self, kind: type[Connector]) -> str:
        """Where a platform with one address for everybody answers: the settings' word, else the real one."""
        return self.config.platform_urls.get(kind.manifest.id, "") or kind.manifest.base_url

    async def sign_in_link(self, platform: str, producer_id: str | None) -> str:
        """The link a shop's owner follows to give us access; works once, for a quarter of an hour."""
        kind = connectors.load(platform)
        return await begin_sign_in(
            self.db,
            self.vault,
            kind,
            app=self.config.app(platform),
            base_url=self._address(kind),
            redirect=f"{self.home}/oauth/{platform}",
            producer_id=producer_id,
            state=randomness.token_urlsafe(24),
            verifier=randomness.token_urlsafe(48),
            now=self.clock.now(),
        )

    async def finish_sign_in(self, platform: str, answer: Mapping[str, str]) -> Shop:
        """The owner came back: change the code for tokens, try them, keep the shop."""
        kind = connectors.load(platform)
        wish = await end_sign_in(
            self.db,
            self.vault,
            self.open_api,
            kind,
            app=self.config.app(platform),
            base_url=self._address(kind),
            redirect=f"{self.home}/oauth/{platform}",
            answer=answer,
            channel_kind=kind.manifest.kind.value,
            now=self.clock.now(),
        )
        return await self.connect(wish)

    def house(self) -> House:
        """What the web works with."""
        return House(
            db=self.db,
            clock=self.clock,
            law=self.law,
            ask=self.ask,
            ground=self.ground,
            connect=self.connect,
            app_keys=self.config.app,
            hook_secret=self.hook_secret,
            finish_sign_in=self.finish_sign_in,
            picture=self.picture,
            pictures=self.config.data_dir / "pictures",
            public_url=self.home,
            language=self.config.language,
            platform_urls=dict(self.config.platform_urls),
            session_hours=self.config.web.session_hours,
        )

    async def hook_secret(self, shop: Shop) -> str:
        """The secret a shop's webhooks are signed with; "" when it has none of its own. Once made it stays.

        Some platforms sign with a key of the shop itself (Sapo its API secret): the manifest names it.
        """
        named = connectors.load(shop.platform).manifest.hook_keys or (HOOK_SECRET,)
        if shop.id not in self._hook_secrets:
            for one in await self.db.read(shops.secrets_of, shop.id):
                if one.key in named:
                    self._hook_secrets[shop.id] = self.vault.open(one.sealed)
        return self._hook_secrets.get(shop.id, "")

    async def subscribe(self, shop: Shop) -> None:
        """Make the platform tell us when something happens. Polling goes on whatever comes of it."""
        line = await self.open_line(shop)
        connector = line.connector
        if not isinstance(connector, HearsEvents):
            return
        base = f"{self.home}/hooks/{shop.platform}"
        if isinstance(connector.manifest.auth, OAuthCode):  # one address and one key for the whole app
            address, secret = base, app_hook_secret(type(connector), self.config.app(shop.platform))
        else:
            address, secret = f"{base}/{shop.id}", await self._own_hook_secret(shop)
        try:
            await connector.subscribe(address, secret)
        except RemoteError as error:
            log.warning("no_webhooks", shop=shop.id, code=error.code)

    async def _own_hook_secret(self, shop: Shop) -> str:
        """The shop's webhook secret, made when it has none."""
        secret = await self.hook_secret(shop)
        if not secret:
            secret = randomness.token_urlsafe(32)
            sealed = StoredSecret(key=HOOK_SECRET, sealed=self.vault.seal(secret))
            await self.db.write(shops.put_secrets, shop.id, [sealed], now=self.clock.now())
        return secret

    async def fetch(self, url: str) -> bytes:
        """A picture from an address somebody typed in; never from our own network. Raises RemoteError."""
        await NetworkGuard(allow_private=self.config.allow_private_addresses, resolve=resolve).check(url)
        answer = await self.transport.send(Request(method="GET", base_url=url, path=""), 30.0)
        if answer.status != 200:
            raise Unreachable(sent=False, status=answer.status, source=url)
        return answer.body

    @cached_property
    def _shelf(self) -> Shelf:
        return Shelf(folder=self.config.data_dir / "pictures", made=self.config.data_dir / "prepared")

    async def picture(self, platform: str, digest: str) -> bytes:
        """A picture as a platform wants it, made once. Raises Refused, and Invalid for an unknown platform."""
        return await asyncio.to_thread(self._shelf.get, digest, self.rules(platform).picture)


def _pack(part: str, platform: str) -> Path:
    """A rule pack or category map: ours, else the one that comes beside a third party's connector."""
    ours = config_dir() / part / f"{platform}.toml"
    if ours.exists() or platform not in connectors.all_ids():
        return ours
    return Path(inspect.getfile(connectors.load(platform))).parent / part / f"{platform}.toml"


def elapsed_wall() -> float:
    """Seconds for pacing: real time, shared by all processes of a machine and near enough between machines."""
    return RealClock().now().timestamp()


def _credentials(secrets: Mapping[str, str], tokens: OpenTokens | None) -> Credentials:
    if tokens is None:
        return Credentials(secrets=secrets)
    pair = Tokens(
        access=tokens.access,
        refresh=tokens.refresh,
        access_until=tokens.access_until,
        refresh_until=tokens.refresh_until,
    )
    return Credentials(secrets=secrets, tokens=pair)


def _note_sample(sample: Sample) -> None:
    log.warning("garbled", sample=repr(sample)[:2000])


def _toml(path: Path) -> Mapping[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


@asynccontextmanager
async def open_hub(config: Config, *, clock: Clock | None = None, public_url: str = "") -> AsyncIterator[Hub]:
    """A hub over ``config``, closed in order at the end."""
    db = Db(config.database_url)
    hub = Hub(
        config=config,
        db=db,
        clock=clock or RealClock(timedelta(seconds=config.clock_offset_seconds)),
        queue=Queue(db.url, slots={"now": config.lanes.now, "sales": config.lanes.sales, "bulk": config.lanes.bulk}),
        transport=make_transport(),
        law=load_law(),
        owner=f"{socket.gethostname()}:{os.getpid()}:{randomness.token_hex(4)}",
        public_url=public_url,
    )
    try:
        yield hub
    finally:
        await hub.queue.close()
        await hub.transport.close()
        db.close()
