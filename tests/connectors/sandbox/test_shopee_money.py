"""Escrow, wallet, income and the neutral book's money: sheet section 11."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.sandbox.kit import NotOffered, Want
from hub.sandbox.shopee import Fees, ShopeeConfig, ShopeeShop
from hub.sandbox.shopee.money import income, part
from hub.sandbox.shopee.orders import place
from hub.sandbox.shopee.state import Item, Model, ShopState
from tests.connectors.sandbox.shopee_world import PATIENT, SHOPS, Seller, opened

DAY = 86_400


@pytest.fixture
async def seller() -> AsyncIterator[Seller]:
    async with opened(PATIENT) as one:
        await one.item("OCOP-1")
        yield one


def sold(seller: Seller, *, upto: str = "complete", **how: Any) -> str:
    sn = seller.shop.place([Want(sku="OCOP-1", quantity=2)], **how)
    for verb in ("pay", "ship", "deliver", "complete", "settle"):
        getattr(seller.shop, verb)(sn)
        if verb == upto:
            break
    return sn


async def escrow(seller: Seller, sn: str) -> dict[str, Any]:
    return dict((await seller.get("payment/get_escrow_detail", order_sn=sn)).response)


def by_the_official_formula(told: dict[str, Any]) -> int:
    """Typed off the sheet once more, apart from the sandbox's own tables."""
    t = told
    return int(
        t["original_cost_of_goods_sold"] - t["original_shopee_discount"] + t["seller_return_refund"]
        + t["shopee_discount"] - t["voucher_from_seller"] - t["seller_coin_cash_back"] + t["buyer_paid_shipping_fee"]
        - t["actual_shipping_fee"] + t["shopee_shipping_rebate"] + t["shipping_fee_discount_from_3pl"]
        - t["reverse_shipping_fee"] + t["rsf_seller_protection_fee_claim_amount"]
        - t["final_return_to_seller_shipping_fee"] - t["seller_transaction_fee"] - t["service_fee"]
        - t["commission_fee"] - t["campaign_fee"] - t["shipping_seller_protection_fee_amount"]
        - t["delivery_seller_protection_fee_premium_amount"] - t["order_ams_commission_fee"]
        - t["withholding_vat_tax"] - t["withholding_pit_tax"] - t["withholding_cit_tax"]
        - t["seller_order_processing_fee"] + t["buyer_paid_packaging_fee"] - t["trade_in_bonus_by_seller"]
        - t["ads_escrow_top_up_fee_or_technical_support_fee"]
    )  # fmt: skip


async def test_an_income_is_worked_out_by_hand(seller: Seller) -> None:
    sn = sold(seller, seller_voucher=20_000, platform_voucher=10_000)
    told = (await escrow(seller, sn))["order_income"]
    assert told["original_cost_of_goods_sold"] == 500_000
    assert told["voucher_from_seller"] == 20_000
    assert told["voucher_from_shopee"] == 10_000
    assert told["commission_fee"] == 33_600  # 7 % of 480,000
    assert told["seller_transaction_fee"] == 23_568  # 4.91 %
    assert told["seller_order_processing_fee"] == 3_000
    assert told["withholding_vat_tax"] == 4_800
    assert told["withholding_pit_tax"] == 2_400
    assert told["escrow_amount"] == 480_000 - 33_600 - 23_568 - 3_000 - 4_800 - 2_400
    assert told["escrow_amount"] == told["escrow_amount_after_adjustment"] == by_the_official_formula(told)
    assert told["buyer_total_amount"] == 500_000 - 30_000 + 15_000


async def test_a_company_has_nothing_withheld() -> None:
    shop = replace(SHOPS[0], company=True, tax_code="0100000000")
    async with opened(replace(PATIENT, shops=(shop,))) as seller:
        await seller.item("OCOP-1")
        told = (await escrow(seller, sold(seller)))["order_income"]
        assert (told["withholding_vat_tax"], told["withholding_pit_tax"]) == (0, 0)
        assert told["tax_registration_code"] == "0100000000"


