"""``ocop-hub files``: sheets out to a place and in from it, and listings that people report."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from hub.app import Hub
from hub.catalog.intake.workbook import open_book
from hub.catalog.store import find_products
from hub.clock import today
from hub.commands.shell import JsonFlag, ShopArgument, bar, config_language, in_words, line, out, run
from hub.commands.shop import producer_id
from hub.commands.sync import one_shop
from hub.errors import Invalid
from hub.problems import render
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.connect import Wish
from hub.sync.files import sheets, stock_seen
from hub.sync.files.incoming import BadRow, Read, read
from hub.sync.files.known import all_profiles, load, profile_of
from hub.sync.files.outgoing import Outgoing, outgoing
from hub.sync.files.profile import KINDS, ListedState, Profile, SheetKind
from hub.sync.files.reported import STATES, Report, Unclear, evidence, from_marks, note_reports
from hub.sync.files.table import recognise
from hub.sync.files.take_in import (
    take_orders,
    take_settlements,
    try_orders,
    try_settlements,
    unmatched_goods,
)
from hub.sync.model import Problem, PushView
from hub.sync.store.cuts import cuts
from hub.types import RemoteId, Sku

app = typer.Typer(help="Places without an API: sheets out and in, listings reported by hand.", no_args_is_help=True)

SHOWN = 20  # so many bad rows are said in words; --json has them all


@app.command("profiles")
def profiles_command(json_: JsonFlag = False) -> None:
    """List the sheet profiles: which place, which sheets, what is unconfirmed."""

    async def go(hub: Hub) -> list[Profile]:
        own = hub.config.data_dir
        return [load(profile_id, own) for profile_id in all_profiles(own)]

    found = run(go)
    if json_:
        out([
            {"id": p.id, "name": p.name, "rules": p.rules, "sheets": sorted(p.sheets), "source": p.source,
             "checked": p.checked, "unconfirmed": p.unconfirmed}
            for p in found
        ])  # fmt: skip
        return
    for p in found:
        line(f"{p.id:24} {p.name}: {' '.join(p.sheets)}" + f" (chưa xác nhận: {p.unconfirmed})" * bool(p.unconfirmed))


@app.command("add")
def add_command(
    profile: Annotated[str, typer.Argument(help="A profile's id; see `ocop-hub files profiles`.")],
    account: Annotated[str, typer.Option(help="The shop's name there, when there are several.")] = "",
    producer: Annotated[str, typer.Option(help="The producer's id or the office's code; empty: a portal.")] = "",
    province: Annotated[str, typer.Option(help="A portal's province, two digits.")] = "",
    name: Annotated[str, typer.Option(help="How people call it.")] = "",
) -> None:
    """Add a shop that is kept by sheets."""

    async def go(hub: Hub) -> Shop:
        known = load(profile, hub.config.data_dir)
        owner = await hub.db.read(producer_id, producer) if producer else None
        return await hub.connect(
            Wish(
                platform="files", base_url="", channel_kind=known.channel_kind, producer_id=owner,
                name=name or " ".join([known.name, account]).strip(), province_code=province,
                values={"profile": profile, "account": account},
            )
        )  # fmt: skip

    shop = run(go)
    line(f"{shop.id} {shop.name}")


@app.command("out")
def out_command(
    shop: ShopArgument,
    file: Annotated[Path, typer.Argument(help="Where to write.")],
    format_: Annotated[str, typer.Option("--format", help="xlsx or csv; default: by the file's name.")] = "",
    json_: JsonFlag = False,
) -> None:
    """Write the listing sheet of a shop; what is held stands on the second sheet with its reasons."""
    kind = format_ or file.suffix.lstrip(".").lower()
    with in_words():
        if kind not in ("xlsx", "csv"):
            raise Invalid("files_format_unknown", text=kind or file.name)

    async def go(hub: Hub) -> tuple[Outgoing, tuple[Path, ...]]:
        found = await one_shop(hub, shop)
        profile = profile_of(found, hub.config.data_dir)
        view = await hub.db.read(_view, found, profile)
        ground = hub.ground(_as(found, profile))
        made = outgoing(view, ground, profile)
        with bar(file.name) as step:
            return made, sheets.write(file, made, kind, step, language=config_language())

    made, files = run(go)
    if json_:
        out({
            "files": [str(path) for path in files], "rows": len(made.rows), "held": len(made.held),
            "take_down": [h.product_id for h in made.held if h.todo == "take_down"],
            "reword": [h.product_id for h in made.held if h.todo == "reword"],
            "reasons": _counted([p for h in made.held for p in h.problems]),
        })  # fmt: skip
        return
    line(f"{len(made.rows)} dòng, {len(made.held)} sản phẩm cần xử lý: {', '.join(str(path) for path in files)}")
    for code, count in _counted([p for h in made.held for p in h.problems]).items():
        line(f"  {count:>5} {render(code, {}, config_language()).what}")


def _view(tx: Any, shop: Shop, profile: Profile) -> PushView:
    """The shop's snapshot; words that a person edited for the platform the sheets are for count here too."""
    view = store.push_view(tx, shop.id)
    return replace(view, cuts={**cuts(tx, profile.platform or shop.platform), **view.cuts})


