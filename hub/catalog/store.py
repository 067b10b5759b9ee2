"""The catalogue's SQL: snapshots for the planner, versions, stock and certificate writes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.catalog import tables as t
from hub.catalog.model import Certificate, Picture, Producer, Product, Sellable, Stock, Variant
from hub.db import Tx, new_id, upsert
from hub.types import Sku, chunks, fold

_MANY = 500  # ids in one IN list; both databases take it


def producers(tx: Tx) -> tuple[Producer, ...]:
    """All producers, by name."""
    return tuple(_producer(row) for row in tx.execute(sa.select(t.producer).order_by(t.producer.c.name)))


def sellables(tx: Tx, product_ids: Collection[str] | None = None, producer_id: str | None = None) -> list[Sellable]:
    """Products with everything that decides whether they may be sold; all, one producer's, or the ones named.

    Inactive products are included: what was active yesterday must be withdrawn today.
    """
    if product_ids is not None:
        found: list[Sellable] = []
        for group in chunks(sorted(product_ids), _MANY):
            found.extend(_sellables(tx, t.product.c.id.in_(group)))
        return found
    return _sellables(tx, sa.true() if producer_id is None else t.product.c.producer_id == producer_id)


def _sellables(tx: Tx, where: Any) -> list[Sellable]:
    wanted = sa.select(t.product.c.id).where(where)
    products = tx.execute(sa.select(t.product).where(where).order_by(t.product.c.name_key, t.product.c.id)).all()
    owners = {
        row.id: _producer(row)
        for row in tx.execute(
            sa.select(t.producer).where(t.producer.c.id.in_(sa.select(t.product.c.producer_id).where(where).distinct()))
        )
    }
    variants = _grouped(tx, sa.select(t.variant).where(t.variant.c.product_id.in_(wanted)).order_by(t.variant.c.sku))
    certificates = _grouped(tx, sa.select(t.certificate).where(t.certificate.c.product_id.in_(wanted)))
    pictures = _grouped(
        tx, sa.select(t.picture).where(t.picture.c.product_id.in_(wanted)).order_by(t.picture.c.position)
    )
    stocks = _stocks(tx, wanted)
    return [_sellable(row, owners[row.producer_id], variants, certificates, pictures, stocks) for row in products]


def _grouped(tx: Tx, query: Any) -> Mapping[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in tx.execute(query):
        groups[row.product_id].append(row)
    return groups


def _sellable(
    row: Any,
    producer: Producer,
    variants: Mapping[str, list[Any]],
    certificates: Mapping[str, list[Any]],
    pictures: Mapping[str, list[Any]],
    stocks: Mapping[str, Stock],
) -> Sellable:
    own = tuple(_variant(v) for v in variants.get(row.id, ()) if v.active)
    return Sellable(
        product=_product(row),
        producer=producer,
        variants=own,
        certificates=tuple(_certificate(c) for c in certificates.get(row.id, ())),
        stocks=tuple(stocks.get(v.id) or Stock(variant_id=v.id, on_hand=0, reserved=0) for v in own),
        pictures=tuple(
            Picture(digest=p.digest, product_id=p.product_id, position=p.position, mime=p.mime, source=p.source)
            for p in pictures.get(row.id, ())
        ),
        version=row.version,
    )


def shelves(tx: Tx, product_ids: Collection[str]) -> dict[str, tuple[tuple[Sku, Stock], ...]]:
    """SKU and stock of the active variants of these products, by product: all that the stock lane needs to know."""
    found: dict[str, tuple[tuple[Sku, Stock], ...]] = {}
    for group in chunks(sorted(product_ids), _MANY):
        v = t.variant.c
        query = sa.select(v.id, v.product_id, v.sku).where(v.product_id.in_(group), v.active).order_by(v.sku)
        rows = tx.execute(query).all()
        stocks = _stocks(tx, group)
        for row in rows:
            stock = stocks.get(row.id) or Stock(variant_id=row.id, on_hand=0, reserved=0)
            found[row.product_id] = (*found.get(row.product_id, ()), (Sku(row.sku), stock))
    return found


def _stocks(tx: Tx, wanted: Any) -> dict[str, Stock]:
    """Stock per variant; a set's stock is what its scarcest component allows."""
    ids = sa.select(t.variant.c.id).where(t.variant.c.product_id.in_(wanted))
    parts = tx.execute(
        sa.select(t.part.c.variant_id, t.part.c.component_id, t.part.c.quantity).where(t.part.c.variant_id.in_(ids))
    ).all()
    needed = [p.component_id for p in parts]
    rows = tx.execute(sa.select(t.stock).where(sa.or_(t.stock.c.variant_id.in_(ids), t.stock.c.variant_id.in_(needed))))
    stocks = {
        r.variant_id: Stock(
            variant_id=r.variant_id, on_hand=r.on_hand, reserved=r.reserved, buffer=r.buffer, max_shown=r.max_shown
        )
        for r in rows
    }
    sets: dict[str, int] = {}
    for p in parts:
        component = stocks.get(p.component_id)
        possible = 0 if component is None else max(0, component.available - component.buffer) // p.quantity
        sets[p.variant_id] = min(sets.get(p.variant_id, possible), possible)
    for variant_id, possible in sets.items():
        own = stocks.get(variant_id)
        stocks[variant_id] = Stock(
            variant_id=variant_id,
            on_hand=possible,
            reserved=0,
            buffer=0 if own is None else own.buffer,
            max_shown=None if own is None else own.max_shown,
        )
    return stocks


