"""Storing what intake read: producers, products, variants and certificates, in one transaction, told once.

The same file again changes nothing. A row that says something else than what is stored updates the fields it names
and leaves the others; empty never erases. Every change is kept in the catalogue's history.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from hub.bulk import insert_rows, unswept
from hub.catalog import stock, store
from hub.catalog import tables as t
from hub.catalog.intake.known import decision_key, subject_key
from hub.catalog.intake.legacy import name_key
from hub.catalog.intake.model import FileResult, ProductRecord, SubjectRecord
from hub.db import Tx, new_id
from hub.types import fold, nfc


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What a take-in did."""

    producers: int = 0
    products: int = 0
    variants: int = 0
    certificates: int = 0
    changed: int = 0
    recertified: frozenset[str] = frozenset()  # products known before whose certificates are new or changed


def sku_of(producer_key: str, product: str, pack: str) -> str:
    """A SKU that the same goods get again on any hub: 14 letters and digits."""
    text = "\x1f".join((producer_key, name_key(product), fold(pack)))
    return "OC" + hashlib.blake2b(text.encode(), digest_size=6).hexdigest().upper()


class _Noun:
    """Rows of one table by key, with what is new and what changed since they were loaded."""

    def __init__(self, tx: Tx, table: sa.Table) -> None:
        self.tx = tx
        self.table = table
        self.rows: dict[str, dict[str, Any]] = {row["id"]: dict(row) for row in tx.execute(sa.select(table)).mappings()}
        self.added: dict[str, dict[str, Any]] = {}
        self.changed: dict[str, dict[str, Any]] = {}

    def put(self, row_id: str | None, fields: Mapping[str, Any]) -> str:
        """Add a row, or let it say what ``fields`` say where they say anything; answers its id."""
        told = {k: v for k, v in fields.items() if v is not None and v != "" and v != ()}
        if row_id is None:
            row_id = new_id()
            told["id"] = row_id
            self.rows[row_id] = self.added[row_id] = told
            return row_id
        row = self.rows[row_id]
        news = {k: v for k, v in told.items() if _plain(row.get(k)) != _plain(v)}
        if news:
            row.update(news)
            if row_id not in self.added:
                self.changed.setdefault(row_id, {}).update(news)
        return row_id

    def write(self) -> None:
        """Store what is new and what changed."""
        names = sorted(set().union(*self.added.values()))
        if self.added:
            blank = {c.name: _blank(c) for c in self.table.columns if c.name in names}
            rows = [tuple({**blank, **row}.values()) for row in self.added.values()]
            insert_rows(self.tx, self.table, tuple(blank), rows)
        for row_id, news in self.changed.items():
            self.tx.execute(self.table.update().where(self.table.c.id == row_id).values(**news))


def _blank(column: "sa.Column[Any]") -> Any:
    if column.nullable or column.primary_key:
        return None
    kind = type(column.type).__name__
    return {"Json": [], "Boolean": column.name == "active", "Integer": 0, "BigInteger": 0}.get(kind, "")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