def _as(shop: Shop, profile: Profile) -> Shop:
    """The shop with the rule pack its profile names."""
    return replace(shop, platform=profile.rules)


def _counted(problems: Sequence[Problem]) -> dict[str, int]:
    found: dict[str, int] = {}
    for problem in problems:
        found[problem.code] = found.get(problem.code, 0) + 1
    return dict(sorted(found.items(), key=lambda one: -one[1]))


@app.command("in")
def in_command(
    shop: ShopArgument,
    file: Annotated[Path, typer.Argument(help="An order, income or stock sheet: XLSX, XLS, ODS or CSV.")],
    kind: Annotated[str, typer.Option(help="orders, income or stock; default: by the headings.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen and store nothing.")] = False,
    json_: JsonFlag = False,
) -> None:
    """Bring in orders, statements or stock from a sheet. The same file twice changes nothing."""

    async def go(hub: Hub) -> dict[str, Any]:
        found = await one_shop(hub, shop)
        profile = profile_of(found, hub.config.data_dir)
        told, which = _read(file, profile, _kind(kind, profile))
        answer: dict[str, Any] = {"shop": found.id, "kind": which, "rows": told.rows, "dry_run": dry_run}
        answer["bad"] = [_bad(one) for one in told.bad]
        with bar(which) as step:
            return answer | await _take(hub, found, told, which, dry_run=dry_run, step=step)

    answer = run(go)
    if json_:
        out(answer)
    else:
        _say(answer)
    if answer["bad"]:
        raise typer.Exit(2)


def _kind(text: str, profile: Profile) -> SheetKind | None:
    if not text:
        return None
    found = next((k for k in KINDS if k == text and k in profile.sheets), None)
    if found is None:
        raise Invalid("files_kind_unknown", kind=text, profile=profile.id, known=", ".join(profile.sheets))
    return found


def _read(file: Path, profile: Profile, kind: SheetKind | None) -> tuple[Read, SheetKind]:
    """The file's rows, with a bar: long files take a while to parse."""
    sheet, tables = recognise(open_book(file), profile, kind)
    total = sum(table.size for table in tables)
    with bar(file.name) as step:
        told = read(tables, sheet, lambda done: step(done, total))
        step(total, total)
    return told, sheet.kind


