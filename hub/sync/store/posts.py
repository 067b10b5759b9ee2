"""Posts on pages: planned, due, what came of them; and where their products can be bought."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog import store as catalog
from hub.catalog.model import Sellable
from hub.db import Tx
from hub.errors import Conflict, Invalid
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.shops.tables import shop
from hub.sync import tables as t
from hub.sync.model import BindingState, Problem
from hub.sync.store.bindings import problem_rows, to_binding
from hub.sync.store.leases import Lease, hold
from hub.types import Vnd

PostState = Literal["planned", "sending", "posted", "held", "unknown", "failed", "removed"]
"""``sending``: on its way, or accepted (with ``remote_id``) and not seen yet; ``unknown``: its answer was lost;
``held``: something must be mended first; ``failed``: given up, a person looks at the page."""


@dataclass(frozen=True, kw_only=True)
class StoredPost:
    """One post of one shop. ``next_at``: when it must be looked at next; None: not by itself."""

    id: str
    shop_id: str
    products: tuple[str, ...]
    template: str
    at: datetime
    campaign: str = ""
    words: str = ""
    title: str = ""
    text: str = ""
    link: str = ""
    pictures: tuple[str, ...] = ()
    claims: bool = False
    state: PostState = "planned"
    down: bool = False
    remote_id: str = ""
    url: str = ""
    answer: Mapping[str, object] | None = None
    problems: tuple[Problem, ...] = field(default=())
    attempts: int = 0
    made_by: str = ""
    changed_at: datetime
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A confirmed listing with an address. ``price``: the lowest it showed when it was read back."""

    product_id: str
    platform: str
    shop_name: str
    channel_kind: str
    url: str
    price: Vnd | None


@dataclass(frozen=True, kw_only=True)
class PostView:
    """A shop, the products a post is about in their order, and where else they can be bought."""

    shop: Shop
    sellables: tuple[Sellable, ...]
    listed: tuple[Listed, ...]


def post_view(tx: Tx, shop_id: str, products: Sequence[str]) -> PostView:
    """One snapshot. Products the shop may not speak of (another producer's, another province's) are left out."""
    own = shops.get_shop(tx, shop_id)
    found = {one.product.id: one for one in catalog.sellables(tx, products)} if products else {}
    told = tuple(found[one] for one in dict.fromkeys(products) if one in found and _speaks_of(own, found[one]))
    return PostView(shop=own, sellables=told, listed=_listed(tx, shop_id, [one.product.id for one in told]))


def _speaks_of(own: Shop, sellable: Sellable) -> bool:
    if own.producer_id is not None:
        return sellable.producer.id == own.producer_id
    return not own.province_code or sellable.producer.province_code == own.province_code


def _listed(tx: Tx, shop_id: str, products: Collection[str]) -> tuple[Listed, ...]:
    """What was read back and is not sold out, in all other shops."""
    b = t.binding.c
    query = (
        sa.select(t.binding, shop.c.platform, shop.c.name.label("shop_name"), shop.c.channel_kind)
        .join(shop, shop.c.id == b.shop_id)
        .where(
            b.state == BindingState.CONFIRMED.value, b.visible.is_(True), b.url != "", b.shop_id != shop_id,
            shop.c.state != "disconnected", among(tx, b.product_id, list(products)),
        )
        .order_by(shop.c.platform, shop.c.name, b.product_id)
    )  # fmt: skip
    return tuple(one for row in tx.execute(query) if (one := _shown(row)) is not None)


def _shown(row: Any) -> Listed | None:
    binding = to_binding(row)
    shown = binding.shown
    stocks = () if shown is None else tuple(shown.stocks.values())
    if stocks and not any(stock is None or stock > 0 for stock in stocks):
        return None
    prices = [] if shown is None else [price for price in shown.prices.values() if price is not None]
    return Listed(
        product_id=binding.product_id, platform=row.platform, shop_name=row.shop_name, channel_kind=row.channel_kind,
        url=binding.url, price=min(prices, default=None),
    )  # fmt: skip


# ---- rows --------------------------------------------------------------------------------------------------------


def add_post(tx: Tx, post: StoredPost) -> None:
    """A post that was planned."""
    tx.execute(t.post.insert().values(id=post.id, **_row(post)))
    rows = [{"post_id": post.id, "product_id": one, "position": n} for n, one in enumerate(post.products)]
    if rows:
        tx.execute(t.post_product.insert(), rows)


