"""SQL of the shops: who they are, how they stand, their sealed secrets, turns, pace and sign-ins.

Every function takes an open transaction first. Nothing here decides and nothing here opens a seal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hub.db import Sealed, Tx, upsert, upsert_statement
from hub.errors import Conflict, Denied
from hub.shops.model import Shop, ShopState, TokenClock
from hub.shops.tables import pace, shop, shop_secret, sign_in, token_turn, upload

# ---- shops -------------------------------------------------------------------------------------------------------


def add_shop(tx: Tx, wanted: Shop) -> Shop:
    """Store a shop; one that is known by (platform, address, platform's id) keeps its id, and is opened again.

    A second connect of the same shop is therefore a reconnect. Raises Conflict("shop_of_another") when that account
    is already connected for another producer.
    """
    stored = find_shop(tx, platform=wanted.platform, base_url=wanted.base_url, remote_id=wanted.remote_id)
    if stored is None:
        row = _row(wanted)
        done = tx.execute(
            upsert_statement(tx, shop, row, key=("platform", "base_url", "remote_id"), update=()).returning(shop.c.id),
            row,
        ).first()
        if done is not None:
            return wanted
        stored = _get(tx, shop.c.platform == wanted.platform, _address(wanted.base_url, wanted.remote_id))
    if stored.producer_id != wanted.producer_id:
        raise Conflict("shop_of_another", shop=stored.name)
    tx.execute(
        shop.update()
        .where(shop.c.id == stored.id)
        .values(
            name=wanted.name, values=dict(wanted.values), state="connected", problem="", problem_facts={},
            channel_kind=wanted.channel_kind, province_code=wanted.province_code,
        )
    )  # fmt: skip
    return get_shop(tx, stored.id)


def find_shop(tx: Tx, *, platform: str, base_url: str, remote_id: str = "") -> Shop | None:
    """The shop of an account on a platform, if we have it."""
    row = tx.execute(sa.select(shop).where(shop.c.platform == platform, _address(base_url, remote_id))).one_or_none()
    return None if row is None else _shop(row)


def find_by_remote(tx: Tx, *, platform: str, remote_id: str) -> Shop | None:
    """The shop a webhook names; None when it is not ours (or the id is blank)."""
    query = sa.select(shop).where(shop.c.platform == platform, shop.c.remote_id == remote_id)
    row = tx.execute(query).first() if remote_id else None
    return None if row is None else _shop(row)


def get_shop(tx: Tx, shop_id: str) -> Shop:
    """Raises Denied("shop_unknown")."""
    return _get(tx, shop.c.id == shop_id)


def list_shops(
    tx: Tx,
    *,
    producers: Iterable[str] | None = None,
    platform: str | None = None,
    states: Sequence[ShopState] | None = None,
) -> tuple[Shop, ...]:
    """Shops by platform and name. ``producers`` is the scope: None sees all, an empty one nothing."""
    query = sa.select(shop).order_by(shop.c.platform, shop.c.name, shop.c.id)
    if producers is not None:
        query = query.where(shop.c.producer_id.in_(list(producers)))
    if platform is not None:
        query = query.where(shop.c.platform == platform)
    if states is not None:
        query = query.where(shop.c.state.in_(list(states)))
    return tuple(_shop(row) for row in tx.execute(query))


def set_state(
    tx: Tx, shop_id: str, state: ShopState, *, problem: str = "", facts: Mapping[str, object] | None = None
) -> None:
    """``needs_owner`` carries the problem the owner must solve; every other state clears it.

    A shop that people paused or disconnected does not come to need its owner. Raises Denied("shop_unknown").
    """
    needs = state == "needs_owner"
    change = (
        shop.update()
        .where(shop.c.id == shop_id)
        .values(
            state=state,
            problem=problem if needs else "",
            problem_facts=dict(facts or {}) if needs else {},
        )
    )
    if needs:
        change = change.where(shop.c.state.in_(["connected", "needs_owner"]))
    if tx.execute(change).rowcount == 0:
        get_shop(tx, shop_id)


def change_settings(tx: Tx, shop_id: str, *, name: str | None = None, values: Mapping[str, str] | None = None) -> Shop:
    """Change name or settings. Changed values raise the version, so that listings are sent anew."""
    before = get_shop(tx, shop_id)
    fresh = dict(before.values if values is None else values)
    version = before.version + (fresh != dict(before.values))
    tx.execute(
        shop.update()
        .where(shop.c.id == shop_id)
        .values(name=before.name if name is None else name, values=fresh, version=version)
    )
    return get_shop(tx, shop_id)


def _address(base_url: str, remote_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(shop.c.base_url == base_url, shop.c.remote_id == remote_id)


def _get(tx: Tx, *where: sa.ColumnElement[bool]) -> Shop:
    row = tx.execute(sa.select(shop).where(*where)).one_or_none()
    if row is None:
        raise Denied("shop_unknown")
    return _shop(row)


def _shop(row: sa.Row[Any]) -> Shop:
    return Shop(**row._mapping)


def _row(wanted: Shop) -> dict[str, Any]:
    if wanted.created_at is None:
        raise ValueError("a new shop needs created_at")
    return {column.name: getattr(wanted, column.name) for column in shop.columns} | {
        "values": dict(wanted.values),
        "problem_facts": dict(wanted.problem_facts),
    }


# ---- secrets -----------------------------------------------------------------------------------------------------

ACCESS, REFRESH = "access", "refresh"


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    """One sealed secret of a shop; ``until`` when the platform ends it."""

    key: str
    sealed: Sealed
    until: datetime | None = None


def put_secrets(tx: Tx, shop_id: str, secrets: Sequence[StoredSecret], *, now: datetime) -> None:
    """Store or replace several secrets, all or none (the transaction): both tokens of a pair belong together."""
    rows = [
        {"shop_id": shop_id, "key": one.key, "sealed": one.sealed, "until": one.until, "changed_at": now}
        for one in secrets
    ]
    if rows:
        tx.execute(upsert_statement(tx, shop_secret, rows[0], key=("shop_id", "key")), rows)


def secrets_of(tx: Tx, shop_id: str) -> tuple[StoredSecret, ...]:
    """All sealed secrets of a shop."""
    query = sa.select(shop_secret).where(shop_secret.c.shop_id == shop_id).order_by(shop_secret.c.key)
    return tuple(StoredSecret(key=row.key, sealed=row.sealed, until=row.until) for row in tx.execute(query))


def forget_secrets(tx: Tx, shop_id: str) -> None:
    """Remove every secret of a shop (disconnect)."""
    tx.execute(shop_secret.delete().where(shop_secret.c.shop_id == shop_id))
    tx.execute(upload.delete().where(upload.c.shop_id == shop_id))  # connected again, it may be another account


def all_sealed(tx: Tx) -> tuple[tuple[str, str, Sealed], ...]:
    """(shop, key, ciphertext) of everything sealed: for the change of keys and the check."""
    rows = tx.execute(sa.select(shop_secret.c.shop_id, shop_secret.c.key, shop_secret.c.sealed))
    return tuple((row.shop_id, row.key, row.sealed) for row in rows)


def replace_sealed(tx: Tx, fresh: Sequence[tuple[str, str, Sealed, Sealed]]) -> int:
    """(shop, key, old, new): swap ciphertexts that are still the old ones; how many were swapped."""
    return sum(
        tx.execute(
            shop_secret.update()
            .where(shop_secret.c.shop_id == shop_id, shop_secret.c.key == key, shop_secret.c.sealed == old)
            .values(sealed=new)
        ).rowcount
        for shop_id, key, old, new in fresh
    )


def token_clocks(tx: Tx, shop_ids: Iterable[str] | None = None) -> tuple[TokenClock, ...]:
    """When tokens run out, for shops that have any."""
    query = (
        sa.select(
            shop_secret.c.shop_id,
            sa.func.max(sa.case((shop_secret.c.key == ACCESS, shop_secret.c.until))).label("access_until"),
            sa.func.max(sa.case((shop_secret.c.key == REFRESH, shop_secret.c.until))).label("refresh_until"),
            sa.func.max(sa.case((shop_secret.c.key == ACCESS, shop_secret.c.changed_at))).label("refreshed_at"),
        )
        .where(shop_secret.c.key.in_([ACCESS, REFRESH]))
        .group_by(shop_secret.c.shop_id)
        .order_by(shop_secret.c.shop_id)
    )
    if shop_ids is not None:
        query = query.where(shop_secret.c.shop_id.in_(list(shop_ids)))
    return tuple(TokenClock(**row._mapping) for row in tx.execute(query))


# ---- one refresher per shop across all processes -----------------------------------------------------------------


def take_turn(tx: Tx, shop_id: str, *, owner: str, now: datetime, lease: timedelta) -> bool:
    """Take the right to refresh this shop's tokens, unless somebody else holds it. One statement, so one winner.

    The holder may take it again (and so renews it); a turn that ran out is free: its holder died.
    """
    statement = _insert(tx)(token_turn).values(shop_id=shop_id, owner=owner, until=now + lease)
    statement = statement.on_conflict_do_update(
        index_elements=["shop_id"],
        set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
        where=sa.or_(token_turn.c.until <= now, token_turn.c.owner == owner),
    ).returning(token_turn.c.shop_id)
    return tx.execute(statement).first() is not None


def give_turn(tx: Tx, shop_id: str, *, owner: str) -> None:
    """Give the turn back; nothing happens when somebody else holds it by now."""
    tx.execute(token_turn.delete().where(token_turn.c.shop_id == shop_id, token_turn.c.owner == owner))


def turn_owner(tx: Tx, shop_id: str, *, now: datetime) -> str | None:
    """Who holds a turn that has not run out."""
    query = sa.select(token_turn.c.owner).where(token_turn.c.shop_id == shop_id, token_turn.c.until > now)
    return tx.execute(query).scalar_one_or_none()


# ---- pace shared by all processes --------------------------------------------------------------------------------

LONGEST_QUEUE = 3600.0
"""Seconds. A slot further ahead than this comes from a clock that was wrong, not from a queue: it is forgotten."""


def reserve_pace(tx: Tx, key: str, *, now_seconds: float, rate: float, burst: int, n: int = 1) -> float:
    """Take ``n`` slots of ``rate`` a second with ``burst`` at once; seconds from now to the first of them.

    GCRA in one upsert. Negative: the first slot was free since then (burst); slot ``i`` follows ``i / rate`` later.
    ``now_seconds`` since the epoch. The same rule as ``hub.connectors.pace.reserve``.
    """
    step = 1 / rate
    stored = pace.c.next_free
    usable = sa.and_(stored > now_seconds, stored <= now_seconds + LONGEST_QUEUE)
    statement = _insert(tx)(pace).values(key=key, next_free=now_seconds + n * step)
    statement = statement.on_conflict_do_update(
        index_elements=["key"],
        set_={"next_free": sa.case((usable, stored), else_=now_seconds) + n * step},
    ).returning(stored)
    due: float = tx.execute(statement).scalar_one()
    return due - n * step - (burst - 1) * step - now_seconds


# ---- pictures the platform has ---------------------------------------------------------------------------------


def known_upload(tx: Tx, shop_id: str, digest: str) -> str | None:
    """The platform's own id or address of one of our pictures."""
    query = sa.select(upload.c.remote).where(upload.c.shop_id == shop_id, upload.c.digest == digest)
    return tx.execute(query).scalar_one_or_none()


def keep_upload(tx: Tx, shop_id: str, digest: str, remote: str, now: datetime) -> None:
    """The platform took a picture; the last one counts."""
    row = {"shop_id": shop_id, "digest": digest, "remote": remote, "at": now}
    upsert(tx, upload, [row], key=("shop_id", "digest"))


def forget_upload(tx: Tx, shop_id: str, digest: str) -> None:
    """The platform does not have it any more."""
    tx.execute(upload.delete().where(upload.c.shop_id == shop_id, upload.c.digest == digest))


# ---- sign-ins that are under way ---------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """An owner was sent to a platform; ``state`` comes back with them and works once, until ``until``."""

    state: str
    platform: str
    producer_id: str | None
    until: datetime
    verifier: Sealed | None = None  # PKCE's, where the platform has it


def begin_sign_in(tx: Tx, wanted: SignIn, *, now: datetime) -> None:
    """Remember a state that was handed out; forget those that ran out."""
    tx.execute(sign_in.delete().where(sign_in.c.until <= now))
    tx.execute(
        sign_in.insert().values(
            state=wanted.state,
            platform=wanted.platform,
            producer_id=wanted.producer_id,
            until=wanted.until,
            verifier=wanted.verifier,
        )
    )


def use_sign_in(tx: Tx, state: str, *, platform: str, now: datetime) -> SignIn:
    """The sign-in of a state, which is used up by asking. Raises Denied("sign_in_unknown")."""
    statement = (
        sign_in.delete().where(sign_in.c.state == state, sign_in.c.platform == platform).returning(*sign_in.columns)
    )
    row = tx.execute(statement).one_or_none()
    if row is None or row.until <= now:
        raise Denied("sign_in_unknown")
    return SignIn(**row._mapping)


def _insert(tx: Tx) -> Any:
    """The dialect's INSERT, the one that knows ON CONFLICT."""
    return sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
