"""A shop by files that gets an API: the same shop, with its orders, its ledger and what was reported."""

from datetime import timedelta
from typing import Any, ClassVar, cast

import pytest
from cryptography.fernet import Fernet

from hub.connectors.api import Api
from hub.connectors.base import Connector
from hub.connectors.files import Files
from hub.connectors.model import ListedVariant, Listing, ListingState, Manifest, ShopCard, ShopSettings
from hub.connectors.wire import Credentials
from hub.db import Db
from hub.errors import Conflict, Invalid
from hub.sales import store as sales
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.vault import Vault
from hub.sync import due, store
from hub.sync.connect import Wish, connect_shop, promise_takeover
from hub.sync.files.known import profile_of
from hub.sync.files.reported import Report, note_reports
from hub.sync.files.take_in import store_orders
from hub.sync.model import BindingState
from hub.sync.push import Push
from hub.sync.work import work
from hub.types import RemoteId, Sku
from tests.store.sync.desk import NOW, Desk, FakeShop, Platform
from tests.store.sync.test_files import by_api
from tests.store.sync.test_files import shop as shop

CRONS = {"push": "*/15 * * * *", "pull": "*/5 * * * *", "money": "0 3 * * *", "gates": "5 0 * * *"}


class Account(FakeShop):
    """The platform's account 1, as connecting makes it."""

    manifest: ClassVar[Manifest] = FakeShop.manifest

    def __init__(self, api: Api, settings: ShopSettings) -> None:
        super().__init__(Platform())


def door(kind: type[Connector], settings: ShopSettings, credentials: Credentials) -> Api:
    """Nobody knocks in these tests."""
    return cast(Api, None)


async def connect(db: Db, kind: type[Connector], **wish: Any) -> Shop:
    asked = Wish(**{"platform": kind.manifest.id, "base_url": "", "channel_kind": "marketplace", "producer_id": "p",
                    **wish})  # fmt: skip
    return await connect_shop(db, Vault([Fernet.generate_key().decode()]), door, kind, asked, CRONS, NOW)


async def test_the_shop_keeps_id_orders_and_reports(db: Db, shop: Shop) -> None:
    told = by_api("A1")
    db.write_now(store_orders, shop, [told], NOW)
    reports = [
        Report(product_id="P-mam", state="listed", on=NOW.date(), url="https://x.example/1"),
        Report(product_id="P-tra", state="withdrawn", on=NOW.date()),
    ]
    db.write_now(note_reports, shop, reports, NOW)
    db.write_now(promise_takeover, shop, "shopee", NOW)
    became = await connect(db, Account, name="khác", values={"region": "vn"})
    assert (became.id, became.platform, became.remote_id, became.name) == ("f", "shopee", "1", shop.name)
    assert dict(became.values) == {"profile": "shopee", "region": "vn"}
    assert became.version == 2
    assert profile_of(became).id == "shopee"  # old exports still come in
    assert [o.remote_id for o in db.read_now(sales.load_orders, "f", ["A1"])] == ["A1"]
    states = {b.product_id: b.state for b in db.read_now(store.bindings, "f")}
    assert states == {"P-mam": BindingState.REPORTED, "P-tra": BindingState.ASK}
    assert {d.kind for d in db.read_now(due.schedules, "f")} == set(CRONS)
    again = db.write_now(sales.upsert_orders, became, [told], now=NOW)
    assert (again.new, again.changed) == (0, 1)  # the same order, now the API's


async def test_without_a_promise_or_after_its_time_it_is_a_shop_of_its_own(db: Db, shop: Shop) -> None:
    db.write_now(promise_takeover, shop, "shopee", NOW - timedelta(hours=1))
    assert (await connect(db, Account)).id != "f"
    assert db.read_now(shops.get_shop, "f").platform == "files"


async def test_two_shops_are_never_poured_together(db: Db, shop: Shop) -> None:
    await connect(db, Account)
    db.write_now(promise_takeover, shop, "shopee", NOW)
    with pytest.raises(Conflict) as wrong:
        await connect(db, Account)
    assert wrong.value.code == "takeover_already_connected"
    assert db.read_now(shops.get_shop, "f").platform == "files"


async def test_another_producers_account_takes_nothing_over(db: Db, shop: Shop) -> None:
    db.write_now(promise_takeover, shop, "shopee", NOW)
    assert (await connect(db, Account, producer_id=None)).id != "f"


def test_only_a_shop_by_files_of_that_place_can_be_promised(db: Db, shop: Shop) -> None:
    with pytest.raises(Invalid) as other:
        db.write_now(promise_takeover, shop, "woocommerce", NOW)
    assert other.value.code == "takeover_of_another_place"
    with pytest.raises(Invalid) as by_api_already:
        db.write_now(promise_takeover, db.read_now(shops.get_shop, "a"), "shopee", NOW)
    assert by_api_already.value.code == "takeover_not_by_files"


async def test_a_shop_by_files_is_connected_without_anybody_and_has_no_schedule(db: Db, shop: Shop) -> None:
    made = await connect(db, Files, values={"profile": "buudien", "account": "HTX Mẫu"})
    assert (made.name, made.remote_id) == ("buudien: HTX Mẫu", "buudien/htx mau")
    assert db.read_now(due.schedules, made.id) == []
    with pytest.raises(Invalid) as wrong:
        await connect(db, Files)
    assert wrong.value.code == "ask_missing"


class Mute(Connector):
    """Can do nothing, like a shop by files."""

    manifest: ClassVar[Manifest] = FakeShop.manifest

    def __init__(self) -> None:
        pass

    async def check(self) -> ShopCard:
        raise AssertionError


async def test_a_push_where_nothing_can_be_published_does_nothing(desk: Desk) -> None:
    means = desk.means()
    line = await means.open_line(desk.db.read_now(shops.get_shop, "a"))
    lease = desk.db.write_now(store.take_lease, "a", "bulk", "me", NOW, timedelta(minutes=1))
    assert lease is not None
    mute = type(line)(connector=Mute(), calls=line.calls)
    tally = await Push(means, mute, lease, "run").run()
    assert (tally.total, tally.done, tally.held) == (0, 0, 0)
    assert desk.db.read_now(store.bindings, "a") == []


async def test_a_reported_listing_is_looked_for_by_our_sku_and_never_put_up_twice(desk: Desk) -> None:
    shop = desk.db.read_now(shops.get_shop, "a")
    report = Report(product_id="P-mam", state="listed", on=NOW.date(), url="https://x.example/1")
    desk.db.write_now(note_reports, shop, [report], NOW)
    desk.platforms["a"].listings["r-there"] = Listing(
        remote_id=RemoteId("r-there"), sku=Sku("mam"), state=ListingState.LIVE, title="Mắm", description="",
        variants=(ListedVariant(remote_id=RemoteId("0"), sku=Sku("mam"), price=50_000, stock=1),),
    )  # fmt: skip
    for _ in range(2):
        await work(desk.means(), "bulk", "a", "push")
    held = {b.product_id: b for b in desk.db.read_now(store.bindings, "a")}
    assert held["P-mam"].remote_id == "r-there"
    assert held["P-mam"].state is BindingState.DRIFTED  # its owner's own words stand there: a person decides
    assert sorted(one.sku for one in desk.platforms["a"].listings.values()) == ["banh", "mam", "tra"]
