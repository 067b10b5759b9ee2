"""The sales report of a period: per channel to the dong, online share, coverage, how complete it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub.access import WHOLE_HUB, Scope
from hub.db import Tx
from hub.sales.model import Cut
from hub.sales.share import (
    Coverage,
    KindSales,
    OnlineShare,
    Share,
    add_up,
    coverage,
    mix,
    online_share,
    percent,
)
from hub.sales.store import bridge, declarations, reads
from hub.sales.store.bridge import Bridge
from hub.sales.store.reads import Cohort, Figures, Measured, ShopCard
from hub.sales.workbook import write_workbook
from hub.types import Period, Vnd


@dataclass(frozen=True, kw_only=True)
class ChannelRow:
    """One shop. ``settled`` None: no statement in the period, or not to be told for this cut. Rates in percent, of
    the orders placed in the period: cancelled of placed, failed of shipped, returned of delivered.
    """

    shop: ShopCard
    figures: Figures
    orders: int
    settled: Vnd | None
    cohort: Cohort
    restated: Figures
    complete_up_to: datetime | None

    @property
    def cancel_rate(self) -> Decimal | None:
        return percent(self.cohort.cancelled, self.cohort.placed)

    @property
    def failed_rate(self) -> Decimal | None:
        return percent(self.cohort.failed, self.cohort.shipped)

    @property
    def return_rate(self) -> Decimal | None:
        return percent(self.cohort.returned, self.cohort.delivered)


@dataclass(frozen=True, kw_only=True)
class MixRow:
    """V04: one channel kind's part of net revenue; None when there is nothing to divide."""

    kind: str
    revenue: Vnd
    percent: Decimal | None


