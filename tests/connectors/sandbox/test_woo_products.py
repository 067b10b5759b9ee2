"""Products, terms, batches and lists of the pretend WooCommerce: one test per behaviour of sheets 2, 3 and 4."""

from datetime import timedelta
from typing import Any

import pytest

from hub.clock import ShiftedClock
from hub.sandbox.woocommerce.site import Site, paragraphs
from tests.connectors.sandbox.conftest import Shopkeeper

HONEY = {
    "name": "Mật ong bạc hà",
    "sku": "OCOP-HG-0001",
    "regular_price": "250000",
    "manage_stock": True,
    "stock_quantity": 12,
}


async def made(keeper: Shopkeeper, **fields: Any) -> dict[str, Any]:
    said = await keeper.post("products", HONEY | fields)
    assert said.status == 201, said.json
    product: dict[str, Any] = said.json
    return product


# ---- what single calls refuse and what they let pass -------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("regular_price", 250000, "rest_invalid_type"),
        ("stock_quantity", 2.5, "rest_invalid_type"),
        ("stock_quantity", "abc", "rest_invalid_type"),
        ("type", "zzz", "rest_not_in_enum"),
        ("status", "zzz", "rest_not_in_enum"),
        ("manage_stock", "maybe", "rest_invalid_type"),
    ],
)
async def test_single_calls_check_types(keeper: Shopkeeper, field: str, value: object, code: str) -> None:
    said = await keeper.post("products", {field: value})
    assert (said.status, said.code) == (400, "rest_invalid_param")
    assert list(said.json["data"]["params"]) == [field]
    assert said.json["data"]["details"][field]["code"] == code


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"stock_quantity": "7"}, {"stock_quantity": 7}),
        ({"regular_price": "-5"}, {"regular_price": "-5"}),
        ({"regular_price": "250.000"}, {"regular_price": "250.000"}),
        ({"regular_price": "250,000"}, {"regular_price": "250.000"}),
        ({"regular_price": "100", "sale_price": "100"}, {"sale_price": "", "price": "100"}),
        ({"regular_price": "100", "sale_price": "90"}, {"sale_price": "90", "price": "90", "on_sale": True}),
        ({"name": "a<script>b</script><b>c</b>"}, {"name": "ab<b>c</b>"}),
        ({"name": "x" * 300}, {"name": "x" * 300}),
        ({"sku": "s" * 101}, {"sku": "s" * 101}),
        ({"stock_quantity": 0}, {"stock_status": "outofstock"}),
        ({"stock_quantity": -1, "backorders": "yes"}, {"stock_status": "onbackorder", "stock_quantity": -1}),
        ({"manage_stock": False}, {"stock_quantity": None, "stock_status": "instock"}),
        (
            {"categories": [{"id": 9999}]},
            {"categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}]},
        ),
        ({"meta_data": [{"key": "_a", "value": 1}, {"key": "_a", "value": [2]}]}, {"meta_data": "one"}),
    ],
)
async def test_what_a_product_keeps(keeper: Shopkeeper, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    product = await made(keeper, **sent)
    if shown.get("meta_data") == "one":
        assert [(one["key"], one["value"]) for one in product["meta_data"]] == [("_a", [2])]
        return
    assert {name: product[name] for name in shown} == shown


async def test_prices_are_text_and_blank_when_unset(keeper: Shopkeeper) -> None:
    product = (await keeper.post("products", {})).json
    assert (product["name"], product["price"], product["regular_price"], product["sale_price"]) == (
        "Product",
        "",
        "",
        "",
    )
    assert product["stock_quantity"] is None


async def test_a_sale_begins_by_the_clock(keeper: Shopkeeper, clock: ShiftedClock) -> None:
    product = await made(keeper, sale_price="200000", date_on_sale_from="2026-11-22T00:00:00")
    assert (product["price"], product["date_on_sale_from_gmt"]) == ("250000", "2026-11-21T17:00:00")
    clock.move(timedelta(hours=17))
    assert (await keeper.get(f"products/{product['id']}")).json["price"] == "200000"


async def test_switching_stock_off_leaves_the_status(keeper: Shopkeeper) -> None:
    product = await made(keeper, stock_quantity=0)
    said = await keeper.put(f"products/{product['id']}", {"manage_stock": False})
    assert (said.json["stock_quantity"], said.json["stock_status"]) == (None, "outofstock")


async def test_the_same_sku_twice(keeper: Shopkeeper) -> None:
    first = await made(keeper)
    said = await keeper.post("products", HONEY)
    assert (said.status, said.code) == (400, "product_invalid_sku")
    assert said.json["data"] == {"status": 400, "resource_id": first["id"], "unique_sku": "OCOP-HG-0001-1"}
    await keeper.delete(f"products/{first['id']}")
    assert (await keeper.post("products", HONEY)).code == "woocommerce_rest_product_not_created"
    await keeper.delete(f"products/{first['id']}", force="true")
    assert (await keeper.post("products", HONEY)).status == 201


async def test_an_id_may_not_be_chosen(keeper: Shopkeeper) -> None:
    assert (await keeper.post("products", {"id": 5})).code == "woocommerce_rest_product_exists"


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("DELETE", 404), ("PUT", 400), ("PATCH", 400)])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("products/999", "woocommerce_rest_product_invalid_id"),
        ("orders/999", "woocommerce_rest_shop_order_invalid_id"),
    ],
)
async def test_unknown_ids(keeper: Shopkeeper, method: str, status: int, path: str, code: str) -> None:
    said = await keeper.call(method, path, json={} if method[0] == "P" else None)
    assert (said.status, said.code) == (status, code)


