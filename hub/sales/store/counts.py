"""P01 and S01 from the catalogue on a day."""

from datetime import date

import sqlalchemy as sa

from hub.access import Scope
from hub.catalog import tables as c
from hub.catalog.law import Law
from hub.db import Tx
from hub.sales.share import InForce, in_force
from hub.sales.store.goods import certificates_of
from hub.sales.store.seen import of_scope


def in_force_on(tx: Tx, as_of: date, *, law: Law, scope: Scope) -> InForce:
    """Products in force by star, and the producers that hold them."""
    p = c.product.c
    rows = tx.execute(sa.select(p.id, p.producer_id).where(of_scope(scope, p.producer_id))).all()
    products = [(r.id, r.producer_id) for r in rows]
    return in_force(products, certificates_of(tx, [product_id for product_id, _ in products]), as_of, law)
