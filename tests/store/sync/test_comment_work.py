"""Comments through the job, by webhook and answered, on both databases and over a pretend page."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hub.connectors.model import Page
from hub.connectors.social import Comment, Live
from hub.errors import Garbled, Invalid, Refused, RemoteError, Throttled, Unreachable, Vanished
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import due
from hub.sync.comments import EVERY, after_lookup, answer, hide
from hub.sync.means import Line, Means
from hub.sync.schedule import Scheduler
from hub.sync.store import comments as kept
from hub.sync.store.comments import Lives, Reading, StoredComment
from hub.sync.work import Report, work
from hub.types import RemoteId
from tests.store.sync.desk import NOW, Desk, FakeShop, Platform

LIVE = RemoteId("555_777")
MINUTE = timedelta(minutes=1)


class Stage(FakeShop):
    """A page with lives; its marks are counts of comments, two comments a page."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform)
        self.shows: dict[RemoteId, Live] = {}
        self.said: list[Comment] = []
        self.asked: list[str | None] = []
        self.sent: list[tuple[str, str]] = []

    async def lives(self, since: datetime, until: datetime, page: str | None) -> Page[Live]:
        await self.platform.enter("lives")
        return Page(items=list(self.shows.values()))

    async def comments(self, about: RemoteId, page: str | None) -> Page[Comment]:
        await self.platform.enter("comments")
        self.asked.append(page)
        start = int(page or 0)
        told = [one for one in self.said if one.about == about][start : start + 2]
        full = start + 2 < len([one for one in self.said if one.about == about])
        return Page(items=told, next=str(start + 2) if full else None)

    async def reply(self, comment: RemoteId, text: str) -> None:
        await self.platform.enter("before reply")
        self.sent.append((comment, text))
        await self.platform.enter("reply")

    async def hide(self, comment: RemoteId) -> None:
        await self.platform.enter("hide")

    def go(self, state: str = "live", live: RemoteId = LIVE, **more: object) -> None:
        self.shows[live] = Live(remote_id=live, title="Phiên", state=state, **more)  # type: ignore[arg-type]

    def write(self, text: str, at: datetime = NOW, live: RemoteId = LIVE) -> RemoteId:
        number = RemoteId(f"777_{len(self.said)}")
        self.said.append(Comment(remote_id=number, about=live, author=RemoteId("9001"), text=text, at=at))
        return number


@pytest.fixture
def stage(desk: Desk) -> Stage:
    return Stage(desk.platforms["a"])


def means(desk: Desk, stage: Stage) -> Means:
    async def open_line(shop: Shop) -> Line:
        return Line(connector=stage, calls=stage.platform.calls)

    return replace(desk.means(), open_line=open_line)


async def run(desk: Desk, stage: Stage) -> Report:
    return await work(means(desk, stage), "sales", "a", "comments")


def waits(desk: Desk) -> bool:
    return ("a", "comments") in desk.db.read_now(due.waiting, desk.now())


def texts(desk: Desk) -> list[str]:
    return [one.text for one in desk.db.read_now(kept.comments_of, "a")]


# ---- reading while a live runs -----------------------------------------------------------------------------------


async def test_nothing_is_read_while_no_live_runs(desk: Desk, stage: Stage) -> None:
    stage.go("planned")
    assert not waits(desk)
    for _ in range(2):
        assert (await run(desk, stage)).result == "ok"
        desk.pass_time(seconds=60)
        assert not waits(desk)
    assert stage.asked == []


