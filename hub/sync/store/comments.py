"""Comments and chat: kept once, blanked when removed or old; and which lives of a shop are being read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from unicodedata import normalize

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.bulk import among
from hub.connectors.social import Comment
from hub.db import Tx
from hub.errors import Invalid
from hub.sync import tables as t
from hub.sync.store.cursors import Cursor, cursor, save_cursor
from hub.types import RemoteId

READING = "comments"
"""The walk under which a shop's lives stand: ``position`` last looked up, ``window_end`` next read, ``page`` which."""
ID, AUTHOR = 200, 120
"""Letters of the longest ids we keep."""
HINTS_KEPT = timedelta(days=30)

Answer = Literal["", "unknown", "sent", "refused"]


@dataclass(frozen=True, kw_only=True)
class StoredComment:
    """A comment or message as the hub holds it. ``answer`` "unknown": an answer was sent, or was about to be."""

    shop_id: str
    remote_id: RemoteId
    about: RemoteId
    author: RemoteId
    text: str = field(repr=False)
    at: datetime
    kind: Literal["comment", "message"]
    hidden: bool
    removed: bool
    heard_at: datetime
    answer: Answer
    answered_at: datetime | None
    problem: str
    facts: Mapping[str, object]


# ---- keeping -----------------------------------------------------------------------------------------------------


def keep_comments(tx: Tx, shop_id: str, comments: Sequence[Comment], now: datetime) -> int:
    """Keep each once; how many are new. Edits replace the text, a removal blanks it, older news changes nothing.

    What was blanked stays blank, however often and late it is told again. Ids too long for any platform are left out.
    """
    # one order for all: two writers that meet must not wait for each other; of one comment the order of its news stays
    told = sorted((one for one in comments if _fits(one)), key=lambda one: one.remote_id)
    if not told:
        return 0
    known = set(
        tx.execute(
            sa.select(t.comment.c.remote_id).where(
                t.comment.c.shop_id == shop_id, among(tx, t.comment.c.remote_id, [one.remote_id for one in told])
            )
        ).scalars()
    )
    tx.execute(_keeping(tx), [_row(shop_id, one, now) for one in told])
    return len({one.remote_id for one in told} - known)


def _fits(one: Comment) -> bool:
    ids = (one.remote_id, one.about, one.author)
    return (
        0 < len(one.remote_id) <= ID and len(one.about) <= ID and len(one.author) <= AUTHOR and "\0" not in "".join(ids)
    )


def _row(shop_id: str, one: Comment, now: datetime) -> dict[str, Any]:
    gone = one.removed
    return {
        "shop_id": shop_id, "remote_id": one.remote_id, "about": one.about, "author": "" if gone else one.author,
        "text": "" if gone else normalize("NFC", one.text.replace("\0", "")), "at": one.at, "kind": one.kind,
        "hidden": one.hidden, "removed": gone, "told_at": one.told_at or one.at, "heard_at": now,
        "blanked_at": now if gone else None,
    }  # fmt: skip


def _keeping(tx: Tx) -> Any:
    """Removals win in any order; of the rest the later news. News without a text (it was hidden) keeps the text that
    stands, and leaves its place to older news that has one."""
    dialect: Any = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(t.comment)
    new, old = statement.excluded, t.comment.c
    later = old.told_at <= new.told_at

    def worded(name: str) -> Any:
        return sa.case((new.removed, ""), (old.blanked_at.is_not(None), old[name]), (new[name] == "", old[name]),
                       else_=new[name])  # fmt: skip

    return statement.on_conflict_do_update(
        index_elements=["shop_id", "remote_id"],
        set_={
            "text": worded("text"), "author": worded("author"),
            "hidden": sa.case((later, new.hidden), else_=old.hidden), "removed": sa.or_(old.removed, new.removed),
            "blanked_at": sa.func.coalesce(old.blanked_at, new.blanked_at),
            "told_at": sa.case((later, new.told_at), else_=old.told_at),
        },
        where=sa.or_(new.removed, later, sa.and_(old.text == "", old.blanked_at.is_(None))),
    )  # fmt: skip


def comment_of(tx: Tx, shop_id: str, remote_id: str) -> StoredComment:
    """Raises Invalid("comment_unknown")."""
    row = tx.execute(_where(t.comment.c.shop_id == shop_id, t.comment.c.remote_id == remote_id)).first()
    if row is None:
        raise Invalid("comment_unknown", id=remote_id)
    return _comment(row)


