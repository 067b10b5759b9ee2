"""Posts through the job on both databases: linted, sent once, looked for when an answer is lost, taken down in time."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.config import config_dir
from hub.connectors.social import Post, Posted
from hub.db import new_id
from hub.errors import Conflict, Garbled, Invalid, Refused, Throttled, Unauthorised, Unreachable, Vanished
from hub.shops.model import Shop
from hub.sync import due, store
from hub.sync.certificates import revoke
from hub.sync.means import Line, Means
from hub.sync.posting import LOST_TRIES, SEEN_TRIES, standing, subject_of, template_of, worded
from hub.sync.posts import make, parse_templates
from hub.sync.store import StoredPost
from hub.sync.work import Report, work
from hub.types import RemoteId
from tests.store.sync.desk import NOW, Desk, FakeShop
from tests.store.sync.test_work import published
from tests.unit.sync.goods import GROUND

TEMPLATES = parse_templates(tomllib.loads((config_dir() / "posts.toml").read_text("utf-8")))
HOUR = timedelta(hours=1)


class Page(FakeShop):
    """A page that keeps its promise: what it was given under a key stands there once."""

    wall: dict[str, Posted] = {}  # noqa: RUF012 - each test has its own, see ``wall``
    visible = True

    async def post(self, post: Post) -> Posted:
        if post.key not in self.wall:
            await self.platform.enter("before post")
            number = RemoteId(f"n{len(self.wall)}")
            self.wall[post.key] = Posted(remote_id=number, url=f"https://page/{number}", title=post.title,
                                         text=post.text, visible=self.visible, note="shown")  # fmt: skip
        await self.platform.enter("post")
        return self.wall[post.key]

    async def posted(self, remote_id: RemoteId) -> Posted:
        await self.platform.enter("posted")
        found = next((one for one in self.wall.values() if one.remote_id == remote_id), None)
        if found is None:
            raise Vanished("remote_vanished")
        return found


class Erasing(Page):
    """A page that lets us take posts down."""

    async def unpost(self, remote_id: RemoteId) -> None:
        await self.platform.enter("unpost")
        key = next(key for key, one in self.wall.items() if one.remote_id == remote_id)
        self.wall[key] = replace(self.wall[key], visible=False)


class Shy(Page):
    visible = False


@pytest.fixture(autouse=True)
def wall(monkeypatch: pytest.MonkeyPatch) -> dict[str, Posted]:
    fresh: dict[str, Posted] = {}
    monkeypatch.setattr(Page, "wall", fresh)
    return fresh


def means(desk: Desk, kind: Callable[..., FakeShop] = Page) -> Means:
    async def open_line(shop: Shop) -> Line:
        platform = desk.platforms[shop.id]
        return Line(connector=kind(platform), calls=platform.calls)

    def ground(shop: Shop) -> object:
        return replace(GROUND, now=desk.now(), posts=TEMPLATES, rules=replace(GROUND.rules, forbidden=()))

    return replace(desk.means(), open_line=open_line, ground=ground)  # type: ignore[arg-type]


async def go(desk: Desk, kind: Callable[..., FakeShop] = Page) -> Report:
    return await work(means(desk, kind), "bulk", "a", "post")


async def planned(
    desk: Desk, *products: str, template: str = "san-pham-moi", later: timedelta = timedelta(), **more: str
) -> StoredPost:
    names = products or ("P-mam",)
    now = desk.now()
    blank = StoredPost(id=new_id(), shop_id="a", products=names, template=template, at=now + later, changed_at=now,
                       **more)  # type: ignore[arg-type]  # fmt: skip
    view = await desk.db.read(store.post_view, "a", names)
    ground = means(desk).ground(view.shop)
    subject = subject_of(view, blank.campaign, blank.words)
    made = worded(blank, make(template_of(ground, template), subject, standing(ground)), now)
    await desk.db.write(store.add_post, made)
    return made


async def now_of(desk: Desk, post: StoredPost) -> StoredPost:
    return await desk.db.read(store.post_of, post.id)


async def waits(desk: Desk) -> bool:
    return ("a", "post") in await desk.db.read(due.waiting, desk.now())


def codes(post: StoredPost) -> list[str]:
    return [one.code for one in post.problems]


def revoked(desk: Desk, product: str) -> None:
    day = NOW.date()
    desk.db.write_now(
        lambda tx: revoke(tx, f"C-{product}", on=day, document="2/QĐ", ground="mark_misuse", who="o", now=desk.now())
    )


async def test_a_post_waits_for_its_time_and_then_stands_with_the_platforms_answer(desk: Desk) -> None:
    post = await planned(desk, later=HOUR)
    assert not await waits(desk)
    desk.pass_time(hours=1)
    assert await waits(desk)
    report = await go(desk)
    assert (report.result, report.tally.done) == ("ok", 1)
    stands = await now_of(desk, post)
    assert (stands.state, stands.remote_id, stands.url) == ("posted", "n0", "https://page/n0")
    assert stands.answer is not None
    assert stands.answer["note"] == "shown"
    assert not await waits(desk)
    assert stands.next_at is not None  # it carries a claim: looked at every midnight
    assert stands.next_at - desk.now() < timedelta(days=1)


async def test_a_post_tells_the_other_shops_where_the_product_is_confirmed(desk: Desk) -> None:
    await published(desk)
    desk.db.write_now(lambda tx: tx.exec_driver_sql("UPDATE binding SET url = 'https://b/1' WHERE shop_id = 'b'"))
    view = await desk.db.read(store.post_view, "a", ["P-tra", "P-mam"])
    assert [one.product.id for one in view.sellables] == ["P-tra", "P-mam"]
    assert {(one.product_id, one.url, one.price) for one in view.listed} == {
        ("P-tra", "https://b/1", 50_000), ("P-mam", "https://b/1", 50_000),
    }  # fmt: skip


async def test_a_paused_job_sends_nothing_by_itself(desk: Desk) -> None:
    await planned(desk)
    await desk.db.write(due.request, "a", "post", desk.now())
    assert await waits(desk)
    await desk.db.write(due.pause, "a", "post", paused=True)
    assert not await waits(desk)


async def test_a_certificate_revoked_before_the_time_has_the_post_made_anew_without_its_claim(
    desk: Desk, wall: dict[str, Posted]
) -> None:
    post = await planned(desk, later=HOUR)
    assert post.claims
    revoked(desk, "mam")
    assert await waits(desk)
    await go(desk)
    again = await now_of(desk, post)
    assert (again.state, again.claims, wall) == ("planned", False, {})
    assert again.next_at == again.at
    desk.pass_time(hours=1)
    await go(desk)
    (told,) = wall.values()
    assert "OCOP" not in told.title + told.text


async def test_a_claim_in_ones_own_words_is_held_when_it_lapses_and_nothing_is_sent(
    desk: Desk, wall: dict[str, Posted]
) -> None:
    post = await planned(desk, later=HOUR, words="Vừa đạt OCOP 4 sao!")
    assert codes(post) == []
    revoked(desk, "mam")
    desk.pass_time(hours=1)
    report = await go(desk)
    held = await now_of(desk, post)
    assert (held.state, codes(held), wall) == ("held", ["certificate_revoked"], {})
    assert report.result == "partial"
    assert not await waits(desk)


async def test_a_lost_answer_is_looked_for_after_a_while_and_never_doubled(desk: Desk, wall: dict[str, Posted]) -> None:
    post = await planned(desk)
    desk.platforms["a"].trouble["post"] = [Unreachable(sent=True)]
    await go(desk)
    lost = await now_of(desk, post)
    assert (lost.state, codes(lost), len(wall)) == ("unknown", ["remote_unreachable"], 1)
    assert not await waits(desk)
    desk.pass_time(minutes=10)
    await go(desk)
    assert (await now_of(desk, post)).state == "posted"
    assert len(wall) == 1


async def test_an_unknown_post_whose_claim_lapsed_is_not_sent_again(desk: Desk, wall: dict[str, Posted]) -> None:
    post = await planned(desk)
    desk.platforms["a"].trouble["before post"] = [Garbled("remote_garbled")]
    await go(desk)
    revoked(desk, "mam")
    desk.pass_time(minutes=10)
    await go(desk)
    failed = await now_of(desk, post)
    assert (failed.state, codes(failed), wall) == ("failed", ["post_answer_lost", "certificate_revoked"], {})


async def test_answers_lost_again_and_again_become_a_persons_task(desk: Desk, wall: dict[str, Posted]) -> None:
    post = await planned(desk)
    desk.platforms["a"].trouble["post"] = [Unreachable(sent=True) for _ in range(LOST_TRIES + 1)]
    for _ in range(LOST_TRIES + 2):
        await go(desk)
        desk.pass_time(days=1)
    failed = await now_of(desk, post)
    assert (failed.state, codes(failed), len(wall)) == ("failed", ["post_answer_lost"], 1)


async def test_a_worker_that_died_while_sending_leaves_a_post_that_is_looked_for(
    desk: Desk, wall: dict[str, Posted]
) -> None:
    post = await planned(desk)

    async def die() -> None:
        raise MemoryError

    desk.platforms["a"].before["post"] = die
    with pytest.raises(BaseExceptionGroup):
        await go(desk)
    del desk.platforms["a"].before["post"]
    assert ((await now_of(desk, post)).state, len(wall)) == ("sending", 1)
    desk.pass_time(minutes=10)
    await go(desk)
    assert ((await now_of(desk, post)).state, len(wall)) == ("posted", 1)


@pytest.mark.parametrize("trouble", [Throttled(seconds=120), Unauthorised(), Unreachable(sent=False)])
async def test_what_had_no_effect_leaves_the_post_planned(desk: Desk, trouble: Exception) -> None:
    post = await planned(desk)
    desk.platforms["a"].trouble["before post"] = [trouble]  # type: ignore[list-item]
    report = await go(desk)
    assert report.result in ("unfinished", "refused")
    assert (await now_of(desk, post)).state == "planned"
    assert not await waits(desk)  # throttled and unreachable wait, a shop that needs its owner rests


async def test_a_refusal_holds_the_post_with_its_words_and_the_others_go_on(
    desk: Desk, wall: dict[str, Posted]
) -> None:
    first, second = await planned(desk), await planned(desk, "P-tra")
    desk.platforms["a"].trouble["before post"] = [Refused("post_repeated", message="twice")]
    report = await go(desk)
    told = {(await now_of(desk, one)).state for one in (first, second)}
    assert (report.result, told, len(wall)) == ("partial", {"held", "posted"}, 1)


async def test_posted_is_only_what_the_platform_shows(desk: Desk) -> None:
    post = await planned(desk)
    await go(desk, Shy)
    assert (await now_of(desk, post)).state == "sending"
    for _ in range(SEEN_TRIES + 1):
        desk.pass_time(minutes=1)
        await go(desk, Shy)
    unseen = await now_of(desk, post)
    assert (unseen.state, codes(unseen)) == ("failed", ["post_not_seen"])


async def test_a_standing_claim_that_lapsed_is_taken_down_where_the_platform_lets_us(
    desk: Desk, wall: dict[str, Posted]
) -> None:
    post = await planned(desk)
    await go(desk, Erasing)
    revoked(desk, "mam")
    assert await waits(desk)
    await go(desk, Erasing)
    assert (await now_of(desk, post)).state == "removed"
    assert [one.visible for one in wall.values()] == [False]


async def test_elsewhere_it_is_a_persons_task_with_the_link_until_the_post_is_gone(
    desk: Desk, wall: dict[str, Posted]
) -> None:
    post = await planned(desk)
    await go(desk)
    revoked(desk, "mam")
    report = await go(desk)
    task = await now_of(desk, post)
    assert (task.state, codes(task)) == ("posted", ["post_claim_stands", "certificate_revoked"])
    assert task.problems[0].facts["link"] == "https://page/n0"
    assert [one.code for one in report.tally.problems] == ["post_claim_stands"]
    desk.pass_time(days=1)
    assert (await go(desk)).tally.problems == []  # said once
    wall.clear()
    desk.pass_time(days=1)
    await go(desk)
    assert (await now_of(desk, post)).state == "removed"


async def test_a_certificate_revoked_while_the_post_is_on_its_way_is_noticed_at_once(desk: Desk) -> None:
    post = await planned(desk)

    async def meanwhile() -> None:
        revoked(desk, "mam")

    desk.platforms["a"].before["post"] = meanwhile
    await go(desk, Erasing)
    del desk.platforms["a"].before["post"]
    assert await waits(desk)
    await go(desk, Erasing)
    assert (await now_of(desk, post)).state == "removed"


async def test_a_standing_post_of_which_the_platform_says_nonsense_stops_no_other(desk: Desk) -> None:
    odd, other = await planned(desk), await planned(desk, "P-tra")
    await go(desk)
    revoked(desk, "mam")
    revoked(desk, "tra")
    desk.platforms["a"].trouble["posted"] = [Refused("remote_refused", message="?")]
    await go(desk)
    told = {codes(await now_of(desk, one))[0] for one in (odd, other)}
    assert told == {"remote_refused", "post_claim_stands"}
    desk.pass_time(days=1)
    await go(desk)
    assert {codes(await now_of(desk, one))[0] for one in (odd, other)} == {"post_claim_stands"}


async def test_a_standing_claim_is_looked_at_each_midnight_without_anybody_asking(desk: Desk) -> None:
    post = await planned(desk)
    await go(desk)
    desk.db.write_now(lambda tx: tx.exec_driver_sql("UPDATE certificate SET stars = 3"))  # an import, say
    desk.pass_time(days=1)
    assert await waits(desk)
    await go(desk)
    assert codes(await now_of(desk, post)) == ["post_claim_stands", "stars_differ"]


async def test_a_person_who_wants_it_off_is_told_where_to_delete_it(desk: Desk) -> None:
    post = await planned(desk)
    await go(desk)
    stands = await now_of(desk, post)
    wanted = replace(stands, down=True, next_at=desk.now())
    await desk.db.write(store.change_post, stands, wanted)
    await go(desk)
    assert codes(await now_of(desk, post)) == ["post_down_by_hand"]


async def test_a_post_cancelled_meanwhile_is_not_sent(desk: Desk, wall: dict[str, Posted]) -> None:
    post = await planned(desk)
    gone = replace(post, state="removed", next_at=None)
    await desk.db.write(store.change_post, post, gone)
    await go(desk)
    assert ((await now_of(desk, post)).state, wall) == ("removed", {})
    with pytest.raises(Conflict):
        await desk.db.write(store.change_post, post, gone)
    with pytest.raises(Invalid):
        await desk.db.read(store.post_of, "none")


async def test_a_shop_that_has_no_page_holds_its_posts(desk: Desk) -> None:
    post = await planned(desk)
    await go(desk, FakeShop)
    assert codes(await now_of(desk, post)) == ["post_not_offered"]


async def test_a_template_that_is_gone_holds_what_was_planned_with_it(desk: Desk) -> None:
    post = await planned(desk)
    changed = replace(post, template="xưa")
    await desk.db.write(store.change_post, post, changed)
    await go(desk)
    assert codes(await now_of(desk, post)) == ["post_template_unknown"]


async def test_a_page_speaks_only_of_its_producers_products(desk: Desk) -> None:
    desk.db.write_now(lambda tx: tx.exec_driver_sql("INSERT INTO producer (id, name, folded, kind) "
                                                    "VALUES ('q', 'HTX Khác', 'htx khac', 'HTX')"))  # fmt: skip
    desk.db.write_now(lambda tx: tx.exec_driver_sql("UPDATE product SET producer_id = 'q' WHERE id = 'P-tra'"))
    view = await desk.db.read(store.post_view, "a", ["P-tra", "P-mam"])
    assert [one.product.id for one in view.sellables] == ["P-mam"]


async def test_posts_are_listed_by_shop_and_state_the_latest_in_front(desk: Desk) -> None:
    first, second = await planned(desk, later=HOUR), await planned(desk, "P-tra", "P-mam", later=2 * HOUR,
                                                                   template="chien-dich", campaign="Tết")  # fmt: skip
    states: tuple[store.PostState, ...] = ("planned",)
    found = await desk.db.read(store.posts_of, "a", states)
    assert [one.id for one in found] == [second.id, first.id]
    assert found[0].products == ("P-tra", "P-mam")
    assert await desk.db.read(store.posts_of, "b") == ()
