"""What the pretend Facebook refuses, and how it speaks: one test per rule of the sheet."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from hub.clock import ShiftedClock
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import SandboxConfig
from hub.sandbox.facebook.config import PERMISSIONS, FacebookConfig
from hub.sandbox.facebook.hooks import Hooks
from hub.sandbox.kit import HasViewers, NotOffered, Want
from hub.sandbox.kit import World as KitWorld
from tests.connectors.sandbox.conftest import START
from tests.connectors.sandbox.facebook_world import CONFIG, ITEM, PAGE, World, proof


@pytest.fixture
def config() -> FacebookConfig:
    return CONFIG


@pytest.fixture
async def world(config: FacebookConfig) -> AsyncIterator[World]:
    clock = ShiftedClock(START, frozen=True)
    app = create_sandbox(SandboxConfig(facebook=config), clock)
    async with TestServer(app) as server, ClientSession() as session:
        made = World(session=session, base=server.make_url("/"), clock=clock, sandbox=app[SANDBOX])
        app[SANDBOX].world.post = made.post_hook
        yield made


# ---- the door --------------------------------------------------------------------------------------------------------


async def test_a_version_is_needed(world: World) -> None:
    assert (await world.get("555", version="v3.0")).code == 2500


async def test_a_token_is_needed_known_and_alive(world: World) -> None:
    assert (await world.get("555", token="")).code == 104
    assert (await world.get("555", token="EAA-other")).code == 190
    world.platform.tokens["EAAP-page"].dead = 460
    said = await world.get("555")
    assert (said.status, said.code, said.sub) == (401, 190, 460)
    world.clock.move(timedelta(days=61))
    said = await world.get("me/accounts", token="EAAU-user")
    assert (said.code, said.sub) == (190, 463)


async def test_the_proof_is_that_of_the_token_itself(world: World) -> None:
    assert (await world.get("555")).status == 200
    for wrong in ("", proof("EAAU-user"), "x"):
        said = await world.get("555", signed=wrong)
        assert (said.code, "appsecret_proof" in said.json["error"]["message"]) == (100, True)


@pytest.mark.parametrize("config", [replace(CONFIG, require_proof=False)])
async def test_a_proof_may_be_optional_but_never_wrong(world: World) -> None:
    assert (await world.get("555", signed="")).status == 200
    assert (await world.get("555", signed="x")).code == 100


async def test_bodies_may_be_forms_or_json(world: World) -> None:
    assert (await world.post("555/feed", {"message": "một"})).status == 200
    assert (await world.post("555/feed", form={"message": "hai"})).status == 200
    requests = json.dumps([{"method": "UPDATE", "data": ITEM}])
    form = {"item_type": "PRODUCT_ITEM", "requests": requests}
    assert (await world.post("777/items_batch", form=form, token="EAAU-user")).json["handles"]


async def test_a_field_that_does_not_exist_is_refused(world: World) -> None:
    assert (await world.get("555", fields="id,phone_of_the_owner")).code == 100
    assert (await world.get("555", fields="id,name{")).code == 100
    assert (await world.get("555", fields="id,name")).json == {"id": "555", "name": PAGE.name}


async def test_what_is_not_there_is_100_33(world: World) -> None:
    for path in ("555_9", "99999", "555/nothing", "777/nothing"):
        said = await world.get(path, token="EAAU-user" if path.startswith("777") else "EAAP-page")
        assert (said.code, said.sub) == (100, 33)


async def test_each_kind_of_token_opens_its_own_doors(world: World) -> None:
    assert (await world.get("555/feed", token="EAAU-user")).code == 210
    assert (await world.get("777/products", token="EAAP-page")).code == 10
    assert (await world.get("me/accounts", token="EAAU-user")).json["data"][0]["access_token"] == "EAAP-page"


@pytest.mark.parametrize(
    ("right", "method", "path", "token"),
    [
        ("pages_manage_posts", "POST", "555/feed", "EAAP-page"),
        ("pages_read_engagement", "GET", "555/feed", "EAAP-page"),
        ("pages_messaging", "POST", "555/messages", "EAAP-page"),
        ("pages_manage_metadata", "POST", "555/subscribed_apps", "EAAP-page"),
        ("catalog_management", "GET", "777/products", "EAAU-user"),
    ],
)
async def test_a_missing_right_is_refused(world: World, right: str, method: str, path: str, token: str) -> None:
    world.page.settings = replace(PAGE, permissions=tuple(one for one in PERMISSIONS if one != right))
    said = await world.call(method, path, token=token)
    assert (said.status, said.code) == (403, 200)


@pytest.mark.parametrize("config", [replace(CONFIG, calls_per_hour=3, headers_from=2)])
async def test_an_hours_budget_is_told_and_ends(world: World) -> None:
    told = [(await world.get("555")).headers.get("X-Business-Use-Case-Usage") for _ in range(3)]
    assert told[0] is None
    assert json.loads(told[2] or "")["555"][0] == {
        "type": "pages", "call_count": 100, "total_cputime": 0, "total_time": 0, "estimated_time_to_regain_access": 61,
    }  # fmt: skip
    assert (await world.get("555")).code == 80001
    for _ in range(3):
        assert (await world.get("777/products", token="EAAU-user")).status == 200
    assert (await world.get("777/products", token="EAAU-user")).code == 80014
    world.clock.move(timedelta(hours=1))
    assert (await world.get("555")).status == 200


@pytest.mark.parametrize("config", [replace(CONFIG, nulls=1)])
async def test_a_batch_leaves_null_what_was_not_executed(world: World) -> None:
    one = {"method": "GET", "relative_url": "555/?fields=id"}
    batch = json.dumps([one, {"method": "GET", "relative_url": "555_9"}, one])
    said = await world.post("", form={"batch": batch})
    assert [None if got is None else got["code"] for got in said.json] == [200, 400, None]
    assert (await world.post("", form={"batch": json.dumps([one] * 51)})).code == 100


async def test_cursors(world: World) -> None:
    for number in range(3):
        await world.post("555/feed", {"message": f"bài {number}"})
    first = (await world.get("555/feed", limit="2")).json
    last = (await world.get("555/feed", limit="2", after=first["paging"]["cursors"]["after"])).json
    assert [len(first["data"]), len(last["data"])] == [2, 1]
    assert "next" in first["paging"]
    assert "next" not in last["paging"]
    assert (await world.get("555/feed", after="nonsense")).code == 100


async def test_signing_in_needs_our_secret_the_same_address_and_a_fresh_code(world: World) -> None:
    target = {"client_id": CONFIG.app_id, "redirect_uri": "http://localhost/back"}
    url = world.base / "facebook/v26.0/dialog/oauth"
    async with world.session.get(url, params={**target, "state": "s"}, allow_redirects=False) as answer:
        code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    other = {**target, "redirect_uri": "https://elsewhere.example.vn/back"}
    async with world.session.get(url, params=other, allow_redirects=False) as answer:
        assert answer.status == 400
    asked = {**target, "client_secret": CONFIG.app_secret, "code": code}
    assert (await world.get("oauth/access_token", token="", **{**asked, "client_secret": "x"})).code == 1
    given = await world.get("oauth/access_token", token="", **asked)
    assert given.json["expires_in"] == 3600
    assert (await world.get("oauth/access_token", token="", **asked)).sub == 36008
    longer = {"grant_type": "fb_exchange_token", "fb_exchange_token": given.json["access_token"]}
    said = await world.get("oauth/access_token", token="", **target, client_secret=CONFIG.app_secret, **longer)
    assert said.json["expires_in"] == 60 * 86_400


# ---- items -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        {**ITEM, "retailer_id": "A"},
        {**ITEM, "price": 250000},
        {**ITEM, "price": "250.000 ₫"},
        {**ITEM, "price": "0 VND"},
        {**ITEM, "availability": "in_stock"},
        {**ITEM, "title": "x" * 151},
        {**ITEM, "id": "x" * 101},
        {**ITEM, "id": ""},
        {**ITEM, "quantity_to_sell_on_facebook": -1},
        {**ITEM, "quantity_to_sell_on_facebook": "3"},
        {**ITEM, "image_link": "1.jpg"},
        {**ITEM, "condition": "fresh"},
        {**ITEM, "visibility": "secret"},
        {**ITEM, "mpn": "x" * 101},
        {**ITEM, "additional_image_link": [f"https://a.vn/{place}.jpg" for place in range(21)]},
        {**ITEM, "additional_image_link": ",".join(f"https://a.vn/{place}.jpg" for place in range(21))},
    ],
)
async def test_a_wrong_item_is_told_at_once_and_gets_no_handle(world: World, data: dict[str, object]) -> None:
    said = await world.items({"method": "UPDATE", "data": data})
    assert said.status == 200
    assert "handles" not in said.json
    assert said.json["validation_status"][0]["errors"]
    both = await world.items({"method": "UPDATE", "data": data}, {"method": "UPDATE", "data": {**ITEM, "id": "B"}})
    assert len(both.json["handles"]) == 1
    assert list(world.page.catalogue.items) == ["B"]


@pytest.mark.parametrize(
    "body",
    [
        {"item_type": "HOTEL", "requests": [{"method": "UPDATE", "data": ITEM}]},
        {"item_type": "PRODUCT_ITEM", "requests": []},
        {"item_type": "PRODUCT_ITEM", "requests": "{"},
        {"item_type": "PRODUCT_ITEM", "requests": [{"method": "DELETE", "data": {"id": "A"}}] * 5001},
    ],
)
async def test_a_wrong_batch_is_refused_whole(world: World, body: dict[str, object]) -> None:
    assert (await world.post("777/items_batch", body, token="EAAU-user")).code == 100


@pytest.mark.parametrize(
    "missing", ["title", "description", "availability", "condition", "price", "link", "image_link"]
)
async def test_a_new_item_needs_all_of_it_and_the_handle_tells(world: World, missing: str) -> None:
    data = {name: value for name, value in ITEM.items() if name != missing}
    (handle,) = (await world.items({"method": "UPDATE", "data": data})).json["handles"]
    told = await world.status_of(handle)
    assert (told["status"], told["ids_of_invalid_requests"]) == ("finished", ["A"])
    assert missing in told["errors"][0]["message"]


async def test_brand_or_number_is_needed(world: World) -> None:
    bare = {name: value for name, value in ITEM.items() if name != "brand"}
    (handle,) = (await world.items({"method": "UPDATE", "data": bare})).json["handles"]
    assert "brand" in (await world.status_of(handle))["errors"][0]["message"]
    await world.items({"method": "UPDATE", "data": {**bare, "mpn": "A"}})
    assert list(world.page.catalogue.items) == ["A"]


async def test_without_upsert_nothing_new_is_made_and_create_makes_nothing_twice(world: World) -> None:
    (handle,) = (await world.items({"method": "UPDATE", "data": ITEM}, upsert=False)).json["handles"]
    assert (await world.status_of(handle))["errors_total_count"] == 1
    await world.items({"method": "CREATE", "data": ITEM})
    (handle,) = (await world.items({"method": "CREATE", "data": ITEM})).json["handles"]
    assert (await world.status_of(handle))["errors_total_count"] == 1
    (handle,) = (await world.items({"method": "DELETE", "data": {"id": "Z"}})).json["handles"]
    assert (await world.status_of(handle))["errors_total_count"] == 1


@pytest.mark.parametrize("config", [replace(CONFIG, batch_seconds=30, slow_checks=1)])
async def test_a_batch_works_later(world: World) -> None:
    (handle,) = (await world.items({"method": "UPDATE", "data": ITEM})).json["handles"]
    assert (await world.status_of(handle))["status"] == "in_progress"
    assert (await world.get("777/products", token="EAAU-user")).json["data"] == []
    world.clock.move(timedelta(seconds=31))
    assert (await world.status_of(handle))["status"] == "finished"
    assert (await world.get("777/check_batch_request_status", token="EAAU-user", handle="x")).code == 100


async def test_filters(world: World) -> None:
    await world.items(*({"method": "UPDATE", "data": {**ITEM, "id": name, "item_group_id": "G"}} for name in "AB"))
    for rule, found in (
        ({"retailer_id": {"eq": "A"}}, ["A"]),
        ({"retailer_id": {"is_any": ["B", "C"]}}, ["B"]),
        ({"or": [{"retailer_id": {"eq": "A"}}, {"retailer_product_group_id": {"eq": "G"}}]}, ["A", "B"]),
        ({"and": [{"retailer_id": {"eq": "A"}}, {"retailer_product_group_id": {"eq": "H"}}]}, []),
    ):
        said = await world.get("777/products", token="EAAU-user", filter=json.dumps(rule), fields="retailer_id,price")
        assert [one["retailer_id"] for one in said.json["data"]] == found
    for wrong in ("[]", '{"retailer_id":{"like":"A"}}', "{"):
        assert (await world.get("777/products", token="EAAU-user", filter=wrong)).code == 100


# ---- posts -----------------------------------------------------------------------------------------------------------


async def test_posts_refuse_emptiness_repetition_and_used_photos(world: World) -> None:
    assert (await world.post("555/feed", {})).code == 100
    assert (await world.post("555/feed", {"message": "một"})).status == 200
    assert (await world.post("555/feed", {"message": "một"})).code == 506
    photo = (await world.post("555/photos", {"url": "https://h.vn/1.jpg", "published": False})).json["id"]
    with_photo = {"message": "hai", "attached_media": [{"media_fbid": photo}]}
    assert (await world.post("555/feed", with_photo)).status == 200
    assert (await world.post("555/feed", {**with_photo, "message": "ba"})).code == 100
    assert (await world.post("555/photos", {})).code == 100


@pytest.mark.parametrize(("ahead", "status"), [(300, 400), (3600, 200), (31 * 86_400, 400)])
async def test_a_plan_has_a_window(world: World, ahead: int, status: int) -> None:
    at = int(START.timestamp()) + ahead
    said = await world.post("555/feed", {"message": "mai", "published": False, "scheduled_publish_time": at})
    assert said.status == status
    assert (await world.get("555/feed")).json["data"] == []


async def test_a_post_is_changed_and_removed(world: World) -> None:
    post = (await world.post("555/feed", {"message": "một"})).json["id"]
    assert (await world.post(post, {"message": "hai"})).json == {"success": True}
    assert (await world.get(post, fields="message")).json["message"] == "hai"
    assert (await world.call("DELETE", post)).json == {"success": True}
    assert (await world.get(post)).code == 100


# ---- lives, comments, chat -------------------------------------------------------------------------------------------


async def test_low_quality_looking_comments_are_dropped_unless_asked_for(world: World) -> None:
    live_id = world.page.go_live("Phiên")
    for text in ("m12", "cho mình hai hộp"):
        world.page.comment(live_id, "9001", text)
    live = world.page.lives[live_id]
    for node in (live_id, live.video, live.post):
        every = await world.get(f"{node}/comments", live_filter="no_filter", fields="message")
        assert [one["message"] for one in every.json["data"]] == ["m12", "cho mình hai hộp"]
    assert len((await world.get(f"{live_id}/comments")).json["data"]) == 1
    newest = await world.get(
        f"{live_id}/comments", live_filter="no_filter", order="reverse_chronological", fields="message"
    )
    assert newest.json["data"][0]["message"] == "cho mình hai hộp"


@pytest.mark.parametrize("config", [replace(CONFIG, anonymous=True)])
async def test_from_may_be_missing(world: World) -> None:
    live_id = world.page.go_live("Phiên")
    world.page.comment(live_id, "9001", "cho mình hai hộp")
    (one,) = (await world.get(f"{live_id}/comments", fields="from,message")).json["data"]
    assert "from" not in one


async def test_a_private_reply_once_within_seven_days_and_to_others_only(world: World) -> None:
    live_id = world.page.go_live("Phiên")
    first, late, gone = (world.page.comment(live_id, author, "m1") for author in ("9001", "9002", "9003"))
    own = world.page.say(world.page.lives[live_id].post, "555", "Cảm ơn", name=PAGE.name)

    def reply(comment: str, text: str = "Chào bạn") -> dict[str, object]:
        return {"recipient": {"comment_id": comment}, "message": {"text": text}}

    answered = await world.post("555/messages", reply(first))
    assert answered.json["recipient_id"] == "79001"
    assert (await world.post("555/messages", reply(first))).code == 10900
    assert (await world.post("555/messages", reply(own))).code == 100
    assert (await world.post("555/messages", reply("1_1"))).sub == 33
    assert (await world.post("555/messages", reply(late, "x" * 2001))).code == 100
    world.page.gone.add("79003")
    assert (await world.post("555/messages", reply(gone))).code == 551
    assert (await world.post(f"{late}/private_replies", {"message": "x"})).sub == 33
    world.clock.move(timedelta(days=7))
    said = await world.post("555/messages", reply(late))
    assert (said.code, said.sub) == (10, 2018278)


async def test_the_window_of_a_chat_is_a_day_and_opened_by_the_person(world: World) -> None:
    body = {"recipient": {"id": "79001"}, "messaging_type": "RESPONSE", "message": {"text": "Chào"}}
    assert (await world.post("555/messages", body)).sub == 2018001
    world.page.message("9001", "Còn hàng không?")
    assert (await world.post("555/messages", body)).status == 200
    assert (await world.post("555/messages", {**body, "messaging_type": "MESSAGE_TAG"})).code == 100
    world.clock.move(timedelta(days=1))
    assert (await world.post("555/messages", body)).sub == 2018278


async def test_our_own_comment_is_answered_in_public_but_not_hidden(world: World) -> None:
    comment = world.page.comment(world.page.go_live("Phiên"), "9001", "m1")
    own = (await world.post(f"{comment}/comments", {"message": "Cảm ơn"})).json["id"]
    assert (await world.post(own, {"is_hidden": True})).code == 100
    assert (await world.post(comment, {"is_hidden": True})).json == {"success": True}


# ---- webhooks --------------------------------------------------------------------------------------------------------


async def test_events_are_subscribed_signed_mixed_and_escaped(world: World) -> None:
    assert (await world.post("555/subscribed_apps", {"subscribed_fields": "feed,weather"})).code == 100
    live_id = world.page.go_live("Phiên")
    world.page.comment(live_id, "9001", "chốt")
    assert await world.platform.deliver_due() == 0
    await world.post("555/subscribed_apps", {"subscribed_fields": "feed,messages"})
    world.page.comment(live_id, "9001", "chốt 2 hộp")
    world.page.message("9001", "còn không")
    assert await world.platform.deliver_due() == 1
    (delivery,) = world.got
    right = hmac.new(CONFIG.app_secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    assert dict(delivery.headers)["X-Hub-Signature-256"] == f"sha256={right}"
    assert rb"ch\u1ed1t 2 h\u1ed9p" in delivery.body
    (entry,) = json.loads(delivery.body)["entry"]
    assert (len(entry["changes"]), len(entry["messaging"]), entry["id"]) == (1, 1, "555")


async def test_a_failed_delivery_comes_again_for_36_hours(world: World) -> None:
    await world.post("555/subscribed_apps", {"subscribed_fields": "feed"})
    world.status = 500
    world.page.comment(world.page.go_live("Phiên"), "9001", "m1")
    tried = await world.platform.deliver_due()
    assert await world.platform.deliver_due() == 0
    for _ in range(20):
        world.clock.move(timedelta(hours=4))
        tried += await world.platform.deliver_due()
    assert (tried, len({one.body for one in world.got}), world.platform.hooks.disabled) == (9, 1, True)


def test_signatures_are_the_printed_ones() -> None:
    body = (
        b'{"object":"page","entry":[{"id":"555","time":1795293713,"changes":[{"field":"feed","value":{"item":"comment",'
        rb'"verb":"add","message":"ch\u1ed1t 2 h\u1ed9p m\u00e3 05"}}]}]}'
    )
    clock = ShiftedClock(START, frozen=True)
    hooks = Hooks(config=replace(CONFIG, app_secret="app-secret-1"), world=KitWorld(clock=clock))
    assert dict(hooks.delivery(body).headers)["X-Hub-Signature-256"] == (
        "sha256=37538a9c017850541b421812e4d67160fe2c463a4751a71d5cf02ce783559b71"
    )


# ---- the kit's side --------------------------------------------------------------------------------------------------


async def test_there_are_viewers_but_no_orders(world: World) -> None:
    assert isinstance(world.page, HasViewers)
    assert list(world.page.orders()) == []
    with pytest.raises(NotOffered):
        world.page.place([Want(sku="A", quantity=1)])


async def test_a_viewer_speaks_through_the_control_address(world: World) -> None:
    async def ask(verb: str, **what: str) -> str:
        body = {"shop": "facebook/555", **what}
        async with world.session.post(world.base / "_control" / verb, json=body) as answer:
            assert answer.status == 200
            return str((await answer.json())["id"])

    live_id = await ask("go_live", title="Phiên")
    comment = await ask("comment", about=live_id, author="9001", text="m12")
    await ask("message", author="9001", text="xin chào")
    await ask("end_live", live_id=live_id)
    assert world.page.talk[comment].text == "m12"
    assert world.page.lives[live_id].status == "VOD"
