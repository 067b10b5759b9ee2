"""Webhook addresses: the greeting before the first delivery, what people wrote, what a stranger is told."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync.store.comments import StoredComment, comments_of
from hub.web.house import House
from tests.connectors.test_facebook_pure import COMMENT, SECRET, VECTORS
from tests.connectors.test_zalo_pure import CHAT, CHAT_MAC, FOLLOW, FOLLOW_MAC

Visit = Callable[..., Awaitable[TestClient]]  # type: ignore[type-arg]


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "từ-của-ta", "hub.challenge": "42"}, 200, "42"),
        ({"hub.mode": "subscribe", "hub.verify_token": "đoán", "hub.challenge": "42"}, 403, ""),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "từ-của-ta", "hub.challenge": "42"}, 403, ""),
        ({}, 403, ""),
    ],
)
async def test_an_address_answers_the_platform_that_knows_our_word(
    house: House, visit: Visit, query: dict[str, str], status: int, text: str
) -> None:
    known = replace(house, app_keys=lambda platform: {"verify_token": "từ-của-ta"})
    client = await visit(known, signed_in=False)
    async with client.get("/hooks/facebook", params=query) as answer:
        assert (answer.status, await answer.text()) == (status, text)


async def test_without_a_word_of_ours_nobody_is_greeted(house: House, visit: Visit) -> None:
    client = await visit(house, signed_in=False)
    query = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "42"}
    for platform, status in (("facebook", 403), ("nosuch", 404)):
        async with client.get(f"/hooks/{platform}", params=query) as answer:
            assert answer.status == status


async def test_a_delivery_without_a_right_signature_is_refused(house: House, visit: Visit) -> None:
    client = await visit(replace(house, app_keys=lambda platform: {"app_secret": "s"}), signed_in=False)
    async with client.post("/hooks/facebook", data=b"{}", headers={"X-Hub-Signature-256": "sha256=00"}) as answer:
        assert answer.status == 401


# ---- what people wrote -------------------------------------------------------------------------------------------

KEYS = {"facebook": {"app_secret": SECRET}, "zalo": {"oa_secret_key": "oa-secret-1"}}
PRINTED = {"x-hub-signature-256": f"sha256={VECTORS[0][1]}"}
EDITED = (
    COMMENT.replace(b'"verb":"add"', b'"verb":"edited"').replace(b"1795293712", b"1795293720").replace(b"x2", b"x3")
)
REMOVED = COMMENT.replace(b'"verb":"add"', b'"verb":"remove"').replace(b"M12 x2 0912345678", b"")


@pytest.fixture
def listening(house: House) -> House:
    """A hub with a Page and an Official Account."""
    for number, (platform, remote_id) in enumerate((("facebook", "555"), ("zalo", "3001"))):
        account = Shop(
            id=f"s{number}", platform=platform, name=platform, producer_id=None, channel_kind="social_shop",
            base_url=f"https://{platform}.test", remote_id=remote_id, state="connected", created_at=house.clock.now(),
        )  # fmt: skip
        house.db.write_now(shops.add_shop, account)
        house.db.write_now(shops.set_state, account.id, "connected")
    return replace(house, app_keys=lambda platform: KEYS.get(platform, {}))


def signed(body: bytes) -> Mapping[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def held(house: House, platform: str) -> tuple[StoredComment, ...]:
    (shop,) = house.db.read_now(lambda tx: shops.list_shops(tx, platform=platform))
    return house.db.read_now(comments_of, shop.id)


async def deliver(client: TestClient, platform: str, body: bytes, headers: Mapping[str, str]) -> int:  # type: ignore[type-arg]
    async with client.post(f"/hooks/{platform}", data=body, headers=headers) as answer:
        assert await answer.read() == b""
        return answer.status


async def test_the_printed_deliveries_are_kept_once_and_never_logged(listening: House, visit: Visit) -> None:
    client = await visit(listening, signed_in=False)
    with capture_logs() as logs:
        for _ in range(2):
            assert await deliver(client, "facebook", COMMENT, PRINTED) == 200
            assert await deliver(client, "zalo", CHAT, {"X-ZEvent-Signature": f"mac={CHAT_MAC}"}) == 200
            assert await deliver(client, "zalo", FOLLOW, {"X-ZEvent-Signature": f"mac={FOLLOW_MAC}"}) == 200
    assert "0912345678" not in repr(logs)
    (comment,) = held(listening, "facebook")
    assert (comment.remote_id, comment.about, comment.author, comment.text, comment.kind) == (
        "777_1", "555_777", "9001", "M12 x2 0912345678", "comment",
    )  # fmt: skip
    (message,) = held(listening, "zalo")
    assert (message.remote_id, message.about, message.text, message.kind) == (
        "7001:96d3cdf3af150460909", "3001:7001", "chốt 2 hộp mã 05 0912345678", "message",
    )  # fmt: skip


async def test_an_edit_replaces_and_a_removal_blanks(listening: House, visit: Visit) -> None:
    client = await visit(listening, signed_in=False)
    for body, text, removed in (
        (EDITED, "M12 x3 0912345678", False), (COMMENT, "M12 x3 0912345678", False), (REMOVED, "", True),
        (EDITED, "", True),
    ):  # fmt: skip
        assert await deliver(client, "facebook", body, signed(body)) == 200
        (comment,) = held(listening, "facebook")
        assert (comment.text, comment.removed) == (text, removed)


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": f"sha256={VECTORS[1][1]}"}])
async def test_what_is_not_signed_is_not_kept(listening: House, visit: Visit, headers: dict[str, str]) -> None:
    client = await visit(listening, signed_in=False)
    assert await deliver(client, "facebook", COMMENT, headers) == 401
    assert held(listening, "facebook") == ()


async def test_a_page_that_is_not_ours_is_unknown_and_does_not_spoil_its_neighbour(
    listening: House, visit: Visit
) -> None:
    client = await visit(listening, signed_in=False)
    stranger = COMMENT.replace(b'"id":"555"', b'"id":"556"')
    assert await deliver(client, "facebook", stranger, signed(stranger)) == 404
    entry = stranger.partition(b"[")[2][:-2]
    both = COMMENT[:-2] + b"," + entry + b"]}"
    assert await deliver(client, "facebook", both, signed(both)) == 200
    assert len(held(listening, "facebook")) == 1


async def test_of_a_shop_that_was_disconnected_nothing_is_kept(listening: House, visit: Visit) -> None:
    (shop,) = listening.db.read_now(lambda tx: shops.list_shops(tx, platform="facebook"))
    listening.db.write_now(shops.set_state, shop.id, "disconnected")
    client = await visit(listening, signed_in=False)
    assert await deliver(client, "facebook", COMMENT, PRINTED) == 404
    assert held(listening, "facebook") == ()
