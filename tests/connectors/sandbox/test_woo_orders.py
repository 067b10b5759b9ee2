"""Orders, refunds, stock and reports of the pretend WooCommerce: one test per behaviour of sheets 2, 5 and 7."""

from datetime import timedelta
from typing import Any

import pytest

from hub.clock import ShiftedClock
from hub.sandbox.kit import NotOffered, SandboxShop, SoldOut, Want
from hub.sandbox.woocommerce import WooCommerce
from hub.sandbox.woocommerce.site import Site
from tests.connectors.sandbox.conftest import Shopkeeper
from tests.connectors.sandbox.test_woo_products import made

STOCK = 12


async def ordered(keeper: Shopkeeper, product: dict[str, Any], quantity: int = 2, **fields: Any) -> dict[str, Any]:
    line = {"product_id": product["id"], "quantity": quantity}
    said = await keeper.post("orders", {"line_items": [line]} | fields)
    assert said.status == 201, said.json
    order: dict[str, Any] = said.json
    return order


def stock(site: Site, product: dict[str, Any]) -> int:
    return int(site.products[product["id"]].json["stock_quantity"])


@pytest.fixture
def shop(woo: WooCommerce) -> SandboxShop:
    return woo.shops()[0]


# ---- by REST -----------------------------------------------------------------------------------------------------


async def test_an_order_by_rest(keeper: Shopkeeper, site: Site) -> None:
    product = await made(keeper)
    billing = {"first_name": "Khách", "state": "Sóc Trăng", "country": "VN"}
    meta = [{"key": "_hub_order_id", "value": "H1"}]
    order = await ordered(keeper, product, billing=billing, payment_method="cod", status="processing", meta_data=meta)
    assert (order["status"], order["total"], order["created_via"]) == ("processing", "500000", "rest-api")
    assert order["date_paid_gmt"] is None  # COD trap: created directly as processing
    assert (order["number"], order["currency"]) == (str(order["id"]), "VND")
    line = order["line_items"][0]
    assert (line["product_id"], line["quantity"], line["price"], line["subtotal"]) == (
        product["id"],
        2,
        250000,
        "500000",
    )
    assert [one["key"] for one in line["meta_data"]] == ["_reduced_stock"]
    assert stock(site, product) == STOCK - 2
    assert (await keeper.get(f"products/{product['id']}")).json["stock_quantity"] == STOCK - 2


async def test_any_state_follows_any_other_and_the_stock_follows(
    keeper: Shopkeeper, site: Site, clock: ShiftedClock
) -> None:
    product = await made(keeper)
    order = await ordered(keeper, product)
    seen = []
    for status in ("pending", "on-hold", "processing", "completed", "cancelled", "failed", "processing", "pending"):
        clock.move(timedelta(minutes=1))
        said = await keeper.put(f"orders/{order['id']}", {"status": status})
        assert said.json["status"] == status
        seen.append(STOCK - stock(site, product))
    assert seen == [0, 2, 2, 2, 0, 0, 2, 0]
    assert said.json["date_paid_gmt"] == "2026-11-21T01:03:00"  # set once, though no cash was received
    assert said.json["date_completed_gmt"] == "2026-11-21T01:04:00"


async def test_nobody_asks_for_stock(keeper: Shopkeeper, site: Site) -> None:
    product = await made(keeper)
    await ordered(keeper, product, 9999, status="processing")
    assert stock(site, product) == STOCK - 9999
    shown = (await keeper.get(f"products/{product['id']}")).json
    assert shown["stock_status"] == "outofstock"


async def test_the_trash_gives_no_stock_back(keeper: Shopkeeper, site: Site) -> None:
    product = await made(keeper)
    order = await ordered(keeper, product, status="processing")
    gone = await keeper.delete(f"orders/{order['id']}")
    assert (gone.json["status"], stock(site, product)) == ("trash", STOCK - 2)
    assert (await keeper.get("orders")).json == []
    assert (await keeper.get("orders", status="trash")).ids == [order["id"]]


async def test_an_order_touches_its_products(keeper: Shopkeeper, clock: ShiftedClock) -> None:
    product = await made(keeper)
    clock.move(timedelta(minutes=5))
    await ordered(keeper, product, status="processing")
    assert (await keeper.get("products", modified_after="2026-11-21T01:00:00Z")).ids == [product["id"]]


