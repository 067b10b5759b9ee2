"""The sandbox's own figures of what was sold, reckoned from its own book: the truth the hub must reach to the dong.

A second reckoning on purpose: it shares no code with the hub's ledger. Definitions: reporting.md 0.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.sandbox.kit import SoldOrder


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one order, or a shop's orders together, come to."""

    orders: int = 0
    gmv_placed: int = 0
    gmv: int = 0
    gross: int = 0
    voucher: int = 0
    refund: int = 0
    units: int = 0

    @property
    def net(self) -> int:
        return self.gross - self.voucher - self.refund

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            orders=self.orders + other.orders,
            gmv_placed=self.gmv_placed + other.gmv_placed,
            gmv=self.gmv + other.gmv,
            gross=self.gross + other.gross,
            voucher=self.voucher + other.voucher,
            refund=self.refund + other.refund,
            units=self.units + other.units,
        )


def figures(order: SoldOrder) -> Figures:
    """One order's figures."""
    placed = sum(line.unit_price * line.quantity for line in order.lines)
    gone = order.state == "cancelled"
    kept = 0 if gone else sum(line.unit_price * (line.quantity - line.cancelled) for line in order.lines)
    delivered = order.state in ("delivered", "completed")
    gross = sum(_charged(line.charged, line.quantity, line.cancelled) for line in order.lines) if delivered else 0
    units = sum(line.quantity - line.cancelled - line.returned for line in order.lines) if delivered else 0
    return Figures(
        orders=1,
        gmv_placed=placed,
        gmv=kept,
        gross=gross,
        voucher=order.seller_voucher if delivered else 0,
        refund=sum(amount for _, amount in order.refunds),
        units=units,
    )


def _charged(charged: int, quantity: int, cancelled: int) -> int:
    """What is charged for the units that are left; the cancelled units' share is cut to whole dong."""
    return charged - (charged * cancelled // quantity if quantity else 0)


def total(orders: Sequence[SoldOrder]) -> Figures:
    """All orders of a shop."""
    return sum((figures(order) for order in orders), Figures())
