"""Consent, codes and token chains (sheet 1): every refresh token works once, and a lost answer ends the chain."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit, urlunsplit

from hub.clock import Clock
from hub.sandbox.zalo.config import Zalo, ZaloApp, ZaloOa

CODE_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=90)


class Refusal(Exception):
    """Said with HTTP 200 and a negative code. ``name``: only errors of the OAuth host have one."""

    def __init__(self, code: int, message: str, *, name: str = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.name = name


def invalid(field_name: str) -> Refusal:
    """A parameter that is missing or wrong."""
    return Refusal(-201, f"{field_name} is invalid!")


@dataclass(kw_only=True)
class Chain:
    """The tokens of one account for one app."""

    app: ZaloApp
    oa: ZaloOa
    access: str
    access_until: datetime
    refresh: str
    refresh_until: datetime
    spent: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Code:
    """An authorisation code that was not used yet."""

    app: ZaloApp
    oa: ZaloOa
    challenge: str
    until: datetime


class Authority:
    """Who may call for which account."""

    def __init__(self, config: Zalo, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._apps = {app.app_id: app for app in config.apps}
        self._codes: dict[str, Code] = {}
        self._made = 0
        self.chains: dict[tuple[str, str], Chain] = {}
        for oa in config.accounts:
            if oa.access_token:
                self._grant(self._apps[oa.app_id], oa, oa.access_token, oa.refresh_token)

    def _grant(self, app: ZaloApp, oa: ZaloOa, access: str, refresh: str) -> Chain:
        now = self._clock.now()
        before = self.chains.get((app.app_id, oa.oa_id))
        spent = before.spent | {before.refresh} if before else set()
        chain = Chain(
            app=app, oa=oa, access=access, access_until=now + timedelta(seconds=self._config.access_seconds),
            refresh=refresh, refresh_until=now + REFRESH_LIFE, spent=spent,
        )  # fmt: skip
        self.chains[app.app_id, oa.oa_id] = chain
        return chain

    def _fresh(self, kind: str) -> str:
        self._made += 1
        return base64.urlsafe_b64encode(hashlib.sha512(f"{kind} {self._made}".encode()).digest()).decode()[:80]

    # ---- the consent page ----------------------------------------------------------------------------------------

    def consent(self, query: Mapping[str, str]) -> str:
        """The address an agreeing admin is sent back to. ``oa_id`` in the query picks the account (our addition)."""
        app = self._apps.get(query.get("app_id", ""))
        if app is None:
            raise Refusal(-14002, "Invalid appId", name="Invalid appId")
        target = query.get("redirect_uri", "")
        if not target.startswith(app.redirects):
            raise Refusal(-14003, "", name="Invalid redirect uri")
        ours = [oa for oa in self._config.accounts if oa.app_id == app.app_id]
        new = [oa for oa in ours if (app.app_id, oa.oa_id) not in self.chains]
        picked = [oa for oa in ours if oa.oa_id == query.get("oa_id")] or new or ours
        code = self._fresh("code")
        self._codes[code] = Code(
            app=app, oa=picked[0], challenge=app.code_challenge or query.get("code_challenge", ""),
            until=self._clock.now() + CODE_LIFE,
        )  # fmt: skip
        told = {"code": code, "oa_id": picked[0].oa_id}
        told |= {"state": query["state"]} if "state" in query else {}
        where = urlsplit(target)
        return urlunsplit(where._replace(query="&".join(filter(None, (where.query, urlencode(told))))))

    # ---- tokens --------------------------------------------------------------------------------------------------

    def token(self, secret: str, form: Mapping[str, str]) -> dict[str, object]:
        """POST access_token: by code or by refresh token."""
        app = self._apps.get(form.get("app_id", ""))
        if app is None:
            raise Refusal(-14002, "Invalid appId", name="Invalid appId")
        if not hmac.compare_digest(secret.encode(), app.secret_key.encode()):
            raise Refusal(-14004, "", name="Invalid secret key")  # the number is unconfirmed
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(app, form)
            case "refresh_token":
                return self._by_refresh(app, form.get("refresh_token", ""))
            case _:
                raise Refusal(-14000, "grant_type", name="Invalid parameter")  # the number is unconfirmed

    def _by_code(self, app: ZaloApp, form: Mapping[str, str]) -> dict[str, object]:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.app is not app:
            raise Refusal(-14005, "", name="Invalid authorization code")
        if code.until <= self._clock.now():
            raise Refusal(-14019, "", name="Authorization code expired")
        verifier = form.get("code_verifier", "")
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if code.challenge and digest != code.challenge:
            raise Refusal(-14005, "code_verifier", name="Invalid authorization code")
        return self._told(self._grant(app, code.oa, self._fresh("access"), self._fresh("refresh")))

    def _by_refresh(self, app: ZaloApp, refresh: str) -> dict[str, object]:
        for chain in self.chains.values():
            if chain.app is app and chain.refresh == refresh:
                if chain.refresh_until <= self._clock.now():
                    raise Refusal(-14020, "", name="Refresh token expired")
                return self._told(self._grant(app, chain.oa, self._fresh("access"), self._fresh("refresh")))
        raise Refusal(-14014, "", name="Invalid refresh token")

    def _told(self, chain: Chain) -> dict[str, object]:
        seconds = self._config.access_seconds
        return {
            "access_token": chain.access,
            "refresh_token": chain.refresh,
            "expires_in": str(seconds) if self._config.expires_as_text else seconds,
        }

    def chain(self, token: str) -> Chain | None:
        """Whose access token this is, alive or not."""
        return next((chain for chain in self.chains.values() if token and chain.access == token), None)

    def who(self, token: str, proof: str, *, bad: int) -> Chain:
        """The caller. ``bad``: the code this host uses for a token it does not accept (-216, templates -124)."""
        chain = self.chain(token)
        if chain is None or chain.access_until <= self._clock.now():
            raise Refusal(bad, "Access token is invalid")
        if chain.app.needs_proof:
            right = hmac.new(chain.app.secret_key.encode(), token.encode(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(proof.encode(), right.encode()):
                raise Refusal(-242, "Invalid appsecret_proof provided in the API argument")  # number unconfirmed
        return chain
