"""Comments and chat as an operator sees them: webhooks and readings from pretend Facebook and Zalo, real commands."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.clock import RealClock
from hub.config import config_dir, load
from hub.connectors.model import Tokens
from hub.demo import world as w
from hub.demo.run import START, listening
from hub.demo.trade import run_all
from hub.demo.world import World, open_world
from hub.sandbox.config import SandboxConfig
from hub.sandbox.facebook.config import FacebookConfig, FacebookPage
from hub.sandbox.facebook.page import Page
from hub.sandbox.faults import Rates
from hub.sandbox.zalo.account import Account
from hub.sandbox.zalo.config import default_zalo
from hub.sandbox.zalo.platform import Zalo
from hub.shops.model import Shop
from hub.sync import due
from hub.sync import tables as t
from hub.sync.connect import Wish
from hub.sync.store import comments as kept

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).parent.parent.parent
PAGE = FacebookPage(page_id="555000111", name="Trang Một", catalog_id="777000222", user_token="u-1", page_token="p-1")
FACEBOOK, ZALO = FacebookConfig(pages=(PAGE,)), default_zalo()
OA, PERSON = "3812345678901234561", "7312345678901234501"
APPS: Mapping[str, Mapping[str, str]] = {
    "zalo": {"app_id": "431234567890", "secret_key": "zalo-app-secret-1", "oa_secret_key": "oa-secret-1"},
    "facebook": {"app_id": FACEBOOK.app_id, "app_secret": FACEBOOK.app_secret},
}


@dataclass(kw_only=True)
class Desk:
    """A hub with a page and an account, its web listening; commands run in processes of their own beside it."""

    world: World
    settings: Path
    page: Page
    account: Account
    facebook: Shop
    zalo: Shop

    async def type(self, *words: str, expect: int = 0) -> tuple[str, str]:
        done = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "hub.cli", "--config", str(self.settings), "comments", *words, cwd=ROOT,
            env=os.environ | {"LANG": "C.UTF-8"}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, errors = await done.communicate()
        assert done.returncode == expect, told.decode() + errors.decode()
        return told.decode(), " ".join(errors.decode().split())

    async def json(self, *words: str, expect: int = 0) -> Any:
        return json.loads((await self.type(*words, "--json", expect=expect))[0].splitlines()[-1])

    async def deliver(self) -> int:
        return await self.world.sandbox.deliver_due()

    def texts(self, shop: Shop) -> list[str]:
        return [one.text for one in self.world.hub.db.read_now(kept.comments_of, shop.id)]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    base = tmp_path / "demo"
    places = {"database_url": f"sqlite:///{base / 'hub.db'}", "data_dir": base, "keys_file": base / "keys"}
    config = load(config_dir() / "demo.toml", **places, apps=APPS)
    w.clear(base)
    sandbox = SandboxConfig(facebook=FACEBOOK, zalo=ZALO)
    async with open_world(config, START, sandbox=sandbox) as world, listening(world):
        page, account = world.sandbox.shops()[f"facebook/{PAGE.page_id}"], world.sandbox.shops()[f"zalo/{OA}"]
        assert isinstance(page, Page)
        assert isinstance(account, Account)
        page.hooks.config = replace(FACEBOOK, callback_url=f"{world.hub.public_url}/hooks/facebook")
        for platform in world.sandbox.platforms:
            if isinstance(platform, Zalo):
                platform.outboxes["431234567890"].url = f"{world.hub.public_url}/hooks/zalo"
        facebook = await world.hub.connect(_wish(world, "facebook", PAGE.page_id, PAGE.page_token, PAGE.user_token))
        zalo = await world.hub.connect(_wish(world, "zalo", OA, "zalo-access-1", "zalo-refresh-1"))
        settings = tmp_path / "hub.toml"
        settings.write_text(_settings(base))
        yield Desk(world=world, settings=settings, page=page, account=account, facebook=facebook, zalo=zalo)


def _wish(world: World, platform: str, remote_id: str, access: str, refresh: str) -> Wish:
    now = world.clock.now()
    tokens = Tokens(access=access, refresh=refresh, access_until=now + timedelta(hours=20),
                    refresh_until=now + timedelta(days=60))  # fmt: skip
    return Wish(platform=platform, base_url=f"{world.address}/{platform}", channel_kind="social_shop",
                producer_id=None, remote_id=remote_id, tokens=tokens)  # fmt: skip


def _settings(base: Path) -> str:
    offset = (START - RealClock().now()).total_seconds()
    apps = "\n".join(
        f"[apps.{name}]\n" + "\n".join(f'{key} = "{value}"' for key, value in keys.items())
        for name, keys in APPS.items()
    )
    return (
        f'database_url = "sqlite:///{base / "hub.db"}"\ndata_dir = "{base}"\nkeys_file = "{base / "keys"}"\n'
        f"allow_private_addresses = true\nclock_offset_seconds = {offset}\n{apps}\n"
    )


async def test_a_comment_is_heard_listed_answered_once_and_hidden(desk: Desk) -> None:
    live = desk.page.go_live("Phiên chợ")
    number = desk.page.comment(live, "9001", "m12 x2 0912345678")
    rude = desk.page.comment(live, "9002", "chê")
    assert await desk.deliver() == 1
    (first, second) = await desk.json("list", desk.facebook.id)
    assert (first["id"], first["author"], first["text"], first["answer"]) == (number, "9001", "m12 x2 0912345678", "")
    assert await desk.json("list", desk.facebook.id, "--live", first["about"]) == [first, second]
    assert await desk.json("list", desk.facebook.id, "--live", "1_1") == []
    assert "m12 x2 0912345678" in (await desk.type("list", desk.facebook.id))[0]
    told = await desk.json("reply", desk.facebook.id, number, "Đã nhận, cảm ơn bạn.")
    assert (told["answer"], told["problem"], told["answered_at"] is None) == ("sent", "", False)
    assert [text for _, text in desk.page.sent] == ["Đã nhận, cảm ơn bạn."]
    _, errors = await desk.type("reply", desk.facebook.id, number, "Lần nữa", expect=1)
    assert "đã được trả lời" in errors
    assert len(desk.page.sent) == 1
    assert (await desk.json("hide", desk.facebook.id, rude))["hidden"]
    assert desk.page.talk[rude].hidden
    _, errors = await desk.type("hide", desk.facebook.id, "9_9", expect=1)
    assert "9_9" in errors


async def test_a_refusal_is_said_in_words_and_a_lost_answer_is_never_repeated_silently(desk: Desk) -> None:
    live = desk.page.go_live("Phiên chợ")
    old, lost = desk.page.comment(live, "9001", "m1"), desk.page.comment(live, "9002", "m2")
    await desk.deliver()
    desk.page.talk[old].at -= timedelta(days=8)
    told, _ = await desk.type("reply", desk.facebook.id, old, "Chào bạn", expect=1)
    assert "answer:refused" in told
    assert "không còn cho" in told
    desk.world.sandbox.world.faults.change(Rates(lost_answer=1.0), 1)
    told, _ = await desk.type("reply", desk.facebook.id, lost, "Chào bạn", expect=1)
    assert "answer:unknown" in told
    assert "Chưa rõ" in told
    desk.world.sandbox.world.faults.change(Rates(), 1)
    assert len(desk.page.sent) == 1  # it did go out
    _, errors = await desk.type("reply", desk.facebook.id, lost, "Chào bạn", expect=1)
    assert "Chưa rõ" in errors
    assert len(desk.page.sent) == 1


async def test_chat_on_both_channels_is_heard_and_answered(desk: Desk) -> None:
    desk.page.message("9001", "Còn mật ong không?")
    desk.account.message(PERSON, "chốt 2 hộp mã 05")
    assert await desk.deliver() == 2
    for shop, text in ((desk.facebook, "Còn mật ong không?"), (desk.zalo, "chốt 2 hộp mã 05")):
        (one,) = await desk.json("list", shop.id)
        assert (one["kind"], one["text"]) == ("message", text)
        for answer in ("Còn ạ", "Bạn cho xin địa chỉ"):  # a conversation goes on
            assert (await desk.json("reply", shop.id, one["id"], answer))["answer"] == "sent"
    assert [text for _, text in desk.page.sent] == ["Còn ạ", "Bạn cho xin địa chỉ"]
    assert [(one.to, one.text) for one in desk.account.desk.sent] == [
        (PERSON, "Còn ạ"),
        (PERSON, "Bạn cho xin địa chỉ"),
    ]
    (one,) = await desk.json("list", desk.zalo.id)
    _, errors = await desk.type("hide", desk.zalo.id, one["id"], expect=1)
    assert "Zalo" in errors


async def test_edits_removals_and_doubled_late_deliveries(desk: Desk) -> None:
    desk.world.sandbox.world.faults.change(Rates(hook_doubled=0.5, hook_reordered=0.5), 7)
    live = desk.page.go_live("Phiên chợ")
    numbers, sent = [], 0
    for n in range(12):
        numbers.append(desk.page.comment(live, f"900{n}", f"m{n}"))
        sent += await desk.deliver()
        desk.world.clock.move(timedelta(seconds=2))
    desk.page.edit_comment(numbers[0], "m0 x3")
    desk.page.remove_comment(numbers[1])
    desk.account.message(PERSON, "xin chào")
    await desk.deliver()
    assert sent > len(numbers)  # some came twice
    assert desk.texts(desk.facebook) == ["m0 x3", "", *(f"m{n}" for n in range(2, 12))]
    assert desk.texts(desk.zalo) == ["xin chào"]


async def test_where_no_webhook_comes_a_running_live_is_read_and_nothing_else_is(desk: Desk) -> None:
    desk.page.hooks.disabled = True
    world, shop = desk.world, desk.facebook.id

    def asked(edge: str) -> int:
        return sum(count for name, count in world.sandbox.world.calls.items() if name.endswith(edge))

    def waits(now: datetime) -> bool:
        return (shop, "comments") in world.hub.db.read_now(due.waiting, now)

    crons = world.hub.db.read_now(lambda tx: {(r.shop_id, r.kind): r.cron for r in tx.execute(sa.select(t.due))})
    assert crons[shop, "comments"] == "*/10 * * * *"
    assert (desk.zalo.id, "comments") not in crons
    await run_all(world, ["comments"])
    assert (asked("/live_videos"), asked("/comments"), waits(world.clock.now())) == (1, 0, False)
    live = desk.page.go_live("Phiên chợ")
    for n in range(3):
        desk.page.comment(live, f"900{n}", f"m{n}")
    world.clock.move(timedelta(minutes=10))
    await run_all(world, ["comments"])
    assert desk.texts(desk.facebook) == ["m0", "m1", "m2"]
    desk.page.comment(live, "9009", "m9 0912345678")
    world.clock.move(timedelta(seconds=20))
    assert waits(world.clock.now())
    await run_all(world, ["comments"])
    assert desk.texts(desk.facebook)[-1] == "m9 0912345678"
    desk.page.comment(live, "9009", "m10")
    desk.page.end_live(live)
    world.clock.move(timedelta(minutes=10))
    await run_all(world, ["comments"])
    assert desk.texts(desk.facebook)[-1] == "m10"
    before = asked("/comments")
    world.clock.move(timedelta(minutes=10))
    assert not waits(world.clock.now())
    await run_all(world, ["comments"])
    assert asked("/comments") == before
