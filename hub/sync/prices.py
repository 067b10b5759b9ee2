"""What a thing costs in one shop: list price, or a price that leaves the producer a stated income, and promotions.

Pure. A shop's price is the promotion's while one runs, else its base; the base follows one rule and returns by itself
when the window is over. All amounts are whole dong, all percentages exact decimals.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from typing import Any, Literal

from hub.catalog.model import Sellable
from hub.connectors.model import FeeKind
from hub.errors import Invalid
from hub.types import Vnd

Mode = Literal["list", "keep_list", "keep", "fixed"]
"""``list``: the catalogue's price. ``keep_list``: the producer keeps the list price after the channel's fees.
``keep``: the producer keeps ``amount``. ``fixed``: ``amount`` it is."""

STEPS: tuple[Vnd, ...] = (1, 500, 1000)
DEEPEST = Decimal("0.5")
"""A promotion may not take off more than half (Decree 81/2018/ND-CP, article 7)."""


@dataclass(frozen=True, kw_only=True)
class ChannelFee:
    """One fee of a channel as published or agreed: ``percent`` of the price, at most ``cap``, plus ``fixed``."""

    kind: FeeKind
    percent: Decimal = Decimal(0)
    fixed: Vnd = 0
    cap: Vnd | None = None

    def of(self, price: Vnd) -> Vnd:
        """What it takes from one unit sold at ``price``; a started dong counts."""
        share = int((Decimal(price) * self.percent / 100).to_integral_value(ROUND_CEILING))
        return (share if self.cap is None else min(share, self.cap)) + self.fixed


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a shop's base price is made. ``variant_id`` "": everything in the shop that has no rule of its own."""

    shop_id: str
    variant_id: str = ""
    mode: Mode = "list"
    amount: Vnd | None = None
    floor: Vnd | None = None
    step: Vnd = 1


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """A price for a while: from ``starts_at`` until just before ``ends_at``."""

    id: str
    shop_id: str
    variant_id: str
    price: Vnd
    starts_at: datetime
    ends_at: datetime
    note: str = ""

    def runs(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Everything that decides one shop's prices beside the catalogue."""

    rules: Mapping[str, Rule]  # by variant id; "" for the rest
    promotions: tuple[Promotion, ...] = ()
    fees: tuple[ChannelFee, ...] | None = None  # this shop's own; None: the channel's

    @property
    def plain(self) -> bool:
        """Nothing but list prices."""
        return not self.promotions and all(one.mode == "list" and not one.floor for one in self.rules.values())


@dataclass(frozen=True, kw_only=True)
class Price:
    """A price and how it came about. ``kept``: what is left after the channel's fees."""

    now: Vnd
    base: Vnd
    fees: tuple[tuple[FeeKind, Vnd], ...]
    promotion: Promotion | None = None
    floored: bool = False

    @property
    def kept(self) -> Vnd:
        return self.now - sum(amount for _, amount in self.fees)


NOTHING = Prices(rules={})


def parse_fees(tables: Iterable[Mapping[str, Any]]) -> tuple[ChannelFee, ...]:
    """``[[fees]]`` of a rule pack, or a shop's own list of the same shape (numbers or text)."""
    return tuple(
        ChannelFee(
            kind=one["kind"], percent=Decimal(str(one.get("percent", 0))), fixed=int(one.get("fixed", 0)),
            cap=None if one.get("cap") is None else int(one["cap"]),
        )
        for one in tables
    )  # fmt: skip


def taken(price: Vnd, fees: Sequence[ChannelFee]) -> tuple[tuple[FeeKind, Vnd], ...]:
    """What each fee takes of one unit."""
    return tuple((one.kind, one.of(price)) for one in fees)


def kept(price: Vnd, fees: Sequence[ChannelFee]) -> Vnd:
    """What the producer keeps of one unit."""
    return price - sum(amount for _, amount in taken(price, fees))


def rounded_up(price: Vnd, step: Vnd) -> Vnd:
    return -(-price // step) * step


def price_keeping(income: Vnd, fees: Sequence[ChannelFee], step: Vnd) -> Vnd:
    """The smallest multiple of ``step`` that leaves ``income``. Raises Invalid("fees_eat_price") when none does."""
    percent = sum((one.percent for one in fees), Decimal(0))
    uncapped = [one for one in fees if one.cap is None]
    if sum((one.percent for one in uncapped), Decimal(0)) >= 100:
        raise Invalid("fees_eat_price", percent=str(percent))
    low, high = 0, max(1, rounded_up(max(income, 1), step) // step)
    while kept(high * step, fees) < income:
        low, high = high, high * 2
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle * step, fees) >= income else (middle, high)
    return high * step


def price_of(
    variant_id: str, list_price: Vnd, prices: Prices, channel_fees: Sequence[ChannelFee], now: datetime
) -> Price:
    """The price of one variant in one shop at ``now``."""
    rule = prices.rules.get(variant_id) or prices.rules.get("") or Rule(shop_id="")
    fees = channel_fees if prices.fees is None else prices.fees
    base = _base(list_price, rule, fees)
    floored = rule.floor is not None and base < rule.floor
    if rule.floor is not None:
        base = max(base, rule.floor)
    running = [one for one in prices.promotions if one.variant_id == variant_id and one.runs(now)]
    best = min(running, key=lambda one: (one.price, one.id), default=None)
    price = base if best is None else min(base, max(best.price, rule.floor or 0))
    return Price(
        now=price, base=base, fees=taken(price, fees), promotion=best if price < base else None, floored=floored
    )


def _base(list_price: Vnd, rule: Rule, fees: Sequence[ChannelFee]) -> Vnd:
    match rule.mode:
        case "list":
            return list_price
        case "fixed":
            return list_price if rule.amount is None else rule.amount
        case "keep_list":
            return price_keeping(list_price, fees, rule.step)
        case "keep":
            return price_keeping(list_price if rule.amount is None else rule.amount, fees, rule.step)


def priced(sellable: Sellable, prices: Prices, channel_fees: Sequence[ChannelFee], now: datetime) -> Sellable:
    """The same product with this shop's prices; a variant without a list price stays without one."""
    if prices.plain:
        return sellable
    variants = tuple(
        one if one.price is None else replace(one, price=price_of(one.id, one.price, prices, channel_fees, now).now)
        for one in sellable.variants
    )
    return replace(sellable, variants=variants)


def check_promotion(wanted: Promotion, base: Vnd, floor: Vnd | None, others: Sequence[Promotion]) -> None:
    """Raises Invalid saying what is wrong with a promotion before it is stored."""
    if wanted.starts_at >= wanted.ends_at:
        raise Invalid("promotion_window_wrong", starts=wanted.starts_at.isoformat(), ends=wanted.ends_at.isoformat())
    if wanted.price >= base:
        raise Invalid("promotion_not_lower", price=wanted.price, base=base)
    if Decimal(wanted.price) < Decimal(base) * DEEPEST:
        raise Invalid("promotion_too_deep", price=wanted.price, base=base)
    if floor is not None and wanted.price < floor:
        raise Invalid("price_below_floor", price=wanted.price, floor=floor)
    for one in others:
        if one.variant_id == wanted.variant_id and one.starts_at < wanted.ends_at and wanted.starts_at < one.ends_at:
            raise Invalid("promotion_overlaps", other=one.id, starts=one.starts_at.isoformat())


def spread_percent(amounts: Sequence[Vnd]) -> Decimal:
    """How much dearer the dearest is than the cheapest, in percent of the cheapest; 0 for fewer than two."""
    if len(amounts) < 2 or min(amounts) <= 0:
        return Decimal(0)
    return (Decimal(max(amounts) - min(amounts)) * 100 / min(amounts)).quantize(Decimal("0.1"))