def _producer(row: Any) -> Producer:
    return Producer(
        id=row.id, name=row.name, kind=row.kind, code=row.code, province_code=row.province_code,
        commune_code=row.commune_code, commune=row.commune, legacy_district=row.legacy_district, address=row.address,
        phone=row.phone, email=row.email, legal_rep=row.legal_rep, founded=row.founded,
        circular_chain=row.circular_chain, modern_channels=tuple(row.modern_channels), active=row.active,
    )  # fmt: skip


def _product(row: Any) -> Product:
    return Product(
        id=row.id, producer_id=row.producer_id, name=row.name, set_no=row.set_no, code=row.code, story=row.story,
        commune_code=row.commune_code, commune=row.commune, legacy_district=row.legacy_district,
        quality_certs=tuple(row.quality_certs), ip_rights=tuple(row.ip_rights), growing_area=row.growing_area,
        trace_url=row.trace_url, food_declaration=row.food_declaration, ad_confirmation=row.ad_confirmation,
        storage=row.storage, ingredients=row.ingredients, shelf_life_months=row.shelf_life_months,
        honours=tuple(row.honours), consolidated=row.consolidated, note=row.note, active=row.active,
        reviewed_at=row.reviewed_at,
    )  # fmt: skip


def _variant(row: Any) -> Variant:
    return Variant(
        id=row.id, product_id=row.product_id, sku=Sku(row.sku), label=row.label, gtin=row.gtin,
        net_quantity=row.net_quantity, unit=row.unit, pack=row.pack, price=row.price, price_min=row.price_min,
        price_max=row.price_max, price_per=row.price_per, weight_g=row.weight_g, abv_pct=row.abv_pct,
        active=row.active,
    )  # fmt: skip


def _certificate(row: Any) -> Certificate:
    return Certificate(
        id=row.id, product_id=row.product_id, stars=row.stars, decision_no=row.decision_no,
        decision_date=row.decision_date, expires_on=row.expires_on, issuer=row.issuer,
        certificate_no=row.certificate_no, regime=row.regime, extended_until=row.extended_until,
        extension_doc=row.extension_doc, revoked_on=row.revoked_on, revocation_doc=row.revocation_doc,
        ground=row.ground,
    )  # fmt: skip


# ---- versions ----------------------------------------------------------------------------------------------------


def stamp(tx: Tx, product_ids: Iterable[str]) -> None:
    """Give these products a new version; called by every function that changes what a listing says.

    A version only ever has to differ: the planner then compares field by field, and an equal listing costs no call.
    """
    rows = [{"key": product_id, "value": new_id()[:16]} for product_id in sorted(set(product_ids))]
    if rows:
        tx.execute(
            t.product.update().where(t.product.c.id == sa.bindparam("key")).values(version=sa.bindparam("value")), rows
        )


