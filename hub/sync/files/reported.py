"""Listings as people report them: said to stand somewhere, on a day, at an address, with a note. Never called synced.

A report lives in the binding (state, address, the place's own codes) and in the listing's history (day, note, who said
so), where every earlier report stays. A listing that the API holds is not touched by a report: what was read back is
better than what was said.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import among
from hub.catalog import tables as c
from hub.db import Tx, new_id, upsert
from hub.errors import Invalid
from hub.shops.model import Shop
from hub.sync import store
from hub.sync import tables as t
from hub.sync.files.incoming import Mark
from hub.sync.files.profile import ListedState
from hub.sync.model import Binding, BindingState, Problem
from hub.sync.store.bindings import binding_row
from hub.types import RemoteId, Sku, fold

EVENT = "report"

STATES: Mapping[ListedState, BindingState] = {
    "listed": BindingState.REPORTED, "withdrawn": BindingState.WITHDRAWN, "rejected": BindingState.HELD,
    "pending": BindingState.WANTED,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Report:
    """What somebody says of one product in one shop. ``codes``: our SKU -> the place's own code."""

    product_id: str
    state: ListedState
    on: date
    url: str = ""
    note: str = ""
    codes: tuple[tuple[Sku, RemoteId], ...] = ()
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The last report about a listing."""

    product_id: str
    state: ListedState
    on: date
    url: str
    note: str
    who: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Noted:
    """What came of some reports. ``held_by_api``: products whose listing the API knows, left as they are."""

    changed: int = 0
    unchanged: int = 0
    held_by_api: tuple[str, ...] = ()


def note_reports(tx: Tx, shop: Shop, reports: Sequence[Report], now: datetime) -> Noted:
    """Write reports down; the same report again changes nothing.

    Raises Invalid("report_url_wrong") or ("report_in_future") and writes nothing.
    """
    latest = {report.product_id: report for report in reports}
    for report in latest.values():
        _check(report, now)
    known = {b.product_id: b for b in store.some_bindings(tx, shop.id, list(latest))}
    last = evidence(tx, shop.id, list(latest))
    by_api = tuple(sorted(key for key in latest if (b := known.get(key)) is not None and b.remote_id is not None))
    news = [r for key, r in latest.items() if key not in by_api and not _same(r, known.get(key), last.get(key))]
    rows = [binding_row(reported(known.get(r.product_id), shop.id, r), now) for r in news]
    if rows:
        upsert(tx, t.binding, rows, key=["shop_id", "product_id"])
        tx.execute(t.listing_event.insert(), [_event(shop.id, r, known.get(r.product_id), now) for r in news])
    return Noted(changed=len(news), unchanged=len(latest) - len(news) - len(by_api), held_by_api=by_api)


def _check(report: Report, now: datetime) -> None:
    if report.url and not report.url.startswith(("https://", "http://")):
        raise Invalid("report_url_wrong", url=report.url)
    if report.on > now.date() and (report.on - now.date()).days > 1:  # the day may have begun here already
        raise Invalid("report_in_future", day=report.on.isoformat())


def reported(before: Binding | None, shop_id: str, report: Report) -> Binding:
    """The binding after a report. Pure."""
    old = before or Binding(shop_id=shop_id, product_id=report.product_id, state=BindingState.WANTED)
    problems: tuple[Problem, ...] = ()
    if report.state == "rejected":
        problems = (Problem(code="listing_rejected_there", facts={"reason": report.note or "-"}),)
    codes = dict(old.variants) | dict(report.codes)
    return replace(
        old, state=STATES[report.state], url=report.url or old.url, variants=tuple(codes.items()), problems=problems,
        visible=report.state == "listed", confirmed_at=None, content_key="", price_key="", stock_key="",
    )  # fmt: skip


def _same(report: Report, binding: Binding | None, last: Evidence | None) -> bool:
    if binding is None or last is None:
        return False
    told = (report.state, report.on, report.note, report.url or binding.url)
    return told == (last.state, last.on, last.note, binding.url) and set(report.codes) <= set(binding.variants)


def _event(shop_id: str, report: Report, before: Binding | None, now: datetime) -> dict[str, Any]:
    after = {
        "state": report.state, "on": report.on.isoformat(), "url": report.url, "note": report.note, "who": report.who,
    }  # fmt: skip
    return {
        "id": new_id(), "shop_id": shop_id, "product_id": report.product_id, "at": now, "run_id": None, "kind": EVENT,
        "before": None if before is None else {"state": before.state.value, "url": before.url}, "after": after,
        "answer": None,
    }  # fmt: skip


def evidence(tx: Tx, shop_id: str, product_ids: Collection[str] | None = None) -> Mapping[str, Evidence]:
    """The last report about each listing of a shop that has any, by product."""
    e = t.listing_event.c
    query = sa.select(t.listing_event).where(e.shop_id == shop_id, e.kind == EVENT).order_by(e.at, e.id)
    if product_ids is not None:
        query = query.where(among(tx, e.product_id, product_ids))
    return {row.product_id: _evidence(row) for row in tx.execute(query)}


def evidence_of_product(tx: Tx, product_id: str) -> Mapping[str, Evidence]:
    """The last report about a product in each shop that has any, by shop."""
    e = t.listing_event.c
    query = sa.select(t.listing_event).where(e.product_id == product_id, e.kind == EVENT).order_by(e.at, e.id)
    return {row.shop_id: _evidence(row) for row in tx.execute(query)}


def _evidence(row: Any) -> Evidence:
    told = row.after
    return Evidence(
        product_id=row.product_id, state=told["state"], on=date.fromisoformat(told["on"]), url=told["url"],
        note=told["note"], who=told["who"], at=row.at,
    )  # fmt: skip


def codes_of(tx: Tx, shop_id: str, codes: Collection[str]) -> Mapping[tuple[str, str], str]:
    """(the place's code, "") -> our SKU: of listings by API by their ids, of reported ones by the codes in reports."""
    if not codes:
        return {}
    found: dict[tuple[str, str], str] = dict(store.sku_by_remote(tx, shop_id, codes))
    b = t.binding.c
    query = sa.select(b.variants).where(
        b.shop_id == shop_id, b.remote_id.is_(None), sa.type_coerce(b.variants, sa.Text) != "[]"
    )
    wanted = set(codes)
    for row in tx.execute(query):
        found |= {(code, ""): sku for sku, code in row.variants if code in wanted}
    return found


# ---- from a sheet ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Unclear:
    """A row of a sheet of reports whose product the hub does not know, or knows several of."""

    row: int
    reason: Problem


def from_marks(
    tx: Tx, shop: Shop, marks: Sequence[Mark], *, who: str, today: date
) -> tuple[tuple[Report, ...], tuple[Unclear, ...]]:
    """Reports from the rows of a sheet: products by our SKU, by a code reported before, or by their whole name."""
    skus = _products_by_sku(tx, [m.sku for m in marks if m.sku])
    coded = codes_of(tx, shop.id, {m.code for m in marks if m.code})
    skus |= _products_by_sku(tx, list(coded.values()))
    names = _products_by_name(tx, shop, [m.title for m in marks if m.title])
    reports: dict[str, Report] = {}
    unclear: list[Unclear] = []
    for mark in marks:
        sku = mark.sku or coded.get((mark.code, ""), "")
        found = {skus[sku]} if sku in skus else names.get(fold(mark.title), set()) if not mark.sku else set()
        if len(found) != 1:
            facts = {"value": mark.sku or mark.code or mark.title}
            unclear.append(Unclear(row=mark.row, reason=Problem(code="file_row_goods_unknown", facts=facts)))
            continue
        product_id = next(iter(found))
        codes = ((Sku(sku), RemoteId(mark.code)),) if sku and mark.code else ()
        before = reports.get(product_id)
        reports[product_id] = Report(
            product_id=product_id, state=mark.state, on=mark.on or today, url=mark.url, note=mark.note, who=who,
            codes=(*(before.codes if before else ()), *codes),
        )  # fmt: skip
    return tuple(reports.values()), tuple(unclear)


def _products_by_sku(tx: Tx, skus: Sequence[str]) -> dict[str, str]:
    if not skus:
        return {}
    v = c.variant.c
    return {r.sku: r.product_id for r in tx.execute(sa.select(v.sku, v.product_id).where(among(tx, v.sku, skus)))}


def _products_by_name(tx: Tx, shop: Shop, titles: Sequence[str]) -> Mapping[str, set[str]]:
    if not titles:
        return {}
    p = c.product.c
    query = sa.select(p.id, p.folded).where(among(tx, p.folded, [fold(title) for title in titles]))
    if shop.producer_id is not None:
        query = query.where(p.producer_id == shop.producer_id)
    found: dict[str, set[str]] = {}
    for row in tx.execute(query):
        found.setdefault(row.folded, set()).add(row.id)
    return found
