"""Facebook over real HTTP: the contract against the sandbox, and every trap of the sheet that needs a counterpart."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from yarl import URL

from hub.clock import ShiftedClock
from hub.connectors import abilities, load
from hub.connectors.api import Answer, Credentials, HttpTransport, Request
from hub.connectors.facebook import Facebook, mark
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    ListingState,
    Picture,
    Placed,
    ShopSettings,
    StockLevel,
    Tokens,
)
from hub.connectors.social import Comment, Live, Post
from hub.errors import Refused, Throttled, Unauthorised, Unreachable, Vanished
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.page import Page
from hub.sandbox.facebook.platform import Facebook as Platform
from hub.sandbox.faults import Faults, Rates
from hub.sandbox.kit import Delivery
from hub.types import RemoteId, Sku
from tests.connectors.contract import START, Contract, MemoryKeeper, Naps, Stage, good, make_api, put, shown, target

PAGE = FacebookPage(
    page_id="555000111",
    name="Hợp tác xã Một",
    catalog_id="777000222",
    user_token="EAAU-user-1",
    page_token="EAAP-page-1",
)
CONFIG = FacebookConfig(pages=(PAGE,), callback_url="https://hub.example.vn/hooks/facebook")
APP = {"app_id": CONFIG.app_id, "app_secret": CONFIG.app_secret, "redirect": "http://localhost/oauth/facebook"}
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


@dataclass(kw_only=True)
class Scene(Stage):
    """A stage whose drafts carry a picture: a catalogue takes no item without."""

    page: Page
    platform: Platform

    def draft(self, name: str, *prices: int, stock: int = 10, title: str = "") -> Draft:
        picture = Picture(digest="ab" * 32, url="https://hub.example.vn/p/ab.jpg")
        return replace(super().draft(name, *prices, stock=stock, title=title), pictures=(picture,))

    @property
    def facebook(self) -> Facebook:
        assert isinstance(self.connector, Facebook)
        return self.connector

    async def heard(self) -> list[Comment]:
        """What the webhooks that are due tell the connector."""
        got: list[Delivery] = []

        async def post(delivery: Delivery) -> int:
            got.append(delivery)
            return 200

        self.world.post = post
        await self.platform.deliver_due()
        return [
            one
            for delivery in got
            for one in Facebook.overhear(
                delivery.body, dict(delivery.headers), url=delivery.url, secret=CONFIG.app_secret
            )
        ]


@dataclass
class Lossy:
    """Posts arrive; their answers do not."""

    inner: HttpTransport

    async def send(self, request: Request, timeout: float) -> Answer:
        answer = await self.inner.send(request, timeout)
        if request.method == "POST":
            raise Unreachable(sent=True)
        return answer

    async def close(self) -> None:
        return None


class Naptime(Naps):
    """A sleep that lets the world's time go by."""

    def __init__(self, clock: ShiftedClock) -> None:
        super().__init__()
        self.clock = clock

    async def __call__(self, seconds: float) -> None:
        await super().__call__(seconds)
        self.clock.move(timedelta(seconds=seconds))


@pytest.fixture
def config() -> FacebookConfig:
    return CONFIG


@pytest.fixture
async def stage(transport: HttpTransport, config: FacebookConfig) -> AsyncIterator[Scene]:
    clock, faults = ShiftedClock(START, frozen=True), Faults()
    app = create_sandbox(SandboxConfig(facebook=config), clock, faults)
    async with TestServer(app) as server:
        sandbox = app[SANDBOX]
        platform = next(one for one in sandbox.platforms if isinstance(one, Platform))
        tokens = Tokens(
            access=PAGE.page_token, refresh=PAGE.user_token, access_until=START + timedelta(days=30),
            refresh_until=START + timedelta(days=60),
        )  # fmt: skip
        keeper = MemoryKeeper(Credentials(secrets=APP, tokens=tokens))
        settings = ShopSettings(
            shop_id="s1", base_url=str(server.make_url("/facebook")).rstrip("/"), remote_id=PAGE.page_id
        )
        naps = Naptime(clock) if config.batch_seconds else Naps()
        api = make_api(Facebook, settings, transport, keeper, now=clock.now, naps=naps)

        async def picture(digest: str) -> bytes:
            return GIF

        api._pictures = picture
        yield Scene(
            connector=Facebook(api, settings), shop=platform.pages[PAGE.page_id], world=sandbox.world, clock=clock,
            faults=faults, keeper=keeper, naps=naps, category="422", page=platform.pages[PAGE.page_id],
            platform=platform,
        )  # fmt: skip


