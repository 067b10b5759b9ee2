"""A shop whose platform is this file: it remembers, refuses and stalls as a test asks. No network, no sleeping."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from hub.catalog import stock
from hub.catalog import tables as c
from hub.clock import ShiftedClock
from hub.connectors.base import Connector
from hub.connectors.model import (
    Change,
    Done,
    Draft,
    KeyPair,
    Kind,
    Limits,
    ListedVariant,
    Listing,
    ListingState,
    Manifest,
    Page,
    Placed,
    PriceTag,
    Proof,
    RemoteOrder,
    Result,
    Settlement,
    ShopCard,
    StockLevel,
    Target,
)  # fmt: skip
from hub.db import Db, Tx
from hub.errors import RemoteError, Vanished
from hub.shops import tables as s
from hub.shops.model import Shop
from hub.sync.means import Line, Means
from hub.sync.model import JobKind, Lane, Patience
from hub.types import RemoteId, Sku
from tests.unit.sync.goods import GROUND, LAW

NOW = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
KEYS = ("mam", "tra", "banh")


@dataclass
class Calls:
    count: int = 0


@dataclass
class Platform:
    """What one pretend shop holds. ``trouble`` is raised by the next calls of that name, first come first."""

    listings: dict[str, Listing] = field(default_factory=dict)
    orders: dict[str, RemoteOrder] = field(default_factory=dict)
    money: list[Page[Settlement]] = field(default_factory=list)
    trouble: dict[str, list[RemoteError]] = field(default_factory=dict)
    before: dict[str, Callable[[], Awaitable[object]]] = field(default_factory=dict)  # happens while the call is out
    told: list[tuple[str, int]] = field(default_factory=list)  # every (SKU, stock) set
    calls: Calls = field(default_factory=Calls)

    async def enter(self, name: str) -> None:
        self.calls.count += 1
        if name in self.before:
            await self.before[name]()
        if self.trouble.get(name):
            raise self.trouble[name].pop(0)


class FakeShop(Connector):
    """Every ability over a :class:`Platform`."""

    manifest: ClassVar[Manifest] = Manifest(
        id="shopee", name="X", kind=Kind.MARKETPLACE, base_url="", sandbox_url=None, auth=KeyPair(), asks=(),
        limits=Limits(pace=None, parallel=1, create_batch=10, update_batch=10, stock_batch=10, price_batch=10,
                      read_batch=10), errors={}, proof=Proof(rung="documented", checked="2026-11-24"), docs="",
    )  # fmt: skip

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def check(self) -> ShopCard:
        return ShopCard(remote_id="1", name="x", currency="VND", live=True)

    async def find(self, sku: Sku) -> Listing | None:
        await self.platform.enter("find")
        return next((one for one in self.platform.listings.values() if one.sku == sku), None)

    async def create(self, drafts: Sequence[Draft]) -> Sequence[Result[Placed]]:
        for draft in drafts:
            remote_id = RemoteId(f"r-{draft.sku}-{len(self.platform.listings)}")
            self.platform.listings[remote_id] = Listing(
                remote_id=remote_id, sku=draft.sku, state=ListingState.LIVE, title=draft.title,
                description=draft.description,
                variants=tuple(
                    ListedVariant(remote_id=RemoteId("0"), sku=v.sku, price=v.price, stock=v.stock)
                    for v in draft.variants
                ),
            )  # fmt: skip
        await self.platform.enter("create")
        made = [next(x for x in self.platform.listings.values() if x.sku == d.sku) for d in drafts]
        return [
            Placed(sku=one.sku, remote_id=one.remote_id, variants=tuple((v.sku, v.remote_id) for v in one.variants))
            for one in made
        ]

    async def update(self, changes: Sequence[Change]) -> Sequence[Result[Done]]:
        await self.platform.enter("update")
        answers: list[Result[Done]] = []
        for change in changes:
            own = self.platform.trouble.get(f"update {change.draft.sku}")
            if own:
                answers.append(own.pop(0))
                continue
            answers.append(Done())
            old = self.platform.listings[change.target.remote_id]
            self.platform.listings[old.remote_id] = replace(
                old, title=change.draft.title, description=change.draft.description, state=ListingState.LIVE
            )
        return answers

    async def withdraw(self, targets: Sequence[Target]) -> Sequence[Result[Done]]:
        await self.platform.enter("withdraw")
        for one in targets:
            old = self.platform.listings[one.remote_id]
            self.platform.listings[one.remote_id] = replace(old, state=ListingState.HIDDEN)
        return [Done() for _ in targets]

    async def set_stock(self, levels: Sequence[StockLevel]) -> Sequence[Result[Done]]:
        await self.platform.enter("set_stock")
        answers: list[Result[Done]] = []
        for level in levels:
            own = self.platform.trouble.get(f"set_stock {level.sku}")
            if own:
                answers.append(own.pop(0))
                continue
            self.platform.told.append((level.sku, level.stock))
            answers.append(Done())
        return answers

    async def set_price(self, tags: Sequence[PriceTag]) -> Sequence[Result[Done]]:
        await self.platform.enter("set_price")
        return [Done() for _ in tags]

    async def read(self, remote_ids: Sequence[RemoteId]) -> Sequence[Result[Listing]]:
        await self.platform.enter("read")
        return [self.platform.listings.get(i) or Vanished("remote_vanished") for i in remote_ids]

    async def listings(self, page: str | None) -> Page[Listing]:
        await self.platform.enter("listings")
        return Page(items=list(self.platform.listings.values()))

    async def orders(self, since: datetime, until: datetime, page: str | None) -> Page[RemoteOrder]:
        await self.platform.enter("orders")
        return Page(items=[o for o in self.platform.orders.values() if since <= o.updated_at < until])

    async def order(self, remote_id: RemoteId) -> RemoteOrder:
        await self.platform.enter("order")
        await self.platform.enter(f"order {remote_id}")
        if remote_id not in self.platform.orders:
            raise Vanished("remote_vanished")
        return self.platform.orders[remote_id]

    async def settlements(self, since: datetime, until: datetime, page: str | None) -> Page[Settlement]:
        await self.platform.enter("settlements")
        return self.platform.money.pop(0) if self.platform.money else Page(items=[])


@dataclass
class Desk:
    """Two shops of one producer that sell the same three goods, and what jobs work with there."""

    db: Db
    clock: ShiftedClock
    platforms: dict[str, Platform]
    asked: list[tuple[Lane, str, JobKind]] = field(default_factory=list)
    patience: Patience = field(default_factory=Patience)
    subscribed: list[str] = field(default_factory=list)

    def means(self, owner: str = "worker") -> Means:
        return Means(
            db=self.db, clock=self.clock, open_line=self._open, ground=lambda shop: replace(GROUND, now=self.now()),
            ask=self._ask, owner=owner, law=LAW, patience=self.patience,
            subscribe=self._subscribe,
        )  # fmt: skip

    def now(self) -> datetime:
        return self.clock.now()

    def pass_time(self, **span: float) -> None:
        self.clock.move(timedelta(**span))

    async def _subscribe(self, shop: Shop) -> None:
        self.subscribed.append(shop.id)

    async def _ask(self, lane: Lane, shop_id: str, kind: JobKind) -> None:
        self.asked.append((lane, shop_id, kind))

    async def _open(self, shop: Shop) -> Line:
        platform = self.platforms[shop.id]
        return Line(connector=FakeShop(platform), calls=platform.calls)


def build(tx: Tx) -> None:
    """One producer with three goods of ten pieces each, certified, and the two shops ``a`` and ``b``."""
    tx.execute(c.producer.insert(), [{"id": "p", "name": "HTX Mẫu", "folded": "htx mau", "kind": "HTX",
                                      "province_code": "92", "commune": "Xã Mẫu"}])  # fmt: skip
    for n, key in enumerate(KEYS, 1):
        tx.execute(c.product.insert(), [{
            "id": f"P-{key}", "producer_id": "p", "name": f"Mắm cá linh số {n}", "folded": f"mam {n}",
            "name_key": f"mam {n}", "set_no": 9, "food_declaration": "01/MAM/2024", "storage": "Nơi khô ráo",
            "shelf_life_months": 12, "commune": "Xã Mẫu", "reviewed_at": NOW,
        }])  # fmt: skip
        tx.execute(c.variant.insert(), [{"id": f"V-{key}", "product_id": f"P-{key}", "sku": key, "price": 50_000,
                                         "net_quantity": "500", "unit": "g", "pack": "hũ"}])  # fmt: skip
        tx.execute(c.certificate.insert(), [{
            "id": f"C-{key}", "product_id": f"P-{key}", "stars": 4, "decision_no": "1/QĐ-UBND", "issuer": "UBND tỉnh",
            "decision_date": NOW.date() - timedelta(days=300), "expires_on": NOW.date() + timedelta(days=700),
        }])  # fmt: skip
        stock.declare(tx, f"V-{key}", 10, ref="declare:1", at=NOW)
    for shop_id in ("a", "b"):
        tx.execute(s.shop.insert(), [{"id": shop_id, "platform": "shopee", "name": shop_id, "producer_id": "p",
                                      "channel_kind": "marketplace", "base_url": f"http://{shop_id}",
                                      "state": "connected", "created_at": NOW}])  # fmt: skip
