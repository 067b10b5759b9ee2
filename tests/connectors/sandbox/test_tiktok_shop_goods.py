"""What the pretend TikTok Shop refuses of listings, stock and prices: one row for each code the sheet names."""

from collections.abc import AsyncIterator

import pytest

from tests.connectors.sandbox.tiktok_world import Door, door, sales, unit
from tests.connectors.tiktok_shop_stage import config, png

HOUSE = "7068517275539719942"


@pytest.fixture
async def opened() -> AsyncIterator[Door]:
    async with door() as made:
        yield made


def price(amount: object, currency: str = "VND") -> dict[str, object]:
    return {"amount": amount, "currency": currency}


def attribute(number: str, **value: str) -> dict[str, object]:
    return {"id": number, "values": [value]}


MAKER = attribute("100398", name="HTX Bình Liêu")
LICENCE = attribute("101397", name="01/2026")
REFUSED = [
    ({"save_mode": "NOW"}, 36009004),
    ({"title": ""}, 12052261),
    ({"title": "Miến dong"}, 12052051),
    ({"title": "ă" * 9 + " b" * 130}, 12052051),
    ({"description": "<p>" + "a b " * 2600 + "</p>"}, 12052013),
    ({"description": "<p>Miến &amp; bún</p>"}, 12052931),
    ({"title": "Miến dong Bình Liêu ngon tuyệt 😀"}, 12052932),
    ({"description": "<p>Miến\x07</p>"}, 12052933),
    ({"title": "!!! ??? ... *** --- +++ ==="}, 12052934),
    ({"title": "Miến dong Bình Liêu ngonnnnnnnnnnn"}, 12052935),
    ({"description": '<p><img src="https://x/y.jpg"></p>'}, 12038005),
    ({"category_version": "v1"}, 12052230),
    ({"category_id": "600001"}, 12052024),
    ({"category_id": "905014"}, 12052220),
    ({"category_id": "905025"}, 12052223),
    ({"category_id": "905018"}, 12052105),
    ({"category_id": "905023", "product_attributes": [MAKER]}, 12052222),
    ({"main_images": [{"uri": "elsewhere"}]}, 12038002),
    ({"main_images": [{"uri": "x"}] * 10}, 12019120),
    ({"product_attributes": [MAKER]}, 12052104),
    ({"product_attributes": [MAKER, LICENCE, attribute("100107", name="Lào")]}, 36009004),
    ({"product_attributes": [MAKER, LICENCE, attribute("7", name="x")]}, 36009004),
    ({"package_weight": None}, 36009004),
    ({"package_weight": {"value": "0.6001", "unit": "KILOGRAM"}}, 36009004),
    ({"package_weight": {"value": 0.6, "unit": "KILOGRAM"}}, 36009004),
    ({"package_weight": {"value": "0.000", "unit": "KILOGRAM"}}, 36009004),
    ({"minimum_order_quantity": 21}, 36009004),
    ({"skus": [unit("OCOP-1", identifier_code={"code": "8930000000012", "type": "QR"})]}, 36009004),
    ({"skus": [unit("OCOP-1", identifier_code={"code": "893-12", "type": "GTIN"})]}, 36009004),
    ({"skus": [unit("OCOP-1", external_sku_id="x" * 1000)]}, 36009004),
    ({"package_dimensions": {"length": "2.5", "width": "1", "height": "1", "unit": "CENTIMETER"}}, 36009004),
    ({"brand_id": "7082427311584347906"}, 36009004),
    ({"skus": []}, 12019120),
    ({"skus": [unit("OCOP-1")] * 101}, 12052050),
    ({"skus": [unit("OC-1")]}, 36009004),
    ({"skus": [unit("OCOP 0001")]}, 36009004),
    ({"skus": [unit("OCOP-1", price=price(85000))]}, 12052073),
    ({"skus": [unit("OCOP-1", price=price("85000.00"))]}, 12052073),
    ({"skus": [unit("OCOP-1", price=price("1", "USD"))]}, 12052073),
    ({"skus": [unit("OCOP-1", price=price("180000001"))]}, 12052570),
    ({"skus": [unit("OCOP-1", inventory=[])]}, 12052055),
    ({"skus": [unit("OCOP-1", inventory=[{"warehouse_id": HOUSE, "quantity": 100_000}])]}, 12052055),
    ({"skus": [unit("OCOP-1", inventory=[{"warehouse_id": HOUSE, "quantity": "1"}])]}, 12019024),
    ({"skus": [unit("OCOP-1", inventory=[{"warehouse_id": "5", "quantity": 1}])]}, 12052097),
    ({"skus": [unit("OCOP-1"), unit("OCOP-2")]}, 36009004),
    ({"skus": [unit("OCOP-1", sales_attributes=sales("1 kg")),
               unit("OCOP-2", sales_attributes=sales("1 kg"))]}, 36009004),
    ({"skus": [unit("OCOP-1", sales_attributes=sales("1 kg")),
               unit("OCOP-2", sales_attributes=sales("2 kg", "Cỡ"))]}, 36009004),
    ({"skus": [unit("OCOP-1", sales_attributes=sales("x" * 51))]}, 36009004),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code"), REFUSED, ids=lambda one: str(one)[:50])
async def test_what_create_refuses(opened: Door, changes: dict[str, object], code: int) -> None:
    assert (await opened.create(**changes))[1] == code
    assert opened.shop.products == {}
    checked = await opened.call("POST /product/202309/products/listing_check", {"title": "x"})
    assert checked[2]["check_result"] == "FAILED"


async def test_a_good_one_is_taken_and_the_same_key_gives_the_same(opened: Door) -> None:
    first = await opened.made(idempotency_key="k1")
    assert await opened.made(idempotency_key="k1") == first
    assert [one["seller_sku"] for one in first["skus"]] == ["OCOP-22-0001-500"]
    brand = await opened.made(brand_id="1")
    assert brand["warnings"]


async def test_a_code_and_an_external_id_stand_for_one_sku(opened: Door) -> None:
    code = {"identifier_code": {"code": "8930000000012", "type": "GTIN"}}
    made = await opened.made(skus=[unit("OCOP-0001", external_sku_id="e1", **code)])
    assert (await opened.create(skus=[unit("OCOP-0002", **code)]))[1] == 36009004
    assert (await opened.create(skus=[unit("OCOP-0003", external_sku_id="e1")]))[1] == 12052996
    await opened.call("DELETE /product/202309/products", {"product_ids": [made["product_id"]]})
    await opened.made(skus=[unit("OCOP-0002", external_sku_id="e1", **code)])


async def test_100_new_ones_a_day() -> None:
    async with door(config(new_products_a_day=1)) as opened:
        await opened.made()
        assert (await opened.create())[1] == 12052093


@pytest.mark.parametrize(
    ("content", "use", "code"),
    [
        (b"", "MAIN_IMAGE", 12038015),
        (b"GIF89a", "MAIN_IMAGE", 12038014),
        (b"\xff\xd8\xff", "MAIN_IMAGE", 12038014),
        (png(299, 300), "MAIN_IMAGE", 12038004),
        (png(4001, 300), "MAIN_IMAGE", 12038004),
        (png(99, 99), "DESCRIPTION_IMAGE", 12038004),
        (png(), "OTHER", 36009004),
        (png(), "MAIN_IMAGE", 0),
    ],
    ids=range(8),
)
async def test_pictures(opened: Door, content: bytes, use: str, code: int) -> None:
    assert (await opened.upload(content, use))[1] == code


async def test_a_picture_of_more_than_10_mb(opened: Door) -> None:
    code = (await opened.upload(png() + bytes(10 * 1024 * 1024)))[1]
    assert code == 36009021


async def test_a_picture_of_another_use_is_no_main_image(opened: Door) -> None:
    uri = (await opened.upload(png(), "DESCRIPTION_IMAGE"))[2]["uri"]
    assert (await opened.create(main_images=[{"uri": uri}]))[1] == 12038004


async def test_stock_failures_stand_inside_code_0(opened: Door) -> None:
    made = await opened.made()
    path = f"POST /product/202309/products/{made['product_id']}/inventory/update"
    sku = made["skus"][0]["id"]
    rows = [{"id": sku, "inventory": [{"quantity": 5}]}, {"id": "5", "inventory": [{"quantity": 5}]}]
    status, code, data = await opened.call(path, {"skus": rows})
    assert (status, code) == (200, 0)
    assert [(one["code"], one["detail"]["sku_id"]) for one in data["errors"]] == [(12052556, "5")]
    assert (await opened.call(path, {"skus": [rows[0], rows[0]]}))[1] == 12052553
    opened.shop.freeze(made["product_id"])
    assert (await opened.call(path, {"skus": rows}))[1] == 12052901


async def test_prices_only_on_sale_and_out_of_promotions(opened: Door) -> None:
    made = await opened.made()
    number, sku = made["product_id"], made["skus"][0]["id"]
    path = f"POST /product/202309/products/{number}/prices/update"
    body = {"skus": [{"id": sku, "price": price("90000")}]}
    assert (await opened.call(path, body))[1:] == (0, {})
    assert (await opened.call(path, {"skus": [{"id": "5", "price": price("1")}]}))[1] == 12052556
    opened.shop.promote(number)
    assert (await opened.call(path, body))[1] == 12052038
    assert (await opened.call("POST /product/202309/products/deactivate", {"product_ids": [number]}))[1] == 0
    assert (await opened.call(path, body))[1] == 12052901
    assert (await opened.call("POST /product/202309/products/9/prices/update", body))[1] == 12052032


async def test_the_life_of_a_listing() -> None:
    async with door(config(audit_seconds=60)) as opened:
        number = (await opened.made())["product_id"]
        product = opened.shop.products[number]
        assert product.status == "PENDING"
        verbs = [
            ("POST /product/202309/products/deactivate", 12052901),
            ("DELETE /product/202309/products", None),
            ("POST /product/202309/products/activate", 12052901),
            ("POST /product/202309/products/recover", None),
            ("POST /product/202309/products/activate", None),
        ]
        for line, code in verbs:
            errors = (await opened.call(line, {"product_ids": [number]}))[2]["errors"]
            assert [one["code"] for one in errors] == ([] if code is None else [code]), line
        assert product.status == "PENDING"
        assert (await opened.call("DELETE /product/202309/products", {"product_ids": [number] * 21}))[1] == 12019120


async def test_search_takes_ten_skus_and_reads_windows(opened: Door) -> None:
    made = await opened.made()
    line = "POST /product/202502/products/search"
    assert (await opened.call(line, {"seller_skus": ["x"] * 11}, page_size="10"))[1] == 12019027
    assert (await opened.call(line, {"status": "GOOD"}, page_size="10"))[1] == 36009004
    found = (await opened.call(line, {"seller_skus": ["OCOP-22-0001-500"]}, page_size="10"))[2]["products"]
    assert [one["id"] for one in found] == [made["product_id"]]
    assert set(found[0]["skus"][0]["price"]) == {"currency", "tax_exclusive_price", "sale_price"}
    now = opened.pretend.now()
    for body, count in (({"update_time_le": now}, 1), ({"update_time_le": now - 1}, 0), ({"create_time_ge": now}, 1)):
        assert (await opened.call(line, body, page_size="10"))[2]["total_count"] == count


async def test_the_tree_is_the_second_one(opened: Door) -> None:
    line = "GET /product/202309/categories"
    assert (await opened.call(line))[1] == 12052217
    told = (await opened.call(line, category_version="v2"))[2]["categories"]
    assert "905014" not in {one["id"] for one in told}
    shown = (await opened.call(line, category_version="v2", include_prohibited_categories="true"))[2]["categories"]
    assert {one["permission_statuses"][0] for one in shown} == {"AVAILABLE", "PROHIBITED", "INVITE_ONLY"}
    assert (await opened.call(f"{line}/600001/rules", category_version="v2"))[1] == 12052024
