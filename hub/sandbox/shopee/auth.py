"""Who may ask: signatures, consents, codes and tokens (sheet sections 3 and 4).

The signature code is this sandbox's own reading and is tested with the sheet's vectors.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.sandbox.shopee.config import ShopeeApp, ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.wire import Json, Refusal

DAY = 86_400


def sign(key: str, partner_id: str, path: str, timestamp: str, token: str = "", identity: str = "") -> str:
    """Lower-case hex HMAC-SHA256; the key is text even where it looks like hex. No token and identity: Public form.

    ``identity`` is the shop_id, merchant_id or user_id as it was sent; values are raw, before URL encoding.
    """
    base = f"{partner_id}{path}{timestamp}{token}{identity}"
    return hmac.digest(key.encode(), base.encode(), "sha256").hex()


def push_sign(key: str, callback_url: str, body: bytes) -> str:
    """What a push carries in ``Authorization``: over the registered address, a bar and the raw bytes."""
    return hmac.digest(key.encode(), callback_url.encode() + b"|" + body, "sha256").hex()


def same(expected: str, given: str) -> bool:
    """Compare without telling where they differ."""
    return hmac.compare_digest(expected.encode(), given.encode())


@dataclass(kw_only=True)
class Grant:
    """One shop's consent to one app, with its tokens: current and, for a short while, the one before."""

    shop: ShopeeShop
    partner_id: int
    granted_at: int
    ends_at: int
    access: dict[str, int] = field(default_factory=dict)  # token -> works until
    refresh: str = ""
    refresh_until: int = 0
    spent: dict[str, tuple[int, "Pair"]] = field(default_factory=dict)  # used refresh token -> when, what it gave
    linked: bool = True
    banned: bool = False
    told_soon: bool = False  # push 12 has said that it ends
    told_over: bool = False


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Tokens as handed out."""

    access: str
    refresh: str
    seconds: int


@dataclass(kw_only=True)
class Code:
    """A consent waiting to be changed into tokens, once."""

    partner_id: int
    shop_ids: tuple[int, ...]
    main_account_id: int
    issued_at: int


class Authority:
    """Keeps consents and tokens. ``now`` is Unix seconds of the world."""

    def __init__(self, config: ShopeeConfig, now: int) -> None:
        self._config = config
        self.apps = {app.partner_id: app for app in config.apps}
        self._shops = {shop.shop_id: shop for shop in config.shops}
        self._grants: dict[tuple[int, int], Grant] = {}
        self._codes: dict[str, Code] = {}
        self._count = 0
        for shop in config.shops:
            if shop.access_token and shop.partner_id:
                refresh = shop.refresh_token or _chain(shop.token_seed, shop.access_token)
                pair = Pair(access=shop.access_token, refresh=refresh, seconds=config.access_seconds)
                self._issue(self._grant(shop.partner_id, shop, now), pair, now)

    # -- consents

    def consent(self, app: ShopeeApp, shops: Sequence[ShopeeShop], main_account_id: int, now: int) -> str:
        """The seller said yes; the code works once, for ten minutes."""
        self._count += 1
        code = _chain(f"{app.partner_key}{shops[0].shop_id}", f"code{self._count}")[:32]
        self._codes[code] = Code(
            partner_id=app.partner_id,
            shop_ids=tuple(shop.shop_id for shop in shops),
            main_account_id=main_account_id,
            issued_at=now,
        )
        return code

    def withdraw(self, partner_id: int, shop_id: int) -> bool:
        """The seller took the consent back; False when there was none."""
        grant = self._grants.get((partner_id, shop_id))
        if grant is None or not grant.linked:
            return False
        grant.linked = False
        return True

    def linked(self, partner_id: int, now: int) -> list[Grant]:
        """Consents in force of an app, oldest first."""
        return [g for (p, _), g in self._grants.items() if p == partner_id and g.linked and g.ends_at > now]

    def ending(self, partner_id: int, before: int) -> list[Grant]:
        """Consents that end before a moment, or have ended."""
        return [g for (p, _), g in self._grants.items() if p == partner_id and g.linked and g.ends_at <= before]

    def grant(self, partner_id: int, shop_id: int) -> Grant | None:
        return self._grants.get((partner_id, shop_id))

    def pick(self, partner_id: int, shop_id: int | None) -> ShopeeShop:
        """Which shop gives its consent when nobody says: the first without one."""
        if shop_id is not None:
            if shop_id not in self._shops:
                raise Refusal("error_auth", "Invalid partner_id or shopid.")
            return self._shops[shop_id]
        free = (s for s in self._config.shops if (partner_id, s.shop_id) not in self._grants)
        return next(free, self._config.shops[0])

    def of_main_account(self, main_account_id: int) -> list[ShopeeShop]:
        return [s for s in self._config.shops if s.main_account_id == main_account_id]

    # -- tokens

    def redeem(self, partner_id: int, code: str, shop_id: int | None, main: int | None, now: int) -> Json:
        """``auth/token/get``: top-level answer. Raises Refusal."""
        found = self._codes.get(code)
        if found is None or found.partner_id != partner_id or now - found.issued_at > self._config.code_seconds:
            raise Refusal("invalid_code", "Invalid code, please have a check.")
        if shop_id is not None and shop_id not in found.shop_ids:
            raise Refusal("invalid_shop_id", "Invalid shop_id, please have a check.")
        if main is not None and main != found.main_account_id:
            raise Refusal("invalid_main_acount_id", "Invalid main_account_id, please have a check.")
        del self._codes[code]
        seed = self._shops[found.shop_ids[0]].token_seed
        pair = self._pair(seed, code)
        for each in found.shop_ids:
            self._issue(self._grant(partner_id, self._shops[each], now), pair, now)
        shops = [self._shops[each] for each in found.shop_ids]
        return _handed(pair) | {
            "shop_id_list": [shop.shop_id for shop in shops],
            "merchant_id_list": [],
            "user_id_list": [shop.user_id for shop in shops if shop.user_id],
        }

    def refresh(self, partner_id: int, token: str, shop_id: int, now: int) -> Json:
        """``auth/access_token/get``: single use per shop; the access token before works a little longer."""
        grant = self._usable(partner_id, shop_id, now)
        if token in grant.spent:
            when, pair = grant.spent[token]
            if now - when < self._config.refresh_repeat_seconds:
                return _handed(pair) | {"partner_id": partner_id, "shop_id": shop_id}
        if not same(grant.refresh, token):
            raise Refusal("error_shop_refresh_token", "Invalid refresh_token, please have a check.")
        if now >= grant.refresh_until:
            raise Refusal("refresh_token_expired", "Your refresh_token expired.")
        pair = self._pair(f"{grant.shop.token_seed}{shop_id}", token)
        grant.spent[token] = (now, pair)
        if len(grant.spent) > 500:
            del grant.spent[next(iter(grant.spent))]
        self._issue(grant, pair, now)
        return _handed(pair) | {"partner_id": partner_id, "shop_id": shop_id}

    def admit(self, partner_id: int, shop_id: int, token: str, now: int) -> Grant:
        """The consent this access token stands for. Raises Refusal with the code the platform uses."""
        if shop_id not in self._shops:
            raise Refusal("error_auth", "Invalid partner_id or shopid.")
        grant = self._usable(partner_id, shop_id, now)
        until = grant.access.get(token)
        if until is None:
            raise Refusal("invalid_acceess_token", "Invalid access_token, please have a check.")
        if now >= until:
            raise Refusal("error_auth", "Invalid access_token.")
        return grant

    def expire(self, shop_id: int, now: int) -> None:
        """Fault: every access token of the shop stops working now; refreshing still helps."""
        for (_, each), grant in self._grants.items():
            if each == shop_id:
                grant.access = {token: min(until, now) for token, until in grant.access.items()}

    def _usable(self, partner_id: int, shop_id: int, now: int) -> Grant:
        grant = self._grants.get((partner_id, shop_id))
        if grant is None or not grant.linked:
            raise Refusal("shop_no_linked", "The shop is not linked to this partner.")
        if now >= grant.ends_at:
            raise Refusal("shop_access_expired", "The authorization of the shop has expired.")
        if grant.banned:
            raise Refusal("shop_banned", "The shop is banned.")
        return grant

    def _grant(self, partner_id: int, shop: ShopeeShop, now: int) -> Grant:
        """A fresh consent; it replaces the one before and its tokens."""
        ends = now + shop.authorised_days * DAY
        grant = Grant(shop=shop, partner_id=partner_id, granted_at=now, ends_at=ends)
        self._grants[partner_id, shop.shop_id] = grant
        return grant

    def _issue(self, grant: Grant, pair: Pair, now: int) -> None:
        grace = now + self._config.grace_seconds
        grant.access = {token: min(until, grace) for token, until in grant.access.items() if until > now - DAY}
        grant.access[pair.access] = now + pair.seconds
        grant.refresh = pair.refresh
        grant.refresh_until = now + self._config.refresh_seconds

    def _pair(self, seed: str, before: str) -> Pair:
        """The next link of the chain: what comes after ``before`` is always the same."""
        refresh = _chain(seed, f"refresh{before}")
        return Pair(access=_chain(seed, f"access{before}"), refresh=refresh, seconds=self._config.access_seconds)


def _chain(seed: str, link: str) -> str:
    return hashlib.sha256(f"{seed}|{link}".encode()).hexdigest()


def _handed(pair: Pair) -> Json:
    return {"access_token": pair.access, "refresh_token": pair.refresh, "expire_in": pair.seconds}
