"""Links and sessions on both databases: one spender wins, ended is ended."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from hub.access import Role, Scope
from hub.db import Db
from hub.people import store
from hub.people.model import Visitor

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=12)
SCOPE = Scope(province_code="92", commune_code="31645")


def hand_out(db: Db, link: str = "link") -> None:
    until = NOW + timedelta(minutes=15)
    db.write_now(store.add_link, link, role=Role.COMMUNE_OFFICER, scope=SCOPE, now=NOW, until=until)


def enter(db: Db, session: str, *, link: str = "link", now: datetime = NOW) -> Visitor | None:
    return db.write_now(store.come_in, link, session, language="vi", now=now, until=LATER)


def test_a_link_opens_one_session_with_its_scope(db: Db) -> None:
    hand_out(db)
    known = enter(db, "session")
    assert known == Visitor(role=Role.COMMUNE_OFFICER, scope=SCOPE, language="vi", until=LATER)
    assert db.read_now(store.visitor, "session", NOW) == known
    assert enter(db, "other") is None
    assert db.read_now(store.visitor, "other", NOW) is None


def test_of_many_who_spend_a_link_at_once_one_comes_in(db: Db) -> None:
    hand_out(db)
    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(lambda n: enter(db, f"s{n}"), range(6)))
    assert sum(one is not None for one in came) == 1


def test_a_link_runs_out(db: Db) -> None:
    hand_out(db)
    assert enter(db, "late", now=NOW + timedelta(minutes=15)) is None
    assert enter(db, "guess", link="guess") is None


def test_a_session_ends_with_its_time_or_when_it_is_ended(db: Db) -> None:
    hand_out(db)
    enter(db, "session")
    assert db.read_now(store.visitor, "session", LATER) is None
    db.write_now(store.end_session, "session", NOW)
    assert db.read_now(store.visitor, "session", NOW) is None


def test_everybody_can_be_sent_out_at_once(db: Db) -> None:
    for n in range(3):
        hand_out(db, f"l{n}")
        enter(db, f"s{n}", link=f"l{n}")
    db.write_now(store.end_session, "s0", NOW)
    assert db.write_now(store.end_all_sessions, NOW) == 2
    assert [db.read_now(store.visitor, f"s{n}", NOW) for n in range(3)] == [None] * 3


def test_a_language_is_kept(db: Db) -> None:
    hand_out(db)
    enter(db, "session")
    db.write_now(store.speak, "session", "en")
    known = db.read_now(store.visitor, "session", NOW)
    assert known is not None
    assert known.language == "en"


def test_what_ran_out_is_forgotten_with_the_next_link(db: Db) -> None:
    hand_out(db)
    enter(db, "session")
    db.write_now(store.add_link, "new", role=Role.ADMIN, scope=Scope(everything=True), now=LATER, until=LATER)
    assert enter(db, "again", now=LATER) is None
    assert db.read_now(store.visitor, "session", NOW) is None
