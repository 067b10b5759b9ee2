"""How one place writes its sheets: ``config/profiles/<profile>.toml``, data and no code. Pure.

A profile maps our facts to the place's own headings on the way out, and its headings, dates, money and words for states
and fees to ours on the way in. A new portal is a new profile, nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hub.catalog.intake.columns import header_key
from hub.connectors.model import FeeKind, OrderState
from hub.errors import Invalid
from hub.types import LOCAL, fold

SheetKind: TypeAlias = Literal["orders", "income", "stock", "listings"]
KINDS: tuple[SheetKind, ...] = ("orders", "income", "stock", "listings")

FACTS: frozenset[str] = frozenset({
    "sku", "group_sku", "product_id", "product_code", "gtin", "title", "name", "label", "description", "category",
    "set_no", "set_name", "stars", "decision_no", "decision_date", "valid_until", "producer", "producer_address",
    "commune", "commune_code", "province_code", "price", "stock", "unit", "pack", "net", "net_weight_g", "weight_g",
    "shelf_life_months", "storage", "ingredients", "food_declaration", "quality", "origin", "brand", "trace_url",
    "pictures", *(f"picture_{n}" for n in range(1, 10)),
})  # fmt: skip
"""What a listing sheet may ask of us, one value per SKU."""

FIELDS: Mapping[SheetKind, tuple[frozenset[str], frozenset[str]]] = {
    "orders": (
        frozenset({"order", "placed", "state"}),
        frozenset({
            "line", "sku", "parent_sku", "code", "title", "option", "quantity", "returned", "unit_price", "deal_price",
            "charged", "seller_discount", "platform_discount", "seller_voucher", "platform_voucher", "shipping_paid",
            "refund", "paid", "shipped", "delivered", "completed", "cancelled", "updated", "reason", "payment",
            "province",
        }),
    ),
    "income": (frozenset({"order", "settled", "amount"}), frozenset({"statement", "fee", "related", "type"})),
    "stock": (frozenset({"stock"}), frozenset({"sku", "parent_sku", "code", "title", "price"})),
    "listings": (frozenset({"state"}), frozenset({"sku", "code", "title", "url", "on", "reason", "note"})),
}  # fmt: skip
"""Of each kind of sheet: the fields it must have, and those it may have."""

MONEY_PER_ROW = frozenset({"seller_voucher", "platform_voucher", "shipping_paid", "refund"})
"""Amounts of an order: some places repeat them on each of its rows, some share them out (``per_row``)."""

_STATES = {str(state): state for state in OrderState}
_LISTED = ("listed", "rejected", "withdrawn", "pending")
ListedState: TypeAlias = Literal["listed", "rejected", "withdrawn", "pending"]
_FEES: tuple[FeeKind, ...] = (
    "commission", "payment", "service", "shipping", "voucher", "ads", "affiliate", "vat_withheld", "pit_withheld",
    "cit_withheld", "adjustment", "other",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OutColumn:
    """One column of the listing sheet. ``fact`` "": the place wants it, people fill it in. ``max``: characters."""

    header: str
    fact: str
    required: bool = False
    max: int | None = None


@dataclass(frozen=True, kw_only=True)
class OutSheet:
    """The listing sheet. ``date``: how days are written, by ``strftime``."""

    sheet: str
    columns: tuple[OutColumn, ...]
    date: str = "%d/%m/%Y"


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words of a place and what each means to us; a word that ends in ``*`` stands for all that begin so."""

    exact: Mapping[str, str] = field(default_factory=dict)
    opening: tuple[tuple[str, str], ...] = ()

    def meaning(self, text: str) -> str | None:
        """Whatever its accents and case; None when nobody said what the word means."""
        word = fold(text)
        found = self.exact.get(word)
        return found or next((meaning for start, meaning in self.opening if word.startswith(start)), None)


@dataclass(frozen=True, kw_only=True)
class InSheet:
    """A sheet that comes in. ``columns``: our field -> keys of its possible headings, the first found counts.

    ``described``: the row below the headings explains them. ``decimal``: the sign before parts of a dong, where the
    place writes any; "" takes groups of three for thousands. ``per_row``: amounts of an order that are shared out over
    its rows. ``by_unit``: equal rows of an order are one line of so many units. ``by_line``: one fee per income row.
    ``fees``: heading or fee name -> kind. ``fees_negative``: fees are written as negative amounts. ``skip``: rows of
    totals by what stands for the order, and fee names that are the price of the goods. ``only``: the row types that
    count, where a sheet repeats an order by its goods.
    """

    kind: SheetKind
    columns: Mapping[str, tuple[str, ...]]
    sheets: tuple[str, ...] = ()
    dates: tuple[str, ...] = ("%d/%m/%Y %H:%M", "%d/%m/%Y")
    zone: ZoneInfo = LOCAL
    decimal: str = ""
    described: bool = False
    per_row: frozenset[str] = frozenset()
    by_unit: bool = False
    by_line: bool = False
    states: Words = field(default_factory=Words)
    reasons: Words = field(default_factory=Words)
    cod: Words = field(default_factory=Words)
    fees: Words = field(default_factory=Words)
    fee_columns: tuple[tuple[str, FeeKind], ...] = ()
    fees_negative: bool = True
    skip: Words = field(default_factory=Words)
    only: Words = field(default_factory=Words)

    @property
    def needed(self) -> frozenset[str]:
        """Fields without which this is no such sheet."""
        return FIELDS[self.kind][0]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """All that is said of one place's sheets. ``platform``: the connector such a shop can be upgraded to."""

    id: str
    name: str
    channel_kind: str
    rules: str
    platform: str
    source: str
    checked: str
    unconfirmed: str
    out: OutSheet
    sheets: Mapping[SheetKind, InSheet]
    categories: Mapping[int, str] = field(default_factory=dict)


