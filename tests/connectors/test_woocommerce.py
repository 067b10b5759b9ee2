"""WooCommerce over calls: every trap of the sheet against a script, and the contract against the sandbox."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter

from hub.connectors import abilities, all_ids, load
from hub.connectors.api import Answer, Credentials, HttpTransport, Request, to_pairs
from hub.connectors.model import (
    Change,
    Done,
    FieldName,
    Listing,
    ListingState,
    OrderState,
    Picture,
    Placed,
    PriceTag,
    ShopSettings,
    StockLevel,
    Target,
)
from hub.connectors.shipping import Shipping
from hub.connectors.woocommerce import WooCommerce
from hub.connectors.woocommerce.listings import (
    ALL,
)
from hub.errors import Garbled, Invalid, Refused, Unauthorised, Unreachable
from hub.sandbox.faults import Fault, Rates
from hub.sandbox.kit import Delivery, SandboxShop, Want
from hub.types import RemoteId, Sku
from tests.connectors.conftest import Running
from tests.connectors.contract import (
    START,
    Contract,
    MemoryKeeper,
    Naps,
    Script,
    Stage,
    make_api,
    put,
    shown,
    target,
)
from tests.connectors.woocommerce_samples import draft, order

KEY, SECRET = "ck_" + "a" * 40, "cs_" + "b" * 40
NONCE = "0123456789abcdef0123456789abcdef01234567"
CREDENTIALS = Credentials(secrets={"consumer_key": KEY, "consumer_secret": SECRET})
AT = datetime.fromtimestamp(1795293712, UTC)
V3 = "/wp-json/wc/v3"


def request(method: str, path: str, base: str = "http://shop.example.vn", **params: object) -> Request:
    return Request(method=method, base_url=base, path=path, params=to_pairs(params))


# ---- calls, answered by a script -----------------------------------------------------------------------------------


def woo(
    answer: Callable[[Request], object], base_url: str = "https://shop.example.vn"
) -> tuple[WooCommerce, Script, Naps]:
    def respond(asked: Request) -> Answer | Exception:
        given = answer(asked)
        if isinstance(given, (Answer, Exception)):
            return given
        return Answer(status=200, headers={}, body=json.dumps(given).encode())

    script, naps = Script(respond), Naps()
    settings = ShopSettings(shop_id="s1", base_url=base_url)
    api = make_api(WooCommerce, settings, script, MemoryKeeper(CREDENTIALS), naps=naps)
    return WooCommerce(api, settings), script, naps


def body(asked: Request) -> dict[str, list[dict[str, object]]]:
    assert asked.body is not None
    return TypeAdapter(dict[str, list[dict[str, object]]]).validate_json(asked.body)


def product(number: int, **more: object) -> dict[str, object]:
    told = {"id": number, "name": "x", "status": "publish", "type": "simple", "sku": f"S{number}", "price": "1000"}
    return told | more


def echo(asked: Request) -> object:
    """A site that does what it is told."""
    if asked.path.endswith("/categories"):
        return [{"id": 15, "name": "Mật ong", "slug": "mat-ong"}]
    if asked.path.endswith("/batch"):
        sent = body(asked)
        made = [product(100 + i, **one) for i, one in enumerate(sent.get("create", []))]
        for one in made:
            one["images"] = [{"id": 500 + i} for i, _ in enumerate(one.get("images", []))]  # type: ignore[arg-type]
        return {"create": made, "update": sent.get("update", [])}
    return []


async def test_batches_are_validated_before_they_are_sent() -> None:
    shop, script, _ = woo(echo)
    bad = [
        replace(draft(), title="  "),
        replace(draft(), variants=()),
        draft("A,B"),
        draft("A" * 101),
        draft("C1", category="khong-co"),
        replace(draft(), variants=(replace(draft().variants[0], price=-5),)),
    ]
    results = await shop.create([*bad, draft("OK", category="Mật ong")])
    assert [type(one) for one in results] == [Refused] * 6 + [Placed]
    (sent,) = (body(one)["create"] for one in script.sent if one.path.endswith("/batch"))
    assert [one["sku"] for one in sent] == ["OK"]
    assert sent[0]["categories"] == [{"id": 15}]


async def test_a_batch_answers_each_at_its_place() -> None:
    error = {"id": 0, "error": {"code": "product_invalid_sku", "message": "", "data": {"resource_id": 4}}}

    def answer(asked: Request) -> object:
        return {"create": [product(1), error, {"id": 3, "sku": "no name"}, product(4, images=[{"id": 8}])]}

    shop, *_ = woo(answer)
    results = await shop.create([draft(f"S{i}") for i in range(4)])
    assert [type(one) for one in results] == [Placed, Unreachable, Garbled, Placed]
    assert isinstance(results[3], Placed)
    assert results[3].picture_ids == ("8",)


async def test_several_variants_become_variations_shown_last() -> None:
    shop, script, _ = woo(echo)
    (placed,) = await shop.create([draft("HT-1", 10_000, 20_000)])
    assert isinstance(placed, Placed)
    assert [sku for sku, _ in placed.variants] == ["HT-1-0", "HT-1-1"]
    parent, children, shown = (body(one) for one in script.sent)
    assert (parent["create"][0]["type"], parent["create"][0]["status"]) == ("variable", "draft")
    assert parent["create"][0]["sku"] == "HT-1-0-nhom"
    assert [one["regular_price"] for one in children["create"]] == ["10000", "20000"]
    assert shown["update"] == [{"id": 100, "status": "publish"}]


async def test_pictures_on_the_site_are_never_uploaded_again() -> None:
    old, new = Picture(digest="d1", url="https://h.vn/1.jpg"), Picture(digest="d2", url="https://h.vn/2.jpg")

    def answer(asked: Request) -> object:
        return [{"id": 7, "images": [{"id": 71, "name": "d1"}]}] if asked.method == "GET" else echo(asked)

    shop, script, _ = woo(lambda asked: answer(asked) if asked.method == "GET" else {"update": [product(7)]})
    bound = Target(remote_id=RemoteId("7"), sku=Sku("S7"), variants=((Sku("HT-1"), RemoteId("7")),))
    change = Change(target=bound, draft=draft(pictures=[new, old]), fields=frozenset({"pictures"}))
    assert await shop.update([change]) == [Done()]
    assert body(script.sent[-1])["update"] == [
        {
            "id": 7,
            "images": [
                {"src": "https://h.vn/2.jpg", "name": "d2", "alt": change.draft.title},
                {"id": 71, "alt": change.draft.title},  # a claim that left the title leaves the picture's words too
            ],
        }
    ]


@pytest.mark.parametrize("field", sorted(ALL))
async def test_only_the_changed_field_is_sent(field: FieldName) -> None:
    shop, script, _ = woo(echo)
    bound = Target(remote_id=RemoteId("7"), sku=Sku("S7"), variants=((Sku("HT-1"), RemoteId("7")),))
    await shop.update([Change(target=bound, draft=draft(category="mat-ong"), fields=frozenset({field}))])
    names = {"title": "name", "category": "categories", "pictures": "images", "visible": "status"}
    names |= {"short": "short_description"}
    assert set(body(script.sent[-1])["update"][0]) == {"id", names.get(field, field)}


async def test_a_variation_that_is_missing_is_added_by_an_update() -> None:
    shop, script, _ = woo(lambda asked: [{"id": 70, "sku": "HT-1-0"}] if asked.method == "GET" else echo(asked))
    bound = Target(remote_id=RemoteId("7"), sku=Sku("HT-1-0"), variants=((Sku("HT-1-0"), RemoteId("70")),))
    change = Change(target=bound, draft=draft("HT-1", 10_000, 20_000), fields=frozenset({"title"}))
    assert await shop.update([change]) == [Done()]
    assert [one["sku"] for one in body(script.sent[-1])["create"]] == ["HT-1-1"]
    single = replace(bound, variants=((Sku("HT-1-0"), RemoteId("7")),))
    (refused,) = await shop.update([replace(change, target=single)])
    assert isinstance(refused, Refused)


@pytest.mark.parametrize(
    ("twisted", "kind"),
    [({"stock_quantity": 0}, Refused), ({"stock_quantity": None}, Refused), ({"stock_quantity": 4}, Done)],
)
async def test_a_value_the_batch_twisted_is_noticed(twisted: dict[str, object], kind: type[object]) -> None:
    shop, *_ = woo(lambda asked: {"update": [product(7, **twisted)]})
    level = StockLevel(listing=RemoteId("7"), variant=RemoteId("7"), sku=Sku("S7"), stock=4, single=True)
    (result,) = await shop.set_stock([level])
    assert type(result) is kind


async def test_stock_of_variations_goes_through_their_parents() -> None:
    shop, script, _ = woo(echo)
    levels = [
        StockLevel(listing=RemoteId(a), variant=RemoteId(b), sku=Sku(b), stock=int(b), single=a == b)
        for a, b in (("7", "7"), ("8", "81"), ("9", "91"), ("8", "82"))
    ]
    assert await shop.set_stock(levels) == [Done()] * 4
    told = {one.path.removeprefix(V3): [row["id"] for row in body(one)["update"]] for one in script.sent}
    assert told == {
        "/products/batch": [7],
        "/products/8/variations/batch": [81, 82],
        "/products/9/variations/batch": [91],
    }


async def test_one_lost_call_is_the_answer_of_its_elements_only() -> None:
    def answer(asked: Request) -> object:
        return Unreachable(sent=True) if "/products/8/" in asked.path else echo(asked)

    shop, *_ = woo(answer)
    tags = [
        PriceTag(listing=RemoteId(a), variant=RemoteId(b), sku=Sku(b), price=9000, single=a == b)
        for a, b in (("7", "7"), ("8", "81"))
    ]
    done, lost = await shop.set_price(tags)
    assert isinstance(done, Done)
    assert isinstance(lost, Unreachable)
    with pytest.raises(Unreachable):
        await shop.set_price(tags[1:])


async def test_a_blank_sku_is_never_asked_for() -> None:
    shop, script, _ = woo(echo)
    with pytest.raises(Refused):
        await shop.find(Sku(""))
    assert await shop.read([]) == []
    assert script.sent == []


async def test_find_meets_a_variation_and_tells_its_parent() -> None:
    def answer(asked: Request) -> object:
        if asked.path == f"{V3}/products":
            return [product(81, type="variation", parent_id=8, sku="HT-1-0")]
        if asked.path == f"{V3}/products/8":
            return product(8, type="variable", sku="HT-1-0-nhom")
        return [{"id": 81, "sku": "HT-1-0", "price": "10000", "stock_quantity": 2}]

    shop, *_ = woo(answer)
    found = await shop.find(Sku("HT-1-0"))
    assert found is not None
    assert (found.remote_id, found.sku, [one.remote_id for one in found.variants]) == ("8", "HT-1-0", ["81"])


async def test_times_are_sent_with_their_zone_and_an_overlap_of_a_second() -> None:
    shop, script, _ = woo(lambda asked: [])
    await shop.orders(START, START + timedelta(hours=1, microseconds=5), None)
    told = dict(script.sent[0].params)
    assert (told["modified_after"], told["modified_before"]) == ("2026-11-21T00:59:59Z", "2026-11-21T02:00:01Z")


async def test_one_bad_order_is_set_aside() -> None:
    good = json.loads(order().model_dump_json())
    shop, *_ = woo(
        lambda asked: [good, {"id": 13, "status": "completed"}, good | {"id": 14, "status": "checkout-draft"}]
    )
    page = await shop.orders(START, START + timedelta(days=3), None)
    assert [one.remote_id for one in page.items] == ["12"]
    assert [one.remote_id for one in page.broken] == ["13"]


async def test_an_order_whose_refunds_are_not_told_is_set_aside_never_taken_for_whole() -> None:
    whole = json.loads(order().model_dump_json())

    def answer(asked: Request) -> object:
        if asked.path.endswith("/12/refunds"):
            return [{"id": 31, "amount": "50000"}]
        return [whole | {"refunds": [{"id": 31}]}, whole | {"id": 14}]

    shop, *_ = woo(answer)
    page = await shop.orders(START, START + timedelta(days=3), None)
    assert [one.remote_id for one in page.items] == ["14"]
    assert [(one.remote_id, one.path) for one in page.broken] == [("12", f"GET {V3}/orders/12/refunds")]


async def test_subscribing_twice_makes_each_webhook_once() -> None:
    there: list[dict[str, object]] = [
        {"id": 1, "topic": "order.updated", "status": "disabled", "delivery_url": "https://hub.example.vn/h/1"},
        {"id": 2, "topic": "order.created", "status": "active", "delivery_url": "https://other.example.vn"},
    ]

    def answer(asked: Request) -> object:
        if asked.method == "GET":
            return there
        sent = TypeAdapter(dict[str, object]).validate_json(asked.body or b"")
        assert (sent["status"], sent["secret"]) == ("active", "hub-secret-1")
        if asked.method == "POST":
            there.append({"id": len(there) + 1} | sent)
        return {"id": 1}

    shop, script, _ = woo(answer)
    await shop.subscribe("https://hub.example.vn/h/1", "hub-secret-1")
    assert [one.path for one in script.sent if one.method == "PUT"] == [f"{V3}/webhooks/1"]
    before = len(there)
    await shop.subscribe("https://hub.example.vn/h/1", "hub-secret-1")
    assert len(there) == before == 5


async def test_keys_go_in_the_query_where_the_header_is_stripped() -> None:
    def answer(asked: Request) -> object:
        if "consumer_key" not in dict(asked.params):
            return Answer(
                status=401, headers={}, body=b'{"code":"woocommerce_rest_cannot_view","message":"","data":null}'
            )
        return {"code": "VND"} if asked.path.endswith("current") else [{"id": 1}]

    shop, script, _ = woo(answer)
    card = await shop.check()
    assert (card.name, card.currency) == ("shop.example.vn", "VND")
    assert len(script.sent) == 3


# ---- the list of connectors ----------------------------------------------------------------------------------------


def test_abilities_are_read_from_the_class() -> None:
    assert "woocommerce" in all_ids()
    assert load("woocommerce") is WooCommerce
    assert abilities(WooCommerce) == (
        "Publishes", "KeepsStock", "KeepsPrices", "ReadsBack", "TakesOrders", "Fulfils", "HearsEvents",
        "KnowsCategories",
    )  # fmt: skip
    with pytest.raises(Invalid):
        load("nobody")


# ---- the contract, against the sandbox -----------------------------------------------------------------------------


CATEGORY = "Mật ong, mật khác và nông sản thực phẩm khác"


def stage_on(running: Running, transport: HttpTransport, key: str) -> Stage:
    shop: SandboxShop = running.sandbox.shops()[f"woocommerce/{key}"]
    keys = next(one for one in running.sandbox.config.woocommerce.shops if one.key == key).keys[0]
    keeper = MemoryKeeper(
        Credentials(secrets={"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret})
    )
    settings = ShopSettings(shop_id="s1", base_url=f"{running.url}/woocommerce/{key}")
    naps = Naps()
    api = make_api(WooCommerce, settings, transport, keeper, now=running.clock.now, naps=naps)
    return Stage(
        connector=WooCommerce(api, settings), shop=shop, world=running.sandbox.world, clock=running.clock,
        faults=running.faults, keeper=keeper, naps=naps, category=CATEGORY,
    )  # fmt: skip


class TestContract(Contract):
    @pytest.fixture
    def stage(self, running: Running, transport: HttpTransport) -> Stage:
        return stage_on(running, transport, "htx-mot")


async def test_check_tells_the_currency_of_the_sandbox(running: Running, transport: HttpTransport) -> None:
    card = await stage_on(running, transport, "htx-mot").connector.check()
    assert card.currency in ("VND", "")


async def test_one_picture_is_uploaded_once(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    first, second = (Picture(digest=f"{n:064x}", url=f"http://127.0.0.1/p/{n}.jpg") for n in (1, 2))
    wanted = replace(stage.draft("HT-P", 120_000), pictures=(first,))
    placed = await put(stage, wanted)
    assert len(placed.picture_ids) == 1
    more = replace(wanted, pictures=(second, first))
    (done,) = await shop.update([Change(target=target(wanted, placed), draft=more, fields=frozenset({"pictures"}))])
    assert isinstance(done, Done)
    assert len(done.picture_ids) == 2
    assert done.picture_ids[1] == placed.picture_ids[0]
    assert (await shown(stage, placed.remote_id)).picture_ids == done.picture_ids


async def test_a_sku_in_the_trash_or_taken_is_told_as_such(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    placed = await put(stage, stage.draft("HT-T", 120_000))
    (taken,) = await shop.create([stage.draft("HT-T", 120_000)])
    assert isinstance(taken, Unreachable)  # who looked before must have seen nothing: look again, do not give up
    assert (taken.code, str(taken.facts["resource_id"])) == ("sku_taken", placed.remote_id)
    await shop.api.write(dict[str, object], "DELETE", f"{V3}/products/{placed.remote_id}")
    assert await shop.find(Sku("HT-T")) is None
    assert (await shown(stage, placed.remote_id)).state is ListingState.GONE
    (trashed,) = await shop.create([stage.draft("HT-T", 120_000)])
    assert isinstance(trashed, Refused)
    assert trashed.code == "sku_in_trash"


async def test_a_create_that_broke_off_is_finished_by_an_update(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    wanted = stage.draft("HT-V", 80_000, 90_000, 100_000)
    half = replace(wanted, variants=wanted.variants[:2])
    placed = await put(stage, half)
    found = await shop.find(wanted.sku)
    assert found is not None
    assert (found.sku, found.remote_id, len(found.variants)) == (wanted.sku, placed.remote_id, 2)
    change = Change(target=target(half, placed), draft=wanted, fields=ALL - {"pictures"})
    for _ in range(2):
        assert (await shop.update([change])) == [Done()]
    assert [one.sku for one in (await shown(stage, placed.remote_id)).variants] == [one.sku for one in wanted.variants]


async def test_webhooks_arrive_signed_and_are_heard(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    delivered: list[Delivery] = []

    async def post(delivery: Delivery) -> int:
        delivered.append(delivery)
        return 200

    running.sandbox.world.post = post
    await put(stage, stage.draft("HT-H", 120_000))
    for _ in range(2):
        await shop.subscribe("https://hub.example.vn/hooks/s1", "hub-secret-1")
    order_id = stage.shop.place([Want(sku="HT-H", quantity=1)])
    await running.sandbox.deliver_due()
    hints = [WooCommerce.hear(one.body, dict(one.headers), url=one.url, secret="hub-secret-1") for one in delivered]
    heard = [one for one in hints if one is not None]
    assert None in hints  # the ping
    assert ("order", order_id) in {(one.kind, one.object_id) for one in heard}
    assert len({one.event_id for one in heard}) == len(heard)
    for one, hint in zip(delivered, hints, strict=True):
        if hint is not None:
            with pytest.raises(Unauthorised):
                WooCommerce.hear(one.body, dict(one.headers), url=one.url, secret="another")


async def test_falsely_empty_lists_are_not_believed(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    single, several = (
        await put(stage, stage.draft("HT-E1", 120_000)),
        await put(stage, stage.draft("HT-E2", 8_000, 9_000)),
    )
    order_id = stage.shop.place([Want(sku="HT-E1", quantity=2)])
    for step in (stage.shop.pay, stage.shop.deliver):
        step(order_id)
    stage.shop.take_back(order_id, [Want(sku="HT-E1", quantity=1)], 120_000)
    running.faults.change(Rates(empty_page=0.4), 3)
    for _ in range(12):
        for result in await shop.read([single.remote_id, several.remote_id]):
            assert isinstance(result, Listing | Garbled)
            assert isinstance(result, Garbled) or len(result.variants) == (1 if result.sku == "HT-E1" else 2)
        with suppress(Garbled):
            assert len((await shop.order(RemoteId(order_id))).refunds) == 1
    assert running.faults.given[Fault.EMPTY_PAGE] > 10
    running.faults.change(Rates(empty_page=1), 3)
    with pytest.raises(Unreachable):
        await shop.categories()


async def test_a_page_that_forgets_what_the_last_one_ended_with_is_not_the_end(
    running: Running, transport: HttpTransport
) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    await put(stage, stage.draft("HT-E3", 120_000, stock=900))
    since = stage.clock.now()
    for _ in range(101):
        stage.shop.place([Want(sku="HT-E3", quantity=1)])
        stage.later(1)
    first = await shop.orders(since, stage.clock.now(), None)
    running.faults.change(Rates(empty_page=1), 3)
    with pytest.raises(Unreachable):
        await shop.orders(since, stage.clock.now(), first.next)
    running.faults.change(Rates(), 3)
    last = await shop.orders(since, stage.clock.now(), first.next)
    assert (len(first.items), len(last.items), last.next) == (100, 1, None)


async def test_a_failed_delivery_and_the_book_agree(running: Running, transport: HttpTransport) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    await put(stage, stage.draft("HT-F", 120_000))
    order_id = stage.shop.place([Want(sku="HT-F", quantity=1)])
    stage.shop.pay(order_id)
    stage.shop.fail_delivery(order_id)
    assert (await shop.order(RemoteId(order_id))).state is OrderState.FAILED_DELIVERY


class PretendTls:
    """Speaks https to the connector and http to the sandbox, whose site believes in TLS. May strip a header."""

    def __init__(self, inner: HttpTransport, *, strip: bool = False) -> None:
        self.inner = inner
        self.strip = strip
        self.sent: list[Request] = []

    async def send(self, request: Request, timeout: float) -> Answer:
        self.sent.append(request)
        headers = () if self.strip else request.headers
        plain = replace(request, base_url=request.base_url.replace("https:", "http:"), headers=headers)
        return await self.inner.send(plain, timeout)

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("strip", [False, True])
async def test_over_tls_basic_is_taken_and_the_query_where_headers_are_lost(
    running: Running, transport: HttpTransport, strip: bool
) -> None:
    keys = next(one for one in running.sandbox.config.woocommerce.shops if one.key == "htx-hai").keys[0]
    secrets = {"consumer_key": keys.consumer_key, "consumer_secret": keys.consumer_secret}
    settings = ShopSettings(shop_id="s2", base_url=f"{running.url}/woocommerce/htx-hai".replace("http:", "https:"))
    tls = PretendTls(transport, strip=strip)
    api = make_api(WooCommerce, settings, tls, MemoryKeeper(Credentials(secrets=secrets)), now=running.clock.now)
    assert (await WooCommerce(api, settings).check()).live
    assert "oauth_signature" not in {name for one in tls.sent for name, _ in one.params}
    assert ("consumer_secret" in dict(tls.sent[-1].params)) is strip


# ---- sending -------------------------------------------------------------------------------------------------------


async def test_a_sent_order_is_noted_at_the_site_and_stays_what_the_site_says(
    running: Running, transport: HttpTransport
) -> None:
    """Never ``completed``: that would say delivered, and paid at the door."""
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    await put(stage, stage.draft("WOO-S", 120_000))
    order_id = RemoteId(stage.shop.place([Want(sku="WOO-S", quantity=2)], cod=True))
    told = await shop.ship(Shipping(order=order_id, tracking="VTP1", carrier="Viettel Post"))
    sent = stage.clock.now()
    stage.later(3600)
    assert await shop.ship(Shipping(order=order_id, tracking="VTP2")) == told
    assert (told.tracking, told.carrier) == ("VTP1", "Viettel Post")
    found = await shop.order(order_id)
    assert (found.state, found.native_state, found.shipped_at) == (OrderState.SHIPPED, "processing", sent)
    assert (found.paid_at, found.delivered_at) == (None, None)
    stage.shop.complete(order_id)
    found = await shop.order(order_id)
    assert (found.state, found.shipped_at, found.paid_at) == (OrderState.COMPLETED, sent, stage.clock.now())


async def test_what_waits_for_its_payment_or_goes_in_parts_is_not_sent(
    running: Running, transport: HttpTransport
) -> None:
    stage = stage_on(running, transport, "htx-mot")
    shop = stage.connector
    assert isinstance(shop, WooCommerce)
    await put(stage, stage.draft("WOO-P", 120_000))
    order_id = RemoteId(stage.shop.place([Want(sku="WOO-P", quantity=2)]))
    assert await code_of(shop.shipping_options(order_id)) == "order_state_wrong"
    assert await code_of(shop.ship(Shipping(order=order_id))) == "order_state_wrong"
    stage.shop.pay(order_id)
    line = (await shop.order(order_id)).lines[0].line_id
    assert await code_of(shop.ship(Shipping(order=order_id, lines={line: 1}))) == "do_it_on_channel"
    assert (await shop.ship(Shipping(order=order_id, lines={line: 2}))).order == order_id


async def code_of(act: Awaitable[object]) -> str:
    with pytest.raises(Refused) as told:
        await act
    return told.value.code