class _Catalogue:
    """The catalogue as it is, ready to be told new rows."""

    def __init__(self, tx: Tx, province_code: str, now: datetime, *, reviewed: bool) -> None:
        self.producer = _Noun(tx, t.producer)
        self.product = _Noun(tx, t.product)
        self.variant = _Noun(tx, t.variant)
        self.certificate = _Noun(tx, t.certificate)
        self.province_code = province_code
        self.reviewed_at = now if reviewed else None
        self._by_code = {r["code"]: i for i, r in self.producer.rows.items() if r["code"]}
        self._by_name = {subject_key(r["name"]): i for i, r in self.producer.rows.items()}
        self._products = {(r["producer_id"], name_key(r["name"])): i for i, r in self.product.rows.items()}
        self._certificates = {_certificate_key(r["product_id"], r): i for i, r in self.certificate.rows.items()}
        self._packs: dict[str, list[str]] = {}
        for variant_id, row in self.variant.rows.items():
            self._packs.setdefault(row["product_id"], []).append(variant_id)
        self._latest: dict[str, date] = {}
        for row in self.certificate.rows.values():
            self._note_date(row["product_id"], row["decision_date"])
        self.stock: dict[str, int] = {}
        self.file = ""  # the file being read: the document an extension is known by when its row names none

    def subject(self, record: ProductRecord | SubjectRecord) -> str:
        """The producer of this row."""
        by_name = subject_key(record.subject_name)
        known = self._by_code.get(record.subject_code) if record.subject_code else self._by_name.get(by_name)
        if known is None and not record.subject_code:
            known = self._by_name.get(by_name)
        fields: dict[str, Any] = {
            "code": record.subject_code,
            "name": nfc(record.subject_name),
            "folded": fold(record.subject_name),
            "kind": record.subject_type or (None if known else "HKD"),
            "phone": record.subject_phone,
            "email": record.subject_email,
            "address": record.subject_address,
            "legal_rep": record.legal_rep,
            "legacy_district": record.legacy_district,
            "commune": record.commune,
            "commune_code": record.commune_code,
            "province_code": self.province_code,
        }
        if isinstance(record, ProductRecord) and known is not None:
            # a product's place is not its producer's: only the producers' own list moves a producer
            fields = {
                k: v for k, v in fields.items() if k not in ("legacy_district", "commune", "commune_code", "name")
            }
            fields.pop("folded")
        if isinstance(record, SubjectRecord):
            fields |= {
                "founded": record.founded,
                "modern_channels": record.channels,
                "circular_chain": record.circular_chain,
            }
        producer_id = self.producer.put(known, fields)
        if record.subject_code:
            self._by_code[record.subject_code] = producer_id
        self._by_name.setdefault(by_name, producer_id)
        return producer_id

    def goods(self, record: ProductRecord) -> None:
        """The product, its variant and its certificate. A row about an older certificate tells of nothing else."""
        producer_id = self.subject(record)
        key = (producer_id, name_key(record.product_name))
        known = self._products.get(key)
        if known is not None and record.decision_date < self._latest.get(known, date.min):
            self._certificate(record, known)
            return
        fields = self._product(record, producer_id)
        if known is not None and self.product.rows[known].get("reviewed_at") is not None:
            del fields["reviewed_at"]  # looked through before; that day stays
        if known is None:
            fields["version"] = new_id()[:16]
        product_id = self.product.put(known, fields)
        self._products[key] = product_id
        self._variant(record, producer_id, product_id)
        self._certificate(record, product_id)
        self._note_date(product_id, record.decision_date)

    def _note_date(self, product_id: str, day: date) -> None:
        self._latest[product_id] = max(day, self._latest.get(product_id, date.min))

    def _product(self, record: ProductRecord, producer_id: str) -> dict[str, Any]:
        return {
            "producer_id": producer_id,
            "name": nfc(record.product_name),
            "folded": fold(record.product_name),
            "name_key": name_key(record.product_name),
            "set_no": record.set_no,
            "code": record.product_code,
            "story": record.story,
            "commune": record.commune,
            "commune_code": record.commune_code,
            "legacy_district": record.legacy_district,
            "quality_certs": record.quality_certs,
            "ip_rights": record.ip_rights,
            "growing_area": record.growing_area,
            "trace_url": record.trace_url,
            "food_declaration": record.food_declaration,
            "ad_confirmation": record.ad_confirmation,
            "storage": record.storage,
            "ingredients": record.ingredients,
            "shelf_life_months": record.shelf_life_months,
            "honours": record.honours,
            "consolidated": record.consolidated,
            "note": record.note,
            "reviewed_at": self.reviewed_at,
        }

    def _variant(self, record: ProductRecord, producer_id: str, product_id: str) -> None:
        producer = self.producer.rows[producer_id]
        pack = f"{record.net_quantity} {record.unit} {record.pack}"
        known = self._known_variant(record, product_id)
        fields = {
            "product_id": product_id,
            "gtin": record.gtin,
            "net_quantity": record.net_quantity,
            "unit": record.unit,
            "pack": record.pack,
            "price": record.price_vnd,
            "price_min": record.price_min,
            "price_max": record.price_max,
            "price_per": record.price_per,
            "abv_pct": record.abv_pct,
        }
        if known is None:
            fields["sku"] = sku_of(producer.get("code") or producer["folded"], record.product_name, pack)
        variant_id = self.variant.put(known, fields)
        if known is None:
            self._packs.setdefault(product_id, []).append(variant_id)
        if record.stock is not None:
            self.stock[variant_id] = record.stock

    def _known_variant(self, record: ProductRecord, product_id: str) -> str | None:
        """By GTIN, else by size and pack; a row that names no size speaks of the only one there is."""
        own = self._packs.get(product_id, [])
        for variant_id in own:
            if record.gtin and self.variant.rows[variant_id].get("gtin") == record.gtin:
                return variant_id
        size = fold(f"{record.net_quantity} {record.unit} {record.pack}")
        if not size:
            return own[0] if own else None
        for variant_id in own:
            row = self.variant.rows[variant_id]
            if fold(f"{row.get('net_quantity', '')} {row.get('unit', '')} {row.get('pack', '')}") == size:
                return variant_id
        unsized = [v for v in own if not self.variant.rows[v].get("net_quantity")]
        return unsized[0] if unsized else None

    def _certificate(self, record: ProductRecord, product_id: str) -> None:
        told = {"decision_no": record.decision_no, "decision_date": record.decision_date}
        key = _certificate_key(product_id, told)
        known = self._certificates.get(key)
        fields = {
            "product_id": product_id,
            "stars": record.stars,
            "decision_no": record.decision_no,
            "decision_date": record.decision_date,
            "expires_on": record.expires_on,
            "issuer": record.issuer,
            "certificate_no": record.certificate_no,
            "regime": record.regime,
            "extended_until": record.extended_until,
            "extension_doc": (record.note or self.file) if record.extended_until else "",
            "revoked_on": record.revoked_on,
            "revocation_doc": record.revocation_no,
            "ground": record.ground,
        }
        if known is not None and self.certificate.rows[known].get("extension_doc"):
            del fields["extension_doc"]  # the document it is known by stays, whichever file tells of it again
        self._certificates[key] = self.certificate.put(known, fields)


