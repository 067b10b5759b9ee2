"""From a document to the hub: collect and check everything, then write it in the order in which things depend on each
other, in one transaction. Importing twice changes nothing.

Orders, settlements and the history of listings may be very many: they are checked and counted at first and read from
the file again when their turn comes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hub.catalog import store as catalog
from hub.catalog.law import load as load_law
from hub.db import Tx
from hub.errors import Invalid
from hub.exchange import stocks
from hub.exchange.file import Told, read_records
from hub.exchange.model import KINDS, Header
from hub.exchange.names import Names
from hub.exchange.nouns import DOCUMENT_KEYS, NOUNS
from hub.exchange.orders import take_orders
from hub.exchange.rows import Taking, Tally, take_rows
from hub.shops import store as shops
from hub.sync import store as sync

MANY = frozenset({"listing_events", "orders", "settlements"})
_GROUP = 1000

Progress = Callable[[int, int], None]
"""(records taken in, records in all)."""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A file whose every record was read and checked."""

    file: Path
    header: Header
    records: Mapping[str, list[Told]]  # without the many
    counts: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import did. ``unknown_goods``: order lines whose goods no hub knows; their money counts."""

    tallies: Mapping[str, Tally]
    oversold: int = 0
    unknown_goods: int = 0

    @property
    def changed(self) -> int:
        """Records that made any difference."""
        return sum(tally.added + tally.changed for tally in self.tallies.values())

    def to_json(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "records": {
                kind: {"added": t.added, "changed": t.changed, "same": t.same} for kind, t in self.tallies.items()
            },
            "changed": self.changed,
            "oversold_units": self.oversold,
            "unknown_goods": self.unknown_goods,
        }


def collect(file: Path) -> Collected:
    """Read and check a whole file without touching the hub. Raises Invalid naming the path of what is wrong."""
    header: Header | None = None
    found: dict[str, list[Told]] = {kind: [] for kind in KINDS}
    counts = dict.fromkeys(KINDS, 0)
    seen: dict[tuple[object, ...], str] = {}
    for told in read_records(file):
        if isinstance(told, Header):
            header = told
            continue
        key = (told.kind, *(getattr(told.record, name) for name in DOCUMENT_KEYS.get(told.kind, ("id",))))
        if key in seen:
            raise Invalid("exchange_twice", path=told.path, first=seen[key])
        seen[key] = told.path
        counts[told.kind] += 1
        if told.kind not in MANY:
            found[told.kind].append(told)
    if header is None:
        raise Invalid("exchange_not_ours", file=file.name)
    return Collected(file=file, header=header, records=found, counts=counts)


def take_in(tx: Tx, collected: Collected, *, now: datetime, who: str, progress: Progress | None = None) -> Imported:
    """Store everything a file says, or nothing. Raises Invalid naming the path of what does not fit this hub."""
    taking = Taking(tx=tx, names=Names(tx=tx), now=now, who=who, source=collected.file.name)
    steps = _Steps(progress, sum(collected.counts.values()))
    moved: frozenset[str] = frozenset()
    for kind in KINDS:
        told = collected.records[kind]
        if not told:
            continue
        if kind == "sets":
            stocks.take_sets(taking, told)
        elif kind == "stock":
            moved |= stocks.take_stock(taking, told)
        else:
            take_rows(taking, NOUNS[kind], told)
        steps.on(len(told))
    catalog.stamp(tx, taking.touched)
    many = _Many(taking=taking, steps=steps)
    if any(collected.counts[kind] for kind in MANY):
        for one in read_records(collected.file):
            if isinstance(one, Told) and one.kind in MANY:
                many.take(one)
        many.finish()
    sync.mark_stock_due(tx, moved | many.touched, now)
    return Imported(tallies=taking.tallies, oversold=many.oversold, unknown_goods=many.unknown_goods)


class _Steps:
    """Tells how far the import is."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def on(self, records: int) -> None:
        self._done += records
        if self._progress is not None:
            self._progress(self._done, self._total)


@dataclass(kw_only=True)
class _Many:
    """Takes the many in groups: memory stays bounded however long the file."""

    taking: Taking
    steps: _Steps
    touched: frozenset[str] = frozenset()
    oversold: int = 0
    unknown_goods: int = 0
    _groups: dict[tuple[str, str], list[Told]] = field(default_factory=dict)

    def take(self, one: Told) -> None:
        shop = getattr(one.record, "shop", "") if one.kind == "orders" else ""
        group = self._groups.setdefault((one.kind, shop), [])
        group.append(one)
        if len(group) >= _GROUP:
            self._write((one.kind, shop))

    def finish(self) -> None:
        for key in list(self._groups):
            self._write(key)

    def _write(self, key: tuple[str, str]) -> None:
        group = self._groups.pop(key)
        kind, shop = key
        if kind == "orders":
            shop_id = self.taking.names.find("shops", shop, f"{group[0].path}.shop")
            taken = take_orders(self.taking, shops.get_shop(self.taking.tx, shop_id), group, load_law())
            self.touched |= taken.touched
            self.oversold += taken.oversold
            self.unknown_goods += taken.unknown_goods
        else:
            take_rows(self.taking, NOUNS[kind], group)
        self.steps.on(len(group))
