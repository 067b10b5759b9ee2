"""Zalo over real HTTP against the sandbox: what of the shared contract it can keep, and what only Zalo does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from hub.connectors import abilities, all_ids, load
from hub.connectors.api import Api, Credentials, HttpTransport
from hub.connectors.model import OAuthCode, Picture, ShopSettings
from hub.connectors.social import Notice
from hub.connectors.zalo import Zalo
from hub.errors import Refused, Throttled, Unauthorised, Unreachable, Vanished
from hub.sandbox.faults import Rates
from hub.sandbox.zalo.config import Zalo as ZaloConfig
from hub.types import RemoteId
from tests.connectors.contract import Contract, MemoryKeeper, make_api
from tests.connectors.zalo_stage import ANH, APP, BINH, CUC, HOOK, OA, TOKENS, ZaloStage, config, on_stage


@pytest.fixture
def setup() -> ZaloConfig:
    return config()


@pytest.fixture
async def stage(setup: ZaloConfig, transport: HttpTransport) -> AsyncIterator[ZaloStage]:
    async with on_stage(transport, setup) as made:
        yield made


class TestContract:
    """The contract as far as it speaks of no goods and no orders."""

    test_check_names_the_shop = Contract.test_check_names_the_shop
    test_a_missing_signature_is_not_heard = Contract.test_a_missing_signature_is_not_heard
    test_a_short_wait_is_slept_a_long_one_is_believed = Contract.test_a_short_wait_is_slept_a_long_one_is_believed
    test_no_usable_answer_is_unreachable = Contract.test_no_usable_answer_is_unreachable

    async def test_a_nobody_is_refused(self, stage: ZaloStage) -> None:
        stage.keeper.credentials = Credentials(secrets=dict.fromkeys(APP, "x" * 40), tokens=replace(TOKENS, access="x"))
        with pytest.raises(Unauthorised):
            await stage.connector.check()

    async def test_reads_outlast_trouble(self, stage: ZaloStage) -> None:
        stage.faults.change(
            Rates(throttled=0.05, throttled_bare=0.05, error_json=0.05, error_html=0.05, error_in_200=0.05), 4
        )
        for _ in range(20):
            assert (await stage.connector.check()).remote_id == OA
        assert stage.naps.seconds


def test_it_is_on_the_list_and_says_what_it_can() -> None:
    assert "zalo" in all_ids()
    assert abilities(load("zalo")) == (
        "Posts", "TakesPostsDown", "AnswersComments", "HearsComments", "SendsNotices", "HearsEvents", "SignsIn",
    )  # fmt: skip
    assert Zalo.manifest.auth == OAuthCode(access_seconds=90_000, refresh_single_use=True, pkce=True)


# ---- signing in and tokens -----------------------------------------------------------------------------------------

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
KNOWN = APP | {"redirect": "http://127.0.0.1:8080/oauth/zalo", "code_verifier": VERIFIER}


def newcomer(stage: ZaloStage) -> Api:
    """An api for an account that is not connected yet."""
    shop = ShopSettings(shop_id="new", base_url=f"{stage.url}/zalo")
    return make_api(
        Zalo, shop, stage.line, MemoryKeeper(Credentials(secrets=KNOWN)), now=stage.clock.now, naps=stage.naps
    )


async def consented(stage: ZaloStage, app: dict[str, str], **query: str) -> dict[str, str]:
    """What an agreeing admin comes back with."""
    link = Zalo.sign_in_url(
        base_url=f"{stage.url}/zalo", app=app, redirect=app["redirect"], state="st-1", now=stage.clock.now()
    )
    async with httpx2.AsyncClient() as client:
        answer = await client.get(link, params=dict(parse_qsl(urlsplit(link).query)) | query)
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def test_an_owner_signs_in_with_pkce(stage: ZaloStage) -> None:
    answer = await consented(stage, KNOWN)
    assert answer["state"] == "st-1"
    remote_id, tokens = await Zalo.exchange(newcomer(stage), app=KNOWN, answer=answer)
    assert remote_id == "3812345678901234562"  # the account that was not connected yet
    assert tokens.access_until == stage.clock.now() + timedelta(seconds=90_000)
    stage.keeper.credentials = Credentials(secrets=APP, tokens=tokens)
    assert (await stage.connector.check()).name == "Hợp tác xã Hai"
    with pytest.raises(Refused) as again:
        await Zalo.exchange(newcomer(stage), app=KNOWN, answer=answer)
    assert again.value.code == "sign_in_unknown"


async def test_another_verifier_gets_nothing(stage: ZaloStage) -> None:
    answer = await consented(stage, KNOWN)
    with pytest.raises(Refused):
        await Zalo.exchange(newcomer(stage), app=KNOWN | {"code_verifier": "z" * 43}, answer=answer)


async def test_a_verifier_fixed_in_the_console_wins(transport: HttpTransport) -> None:
    fixed = config()
    challenge = "Ult2ceA1iDxvjFrqYu2bxyLuPPKQW3Eub38yOCY_EhU"
    app = replace(fixed.apps[0], code_challenge=challenge)
    known = KNOWN | {"fixed_verifier": "ZxTjg8dQ2pQq1rBq9v0mJk3cW5yN7uE4aLhR6tXsVbM"}
    async with on_stage(transport, replace(fixed, apps=(app,))) as stage:
        answer = await consented(stage, known)
        assert (await Zalo.exchange(newcomer(stage), app=known, answer=answer))[0] == "3812345678901234562"


async def test_an_answer_without_code_or_account_is_incomplete(stage: ZaloStage) -> None:
    for answer in ({"oa_id": OA}, {"code": "c"}):
        with pytest.raises(Refused) as told:
            await Zalo.exchange(newcomer(stage), app=KNOWN, answer=answer)
        assert told.value.code == "sign_in_incomplete"


async def test_a_late_code_is_told_as_such(stage: ZaloStage) -> None:
    answer = await consented(stage, KNOWN)
    stage.later(601)
    with pytest.raises(Refused) as told:
        await Zalo.exchange(newcomer(stage), app=KNOWN, answer=answer)
    assert (told.value.code, told.value.facts["remote_code"]) == ("sign_in_unknown", "-14019")


@pytest.mark.parametrize("as_text", [True, False])
async def test_an_old_token_is_renewed_and_the_new_pair_kept(transport: HttpTransport, as_text: bool) -> None:
    async with on_stage(transport, config(expires_as_text=as_text)) as stage:
        stage.later(90_001)
        assert (await stage.connector.check()).remote_id == OA
        assert stage.keeper.renewals == 1
        tokens = stage.keeper.credentials.tokens
        assert tokens is not None
        assert tokens.refresh != TOKENS.refresh
        assert tokens.access_until == stage.clock.now() + timedelta(seconds=90_000)


async def test_a_token_that_dies_early_is_renewed_once(stage: ZaloStage) -> None:
    stage.pretend.authority.chains[APP["app_id"], OA].access_until = stage.clock.now()
    assert (await stage.connector.check()).remote_id == OA
    assert stage.keeper.renewals == 1


async def test_a_spent_refresh_token_needs_the_owner_and_makes_no_loop(stage: ZaloStage) -> None:
    stage.later(90_001)
    await stage.connector.check()
    stage.keeper.credentials = replace(stage.keeper.credentials, tokens=TOKENS)  # a second hub with the old pair
    stage.line.sent.clear()
    with pytest.raises(Unauthorised) as told:
        await stage.connector.check()
    assert (told.value.code, told.value.facts["remote_code"]) == ("shop_needs_owner", "-14014")
    assert not told.value.refreshable
    assert len(stage.line.sent) <= 2


async def test_a_lost_answer_to_a_refresh_ends_the_chain(stage: ZaloStage) -> None:
    stage.later(90_001)
    stage.line.deaf.add("/v4/oa/access_token")
    with pytest.raises(Unauthorised) as told:
        await stage.connector.check()
    assert (told.value.code, told.value.facts["remote_code"]) == ("shop_needs_owner", "-14014")
    assert len(stage.line.sent) == 2


async def test_a_refresh_token_lives_ninety_days(stage: ZaloStage) -> None:
    stage.later(91 * 86_400)
    with pytest.raises(Unauthorised) as told:
        await stage.connector.check()
    assert told.value.facts["remote_code"] == "-14020"


async def test_token_calls_are_forms_with_the_secret_in_a_header(stage: ZaloStage) -> None:
    stage.later(90_001)
    await stage.connector.check()
    call = stage.line.sent[0]
    assert call.path == "/v4/oa/access_token"
    assert dict(call.headers)["secret_key"] == APP["secret_key"]
    assert dict(call.form) == {
        "refresh_token": "zalo-refresh-1", "grant_type": "refresh_token", "app_id": APP["app_id"],
    }  # fmt: skip
    assert "secret_key" not in dict(stage.line.sent[1].headers)


async def test_the_proof_is_sent_where_the_app_demands_it(transport: HttpTransport) -> None:
    strict = config()
    async with on_stage(transport, replace(strict, apps=(replace(strict.apps[0], needs_proof=True),))) as stage:
        with pytest.raises(Unauthorised) as told:
            await stage.connector.check()
        assert told.value.code == "app_key_wrong"
        stage.keeper.credentials = Credentials(secrets=APP | {"appsecret_proof": "on"}, tokens=TOKENS)
        assert (await stage.connector.check()).remote_id == OA


# ---- articles ------------------------------------------------------------------------------------------------------


async def test_an_article_is_made_verified_and_read_back(stage: ZaloStage) -> None:
    posted = await stage.zalo.post(stage.post())
    assert not posted.remote_id.startswith("token:")
    assert stage.naps.seconds  # it was being processed, and asked for again
    assert posted.visible
    assert posted.title == "Mật ong hoa nhãn đạt OCOP 4 sao"
    assert posted.text.split("\n\n") == [
        "Mật ong hoa nhãn khai thác tại vườn.", "Bảo quản nơi khô mát.", "https://ocop.example.vn/sp/mat-ong",
    ]  # fmt: skip
    assert await stage.zalo.posted(posted.remote_id) == posted
    cover = stage.account.shelf.articles[posted.remote_id].json["cover"]["photo_url"]
    assert cover == "https://ocop.example.vn/pictures/m%E1%BA%ADt%20ong.jpg"


async def test_an_article_that_takes_long_is_a_ticket_until_it_is_there(transport: HttpTransport) -> None:
    async with on_stage(transport, config(article_seconds=120)) as stage:
        waiting = await stage.zalo.post(stage.post())
        assert waiting.remote_id.startswith("token:")
        assert not waiting.visible
        assert (await stage.zalo.posted(waiting.remote_id)).remote_id == waiting.remote_id
        stage.later(120)
        found = await stage.zalo.posted(waiting.remote_id)
        assert found.remote_id in stage.account.shelf.articles
        assert found.visible


async def test_a_ticket_is_not_lost_when_nobody_says_what_became_of_it(stage: ZaloStage) -> None:
    await stage.zalo.posts(None)
    stage.line.broken.add("/v2.0/article/verify")
    waiting = await stage.zalo.post(stage.post())
    assert waiting.remote_id.startswith("token:")
    stage.line.broken.clear()
    stage.later(10)
    assert (await stage.zalo.posted(waiting.remote_id)).visible


async def test_posting_again_updates_and_never_doubles(stage: ZaloStage) -> None:
    first = await stage.zalo.post(stage.post())
    again = await stage.zalo.post(stage.post(text="Vụ mới, mật sánh hơn."))
    assert again.remote_id == first.remote_id
    assert again.text.startswith("Vụ mới")
    assert len(stage.account.shelf.articles) == 1


async def test_a_lost_answer_is_found_by_its_title(stage: ZaloStage) -> None:
    await stage.zalo.post(stage.post(title="Bài khác"))
    stage.line.deaf.add("/v2.0/article/create")
    with pytest.raises(Unreachable):
        await stage.zalo.post(stage.post())
    token = next(iter(stage.account.shelf.jobs))
    stage.later(10)
    stage.account.shelf.verify({"token": token}, stage.clock.now())  # Zalo finishes what it took
    posted = await stage.zalo.post(stage.post())
    assert posted.remote_id == stage.account.shelf.finished[token]
    assert len(stage.account.shelf.articles) == 2


async def test_an_update_may_be_said_twice(stage: ZaloStage) -> None:
    first = await stage.zalo.post(stage.post())
    stage.line.deaf.add("/v2.0/article/update")
    again = await stage.zalo.post(stage.post(text="Vụ mới."))
    assert (again.remote_id, again.text.startswith("Vụ mới.")) == (first.remote_id, True)
    assert len(stage.account.shelf.articles) == 1


async def test_an_article_the_owner_wrote_under_the_same_title_is_left_alone(stage: ZaloStage) -> None:
    theirs = await stage.zalo.post(stage.post(link="", text="Bài chủ thể tự viết."))
    ours = await stage.zalo.post(stage.post())
    assert ours.remote_id != theirs.remote_id
    assert (await stage.zalo.posted(theirs.remote_id)).text == "Bài chủ thể tự viết."


async def test_a_falsely_empty_list_makes_no_double(stage: ZaloStage) -> None:
    first = await stage.zalo.post(stage.post())
    for seed in range(30):
        stage.faults.change(Rates(empty_page=0.5), seed)
        drawn = [stage.faults.decide(f"zalo/{OA}/GET /v2.0/article/getslice") for _ in range(2)]
        if drawn[0] is not None and drawn[1] is None:
            stage.faults.change(Rates(empty_page=0.5), seed)
            break
    assert (await stage.zalo.post(stage.post())).remote_id == first.remote_id
    assert sum(stage.faults.given.values()) == 1


async def test_the_list_is_walked_by_tens_newest_first(stage: ZaloStage) -> None:
    titles = [f"Bài số {number}" for number in range(12)]
    for title in titles:
        await stage.zalo.post(stage.post(title=title))
    first = await stage.zalo.posts(None)
    second = await stage.zalo.posts(first.next)
    assert [one.title for one in (*first.items, *second.items)] == titles[::-1]
    assert (first.next, second.next) == ("10", None)


async def test_an_article_is_hidden_and_removed(stage: ZaloStage) -> None:
    posted = await stage.zalo.post(
        stage.post(pictures=(*stage.post().pictures, Picture(digest="d2", url="http://a.vn/2.png")))
    )
    before = dict(stage.account.shelf.articles[posted.remote_id].json)
    await stage.zalo.unpost(posted.remote_id)
    assert stage.account.shelf.articles[posted.remote_id].json == before | {"status": "hide"}
    assert not (await stage.zalo.posted(posted.remote_id)).visible
    await stage.zalo.unpost(posted.remote_id, forever=True)
    with pytest.raises(Vanished):
        await stage.zalo.posted(posted.remote_id)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "M" * 150}, "title_too_long"),
        ({"pictures": ()}, "pictures_too_few"),
        ({"pictures": (Picture(digest="d1", url=""),)}, "pictures_too_few"),
    ],
)
async def test_what_zalo_would_refuse_is_not_sent(stage: ZaloStage, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as told:
        await stage.zalo.post(replace(stage.post(), **changes))  # type: ignore[arg-type]
    assert told.value.code == code
    assert stage.line.sent == []


async def test_a_post_for_later_is_not_put_up_now(stage: ZaloStage) -> None:
    with pytest.raises(Refused) as told:
        await stage.zalo.post(stage.post(at=stage.clock.now() + timedelta(days=1)))
    assert told.value.code == "post_not_kept"
    assert stage.line.sent == []


async def test_a_picture_zalo_cannot_fetch_is_told(stage: ZaloStage) -> None:
    with pytest.raises(Refused) as told:
        await stage.zalo.post(stage.post(pictures=(Picture(digest="d", url="https://a.vn/1.webp"),)))
    assert told.value.code == "picture_refused"


# ---- chat ----------------------------------------------------------------------------------------------------------


async def chat(stage: ZaloStage, author: str, text: str) -> RemoteId:
    """Somebody writes, the webhook arrives; the comment's id."""
    stage.account.message(author, text)
    (delivery,) = await stage.heard()
    (comment,) = Zalo.overhear(delivery.body, dict(delivery.headers), url=HOOK, secret="oa-secret-1")
    assert (comment.kind, comment.author, comment.text) == ("message", author, text)
    assert comment.about == f"{OA}:{author}"
    assert comment.at == stage.clock.now()
    return comment.remote_id


