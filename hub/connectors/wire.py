"""What goes over the wire, before any HTTP library: requests, answers, credentials. Pure.

Signers and judges of connectors work on these words only, so they are tested without a network.
"""

import base64
import hashlib
import ipaddress
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from hub.connectors.model import Pace, Tokens, Verdict
from hub.errors import Garbled, Refused, RemoteError, Throttled, Unauthorised, Unreachable, Vanished

Pairs = tuple[tuple[str, str], ...]
Params = Mapping[str, object]
"""Query parameters as a connector writes them: None and "" are left out, a list gives a repeated key."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Credentials:
    """All secrets of one shop: what the owner typed in or the app owns (``secrets``), and tokens if there are any."""

    secrets: Mapping[str, str]
    tokens: Tokens | None = None

    def __repr__(self) -> str:
        return (
            f"Credentials({', '.join(f'{key}=***' for key in self.secrets)}, tokens={'***' if self.tokens else None})"
        )

    def __getitem__(self, key: str) -> str:
        """The secret of that name. Raises Unauthorised when the owner never gave it."""
        try:
            return self.secrets[key]
        except KeyError:
            raise Unauthorised(missing=key) from None

    @property
    def access(self) -> str:
        """The access token. Raises Unauthorised when the shop was never signed in."""
        if self.tokens is None:
            raise Unauthorised(missing="access")
        return self.tokens.access

    def hidden(self) -> tuple[str, ...]:
        """Every value that must never be seen in a log or a sample."""
        tokens = (self.tokens.access, self.tokens.refresh) if self.tokens else ()
        return tuple(value for value in (*self.secrets.values(), *tokens) if len(value) > 3)


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """One part of a multipart upload."""

    field: str
    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One call before or after signing. ``scope`` is a word between a connector's methods and its signer."""

    method: str
    base_url: str  # scheme, host, maybe a folder; no slash at the end
    path: str  # begins with a slash
    params: Pairs = ()
    headers: Pairs = ()
    body: bytes | None = None  # JSON
    form: Pairs = ()  # text parts beside ``files``; without files the body is urlencoded
    files: tuple[File, ...] = ()
    scope: str = "shop"

    @property
    def address(self) -> str:
        """The URL without its query: safe to log, and what most platforms sign."""
        return self.base_url + self.path

    @property
    def url(self) -> str:
        """The URL as it is sent, percent-encoded by RFC 3986."""
        return f"{self.address}?{encode(self.params)}" if self.params else self.address

    @property
    def name(self) -> str:
        """``GET /path``, for logs and facts."""
        return f"{self.method} {self.path}"

    def plus(self, *, params: Iterable[tuple[str, str]] = (), headers: Iterable[tuple[str, str]] = ()) -> "Request":
        """The same with more parameters or headers at the end: what a signer returns."""
        return replace(self, params=(*self.params, *params), headers=(*self.headers, *headers))


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A redacted answer we did not understand, kept so that we can mend the decoder."""

    connector: str
    shop_id: str
    call: str  # "GET /path"
    status: int
    path: str  # where it failed, "3.line_items.0.total"
    body: str


Signer = Callable[[Request, Credentials, datetime, str], Request]
"""(request, credentials, now, nonce) -> the request to send. Pure. ``request.scope`` tells public calls apart."""

Judge = Callable[[int, Mapping[str, str], bytes], RemoteError | None]
"""(status, lower-case headers, body) -> the error in it, also one hidden in a 200. Pure. None: nothing known to be
wrong; what is left of 3xx, 4xx and 5xx is then judged by status alone (:func:`by_status`)."""


class Transport(Protocol):
    """Sends one request once. Raises Unreachable (``sent`` tells whether it may have had its effect)."""

    async def send(self, request: Request, timeout: float) -> Answer: ...
    async def close(self) -> None: ...


class CredentialKeeper(Protocol):
    """Holds one shop's credentials. The database-backed one lets one process at a time refresh."""

    async def current(self) -> Credentials: ...

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        """Newer credentials than ``seen``: what somebody stored meanwhile, or ``renew``'s, stored before return."""
        ...


class Uploads(Protocol):
    """Remembers which pictures a shop's platform has: digest -> its own id or address."""

    async def known(self, digest: str) -> str | None: ...
    async def keep(self, digest: str, remote: str) -> None: ...
    async def forget(self, digest: str) -> None: ...


class Pacer(Protocol):
    """Returns when one more call under ``key`` may be made."""

    async def take(self, key: str, pace: Pace) -> None: ...


