"""Zalo without a network: printed vectors, hosts, what errors mean, shapes as integrators print them."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors.api import Credentials, Request
from hub.connectors.model import Picture, Tokens
from hub.connectors.social import Post
from hub.connectors.zalo import (
    LEAD,
    Article,
    Event,
    Model,
    Pair,
    Zalo,
    fitting,
    judge,
    sign,
    to_article,
    to_hint,
    to_posted,
)
from hub.errors import Garbled, HubError, Refused, Throttled, Unauthorised, Unreachable, Vanished

NOW = datetime(2026, 11, 21, 1, tzinfo=UTC)
LIVE = "https://openapi.zalo.me"


def keys(**secrets: str) -> Credentials:
    tokens = Tokens(access="oa-token-1", refresh="r", access_until=NOW + timedelta(hours=25))
    return Credentials(secrets={"app_id": "1", "secret_key": "zalo-app-secret-1", **secrets}, tokens=tokens)


def signed(path: str, scope: str = "shop", **secrets: str) -> Request:
    return sign(Request(method="GET", base_url=LIVE, path=path, scope=scope), keys(**secrets), NOW, "n")


# ---- vectors of the fact sheet, produced by the vendor's SDK or sha256sum --------------------------------------------


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("ZxTjg8dQ2pQq1rBq9v0mJk3cW5yN7uE4aLhR6tXsVbM", "Ult2ceA1iDxvjFrqYu2bxyLuPPKQW3Eub38yOCY_EhU"),
    ],
)
def test_the_consent_link_carries_the_challenge_in_the_sdks_order(verifier: str, challenge: str) -> None:
    link = Zalo.sign_in_url(
        base_url=LIVE, app={"app_id": "431", "code_verifier": verifier}, redirect="https://hub.example.vn/oauth/zalo",
        state="s 1", now=NOW,
    )  # fmt: skip
    parts = urlsplit(link)
    assert (parts.netloc, parts.path) == ("oauth.zaloapp.com", "/v4/oa/permission")
    assert parse_qsl(parts.query) == [
        ("app_id", "431"), ("redirect_uri", "https://hub.example.vn/oauth/zalo"), ("code_challenge", challenge),
        ("state", "s 1"),
    ]  # fmt: skip


def test_the_proof_of_the_app_secret() -> None:
    headers = dict(signed("/v2.0/oa/getoa", appsecret_proof="on").headers)
    assert headers == {
        "access_token": "oa-token-1",
        "appsecret_proof": "ce82f52ff11166d084cc2daf792ceb07c724fbce5999f2568e4ca1fbcd319707",
    }
    assert dict(signed("/v2.0/oa/getoa").headers) == {"access_token": "oa-token-1"}


CHAT = (
    '{"app_id":"431234567890","user_id_by_app":"5551","event_name":"user_send_text","timestamp":"1795293712000",'
    '"sender":{"id":"7001"},"recipient":{"id":"3001"},"message":{"msg_id":"96d3cdf3af150460909",'
    '"text":"chốt 2 hộp mã 05 0912345678"}}'
).encode()
FOLLOW = (
    b'{"event_name":"follow","oa_id":"3001","follower":{"id":"7001"},"app_id":"431234567890",'
    b'"timestamp":"1795293713000","source":"oa_profile"}'
)
CHAT_MAC = "dd6286c1254eb0174aab54b2fa80ae3c1104cfa1779c93251bd7150ca92fc302"
FOLLOW_MAC = "a5dd918e26841534adabce6df521b5d0610ed8e54e838586e6bd91164c14f5fa"


def test_the_printed_deliveries_are_heard() -> None:
    assert (len(CHAT), len(FOLLOW)) == (241, 137)
    headers = {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}
    (comment,) = Zalo.overhear(CHAT, headers, url="", secret="oa-secret-1")
    assert (comment.remote_id, comment.about, comment.author) == ("7001:96d3cdf3af150460909", "3001:7001", "7001")
    assert comment.text == "chốt 2 hộp mã 05 0912345678"
    assert comment.shop_remote_id == "3001"
    assert comment.at == datetime.fromtimestamp(1795293712, UTC)
    assert "0912345678" not in repr(comment)
    hint = Zalo.hear(FOLLOW, {"x-zevent-signature": f"mac={FOLLOW_MAC}"}, url="", secret="oa-secret-1")
    assert hint is not None
    assert (hint.kind, hint.object_id, hint.shop_remote_id) == ("other", "7001", "3001")
    assert hint.event_id == "follow:7001:1795293713000"


def test_a_signature_without_its_prefix_is_taken_too() -> None:
    assert Zalo.overhear(CHAT, {"x-zevent-signature": CHAT_MAC}, url="", secret="oa-secret-1")


@pytest.mark.parametrize(
    ("body", "headers", "secret"),
    [
        (CHAT, {"X-ZEvent-Signature": f"mac={FOLLOW_MAC}"}, "oa-secret-1"),
        (CHAT, {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}, "zalo-app-secret-1"),  # the app's secret signs nothing
        (CHAT + b" ", {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}, "oa-secret-1"),  # raw bytes count
        (json.dumps(json.loads(CHAT)).encode(), {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}, "oa-secret-1"),
        (CHAT, {}, "oa-secret-1"),
        (CHAT, {"X-ZEvent-Signature": "mac="}, "oa-secret-1"),
        (CHAT, {"X-ZEvent-Signature": f"mac={hashlib.sha256(CHAT).hexdigest()}"}, ""),
        (b"[]", {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}, "oa-secret-1"),
        (b"{", {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}, "oa-secret-1"),
    ],
)
def test_anything_else_is_not_heard(body: bytes, headers: dict[str, str], secret: str) -> None:
    for listen in (Zalo.hear, Zalo.overhear):
        with pytest.raises(Unauthorised) as told:
            listen(body, headers, url="", secret=secret)
        assert told.value.code == "push_signature_wrong"


# ---- hosts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/v2.0/oa/getoa", LIVE),
        ("/v3.0/oa/message/cs", LIVE),
        ("/v2.0/article/create", LIVE),
        ("/message/template", "https://business.openapi.zalo.me"),
        ("/template/all", "https://business.openapi.zalo.me"),
    ],
)
def test_each_path_has_its_host(path: str, host: str) -> None:
    assert signed(path).base_url == host


def test_token_calls_go_elsewhere_with_the_secret_and_without_a_token() -> None:
    request = signed("/v4/oa/access_token", scope="public")
    assert request.base_url == "https://oauth.zaloapp.com"
    assert dict(request.headers) == {"secret_key": "zalo-app-secret-1"}


def test_a_sandbox_is_one_host() -> None:
    request = Request(method="GET", base_url="http://127.0.0.1:1/zalo", path="/template/all")
    assert sign(request, keys(), NOW, "n").base_url == "http://127.0.0.1:1/zalo"


# ---- errors ----------------------------------------------------------------------------------------------------------


def told(error: object, message: str = "", **more: object) -> HubError | None:
    return judge(200, {}, json.dumps({"error": error, "message": message, **more}).encode())


@pytest.mark.parametrize(
    ("error", "message", "kind", "code"),
    [
        (-216, "Access token is invalid", Unauthorised, "shop_needs_owner"),
        ("-124", "Access token invalid", Unauthorised, "shop_needs_owner"),
        (-201, "Invalid access token", Unauthorised, "shop_needs_owner"),
        (-201, "User is not a follower", Refused, "reply_not_allowed"),
        (-201, "id is invalid!", Vanished, "remote_vanished"),
        (-201, "user_id is invalid!", Refused, "remote_value_refused"),
        (-201, "token is invalid!", Refused, "remote_value_refused"),  # an article's token, not ours
        (-200, "Upload media failed", Refused, "picture_refused"),
        (-200, "Send message failed", Refused, "remote_refused"),
        (-230, "User has not interacted with the OA in the past 7 days", Refused, "reply_not_allowed"),
        (-213, "", Refused, "reply_not_allowed"),
        (-212, "App has not registered this api", Unauthorised, "app_not_allowed"),
        (-137, "ZCA charge failure", Refused, "notice_unpaid"),
        (-32, "Your application reached limit call api", Throttled, "remote_throttled"),
        (-100, "Unknown error", Unreachable, "remote_unreachable"),
        (-14014, "", Unauthorised, "shop_needs_owner"),
        (-121, "Body data empty", Garbled, "remote_call_wrong"),
        (-99999, "what", Refused, "remote_refused"),
    ],
)
def test_what_an_error_means(error: object, message: str, kind: type[HubError], code: str) -> None:
    found = told(error, message)
    assert isinstance(found, kind)
    assert found.code == code


def test_only_tokens_of_calls_can_be_refreshed() -> None:
    refreshable = {
        number
        for number in Zalo.manifest.errors
        if isinstance(e := told(*number.split(" ", 1)), Unauthorised) and e.refreshable
    }
    assert refreshable == {"-216", "-124", "-220", "-201 access token", "-201 access_token"}


def test_oauth_errors_keep_their_name() -> None:
    found = told(-14014, error_name="Invalid refresh token", error_reason="", ref_doc="…")
    assert found is not None
    assert found.facts["message"] == "Invalid refresh token"


def test_a_rate_is_waited_for_and_a_quota_believed() -> None:
    rate, quota, making = told(-32), told(-144), told(-214)
    assert isinstance(rate, Throttled)
    assert isinstance(quota, Throttled)
    assert isinstance(making, Throttled)
    assert (rate.seconds, quota.seconds, making.seconds) == (30.0, 3600.0, 3.0)


@pytest.mark.parametrize(
    "body", [b'{"error":0,"message":"Success"}', b'{"error":"0"}', b'{"access_token":"a"}', b"<html>", b"", b"[1]"]
)
def test_success_and_what_is_no_answer_of_theirs_are_left_alone(body: bytes) -> None:
    assert judge(200, {}, body) is None


# ---- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", ["90000", 90000])
def test_seconds_are_text_or_number(seconds: object) -> None:
    assert Pair.model_validate({"access_token": "a", "refresh_token": "r", "expires_in": seconds}).expires_in == 90_000


def event(**content: Any) -> Event:
    return Event.model_validate({"app_id": "2074", "timestamp": "1602560967477", **content})


def test_one_event_name_is_two_things() -> None:
    receipt = event(
        event_name="user_received_message", sender={"id": "2893"}, recipient={"id": "84900000001"},
        message={"delivery_time": "1602960467432", "msg_id": "15a0cc", "tracking_id": "H1-confirm"},
    )  # fmt: skip
    seen = event(
        event_name="user_received_message", sender={"id": "2893"}, recipient={"id": "7001"},
        message={"msg_ids": ["15a0cd"]},
    )  # fmt: skip
    assert (to_hint(receipt).object_id, to_hint(receipt).shop_remote_id) == ("H1-confirm", "2893")
    assert (to_hint(seen).object_id, to_hint(seen).shop_remote_id) == ("7001", "2893")


def test_a_quota_that_moved_names_its_account_otherwise() -> None:
    assert to_hint(event(event_name="change_oa_daily_quota", oaId="3001", quota={})).shop_remote_id == "3001"


def test_a_template_that_was_reviewed_is_a_hint() -> None:
    hint = to_hint(
        event(event_name="change_template_status", oa_id="3001", template_id=301203, status={"new_status": "ENABLE"})
    )
    assert (hint.object_id, hint.shop_remote_id) == ("301203", "3001")


ARTICLE = {
    "id": "a1", "type": "normal", "title": "Bài", "author": "HTX", "status": "hide", "description": "Lời dẫn",
    "cover": {"cover_type": "photo", "photo_url": "https://a.vn/1.jpg", "status": "show"},
    "body": [{"type": "text", "content": "Một"}, {"type": "image", "url": "https://a.vn/2.jpg"},
             {"type": "text", "content": "Hai"}],
}  # fmt: skip


def test_an_article_reads_back_as_its_text() -> None:
    posted = to_posted(Article.model_validate(ARTICLE))
    assert (posted.text, posted.visible, posted.url) == ("Một\n\nHai", False, "")


def test_ids_stay_text() -> None:
    assert to_posted(Article.model_validate(ARTICLE | {"id": 9007199254740993})).remote_id == "9007199254740993"


def post(text: str, pictures: int = 1) -> Post:
    made = tuple(Picture(digest=f"d{n}", url=f"https://a.vn/{n}.jpg") for n in range(pictures))
    return Post(key="p", title="Mật ong", text=text, link="https://ocop.example.vn", pictures=made)


def test_paragraphs_link_and_further_pictures_are_blocks() -> None:
    body = to_article(post("Một.\n\n Hai. ", pictures=3), "HTX Mẫu")["body"]
    assert [block.get("content") or block["url"] for block in body] == [
        "Một.", "Hai.", "https://ocop.example.vn", "https://a.vn/1.jpg", "https://a.vn/2.jpg",
    ]  # fmt: skip


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=600))
def test_the_lead_is_never_empty_nor_too_long(text: str) -> None:
    article = to_article(post(text), "HTX")
    assert 1 <= len(article["description"]) <= LEAD
    assert all(str(block.get("content", "")).strip() or block.get("url") for block in article["body"])


def test_a_long_lead_ends_with_a_whole_word() -> None:
    lead = to_article(post("mật ong " * 60), "HTX")["description"]
    assert lead.endswith(("mật…", "ong…"))


MODEL = Model.model_validate(
    {"templateId": 1, "templateName": "Đơn", "status": "ENABLE", "price": "300",
     "listParams": [{"name": "code", "require": True, "type": "STRING", "maxLength": 5, "minLength": 0,
                     "acceptNull": False},
                    {"name": "note", "require": False, "type": "STRING", "maxLength": 5}]}
)  # fmt: skip


def test_values_fit_the_template() -> None:
    assert fitting(MODEL, [("code", "H1"), ("note", ""), ("other", "x")]) == {"code": "H1"}
    for values in ([("note", "a")], [("code", "")], [("code", "123456")], [("code", "1"), ("note", "123456")]):
        with pytest.raises(Refused) as refused:
            fitting(MODEL, values)
        assert refused.value.code == "notice_value_wrong"
