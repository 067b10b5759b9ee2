"""Who may call a pretend WooCommerce (sheet 1): vectors, both transports, every refusal."""

from datetime import timedelta

import pytest

from hub.clock import ShiftedClock
from hub.sandbox.woocommerce.auth import number_brackets, sign
from tests.connectors.sandbox.conftest import KEY, READER, WRITER, Shopkeeper

BASE = "http://shop.example.vn/wp-json/wc/v3/"
STAMP = [
    ("oauth_consumer_key", KEY.consumer_key),
    ("oauth_timestamp", "1795293712"),
    ("oauth_nonce", "0123456789abcdef0123456789abcdef01234567"),
    ("oauth_signature_method", "HMAC-SHA256"),
]
ERROR = "woocommerce_rest_authentication_error"


@pytest.mark.parametrize(
    ("method", "path", "pairs", "signature"),
    [
        ("GET", "products", [("per_page", "1")], "UoaIsSHPQWK5jY1kpsaWsswt4Ws+DSpXqd6u55w5T+g="),
        ("PUT", "orders/15", [], "p70Y534qtlspY4sSti0RQpcWLtc91kO6PfPr6IJE9ao="),
        ("GET", "products", [("search", "mật ong")], "CKRUmmNlr78Srk+ZPLSxyhKM9+PMEBxLrNSe/lCxVMU="),
        (
            "GET",
            "products",
            [("status[0]", "draft"), ("status[1]", "publish")],
            "Rn4Ue4ERMCh/zk+D26bd1QJKJK9Ee1bh5xq+fjUvS3c=",
        ),
    ],
)
def test_vectors_of_the_sheet(method: str, path: str, pairs: list[tuple[str, str]], signature: str) -> None:
    assert sign(method, BASE + path, [*pairs, *STAMP], KEY.consumer_secret, "HMAC-SHA256") == signature


def test_brackets_without_a_number_are_numbered_as_php_does() -> None:
    assert number_brackets([("a[]", "1"), ("b", "2"), ("a[]", "3")]) == [("a[0]", "1"), ("b", "2"), ("a[1]", "3")]


@pytest.mark.parametrize("how", ["basic", "query", "oauth"])
async def test_https_takes_basic_query_keys_and_signatures(keeper: Shopkeeper, how: str) -> None:
    said = await keeper.but(how=how).get("products")
    assert (said.status, said.json) == (200, [])


async def test_behind_a_proxy_https_is_signed(keeper: Shopkeeper) -> None:
    proxied = keeper.but(shop="open", how="nobody")
    forwarded = {"X-Forwarded-Proto": "https"}
    pairs = proxied.but(base=keeper.base.with_scheme("https")).signed("GET", "products", [])
    assert (await proxied.call("GET", "products", params=pairs, headers=forwarded)).status == 200
    pairs = proxied.signed("GET", "products", [])
    assert (await proxied.call("GET", "products", params=pairs, headers=forwarded)).code == ERROR


async def test_a_hosting_has_its_own_patience(keeper: Shopkeeper) -> None:
    tired = keeper.but(shop="tired")
    assert (await tired.get("products")).status == 200
    refused = await tired.get("products")
    assert (refused.status, refused.json) == (429, "Too Many Requests")


@pytest.mark.parametrize("how", ["basic", "query", "nobody"])
async def test_http_ignores_keys_that_are_not_signed(keeper: Shopkeeper, how: str) -> None:
    said = await keeper.but(shop="open", how=how).get("products")
    assert (said.status, said.code) == (401, "woocommerce_rest_cannot_view")


async def test_a_proxy_may_say_that_it_is_https(keeper: Shopkeeper) -> None:
    opened = keeper.but(shop="open")
    said = await opened.call("GET", "products", headers={"X-Forwarded-Proto": "https"})
    assert said.status == 200
    closed = keeper.but(shop="secure", how="nobody")
    assert (await closed.call("GET", "products", headers={"X-Forwarded-Proto": "https"})).status == 401