# ---- single writes -----------------------------------------------------------------------------------------------


def revoke(tx: Tx, certificate_id: str, *, on: date, document: str, ground: str, who: str, now: datetime) -> str:
    """Record a revocation; answers the product whose claims fall away."""
    row = tx.execute(sa.select(t.certificate).where(t.certificate.c.id == certificate_id)).one()
    tx.execute(
        t.certificate.update()
        .where(t.certificate.c.id == certificate_id)
        .values(revoked_on=on, revocation_doc=document, ground=ground)
    )
    record_change(
        tx, noun="certificate", noun_id=certificate_id, before={"revoked_on": _text(row.revoked_on)},
        after={"revoked_on": on.isoformat(), "document": document, "ground": ground}, who=who, source="revoke", now=now,
    )  # fmt: skip
    stamp(tx, [row.product_id])
    return str(row.product_id)


def extend(tx: Tx, certificate_id: str, *, until: date, document: str, who: str, now: datetime) -> str:
    """Record an extension; answers the product."""
    row = tx.execute(sa.select(t.certificate).where(t.certificate.c.id == certificate_id)).one()
    tx.execute(
        t.certificate.update()
        .where(t.certificate.c.id == certificate_id)
        .values(extended_until=until, extension_doc=document)
    )
    record_change(
        tx, noun="certificate", noun_id=certificate_id, before={"extended_until": _text(row.extended_until)},
        after={"extended_until": until.isoformat(), "document": document}, who=who, source="extend", now=now,
    )  # fmt: skip
    stamp(tx, [row.product_id])
    return str(row.product_id)


def set_pictures(tx: Tx, product_id: str, pictures: Sequence[Picture]) -> None:
    """Replace a product's pictures."""
    tx.execute(t.picture.delete().where(t.picture.c.product_id == product_id))
    if pictures:
        tx.execute(
            t.picture.insert(),
            [
                {"product_id": product_id, "digest": p.digest, "position": p.position, "mime": p.mime,
                 "source": p.source}
                for p in pictures
            ],
        )  # fmt: skip
    stamp(tx, [product_id])


def set_price(tx: Tx, variant_id: str, price: int) -> None:
    """Change a variant's list price."""
    tx.execute(t.variant.update().where(t.variant.c.id == variant_id).values(price=price))


def set_limits(tx: Tx, variant_id: str, *, buffer: int, max_shown: int | None) -> None:
    """How many units are kept back from channels, and the most any channel may show."""
    tx.execute(t.stock.update().where(t.stock.c.variant_id == variant_id).values(buffer=buffer, max_shown=max_shown))


def certificates(tx: Tx, product_id: str) -> tuple[Certificate, ...]:
    """All certificates of a product, oldest first."""
    query = (
        sa.select(t.certificate).where(t.certificate.c.product_id == product_id).order_by(t.certificate.c.decision_date)
    )
    return tuple(_certificate(row) for row in tx.execute(query))


def find_products(tx: Tx, text: str, limit: int = 20) -> list[Product]:
    """The product with this id, or those of exactly this name, or those whose name contains the text."""
    folded = fold(text)
    ways = (t.product.c.id == text, t.product.c.folded == folded, t.product.c.folded.contains(folded, autoescape=True))
    for way in ways:
        found = tx.execute(sa.select(t.product).where(way).order_by(t.product.c.name).limit(limit)).all()
        if found:
            return [_product(row) for row in found]
    return []


def variant_by_sku(tx: Tx, sku: str) -> Variant | None:
    """The pack size with this SKU."""
    row = tx.execute(sa.select(t.variant).where(t.variant.c.sku == sku)).first()
    return None if row is None else _variant(row)


def record_change(
    tx: Tx, *, noun: str, noun_id: str, before: object, after: object, who: str, source: str, now: datetime
) -> None:
    """One line of history: what it was, what it is, who said so."""
    upsert(
        tx, t.change,
        [{"id": new_id(), "at": now, "who": who, "noun": noun, "noun_id": noun_id, "before": before, "after": after,
          "source": source}],
        key=["id"],
    )  # fmt: skip


def _text(value: object) -> str | None:
    return None if value is None else str(value)
