"""Which of our goods an order line is: variant, product, components, and the stars of its day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog import tables as c
from hub.catalog.law import Law
from hub.catalog.model import Certificate
from hub.catalog.rules import current_certificate
from hub.connectors.model import RemoteLine
from hub.db import Tx
from hub.sales.model import Component, Line
from hub.types import Vnd

Resolve = Mapping[tuple[str, str], str]
"""(listing id, variant id or "") -> our SKU, from the bindings of the shop."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Variant:
    id: str
    product_id: str
    producer_id: str
    price: int


class Goods:
    """A look-up for one page of orders; holds every variant, set and certificate the page needs."""

    def __init__(
        self,
        variants: Mapping[str, _Variant],
        parts: Mapping[str, Sequence[tuple[_Variant, int]]],
        certificates: Mapping[str, Sequence[Certificate]],
        resolve: Resolve,
        law: Law,
    ) -> None:
        self._variants = variants
        self._parts = parts
        self._certificates = certificates
        self._resolve = resolve
        self._law = law
        self._stars: dict[tuple[str, date], int | None] = {}

    def line(self, told: RemoteLine, day: date, voucher: Vnd) -> Line:
        """The line with what it was on the order's local day, and its share of the seller's voucher."""
        sku: str | None = told.sku
        variant = self._variants.get(sku) if sku else None
        if variant is None and told.listing is not None:
            bound = self._resolve.get((told.listing, told.variant or ""))
            variant = self._variants.get(bound) if bound else None
            sku = bound if variant is not None else sku
        if variant is None:
            return Line(
                line_id=told.line_id, quantity=told.quantity, unit_price=told.unit_price, charged=told.charged,
                voucher=voucher, cancelled=told.cancelled, title=told.title, sku=sku or "", live=told.live_tag,
            )  # fmt: skip
        parts = self._parts.get(variant.id)
        return Line(
            line_id=told.line_id, quantity=told.quantity, unit_price=told.unit_price, charged=told.charged,
            voucher=voucher, cancelled=told.cancelled, variant_id=variant.id, product_id=variant.product_id,
            producer_id=variant.producer_id, stars=self.stars_on(variant.product_id, day), title=told.title,
            sku=sku or "", live=told.live_tag, parts=self._components(parts, day) if parts else (),
        )  # fmt: skip

    def _components(self, parts: Sequence[tuple[_Variant, int]], day: date) -> tuple[Component, ...]:
        return tuple(
            Component(
                variant_id=v.id, product_id=v.product_id, producer_id=v.producer_id,
                stars=self.stars_on(v.product_id, day), quantity=quantity, price=v.price,
            )
            for v, quantity in parts
        )  # fmt: skip

    def stars_on(self, product_id: str, day: date) -> int | None:
        """Stars of the product's certificate in force on a local day; None: no claim then."""
        key = (product_id, day)
        if key not in self._stars:
            current = current_certificate(self._certificates.get(product_id, ()), day, self._law)
            self._stars[key] = None if current is None else current.stars
        return self._stars[key]


def goods_of(tx: Tx, lines: Iterable[RemoteLine], resolve: Resolve, law: Law, *, products: Iterable[str] = ()) -> Goods:
    """Load what these lines need, in four statements whatever their number; certificates of ``products`` besides."""
    skus: set[str] = set()
    for line in lines:
        if line.sku:
            skus.add(line.sku)
        if resolve and line.listing is not None:
            skus.add(resolve.get((line.listing, line.variant or ""), ""))
    variants = _variants(tx, c.variant.c.sku, sorted(skus))
    by_id = {v.id: v for v in variants.values()}
    p = c.part.c
    rows = tx.execute(
        sa.select(p.variant_id, p.component_id, p.quantity)
        .where(among(tx, p.variant_id, list(by_id)))
        .order_by(p.variant_id, p.component_id)
    ).all()
    components = {v.id: v for v in _variants(tx, c.variant.c.id, sorted({r.component_id for r in rows})).values()}
    parts: dict[str, list[tuple[_Variant, int]]] = {}
    for r in rows:
        parts.setdefault(r.variant_id, []).append((components[r.component_id], r.quantity))
    named = {v.product_id for v in (*by_id.values(), *components.values())} | set(products)
    return Goods(variants, parts, certificates_of(tx, named), resolve, law)


def certificates_of(tx: Tx, product_ids: Iterable[str]) -> Mapping[str, Sequence[Certificate]]:
    """All certificates of these products, by product."""
    found: dict[str, list[Certificate]] = {}
    for row in tx.execute(sa.select(c.certificate).where(among(tx, c.certificate.c.product_id, sorted(product_ids)))):
        found.setdefault(row.product_id, []).append(Certificate(**row._mapping))
    return found


def _variants(tx: Tx, column: sa.Column[str], values: Sequence[str]) -> dict[str, _Variant]:
    """By SKU."""
    if not values:
        return {}
    v = c.variant.c
    query = (
        sa.select(v.sku, v.id, v.product_id, c.product.c.producer_id, v.price)
        .join(c.product, c.product.c.id == v.product_id)
        .where(among(tx, column, values))
    )
    return {
        r.sku: _Variant(id=r.id, product_id=r.product_id, producer_id=r.producer_id, price=r.price or 0)
        for r in tx.execute(query)
    }
