"""Price rules and promotions of the shops, and the moments at which a price must change by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.db import Tx, upsert
from hub.errors import Denied
from hub.sync import due
from hub.sync import tables as t
from hub.sync.prices import Prices, Promotion, Rule, parse_fees

FEES = "*"
"""The row of ``price_rule`` that holds a shop's own fees instead of a rule."""


def prices_of(tx: Tx, shop_id: str, now: datetime | None = None) -> Prices:
    """Rules and promotions of a shop; those that are over at ``now`` are left out."""
    rows = tx.execute(sa.select(t.price_rule).where(t.price_rule.c.shop_id == shop_id)).all()
    query = sa.select(t.promotion).where(t.promotion.c.shop_id == shop_id).order_by(t.promotion.c.starts_at)
    if now is not None:
        query = query.where(t.promotion.c.ends_at > now)
    fees = next((row.fees for row in rows if row.variant_id == FEES), None)
    return Prices(
        rules={row.variant_id: _rule(row) for row in rows if row.variant_id != FEES},
        promotions=tuple(_promotion(row) for row in tx.execute(query)),
        fees=None if fees is None else parse_fees(fees),
    )


def _rule(row: Any) -> Rule:
    return Rule(
        shop_id=row.shop_id, variant_id=row.variant_id, mode=row.mode, amount=row.amount, floor=row.floor,
        step=row.step,
    )  # fmt: skip


def _promotion(row: Any) -> Promotion:
    return Promotion(
        id=row.id, shop_id=row.shop_id, variant_id=row.variant_id, price=row.price, starts_at=row.starts_at,
        ends_at=row.ends_at, note=row.note,
    )  # fmt: skip


def set_rule(tx: Tx, rule: Rule, now: datetime) -> None:
    """Store a rule and have the shop's prices looked at."""
    row = {
        "shop_id": rule.shop_id, "variant_id": rule.variant_id, "mode": rule.mode, "amount": rule.amount,
        "floor": rule.floor, "step": rule.step, "changed_at": now,
    }  # fmt: skip
    upsert(tx, t.price_rule, [row], key=["shop_id", "variant_id"])
    due.request(tx, rule.shop_id, "push", now)


def set_fees(tx: Tx, shop_id: str, fees: Sequence[Mapping[str, Any]] | None, now: datetime) -> None:
    """The shop's own fees (a contract, a measured month) instead of the channel's; None: the channel's again."""
    tx.execute(t.price_rule.delete().where(t.price_rule.c.shop_id == shop_id, t.price_rule.c.variant_id == FEES))
    if fees is not None:
        parse_fees(fees)
        tx.execute(
            t.price_rule.insert().values(
                shop_id=shop_id, variant_id=FEES, mode="list", step=1, fees=[dict(one) for one in fees], changed_at=now
            )
        )
    due.request(tx, shop_id, "push", now)


def add_promotion(tx: Tx, wanted: Promotion, now: datetime) -> None:
    """Store a promotion; its first change comes when it begins."""
    tx.execute(
        t.promotion.insert().values(
            id=wanted.id,
            shop_id=wanted.shop_id,
            variant_id=wanted.variant_id,
            price=wanted.price,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            note=wanted.note,
            created_at=now,
            next_at=wanted.starts_at,
        )
    )


def end_promotion(tx: Tx, promotion_id: str, now: datetime) -> str:
    """End it now; answers its shop. Raises Denied for an unknown one or one that is over."""
    row = tx.execute(
        t.promotion.update()
        .where(t.promotion.c.id == promotion_id, t.promotion.c.ends_at > now)
        .values(ends_at=now, starts_at=sa.case((t.promotion.c.starts_at > now, now), else_=t.promotion.c.starts_at),
                next_at=None)
        .returning(t.promotion.c.shop_id)
    ).first()  # fmt: skip
    if row is None:
        raise Denied("promotion_unknown", id=promotion_id)
    due.request(tx, row.shop_id, "push", now)
    return str(row.shop_id)


def turn_prices(tx: Tx, now: datetime) -> list[str]:
    """Shops in which a promotion began or ended since the last look: their push is asked for. Answers them."""
    rows = tx.execute(
        sa.select(t.promotion.c.id, t.promotion.c.shop_id, t.promotion.c.starts_at, t.promotion.c.ends_at).where(
            t.promotion.c.next_at <= now
        )
    ).all()
    for row in rows:
        later = row.ends_at if row.ends_at > now else None
        tx.execute(t.promotion.update().where(t.promotion.c.id == row.id).values(next_at=later))
    shops = sorted({row.shop_id for row in rows})
    for shop_id in shops:
        due.request(tx, shop_id, "push", now)
    return shops