async def test_a_message_is_heard_and_answered_with_a_quote(stage: ZaloStage) -> None:
    comment = await chat(stage, ANH, "chốt 2 hộp mã 05 0900000001")
    await stage.zalo.reply(comment, "Đã chốt 2 hộp mã 05")
    assert [(one.to, one.text) for one in stage.account.desk.sent] == [(ANH, "Đã chốt 2 hộp mã 05")]
    body = stage.line.sent[-1].body
    assert body is not None
    assert stage.account.desk.contacts[ANH].messages[0].encode() in body
    events = [Zalo.hear(one.body, dict(one.headers), url=HOOK, secret="oa-secret-1") for one in await stage.heard()]
    assert {one.shop_remote_id for one in events if one} == {OA}
    assert all(Zalo.overhear(one.body, dict(one.headers), url=HOOK, secret="oa-secret-1") == () for one in stage.posted)


async def test_after_seven_days_no_answer_is_allowed(stage: ZaloStage) -> None:
    comment = await chat(stage, ANH, "còn hàng không")
    stage.later(7 * 86_400 + 1)
    with pytest.raises(Refused) as told:
        await stage.zalo.reply(comment, "Còn")
    assert (told.value.code, told.value.facts["remote_code"]) == ("reply_not_allowed", "-230")


