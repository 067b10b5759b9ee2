"""Connecting a shop: the credentials are tried with the cheapest signed call before anything is saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hub import connectors
from hub.connectors.api import Api
from hub.connectors.base import (
    Connector,
    KeepsStock,
    Publishes,
    ReadsBack,
    ReadsComments,
    ReportsLive,
    ReportsMoney,
    SignsIn,
    TakesOrders,
)
from hub.connectors.model import Nothing, OAuthCode, ShopSettings, Tokens
from hub.connectors.wire import Credentials
from hub.db import Db, Tx, new_id
from hub.errors import Invalid
from hub.shops import store as shops
from hub.shops import takeover
from hub.shops.keeper import sealed_pair
from hub.shops.model import Shop
from hub.shops.store import SignIn, StoredSecret
from hub.shops.vault import Vault
from hub.sync import due
from hub.sync.model import Problem
from hub.sync.store.bindings import ask_about_withdrawn

STATE_LIFE = timedelta(minutes=15)

OpenApi = Callable[[type[Connector], ShopSettings, Credentials], Api]
"""A door to a platform with exactly these credentials, which are not stored yet."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A shop as its owner asks for it. ``secrets`` and ``tokens`` are in the clear here and sealed when stored."""

    platform: str
    base_url: str
    channel_kind: str
    producer_id: str | None
    name: str = ""
    remote_id: str = ""
    province_code: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    tokens: Tokens | None = field(default=None, repr=False)


async def connect_shop(
    db: Db, vault: Vault, open_api: OpenApi, kind: type[Connector], wish: Wish, crons: Mapping[str, str], now: datetime
) -> Shop:
    """Try, then store the shop, its sealed secrets and its schedules. Connecting again replaces the secrets.

    A shop by files that was promised to this platform (:func:`promise_takeover`) becomes it and keeps its id.

    Raises Invalid("ask_missing") for an unanswered ask, and whatever the platform says of the credentials.
    """
    missing = [ask.key for ask in kind.manifest.asks if ask.secret and not wish.secrets.get(ask.key)]
    if missing and wish.tokens is None:
        raise Invalid("ask_missing", missing=missing)
    settings = ShopSettings(shop_id="new", base_url=wish.base_url, remote_id=wish.remote_id, values=dict(wish.values))
    api = open_api(kind, settings, Credentials(secrets=wish.secrets, tokens=wish.tokens))
    card = await kind(api, settings).check()
    shop = Shop(
        id=new_id(),
        platform=kind.manifest.id,
        name=wish.name or card.name,
        producer_id=wish.producer_id,
        channel_kind=wish.channel_kind,
        base_url=wish.base_url,
        remote_id=wish.remote_id or card.remote_id,
        values={**wish.values, **card.values},
        province_code=wish.province_code,
        created_at=now,
    )
    return await db.write(_store, vault, kind, shop, wish, crons, now)


def _store(
    tx: Tx, vault: Vault, kind: type[Connector], shop: Shop, wish: Wish, crons: Mapping[str, str], now: datetime
) -> Shop:
    old = takeover.promised(tx, platform=shop.platform, producer_id=shop.producer_id, now=now)
    stored = shops.add_shop(tx, shop) if old is None else _taken_over(tx, old, shop)
    sealed = [StoredSecret(key=key, sealed=vault.seal(text)) for key, text in wish.secrets.items()]
    if wish.tokens is not None:
        sealed.extend(sealed_pair(vault, wish.tokens))
    shops.put_secrets(tx, stored.id, sealed, now=now)
    shops.set_state(tx, stored.id, "connected")
    due.set_schedules(tx, stored.id, {job: cron for job, cron in crons.items() if _can(kind, job)})
    due.begin_again(tx, stored.id)
    if _can(kind, "push"):
        due.request(tx, stored.id, "push", now)
    return replace(stored, state="connected")


NEEDS: Mapping[str, type] = {
    "push": Publishes, "gates": Publishes, "stock": KeepsStock, "pull": TakesOrders, "recount": TakesOrders,
    "money": ReportsMoney, "lives": ReportsLive, "readback": ReadsBack, "comments": ReadsComments,
}  # fmt: skip
"""Job -> the ability without which it has nothing to do: it is not scheduled then."""


def _can(kind: type[Connector], job: str) -> bool:
    """Nightly reading back also keeps a sign-in alive, where there is one, whatever else the platform can."""
    signed_in = job == "readback" and isinstance(kind.manifest.auth, OAuthCode)
    return signed_in or job not in NEEDS or issubclass(kind, NEEDS[job])