async def test_escrow_changes_until_it_is_paid_out(seller: Seller) -> None:
    sn = sold(seller)
    before = (await escrow(seller, sn))["order_income"]
    seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
    after = (await escrow(seller, sn))["order_income"]
    assert after["seller_return_refund"] == -250_000
    assert after["reverse_shipping_fee"] == 10_000
    assert after["escrow_amount"] == by_the_official_formula(after) < before["escrow_amount"]
    assert (await escrow(seller, sn))["return_order_sn_list"] == [f"{sn}R1"]


async def test_a_payout_is_found_in_list_wallet_and_book(seller: Seller) -> None:
    sn = sold(seller, seller_voucher=20_000)
    window = {"release_time_from": seller.now() - DAY, "release_time_to": seller.now()}
    assert (await seller.get("payment/get_escrow_list", **window)).response["escrow_list"] == []  # type: ignore[arg-type]
    seller.shop.settle(sn)
    told = (await escrow(seller, sn))["order_income"]
    page = (await seller.get("payment/get_escrow_list", **window)).response  # type: ignore[arg-type]
    assert page == {
        "escrow_list": [{"order_sn": sn, "payout_amount": told["escrow_amount"], "escrow_release_time": seller.now()}],
        "more": False,
    }
    wallet = (await seller.get("payment/get_wallet_transaction_list", page_no=0)).response["transaction_list"]
    assert [(t["transaction_type"], t["amount"], t["order_sn"]) for t in wallet] == [(101, told["escrow_amount"], sn)]
    book = seller.shop.orders()[0]
    assert book.settled == told["escrow_amount"]
    assert book.settled == book.lines[0].charged - book.seller_voucher - sum(book.fees.values())
    assert set(book.fees) == {"commission", "payment", "other", "vat_withheld", "pit_withheld"}
    with pytest.raises(NotOffered):
        seller.shop.settle(sn)


async def test_a_refund_after_the_payout_is_an_adjustment(seller: Seller) -> None:
    sn = sold(seller, upto="settle")
    paid = seller.shop.orders()[0].settled
    assert paid is not None
    seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=1)], 250_000)
    told = (await escrow(seller, sn))["order_income"]
    assert told["escrow_amount"] == paid
    assert told["total_adjustment_amount"] == -250_000
    assert told["escrow_amount_after_adjustment"] == paid - 250_000
    assert told["order_adjustment"][0]["amount"] == -250_000
    wallet = (await seller.get("payment/get_wallet_transaction_list")).response["transaction_list"]
    assert [t["transaction_type"] for t in wallet] == [411, 101]
    assert wallet[0]["current_balance"] == paid - 250_000
    assert seller.shop.orders()[0].settled == paid - 250_000


async def test_a_payout_can_be_negative(seller: Seller) -> None:
    sn = sold(seller)
    seller.shop.take_back(sn, [Want(sku="OCOP-1", quantity=2)], 500_000)
    seller.shop.settle(sn)
    wallet = (await seller.get("payment/get_wallet_transaction_list")).response["transaction_list"]
    assert [(t["transaction_type"], t["amount"]) for t in wallet] == [(102, -10_000)]


async def test_a_batch_is_a_list_by_get_and_post(seller: Seller) -> None:
    first, second = sold(seller), sold(seller)
    call = "payment/get_escrow_detail_batch"
    got = (await seller.get(call, order_sn_list=f"{first},{second}")).response
    posted = (await seller.post(call, {"order_sn_list": [first, second]})).response
    assert [entry["escrow_detail"]["order_sn"] for entry in got] == [first, second]
    assert got == posted
    assert (await seller.post(call, {"order_sn_list": [str(n) for n in range(51)]})).error == "error_param"


async def test_no_income_without_a_sale(seller: Seller) -> None:
    call = "payment/get_escrow_detail"
    assert (await seller.get(call)).error == "error_param"
    assert (await seller.get(call, order_sn="X")).error == "order_not_found"
    sn = seller.shop.place([Want(sku="OCOP-1", quantity=1)])
    assert (await seller.get(call, order_sn=sn)).error == "income_not_found"
    seller.shop.cancel(sn)
    assert (await seller.get(call, order_sn=sn)).error == "income_not_found"


