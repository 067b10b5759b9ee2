"""``ocop-hub price``: what things cost in each shop, what is kept of it, promotions, and prices that drift apart."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, get_args

import typer

from hub.app import Hub
from hub.catalog import store as catalog
from hub.catalog.model import Variant
from hub.commands.shell import JsonFlag, ShopArgument, in_words, line, local_moment, out, run
from hub.commands.sync import one_shop
from hub.connectors.model import FeeKind
from hub.db import Tx, new_id
from hub.errors import Invalid
from hub.problems import render
from hub.shops import store as shops
from hub.shops.model import Shop
from hub.sync import store
from hub.sync.prices import STEPS, Mode, Price, Prices, Promotion, Rule, check_promotion, price_of, spread_percent
from hub.types import local_text

app = typer.Typer(help="Prices per shop, what is kept of them, promotions.", no_args_is_help=True)

MODES: tuple[Mode, ...] = ("list", "keep_list", "keep", "fixed")


@dataclass(frozen=True, kw_only=True)
class Quote:
    """One variant in one shop."""

    shop: Shop
    variant: Variant
    price: Price


@app.command("show")
def show_command(
    product: Annotated[str, typer.Argument(help="The product's id or name, or a SKU.")], json_: JsonFlag = False
) -> None:
    """The price in every shop: base, promotion, each fee, what is kept."""

    async def go(hub: Hub) -> list[Quote]:
        ids = await hub.db.read(_products, product)
        return await _quotes(hub, ids)

    quotes = run(go)
    if json_:
        out([_json(one) for one in quotes])
        return
    for one in quotes:
        fees = ", ".join(f"{kind} {amount:,}" for kind, amount in one.price.fees if amount)
        running = one.price.promotion
        note = "" if running is None else f" (base {one.price.base:,} from {local_text(running.ends_at)})"
        line(f"{one.variant.sku:20} {one.shop.name:30} {one.price.now:>12,} − [{fees}] = {one.price.kept:,}{note}")


@app.command("compare")
def compare_command(
    percent: Annotated[float, typer.Option(help="Warn when a variant's prices differ by more than this.")] = 10.0,
    json_: JsonFlag = False,
) -> None:
    """Variants whose prices differ much between shops; exit status 1 when there are any."""

    async def go(hub: Hub) -> list[dict[str, Any]]:
        found: dict[str, list[Quote]] = {}
        for quote in await _quotes(hub, None):
            found.setdefault(quote.variant.sku, []).append(quote)
        return [_apart(sku, quotes) for sku, quotes in sorted(found.items())
                if spread_percent([one.price.now for one in quotes]) > Decimal(str(percent))]  # fmt: skip

    rows = run(go)
    if json_:
        out(rows)
    else:
        for row in rows:
            words = render("prices_differ", row)
            line(f"{words.what} {words.do}")
    if rows:
        raise typer.Exit(1)


@app.command("rule")
def rule_command(
    shop: ShopArgument,
    mode: Annotated[str, typer.Argument(help="list, keep_list, keep or fixed.")],
    amount: Annotated[int | None, typer.Argument(help="Dong, for keep and fixed.")] = None,
    sku: Annotated[str, typer.Option(help="Only this pack size; empty: all others in the shop.")] = "",
    floor: Annotated[int | None, typer.Option(help="Never below this.")] = None,
    step: Annotated[int, typer.Option(help="Round up to 1, 500 or 1000 dong.")] = 1000,
) -> None:
    """How the base price of a shop is made. `keep_list`: you keep the list price after the channel's fees."""

    async def go(hub: Hub) -> Rule:
        found = await one_shop(hub, shop)
        variant = (await hub.db.read(_variant, sku)).id if sku else ""
        rule = Rule(shop_id=found.id, variant_id=variant, mode=_mode(mode, amount, step), amount=amount, floor=floor,
                    step=step)  # fmt: skip
        price_of(variant, amount or 1000, Prices(rules={"": rule}), hub.ground(found).rules.fees, hub.clock.now())
        await hub.db.write(store.set_rule, rule, hub.clock.now())
        await hub.ask("bulk", found.id, "push")
        return rule

    rule = run(go)
    line(f"{rule.mode} {rule.amount or ''} floor={rule.floor} step={rule.step}")


@app.command("fees")
def fees_command(
    shop: ShopArgument,
    fees: Annotated[list[str] | None, typer.Argument(help="kind=percent or kind=amount with d: commission=8")] = None,
) -> None:
    """This shop's own fees instead of the channel's published ones; without any: the channel's again."""
    with in_words():
        told = [_fee(text) for text in fees or []]

    async def go(hub: Hub) -> str:
        found = await one_shop(hub, shop)
        await hub.db.write(store.set_fees, found.id, told or None, hub.clock.now())
        await hub.ask("bulk", found.id, "push")
        return found.name

    line(f"{run(go)}: {told or 'channel'}")