def parse(profile_id: str, document: Mapping[str, Any]) -> Profile:
    """From a parsed document. Raises Invalid("profile_wrong") with where it is wrong."""
    try:
        sheets = {kind: _in_sheet(kind, document[kind]) for kind in KINDS if kind in document}
        return Profile(
            id=profile_id,
            name=str(document["name"]),
            channel_kind=str(document["channel_kind"]),
            rules=str(document["rules"]),
            platform=str(document.get("platform", "")),
            source=str(document["source"]),
            checked=str(document["checked"]),
            unconfirmed=str(document.get("unconfirmed", "")),
            out=_out_sheet(document["out"]),
            sheets=sheets,
            categories={int(number): str(name) for number, name in document.get("categories", {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, ZoneInfoNotFoundError) as error:
        raise Invalid("profile_wrong", profile=profile_id, detail=f"{type(error).__name__}: {error}") from error


def _out_sheet(table: Mapping[str, Any]) -> OutSheet:
    columns = tuple(OutColumn(**one) for one in table["columns"])
    unknown = {c.fact for c in columns} - FACTS - {""}
    if unknown:
        raise ValueError(f"out.columns.fact {sorted(unknown)[0]}")
    if len({c.header for c in columns}) < len(columns):
        raise ValueError("out.columns.header twice")
    return OutSheet(sheet=str(table["sheet"]), columns=columns, date=str(table.get("date", "%d/%m/%Y")))


_SAID = frozenset({
    "columns", "sheets", "dates", "zone", "decimal", "described", "per_row", "by_unit", "by_line", "states", "reasons",
    "cod", "fees", "fees_negative", "skip", "only",
})  # fmt: skip


def _in_sheet(kind: SheetKind, table: Mapping[str, Any]) -> InSheet:
    if strange := table.keys() - _SAID:
        raise ValueError(f"{kind}.{sorted(strange)[0]}")
    needed, possible = FIELDS[kind]
    columns = {name: tuple(header_key(word) for word in words) for name, words in table["columns"].items()}
    if wrong := (columns.keys() - needed - possible) or (needed - columns.keys()):
        raise ValueError(f"{kind}.columns {sorted(wrong)[0]}")
    per_row = frozenset(table.get("per_row", ()))
    if per_row - MONEY_PER_ROW:
        raise ValueError(f"{kind}.per_row")
    by_line = bool(table.get("by_line", False))
    fees = _words(table.get("fees", {}), _FEES)
    fee_columns = () if by_line else _fee_columns(table.get("fees", {}))
    headings = [*(word for words in columns.values() for word in words), *(word for word, _ in fee_columns)]
    if twice := {word for word in headings if headings.count(word) > 1}:
        raise ValueError(f"{kind}: {sorted(twice)[0]} twice")  # one cell would be counted as two amounts
    return InSheet(
        kind=kind,
        columns=columns,
        sheets=tuple(fold(name) for name in table.get("sheets", ())),
        dates=tuple(table.get("dates", InSheet.dates)),
        zone=ZoneInfo(table["zone"]) if "zone" in table else LOCAL,
        decimal=_one_of(table.get("decimal", ""), ("", ".", ",")),
        described=bool(table.get("described", False)),
        per_row=per_row,
        by_unit=bool(table.get("by_unit", False)),
        by_line=by_line,
        states=_words(table.get("states", {}), _LISTED if kind == "listings" else (*_STATES, "returned")),
        reasons=_words(table.get("reasons", {}), tuple(_STATES)),
        cod=_words({"cod": table.get("cod", ())}, ("cod",)),
        fees=fees,
        fee_columns=fee_columns,
        fees_negative=bool(table.get("fees_negative", True)),
        skip=_words({"skip": table.get("skip", ())}, ("skip",)),
        only=_words({"only": table.get("only", ())}, ("only",)),
    )


def _one_of(word: str, words: Sequence[str]) -> str:
    if word not in words:
        raise ValueError(word)
    return word


def _words(table: Mapping[str, Sequence[str]], meanings: Sequence[str]) -> Words:
    exact: dict[str, str] = {}
    opening: list[tuple[str, str]] = []
    for meaning, words in table.items():
        _one_of(meaning, meanings)
        for word in words:
            if word.endswith("*"):
                opening.append((fold(word[:-1]), meaning))
            else:
                exact[fold(word)] = meaning
    return Words(exact=exact, opening=tuple(opening))


def _fee_columns(table: Mapping[str, Sequence[str]]) -> tuple[tuple[str, FeeKind], ...]:
    kinds: dict[str, FeeKind] = {str(kind): kind for kind in _FEES}
    return tuple((header_key(word), kinds[kind]) for kind, words in table.items() for word in words)