async def test_eight_answers_are_free_then_the_package_pays(stage: ZaloStage) -> None:
    comment = await chat(stage, ANH, "alo")
    for number in range(9):
        await stage.zalo.reply(comment, f"Tin {number}")
    assert stage.account.desk.package == 1999
    stage.account.desk.package = 0
    with pytest.raises(Throttled) as told:
        await stage.zalo.reply(comment, "Tin nữa")
    assert told.value.code == "remote_quota_spent"


async def test_who_blocked_the_account_gets_nothing(stage: ZaloStage) -> None:
    comment = await chat(stage, ANH, "alo")
    stage.account.block(ANH)
    with pytest.raises(Refused) as told:
        await stage.zalo.reply(comment, "Chào")
    assert told.value.code == "reply_not_allowed"


async def test_an_answer_that_is_lost_is_not_said_twice(stage: ZaloStage) -> None:
    comment = await chat(stage, ANH, "alo")
    stage.faults.change(Rates(lost_answer=1), 1)
    with pytest.raises(Unreachable) as told:
        await stage.zalo.reply(comment, "Chào")
    assert told.value.sent
    assert len(stage.account.desk.sent) == 1


async def test_nothing_can_be_hidden(stage: ZaloStage) -> None:
    with pytest.raises(Refused) as told:
        await stage.zalo.hide(RemoteId(f"{ANH}:m1"))
    assert told.value.code == "hide_not_offered"
    assert stage.line.sent == []


