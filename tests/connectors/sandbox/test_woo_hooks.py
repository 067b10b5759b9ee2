"""Webhooks of the pretend WooCommerce (sheet 6)."""

import json
from typing import Any

import pytest

from hub.sandbox.app import Sandbox
from hub.sandbox.faults import Faults, Rates
from hub.sandbox.woocommerce.hooks import reachable, signature
from tests.connectors.sandbox.conftest import Mailbox, Shopkeeper
from tests.connectors.sandbox.test_woo_orders import ordered
from tests.connectors.sandbox.test_woo_products import made

URL = "http://127.0.0.1/hook"


@pytest.mark.parametrize(
    ("body", "mark"),
    [
        (b'{"id":132}', "VuWaYOg53a3/KbMH4EBnqoz+GGe8y0gQPvcaWI6uwLQ="),
        (b'{"id":15,"status":"processing","total":"500000"}', "ta+9H1bLmnVfuY6A5/LxW26DiKiLAmC9ErkI0/cKqSY="),
    ],
)
def test_vectors_of_the_sheet(body: bytes, mark: str) -> None:
    assert signature(body, "hub-secret-1") == mark


async def hooked(keeper: Shopkeeper, topic: str = "order.updated", **fields: str) -> dict[str, Any]:
    body = {"topic": topic, "delivery_url": URL, "secret": "hub-secret-1"} | fields
    said = await keeper.post("webhooks", body)
    assert said.status == 201, said.json
    hook: dict[str, Any] = said.json
    return hook