async def test_income_detail_stands_at_the_top_by_local_days(seller: Seller) -> None:
    done, pending = sold(seller, upto="settle"), sold(seller)
    days: dict[str, Any] = {"date_from": "2026-11-21", "date_to": "2026-11-21", "page_size": 10}
    released = await seller.get("payment/get_income_detail", income_status=1, **days)
    assert [row["order_sn"] for row in released.json["income_detail_list"]] == [done]
    assert "response" not in released.json
    waiting = await seller.get("payment/get_income_detail", income_status=2, **days)
    assert [row["order_sn"] for row in waiting.json["income_detail_list"]] == [pending]
    days |= {"date_from": "2026-11-22", "date_to": "2026-11-22"}
    assert (await seller.get("payment/get_income_detail", income_status=1, **days)).json["income_detail_list"] == []
    assert (await seller.get("payment/get_income_detail", income_status=3, **days)).error == "error_param"
    total = (await seller.get("payment/get_income_overview")).response["total_income"]
    assert total["released"] == total["pending"] > 0


async def test_pages_of_payouts_begin_at_one(seller: Seller) -> None:
    for _ in range(3):
        sold(seller, upto="settle")
    window: dict[str, Any] = {"release_time_from": 0, "release_time_to": seller.now(), "page_size": 2}
    first = (await seller.get("payment/get_escrow_list", page_no=1, **window)).response
    second = (await seller.get("payment/get_escrow_list", page_no=2, **window)).response
    assert ([len(p["escrow_list"]) for p in (first, second)], first["more"], second["more"]) == ([2, 1], True, False)
    assert (await seller.get("payment/get_escrow_list", page_no=0, **window)).error == "error_param"


async def test_the_wallet_has_a_window_of_fifteen_days(seller: Seller) -> None:
    call = "payment/get_wallet_transaction_list"
    assert (await seller.get(call, create_time_from=1, create_time_to=15 * DAY + 2)).error == "error_param"
    assert (await seller.get(call, create_time_from=1, create_time_to=15 * DAY + 1)).error == ""


@given(
    price=st.integers(1000, 9_999_999),
    units=st.integers(1, 20),
    voucher=st.integers(0, 1000),
    back=st.integers(0, 1000),
    rates=st.tuples(*[st.integers(0, 2000)] * 5),
    company=st.booleans(),
)
def test_every_income_satisfies_the_formula(
    price: int, units: int, voucher: int, back: int, rates: tuple[int, ...], company: bool
) -> None:
    fees = Fees(commission_bp=rates[0], transaction_bp=rates[1], service_bp=rates[2], vat_bp=rates[3], pit_bp=rates[4])
    shop = ShopState(
        ShopeeShop(shop_id=1, name="", company=company), ShopeeConfig(fees=fees), iter(range(9, 99)), lambda *_: None
    )
    body: dict[str, object] = {"item_name": "Mật ong", "weight": 1, "image": {"image_id_list": ["a"]}}
    model = Model(model_id=0, sku="S", price=price, stock={"": 99})
    item = Item(item_id=5, body=body, status="NORMAL", created=0, updated=0, models={0: model})
    shop.images["a"], shop.items[5] = "", item
    shop.index(item)
    goods = price * units
    order = place(
        shop,
        [Want(sku="S", quantity=units)],
        cod=False,
        seller_voucher=goods * voucher // 1000,
        platform_voucher=0,
        now=9,
    )
    order.book.refunds.append((order.book.placed_at, goods * back // 1000))
    told = income(shop, order)
    assert told["escrow_amount"] == by_the_official_formula(told)
    assert all(isinstance(told[name], int) for name in ("escrow_amount", "commission_fee", "withholding_vat_tax"))


@pytest.mark.parametrize(
    ("amount", "rate", "expected"), [(50, 100, 1), (49, 100, 0), (480_000, 491, 23_568), (0, 9, 0)]
)
def test_a_part_is_rounded_half_up(amount: int, rate: int, expected: int) -> None:
    assert part(amount, rate) == expected
