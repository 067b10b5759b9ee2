"""The control address and the set-up file."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from hub.clock import RealClock, ShiftedClock
from hub.errors import Invalid
from hub.sandbox.app import SANDBOX, create_sandbox
from hub.sandbox.config import OCOP_SETS, SandboxConfig, default_config, load_config
from hub.sandbox.control import is_near
from hub.sandbox.faults import Fault, Faults, Rates
from hub.sandbox.kit import Delivery, World
from tests.connectors.sandbox.conftest import Mailbox, Shopkeeper
from tests.connectors.sandbox.test_woo_hooks import hooked
from tests.connectors.sandbox.test_woo_products import HONEY, made

SHOP = "woocommerce/secure"
EXAMPLE = Path(__file__).parents[3] / "config" / "sandbox.example.toml"


class Desk:
    """Talks to the control address."""

    def __init__(self, server: TestServer, session: ClientSession) -> None:
        self._server = server
        self._session = session

    async def get(self, path: str) -> Any:
        async with self._session.get(self._server.make_url(f"/_control/{path}")) as answer:
            return await answer.json()

    async def post(self, path: str, status: int = 200, **body: object) -> Any:
        async with self._session.post(self._server.make_url(f"/_control/{path}"), json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()


@pytest.fixture
def desk(server: TestServer, session: ClientSession) -> Desk:
    return Desk(server, session)


async def test_an_order_from_outside(desk: Desk, keeper: Shopkeeper) -> None:
    await made(keeper)
    lines = [{"sku": HONEY["sku"], "quantity": 3}]
    bought = await desk.post("buy", shop=SHOP, lines=lines, cod=True, seller_voucher=1000)
    one = {"shop": SHOP, "order_id": bought["order_id"]}
    for verb in ("ship", "deliver", "complete", "settle"):
        assert await desk.post(verb, **one) == {"order_id": bought["order_id"]}
    await desk.post("return", **one, lines=[{"sku": HONEY["sku"], "quantity": 1}], refund=249_000)
    ledger = await desk.get("ledger")
    (order,) = ledger[SHOP]["orders"]
    assert (order["state"], order["seller_voucher"], order["refunds"][0]["amount"]) == ("completed", 1000, 249_000)
    assert order["placed_at"] == "2026-11-21T01:00:00+00:00"
    assert order["lines"][0]["returned"] == 1
    assert ledger[SHOP]["listings"][0]["sku"] == HONEY["sku"]


async def test_refusals(desk: Desk, keeper: Shopkeeper) -> None:
    await made(keeper)
    many = await desk.post("buy", 409, shop=SHOP, lines=[{"sku": HONEY["sku"], "quantity": 99}])
    assert many["error"] == "sold_out"
    lines = [{"sku": HONEY["sku"], "quantity": 2}]
    bought = await desk.post("buy", shop=SHOP, lines=lines)
    one = {"shop": SHOP, "order_id": bought["order_id"]}
    assert (await desk.post("deliver", 409, **one))["error"] == "not_offered"
    assert (await desk.post("cancel", 409, **one, lines=lines))["error"] == "not_offered"
    await desk.post("cancel", **one)
    assert (await desk.post("pay", 400, shop="nowhere", order_id="1"))["error"] == "wrong_request"
    assert (await desk.post("trade", 400))["error"] == "wrong_request"


async def test_calls(desk: Desk, keeper: Shopkeeper) -> None:
    await made(keeper)
    assert await desk.get("calls") == {"total": 1, "calls": {"woocommerce/secure/POST /wp-json/wc/v3/products": 1}}
    assert await desk.post("calls/reset") == {"total": 0}
    assert (await desk.get("calls"))["calls"] == {}


async def test_the_clock(desk: Desk, clock: ShiftedClock) -> None:
    assert await desk.get("clock") == {"now": "2026-11-21T01:00:00+00:00"}
    moved = await desk.post("clock", to="2026-11-25T00:00:00+07:00")
    assert moved == {"now": "2026-11-24T17:00:00+00:00"} == {"now": clock.now().isoformat()}
    assert await desk.post("clock", to="2026-11-01T00:00:00Z") == moved
    await desk.post("clock", 400, to="2026-11-25T00:00:00")


async def test_a_real_clock_stays(session: ClientSession) -> None:
    running = TestServer(create_sandbox(SandboxConfig(), RealClock()))
    await running.start_server()
    assert (await Desk(running, session).post("clock", 409, to="2030-01-01T00:00:00Z"))["error"] == "clock_is_real"
    await running.close()


async def test_faults_from_outside(desk: Desk, faults: Faults, keeper: Shopkeeper) -> None:
    told = await desk.post("faults", rates={"error_html": 1.0}, seed=4)
    assert (told["rates"]["error_html"], told["seed"]) == (1.0, 4)
    assert (await keeper.get("products")).status == 502
    assert (await desk.get("faults"))["given"] == {Fault.ERROR_HTML: 1}
    await desk.post("faults", 400, rates={"error_html": 7})
    await desk.post("faults", 400, rates={"unknown": 0.1})
    assert faults.rates == Rates(error_html=1.0)


async def test_trade_from_outside(desk: Desk, keeper: Shopkeeper) -> None:
    await made(keeper)
    hired = await desk.post("trade", seed=3, shops=[SHOP], most=4)
    assert hired["done"] == 0
    while hired["next_due"]:
        await desk.post("clock", to=hired["next_due"])
        hired = await desk.post("trade")
        assert hired["done"] > 0
    assert len((await desk.get("ledger"))[SHOP]["orders"]) == 4


async def test_hooks_from_outside(desk: Desk, keeper: Shopkeeper, mailbox: Mailbox) -> None:
    await hooked(keeper)
    assert await desk.post("deliver_hooks") == {"tried": 1}
    assert mailbox.topics == ["ping"]


@pytest.mark.parametrize(
    ("remote", "near"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("192.0.2.7", False), (None, False), ("socket", False)],
)
def test_only_this_machine_may_ask(remote: str | None, near: bool) -> None:
    assert is_near(remote) is near


async def test_hooks_go_out_by_themselves_over_the_loopback(session: ClientSession, clock: ShiftedClock) -> None:
    app = create_sandbox(default_config(), clock)
    running = TestServer(app)
    await running.start_server()
    world: World = app[SANDBOX].world
    assert world.post is not None
    there = str(running.make_url("/_control/calls/reset"))
    assert await world.post(Delivery(url=there, headers=(), body=b"{}")) == 200
    assert await world.post(Delivery(url="http://127.0.0.1:9/", headers=(), body=b"{}")) == 0
    await running.close()


# ---- the file ----------------------------------------------------------------------------------------------------


def test_the_example_is_the_default() -> None:
    assert load_config(EXAMPLE) == default_config()


def test_the_default_has_shops_of_both_platforms() -> None:
    config = default_config()
    assert len(config.shopee.shops) >= 2
    assert [shop.key for shop in config.woocommerce.shops].count("portal") == 1
    assert config.woocommerce.categories == OCOP_SETS


@pytest.mark.parametrize(
    ("text", "code", "key"),
    [
        ("[shopee", "sandbox_config_unreadable", None),
        ("[magic]", "sandbox_config_wrong", "magic"),
        ("[[woocommerce.shops]]\nkey = 'a'\nname = 'A'", "sandbox_config_wrong", "woocommerce.shops[0].keys"),
        ("deliver_every = 'often'", "sandbox_config_wrong", "deliver_every"),
        ("[shopee]\nshops = 1", "sandbox_config_wrong", "shopee.shops"),
        ("[shopee]\nname_length = ['a']", "sandbox_config_wrong", "shopee.name_length[0]"),
        ("[faults.rates]\nslow = 2", "sandbox_config_wrong", "faults.rates"),
        ("woocommerce = 3", "sandbox_config_wrong", "woocommerce"),
    ],
)
def test_wrong_files_name_the_place(tmp_path: Path, text: str, code: str, key: str | None) -> None:
    file = tmp_path / "sandbox.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        load_config(file)
    assert caught.value.code == code
    assert caught.value.facts.get("key") == key


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load_config(tmp_path / "none.toml")
    assert caught.value.code == "sandbox_config_unreadable"


def test_whole_numbers_are_rates_too(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.toml"
    file.write_text("deliver_every = 1\n[faults.rates]\nslow = 1", encoding="utf-8")
    config = load_config(file)
    assert (config.deliver_every, config.faults.rates.slow) == (1.0, 1.0)