async def test_of_an_address_given_by_the_buyer_only_the_province_is_read(stage: ZaloStage) -> None:
    stage.account.submit_info(
        BINH, {"name": "Tên Mẫu", "phone": "84900000002", "address": "Số 1", "ward": "Phường Mẫu", "city": "Thanh Hóa"}
    )
    (delivery,) = await stage.heard()
    (comment,) = Zalo.overhear(delivery.body, dict(delivery.headers), url=HOOK, secret="oa-secret-1")
    assert comment.text == "Thanh Hóa"
    await stage.zalo.reply(comment.remote_id, "Đã nhận địa chỉ")  # there is no message to quote
    assert stage.account.desk.sent[-1].to == BINH


async def test_a_picture_is_a_message_without_text_and_a_new_follower_none(stage: ZaloStage) -> None:
    stage.account.send_picture(ANH, "https://a.vn/1.jpg")
    stage.account.follow(BINH)
    deliveries = await stage.heard()
    heard = [Zalo.overhear(one.body, dict(one.headers), url=HOOK, secret="oa-secret-1") for one in deliveries]
    assert [[one.text for one in comments] for comments in heard] == [[""], []]
    hints = [Zalo.hear(one.body, dict(one.headers), url=HOOK, secret="oa-secret-1") for one in deliveries]
    assert [(one.object_id, one.shop_remote_id) for one in hints if one] == [(ANH, OA), (BINH, OA)]