async def test_a_ping_comes_first_and_is_not_signed(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    hook = await hooked(keeper)
    assert await sandbox.deliver_due() == 1
    (ping,) = mailbox.got
    assert ping.body == f"webhook_id={hook['id']}".encode()
    heads = dict(ping.headers)
    assert heads["Content-Type"] == "application/x-www-form-urlencoded"
    assert not any(name.startswith("X-WC") for name in heads)
    assert await sandbox.deliver_due() == 0


async def test_a_ping_that_failed_is_repeated(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    await hooked(keeper, "product.created")
    mailbox.status = 500
    await sandbox.deliver_due()
    assert await sandbox.deliver_due() == 0  # not by itself: before the next delivery
    mailbox.status = 200
    await made(keeper)
    await sandbox.deliver_due()
    assert mailbox.topics == ["ping", "ping", "product.created"]


async def test_what_is_delivered(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    hook = await hooked(keeper, "order.created")
    order = await ordered(keeper, await made(keeper), billing={"first_name": "Đặng"})
    await keeper.put(f"orders/{order['id']}", {"status": "completed"})
    await sandbox.deliver_due()
    delivery = mailbox.got[-1]
    heads = dict(delivery.headers)
    assert heads["X-WC-Webhook-Signature"] == signature(delivery.body, "hub-secret-1")
    assert heads["User-Agent"] == "WooCommerce/10.5.0 Hookshot (WordPress/6.9.7)"
    assert [heads[f"X-WC-Webhook-{name}"] for name in ("Topic", "Resource", "Event", "ID")] == [
        "order.created",
        "order",
        "created",
        str(hook["id"]),
    ]
    assert heads["X-WC-Webhook-Source"].endswith("/woocommerce/secure/")
    content = json.loads(delivery.body)
    assert (content["status"], content["id"]) == ("completed", order["id"])  # built when sent, not when it happened
    assert rb"\u0110\u1eb7ng" in delivery.body


async def test_changes_in_one_round_collapse(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    await hooked(keeper)
    product = await made(keeper)
    first, second = await ordered(keeper, product), await ordered(keeper, product)
    for status in ("on-hold", "processing"):
        for order in (first, second):
            await keeper.put(f"orders/{order['id']}", {"status": status})
    await sandbox.deliver_due()
    assert [json.loads(one.body)["id"] for one in mailbox.got[1:]] == [first["id"], second["id"]]


async def test_six_failures_switch_it_off(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    hook = await hooked(keeper, "product.updated")
    await sandbox.deliver_due()
    product = await made(keeper)
    mailbox.status = 0
    states = []
    for number in range(7):
        await keeper.put(f"products/{product['id']}", {"name": str(number)})
        await sandbox.deliver_due()
        states.append((await keeper.get(f"webhooks/{hook['id']}")).json["status"])
    assert states == ["active"] * 5 + ["disabled"] * 2
    assert len(mailbox.got) == 1 + 6  # nothing is ever repeated
    mailbox.status = 200
    await keeper.put(f"webhooks/{hook['id']}", {"status": "active"})
    await keeper.put(f"products/{product['id']}", {"name": "again"})
    await sandbox.deliver_due()
    assert mailbox.topics[-1] == "product.updated"
    assert (await keeper.get("webhooks")).json[0]["status"] == "active"


async def test_a_success_forgives_failures(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    hook = await hooked(keeper, "product.updated")
    product = await made(keeper)
    for number in range(12):
        mailbox.status = 302 if number % 4 == 3 else 404
        await keeper.put(f"products/{product['id']}", {"name": str(number)})
        await sandbox.deliver_due()
    assert (await keeper.get(f"webhooks/{hook['id']}")).json["status"] == "active"


async def test_only_trashing_is_told(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    await hooked(keeper, "product.deleted")
    first, second = await made(keeper), await made(keeper, sku="B")
    await keeper.delete(f"products/{first['id']}")
    await keeper.delete(f"products/{second['id']}", force="true")
    await sandbox.deliver_due()
    assert [json.loads(one.body) for one in mailbox.got[1:]] == [{"id": first["id"]}]


async def test_an_order_tells_of_its_product(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    await hooked(keeper, "product.updated")
    product = await made(keeper)
    await ordered(keeper, product, status="processing")
    await sandbox.deliver_due()
    assert json.loads(mailbox.got[-1].body)["stock_quantity"] == 10


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"topic": "order.exploded", "delivery_url": URL}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"delivery_url": URL}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"topic": "order.created", "delivery_url": "ftp://x"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
    ],
)
async def test_bad_webhooks(keeper: Shopkeeper, body: dict[str, str], code: str) -> None:
    said = await keeper.post("webhooks", body)
    assert (said.status, said.code) == (400, code)


async def test_the_secret_is_never_told(keeper: Shopkeeper) -> None:
    hook = await hooked(keeper)
    assert "hub-secret-1" not in json.dumps(hook)
    assert "secret" not in (await keeper.get(f"webhooks/{hook['id']}")).json
    assert (await keeper.delete(f"webhooks/{hook['id']}", force="true")).status == 200
    assert (await keeper.get("webhooks")).json == []


@pytest.mark.parametrize(
    ("url", "posts"),
    [
        ("https://hub.example.vn/hook", True),
        ("http://hub.example.vn:8080/hook", True),
        ("http://hub.example.vn:8000/hook", False),
        ("http://127.0.0.1/hook", False),
        ("http://10.0.0.3/hook", False),
    ],
)
def test_wordpress_posts_to_public_addresses(url: str, posts: bool) -> None:
    assert reachable(url) is posts


async def test_a_strict_site_never_reaches_the_loopback(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox) -> None:
    await hooked(keeper.but(shop="strict"))
    assert await sandbox.deliver_due() == 1
    assert mailbox.got == []


async def test_doubled_and_reordered(keeper: Shopkeeper, sandbox: Sandbox, mailbox: Mailbox, faults: Faults) -> None:
    await hooked(keeper, "product.created")
    await sandbox.deliver_due()
    faults.change(Rates(hook_doubled=0.5, hook_reordered=0.5), 5)
    ids = [(await made(keeper, sku=str(number)))["id"] for number in range(20)]
    await sandbox.deliver_due()
    arrived = [json.loads(one.body)["id"] for one in mailbox.got[1:]]
    assert set(arrived) == set(ids)
    assert len(arrived) > len(ids)
    assert list(dict.fromkeys(arrived)) != ids