def _certificate_key(product_id: str, row: Mapping[str, Any]) -> tuple[str, str, date]:
    return product_id, decision_key(row["decision_no"]), row["decision_date"]


def take_in(
    tx: Tx, results: Sequence[FileResult], *, who: str, now: datetime, province_code: str = "", reviewed: bool = True
) -> TakenIn:
    """Store every accepted row of these files.

    ``reviewed``: an officer confirmed the import, which counts as the review of gate G08. ``province_code`` empty: the
    one most product codes of the files name.
    """
    with unswept(sum(len(sheet.rows) for result in results for sheet in result.sheets)):
        catalogue = _Catalogue(tx, province_code or _province(results), now, reviewed=reviewed)
        for catalogue.file, record in _records(results):
            if isinstance(record, SubjectRecord):
                catalogue.subject(record)
            else:
                catalogue.goods(record)
        return _write(tx, catalogue, results, who, now)


def _write(tx: Tx, c: _Catalogue, results: Sequence[FileResult], who: str, now: datetime) -> TakenIn:
    nouns = (c.producer, c.product, c.variant, c.certificate)
    source = ", ".join(r.file for r in results)
    for noun in nouns:
        _keep_history(tx, noun, who, source, now)
        noun.write()
    fresh = [(variant_id, 0, 0, 0) for variant_id in c.variant.added]
    insert_rows(tx, t.stock, ("variant_id", "on_hand", "reserved", "buffer"), fresh)
    store.stamp(tx, _touched(c))
    _count(tx, c, now)
    return TakenIn(
        producers=len(c.producer.added),
        products=len(c.product.added),
        variants=len(c.variant.added),
        certificates=len(c.certificate.added),
        changed=sum(len(noun.changed) for noun in nouns),
        recertified=_recertified(c),
    )


def _count(tx: Tx, c: _Catalogue, now: datetime) -> None:
    """Stock the rows state, where it is not what stands there already."""
    standing = {row.variant_id: row.on_hand for row in tx.execute(sa.select(t.stock.c.variant_id, t.stock.c.on_hand))}
    for variant_id, units in c.stock.items():
        if standing.get(variant_id) != units:
            stock.declare(tx, variant_id, units, ref=f"import:{now.isoformat()}", at=now)


def _recertified(c: _Catalogue) -> frozenset[str]:
    rows = c.certificate.rows
    told = {rows[i]["product_id"] for i in (*c.certificate.added, *c.certificate.changed)}
    return frozenset(told - set(c.product.added))


def _touched(c: _Catalogue) -> set[str]:
    """Products whose words may have changed."""
    owners = set(c.producer.changed)
    touched = set(c.product.changed)  # a new one has its version from the start
    touched |= {p for p, row in c.product.rows.items() if row["producer_id"] in owners}
    for noun in (c.variant, c.certificate):
        touched |= {noun.rows[i]["product_id"] for i in (*noun.added, *noun.changed)}
    return touched - set(c.product.added)


def _keep_history(tx: Tx, noun: _Noun, who: str, source: str, now: datetime) -> None:
    for row_id, news in noun.changed.items():
        row = tx.execute(sa.select(noun.table).where(noun.table.c.id == row_id)).mappings().one()
        before = {name: str(row[name]) for name in news}
        after = {name: str(value) for name, value in news.items()}
        store.record_change(
            tx, noun=noun.table.name, noun_id=row_id, before=before, after=after, who=who, source=source, now=now
        )


def _records(results: Sequence[FileResult]) -> Iterable[tuple[str, ProductRecord | SubjectRecord]]:
    """(file, accepted record): producers first, histories last, so that a product is named by its own list."""
    for wanted in ("producers", "products", "history"):
        for result in results:
            for sheet in result.sheets:
                if sheet.kind != wanted:
                    continue
                for row in sheet.rows:
                    if row.outcome == "accepted" and isinstance(row.record, ProductRecord | SubjectRecord):
                        yield result.file, row.record


def _province(results: Sequence[FileResult]) -> str:
    counts: dict[str, int] = {}
    for _, record in _records(results):
        if isinstance(record, ProductRecord) and record.product_code[:2].isdigit():
            counts[record.product_code[:2]] = counts.get(record.product_code[:2], 0) + 1
    return max(counts, key=lambda code: counts[code], default="")
