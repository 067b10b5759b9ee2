"""Comments on both databases: kept once, edited, removed, forgotten; answered once; lives read while they run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unicodedata import normalize

import pytest
import sqlalchemy as sa

from hub.connectors.social import Comment
from hub.errors import Invalid
from hub.sync import tables as t
from hub.sync.store import comments as store
from hub.sync.store.comments import Lives, Reading, StoredComment
from hub.sync.store.hints import close_hints, hear
from hub.types import RemoteId
from tests.store.sync.desk import NOW, Desk

SECOND = timedelta(seconds=1)


def said(number: str = "1", text: str = "m12 x2 0912345678", **more: object) -> Comment:
    one = Comment(
        remote_id=RemoteId(f"777_{number}"), about=RemoteId("555_777"), author=RemoteId("9001"), text=text, at=NOW
    )
    return replace(one, **more)  # type: ignore[arg-type]


def keep(desk: Desk, *comments: Comment) -> int:
    return desk.db.write_now(store.keep_comments, "a", comments, desk.now())


def held(desk: Desk, number: str = "1") -> StoredComment:
    return desk.db.read_now(store.comment_of, "a", f"777_{number}")


def test_a_comment_told_by_webhook_and_by_poll_is_kept_once(desk: Desk) -> None:
    assert keep(desk, said(told_at=NOW + SECOND), said("2")) == 2
    assert keep(desk, said(), said(), said("3")) == 1
    found = desk.db.read_now(store.comments_of, "a")
    assert [one.remote_id for one in found] == ["777_1", "777_2", "777_3"]
    assert desk.db.read_now(store.comments_of, "a", "555_778") == ()
    assert [one.remote_id for one in desk.db.read_now(store.comments_of, "a", "555_777", 1)] == ["777_3"]
    assert desk.db.read_now(store.comments_of, "b") == ()
    assert "0912345678" not in repr(found)


def test_an_edit_replaces_the_text_and_older_news_does_not_bring_it_back(desk: Desk) -> None:
    first, edited = said(told_at=NOW), said(text="m12 x3", told_at=NOW + 9 * SECOND)
    for order in ((first, edited), (edited, first), (first, edited, first)):
        keep(desk, *order)
        assert held(desk).text == "m12 x3"


def test_a_hidden_one_keeps_its_text_whatever_came_first(desk: Desk) -> None:
    hidden = said(text="", hidden=True, told_at=NOW + SECOND)
    keep(desk, hidden)
    keep(desk, said())
    assert (held(desk).text, held(desk).hidden) == ("m12 x2 0912345678", True)
    keep(desk, said("2"), replace(hidden, remote_id=RemoteId("777_2")))
    assert (held(desk, "2").text, held(desk, "2").hidden) == ("m12 x2 0912345678", True)
    keep(desk, said(told_at=NOW + 2 * SECOND))
    assert not held(desk).hidden


def test_a_removal_blanks_it_for_good_in_any_order(desk: Desk) -> None:
    gone = said(removed=True, told_at=NOW - SECOND)
    for number, order in (("1", (said(), gone)), ("2", (gone, said())), ("3", (gone, said(told_at=NOW + SECOND)))):
        keep(desk, *[replace(one, remote_id=RemoteId(f"777_{number}")) for one in order])
        found = held(desk, number)
        assert (found.text, found.author, found.removed) == ("", "", True)


def test_ids_no_database_takes_are_left_out_and_texts_are_cleaned(desk: Desk) -> None:
    assert keep(desk, said("x" * 300), said("\0"), said(author=RemoteId("y" * 130)), said(remote_id=RemoteId(""))) == 0
    assert keep(desk, said(text=normalize("NFD", "chốt\0 2"))) == 1  # decomposed, as some phones write
    assert held(desk).text == "chốt 2"
    with pytest.raises(Invalid) as told:
        held(desk, "9")
    assert told.value.code == "comment_unknown"


def test_old_ones_are_forgotten_and_do_not_come_back(desk: Desk) -> None:
    chat = said(remote_id=RemoteId("7001:m_1"), about=RemoteId("7001"), kind="message")
    keep(desk, said(), chat)
    desk.pass_time(days=20)
    keep(desk, said("2"))
    desk.pass_time(days=11)
    limit = desk.now() - timedelta(days=30)
    assert desk.db.write_now(store.purge_comments, limit) == 2
    assert desk.db.write_now(store.purge_comments, limit) == 0
    assert (held(desk).text, held(desk).author, held(desk, "2").author) == ("", "", "9001")
    with pytest.raises(Invalid):
        desk.db.read_now(store.comment_of, "a", "7001:m_1")
    keep(desk, said(told_at=desk.now()))
    assert (held(desk).text, held(desk).author) == ("", "")


def test_followed_webhooks_are_forgotten_after_a_month_open_ones_never(desk: Desk) -> None:
    for name in ("e1", "e2"):
        desk.db.write_now(hear, "a", event_id=name, kind="order", object_id="o", now=NOW)
    desk.db.write_now(close_hints, "a", ["e1"], NOW)
    assert desk.db.write_now(store.purge_hints, NOW + timedelta(days=30)) == 0
    assert desk.db.write_now(store.purge_hints, NOW + timedelta(days=31)) == 1
    assert desk.db.read_now(lambda tx: list(tx.execute(sa.select(t.hint.c.event_id)).scalars())) == ["e2"]


def test_of_two_who_answer_one_begins(desk: Desk) -> None:
    keep(desk, said())
    begin = [desk.db.write_now(store.begin_answer, "a", "777_1", held="") for _ in range(2)]
    assert begin == [True, False]
    assert held(desk).answer == "unknown"
    desk.db.write_now(store.end_answer, "a", "777_1", answer="sent", now=NOW)
    assert (held(desk).answer, held(desk).answered_at) == ("sent", NOW)
    assert not desk.db.write_now(store.begin_answer, "a", "777_1", held="")


def test_what_lives_run_is_remembered(desk: Desk) -> None:
    assert desk.db.read_now(store.lives_of, "a") == Lives()
    since = datetime(2026, 11, 24, 1, 2, 3, 4, tzinfo=UTC)
    lives = Lives(
        looked_at=NOW, next_at=NOW + SECOND,
        running=(Reading(live=RemoteId("555_1"), since=since),
                 Reading(live=RemoteId("555_2"), since=since, page="MQ", over=True)),
    )  # fmt: skip
    desk.db.write_now(store.save_lives, "a", lives)
    assert desk.db.read_now(store.lives_of, "a") == lives
    desk.db.write_now(store.save_lives, "a", Lives(looked_at=NOW))
    assert desk.db.read_now(store.lives_of, "a") == Lives(looked_at=NOW)