def challenge(verifier: str) -> str:
    """PKCE's S256 code challenge of a verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def encode(pairs: Iterable[tuple[str, str]]) -> str:
    """``k=v`` joined by ``&``, both sides percent-encoded by RFC 3986 (space is %20, brackets encoded)."""
    return "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in pairs)


def to_pairs(params: Params) -> Pairs:
    """Parameters in order; None and blanks left out (a blank is no filter on some platforms, and breaks signatures)."""
    pairs: list[tuple[str, str]] = []
    for key, value in params.items():
        values = value if isinstance(value, (list, tuple)) else (value,)
        for one in values:
            if one is None or one == "":
                continue
            pairs.append((key, ("true" if one else "false") if isinstance(one, bool) else str(one)))
    return tuple(pairs)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the platform asks to wait: a number or an HTTP date. None when it does not say or says nonsense."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def verdict_error(
    verdict: Verdict, *, seconds: float = 30.0, refreshable: bool = False, **facts: object
) -> RemoteError:
    """The error a manifest's verdict stands for; ``seconds`` and ``refreshable`` where they apply."""
    match verdict.kind:
        case "unreachable":
            return Unreachable(verdict.problem, sent=True, **facts)
        case "throttled":
            return Throttled(verdict.problem, seconds=seconds, **facts)
        case "unauthorised":
            return Unauthorised(verdict.problem, refreshable=refreshable, **facts)
        case "refused":
            return Refused(verdict.problem, **facts)
        case "vanished":
            return Vanished(verdict.problem, **facts)
        case "garbled":
            return Garbled(verdict.problem, **facts)


def complaint(
    errors: Mapping[str, Verdict], code: object, message: str = "", *, seconds: float = 30.0, **facts: object
) -> RemoteError:
    """What a platform's error code means by its manifest; a code nobody listed refuses that one thing.

    ``message`` is the platform's own (cut, no buyer's data expected in it); it stands in the facts with the code.
    """
    verdict = errors.get(str(code), Verdict(kind="refused", problem="remote_refused"))
    found = verdict_error(verdict, seconds=seconds, refreshable=verdict.refreshable)
    found.facts.update({"remote_code": str(code), "message": message[:300], **facts})
    return found


def by_status(answer: Answer, request: Request) -> RemoteError | None:
    """What is left when the connector's judge found nothing: the status alone, and pages of proxies and firewalls."""
    status = answer.status
    if status < 300:
        return None
    if status == 429:
        return Throttled(seconds=30.0, status=status)
    if status >= 500:
        return Unreachable(sent=True, status=status)
    if status < 400:
        return _moved(answer, request)
    if not looks_json(answer.body):
        return Garbled("remote_not_api", path="", status=status)
    if status == 401:
        return Unauthorised(status=status, refreshable=True)
    if status in (404, 410):
        return Vanished("remote_vanished", status=status)
    return Refused("remote_refused", status=status)


def _moved(answer: Answer, request: Request) -> RemoteError:
    """A signed call is never repeated elsewhere; a shop whose whole address moved needs its owner."""
    target = urlsplit(answer.headers.get("location", ""))
    if target.netloc and target.path == urlsplit(request.address).path:
        return Unauthorised("shop_address_moved", to=f"{target.scheme}://{target.netloc}")
    return Garbled("remote_not_api", path="", status=answer.status)


def looks_json(body: bytes) -> bool:
    """Whether a body begins like a JSON object or list."""
    return body.lstrip(b" \r\n\t\xef\xbb\xbf")[:1] in (b"{", b"[")


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object a body holds; {} for anything else, half an answer too. For judges, which must not raise."""
    try:
        found = json.loads(body) if looks_json(body) else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def public_address(text: str) -> bool:
    """Whether an IP address lies on the open internet: not private, loopback, link-local, shared or multicast."""
    address = ipaddress.ip_address(text.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast


Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Host name -> its IP addresses. Raises OSError."""


@dataclass(frozen=True, kw_only=True)
class NetworkGuard:
    """Refuses addresses an owner typed in that lead into our own network (unless the hub's settings allow them)."""

    allow_private: bool
    resolve: Resolve = field(repr=False)

    async def check(self, url: str) -> None:
        """Raises Unauthorised (the owner must mend the address) or Unreachable (the name is unknown)."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise Unauthorised("shop_address_wrong", address=f"{parts.scheme}://{parts.hostname}")
        if self.allow_private:
            return
        try:
            found = await self.resolve(parts.hostname)
        except OSError:
            raise Unreachable(sent=False, host=parts.hostname) from None
        if not found or not all(public_address(one) for one in found):
            raise Unauthorised("shop_address_private", host=parts.hostname)