class TestContract(Contract):
    """``stage`` is the module's."""


def test_abilities_are_those_that_are_true() -> None:
    assert load("facebook") is Facebook
    assert set(abilities(Facebook)) == {
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "Posts", "ReadsComments", "AnswersComments",
        "HearsComments", "HearsEvents", "SignsIn",
    }  # fmt: skip


# ---- the catalogue ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [replace(CONFIG, batch_seconds=5)])
async def test_a_batch_is_waited_for(stage: Scene) -> None:
    placed = await put(stage, stage.draft("HT-1", 90_000))
    assert sum(stage.naps.seconds) >= 5
    assert (await shown(stage, placed.remote_id)).state is ListingState.LIVE


@pytest.mark.parametrize("config", [replace(CONFIG, batch_seconds=3600)])
async def test_a_batch_that_does_not_finish_is_no_success_and_may_be_sent_again(stage: Scene) -> None:
    draft = stage.draft("HT-1", 90_000)
    (result,) = await stage.facebook.create([draft])
    assert isinstance(result, Unreachable)
    assert result.sent
    assert await stage.facebook.find(draft.sku) is None
    stage.later(3700)
    assert await stage.facebook.find(draft.sku) is not None
    await stage.facebook.create([draft])
    stage.later(3700)
    assert [row["sku"] for row in stage.shop.listings()] == ["HT-1"]


async def test_a_refused_item_stands_at_its_place_and_takes_its_draft_back(stage: Scene) -> None:
    bare = replace(stage.draft("HT-2", 80_000, 90_000), pictures=())
    dear = stage.draft("HT-3", 80_000, 0)
    results = await stage.facebook.create([stage.draft("HT-1", 90_000), bare, dear])
    assert isinstance(results[0], Placed)
    assert [one.code for one in results[1:] if isinstance(one, Refused)] == ["picture_refused", "price_refused"]
    assert [row["sku"] for row in stage.shop.listings()] == ["HT-1"]


async def test_an_unknown_item_is_never_made_by_telling_its_stock(stage: Scene) -> None:
    placed = await put(stage, stage.draft("HT-1", 90_000))
    levels = [
        StockLevel(listing=RemoteId(sku), variant=RemoteId(sku), sku=Sku(sku), stock=4, single=True)
        for sku in ("HT-0", placed.remote_id)
    ]
    results = await stage.facebook.set_stock(levels)
    assert isinstance(results[0], Vanished)
    assert results[1] == Done()
    assert [row["sku"] for row in stage.shop.listings()] == ["HT-1"]


async def test_variants_come_and_go_with_an_update(stage: Scene) -> None:
    draft = stage.draft("HT-1", 80_000, 90_000)
    placed = await put(stage, draft)
    new = replace(draft.variants[1], sku=Sku("HT-1-9"), label="Chai 9 lít")
    changed = replace(draft, variants=(draft.variants[0], new))
    assert await stage.facebook.update(
        [Change(target=target(draft, placed), draft=changed, fields=frozenset({"title"}))]
    ) == [Done()]
    assert {one.sku for one in (await shown(stage, placed.remote_id)).variants} == {"HT-1-1", "HT-1-9"}


@pytest.mark.parametrize(("word", "state"), [("rejected", ListingState.BANNED), ("pending", ListingState.REVIEWING)])
async def test_a_later_verdict_is_told_by_reading_back(stage: Scene, word: str, state: ListingState) -> None:
    placed = await put(stage, stage.draft("HT-1", 90_000))
    item = stage.page.catalogue.items["HT-1"]
    item.review, item.reason = word, "Rượu không được bán"
    listing = await shown(stage, placed.remote_id)
    assert (listing.state, listing.reason) == (state, "Rượu không được bán")


