"""What every connector does alike: walks by window and page, second questions, batches told element by element.

::

    walk = Walk(page, since, until, days=15)                     # the page token is ours, the marks are the platform's
    answer = await insist(lambda: self.api.read(Orders, ...), lambda got: bool(got.orders), times=walk.doubts)
    return Page(items=..., next=walk.next(answer.next_cursor))

    return await one_by_one(drafts, self._create)                # one Result per draft, at its place
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from hub.connectors.model import Broken, Result
from hub.errors import Garbled, HubError, Refused, RemoteError, Unreachable, Vanished
from hub.types import RemoteId

Q = TypeVar("Q")
A = TypeVar("A")
K = TypeVar("K", bound=Hashable)

ELEMENT = (Refused, Vanished, Garbled)
"""Failures that concern one element; the others concern the shop."""


class Walk:
    """A walk over ``[since, until)`` in windows of at most ``days``, inside each by the platform's own marks.

    ``phases``: the walk is made once for each, in order (orders, then returns). The token between two pages is
    ``phase|start of the window in Unix seconds|mark``. Borders of windows are told twice rather than never.
    """

    def __init__(
        self, page: str | None, since: datetime, until: datetime, *, days: float | None = None,
        phases: Sequence[str] = ("",),
    ) -> None:  # fmt: skip
        self._first, self._until, self._phases = since, until, tuple(phases)
        if page is None:
            self.phase, self.start, self.mark = self._phases[0], since, ""
        else:
            self.phase, begin, self.mark = page.split("|", 2)
            self.start = datetime.fromtimestamp(int(begin), UTC)
        widest = until if days is None else self.start + timedelta(days=days)
        self.end = max(min(until, widest), self.start + timedelta(seconds=1))

    @property
    def last(self) -> bool:
        """Whether this window is the last of the last phase: its empty end is the caller's to doubt."""
        return self.end >= self._until and self.phase == self._phases[-1]

    @property
    def doubts(self) -> int:
        """How often an empty page is asked for: often when the page before promised it, once at the very end."""
        return 5 if self.mark else 1 if self.last else 3

    def next(self, mark: object | None) -> str | None:
        """The token of the next page. ``mark``: the platform's own for the next page here; None or "": no more here."""
        if mark not in (None, ""):
            return f"{self.phase}|{int(self.start.timestamp())}|{mark}"
        if self.end < self._until:
            return f"{self.phase}|{int(self.end.timestamp())}|"
        place = self._phases.index(self.phase) + 1
        if place < len(self._phases):
            return f"{self._phases[place]}|{int(self._first.timestamp())}|"
        return None


async def insist(ask: Callable[[], Awaitable[A]], full: Callable[[A], bool], *, times: int = 3) -> A:
    """Ask; an empty answer is asked for again, ``times`` in all, before it is believed: falsely empty ones happen."""
    answer = await ask()
    for _ in range(times - 1):
        if full(answer):
            break
        answer = await ask()
    return answer


async def every_page(ask: Callable[[str], Awaitable[tuple[Sequence[A], str]]]) -> list[A]:
    """The rows of all pages; ``ask`` takes a mark ("" for the first page) and answers rows and the next page's mark."""
    found, mark = await ask("")
    rows = list(found)
    while mark:
        found, mark = await ask(mark)
        rows += found
    return rows


def signed_by_app(secret: str, body: bytes, given: str) -> bool:
    """Whether a webhook carries HMAC-SHA256(app secret, app key + raw body); ``secret`` is ``app_key:app_secret``."""
    key, _, app_secret = secret.partition(":")
    wanted = hmac.new(app_secret.encode(), key.encode() + body, sha256).hexdigest()
    return bool(key and app_secret) and hmac.compare_digest(given.encode(), wanted.encode())


async def one_by_one(questions: Sequence[Q], ask: Callable[[Q], Awaitable[A]]) -> list[Result[A]]:
    """One after the other. What concerns one element stands at its place; the rest raises, or ends the batch."""
    results: list[Result[A]] = []
    for question in questions:
        try:
            results.append(await ask(question))
        except ELEMENT as error:
            results.append(error)
        except RemoteError as error:
            if not results:
                raise
            waiting = len(questions) - len(results) - 1
            return [*results, error, *([Unreachable(sent=False)] * waiting)]
    return results


async def side_by_side(questions: Sequence[Q], ask: Callable[[Q], Awaitable[A]]) -> list[Result[A]]:
    """All at once (the Api keeps to the platform's ``parallel``), for reads; failures of one stand at its place."""

    async def one(question: Q) -> Result[A]:
        try:
            return await ask(question)
        except ELEMENT as error:
            return error

    return list(await asyncio.gather(*(one(question) for question in questions)))


async def grouped(
    questions: Sequence[Q], key: Callable[[Q], K], ask: Callable[[K, Sequence[Q]], Awaitable[Mapping[Q, HubError]]],
    done: A,
) -> list[Result[A]]:  # fmt: skip
    """One call for each ``key`` (stock by listing, say); ``ask`` answers which of its elements failed, and why.

    A call that was refused as a whole is refused for each of its elements; one that failed otherwise raises when it
    was the first, else its elements wait for the next run.
    """
    groups: dict[K, list[Q]] = {}
    for question in questions:
        groups.setdefault(key(question), []).append(question)
    failed: dict[Q, HubError] = {}
    for place, (name, group) in enumerate(groups.items()):
        try:
            failed |= await ask(name, group)
        except ELEMENT as error:
            failed |= dict.fromkeys(group, error)
        except RemoteError as error:
            if place == 0:
                raise
            failed |= dict.fromkeys(group, error)
    return [failed.get(question) or done for question in questions]


def at_their_place(ids: Sequence[RemoteId], found: Mapping[RemoteId, A]) -> list[Result[A]]:
    """What was found, in the order it was asked for; what is missing in the answer has vanished."""
    return [found[one] if one in found else Vanished("remote_vanished", remote_id=one) for one in ids]


def understood(ids: Sequence[RemoteId], told: Sequence[Result[A]]) -> tuple[list[A], list[Broken]]:
    """The good ones, and those about which a second question failed, set aside under their id."""
    good = [one for one in told if not isinstance(one, HubError)]
    broken = [
        Broken(remote_id=remote_id, path=str(one.facts.get("path") or one.facts.get("call") or one.code), sample="")
        for remote_id, one in zip(ids, told, strict=True)
        if isinstance(one, HubError)
    ]
    return good, broken