async def test_strange_lines(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    unknown = (await ordered(keeper, {"id": 4711}))["line_items"][0]
    assert (unknown["product_id"], unknown["name"], unknown["total"]) == (0, "", "0")
    by_sku = await keeper.post("orders", {"line_items": [{"sku": product["sku"], "quantity": 1}]})
    assert by_sku.json["line_items"][0]["product_id"] == product["id"]
    nothing = await keeper.post("orders", {"line_items": [{"quantity": 1}]})
    assert (nothing.status, nothing.code) == (400, "woocommerce_rest_required_product_reference")
    crash = await keeper.post("orders", {"line_items": [{"product_id": product["id"], "quantity": 0}]})
    assert (crash.status, crash.code) == (500, "internal_server_error")


async def test_fees_shipping_and_changed_lines(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    shipping, deposit = {"method_id": "flat_rate", "total": "30000"}, {"name": "Đặt cọc", "total": "-50000"}
    order = await ordered(keeper, product, shipping_lines=[shipping], fee_lines=[deposit])
    assert (order["total"], order["shipping_total"]) == ("480000", "30000")
    line = order["line_items"][0]["id"]
    changed = await keeper.put(
        f"orders/{order['id']}", {"line_items": [{"id": line, "quantity": 1, "total": "200000"}]}
    )
    assert changed.json["total"] == "180000"
    fewer = await keeper.put(f"orders/{order['id']}", {"line_items": [{"id": line, "quantity": 0}]})
    assert (fewer.json["line_items"], fewer.json["total"]) == ([], "-20000")
    strange = await keeper.put(f"orders/{order['id']}", {"line_items": [{"id": 9999, "quantity": 1}]})
    assert (strange.status, strange.code) == (400, "woocommerce_rest_invalid_item_id")


async def test_paid_at_once(keeper: Shopkeeper) -> None:
    order = await ordered(keeper, await made(keeper), set_paid=True)
    assert (order["status"], order["date_paid_gmt"]) == ("processing", "2026-11-21T01:00:00")


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        ({"status": "zzz"}, "status", "rest_not_in_enum"),
        ({"billing": {"email": "nobody"}}, "billing", "rest_invalid_email"),
        ({"line_items": [{"product_id": 1, "quantity": 1.5}]}, "line_items", "rest_invalid_type"),
        ({"line_items": [{"product_id": 1, "total": 5}]}, "line_items", "rest_invalid_type"),
    ],
)
async def test_single_orders_are_checked(keeper: Shopkeeper, body: dict[str, Any], name: str, code: str) -> None:
    said = await keeper.post("orders", body)
    assert (said.status, said.code) == (400, "rest_invalid_param")
    assert said.json["data"]["details"][name]["code"] == code


async def test_a_batch_resets_unknown_states_to_pending(keeper: Shopkeeper) -> None:
    order = await ordered(keeper, await made(keeper), status="processing")
    said = await keeper.post("orders/batch", {"update": [{"id": order["id"], "status": "zzz"}]})
    assert (said.status, said.json["update"][0]["status"]) == (200, "pending")