@pytest.mark.parametrize("config", [replace(CONFIG, short_pages=True)])
async def test_short_and_empty_pages_are_not_the_end(stage: Scene) -> None:
    for number in range(60):
        await put(stage, stage.draft(f"HT-{number}", 90_000))
    seen: list[str] = []
    page: str | None = None
    while True:
        answer = await stage.facebook.listings(page)
        seen += [one.sku for one in answer.items]
        page = answer.next
        if page is None:
            break
    assert sorted(seen) == sorted(f"HT-{number}" for number in range(60))
    assert (await shown(stage, RemoteId("HT-7"))).sku == "HT-7"


# ---- posts -----------------------------------------------------------------------------------------------------------

POST = Post(key="k1", title="Mật ong bạc hà", text="Mẻ mới đã về.", link="https://shop.example.vn/p/HT-1")


async def test_a_post_carries_picture_and_link(stage: Scene) -> None:
    with_picture = replace(POST, pictures=(Picture(digest="ab" * 32, url=""),))
    posted = await stage.facebook.post(with_picture)
    (made,) = stage.page.posts.values()
    assert (made.id, len(made.photos), made.link) == (posted.remote_id, 1, "")
    assert POST.link in made.message
    assert made.message.endswith(mark("k1"))
    assert (await stage.facebook.posted(posted.remote_id)).visible
    plain = await stage.facebook.post(replace(POST, key="k2"))
    assert stage.page.posts[plain.remote_id].link == POST.link
    with pytest.raises(Vanished):
        await stage.facebook.posted(RemoteId("555000111_9"))


@pytest.mark.parametrize("days", [None, 3])
async def test_a_lost_answer_is_found_in_the_feed_and_never_posted_twice(
    stage: Scene, transport: HttpTransport, days: int | None
) -> None:
    post = POST if days is None else replace(POST, at=START + timedelta(days=days))
    settings = stage.facebook.shop
    lossy = Facebook(make_api(Facebook, settings, Lossy(transport), stage.keeper, now=stage.clock.now), settings)
    with pytest.raises(Unreachable):
        await lossy.post(post)
    found = await stage.facebook.post(post)
    assert [found.remote_id] == list(stage.page.posts)
    assert found.visible is (days is None)


@pytest.mark.parametrize("ahead", [timedelta(minutes=5), timedelta(days=31)])
async def test_a_post_is_planned_within_its_window_only(stage: Scene, ahead: timedelta) -> None:
    with pytest.raises(Refused) as told:
        await stage.facebook.post(replace(POST, at=START + ahead))
    assert told.value.code == "post_time_wrong"


# ---- lives, comments, chat -------------------------------------------------------------------------------------------


async def the_live(stage: Scene) -> Live:
    page = await stage.facebook.lives(START - timedelta(days=1), START + timedelta(days=1), None)
    (live,) = page.items
    return live


async def test_comments_of_a_live_are_the_same_by_poll_and_by_webhook(stage: Scene) -> None:
    await stage.facebook.subscribe(CONFIG.callback_url, "")
    live_id = stage.page.go_live("Chợ phiên OCOP")
    live = await the_live(stage)
    assert (live.state, live.viewers) == ("live", 25)
    for number in range(3):
        stage.page.comment(live_id, f"900{number}", "m12")
    stage.page.comment(stage.page.lives[live_id].video, "9009", "chốt 2 hộp mã 05")
    stage.page.say(stage.page.lives[live_id].post, PAGE.page_id, "Cảm ơn!", name=PAGE.name)
    polled = (await stage.facebook.comments(live.remote_id, None)).items
    assert [one.text for one in polled] == ["m12", "m12", "m12", "chốt 2 hộp mã 05"]
    heard = await stage.heard()
    assert [(one.remote_id, one.about, one.author, one.text, one.at, one.shop_remote_id) for one in heard] == [
        (one.remote_id, one.about, one.author, one.text, one.at, one.shop_remote_id) for one in polled
    ]
    stage.page.end_live(live_id)
    assert (await the_live(stage)).state == "over"