async def test_trash_and_gone(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    gone = await keeper.delete(f"products/{product['id']}")
    assert (gone.json["status"], gone.json["slug"]) == ("trash", "mat-ong-bac-ha__trashed")
    assert (await keeper.get("products")).json == []
    assert (await keeper.get(f"products/{product['id']}")).json["status"] == "trash"
    assert (await keeper.get("products", status="trash")).ids == [product["id"]]
    assert (await keeper.delete(f"products/{product['id']}")).status == 410
    back = await keeper.put(f"products/{product['id']}", {"status": "publish"})
    assert back.json["slug"] == "mat-ong-bac-ha"
    await keeper.delete(f"products/{product['id']}", force="true")
    assert (await keeper.get(f"products/{product['id']}")).status == 404


@pytest.mark.parametrize(
    ("how", "headers", "params"),
    [("header", {"X-HTTP-Method-Override": "PUT"}, ()), ("query", {}, (("_method", "PUT"),))],
)
async def test_a_post_may_stand_for_put(
    keeper: Shopkeeper, how: str, headers: dict[str, str], params: tuple[tuple[str, str], ...]
) -> None:
    product = await made(keeper)
    said = await keeper.call("POST", f"products/{product['id']}", json={"name": how}, headers=headers, params=params)
    assert (said.status, said.json["name"]) == (200, how)


async def test_forms_are_read_too(keeper: Shopkeeper) -> None:
    form = {"name": "Trà", "regular_price": "1000", "images[0][src]": "http://127.0.0.1/a.jpg", "manage_stock": "true"}
    said = await keeper.call("POST", "products", data=form)
    assert (said.status, said.json["name"], len(said.json["images"])) == (201, "Trà", 1)


async def test_broken_json_and_bad_paths(keeper: Shopkeeper) -> None:
    said = await keeper.call("POST", "products", data=b"{", headers={"Content-Type": "application/json"})
    assert (said.status, said.code) == (400, "rest_invalid_json")
    assert (await keeper.get("nothing/here")).code == "rest_no_route"
    assert (await keeper.put("products", {})).code == "rest_no_route"
    missing = await keeper.post("products/categories", {})
    assert (missing.code, missing.json["data"]["params"]) == ("rest_missing_callback_param", ["name"])


# ---- pictures, terms, variations ---------------------------------------------------------------------------------


async def test_pictures_are_fetched_each_time_and_replaced(keeper: Shopkeeper, site: Site) -> None:
    src = [{"src": "http://127.0.0.1/pictures/1.jpg", "name": "digest", "alt": "Mật ong"}]
    product = await made(keeper, images=src)
    first = product["images"][0]
    assert (first["name"], first["alt"]) == ("digest", "Mật ong")
    again = (await keeper.put(f"products/{product['id']}", {"images": src})).json["images"]
    assert (len(again), site.downloads) == (1, 2)
    assert again[0]["id"] != first["id"]
    kept = await keeper.put(f"products/{product['id']}", {"images": [{"id": first["id"]}, {"id": again[0]["id"]}]})
    assert [one["id"] for one in kept.json["images"]] == [first["id"], again[0]["id"]]
    assert site.downloads == 2


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        ({"src": "http://nowhere.example/a.jpg"}, "woocommerce_product_image_upload_error"),
        ({"id": 99999}, "woocommerce_product_invalid_image_id"),
    ],
)
async def test_a_bad_picture_fails_the_whole_call(keeper: Shopkeeper, picture: dict[str, object], code: str) -> None:
    said = await keeper.post("products", HONEY | {"images": [picture]})
    assert (said.status, said.code) == (400, code)
    product = await made(keeper)
    said = await keeper.put(f"products/{product['id']}", {"name": "Khác", "images": [picture]})
    assert said.code == code
    assert (await keeper.get(f"products/{product['id']}")).json["name"] == HONEY["name"]