async def test_a_repeated_post_makes_a_second_order(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    assert (await ordered(keeper, product))["id"] != (await ordered(keeper, product))["id"]


async def test_order_lists(keeper: Shopkeeper, clock: ShiftedClock) -> None:
    product = await made(keeper)
    phone = {"first_name": "Nguyễn", "phone": "0900000001"}
    meta = [{"key": "_hub", "value": "H77"}]
    first = await ordered(keeper, product, status="processing", billing=phone, meta_data=meta)
    clock.move(timedelta(seconds=1))
    second = await ordered(keeper, product, status="cancelled")
    assert (await keeper.get("orders")).ids == [second["id"], first["id"]]
    assert (await keeper.get("orders", status="processing,on-hold")).ids == [first["id"]]
    assert (await keeper.get("orders", status="zzz")).status == 400
    assert (await keeper.get("orders", orderby="price")).status == 400
    assert (await keeper.get("orders", search="0900000001")).ids == [first["id"]]
    assert (await keeper.get("orders", search="H77")).json == []
    after = first["date_modified_gmt"] + "Z"
    assert (await keeper.get("orders", modified_after=after)).ids == [second["id"]]


@pytest.mark.parametrize("amount", ["500001", "600000"])
async def test_too_large_a_refund_is_a_500_with_a_bare_number(keeper: Shopkeeper, amount: str) -> None:
    order = await ordered(keeper, await made(keeper), status="completed", payment_method="cod")
    said = await keeper.post(f"orders/{order['id']}/refunds", {"amount": amount, "api_refund": False})
    assert (said.status, said.code) == (500, "woocommerce_rest_cannot_create_order_refund")
    assert said.json["data"] == 500


async def test_refunds(keeper: Shopkeeper, site: Site, clock: ShiftedClock) -> None:
    product = await made(keeper)
    order = await ordered(keeper, product, status="completed", payment_method="cod")
    path, line = f"orders/{order['id']}/refunds", order["line_items"][0]["id"]
    gateway = await keeper.post(path, {"amount": "50000"})
    assert gateway.status == 500  # api_refund is on unless switched off
    clock.move(timedelta(minutes=1))
    part = await keeper.post(path, {"amount": "50000", "reason": "Vỡ", "api_refund": False})
    assert (part.status, part.json["amount"], stock(site, product)) == (201, "50000", STOCK - 2)
    shown = (await keeper.get(f"orders/{order['id']}")).json
    assert (shown["total"], shown["status"]) == ("500000", "completed")
    assert shown["refunds"] == [{"id": part.json["id"], "reason": "Vỡ", "total": "-50000"}]
    assert shown["date_modified_gmt"] == "2026-11-21T01:01:00"
    body = {"line_items": [{"id": line, "quantity": 1, "refund_total": 450000}], "api_refund": False}
    rest = await keeper.post(path, body)
    back = rest.json["line_items"][0]
    assert (rest.json["amount"], back["quantity"], back["total"]) == ("450000", -1, "-450000")
    assert (back["meta_data"][0]["key"], back["meta_data"][0]["value"]) == ("_refunded_item_id", str(line))
    assert stock(site, product) == STOCK - 1
    assert (await keeper.get(f"orders/{order['id']}")).json["status"] == "refunded"
    assert len((await keeper.get(path)).json) == 2
    assert (await keeper.get(f"{path}/{rest.json['id']}")).json["id"] == rest.json["id"]


async def test_decimals_are_the_sites(keeper: Shopkeeper) -> None:
    cents = keeper.but(shop="cents")
    assert (await ordered(cents, await made(cents)))["total"] == "500000.00"


async def test_notes(keeper: Shopkeeper) -> None:
    order = await ordered(keeper, await made(keeper))
    note = await keeper.post(f"orders/{order['id']}/notes", {"note": "Gọi trước khi giao"})
    assert note.status == 201
    assert [one["note"] for one in (await keeper.get(f"orders/{order['id']}/notes")).json] == ["Gọi trước khi giao"]


async def test_reports_and_the_system(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    order = await ordered(keeper, product, status="processing")
    await keeper.post(f"orders/{order['id']}/refunds", {"amount": "50000", "api_refund": False})
    totals = {one["slug"]: one["total"] for one in (await keeper.get("reports/orders/totals")).json}
    assert (totals["processing"], totals["completed"]) == (1, 0)
    report = (await keeper.get("reports/sales", period="month")).json
    assert len(report) == 1
    assert (report[0]["total_sales"], report[0]["net_sales"], report[0]["total_refunds"]) == (
        "500000.00",
        "450000.00",
        50000,
    )
    assert (report[0]["total_orders"], report[0]["totals"]["2026-11-21"]["items"]) == (1, 2)
    assert (await keeper.get("data/currencies/VND")).json["code"] == "VND"
    status = (await keeper.get("system_status")).json
    assert status["environment"]["version"] == "10.5.0"


# ---- by buyers ---------------------------------------------------------------------------------------------------


async def test_a_checkout_asks_the_stock(keeper: Shopkeeper, shop: SandboxShop) -> None:
    product = await made(keeper)
    assert [(one.sku, one.price, one.stock) for one in shop.offers()] == [(product["sku"], 250000, STOCK)]
    with pytest.raises(SoldOut):
        shop.place([Want(sku=product["sku"], quantity=STOCK + 1)])
    with pytest.raises(SoldOut):
        shop.place([Want(sku="unknown", quantity=1)])
    shop.place([Want(sku=product["sku"], quantity=STOCK - 1)])  # not paid yet, but held
    assert shop.offers()[0].stock == 1
    with pytest.raises(SoldOut):
        shop.place([Want(sku=product["sku"], quantity=2)])
    await keeper.put(f"products/{product['id']}", {"status": "draft"})
    assert shop.offers() == []


async def test_paid_online(keeper: Shopkeeper, shop: SandboxShop, site: Site, clock: ShiftedClock) -> None:
    product = await made(keeper)
    order_id = shop.place([Want(sku=product["sku"], quantity=2)], seller_voucher=30_001)
    shown = (await keeper.get(f"orders/{order_id}")).json
    assert (shown["status"], shown["created_via"], stock(site, product)) == ("pending", "checkout", STOCK)
    assert (shown["total"], shown["discount_total"], shown["shipping_total"]) == ("494999", "30001", "25000")
    assert (shown["line_items"][0]["subtotal"], shown["line_items"][0]["total"]) == ("500000", "469999")
    shop.pay(order_id)
    assert stock(site, product) == STOCK - 2
    assert shop.offers()[0].stock == STOCK - 2
    shop.ship(order_id)
    assert (await keeper.get(f"orders/{order_id}")).json["status"] == "processing"
    clock.move(timedelta(days=2))
    shop.deliver(order_id)
    shop.complete(order_id)
    shop.settle(order_id)
    (page,) = shop.orders()
    assert (page.state, page.seller_voucher, page.shipping_fee, page.settled) == ("completed", 30_001, 25_000, None)
    assert [(one.unit_price, one.charged, one.quantity) for one in page.lines] == [(250_000, 500_000, 2)]
    assert page.paid_at is not None
    assert page.delivered_at is not None
    assert page.delivered_at - page.paid_at == timedelta(days=2)
    shop.take_back(order_id, [Want(sku=product["sku"], quantity=1)], 234_999)
    (page,) = shop.orders()
    assert ([amount for _, amount in page.refunds], page.lines[0].returned) == ([234_999], 1)
    assert stock(site, product) == STOCK - 1


async def test_cash_on_delivery(keeper: Shopkeeper, shop: SandboxShop, clock: ShiftedClock) -> None:
    product = await made(keeper)
    order_id = shop.place([Want(sku=product["sku"], quantity=1)], cod=True)
    shown = (await keeper.get(f"orders/{order_id}")).json
    assert (shown["status"], shown["payment_method"]) == ("processing", "cod")
    assert shown["date_paid_gmt"] is not None  # the trap: no cash was received
    assert shop.orders()[0].paid_at is None
    clock.move(timedelta(days=3))
    shop.deliver(order_id)
    assert shop.orders()[0].paid_at == clock.now()


async def test_gifts_cost_nothing_and_take_stock(keeper: Shopkeeper, shop: SandboxShop, site: Site) -> None:
    product = await made(keeper)
    order_id = shop.place(
        [Want(sku=product["sku"], quantity=1), Want(sku=product["sku"], quantity=1, gift=True)], cod=True
    )
    assert [(one.unit_price, one.charged) for one in shop.orders()[0].lines] == [(250_000, 250_000), (0, 0)]
    assert stock(site, product) == STOCK - 2
    shop.deliver(order_id)
    both = [Want(sku=product["sku"], quantity=1), Want(sku=product["sku"], quantity=1, gift=True)]
    shop.take_back(order_id, both, 250_000)
    assert [one.returned for one in shop.orders()[0].lines] == [1, 1]


async def test_endings_before_delivery(keeper: Shopkeeper, shop: SandboxShop, site: Site) -> None:
    product = await made(keeper)
    want = [Want(sku=product["sku"], quantity=2)]
    unpaid, paid, refused = shop.place(want), shop.place(want, cod=True), shop.place(want, cod=True)
    shop.cancel(unpaid)
    with pytest.raises(NotOffered):
        shop.cancel(paid, [Want(sku=product["sku"], quantity=1)])
    shop.cancel(paid)
    shop.fail_delivery(refused)
    assert [one.state for one in shop.orders()] == ["cancelled", "cancelled", "failed_delivery"]
    assert all(one.cancelled_at is not None for one in shop.orders())
    assert stock(site, product) == STOCK - 2  # a failed order gives nothing back by itself
    assert shop.offers()[0].stock == STOCK - 2
    with pytest.raises(NotOffered):
        shop.deliver(paid)


async def test_orders_typed_in_by_the_office_are_in_the_book(keeper: Shopkeeper, shop: SandboxShop) -> None:
    order = await ordered(keeper, await made(keeper), status="processing", payment_method="cod")
    assert [(one.order_id, one.state) for one in shop.orders()] == [(str(order["id"]), "placed")]
    await keeper.put(f"orders/{order['id']}", {"status": "refunded"})
    (page,) = shop.orders()
    assert (page.state, [amount for _, amount in page.refunds]) == ("cancelled", [500_000])


async def test_listings_show_everything(keeper: Shopkeeper, shop: SandboxShop) -> None:
    live = await made(keeper, description="Một")
    await made(keeper, sku="H", status="draft")
    gone = await made(keeper, sku="G")
    await keeper.delete(f"products/{gone['id']}")
    assert [(one["sku"], one["state"]) for one in shop.listings()] == [
        (live["sku"], "live"),
        ("H", "hidden"),
        ("G", "gone"),
    ]
    first = shop.listings()[0]
    assert (first["price"], first["stock"], first["description"], first["remote_id"]) == (
        250_000,
        STOCK,
        "Một",
        str(live["id"]),
    )
