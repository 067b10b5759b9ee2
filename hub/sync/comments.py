"""Comments and chat: overheard by webhook, read while a live runs, answered once, hidden.

An answer is noted before it is sent: whatever happens to the channel's word or to us, nobody sends it twice by mistake.
Texts are stored and shown, never logged.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hub.connectors.base import AnswersComments, Connector, HearsComments, ReadsComments
from hub.connectors.social import Comment, Live
from hub.db import Db, Tx
from hub.errors import Denied, Garbled, Invalid, Refused, RemoteError, Unreachable, Vanished
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.means import Line, Means
from hub.sync.model import Problem
from hub.sync.push import Tally
from hub.sync.store import Lease
from hub.sync.store import comments as kept
from hub.sync.store.comments import Lives, Reading, StoredComment
from hub.types import RemoteId

EVERY = timedelta(seconds=20)
"""Between two readings of a live's comments."""
LOOK_UP = timedelta(minutes=9)
"""A lookup is due when the last is older: the schedule says every ten minutes and fires a little early or late."""
AHEAD = timedelta(days=8)
"""Lives are announced so long before they begin; platforms tell them by when they were made."""
LONGEST = timedelta(days=1)
"""A live that never ends is not read any longer."""
PAGES = 50
"""Most pages of one live in one run; the rest is read 20 seconds later."""


# ---- by webhook --------------------------------------------------------------------------------------------------


async def overheard(
    db: Db, connector: type[Connector], shop: Shop | None, *, body: bytes, headers: Mapping[str, str], url: str,
    secret: str, now: datetime,
) -> int:  # fmt: skip
    """Keep what people wrote of one delivery; how much of it is new.

    Raises Unauthorised on a bad signature, Denied when it is of no shop of ours.
    ``shop`` None: each comment names the account it belongs to.
    """
    if not issubclass(connector, HearsComments):
        return 0
    told = connector.overhear(body, headers, url=url, secret=secret)
    return await db.write(_keep_heard, connector.manifest.id, shop, told, now) if told else 0


def _keep_heard(tx: Tx, platform: str, shop: Shop | None, told: Sequence[Comment], now: datetime) -> int:
    by_account: dict[str, list[Comment]] = {}
    for one in told:
        by_account.setdefault(one.shop_remote_id, []).append(one)
    new, known = 0, False
    for account, comments in by_account.items():
        home = shop or shops.find_by_remote(tx, platform=platform, remote_id=account)
        if home is not None and home.state != "disconnected":
            new, known = new + kept.keep_comments(tx, home.id, comments, now), True
    if not known:
        raise Denied("shop_unknown", remote_id=next(iter(by_account)))
    return new


# ---- by reading --------------------------------------------------------------------------------------------------


async def read_comments(means: Means, line: Line, lease: Lease, shop: Shop, run_id: str) -> Tally:
    """The job: look up what lives run, now and then, and read what is new under each."""
    connector, now = line.connector, means.now()
    if not isinstance(connector, ReadsComments):
        return Tally()
    lives = await means.db.read(kept.lives_of, shop.id)
    if lives.looked_at is None or not lives.running or now - lives.looked_at >= LOOK_UP:
        lives = after_lookup(lives, await _lives(connector, now), now)
        await means.db.write(_save, lease, shop.id, lives, now)
    tally = Tally(total=len(lives.running))
    for reading in lives.running:
        lives = await _read(means, connector, lease, shop.id, lives, reading, tally)
    left = [one for one in lives.running if not one.over]
    ended = replace(lives, running=tuple(left), next_at=now + EVERY if left else None)
    await means.db.write(_save, lease, shop.id, ended, means.now())
    return tally


async def _lives(connector: ReadsComments, now: datetime) -> list[Live]:
    """All that may run now or have just ended."""
    found: list[Live] = []
    page: str | None = None
    for _ in range(PAGES):
        told = await connector.lives(now - AHEAD, now + LONGEST, page)
        found += told.items
        if told.next is None or told.next == page:
            break
        page = told.next
    return found


def after_lookup(lives: Lives, told: Sequence[Live], now: datetime) -> Lives:
    """What is read from now on: what runs, and once more what ended. Pure.

    A live that is missing from the answer goes on being read: an empty page looks like an end, and reading tells.
    One that began and ended between two lookups is read once.
    """
    by_id = {one.remote_id: one for one in told}
    known = [
        replace(
            one, over=one.over or now - one.since > LONGEST or (one.live in by_id and by_id[one.live].state == "over")
        )
        for one in lives.running
    ]
    held = {one.live for one in known}
    fresh = [
        Reading(live=one.remote_id, since=now, over=one.state == "over")
        for one in told
        if one.remote_id not in held and (one.state == "live" or _missed(one, lives.looked_at))
    ]
    running = tuple({one.live: one for one in (*known, *fresh)}.values())
    return Lives(looked_at=now, next_at=now if running else None, running=running)