def comments_of(tx: Tx, shop_id: str, about: str = "", limit: int = 200) -> tuple[StoredComment, ...]:
    """The newest of a shop, or of one live, post or conversation; oldest first."""
    query = _where(t.comment.c.shop_id == shop_id)
    if about:
        query = query.where(t.comment.c.about == about)
    rows = tx.execute(query.order_by(t.comment.c.at.desc(), t.comment.c.remote_id.desc()).limit(limit)).all()
    return tuple(_comment(row) for row in reversed(rows))


def _where(*conditions: Any) -> Any:
    return sa.select(t.comment).where(*conditions)


def _comment(row: Any) -> StoredComment:
    return StoredComment(
        shop_id=row.shop_id, remote_id=RemoteId(row.remote_id), about=RemoteId(row.about),
        author=RemoteId(row.author), text=row.text, at=row.at, kind=row.kind, hidden=row.hidden, removed=row.removed,
        heard_at=row.heard_at, answer=row.answer, answered_at=row.answered_at, problem=row.problem, facts=row.facts,
    )  # fmt: skip


# ---- answering ---------------------------------------------------------------------------------------------------


def begin_answer(tx: Tx, shop_id: str, remote_id: str, *, held: Answer) -> bool:
    """Note before anything is sent that an answer may be out; False when somebody else began meanwhile.

    ``held``: what the caller saw. A crash after this line leaves "unknown", which nobody repeats by mistake.
    """
    done = tx.execute(
        t.comment.update()
        .where(t.comment.c.shop_id == shop_id, t.comment.c.remote_id == remote_id, t.comment.c.answer == held)
        .values(answer="unknown", problem="", facts={})
    )
    return bool(done.rowcount)


def end_answer(
    tx: Tx, shop_id: str, remote_id: str, *, answer: Answer, now: datetime | None = None, problem: str = "",
    facts: Mapping[str, object] | None = None,
) -> None:  # fmt: skip
    """What came of it. ``now``: when it was answered; None leaves the time of an earlier answer."""
    values: dict[str, Any] = {"answer": answer, "problem": problem, "facts": dict(facts or {})}
    if now is not None:
        values["answered_at"] = now
    _set(tx, shop_id, remote_id, values)


def note_hidden(tx: Tx, shop_id: str, remote_id: str) -> None:
    """The channel hid it."""
    _set(tx, shop_id, remote_id, {"hidden": True})


def _set(tx: Tx, shop_id: str, remote_id: str, values: Mapping[str, Any]) -> None:
    tx.execute(
        t.comment.update().where(t.comment.c.shop_id == shop_id, t.comment.c.remote_id == remote_id).values(values)
    )


# ---- forgetting --------------------------------------------------------------------------------------------------


def purge_comments(tx: Tx, before: datetime) -> int:
    """Forget who wrote what in comments that we hold since ``before`` or longer; how many.

    A message goes whole: its conversation and its own id name the person. A comment stays as a blank one.
    """
    old = t.comment.c.heard_at < before
    gone = tx.execute(t.comment.delete().where(old, t.comment.c.kind == "message")).rowcount
    blank = t.comment.update().where(old, t.comment.c.blanked_at.is_(None))
    return int(gone + tx.execute(blank.values(text="", author="", facts={}, blanked_at=before)).rowcount)


def purge_hints(tx: Tx, now: datetime) -> int:
    """Forget webhooks that were followed long ago; how many."""
    return int(tx.execute(t.hint.delete().where(t.hint.c.done_at < now - HINTS_KEPT)).rowcount)


# ---- lives -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A live whose comments are read. ``page``: the platform's mark; ``over``: it ended and is read once more."""

    live: RemoteId
    since: datetime  # when we first saw it
    page: str | None = None
    over: bool = False


@dataclass(frozen=True, kw_only=True)
class Lives:
    """What lives of a shop run, when they were last looked up, when their comments are read next (None: not)."""

    looked_at: datetime | None = None
    next_at: datetime | None = None
    running: tuple[Reading, ...] = ()


def lives_of(tx: Tx, shop_id: str) -> Lives:
    """What we knew last."""
    held = cursor(tx, shop_id, READING)
    told = json.loads(held.page or "[]")
    running = tuple(
        Reading(live=RemoteId(live), since=datetime.fromisoformat(since), page=page, over=over)
        for live, since, page, over in told
    )
    return Lives(looked_at=held.position, next_at=held.window_end, running=running)


def save_lives(tx: Tx, shop_id: str, lives: Lives) -> None:
    """Store it, in the transaction that stored the comments it stands for."""
    told = [(one.live, one.since.isoformat(), one.page, one.over) for one in lives.running]
    page = json.dumps(told) if told else None
    save_cursor(tx, shop_id, Cursor(walk=READING, position=lives.looked_at, window_end=lives.next_at, page=page))