def promise_takeover(tx: Tx, shop: Shop, platform: str, now: datetime) -> None:
    """Note that ``shop``, kept by files until now, is the account of ``platform`` that is connected next.

    Raises Invalid for a shop that is not by files, or whose sheets are those of another platform.
    """
    if not isinstance(connectors.load(shop.platform).manifest.auth, Nothing):
        raise Invalid("takeover_not_by_files", shop=shop.name)
    profile = shop.values.get("profile", "")
    if profile in connectors.all_ids() and profile != platform:
        raise Invalid("takeover_of_another_place", shop=shop.name, profile=profile, platform=platform)
    takeover.promise(tx, shop.id, platform, now + STATE_LIFE)


def _taken_over(tx: Tx, old: Shop, wanted: Shop) -> Shop:
    """Reported listings are looked for by our SKU at the next push; those reported as taken down wait for a person."""
    ask_about_withdrawn(tx, old.id, Problem(code="listing_hidden_by_owner"))
    return takeover.take_over(tx, old, wanted)


def app_hook_secret(kind: type[Connector], app: Mapping[str, str]) -> str:
    """What a platform with one webhook address per app signs with; "" when the operator has set none of its keys."""
    return next((found for key in kind.manifest.hook_keys if (found := _hook_secret(app, key))), "")


def _hook_secret(app: Mapping[str, str], key: str) -> str:
    """One key's value; ``app_key:app_secret`` names several, joined by colons, where a signature needs them all."""
    values = [app.get(one, "") for one in key.split(":")]
    return ":".join(values) if all(values) else ""


async def begin_sign_in(
    db: Db, vault: Vault, kind: type[Connector], *, app: Mapping[str, str], base_url: str, redirect: str,
    producer_id: str | None, state: str, verifier: str, now: datetime,
) -> str:  # fmt: skip
    """The link the owner follows; its state works once, for a quarter of an hour. ``verifier``: fresh, for PKCE."""
    if not issubclass(kind, SignsIn):
        raise Invalid("no_sign_in", platform=kind.manifest.id)
    sealed = vault.seal(verifier) if _has_pkce(kind) else None
    wanted = SignIn(
        state=state, platform=kind.manifest.id, producer_id=producer_id, until=now + STATE_LIFE, verifier=sealed
    )
    await db.write(shops.begin_sign_in, wanted, now=now)
    known = {**app, "redirect": redirect, **({"code_verifier": verifier} if sealed is not None else {})}
    return kind.sign_in_url(base_url=base_url, app=known, redirect=redirect, state=state, now=now)


def _has_pkce(kind: type[Connector]) -> bool:
    return isinstance(kind.manifest.auth, OAuthCode) and kind.manifest.auth.pkce


async def end_sign_in(
    db: Db, vault: Vault, open_api: OpenApi, kind: type[Connector], *, app: Mapping[str, str], base_url: str,
    redirect: str, answer: Mapping[str, str], channel_kind: str, now: datetime,
) -> Wish:  # fmt: skip
    """Change what the owner came back with for tokens. Raises Denied for a state we never gave, used or too old.

    A shop we know keeps its name and what its owner once told us of it: signing in again asks for neither.
    """
    if not issubclass(kind, SignsIn):
        raise Invalid("no_sign_in", platform=kind.manifest.id)
    used = await db.write(shops.use_sign_in, answer.get("state", ""), platform=kind.manifest.id, now=now)
    settings = ShopSettings(shop_id="new", base_url=base_url, remote_id=answer.get("shop_id", ""))
    known = {**app, "redirect": redirect}
    if used.verifier is not None:
        known["code_verifier"] = vault.open(used.verifier)
    api = open_api(kind, settings, Credentials(secrets=known))
    remote_id, tokens = await kind.exchange(api, app=known, answer=answer)
    wish = Wish(
        platform=kind.manifest.id,
        base_url=base_url,
        channel_kind=channel_kind,
        producer_id=used.producer_id,
        remote_id=remote_id,
        tokens=tokens,
    )
    old = await db.read(_find, wish)
    if old is None:
        return wish
    return replace(
        wish, name=old.name, channel_kind=old.channel_kind, province_code=old.province_code, values=old.values
    )


def _find(tx: Tx, wish: Wish) -> Shop | None:
    return shops.find_shop(tx, platform=wish.platform, base_url=wish.base_url, remote_id=wish.remote_id)