@app.command("promote")
def promote_command(
    shop: ShopArgument,
    sku: Annotated[str, typer.Argument(help="The pack size.")],
    price: Annotated[int, typer.Argument(help="Dong, while it runs.")],
    first: Annotated[str, typer.Option("--from", help="2026-12-01 or 2026-12-01T08:00, Vietnam's time.")],
    last: Annotated[str, typer.Option("--until", help="When the usual price is back.")],
    note: Annotated[str, typer.Option(help="What it is called.")] = "",
) -> None:
    """A price for a while. The usual price comes back by itself."""
    with in_words():
        starts, ends = local_moment(first), local_moment(last)

    async def go(hub: Hub) -> Promotion:
        found = await one_shop(hub, shop)
        now = hub.clock.now()
        variant = await hub.db.read(_variant, sku)
        prices = await hub.db.read(store.prices_of, found.id, now)
        if variant.price is None:
            raise Invalid("price_missing")
        base = price_of(variant.id, variant.price, prices, hub.ground(found).rules.fees, now).base
        wanted = Promotion(id=new_id(), shop_id=found.id, variant_id=variant.id, price=price, starts_at=starts,
                           ends_at=ends, note=note)  # fmt: skip
        rule = prices.rules.get(variant.id) or prices.rules.get("")
        check_promotion(wanted, base, None if rule is None else rule.floor, prices.promotions)
        await hub.db.write(store.add_promotion, wanted, now)
        return wanted

    line(run(go).id)


@app.command("promotions")
def promotions_command(shop: ShopArgument, json_: JsonFlag = False) -> None:
    """Those that run or come."""

    async def go(hub: Hub) -> tuple[Promotion, ...]:
        found = await one_shop(hub, shop)
        return (await hub.db.read(store.prices_of, found.id, hub.clock.now())).promotions

    found = run(go)
    if json_:
        out([{"id": p.id, "variant": p.variant_id, "price": p.price, "starts_at": p.starts_at, "ends_at": p.ends_at,
              "note": p.note} for p in found])  # fmt: skip
        return
    for p in found:
        line(f"{p.id} {p.price:,} {local_text(p.starts_at)} – {local_text(p.ends_at)} {p.note}")


@app.command("end")
def end_command(promotion: Annotated[str, typer.Argument(help="The promotion's id.")]) -> None:
    """End a promotion now."""

    async def go(hub: Hub) -> str:
        shop_id = await hub.db.write(store.end_promotion, promotion, hub.clock.now())
        await hub.ask("bulk", shop_id, "push")
        return shop_id

    line(run(go))


# ---- reading -----------------------------------------------------------------------------------------------------


async def _quotes(hub: Hub, product_ids: list[str] | None) -> list[Quote]:
    """Every variant with a price in every connected shop that sells it."""
    now = hub.clock.now()
    found: list[Quote] = []
    for shop in await hub.db.read(shops.list_shops):
        if shop.state == "disconnected":
            continue
        view = await hub.db.read(store.push_view, shop.id, product_ids)
        fees = hub.ground(shop).rules.fees
        found += [
            Quote(shop=shop, variant=variant, price=price_of(variant.id, variant.price, view.prices, fees, now))
            for sellable in view.sellables
            for variant in sellable.variants
            if variant.price is not None
        ]
    return found


def _products(tx: Tx, text: str) -> list[str]:
    variant = catalog.variant_by_sku(tx, text)
    found = [variant.product_id] if variant else [one.id for one in catalog.find_products(tx, text)]
    if not found:
        raise Invalid("product_not_clear", text=text, fitting=[])
    return found


def _variant(tx: Tx, sku: str) -> Variant:
    found = catalog.variant_by_sku(tx, sku)
    if found is None:
        raise Invalid("variant_not_clear", text=sku)
    return found


def _mode(text: str, amount: int | None, step: int) -> Mode:
    if step not in STEPS:
        raise Invalid("price_step_wrong", step=step)
    for mode in MODES:
        if mode == text:
            if mode in ("keep", "fixed") and (amount is None or amount <= 0):
                raise Invalid("price_amount_missing", mode=mode)
            return mode
    raise Invalid("price_amount_missing", mode=text)


def _fee(text: str) -> dict[str, Any]:
    kind, _, value = text.partition("=")
    number, fixed = (value[:-1], True) if value.endswith("d") else (value, False)
    try:
        if kind not in get_args(FeeKind):
            raise ValueError(kind)
        return {"kind": kind, "fixed": int(number)} if fixed else {"kind": kind, "percent": str(Decimal(number))}
    except (ValueError, ArithmeticError):
        raise Invalid("fees_wrong", text=text) from None


def _apart(sku: str, quotes: list[Quote]) -> dict[str, Any]:
    dearest, cheapest = max(quotes, key=lambda q: q.price.now), min(quotes, key=lambda q: q.price.now)
    return {
        "sku": sku, "percent": str(spread_percent([q.price.now for q in quotes])), "dearest": dearest.shop.name,
        "cheapest": cheapest.shop.name, "prices": {q.shop.id: q.price.now for q in quotes},
    }  # fmt: skip


def _json(one: Quote) -> dict[str, Any]:
    price = one.price
    return {
        "shop": one.shop.id, "platform": one.shop.platform, "sku": one.variant.sku, "list": one.variant.price,
        "base": price.base, "now": price.now, "fees": dict(price.fees), "kept": price.kept, "floored": price.floored,
        "promotion": None if price.promotion is None else price.promotion.id,
    }  # fmt: skip
