"""Products, and one product with its certificates, where it stands, and proofs of what was taken down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from hub.access import Scope
from hub.catalog import browse as catalog
from hub.catalog import rules, sets
from hub.catalog.browse import Change, GoodsPage
from hub.catalog.law import Law
from hub.catalog.model import Certificate, Sellable
from hub.clock import today
from hub.db import Tx
from hub.sales import browse as sales
from hub.shops.model import Shop
from hub.sync import browse as sync
from hub.sync.browse import Proof
from hub.sync.files.reported import Evidence, evidence_of_product
from hub.sync.model import Binding, Problem
from hub.web.house import HOUSE
from hub.web.names import NAMES
from hub.web.page import PER_PAGE, Paging, offset, one_of, page_number, shown
from hub.web.visit import scope

routes = web.RouteTableDef()


@routes.get("/hang/")
async def products(request: web.Request) -> web.StreamResponse:
    """``?tim=`` looks in names, ``?hieu-luc=`` chooses by how the certificate stands."""
    house = request.app[HOUSE]
    text, standing = request.query.get("tim", "").strip(), one_of(request, "hieu-luc", NAMES["standing"])

    def look(tx: Tx, seen: Scope) -> GoodsPage:
        return catalog.products(
            tx,
            seen,
            today(house.clock),
            house.law,
            text=text,
            standing=standing,
            limit=PER_PAGE,
            offset=offset(request),
        )

    found = await house.db.read(look, scope(request))
    paging = Paging(number=page_number(request), count=found.count)
    return shown(request, "products/index.html", view=found, text=text, standing=standing, paging=paging)


@dataclass(frozen=True, kw_only=True)
class OneProduct:
    """A product with everything around it."""

    sellable: Sellable
    certificates: tuple[tuple[Certificate, rules.State], ...]  # newest first
    stars: int | None  # what may be claimed today
    claim: tuple[Problem, ...]  # why nothing may be claimed
    sell: tuple[Problem, ...]  # why it may not be sold
    listings: tuple[Binding, ...]
    reports: Mapping[str, Evidence]  # what people said of its listings, by shop
    shops: Mapping[str, Shop]
    proofs: tuple[Proof, ...]
    changes: tuple[Change, ...]


def look_at_one(tx: Tx, seen: Scope, product_id: str, day: date, law: Law) -> OneProduct:
    """Read it all. Raises Denied("not_there")."""
    sellable = catalog.product(tx, seen, product_id)
    claim, sell = rules.can_claim_ocop(sellable, day, law), rules.can_sell(sellable, day, law)
    held = sorted(sellable.certificates, key=lambda c: (c.decision_date, c.id), reverse=True)
    return OneProduct(
        sellable=sellable,
        certificates=tuple((c, rules.state(c, held, day, law)) for c in held),
        stars=claim.certificate.stars if claim.ok and claim.certificate is not None else None,
        claim=tuple(Problem(code=p.code, facts=p.facts) for p in claim.problems),
        sell=tuple(Problem(code=p.code, facts=p.facts) for p in sell.problems),
        listings=sync.product_listings(tx, product_id),
        reports=evidence_of_product(tx, product_id),
        shops={shop.id: shop for shop in sales.visible_shops(tx, seen)},
        proofs=sync.take_downs(tx, product_id),
        changes=catalog.history(tx, sellable),
    )


@routes.get("/hang/{id}")
async def product(request: web.Request) -> web.StreamResponse:
    """One product."""
    house = request.app[HOUSE]
    found = await house.db.read(
        look_at_one, scope(request), request.match_info["id"], today(house.clock), house.law
    )  # fmt: skip
    return shown(
        request, "products/product.html", view=found, product_set=sets.load().get(found.sellable.product.set_no or 0)
    )