async def _take(
    hub: Hub, shop: Shop, told: Read, kind: SheetKind, *, dry_run: bool, step: Any
) -> dict[str, Any]:  # fmt: skip
    now = hub.clock.now()

    async def tell(shop_id: str) -> None:
        await hub.ask("now", shop_id, "stock")

    if kind == "orders":
        answer: dict[str, Any] = {
            "orders": len(told.orders), "charged": sum(li.charged for o in told.orders for li in o.lines)
        }  # fmt: skip
        taken = (
            await try_orders(hub.db, shop, told.orders, now)
            if dry_run
            else await take_orders(hub.db, shop, told.orders, now, tell=tell, progress=step)
        )
        return answer | {
            "new": taken.new, "changed": taken.changed, "unchanged": taken.unchanged, "kept": taken.kept,
            "oversold": taken.oversold, "unknown_goods": unmatched_goods(taken),
        }  # fmt: skip
    if kind == "income":
        answer = {"settlements": len(told.settlements), "amount": sum(s.amount for s in told.settlements)}
        paid = (
            await try_settlements(hub.db, shop, told.settlements, now)
            if dry_run
            else await take_settlements(hub.db, shop, told.settlements, now, progress=step)
        )
        return answer | {"new": paid.new, "known": paid.known, "unmatched": list(paid.unmatched)}
    if kind == "stock":
        return await _stock(hub, shop, told, dry_run=dry_run)
    return await _marks(hub, shop, told, dry_run=dry_run)


async def _stock(hub: Hub, shop: Shop, told: Read, *, dry_run: bool) -> dict[str, Any]:
    seen = await (
        hub.db.read(stock_seen.compare, shop, told.levels)
        if dry_run
        else hub.db.write(stock_seen.note, shop, told.levels, hub.clock.now())
    )
    return {
        "levels": len(told.levels), "equal": seen.equal, "unknown_goods": list(seen.unknown),
        "different": [{"sku": d.sku, "there": d.there, "here": d.here} for d in seen.different],
    }  # fmt: skip


async def _marks(hub: Hub, shop: Shop, told: Read, *, dry_run: bool) -> dict[str, Any]:
    def work_it_out(tx: Any) -> tuple[tuple[Report, ...], tuple[Unclear, ...]]:
        return from_marks(tx, shop, told.marks, who="sheet", today=today(hub.clock))

    reports, unclear = await hub.db.read(work_it_out)
    bad = [_bad(one) for one in told.bad] + [
        {"row": u.row, "code": u.reason.code, "facts": dict(u.reason.facts)} for u in unclear
    ]
    answer: dict[str, Any] = {"reports": len(reports), "bad": sorted(bad, key=lambda one: one["row"])}
    if not dry_run:
        noted = await hub.db.write(note_reports, shop, reports, hub.clock.now())
        answer |= {
            "changed": noted.changed, "unchanged": noted.unchanged, "held_by_api": list(noted.held_by_api)
        }  # fmt: skip
    return answer


def _bad(one: BadRow) -> dict[str, Any]:
    return {"sheet": one.sheet, "row": one.row, "code": one.reason.code, "facts": dict(one.reason.facts)}


def _say(answer: dict[str, Any]) -> None:
    numbers = {k: v for k, v in answer.items() if isinstance(v, int) and not isinstance(v, bool)}
    tried = " (chạy thử, chưa lưu gì)" * bool(answer.get("dry_run"))
    counted = ", ".join(f"{_WORDS.get(name, name)} {_dots(number)}" for name, number in numbers.items())
    line(f"{_WORDS[answer['kind']]}{tried}: {counted}")
    for name in ("unknown_goods", "unmatched", "held_by_api", "different"):
        if answer.get(name):
            line(f"  {_WORDS[name]}: {answer[name]}")
    for one in answer["bad"][:SHOWN]:
        words = render(one["code"], one["facts"], config_language())
        line(f"  dòng {one['row']}: {words.what} → {words.do}")
    if len(answer["bad"]) > SHOWN:
        line(f"  ... {len(answer['bad']) - SHOWN} (--json)")


