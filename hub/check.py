"""What is wrong with this installation: numbered findings for ``ocop-hub check``.

``E`` must be mended, ``W`` should be looked at; numbers are never reused, so that a guide may speak of E007. The words
are those of the problem codes. Looks, and changes nothing: an absent SQLite file stays absent.
"""

import base64
import binascii
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import sqlalchemy as sa

from hub import migrate
from hub.clock import RealClock
from hub.config import Config
from hub.connectors.wire import public_address
from hub.db import Db, Tx
from hub.errors import HubError, Invalid, Unavailable
from hub.moving import progress_table
from hub.problems import PROBLEMS, Rendered, Severity, render
from hub.shops import store as shops
from hub.shops.vault import Vault

NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "config_missing": "E001",
        "config_broken": "E002",
        "config_wrong": "E003",
        "key_missing": "E004",
        "key_wrong": "E005",
        "key_weak": "E006",
        "key_lost": "E007",
        "keys_unreadable": "E008",
        "database_unreachable": "E009",
        "database_broken": "E010",
        "migration_behind": "E011",
        "migration_ahead": "E012",
        "data_dir_unwritable": "E013",
        "disk_full": "E014",
        "clock_off": "E015",
        "web_open": "E016",
        "web_plain": "E017",
        "schedule_wrong": "E018",
        "copy_unfinished": "E019",
        "shop_address_private": "E020",
        "disk_low": "W001",
        "keys_open": "W002",
        "app_secret_weak": "W003",
        "web_unreachable": "W004",
        "private_addresses_allowed": "W005",
        "database_busy": "W006",
    }
)