def post_of(tx: Tx, post_id: str) -> StoredPost:
    """Raises Invalid("post_unknown")."""
    found = _posts(tx, t.post.c.id == post_id)
    if not found:
        raise Invalid("post_unknown", id=post_id)
    return found[0]


def posts_of(tx: Tx, shop_id: str = "", states: Collection[PostState] = (), limit: int = 200) -> tuple[StoredPost, ...]:
    """Posts of a shop or of all, the latest in front."""
    where = [t.post.c.shop_id == shop_id] if shop_id else []
    where += [t.post.c.state.in_(list(states))] if states else []
    return _posts(tx, *where, limit=limit)


def due_posts(tx: Tx, shop_id: str, now: datetime) -> tuple[str, ...]:
    """Those of a shop that must be looked at, in the order of their times."""
    p = t.post.c
    query = sa.select(p.id).where(p.shop_id == shop_id, p.next_at <= now).order_by(p.next_at, p.at, p.id)
    return tuple(tx.execute(query).scalars())


def _posts(tx: Tx, *where: Any, limit: int | None = None) -> tuple[StoredPost, ...]:
    query = sa.select(t.post).where(*where).order_by(t.post.c.at.desc(), t.post.c.id).limit(limit)
    rows = tx.execute(query).all()
    pairs = t.post_product.c
    about = sa.select(pairs.post_id, pairs.product_id).where(among(tx, pairs.post_id, [row.id for row in rows]))
    products: dict[str, list[str]] = {}
    for pair in tx.execute(about.order_by(pairs.post_id, pairs.position)):
        products.setdefault(pair.post_id, []).append(pair.product_id)
    return tuple(_post(row, products.get(row.id, [])) for row in rows)


def _post(row: Any, products: Sequence[str]) -> StoredPost:
    return StoredPost(
        id=row.id, shop_id=row.shop_id, products=tuple(products), template=row.template, at=row.at,
        campaign=row.campaign, words=row.words, title=row.title, text=row.text, link=row.link,
        pictures=tuple(row.pictures), claims=row.claims, state=row.state, down=row.down, remote_id=row.remote_id,
        url=row.url, answer=row.answer, attempts=row.attempts, made_by=row.made_by, changed_at=row.changed_at,
        problems=tuple(Problem(code=one["code"], facts=one["facts"]) for one in row.problems), next_at=row.next_at,
    )  # fmt: skip


def _row(post: StoredPost) -> dict[str, Any]:
    return {
        "shop_id": post.shop_id, "campaign": post.campaign, "template": post.template, "words": post.words,
        "title": post.title, "text": post.text, "link": post.link, "pictures": list(post.pictures),
        "claims": post.claims, "at": post.at, "state": post.state, "down": post.down, "remote_id": post.remote_id,
        "url": post.url, "answer": None if post.answer is None else dict(post.answer),
        "problems": problem_rows(post.problems), "attempts": post.attempts, "made_by": post.made_by,
        "changed_at": post.changed_at, "next_at": post.next_at,
    }  # fmt: skip


def change_post(tx: Tx, before: StoredPost, after: StoredPost) -> None:
    """A person's change. Raises Conflict when the post became something else meanwhile."""
    if not _changed(tx, before, after):
        raise Conflict("post_state_wrong", id=before.id, state=post_of(tx, before.id).state)


def keep_post(tx: Tx, lease: Lease, before: StoredPost, after: StoredPost, now: datetime) -> bool:
    """A run's change, under its lease; False, and nothing is written, when a person changed the post meanwhile."""
    hold(tx, lease, now)
    return _changed(tx, before, after)


def _changed(tx: Tx, before: StoredPost, after: StoredPost) -> bool:
    p = t.post.c
    same = [p.id == before.id, p.state == before.state, p.down == before.down, p.changed_at == before.changed_at]
    return bool(tx.execute(t.post.update().where(*same).values(**_row(after))).rowcount)


def look_at_posts(tx: Tx, products: Collection[str], now: datetime) -> tuple[str, ...]:
    """Claims of these products changed: posts that wait, and those that stand with a claim, are looked at now.

    Answers their shops.
    """
    p, pairs = t.post.c, t.post_product.c
    about = sa.select(pairs.post_id).where(among(tx, pairs.product_id, list(products)))
    concerned = sa.or_(p.state == "planned", sa.and_(p.state == "posted", p.claims.is_(True)))
    changed = t.post.update().where(p.id.in_(about), concerned).values(next_at=now).returning(p.shop_id)
    return tuple(sorted(set(tx.execute(changed).scalars())))