@dataclass(frozen=True, kw_only=True)
class SalesReport:
    """Everything a page, a workbook or a program needs of one period. ``complete_up_to``: the earliest of the shops
    that were ever read; ``missing_shops`` were not. ``outside`` declarations reach over the period's edge.
    """

    period: Period
    cut: Cut
    rows: tuple[ChannelRow, ...]
    share: OnlineShare
    mix: tuple[MixRow, ...]
    coverage: Coverage
    kinds: tuple[KindSales, ...]
    bridges: tuple[Bridge, ...]
    complete_up_to: datetime | None
    missing_shops: tuple[str, ...]
    outside: int

    @property
    def totals(self) -> Figures:
        return _total(row.figures for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``--json``, the API and the demo."""
        return _to_json(self)

    def to_xlsx(self, path: Path) -> None:
        """A workbook with Vietnamese headers: channels, share, declared and measured, bridge."""
        write_workbook(path, self)


def sales_report(
    tx: Tx,
    period: Period,
    *,
    cut: Cut = "all",
    scope: Scope = WHOLE_HUB,
    complete_up_to: Mapping[str, datetime | None] | None = None,
) -> SalesReport:
    """Read the report. ``complete_up_to`` says for each shop until when all its orders are stored (None: never read);
    without it every shop counts as missing. A shop without sales has a row all the same.
    """
    known = complete_up_to or {}
    figures = reads.figures_by_shop(tx, period, cut, scope)
    orders = reads.orders_by_shop(tx, period, cut, scope)
    settled = reads.settled_by_shop(tx, period, scope) if cut == "all" else {}
    cohorts = reads.cohorts_by_shop(tx, period, cut, scope)
    restated = reads.restated_by_shop(tx, period, cut, scope)
    rows = tuple(
        ChannelRow(
            shop=shop, figures=figures.get(shop.id, Figures()), orders=orders.get(shop.id, 0),
            settled=settled.get(shop.id), cohort=cohorts.get(shop.id, Cohort()),
            restated=restated.get(shop.id, Figures()), complete_up_to=known.get(shop.id),
        )
        for shop in reads.shops_in(tx, scope)
    )  # fmt: skip
    measured = measured_kinds(rows, reads.measured_by_shop(tx, period, cut, scope))
    kinds = (*measured, *declarations.declared_sales(tx, period, cut, scope))
    told = [row.complete_up_to for row in rows if row.complete_up_to is not None]
    return SalesReport(
        period=period, cut=cut, rows=rows, share=online_share(kinds), mix=channel_mix(kinds),
        coverage=coverage(
            kinds, sellers=reads.sellers(tx, period, cut, scope),
            declaring=declarations.declaring_producers(tx, period, cut, scope),
        ),
        kinds=kinds, bridges=bridge.bridges(tx, period, scope=scope) if cut == "all" else (),
        complete_up_to=min(told) if told else None,
        missing_shops=tuple(row.shop.id for row in rows if row.complete_up_to is None),
        outside=declarations.declared_elsewhere(tx, period, cut, scope),
    )  # fmt: skip


def measured_kinds(rows: Iterable[ChannelRow], amounts: Mapping[str, Measured]) -> tuple[KindSales, ...]:
    """What the connected shops sold, per channel kind."""
    kinds: dict[str, list[ChannelRow]] = {}
    for row in rows:
        kinds.setdefault(row.shop.kind, []).append(row)
    found = []
    for kind, group in sorted(kinds.items()):
        measured = [amounts.get(row.shop.id, Measured()) for row in group]
        found.append(
            KindSales(
                kind=kind, source="measured", revenue=sum(row.figures.net for row in group),
                orders=sum(row.orders for row in group), quantities=add_up(q for m in measured for q in m.quantities),
                unmeasured_units=sum(m.unknown_units for m in measured),
            )
        )  # fmt: skip
    return tuple(found)


def channel_mix(kinds: Iterable[KindSales]) -> tuple[MixRow, ...]:
    """V04 over measured and declared revenue together."""
    sums: dict[str, Vnd] = {}
    for k in kinds:
        sums[k.kind] = sums.get(k.kind, 0) + k.revenue
    parts = mix(list(sums.values()))
    return tuple(
        MixRow(kind=kind, revenue=revenue, percent=None if parts is None else parts[i])
        for i, (kind, revenue) in enumerate(sums.items())
    )


def _total(figures: Iterable[Figures]) -> Figures:
    every = list(figures)
    return Figures(
        gmv_placed=sum(f.gmv_placed for f in every), gmv=sum(f.gmv for f in every), gross=sum(f.gross for f in every),
        voucher=sum(f.voucher for f in every), refund=sum(f.refund for f in every), units=sum(f.units for f in every),
    )  # fmt: skip


# ---- plain values ------------------------------------------------------------------------------------------------


def _to_json(report: SalesReport) -> dict[str, Any]:
    settled = [row.settled for row in report.rows if row.settled is not None]
    restated = _total(row.restated for row in report.rows)
    return {
        "period": {"start": _moment(report.period.start), "end": _moment(report.period.end)},
        "cut": report.cut,
        "complete_up_to": _moment(report.complete_up_to),
        "missing_shops": list(report.missing_shops),
        "by_channel": [_row(row) for row in report.rows],
        "totals": {
            **_figures(report.totals), "orders": sum(row.orders for row in report.rows),
            "settled": sum(settled) if settled else None, "restated_net_revenue": restated.net,
        },
        "online_share": {
            "revenue": _share(report.share.revenue), "orders": _share(report.share.orders),
            "quantity": {f.family: _share(f.share) for f in report.share.quantity},
            "complete_up_to": _moment(report.complete_up_to), "missing_shops": list(report.missing_shops),
            "coverage": _number(report.coverage.percent),
        },
        "channel_mix": [{"kind": m.kind, "revenue": m.revenue, "percent": _number(m.percent)} for m in report.mix],
        "coverage": {
            "measured": report.coverage.measured, "declared": report.coverage.declared,
            "percent": _number(report.coverage.percent), "sellers": report.coverage.sellers,
            "declaring": report.coverage.declaring, "declarations_outside": report.outside,
        },
        "by_source": [_kind(k) for k in report.kinds],
        "bridge": [_bridge(b) for b in report.bridges],
    }  # fmt: skip


def _row(row: ChannelRow) -> dict[str, Any]:
    return {
        "shop": row.shop.id, "platform": row.shop.platform, "name": row.shop.name, "kind": row.shop.kind,
        **_figures(row.figures), "orders": row.orders, "settled": row.settled,
        "cancel_rate": _number(row.cancel_rate), "failed_rate": _number(row.failed_rate),
        "return_rate": _number(row.return_rate), "restated_net_revenue": row.restated.net,
        "complete_up_to": _moment(row.complete_up_to),
    }  # fmt: skip


def _figures(f: Figures) -> dict[str, int]:
    return {
        "gmv_placed": f.gmv_placed, "gmv": f.gmv, "gross_sales": f.gross, "vouchers": f.voucher, "refunds": f.refund,
        "net_revenue": f.net, "units": f.units,
    }  # fmt: skip


def _share(share: Share) -> dict[str, Any]:
    return {
        "percent": _number(share.percent), "numerator": _number(share.numerator),
        "denominator": _number(share.denominator), "reason": share.reason or None,
    }  # fmt: skip


def _kind(k: KindSales) -> dict[str, Any]:
    amounts = None if k.quantities is None else {q.family: _number(q.amount) for q in k.quantities}
    return {
        "kind": k.kind, "source": k.source, "revenue": k.revenue, "orders": k.orders, "quantities": amounts,
        "unmeasured_units": k.unmeasured_units,
    }  # fmt: skip


def _bridge(b: Bridge) -> dict[str, Any]:
    return {
        "shop": b.shop_id, "gmv_placed": b.gmv_placed, "cancelled": b.cancelled, "failed": b.failed,
        "under_way": b.under_way, "discounts": b.discounts, "returned": b.returned, "vouchers": b.vouchers,
        "net_revenue": b.net, "awaiting": b.awaiting, "fees": dict(b.fees), "settled": b.settled,
        "difference": b.difference, "untied_orders": list(b.untied),
    }  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _number(value: Decimal | None) -> int | float | None:
    """A plain JSON number: whole where it is whole in the sums, with its one decimal where it is a percentage."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
