"""Webhook addresses: the greeting before the first delivery, and what a stranger is told."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient

from hub.web.house import House

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
