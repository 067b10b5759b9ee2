"""The one door to every platform: a connector says *what* to call, this says how a call is made safely.

Signing, token refresh (once, then re-sign), pace, timeouts, retries of reads, errors hidden in a 200 body, decoding,
redaction, and the guard around our own network. Connector authors import everything they need from here::

    class Shop(BaseModel): name: str

    DIALECT = Dialect(sign=sign, judge=judge)            # pure functions of the connector file
    shop = await self.api.read(Shop, "GET", "/api/shop")  # -> Shop, or one of the six remote errors

Reads are repeated on Unreachable and Throttled within :data:`PATIENCE`; writes never are, unless the connector says
``repeatable`` (absolute stock, absolute price). Times, nonces, pace, credentials and sleep are handed in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from hub.connectors.model import Broken, Manifest, Pace, ShopSettings, Tokens
from hub.connectors.redact import redact
from hub.connectors.transport import HttpTransport, make_transport, resolve
from hub.connectors.wire import (
    Answer,
    CredentialKeeper,
    Credentials,
    File,
    Judge,
    NetworkGuard,
    Pacer,
    Pairs,
    Params,
    Request,
    Resolve,
    Sample,
    Signer,
    Transport,
    Uploads,
    by_status,
    challenge,
    complaint,
    encode,
    json_object,
    looks_json,
    retry_after,
    to_pairs,
    verdict_error,
)
from hub.errors import Garbled, Refused, RemoteError, Throttled, Unauthorised, Unreachable
from hub.types import RemoteId

__all__ = [
    "Answer",
    "Api",
    "CredentialKeeper",
    "Credentials",
    "Dialect",
    "File",
    "HttpTransport",
    "Judge",
    "NetworkGuard",
    "Pacer",
    "Pairs",
    "Params",
    "Reply",
    "Request",
    "Resolve",
    "Sample",
    "Signer",
    "Transport",
    "Uploads",
    "challenge",
    "complaint",
    "encode",
    "json_object",
    "looks_json",
    "make_transport",
    "resolve",
    "retry_after",
    "to_pairs",
    "verdict_error",
]

T = TypeVar("T")

ATTEMPTS = 4
"""How often a read is tried in all."""
PATIENCE = 10.0
"""Longest single wait in seconds a read sleeps for; a platform that asks for more is believed: the error is raised."""
BRIEF = 60.0
"""Seconds: a judge that says Throttled for longer (a day's quota) is believed even without a Retry-After."""
EARLY = timedelta(minutes=5)
"""Access tokens are renewed this long before they end."""
GUARD_EVERY = timedelta(seconds=60)
"""How often the address an owner typed in is looked up again."""

Renew = Callable[["Api", Credentials], Awaitable[Tokens]]
"""(api that signs with exactly these credentials and never refreshes, credentials) -> new tokens."""

log = structlog.get_logger("hub.connectors")


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a platform signs and complains. ``sign_otherwise``: a second way, tried when the first is refused."""

    sign: Signer
    judge: Judge
    renew: Renew | None = None
    sign_otherwise: Signer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply(Generic[T]):
    """A decoded value and the headers it came with (lower-case names)."""

    value: T
    headers: Mapping[str, str]


class Api:
    """Calls to one shop. Made anew for each run; share transport, pacer and keeper between runs.

    ``paces``: (key, pace) pairs a call must be granted, by default one per shop from the manifest. ``pictures``: the
    bytes of our picture with that digest.
    """

    def __init__(
        self,
        *,
        manifest: Manifest,
        dialect: Dialect,
        shop: ShopSettings,
        transport: Transport,
        keeper: CredentialKeeper,
        pacer: Pacer,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        on_sample: Callable[[Sample], None],
        guard: NetworkGuard | None = None,
        paces: Sequence[tuple[str, Pace]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pictures: Callable[[str], Awaitable[bytes]] | None = None,
        uploads: Uploads | None = None,
    ) -> None:
        self.manifest = manifest
        self.shop = shop
        self._dialect = dialect
        self._base = shop.base_url.rstrip("/")
        self._transport = transport
        self._keeper = keeper
        self._pacer = pacer
        self._now = now
        self._nonce = nonce
        self._on_sample = on_sample
        self._sleep = sleep
        self._pictures = pictures
        self._uploads = uploads
        self._uploaded: dict[str, str] = {}
        self._uploading = asyncio.Lock()
        self._sign = dialect.sign
        self._slots = asyncio.Semaphore(manifest.limits.parallel)
        typed_in = shop.base_url not in (manifest.base_url, manifest.sandbox_url)
        self._guard = guard if typed_in else None
        self._guarded_until: datetime | None = None
        if paces is None:
            pace = manifest.limits.pace
            paces = ((f"{manifest.id}/{shop.shop_id}", pace),) if pace else ()
        self._paces = tuple(paces)

    # ---- what connectors call ------------------------------------------------------------------------------------

    async def read(
        self,
        model: type[T],
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        headers: Pairs = (),
        scope: str = "shop",
    ) -> T:
        """Ask something that changes nothing, as often as needed; the decoded answer."""
        return (await self.reply(model, method, path, params=params, json=json, headers=headers, scope=scope)).value

    async def reply(
        self,
        model: type[T],
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        headers: Pairs = (),
        scope: str = "shop",
    ) -> Reply[T]:
        """:meth:`read` with the answer's headers (paging)."""
        request = self._request(method, path, params, json, headers, scope)
        return self._decode(model, request, await self._patiently(request))

    async def write(
        self,
        model: type[T],
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        headers: Pairs = (),
        scope: str = "shop",
        repeatable: bool = False,
    ) -> T:
        """Change something, once. After a lost answer: Unreachable(sent=True), and somebody must look.

        ``repeatable``: saying it twice is the same as once (absolute stock), so it is retried like a read.
        """
        request = self._request(method, path, params, json, headers, scope)
        answer = await (self._patiently(request) if repeatable else self._call(request))
        return self._decode(model, request, answer).value

    async def upload(
        self,
        model: type[T],
        path: str,
        *,
        files: Sequence[File],
        form: Params | None = None,
        params: Params | None = None,
        scope: str = "shop",
    ) -> T:
        """POST files as multipart/form-data. Like :meth:`write` with ``repeatable``: a doubled picture hurts nobody."""
        request = Request(
            method="POST", base_url=self._base, path=path, params=to_pairs(params or {}),
            form=to_pairs(form or {}), files=tuple(files), scope=scope,
        )  # fmt: skip
        return self._decode(model, request, await self._patiently(request)).value

    def each(self, model: type[T], values: Sequence[object], *, id_key: str) -> tuple[list[T], list[Broken]]:
        """Decode elements one by one, so that a bad one is set aside (and sampled) and the others go on."""
        good: list[T] = []
        broken: list[Broken] = []
        adapter = _adapter(model)
        for place, value in enumerate(values):
            try:
                good.append(adapter.validate_python(value))
            except ValidationError as error:
                path = _path(error, prefix=str(place))
                sample = redact(to_json(value))
                identity = value.get(id_key, "") if isinstance(value, dict) else ""
                broken.append(Broken(remote_id=RemoteId(str(identity)), path=path, sample=sample))
                self._sampled("element", 200, path, sample)
        return good, broken

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: object = None,
        headers: Pairs = (),
        scope: str = "shop",
    ) -> Answer:
        """A read whose body is not JSON (files): status, headers and bytes as they came."""
        return await self._patiently(self._request(method, path, params, json, headers, scope))

    async def picture(self, digest: str) -> bytes:
        """The bytes of one of our pictures, for platforms that fetch nothing themselves. Raises Refused."""
        if self._pictures is None:
            raise Refused("picture_missing", digest=digest)
        return await self._pictures(digest)

    async def uploaded(self, digest: str, send: Callable[[bytes], Awaitable[str]]) -> str:
        """The platform's own id or address of one of our pictures; ``send`` uploads its bytes when the shop has not
        got it yet. Once per shop and content, also across runs. Raises what ``send`` raises, and Refused."""
        async with self._uploading:
            found = self._uploaded.get(digest)
            if found is None and self._uploads is not None:
                found = await self._uploads.known(digest)
            if found is None:
                found = await send(await self.picture(digest))
                if self._uploads is not None:
                    await self._uploads.keep(digest, found)
            self._uploaded[digest] = found
            return found

    async def forget_upload(self, digest: str) -> None:
        """The platform does not know a picture any more that it once took: the next use uploads it anew."""
        self._uploaded.pop(digest, None)
        if self._uploads is not None:
            await self._uploads.forget(digest)

    async def pause(self, seconds: float) -> None:
        """Wait between two calls where a platform's guide asks for it."""
        await self._sleep(seconds)

    def time(self) -> datetime:
        """The hub's time, for the few platforms whose parameters need it."""
        return self._now()

    # ---- how it is done ------------------------------------------------------------------------------------------

    def _request(
        self, method: str, path: str, params: Params | None, json: object, headers: Pairs, scope: str
    ) -> Request:
        return Request(
            method=method, base_url=self._base, path=path, params=to_pairs(params) if params else (),
            headers=headers, body=None if json is None else to_json(json), scope=scope,
        )  # fmt: skip

    async def _patiently(self, request: Request) -> Answer:
        """Try; only when that failed is a retry loop built (tenacity costs 20 us, the happy path should not)."""
        try:
            return await self._call(request)
        except (Unreachable, Throttled) as error:
            if not _worth_waiting(error):
                raise
            first = error
        await self._sleep(_pause(first, 1))
        again = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS - 1),
            wait=_wait,
            retry=retry_if_exception(_worth_waiting),
            sleep=self._sleep,
            reraise=True,
        )
        return await again(self._call, request)

    async def _call(self, request: Request) -> Answer:
        """Once; and once more with fresh credentials (or the other signature) when the platform refused the first."""
        signer = self._sign
        credentials = await self._credentials(request)
        try:
            return await self._once(request, signer, credentials)
        except Unauthorised as error:
            if not error.refreshable or not await self._renewed(request, signer, credentials):
                raise
        fresh = await self._keeper.current()
        answer = await self._once(request, self._other(signer, credentials, fresh), fresh)
        self._sign = self._other(signer, credentials, fresh)
        return answer

    def _other(self, used: Signer, before: Credentials, now: Credentials) -> Signer:
        """The second signature when there is one and no new token explains the hope."""
        otherwise = self._dialect.sign_otherwise
        return used if otherwise is None or before.tokens != now.tokens else otherwise

    async def _renewed(self, request: Request, used: Signer, credentials: Credentials) -> bool:
        """Whether a second try makes sense: a token was renewed, or there is another way to sign."""
        if request.scope == "shop" and self._dialect.renew is not None and credentials.tokens is not None:
            await self._keeper.refresh(credentials, self._renew)
            return True
        return self._dialect.sign_otherwise not in (None, used)

    async def _credentials(self, request: Request) -> Credentials:
        credentials = await self._keeper.current()
        tokens = credentials.tokens
        if tokens is None or self._dialect.renew is None or request.scope != "shop":
            return credentials
        left = tokens.access_until - self._now()
        if left > EARLY:
            return credentials
        try:
            return await self._keeper.refresh(credentials, self._renew)
        except (Unreachable, Throttled):
            if left <= timedelta(0):
                raise
            return credentials  # still good for a moment; the next call tries again

    async def _renew(self, credentials: Credentials) -> Tokens:
        renew = self._dialect.renew
        assert renew is not None  # only called where it is not
        return await renew(self.signed_with(credentials), credentials)

    def signed_with(self, credentials: Credentials) -> "Api":
        """The same shop, signed with exactly these credentials and never refreshed (sign-in, renewal)."""
        return Api(
            manifest=self.manifest, dialect=Dialect(sign=self._dialect.sign, judge=self._dialect.judge),
            shop=self.shop, transport=self._transport, keeper=_Fixed(credentials), pacer=self._pacer, now=self._now,
            nonce=self._nonce, on_sample=self._on_sample, guard=self._guard, paces=self._paces, sleep=self._sleep,
        )  # fmt: skip

    async def _once(self, request: Request, signer: Signer, credentials: Credentials) -> Answer:
        async with self._slots:
            if self._guard is not None:
                await self._look_up(self._guard)
            for key, pace in self._paces:
                await self._pacer.take(key, pace)
            signed = signer(request, credentials, self._now(), self._nonce())
            try:
                answer = await self._transport.send(signed, self.manifest.limits.timeout_seconds)
            except Unreachable as error:
                self._noted(error, request)
                raise
        found = self._dialect.judge(answer.status, answer.headers, answer.body) or by_status(answer, request)
        if found is None:
            return answer
        raise self._failed(found, request, answer, credentials)

    async def _look_up(self, guard: NetworkGuard) -> None:
        now = self._now()
        if self._guarded_until is None or now >= self._guarded_until:
            await guard.check(self._base)
            self._guarded_until = now + GUARD_EVERY

    def _failed(self, error: RemoteError, request: Request, answer: Answer, credentials: Credentials) -> RemoteError:
        asked = retry_after(answer.headers, self._now())
        if isinstance(error, (Throttled, Unreachable)) and asked is not None:
            error.facts["retry_after"] = asked
            if isinstance(error, Throttled):
                error.seconds = asked
                error.facts["seconds"] = asked
        self._noted(error, request)
        if isinstance(error, Garbled):
            sample = redact(answer.body, credentials.hidden())
            self._sampled(request.name, answer.status, str(error.facts.get("path", "")), sample)
        return error

    def _noted(self, error: RemoteError, request: Request) -> None:
        error.facts.setdefault("call", request.name)
        log.info(
            "call failed", connector=self.manifest.id, shop=self.shop.shop_id, call=request.name, code=error.code,
            status=error.facts.get("status"),
        )  # fmt: skip

    def _decode(self, model: type[T], request: Request, answer: Answer) -> Reply[T]:
        try:
            return Reply(value=_adapter(model).validate_json(answer.body), headers=answer.headers)
        except ValidationError as error:
            path = _path(error)
            self._sampled(request.name, answer.status, path, redact(answer.body))
            garbled = Garbled("remote_garbled", path=path, status=answer.status)
            self._noted(garbled, request)
            raise garbled from None

    def _sampled(self, call: str, status: int, path: str, body: str) -> None:
        self._on_sample(
            Sample(
                connector=self.manifest.id, shop_id=self.shop.shop_id, call=call, status=status, path=path, body=body
            )
        )


