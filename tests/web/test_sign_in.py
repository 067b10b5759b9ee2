"""Coming in, going out: links work once, sessions can be ended, nothing changes without the form's token."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from hub.clock import ShiftedClock
from hub.db import Tx
from hub.people import store as people
from hub.people import tables as t
from hub.web.house import House
from hub.web.sign_in import first_link
from tests.web.conftest import Visit, csrf_of


async def fetch(client: "TestClient[Any, Any]", path: str, **options: Any) -> tuple[int, str]:
    async with client.get(path, **options) as answer:
        return answer.status, await answer.text()


async def path_of_link(house: House) -> str:
    return (await first_link(house)).removeprefix(house.public_url)


def move(house: House, delta: timedelta) -> None:
    assert isinstance(house.clock, ShiftedClock)
    house.clock.move(delta)


@pytest.mark.parametrize("path", ["/", "/don/", "/hang/P-tra", "/van-hanh/none", "/nowhere"])
async def test_whoever_is_not_in_sees_the_same_everywhere(house: House, visit: Visit, path: str) -> None:
    client = await visit(house, signed_in=False)
    status, page = await fetch(client, path)
    assert status == 401
    assert "Bạn chưa vào" in page
    assert "ocop-hub serve" in page
    assert "Đơn hàng" not in page


async def test_a_link_works_once(house: House, visit: Visit) -> None:
    link = await path_of_link(house)
    first, second = await visit(house, signed_in=False), await visit(house, signed_in=False)
    assert (await fetch(first, link))[0] == 200
    status, page = await fetch(second, link)
    assert status == 410
    assert "đã dùng rồi" in page
    assert (await fetch(second, "/"))[0] == 401
    assert (await fetch(first, link))[0] == 200  # who is in already just goes on


async def test_a_link_lives_a_quarter_of_an_hour(house: House, visit: Visit) -> None:
    link = await path_of_link(house)
    move(house, timedelta(minutes=15))
    client = await visit(house, signed_in=False)
    assert (await fetch(client, link))[0] == 410
    assert (await fetch(client, "/vao/guessed"))[0] == 410


async def test_looking_at_a_link_does_not_spend_it(house: House, visit: Visit) -> None:
    link = await path_of_link(house)
    client = await visit(house, signed_in=False)
    async with client.head(link) as answer:
        assert answer.status == 404
    assert (await fetch(client, link))[0] == 200


async def test_the_database_holds_neither_links_nor_sessions(house: House, visit: Visit) -> None:
    link = await path_of_link(house)
    client = await visit(house, signed_in=False)
    async with client.get(link, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        cookie = answer.cookies["ocop"]
    kept = str(house.db.read_now(everything))
    assert cookie.value not in kept
    assert link.rpartition("/")[2] not in kept
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == 12 * 3600
    assert not cookie["secure"]


def everything(tx: Tx) -> list[object]:
    return [list(tx.execute(sa.select(table))) for table in (t.entry_link, t.web_session)]


async def test_behind_https_the_cookie_stays_there(house: House, visit: Visit) -> None:
    safe = replace(house, public_url="https://hub.test")
    client = await visit(safe, signed_in=False)
    async with client.get(await path_of_link(safe), allow_redirects=False) as answer:
        assert answer.cookies["ocop"]["secure"]
        assert "max-age" in answer.headers["Strict-Transport-Security"]


async def test_a_session_ends_after_its_hours(house: House, visit: Visit) -> None:
    client = await visit(house)
    move(house, timedelta(hours=12))
    assert (await fetch(client, "/"))[0] == 401


async def test_sessions_can_be_ended_from_the_database(house: House, visit: Visit) -> None:
    client = await visit(house)
    assert house.db.write_now(people.end_all_sessions, house.clock.now()) == 1
    assert (await fetch(client, "/"))[0] == 401


async def test_going_out_ends_the_session_wherever_its_cookie_is(house: House, visit: Visit) -> None:
    client = await visit(house)
    (cookie,) = client.session.cookie_jar
    csrf = csrf_of((await fetch(client, "/"))[1])
    async with client.post("/ra", data={"csrf": csrf}) as answer:
        assert answer.status == 200
        assert "Đã ra" in await answer.text()
    stolen = await visit(house, signed_in=False)
    assert (await fetch(stolen, "/", cookies={"ocop": cookie.value}))[0] == 401


@pytest.mark.parametrize("path", ["/ra", "/ngon-ngu"])
async def test_nothing_changes_without_the_forms_token(house: House, visit: Visit, path: str) -> None:
    client = await visit(house)
    csrf = csrf_of((await fetch(client, "/"))[1])
    for data, headers in (
        ({}, {}), ({"csrf": "0" * 40}, {}), ({}, {"X-CSRF-Token": "é"}),
        ({"csrf": csrf}, {"Sec-Fetch-Site": "cross-site"}), ({"csrf": csrf}, {"Sec-Fetch-Site": "same-site"}),
    ):  # fmt: skip
        async with client.post(path, data={"language": "en", **data}, headers=headers) as answer:
            assert answer.status == 403
            assert "Chưa làm gì cả" in await answer.text()
    assert 'lang="vi"' in (await fetch(client, "/"))[1]


async def test_the_token_may_come_as_a_header(house: House, visit: Visit) -> None:
    client = await visit(house)
    headers = {"X-CSRF-Token": csrf_of((await fetch(client, "/"))[1])}
    async with client.post("/ngon-ngu", data={"language": "en", "back": "/don/"}, headers=headers) as answer:
        assert answer.url.path == "/don/"
        assert 'lang="en"' in await answer.text()


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", ""])
async def test_nobody_is_sent_elsewhere(house: House, visit: Visit, back: str) -> None:
    client = await visit(house)
    form = {"csrf": csrf_of((await fetch(client, "/"))[1]), "language": "en", "back": back}
    async with client.post("/ngon-ngu", data=form, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/"


async def test_an_unknown_language_is_refused_in_words(house: House, visit: Visit) -> None:
    client = await visit(house)
    form = {"csrf": csrf_of((await fetch(client, "/"))[1]), "language": "xx"}
    async with client.post("/ngon-ngu", data=form) as answer:
        assert answer.status == 400
        assert "xx" in await answer.text()