@pytest.mark.parametrize("algorithm", ["HMAC-SHA1", "HMAC-SHA256"])
async def test_http_takes_signatures_over_the_query_only(keeper: Shopkeeper, algorithm: str) -> None:
    opened = keeper.but(shop="open", how="nobody")
    pairs = opened.signed("POST", "products", [("_fields", "id,name")], oauth_signature_method=algorithm)
    said = await opened.call("POST", "products", params=pairs, json={"name": "Mật ong bạc hà"})
    assert (said.status, said.json["name"]) == (201, "Mật ong bạc hà")


async def test_a_search_in_vietnamese_is_signed_right(keeper: Shopkeeper) -> None:
    opened = keeper.but(shop="open", how="oauth")
    await opened.post("products", {"name": "Mật ong bạc hà"})
    assert len((await opened.get("products", search="mật ong")).json) == 1


async def test_brackets_are_signed_right(keeper: Shopkeeper) -> None:
    opened = keeper.but(shop="open", how="oauth")
    said = await opened.call("GET", "products", params=[("status[0]", "draft"), ("status[1]", "publish")])
    assert said.status == 200


async def test_replays_strangers_and_bad_signatures(keeper: Shopkeeper, clock: ShiftedClock) -> None:
    opened = keeper.but(shop="open", how="nobody")
    pairs = opened.signed("GET", "products", [])
    assert (await opened.call("GET", "products", params=pairs)).status == 200
    replay = await opened.call("GET", "products", params=pairs)
    assert (replay.status, replay.code) == (401, ERROR)
    assert "nonce" in replay.json["message"]
    bad = [*opened.signed("GET", "products", [])[:-1], ("oauth_signature", "x")]
    said = await opened.call("GET", "products", params=bad)
    assert (said.code, "provided signature" in said.json["message"]) == (ERROR, True)
    lacking = [pair for pair in opened.signed("GET", "products", []) if pair[0] != "oauth_nonce"]
    said = await opened.call("GET", "products", params=lacking)
    assert said.code == "woocommerce_rest_authentication_missing_parameter"
    assert said.json["message"] == "Missing OAuth parameter oauth_nonce"
    other = opened.but(key=KEY.__class__(consumer_key="ck_" + "0" * 40, consumer_secret="cs_" + "0" * 40))
    assert (await other.but(how="oauth").get("products")).code == ERROR


@pytest.mark.parametrize(("minutes", "status"), [(-16, 401), (-14, 200), (14, 200), (16, 401)])
async def test_the_time_window(keeper: Shopkeeper, clock: ShiftedClock, minutes: int, status: int) -> None:
    opened = keeper.but(shop="open", how="nobody")
    stamp = str(int((clock.now() + timedelta(minutes=minutes)).timestamp()))
    pairs = opened.signed("GET", "products", [], oauth_timestamp=stamp)
    assert (await opened.call("GET", "products", params=pairs)).status == status


async def test_over_https_secrets_and_rights_are_told_apart(keeper: Shopkeeper) -> None:
    wrong = keeper.but(key=KEY.__class__(consumer_key=KEY.consumer_key, consumer_secret="cs_" + "0" * 40))
    said = await wrong.get("products")
    assert (said.status, said.code, said.json["message"]) == (401, ERROR, "Consumer secret is invalid.")
    unknown = keeper.but(key=KEY.__class__(consumer_key="ck_" + "9" * 40, consumer_secret="cs_" + "0" * 40))
    assert (await unknown.get("products")).code == "woocommerce_rest_cannot_view"
    reader = await keeper.but(key=READER).post("products", {"name": "x"})
    assert (reader.status, reader.code) == (401, ERROR)
    assert reader.json["message"] == "The API key provided does not have write permissions."
    writer = await keeper.but(key=WRITER).get("products")
    assert writer.json["message"] == "The API key provided does not have read permissions."
    assert (await keeper.but(key=WRITER).post("products", {"name": "x"})).status == 201


async def test_plain_permalinks_read_no_keys(keeper: Shopkeeper) -> None:
    address = f"{keeper.base}woocommerce/plain/?rest_route=/wc/v3/products"
    key = {"consumer_key": KEY.consumer_key, "consumer_secret": KEY.consumer_secret}
    async with keeper.session.get(address, params=key) as answer:
        assert answer.status == 401
        assert (await answer.json())["code"] == "woocommerce_rest_cannot_view"
    assert (await keeper.but(shop="plain").get("products")).status == 404