async def test_categories_are_named_once(keeper: Shopkeeper) -> None:
    first = await keeper.post("products/categories", {"name": "Mật ong"})
    assert first.status == 201
    again = await keeper.post("products/categories", {"name": "Mật ong"})
    assert (again.status, again.code, again.json["data"]["resource_id"]) == (400, "term_exists", first.json["id"])
    product = await made(keeper, categories=[{"id": first.json["id"]}])
    assert [one["name"] for one in product["categories"]] == ["Mật ong"]
    assert (await keeper.get("products", category=str(first.json["id"]))).ids == [product["id"]]
    assert (await keeper.delete(f"products/categories/{first.json['id']}")).status == 501
    assert (await keeper.delete(f"products/categories/{first.json['id']}", force="true")).status == 200


async def test_a_tag_is_made_on_the_way(keeper: Shopkeeper) -> None:
    await made(keeper, tags=[{"name": "ocop"}])
    second = await made(keeper, sku="X", tags=[{"name": "ocop"}])
    assert [one["name"] for one in second["tags"]] == ["ocop"]
    assert len((await keeper.get("products/tags")).json) == 1


async def test_attributes_replace_the_list(keeper: Shopkeeper) -> None:
    size = (await keeper.post("products/attributes", {"name": "Khối lượng"})).json
    await keeper.post(f"products/attributes/{size['id']}/terms", {"name": "500 g"})
    assert [one["name"] for one in (await keeper.get(f"products/attributes/{size['id']}/terms")).json] == ["500 g"]
    product = await made(keeper, attributes=[{"id": size["id"], "options": ["500 g"]}, {"name": "A", "options": ["b"]}])
    assert [one["name"] for one in product["attributes"]] == ["Khối lượng", "A"]
    said = await keeper.put(f"products/{product['id']}", {"attributes": [{"name": "C", "options": ["d", "e"]}]})
    assert [(one["name"], one["options"]) for one in said.json["attributes"]] == [("C", ["d", "e"])]


async def variable(keeper: Shopkeeper) -> tuple[int, list[dict[str, Any]]]:
    attributes = [{"name": "Quy cách", "variation": True, "options": ["500 g", "1 kg"]}]
    parent = await made(keeper, sku="P", type="variable", manage_stock=False, attributes=attributes)
    create = [
        {
            "sku": f"P-{size}",
            "regular_price": price,
            "manage_stock": True,
            "stock_quantity": 3,
            "attributes": [{"name": "Quy cách", "option": size}],
        }
        for size, price in (("500 g", "90000"), ("1 kg", "170000"))
    ]
    said = await keeper.post(f"products/{parent['id']}/variations/batch", {"create": create})
    return parent["id"], said.json["create"]


