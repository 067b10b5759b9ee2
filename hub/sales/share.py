"""Shares and counts by their formulas (reporting.md sections 1, 2, 4). Pure.

Money and counts are summed first and divided once; percentages are rounded half up to one decimal at the very end.
``None`` means "cannot be said", never zero: without declared offline sales there is a numerator but no share.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal

from hub.catalog.law import Law
from hub.catalog.model import Certificate
from hub.catalog.rules import current_certificate
from hub.sales.model import Source
from hub.types import Vnd, fold, nfc

ONLINE = frozenset({"marketplace", "social_shop", "own_site", "provincial_portal", "livestream"})
MODERN = frozenset({"marketplace", "social_shop", "own_site", "provincial_portal", "supermarket", "convenience"})
OFFLINE = frozenset({"supermarket", "convenience", "ocop_point", "fair", "agent", "direct", "export"})
KINDS = ONLINE | OFFLINE

Family = Literal["kg", "litre", "piece"]
FAMILIES: tuple[Family, ...] = ("kg", "litre", "piece")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """An amount in one unit family: kilograms, litres or pieces, never mixed."""

    family: Family
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class KindSales:
    """What one channel kind sold in the period, as one source tells it. ``orders``/``quantities`` None: not told.

    ``unmeasured_units`` are units whose net quantity nobody knows; they are in no family.
    """

    kind: str
    source: Source
    revenue: Vnd
    orders: int | None
    quantities: tuple[Quantity, ...] | None
    unmeasured_units: int = 0


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with what it is made of. ``percent`` None: not available, ``reason`` says why (a code)."""

    numerator: Decimal
    denominator: Decimal | None
    percent: Decimal | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class FamilyShare:
    """V03 in one unit family."""

    family: Family
    share: Share