async def test_webhooks_are_entered_by_hand(stage: ZaloStage) -> None:
    with pytest.raises(Refused) as told:
        await stage.zalo.subscribe(HOOK, "oa-secret-1")
    assert (told.value.code, told.value.facts["url"]) == ("hooks_by_hand", HOOK)


# ---- templates -----------------------------------------------------------------------------------------------------

VALUES = (("customer_name", "Khách mẫu"), ("order_code", "H1"), ("unasked", "x"))
NOTICE = Notice(key="H1-confirm", template="301201", to="0900 000 001", by="phone", values=VALUES)


async def test_templates_tell_fields_price_and_state(stage: ZaloStage) -> None:
    told = {one.id: one for one in await stage.zalo.templates()}
    assert told["301201"].fields == ("customer_name", "order_code", "amount")
    assert (told["301201"].usable, told["301201"].price) == (True, 300)
    assert not told["301203"].usable


async def test_a_notice_goes_by_phone_and_its_receipt_names_our_key(stage: ZaloStage) -> None:
    sent = await stage.zalo.send(NOTICE)
    (one,) = stage.account.desk.sent
    assert (one.msg_id, one.to, one.tracking_id) == (sent, "84900000001", "H1-confirm")
    assert one.values == (("customer_name", "Khách mẫu"), ("order_code", "H1"))
    (receipt,) = await stage.heard()
    hint = Zalo.hear(receipt.body, dict(receipt.headers), url=HOOK, secret="oa-secret-1")
    assert hint is not None
    assert (hint.kind, hint.object_id, hint.shop_remote_id) == ("other", "H1-confirm", OA)


