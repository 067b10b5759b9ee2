"""``ocop-hub catalog``: registry spreadsheets in, catalogue workbook out, certificates revoked and extended."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.catalog import pictures, stock
from hub.catalog import store as catalog
from hub.catalog.intake import read_files
from hub.catalog.intake.model import FileResult, Finding
from hub.catalog.intake.places import place
from hub.catalog.known import known_catalogue
from hub.catalog.model import Product
from hub.catalog.take_in import TakenIn, take_in
from hub.clock import today
from hub.commands.shell import JsonFlag, bar, config, errors, in_words, line, out, run, say_problem, stdin_is_terminal
from hub.db import Tx
from hub.errors import HubError, Invalid
from hub.sync import certificates
from hub.sync import store as sync

app = typer.Typer(help="The catalogue: import a registry, export it, act on certificates.", no_args_is_help=True)


@app.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(help="XLSX, XLS, ODS or CSV, as the office keeps them.")],
    sheet: Annotated[str, typer.Option(help="Read this sheet only.")] = "",
    as_of: Annotated[str, typer.Option(help="Judge dates as of this day, 2026-11-21; default: today.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen, store nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Store changed rows without asking.")] = False,
    province: Annotated[str, typer.Option(help="The producers' province, two digits; default: from the codes.")] = "",
    rejected: Annotated[Path | None, typer.Option(help="Write the rejected rows with their reasons here.")] = None,
    json_: JsonFlag = False,
) -> None:
    """Read registry spreadsheets; a bad row never blocks a good one, the same file twice changes nothing."""
    with in_words():
        stated = _day(as_of) if as_of else None

    async def go(hub: Hub) -> tuple[Sequence[FileResult], TakenIn | None]:
        known = await hub.db.read(known_catalogue)
        with bar("Đọc danh mục") as step:
            results = read_files(
                files, sheet=sheet or None, as_of=stated or today(hub.clock), known=known, progress=step
            )
        results = place(results, province_code=province)
        if rejected is not None:
            _write_rejected(results, files, rejected)
        if dry_run or not _agreed(results, yes=yes or json_):
            return results, None
        taken = await hub.db.write(take_in, results, who="cli", now=hub.clock.now(), province_code=province)
        await hub.db.write(certificates.follow, taken.recertified, since=date.min, now=hub.clock.now())
        await _fetch_pictures(hub, results, files[0].parent)
        return results, taken

    results, taken = run(go)
    if json_:
        from hub.catalog.intake.answer import to_json

        out([to_json(result) for result in results])
    else:
        _say(results, taken)


async def _fetch_pictures(hub: Hub, results: Sequence[FileResult], beside: Path) -> None:
    """Keep the pictures the rows name: files beside the registry, or addresses. A bad one is said and left out."""
    wanted = pictures.named(results)
    if not wanted:
        return
    folder = hub.config.data_dir / "pictures"
    kept: list[tuple[pictures.Named, str, str]] = []
    with bar("Ảnh") as step:
        for done, one in enumerate(wanted, 1):
            try:
                content = await hub.fetch(one.source) if one.remote else (beside / one.source).read_bytes()
                kept.append((one, *pictures.keep(folder, content, one.source)))
            except (HubError, OSError) as error:
                known = error if isinstance(error, HubError) else Invalid("picture_not_found", source=one.source)
                say_problem(known)
            step(done, len(wanted))
    await hub.db.write(pictures.attach, kept)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("date_invalid", text=text) from None


def _write_rejected(results: Sequence[FileResult], files: Sequence[Path], target: Path) -> None:
    from hub.catalog.intake.export import write_rejected

    write_rejected(results, files, target)


def _agreed(results: Sequence[FileResult], *, yes: bool) -> bool:
    """Changed rows are shown before they are applied; a person says yes."""
    changed = [(r.file, row) for r in results for s in r.sheets for row in s.rows if row.changes]
    for file, row in changed[:50]:
        for change in row.changes:
            errors.print(f"{file} {row.row}: {change.field}: {change.before!r} → {change.after!r}", markup=False)
    if not changed or yes:
        return True
    return stdin_is_terminal() and typer.confirm(f"{len(changed)}?", err=True)


def _say(results: Sequence[FileResult], taken: TakenIn | None) -> None:
    language = config().language
    for result in results:
        t = result.totals
        line(f"{result.file}: {t.data_rows} dòng, nhận {t.accepted}, loại {t.rejected}, trùng {t.duplicate}")
        for code, number in Counter(f.code for f in result.findings).most_common():
            first = next(f for f in result.findings if f.code == code)
            errors.print(f"  {number} × {_words(first, language)}", markup=False, soft_wrap=True)
    if taken is not None:
        line(
            f"Đã lưu: {taken.producers} chủ thể, {taken.products} sản phẩm, {taken.certificates} chứng nhận mới, "
            f"{taken.changed} thay đổi"
        )


def _words(finding: Finding, language: str) -> str:
    """File, sheet, cell, value, what is wrong, what to do."""
    from hub.catalog.intake.words import words_for

    words = words_for(finding.code)
    what, do = (words.vi_what, words.vi_do) if language == "vi" else (words.en_what, words.en_do)
    where = " ".join(part for part in (finding.file, finding.sheet, finding.cell) if part)
    value = f" “{finding.value}”" if finding.value else ""
    units = finding.facts.get("units")
    return f"{where}{value}: {what} → {do}" + (f" [{units}]" if units else "")


@app.command("export")
def export_command(
    target: Annotated[Path, typer.Argument(help="The workbook to write (.xlsx).")],
) -> None:
    """Write the whole catalogue as a workbook that imports back without loss."""
    from hub.catalog.intake.export import write_catalogue

    async def go(hub: Hub) -> int:
        sellables = await hub.db.read(catalog.sellables)
        write_catalogue(sellables, target)
        return len(sellables)

    line(f"{target}: {run(go)}")


@app.command("revoke")
def revoke_command(
    product: Annotated[str, typer.Argument(help="The product's id, or a part of its name that fits one product.")],
    document: Annotated[str, typer.Option(help="The revocation decision's number.")],
    ground: Annotated[str, typer.Option(help="false_dossier, criteria_not_kept, law_violation, mark_misuse ...")],
    on: Annotated[str, typer.Option(help="The local day it takes effect; default: today.")] = "",
) -> None:
    """Record a revocation; every channel that shows the claim is told in the fast lane."""
    _certificate_change(product, on, lambda tx, c, day, now: certificates.revoke(
        tx, c, on=day, document=document, ground=ground, who="cli", now=now
    ))  # fmt: skip


@app.command("extend")
def extend_command(
    product: Annotated[str, typer.Argument(help="The product's id, or a part of its name.")],
    until: Annotated[str, typer.Option(help="Valid until this local day.")],
    document: Annotated[str, typer.Option(help="The document that says so.")],
) -> None:
    """Record an extension of a certificate, with its document."""
    _certificate_change(product, until, lambda tx, c, day, now: certificates.extend(
        tx, c, until=day, document=document, who="cli", now=now
    ))  # fmt: skip


@app.command("stock")
def stock_command(
    product: Annotated[str, typer.Argument(help="The product's id, or a part of its name that fits one product.")],
    units: Annotated[int, typer.Option(help="How many were counted on the shelf, for each of its packs.", min=0)],
    buffer: Annotated[int, typer.Option(help="Kept back from every channel.", min=0)] = 0,
    most: Annotated[int, typer.Option(help="The most any channel shows; 0: no limit.", min=0)] = 0,
) -> None:
    """Declare what is on the shelf; every shop that shows it is told in the fast lane."""

    async def go(hub: Hub) -> str:
        found = await one_product(hub, product)
        for shop_id in await hub.db.write(_declare, found.id, units, buffer, most or None, hub.clock.now()):
            await hub.ask("now", shop_id, "stock")
        return found.name

    line(run(go))


def _declare(tx: Tx, product_id: str, units: int, buffer: int, most: int | None, now: datetime) -> tuple[str, ...]:
    (sellable,) = catalog.sellables(tx, [product_id])
    ids = [variant.id for variant in sellable.variants]
    for variant_id in ids:
        stock.declare(tx, variant_id, units, ref=f"count:{now.isoformat()}", at=now)
        catalog.set_limits(tx, variant_id, buffer=buffer, max_shown=most)
    return sync.mark_stock_due(tx, ids, now)


async def one_product(hub: Hub, text: str) -> Product:
    """The only product this text fits. Raises Invalid."""
    found = await hub.db.read(catalog.find_products, text)
    if len(found) != 1:
        raise Invalid("product_not_clear", text=text, fitting=[p.name for p in found[:10]])
    return found[0]


def _certificate_change(product: str, day_text: str, change: Any) -> None:
    async def go(hub: Hub) -> str:
        now = hub.clock.now()
        day = _day(day_text) if day_text else today(hub.clock)
        found = await one_product(hub, product)
        known = await hub.db.read(catalog.certificates, found.id)
        if not known:
            raise Invalid("certificate_missing", product=found.name)
        for shop_id in await hub.db.write(change, known[-1].id, day, now):
            await hub.ask("now", shop_id, "gates")
        return found.name

    line(run(go))