def _missed(live: Live, looked_at: datetime | None) -> bool:
    return (
        live.state == "over" and looked_at is not None and live.started_at is not None and live.started_at >= looked_at
    )


async def _read(
    means: Means, connector: ReadsComments, lease: Lease, shop_id: str, lives: Lives, reading: Reading, tally: Tally
) -> Lives:
    """What is new under one live, page by page, each stored with its mark. A live that is gone is not read again."""
    page: str | None = reading.page
    try:
        for _ in range(PAGES):
            told = await connector.comments(reading.live, page)
            tally.problems += [Problem(code="remote_garbled", facts={"path": one.path}) for one in told.broken]
            marked = page if told.next is None else told.next
            lives = _with(lives, replace(reading, page=marked))
            await means.db.write(_keep_page, lease, shop_id, told.items, lives, means.now())
            if told.next is None or told.next == page:
                break
            page = told.next
    except (Refused, Vanished) as error:
        if isinstance(error, Refused):
            tally.problems.append(Problem(code=error.code, facts=plain(error)))
        return _with(lives, replace(reading, page=page, over=True))
    tally.done += 1
    return lives


def _with(lives: Lives, reading: Reading) -> Lives:
    return replace(lives, running=tuple(reading if one.live == reading.live else one for one in lives.running))


def _keep_page(tx: Tx, lease: Lease, shop_id: str, items: Sequence[Comment], lives: Lives, now: datetime) -> None:
    kept.keep_comments(tx, shop_id, items, now)
    _save(tx, lease, shop_id, lives, now)


def _save(tx: Tx, lease: Lease, shop_id: str, lives: Lives, now: datetime) -> None:
    store.hold(tx, lease, now)
    kept.save_lives(tx, shop_id, lives)


# ---- answering ---------------------------------------------------------------------------------------------------


async def answer(
    db: Db, connector: Connector, shop: Shop, remote_id: str, text: str, *, now: Callable[[], datetime],
    again: bool = False,
) -> StoredComment:  # fmt: skip
    """Write to the person in private; the comment with what came of it ("sent", "refused", "unknown").

    A comment is answered once, a message as often as one likes. One whose answer is "unknown" is answered only when a
    person looked and says ``again``. Raises Invalid, and the RemoteError of a call by which nothing was sent.
    """
    comment = await db.read(kept.comment_of, shop.id, remote_id)
    platform = connector.manifest.name
    if not isinstance(connector, AnswersComments):
        raise Invalid("comments_not_offered", platform=platform)
    if comment.answer == "sent" and comment.kind == "comment":
        raise Invalid("comment_answered", at=comment.answered_at)
    if comment.answer == "unknown" and not again:
        raise Invalid("answer_lost", platform=platform)
    if not await db.write(kept.begin_answer, shop.id, remote_id, held=comment.answer):
        raise Invalid("answer_lost", platform=platform)
    end: Callable[..., None] = kept.end_answer
    try:
        await connector.reply(RemoteId(remote_id), text)
    except (Refused, Vanished) as error:
        await db.write(end, shop.id, remote_id, answer="refused", problem=error.code, facts=plain(error))
    except RemoteError as error:
        if not (isinstance(error, Garbled) or (isinstance(error, Unreachable) and error.sent)):
            await db.write(end, shop.id, remote_id, answer=comment.answer)
            raise
        await db.write(end, shop.id, remote_id, answer="unknown", problem="answer_lost", facts={"platform": platform})
    else:
        await db.write(end, shop.id, remote_id, answer="sent", now=now())
    return await db.read(kept.comment_of, shop.id, remote_id)


async def hide(db: Db, connector: Connector, shop: Shop, remote_id: str) -> StoredComment:
    """Hide it from others; repeating is harmless. Raises Invalid and RemoteError."""
    await db.read(kept.comment_of, shop.id, remote_id)
    if not isinstance(connector, AnswersComments):
        raise Invalid("comments_not_offered", platform=connector.manifest.name)
    await connector.hide(RemoteId(remote_id))
    await db.write(kept.note_hidden, shop.id, remote_id)
    return await db.read(kept.comment_of, shop.id, remote_id)


def plain(error: RemoteError) -> dict[str, object]:
    """A failure's facts as they are kept."""
    return {
        key: value if isinstance(value, str | int | float | bool | list) or value is None else str(value)
        for key, value in error.facts.items()
    }