@dataclass(frozen=True, kw_only=True)
class OnlineShare:
    """V01, V02, V03 of one period and cut."""

    revenue: Share
    orders: Share
    quantity: tuple[FamilyShare, ...]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How much of the figures was measured, and who told nothing. Percent of revenue; None when there is none."""

    measured: Vnd
    declared: Vnd
    percent: Decimal | None
    sellers: int  # producers with measured sales
    declaring: int  # of them, those with a declaration of offline sales in the period


# ---- percentages -------------------------------------------------------------------------------------------------

_TENTH = Decimal("0.1")


def percent(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """``part`` of ``whole`` in percent, half up to one decimal; None of nothing."""
    if whole == 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(_TENTH, ROUND_HALF_UP)


def mix(amounts: Sequence[int]) -> tuple[Decimal, ...] | None:
    """V04: percentages of the amounts that add up to exactly 100.0, by largest remainder; None of nothing.

    Equal remainders go to the larger amount, then to the first. Negative amounts (a month of returns) keep their sign.
    """
    whole = sum(amounts)
    if whole <= 0:
        return None
    tenths = [divmod(amount * 1000, whole) for amount in amounts]
    order = sorted(range(len(amounts)), key=lambda i: (-tenths[i][1], -amounts[i], i))
    spare = 1000 - sum(floor for floor, _ in tenths)
    raised = set(order[:spare])
    return tuple(Decimal(floor + (i in raised)) / 10 for i, (floor, _) in enumerate(tenths))


# ---- V01, V02, V03 -----------------------------------------------------------------------------------------------


def online_share(sales: Sequence[KindSales]) -> OnlineShare:
    """Online share by revenue, by orders and by quantity. Offline must have been declared, with what is divided."""
    offline = [s for s in sales if s.kind in OFFLINE]
    online = [s for s in sales if s.kind in ONLINE]
    return OnlineShare(
        revenue=_share(sum(s.revenue for s in online), [s.revenue for s in offline]),
        orders=_share(sum(s.orders or 0 for s in online), [s.orders for s in offline]),
        quantity=tuple(
            FamilyShare(family=f, share=_share(_in(f, online), [_told(f, s) for s in offline]))
            for f in FAMILIES
            if any(q.family == f for s in sales for q in s.quantities or ())
        ),
    )


def _share(numerator: Decimal | int, offline: Sequence[Decimal | int | None]) -> Share:
    part = Decimal(numerator)
    if not offline:
        return Share(numerator=part, denominator=None, percent=None, reason="offline_not_declared")
    if any(amount is None for amount in offline):
        return Share(numerator=part, denominator=None, percent=None, reason="offline_incomplete")
    whole = part + sum((Decimal(amount) for amount in offline if amount is not None), Decimal(0))
    found = percent(part, whole) if whole > 0 else None
    return Share(numerator=part, denominator=whole, percent=found, reason="" if found is not None else "no_sales")


def _in(family: Family, sales: Iterable[KindSales]) -> Decimal:
    return sum((q.amount for s in sales for q in s.quantities or () if q.family == family), Decimal(0))


def _told(family: Family, sales: KindSales) -> Decimal | None:
    return None if sales.quantities is None else _in(family, [sales])


def coverage(sales: Sequence[KindSales], *, sellers: frozenset[str], declaring: frozenset[str]) -> Coverage:
    """Measured revenue of all revenue told, and how many of the sellers declared."""
    measured = sum(s.revenue for s in sales if s.source == "measured")
    declared = sum(s.revenue for s in sales if s.source != "measured")
    return Coverage(
        measured=measured,
        declared=declared,
        percent=percent(measured, measured + declared),
        sellers=len(sellers),
        declaring=len(sellers & declaring),
    )


# ---- quantities --------------------------------------------------------------------------------------------------

_UNITS: Mapping[str, tuple[Family, Decimal]] = {
    "mg": ("kg", Decimal("0.000001")), "g": ("kg", Decimal("0.001")), "gr": ("kg", Decimal("0.001")),
    "gam": ("kg", Decimal("0.001")), "gram": ("kg", Decimal("0.001")), "kg": ("kg", Decimal(1)),
    "kilogam": ("kg", Decimal(1)), "ki lo gam": ("kg", Decimal(1)),
    "yen": ("kg", Decimal(10)), "tan": ("kg", Decimal(1000)),
    "ml": ("litre", Decimal("0.001")), "cl": ("litre", Decimal("0.01")), "dl": ("litre", Decimal("0.1")),
    "l": ("litre", Decimal(1)), "lit": ("litre", Decimal(1)), "litre": ("litre", Decimal(1)),
    **{word: ("piece", Decimal(1)) for word in (
        "piece", "cai", "chiec", "hop", "tui", "chai", "goi", "hu", "lo", "con", "qua", "trai", "cay", "bo", "bich",
        "banh", "vien", "to", "cuon", "doi", "khay", "vi", "loc", "thung", "set", "san pham",
    )},
}  # fmt: skip


_ACCENTED: Mapping[str, tuple[Family, Decimal]] = {  # another word, another measure, without the accents
    "lạng": ("kg", Decimal("0.1")), "cân": ("kg", Decimal(1)), "tạ": ("kg", Decimal(100)), "tá": ("piece", Decimal(12)),
}  # fmt: skip


def quantity(net_quantity: str, unit: str, units: int = 1) -> Quantity | None:
    """``units`` packs of ``net_quantity`` ``unit`` in its family; None when number or unit is not understood."""
    known = _ACCENTED.get(nfc(unit).lower()) or _UNITS.get(fold(unit))
    if known is None:
        return None
    try:
        net = Decimal(net_quantity)
    except InvalidOperation:
        return None
    return Quantity(family=known[0], amount=net * known[1] * units) if net.is_finite() else None


def add_up(quantities: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """One amount per family, in fixed order; families that do not occur are left out."""
    sums: dict[Family, Decimal] = {}
    for q in quantities:
        sums[q.family] = sums.get(q.family, Decimal(0)) + q.amount
    return tuple(Quantity(family=f, amount=sums[f]) for f in FAMILIES if f in sums)


# ---- P01, S01, S06, V12 ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class InForce:
    """P01 and S01 on one day. ``by_star`` in falling order; its counts add up to ``products``."""

    products: int
    by_star: tuple[tuple[int, int], ...]
    producers: int


def in_force(
    products: Iterable[tuple[str, str]], certificates: Mapping[str, Sequence[Certificate]], as_of: date, law: Law
) -> InForce:
    """Products (id, producer id) whose current certificate is in force on ``as_of``, by star, and their producers."""
    stars: dict[int, int] = {}
    producers: set[str] = set()
    for product_id, producer_id in products:
        current = current_certificate(certificates.get(product_id, ()), as_of, law)
        if current is not None:
            stars[current.stars] = stars.get(current.stars, 0) + 1
            producers.add(producer_id)
    return InForce(
        products=sum(stars.values()), by_star=tuple(sorted(stars.items(), reverse=True)), producers=len(producers)
    )


@dataclass(frozen=True, kw_only=True)
class Presence:
    """One live listing of one product in one shop. ``active``: orders in 90 days, or refreshed in 30 with stock."""

    product_id: str
    producer_id: str
    shop_id: str
    kind: str
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class PresenceCounts:
    """S05 and S06 numerators, V12 and the listings behind it."""

    producers_modern: int
    producers_online: int
    products: int
    listings: int


def presence(listings: Sequence[Presence]) -> PresenceCounts:
    """A producer on five platforms counts once, a product in four shops once; listings are counted apart."""
    live = [x for x in listings if x.active]
    return PresenceCounts(
        producers_modern=len({x.producer_id for x in live if x.kind in MODERN}),
        producers_online=len({x.producer_id for x in live if x.kind in ONLINE}),
        products=len({x.product_id for x in listings}),
        listings=len({(x.product_id, x.shop_id) for x in listings}),
    )
