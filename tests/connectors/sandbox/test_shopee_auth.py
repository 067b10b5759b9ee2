"""Signatures, the order of refusals, consents and tokens: sheet sections 3 to 5."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from hub.sandbox.shopee import ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.auth import push_sign, sign
from tests.connectors.sandbox.shopee_world import APP, CONFIG, KEY, OTHER, PARTNER, SHOP, SHOPS, Said, Seller, opened

HEX = "00112233445566778899aabbccddeeff" * 2
VECTORS = [
    # key, partner, path, timestamp, token, identity, signature: V1 to V12 of the sheet
    (KEY, 1000001, "/api/v2/shop/get_shop_info", 1700000000, "tok-abc", "600123",
     "99b09d608f9f4cbc0c2b1f3a7e156ada218bc2c56d9a70852f04e0e7070710ac"),
    (KEY, 1000001, "/api/v2/order/get_order_list", 1700000000, "tok-abc", "600123",
     "3520c00772417f39786d4496bf815c19ffe48744896234c1f628ec4a500c0ad3"),
    (KEY, 1000001, "/api/v2/product/update_stock", 1700000000, "tok-abc", "600123",
     "c077040e5acf06eef94149336ab29e714aaa5e01e8c54e27729cc7f6f0193ebe"),
    (KEY, 1000001, "/api/v2/auth/token/get", 1700000000, "", "",
     "79abd21aa43b6029d787c522d71ab731475502f00e0632ec856de8374d19f34a"),
    (KEY, 1000001, "/api/v2/auth/access_token/get", 1700000000, "", "",
     "d8117dd3fa44fa5baf4780c302f016751b49e04f21ce516ba3b8b4e8b5ec91de"),
    (KEY, 1000001, "/api/v2/shop/auth_partner", 1700000000, "", "",
     "17d915cf7fd3a3faae4e434ed307ebce16f3f192de6edcb070771fe6c1f3c19c"),
    (KEY, 1000001, "/api/v2/media_space/upload_image", 1700000000, "", "",
     "87e693a94ba759aac7a92b1ef2b5b2a3fb4fdb179cceff8edcc17a359a953108"),
    (KEY, 1000001, "/api/v2/media_space/upload_image", 1700000000, "tok-abc", "600123",
     "4934400ee2f81e430a8048ca950a82e664882a4ad5e99d42da760e47f31dafc4"),
    (KEY, 1000001, "/api/v2/livestream/create_session", 1700000000, "tok-user", "700001",
     "1f473b9721bee48db59e1e3a769ff82227c6f36e8ff1267b7b015bc40c53aa00"),
    (HEX, 2001887, "/api/v2/shop/get_shop_info", 1655714431, "59777174636562737266615546704c6d", "14701711",
     "e5995314ac2de93a566c9b7a7295b48e74835c507fcda45a1bf6525231a681e7"),
    (HEX, 2001887, "/api/v2/global_product/get_category", 1655714431, "09777174636962737266615546704c6d", "1000000",
     "7f9dc89c853e52ee4b6b94a2e5526168cbed0c61402ea964395764542d606354"),
    (HEX, 2001887, "/api/v2/public/get_shops_by_partner", 1655714431, "", "",
     "5af7b95e9905404c92e51b5249f2a7279b18a0a046b12854675be69d6616f1d1"),
]  # fmt: skip
PUSHES = [
    ('{"code":3,"data":{"completed_scenario":"","items":[],"ordersn":"241121ABCDEFGH","status":"READY_TO_SHIP",'
     '"update_time":1700000000},"shop_id":600123,"timestamp":1700000001}',
     "0557bcb11931f2dfec4a36a106d710c8523a0aee0cddf410c8e700517fbb6bde"),
    ('{"code":0,"data":{"note":"Mật ong bạc hà"},"shop_id":600123,"timestamp":1700000002}',
     "a1e29e27130715caf2c96918836bf5ccac6a93fa2d923d3b0e0650bfcc71bd51"),
    ("", "351664c30bc1cac8af49f8e64cbabf070518cc939dfa3e9cc8e079620f8f41f3"),
]  # fmt: skip


@pytest.fixture
async def seller() -> AsyncIterator[Seller]:
    async with opened() as one:
        yield one


@pytest.mark.parametrize(("key", "partner", "path", "at", "token", "identity", "expected"), VECTORS)
def test_every_printed_signature_is_reproduced(
    key: str, partner: int, path: str, at: int, token: str, identity: str, expected: str
) -> None:
    assert sign(key, str(partner), path, str(at), token, identity) == expected


@pytest.mark.parametrize(("body", "expected"), PUSHES)
def test_every_printed_push_signature_is_reproduced(body: str, expected: str) -> None:
    assert push_sign("shpk-push-key", "https://hub.example.org/webhooks/shopee", body.encode()) == expected


async def test_a_key_that_looks_like_hex_is_text() -> None:
    app = replace(APP, partner_key=HEX)
    async with opened(replace(CONFIG, apps=(app,))) as seller:
        assert (await seller.but(key=HEX).get("shop/get_shop_info")).error == ""
        decoded = bytes.fromhex(HEX).decode("latin-1")
        assert (await seller.but(key=decoded).get("shop/get_shop_info")).error == "error_sign"


async def test_shop_info_stands_at_the_top_level(seller: Seller) -> None:
    answer = await seller.get("shop/get_shop_info")
    assert answer.status == 200
    assert answer.json["shop_name"] == "Gian hàng Một"
    assert (answer.json["region"], answer.json["status"]) == ("VN", "NORMAL")
    assert "response" not in answer.json
    assert answer.json["request_id"]


# -- the order of refusals


@pytest.mark.parametrize(
    ("missing", "error", "message"),
    [
        ("partner_id", "error_param", "There is no partner_id in query."),
        ("timestamp", "error_param", "no timestamp"),
        ("sign", "error_param", "There is no sign in query."),
    ],
)
async def test_a_missing_common_parameter_is_named(seller: Seller, missing: str, error: str, message: str) -> None:
    query = seller.common("shop/get_shop_info")
    del query[missing]
    answer = await seller.send("GET", "shop/get_shop_info", list(query.items()))
    assert (answer.status, answer.error, answer.message) == (200, error, message)


async def test_parameters_are_checked_in_their_order(seller: Seller) -> None:
    async def told(*names: str) -> str:
        query = {k: v for k, v in seller.common("shop/get_shop_info").items() if k in names}
        return (await seller.send("GET", "shop/get_shop_info", list(query.items()))).message

    assert await told() == "There is no partner_id in query."
    assert await told("partner_id") == "no timestamp"
    assert await told("partner_id", "timestamp") == "There is no sign in query."


async def test_a_public_signature_on_a_shop_call_lacks_its_token(seller: Seller) -> None:
    answer = await seller.get("shop/get_shop_info", public=True)
    assert (answer.error, answer.message) == ("error_param", "There is no access_token in query.")


async def test_a_signature_covers_what_is_sent(seller: Seller) -> None:
    query = seller.common("shop/get_shop_info")
    del query["shop_id"]
    answer = await seller.send("GET", "shop/get_shop_info", list(query.items()))
    assert answer.error == "error_sign"


async def test_only_one_identity_may_be_sent(seller: Seller) -> None:
    answer = await seller.get("shop/get_shop_info", merchant_id=1)
    assert answer.error == "error_param"


@pytest.mark.parametrize(("seconds", "error"), [(300, ""), (301, "error_param"), (-300, ""), (-301, "error_param")])
async def test_a_timestamp_lives_five_minutes(seller: Seller, seconds: int, error: str) -> None:
    timely = seller.common("shop/get_shop_info")
    timely["timestamp"] = str(seller.now() - seconds)
    timely["sign"] = sign(KEY, str(PARTNER), "/api/v2/shop/get_shop_info", timely["timestamp"], "tok-1", str(SHOP))
    answer = await seller.send("GET", "shop/get_shop_info", list(timely.items()))
    assert answer.error == error
    assert not error or answer.message == "Timestamp is expired."


@pytest.mark.parametrize(
    ("changes", "error", "status"),
    [
        ({"key": "another"}, "error_sign", 403),
        ({"token": "nobody's"}, "invalid_acceess_token", 403),
        ({"token": "tok-2"}, "invalid_acceess_token", 403),
        ({"shop_id": 1}, "error_auth", 200),
    ],
)
async def test_who_may_not_is_told_why(seller: Seller, changes: dict[str, object], error: str, status: int) -> None:
    answer = await seller.but(**changes).get("shop/get_shop_info")
    assert (answer.error, answer.status) == (error, status)


async def test_token_and_sign_errors_come_with_200_by_switch() -> None:
    async with opened(replace(CONFIG, sign_error_status=200, token_error_status=200)) as seller:
        assert (await seller.but(key="another").get("shop/get_shop_info")).status == 200
        assert (await seller.but(token="x").get("shop/get_shop_info")).status == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"restricted": True}, "error_api_call_restricted"),
        ({"suspended": True}, "api_suspended"),
        ({"key_expired": True}, "error_partner_key_expired"),
        ({"source_ips": ("192.0.2.1",)}, "source_ip_undeclared"),
    ],
)
async def test_an_app_in_trouble_is_refused(change: dict[str, object], error: str) -> None:
    async with opened(replace(CONFIG, apps=(replace(APP, **change),))) as seller:  # type: ignore[arg-type]
        assert (await seller.get("shop/get_shop_info")).error == error


async def test_an_unknown_partner_is_refused(seller: Seller) -> None:
    query = seller.common("shop/get_shop_info") | {"partner_id": "5"}
    assert (await seller.send("GET", "shop/get_shop_info", list(query.items()))).error == "invalid_partner_id"


async def test_livestream_needs_another_app(seller: Seller) -> None:
    assert (await seller.post("livestream/create_session", {})).error == "error_api_permission"


async def test_a_wrong_path_or_method_does_nothing(seller: Seller) -> None:
    assert (await seller.get("product/get_everything")).error == "error_not_found"
    assert (await seller.get("product/add_item")).error == "error_not_found"


async def test_a_broken_body_meets_the_proxy(seller: Seller) -> None:
    url = f"{seller.base}/api/v2/product/add_item"
    async with seller.session.post(url, params=seller.common("product/add_item"), data=b"{") as answer:
        assert answer.status == 400
        assert answer.content_type == "text/html"


# -- quotas


async def test_a_shop_has_a_token_bucket() -> None:
    ticks = iter([0.0, 0.0, 0.0, 0.5, 0.5])
    async with opened(replace(CONFIG, calls_per_second=2.0), lambda: next(ticks)) as seller:
        errors = [(await seller.get("product/get_item_limit", category_id=100629)).error for _ in range(5)]
    assert errors == ["", "", "error_rate_limit", "", "error_rate_limit"]


async def test_an_app_has_a_daily_quota_that_ends_at_midnight_utc8() -> None:
    async with opened(replace(CONFIG, calls_per_day=2)) as seller:
        errors = [(await seller.get("logistics/get_channel_list")).error for _ in range(3)]
        assert errors == ["", "", "error_limit"]
        seller.wait(hours=15 - 1)  # 09:00 there at the start; tokens outlive nothing here
        assert (await seller.get("logistics/get_channel_list")).error == "error_limit"
        seller.wait(hours=1)
        assert (await seller.get("logistics/get_channel_list")).error == "error_auth"  # the token is old, the quota new


# -- consents


async def consent(seller: Seller, **params: str) -> dict[str, list[str]]:
    """Walk through the unsigned page; what came back in the query."""
    query = {"partner_id": str(PARTNER), "auth_type": "seller", "response_type": "code",
             "redirect_uri": "https://hub.example.org/oauth/shopee?x=1"} | params  # fmt: skip
    async with seller.session.get(f"{seller.base}/auth", params=query, allow_redirects=False) as answer:
        assert answer.status == 302
        return parse_qs(urlsplit(answer.headers["Location"]).query)


async def redeem(seller: Seller, code: str, **identity: object) -> Said:
    body = {"code": code, "partner_id": PARTNER} | (identity or {"shop_id": SHOP})
    return await seller.post("auth/token/get", body, public=True)


async def test_the_page_brings_code_shop_and_state_back(seller: Seller) -> None:
    back = await consent(seller, state="s-1", shop_id=str(SHOP))
    assert back["state"] == ["s-1"]
    assert back["shop_id"] == [str(SHOP)]
    assert back["x"] == ["1"]
    tokens = (await redeem(seller, back["code"][0])).json
    assert tokens["expire_in"] == 14_400
    assert tokens["shop_id_list"] == [SHOP]
    assert "response" not in tokens
    assert (await seller.but(token=tokens["access_token"]).get("shop/get_shop_info")).error == ""


async def test_consenting_again_replaces_both_tokens(seller: Seller) -> None:
    code = (await consent(seller, shop_id=str(SHOP)))["code"][0]
    await redeem(seller, code)
    assert (await seller.get("shop/get_shop_info")).error == "invalid_acceess_token"


async def test_the_signed_page_does_the_same(seller: Seller) -> None:
    query = seller.common("shop/auth_partner", public=True) | {"redirect": "https://hub.example.org/back"}
    answer = await seller.send("GET", "shop/auth_partner", list(query.items()))
    assert answer.status == 302
    assert "code=" in answer.headers["Location"]
    unsigned = await seller.send("GET", "shop/auth_partner", [("partner_id", str(PARTNER)), ("redirect", "https://x")])
    assert unsigned.error == "error_param"


@pytest.mark.parametrize("target", ["https://evil.example.net/", "https://hub.example.org.evil.net/", "", "ftp://x"])
async def test_a_foreign_domain_gets_no_code(seller: Seller, target: str) -> None:
    query = {"partner_id": str(PARTNER), "redirect_uri": target}
    async with seller.session.get(f"{seller.base}/auth", params=query, allow_redirects=False) as answer:
        assert answer.status == 200
        assert (await answer.json())["error"] == "error_param"


async def test_a_code_works_once_and_for_ten_minutes(seller: Seller) -> None:
    code = (await consent(seller, shop_id=str(SHOP)))["code"][0]
    assert (await redeem(seller, code)).error == ""
    assert (await redeem(seller, code)).error == "invalid_code"
    late = (await consent(seller, shop_id=str(SHOP)))["code"][0]
    seller.wait(seconds=601)
    assert (await redeem(seller, late)).error == "invalid_code"


async def test_a_code_belongs_to_its_shop(seller: Seller) -> None:
    code = (await consent(seller, shop_id=str(SHOP)))["code"][0]
    assert (await redeem(seller, code, shop_id=OTHER)).error == "invalid_shop_id"
    assert (await redeem(seller, code, main_account_id=9)).error == "invalid_main_acount_id"
    assert (await redeem(seller, code, shop_id=SHOP, main_account_id=9)).error == "error_param"


async def test_taking_the_consent_back_ends_everything(seller: Seller) -> None:
    query = {"partner_id": str(PARTNER), "redirect_uri": "https://hub.example.org/", "shop_id": str(SHOP)}
    async with seller.session.get(f"{seller.base}/cancel_auth", params=query, allow_redirects=False) as answer:
        assert answer.status == 302
    assert (await seller.get("shop/get_shop_info")).error == "shop_no_linked"
    assert (await refresh(seller, "ref-1")).error == "shop_no_linked"


async def test_a_banned_seller_is_refused_everything(seller: Seller) -> None:
    seller.shopee.ban_shop(SHOP)
    assert (await seller.get("shop/get_shop_info")).error == "shop_banned"
    assert (await refresh(seller, "ref-1")).error == "shop_banned"


async def test_address_ranges_stand_at_the_top_level(seller: Seller) -> None:
    assert (await seller.get("public/get_shopee_ip_ranges", public=True)).json["ip_list"]


async def test_a_consent_ends_after_a_year(seller: Seller) -> None:
    seller.wait(days=365)
    assert (await seller.get("shop/get_shop_info")).error == "shop_access_expired"


async def test_shops_of_the_app_are_listed_page_by_page(seller: Seller) -> None:
    first = (await seller.get("public/get_shops_by_partner", public=True, page_size=1, page_no=1)).json
    second = (await seller.get("public/get_shops_by_partner", public=True, page_size=1, page_no=2)).json
    assert [s["shop_id"] for s in (*first["authed_shop_list"], *second["authed_shop_list"])] == [SHOP, OTHER]
    assert (first["more"], second["more"]) == (True, False)
    assert first["authed_shop_list"][0]["expire_time"] == seller.now() + 365 * 86_400


# -- tokens


async def refresh(seller: Seller, token: str, **changes: object) -> Said:
    body = {"refresh_token": token, "partner_id": PARTNER, "shop_id": SHOP} | changes
    return await seller.post("auth/access_token/get", body, public=True)


async def test_an_access_token_lives_four_hours(seller: Seller) -> None:
    seller.wait(seconds=14_399)
    assert (await seller.get("shop/get_shop_info")).error == ""
    seller.wait(seconds=1)
    answer = await seller.get("shop/get_shop_info")
    assert (answer.error, answer.message, answer.status) == ("error_auth", "Invalid access_token.", 403)


async def test_a_refresh_token_works_once(seller: Seller) -> None:
    fresh = (await refresh(seller, "ref-1")).json
    assert (fresh["partner_id"], fresh["shop_id"], fresh["expire_in"]) == (PARTNER, SHOP, 14_400)
    assert "response" not in fresh
    again = await refresh(seller, "ref-1")
    assert again.error == "error_shop_refresh_token"
    assert (await refresh(seller, fresh["refresh_token"])).error == ""


async def test_the_old_access_token_works_five_minutes_more(seller: Seller) -> None:
    fresh = (await refresh(seller, "ref-1")).json["access_token"]
    seller.wait(seconds=299)
    assert (await seller.get("shop/get_shop_info")).error == ""
    seller.wait(seconds=1)
    assert (await seller.get("shop/get_shop_info")).error == "error_auth"
    assert (await seller.but(token=fresh).get("shop/get_shop_info")).error == ""


async def test_a_refresh_token_ends_after_thirty_days(seller: Seller) -> None:
    seller.wait(days=30)
    assert (await refresh(seller, "ref-1")).error == "refresh_token_expired"


async def test_a_repeated_refresh_gets_the_same_pair_by_switch() -> None:
    async with opened(replace(CONFIG, refresh_repeat_seconds=4 * 3600)) as seller:
        first = (await refresh(seller, "ref-1")).json
        assert (await refresh(seller, "ref-1")).json["refresh_token"] == first["refresh_token"]
        seller.wait(hours=4)
        assert (await refresh(seller, "ref-1")).error == "error_shop_refresh_token"


@pytest.mark.parametrize("changes", [{"shop_id": None}, {"user_id": 7}, {"partner_id": 5}])
async def test_a_refresh_names_exactly_one_identity(seller: Seller, changes: dict[str, object]) -> None:
    assert (await refresh(seller, "ref-1", **changes)).error == "error_param"


async def test_shops_of_a_main_account_share_the_first_refresh_token() -> None:
    shops = tuple(ShopeeShop(shop_id=n, name=str(n), main_account_id=77) for n in (1, 2))
    async with opened(ShopeeConfig(apps=(APP,), shops=shops)) as seller:
        back = await consent(seller, main_account_id="77")
        assert back["main_account_id"] == ["77"]
        pair = (await redeem(seller, back["code"][0], main_account_id=77)).json
        assert pair["shop_id_list"] == [1, 2]
        first = await refresh(seller, pair["refresh_token"], shop_id=1)
        second = await refresh(seller, pair["refresh_token"], shop_id=2)
        assert first.json["access_token"] != second.json["access_token"]
        assert (await refresh(seller, pair["refresh_token"], shop_id=1)).error == "error_shop_refresh_token"


async def test_the_first_shop_without_a_consent_says_yes(seller: Seller) -> None:
    shops = (*SHOPS, ShopeeShop(shop_id=600125, name="Gian hàng Ba"))
    async with opened(replace(CONFIG, shops=shops)) as other:
        assert (await consent(other))["shop_id"] == ["600125"]