async def test_edits_removals_and_hiding_are_heard(stage: Scene) -> None:
    await stage.facebook.subscribe(CONFIG.callback_url, "")
    comment = stage.page.comment(stage.page.go_live("Phiên"), "9001", "m1")
    stage.page.edit_comment(comment, "m2 x3")
    await stage.facebook.hide(RemoteId(comment))
    stage.page.remove_comment(comment)
    assert [(one.text, one.hidden, one.removed) for one in await stage.heard()] == [
        ("m1", False, False),
        ("m2 x3", False, False),
        ("m2 x3", True, False),
        ("", False, True),
    ]


async def test_every_page_of_a_burst_is_read_and_the_last_mark_tells_what_came_since(stage: Scene) -> None:
    live_id = stage.page.go_live("Phiên")
    for number in range(230):
        stage.page.comment(live_id, f"9{number}", f"m{number}")
    live, seen = await the_live(stage), []
    last: str | None = None
    more = True
    while more:
        answer = await stage.facebook.comments(live.remote_id, last)
        seen += [one.text for one in answer.items]
        more, last = answer.next is not None, answer.next or last
    assert seen == [f"m{number}" for number in range(230)]
    stage.page.comment(live_id, "9999", "chốt")
    assert [one.text for one in (await stage.facebook.comments(live.remote_id, last)).items][-1] == "chốt"


async def test_a_comment_is_answered_once_and_within_seven_days(stage: Scene) -> None:
    live_id = stage.page.go_live("Phiên")
    first, second = (RemoteId(stage.page.comment(live_id, author, "m1")) for author in ("9001", "9002"))
    for _ in range(2):  # the second time the platform says it was answered: that is fine
        await stage.facebook.reply(first, "Cảm ơn bạn, HTX đã nhận đơn.")
    assert len(stage.page.sent) == 1
    stage.later(7 * 86_400)
    with pytest.raises(Refused) as told:
        await stage.facebook.reply(second, "Chào bạn")
    assert told.value.code == "reply_not_allowed"


async def test_chat_is_heard_and_answered_within_a_day(stage: Scene) -> None:
    await stage.facebook.subscribe(CONFIG.callback_url, "")
    stage.page.message("9001", "Còn hàng không?")
    stage.page.press("9001", "Đặt hàng", "ORDER")
    first, second = await stage.heard()
    assert (first.kind, first.text, second.text) == ("message", "Còn hàng không?", "Đặt hàng")
    assert first.about == first.author
    await stage.facebook.reply(first.about, "Còn ạ")
    await stage.facebook.reply(second.remote_id, "Bạn cho địa chỉ nhé")
    assert stage.page.sent == [(first.author, "Còn ạ"), (first.author, "Bạn cho địa chỉ nhé")]
    stage.later(86_400)
    with pytest.raises(Refused) as told:
        await stage.facebook.reply(first.about, "Bạn ơi")
    assert told.value.code == "reply_not_allowed"
    with pytest.raises(Refused):
        await stage.facebook.reply(first.about, "x" * 2001)


@pytest.mark.parametrize("config", [replace(CONFIG, anonymous=True)])
async def test_a_comment_without_an_author_is_read_and_answered(stage: Scene) -> None:
    await stage.facebook.subscribe(CONFIG.callback_url, "")
    stage.page.comment(stage.page.go_live("Phiên"), "9001", "m1")
    (polled,) = (await stage.facebook.comments((await the_live(stage)).remote_id, None)).items
    (heard,) = await stage.heard()
    assert polled.author == heard.author == ""
    await stage.facebook.reply(heard.remote_id, "Chào bạn")


# ---- tokens and limits -----------------------------------------------------------------------------------------------


