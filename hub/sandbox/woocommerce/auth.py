"""Who may call: OAuth 1.0a one-legged over HTTP, Basic or query keys over HTTPS. Our own reading of sheet 1. Pure.

Errors are those of the sheet, all 401. Whatever is no attempt to sign in at all goes on as a stranger, whom the
permission check of the route turns away.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from hub.sandbox.config import WooKey
from hub.sandbox.woocommerce.wire import Wrong

WINDOW = 15 * 60
"""Seconds a signature's time may lie off, both ways; a nonce is remembered that long."""

OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
METHODS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}
READS = ("GET", "HEAD")


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What one request brings to the door. ``address``: scheme, host and path as the site knows itself, no query."""

    method: str
    address: str
    secure: bool  # what PHP's is_ssl() says
    query: Sequence[tuple[str, str]]  # decoded, blanks kept
    authorization: str = ""


@dataclass(kw_only=True)
class Door:
    """The keys of one site and the nonces seen lately."""

    keys: Sequence[WooKey]
    nonces: dict[tuple[str, str], int] = field(default_factory=dict)  # (consumer key, nonce) -> its timestamp

    def enter(self, attempt: Attempt, now: int) -> WooKey | None:
        """The key that signed, None for a stranger. Raises Wrong as the platform does."""
        key = self._by_keys(attempt) if attempt.secure else None
        if key is None:
            key = self._by_signature(attempt, now)
        if key is not None:
            _may(key, attempt.method)
        return key

    def _find(self, consumer_key: str) -> WooKey | None:
        return next((key for key in self.keys if hmac.compare_digest(key.consumer_key, consumer_key)), None)

    def _by_keys(self, attempt: Attempt) -> WooKey | None:
        given = dict(attempt.query)
        name, secret = given.get("consumer_key", ""), given.get("consumer_secret", "")
        if not (name and secret):
            name, secret = basic(attempt.authorization)
        key = self._find(name) if name and secret else None
        if key is not None and not hmac.compare_digest(key.consumer_secret, secret):
            raise _refused("Consumer secret is invalid.")
        return key

    def _by_signature(self, attempt: Attempt, now: int) -> WooKey | None:
        given = dict(attempt.query)
        missing = [name for name in OAUTH if not given.get(name)]
        if len(missing) == len(OAUTH):
            return None
        if missing:
            text = f"Missing OAuth parameter{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            raise Wrong("woocommerce_rest_authentication_missing_parameter", text, 401)
        key = self._find(given["oauth_consumer_key"])
        if key is None:
            raise _refused("Consumer key is invalid.")
        self._check_signature(attempt, given, key)
        self._check_moment(given, now)
        return key

    def _check_signature(self, attempt: Attempt, given: dict[str, str], key: WooKey) -> None:
        method = given["oauth_signature_method"]
        if method not in METHODS:
            raise _refused("Invalid signature - signature method is invalid.")
        pairs = [pair for pair in attempt.query if pair[0] != "oauth_signature"]
        right = sign(attempt.method, attempt.address, pairs, key.consumer_secret, method)
        if not hmac.compare_digest(right.encode(), given["oauth_signature"].encode()):
            raise _refused("Invalid signature - provided signature does not match.")

    def _check_moment(self, given: dict[str, str], now: int) -> None:
        stamp = int(given["oauth_timestamp"]) if given["oauth_timestamp"].isdecimal() else 0
        if abs(now - stamp) > WINDOW:
            raise _refused("Invalid timestamp.")
        mark = (given["oauth_consumer_key"], given["oauth_nonce"])
        if mark in self.nonces:
            raise _refused("Invalid nonce - nonce has already been used.")
        self.nonces[mark] = stamp
        if len(self.nonces) > 4096:
            self.nonces = {seen: at for seen, at in self.nonces.items() if at >= now - WINDOW}


def sign(method: str, address: str, pairs: Iterable[tuple[str, str]], secret: str, algorithm: str) -> str:
    """base64(HMAC(``secret&``, METHOD & pct(address) & pct(sorted pairs))); vectors in sheet 1."""
    encoded = sorted((_pct(key), _pct(value)) for key, value in number_brackets(pairs))
    text = "&".join((method.upper(), _pct(address), _pct("&".join(f"{key}={value}" for key, value in encoded))))
    mac = hmac.new(f"{secret}&".encode(), text.encode(), getattr(hashlib, METHODS[algorithm]))
    return base64.b64encode(mac.digest()).decode()


def number_brackets(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """PHP gives ``status[]`` an index before anybody signs: ``status[0]``, ``status[1]`` ..."""
    seen: dict[str, int] = {}
    numbered = []
    for key, value in pairs:
        if key.endswith("[]"):
            seen[key] = seen.get(key, -1) + 1
            key = f"{key[:-2]}[{seen[key]}]"
        numbered.append((key, value))
    return numbered


def php_query(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query as PHP has it: of a name that is said twice the last value counts, for the signature too.

    PyPI ``WooCommerce`` 3.0.0 over HTTP repeats every parameter behind its signature; the real site takes it.
    """
    return list(dict(number_brackets(pairs)).items())


def basic(header: str) -> tuple[str, str]:
    """User and password of a Basic header; two blanks when it is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret


def _may(key: WooKey, method: str) -> None:
    wanted = "read" if method in READS else "write"
    if method != "OPTIONS" and wanted not in key.permissions.split("_"):
        raise _refused(f"The API key provided does not have {wanted} permissions.")


def _pct(text: str) -> str:
    return quote(text, safe="")


def _refused(text: str) -> Wrong:
    return Wrong("woocommerce_rest_authentication_error", text, 401)
