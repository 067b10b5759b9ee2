"""Consent, codes and tokens (sheet 4). Tokens stand at the top level of the answer, numbers and texts mixed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.sandbox.lazada.config import LazadaApp, LazadaConfig, LazadaShop
from hub.sandbox.lazada.wire import Call, Json, Refusal

CODE_LIFE = timedelta(minutes=30)
ACCESS, REFRESH = (7, 30), (30, 180)
"""Days of the access token in Test and online, then of the refresh token. Another page says 14 in Test."""


@dataclass(kw_only=True)
class Grant:
    """A seller's consent for one app."""

    app_key: str
    seller_id: str
    access: str
    refresh: str
    access_until: datetime
    refresh_until: datetime
    warned: datetime | None = None
    spent: bool = False  # its refresh token was used (single use only)


@dataclass(kw_only=True)
class Authority:
    """Who may do what."""

    config: LazadaConfig
    now: Callable[[], datetime]
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)  # code -> (app, seller, until)
    made: int = 0

    def __post_init__(self) -> None:
        self.apps = {app.app_key: app for app in self.config.apps}
        self.sellers = {shop.seller_id: shop for shop in self.config.shops}
        for shop in self.config.shops:
            if shop.access_token:
                self._grant(self.apps[shop.app_key], shop, shop.access_token, shop.refresh_token)

    def _grant(
        self, app: LazadaApp, shop: LazadaShop, access: str, refresh: str, refresh_until: datetime | None = None
    ) -> Grant:
        now, place = self.now(), int(app.online)
        grant = Grant(
            app_key=app.app_key, seller_id=shop.seller_id, access=access, refresh=refresh,
            access_until=now + timedelta(days=(ACCESS[0], REFRESH[0])[place]),
            refresh_until=refresh_until or now + timedelta(days=(ACCESS[1], REFRESH[1])[place]),
        )  # fmt: skip
        self.grants.append(grant)
        return grant

    def holder(self, app_key: str, access: str) -> str:
        """The seller an access token stands for. Raises Refusal("IllegalAccessToken")."""
        now = self.now()
        for grant in self.grants:
            if grant.access == access and grant.app_key == app_key and grant.access_until > now:
                return grant.seller_id
        raise Refusal("IllegalAccessToken", "The specified access token is invalid or expired")

    def expire(self, seller_id: str) -> None:
        """All access tokens of a seller end now."""
        for grant in self.grants:
            if grant.seller_id == seller_id:
                grant.access_until = min(grant.access_until, self.now())

    def unlink(self, seller_id: str) -> None:
        """The seller took the consent back."""
        self.grants = [one for one in self.grants if one.seller_id != seller_id]

    def consent(self, app_key: str, seller_id: str) -> str:
        """A code that works once, for half an hour."""
        self.made += 1
        code = f"0_{app_key}_{self.made:08d}"
        self.codes[code] = (app_key, seller_id, self.now() + CODE_LIFE)
        return code

    def create(self, call: Call) -> Json:
        app_key, seller_id, until = self.codes.pop(call.need("code"), ("", "", self.now()))
        if app_key != call.args["app_key"] or until <= self.now():
            raise Refusal("InvalidCode", "Invalid authorization code")
        app, shop = self.apps[app_key], self.sellers[seller_id]
        return self._told(self._grant(app, shop, *self._pair()), "country_user_info", as_text=False)

    def refresh(self, call: Call) -> Json:
        """A new access token. The life of the refresh token is not renewed (switch: it is)."""
        given, now = call.need("refresh_token"), self.now()
        app = self.apps[call.args["app_key"]]
        if app.market:
            raise Refusal("AUTH_TYPE_UNSUPPORTED", "The authorization type is not supported")
        for old in self.grants:
            if old.refresh == given and old.app_key == app.app_key and old.refresh_until > now and not old.spent:
                old.spent = self.config.single_use_refresh
                until = None if self.config.refresh_renews else old.refresh_until
                grant = self._grant(app, self.sellers[old.seller_id], *self._pair(), refresh_until=until)
                return self._told(grant, "country_user_info_list", as_text=self.config.number_texts)
        raise Refusal("IllegalRefreshToken", "The specified refresh token is invalid or expired")

    def _pair(self) -> tuple[str, str]:
        self.made += 1
        return f"50000{self.made:08d}", f"50001{self.made:08d}"

    def _told(self, grant: Grant, name: str, *, as_text: bool) -> Json:
        shop, now = self.sellers[grant.seller_id], self.now()
        life = int((grant.access_until - now).total_seconds())
        rest = int((grant.refresh_until - now).total_seconds())
        user = {"country": "vn", "seller_id": shop.seller_id, "user_id": shop.seller_id, "short_code": shop.short_code}
        return {
            "access_token": grant.access, "refresh_token": grant.refresh, "country": "vn",
            "expires_in": str(life) if as_text else life, "refresh_expires_in": str(rest) if as_text else rest,
            "account": "shop@example.org", "account_platform": "seller_center", "account_id": "", name: [user],
        }  # fmt: skip