@dataclass(frozen=True)
class _Fixed:
    """A keeper of one set of credentials that cannot be renewed."""

    credentials: Credentials

    async def current(self) -> Credentials:
        return self.credentials

    async def refresh(self, seen: Credentials, renew: Callable[[Credentials], Awaitable[Tokens]]) -> Credentials:
        raise Unauthorised


def _worth_waiting(error: BaseException) -> bool:
    """A short wait may help. A platform that asks for a long one, or whose limit is known to last, is believed."""
    if not isinstance(error, (Unreachable, Throttled)):
        return False
    asked = error.facts.get("retry_after")
    if isinstance(asked, (int, float)):
        return asked <= PATIENCE
    return not isinstance(error, Throttled) or error.seconds <= BRIEF


def _pause(error: BaseException | None, attempt: int) -> float:
    """Seconds before the next try: what the platform asked for, else 0.5, 1, 2 ..."""
    asked = error.facts.get("retry_after") if isinstance(error, RemoteError) else None
    return float(asked) if isinstance(asked, (int, float)) else 0.5 * 2 ** (attempt - 1)


def _wait(state: RetryCallState) -> float:
    return _pause(state.outcome.exception() if state.outcome else None, state.attempt_number + 1)


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(model: type[T]) -> TypeAdapter[T]:
    adapter = _adapters.get(model)
    if adapter is None:
        adapter = _adapters[model] = TypeAdapter(model)
    return adapter


def _path(error: ValidationError, prefix: str = "") -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return ".".join([*([prefix] if prefix else []), *(str(part) for part in first["loc"])])