async def test_a_dead_page_token_is_renewed_by_its_admins(stage: Scene) -> None:
    stage.platform.tokens[PAGE.page_token].dead = 460
    assert (await stage.facebook.check()).name == PAGE.name
    assert stage.keeper.renewals == 1
    assert stage.keeper.credentials.tokens is not None
    assert stage.keeper.credentials.tokens.refresh != PAGE.user_token  # made to live longer on the way


async def test_a_shop_that_only_publishes_keeps_its_admins_token_alive(stage: Scene) -> None:
    for _ in range(3):
        stage.later(35 * 86_400)
        assert await stage.facebook.find(Sku("HT-1")) is None
    assert stage.keeper.renewals == 3


async def test_when_both_tokens_are_dead_the_owner_is_needed(stage: Scene) -> None:
    for token in stage.platform.tokens.values():
        token.dead = 460
    with pytest.raises(Unauthorised) as told:
        await stage.facebook.check()
    assert told.value.code == "shop_needs_owner"


async def test_an_owner_signs_in(stage: Scene, transport: HttpTransport) -> None:
    base = stage.facebook.shop.base_url
    url = Facebook.sign_in_url(base_url=base, app=APP, redirect=APP["redirect"], state="s-1", now=START)
    async with ClientSession() as session, session.get(url, allow_redirects=False) as answer:
        back = dict(URL(answer.headers["Location"]).query)
    assert back["state"] == "s-1"
    settings = ShopSettings(shop_id="new", base_url=base)
    api = make_api(Facebook, settings, transport, MemoryKeeper(Credentials(secrets=APP)), now=stage.clock.now)
    page, tokens = await Facebook.exchange(api, app=APP, answer=back)
    assert (page, tokens.access) == (PAGE.page_id, PAGE.page_token)
    assert tokens.refresh_until == START + timedelta(days=60)
    with pytest.raises(Refused):
        await Facebook.exchange(api, app=APP, answer=back)
    with pytest.raises(Refused):
        await Facebook.exchange(api, app=APP, answer={"error": "access_denied"})


@pytest.mark.parametrize("config", [replace(CONFIG, calls_per_hour=20, headers_from=1)])
async def test_usage_headers_are_honoured(stage: Scene) -> None:
    for _ in range(19):  # from the fifteenth on slower
        await stage.facebook.check()
    assert stage.naps.seconds == [2, 2, 2, 2]
    with pytest.raises(Throttled) as told:
        await stage.facebook.check()
    assert told.value.seconds == 300
    assert sum(stage.world.calls.values()) == 19  # nothing was sent any more


@pytest.mark.parametrize("config", [replace(CONFIG, calls_per_hour=3, headers_from=100)])
async def test_a_spent_budget_is_believed(stage: Scene) -> None:
    for _ in range(3):
        await stage.facebook.check()
    with pytest.raises(Throttled) as told:
        await stage.facebook.check()
    assert told.value.seconds == 61 * 60


async def test_a_missing_right_stops_the_channel(stage: Scene) -> None:
    stage.page.settings = replace(PAGE, permissions=())
    with pytest.raises(Unauthorised) as told:
        await stage.facebook.post(POST)
    assert told.value.code == "app_not_allowed"


async def test_reads_outlast_a_dying_token_and_false_emptiness(stage: Scene) -> None:
    placed = await put(stage, stage.draft("HT-1", 90_000))
    stage.faults.change(Rates(token_expired=0.2, empty_page=0.2), 3)
    told = [((await stage.facebook.read([placed.remote_id]))[0], await stage.facebook.check()) for _ in range(10)]
    assert [(good(one).sku, card.name) for one, card in told] == [("HT-1", PAGE.name)] * 10
    assert stage.keeper.renewals > 0


async def test_a_falsely_empty_list_of_catalogues_asks_the_owner_nothing(stage: Scene) -> None:
    placed = await put(stage, stage.draft("HT-1", 90_000))
    stage.faults.change(Rates(empty_page=0.25), 5)
    for _ in range(10):  # a run each, and each must learn its catalogue anew
        fresh = Facebook(stage.facebook.api, replace(stage.facebook.shop, values={}))
        assert good((await fresh.read([placed.remote_id]))[0]).sku == "HT-1"
