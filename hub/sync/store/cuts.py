"""Words for one platform that a person edited, by product."""

import unicodedata
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog.tables import product
from hub.db import Tx, upsert
from hub.shops.tables import shop
from hub.sync import due
from hub.sync import tables as t
from hub.sync.model import Cut
from hub.types import nfc


def cuts(tx: Tx, platform: str, product_ids: Collection[str] | None = None) -> dict[str, Cut]:
    """The edited words for a platform, by product id: all, or of some products."""
    query = sa.select(t.cut).where(t.cut.c.platform == platform)
    if product_ids is not None:
        query = query.where(among(tx, t.cut.c.product_id, list(product_ids)))
    return {row.product_id: Cut(**row._mapping) for row in tx.execute(query)}


def cuts_of(tx: Tx, product_id: str) -> dict[str, Cut]:
    """A product's edited words, by platform."""
    query = sa.select(t.cut).where(t.cut.c.product_id == product_id).order_by(t.cut.c.platform)
    return {row.platform: Cut(**row._mapping) for row in tx.execute(query)}


def put_cut(tx: Tx, wanted: Cut) -> Cut:
    """Keep edited words and ask the platform's shops for a push. What is blank is left to the rule again.

    Text is stored NFC, the title in one line, the description with its paragraphs.
    """
    kept = {"title": nfc(wanted.title), "description": unicodedata.normalize("NFC", wanted.description).strip()}
    if not any(kept.values()):
        clear_cut(tx, wanted.product_id, wanted.platform, wanted.edited_at)
    else:
        row = {
            "product_id": wanted.product_id, "platform": wanted.platform, "edited_at": wanted.edited_at,
            "edited_by": wanted.edited_by, **kept,
        }  # fmt: skip
        upsert(tx, t.cut, [row], key=["product_id", "platform"])
        _ask(tx, wanted.product_id, wanted.platform, wanted.edited_at)
    return Cut(
        product_id=wanted.product_id, platform=wanted.platform, edited_at=wanted.edited_at, edited_by=wanted.edited_by,
        **kept,
    )  # fmt: skip


def clear_cut(tx: Tx, product_id: str, platform: str, now: datetime) -> bool:
    """Back to the words made by rule; whether there were any of a person."""
    gone = tx.execute(t.cut.delete().where(t.cut.c.product_id == product_id, t.cut.c.platform == platform)).rowcount
    if gone:
        _ask(tx, product_id, platform, now)
    return bool(gone)


def _ask(tx: Tx, product_id: str, platform: str, now: datetime) -> None:
    """The shops that may show the product are told soon."""
    owner = sa.select(product.c.producer_id).where(product.c.id == product_id).scalar_subquery()
    query = sa.select(shop.c.id).where(
        shop.c.platform == platform, shop.c.state == "connected",
        sa.or_(shop.c.producer_id.is_(None), shop.c.producer_id == owner),
    )  # fmt: skip
    for shop_id in tx.execute(query.order_by(shop.c.id)).scalars():
        due.request(tx, shop_id, "push", now)
