"""Codes and tokens (sheet 2): codes live 30 minutes and work once, ends are absolute, a refresh spends its token."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.sandbox.tiktok_shop.config import TikTok, TikTokApp, TikTokSeller
from hub.sandbox.tiktok_shop.wire import Json, Refusal, bad

CODE_SECONDS = 30 * 60


@dataclass(kw_only=True, slots=True)
class Grant:
    """One seller's consent for one app. Access tokens of before a refresh live on until their end."""

    app: TikTokApp
    seller: TikTokSeller
    access: dict[str, int]  # token -> Unix seconds of its end
    refresh: str
    refresh_until: int
    scopes: tuple[str, ...]
    linked: bool = True


class Grants:
    """All consents of one pretend platform."""

    def __init__(self, config: TikTok, now: int) -> None:
        self.apps = {app.app_key: app for app in config.apps}
        self._config = config
        self._codes: dict[str, tuple[str, str, int]] = {}  # code -> (app key, shop id, end)
        self._made = 0
        self.grants: list[Grant] = []
        for seller in config.shops:
            if seller.access_token:
                self.grants.append(
                    Grant(
                        app=self.apps[seller.app_key], seller=seller, refresh=seller.refresh_token,
                        access={seller.access_token: now + config.access_seconds},
                        refresh_until=now + config.refresh_seconds, scopes=self.apps[seller.app_key].scopes,
                    )
                )  # fmt: skip

    def consent(self, app: TikTokApp, seller: TikTokSeller, now: int) -> str:
        """The seller says yes; an auth_code."""
        code = f"ROW_{self._next()}"
        self._codes[code] = (app.app_key, seller.shop_id, now + CODE_SECONDS)
        return code

    def by_access(self, token: str, now: int) -> Grant:
        for one in self.grants:
            if token in one.access and one.linked and one.access[token] > now:
                return one
        raise Refusal(105002, "access token is expired or invalid", 401)

    def expire(self, token: str, now: int) -> None:
        """A token ends before its time."""
        for one in self.grants:
            if token in one.access:
                one.access[token] = now

    def unlink(self, shop_id: str) -> list[TikTokApp]:
        """The seller takes every consent back."""
        gone = [one for one in self.grants if one.seller.shop_id == shop_id and one.linked]
        for one in gone:
            one.linked = False
        return [one.app for one in gone]

    def serve(self, call: str, query: Mapping[str, str], now: int) -> Json:
        """``GET /api/v2/token/get`` and ``refresh``: unsigned. Raises Refusal."""
        app = self.apps.get(query.get("app_key", ""))
        if app is None or query.get("app_secret") != app.app_secret:
            raise bad("app_key or app_secret is invalid")
        kind = query.get("grant_type")
        if call == "get":
            if kind != "authorized_code":
                raise bad("grant_type")
            return self._told(self._redeem(app, query.get("auth_code", ""), now), now)
        if kind != "refresh_token" and not (kind == "authorized_code" and self._config.lenient_refresh):
            raise bad("grant_type")
        return self._told(self._renew(app, query.get("refresh_token", ""), now), now)

    def _redeem(self, app: TikTokApp, code: str, now: int) -> Grant:
        held = self._codes.pop(code, None)
        if held is None or held[0] != app.app_key or held[2] <= now:
            raise Refusal(36004004, "auth code is invalid or used")
        seller = next(one for one in self._config.shops if one.shop_id == held[1])
        self.grants = [one for one in self.grants if (one.app, one.seller) != (app, seller)]
        grant = Grant(app=app, seller=seller, access={}, refresh="", refresh_until=0, scopes=app.scopes)
        self.grants.append(grant)
        return grant

    def _renew(self, app: TikTokApp, token: str, now: int) -> Grant:
        for one in self.grants:
            if one.app is app and one.refresh == token and one.linked:
                if one.refresh_until <= now:
                    raise Refusal(36004001, "refresh token is expired")
                return one
        raise Refusal(36004005, "can not find related auth record")

    def _told(self, grant: Grant, now: int) -> Json:
        access, grant.refresh = f"ROW_a{self._next()}", f"ROW_r{self._next()}"
        grant.access[access] = now + self._config.access_seconds
        grant.refresh_until = now + self._config.refresh_seconds
        return {
            "access_token": access, "access_token_expire_in": grant.access[access], "refresh_token": grant.refresh,
            "refresh_token_expire_in": grant.refresh_until, "open_id": grant.seller.open_id,
            "seller_name": grant.seller.name, "seller_base_region": grant.seller.region, "user_type": 0,
            "granted_scopes": list(grant.scopes),
        }  # fmt: skip

    def _next(self) -> str:
        self._made += 1
        return f"sandbox{self._made:08d}"