FULL_MB, LOW_MB = 50, 1000
CLOCK_SLACK = timedelta(seconds=60)
"""Platforms take five minutes; a minute leaves room for slow answers."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, ready to be said in a person's language."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def number(self) -> str:
        return NUMBERS[self.code]

    @property
    def severity(self) -> Severity:
        return PROBLEMS[self.code].severity

    def words(self, language: str) -> Rendered:
        return render(self.code, self.facts, language)


def findings(config: Config, db: Db | None = None, *, now: datetime | None = None) -> tuple[Finding, ...]:
    """Everything found, worst first. ``now``: this machine's own time, never a demo's. ``db``: one that is open."""
    now = RealClock().now() if now is None else now
    found = [*_keys(config), *_web(config), *_settings(config), *_folder(config.data_dir)]
    if db is not None:
        found.extend(_database(config, db, now))
    elif _absent(config):
        found.append(Finding(code="migration_behind", facts={"missing": len(migrate.steps())}))
    else:
        with closing(Db(config.database_url)) as opened:
            found.extend(_database(config, opened, now))
    return tuple(sorted(found, key=lambda one: one.number))


def of_error(error: HubError) -> Finding:
    """The finding of a failure that kept the settings from being read, or the database from being opened."""
    return Finding(code=error.code, facts=error.facts)


# ---- settings ----------------------------------------------------------------------------------------------------


def _keys(config: Config) -> Iterator[Finding]:
    try:
        keys = config.keys
        Vault(keys)
    except Unavailable as error:
        yield of_error(error)
        return
    if any(_weak_key(key) for key in keys):
        yield Finding(code="key_weak")
    file = config.keys_file
    if file is not None and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(code="keys_open", facts={"file": str(file)})


def _weak_key(key: str) -> bool:
    """32 bytes that no generator gives: few different ones, or readable text (chance of a mistake below 1e-12)."""
    try:
        raw = base64.urlsafe_b64decode(key)
    except (binascii.Error, ValueError):
        return True
    return len(set(raw)) < 16 or all(32 <= byte < 127 for byte in raw)


def _web(config: Config) -> Iterator[Finding]:
    web = config.web
    if not web.loopback and not web.public_url:
        yield Finding(code="web_open", facts={"bind": web.bind})
    elif not web.public_url:
        yield Finding(code="web_unreachable")
    elif web.public_url.startswith("http://") and not config.allow_private_addresses:
        yield Finding(code="web_plain", facts={"url": web.public_url})


def _settings(config: Config) -> Iterator[Finding]:
    from hub.sync.schedule import trigger  # the scheduler takes its time to load, and only check asks here

    for kind in config.schedules:
        cron = config.cron(kind)
        try:
            if cron is not None:
                trigger(cron)
        except Invalid:
            yield Finding(code="schedule_wrong", facts={"kind": kind, "cron": cron})
    if config.allow_private_addresses:
        yield Finding(code="private_addresses_allowed")
        return  # only sandboxes are spoken to: their keys are no secrets
    for platform in config.apps:
        for name, value in config.app(platform).items():
            if ("key" in name or "secret" in name) and _example(value):
                yield Finding(code="app_secret_weak", facts={"platform": platform, "name": name})


def _example(secret: str) -> bool:
    words = ("example", "sandbox", "secret", "change", "test", "your", "xxx")
    return len(secret) < 16 or len(set(secret)) < 6 or any(word in secret.casefold() for word in words)


# ---- machine -----------------------------------------------------------------------------------------------------


def _folder(folder: Path) -> Iterator[Finding]:
    present = folder
    while not present.exists() and present != present.parent:  # it is made when first needed
        present = present.parent
    try:
        if folder == present or folder.is_dir():
            with tempfile.NamedTemporaryFile(dir=folder):
                pass
        elif not os.access(present, os.W_OK):
            raise PermissionError
    except OSError as error:
        yield Finding(code="data_dir_unwritable", facts={"folder": str(folder), "reason": type(error).__name__})
        return
    free = shutil.disk_usage(present).free // 2**20
    if free < FULL_MB:
        yield Finding(code="disk_full")
    elif free < LOW_MB:
        yield Finding(code="disk_low", facts={"folder": str(folder), "free_mb": free})


# ---- database ----------------------------------------------------------------------------------------------------


def _absent(config: Config) -> bool:
    """A SQLite file that was never made."""
    name = sa.make_url(config.database_url).database
    return config.sqlite and name not in (None, "", ":memory:") and not Path(str(name)).exists()


def _database(config: Config, db: Db, now: datetime) -> Iterator[Finding]:
    try:
        if abs(off := _clock_off(db, now)) > CLOCK_SLACK:
            yield Finding(code="clock_off", facts={"seconds": round(abs(off).total_seconds())})
        if missing := migrate.pending(db):
            yield Finding(code="migration_behind", facts={"missing": len(missing)})
            return
        if db.read_now(_half_copied):
            yield Finding(code="copy_unfinished")
        if not config.allow_private_addresses:
            yield from _private_shops(db)
        yield from _sealed(config, db)
    except Unavailable as error:
        yield of_error(error)


def _clock_off(db: Db, now: datetime) -> timedelta:
    """How far our clock is from the server's; on SQLite how far the file was written in our future."""
    if not db.sqlite:
        theirs = db.read_now(_server_time)
        return theirs - now
    file = Path(str(db.url.database))
    if not file.exists():
        return timedelta(0)
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return max(written - now, timedelta(0))


def _server_time(tx: Tx) -> datetime:
    found: datetime = tx.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return found


def _half_copied(tx: Tx) -> bool:
    return sa.inspect(tx).has_table(progress_table.name)


def _private_shops(db: Db) -> Iterator[Finding]:
    """Shops whose address names our own network as it stands; what names lead to is looked up at each call."""
    hosts = {urlsplit(one.base_url).hostname or "" for one in db.read_now(shops.list_shops)}
    for host in sorted(hosts):
        if host == "localhost" or _inside(host):
            yield Finding(code="shop_address_private", facts={"host": host})


def _inside(host: str) -> bool:
    try:
        return not public_address(host)
    except ValueError:  # a name
        return False


def _sealed(config: Config, db: Db) -> Iterator[Finding]:
    """Shops whose secrets none of our keys opens."""
    try:
        vault = Vault(config.keys)
    except Unavailable:
        return  # said already
    lost: set[str] = set()
    for shop_id, _key, sealed in db.read_now(shops.all_sealed):
        try:
            vault.open(sealed)
        except Unavailable:
            lost.add(shop_id)
    if lost:
        yield Finding(code="key_lost", facts={"shops": len(lost)})