async def test_variations_belong_to_their_parent(keeper: Shopkeeper, clock: ShiftedClock) -> None:
    parent, children = await variable(keeper)
    assert [(one["name"], one["parent_id"], one["type"]) for one in children] == [
        ("500 g", parent, "variation"),
        ("1 kg", parent, "variation"),
    ]
    shown = (await keeper.get(f"products/{parent}")).json
    assert (shown["price"], shown["variations"]) == ("90000", [one["id"] for one in children])
    assert (
        await keeper.put(f"products/{children[0]['id']}", {"name": "x"})
    ).code == "woocommerce_rest_invalid_product_id"
    assert (await keeper.put(f"products/{children[0]['id']}", {"name": "x"})).status == 404
    clock.move(timedelta(seconds=5))
    await keeper.put(f"products/{parent}/variations/{children[0]['id']}", {"stock_quantity": 1})
    assert (await keeper.get(f"products/{parent}")).json["date_modified_gmt"] == "2026-11-21T01:00:05"
    assert (await keeper.get(f"products/{parent}/variations", order="asc")).ids == [one["id"] for one in children]
    await keeper.delete(f"products/{parent}/variations/{children[0]['id']}", force="true")
    assert (await keeper.get(f"products/{parent}")).json["variations"] == [children[1]["id"]]


# ---- batches -----------------------------------------------------------------------------------------------------


async def test_a_batch_keeps_its_order_and_tells_failures_in_place(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    create = [{"name": "A", "sku": "A"}, HONEY, {"name": "B", "sku": "B"}]
    body = {
        "create": create,
        "update": [{"id": 999}, {"id": product["id"], "name": "N"}],
        "delete": [998, product["id"]],
    }
    said = await keeper.post("products/batch", body)
    assert said.status == 200
    assert [one.get("name") for one in said.json["create"]] == ["A", None, "B"]
    assert said.json["create"][1]["id"] == 0
    assert said.json["create"][1]["error"]["code"] == "product_invalid_sku"
    assert said.json["update"][0] == {
        "id": 999,
        "error": {"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID.", "data": {"status": 400}},
    }
    assert [one["name"] for one in said.json["update"][1:]] == ["N"]
    assert said.json["delete"][0]["error"]["data"]["status"] == 404


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"regular_price": 250000}, {"regular_price": "250000"}),
        ({"manage_stock": True, "stock_quantity": "abc"}, {"stock_quantity": 0}),
        ({"type": "zzz"}, {"type": "simple"}),
    ],
)
async def test_batches_check_nothing(keeper: Shopkeeper, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    said = await keeper.post("products/batch", {"create": [sent]})
    assert {name: said.json["create"][0][name] for name in shown} == shown


async def test_more_than_a_hundred_is_too_large(keeper: Shopkeeper) -> None:
    body = {"create": [{"name": "x"}] * 60, "delete": list(range(41))}
    said = await keeper.post("products/batch", body)
    assert (said.status, said.code) == (413, "woocommerce_rest_request_entity_too_large")
    assert (await keeper.get("products")).json == []


# ---- lists -------------------------------------------------------------------------------------------------------


async def many(keeper: Shopkeeper, count: int = 5) -> list[int]:
    said = await keeper.post("products/batch", {"create": [{"name": f"P{n}", "sku": f"S{n}"} for n in range(count)]})
    return [one["id"] for one in said.json["create"]]


async def test_pages_and_their_headers(keeper: Shopkeeper) -> None:
    ids = await many(keeper)
    said = await keeper.get("products", per_page="2", page="2", order="asc")
    assert said.ids == ids[2:4]
    assert (said.headers["X-WP-Total"], said.headers["X-WP-TotalPages"]) == ("5", "3")
    assert 'rel="prev"' in said.headers["Link"]
    assert 'rel="next"' in said.headers["Link"]
    beyond = await keeper.get("products", per_page="2", page="9")
    assert (beyond.status, beyond.json) == (200, [])
    assert "page=3>" in beyond.headers["Link"]
    assert 'rel="next"' not in beyond.headers["Link"]


async def test_the_link_header_gives_the_secrets_away(keeper: Shopkeeper) -> None:
    await many(keeper)
    said = await keeper.but(how="query").get("products", per_page="2")
    assert keeper.key.consumer_secret in said.headers["Link"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("per_page", "101", "rest_out_of_bounds"),
        ("per_page", "0", "rest_out_of_bounds"),
        ("page", "0", "rest_out_of_bounds"),
        ("orderby", "colour", "rest_not_in_enum"),
        ("modified_after", "yesterday", "rest_invalid_date"),
        ("status", "zzz", "rest_not_in_enum"),
    ],
)
async def test_bad_list_parameters(keeper: Shopkeeper, name: str, value: str, code: str) -> None:
    said = await keeper.get("products", **{name: value})
    assert (said.status, said.code) == (400, "rest_invalid_param")
    assert said.json["data"]["details"][name]["code"] == code


