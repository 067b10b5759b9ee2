"""Facebook without a network: printed signature vectors, official-shaped examples, what each error means."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.connectors import facebook_graph as graph
from hub.connectors.api import Credentials, Request
from hub.connectors.facebook import MANIFEST, Facebook, Failure, Item, mark, refusal, to_item, to_listing, to_price
from hub.connectors.model import Draft, DraftVariant, ListingState, Picture, Tokens
from hub.errors import Garbled, Refused, RemoteError, Throttled, Unauthorised, Unreachable, Vanished
from hub.types import RemoteId, Sku

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SECRET = "app-secret-1"
COMMENT = (
    b'{"object":"page","entry":[{"id":"555","time":1795293712,"changes":[{"field":"feed","value":{"item":"comment",'
    b'"verb":"add","comment_id":"777_1","post_id":"555_777","parent_id":"555_777","from":{"id":"9001","name":"Lan"},'
    b'"created_time":1795293711,"message":"M12 x2 0912345678"}}]}]}'
)
ESCAPED = (
    b'{"object":"page","entry":[{"id":"555","time":1795293713,"changes":[{"field":"feed","value":{"item":"comment",'
    rb'"verb":"add","message":"ch\u1ed1t 2 h\u1ed9p m\u00e3 05"}}]}]}'
)
VECTORS = (
    (COMMENT, "ed47b9a724f9c7682c29240c16cfa779617d8dde60b599b9cfb41089338da7e4"),
    (ESCAPED, "37538a9c017850541b421812e4d67160fe2c463a4751a71d5cf02ce783559b71"),
    (
        ESCAPED.decode("unicode_escape").encode(),
        "3318b81be84dd6d4d30c0ba4ac55d4b09cae1edc29d9ae453bfa4ebb00ab7e45",
    ),
)


@pytest.mark.parametrize(
    ("secret", "token", "right"),
    [
        ("app-secret-1", "EAAB-token-1", "ec2dfa903ba5ffdc01da407bb6fb513726ab0f9fe4f498f4851828327baf88fe"),
        (
            "0123456789abcdef0123456789abcdef",
            "EAAGm0PX4ZCpsBAexample",
            "7f1de187225a743a888d2a254034de5082134b5d4fe4a4b4c0483524acf335fa",
        ),
    ],
)
def test_printed_proofs(secret: str, token: str, right: str) -> None:
    assert graph.proof(secret, token) == right


def test_each_call_is_proven_with_the_token_it_carries() -> None:
    tokens = Tokens(access="page-token", refresh="user-token", access_until=NOW)
    held = Credentials(secrets={"app_secret": SECRET}, tokens=tokens)
    for path, token in (("/v26.0/555/feed", "page-token"), ("/v26.0/777/items_batch", "user-token")):
        asked = Request(method="GET", base_url="https://graph.facebook.com", path=path)
        signed = graph.sign(asked, held, NOW, "")
        assert dict(signed.params) == {"appsecret_proof": graph.proof(SECRET, token)}
        assert dict(signed.headers) == {"Authorization": f"Bearer {token}"}
    open_ = Request(method="GET", base_url="https://graph.facebook.com", path="/v26.0/oauth/access_token", scope="app")
    assert graph.sign(open_, held, NOW, "") == open_


@pytest.mark.parametrize(("body", "right"), VECTORS)
def test_printed_webhook_signatures_are_over_the_raw_bytes(body: bytes, right: str) -> None:
    headers = {"X-Hub-Signature-256": f"sha256={right}"}
    assert len(graph.opened(body, headers, SECRET)) == 1
    for wrong in ({}, {"X-Hub-Signature-256": right}, {"x-hub-signature-256": f"sha256={right[:-1]}x"}):
        with pytest.raises(Unauthorised):
            graph.opened(body, wrong, SECRET)
    with pytest.raises(Unauthorised):
        graph.opened(json.dumps(json.loads(body)).encode(), headers, SECRET)  # serialised anew
    with pytest.raises(Unauthorised):
        graph.opened(body, headers, "")


def test_a_comment_is_overheard() -> None:
    headers = {"x-hub-signature-256": f"sha256={VECTORS[0][1]}"}
    (heard,) = Facebook.overhear(COMMENT, headers, url="", secret=SECRET)
    assert (heard.remote_id, heard.about, heard.author, heard.shop_remote_id) == ("777_1", "555_777", "9001", "555")
    assert (heard.text, heard.at) == ("M12 x2 0912345678", datetime.fromtimestamp(1795293711, UTC))
    assert Facebook.hear(COMMENT, headers, url="", secret=SECRET) is None


def entry(**what: object) -> graph.Entry:
    return graph.Entry.model_validate({"id": "555", "time": 1795293712, **what})


def test_mixed_entries_tell_comments_and_messages_but_no_echoes_and_not_ourselves() -> None:
    chat = {"sender": {"id": "7001"}, "recipient": {"id": "555"}, "timestamp": 1795293712000}
    ours = {"item": "comment", "verb": "add", "comment_id": "777_2", "post_id": "555_777", "from": {"id": "555"}}
    heard = graph.to_comments(
        [
            entry(
                changes=[
                    {"field": "feed", "value": ours},
                    {"field": "feed", "value": {"item": "reaction", "verb": "add", "post_id": "555_777"}},
                    {"field": "live_videos", "value": {"id": "9777", "status": "live"}},
                    {
                        "field": "feed",
                        "value": {"item": "comment", "verb": "add", "comment_id": "777_3", "post_id": "555_777"},
                    },
                ],
                messaging=[
                    {**chat, "message": {"mid": "m_1", "text": "xin chào"}},
                    {**chat, "message": {"mid": "m_2", "text": "của mình", "is_echo": True}},
                    {**chat, "read": {"watermark": 1}},
                ],
            )
        ]
    )
    assert [(one.remote_id, one.kind, one.author) for one in heard] == [
        ("777_3", "comment", ""), ("7001:m_1", "message", "7001"),
    ]  # fmt: skip


def test_what_is_signed_and_not_understood_is_garbled() -> None:
    body = b'{"object":"page"}'
    signed = {"x-hub-signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}
    with pytest.raises(Garbled):
        Facebook.overhear(body, signed, url="", secret=SECRET)


def test_comments_of_all_ways_carry_one_id() -> None:
    told = {"id": "97770001_4", "created_time": "2026-11-21T13:47:02+0000", "message": "m1", "from": {"id": "9001"}}
    comment = graph.to_comment(graph.Said.model_validate(told), "555_777", "555")
    assert (comment.remote_id, comment.about) == ("777_4", "555_777")
    assert comment.at == datetime(2026, 11, 21, 13, 47, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "state"),
    [("LIVE", "live"), ("VOD", "over"), ("LIVE_STOPPED", "over"), ("SCHEDULED_LIVE", "planned"),
     ("UNPUBLISHED", "planned"), ("SCHEDULED_CANCELED", "over"), ("SCHEDULED_EXPIRED", "over"), ("PROCESSING", "over")],
)  # fmt: skip
def test_states_of_lives(status: str, state: str) -> None:
    told = {"id": "97", "status": status, "video": {"id": "777"}, "creation_time": "2026-11-21T13:00:00+0000"}
    live = graph.to_live(graph.Broadcast.model_validate(told), "555")
    assert (live.remote_id, live.state, live.viewers) == ("555_777", state, None)


# ---- errors ----------------------------------------------------------------------------------------------------------


def judged(code: int, sub: int = 0, message: str = "", **more: object) -> RemoteError | None:
    error = {"message": message, "type": "OAuthException", "code": code, "error_subcode": sub, **more}
    return Facebook.dialect.judge(400, {}, json.dumps({"error": error}).encode())


@pytest.mark.parametrize(
    ("code", "sub", "kind", "problem"),
    [
        (1, 0, Unreachable, "remote_unreachable"),
        (2, 0, Unreachable, "remote_unreachable"),
        (4, 0, Throttled, "remote_throttled"),
        (17, 0, Throttled, "remote_throttled"),
        (32, 0, Throttled, "remote_throttled"),
        (613, 0, Throttled, "remote_throttled"),
        (80001, 0, Throttled, "remote_throttled"),
        (80014, 0, Throttled, "remote_throttled"),
        (10, 0, Unauthorised, "app_not_allowed"),
        (299, 0, Unauthorised, "app_not_allowed"),
        (10, 2018278, Refused, "reply_not_allowed"),
        (10, 1893063, Refused, "reply_not_allowed"),
        (100, 0, Refused, "remote_value_refused"),
        (100, 33, Vanished, "remote_vanished"),
        (100, 2018001, Refused, "reply_not_allowed"),
        (102, 0, Unauthorised, "shop_needs_owner"),
        (190, 463, Unauthorised, "shop_needs_owner"),
        (368, 0, Throttled, "shop_under_penalty"),
        (506, 0, Refused, "post_repeated"),
        (551, 0, Refused, "reply_not_allowed"),
        (4711, 0, Refused, "remote_refused"),
    ],
)
def test_every_code_of_the_sheet(code: int, sub: int, kind: type[RemoteError], problem: str) -> None:
    found = judged(code, sub)
    assert isinstance(found, kind)
    assert found.code == problem
    assert not isinstance(found, Unauthorised) or found.refreshable is (code in (102, 190))


def test_a_wrong_proof_is_our_own_key_and_an_unknown_transient_error_passes() -> None:
    found = judged(100, message="Invalid appsecret_proof provided in the API argument")
    assert isinstance(found, Unauthorised)
    assert (found.code, found.refreshable) == ("app_key_wrong", False)
    assert isinstance(judged(4711, is_transient=True), Unreachable)
    assert Facebook.dialect.judge(200, {}, b'{"data":[]}') is None
    assert Facebook.dialect.judge(502, {}, b"<html>") is None


def test_the_wait_is_told_in_minutes_inside_lists() -> None:
    usage = {
        "type": "pages",
        "call_count": 100,
        "total_cputime": 3,
        "total_time": 5,
        "estimated_time_to_regain_access": 7,
    }
    headers = {"x-business-use-case-usage": json.dumps({"555": [usage]}), "x-app-usage": '{"call_count":28}'}
    assert graph.usage(headers) == (100.0, 420.0)
    assert graph.usage({"x-app-usage": '{"call_count":28,"total_time":76,"total_cputime":1}'}) == (76.0, 0.0)
    assert graph.usage({"x-app-usage": "nonsense"}) == (0.0, 0.0)
    found = Facebook.dialect.judge(400, headers, b'{"error":{"code":80001,"message":""}}')
    assert isinstance(found, Throttled)
    assert found.seconds == 420
    assert [one.seconds for one in (judged(4), judged(368)) if isinstance(one, Throttled)] == [300, 21600]


# ---- items and listings ----------------------------------------------------------------------------------------------


def draft(*skus: str) -> Draft:
    return Draft(
        sku=Sku(skus[0]), title="Mật ong bạc hà", description="Hũ thủy tinh.", category="422",
        variants=tuple(DraftVariant(sku=Sku(sku), price=250_000, stock=3, label=f"{sku} g") for sku in skus),
        pictures=tuple(Picture(digest=f"{n:064x}", url=f"https://hub.example.vn/p/{n}.jpg") for n in range(3)),
    )  # fmt: skip


def test_an_item_is_written_as_the_batch_wants_it() -> None:
    wanted = draft("OCOP-HG-0001", "OCOP-HG-0002")
    item = to_item(wanted, wanted.variants[1], "OCOP-HG-0001", "https://m.me/555?ref=")
    assert item == {
        "id": "OCOP-HG-0002", "item_group_id": "OCOP-HG-0001", "title": "Mật ong bạc hà",
        "description": "Hũ thủy tinh.", "condition": "new", "price": "250000 VND", "link": "https://m.me/555?ref=OCOP-HG-0002",
        "google_product_category": "422", "visibility": "published", "availability": "in stock",
        "quantity_to_sell_on_facebook": 3, "image_link": "https://hub.example.vn/p/0.jpg", "size": "OCOP-HG-0002 g",
        "additional_image_link": ["https://hub.example.vn/p/1.jpg", "https://hub.example.vn/p/2.jpg"],
        "mpn": "OCOP-HG-0002",
    }  # fmt: skip
    assert "retailer_id" not in item


def test_a_listing_is_its_group() -> None:
    told = {"retailer_product_group_id": "A", "name": "Mật ong", "price": "250.000\u00a0₫", "visibility": "published"}
    items = [
        Item.model_validate(
            {**told, "retailer_id": name, "quantity_to_sell_on_facebook": stock, "review_status": review}
        )
        for name, stock, review in (("B", 0, "approved"), ("A", 5, ""))
    ]
    listing = to_listing("A", items)
    assert (listing.remote_id, listing.sku, listing.state) == (RemoteId("A"), "A", ListingState.LIVE)
    assert [(one.sku, one.price, one.stock) for one in listing.variants] == [("B", 250_000, 0), ("A", 250_000, 5)]
    missing = to_listing("A", [Item(retailer_id="A")])
    assert (missing.variants[0].price, missing.variants[0].stock) == (None, None)


@pytest.mark.parametrize(
    "text", ["250.000\u00a0₫", "₫250,000", "250000 VND", "250,000.00 VND", "250.000,00 ₫", "VND250,000", "250000"]
)
def test_prices_in_every_spelling(text: str) -> None:
    assert to_price(text) == 250_000


@given(st.integers(min_value=1000, max_value=10**9))
def test_a_price_survives_grouping(price: int) -> None:
    for text in (f"{price:,} VND", f"{price:,}".replace(",", ".") + " ₫", str(price)):
        assert to_price(text) == price


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("A required field is missing: image_link.", "picture_refused"),
        ("price must be a positive number", "price_refused"),
        ("title is too long", "title_refused"),
        ("Something else", "remote_value_refused"),
    ],
)
def test_refusals_name_the_thing(message: str, code: str) -> None:
    found = refusal(Failure(id="A", message=message))
    assert isinstance(found, Refused)
    assert found.code == code


@given(st.text(min_size=1), st.text(min_size=1))
def test_marks_tell_keys_apart(one: str, other: str) -> None:
    assert (mark(one) == mark(other)) is (one == other)
    assert len(mark(one)) == 15


def test_the_owner_is_sent_to_the_dialog() -> None:
    app = {"app_id": "400", "app_secret": SECRET}
    url = Facebook.sign_in_url(base_url=MANIFEST.base_url, app=app, redirect="https://h.vn/oauth", state="s", now=NOW)
    assert url.startswith("https://www.facebook.com/v26.0/dialog/oauth?client_id=400&")
    assert "catalog_management" in url
    by_config = Facebook.sign_in_url(
        base_url=MANIFEST.base_url, app={**app, "config_id": "9"}, redirect="r", state="s", now=NOW
    )
    assert "config_id=9" in by_config
    assert "scope=" not in by_config
    assert timedelta(days=30) == graph.LIFE
