"""The pretend Lazada's products: one test per refusal the sheet names, and what is taken."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from hub.sandbox.kit import Want
from hub.sandbox.lazada import LazadaConfig, default_lazada
from tests.connectors.sandbox.lazada_desk import PICTURE, PNG, Desk, attributes, open_desk, sku, why

OTHER = "https://vn-live-02.slatic.net/p/b.jpg"
SALE = "package_choice"


@pytest.fixture
def setup() -> LazadaConfig:
    return default_lazada()


@pytest.fixture
async def desk(setup: LazadaConfig) -> AsyncIterator[Desk]:
    async with open_desk(setup) as opened:
        yield opened


def skus(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"Skus": {"Sku": list(rows)}}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"PrimaryCategory": "999"}, "201"),
    ({"PrimaryCategory": "10002003"}, "4134"),
    ({"Attributes": attributes(name="")}, "4108"),
    ({"Attributes": attributes(name="ữ" * 86)}, "4120"),
    ({"Attributes": attributes(name="a > b")}, "4129"),
    ({"Attributes": attributes(description="x" * 25_001)}, "4120"),
    ({"Attributes": attributes(short_description="<p>x</p>")}, "4129"),
    ({"Attributes": attributes(country_of_origin="")}, "4110"),
    ({"Attributes": attributes(brand_id="")}, "4110"),
    ({"Attributes": attributes(country_of_origin="Lào")}, "4115"),
    ({"Attributes": attributes(brand_id="7")}, "4142"),
    ({"Images": {}}, "4139"),
    ({"Images": {"Image": PICTURE}}, "5"),
    ({"Images": {"Image": ["https://cdn.example.vn/a.jpg"]}}, "4138"),
    ({"Images": {"Image": [PICTURE, PICTURE]}}, "4116"),
    ({"Images": {"Image": [f"{PICTURE}{n}" for n in range(9)]}}, "4169"),
    ({"Skus": {}}, "4108"),
    ({"Skus": {"Sku": sku()}}, "5"),
    (skus(*(sku(f"S{n}", saleProp={SALE: str(n)}) for n in range(51))), "4171"),
    (skus(sku("")), "4108"),
    (skus(sku("A", saleProp={SALE: "1"}), sku("A", saleProp={SALE: "2"})), "4105"),
    (skus(sku(price="")), "4108"),
    (skus(sku(price="0")), "4118"),
    (skus(sku(price="100.5")), "4104"),
    (skus(sku(quantity="-1")), "1"),
    (skus(sku(special_price="250000")), "4157"),
    (skus(sku(special_price="1000", special_from_date="2026-12-02 00:00:00", special_to_date="2026-12-01 00:00:00")),
     "4117"),
    (skus(sku(package_height="")), "4149"),
    (skus(sku(package_weight="0.123")), "4149"),
    (skus(sku(package_weight="40.1")), "4164"),
    (skus(sku(package_length="281")), "4165"),
    (skus(sku("A"), sku("B")), "4113"),
    (skus(sku("A", saleProp={SALE: "1"}), sku("B", saleProp={SALE: "1"})), "4112"),
    (skus(sku(saleProp={SALE: "1"}, package_choice="1")), "4145"),
    (skus(sku(saleProp={"colour": "1"})), "209"),
    (skus(sku("A", saleProp={SALE: "1"}, Images={"Image": [OTHER]}), sku("B", saleProp={SALE: "2"})), "4153"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "code"), REFUSED, ids=[f"{n}-{code}" for n, (_, code) in enumerate(REFUSED)])
async def test_create_refuses(desk: Desk, changes: dict[str, Any], code: str) -> None:
    assert why(await desk.create(**changes)) == code
    assert list(desk.shop.listings()) == []


@pytest.mark.parametrize(
    ("setup", "code"),
    [
        (replace(default_lazada(), banned_categories=(10002006,)), "512"),
        (replace(default_lazada(), sensitive_words=("bạc hà",)), "4131"),
        (replace(default_lazada(), shops=(replace(default_lazada().shops[0], restricted=(10002006,)),)), "4163"),
    ],
)
async def test_create_refuses_by_policy(desk: Desk, code: str) -> None:
    assert why(await desk.create()) == code


@pytest.mark.parametrize("setup", [replace(default_lazada(), item_limit=1)])
async def test_a_seller_may_have_so_many_items(desk: Desk) -> None:
    await desk.create("A")
    assert why(await desk.create("B")) == "4148"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "MissingParameter"), (" ", "30"), ("{", "5"), ("<Request>", "5"), ("{}", "5"), ("<Other/>", "5"),
     ("<!DOCTYPE x><Request/>", "5")],
)  # fmt: skip
async def test_payloads_that_cannot_be_read(desk: Desk, text: str, code: str) -> None:
    assert (await desk.post("/product/create", payload=text))["code"] == code


async def test_xml_is_as_good_as_json_and_one_sku_is_a_list(desk: Desk) -> None:
    rows = "".join(f"<{key}>{value}</{key}>" for key, value in sku().items())
    texts = "".join(f"<{key}><![CDATA[{value}]]></{key}>" for key, value in attributes().items())
    told = await desk.post("/product/create", payload=(
        f"<Request><Product><PrimaryCategory>10002006</PrimaryCategory><Images><Image>{PICTURE}</Image></Images>"
        f"<Attributes>{texts}</Attributes><Skus><Sku>{rows}</Sku></Skus></Product></Request>"
    ))  # fmt: skip
    assert told["data"]["item_status"] == "Active"
    assert told["data"]["sku_list"][0]["shop_sku"].split("_VNAMZ-")[1] == str(told["data"]["sku_list"][0]["sku_id"])
    (item,) = desk.shop.items.values()
    assert item.attributes["storage_instruction"].endswith("(tự điền)")  # auto-fill is on unless switched off


async def test_a_sku_is_taken_in_the_whole_shop(desk: Desk) -> None:
    await desk.create("A")
    assert why(await desk.create("A")) == "4105"


async def made(desk: Desk, name: str = "A") -> dict[str, Any]:
    told = (await desk.create(name))["data"]
    return {"ItemId": told["item_id"], "SkuId": told["sku_list"][0]["sku_id"]}


async def test_update_knows_skus_by_their_id_only_and_keeps_what_it_does_not_name(desk: Desk) -> None:
    ids = await made(desk)
    item = {"ItemId": ids["ItemId"], "Attributes": {}}
    assert why(await desk.product("/product/update", **item, **skus({"SellerSku": "A"}))) == "4193"
    assert why(await desk.product("/product/update", **item, **skus({"SkuId": "1"}))) == "4136"
    assert why(await desk.product("/product/update", ItemId="1", Attributes={})) == "4137"
    assert why(await desk.product("/product/update", ItemId=ids["ItemId"])) == "5"
    right = await desk.product("/product/update", Attributes={"name": "Tên mới"}, **skus({"SkuId": ids["SkuId"]}))
    assert right["code"] == "0"
    (kept,) = desk.shop.items.values()
    assert (kept.title, kept.attributes["description"], kept.images) == ("Tên mới", "<p>Ngon</p>", [PICTURE])
    await desk.product("/product/update", **item, **skus({"SkuId": ids["SkuId"], "Status": "inactive"}))
    assert kept.status == "InActive"


async def test_a_status_is_one_of_three_and_pictures_of_skus_are_for_all_or_none(desk: Desk) -> None:
    rows = (sku("A", saleProp={SALE: "1"}), sku("B", saleProp={SALE: "2"}))
    made_of = (await desk.create(**skus(*rows)))["data"]
    first, second = ({"SkuId": one["sku_id"]} for one in made_of["sku_list"])
    item = {"ItemId": made_of["item_id"], "Attributes": {}}
    assert why(await desk.product("/product/update", **item, **skus(first | {"Status": "gone"}))) == "501"
    pictured = first | {"Images": {"Image": [OTHER]}}
    assert why(await desk.product("/product/update", **item, **skus(pictured))) == "4153"
    assert (await desk.product("/product/update", **item, **skus(first | {"Status": "deleted"})))["code"] == "0"
    assert [one["sku"] for one in desk.shop.listings()] == ["B"]
    assert (await desk.product("/product/update", **item, **skus(second | {"Status": "deleted"})))["code"] == "0"
    assert list(desk.shop.listings()) == []


async def test_total_and_sellable(desk: Desk) -> None:
    ids = await made(desk)
    desk.shop.place([Want(sku="A", quantity=3)], cod=True)
    (item,) = desk.shop.items.values()
    row = item.skus[0]
    assert why(await desk.product("/product/price_quantity/update", **skus(ids | {"Quantity": "2"}))) == "4170"
    assert (await desk.product("/product/price_quantity/update", **skus(ids | {"Quantity": "5"})))["code"] == "0"
    assert (row.sellable, row.total) == (2, 5)
    await desk.product("/product/stock/sellable/update", **skus(ids | {"SellableQuantity": "7"}))
    assert (row.sellable, row.total) == (7, 10)
    for _ in range(2):  # a difference counts twice when it is said twice
        await desk.product("/product/stock/sellable/adjust", **skus(ids | {"SellableQuantity": "-2"}))
    assert row.sellable == 3
    assert why(await desk.product("/product/stock/sellable/adjust", **skus(ids | {"SellableQuantity": "-4"}))) == "4170"
    assert why(await desk.product("/product/stock/sellable/update", **skus(ids | {"SellableQuantity": "-1"}))) == "1"


@pytest.mark.parametrize(
    ("row", "code"),
    [({"Price": "0"}, "4118"), ({"Price": "1.5"}, "4104"), ({"Price": "90", "SalePrice": "90"}, "4157"),
     ({"MultiWarehouseInventories": {}}, "501")],
    ids=str,
)  # fmt: skip
async def test_prices_refused(desk: Desk, row: dict[str, Any], code: str) -> None:
    ids = await made(desk)
    assert why(await desk.product("/product/price_quantity/update", **skus(ids | row))) == code


async def test_a_batch_may_fail_in_part_under_code_0(desk: Desk) -> None:
    ids = await made(desk)
    rows = skus(ids | {"Price": "90000"}, ids | {"SkuId": "1", "Price": "80000"})
    told = await desk.product("/product/price_quantity/update", **rows)
    assert (told["code"], [one["sku_id"] for one in told["detail"]]) == ("0", ["1"])
    many = skus(*[ids | {"Price": "90000"}] * 51)
    assert why(await desk.product("/product/price_quantity/update", **many)) == "4171"
    assert why(await desk.product("/product/price_quantity/update", Skus={})) == "30"


async def test_deactivating_has_a_parameter_of_its_own(desk: Desk) -> None:
    ids = await made(desk)
    assert (await desk.product("/product/deactivate", ItemId=ids["ItemId"]))["code"] == "MissingParameter"
    body = {"name": "apiRequestBody", "ItemId": ids["ItemId"]}
    assert (await desk.product("/product/deactivate", **body))["code"] == "0"
    assert (await desk.product("/product/deactivate", **body))["code"] == "E0004"
    assert (await desk.product("/product/deactivate", name="apiRequestBody", ItemId="1"))["code"] == "E0002"


async def test_removing_the_last_sku_removes_the_item(desk: Desk) -> None:
    ids = await made(desk)
    name = f"SkuId_{ids['ItemId']}_{ids['SkuId']}"
    assert (await desk.post("/product/remove", seller_sku_list='["A"]'))["code"] == "6"
    assert (await desk.post("/product/remove", sku_id_list="A"))["code"] == "70"
    assert why(await desk.post("/product/remove", sku_id_list='["SkuId_1_1"]')) == "4136"
    assert (await desk.post("/product/remove", sku_id_list=json.dumps([name])))["code"] == "0"
    assert (await desk.get("/product/item/get", item_id=str(ids["ItemId"])))["code"] == "4137"
    assert "products" not in (await desk.get("/products/get", filter="all"))["data"]
    assert (await desk.get("/products/get", filter="deleted"))["data"]["total_products"] == 1


@pytest.mark.parametrize(
    ("args", "code"),
    [({"filter": "some"}, "36"), ({"limit": "51"}, "19"), ({"offset": "10001"}, "14"), ({"sku_seller_list": "A"}, "70"),
     ({"update_after": "yesterday"}, "17"), ({"update_after": "2026-11-01T00:00:00"}, "17")],
    ids=str,
)  # fmt: skip
async def test_lists_refuse(desk: Desk, args: dict[str, str], code: str) -> None:
    assert (await desk.get("/products/get", **args))["code"] == code


async def test_lists_find_by_filter_time_and_whole_sku(desk: Desk) -> None:
    ids = await made(desk, "OCOP-1")
    for args, count in (
        ({"filter": "live"}, 1), ({"filter": "inactive"}, 0), ({"filter": "sold-out"}, 0),
        ({"sku_seller_list": '["OCOP-1","x"]'}, 1), ({"sku_seller_list": '["OCOP"]'}, 0),
        ({"create_after": "2026-11-21T08:00:00+07:00"}, 1), ({"update_before": "2026-11-21T07:59:59+0700"}, 0),
    ):  # fmt: skip
        assert (await desk.get("/products/get", **args))["data"]["total_products"] == count
    one = (await desk.get("/product/item/get", item_id=str(ids["ItemId"])))["data"]
    assert one["created_time"] == "1795222800000"
    assert (one["skus"][0]["Available"], one["skus"][0]["price"]) == (10, 250000.0)


def jpeg(height: int, width: int) -> bytes:
    """A JPEG as far as its first frame header."""
    sides = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    return b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08" + sides + b"\x01\x01\x11\x00"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GIF89a", "302"),
        (PNG + bytes(3_145_728), "303"),
        (PNG.replace((800).to_bytes(4, "big"), bytes(4)), "300"),
        (jpeg(329, 800), "300"),
        (jpeg(800, 5001), "300"),
        (b"\xff\xd8\xff\xd9", "300"),
        (jpeg(330, 5000), "0"),
    ],
    ids=["no picture", "too large", "too small", "low", "wide", "no frame", "just so"],
)
async def test_pictures_refused(desk: Desk, content: bytes, code: str) -> None:
    assert (await desk.upload(content))["code"] == code


async def test_pictures_fetched_from_named_hosts(desk: Desk) -> None:
    def asked(url: str) -> str:
        return json.dumps({"Request": {"Image": {"Url": url}}})

    told = await desk.post("/image/migrate", payload=asked("https://cdn.example.vn/a.jpg"))
    assert told["data"]["image"]["url"].startswith("https://vn-live-02.slatic.net/")
    assert (await desk.post("/image/migrate", payload=asked("http://192.0.2.1/a.jpg")))["code"] == "301"
    urls = "<Request><Images><Url>https://cdn.example.vn/a.jpg</Url><Url>http://192.0.2.1/b</Url></Images></Request>"
    batch = (await desk.post("/images/migrate", payload=urls))["batch_id"]
    done = (await desk.get("/image/response/get", batch_id=batch))["data"]
    assert (len(done["images"]), len(done["errors"])) == (1, 1)


async def test_guides(desk: Desk) -> None:
    assert (await desk.get("/category/attributes/get", primary_category_id="1"))["code"] == "201"
    asked = (await desk.get("/category/attributes/get", primary_category_id="10002006"))["data"]
    assert {one["name"] for one in asked if one["is_mandatory"]} >= {"name", "brand", "country_of_origin"}
    brands = (await desk.get("/category/brands/query", startRow="0", pageSize="2"))["data"]
    assert ([one["name"] for one in brands["module"]], brands["total_record"]) == (["No Brand", "Hợp tác xã Mẫu"], 4)
    assert (await desk.get("/category/brands/query", startRow="0", pageSize="201"))["code"] == "19"
    told = await desk.get("/product/category/suggestion/get", product_name="Mật ong rừng")
    assert told["data"]["categorySuggestions"][0]["categoryName"] == "Mật ong"
    assert (await desk.get("/product/category/suggestion/get", product_name="zzz"))["code"] == "701"
    assert (await desk.get("/product/seller/item/limit"))["data"] == {"limit": 10_000, "used": 0}