async def test_filters(keeper: Shopkeeper) -> None:
    ids = await many(keeper)
    parent, children = await variable(keeper)
    assert (await keeper.get("products", sku="S1,S3", order="asc")).ids == [ids[1], ids[3]]
    found = (await keeper.get("products", sku="P-1 kg")).json
    assert [(one["type"], one["parent_id"]) for one in found] == [("variation", parent)]
    assert (await keeper.get("products", search_sku="p-1")).ids == [children[1]["id"]]
    assert len((await keeper.get("products", sku="")).json) == 6
    assert (await keeper.get("products", sku="S")).json == []
    assert (await keeper.get("products", include=f"{ids[2]},{ids[0]}", orderby="include")).ids == [ids[2], ids[0]]
    assert (await keeper.get("products", search="mat ong")).ids == [parent]
    trimmed = (await keeper.get("products", sku="S1", _fields="id,sku")).json[0]
    assert set(trimmed) == {"id", "sku", "_links"}


async def test_dates_are_read_in_site_time_and_compared_strictly(keeper: Shopkeeper, clock: ShiftedClock) -> None:
    first = await made(keeper)
    assert (first["date_modified"], first["date_modified_gmt"]) == ("2026-11-21T08:00:00", "2026-11-21T01:00:00")
    clock.move(timedelta(seconds=1))
    second = await made(keeper, sku="later")
    for value, more, ids in (
        ("2026-11-21T01:00:00", {}, [second["id"], first["id"]]),  # bare gmt: seven hours too old
        ("2026-11-21T08:00:00", {}, [second["id"]]),
        ("2026-11-21T01:00:00Z", {}, [second["id"]]),
        ("2026-11-21T08:00:00+07:00", {}, [second["id"]]),
        ("2026-11-21T01:00:00", {"dates_are_gmt": "true"}, [second["id"]]),
        ("2026-11-21T01:00:01Z", {}, []),
    ):
        assert (await keeper.get("products", modified_after=value, **more)).ids == ids
    assert (await keeper.get("products", modified_before="2026-11-21T01:00:01Z")).ids == [first["id"]]


async def test_a_product_has_a_page(keeper: Shopkeeper) -> None:
    product = await made(keeper)
    async with keeper.session.get(product["permalink"]) as page:
        assert (page.status, "250000" in await page.text()) == (200, True)
    await keeper.put(f"products/{product['id']}", {"status": "draft"})
    async with keeper.session.get(product["permalink"]) as page:
        assert page.status == 404


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("Một", "<p>Một</p>\n"),
        ("Một\n\nHai\nBa", "<p>Một</p>\n<p>Hai<br />\nBa</p>\n"),
        ("<p>Một</p><p>Hai</p>", "<p>Một</p>\n<p>Hai</p>\n"),
        ("<ul><li>Một</li></ul>", "<ul>\n<li>Một</li>\n</ul>\n"),
    ],
)
def test_texts_are_shown_in_paragraphs(text: str, shown: str) -> None:
    assert paragraphs(text) == shown
    assert paragraphs(shown) == shown


async def test_editors_see_the_text_as_it_was_given(keeper: Shopkeeper) -> None:
    product = await made(keeper, description="Một\n\nHai")
    assert product["description"] == "<p>Một</p>\n<p>Hai</p>\n"
    assert (await keeper.get(f"products/{product['id']}", context="edit")).json["description"] == "Một\n\nHai"


async def test_a_deleted_category_leaves_its_products_uncategorised(keeper: Shopkeeper) -> None:
    made_ = await keeper.post("products/categories", {"name": "Tạm"})
    product = await made(keeper, categories=[{"id": made_.json["id"]}])
    await keeper.delete(f"products/categories/{made_.json['id']}", force="true")
    assert [one["id"] for one in (await keeper.get(f"products/{product['id']}")).json["categories"]] == [15]