async def test_a_running_live_is_read_every_twenty_seconds_from_its_mark(desk: Desk, stage: Stage) -> None:
    stage.go()
    for number in range(3):
        stage.write(f"m{number}")
    await run(desk, stage)
    assert (texts(desk), stage.asked) == (["m0", "m1", "m2"], [None, "2"])
    assert not waits(desk)
    desk.pass_time(seconds=EVERY.total_seconds())
    assert waits(desk)
    stage.write("m3", desk.now())
    await run(desk, stage)
    assert (texts(desk), stage.asked) == (["m0", "m1", "m2", "m3"], [None, "2", "2"])
    assert stage.platform.calls.count == 4  # one lookup, three readings
    desk.db.write_now(due.set_schedules, "a", {"comments": "*/10 * * * *"})
    desk.db.write_now(due.pause, "a", "comments", paused=True)
    desk.pass_time(minutes=5)
    assert not waits(desk)


async def test_it_is_read_once_more_after_it_ended_and_then_no_more(desk: Desk, stage: Stage) -> None:
    stage.go()
    await run(desk, stage)
    stage.go("over")
    stage.write("m9")
    desk.pass_time(minutes=10)
    await run(desk, stage)
    assert texts(desk) == ["m9"]
    stage.write("too late")
    desk.pass_time(minutes=10)
    assert not waits(desk)
    await run(desk, stage)
    assert texts(desk) == ["m9"]


async def test_a_live_between_two_lookups_is_read_once(desk: Desk, stage: Stage) -> None:
    stage.go("over", RemoteId("555_1"), started_at=NOW - timedelta(days=1))
    await run(desk, stage)
    assert stage.asked == []
    stage.go("over", started_at=NOW + 3 * MINUTE)
    stage.write("m1")
    for _ in range(2):
        desk.pass_time(minutes=10)
        await run(desk, stage)
        assert (texts(desk), stage.asked) == (["m1"], [None])


async def test_a_platform_that_is_away_is_asked_later_and_loses_nothing(desk: Desk, stage: Stage) -> None:
    stage.go()
    stage.write("m1")
    stage.platform.trouble["comments"] = [Throttled(seconds=300)]
    assert (await run(desk, stage)).result == "unfinished"
    desk.pass_time(seconds=60)
    assert not waits(desk)
    desk.pass_time(seconds=300)
    assert waits(desk)
    await run(desk, stage)
    assert texts(desk) == ["m1"]


@pytest.mark.parametrize(
    ("trouble", "result"), [(Vanished("remote_vanished"), "ok"), (Refused("app_key_wrong"), "partial")]
)
async def test_a_live_that_cannot_be_read_does_not_stop_the_other(
    desk: Desk, stage: Stage, trouble: RemoteError, result: str
) -> None:
    stage.go(live=RemoteId("555_1"))
    stage.go()
    stage.write("m1")
    stage.platform.trouble["comments"] = [trouble]
    assert (await run(desk, stage)).result == result
    assert texts(desk) == ["m1"]
    assert [one.live for one in desk.db.read_now(kept.lives_of, "a").running] == [LIVE]


async def test_a_shop_whose_platform_has_no_comments_has_nothing_to_do(desk: Desk) -> None:
    assert (await work(desk.means(), "sales", "b", "comments")).result == "ok"
    assert desk.platforms["b"].calls.count == 0


def test_a_falsely_empty_lookup_ends_no_live_and_a_day_does() -> None:
    held = Lives(looked_at=NOW, running=(Reading(live=LIVE, since=NOW, page="4"),))
    later = after_lookup(held, [], NOW + 10 * MINUTE)
    assert later.running == held.running
    assert [one.over for one in after_lookup(held, [], NOW + timedelta(days=2)).running] == [True]


# ---- answering ---------------------------------------------------------------------------------------------------


def shop(desk: Desk) -> Shop:
    return desk.db.read_now(lambda tx: shops.get_shop(tx, "a"))


async def say(desk: Desk, stage: Stage, number: str, *, again: bool = False) -> StoredComment:
    return await answer(desk.db, stage, shop(desk), number, "Đã nhận", now=desk.now, again=again)


@pytest.fixture
def number(desk: Desk, stage: Stage) -> RemoteId:
    made = stage.write("m1")
    desk.db.write_now(kept.keep_comments, "a", stage.said, NOW)
    return made