async def test_a_notice_goes_by_user_id(stage: ZaloStage) -> None:
    sent = await stage.zalo.send(replace(NOTICE, to=ANH, by="user"))
    (one,) = stage.account.desk.sent
    assert (one.msg_id, one.to, one.charged) == (sent, ANH, 200)


async def test_an_old_template_goes_by_phone_only(stage: ZaloStage) -> None:
    old = replace(NOTICE, template="301202")
    await stage.zalo.send(old)
    with pytest.raises(Refused) as told:
        await stage.zalo.send(replace(old, to=ANH, by="user"))
    assert told.value.code == "notice_not_usable"


async def test_a_notice_whose_answer_is_lost_was_sent_once_and_stays_unknown(stage: ZaloStage) -> None:
    await stage.zalo.templates()
    stage.line.deaf.add("/message/template")
    with pytest.raises(Unreachable) as told:
        await stage.zalo.send(NOTICE)
    assert told.value.sent
    assert len(stage.account.desk.sent) == 1
    assert stage.account.desk.money == 999_700


async def test_the_same_key_twice_is_paid_twice(stage: ZaloStage) -> None:
    """Why nobody may repeat a notice: the key is no protection on Zalo."""
    assert await stage.zalo.send(NOTICE) != await stage.zalo.send(NOTICE)
    assert stage.account.desk.money == 999_400


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"values": (("order_code", "H1"),)}, "notice_value_wrong"),
        ({"values": (("customer_name", "N" * 31), ("order_code", "H1"))}, "notice_value_wrong"),
        ({"to": "12345"}, "phone_wrong"),
        ({"to": "84900000009"}, "notice_unwanted"),  # nobody on Zalo has it
        ({"to": "84900000003"}, "notice_unwanted"),  # does not want it
        ({"template": "301203", "values": (("customer_name", "A"),)}, "notice_not_usable"),
        ({"template": "999"}, "notice_not_usable"),
    ],
)
async def test_notices_that_cannot_go_say_why(stage: ZaloStage, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as told:
        await stage.zalo.send(replace(NOTICE, **changes))  # type: ignore[arg-type]
    assert told.value.code == code
    assert stage.account.desk.sent == []


async def test_no_money_refuses_the_notice_and_the_rest_goes_on(stage: ZaloStage) -> None:
    stage.account.desk.money = 299
    with pytest.raises(Refused) as told:
        await stage.zalo.send(NOTICE)
    assert told.value.code == "notice_unpaid"
    assert (await stage.connector.check()).live


async def test_a_spent_day_waits(transport: HttpTransport) -> None:
    plain = config()
    account = replace(plain.accounts[0], daily_quota=1)
    async with on_stage(transport, replace(plain, accounts=(account,))) as stage:
        await stage.zalo.send(NOTICE)
        with pytest.raises(Throttled) as told:
            await stage.zalo.send(NOTICE)
        assert told.value.code == "remote_quota_spent"
        stage.later(86_400)
        await stage.zalo.send(NOTICE)


async def test_a_long_key_is_told_by_its_digest(stage: ZaloStage) -> None:
    await stage.zalo.send(replace(NOTICE, key="k" * 60))
    assert len(stage.account.desk.sent[0].tracking_id) == 48


async def test_a_permission_that_was_not_ticked_is_the_operators(transport: HttpTransport) -> None:
    plain = config()
    async with on_stage(transport, replace(plain, apps=(replace(plain.apps[0], messages_allowed=False),))) as stage:
        with pytest.raises(Unauthorised) as told:
            await stage.zalo.send(replace(NOTICE, to=CUC, by="user"))
        assert told.value.code == "app_not_allowed"
