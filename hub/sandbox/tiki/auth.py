"""Tiki's OAuth 2 (sheet 2): consent, code, tokens. Refresh tokens rotate (an inference: Hydra does)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import unquote, urlencode

from hub.sandbox.tiki.config import TikiApp, TikiConfig

CODE_LIFE = timedelta(minutes=10)
SCOPES = ("offline", "product", "order", "inventory", "all")


class OAuthError(Exception):
    """RFC 6749 5.2 with Hydra's hint."""

    def __init__(self, status: int, error: str, hint: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.hint = status, error, hint

    def json(self) -> dict[str, object]:
        said: dict[str, object] = {"error": self.error, "error_description": self.hint or self.error}
        return said | {"error_hint": self.hint, "status_code": self.status}


@dataclass(kw_only=True)
class Grant:
    """What one token or code stands for. ``seller_id`` 0: the app itself (event queues)."""

    client_id: str
    seller_id: int
    scopes: frozenset[str]
    until: datetime
    redirect_uri: str = ""

    def covers(self, scope: str) -> bool:
        return not scope or scope in self.scopes or "all" in self.scopes


class Auth:
    """Codes and tokens of all apps."""

    def __init__(self, config: TikiConfig, now: datetime) -> None:
        self._config = config
        self._apps = {app.client_id: app for app in config.apps}
        self._numbers = count(1)
        self._codes: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self.access: dict[str, Grant] = {}
        for shop in config.shops:
            given = frozenset(SCOPES[:-1])
            until = now + timedelta(seconds=config.access_seconds)
            grant = Grant(client_id=shop.client_id, seller_id=shop.seller_id, scopes=given, until=until)
            if shop.access_token:
                self.access[shop.access_token] = grant
            if shop.refresh_token:
                self._refresh[shop.refresh_token] = grant

    def consent(self, query: Mapping[str, str], now: datetime) -> str:
        """The address the owner is sent back to. ``agree=no`` and ``seller`` stand for what the owner clicks."""
        app = self._apps.get(query.get("client_id", ""))
        redirect = query.get("redirect_uri", "")
        if app is None:
            raise OAuthError(401, "invalid_client", "The requested OAuth 2.0 Client does not exist.")
        if redirect != app.redirect_uri:
            raise OAuthError(400, "invalid_request", "redirect_uri does not match the registered one.")
        state = query.get("state", "")
        if len(state) < 8:
            raise OAuthError(400, "invalid_state", "The state is missing or has less than 8 characters.")
        if query.get("response_type") != "code":
            raise OAuthError(400, "unsupported_response_type")
        scopes = frozenset(query.get("scope", "").split())
        if not scopes <= set(SCOPES):
            raise OAuthError(400, "invalid_scope")
        if query.get("agree") == "no":
            refusal = {"error": "access_denied", "error_code": "403", "error_hint": "The owner refused."}
            return f"{redirect}?{urlencode(refusal | {'state': state})}"
        seller = int(
            query.get("seller") or next(s.seller_id for s in self._config.shops if s.client_id == app.client_id)
        )
        code = f"code-{next(self._numbers)}"
        self._codes[code] = Grant(
            client_id=app.client_id, seller_id=seller, scopes=scopes, until=now + CODE_LIFE, redirect_uri=redirect
        )
        return f"{redirect}?{urlencode({'code': code, 'scope': ' '.join(sorted(scopes)), 'state': state})}"

    def token(self, authorization: str, form: Mapping[str, str], now: datetime) -> dict[str, object]:
        """POST /sc/oauth2/token."""
        app = self._client(authorization, form)
        match form.get("grant_type"):
            case "authorization_code":
                grant = self._codes.pop(form.get("code", ""), None)
                if grant is None or grant.client_id != app.client_id or grant.until <= now:
                    raise OAuthError(400, "invalid_grant", "The code is unknown, used or too old.")
                if form.get("redirect_uri") != grant.redirect_uri:
                    raise OAuthError(400, "invalid_grant", "redirect_uri is not the one of the consent.")
                return self._issue(grant, now, refresh="offline" in grant.scopes)
            case "refresh_token":
                grant = self._refresh.pop(form.get("refresh_token", ""), None)
                if grant is None or grant.client_id != app.client_id:
                    raise OAuthError(400, "invalid_grant", "The refresh token is unknown or was used.")
                return self._issue(grant, now, refresh=True)
            case "client_credentials":
                scopes = frozenset(form.get("scope", "").split()) or frozenset(SCOPES[1:-1])
                own = Grant(client_id=app.client_id, seller_id=app.seller_id, scopes=scopes, until=now)
                return self._issue(own, now, refresh=False)
            case _:
                raise OAuthError(400, "unsupported_grant_type")

    def forget(self, token: str) -> None:
        """The token ends before its time."""
        self.access.pop(token, None)

    def who(self, authorization: str, now: datetime) -> Grant | None:
        grant = self.access.get(authorization.removeprefix("Bearer ")) if authorization.startswith("Bearer ") else None
        return grant if grant is not None and grant.until > now else None

    def _issue(self, grant: Grant, now: datetime, *, refresh: bool) -> dict[str, object]:
        until = now + timedelta(seconds=self._config.access_seconds)
        fresh = Grant(client_id=grant.client_id, seller_id=grant.seller_id, scopes=grant.scopes, until=until)
        number = next(self._numbers)
        self.access[f"acc.{number}"] = fresh
        said: dict[str, object] = {
            "access_token": f"acc.{number}",
            "expires_in": self._config.access_seconds,
            "scope": " ".join(sorted(grant.scopes)),
            "token_type": "bearer",
        }
        if refresh:
            self._refresh[f"ref.{number}"] = fresh
            said["refresh_token"] = f"ref.{number}"
        return said

    def _client(self, authorization: str, form: Mapping[str, str]) -> TikiApp:
        wrong = OAuthError(401, "invalid_client", "Client authentication failed.")
        if authorization.startswith("Basic "):
            try:
                name, _, secret = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise wrong from None
            name, secret, in_form = unquote(name), unquote(secret), False
        else:
            name, secret, in_form = form.get("client_id", ""), form.get("client_secret", ""), True
        app = self._apps.get(name)
        if app is None or app.client_secret != secret or app.secret_in_form != in_form:
            raise wrong
        return app