_WORDS = {
    "orders": "đơn hàng", "income": "đối soát", "stock": "tồn kho", "listings": "tình trạng đăng", "rows": "dòng",
    "charged": "tiền hàng", "new": "mới", "changed": "thay đổi", "unchanged": "không đổi",
    "kept": "giữ theo API", "oversold": "bán quá tồn", "settlements": "khoản chi trả", "amount": "số tiền",
    "known": "đã có", "levels": "mã hàng", "equal": "khớp", "reports": "ghi nhận", "unknown_goods": "hàng chưa nhận ra",
    "unmatched": "chưa có đơn", "held_by_api": "đã có theo API", "different": "lệch tồn",
}  # fmt: skip


def _dots(number: int) -> str:
    return f"{number:,}".replace(",", ".")


@app.command("report")
def report_command(
    shop: ShopArgument,
    product: Annotated[str, typer.Argument(help="The product's id or name; empty: show all reports.")] = "",
    url: Annotated[str, typer.Option(help="The listing's page.")] = "",
    on: Annotated[str, typer.Option(help="The day it was seen, 2026-11-21; default: today.")] = "",
    note: Annotated[str, typer.Option(help="What it was seen by: a picture, a letter, a call.")] = "",
    state: Annotated[str, typer.Option(help="listed, pending, rejected or withdrawn.")] = "listed",
    code: Annotated[str, typer.Option(help="The place's own code of the product's first variant.")] = "",
    who: Annotated[str, typer.Option(help="Who says so.")] = "",
    sheet: Annotated[Path | None, typer.Option(help="A sheet of reports instead of one product.")] = None,
    json_: JsonFlag = False,
) -> None:
    """Note that a product stands (or no longer stands) somewhere, as people saw it: reported, never synced."""

    async def go(hub: Hub) -> dict[str, Any]:
        found = await one_shop(hub, shop)
        if sheet is not None:
            told, _ = _read(sheet, profile_of(found, hub.config.data_dir), "listings")
            rows = {"kind": "listings", "rows": told.rows, "bad": [_bad(b) for b in told.bad]}
            return rows | await _marks(hub, found, told, dry_run=False)
        if not product:
            said = await hub.db.read(evidence, found.id)
            return {"reported": [{**e.__dict__, "on": e.on.isoformat(), "at": e.at.isoformat()}
                                 for e in said.values()]}  # fmt: skip
        one = await _one_report(hub, product, url=url, on=on, note=note, state=state, code=code, who=who)
        noted = await hub.db.write(note_reports, found, [one], hub.clock.now())
        return {"product": one.product_id, "state": STATES[one.state].value, "changed": noted.changed,
                "unchanged": noted.unchanged, "held_by_api": list(noted.held_by_api)}  # fmt: skip

    answer = run(go)
    if json_:
        out(answer)
    elif sheet is not None:
        _say(answer)
    elif product:
        line(f"{answer['product']} {answer['state']}" + " (=)" * bool(answer["unchanged"]))
    else:
        for one in answer["reported"]:
            line(f"{one['product_id']} {one['state']:10} {one['on']} {one['url']} {one['note']}")


async def _one_report(
    hub: Hub, product: str, *, url: str, on: str, note: str, state: str, code: str, who: str
) -> Report:  # fmt: skip
    products = await hub.db.read(find_products, product)
    if len(products) != 1:
        raise Invalid("report_product_not_clear", text=product, fitting=len(products))
    try:
        day = date.fromisoformat(on) if on else today(hub.clock)
    except ValueError:
        raise Invalid("date_invalid", text=on) from None
    codes: tuple[tuple[Sku, RemoteId], ...] = ()
    if code:
        first = await hub.db.read(_first_sku, products[0].id)
        codes = ((first, RemoteId(code)),) if first else ()
    return Report(
        product_id=products[0].id, state=_state(state), on=day, url=url, note=note, codes=codes, who=who
    )  # fmt: skip


def _first_sku(tx: Any, product_id: str) -> Sku | None:
    from hub.catalog.store import sellables

    return next((v.sku for s in sellables(tx, [product_id]) for v in s.variants), None)


def _state(text: str) -> ListedState:
    found = next((one for one in STATES if one == text), None)
    if found is None:
        raise Invalid("report_state_unknown", text=text, known=", ".join(STATES))
    return found
