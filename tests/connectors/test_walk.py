"""What connectors share of walking and hearing, without a platform."""

import hmac
from collections.abc import Sequence
from hashlib import sha256

import pytest

from hub.connectors.fitting import parcel_sides
from hub.connectors.walk import every_page, signed_by_app


async def test_every_page_is_asked_for_by_the_mark_before_it() -> None:
    pages = {"": ([1, 2], "a"), "a": ([], "b"), "b": ([3], "")}
    asked: list[str] = []

    async def ask(mark: str) -> tuple[Sequence[int], str]:
        asked.append(mark)
        return pages[mark]

    assert await every_page(ask) == [1, 2, 3]
    assert asked == ["", "a", "b"]
    assert pages[""][0] == [1, 2]


@pytest.mark.parametrize(
    ("secret", "given", "good"),
    [
        ("key:word", None, True),
        ("key:word", "", False),
        (":word", None, False),
        ("key:", None, False),
        ("key:word", "é", False),
    ],
)
def test_a_webhook_is_signed_by_key_and_secret(secret: str, given: str | None, good: bool) -> None:
    key, _, word = secret.partition(":")
    right = hmac.new(word.encode(), key.encode() + b"{}", sha256).hexdigest()
    assert signed_by_app(secret, b"{}", right if given is None else given) is good


@pytest.mark.parametrize(
    ("text", "sides"),
    [("20x15x10", (20, 15, 10)), (" 20 X 15 x 10 cm", (20, 15, 10)), ("20x15", None), ("", None), ("0x1x1", None)],
)
def test_sides_of_a_parcel_as_people_write_them(text: str, sides: tuple[int, int, int] | None) -> None:
    assert parcel_sides(text) == sides