async def test_a_comment_is_answered_once(desk: Desk, stage: Stage, number: RemoteId) -> None:
    told = await say(desk, stage, number)
    assert (told.answer, told.answered_at, told.problem) == ("sent", desk.now(), "")
    for again in (False, True):
        with pytest.raises(Invalid) as wrong:
            await say(desk, stage, number, again=again)
        assert wrong.value.code == "comment_answered"
    assert stage.sent == [(number, "Đã nhận")]


async def test_a_message_is_answered_as_often_as_one_likes(desk: Desk, stage: Stage) -> None:
    one = Comment(
        remote_id=RemoteId("7:m"), about=RemoteId("7"), author=RemoteId("7"), text="x", at=NOW, kind="message"
    )
    desk.db.write_now(kept.keep_comments, "a", [one], NOW)
    assert [(await say(desk, stage, "7:m")).answer for _ in range(2)] == ["sent", "sent"]


@pytest.mark.parametrize("lost", [Unreachable(sent=True), Garbled("remote_garbled")])
async def test_a_lost_answer_is_unknown_and_not_repeated_silently(
    desk: Desk, stage: Stage, number: RemoteId, lost: RemoteError
) -> None:
    stage.platform.trouble["reply"] = [lost]
    told = await say(desk, stage, number)
    assert (told.answer, told.answered_at, told.problem) == ("unknown", None, "answer_lost")
    with pytest.raises(Invalid) as wrong:
        await say(desk, stage, number)
    assert wrong.value.code == "answer_lost"
    assert len(stage.sent) == 1
    assert (await say(desk, stage, number, again=True)).answer == "sent"


async def test_a_process_that_dies_while_answering_leaves_it_unknown(
    desk: Desk, stage: Stage, number: RemoteId
) -> None:
    async def die() -> None:
        raise asyncio.CancelledError

    stage.platform.before["reply"] = die
    with pytest.raises(asyncio.CancelledError):
        await say(desk, stage, number)
    assert desk.db.read_now(kept.comment_of, "a", number).answer == "unknown"


@pytest.mark.parametrize("early", [Throttled(seconds=9), Unreachable(sent=False)])
async def test_what_was_not_sent_may_be_sent_again(
    desk: Desk, stage: Stage, number: RemoteId, early: RemoteError
) -> None:
    stage.platform.trouble["before reply"] = [early]
    with pytest.raises(type(early)):
        await say(desk, stage, number)
    assert (await say(desk, stage, number)).answer == "sent"


async def test_a_refused_answer_is_kept_with_its_reason(desk: Desk, stage: Stage, number: RemoteId) -> None:
    stage.platform.trouble["before reply"] = [Refused("reply_not_allowed", message="7 days")]
    told = await say(desk, stage, number)
    assert (told.answer, told.problem, told.facts) == ("refused", "reply_not_allowed", {"message": "7 days"})
    assert (await say(desk, stage, number)).answer == "sent"


async def test_hiding(desk: Desk, stage: Stage, number: RemoteId) -> None:
    assert (await hide(desk.db, stage, shop(desk), number)).hidden
    plain = FakeShop(desk.platforms["a"])
    deeds: Sequence[Callable[[], object]] = (
        lambda: hide(desk.db, plain, shop(desk), number),
        lambda: answer(desk.db, plain, shop(desk), number, "x", now=desk.now),
    )
    for deed in deeds:
        with pytest.raises(Invalid) as wrong:
            await deed()  # type: ignore[misc]
        assert wrong.value.code == "comments_not_offered"


# ---- the scheduler forgets ---------------------------------------------------------------------------------------


async def test_the_scheduler_forgets_when_it_begins(desk: Desk, stage: Stage, number: RemoteId) -> None:
    desk.pass_time(days=8)
    stop = asyncio.Event()
    stop.set()
    await Scheduler(desk.db, desk.means().ask, desk.now, comments_days=7).run(stop)
    assert texts(desk) == [""]
