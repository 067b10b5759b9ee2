"""The pretend Zalo: one test for each thing the fact sheet says it refuses, and its webhooks. No connector here."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.faults import Faults, Rates
from hub.sandbox.kit import Delivery, HasViewers, NotOffered
from hub.sandbox.zalo.account import Account
from hub.sandbox.zalo.config import Zalo as Config
from hub.sandbox.zalo.config import default_zalo
from hub.sandbox.zalo.hooks import mac
from hub.sandbox.zalo.platform import Zalo

START = datetime(2026, 11, 21, 1, tzinfo=UTC)
OA, APP_ID, SECRET = "3812345678901234561", "431234567890", "zalo-app-secret-1"
ANH, CUC = "7312345678901234501", "7312345678901234503"
VERIFIER = "ZxTjg8dQ2pQq1rBq9v0mJk3cW5yN7uE4aLhR6tXsVbM"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
ARTICLE: dict[str, Any] = {
    "type": "normal", "title": "Mật ong", "author": "HTX", "description": "Lời dẫn",
    "cover": {"cover_type": "photo", "photo_url": "https://a.vn/1.jpg", "status": "show"},
    "body": [{"type": "text", "content": "Một"}], "status": "show", "comment": "show",
}  # fmt: skip
NOTICE: dict[str, Any] = {
    "phone": "84900000001", "template_id": "301201", "tracking_id": "H1",
    "template_data": {"customer_name": "Khách", "order_code": "H1"},
}  # fmt: skip


@dataclass
class Caller:
    """Whoever calls. ``token`` None: no token at all."""

    session: ClientSession
    base: str
    clock: ShiftedClock
    zalo: Zalo
    account: Account
    posted: list[Delivery]
    answers: list[int]
    token: str | None = "zalo-access-1"

    async def get(self, path: str, **params: str) -> Any:
        async with self.session.get(f"{self.base}{path}", params=params, headers=self._headers()) as answer:
            assert answer.status == 200
            return await answer.json()

    async def post(self, path: str, body: object) -> Any:
        async with self.session.post(f"{self.base}{path}", json=body, headers=self._headers()) as answer:
            assert answer.status == 200
            return await answer.json()

    def _headers(self) -> dict[str, str]:
        return {"access_token": self.token} if self.token else {}

    async def form(self, secret: str = SECRET, **values: str) -> Any:
        address = f"{self.base}/v4/oa/access_token"
        async with self.session.post(
            address, data={"app_id": APP_ID, **values}, headers={"secret_key": secret}
        ) as answer:
            assert answer.status == 200
            return await answer.json()

    async def consent(self, **query: str) -> tuple[int, Any]:
        """(status, JSON or the address to go to) of the consent page."""
        asked = {"app_id": APP_ID, "redirect_uri": "http://127.0.0.1/back", "code_challenge": "", **query}
        address = f"{self.base}/v4/oa/permission"
        async with self.session.get(address, params=asked, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location") or await answer.json()

    async def code(self, **query: str) -> str:
        _, address = await self.consent(**query)
        return str(address).partition("code=")[2].partition("&")[0]

    def later(self, **span: float) -> None:
        self.clock.move(timedelta(**span))

    async def renew(self) -> None:
        """A new pair, for tests that outlive a token."""
        chain = self.zalo.authority.chains[APP_ID, OA]
        self.token = (await self.form(grant_type="refresh_token", refresh_token=chain.refresh))["access_token"]


@pytest.fixture
def setup() -> Config:
    whole = default_zalo()
    return replace(whole, apps=(replace(whole.apps[0], hook_url="https://hub.example.vn/hooks/zalo"),))


@pytest.fixture
async def caller(setup: Config) -> AsyncIterator[Caller]:
    clock = ShiftedClock(START, frozen=True)
    app = create_sandbox(SandboxConfig(zalo=setup), clock, Faults())
    sandbox = app[SANDBOX]
    posted: list[Delivery] = []
    answers: list[int] = []

    async def post(delivery: Delivery) -> int:
        posted.append(delivery)
        return answers.pop(0) if answers else 200

    sandbox.world.post = post
    zalo = next(one for one in sandbox.platforms if isinstance(one, Zalo))
    async with TestServer(app) as server, ClientSession() as session:
        yield Caller(
            session=session, base=str(server.make_url("/zalo")), clock=clock, zalo=zalo, account=zalo.accounts[OA],
            posted=posted, answers=answers,
        )  # fmt: skip


def challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


# ---- consent and tokens ----------------------------------------------------------------------------------------------


async def test_an_unknown_app_and_a_strange_address_get_no_consent(caller: Caller) -> None:
    assert (await caller.consent(app_id="1"))[1]["error"] == -14002
    status, told = await caller.consent(redirect_uri="https://evil.example/")
    assert (status, told["error"], told["error_name"]) == (200, -14003, "Invalid redirect uri")


async def test_a_code_works_once_for_ten_minutes_and_with_its_verifier(caller: Caller) -> None:
    asked = {"grant_type": "authorization_code", "code_verifier": VERIFIER}
    code = await caller.code(code_challenge=challenge(VERIFIER))
    pair = await caller.form(code=code, **asked)
    assert set(pair) == {"access_token", "refresh_token", "expires_in"}
    assert pair["expires_in"] == "90000"
    assert (await caller.form(code=code, **asked))["error"] == -14005
    code = await caller.code(code_challenge=challenge(VERIFIER))
    assert (await caller.form(code=code, **asked | {"code_verifier": "x" * 43}))["error"] == -14005
    code = await caller.code(code_challenge=challenge(VERIFIER))
    caller.later(minutes=10)
    assert (await caller.form(code=code, **asked))["error"] == -14019


async def test_a_refresh_token_works_once(caller: Caller) -> None:
    asked = {"grant_type": "refresh_token", "refresh_token": "zalo-refresh-1"}
    first = await caller.form(**asked)
    again = await caller.form(**asked)
    assert again["error"] == -14014
    assert set(again) == {"error", "error_name", "error_reason", "ref_doc", "error_description"}
    assert (await caller.form(**asked | {"refresh_token": first["refresh_token"]}))["access_token"]


async def test_a_refresh_token_ends_after_three_months(caller: Caller) -> None:
    caller.later(days=90)
    assert (await caller.form(grant_type="refresh_token", refresh_token="zalo-refresh-1"))["error"] == -14020


async def test_the_secret_must_be_in_its_header_and_the_body_a_form(caller: Caller) -> None:
    asked = {"grant_type": "refresh_token", "refresh_token": "zalo-refresh-1"}
    assert (await caller.form(secret="wrong", **asked))["error"] == -14004
    assert (await caller.post("/v4/oa/access_token", {"app_id": APP_ID, **asked}))["error"] == -14002
    assert (await caller.form(grant_type="password"))["error"] == -14000
    assert (await caller.form(**asked))["access_token"]  # none of these spent it


async def test_tokens_end_and_hosts_name_it_differently(caller: Caller) -> None:
    assert (await caller.get("/v2.0/oa/getoa"))["data"]["oaid"] == OA
    caller.later(seconds=90_000)
    assert await caller.get("/v2.0/oa/getoa") == {"error": -216, "message": "Access token is invalid"}
    assert (await caller.post("/message/template", NOTICE))["error"] == -124
    caller.token = None
    assert (await caller.get("/v2.0/oa/getoa"))["error"] == -216


async def test_a_refresh_ends_the_access_token_before(caller: Caller) -> None:
    await caller.form(grant_type="refresh_token", refresh_token="zalo-refresh-1")
    assert (await caller.get("/v2.0/oa/getoa"))["error"] == -216


async def test_a_bearer_is_no_access_token(caller: Caller) -> None:
    address = f"{caller.base}/v2.0/oa/getoa"
    async with caller.session.get(address, headers={"Authorization": "Bearer zalo-access-1"}) as answer:
        assert (await answer.json())["error"] == -216


@pytest.mark.parametrize("setup", [replace(default_zalo(), apps=(replace(default_zalo().apps[0], needs_proof=True),))])
async def test_an_app_that_demands_the_proof_gets_it(caller: Caller) -> None:
    assert (await caller.get("/v2.0/oa/getoa"))["error"] == -242
    proof = hmac.new(SECRET.encode(), b"zalo-access-1", hashlib.sha256).hexdigest()
    headers = {"access_token": "zalo-access-1", "appsecret_proof": proof}
    async with caller.session.get(f"{caller.base}/v2.0/oa/getoa", headers=headers) as answer:
        assert (await answer.json())["error"] == 0


@pytest.mark.parametrize("setup", [replace(default_zalo(), calls_per_minute=2)])
async def test_too_many_calls_are_told_with_200(caller: Caller) -> None:
    codes = [(await caller.get("/v2.0/oa/getoa"))["error"] for _ in range(3)]
    assert codes == [0, 0, -32]
    caller.later(seconds=60)
    assert (await caller.get("/v2.0/oa/getoa"))["error"] == 0


async def test_the_shop_is_gone(caller: Caller) -> None:
    for path in ("product/create", "product/getproductofoa", "category/create", "upload/photo", "order/getorderofoa"):
        headers = {"access_token": "zalo-access-1"}
        async with caller.session.post(f"{caller.base}/v2.0/store/{path}", json={}, headers=headers) as answer:
            assert answer.status == 404


async def test_parameters_of_oa_calls_are_one_field_of_json(caller: Caller) -> None:
    caller.account.follow(ANH)
    told = await caller.get("/v2.0/oa/getfollowers", data='{"offset":0,"count":10}')
    assert told["data"] == {"total": 1, "followers": [{"user_id": ANH}]}
    assert (await caller.get("/v2.0/oa/getfollowers", offset="0", count="10"))["error"] == -201
    assert (await caller.get("/v2.0/oa/getfollowers", data='{"offset":0,"count":51}'))["error"] == -201


async def test_a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    headers = {"access_token": "zalo-access-1", "Content-Type": "application/json"}
    async with caller.session.post(f"{caller.base}/v3.0/oa/message/cs", data=b"{", headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (200, -122)


# ---- articles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""}, {"title": "M" * 150}, {"author": "A" * 51}, {"author": ""}, {"description": "D" * 301},
        {"description": ""}, {"cover": None}, {"cover": {"cover_type": "photo", "photo_url": "https://a.vn/mật.jpg"}},
        {"cover": {"cover_type": "photo", "photo_url": "https://a.vn/1 2.jpg"}}, {"body": []},
        {"body": [{"type": "text", "content": ""}]}, {"body": [{"type": "product", "id": "1"}]},
        {"body": [{"type": "image", "url": "d1"}]}, {"status": "on"}, {"comment": "on"}, {"type": "story"},
    ],
)  # fmt: skip
async def test_an_article_that_is_wrong_is_refused(caller: Caller, change: dict[str, object]) -> None:
    assert (await caller.post("/v2.0/article/create", ARTICLE | change))["error"] == -201
    assert (await caller.post("/v2.0/article/create", ARTICLE))["error"] == 0


async def test_an_article_has_no_id_before_it_is_made(caller: Caller) -> None:
    told = await caller.post("/v2.0/article/create", ARTICLE)
    assert set(told["data"]) == {"token"}
    assert (await caller.post("/v2.0/article/verify", told["data"]))["error"] == -214
    caller.later(seconds=2)
    made = await caller.post("/v2.0/article/verify", told["data"])
    assert await caller.post("/v2.0/article/verify", told["data"]) == made
    detail = await caller.get("/v2.0/article/getdetail", id=made["data"]["id"])
    assert (detail["data"]["title"], detail["data"]["status"]) == ("Mật ong", "show")
    assert (await caller.post("/v2.0/article/verify", {"token": "x"}))["error"] == -201


async def test_what_is_not_said_stays_hidden(caller: Caller) -> None:
    plain = {key: value for key, value in ARTICLE.items() if key != "status"}
    token = (await caller.post("/v2.0/article/create", plain))["data"]
    caller.later(seconds=2)
    made = await caller.post("/v2.0/article/verify", token)
    assert (await caller.get("/v2.0/article/getdetail", id=made["data"]["id"]))["data"]["status"] == "hide"


async def test_a_picture_that_cannot_be_fetched_is_found_out_late(caller: Caller) -> None:
    cover = {"cover_type": "photo", "photo_url": "https://a.vn/1.webp"}
    token = (await caller.post("/v2.0/article/create", ARTICLE | {"cover": cover}))["data"]
    caller.later(seconds=2)
    assert await caller.post("/v2.0/article/verify", token) == {"error": -200, "message": "Upload media failed"}


async def test_unknown_articles_are_refused(caller: Caller) -> None:
    assert (await caller.get("/v2.0/article/getdetail", id="x"))["error"] == -201
    assert (await caller.post("/v2.0/article/update", ARTICLE | {"id": "x"}))["error"] == -201
    assert (await caller.post("/v2.0/article/remove", {"id": "x"}))["error"] == -201


async def test_a_list_wants_its_type_and_at_most_ten(caller: Caller) -> None:
    fine = {"offset": "0", "limit": "10", "type": "normal"}
    assert (await caller.get("/v2.0/article/getslice", **fine))["data"] == {"medias": [], "total": 0}
    assert "maximum limit is 10" in (await caller.get("/v2.0/article/getslice", **fine | {"limit": "11"}))["message"]
    assert (await caller.get("/v2.0/article/getslice", offset="0", limit="10"))["error"] == -201
    assert (await caller.get("/v2.0/article/getslice", data=json.dumps(fine)))["error"] == -201


async def test_uploads_are_pictures_of_one_megabyte(caller: Caller) -> None:
    async def upload(content: bytes, name: str = "file") -> int:
        data = FormData()
        data.add_field(name, BytesIO(content), filename="a.png", content_type="image/png")
        headers = {"access_token": "zalo-access-1"}
        async with caller.session.post(f"{caller.base}/v2.0/oa/upload/image", data=data, headers=headers) as answer:
            return int((await answer.json())["error"])

    assert await upload(PNG) == 0
    assert await upload(b"GIF89a") == -201
    assert await upload(PNG, name="image") == -201
    assert await upload(PNG + bytes(1_048_576)) == -210


# ---- consultation ----------------------------------------------------------------------------------------------------


def message(user: object = ANH, text: object = "Chào", **more: str) -> dict[str, object]:
    return {"recipient": {"user_id": user}, "message": {"text": text, **more}}


async def consult(caller: Caller, **asked: Any) -> Any:
    return await caller.post("/v3.0/oa/message/cs", message(**asked))


async def test_only_who_did_something_within_seven_days_is_written_to(caller: Caller) -> None:
    assert (await consult(caller))["error"] == -230
    caller.account.follow(ANH)
    caller.later(days=7)
    await caller.renew()
    assert (await consult(caller))["error"] == 0
    caller.later(seconds=1)
    assert (await consult(caller))["error"] == -230


async def test_eight_replies_in_48_hours_are_free(caller: Caller) -> None:
    caller.account.message(ANH, "alo")
    told = [await consult(caller) for _ in range(9)]
    assert [one["data"]["quota"]["quota_type"] for one in told] == ["reply"] * 8 + ["sub_quota"]
    assert told[0]["data"]["quota"]["remain"] == "7"
    assert {"message_id", "user_id", "quota"} == set(told[0]["data"])
    caller.account.message(ANH, "nữa")
    assert (await consult(caller))["data"]["quota"]["quota_type"] == "reply"
    caller.later(hours=48, seconds=1)
    await caller.renew()
    assert (await consult(caller))["data"]["quota"]["quota_type"] == "sub_quota"


async def test_an_empty_package_ends_it(caller: Caller) -> None:
    caller.account.follow(ANH)
    caller.account.desk.package = 1
    assert [(await consult(caller))["error"] for _ in range(2)] == [0, -211]
    assert (await caller.post("/v2.0/oa/quota/message", {}))["data"] == {"type": "active", "remain": 0, "total": 2000}


@pytest.mark.parametrize(
    "asked",
    [{"user": "1"}, {"user": int(ANH)}, {"text": ""}, {"text": None}, {"text": "a" * 2001}, {"quote_message_id": "x"}],
)
async def test_a_message_that_is_wrong_is_refused(caller: Caller, asked: dict[str, Any]) -> None:
    caller.account.message(ANH, "alo")
    assert (await consult(caller, **asked))["error"] == -201
    assert (await consult(caller, text="a" * 2000, quote_message_id=""))["error"] == 0


async def test_a_block_is_told_with_the_next_message_only(caller: Caller) -> None:
    caller.account.message(ANH, "alo")
    caller.account.block(ANH)
    assert (await consult(caller))["error"] == -213


async def test_the_old_kinds_of_messages_are_gone(caller: Caller) -> None:
    caller.account.message(ANH, "alo")
    for kind in ("transaction", "promotion"):
        assert (await caller.post(f"/v3.0/oa/message/{kind}", message()))["error"] == -233


@pytest.mark.parametrize(
    "setup", [replace(default_zalo(), apps=(replace(default_zalo().apps[0], messages_allowed=False),))]
)
async def test_a_permission_that_was_not_ticked(caller: Caller) -> None:
    assert (await consult(caller))["error"] == -212
    assert (await caller.get("/v2.0/oa/getoa"))["error"] == 0


# ---- templates -------------------------------------------------------------------------------------------------------


async def test_a_template_by_phone_tells_its_quota_and_is_paid_for_each_time(caller: Caller) -> None:
    first = await caller.post("/message/template", NOTICE)
    assert set(first["data"]) == {"msg_id", "sent_time", "sending_mode", "quota"}
    assert first["data"]["quota"] == {"remainingQuota": "499", "dailyQuota": "500"}
    again = await caller.post("/message/template", NOTICE)  # the same tracking id protects nobody
    assert again["data"]["msg_id"] != first["data"]["msg_id"]
    assert caller.account.desk.money == 1_000_000 - 600
    assert (await caller.get("/message/status", message_id=first["data"]["msg_id"]))["data"]["status"] == 1
    assert (await caller.get("/message/status", message_id="", phone="84900000001"))["error"] == -107
    assert (await caller.get("/message/quota"))["data"]["remainingQuota"] == "498"


@pytest.mark.parametrize("phone", ["84900000001", "0900000001", "900000001"])
async def test_three_ways_to_write_a_phone(caller: Caller, phone: str) -> None:
    assert (await caller.post("/message/template", NOTICE | {"phone": phone}))["error"] == 0


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": "+84900000001"}, -108),
        ({"phone": "849000"}, -108),
        ({"phone": 84900000001}, -108),
        ({"phone": "84900000009"}, -118),
        ({"phone": "84900000003"}, -141),
        ({"template_id": "1"}, -109),
        ({"template_id": "301203"}, -131),
        ({"template_data": {}}, -111),
        ({"template_data": {"customer_name": "A"}}, -1122),
        ({"template_data": {"customer_name": "N" * 31, "order_code": "H"}}, -1121),
        ({"template_data": {"customer_name": 5, "order_code": "H"}}, -112),
        ({"tracking_id": "t" * 49}, -132),
    ],
)
async def test_a_template_message_that_is_wrong_is_refused(
    caller: Caller, change: dict[str, object], code: int
) -> None:
    assert (await caller.post("/message/template", NOTICE | change))["error"] == code
    assert caller.account.desk.sent == []
    assert caller.account.desk.money == 1_000_000


async def test_no_money_no_message(caller: Caller) -> None:
    caller.account.desk.money = 299
    assert (await caller.post("/message/template", NOTICE))["error"] == -137


@pytest.mark.parametrize(
    "setup", [replace(default_zalo(), accounts=(replace(default_zalo().accounts[0], daily_quota=1),))]
)
async def test_a_day_has_its_quota(caller: Caller) -> None:
    assert [(await caller.post("/message/template", NOTICE))["error"] for _ in range(2)] == [0, -144]
    caller.later(days=1)
    assert (await caller.post("/message/template", NOTICE))["error"] == 0


async def test_a_template_by_user_id_names_its_id_otherwise(caller: Caller) -> None:
    asked = {"user_id": ANH, "template_id": "301201", "template_data": NOTICE["template_data"]}
    told = await caller.post("/v3.0/oa/message/template", asked)
    assert set(told["data"]) == {"message_id", "user_id"}
    assert (await caller.post("/v3.0/oa/message/template", asked | {"template_id": "301202"}))["error"] == -249
    assert (await caller.post("/v3.0/oa/message/template", asked | {"user_id": "1"}))["error"] == -201
    assert (await caller.post("/v3.0/oa/message/template", asked | {"user_id": CUC}))["error"] == -141


async def test_templates_are_listed_and_described(caller: Caller) -> None:
    told = await caller.get("/template/all", offset="0", limit="2")
    assert [one["templateId"] for one in told["data"]] == [301201, 301202]
    assert told["metadata"] == {"total": 3}
    assert (await caller.get("/template/all", offset="0", limit="101"))["error"] == -132
    info = (await caller.get("/template/info/v2", template_id="301201"))["data"]
    assert [one["name"] for one in info["listParams"]] == ["customer_name", "order_code", "amount"]
    assert (await caller.get("/template/info/v2", template_id="1"))["error"] == -109


# ---- webhooks --------------------------------------------------------------------------------------------------------


async def test_events_are_signed_over_the_raw_body(caller: Caller) -> None:
    caller.account.message(ANH, "chốt 2 hộp")
    assert await caller.zalo.deliver_due() == 1
    (sent,) = caller.posted
    body = json.loads(sent.body)
    assert (body["event_name"], body["sender"], body["recipient"]) == ("user_send_text", {"id": ANH}, {"id": OA})
    right = hashlib.sha256(APP_ID.encode() + sent.body + body["timestamp"].encode() + b"oa-secret-1").hexdigest()
    assert dict(sent.headers)["X-ZEvent-Signature"] == f"mac={right}"


def test_the_printed_signatures() -> None:
    follow = (
        b'{"event_name":"follow","oa_id":"3001","follower":{"id":"7001"},"app_id":"431234567890",'
        b'"timestamp":"1795293713000","source":"oa_profile"}'
    )
    found = mac(APP_ID, follow, "1795293713000", "oa-secret-1")
    assert found == "a5dd918e26841534adabce6df521b5d0610ed8e54e838586e6bd91164c14f5fa"


@pytest.mark.parametrize("status", [204, 500, 0])
async def test_anything_but_200_is_delivered_again(caller: Caller, status: int) -> None:
    caller.answers.append(status)
    caller.account.message(ANH, "alo")
    await caller.zalo.deliver_due()
    assert await caller.zalo.deliver_due() == 0
    caller.later(seconds=30)
    assert await caller.zalo.deliver_due() == 1
    caller.later(days=1)
    assert await caller.zalo.deliver_due() == 0
    assert len({one.body for one in caller.posted}) == 1


async def test_twelve_hours_of_silence_switch_the_address_off(caller: Caller) -> None:
    caller.answers.extend([500] * 99)
    caller.account.message(ANH, "alo")
    for _ in range(30):
        await caller.zalo.deliver_due()
        caller.later(hours=1)
    assert caller.zalo.outboxes[APP_ID].off
    caller.account.message(ANH, "nữa")
    assert await caller.zalo.deliver_due() == 0


async def test_two_things_share_one_event_name(caller: Caller) -> None:
    caller.account.message(ANH, "alo")
    await consult(caller)
    await caller.post("/message/template", NOTICE)
    await caller.zalo.deliver_due()
    bodies = [json.loads(one.body) for one in caller.posted]
    received = [one for one in bodies if one["event_name"] == "user_received_message"]
    assert ["delivery_time" in one["message"] for one in received] == [False, True]
    assert received[1]["message"]["tracking_id"] == "H1"
    assert received[1]["recipient"] == {"id": "84900000001"}


async def test_zalos_reviewers_are_heard(caller: Caller) -> None:
    caller.account.review("301203", "ENABLE", "")
    caller.account.unfollow(ANH)
    await caller.zalo.deliver_due()
    told = json.loads(caller.posted[0].body)
    assert told["status"] == {"prev_status": "PENDING_REVIEW", "new_status": "ENABLE"}
    good = NOTICE | {"template_id": "301203"}
    assert (await caller.post("/message/template", good))["error"] == 0


# ---- the kit ---------------------------------------------------------------------------------------------------------


def test_nothing_can_be_bought_here() -> None:
    config = default_zalo()
    world = create_sandbox(SandboxConfig(zalo=config), ShiftedClock(START, frozen=True))[SANDBOX].world
    account = Zalo(config, world).accounts[OA]
    assert (list(account.offers()), list(account.orders()), list(account.listings())) == ([], [], [])
    with pytest.raises(NotOffered):
        account.place([])
    for verb in (account.pay, account.ship, account.deliver, account.complete, account.fail_delivery, account.settle):
        with pytest.raises(NotOffered):
            verb("1")
    for act in (lambda: account.cancel("1"), lambda: account.take_back("1", [], 0), lambda: account.go_live("x")):
        with pytest.raises(NotOffered):
            act()


async def test_people_write_by_the_control_address(caller: Caller) -> None:
    assert isinstance(caller.account, HasViewers)
    address = caller.base.removesuffix("/zalo") + "/_control/message"
    said = {"shop": f"zalo/{OA}", "author": ANH, "text": "còn mật ong không"}
    async with caller.session.post(address, json=said) as answer:
        assert answer.status == 200
        assert (await answer.json())["id"] == caller.account.desk.contacts[ANH].messages[0]


@pytest.mark.parametrize(
    ("rates", "code"), [(Rates(error_in_200=1), -100), (Rates(throttled_bare=1), -32), (Rates(token_expired=1), -216)]
)
async def test_trouble_in_zalos_own_words(caller: Caller, rates: Rates, code: int) -> None:
    async with caller.session.post(
        caller.base.removesuffix("/zalo") + "/_control/faults",
        json={"rates": {key: value for key, value in vars(rates).items() if value and key != "slow_seconds"}},
    ) as answer:
        assert answer.status == 200
    assert (await caller.get("/v2.0/oa/getoa"))["error"] == code
