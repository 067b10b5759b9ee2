"""SQL of the people: one-time links and sessions. Takes digests; the secrets themselves never reach the database."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.access import Role, Scope
from hub.db import Tx
from hub.people import tables as t
from hub.people.model import Visitor

_SCOPE = ("everything", "province_code", "commune_code", "producer_id")


def add_link(tx: Tx, digest: str, *, role: Role, scope: Scope, now: datetime, until: datetime) -> None:
    """Keep a link that lets one person in once, and forget what ran out."""
    tx.execute(t.entry_link.delete().where(t.entry_link.c.until <= now))
    tx.execute(t.web_session.delete().where(t.web_session.c.until <= now))
    row = {name: getattr(scope, name) for name in _SCOPE}
    tx.execute(t.entry_link.insert().values(digest=digest, role=role.value, created_at=now, until=until, **row))


def come_in(tx: Tx, link: str, session: str, *, language: str, now: datetime, until: datetime) -> Visitor | None:
    """Spend a link and open a session; None when the link is unknown, spent or too old. One statement decides."""
    row = tx.execute(
        t.entry_link.update()
        .where(t.entry_link.c.digest == link, t.entry_link.c.used_at.is_(None), t.entry_link.c.until > now)
        .values(used_at=now)
        .returning(t.entry_link)
    ).first()
    if row is None:
        return None
    tx.execute(
        t.web_session.insert().values(
            digest=session, role=row.role, language=language, created_at=now, until=until,
            **{name: getattr(row, name) for name in _SCOPE},
        )
    )  # fmt: skip
    return Visitor(role=Role(row.role), scope=_scope(row), language=language, until=until)


def visitor(tx: Tx, session: str, now: datetime) -> Visitor | None:
    """Who this session belongs to; None when it is unknown, revoked or over."""
    s = t.web_session.c
    row = tx.execute(sa.select(t.web_session).where(s.digest == session, s.revoked_at.is_(None), s.until > now)).first()
    if row is None:
        return None
    return Visitor(role=Role(row.role), scope=_scope(row), language=row.language, until=row.until)


def speak(tx: Tx, session: str, language: str) -> None:
    """Change the language of a session."""
    tx.execute(t.web_session.update().where(t.web_session.c.digest == session).values(language=language))


def end_session(tx: Tx, session: str, now: datetime) -> None:
    """Sign one session out, at once and everywhere."""
    tx.execute(t.web_session.update().where(t.web_session.c.digest == session).values(revoked_at=now))


def end_all_sessions(tx: Tx, now: datetime) -> int:
    """Sign everybody out; answers how many were in."""
    s = t.web_session.c
    ended = tx.execute(t.web_session.update().where(s.revoked_at.is_(None), s.until > now).values(revoked_at=now))
    return int(ended.rowcount)


def _scope(row: Any) -> Scope:
    return Scope(**{name: getattr(row, name) for name in _SCOPE})
